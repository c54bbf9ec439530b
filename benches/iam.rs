//! Escalations, mistakes of trust policies and unused roles in generated accounts of several sizes, and the time of a single
//! evaluation. Each size runs in a process of its own on one core, so that its peak memory is its own.
//!
//! `cargo bench --no-default-features --bench iam`; `IAM_ROLES=5000` runs one size only. Accounts are made by
//! `gen_aad.py`, which is looked for at `PORTCULLIS_GEN_AAD` (default: `../shared/tools/gen_aad.py` beside the project).
//! The figures are printed, and plotted into `iam.svg` under the target's `tmp`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark: it may fail loudly, and says what it measured"
)]

#[path = "measure/growth.rs"]
mod growth;
mod measure;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use growth::{Plot, step};
use measure::{cpu_seconds, peak_mib};
use portcullis::analyze::iam::escalation::{Becomes, Escalations};
use portcullis::analyze::iam::estate::{Builder, Estate, PrincipalKind, Unread};
use portcullis::analyze::iam::evaluate::evaluate;
use portcullis::analyze::iam::request::{Action, Circumstances, Request};
use portcullis::analyze::iam::trust::known::Known;
use portcullis::analyze::iam::trust::mistakes::Trusts;
use portcullis::analyze::iam::truth::{Plain, Truth};
use portcullis::analyze::iam::usage::Window;
use portcullis::analyze::iam::usage::idle::Gatherer;
use portcullis::collect::aws_json::{Options, collect};

const PLOT: Plot = Plot { unit: "k roles", time: "s CPU", least: (1_000.0, 0.1, 16.0) };
const SIZE: &str = "PORTCULLIS_BENCH_SIZE";
const FOLDER: &str = "PORTCULLIS_BENCH_FOLDER";
const WANTED: &str = "IAM_ROLES";
const SIZES: [u32; 5] = [1_000, 2_000, 5_000, 10_000, 20_000];
const ACCOUNT: &str = "111122223333";

fn main() {
    if let (Ok(size), Some(folder)) = (std::env::var(SIZE), std::env::var_os(FOLDER)) {
        measure(&size, Path::new(&folder));
        return;
    }
    // `cargo test --benches` runs this too: a small account is enough to see that it works.
    let quick = !std::env::args().any(|arg| arg == "--bench");
    let sizes = match std::env::var(WANTED) {
        Ok(size) => vec![size.parse().unwrap()],
        Err(_) if quick => vec![100],
        Err(_) => SIZES.to_vec(),
    };
    let script = std::env::var_os("PORTCULLIS_GEN_AAD").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/gen_aad.py"),
        PathBuf::from,
    );
    if !script.is_file() {
        println!("SKIPPED: no {} (set PORTCULLIS_GEN_AAD)", script.display());
        return;
    }
    let mut measured = Vec::new();
    for size in sizes {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("iam-{size}"));
        let place = folder.join(ACCOUNT);
        std::fs::create_dir_all(&place).unwrap();
        let made = Command::new("python3")
            .arg(&script)
            .arg(size.to_string())
            .arg(place.join("get-account-authorization-details.json"))
            .output();
        let Ok(made) = made else {
            println!("SKIPPED: no python3");
            return;
        };
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let output = Command::new(std::env::current_exe().unwrap())
            .env(SIZE, size.to_string())
            .env(FOLDER, &folder)
            .env("RAYON_NUM_THREADS", std::env::var("RAYON_NUM_THREADS").unwrap_or("1".to_owned()))
            .output()
            .unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        print!("{text}{}", String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{size} roles");
        let last = text.lines().last().unwrap_or_default();
        let figures: Vec<f64> = last.split_whitespace().filter_map(|w| w.parse().ok()).collect();
        if let [seconds, mib] = figures.as_slice() {
            measured.push((f64::from(size), *seconds, *mib));
        }
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("iam.svg");
    std::fs::write(&path, PLOT.svg(&measured)).unwrap();
    println!("plotted in {}", path.display());
}

/// Reads an account and analyses it. The last line is CPU seconds of all but reading, and peak memory in MiB.
fn measure(size: &str, folder: &Path) {
    println!("{size} roles");
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut gatherer = Gatherer::default();
    let mut builder = Builder::new();
    // What is read is handed on at once, as from a snapshot.
    let coverage = step("read", || {
        let summary = collect(folder, &Options::default(), &mut |resource| {
            builder.add(&resource);
            gatherer.add(&resource);
        });
        (summary.unwrap().coverage, String::new())
    });
    let start = cpu_seconds();
    let estate = step("estate", || {
        let estate = builder.finish(&coverage);
        let words = format!("{} principals", estate.principals.len());
        (estate, words)
    });
    step("escalation", || {
        let found = Escalations::of(&estate, now);
        let all = || estate.all().filter_map(|(id, _)| found.get(id));
        let admins = all().filter(|it| it.admin == Some(Truth::Yes)).count();
        let reach = all().filter(|it| !it.path.is_empty()).count();
        let gains = all().filter(|it| it.uses.iter().any(|s| s.becomes != Becomes::Elsewhere));
        let words = format!("{admins} administrators, {reach} become one, {} gain", gains.count());
        ((), words)
    });
    step("trust", || {
        let known = Known::default();
        let trusts = Trusts::of(&estate, &known, now);
        let roles = estate.principals.iter().filter(|it| it.kind == PrincipalKind::Role);
        let found: usize =
            roles.map(|role| trusts.mistakes(role).known().map_or(0, Vec::len)).sum();
        ((), format!("{found} mistakes"))
    });
    step("unused", || {
        let idle = gatherer.finish(&Window { now, days: 90 });
        ((), format!("{} not in use or not known to be", idle.len()))
    });
    let total = cpu_seconds() - start;
    let mib = peak_mib();
    singles(&estate, now);
    println!("{total:.3} {mib}");
}

/// The time of one evaluation, with the layers at hand and with looking for them.
fn singles(estate: &Estate, now: jiff::Timestamp) {
    const ASKED: [(&str, &str); 4] = [
        ("s3:GetObject", "arn:aws:s3:::bucket-7/key"),
        ("iam:PutRolePolicy", "arn:aws:iam::111122223333:role/role-7"),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/role-9"),
        ("ec2:StartInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-1"),
    ];
    let circumstances = Circumstances::open();
    let (mut bare, mut with_layers) = (Vec::new(), Vec::new());
    for principal in estate.principals.iter().take(5000) {
        let subject = estate.subject(principal, Unread::Ignore);
        for (action, resource) in ASKED {
            let action = Action::parse(action).unwrap();
            let start = Instant::now();
            let mut request = Request::new(&subject.caller, &action, resource, &circumstances, now);
            let layers = estate.layers(&subject, &mut request, Unread::Ignore);
            let between = Instant::now();
            let outcome = evaluate(&request, &layers, &Plain, &mut ());
            let end = Instant::now();
            std::hint::black_box(outcome);
            bare.push((end - between).as_nanos());
            with_layers.push((end - start).as_nanos());
        }
    }
    for (name, mut list) in [("evaluation", bare), ("with layers", with_layers)] {
        list.sort_unstable();
        let at = |share: usize| list.get(list.len() * share / 100).copied().unwrap_or_default();
        println!(
            "{name:>11}: median {} ns, 99 % under {} ns, {} asked",
            at(50),
            at(99),
            list.len()
        );
    }
}
