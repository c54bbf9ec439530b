//! Parameters: what an organisation may turn, how far, and in which direction it becomes stricter.

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// The type of a parameter, written as in checks: `int`, `float`, `string`, `bool`, `list(T)`, `map(T)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamType {
    /// A whole number.
    Int,
    /// Any number.
    Float,
    /// A text.
    String,
    /// True or false.
    Bool,
    /// A list of one type.
    List(Box<Self>),
    /// Texts to values of one type.
    Map(Box<Self>),
}

impl ParamType {
    /// Reads `list(int)` and the like.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let inner = |name: &str| {
            let rest = text.strip_prefix(name)?.trim_start().strip_prefix('(')?;
            Self::parse(rest.strip_suffix(')')?).map(Box::new)
        };
        match text {
            "int" => Some(Self::Int),
            "float" => Some(Self::Float),
            "string" => Some(Self::String),
            "bool" => Some(Self::Bool),
            _ => inner("list").map(Self::List).or_else(|| inner("map").map(Self::Map)),
        }
    }

    /// Whether a value is of this type.
    pub fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Int => value.is_i64() || value.is_u64(),
            Self::Float => value.is_number(),
            Self::String => value.is_string(),
            Self::Bool => value.is_boolean(),
            Self::List(item) => {
                value.as_array().is_some_and(|list| list.iter().all(|v| item.fits(v)))
            }
            Self::Map(item) => {
                value.as_object().is_some_and(|map| map.values().all(|v| item.fits(v)))
            }
        }
    }
}

impl fmt::Display for ParamType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int => f.write_str("int"),
            Self::Float => f.write_str("float"),
            Self::String => f.write_str("string"),
            Self::Bool => f.write_str("bool"),
            Self::List(item) => write!(f, "list({item})"),
            Self::Map(item) => write!(f, "map({item})"),
        }
    }
}

/// The direction in which a parameter becomes stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tighten {
    /// Smaller numbers are stricter; of maps, in every key.
    Lower,
    /// Larger numbers are stricter; of maps, in every key.
    Higher,
    /// Leaving items out is stricter: lists of what is allowed.
    Fewer,
    /// Adding items is stricter: lists of what is required or forbidden.
    More,
    /// `true` is stricter.
    On,
    /// `false` is stricter.
    Off,
}

/// One parameter of a framework.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name; checks that declare a parameter of this name receive its value.
    pub name: String,
    /// Its type.
    pub kind: ParamType,
    /// The value when no overlay sets it.
    pub default: Value,
    /// The least number an overlay may set.
    pub min: Option<f64>,
    /// The largest number an overlay may set.
    pub max: Option<f64>,
    /// The direction that needs no reason; without it every change is neutral.
    pub tighten: Option<Tighten>,
    /// Of texts that stand for a choice: every choice, loosest first.
    pub levels: Vec<String>,
    /// What it means, with its unit.
    pub doc: String,
}

/// How a new value stands to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The same, stricter, or of a parameter without direction.
    Free,
    /// Less strict: needs a reason and an approver.
    Loosens,
}

impl Parameter {
    /// Why the value cannot be, whatever the reason given for it.
    pub fn refuses(&self, value: &Value) -> Option<String> {
        if !self.kind.fits(value) {
            return Some(format!("`{}` is of type {}, and {value} is not", self.name, self.kind));
        }
        if let Some(text) = value.as_str()
            && !self.levels.is_empty()
            && self.level(text).is_none()
        {
            return Some(format!(
                "`{}` is one of {}, not `{text}`",
                self.name,
                self.levels.join(", ")
            ));
        }
        for number in numbers(value) {
            if self.min.is_some_and(|min| number < min) {
                let min = self.min.unwrap_or_default();
                return Some(format!("`{}` may not be under {min}, and {number} is", self.name));
            }
            if self.max.is_some_and(|max| number > max) {
                let max = self.max.unwrap_or_default();
                return Some(format!("`{}` may not be over {max}, and {number} is", self.name));
            }
        }
        None
    }

    fn level(&self, text: &str) -> Option<usize> {
        self.levels.iter().position(|level| level == text)
    }

