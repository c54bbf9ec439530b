//! Who reaches whom, by what the search for escalations found.

use std::collections::{BTreeMap, VecDeque};

use portcullis::analyze::iam::escalation::{Becomes, Escalations, Quality, Step, methods};
use portcullis::analyze::iam::estate::{Estate, PrincipalId, PrincipalKind};
use portcullis::analyze::iam::request::Circumstances;
use portcullis::analyze::iam::truth::Truth;

use super::now;
use super::world::{Guards, may};

/// An estate with its escalations.
pub struct Reach {
    pub estate: Estate,
    pub found: Escalations,
}

/// What came of a walk: the steps, the last one reaching what was asked for.
pub type Way = Vec<String>;

impl Reach {
    pub fn of(estate: Estate) -> Self {
        Self::with(estate, false)
    }

    /// With methods of services that AWS has closed, or without.
    pub fn with(estate: Estate, closed: bool) -> Self {
        let methods: Vec<_> = methods::all().filter(|m| closed || !m.historic).collect();
        let found = Escalations::with(&estate, &methods, now());
        Self { estate, found }
    }

    /// Whether a principal is an administrator as it stands.
    pub fn is_admin(&self, id: PrincipalId) -> bool {
        self.found.get(id).is_some_and(|found| found.admin == Some(Truth::Yes))
    }

    /// The way of a principal to an administrator, with its quality; empty if it is one.
    pub fn to_admin(&self, id: PrincipalId) -> Option<(Quality, Way)> {
        if self.is_admin(id) {
            return Some((Quality::Certain, Vec::new()));
        }
        let found = self.found.get(id)?;
        let quality = found.quality?;
        Some((quality, found.path.iter().map(|step| self.words(step)).collect()))
    }

    /// Everybody whom a principal can act as, with the worst quality on the way there, itself included.
    pub fn everybody(&self, from: PrincipalId) -> BTreeMap<PrincipalId, (Quality, Way)> {
        let mut out = BTreeMap::from([(from, (Quality::Certain, Vec::new()))]);
        let mut queue = VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            let (quality, way) = out[&at].clone();
            let Some(found) = self.found.get(at) else { continue };
            let steps = found.uses.iter().chain(found.path.first());
            let becoming = steps.filter_map(|step| match step.becomes {
                Becomes::Principal(next) => Some((next, step.quality, self.words(step))),
                _ => None,
            });
            for (next, more, words) in becoming.chain(self.beyond(at)) {
                let quality = quality.max(more);
                if out.get(&next).is_none_or(|(known, _)| quality < *known) {
                    let mut way = way.clone();
                    way.push(words);
                    out.insert(next, (quality, way));
                    queue.push_back(next);
                }
            }
        }
        out
    }

    /// The roles of other accounts that an administrator can assume. The search ends at administrators, each of its own
    /// account.
    fn beyond(&self, id: PrincipalId) -> Vec<(PrincipalId, Quality, String)> {
        if !self.is_admin(id) {
            return Vec::new();
        }
        let own = self.estate.principal(id).unwrap();
        let others = self
            .estate
            .all()
            .filter(|(_, it)| it.kind == PrincipalKind::Role && it.account != own.account);
        others
            .filter_map(|(other, role)| {
                let open = Circumstances::open();
                let none = Guards::new();
                let it = may(&self.estate, &none, &own.arn, "sts:AssumeRole", &role.arn, &open)?;
                let quality = match it.allowed {
                    Truth::Yes => Quality::Certain,
                    Truth::Maybe => Quality::Conditional,
                    Truth::No => return None,
                };
                Some((other, quality, format!("assumes {}", role.arn)))
            })
            .collect()
    }

    /// Whether a principal can give itself rights of its own choice.
    pub fn empowers_itself(&self, id: PrincipalId) -> Option<(Quality, String)> {
        let uses = &self.found.get(id)?.uses;
        uses.iter()
            .filter(|step| matches!(step.becomes, Becomes::Admin | Becomes::Stronger))
            .min_by_key(|step| step.quality)
            .map(|step| (step.quality, self.words(step)))
    }

    pub fn words(&self, step: &Step) -> String {
        let name = |id: PrincipalId| self.estate.principal(id).unwrap().arn.to_string();
        let becomes = match step.becomes {
            Becomes::Principal(id) => name(id),
            ref other => format!("{other:?}"),
        };
        format!("{} {:?} -> {becomes}", step.method.id, step.quality)
    }
}
