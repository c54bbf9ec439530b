//! Answers of smaller services: Certificate Manager, Systems Manager, account contacts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::forms::Form;
use super::reshape::{self, list, text};
use super::scene::Scene;
use super::store::{Spec, Store, Tags, no_fix, tags_of};
use crate::model::coverage::Completeness;
use crate::model::ssm;

const CERTIFICATE: &str = "aws.acm.certificate";
const CONTACTS: &str = "aws.account.contacts";
const MANAGED: &str = "aws.ssm.managed_instance";

pub(super) const FORMS: &[Form] = &[
    Form::list("CertificateSummaryList", "acm:ListCertificates", &SUMMARY),
    Form::answer("Certificate", "acm:DescribeCertificate", &[], certificate)
        .has(&["CertificateArn"]),
    Form::answer(
        "ContactInformation",
        "account:GetContactInformation",
        &[CONTACTS],
        contact_information,
    ),
    Form::answer("AlternateContact", "account:GetAlternateContact", &[], alternate_contact),
    Form::list("InstanceInformationList", "ssm:DescribeInstanceInformation", &MANAGED_INSTANCE),
    Form::list("InstancePatchStates", "ssm:DescribeInstancePatchStates", &PATCH_STATE),
    Form::answer("Entities", "ssm:GetInventory", &["aws.ssm.inventory"], inventory).has(&["Data"]),
    Form::later("Tags", "acm:ListTagsForCertificate", certificate_tags).has(&["Key"]),
];

static SUMMARY: Spec = Spec {
    kind: CERTIFICATE,
    id: "CertificateArn",
    arn: "CertificateArn",
    name: "DomainName",
    tags: Tags::Apart("acm:ListTagsForCertificate"),
    from: &[
        ("certificate_type", "Type"),
        ("export", "ExportOption"),
        ("key_algorithm", "KeyAlgorithm"),
    ],
    apart: &[
        ("subject_alternative_names", DESCRIBE),
        ("subject", DESCRIBE),
        ("issuer", DESCRIBE),
        ("serial", DESCRIBE),
        ("signature_algorithm", DESCRIBE),
        ("revocation_reason", DESCRIBE),
        ("failure_reason", DESCRIBE),
        ("in_use_by", DESCRIBE),
        ("renewal_status", DESCRIBE),
        ("renewal_status_reason", DESCRIBE),
        ("renewal_updated_at", DESCRIBE),
        ("certificate_authority_arn", DESCRIBE),
        ("certificate_transparency_logging_preference", DESCRIBE),
        ("domain_validation_options", DESCRIBE),
        // Older answers of the list have none of these.
        ("not_before", DESCRIBE),
        ("not_after", DESCRIBE),
        ("created_at", DESCRIBE),
        ("issued_at", DESCRIBE),
        ("imported_at", DESCRIBE),
        ("revoked_at", DESCRIBE),
        ("renewal_eligibility", DESCRIBE),
        ("key_usages", DESCRIBE),
        ("extended_key_usages", DESCRIBE),
        ("managed_by", DESCRIBE),
        ("export", DESCRIBE),
    ],
    fix: key_algorithm,
};

const DESCRIBE: &str = "acm:DescribeCertificate";

static DETAIL: Spec = Spec {
    kind: CERTIFICATE,
    id: "CertificateArn",
    arn: "CertificateArn",
    name: "DomainName",
    tags: Tags::Apart("acm:ListTagsForCertificate"),
    from: &[
        ("certificate_type", "Type"),
        ("renewal_status", "RenewalSummary.RenewalStatus"),
        ("renewal_status_reason", "RenewalSummary.RenewalStatusReason"),
        ("renewal_updated_at", "RenewalSummary.UpdatedAt"),
        (
            "certificate_transparency_logging_preference",
            "Options.CertificateTransparencyLoggingPreference",
        ),
        ("export", "Options.Export"),
        ("key_usages", "KeyUsages[].Name"),
        ("extended_key_usages", "ExtendedKeyUsages[].Name"),
        ("domain_validation_options.resource_record_name", "ResourceRecord.Name"),
    ],
    apart: &[],
    fix: key_algorithm,
};

/// `RSA-2048` and `RSA_2048` are the same; the API prints both.
fn key_algorithm(_: &Value, fields: &mut serde_json::Map<String, Value>) {
    if let Some(Value::String(algorithm)) = fields.get_mut("key_algorithm") {
        *algorithm = algorithm.replace('-', "_");
    }
}

