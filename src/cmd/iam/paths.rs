//! `iam paths`.

use jiff::Timestamp;

use super::super::{Failure, Outcome, output};
use super::load::{self, Loaded};
use crate::analyze::iam::escalation::remedy::{self, statements};
use crate::analyze::iam::escalation::{Becomes, Cut, Escalations, Found, Quality, Step};
use crate::analyze::iam::estate::{Estate, Principal, PrincipalId, PrincipalKind};
use crate::analyze::iam::truth::Truth;
use crate::cli::{IamPaths, IamPathsFormat};
use crate::clock;
use crate::diag::nearest;
use crate::exit::Exit;
use crate::report::iam::paths::{self as form, Document, Paths, text};
use crate::report::text::counted;

/// How many rows get a remedy: each takes several searches.
const REMEDIES_MAX: usize = 25;
/// Types without which there may be principals and policies that nobody saw.
const KINDS: [&str; 4] = ["aws.iam.group", "aws.iam.policy", "aws.iam.role", "aws.iam.user"];

pub(super) fn run(args: &IamPaths) -> Outcome {
    let format = format(args)?;
    let now = match &args.at {
        Some(text) => clock::parse(text).map_err(|why| Failure::new(format!("--at: {why}")))?,
        None => clock::now(),
    };
    if args.remedy && args.to != "admin" {
        return Err(Failure::new("--remedy ends the ways to an administrator; leave --to out"));
    }
    let loaded = load::estate(&args.inventory, None)?;
    let from =
        args.from.as_deref().map(|text| named(&loaded.estate, "--from", text)).transpose()?;
    let to = match args.to.as_str() {
        "admin" => None,
        text => Some(named(&loaded.estate, "--to", text)?),
    };
    let answer = Asking { loaded: &loaded, args, from, to, now }.answer();
    let exit = exit(&answer);
    show(&Document::new(loaded.inventory, answer), args, format)?;
    Ok(exit)
}

/// The principal with an ARN or name.
fn named(estate: &Estate, option: &str, text: &str) -> Result<PrincipalId, Failure> {
    if let Some(id) = estate.find(text) {
        return Ok(id);
    }
    let found: Vec<(PrincipalId, &Principal)> =
        estate.all().filter(|(_, principal)| *principal.name == *text).collect();
    let shown: String = text.chars().take(160).collect();
    match found.as_slice() {
        [(id, _)] => Ok(*id),
        [] => {
            let names = estate.principals.iter().map(|principal| &*principal.name);
            let hint = nearest(text, names)
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            Err(Failure::new(format!(
                "{option}: the inventory holds no user or role `{shown}`{hint}"
            )))
        }
        [(_, first), (_, second), ..] => Err(Failure::new(format!(
            "{option}: `{shown}` names {} principals, such as {} and {}; write the ARN",
            found.len(),
            first.arn,
            second.arn
        ))),
    }
}

struct Asking<'a> {
    loaded: &'a Loaded,
    args: &'a IamPaths,
    from: Option<PrincipalId>,
    to: Option<PrincipalId>,
    now: Timestamp,
}

