//! Operators: logic with its guards, comparisons, arithmetic, choices.

use super::{Checker, Code, Typed, article, listed, unify};
use crate::diag::nearest;
use crate::expr::ast::{Ast, Binary, Foreign, Node as Tree};
use crate::expr::ops;
use crate::expr::program::{Arith, Compare, Node, Test};
use crate::expr::value::Value;
use crate::model::reflect::Type;

impl Checker<'_> {
    /// A part that must be a bool, and must depend on something.
    pub(super) fn judged(&mut self, tree: &Ast) -> Option<Typed> {
        let typed = self.solid(tree)?;
        if typed.ty != Type::Bool {
            let message = format!("a condition must be a bool, this is {}", article(&typed.ty));
            let help = matches!(typed.ty, Type::List(_))
                .then(|| format!("ask for its size: `{}.size() > 0`", self.text(&tree.span)));
            return self.fail("expr/type", tree.span.clone(), message, help);
        }
        let typed = Typed { code: Code::Test(typed.code.test()), ..typed };
        if let Code::Test(Test::Const(holds)) = &typed.code {
            let message = format!("this condition is always {holds}");
            return self.fail("expr/constant", tree.span.clone(), message, None);
        }
        Some(typed)
    }

    pub(super) fn not(&mut self, inner: &Ast) -> Option<Typed> {
        let typed = self.judged(inner)?;
        let test = match typed.code.test() {
            Test::Not(inner) => *inner,
            test => Test::Not(Box::new(test)),
        };
        Some(Typed { yes: typed.no, no: typed.yes, ..Typed::test(test) })
    }

    pub(super) fn negate(&mut self, inner: &Ast) -> Option<Typed> {
        let typed = self.solid(inner)?;
        match typed.ty {
            Type::Int | Type::Float => {
                let ty = typed.ty.clone();
                Some(Typed::node(Node::Negate(Box::new(typed.code.node())), ty))
            }
            ty => {
                let message = format!("`-` takes a number, not {}", article(&ty));
                self.fail("expr/type", inner.span.clone(), message, None)
            }
        }
    }

    /// `a && b && …`, or `a || b || …`: what stands left guards what stands right.
    pub(super) fn junction(&mut self, parts: &[Ast], is_and: bool) -> Option<Typed> {
        let depth = self.present.len();
        let mut tests = Vec::with_capacity(parts.len());
        let mut whole = true;
        // Paths present when the junction has the truth that needs all parts, and the one that needs any.
        let mut all: Vec<String> = Vec::new();
        let mut any: Option<Vec<String>> = None;
        for part in parts {
            let Some(typed) = self.judged(part) else {
                // What this part might have guarded is not known: guard what its own text says.
                self.assume(part, is_and);
                whole = false;
                continue;
            };
            let (needs_all, needs_any) =
                if is_and { (typed.yes, typed.no) } else { (typed.no, typed.yes) };
            self.present.extend(needs_all.iter().cloned());
            all.extend(needs_all);
            any = Some(match any {
                None => needs_any,
                Some(have) => have.into_iter().filter(|path| needs_any.contains(path)).collect(),
            });
            match typed.code.test() {
                Test::And(inner) if is_and => tests.extend(inner),
                Test::Or(inner) if !is_and => tests.extend(inner),
                test => tests.push(test),
            }
        }
        self.present.truncate(depth);
        if !whole {
            return None;
        }
        let any = any.unwrap_or_default();
        let (yes, no) = if is_and { (all, any) } else { (any, all) };
        let test = if is_and { Test::And(tests.into()) } else { Test::Or(tests.into()) };
        Some(Typed { yes, no, ..Typed::test(test) })
    }

    /// After a mistake: takes `has(…)` for what it says, so that one mistake does not make others.
    fn assume(&mut self, tree: &Ast, positive: bool) {
        match &tree.node {
            Tree::Call { name, args, .. } if name == "has" && positive => {
                let path = args.first().and_then(|arg| self.path(arg));
                self.present.extend(path);
            }
            Tree::Not(inner) => self.assume(inner, !positive),
            _ => {}
        }
    }

    pub(super) fn condition(&mut self, parts: &[Ast; 3]) -> Option<Typed> {
        let [test, yes, no] = parts;
        let depth = self.present.len();
        let judged = self.judged(test);
        match &judged {
            Some(judged) => self.present.extend(judged.yes.iter().cloned()),
            None => self.assume(test, true),
        }
        let first = self.solid(yes);
        self.present.truncate(depth);
        match &judged {
            Some(judged) => self.present.extend(judged.no.iter().cloned()),
            None => self.assume(test, false),
        }
        let second = self.solid(no);
        self.present.truncate(depth);
        let (judged, first, second) = (judged?, first?, second?);
        let Some(ty) = unify(&first.ty, &second.ty) else {
            let message =
                format!("the two ways differ: {} and {}", article(&first.ty), article(&second.ty));
            return self.fail("expr/type", no.span.clone(), message, None);
        };
        let test = judged.code.test();
        Some(if ty == Type::Bool {
            Typed::test(Test::If(Box::new((test, first.code.test(), second.code.test()))))
        } else {
            let parts = (test, first.code.node(), second.code.node());
            Typed::node(Node::If(Box::new(parts)), ty)
        })
    }

    pub(super) fn binary(
        &mut self,
        tree: &Ast,
        operator: Binary,
        parts: &[Ast; 2],
    ) -> Option<Typed> {
        let [left_tree, right_tree] = parts;
        if let Some(null) = parts.iter().find(|p| matches!(p.node, Tree::Foreign(Foreign::Null))) {
            // What is compared with it is an optional on purpose.
            return self.check(null);
        }
        let (left, right) = (self.solid(left_tree), self.solid(right_tree));
        let (left, right) = (left?, right?);
        match operator {
            Binary::Equal | Binary::NotEqual => {
                self.comparable(tree, operator, &left, &right)?;
                self.vocabulary(&left, right_tree)?;
                self.vocabulary(&right, left_tree)?;
                let test = equality(left, right);
                let negated = operator == Binary::NotEqual;
                Some(Typed::test(if negated { Test::Not(Box::new(test)) } else { test }))
            }
            Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual => {
                self.comparable(tree, operator, &left, &right)?;
                let ordered = [Type::Int, Type::Float, Type::String, Type::Time, Type::Duration];
                // One of them may be the item of an empty list, which has any type.
                let ty = unify(&left.ty, &right.ty).unwrap_or_else(|| left.ty.clone());
                if !ordered.contains(&ty) {
                    let message = format!("{} has no order", article(&ty));
                    return self.fail("expr/type", tree.at.clone(), message, None);
                }
                Some(Typed::test(ordering(operator, left, right)))
            }
            Binary::In => self.membership(tree, left, right, parts),
            _ => self.arithmetic(tree, operator, left, right),
        }
    }

    fn comparable(
        &mut self,
        tree: &Ast,
        operator: Binary,
        left: &Typed,
        right: &Typed,
    ) -> Option<()> {
        let number = |ty: &Type| matches!(ty, Type::Int | Type::Float);
        if unify(&left.ty, &right.ty).is_some() || (number(&left.ty) && number(&right.ty)) {
            return Some(());
        }
        let sign = operator.sign();
        let message = format!(
            "`{sign}` compares {} with {}, which can never hold",
            article(&left.ty),
            article(&right.ty)
        );
        let help = match (&left.ty, &right.ty) {
            (Type::Prefix, Type::String) | (Type::String, Type::Prefix) => {
                Some("make the text a prefix: `prefix('…')`".to_owned())
            }
            (Type::Time, Type::String) | (Type::String, Type::Time) => {
                Some("make the text a time: `timestamp('…')`".to_owned())
            }
            (Type::Ports, Type::Int) => Some("ask with `ports.covers(…)`".to_owned()),
            (Type::Duration, Type::Int) => Some("write `days(…)` or `hours(…)`".to_owned()),
            (Type::List(_), _) => Some("ask with `value in list`".to_owned()),
            _ => None,
        };
        self.fail("expr/never", tree.at.clone(), message, help)
    }

    /// A text literal compared with a closed vocabulary must be in it.
    fn vocabulary(&mut self, typed: &Typed, other: &Ast) -> Option<()> {
        let Some(text) = other.literal_text() else { return Some(()) };
        if typed.words.is_empty() || typed.ty != Type::String || typed.words.contains(&text) {
            return Some(());
        }
        let words = typed.words;
        let help = match nearest(text, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it is one of {}", listed(words)),
        };
        let message = format!("`{text}` is none of the values it can have, so this can never hold");
        self.fail("expr/never", other.span.clone(), message, help)
    }

    fn membership(
        &mut self,
        tree: &Ast,
        left: Typed,
        right: Typed,
        parts: &[Ast; 2],
    ) -> Option<Typed> {
        let [left_tree, right_tree] = parts;
        match &right.ty {
            Type::List(of) => {
                if unify(&left.ty, of).is_none() {
                    let message = format!("a {} never contains {}", right.ty, article(&left.ty));
                    return self.fail("expr/never", tree.at.clone(), message, None);
                }
                if let Tree::List(items) = &right_tree.node {
                    let known: Vec<_> = items.iter().map(|i| self.vocabulary(&left, i)).collect();
                    known.into_iter().collect::<Option<Vec<()>>>()?;
                }
                let items = Typed { words: right.words, ..Typed::node(Node::This, (**of).clone()) };
                self.vocabulary(&items, left_tree)?;
                Some(Typed::test(among(left, right)))
            }
            Type::Map(_) if left.ty == Type::String => {
                let index = Ast {
                    node: Tree::Index {
                        base: Box::new(right_tree.clone()),
                        index: Box::new(left_tree.clone()),
                        optional: false,
                    },
                    span: tree.span.clone(),
                    at: tree.at.clone(),
                };
                let yes = self.path(&index).into_iter().collect();
                let pair = (left.code.node(), right.code.node());
                Some(Typed { yes, ..Typed::test(Test::HasKey(Box::new(pair))) })
            }
            Type::Map(_) => {
                let message = format!("the keys of a map are text, not {}", article(&left.ty));
                self.fail("expr/never", tree.at.clone(), message, None)
            }
            ty => {
                let help = match (&left.ty, ty) {
                    (Type::String, Type::String) => {
                        Some("write `text.contains('part')`".to_owned())
                    }
                    (Type::Int, Type::Ports) => Some("write `ports.covers(port)`".to_owned()),
                    (Type::Prefix, Type::Prefix) => {
                        Some("write `outer.contains(inner)`".to_owned())
                    }
                    _ => None,
                };
                let message = format!("`in` asks a list or a map, not {}", article(ty));
                self.fail("expr/type", right_tree.span.clone(), message, help)
            }
        }
    }

    fn arithmetic(
        &mut self,
        tree: &Ast,
        operator: Binary,
        left: Typed,
        right: Typed,
    ) -> Option<Typed> {
        use Type::{Duration, Float, Int, String, Time};
        let how = match operator {
            Binary::Subtract => Arith::Subtract,
            Binary::Multiply => Arith::Multiply,
            Binary::Divide => Arith::Divide,
            Binary::Remainder => Arith::Remainder,
            _ => Arith::Add,
        };
        let result = match (how, &left.ty, &right.ty) {
            (_, Int, Int) => Int,
            (Arith::Remainder, Float, Float) => {
                return self.no_arithmetic(tree, operator, &left, &right);
            }
            (_, Float, Float) => Float,
            (Arith::Add, String, String) => String,
            (Arith::Add | Arith::Subtract, Time, Duration) | (Arith::Add, Duration, Time) => Time,
            (Arith::Add | Arith::Subtract, Duration, Duration) | (Arith::Subtract, Time, Time) => {
                Duration
            }
            (Arith::Add, Type::List(_), Type::List(_)) => match unify(&left.ty, &right.ty) {
                Some(ty) => {
                    let pair = (left.code.node(), right.code.node());
                    return Some(Typed::node(Node::Join(Box::new(pair)), ty));
                }
                None => return self.no_arithmetic(tree, operator, &left, &right),
            },
            _ => return self.no_arithmetic(tree, operator, &left, &right),
        };
        if let (Some(a), Some(b)) = (left.constant(), right.constant()) {
            return match ops::arith(how, a, b) {
                Value::Unknown(why) => {
                    let message = why.cause().detail().unwrap_or("no result").to_owned();
                    self.fail("expr/literal", tree.span.clone(), message, None)
                }
                value => Some(Typed::node(Node::Const(value), result)),
            };
        }
        let pair = (left.code.node(), right.code.node());
        Some(Typed::node(Node::Arith(how, Box::new(pair)), result))
    }

    fn no_arithmetic<T>(
        &mut self,
        tree: &Ast,
        operator: Binary,
        left: &Typed,
        right: &Typed,
    ) -> Option<T> {
        let (a, b, sign) = (article(&left.ty), article(&right.ty), operator.sign());
        let help = match (&left.ty, &right.ty) {
            (Type::Time | Type::Duration, Type::Int) => {
                Some("write a length of time: `days(90)`".to_owned())
            }
            (Type::Int, Type::Float) | (Type::Float, Type::Int) => {
                Some("convert one of them with `int(…)` or `double(…)`".to_owned())
            }
            (Type::String, _) => Some("make it text with `string(…)`".to_owned()),
            _ => None,
        };
        let message = format!("`{sign}` does not take {a} and {b}");
        self.fail("expr/type", tree.at.clone(), message, help)
    }
}

