//! EC2 compute: instances, their interfaces, disks, images and templates.

use super::paths::Exposure;
use crate::clock::Time;
use crate::net::Prefix;

model! {
    /// An EC2 instance (`ec2:DescribeInstances`).
    pub struct Instance {
        /// The image it was launched from.
        image_id: String,
        /// The instance type, such as `m7g.large`.
        instance_type: String,
        /// The life-cycle state.
        state: String = ["pending", "running", "shutting-down", "terminated", "stopping", "stopped"],
        /// The code of the reason for the last state change, such as `Client.UserInitiatedShutdown`.
        state_reason_code: Option<String>,
        /// Why and when it last changed state, in EC2's words.
        state_transition_reason: Option<String>,
        /// When it was last started.
        launch_time: Time,
        /// `windows` for Windows instances, absent otherwise.
        platform: Option<String>,
        /// The platform as billed, such as `Linux/UNIX` or `Red Hat Enterprise Linux`.
        platform_details: Option<String>,
        /// The processor architecture.
        architecture: String,
        /// `hvm` or `paravirtual`.
        virtualization_type: String = ["hvm", "paravirtual"],
        /// The hypervisor; `xen` is reported for Nitro as well.
        hypervisor: Option<String>,
        /// The boot mode its image asks for.
        boot_mode: Option<String>,
        /// The boot mode in use.
        current_instance_boot_mode: Option<String>,
        /// The version of NitroTPM, if it has one.
        tpm_support: Option<String>,
        /// The name of the key pair for logging in.
        key_name: Option<String>,
        /// The VPC; absent when terminated.
        vpc_id: Option<String>,
        /// The subnet of its primary interface; absent when terminated.
        subnet_id: Option<String>,
        /// The availability zone.
        availability_zone: String,
        /// The tenancy of its hardware.
        tenancy: String = ["default", "dedicated", "host"],
        /// The dedicated host it runs on.
        host_id: Option<String>,
        /// The placement group.
        placement_group_name: Option<String>,
        /// The primary private IPv4 address.
        private_ip_address: Option<String>,
        /// The public IPv4 address, auto-assigned or elastic.
        public_ip_address: Option<String>,
        /// The IPv6 addresses of all its interfaces.
        ipv6_addresses: Vec<String>,
        /// Whether a launch asks for a public IPv4 address; known in plans only, absent when the subnet decides.
        associate_public_ip_address: Option<bool>,
        /// The private DNS name.
        private_dns_name: Option<String>,
        /// The public DNS name.
        public_dns_name: Option<String>,
        /// The security groups of its primary interface.
        security_group_ids: Vec<String>,
        /// Its network interfaces.
        network_interface_ids: Vec<String>,
        /// Whether the primary interface drops packets that are not its own; false on routers and NAT instances.
        source_dest_check: Option<bool>,
        /// Whether it is optimised for EBS.
        ebs_optimized: bool,
        /// Whether enhanced networking with ENA is on.
        ena_support: Option<bool>,
        /// `simple` when enhanced networking with the Intel 82599 function is on.
        sriov_net_support: Option<String>,
        /// The device name of the root volume.
        root_device_name: Option<String>,
        /// `ebs` or `instance-store`.
        root_device_type: String = ["ebs", "instance-store"],
        /// The EBS volumes attached at launch or later.
        block_device_mappings: Vec<InstanceBlockDevice>,
        /// The ids of those volumes.
        volume_ids: Vec<String>,
        /// The ARN of its instance profile, through which it has a role.
        iam_instance_profile_arn: Option<String>,
        /// The id of its instance profile.
        iam_instance_profile_id: Option<String>,
        /// `spot`, `scheduled` or `capacity-block`; absent for on-demand.
        instance_lifecycle: Option<String>,
        /// The spot request behind it.
        spot_instance_request_id: Option<String>,
        /// The capacity reservation it runs in.
        capacity_reservation_id: Option<String>,
        /// Whether detailed monitoring is on.
        monitoring: String = ["disabled", "disabling", "enabled", "pending"],
        /// The instance metadata service.
        metadata_options: MetadataOptions,
        /// Whether the API refuses to terminate it (`ec2:DescribeInstanceAttribute`).
        disable_api_termination: bool,
        /// Whether the API refuses to stop it (`ec2:DescribeInstanceAttribute`).
        disable_api_stop: bool,
        /// What a shutdown from within does (`ec2:DescribeInstanceAttribute`).
        instance_initiated_shutdown_behavior: String = ["stop", "terminate"],
        /// SHA-256 of the decoded user data in hex; absent without user data. The text itself is never kept.
        user_data_sha256: Option<String>,
        /// The kinds of secrets a detector saw in the user data, such as `aws_access_key`.
        user_data_secret_kinds: Vec<String>,
        /// Whether it can hibernate.
        hibernation_configured: bool,
        /// Whether Nitro Enclaves are on.
        enclave_enabled: bool,
        /// Whether AMD SEV-SNP is on.
        amd_sev_snp: Option<String>,
        /// Whether it restarts by itself on healthy hardware.
        auto_recovery: Option<String>,
        /// The licence configurations it uses.
        license_configuration_arns: Vec<String>,
        /// The marketplace products it was launched from.
        product_codes: Vec<String>,
        /// The Outpost it runs on.
        outpost_arn: Option<String>,
        /// The reservation that launched it.
        reservation_id: Option<String>,
        /// The account or service that launched it for the owner, such as Auto Scaling.
        requester_id: Option<String>,
        /// Whether a service provider manages it, so that its owner cannot change it.
        operator_managed: bool,
    } facts {
        /// Has a public IPv4 or any IPv6 address and sits in a subnet with a route to an internet gateway.
        public: bool,
        /// Since when it is stopped; absent unless it is.
        stopped_since: Option<Time>,
        /// What reaches any of its interfaces from outside, every filter and route considered.
        exposure: Exposure,
    }

    /// The instance metadata service of an instance, a launch template or a region's defaults.
    pub struct MetadataOptions {
        /// Whether a session token (IMDSv2) is demanded.
        http_tokens: Option<String> = ["optional", "required", "no-preference"],
        /// Whether the service answers at all.
        http_endpoint: Option<String> = ["enabled", "disabled", "no-preference"],
        /// How many network hops a token may travel; above 1 containers reach it.
        http_put_response_hop_limit: Option<i64>,
        /// Whether it answers over IPv6.
        http_protocol_ipv6: Option<String> = ["enabled", "disabled"],
        /// Whether it hands out the instance's tags.
        instance_metadata_tags: Option<String> = ["enabled", "disabled", "no-preference"],
        /// Whether a change is still being applied.
        state: Option<String> = ["pending", "applied"],
    }

    /// An EBS volume of an instance.
    pub struct InstanceBlockDevice key [device_name] {
        /// The device name.
        device_name: String,
        /// The volume.
        volume_id: Option<String>,
        /// The state of the attachment.
        status: Option<String> = ["attaching", "attached", "detaching", "detached"],
        /// Whether the volume goes with the instance.
        delete_on_termination: Option<bool>,
        /// When it was attached.
        attach_time: Option<Time>,
        /// Whether it is encrypted, where a plan states it inline; look at the volume otherwise.
        encrypted: Option<bool>,
        /// The key it is encrypted with, where a plan states it inline.
        kms_key_id: Option<String>,
    }

    /// A network interface (`ec2:DescribeNetworkInterfaces`).
    pub struct NetworkInterface {
        /// The VPC.
        vpc_id: String,
        /// The subnet.
        subnet_id: String,
        /// The availability zone.
        availability_zone: String,
        /// The account that owns it, which in shared subnets differs from the subnet's owner.
        owner_id: String,
        /// What is behind it, such as `interface`, `lambda`, `nat_gateway`, `network_load_balancer`, `vpc_endpoint`.
        interface_type: String,
        /// The state.
        status: String = ["available", "associated", "attaching", "in-use", "detaching"],
        /// The description; services name their resource here.
        description: Option<String>,
        /// The account or service that created it for the owner, such as `amazon-elb`.
        requester_id: Option<String>,
        /// Whether a service manages it.
        requester_managed: bool,
        /// Whether a service provider manages it, so that its owner cannot change it.
        operator_managed: bool,
        /// The security groups; they filter as one union.
        security_group_ids: Vec<String>,
        /// Whether it drops packets that are not its own; false on routers, NAT instances and appliances.
        source_dest_check: bool,
        /// The primary private IPv4 address.
        private_ip_address: Option<String>,
        /// All private IPv4 addresses with their public ones.
        private_ip_addresses: Vec<PrivateIpAddress>,
        /// The IPv6 addresses.
        ipv6_addresses: Vec<String>,
        /// The delegated IPv4 prefixes.
        ipv4_prefixes: Vec<Prefix>,
        /// The delegated IPv6 prefixes.
        ipv6_prefixes: Vec<Prefix>,
        /// The public, elastic, carrier or customer-owned address of the primary private one.
        association: Option<NetworkInterfaceAssociation>,
        /// What it is attached to.
        attachment: Option<NetworkInterfaceAttachment>,
        /// The instance it is attached to.
        instance_id: Option<String>,
        /// The private DNS name.
        private_dns_name: Option<String>,
        /// The public DNS name.
        public_dns_name: Option<String>,
        /// The MAC address.
        mac_address: Option<String>,
        /// Whether packets to and from internet gateways are dropped.
        deny_all_igw_traffic: Option<bool>,
        /// Whether it has IPv6 addresses only.
        ipv6_native: Option<bool>,
        /// Seconds an idle established TCP connection stays tracked.
        tcp_established_timeout: Option<i64>,
        /// Seconds an idle one-way UDP flow stays tracked.
        udp_timeout: Option<i64>,
        /// Seconds an idle UDP stream stays tracked.
        udp_stream_timeout: Option<i64>,
        /// The Outpost it belongs to.
        outpost_arn: Option<String>,
        /// The secondary subnets of an interface that spans several.
        associated_subnet_ids: Vec<String>,
    } facts {
        /// Has a public IPv4 or any IPv6 address and sits in a subnet with a route to an internet gateway.
        public: bool,
        /// What reaches it from outside, every filter and route considered.
        exposure: Exposure,
    }

    /// A private IPv4 address of an interface.
    pub struct PrivateIpAddress key [private_ip_address] {
        /// The address.
        private_ip_address: String,
        /// Whether it is the interface's primary one.
        primary: bool,
        /// The private DNS name.
        private_dns_name: Option<String>,
        /// Its public address.
        association: Option<NetworkInterfaceAssociation>,
    }

    /// A public address that stands for a private one.
    pub struct NetworkInterfaceAssociation key [public_ip, carrier_ip, customer_owned_ip] {
        /// The public or elastic IPv4 address.
        public_ip: Option<String>,
        /// The owner: an account, `amazon` or a service; an auto-assigned address belongs to `amazon`.
        ip_owner_id: Option<String>,
        /// The allocation, if it is elastic.
        allocation_id: Option<String>,
        /// The association.
        association_id: Option<String>,
        /// The public DNS name.
        public_dns_name: Option<String>,
        /// The carrier address of a Wavelength zone.
        carrier_ip: Option<String>,
        /// The customer-owned address of an Outpost.
        customer_owned_ip: Option<String>,
    }

    /// What an interface is attached to.
    pub struct NetworkInterfaceAttachment key [attachment_id] {
        /// The attachment.
        attachment_id: Option<String>,
        /// The instance; absent for services.
        instance_id: Option<String>,
        /// The owner of the instance, or the service.
        instance_owner_id: Option<String>,
        /// The state.
        status: Option<String> = ["attaching", "attached", "detaching", "detached"],
        /// Its place on the instance; 0 is the primary interface.
        device_index: Option<i64>,
        /// The network card.
        network_card_index: Option<i64>,
        /// Whether it goes with the instance.
        delete_on_termination: Option<bool>,
        /// When it was attached.
        attach_time: Option<Time>,
    }

    /// An Elastic IP address (`ec2:DescribeAddresses`).
    pub struct Address {
        /// The public IPv4 address.
        public_ip: String,
        /// `vpc` or `standard`.
        domain: String = ["vpc", "standard"],
        /// The association; absent when it is not in use.
        association_id: Option<String>,
        /// The instance it stands for.
        instance_id: Option<String>,
        /// The interface it stands for.
        network_interface_id: Option<String>,
        /// The owner of that interface.
        network_interface_owner_id: Option<String>,
        /// The private address it stands for.
        private_ip_address: Option<String>,
        /// The pool it came from: `amazon` or an own pool.
        public_ipv4_pool: Option<String>,
        /// The group of zones that announces it.
        network_border_group: Option<String>,
        /// The carrier address of a Wavelength zone.
        carrier_ip: Option<String>,
        /// The customer-owned address of an Outpost.
        customer_owned_ip: Option<String>,
        /// The service that manages it.
        service_managed: Option<String>,
    }

    /// An EBS volume (`ec2:DescribeVolumes`).
    pub struct Volume {
        /// The availability zone.
        availability_zone: String,
        /// The state.
        state: String = ["creating", "available", "in-use", "deleting", "deleted", "error"],
        /// The volume type, such as `gp3`.
        volume_type: String,
        /// The size in GiB.
        size: i64,
        /// Provisioned I/O operations a second.
        iops: Option<i64>,
        /// Provisioned throughput in MiB a second.
        throughput: Option<i64>,
        /// Whether it is encrypted.
        encrypted: bool,
        /// The ARN of the key it is encrypted with.
        kms_key_id: Option<String>,
        /// The kind of encryption.
        sse_type: Option<String> = ["sse-ebs", "sse-kms", "none"],
        /// The snapshot it was made from.
        snapshot_id: Option<String>,
        /// The volume it was copied from.
        source_volume_id: Option<String>,
        /// When it was created.
        create_time: Time,
        /// Whether several instances may attach it.
        multi_attach_enabled: Option<bool>,
        /// What it is attached to.
        attachments: Vec<VolumeAttachment>,
        /// The instances it is attached to.
        attached_instance_ids: Vec<String>,
        /// The Outpost it lives on.
        outpost_arn: Option<String>,
        /// Whether a service provider manages it, so that its owner cannot change it.
        operator_managed: bool,
    }

    /// The attachment of a volume.
    pub struct VolumeAttachment key [instance_id, device] {
        /// The instance; absent for services.
        instance_id: Option<String>,
        /// The service resource it is attached to, such as a Fargate task.
        associated_resource: Option<String>,
        /// The service that owns the instance.
        instance_owning_service: Option<String>,
        /// The device name.
        device: Option<String>,
        /// The state.
        state: Option<String> = ["attaching", "attached", "detaching", "detached", "busy"],
        /// Whether the volume goes with the instance.
        delete_on_termination: Option<bool>,
        /// When it was attached.
        attach_time: Option<Time>,
    }

    /// An EBS snapshot of this account (`ec2:DescribeSnapshots`).
    pub struct Snapshot {
        /// The volume it was taken of.
        volume_id: Option<String>,
        /// The size of that volume in GiB.
        volume_size: i64,
        /// The state.
        state: String = ["pending", "completed", "error", "recoverable", "recovering"],
        /// When it was started.
        start_time: Time,
        /// When it was completed.
        completion_time: Option<Time>,
        /// The description.
        description: Option<String>,
        /// The account that owns it.
        owner_id: String,
        /// Whether it is encrypted.
        encrypted: bool,
        /// The ARN of the key it is encrypted with.
        kms_key_id: Option<String>,
        /// The kind of encryption.
        sse_type: Option<String> = ["sse-ebs", "sse-kms", "none"],
        /// Where it is stored.
        storage_tier: Option<String> = ["archive", "standard"],
        /// When a temporary restore from the archive ends.
        restore_expiry_time: Option<Time>,
        /// The Outpost it is stored on.
        outpost_arn: Option<String>,
        /// Whether every AWS account may make volumes from it (`ec2:DescribeSnapshotAttribute`).
        public: bool,
        /// The accounts that may make volumes from it (`ec2:DescribeSnapshotAttribute`).
        shared_account_ids: Vec<String>,
    }

    /// A machine image: own, or used by an instance or template (`ec2:DescribeImages`).
    pub struct Image {
        /// The account that owns it.
        owner_id: String,
        /// `amazon`, `aws-marketplace`, `aws-backup-vault` or `self`; absent for other accounts.
        image_owner_alias: Option<String>,
        /// Where it comes from, as `owner/name`.
        image_location: Option<String>,
        /// The description.
        description: Option<String>,
        /// The state.
        state: String = ["pending", "available", "invalid", "deregistered", "transient", "failed", "error", "disabled"],
        /// Whether every AWS account may launch it.
        public: bool,
        /// The accounts that may launch it (`ec2:DescribeImageAttribute`); unknown for images of others.
        shared_account_ids: Vec<String>,
        /// The organizations that may launch it (`ec2:DescribeImageAttribute`).
        shared_organization_arns: Vec<String>,
        /// The organizational units that may launch it (`ec2:DescribeImageAttribute`).
        shared_organizational_unit_arns: Vec<String>,
        /// When it was created.
        creation_date: Option<Time>,
        /// From when on it is no longer offered.
        deprecation_time: Option<Time>,
        /// When it was last launched; absent when never, or not within the period EC2 keeps.
        last_launched_time: Option<Time>,
        /// `windows` for Windows images, absent otherwise.
        platform: Option<String>,
        /// The platform as billed.
        platform_details: Option<String>,
        /// The processor architecture.
        architecture: String,
        /// `machine`, `kernel` or `ramdisk`.
        image_type: String = ["machine", "kernel", "ramdisk"],
        /// `hvm` or `paravirtual`.
        virtualization_type: String = ["hvm", "paravirtual"],
        /// `ebs` or `instance-store`.
        root_device_type: String = ["ebs", "instance-store"],
        /// The device name of the root volume.
        root_device_name: Option<String>,
        /// The volumes instances get.
        block_device_mappings: Vec<BlockDeviceMapping>,
        /// Whether enhanced networking with ENA is on.
        ena_support: Option<bool>,
        /// `simple` when enhanced networking with the Intel 82599 function is on.
        sriov_net_support: Option<String>,
        /// The boot mode.
        boot_mode: Option<String>,
        /// The version of NitroTPM, if it has one.
        tpm_support: Option<String>,
        /// `v2.0` when its instances demand IMDSv2 by default.
        imds_support: Option<String>,
        /// The instance it was made from.
        source_instance_id: Option<String>,
        /// The image it was copied from.
        source_image_id: Option<String>,
        /// The region it was copied from.
        source_image_region: Option<String>,
        /// Whether it is protected from being deregistered.
        deregistration_protection: Option<String>,
        /// Whether the account's Allowed AMIs settings admit it.
        image_allowed: Option<bool>,
        /// The marketplace products in it.
        product_codes: Vec<String>,
    }

    /// A volume that an image or a launch template asks for.
    pub struct BlockDeviceMapping key [device_name] {
        /// The device name.
        device_name: String,
        /// The instance-store volume, such as `ephemeral0`.
        virtual_name: Option<String>,
        /// Whether the image's device is left out.
        no_device: Option<bool>,
        /// The snapshot it is made from.
        snapshot_id: Option<String>,
        /// Whether it is encrypted; absent when the snapshot or the account's default decides.
        encrypted: Option<bool>,
        /// The key it is encrypted with.
        kms_key_id: Option<String>,
        /// The size in GiB.
        volume_size: Option<i64>,
        /// The volume type.
        volume_type: Option<String>,
        /// Provisioned I/O operations a second.
        iops: Option<i64>,
        /// Provisioned throughput in MiB a second.
        throughput: Option<i64>,
        /// Whether it goes with the instance.
        delete_on_termination: Option<bool>,
    }

    /// A key pair for logging in (`ec2:DescribeKeyPairs`).
    pub struct KeyPair {
        /// Its name, which instances refer to.
        key_name: String,
        /// `rsa` or `ed25519`.
        key_type: String = ["rsa", "ed25519"],
        /// The fingerprint of the key.
        key_fingerprint: Option<String>,
        /// When it was created or imported.
        create_time: Option<Time>,
    }

    /// A launch template (`ec2:DescribeLaunchTemplates`).
    pub struct LaunchTemplate {
        /// When it was created.
        create_time: Time,
        /// The ARN of who created it.
        created_by: Option<String>,
        /// The version used when none is asked for.
        default_version_number: i64,
        /// The newest version.
        latest_version_number: i64,
        /// Its default and newest versions (`ec2:DescribeLaunchTemplateVersions`).
        versions: Vec<LaunchTemplateVersion>,
        /// Whether a service provider manages it, so that its owner cannot change it.
        operator_managed: bool,
    }

    /// A version of a launch template. What is absent is left to whoever launches.
    pub struct LaunchTemplateVersion key [version_number] {
        /// The number of the version.
        version_number: i64,
        /// Whether it is the default.
        default_version: bool,
        /// The description.
        version_description: Option<String>,
        /// When it was created.
        create_time: Option<Time>,
        /// The ARN of who created it.
        created_by: Option<String>,
        /// The image, or `resolve:ssm:…`.
        image_id: Option<String>,
        /// The instance type.
        instance_type: Option<String>,
        /// The name of the key pair.
        key_name: Option<String>,
        /// The ARN of the instance profile.
        iam_instance_profile_arn: Option<String>,
        /// The name of the instance profile.
        iam_instance_profile_name: Option<String>,
        /// The security groups, where no interface is described.
        security_group_ids: Vec<String>,
        /// The security groups by name, for the default VPC.
        security_group_names: Vec<String>,
        /// The interfaces.
        network_interfaces: Vec<LaunchTemplateNetworkInterface>,
        /// The volumes.
        block_device_mappings: Vec<BlockDeviceMapping>,
        /// The instance metadata service; absent when the account's or image's default decides.
        metadata_options: Option<MetadataOptions>,
        /// Whether instances are optimised for EBS.
        ebs_optimized: Option<bool>,
        /// Whether detailed monitoring is on.
        monitoring_enabled: Option<bool>,
        /// Whether the API refuses to terminate instances.
        disable_api_termination: Option<bool>,
        /// Whether the API refuses to stop instances.
        disable_api_stop: Option<bool>,
        /// What a shutdown from within does.
        instance_initiated_shutdown_behavior: Option<String> = ["stop", "terminate"],
        /// The tenancy of the hardware.
        tenancy: Option<String> = ["default", "dedicated", "host"],
        /// `spot` or `capacity-block`; absent for on-demand.
        market_type: Option<String>,
        /// Whether Nitro Enclaves are on.
        enclave_enabled: Option<bool>,
        /// Whether instances can hibernate.
        hibernation_configured: Option<bool>,
        /// SHA-256 of the decoded user data in hex; absent without user data. The text itself is never kept.
        user_data_sha256: Option<String>,
        /// The kinds of secrets a detector saw in the user data.
        user_data_secret_kinds: Vec<String>,
        /// The kinds of resources that get tags at launch, such as `instance` and `volume`.
        tag_specification_resource_types: Vec<String>,
    }

    /// An interface that a launch template describes.
    pub struct LaunchTemplateNetworkInterface key [device_index, network_card_index] {
        /// Its place on the instance; 0 is the primary interface.
        device_index: Option<i64>,
        /// The network card.
        network_card_index: Option<i64>,
        /// Whether it gets a public IPv4 address; absent when the subnet decides.
        associate_public_ip_address: Option<bool>,
        /// Whether it gets a carrier address.
        associate_carrier_ip_address: Option<bool>,
        /// The security groups.
        security_group_ids: Vec<String>,
        /// The subnet.
        subnet_id: Option<String>,
        /// An existing interface to attach.
        network_interface_id: Option<String>,
        /// The kind of interface.
        interface_type: Option<String>,
        /// How many IPv6 addresses it gets.
        ipv6_address_count: Option<i64>,
        /// The IPv6 addresses it gets.
        ipv6_addresses: Vec<String>,
        /// The private IPv4 address it gets.
        private_ip_address: Option<String>,
        /// Whether it goes with the instance.
        delete_on_termination: Option<bool>,
    }
}
