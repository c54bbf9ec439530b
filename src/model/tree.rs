//! Values whose parts may be unknown, before they have a type: what a plan or a template states, and the model's own
//! JSON while it is put together.
//!
//! A [`Tree`] is cheap to make (texts are borrowed from the input, maps are short lists) and deserializes into any type
//! of the model: an unknown part becomes an unknown attribute with its cause.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::attr::{Cause, CauseKind, UNKNOWN_KEY};

/// A value whose parts may be unknown.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Tree<'a> {
    /// Nothing: left out, or null.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Self>),
    /// A map, in the order it was stated. Keys are unique.
    Map(Vec<(Cow<'a, str>, Self)>),
    /// Something that cannot be said yet, and why.
    Unknown(Cause),
}

/// What every path that leads nowhere leads to.
pub const NOTHING: &Tree<'static> = &Tree::Null;

impl<'a> Tree<'a> {
    /// A text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// Unknown, for a reason.
    pub fn unknown(kind: CauseKind, detail: impl Into<String>) -> Self {
        Self::Unknown(Cause::new(kind, detail))
    }

    /// Whether it is left out.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is unknown as a whole.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is one; templates also write them as texts.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The integer, if it is one; templates also write them as texts.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            #[expect(clippy::cast_possible_truncation, reason = "checked: no fraction, small")]
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Some(*number as i64)
            }
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a map; none of anything else.
    pub fn entries(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Self::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The member of a map. Of a list of one it is the member of that one, since plans write blocks so; of something
    /// unknown it is unknown for the same reason.
    pub fn member(&self, name: &str) -> Cow<'_, Self> {
        match self {
            Self::Map(entries) => {
                let found = entries.iter().find(|(key, _)| key == name);
                found.map_or(Cow::Owned(Self::Null), |(_, value)| Cow::Borrowed(value))
            }
            Self::List(items) => match items.as_slice() {
                [one] => one.member(name),
                _ => Cow::Owned(Self::Null),
            },
            Self::Unknown(cause) => Cow::Owned(Self::Unknown(cause.clone())),
            _ => Cow::Owned(Self::Null),
        }
    }

    /// What stands at a path of members separated by dots; `[]` behind a name goes over the items of a list and gives
    /// a list.
    pub fn at(&self, path: &str) -> Cow<'_, Self> {
        let (head, rest) = match path.split_once('.') {
            Some((head, rest)) => (head, Some(rest)),
            None => (path, None),
        };
        let Some(name) = head.strip_suffix("[]") else {
            return match (self.member(head), rest) {
                (found, None) => found,
                (Cow::Borrowed(found), Some(rest)) => found.at(rest),
                (Cow::Owned(found), Some(rest)) => Cow::Owned(found.at(rest).into_owned()),
            };
        };
        match &*self.member(name) {
            Self::List(items) => {
                let mut out = Vec::new();
                for item in items {
                    match rest.map_or(Cow::Borrowed(item), |rest| item.at(rest)).into_owned() {
                        // Lists within lists become one.
                        Self::List(inner) => out.extend(inner),
                        Self::Null => {}
                        one => out.push(one),
                    }
                }
                Cow::Owned(Self::List(out))
            }
            Self::Unknown(cause) => Cow::Owned(Self::Unknown(cause.clone())),
            _ => Cow::Owned(Self::Null),
        }
    }

    /// Sets the member of a map; anything else becomes a map with it.
    pub fn set(&mut self, name: impl Into<Cow<'a, str>>, value: Self) {
        let name = name.into();
        match self {
            Self::Map(entries) => match entries.iter_mut().find(|(key, _)| *key == name) {
                Some((_, have)) => *have = value,
                None => entries.push((name, value)),
            },
            other => *other = Self::Map(vec![(name, value)]),
        }
    }

    /// Whether anything within is unknown.
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::Unknown(_) => true,
            Self::List(items) => items.iter().any(Self::has_unknown),
            Self::Map(entries) => entries.iter().any(|(_, value)| value.has_unknown()),
            _ => false,
        }
    }

    /// The same, borrowing nothing.
    pub fn into_owned(self) -> Tree<'static> {
        match self {
            Self::Null => Tree::Null,
            Self::Bool(flag) => Tree::Bool(flag),
            Self::Int(number) => Tree::Int(number),
            Self::Float(number) => Tree::Float(number),
            Self::Text(text) => Tree::Text(Cow::Owned(text.into_owned())),
            Self::List(items) => Tree::List(items.into_iter().map(Self::into_owned).collect()),
            Self::Map(entries) => Tree::Map(
                entries
                    .into_iter()
                    .map(|(key, value)| (Cow::Owned(key.into_owned()), value.into_owned()))
                    .collect(),
            ),
            Self::Unknown(cause) => Tree::Unknown(cause),
        }
    }
}

