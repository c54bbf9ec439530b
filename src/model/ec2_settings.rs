//! What an account decides for EC2 in a whole region.

use super::ec2::MetadataOptions;

model! {
    /// The EC2 settings of an account in a region. Each field is one call and may be unknown by itself.
    pub struct AccountSettings {
        /// Whether new EBS volumes and snapshot copies are encrypted (`ec2:GetEbsEncryptionByDefault`).
        ebs_encryption_by_default: bool,
        /// The kind of that encryption (`ec2:GetEbsEncryptionByDefault`).
        ebs_sse_type: Option<String> = ["sse-ebs", "sse-kms", "none"],
        /// The key for EBS encryption when none is named (`ec2:GetEbsDefaultKmsKeyId`).
        ebs_default_kms_key_id: Option<String>,
        /// Whether snapshots can be shared with everyone (`ec2:GetSnapshotBlockPublicAccessState`).
        snapshot_block_public_access_state: String = ["block-all-sharing", "block-new-sharing", "unblocked"],
        /// Who set that: `account` or `declarative-policy`.
        snapshot_block_public_access_managed_by: Option<String> = ["account", "declarative-policy"],
        /// Whether images can be shared with everyone (`ec2:GetImageBlockPublicAccessState`).
        image_block_public_access_state: String = ["block-new-sharing", "unblocked"],
        /// Who set that: `account` or `declarative-policy`.
        image_block_public_access_managed_by: Option<String> = ["account", "declarative-policy"],
        /// Whether the serial console of instances can be used (`ec2:GetSerialConsoleAccessStatus`).
        serial_console_access_enabled: bool,
        /// Who set that: `account` or `declarative-policy`.
        serial_console_access_managed_by: Option<String> = ["account", "declarative-policy"],
        /// The metadata service that new instances get (`ec2:GetInstanceMetadataDefaults`); absent parts have no
        /// default.
        instance_metadata_defaults: MetadataOptions,
        /// Who set that: `account` or `declarative-policy`.
        instance_metadata_defaults_managed_by: Option<String> = ["account", "declarative-policy"],
        /// Whether launches without IMDSv2 fail, whatever they ask for (`ec2:GetInstanceMetadataDefaults`).
        http_tokens_enforced: Option<String> = ["disabled", "enabled", "no-preference"],
        /// Whether only allowed images can be launched (`ec2:GetAllowedImagesSettings`).
        allowed_images_state: String = ["disabled", "audit-mode", "enabled"],
        /// The providers whose images are allowed, over all criteria: accounts, `amazon`, `aws-marketplace`,
        /// `aws-backup-vault`, `none`.
        allowed_image_providers: Vec<String>,
        /// Who set that: `account` or `declarative-policy`.
        allowed_images_managed_by: Option<String> = ["account", "declarative-policy"],
        /// The mode of encryption in transit enforced for VPCs (`ec2:DescribeAccountVpcEncryptionControl`).
        vpc_encryption_control_mode: Option<String>,
        /// The default VPC, if the region still has one (`ec2:DescribeAccountAttributes`).
        default_vpc_id: Option<String>,
    }
}
