//! Databases, clusters, jobs and the like.

use super::restate::{each, items, map, moved, one};
use super::{Entry, Is, Restated, entry};
use crate::collect::predicted::Thing;
use crate::model::Tree;

pub(super) const TABLE: &[Entry] = &[
    entry("AWS::RDS::DBInstance", "aws.rds.db_instance", "aws_db_instance")
        .named(&["DBInstanceIdentifier"])
        .arn("arn:{partition}:rds:{region}:{account}:db:{id}")
        .atts(&[("DBInstanceArn", Is::Arn)])
        .from(&[
            ("identifier", "db_instance_identifier"),
            ("instance_class", "db_instance_class"),
            ("vpc_security_group_ids", "vpc_security_groups"),
            ("iam_database_authentication_enabled", "enable_iam_database_authentication"),
            ("ca_cert_identifier", "ca_certificate_identifier"),
            ("replicate_source_db", "source_db_instance_identifier"),
            ("cluster_identifier", "db_cluster_identifier"),
        ])
        .open(&[
            "engine",
            "engine_version",
            "availability_zone",
            "endpoint",
            "address",
            "port",
            "resource_id",
            "vpc_security_group_ids",
            "db_subnet_group_name",
            "ca_cert_identifier",
            "network_type",
            "backup_retention_period",
            "multi_az",
            "status",
            "kms_key_id",
            "storage_encrypted",
            "publicly_accessible",
        ])
        .more(database),
    entry("AWS::RDS::DBSubnetGroup", "", "aws_db_subnet_group")
        .named(&["DBSubnetGroupName"])
        .from(&[("name", "db_subnet_group_name")]),
    entry("AWS::EKS::Cluster", "aws.eks.cluster", "aws_eks_cluster")
        .named(&["Name"])
        .arn("arn:{partition}:eks:{region}:{account}:cluster/{id}")
        .open(&["version", "platform_version", "endpoint", "status"])
        .more(cluster),
    entry("AWS::ECS::TaskDefinition", "aws.ecs.task_definition", "aws_ecs_task_definition")
        .by_arn(&["Family"], "arn:{partition}:ecs:{region}:{account}:task-definition/{id}{made}")
        .atts(&[("TaskDefinitionArn", Is::Arn)]),
    entry("AWS::ECS::Service", "aws.ecs.service", "aws_ecs_service")
        .named(&["ServiceName"])
        .arn("arn:{partition}:ecs:{region}:{account}:service/{id}{made}")
        .refers(Is::Arn)
        .atts(&[("ServiceArn", Is::Arn), ("Name", Is::Property("ServiceName"))])
        .from(&[("name", "service_name")]),
    entry("AWS::Glue::Job", "aws.glue.job", "aws_glue_job")
        .named(&["Name"])
        .from(&[("role_arn", "role")])
        .more(job),
    entry("AWS::Glue::DevEndpoint", "aws.glue.dev_endpoint", "aws_glue_dev_endpoint")
        .named(&["EndpointName"])
        .from(&[("name", "endpoint_name")])
        .open(&["public_address", "vpc_id"]),
    entry(
        "AWS::SageMaker::NotebookInstance",
        "aws.sagemaker.notebook_instance",
        "aws_sagemaker_notebook_instance",
    )
    .named(&["NotebookInstanceName"])
    .arn("arn:{partition}:sagemaker:{region}:{account}:notebook-instance/{id}")
    .refers(Is::Arn)
    .from(&[("name", "notebook_instance_name"), ("security_groups", "security_group_ids")]),
    entry("AWS::AppRunner::Service", "aws.apprunner.service", "aws_apprunner_service")
        .named(&["ServiceName"])
        .arn("arn:{partition}:apprunner:{region}:{account}:service/{id}{made}")
        .refers(Is::Arn)
        .atts(&[("ServiceArn", Is::Arn)])
        .open(&["service_url", "status"])
        .more(app),
    entry("AWS::StepFunctions::StateMachine", "aws.states.state_machine", "aws_sfn_state_machine")
        .named(&["StateMachineName"])
        .arn("arn:{partition}:states:{region}:{account}:stateMachine:{id}")
        .refers(Is::Arn)
        .atts(&[("Name", Is::Property("StateMachineName"))])
        .from(&[("name", "state_machine_name"), ("type", "state_machine_type")]),
    entry("AWS::CodeBuild::Project", "aws.codebuild.project", "aws_codebuild_project")
        .named(&["Name"])
        .arn("arn:{partition}:codebuild:{region}:{account}:project/{id}")
        .from(&[("project_visibility", "visibility")])
        .more(project),
    entry("AWS::CloudFormation::Stack", "aws.cloudformation.stack", "aws_cloudformation_stack")
        .from(&[("iam_role_arn", "role_arn")]),
    entry(
        "AWS::NetworkFirewall::Firewall",
        "aws.network_firewall.firewall",
        "aws_networkfirewall_firewall",
    )
    .by_arn(&["FirewallName"], "arn:{partition}:network-firewall:{region}:{account}:firewall/{id}")
    .atts(&[("FirewallArn", Is::Arn)])
    .from(&[("name", "firewall_name"), ("subnet_mapping", "subnet_mappings")]),
    entry(
        "AWS::NetworkFirewall::FirewallPolicy",
        "aws.network_firewall.policy",
        "aws_networkfirewall_firewall_policy",
    )
    .by_arn(
        &["FirewallPolicyName"],
        "arn:{partition}:network-firewall:{region}:{account}:firewall-policy/{id}",
    )
    .atts(&[("FirewallPolicyArn", Is::Arn)])
    .from(&[("name", "firewall_policy_name")])
    .more(firewall_policy),
    entry(
        "AWS::NetworkFirewall::RuleGroup",
        "aws.network_firewall.rule_group",
        "aws_networkfirewall_rule_group",
    )
    .by_arn(
        &["RuleGroupName"],
        "arn:{partition}:network-firewall:{region}:{account}:rulegroup/{id}",
    )
    .atts(&[("RuleGroupArn", Is::Arn)])
    .from(&[("name", "rule_group_name")])
    .more(rule_group),
    entry(
        "AWS::GlobalAccelerator::Accelerator",
        "aws.globalaccelerator.accelerator",
        "aws_globalaccelerator_accelerator",
    )
    .by_arn(&[], "arn:{partition}:globalaccelerator::{account}:accelerator/{id}")
    .atts(&[("AcceleratorArn", Is::Arn)]),
    entry("AWS::GlobalAccelerator::Listener", "", "aws_globalaccelerator_listener")
        .by_arn(&[], "{AcceleratorArn}/listener/{id}")
        .atts(&[("ListenerArn", Is::Arn)])
        .from(&[("port_range", "port_ranges")]),
    entry("AWS::GlobalAccelerator::EndpointGroup", "", "aws_globalaccelerator_endpoint_group")
        .by_arn(&[], "{ListenerArn}/endpoint-group/{id}")
        .from(&[("endpoint_configuration", "endpoint_configurations")]),
    entry("AWS::CloudFront::VpcOrigin", "aws.cloudfront.vpc_origin", "aws_cloudfront_vpc_origin")
        .arn("arn:{partition}:cloudfront::{account}:vpcorigin/{id}")
        .more(vpc_origin),
    entry("AWS::ApiGatewayV2::VpcLink", "aws.apigatewayv2.vpc_link", "aws_apigatewayv2_vpc_link"),
    entry("AWS::VpcLattice::Service", "aws.vpc_lattice.service", "aws_vpclattice_service")
        .arn("arn:{partition}:vpc-lattice:{region}:{account}:service/{id}")
        .refers(Is::Arn),
    entry("AWS::VpcLattice::Listener", "", "aws_vpclattice_listener").more(lattice_listener),
    entry(
        "AWS::VpcLattice::ServiceNetworkServiceAssociation",
        "",
        "aws_vpclattice_service_network_service_association",
    ),
    entry("AWS::AutoScaling::AutoScalingGroup", "", "aws_autoscaling_group")
        .named(&["AutoScalingGroupName"])
        .from(&[
            ("name", "auto_scaling_group_name"),
            ("target_group_arns", "target_group_ar_ns"),
            ("load_balancers", "load_balancer_names"),
        ]),
];

