//! The evaluator of `cel` as oracle: wherever it has a result, ours is the same.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use cel::objects::{Key, Value as CelValue};
use cel::{Context, extensions};
use portcullis::expr::{Scope, Want};
use portcullis::model::{Index, Resource};
use proptest::prelude::*;
use serde_json::{Map, Number, Value as Json, json};

use super::generate::{Choices, Generator, Language, group};
use super::{cases, compile, env, now, params, try_compile};

/// A group as `cel` sees it: absent optionals are left out, integers are signed.
pub(crate) fn lend(json: &Json) -> CelValue {
    match json {
        Json::Null => CelValue::Null,
        Json::Bool(v) => CelValue::Bool(*v),
        Json::Number(n) => {
            n.as_i64().map_or_else(|| CelValue::Float(n.as_f64().unwrap()), CelValue::Int)
        }
        Json::String(v) => CelValue::String(Arc::new(v.clone())),
        Json::Array(items) => CelValue::List(Arc::new(items.iter().map(lend).collect())),
        Json::Object(entries) => {
            let entries = entries.iter().filter(|(_, v)| !v.is_null());
            let map: HashMap<Key, CelValue> =
                entries.map(|(k, v)| (Key::String(Arc::new(k.clone())), lend(v))).collect();
            CelValue::Map(map.into())
        }
    }
}

