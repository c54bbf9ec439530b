//! The policies of one user or role as they are written, to be reduced.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Accessed;
use super::reduce::Source;
use crate::analyze::context::missing;
use crate::clock::Time;
use crate::model::iam::{Group, InlinePolicy, ServiceLastAccessed};
use crate::model::policy::PolicyDocument;
use crate::model::{Attr, Cause, Data, Meta, Resource};

/// The resource types it is gathered from.
pub const KINDS: &[&str] = &["aws.iam.group", "aws.iam.policy", "aws.iam.role", "aws.iam.user"];

/// Gathers the policies of one principal, in any order.
#[derive(Debug)]
pub struct Holdings {
    wanted: String,
    own: Option<Own>,
    groups: BTreeMap<(String, String), (String, Group)>,
    policies: BTreeMap<String, Attr<PolicyDocument>>,
    /// Every user and role, for suggestions.
    pub names: Vec<String>,
}

#[derive(Debug)]
struct Own {
    arn: String,
    account: String,
    created: Option<Timestamp>,
    inline: Attr<Vec<InlinePolicy>>,
    attached: Attr<Vec<String>>,
    groups: Attr<Vec<String>>,
    services: Attr<Vec<ServiceLastAccessed>>,
    asked: Attr<Option<Time>>,
    service_linked: bool,
}

/// What was gathered of a principal.
#[derive(Debug)]
pub struct Held {
    /// The ARN.
    pub arn: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Whether it belongs to a service: its policies cannot be changed.
    pub service_linked: bool,
    /// What is known of its use.
    pub accessed: Result<Accessed, Cause>,
    documents: Vec<(String, Attr<PolicyDocument>)>,
}

impl Held {
    /// Its policies, in order.
    pub fn sources(&self) -> Vec<Source<'_>> {
        self.documents.iter().map(|(name, document)| Source { name, document }).collect()
    }
}

impl Holdings {
    /// Those of a principal, by ARN or by a name that only one has.
    pub fn of(wanted: &str) -> Self {
        Self {
            wanted: wanted.to_owned(),
            own: None,
            groups: BTreeMap::new(),
            policies: BTreeMap::new(),
            names: Vec::new(),
        }
    }

    /// Takes what matters from a resource.
    pub fn add(&mut self, resource: Resource) {
        let meta = resource.meta;
        let arn = meta.arn.clone().unwrap_or_else(|| meta.id.clone());
        match resource.data {
            Data::IamGroup(group) => {
                let name = meta.name.clone().unwrap_or_else(|| meta.id.clone());
                let key = (meta.account.as_str().to_owned(), name);
                self.groups.insert(key, (arn, *group));
            }
            Data::IamPolicy(policy) => {
                let known = self.policies.get(&arn).is_some_and(|have| have.known().is_some());
                if !known {
                    self.policies.insert(arn, policy.document);
                }
            }
            Data::IamUser(user) => {
                if self.is_wanted(&meta, &arn) {
                    self.own = Some(Own {
                        account: meta.account.as_str().to_owned(),
                        created: user.create_date.known().map(|t| t.0),
                        inline: user.inline_policies,
                        attached: user.attached_policy_arns,
                        groups: user.group_names,
                        services: user.services_last_accessed,
                        asked: user.services_last_accessed_date,
                        service_linked: false,
                        arn: arn.clone(),
                    });
                }
                self.names.push(arn);
            }
            Data::IamRole(role) => {
                if self.is_wanted(&meta, &arn) {
                    self.own = Some(Own {
                        account: meta.account.as_str().to_owned(),
                        created: role.create_date.known().map(|t| t.0),
                        inline: role.inline_policies,
                        attached: role.attached_policy_arns,
                        groups: Attr::Known(Vec::new()),
                        services: role.services_last_accessed,
                        asked: role.services_last_accessed_date,
                        service_linked: role.service_linked.known() == Some(&true),
                        arn: arn.clone(),
                    });
                }
                self.names.push(arn);
            }
            _ => {}
        }
    }

    fn is_wanted(&self, meta: &Meta, arn: &str) -> bool {
        self.wanted == arn || self.own.is_none() && meta.name.as_deref() == Some(&self.wanted)
    }

    /// The policies, once everything was added; nothing if the principal is not there.
    pub fn finish(self) -> Option<Held> {
        let own = self.own?;
        let mut documents = Vec::new();
        put(&own.arn, &own.inline, &own.attached, &self.policies, &mut documents);
        match &own.groups {
            Attr::Unknown(cause) => {
                documents.push((format!("groups of {}", own.arn), Attr::Unknown(cause.clone())));
            }
            Attr::Known(names) => {
                for name in names {
                    let key = (own.account.clone(), name.clone());
                    if let Some((arn, group)) = self.groups.get(&key) {
                        let (inline, attached) =
                            (&group.inline_policies, &group.attached_policy_arns);
                        put(arn, inline, attached, &self.policies, &mut documents);
                    } else {
                        let what = format!("group {name}");
                        documents.push((what.clone(), Attr::Unknown(missing(&what))));
                    }
                }
            }
        }
        Some(Held {
            created: own.created,
            service_linked: own.service_linked,
            accessed: Accessed::read(&own.services, &own.asked),
            documents,
            arn: own.arn,
        })
    }
}

fn put(
    of: &str,
    inline: &Attr<Vec<InlinePolicy>>,
    attached: &Attr<Vec<String>>,
    policies: &BTreeMap<String, Attr<PolicyDocument>>,
    out: &mut Vec<(String, Attr<PolicyDocument>)>,
) {
    match inline {
        Attr::Unknown(cause) => {
            out.push((format!("inline policies of {of}"), Attr::Unknown(cause.clone())));
        }
        Attr::Known(list) => {
            for policy in list {
                let name = policy.policy_name.known().map(String::as_str).unwrap_or_default();
                out.push((format!("inline {name} of {of}"), policy.document.clone()));
            }
        }
    }
    match attached {
        Attr::Unknown(cause) => {
            out.push((format!("policies attached to {of}"), Attr::Unknown(cause.clone())));
        }
        Attr::Known(arns) => {
            for arn in arns {
                let document = policies.get(arn).cloned();
                let document = document.unwrap_or_else(|| Attr::Unknown(missing(arn)));
                out.push((arn.clone(), document));
            }
        }
    }
}
