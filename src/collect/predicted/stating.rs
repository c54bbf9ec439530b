//! What the mappers share: what a plan is silent about, policy documents, and parts of several resources at once.

use std::borrow::Cow;

use crate::collect::predicted::{Handle, Thing, shape};
use crate::ident::AccountId;
use crate::model::attr::CauseKind;
use crate::model::change::{Draft, Joint, Part, Place, Sketch, Whole, is_planned};
use crate::model::reflect::{Shape, Type};
use crate::model::{Cause, Tree};

/// What only AWS will say, once it is made.
pub fn later<'a>() -> Tree<'a> {
    Tree::Unknown(Cause::from(CauseKind::KnownAfterApply))
}

/// A list of nothing.
pub fn none<'a>() -> Tree<'a> {
    Tree::List(Vec::new())
}

/// A list whose items are all known, or the reason why one is not: the model's lists have no unknown items.
pub fn closed(list: Tree<'_>) -> Tree<'_> {
    match list.items().iter().find(|item| item.is_unknown()) {
        Some(open) => open.clone(),
        None => list,
    }
}

/// Fields of which the provider tells nothing. Of a thing that does not exist yet it is known what AWS will say; of
/// others they are missing, so that what a live inventory says of them stands.
pub fn untold<'a>(
    thing: &Thing<'a>,
    draft: &mut Draft<'a>,
    fields: &[(&'static str, Tree<'static>)],
) {
    for (field, value) in fields {
        if thing.fresh {
            draft.fields.set(*field, value.clone());
        } else {
            leave_out(draft, field);
        }
    }
}

/// Fields that the provider tells if they are asked for, and in some of its versions only: of a thing that does not
/// exist yet silence means what stands here, of others nothing.
pub fn silent<'a>(
    thing: &Thing<'a>,
    draft: &mut Draft<'a>,
    fields: &[(&'static str, &'static str, Tree<'static>)],
) {
    for (path, field, value) in fields {
        let found = thing.at(path);
        if found.is_null() || thing.is_left_open(path) {
            untold(thing, draft, &[(field, value.clone())]);
        }
    }
}

/// Takes a field out of a draft.
pub fn leave_out(draft: &mut Draft<'_>, field: &str) {
    if let Tree::Map(entries) = &mut draft.fields {
        entries.retain(|(name, _)| name != field);
    }
}

/// States a resource, once it is completed, as far as its fields fit their types.
pub fn state<'a>(
    sketch: &mut Sketch<'a>,
    draft: Option<Draft<'a>>,
    complete: impl FnOnce(&mut Draft<'a>),
) {
    let Some(mut draft) = draft else { return };
    complete(&mut draft);
    let shape = draft.kind.shape;
    if let Tree::Map(entries) = std::mem::take(&mut draft.fields) {
        let fit = |(name, value): (Cow<'a, str>, Tree<'a>)| {
            let ty = shape::type_of(shape, &name)?;
            Some((name, shape::fitted(ty, value)?))
        };
        draft.fields = Tree::Map(entries.into_iter().filter_map(fit).collect());
    }
    sketch.state(draft);
}

/// States a part, as far as its value fits the attribute.
pub fn part<'a>(sketch: &mut Sketch<'a>, part: Option<Part<'a>>) {
    let Some(mut part) = part else { return };
    let Some(ty) = type_at(part.kind.shape, part.field) else { return };
    let ty = match (part.joint, &ty) {
        (Joint::Element, Type::List(of) | Type::Map(of)) => (**of).clone(),
        _ => ty,
    };
    let value = std::mem::take(&mut part.value);
    part.value = shape::fitted(&ty, value).unwrap_or_else(later);
    sketch.part(part);
}

/// The type of an attribute, of a type or of a struct within it.
fn type_at(shape: &Shape, path: &str) -> Option<Type> {
    let (head, rest) = match path.split_once('.') {
        Some((head, rest)) => (head, Some(rest)),
        None => (path, None),
    };
    let field = shape.fields.iter().find(|field| field.name == head && !field.fact)?;
    let ty = (field.ty)();
    let Some(rest) = rest else { return Some(ty) };
    match ty {
        Type::Struct(inner) => type_at(inner, rest),
        Type::Optional(of) => match &*of {
            Type::Struct(inner) => type_at(inner, rest),
            _ => None,
        },
        _ => None,
    }
}

/// The policy document at a path, in the model's JSON. One that is demanded and not there is unknown: an empty document
/// would say that nothing is allowed.
pub fn document<'a>(thing: &Thing<'a>, path: &str) -> Tree<'a> {
    optional_document(&thing.at(path)).unwrap_or_else(|| {
        Tree::unknown(CauseKind::NotUnderstood, format!("no `{path}` of {}", thing.address))
    })
}

/// A policy document in the model's JSON; nothing where none is stated.
pub fn optional_document<'a>(value: &Tree<'a>) -> Option<Tree<'a>> {
    match value {
        Tree::Null => None,
        Tree::Text(text) if text.trim().is_empty() => None,
        value => Some(shape::policy(value)),
    }
}

/// Whom each item of a list names; the list itself may be one text.
pub fn wholes(thing: &Thing<'_>, path: &str) -> Vec<Whole> {
    match &*thing.at(path) {
        Tree::List(items) => items.iter().filter_map(whole).collect(),
        other => whole(other).into_iter().collect(),
    }
}

fn whole(value: &Tree<'_>) -> Option<Whole> {
    match value {
        Tree::Text(text) if !text.is_empty() => Some(Whole::Id(text.clone().into_owned())),
        Tree::Unknown(cause) => Some(Whole::Unknown(cause.clone())),
        _ => None,
    }
}

/// Changes the id by which a whole is named.
pub fn renamed(whole: Whole, f: impl Fn(&str) -> String) -> Whole {
    let f = |id: String| if id.starts_with(crate::model::change::PLANNED) { id } else { f(&id) };
    match whole {
        Whole::Id(id) => Whole::Id(f(id)),
        Whole::OneOf(ids) => Whole::OneOf(ids.into_iter().map(f).collect()),
        unknown @ Whole::Unknown(_) => unknown,
    }
}

/// The last part of an ARN, path or address; an id that is planned has no parts.
pub fn last(text: &str) -> &str {
    match text.find(crate::model::change::PLANNED) {
        Some(at) if is_planned(text) => text.get(at..).unwrap_or(text),
        _ => text.rsplit(['/', ':']).next().unwrap_or(text),
    }
}

/// The id of a draft is its ARN.
pub fn by_arn(draft: &mut Draft<'_>) {
    if let Some(arn) = &draft.arn {
        draft.id.clone_from(arn);
    }
}

/// What stands at a path; where AWS or the provider chooses it, the planned id, which tells such things apart.
pub fn name_or_planned<'a>(thing: &Thing<'a>, path: &str) -> Tree<'a> {
    thing.or(path, Tree::text(thing.id.clone().into_owned()))
}

/// A handle without things that AWS makes along with it.
pub const fn handle(id: &'static [&'static str], arn: &'static str) -> Handle {
    Handle { id, arn, made: &[] }
}

/// The id of what there is once per account: that of the account, which may be another than the provider's.
pub fn in_account(thing: &Thing<'_>, place: &mut Place, path: &str) -> String {
    let named = thing.text(path).ok().flatten();
    if let Some(account) = named.and_then(|id| AccountId::new(&id).ok()) {
        place.account = account;
    }
    place.account.as_str().to_owned()
}
