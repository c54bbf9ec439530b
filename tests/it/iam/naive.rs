//! A second evaluator, as plain as can be: written from the description of AWS's rules, on the JSON itself, for requests
//! about which everything is known. It shares nothing with the one in the library.
//!
//! Where AWS leaves an answer open, [`Readings`] says which one to take.

use std::collections::BTreeMap;

use serde_json::Value;

/// How to read what AWS leaves open.
#[derive(Debug, Clone, Copy)]
pub struct Readings {
    /// Whether a `NotPrincipal` that names only some of account, role and session excepts the caller.
    pub partly_excepted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Allowed,
    ImplicitlyDenied,
    ExplicitlyDenied,
}

#[derive(PartialEq)]
enum Kind {
    Root,
    User,
    Role,
    FederatedUser,
    Service,
    Provider,
    Anonymous,
}

struct Who<'c> {
    kind: Kind,
    /// What the case calls it.
    name: &'c str,
    account: Option<String>,
    /// The user or role behind it.
    arn: String,
}

struct Naive<'c> {
    who: Who<'c>,
    action: String,
    resource: &'c str,
    context: BTreeMap<String, Values>,
    bounded: bool,
    readings: Readings,
}

/// What a request carries under a key, and whether the key is one of those that may have several values.
type Values = (Vec<String>, bool);

#[derive(Clone, Copy, PartialEq)]
enum Where {
    Principal,
    Scp,
    Rcp,
    Resource,
    Endpoint,
}

/// What of a resource policy admits the caller.
#[derive(Default, Clone, Copy)]
struct Names {
    account: bool,
    role: bool,
    direct: bool,
}

/// Decides a case.
pub fn decide(case: &Value, readings: Readings) -> Answer {
    let request = &case["request"];
    let policies = &case["policies"];
    let who = who(request["principal"].as_str().unwrap());
    let boundary = array(&policies["boundary"]);
    let naive = Naive {
        context: context(request, &who),
        who,
        action: request["action"].as_str().unwrap().to_lowercase(),
        resource: request["resource"].as_str().unwrap(),
        bounded: !boundary.is_empty(),
        readings,
    };
    let signed = naive.who.account.is_some();
    if signed && naive.action == "sts:getcalleridentity" {
        return Answer::Allowed;
    }
    let service = naive.action.split(':').next().unwrap();
    let refused = match naive.who.kind {
        Kind::Anonymous => !["s3", "sqs", "sns"].contains(&service),
        Kind::Root => naive.action == "sts:assumerole",
        _ => false,
    };
    let identity = array(&policies["identity"]);
    let session: Vec<&Value> =
        Some(&policies["session"]).filter(|s| !s.is_null()).into_iter().collect();
    let endpoint = array(&policies["endpoint"]);
    let levels = |key: &str| -> Vec<Vec<&Value>> {
        array(&policies[key]).into_iter().map(|level| array(&level["policies"])).collect()
    };
    let (scp, rcp) = (levels("scp"), levels("rcp"));
    let resource = &policies["resource"];

    // Any matching Deny anywhere ends it.
    let denied = naive.any(&identity, "Deny", Where::Principal)
        || naive.any(&boundary, "Deny", Where::Principal)
        || naive.any(&session, "Deny", Where::Principal)
        || scp.iter().any(|level| naive.any(level, "Deny", Where::Scp))
        || rcp.iter().any(|level| naive.any(level, "Deny", Where::Rcp))
        || naive.any(&endpoint, "Deny", Where::Endpoint)
        || statements(resource).iter().any(|s| naive.denies_here(s));
    if denied {
        return Answer::ExplicitlyDenied;
    }
    let guards = scp.iter().all(|level| naive.any(level, "Allow", Where::Scp))
        && (endpoint.is_empty() || naive.any(&endpoint, "Allow", Where::Endpoint));
    let names = naive.granted(resource);
    let by_identity =
        naive.who.kind == Kind::Root || naive.any(&identity, "Allow", Where::Principal);
    let by_boundary = boundary.is_empty() || naive.any(&boundary, "Allow", Where::Principal);
    let by_session = if session.is_empty() {
        naive.who.kind != Kind::FederatedUser
    } else {
        naive.any(&session, "Allow", Where::Principal)
    };
    let own = by_identity && by_boundary && by_session;
    let home = request["resource_account"].as_str() == naive.who.account.as_deref();
    let passes = if !signed {
        names.direct
    } else if home || naive.resource == "*" {
        let must_admit = naive.action.starts_with("sts:assumerole")
            || (naive.action.starts_with("kms:") && naive.resource.contains(":key/"));
        names.direct
            || (names.role && by_boundary && by_session)
            || (own && (names.account || !must_admit))
    } else {
        own && (names.account || names.role || names.direct)
    };
    if passes && guards && !refused { Answer::Allowed } else { Answer::ImplicitlyDenied }
}

