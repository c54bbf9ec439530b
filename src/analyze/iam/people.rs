//! Users against a roster of people: who joins, moves and leaves, and what they still hold.
//!
//! The roster is a file of the organisation. A user belongs to the person that its name, its e-mail address or a tag
//! says; what belongs to nobody is told as such, unless the configuration names it as a service.

pub(in crate::analyze) mod facts;

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;

use super::glob;
use crate::clock;
use crate::model::{Attr, Cause};

/// The roster, and how users are matched to it.
#[derive(Debug, Clone, Default)]
pub struct People {
    roster: Vec<Person>,
    match_by: Vec<MatchBy>,
    services: Vec<String>,
    roles: Vec<JobRole>,
    /// Places in the roster, by lower-case id, user name and e-mail address.
    by_name: HashMap<String, BTreeSet<usize>>,
    by_email: HashMap<String, BTreeSet<usize>>,
}

/// A person of the roster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// How the roster names the person.
    pub id: String,
    /// What the roster says the person is.
    pub status: Status,
    /// The role the person has, in the words of the organisation.
    pub role: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The names of the person's users; the id counts, too.
    pub user_names: Vec<String>,
    /// The accounts in which the person may have users; all when empty.
    pub accounts: Vec<String>,
    /// The first day.
    pub starts: Option<Date>,
    /// The last day.
    pub left: Option<Date>,
}

/// What a person is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// At work.
    #[default]
    Active,
    /// Not there yet.
    Joiner,
    /// Away for long: on leave, suspended.
    Absent,
    /// Gone.
    Leaver,
}

impl Status {
    /// Every status with the words a roster may use for it; the first is the one in facts.
    pub const WORDS: [(Self, &'static [&'static str]); 4] = [
        (Self::Active, &["active", "employed"]),
        (Self::Joiner, &["joiner", "starting", "pending"]),
        (Self::Absent, &["absent", "leave", "on leave", "suspended"]),
        (Self::Leaver, &["leaver", "left", "terminated", "inactive"]),
    ];

    /// Reads a word of a roster.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        Self::WORDS
            .iter()
            .find(|(_, words)| words.contains(&text.as_str()))
            .map(|(status, _)| *status)
    }

    /// The word in facts.
    pub fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(s, _)| *s == self)
            .and_then(|(_, w)| w.first())
            .copied()
            .unwrap_or("active")
    }
}

impl Person {
    /// What the person is at a time: dates outrank the word, since rosters are written ahead.
    pub fn status_at(&self, now: Timestamp) -> Status {
        match (self.status, self.left, self.starts) {
            (_, Some(left), _) if clock::is_past(left, now) => Status::Leaver,
            // Announced, and still here.
            (Status::Leaver, Some(_), _) => Status::Active,
            (Status::Leaver, None, _) => Status::Leaver,
            (_, _, Some(starts)) if clock::today(now) < starts => Status::Joiner,
            (Status::Joiner, _, Some(_)) => Status::Active,
            (status, _, _) => status,
        }
    }
}

/// What makes a user a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatchBy {
    /// Its name is one of the person's user names, or the person's id.
    UserName,
    /// Its name is the person's e-mail address.
    Email,
    /// A tag of this key holds the person's id, e-mail address or one of the user names.
    Tag(String),
}

/// What people of a role may hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobRole {
    /// The role, as the roster writes it.
    pub role: String,
    /// Patterns of groups.
    pub groups: Vec<String>,
    /// Patterns of names of policies attached to or written into the user itself.
    pub policies: Vec<String>,
    /// Patterns of names of permission sets.
    pub permission_sets: Vec<String>,
    /// Accounts; all when empty.
    pub accounts: Vec<String>,
}

