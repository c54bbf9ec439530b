//! Functions of Lambda, their addresses, and who may invoke them.

use std::borrow::Cow;

use super::Table;
use super::stating::{
    closed, handle, later, name_or_planned, none, part, renamed, silent, state, untold,
};
use crate::collect::predicted::{Thing, shape};
use crate::model::Tree;
use crate::model::change::{Draft, Sketch, Whole, is_planned};
use crate::model::lambda::FunctionUrl;

const FUNCTION: &str = "aws.lambda.function";

pub(super) const TABLE: Table = &[
    (
        "aws_lambda_function",
        handle(
            &["function_name"],
            "arn:{partition}:lambda:{region}:{account}:function:{function_name}",
        ),
        function,
    ),
    ("aws_lambda_function_url", handle(&[], ""), function_url),
    ("aws_lambda_permission", handle(&[], ""), permission),
];

fn function<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[
        ("layer_arns", "layers"),
        ("vpc_id", ""),
        ("subnet_ids", "vpc_config.subnet_ids"),
        ("security_group_ids", "vpc_config.security_group_ids"),
        ("ipv6_allowed_for_dual_stack", ""),
        ("function_urls", ""),
        ("policy_document", ""),
    ];
    state(sketch, thing.draft(FUNCTION, "function_name", from), |draft| {
        draft.fields.set("package_type", thing.or("package_type", Tree::text("Zip")));
        let x86 = Tree::List(vec![Tree::text("x86_64")]);
        draft.fields.set("architectures", closed(thing.or("architectures", x86)));
        draft.fields.set("environment_variable_names", variable_names(thing));
        network(thing, draft);
        silent(thing, draft, &[("last_modified", "last_modified", later())]);
        untold(thing, draft, &[("function_urls", none()), ("policy_document", Tree::Null)]);
    });
}

/// Where a function without subnets stands in no VPC. The VPC is that of its subnets, which the plan may leave open.
fn network<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>) {
    let block = thing.at("vpc_config");
    let subnets = block.member("subnet_ids");
    let inside = match &*subnets {
        Tree::List(items) => !items.is_empty(),
        Tree::Unknown(_) => true,
        _ => false,
    };
    let member = |name: &str, default: Tree<'a>| match &*block.member(name) {
        Tree::Null => default,
        Tree::Unknown(cause) if cause.detail().is_none() && !block.is_unknown() => default,
        found => found.clone(),
    };
    let (vpc, dual) = if block.is_unknown() {
        (block.clone().into_owned(), block.clone().into_owned())
    } else if inside {
        (member("vpc_id", later()), member("ipv6_allowed_for_dual_stack", Tree::Bool(false)))
    } else {
        (Tree::Null, Tree::Null)
    };
    draft.fields.set("vpc_id", vpc);
    draft.fields.set("ipv6_allowed_for_dual_stack", dual);
}

/// Names of environment variables are kept, their values never.
fn variable_names<'a>(thing: &Thing<'a>) -> Tree<'a> {
    match &*thing.at("environment.variables") {
        Tree::Map(entries) => {
            let mut names: Vec<_> = entries.iter().map(|(name, _)| name.clone()).collect();
            names.sort_unstable();
            Tree::List(names.into_iter().map(Tree::Text).collect())
        }
        Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
        _ => none(),
    }
}

/// The function that a name or ARN means, of whatever version or alias.
fn of_function(thing: &Thing<'_>) -> Whole {
    renamed(thing.whole("function_name"), |id| {
        // `name`, `account:function:name:alias`, or an ARN with either.
        let behind = id.rsplit_once("function:").map_or(id, |(_, name)| name);
        if is_planned(behind) {
            return behind.to_owned();
        }
        behind.split(':').next().unwrap_or(behind).to_owned()
    })
}

