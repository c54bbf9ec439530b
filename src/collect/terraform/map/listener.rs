//! Listeners of load balancers and their rules.

use super::Table;
use super::kit::{self, PART, is_open, is_silent, items, later, map, own, word};
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::change::Sketch;
use crate::model::{Cause, Tree};

const LISTENER: &str = "aws.elbv2.listener";
const RULE: &str = "aws.elbv2.listener_rule";
const GROUP: &str = "aws.elbv2.target_group";

const HANDLE: Handle =
    handle("arn:{partition}:elasticloadbalancing:{region}:{account}:listener/{id}");
const RULE_HANDLE: Handle =
    handle("arn:{partition}:elasticloadbalancing:{region}:{account}:listener-rule/{id}");

const fn handle(arn: &'static str) -> Handle {
    Handle { id: &["arn", "id"], arn, made: &[] }
}

pub(super) const TABLE: Table = &[
    ("aws_lb_listener", HANDLE, listener),
    ("aws_alb_listener", HANDLE, listener),
    ("aws_lb_listener_rule", RULE_HANDLE, rule),
    ("aws_alb_listener_rule", RULE_HANDLE, rule),
    ("aws_lb_listener_certificate", PART, certificate),
    ("aws_alb_listener_certificate", PART, certificate),
];

fn listener<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("certificates", ""),
        ("certificate_arns", ""),
        ("default_actions", ""),
        ("target_group_arns", ""),
        ("attributes", ""),
        ("mutual_authentication_mode", "mutual_authentication.mode"),
        ("trust_store_arn", "mutual_authentication.trust_store_arn"),
        (
            "ignore_client_certificate_expiry",
            "mutual_authentication.ignore_client_certificate_expiry",
        ),
    ];
    let Some(mut draft) = kit::draft(thing, LISTENER, "", FROM, &["attributes"]) else { return };
    if thing.fresh {
        if is_silent(&thing.at("protocol")) {
            // Gateway load balancers have neither port nor protocol.
            let protocol = if is_silent(&thing.at("port")) { Tree::Null } else { word("HTTP") };
            kit::set(&mut draft, "protocol", protocol);
        }
        let protocol = draft.fields.member("protocol").into_owned();
        let tls = matches!(protocol.as_str(), Some("HTTPS" | "TLS"));
        if is_silent(&thing.at("ssl_policy")) && !protocol.is_unknown() {
            let policy = if tls { word("ELBSecurityPolicy-2016-08") } else { Tree::Null };
            kit::set(&mut draft, "ssl_policy", policy);
        }
        if is_silent(&thing.at("mutual_authentication")) {
            let mode = if protocol.as_str() == Some("HTTPS") { word("off") } else { Tree::Null };
            kit::set(&mut draft, "mutual_authentication_mode", mode);
            kit::set(&mut draft, "trust_store_arn", Tree::Null);
            kit::set(&mut draft, "ignore_client_certificate_expiry", Tree::Null);
        }
        if is_silent(&thing.at("alpn_policy")) {
            kit::set(&mut draft, "alpn_policy", Tree::List(Vec::new()));
        }
    }
    let certificate = thing.at("certificate_arn").into_owned();
    let (list, arns) = match &certificate {
        silent if is_silent(silent) => (Vec::new(), Vec::new()),
        arn => (vec![certificate_of(arn.clone(), true)], vec![arn.clone()]),
    };
    // Of what exists, others may have added certificates.
    if thing.fresh {
        kit::set(&mut draft, "certificates", Tree::List(list));
        kit::set(&mut draft, "certificate_arns", Tree::List(arns));
    }
    let actions = actions(&thing.at("default_action"), thing.fresh);
    let groups = groups_of(&actions);
    for group in groups.items() {
        let at = (GROUP, kit::whole_of(group), "load_balancer_arns");
        kit::element(thing, sketch, at, thing.at("load_balancer_arn").into_owned());
    }
    if thing.fresh {
        default_rule(thing, &actions, &groups, sketch);
    }
    kit::set(&mut draft, "default_actions", actions);
    kit::set(&mut draft, "target_group_arns", groups);
    sketch.state(draft);
}

/// The rule for what no other rule is for.
fn default_rule<'a>(
    thing: &Thing<'a>,
    actions: &Tree<'a>,
    groups: &Tree<'a>,
    sketch: &mut Sketch<'a>,
) {
    let id = thing.id.replacen(":listener/", ":listener-rule/", 1) + "/default";
    let fields = map([
        ("listener_arn", own(&*thing.id)),
        ("priority", word("default")),
        ("is_default", Tree::Bool(true)),
        ("conditions", Tree::List(Vec::new())),
        ("actions", actions.clone()),
        ("target_group_arns", groups.clone()),
    ]);
    let Some(mut draft) = kit::implied(thing, RULE, id.clone(), fields) else { return };
    draft.arn = Some(id);
    sketch.state(draft);
}

