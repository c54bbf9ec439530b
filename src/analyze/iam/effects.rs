//! What the analysis of privileges found, by principal, in the form that facts have.

use std::collections::HashMap;

use jiff::Timestamp;

use super::declared::{self, Declared};
use super::escalation::{Asked, Becomes, Cut, Escalations, Found, Quality, Step};
use super::estate::{Estate, Principal};
use super::trust::known::Known;
use super::trust::mistakes::Trusts;
use super::truth::Truth;
use crate::analyze::Given;
use crate::analyze::context::Context;
use crate::model::privileges::{DutyConflict, Escalation, HeldCapability, TrustMistake};
use crate::model::{Attr, Cause, CauseKind, Data, Meta};

/// What was found on principals.
#[derive(Debug, Default)]
pub struct Privileges {
    by_arn: HashMap<Box<str>, Facts>,
}

/// The facts of one principal.
#[derive(Debug, Clone)]
struct Facts {
    effective_admin: Attr<bool>,
    becomes_admin: Attr<bool>,
    admin_path: Attr<Vec<String>>,
    escalations: Attr<Vec<Escalation>>,
    capabilities: Attr<Option<Vec<HeldCapability>>>,
    duty_conflicts: Attr<Option<Vec<DutyConflict>>>,
    trust_mistakes: Attr<Vec<TrustMistake>>,
}

impl Privileges {
    /// Analyses an estate.
    pub fn of(estate: &Estate, declared: &Declared, known: &Known, now: Timestamp) -> Self {
        let escalations = Escalations::of(estate, now);
        let mut broken = declared::facts::broken(estate, &escalations, declared, now);
        let trusts = Trusts::of(estate, known, now);
        let mut privileges = Self::default();
        for (id, principal) in estate.all() {
            if let Some(found) = escalations.get(id) {
                let mut facts = facts(estate, principal, found);
                if let Some(broken) = broken.remove(&id) {
                    facts.capabilities = Attr::Known(broken.capabilities);
                    facts.duty_conflicts = Attr::Known(broken.duty_conflicts);
                }
                let mistakes = trusts.mistakes(principal);
                facts.trust_mistakes =
                    mistakes.map(|list| list.into_iter().map(Into::into).collect());
                privileges.by_arn.insert(principal.arn.clone(), facts);
            }
        }
        privileges
    }

    /// Analyses who may enter only; what principals can become is not found out.
    pub fn of_trusts(estate: &Estate, known: &Known, now: Timestamp) -> Self {
        let trusts = Trusts::of(estate, known, now);
        let mut privileges = Self::default();
        for (_, principal) in estate.all() {
            let mistakes = trusts.mistakes(principal);
            let trust_mistakes = mistakes.map(|list| list.into_iter().map(Into::into).collect());
            let facts = Facts { trust_mistakes, ..Facts::not_analysed() };
            privileges.by_arn.insert(principal.arn.clone(), facts);
        }
        privileges
    }
}

impl Facts {
    fn not_analysed() -> Self {
        Self {
            effective_admin: Attr::Unknown(not_analysed()),
            becomes_admin: Attr::Unknown(not_analysed()),
            admin_path: Attr::Unknown(not_analysed()),
            escalations: Attr::Unknown(not_analysed()),
            capabilities: Attr::Unknown(not_analysed()),
            duty_conflicts: Attr::Unknown(not_analysed()),
            trust_mistakes: Attr::Unknown(not_analysed()),
        }
    }
}

/// The fact that tells who may enter a role by mistake.
const TRUST: &str = "trust_mistakes";

/// Whether a fact rests on the analysis of privileges, by the name of its type or part and its own.
pub fn rests_on_privileges(of: &str, field: &str) -> bool {
    field == TRUST || rests_on_escalations(of, field)
}

/// Whether a fact rests on what privileges lead to.
pub fn rests_on_escalations(_of: &str, field: &str) -> bool {
    const FIELDS: [&str; 6] = [
        "effective_admin",
        "becomes_admin",
        "admin_path",
        "escalations",
        "capabilities",
        "duty_conflicts",
    ];
    FIELDS.contains(&field)
}

