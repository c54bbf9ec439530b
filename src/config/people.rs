//! The roster of people: what the configuration says about it, and the file itself.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;

use super::raw::{RawJobRole, RawPeople};
use crate::analyze::iam::people::{JobRole, MatchBy, People, Person, Status};
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::ident::AccountId;
use crate::span::SourceFile;
use crate::yaml::{self, Spanned};

/// More people than any roster has that is meant for this.
const PEOPLE_MAX: usize = 500_000;
/// The version of the JSON format that this build reads.
const FORMAT_VERSION: u32 = 1;
/// The columns of a CSV file; the first two have to be there.
const COLUMNS: [&str; 8] =
    ["person", "status", "role", "user_names", "email", "accounts", "starts", "left"];

/// Where the roster is, and how users are matched to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleConfig {
    /// The file.
    pub roster: PathBuf,
    /// What makes a user a person's.
    pub match_by: Vec<MatchBy>,
    /// Patterns of user names that are no person's.
    pub services: Vec<String>,
    /// What people of a role may hold.
    pub roles: Vec<JobRole>,
}

pub(super) fn lower(
    file: &SourceFile,
    base: &Path,
    raw: RawPeople,
    diagnostics: &mut Diagnostics,
) -> PeopleConfig {
    let match_by = match raw.match_by {
        None => vec![MatchBy::UserName, MatchBy::Email],
        Some(list) => list.iter().filter_map(|one| match_of(file, one, diagnostics)).collect(),
    };
    let mut roles: Vec<JobRole> = Vec::new();
    for one in raw.roles {
        if roles.iter().any(|have| have.role.eq_ignore_ascii_case(&one.role)) {
            let message = format!("the role `{}` is declared twice", *one.role);
            diagnostics
                .push(Diagnostic::error("config/role", message).at(file, one.role.range.clone()));
        }
        roles.push(role(file, one, diagnostics));
    }
    PeopleConfig { roster: base.join(raw.roster), match_by, services: raw.services, roles }
}

fn match_of(
    file: &SourceFile,
    one: &Spanned<String>,
    diagnostics: &mut Diagnostics,
) -> Option<MatchBy> {
    match one.value.as_str() {
        "user_name" => return Some(MatchBy::UserName),
        "email" => return Some(MatchBy::Email),
        text => {
            if let Some(key) = text.strip_prefix("tag:").filter(|key| !key.is_empty()) {
                return Some(MatchBy::Tag(key.to_owned()));
            }
        }
    }
    let message = format!("users cannot be matched by `{}`", **one);
    diagnostics.push(
        Diagnostic::error("config/match", message)
            .at(file, one.range.clone())
            .help("write `user_name`, `email` or `tag:KEY`"),
    );
    None
}

fn role(file: &SourceFile, one: RawJobRole, diagnostics: &mut Diagnostics) -> JobRole {
    JobRole {
        role: one.role.value,
        groups: one.groups,
        policies: one.policies,
        permission_sets: one.permission_sets,
        accounts: accounts(file, one.accounts, diagnostics),
    }
}

fn accounts(
    file: &SourceFile,
    list: Vec<Spanned<String>>,
    diagnostics: &mut Diagnostics,
) -> Vec<String> {
    for one in &list {
        if let Err(error) = AccountId::new(one) {
            diagnostics.push(
                Diagnostic::error("config/account", error.to_string()).at(file, one.range.clone()),
            );
        }
    }
    list.into_iter().map(|one| one.value).collect()
}

/// The roster as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRoster {
    version: Spanned<u32>,
    people: Vec<RawPerson>,
}

/// A person of the roster, as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPerson {
    person: Spanned<String>,
    status: Spanned<String>,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    user_names: Vec<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    accounts: Vec<Spanned<String>>,
    #[serde(default)]
    starts: Option<Spanned<String>>,
    #[serde(default)]
    left: Option<Spanned<String>>,
}