fn certificate_of(arn: Tree<'_>, default: bool) -> Tree<'_> {
    map([("certificate_arn", arn), ("is_default", Tree::Bool(default))])
}

fn certificate<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let arn = thing.at("certificate_arn").into_owned();
    let at = |field| (LISTENER, thing.whole("listener_arn"), field);
    kit::element(thing, sketch, at("certificates"), certificate_of(arn.clone(), false));
    kit::element(thing, sketch, at("certificate_arns"), arn);
}

/// Actions of a listener or rule. Client secrets stay where they are.
fn actions<'a>(blocks: &Tree<'a>, fresh: bool) -> Tree<'a> {
    match items(blocks) {
        Ok(blocks) => {
            let actions = blocks.iter().enumerate().map(|(at, block)| action(block, at, fresh));
            Tree::List(actions.collect())
        }
        Err(cause) => Tree::Unknown(cause),
    }
}

fn action<'a>(block: &Tree<'a>, at: usize, fresh: bool) -> Tree<'a> {
    if let Tree::Unknown(cause) = block {
        return Tree::Unknown(cause.clone());
    }
    let of = |path: &str| kit::stated(&block.at(path));
    let (arns, weights) = forwards(block);
    let place = match &*block.member("order") {
        order if is_silent(order) && fresh => Tree::Int(i64::try_from(at + 1).unwrap_or(1)),
        order => order.clone(),
    };
    let first = |paths: &[&str]| {
        paths.iter().map(|path| of(path)).find(|value| !value.is_null()).unwrap_or_default()
    };
    map([
        ("kind", of("type")),
        ("order", place),
        ("target_group_arns", arns),
        ("target_group_weights", weights),
        ("stickiness_enabled", of("forward.stickiness.enabled")),
        ("redirect_protocol", of("redirect.protocol")),
        ("redirect_port", of("redirect.port")),
        ("redirect_host", of("redirect.host")),
        ("redirect_path", of("redirect.path")),
        ("redirect_status_code", of("redirect.status_code")),
        ("fixed_response_status_code", of("fixed_response.status_code")),
        (
            "authentication_issuer",
            first(&[
                "authenticate_oidc.issuer",
                "authenticate_cognito.user_pool_arn",
                "jwt_validation.issuer",
            ]),
        ),
        (
            "on_unauthenticated_request",
            first(&[
                "authenticate_oidc.on_unauthenticated_request",
                "authenticate_cognito.on_unauthenticated_request",
            ]),
        ),
    ])
}

/// The target groups of an action, with their shares.
fn forwards<'a>(block: &Tree<'a>) -> (Tree<'a>, Tree<'a>) {
    let tuples = block.at("forward.target_group");
    let single = block.member("target_group_arn");
    let list = match &*tuples {
        silent if is_silent(silent) => Vec::new(),
        tuples => match items(tuples) {
            Ok(list) => list,
            Err(cause) => return (Tree::Unknown(cause.clone()), Tree::Unknown(cause)),
        },
    };
    if list.is_empty() {
        let arns = if is_silent(&single) { Vec::new() } else { vec![single.into_owned()] };
        return (Tree::List(arns), Tree::Map(Vec::new()));
    }
    let mut arns = Vec::new();
    let mut weights = Tree::Map(Vec::new());
    for tuple in &list {
        let arn = tuple.member("arn").into_owned();
        let weight = kit::or(&tuple.member("weight"), Tree::Int(1));
        match (&arn, &mut weights) {
            (Tree::Text(name), Tree::Map(_)) => weights.set(name.clone(), weight),
            (Tree::Unknown(cause), _) => weights = Tree::Unknown(cause.clone()),
            _ => {}
        }
        arns.push(arn);
    }
    (Tree::List(arns), weights)
}

/// The target groups of all actions, sorted.
fn groups_of<'a>(actions: &Tree<'a>) -> Tree<'a> {
    let Ok(actions) = items(actions) else { return actions.clone() };
    let mut out: Vec<Tree<'a>> = Vec::new();
    for action in &actions {
        match items(&action.member("target_group_arns")) {
            Ok(arns) => out.extend(arns),
            Err(cause) => return Tree::Unknown(cause),
        }
    }
    out.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    out.dedup();
    Tree::List(out)
}

