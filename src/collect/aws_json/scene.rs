//! What a reader of an answer has at hand: where the answer is from, what it is about, and where its words go.

use serde_json::{Map, Value};

use super::reshape::{self, list};
use super::store::{Draft, Key, Place, Spec, Store};
use crate::model::coverage::Completeness;

/// An answer's surroundings.
pub(super) struct Scene<'a> {
    pub(super) store: &'a mut Store,
    pub(super) place: Place,
    pub(super) file: &'a str,
    /// What the manifest says that the answer is about.
    pub(super) subject: Option<String>,
    /// The name of the list that wraps the answer, for `{"TransitGatewayStaticRoutes": [{…}]}` and the like.
    pub(super) wrapper: Option<String>,
    /// The call, for notes.
    pub(super) call: &'static str,
}

impl Scene<'_> {
    /// Reads an item as a resource.
    pub(super) fn put(&mut self, spec: &Spec, item: &Value) -> Option<&mut Draft> {
        self.store.put(spec, item, &self.place, self.file)
    }

    /// Reads every item of a list as a resource.
    pub(super) fn put_all(&mut self, spec: &Spec, answer: &Value, key: &str) {
        for item in list(answer, key) {
            self.put(spec, item);
        }
    }

    /// The resource of an id, to add what the answer says of it.
    pub(super) fn part(&mut self, kind: &'static str, id: &str) -> Option<&mut Draft> {
        let key = Store::key(kind, &self.place, id)?;
        Some(self.store.draft(key, self.file))
    }

    /// Notes a resource that a list only names; what another call tells of it stays open until that is read.
    pub(super) fn named_only(
        &mut self,
        kind: &'static str,
        id: &str,
        arn: Option<&str>,
        name: &str,
        call: &'static str,
    ) {
        let Some(shape) = crate::model::kinds::kind_named(kind).map(|kind| kind.shape) else {
            return;
        };
        let Some(draft) = self.part(kind, id) else { return };
        draft.listed = true;
        draft.arn = draft.arn.take().or_else(|| arn.map(str::to_owned));
        draft.name = draft.name.take().or_else(|| Some(name.to_owned()));
        draft.tags_apart = Some(call);
        draft.apart.extend(shape.fields.iter().filter(|f| !f.fact).map(|f| (f.name, call)));
    }

    /// Keeps the list of an answer about a part of something until everything is read: under its call and what it is
    /// about, each item as the model has it. A list that is cut off is unknown.
    pub(super) fn stash(
        &mut self,
        subject: Option<String>,
        answer: &Value,
        member: &str,
        shape: &crate::model::reflect::Shape,
        plan: reshape::Plan<'_>,
    ) {
        let Some(subject) = subject else {
            let message =
                format!("{}: nothing says what this answer of {} is about", self.file, self.call);
            self.store.note("aws-json/no-subject", message);
            return;
        };
        let made = match super::cut_off(answer) {
            Some(why) => reshape::unknown(crate::model::attr::CauseKind::Failed, why),
            None => list(answer, member)
                .iter()
                .map(|item| Value::Object(reshape::fields(shape, item, plan)))
                .collect(),
        };
        self.store.stash(self.call, &self.place, subject, made);
    }

    /// What an answer about a part is about: a member beside its list, or what the manifest says.
    pub(super) fn beside(&self, answer: &Value, member: &str) -> Option<String> {
        reshape::text(answer, member).or_else(|| self.subject.clone())
    }

    /// The word of the file's name that begins so.
    pub(super) fn word(&self, prefix: &str) -> Option<String> {
        let stem = self.file.rsplit('/').next().unwrap_or_default();
        let word = |c: char| !c.is_ascii_alphanumeric() && c != '-';
        let found = stem.split(word).find(|part| part.starts_with(prefix));
        found.map(str::to_owned)
    }

    /// Says how completely a type was listed.
    pub(super) fn cover(
        &mut self,
        kind: &'static str,
        status: Completeness,
        reason: Option<String>,
    ) {
        self.store.cover(kind, &self.place, status, reason, true);
    }

    /// What an answer without an id of its own is about: one of its members, what the manifest says, or a resource of
    /// the type whose id or name is part of the file's name. Nothing, with a note, when none of them tells.
    pub(super) fn about(
        &mut self,
        kind: &'static str,
        answer: &Value,
        members: &[&str],
    ) -> Option<String> {
        let inside = members.iter().find_map(|member| reshape::text(answer, member));
        let found = inside
            .or_else(|| self.subject.clone())
            .or_else(|| self.named(kind))
            .or_else(|| self.only(kind));
        if found.is_none() {
            self.note_no_subject();
        }
        found
    }

    /// Notes that nothing tells what the answer is about.
    pub(super) fn note_no_subject(&mut self) {
        let message =
            format!("{}: nothing says what this answer of {} is about", self.file, self.call);
        let help = "put the id into the name of the file, or `subject:` into portcullis-dump.yaml";
        let note = crate::diag::Diagnostic::warning("aws-json/no-subject", message).help(help);
        self.store.notes.push(note);
    }

    /// The only resource of a type in the place, where the list of them is known to be complete.
    fn only(&self, kind: &'static str) -> Option<String> {
        let probe = Store::key(kind, &self.place, "")?;
        let here = |key: &&Key| {
            key.kind == kind && key.account == probe.account && key.region == probe.region
        };
        let mut all = self.store.drafts.range(probe.clone()..).map(|(key, _)| key).take_while(here);
        let first = all.next()?;
        let alone = all.next().is_none();
        let complete = self.store.is_complete(kind, &self.place.account, &self.place.region);
        (alone && complete).then(|| first.id.clone())
    }

    /// The one resource of a type whose id, or name, stands in the file's name; the longest wins.
    pub(super) fn named(&self, kind: &'static str) -> Option<String> {
        let stem = self.file.rsplit('/').next().unwrap_or_default();
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
        let mut best: Option<(usize, &Key)> = None;
        let mut tie = false;
        let probe = Store::key(kind, &self.place, "")?;
        for (key, draft) in self.store.drafts.range(probe.clone()..) {
            if key.kind != probe.kind || key.account != probe.account || key.region != probe.region
            {
                break;
            }
            let last = key.id.rsplit(['/', ':']).next().unwrap_or_default();
            let names = [key.id.as_str(), last, draft.name.as_deref().unwrap_or_default()];
            let Some(length) = names.iter().filter(|name| holds(stem, name)).map(|n| n.len()).max()
            else {
                continue;
            };
            match best {
                Some((have, _)) if have > length => {}
                Some((have, _)) if have == length => tie = true,
                _ => (best, tie) = (Some((length, key)), false),
            }
        }
        best.filter(|_| !tie).map(|(_, key)| key.id.clone())
    }
}

