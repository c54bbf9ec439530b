//! Whether statements together allow every action on every resource.
//!
//! Only statements without conditions count, and only those over all resources; then the question is whether their
//! actions cover all actions. Two statements can do so together: `NotAction iam:*` beside `Action iam:*`.

use crate::analyze::kleene::Doubt;
use crate::model::policy::{self, PolicyDocument, Statement, pattern};
use crate::model::{Attr, Cause};

/// What the statements of an identity may do, as far as it matters for the question.
#[derive(Debug, Default)]
pub struct Grants {
    allows: Vec<Actions>,
    /// What the statements with something unknown allow at most.
    perhaps: Vec<Actions>,
    /// Whether everything is refused: nothing allowed counts then.
    refused: bool,
    perhaps_refused: bool,
    doubt: Doubt,
}

/// The actions of a statement over all resources.
#[derive(Debug, Clone)]
enum Actions {
    Only(Vec<String>),
    AllBut(Vec<String>),
}

impl Actions {
    fn everything() -> Self {
        Self::AllBut(Vec::new())
    }
}

impl Grants {
    /// Adds what a document says.
    pub fn add(&mut self, document: &Attr<PolicyDocument>) {
        let statements = match document.get().and_then(|document| document.statements.get()) {
            Ok(statements) => statements,
            Err(cause) => return self.add_unknown(cause),
        };
        for statement in statements {
            match statement {
                Attr::Known(statement) => self.add_statement(statement),
                Attr::Unknown(cause) => self.add_unknown(cause),
            }
        }
    }

    /// Adds a policy that nobody could read: it may allow or refuse anything.
    pub fn add_unknown(&mut self, cause: &Cause) {
        self.doubt.add(cause);
        self.perhaps.push(Actions::everything());
        self.perhaps_refused = true;
    }

    /// Adds a statement that allows everything.
    pub fn add_everything(&mut self) {
        self.allows.push(Actions::everything());
    }

    fn add_statement(&mut self, statement: &Statement) {
        let mut doubt = doubts(statement);
        let effect = statement.effect.known().map(String::as_str);
        // Reads the statement as wide as it may be: what is unknown restricts nothing.
        let restricted = statement.conditions.known().is_some_and(|list| !list.is_empty());
        if restricted || !over_everything(statement, &mut doubt) {
            return;
        }
        let Some(actions) = actions_of(statement) else {
            if let Some(cause) = doubt.cause() {
                self.add_unknown_effect(effect, Actions::everything(), cause);
            }
            return;
        };
        if let Some(cause) = doubt.cause() {
            return self.add_unknown_effect(effect, actions, cause);
        }
        if effect == Some("Allow") {
            self.allows.push(actions);
        } else if covers_everything(&[actions]) {
            self.refused = true;
        }
    }

    fn add_unknown_effect(&mut self, effect: Option<&str>, actions: Actions, cause: &Cause) {
        self.doubt.add(cause);
        if effect != Some("Allow") && covers_everything(std::slice::from_ref(&actions)) {
            self.perhaps_refused = true;
        }
        if effect != Some("Deny") {
            self.perhaps.push(actions);
        }
    }

    /// Whether everything is allowed.
    pub fn everything(self) -> Attr<bool> {
        if self.refused {
            return Attr::Known(false);
        }
        if covers_everything(&self.allows) {
            return if self.perhaps_refused {
                self.doubt.or_known(true)
            } else {
                Attr::Known(true)
            };
        }
        let most: Vec<_> = self.allows.into_iter().chain(self.perhaps).collect();
        if covers_everything(&most) { self.doubt.or_known(false) } else { Attr::Known(false) }
    }
}

/// What is unknown about a statement.
fn doubts(statement: &Statement) -> Doubt {
    let mut doubt = Doubt::default();
    // Policies from elsewhere may say what AWS does not store.
    if (has(&statement.actions), has(&statement.not_actions)) == (Some(true), Some(true)) {
        doubt.add(&policy::both_of("Action"));
    }
    match (has(&statement.resources), has(&statement.not_resources)) {
        (Some(true), Some(true)) => doubt.add(&policy::both_of("Resource")),
        (Some(false), Some(false)) => doubt.add(&policy::without_resource()),
        _ => {}
    }
    doubt.extend(statement.effect.get().err());
    doubt.extend(statement.actions.get().err());
    doubt.extend(statement.not_actions.get().err());
    doubt.extend(statement.resources.get().err());
    doubt.extend(statement.not_resources.get().err());
    doubt.extend(statement.conditions.get().err());
    match statement.not_understood.get() {
        Ok(elements) => {
            if let Some(element) = elements.first() {
                doubt.add(&Cause::new(
                    crate::model::CauseKind::NotUnderstood,
                    format!("`{element}` of a policy statement"),
                ));
            }
        }
        Err(cause) => doubt.add(cause),
    }
    doubt
}

/// Whether an element is there, if that is known.
fn has(list: &Attr<Vec<String>>) -> Option<bool> {
    list.known().map(|list| !list.is_empty())
}

/// Whether a statement speaks of every resource; where that is not known it may.
fn over_everything(statement: &Statement, doubt: &mut Doubt) -> bool {
    // An ARN that matches one of each kind in each place stands for all of them.
    const SAMPLE: &str = "arn:aws:?*:*:*:?*";
    match (has(&statement.resources), has(&statement.not_resources)) {
        (Some(true), Some(true)) | (Some(false), Some(false)) => return true,
        (_, Some(true)) => return false,
        _ => {}
    }
    match statement.resources.known() {
        Some(resources) => resources.iter().any(|resource| {
            pattern::contains(resource, SAMPLE).unwrap_or_else(|| {
                doubt.add(&too_hard(resource));
                true
            })
        }),
        None => true,
    }
}

