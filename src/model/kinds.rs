//! The list of resource types. A new type is a struct in its service's file and a line here.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::reflect::{Reflect, Shape, Typed};
use super::tree::{Tree, TreeError};
use super::{
    account, acm, apigatewayv2, apprunner, cloudformation, cloudfront, codebuild, ec2,
    ec2_settings, ecr, ecs, eks, elb, elbv2, globalaccelerator, glue, iam, iam_account,
    identitystore, kms, lambda, network_firewall, organizations, rds, remote_access, s3, sagemaker,
    secretsmanager, sns, sqs, ssm, sso, states, sts, tgw, vpc, vpc_edge, vpc_lattice,
};

/// Where a type's resources live, and so which cells of the inventory must have been read to know them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Under the management account, for all accounts of the organisation.
    Organization,
    /// Once per account, under the region `global`.
    Global,
    /// In every region.
    Regional,
}

/// A resource type.
pub struct Kind {
    /// `<source>.<service>.<thing>`.
    pub name: &'static str,
    /// Once per account, or in every region.
    pub scope: Scope,
    /// The attributes.
    pub shape: &'static Shape,
    /// Reads the attributes from JSON.
    pub parse: fn(&str) -> Result<Data, serde_json::Error>,
    /// Reads the attributes from a JSON tree.
    pub from_json: fn(serde_json::Value) -> Result<Data, serde_json::Error>,
    /// Reads the attributes from what a plan or a template states.
    pub from_tree: for<'a> fn(Tree<'a>) -> Result<Data, TreeError>,
    /// The JSON Schema of the attributes.
    pub schema: fn(&mut schemars::SchemaGenerator) -> schemars::Schema,
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! kinds {
    ($($scope:ident $name:literal => $variant:ident($($ty:tt)+),)*) => {
        /// The typed attributes of a resource.
        #[derive(Debug, Clone, PartialEq)]
        #[expect(missing_docs, reason = "each variant is documented by the struct it holds")]
        pub enum Data {
            $($variant(Box<$($ty)+>),)*
        }

        const NAMES: &[&str] = &[$($name),*];

        /// Every resource type, sorted by name.
        pub static KINDS: &[Kind; NAMES.len()] = &[
            $(Kind {
                name: $name,
                scope: Scope::$scope,
                shape: <$($ty)+>::SHAPE,
                parse: |text| serde_json::from_str(text).map(|data| Data::$variant(Box::new(data))),
                from_json: |value| serde_json::from_value(value).map(|data| Data::$variant(Box::new(data))),
                from_tree: |tree| <$($ty)+>::deserialize(tree).map(|data| Data::$variant(Box::new(data))),
                schema: |generator| generator.subschema_for::<$($ty)+>(),
            },)*
        ];

        impl Data {
            /// The type.
            pub fn kind(&self) -> &'static Kind {
                match self {
                    $(Self::$variant(_) => {
                        const AT: usize = place($name);
                        &KINDS[AT]
                    })*
                }
            }

            /// The attributes, as generic code sees them.
            pub fn reflect(&self) -> &dyn Reflect {
                match self { $(Self::$variant(data) => &**data,)* }
            }

            /// See [`Typed::settle`].
            pub fn settle(&mut self) {
                match self { $(Self::$variant(data) => data.settle(),)* }
            }
        }

        impl Serialize for Data {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self { $(Self::$variant(data) => data.serialize(serializer),)* }
            }
        }

        $(impl From<$($ty)+> for Data {
            fn from(data: $($ty)+) -> Self {
                Self::$variant(Box::new(data))
            }
        })*
    };
}

/// Where a name stands in the list, found while compiling.
#[expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "evaluated by the compiler, where both are its errors"
)]
const fn place(name: &str) -> usize {
    let mut at = 0;
    while at < NAMES.len() {
        if same(NAMES[at].as_bytes(), name.as_bytes()) {
            return at;
        }
        at += 1;
    }
    // A compile error, since every caller is a constant.
    panic!("not a resource type")
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// The type of a name.
pub fn kind_named(name: &str) -> Option<&'static Kind> {
    KINDS.binary_search_by(|kind| kind.name.cmp(name)).ok().and_then(|at| KINDS.get(at))
}

