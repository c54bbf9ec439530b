//! What can be asked of AWS: one table of collectors, the resource types they fill, and the calls they make.
//!
//! It is plain data without an SDK type. The live collector runs by it, `permissions` and dry runs are made from it,
//! and a test holds every SDK call in the source against it, so that none of the three can disagree. A new collector is
//! an entry here and a function in `collect/aws/<service>.rs`.

use crate::model::kinds::Scope;

/// A group of calls that fills some resource types in one account (and region) together.
#[derive(Debug)]
pub struct Collector {
    /// Its name, such as `ec2.volumes`.
    pub name: &'static str,
    /// Once per account, or in every region.
    pub scope: Scope,
    /// The resource types it fills.
    pub produces: &'static [&'static str],
    /// The calls it may make.
    pub calls: &'static [Call],
}

/// A call of an API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// The service as the SDK names it.
    pub service: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// How often it is made.
    pub times: Times,
    /// What it is made for.
    pub when: When,
}

/// How often a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// Once.
    Once,
    /// Once for each page of the largest size allowed.
    Pages,
    /// Once for each of these: the API has nothing better.
    Each(&'static str),
    /// Once for so many of these.
    Batch(u32, &'static str),
}

/// What a call is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Whenever its collector runs.
    Always,
    /// When one of these types is wanted.
    Types(&'static [&'static str]),
    /// When one of these fields of a type is wanted by name: the call is too dear to be made without a reason.
    Fields(&'static str, &'static [&'static str]),
}

impl Call {
    /// The IAM action that allows it.
    pub fn action(&self) -> String {
        // What the SDK runs together, IAM separates, and it knows one prefix for both generations of load balancers.
        let prefix = match self.service {
            "elb" | "elbv2" => "elasticloadbalancing",
            "networkfirewall" => "network-firewall",
            "vpclattice" => "vpc-lattice",
            // API Gateway is allowed by methods of HTTP.
            "apigatewayv2" => return "apigateway:GET".to_owned(),
            other => other,
        };
        format!("{prefix}:{}", self.operation)
    }

    /// `service:operation`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

const fn once(service: &'static str, operation: &'static str) -> Call {
    Call { service, operation, times: Times::Once, when: When::Always }
}

const fn pages(service: &'static str, operation: &'static str) -> Call {
    Call { service, operation, times: Times::Pages, when: When::Always }
}

const fn each(service: &'static str, operation: &'static str, what: &'static str) -> Call {
    Call { service, operation, times: Times::Each(what), when: When::Always }
}

const fn batch(
    service: &'static str,
    operation: &'static str,
    size: u32,
    what: &'static str,
) -> Call {
    Call { service, operation, times: Times::Batch(size, what), when: When::Always }
}

impl Call {
    const fn for_types(mut self, types: &'static [&'static str]) -> Self {
        self.when = When::Types(types);
        self
    }

    const fn for_fields(mut self, of: &'static str, fields: &'static [&'static str]) -> Self {
        self.when = When::Fields(of, fields);
        self
    }
}

const fn regional(
    name: &'static str,
    produces: &'static [&'static str],
    calls: &'static [Call],
) -> Collector {
    Collector { name, scope: Scope::Regional, produces, calls }
}

const fn global(
    name: &'static str,
    produces: &'static [&'static str],
    calls: &'static [Call],
) -> Collector {
    Collector { name, scope: Scope::Global, produces, calls }
}

/// Calls of a run itself: who collects, and where.
pub const RUN: &[Call] = &[once("sts", "GetCallerIdentity")];

/// Calls that find the enabled regions of an account, when none were named.
pub const REGIONS: &[Call] = &[once("ec2", "DescribeRegions")];

/// Calls that find the accounts of an organization.
pub const ORGANIZATION: &[Call] = &[pages("organizations", "ListAccounts")];

/// Calls that find the accounts of organizational units, when units are included or excluded.
pub const UNITS: &[Call] = &[
    each("organizations", "ListAccountsForParent", "organizational unit"),
    each("organizations", "ListOrganizationalUnitsForParent", "organizational unit"),
];

