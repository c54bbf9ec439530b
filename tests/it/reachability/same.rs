//! What must not change an answer: order, names, how dumps are cut, strangers.

use portcullis::analyze::network::reach::Analysis;
use portcullis::analyze::network::trace::Tracer;
use portcullis::model::{Coverage, Resource};
use serde_json::Value;

use super::ask::{Answer, From, Question, computed, network, question, traced};
use super::random::{Draw, World, draw, parsed};

const SEEDS: u64 = 40;
const PACKETS: usize = 120;

fn questions(world: &World, seed: u64) -> Vec<Question> {
    let mut packets = Draw::new(seed ^ 0x77);
    (0..PACKETS).map(|_| question(world, &mut packets)).collect()
}

type Answers = Vec<(Option<Answer>, Option<Answer>)>;

fn answers(resources: &[Resource], coverage: Coverage, questions: &[Question]) -> Answers {
    let network = network(resources, coverage);
    let analysis = Analysis::new(&network);
    let tracer = Tracer::new(&network);
    questions
        .iter()
        .map(|q| (traced(&tracer, &network, q), computed(&analysis, &network, q)))
        .collect()
}

fn shuffled(value: &Value, draw: &mut Draw) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<_> = items.iter().map(|item| shuffled(item, draw)).collect();
            draw.shuffle(&mut items);
            Value::Array(items)
        }
        Value::Object(map) => {
            map.iter().map(|(key, item)| (key.clone(), shuffled(item, draw))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn the_order_of_arrays_and_resources_does_not_matter() {
    for seed in 0..SEEDS {
        let world = draw(seed, true);
        let questions = questions(&world, seed);
        let before = answers(&world.resources(), world.coverage(), &questions);
        let mut order = Draw::new(seed + 1000);
        let mut lines: Vec<_> = world.lines.iter().map(|line| shuffled(line, &mut order)).collect();
        order.shuffle(&mut lines);
        let resources: Vec<_> = lines.iter().map(parsed).collect();
        assert_eq!(answers(&resources, world.coverage(), &questions), before, "seed {seed}");
    }
}

/// Another id of the same kind, which sorts elsewhere.
fn renamed(text: &str) -> String {
    const KINDS: [&str; 17] = [
        "vpc-",
        "subnet-",
        "sg-",
        "eni-",
        "rtb-",
        "acl-",
        "igw-",
        "eigw-",
        "nat-",
        "pcx-",
        "tgw-attach-",
        "tgw-rtb-",
        "tgw-",
        "vgw-",
        "pl-",
        "i-",
        "vpcbpa-",
    ];
    match KINDS.iter().find(|kind| text.starts_with(*kind)) {
        Some(kind) => {
            let rest: String = text.trim_start_matches(kind).chars().rev().collect();
            format!("{kind}z{rest}")
        }
        None => text.to_owned(),
    }
}

fn rename_all(value: &Value) -> Value {
    match value {
        Value::String(text) if text.contains(":vpc/") || text.contains(":subnet/") => {
            let (head, id) = text.rsplit_once('/').unwrap();
            Value::String(format!("{head}/{}", renamed(id)))
        }
        Value::String(text) => Value::String(renamed(text)),
        Value::Array(items) => Value::Array(items.iter().map(rename_all).collect()),
        Value::Object(map) => {
            map.iter().map(|(key, item)| (key.clone(), rename_all(item))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn names_do_not_matter() {
    for seed in 0..SEEDS {
        let world = draw(seed, true);
        let asked = questions(&world, seed);
        let before = answers(&world.resources(), world.coverage(), &asked);
        let resources: Vec<_> = world.lines.iter().map(|line| parsed(&rename_all(line))).collect();
        let asked: Vec<_> = asked
            .into_iter()
            .map(|q| Question {
                from: match q.from {
                    From::Interface(name) => From::Interface(renamed(&name)),
                    From::Site(name) => From::Site(renamed(&name)),
                    From::Internet => From::Internet,
                },
                ..q
            })
            .collect();
        assert_eq!(answers(&resources, world.coverage(), &asked), before, "seed {seed}");
    }
}

#[test]
fn a_stranger_changes_nothing() {
    for seed in 0..SEEDS {
        let world = draw(seed, true);
        let questions = questions(&world, seed);
        let before = answers(&world.resources(), world.coverage(), &questions);
        // A VPC with the same addresses that nothing joins: every id differs, every address is the same.
        let alone: Vec<Value> = draw(seed, false)
            .lines
            .iter()
            .filter(|line| !line["type"].as_str().unwrap().contains("transit"))
            .filter(|line| line["type"] != "aws.ec2.vpc_peering_connection")
            .map(|line| strange(&rename_all(line)))
            .filter(|line| line["type"] != "aws.ec2.vpc_block_public_access_options")
            .collect();
        let mut resources = world.resources();
        resources.extend(alone.iter().map(parsed));
        assert_eq!(answers(&resources, world.coverage(), &questions), before, "seed {seed}");
    }
}

/// Takes public addresses away: an address on the internet belongs to one.
fn strange(line: &Value) -> Value {
    match line {
        Value::String(text) if text.starts_with("52.") => {
            Value::String(format!("53{}", &text[2..]))
        }
        Value::String(text) if text.starts_with("2600:") => {
            Value::String(format!("2601:{}", &text[5..]))
        }
        Value::Array(items) => Value::Array(items.iter().map(strange).collect()),
        Value::Object(map) => map.iter().map(|(key, item)| (key.clone(), strange(item))).collect(),
        other => other.clone(),
    }
}

#[test]
fn hiding_something_moves_answers_to_unknown_only() {
    let mut moved = 0;
    for seed in 0..SEEDS {
        let world = draw(seed, false);
        let questions = questions(&world, seed);
        let before = answers(&world.resources(), world.coverage(), &questions);
        let hidden = super::random::draw(seed, true);
        let after = answers(&hidden.resources(), hidden.coverage(), &questions);
        for ((question, before), after) in questions.iter().zip(&before).zip(&after) {
            for (before, after) in [(before.0, after.0), (before.1, after.1)] {
                let (Some(before), Some(after)) = (before, after) else { continue };
                moved += usize::from(before != after);
                let kept = |b: char, a: char| a == '?' || a == b || b == '-' || a == '-';
                assert!(
                    kept(before.0, after.0) && kept(before.1, after.1),
                    "seed {seed} {question:?}: {before:?} became {after:?}"
                );
            }
        }
    }
    assert!(moved > 0, "nothing that was hidden mattered");
}
