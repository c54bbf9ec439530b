//! What is asked: who wants to do what, with which, under which circumstances.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::Attr;

/// What kind of caller signs a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallerKind {
    /// The root user of an account.
    Root,
    /// An IAM user.
    User,
    /// A role, in whatever session.
    Role,
    /// A user federated by `sts:GetFederationToken`.
    FederatedUser,
    /// A service of AWS, such as `ec2.amazonaws.com`.
    Service,
    /// Somebody whom an identity provider vouches for (`sts:AssumeRoleWithWebIdentity`, `sts:AssumeRoleWithSAML`).
    Federated,
    /// Nobody signs.
    Anonymous,
}

/// Who asks. Tags and organization are those of the principal.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What kind it is.
    pub kind: CallerKind,
    /// `aws:PrincipalArn`: the ARN of the user, role or root; for services and federated callers the name of the service
    /// or the ARN (or name) of the provider; empty for anonymous ones.
    pub arn: Box<str>,
    /// The ARN of the session: `arn:aws:sts::…:assumed-role/NAME/SESSION` or `…:federated-user/NAME`. Without, a role
    /// stands for all its sessions: a grant to one session is unknown then.
    pub session_arn: Option<Box<str>>,
    /// The account; absent for services, federated and anonymous callers.
    pub account: Option<Box<str>>,
    /// The unique id, `AIDA…`, `AROA…`.
    pub unique_id: Option<Box<str>>,
    /// Tags of the principal.
    pub tags: Attr<BTreeMap<String, String>>,
    /// The id of its organization; absent outside of any.
    pub organization: Attr<Option<String>>,
    /// `aws:PrincipalOrgPaths`, `o-…/r-…/ou-…/`; absent outside of any organization.
    pub organization_path: Attr<Option<String>>,
    /// Whether it is a service-linked role.
    pub service_linked: bool,
    /// Whether its credentials are temporary; unknown for users, who may ask for either.
    pub temporary: Option<bool>,
}

impl Caller {
    /// Nobody signs.
    pub fn anonymous() -> Self {
        Self::bare(CallerKind::Anonymous, "")
    }

    /// A service of AWS by its name.
    pub fn service(name: &str) -> Self {
        Self::bare(CallerKind::Service, name)
    }

    /// Somebody whom a provider vouches for.
    pub fn federated(provider: &str) -> Self {
        Self::bare(CallerKind::Federated, provider)
    }

    /// The caller that an ARN names; its tags and organization are unknown.
    ///
    /// A session's role is known by name only: its path is not part of the session's ARN.
    pub fn of_arn(arn: &str) -> Option<Self> {
        let parsed = super::arn::ArnParts::parse(arn)?;
        let mut segments = parsed.resource.split('/');
        let first = segments.next().unwrap_or_default();
        let last = parsed.resource.rsplit('/').next().unwrap_or_default();
        let account: Box<str> = parsed.account.into();
        let mut caller = match (parsed.service, first) {
            ("iam", "root") => Self::bare(CallerKind::Root, arn),
            ("iam", "user") => Self::bare(CallerKind::User, arn),
            ("iam", "role") => Self::bare(CallerKind::Role, arn),
            ("sts", "assumed-role") => {
                let role = segments.next()?;
                let arn_of_role = format!("arn:{}:iam::{account}:role/{role}", parsed.partition);
                let mut caller = Self::bare(CallerKind::Role, &arn_of_role);
                caller.session_arn = Some(arn.into());
                caller
            }
            ("sts", "federated-user") => {
                let of = format!("arn:{}:iam::{account}:user/{last}", parsed.partition);
                let mut caller = Self::bare(CallerKind::FederatedUser, &of);
                caller.session_arn = Some(arn.into());
                caller
            }
            _ => return None,
        };
        // Only services make roles whose names begin so, and names of sessions do not hold the path.
        caller.service_linked = parsed.resource.starts_with("role/aws-service-role/")
            || parsed.resource.starts_with("assumed-role/AWSServiceRoleFor");
        caller.account = Some(account);
        caller.tags = Attr::default();
        caller.organization = Attr::default();
        caller.organization_path = Attr::default();
        Some(caller)
    }

