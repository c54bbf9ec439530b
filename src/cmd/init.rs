//! `init`: a starter configuration and overlay.

use super::{Failure, Outcome, output};
use crate::cli::Init;
use crate::config::FILE_NAME;
use crate::exit::Exit;

const CONFIG: &str = "\
version: 1

# The snapshot that `portcullis assess` reads and `portcullis scan` writes.
inventory: inventory.jsonl.zst

sources:
  aws: {}
    # profile: audit
    # regions: [eu-west-1, eu-central-1]   # all enabled regions when left out
    # organization: { role: portcullis-audit, external_id: choose-one }

# Environments that must not meet. Declare them by account, organizational unit, VPC or tag.
environments: []
  # - { name: production, organizational_units: [Workloads/Production] }
  # - { name: development, accounts: [\"111122223333\"], tags: { env: dev } }

# Ranges outside that have a name. What they reach is told apart from what the internet reaches.
outside: []
  # - { name: offices, cidrs: [198.51.100.0/26] }

# What may begin where, by environments, names under `outside`, `internet` and `any`. Whatever else gets from one
# environment to another, or in from outside, is a finding.
flows: []
  # - { from: internet, to: production, traffic: [tcp/443], reason: customers }
  # - { from: offices, to: production, traffic: [tcp/443], reason: operators }
  # - { from: development, to: production, traffic: [tcp/5000-5010], via: [pcx-1], reason: releases }

# Accounts of your own outside of the organization, and suppliers that roles may trust. Accounts of the inventory and of
# its organization are your own anyway, and vendors that are publicly known need no vouching.
own_accounts: []
  # - { name: old billing, account: \"222233334444\" }
partners: []
  # - { name: Metrics Ltd, accounts: [\"333344445555\"] }   # external_id: false if it serves you alone

frameworks: [portcullis-baseline, incident-response-readiness]
overlays: [overlay.yaml]
attestations: []
  # - attestations        # folders of attestations and exercise records
waivers: []
  # - waivers.yaml

outputs:
  html: report.html
  json: report.json

fail_on: high        # exit 1 when something of this severity or worse fails
min_coverage: 95     # exit 3 when less of a framework has evidence, in percent
";

const OVERLAY: &str = "\
version: 1
overlay: my-organisation
release: \"1\"
extends: portcullis-baseline
title: What our organisation asks for

# Stricter values for the framework's parameters; `portcullis framework show portcullis-baseline` lists them.
set: {}
  # max_key_age_days: 60

# Less strict values, each with its reason.
loosen: []
  # - parameter: ami_max_age_days
  #   value: 120
  #   reason: images are built every quarter
  #   owner: platform@example.com
  #   approved_by: ciso@example.com

# Controls that do not concern us, until they are looked at again.
tailor: []
  # - control: INF-VPC-09
  #   decision: not-in-scope
  #   reason: no VPC has a way to the internet
  #   owner: network@example.com
  #   approved_by: ciso@example.com
  #   review_by: 2027-06-30

# Where no check reaches yet, a person may attest what holds.
evidence: []
  # - control: ACC-09
  #   attestation: { what: the organisation trail records all regions, fresh_days: 90 }
  #   closes_gap: true
";

pub(super) fn run(args: Init) -> Outcome {
    std::fs::create_dir_all(&args.dir)
        .map_err(|e| Failure::new(format!("{}: {e}", args.dir.display())))?;
    let files = [(FILE_NAME, CONFIG), ("overlay.yaml", OVERLAY)];
    let taken: Vec<_> = files
        .iter()
        .map(|(name, _)| args.dir.join(name))
        .filter(|path| !args.force && path.exists())
        .collect();
    if let Some(path) = taken.first() {
        return Err(Failure::new(format!(
            "{} exists already; --force replaces it",
            path.display()
        )));
    }
    for (name, text) in files {
        output::write_file(&args.dir.join(name), text.as_bytes())?;
    }
    output::print(&format!(
        "wrote {0}/{FILE_NAME} and {0}/overlay.yaml\n\
         Next: `portcullis scan --config {0}` with AWS credentials, or `portcullis collect aws-json DIR` for files\n",
        args.dir.display()
    ))?;
    Ok(Exit::Holds)
}
