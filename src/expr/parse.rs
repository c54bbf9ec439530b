//! From text to tree. The only file that names the general parser; nothing of it is seen outside.
//!
//! That parser takes a fifth of a millisecond an expression. What is plain is read by [`plain`] in its place, to the same
//! tree; the general parser reads the rest and finds the words for what is wrong.
//!
//! The parser runs without its macros: `exists`, `has` and the like stay the calls they are written as, so that
//! every node keeps its place.

use std::ops::Range;

use cel::common::ast::operators as op;
use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo};

use super::ast::{Ast, Binary, Foreign, Node};
use super::lex::{self, DEPTH_MAX, Kind, Tokens};
use super::plain;
use super::source::Source;
use crate::diag::{Diagnostic, Diagnostics};

/// Nesting up to which the parser fits on any thread: it takes some 170 kB a level without optimisation.
const SHALLOW: usize = 3;
/// Tokens up to which it does.
const SHORT: usize = 300;
/// The stack for anything beyond; five times what the deepest expression allowed was seen to take.
const STACK_BYTES: usize = 64 << 20;

/// Parses an expression; tells what is wrong with it otherwise.
pub(super) fn parse(source: &Source<'_>, diagnostics: &mut Diagnostics) -> Option<Ast> {
    let tokens = lex::tokens(source, diagnostics)?;
    let parsed = plain::parse(&tokens).map_or_else(|| general(&tokens), Ok);
    match parsed {
        Ok(ast) if ast.is_within_depth(DEPTH_MAX) => Some(ast),
        Ok(ast) => {
            let message = format!("the expression nests deeper than {DEPTH_MAX}");
            diagnostics.push(source.error("expr/too-deep", ast.span, message));
            None
        }
        Err(faults) => {
            for fault in faults {
                let error = source.error("expr/syntax", fault.range, fault.message);
                diagnostics.push(Diagnostic { help: fault.help.map(str::to_owned), ..error });
            }
            None
        }
    }
}

/// What the general parser makes of a text.
fn general(tokens: &Tokens<'_>) -> Result<Ast, Vec<Fault>> {
    if tokens.depth <= SHALLOW && tokens.list.len() <= SHORT {
        run(tokens)
    } else {
        on_a_large_stack(tokens)
    }
}

#[derive(Debug)]
struct Fault {
    range: Range<usize>,
    message: String,
    help: Option<&'static str>,
}

fn on_a_large_stack(tokens: &Tokens<'_>) -> Result<Ast, Vec<Fault>> {
    let failed = || {
        let message = "no memory is left to parse the expression".to_owned();
        vec![Fault { range: 0..0, message, help: None }]
    };
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
        let thread = builder.spawn_scoped(scope, || run(tokens));
        thread.map_err(|_| failed())?.join().map_err(|_| failed())?
    })
}

fn run(tokens: &Tokens<'_>) -> Result<Ast, Vec<Fault>> {
    let parser = cel::Env::default().parser().enable_ident_escape_syntax(true);
    match parser.parse_with_source_info(tokens.text) {
        Ok((tree, info)) => Ok(Reader { tokens, info }.read(tree)),
        Err(errors) => {
            let mut errors = errors.errors;
            // What the grammar says comes before what follows from the holes it left in the tree.
            errors.sort_by_key(|e| (!e.msg.starts_with("Syntax"), e.pos));
            let mut faults: Vec<Fault> =
                errors.iter().map(|e| fault(tokens, e.pos, &e.msg)).collect();
            // One mistake makes a generated parser stumble again and again behind it.
            faults.truncate(1);
            Err(faults)
        }
    }
}

/// Words for what the parser said. Its own speak of grammar rules.
fn fault(tokens: &Tokens<'_>, (line, column): (isize, isize), message: &str) -> Fault {
    let offset = offset_of(tokens.text, line, column);
    let Some(index) = tokens.at(offset).filter(|&i| tokens.range(i).end > offset) else {
        let end = tokens.text.trim_end().len();
        let message = "the expression ends too early".to_owned();
        return Fault { range: end..end, message, help: None };
    };
    let word = tokens.text_of(index);
    let help = match word {
        "and" => Some("write `&&` for and"),
        "or" => Some("write `||` for or"),
        "not" => Some("write `!` for not"),
        _ if index > 0 && tokens.text_of(index - 1) == "not" => Some("write `!` for not"),
        _ => None,
    };
    let message = match message.strip_prefix("invalid ") {
        Some(what) => format!("`{word}` is no valid {}", what.split(':').next().unwrap_or(what)),
        None if message.starts_with("reserved") => format!("`{word}` is a reserved word"),
        None => format!("`{word}` is not expected here"),
    };
    Fault { range: tokens.range(index), message, help }
}

