//! Users, groups and roles with all their policies.

use std::collections::BTreeMap;

use super::{Attached, Builder, Group, How, Principal, PrincipalId, account, arn};
use crate::analyze::context::missing;
use crate::analyze::iam::document::Document;
use crate::analyze::iam::estate::{DocumentId, PrincipalKind};
use crate::clock::Time;
use crate::model::iam::{self, InlinePolicy};
use crate::model::{Attr, Meta};

/// What every principal has, as it was read.
#[derive(Debug)]
pub(super) struct Raw {
    arn: Box<str>,
    name: Box<str>,
    account: Box<str>,
    path: Box<str>,
    unique_id: Option<Box<str>>,
    tags: Attr<BTreeMap<String, String>>,
    environment: Attr<Option<String>>,
    created: Attr<Time>,
    inline: Vec<Attached>,
    attached: Attr<Vec<String>>,
    boundary: Attr<Option<String>>,
}

#[derive(Debug)]
pub(super) struct RawUser {
    raw: Raw,
    groups: Attr<Vec<String>>,
    access_keys: Attr<Vec<String>>,
    has_password: Attr<bool>,
    has_mfa: Attr<bool>,
}

#[derive(Debug)]
pub(super) struct RawRole {
    raw: Raw,
    trust: DocumentId,
    service_linked: bool,
    last_used: Attr<Option<Time>>,
    instance_profiles: Attr<Vec<String>>,
}

#[derive(Debug)]
pub(super) struct RawGroup {
    arn: Box<str>,
    inline: Vec<Attached>,
    attached: Attr<Vec<String>>,
}

impl Builder {
    pub(super) fn user(&mut self, meta: &Meta, user: &iam::User) {
        let inline = self.inline(meta, &user.inline_policies);
        let raw = Raw {
            unique_id: user.user_id.known().map(|id| id.as_str().into()),
            created: user.create_date.clone(),
            attached: user.attached_policy_arns.clone(),
            boundary: user.permissions_boundary_arn.clone(),
            ..raw(meta, &user.path, inline)
        };
        self.users.push(RawUser {
            raw,
            groups: user.group_names.clone(),
            access_keys: user.access_key_ids.clone(),
            has_password: user.login_profile_exists.clone(),
            has_mfa: user.mfa_serial_numbers.clone().map(|serials| !serials.is_empty()),
        });
    }

    pub(super) fn role(&mut self, meta: &Meta, role: &iam::Role) {
        let inline = self.inline(meta, &role.inline_policies);
        let trust = Document::compile(&arn(meta), None, &role.assume_role_policy_document);
        let trust = self.estate.keep(trust);
        let raw = Raw {
            unique_id: role.role_id.known().map(|id| id.as_str().into()),
            created: role.create_date.clone(),
            attached: role.attached_policy_arns.clone(),
            boundary: role.permissions_boundary_arn.clone(),
            ..raw(meta, &role.path, inline)
        };
        let service_linked = raw.path.starts_with("/aws-service-role/")
            || role.service_linked.known() == Some(&true);
        self.roles.push(RawRole {
            raw,
            trust,
            service_linked,
            last_used: role.last_used_date.clone(),
            instance_profiles: role.instance_profile_arns.clone(),
        });
    }

    pub(super) fn group(&mut self, meta: &Meta, group: &iam::Group) {
        let inline = self.inline(meta, &group.inline_policies);
        let one = RawGroup { arn: arn(meta), inline, attached: group.attached_policy_arns.clone() };
        self.groups.insert((account(meta), name(meta)), one);
    }

    fn inline(&mut self, meta: &Meta, policies: &Attr<Vec<InlinePolicy>>) -> Vec<Attached> {
        let of = arn(meta);
        let policies = match policies {
            Attr::Known(policies) => policies,
            Attr::Unknown(cause) => {
                let unread = Document::unread(&format!("inline policies of {of}"), cause.clone());
                let document = self.estate.keep(unread);
                return vec![Attached { document, how: How::Unread, group: None }];
            }
        };
        policies
            .iter()
            .map(|policy| {
                let name = policy.policy_name.known().map(String::as_str).unwrap_or_default();
                let where_it_stands = format!("inline {name} of {of}");
                let compiled = Document::compile(&where_it_stands, None, &policy.document);
                let document = self.estate.keep(compiled);
                Attached { document, how: How::Inline(name.into()), group: None }
            })
            .collect()
    }

    /// Resolves what principals name, once everything was read.
    pub(super) fn finish_principals(&mut self) {
        let groups = self.finish_groups();
        for user in std::mem::take(&mut self.users) {
            let mut by_group = Vec::new();
            match &user.groups {
                Attr::Known(names) => {
                    for name in names {
                        let key = (user.raw.account.clone(), name.as_str().into());
                        self.policies_of_group(name, groups.get(&key).copied(), &mut by_group);
                    }
                }
                Attr::Unknown(cause) => {
                    let name = format!("groups of {}", user.raw.arn);
                    let document = self.estate.keep(Document::unread(&name, cause.clone()));
                    by_group.push(Attached { document, how: How::Unread, group: None });
                }
            }
            let mut principal = self.principal(PrincipalKind::User, user.raw, by_group);
            principal.groups = user.groups;
            principal.access_keys = user.access_keys;
            principal.has_password = user.has_password;
            principal.has_mfa = user.has_mfa;
            self.estate.principals.push(principal);
        }
        for role in std::mem::take(&mut self.roles) {
            let mut principal = self.principal(PrincipalKind::Role, role.raw, Vec::new());
            principal.trust = Some(role.trust);
            principal.service_linked = role.service_linked;
            principal.last_used = role.last_used;
            principal.instance_profiles = role.instance_profiles;
            self.estate.principals.push(principal);
        }
        // The same principal may have been read twice; what comes first stands.
        self.estate.principals.sort_by(|a, b| a.arn.cmp(&b.arn));
        self.estate.principals.dedup_by(|a, b| a.arn == b.arn);
        for (at, principal) in self.estate.principals.iter().enumerate() {
            let id = PrincipalId(u32::try_from(at).unwrap_or(u32::MAX));
            self.estate.by_arn.insert(principal.arn.clone(), id);
            if principal.kind == PrincipalKind::Role {
                let key = (principal.account.clone(), principal.name.clone());
                self.estate.roles_by_name.insert(key, id);
            }
        }
    }

