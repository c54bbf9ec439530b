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
id: my-organisation
title: What our organisation asks for beyond the baseline
extends: portcullis-baseline

# Parameters of the framework; `portcullis framework show portcullis-baseline` lists them.
set: {}
  # max_key_age_days: 60
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
