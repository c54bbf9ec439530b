//! The evaluator: a walk over the typed program. It borrows from the model and the program, and allocates only for
//! lists and texts that did not exist before.
//!
//! Lists are walked, not built, wherever an expression only asks about their items. Unknown lists are walked as empty
//! lists with a gap, which decides nothing.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::ops;
use super::program::{Compare, Loop, Node, Reach, Scope, Test};
use super::value::{Item, Listing, Truth, Value, Why};
use crate::model::index::{Related, Within};
use crate::model::reflect::{Reflect, View};

/// How many items one evaluation may look at. A nest of macros over large lists would not end in a lifetime.
const ITEMS_MAX: u32 = 2_000_000;

/// One evaluation.
pub(super) struct Cx<'s, 'a> {
    scope: &'s Scope<'a>,
    items: Cell<u32>,
}

impl<'s, 'a> Cx<'s, 'a> {
    pub(super) fn new(scope: &'s Scope<'a>) -> Self {
        Self { scope, items: Cell::new(0) }
    }

    /// Counts an item that is looked at; false when it is one too many.
    fn count(&self) -> bool {
        let items = self.items.get();
        self.items.set(items.saturating_add(1));
        items < ITEMS_MAX
    }
}

#[cold]
fn too_many<'a>() -> Why<'a> {
    Why::not_understood(format!("more than {ITEMS_MAX} items to look at"))
}

/// The variables of the macros around a node, innermost first.
pub(super) type Frame<'f, 'a> = Option<&'f Local<'f, 'a>>;

/// One variable.
pub(super) struct Local<'f, 'a> {
    value: &'f Value<'a>,
    up: Frame<'f, 'a>,
}

fn local<'f, 'a>(mut frame: Frame<'f, 'a>, mut up: usize) -> Option<&'f Value<'a>> {
    while up > 0 {
        frame = frame?.up;
        up -= 1;
    }
    frame.map(|local| local.value)
}

#[cold]
fn missing<'a>(what: &str) -> Value<'a> {
    Value::Unknown(Why::not_understood(format!("{what} is not given")))
}

/// The value of a node.
pub(super) fn value<'a>(node: &'a Node, cx: &Cx<'_, 'a>, frame: Frame<'_, 'a>) -> Value<'a> {
    match node {
        Node::Const(constant) => constant.lend(),
        Node::This => cx.scope.this.map_or_else(|| missing("self"), Value::Struct),
        Node::Now => Value::Time(cx.scope.now),
        Node::Param(at) => {
            cx.scope.params.get(*at).map_or_else(|| missing("a parameter"), Value::lend)
        }
        Node::Var(at) => cx.scope.vars.get(*at).map_or_else(|| missing("a variable"), Value::lend),
        Node::Local(up) => local(frame, *up).map_or_else(|| missing("a variable"), Clone::clone),
        Node::Field(base, slot) => match part(base, cx, frame) {
            Ok(part) => part.slot(*slot).into(),
            Err(other) => other,
        },
        Node::Key(map, key) => key_of(&value(map, cx, frame), &value(key, cx, frame)),
        Node::Item(list, at) => item(&value(list, cx, frame), &value(at, cx, frame)),
        Node::OrValue(first, otherwise) => match value(first, cx, frame) {
            Value::Absent => value(otherwise, cx, frame),
            present => present,
        },
        Node::Test(test) => truth(test, cx, frame).into(),
        Node::If(parts) => either(parts, cx, frame),
        Node::Arith(how, parts) => {
            ops::arith(*how, &value(&parts.0, cx, frame), &value(&parts.1, cx, frame))
        }
        Node::Negate(inner) => match value(inner, cx, frame) {
            Value::Int(v) => match v.checked_neg() {
                Some(v) => Value::Int(v),
                None => Value::Unknown(Why::not_understood(format!("-({v}) overflows"))),
            },
            Value::Float(v) => Value::Float(-v),
            other => other,
        },
        Node::Join(parts) => ops::join(&value(&parts.0, cx, frame), &value(&parts.1, cx, frame)),
        Node::List(nodes) => Listing::of(nodes.iter().map(|node| value(node, cx, frame))).into(),
        Node::Map(entries) => map(entries, cx, frame),
        Node::Filter(_) | Node::MapEach(_) | Node::Related(..) | Node::AllOf(_) => {
            collect(node, cx, frame)
        }
        Node::Size(list) => size(list, cx, frame),
        Node::Call(function, args) => call(function, args, cx, frame),
    }
}