kinds! {
    Global   "aws.account.contacts" => AccountContacts(account::Contacts),
    Regional "aws.acm.certificate" => AcmCertificate(acm::Certificate),
    Regional "aws.apigatewayv2.vpc_link" => Apigatewayv2VpcLink(apigatewayv2::VpcLink),
    Regional "aws.apprunner.service" => ApprunnerService(apprunner::Service),
    Regional "aws.cloudformation.stack" => CloudformationStack(cloudformation::Stack),
    Global   "aws.cloudfront.vpc_origin" => CloudfrontVpcOrigin(cloudfront::VpcOrigin),
    Regional "aws.codebuild.project" => CodebuildProject(codebuild::Project),
    Regional "aws.ec2.account_settings" => Ec2AccountSettings(ec2_settings::AccountSettings),
    Regional "aws.ec2.address" => Ec2Address(ec2::Address),
    Regional "aws.ec2.client_vpn_endpoint" => Ec2ClientVpnEndpoint(remote_access::ClientVpnEndpoint),
    Regional "aws.ec2.egress_only_internet_gateway" => Ec2EgressOnlyInternetGateway(vpc_edge::EgressOnlyInternetGateway),
    Regional "aws.ec2.flow_log" => Ec2FlowLog(vpc_edge::FlowLog),
    Regional "aws.ec2.image" => Ec2Image(ec2::Image),
    Regional "aws.ec2.instance" => Ec2Instance(ec2::Instance),
    Regional "aws.ec2.instance_connect_endpoint" => Ec2InstanceConnectEndpoint(remote_access::InstanceConnectEndpoint),
    Regional "aws.ec2.internet_gateway" => Ec2InternetGateway(vpc_edge::InternetGateway),
    Regional "aws.ec2.key_pair" => Ec2KeyPair(ec2::KeyPair),
    Regional "aws.ec2.launch_template" => Ec2LaunchTemplate(ec2::LaunchTemplate),
    Regional "aws.ec2.managed_prefix_list" => Ec2ManagedPrefixList(vpc::ManagedPrefixList),
    Regional "aws.ec2.nat_gateway" => Ec2NatGateway(vpc_edge::NatGateway),
    Regional "aws.ec2.network_acl" => Ec2NetworkAcl(vpc::NetworkAcl),
    Regional "aws.ec2.network_interface" => Ec2NetworkInterface(ec2::NetworkInterface),
    Regional "aws.ec2.route_table" => Ec2RouteTable(vpc::RouteTable),
    Regional "aws.ec2.security_group" => Ec2SecurityGroup(vpc::SecurityGroup),
    Regional "aws.ec2.security_group_vpc_association" => Ec2SecurityGroupVpcAssociation(vpc::SecurityGroupVpcAssociation),
    Regional "aws.ec2.snapshot" => Ec2Snapshot(ec2::Snapshot),
    Regional "aws.ec2.subnet" => Ec2Subnet(vpc::Subnet),
    Regional "aws.ec2.transit_gateway" => Ec2TransitGateway(tgw::TransitGateway),
    Regional "aws.ec2.transit_gateway_attachment" => Ec2TransitGatewayAttachment(tgw::TransitGatewayAttachment),
    Regional "aws.ec2.transit_gateway_route_table" => Ec2TransitGatewayRouteTable(tgw::TransitGatewayRouteTable),
    Regional "aws.ec2.volume" => Ec2Volume(ec2::Volume),
    Regional "aws.ec2.vpc" => Ec2Vpc(vpc::Vpc),
    Regional "aws.ec2.vpc_block_public_access_exclusion" => Ec2VpcBlockPublicAccessExclusion(vpc_edge::VpcBlockPublicAccessExclusion),
    Regional "aws.ec2.vpc_block_public_access_options" => Ec2VpcBlockPublicAccessOptions(vpc_edge::VpcBlockPublicAccessOptions),
    Regional "aws.ec2.vpc_endpoint" => Ec2VpcEndpoint(vpc_edge::VpcEndpoint),
    Regional "aws.ec2.vpc_endpoint_service" => Ec2VpcEndpointService(vpc_edge::VpcEndpointService),
    Regional "aws.ec2.vpc_peering_connection" => Ec2VpcPeeringConnection(vpc_edge::VpcPeeringConnection),
    Regional "aws.ec2.vpn_connection" => Ec2VpnConnection(remote_access::VpnConnection),
    Regional "aws.ec2.vpn_gateway" => Ec2VpnGateway(vpc_edge::VpnGateway),
    Regional "aws.ecr.repository" => EcrRepository(ecr::Repository),
    Regional "aws.ecs.service" => EcsService(ecs::Service),
    Regional "aws.ecs.task_definition" => EcsTaskDefinition(ecs::TaskDefinition),
    Regional "aws.eks.cluster" => EksCluster(eks::Cluster),
    Regional "aws.elb.load_balancer" => ElbLoadBalancer(elb::LoadBalancer),
    Regional "aws.elbv2.listener" => Elbv2Listener(elbv2::Listener),
    Regional "aws.elbv2.listener_rule" => Elbv2ListenerRule(elbv2::ListenerRule),
    Regional "aws.elbv2.load_balancer" => Elbv2LoadBalancer(elbv2::LoadBalancer),
    Regional "aws.elbv2.ssl_policy" => Elbv2SslPolicy(elbv2::SslPolicy),
    Regional "aws.elbv2.target_group" => Elbv2TargetGroup(elbv2::TargetGroup),
    Global   "aws.globalaccelerator.accelerator" => GlobalacceleratorAccelerator(globalaccelerator::Accelerator),
    Regional "aws.glue.dev_endpoint" => GlueDevEndpoint(glue::DevEndpoint),
    Regional "aws.glue.job" => GlueJob(glue::Job),
    Global   "aws.iam.access_key" => IamAccessKey(iam::AccessKey),
    Global   "aws.iam.account_summary" => IamAccountSummary(iam_account::AccountSummary),
    Global   "aws.iam.credential_report_row" => IamCredentialReportRow(iam_account::CredentialReportRow),
    Global   "aws.iam.group" => IamGroup(iam::Group),
    Global   "aws.iam.instance_profile" => IamInstanceProfile(iam::InstanceProfile),
    Global   "aws.iam.mfa_device" => IamMfaDevice(iam_account::MfaDevice),
    Global   "aws.iam.oidc_provider" => IamOidcProvider(iam_account::OidcProvider),
    Global   "aws.iam.password_policy" => IamPasswordPolicy(iam_account::PasswordPolicy),
    Global   "aws.iam.policy" => IamPolicy(iam::Policy),
    Global   "aws.iam.role" => IamRole(iam::Role),
    Global   "aws.iam.saml_provider" => IamSamlProvider(iam_account::SamlProvider),
    Global   "aws.iam.server_certificate" => IamServerCertificate(iam_account::ServerCertificate),
    Global   "aws.iam.user" => IamUser(iam::User),
    Organization   "aws.identitystore.group" => IdentitystoreGroup(identitystore::Group),
    Organization   "aws.identitystore.user" => IdentitystoreUser(identitystore::User),
    Regional "aws.kms.key" => KmsKey(kms::Key),
    Regional "aws.lambda.function" => LambdaFunction(lambda::Function),
    Regional "aws.network_firewall.firewall" => NetworkFirewallFirewall(network_firewall::Firewall),
    Regional "aws.network_firewall.policy" => NetworkFirewallPolicy(network_firewall::FirewallPolicy),
    Regional "aws.network_firewall.rule_group" => NetworkFirewallRuleGroup(network_firewall::RuleGroup),
    Organization   "aws.organizations.account" => OrganizationsAccount(organizations::Account),
    Organization   "aws.organizations.delegated_administrator" => OrganizationsDelegatedAdministrator(organizations::DelegatedAdministrator),
    Organization   "aws.organizations.organization" => OrganizationsOrganization(organizations::Organization),
    Organization   "aws.organizations.policy" => OrganizationsPolicy(organizations::Policy),
    Organization   "aws.organizations.unit" => OrganizationsUnit(organizations::Unit),
    Regional "aws.rds.db_instance" => RdsDbInstance(rds::DbInstance),
    Global   "aws.s3.account_public_access_block" => S3AccountPublicAccessBlock(s3::AccountPublicAccessBlock),
    Global   "aws.s3.bucket" => S3Bucket(s3::Bucket),
    Regional "aws.sagemaker.notebook_instance" => SagemakerNotebookInstance(sagemaker::NotebookInstance),
    Regional "aws.secretsmanager.secret" => SecretsmanagerSecret(secretsmanager::Secret),
    Regional "aws.sns.topic" => SnsTopic(sns::Topic),
    Regional "aws.sqs.queue" => SqsQueue(sqs::Queue),
    Regional "aws.ssm.inventory" => SsmInventory(ssm::Inventory),
    Regional "aws.ssm.managed_instance" => SsmManagedInstance(ssm::ManagedInstance),
    Regional "aws.ssm.patch_state" => SsmPatchState(ssm::PatchState),
    Organization   "aws.sso.account_assignment" => SsoAccountAssignment(sso::AccountAssignment),
    Organization   "aws.sso.instance" => SsoInstance(sso::Instance),
    Organization   "aws.sso.permission_set" => SsoPermissionSet(sso::PermissionSet),
    Regional "aws.states.state_machine" => StatesStateMachine(states::StateMachine),
    Global   "aws.sts.caller_identity" => StsCallerIdentity(sts::CallerIdentity),
    Regional "aws.vpc_lattice.service" => VpcLatticeService(vpc_lattice::Service),
}

#[cfg(test)]
mod tests {
    use super::super::resource::ENVELOPE;
    use super::*;

    #[test]
    fn names_are_sorted_and_found() {
        assert!(KINDS.is_sorted_by(|a, b| a.name < b.name));
        for kind in KINDS {
            assert_eq!(kind_named(kind.name).unwrap().name, kind.name);
        }
    }

    #[test]
    fn no_attribute_hides_behind_the_envelope() {
        for kind in KINDS {
            for field in kind.shape.fields {
                assert!(ENVELOPE.slot(field.name).is_none(), "{}.{}", kind.name, field.name);
                assert!(
                    !field.doc.trim().is_empty(),
                    "{}.{} has no documentation",
                    kind.name,
                    field.name
                );
            }
        }
    }
}
