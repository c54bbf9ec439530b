//! All principals, policies and organizations of an inventory, ready for questions.
//!
//! Documents are compiled once and kept in one arena. What could not be read is a document with a doubt, so that every
//! question about it is open; what nobody collected at all (organizations, policies of resources) is treated as the
//! asker says, see [`Unread`].

mod build;
mod layers;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::document::Document;
use crate::clock::Time;
use crate::model::{Attr, Cause};

pub use build::{Builder, KINDS};
pub use layers::{Subject, Unread};

/// A document of the estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub u32);

/// A principal of the estate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalId(pub u32);

/// Everything that bears on privileges.
#[derive(Debug, Clone, Default)]
pub struct Estate {
    documents: Vec<Document>,
    /// Users and roles, by ARN.
    pub principals: Vec<Principal>,
    /// Groups, by ARN.
    pub groups: Vec<Group>,
    /// Managed policies, by ARN.
    pub policies: BTreeMap<Box<str>, Managed>,
    /// Accounts, by number.
    pub accounts: BTreeMap<Box<str>, Account>,
    /// Resources with policies of their own, by ARN.
    pub resources: BTreeMap<Box<str>, Guarded>,
    /// What runs with a role, by ARN.
    pub workloads: Vec<Workload>,
    /// Identity providers, by ARN.
    pub providers: BTreeMap<Box<str>, Provider>,
    /// The instance profiles, by ARN, with the names of their roles.
    pub instance_profiles: BTreeMap<Box<str>, Profile>,
    by_arn: HashMap<Box<str>, PrincipalId>,
    roles_by_name: HashMap<(Box<str>, Box<str>), PrincipalId>,
    /// Documents in place of those that nobody collected.
    unread_scp: Document,
    unread_rcp: Document,
    unread_resource: Document,
    /// Why there may be more than is seen, by type.
    pub gaps: BTreeMap<&'static str, Cause>,
    /// Why an account that is not here may belong to the organization all the same.
    pub unlisted: Option<Cause>,
    /// The accounts of which everything was read, by type.
    seen: BTreeMap<&'static str, BTreeSet<Box<str>>>,
}

/// What kind of principal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalKind {
    /// A user.
    User,
    /// A role.
    Role,
}

/// A user or role.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Which of both.
    pub kind: PrincipalKind,
    /// The ARN.
    pub arn: Box<str>,
    /// The name.
    pub name: Box<str>,
    /// The account.
    pub account: Box<str>,
    /// The path, such as `/`.
    pub path: Box<str>,
    /// The unique id, `AIDA…` or `AROA…`.
    pub unique_id: Option<Box<str>>,
    /// The tags.
    pub tags: Attr<BTreeMap<String, String>>,
    /// The policies that allow and deny it, those of its groups included, in order.
    pub policies: Vec<Attached>,
    /// The boundary, if it has one.
    pub boundary: Option<DocumentId>,
    /// The ARN of the boundary.
    pub boundary_arn: Option<Box<str>>,
    /// The trust policy of a role.
    pub trust: Option<DocumentId>,
    /// The names of a user's groups.
    pub groups: Attr<Vec<String>>,
    /// Whether it belongs to a service: nobody can change or pass it.
    pub service_linked: bool,
    /// The instance profiles of a role.
    pub instance_profiles: Attr<Vec<String>>,
    /// The environment it is in.
    pub environment: Attr<Option<String>>,
    /// When it was created.
    pub created: Attr<Time>,
    /// When a role was last used.
    pub last_used: Attr<Option<Time>>,
    /// The ids of a user's access keys.
    pub access_keys: Attr<Vec<String>>,
    /// Whether a user has a password.
    pub has_password: Attr<bool>,
    /// Whether a user has a second factor.
    pub has_mfa: Attr<bool>,
}

impl Principal {
    /// Whether its trust and policies cannot be changed: roles of services and those of Identity Center.
    pub fn is_protected(&self) -> bool {
        self.service_linked || self.path.starts_with("/aws-reserved/")
    }
}

/// A policy that a principal has.
#[derive(Debug, Clone)]
pub struct Attached {
    /// What it says.
    pub document: DocumentId,
    /// How it has it.
    pub how: How,
    /// The group it has it by.
    pub group: Option<Box<str>>,
}

/// How a policy is attached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// It is written into the user, role or group, under this name.
    Inline(Box<str>),
    /// It is a managed policy with this ARN.
    Managed(Box<str>),
    /// Nobody could read what is attached.
    Unread,
}