/// What RDS makes of silence, where it is documented.
///
/// Source: <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>.
fn database(thing: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let cluster = !values.member("cluster_identifier").is_null();
    let copy = ["db_snapshot_identifier", "replicate_source_db", "source_db_cluster_identifier"]
        .iter()
        .any(|name| !values.member(name).is_null());
    if thing.fresh && !cluster && !copy {
        let is_open =
            |name: &str| values.member(name).is_unknown() && thing.is_silent_property(name);
        let encrypted = is_open("storage_encrypted");
        let zones = is_open("multi_az");
        let days = is_open("backup_retention_period");
        if encrypted {
            values.set("storage_encrypted", Tree::Bool(false));
        }
        if zones {
            values.set("multi_az", Tree::Bool(false));
        }
        if days {
            values.set("backup_retention_period", Tree::Int(1));
        }
    }
    vec![("aws_db_instance", values)]
}

trait Silent {
    /// Whether a template says nothing of an attribute.
    fn is_silent_property(&self, attribute: &str) -> bool;
}

impl Silent for Thing<'static> {
    fn is_silent_property(&self, attribute: &str) -> bool {
        let is_it = |key: &str| super::restate::snake(key) == attribute;
        !self.values.entries().iter().any(|(key, _)| is_it(key))
    }
}

