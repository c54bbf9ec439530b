//! From what a source states to the model's JSON, led by the model's shape.
//!
//! A field is looked for under its own name in any spelling (`kms_key_id`, `KmsKeyId`), or at the path that a mapper
//! gives for it. What a source leaves out is absent where the model knows absence, and missing elsewhere; what is unknown
//! stays unknown with its cause; a value of another type than the model's is unknown as *not understood*, and never spoils
//! its neighbours.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, RwLock};

use crate::collect::normal;
use crate::model::attr::CauseKind;
use crate::model::change::is_planned;
use crate::model::policy::{PolicyDocument, Statement};
use crate::model::reflect::{Shape, Type};
use crate::model::{Attr, Tree};
use crate::net::{Ports, Prefix};

/// A field and the path at which it is stated, where that is another than its name. Fields of structs within are written
/// with dots (`block_device_mappings.volume_id`), and their paths begin at the value within. `=word` is a constant, and
/// an empty path leaves the field out.
pub type From = (&'static str, &'static str);

/// The fields of a struct that a value states, as a map.
pub fn fields<'a>(shape: &'static Shape, value: &Tree<'a>, from: &[From]) -> Tree<'a> {
    object(shape, value, from, "")
}

fn object<'a>(shape: &'static Shape, value: &Tree<'a>, from: &[From], prefix: &str) -> Tree<'a> {
    let mut out = Vec::with_capacity(shape.fields.len());
    let fields = shape.fields.iter().zip(types(shape));
    for (field, ty) in fields.filter(|(field, _)| !field.fact) {
        let path = from.iter().find(|(name, _)| is_field(name, prefix, field.name));
        let found = match path {
            Some((_, "")) => continue,
            Some((_, path)) => match path.strip_prefix('=') {
                Some(constant) => Cow::Owned(Tree::text(constant)),
                None => value.at(path),
            },
            None => named(value, field.name),
        };
        let made = match &*found {
            Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
            Tree::Null => match ty {
                Type::Optional(_) => Tree::Null,
                Type::List(_) => Tree::List(Vec::new()),
                Type::Map(_) => Tree::Map(Vec::new()),
                _ => continue,
            },
            found => convert(ty, found, from, prefix, field.name).unwrap_or_else(|why| {
                Tree::unknown(CauseKind::NotUnderstood, format!("{prefix}{}: {why}", field.name))
            }),
        };
        out.push((Cow::Borrowed(field.name), made));
    }
    Tree::Map(out)
}

/// Whether a name is that of a field behind a prefix. Lengths tell nearly always.
fn is_field(name: &str, prefix: &str, field: &str) -> bool {
    name.len() == prefix.len() + field.len() && name.ends_with(field) && name.starts_with(prefix)
}

/// The member of a name in any spelling.
fn named<'t, 'a>(value: &'t Tree<'a>, name: &str) -> Cow<'t, Tree<'a>> {
    match value {
        Tree::Map(entries) => {
            let exact = entries.iter().find(|(key, _)| key == name);
            // Another spelling is that of a source as a whole: Terraform writes names as the model does.
            let found = exact.or_else(|| entries.iter().find(|(key, _)| is_same_name(key, name)));
            found.map_or(Cow::Owned(Tree::Null), |(_, value)| Cow::Borrowed(value))
        }
        Tree::List(items) => match items.as_slice() {
            [one] => named(one, name),
            _ => Cow::Owned(Tree::Null),
        },
        _ => Cow::Owned(Tree::Null),
    }
}

/// Whether two names differ in spelling only: capitals, underscores and dashes.
pub fn is_same_name(a: &str, b: &str) -> bool {
    fn plain(text: &str) -> impl Iterator<Item = u8> + '_ {
        let letters = text.bytes().filter(|b| *b != b'_' && *b != b'-');
        letters.map(|b| b.to_ascii_lowercase())
    }
    let first = |text: &str| text.bytes().next().map(|b| b.to_ascii_lowercase());
    first(a) == first(b) && plain(a).eq(plain(b))
}

