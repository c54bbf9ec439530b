//! Policy documents, made ready for evaluation once.

use super::condition::Condition;
use super::glob::Glob;
use super::request::{Action, Request};
use super::truth::Truth;
use crate::model::policy::{self, PolicyDocument};
use crate::model::{Attr, Cause, CauseKind};

/// In which role a document is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// A policy of the principal or of its groups.
    Identity,
    /// The permissions boundary of the principal.
    Boundary,
    /// A policy passed with the session.
    Session,
    /// A service control policy.
    Scp,
    /// A resource control policy.
    Rcp,
    /// A policy of the resource, trust policies included.
    Resource,
    /// The policy of a VPC endpoint.
    Endpoint,
}

/// A policy document.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// Where it stands: the ARN of a managed policy, `inline NAME of ARN`, or the ARN of the resource.
    pub name: Box<str>,
    /// The version, of a managed policy.
    pub version: Option<Box<str>>,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
    /// Why it is not known in full: it may hold any statement then.
    pub doubt: Option<Cause>,
}

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum Effect {
    /// It allows.
    Allow,
    /// It denies.
    Deny,
}

/// A statement.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its place in the document, from 0.
    pub index: u32,
    /// Its own id.
    pub sid: Option<Box<str>>,
    /// What it does; either, where that is not known.
    pub effect: Option<Effect>,
    /// Of which actions it speaks.
    pub actions: Actions,
    /// Of which resources it speaks; those of the document's own resource, if it names none.
    pub resources: Option<Resources>,
    /// Of whom it speaks; of everybody the document is attached to, if it names nobody.
    pub principals: Option<Principals>,
    /// Under which conditions.
    pub conditions: Vec<Condition>,
    /// What of it was not understood: whether it applies is unknown where the rest does.
    pub doubt: Option<Cause>,
}

/// A list of action patterns, or all but those.
#[derive(Debug, Clone, Default)]
pub struct Actions {
    /// Whether all others are meant.
    pub negated: bool,
    /// The patterns.
    pub patterns: Vec<ActionPattern>,
}

/// A pattern of actions, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionPattern {
    /// Every action of every service.
    Everything,
    /// Patterns of the service and of the name.
    Of(Box<str>, Box<str>),
    /// A text that matches nothing, such as one with a space or without a name.
    Nothing,
}

/// A list of resource patterns, or all but those.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    /// Whether all others are meant.
    pub negated: bool,
    /// The patterns.
    pub patterns: Vec<ResourcePattern>,
}

/// A pattern of resources.
#[derive(Debug, Clone)]
pub struct ResourcePattern {
    /// As written.
    pub text: Box<str>,
    parts: Parts,
}

#[derive(Debug, Clone)]
enum Parts {
    /// `*`.
    Everything,
    /// The segments that are there, at most five, and the sixth part if it is.
    Arn(Vec<Box<str>>, Option<Glob>),
}

/// A list of principals, or all but those.
#[derive(Debug, Clone, Default)]
pub struct Principals {
    /// Whether all others are meant.
    pub negated: bool,
    /// Whom it names.
    pub named: Vec<Named>,
}

/// Whom a statement names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    /// Everybody, signed or not.
    Everybody,
    /// All of an account, by its number.
    Account(Box<str>),
    /// A user, role or session by its ARN.
    Arn(Box<str>),
    /// A service.
    Service(Box<str>),
    /// An identity provider.
    Federated(Box<str>),
    /// The canonical id of an account, which the inventory does not know.
    Canonical(Box<str>),
    /// The unique id of a principal that was deleted: it matches nobody.
    Deleted(Box<str>),
}

impl Document {
    /// Makes a document ready.
    pub fn compile(name: &str, version: Option<&str>, document: &Attr<PolicyDocument>) -> Self {
        let mut out =
            Self { name: name.into(), version: version.map(Into::into), ..Self::default() };
        let (language, statements) =
            match document.get().and_then(|d| Ok((&d.version, d.statements.get()?))) {
                Ok(found) => found,
                Err(cause) => {
                    out.doubt = Some(cause.clone());
                    return out;
                }
            };
        // Without a version, or with the older one, variables are plain text.
        let variables = match language {
            Attr::Known(None) => false,
            Attr::Known(Some(version)) if version == "2008-10-17" => false,
            Attr::Known(Some(version)) if version == "2012-10-17" => true,
            Attr::Known(Some(version)) => {
                let what = format!("version `{version}` of the policy language");
                out.doubt = Some(Cause::new(CauseKind::NotUnderstood, what));
                true
            }
            // Which it is matters to variables only; what is no version at all matters to everything.
            Attr::Unknown(cause) => {
                if cause.kind == CauseKind::NotUnderstood {
                    out.doubt = Some(cause.clone());
                }
                true
            }
        };
        for (index, statement) in statements.iter().enumerate() {
            match statement {
                Attr::Known(statement) => {
                    let index = u32::try_from(index).unwrap_or(u32::MAX);
                    out.statements.push(Statement::compile(index, statement, variables));
                }
                Attr::Unknown(cause) => out.doubt = Some(cause.clone()),
            }
        }
        out
    }