/// Whose a user is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner<'p> {
    /// A person's.
    Person(&'p Person),
    /// No person's: a service that the configuration names.
    Service,
    /// Nobody's.
    Nobody,
    /// Several people's.
    Several(Vec<&'p Person>),
    /// Nobody can say.
    Open(Cause),
}

impl People {
    /// A roster, ready to be asked.
    pub fn new(
        people: Vec<Person>,
        match_by: Vec<MatchBy>,
        services: Vec<String>,
        roles: Vec<JobRole>,
    ) -> Self {
        let mut out = Self { match_by, services, roles, ..Self::default() };
        for (at, person) in people.iter().enumerate() {
            for name in person.user_names.iter().chain([&person.id]) {
                out.by_name.entry(name.to_lowercase()).or_default().insert(at);
            }
            if let Some(email) = &person.email {
                out.by_email.entry(email.to_lowercase()).or_default().insert(at);
            }
        }
        out.roster = people;
        out
    }

    /// The people.
    pub fn people(&self) -> &[Person] {
        &self.roster
    }

    /// The declared roles.
    pub fn roles(&self) -> &[JobRole] {
        &self.roles
    }

    /// Whose a user is, by its name and tags.
    pub fn owner(
        &self,
        name: &str,
        tags: &Attr<std::collections::BTreeMap<String, String>>,
    ) -> Owner<'_> {
        if self.services.iter().any(|pattern| glob::matches(pattern, name)) {
            return Owner::Service;
        }
        let mut found: BTreeSet<usize> = BTreeSet::new();
        let mut open = None;
        let lower = name.to_lowercase();
        for by in &self.match_by {
            match by {
                MatchBy::UserName => found.extend(self.by_name.get(&lower).into_iter().flatten()),
                MatchBy::Email => found.extend(self.by_email.get(&lower).into_iter().flatten()),
                MatchBy::Tag(key) => match tags {
                    Attr::Unknown(cause) => open = Some(cause.clone()),
                    Attr::Known(tags) => {
                        let Some(value) = tags.get(key).map(|value| value.to_lowercase()) else {
                            continue;
                        };
                        found.extend(self.by_name.get(&value).into_iter().flatten());
                        found.extend(self.by_email.get(&value).into_iter().flatten());
                    }
                },
            }
        }
        let mut found: Vec<&Person> =
            found.into_iter().filter_map(|at| self.roster.get(at)).collect();
        match (found.len(), open) {
            (0, Some(cause)) => Owner::Open(cause),
            (0, None) => Owner::Nobody,
            (1, _) => found.pop().map_or(Owner::Nobody, Owner::Person),
            _ => Owner::Several(found),
        }
    }

    /// What people of a role may hold; nothing if the configuration declares roles and not this one.
    fn role(&self, role: Option<&str>) -> Option<&JobRole> {
        let role = role?;
        self.roles.iter().find(|one| one.role.eq_ignore_ascii_case(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn person(id: &str) -> Person {
        Person { id: id.into(), ..Person::default() }
    }

    #[test]
    fn dates_outrank_words() {
        let now = clock::parse("2026-01-10").unwrap();
        let day = |text: &str| Some(text.parse::<Date>().unwrap());
        for (status, starts, left, want) in [
            (Status::Active, None, None, Status::Active),
            (Status::Active, None, day("2026-01-09"), Status::Leaver),
            (Status::Active, None, day("2026-01-10"), Status::Active),
            (Status::Leaver, None, day("2026-01-31"), Status::Active),
            (Status::Leaver, None, None, Status::Leaver),
            (Status::Active, day("2026-02-01"), None, Status::Joiner),
            (Status::Joiner, day("2026-01-01"), None, Status::Active),
            (Status::Absent, None, None, Status::Absent),
        ] {
            let one = Person { status, starts, left, ..person("x") };
            assert_eq!(one.status_at(now), want, "{status:?} {starts:?} {left:?}");
        }
        assert_eq!(Status::parse(" On Leave "), Some(Status::Absent));
        assert_eq!(Status::parse("gone"), None);
    }

    #[test]
    fn users_are_matched_as_declared() {
        let mut anna = person("Anna Lind");
        anna.user_names = vec!["alind".into(), "shared".into()];
        anna.email = Some("anna@acme.example".into());
        let mut bo = person("bo");
        bo.user_names = vec!["shared".into()];
        let by = vec![MatchBy::UserName, MatchBy::Email, MatchBy::Tag("Owner".into())];
        let people = People::new(vec![anna, bo], by, vec!["svc-*".into()], Vec::new());
        let none = Attr::Known(BTreeMap::new());
        let name = |owner: Owner<'_>| match owner {
            Owner::Person(person) => person.id.clone(),
            other => format!("{other:?}"),
        };
        assert_eq!(name(people.owner("ALind", &none)), "Anna Lind");
        assert_eq!(name(people.owner("anna@acme.example", &none)), "Anna Lind");
        assert_eq!(people.owner("svc-backup", &none), Owner::Service);
        assert_eq!(people.owner("carl", &none), Owner::Nobody);
        assert!(matches!(people.owner("shared", &none), Owner::Several(list) if list.len() == 2));
        let tags = Attr::Known(BTreeMap::from([("Owner".to_owned(), "BO".to_owned())]));
        assert_eq!(name(people.owner("deploy", &tags)), "bo");
        assert!(matches!(people.owner("deploy", &Attr::default()), Owner::Open(_)));
        assert_eq!(name(people.owner("alind", &Attr::default())), "Anna Lind");
    }
}
