//! The static checker: types the tree against the model and lowers it to a typed program.
//!
//! It goes on after a mistake, so that an author hears of all of them at once: a part that is wrong has no type, and
//! nothing is said about what uses it.
//!
//! An optional must be guarded where it is used. Guards are remembered as paths: after `has(self.x) &&` the path
//! `self.x` is present. That a guard implies presence holds in three-valued logic too: where the guard is not false,
//! the value is present or unknown, never absent.

mod calls;
mod operators;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::ast::{Ast, Foreign, Node as Tree};
use super::functions::{self, Function};
use super::program::{Node, Program, Test};
use super::source::Source;
use super::value::Value;
use super::{Env, Want};
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::model::index::Relation;
use crate::model::reflect::{Field, Shape, Type};
use crate::model::{Kind, Resource};

/// The item type of an empty list, which goes with every other.
static NOTHING: Shape = Shape { name: "nothing", doc: "", fields: &[], key: &[] };

/// Checks a tree; nothing when it is wrong, with all that is wrong told.
pub(super) fn check(
    source: &Source<'_>,
    tree: &Ast,
    env: &Env,
    want: Want,
    diagnostics: &mut Diagnostics,
) -> Option<Program> {
    let mut checker = Checker {
        source,
        env,
        diagnostics,
        locals: Vec::new(),
        present: Vec::new(),
        named: 0,
        relations: Vec::new(),
        kinds: Vec::new(),
        fields: BTreeSet::new(),
        failed: false,
    };
    let typed = checker.root(tree, want);
    let Checker { relations, mut kinds, fields, failed, .. } = checker;
    if failed {
        return None;
    }
    let typed = typed?;
    kinds.sort_by_key(|kind| kind.name);
    kinds.dedup();
    let fields = fields.into_iter().collect();
    Some(Program { root: typed.code.node(), ty: typed.ty, relations, kinds, fields })
}

/// What a part is lowered to.
#[derive(Debug)]
enum Code {
    Node(Node),
    Test(Test),
}

impl Code {
    fn node(self) -> Node {
        match self {
            Self::Node(node) | Self::Test(Test::Value(node)) => node,
            Self::Test(Test::Const(holds)) => Node::Const(Value::Bool(holds)),
            Self::Test(test) => Node::Test(Box::new(test)),
        }
    }

    fn test(self) -> Test {
        match self {
            Self::Test(test) => test,
            Self::Node(Node::Test(test)) => *test,
            Self::Node(Node::Const(Value::Bool(holds))) => Test::Const(holds),
            Self::Node(Node::Field(base, slot)) => Test::Flag(*base, slot),
            Self::Node(node) => Test::Value(node),
        }
    }
}

/// A part with its type and what is known of it.
#[derive(Debug)]
struct Typed {
    code: Code,
    ty: Type,
    /// The closed vocabulary of its values, or of the items of a list.
    words: &'static [&'static str],
    /// Whether it is an optional that the author asked for with `.?`.
    asked: bool,
    /// The paths that are present when it is true, and when it is false.
    yes: Vec<String>,
    no: Vec<String>,
    /// The paths within each item of a list that are present.
    items: Vec<String>,
}

impl Typed {
    fn node(node: Node, ty: Type) -> Self {
        Self::code(Code::Node(node), ty)
    }

    fn test(test: Test) -> Self {
        Self::code(Code::Test(test), Type::Bool)
    }

    fn code(code: Code, ty: Type) -> Self {
        let (yes, no, items) = (Vec::new(), Vec::new(), Vec::new());
        Self { code, ty, words: &[], asked: false, yes, no, items }
    }

    fn constant(&self) -> Option<&Value<'static>> {
        match &self.code {
            Code::Node(Node::Const(value)) => Some(value),
            _ => None,
        }
    }
}

/// The variable of a macro.
struct Variable {
    name: String,
    ty: Type,
    words: &'static [&'static str],
    /// Its path: the name alone would be ambiguous where one shadows another.
    root: String,
}

struct Checker<'c> {
    source: &'c Source<'c>,
    env: &'c Env,
    diagnostics: &'c mut Diagnostics,
    locals: Vec<Variable>,
    present: Vec<String>,
    named: usize,
    relations: Vec<Relation>,
    kinds: Vec<&'static Kind>,
    fields: BTreeSet<(&'static str, &'static str)>,
    failed: bool,
}