/// The struct a node gives; otherwise what to pass on: unknown or absent.
fn part<'a>(
    node: &'a Node,
    cx: &Cx<'_, 'a>,
    frame: Frame<'_, 'a>,
) -> Result<&'a dyn Reflect, Value<'a>> {
    let other = match node {
        Node::This => match cx.scope.this {
            Some(this) => return Ok(this),
            None => missing("self"),
        },
        Node::Local(up) => match local(frame, *up) {
            Some(Value::Struct(part)) => return Ok(*part),
            Some(other) => other.clone(),
            None => missing("a variable"),
        },
        Node::Field(base, slot) => match part(base, cx, frame)?.slot(*slot) {
            View::Struct(part) => return Ok(part),
            other => other.into(),
        },
        _ => match value(node, cx, frame) {
            Value::Struct(part) => return Ok(part),
            other => other,
        },
    };
    Err(match other {
        Value::Unknown(_) | Value::Absent => other,
        _ => Value::Unknown(Why::not_understood("no struct")),
    })
}

fn key_of<'a>(map: &Value<'a>, key: &Value<'a>) -> Value<'a> {
    if let Some(why) = map.why().or_else(|| key.why()) {
        return Value::Unknown(why.clone());
    }
    let Some(key) = key.as_str() else { return Value::Absent };
    match map {
        Value::Entries(entries) => entries.value(key).map_or(Value::Absent, Value::from),
        Value::Map(map) => map.get(key).cloned().unwrap_or(Value::Absent),
        _ => Value::Absent,
    }
}

fn item<'a>(list: &Value<'a>, at: &Value<'a>) -> Value<'a> {
    let listing = match list.listing() {
        Ok(listing) => listing,
        Err(why) => return Value::Unknown(why),
    };
    let at = match at {
        Value::Int(at) => *at,
        Value::Unknown(why) => return Value::Unknown(why.clone()),
        _ => return Value::Unknown(Why::not_understood("no index")),
    };
    if let Some(why) = listing.doubt() {
        return Value::Unknown(why.clone());
    }
    let size = listing.items.len();
    match usize::try_from(at).ok().and_then(|at| listing.items.into_iter().nth(at)) {
        Some(item) => item.value,
        None => Value::Unknown(Why::not_understood(format!("item {at} of a list of {size}"))),
    }
}

/// A choice whose condition is unknown is known only if both ways lead to the same.
fn either<'a>(parts: &'a (Test, Node, Node), cx: &Cx<'_, 'a>, frame: Frame<'_, 'a>) -> Value<'a> {
    match truth(&parts.0, cx, frame) {
        Truth::True => value(&parts.1, cx, frame),
        Truth::False => value(&parts.2, cx, frame),
        Truth::Unknown(why) => {
            let yes = value(&parts.1, cx, frame);
            match ops::equal(&yes, &value(&parts.2, cx, frame)) {
                Truth::True => yes,
                _ => Value::Unknown(why),
            }
        }
    }
}

fn map<'a>(entries: &'a [(Node, Node)], cx: &Cx<'_, 'a>, frame: Frame<'_, 'a>) -> Value<'a> {
    let mut out = BTreeMap::new();
    for (key, node) in entries {
        let key = value(key, cx, frame);
        match (key.as_str(), key.why()) {
            (Some(key), _) => {
                out.insert(key.to_owned(), value(node, cx, frame));
            }
            (None, Some(why)) => return Value::Unknown(why.clone()),
            (None, None) => return Value::Unknown(Why::not_understood("a key that is no text")),
        }
    }
    Value::Map(Arc::new(out))
}

/// How many arguments a function has at most, the receiver included.
const ARGS_MAX: usize = 3;

