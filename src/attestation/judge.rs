//! Whether records meet what a control needs, on a given day, and why not in words.

use std::collections::BTreeSet;

use jiff::Span;
use jiff::civil::Date;

use super::{Answer, Attestation, Document, Exercise, ExerciseKind, Records, is_same_person};
use crate::clock::days_between;

/// What one need of a control comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Not met.
    Unmet,
    /// Nobody can say.
    Unknown,
    /// Met in part.
    Partly,
    /// Met.
    Met,
    /// It does not apply.
    NotApplicable,
}

/// What one need of a control comes to, and by which record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What it comes to.
    pub standing: Standing,
    /// The record; empty when there is none.
    pub record: String,
    /// In words.
    pub note: String,
}

/// Whose need is judged, and when.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The control or item.
    pub item: &'a str,
    /// Whether it is critical: then nothing is met in part, and nothing is not applicable.
    pub critical: bool,
    /// The day, in UTC.
    pub today: Date,
    /// After how many days a record lapses.
    pub fresh_days: u32,
}

impl Subject<'_> {
    /// The last day on which a record of `date` is fresh.
    fn limit(&self, date: Date) -> Date {
        let span = Span::new().try_days(i64::from(self.fresh_days));
        span.and_then(|span| date.checked_add(span)).unwrap_or(Date::MAX)
    }

    fn partly(&self) -> Standing {
        if self.critical { Standing::Unmet } else { Standing::Partly }
    }
}

impl Records {
    /// Whether an attestation covers the subject. `document` demands that it names a document with its digest.
    pub fn attested(&self, subject: Subject<'_>, document: bool) -> Judgement {
        let named = self.attestations.iter().filter(|a| a.items.iter().any(|i| i == subject.item));
        let (refused, valid): (Vec<_>, Vec<_>) =
            named.partition(|a| self.refusal_of_attestation(a, Some(subject)).is_some());
        // The latest review holds; of two on one day, the one that says less.
        let latest =
            valid.iter().max_by_key(|a| (a.reviewed_on, std::cmp::Reverse(rank(a.answer)), &a.id));
        let Some(latest) = latest else {
            return none_or_refused(
                refused.first().map(|a| a.id.as_str()),
                "not documented: no attestation",
            );
        };
        let limit = subject.limit(latest.reviewed_on);
        let end = latest.expires_on.map_or(limit, |e| e.min(limit));
        let mut words = format!(
            "{}, owner {}, approved by {}, reviewed {}, holds until {end}",
            latest.id, latest.owner, latest.approved_by, latest.reviewed_on
        );
        let standing = if subject.today > end {
            words = format!("lapsed on {end}: {words}");
            Standing::Unmet
        } else {
            match latest.answer {
                Answer::Yes => Standing::Met,
                Answer::Partial => {
                    words = format!("answered partial: {words}");
                    subject.partly()
                }
                Answer::No => {
                    words = format!("answered no: {words}");
                    Standing::Unmet
                }
                Answer::NotApplicable => {
                    let reason = latest.reason.as_deref().unwrap_or_default();
                    words = format!("answered not applicable, {reason}: {words}");
                    Standing::NotApplicable
                }
            }
        };
        let judged = Judgement { standing, record: latest.id.clone(), note: words };
        if standing == Standing::Unmet || standing == Standing::NotApplicable {
            return judged;
        }
        self.with_document(judged, latest.document.as_ref(), document, "document")
    }

