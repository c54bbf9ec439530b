//! Waivers beside what they accept: a comment in a source of Terraform, an entry in the metadata of a template.
//!
//! ```text
//! # portcullis:ignore s3-bucket-versioning until=2026-12-31 reason="moves in Q4" owner=ana@acme approved-by=li@acme
//! ```
//!
//! They follow the rules of every other waiver, accept findings of the one block alone, and lapse as others do. A comment
//! that breaks the rules accepts nothing, and is told like any refused waiver: a comment that is silently without effect
//! is as bad as one that silently has some.

use std::collections::BTreeSet;

use globset::{GlobSet, GlobSetBuilder};
use jiff::civil::Date;

use super::{Terms, Waiver, WaiverState, Waivers, exact, glob, state};
use crate::finding::Subject;

/// What begins such a comment.
pub const MARKER: &str = "portcullis:ignore";

/// What begins every comment that speaks to us.
const FOR_US: &str = "portcullis:";

/// The key under which [`of_comment`] gives what it does not know.
const DIRECTIVE: &str = "directive";

/// What begins the ids of such waivers.
const ID: &str = "inline:";

/// Whether a waiver with this id stands beside what it accepts.
pub fn is_inline(id: &str) -> bool {
    id.starts_with(ID)
}

/// A waiver as it stands in a source, not judged yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inline {
    /// The file, relative to the folder of sources, with forward slashes.
    pub file: String,
    /// The line of the comment, from 1.
    pub line: u64,
    /// The address of the block it stands in or above, without keys of instances; one for each call of the module that
    /// holds it, none when it belongs to no block.
    pub addresses: Vec<String>,
    /// What follows [`MARKER`].
    pub text: String,
}

/// What a comment of a source says to us: what follows [`MARKER`], or nothing when it speaks to somebody else. One that
/// asks for something else of us is given in a form that is refused.
pub fn of_comment(comment: &str) -> Option<String> {
    let asked = comment.trim().strip_prefix(FOR_US)?;
    let rest = comment.trim().strip_prefix(MARKER);
    if let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    {
        return Some(rest.trim().to_owned());
    }
    let asked: String = asked.chars().filter(|c| !matches!(c, '"' | '\\')).collect();
    Some(format!("{DIRECTIVE}=\"{}\"", asked.trim()))
}

/// Why an inline waiver accepts nothing whatever it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidden {
    /// They may be used.
    No,
    /// The organisation does without them.
    Yes,
}

impl Waivers {
    /// Adds an inline waiver that accepts findings of `subjects` (what its block states; only type, place and id of each
    /// count), as it stands today. Whatever is wrong with it makes it a refused waiver.
    pub fn add_inline(
        &mut self,
        inline: &Inline,
        subjects: &[Subject],
        forbidden: Forbidden,
        today: Date,
    ) {
        let mut waiver = judged(inline, subjects, forbidden, &self.terms, today);
        // Several may stand on one line, or in one block of metadata.
        let plain = waiver.id.clone();
        let mut n = 1;
        while self.list.iter().any(|have| have.id == waiver.id) {
            n += 1;
            waiver.id = format!("{plain}#{n}");
        }
        let at = self.list.partition_point(|have| have.id <= waiver.id);
        self.list.insert(at, waiver);
    }
}

