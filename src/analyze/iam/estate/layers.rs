//! Which policies bear on a request of a principal.

use super::{DocumentId, Estate, Principal, PrincipalKind};
use crate::analyze::iam::arn::ArnParts;
use crate::analyze::iam::document::Document;
use crate::analyze::iam::evaluate::Layers;
use crate::analyze::iam::request::{Action, Caller, CallerKind, Request};
use crate::analyze::iam::truth::Truth;
use crate::model::{Attr, Cause, CauseKind};

/// What becomes of layers that nobody collected: organization policies and policies of resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// They may hold anything: answers are open where it matters.
    Doubt,
    /// They are taken for absent, unless somebody asked for them in vain. Only for questions where more permissions are the worse answer, since the organization
    /// can only take permissions away; who asks so says it in the answer.
    Ignore,
}

/// Policies of services without a policy on any resource need not be looked for.
const WITH_POLICIES: [&str; 26] = [
    "acm-pca",
    "apigateway",
    "backup",
    "codeartifact",
    "codebuild",
    "dynamodb",
    "ecr",
    "elasticfilesystem",
    "es",
    "events",
    "glacier",
    "glue",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "mediastore",
    "redshift-serverless",
    "s3",
    "s3-object-lambda",
    "secretsmanager",
    "ses",
    "signer",
    "sns",
    "sqs",
    "ssm",
];

/// Services whose resources resource control policies govern
/// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>).
const WITH_RCP: [&str; 10] = [
    "aoss",
    "cognito-identity",
    "cognito-idp",
    "ecr",
    "kms",
    "logs",
    "s3",
    "secretsmanager",
    "sqs",
    "sts",
];

/// A caller with the documents that speak for it.
#[derive(Debug, Clone)]
pub struct Subject<'e> {
    /// Who asks.
    pub caller: Caller,
    /// Its own policies and those of its groups.
    pub identity: Vec<&'e Document>,
    /// Its boundary.
    pub boundary: Option<Vec<&'e Document>>,
    /// What its organization says.
    pub scp: Option<Vec<Vec<&'e Document>>>,
}

impl Estate {
    /// A principal as the caller of requests.
    pub fn subject<'e>(&'e self, principal: &'e Principal, unread: Unread) -> Subject<'e> {
        Subject {
            caller: self.caller(principal),
            identity: principal.policies.iter().filter_map(|p| self.document(p.document)).collect(),
            boundary: principal.boundary.and_then(|id| self.document(id)).map(|d| vec![d]),
            scp: if principal.service_linked { None } else { self.scp(&principal.account, unread) },
        }
    }

