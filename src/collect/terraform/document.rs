//! The data source `aws_iam_policy_document`, whose reading is put off until apply where anything in it is not known
//! yet: the document it will give, as far as its blocks tell.
//!
//! How it is rendered and merged is what the provider documents:
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>.

use std::borrow::Cow;

use crate::collect::predicted::shape::first_cause;
use crate::model::attr::CauseKind;
use crate::model::{Cause, Tree};

/// The policy document that the attributes of an `aws_iam_policy_document` make, as a tree in the language of IAM.
/// Parts that are not known yet are unknown; of a document that is merged in and not known, an unknown statement
/// remains.
pub(super) fn of<'a>(values: &Tree<'a>) -> Tree<'a> {
    let mut merged = Document::default();
    for path in ["source_json", "source_policy_documents"] {
        each(&values.member(path), |one| merged.merge(one, false));
    }
    let own = Document {
        version: match &*values.member("version") {
            Tree::Null => Tree::text("2012-10-17"),
            version => version.clone(),
        },
        id: values.member("policy_id").into_owned(),
        statements: match &*values.member("statement") {
            Tree::Unknown(cause) => vec![Tree::Unknown(cause.clone())],
            Tree::List(items) => items.iter().map(statement).collect(),
            Tree::Null => Vec::new(),
            one => vec![statement(one)],
        },
    };
    merged.adopt(own, false);
    for path in ["override_json", "override_policy_documents"] {
        each(&values.member(path), |one| merged.merge(one, true));
    }
    merged.into_tree()
}

/// Goes over the documents that are to be merged: a list of texts, or one text.
fn each<'a>(value: &Tree<'a>, mut f: impl FnMut(&Tree<'a>)) {
    match value {
        Tree::List(items) => items.iter().filter(|item| is_stated(item)).for_each(f),
        one if is_stated(one) => f(one),
        _ => {}
    }
}

fn is_stated(value: &Tree<'_>) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

#[derive(Default)]
struct Document<'a> {
    version: Tree<'a>,
    id: Tree<'a>,
    statements: Vec<Tree<'a>>,
}

impl<'a> Document<'a> {
    /// Merges in a document that stands elsewhere.
    fn merge(&mut self, value: &Tree<'a>, over: bool) {
        let tree = match value {
            Tree::Text(text) => match serde_json::from_str::<serde_json::Value>(text) {
                Ok(json) => Tree::from(&json),
                Err(_) => Tree::unknown(CauseKind::NotUnderstood, "a merged document is no JSON"),
            },
            other => other.clone(),
        };
        let other = match tree {
            Tree::Unknown(cause) => Self {
                version: Tree::Null,
                id: Tree::Unknown(cause.clone()),
                statements: vec![Tree::Unknown(cause)],
            },
            tree => Self {
                version: tree.member("Version").into_owned(),
                id: tree.member("Id").into_owned(),
                statements: match tree.member("Statement").into_owned() {
                    Tree::List(items) => items,
                    Tree::Null => Vec::new(),
                    one => vec![one],
                },
            },
        };
        self.adopt(other, over);
    }

    /// Adds the statements of a later document; those with a `Sid` that stands already take the place of the earlier.
    fn adopt(&mut self, later: Self, over: bool) {
        if is_stated(&later.id) {
            self.id = later.id;
        }
        if self.version.is_null() || later.version.as_str() > self.version.as_str() {
            self.version = later.version;
        }
        for statement in later.statements {
            // Which statement goes is unknown, so each that can be named is in doubt.
            let doubt = match (&statement, &*statement.member("Sid")) {
                (Tree::Unknown(cause), _) if over => Some(cause.clone()),
                (Tree::Map(_), Tree::Unknown(cause)) => Some(cause.clone()),
                _ => None,
            };
            if let Some(cause) = doubt {
                self.doubt(&cause);
            }
            let sid =
                statement.member("Sid").as_str().filter(|sid| !sid.is_empty()).map(str::to_owned);
            let same = |have: &&mut Tree<'a>| {
                sid.is_some() && have.member("Sid").as_str() == sid.as_deref()
            };
            match self.statements.iter_mut().find(same) {
                Some(have) => *have = statement,
                None => self.statements.push(statement),
            }
        }
    }

    fn doubt(&mut self, cause: &Cause) {
        for have in &mut self.statements {
            if is_stated(&have.member("Sid")) {
                *have = Tree::Unknown(cause.clone());
            }
        }
    }

    fn into_tree(self) -> Tree<'a> {
        let mut out = Tree::Map(Vec::with_capacity(3));
        for (name, value) in [("Version", self.version), ("Id", self.id)] {
            if is_stated(&value) {
                out.set(name, value);
            }
        }
        out.set("Statement", Tree::List(self.statements));
        out
    }
}

