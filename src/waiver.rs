//! Waivers: dated exceptions that lapse by themselves.
//!
//! A waiver accepts a *fail*; it never turns an unknown into anything. Like other records it is refused when it breaks
//! the rules, and a refused or lapsed waiver accepts nothing. How long a waiver may run depends on the severity of what
//! it accepts, so the same waiver may accept a low finding and not a critical one.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use jiff::civil::Date;

use crate::attestation::is_same_person;
use crate::clock::days_between;
use crate::diag::{Diagnostic, Diagnostics};
use crate::finding::{Severity, Subject};
use crate::ident::{AccountId, Region};
use crate::span::SourceFile;
use crate::yaml;

pub mod inline;
mod raw;

use raw::{RawWaiver, RawWaivers};

/// The JSON Schema of waiver files.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(RawWaivers).to_value()
}

/// How many days a waiver may run, by the severity of what it accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// For critical findings.
    pub critical: i64,
    /// For high findings.
    pub high: i64,
    /// For medium findings.
    pub medium: i64,
    /// For low findings.
    pub low: i64,
}

impl Default for Terms {
    fn default() -> Self {
        Self { critical: 30, high: 90, medium: 180, low: 365 }
    }
}

impl Terms {
    /// The most days for a severity.
    pub fn of(&self, severity: Severity) -> i64 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
        }
    }

    fn longest(&self) -> i64 {
        self.critical.max(self.high).max(self.medium).max(self.low)
    }
}

/// What became of a waiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaiverState {
    /// It accepts what it covers.
    InForce,
    /// Its last day is past.
    Lapsed,
    /// Its first day is to come.
    NotYetInForce,
    /// It breaks the rules: why.
    Refused(String),
}

impl WaiverState {
    /// The words in files and reports.
    pub fn words(&self) -> &'static str {
        match self {
            Self::InForce => "in force",
            Self::Lapsed => "lapsed",
            Self::NotYetInForce => "not yet in force",
            Self::Refused(_) => "refused",
        }
    }
}

/// A dated exception.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Its id.
    pub id: String,
    /// Who answers for it.
    pub owner: String,
    /// Who approved it.
    pub approved_by: String,
    /// Why.
    pub reason: String,
    /// What limits the risk meanwhile, such as the ids of controls.
    pub compensating: Vec<String>,
    /// Where the work on it is tracked.
    pub ticket: Option<String>,
    /// The checks, as ids or patterns.
    pub checks: Vec<String>,
    /// The resources, as ids, ARNs or patterns of them; any when empty.
    pub resources: Vec<String>,
    /// The accounts; any when empty.
    pub accounts: Vec<AccountId>,
    /// The environments; any when empty.
    pub environments: Vec<String>,
    /// The findings; any when empty. With them the waiver ends as soon as the finding becomes another.
    pub fingerprints: BTreeSet<String>,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// What became of it on the day of the run.
    pub state: WaiverState,
    check_patterns: GlobSet,
    resource_patterns: GlobSet,
    covers_anything: bool,
    /// The subjects themselves (type, account, region, id), where ids alone do not say it; any when empty.
    exact: BTreeSet<Exact>,
}

/// Type, account, region and id.
type Exact = (String, AccountId, Region, String);

impl Waiver {
    /// How many days it runs.
    pub fn term_days(&self) -> i64 {
        days_between(self.from, self.until)
    }

    fn covers(&self, check: &str, subject: &Subject, fingerprint: &str) -> bool {
        let account = self.accounts.is_empty() || self.accounts.contains(&subject.account);
        let environment = self.environments.is_empty()
            || subject.environment.as_ref().is_some_and(|e| self.environments.contains(e));
        let finding = self.fingerprints.is_empty() || self.fingerprints.contains(fingerprint);
        let resource = self.resources.is_empty()
            || self.resource_patterns.is_match(&subject.id)
            || subject.arn.as_ref().is_some_and(|arn| self.resource_patterns.is_match(arn));
        let exact = self.exact.is_empty() || self.exact.contains(&exact(subject));
        account
            && environment
            && finding
            && resource
            && exact
            && self.check_patterns.is_match(check)
    }

    /// Whether the rules let it accept something of this severity.
    fn may_accept(&self, severity: Severity, terms: &Terms) -> bool {
        if self.term_days() > terms.of(severity) {
            return false;
        }
        let named =
            !self.fingerprints.is_empty() || !(self.resources.is_empty() || self.covers_anything);
        severity != Severity::Critical || named
    }
}