    fn bare(kind: CallerKind, arn: &str) -> Self {
        let temporary = match kind {
            CallerKind::User | CallerKind::Root => None,
            CallerKind::Role | CallerKind::FederatedUser | CallerKind::Federated => Some(true),
            CallerKind::Service | CallerKind::Anonymous => Some(false),
        };
        Self {
            kind,
            arn: arn.into(),
            session_arn: None,
            account: None,
            unique_id: None,
            tags: Attr::Known(BTreeMap::new()),
            organization: Attr::Known(None),
            organization_path: Attr::Known(None),
            service_linked: false,
            temporary,
        }
    }
}

/// An action, such as `s3:GetObject`: service and name in lower case, since AWS compares them without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Action {
    text: Box<str>,
    colon: usize,
}

impl Action {
    /// Reads `service:Name`; nothing if one of them is missing or holds a wildcard.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let colon = text.find(':')?;
        let name = text.get(colon + 1..)?;
        let plain = |part: &str| !part.is_empty() && !part.contains(['*', '?', ' ', ',']);
        (plain(text.get(..colon)?) && plain(name)).then(|| Self { text: text.into(), colon })
    }

    /// The prefix of the service.
    pub fn service(&self) -> &str {
        self.text.get(..self.colon).unwrap_or_default()
    }

    /// The name behind the service.
    pub fn name(&self) -> &str {
        self.text.get(self.colon + 1..).unwrap_or_default()
    }

    /// `service:name`, in lower case.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// What is known about the value of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The request carries these values.
    Is(Vec<Cow<'a, str>>),
    /// The request carries these values of a key that may have several: only operators for sets compare it.
    Several(Vec<Cow<'a, str>>),
    /// The request carries these values, or not the key at all.
    IsOrAbsent(Vec<Cow<'a, str>>),
    /// The request does not carry the key.
    Absent,
    /// Nobody can say.
    Unknown,
}

/// What the asker says about one condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// The request carries these values.
    Values(Vec<String>),
    /// The request carries these values of a key that may have several.
    Several(Vec<String>),
    /// The request does not carry the key.
    Absent,
    /// It may carry anything or nothing.
    Unknown,
}

/// The circumstances of a request.
#[derive(Debug, Clone, Default)]
pub struct Circumstances {
    /// What was said, by key in lower case; it outranks what is derived from the caller and the resource.
    given: BTreeMap<Box<str>, Given>,
    /// Whether a key that nobody spoke of is absent; otherwise it is unknown.
    strict: bool,
}

impl Circumstances {
    /// Nothing is said; what cannot be derived is unknown.
    pub fn open() -> Self {
        Self::default()
    }

    /// Nothing is said; what cannot be derived is absent.
    pub fn strict() -> Self {
        Self { strict: true, ..Self::default() }
    }

    /// With one more key.
    #[must_use]
    pub fn with(mut self, key: &str, given: Given) -> Self {
        self.set(key, given);
        self
    }

    /// With one more key of one value.
    #[must_use]
    pub fn with_value(self, key: &str, value: &str) -> Self {
        self.with(key, Given::Values(vec![value.to_owned()]))
    }

    /// Says something about a key.
    pub fn set(&mut self, key: &str, given: Given) {
        self.given.insert(key.to_ascii_lowercase().into(), given);
    }

    /// Says something more about a key: values join those that were said before, since keys that differ in case only are
    /// one key with several values.
    pub fn add(&mut self, key: &str, given: Given) {
        let key: Box<str> = key.to_ascii_lowercase().into();
        let before = self.given.remove(&key);
        let joined = match (before, given) {
            (
                Some(Given::Values(mut all) | Given::Several(mut all)),
                Given::Values(more) | Given::Several(more),
            ) => {
                all.extend(more);
                Given::Several(all)
            }
            (_, given) => given,
        };
        self.given.insert(key, joined);
    }

    /// Takes over what other circumstances say; it outranks what was said before.
    pub fn adopt(&mut self, other: Self) {
        self.given.extend(other.given);
    }

    /// Whether anything was said about a key.
    pub fn speaks_of(&self, key: &str) -> bool {
        self.given.contains_key(key.to_ascii_lowercase().as_str())
    }

    /// Whether what was not said is taken for absent.
    pub fn is_strict(&self) -> bool {
        self.strict
    }
}

/// One question to the evaluator.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// To do what.
    pub action: &'a Action,
    /// With which: an ARN, or `*` for actions that know no resources.
    pub resource: &'a str,
    /// The account of the resource, where the ARN does not say; absent where it has none.
    pub resource_account: Attr<Option<String>>,
    /// The organization of that account.
    pub resource_organization: Attr<Option<String>>,
    /// The tags of the resource.
    pub resource_tags: Attr<BTreeMap<String, String>>,
    /// Under which circumstances.
    pub circumstances: &'a Circumstances,
    /// The time of the request.
    pub now: Timestamp,
}

