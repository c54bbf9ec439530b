//! What the answers say, gathered by resource until all files are read: parts of a resource come in several answers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::reshape::{self, From, Plan, is_unknown, unknown};
use crate::collect::normal;
use crate::diag::{Diagnostic, Diagnostics};
use crate::ident::{AccountId, Arn, Region};
use crate::model::attr::CauseKind;
use crate::model::coverage::{Completeness, Coverage, CoverageEntry};
use crate::model::kinds::{Kind, Scope, kind_named};
use crate::model::{Attr, Meta, Origin, Resource};

/// Where the tags of a type are found.
#[derive(Clone, Copy)]
pub(super) enum Tags {
    /// In the answer itself.
    Inside,
    /// In the answer of another call.
    Apart(&'static str),
    /// Things of this type have none.
    Never,
}

/// How an item of an answer becomes a resource.
pub(super) struct Spec {
    /// The type.
    pub(super) kind: &'static str,
    /// The path of the id.
    pub(super) id: &'static str,
    /// The path of the ARN; empty where it is built, or where there is none.
    pub(super) arn: &'static str,
    /// The path of the name that is used without a tag `Name`.
    pub(super) name: &'static str,
    /// Where its tags are.
    pub(super) tags: Tags,
    /// Paths of fields.
    pub(super) from: &'static [From],
    /// Fields that other calls answer, with the call.
    pub(super) apart: &'static [(&'static str, &'static str)],
    /// What paths cannot say.
    pub(super) fix: fn(&Value, &mut Map<String, Value>),
}

/// What [`Spec`]s need no fix for.
pub(super) fn no_fix(_: &Value, _: &mut Map<String, Value>) {}

/// A type in a place, and an id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) kind: &'static str,
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) id: String,
}

/// A resource in the making.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) arn: Option<String>,
    pub(super) name: Option<String>,
    pub(super) tags: Option<BTreeMap<String, String>>,
    pub(super) tags_apart: Option<&'static str>,
    pub(super) fields: Map<String, Value>,
    pub(super) apart: Vec<(&'static str, &'static str)>,
    /// Whether an answer that lists such things holds it, and not only one about a part of it.
    pub(super) listed: bool,
    /// The file that spoke of it first.
    pub(super) file: String,
}

impl Draft {
    /// Takes a field over, unless it is known already.
    pub(super) fn set(&mut self, field: &str, value: Value) {
        if self.fields.get(field).is_none_or(is_unknown) {
            self.fields.insert(field.to_owned(), value);
        }
    }

    /// Takes the known fields of a partly filled model struct over.
    pub(super) fn set_all<T: serde::Serialize>(&mut self, part: &T) {
        if let Ok(Value::Object(map)) = serde_json::to_value(part) {
            map.into_iter().for_each(|(field, value)| self.set(&field, value));
        }
    }

    /// A text field.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }
}

/// Where an answer comes from.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) account: AccountId,
    pub(super) region: Region,
}

/// What the answer of a list says about completeness.
#[derive(Debug, Clone)]
struct Seen {
    status: Completeness,
    reason: Option<String>,
    /// Whether the answer holds all things of the type, or a known part of them only.
    whole: bool,
}

