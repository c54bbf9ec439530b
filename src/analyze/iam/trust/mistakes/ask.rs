//! Asking the evaluator about callers made up for the purpose, and making them up.

use std::collections::{BTreeMap, BTreeSet};

use super::expand::{expand, is_wild};
use super::{Kind, Mistake, Severity, Trusts, Witness};
use crate::analyze::iam::condition::Condition;
use crate::analyze::iam::document::{Document, Effect, Layer, Named, Statement};
use crate::analyze::iam::estate::{Principal, Subject, Unread};
use crate::analyze::iam::evaluate::{Observer, evaluate};
use crate::analyze::iam::principal::Match;
use crate::analyze::iam::request::{Action, Caller, CallerKind, Circumstances, Given, Request};
use crate::analyze::iam::truth::{Plain, Truth};
use crate::model::{Attr, Cause, CauseKind};

/// An account of nobody in particular; the second where the first is one's own.
const STRANGERS: [&str; 2] = ["999988887777", "888877776666"];
/// The organization of that account.
pub(super) const STRANGE_ORGANIZATION: &str = "o-evil0evil0";
/// An address for measurements, which nobody's office has (RFC 2544).
const STRANGE_ADDRESS: &str = "198.18.0.66";

/// What somebody calls at a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Assume,
    WebIdentity,
    Saml,
    TagSession,
    SetSourceIdentity,
    /// An action that no trust policy needs.
    Needless,
}

impl Verb {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Assume => "sts:AssumeRole",
            Self::WebIdentity => "sts:AssumeRoleWithWebIdentity",
            Self::Saml => "sts:AssumeRoleWithSAML",
            Self::TagSession => "sts:TagSession",
            Self::SetSourceIdentity => "sts:SetSourceIdentity",
            Self::Needless => "sts:GetSessionToken",
        }
    }
}

/// The actions, read once.
#[derive(Debug)]
pub(super) struct Verbs(Vec<(Verb, Action)>);

impl Verbs {
    pub(super) fn new() -> Self {
        let all = [
            Verb::Assume,
            Verb::WebIdentity,
            Verb::Saml,
            Verb::TagSession,
            Verb::SetSourceIdentity,
            Verb::Needless,
        ];
        Self(all.into_iter().filter_map(|v| Some((v, Action::parse(v.name())?))).collect())
    }

    fn get(&self, verb: Verb) -> Option<&Action> {
        self.0.iter().find(|(own, _)| *own == verb).map(|(_, action)| action)
    }
}

/// Somebody who tries to get in.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) caller: Caller,
    pub(super) verb: Verb,
    /// Condition keys by their names as people write them; none where the request does not carry the key.
    pub(super) claims: BTreeMap<Box<str>, Option<String>>,
}

impl Attempt {
    pub(super) fn new(caller: Caller, verb: Verb) -> Self {
        Self { caller, verb, claims: BTreeMap::new() }
    }

    #[must_use]
    pub(super) fn with(mut self, key: &str, value: &str) -> Self {
        self.set(key, Some(value.to_owned()));
        self
    }

    #[must_use]
    pub(super) fn without(mut self, key: &str) -> Self {
        self.set(key, None);
        self
    }

    pub(super) fn set(&mut self, key: &str, value: Option<String>) {
        self.claims.retain(|own, _| !own.eq_ignore_ascii_case(key));
        self.claims.insert(key.into(), value);
    }

    fn speaks_of(&self, key: &str) -> bool {
        self.claims.keys().any(|own| own.eq_ignore_ascii_case(key))
    }

    fn circumstances(&self) -> Circumstances {
        let mut out = Circumstances::strict();
        if self.caller.kind != CallerKind::Service {
            out.set("aws:SourceIp", Given::Values(vec![STRANGE_ADDRESS.to_owned()]));
            out.set("aws:SecureTransport", Given::Values(vec!["true".to_owned()]));
        }
        for (key, value) in &self.claims {
            out.set(
                key,
                match value {
                    Some(value) => Given::Values(vec![value.clone()]),
                    None => Given::Absent,
                },
            );
        }
        out
    }

    fn witness(&self) -> Witness {
        let caller = &self.caller;
        let caller = match caller.kind {
            CallerKind::Role => format!("the role {}", caller.arn),
            CallerKind::User => format!("the user {}", caller.arn),
            CallerKind::Service => format!("the service {}", caller.arn),
            CallerKind::Federated => format!("somebody with a token of {}", caller.arn),
            CallerKind::Root => format!("the root user {}", caller.arn),
            CallerKind::FederatedUser => format!("the federated user {}", caller.arn),
            CallerKind::Anonymous => "nobody who signs".to_owned(),
        };
        let claims = self.claims.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        Witness { caller, action: self.verb.name(), claims }
    }
}

/// The trust policy of one role, to be asked.
pub(super) struct Asker<'a> {
    pub(super) trusts: &'a Trusts<'a>,
    pub(super) role: &'a Principal,
    pub(super) document: &'a Document,
    /// An account of nobody in particular.
    pub(super) stranger: &'static str,
}