    /// Whether an exercise of one of the kinds was held for the subject. `accounts`, where given, must all be in its
    /// scope; `report` demands that it names a report with its digest.
    pub fn exercised(
        &self,
        subject: Subject<'_>,
        kinds: &[ExerciseKind],
        accounts: Option<&[&str]>,
        report: bool,
    ) -> Judgement {
        let named = self
            .exercises
            .iter()
            .filter(|e| kinds.contains(&e.kind) && e.items.iter().any(|i| i == subject.item));
        let (refused, valid): (Vec<_>, Vec<_>) =
            named.partition(|e| refusal_of_exercise(e, subject.today).is_some());
        let latest =
            valid.iter().max_by_key(|e| (e.held_on, std::cmp::Reverse(e.unmet.len()), &e.id));
        let Some(latest) = latest else {
            let kinds: Vec<_> = kinds.iter().map(|k| k.word()).collect();
            let none = format!("not exercised: no record of {}", kinds.join(" or "));
            return none_or_refused(refused.first().map(|e| e.id.as_str()), &none);
        };
        let limit = subject.limit(latest.held_on);
        let words = format!(
            "{} ({}), held {}, counts until {limit}",
            latest.id,
            latest.kind.word(),
            latest.held_on
        );
        let missing: Vec<&str> = accounts
            .unwrap_or_default()
            .iter()
            .filter(|a| !latest.accounts.iter().any(|b| b == *a))
            .copied()
            .collect();
        let (standing, note) = if subject.today > limit {
            (Standing::Unmet, format!("lapsed on {limit}: {words}"))
        } else if !latest.unmet.is_empty() {
            (subject.partly(), format!("objectives not met ({}): {words}", latest.unmet.join("; ")))
        } else if !missing.is_empty() {
            (subject.partly(), format!("accounts left out ({}): {words}", missing.join(", ")))
        } else {
            (Standing::Met, words)
        };
        let judged = Judgement { standing, record: latest.id.clone(), note };
        if standing == Standing::Unmet {
            return judged;
        }
        self.with_document(judged, latest.report.as_ref(), report, "report")
    }

    /// Open actions past their due date, and how many actions there are.
    pub fn overdue_actions(&self, today: Date) -> (u64, Vec<String>) {
        let valid = self.exercises.iter().filter(|e| refusal_of_exercise(e, today).is_none());
        let mut count = 0;
        let mut overdue = Vec::new();
        for (record, action) in valid.flat_map(|e| e.actions.iter().map(move |a| (e, a))) {
            count += 1;
            if !action.closed && action.due < today {
                overdue.push(format!(
                    "{} {} (due {}, owner {})",
                    record.id, action.id, action.due, action.owner
                ));
            }
        }
        (count, overdue)
    }

    /// Closed incidents whose record lacks something, and how many are closed.
    pub fn incomplete_incidents(&self) -> (u64, Vec<String>) {
        let closed = self
            .exercises
            .iter()
            .filter_map(|e| Some((e, e.closure.as_ref().filter(|c| c.closed)?)));
        let mut count = 0;
        let mut incomplete = Vec::new();
        for (incident, closure) in closed {
            count += 1;
            if !closure.missing.is_empty() {
                incomplete.push(format!("{} lacks {}", incident.id, closure.missing.join(", ")));
            }
        }
        (count, incomplete)
    }

    /// Why records are refused whatever they are held against, one line each. `known` are the ids of all controls.
    pub fn refusals(&self, today: Date, known: &BTreeSet<&str>) -> Vec<String> {
        let unknown =
            |items: &[String]| items.iter().find(|i| !known.contains(i.as_str())).cloned();
        let mut out = Vec::new();
        for a in &self.attestations {
            let subject = Subject { item: "", critical: false, today, fresh_days: u32::MAX };
            if let Some(why) = self.refusal_of_attestation(a, Some(subject)) {
                out.push(format!("{}: {why}", a.id));
            } else if let Some(item) = unknown(&a.items) {
                out.push(format!("{}: `{item}` is not a control of any framework in use", a.id));
            }
        }
        for e in &self.exercises {
            if let Some(why) = refusal_of_exercise(e, today) {
                out.push(format!("{}: {why}", e.id));
            } else if let Some(item) = unknown(&e.items) {
                out.push(format!("{}: `{item}` is not a control of any framework in use", e.id));
            }
        }
        out.sort();
        out
    }

