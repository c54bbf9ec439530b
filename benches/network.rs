//! Effective exposure and isolation of environments over generated organisations of four sizes: interfaces with nearly
//! unique sets of security groups in hundreds of VPCs, joined by peerings and transit gateways, some of them across
//! environments. Each size runs in a process of its own on one core, so that its peak memory is its own.
//!
//! `cargo bench --no-default-features --bench network`; `NETWORK_INTERFACES=100000` runs one size only. The figures are
//! printed, and plotted into `network.svg` under the target's `tmp`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a benchmark: it may fail loudly, and says what it measured"
)]

#[path = "measure/growth.rs"]
mod growth;
mod measure;
#[path = "network/world.rs"]
mod world;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use growth::{Plot, step};
use measure::peak_mib;
use portcullis::analyze::network::breach::{self, Flow, Level, Party};
use portcullis::analyze::network::reach::Analysis;
use portcullis::analyze::network::topology::Network;
use portcullis::analyze::network::topology::build::Builder;
use portcullis::analyze::{Context, Environments, relations};
use portcullis::clock;
use portcullis::model::Index;
use portcullis::net::traffic::TCP;
use portcullis::net::{AddrSet, Traffic};
use world::World;

const PLOT: Plot = Plot { unit: "k interfaces", time: "seconds", least: (20_000.0, 0.25, 25.0) };
const SIZE: &str = "PORTCULLIS_BENCH_SIZE";
const WANTED: &str = "NETWORK_INTERFACES";
const SIZES: [u64; 4] = [25_000, 50_000, 100_000, 400_000];

fn main() {
    if let Ok(size) = std::env::var(SIZE) {
        measure(size.parse().unwrap());
        return;
    }
    // `cargo test --benches` runs this too: a small world is enough to see that it works.
    let quick = !std::env::args().any(|arg| arg == "--bench");
    let sizes = match std::env::var(WANTED) {
        Ok(size) => vec![size.parse().unwrap()],
        Err(_) if quick => vec![2_000],
        Err(_) => SIZES.to_vec(),
    };
    let mut measured = Vec::new();
    for size in sizes {
        let output = Command::new(std::env::current_exe().unwrap())
            .env(SIZE, size.to_string())
            .env("RAYON_NUM_THREADS", std::env::var("RAYON_NUM_THREADS").unwrap_or("1".to_owned()))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        print!("{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{size} interfaces");
        let last = text.lines().last().unwrap_or_default();
        let figures: Vec<f64> = last.split_whitespace().filter_map(|w| w.parse().ok()).collect();
        if let [seconds, mib] = figures.as_slice() {
            measured.push((size as f64, *seconds, *mib));
        }
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("network.svg");
    std::fs::write(&path, PLOT.svg(&measured)).unwrap();
    println!("plotted in {}", path.display());
}

/// Builds a world and analyses it. The last line is seconds of both analyses and peak memory in MiB.
fn measure(interfaces: u64) {
    let world = World::new(interfaces);
    println!("{}", world.words());
    let environments = Environments::new(world.environments());
    let index = Index::build(Vec::new(), World::coverage(), &relations());
    let context = Context::new(&index, &environments, clock::parse("2026-01-01").unwrap());
    let network = step("build", || {
        let mut builder = Builder::new(&environments);
        world.resources(|resource| builder.add(resource));
        let network = builder.finish(&context);
        let words = words(&network);
        (network, words)
    });
    let start = Instant::now();
    let analysis = step("compile", || (Analysis::new(&network), String::new()));
    step("exposure", || {
        let found = analysis.exposure(&AddrSet::everything());
        let sure = found.iter().filter(|it| it.doubt.is_none()).count();
        ((), format!("{} exposures, {sure} of them certain", found.len()))
    });
    let flows = [Flow {
        from: Party::Environment("dev".to_owned()),
        to: Party::Environment("staging".to_owned()),
        traffic: vec![Traffic::one(TCP, 443)],
        via: Vec::new(),
        reason: "tests".to_owned(),
    }];
    step("isolation", || {
        let found = breach::isolation(&analysis, &flows);
        let admitted = found.breaches.iter().filter(|it| it.level == Level::Admitted).count();
        let doubtful = found.breaches.iter().filter(|it| it.doubt.is_some()).count();
        let words = format!(
            "{} breaches, {admitted} of them admitted, {doubtful} doubtful; {} doubts",
            found.breaches.len(),
            found.doubts.len()
        );
        ((), words)
    });
    println!("{:.3} {}", start.elapsed().as_secs_f64(), peak_mib());
}

fn words(network: &Network) -> String {
    format!(
        "{} interfaces, {} groups, {} group sets, {} VPCs, {} tables, {} peerings, {} attachments",
        network.interfaces.len(),
        network.groups.len(),
        network.group_sets.len(),
        network.vpcs.len(),
        network.tables.len(),
        network.peerings.len(),
        network.attachments.len(),
    )
}
