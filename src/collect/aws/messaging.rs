//! Queues of SQS and topics of SNS, with their policies.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_sdk_sqs::types::QueueAttributeName;

use super::cell::{Cell, pages};
use super::convert::{map, sure_tags};
use super::failure::{Class, Failure};
use crate::model::attr::Attr;
use crate::model::policy::PolicyDocument;
use crate::model::sns::Topic;
use crate::model::sqs::Queue;

pub(super) async fn queues(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.sqs().list_queues().max_results(1000);
    pages!(cell, "sqs:ListQueues", request, set_next_token, next_token, |page| {
        for url in page.queue_urls.unwrap_or_default() {
            queue(&cell, url).await;
        }
    })
}

async fn queue(cell: &Cell, url: String) {
    let request = cell.clients.sqs().get_queue_attributes().queue_url(&url);
    let request = request
        .attribute_names(QueueAttributeName::QueueArn)
        .attribute_names(QueueAttributeName::Policy)
        .attribute_names(QueueAttributeName::KmsMasterKeyId);
    let name = url.rsplit('/').next().unwrap_or(&url).to_owned();
    let (arn, policy_document, kms_master_key_id) =
        match cell.call("sqs:GetQueueAttributes", request.send()).await {
            Ok(answer) => {
                let attributes = answer.attributes.unwrap_or_default();
                let text = |name| attributes.get(&name).filter(|text| !text.is_empty());
                (
                    text(QueueAttributeName::QueueArn).cloned(),
                    policy(text(QueueAttributeName::Policy)),
                    Attr::Known(text(QueueAttributeName::KmsMasterKeyId).cloned()),
                )
            }
            // Deleted since it was listed.
            Err(failure) if failure.class == Class::Absent => return,
            Err(failure) => (None, failure.unknown(), failure.unknown()),
        };
    let request = cell.clients.sqs().list_queue_tags().queue_url(&url);
    let tags = match cell.call("sqs:ListQueueTags", request.send()).await {
        Ok(answer) => Attr::Known(map(answer.tags.unwrap_or_default(), |value| value)),
        Err(failure) => failure.unknown(),
    };
    let arn = arn.unwrap_or_else(|| {
        let partition = crate::collect::normal::partition_of(&cell.region);
        format!("arn:{partition}:sqs:{}:{}:{name}", cell.region, cell.account)
    });
    let data = Queue { queue_url: Some(url).into(), policy_document, kms_master_key_id };
    cell.emit(cell.meta(name.clone(), Some(arn), Some(&name), tags), data).await;
}

pub(super) async fn topics(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.sns().list_topics();
    pages!(cell, "sns:ListTopics", request, set_next_token, next_token, |page| {
        for topic_arn in page.topics.unwrap_or_default().into_iter().filter_map(|t| t.topic_arn) {
            topic(&cell, topic_arn).await;
        }
    })
}

async fn topic(cell: &Cell, arn: String) {
    let request = cell.clients.sns().get_topic_attributes().topic_arn(&arn);
    let data = match cell.call("sns:GetTopicAttributes", request.send()).await {
        Ok(answer) => {
            let attributes: HashMap<String, String> = answer.attributes.unwrap_or_default();
            let text = |name: &str| attributes.get(name).filter(|text| !text.is_empty());
            Topic {
                policy_document: policy(text("Policy")),
                kms_master_key_id: text("KmsMasterKeyId").cloned().into(),
            }
        }
        Err(failure) if failure.class == Class::Absent => return,
        Err(failure) => {
            Topic { policy_document: failure.unknown(), kms_master_key_id: failure.unknown() }
        }
    };
    let request = cell.clients.sns().list_tags_for_resource().resource_arn(&arn);
    let tags: Attr<BTreeMap<String, String>> =
        match cell.call("sns:ListTagsForResource", request.send()).await {
            Ok(answer) => Attr::Known(sure_tags!(answer.tags)),
            Err(failure) => failure.unknown(),
        };
    let name = arn.rsplit(':').next().unwrap_or(&arn).to_owned();
    cell.emit(cell.meta(name.clone(), Some(arn), Some(&name), tags), data).await;
}

fn policy(text: Option<&String>) -> Attr<Option<PolicyDocument>> {
    match text {
        Some(text) => PolicyDocument::parse(text).map(Some),
        None => Attr::Known(None),
    }
}
