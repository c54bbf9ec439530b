//! The two analyses agree.

use portcullis::analyze::network::reach::Analysis;
use portcullis::analyze::network::trace::Tracer;
use rayon::prelude::*;

use super::ask::{computed, network, question, steps, traced};
use super::random::{Draw, draw};

/// How many packets are sent through each network.
const PACKETS: usize = 400;

/// A million packets with `PORTCULLIS_PACKETS=1000000`; fewer in the daily run.
fn networks() -> u64 {
    let packets: usize =
        std::env::var("PORTCULLIS_PACKETS").ok().and_then(|n| n.parse().ok()).unwrap_or(40_000);
    u64::try_from(packets.div_ceil(PACKETS)).unwrap()
}

#[derive(Debug, Default)]
struct Tally {
    packets: usize,
    passed: usize,
    unknown: usize,
    one_way: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn plus(mut self, other: Self) -> Self {
        self.packets += other.packets;
        self.passed += other.passed;
        self.unknown += other.unknown;
        self.one_way += other.one_way;
        self.wrong.extend(other.wrong);
        self
    }
}

/// Where the seeds of the networks begin: others with `PORTCULLIS_SEED=1000000`.
fn first() -> u64 {
    std::env::var("PORTCULLIS_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn compare(seed: u64) -> Tally {
    let world = draw(seed, seed % 3 == 2);
    let network = network(&world.resources(), world.coverage());
    let analysis = Analysis::new(&network);
    let tracer = Tracer::new(&network);
    let mut packets = Draw::new(seed ^ 0xabcd);
    let mut tally = Tally::default();
    for _ in 0..PACKETS {
        let question = question(&world, &mut packets);
        let one = traced(&tracer, &network, &question);
        let other = computed(&analysis, &network, &question);
        tally.packets += 1;
        match one {
            Some(('y', 'y')) => tally.passed += 1,
            Some(('y', 'n')) => tally.one_way += 1,
            Some(('?', _) | (_, '?')) => tally.unknown += 1,
            _ => {}
        }
        if one != other {
            let way = steps(&network, &question);
            tally.wrong.push(format!(
                "seed {seed} {question:?}: traced {one:?}, computed {other:?}
{way}"
            ));
        }
    }
    tally
}

#[test]
fn both_analyses_agree_on_random_packets_over_random_networks() {
    let seeds = first()..first() + networks();
    let tally = seeds.into_par_iter().map(compare).reduce(Tally::default, Tally::plus);
    eprintln!(
        "{} packets over {} networks: {} pass, {} one way only, {} unknown, {} in dispute",
        tally.packets,
        networks(),
        tally.passed,
        tally.one_way,
        tally.unknown,
        tally.wrong.len()
    );
    // Networks in which nothing happens would prove nothing.
    assert!(tally.passed * 50 > tally.packets, "too few packets pass");
    assert!(tally.one_way > 0 && tally.unknown > 0);
    assert!(
        tally.wrong.is_empty(),
        "{}",
        tally.wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n")
    );
}
