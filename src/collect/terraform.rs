//! Plans and states of Terraform and OpenTofu, as `terraform show -json` prints them.
//!
//! A plan tells each side of every change with what is not known yet, and what its sources refer to. Each thing that has
//! a place in the inventory is put there by its mapper ([`map`]); what is unknown is followed through variables, modules
//! and outputs to the thing that is meant ([`follow`]), and named `planned:<address>` where that does not exist yet.

mod address;
mod document;
mod eliminate;
mod follow;
mod format;
pub(in crate::collect) mod map;
mod place;
pub mod source;
mod state;
mod values;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use self::format::{Document, ResourceChange};
use self::values::{Values, is_provider_aws};
use crate::collect::predicted::{Handle, Thing};
use crate::diag::{Diagnostic, Diagnostics};
use crate::ident::{AccountId, Region};
use crate::model::change::{Action, Change, ChangeSet, PLANNED, Place, Reading, Sketch};
use crate::model::{Origin, Tree};

/// What the reader may assume.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The account of things that neither their ARN nor their provider places.
    pub account: Option<AccountId>,
    /// The region of such things.
    pub region: Option<Region>,
}

/// Why a text cannot be read as a plan or state at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON, or was cut.
    #[error(
        "not a whole Terraform plan: {0}; print it again with `terraform show -json PLAN_FILE`"
    )]
    Json(serde_json::Error),
    /// It is JSON, and neither a plan nor a state.
    #[error(
        "neither a Terraform plan nor a state: it has {has}; make one with `terraform plan -out p && terraform show -json p`"
    )]
    Foreign {
        /// What it has instead.
        has: &'static str,
    },
    /// It has a format that this release does not know.
    #[error(
        "format_version {0} is not known: 0.1 to 1.x are; use a newer release of portcullis, or the Terraform that wrote 1.x"
    )]
    Version(String),
    /// Something in it is not what the format says.
    #[error("{address}: {why}")]
    Thing {
        /// The address.
        address: String,
        /// What is wrong.
        why: String,
    },
}

/// A plan or state that is parsed, and not read yet.
#[derive(Debug)]
pub struct Input<'a> {
    document: Document<'a>,
    is_state: bool,
}

/// Whether a text looks like something that Terraform printed.
pub fn is_terraform(text: &str) -> bool {
    let head: String = text.chars().take(4096).filter(|c| !c.is_whitespace()).collect();
    head.starts_with('{')
        && ["\"format_version\":", "\"terraform_version\":", "\"resource_changes\":"]
            .iter()
            .any(|key| head.contains(key))
}

/// Parses a plan or state.
///
/// # Errors
/// When it is neither, or cut.
pub fn parse(text: &str) -> Result<Input<'_>, ReadError> {
    let mut document: Document<'_> = serde_json::from_str(text).map_err(ReadError::Json)?;
    let Some(version) = document.format_version.as_deref() else {
        return Err(ReadError::Foreign { has: "no `format_version`" });
    };
    if !matches!(version.split('.').next(), Some("0" | "1")) {
        return Err(ReadError::Version(version.to_owned()));
    }
    let is_plan = document.resource_changes.is_some() || document.planned_values.is_some();
    if !is_plan && document.values.is_none() && document.prior_state.is_none() {
        return Err(ReadError::Foreign {
            has: "neither `resource_changes` nor the `values` of a state",
        });
    }
    let is_state = !is_plan;
    if let Some(values) = document.values.filter(|_| is_state) {
        document.resource_changes = Some(state::changes(values).map_err(ReadError::Json)?);
    }
    Ok(Input { document, is_state })
}

/// Reads a plan or state into what it changes.
///
/// # Errors
/// When something in it is not what the format says.
pub fn read<'a>(input: &'a Input<'a>, options: &Options) -> Result<ChangeSet<'a>, ReadError> {
    let document = &input.document;
    let sources = follow::Sources::new(document);
    let places =
        place::places(document, &sources, options.account.as_ref(), options.region.as_ref());
    let mut set = ChangeSet {
        origin: Origin::Terraform,
        before: Sketch::default(),
        after: Sketch::default(),
        changes: Vec::new(),
        reading: reading(document, if input.is_state { "state" } else { "plan" }),
        incomplete: incomplete(document),
        drift: Vec::new(),
        places: Vec::new(),
        notes: Diagnostics::default(),
    };
    note_places(&places, &mut set.notes);
    let values = Values::new(document, sources, places.of.clone(), places.partition);
    let mut reader = Reader {
        values,
        places: places.of,
        partition: places.partition,
        default_tags: places.default_tags,
        taken: HashSet::new(),
        set,
    };
    for (at, change) in document.resource_changes.iter().flatten().enumerate() {
        reader
            .change(at, change)
            .map_err(|why| ReadError::Thing { address: change.address.to_string(), why })?;
    }
    let mut set = reader.set;
    set.reading.relations = reader.values.relations.into_inner();
    set.drift = drift(document);
    Ok(set)
}

