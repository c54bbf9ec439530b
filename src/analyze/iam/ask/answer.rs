//! One request, decided and explained.

use serde::Serialize;

use crate::analyze::iam::document::{Document, Effect, Layer, Named, Statement};
use crate::analyze::iam::evaluate::{self, Decision, Layers, Observer, Said, quirks};
use crate::analyze::iam::principal::Match;
use crate::analyze::iam::request::{Caller, Request};
use crate::analyze::iam::truth::{Algebra, Need, Plain, Reason, Reasoned, Truth};

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What is decided.
    pub decision: Decision,
    /// What is decided if everything open goes the caller's way: never [`Decision::Unknown`].
    pub possible: Decision,
    /// What an unknown decision hangs on: it is allowed exactly if this holds.
    #[serde(rename = "if")]
    pub need: Option<Need>,
    /// What stands in the way of a request that the policies of the principal and of the resource grant: without these
    /// it would pass. Empty for what nobody grants, see [`Answer::lacking`].
    pub blocked_by: Vec<Blocker>,
    /// What would have to allow and does not, where nothing else stands in the way.
    pub lacking: Vec<Layer>,
    /// Why no policy can allow it.
    pub impossible: Option<&'static str>,
    /// What each layer says that is there.
    #[serde(serialize_with = "by_layer")]
    pub layers: Vec<LayerAnswer>,
    /// The statements that apply, or may.
    pub matched: Vec<Matched>,
    /// What was not read and would have decided.
    pub missing: Vec<String>,
}

/// What can stand in the way of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Blocker {
    /// A service control policy.
    #[serde(rename = "scp")]
    Scp,
    /// A resource control policy.
    #[serde(rename = "rcp")]
    Rcp,
    /// The permissions boundary.
    #[serde(rename = "pb")]
    Boundary,
    /// The policy of the VPC endpoint.
    #[serde(rename = "vpce")]
    Endpoint,
    /// A denial in the policy of the resource.
    #[serde(rename = "resource")]
    Resource,
    /// A denial in a policy of the principal.
    #[serde(rename = "identity")]
    Identity,
    /// The policy of the session.
    #[serde(rename = "session")]
    Session,
    /// S3 Block Public Access.
    #[serde(rename = "s3-bpa")]
    PublicAccessBlock,
}

impl Blocker {
    /// What people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Scp => "a service control policy",
            Self::Rcp => "a resource control policy",
            Self::Boundary => "the permissions boundary",
            Self::Endpoint => "the policy of the VPC endpoint",
            Self::Resource => "the policy of the resource",
            Self::Identity => "a policy of the principal",
            Self::Session => "the policy of the session",
            Self::PublicAccessBlock => "S3 Block Public Access",
        }
    }
}

/// What one layer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LayerAnswer {
    /// Which layer.
    #[serde(skip)]
    pub layer: Layer,
    /// What it alone would decide.
    pub decision: Decision,
}

/// `{"identity": {"decision": …}, …}`.
fn by_layer<S: serde::Serializer>(
    layers: &[LayerAnswer],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(layers.iter().map(|one| (one.layer, one)))
}

/// A statement that applies, or may.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Matched {
    /// In which role its document was asked.
    pub layer: Layer,
    /// Where the document stands.
    pub policy: String,
    /// The version of a managed policy.
    pub version: Option<String>,
    /// The place of the statement in its document, from 0.
    pub statement: u32,
    /// Its own id.
    pub sid: Option<String>,
    /// What it does; absent where that is not understood.
    pub effect: Option<Effect>,
    /// How it names the caller; absent where it names nobody, as policies of principals do.
    pub principal_match: Option<PrincipalMatch>,
    /// Whether it certainly applies.
    pub applies: Truth,
}

/// How closely a statement names the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalMatch {
    /// The user, role, service or provider itself.
    Exact,
    /// The account.
    Account,
    /// The session.
    Session,
    /// Everybody, or everybody but some.
    Star,
}

/// Decides a request and says why.
pub fn answer(request: &Request<'_>, layers: &Layers<'_>) -> Answer {
    let mut matched = Collected { caller: request.caller, list: Vec::new() };
    let outcome = evaluate::evaluate(request, layers, &Reasoned, &mut matched);
    let possible = match Reasoned.truth(&outcome.allowed) {
        Truth::Yes | Truth::Maybe => Decision::Allowed,
        Truth::No => outcome.decision,
    };
    let need = match &outcome.allowed {
        Reason::If(need) => Some(need.clone()),
        Reason::Known(_) => None,
    };
    let mut missing = Vec::new();
    if let Some(need) = &need {
        unread(need, &mut missing);
        for one in &mut missing {
            *one = one.replace(THE_RESOURCE, &format!("the policy of {}", request.resource));
        }
        missing.sort();
        missing.dedup();
    }
    let said: Vec<LayerAnswer> = outcome
        .layers
        .iter()
        .map(|(layer, said)| LayerAnswer { layer: *layer, decision: alone(said) })
        .collect();
    let blocked_by = if possible == Decision::Allowed {
        Vec::new()
    } else {
        blocked_by(request, layers, &outcome.layers)
    };
    let impossible = if possible == Decision::Allowed { None } else { quirks::impossible(request) };
    let lacking = if possible == Decision::ImplicitlyDenied
        && blocked_by.is_empty()
        && impossible.is_none()
    {
        lacking(request, layers, &said)
    } else {
        Vec::new()
    };
    Answer {
        decision: outcome.decision,
        possible,
        need,
        blocked_by,
        lacking,
        impossible,
        layers: said,
        matched: matched.list,
        missing,
    }
}

