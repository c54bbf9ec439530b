//! Attributes that may be unknown.
//!
//! [`Attr::Known`] serializes as its plain value; an unknown one as `{"$unknown": {"kind": …, "detail": …}}`.
//! A field that is missing from a file is unknown with the cause *not collected*: silence is never a value.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, Serialize, Serializer};

/// The key that marks an unknown in files.
pub const UNKNOWN_KEY: &str = "$unknown";

/// Why a value is not known.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// Nobody asked for it, or the file does not say.
    #[default]
    NotCollected,
    /// The call that returns it was denied.
    Denied,
    /// The call failed, timed out, or was throttled for good.
    Failed,
    /// What came back could not be understood.
    NotUnderstood,
    /// A plan says it is known only after it is applied.
    KnownAfterApply,
    /// It was left out on purpose because it is secret.
    Redacted,
}

impl CauseKind {
    /// The words people read.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotCollected => "not collected",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::NotUnderstood => "not understood",
            Self::KnownAfterApply => "known after apply",
            Self::Redacted => "redacted",
        }
    }
}

/// Why a value is not known, with what there is to say about it.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// The kind of reason.
    pub kind: CauseKind,
    /// The call and its error, or what was not understood; never a secret. Boxed twice to keep every attribute small.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    detail: Option<Box<Box<str>>>,
}

impl Cause {
    /// A cause with a detail.
    pub fn new(kind: CauseKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: Some(Box::new(detail.into().into_boxed_str())) }
    }

    /// Nobody asked, or the file does not say.
    pub const NOT_COLLECTED: Self = Self { kind: CauseKind::NotCollected, detail: None };

    /// The detail, when there is one.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref().map(|d| &**d)
    }
}

impl From<CauseKind> for Cause {
    fn from(kind: CauseKind) -> Self {
        Self { kind, detail: None }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.words())?;
        match self.detail() {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

/// A value, or the reason why it is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attr<T> {
    /// The provider said so.
    Known(T),
    /// Nobody can say, and why.
    Unknown(Cause),
}

impl<T> Attr<T> {
    /// Unknown because a call was denied, failed, and so on.
    pub fn unknown(kind: CauseKind, detail: impl Into<String>) -> Self {
        Self::Unknown(Cause::new(kind, detail))
    }

    /// The value, if it is known. Use it only where an unknown is handled as such.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// The value, or the cause to pass on.
    ///
    /// # Errors
    /// The cause, when the value is unknown.
    pub fn get(&self) -> Result<&T, &Cause> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Unknown(cause) => Err(cause),
        }
    }

    /// Whether the value was never asked for; such fields are left out of files.
    pub fn is_not_collected(&self) -> bool {
        matches!(self, Self::Unknown(cause) if cause.kind == CauseKind::NotCollected && cause.detail.is_none())
    }

    /// Applies a function to a known value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Attr<U> {
        match self {
            Self::Known(value) => Attr::Known(f(value)),
            Self::Unknown(cause) => Attr::Unknown(cause),
        }
    }
}

impl<T> Default for Attr<T> {
    fn default() -> Self {
        Self::Unknown(Cause::NOT_COLLECTED)
    }
}

impl<T> From<T> for Attr<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Result<T, Cause>> for Attr<T> {
    fn from(result: Result<T, Cause>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(cause) => Self::Unknown(cause),
        }
    }
}

impl<T: Serialize> Serialize for Attr<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Unknown(cause) => serializer.collect_map([(UNKNOWN_KEY, cause)]),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Attr<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Attr_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let known = generator.subschema_for::<T>();
        let cause = generator.subschema_for::<Cause>();
        schemars::json_schema!({
            "anyOf": [known, {
                "type": "object",
                "properties": { UNKNOWN_KEY: cause },
                "required": [UNKNOWN_KEY],
                "additionalProperties": false
            }]
        })
    }

    fn inline_schema() -> bool {
        true
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Attr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AttrVisitor(PhantomData))
    }
}

/// Looks at the first key of a map only; everything else goes straight to `T` without being buffered.
struct AttrVisitor<T>(PhantomData<T>);

macro_rules! forward {
    ($($visit:ident: $ty:ty),*) => {$(
        fn $visit<E: Error>(self, value: $ty) -> Result<Self::Value, E> {
            T::deserialize(Replay(value.into_deserializer())).map(Attr::Known)
        }
    )*};
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for AttrVisitor<T> {
    type Value = Attr<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, or {\"$unknown\": {\"kind\": …}}")
    }

    forward!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str, visit_string: String);

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        T::deserialize(().into_deserializer()).map(Attr::Known)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        T::deserialize(Replay(SeqAccessDeserializer::new(seq))).map(Attr::Known)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let first = map.next_key::<String>()?;
        if first.as_deref() == Some(UNKNOWN_KEY) {
            let cause = map.next_value()?;
            return match map.next_key::<String>()? {
                None => Ok(Attr::Unknown(cause)),
                Some(key) => Err(A::Error::custom(format!("`{key}` beside `{UNKNOWN_KEY}`"))),
            };
        }
        T::deserialize(Replay(MapAccessDeserializer::new(FirstKey { first, map }))).map(Attr::Known)
    }
}

/// A map whose first key was already read.
struct FirstKey<A> {
    first: Option<String>,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for FirstKey<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(key) => seed.deserialize(key.into_deserializer()).map(Some),
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// Hands a value on that was already visited. Unlike serde's own value deserializers it lets `Option` see `Some`.
struct Replay<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Replay<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn round<T: Serialize + for<'a> Deserialize<'a> + PartialEq + fmt::Debug>(value: &T) {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    }

    #[test]
    fn every_shape_round_trips() {
        round(&Attr::Known(true));
        round(&Attr::Known("x".to_owned()));
        round(&Attr::Known(None::<String>));
        round(&Attr::Known(Some("x".to_owned())));
        round(&Attr::Known(Some(vec![
            Attr::Known(3_i64),
            Attr::unknown(CauseKind::Denied, "ec2:DescribeX"),
        ])));
        round(&Attr::Known(BTreeMap::from([("a".to_owned(), 1_i64)])));
        round(&Attr::Known(BTreeMap::<String, i64>::new()));
        round(&Attr::<Vec<String>>::unknown(CauseKind::KnownAfterApply, "tls"));
        round(&Attr::<bool>::default());
    }

    #[test]
    fn absent_and_unknown_differ() {
        assert_eq!(serde_json::from_str::<Attr<Option<bool>>>("null").unwrap(), Attr::Known(None));
        assert!(serde_json::from_str::<Attr<bool>>("null").is_err());
        assert!(
            serde_json::from_str::<Attr<bool>>(r#"{"$unknown":{"kind":"denied"},"x":1}"#).is_err()
        );
    }

    #[test]
    fn an_attribute_costs_little() {
        assert_eq!(size_of::<Attr<bool>>(), 16);
        assert_eq!(size_of::<Attr<String>>(), 24);
    }
}