struct Reader<'a> {
    values: Values<'a>,
    places: Vec<Place>,
    partition: &'static str,
    default_tags: BTreeMap<String, Tree<'static>>,
    /// The names that new things have by now: type, place and id.
    taken: HashSet<(&'a str, Place, String)>,
    set: ChangeSet<'a>,
}

impl<'a> Reader<'a> {
    fn change(&mut self, at: usize, change: &'a ResourceChange<'a>) -> Result<(), String> {
        if change.mode.as_deref() == Some("data") || change.deposed.is_some() {
            return Ok(());
        }
        if !is_provider_aws(change) {
            *self.set.reading.foreign.entry(change.kind.to_string()).or_default() += 1;
            return Ok(());
        }
        let Some(action) = action(&change.change.actions) else {
            return Err(format!("the actions {:?} are not known", change.change.actions));
        };
        let address: Arc<str> = Arc::from(&*change.address);
        self.set.changes.push(Change {
            address: address.clone(),
            previous_address: change.previous_address.as_deref().map(Arc::from),
            kind: change.kind.to_string(),
            action,
            imported: change.change.importing.is_some(),
            uncertain: None,
        });
        let Some((_, handle, mapper)) = map::of(&change.kind) else {
            *self.set.reading.unmapped.entry(change.kind.to_string()).or_default() += 1;
            // Nothing becomes of it, but how far its relations can be followed is told for all.
            self.values.after(at)?;
            self.values.done(at);
            return Ok(());
        };
        *self.set.reading.mapped.entry(change.kind.to_string()).or_default() += 1;
        let Some(place) = self.places.get(at).cloned() else { return Ok(()) };
        if !self.set.places.contains(&place) {
            self.set.places.push(place.clone());
        }
        let kind = Cow::Borrowed(&*change.kind);
        let thing = |values, id: String, arn: Option<String>, fresh| Thing {
            address: address.clone(),
            kind: kind.clone(),
            values,
            id: Cow::Owned(id),
            arn: arn.map(Cow::Owned),
            place: place.clone(),
            partition: self.partition,
            fresh,
        };
        if change.change.before.is_some() {
            let values = self.values.before(at)?;
            let (id, arn) = named(&values, handle, &change.address);
            mapper(&thing(values, id, arn, false), &mut self.set.before);
        }
        // What is forgotten stays, though the plan has no values for it any more.
        if action == Action::Forget {
            let values = self.values.before(at)?;
            let (id, arn) = named(&values, handle, &change.address);
            mapper(&thing(values, id, arn, false), &mut self.set.after);
        } else if action != Action::Delete {
            let (mut id, arn) = (self.values.id(at), self.values.arn(at));
            let mut values = self.values.after(at)?;
            let fresh = matches!(action, Action::Create | Action::Replace)
                && change.change.importing.is_none();
            // Two new things of one name: only one can come to be, and both are judged.
            if fresh && !self.taken.insert((&change.kind, place.clone(), id.clone())) {
                self.set.notes.push(Diagnostic::warning(
                    "terraform/same-name",
                    format!("{} has the name {id} of another thing of its type", change.address),
                ));
                id = format!("{PLANNED}{}", change.address);
            }
            complete(&mut values, &id, arn.as_deref(), handle, &change.address, fresh);
            self.tags(at, &mut values);
            mapper(&thing(values, id, arn, fresh), &mut self.set.after);
        }
        self.values.done(at);
        Ok(())
    }
}

impl<'a> Reader<'a> {
    /// What `tags_all` will be, where it is left to the provider: the thing's own tags over those that the provider adds.
    fn tags(&self, at: usize, values: &mut Tree<'a>) {
        let is_open =
            matches!(&*values.member("tags_all"), Tree::Unknown(cause) if cause.detail().is_none());
        if !is_open {
            return;
        }
        let key =
            self.values.sources.block(at).and_then(|block| block.provider_config_key.as_deref());
        let own = values.member("tags").into_owned();
        let all = match place::tags_of(&self.default_tags, key) {
            None => own,
            Some(Tree::Map(defaults)) if !own.is_unknown() => {
                let mut all = Tree::Map(defaults.clone());
                for (name, value) in own.entries() {
                    all.set(name.clone(), value.clone());
                }
                all
            }
            Some(unknown) => unknown.clone(),
        };
        values.set("tags_all", if all.is_null() { Tree::Map(Vec::new()) } else { all });
    }
}