fn judged(
    inline: &Inline,
    subjects: &[Subject],
    forbidden: Forbidden,
    terms: &Terms,
    today: Date,
) -> Waiver {
    let mut said = Said::default();
    let mistake = fill(&inline.text, &mut said).err();
    let until = said.until.unwrap_or(today);
    let checks = globs(said.checks.iter().map(|check| glob(check)));
    let resources: BTreeSet<_> = subjects.iter().map(|subject| subject.id.clone()).collect();
    let ids = globs(resources.iter().map(|id| glob(&globset::escape(id))));
    let mut waiver = Waiver {
        id: format!("{ID}{}:{}", inline.file, inline.line),
        owner: said.owner,
        approved_by: said.approved_by,
        reason: said.reason,
        compensating: Vec::new(),
        ticket: said.ticket,
        checks: said.checks,
        covers_anything: false,
        resources: resources.into_iter().collect(),
        accounts: Vec::new(),
        environments: Vec::new(),
        fingerprints: BTreeSet::new(),
        // It holds from when it is read: its term is what is left of it.
        from: today.min(until),
        until,
        state: WaiverState::InForce,
        check_patterns: checks.clone().unwrap_or_default(),
        resource_patterns: ids.clone().unwrap_or_default(),
        exact: subjects.iter().map(exact).collect(),
    };
    let refusal = if forbidden == Forbidden::Yes {
        Some("inline waivers are forbidden here".to_owned())
    } else if mistake.is_some() {
        mistake
    } else if inline.addresses.is_empty() {
        Some("it stands neither in a block of a resource nor right above one".to_owned())
    } else if waiver.resources.is_empty() {
        Some(format!("{} states nothing that is assessed", inline.addresses.join(", ")))
    } else if checks.is_none() || ids.is_none() {
        Some("it names no check that could be one".to_owned())
    } else {
        None
    };
    waiver.state = match refusal {
        Some(why) => WaiverState::Refused(why),
        None => state(&waiver, terms, today),
    };
    waiver
}

fn globs(list: impl Iterator<Item = Result<globset::Glob, globset::Error>>) -> Option<GlobSet> {
    let mut builder = GlobSetBuilder::new();
    for glob in list {
        builder.add(glob.ok()?);
    }
    builder.build().ok()
}

/// What a comment says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    checks: Vec<String>,
    until: Option<Date>,
    reason: String,
    owner: String,
    approved_by: String,
    ticket: Option<String>,
}

/// Reads what follows the marker. With a mistake, what was read before it stays.
fn fill(text: &str, said: &mut Said) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for word in words(text)? {
        match word {
            Word::Plain(word) => {
                if !seen.is_empty() {
                    return Err(format!("`{word}` is no `key=value`; quote values with spaces"));
                }
                let checks = word.split(',').filter(|check| !check.is_empty());
                said.checks.extend(checks.map(str::to_owned));
            }
            Word::Pair(key, value) => {
                match key.as_str() {
                    "until" => {
                        let date = value.parse().map_err(|_| {
                            format!("`until={value}` is no date such as 2026-12-31")
                        })?;
                        said.until = Some(date);
                    }
                    "reason" => value.trim().clone_into(&mut said.reason),
                    "owner" => said.owner.clone_from(&value),
                    "approved-by" => said.approved_by.clone_from(&value),
                    "ticket" => said.ticket = Some(value),
                    DIRECTIVE => {
                        return Err(format!("`{FOR_US}{value}` is not known; there is `{MARKER}`"));
                    }
                    _ => {
                        return Err(format!(
                            "`{key}` is not known; there are until, reason, owner, approved-by, ticket"
                        ));
                    }
                }
                if !seen.insert(key.clone()) {
                    return Err(format!("`{key}` is there twice"));
                }
            }
        }
    }
    if said.until.is_none() {
        return Err("it has no end: `until=` is missing".to_owned());
    }
    if said.reason.is_empty() {
        return Err("`reason=` is missing".to_owned());
    }
    Ok(())
}

enum Word {
    Plain(String),
    Pair(String, String),
}

/// Words between spaces, in which double quotes hold spaces together and a backslash takes what follows as it is.
fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut out = Vec::new();
    let mut rest = text.trim().chars().peekable();
    while rest.peek().is_some() {
        let (mut key, mut value, mut quoted) = (None, String::new(), false);
        while let Some(c) = rest.next() {
            match c {
                '"' => quoted = !quoted,
                '\\' if quoted => value.extend(rest.next()),
                '=' if !quoted && key.is_none() => key = Some(std::mem::take(&mut value)),
                c if c.is_whitespace() && !quoted => break,
                c => value.push(c),
            }
        }
        if quoted {
            return Err("a quotation mark is not closed".to_owned());
        }
        match key {
            Some(key) => out.push(Word::Pair(key, value)),
            None if value.is_empty() => {}
            None => out.push(Word::Plain(value)),
        }
    }
    Ok(out)
}