fn rule<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] =
        &[("conditions", ""), ("actions", ""), ("target_group_arns", ""), ("is_default", "")];
    let Some(mut draft) = kit::draft(thing, RULE, "", FROM, &[]) else { return };
    kit::set(&mut draft, "is_default", Tree::Bool(false));
    let conditions = match items(&thing.at("condition")) {
        Ok(blocks) => Tree::List(blocks.iter().flat_map(conditions).collect()),
        Err(cause) => Tree::Unknown(cause),
    };
    kit::set(&mut draft, "conditions", conditions);
    let actions = actions(&thing.at("action"), thing.fresh);
    let groups = groups_of(&actions);
    let balancer = balancer_of(&thing.at("listener_arn"));
    for group in groups.items() {
        let at = (GROUP, kit::whole_of(group), "load_balancer_arns");
        kit::element(thing, sketch, at, balancer.clone());
    }
    kit::set(&mut draft, "actions", actions);
    kit::set(&mut draft, "target_group_arns", groups);
    sketch.state(draft);
}

/// The balancer of a listener: the ARN of one that exists tells it.
fn balancer_of<'a>(listener: &Tree<'a>) -> Tree<'a> {
    let made = listener.as_str().and_then(|arn| {
        let (head, tail) = arn.split_once(":listener/")?;
        let parts: Vec<&str> = tail.split('/').collect();
        match parts.as_slice() {
            [kind, name, id, _] => Some(own(format!("{head}:loadbalancer/{kind}/{name}/{id}"))),
            _ => None,
        }
    });
    made.unwrap_or_else(later)
}

/// Conditions of a block: one for each thing that is looked at.
fn conditions<'a>(block: &Tree<'a>) -> Vec<Tree<'a>> {
    const PLAIN: [(&str, &str); 4] = [
        ("host_header", "host-header"),
        ("path_pattern", "path-pattern"),
        ("http_header", "http-header"),
        ("http_request_method", "http-request-method"),
    ];
    if let Tree::Unknown(cause) = block {
        return vec![Tree::Unknown(cause.clone())];
    }
    let empty = || Tree::List(Vec::new());
    let one = |field: Tree<'a>, header: Tree<'a>, values, regex, sources| {
        map([
            ("field", field),
            ("http_header_name", header),
            ("values", values),
            ("regex_values", regex),
            ("source_ips", sources),
        ])
    };
    let list = |tree: &Tree<'a>| kit::or(tree, empty());
    let mut out = Vec::new();
    for (name, field) in PLAIN {
        let inner = block.member(name);
        if !is_silent(&inner) {
            let header = kit::stated(&inner.member("http_header_name"));
            let (values, regex) = (inner.member("values"), inner.member("regex_values"));
            out.push(one(word(field), header, list(&values), list(&regex), empty()));
        }
    }
    let sources = block.member("source_ip");
    if !is_silent(&sources) {
        let prefixes = list(&sources.member("values"));
        out.push(one(word("source-ip"), Tree::Null, empty(), empty(), prefixes));
    }
    let queries = block.member("query_string");
    if !is_silent(&queries) {
        let values = match items(&queries) {
            Ok(pairs) => Tree::List(pairs.iter().map(pair).collect()),
            Err(cause) => Tree::Unknown(cause),
        };
        out.push(one(word("query-string"), Tree::Null, values, empty(), empty()));
    }
    // Before version 3 of the provider.
    let field = block.member("field");
    if !is_silent(&field) && out.is_empty() {
        let values = list(&block.member("values"));
        out.push(one(field.into_owned(), Tree::Null, values, empty(), empty()));
    }
    out
}

/// A pair of a query, as `key=value`; the key may be left out.
fn pair<'a>(pair: &Tree<'a>) -> Tree<'a> {
    let side = |name: &str| -> Result<Option<String>, Cause> {
        match &*pair.member(name) {
            Tree::Unknown(cause) if !is_open(&pair.member(name)) => Err(cause.clone()),
            Tree::Text(text) if !text.is_empty() => Ok(Some(text.clone().into_owned())),
            _ => Ok(None),
        }
    };
    match (side("key"), side("value")) {
        (Err(cause), _) | (_, Err(cause)) => Tree::Unknown(cause),
        (Ok(Some(key)), Ok(value)) => own(format!("{key}={}", value.unwrap_or_default())),
        (Ok(None), Ok(value)) => own(value.unwrap_or_default()),
    }
}
