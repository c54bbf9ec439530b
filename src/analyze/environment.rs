//! Which declared environment a resource belongs to.
//!
//! Declarations are tried in this order, and the first that matches decides: the resource's own id, the id of its VPC,
//! its own tags, the tags of its VPC, its account, the organizational unit of its account (the innermost one).

use std::collections::{BTreeMap, HashMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::context::Context;
use super::relations::Key;
use crate::ident::{AccountId, Region};
use crate::model::reflect::{Reflect as _, View};
use crate::model::{Attr, Cause, Data, Meta, Resource};

/// A declared environment, such as production. Any one of its selectors is enough.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// The name that reports use.
    pub name: String,
    /// Whole accounts.
    #[serde(default)]
    pub accounts: Vec<AccountId>,
    /// Organizational units with all below them: by the path of names from the root (`Workloads/Prod`) or by id (`ou-…`).
    #[serde(default)]
    pub organizational_units: Vec<String>,
    /// Tags, any of which is enough; values are compared whole.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// VPCs with everything in them, by id.
    #[serde(default)]
    pub vpcs: Vec<String>,
    /// Single resources by id or ARN.
    #[serde(default)]
    pub resources: Vec<String>,
}

/// All declared environments, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Environments {
    list: Vec<Environment>,
    by_account: HashMap<AccountId, usize>,
    by_id: HashMap<String, usize>,
    uses_tags: bool,
    uses_units: bool,
}

impl Environments {
    /// Prepares declarations. Where two claim the same thing, the earlier one has it; [`Self::conflicts`] tells.
    pub fn new(list: Vec<Environment>) -> Self {
        let mut by_account = HashMap::new();
        let mut by_id = HashMap::new();
        for (at, environment) in list.iter().enumerate() {
            for account in &environment.accounts {
                by_account.entry(account.clone()).or_insert(at);
            }
            for id in environment.vpcs.iter().chain(&environment.resources) {
                by_id.entry(id.clone()).or_insert(at);
            }
        }
        let uses_tags = list.iter().any(|e| !e.tags.is_empty());
        let uses_units = list.iter().any(|e| !e.organizational_units.is_empty());
        Self { list, by_account, by_id, uses_tags, uses_units }
    }

    /// Whether none is declared.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The declarations in their order.
    pub fn list(&self) -> &[Environment] {
        &self.list
    }

    /// What two environments both claim, in words, for the reader of the configuration.
    pub fn conflicts(&self) -> Vec<String> {
        let mut owners: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for environment in &self.list {
            let mut claims: Vec<String> =
                environment.accounts.iter().map(|a| format!("account {a}")).collect();
            claims.extend(environment.organizational_units.iter().map(|u| format!("unit {u}")));
            claims.extend(environment.tags.iter().map(|(k, v)| format!("tag {k}={v}")));
            claims.extend(environment.vpcs.iter().chain(&environment.resources).cloned());
            for claim in claims {
                owners.entry(claim).or_default().push(&environment.name);
            }
        }
        owners
            .into_iter()
            .filter(|(_, names)| names.len() > 1)
            .map(|(claim, names)| format!("{claim} is claimed by {}", names.join(" and ")))
            .collect()
    }

    /// What a resource claims by itself, kept where the resource is not.
    pub(crate) fn claim(&self, meta: &Meta) -> Claim {
        Claim { named: of_itself(meta, self), tagged: self.of_tags(&meta.tags) }
    }

    /// What the id of a VPC alone declares.
    pub(crate) fn of_vpc_id(&self, id: &str) -> Option<String> {
        self.of_id(id)
    }

    fn name(&self, at: usize) -> Option<String> {
        self.list.get(at).map(|e| e.name.clone())
    }

    fn of_id(&self, id: &str) -> Option<String> {
        self.by_id.get(id).and_then(|&at| self.name(at))
    }

    fn of_tags(&self, tags: &Attr<BTreeMap<String, String>>) -> Result<Option<String>, Cause> {
        if !self.uses_tags {
            return Ok(None);
        }
        let tags = tags.get().map_err(Clone::clone)?;
        let has = |e: &&Environment| e.tags.iter().any(|(key, value)| tags.get(key) == Some(value));
        Ok(self.list.iter().find(has).map(|e| e.name.clone()))
    }