/// The type of a field that a source can state.
pub fn type_of(shape: &'static Shape, name: &str) -> Option<&'static Type> {
    let at = shape.fields.iter().position(|field| field.name == name && !field.fact)?;
    types(shape).get(at)
}

/// The types of a struct's fields, made once: each is put together anew when it is asked for.
fn types(shape: &'static Shape) -> &'static [Type] {
    static MADE: LazyLock<RwLock<HashMap<usize, &'static [Type]>>> = LazyLock::new(RwLock::default);
    let key = std::ptr::from_ref(shape) as usize;
    if let Ok(made) = MADE.read()
        && let Some(types) = made.get(&key)
    {
        return types;
    }
    // As many as there are structs in the model, for as long as the process lasts.
    let types: &'static [Type] = Box::leak(shape.fields.iter().map(|field| (field.ty)()).collect());
    if let Ok(mut made) = MADE.write() {
        made.insert(key, types);
    }
    types
}

#[expect(clippy::too_many_lines, reason = "an arm for each type")]
fn convert<'a>(
    ty: &Type,
    value: &Tree<'a>,
    from: &[From],
    prefix: &str,
    name: &str,
) -> Result<Tree<'a>, String> {
    if let Tree::Unknown(cause) = value {
        return Ok(Tree::Unknown(cause.clone()));
    }
    match ty {
        Type::Optional(of) => match value {
            Tree::Null => Ok(Tree::Null),
            // Providers write empty texts for names and ids that are not there, and empty lists for blocks.
            Tree::Text(text) if text.is_empty() => Ok(Tree::Null),
            Tree::List(items) if items.is_empty() && !matches!(**of, Type::List(_)) => {
                Ok(Tree::Null)
            }
            value => convert(of, value, from, prefix, name),
        },
        Type::Bool => value.as_bool().map(Tree::Bool).ok_or_else(|| wrong("true or false", value)),
        Type::Int => value.as_int().map(Tree::Int).ok_or_else(|| wrong("an integer", value)),
        Type::Float => match value {
            Tree::Int(_) | Tree::Float(_) => Ok(value.clone()),
            _ => Err(wrong("a number", value)),
        },
        Type::String => match value {
            Tree::Text(_) => Ok(value.clone()),
            Tree::Int(number) => Ok(Tree::text(number.to_string())),
            Tree::Bool(flag) => Ok(Tree::text(flag.to_string())),
            Tree::List(items) => match items.as_slice() {
                [one] => convert(ty, one, from, prefix, name),
                _ => Err(wrong("a text", value)),
            },
            _ => Err(wrong("a text", value)),
        },
        Type::Time => value
            .as_str()
            .and_then(normal::time)
            .map(|time| owned(&time))
            .ok_or_else(|| wrong("a time", value)),
        Type::Prefix => match value.as_str().map(str::parse::<Prefix>) {
            Some(Ok(_)) => Ok(value.clone()),
            // Of what a prefix is made of, an old plan tells the thing alone.
            Some(Err(_)) if value.as_str().is_some_and(is_planned) => {
                let id = value.as_str().unwrap_or_default();
                Ok(Tree::unknown(CauseKind::KnownAfterApply, id))
            }
            Some(Err(why)) => Err(why),
            None => Err(wrong("an address prefix", value)),
        },
        Type::List(of) => match value {
            Tree::List(items) => {
                let items = items.iter().filter(|item| !item.is_null());
                let made = items.map(|item| convert(of, item, from, prefix, name));
                made.collect::<Result<_, _>>().map(|items| listed(of, items))
            }
            Tree::Text(_) | Tree::Map(_) => {
                convert(of, value, from, prefix, name).map(|one| Tree::List(vec![one]))
            }
            _ => Err(wrong("a list", value)),
        },
        Type::Map(of) => entries(of, value, from, prefix, name),
        Type::Struct(shape) if std::ptr::eq(*shape, PolicyDocument::SHAPE) => Ok(policy(value)),
        Type::Struct(shape) => match value {
            Tree::Map(_) => Ok(object(shape, value, from, &format!("{prefix}{name}."))),
            Tree::List(items) => match items.as_slice() {
                [one] => convert(ty, one, from, prefix, name),
                _ => Err(wrong("an object", value)),
            },
            _ => Err(wrong("an object", value)),
        },
        Type::Ports => {
            let end = |name: &str| u16::try_from(named(value, name).as_int()?).ok();
            match (end("from_port"), end("to_port")) {
                (Some(from), Some(to)) => Ok(owned(&Ports::new(from, to))),
                _ => Err(wrong("a range of ports", value)),
            }
        }
        Type::Duration | Type::Resource(_) => Err("a type no source has".to_owned()),
    }
}

