//! Where the things of a plan are: accounts and regions, from their own ARNs, from what providers are configured with,
//! from what the caller says.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::follow::{Sources, member};
use super::format::{Document, ProviderConfig, ResourceChange, State, StateModule, StateValues};
use super::values::is_provider_aws;
use crate::ident::{AccountId, Arn, Region};
use crate::model::Tree;
use crate::model::attr::CauseKind;
use crate::model::change::Place;

/// What was found out about places.
#[derive(Debug)]
pub(super) struct Places {
    /// By the place of the change.
    pub(super) of: Vec<Place>,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub(super) partition: &'static str,
    /// The tags that providers add, by the key of their configuration; those that add none are missing.
    pub(super) default_tags: BTreeMap<String, Tree<'static>>,
    /// Whether some account is not known.
    pub(super) account_unknown: bool,
    /// Whether some region is not known.
    pub(super) region_unknown: bool,
}

/// Finds the place of every change.
pub(super) fn places<'a>(
    document: &'a Document<'a>,
    sources: &Sources<'a>,
    account: Option<&AccountId>,
    region: Option<&Region>,
) -> Places {
    let changes = document.resource_changes.as_deref().unwrap_or_default();
    let own: Vec<Option<Arn>> = changes.iter().map(own_arn).collect();
    let mut partition = "aws";
    let mut votes: BTreeMap<AccountId, usize> = BTreeMap::new();
    for arn in own.iter().flatten() {
        match arn.partition() {
            "aws-cn" => partition = "aws-cn",
            "aws-us-gov" => partition = "aws-us-gov",
            _ => {}
        }
        if let Some(account) = arn.account() {
            *votes.entry(account).or_default() += 1;
        }
    }
    let most = votes.into_iter().max_by_key(|(_, count)| *count).map(|(account, _)| account);
    let usual = account.cloned().or(most).or_else(|| caller(document));
    let configured: BTreeMap<&str, Configured> = document
        .configuration
        .provider_config
        .iter()
        .filter(|(_, config)| config.name.as_deref().is_none_or(|name| name == "aws"))
        .map(|(key, config)| (&**key, Configured::of(config, document)))
        .collect();
    let mut found = Places {
        of: Vec::with_capacity(changes.len()),
        partition,
        default_tags: default_tags(document),
        account_unknown: false,
        region_unknown: false,
    };
    for (at, change) in changes.iter().enumerate() {
        let arn = own.get(at).and_then(Option::as_ref);
        let key = sources.block(at).and_then(|block| block.provider_config_key.as_deref());
        let by_provider = key.map(|key| provider(&configured, key)).unwrap_or_default();
        let of_account = arn
            .and_then(Arn::account)
            .or_else(|| by_provider.account.clone())
            .or_else(|| usual.clone());
        let of_region = arn
            .and_then(Arn::region)
            .or_else(|| own_region(change))
            .or_else(|| region.cloned())
            .or_else(|| by_provider.region.clone());
        if is_provider_aws(change) && change.mode.as_deref() != Some("data") {
            found.account_unknown |= of_account.is_none();
            found.region_unknown |= of_region.is_none();
        }
        found.of.push(Place {
            account: of_account.unwrap_or_else(AccountId::unknown),
            region: of_region.unwrap_or_else(Region::unknown),
        });
    }
    found
}

/// The tags that providers add to all that they make.
fn default_tags(document: &Document<'_>) -> BTreeMap<String, Tree<'static>> {
    let mut out = BTreeMap::new();
    for (key, config) in &document.configuration.provider_config {
        let Some(raw) = config.expressions.filter(|raw| raw.get().contains("default_tags")) else {
            continue;
        };
        let Ok(all) = serde_json::from_str::<Tree<'_>>(raw.get()) else { continue };
        let tags = match all.at("default_tags.tags.constant_value").into_owned() {
            Tree::Null => Tree::unknown(CauseKind::KnownAfterApply, "tags that the provider adds"),
            tags => tags.into_owned(),
        };
        out.insert(key.to_string(), tags);
    }
    out
}

/// The tags that the provider of a key adds: its own, or those of the provider outside that a module inherits.
pub(super) fn tags_of<'t>(
    default_tags: &'t BTreeMap<String, Tree<'static>>,
    key: Option<&str>,
) -> Option<&'t Tree<'static>> {
    let key = key.unwrap_or("aws");
    default_tags.get(key).or_else(|| default_tags.get(key.rsplit(':').next().unwrap_or(key)))
}

