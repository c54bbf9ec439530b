//! A look at the text before the parser sees it: limits, brackets and strings are checked here, with better words than
//! a generated parser has, and the places of all tokens are kept for spans.

use std::ops::Range;

use super::source::Source;
use crate::diag::{Diagnostic, Diagnostics};

/// The longest expression. The longest shipped with the tool has a tenth of it.
pub(super) const BYTES_MAX: usize = 8192;
/// How deep brackets, conditions and operators may nest.
pub(super) const DEPTH_MAX: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    Text,
    Open,
    Close,
    Sign,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    /// The token that closes what this one opens.
    pub partner: usize,
}

/// The tokens of an expression.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    pub text: &'a str,
    pub list: Vec<Token>,
    /// The deepest nesting of brackets and conditions.
    pub depth: usize,
}

impl Tokens<'_> {
    /// The index of the token that starts at, or covers, a byte.
    pub(super) fn at(&self, offset: usize) -> Option<usize> {
        let after = self.list.partition_point(|token| token.start <= offset);
        after.checked_sub(1)
    }

    pub(super) fn range(&self, index: usize) -> Range<usize> {
        self.list.get(index).map_or(self.text.len()..self.text.len(), |t| t.start..t.end)
    }

    pub(super) fn text_of(&self, index: usize) -> &str {
        self.text.get(self.range(index)).unwrap_or_default()
    }
}

const PAIRS: [(&str, &str); 3] = [("(", ")"), ("[", "]"), ("{", "}")];

/// Reads the tokens; nothing when the text cannot be an expression, with the reasons told.
pub(super) fn tokens<'a>(source: &Source<'a>, diagnostics: &mut Diagnostics) -> Option<Tokens<'a>> {
    let text = source.text;
    if text.len() > BYTES_MAX {
        let message = format!("the expression has {} bytes, more than {BYTES_MAX}", text.len());
        diagnostics.push(source.error("expr/too-long", 0..0, message).help("split the check"));
        return None;
    }
    let mut out = Tokens { text, list: Vec::new(), depth: 0 };
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or_default();
        if first.is_ascii_whitespace() {
            at += 1;
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else {
            match token(rest) {
                Ok((kind, length)) => {
                    out.list.push(Token { kind, start: at, end: at + length, partner: usize::MAX });
                    at += length;
                }
                Err((length, message, help)) => {
                    let error = source.error("expr/syntax", at..at + length, message);
                    diagnostics.push(Diagnostic { help: help.map(str::to_owned), ..error });
                    return None;
                }
            }
        }
    }
    if out.list.is_empty() {
        diagnostics.push(source.error("expr/syntax", 0..0, "the expression is empty"));
        return None;
    }
    match pair(&mut out) {
        Ok(()) if out.depth > DEPTH_MAX => {
            let message = format!("the expression nests deeper than {DEPTH_MAX}");
            diagnostics.push(source.error("expr/too-deep", 0..text.len(), message));
            None
        }
        Ok(()) => Some(out),
        Err((range, message)) => {
            diagnostics.push(source.error("expr/syntax", range, message));
            None
        }
    }
}

/// The signs of two characters.
const SIGNS: [&str; 6] = ["==", "!=", "<=", ">=", "&&", "||"];

type Refusal = (usize, String, Option<&'static str>);

/// The kind and length of the token a text starts with.
fn token(rest: &str) -> Result<(Kind, usize), Refusal> {
    let run = |wanted: fn(char) -> bool| rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    let first = rest.chars().next().unwrap_or_default();
    if let Some(found) = text_literal(rest) {
        return found.map(|length| (Kind::Text, length));
    }
    if first == '`' {
        let end = rest.get(1..).and_then(|r| r.find('`'));
        return end.map(|end| (Kind::Word, end + 2)).ok_or((
            1,
            "this name is not closed".to_owned(),
            None,
        ));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        return Ok((Kind::Word, run(|c| c.is_ascii_alphanumeric() || c == '_')));
    }
    let second = rest.chars().nth(1).unwrap_or_default();
    if first.is_ascii_digit() || (first == '.' && second.is_ascii_digit()) {
        return Ok((Kind::Number, number(rest)));
    }
    if SIGNS.iter().any(|sign| rest.starts_with(sign)) {
        return Ok((Kind::Sign, 2));
    }
    match first {
        '(' | '[' | '{' => Ok((Kind::Open, 1)),
        ')' | ']' | '}' => Ok((Kind::Close, 1)),
        '.' | ',' | '?' | ':' | '!' | '<' | '>' | '+' | '-' | '*' | '/' | '%' => {
            Ok((Kind::Sign, 1))
        }
        '=' => Err((1, "`=` is no operator".to_owned(), Some("compare with `==`"))),
        '&' => Err((1, "`&` is no operator".to_owned(), Some("write `&&` for and"))),
        '|' => Err((1, "`|` is no operator".to_owned(), Some("write `||` for or"))),
        other => {
            let message = format!("`{}` is no part of an expression", other.escape_debug());
            Err((other.len_utf8(), message, Some("text stands in quotes")))
        }
    }
}

fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    if rest.starts_with("0x") {
        return rest
            .get(2..)
            .map_or(2, |r| 2 + r.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(r.len()));
    }
    let mut end = 0;
    while let Some(&byte) = bytes.get(end) {
        let before = end.checked_sub(1).and_then(|i| bytes.get(i));
        let after = bytes.get(end + 1);
        let part = byte.is_ascii_alphanumeric()
            || (byte == b'.' && after.is_some_and(u8::is_ascii_digit))
            || ((byte == b'+' || byte == b'-') && matches!(before, Some(b'e' | b'E')));
        if !part {
            break;
        }
        end += 1;
    }
    end.max(1)
}