/// The one call that is no reading: it exchanges credentials for those of a role in another account.
pub const ASSUME_ROLE: Call = each("sts", "AssumeRole", "account");

const INSTANCE: &str = "aws.ec2.instance";
const IMAGE: &str = "aws.ec2.image";
const TEMPLATE: &str = "aws.ec2.launch_template";
const SNAPSHOT: &str = "aws.ec2.snapshot";
const VPC: &str = "aws.ec2.vpc";
const USER: &str = "aws.iam.user";
const ROLE: &str = "aws.iam.role";
/// What is found out by a report for each user and role.
pub const LAST_USE: &[&str] = &["services_last_accessed", "services_last_accessed_date"];
const ROW: &str = "aws.iam.credential_report_row";
const KEY: &str = "aws.iam.access_key";
const SUMMARY: &str = "aws.iam.account_summary";
const PASSWORDS: &str = "aws.iam.password_policy";
const PATCHES: &str = "aws.ssm.patch_state";
const ORG_ACCOUNT: &str = "aws.organizations.account";
const ORG_UNIT: &str = "aws.organizations.unit";
const ORG_POLICY: &str = "aws.organizations.policy";
const ORG_DELEGATES: &str = "aws.organizations.delegated_administrator";
const ORG: &str = "aws.organizations.organization";