/// A list of the model. A struct that is unknown has unknown fields; any other item that is unknown leaves the whole
/// list unknown, since an item that is not told may be anything.
fn listed<'a>(of: &Type, items: Vec<Tree<'a>>) -> Tree<'a> {
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        match (item, of) {
            (Tree::Unknown(cause), Type::Struct(shape)) => out.push(veiled(shape, &cause)),
            (Tree::Unknown(cause), _) => return Tree::Unknown(cause),
            (item, _) => out.push(item),
        }
    }
    Tree::List(out)
}

/// A struct of which nothing is known.
fn veiled<'a>(shape: &Shape, cause: &crate::model::Cause) -> Tree<'a> {
    let fields = shape.fields.iter().filter(|field| !field.fact);
    let unknown = fields.map(|field| (Cow::Borrowed(field.name), Tree::Unknown(cause.clone())));
    Tree::Map(unknown.collect())
}

/// A value that a mapper made, brought to a type: what does not fit is unknown as *not understood*. Nothing where the
/// type knows no absence and the value is absent, or of fields that the type does not have.
pub fn fitted<'a>(ty: &Type, value: Tree<'a>) -> Option<Tree<'a>> {
    let misfit = |wanted, value: &Tree<'a>| {
        Some(Tree::unknown(CauseKind::NotUnderstood, wrong(wanted, value)))
    };
    Some(match (ty, value) {
        (_, unknown @ Tree::Unknown(_)) => unknown,
        (Type::Optional(_), Tree::Null) => Tree::Null,
        (Type::Optional(of), Tree::List(items))
            if items.is_empty() && !matches!(**of, Type::List(_)) =>
        {
            Tree::Null
        }
        (Type::Optional(of), value) => return fitted(of, value),
        (_, Tree::Null) => return None,
        (Type::List(of), Tree::List(items)) => {
            listed(of, items.into_iter().filter_map(|item| fitted(of, item)).collect())
        }
        (Type::Map(of), Tree::Map(entries)) => {
            let fit = |(key, value)| Some((key, fitted(of, value)?));
            let entries: Vec<(Cow<'a, str>, Tree<'a>)> =
                entries.into_iter().filter_map(fit).collect();
            match entries.iter().find_map(|(_, value)| first_cause(value)) {
                Some(cause) => Tree::Unknown(cause),
                None => Tree::Map(entries),
            }
        }
        (Type::Struct(shape), value) if std::ptr::eq(*shape, PolicyDocument::SHAPE) => {
            match value {
                map @ Tree::Map(_) => map,
                other => return misfit("a policy document", &other),
            }
        }
        (Type::Struct(shape), Tree::Map(entries)) => {
            let fit = |(name, value): (Cow<'a, str>, Tree<'a>)| {
                let ty = type_of(shape, &name)?;
                Some((name, fitted(ty, value)?))
            };
            Tree::Map(entries.into_iter().filter_map(fit).collect())
        }
        (Type::Ports, ports @ Tree::Map(_)) => ports,
        (Type::List(_), value) => return misfit("a list", &value),
        (Type::Map(_), value) => return misfit("a map", &value),
        (Type::Struct(_), value) => return misfit("an object", &value),
        (ty, value) => convert(ty, &value, &[], "", "")
            .unwrap_or_else(|why| Tree::unknown(CauseKind::NotUnderstood, why)),
    })
}