fn statement<'a>(block: &Tree<'a>) -> Tree<'a> {
    if let Tree::Unknown(cause) = block {
        return Tree::Unknown(cause.clone());
    }
    let mut out = Tree::Map(Vec::new());
    out.set(
        "Effect",
        match &*block.member("effect") {
            Tree::Null => Tree::text("Allow"),
            effect => effect.clone(),
        },
    );
    let sid = block.member("sid");
    if is_stated(&sid) {
        out.set("Sid", sid.into_owned());
    }
    for (name, path) in [
        ("Action", "actions"),
        ("NotAction", "not_actions"),
        ("Resource", "resources"),
        ("NotResource", "not_resources"),
    ] {
        if let Some(list) = list(&block.member(path)) {
            out.set(name, list);
        }
    }
    for (name, path) in [("Principal", "principals"), ("NotPrincipal", "not_principals")] {
        if let Some(whom) = principals(&block.member(path)) {
            out.set(name, whom);
        }
    }
    if let Some(conditions) = conditions(&block.member("condition")) {
        out.set("Condition", conditions);
    }
    out
}

/// A list with the provider's own spelling of variables, `&{…}`, in that of IAM; nothing where it is empty.
fn list<'a>(value: &Tree<'a>) -> Option<Tree<'a>> {
    match value {
        Tree::Null => None,
        Tree::List(items) if items.is_empty() => None,
        Tree::List(items) => Some(Tree::List(items.iter().map(variables).collect())),
        other => Some(variables(other)),
    }
}

fn variables<'a>(value: &Tree<'a>) -> Tree<'a> {
    match value {
        Tree::Text(text) if text.contains("&{") => Tree::Text(Cow::Owned(text.replace("&{", "${"))),
        other => other.clone(),
    }
}

fn blocks<'t, 'a>(value: &'t Tree<'a>) -> &'t [Tree<'a>] {
    match value {
        Tree::List(items) => items,
        Tree::Null => &[],
        one => std::slice::from_ref(one),
    }
}

fn principals<'a>(value: &Tree<'a>) -> Option<Tree<'a>> {
    let blocks = blocks(value);
    if blocks.is_empty() {
        return None;
    }
    let mut out = Tree::Map(Vec::new());
    for block in blocks {
        let kind = block.member("type");
        let whom = block.member("identifiers");
        let Tree::Text(kind) = &*kind else {
            return Some(unknown(block, "the type of a principal"));
        };
        let Some(whom) = list(&whom) else { continue };
        // The provider writes all but `{"*": ["*"]}` as it stands.
        let everyone = matches!(whom.items(), [one] if one.as_str() == Some("*"));
        if kind == "*" && everyone && blocks.len() == 1 {
            return Some(Tree::text("*"));
        }
        append(&mut out, kind.clone(), whom);
    }
    Some(out)
}

fn conditions<'a>(value: &Tree<'a>) -> Option<Tree<'a>> {
    let blocks = blocks(value);
    if blocks.is_empty() {
        return None;
    }
    let mut out = Tree::Map(Vec::new());
    for block in blocks {
        let (test, variable) = (block.member("test"), block.member("variable"));
        let (Tree::Text(test), Tree::Text(variable)) = (&*test, &*variable) else {
            return Some(unknown(block, "a condition"));
        };
        let values = list(&block.member("values")).unwrap_or(Tree::List(Vec::new()));
        let mut of_test = out.member(test).into_owned();
        append(&mut of_test, variable.clone(), values);
        out.set(test.clone(), of_test);
    }
    Some(out)
}

/// Adds to the list under a key. A list of which a part is not known is known in its other parts.
fn append<'a>(map: &mut Tree<'a>, key: Cow<'a, str>, more: Tree<'a>) {
    let mut items = match map.member(&key).into_owned() {
        Tree::List(items) => items,
        Tree::Null => Vec::new(),
        one => vec![one],
    };
    match more {
        Tree::List(more) => items.extend(more),
        one => items.push(one),
    }
    map.set(key, Tree::List(items));
}