/// The byte offset of a line and a column, both from 1, columns in characters.
fn offset_of(text: &str, line: isize, column: isize) -> usize {
    let lines = usize::try_from(line - 1).unwrap_or(0);
    let start: usize = text.split_inclusive('\n').take(lines).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    let skipped = usize::try_from(column - 1).unwrap_or(0);
    rest.char_indices().nth(skipped).map_or(text.len(), |(at, _)| start + at)
}

/// Reads the parser's tree into ours, finding the place of each node.
struct Reader<'t, 'a> {
    tokens: &'t Tokens<'a>,
    info: SourceInfo,
}

impl Reader<'_, '_> {
    /// The index of the token the parser made a node for.
    fn token(&self, id: u64) -> usize {
        let offset = self.info.offset_for(id).and_then(|(start, _)| usize::try_from(start).ok());
        offset.and_then(|offset| self.tokens.at(offset)).unwrap_or(0)
    }

    fn read(&self, tree: IdedExpr) -> Ast {
        let token = self.token(tree.id);
        let place = self.tokens.range(token);
        match tree.expr {
            Expr::Call(call) => self.call(token, call),
            Expr::Ident(name) => Ast { node: Node::Name(name), span: place.clone(), at: place },
            Expr::Literal(literal) => self.literal(token, literal),
            Expr::Select(select) => self.select(token, *select.operand, select.field, false),
            Expr::List(list) => {
                let span = self.bracket(token);
                let node = if list.optional_indices.is_empty() {
                    Node::List(list.elements.into_iter().map(|e| self.read(e)).collect())
                } else {
                    Node::Foreign(Foreign::OptionalElement)
                };
                Ast { node, span, at: place }
            }
            Expr::Map(map) => self.map(token, map.entries),
            Expr::Struct(_) | Expr::Comprehension(_) | Expr::Unspecified => {
                Ast { node: Node::Foreign(Foreign::Message), span: place.clone(), at: place }
            }
        }
    }

    /// From an opening bracket to its partner.
    fn bracket(&self, open: usize) -> Range<usize> {
        let partner = self.tokens.list.get(open).map_or(open, |token| token.partner);
        self.tokens.range(open).start..self.tokens.range(partner).end
    }

    fn literal(&self, token: usize, literal: LiteralValue) -> Ast {
        let mut span = self.tokens.range(token);
        let minus = token.checked_sub(1).filter(|&before| self.tokens.text_of(before) == "-");
        let mut signed = |negative: bool| {
            if let Some(before) = minus.filter(|_| negative) {
                span.start = self.tokens.range(before).start;
            }
        };
        let node = match literal {
            LiteralValue::Boolean(v) => Node::Bool(*v.inner()),
            LiteralValue::Int(v) => {
                signed(*v.inner() < 0);
                Node::Int(*v.inner())
            }
            LiteralValue::Double(v) => {
                signed(*v.inner() < 0.0);
                Node::Float(*v.inner())
            }
            LiteralValue::String(v) => Node::Text(v.inner().to_owned()),
            LiteralValue::Null => Node::Foreign(Foreign::Null),
            LiteralValue::UInt(_) => Node::Foreign(Foreign::Unsigned),
            LiteralValue::Bytes(_) => Node::Foreign(Foreign::Bytes),
        };
        Ast { node, at: span.clone(), span }
    }

    fn select(&self, dot: usize, base: IdedExpr, field: String, optional: bool) -> Ast {
        let base = self.read(base);
        let name = dot + if optional { 2 } else { 1 };
        let at = self.tokens.range(name);
        let span = base.span.start..at.end;
        Ast { node: Node::Select { base: Box::new(base), field, optional }, span, at }
    }

    fn map(&self, open: usize, entries: Vec<cel::common::ast::IdedEntryExpr>) -> Ast {
        let mut list = Vec::with_capacity(entries.len());
        let mut foreign = None;
        for entry in entries {
            match entry.expr {
                EntryExpr::MapEntry(entry) if !entry.optional => {
                    list.push([self.read(entry.key), self.read(entry.value)]);
                }
                _ => foreign = Some(Foreign::OptionalElement),
            }
        }
        let node = foreign.map_or(Node::Map(list), Node::Foreign);
        Ast { node, span: self.bracket(open), at: self.tokens.range(open) }
    }