/// All waivers of an organisation, as they stand on one day.
#[derive(Debug, Clone, Default)]
pub struct Waivers {
    list: Vec<Waiver>,
    terms: Terms,
}

impl Waivers {
    /// Reads waiver files. Texts that are no waivers are diagnostics; waivers that break the rules are kept as refused.
    pub fn load(
        files: &[SourceFile],
        terms: Terms,
        today: Date,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut list: Vec<Waiver> = Vec::new();
        for file in files {
            let Some(raw) = yaml::read::<RawWaivers>(file, diagnostics) else { continue };
            if raw.version.value != 1 {
                let message = format!("format version {} is not known", raw.version.value);
                diagnostics.push(
                    Diagnostic::error("waiver/format-version", message)
                        .at(file, raw.version.range.clone())
                        .help("this release reads version 1"),
                );
                continue;
            }
            for raw in raw.waivers {
                if list.iter().any(|w| w.id == raw.id.value) {
                    let message = format!("there is another waiver `{}`", raw.id.value);
                    diagnostics.push(
                        Diagnostic::error("waiver/duplicate-id", message)
                            .at(file, raw.id.range.clone()),
                    );
                }
                list.extend(lower(file, raw, &terms, today, diagnostics));
            }
        }
        list.sort_by(|a, b| a.id.cmp(&b.id));
        Self { list, terms }
    }

    /// The waiver that accepts a fail, if any: the first by id.
    pub fn accepts(
        &self,
        check: &str,
        severity: Severity,
        subject: &Subject,
        fingerprint: &str,
    ) -> Option<&Waiver> {
        self.list.iter().find(|waiver| {
            waiver.state == WaiverState::InForce
                && waiver.may_accept(severity, &self.terms)
                && waiver.covers(check, subject, fingerprint)
        })
    }

    /// Why waivers that cover a finding do not accept it, in words; for `explain` and for findings' notes.
    pub fn why_not(
        &self,
        check: &str,
        severity: Severity,
        subject: &Subject,
        fingerprint: &str,
    ) -> Vec<String> {
        let covering = self.list.iter().filter(|w| w.covers(check, subject, fingerprint));
        let words = covering.filter_map(|waiver| match &waiver.state {
            WaiverState::Refused(why) => Some(format!("{}: {why}", waiver.id)),
            WaiverState::Lapsed => Some(format!("{}: lapsed on {}", waiver.id, waiver.until)),
            WaiverState::NotYetInForce => Some(format!("{}: begins on {}", waiver.id, waiver.from)),
            WaiverState::InForce if waiver.may_accept(severity, &self.terms) => None,
            WaiverState::InForce => {
                let most = self.terms.of(severity);
                Some(format!(
                    "{}: runs {} days where {most} are allowed for {severity}, or names no resource of its own",
                    waiver.id,
                    waiver.term_days()
                ))
            }
        });
        words.collect()
    }

