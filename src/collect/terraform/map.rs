//! How each type of the AWS provider gets into the model: one file per service, a line here.

use crate::collect::predicted::{Handle, Mapper};

/// The mappers of one file: type of the provider, what names it before it exists, and the mapper.
pub(super) type Table = &'static [(&'static str, Handle, Mapper)];

const TABLES: &[Table] = &[];

/// The entry of a type.
#[expect(dead_code, reason = "the reader of plans asks")]
pub(super) fn of(kind: &str) -> Option<&'static (&'static str, Handle, Mapper)> {
    TABLES.iter().flat_map(|table| table.iter()).find(|(name, _, _)| *name == kind)
}