fn call<'a>(
    function: &'static super::functions::Function,
    args: &'a [Node],
    cx: &Cx<'_, 'a>,
    frame: Frame<'_, 'a>,
) -> Value<'a> {
    let mut values = [const { Value::Absent }; ARGS_MAX];
    for (slot, node) in values.iter_mut().zip(args) {
        *slot = value(node, cx, frame);
        match slot {
            Value::Unknown(_) => return std::mem::replace(slot, Value::Absent),
            Value::Absent => return Value::Unknown(Why::not_understood("an absent argument")),
            _ => {}
        }
    }
    function.run(values.get(..args.len()).unwrap_or_default())
}

fn size<'a>(list: &'a Node, cx: &Cx<'_, 'a>, frame: Frame<'_, 'a>) -> Value<'a> {
    let (least, most, doubt) = bounds(list, cx, frame);
    match doubt {
        Some(why) if least != most => Value::Unknown(why),
        _ => Value::Int(least),
    }
}

/// How many items a list has at least and at most, and why that is not the same.
fn bounds<'a>(
    list: &'a Node,
    cx: &Cx<'_, 'a>,
    frame: Frame<'_, 'a>,
) -> (i64, i64, Option<Why<'a>>) {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    if !is_walked(list) {
        let exact = match &value(list, cx, frame) {
            Value::Items(items) => Some(items.len()),
            Value::Entries(map) => Some(map.len()),
            Value::Map(map) => Some(map.len()),
            Value::Unknown(why) => return (0, i64::MAX, Some(why.clone())),
            _ => None,
        };
        if let Some(exact) = exact {
            return (count(exact), count(exact), None);
        }
    }
    let (mut certain, mut possible, mut doubt) = (0_i64, 0_i64, None);
    let gap = each(list, cx, frame, &mut |_, why| {
        match why {
            None => certain += 1,
            Some(why) => {
                possible += 1;
                doubt.get_or_insert(why);
            }
        }
        true
    });
    let most = if gap.is_some() { i64::MAX } else { certain + possible };
    (certain, most, doubt.or(gap))
}

fn is_walked(node: &Node) -> bool {
    matches!(node, Node::Filter(_) | Node::MapEach(_) | Node::Related(..) | Node::AllOf(_))
}

static EMPTY: Vec<bool> = Vec::new();

fn collect<'a>(node: &'a Node, cx: &Cx<'_, 'a>, frame: Frame<'_, 'a>) -> Value<'a> {
    let mut items = Vec::new();
    let gap = each(node, cx, frame, &mut |value, doubt| {
        items.push(Item { value, doubt });
        true
    });
    if items.is_empty() && gap.is_none() {
        return Value::Items(&EMPTY);
    }
    Listing { items, gap }.into()
}

/// What is done with each item; false ends the walk.
type Sink<'s, 'a> = &'s mut dyn FnMut(Value<'a>, Option<Why<'a>>) -> bool;

/// Walks the items of a list, and gives the reason why there may be more.
fn each<'a>(
    node: &'a Node,
    cx: &Cx<'_, 'a>,
    frame: Frame<'_, 'a>,
    sink: Sink<'_, 'a>,
) -> Option<Why<'a>> {
    match node {
        Node::Filter(parts) => each(&parts.list, cx, frame, &mut |item, doubt| match truth(
            &parts.body,
            cx,
            Some(&Local { value: &item, up: frame }),
        ) {
            Truth::False => true,
            Truth::True => sink(item, doubt),
            Truth::Unknown(why) => sink(item, doubt.or(Some(why))),
        }),
        Node::MapEach(parts) => {
            let (list, test, body) = &**parts;
            each(list, cx, frame, &mut |item, mut doubt| {
                let inner = Local { value: &item, up: frame };
                match test.as_ref().map(|test| truth(test, cx, Some(&inner))) {
                    Some(Truth::False) => return true,
                    Some(Truth::Unknown(why)) => doubt = doubt.or(Some(why)),
                    _ => {}
                }
                sink(value(body, cx, Some(&inner)), doubt)
            })
        }
        Node::Related(relation, wanted, reach) => {
            let wanted = match value(wanted, cx, frame) {
                Value::Unknown(why) => return Some(why),
                wanted => wanted,
            };
            match (within(cx, *reach), wanted.as_str()) {
                (Some(within), Some(text)) => {
                    pour(cx.scope.index.related(*relation, text, within), cx, sink)
                }
                _ => Some(Why::not_understood("a relation without a place or value")),
            }
        }
        Node::AllOf(kind) => match within(cx, Reach::Place) {
            Some(within) => pour(cx.scope.index.all(kind, within), cx, sink),
            None => Some(Why::not_understood("a type without a place")),
        },
        _ => walk(value(node, cx, frame), cx, sink),
    }
}

