//! VPC links of HTTP and WebSocket APIs.

use std::sync::Arc;

use super::cell::{Cell, pages};
use super::convert::{map, must_word, sorted, time, word};
use super::failure::Failure;
use crate::model::apigatewayv2::VpcLink;
use crate::model::attr::Attr;

pub(super) async fn vpc_links(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.apigatewayv2().get_vpc_links().max_results("500");
    pages!(cell, "apigatewayv2:GetVpcLinks", request, set_next_token, next_token, |page| {
        for item in page.items.unwrap_or_default() {
            let Some(id) = item.vpc_link_id else { continue };
            let tags = Attr::Known(map(item.tags.unwrap_or_default(), |value| value));
            let meta = cell.meta(id, None, item.name.as_deref(), tags);
            let data = VpcLink {
                status: must_word!(item.vpc_link_status),
                status_message: item.vpc_link_status_message.into(),
                version: word!(item.vpc_link_version),
                subnet_ids: sorted(item.subnet_ids),
                security_group_ids: sorted(item.security_group_ids),
                created_date: time(item.created_date),
            };
            cell.emit(meta, data).await;
        }
    })
}
