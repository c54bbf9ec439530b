//! The JSON that `terraform show -json` prints, as far as it is read.
//!
//! Source: <https://developer.hashicorp.com/terraform/internals/json-format>. Values stay text until they are needed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A plan or a state. Members that are not read are not named: new minor versions add some.
#[derive(Debug, Deserialize)]
pub(super) struct Document<'a> {
    #[serde(borrow, default)]
    pub(super) format_version: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) terraform_version: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) resource_changes: Option<Vec<ResourceChange<'a>>>,
    #[serde(borrow, default)]
    pub(super) resource_drift: Vec<ResourceChange<'a>>,
    #[serde(borrow, default)]
    pub(super) configuration: Configuration<'a>,
    #[serde(borrow, default)]
    pub(super) variables: BTreeMap<Cow<'a, str>, Variable<'a>>,
    #[serde(borrow, default)]
    pub(super) prior_state: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) planned_values: Option<&'a RawValue>,
    /// Of a state.
    #[serde(borrow, default)]
    pub(super) values: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) errored: bool,
    #[serde(default)]
    pub(super) complete: Option<bool>,
    #[serde(borrow, default)]
    pub(super) deferred_changes: Option<Vec<&'a RawValue>>,
}

/// A variable of the root module.
#[derive(Debug, Deserialize)]
pub(super) struct Variable<'a> {
    #[serde(borrow, default)]
    pub(super) value: Option<&'a RawValue>,
}

/// What happens to one instance of a resource.
#[derive(Debug, Deserialize)]
pub(super) struct ResourceChange<'a> {
    /// Some releases tell no address of what drifted; see [`ResourceChange::address_made`].
    #[serde(borrow, default)]
    pub(super) address: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) previous_address: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) module_address: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) mode: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) index: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) provider_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) deposed: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) change: ChangeBody<'a>,
}

impl ResourceChange<'_> {
    /// Its address, put together where it is not told.
    pub(super) fn address_made(&self) -> String {
        if !self.address.is_empty() {
            return self.address.to_string();
        }
        let mut out = String::new();
        if let Some(module) = self.module_address.as_deref() {
            out.push_str(module);
            out.push('.');
        }
        out.push_str(&format!("{}.{}", self.kind, self.name));
        if let Some(key) = super::address::key_of(self.index) {
            out.push_str(&format!("[{key}]"));
        }
        out
    }
}

/// Both sides of a change.
#[derive(Debug, Deserialize)]
pub(super) struct ChangeBody<'a> {
    #[serde(borrow)]
    pub(super) actions: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) before: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) after: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) after_unknown: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) before_sensitive: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) after_sensitive: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) importing: Option<&'a RawValue>,
}

/// What is written in the sources.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Configuration<'a> {
    #[serde(borrow, default)]
    pub(super) provider_config: BTreeMap<Cow<'a, str>, ProviderConfig<'a>>,
    #[serde(borrow, default)]
    pub(super) root_module: Module<'a>,
}

/// A provider's configuration.
#[derive(Debug, Deserialize)]
pub(super) struct ProviderConfig<'a> {
    #[serde(borrow, default)]
    pub(super) name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) expressions: Option<&'a RawValue>,
}

/// A module's sources.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Module<'a> {
    #[serde(borrow, default)]
    pub(super) resources: Vec<ConfigResource<'a>>,
    #[serde(borrow, default, rename = "module_calls")]
    pub(super) calls: BTreeMap<Cow<'a, str>, ModuleCall<'a>>,
    #[serde(borrow, default)]
    pub(super) outputs: BTreeMap<Cow<'a, str>, Output<'a>>,
}

/// A resource's block.
#[derive(Debug, Deserialize)]
pub(super) struct ConfigResource<'a> {
    #[serde(borrow, default)]
    pub(super) mode: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) provider_config_key: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) expressions: Option<&'a RawValue>,
}

/// A call of a module.
#[derive(Debug, Deserialize)]
pub(super) struct ModuleCall<'a> {
    #[serde(borrow, default)]
    pub(super) expressions: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) module: Module<'a>,
}

/// An output of a module.
#[derive(Debug, Deserialize)]
pub(super) struct Output<'a> {
    #[serde(borrow, default)]
    pub(super) expression: Option<&'a RawValue>,
}

/// The values of a state.
#[derive(Debug, Deserialize)]
pub(super) struct State<'a> {
    #[serde(borrow, default)]
    pub(super) values: Option<StateValues<'a>>,
}

/// The values below `values` or `planned_values`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct StateValues<'a> {
    #[serde(borrow, default)]
    pub(super) root_module: StateModule<'a>,
}

/// One module's.
#[derive(Debug, Default, Deserialize)]
pub(super) struct StateModule<'a> {
    #[serde(borrow, default)]
    pub(super) address: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) resources: Vec<StateResource<'a>>,
    #[serde(borrow, default)]
    pub(super) child_modules: Vec<StateModule<'a>>,
}

/// One instance of a resource.
#[derive(Debug, Deserialize)]
pub(super) struct StateResource<'a> {
    #[serde(borrow)]
    pub(super) address: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) mode: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) index: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) provider_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) values: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) sensitive_values: Option<&'a RawValue>,
}