    /// A document that nobody could read.
    pub fn unread(name: &str, cause: Cause) -> Self {
        Self { name: name.into(), doubt: Some(cause), ..Self::default() }
    }

    /// A document that allows everything, as `FullAWSAccess` and `AdministratorAccess` do.
    pub fn everything(name: &str) -> Self {
        let statement = Statement {
            index: 0,
            sid: None,
            effect: Some(Effect::Allow),
            actions: Actions::everything(),
            resources: Some(Resources::everything()),
            principals: None,
            conditions: Vec::new(),
            doubt: None,
        };
        Self { name: name.into(), version: None, statements: vec![statement], doubt: None }
    }
}

impl Effect {
    fn of(written: &Attr<String>, doubt: &mut Option<Cause>) -> Option<Self> {
        match written.known().map(String::as_str) {
            Some("Allow") => Some(Self::Allow),
            Some("Deny") => Some(Self::Deny),
            _ => {
                let unknown = || Cause::new(CauseKind::NotUnderstood, "`Effect` of a statement");
                *doubt = Some(written.get().err().cloned().unwrap_or_else(unknown));
                None
            }
        }
    }
}

/// What two elements say of which a statement has one: these, or all but those.
enum Said<'a, T> {
    These(&'a [T]),
    AllBut(&'a [T]),
    /// Neither is there.
    Nothing,
    /// It is not known, or both are there: AWS stores no such statement, so nobody can say what it would do.
    Open(Cause),
}

fn said<'a, T>(element: &str, these: &'a Attr<Vec<T>>, but: &'a Attr<Vec<T>>) -> Said<'a, T> {
    match (these.get(), but.get()) {
        (Err(cause), _) | (_, Err(cause)) => Said::Open(cause.clone()),
        (Ok(these), Ok(but)) => match (these.is_empty(), but.is_empty()) {
            (true, true) => Said::Nothing,
            (false, true) => Said::These(these),
            (true, false) => Said::AllBut(but),
            (false, false) => Said::Open(policy::both_of(element)),
        },
    }
}

impl Statement {
    fn compile(index: u32, source: &policy::Statement, variables: bool) -> Self {
        let mut doubt = None;
        let actions = match said("Action", &source.actions, &source.not_actions) {
            Said::These(list) => Actions::compile(false, list),
            Said::AllBut(list) => Actions::compile(true, list),
            Said::Nothing => Actions::default(),
            Said::Open(cause) => {
                doubt = Some(cause);
                Actions::everything()
            }
        };
        let principals = match said("Principal", &source.principals, &source.not_principals) {
            Said::These(list) => Some(Principals::compile(false, list, &mut doubt)),
            Said::AllBut(list) => Some(Principals::compile(true, list, &mut doubt)),
            Said::Nothing => None,
            Said::Open(cause) => {
                doubt = Some(cause);
                Some(Principals { negated: false, named: vec![Named::Everybody] })
            }
        };
        let resources = match said("Resource", &source.resources, &source.not_resources) {
            Said::These(list) => Some(Resources::compile(false, list, variables)),
            Said::AllBut(list) => Some(Resources::compile(true, list, variables)),
            // What names somebody stands at a resource, and may speak of that alone.
            Said::Nothing if principals.is_some() => None,
            Said::Nothing => {
                doubt = Some(policy::without_resource());
                Some(Resources::everything())
            }
            Said::Open(cause) => {
                doubt = Some(cause);
                Some(Resources::everything())
            }
        };
        let conditions = match source.conditions.get() {
            Ok(list) => list.iter().map(|c| Condition::compile(c, variables)).collect(),
            Err(cause) => {
                doubt = Some(cause.clone());
                Vec::new()
            }
        };
        match source.not_understood.get() {
            Ok(elements) => {
                if let (Some(element), None) = (elements.first(), &doubt) {
                    doubt = Some(Cause::new(
                        CauseKind::NotUnderstood,
                        format!("`{element}` of a policy statement"),
                    ));
                }
            }
            Err(cause) => doubt = Some(cause.clone()),
        }
        let effect = Effect::of(&source.effect, &mut doubt);
        let sid = source.sid.known().cloned().flatten().map(Into::into);
        Self { index, sid, effect, actions, resources, principals, conditions, doubt }
    }

    /// Whether it speaks of an action and a resource, conditions and principals aside.
    pub fn covers(&self, request: &Request<'_>, layer: Layer) -> Truth {
        if !self.actions.include(request.action) {
            return Truth::No;
        }
        match &self.resources {
            // Trust policies and the like speak of the resource they stand at; AWS refuses it elsewhere.
            None if layer == Layer::Resource => Truth::Yes,
            None => Truth::Maybe,
            Some(resources) => resources.include(request, layer),
        }
    }
}

impl Actions {
    fn everything() -> Self {
        Self { negated: false, patterns: vec![ActionPattern::Everything] }
    }

    fn compile(negated: bool, texts: &[String]) -> Self {
        Self { negated, patterns: texts.iter().map(|text| ActionPattern::compile(text)).collect() }
    }

    /// Whether an action is meant.
    pub fn include(&self, action: &Action) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(action)) != self.negated
    }
}

