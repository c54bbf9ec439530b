//! What the mappers of all services need.

use std::borrow::Cow;

pub(super) use crate::collect::predicted::stating::{later, leave_out as forget};
pub(super) use crate::collect::predicted::whole_of;
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::attr::CauseKind;
use crate::model::change::{Draft, Sketch, Whole, is_planned};
use crate::model::kinds::Kind;
use crate::model::{Cause, Tree};

/// A handle of EC2: the resource id, and an ARN as [`crate::collect::normal::ec2_arn`] builds it.
pub(super) const fn ec2(arn: &'static str) -> Handle {
    Handle { id: &["id"], arn, made: &[] }
}

/// A handle of something that only says something of other resources.
pub(super) const PART: Handle = Handle { id: &["id"], arn: "", made: &[] };

/// A map.
pub(super) fn map<'a, const N: usize>(entries: [(&'static str, Tree<'a>); N]) -> Tree<'a> {
    Tree::Map(entries.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect())
}

/// A constant word.
pub(super) fn word<'a>(text: &'static str) -> Tree<'a> {
    Tree::text(text)
}

/// A text of one's own.
pub(super) fn own<'a>(text: impl Into<String>) -> Tree<'a> {
    Tree::text(text.into())
}

/// Whether the configuration leaves something to the provider or AWS; see [`Thing::is_left_open`].
pub(super) fn is_open(tree: &Tree<'_>) -> bool {
    matches!(tree, Tree::Unknown(cause) if cause.kind == CauseKind::KnownAfterApply && cause.detail().is_none())
}

/// Whether the configuration states nothing: left out, left open, or the empty texts and lists that providers write.
pub(super) fn is_silent(tree: &Tree<'_>) -> bool {
    match tree {
        Tree::Null => true,
        Tree::Text(text) => text.is_empty(),
        Tree::List(items) => items.is_empty(),
        other => is_open(other),
    }
}

/// A value, or what AWS makes of silence.
pub(super) fn or<'a>(tree: &Tree<'a>, default: Tree<'a>) -> Tree<'a> {
    if is_silent(tree) { default } else { tree.clone() }
}

/// A value that may be absent: empty texts are nothing, and so is what is left open.
pub(super) fn stated<'a>(tree: &Tree<'a>) -> Tree<'a> {
    or(tree, Tree::Null)
}

/// The items of a list, none of nothing.
///
/// # Errors
/// Why the list is unknown.
pub(super) fn items<'a>(tree: &Tree<'a>) -> Result<Vec<Tree<'a>>, Cause> {
    match tree {
        Tree::Unknown(cause) => Err(cause.clone()),
        Tree::List(items) => Ok(items.iter().filter(|item| !item.is_null()).cloned().collect()),
        Tree::Null => Ok(Vec::new()),
        one => Ok(vec![one.clone()]),
    }
}

/// A number that may be absent.
///
/// # Errors
/// Why it is unknown.
pub(super) fn number(tree: &Tree<'_>) -> Result<Option<i64>, Cause> {
    match tree {
        Tree::Unknown(cause) => Err(cause.clone()),
        tree => Ok(tree.as_int()),
    }
}

/// A prefix, or nothing; what is none is not understood.
pub(super) fn prefix<'a>(tree: &Tree<'a>) -> Tree<'a> {
    match tree {
        Tree::Text(text) if text.is_empty() => Tree::Null,
        // Of what a prefix is made of, an old plan tells the thing alone.
        Tree::Text(text) if is_planned(text) => {
            Tree::unknown(CauseKind::KnownAfterApply, text.clone().into_owned())
        }
        Tree::Text(text) => match text.parse::<crate::net::Prefix>() {
            Ok(_) => tree.clone(),
            Err(why) => Tree::unknown(CauseKind::NotUnderstood, why),
        },
        Tree::Null | Tree::Unknown(_) => tree.clone(),
        _ => Tree::unknown(CauseKind::NotUnderstood, "a prefix"),
    }
}

/// A flag as one of two words, such as `enabled` and `disabled`.
pub(super) fn words<'a>(flag: &Tree<'a>, yes: &'static str, no: &'static str) -> Tree<'a> {
    match flag {
        Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
        flag => match flag.as_bool() {
            Some(true) => word(yes),
            Some(false) => word(no),
            None => Tree::Null,
        },
    }
}

/// A draft of which only those fields are stated that the provider knows.
///
/// Of a thing that does not exist yet, what the provider has no attribute for is what AWS makes of silence: absent or
/// empty; the fields of `after` can be known only once it exists. Of a thing that exists, such fields are not stated, so
/// that a collected value stays.
pub(super) fn draft<'a>(
    thing: &Thing<'a>,
    kind: &'static str,
    name: &str,
    from: &[shape::From],
    after: &[&str],
) -> Option<Draft<'a>> {
    let mut draft = thing.draft(kind, name, from)?;
    if let Tree::Map(fields) = &mut draft.fields {
        fields.retain(|(field, value)| {
            let told = !matches!(value, Tree::Null) && value != &Tree::List(Vec::new());
            told || thing.fresh && !after.contains(&&**field) || has(thing, field, from)
        });
        for field in after {
            let there = fields.iter().any(|(name, _)| name == field);
            let known = draft.kind.shape.fields.iter().find(|known| known.name == *field);
            if let (true, false, Some(known)) = (thing.fresh, there, known) {
                fields.push((Cow::Borrowed(known.name), later()));
            }
        }
    }
    Some(draft)
}