fn cluster(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let vpc = values.member("resources_vpc_config").into_owned();
    if !vpc.is_null() {
        values.set("vpc_config", one(vpc));
    }
    let types = values.at("logging.cluster_logging.enabled_types").into_owned();
    let types = each(&types, |one| one.member("type").into_owned());
    values.set("enabled_cluster_log_types", types);
    let encryption = each(&values.member("encryption_config"), |config| {
        let mut config = config.clone();
        let provider = one(config.member("provider").into_owned());
        config.set("provider", provider);
        config
    });
    values.set("encryption_config", encryption);
    for block in ["kubernetes_network_config", "access_config"] {
        let value = one(values.member(block).into_owned());
        if !value.is_null() {
            values.set(block, value);
        }
    }
    vec![("aws_eks_cluster", values)]
}

fn job(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let command = one(values.member("command").into_owned());
    values.set("command", command);
    vec![("aws_glue_job", values)]
}

fn app(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    for block in ["instance_configuration", "source_configuration", "network_configuration"] {
        let value = one(values.member(block).into_owned());
        if !value.is_null() {
            values.set(block, value);
        }
    }
    vec![("aws_apprunner_service", values)]
}

fn project(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let source = one(values.member("source").into_owned());
    values.set("source", source);
    let batch = one(values.member("build_batch_config").into_owned());
    values.set("build_batch_config", batch);
    if values.member("project_visibility").is_null() {
        values.set("project_visibility", Tree::text("PRIVATE"));
    }
    vec![("aws_codebuild_project", values)]
}

fn firewall_policy(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let policy = values.member("firewall_policy").into_owned();
    // The key ends as those of documents do, and keeps the spelling of its properties.
    let mut policy = super::restate::respelt(&policy);
    for (from, to) in [
        ("stateful_rule_group_references", "stateful_rule_group_reference"),
        ("stateless_rule_group_references", "stateless_rule_group_reference"),
        ("stateless_custom_actions", "stateless_custom_action"),
    ] {
        moved(&mut policy, from, to);
    }
    values.set("firewall_policy", one(policy));
    vec![("aws_networkfirewall_firewall_policy", values)]
}

/// Blocks of the provider have the names of the API in the singular.
fn rule_group(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let mut group = values.member("rule_group").into_owned();
    if matches!(group, Tree::Map(_)) {
        let mut source = group.member("rules_source").into_owned();
        moved(&mut source, "stateful_rules", "stateful_rule");
        let stateless = source.member("stateless_rules_and_custom_actions").into_owned();
        if !stateless.is_null() {
            let rules = each(&stateless.member("stateless_rules"), stateless_rule);
            source.set("stateless_rules_and_custom_actions", one(map([("stateless_rule", rules)])));
        }
        let stateful = each(&source.member("stateful_rule"), |rule| {
            let mut rule = rule.clone();
            let header = one(rule.member("header").into_owned());
            rule.set("header", header);
            let options = each(&rule.member("rule_options"), Clone::clone);
            rule.set("rule_option", options);
            rule
        });
        if !stateful.is_null() {
            source.set("stateful_rule", stateful);
        }
        let list = one(source.member("rules_source_list").into_owned());
        if !list.is_null() {
            source.set("rules_source_list", list);
        }
        group.set("rules_source", one(source));
    }
    values.set("rule_group", one(group));
    vec![("aws_networkfirewall_rule_group", values)]
}

fn stateless_rule(rule: &Tree<'static>) -> Tree<'static> {
    let definition = rule.member("rule_definition").into_owned();
    let attributes = definition.member("match_attributes").into_owned();
    let ports = |name: &str| attributes.member(name).into_owned();
    let matches = map([
        ("source", attributes.member("sources").into_owned()),
        ("destination", attributes.member("destinations").into_owned()),
        ("source_port", ports("source_ports")),
        ("destination_port", ports("destination_ports")),
        ("protocols", attributes.member("protocols").into_owned()),
        ("tcp_flag", attributes.member("tcp_flags").into_owned()),
    ]);
    let definition = map([
        ("actions", Tree::List(items(&definition.member("actions")))),
        ("match_attributes", one(matches)),
    ]);
    map([("priority", rule.member("priority").into_owned()), ("rule_definition", one(definition))])
}

fn vpc_origin(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let mut config = values.member("vpc_origin_endpoint_config").into_owned();
    if matches!(config, Tree::Map(_)) {
        let protocols = config.member("origin_ssl_protocols").into_owned();
        if !protocols.is_null() {
            config.set("origin_ssl_protocols", one(map([("items", protocols)])));
        }
    }
    values.set("vpc_origin_endpoint_config", one(config));
    vec![("aws_cloudfront_vpc_origin", values)]
}

fn lattice_listener(_: &Thing<'static>, mut values: Tree<'static>) -> Restated {
    let mut action = values.member("default_action").into_owned();
    if matches!(action, Tree::Map(_)) {
        let forward = one(action.member("forward").into_owned());
        action.set("forward", forward);
    }
    values.set("default_action", one(action));
    vec![("aws_vpclattice_listener", values)]
}