    fn call(&self, token: usize, mut call: CallExpr) -> Ast {
        let at = self.tokens.range(token);
        if call.target.is_none() {
            let mut args = std::mem::take(&mut call.args).into_iter();
            match (call.func_name.as_str(), args.len()) {
                (op::LOGICAL_AND | op::LOGICAL_OR, 2) => {
                    let is_and = call.func_name == op::LOGICAL_AND;
                    let mut parts = Vec::new();
                    args.for_each(|arg| self.flatten(arg, &call.func_name, &mut parts));
                    let span = hull(&parts).unwrap_or_else(|| at.clone());
                    let node = if is_and { Node::And(parts) } else { Node::Or(parts) };
                    return Ast { node, span, at };
                }
                (op::LOGICAL_NOT | op::NEGATE, 1) => {
                    if let Some(operand) = args.next().map(|arg| Box::new(self.read(arg))) {
                        let span = at.start..operand.span.end;
                        let not = call.func_name == op::LOGICAL_NOT;
                        let node = if not { Node::Not(operand) } else { Node::Negate(operand) };
                        return Ast { node, span, at };
                    }
                }
                (op::CONDITIONAL, 3) => {
                    let parts: Vec<Ast> = args.map(|arg| self.read(arg)).collect();
                    let span = hull(&parts).unwrap_or_else(|| at.clone());
                    if let Ok(parts) = parts.try_into() {
                        return Ast { node: Node::If(Box::new(parts)), span, at };
                    }
                }
                (op::INDEX | op::OPT_INDEX, 2) => {
                    if let (Some(base), Some(index)) = (args.next(), args.next()) {
                        let (base, index) = (Box::new(self.read(base)), Box::new(self.read(index)));
                        let span = base.span.start..self.bracket(token).end;
                        let optional = call.func_name == op::OPT_INDEX;
                        return Ast { node: Node::Index { base, index, optional }, span, at };
                    }
                }
                (op::OPT_SELECT, 2) => {
                    if let (Some(base), Some(field)) = (args.next(), args.next())
                        && let Expr::Literal(LiteralValue::String(field)) = field.expr
                    {
                        return self.select(token, base, field.inner().to_owned(), true);
                    }
                }
                (name, 2) if binary(name).is_some() => {
                    let parts: Vec<Ast> = args.map(|arg| self.read(arg)).collect();
                    let span = hull(&parts).unwrap_or_else(|| at.clone());
                    if let (Some(operator), Ok(parts)) = (binary(name), parts.try_into()) {
                        return Ast { node: Node::Binary(operator, Box::new(parts)), span, at };
                    }
                }
                _ => call.args = args.collect(),
            }
        }
        self.named_call(token, call)
    }

    /// A call by name; the parser's token is the opening bracket behind it.
    fn named_call(&self, open: usize, call: CallExpr) -> Ast {
        let receiver = call.target.map(|target| Box::new(self.read(*target)));
        let args = call.args.into_iter().map(|arg| self.read(arg)).collect();
        let name = open
            .checked_sub(1)
            .filter(|&i| self.tokens.list.get(i).is_some_and(|token| token.kind == Kind::Word));
        let at = self.tokens.range(name.unwrap_or(open));
        let start = receiver.as_ref().map_or(at.start, |receiver| receiver.span.start);
        let span = start..self.bracket(open).end.max(at.end);
        Ast { node: Node::Call { name: call.func_name, receiver, args }, span, at }
    }

    /// Undoes the balanced tree the parser makes of `a && b && c`.
    fn flatten(&self, tree: IdedExpr, operator: &str, out: &mut Vec<Ast>) {
        match tree.expr {
            Expr::Call(call) if call.func_name == operator && call.target.is_none() => {
                call.args.into_iter().for_each(|arg| self.flatten(arg, operator, out));
            }
            expr => out.push(self.read(IdedExpr { id: tree.id, expr })),
        }
    }
}

fn hull(parts: &[Ast]) -> Option<Range<usize>> {
    Some(parts.first()?.span.start..parts.last()?.span.end)
}