impl From<&Value> for Tree<'_> {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => match number.as_i64() {
                Some(number) => Self::Int(number),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => Self::Text(Cow::Owned(text.clone())),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(map) => {
                if let Some(cause) = map.get(UNKNOWN_KEY).filter(|_| map.len() == 1) {
                    return Self::Unknown(Cause::deserialize(cause).unwrap_or_default());
                }
                let entry =
                    |(key, value): (&String, &Value)| (Cow::Owned(key.clone()), Self::from(value));
                Self::Map(map.iter().map(entry).collect())
            }
        }
    }
}

impl Serialize for Tree<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Map(entries) => serializer.collect_map(entries.iter().map(|(k, v)| (k, v))),
            Self::Unknown(cause) => serializer.collect_map([(UNKNOWN_KEY, cause)]),
        }
    }
}

/// From JSON. A key that stands twice in one object is an error: readers differ in which of the two they believe.
impl<'de> Deserialize<'de> for Tree<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree<'de>, E> {
        #[expect(clippy::cast_precision_loss, reason = "no attribute is an integer beyond i64")]
        Ok(i64::try_from(value).map_or(Tree::Float(value as f64), Tree::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree<'de>, E> {
        Ok(Tree::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Borrowed(value)))
    }

    fn visit_string<E>(self, value: String) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Owned(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree<'de>, A::Error> {
        let mut entries: Vec<(Cow<'de, str>, Tree<'de>)> = Vec::new();
        while let Some(key) = map.next_key_seed(KeySeed)? {
            entries.push((key, map.next_value()?));
        }
        if let Some(twice) = twice(&entries) {
            return Err(A::Error::custom(format!("the key `{twice}` stands twice in one object")));
        }
        Ok(Tree::Map(entries))
    }
}

/// A key that stands twice.
fn twice<'e>(entries: &'e [(Cow<'_, str>, Tree<'_>)]) -> Option<&'e str> {
    /// Beyond this, comparing all with all costs more than sorting.
    const FEW: usize = 12;
    if entries.len() <= FEW {
        let seen_before =
            |at: usize, key: &str| entries.iter().take(at).any(|(have, _)| have == key);
        let found = entries.iter().enumerate().find(|(at, (key, _))| seen_before(*at, key));
        return found.map(|(_, (key, _))| &**key);
    }
    let mut keys: Vec<&str> = entries.iter().map(|(key, _)| &**key).collect();
    keys.sort_unstable();
    keys.windows(2).find_map(|pair| match pair {
        [a, b] if a == b => Some(*a),
        _ => None,
    })
}

/// A key of a map, borrowed where the input has it without escapes.
#[derive(Debug, Clone, Copy)]
pub struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        struct Key;
        impl<'de> Visitor<'de> for Key {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(value.to_owned()))
            }
            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(value))
            }
        }
        deserializer.deserialize_str(Key)
    }
}

/// Why a tree is none of a type.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TreeError(String);

