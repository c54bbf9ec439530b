//! States: what Terraform believes to be there, as a plan that changes nothing.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::format::{ChangeBody, ResourceChange, StateModule, StateValues};

/// How deep modules may nest.
const DEPTH_MAX: usize = 64;

/// The things of a state, each as a change that is none.
pub(super) fn changes(values: &RawValue) -> serde_json::Result<Vec<ResourceChange<'_>>> {
    let values: StateValues<'_> = serde_json::from_str(values.get())?;
    let mut out = Vec::new();
    list(values.root_module, 0, &mut out);
    Ok(out)
}

fn list<'a>(module: StateModule<'a>, depth: usize, out: &mut Vec<ResourceChange<'a>>) {
    for resource in module.resources {
        let is_data = resource.mode.as_deref() == Some("data");
        out.push(ResourceChange {
            address: resource.address,
            previous_address: None,
            module_address: module.address.clone(),
            mode: resource.mode,
            kind: resource.kind,
            name: resource.name,
            index: resource.index,
            provider_name: resource.provider_name,
            deposed: None,
            change: ChangeBody {
                actions: vec![Cow::Borrowed(if is_data { "read" } else { "no-op" })],
                before: resource.values,
                after: resource.values,
                after_unknown: None,
                before_sensitive: resource.sensitive_values,
                after_sensitive: resource.sensitive_values,
                importing: None,
            },
        });
    }
    for inner in module.child_modules.into_iter().filter(|_| depth < DEPTH_MAX) {
        list(inner, depth + 1, out);
    }
}