/// A mistake as it was found.
pub(super) struct Finding<'f> {
    pub(super) kind: Kind,
    pub(super) severity: Severity,
    pub(super) statement: &'f Statement,
    pub(super) principal: &'f str,
    pub(super) detail: String,
    pub(super) instead: String,
}

/// Sees whether one statement lets the caller in.
struct Blame {
    index: u32,
    found: Truth,
}

impl Observer for Blame {
    fn saw(&mut self, layer: Layer, _: &Document, statement: &Statement, _: Match, truth: Truth) {
        let own = layer == Layer::Resource && statement.index == self.index;
        if own && statement.effect == Some(Effect::Allow) {
            self.found = self.found.or(truth);
        }
    }
}

impl<'a> Asker<'a> {
    pub(super) fn new(trusts: &'a Trusts<'a>, role: &'a Principal, document: &'a Document) -> Self {
        let free = |id: &&str| !trusts.is_own(id) && !document_names(document, id);
        let stranger = STRANGERS.into_iter().find(free).unwrap_or(STRANGERS[0]);
        Self { trusts, role, document, stranger }
    }

    /// Whether somebody gets in by a statement. He may do everything at home.
    pub(super) fn gets_in(&self, attempt: &Attempt, statement: &Statement) -> Truth {
        self.asked(attempt, statement, |caller| Subject {
            caller,
            identity: vec![&self.trusts.everything],
            boundary: None,
            scp: None,
        })
    }

    /// Whether a principal of the inventory gets in by a statement, with the policies it has.
    pub(super) fn gets_in_as(
        &self,
        principal: &Principal,
        attempt: &Attempt,
        statement: &Statement,
    ) -> Truth {
        self.asked(attempt, statement, |_| self.trusts.estate.subject(principal, Unread::Ignore))
    }

    fn asked<'s>(
        &'s self,
        attempt: &Attempt,
        statement: &Statement,
        subject: impl FnOnce(Caller) -> Subject<'s>,
    ) -> Truth {
        let Some(action) = self.trusts.verbs.get(attempt.verb) else { return Truth::Maybe };
        if !statement.actions.include(action) {
            return Truth::No;
        }
        let subject = subject(attempt.caller.clone());
        let circumstances = attempt.circumstances();
        let mut request =
            Request::new(&subject.caller, action, &self.role.arn, &circumstances, self.trusts.now);
        request.resource_account = Attr::Known(Some(self.role.account.to_string()));
        request.resource_tags = self.role.tags.clone();
        let layers = self.trusts.estate.layers(&subject, &mut request, Unread::Ignore);
        let mut blame = Blame { index: statement.index, found: Truth::No };
        let outcome = evaluate(&request, &layers, &Plain, &mut blame);
        outcome.allowed.and(blame.found)
    }

    /// The first of some attempts that gets in; if none certainly does, the first that may.
    pub(super) fn first_in(
        &self,
        attempts: impl IntoIterator<Item = Attempt>,
        statement: &Statement,
    ) -> Option<(Attempt, Truth)> {
        let mut open = None;
        for attempt in attempts {
            match self.gets_in(&attempt, statement) {
                Truth::Yes => return Some((attempt, Truth::Yes)),
                Truth::Maybe if open.is_none() => open = Some((attempt, Truth::Maybe)),
                Truth::Maybe | Truth::No => {}
            }
        }
        open
    }

    /// What was found, for the report.
    pub(super) fn mistake(
        &self,
        finding: Finding<'_>,
        attempt: &Attempt,
        gets_in: Truth,
    ) -> Mistake {
        let statement = finding.statement;
        let doubt = (gets_in != Truth::Yes).then(|| {
            let other = self.document.statements.iter().find_map(|s| s.doubt.clone());
            statement.doubt.clone().or(other).unwrap_or_else(|| {
                let what = format!("a condition in the trust policy of {}", self.role.arn);
                Cause::new(CauseKind::NotUnderstood, what)
            })
        });
        let account = crate::analyze::iam::arn::ArnParts::parse(finding.principal)
            .map(|arn| arn.account)
            .filter(|account| !account.is_empty());
        let outside = account.filter(|a| **a != *self.role.account && !self.trusts.is_own(a));
        Mistake {
            kind: finding.kind,
            principal: finding.principal.into(),
            account: account.map(Into::into),
            owner: outside.and_then(|a| self.trusts.known.owner(a)).map(Into::into),
            statement: statement.index,
            sid: statement.sid.clone(),
            witness: attempt.witness(),
            severity: finding.severity,
            detail: finding.detail,
            instead: finding.instead,
            doubt,
        }
    }

    /// A role in an account.
    pub(super) fn role_in(&self, account: &str, name: &str) -> Caller {
        let arn = format!("arn:{}:iam::{account}:role/{name}", self.partition());
        let mut caller = Caller::of_arn(&arn).unwrap_or_else(Caller::anonymous);
        caller.session_arn = Some(
            format!("arn:{}:sts::{account}:assumed-role/{name}/evil", self.partition()).into(),
        );
        caller.unique_id = Some("AROAEVIL0EVIL0EVIL0EV".into());
        caller.tags = Attr::Known(BTreeMap::new());
        caller.organization = Attr::Known(None);
        caller.organization_path = Attr::Known(None);
        caller
    }

    /// The partition of the role, such as `aws`.
    pub(super) fn partition(&self) -> &str {
        crate::analyze::iam::arn::ArnParts::parse(&self.role.arn).map_or("aws", |arn| arn.partition)
    }

    /// Gives a key the first of some values under which all conditions of the statement on that key hold; leaves it
    /// alone where none does.
    pub(super) fn choose(
        &self,
        attempt: &mut Attempt,
        statement: &Statement,
        key: &str,
        values: impl IntoIterator<Item = String>,
    ) -> bool {
        let lower = key.to_ascii_lowercase();
        let own: Vec<&Condition> =
            statement.conditions.iter().filter(|c| *c.key_lower == *lower).collect();
        let Some(action) = self.trusts.verbs.get(attempt.verb) else { return false };
        for value in values {
            let mut tried = attempt.clone();
            tried.set(key, Some(value));
            let circumstances = tried.circumstances();
            let request = Request::new(
                &attempt.caller,
                action,
                &self.role.arn,
                &circumstances,
                self.trusts.now,
            );
            if own.iter().all(|c| c.holds(&request) == Truth::Yes) {
                *attempt = tried;
                return true;
            }
        }
        false
    }

    /// Gives every key of the statement that passes a test a value that the statement accepts, where there is one and
    /// the attempt does not speak of the key yet.
    pub(super) fn satisfy(
        &self,
        attempt: &mut Attempt,
        statement: &Statement,
        may: impl Fn(&str) -> bool,
    ) {
        let keys: BTreeSet<&str> = statement.conditions.iter().map(|c| &*c.key).collect();
        for key in keys {
            if !may(&key.to_ascii_lowercase()) || attempt.speaks_of(key) {
                continue;
            }
            let values: Vec<String> = statement
                .conditions
                .iter()
                .filter(|c| c.key.eq_ignore_ascii_case(key))
                .flat_map(acceptable)
                .chain(["evil", "true", "false"].map(str::to_owned))
                .collect();
            self.choose(attempt, statement, key, values);
        }
    }

    /// Whom the evaluator lets in by a statement if he is who was meant: all conditions are met as far as they can be.
    pub(super) fn meant(&self, caller: Caller, verb: Verb, statement: &Statement) -> Attempt {
        let mut attempt = Attempt::new(caller, verb);
        self.satisfy(&mut attempt, statement, |_| true);
        attempt
    }
}

