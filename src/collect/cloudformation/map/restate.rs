//! From the spelling of CloudFormation into that of Terraform's AWS provider.

use crate::model::attr::CauseKind;
use crate::model::{Cause, Tree};

/// What the provider leaves to AWS.
pub(super) fn open() -> Tree<'static> {
    Tree::Unknown(Cause::from(CauseKind::KnownAfterApply))
}

/// The attributes that properties become: in snake case, and under the names of a table, whose paths are those of
/// properties in snake case.
pub(super) fn attributes(
    properties: &Tree<'static>,
    from: &[(&'static str, &'static str)],
) -> Tree<'static> {
    let mut out = respelt(properties);
    for (name, path) in from {
        let value = match path.strip_prefix('=') {
            Some("true") => Tree::Bool(true),
            Some("false") => Tree::Bool(false),
            Some(word) => Tree::text(word),
            None => out.at(path).into_owned(),
        };
        if !value.is_null() {
            out.set(*name, value);
        }
    }
    out
}

/// Documents and maps with keys of their own, which have no spelling to be changed.
fn is_free(key: &str) -> bool {
    const ENDS: [&str; 6] =
        ["PolicyDocument", "Policy", "PolicyText", "Content", "Variables", "Definition"];
    ENDS.iter().any(|end| key.ends_with(end))
}

/// A value with its keys in snake case.
pub(super) fn respelt(value: &Tree<'static>) -> Tree<'static> {
    match value {
        Tree::List(items) => Tree::List(items.iter().map(respelt).collect()),
        Tree::Map(entries) => {
            let entry = |(key, value): &(std::borrow::Cow<'static, str>, Tree<'static>)| {
                let value = if is_free(key) { value.clone() } else { respelt(value) };
                (snake(key).into(), value)
            };
            Tree::Map(entries.iter().map(entry).collect())
        }
        other => other.clone(),
    }
}

/// `DBInstanceIdentifier` becomes `db_instance_identifier`, `EnableDns64` `enable_dns64`.
pub(super) fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + 1);
        let starts = c.is_ascii_uppercase()
            && before.is_some_and(|b| {
                b.is_ascii_lowercase()
                    || b.is_ascii_digit()
                    || b.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase)
            });
        if starts {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// A map.
pub(super) fn map<const N: usize>(entries: [(&'static str, Tree<'static>); N]) -> Tree<'static> {
    Tree::Map(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// A list of one, nothing of nothing.
pub(super) fn one(value: Tree<'static>) -> Tree<'static> {
    if value.is_null() { Tree::Null } else { Tree::List(vec![value]) }
}

/// A list with each item made anew; what is no list is as it is.
pub(super) fn each(
    list: &Tree<'static>,
    mut make: impl FnMut(&Tree<'static>) -> Tree<'static>,
) -> Tree<'static> {
    match list {
        Tree::List(items) => Tree::List(
            items
                .iter()
                .map(|item| if item.is_unknown() { item.clone() } else { make(item) })
                .collect(),
        ),
        one @ Tree::Map(_) => Tree::List(vec![make(one)]),
        other => other.clone(),
    }
}

/// A value of one name under another, where it is stated.
pub(super) fn moved(values: &mut Tree<'static>, path: &str, name: &'static str) {
    let value = values.at(path).into_owned();
    if !value.is_null() {
        values.set(name, value);
    }
}

/// The items of a list that is known, or the list itself where it is unknown.
pub(super) fn items(list: &Tree<'static>) -> Vec<Tree<'static>> {
    match list {
        Tree::List(items) => items.clone(),
        Tree::Null => Vec::new(),
        other => vec![other.clone()],
    }
}

/// The value of a key in a list of `key` and `value`; a key or list that is unknown leaves every value unknown.
pub(super) fn keyed(list: &Tree<'static>, key: &str) -> Tree<'static> {
    if let Tree::Unknown(cause) = list {
        return Tree::Unknown(cause.clone());
    }
    let mut unknown = None;
    for item in list.items() {
        match (item, &*item.member("key")) {
            (Tree::Unknown(cause), _) | (_, Tree::Unknown(cause)) => unknown = Some(cause.clone()),
            (_, Tree::Text(text)) if text == key => return item.member("value").into_owned(),
            _ => {}
        }
    }
    unknown.map_or(Tree::Null, Tree::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_respelt() {
        for (name, want) in [
            ("VpcId", "vpc_id"),
            ("DBInstanceIdentifier", "db_instance_identifier"),
            ("EnableDns64", "enable_dns64"),
            ("Ipv6CidrBlock", "ipv6_cidr_block"),
            ("KMSMasterKeyID", "kms_master_key_id"),
            ("VPCSecurityGroups", "vpc_security_groups"),
            ("ManagedPolicyArns", "managed_policy_arns"),
        ] {
            assert_eq!(snake(name), want);
        }
    }

    #[test]
    fn documents_keep_their_words() {
        let tree = Tree::from(
            &serde_json::json!({"PolicyDocument": {"Statement": []}, "A": {"BcD": [{"EfG": 1}]}}),
        );
        let made = serde_json::to_value(respelt(&tree)).unwrap();
        assert_eq!(
            made,
            serde_json::json!({"policy_document": {"Statement": []}, "a": {"bc_d": [{"ef_g": 1}]}})
        );
    }
}