impl PeopleConfig {
    /// Reads the roster from its text: JSON where it begins as such, CSV otherwise.
    pub fn read(&self, file: &SourceFile, diagnostics: &mut Diagnostics) -> Option<People> {
        let before = diagnostics.iter().count();
        let is_json = file.text.trim_start().starts_with(['{', '[']);
        let raw = if is_json { json(file, diagnostics) } else { csv_rows(file, diagnostics) }?;
        if raw.is_empty() {
            let message = format!("{} names nobody", file.path);
            diagnostics.push(Diagnostic::error("roster/empty", message));
        }
        let mut seen = BTreeSet::new();
        let people: Vec<Person> = raw
            .into_iter()
            .filter_map(|one| {
                if !seen.insert(one.person.value.to_lowercase()) {
                    let message = format!("`{}` is listed twice", *one.person);
                    let at = one.person.range.clone();
                    diagnostics.push(Diagnostic::error("roster/person", message).at(file, at));
                }
                person(file, one, diagnostics)
            })
            .collect();
        if diagnostics.iter().count() > before {
            return None;
        }
        let (services, roles) = (self.services.clone(), self.roles.clone());
        Some(People::new(people, self.match_by.clone(), services, roles))
    }
}

fn json(file: &SourceFile, diagnostics: &mut Diagnostics) -> Option<Vec<RawPerson>> {
    // Every JSON document is a YAML document, and that reader knows places.
    if file.text.trim_start().starts_with('[') {
        return yaml::read(file, diagnostics);
    }
    let roster: RawRoster = yaml::read(file, diagnostics)?;
    if roster.version.value != FORMAT_VERSION {
        let message = format!(
            "roster format {} is not known; this build reads {FORMAT_VERSION}",
            roster.version.value
        );
        diagnostics
            .push(Diagnostic::error("roster/version", message).at(file, roster.version.range));
        return None;
    }
    Some(roster.people)
}

fn csv_rows(file: &SourceFile, diagnostics: &mut Diagnostics) -> Option<Vec<RawPerson>> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(file.text.as_bytes());
    let broken =
        |error: csv::Error| Diagnostic::error("roster/csv", format!("{}: {error}", file.path));
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            diagnostics.push(broken(error));
            return None;
        }
    };
    let columns = columns(file, &header, diagnostics)?;
    let mut out = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                diagnostics.push(broken(error));
                return None;
            }
        };
        if out.len() == PEOPLE_MAX {
            let message = format!("{} names more than {PEOPLE_MAX} people", file.path);
            diagnostics.push(Diagnostic::error("roster/too-long", message));
            return None;
        }
        if record.iter().all(str::is_empty) {
            continue;
        }
        out.push(row(file, &columns, &record));
    }
    Some(out)
}

/// The places of the columns that matter. Other columns are passed over, unless they look like a slip.
fn columns(
    file: &SourceFile,
    header: &csv::StringRecord,
    diagnostics: &mut Diagnostics,
) -> Option<HashMap<&'static str, usize>> {
    let mut out = HashMap::new();
    let line = 0..file.text.lines().next().map_or(0, str::len);
    let mut ok = true;
    for (at, name) in header.iter().enumerate() {
        let name =
            name.trim_start_matches('\u{feff}').to_ascii_lowercase().replace([' ', '-'], "_");
        if let Some(known) = COLUMNS.iter().find(|known| **known == name) {
            out.insert(*known, at);
        } else if let Some(near) = nearest(&name, COLUMNS) {
            let message = format!("the column `{name}` is not known");
            diagnostics.push(
                Diagnostic::error("roster/column", message)
                    .at(file, line.clone())
                    .help(format!("did you mean `{near}`?")),
            );
            ok = false;
        }
    }
    for needed in COLUMNS.iter().take(2) {
        if !out.contains_key(needed) {
            let message = format!("the roster has no column `{needed}`");
            diagnostics.push(
                Diagnostic::error("roster/column", message)
                    .at(file, line.clone())
                    .help(format!("its columns are {}", COLUMNS.join(", "))),
            );
            ok = false;
        }
    }
    ok.then_some(out)
}

fn row(
    file: &SourceFile,
    columns: &HashMap<&'static str, usize>,
    record: &csv::StringRecord,
) -> RawPerson {
    let start = record.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0));
    let rest = file.text.get(start..).unwrap_or_default();
    let range: Range<usize> = start..start + rest.lines().next().map_or(0, str::len);
    let text = |name: &str| columns.get(name).and_then(|at| record.get(*at)).unwrap_or_default();
    let spanned = |text: &str| Spanned { value: text.to_owned(), range: range.clone() };
    let filled = |name: &str| Some(text(name)).filter(|text| !text.is_empty());
    let list = |name: &'static str| {
        text(name).split([';', '|', ' ', ',']).filter(|part| !part.is_empty()).map(str::to_owned)
    };
    RawPerson {
        person: spanned(text("person")),
        status: spanned(text("status")),
        role: filled("role").map(str::to_owned),
        user_names: list("user_names").collect(),
        email: filled("email").map(str::to_owned),
        accounts: list("accounts").map(|account| spanned(&account)).collect(),
        starts: filled("starts").map(spanned),
        left: filled("left").map(spanned),
    }
}

