//! Certificates of AWS Certificate Manager.

use crate::clock::Time;

model! {
    /// A certificate (`acm:DescribeCertificate`).
    pub struct Certificate {
        /// The main domain name.
        domain_name: String,
        /// All names it is valid for.
        subject_alternative_names: Vec<String>,
        /// The state.
        status: String = [
            "PENDING_VALIDATION", "ISSUED", "INACTIVE", "EXPIRED", "VALIDATION_TIMED_OUT", "REVOKED", "FAILED"
        ],
        /// Where it comes from.
        certificate_type: String = ["IMPORTED", "AMAZON_ISSUED", "PRIVATE"],
        /// The subject.
        subject: Option<String>,
        /// The issuer.
        issuer: Option<String>,
        /// The serial number.
        serial: Option<String>,
        /// The algorithm and size of its key with underscores, such as `RSA_2048` or `EC_prime256v1` (the API also
        /// prints `RSA-2048`).
        key_algorithm: String,
        /// The algorithm of its signature, such as `SHA256WITHRSA`.
        signature_algorithm: Option<String>,
        /// When it was asked for.
        created_at: Option<Time>,
        /// When it was issued.
        issued_at: Option<Time>,
        /// When it was imported.
        imported_at: Option<Time>,
        /// From when on it is valid.
        not_before: Option<Time>,
        /// Until when it is valid.
        not_after: Option<Time>,
        /// When it was revoked.
        revoked_at: Option<Time>,
        /// Why it was revoked.
        revocation_reason: Option<String>,
        /// Why it was not issued.
        failure_reason: Option<String>,
        /// The ARNs of what uses it.
        in_use_by: Vec<String>,
        /// Whether it can be renewed by ACM.
        renewal_eligibility: Option<String> = ["ELIGIBLE", "INELIGIBLE"],
        /// How the renewal stands.
        renewal_status: Option<String> = ["PENDING_AUTO_RENEWAL", "PENDING_VALIDATION", "SUCCESS", "FAILED"],
        /// Why the renewal failed.
        renewal_status_reason: Option<String>,
        /// When the renewal last changed.
        renewal_updated_at: Option<Time>,
        /// What the key may be used for.
        key_usages: Vec<String>,
        /// What the certificate may be used for.
        extended_key_usages: Vec<String>,
        /// The private authority that issued it.
        certificate_authority_arn: Option<String>,
        /// Whether it is published in transparency logs.
        certificate_transparency_logging_preference: Option<String> = ["ENABLED", "DISABLED"],
        /// Whether its key can be exported.
        export: Option<String> = ["ENABLED", "DISABLED"],
        /// The service that manages it.
        managed_by: Option<String>,
        /// How each name is proven.
        domain_validation_options: Vec<DomainValidation>,
    }

    /// How a name of a certificate is proven.
    pub struct DomainValidation key [domain_name] {
        /// The name.
        domain_name: String,
        /// The method.
        validation_method: Option<String> = ["DNS", "EMAIL", "HTTP"],
        /// Whether it is proven.
        validation_status: Option<String> = ["PENDING_VALIDATION", "SUCCESS", "FAILED"],
        /// The DNS record to keep.
        resource_record_name: Option<String>,
    }
}
