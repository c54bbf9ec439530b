//! Patterns with `*`, `?` and policy variables.

use std::borrow::Cow;

use super::request::{Lookup, Request};
use super::truth::Truth;
pub use crate::model::policy::pattern::matches;
use crate::model::policy::pattern::{Symbol, matches_symbols};

/// A pattern that may hold policy variables such as `${aws:username}`.
#[derive(Debug, Clone)]
pub struct Glob {
    pieces: Vec<Piece>,
    /// The whole text, where it holds no variable.
    plain: Option<Box<str>>,
}

#[derive(Debug, Clone)]
enum Piece {
    /// Text with wildcards.
    Pattern(Box<str>),
    /// Text that stands for itself.
    Literal(Box<str>),
    /// A condition key in lower case, and the value where the request does not carry it.
    Variable(Box<str>, Option<Box<str>>),
}

impl Glob {
    /// Reads a pattern; `variables` says whether the policy's version knows variables.
    pub fn compile(text: &str, variables: bool) -> Self {
        if !variables || !text.contains("${") {
            return Self { pieces: Vec::new(), plain: Some(text.into()) };
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((inside, further)) = after.split_once('}') else { break };
            if !before.is_empty() {
                pieces.push(Piece::Pattern(before.into()));
            }
            pieces.push(match inside {
                "*" | "?" | "$" => Piece::Literal(inside.into()),
                _ => variable(inside),
            });
            rest = further;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Pattern(rest.into()));
        }
        Self { pieces, plain: None }
    }

    /// The text as written, where it holds no variable.
    pub fn plain(&self) -> Option<&str> {
        self.plain.as_deref()
    }

    /// Whether the whole of a text is matched. Nothing is matched where a variable has no value; where its value is not
    /// known, what no value could make match is certain.
    pub fn holds(&self, text: &str, request: &Request<'_>) -> Truth {
        if let Some(plain) = &self.plain {
            return matches(plain, text).into();
        }
        match self.symbols(request) {
            Replaced::Nothing => Truth::No,
            Replaced::Certain(symbols) => matches_symbols(symbols.iter().copied(), text).into(),
            Replaced::Open(widest) => {
                if matches_symbols(widest.iter().copied(), text) {
                    Truth::Maybe
                } else {
                    Truth::No
                }
            }
        }
    }

    /// Whether an ARN is matched part by part: wildcards do not cross the colons that part it, and patterns of fewer parts
    /// match what follows only if they end with a star.
    pub fn holds_by_parts(&self, arn: &str, request: &Request<'_>) -> Truth {
        if let Some(plain) = &self.plain {
            if &**plain == "*" {
                return Truth::Yes;
            }
            let own: Vec<&str> = plain.splitn(6, ':').collect();
            let filled = own.len() == 6 || own.last().is_some_and(|last| last.ends_with('*'));
            let mut parts = arn.splitn(6, ':');
            let all = own.iter().all(|own| parts.next().is_some_and(|part| matches(own, part)));
            return (filled && all).into();
        }
        match self.symbols(request) {
            Replaced::Certain(symbols) => {
                let own: Vec<&[Symbol]> =
                    symbols.splitn(6, |symbol| *symbol == Symbol::Is(':')).collect();
                let filled = own.len() == 6 || symbols.last() == Some(&Symbol::Any);
                let mut parts = arn.splitn(6, ':');
                let all = own.iter().all(|own| {
                    parts.next().is_some_and(|part| matches_symbols(own.iter().copied(), part))
                });
                (filled && all).into()
            }
            // A variable that is not known may hold colons.
            Replaced::Open(widest) if matches_symbols(widest.iter().copied(), arn) => Truth::Maybe,
            Replaced::Nothing | Replaced::Open(_) => Truth::No,
        }
    }

    /// The text with its variables replaced and wildcards standing for themselves, for operators that know none.
    pub fn literal(&self, request: &Request<'_>) -> Literal<'_> {
        if let Some(plain) = &self.plain {
            return Literal::Is(Cow::Borrowed(plain));
        }
        let mut out = String::new();
        let mut open = false;
        for piece in &self.pieces {
            match piece {
                Piece::Pattern(text) | Piece::Literal(text) => out.push_str(text),
                Piece::Variable(key, default) => match value_of(key, default.as_deref(), request) {
                    Value::Is(text) => out.push_str(&text),
                    Value::None => return Literal::Unresolved,
                    Value::Open => open = true,
                },
            }
        }
        if open { Literal::Unknown } else { Literal::Is(Cow::Owned(out)) }
    }

    fn symbols(&self, request: &Request<'_>) -> Replaced {
        let mut out = Vec::new();
        let mut open = false;
        for piece in &self.pieces {
            match piece {
                Piece::Pattern(text) => out.extend(text.chars().map(Symbol::of)),
                Piece::Literal(text) => out.extend(text.chars().map(Symbol::Is)),
                Piece::Variable(key, default) => match value_of(key, default.as_deref(), request) {
                    Value::Is(text) => out.extend(text.chars().map(Symbol::Is)),
                    Value::None => return Replaced::Nothing,
                    Value::Open => {
                        open = true;
                        out.push(Symbol::Any);
                    }
                },
            }
        }
        if open { Replaced::Open(out) } else { Replaced::Certain(out) }
    }
}

/// A text whose variables were replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal<'a> {
    /// The text.
    Is(Cow<'a, str>),
    /// A variable of it has no value.
    Unresolved,
    /// The value of a variable is not known.
    Unknown,
}

enum Replaced {
    Nothing,
    Certain(Vec<Symbol>),
    Open(Vec<Symbol>),
}

enum Value {
    Is(String),
    None,
    Open,
}

fn value_of(key: &str, default: Option<&str>, request: &Request<'_>) -> Value {
    match request.lookup(key) {
        // A key with several values cannot be a variable.
        Lookup::Is(values) => match <[_; 1]>::try_from(values) {
            Ok([one]) => Value::Is(one.into_owned()),
            Err(_) => Value::None,
        },
        Lookup::Several(_) => Value::None,
        Lookup::Absent => default.map_or(Value::None, |text| Value::Is(text.to_owned())),
        Lookup::IsOrAbsent(_) | Lookup::Unknown => Value::Open,
    }
}

/// `key` or `key, 'default'`.
fn variable(inside: &str) -> Piece {
    let (key, default) = match inside.split_once(", ") {
        Some((key, quoted)) => (
            key,
            quoted.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).map(Into::into),
        ),
        None => (inside, None),
    };
    Piece::Variable(key.trim().to_ascii_lowercase().into(), default)
}
