//! `scan`: collect and assess in one go.

use super::permissions::collection_plan;
use super::{Outcome, assess, collect, load, output};
use crate::cli::Scan;
use crate::exit::Exit;

pub(super) fn run(args: Scan) -> Outcome {
    let mut config = load::config(args.config.as_deref(), &args.judgement)?;
    let suite = load::suite(&config.selection, &config.check_dirs)?;
    // Only what the checks of this run need.
    let plan = collection_plan(&suite)?;
    let out = config
        .inventory
        .clone()
        .filter(|_| args.out.as_os_str() == "inventory.jsonl.zst")
        .unwrap_or(args.out);
    if args.aws.dry_run {
        return collect::live(&args.aws, &config, &plan, &out);
    }
    let collected = collect::live(&args.aws, &config, &plan, &out)?;
    config.inventory = Some(out.clone());
    let assessed = assess::judge(&out, &config, &args.judgement)?;
    if collected == Exit::Incomplete && assessed != Exit::Incomplete {
        // What is missing concerned no check of this run; the gaps were told above.
        output::note("the collection is incomplete where no selected check looks");
    }
    Ok(assessed)
}
