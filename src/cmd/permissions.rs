//! `permissions`: the least that collecting needs.

use super::{Outcome, load, output};
use crate::assess::Plan;
use crate::check::{Check, Selection, Suite};
use crate::cli::{self, PolicyForm};
use crate::collect::permissions::{Format, Holder, policy};
use crate::collect::plan;
use crate::exit::Exit;

pub(super) fn run(args: cli::Permissions) -> Outcome {
    let suite = load::suite(&Selection::from(&args.selection), &args.selection.dirs)?;
    let mut plan = collection_plan(&suite)?;
    if args.last_accessed {
        plan.want_last_accessed();
    }
    let reach = plan::Reach { organization: args.organization, ..plan::Reach::default() };
    let format = match args.format {
        PolicyForm::Json => Format::Json,
        PolicyForm::Terraform => Format::Terraform,
        PolicyForm::Cloudformation => Format::Cloudformation,
    };
    output::print_raw(policy(&plan, &Holder { reach, assumes: args.role }, format).as_bytes())?;
    Ok(Exit::Holds)
}

/// What must be collected for a suite: the types its checks judge and relate to, and the costly attributes they read.
pub(super) fn collection_plan(suite: &Suite) -> Result<plan::Plan, super::Failure> {
    let environments = crate::analyze::Environments::default();
    let waivers = crate::waiver::Waivers::default();
    let judged = Plan::defaults(suite, &environments, &waivers, crate::clock::now())?;
    let mut wanted = plan::Plan::default();
    for kind in judged.collected_kinds() {
        wanted.want(kind);
    }
    for (kind, field) in suite.iter().flat_map(Check::fields) {
        wanted.want_field(kind, field);
    }
    Ok(wanted)
}
