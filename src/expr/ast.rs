//! The tree of an expression with the place of every node, free of the parser's own types.

use std::ops::Range;

/// A node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ast {
    pub node: Node,
    /// The bytes of the whole node.
    pub span: Range<usize>,
    /// The bytes of the name or operator that makes it what it is.
    pub at: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// A literal the language has and we do not: `null`, `1u`, `b'…'`.
    Foreign(Foreign),
    Name(String),
    Select {
        base: Box<Ast>,
        field: String,
        optional: bool,
    },
    Index {
        base: Box<Ast>,
        index: Box<Ast>,
        optional: bool,
    },
    Not(Box<Ast>),
    Negate(Box<Ast>),
    And(Vec<Ast>),
    Or(Vec<Ast>),
    Binary(Binary, Box<[Ast; 2]>),
    /// Condition, value if it holds, value otherwise.
    If(Box<[Ast; 3]>),
    Call {
        name: String,
        receiver: Option<Box<Ast>>,
        args: Vec<Ast>,
    },
    List(Vec<Ast>),
    Map(Vec<[Ast; 2]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Foreign {
    Null,
    Unsigned,
    Bytes,
    Message,
    OptionalElement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    In,
}

impl Binary {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
            Self::In => "in",
        }
    }
}

impl Ast {
    /// The nodes directly within.
    fn children(&self) -> Vec<&Ast> {
        match &self.node {
            Node::Select { base, .. } | Node::Not(base) | Node::Negate(base) => vec![base],
            Node::Index { base, index, .. } => vec![base, index],
            Node::And(parts) | Node::Or(parts) | Node::List(parts) => parts.iter().collect(),
            Node::Binary(_, parts) => parts.iter().collect(),
            Node::If(parts) => parts.iter().collect(),
            Node::Call { receiver, args, .. } => {
                receiver.as_deref().into_iter().chain(args).collect()
            }
            Node::Map(entries) => entries.iter().flatten().collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the tree is at most so deep. Without recursion, since that is what is asked.
    pub(super) fn is_within_depth(&self, depth_max: usize) -> bool {
        let mut level = vec![self];
        for _ in 0..depth_max {
            level = level.into_iter().flat_map(Ast::children).collect();
            if level.is_empty() {
                return true;
            }
        }
        false
    }

    /// The value of a text literal.
    pub(super) fn literal_text(&self) -> Option<&str> {
        match &self.node {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }
}