fn person(file: &SourceFile, raw: RawPerson, diagnostics: &mut Diagnostics) -> Option<Person> {
    if raw.person.trim().is_empty() {
        let message = "a line of the roster names nobody";
        diagnostics.push(Diagnostic::error("roster/person", message).at(file, raw.person.range));
        return None;
    }
    let status = Status::parse(&raw.status);
    if status.is_none() {
        let words: Vec<&str> =
            Status::WORDS.iter().flat_map(|(_, words)| *words).copied().collect();
        let message = format!("`{}` is no status of a person", *raw.status);
        diagnostics.push(
            Diagnostic::error("roster/status", message)
                .at(file, raw.status.range.clone())
                .help(format!("write one of {}", words.join(", "))),
        );
    }
    let mut date = |text: Option<Spanned<String>>| -> Option<Date> {
        let text = text?;
        let read = text.parse::<Date>().ok().filter(|_| text.len() == 10);
        if read.is_none() {
            let message = format!("`{}` is no date such as 2026-03-31", *text);
            diagnostics.push(Diagnostic::error("roster/date", message).at(file, text.range));
        }
        read
    };
    let (starts, left) = (date(raw.starts), date(raw.left));
    Some(Person {
        id: raw.person.value,
        status: status?,
        role: raw.role,
        email: raw.email,
        user_names: raw.user_names,
        accounts: accounts(file, raw.accounts, diagnostics),
        starts,
        left,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> PeopleConfig {
        PeopleConfig {
            roster: PathBuf::from("people.csv"),
            match_by: vec![MatchBy::UserName],
            services: Vec::new(),
            roles: Vec::new(),
        }
    }

    fn read(text: &str) -> Result<Vec<Person>, String> {
        let file = SourceFile::new("people.csv", text);
        let mut diagnostics = Diagnostics::default();
        match config().read(&file, &mut diagnostics) {
            Some(people) => Ok(people.people().to_vec()),
            None => Err(diagnostics.iter().map(|d| d.render(false)).collect()),
        }
    }

    #[test]
    fn csv_and_json_say_the_same() {
        let csv = read(
            "person,status,role,user_names,email,accounts,left,cost centre\n\
             Anna Lind,active,developer,alind;anna,anna@acme.example,111122223333,,12\n\
             \"Berg, Bo\",Leaver,,bo,,,2026-01-31,12\n\n",
        )
        .unwrap();
        let json = read(
            r#"{"version": 1, "people": [
                {"person": "Anna Lind", "status": "active", "role": "developer", "user_names": ["alind", "anna"],
                 "email": "anna@acme.example", "accounts": ["111122223333"]},
                {"person": "Berg, Bo", "status": "leaver", "user_names": ["bo"], "left": "2026-01-31"}]}"#,
        )
        .unwrap();
        assert_eq!(csv, json);
        assert_eq!(csv[1].status, Status::Leaver);
        assert_eq!(read(r#"[{"person": "a", "status": "active"}]"#).unwrap().len(), 1);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, want) in [
            ("person,state\na,active\n", "no column `status`"),
            ("person,status,emial\na,active,x\n", "did you mean `email`?"),
            ("person,status\na,gone\n", "no status of a person"),
            ("person,status\na,active\nA,active\n", "listed twice"),
            ("person,status\n,active\n", "names nobody"),
            ("person,status\n", "names nobody"),
            ("person,status,left\na,leaver,tomorrow\n", "no date"),
            ("person,status,accounts\na,active,12\n", "account"),
            (r#"{"version": 2, "people": []}"#, "format 2 is not known"),
            (r#"[{"person": "a", "status": "active", "rolle": "x"}]"#, "rolle"),
        ] {
            let said = read(text).unwrap_err();
            assert!(said.contains(want), "{text}: {said}");
            assert!(said.contains("people.csv"), "{text}: {said}");
        }
    }
}
