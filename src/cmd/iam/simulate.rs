//! `iam simulate` on an inventory.

use super::super::{Failure, Outcome, output};
use super::load;
use crate::analyze::iam::ask::whom;
use crate::analyze::iam::evaluate::Decision;
use crate::cli::{IamExpect, IamSimulate};
use crate::exit::Exit;
use crate::report::iam::{Question, Simulated, text};

pub(super) fn run(args: &IamSimulate) -> Outcome {
    // clap demands all three without --cases.
    let (Some(principal), Some(action), Some(resource)) =
        (&args.principal, &args.action, &args.resource)
    else {
        return Err(Failure::new("--principal, --action and --resource are needed"));
    };
    let caller =
        whom::caller(principal).map_err(|why| Failure::new(format!("--principal: {why}")))?;
    let parsed = super::action(action)?;
    super::format(&args.output)?;
    let loaded = load::estate(&args.inventory, args.circumstances.vpce.as_deref())?;
    let mut inquiry = loaded.inquiry(&args.circumstances)?;
    if let Some(path) = &args.session_policy {
        inquiry.session = Some(load::policy(path)?);
    }
    let answer = inquiry.simulate(&caller, &parsed, resource).map_err(Failure::new)?;
    let question = Question {
        principal: Some(principal.clone()),
        action: Some(action.clone()),
        resource: Some(resource.clone()),
    };
    let simulated = Simulated { answer, question, inventory: loaded.inventory };
    super::show(&simulated, &args.output, |color| {
        text::simulated(&simulated, text::Style { width: output::width(), color })
    })?;
    let answer = &simulated.answer;
    if answer.decision == Decision::Unknown && !answer.missing.is_empty() {
        for missing in &answer.missing {
            output::note(&format!("incomplete: {missing}"));
        }
        return Ok(Exit::Incomplete);
    }
    Ok(match args.expect {
        Some(expected) if !met(expected, answer.decision) => {
            output::note(&format!("expected {}", text::decision(wanted(expected))));
            Exit::Violated
        }
        _ => Exit::Holds,
    })
}

fn wanted(expected: IamExpect) -> Decision {
    match expected {
        IamExpect::Allowed => Decision::Allowed,
        IamExpect::Implicit => Decision::ImplicitlyDenied,
        IamExpect::Explicit => Decision::ExplicitlyDenied,
    }
}

fn met(expected: IamExpect, decision: Decision) -> bool {
    wanted(expected) == decision
}
