//! Changing the model's JSON, led by the model's shape: elements of lists told apart by their keys, unknown elements,
//! and what a list or map of plain values can hold.

use std::borrow::Cow;

use crate::model::policy::PolicyDocument;
use jiff::Timestamp;

use crate::model::reflect::{Shape, Type};
use crate::model::{Cause, CauseKind, Tree};

/// The type at a path of fields separated by dots.
pub(super) fn type_at(shape: &'static Shape, path: &str) -> Option<Type> {
    let (head, rest) = path.split_once('.').map_or((path, None), |(h, r)| (h, Some(r)));
    let field = shape.fields.iter().find(|field| field.name == head)?;
    let ty = plain((field.ty)());
    match (rest, &ty) {
        (None, _) => Some((field.ty)()),
        (Some(rest), Type::Struct(inner)) => type_at(inner, rest),
        _ => None,
    }
}

/// The type without its being optional.
pub(super) fn plain(ty: Type) -> Type {
    match ty {
        Type::Optional(of) => plain((*of).clone()),
        other => other,
    }
}

/// The shape of the elements of the list at a path; nothing when they are plain values.
pub(super) fn element_shape(shape: &'static Shape, path: &str) -> Option<&'static Shape> {
    match plain(type_at(shape, path)?) {
        Type::List(of) => match plain((*of).clone()) {
            Type::Struct(shape) => Some(shape),
            _ => None,
        },
        _ => None,
    }
}

/// What stands at a path, made to stand there; a member that is missing is not collected, and there is none in something
/// that is known to be absent.
pub(super) fn slot<'t, 'a>(tree: &'t mut Tree<'a>, path: &'static str) -> Option<&'t mut Tree<'a>> {
    let (head, rest) = path.split_once('.').map_or((path, None), |(h, r)| (h, Some(r)));
    let missing = match tree {
        Tree::Null => Tree::Null,
        Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
        _ => Tree::Unknown(Cause::NOT_COLLECTED),
    };
    if !matches!(tree, Tree::Map(_)) {
        *tree = Tree::Map(Vec::new());
    }
    let Tree::Map(entries) = tree else { return None };
    if !entries.iter().any(|(key, _)| key == head) {
        entries.push((Cow::Borrowed(head), missing));
    }
    let (_, found) = entries.iter_mut().find(|(key, _)| key == head)?;
    match rest {
        None => Some(found),
        Some(rest) => slot(found, rest),
    }
}

/// What identifies an element within its list: its key fields, or all of it. Nothing when a part of that is unknown,
/// since nobody can say then which one it is.
pub(super) fn element_key(shape: Option<&'static Shape>, element: &Tree<'_>) -> Option<String> {
    let json = |tree: &Tree<'_>| serde_json::to_string(tree).unwrap_or_default();
    match shape {
        Some(shape) if !shape.key.is_empty() => {
            let mut key = String::new();
            // Findings do not depend on the number of an entry of a network ACL, but it tells entries apart.
            let numbered =
                shape.fields.iter().map(|f| f.name).filter(|name| *name == "rule_number");
            for name in shape.key.iter().copied().chain(numbered) {
                let value = element.member(name);
                if value.has_unknown() {
                    return None;
                }
                key.push_str(&json(&value));
                key.push('|');
            }
            Some(key)
        }
        _ => (!element.has_unknown()).then(|| json(element)),
    }
}

/// Appends an element to a list; one with the same identity that is there already makes room for it, since what is
/// stated by itself is newer than what its whole repeats. A list that is unknown holds it in any case, and more that nobody
/// knows.
pub(super) fn append<'a>(list: &mut Tree<'a>, shape: Option<&'static Shape>, element: Tree<'a>) {
    match list {
        Tree::List(items) => {
            let key = element_key(shape, &element);
            let there = |item: &&mut Tree<'_>| match &key {
                Some(key) => element_key(shape, item).as_ref() == Some(key),
                None => **item == element,
            };
            if let Some(have) = items.iter_mut().find(there) {
                *have = element;
                return;
            }
            // What is not known of a list stays at its end.
            let ghosts = items.iter().rev().take_while(|item| is_ghost(shape, item)).count();
            items.insert(items.len() - ghosts, element);
        }
        Tree::Unknown(cause) => {
            if let Some(shape) = shape {
                let rest = ghost(shape, cause);
                *list = Tree::List(vec![element, rest]);
            }
        }
        _ => *list = Tree::List(vec![element]),
    }
}