/// The entries of a template's `Metadata: {Portcullis: {Ignore: [...]}}`, each as the text of a comment. An entry is such
/// a text itself, or a map with `Check` (one, or a list), `Until`, `Reason`, `Owner`, `ApprovedBy` and `Ticket`. What is
/// neither becomes a text that is refused when it is read.
pub fn of_metadata(ignore: &serde_json::Value) -> Vec<String> {
    use serde_json::Value;
    let entries = match ignore {
        Value::Array(entries) => entries.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    };
    entries.iter().map(entry).collect()
}

fn entry(entry: &serde_json::Value) -> String {
    use serde_json::Value;
    let members = match entry {
        Value::String(text) => return text.clone(),
        Value::Object(members) => members,
        _ => return "? entry=\"is neither a text nor a map\"".to_owned(),
    };
    let mut checks = Vec::new();
    let mut pairs = Vec::new();
    for (name, value) in members {
        let key = match name.as_str() {
            "Check" => {
                let list = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                checks.extend(list.iter().filter_map(Value::as_str));
                continue;
            }
            "Until" => "until",
            "Reason" => "reason",
            "Owner" => "owner",
            "ApprovedBy" => "approved-by",
            "Ticket" => "ticket",
            other => other,
        };
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let value = value.replace('\\', "\\\\").replace('"', "\\\"");
        let key: String = key.chars().filter(|c| !matches!(c, '"' | '=' | '\\')).collect();
        pairs.push(format!("{}=\"{value}\"", key.replace(char::is_whitespace, "-")));
    }
    format!("{} {}", checks.join(","), pairs.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attestation::is_same_person;
    use crate::finding::Severity;
    use crate::ident::{AccountId, Region};

    const GOOD: &str = r#"ec2-x,ec2-y until=2026-02-01 reason="moves, in \"Q1\"" owner=a@x approved-by=b@x ticket=T-1"#;

    fn added(text: &str, forbidden: Forbidden, today: &str) -> Waivers {
        let inline = Inline {
            file: "a/main.tf".to_owned(),
            line: 3,
            addresses: vec!["aws_security_group.web".to_owned()],
            text: text.to_owned(),
        };
        let mut waivers = Waivers::default();
        let own = [subject("planned:aws_security_group.web[\"*\"]")];
        waivers.add_inline(&inline, &own, forbidden, today.parse().unwrap());
        waivers
    }

    fn subject(id: &str) -> Subject {
        Subject {
            kind: "aws.ec2.security_group".into(),
            account: AccountId::new("111122223333").unwrap(),
            region: Region::new("eu-west-1").unwrap(),
            id: id.into(),
            arn: None,
            name: Some("web".into()),
            environment: None,
        }
    }

    fn accepts(waivers: &Waivers, check: &str, id: &str) -> bool {
        waivers.accepts(check, Severity::Critical, &subject(id), "f").is_some()
    }

    fn refusal(text: &str) -> String {
        let waivers = added(text, Forbidden::No, "2026-01-10");
        match &waivers.iter().next().unwrap().state {
            WaiverState::Refused(why) => why.clone(),
            state => panic!("{text}: {state:?}"),
        }
    }

    #[test]
    fn it_accepts_the_named_checks_of_its_block_until_its_last_day() {
        let waivers = added(GOOD, Forbidden::No, "2026-01-10");
        let waiver = waivers.iter().next().unwrap();
        assert_eq!(waiver.id, "inline:a/main.tf:3");
        assert_eq!(waiver.reason, "moves, in \"Q1\"");
        assert!(is_inline(&waiver.id) && !is_same_person(&waiver.owner, &waiver.approved_by));
        let own = "planned:aws_security_group.web[\"*\"]";
        assert!(accepts(&waivers, "ec2-x", own) && accepts(&waivers, "ec2-y", own));
        assert!(!accepts(&waivers, "ec2-z", own));
        // The star is a key, not a pattern.
        assert!(!accepts(&waivers, "ec2-x", "planned:aws_security_group.web[\"a\"]"));
        // Nor is something of another type that happens to have the same id.
        let other = Subject { kind: "aws.ec2.vpc".into(), ..subject(own) };
        assert!(waivers.accepts("ec2-x", Severity::Low, &other, "f").is_none());
        assert!(accepts(&added(GOOD, Forbidden::No, "2026-02-01"), "ec2-x", own));
        let lapsed = added(GOOD, Forbidden::No, "2026-02-02");
        assert!(!accepts(&lapsed, "ec2-x", own));
        assert_eq!(lapsed.iter().next().unwrap().state, WaiverState::Lapsed);
    }

    #[test]
    fn what_breaks_the_rules_is_refused_with_the_reason() {
        let cases = [
            ("ec2-x reason=r owner=a approved-by=b", "no end"),
            ("ec2-x until=2026-02-01 owner=a approved-by=b", "`reason=`"),
            ("ec2-x until=2026-02-01 reason=r approved-by=b", "owner"),
            ("ec2-x until=2026-02-01 reason=r owner=a approved-by=A", "their own"),
            ("until=2026-02-01 reason=r owner=a approved-by=b", "no check"),
            ("* until=2026-02-01 reason=r owner=a approved-by=b", "every check"),
            ("ec2-x until=soon reason=r owner=a approved-by=b", "no date"),
            ("ec2-x until=2028-02-01 reason=r owner=a approved-by=b", "is the most"),
            ("ec2-x until=2026-02-01 reason=two words owner=a", "`words`"),
            ("ec2-x until=2026-02-01 reason=\"open owner=a", "not closed"),
            ("ec2-x expires=2026-02-01", "not known"),
            ("ec2-x until=2026-02-01 until=2027-02-01", "twice"),
        ];
        for (text, why) in cases {
            assert!(refusal(text).contains(why), "{text}: {}", refusal(text));
        }
    }

    #[test]
    fn comments_that_speak_to_us_are_never_passed_over() {
        assert_eq!(of_comment(" portcullis:ignore  ec2-x a=b ").as_deref(), Some("ec2-x a=b"));
        assert_eq!(of_comment("about portcullis:ignore"), None);
        assert!(
            refusal(&of_comment("portcullis:ignored ec2-x").unwrap()).contains("ignored ec2-x")
        );
        assert!(refusal(&of_comment("portcullis: ignore \"").unwrap()).contains("not known"));
        assert!(refusal(&of_comment("portcullis:ignore").unwrap()).contains("no end"));
    }

    #[test]
    fn an_organisation_may_do_without_them() {
        let waivers = added(GOOD, Forbidden::Yes, "2026-01-10");
        assert!(!accepts(&waivers, "ec2-x", "planned:aws_security_group.web[\"*\"]"));
        let why = WaiverState::Refused("inline waivers are forbidden here".to_owned());
        assert_eq!(waivers.iter().next().unwrap().state, why);
    }

    #[test]
    fn a_block_that_states_nothing_is_not_everything() {
        let inline = Inline {
            file: "m.tf".to_owned(),
            line: 1,
            addresses: vec!["aws_x.y".to_owned()],
            text: GOOD.to_owned(),
        };
        let mut waivers = Waivers::default();
        waivers.add_inline(&inline, &[], Forbidden::No, "2026-01-10".parse().unwrap());
        assert!(!accepts(&waivers, "ec2-x", "sg-1"));
        waivers.add_inline(&inline, &[], Forbidden::No, "2026-01-10".parse().unwrap());
        let ids: Vec<_> = waivers.iter().map(|waiver| waiver.id.as_str()).collect();
        assert_eq!(ids, ["inline:m.tf:1", "inline:m.tf:1#2"]);
    }

    #[test]
    fn metadata_of_templates_says_the_same() {
        let map = serde_json::json!([
            {"Check": ["ec2-x", "ec2-y"], "Until": "2026-02-01", "Reason": "moves, in \"Q1\"",
             "Owner": "a@x", "ApprovedBy": "b@x", "Ticket": "T-1"},
            GOOD,
            7,
            {"Check": "ec2-x", "Why": "because"},
        ]);
        let texts = of_metadata(&map);
        let [one, two, three, four] = texts.as_slice() else { panic!("{texts:?}") };
        let read = |text: &str| {
            let mut said = Said::default();
            fill(text, &mut said).map(|()| said)
        };
        assert_eq!(read(one).unwrap(), read(two).unwrap());
        assert!(read(three).unwrap_err().contains("not known"));
        assert!(read(four).unwrap_err().contains("`Why`"));
        assert!(of_metadata(&serde_json::Value::Null).is_empty());
    }
}
