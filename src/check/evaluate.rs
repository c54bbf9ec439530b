//! One check, one resource, one verdict.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::{Check, Rule};
use crate::expr::{self, Scope, Truth, Value};
use crate::finding::Outcome;
use crate::model::reflect::Reflect;
use crate::model::{Index, Resource};

/// How much JSON a witness may hold; what is longer is cut and says so.
const WITNESS_BYTES_MAX: usize = 8 << 10;
/// How many offenders of one resource are told one by one; the last one says how many more there are.
const OFFENDERS_MAX: usize = 1000;

/// The parameter values a check runs with, in the order of its parameters.
#[derive(Debug, Clone, Default)]
pub struct Setting {
    values: Vec<Value<'static>>,
}

/// What a check says of one resource.
#[derive(Debug)]
pub struct Verdict {
    /// Pass, fail, unknown or not applicable.
    pub outcome: Outcome,
    /// The offending parts, when it fails.
    pub offenders: Vec<Offender>,
    /// Why nobody can say, when it is unknown.
    pub cause: Option<String>,
}

/// An offending part.
#[derive(Debug)]
pub struct Offender {
    /// What identifies it within the resource; empty for the resource itself.
    pub key: String,
    /// What is said of it.
    pub message: String,
    /// The part and the facts it rests on.
    pub witness: Json,
}

impl Check {
    /// The values of a check's parameters: the defaults, overridden by name.
    ///
    /// # Errors
    /// When a value does not have its parameter's type.
    pub fn setting<'v>(
        &self,
        value_of: impl Fn(&str) -> Option<&'v Json>,
    ) -> Result<Setting, String> {
        let mut values = Vec::with_capacity(self.params.len());
        for param in &self.params {
            let json = value_of(&param.name).unwrap_or(&param.default);
            let value = expr::value_from_json(&param.ty, json).map_err(|why| {
                format!(
                    "parameter `{}` of check `{}` is no {}: {why}",
                    param.name, self.id, param.ty
                )
            })?;
            values.push(value);
        }
        Ok(Setting { values })
    }

    /// Judges one resource.
    pub fn evaluate(
        &self,
        resource: &Resource,
        setting: &Setting,
        now: Timestamp,
        index: &Index,
    ) -> Verdict {
        let scope = Scope::of(resource, &setting.values, now, index);
        match self.when.as_ref().map(|when| when.eval(&scope).truth()) {
            None | Some(Truth::True) => {}
            Some(Truth::False) => return Verdict::plain(Outcome::NotApplicable),
            Some(Truth::Unknown(why)) => {
                return Verdict::unknown(format!("whether it applies is unknown ({why})"));
            }
        }
        match &self.rule {
            Rule::Assert(program) => match program.eval(&scope).truth() {
                Truth::True => Verdict::plain(Outcome::Pass),
                Truth::False => Self::fails(vec![self.offender(&scope, resource, None)]),
                Truth::Unknown(why) => Verdict::unknown(why.to_string()),
            },
            Rule::Offenders(program) => self.judge_list(&program.eval(&scope), &scope, resource),
        }
    }

    fn judge_list<'a>(
        &self,
        value: &Value<'a>,
        scope: &Scope<'a>,
        resource: &'a Resource,
    ) -> Verdict {
        let listing = match value.listing() {
            Ok(listing) => listing,
            Err(why) => return Verdict::unknown(why.to_string()),
        };
        let mut certain = listing.certain();
        let mut offenders: Vec<Offender> = certain
            .by_ref()
            .take(OFFENDERS_MAX)
            .map(|item| self.offender(scope, resource, Some(item.clone())))
            .collect();
        if let (more @ 1.., Some(last)) = (certain.count(), offenders.last_mut()) {
            last.message.push_str(&format!(" (and {more} more offenders in this resource)"));
        }
        if !offenders.is_empty() {
            return Self::fails(offenders);
        }
        match listing.doubt() {
            Some(why) => Verdict::unknown(why.to_string()),
            None => Verdict::plain(Outcome::Pass),
        }
    }

    fn fails(offenders: Vec<Offender>) -> Verdict {
        Verdict { outcome: Outcome::Fail, offenders, cause: None }
    }

    fn offender<'a>(
        &self,
        scope: &Scope<'a>,
        resource: &'a Resource,
        item: Option<Value<'a>>,
    ) -> Offender {
        let (key, mut witness) = match &item {
            Some(value) => (value.key(), value.json()),
            None => (String::new(), self.touched(resource)),
        };
        if witness.to_string().len() > WITNESS_BYTES_MAX {
            witness = Json::String(format!(
                "left out: over {WITNESS_BYTES_MAX} bytes; see the inventory"
            ));
        }
        let vars = [item.unwrap_or(Value::Struct(resource))];
        Offender { key, message: self.message.render(&scope.with_vars(&vars)), witness }
    }

    /// The attributes of the resource that the rule looked at.
    fn touched(&self, resource: &Resource) -> Json {
        let mut out = Map::new();
        let own = self.rule.program().fields().iter().filter(|(of, _)| *of == resource.kind().name);
        for (_, name) in own {
            if let Some((slot, _)) = Resource::field_of(resource.kind(), name) {
                out.insert((*name).to_owned(), Value::from(resource.slot(slot)).json());
            }
        }
        Json::Object(out)
    }
}

impl Verdict {
    fn plain(outcome: Outcome) -> Self {
        Self { outcome, offenders: Vec::new(), cause: None }
    }

    /// Nobody can say, and why.
    pub fn unknown(cause: String) -> Self {
        Self { outcome: Outcome::Unknown, offenders: Vec::new(), cause: Some(cause) }
    }
}
