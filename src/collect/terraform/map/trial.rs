//! What tests of mappers share: small plans, and what becomes of them.

mod services;

use serde_json::{Value, json};

use crate::collect::terraform::{Options, parse, read};
use crate::ident::{AccountId, Region};
use crate::model::change::{Draft, Joint, Part, Sketch, Whole};
use crate::model::kinds::kind_named;
use crate::model::{Data, Tree};

/// What the provider decides: a text that stands for it in [`planned`].
pub(super) const OPEN: &str = "(known after apply)";

/// The account and region of all plans here.
pub(super) const ACCOUNT: &str = "111122223333";

/// The world after a plan that makes these things, each with its address.
pub(super) fn planned(things: &[(&str, Value)]) -> Sketch<'static> {
    changes(things, "create")
}

/// The world that a plan knows which changes nothing.
pub(super) fn standing(things: &[(&str, Value)]) -> Sketch<'static> {
    changes(things, "no-op")
}

fn changes(things: &[(&str, Value)], action: &str) -> Sketch<'static> {
    let change = |(address, values): &(&str, Value)| {
        let (kind, name) = address.split_once('.').unwrap();
        let (after, unknown) = apart(values);
        json!({
            "address": address, "mode": "managed", "type": kind, "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {
                "actions": [action],
                "before": if action == "create" { Value::Null } else { after.clone() },
                "after": after, "after_unknown": unknown,
            },
        })
    };
    let plan = json!({"format_version": "1.2", "resource_changes": things.iter().map(change).collect::<Vec<_>>()});
    // Tests may leak: sketches borrow from the text of the plan.
    let text: &'static str = Box::leak(plan.to_string().into_boxed_str());
    let input: &'static _ = Box::leak(Box::new(parse(text).unwrap()));
    let options = Options {
        account: Some(AccountId::new(ACCOUNT).unwrap()),
        region: Some(Region::new("eu-west-1").unwrap()),
    };
    let set = read(input, &options).unwrap();
    assert!(set.reading.unmapped.is_empty(), "{:?}", set.reading.unmapped);
    check(&set.after);
    set.after
}

/// Values and the mask of what is unknown in them.
fn apart(value: &Value) -> (Value, Value) {
    match value {
        Value::String(text) if text == OPEN => (Value::Null, json!(true)),
        Value::Array(items) => {
            let (known, masks): (Vec<_>, Vec<_>) = items.iter().map(apart).unzip();
            (json!(known), json!(masks))
        }
        Value::Object(map) => {
            let (mut known, mut masks) = (serde_json::Map::new(), serde_json::Map::new());
            for (key, value) in map {
                let (value, mask) = apart(value);
                if mask != json!(true) {
                    known.insert(key.clone(), value);
                }
                masks.insert(key.clone(), mask);
            }
            (Value::Object(known), Value::Object(masks))
        }
        other => (other.clone(), json!(false)),
    }
}

/// Every draft and every part must be what the model takes.
pub(super) fn check(sketch: &Sketch<'_>) {
    for draft in sketch.drafts() {
        let made = (draft.kind.from_tree)(draft.fields.clone());
        assert!(made.is_ok(), "{} {}: {:?}\n{:?}", draft.kind.name, draft.id, made, draft.fields);
    }
    for part in &sketch.parts {
        let value = match (part.joint, &part.value) {
            (_, open @ Tree::Unknown(_)) => open.clone(),
            (Joint::Element, value) => Tree::List(vec![value.clone()]),
            (Joint::Value, value) => value.clone(),
        };
        let mut path: Vec<&'static str> = part.field.split('.').collect();
        let mut fields = value;
        while let Some(name) = path.pop() {
            fields = Tree::Map(vec![(name.into(), fields)]);
        }
        let name = part.field.split('.').next().unwrap();
        assert!(part.kind.shape.slot(name).is_some(), "{} has no {name}", part.kind.name);
        let made: Result<Data, _> = (part.kind.from_tree)(fields);
        assert!(made.is_ok(), "{} {}: {made:?}\n{:?}", part.kind.name, part.field, part.value);
    }
}

/// The only draft of a type.
pub(super) fn one<'s>(sketch: &'s Sketch<'static>, kind: &str) -> &'s Draft<'static> {
    let all: Vec<_> = sketch.drafts().iter().filter(|draft| draft.kind.name == kind).collect();
    let [one] = all.as_slice() else { panic!("{} of {kind}", all.len()) };
    one
}

/// The attributes of a draft that are not missing, as JSON.
pub(super) fn fields(draft: &Draft<'_>) -> Value {
    serde_json::to_value(&draft.fields).unwrap()
}

/// The values of the parts of an attribute, with whom each belongs to.
pub(super) fn parts(sketch: &Sketch<'_>, kind: &str, field: &str) -> Vec<(String, Value)> {
    let kind = kind_named(kind).unwrap();
    let told = |part: &&Part<'_>| part.kind == kind && part.field == field;
    let whole = |part: &Part<'_>| match &part.whole {
        Whole::Id(id) => id.clone(),
        other => format!("{other:?}"),
    };
    let json = |part: &Part<'_>| serde_json::to_value(&part.value).unwrap();
    sketch.parts.iter().filter(told).map(|part| (whole(part), json(part))).collect()
}

#[test]
fn mappers_stand_what_is_empty_and_what_is_unknown() {
    use crate::collect::predicted::Thing;
    use crate::model::CauseKind;
    use crate::model::change::Place;
    for (kind, _, mapper) in super::all() {
        for (values, fresh) in [
            (Tree::Map(Vec::new()), true),
            (Tree::Map(Vec::new()), false),
            (Tree::unknown(CauseKind::KnownAfterApply, "all of it"), true),
            (Tree::Unknown(CauseKind::KnownAfterApply.into()), true),
            (Tree::unknown(CauseKind::Redacted, "all of it"), false),
        ] {
            let thing = Thing {
                address: format!("{kind}.it").into(),
                kind: (*kind).into(),
                values,
                id: format!("planned:{kind}.it").into(),
                arn: None,
                place: Place {
                    account: AccountId::new(ACCOUNT).unwrap(),
                    region: Region::new("eu-west-1").unwrap(),
                },
                partition: "aws",
                fresh,
            };
            let mut sketch = Sketch::default();
            mapper(&thing, &mut sketch);
            check(&sketch);
        }
    }
}