fn within<'a>(cx: &Cx<'_, 'a>, reach: Reach) -> Option<Within<'a>> {
    match reach {
        Reach::Everywhere => Some(Within::Everywhere),
        Reach::Place => cx.scope.place.map(|r| Within::Place(&r.meta.account, &r.meta.region)),
    }
}

fn pour<'a>(found: Related<'a>, cx: &Cx<'_, 'a>, sink: Sink<'_, 'a>) -> Option<Why<'a>> {
    for resource in found.certain {
        if !cx.count() {
            return Some(too_many());
        }
        if !sink(Value::Struct(resource), None) {
            return None;
        }
    }
    for (resource, cause) in found.possible {
        if !sink(Value::Struct(resource), Some(Why::Lent(cause))) {
            return None;
        }
    }
    found.gap.map(Why::from)
}

/// Walks a value: a list, or the keys of a map.
fn walk<'a>(list: Value<'a>, cx: &Cx<'_, 'a>, sink: Sink<'_, 'a>) -> Option<Why<'a>> {
    match list {
        Value::Items(items) => {
            for at in 0..items.len() {
                if !cx.count() {
                    return Some(too_many());
                }
                if !sink(items.item(at).into(), None) {
                    return None;
                }
            }
            None
        }
        Value::List(list) => walk_listing(&list, cx, sink),
        Value::Lent(list) => walk_listing(list, cx, sink),
        Value::Entries(map) => {
            // The keys live as long as the map, the iterator's items do too.
            map.entries().map(|(key, _)| key).all(|key| sink(Value::Str(key), None));
            None
        }
        Value::Map(map) => {
            map.keys().all(|key| sink(Value::text(key.as_str()), None));
            None
        }
        Value::Absent => None,
        Value::Unknown(why) => Some(why),
        _ => Some(Why::not_understood("no list")),
    }
}

fn walk_listing<'a>(list: &Listing<'a>, cx: &Cx<'_, 'a>, sink: Sink<'_, 'a>) -> Option<Why<'a>> {
    for item in &list.items {
        if !cx.count() {
            return Some(too_many());
        }
        if !sink(item.value.clone(), item.doubt.clone()) {
            return None;
        }
    }
    list.gap.clone()
}