    /// The environment whose unit is innermost among those an account is in.
    fn of_units(&self, path: &[String], ancestors: &[String]) -> Option<String> {
        let depth = |unit: &String| {
            if let Some(at) = ancestors.iter().position(|id| id == unit) {
                return Some(at);
            }
            let names: Vec<&str> = unit.split('/').filter(|name| !name.is_empty()).collect();
            let within = names.len() <= path.len() && names.iter().zip(path).all(|(a, b)| a == b);
            within.then_some(names.len())
        };
        let mut best: Option<(usize, &str)> = None;
        for environment in &self.list {
            let deepest = environment.organizational_units.iter().filter_map(depth).max();
            if let Some(deepest) = deepest
                && best.is_none_or(|(have, _)| deepest > have)
            {
                best = Some((deepest, &environment.name));
            }
        }
        best.map(|(_, name)| name.to_owned())
    }
}

/// What a resource says about its environment by itself: by its id or ARN, and by its tags.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    named: Option<String>,
    pub(crate) tagged: Result<Option<String>, Cause>,
}

impl Default for Claim {
    fn default() -> Self {
        Self { named: None, tagged: Ok(None) }
    }
}

impl Claim {
    /// The environment of what claims this, by the order of the declarations. The VPC comes with what its tags claim.
    pub(crate) fn decide(
        &self,
        vpc: Result<Option<(&str, Result<Option<String>, Cause>)>, Cause>,
        account: &AccountId,
        context: &Context<'_>,
    ) -> Result<Option<String>, Cause> {
        let environments = context.environments();
        if environments.is_empty() {
            return Ok(None);
        }
        if let Some(name) = &self.named {
            return Ok(Some(name.clone()));
        }
        let vpc = vpc?;
        if let Some(name) = vpc.as_ref().and_then(|(id, _)| environments.of_id(id)) {
            return Ok(Some(name));
        }
        if let Some(name) = self.tagged.clone()? {
            return Ok(Some(name));
        }
        if environments.uses_tags
            && let Some((_, tagged)) = vpc
            && let Some(name) = tagged?
        {
            return Ok(Some(name));
        }
        of_account(account, context).get().map_err(Clone::clone).cloned()
    }
}

/// The environment of a resource; known to be none when nothing declares one.
pub(crate) fn of(resource: &Resource, context: &Context<'_>) -> Attr<Option<String>> {
    let meta = &resource.meta;
    if context.environments().is_empty() {
        return Attr::Known(None);
    }
    if let Some(name) = of_itself(meta, context.environments()) {
        return Attr::Known(Some(name));
    }
    if let Data::Ec2TransitGatewayAttachment(attachment) = &resource.data {
        return super::network::isolation::environment_of_attachment(attachment, meta, context);
    }
    assigned(resource, context).into()
}

fn of_itself(meta: &Meta, environments: &Environments) -> Option<String> {
    environments
        .of_id(&meta.id)
        .or_else(|| meta.arn.as_deref().and_then(|arn| environments.of_id(arn)))
}

fn assigned(resource: &Resource, context: &Context<'_>) -> Result<Option<String>, Cause> {
    let (meta, environments) = (&resource.meta, context.environments());
    let taggable = is_taggable(resource.kind().name);
    let tagged = if taggable { environments.of_tags(&meta.tags) } else { Ok(None) };
    let vpc = vpc_of(resource).map(|vpc| {
        let tags = |id| environments.of_tags(&context.one(Key::Vpc, id, meta)?.meta.tags);
        vpc.map(|id| (id, if environments.uses_tags { tags(id) } else { Ok(None) }))
    });
    Claim { named: None, tagged }.decide(vpc, &meta.account, context)
}

/// The VPC a resource is in, if it has one.
fn vpc_of(resource: &Resource) -> Result<Option<&str>, Cause> {
    if matches!(resource.data, Data::Ec2Vpc(_)) {
        return Ok(None);
    }
    let Some((slot, _)) = Resource::field_of(resource.kind(), "vpc_id") else { return Ok(None) };
    match resource.slot(slot) {
        View::Str(id) => Ok(Some(id)),
        View::Unknown(cause) => Err(cause.clone()),
        _ => Ok(None),
    }
}