/// Whether a name stands in the name of a file as a word of its own.
pub(super) fn file_names(file: &str, name: &str) -> bool {
    let stem = file.rsplit('/').next().unwrap_or_default();
    holds(stem.rsplit_once('.').map_or(stem, |(stem, _)| stem), name)
}

/// Whether a text holds a name as a word of its own.
fn holds(stem: &str, name: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
    !name.is_empty()
        && stem.match_indices(name).any(|(at, _)| {
            let before = stem.get(..at).and_then(|s| s.chars().next_back());
            let after = stem.get(at + name.len()..).and_then(|s| s.chars().next());
            edge(before) && edge(after)
        })
}

/// The members of an object that are texts, as a map; lists of `Key` and `Value` are read, too.
pub(super) fn text_map(value: Option<&Value>) -> std::collections::BTreeMap<String, String> {
    let word = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match value {
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(|item| {
                let key = item.get("Key").or_else(|| item.get("AttributeName"))?.as_str()?;
                let value = item.get("Value").or_else(|| item.get("AttributeValue"));
                Some((key.to_owned(), value.and_then(word).unwrap_or_default()))
            })
            .collect(),
        Some(Value::Object(map)) => flat(map, ""),
        _ => std::collections::BTreeMap::new(),
    }
}

fn flat(map: &Map<String, Value>, prefix: &str) -> std::collections::BTreeMap<String, String> {
    let mut out = std::collections::BTreeMap::new();
    for (key, value) in map {
        match value {
            Value::Object(inner) => out.extend(flat(inner, &format!("{prefix}{key}."))),
            Value::String(text) => {
                out.insert(format!("{prefix}{key}"), text.clone());
            }
            Value::Bool(_) | Value::Number(_) => {
                out.insert(format!("{prefix}{key}"), value.to_string());
            }
            Value::Array(_) if key == "AdditionalAttributes" => out.extend(text_map(Some(value))),
            _ => {}
        }
    }
    out
}