impl<'a> Request<'a> {
    /// A question about which nothing more is known than it says.
    pub fn new(
        caller: &'a Caller,
        action: &'a Action,
        resource: &'a str,
        circumstances: &'a Circumstances,
        now: Timestamp,
    ) -> Self {
        let account =
            super::arn::ArnParts::parse(resource).map(|arn| arn.account).unwrap_or_default();
        let resource_account = if account.is_empty() {
            Attr::default()
        } else {
            Attr::Known(Some(account.to_owned()))
        };
        Self {
            caller,
            action,
            resource,
            resource_account,
            resource_organization: Attr::default(),
            resource_tags: Attr::default(),
            circumstances,
            now,
        }
    }

    /// What is known about a condition key, given in lower case.
    ///
    /// Keys that AWS fills itself are derived (`aws:PrincipalArn` and the like, see
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>); what the asker said
    /// outranks them; all others are unknown, or absent if the circumstances are strict.
    pub fn lookup(&self, key: &str) -> Lookup<'_> {
        if let Some(given) = self.circumstances.given.get(key) {
            return match given {
                Given::Values(values) => {
                    Lookup::Is(values.iter().map(|v| Cow::Borrowed(v.as_str())).collect())
                }
                Given::Several(values) => {
                    Lookup::Several(values.iter().map(|v| Cow::Borrowed(v.as_str())).collect())
                }
                Given::Absent => Lookup::Absent,
                Given::Unknown => Lookup::Unknown,
            };
        }
        match self.derived(key) {
            // Who asks strictly and does not speak of a session means none.
            None | Some(Lookup::IsOrAbsent(_)) if self.circumstances.strict => Lookup::Absent,
            Some(derived) => derived,
            None => Lookup::Unknown,
        }
    }

    fn derived(&self, key: &str) -> Option<Lookup<'_>> {
        let caller = self.caller;
        let signed = caller.account.is_some();
        let one = |text: &'a str| Lookup::Is(vec![Cow::Borrowed(text)]);
        let owned = |text: String| Lookup::Is(vec![Cow::Owned(text)]);
        Some(match key {
            "aws:principalarn" if signed => one(match (caller.kind, &caller.session_arn) {
                (CallerKind::FederatedUser, Some(session)) => session,
                _ => &caller.arn,
            }),
            "aws:principalaccount" if signed => one(caller.account.as_deref()?),
            "aws:principalorgid" => absent_or(&caller.organization)?,
            "aws:principalorgpaths" => match absent_or(&caller.organization_path)? {
                Lookup::Is(values) => Lookup::Several(values),
                other => other,
            },
            "aws:principaltype" => one(match caller.kind {
                CallerKind::Root => "Account",
                CallerKind::User => "User",
                CallerKind::Role => "AssumedRole",
                CallerKind::FederatedUser => "FederatedUser",
                CallerKind::Anonymous => "Anonymous",
                CallerKind::Service | CallerKind::Federated => return None,
            }),
            "aws:username" if caller.kind == CallerKind::User => one(last_segment(&caller.arn)),
            "aws:userid" => self.user_id()?,
            "aws:principalisawsservice" => {
                one(if caller.kind == CallerKind::Service { "true" } else { "false" })
            }
            "aws:principalservicename" if caller.kind == CallerKind::Service => one(&caller.arn),
            // Callers that are not of the kind that carries these.
            "aws:principalarn"
            | "aws:principalaccount"
            | "aws:username"
            | "aws:principalservicename" => Lookup::Absent,
            "aws:resourceaccount" => absent_or(&self.resource_account)?,
            "aws:resourceorgid" => absent_or(&self.resource_organization)?,
            "aws:requestedregion" => match super::arn::ArnParts::parse(self.resource)?.region {
                "" => return None,
                region => one(region),
            },
            // AWS speaks to nobody in the clear unless asked to; who wants to know of such requests says so.
            "aws:securetransport" => one("true"),
            // Only services say on whose behalf they come.
            "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceowner" | "aws:sourceorgid"
            | "aws:sourceorgpaths"
                if caller.kind != CallerKind::Service =>
            {
                Lookup::Absent
            }
            "aws:currenttime" => owned(self.now.to_string()),
            "aws:epochtime" => owned(self.now.as_second().to_string()),
            "aws:tokenissuetime" => match caller.temporary {
                Some(true) => owned(self.now.to_string()),
                Some(false) => Lookup::Absent,
                None => Lookup::IsOrAbsent(vec![Cow::Owned(self.now.to_string())]),
            },
            // Only credentials of a user's session say whether it used a second factor; those of a role do not.
            "aws:multifactorauthpresent" | "aws:multifactorauthage"
                if matches!(caller.kind, CallerKind::Service | CallerKind::Anonymous) =>
            {
                Lookup::Absent
            }
            _ => {
                if let Some(tag) = key.strip_prefix("aws:principaltag/") {
                    return tagged(&caller.tags, tag);
                }
                let tag = key
                    .strip_prefix("aws:resourcetag/")
                    .or_else(|| key.strip_prefix("ec2:resourcetag/"))
                    .or_else(|| key.strip_prefix("iam:resourcetag/"))
                    .or_else(|| key.strip_prefix("ssm:resourcetag/"))?;
                return tagged(&self.resource_tags, tag);
            }
        })
    }

    fn user_id(&self) -> Option<Lookup<'_>> {
        let caller = self.caller;
        match (caller.kind, caller.account.as_deref()) {
            (CallerKind::Root, Some(account)) => {
                return Some(Lookup::Is(vec![Cow::Borrowed(account)]));
            }
            (CallerKind::FederatedUser, Some(account)) => {
                let name = last_segment(caller.session_arn.as_deref()?);
                return Some(Lookup::Is(vec![Cow::Owned(format!("{account}:{name}"))]));
            }
            (CallerKind::Anonymous, _) => {
                return Some(Lookup::Is(vec![Cow::Borrowed("anonymous")]));
            }
            _ => {}
        }
        let id = caller.unique_id.as_deref()?;
        match caller.kind {
            CallerKind::User => Some(Lookup::Is(vec![Cow::Borrowed(id)])),
            CallerKind::Role => {
                let session = last_segment(caller.session_arn.as_deref()?);
                Some(Lookup::Is(vec![Cow::Owned(format!("{id}:{session}"))]))
            }
            _ => None,
        }
    }
}

fn last_segment(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

fn absent_or(value: &Attr<Option<String>>) -> Option<Lookup<'_>> {
    match value {
        Attr::Known(Some(text)) => Some(Lookup::Is(vec![Cow::Borrowed(text.as_str())])),
        Attr::Known(None) => Some(Lookup::Absent),
        Attr::Unknown(_) => None,
    }
}

/// Tag keys in conditions are compared without regard to case; two tags that differ in case only are a key with two values.
fn tagged<'t>(tags: &'t Attr<BTreeMap<String, String>>, tag: &str) -> Option<Lookup<'t>> {
    let tags = tags.known()?;
    let found = tags.iter().filter(|(key, _)| key.eq_ignore_ascii_case(tag));
    let found: Vec<_> = found.map(|(_, value)| Cow::Borrowed(value.as_str())).collect();
    Some(match found.len() {
        0 => Lookup::Absent,
        1 => Lookup::Is(found),
        _ => Lookup::Several(found),
    })
}
