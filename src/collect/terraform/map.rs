//! How each type of the AWS provider gets into the model: one file per service, a line here.

mod iam;
mod iam_policy;
mod s3;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::collect::predicted::{Handle, Mapper, stating};

/// The mappers of one file: type of the provider, what names it before it exists, and the mapper.
pub(super) type Table = &'static [(&'static str, Handle, Mapper)];

const TABLES: &[Table] = &[iam::TABLE, iam_policy::TABLE, s3::TABLE];

/// The entry of a type.
pub(super) fn of(kind: &str) -> Option<&'static (&'static str, Handle, Mapper)> {
    static BY_TYPE: LazyLock<HashMap<&str, &(&str, Handle, Mapper)>> = LazyLock::new(|| {
        TABLES.iter().flat_map(|table| table.iter()).map(|entry| (entry.0, entry)).collect()
    });
    BY_TYPE.get(kind).copied()
}
