//! Who collects.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cell::Cell;
use super::failure::Failure;
use crate::model::attr::Attr;
use crate::model::sts::CallerIdentity;

/// The identity, which was asked for when the account was entered.
pub(super) async fn identity(cell: Arc<Cell>) -> Result<(), Failure> {
    let arn = cell.caller.clone();
    let meta = cell.meta(arn.clone(), Some(arn.clone()), None, Attr::Known(BTreeMap::new()));
    cell.emit(meta, CallerIdentity { principal_arn: arn.into() }).await;
    Ok(())
}