/// Derives the facts that rest on the analysis of privileges.
pub(crate) fn derive(meta: &Meta, data: &mut Data, context: &Context<'_>, given: Given) {
    let arn = meta.arn.as_deref().unwrap_or(&meta.id);
    let facts = context.privileges().and_then(|p| p.by_arn.get(arn));
    macro_rules! set {
        ($it:expr, $($fact:ident),*) => {{
            $(given.or(&mut $it.$fact, || match facts {
                Some(facts) => facts.$fact.clone(),
                None => Attr::Unknown(not_analysed()),
            });)*
        }};
    }
    match data {
        Data::IamUser(it) => {
            set!(it, effective_admin, becomes_admin, admin_path, escalations);
            set!(it, capabilities, duty_conflicts);
        }
        Data::IamRole(it) => {
            set!(it, effective_admin, becomes_admin, admin_path, escalations);
            set!(it, capabilities, duty_conflicts, trust_mistakes);
        }
        _ => {}
    }
}

fn not_analysed() -> Cause {
    Cause::new(CauseKind::NotCollected, "privileges were not analysed")
}

fn facts(estate: &Estate, principal: &Principal, found: &Found) -> Facts {
    let admin = found.admin.unwrap_or(Truth::No);
    let unread = unread(estate, principal);
    let open = |what: &str| {
        let detail =
            format!("whether {} {what} hangs on conditions or on what was not read", principal.arn);
        unread.clone().unwrap_or_else(|| Cause::new(CauseKind::NotCollected, detail))
    };
    let effective_admin = match admin {
        Truth::Yes => Attr::Known(true),
        Truth::No => Attr::Known(false),
        Truth::Maybe => Attr::Unknown(open("is an administrator")),
    };
    let becomes_admin = match (admin, found.quality) {
        (Truth::Yes, _) => Attr::Known(false),
        (Truth::Maybe, _) => Attr::Unknown(open("is an administrator, or can become one,")),
        (_, Some(Quality::Certain)) => Attr::Known(true),
        (_, Some(_)) => Attr::Unknown(open("can become an administrator")),
        (Truth::No, None) => match unseen(estate) {
            Some(cause) => Attr::Unknown(cause),
            None => Attr::Known(false),
        },
    };
    Facts {
        effective_admin,
        becomes_admin,
        admin_path: Attr::Known(found.path.iter().map(|step| sentence(estate, step)).collect()),
        escalations: Attr::Known(escalations(estate, found)),
        capabilities: Attr::Known(None),
        duty_conflicts: Attr::Known(None),
        trust_mistakes: Attr::Known(Vec::new()),
    }
}

/// Why the policies of a principal are not all known.
fn unread(estate: &Estate, principal: &Principal) -> Option<Cause> {
    let documents = principal.policies.iter().map(|p| p.document).chain(principal.boundary);
    documents.filter_map(|id| estate.document(id)?.doubt.clone()).min()
}

/// Why there may be principals that nobody saw.
fn unseen(estate: &Estate) -> Option<Cause> {
    ["aws.iam.role", "aws.iam.user", "aws.iam.group", "aws.iam.policy"]
        .iter()
        .filter_map(|kind| estate.gaps.get(kind))
        .min()
        .cloned()
}

/// A step in words.
pub fn sentence(estate: &Estate, step: &Step) -> String {
    let actor = estate.principal(step.actor).map_or("", |p| &*p.arn);
    let to = match becomes(estate, step).as_str() {
        "admin" => "and is an administrator".to_owned(),
        "stronger" => "and may do more".to_owned(),
        "elsewhere" => "and gets rights outside of the inventory".to_owned(),
        arn => format!("and acts as {arn}"),
    };
    let via = step.via.as_deref().map_or_else(String::new, |via| format!(" ({via})"));
    format!("{actor} {}{via}, {to} [{}]", step.method.title, step.method.id)
}

fn escalations(estate: &Estate, found: &Found) -> Vec<Escalation> {
    let told = |cut: &&Cut| found.uses.iter().any(|step| step.method.id == cut.method.id);
    let steps = found.uses.iter().map(|step| escalation(estate, step));
    steps.chain(found.cut.iter().filter(|cut| !told(cut)).map(perhaps)).collect()
}

/// A method of which not every target was tried: nobody can say whether it leads anywhere.
fn perhaps(cut: &Cut) -> Escalation {
    let cause = Cause::new(
        CauseKind::NotUnderstood,
        format!("`{}` was tried on {} of {} principals", cut.method.id, cut.tried, cut.of),
    );
    Escalation {
        method: cut.method.id.to_owned().into(),
        title: cut.method.title.to_owned().into(),
        becomes: Attr::Unknown(cause.clone()),
        quality: Attr::Unknown(cause.clone()),
        holds: Attr::Unknown(cause.clone()),
        via: Attr::Unknown(cause.clone()),
        uses: Attr::Unknown(cause),
    }
}