impl Asking<'_> {
    fn answer(&self) -> Paths {
        let estate = &self.loaded.estate;
        let found = match self.to {
            Some(goal) => Escalations::toward(estate, goal, self.now),
            None => Escalations::of(estate, self.now),
        };
        let arn = |id: PrincipalId| estate.principal(id).map(|principal| principal.arn.to_string());
        let mut answer = Paths {
            from: self.from.and_then(arn),
            to: self.to.and_then(arn),
            principals: estate.principals.len() as u64,
            administrators: Vec::new(),
            certain: 0,
            conditional: 0,
            possible: 0,
            tells_possible: self.args.possible,
            rows: Vec::new(),
            doubts: doubts(estate),
            untried: Vec::new(),
        };
        let asked = estate.all().filter(|(id, _)| self.from.is_none_or(|from| from == *id));
        for (id, principal) in asked {
            let Some(found) = found.get(id) else { continue };
            let admin = found.admin.unwrap_or(Truth::Maybe);
            if admin != Truth::No {
                let principal = view(principal);
                let certain = admin == Truth::Yes;
                answer.administrators.push(form::Administrator { principal, certain });
            }
            if admin == Truth::Yes || self.to == Some(id) {
                continue;
            }
            match found.quality {
                Some(Quality::Certain) => answer.certain += 1,
                Some(Quality::Conditional) => answer.conditional += 1,
                Some(Quality::Possible) => answer.possible += 1,
                None => {}
            }
            answer.rows.extend(self.row(principal, found));
            if self.to.is_none() {
                answer.untried.extend(found.cut.iter().map(|cut| untried(principal, cut)));
            }
        }
        answer.untried.sort();
        answer.rows.sort_by_key(|row| {
            (row.sure.is_none(), row.sure, row.path.len(), row.principal.arn.clone())
        });
        if self.args.remedy {
            for row in answer.rows.iter_mut().filter(|row| row.sure.is_some()).take(REMEDIES_MAX) {
                let Some(id) = estate.find(&row.principal.arn) else { continue };
                row.remedy = Some(self.remedy(id));
            }
        }
        answer
    }

    fn row(&self, principal: &Principal, found: &Found) -> Option<form::Row> {
        let told = |quality: Quality| self.args.possible || quality != Quality::Possible;
        let sure = found.quality.filter(|quality| told(*quality));
        let path = match sure {
            Some(_) => found.path.iter().map(|step| self.step(step, true)).collect(),
            None => Vec::new(),
        };
        let uses: Vec<form::Step> = found
            .uses
            .iter()
            // Who asks about a goal does not ask what else there is.
            .filter(|step| told(step.quality) && self.to.is_none())
            .map(|step| self.step(step, self.from.is_some()))
            .collect();
        let row = form::Row { principal: view(principal), sure, path, uses, remedy: None };
        (row.sure.is_some() || !row.uses.is_empty()).then_some(row)
    }

    fn step(&self, step: &Step, with_statements: bool) -> form::Step {
        let estate = &self.loaded.estate;
        let principal = |id: PrincipalId| estate.principal(id).map(view).unwrap_or_default();
        let asks = step.asks.iter().map(|asked| {
            let by = if with_statements {
                statements(estate, step.actor, asked, self.now).iter().map(statement).collect()
            } else {
                Vec::new()
            };
            form::Ask {
                action: asked.action.to_owned(),
                resource: asked.resource.clone(),
                certain: asked.truth == Truth::Yes,
                by,
            }
        });
        form::Step {
            method: step.method.id.to_owned(),
            title: step.method.title.to_owned(),
            from: principal(step.actor),
            becomes: match step.becomes {
                Becomes::Admin => form::Becomes::Administrator,
                Becomes::Stronger => form::Becomes::Stronger,
                Becomes::Principal(id) => form::Becomes::Principal(principal(id)),
                Becomes::Elsewhere => form::Becomes::Elsewhere,
            },
            via: step.via.as_deref().map(str::to_owned),
            sure: step.quality,
            needs: (!step.method.needs.is_empty()).then(|| step.method.needs.to_owned()),
            asks: asks.collect(),
        }
    }

    fn remedy(&self, of: PrincipalId) -> form::Remedy {
        let removals = remedy::remedy(&self.loaded.estate, of, self.now).unwrap_or_default();
        form::Remedy {
            removals: removals
                .iter()
                .map(|removal| form::Removal {
                    statement: statement(removal),
                    shared_by: removal.shared_by as u64,
                })
                .collect(),
        }
    }
}

fn untried(principal: &Principal, cut: &Cut) -> form::Untried {
    form::Untried {
        method: cut.method.id.to_owned(),
        principal: principal.arn.to_string(),
        tried: cut.tried as u64,
        of: cut.of as u64,
    }
}

