//! Certificates of ACM.

use super::Table;
use super::kit::{self, PART, is_open, is_silent, later, word};
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::Tree;
use crate::model::change::{Draft, Sketch};

const CERTIFICATE: &str = "aws.acm.certificate";

pub(super) const TABLE: Table = &[
    (
        "aws_acm_certificate",
        Handle {
            id: &["arn", "id"],
            arn: "arn:{partition}:acm:{region}:{account}:certificate/{id}",
            made: &[],
        },
        certificate,
    ),
    ("aws_acm_certificate_validation", PART, validation),
];

fn certificate<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("certificate_type", "type"),
        (
            "certificate_transparency_logging_preference",
            "options.certificate_transparency_logging_preference",
        ),
        ("export", "options.export"),
        ("domain_validation_options.validation_status", ""),
        ("renewal_status", "renewal_summary.renewal_status"),
        ("renewal_status_reason", "renewal_summary.renewal_status_reason"),
        ("in_use_by", ""),
    ];
    const AFTER: &[&str] = &[
        "subject",
        "issuer",
        "serial",
        "signature_algorithm",
        "created_at",
        "issued_at",
        "imported_at",
        "not_before",
        "not_after",
        "in_use_by",
        "renewal_eligibility",
        "renewal_status",
        "renewal_status_reason",
        "renewal_updated_at",
        "key_usages",
        "extended_key_usages",
    ];
    let Some(mut draft) = kit::draft(thing, CERTIFICATE, "domain_name", FROM, AFTER) else {
        return;
    };
    if thing.fresh {
        fresh(thing, &mut draft);
    }
    sketch.state(draft);
}

fn fresh<'a>(thing: &Thing<'a>, draft: &mut Draft<'a>) {
    let imported = !is_silent(&thing.at("certificate_body"));
    let private = !is_silent(&thing.at("certificate_authority_arn"));
    let (kind, status) = match (imported, private) {
        (true, _) => ("IMPORTED", "ISSUED"),
        (_, true) => ("PRIVATE", "ISSUED"),
        _ => ("AMAZON_ISSUED", "PENDING_VALIDATION"),
    };
    kit::fill(draft, [("certificate_type", word(kind)), ("status", word(status))]);
    if imported {
        for told in ["domain_name", "subject_alternative_names", "key_algorithm"] {
            let have = draft.fields.member(told).into_owned();
            kit::set(draft, told, kit::or(&have, later()));
        }
        kit::set(draft, "renewal_eligibility", word("INELIGIBLE"));
    } else {
        kit::fill(draft, [("key_algorithm", word("RSA_2048"))]);
        kit::fill(draft, [("certificate_transparency_logging_preference", word("ENABLED"))]);
        // All names are those of the list and the main one.
        let names = thing.at("subject_alternative_names");
        if is_silent(&names) || is_open(&names) {
            let main = thing.at("domain_name").into_owned();
            kit::set(draft, "subject_alternative_names", Tree::List(vec![main]));
        }
    }
    kit::fill(draft, [("export", word("DISABLED"))]);
}

/// Waits until a certificate is issued.
fn validation<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let at = (CERTIFICATE, thing.whole("certificate_arn"), "status");
    kit::value(thing, sketch, at, word("ISSUED"));
}
