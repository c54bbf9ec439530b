//! How generic code looks at typed resources without converting them.
//!
//! The `model!` macro writes a struct together with its [`Shape`] (field names, types, documentation) and an accessor
//! by slot number. Expressions, JSON Schemas, documentation and dumps all go through it, so that none can disagree with
//! the struct. A [`View`] borrows; nothing is copied to be judged.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::attr::{Attr, Cause};
use super::kinds::Kind;
use crate::clock::Time;
use crate::net::{Ports, Prefix};

/// The type of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// true or false
    Bool,
    /// 64-bit signed integer
    Int,
    /// 64-bit float
    Float,
    /// text
    String,
    /// a moment
    Time,
    /// a length of time
    Duration,
    /// a range of ports
    Ports,
    /// an address prefix
    Prefix,
    /// a list of one type
    List(Arc<Self>),
    /// a map from text to one type
    Map(Arc<Self>),
    /// a part of a resource
    Struct(&'static Shape),
    /// a whole resource: envelope and attributes
    Resource(&'static Kind),
    /// may be absent, which the provider said
    Optional(Arc<Self>),
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Float => f.write_str("float"),
            Self::String => f.write_str("string"),
            Self::Time => f.write_str("time"),
            Self::Duration => f.write_str("duration"),
            Self::Ports => f.write_str("ports"),
            Self::Prefix => f.write_str("prefix"),
            Self::List(of) => write!(f, "list({of})"),
            Self::Map(of) => write!(f, "map({of})"),
            Self::Struct(shape) => f.write_str(shape.name),
            Self::Resource(kind) => f.write_str(kind.name),
            Self::Optional(of) => write!(f, "optional({of})"),
        }
    }
}

/// The fields of a struct.
pub struct Shape {
    /// The struct's name.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Its fields, in slot order.
    pub fields: &'static [Field],
    /// The fields that identify such a part within its resource; the whole value does when there are none.
    pub key: &'static [&'static str],
}

impl Shape {
    /// The slot of a field.
    pub fn slot(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }
}

// Shapes are statics and may be recursive: their identity is their address, and debugging prints the name only.
impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}
impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// One field of a struct.
#[derive(Debug)]
pub struct Field {
    /// Its name in files and expressions.
    pub name: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// Its type; a function since shapes may be recursive.
    pub ty: fn() -> Type,
    /// The values it can have, if they are a closed vocabulary; empty otherwise.
    pub words: &'static [&'static str],
    /// Whether analysis derives it, as opposed to the provider stating it.
    pub fact: bool,
}