fn unknown(block: &Tree<'_>, what: &str) -> Tree<'static> {
    Tree::Unknown(first_cause(block).unwrap_or_else(|| Cause::new(CauseKind::NotUnderstood, what)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::collect::predicted::shape;

    fn made(values: &Value) -> Value {
        serde_json::to_value(of(&Tree::from(values))).unwrap()
    }

    fn later() -> Value {
        json!({"$unknown": {"kind": "known_after_apply", "detail": "aws_s3_bucket.b.arn"}})
    }

    #[test]
    fn blocks_become_statements() {
        let found = made(&json!({
            "version": null, "policy_id": "p",
            "statement": [
                {"sid": "Read", "effect": null, "actions": ["s3:GetObject", "s3:ListBucket"], "not_actions": null,
                 "resources": ["arn:aws:s3:::b/&{aws:username}/*"], "principals": [],
                 "condition": [
                    {"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["o-1"]},
                    {"test": "StringEquals", "variable": "s3:prefix", "values": ["a", "b"]}]},
                {"sid": "", "effect": "Deny", "not_actions": ["iam:*"], "not_resources": ["*"],
                 "principals": [{"type": "AWS", "identifiers": ["1"]}, {"type": "AWS", "identifiers": ["2"]}],
                 "not_principals": [{"type": "*", "identifiers": ["*"]}]},
            ],
        }));
        assert_eq!(
            found,
            json!({"Version": "2012-10-17", "Id": "p", "Statement": [
                {"Effect": "Allow", "Sid": "Read", "Action": ["s3:GetObject", "s3:ListBucket"],
                 "Resource": ["arn:aws:s3:::b/${aws:username}/*"],
                 "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-1"], "s3:prefix": ["a", "b"]}}},
                {"Effect": "Deny", "NotAction": ["iam:*"], "NotResource": ["*"], "Principal": {"AWS": ["1", "2"]},
                 "NotPrincipal": "*"},
            ]})
        );
    }

    #[test]
    fn what_is_unknown_stays_within_its_element() {
        let tree = Tree::from(&json!({"statement": [
            {"actions": ["s3:*"], "resources": [later(), "arn:aws:s3:::x"]},
            {"actions": ["sts:AssumeRole"], "principals": [{"type": "AWS", "identifiers": later()}],
             "condition": [{"test": "StringEquals", "variable": "k", "values": later()}]},
            later(),
        ]}));
        let made = shape::policy(&of(&tree));
        let statements = made.at("statements").items().to_vec();
        let [first, second, third] = statements.as_slice() else { panic!("{made:?}") };
        assert_eq!(first.at("actions").items()[0].as_str(), Some("s3:*"));
        assert!(first.at("resources").is_unknown());
        assert!(second.at("principals").is_unknown() && second.at("conditions").is_unknown());
        assert_eq!(second.at("effect").as_str(), Some("Allow"));
        assert!(third.is_unknown());
        let whole = of(&Tree::from(&json!({"statement": later()})));
        assert!(shape::policy(&whole).at("statements").items()[0].is_unknown());
    }

    #[test]
    fn statements_take_the_place_of_those_with_the_same_sid() {
        let doc = |sid: &str, action: &str| {
            json!({"Version": "2012-10-17", "Statement": {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": "*"}})
                .to_string()
        };
        let actions = |found: &Value| -> Vec<String> {
            let statements = found["Statement"].as_array().unwrap();
            statements.iter().map(|s| s["Action"].to_string()).collect()
        };
        let own = json!([{"sid": "A", "actions": ["own:A"], "resources": ["*"]}]);
        let found = made(
            &json!({"source_policy_documents": [doc("A", "source:A"), doc("B", "source:B")],
            "statement": own, "override_policy_documents": [doc("B", "override:B"), doc("", "override:C")]}),
        );
        assert_eq!(actions(&found), ["[\"own:A\"]", "\"override:B\"", "\"override:C\""]);

        let open = made(&json!({"source_policy_documents": [later()], "statement": own}));
        assert_eq!(open["Statement"][0], later());
        assert_eq!(open["Statement"][1]["Action"], json!(["own:A"]));
        let open = made(&json!({"override_json": later(), "statement": own}));
        assert_eq!(open["Statement"], json!([later(), later()]), "it may replace the own one");
    }
}