    /// The place of each group, by account and name.
    fn finish_groups(&mut self) -> std::collections::HashMap<(Box<str>, Box<str>), usize> {
        let mut groups: Vec<_> = std::mem::take(&mut self.groups).into_iter().collect();
        groups.sort_by(|a, b| a.0.cmp(&b.0));
        let mut places = std::collections::HashMap::new();
        for ((account, name), raw) in groups {
            let mut policies = raw.inline;
            self.attached(&raw.arn, &raw.attached, &mut policies);
            places.insert((account.clone(), name.clone()), self.estate.groups.len());
            self.estate.groups.push(Group { arn: raw.arn, name, account, policies });
        }
        places
    }

    fn policies_of_group(&mut self, name: &str, place: Option<usize>, out: &mut Vec<Attached>) {
        let Some(group) = place.and_then(|place| self.estate.groups.get(place)) else {
            let cause = missing(&format!("group {name}"));
            let document = self.estate.keep(Document::unread(&format!("group {name}"), cause));
            out.push(Attached { document, how: How::Unread, group: Some(name.into()) });
            return;
        };
        out.extend(
            group
                .policies
                .iter()
                .map(|policy| Attached { group: Some(name.into()), ..policy.clone() }),
        );
    }

    fn principal(&mut self, kind: PrincipalKind, raw: Raw, by_group: Vec<Attached>) -> Principal {
        let mut policies = raw.inline;
        self.attached(&raw.arn, &raw.attached, &mut policies);
        policies.extend(by_group);
        let (boundary, boundary_arn) = match &raw.boundary {
            Attr::Known(None) => (None, None),
            Attr::Known(Some(arn)) => (Some(self.managed_document(arn)), Some(arn.as_str().into())),
            Attr::Unknown(cause) => {
                let name = format!("boundary of {}", raw.arn);
                (Some(self.estate.keep(Document::unread(&name, cause.clone()))), None)
            }
        };
        Principal {
            kind,
            arn: raw.arn,
            name: raw.name,
            account: raw.account,
            path: raw.path,
            unique_id: raw.unique_id,
            tags: raw.tags,
            policies,
            boundary,
            boundary_arn,
            trust: None,
            groups: Attr::Known(Vec::new()),
            service_linked: false,
            instance_profiles: Attr::Known(Vec::new()),
            environment: raw.environment,
            created: raw.created,
            last_used: Attr::Known(None),
            access_keys: Attr::Known(Vec::new()),
            has_password: Attr::Known(false),
            has_mfa: Attr::Known(false),
        }
    }

    fn attached(&mut self, of: &str, arns: &Attr<Vec<String>>, out: &mut Vec<Attached>) {
        match arns {
            Attr::Known(arns) => {
                for arn in arns {
                    let document = self.managed_document(arn);
                    let how = How::Managed(arn.as_str().into());
                    out.push(Attached { document, how, group: None });
                }
            }
            Attr::Unknown(cause) => {
                let name = format!("managed policies of {of}");
                let document = self.estate.keep(Document::unread(&name, cause.clone()));
                out.push(Attached { document, how: How::Unread, group: None });
            }
        }
    }

    fn managed_document(&mut self, arn: &str) -> DocumentId {
        if let Some(managed) = self.estate.policies.get(arn) {
            return managed.document;
        }
        if let Some(id) = self.elsewhere.get(arn) {
            return *id;
        }
        // The one policy of AWS whose words are the same everywhere and for ever.
        let document = if arn.ends_with(":iam::aws:policy/AdministratorAccess") {
            Document::everything(arn)
        } else {
            Document::unread(arn, missing(arn))
        };
        let id = self.estate.keep(document);
        self.elsewhere.insert(arn.into(), id);
        id
    }
}

fn raw(meta: &Meta, path: &Attr<String>, inline: Vec<Attached>) -> Raw {
    let arn = arn(meta);
    // The path stands in the ARN as well.
    let in_arn = arn.split_once('/').and_then(|(_, rest)| rest.rsplit_once('/'));
    let path = match (path.known(), in_arn) {
        (Some(path), _) => path.as_str().into(),
        (None, Some((path, _))) => format!("/{path}/").into(),
        (None, None) => "/".into(),
    };
    Raw {
        name: name(meta),
        account: account(meta),
        path,
        unique_id: None,
        tags: meta.tags.clone(),
        environment: meta.environment.clone(),
        created: Attr::default(),
        inline,
        attached: Attr::default(),
        boundary: Attr::default(),
        arn,
    }
}

fn name(meta: &Meta) -> Box<str> {
    meta.name.as_deref().unwrap_or(&meta.id).into()
}