/// Every collector, by service.
pub static COLLECTORS: &[Collector] = &[
    global("sts.identity", &["aws.sts.caller_identity"], &[once("sts", "GetCallerIdentity")]),
    global(
        "account.contacts",
        &["aws.account.contacts"],
        &[
            once("account", "GetContactInformation"),
            each("account", "GetAlternateContact", "kind of contact"),
        ],
    ),
    regional(
        "acm.certificates",
        &["aws.acm.certificate"],
        &[
            pages("acm", "ListCertificates"),
            each("acm", "DescribeCertificate", "certificate"),
            each("acm", "ListTagsForCertificate", "certificate"),
        ],
    ),
    // EC2: what computes
    regional(
        "ec2.compute",
        &[INSTANCE, TEMPLATE, IMAGE],
        &[
            pages("ec2", "DescribeInstances").for_types(&[INSTANCE, IMAGE]),
            each("ec2", "DescribeInstanceAttribute", "instance and attribute").for_fields(
                INSTANCE,
                &[
                    "user_data_sha256",
                    "user_data_secret_kinds",
                    "disable_api_termination",
                    "disable_api_stop",
                    "instance_initiated_shutdown_behavior",
                ],
            ),
            pages("ec2", "DescribeLaunchTemplates").for_types(&[TEMPLATE, IMAGE]),
            pages("ec2", "DescribeLaunchTemplateVersions").for_types(&[TEMPLATE, IMAGE]),
            pages("ec2", "DescribeImages").for_types(&[IMAGE]),
            each("ec2", "DescribeImageAttribute", "own image").for_fields(
                IMAGE,
                &[
                    "shared_account_ids",
                    "shared_organization_arns",
                    "shared_organizational_unit_arns",
                ],
            ),
        ],
    ),
    regional("ec2.volumes", &["aws.ec2.volume"], &[pages("ec2", "DescribeVolumes")]),
    regional(
        "ec2.snapshots",
        &[SNAPSHOT],
        &[
            pages("ec2", "DescribeSnapshots"),
            each("ec2", "DescribeSnapshotAttribute", "snapshot")
                .for_fields(SNAPSHOT, &["shared_account_ids"]),
        ],
    ),
    regional(
        "ec2.network_interfaces",
        &["aws.ec2.network_interface"],
        &[pages("ec2", "DescribeNetworkInterfaces")],
    ),
    regional("ec2.addresses", &["aws.ec2.address"], &[once("ec2", "DescribeAddresses")]),
    regional("ec2.key_pairs", &["aws.ec2.key_pair"], &[once("ec2", "DescribeKeyPairs")]),
    regional(
        "ec2.account_settings",
        &["aws.ec2.account_settings"],
        &[
            once("ec2", "GetEbsEncryptionByDefault"),
            once("ec2", "GetEbsDefaultKmsKeyId"),
            once("ec2", "GetSnapshotBlockPublicAccessState"),
            once("ec2", "GetImageBlockPublicAccessState"),
            once("ec2", "GetSerialConsoleAccessStatus"),
            once("ec2", "GetInstanceMetadataDefaults"),
            once("ec2", "GetAllowedImagesSettings"),
            once("ec2", "DescribeAccountAttributes"),
            once("ec2", "DescribeAccountVpcEncryptionControl")
                .for_fields("aws.ec2.account_settings", &["vpc_encryption_control_mode"]),
        ],
    ),
    // VPC: what connects and filters
    regional(
        "vpc.vpcs",
        &[VPC],
        &[
            pages("ec2", "DescribeVpcs"),
            each("ec2", "DescribeVpcAttribute", "VPC and attribute").for_fields(
                VPC,
                &[
                    "enable_dns_support",
                    "enable_dns_hostnames",
                    "enable_network_address_usage_metrics",
                ],
            ),
        ],
    ),
    regional("vpc.subnets", &["aws.ec2.subnet"], &[pages("ec2", "DescribeSubnets")]),
    regional(
        "vpc.security_groups",
        &["aws.ec2.security_group"],
        &[pages("ec2", "DescribeSecurityGroups")],
    ),
    regional(
        "vpc.security_group_vpc_associations",
        &["aws.ec2.security_group_vpc_association"],
        &[pages("ec2", "DescribeSecurityGroupVpcAssociations")],
    ),
    regional("vpc.network_acls", &["aws.ec2.network_acl"], &[pages("ec2", "DescribeNetworkAcls")]),
    regional("vpc.route_tables", &["aws.ec2.route_table"], &[pages("ec2", "DescribeRouteTables")]),
    regional(
        "vpc.managed_prefix_lists",
        &["aws.ec2.managed_prefix_list"],
        &[
            pages("ec2", "DescribeManagedPrefixLists"),
            each("ec2", "GetManagedPrefixListEntries", "prefix list"),
        ],
    ),
    regional(
        "vpc.internet_gateways",
        &["aws.ec2.internet_gateway"],
        &[pages("ec2", "DescribeInternetGateways")],
    ),
    regional(
        "vpc.egress_only_internet_gateways",
        &["aws.ec2.egress_only_internet_gateway"],
        &[pages("ec2", "DescribeEgressOnlyInternetGateways")],
    ),
    regional("vpc.vpn_gateways", &["aws.ec2.vpn_gateway"], &[once("ec2", "DescribeVpnGateways")]),
    regional("vpc.nat_gateways", &["aws.ec2.nat_gateway"], &[pages("ec2", "DescribeNatGateways")]),
    regional(
        "vpc.peering_connections",
        &["aws.ec2.vpc_peering_connection"],
        &[pages("ec2", "DescribeVpcPeeringConnections")],
    ),
    regional("vpc.flow_logs", &["aws.ec2.flow_log"], &[pages("ec2", "DescribeFlowLogs")]),
    regional("vpc.endpoints", &["aws.ec2.vpc_endpoint"], &[pages("ec2", "DescribeVpcEndpoints")]),
    regional(
        "vpc.endpoint_services",
        &["aws.ec2.vpc_endpoint_service"],
        &[
            pages("ec2", "DescribeVpcEndpointServiceConfigurations"),
            each("ec2", "DescribeVpcEndpointServicePermissions", "endpoint service"),
            pages("ec2", "DescribeVpcEndpointConnections"),
        ],
    ),
    regional(
        "vpc.block_public_access_options",
        &["aws.ec2.vpc_block_public_access_options"],
        &[once("ec2", "DescribeVpcBlockPublicAccessOptions")],
    ),
    regional(
        "vpc.block_public_access_exclusions",
        &["aws.ec2.vpc_block_public_access_exclusion"],
        &[pages("ec2", "DescribeVpcBlockPublicAccessExclusions")],
    ),
    // Ways in for networks and people outside
    regional(
        "vpc.vpn_connections",
        &["aws.ec2.vpn_connection"],
        &[once("ec2", "DescribeVpnConnections")],
    ),
    regional(
        "vpc.client_vpn_endpoints",
        &["aws.ec2.client_vpn_endpoint"],
        &[
            pages("ec2", "DescribeClientVpnEndpoints"),
            each("ec2", "DescribeClientVpnTargetNetworks", "Client VPN endpoint"),
            each("ec2", "DescribeClientVpnAuthorizationRules", "Client VPN endpoint"),
            each("ec2", "DescribeClientVpnRoutes", "Client VPN endpoint"),
        ],
    ),
    regional(
        "vpc.instance_connect_endpoints",
        &["aws.ec2.instance_connect_endpoint"],
        &[pages("ec2", "DescribeInstanceConnectEndpoints")],
    ),
    // Transit gateways
    regional(
        "tgw.transit_gateways",
        &["aws.ec2.transit_gateway"],
        &[pages("ec2", "DescribeTransitGateways")],
    ),
    regional(
        "tgw.attachments",
        &["aws.ec2.transit_gateway_attachment"],
        &[
            pages("ec2", "DescribeTransitGatewayAttachments"),
            pages("ec2", "DescribeTransitGatewayVpcAttachments"),
            pages("ec2", "DescribeTransitGatewayPeeringAttachments"),
            pages("ec2", "DescribeTransitGatewayConnects"),
        ],
    ),
    regional(
        "tgw.route_tables",
        &["aws.ec2.transit_gateway_route_table"],
        &[
            pages("ec2", "DescribeTransitGatewayRouteTables"),
            each("ec2", "SearchTransitGatewayRoutes", "transit gateway route table"),
            each("ec2", "GetTransitGatewayPrefixListReferences", "transit gateway route table"),
            each("ec2", "GetTransitGatewayRouteTableAssociations", "transit gateway route table"),
            each("ec2", "GetTransitGatewayRouteTablePropagations", "transit gateway route table"),
        ],
    ),
    // Load balancers
    regional(
        "elb.load_balancers",
        &["aws.elb.load_balancer"],
        &[
            pages("elb", "DescribeLoadBalancers"),
            each("elb", "DescribeLoadBalancerAttributes", "Classic Load Balancer"),
            each("elb", "DescribeLoadBalancerPolicies", "Classic Load Balancer"),
            batch("elb", "DescribeTags", 20, "Classic Load Balancers"),
        ],
    ),
    regional(
        "elbv2.load_balancers",
        &["aws.elbv2.load_balancer", "aws.elbv2.listener", "aws.elbv2.listener_rule"],
        &[
            pages("elbv2", "DescribeLoadBalancers"),
            each("elbv2", "DescribeLoadBalancerAttributes", "load balancer")
                .for_types(&["aws.elbv2.load_balancer"]),
            each("elbv2", "DescribeListeners", "load balancer")
                .for_types(&["aws.elbv2.listener", "aws.elbv2.listener_rule"]),
            each("elbv2", "DescribeListenerCertificates", "listener with TLS")
                .for_types(&["aws.elbv2.listener"]),
            each("elbv2", "DescribeListenerAttributes", "listener")
                .for_fields("aws.elbv2.listener", &["attributes"]),
            each("elbv2", "DescribeRules", "listener").for_types(&["aws.elbv2.listener_rule"]),
            batch("elbv2", "DescribeTags", 20, "load balancers, listeners or rules"),
        ],
    ),
    regional(
        "elbv2.target_groups",
        &["aws.elbv2.target_group"],
        &[
            pages("elbv2", "DescribeTargetGroups"),
            each("elbv2", "DescribeTargetGroupAttributes", "target group"),
            each("elbv2", "DescribeTargetHealth", "target group"),
            batch("elbv2", "DescribeTags", 20, "target groups"),
        ],
    ),
    regional(
        "elbv2.ssl_policies",
        &["aws.elbv2.ssl_policy"],
        &[pages("elbv2", "DescribeSSLPolicies")],
    ),
    // IAM
    global(
        "iam.authorization",
        &[USER, "aws.iam.group", ROLE, "aws.iam.policy", ROW, KEY],
        &[
            pages("iam", "GetAccountAuthorizationDetails").for_types(&[
                USER,
                "aws.iam.group",
                ROLE,
                "aws.iam.policy",
            ]),
            pages("iam", "ListUsers").for_types(&[USER]),
            pages("iam", "ListRoles").for_types(&[ROLE]),
            once("iam", "GenerateCredentialReport").for_types(&[USER, ROW, KEY]),
            once("iam", "GetCredentialReport").for_types(&[USER, ROW, KEY]),
            each("iam", "GenerateServiceLastAccessedDetails", "user").for_fields(USER, LAST_USE),
            each("iam", "GetServiceLastAccessedDetails", "user").for_fields(USER, LAST_USE),
            each("iam", "GenerateServiceLastAccessedDetails", "role").for_fields(ROLE, LAST_USE),
            each("iam", "GetServiceLastAccessedDetails", "role").for_fields(ROLE, LAST_USE),
        ],
    ),
    global(
        "iam.instance_profiles",
        &["aws.iam.instance_profile"],
        &[pages("iam", "ListInstanceProfiles")],
    ),
    global("iam.mfa_devices", &["aws.iam.mfa_device"], &[pages("iam", "ListVirtualMFADevices")]),
    global(
        "iam.account",
        &[SUMMARY, PASSWORDS],
        &[
            once("iam", "GetAccountSummary").for_types(&[SUMMARY]),
            once("iam", "ListOrganizationsFeatures").for_fields(
                SUMMARY,
                &["root_credentials_management_enabled", "root_sessions_enabled"],
            ),
            once("iam", "GetAccountPasswordPolicy").for_types(&[PASSWORDS]),
        ],
    ),
    global(
        "iam.saml_providers",
        &["aws.iam.saml_provider"],
        &[once("iam", "ListSAMLProviders"), each("iam", "GetSAMLProvider", "SAML provider")],
    ),
    global(
        "iam.oidc_providers",
        &["aws.iam.oidc_provider"],
        &[
            once("iam", "ListOpenIDConnectProviders"),
            each("iam", "GetOpenIDConnectProvider", "OpenID Connect provider"),
        ],
    ),
    global(
        "iam.server_certificates",
        &["aws.iam.server_certificate"],
        &[pages("iam", "ListServerCertificates")],
    ),
    // Organizations
    global(
        "organizations.organization",
        &[ORG, ORG_ACCOUNT, ORG_UNIT, ORG_POLICY, ORG_DELEGATES],
        &[
            once("organizations", "DescribeOrganization"),
            pages("organizations", "ListRoots"),
            pages("organizations", "ListAWSServiceAccessForOrganization").for_types(&[ORG]),
            pages("organizations", "ListAccounts").for_types(&[ORG_ACCOUNT]),
            each("organizations", "ListOrganizationalUnitsForParent", "organizational unit")
                .for_types(&[ORG_ACCOUNT, ORG_UNIT]),
            each("organizations", "ListAccountsForParent", "organizational unit")
                .for_types(&[ORG_ACCOUNT]),
            each("organizations", "ListPolicies", "kind of policy").for_types(&[ORG_POLICY]),
            each("organizations", "DescribePolicy", "organization policy").for_types(&[ORG_POLICY]),
            each("organizations", "ListTargetsForPolicy", "organization policy")
                .for_types(&[ORG_POLICY]),
            pages("organizations", "ListDelegatedAdministrators").for_types(&[ORG_DELEGATES]),
            each("organizations", "ListDelegatedServicesForAccount", "delegated administrator")
                .for_types(&[ORG_DELEGATES]),
        ],
    ),
    // Systems Manager
    regional(
        "ssm.fleet",
        &["aws.ssm.managed_instance", PATCHES],
        &[
            pages("ssm", "DescribeInstanceInformation"),
            batch("ssm", "DescribeInstancePatchStates", 50, "managed instances")
                .for_types(&[PATCHES]),
        ],
    ),
    regional("ssm.inventory", &["aws.ssm.inventory"], &[pages("ssm", "GetInventory")]),
    // Services with interfaces in other people's subnets
    regional("rds.db_instances", &["aws.rds.db_instance"], &[pages("rds", "DescribeDBInstances")]),
    // Resources with policies of their own, and what runs with a role
    regional(
        "kms.keys",
        &["aws.kms.key"],
        &[
            pages("kms", "ListKeys"),
            each("kms", "DescribeKey", "key"),
            each("kms", "GetKeyPolicy", "key"),
            each("kms", "ListResourceTags", "key of the customer"),
        ],
    ),
    regional(
        "sqs.queues",
        &["aws.sqs.queue"],
        &[
            pages("sqs", "ListQueues"),
            each("sqs", "GetQueueAttributes", "queue"),
            each("sqs", "ListQueueTags", "queue"),
        ],
    ),
    regional(
        "sns.topics",
        &["aws.sns.topic"],
        &[
            pages("sns", "ListTopics"),
            each("sns", "GetTopicAttributes", "topic"),
            each("sns", "ListTagsForResource", "topic"),
        ],
    ),
    regional(
        "secretsmanager.secrets",
        &["aws.secretsmanager.secret"],
        &[
            pages("secretsmanager", "ListSecrets"),
            each("secretsmanager", "GetResourcePolicy", "secret"),
        ],
    ),
    regional(
        "codebuild.projects",
        &["aws.codebuild.project"],
        &[
            pages("codebuild", "ListProjects"),
            batch("codebuild", "BatchGetProjects", 100, "projects"),
        ],
    ),
    regional(
        "cloudformation.stacks",
        &["aws.cloudformation.stack"],
        &[pages("cloudformation", "DescribeStacks")],
    ),
    regional(
        "lambda.functions",
        &["aws.lambda.function"],
        &[
            pages("lambda", "ListFunctions"),
            each("lambda", "ListTags", "function"),
            each("lambda", "ListFunctionUrlConfigs", "function"),
            each("lambda", "GetPolicy", "function"),
        ],
    ),
    regional(
        "eks.clusters",
        &["aws.eks.cluster"],
        &[pages("eks", "ListClusters"), each("eks", "DescribeCluster", "cluster")],
    ),
    // Network Firewall
    regional(
        "network_firewall.firewalls",
        &["aws.network_firewall.firewall"],
        &[
            pages("networkfirewall", "ListFirewalls"),
            each("networkfirewall", "DescribeFirewall", "firewall"),
        ],
    ),
    regional(
        "network_firewall.policies",
        &["aws.network_firewall.policy"],
        &[
            pages("networkfirewall", "ListFirewallPolicies"),
            each("networkfirewall", "DescribeFirewallPolicy", "firewall policy"),
        ],
    ),
    regional(
        "network_firewall.rule_groups",
        &["aws.network_firewall.rule_group"],
        &[
            pages("networkfirewall", "ListRuleGroups"),
            each("networkfirewall", "DescribeRuleGroup", "rule group"),
        ],
    ),
    // Front doors of private networks
    global(
        "globalaccelerator.accelerators",
        &["aws.globalaccelerator.accelerator"],
        &[
            pages("globalaccelerator", "ListAccelerators"),
            pages("globalaccelerator", "ListCustomRoutingAccelerators"),
            each("globalaccelerator", "ListTagsForResource", "accelerator"),
            each("globalaccelerator", "ListListeners", "accelerator"),
            each("globalaccelerator", "ListEndpointGroups", "listener of an accelerator"),
        ],
    ),
    global(
        "cloudfront.vpc_origins",
        &["aws.cloudfront.vpc_origin"],
        &[
            pages("cloudfront", "ListVpcOrigins"),
            each("cloudfront", "GetVpcOrigin", "VPC origin"),
            each("cloudfront", "ListTagsForResource", "VPC origin"),
        ],
    ),
    regional(
        "apigatewayv2.vpc_links",
        &["aws.apigatewayv2.vpc_link"],
        &[pages("apigatewayv2", "GetVpcLinks")],
    ),
    regional(
        "vpc_lattice.services",
        &["aws.vpc_lattice.service"],
        &[
            pages("vpclattice", "ListServices"),
            each("vpclattice", "GetService", "service"),
            each("vpclattice", "ListTagsForResource", "service"),
            each("vpclattice", "ListListeners", "service"),
            pages("vpclattice", "ListTargetGroups"),
            each("vpclattice", "ListTargets", "target group of a service"),
            each("vpclattice", "ListServiceNetworkServiceAssociations", "service"),
            each("vpclattice", "ListServiceNetworkVpcAssociations", "service network"),
            each(
                "vpclattice",
                "GetServiceNetworkVpcAssociation",
                "association of a service network with a VPC",
            ),
        ],
    ),
];

