//! Functions of presence, lists, maps and related resources.

use std::cmp::Ordering;

use super::Sort::{
    Bool, Field, Float, Int, Kind, List, Map, Optional, Place, Resources, String, T, U, Variable,
};
use super::{Form, Function, Run, function as f, take};
use crate::expr::ops;
use crate::expr::program::Arith;
use crate::expr::value::{Listing, Truth, Value};

pub(super) static PRESENCE: &[Function] = &[
    f!(
        "Whether an optional field, or a key of a map, is present. What follows `&&` may then use it.",
        "has(self.name) && self.name == 'x'",
        "has",
        None,
        &[Place],
        Bool,
        Run::Form(Form::Has)
    ),
    f!(
        "The value of an optional, or another where it is absent.",
        "self.?name.orValue('unnamed')",
        "orValue",
        Some(Optional(&T)),
        &[T],
        T,
        Run::Form(Form::OrValue)
    ),
    f!(
        "Whether an optional is present.",
        "self.?name.hasValue()",
        "hasValue",
        Some(Optional(&T)),
        &[],
        Bool,
        Run::Form(Form::HasValue)
    ),
];

pub(super) static LISTS: &[Function] = &[
    f!(
        "Whether some item fulfils a condition.",
        "self.ingress.exists(r, r.from_internet)",
        "exists",
        Some(List(&T)),
        &[Variable, Bool],
        Bool,
        Run::Form(Form::Exists)
    ),
    f!(
        "Whether all items fulfil a condition.",
        "self.ingress.all(r, !r.from_internet)",
        "all",
        Some(List(&T)),
        &[Variable, Bool],
        Bool,
        Run::Form(Form::All)
    ),
    f!(
        "Whether exactly one item fulfils a condition.",
        "self.routes.exists_one(r, r.state == 'blackhole')",
        "exists_one",
        Some(List(&T)),
        &[Variable, Bool],
        Bool,
        Run::Form(Form::ExistsOne)
    ),
    f!(
        "The items that fulfil a condition.",
        "self.ingress.filter(r, r.from_internet)",
        "filter",
        Some(List(&T)),
        &[Variable, Bool],
        List(&T),
        Run::Form(Form::Filter)
    ),
    f!(
        "What an expression gives for each item.",
        "self.ingress.map(r, r.ports)",
        "map",
        Some(List(&T)),
        &[Variable, U],
        List(&U),
        Run::Form(Form::Map)
    ),
    f!(
        "What an expression gives for each item that fulfils a condition.",
        "self.ingress.map(r, has(r.cidr), r.cidr)",
        "map",
        Some(List(&T)),
        &[Variable, Bool, U],
        List(&U),
        Run::Form(Form::Map)
    ),
    f!(
        "How many items it has.",
        "self.ingress.size() > 0",
        "size",
        Some(List(&T)),
        &[],
        Int,
        Run::Form(Form::Size)
    ),
    f!(
        "How many items a list has.",
        "size(self.ingress)",
        "size",
        None,
        &[List(&T)],
        Int,
        Run::Form(Form::Size)
    ),
    f!(
        "How many entries it has.",
        "self.tags.size()",
        "size",
        Some(Map(&T)),
        &[],
        Int,
        Run::Form(Form::Size)
    ),
    f!(
        "How many entries a map has.",
        "size(self.tags)",
        "size",
        None,
        &[Map(&T)],
        Int,
        Run::Form(Form::Size)
    ),
    f!("Sorted.", "[3, 1, 2].sort()", "sort", Some(List(&T)), &[], List(&T), Run::Pure(sort)),
    f!(
        "Without repetitions; the first of each stays.",
        "[1, 2, 1].distinct()",
        "distinct",
        Some(List(&T)),
        &[],
        List(&T),
        Run::Pure(distinct)
    ),
    f!(
        "The items of the lists within.",
        "[[1], [2, 3]].flatten()",
        "flatten",
        Some(List(&List(&T))),
        &[],
        List(&T),
        Run::Pure(flatten)
    ),
    f!(
        "The sum.",
        "[1, 2].sum()",
        "sum",
        Some(List(&Int)),
        &[],
        Int,
        Run::Pure(|v| sum(v, Value::Int(0)))
    ),
    f!(
        "The sum.",
        "[1.5, 2.0].sum()",
        "sum",
        Some(List(&Float)),
        &[],
        Float,
        Run::Pure(|v| sum(v, Value::Float(0.0)))
    ),
    f!(
        "The smallest; unknown of an empty list.",
        "[3, 1].min()",
        "min",
        Some(List(&T)),
        &[],
        T,
        Run::Pure(|v| extreme(v, Ordering::Less))
    ),
    f!(
        "The largest; unknown of an empty list.",
        "[3, 1].max()",
        "max",
        Some(List(&T)),
        &[],
        T,
        Run::Pure(|v| extreme(v, Ordering::Greater))
    ),
];