/// Id and ARN of something that exists, from its values.
fn named(values: &Tree<'_>, handle: &Handle, address: &str) -> (String, Option<String>) {
    let text = |name: &&str| values.member(name).as_str().map(str::to_owned);
    let text = |name: &&str| text(name).filter(|text| !text.is_empty());
    let id = handle.id.iter().chain(&["id"]).find_map(text);
    (id.unwrap_or_else(|| format!("{PLANNED}{address}")), text(&"arn"))
}

/// Names that are not known yet, and tags where no provider adds any.
fn complete(
    values: &mut Tree<'_>,
    id: &str,
    arn: Option<&str>,
    handle: &Handle,
    address: &str,
    fresh: bool,
) {
    let is_open = |values: &Tree<'_>, name: &str| {
        let have = values.member(name);
        have.is_unknown() || have.is_null()
    };
    if is_open(values, "id") {
        values.set("id", Tree::text(id.to_owned()));
    }
    if let Some(arn) = arn.filter(|_| is_open(values, "arn")) {
        values.set("arn", Tree::text(arn.to_owned()));
    }
    for (name, same) in handle.all_made().filter(|_| fresh) {
        if is_open(values, name) {
            values.set(name, Tree::text(format!("{PLANNED}{address}/{same}")));
        }
    }
    // The first of the attributes that are the id may be left to the provider, as names with a prefix are.
    if let Some(first) = handle.id.first().filter(|name| fresh && is_open(values, name)) {
        values.set(*first, Tree::text(id.to_owned()));
    }
}

fn action(actions: &[Cow<'_, str>]) -> Option<Action> {
    let words: Vec<&str> = actions.iter().map(|word| &**word).collect();
    Some(match words.as_slice() {
        ["no-op"] => Action::NoOp,
        ["create"] => Action::Create,
        ["update"] => Action::Update,
        ["delete"] => Action::Delete,
        ["forget"] => Action::Forget,
        // With `forget` the old one is left behind, and the new one comes all the same.
        ["delete" | "forget", "create"] | ["create", "delete" | "forget"] => Action::Replace,
        _ => return None,
    })
}

fn reading(document: &Document<'_>, what: &str) -> Reading {
    let by = document.terraform_version.as_deref().unwrap_or("an unknown version");
    let format = document.format_version.as_deref().unwrap_or_default();
    Reading {
        what: format!("Terraform {what}, format {format}, by Terraform {by}"),
        ..Reading::default()
    }
}

/// Why a plan does not show the whole change.
fn incomplete(document: &Document<'_>) -> Vec<String> {
    let mut why = Vec::new();
    if document.errored {
        why.push(
            "it says of itself that planning failed (`errored`): fix that, and plan again"
                .to_owned(),
        );
    }
    if document.complete == Some(false) {
        why.push(
            "it is not all of the change (`complete: false`): apply it, plan again, and look at that plan, too"
                .to_owned(),
        );
    }
    if let Some(deferred) = document.deferred_changes.as_ref().filter(|list| !list.is_empty()) {
        why.push(format!("{} changes are deferred to a later plan", deferred.len()));
    }
    why
}

fn note_places(places: &place::Places, notes: &mut Diagnostics) {
    if places.account_unknown {
        notes.push(
            Diagnostic::warning(
                "terraform/account",
                "the plan does not tell which account it is for".to_owned(),
            )
            .help("name it with --account; until then its own account looks like another one"),
        );
    }
    if places.region_unknown {
        notes.push(
            Diagnostic::warning(
                "terraform/region",
                "the plan does not tell which region it is for".to_owned(),
            )
            .help("name it with --region"),
        );
    }
}

/// What the plan says has changed outside of it: the attributes that differ.
fn drift(document: &Document<'_>) -> Vec<(Arc<str>, Vec<String>)> {
    let mut out = Vec::new();
    for change in &document.resource_drift {
        let tree = |raw: Option<&serde_json::value::RawValue>| -> Option<Tree<'static>> {
            let tree: Tree<'_> = serde_json::from_str(raw?.get()).ok()?;
            Some(tree.into_owned())
        };
        let attributes = match (tree(change.change.before), tree(change.change.after)) {
            (Some(before), Some(after)) => {
                let names: BTreeSet<String> = before
                    .entries()
                    .iter()
                    .chain(after.entries())
                    .map(|(name, _)| name.clone().into_owned())
                    .collect();
                names.into_iter().filter(|name| before.member(name) != after.member(name)).collect()
            }
            _ => Vec::new(),
        };
        out.push((Arc::from(change.address_made()), attributes));
    }
    out
}