fn who(name: &str) -> Who<'_> {
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let (kind, account, arn) = match parts.as_slice() {
        ["anonymous"] => (Kind::Anonymous, None, String::new()),
        [service] => (Kind::Service, None, (*service).to_owned()),
        ["arn", _, "iam", _, account, "root"] => (Kind::Root, Some(*account), name.to_owned()),
        ["arn", _, "iam", _, account, it] if it.starts_with("user/") => {
            (Kind::User, Some(*account), name.to_owned())
        }
        ["arn", _, "sts", _, account, it] if it.starts_with("assumed-role/") => {
            let role = it.split('/').nth(1).unwrap();
            (Kind::Role, Some(*account), format!("arn:aws:iam::{account}:role/{role}"))
        }
        ["arn", _, "sts", _, account, it] => {
            let user = it.split('/').nth(1).unwrap();
            (Kind::FederatedUser, Some(*account), format!("arn:aws:iam::{account}:user/{user}"))
        }
        _ => (Kind::Provider, None, name.to_owned()),
    };
    Who { kind, name, account: account.map(str::to_owned), arn }
}

fn context(request: &Value, who: &Who<'_>) -> BTreeMap<String, Values> {
    let mut out = BTreeMap::new();
    let mut set = |key: &str, value: &str| {
        out.insert(key.to_owned(), (vec![value.to_owned()], false));
    };
    if let Some(account) = &who.account {
        // A federated user is named by its session, a role never is.
        let session = who.kind == Kind::FederatedUser;
        set("aws:principalarn", if session { who.name } else { &who.arn });
        set("aws:principalaccount", account);
    }
    if who.kind == Kind::User {
        set("aws:username", who.arn.rsplit('/').next().unwrap());
    }
    match who.kind {
        Kind::Root => set("aws:principaltype", "Account"),
        Kind::User => set("aws:principaltype", "User"),
        Kind::Role => set("aws:principaltype", "AssumedRole"),
        Kind::FederatedUser => set("aws:principaltype", "FederatedUser"),
        Kind::Anonymous => set("aws:principaltype", "Anonymous"),
        Kind::Service | Kind::Provider => {}
    }
    set("aws:currenttime", "2026-01-01T00:00:00Z");
    for (key, value) in request["context"].as_object().unwrap() {
        let values = match value {
            Value::Array(list) => (list.iter().map(word).collect(), true),
            one => (vec![word(one)], false),
        };
        out.insert(key.to_lowercase(), values);
    }
    out
}