/// The names that mean something by themselves.
const RESERVED: [&str; 3] = ["self", "params", "now"];

impl Checker<'_> {
    fn root(&mut self, tree: &Ast, want: Want) -> Option<Typed> {
        let typed = match want {
            Want::Any | Want::Text => self.check(tree)?,
            Want::Bool | Want::List => self.solid(tree)?,
        };
        let fits = match want {
            Want::Bool => typed.ty == Type::Bool,
            Want::List => matches!(typed.ty, Type::List(_)),
            Want::Any | Want::Text => true,
        };
        if !fits {
            let wanted = if want == Want::Bool { "a bool" } else { "a list" };
            let message = format!("the expression gives {}, not {wanted}", article(&typed.ty));
            return self.fail("expr/type", tree.span.clone(), message, None);
        }
        Some(typed)
    }

    /// Tells of a mistake. It returns nothing for whatever was asked.
    fn fail<T>(
        &mut self,
        code: &'static str,
        range: Range<usize>,
        message: impl Into<String>,
        help: impl Into<Option<String>>,
    ) -> Option<T> {
        self.failed = true;
        let error = self.source.error(code, range, message);
        self.diagnostics.push(Diagnostic { help: help.into(), ..error });
        None
    }

    /// A part that must not be an optional.
    fn solid(&mut self, tree: &Ast) -> Option<Typed> {
        let typed = self.check(tree)?;
        if !matches!(typed.ty, Type::Optional(_)) {
            return Some(typed);
        }
        let text = self.text(&tree.span);
        if typed.asked {
            let help = format!("give a value for its absence: `{text}.orValue(…)`");
            let message = format!("`{text}` is an optional and cannot be used as it is");
            return self.fail("expr/unguarded", tree.span.clone(), message, help);
        }
        let help = match &tree.node {
            Tree::Index { base, index, .. } => {
                let (base, index) = (self.text(&base.span), self.text(&index.span));
                format!(
                    "guard it with `{index} in {base} && …`, or write `{base}[?{index}].orValue(…)`"
                )
            }
            Tree::Select { base, field, .. } => {
                let base = self.text(&base.span);
                format!("guard it with `has({text}) && …`, or write `{base}.?{field}.orValue(…)`")
            }
            _ => "guard it with `has(…) && …`, or give a value with `orValue(…)`".to_owned(),
        };
        self.fail("expr/unguarded", tree.span.clone(), format!("`{text}` may be absent"), help)
    }

    fn text(&self, range: &Range<usize>) -> String {
        let text = self.source.text.get(range.clone()).unwrap_or_default();
        let one_line: Vec<&str> = text.split_whitespace().collect();
        one_line.join(" ")
    }

    /// Types a part.
    fn check(&mut self, tree: &Ast) -> Option<Typed> {
        match &tree.node {
            Tree::Bool(v) => Some(Typed::test(Test::Const(*v))),
            Tree::Int(v) => Some(Typed::node(Node::Const(Value::Int(*v)), Type::Int)),
            Tree::Float(v) => Some(Typed::node(Node::Const(Value::Float(*v)), Type::Float)),
            Tree::Text(v) => Some(Typed::node(Node::Const(Value::text(v.as_str())), Type::String)),
            Tree::Foreign(foreign) => self.foreign(tree, *foreign),
            Tree::Name(name) => self.name(tree, name),
            Tree::Select { base, field, optional } => self.select(tree, base, field, *optional),
            Tree::Index { base, index, optional } => self.index(tree, base, index, *optional),
            Tree::Not(inner) => self.not(inner),
            Tree::Negate(inner) => self.negate(inner),
            Tree::And(parts) => self.junction(parts, true),
            Tree::Or(parts) => self.junction(parts, false),
            Tree::Binary(operator, parts) => self.binary(tree, *operator, parts),
            Tree::If(parts) => self.condition(parts),
            Tree::Call { name, receiver, args } => self.call(tree, name, receiver.as_deref(), args),
            Tree::List(parts) => self.list(parts),
            Tree::Map(entries) => self.map(entries),
        }
    }

    fn foreign(&mut self, tree: &Ast, foreign: Foreign) -> Option<Typed> {
        let (message, help) = match foreign {
            Foreign::Null => {
                ("there is no `null`", "ask for presence: `has(self.x)` or `!has(self.x)`")
            }
            Foreign::Unsigned => ("there are no unsigned integers", "leave the `u` away"),
            Foreign::Bytes => ("there are no bytes", "leave the `b` away"),
            Foreign::Message => ("there are no messages", "write a map: `{'key': value}`"),
            Foreign::OptionalElement => ("an element cannot be optional", "use `orValue(…)`"),
        };
        self.fail("expr/syntax", tree.span.clone(), message, help.to_owned())
    }

    fn name(&mut self, tree: &Ast, name: &str) -> Option<Typed> {
        if let Some(at) = self.locals.iter().rposition(|local| local.name == name) {
            let up = self.locals.len() - 1 - at;
            let local = self.locals.get(at)?;
            let typed = Typed::node(Node::Local(up), local.ty.clone());
            return Some(Typed { words: local.words, ..typed });
        }
        if let Some(at) = self.env.vars.iter().position(|(var, _)| var == name) {
            let ty = self.env.vars.get(at)?.1.clone();
            return Some(Typed::node(Node::Var(at), ty));
        }
        match (name, &self.env.this) {
            ("self", Some(ty)) => return Some(Typed::node(Node::This, ty.clone())),
            ("now", _) => return Some(Typed::node(Node::Now, Type::Time)),
            ("params", _) => {
                let help = "name one: `params.x`".to_owned();
                return self.fail("expr/type", tree.at.clone(), "`params` is no value", help);
            }
            _ => {}
        }
        let mut names: Vec<&str> = self.locals.iter().map(|local| local.name.as_str()).collect();
        names.extend(self.env.vars.iter().map(|(name, _)| name.as_str()));
        names.extend(RESERVED.iter().filter(|n| **n != "self" || self.env.this.is_some()));
        let help = if self.env.params.iter().any(|(param, _)| param == name) {
            Some(format!("did you mean `params.{name}`?"))
        } else if self.env.this.as_ref().is_some_and(|ty| field_of(ty, name).is_some()) {
            Some(format!("did you mean `self.{name}`?"))
        } else {
            nearest(name, names).map(|near| format!("did you mean `{near}`?"))
        };
        self.fail("expr/unknown-name", tree.at.clone(), format!("no name `{name}` is known"), help)
    }

    fn param(&mut self, tree: &Ast, name: &str) -> Option<Typed> {
        if let Some(at) = self.env.params.iter().position(|(param, _)| param == name) {
            let ty = self.env.params.get(at)?.1.clone();
            return Some(Typed::node(Node::Param(at), ty));
        }
        let names = self.env.params.iter().map(|(param, _)| param.as_str());
        let help = match nearest(name, names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "declare it under `params:`".to_owned(),
        };
        let message = format!("no parameter `{name}` is declared");
        self.fail("expr/unknown-name", tree.at.clone(), message, help)
    }

    fn is_params(&self, base: &Ast) -> bool {
        matches!(&base.node, Tree::Name(name) if name == "params")
            && !self.locals.iter().any(|local| local.name == "params")
    }

    /// `base.field`, or `base.?field`.
    fn select(&mut self, tree: &Ast, base: &Ast, field: &str, optional: bool) -> Option<Typed> {
        if self.is_params(base) {
            return self.param(tree, field);
        }
        let typed = self.check(base)?;
        let (ty, through) = match typed.ty {
            Type::Optional(of) if typed.asked => ((*of).clone(), true),
            // What stands before the dot must be present, asked for or not.
            Type::Optional(_) => return self.solid(base),
            ty => (ty, false),
        };
        if let Type::Map(of) = &ty {
            let key = Node::Const(Value::text(field));
            let node = Node::Key(Box::new(typed.code.node()), Box::new(key));
            let found = Typed::node(node, Type::Optional(of.clone()));
            return Some(self.narrowed(tree, found, optional || through));
        }
        if ty == Type::Ports
            && let Some(property) = functions::functions().find(|f| f.property && f.name == field)
        {
            let node = Node::Call(property, Box::new([typed.code.node()]));
            return Some(Typed::node(node, Type::Int));
        }
        let Some((slot, owner, found)) = field_of(&ty, field) else {
            return self.unknown_field(tree, &ty, field);
        };
        self.fields.insert((owner, found.name));
        let mut field_ty = (found.ty)();
        if optional && !through && !matches!(field_ty, Type::Optional(_)) {
            let text = self.text(&base.span);
            let help = format!("write `{text}.{field}`");
            return self.fail("expr/always-present", tree.at.clone(), always(field), help);
        }
        if through && !matches!(field_ty, Type::Optional(_)) {
            field_ty = Type::Optional(Arc::new(field_ty));
        }
        let node = Node::Field(Box::new(typed.code.node()), slot);
        let found = Typed { words: found.words, ..Typed::node(node, field_ty) };
        Some(self.narrowed(tree, found, optional || through))
    }

    /// Takes the optional off a path that a guard has shown to be present.
    fn narrowed(&self, tree: &Ast, mut typed: Typed, asked: bool) -> Typed {
        typed.asked = asked;
        if !asked
            && let Type::Optional(of) = &typed.ty
            && self.path(tree).is_some_and(|path| self.present.contains(&path))
        {
            typed.ty = (**of).clone();
        }
        typed
    }

    fn unknown_field(&mut self, tree: &Ast, ty: &Type, field: &str) -> Option<Typed> {
        let names = field_names(ty);
        if names.is_empty() {
            let message = format!("{} has no fields", article(ty));
            return self.fail("expr/unknown-field", tree.at.clone(), message, None);
        }
        let is_function = functions::functions().any(|f| f.name == field && f.receiver.is_some());
        let help = match nearest(field, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if is_function => format!("a function is called with brackets: `{field}(…)`"),
            None => format!("it has {}", listed(&names)),
        };
        let message = format!("`{ty}` has no field `{field}`");
        self.fail("expr/unknown-field", tree.at.clone(), message, help)
    }

    /// `base[index]`, or `base[?index]`.
    fn index(&mut self, tree: &Ast, base: &Ast, index: &Ast, optional: bool) -> Option<Typed> {
        let (typed, at) = (self.solid(base), self.solid(index));
        let (typed, at) = (typed?, at?);
        let (map, key) = match &typed.ty {
            Type::Map(of) => (of.clone(), Type::String),
            Type::List(of) if !optional => (of.clone(), Type::Int),
            ty => {
                let message = format!(
                    "{} cannot be indexed{}",
                    article(ty),
                    if optional { " so" } else { "" }
                );
                return self.fail("expr/type", tree.at.clone(), message, None);
            }
        };
        if at.ty != key {
            let message = format!("the index is {}, not {}", article(&at.ty), article(&key));
            return self.fail("expr/type", index.span.clone(), message, None);
        }
        let (base, index) = (Box::new(typed.code.node()), Box::new(at.code.node()));
        if key == Type::Int {
            let typed_words = typed.words;
            let typed = Typed::node(Node::Item(base, index), (*map).clone());
            return Some(Typed { words: typed_words, ..typed });
        }
        let found = Typed::node(Node::Key(base, index), Type::Optional(map));
        Some(self.narrowed(tree, found, optional))
    }

    /// The path a part spells, when it does: what guards and uses have in common.
    fn path(&self, tree: &Ast) -> Option<String> {
        match &tree.node {
            Tree::Name(name) => {
                let local = self.locals.iter().rev().find(|local| local.name == *name);
                Some(local.map_or_else(|| name.clone(), |local| local.root.clone()))
            }
            Tree::Select { base, field, .. } => Some(format!("{}.{field:?}", self.path(base)?)),
            Tree::Index { base, index, .. } => {
                let key = match &index.node {
                    Tree::Text(text) => return Some(format!("{}.{text:?}", self.path(base)?)),
                    Tree::Int(at) => at.to_string(),
                    _ => self.path(index)?,
                };
                Some(format!("{}[{key}]", self.path(base)?))
            }
            _ => None,
        }
    }

    fn list(&mut self, parts: &[Ast]) -> Option<Typed> {
        let typed: Vec<Option<Typed>> = parts.iter().map(|part| self.solid(part)).collect();
        let typed: Vec<Typed> = typed.into_iter().collect::<Option<_>>()?;
        let mut of = Type::Struct(&NOTHING);
        let mut nodes = Vec::with_capacity(typed.len());
        for (item, part) in typed.into_iter().zip(parts) {
            let Some(ty) = unify(&of, &item.ty) else {
                let (a, b) = (article(&of), article(&item.ty));
                let message = format!("the items of a list differ: {a} and {b}");
                return self.fail("expr/type", part.span.clone(), message, None);
            };
            of = ty;
            nodes.push(item.code.node());
        }
        Some(Typed::node(list_of(nodes), Type::List(Arc::new(of))))
    }

    fn map(&mut self, entries: &[[Ast; 2]]) -> Option<Typed> {
        let mut of = Type::Struct(&NOTHING);
        let mut out = Vec::with_capacity(entries.len());
        let mut whole = true;
        for [key_tree, value_tree] in entries {
            let (Some(key), Some(value)) = (self.solid(key_tree), self.solid(value_tree)) else {
                whole = false;
                continue;
            };
            if key.ty != Type::String {
                let message = format!("the keys of a map are text, not {}", article(&key.ty));
                return self.fail("expr/type", key_tree.span.clone(), message, None);
            }
            let Some(ty) = unify(&of, &value.ty) else {
                let (a, b) = (article(&of), article(&value.ty));
                let message = format!("the values of a map differ: {a} and {b}");
                return self.fail("expr/type", value_tree.span.clone(), message, None);
            };
            of = ty;
            out.push((key.code.node(), value.code.node()));
        }
        whole.then(|| Typed::node(Node::Map(out.into()), Type::Map(Arc::new(of))))
    }
}