/// The truth of a test.
pub(super) fn truth<'a>(test: &'a Test, cx: &Cx<'_, 'a>, frame: Frame<'_, 'a>) -> Truth<'a> {
    match test {
        Test::Const(holds) => (*holds).into(),
        Test::Value(node) => value(node, cx, frame).truth(),
        Test::Flag(base, slot) => match part(base, cx, frame) {
            Ok(part) => match part.slot(*slot) {
                View::Bool(true) => Truth::True,
                View::Bool(false) => Truth::False,
                other => Value::from(other).truth(),
            },
            Err(other) => other.truth(),
        },
        Test::Not(inner) => !truth(inner, cx, frame),
        Test::And(parts) => and(parts, cx, frame),
        Test::Or(parts) => or(parts, cx, frame),
        Test::If(parts) => match truth(&parts.0, cx, frame) {
            Truth::True => truth(&parts.1, cx, frame),
            Truth::False => truth(&parts.2, cx, frame),
            unknown @ Truth::Unknown(_) => {
                match (truth(&parts.1, cx, frame), truth(&parts.2, cx, frame)) {
                    (Truth::True, Truth::True) => Truth::True,
                    (Truth::False, Truth::False) => Truth::False,
                    _ => unknown,
                }
            }
        },
        Test::Has(node) => match value(node, cx, frame) {
            Value::Absent => Truth::False,
            Value::Unknown(why) => Truth::Unknown(why),
            _ => Truth::True,
        },
        Test::Equal(parts) => ops::equal(&value(&parts.0, cx, frame), &value(&parts.1, cx, frame)),
        Test::EqualText(node, wanted) => with_text(node, cx, frame, |v| v == &**wanted),
        Test::AmongTexts(node, texts) => {
            with_text(node, cx, frame, |v| texts.iter().any(|text| v == &**text))
        }
        Test::Compare(how, parts) => {
            ops::compare(*how, &value(&parts.0, cx, frame), &value(&parts.1, cx, frame))
        }
        Test::CompareInt(how, node, number) => match value(node, cx, frame) {
            Value::Int(v) => how.holds(v.cmp(number)).into(),
            other => ops::compare(*how, &other, &Value::Int(*number)),
        },
        Test::Count(how, list, number) => count(*how, list, *number, cx, frame),
        Test::Contains(parts) => contains(&value(&parts.0, cx, frame), &parts.1, cx, frame),
        Test::HasKey(parts) => {
            let (key, map) = (value(&parts.0, cx, frame), value(&parts.1, cx, frame));
            has_key(&key, &map)
        }
        Test::Exists(parts) => exists(parts, cx, frame),
        Test::All(parts) => all(parts, cx, frame),
        Test::One(parts) => one(parts, cx, frame),
        Test::Matches(node, regex) => with_text(node, cx, frame, |v| regex.is_match(v)),
        Test::Covers(parts) => match (value(&parts.0, cx, frame), value(&parts.1, cx, frame)) {
            (Value::Ports(range), Value::Int(port)) => range.covers(port).into(),
            (Value::Unknown(why), _) | (_, Value::Unknown(why)) => Truth::Unknown(why),
            _ => Truth::Unknown(Why::not_understood("an absent argument")),
        },
    }
}

fn and<'a>(parts: &'a [Test], cx: &Cx<'_, 'a>, frame: Frame<'_, 'a>) -> Truth<'a> {
    let mut doubt = None;
    for part in parts {
        match truth(part, cx, frame) {
            Truth::True => {}
            Truth::False => return Truth::False,
            Truth::Unknown(why) => doubt = doubt.or(Some(why)),
        }
    }
    doubt.map_or(Truth::True, Truth::Unknown)
}

fn or<'a>(parts: &'a [Test], cx: &Cx<'_, 'a>, frame: Frame<'_, 'a>) -> Truth<'a> {
    let mut doubt = None;
    for part in parts {
        match truth(part, cx, frame) {
            Truth::False => {}
            Truth::True => return Truth::True,
            Truth::Unknown(why) => doubt = doubt.or(Some(why)),
        }
    }
    doubt.map_or(Truth::False, Truth::Unknown)
}

fn with_text<'a>(
    node: &'a Node,
    cx: &Cx<'_, 'a>,
    frame: Frame<'_, 'a>,
    judge: impl FnOnce(&str) -> bool,
) -> Truth<'a> {
    match value(node, cx, frame) {
        Value::Str(text) => judge(text).into(),
        Value::Text(text) => judge(&text).into(),
        Value::Unknown(why) => Truth::Unknown(why),
        _ => Truth::Unknown(Why::not_understood("an absent text")),
    }
}

fn count<'a>(
    how: Compare,
    list: &'a Node,
    number: i64,
    cx: &Cx<'_, 'a>,
    frame: Frame<'_, 'a>,
) -> Truth<'a> {
    let (least, most, doubt) = bounds(list, cx, frame);
    ops::count_compare(how, least, most, number, doubt)
}