impl Naive<'_> {
    fn any(&self, documents: &[&Value], effect: &str, place: Where) -> bool {
        // AWS attaches a policy that allows everything wherever there are resource control policies.
        if place == Where::Rcp && effect == "Allow" {
            return true;
        }
        documents.iter().any(|document| {
            statements(document).iter().any(|s| s.effect() == effect && self.applies(s, place))
        })
    }

    fn denies_here(&self, statement: &Statement<'_>) -> bool {
        if statement.effect() != "Deny" || !self.applies(statement, Where::Resource) {
            return false;
        }
        let not = &statement.json["NotPrincipal"];
        if not.is_null() {
            let names = self.names(&statement.json["Principal"]);
            return names.account || names.role || names.direct;
        }
        !(self.excepted(not)) || self.bounded
    }

    fn excepted(&self, list: &Value) -> bool {
        let all: Vec<(String, String)> = named(list);
        if all.iter().any(|(_, value)| value == "*") {
            return true;
        }
        let names = self.names(list);
        let any = names.account || names.role || names.direct;
        // The account by itself excepts none of its principals.
        let (own, part) = match self.who.kind {
            Kind::User => (names.direct, names.direct),
            Kind::Role | Kind::FederatedUser => {
                (names.role && names.direct, names.role || names.direct)
            }
            _ => return any,
        };
        (names.account && own) || (part && self.readings.partly_excepted)
    }

    fn granted(&self, document: &Value) -> Names {
        let mut out = Names::default();
        for statement in statements(document) {
            if statement.effect() != "Allow" || !self.applies(&statement, Where::Resource) {
                continue;
            }
            let not = &statement.json["NotPrincipal"];
            let names = if not.is_null() {
                self.names(&statement.json["Principal"])
            } else {
                // An Allow for all but somebody is an Allow for everybody else.
                let those = self.names(not);
                Names { direct: !(those.account || those.role || those.direct), ..Names::default() }
            };
            out.account |= names.account;
            out.role |= names.role;
            out.direct |= names.direct;
        }
        out
    }

    fn names(&self, principals: &Value) -> Names {
        let mut out = Names::default();
        for (kind, value) in named(principals) {
            match kind.as_str() {
                "*" => out.direct = true,
                "AWS" if value == "*" => out.direct = true,
                "Service" => out.direct |= self.who.kind == Kind::Service && value == self.who.name,
                "Federated" => {
                    out.direct |= self.who.kind == Kind::Provider && value == self.who.name;
                }
                _ => self.names_one(&value, &mut out),
            }
        }
        out
    }

    fn names_one(&self, value: &str, out: &mut Names) {
        let Some(account) = &self.who.account else { return };
        if value == account || value == format!("arn:aws:iam::{account}:root") {
            out.account = true;
        }
        match self.who.kind {
            Kind::User => out.direct |= value == self.who.arn,
            Kind::Role | Kind::FederatedUser => {
                out.direct |= value == self.who.name;
                out.role |= value == self.who.arn;
            }
            _ => {}
        }
    }

    fn applies(&self, statement: &Statement<'_>, place: Where) -> bool {
        let json = statement.json;
        let actions = match &json["Action"] {
            Value::Null => !list(&json["NotAction"]).iter().any(|p| self.action_matches(p)),
            some => list(some).iter().any(|p| self.action_matches(p)),
        };
        let matches =
            |of: &Value| list(of).iter().any(|p| self.resource_matches(p, statement, place));
        let resources = match (&json["Resource"], &json["NotResource"]) {
            (Value::Null, Value::Null) => place == Where::Resource,
            (Value::Null, not) => !matches(not),
            (some, _) => matches(some),
        };
        let conditions = json["Condition"].as_object();
        actions
            && resources
            && conditions.into_iter().flatten().all(|(operator, keys)| {
                keys.as_object().unwrap().iter().all(|(key, values)| {
                    self.holds(operator, &key.to_lowercase(), &list(values), statement)
                })
            })
    }

    fn action_matches(&self, pattern: &str) -> bool {
        if pattern == "*" {
            return true;
        }
        let pattern = pattern.to_lowercase();
        let Some((service, name)) = pattern.split_once(':') else { return false };
        if name.is_empty() || pattern.contains([' ', ',']) {
            return false;
        }
        let (own_service, own_name) = self.action.split_once(':').unwrap();
        wild(service, own_service) && wild(name, own_name)
    }

    fn resource_matches(&self, pattern: &str, statement: &Statement<'_>, place: Where) -> bool {
        if pattern == "*" {
            return true;
        }
        if self.resource == "*" {
            return false;
        }
        let mut parts: Vec<&str> = pattern.splitn(6, ':').collect();
        if parts.len() < 6 {
            let pads = match place {
                Where::Principal => true,
                Where::Scp | Where::Resource | Where::Endpoint => pattern.ends_with('*'),
                Where::Rcp => false,
            };
            if !pads {
                return false;
            }
            parts.resize(6, "*");
        }
        let own: Vec<&str> = self.resource.splitn(6, ':').collect();
        let Some(last) = self.replaced(parts[5], statement) else { return false };
        (0..5).all(|at| wild(parts[at], own[at])) && wild_marked(&last, own[5])
    }

    /// A text with its variables replaced: what comes from a variable is marked as literal. Nothing without a value.
    fn replaced(&self, text: &str, statement: &Statement<'_>) -> Option<Vec<(char, bool)>> {
        let mut out = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find("${").filter(|_| statement.variables) {
            out.extend(rest[..at].chars().map(|c| (c, false)));
            let end = rest[at..].find('}').unwrap() + at;
            let inside = &rest[at + 2..end];
            rest = &rest[end + 1..];
            let value = match inside {
                "*" | "?" | "$" => inside.to_owned(),
                _ => {
                    let (key, default) = match inside.split_once(", ") {
                        Some((key, default)) => (key, Some(default.trim_matches('\'').to_owned())),
                        None => (inside, None),
                    };
                    match self.context.get(&key.to_lowercase()) {
                        Some((_, true)) => return None,
                        Some((values, false)) => values[0].clone(),
                        None => default?,
                    }
                }
            };
            out.extend(value.chars().map(|c| (c, true)));
        }
        out.extend(rest.chars().map(|c| (c, false)));
        Some(out)
    }

    fn holds(
        &self,
        operator: &str,
        key: &str,
        values: &[String],
        statement: &Statement<'_>,
    ) -> bool {
        let (set, name) = match operator.split_once(':') {
            Some((set, name)) => (set, name),
            None => ("", operator),
        };
        let found = self.context.get(key).filter(|(values, _)| !values.is_empty());
        if name == "Null" {
            return values.iter().any(|value| (value == "true") == found.is_none());
        }
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let negated = name.contains("Not");
        let Some((found, several)) = found else {
            return if_exists
                || match set {
                    "ForAllValues" => true,
                    "ForAnyValue" => false,
                    _ => negated,
                };
        };
        let one = |value: &String| {
            if !fits(name, value) {
                return false;
            }
            values.iter().any(|policy| self.compares(name, value, policy, statement)) != negated
        };
        match set {
            "ForAllValues" => found.iter().all(one),
            "ForAnyValue" => found.iter().any(one),
            _ => !several && one(&found[0]),
        }
    }

    /// Whether a value of the request matches one of the policy, negation left out.
    fn compares(&self, name: &str, value: &str, policy: &str, statement: &Statement<'_>) -> bool {
        let Some(marked) = self.replaced(policy, statement) else { return false };
        let plain: String = marked.iter().map(|(c, _)| *c).collect();
        let positive = name.replace("Not", "");
        match positive.as_str() {
            "StringEquals" => plain == value,
            "StringEqualsIgnoreCase" | "Bool" => plain.to_lowercase() == value.to_lowercase(),
            "StringLike" => wild_marked(&marked, value),
            "ArnEquals" | "ArnLike" => {
                if plain == "*" && marked.iter().all(|(_, literal)| !literal) {
                    return true;
                }
                let own: Vec<&str> = value.splitn(6, ':').collect();
                let mut parts: Vec<Vec<(char, bool)>> = vec![Vec::new()];
                for (c, literal) in marked {
                    if c == ':' && parts.len() < 6 {
                        parts.push(Vec::new());
                    } else {
                        parts.last_mut().unwrap().push((c, literal));
                    }
                }
                parts.len() == 6 && parts.iter().zip(own).all(|(p, o)| wild_marked(p, o))
            }
            "IpAddress" => in_range(value, &plain),
            number if number.starts_with("Numeric") => {
                let order = value.parse::<f64>().unwrap().partial_cmp(&plain.parse().unwrap());
                ordered(&number["Numeric".len()..], order.unwrap())
            }
            date => ordered(&date["Date".len()..], seconds(value).cmp(&seconds(&plain))),
        }
    }
}