fn too_hard(text: &str) -> Cause {
    let text: String = text.chars().take(80).collect();
    Cause::new(crate::model::CauseKind::NotUnderstood, format!("pattern `{text}` is too intricate"))
}

fn actions_of(statement: &Statement) -> Option<Actions> {
    let (only, but) = (statement.actions.known()?, statement.not_actions.known()?);
    if !only.is_empty() && !but.is_empty() {
        return None;
    }
    Some(if but.is_empty() { Actions::Only(lower(only)) } else { Actions::AllBut(lower(but)) })
}

/// Actions are compared without regard to case.
fn lower(list: &[String]) -> Vec<String> {
    list.iter().map(|text| text.to_ascii_lowercase()).collect()
}

/// Whether lists of actions together cover every action there can be.
fn covers_everything(list: &[Actions]) -> bool {
    /// Every action has a service and a name.
    const EVERY: &str = "?*:?*";
    let named: Vec<&str> = list
        .iter()
        .filter_map(|actions| match actions {
            Actions::Only(only) => Some(only),
            Actions::AllBut(_) => None,
        })
        .flatten()
        .map(String::as_str)
        .collect();
    let is_named =
        |what: &str| named.iter().any(|have| pattern::contains(have, what) == Some(true));
    if is_named(EVERY) || ('a'..='z').all(|first| is_named(&format!("{first}*:?*"))) {
        return true;
    }
    let exceptions: Vec<&Vec<String>> = list
        .iter()
        .filter_map(|actions| match actions {
            Actions::Only(_) => None,
            Actions::AllBut(but) => Some(but),
        })
        .collect();
    // Nothing is left out if, of what one statement leaves out, each part is named or not left out by another.
    exceptions.iter().enumerate().any(|(at, but)| {
        but.iter().all(|left_out| {
            is_named(left_out)
                || exceptions.iter().enumerate().any(|(other, list)| {
                    other != at && list.iter().all(|pattern| !pattern::overlaps(pattern, left_out))
                })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(statements: &str) -> Option<bool> {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": {statements}}}"#);
        let mut grants = Grants::default();
        grants.add(&PolicyDocument::parse(&text));
        grants.everything().known().copied()
    }

    const ADMIN: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;

    #[test]
    fn spellings_of_everything() {
        for admin in [
            ADMIN,
            r#"{"Effect":"Allow","Action":["s3:Get*","*:*"],"Resource":["arn:aws:s3:::x","*"]}"#,
            r#"{"Effect":"Allow","Action":"**","Resource":"arn:*"}"#,
            r#"{"Effect":"Allow","NotAction":[],"Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","NotResource":[]}"#,
            r#"[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"IAM:*","Resource":"*"}]"#,
            r#"[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"},{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}]"#,
        ] {
            assert_eq!(judged(admin), Some(true), "{admin}");
        }
        let letters: Vec<_> = ('a'..='z').map(|c| format!("\"{c}*\"")).collect();
        let spread =
            format!(r#"{{"Effect":"Allow","Action":[{}],"Resource":"*"}}"#, letters.join(","));
        assert_eq!(judged(&spread), Some(true));
    }

    #[test]
    fn what_is_less_than_everything() {
        for less in [
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::*"}"#,
            r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:*:*:111122223333:*"}"#,
            r#"{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::x"}"#,
            r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#,
            r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#,
            "[]",
        ] {
            assert_eq!(judged(less), Some(false), "{less}");
        }
        let refused = format!(r#"[{ADMIN},{{"Effect":"Deny","Action":"*","Resource":"*"}}]"#);
        assert_eq!(judged(&refused), Some(false));
        let partly = format!(r#"[{ADMIN},{{"Effect":"Deny","Action":"s3:*","Resource":"*"}}]"#);
        assert_eq!(judged(&partly), Some(true));
    }

    #[test]
    fn what_is_not_understood_leaves_doubt_where_it_matters() {
        assert_eq!(judged(r#"{"Effect":"allow","Action":"*","Resource":"*"}"#), None);
        assert_eq!(judged(r#"{"Effect":"allow","Action":"s3:*","Resource":"*"}"#), Some(false));
        assert_eq!(judged(r#"{"Effect":"Allow","Action":"*","Resource":"*","Magic":1}"#), None);
        // AWS stores none of these.
        for odd in [
            r#"{"Effect":"Allow","Action":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","Resource":"*","NotResource":"arn:aws:s3:::x"}"#,
            r#"{"Effect":"Allow","Action":"*","NotAction":"s3:*","Resource":"*"}"#,
        ] {
            assert_eq!(judged(odd), None, "{odd}");
        }
        assert_eq!(judged(r#"{"Effect":"Allow","Action":"s3:*"}"#), Some(false));
        let mut grants = Grants::default();
        grants.add(&PolicyDocument::parse("{}"));
        assert_eq!(grants.everything().known(), None, "no statements");
        assert_eq!(
            judged(&format!(r#"[{ADMIN},{{"Effect":"deny","Action":"*","Resource":"*"}}]"#)),
            None
        );
        assert_eq!(
            judged(&format!(r#"[{ADMIN},{{"Effect":"Allow","Action":{{}},"Resource":"*"}}]"#)),
            Some(true)
        );
        let mut grants = Grants::default();
        grants.add_unknown(&Cause::NOT_COLLECTED);
        assert_eq!(grants.everything().known(), None);
    }
}
