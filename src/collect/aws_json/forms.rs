//! Which answer a JSON object is, by the members at its top.
//!
//! Services share names (`Policies` is a list of IAM and of Organizations): the first item tells them apart, and for
//! an empty list the name of the file. What cannot be told apart is reported, never guessed.

use serde_json::Value;

use super::reshape::plain;
use super::scene::Scene;
use super::store::Spec;
use super::{
    account, ec2, elb, front_doors, guarded, iam, identity_center, managed, network_firewall,
    organizations, remote_access, transit, vpc, workloads,
};

/// What an answer says about the completeness of its types.
#[derive(Clone, Copy)]
pub(super) enum Covers {
    /// All there is.
    Whole,
    /// A part of what there is; why.
    Part(&'static str),
    /// Nothing: it is about single resources.
    Nothing,
}

/// How an answer is read.
#[derive(Clone, Copy)]
pub(super) enum Read {
    /// Each item of the list is a resource.
    List(&'static Spec),
    /// The whole answer, as soon as it is seen.
    Answer(fn(&mut Scene<'_>, &Value)),
    /// The whole answer, once all lists are read.
    Later(fn(&mut Scene<'_>, &Value)),
    /// Known, and not needed.
    Ignore,
    /// A list of answers about one thing each, with what each is about.
    Wrapper,
}

/// An answer of an API.
pub(super) struct Form {
    /// The member at the top that it is recognised by.
    pub(super) key: &'static str,
    /// Members of which the first item (or the object, or the answer) has one; empty when the key suffices.
    pub(super) has: &'static [&'static str],
    /// The call, as in IAM policies.
    pub(super) call: &'static str,
    /// The types it speaks of.
    pub(super) kinds: &'static [&'static str],
    /// What it says about completeness.
    pub(super) covers: Covers,
    /// How it is read.
    pub(super) read: Read,
    /// The member that holds an item's own ARN, for finding out where a file is from.
    pub(super) arn: &'static str,
}

impl Form {
    pub(super) const fn list(key: &'static str, call: &'static str, spec: &'static Spec) -> Self {
        Self {
            key,
            has: &[],
            call,
            kinds: std::slice::from_ref(&spec.kind),
            covers: Covers::Whole,
            read: Read::List(spec),
            arn: spec.arn,
        }
    }

    pub(super) const fn later(
        key: &'static str,
        call: &'static str,
        read: fn(&mut Scene<'_>, &Value),
    ) -> Self {
        Self {
            key,
            has: &[],
            call,
            kinds: &[],
            covers: Covers::Nothing,
            read: Read::Later(read),
            arn: "",
        }
    }

    pub(super) const fn answer(
        key: &'static str,
        call: &'static str,
        kinds: &'static [&'static str],
        read: fn(&mut Scene<'_>, &Value),
    ) -> Self {
        Self {
            key,
            has: &[],
            call,
            kinds,
            covers: Covers::Whole,
            read: Read::Answer(read),
            arn: "",
        }
    }

    pub(super) const fn ignore(key: &'static str) -> Self {
        Self {
            key,
            has: &[],
            call: "",
            kinds: &[],
            covers: Covers::Nothing,
            read: Read::Ignore,
            arn: "",
        }
    }

    pub(super) const fn wrapper(key: &'static str) -> Self {
        Self { read: Read::Wrapper, ..Self::ignore(key) }
    }

    /// Demands one of some members of the first item.
    pub(super) const fn has(mut self, has: &'static [&'static str]) -> Self {
        self.has = has;
        self
    }

    /// Names the member with an item's own ARN.
    pub(super) const fn arn(mut self, arn: &'static str) -> Self {
        self.arn = arn;
        self
    }

    /// Says that it lists a part only.
    pub(super) const fn part(mut self, why: &'static str) -> Self {
        self.covers = Covers::Part(why);
        self
    }

    /// The operation without its service.
    pub(super) fn operation(&self) -> &'static str {
        self.call.split_once(':').map_or("", |(_, operation)| operation)
    }
}

/// All answers, in the order in which they are tried.
pub(super) fn all() -> impl Iterator<Item = &'static Form> {
    [
        ec2::FORMS,
        vpc::FORMS,
        transit::FORMS,
        remote_access::FORMS,
        front_doors::FORMS,
        network_firewall::FORMS,
        managed::FORMS,
        elb::FORMS,
        guarded::FORMS,
        workloads::FORMS,
        // Both identity stores have users; those of Identity Center name theirs.
        identity_center::FORMS,
        iam::FORMS,
        organizations::FORMS,
        account::FORMS,
        OTHERS,
    ]
    .into_iter()
    .flatten()
}

/// Answers that nothing here needs. They are named so that a dump of everything is read without a murmur.
const OTHERS: &[Form] = &[
    Form::ignore("AvailabilityZones"),
    Form::ignore("CustomerGateways"),
    Form::ignore("DhcpOptions"),
    Form::ignore("DirectConnectGatewayAssociations"),
    Form::ignore("DirectConnectGateways"),
    Form::ignore("DomainStatusList"),
    Form::ignore("InstanceStatuses"),
    Form::ignore("Regions"),
    Form::ignore("ServiceDetails"),
    Form::ignore("ServiceNames"),
    Form::ignore("VirtualInterfaces"),
    Form::ignore("AccountAliases"),
    Form::ignore("DBSubnetGroups"),
    Form::ignore("failures"),
    Form::ignore("projectsNotFound"),
];

/// Names that services beyond those read here use for lists of other things.
const SHARED: [&str; 27] = [
    "Accounts",
    "Associations",
    "Attributes",
    "Certificates",
    "Entries",
    "Functions",
    "Grants",
    "Groups",
    "Images",
    "Instances",
    "Items",
    "Listeners",
    "Policies",
    "Routes",
    "RuleGroups",
    "Snapshots",
    "Users",
    "Volumes",
    "Jobs",
    "Keys",
    "Stacks",
    "Topics",
    "projects",
    "repositories",
    "services",
    "clusters",
    "items",
];

/// Members that stand beside much else.
const BESIDE: [&str; 3] = ["Tags", "State", "Status"];

/// What an object at the top of a file is.
pub(super) enum Found {
    /// Answers by their members.
    Forms(Vec<&'static Form>),
    /// Several readings are possible and nothing tells them apart.
    Ambiguous(Vec<&'static str>),
    /// None that is known.
    Unknown,
}

/// Recognises an answer. `file` is the path of the file, whose name decides over empty lists.
pub(super) fn recognise(answer: &Value, file: &str) -> Found {
    let Some(map) = answer.as_object() else { return Found::Unknown };
    let stem = plain(file);
    let details = map.keys().any(|key| key.ends_with("DetailList"));
    let mut found: Vec<&'static Form> = Vec::new();
    let mut doubtful: Vec<&'static str> = Vec::new();
    for (key, value) in map {
        let name = plain(key);
        let candidates: Vec<&'static Form> = all().filter(|form| plain(form.key) == name).collect();
        if candidates.is_empty() {
            continue;
        }
        let empty = value.as_array().is_some_and(Vec::is_empty);
        if !empty {
            found.extend(candidates.into_iter().find(|form| fits(form, answer, value, &stem)));
            continue;
        }
        // What stands beside an empty list may tell it, too.
        if let Some(form) = candidates.iter().find(|form| fits_beside(form, answer)) {
            found.push(form);
            continue;
        }
        let named: Vec<_> = candidates
            .iter()
            .filter(|form| {
                let service = plain(form.call.split(':').next().unwrap_or_default());
                stem.contains(&plain(form.operation()))
                    || stem.contains(&plain(&format!("{service}{}", form.key)))
                    || details && service == "iam"
            })
            .copied()
            .collect();
        // The operation may be shared, too; the service beside it decides.
        let by_service: Vec<_> = named
            .iter()
            .filter(|form| stem.contains(&plain(form.call.split(':').next().unwrap_or_default())))
            .copied()
            .collect();
        let named = if by_service.is_empty() { named } else { by_service };
        let shared = SHARED.contains(&candidates.first().map_or("", |form| form.key));
        match (named.as_slice(), candidates.as_slice()) {
            ([one], _) => found.push(one),
            ([], [one])
                if !shared
                    || stem.ends_with(&format!("{name}.json"))
                    || stem == format!("{name}.json") =>
            {
                found.push(one);
            }
            ([], [one, rest @ ..]) if !shared && rest.iter().all(|f| f.kinds == one.kinds) => {
                found.push(one);
            }
            ([one, rest @ ..], _) if rest.iter().all(|f| f.kinds == one.kinds) => found.push(one),
            _ => doubtful.extend(candidates.iter().map(|form| form.call)),
        }
    }
    // Tags and states stand beside much else; they are answers when nothing else is there.
    if found.iter().any(|form| !BESIDE.contains(&form.key)) {
        found.retain(|form| !BESIDE.contains(&form.key));
    }
    if !found.is_empty() {
        // One reader may be recognised by several members of one answer.
        found.dedup_by(|a, b| std::ptr::eq(*a, *b) || a.call == b.call && a.kinds == b.kinds);
        Found::Forms(found)
    } else if doubtful.is_empty() {
        Found::Unknown
    } else {
        Found::Ambiguous(doubtful)
    }
}

fn has(value: &Value, member: &str) -> bool {
    value.get(member).is_some_and(|found| !found.is_null() || member == "Description")
}

fn fits_beside(form: &Form, answer: &Value) -> bool {
    form.has.iter().filter_map(|wanted| wanted.strip_prefix('/')).any(|beside| has(answer, beside))
}

fn fits(form: &Form, answer: &Value, value: &Value, file: &str) -> bool {
    if form.has.is_empty() {
        return true;
    }
    let first = value.as_array().and_then(|list| list.first()).unwrap_or(value);
    form.has.iter().any(|wanted| match wanted.split_once('^') {
        // `@word`: the name of the file holds the word.
        None if wanted.starts_with('@') => wanted.get(1..).is_some_and(|word| file.contains(word)),
        // `=`: a list of texts.
        None if *wanted == "=" => first.is_string(),
        // `^prefix`: the text itself begins so.
        Some(("", prefix)) => first.as_str().is_some_and(|text| text.starts_with(prefix)),
        // `Member^prefix`: the member's text begins so.
        Some((member, prefix)) => {
            first.get(member).and_then(Value::as_str).is_some_and(|text| text.starts_with(prefix))
        }
        // `/Member`: beside the list, not in it.
        None => match wanted.strip_prefix('/') {
            Some(beside) => has(answer, beside),
            None => has(first, wanted),
        },
    })
}