/// A map from an object, or from lists of `Key` and `Value`.
fn entries<'a>(
    of: &Type,
    value: &Tree<'a>,
    from: &[From],
    prefix: &str,
    name: &str,
) -> Result<Tree<'a>, String> {
    let mut out: Vec<(Cow<'a, str>, Tree<'a>)> = Vec::new();
    match value {
        Tree::Map(entries) => {
            for (key, member) in entries {
                out.push((key.clone(), convert(of, member, from, prefix, name)?));
            }
        }
        Tree::List(items) => {
            for item in items {
                let Tree::Text(key) = named(item, "key").into_owned() else {
                    return Err(wrong("a list of keys and values", value));
                };
                out.push((key, convert(of, &named(item, "value"), from, prefix, name)?));
            }
        }
        _ => return Err(wrong("a map", value)),
    }
    out.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Tree::Map(out))
}

/// Tags from a map, or from a list of keys and values.
pub fn tags(value: &Tree<'_>) -> Attr<BTreeMap<String, String>> {
    if let Tree::Unknown(cause) = value {
        return Attr::Unknown(cause.clone());
    }
    let made = entries(&Type::String, value, &[], "", "tags");
    let Ok(Tree::Map(list)) = made else {
        return Attr::unknown(CauseKind::NotUnderstood, "tags");
    };
    let mut out = BTreeMap::new();
    for (key, value) in list {
        match value {
            Tree::Text(text) => {
                out.insert(key.into_owned(), text.into_owned());
            }
            // A map with a hole is unknown: whoever asks for the key must not be told that it is absent.
            Tree::Unknown(cause) => return Attr::Unknown(cause),
            _ => {}
        }
    }
    Attr::Known(out)
}

/// A policy document from its text or tree, as the model writes it. Elements of statements that are not known yet are
/// unknown, and leave the others as they are.
pub fn policy<'a>(value: &Tree<'a>) -> Tree<'a> {
    let parsed = match value {
        Tree::Unknown(cause) => return Tree::Unknown(cause.clone()),
        Tree::Text(text) => PolicyDocument::parse(text),
        other => document(other),
    };
    owned(&parsed)
}

fn document(tree: &Tree<'_>) -> Attr<PolicyDocument> {
    let whole = named(tree, "Statement");
    let statements: Vec<Attr<Statement>> = match &*whole {
        Tree::Unknown(cause) => return Attr::Unknown(cause.clone()),
        Tree::List(items) => items.iter().map(statement).collect(),
        Tree::Null => Vec::new(),
        one => vec![statement(one)],
    };
    let rest = without(tree, |key, _| is_same_name(key, "Statement"));
    let json = serde_json::to_value(rest).unwrap_or_default();
    PolicyDocument::from_json(&json)
        .map(|document| PolicyDocument { statements: Attr::Known(statements), ..document })
}

/// A statement, of which elements that hold anything unknown are unknown.
fn statement(tree: &Tree<'_>) -> Attr<Statement> {
    if let Tree::Unknown(cause) = tree {
        return Attr::Unknown(cause.clone());
    }
    let known = without(tree, |_, value| value.has_unknown());
    let json =
        serde_json::json!({ "Statement": [serde_json::to_value(known).unwrap_or_default()] });
    let Attr::Known(document) = PolicyDocument::from_json(&json) else {
        return Attr::unknown(CauseKind::NotUnderstood, "statement");
    };
    let first = document.statements.known().and_then(|list| list.first().cloned());
    let mut open = tree.entries().iter().filter(|(_, value)| value.has_unknown()).peekable();
    if open.peek().is_none() {
        return first.unwrap_or_default();
    }
    let Some(Attr::Known(mut statement)) = first else {
        // Without a known effect nothing can be said of it.
        let cause = open.next().and_then(|(_, value)| first_cause(value));
        return cause.map_or_else(Attr::default, Attr::Unknown);
    };
    for (key, value) in open {
        let Some(cause) = first_cause(value) else { continue };
        match &**key {
            "Sid" => statement.sid = Attr::Unknown(cause),
            "Action" => statement.actions = Attr::Unknown(cause),
            "NotAction" => statement.not_actions = Attr::Unknown(cause),
            "Resource" => statement.resources = Attr::Unknown(cause),
            "NotResource" => statement.not_resources = Attr::Unknown(cause),
            "Principal" => statement.principals = Attr::Unknown(cause),
            "NotPrincipal" => statement.not_principals = Attr::Unknown(cause),
            "Condition" => statement.conditions = Attr::Unknown(cause),
            _ => return Attr::Unknown(cause),
        }
    }
    Attr::Known(statement)
}

