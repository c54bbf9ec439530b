//! Conditions of statements.
//!
//! Source: AWS IAM User Guide, "IAM JSON policy elements: Condition operators" and "Multivalued context keys"
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>).

mod compare;

use compare::Operator;

use super::glob::Glob;
use super::request::{Lookup, Request};
use super::truth::{Need, Truth};
use crate::model::policy;

/// One operator over one key.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The operator as written.
    pub written: Box<str>,
    /// The key as written.
    pub key: Box<str>,
    /// The key in lower case, as keys are compared.
    pub key_lower: Box<str>,
    /// The values.
    values: Vec<Pattern>,
    operator: Option<Operator>,
    set: Set,
    if_exists: bool,
}

/// A value of a condition.
#[derive(Debug, Clone)]
struct Pattern {
    text: Box<str>,
    glob: Glob,
}

/// How several values of a request are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    None,
    ForAll,
    ForAny,
}

impl Condition {
    /// Makes a condition ready; what is not understood of it makes it undecidable.
    pub fn compile(source: &policy::Condition, variables: bool) -> Self {
        let text = |attr: &crate::model::Attr<String>| attr.known().cloned().unwrap_or_default();
        let (written, key) = (text(&source.operator), text(&source.key));
        let lower = written.to_ascii_lowercase();
        let (set, rest) = if let Some(rest) = lower.strip_prefix("forallvalues:") {
            (Set::ForAll, rest)
        } else if let Some(rest) = lower.strip_prefix("foranyvalue:") {
            (Set::ForAny, rest)
        } else {
            (Set::None, lower.as_str())
        };
        let (name, if_exists) = match rest.strip_suffix("ifexists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let mut operator = Operator::named(name);
        if key.is_empty() || if_exists && operator == Some(Operator::Null) {
            operator = None;
        }
        let mut values = Vec::new();
        match source.values.known() {
            Some(list) => values.extend(list.iter().map(|text| Pattern {
                text: text.as_str().into(),
                glob: Glob::compile(text, variables),
            })),
            None => operator = None,
        }
        Self {
            written: written.into(),
            key_lower: key.to_ascii_lowercase().into(),
            key: key.into(),
            values,
            operator,
            set,
            if_exists,
        }
    }

    /// The condition as something an answer hangs on.
    pub fn need(&self) -> Need {
        Need::Condition {
            operator: self.written.to_string(),
            key: self.key.to_string(),
            values: self.values().map(str::to_owned).collect(),
        }
    }

    /// The values as written.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(|pattern| &*pattern.text)
    }

    /// Whether its operator is understood.
    pub fn understood(&self) -> bool {
        self.operator.is_some()
    }

    /// Whether it holds for a request.
    pub fn holds(&self, request: &Request<'_>) -> Truth {
        let Some(operator) = self.operator else { return Truth::Maybe };
        let lookup = request.lookup(&self.key_lower);
        if operator == Operator::Null {
            return self.null(&lookup);
        }
        match &lookup {
            // A key with several values never satisfies an operator for one, not even with one value.
            Lookup::Several(values) if self.set == Set::None && !values.is_empty() => Truth::No,
            Lookup::Is(values) | Lookup::Several(values) => self.present(operator, values, request),
            Lookup::Absent => self.absent(operator),
            Lookup::IsOrAbsent(values) => {
                let (with, without) =
                    (self.present(operator, values, request), self.absent(operator));
                if with == without { with } else { Truth::Maybe }
            }
            Lookup::Unknown if self.always(operator) => Truth::Yes,
            Lookup::Unknown => Truth::Maybe,
        }
    }

    fn null(&self, lookup: &Lookup<'_>) -> Truth {
        let absent = match lookup {
            Lookup::Is(values) | Lookup::Several(values) => values.is_empty(),
            Lookup::Absent => true,
            Lookup::IsOrAbsent(_) | Lookup::Unknown => return Truth::Maybe,
        };
        self.values()
            .any(|value| value.eq_ignore_ascii_case(if absent { "true" } else { "false" }))
            .into()
    }

    /// Without the key: operators that demand something fail, those that exclude something hold.
    fn absent(&self, operator: Operator) -> Truth {
        if self.if_exists {
            return Truth::Yes;
        }
        match self.set {
            Set::ForAll => Truth::Yes,
            Set::ForAny => Truth::No,
            Set::None => operator.negated().into(),
        }
    }

    fn present(
        &self,
        operator: Operator,
        values: &[std::borrow::Cow<'_, str>],
        request: &Request<'_>,
    ) -> Truth {
        if values.is_empty() {
            return self.absent(operator);
        }
        let mut satisfied = values.iter().map(|value| self.satisfied(operator, value, request));
        match self.set {
            // A key with several values never satisfies an operator for one.
            Set::None if values.len() > 1 => Truth::No,
            Set::ForAll => satisfied.fold(Truth::Yes, Truth::and),
            Set::None | Set::ForAny => satisfied.by_ref().fold(Truth::No, Truth::or),
        }
    }

    /// Whether one value of the request satisfies the operator.
    fn satisfied(&self, operator: Operator, value: &str, request: &Request<'_>) -> Truth {
        if !operator.sensible(value) {
            return Truth::No;
        }
        let matched = self
            .values
            .iter()
            .map(|pattern| operator.matches(value, &pattern.glob, request))
            .fold(Truth::No, Truth::or);
        if operator.negated() { matched.not() } else { matched }
    }

    /// Whether it holds whatever the request carries.
    fn always(&self, operator: Operator) -> bool {
        (self.if_exists || self.set == Set::ForAll)
            && operator.is_pattern()
            && self.values().any(|value| value == "*")
    }
}

#[cfg(test)]
mod tests;