struct Statement<'d> {
    json: &'d Value,
    variables: bool,
}

impl Statement<'_> {
    fn effect(&self) -> &str {
        self.json["Effect"].as_str().unwrap()
    }
}

fn statements(document: &Value) -> Vec<Statement<'_>> {
    let variables = document["Version"] == "2012-10-17";
    let all = match &document["Statement"] {
        Value::Array(list) => list.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    };
    all.into_iter().map(|json| Statement { json, variables }).collect()
}

fn fits(name: &str, value: &str) -> bool {
    if name.starts_with("Arn") {
        value.starts_with("arn:") && value.split(':').count() >= 6
    } else if name.starts_with("Numeric") {
        value.parse::<f64>().is_ok()
    } else {
        true
    }
}

fn ordered(name: &str, order: std::cmp::Ordering) -> bool {
    match name {
        "Equals" => order.is_eq(),
        "LessThan" => order.is_lt(),
        "LessThanEquals" => order.is_le(),
        "GreaterThan" => order.is_gt(),
        "GreaterThanEquals" => order.is_ge(),
        other => panic!("{other}"),
    }
}

fn seconds(text: &str) -> i64 {
    let full = match text.len() {
        10 if text.contains('-') => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    text.parse().unwrap_or_else(|_| full.parse::<jiff::Timestamp>().unwrap().as_second())
}

fn in_range(value: &str, range: &str) -> bool {
    use std::net::IpAddr;
    let (base, length) = match range.split_once('/') {
        Some((base, length)) => (base, Some(length.parse::<u32>().unwrap())),
        None => (range, None),
    };
    match (value.parse().unwrap(), base.parse().unwrap()) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let shift = 32 - length.unwrap_or(32);
            u64::from(a.to_bits()) >> shift == u64::from(b.to_bits()) >> shift
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let shift = 128 - length.unwrap_or(128);
            a.to_bits() >> shift == b.to_bits() >> shift
        }
        _ => false,
    }
}

