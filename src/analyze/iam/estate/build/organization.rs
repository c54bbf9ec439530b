//! Which organization policies bind which account.

use std::collections::BTreeMap;

use crate::analyze::iam::document::Document;
use crate::analyze::iam::estate::{Account, DocumentId, Estate};
use crate::model::organizations;
use crate::model::{Attr, Cause, CauseKind, Coverage, Meta};

/// What was read of organizations.
#[derive(Debug, Default)]
pub(super) struct Organizations {
    /// By the account that listed it: an inventory may hold several.
    listed: BTreeMap<Box<str>, organizations::Organization>,
    /// By account: the lister, and the account as it was listed.
    accounts: BTreeMap<Box<str>, (Box<str>, organizations::Account)>,
    policies: Vec<Policy>,
}

#[derive(Debug)]
struct Policy {
    /// The id, so that the order of policies never depends on that of files.
    id: Box<str>,
    /// The account that listed it.
    lister: Box<str>,
    kind: Attr<String>,
    document: DocumentId,
    targets: Attr<Vec<String>>,
}

const SCP: &str = "SERVICE_CONTROL_POLICY";
const RCP: &str = "RESOURCE_CONTROL_POLICY";

impl Organizations {
    pub(super) fn organization(&mut self, meta: &Meta, it: &organizations::Organization) {
        self.listed.insert(meta.account.as_str().into(), it.clone());
    }

    pub(super) fn account(&mut self, meta: &Meta, it: &organizations::Account) {
        let id = meta.id.rsplit('/').next().unwrap_or(&meta.id);
        self.accounts.insert(id.into(), (meta.account.as_str().into(), it.clone()));
    }

    pub(super) fn policy(&mut self, estate: &mut Estate, meta: &Meta, it: &organizations::Policy) {
        let document = match &it.document {
            Attr::Known(Some(document)) => {
                Document::compile(&super::arn(meta), None, &Attr::Known(document.clone()))
            }
            Attr::Known(None) => return,
            Attr::Unknown(cause) => Document::unread(&super::arn(meta), cause.clone()),
        };
        self.policies.push(Policy {
            id: meta.id.as_str().into(),
            lister: meta.account.as_str().into(),
            kind: it.kind.clone(),
            document: estate.keep(document),
            targets: it.target_ids.clone(),
        });
    }

    pub(super) fn finish(
        mut self,
        estate: &mut Estate,
        accounts: Vec<Box<str>>,
        coverage: &Coverage,
    ) {
        self.policies.sort_by(|a, b| a.id.cmp(&b.id));
        estate.unlisted = coverage.organization_gap("aws.organizations.account");
        let gap = coverage
            .organization_gap("aws.organizations.policy")
            .or_else(|| coverage.organization_gap("aws.organizations.account"));
        let outside = gap.is_none() && self.accounts.is_empty();
        let mut ids: Vec<Box<str>> = self.accounts.keys().cloned().chain(accounts).collect();
        ids.sort();
        ids.dedup();
        for id in ids {
            let account = self.one(estate, &id, gap.as_ref(), outside);
            estate.accounts.insert(id, account);
        }
    }

    fn one(&self, estate: &mut Estate, id: &str, gap: Option<&Cause>, outside: bool) -> Account {
        if outside {
            return Account {
                organization: Attr::Known(None),
                organization_path: Attr::Known(None),
                scp: Attr::Known(None),
                rcp: Attr::Known(None),
                asked: true,
            };
        }
        let Some((lister, listed)) = self.accounts.get(id) else {
            let cause = gap.cloned().unwrap_or_else(|| {
                Cause::new(CauseKind::NotCollected, format!("the organization of account {id}"))
            });
            return Account {
                organization: Attr::Unknown(cause.clone()),
                organization_path: Attr::Unknown(cause.clone()),
                scp: Attr::Unknown(cause.clone()),
                asked: cause.kind != CauseKind::NotCollected,
                rcp: Attr::Unknown(cause),
            };
        };
        let organization = self.listed.get(lister);
        let name = organization.map(|o| o.organization_id.clone()).unwrap_or_default();
        let path = match (&name, &listed.ancestor_ids) {
            (Attr::Known(Some(name)), Attr::Known(ancestors)) => {
                Attr::Known(Some(format!("{name}/{}/", ancestors.join("/"))))
            }
            (Attr::Unknown(cause), _) | (_, Attr::Unknown(cause)) => Attr::Unknown(cause.clone()),
            (Attr::Known(None), _) => Attr::Known(None),
        };
        let manager = organization.map(|o| &o.management_account_id);
        let management = match (&listed.management, manager) {
            (Attr::Known(management), _) => Attr::Known(*management),
            (_, Some(Attr::Known(manager))) => Attr::Known(manager.as_deref() == Some(id)),
            (Attr::Unknown(cause), _) => Attr::Unknown(cause.clone()),
        };
        let mut levels = |kind: &str| {
            let enabled = organization.and_then(|o| o.enabled_policy_types.known());
            match &management {
                Attr::Known(true) => return Attr::Known(None),
                Attr::Unknown(cause) => return Attr::Unknown(cause.clone()),
                Attr::Known(false) => {}
            }
            if enabled.is_some_and(|types| !types.iter().any(|t| t == kind)) {
                return Attr::Known(None);
            }
            self.levels(estate, kind, lister, id, &listed.ancestor_ids, gap)
        };
        let (scp, rcp) = (levels(SCP), levels(RCP));
        Account { organization: name, organization_path: path, scp, rcp, asked: true }
    }

    /// The policies at the root, at every unit down to the account, and at the account.
    fn levels(
        &self,
        estate: &mut Estate,
        kind: &str,
        lister: &str,
        account: &str,
        ancestors: &Attr<Vec<String>>,
        gap: Option<&Cause>,
    ) -> Attr<Option<Vec<Vec<DocumentId>>>> {
        let ancestors = match ancestors {
            Attr::Known(ancestors) => ancestors,
            Attr::Unknown(cause) => return Attr::Unknown(cause.clone()),
        };
        let targets = ancestors.iter().map(String::as_str).chain([account]);
        let mut levels: Vec<Vec<DocumentId>> = Vec::new();
        for target in targets {
            let mut level = Vec::new();
            for policy in self.policies.iter().filter(|p| *p.lister == *lister) {
                match (&policy.kind, &policy.targets) {
                    (Attr::Known(own), _) if own != kind => {}
                    (Attr::Known(_), Attr::Known(targets)) => {
                        if targets.iter().any(|t| t == target) {
                            level.push(policy.document);
                        }
                    }
                    (Attr::Unknown(cause), _) | (_, Attr::Unknown(cause)) => {
                        level.push(estate.keep(Document::unread(&policy.id, cause.clone())));
                    }
                }
            }
            if let Some(cause) = gap {
                let what = format!("policies attached to {target}");
                level.push(estate.keep(Document::unread(&what, cause.clone())));
            }
            // Resource control policies only ever deny; what AWS attaches for them need not be listed.
            if kind == RCP {
                level.push(estate.keep(Document::everything("RCPFullAWSAccess")));
            }
            // AWS keeps at least one policy at every root, unit and account.
            if level.is_empty() {
                let what = format!("policies attached to {target}");
                let cause = Cause::new(
                    CauseKind::NotCollected,
                    format!("{target} has no policy of kind {kind} in the inventory"),
                );
                level.push(estate.keep(Document::unread(&what, cause)));
            }
            levels.push(level);
        }
        Attr::Known(Some(levels))
    }
}
