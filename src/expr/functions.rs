//! The one table of functions: checker, evaluator and documentation read it, so they cannot disagree.

mod lists;
mod network;
mod policy;
mod text;
mod time;

use std::fmt;
use std::fmt::Write as _;

use super::value::{Listing, Value, Why};
use crate::model::reflect::Type;

/// A type as signatures speak of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Sort {
    Bool,
    Int,
    Float,
    String,
    Time,
    Duration,
    Ports,
    Prefix,
    /// An IAM policy statement.
    Statement,
    /// Any type, the same throughout a signature.
    T,
    /// Another one.
    U,
    List(&'static Self),
    Map(&'static Self),
    Optional(&'static Self),
    /// The resources of the type that the first argument names.
    Resources,
    /// The name of a macro's variable.
    Variable,
    /// A resource type, written as text.
    Kind,
    /// A field of that type, written as text.
    Field,
    /// A field or key, such as `self.name`.
    Place,
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => Type::Bool.fmt(f),
            Self::Int => Type::Int.fmt(f),
            Self::Float => Type::Float.fmt(f),
            Self::String => Type::String.fmt(f),
            Self::Time => Type::Time.fmt(f),
            Self::Duration => Type::Duration.fmt(f),
            Self::Ports => Type::Ports.fmt(f),
            Self::Prefix => Type::Prefix.fmt(f),
            Self::Statement => f.write_str("Statement"),
            Self::T => f.write_str("T"),
            Self::U => f.write_str("U"),
            Self::List(of) => write!(f, "list({of})"),
            Self::Map(of) => write!(f, "map({of})"),
            Self::Optional(of) => write!(f, "optional({of})"),
            Self::Resources => f.write_str("list(resource)"),
            Self::Variable => f.write_str("variable"),
            Self::Kind => f.write_str("'type'"),
            Self::Field => f.write_str("'field'"),
            Self::Place => f.write_str("field"),
        }
    }
}

/// What the checker lowers in a way of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is a function's name")]
pub enum Form {
    Has,
    Exists,
    ExistsOne,
    All,
    Filter,
    Map,
    Size,
    OrValue,
    HasValue,
    Related,
    RelatedAnywhere,
    AllOf,
    Matches,
    Age,
    Covers,
}

/// How a function computes.
#[derive(Debug, Clone, Copy)]
pub enum Run {
    /// From known arguments alone, the receiver first.
    Pure(for<'a> fn(&[Value<'a>]) -> Value<'a>),
    /// In a way of its own.
    Form(Form),
}

/// One function, or one signature of a function with several.
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it is called on, as in `receiver.name(…)`.
    pub receiver: Option<Sort>,
    /// Its arguments.
    pub args: &'static [Sort],
    /// What it gives.
    pub result: Sort,
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// An example.
    pub example: &'static str,
    /// Whether it is read like a field, without brackets.
    pub property: bool,
    /// How it computes.
    pub run: Run,
}

impl Function {
    /// Computes it from known arguments, the receiver first.
    pub(super) fn run<'a>(&self, args: &[Value<'a>]) -> Value<'a> {
        match self.run {
            Run::Pure(run) => run(args),
            Run::Form(_) => Value::Unknown(Why::not_understood(self.name)),
        }
    }

    /// `list(T).exists(variable, bool) → bool`
    pub fn signature(&self) -> String {
        let mut out = String::new();
        if let Some(receiver) = self.receiver {
            // Writing to a string cannot fail.
            let _ = write!(out, "{receiver}.");
        }
        out.push_str(self.name);
        if !self.property {
            let args: Vec<String> = self.args.iter().map(ToString::to_string).collect();
            let _ = write!(out, "({})", args.join(", "));
        }
        let _ = write!(out, " → {}", self.result);
        out
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.signature())
    }
}

/// A group of functions, for documentation.
#[derive(Debug)]
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// Its functions.
    pub functions: &'static [Function],
}