/// Everything read so far.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) drafts: BTreeMap<Key, Draft>,
    seen: BTreeMap<(AccountId, Region, &'static str), Vec<Seen>>,
    /// Calls that failed, by place: why attributes are unknown.
    failed_calls: BTreeMap<(AccountId, Region, String), (CauseKind, String)>,
    pub(super) notes: Diagnostics,
    /// Rules named by their ids, by their group.
    pub(super) named_rules: BTreeMap<Key, Vec<Value>>,
    /// Parents in the organization, by child: from answers about one of the two.
    pub(super) parents: BTreeMap<String, String>,
    /// Tables whose static routes only were asked for.
    pub(super) static_only: Vec<Key>,
    /// Files with the error that says that a function has no policy.
    pub(super) without_policy: Vec<(Place, String)>,
    /// Files with errors that say that something is absent: the type, its attribute and the call.
    pub(super) absent: Vec<(Place, String, (&'static str, &'static str, &'static str))>,
    /// Lists of parts, by call, place and what they are about.
    parts: BTreeMap<(&'static str, AccountId, Region, String), Value>,
}

/// The region a type is filed under.
pub(super) fn region_for(kind: &Kind, region: &Region) -> Region {
    match kind.scope {
        Scope::Global | Scope::Organization => Region::global(),
        Scope::Regional => region.clone(),
    }
}

impl Store {
    /// The key of a resource; nothing for types the model does not have.
    pub(super) fn key(kind: &'static str, place: &Place, id: &str) -> Option<Key> {
        let kind = kind_named(kind)?;
        Some(Key {
            kind: kind.name,
            account: place.account.clone(),
            region: region_for(kind, &place.region),
            id: id.to_owned(),
        })
    }

    /// The resource of a key, made when there is none.
    pub(super) fn draft(&mut self, key: Key, file: &str) -> &mut Draft {
        self.drafts
            .entry(key)
            .or_insert_with(|| Draft { file: file.to_owned(), ..Draft::default() })
    }

    /// Reads an item of a listing answer.
    pub(super) fn put(
        &mut self,
        spec: &Spec,
        item: &Value,
        place: &Place,
        file: &str,
    ) -> Option<&mut Draft> {
        let Some(id) = reshape::text(item, spec.id) else {
            self.note(
                "aws-json/no-id",
                format!(
                    "{file}: an item of type {} has no `{}` and is left out",
                    spec.kind, spec.id
                ),
            );
            self.cover(
                spec.kind,
                place,
                Completeness::Partial,
                Some("an item has no id".to_owned()),
                true,
            );
            return None;
        };
        let kind = kind_named(spec.kind)?;
        let plan = Plan { from: spec.from, skip: spec.apart };
        let mut fields = reshape::fields(kind.shape, item, plan);
        (spec.fix)(item, &mut fields);
        let key = Self::key(spec.kind, place, &id)?;
        let arn = match spec.arn {
            "" => normal::ec2_arn(spec.kind, &key.account, &key.region, &id),
            path => reshape::text(item, path)
                .or_else(|| normal::ec2_arn(spec.kind, &key.account, &key.region, &id)),
        };
        let tags = tags_of(item);
        let draft = self.draft(key, file);
        fields.into_iter().for_each(|(field, value)| draft.set(&field, value));
        draft.arn = draft.arn.take().or(arn);
        let fallback = Some(spec.name).filter(|path| !path.is_empty());
        let fallback = fallback.and_then(|path| reshape::text(item, path));
        draft.name = draft.name.take().or(fallback);
        draft.listed = true;
        match (spec.tags, tags) {
            (_, Some(tags)) => draft.tags = draft.tags.take().or(Some(tags)),
            (Tags::Inside | Tags::Never, None) => {
                draft.tags = draft.tags.take().or_else(|| Some(BTreeMap::new()));
            }
            (Tags::Apart(call), None) => draft.tags_apart = Some(call),
        }
        draft.apart.extend(spec.apart);
        Some(draft)
    }

    /// Says how completely a type was listed in a place.
    pub(super) fn cover(
        &mut self,
        kind: &'static str,
        place: &Place,
        status: Completeness,
        reason: Option<String>,
        whole: bool,
    ) {
        let Some(kind) = kind_named(kind) else { return };
        let cell = (place.account.clone(), region_for(kind, &place.region), kind.name);
        self.seen.entry(cell).or_default().push(Seen { status, reason, whole });
    }

    /// Says how completely a type was listed, whatever single answers said.
    pub(super) fn replace_cover(
        &mut self,
        kind: &'static str,
        place: &Place,
        status: Completeness,
        reason: Option<String>,
    ) {
        if let Some(kind) = kind_named(kind) {
            let cell = (place.account.clone(), region_for(kind, &place.region), kind.name);
            self.seen.insert(cell, vec![Seen { status, reason, whole: true }]);
        }
    }

    /// Whether a type was listed as a whole in a place, without gaps.
    pub(super) fn is_complete(
        &self,
        kind: &'static str,
        account: &AccountId,
        region: &Region,
    ) -> bool {
        let Some(kind) = kind_named(kind) else { return false };
        let cell = (account.clone(), region_for(kind, region), kind.name);
        self.seen.get(&cell).is_some_and(|seen| sum_up(seen).0 == Completeness::Complete)
    }

    /// The places in which a type was listed.
    pub(super) fn places_of(&self, kind: &str) -> Vec<Place> {
        self.seen
            .keys()
            .filter(|(_, _, name)| *name == kind)
            .map(|(account, region, _)| Place { account: account.clone(), region: region.clone() })
            .collect()
    }

    /// Remembers that a call failed in a place.
    pub(super) fn fail(&mut self, operation: &str, place: &Place, kind: CauseKind, why: &str) {
        let key = (place.account.clone(), place.region.clone(), operation.to_owned());
        self.failed_calls.entry(key).or_insert_with(|| (kind, why.to_owned()));
    }

    /// Adds a warning.
    pub(super) fn note(&mut self, code: &'static str, message: impl Into<String>) {
        self.notes.push(Diagnostic::warning(code, message));
    }

    /// The finished coverage, with the counts of what was handed out.
    pub(super) fn coverage(
        &self,
        counts: &BTreeMap<(AccountId, Region, &'static str), u64>,
    ) -> Coverage {
        let entries = self.seen.iter().map(|(cell, seen)| {
            let (status, reason) = sum_up(seen);
            let (account, region, kind) = cell.clone();
            CoverageEntry {
                source: "aws_json".to_owned(),
                count: counts.get(cell).copied().unwrap_or_default(),
                account,
                region,
                kind: kind.to_owned(),
                status,
                reason,
            }
        });
        entries.collect()
    }

    /// Turns a draft into a resource; what is wrong with it, otherwise.
    pub(super) fn finish(&self, key: &Key, draft: &Draft) -> Result<Resource, String> {
        let kind = kind_named(key.kind).ok_or("no such type")?;
        let mut fields = draft.fields.clone();
        for (field, call) in &draft.apart {
            if !fields.contains_key(*field) {
                fields.insert((*field).to_owned(), self.missing(key, call));
            }
        }
        let data = (kind.from_json)(Value::Object(fields)).map_err(|e| e.to_string())?;
        let tags = match (&draft.tags, draft.tags_apart) {
            (Some(tags), _) => Attr::Known(tags.clone()),
            (None, Some(call)) => match self.cause(key, call) {
                Some((kind, why)) => Attr::unknown(kind, why),
                None => Attr::unknown(CauseKind::NotCollected, call),
            },
            (None, None) => Attr::default(),
        };
        let none = BTreeMap::new();
        let name = normal::name_of(tags.known().unwrap_or(&none), draft.name.as_deref());
        let meta = Meta {
            id: key.id.clone(),
            account: key.account.clone(),
            region: key.region.clone(),
            arn: draft.arn.clone(),
            name,
            tags,
            environment: Attr::default(),
            origin: Origin::AwsJson,
        };
        Ok(Resource { meta, data })
    }

    /// Keeps a list of parts. Several lists about one thing are pages, of which an unknown one spoils all.
    pub(super) fn stash(
        &mut self,
        call: &'static str,
        place: &Place,
        subject: String,
        items: Value,
    ) {
        let key = (call, place.account.clone(), place.region.clone(), subject);
        match (self.parts.get_mut(&key), items) {
            (Some(Value::Array(have)), Value::Array(more)) => {
                // The same answer may stand in several files.
                let fresh: Vec<Value> = more.into_iter().filter(|m| !have.contains(m)).collect();
                have.extend(fresh);
            }
            (Some(have), items) if is_unknown(&items) => *have = items,
            (Some(_), _) => {}
            (None, items) => {
                self.parts.insert(key, items);
            }
        }
    }

    /// The list of parts that a call gave about something, where the resource of a key is.
    pub(super) fn stashed(&self, key: &Key, call: &'static str, subject: &str) -> Option<Value> {
        let at = (call, key.account.clone(), key.region.clone(), subject.to_owned());
        self.parts.get(&at).cloned()
    }

    /// What stands for an attribute whose call gave nothing.
    pub(super) fn missing(&self, key: &Key, call: &str) -> Value {
        match self.cause(key, call) {
            Some((kind, why)) => unknown(kind, why),
            None => unknown(CauseKind::NotCollected, call),
        }
    }

    fn cause(&self, key: &Key, call: &str) -> Option<(CauseKind, String)> {
        let found = (key.account.clone(), key.region.clone(), call.to_owned());
        self.failed_calls.get(&found).map(|(kind, why)| (*kind, why.clone()))
    }

    /// Notes ARNs of another account than the one their file was taken to be from.
    pub(super) fn note_strangers(&mut self) {
        let mut strange: BTreeMap<(String, AccountId, AccountId), u64> = BTreeMap::new();
        for (key, draft) in self.drafts.iter().filter(|(key, _)| key.kind.starts_with("aws.iam.")) {
            let arn = draft.arn.as_deref().and_then(|arn| Arn::new(arn).ok());
            if let Some(owner) =
                arn.and_then(|arn| arn.account()).filter(|owner| *owner != key.account)
            {
                *strange.entry((draft.file.clone(), key.account.clone(), owner)).or_default() += 1;
            }
        }
        for ((file, account, owner), count) in strange {
            self.note(
                "aws-json/other-account",
                format!(
                    "{file} was read as of account {account}, but {count} of its ARNs name {owner}"
                ),
            );
        }
    }
}

/// What several answers together say: whole lists decide, the worst of them counts; parts alone are never complete.
fn sum_up(seen: &[Seen]) -> (Completeness, Option<String>) {
    let any_whole = seen.iter().any(|s| s.whole);
    let worst = seen.iter().filter(|s| s.whole == any_whole).max_by_key(|s| s.status);
    match worst {
        Some(s) if any_whole => (s.status, s.reason.clone()),
        Some(s) => (s.status.max(Completeness::Partial), s.reason.clone()),
        None => (Completeness::NotCollected, None),
    }
}

/// The tags in an item, a list or a map; nothing when it has no such member.
pub(super) fn tags_of(item: &Value) -> Option<BTreeMap<String, String>> {
    let map = ["Tags", "tags"].iter().find_map(|key| item.get(key)?.as_object());
    if let Some(map) = map {
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        return Some(map.iter().map(|(key, value)| (key.clone(), word(value))).collect());
    }
    let list =
        ["Tags", "TagSet", "TagList", "tags"].iter().find_map(|key| item.get(key)?.as_array())?;
    let mut out = BTreeMap::new();
    for tag in list {
        let Some(key) = tag.get("Key").or_else(|| tag.get("key")).and_then(Value::as_str) else {
            continue;
        };
        let value = tag.get("Value").or_else(|| tag.get("value")).and_then(Value::as_str);
        out.insert(key.to_owned(), value.unwrap_or_default().to_owned());
    }
    Some(out)
}
