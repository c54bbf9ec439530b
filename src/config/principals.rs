//! The capabilities and duties that are declared about principals.

use jiff::civil::Date;

use super::raw::{RawCapability, RawDuty, RawException};
use crate::analyze::iam::catalogue;
use crate::analyze::iam::declared::{Acts, Capability, Declared, Duty, Exception, Who};
use crate::analyze::iam::document::ActionPattern;
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::span::SourceFile;
use crate::yaml::Spanned;

pub(super) fn lower(
    file: &SourceFile,
    capabilities: Vec<RawCapability>,
    duties: Vec<RawDuty>,
    diagnostics: &mut Diagnostics,
) -> Declared {
    let mut lower = Lower { file, diagnostics, names: Vec::new() };
    Declared {
        capabilities: capabilities.into_iter().map(|one| lower.capability(one)).collect(),
        duties: duties.into_iter().filter_map(|one| lower.duty(one)).collect(),
    }
}

struct Lower<'f, 'd> {
    file: &'f SourceFile,
    diagnostics: &'d mut Diagnostics,
    names: Vec<String>,
}

impl Lower<'_, '_> {
    fn error(&mut self, code: &'static str, message: String, at: &Spanned<String>) -> &mut Self {
        self.report(Diagnostic::error(code, message), at)
    }

    fn report(&mut self, diagnostic: Diagnostic, at: &Spanned<String>) -> &mut Self {
        self.diagnostics.push(diagnostic.at(self.file, at.range.clone()));
        self
    }

    fn capability(&mut self, raw: RawCapability) -> Capability {
        let id = self.id(raw.id);
        if raw.may.is_empty() {
            self.error("config/capability", format!("`{}` lets nobody do anything", *id), &id);
        }
        Capability {
            only: raw.only.into_iter().map(|one| self.who(&one)).collect(),
            may: Acts { actions: self.actions(raw.may), on: self.resources(raw.on) },
            except: raw.except.into_iter().map(|one| self.exception(one)).collect(),
            reason: raw.reason.unwrap_or_default(),
            id: id.value,
        }
    }

    fn duty(&mut self, raw: RawDuty) -> Option<Duty> {
        let id = self.id(raw.id);
        let on = self.resources(raw.on);
        let except = raw.except.into_iter().map(|one| self.exception(one)).collect();
        let count = raw.both.len();
        let mut both = raw.both.into_iter();
        let (Some(first), Some(second), None) = (both.next(), both.next(), both.next()) else {
            let message = format!("`{}` has {count} lists of actions and needs two", *id);
            let help = "write `both: [[codepipeline:PutApprovalResult], [codepipeline:Start*]]`";
            self.report(Diagnostic::error("config/duty", message).help(help), &id);
            return None;
        };
        if first.is_empty() || second.is_empty() {
            let message = format!("a duty of `{}` has no action", *id);
            self.error("config/duty", message, &id);
        }
        Some(Duty {
            first: Acts { actions: self.actions(first), on: on.clone() },
            second: Acts { actions: self.actions(second), on },
            except,
            reason: raw.reason.unwrap_or_default(),
            id: id.value,
        })
    }

    fn id(&mut self, id: Spanned<String>) -> Spanned<String> {
        if id.trim().is_empty() {
            self.error("config/id", "a capability or duty needs a name".to_owned(), &id);
        } else if self.names.contains(&id.value) {
            self.error("config/id", format!("`{}` is declared twice", *id), &id);
        }
        self.names.push(id.value.clone());
        id
    }

    fn who(&mut self, one: &Spanned<String>) -> Who {
        let text = one.value.as_str();
        let kind = text.split('/').next().unwrap_or_default();
        let wrong = if text.trim().is_empty() {
            Some("a pattern of principals is empty".to_owned())
        } else if text.contains(':') && !text.starts_with("arn:") && !text.starts_with('*') {
            Some(format!("`{text}` is no pattern of ARNs"))
        } else if !text.contains(':') && text.contains('/') && !names_a_kind(kind) {
            Some(format!("`{text}` begins with neither `role/` nor `user/`"))
        } else {
            None
        };
        if let Some(message) = wrong {
            let help = "write a name (`deploy-*`), `role/path/name`, `user/name` or an ARN";
            self.report(Diagnostic::error("config/principal", message).help(help), one);
        }
        Who(one.value.clone())
    }

    fn exception(&mut self, raw: RawException) -> Exception {
        let who = self.who(&raw.principal);
        if raw.reason.trim().is_empty() {
            self.error("config/exception", "an exception needs a reason".to_owned(), &raw.reason);
        }
        let until = raw.until.and_then(|until| match until.parse::<Date>() {
            Ok(date) if until.len() == 10 => Some(date),
            _ => {
                let message = format!("`{}` is no date such as 2026-12-31", *until);
                self.error("config/time", message, &until);
                None
            }
        });
        Exception { who, reason: raw.reason.value, until }
    }

    fn actions(&mut self, list: Vec<Spanned<String>>) -> Vec<String> {
        list.into_iter().map(|one| self.action(one)).collect()
    }

