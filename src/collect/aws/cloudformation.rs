//! Stacks of CloudFormation and the roles they work with. Templates, parameters and outputs are not kept.

use std::sync::Arc;

use super::cell::{Cell, pages};
use super::convert::{list, must_word, tags, time};
use super::failure::Failure;
use crate::model::attr::Attr;
use crate::model::cloudformation::Stack;

pub(super) async fn stacks(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.cloudformation().describe_stacks();
    pages!(cell, "cloudformation:DescribeStacks", request, set_next_token, next_token, |page| {
        for item in page.stacks.unwrap_or_default() {
            let Some(name) = item.stack_name else { continue };
            let data = Stack {
                stack_status: must_word!(item.stack_status),
                role_arn: item.role_arn.filter(|role| !role.is_empty()).into(),
                capabilities: list(item.capabilities, |one| one.as_str().to_owned()),
                enable_termination_protection: item.enable_termination_protection.into(),
                parent_id: item.parent_id.into(),
                creation_time: time(item.creation_time),
            };
            let tags = Attr::Known(tags!(item.tags));
            cell.emit(cell.meta(name.clone(), item.stack_id, Some(&name), tags), data).await;
        }
    })
}