fn certificate(scene: &mut Scene<'_>, answer: &Value) {
    if let Some(item) = answer.get("Certificate") {
        if let Some(draft) = scene.put(&DETAIL, item) {
            // The list knows less; what it left open must not stand before this.
            let known = reshape::fields(
                crate::model::acm::Certificate::SHAPE,
                item,
                reshape::Plan { from: DETAIL.from, skip: &[("key_algorithm", DESCRIBE)] },
            );
            draft.fields.extend(known);
        }
        let place = scene.place.clone();
        let why =
            "only single certificates were asked for, with acm:DescribeCertificate".to_owned();
        scene.store.cover(CERTIFICATE, &place, Completeness::Partial, Some(why), false);
    }
}

fn certificate_tags(scene: &mut Scene<'_>, answer: &Value) {
    // EC2 prints the tags of many things under the same name, with their ids; those stand on the things already.
    if list(answer, "Tags").iter().any(|tag| tag.get("ResourceId").is_some()) {
        return;
    }
    let tags = tags_of(answer).unwrap_or_default();
    let Some(id) = scene.about(CERTIFICATE, answer, &["CertificateArn", "ResourceArn"]) else {
        return;
    };
    if let Some(draft) = scene.part(CERTIFICATE, &id) {
        draft.tags = draft.tags.take().or(Some(tags));
    }
}

/// The contacts of the account, made when there are none yet.
fn contacts<'s>(scene: &'s mut Scene<'_>) -> Option<&'s mut super::store::Draft> {
    let account = scene.place.account.as_str().to_owned();
    let draft = scene.part(CONTACTS, &account)?;
    if !draft.listed {
        draft.listed = true;
        draft.tags = Some(BTreeMap::new());
        draft.apart.extend([
            ("company_name", "account:GetContactInformation"),
            ("country_code", "account:GetContactInformation"),
            ("full_name_present", "account:GetContactInformation"),
            ("phone_number_present", "account:GetContactInformation"),
            ("address_present", "account:GetContactInformation"),
            ("website_present", "account:GetContactInformation"),
            ("security", "account:GetAlternateContact"),
            ("operations", "account:GetAlternateContact"),
            ("billing", "account:GetAlternateContact"),
        ]);
    }
    Some(draft)
}

fn contact_information(scene: &mut Scene<'_>, answer: &Value) {
    let Some(info) = answer.get("ContactInformation").cloned() else { return };
    let Some(draft) = contacts(scene) else { return };
    let there = |key: &str| json!(text(&info, key).is_some_and(|t| !t.trim().is_empty()));
    draft.set("company_name", json!(text(&info, "CompanyName")));
    draft.set("country_code", json!(text(&info, "CountryCode")));
    draft.set("full_name_present", there("FullName"));
    draft.set("phone_number_present", there("PhoneNumber"));
    draft.set("address_present", there("AddressLine1"));
    draft.set("website_present", there("WebsiteUrl"));
}

fn alternate_contact(scene: &mut Scene<'_>, answer: &Value) {
    let Some(contact) = answer.get("AlternateContact").cloned() else { return };
    let field = match text(&contact, "AlternateContactType").as_deref() {
        Some("SECURITY") => "security",
        Some("OPERATIONS") => "operations",
        Some("BILLING") => "billing",
        _ => return,
    };
    let made = crate::collect::normal::alternate_contact(
        text(&contact, "Title"),
        text(&contact, "Name").as_deref(),
        text(&contact, "PhoneNumber").as_deref(),
        text(&contact, "EmailAddress").as_deref(),
    );
    if let Some(draft) = contacts(scene) {
        draft.set(field, json!(made));
    }
    scene.cover(CONTACTS, Completeness::Complete, None);
}

/// The account has no such contact: what the error `ResourceNotFoundException` means. Which one, the file's name says.
pub(super) fn no_contact(scene: &mut Scene<'_>) {
    let file = scene.file.to_ascii_lowercase();
    let Some(field) =
        ["security", "operations", "billing"].into_iter().find(|word| file.contains(word))
    else {
        let message = format!(
            "{}: which contact does not exist? name the file after it, such as get-alternate-contact-security.json",
            scene.file
        );
        return scene.store.note("aws-json/no-subject", message);
    };
    if let Some(draft) = contacts(scene) {
        draft.set(field, Value::Null);
    }
    scene.cover(CONTACTS, Completeness::Complete, None);
}