/// Lets a list hold something that nobody knows.
pub(super) fn haunt(list: &mut Tree<'_>, shape: Option<&'static Shape>, cause: &Cause) {
    let Some(shape) = shape else {
        *list = Tree::Unknown(cause.clone());
        return;
    };
    match list {
        Tree::List(items) if items.iter().any(|item| is_ghost(Some(shape), item)) => {}
        Tree::List(items) => items.push(ghost(shape, cause)),
        Tree::Unknown(_) => {}
        _ => *list = Tree::List(vec![ghost(shape, cause)]),
    }
}

/// Removes an element from a list; whether it was there.
pub(super) fn remove(
    list: &mut Tree<'_>,
    shape: Option<&'static Shape>,
    element: &Tree<'_>,
) -> bool {
    let Tree::List(items) = list else { return false };
    let Some(key) = element_key(shape, element) else { return false };
    let before = items.len();
    items.retain(|item| element_key(shape, item).as_ref() != Some(&key));
    items.len() < before
}

/// Whether a list holds an element; nothing when nobody can say.
pub(super) fn holds(
    list: &Tree<'_>,
    shape: Option<&'static Shape>,
    element: &Tree<'_>,
) -> Option<bool> {
    match list {
        Tree::Unknown(_) => None,
        list => {
            let key = element_key(shape, element)?;
            let mut open = false;
            for item in list.items() {
                match element_key(shape, item) {
                    Some(have) if have == key => return Some(true),
                    Some(_) => {}
                    None => open = true,
                }
            }
            (!open).then_some(false)
        }
    }
}