    /// A pattern that means no action would never find anybody, so what looks like a slip is refused.
    fn action(&mut self, one: Spanned<String>) -> String {
        let text = one.value.as_str();
        let pattern = ActionPattern::compile(text);
        let ActionPattern::Of(service, name) = &pattern else {
            if pattern == ActionPattern::Nothing {
                let message = format!("`{}` names no action", shown(text));
                let help = "write `iam:PassRole`, `iam:Put*`, `iam:*` or `*`";
                self.report(Diagnostic::error("config/action", message).help(help), &one);
            }
            return one.value;
        };
        let is_wild = |text: &str| text.contains(['*', '?']);
        let near = if !catalogue::matching(&pattern).is_empty() {
            None
        } else if !is_wild(service) && catalogue::actions_of(service).is_empty() {
            nearest(service, catalogue::services()).map(str::to_owned)
        } else if is_wild(name) {
            None
        } else {
            let names: Vec<String> =
                catalogue::actions_of(service).iter().map(catalogue::Known::text).collect();
            nearest(text, names.iter().map(String::as_str)).map(str::to_owned)
        };
        if let Some(near) = near {
            let message = format!("`{}` is no action that AWS documents", shown(text));
            let help = format!(
                "did you mean `{near}`? An action newer than this build is written with a `*` behind it"
            );
            self.report(Diagnostic::error("config/action", message).help(help), &one);
        }
        one.value
    }

    fn resources(&mut self, list: Vec<Spanned<String>>) -> Vec<String> {
        for one in &list {
            if *one.value != *"*" && one.value.splitn(6, ':').count() < 6 {
                let message = format!("`{}` is no pattern of ARNs", shown(one));
                let help = "write six parts, such as `arn:aws:s3:::backups/*`, or `*`";
                self.report(Diagnostic::error("config/resource", message).help(help), one);
            }
        }
        list.into_iter().map(|one| one.value).collect()
    }
}

fn names_a_kind(text: &str) -> bool {
    matches!(text, "role" | "user" | "*")
}

fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn read(text: &str) -> Result<Declared, Vec<String>> {
        let file = SourceFile::new("portcullis.yaml", format!("version: 1\n{text}"));
        let mut diagnostics = Diagnostics::default();
        match Config::read(&file, Path::new(""), &mut diagnostics) {
            Some(config) => Ok(config.principals),
            None => Err(diagnostics.iter().map(|d| d.render(false)).collect()),
        }
    }

    #[test]
    fn declarations_are_read() {
        let declared = read(
            "capabilities:\n  - { id: iam, only: [break-glass*, role/ci/deploy], may: [\"iam:*\"], on: [\"arn:aws:iam::*:role/*\"] }\n\
             duties:\n  - id: release\n    both: [[codepipeline:PutApprovalResult], [\"codepipeline:Start*\"]]\n    \
             except: [{ principal: \"user/anna\", reason: small team, until: 2026-12-31 }]\n",
        )
        .unwrap();
        assert_eq!(declared.capabilities[0].only.len(), 2);
        assert_eq!(declared.capabilities[0].may.on, ["arn:aws:iam::*:role/*"]);
        let duty = &declared.duties[0];
        assert_eq!(duty.second.actions, ["codepipeline:Start*"]);
        assert_eq!(duty.except[0].until, Some("2026-12-31".parse().unwrap()));
    }

    #[test]
    fn slips_are_told_with_their_place() {
        let capability = |rest: &str| format!("capabilities: [{{ id: c, only: [a], {rest} }}]\n");
        let duty = |rest: &str| format!("duties: [{{ id: d, {rest} }}]\n");
        let cases = [
            (capability("may: []"), "lets nobody do anything"),
            (capability("may: [iam]"), "names no action"),
            (capability("may: [\"iam:CreatUser\"]"), "did you mean `iam:CreateUser`?"),
            (capability("may: [\"iamm:*\"]"), "did you mean `iam`?"),
            (capability("may: [\"iam:*\"], on: [bucket]"), "no pattern of ARNs"),
            (capability("may: [\"iam:*\"], except: [{ principal: \"\", reason: x }]"), "is empty"),
            (capability("may: [\"iam:*\"], except: [{ principal: a, reason: \" \" }]"), "needs a reason"),
            (capability("may: [\"iam:*\"], except: [{ principal: a, reason: x, until: soon }]"), "no date"),
            ("capabilities: [{ id: c, only: [\"group/x\"], may: [\"iam:*\"] }]\n".to_owned(), "neither `role/` nor `user/`"),
            (duty("both: [[\"iam:*\"]]"), "has 1 lists of actions and needs two"),
            (duty("both: [[\"iam:*\"], []]"), "has no action"),
            ("capabilities: [{ id: c, only: [], may: [\"iam:*\"] }, { id: c, only: [], may: [\"iam:*\"] }]\n".to_owned(), "declared twice"),
        ];
        for (text, want) in cases {
            let said = read(&text).unwrap_err();
            assert!(said.iter().any(|one| one.contains(want)), "{text}: {said:?}");
            assert!(said.iter().all(|one| one.contains("portcullis.yaml")), "{text}: {said:?}");
        }
        assert!(read(&capability("may: [\"iam:BrandNewThing\"]")).is_ok());
    }
}