/// Whether AWS lets a type have tags; the others are never known to have none.
fn is_taggable(kind: &str) -> bool {
    const WITHOUT: [&str; 16] = [
        "aws.account.contacts",
        "aws.ec2.account_settings",
        "aws.ec2.security_group_vpc_association",
        "aws.ec2.vpc_block_public_access_options",
        "aws.elbv2.ssl_policy",
        "aws.iam.access_key",
        "aws.iam.account_summary",
        "aws.iam.credential_report_row",
        "aws.iam.group",
        "aws.iam.password_policy",
        "aws.organizations.delegated_administrator",
        "aws.organizations.organization",
        "aws.ssm.inventory",
        "aws.ssm.managed_instance",
        "aws.ssm.patch_state",
        "aws.sts.caller_identity",
    ];
    !WITHOUT.contains(&kind)
}

/// The environment of a VPC that need not be at hand, and of its owner if nothing says more.
pub(crate) fn of_vpc(
    id: &str,
    owner: Option<&AccountId>,
    meta: &Meta,
    context: &Context<'_>,
) -> Attr<Option<String>> {
    let environments = context.environments();
    if environments.is_empty() {
        return Attr::Known(None);
    }
    if let Some(name) = environments.of_id(id) {
        return Attr::Known(Some(name));
    }
    let place = Meta { account: owner.unwrap_or(&meta.account).clone(), ..meta.clone() };
    match (context.one(Key::Vpc, id, &place), owner) {
        (Ok(vpc), _) => of(vpc, context),
        (Err(cause), _) if environments.uses_tags => Attr::Unknown(cause),
        (Err(_), Some(owner)) => of_account(owner, context),
        (Err(cause), None) => Attr::Unknown(cause),
    }
}

/// The environment that the tags of a resource alone declare.
pub(crate) fn by_tags(meta: &Meta, context: &Context<'_>) -> Attr<Option<String>> {
    context.environments().of_tags(&meta.tags).into()
}

/// The environment of an account.
pub(crate) fn of_account(account: &AccountId, context: &Context<'_>) -> Attr<Option<String>> {
    match context.environment_of(account) {
        Some(environment) => environment.clone(),
        None => of_account_anew(account, context),
    }
}

/// As [`of_account`], without what was worked out before.
pub(crate) fn of_account_anew(account: &AccountId, context: &Context<'_>) -> Attr<Option<String>> {
    let environments = context.environments();
    if let Some(&at) = environments.by_account.get(account) {
        return Attr::Known(environments.name(at));
    }
    if !environments.uses_units {
        return Attr::Known(None);
    }
    let found = context.find(Key::Account, account.as_str(), account, &Region::global());
    let Some(resource) = found.certain.first() else {
        // Where all accounts of the organization are listed, the others belong to no unit.
        return found.doubt.or_known(None);
    };
    let Data::OrganizationsAccount(data) = &resource.data else { return Attr::Known(None) };
    match (data.ou_path.get(), data.ancestor_ids.get()) {
        (Ok(path), Ok(ancestors)) => Attr::Known(environments.of_units(path, ancestors)),
        (Err(cause), _) | (_, Err(cause)) => Attr::Unknown(cause.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> Environments {
        let account = |text: &str| AccountId::new(text).unwrap();
        Environments::new(vec![
            Environment {
                name: "prod".into(),
                accounts: vec![account("111111111111")],
                organizational_units: vec!["Workloads/Prod".into()],
                vpcs: vec!["vpc-prod".into()],
                tags: BTreeMap::from([("env".into(), "prod".into())]),
                ..Environment::default()
            },
            Environment {
                name: "dev".into(),
                accounts: vec![account("222222222222"), account("111111111111")],
                organizational_units: vec!["Workloads".into(), "ou-abcd-00000001".into()],
                ..Environment::default()
            },
        ])
    }

    #[test]
    fn the_innermost_unit_decides() {
        let path = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
        let declared = declared();
        let of = |names: &str| declared.of_units(&path(names), &["r-abcd".into()]);
        assert_eq!(of("Workloads/Prod/Web").as_deref(), Some("prod"));
        assert_eq!(of("Workloads/Test").as_deref(), Some("dev"));
        assert_eq!(of("Sandbox"), None);
        let by_id = declared.of_units(&path("X/Y"), &["r-abcd".into(), "ou-abcd-00000001".into()]);
        assert_eq!(by_id.as_deref(), Some("dev"));
    }

    #[test]
    fn what_two_claim_is_told() {
        assert_eq!(declared().conflicts(), ["account 111111111111 is claimed by prod and dev"]);
    }
}