fn equality(left: Typed, right: Typed) -> Test {
    let (left, right) = if left.constant().is_some() { (right, left) } else { (left, right) };
    match (left.code.node(), right.code.node()) {
        (Node::Size(list), Node::Const(Value::Int(n))) => Test::Count(Compare::Equal, *list, n),
        (node, Node::Const(Value::Int(n))) if left.ty == Type::Int && !is_const(&node) => {
            Test::CompareInt(Compare::Equal, node, n)
        }
        (node, Node::Const(Value::Text(text))) if !is_const(&node) => {
            Test::EqualText(node, Box::from(&*text))
        }
        (a, b) => decided(Test::Equal(Box::new((a, b)))),
    }
}

fn is_const(node: &Node) -> bool {
    matches!(node, Node::Const(_))
}

/// The truth of a test between constants.
fn decided(test: Test) -> Test {
    let truth = match &test {
        Test::Equal(pair) => match &**pair {
            (Node::Const(a), Node::Const(b)) => ops::equal(a, b),
            _ => return test,
        },
        Test::Compare(how, pair) => match &**pair {
            (Node::Const(a), Node::Const(b)) => ops::compare(*how, a, b),
            _ => return test,
        },
        _ => return test,
    };
    Test::Const(truth.is_true())
}

fn ordering(operator: Binary, left: Typed, right: Typed) -> Test {
    let how = match operator {
        Binary::Less => Compare::Less,
        Binary::LessEqual => Compare::LessEqual,
        Binary::Greater => Compare::Greater,
        _ => Compare::GreaterEqual,
    };
    match (left.code.node(), right.code.node()) {
        (Node::Size(list), Node::Const(Value::Int(n))) => Test::Count(how, *list, n),
        (Node::Const(Value::Int(n)), Node::Size(list)) => Test::Count(how.flipped(), *list, n),
        (node, Node::Const(Value::Int(n))) if !is_const(&node) => Test::CompareInt(how, node, n),
        (Node::Const(Value::Int(n)), node) if !is_const(&node) => {
            Test::CompareInt(how.flipped(), node, n)
        }
        (a, b) => decided(Test::Compare(how, Box::new((a, b)))),
    }
}

fn among(left: Typed, right: Typed) -> Test {
    let is_text = left.ty == Type::String;
    match (left.code.node(), right.code.node()) {
        (node, Node::Const(Value::List(list))) if is_text => {
            let texts = list.certain().filter_map(Value::as_str).map(Box::from).collect();
            Test::AmongTexts(node, texts)
        }
        (a, b) => Test::Contains(Box::new((a, b))),
    }
}
