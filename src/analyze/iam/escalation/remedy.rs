//! What to take away so that a principal no longer becomes an administrator, verified by searching again.

use jiff::Timestamp;

use super::{Asked, Escalations, Step};
use crate::analyze::iam::document::{Document, Effect, Layer, Statement};
use crate::analyze::iam::estate::{DocumentId, Estate, PrincipalId, Unread};
use crate::analyze::iam::evaluate::{Observer, evaluate};
use crate::analyze::iam::principal::Match;
use crate::analyze::iam::request::{Action, Circumstances, Request};
use crate::analyze::iam::truth::{Plain, Truth};
use crate::model::Attr;

/// The most statements that are taken away before the answer is that there is no short remedy.
const MOST: usize = 8;

/// A statement to take away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Removal {
    /// The document it stands in.
    pub document: DocumentId,
    /// Where that is: the ARN of a managed policy, `inline NAME of ARN`, or the ARN of a role for its trust policy.
    pub name: Box<str>,
    /// The version, of a managed policy.
    pub version: Option<Box<str>>,
    /// The place of the statement in the document, from 0.
    pub statement: u32,
    /// Its id, if it has one.
    pub sid: Option<Box<str>>,
    /// How many other principals have the document, so that they lose it too.
    pub shared_by: usize,
}

/// The statements whose removal ends every way of a principal to an administrator, none of which could be left; nothing
/// if there is no way, or no remedy of a few statements.
pub fn remedy(estate: &Estate, of: PrincipalId, now: Timestamp) -> Option<Vec<Removal>> {
    let way = |estate: &Estate| {
        Escalations::of(estate, now).get(of).map(|found| found.path.clone()).unwrap_or_default()
    };
    let mut changed = estate.clone();
    let mut removed: Vec<Removal> = Vec::new();
    loop {
        let path = way(&changed);
        let Some(step) = path.first() else { break };
        if removed.len() >= MOST {
            return None;
        }
        let next = allowing(&changed, step, now)
            .into_iter()
            .min_by_key(|removal| (removal.shared_by, removal.name.clone(), removal.statement))?;
        changed.remove_statement(next.document, next.statement);
        removed.push(next);
    }
    // What a later removal made unnecessary is kept.
    let mut at = 0;
    while at < removed.len() && removed.len() > 1 {
        let mut without = estate.clone();
        for (other, removal) in removed.iter().enumerate() {
            if other != at {
                without.remove_statement(removal.document, removal.statement);
            }
        }
        if way(&without).is_empty() {
            removed.remove(at);
        } else {
            at += 1;
        }
    }
    (!removed.is_empty()).then_some(removed)
}

/// The statements that allow what a step needs: without any one request the step fails.
fn allowing(estate: &Estate, step: &Step, now: Timestamp) -> Vec<Removal> {
    // The request that hangs on the fewest statements is the cheapest to stop.
    step.asks
        .iter()
        .map(|asked| statements(estate, step.actor, asked, now))
        .filter(|removals| !removals.is_empty())
        .min_by_key(Vec::len)
        .unwrap_or_default()
}

/// The statements that allow a request, or may: of policies of the actor, and of the policy of the resource.
pub fn statements(
    estate: &Estate,
    actor: PrincipalId,
    asked: &Asked,
    now: Timestamp,
) -> Vec<Removal> {
    let (Some(principal), Some(action)) = (estate.principal(actor), Action::parse(asked.action))
    else {
        return Vec::new();
    };
    let subject = estate.subject(principal, Unread::Ignore);
    let open = Circumstances::open();
    let mut request = Request::new(&subject.caller, &action, &asked.resource, &open, now);
    if request.resource_account.known().is_none() {
        request.resource_account = Attr::Known(Some(principal.account.to_string()));
    }
    let layers = estate.layers(&subject, &mut request, Unread::Ignore);
    let mut seen = Allowing::default();
    evaluate(&request, &layers, &Plain, &mut seen);
    let mut removals: Vec<Removal> = seen
        .statements
        .iter()
        .filter_map(|(name, index)| removal(estate, actor, name, *index))
        .collect();
    removals.sort();
    removals.dedup();
    removals
}

#[derive(Default)]
struct Allowing {
    /// Address of the document, as nothing else tells two with one name apart, and the place of the statement.
    statements: Vec<(*const Document, u32)>,
}

impl Observer for Allowing {
    fn saw(
        &mut self,
        layer: Layer,
        document: &Document,
        statement: &Statement,
        _: Match,
        truth: Truth,
    ) {
        let mine = matches!(layer, Layer::Identity | Layer::Resource);
        if mine && statement.effect != Some(Effect::Deny) && truth != Truth::No {
            self.statements.push((std::ptr::from_ref(document), statement.index));
        }
    }
}

fn removal(
    estate: &Estate,
    actor: PrincipalId,
    document: &*const Document,
    statement: u32,
) -> Option<Removal> {
    let (id, found) = estate.documents().find(|(_, d)| std::ptr::eq(*d, *document))?;
    let shared_by = estate
        .all()
        .filter(|(other, p)| *other != actor && p.policies.iter().any(|a| a.document == id))
        .count();
    let sid = found.statements.iter().find(|s| s.index == statement)?.sid.clone();
    Some(Removal {
        document: id,
        name: found.name.clone(),
        version: found.version.clone(),
        statement,
        sid,
        shared_by,
    })
}