pub(super) static RELATED: &[Function] = &[
    f!(
        "The resources of a type, in the account and region of `self`, whose field is, or contains, a text.",
        "related('aws.ec2.flow_log', 'resource_id', self.id)",
        "related",
        None,
        &[Kind, Field, String],
        Resources,
        Run::Form(Form::Related)
    ),
    f!(
        "The same over the whole inventory.",
        "related_anywhere('aws.ec2.vpc', 'id', self.vpc_id)",
        "related_anywhere",
        None,
        &[Kind, Field, String],
        Resources,
        Run::Form(Form::RelatedAnywhere)
    ),
    f!(
        "The resources of a type in the account and region of `self`.",
        "all('aws.ec2.flow_log')",
        "all",
        None,
        &[Kind],
        Resources,
        Run::Form(Form::AllOf)
    ),
];

fn sort<'a>(v: &[Value<'a>]) -> Value<'a> {
    match take::list(v, 0) {
        Ok(mut items) => {
            items.sort_by(|a, b| ops::order(a, b).unwrap_or(Ordering::Equal));
            Listing::of(items).into()
        }
        Err(why) => Value::Unknown(why),
    }
}

fn distinct<'a>(v: &[Value<'a>]) -> Value<'a> {
    let items = match take::list(v, 0) {
        Ok(items) => items,
        Err(why) => return Value::Unknown(why),
    };
    let mut out: Vec<Value<'a>> = Vec::new();
    for item in items {
        let mut seen = false;
        for have in &out {
            match ops::equal(have, &item) {
                Truth::True => seen = true,
                Truth::False => {}
                Truth::Unknown(why) => return Value::Unknown(why),
            }
        }
        if !seen {
            out.push(item);
        }
    }
    Listing::of(out).into()
}

fn flatten<'a>(v: &[Value<'a>]) -> Value<'a> {
    let outer = match v.first().map(Value::listing) {
        Some(Ok(outer)) => outer,
        Some(Err(why)) => return Value::Unknown(why),
        None => return Value::Absent,
    };
    let mut out = Listing { items: Vec::new(), gap: outer.gap };
    for list in outer.items {
        match list.value.listing() {
            Ok(inner) => {
                out.gap = out.gap.or(inner.gap);
                out.items.extend(inner.items.into_iter().map(|mut item| {
                    item.doubt = item.doubt.or_else(|| list.doubt.clone());
                    item
                }));
            }
            Err(why) => out.gap = out.gap.or(Some(why)),
        }
    }
    out.into()
}

fn sum<'a>(v: &[Value<'a>], zero: Value<'a>) -> Value<'a> {
    match take::list(v, 0) {
        Ok(items) => items.iter().fold(zero, |sum, item| ops::arith(Arith::Add, &sum, item)),
        Err(why) => Value::Unknown(why),
    }
}

fn extreme<'a>(v: &[Value<'a>], wanted: Ordering) -> Value<'a> {
    let items = match take::list(v, 0) {
        Ok(items) => items,
        Err(why) => return Value::Unknown(why),
    };
    let best = items.into_iter().reduce(|best, item| match ops::order(&item, &best) {
        Some(order) if order == wanted => item,
        _ => best,
    });
    best.unwrap_or_else(|| take::failed("an extreme of an empty list"))
}
