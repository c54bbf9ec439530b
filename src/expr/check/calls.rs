//! Calls: functions of the table, macros, and relations.

use std::sync::Arc;

use super::{Checker, NOTHING, RESERVED, Typed, Variable, always, article, folded, listed, unify};
use crate::diag::nearest;
use crate::expr::ast::{Ast, Node as Tree};
use crate::expr::functions::{Form, Function, Run, Sort, functions};
use crate::expr::program::{Arith, Loop, Node, Reach, Test};
use crate::model::index::Relation;
use crate::model::kinds::kind_named;
use crate::model::policy::Statement;
use crate::model::reflect::Type;
use crate::model::{KINDS, Kind, Resource};

/// The largest compiled regular expression.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// What other languages call our functions.
const SYNONYMS: [(&str, &str); 14] = [
    ("any", "exists"),
    ("empty", "size"),
    ("every", "all"),
    ("includes", "contains"),
    ("isEmpty", "size"),
    ("len", "size"),
    ("lower", "lowerAscii"),
    ("match", "matches"),
    ("regex", "matches"),
    ("some", "exists"),
    ("strip", "trim"),
    ("toLowerCase", "lowerAscii"),
    ("toUpperCase", "upperAscii"),
    ("upper", "upperAscii"),
];

/// What the type variables of a signature stand for.
#[derive(Default)]
struct Bound {
    t: Option<Type>,
    u: Option<Type>,
}

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        tree: &Ast,
        name: &str,
        receiver: Option<&Ast>,
        args: &[Ast],
    ) -> Option<Typed> {
        let name = if name == "existsOne" { "exists_one" } else { name };
        let known: Vec<&'static Function> = functions()
            .filter(|f| f.name == name && !f.property && f.receiver.is_some() == receiver.is_some())
            .collect();
        if known.is_empty() {
            return self.unknown_function(tree, name, receiver, args);
        }
        let fitting: Vec<_> =
            known.iter().copied().filter(|f| f.args.len() == args.len()).collect();
        let Some(first) = fitting.first() else {
            return self.misused(
                tree,
                &known,
                format!("`{name}` does not take {}", count(args.len())),
            );
        };
        match first.run {
            Run::Form(form) => self.form(tree, form, &fitting, receiver, args),
            Run::Pure(_) => self.pure(tree, &fitting, receiver, args),
        }
    }

    fn misused<T>(
        &mut self,
        tree: &Ast,
        known: &[&'static Function],
        message: String,
    ) -> Option<T> {
        let signatures: Vec<String> =
            known.iter().map(|f| format!("`{}`", f.signature())).collect();
        self.fail("expr/arguments", tree.at.clone(), message, signatures.join(" or "))
    }

    fn unknown_function(
        &mut self,
        tree: &Ast,
        name: &str,
        receiver: Option<&Ast>,
        args: &[Ast],
    ) -> Option<Typed> {
        // What stands around it is checked all the same.
        if let Some(receiver) = receiver {
            self.check(receiver);
        }
        let is_macro = matches!(args.first().map(|arg| &arg.node), Some(Tree::Name(_)));
        if !is_macro {
            for arg in args {
                self.check(arg);
            }
        }
        let other = functions().find(|f| f.name == name);
        let names =
            functions().filter(|f| f.receiver.is_some() == receiver.is_some()).map(|f| f.name);
        let help = match other {
            Some(f) if f.property => Some(format!("it is read without brackets: `.{name}`")),
            Some(f) => Some(format!("it is called as `{}`", f.signature())),
            None => SYNONYMS
                .iter()
                .find(|(other, _)| *other == name)
                .map(|(_, own)| *own)
                .or_else(|| nearest(name, names))
                .map(|near| format!("did you mean `{near}`?")),
        };
        let message = format!("no function `{name}` is known");
        self.fail("expr/unknown-function", tree.at.clone(), message, help)
    }

    /// A function that computes from the values of its arguments alone.
    fn pure(
        &mut self,
        tree: &Ast,
        fitting: &[&'static Function],
        receiver: Option<&Ast>,
        args: &[Ast],
    ) -> Option<Typed> {
        let all: Vec<Option<Typed>> =
            receiver.into_iter().chain(args).map(|part| self.solid(part)).collect();
        let all: Vec<Typed> = all.into_iter().collect::<Option<_>>()?;
        for function in fitting {
            let mut bound = Bound::default();
            let sorts = function.receiver.iter().chain(function.args);
            if !sorts.zip(&all).all(|(sort, typed)| fits(*sort, &typed.ty, &mut bound)) {
                continue;
            }
            let Some(ty) = type_of(function.result, &bound) else { continue };
            if let Some(message) = refused(function, &all) {
                return self.misused(tree, fitting, message);
            }
            let nodes = all.into_iter().map(|typed| typed.code.node()).collect();
            return match folded(function, nodes) {
                Ok(node) => Some(Typed::node(node, ty)),
                Err(message) => self.fail("expr/literal", tree.span.clone(), message, None),
            };
        }
        let types: Vec<String> = all.iter().map(|typed| article(&typed.ty)).collect();
        let (on, given) = match (receiver, types.split_first()) {
            (Some(_), Some((first, rest))) => (format!(" on {first}"), rest.join(" and ")),
            _ => (String::new(), types.join(" and ")),
        };
        let with = if given.is_empty() { String::new() } else { format!(" with {given}") };
        let name = fitting.first().map_or("", |f| f.name);
        self.misused(tree, fitting, format!("`{name}` cannot be called{on}{with}"))
    }

    fn form(
        &mut self,
        tree: &Ast,
        form: Form,
        fitting: &[&'static Function],
        receiver: Option<&Ast>,
        args: &[Ast],
    ) -> Option<Typed> {
        match (form, receiver, args) {
            (Form::Has, None, [place]) => self.has(place),
            (Form::OrValue, Some(optional), [otherwise]) => {
                self.or_value(tree, optional, otherwise)
            }
            (Form::HasValue, Some(optional), []) => self.has_value(tree, optional),
            (Form::Size, Some(list), []) | (Form::Size, None, [list]) => {
                self.size(tree, list, fitting)
            }
            (Form::Size, ..) => self.pure(tree, fitting, receiver, args),
            (Form::Related, None, [kind, field, value]) => {
                self.related(tree, kind, field, value, Reach::Place)
            }
            (Form::RelatedAnywhere, None, [kind, field, value]) => {
                self.related(tree, kind, field, value, Reach::Everywhere)
            }
            (Form::AllOf, None, [kind]) => {
                let found = self.kind(kind);
                self.placed(tree)?;
                let found = found?;
                self.kinds.push(found);
                Some(Typed::node(Node::AllOf(found), resources(found)))
            }
            (Form::Matches, Some(text), [pattern]) => self.matches(text, pattern, fitting),
            (Form::Age, Some(time), []) => {
                let typed = self.typed(time, &Type::Time, fitting)?;
                let pair = (Node::Now, typed.code.node());
                Some(Typed::node(Node::Arith(Arith::Subtract, Box::new(pair)), Type::Duration))
            }
            (Form::Covers, Some(ports), [port]) => {
                let ports = self.typed(ports, &Type::Ports, fitting);
                let port = self.typed(port, &Type::Int, fitting);
                let pair = (ports?.code.node(), port?.code.node());
                Some(Typed::test(Test::Covers(Box::new(pair))))
            }
            (_, Some(list), [variable, rest @ ..]) => {
                self.macro_of(tree, form, list, variable, rest)
            }
            _ => self.misused(tree, fitting, "it cannot be called so".to_owned()),
        }
    }

    /// A part that must have a type, or the function is misused.
    fn typed(&mut self, part: &Ast, ty: &Type, known: &[&'static Function]) -> Option<Typed> {
        let typed = self.solid(part)?;
        if typed.ty == *ty {
            return Some(typed);
        }
        let message = format!("this is {}, not {}", article(&typed.ty), article(ty));
        let signatures: Vec<String> =
            known.iter().map(|f| format!("`{}`", f.signature())).collect();
        self.fail("expr/arguments", part.span.clone(), message, signatures.join(" or "))
    }

    fn has(&mut self, place: &Ast) -> Option<Typed> {
        let field = match &place.node {
            Tree::Select { base, field, optional: false } if !self.is_params(base) => field.clone(),
            Tree::Index { optional: false, .. } => self.text(&place.span),
            _ => {
                let help = "as in `has(self.name)` or `has(self.tags.owner)`".to_owned();
                let message = "`has` asks for a field or a key";
                return self.fail("expr/arguments", place.span.clone(), message, help);
            }
        };
        // A guard asked again is no mistake: within it the field would seem always present.
        let hidden = std::mem::take(&mut self.present);
        let path = self.path(place);
        self.present =
            hidden.iter().filter(|present| Some(*present) != path.as_ref()).cloned().collect();
        let typed = self.check(place);
        self.present = hidden;
        let typed = typed?;
        if !matches!(typed.ty, Type::Optional(_)) {
            let help = format!("leave `has({})` away", self.text(&place.span));
            return self.fail("expr/always-present", place.at.clone(), always(&field), help);
        }
        let test = Test::Has(typed.code.node());
        Some(Typed { yes: path.into_iter().collect(), ..Typed::test(test) })
    }

    fn optional(&mut self, tree: &Ast, part: &Ast) -> Option<(Typed, Type)> {
        let typed = self.check(part)?;
        match typed.ty.clone() {
            Type::Optional(of) => Some((typed, (*of).clone())),
            ty => {
                let text = self.text(&part.span);
                let message = format!("`{text}` is {}, which is always present", article(&ty));
                self.fail("expr/always-present", tree.at.clone(), message, None)
            }
        }
    }

    fn or_value(&mut self, tree: &Ast, optional: &Ast, otherwise: &Ast) -> Option<Typed> {
        let (first, second) = (self.optional(tree, optional), self.solid(otherwise));
        let ((first, of), second) = (first?, second?);
        let Some(ty) = unify(&of, &second.ty) else {
            let message =
                format!("the value otherwise is {}, not {}", article(&second.ty), article(&of));
            return self.fail("expr/type", otherwise.span.clone(), message, None);
        };
        let words = first.words;
        let node = Node::OrValue(Box::new(first.code.node()), Box::new(second.code.node()));
        // The value given may lie outside the vocabulary on purpose.
        let inside = otherwise.literal_text().is_none_or(|text| words.contains(&text));
        Some(Typed { words: if inside { words } else { &[] }, ..Typed::node(node, ty) })
    }

    fn has_value(&mut self, tree: &Ast, optional: &Ast) -> Option<Typed> {
        let (typed, _) = self.optional(tree, optional)?;
        let yes = self.path(optional).into_iter().collect();
        Some(Typed { yes, ..Typed::test(Test::Has(typed.code.node())) })
    }

    fn size(&mut self, tree: &Ast, list: &Ast, fitting: &[&'static Function]) -> Option<Typed> {
        let typed = self.solid(list)?;
        match typed.ty {
            Type::List(_) | Type::Map(_) => {
                Some(Typed::node(Node::Size(Box::new(typed.code.node())), Type::Int))
            }
            Type::String => {
                let text = functions().find(|f| f.name == "size" && f.args == [Sort::String]);
                text.map(|f| Typed::node(Node::Call(f, Box::new([typed.code.node()])), Type::Int))
            }
            ty => self.misused(tree, fitting, format!("{} has no size", article(&ty))),
        }
    }

    fn matches(
        &mut self,
        text: &Ast,
        pattern: &Ast,
        fitting: &[&'static Function],
    ) -> Option<Typed> {
        let typed = self.typed(text, &Type::String, fitting);
        let Some(literal) = pattern.literal_text() else {
            let help = "it is compiled once, when the check is loaded".to_owned();
            let message = "the regular expression must be a literal";
            return self.fail("expr/literal", pattern.span.clone(), message, help);
        };
        let regex = regex::RegexBuilder::new(literal).size_limit(REGEX_BYTES_MAX).build();
        match regex {
            Ok(regex) => Some(Typed::test(Test::Matches(typed?.code.node(), Box::new(regex)))),
            Err(error) => {
                let error = error.to_string();
                let last = error.lines().last().unwrap_or_default();
                let last = last.strip_prefix("error: ").unwrap_or(last);
                let message = format!("this is no regular expression: {last}");
                self.fail("expr/literal", pattern.span.clone(), message, None)
            }
        }
    }

    /// `list.exists(x, …)` and its like.
    fn macro_of(
        &mut self,
        tree: &Ast,
        form: Form,
        list: &Ast,
        variable: &Ast,
        rest: &[Ast],
    ) -> Option<Typed> {
        let range = self.solid(list);
        let of = match range.as_ref().map(|range| &range.ty) {
            Some(Type::List(of)) => Some((**of).clone()),
            Some(Type::Map(_)) => Some(Type::String),
            Some(ty) => {
                let message = format!("this is {}, not a list or a map", article(&ty.clone()));
                return self.fail("expr/type", list.span.clone(), message, None);
            }
            None => None,
        };
        let name = match &variable.node {
            Tree::Name(name) if !RESERVED.contains(&name.as_str()) => name.clone(),
            _ => {
                let message = "the first argument names the variable";
                let help = "as in `self.list.filter(x, x.enabled)`".to_owned();
                return self.fail("expr/arguments", variable.span.clone(), message, help);
            }
        };
        // Without a type of the items nothing can be said of the body.
        let (range, of) = (range?, of?);
        self.named += 1;
        let root = format!("{name}#{}", self.named);
        let depth = self.present.len();
        self.present.extend(range.items.iter().map(|path| format!("{root}{path}")));
        self.locals.push(Variable { name, ty: of.clone(), words: range.words, root: root.clone() });
        let typed = self.body(tree, form, range, of, &root, rest);
        self.locals.pop();
        self.present.truncate(depth);
        typed
    }

    fn body(
        &mut self,
        tree: &Ast,
        form: Form,
        range: Typed,
        of: Type,
        root: &str,
        rest: &[Ast],
    ) -> Option<Typed> {
        let list = range.code.node();
        match (form, rest) {
            (Form::Map, [body]) => {
                let body = self.solid(body)?;
                let ty = Type::List(Arc::new(body.ty.clone()));
                let words = body.words;
                let node = Node::MapEach(Box::new((list, None, body.code.node())));
                Some(Typed { words, ..Typed::node(node, ty) })
            }
            (Form::Map, [test, body]) => {
                let test = self.judged(test);
                self.present.extend(test.iter().flat_map(|test| test.yes.iter().cloned()));
                let body = self.solid(body);
                let (test, body) = (test?, body?);
                let ty = Type::List(Arc::new(body.ty.clone()));
                let words = body.words;
                let node =
                    Node::MapEach(Box::new((list, Some(test.code.test()), body.code.node())));
                Some(Typed { words, ..Typed::node(node, ty) })
            }
            (_, [body]) => {
                let body = self.judged(body)?;
                let parts = Box::new(Loop { list, body: body.code.test() });
                match form {
                    Form::Exists => Some(Typed::test(Test::Exists(parts))),
                    Form::All => Some(Typed::test(Test::All(parts))),
                    Form::ExistsOne => Some(Typed::test(Test::One(parts))),
                    _ => {
                        let mut items = range.items;
                        let own = body.yes.iter().filter_map(|path| path.strip_prefix(root));
                        // `r#1` is also the beginning of `r#12`.
                        let own = own.filter(|path| path.starts_with(['.', '[']));
                        items.extend(own.map(str::to_owned));
                        let node = Node::Filter(parts);
                        let typed = Typed::node(node, Type::List(Arc::new(of)));
                        Some(Typed { items, words: range.words, ..typed })
                    }
                }
            }
            _ => self.fail("expr/arguments", tree.at.clone(), "it cannot be called so", None),
        }
    }

    /// Relations look in the account and region of `self`.
    fn placed(&mut self, tree: &Ast) -> Option<()> {
        if matches!(self.env.this, Some(Type::Resource(_))) {
            return Some(());
        }
        let message = "there is no `self` whose account and region could be meant";
        self.fail("expr/type", tree.at.clone(), message, None)
    }

    fn kind(&mut self, tree: &Ast) -> Option<&'static Kind> {
        let Some(name) = tree.literal_text() else {
            let message = "the resource type must be a literal";
            return self.fail("expr/literal", tree.span.clone(), message, None);
        };
        if let Some(kind) = kind_named(name) {
            return Some(kind);
        }
        let near = nearest(name, KINDS.iter().map(|kind| kind.name));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        let message = format!("no resource type `{name}` is known");
        self.fail("expr/unknown-type", tree.span.clone(), message, help)
    }

    fn related(
        &mut self,
        tree: &Ast,
        kind: &Ast,
        field: &Ast,
        value: &Ast,
        reach: Reach,
    ) -> Option<Typed> {
        let wanted = self.solid(value);
        let kind = self.kind(kind);
        if reach == Reach::Place {
            self.placed(tree)?;
        }
        let relation = self.relation(kind?, field);
        let (wanted, relation) = (wanted?, relation?);
        if wanted.ty != Type::String {
            let message = format!("the value looked for is {}, not a string", article(&wanted.ty));
            return self.fail("expr/type", value.span.clone(), message, None);
        }
        if !self.relations.contains(&relation) {
            self.relations.push(relation);
        }
        self.kinds.push(relation.kind);
        let node = Node::Related(relation, Box::new(wanted.code.node()), reach);
        Some(Typed::node(node, resources(relation.kind)))
    }

    fn relation(&mut self, kind: &'static Kind, tree: &Ast) -> Option<Relation> {
        let Some(name) = tree.literal_text() else {
            let message = "the field must be a literal";
            return self.fail("expr/literal", tree.span.clone(), message, None);
        };
        let ty = Type::Resource(kind);
        let Some((slot, field)) = Resource::field_of(kind, name) else {
            let names = super::field_names(&ty);
            let help = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", listed(&names)),
            };
            let message = format!("`{ty}` has no field `{name}`");
            return self.fail("expr/unknown-field", tree.span.clone(), message, help);
        };
        let inner = match (field.ty)() {
            Type::Optional(of) | Type::List(of) => (*of).clone(),
            ty => ty,
        };
        if inner != Type::String {
            let message =
                format!("`{name}` holds no text, and resources are looked up by text only");
            return self.fail("expr/type", tree.span.clone(), message, None);
        }
        self.fields.insert((kind.name, field.name));
        Some(Relation { kind, slot })
    }
}

fn resources(kind: &'static Kind) -> Type {
    Type::List(Arc::new(Type::Resource(kind)))
}

fn count(n: usize) -> String {
    match n {
        0 => "no arguments".to_owned(),
        1 => "one argument".to_owned(),
        n => format!("{n} arguments"),
    }
}

/// Whether a type fits into a signature, given what its variables already stand for.
fn fits(sort: Sort, ty: &Type, bound: &mut Bound) -> bool {
    match (sort, ty) {
        (Sort::Bool, Type::Bool)
        | (Sort::Int, Type::Int)
        | (Sort::Float, Type::Float)
        | (Sort::String, Type::String)
        | (Sort::Time, Type::Time)
        | (Sort::Duration, Type::Duration)
        | (Sort::Ports, Type::Ports)
        | (Sort::Prefix, Type::Prefix) => true,
        (Sort::Statement, Type::Struct(shape)) => *shape == Statement::SHAPE,
        (Sort::T, ty) => bind(&mut bound.t, ty),
        (Sort::U, ty) => bind(&mut bound.u, ty),
        (Sort::List(of), Type::List(ty)) | (Sort::Map(of), Type::Map(ty)) => fits(*of, ty, bound),
        // An empty list is a list of anything.
        (_, Type::Struct(shape)) => *shape == &NOTHING,
        _ => false,
    }
}

fn bind(variable: &mut Option<Type>, ty: &Type) -> bool {
    let joined = match variable {
        None => Some(ty.clone()),
        Some(have) => unify(have, ty),
    };
    let fits = joined.is_some();
    *variable = joined.or_else(|| variable.take());
    fits
}

fn type_of(sort: Sort, bound: &Bound) -> Option<Type> {
    Some(match sort {
        Sort::Bool => Type::Bool,
        Sort::Int => Type::Int,
        Sort::Float => Type::Float,
        Sort::String => Type::String,
        Sort::Time => Type::Time,
        Sort::Duration => Type::Duration,
        Sort::Ports => Type::Ports,
        Sort::Prefix => Type::Prefix,
        Sort::T => bound.t.clone()?,
        Sort::U => bound.u.clone()?,
        Sort::List(of) => Type::List(Arc::new(type_of(*of, bound)?)),
        Sort::Map(of) => Type::Map(Arc::new(type_of(*of, bound)?)),
        Sort::Optional(of) => Type::Optional(Arc::new(type_of(*of, bound)?)),
        _ => return None,
    })
}

/// What a signature with a type variable takes by its form, and the function cannot do.
fn refused(function: &Function, args: &[Typed]) -> Option<String> {
    let first = args.first().map(|typed| &typed.ty)?;
    let item = match first {
        Type::List(of) => of,
        ty => ty,
    };
    let ordered =
        matches!(item, Type::Int | Type::Float | Type::String | Type::Time | Type::Duration)
            || matches!(item, Type::Struct(shape) if *shape == &NOTHING);
    let scalar =
        !matches!(item, Type::List(_) | Type::Map(_) | Type::Struct(_) | Type::Resource(_));
    let name = function.name;
    match name {
        "sort" | "min" | "max" if !ordered => {
            Some(format!("{} has no order for `{name}`", article(item)))
        }
        "string" if !scalar || matches!(first, Type::List(_)) => {
            Some(format!("`string` does not take {}", article(first)))
        }
        _ => None,
    }
}