fn without<'a>(tree: &Tree<'a>, leave: impl Fn(&str, &Tree<'a>) -> bool) -> Tree<'a> {
    let kept = tree.entries().iter().filter(|(key, value)| !leave(key, value));
    Tree::Map(kept.cloned().collect())
}

/// The first reason why something within is unknown.
pub fn first_cause(tree: &Tree<'_>) -> Option<crate::model::Cause> {
    match tree {
        Tree::Unknown(cause) => Some(cause.clone()),
        Tree::List(items) => items.iter().find_map(first_cause),
        Tree::Map(entries) => entries.iter().find_map(|(_, value)| first_cause(value)),
        _ => None,
    }
}

/// A value of the model as a tree.
pub fn owned<T: serde::Serialize>(value: &T) -> Tree<'static> {
    Tree::from(&serde_json::to_value(value).unwrap_or_default())
}

fn wrong(wanted: &str, found: &Tree<'_>) -> String {
    let what = match found {
        Tree::Null => "nothing",
        Tree::Bool(_) => "true or false",
        Tree::Int(_) | Tree::Float(_) => "a number",
        Tree::Text(_) => "a text",
        Tree::List(_) => "a list",
        Tree::Map(_) => "an object",
        Tree::Unknown(_) => "something unknown",
    };
    // The value itself is not told: it may be a secret.
    format!("{wanted} was expected, and {what} is there")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::kind_named;
    use serde_json::json;

    #[test]
    fn fields_are_found_in_any_spelling_and_blocks_of_one_are_structs() {
        let shape = kind_named("aws.ec2.instance").unwrap().shape;
        let terraform = json!({"instance_type": "t3.micro", "metadata_options": [{"http_tokens": "required"}],
            "ebs_optimized": {"$unknown": {"kind": "known_after_apply"}}});
        let template =
            json!({"InstanceType": "t3.micro", "MetadataOptions": {"HttpTokens": "required"}});
        for (value, open) in [(terraform, true), (template, false)] {
            let made = fields(shape, &Tree::from(&value), &[("state", "=running")]);
            assert_eq!(made.at("instance_type").as_str(), Some("t3.micro"));
            assert_eq!(made.at("metadata_options.http_tokens").as_str(), Some("required"));
            assert_eq!(made.at("state").as_str(), Some("running"));
            assert_eq!(made.at("ebs_optimized").is_unknown(), open);
            assert!(made.at("volume_ids").items().is_empty());
        }
    }

    #[test]
    fn an_unknown_element_leaves_the_rest_of_its_statement_known() {
        let tree = Tree::from(&json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "s3:*",
            "Resource": [{"$unknown": {"kind": "known_after_apply", "detail": "aws_s3_bucket.b.arn"}}, "arn:aws:s3:::x"]}}));
        let made = policy(&tree);
        let statement = &made.at("statements").items()[0].clone();
        assert_eq!(statement.at("actions").items()[0].as_str(), Some("s3:*"));
        assert!(statement.at("resources").is_unknown());
        assert_eq!(made.at("version").as_str(), Some("2012-10-17"));
        let tree =
            Tree::from(&json!({"Statement": [{"Effect": {"$unknown": {"kind": "denied"}}}]}));
        assert!(policy(&tree).at("statements").items()[0].is_unknown());
    }
}
