//! Who breaks what is declared, in the form that facts have.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use rayon::prelude::*;

use super::{Asker, Declared, Excepted, Guise, Holding, Offence, Reached, Turn};
use crate::analyze::iam::effects::sentence;
use crate::analyze::iam::escalation::method::Gain;
use crate::analyze::iam::escalation::{Becomes, Escalations, Quality, Step};
use crate::analyze::iam::estate::{Estate, Principal, PrincipalId};
use crate::analyze::iam::truth::Truth;
use crate::clock::{self, Time};
use crate::model::privileges::{DutyConflict, HeldCapability};
use crate::model::{Attr, Cause, CauseKind};

/// How many others a principal is followed into: enough to find whoever may, few enough to end.
const TURNS_MOST: usize = 64;

/// What one principal breaks; absent where nothing is declared.
#[derive(Debug, Clone, Default)]
pub struct Broken {
    /// Capabilities.
    pub capabilities: Option<Vec<HeldCapability>>,
    /// Duties.
    pub duty_conflicts: Option<Vec<DutyConflict>>,
}

/// What principals break; nobody where nothing is declared.
pub fn broken(
    estate: &Estate,
    escalations: &Escalations,
    declared: &Declared,
    now: Timestamp,
) -> BTreeMap<PrincipalId, Broken> {
    if declared.capabilities.is_empty() && declared.duties.is_empty() {
        return BTreeMap::new();
    }
    let asker = Asker::new(estate, declared, now);
    let climb = Climb { estate, escalations };
    let principals: Vec<(PrincipalId, &Principal)> = estate.all().collect();
    principals
        .into_par_iter()
        .map(|(id, principal)| (id, of(principal, declared, &asker, &climb)))
        .collect()
}

fn of(principal: &Principal, declared: &Declared, asker: &Asker<'_>, climb: &Climb<'_>) -> Broken {
    let capabilities = declared
        .capabilities
        .iter()
        .filter_map(|one| Some(capability(&one.id, &one.broken_by(principal, asker, climb)?)));
    let duties = declared
        .duties
        .iter()
        .filter_map(|one| Some(conflict(&one.id, &one.broken_by(principal, asker, climb)?)));
    Broken {
        capabilities: (!declared.capabilities.is_empty()).then(|| capabilities.collect()),
        duty_conflicts: (!declared.duties.is_empty()).then(|| duties.collect()),
    }
}

fn capability(id: &str, offence: &Offence<'_>) -> HeldCapability {
    let request = offence.holdings.first().map(request).unwrap_or_default();
    HeldCapability {
        id: id.to_owned().into(),
        holds: holds(offence),
        excepted: Attr::Known(matches!(offence.excepted, Excepted::Yes(_))),
        exception_reason: Attr::Known(reason(offence)),
        exception_lapsed: Attr::Known(lapsed(offence)),
        request: request.into(),
        statements: Attr::Known(all(offence, |one| &one.statements)),
        through: Attr::Known(all(offence, |one| &one.through)),
        hangs_on: Attr::Known(all(offence, |one| &one.open)),
    }
}

fn conflict(id: &str, offence: &Offence<'_>) -> DutyConflict {
    let request = |at: usize| offence.holdings.get(at).map(request).unwrap_or_default();
    DutyConflict {
        id: id.to_owned().into(),
        holds: holds(offence),
        excepted: Attr::Known(matches!(offence.excepted, Excepted::Yes(_))),
        exception_reason: Attr::Known(reason(offence)),
        exception_lapsed: Attr::Known(lapsed(offence)),
        first: request(0).into(),
        second: request(1).into(),
        statements: Attr::Known(all(offence, |one| &one.statements)),
        through: Attr::Known(all(offence, |one| &one.through)),
        hangs_on: Attr::Known(all(offence, |one| &one.open)),
    }
}

fn request(holding: &Holding) -> String {
    format!("{} on {}", holding.action, holding.resource)
}

fn holds(offence: &Offence<'_>) -> Attr<bool> {
    if offence.truth == Truth::Yes {
        return Attr::Known(true);
    }
    let open = all(offence, |one| &one.open);
    let what = if open.is_empty() {
        "it hangs on conditions or on what the inventory does not show".to_owned()
    } else {
        format!("it hangs on {}", open.join("; "))
    };
    Attr::Unknown(Cause::new(CauseKind::NotCollected, what))
}

fn reason(offence: &Offence<'_>) -> Option<String> {
    match offence.excepted {
        Excepted::Yes(one) | Excepted::Lapsed(one) => Some(one.reason.clone()),
        Excepted::No => None,
    }
}

fn lapsed(offence: &Offence<'_>) -> Option<Time> {
    match offence.excepted {
        Excepted::Lapsed(one) => one.until.and_then(clock::start_of).map(Time),
        _ => None,
    }
}

/// What both requests rest on, each once, in order.
fn all(offence: &Offence<'_>, of: impl Fn(&Holding) -> &Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for one in offence.holdings.iter().flat_map(of) {
        if !out.contains(one) {
            out.push(one.clone());
        }
    }
    out
}

/// What the search for escalations found, followed step by step.
struct Climb<'e> {
    estate: &'e Estate,
    escalations: &'e Escalations,
}

impl Climb<'_> {
    fn turn(&self, step: &Step) -> Option<Guise> {
        Some(match step.becomes {
            Becomes::Admin => {
                Guise::Administrator(self.estate.principal(step.actor)?.account.clone())
            }
            Becomes::Principal(id) => Guise::Principal(self.estate.principal(id)?.arn.clone()),
            Becomes::Stronger if matches!(step.method.gain, Gain::Own(_)) => Guise::Unlimited,
            Becomes::Stronger | Becomes::Elsewhere => return None,
        })
    }
}

fn certainty(step: &Step) -> Truth {
    if step.quality == Quality::Certain { Truth::Yes } else { Truth::Maybe }
}

impl Reached for Climb<'_> {
    fn becomes(&self, principal: &Principal) -> Vec<Turn> {
        let Some(start) = self.estate.find(&principal.arn) else { return Vec::new() };
        let mut out = Vec::new();
        if let Some(found) = self.escalations.get(start)
            && let Some(last) = found.path.last()
            && let Some(into) = self.turn(last)
        {
            let truth = found.path.iter().map(certainty).min().unwrap_or(Truth::Yes);
            let steps = found.path.iter().map(|step| sentence(self.estate, step)).collect();
            out.push(Turn { into, truth, steps });
        }
        let mut seen = BTreeSet::from([start]);
        let mut todo = VecDeque::from([(start, Truth::Yes, Vec::<String>::new())]);
        while let Some((at, truth, steps)) = todo.pop_front() {
            let Some(found) = self.escalations.get(at) else { continue };
            for step in &found.uses {
                let truth = truth.and(certainty(step));
                let mut steps = steps.clone();
                steps.push(sentence(self.estate, step));
                // What another makes of itself is not what the first one does with its own boundary.
                let own = at == start || step.becomes != Becomes::Stronger;
                if let Some(into) = self.turn(step).filter(|_| own) {
                    out.push(Turn { into, truth, steps: steps.clone() });
                }
                if let Becomes::Principal(id) = step.becomes
                    && seen.insert(id)
                {
                    todo.push_back((id, truth, steps));
                }
            }
            if out.len() >= TURNS_MOST {
                break;
            }
        }
        // The order of the search is that of the number of steps.
        out.sort_by_key(|turn| std::cmp::Reverse(turn.truth));
        out
    }
}
