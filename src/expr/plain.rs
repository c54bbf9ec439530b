//! A parser for the plain part of the language, a hundred times as fast as the general one.
//!
//! Nearly all that checks are made of is plain: names, fields, calls, operators, numbers and texts without escapes.
//! What is not, and whatever looks wrong, is left to the general parser, which is the judge: a text that is read here
//! is read by it to the very same tree, places included. A test holds both against each other on every expression
//! shipped with the tool and on texts put together at random.

use std::ops::Range;

use super::ast::{Ast, Binary, Node};
use super::lex::{Kind, Tokens};

/// The tree of a plain text; nothing when it is not plain, or wrong.
pub(super) fn parse(tokens: &Tokens<'_>) -> Option<Ast> {
    // The general parser counts characters, and other white space than this may mean something to it.
    if !tokens.text.is_ascii() {
        return None;
    }
    let mut reader = Reader { tokens, at: 0 };
    let tree = reader.expression()?;
    (reader.at == tokens.list.len()).then_some(tree)
}

/// Words that are no names, or not everywhere.
const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

struct Reader<'t, 'a> {
    tokens: &'t Tokens<'a>,
    at: usize,
}

impl Reader<'_, '_> {
    /// The sign, bracket or word that comes next; empty at the end.
    fn next(&self) -> &str {
        self.tokens.text_of(self.at)
    }

    fn kind(&self) -> Option<Kind> {
        self.tokens.list.get(self.at).map(|token| token.kind)
    }

    fn place(&self, index: usize) -> Range<usize> {
        self.tokens.range(index)
    }

    /// Steps over a sign or bracket, when it is the one that comes next.
    fn take(&mut self, sign: &str) -> Option<usize> {
        if self.next() != sign || self.kind() == Some(Kind::Text) {
            return None;
        }
        self.at += 1;
        Some(self.at - 1)
    }

    /// Steps over a name.
    fn name(&mut self) -> Option<usize> {
        let word = self.next();
        let fits = self.kind() == Some(Kind::Word)
            && !word.starts_with('`')
            && RESERVED.binary_search(&word).is_err();
        fits.then(|| {
            self.at += 1;
            self.at - 1
        })
    }

    fn text(&self, index: usize) -> String {
        self.tokens.text_of(index).to_owned()
    }

    fn expression(&mut self) -> Option<Ast> {
        let condition = self.any_of()?;
        let Some(sign) = self.take("?") else { return Some(condition) };
        // As the grammar has it: a condition in the middle stands in brackets, one at the end need not.
        let yes = self.any_of()?;
        self.take(":")?;
        let no = self.expression()?;
        let span = condition.span.start..no.span.end;
        Some(Ast { node: Node::If(Box::new([condition, yes, no])), span, at: self.place(sign) })
    }

    fn any_of(&mut self) -> Option<Ast> {
        let parts = self.parts("||", Self::all_of)?;
        self.joined(parts, |tree| matches!(tree.node, Node::Or(_)), Node::Or)
    }

    fn all_of(&mut self) -> Option<Ast> {
        let parts = self.parts("&&", |reader| reader.binary(COMPARISON))?;
        self.joined(parts, |tree| matches!(tree.node, Node::And(_)), Node::And)
    }

    /// What stands between signs, and the signs.
    fn parts(
        &mut self,
        sign: &str,
        part: impl Fn(&mut Self) -> Option<Ast>,
    ) -> Option<(Vec<Ast>, Vec<usize>)> {
        let mut parts = vec![part(self)?];
        let mut signs = Vec::new();
        while let Some(index) = self.take(sign) {
            signs.push(index);
            parts.push(part(self)?);
        }
        Some((parts, signs))
    }