static MANAGED_INSTANCE: Spec = Spec {
    kind: MANAGED,
    id: "InstanceId",
    arn: "",
    name: "Name|ComputerName",
    tags: Tags::Apart("ssm:ListTagsForResource"),
    from: &[
        ("ip_address", "IPAddress"),
        (
            "association_status_counts",
            "AssociationOverview.InstanceAssociationStatusAggregatedCount",
        ),
    ],
    apart: &[],
    fix: no_fix,
};

static PATCH_STATE: Spec = Spec {
    kind: "aws.ssm.patch_state",
    id: "InstanceId",
    arn: "",
    name: "",
    tags: Tags::Never,
    from: &[],
    apart: &[],
    fix: no_fix,
};

fn inventory(scene: &mut Scene<'_>, answer: &Value) {
    for entity in list(answer, "Entities") {
        let Some(id) = text(entity, "Id") else { continue };
        let Some(draft) = scene.part("aws.ssm.inventory", &id) else { continue };
        draft.listed = true;
        draft.tags = Some(BTreeMap::new());
        draft.set("instance_id", json!(id));
        let data = entity.get("Data");
        let item = |name: &str| data.and_then(|data| data.get(name));
        if let Some(info) = item("AWS:InstanceInformation") {
            let first = list(info, "Content").first().cloned().unwrap_or_default();
            let mut part = ssm::Inventory::default();
            let word = |key: &str| crate::model::Attr::Known(text(&first, key));
            part.instance_status = word("InstanceStatus");
            part.agent_type = word("AgentType");
            part.agent_version = word("AgentVersion");
            part.platform_type = word("PlatformType");
            part.platform_name = word("PlatformName");
            part.platform_version = word("PlatformVersion");
            part.kernel_version = word("KernelVersion");
            part.computer_name = word("ComputerName");
            part.ip_address = word("IpAddress");
            part.resource_type = word("ResourceType");
            let time = text(info, "CaptureTime").and_then(|t| crate::collect::normal::time(&t));
            part.capture_time = time.into();
            draft.name = word("ComputerName").known().cloned().flatten();
            draft.set_all(&part);
        }
        if let Some(applications) = item("AWS:Application") {
            draft.set("application_count", json!(list(applications, "Content").len()));
        }
        draft.apart.extend([("application_count", "ssm:GetInventory (AWS:Application)")]);
    }
}

/// ARNs of managed instances: EC2's own for instances, SSM's for others.
pub(super) fn complete(store: &mut Store) {
    for (key, draft) in store.drafts.iter_mut().filter(|(key, _)| key.kind == MANAGED) {
        let partition = crate::collect::normal::partition_of(&key.region);
        let noun = if key.id.starts_with("mi-") { "ssm" } else { "ec2" };
        let what = if key.id.starts_with("mi-") { "managed-instance" } else { "instance" };
        draft.arn = Some(format!(
            "arn:{partition}:{noun}:{}:{}:{what}/{}",
            key.region, key.account, key.id
        ));
    }
    patch_states(store);
}

/// Patch states are asked for by the ids of hosts, so that only hosts that were asked about are in the answer.
fn patch_states(store: &mut Store) {
    const STATE: &str = "aws.ssm.patch_state";
    for place in store.places_of(STATE) {
        let here = |key: &super::store::Key, kind: &str| {
            key.kind == kind && key.account == place.account && key.region == place.region
        };
        let told = |id: &str| store.drafts.keys().any(|key| here(key, STATE) && key.id == id);
        let silent = store
            .drafts
            .iter()
            .filter(|(key, draft)| here(key, MANAGED) && draft.listed && !told(&key.id))
            .count();
        let hosts = store.is_complete(MANAGED, &place.account, &place.region);
        let reason = match (hosts, silent) {
            (true, 0) => continue,
            (true, n) => format!("it tells nothing of {n} managed hosts"),
            (false, _) => "the hosts that could be asked about are not all known".to_owned(),
        };
        if store.is_complete(STATE, &place.account, &place.region) {
            let reason = format!("ssm:DescribeInstancePatchStates: {reason}");
            store.replace_cover(STATE, &place, Completeness::Partial, Some(reason));
        }
    }
}
