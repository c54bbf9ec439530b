//! The typed program an expression is lowered to: fields are slots, functions are calls, literals are prepared.

use jiff::Timestamp;
use regex::Regex;

use super::eval;
use super::functions::Function;
use super::value::Value;
use crate::model::index::Relation;
use crate::model::reflect::{Reflect, Type};
use crate::model::{Index, Kind, Resource};

/// An expression, checked and ready to run. It is shared between threads.
#[derive(Debug)]
pub struct Program {
    pub(super) root: Node,
    pub(super) ty: Type,
    pub(super) relations: Vec<Relation>,
    pub(super) kinds: Vec<&'static Kind>,
    pub(super) fields: Vec<(&'static str, &'static str)>,
}

/// What an expression is evaluated on.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// `self`.
    pub this: Option<&'a dyn Reflect>,
    /// The resource whose account and region `related` and `all` look in.
    pub place: Option<&'a Resource>,
    /// The parameters, in the order the environment declared them.
    pub params: &'a [Value<'a>],
    /// The extra variables, in the order the environment declared them.
    pub vars: &'a [Value<'a>],
    /// The run's clock.
    pub now: Timestamp,
    /// Related resources.
    pub index: &'a Index,
}

impl<'a> Scope<'a> {
    /// The scope of a resource, without extra variables.
    pub fn of(
        resource: &'a Resource,
        params: &'a [Value<'a>],
        now: Timestamp,
        index: &'a Index,
    ) -> Self {
        Self { this: Some(resource), place: Some(resource), params, vars: &[], now, index }
    }

    /// The same scope with values for the extra variables.
    #[must_use]
    pub fn with_vars(self, vars: &'a [Value<'a>]) -> Self {
        Self { vars, ..self }
    }
}

impl Program {
    /// The type of its value.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The fields that resources are looked up by; the index must be built with them.
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// The resource types it looks at beside `self`, sorted by name.
    pub fn kinds(&self) -> &[&'static Kind] {
        &self.kinds
    }

    /// The fields it reads, as (name of the resource type or struct, field), sorted.
    pub fn fields(&self) -> &[(&'static str, &'static str)] {
        &self.fields
    }

    /// Evaluates it. Whatever goes wrong is an unknown value with its cause.
    pub fn eval<'a>(&'a self, scope: &Scope<'a>) -> Value<'a> {
        eval::value(&self.root, &eval::Cx::new(scope), None)
    }
}

/// A node that gives a value.
#[derive(Debug)]
pub(super) enum Node {
    Const(Value<'static>),
    This,
    Now,
    Param(usize),
    Var(usize),
    /// The variable of a macro, counted from the innermost.
    Local(usize),
    /// The slot of a struct; absent of an absent struct.
    Field(Box<Node>, usize),
    /// The value of a key of a map; absent where there is none.
    Key(Box<Node>, Box<Node>),
    /// The item of a list.
    Item(Box<Node>, Box<Node>),
    OrValue(Box<Node>, Box<Node>),
    Test(Box<Test>),
    If(Box<(Test, Node, Node)>),
    Arith(Arith, Box<(Node, Node)>),
    Negate(Box<Node>),
    Join(Box<(Node, Node)>),
    List(Box<[Node]>),
    Map(Box<[(Node, Node)]>),
    Filter(Box<Loop>),
    MapEach(Box<(Node, Option<Test>, Node)>),
    Related(Relation, Box<Node>, Reach),
    AllOf(&'static Kind),
    Size(Box<Node>),
    Call(&'static Function, Box<[Node]>),
}

/// A node that gives a truth value.
#[derive(Debug)]
pub(super) enum Test {
    Const(bool),
    /// Any node of type bool.
    Value(Node),
    /// A slot of type bool.
    Flag(Node, usize),
    Not(Box<Test>),
    And(Box<[Test]>),
    Or(Box<[Test]>),
    If(Box<(Test, Test, Test)>),
    /// Whether a value is present.
    Has(Node),
    Equal(Box<(Node, Node)>),
    EqualText(Node, Box<str>),
    AmongTexts(Node, Box<[Box<str>]>),
    Compare(Compare, Box<(Node, Node)>),
    CompareInt(Compare, Node, i64),
    /// The size of a list against a number.
    Count(Compare, Node, i64),
    /// Whether a list contains a value.
    Contains(Box<(Node, Node)>),
    /// Whether a map has a key.
    HasKey(Box<(Node, Node)>),
    Exists(Box<Loop>),
    All(Box<Loop>),
    One(Box<Loop>),
    Matches(Node, Box<Regex>),
    /// `ports.covers(port)`
    Covers(Box<(Node, Node)>),
}

/// A predicate over the items of a list.
#[derive(Debug)]
pub(super) struct Loop {
    pub list: Node,
    pub body: Test,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arith {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Compare {
    /// The same relation read from the other side.
    pub(super) fn flipped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
            Self::Equal => Self::Equal,
        }
    }

    pub(super) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Less => order.is_lt(),
            Self::LessEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterEqual => order.is_ge(),
        }
    }
}

/// Where related resources are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Place,
    Everywhere,
}