impl ActionPattern {
    /// Reads a pattern as it is written.
    pub fn compile(text: &str) -> Self {
        if !text.is_empty() && text.bytes().all(|b| b == b'*') {
            return Self::Everything;
        }
        let text = text.to_ascii_lowercase();
        match text.split_once(':') {
            Some((service, name))
                if !service.is_empty()
                    && !name.is_empty()
                    && !text.contains(|c: char| c.is_whitespace() || c == ',') =>
            {
                if service.bytes().all(|b| b == b'*') && name.bytes().all(|b| b == b'*') {
                    return Self::Everything;
                }
                Self::Of(service.into(), name.into())
            }
            _ => Self::Nothing,
        }
    }

    /// Whether an action is meant.
    pub fn matches(&self, action: &Action) -> bool {
        match self {
            Self::Everything => true,
            Self::Nothing => false,
            Self::Of(service, name) => {
                super::glob::matches(service, action.service())
                    && super::glob::matches(name, action.name())
            }
        }
    }
}

impl Resources {
    fn everything() -> Self {
        Self { negated: false, patterns: vec![ResourcePattern::compile("*", false)] }
    }

    fn compile(negated: bool, texts: &[String], variables: bool) -> Self {
        let patterns = texts.iter().map(|text| ResourcePattern::compile(text, variables)).collect();
        Self { negated, patterns }
    }

    fn include(&self, request: &Request<'_>, layer: Layer) -> Truth {
        let mut found = Truth::No;
        for pattern in &self.patterns {
            found = found.or(pattern.matches(request, layer));
            if found == Truth::Yes {
                break;
            }
        }
        if self.negated { found.not() } else { found }
    }
}

impl ResourcePattern {
    fn compile(text: &str, variables: bool) -> Self {
        let parts = if !text.is_empty() && text.bytes().all(|b| b == b'*') {
            Parts::Everything
        } else {
            let mut split = text.splitn(6, ':');
            let segments: Vec<Box<str>> = split.by_ref().take(5).map(Into::into).collect();
            Parts::Arn(segments, split.next().map(|rest| Glob::compile(rest, variables)))
        };
        Self { text: text.into(), parts }
    }

    /// Whether the resource of a request is meant.
    ///
    /// ARNs are compared segment by segment. Those with fewer than six parts are filled up with `*` in policies of
    /// principals; in others only if they end with one; never in resource control policies.
    pub fn matches(&self, request: &Request<'_>, layer: Layer) -> Truth {
        let (segments, rest) = match &self.parts {
            Parts::Everything => return Truth::Yes,
            Parts::Arn(segments, rest) => (segments, rest),
        };
        // Actions without resources are allowed on `*` alone.
        if request.resource == "*" {
            return Truth::No;
        }
        if rest.is_none() {
            let filled = match layer {
                Layer::Identity | Layer::Boundary | Layer::Session => true,
                Layer::Scp | Layer::Resource | Layer::Endpoint => {
                    segments.last().is_some_and(|last| last.ends_with('*'))
                }
                Layer::Rcp => false,
            };
            if !filled {
                return Truth::No;
            }
        }
        let mut split = request.resource.splitn(6, ':');
        for own in segments {
            let Some(part) = split.next() else { return Truth::No };
            if !super::glob::matches(own, part) {
                return Truth::No;
            }
        }
        match rest {
            None => Truth::Yes,
            Some(glob) => split.next().map_or(Truth::No, |part| glob.holds(part, request)),
        }
    }
}

impl Principals {
    fn compile(negated: bool, named: &[policy::Principal], doubt: &mut Option<Cause>) -> Self {
        let mut out = Vec::with_capacity(named.len());
        for principal in named {
            match (principal.kind.get(), principal.value.get()) {
                (Ok(kind), Ok(value)) => out.push(Named::of(kind, value)),
                (Err(cause), _) | (_, Err(cause)) => {
                    *doubt = Some(cause.clone());
                    if !negated {
                        out.push(Named::Everybody);
                    }
                }
            }
        }
        Self { negated, named: out }
    }
}

impl Named {
    fn of(kind: &str, value: &str) -> Self {
        let is_account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        match kind {
            "*" => Self::Everybody,
            "Service" => Self::Service(value.into()),
            "Federated" => Self::Federated(value.into()),
            "CanonicalUser" => Self::Canonical(value.into()),
            _ if value == "*" => Self::Everybody,
            _ if is_account(value) => Self::Account(value.into()),
            _ => match super::arn::ArnParts::parse(value) {
                Some(arn) if arn.resource == "root" => Self::Account(arn.account.into()),
                Some(_) => Self::Arn(value.into()),
                None => Self::Deleted(value.into()),
            },
        }
    }
}
