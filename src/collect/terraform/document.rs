//! Policy documents of data sources that are read when a plan is applied.

use crate::model::Tree;
use crate::model::attr::CauseKind;

/// The document that a data source gives, as far as its blocks are known.
pub(super) fn of<'a>(_values: &Tree<'a>) -> Tree<'a> {
    Tree::unknown(
        CauseKind::KnownAfterApply,
        "a policy document that is read when the plan is applied",
    )
}