/// A part of which nothing is known but that it may be there.
pub(super) fn ghost(shape: &'static Shape, cause: &Cause) -> Tree<'static> {
    let fields = shape.fields.iter().filter(|field| !field.fact);
    Tree::Map(
        fields.map(|field| (Cow::Borrowed(field.name), Tree::Unknown(cause.clone()))).collect(),
    )
}

fn is_ghost(shape: Option<&'static Shape>, item: &Tree<'_>) -> bool {
    match item {
        Tree::Unknown(_) => true,
        Tree::Map(entries) => {
            shape.is_some() && entries.iter().all(|(_, value)| value.is_unknown())
        }
        _ => false,
    }
}

/// Puts unknowns where the model has room for them: a list or map of plain values with one in it is unknown as a whole,
/// a struct that is unknown within a list is one of which every field is.
pub(super) fn fit(shape: &'static Shape, tree: &mut Tree<'_>) {
    let Tree::Map(entries) = tree else { return };
    for (name, value) in entries {
        // Fields that are known to the last, or unknown as a whole, fit already.
        if value.is_unknown() || !value.has_unknown() {
            continue;
        }
        if let Some(field) = shape.fields.iter().find(|field| field.name == *name) {
            fit_type(&plain((field.ty)()), value);
        }
    }
}

fn fit_type(ty: &Type, value: &mut Tree<'_>) {
    match (ty, &mut *value) {
        // Its statements may be unknown one by one, and its reader has seen to the rest.
        (Type::Struct(shape), _) if std::ptr::eq(*shape, PolicyDocument::SHAPE) => {}
        (Type::Struct(shape), _) => fit(shape, value),
        (Type::List(of), Tree::List(items)) => {
            let of = plain((**of).clone());
            for item in items.iter_mut() {
                match (&of, &*item) {
                    (Type::Struct(shape), Tree::Unknown(cause)) => *item = ghost(shape, cause),
                    _ => fit_type(&of, item),
                }
            }
            let lost = items.iter().find_map(unknown);
            if let Some(cause) = lost {
                *value = Tree::Unknown(cause);
            }
        }
        (Type::Map(of), Tree::Map(entries)) => {
            let of = plain((**of).clone());
            for (_, item) in entries.iter_mut() {
                match (&of, &*item) {
                    (Type::Struct(shape), Tree::Unknown(cause)) => *item = ghost(shape, cause),
                    _ => fit_type(&of, item),
                }
            }
            let lost = entries.iter().find_map(|(_, item)| unknown(item));
            if let Some(cause) = lost {
                *value = Tree::Unknown(cause);
            }
        }
        _ => {}
    }
}

fn unknown(tree: &Tree<'_>) -> Option<Cause> {
    match tree {
        Tree::Unknown(cause) => Some(cause.clone()),
        _ => None,
    }
}

/// Moments at which things begin, under the names that services have for them.
const BEGINNINGS: [&str; 9] = [
    "create_date",
    "create_time",
    "created_at",
    "created_time",
    "creation_date",
    "creation_time",
    "creation_timestamp",
    "launch_time",
    "start_time",
];

/// A thing that is made now begins now: nobody can say when exactly, and that it is not old is certain.
pub(super) fn born(shape: &'static Shape, fields: &mut Tree<'_>, now: Timestamp) {
    for field in shape.fields.iter().filter(|field| BEGINNINGS.contains(&field.name)) {
        let have = fields.member(field.name);
        let is_left = matches!(&*have, Tree::Null)
            || matches!(&*have, Tree::Unknown(cause) if cause.detail().is_none());
        if is_left && plain((field.ty)()) == Type::Time {
            fields.set(field.name, Tree::text(now.to_string()));
        }
    }
}

/// Flags of things that are there for as long as something states them.
const OFF: [&str; 4] =
    ["access_key_1_active", "access_key_2_active", "login_profile_exists", "password_enabled"];

/// What is there when nobody states an attribute any more.
pub(super) fn nothing(shape: &'static Shape, path: &str, address: &str) -> Tree<'static> {
    match type_at(shape, path) {
        Some(Type::Bool | Type::Optional(_)) if OFF.contains(&path) => Tree::Bool(false),
        Some(Type::Optional(_)) => Tree::Null,
        Some(Type::List(_)) => Tree::List(Vec::new()),
        Some(Type::Map(_)) => Tree::Map(Vec::new()),
        _ => Tree::unknown(
            CauseKind::KnownAfterApply,
            format!("what it is when {address} no longer sets it"),
        ),
    }
}

/// An attribute that an input changes from `old` to `new`, over what is live: elements that are told apart by keys go
/// and come one by one, so that those which the input knows nothing of stay; everything else becomes what it says.
pub(super) fn changed<'a>(
    shape: Option<&'static Shape>,
    live: &Tree<'_>,
    old: &Tree<'_>,
    new: Tree<'a>,
) -> Tree<'a> {
    let keyed = shape.is_some_and(|shape| !shape.key.is_empty());
    let (Tree::List(have), Tree::List(was), true) = (live, old, keyed) else { return new };
    let Tree::List(will) = new else { return new };
    let key = |item: &Tree<'_>| element_key(shape, item);
    let old_keys: Vec<Option<String>> = was.iter().map(key).collect();
    let new_keys: Vec<Option<String>> = will.iter().map(key).collect();
    if old_keys.iter().any(Option::is_none) {
        return Tree::List(will);
    }
    let foreign = |item: &&Tree<'_>| {
        let key = key(item);
        !old_keys.contains(&key) && !new_keys.contains(&key)
    };
    let kept: Vec<Tree<'a>> =
        have.iter().filter(foreign).map(|item| item.clone().into_owned()).collect();
    Tree::List(kept.into_iter().chain(will).collect())
}