/// A group of users.
#[derive(Debug, Clone)]
pub struct Group {
    /// The ARN.
    pub arn: Box<str>,
    /// The name.
    pub name: Box<str>,
    /// The account.
    pub account: Box<str>,
    /// Its policies, in order.
    pub policies: Vec<Attached>,
}

/// A managed policy.
#[derive(Debug, Clone)]
pub struct Managed {
    /// What its default version says.
    pub document: DocumentId,
    /// Whether AWS wrote it: nobody can change it.
    pub aws_managed: bool,
    /// The id of the default version.
    pub default_version: Option<Box<str>>,
    /// The other versions that are kept, by id.
    pub versions: Attr<Vec<(Box<str>, DocumentId)>>,
}

/// What is known of an account.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// The id of its organization; absent without one.
    pub organization: Attr<Option<String>>,
    /// `o-…/r-…/ou-…/`; absent without an organization.
    pub organization_path: Attr<Option<String>>,
    /// The service control policies that bind it, from the root down; absent where none do, as in the management account.
    pub scp: Attr<Option<Vec<Vec<DocumentId>>>>,
    /// Whether somebody asked for its organization; what is unknown then must not be taken for absent.
    pub asked: bool,
    /// The resource control policies over its resources, from the root down.
    pub rcp: Attr<Option<Vec<Vec<DocumentId>>>>,
}

/// A resource that a policy of its own guards.
#[derive(Debug, Clone)]
pub struct Guarded {
    /// The type.
    pub kind: &'static str,
    /// The account.
    pub account: Box<str>,
    /// What the policy says; absent without one.
    pub policy: Attr<Option<DocumentId>>,
    /// The tags.
    pub tags: Attr<BTreeMap<String, String>>,
    /// Whether the account or the resource admits no public policy (`s3:PutPublicAccessBlock`).
    pub public_blocked: Attr<bool>,
}

/// Something that runs with a role: who controls it acts as the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// The type.
    pub kind: &'static str,
    /// The ARN.
    pub arn: Box<str>,
    /// The account.
    pub account: Box<str>,
    /// The ARN of the role; absent without one.
    pub role: Attr<Option<String>>,
    /// The tags.
    pub tags: Attr<BTreeMap<String, String>>,
}

/// An identity provider.
#[derive(Debug, Clone)]
pub struct Provider {
    /// The account.
    pub account: Box<str>,
    /// The issuer without scheme; absent for SAML.
    pub url: Option<Box<str>>,
    /// The audiences it accepts; absent for SAML.
    pub audiences: Attr<Vec<String>>,
}

/// An instance profile.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The account.
    pub account: Box<str>,
    /// The ARNs of its roles.
    pub roles: Attr<Vec<String>>,
}

impl Estate {
    /// A document.
    pub fn document(&self, id: DocumentId) -> Option<&Document> {
        self.documents.get(id.0 as usize)
    }

    /// Every document with its id.
    pub fn documents(&self) -> impl Iterator<Item = (DocumentId, &Document)> {
        self.documents
            .iter()
            .enumerate()
            .map(|(at, document)| (DocumentId(u32::try_from(at).unwrap_or(u32::MAX)), document))
    }

    /// Takes a statement out of a document, to see what would be without it.
    pub fn remove_statement(&mut self, id: DocumentId, index: u32) {
        if let Some(document) = self.documents.get_mut(id.0 as usize) {
            document.statements.retain(|statement| statement.index != index);
        }
    }

    /// A principal.
    pub fn principal(&self, id: PrincipalId) -> Option<&Principal> {
        self.principals.get(id.0 as usize)
    }

    /// The principal with an ARN; of sessions, the role.
    pub fn find(&self, arn: &str) -> Option<PrincipalId> {
        if let Some(id) = self.by_arn.get(arn) {
            return Some(*id);
        }
        let parsed = super::arn::ArnParts::parse(arn)?;
        if parsed.service != "sts" {
            return None;
        }
        let name = parsed.resource.strip_prefix("assumed-role/")?.split('/').next()?;
        self.roles_by_name.get(&(parsed.account.into(), name.into())).copied()
    }

    /// Whether all resources of a type in an account were read, so that there are no others.
    pub fn has_seen(&self, account: &str, kind: &str) -> bool {
        self.seen.get(kind).is_some_and(|accounts| accounts.contains(account))
    }

    /// Every principal with its id.
    pub fn all(&self) -> impl Iterator<Item = (PrincipalId, &Principal)> {
        self.principals
            .iter()
            .enumerate()
            .map(|(at, p)| (PrincipalId(u32::try_from(at).unwrap_or(u32::MAX)), p))
    }
}