/// Types that the live collector does not fill yet; inventories from files of the AWS CLI have them. Live, they count as
/// not collected.
pub const FROM_FILES_ONLY: &[&str] = &[
    "aws.apprunner.service",
    "aws.ecr.repository",
    "aws.ecs.service",
    "aws.ecs.task_definition",
    "aws.glue.dev_endpoint",
    "aws.glue.job",
    "aws.identitystore.group",
    "aws.identitystore.user",
    "aws.s3.account_public_access_block",
    "aws.s3.bucket",
    "aws.sagemaker.notebook_instance",
    "aws.sso.account_assignment",
    "aws.sso.instance",
    "aws.sso.permission_set",
    "aws.states.state_machine",
];

/// Every reading call of the table, those of a run included; [`ASSUME_ROLE`] is the one besides.
pub fn every_call() -> impl Iterator<Item = &'static Call> {
    let of_runs = RUN.iter().chain(REGIONS).chain(ORGANIZATION).chain(UNITS);
    COLLECTORS.iter().flat_map(|collector| collector.calls).chain(of_runs)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::kinds::{KINDS, kind_named};

    #[test]
    fn nothing_in_the_table_changes_anything() {
        let reading = ["Describe", "Get", "List", "BatchGet", "Search", "Generate", "Select"];
        for call in every_call() {
            assert!(reading.iter().any(|verb| call.operation.starts_with(verb)), "{}", call.name());
        }
        assert_eq!(ASSUME_ROLE.name(), "sts:AssumeRole");
    }

    #[test]
    fn every_type_of_aws_has_one_collector_at_most() {
        for kind in KINDS.iter().filter(|kind| kind.name.starts_with("aws.")) {
            let makers: Vec<_> =
                COLLECTORS.iter().filter(|c| c.produces.contains(&kind.name)).collect();
            let none = FROM_FILES_ONLY.contains(&kind.name);
            assert_eq!(makers.len(), usize::from(!none), "{}", kind.name);
            if none {
                continue;
            }
            // Every account is asked for the organisation; only the management account can answer.
            let asked = match kind.scope {
                Scope::Organization => Scope::Global,
                scope => scope,
            };
            assert_eq!(makers[0].scope, asked, "{}", kind.name);
        }
    }

    #[test]
    fn conditions_name_types_and_fields_that_exist() {
        for collector in COLLECTORS {
            for call in collector.calls {
                match call.when {
                    When::Always => {}
                    When::Types(types) => {
                        assert!(
                            types.iter().all(|t| collector.produces.contains(t)),
                            "{}",
                            call.name()
                        );
                    }
                    When::Fields(of, fields) => {
                        let shape = kind_named(of).unwrap().shape;
                        for field in fields {
                            assert!(shape.slot(field).is_some(), "{of}.{field}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = COLLECTORS.iter().map(|collector| collector.name).collect();
        assert_eq!(names.len(), COLLECTORS.len());
    }
}