    /// One node of all parts; brackets around some of them make no difference.
    fn joined(
        &self,
        (mut parts, signs): (Vec<Ast>, Vec<usize>),
        is_same: impl Fn(&Ast) -> bool,
        node: impl Fn(Vec<Ast>) -> Node,
    ) -> Option<Ast> {
        // The general parser balances the tree, so that the sign in the middle comes to its root.
        let Some(&middle) = signs.get(signs.len() / 2) else { return parts.pop() };
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            if is_same(&part) {
                let (Node::And(inner) | Node::Or(inner)) = part.node else { return None };
                flat.extend(inner);
            } else {
                flat.push(part);
            }
        }
        let span = flat.first()?.span.start..flat.last()?.span.end;
        Some(Ast { node: node(flat), span, at: self.place(middle) })
    }

    /// Operators of a level and those that bind more tightly, from left to right.
    fn binary(&mut self, level: u8) -> Option<Ast> {
        let tighter = |reader: &mut Self| match level {
            PRODUCT => reader.unary(),
            _ => reader.binary(level + 1),
        };
        let mut left = tighter(self)?;
        while let Some(operator) = self.operator(level) {
            self.at += 1;
            let at = self.place(self.at - 1);
            let right = tighter(self)?;
            let span = left.span.start..right.span.end;
            left = Ast { node: Node::Binary(operator, Box::new([left, right])), span, at };
        }
        Some(left)
    }

    fn operator(&self, level: u8) -> Option<Binary> {
        let signs: &[Binary] = match level {
            COMPARISON => &[
                Binary::Equal,
                Binary::NotEqual,
                Binary::LessEqual,
                Binary::GreaterEqual,
                Binary::Less,
                Binary::Greater,
                Binary::In,
            ],
            SUM => &[Binary::Add, Binary::Subtract],
            _ => &[Binary::Multiply, Binary::Divide, Binary::Remainder],
        };
        matches!(self.kind(), Some(Kind::Sign | Kind::Word))
            .then(|| signs.iter().copied().find(|operator| operator.sign() == self.next()))
            .flatten()
    }

    fn unary(&mut self) -> Option<Ast> {
        let sign = self.at;
        if self.take("!").is_some() {
            // Signs in a row cancel out, with places of their own.
            if matches!(self.next(), "!" | "-") {
                return None;
            }
            let operand = Box::new(self.member()?);
            let (at, span) = self.signed(sign, &operand);
            return Some(Ast { node: Node::Not(operand), span, at });
        }
        if self.take("-").is_none() {
            return self.member();
        }
        match self.kind()? {
            Kind::Number => {
                let mut number = self.number(true)?;
                // The sign belongs to the literal; what the general parser makes of its fields is its own affair.
                if matches!(self.next(), "." | "[") {
                    return None;
                }
                number.span.start = self.place(sign).start;
                number.at = number.span.clone();
                Some(number)
            }
            Kind::Word | Kind::Open => {
                let operand = Box::new(self.member()?);
                let (at, span) = self.signed(sign, &operand);
                Some(Ast { node: Node::Negate(operand), span, at })
            }
            _ => None,
        }
    }

    fn signed(&self, sign: usize, operand: &Ast) -> (Range<usize>, Range<usize>) {
        let at = self.place(sign);
        let span = at.start..operand.span.end;
        (at, span)
    }

    /// A value with what is asked of it: fields, elements, calls.
    fn member(&mut self) -> Option<Ast> {
        let mut tree = self.primary()?;
        loop {
            let start = tree.span.start;
            if self.take(".").is_some() {
                let optional = self.take("?").is_some();
                let name = self.name()?;
                if !optional && self.next() == "(" {
                    tree = self.call(name, Some(Box::new(tree)))?;
                    continue;
                }
                let at = self.place(name);
                let (base, field) = (Box::new(tree), self.text(name));
                tree =
                    Ast { node: Node::Select { base, field, optional }, span: start..at.end, at };
            } else if let Some(open) = self.take("[") {
                let index = Box::new(self.expression()?);
                let close = self.take("]")?;
                let node = Node::Index { base: Box::new(tree), index, optional: false };
                tree = Ast { node, span: start..self.place(close).end, at: self.place(open) };
            } else {
                // A name before a brace is a message, which we do not have.
                return (self.next() != "{").then_some(tree);
            }
        }
    }

    fn primary(&mut self) -> Option<Ast> {
        match self.kind()? {
            Kind::Number => self.number(false),
            Kind::Text => self.literal_text(),
            Kind::Word => self.word(),
            Kind::Open => match self.next() {
                "(" => {
                    self.at += 1;
                    let inner = self.expression()?;
                    self.take(")")?;
                    Some(inner)
                }
                "[" => {
                    let open = self.at;
                    self.at += 1;
                    let (items, span) = self.list(open, "]", Self::expression)?;
                    Some(Ast { node: Node::List(items), span, at: self.place(open) })
                }
                _ => {
                    let open = self.at;
                    self.at += 1;
                    let entry = |reader: &mut Self| {
                        let key = reader.expression()?;
                        reader.take(":")?;
                        Some([key, reader.expression()?])
                    };
                    let (entries, span) = self.list(open, "}", entry)?;
                    Some(Ast { node: Node::Map(entries), span, at: self.place(open) })
                }
            },
            Kind::Close | Kind::Sign => None,
        }
    }

    fn word(&mut self) -> Option<Ast> {
        let at = self.place(self.at);
        let known = match self.next() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        if let Some(holds) = known {
            self.at += 1;
            return Some(Ast { node: Node::Bool(holds), span: at.clone(), at });
        }
        let name = self.name()?;
        if self.next() == "(" {
            return self.call(name, None);
        }
        Some(Ast { node: Node::Name(self.text(name)), span: at.clone(), at })
    }

    /// A call whose name was read.
    fn call(&mut self, name: usize, receiver: Option<Box<Ast>>) -> Option<Ast> {
        let open = self.take("(")?;
        // The grammar has no comma behind the last argument.
        let close = self.tokens.list.get(open)?.partner;
        if close.checked_sub(1).is_some_and(|last| self.tokens.text_of(last) == ",") {
            return None;
        }
        let (args, brackets) = self.list(open, ")", Self::expression)?;
        let at = self.place(name);
        let start = receiver.as_ref().map_or(at.start, |receiver| receiver.span.start);
        let name = self.text(name);
        Some(Ast { node: Node::Call { name, receiver, args }, span: start..brackets.end, at })
    }

    /// Things with commas between, up to the closing bracket; the bytes from bracket to bracket.
    fn list<T>(
        &mut self,
        open: usize,
        close: &str,
        item: impl Fn(&mut Self) -> Option<T>,
    ) -> Option<(Vec<T>, Range<usize>)> {
        let mut items = Vec::new();
        let end = loop {
            if let Some(end) = self.take(close) {
                break end;
            }
            items.push(item(self)?);
            if self.take(",").is_none() {
                break self.take(close)?;
            }
        };
        Some((items, self.place(open).start..self.place(end).end))
    }

    /// A number in decimal digits.
    fn number(&mut self, negative: bool) -> Option<Ast> {
        let digits = self.next();
        let place = self.place(self.at);
        let sign = if negative { "-" } else { "" };
        let node = if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Node::Int(format!("{sign}{digits}").parse().ok()?)
        } else {
            let (whole, part) = digits.split_once('.')?;
            let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            (plain(whole) && plain(part)).then_some(())?;
            Node::Float(format!("{sign}{digits}").parse().ok().filter(|v: &f64| v.is_finite())?)
        };
        // A zero has no sign that could be seen.
        if negative && matches!(node, Node::Int(0) | Node::Float(0.0)) {
            return None;
        }
        self.at += 1;
        Some(Ast { node, span: place.clone(), at: place })
    }

    /// A text in single quotes, as it stands or raw.
    fn literal_text(&mut self) -> Option<Ast> {
        let place = self.place(self.at);
        let written = self.next();
        let (raw, quoted) = match written.strip_prefix('r') {
            Some(quoted) => (true, quoted),
            None => (false, written),
        };
        let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let inner = quoted.strip_prefix(quote)?.strip_suffix(quote)?;
        let plain = !inner.contains(['\r', '\n', quote]) && (raw || !inner.contains('\\'));
        if !plain {
            return None;
        }
        let text = inner.to_owned();
        self.at += 1;
        Some(Ast { node: Node::Text(text), span: place.clone(), at: place })
    }
}

/// The levels of operators, from loose to tight.
const COMPARISON: u8 = 0;
const SUM: u8 = 1;
const PRODUCT: u8 = 2;
