//! What `Fn::GetAtt` gives.

use super::map::{self, Is};
use super::world::{World, later, unclear};
use crate::model::Tree;
use crate::model::attr::CauseKind;

impl World<'_> {
    /// An attribute of a resource of a template.
    pub(super) fn attribute(&self, at: usize, name: &str, attribute: &str) -> Tree<'static> {
        let Some(stack) = self.stacks.get(at) else { return Tree::Null };
        let Some(declared) = stack.declared(name) else {
            return unclear(format!("there is no {name} in {}", stack.path));
        };
        let what = format!("{}.{attribute}", stack.address(name));
        if let Some(output) = attribute.strip_prefix("Outputs.") {
            return self.output(at, name, output);
        }
        let Some(named) = self.named(at, name) else { return later(what) };
        let follow = |text: Option<String>| match text {
            Some(text) => {
                self.followed.set(self.followed.get() + 1);
                Tree::text(text)
            }
            None => later(what.clone()),
        };
        let property = |name: &str| declared.property(name).and_then(|node| self.value(at, node));
        let Some(entry) = map::of(&declared.kind) else {
            return match attribute {
                "Arn" | "TableArn" => follow(named.arn.clone()),
                _ => later(what),
            };
        };
        let known = entry.atts.iter().find(|(name, _)| *name == attribute).map(|(_, is)| *is);
        match known.or_else(|| general(attribute)) {
            Some(Is::Id) => follow(Some(named.id.clone())),
            Some(Is::Arn) => follow(named.arn.clone()),
            Some(Is::Url) => follow(named.refers.clone()),
            Some(Is::Property(name)) => property(name).unwrap_or_else(|| later(what)),
            Some(Is::Made(made)) if named.fresh => follow(Some(format!("{}/{made}", named.id))),
            Some(Is::Made(_) | Is::Later) | None => later(what.clone()),
        }
    }

    fn output(&self, at: usize, name: &str, output: &str) -> Tree<'static> {
        let Some(stack) = self.stacks.get(at) else { return Tree::Null };
        let Some(&child) = stack.children.get(name) else {
            let why = format!(
                "the output {output} of {}, whose template was not given",
                stack.address(name)
            );
            return Tree::unknown(CauseKind::NotCollected, why);
        };
        let found = self.stacks.get(child).and_then(|nested| {
            nested.template.outputs.iter().find(|entry| entry.key == output)?.node.get("Value")
        });
        match found {
            Some(node) => self.value(child, node).unwrap_or_default(),
            None => unclear(format!("there is no output {output} of {}", stack.address(name))),
        }
    }
}

/// What attributes of these names mean in every type.
fn general(attribute: &str) -> Option<Is> {
    match attribute {
        "Arn" => Some(Is::Arn),
        "Id" => Some(Is::Id),
        _ => None,
    }
}