/// A list literal; of constants it is a constant.
fn list_of(nodes: Vec<Node>) -> Node {
    if nodes.iter().all(|node| matches!(node, Node::Const(_))) {
        let values = nodes.into_iter().filter_map(|node| match node {
            Node::Const(value) => Some(value),
            _ => None,
        });
        return Node::Const(super::value::Listing::of(values).into());
    }
    Node::List(nodes.into())
}

fn always(field: &str) -> String {
    format!("`{field}` is always present")
}

/// The slot, the owner's name and the field of a name.
fn field_of(ty: &Type, name: &str) -> Option<(usize, &'static str, &'static Field)> {
    match ty {
        Type::Struct(shape) => {
            let slot = shape.slot(name)?;
            shape.fields.get(slot).map(|field| (slot, shape.name, field))
        }
        Type::Resource(kind) => {
            Resource::field_of(kind, name).map(|(slot, field)| (slot, kind.name, field))
        }
        _ => None,
    }
}

fn field_names(ty: &Type) -> Vec<&'static str> {
    match ty {
        Type::Struct(shape) => shape.fields.iter().map(|field| field.name).collect(),
        Type::Resource(kind) => {
            let envelope = crate::model::resource::ENVELOPE.fields.iter();
            envelope.chain(kind.shape.fields).map(|field| field.name).collect()
        }
        Type::Ports => vec!["from", "to"],
        _ => Vec::new(),
    }
}

