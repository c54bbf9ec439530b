//! Whose accounts outside of the organization are.

use super::raw::{RawOwnAccount, RawPartner};
use crate::analyze::iam::trust::known::{Known, Partner};
use crate::diag::{Diagnostic, Diagnostics};
use crate::ident::AccountId;
use crate::span::SourceFile;
use crate::yaml::Spanned;

pub(super) fn lower(
    file: &SourceFile,
    own: Vec<RawOwnAccount>,
    partners: Vec<RawPartner>,
    diagnostics: &mut Diagnostics,
) -> Known {
    let mut lower = Lower { file, diagnostics, known: Known::default() };
    for one in own {
        let name = lower.name(&one.name);
        if let Some(account) = lower.account(&one.account) {
            lower.known.own.insert(account, name);
        }
    }
    for one in partners {
        let name = lower.name(&one.name);
        if one.accounts.is_empty() {
            lower.error("config/partner", format!("`{name}` has no account"), &one.name);
        }
        for account in &one.accounts {
            if let Some(account) = lower.account(account) {
                let partner = Partner { name: name.clone(), external_id: one.external_id };
                lower.known.partners.insert(account, partner);
            }
        }
    }
    lower.known
}

struct Lower<'f, 'd> {
    file: &'f SourceFile,
    diagnostics: &'d mut Diagnostics,
    known: Known,
}

impl Lower<'_, '_> {
    fn error(&mut self, code: &'static str, message: String, at: &Spanned<String>) {
        self.diagnostics.push(Diagnostic::error(code, message).at(self.file, at.range.clone()));
    }

    fn name(&mut self, name: &Spanned<String>) -> Box<str> {
        if name.trim().is_empty() {
            self.error("config/partner", "an account needs the name of its owner".to_owned(), name);
        }
        name.trim().into()
    }

    /// An account that is declared once.
    fn account(&mut self, text: &Spanned<String>) -> Option<Box<str>> {
        if let Err(error) = AccountId::new(&text.value) {
            self.error("config/account", error.to_string(), text);
            return None;
        }
        if let Some(before) = self.known.declared(text) {
            let message = format!("account {} is declared twice, first of `{before}`", text.value);
            self.error("config/account", message, text);
            return None;
        }
        Some(text.value.as_str().into())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn read(text: &str) -> Result<Known, Vec<String>> {
        let file = SourceFile::new("portcullis.yaml", format!("version: 1\n{text}"));
        let mut diagnostics = Diagnostics::default();
        match Config::read(&file, Path::new(""), &mut diagnostics) {
            Some(config) => Ok(config.accounts),
            None => Err(diagnostics.iter().map(|d| d.render(false)).collect()),
        }
    }

    #[test]
    fn accounts_are_read() {
        let known = read(
            "own_accounts: [{ name: old billing, account: \"111122223333\" }]\n\
             partners:\n  - { name: Metrics Ltd, accounts: [\"222233334444\", \"333344445555\"] }\n  \
             - { name: Auditor, accounts: [\"444455556666\"], external_id: false }\n",
        )
        .unwrap();
        assert_eq!(known.declared("111122223333"), Some("old billing"));
        assert_eq!(known.owner("111122223333"), None, "it is one's own");
        assert_eq!(known.owner("333344445555"), Some("Metrics Ltd"));
        assert!(
            known.needs_external_id("222233334444") && !known.needs_external_id("444455556666")
        );
        assert!(known.needs_external_id("999999999999"), "whoever is not declared must");
        assert_eq!(read("").unwrap(), Known::default());
    }

    #[test]
    fn slips_are_told_with_their_place() {
        let own = |rest: &str| format!("own_accounts: [{{ {rest} }}]\n");
        for (text, want) in [
            (own("name: a, account: \"1\""), "12 digits"),
            (own("name: \" \", account: \"111122223333\""), "name of its owner"),
            ("partners: [{ name: a, accounts: [] }]\n".to_owned(), "`a` has no account"),
            (
                own("name: a, account: \"111122223333\"")
                    + "partners: [{ name: b, accounts: [\"111122223333\"] }]\n",
                "declared twice, first of `a`",
            ),
            (
                "partners: [{ name: a, accounts: [\"111122223333\"], external-id: true }]\n"
                    .to_owned(),
                "external-id",
            ),
        ] {
            let said = read(&text).unwrap_err();
            assert!(said.iter().any(|one| one.contains(want)), "{text}: {said:?}");
            assert!(said.iter().all(|one| one.contains("portcullis.yaml")), "{text}: {said:?}");
        }
    }
}