fn binary(name: &str) -> Option<Binary> {
    Some(match name {
        op::EQUALS => Binary::Equal,
        op::NOT_EQUALS => Binary::NotEqual,
        op::LESS => Binary::Less,
        op::LESS_EQUALS => Binary::LessEqual,
        op::GREATER => Binary::Greater,
        op::GREATER_EQUALS => Binary::GreaterEqual,
        op::ADD => Binary::Add,
        op::SUBSTRACT => Binary::Subtract,
        op::MULTIPLY => Binary::Multiply,
        op::DIVIDE => Binary::Divide,
        op::MODULO => Binary::Remainder,
        op::IN => Binary::In,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::super::Offsets;
    use super::*;
    use crate::span::SourceFile;

    /// Whether the plain parser reads a text; if so, it is held against the general one.
    fn is_plain(text: &str) -> bool {
        let file = SourceFile::new("a.cel", text);
        let source = Source::new(&file, text, Offsets::shifted(0));
        let Some(tokens) = lex::tokens(&source, &mut Diagnostics::default()) else { return false };
        let Some(plain) = plain::parse(&tokens) else { return false };
        match general(&tokens) {
            Ok(tree) => assert_eq!(plain, tree, "{text}"),
            Err(faults) => panic!("{text}: {faults:?}"),
        }
        true
    }

    /// The expressions of a check, those in its message included.
    fn expressions(check: &Json) -> Vec<String> {
        let text = |key: &str| check.get(key).and_then(Json::as_str).map(str::to_owned);
        let mut out: Vec<String> =
            ["when", "offenders", "assert"].into_iter().filter_map(text).collect();
        for part in text("message").unwrap().split("{{").skip(1) {
            let end = lex::expression_end(part).unwrap();
            out.push(part.get(..end).unwrap().to_owned());
        }
        out
    }

    #[test]
    fn built_in_expressions_are_plain() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks");
        let (mut all, mut odd) = (0, Vec::new());
        for entry in fs::read_dir(folder).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let file = SourceFile::new("a.yaml", text);
            let check: Json = crate::yaml::read(&file, &mut Diagnostics::default()).unwrap();
            for expression in expressions(&check) {
                all += 1;
                if !is_plain(&expression) {
                    odd.push(expression);
                }
            }
        }
        assert!(all > 400 && odd.len() * 20 < all, "{} of {all}: {odd:#?}", odd.len());
    }

    #[test]
    fn oddities_are_left_to_the_general_parser() {
        let plain = [
            "a.b(c, 'd')[0].?e == -1 && !f(x, 2.5) || {'k': [1, 2,],} in g",
            "a ? b : c ? d : e",
            "(a && b) && (c || d) && e && f",
            "((a || b) || c) || d || (e)",
            "1 - -2 * 3 / (4 % 5) - 6",
            "a < b == c in d",
            "-(a) + -b.c + -1.5",
            r"x.matches(r'\d+')",
            "[] + [a,] // the end\n",
            "has(a.b) && a.b.exists(x, x == \"it's\")",
            "007 + 1",
        ];
        for text in plain {
            assert!(is_plain(text), "{text}");
        }
        let odd = "!!a;--a;-0;!-1;-1.5.a;.a;a.b{};A{b: 1};f(a,);[?a];a[?b];{?a: b};a ? b ? c : d : e;null;1u;b'x';\
                   '''x''';'\\n';'ü';0x1f;1e3;.5;a.`b`;if;f(for);a.in;a.if;9223372036854775808;a b;a +;a ==;[,];a..b;\
                   a ? b;a.?b(c);!(a)(b)";
        for text in odd.split(';') {
            assert!(!is_plain(text), "{text}");
        }
    }

    /// Texts that the grammar gives, and some that it does not.
    fn texts() -> impl Strategy<Value = String> {
        let words = "a b.c self true null 1 2.5 -3 -0 't' r'\\' '\\n' [] {} if 1u 00";
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        prop::sample::select(words).prop_recursive(6, 60, 4, |inner| {
            let signs = [
                "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%", "&&", "&&", "||",
                "||",
            ];
            let two = (inner.clone(), prop::sample::select(signs.to_vec()), inner.clone());
            let list = prop::collection::vec(inner.clone(), 0..4).prop_map(|l| l.join(", "));
            let shapes = [
                "(@)",
                "!@",
                "-@",
                "- @",
                "@.f",
                "@.?f",
                "[@, 1]",
                "@[@]",
                "f(@)",
                "{@: @}",
                "@ ? @ : @",
            ];
            prop_oneof![
                two.prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
                (prop::sample::select(shapes.to_vec()), inner.clone())
                    .prop_map(|(shape, a)| shape.replace('@', &a)),
                (inner.clone(), inner.clone(), inner.clone())
                    .prop_map(|(a, b, c)| format!("{a} ? {b} : {c}")),
                list.clone().prop_map(|l| format!("[{l}]")),
                list.clone().prop_map(|l| format!("f({l})")),
                (inner, list).prop_map(|(a, l)| format!("{a}.g({l})")),
            ]
        })
    }

    fn noise() -> impl Strategy<Value = String> {
        let tokens = "a f ( ) [ ] . , ? : - ! && || == in 1 't' { }";
        let tokens: Vec<&str> = tokens.split(' ').collect();
        let spaced = (prop::sample::select(tokens), any::<bool>());
        let spaced =
            spaced.prop_map(|(token, space)| format!("{token}{}", if space { " " } else { "" }));
        prop::collection::vec(spaced, 1..8).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn both_parsers_agree(text in texts()) {
            is_plain(&text);
        }

        #[test]
        fn both_parsers_agree_on_noise(text in noise()) {
            is_plain(&text);
        }
    }
}
