//! `iam what-can`, `iam outside` and `iam diff`.

use super::super::{Failure, Outcome, output};
use super::load::{self, Loaded};
use crate::analyze::iam::ask::outside::Outsider;
use crate::analyze::iam::ask::{Inquiry, difference, what, whom};
use crate::analyze::iam::estate::Unread;
use crate::cli::{IamDiff, IamOutside, IamWhatCan};
use crate::clock;
use crate::exit::Exit;
use crate::report::iam::{Compared, OutsideView, Question, WhatCan, text};

pub(super) fn run(args: &IamWhatCan) -> Outcome {
    let caller =
        whom::caller(&args.principal).map_err(|why| Failure::new(format!("--principal: {why}")))?;
    if !what::has_policies(caller.kind) {
        return Err(Failure::new(format!(
            "--principal: `{}` has no policies of its own; `portcullis iam outside --from {}` lists what lets it in",
            args.principal, args.principal
        )));
    }
    super::format(&args.output)?;
    let loaded = load::estate(&args.inventory, args.circumstances.vpce.as_deref())?;
    let mut inquiry = loaded.inquiry(&args.circumstances)?;
    if let Some(path) = &args.session_policy {
        inquiry.session = Some(load::policy(path)?);
    }
    let subject = inquiry.subject(&caller).map_err(Failure::new)?;
    let what = inquiry.what_can(&subject);
    let question = Question { principal: Some(args.principal.clone()), ..Question::default() };
    let answer = WhatCan { what, question, inventory: loaded.inventory.clone() };
    super::show(&answer, &args.output, |color| text::what(&answer, style(color)))?;
    Ok(complete(&loaded, &answer.what.missing))
}

pub(super) fn outside(args: &IamOutside) -> Outcome {
    super::format(&args.output)?;
    let loaded = load::estate(&args.inventory, args.circumstances.vpce.as_deref())?;
    let inquiry = loaded.inquiry(&args.circumstances)?;
    let mut answers = Vec::new();
    let mut missing = Vec::new();
    for outsider in outsiders(&args.from, &inquiry)? {
        let answer = inquiry.outside(&outsider);
        missing.extend(answer.missing.iter().cloned());
        answers.push(answer);
    }
    missing.sort();
    missing.dedup();
    let answer = OutsideView { outside: answers, inventory: loaded.inventory.clone() };
    super::show(&answer, &args.output, |color| text::outside(&answer, style(color)))?;
    Ok(complete(&loaded, &missing))
}

fn style(color: bool) -> text::Style {
    text::Style { width: output::width(), color }
}

/// Whether everything was read that the answer rests on.
fn complete(loaded: &Loaded, missing: &[String]) -> Exit {
    for one in missing {
        output::note(&format!("incomplete: {one}"));
    }
    if missing.is_empty() && loaded.inventory.principals > 0 {
        Exit::Holds
    } else {
        Exit::Incomplete
    }
}

/// Those who were named, or everybody that is usually asked about.
fn outsiders(from: &[String], inquiry: &Inquiry<'_>) -> Result<Vec<Outsider>, Failure> {
    let anonymous = || Outsider {
        name: "anybody, without credentials".to_owned(),
        caller: crate::analyze::iam::request::Caller::anonymous(),
    };
    if from.is_empty() {
        let mut out = vec![anonymous()];
        out.extend(inquiry.any_account());
        out.extend(inquiry.organization());
        return Ok(out);
    }
    let mut out = Vec::new();
    for name in from {
        out.extend(match name.as_str() {
            "anonymous" => Some(anonymous()),
            "any-account" => inquiry.any_account(),
            "organization" => Some(inquiry.organization().ok_or_else(|| {
                Failure::new(
                    "--from organization: the inventory knows no organization; collect aws.organizations.organization \
                     in the management account",
                )
            })?),
            other => {
                let account = other.len() == 12 && other.bytes().all(|b| b.is_ascii_digit());
                let caller = if account {
                    crate::analyze::iam::ask::who::somebody_in(other)
                } else {
                    Some(whom::caller(other).map_err(|why| {
                        Failure::new(format!("--from: {why}; or an account, `any-account`, `organization`"))
                    })?)
                };
                let name = if account { format!("anybody in account {other}") } else { other.to_owned() };
                caller.map(|caller| Outsider { name, caller })
            }
        });
    }
    Ok(out)
}

pub(super) fn diff(args: &IamDiff) -> Outcome {
    super::format(&args.output)?;
    let (old, new) = (load::estate(&args.before, None)?, load::estate(&args.after, None)?);
    let now = clock::now();
    let (mut before, mut after) = (Inquiry::new(&old.estate, now), Inquiry::new(&new.estate, now));
    // What nobody read is the same on both sides.
    before.unread = Unread::Ignore;
    after.unread = Unread::Ignore;
    let difference = difference::difference(&before, &after);
    let is_empty = old.inventory.principals == 0 || new.inventory.principals == 0;
    let answer =
        Compared { difference, before: old.inventory.clone(), after: new.inventory.clone() };
    super::show(&answer, &args.output, |color| text::difference(&answer, style(color)))?;
    if is_empty {
        return Ok(Exit::Incomplete);
    }
    let difference = &answer.difference;
    let gained = difference.changed.iter().any(|one| !one.gained.is_empty());
    Ok(if gained || !difference.appeared.is_empty() { Exit::Violated } else { Exit::Holds })
}