    /// Whether replacing `old` by `new` makes the framework less strict.
    pub fn change(&self, old: &Value, new: &Value) -> Change {
        let level = |value: &Value| value.as_str().and_then(|text| self.level(text));
        let loosens = match self.tighten {
            None => level(new) < level(old),
            Some(Tighten::Lower) => rises(old, new, Ordering::Greater),
            Some(Tighten::Higher) => rises(old, new, Ordering::Less),
            Some(Tighten::Fewer) => !contains_all(old, new),
            Some(Tighten::More) => !contains_all(new, old),
            Some(Tighten::On) => old.as_bool() == Some(true) && new.as_bool() != Some(true),
            Some(Tighten::Off) => old.as_bool() == Some(false) && new.as_bool() != Some(false),
        };
        if loosens { Change::Loosens } else { Change::Free }
    }
}

/// Whether any number of `new` stands to its counterpart in `old` as `loose` says, or has lost its value.
fn rises(old: &Value, new: &Value, loose: Ordering) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            old.iter().any(|(key, was)| new.get(key).is_none_or(|is| rises(was, is, loose)))
        }
        _ => match (number(old), number(new)) {
            (Some(was), Some(is)) => is.partial_cmp(&was) == Some(loose),
            _ => false,
        },
    }
}

/// Whether the list `whole` has every item of `part`.
fn contains_all(whole: &Value, part: &Value) -> bool {
    let (Some(whole), Some(part)) = (whole.as_array(), part.as_array()) else {
        return true;
    };
    part.iter().all(|item| whole.contains(item))
}

/// A number, also one that is written as text, such as the version `1.2`.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Number(_) | Value::String(_) => number(value).into_iter().collect(),
        Value::Object(map) => map.values().flat_map(numbers).collect(),
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn param(kind: &str, tighten: Option<Tighten>, default: Value) -> Parameter {
        Parameter {
            name: "p".into(),
            kind: ParamType::parse(kind).unwrap(),
            default,
            min: Some(1.0),
            max: Some(365.0),
            tighten,
            levels: Vec::new(),
            doc: String::new(),
        }
    }

    #[test]
    fn types_are_read_and_held() {
        let kind = ParamType::parse("map( list(int))").unwrap();
        assert_eq!(kind.to_string(), "map(list(int))");
        assert!(kind.fits(&json!({"a": [1, 2]})));
        assert!(!kind.fits(&json!({"a": ["x"]})));
        assert!(ParamType::parse("list int").is_none());
    }

    #[test]
    fn bounds_hold_inside_lists_and_maps() {
        assert!(param("int", None, json!(9)).refuses(&json!(366)).unwrap().contains("365"));
        assert!(param("map(int)", None, json!({})).refuses(&json!({"a": 0})).is_some());
        assert!(param("int", None, json!(9)).refuses(&json!("9")).unwrap().contains("type int"));
        assert_eq!(param("int", None, json!(9)).refuses(&json!(365)), None);
    }

    #[test]
    fn loosening_is_recognised_in_every_direction() {
        let cases = [
            ("int", Tighten::Lower, json!(90), json!(91), json!(30)),
            ("int", Tighten::Higher, json!(14), json!(13), json!(20)),
            ("map(int)", Tighten::Lower, json!({"a": 7}), json!({"a": 8}), json!({"a": 7, "b": 9})),
            ("map(int)", Tighten::Lower, json!({"a": 7}), json!({"b": 1}), json!({"a": 1})),
            ("list(int)", Tighten::Fewer, json!([80, 443]), json!([443, 22]), json!([443])),
            ("list(int)", Tighten::More, json!([22]), json!([3389]), json!([3389, 22])),
            ("string", Tighten::Higher, json!("1.2"), json!("1.1"), json!("1.3")),
            ("bool", Tighten::On, json!(true), json!(false), json!(true)),
        ];
        for (kind, tighten, old, loose, strict) in cases {
            let p = param(kind, Some(tighten), old.clone());
            assert_eq!(p.change(&old, &loose), Change::Loosens, "{tighten:?} {loose}");
            assert_eq!(p.change(&old, &strict), Change::Free, "{tighten:?} {strict}");
            assert_eq!(p.change(&old, &old), Change::Free);
        }
    }

    #[test]
    fn choices_have_an_order() {
        let mut p = param("string", None, json!("any"));
        p.levels = vec!["any".into(), "hardware".into()];
        assert_eq!(p.change(&json!("hardware"), &json!("any")), Change::Loosens);
        assert_eq!(p.change(&json!("any"), &json!("hardware")), Change::Free);
        assert!(p.refuses(&json!("none")).unwrap().contains("any, hardware"));
    }
}
