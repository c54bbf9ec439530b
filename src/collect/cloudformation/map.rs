//! How each type of CloudFormation gets into the model.
//!
//! What AWS makes of a thing is known in one place, the mappers of Terraform's types. A template's resource is restated
//! in the terms of those: mostly the same names in another spelling, so that a table tells the others, which attributes
//! the provider would leave to AWS, and what CloudFormation makes of silence where the provider makes something else.

mod balancers;
mod compute;
mod guarded;
mod identity;
mod network;
mod restate;
mod work;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::collect::predicted::Thing;
use crate::collect::terraform::map as terms;
use crate::model::Tree;
use crate::model::change::Sketch;

/// What a reference to a resource means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Is {
    /// Its id.
    Id,
    /// Its ARN.
    Arn,
    /// The address of a queue.
    Url,
    /// What one of its properties says.
    Property(&'static str),
    /// The id of something that AWS makes along with it.
    Made(&'static str),
    /// Something that only AWS tells.
    Later,
}

/// A resource in the terms of Terraform's types: type and attributes.
pub(super) type Restated = Vec<(&'static str, Tree<'static>)>;

/// How a type is named and restated.
pub(super) struct Entry {
    /// The type.
    pub(super) kind: &'static str,
    /// The type of the model; empty for what only says something of other resources.
    pub(super) model: &'static str,
    /// The properties of which the first that is known is the id.
    pub(super) names: &'static [&'static str],
    /// The pattern of its ARN.
    pub(super) arn: &'static str,
    /// Whether its ARN is its id.
    pub(super) by_arn: bool,
    /// What `Ref` gives.
    pub(super) refers: Is,
    /// What `Fn::GetAtt` gives.
    pub(super) atts: &'static [(&'static str, Is)],
    /// The type of Terraform.
    terms: &'static str,
    /// Attributes that have other names than the property.
    from: &'static [(&'static str, &'static str)],
    /// Attributes that AWS decides where nobody states them.
    open: &'static [&'static str],
    /// What else is to be done.
    more: fn(&Thing<'static>, Tree<'static>) -> Restated,
}

/// Most of an entry: a type without a name of its own that is referred to by its id.
const fn entry(kind: &'static str, model: &'static str, terms: &'static str) -> Entry {
    Entry {
        kind,
        model,
        names: &[],
        arn: "",
        by_arn: false,
        refers: Is::Id,
        atts: &[],
        terms,
        from: &[],
        open: &[],
        more: |_, _| Vec::new(),
    }
}

impl Entry {
    const fn arn(mut self, arn: &'static str) -> Self {
        self.arn = arn;
        self
    }

    /// Its ARN is its id, and what `Ref` gives.
    const fn by_arn(mut self, names: &'static [&'static str], arn: &'static str) -> Self {
        self.names = names;
        self.arn = arn;
        self.by_arn = true;
        self.refers = Is::Arn;
        self
    }

    const fn named(mut self, names: &'static [&'static str]) -> Self {
        self.names = names;
        self
    }

    const fn refers(mut self, is: Is) -> Self {
        self.refers = is;
        self
    }

    const fn atts(mut self, atts: &'static [(&'static str, Is)]) -> Self {
        self.atts = atts;
        self
    }

    const fn from(mut self, from: &'static [(&'static str, &'static str)]) -> Self {
        self.from = from;
        self
    }

    const fn open(mut self, open: &'static [&'static str]) -> Self {
        self.open = open;
        self
    }

    const fn more(mut self, more: fn(&Thing<'static>, Tree<'static>) -> Restated) -> Self {
        self.more = more;
        self
    }

    /// Whether the model has what this type becomes.
    fn is_mapped(&self) -> bool {
        terms::of(self.terms).is_some()
    }

    /// States a resource.
    pub(super) fn state(&self, thing: &Thing<'static>, sketch: &mut Sketch<'static>) {
        let mut values = restate::attributes(&thing.values, self.from);
        for name in self.open {
            if values.member(name).is_null() && thing.fresh {
                values.set(*name, restate::open());
            }
        }
        let mut all = (self.more)(thing, values.clone());
        if !all.iter().any(|(kind, _)| *kind == self.terms)
            && !self.terms.is_empty()
            && all.is_empty()
        {
            all.push((self.terms, values));
        }
        for (kind, mut values) in all {
            let Some((_, handle, mapper)) = terms::of(kind) else { continue };
            if kind == self.terms {
                let is_open = |name: &str| {
                    let have = values.member(name);
                    have.is_null() || have.is_unknown()
                };
                let mut set = vec![("id", thing.id.clone().into_owned())];
                if let Some(arn) = thing.arn.as_ref().filter(|_| is_open("arn")) {
                    set.push(("arn", arn.clone().into_owned()));
                }
                if let Some(first) =
                    handle.id.first().filter(|name| is_open(name) && **name != "arn")
                {
                    set.push((first, thing.id.clone().into_owned()));
                }
                for (name, text) in set {
                    values.set(name, Tree::text(text));
                }
            }
            let restated = Thing { kind: kind.into(), values, ..thing.clone() };
            mapper(&restated, sketch);
        }
    }
}

const TABLES: [&[Entry]; 6] = [
    network::TABLE,
    compute::TABLE,
    balancers::TABLE,
    identity::TABLE,
    guarded::TABLE,
    work::TABLE,
];

/// The entry of a type that has a place in the inventory.
pub(super) fn of(kind: &str) -> Option<&'static Entry> {
    static BY_TYPE: LazyLock<HashMap<&str, &Entry>> = LazyLock::new(|| {
        let all = TABLES.iter().flat_map(|table| table.iter());
        all.filter(|entry| entry.is_mapped()).map(|entry| (entry.kind, entry)).collect()
    });
    BY_TYPE.get(kind).copied()
}

/// The names and the ARN of types that have no place in the inventory, and that policies speak of.
pub(super) fn other_arn(kind: &str) -> Option<(&'static [&'static str], &'static str)> {
    Some(match kind {
        "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" => {
            (&["TableName"], "arn:{partition}:dynamodb:{region}:{account}:table/{id}")
        }
        "AWS::Logs::LogGroup" => {
            (&["LogGroupName"], "arn:{partition}:logs:{region}:{account}:log-group:{id}:*")
        }
        "AWS::Kinesis::Stream" => {
            (&["Name"], "arn:{partition}:kinesis:{region}:{account}:stream/{id}")
        }
        "AWS::KinesisFirehose::DeliveryStream" => (
            &["DeliveryStreamName"],
            "arn:{partition}:firehose:{region}:{account}:deliverystream/{id}",
        ),
        "AWS::Events::Rule" => (&["Name"], "arn:{partition}:events:{region}:{account}:rule/{id}"),
        "AWS::ECS::Cluster" => {
            (&["ClusterName"], "arn:{partition}:ecs:{region}:{account}:cluster/{id}")
        }
        "AWS::CodeCommit::Repository" => {
            (&["RepositoryName"], "arn:{partition}:codecommit:{region}:{account}:{id}")
        }
        "AWS::Cognito::UserPool" => {
            (&[], "arn:{partition}:cognito-idp:{region}:{account}:userpool/{id}")
        }
        _ => return None,
    })
}
