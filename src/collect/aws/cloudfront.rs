//! VPC origins of CloudFront.

use std::sync::Arc;

use super::cell::{Cell, PAGES_MAX};
use super::convert::time;
use super::failure::{Class, Failure};
use crate::model::attr::Attr;
use crate::model::cloudfront::VpcOrigin;

pub(super) async fn vpc_origins(cell: Arc<Cell>) -> Result<(), Failure> {
    // The token stands within the list, where `pages!` does not look.
    let operation = "cloudfront:ListVpcOrigins";
    let mut marker: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let request = cell.clients.cloudfront().list_vpc_origins().max_items(100);
        let answer = cell.call(operation, request.set_marker(marker.clone()).send()).await?;
        let Some(page) = answer.vpc_origin_list else { return Ok(()) };
        for summary in page.items.unwrap_or_default() {
            if let Err(failure) = vpc_origin(&cell, &summary.id).await
                && failure.class != Class::Absent
            {
                cell.gap("aws.cloudfront.vpc_origin", &failure);
            }
        }
        let next = page.next_marker.filter(|next| page.is_truncated && !next.is_empty());
        match next {
            None => return Ok(()),
            Some(next) if marker.as_ref() == Some(&next) => break,
            Some(next) => marker = Some(next),
        }
    }
    Err(Failure::plain(Class::Limit, operation, "the listing did not end"))
}

async fn vpc_origin(cell: &Cell, id: &str) -> Result<(), Failure> {
    let request = cell.clients.cloudfront().get_vpc_origin().id(id);
    let answer = cell.call("cloudfront:GetVpcOrigin", request.send()).await?;
    let Some(item) = answer.vpc_origin else { return Ok(()) };
    let request = cell.clients.cloudfront().list_tags_for_resource().resource(&item.arn);
    let tags = match cell.call("cloudfront:ListTagsForResource", request.send()).await {
        Ok(answer) => {
            let tags = answer.tags.and_then(|tags| tags.items).unwrap_or_default().into_iter();
            Attr::Known(tags.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
        }
        Err(failure) => failure.unknown(),
    };
    let Some(config) = item.vpc_origin_endpoint_config else { return Ok(()) };
    let meta = cell.meta(item.id, Some(item.arn), Some(&config.name), tags);
    let protocols = config.origin_ssl_protocols.map(|protocols| protocols.items);
    let data = VpcOrigin {
        status: item.status.into(),
        endpoint_arn: config.arn.into(),
        http_port: i64::from(config.http_port).into(),
        https_port: i64::from(config.https_port).into(),
        origin_protocol_policy: config.origin_protocol_policy.as_str().to_owned().into(),
        origin_ssl_protocols: super::convert::list(protocols, |one| one.as_str().to_owned()),
        created_time: time(Some(item.created_time)),
    };
    cell.emit(meta, data).await;
    Ok(())
}
