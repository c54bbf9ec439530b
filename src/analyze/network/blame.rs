//! Which rules of a set together open something to the internet.
//!
//! Rules are looked at together because `0.0.0.0/0` can be written as two halves, or as a thousand pieces. Where the
//! union at some port is [the internet](PrefixSet::is_internet), those rules are to blame that hold a substantial part
//! of it: at least the 1/1024 of what makes an internet (a /18 of public IPv4, a /21 of IPv6). A rule for one office
//! beside `0.0.0.0/0` is not the culprit, and since a group holds at most 1,000 rules, at least one always is.

use super::peers::Peers;
use super::space::{Segment, Space, segments};
use crate::analyze::kleene::Doubt;
use crate::model::{Attr, Cause};
use crate::net::PrefixSet;

/// A rule that lets packets pass.
#[derive(Debug)]
pub struct Rule {
    /// The packets; the cause when they are not known.
    pub space: Result<Space, Cause>,
    /// Whose packets.
    pub peers: Peers,
}

/// The rules that say something about a segment.
#[derive(Debug)]
pub struct Member {
    /// The rule's place among all.
    pub rule: usize,
    /// Whose packets pass for sure.
    pub least: PrefixSet,
    /// Whose packets pass at most.
    pub most: PrefixSet,
    /// Why the two differ.
    pub doubt: Doubt,
}

/// For each rule whether it opens a port to the internet, alone or together with others.
pub fn opened(rules: &[Rule]) -> Vec<Attr<bool>> {
    if let Some(simple) = simply(rules) {
        return simple;
    }
    let mut verdicts = Verdicts::new(rules.len());
    // A rule that is wide enough by itself is open wherever it applies.
    for (at, rule) in rules.iter().enumerate() {
        if rule.peers.certain.is_internet() {
            verdicts.certain(at);
        }
    }
    for segment in segments(rules.iter().filter_map(|rule| rule.space.as_ref().ok())) {
        verdicts.judge(&members(rules, &segment));
    }
    verdicts.finish()
}

/// The usual group, where nothing is unknown and each rule is either wide by itself or narrow: no union matters.
fn simply(rules: &[Rule]) -> Option<Vec<Attr<bool>>> {
    rules
        .iter()
        .map(|rule| {
            let set = &rule.peers.certain;
            if set.is_internet() {
                return Some(Attr::Known(true));
            }
            let settled = rule.space.is_ok() && rule.peers.doubt.cause().is_none();
            let narrow = !Part::of(set).any(Part::BLAME);
            (settled && narrow && rules.len() <= MANY).then_some(Attr::Known(false))
        })
        .collect()
}

fn members(rules: &[Rule], segment: &Segment) -> Vec<Member> {
    let mut out = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        let mut doubt = rule.peers.doubt.clone();
        let least = match &rule.space {
            Ok(space) if space.covers(segment) => rule.peers.certain.clone(),
            Ok(_) => continue,
            Err(cause) => {
                doubt.add(cause);
                PrefixSet::default()
            }
        };
        out.push(Member { rule: at, least, most: rule.peers.at_most(), doubt });
    }
    out
}

/// Beyond this many rules all pieces of the internet could be too small to be blamed one by one.
const MANY: usize = 1024;

/// How much public address space a set holds, in the units of [`PrefixSet`].
#[derive(Debug, Clone, Copy)]
struct Part {
    v4: u64,
    v6: u64,
}

impl Part {
    const BLAME: Self = Self { v4: 1 << 14, v6: 1 << 11 };
    const ANY: Self = Self { v4: 1, v6: 1 };

    fn of(set: &PrefixSet) -> Self {
        Self { v4: set.public_v4_count(), v6: set.public_v6_slash32_count() }
    }

    fn any(self, least: Self) -> bool {
        self.v4 >= least.v4 || self.v6 >= least.v6
    }
}

/// What is known so far about each rule.
#[derive(Debug)]
pub struct Verdicts(Vec<(bool, Doubt)>);

impl Verdicts {
    /// Nothing is open yet.
    pub fn new(rules: usize) -> Self {
        Self(vec![(false, Doubt::default()); rules])
    }

    fn certain(&mut self, rule: usize) {
        if let Some(verdict) = self.0.get_mut(rule) {
            verdict.0 = true;
        }
    }

    /// Judges one segment.
    pub fn judge(&mut self, members: &[Member]) {
        let union = |pick: fn(&Member) -> &PrefixSet| {
            members.iter().fold(PrefixSet::default(), |all, member| all.union(pick(member)))
        };
        let most = union(|member| &member.most);
        if !most.is_internet() {
            return;
        }
        let least = union(|member| &member.least);
        let part = if members.len() > MANY { Part::ANY } else { Part::BLAME };
        let share = |all: &PrefixSet, own: &PrefixSet| {
            let own = Part::of(own);
            (all.is_internet_v4() && own.v4 >= part.v4)
                || (all.is_internet_v6() && own.v6 >= part.v6)
        };
        let mut doubts = Doubt::default();
        for member in members {
            doubts.extend(member.doubt.cause());
        }
        for member in members {
            let Some((open, doubt)) = self.0.get_mut(member.rule) else { continue };
            *open |= share(&least, &member.least);
            if share(&most, &member.most) {
                doubt.extend(doubts.cause());
            }
        }
    }

    /// The verdicts in the order of the rules.
    pub fn finish(self) -> Vec<Attr<bool>> {
        self.0
            .into_iter()
            .map(|(open, doubt)| if open { Attr::Known(true) } else { doubt.or_known(false) })
            .collect()
    }
}