impl serde::de::Error for TreeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl<'de> IntoDeserializer<'de, TreeError> for Tree<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Tree<'de> {
    type Error = TreeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TreeError> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(flag) => visitor.visit_bool(flag),
            Self::Int(number) => visitor.visit_i64(number),
            Self::Float(number) => visitor.visit_f64(number),
            Self::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Self::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Self::List(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter())),
            Self::Map(entries) => {
                let entries = entries.into_iter().map(|(key, value)| (Key(key), value));
                visitor.visit_map(MapDeserializer::new(entries))
            }
            Self::Unknown(cause) => {
                let value = serde_json::to_value(cause).unwrap_or_default();
                let entry = (StrDeserializer::<TreeError>::new(UNKNOWN_KEY), Tree::from(&value));
                visitor.visit_map(MapDeserializer::new(std::iter::once((
                    Key(Cow::Borrowed(UNKNOWN_KEY)),
                    entry.1,
                ))))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TreeError> {
        match self {
            Self::Null => visitor.visit_none(),
            other => visitor.visit_some(other),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TreeError> {
        match self {
            Self::Text(text) => {
                let text: serde::de::value::CowStrDeserializer<'_, TreeError> =
                    text.into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
            _ => Err(TreeError::custom(format!("a word of {name} was expected"))),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, TreeError> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct identifier ignored_any
    }
}

struct Key<'a>(Cow<'a, str>);

impl<'de> IntoDeserializer<'de, TreeError> for Key<'de> {
    type Deserializer = serde::de::value::CowStrDeserializer<'de, TreeError>;
    fn into_deserializer(self) -> Self::Deserializer {
        self.0.into_deserializer()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ec2::Volume;
    use crate::model::{Attr, Data};
    use serde_json::json;

    #[test]
    fn a_tree_becomes_what_its_json_becomes() {
        let value = json!({
            "size": 8, "encrypted": true, "kms_key_id": null, "attached_instance_ids": ["i-1"],
            "create_time": "2020-04-28T21:38:43Z",
            "attachments": [{"instance_id": "i-1", "device": {"$unknown": {"kind": "known_after_apply", "detail": "x"}}}],
            "state": {"$unknown": {"kind": "denied"}},
        });
        let text = value.to_string();
        let by_json: Volume = serde_json::from_str(&text).unwrap();
        let tree: Tree<'_> = serde_json::from_str(&text).unwrap();
        // Straight from text, an unknown is still a map; from a value it is recognised.
        assert_eq!(Volume::deserialize(tree).unwrap(), by_json);
        let tree = Tree::from(&value);
        assert!(tree.at("state").is_unknown());
        assert_eq!(Volume::deserialize(tree.clone()).unwrap(), by_json);
        assert_eq!(serde_json::to_value(&tree).unwrap(), value);
        let data = Data::from(by_json);
        assert_eq!(serde_json::to_value(&data).unwrap(), serde_json::to_value(&tree).unwrap());
    }

    #[test]
    fn paths_go_through_blocks_lists_and_the_unknown() {
        let tree = Tree::from(&json!({
            "block": [{"a": 1}], "list": [{"a": [1, 2]}, {"a": [3]}, {}],
            "later": {"$unknown": {"kind": "known_after_apply"}},
        }));
        assert_eq!(tree.at("block.a").as_int(), Some(1));
        assert_eq!(tree.at("list[].a").items().len(), 3);
        assert!(tree.at("later.a.b").is_unknown());
        assert!(tree.at("later[].a").is_unknown());
        assert!(tree.at("nothing.a").is_null());
    }

    #[test]
    fn keys_that_stand_twice_are_refused() {
        let error = serde_json::from_str::<Tree<'_>>(r#"{"a":{"b":1,"b":2}}"#).unwrap_err();
        assert!(error.to_string().contains("`b` stands twice"), "{error}");
        let many: Vec<String> = (0..40).map(|n| format!("\"k{n}\":0")).collect();
        let text = format!("{{{},\"k7\":1}}", many.join(","));
        assert!(serde_json::from_str::<Tree<'_>>(&text).is_err());
    }

    #[test]
    fn a_known_absence_differs_from_silence() {
        let volume = Volume::deserialize(Tree::from(&json!({"iops": null}))).unwrap();
        assert_eq!(volume.iops, Attr::Known(None));
        assert!(volume.throughput.is_not_collected());
    }
}