    /// Why an attestation counts as nothing for a subject.
    pub fn refusal_of_attestation(
        &self,
        a: &Attestation,
        subject: Option<Subject<'_>>,
    ) -> Option<String> {
        if a.owner.trim().is_empty() || a.approved_by.trim().is_empty() {
            return Some("refused: owner or approver is missing".to_owned());
        }
        if is_same_person(&a.owner, &a.approved_by) {
            return Some(format!("refused: {} approves their own statement", a.owner));
        }
        if a.expires_on.is_some_and(|end| end < a.reviewed_on) {
            return Some("refused: it expires before it was reviewed".to_owned());
        }
        if a.answer == Answer::NotApplicable && a.reason.is_none() {
            return Some("refused: `not-applicable` without a reason".to_owned());
        }
        if let Some(why) = a.document.as_ref().and_then(malformed) {
            return Some(why);
        }
        let subject = subject?;
        if a.reviewed_on > subject.today {
            return Some(format!("refused: reviewed on {}, which is in the future", a.reviewed_on));
        }
        if a.answer == Answer::NotApplicable && subject.critical {
            return Some(format!(
                "refused: {} is critical and cannot be not applicable",
                subject.item
            ));
        }
        let limit = subject.limit(a.reviewed_on);
        let end = a.expires_on.filter(|end| *end > limit)?;
        let days = days_between(a.reviewed_on, end);
        Some(format!(
            "refused: it expires {days} days after its review, and {} are allowed",
            subject.fresh_days
        ))
    }

    /// Compares the document that a record names with the file as it is now.
    fn with_document(
        &self,
        judged: Judgement,
        document: Option<&Document>,
        wanted: bool,
        what: &str,
    ) -> Judgement {
        let Some((document, digest)) = document.and_then(|d| Some((d, d.sha256.as_deref()?)))
        else {
            if wanted {
                let note = format!("names no {what} with its SHA-256: {}", judged.note);
                return Judgement { standing: Standing::Unmet, note, ..judged };
            }
            return judged;
        };
        let Some(path) = &document.path else {
            let note = format!(
                "{}; {what} {} is not a file and was not compared",
                judged.note, document.uri
            );
            return Judgement { note, ..judged };
        };
        match self.digests.get(path) {
            Some(Ok(now)) if now == digest => judged,
            Some(Ok(_)) => {
                let note = format!(
                    "changed after review: {what} {} has another digest; {}",
                    document.uri, judged.note
                );
                Judgement { standing: Standing::Unmet, note, ..judged }
            }
            Some(Err(why)) => {
                let note =
                    format!("{what} {} cannot be read ({why}); {}", document.uri, judged.note);
                Judgement { standing: Standing::Unknown, note, ..judged }
            }
            None => {
                let note = format!("{what} {} was not read; {}", document.uri, judged.note);
                Judgement { standing: Standing::Unknown, note, ..judged }
            }
        }
    }
}

fn refusal_of_exercise(e: &Exercise, today: Date) -> Option<String> {
    if e.held_on > today {
        return Some(format!("refused: held on {}, which is in the future", e.held_on));
    }
    if e.participants == 0 {
        return Some("refused: nobody took part".to_owned());
    }
    if e.objectives == 0 {
        return Some("refused: without an objective nobody can say what it showed".to_owned());
    }
    let open_incident = e.closure.as_ref().is_some_and(|c| !c.closed);
    if !open_incident && e.approved_by.as_deref().is_none_or(|a| a.trim().is_empty()) {
        return Some("refused: nobody approved the record".to_owned());
    }
    e.report.as_ref().and_then(malformed)
}

fn none_or_refused(refused: Option<&str>, none: &str) -> Judgement {
    let words = match refused {
        Some(id) => format!("{none}; {id} is refused"),
        None => none.to_owned(),
    };
    Judgement { standing: Standing::Unmet, record: String::new(), note: words }
}

/// How much an answer claims.
fn rank(answer: Answer) -> u8 {
    match answer {
        Answer::No => 0,
        Answer::Partial => 1,
        Answer::Yes => 2,
        Answer::NotApplicable => 3,
    }
}

fn malformed(document: &Document) -> Option<String> {
    let hex = document.sha256.as_deref()?;
    let fits = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    (!fits)
        .then(|| format!("refused: the SHA-256 of {} is not 64 hexadecimal digits", document.uri))
}