/// The length of the text literal that a text starts with, if it starts with one.
fn text_literal(rest: &str) -> Option<Result<usize, Refusal>> {
    let prefix = rest.find(['"', '\'']).filter(|&n| n <= 2)?;
    let letters = rest.get(..prefix)?;
    if !letters.chars().all(|c| matches!(c, 'r' | 'R' | 'b' | 'B')) {
        return None;
    }
    let raw = letters.contains(['r', 'R']);
    let body = rest.get(prefix..)?;
    let quote = if body.starts_with('"') { "\"" } else { "'" };
    let triple = quote.repeat(3);
    let close = if body.starts_with(&triple) { triple.as_str() } else { quote };
    let mut at = close.len();
    while let Some(left) = body.get(at..).filter(|left| !left.is_empty()) {
        if left.starts_with(close) {
            return Some(Ok(prefix + at + close.len()));
        }
        let first = left.chars().next().unwrap_or_default();
        if first == '\n' && close.len() == 1 {
            break;
        }
        at += if first == '\\' && !raw {
            1 + left.chars().nth(1).map_or(0, char::len_utf8)
        } else {
            first.len_utf8()
        };
    }
    let help = Some("a text ends with the quote it begins with, on the same line");
    Some(Err((prefix + at.min(body.len()), "this text is not closed".to_owned(), help)))
}

/// Finds the partner of each bracket and the depth of nesting.
fn pair(tokens: &mut Tokens<'_>) -> Result<(), (Range<usize>, String)> {
    let mut open: Vec<usize> = Vec::new();
    // Conditions nest to the right until a bracket or comma ends them.
    let mut conditions: Vec<usize> = vec![0];
    for index in 0..tokens.list.len() {
        let word = tokens.text_of(index).to_owned();
        match tokens.list.get(index).map(|t| t.kind) {
            Some(Kind::Open) => {
                open.push(index);
                conditions.push(0);
            }
            Some(Kind::Close) => {
                conditions.pop();
                let Some(begin) = open.pop() else {
                    return Err((tokens.range(index), format!("`{word}` closes nothing")));
                };
                let opening = tokens.text_of(begin).to_owned();
                if !PAIRS.contains(&(opening.as_str(), word.as_str())) {
                    let message = format!("`{word}` does not close `{opening}`");
                    return Err((tokens.range(index), message));
                }
                if let Some(token) = tokens.list.get_mut(begin) {
                    token.partner = index;
                }
            }
            Some(Kind::Sign) if word == "?" => {
                if let Some(count) = conditions.last_mut() {
                    *count += 1;
                }
            }
            Some(Kind::Sign) if word == "," => {
                if let Some(count) = conditions.last_mut() {
                    *count = 0;
                }
            }
            _ => {}
        }
        tokens.depth = tokens.depth.max(open.len() + conditions.iter().sum::<usize>());
    }
    match open.pop() {
        Some(begin) => {
            Err((tokens.range(begin), format!("`{}` is never closed", tokens.text_of(begin))))
        }
        None => Ok(()),
    }
}

/// The length of the expression that ends before `}}`, strings and maps within it considered.
pub(super) fn expression_end(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut braces = 0_usize;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if braces == 0 && rest.starts_with("}}") {
            return Some(at);
        }
        let first = rest.chars().next().unwrap_or_default();
        match first {
            '{' => braces += 1,
            '}' => braces = braces.saturating_sub(1),
            _ => {}
        }
        at += match text_literal(rest) {
            Some(Ok(length)) => length,
            _ => first.len_utf8(),
        };
    }
    None
}
