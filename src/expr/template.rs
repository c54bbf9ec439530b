//! Messages with expressions in them: `"{{ offender.ports }} open to {{ offender.source }}"`.

use std::fmt::Write as _;

use super::lex;
use super::program::{Program, Scope};
use super::source::Source;
use super::{Env, Want, compile};
use crate::diag::Diagnostics;

/// A text with expressions in it, checked and ready to render.
#[derive(Debug)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Value(Program),
}

impl Template {
    /// Compiles a template; tells what is wrong with it otherwise, all of it.
    pub fn compile(source: &Source<'_>, env: &Env, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut parts = Vec::new();
        let mut whole = true;
        let mut at = 0;
        while let Some(rest) = source.text.get(at..).filter(|rest| !rest.is_empty()) {
            let Some(open) = rest.find("{{") else {
                parts.push(Part::Text(rest.to_owned()));
                break;
            };
            let before = rest.get(..open).unwrap_or_default();
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let start = at + open + 2;
            let inside = source.text.get(start..).unwrap_or_default();
            let Some(length) = lex::expression_end(inside) else {
                let error = source.error("expr/template", start - 2..start, "`{{` is never closed");
                diagnostics.push(error.help("close it with `}}`"));
                return None;
            };
            let part = source.part(start..start + length);
            match compile(&part, env, Want::Text, diagnostics) {
                Some(program) => parts.push(Part::Value(program)),
                None => whole = false,
            }
            at = start + length + 2;
        }
        whole.then_some(Self { parts })
    }

    /// The programs of the expressions in it.
    pub fn programs(&self) -> impl Iterator<Item = &Program> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value(program) => Some(program),
            Part::Text(_) => None,
        })
    }

    /// The text. An unknown value reads `(unknown: why)`, an absent one `none`. Nothing is escaped.
    pub fn render(&self, scope: &Scope<'_>) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Value(program) => {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "{}", program.eval(scope));
                }
            }
        }
        out
    }
}