/// The ARN of a function, or of the version or alias that is meant.
fn arn_of<'a>(thing: &Thing<'a>, whole: &Whole) -> Tree<'a> {
    let Whole::Id(name) = whole else { return later() };
    let place = &thing.place;
    let arn = match &*thing.at("function_name") {
        Tree::Text(text) if text.starts_with("arn:") => text.clone().into_owned(),
        _ => format!(
            "arn:{}:lambda:{}:{}:function:{name}",
            thing.partition, place.region, place.account
        ),
    };
    match thing.text("qualifier") {
        Ok(Some(qualifier))
            if !qualifier.is_empty() && !arn.ends_with(&format!(":{qualifier}")) =>
        {
            Tree::text(format!("{arn}:{qualifier}"))
        }
        Ok(_) => Tree::text(arn),
        Err(cause) => Tree::Unknown(cause),
    }
}

fn function_url<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let whole = of_function(thing);
    let from = &[
        ("auth_type", "authorization_type"),
        ("cors_allow_origins", "cors.allow_origins"),
        ("function_arn", ""),
    ];
    let mut url = shape::fields(FunctionUrl::SHAPE, &thing.values, from);
    url.set("function_arn", arn_of(thing, &whole));
    url.set("invoke_mode", thing.or("invoke_mode", Tree::text("BUFFERED")));
    part(sketch, thing.element(FUNCTION, whole, "function_urls", url));
}

/// A permission is a statement in the policy of its function, as Lambda writes it.
fn permission<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let whole = of_function(thing);
    let mut statement = Tree::Map(vec![
        ("Sid".into(), name_or_planned(thing, "statement_id")),
        ("Effect".into(), Tree::text("Allow")),
        ("Action".into(), stated(thing, "action")),
        ("Resource".into(), arn_of(thing, &whole)),
        ("Principal".into(), principal(thing)),
    ]);
    let conditions = conditions(thing);
    if !conditions.entries().is_empty() {
        statement.set("Condition", conditions);
    }
    let document = Tree::Map(vec![("Statement".into(), Tree::List(vec![statement]))]);
    let made = shape::policy(&document);
    let Some(statement) = made.at("statements").items().first().cloned() else { return };
    // The first of them makes the policy: its statements come before what else it has.
    part(sketch, thing.element(FUNCTION, whole.clone(), "policy_document.statements", statement));
    for (field, value) in
        [("policy_document.version", "2012-10-17"), ("policy_document.policy_id", "default")]
    {
        part(sketch, thing.value(FUNCTION, whole.clone(), field, Tree::text(value)));
    }
}

fn stated<'a>(thing: &Thing<'a>, path: &str) -> Tree<'a> {
    match &*thing.at(path) {
        Tree::Null => later(),
        found => found.clone(),
    }
}

/// Lambda tells services, accounts and everybody apart by how they are written.
fn principal<'a>(thing: &Thing<'a>) -> Tree<'a> {
    let whom = stated(thing, "principal");
    let Tree::Text(text) = &whom else { return whom };
    let is_account = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    let (kind, value) = if text == "*" {
        return whom;
    } else if is_account {
        let root = format!("arn:{}:iam::{text}:root", thing.partition);
        ("AWS", Tree::text(root))
    } else if text.starts_with("arn:") {
        ("AWS", whom.clone())
    } else {
        ("Service", whom.clone())
    };
    Tree::Map(vec![(Cow::Borrowed(kind), value)])
}

fn conditions<'a>(thing: &Thing<'a>) -> Tree<'a> {
    let mut out = Tree::Map(Vec::new());
    for (path, operator, key) in [
        ("source_arn", "ArnLike", "AWS:SourceArn"),
        ("source_account", "StringEquals", "AWS:SourceAccount"),
        ("principal_org_id", "StringEquals", "aws:PrincipalOrgID"),
        ("event_source_token", "StringEquals", "lambda:EventSourceToken"),
        ("function_url_auth_type", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("invoked_via_function_url", "Bool", "lambda:InvokedViaFunctionUrl"),
    ] {
        let value = match &*thing.at(path) {
            Tree::Null | Tree::Bool(false) => continue,
            Tree::Text(text) if text.is_empty() => continue,
            Tree::Bool(true) => Tree::text("true"),
            found => found.clone(),
        };
        let mut of_operator = out.member(operator).into_owned();
        of_operator.set(key, value);
        out.set(operator, of_operator);
    }
    out
}