/// A borrowed look at a value.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// not known, and why
    Unknown(&'a Cause),
    /// known to be absent
    Absent,
    /// true or false
    Bool(bool),
    /// an integer
    Int(i64),
    /// a float
    Float(f64),
    /// text
    Str(&'a str),
    /// a moment
    Time(Timestamp),
    /// a range of ports
    Ports(Ports),
    /// an address prefix
    Prefix(&'a Prefix),
    /// a list
    List(&'a dyn Items),
    /// a map
    Map(&'a dyn Entries),
    /// a struct or a resource
    Struct(&'a dyn Reflect),
}

/// A list that can be looked at.
pub trait Items: fmt::Debug + Sync {
    /// How many items there are.
    fn len(&self) -> usize;
    /// The item at an index below `len`; absent beyond it.
    fn item(&self, index: usize) -> View<'_>;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A map from text that can be looked at.
pub trait Entries: fmt::Debug + Sync {
    /// How many entries there are.
    fn len(&self) -> usize;
    /// The value of a key.
    fn value(&self, key: &str) -> Option<View<'_>>;
    /// All entries in the order of their keys.
    fn entries(&self) -> Box<dyn Iterator<Item = (&str, View<'_>)> + '_>;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A struct that can be looked at by slot.
pub trait Reflect: fmt::Debug + Sync {
    /// The type of the whole: [`Type::Struct`] or [`Type::Resource`].
    fn ty(&self) -> Type;
    /// The field in a slot; absent beyond the last.
    fn slot(&self, index: usize) -> View<'_>;
    /// What identifies this part within its resource, stable across runs and re-orderings.
    fn key(&self) -> String;
    /// The whole as JSON, for witnesses.
    fn json(&self) -> serde_json::Value;
}

/// A type that attributes can have.
pub trait Typed: Sized {
    /// The type.
    fn ty() -> Type;
    /// A look at the value.
    fn view(&self) -> View<'_>;
    /// What a provider means that leaves the attribute out of an answer; nothing when it never does.
    fn absent() -> Option<Self> {
        None
    }
    /// Turns every attribute within that is still *not collected* into the absence its provider means by silence
    /// ([`Typed::absent`]). Facts, and attributes without such a meaning, stay unknown. For readers of whole answers.
    fn settle(&mut self) {}
}

macro_rules! typed {
    ($($ty:ty => $variant:ident, |$v:ident| $view:expr;)*) => {$(
        impl Typed for $ty {
            fn ty() -> Type {
                Type::$variant
            }
            fn view(&self) -> View<'_> {
                let $v = self;
                $view
            }
        }
    )*};
}
typed! {
    bool => Bool, |v| View::Bool(*v);
    i64 => Int, |v| View::Int(*v);
    f64 => Float, |v| View::Float(*v);
    String => String, |v| View::Str(v);
    Time => Time, |v| View::Time(v.0);
    Ports => Ports, |v| View::Ports(*v);
    Prefix => Prefix, |v| View::Prefix(v);
}

impl<T: Typed> Typed for Option<T> {
    fn ty() -> Type {
        Type::Optional(Arc::new(T::ty()))
    }
    fn view(&self) -> View<'_> {
        self.as_ref().map_or(View::Absent, Typed::view)
    }
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn settle(&mut self) {
        if let Some(value) = self {
            value.settle();
        }
    }
}

impl<T: Typed + fmt::Debug + Sync> Typed for Vec<T> {
    fn ty() -> Type {
        Type::List(Arc::new(T::ty()))
    }
    fn view(&self) -> View<'_> {
        View::List(self)
    }
    fn absent() -> Option<Self> {
        Some(Self::new())
    }
    fn settle(&mut self) {
        self.iter_mut().for_each(Typed::settle);
    }
}

impl<T: Typed + fmt::Debug + Sync> Typed for BTreeMap<String, T> {
    fn ty() -> Type {
        Type::Map(Arc::new(T::ty()))
    }
    fn view(&self) -> View<'_> {
        View::Map(self)
    }
    fn absent() -> Option<Self> {
        Some(Self::new())
    }
    fn settle(&mut self) {
        self.values_mut().for_each(Typed::settle);
    }
}

impl<T: Typed> Typed for Attr<T> {
    fn ty() -> Type {
        T::ty()
    }
    fn view(&self) -> View<'_> {
        match self {
            Self::Known(value) => value.view(),
            Self::Unknown(cause) => View::Unknown(cause),
        }
    }
    fn settle(&mut self) {
        if self.is_not_collected()
            && let Some(absent) = T::absent()
        {
            *self = Self::Known(absent);
        } else if let Self::Known(value) = self {
            value.settle();
        }
    }
}

impl<T: Typed + fmt::Debug + Sync> Items for Vec<T> {
    fn len(&self) -> usize {
        self.len()
    }
    fn item(&self, index: usize) -> View<'_> {
        self.get(index).map_or(View::Absent, Typed::view)
    }
}

impl<T: Typed + fmt::Debug + Sync> Entries for BTreeMap<String, T> {
    fn len(&self) -> usize {
        self.len()
    }
    fn value(&self, key: &str) -> Option<View<'_>> {
        self.get(key).map(Typed::view)
    }
    fn entries(&self) -> Box<dyn Iterator<Item = (&str, View<'_>)> + '_> {
        Box::new(self.iter().map(|(k, v)| (k.as_str(), v.view())))
    }
}

/// The identity of a part that declares no key: its canonical JSON without anything unknown.
pub fn default_key(value: &serde_json::Value) -> String {
    value.to_string()
}

/// Writes model structs with their reflection.
///
/// ```text
/// model! {
///     /// A rule.
///     pub struct SecurityGroupRule key [protocol, ports, source] {
///         /// Protocol name, or `-1` for all.
///         protocol: String,
///         /// State.
///         state: String = ["on", "off"],
///     } facts {
///         /// Derived by analysis.
///         from_internet: bool,
///     }
/// }
/// ```
///
/// Every field becomes an [`Attr`] of the written type. `= [words]` closes a vocabulary. `key` names the fields that
/// identify a part within its resource; without it the whole value does.
macro_rules! model {
    ($(
        $(#[doc = $doc:literal])+
        pub struct $name:ident $(key [$($key:ident),*])? {
            $( $(#[doc = $fdoc:literal])* $field:ident: $ty:ty $(= [$($word:literal),* $(,)?])? ),* $(,)?
        } $(facts {
            $( $(#[doc = $gdoc:literal])* $fact:ident: $gty:ty $(= [$($gword:literal),* $(,)?])? ),* $(,)?
        })?
    )*) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $(
                $(#[doc = $fdoc])*
                #[serde(skip_serializing_if = "crate::model::Attr::is_not_collected")]
                pub $field: crate::model::Attr<$ty>,
            )*
            $($(
                $(#[doc = $gdoc])*
                ///
                /// A fact: derived by analysis, never collected.
                #[serde(skip_serializing_if = "crate::model::Attr::is_not_collected")]
                pub $fact: crate::model::Attr<$gty>,
            )*)?
        }

        impl $name {
            /// The fields, as generic code sees them.
            pub const SHAPE: &'static crate::model::reflect::Shape = {
                // A static, since shapes are told apart by address: each use of a plain constant may get its own.
                static SHAPE: crate::model::reflect::Shape = crate::model::reflect::Shape {
                name: stringify!($name),
                doc: concat!($($doc, "\n"),+),
                fields: &[
                    $(crate::model::reflect::Field {
                        name: stringify!($field),
                        doc: concat!($($fdoc, "\n"),*),
                        ty: <$ty as crate::model::reflect::Typed>::ty,
                        words: &[$($($word),*)?],
                        fact: false,
                    },)*
                    $($(crate::model::reflect::Field {
                        name: stringify!($fact),
                        doc: concat!($($gdoc, "\n"),*),
                        ty: <$gty as crate::model::reflect::Typed>::ty,
                        words: &[$($($gword),*)?],
                        fact: true,
                    },)*)?
                ],
                key: &[$($(stringify!($key)),*)?],
                };
                &SHAPE
            };
        }

        impl crate::model::reflect::Reflect for $name {
            fn ty(&self) -> crate::model::reflect::Type {
                crate::model::reflect::Type::Struct(Self::SHAPE)
            }
            fn slot(&self, index: usize) -> crate::model::reflect::View<'_> {
                const SLOTS: &[fn(&$name) -> crate::model::reflect::View<'_>] = &[
                    $(|this| crate::model::reflect::Typed::view(&this.$field),)*
                    $($(|this| crate::model::reflect::Typed::view(&this.$fact),)*)?
                ];
                SLOTS.get(index).map_or(crate::model::reflect::View::Absent, |view| view(self))
            }
            fn key(&self) -> String {
                model!(@key self $($($key),*)?)
            }
            fn json(&self) -> serde_json::Value {
                serde_json::to_value(self).unwrap_or_default()
            }
        }

        impl crate::model::reflect::Typed for $name {
            fn ty() -> crate::model::reflect::Type {
                crate::model::reflect::Type::Struct(Self::SHAPE)
            }
            fn view(&self) -> crate::model::reflect::View<'_> {
                crate::model::reflect::View::Struct(self)
            }
            fn settle(&mut self) {
                $( crate::model::reflect::Typed::settle(&mut self.$field); )*
            }
        }
    )*};
    (@key $self:ident) => {
        crate::model::reflect::default_key(&crate::model::reflect::Reflect::json($self))
    };
    (@key $self:ident $($key:ident),+) => {
        [$(serde_json::to_string(&$self.$key).unwrap_or_default()),+].join("|")
    };
}
