//! The expression language of checks: CEL, checked against the model, in three-valued logic.
//!
//! Text is parsed, the tree is typed against the shapes of the model and lowered to a program: fields are slots,
//! functions are typed calls, literals are prepared. The evaluator walks the program over borrowed resources. An
//! expression has no side effects, always ends, and cannot fail: whatever has no value is unknown, with the cause.
//! Making any value unknown may change a result to unknown only. There is no way to ask whether something is unknown.

mod ast;
mod check;
mod eval;
mod functions;
mod lex;
mod ops;
mod parse;
mod plain;
mod program;
mod source;
mod template;
mod types;
mod value;

pub use functions::{FUNCTIONS, Form, Function, Group, Run, Sort, markdown};
pub use program::{Program, Scope};
pub use source::{Offsets, Source};
pub use template::Template;
pub use types::{SIMPLE_TYPES, parse_type, value_from_json};
pub use value::{Item, Listing, Truth, Value, Why};

use crate::diag::Diagnostics;
use crate::model::reflect::Type;

/// The names an expression may use, with their types.
#[derive(Debug, Clone, Default)]
pub struct Env {
    /// The type of `self`, when there is one.
    pub this: Option<Type>,
    /// What `params.x` means; [`Scope::params`] holds the values in this order.
    pub params: Vec<(String, Type)>,
    /// Further variables; [`Scope::vars`] holds the values in this order.
    pub vars: Vec<(String, Type)>,
}

/// What an expression must give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// A truth value.
    Bool,
    /// A list.
    List,
    /// Anything; an optional may be absent.
    Any,
    /// Anything that can be shown, which is everything; an optional may be absent.
    Text,
}

/// Compiles an expression; tells what is wrong with it otherwise, all of it.
pub fn compile(
    source: &Source<'_>,
    env: &Env,
    want: Want,
    diagnostics: &mut Diagnostics,
) -> Option<Program> {
    let tree = parse::parse(source, diagnostics)?;
    check::check(source, &tree, env, want, diagnostics)
}
