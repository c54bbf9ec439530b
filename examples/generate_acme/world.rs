//! The ground the company is built on: accounts, ids, times, and the list of resources in the making.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use portcullis::collect::normal;
use portcullis::ident::{AccountId, Region};
use portcullis::model::kinds::{KINDS, Scope, kind_named};
use portcullis::model::{Attr, Completeness, CoverageEntry, Meta, Origin, Resource};
use serde_json::{Value, json};

/// Shared services, security tooling and the management of the organization.
pub const MANAGEMENT: &str = "210987654321";
/// The shop that customers see.
pub const PRODUCTION: &str = "345678901234";
/// The same before it is released.
pub const STAGING: &str = "456789012345";
/// Where developers try things; the least tidy of the four.
pub const DEVELOPMENT: &str = "567890123456";
/// Two regions are in use.
pub const IRELAND: &str = "eu-west-1";
/// The second one.
pub const FRANKFURT: &str = "eu-central-1";
/// A region that has to be opted into, and is not.
pub const MILAN: &str = "eu-south-1";

/// The moment of the example, in seconds since 1970: 2026-06-01T00:00:00Z.
const NOW: i64 = 1_780_272_000;

/// An account in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    pub account: &'static str,
    pub region: &'static str,
    /// `prod`, `staging`, `dev` or `shared`: the tag, and a part of names.
    pub env: &'static str,
}

impl At {
    pub const fn new(account: &'static str, region: &'static str, env: &'static str) -> Self {
        Self { account, region, env }
    }

    /// The same account, for services without regions.
    pub const fn global(self) -> Self {
        Self { region: Region::GLOBAL, ..self }
    }

    /// `eu-west-1a` and so on.
    pub fn zone(self, at: usize) -> String {
        format!("{}{}", self.region, ["a", "b", "c"].get(at).unwrap_or(&"a"))
    }
}

/// Every account with its regions.
pub const PLACES: [At; 8] = [
    At::new(MANAGEMENT, IRELAND, "shared"),
    At::new(MANAGEMENT, FRANKFURT, "shared"),
    At::new(PRODUCTION, IRELAND, "prod"),
    At::new(PRODUCTION, FRANKFURT, "prod"),
    At::new(STAGING, IRELAND, "staging"),
    At::new(STAGING, FRANKFURT, "staging"),
    At::new(DEVELOPMENT, IRELAND, "dev"),
    At::new(DEVELOPMENT, FRANKFURT, "dev"),
];

/// The moment of the example.
pub fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap_or_default()
}

/// A moment some days (and hours) before the example's.
pub fn ago(days: i64) -> String {
    hours_ago(days * 24 + 3)
}

/// A moment some hours before the example's.
pub fn hours_ago(hours: i64) -> String {
    let time = now().checked_sub(SignedDuration::from_hours(hours)).unwrap_or_default();
    time.to_string()
}

/// A small generator of its own, so that the same names give the same ids wherever this is built (Marsaglia, 2003).
struct XorShift(u64);

