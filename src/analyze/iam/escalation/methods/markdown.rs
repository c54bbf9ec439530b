//! The table as documentation for users.

use std::fmt::Write as _;

use super::super::method::{Ask, Gain, Method, On, Place, Shape};

const LEAD: &str = "\
# Ways of escalation

<!-- Generated from the table of methods: `UPDATE=1 cargo test --test it generated` -->

Portcullis knows these ways to become more than one is in AWS. Each is asked of the evaluator: every action on its own
resource, over all policies of a principal together, under its boundary and the policies of its organization. What is
found is

- **certain** when every permission is, and everything the way needs is in the inventory;
- **conditional** when a condition, or something that could not be read, decides;
- **possible** when the way needs something that the inventory does not show, such as a function that runs with the role.
  Ways marked ◌ are possible at most: a part of what they need is nothing that an inventory can show.

A slash stands between actions any one of which will do. Where one action stands on several resources it must be allowed
on each. A way that passes a role asks for `iam:PassRole` on that role besides, for the service named (condition key
`iam:PassedToService`), and for a trust policy that admits the service. `portcullis iam paths` follows the ways, and
names them by these ids. Which resources an action takes is from AWS's Service Authorization Reference.
";

/// The documentation: one table a chapter.
pub fn markdown() -> String {
    let mut out = LEAD.to_owned();
    let mut methods: Vec<&Method> = super::all().collect();
    methods.sort_by_key(|method| (Chapter::of(method), method.id));
    let mut at = None;
    for method in methods {
        let chapter = Chapter::of(method);
        if at != Some(chapter) {
            let (title, lead) = chapter.words();
            let _ = write!(
                out,
                "\n## {title}\n\n{lead}\n\n\
                 | id | the actor | must be allowed | needs besides | described by |\n|---|---|---|---|---|\n",
            );
            at = Some(chapter);
        }
        let _ = writeln!(
            out,
            "| `{}`{} | {} | {} | {} | {} |",
            method.id,
            if method.unseen { " ◌" } else { "" },
            method.title,
            method.asks.iter().map(ask).collect::<Vec<_>>().join("<br>"),
            needs(method),
            method.source,
        );
    }
    out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Chapter {
    Own,
    Principal,
    Passed,
    Workload,
    Other,
    Historic,
}

impl Chapter {
    fn of(method: &Method) -> Self {
        match method.gain {
            _ if method.historic => Self::Historic,
            Gain::Own(_)
            | Gain::OwnVersion
            | Gain::Group
            | Gain::OwnBoundary(_)
            | Gain::OwnDeny
            | Gain::OwnMfa => Self::Own,
            Gain::New | Gain::User(_) | Gain::Role { .. } | Gain::PermissionSet { .. } => {
                Self::Principal
            }
            Gain::Passed { .. } | Gain::PassedToPool => Self::Passed,
            Gain::Runs { .. } => Self::Workload,
            Gain::Elsewhere | Gain::Persistence => Self::Other,
        }
    }

    /// A title, and what these ways have in common.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Own => (
                "More for oneself",
                "The actor changes what holds for itself. It gets all that its boundary and its organization leave.",
            ),
            Self::Principal => (
                "Another principal",
                "The actor becomes a user or a role, old or new, or gives it policies of its choice first.",
            ),
            Self::Passed => (
                "A role passed to a service",
                "The actor hands a role to a service, and the service runs what the actor says as that role.",
            ),
            Self::Workload => (
                "What runs with a role already",
                "The actor changes or drives something that runs as a role.",
            ),
            Self::Other => (
                "Elsewhere",
                "These lead to what is not in an inventory: other identities, a stored secret, a longer life.",
            ),
            Self::Historic => (
                "Closed",
                "AWS has closed the services. These ways are listed, and not looked for.",
            ),
        }
    }
}

fn needs(method: &Method) -> String {
    let trusts = match method.gain {
        Gain::Passed { services, .. } => {
            let services: Vec<String> =
                services.iter().map(|service| format!("`{service}`")).collect();
            Some(format!("a role that trusts {}", services.join(" or ")))
        }
        Gain::PassedToPool => {
            Some("a role that trusts `cognito-identity.amazonaws.com`".to_owned())
        }
        _ => None,
    };
    let needs = (!method.needs.is_empty()).then(|| method.needs.to_owned());
    let may = (!method.target_may.is_empty())
        .then(|| format!("a role that is allowed `{}`", method.target_may));
    let all: Vec<String> = trusts.into_iter().chain(needs).chain(may).collect();
    if all.is_empty() { "–".to_owned() } else { all.join("; ") }
}

fn ask(ask: &Ask) -> String {
    let acts: Vec<String> =
        ask.acts().iter().map(|act| format!("`{}` on {}", act.action, on(act.on))).collect();
    acts.join(" / ")
}

fn on(on: On) -> String {
    match on {
        On::Star => "`*`".to_owned(),
        On::Any(shape) => format!("`{}`", arn(shape)),
        On::Existing(_, shape) => format!("`{}`, an existing one", arn(shape)),
        On::ActorUser | On::ActorRole => "itself".to_owned(),
        On::ActorPolicy => "a policy of its own".to_owned(),
        On::ActorGroup => "a group of its own".to_owned(),
        On::AdminGroup => "a group of administrators".to_owned(),
        On::Target => "the target".to_owned(),
        On::TargetPolicy => "a policy of the target".to_owned(),
        On::TargetProvider => "the provider the target trusts".to_owned(),
        On::Workload => "what runs".to_owned(),
    }
}

/// The service and the tail of the ARN: partition, region and account add nothing here.
fn arn(shape: Shape) -> String {
    let Shape { service, place, resource } = shape;
    match place {
        Place::Regional | Place::Global => format!("{service}:…:{resource}"),
        Place::Bare => format!("{service}:::{resource}"),
    }
}
