//! `iam who-can`.

use super::super::{Outcome, output};
use super::load;
use crate::cli::IamWhoCan;
use crate::exit::Exit;
use crate::report::iam::{Question, WhoCan, text};

pub(super) fn run(args: &IamWhoCan) -> Outcome {
    let action = super::action(&args.action)?;
    super::format(&args.output)?;
    let loaded = load::estate(&args.inventory, args.circumstances.vpce.as_deref())?;
    let inquiry = loaded.inquiry(&args.circumstances)?;
    let who = inquiry.who_can(&action, &args.resource);
    let question = Question {
        principal: None,
        action: Some(args.action.clone()),
        resource: Some(args.resource.clone()),
    };
    let answer = WhoCan { who, question, inventory: loaded.inventory };
    super::show(&answer, &args.output, |color| {
        text::who(&answer, text::Style { width: output::width(), color })
    })?;
    if answer.who.missing.is_empty() && answer.inventory.principals > 0 {
        return Ok(Exit::Holds);
    }
    for missing in &answer.who.missing {
        output::note(&format!("incomplete: {missing}"));
    }
    Ok(Exit::Incomplete)
}
