//! Answers of EC2 about instances, interfaces, disks, images, templates and the account's settings.

use serde_json::{Map, Value, json};

use super::forms::Form;
use super::reshape::{self, Plan, list, text};
use super::scene::Scene;
use super::store::{Spec, Tags, no_fix};
use crate::collect::normal;
use crate::model::attr::CauseKind;
use crate::model::coverage::Completeness;
use crate::model::kinds::kind_named;

pub(super) const FORMS: &[Form] = &[
    Form::answer("Reservations", "ec2:DescribeInstances", &["aws.ec2.instance"], reservations)
        .has(&["Instances"]),
    Form::list("Instances", "ec2:DescribeInstances", &INSTANCE).has(&["InstanceId^i-"]),
    Form::list("NetworkInterfaces", "ec2:DescribeNetworkInterfaces", &NETWORK_INTERFACE),
    Form::list("Addresses", "ec2:DescribeAddresses", &ADDRESS).has(&["AllocationId", "PublicIp"]),
    Form::list("Volumes", "ec2:DescribeVolumes", &VOLUME).has(&["VolumeId^vol-"]),
    Form::answer("Snapshots", "ec2:DescribeSnapshots", &["aws.ec2.snapshot"], snapshots)
        .has(&["SnapshotId^snap-"]),
    Form::list("Images", "ec2:DescribeImages", &IMAGE).has(&["ImageId^ami-"]),
    Form::list("KeyPairs", "ec2:DescribeKeyPairs", &KEY_PAIR).has(&["KeyPairId", "KeyFingerprint"]),
    Form::list("LaunchTemplates", "ec2:DescribeLaunchTemplates", &LAUNCH_TEMPLATE)
        .has(&["LaunchTemplateId"]),
    Form::later("LaunchTemplateVersions", "ec2:DescribeLaunchTemplateVersions", template_versions),
    Form::later("CreateVolumePermissions", "ec2:DescribeSnapshotAttribute", snapshot_attribute),
    Form::later("LaunchPermissions", "ec2:DescribeImageAttribute", image_attribute),
    Form::later("UserData", "ec2:DescribeInstanceAttribute", instance_attribute)
        .has(&["/InstanceId"]),
    Form::later("DisableApiTermination", "ec2:DescribeInstanceAttribute", instance_attribute)
        .has(&["/InstanceId"]),
    Form::later("DisableApiStop", "ec2:DescribeInstanceAttribute", instance_attribute)
        .has(&["/InstanceId"]),
    Form::later(
        "InstanceInitiatedShutdownBehavior",
        "ec2:DescribeInstanceAttribute",
        instance_attribute,
    )
    .has(&["/InstanceId"]),
    settings("EbsEncryptionByDefault", "ec2:GetEbsEncryptionByDefault", ebs_encryption),
    settings("KmsKeyId", "ec2:GetEbsDefaultKmsKeyId", ebs_key),
    settings("ImageBlockPublicAccessState", "ec2:GetImageBlockPublicAccessState", image_block),
    settings("SerialConsoleAccessEnabled", "ec2:GetSerialConsoleAccessStatus", serial_console),
    settings("AccountLevel", "ec2:GetInstanceMetadataDefaults", metadata_defaults),
    settings("ImageCriteria", "ec2:GetAllowedImagesSettings", allowed_images),
    settings("State", "ec2:GetSnapshotBlockPublicAccessState", state_of_something),
    settings("AccountAttributes", "ec2:DescribeAccountAttributes", account_attributes)
        .has(&["AttributeName"]),
];