/// What a provider is configured with.
#[derive(Debug, Clone, Default)]
struct Configured {
    account: Option<AccountId>,
    region: Option<Region>,
}

impl Configured {
    fn of(config: &ProviderConfig<'_>, document: &Document<'_>) -> Self {
        let Some(raw) = config.expressions else { return Self::default() };
        let Ok(all) = serde_json::from_str::<Tree<'_>>(raw.get()) else { return Self::default() };
        let text = |path: &str| written(&all.at(path), document);
        let role = text("assume_role.role_arn").and_then(|arn| Arn::new(&arn).ok()?.account());
        let allowed = all.at("allowed_account_ids.constant_value");
        let only = match allowed.items() {
            [one] => one.as_str().and_then(|text| AccountId::new(text).ok()),
            _ => None,
        };
        Self {
            account: role.or(only),
            region: text("region").and_then(|text| Region::new(&text).ok()),
        }
    }
}

/// The constant of an expression, or the value of the root module's variable that it is.
fn written(expression: &Tree<'_>, document: &Document<'_>) -> Option<String> {
    if let Some(text) = expression.member("constant_value").as_str() {
        return Some(text.to_owned());
    }
    let references = expression.member("references");
    let [one] = references.items() else { return None };
    let name = one.as_str()?.strip_prefix("var.")?;
    let value = document.variables.get(name)?.value?;
    serde_json::from_str::<String>(value.get()).ok()
}

/// The configuration of a key: its own, or that of the provider outside that a module inherits.
fn provider(configured: &BTreeMap<&str, Configured>, key: &str) -> Configured {
    let own = configured.get(key).cloned().unwrap_or_default();
    let name = key.rsplit(':').next().unwrap_or(key);
    let outer = configured.get(name).cloned().unwrap_or_default();
    Configured { account: own.account.or(outer.account), region: own.region.or(outer.region) }
}

fn own_arn(change: &ResourceChange<'_>) -> Option<Arn> {
    if change.mode.as_deref() == Some("data") {
        return None;
    }
    let raw = change.change.before.or(change.change.after)?;
    // Most things that are made have no ARN yet: not parsing them is worth a look at the text.
    if !raw.get().contains("\"arn\"") {
        return None;
    }
    let text: String = serde_json::from_str(member(raw, "arn")?.get()).ok()?;
    Arn::new(&text).ok()
}

/// Since version 6 of the provider each thing can say its region.
fn own_region(change: &ResourceChange<'_>) -> Option<Region> {
    let raw: &RawValue = change.change.after.or(change.change.before)?;
    if !raw.get().contains("\"region\"") {
        return None;
    }
    let text: String = serde_json::from_str(member(raw, "region")?.get()).ok()?;
    Region::new(&text).ok()
}

/// The account that `data.aws_caller_identity` told when the plan was made.
fn caller(document: &Document<'_>) -> Option<AccountId> {
    let raw = document.prior_state?;
    if !raw.get().contains("aws_caller_identity") {
        return None;
    }
    let state: State<'_> = serde_json::from_str(raw.get()).ok()?;
    let StateValues { root_module } = state.values?;
    in_module(&root_module, 0)
}

fn in_module(module: &StateModule<'_>, depth: usize) -> Option<AccountId> {
    const DEPTH_MAX: usize = 64;
    let of = |raw: &RawValue| -> Option<AccountId> {
        let text: String = serde_json::from_str(member_of(raw, "account_id")?.get()).ok()?;
        AccountId::new(&text).ok()
    };
    let here = module.resources.iter().filter(|resource| &*resource.kind == "aws_caller_identity");
    let mut here = here.filter_map(|resource| resource.values.and_then(of));
    here.next().or_else(|| {
        let mut inner = module.child_modules.iter().filter(|_| depth < DEPTH_MAX);
        inner.find_map(|module| in_module(module, depth + 1))
    })
}

fn member_of<'r>(raw: &'r RawValue, name: &str) -> Option<&'r RawValue> {
    member(raw, name)
}
