//! Certificates of AWS Certificate Manager.

use std::sync::Arc;

use aws_sdk_acm::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{list, list_of, must, must_word, sorted, time, word};
use super::failure::{Class, Failure};
use crate::model::acm::{Certificate, DomainValidation};
use crate::model::attr::Attr;

pub(super) async fn certificates(cell: Arc<Cell>) -> Result<(), Failure> {
    // Without a filter only RSA keys of 1024 and 2048 bits are listed.
    let filters = sdk::Filters::builder().set_key_types(Some(key_types())).build();
    let request = cell.clients.acm().list_certificates().includes(filters).max_items(1000);
    pages!(cell, "acm:ListCertificates", request, set_next_token, next_token, |page| {
        for summary in page.certificate_summary_list.unwrap_or_default() {
            let Some(arn) = summary.certificate_arn else { continue };
            if let Err(failure) = certificate(&cell, &arn).await
                && failure.class != Class::Absent
            {
                cell.gap("aws.acm.certificate", &failure);
            }
        }
    })
}

fn key_types() -> Vec<sdk::KeyAlgorithm> {
    [
        "RSA_1024",
        "RSA_2048",
        "RSA_3072",
        "RSA_4096",
        "EC_prime256v1",
        "EC_secp384r1",
        "EC_secp521r1",
    ]
    .into_iter()
    .map(sdk::KeyAlgorithm::from)
    .collect()
}

async fn certificate(cell: &Cell, arn: &str) -> Result<(), Failure> {
    let request = cell.clients.acm().describe_certificate().certificate_arn(arn);
    let answer = cell.call("acm:DescribeCertificate", request.send()).await?;
    let Some(item) = answer.certificate else { return Ok(()) };
    let request = cell.clients.acm().list_tags_for_certificate().certificate_arn(arn);
    let tags = match cell.call("acm:ListTagsForCertificate", request.send()).await {
        Ok(answer) => {
            let tags = answer.tags.unwrap_or_default().into_iter();
            Attr::Known(tags.map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
        }
        Err(failure) => failure.unknown(),
    };
    let meta = cell.meta(arn.to_owned(), Some(arn.to_owned()), item.domain_name.as_deref(), tags);
    cell.emit(meta, convert(item)).await;
    Ok(())
}

#[expect(deprecated, reason = "certificates from before the choice was taken away still show it")]
fn convert(item: sdk::CertificateDetail) -> Certificate {
    let renewal = item.renewal_summary;
    let renewal = renewal.as_ref();
    let options = item.options;
    Certificate {
        domain_name: must(item.domain_name),
        subject_alternative_names: sorted(item.subject_alternative_names),
        status: must_word!(item.status),
        certificate_type: must_word!(item.r#type),
        subject: item.subject.into(),
        issuer: item.issuer.into(),
        serial: item.serial.into(),
        key_algorithm: must_word!(item.key_algorithm),
        signature_algorithm: item.signature_algorithm.into(),
        created_at: time(item.created_at),
        issued_at: time(item.issued_at),
        imported_at: time(item.imported_at),
        not_before: time(item.not_before),
        not_after: time(item.not_after),
        revoked_at: time(item.revoked_at),
        revocation_reason: word!(item.revocation_reason),
        failure_reason: word!(item.failure_reason),
        in_use_by: sorted(item.in_use_by),
        renewal_eligibility: word!(item.renewal_eligibility),
        renewal_status: word!(renewal.map(|r| &r.renewal_status)),
        renewal_status_reason: word!(renewal.and_then(|r| r.renewal_status_reason.as_ref())),
        renewal_updated_at: time(renewal.map(|r| r.updated_at)),
        key_usages: list_of(item.key_usages, |usage| {
            usage.name.map(|name| name.as_str().to_owned())
        }),
        extended_key_usages: list_of(item.extended_key_usages, |usage| {
            usage.name.map(|name| name.as_str().to_owned()).or(usage.oid)
        }),
        certificate_authority_arn: item.certificate_authority_arn.into(),
        certificate_transparency_logging_preference: word!(
            options.as_ref().and_then(|o| o.certificate_transparency_logging_preference.as_ref())
        ),
        export: word!(options.as_ref().and_then(|o| o.export.as_ref())),
        managed_by: word!(item.managed_by),
        domain_validation_options: list(item.domain_validation_options, |item| DomainValidation {
            domain_name: item.domain_name.into(),
            validation_method: word!(item.validation_method),
            validation_status: word!(item.validation_status),
            resource_record_name: item.resource_record.map(|record| record.name).into(),
        }),
    }
}