    /// All of them, by id.
    pub fn iter(&self) -> std::slice::Iter<'_, Waiver> {
        self.list.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl<'a> IntoIterator for &'a Waivers {
    type Item = &'a Waiver;
    type IntoIter = std::slice::Iter<'a, Waiver>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn exact(subject: &Subject) -> Exact {
    let Subject { kind, account, region, id, .. } = subject;
    (kind.clone(), account.clone(), region.clone(), id.clone())
}

fn lower(
    file: &SourceFile,
    raw: RawWaiver,
    terms: &Terms,
    today: Date,
    diagnostics: &mut Diagnostics,
) -> Option<Waiver> {
    let before = diagnostics.len();
    let mut accounts = Vec::new();
    for text in &raw.accounts {
        match AccountId::new(text) {
            Ok(account) => accounts.push(account),
            Err(error) => diagnostics.push(
                Diagnostic::error("waiver/account", error.to_string()).at(file, text.range.clone()),
            ),
        }
    }
    let check_patterns = patterns(file, &raw.checks, diagnostics);
    let resource_patterns = patterns(file, &raw.resources, diagnostics);
    if diagnostics.len() > before {
        return None;
    }
    let plain =
        |list: Vec<yaml::Spanned<String>>| list.into_iter().map(|s| s.value).collect::<Vec<_>>();
    let resources = plain(raw.resources);
    let mut waiver = Waiver {
        id: raw.id.value,
        owner: raw.owner,
        approved_by: raw.approved_by,
        reason: raw.reason.trim().to_owned(),
        compensating: raw.compensating,
        ticket: raw.ticket,
        checks: plain(raw.checks),
        covers_anything: resources.iter().any(|pattern| is_bare(pattern)),
        resources,
        accounts,
        environments: raw.environments,
        fingerprints: raw.fingerprints.into_iter().collect(),
        from: raw.from,
        until: raw.until,
        state: WaiverState::InForce,
        check_patterns: check_patterns?,
        resource_patterns: resource_patterns?,
        exact: BTreeSet::new(),
    };
    waiver.state = state(&waiver, terms, today);
    Some(waiver)
}

fn state(waiver: &Waiver, terms: &Terms, today: Date) -> WaiverState {
    if let Some(why) = refusal(waiver, terms) {
        return WaiverState::Refused(why);
    }
    if today > waiver.until {
        return WaiverState::Lapsed;
    }
    if today < waiver.from {
        return WaiverState::NotYetInForce;
    }
    WaiverState::InForce
}

fn refusal(waiver: &Waiver, terms: &Terms) -> Option<String> {
    if waiver.owner.trim().is_empty() || waiver.approved_by.trim().is_empty() {
        return Some("owner or approver is missing".to_owned());
    }
    if is_same_person(&waiver.owner, &waiver.approved_by) {
        return Some(format!("{} approves their own waiver", waiver.owner));
    }
    if waiver.reason.is_empty() {
        return Some("the reason is empty".to_owned());
    }
    if waiver.until < waiver.from {
        return Some("it ends before it begins".to_owned());
    }
    if waiver.checks.is_empty() {
        return Some("it names no check".to_owned());
    }
    if waiver.checks.iter().any(|check| check.bytes().all(|b| matches!(b, b'*' | b'?'))) {
        return Some("it covers every check".to_owned());
    }
    let scoped = !(waiver.resources.is_empty()
        && waiver.accounts.is_empty()
        && waiver.environments.is_empty()
        && waiver.fingerprints.is_empty());
    if !scoped {
        return Some("it names neither resources, accounts, environments nor findings".to_owned());
    }
    let longest = terms.longest();
    let days = waiver.term_days();
    (days > longest)
        .then(|| format!("it runs {days} days, and {longest} is the most for any severity"))
}

/// Whether a pattern leaves open which resource is meant: its last part consists of wildcards.
fn is_bare(pattern: &str) -> bool {
    let last = pattern.rsplit(['/', ':']).next().unwrap_or_default();
    last.bytes().all(|b| matches!(b, b'*' | b'?'))
}

/// A pattern of checks or resources. ARNs contain slashes, and `*` goes over them.
fn glob(text: &str) -> Result<globset::Glob, globset::Error> {
    GlobBuilder::new(text).literal_separator(false).backslash_escape(false).build()
}

fn patterns(
    file: &SourceFile,
    raw: &[yaml::Spanned<String>],
    diagnostics: &mut Diagnostics,
) -> Option<GlobSet> {
    let mut builder = GlobSetBuilder::new();
    for text in raw {
        match glob(text) {
            Ok(glob) => {
                builder.add(glob);
            }
            Err(error) => {
                let message = format!("`{}` is not a pattern: {}", text.value, error.kind());
                diagnostics.push(
                    Diagnostic::error("waiver/pattern", message).at(file, text.range.clone()),
                );
            }
        }
    }
    match builder.build() {
        Ok(set) => Some(set),
        Err(error) => {
            let message = format!("the patterns are too large together: {}", error.kind());
            diagnostics.push(Diagnostic::error("waiver/pattern", message).at(file, 0..0));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waivers(body: &str, today: &str) -> Waivers {
        let text = format!("version: 1\nwaivers:\n  - {{id: W1, {body}}}\n");
        let mut diagnostics = Diagnostics::default();
        let file = SourceFile::new("waivers.yaml", text);
        let waivers =
            Waivers::load(&[file], Terms::default(), today.parse().unwrap(), &mut diagnostics);
        assert!(!diagnostics.has_errors(), "{}", diagnostics.render(false));
        waivers
    }

    fn subject() -> Subject {
        Subject {
            kind: "aws.ec2.security_group".into(),
            account: AccountId::new("111122223333").unwrap(),
            region: Region::new("eu-west-1").unwrap(),
            id: "sg-0abc".into(),
            arn: Some("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0abc".into()),
            name: None,
            environment: Some("dev".into()),
        }
    }

    const PEOPLE: &str =
        "owner: a@x, approved_by: b@x, reason: migration, from: 2026-01-10, until: 2026-02-01";

    fn accepts(waivers: &Waivers, severity: Severity) -> bool {
        waivers.accepts("ec2-security-group-x", severity, &subject(), "f1").is_some()
    }

    #[test]
    fn it_holds_through_its_last_day() {
        let body = format!("{PEOPLE}, checks: [ec2-security-group-x], resources: [sg-0abc]");
        assert!(!accepts(&waivers(&body, "2026-01-09"), Severity::Critical));
        assert!(accepts(&waivers(&body, "2026-02-01"), Severity::Critical));
        let lapsed = waivers(&body, "2026-02-02");
        assert!(!accepts(&lapsed, Severity::Critical));
        assert_eq!(lapsed.iter().next().unwrap().state, WaiverState::Lapsed);
    }

    #[test]
    fn critical_findings_need_a_named_resource() {
        let by_arn = format!(
            "{PEOPLE}, checks: [ec2-*], resources: ['arn:aws:ec2:*:*:security-group/sg-0abc']"
        );
        assert!(accepts(&waivers(&by_arn, "2026-01-20"), Severity::Critical));
        let bare =
            format!("{PEOPLE}, checks: [ec2-*], resources: ['arn:aws:ec2:*:*:security-group/*']");
        let bare = waivers(&bare, "2026-01-20");
        assert!(!accepts(&bare, Severity::Critical));
        assert!(accepts(&bare, Severity::High));
        let account = format!("{PEOPLE}, checks: [ec2-*], environments: [dev]");
        assert!(!accepts(&waivers(&account, "2026-01-20"), Severity::Critical));
        let finding = format!("{PEOPLE}, checks: [ec2-*], fingerprints: [f1]");
        assert!(accepts(&waivers(&finding, "2026-01-20"), Severity::Critical));
        let worse = format!("{PEOPLE}, checks: [ec2-*], fingerprints: [f2]");
        assert!(!accepts(&waivers(&worse, "2026-01-20"), Severity::Critical));
    }

    #[test]
    fn the_term_depends_on_the_severity() {
        let body = "owner: a@x, approved_by: b@x, reason: r, from: 2026-01-01, until: 2026-04-01, \
                    checks: [ec2-*], resources: [sg-0abc]";
        let long = waivers(body, "2026-01-20");
        assert!(!accepts(&long, Severity::Critical));
        assert!(accepts(&long, Severity::High));
        assert!(long.why_not("ec2-x", Severity::Critical, &subject(), "f1")[0].contains("90 days"));
    }

    #[test]
    fn what_breaks_the_rules_is_refused_with_the_reason() {
        let cases = [
            (
                "owner: a@x, approved_by: A@X , reason: r, checks: [c], resources: [x]",
                "approves their own",
            ),
            ("owner: a, approved_by: b, reason: ' ', checks: [c], resources: [x]", "reason"),
            ("owner: a, approved_by: b, reason: r, checks: ['*'], resources: [x]", "every check"),
            ("owner: a, approved_by: b, reason: r, checks: [c]", "neither"),
            ("owner: a, approved_by: b, reason: r, checks: [], resources: [x]", "no check"),
        ];
        for (body, why) in cases {
            let all =
                waivers(&format!("{body}, from: 2026-01-01, until: 2026-01-20"), "2026-01-10");
            let state = &all.iter().next().unwrap().state;
            assert!(
                matches!(state, WaiverState::Refused(found) if found.contains(why)),
                "{body}: {state:?}"
            );
        }
    }

    #[test]
    fn a_waiver_without_end_is_an_error() {
        let file = SourceFile::new(
            "w.yaml",
            "version: 1\nwaivers:\n  - {id: W, owner: a, approved_by: b, reason: r, checks: [c], from: 2026-01-01}\n",
        );
        let mut diagnostics = Diagnostics::default();
        Waivers::load(&[file], Terms::default(), "2026-01-01".parse().unwrap(), &mut diagnostics);
        assert!(diagnostics.render(false).contains("`until`"), "{}", diagnostics.render(false));
    }
}