/// Whether the provider has an attribute for a field.
fn has(thing: &Thing<'_>, field: &str, from: &[shape::From]) -> bool {
    let path = from.iter().find(|(name, _)| *name == field).map_or(field, |(_, path)| path);
    let head = path.split(['.', '[']).next().unwrap_or_default();
    let found = thing.values.entries().iter().any(|(key, _)| key == head);
    found || thing.values.is_unknown() || path.starts_with('=')
}

/// Sets a field, as far as the value fits it. Where a field knows no absence, it is left out instead.
pub(super) fn set<'a>(draft: &mut Draft<'a>, field: &'static str, value: Tree<'a>) {
    match fit(draft.kind, field, value) {
        Some(value) => draft.fields.set(field, value),
        None => forget(draft, field),
    }
}

/// A value as a field of a type has it.
fn fit<'a>(kind: &Kind, field: &str, value: Tree<'a>) -> Option<Tree<'a>> {
    shape::fitted(shape::type_of(kind.shape, field)?, value)
}

/// Sets fields that nothing states.
pub(super) fn fill<'a, const N: usize>(
    draft: &mut Draft<'a>,
    defaults: [(&'static str, Tree<'a>); N],
) {
    for (field, value) in defaults {
        if is_silent(&draft.fields.member(field)) {
            set(draft, field, value);
        }
    }
}

/// The account in which a thing is, as owner of what it makes.
pub(super) fn account<'a>(thing: &Thing<'_>) -> Tree<'a> {
    own(thing.place.account.as_str())
}

/// The id of something that AWS makes along with a thing: as stated, or below the thing's planned id.
pub(super) fn made(thing: &Thing<'_>, attribute: &str) -> Option<String> {
    match thing.text(attribute) {
        Ok(Some(id)) if !id.is_empty() => Some(id),
        _ => thing.fresh.then(|| below(&thing.id, attribute)),
    }
}

/// The planned id of what comes with something planned.
pub(super) fn below(id: &str, what: &str) -> String {
    format!("{id}/{what}")
}

/// The planned id of what comes with another thing; nothing where that one exists, and its parts have ids of their own.
pub(super) fn below_planned(id: &Tree<'_>, what: &str) -> Option<String> {
    id.as_str().filter(|id| is_planned(id)).map(|id| below(id, what))
}

/// A resource that comes with a thing, with its ARN.
pub(super) fn implied<'a>(
    thing: &Thing<'a>,
    kind: &'static str,
    id: String,
    fields: Tree<'a>,
) -> Option<Draft<'a>> {
    let mut draft = thing.implied(kind, id)?;
    draft.arn = ec2_arn(thing, draft.kind, &draft.id);
    if let Tree::Map(entries) = fields {
        let fit = |(field, value): (Cow<'a, str>, Tree<'a>)| {
            let value = fit(draft.kind, &field, value)?;
            Some((field, value))
        };
        draft.fields = Tree::Map(entries.into_iter().filter_map(fit).collect());
    }
    Some(draft)
}

fn ec2_arn(thing: &Thing<'_>, kind: &Kind, id: &str) -> Option<String> {
    crate::collect::normal::ec2_arn(kind.name, &thing.place.account, &thing.place.region, id)
}

/// Fills an interface that AWS makes: one private address, and what stands for it.
pub(super) fn bare_interface<'a>(fields: &mut Tree<'a>, private: &Tree<'a>, public: Tree<'a>) {
    let private = or(private, later());
    let address = map([
        ("private_ip_address", private.clone()),
        ("primary", Tree::Bool(true)),
        ("private_dns_name", later()),
        ("association", public.clone()),
    ]);
    for (field, value) in [
        ("private_ip_address", private),
        ("private_ip_addresses", Tree::List(vec![address])),
        ("association", public),
        ("ipv4_prefixes", Tree::List(Vec::new())),
        ("ipv6_prefixes", Tree::List(Vec::new())),
        ("associated_subnet_ids", Tree::List(Vec::new())),
        ("deny_all_igw_traffic", Tree::Null),
    ] {
        fields.set(field, value);
    }
    if fields.member("ipv6_addresses").is_null() {
        fields.set("ipv6_addresses", later());
    }
    for absent in ["requester_id", "attachment", "instance_id"] {
        if fields.member(absent).is_null() {
            fields.set(absent, Tree::Null);
        }
    }
}

/// States an element of a list of a resource. One that is unknown as a whole is a struct whose fields are.
pub(super) fn element<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    (kind, whole, field): (&'static str, Whole, &'static str),
    value: Tree<'a>,
) {
    let Some(mut part) = thing.element(kind, whole, field, value) else { return };
    let list = Tree::List(vec![std::mem::take(&mut part.value)]);
    part.value = match fit(part.kind, field, list) {
        Some(Tree::List(items)) => match items.into_iter().next() {
            Some(one) => one,
            None => return,
        },
        Some(unknown) => unknown,
        None => return,
    };
    sketch.part(part);
}

/// States an attribute of a resource.
pub(super) fn value<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    (kind, whole, field): (&'static str, Whole, &'static str),
    value: Tree<'a>,
) {
    let Some(mut part) = thing.value(kind, whole, field, value) else { return };
    // Within structs, the field is one of theirs.
    let (head, path) = match field.split_once('.') {
        Some((head, path)) => (head, Some(path)),
        None => (field, None),
    };
    let own = std::mem::take(&mut part.value);
    let fitted = match path {
        None => fit(part.kind, head, own),
        Some(path) => {
            let inner = Tree::Map(vec![(Cow::Borrowed(path), own)]);
            fit(part.kind, head, inner).map(|outer| outer.member(path).into_owned())
        }
    };
    if let Some(fitted) = fitted {
        part.value = fitted;
        sketch.part(part);
    }
}