/// Every function there is.
pub static FUNCTIONS: &[Group] = &[
    Group { title: "Presence", functions: lists::PRESENCE },
    Group { title: "Lists and maps", functions: lists::LISTS },
    Group { title: "Related resources", functions: lists::RELATED },
    Group { title: "Text", functions: text::TEXT },
    Group { title: "Numbers", functions: text::NUMBERS },
    Group { title: "Ports and prefixes", functions: network::NETWORK },
    Group { title: "Time", functions: time::TIME },
    Group { title: "IAM policies", functions: policy::POLICY },
];

/// All functions of all groups.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.iter().flat_map(|group| group.functions)
}

/// Writes a function: `f!(doc, example, String.glob(String) -> Bool, run)`.
macro_rules! function {
    ($doc:literal, $example:literal, $name:literal, $receiver:expr, $args:expr, $result:expr, $run:expr) => {
        $crate::expr::functions::Function {
            name: $name,
            receiver: $receiver,
            args: $args,
            result: $result,
            doc: $doc,
            example: $example,
            property: false,
            run: $run,
        }
    };
}
use function;

/// The guide to the expression language with the reference of its functions, as Markdown: `docs/expressions.md`.
pub fn markdown() -> String {
    let mut out = include_str!("guide.md").to_owned();
    for group in FUNCTIONS {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "\n### {}\n\n| function | what it does | example |\n|---|---|---|",
            group.title
        );
        for function in group.functions {
            let cell = |text: &str| text.replace('|', "\\|");
            let _ = writeln!(
                out,
                "| `{}` | {} | `{}` |",
                cell(&function.signature()),
                cell(function.doc),
                cell(function.example)
            );
        }
    }
    out
}

/// Helpers of the functions: the checker has made sure of the types, so that these only take them out again.
mod take {
    use super::{Listing, Value, Why};
    use crate::net::{Ports, Prefix};
    use jiff::{SignedDuration, Timestamp};

    pub(super) fn text<'v>(args: &'v [Value<'_>], at: usize) -> &'v str {
        args.get(at).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn int(args: &[Value<'_>], at: usize) -> i64 {
        match args.get(at) {
            Some(Value::Int(v)) => *v,
            _ => 0,
        }
    }

    pub(super) fn float(args: &[Value<'_>], at: usize) -> f64 {
        match args.get(at) {
            Some(Value::Float(v)) => *v,
            _ => 0.0,
        }
    }

    pub(super) fn ports(args: &[Value<'_>], at: usize) -> Ports {
        match args.get(at) {
            Some(Value::Ports(v)) => *v,
            _ => Ports::ALL,
        }
    }

    pub(super) fn prefix(args: &[Value<'_>], at: usize) -> Option<Prefix> {
        match args.get(at) {
            Some(Value::Prefix(v)) => Some(*v),
            _ => None,
        }
    }

    pub(super) fn duration(args: &[Value<'_>], at: usize) -> SignedDuration {
        match args.get(at) {
            Some(Value::Duration(v)) => *v,
            _ => SignedDuration::ZERO,
        }
    }

    pub(super) fn time(args: &[Value<'_>], at: usize) -> Option<Timestamp> {
        match args.get(at) {
            Some(Value::Time(v)) => Some(*v),
            _ => None,
        }
    }

    /// The items of a list that is known exactly, each of them known.
    pub(super) fn list<'a>(args: &[Value<'a>], at: usize) -> Result<Vec<Value<'a>>, Why<'a>> {
        let listing = args.get(at).map_or_else(|| Ok(Listing::default()), Value::listing)?;
        if let Some(why) = listing.doubt() {
            return Err(why.clone());
        }
        let unknown = listing.items.iter().find_map(|item| item.value.why());
        match unknown {
            Some(why) => Err(why.clone()),
            None => Ok(listing.items.into_iter().map(|item| item.value).collect()),
        }
    }

    pub(super) fn failed<'a>(detail: impl Into<String>) -> Value<'a> {
        Value::Unknown(Why::not_understood(detail))
    }
}