fn view(principal: &Principal) -> form::Principal {
    form::Principal {
        arn: principal.arn.to_string(),
        kind: match principal.kind {
            PrincipalKind::User => "user",
            PrincipalKind::Role => "role",
        }
        .to_owned(),
        name: principal.name.to_string(),
        account: principal.account.to_string(),
        environment: principal.environment.known().cloned().flatten(),
    }
}

fn statement(removal: &remedy::Removal) -> form::Statement {
    form::Statement {
        policy: removal.name.to_string(),
        version: removal.version.as_deref().map(str::to_owned),
        statement: removal.statement,
        sid: removal.sid.as_deref().map(str::to_owned),
    }
}

/// What was not read and might add a path.
fn doubts(estate: &Estate) -> Vec<form::Doubt> {
    let unseen = KINDS.iter().filter_map(|kind| {
        let cause = estate.gaps.get(kind)?.to_string();
        Some(form::Doubt { at: (*kind).to_owned(), cause })
    });
    let unread = estate.principals.iter().flat_map(|principal| {
        let documents = principal.policies.iter().map(|p| p.document).chain(principal.boundary);
        documents.filter_map(|id| {
            let cause = estate.document(id)?.doubt.as_ref()?.to_string();
            Some(form::Doubt { at: format!("policies of {}", principal.arn), cause })
        })
    });
    let mut out: Vec<form::Doubt> = unseen.chain(unread).collect();
    out.sort();
    out.dedup();
    out
}

/// The exit code of an answer, and on standard error why it is not 0.
fn exit(answer: &Paths) -> Exit {
    if answer.certain > 0 {
        output::note(&format!(
            "violated: {}",
            counted(answer.certain, "path is certain", "paths are certain")
        ));
    }
    if !answer.doubts.is_empty() {
        let things = counted(answer.doubts.len() as u64, "thing was", "things were");
        output::note(&format!("incomplete: {things} not read completely"));
    }
    if !answer.doubts.is_empty() || answer.principals == 0 {
        return Exit::Incomplete;
    }
    if answer.certain > 0 {
        return Exit::Violated;
    }
    let open = answer.conditional + if answer.tells_possible { answer.possible } else { 0 };
    if open > 0 {
        output::note(&format!("incomplete: {} open", counted(open, "path is", "paths are")));
        return Exit::Incomplete;
    }
    Exit::Holds
}

fn show(document: &Document, args: &IamPaths, format: IamPathsFormat) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    match format {
        IamPathsFormat::Text => {
            let style = text::Style {
                width: output::width(),
                color: args.out.is_none(),
                explain: args.explain,
                rows_max: args.rows,
            };
            text::write(document, style, &mut bytes)
        }
        IamPathsFormat::Json => form::write_json(document, &mut bytes),
        IamPathsFormat::Dot => form::dot::write(document, &mut bytes),
        IamPathsFormat::Html => form::html::write(document, &mut bytes),
    }
    .map_err(Failure::new)?;
    match &args.out {
        Some(path) => {
            output::write_file(path, &bytes)?;
            output::note(&format!("wrote {}", path.display()));
            Ok(())
        }
        None if format == IamPathsFormat::Text => output::print(&String::from_utf8_lossy(&bytes)),
        None => output::print_raw(&bytes),
    }
}

/// The form that is asked for, or that a file's name asks for.
fn format(args: &IamPaths) -> Result<IamPathsFormat, Failure> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    let extension = args.out.as_deref().and_then(|path| path.extension()?.to_str());
    match extension {
        Some("json") => Ok(IamPathsFormat::Json),
        Some("dot" | "gv") => Ok(IamPathsFormat::Dot),
        Some("html" | "htm") => Ok(IamPathsFormat::Html),
        Some("txt") | None => Ok(IamPathsFormat::Text),
        Some(other) => Err(Failure::new(format!(
            "`.{other}` names no form; --format is one of text, json, dot, html"
        ))),
    }
}