fn escalation(estate: &Estate, step: &Step) -> Escalation {
    let one = |asked: &Asked| format!("{} on {}", asked.action, asked.resource);
    Escalation {
        method: step.method.id.to_owned().into(),
        title: step.method.title.to_owned().into(),
        becomes: becomes(estate, step).into(),
        quality: step.quality.word().to_owned().into(),
        holds: match step.quality {
            Quality::Certain => Attr::Known(true),
            Quality::Conditional => Attr::unknown(
                CauseKind::NotCollected,
                format!(
                    "conditions, or what was not read, decide whether `{}` works",
                    step.method.id
                ),
            ),
            Quality::Possible => Attr::unknown(
                CauseKind::NotCollected,
                format!("`{}` needs what the inventory does not show", step.method.id),
            ),
        },
        via: Attr::Known(step.via.as_deref().map(str::to_owned)),
        uses: Attr::Known(step.asks.iter().map(one).collect()),
    }
}

/// What a step leads to, as facts name it.
pub fn becomes(estate: &Estate, step: &Step) -> String {
    match step.becomes {
        Becomes::Admin => "admin".to_owned(),
        Becomes::Stronger => "stronger".to_owned(),
        Becomes::Elsewhere => "elsewhere".to_owned(),
        Becomes::Principal(id) => {
            estate.principal(id).map_or_else(|| "elsewhere".to_owned(), |p| p.arn.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::analyze::facts::tests::meta;
    use crate::analyze::iam::estate::Builder;
    use crate::model::kinds::kind_named;
    use crate::model::policy::PolicyDocument;
    use crate::model::{Coverage, Resource};

    fn arn(name: &str) -> String {
        format!("arn:aws:iam::111122223333:role/{name}")
    }

    /// A role that its account may assume.
    fn role(name: &str, statements: &Value) -> Resource {
        let document = |statements: &Value| {
            PolicyDocument::from_json(&json!({"Version": "2012-10-17", "Statement": statements}))
        };
        let trust = json!([{
            "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
        }]);
        let data = json!({
            "path": "/", "attached_policy_arns": [], "permissions_boundary_arn": null,
            "inline_policies": [{"policy_name": "p", "document": document(statements)}],
            "assume_role_policy_document": document(&trust),
        });
        let mut meta = meta(&arn(name));
        meta.arn = Some(arn(name));
        meta.name = Some(name.to_owned());
        Resource { meta, data: (kind_named("aws.iam.role").unwrap().from_json)(data).unwrap() }
    }

    /// What is told of an actor that may assume some of 300 roles. All hold what it has, and the odd one, which seems the
    /// weakest, something besides.
    fn told(assumes: &str) -> Vec<Escalation> {
        let read =
            json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"});
        let own =
            json!([read, {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": assumes}]);
        let mut builder = Builder::new();
        builder.add(&role("actor", &own));
        let sends = json!([{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]);
        builder.add(&role("odd", &sends));
        for at in 0..300 {
            builder.add(&role(&format!("even-{at}"), &json!([read])));
        }
        let estate = builder.finish(&Coverage::default());
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let privileges = Privileges::of(&estate, &Declared::default(), &Known::default(), now);
        let found = privileges.by_arn[&*arn("actor")].escalations.known().unwrap().clone();
        found.into_iter().filter(|e| e.method.known().is_some_and(|id| id == "sts-001")).collect()
    }

    #[test]
    fn a_search_that_is_cut_says_so() {
        let all = told("*");
        let [open] = all.as_slice() else { panic!("{all:?}") };
        let cause = open.holds.get().unwrap_err().to_string();
        assert!(cause.contains("`sts-001` was tried on 256 of 301 principals"), "{cause}");
        assert!(open.becomes.known().is_none() && open.quality.known().is_none());
    }

    #[test]
    fn whom_no_policy_speaks_of_is_not_tried() {
        for pattern in ["arn:aws:iam::*:role/o*", &arn("odd")] {
            let all = told(pattern);
            let [found] = all.as_slice() else { panic!("{pattern}: {all:?}") };
            assert_eq!(found.becomes.known(), Some(&arn("odd")));
            assert_eq!(found.holds.known(), Some(&true));
        }
        assert!(told("arn:aws:iam::111122223333:role/even-1*").is_empty());
    }
}