/// The type both have; an empty list goes with every list.
fn unify(a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        (Type::Struct(shape), other) | (other, Type::Struct(shape)) if *shape == &NOTHING => {
            Some(other.clone())
        }
        (Type::List(a), Type::List(b)) => unify(a, b).map(|of| Type::List(Arc::new(of))),
        (Type::Map(a), Type::Map(b)) => unify(a, b).map(|of| Type::Map(Arc::new(of))),
        _ if a == b => Some(a.clone()),
        _ => None,
    }
}

/// A type with its article, as in sentences.
fn article(ty: &Type) -> String {
    match ty {
        Type::Int => "an int".to_owned(),
        Type::Optional(_) => format!("an {ty}"),
        Type::Ports => "a range of ports".to_owned(),
        Type::Struct(shape) if *shape == &NOTHING => "nothing".to_owned(),
        Type::Struct(_) | Type::Resource(_) => format!("a `{ty}`"),
        _ => format!("a {ty}"),
    }
}

/// Names in a sentence, cut where they get many.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 12;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        shown.push(format!("and {} more", names.len() - SHOWN));
    }
    shown.join(", ")
}

/// The result type of a call with constant arguments is a constant, computed here.
fn folded(function: &'static Function, args: Vec<Node>) -> Result<Node, String> {
    let constants: Vec<Value<'static>> = args
        .iter()
        .filter_map(|node| match node {
            Node::Const(value) => Some(value.clone()),
            _ => None,
        })
        .collect();
    if constants.len() < args.len() || !matches!(function.run, functions::Run::Pure(_)) {
        return Ok(Node::Call(function, args.into()));
    }
    match function.run(&constants) {
        Value::Unknown(why) => {
            Err(why.cause().detail().unwrap_or("the value cannot be computed").to_owned())
        }
        value => Ok(Node::Const(value)),
    }
}