fn wild(pattern: &str, text: &str) -> bool {
    wild_marked(&pattern.chars().map(|c| (c, false)).collect::<Vec<_>>(), text)
}

/// Wildcards by the definition: a star is any text or none.
fn wild_marked(pattern: &[(char, bool)], text: &str) -> bool {
    let Some(((first, literal), rest)) = pattern.split_first() else { return text.is_empty() };
    let mut chars = text.chars();
    match first {
        '*' if !literal => {
            wild_marked(rest, text)
                || (chars.next().is_some() && wild_marked(pattern, chars.as_str()))
        }
        '?' if !literal => chars.next().is_some() && wild_marked(rest, chars.as_str()),
        c => chars.next() == Some(*c) && wild_marked(rest, chars.as_str()),
    }
}

fn named(principals: &Value) -> Vec<(String, String)> {
    match principals {
        Value::String(text) => vec![("*".to_owned(), text.clone())],
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, values)| list(values).into_iter().map(|v| (kind.clone(), v)))
            .collect(),
        _ => Vec::new(),
    }
}

fn array(value: &Value) -> Vec<&Value> {
    value.as_array().map(|list| list.iter().collect()).unwrap_or_default()
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().map(word).collect(),
        Value::Null => Vec::new(),
        one => vec![word(one)],
    }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
