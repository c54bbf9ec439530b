//! Functions of ports and prefixes.

use super::Sort::{Bool, Int, Ports, Prefix, String};
use super::{Form, Function, Run, function as f, take};
use crate::expr::value::Value;
use crate::net::{self, PrefixSet};

pub(super) static NETWORK: &[Function] = &[
    f!(
        "A range of ports, both ends included.",
        "ports(8000, 8999)",
        "ports",
        None,
        &[Int, Int],
        Ports,
        Run::Pure(ports)
    ),
    f!(
        "Whether a port lies in the range.",
        "r.ports.covers(22)",
        "covers",
        Some(Ports),
        &[Int],
        Bool,
        Run::Form(Form::Covers)
    ),
    f!(
        "Whether two ranges share a port.",
        "r.ports.overlaps(ports(20, 21))",
        "overlaps",
        Some(Ports),
        &[Ports],
        Bool,
        Run::Pure(|v| Value::Bool(take::ports(v, 0).overlaps(take::ports(v, 1))))
    ),
    f!(
        "How many ports there are in it.",
        "r.ports.count() > 100",
        "count",
        Some(Ports),
        &[],
        Int,
        Run::Pure(|v| Value::Int(take::ports(v, 0).count()))
    ),
    Function {
        property: true,
        ..f!(
            "The first port.",
            "r.ports.from",
            "from",
            Some(Ports),
            &[],
            Int,
            Run::Pure(|v| Value::Int(i64::from(take::ports(v, 0).from)))
        )
    },
    Function {
        property: true,
        ..f!(
            "The last port.",
            "r.ports.to",
            "to",
            Some(Ports),
            &[],
            Int,
            Run::Pure(|v| Value::Int(i64::from(take::ports(v, 0).to)))
        )
    },
    f!(
        "An address prefix; a bare address is its own prefix.",
        "prefix('10.0.0.0/8')",
        "prefix",
        None,
        &[String],
        Prefix,
        Run::Pure(|v| take::text(v, 0).parse().map_or_else(take::failed, Value::Prefix))
    ),
    f!(
        "Whether every address of another prefix lies inside.",
        "prefix('10.0.0.0/8').contains(self.cidr_block)",
        "contains",
        Some(Prefix),
        &[Prefix],
        Bool,
        Run::Pure(|v| both(v, net::Prefix::contains))
    ),
    f!(
        "Whether two prefixes share an address.",
        "self.cidr_block.overlaps(prefix('172.16.0.0/12'))",
        "overlaps",
        Some(Prefix),
        &[Prefix],
        Bool,
        Run::Pure(|v| both(v, net::Prefix::overlaps))
    ),
    f!(
        "How many leading bits are fixed.",
        "self.cidr_block.length() < 16",
        "length",
        Some(Prefix),
        &[],
        Int,
        Run::Pure(|v| one(v, |p| Value::Int(i64::from(p.length()))))
    ),
    f!(
        "Whether it is IPv6.",
        "r.cidr.is_v6()",
        "is_v6",
        Some(Prefix),
        &[],
        Bool,
        Run::Pure(|v| one(v, |p| Value::Bool(p.is_v6())))
    ),
    f!(
        "Whether it holds an address of the public internet.",
        "r.cidr.is_public()",
        "is_public",
        Some(Prefix),
        &[],
        Bool,
        Run::Pure(|v| one(v, |p| Value::Bool(is_public(p))))
    ),
];

fn ports<'a>(v: &[Value<'a>]) -> Value<'a> {
    let (from, to) = (take::int(v, 0), take::int(v, 1));
    match (u16::try_from(from), u16::try_from(to)) {
        (Ok(from), Ok(to)) if from <= to => Value::Ports(net::Ports { from, to }),
        _ => take::failed(format!("{from} to {to} is no range of ports")),
    }
}

fn one<'a>(v: &[Value<'a>], run: impl FnOnce(net::Prefix) -> Value<'a>) -> Value<'a> {
    take::prefix(v, 0).map_or_else(|| take::failed("no prefix"), run)
}

fn both<'a>(v: &[Value<'a>], run: fn(net::Prefix, net::Prefix) -> bool) -> Value<'a> {
    match (take::prefix(v, 0), take::prefix(v, 1)) {
        (Some(a), Some(b)) => Value::Bool(run(a, b)),
        _ => take::failed("no prefix"),
    }
}

fn is_public(prefix: net::Prefix) -> bool {
    let set = PrefixSet::of([&prefix]);
    if prefix.is_v6() { set.overlaps(&public_v6()) } else { set.public_v4_count() > 0 }
}

/// Global unicast IPv6 (IANA IPv6 address space registry).
fn public_v6() -> PrefixSet {
    PrefixSet::of("2000::/3".parse().ok().as_ref())
}
