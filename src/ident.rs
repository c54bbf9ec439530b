//! Identifiers of the assessed world, parsed once and then trusted.
//!
//! Nothing here knows what a resource is; it only knows how AWS spells accounts, regions and ARNs.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why a text is not an identifier of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {expected}")]
pub struct IdentError {
    text: String,
    expected: &'static str,
}

impl IdentError {
    fn new(text: &str, expected: &'static str) -> Self {
        // Identifiers come from outside: an error must not carry a megabyte of them.
        let text = text.chars().take(120).collect();
        Self { text, expected }
    }
}

/// A scope that owns resources: an AWS account id (12 digits), or the name of another source's scope.
///
/// Cheap to clone: inventories repeat it on every resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct AccountId(Arc<str>);

impl Ord for AccountId {
    /// By the text. Inventories repeat few of them, and clones share one text: those need no look at it.
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for AccountId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl AccountId {
    /// What stands for an account that a source does not tell. AWS gives out no such account.
    pub fn unknown() -> Self {
        static UNKNOWN: LazyLock<AccountId> =
            LazyLock::new(|| AccountId(Arc::from("000000000000")));
        UNKNOWN.clone()
    }

    /// Parses an account id.
    ///
    /// # Errors
    /// When the text is not 12 digits.
    pub fn new(text: &str) -> Result<Self, IdentError> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(Arc::from(text)))
        } else {
            Err(IdentError::new(text, "an AWS account id (12 digits)"))
        }
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AccountId {
    type Error = IdentError;
    fn try_from(text: String) -> Result<Self, IdentError> {
        Self::new(&text)
    }
}

/// An AWS region code such as `eu-west-1`, or [`Region::GLOBAL`] for services without regions.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Region(Arc<str>);

impl Ord for Region {
    /// By the text. Inventories repeat few of them, and clones share one text: those need no look at it.
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for Region {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Region {
    /// The name that stands for services without regions (IAM, Organizations, account contacts).
    pub const GLOBAL: &'static str = "global";

    /// Parses a region code: lower-case words and digits joined by hyphens.
    ///
    /// # Errors
    /// When the text has another form.
    pub fn new(text: &str) -> Result<Self, IdentError> {
        let fits = (2..=32).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(Arc::from(text)))
        } else {
            Err(IdentError::new(text, "a region code such as `eu-west-1`"))
        }
    }

    /// What stands for a region that a source does not tell.
    pub fn unknown() -> Self {
        static UNKNOWN: LazyLock<Region> = LazyLock::new(|| Region(Arc::from("unknown-region")));
        UNKNOWN.clone()
    }

    /// The region of services that have none.
    pub fn global() -> Self {
        static GLOBAL: LazyLock<Region> = LazyLock::new(|| Region(Arc::from(Region::GLOBAL)));
        GLOBAL.clone()
    }

    /// Whether this is the region of services that have none.
    pub fn is_global(&self) -> bool {
        &*self.0 == Self::GLOBAL
    }

    /// The text of the code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Region {
    type Error = IdentError;
    fn try_from(text: String) -> Result<Self, IdentError> {
        Self::new(&text)
    }
}

/// An Amazon Resource Name, `arn:partition:service:region:account:resource`.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Arn(Arc<str>);

impl Arn {
    /// Parses an ARN.
    ///
    /// # Errors
    /// When there are fewer than six parts, another prefix than `arn`, or no resource.
    pub fn new(text: &str) -> Result<Self, IdentError> {
        let mut parts = text.splitn(6, ':');
        let shape = "an ARN (`arn:partition:service:region:account:resource`)";
        if parts.next() != Some("arn") || parts.nth(4).is_none_or(str::is_empty) {
            return Err(IdentError::new(text, shape));
        }
        Ok(Self(Arc::from(text)))
    }

    fn part(&self, index: usize) -> &str {
        self.0.splitn(6, ':').nth(index).unwrap_or_default()
    }

    /// `aws`, `aws-cn`, `aws-us-gov` …
    pub fn partition(&self) -> &str {
        self.part(1)
    }

    /// The service prefix, such as `iam`.
    pub fn service(&self) -> &str {
        self.part(2)
    }

    /// The account, absent for ARNs that carry none (S3 buckets, AWS-managed policies carry `aws`).
    pub fn account(&self) -> Option<AccountId> {
        AccountId::new(self.part(4)).ok()
    }

    /// The region, absent for global resources.
    pub fn region(&self) -> Option<Region> {
        Region::new(self.part(3)).ok()
    }

    /// Everything behind the fifth colon.
    pub fn resource(&self) -> &str {
        self.part(5)
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Arn {
    type Error = IdentError;
    fn try_from(text: String) -> Result<Self, IdentError> {
        Self::new(&text)
    }
}

macro_rules! text_identifier {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl FromStr for $name {
            type Err = IdentError;
            fn from_str(text: &str) -> Result<Self, IdentError> {
                Self::new(text)
            }
        }
    )*};
}
text_identifier!(AccountId, Region, Arn);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_taken_apart() {
        let arn = Arn::new("arn:aws:iam::111122223333:role/ops/deploy:x").unwrap();
        assert_eq!(arn.service(), "iam");
        assert_eq!(arn.account().unwrap().as_str(), "111122223333");
        assert_eq!(arn.region(), None);
        assert_eq!(arn.resource(), "role/ops/deploy:x");
    }

    #[test]
    fn foreign_texts_are_refused_and_cut() {
        assert!(AccountId::new("1234").is_err());
        assert!(Region::new("EU-WEST-1").is_err());
        assert!(Arn::new("arn:aws:iam::1").is_err());
        assert!(Arn::new("arn:aws:iam::111122223333:").is_err());
        let long = AccountId::new(&"9".repeat(10_000)).unwrap_err().to_string();
        assert!(long.len() < 300, "{long}");
    }
}