impl XorShift {
    /// Seeded by the FNV-1a hash of a name.
    fn new(name: &str) -> Self {
        let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(seed | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// An id that only depends on what it is the id of.
pub fn id(prefix: &str, name: &str) -> String {
    let mut random = XorShift::new(&format!("{prefix}/{name}"));
    random.next();
    format!("{prefix}-0{:016x}", random.next())
}

/// Sixteen hexadecimal digits, as load balancers have.
pub fn hex16(name: &str) -> String {
    let mut random = XorShift::new(name);
    random.next();
    format!("{:016x}", random.next())
}

/// A unique id of IAM, `AROA…`.
pub fn unique(prefix: &str, name: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut random = XorShift::new(&format!("{prefix}/{name}"));
    let letters = (0..17).map(|_| {
        let at = usize::try_from(random.next() % 32).unwrap_or_default();
        char::from(LETTERS.get(at).copied().unwrap_or(b'A'))
    });
    prefix.chars().chain(letters).collect()
}

/// A small number that only depends on a name.
pub fn pick(name: &str, below: u64) -> u64 {
    let mut random = XorShift::new(name);
    random.next();
    random.next() % below.max(1)
}

/// Tags.
pub type Tags = BTreeMap<String, String>;

/// Tags as everyone at Acme writes them.
pub fn tags(env: &str, owner: &str, class: &str, more: &[(&str, &str)]) -> Tags {
    let mut out = Tags::new();
    for (key, value) in [("env", env), ("owner", owner), ("data-class", class)].iter().chain(more) {
        if !value.is_empty() {
            out.insert((*key).to_owned(), (*value).to_owned());
        }
    }
    out
}

/// An unknown value.
pub fn denied(call: &str) -> Value {
    json!({"$unknown": {"kind": "denied", "detail": format!("{call}: AccessDenied")}})
}

/// The fields of one object over those of another.
pub fn over(base: Value, more: Value) -> Value {
    let (Value::Object(mut map), Value::Object(more)) = (base, more) else { return Value::Null };
    map.extend(more);
    Value::Object(map)
}

/// What is being built.
#[derive(Debug, Default)]
pub struct World {
    pub resources: Vec<Resource>,
    pub coverage: Vec<CoverageEntry>,
    /// What does not fit the model; empty unless somebody edits this.
    pub errors: Vec<String>,
}

impl World {
    /// Adds a resource. Everything that is not given is known to be absent.
    pub fn put(&mut self, at: At, kind: &str, id: &str, name: &str, tags: &Tags, data: Value) {
        let account = AccountId::new(at.account);
        let region = Region::new(at.region);
        let (Ok(account), Ok(region)) = (account, region) else {
            return self.errors.push(format!("no place: {at:?}"));
        };
        let arn = normal::ec2_arn(kind, &account, &region, id)
            .or_else(|| id.starts_with("arn:").then(|| id.to_owned()));
        self.put_as(at, kind, id, arn, name, tags, data);
    }

    /// Adds a resource with an ARN of its own.
    #[expect(
        clippy::too_many_arguments,
        reason = "a resource has that many parts, and each call names them in order"
    )]
    pub fn put_as(
        &mut self,
        at: At,
        kind: &str,
        id: &str,
        arn: Option<String>,
        name: &str,
        tags: &Tags,
        data: Value,
    ) {
        let Some(known) = kind_named(kind) else {
            return self.errors.push(format!("no type {kind}"));
        };
        let mut tags = tags.clone();
        let mut data = match (known.from_json)(data) {
            Ok(data) => data,
            Err(error) => return self.errors.push(format!("{kind} {id}: {error}")),
        };
        data.settle();
        let (Ok(account), Ok(region)) = (AccountId::new(at.account), Region::new(at.region)) else {
            return self.errors.push(format!("no place: {at:?}"));
        };
        let named = !name.is_empty() && kind.starts_with("aws.ec2.") && !tags.is_empty();
        if named && !["aws.ec2.key_pair", "aws.ec2.security_group", "aws.ec2.image"].contains(&kind)
        {
            tags.insert("Name".to_owned(), name.to_owned());
        }
        let meta = Meta {
            id: id.to_owned(),
            account,
            region,
            arn,
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            tags: Attr::Known(tags),
            environment: Attr::default(),
            origin: Origin::Aws,
        };
        self.resources.push(Resource { meta, data });
    }

    /// Says of every cell that it was read, but for the gaps.
    pub fn cover(&mut self, gaps: &[(At, &str, Completeness, &str)]) {
        let mut counts: BTreeMap<(String, String, &str), u64> = BTreeMap::new();
        for resource in &self.resources {
            let place = (resource.meta.account.to_string(), resource.meta.region.to_string());
            *counts.entry((place.0, place.1, resource.kind().name)).or_default() += 1;
        }
        let accounts: Vec<At> = PLACES.iter().copied().step_by(2).collect();
        for kind in KINDS {
            let places: Vec<At> = match kind.scope {
                Scope::Organization => vec![At::new(MANAGEMENT, Region::GLOBAL, "shared")],
                Scope::Global => accounts.iter().map(|at| at.global()).collect(),
                Scope::Regional => {
                    let closed = accounts.iter().map(|at| At { region: MILAN, ..*at });
                    PLACES.iter().copied().chain(closed).collect()
                }
            };
            for at in places {
                let gap = gaps.iter().find(|(place, name, _, _)| {
                    place.account == at.account && place.region == at.region && *name == kind.name
                });
                let (status, reason) = match gap {
                    Some((_, _, status, reason)) => (*status, Some((*reason).to_owned())),
                    None if at.region == MILAN => {
                        let reason = "the region is not enabled for the account".to_owned();
                        (Completeness::Disabled, Some(reason))
                    }
                    None => (Completeness::Complete, None),
                };
                let (Ok(account), Ok(region)) =
                    (AccountId::new(at.account), Region::new(at.region))
                else {
                    continue;
                };
                let place = (at.account.to_owned(), at.region.to_owned(), kind.name);
                self.coverage.push(CoverageEntry {
                    source: "aws".to_owned(),
                    account,
                    region,
                    kind: kind.name.to_owned(),
                    status,
                    reason,
                    count: counts.get(&place).copied().unwrap_or_default(),
                });
            }
        }
        self.coverage.sort_by(|a, b| {
            (&a.account, &a.region, &a.kind).cmp(&(&b.account, &b.region, &b.kind))
        });
    }
}

/// A statement of a policy document, in the model's form.
pub fn allow(actions: &[&str], resources: &[&str]) -> Value {
    statement("Allow", actions, resources, &[], &[])
}

/// A statement of a policy document: principals are `(kind, value)`, conditions `(operator, key, values)`.
pub fn statement(
    effect: &str,
    actions: &[&str],
    resources: &[&str],
    principals: &[(&str, &str)],
    conditions: &[(&str, &str, &[&str])],
) -> Value {
    let principals: Vec<Value> =
        principals.iter().map(|(kind, value)| json!({"kind": kind, "value": value})).collect();
    let conditions: Vec<Value> = conditions
        .iter()
        .map(|(operator, key, values)| json!({"operator": operator, "key": key, "values": values}))
        .collect();
    json!({
        "effect": effect, "actions": actions, "resources": resources, "principals": principals,
        "conditions": conditions,
    })
}

/// A policy document.
pub fn document(statements: &[Value]) -> Value {
    json!({"version": "2012-10-17", "statements": statements})
}

/// An empty map for things that never have tags.
pub fn untagged() -> Tags {
    Tags::new()
}
