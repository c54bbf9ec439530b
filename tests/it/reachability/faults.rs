//! Deliberate mistakes of the tracer: somebody notices every one, be it the comparison with the intervals over networks
//! drawn at random, or a case made by hand for what chance hardly ever draws.

use std::panic::catch_unwind;

use portcullis::analyze::network::reach::Analysis;
use portcullis::analyze::network::trace::{Faults, Tracer};

use super::ask::{Answer, Question, answered, computed, network, question, start};
use super::cases;
use super::random::{Draw, draw};
use super::sample::FAULTS;

/// How many networks are drawn at most, and how many packets are sent through each.
const NETWORKS: u64 = 12;
const PACKETS: usize = 150;
/// So many mistakes show in any dozen of networks; fewer would mean that they are drawn too tame.
const BY_CHANCE: usize = 12;

#[test]
fn deliberate_mistakes_show_by_chance() {
    let noticed = by_chance();
    assert!(noticed.len() >= BY_CHANCE, "only {noticed:?} show by chance");
}

#[test]
fn every_deliberate_mistake_shows_in_a_case_made_by_hand() {
    let missed: Vec<&str> =
        Faults::ALL.iter().filter(|(_, fault)| !by_hand(*fault)).map(|(name, _)| *name).collect();
    assert!(missed.is_empty(), "no case shows {missed:?}");
}

/// Whether the analyses disagree about a packet of a case, or the case gets another answer.
fn by_hand(fault: Faults) -> bool {
    FAULTS.set(fault);
    let noticed = cases::ALL.iter().any(|case| catch_unwind(case).is_err());
    FAULTS.set(Faults::NONE);
    noticed
}

/// The mistakes that show in networks drawn at random.
fn by_chance() -> Vec<&'static str> {
    let mut missed: Vec<(&str, Faults)> = Faults::ALL.to_vec();
    let mut noticed = Vec::new();
    for seed in 0..NETWORKS {
        let world = draw(seed, false);
        let network = network(&world.resources(), world.coverage());
        let analysis = Analysis::new(&network);
        let mut packets = Draw::new(seed ^ 0xfa17);
        let questions: Vec<Question> =
            (0..PACKETS).map(|_| question(&world, &mut packets)).collect();
        let right: Vec<Option<Answer>> =
            questions.iter().map(|question| computed(&analysis, &network, question)).collect();
        missed.retain(|(name, fault)| {
            let tracer = Tracer::new(&network).with_faults(*fault);
            let shows = questions.iter().zip(&right).any(|(question, right)| {
                let from = start(&network, &question.from);
                from.map(|from| answered(&tracer.trace(from, question.packet))) != *right
            });
            if shows {
                noticed.push(*name);
            }
            !shows
        });
    }
    noticed
}