fn contains<'a>(
    wanted: &Value<'a>,
    list: &'a Node,
    cx: &Cx<'_, 'a>,
    frame: Frame<'_, 'a>,
) -> Truth<'a> {
    let mut found = false;
    let mut first = None;
    let gap = each(list, cx, frame, &mut |item, doubt| {
        match (ops::equal(wanted, &item), doubt) {
            (Truth::False, _) => {}
            (Truth::True, None) => {
                found = true;
                return false;
            }
            (Truth::True, Some(why)) | (Truth::Unknown(why), _) => {
                first.get_or_insert(why);
            }
        }
        true
    });
    if found { Truth::True } else { first.or(gap).map_or(Truth::False, Truth::Unknown) }
}

fn has_key<'a>(key: &Value<'a>, map: &Value<'a>) -> Truth<'a> {
    if let Some(why) = map.why().or_else(|| key.why()) {
        return Truth::Unknown(why.clone());
    }
    let Some(key) = key.as_str() else { return Truth::False };
    match map {
        Value::Entries(map) => map.value(key).is_some().into(),
        Value::Map(map) => map.contains_key(key).into(),
        _ => Truth::False,
    }
}

/// Some item certainly holds → true; some may → unknown.
fn exists<'a>(parts: &'a Loop, cx: &Cx<'_, 'a>, frame: Frame<'_, 'a>) -> Truth<'a> {
    search(parts, true, cx, frame)
}

/// Some item certainly fails → false; some may → unknown.
fn all<'a>(parts: &'a Loop, cx: &Cx<'_, 'a>, frame: Frame<'_, 'a>) -> Truth<'a> {
    !search(parts, false, cx, frame)
}

/// Whether some item of a list has a truth.
fn search<'a>(parts: &'a Loop, wanted: bool, cx: &Cx<'_, 'a>, frame: Frame<'_, 'a>) -> Truth<'a> {
    let mut first = None;
    let judge =
        |item: &Value<'a>| match truth(&parts.body, cx, Some(&Local { value: item, up: frame })) {
            Truth::True => Truth::from(wanted),
            Truth::False => Truth::from(!wanted),
            unknown @ Truth::Unknown(_) => unknown,
        };
    // The common case, without a call for every item.
    if !is_walked(&parts.list) {
        let list = value(&parts.list, cx, frame);
        if let Value::Items(items) = list {
            for at in 0..items.len() {
                if !cx.count() {
                    return Truth::Unknown(too_many());
                }
                match judge(&items.item(at).into()) {
                    Truth::True => return Truth::True,
                    Truth::False => {}
                    Truth::Unknown(why) => first = first.or(Some(why)),
                }
            }
            return first.map_or(Truth::False, Truth::Unknown);
        }
        return searched(|sink| walk(list, cx, sink), judge);
    }
    searched(|sink| each(&parts.list, cx, frame, sink), judge)
}

fn searched<'a>(
    walk: impl FnOnce(Sink<'_, 'a>) -> Option<Why<'a>>,
    judge: impl Fn(&Value<'a>) -> Truth<'a>,
) -> Truth<'a> {
    let (mut found, mut first) = (false, None);
    let gap = walk(&mut |item, doubt| {
        match (judge(&item), doubt) {
            (Truth::False, _) => {}
            (Truth::True, None) => {
                found = true;
                return false;
            }
            (Truth::True, Some(why)) | (Truth::Unknown(why), _) => {
                first.get_or_insert(why);
            }
        }
        true
    });
    if found { Truth::True } else { first.or(gap).map_or(Truth::False, Truth::Unknown) }
}

/// Exactly one item holds: two that certainly do decide, and so does certainty about all.
fn one<'a>(parts: &'a Loop, cx: &Cx<'_, 'a>, frame: Frame<'_, 'a>) -> Truth<'a> {
    let (mut certain, mut first) = (0, None);
    let gap = each(&parts.list, cx, frame, &mut |item, doubt| {
        match (truth(&parts.body, cx, Some(&Local { value: &item, up: frame })), doubt) {
            (Truth::False, _) => {}
            (Truth::True, None) => certain += 1,
            (Truth::True, Some(why)) | (Truth::Unknown(why), _) => {
                first.get_or_insert(why);
            }
        }
        certain < 2
    });
    match first.or(gap) {
        _ if certain > 1 => Truth::False,
        Some(why) => Truth::Unknown(why),
        None => (certain == 1).into(),
    }
}