/// Values that a condition may accept.
pub(super) fn acceptable(condition: &Condition) -> Vec<String> {
    let mut out = Vec::new();
    for value in condition.values() {
        if takes_wildcards(condition) && is_wild(value) {
            out.extend(expand(value, &["evil", ""]));
        }
        out.push(value.to_owned());
        if let Some((address, _)) = value.split_once('/') {
            out.push(address.to_owned());
        }
        if let Ok(number) = value.parse::<i64>() {
            out.extend([number.saturating_add(1), number.saturating_sub(1)].map(|n| n.to_string()));
        }
    }
    out
}

/// Whether `*` stands for other text in the values of a condition.
pub(super) fn takes_wildcards(condition: &Condition) -> bool {
    let operator = condition.written.to_ascii_lowercase();
    operator.contains("like") || operator.contains("arn")
}

/// Whether a condition demands something, rather than excluding it.
pub(super) fn is_positive(condition: &Condition) -> bool {
    let operator = condition.written.to_ascii_lowercase();
    !operator.contains("not") && operator != "null"
}

/// Whether a condition passes where the key is absent.
pub(super) fn passes_if_absent(condition: &Condition) -> bool {
    let operator = condition.written.to_ascii_lowercase();
    operator.starts_with("forallvalues:") || operator.ends_with("ifexists")
}

/// Keys whose values the caller chooses: his own session and tags, and what he passes on.
pub(super) fn chosen_by_caller(key: &str) -> bool {
    const KEYS: [&str; 13] = [
        "aws:multifactorauthage",
        "aws:multifactorauthpresent",
        "aws:principaltype",
        "aws:referer",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:sourceidentity",
        "aws:tagkeys",
        "aws:useragent",
        "sts:durationseconds",
        "sts:rolesessionname",
        "sts:sourceidentity",
        "sts:transitivetagkeys",
    ];
    KEYS.contains(&key)
        || ["aws:principaltag/", "aws:requesttag/"].iter().any(|prefix| key.starts_with(prefix))
}

fn document_names(document: &Document, account: &str) -> bool {
    document.statements.iter().any(|statement| {
        statement
            .principals
            .iter()
            .flat_map(|list| &list.named)
            .any(|named| super::account_of(named) == Some(account))
    })
}

/// Somebody named, as text.
pub(super) fn text_of(named: &Named, partition: &str) -> String {
    match named {
        Named::Everybody => "*".to_owned(),
        Named::Account(account) => format!("arn:{partition}:iam::{account}:root"),
        Named::Arn(text)
        | Named::Service(text)
        | Named::Federated(text)
        | Named::Canonical(text)
        | Named::Deleted(text) => text.to_string(),
    }
}