    /// Somebody who is no principal of the inventory: the root user of an account, a service, anybody outside.
    pub fn stranger(&self, caller: Caller, unread: Unread) -> Subject<'_> {
        let scp = match (&caller.account, caller.kind) {
            (Some(account), CallerKind::Root | CallerKind::User | CallerKind::Role) => {
                self.scp(account, unread)
            }
            _ => None,
        };
        Subject { caller, identity: Vec::new(), boundary: None, scp }
    }

    fn caller(&self, principal: &Principal) -> Caller {
        let account = self.accounts.get(&principal.account);
        let mut caller = Caller::anonymous();
        caller.kind = match principal.kind {
            PrincipalKind::User => CallerKind::User,
            PrincipalKind::Role => CallerKind::Role,
        };
        caller.arn.clone_from(&principal.arn);
        caller.account = Some(principal.account.clone());
        caller.unique_id.clone_from(&principal.unique_id);
        caller.tags = principal.tags.clone();
        caller.organization = account.map(|a| a.organization.clone()).unwrap_or_default();
        caller.organization_path = account.map(|a| a.organization_path.clone()).unwrap_or_default();
        caller.service_linked = principal.service_linked;
        caller.temporary = (principal.kind == PrincipalKind::Role).then_some(true);
        caller
    }

    fn scp(&self, account: &str, unread: Unread) -> Option<Vec<Vec<&Document>>> {
        let account = self.accounts.get(account);
        self.levels(account.map(|a| (&a.scp, a.asked)), unread, &self.unread_scp)
    }

    fn levels<'e>(
        &'e self,
        levels: Option<(&'e Attr<Option<Vec<Vec<DocumentId>>>>, bool)>,
        unread: Unread,
        instead: &'e Document,
    ) -> Option<Vec<Vec<&'e Document>>> {
        match levels {
            Some((Attr::Known(levels), _)) => levels.as_ref().map(|levels| {
                levels
                    .iter()
                    .map(|level| level.iter().filter_map(|id| self.document(*id)).collect())
                    .collect()
            }),
            // Whoever asked and got no answer must not be told less than who got one.
            Some((Attr::Unknown(_), true)) => Some(vec![vec![instead]]),
            Some((Attr::Unknown(_), false)) | None => {
                (unread == Unread::Doubt).then(|| vec![vec![instead]])
            }
        }
    }

    /// The layers that bear on a request of a subject. Also tells the request what is known of the resource.
    pub fn layers<'e>(
        &'e self,
        subject: &Subject<'e>,
        request: &mut Request<'_>,
        unread: Unread,
    ) -> Layers<'e> {
        let guarded = self.guarded(request.resource);
        if let Some(guarded) = guarded {
            request.resource_account = Attr::Known(Some(guarded.account.to_string()));
            if request.resource_tags.known().is_none() {
                request.resource_tags = guarded.tags.clone();
            }
        }
        // Actions that know no resources are taken in the account of whoever takes them.
        if request.resource == "*" && request.resource_account.known().is_none() {
            request.resource_account =
                Attr::Known(subject.caller.account.as_deref().map(str::to_owned));
        }
        let owner = request.resource_account.known().cloned().flatten();
        let account = owner.as_deref().and_then(|id| self.accounts.get(id));
        if let Some(account) = account {
            request.resource_organization = account.organization.clone();
        }
        let rcp = if !subject.caller.service_linked && WITH_RCP.contains(&request.action.service())
        {
            self.levels(account.map(|a| (&a.rcp, a.asked)), unread, &self.unread_rcp)
        } else {
            None
        };
        Layers {
            identity: subject.identity.clone(),
            boundary: subject.boundary.clone(),
            session: None,
            scp: subject.scp.clone(),
            rcp,
            resource: self.resource_policy(request.action, request.resource, unread),
            endpoint: None,
            public_blocked: match guarded.map(|guarded| &guarded.public_blocked) {
                Some(Attr::Known(blocked)) => (*blocked).into(),
                Some(Attr::Unknown(_)) => Truth::Maybe,
                None => Truth::No,
            },
        }
    }

    /// Whether a resource with a policy, or a principal, is known by its ARN.
    pub fn holds(&self, resource: &str) -> bool {
        self.guarded(resource).is_some() || self.find(resource).is_some()
    }

    /// The resource whose policy guards an ARN: objects are guarded by the policy of their bucket.
    fn guarded(&self, resource: &str) -> Option<&super::Guarded> {
        self.resources.get(resource).or_else(|| {
            let arn = ArnParts::parse(resource)?;
            let outer = match arn.service {
                "s3" => resource.split_once('/')?.0,
                "lambda" | "secretsmanager" => resource.rsplit_once(':')?.0,
                _ => return None,
            };
            self.resources.get(outer)
        })
    }

    /// The policy of a resource that bears on an action.
    pub fn resource_policy(
        &self,
        action: &Action,
        resource: &str,
        unread: Unread,
    ) -> Option<&Document> {
        if resource == "*" {
            return None;
        }
        if action.service() == "sts" {
            let role = self.find(resource).and_then(|id| self.principal(id));
            return match role {
                Some(role) => role.trust.and_then(|id| self.document(id)),
                None if unread == Unread::Doubt && resource.contains(":role/") => {
                    Some(&self.unread_resource)
                }
                None => None,
            };
        }
        match self.guarded(resource) {
            Some(guarded) => match &guarded.policy {
                Attr::Known(policy) => policy.and_then(|id| self.document(id)),
                Attr::Unknown(_) => Some(&self.unread_resource),
            },
            None if unread == Unread::Doubt && WITH_POLICIES.contains(&action.service()) => {
                Some(&self.unread_resource)
            }
            None => None,
        }
    }
}

/// A document in place of one that nobody collected.
pub(super) fn not_collected(what: &str) -> Document {
    Document::unread(what, Cause::new(CauseKind::NotCollected, what))
}