const fn settings(key: &'static str, call: &'static str, read: fn(&mut Scene<'_>, &Value)) -> Form {
    Form::answer(key, call, &["aws.ec2.account_settings"], read)
}

const ATTRIBUTE: &str = "ec2:DescribeInstanceAttribute";

static INSTANCE: Spec = Spec {
    kind: "aws.ec2.instance",
    id: "InstanceId",
    arn: "",
    name: "",
    tags: Tags::Inside,
    from: &[
        ("state", "State.Name"),
        ("state_reason_code", "StateReason.Code"),
        ("tenancy", "Placement.Tenancy"),
        ("host_id", "Placement.HostId"),
        ("placement_group_name", "Placement.GroupName"),
        ("availability_zone", "Placement.AvailabilityZone"),
        ("ipv6_addresses", "NetworkInterfaces[].Ipv6Addresses[].Ipv6Address"),
        ("security_group_ids", "SecurityGroups[].GroupId"),
        ("network_interface_ids", "NetworkInterfaces[].NetworkInterfaceId"),
        ("block_device_mappings.volume_id", "Ebs.VolumeId"),
        ("block_device_mappings.status", "Ebs.Status"),
        ("block_device_mappings.delete_on_termination", "Ebs.DeleteOnTermination"),
        ("block_device_mappings.attach_time", "Ebs.AttachTime"),
        ("volume_ids", "BlockDeviceMappings[].Ebs.VolumeId"),
        ("iam_instance_profile_arn", "IamInstanceProfile.Arn"),
        ("iam_instance_profile_id", "IamInstanceProfile.Id"),
        ("monitoring", "Monitoring.State"),
        ("hibernation_configured", "HibernationOptions.Configured"),
        ("enclave_enabled", "EnclaveOptions.Enabled"),
        ("amd_sev_snp", "CpuOptions.AmdSevSnp"),
        ("auto_recovery", "MaintenanceOptions.AutoRecovery"),
        ("license_configuration_arns", "Licenses[].LicenseConfigurationArn"),
        ("product_codes", "ProductCodes[].ProductCodeId"),
        ("operator_managed", "Operator.Managed"),
    ],
    apart: &[
        ("disable_api_termination", ATTRIBUTE),
        ("disable_api_stop", ATTRIBUTE),
        ("instance_initiated_shutdown_behavior", ATTRIBUTE),
        ("user_data_sha256", ATTRIBUTE),
        ("user_data_secret_kinds", ATTRIBUTE),
    ],
    fix: no_fix,
};

static NETWORK_INTERFACE: Spec = Spec {
    kind: "aws.ec2.network_interface",
    id: "NetworkInterfaceId",
    arn: "",
    name: "",
    tags: Tags::Inside,
    from: &[
        ("security_group_ids", "Groups[].GroupId"),
        ("ipv6_addresses", "Ipv6Addresses[].Ipv6Address"),
        ("ipv4_prefixes", "Ipv4Prefixes[].Ipv4Prefix"),
        ("ipv6_prefixes", "Ipv6Prefixes[].Ipv6Prefix"),
        ("instance_id", "Attachment.InstanceId"),
        ("operator_managed", "Operator.Managed"),
        ("tcp_established_timeout", "ConnectionTrackingConfiguration.TcpEstablishedTimeout"),
        ("udp_timeout", "ConnectionTrackingConfiguration.UdpTimeout"),
        ("udp_stream_timeout", "ConnectionTrackingConfiguration.UdpStreamTimeout"),
        ("associated_subnet_ids", "AssociatedSubnets"),
    ],
    apart: &[],
    fix: no_fix,
};

static ADDRESS: Spec = Spec {
    kind: "aws.ec2.address",
    id: "AllocationId|PublicIp",
    arn: "",
    name: "",
    tags: Tags::Inside,
    from: &[],
    apart: &[],
    fix: no_fix,
};

static VOLUME: Spec = Spec {
    kind: "aws.ec2.volume",
    id: "VolumeId",
    arn: "",
    name: "",
    tags: Tags::Inside,
    from: &[
        ("attached_instance_ids", "Attachments[].InstanceId"),
        ("operator_managed", "Operator.Managed"),
    ],
    apart: &[],
    fix: no_fix,
};

static SNAPSHOT: Spec = Spec {
    kind: "aws.ec2.snapshot",
    id: "SnapshotId",
    arn: "",
    name: "",
    tags: Tags::Inside,
    from: &[],
    apart: &[
        ("public", "ec2:DescribeSnapshotAttribute"),
        ("shared_account_ids", "ec2:DescribeSnapshotAttribute"),
    ],
    fix: no_fix,
};

static IMAGE: Spec = Spec {
    kind: "aws.ec2.image",
    id: "ImageId",
    arn: "",
    name: "Name",
    tags: Tags::Inside,
    from: &[
        ("product_codes", "ProductCodes[].ProductCodeId"),
        ("block_device_mappings.snapshot_id", "Ebs.SnapshotId"),
        ("block_device_mappings.encrypted", "Ebs.Encrypted"),
        ("block_device_mappings.kms_key_id", "Ebs.KmsKeyId"),
        ("block_device_mappings.volume_size", "Ebs.VolumeSize"),
        ("block_device_mappings.volume_type", "Ebs.VolumeType"),
        ("block_device_mappings.iops", "Ebs.Iops"),
        ("block_device_mappings.throughput", "Ebs.Throughput"),
        ("block_device_mappings.delete_on_termination", "Ebs.DeleteOnTermination"),
        ("block_device_mappings.no_device", "=absent"),
    ],
    apart: &[
        ("shared_account_ids", "ec2:DescribeImageAttribute"),
        ("shared_organization_arns", "ec2:DescribeImageAttribute"),
        ("shared_organizational_unit_arns", "ec2:DescribeImageAttribute"),
    ],
    fix: no_devices,
};

static KEY_PAIR: Spec = Spec {
    kind: "aws.ec2.key_pair",
    id: "KeyPairId|KeyName",
    arn: "",
    name: "KeyName",
    tags: Tags::Inside,
    from: &[],
    apart: &[],
    fix: no_fix,
};

static LAUNCH_TEMPLATE: Spec = Spec {
    kind: "aws.ec2.launch_template",
    id: "LaunchTemplateId",
    arn: "",
    name: "LaunchTemplateName",
    tags: Tags::Inside,
    from: &[("operator_managed", "Operator.Managed")],
    apart: &[("versions", "ec2:DescribeLaunchTemplateVersions")],
    fix: no_fix,
};

fn reservations(scene: &mut Scene<'_>, answer: &Value) {
    for reservation in list(answer, "Reservations") {
        for instance in list(reservation, "Instances") {
            let extra = |key: &str| reservation.get(key).cloned().unwrap_or(Value::Null);
            if let Some(draft) = scene.put(&INSTANCE, instance) {
                // What stands beside the instance, not in it.
                draft.fields.insert("reservation_id".to_owned(), extra("ReservationId"));
                draft.fields.insert("requester_id".to_owned(), extra("RequesterId"));
            }
        }
    }
}

/// Without `--owner-ids self`, EC2 lists what others share with everyone; those are not this account's.
fn snapshots(scene: &mut Scene<'_>, answer: &Value) {
    let account = scene.place.account.as_str().to_owned();
    for item in list(answer, "Snapshots") {
        if text(item, "OwnerId").is_none_or(|owner| owner == account) {
            scene.put(&SNAPSHOT, item);
        }
    }
}

/// `NoDevice` is an empty text that says yes.
fn no_devices(item: &Value, fields: &mut Map<String, Value>) {
    let Some(made) = fields.get_mut("block_device_mappings").and_then(Value::as_array_mut) else {
        return;
    };
    for (device, source) in made.iter_mut().zip(list(item, "BlockDeviceMappings")) {
        let says = source
            .get("NoDevice")
            .is_some_and(|value| !value.is_null() && value != &Value::Bool(false));
        if let Some(map) = device.as_object_mut() {
            map.insert("no_device".to_owned(), if says { Value::Bool(true) } else { Value::Null });
        }
    }
}

const VERSION_FROM: &[reshape::From] = &[
    ("image_id", "LaunchTemplateData.ImageId"),
    ("instance_type", "LaunchTemplateData.InstanceType"),
    ("key_name", "LaunchTemplateData.KeyName"),
    ("iam_instance_profile_arn", "LaunchTemplateData.IamInstanceProfile.Arn"),
    ("iam_instance_profile_name", "LaunchTemplateData.IamInstanceProfile.Name"),
    ("security_group_ids", "LaunchTemplateData.SecurityGroupIds"),
    ("security_group_names", "LaunchTemplateData.SecurityGroups"),
    ("network_interfaces", "LaunchTemplateData.NetworkInterfaces"),
    ("network_interfaces.security_group_ids", "Groups"),
    ("network_interfaces.ipv6_addresses", "Ipv6Addresses[].Ipv6Address"),
    ("block_device_mappings", "LaunchTemplateData.BlockDeviceMappings"),
    ("block_device_mappings.snapshot_id", "Ebs.SnapshotId"),
    ("block_device_mappings.encrypted", "Ebs.Encrypted"),
    ("block_device_mappings.kms_key_id", "Ebs.KmsKeyId"),
    ("block_device_mappings.volume_size", "Ebs.VolumeSize"),
    ("block_device_mappings.volume_type", "Ebs.VolumeType"),
    ("block_device_mappings.iops", "Ebs.Iops"),
    ("block_device_mappings.throughput", "Ebs.Throughput"),
    ("block_device_mappings.delete_on_termination", "Ebs.DeleteOnTermination"),
    ("block_device_mappings.no_device", "=absent"),
    ("metadata_options", "LaunchTemplateData.MetadataOptions"),
    ("ebs_optimized", "LaunchTemplateData.EbsOptimized"),
    ("monitoring_enabled", "LaunchTemplateData.Monitoring.Enabled"),
    ("disable_api_termination", "LaunchTemplateData.DisableApiTermination"),
    ("disable_api_stop", "LaunchTemplateData.DisableApiStop"),
    (
        "instance_initiated_shutdown_behavior",
        "LaunchTemplateData.InstanceInitiatedShutdownBehavior",
    ),
    ("tenancy", "LaunchTemplateData.Placement.Tenancy"),
    ("market_type", "LaunchTemplateData.InstanceMarketOptions.MarketType"),
    ("enclave_enabled", "LaunchTemplateData.EnclaveOptions.Enabled"),
    ("hibernation_configured", "LaunchTemplateData.HibernationOptions.Configured"),
    ("tag_specification_resource_types", "LaunchTemplateData.TagSpecifications[].ResourceType"),
];

/// Default and newest versions; the others are nobody's concern.
fn template_versions(scene: &mut Scene<'_>, answer: &Value) {
    let shape = crate::model::ec2::LaunchTemplateVersion::SHAPE;
    let mut by_template: std::collections::BTreeMap<String, Vec<Value>> =
        std::collections::BTreeMap::new();
    for item in list(answer, "LaunchTemplateVersions") {
        let Some(id) = text(item, "LaunchTemplateId") else { continue };
        let mut fields = reshape::fields(shape, item, Plan { from: VERSION_FROM, skip: &[] });
        if let Some(data) = item.get("LaunchTemplateData") {
            no_devices(data, &mut fields);
        }
        let data =
            normal::user_data(&text(item, "LaunchTemplateData.UserData").unwrap_or_default());
        fields.insert("user_data_sha256".to_owned(), reshape::attr(&data.sha256));
        fields.insert("user_data_secret_kinds".to_owned(), reshape::attr(&data.secret_kinds));
        by_template.entry(id).or_default().push(Value::Object(fields));
    }
    for (id, mut versions) in by_template {
        let number =
            |v: &Value| v.get("version_number").and_then(Value::as_i64).unwrap_or_default();
        let Some(draft) = scene.part("aws.ec2.launch_template", &id) else { continue };
        let newest = draft.fields.get("latest_version_number").and_then(Value::as_i64);
        let newest = newest.or_else(|| versions.iter().map(number).max());
        // Answers come in pieces: what an earlier one said stays.
        if let Some(Value::Array(have)) = draft.fields.remove("versions") {
            versions.extend(have);
        }
        versions.retain(|v| {
            v.get("default_version") == Some(&Value::Bool(true)) || Some(number(v)) == newest
        });
        versions.sort_by_key(number);
        versions.dedup_by_key(|v| number(v));
        let default = draft.fields.get("default_version_number").and_then(Value::as_i64);
        let there =
            |wanted: Option<i64>| wanted.is_none_or(|n| versions.iter().any(|v| number(v) == n));
        let whole = there(default) && there(newest);
        let made = if whole {
            Value::Array(versions)
        } else {
            reshape::unknown(
                CauseKind::NotCollected,
                "the answer lacks the default or the newest version",
            )
        };
        draft.set("versions", made);
    }
}

fn snapshot_attribute(scene: &mut Scene<'_>, answer: &Value) {
    let Some(id) = scene.about("aws.ec2.snapshot", answer, &["SnapshotId"]) else { return };
    let permissions = list(answer, "CreateVolumePermissions");
    let public = permissions.iter().any(|p| text(p, "Group").as_deref() == Some("all"));
    let accounts: Vec<String> = permissions.iter().filter_map(|p| text(p, "UserId")).collect();
    if let Some(draft) = scene.part("aws.ec2.snapshot", &id) {
        draft.set("public", json!(public));
        draft.set("shared_account_ids", json!(accounts));
    }
}

fn image_attribute(scene: &mut Scene<'_>, answer: &Value) {
    let Some(id) = scene.about("aws.ec2.image", answer, &["ImageId"]) else { return };
    let permissions = list(answer, "LaunchPermissions");
    let all = |key: &str| permissions.iter().filter_map(|p| text(p, key)).collect::<Vec<_>>();
    if let Some(draft) = scene.part("aws.ec2.image", &id) {
        draft.set("shared_account_ids", json!(all("UserId")));
        draft.set("shared_organization_arns", json!(all("OrganizationArn")));
        draft.set("shared_organizational_unit_arns", json!(all("OrganizationalUnitArn")));
    }
}

fn instance_attribute(scene: &mut Scene<'_>, answer: &Value) {
    let Some(id) = scene.about("aws.ec2.instance", answer, &["InstanceId"]) else { return };
    let Some(draft) = scene.part("aws.ec2.instance", &id) else { return };
    for (field, member) in [
        ("disable_api_termination", "DisableApiTermination.Value"),
        ("disable_api_stop", "DisableApiStop.Value"),
        ("instance_initiated_shutdown_behavior", "InstanceInitiatedShutdownBehavior.Value"),
    ] {
        if let Some(value) = reshape::pick(answer, member) {
            draft.set(field, value);
        }
    }
    if answer.get("UserData").is_some() {
        let data = normal::user_data(&text(answer, "UserData.Value").unwrap_or_default());
        draft.set("user_data_sha256", reshape::attr(&data.sha256));
        draft.set("user_data_secret_kinds", reshape::attr(&data.secret_kinds));
    }
}

/// The settings of the account, a field a call.
const SETTINGS: &[(&str, &str)] = &[
    ("ebs_encryption_by_default", "ec2:GetEbsEncryptionByDefault"),
    ("ebs_sse_type", "ec2:GetEbsEncryptionByDefault"),
    ("ebs_default_kms_key_id", "ec2:GetEbsDefaultKmsKeyId"),
    ("snapshot_block_public_access_state", "ec2:GetSnapshotBlockPublicAccessState"),
    ("snapshot_block_public_access_managed_by", "ec2:GetSnapshotBlockPublicAccessState"),
    ("image_block_public_access_state", "ec2:GetImageBlockPublicAccessState"),
    ("image_block_public_access_managed_by", "ec2:GetImageBlockPublicAccessState"),
    ("serial_console_access_enabled", "ec2:GetSerialConsoleAccessStatus"),
    ("serial_console_access_managed_by", "ec2:GetSerialConsoleAccessStatus"),
    ("instance_metadata_defaults", "ec2:GetInstanceMetadataDefaults"),
    ("instance_metadata_defaults_managed_by", "ec2:GetInstanceMetadataDefaults"),
    ("http_tokens_enforced", "ec2:GetInstanceMetadataDefaults"),
    ("allowed_images_state", "ec2:GetAllowedImagesSettings"),
    ("allowed_image_providers", "ec2:GetAllowedImagesSettings"),
    ("allowed_images_managed_by", "ec2:GetAllowedImagesSettings"),
    ("vpc_encryption_control_mode", "ec2:DescribeAccountVpcEncryptionControl"),
    ("default_vpc_id", "ec2:DescribeAccountAttributes"),
];

fn set(scene: &mut Scene<'_>, values: &[(&str, Value)]) {
    let account = scene.place.account.as_str().to_owned();
    let Some(draft) = scene.part("aws.ec2.account_settings", &account) else { return };
    if !draft.listed {
        draft.listed = true;
        draft.tags = Some(std::collections::BTreeMap::new());
        draft.apart.extend(SETTINGS);
    }
    for (field, value) in values {
        draft.set(field, value.clone());
    }
}

fn member(answer: &Value, key: &str) -> Value {
    answer.get(key).cloned().unwrap_or(Value::Null)
}

fn ebs_encryption(scene: &mut Scene<'_>, answer: &Value) {
    let values = [
        ("ebs_encryption_by_default", member(answer, "EbsEncryptionByDefault")),
        ("ebs_sse_type", member(answer, "SseType")),
    ];
    set(scene, &values);
}

fn ebs_key(scene: &mut Scene<'_>, answer: &Value) {
    set(scene, &[("ebs_default_kms_key_id", member(answer, "KmsKeyId"))]);
}

fn image_block(scene: &mut Scene<'_>, answer: &Value) {
    let values = [
        ("image_block_public_access_state", member(answer, "ImageBlockPublicAccessState")),
        ("image_block_public_access_managed_by", member(answer, "ManagedBy")),
    ];
    set(scene, &values);
}

fn serial_console(scene: &mut Scene<'_>, answer: &Value) {
    let values = [
        ("serial_console_access_enabled", member(answer, "SerialConsoleAccessEnabled")),
        ("serial_console_access_managed_by", member(answer, "ManagedBy")),
    ];
    set(scene, &values);
}

fn metadata_defaults(scene: &mut Scene<'_>, answer: &Value) {
    let level = member(answer, "AccountLevel");
    let shape = crate::model::ec2::MetadataOptions::SHAPE;
    let defaults = reshape::fields(shape, &level, Plan { from: &[], skip: &[] });
    let values = [
        ("instance_metadata_defaults", Value::Object(defaults)),
        ("instance_metadata_defaults_managed_by", member(&level, "ManagedBy")),
        ("http_tokens_enforced", member(&level, "HttpTokensEnforced")),
    ];
    set(scene, &values);
}

fn allowed_images(scene: &mut Scene<'_>, answer: &Value) {
    let mut providers: Vec<String> = list(answer, "ImageCriteria")
        .iter()
        .flat_map(|criterion| list(criterion, "ImageProviders"))
        .filter_map(|provider| provider.as_str().map(str::to_owned))
        .collect();
    providers.sort_unstable();
    providers.dedup();
    let values = [
        ("allowed_images_state", member(answer, "State")),
        ("allowed_image_providers", json!(providers)),
        ("allowed_images_managed_by", member(answer, "ManagedBy")),
    ];
    set(scene, &values);
}

/// Two settings answer with a bare `State`; their words differ.
fn state_of_something(scene: &mut Scene<'_>, answer: &Value) {
    match text(answer, "State").as_deref() {
        Some("block-all-sharing" | "block-new-sharing" | "unblocked") => {
            let values = [
                ("snapshot_block_public_access_state", member(answer, "State")),
                ("snapshot_block_public_access_managed_by", member(answer, "ManagedBy")),
            ];
            set(scene, &values);
        }
        Some("disabled" | "audit-mode" | "enabled") => allowed_images(scene, answer),
        _ => {
            let message =
                format!("{}: an answer with nothing but a state that is not known", scene.file);
            scene.store.note("aws-json/unrecognised", message);
        }
    }
}

fn account_attributes(scene: &mut Scene<'_>, answer: &Value) {
    let attribute = list(answer, "AccountAttributes")
        .iter()
        .find(|a| text(a, "AttributeName").as_deref() == Some("default-vpc"));
    let Some(attribute) = attribute else { return };
    let vpc = list(attribute, "AttributeValues").iter().find_map(|v| text(v, "AttributeValue"));
    set(scene, &[("default_vpc_id", json!(vpc.filter(|id| id != "none")))]);
}

/// Images that are neither the account's own nor used by what is launched are left out: a list without `--owners`
/// holds the images of the whole world.
pub(super) fn drop_foreign_images(store: &mut super::store::Store) {
    let mut used: std::collections::BTreeSet<String> = std::collections::BTreeSet::new();
    for (key, draft) in &store.drafts {
        match key.kind {
            "aws.ec2.instance" => used.extend(draft.text("image_id").map(str::to_owned)),
            "aws.ec2.launch_template" => {
                let versions = draft.fields.get("versions").and_then(Value::as_array);
                used.extend(versions.into_iter().flatten().filter_map(|v| text(v, "image_id")));
            }
            _ => {}
        }
    }
    let before = store.drafts.len();
    store.drafts.retain(|key, draft| {
        key.kind != "aws.ec2.image"
            || used.contains(&key.id)
            || draft.text("owner_id").is_none_or(|owner| owner == key.account.as_str())
    });
    let dropped = before - store.drafts.len();
    if dropped > 0 {
        store.note(
            "aws-json/foreign-images",
            format!("{dropped} images of other accounts that nothing here uses are left out"),
        );
    }
}

/// A call of the settings that was denied or failed still says that it was asked.
pub(super) fn settings_failed(scene: &mut Scene<'_>) {
    set(scene, &[]);
    if kind_named("aws.ec2.account_settings").is_some() {
        scene.cover("aws.ec2.account_settings", Completeness::Complete, None);
    }
}