/// What a layer would decide alone.
fn alone(said: &Said<Reason>) -> Decision {
    match (Reasoned.truth(&said.denies), Reasoned.truth(&said.allows)) {
        (Truth::Yes, _) => Decision::ExplicitlyDenied,
        (Truth::Maybe, Truth::Yes | Truth::Maybe) | (Truth::No, Truth::Maybe) => Decision::Unknown,
        (Truth::No, Truth::Yes) => Decision::Allowed,
        (_, Truth::No) => Decision::ImplicitlyDenied,
    }
}

/// How documents in place of unread ones call the policy of whatever is asked about.
const THE_RESOURCE: &str = "the policy of the resource";

/// What was not read, in a tree of needs.
fn unread(need: &Need, out: &mut Vec<String>) {
    match need {
        Need::All(list) | Need::Any(list) => list.iter().for_each(|need| unread(need, out)),
        Need::Not(need) => unread(need, out),
        Need::Condition { .. } => {}
        Need::Unknown(cause) => out.push(cause.to_string()),
    }
}

/// Which layers stand in the way of what the policies of principal and resource grant.
///
/// First everything is taken away that can only limit. If a denial in a policy of one side is then in the way of a grant
/// of the other side, that side blocks. Then each limit is put back alone.
fn blocked_by(
    request: &Request<'_>,
    layers: &Layers<'_>,
    said: &[(Layer, Said<Reason>)],
) -> Vec<Blocker> {
    let passes = |layers: &Layers<'_>| {
        let outcome = evaluate::evaluate(request, layers, &Plain, &mut ());
        outcome.allowed != Truth::No
    };
    let denies = |layer: Layer| {
        said.iter().any(|(own, said)| *own == layer && Reasoned.truth(&said.denies) == Truth::Yes)
    };
    let everything = Document::everything("without the boundary");
    let mut core = Layers {
        // That there is a boundary matters to `NotPrincipal`, whatever it says.
        boundary: layers.boundary.as_ref().map(|_| vec![&everything]),
        scp: None,
        rcp: None,
        endpoint: None,
        public_blocked: Truth::No,
        ..layers.clone()
    };
    let mut out = Vec::new();
    if !passes(&core) {
        let without_identity = Layers { identity: Vec::new(), ..core.clone() };
        let without_resource = Layers { resource: None, ..core.clone() };
        if denies(Layer::Identity) && passes(&without_identity) {
            out.push(Blocker::Identity);
            core = without_identity;
        } else if denies(Layer::Resource) && passes(&without_resource) {
            out.push(Blocker::Resource);
            core = without_resource;
        } else {
            return out;
        }
    }
    let one = |blocker, layers: Layers<'_>| (!passes(&layers)).then_some(blocker);
    out.extend(one(Blocker::Scp, Layers { scp: layers.scp.clone(), ..core.clone() }));
    out.extend(one(Blocker::Rcp, Layers { rcp: layers.rcp.clone(), ..core.clone() }));
    out.extend(one(
        Blocker::Boundary,
        Layers { boundary: layers.boundary.clone(), ..core.clone() },
    ));
    out.extend(one(
        Blocker::Endpoint,
        Layers { endpoint: layers.endpoint.clone(), ..core.clone() },
    ));
    let restricted = Layers { public_blocked: layers.public_blocked, ..core.clone() };
    out.extend(one(Blocker::PublicAccessBlock, restricted));
    out.sort();
    out
}

/// Which layers would have to allow and do not.
fn lacking(request: &Request<'_>, layers: &Layers<'_>, said: &[LayerAnswer]) -> Vec<Layer> {
    let grants = |layer: Layer| {
        said.iter().any(|own| own.layer == layer && own.decision != Decision::ImplicitlyDenied)
    };
    let mut out = Vec::new();
    for layer in [Layer::Identity, Layer::Session] {
        if said.iter().any(|own| own.layer == layer) && !grants(layer) {
            out.push(layer);
        }
    }
    // Whether the resource had to allow shows when its policy is left as it is and all else allows.
    let everything = Document::everything("everything else");
    let all = vec![&everything];
    let generous = Layers {
        identity: all.clone(),
        boundary: layers.boundary.as_ref().map(|_| all.clone()),
        session: Some(all),
        resource: layers.resource,
        ..Layers::default()
    };
    let outcome = evaluate::evaluate(request, &generous, &Plain, &mut ());
    if outcome.allowed == Truth::No {
        out.push(Layer::Resource);
    }
    out
}

struct Collected<'c> {
    caller: &'c Caller,
    list: Vec<Matched>,
}

impl Observer for Collected<'_> {
    fn saw(
        &mut self,
        layer: Layer,
        document: &Document,
        statement: &Statement,
        by: Match,
        truth: Truth,
    ) {
        self.list.push(Matched {
            layer,
            policy: document.name.to_string(),
            version: document.version.as_deref().map(str::to_owned),
            statement: statement.index,
            sid: statement.sid.as_deref().map(str::to_owned),
            effect: statement.effect,
            principal_match: principal_match(statement, by, self.caller),
            applies: truth.and(by.any()),
        });
    }
}

/// Tells how a statement that speaks of the caller names it.
fn principal_match(statement: &Statement, by: Match, caller: &Caller) -> Option<PrincipalMatch> {
    let principals = statement.principals.as_ref()?;
    Some(if principals.negated {
        PrincipalMatch::Star
    } else if by.direct != Truth::No {
        let names_session = principals
            .named
            .iter()
            .any(|one| matches!(one, Named::Arn(arn) if caller.session_arn.as_ref() == Some(arn)));
        if names_session {
            PrincipalMatch::Session
        } else if principals.named.contains(&Named::Everybody) {
            PrincipalMatch::Star
        } else {
            PrincipalMatch::Exact
        }
    } else if by.role != Truth::No {
        PrincipalMatch::Exact
    } else {
        PrincipalMatch::Account
    })
}
