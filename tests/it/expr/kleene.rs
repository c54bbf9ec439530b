//! Making anything unknown moves a result to unknown, never to another result.

use portcullis::expr::{Listing, Program, Scope, Value, Want};
use portcullis::model::{Coverage, CoverageEntry, Index, Resource};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::generate::{Choices, Generator, Language, group};
use super::oracle::resource_of;
use super::{cases, compile, env, now, params, try_compile};

/// What is judged, and what it is judged with.
struct World {
    resource: Resource,
    logs: Vec<Resource>,
    coverage: &'static str,
}

/// Flow logs to relate to.
fn logs(choices: &mut Choices<'_>) -> Vec<Json> {
    (0..choices.below(4))
        .map(|_| json!({ "resource_id": (["a", "b", "", "sg-1"][choices.below(4)]) }))
        .collect()
}

fn log(at: usize, data: &Json) -> Resource {
    let line = json!({
        "type": "aws.ec2.flow_log", "id": (["a", "b", "c", "d"][at]), "account": "111122223333",
        "region": "eu-west-1", "data": data,
    });
    Resource::parse(&line.to_string()).unwrap()
}

/// Takes attributes away, each with a chance of about one in `odds`.
fn blank(json: &mut Json, choices: &mut Choices<'_>, odds: usize) {
    match json {
        Json::Object(entries) => {
            let keys: Vec<String> = entries.keys().cloned().collect();
            for key in keys.iter().filter(|key| !["from", "to"].contains(&key.as_str())) {
                if choices.below(odds) == 1 {
                    entries.remove(key);
                } else if let Some(value) = entries.get_mut(key) {
                    blank(value, choices, odds);
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| blank(item, choices, odds)),
        _ => {}
    }
}

impl World {
    fn judge<T>(&self, program: &Program, read: impl FnOnce(Value<'_>) -> T) -> T {
        let cell: CoverageEntry = serde_json::from_value(json!({
            "source": "aws", "account": "111122223333", "region": "eu-west-1", "type": "aws.ec2.flow_log",
            "status": self.coverage, "count": 1,
        }))
        .unwrap();
        let coverage: Coverage = [cell].into_iter().collect();
        let index = Index::build(self.logs.clone(), coverage, program.relations());
        let params = params();
        read(program.eval(&Scope::of(&self.resource, &params, now(), &index)))
    }
}

/// The outcome of a list of offenders.
fn outcome(value: &Value<'_>) -> Option<bool> {
    match value.listing() {
        Ok(list) if list.certain().next().is_some() => Some(true),
        Ok(list) if list.items.is_empty() && list.gap.is_none() => Some(false),
        _ => None,
    }
}

/// Whether the items that are certain without knowing everything are among those that may be there knowing it.
fn within(blanked: &Listing<'_>, full: &Listing<'_>) -> bool {
    full.gap.is_some() || blanked.certain().count() <= full.items.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(2000), max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn unknown_is_all_that_ignorance_makes(
        expression in proptest::collection::vec(any::<u8>(), 0..60),
        object in proptest::collection::vec(any::<u8>(), 0..60),
        gone in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let mut choices = Choices::new(&expression);
        let as_list = choices.below(3) == 1;
        let mut generator = Generator::new(&mut choices, Language::Whole);
        let text = if as_list { generator.rules_list(4) } else { generator.any(4) };
        let (program, _) = try_compile(&text, &env("aws.ec2.security_group"), Want::Any);
        let Some(program) = program else { return Ok(()) };

        let mut choices = Choices::new(&object);
        let (mut data, mut tags) = group(&mut choices);
        let mut logs: Vec<(usize, Json)> = logs(&mut choices).into_iter().enumerate().collect();
        let world = |data: &Json, tags: &Json, logs: &[(usize, Json)], coverage| World {
            resource: resource_of(data, tags),
            logs: logs.iter().map(|(at, data)| log(*at, data)).collect(),
            coverage,
        };
        let full = world(&data, &tags, &logs, "complete");

        let mut choices = Choices::new(&gone);
        let odds = 2 + choices.below(6);
        blank(&mut data, &mut choices, odds);
        for (_, log) in &mut logs {
            blank(log, &mut choices, odds);
        }
        if choices.below(odds) == 1 {
            tags = Json::Null;
        }
        let coverage = ["complete", "denied"][choices.below(2)];
        if coverage == "denied" {
            // What a denied call hid is not seen at all.
            logs.retain(|_| choices.below(2) == 0);
        }
        let blanked = world(&data, &tags, &logs, coverage);

        full.judge(&program, |full| blanked.judge(&program, |blanked| -> Result<(), TestCaseError> {
            if matches!(full, Value::Items(_) | Value::List(_) | Value::Lent(_)) {
                let (before, after) = (outcome(&full), outcome(&blanked));
                prop_assert!(after.is_none() || before.is_none() || after == before,
                    "{text}\n{before:?} became {after:?}\n{full}\n{blanked}");
                prop_assert!(before.is_some() || after.is_none(), "{text}\n{full}\nbecame {blanked}");
                if let (Ok(full), Ok(blanked)) = (full.listing(), blanked.listing()) {
                    prop_assert!(within(&blanked, &full), "{text}");
                }
            } else if blanked.why().is_none() {
                prop_assert_eq!(full.json(), blanked.json(), "{}\n{}", text, resource_of(&data, &tags).meta.id);
            }
            Ok(())
        }))?;
    }
}

#[test]
fn a_blank_group_decides_nothing_about_attributes() {
    let env = env("aws.ec2.security_group");
    let world = World {
        resource: resource_of(&json!({}), &Json::Null),
        logs: Vec::new(),
        coverage: "denied",
    };
    for text in [
        "self.in_use",
        "self.ingress.exists(r, r.from_internet)",
        "self.ingress.all(r, r.from_internet)",
        "self.ingress.exists_one(r, r.from_internet)",
        "self.ingress.size() > 0",
        "self.ingress == self.egress",
        "has(self.description)",
        "'a' in self.tags",
        "has(self.tags.a) && self.tags.a == 'x'",
        "self.?description.orValue('x') == 'x'",
        "self.group_name.matches('.*')",
        "self.group_name in ['a', 'b']",
        "'a' in [self.group_name]",
        "self.in_use ? self.group_name == 'a' : self.owner_id == 'a'",
        "related('aws.ec2.flow_log', 'resource_id', self.id).exists(l, l.id == 'x')",
    ] {
        let program = compile(text, &env, Want::Bool);
        assert!(world.judge(&program, |value| value.why().is_some()), "{text}");
    }
}