fn back(value: &CelValue) -> Json {
    match value {
        CelValue::Bool(v) => json!(v),
        CelValue::Int(v) => json!(v),
        CelValue::Float(v) => Number::from_f64(*v).map_or(Json::Null, Json::Number),
        CelValue::String(v) => json!(**v),
        CelValue::List(items) => Json::Array(items.iter().map(back).collect()),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn cel_env() -> Arc<cel::Env> {
    static ENV: LazyLock<Arc<cel::Env>> = LazyLock::new(|| {
        let mut env = cel::Env::stdlib();
        env.add_extension(extensions::strings).unwrap();
        env.add_extension(extensions::lists).unwrap();
        Arc::new(env)
    });
    Arc::clone(&ENV)
}

pub(crate) fn resource_of(data: &Json, tags: &Json) -> Resource {
    let mut whole = json!({
        "type": "aws.ec2.security_group", "id": "sg-1", "account": "111122223333", "region": "eu-west-1",
        "data": data,
    });
    if !tags.is_null() {
        whole["tags"] = tags.clone();
    }
    Resource::parse(&whole.to_string()).unwrap()
}

pub(crate) fn lend_group(data: &Json, tags: &Json) -> CelValue {
    let mut all: Map<String, Json> = data.as_object().unwrap().clone();
    all.insert("tags".to_owned(), tags.clone());
    all.insert("id".to_owned(), json!("sg-1"));
    lend(&Json::Object(all))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(1000), max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cel_agrees(expression in proptest::collection::vec(any::<u8>(), 0..60),
                  object in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut choices = Choices::new(&expression);
        let text = Generator::new(&mut choices, Language::Shared).any(4);
        let (data, tags) = group(&mut Choices::new(&object));
        // What is constant by chance is refused by the checker, and by nothing else.
        let (program, refused) = try_compile(&text, &env("aws.ec2.security_group"), Want::Any);
        prop_assert!(program.is_some() || refused.iter().all(|d| d.code == "expr/constant" || d.code == "expr/literal"),
            "{}", refused.render(false));
        let Some(program) = program else { return Ok(()) };
        let resource = resource_of(&data, &tags);
        let (index, params) = (Index::default(), params());
        let ours = program.eval(&Scope::of(&resource, &params, now(), &index));

        let environment = cel_env();
        let theirs = environment.compile(&text).unwrap();
        let mut context = Context::with_env(environment);
        context.add_variable_from_value("self", lend_group(&data, &tags));
        if let Ok(theirs) = theirs.execute(&context) {
            prop_assert_eq!(ours.json(), back(&theirs), "{}", text);
        }
    }
}

/// Texts without a model.
const CONSTANTS: &[&str] = &[
    "1 + 2 * 3 - 4 / 3 % 2",
    "-7 / 2",
    "-7 % 3",
    "7 % -3",
    "2 * -3",
    "1.5 * 2.0",
    "1.0 / 4.0",
    "1 == 1.0",
    "2 < 2.5",
    "'a' + 'b' == 'ab'",
    "'b' > 'a'",
    "'ab'.size()",
    "size('äö')",
    "'abc'.contains('b')",
    "'abc'.startsWith('')",
    "'abc'.matches('b')",
    "'abc'.matches('^b')",
    "[1, 2] + [3]",
    "[1, 2][1]",
    "1 in [1, 2]",
    "3 in [1, 2]",
    "'a' in {'a': 1}",
    "{'a': 1}['a'] == 1 || false == true",
    "[[1], [2]] == [[1], [2]]",
    "[1, 2] == [1]",
    "{'a': [1]} == {'a': [1]}",
    "{'a': 1} == {'b': 1}",
    "[1, 2, 3].exists(x, x > 2)",
    "[1, 2, 3].all(x, x > 1)",
    "[1, 2, 3].exists_one(x, x > 2)",
    "[1, 2, 3].filter(x, x > 1)",
    "[1, 2].map(x, x + 1)",
    "[1, 2, 3].map(x, x > 1, x * 2)",
    "{'a': 1, 'b': 2}.all(k, k < 'c')",
    "[].all(x, x > 1)",
    "[[]].size()",
    "int('12')",
    "int(-3.9)",
    "double(3)",
    "string(12)",
    "string(true)",
    "'TaCo'.lowerAscii()",
    "'a,b'.split(',')",
    "['a', 'b'].join('-')",
    "' a '.trim()",
    "'aa'.replace('a', 'b')",
    "[3, 1, 2].sort()",
    "[1, 1, 2].distinct()",
    "[[1], [2, 3]].flatten()",
    "true ? 1 : 2",
    "timestamp('2026-01-01T00:00:00Z') < timestamp('2026-01-01T00:00:01Z')",
    "'\\u00e4' == 'ä'",
    "r'\\n'.size()",
    "\"\"\"a\nb\"\"\".size()",
    "0x1F",
    "1e3",
    ".5",
];

#[test]
fn constants_agree() {
    let environment = cel_env();
    for text in CONSTANTS {
        // Conditions that are constant are refused where they judge something; here they stand alone or are skipped.
        let (program, _) = try_compile(text, &env("aws.ec2.security_group"), Want::Any);
        let Some(program) = program else {
            assert!(text.contains('?') || text.contains("||") || text.contains("['a']"), "{text}");
            continue;
        };
        let (index, params) = (Index::default(), params());
        let resource = resource_of(&json!({}), &json!({}));
        let ours = program.eval(&Scope::of(&resource, &params, now(), &index)).json();
        let theirs = environment.compile(text).unwrap();
        let theirs = theirs.execute(&Context::with_env(environment.clone())).unwrap();
        assert_eq!(ours, back(&theirs), "{text}");
    }
    compile("1 == 1", &env("aws.ec2.security_group"), Want::Bool);
}

/// The generator must reach what it is meant to test.
#[test]
fn generated_cases_are_not_trivial() {
    let (mut compiled, mut agreed, mut unknown, mut long) = (0, 0, 0, 0);
    let cases = 600;
    let mut seed = 1_u64;
    let mut bytes = |n: usize| -> Vec<u8> {
        (0..n)
            .map(|_| {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                seed.to_be_bytes()[1]
            })
            .collect()
    };
    for _ in 0..cases {
        let (expression, object) = (bytes(60), bytes(60));
        let text = Generator::new(&mut Choices::new(&expression), Language::Shared).any(4);
        let (data, tags) = group(&mut Choices::new(&object));
        let Some(program) = try_compile(&text, &env("aws.ec2.security_group"), Want::Any).0 else {
            continue;
        };
        compiled += 1;
        long += usize::from(text.len() > 60);
        let resource = resource_of(&data, &tags);
        let (index, params) = (Index::default(), params());
        let ours = program.eval(&Scope::of(&resource, &params, now(), &index));
        unknown += usize::from(ours.why().is_some());
        let environment = cel_env();
        let mut context = Context::with_env(environment.clone());
        context.add_variable_from_value("self", lend_group(&data, &tags));
        agreed += usize::from(environment.compile(&text).unwrap().execute(&context).is_ok());
    }
    eprintln!(
        "{cases} cases, {compiled} compiled, {agreed} with a result, {unknown} unknown, {long} long"
    );
    assert!(compiled * 10 > cases * 8, "{compiled} of {cases} compile");
    assert!(agreed * 2 > cases, "{agreed} of {cases} have a result");
    assert!(long * 3 > cases && unknown > cases / 50, "{long} long, {unknown} unknown");
}
