//! Every fact of the model, and which analysis derives it.

/// Type, path of the fact within it, and the meaning that the analysis gives it.
pub const FACTS: &[(&str, &str, &str)] = &[
    (
        "aws.ec2.instance",
        "public",
        "network::exposure: an address of any interface, and a route back",
    ),
    ("aws.ec2.instance", "stopped_since", "compute: the time EC2 writes behind the reason"),
    (
        "aws.ec2.network_acl",
        "entries.from_internet",
        "network::network_acl: first match decides, pieces together",
    ),
    ("aws.ec2.network_interface", "public", "network::exposure: a public address and a route back"),
    ("aws.ec2.security_group", "in_use", "network::security_group: an interface carries it"),
    (
        "aws.ec2.security_group",
        "ingress.from_internet",
        "network::blame: all rules of the group together",
    ),
    ("aws.ec2.security_group", "ingress.to_internet", "never: the direction is the other one"),
    ("aws.ec2.security_group", "ingress.source", "network::security_group: in words"),
    (
        "aws.ec2.security_group",
        "ingress.group_environment",
        "environment: of the group's VPC or account",
    ),
    ("aws.ec2.security_group", "egress.from_internet", "never: the direction is the other one"),
    (
        "aws.ec2.security_group",
        "egress.to_internet",
        "network::blame: all rules of the group together",
    ),
    ("aws.ec2.security_group", "egress.source", "network::security_group: in words"),
    (
        "aws.ec2.security_group",
        "egress.group_environment",
        "environment: of the group's VPC or account",
    ),
    ("aws.ec2.subnet", "route_table_id", "network::routing: its own, or the main one"),
    ("aws.ec2.subnet", "network_acl_id", "network::routing: its own, or the default one"),
    (
        "aws.ec2.subnet",
        "internet_route",
        "network::routing: longest prefix decides, pieces together",
    ),
    ("aws.ec2.subnet", "shared_with_environments", "network::subnet: owners of interfaces in it"),
    (
        "aws.ec2.transit_gateway_attachment",
        "crosses_environments",
        "network::isolation: by routes, either way",
    ),
    (
        "aws.ec2.transit_gateway_attachment",
        "environments",
        "network::isolation: by routes, either way",
    ),
    (
        "aws.ec2.transit_gateway_route_table",
        "crosses_environments",
        "network::isolation: senders and targets",
    ),
    (
        "aws.ec2.transit_gateway_route_table",
        "environments",
        "network::isolation: senders and targets",
    ),
    (
        "aws.ec2.vpc_peering_connection",
        "crosses_environments",
        "network::isolation: both sides declared, and not alike",
    ),
    ("aws.ec2.vpc_peering_connection", "environments", "network::isolation: of both sides"),
    (
        "aws.elb.load_balancer",
        "listeners.tls_protocols",
        "tls: the attributes of its policy, or the predefined one",
    ),
    ("aws.elb.load_balancer", "listeners.tls_weak_ciphers", "tls::cipher: RFC 9325"),
    ("aws.elb.load_balancer", "listeners.forward_secrecy", "tls::cipher: every suite"),
    ("aws.elbv2.listener", "tls_protocols", "tls: the collected policy, or the predefined one"),
    ("aws.elbv2.listener", "tls_weak_ciphers", "tls::cipher: RFC 9325"),
    ("aws.elbv2.listener", "forward_secrecy", "tls::cipher: every suite"),
    ("aws.iam.group", "admin", "iam::grants: inline and attached policies together"),
    ("aws.iam.policy", "admin", "iam::grants: its own statements"),
    (
        "aws.iam.role",
        "effective_admin",
        "iam::escalation::admin: policies, boundary and organization",
    ),
    ("aws.iam.role", "becomes_admin", "iam::escalation: the search for ways to an administrator"),
    ("aws.iam.role", "admin_path", "iam::escalation: the shortest way"),
    ("aws.iam.role", "escalations", "iam::escalation: the methods that gain something"),
    ("aws.iam.role", "admin", "iam::grants: inline and attached policies together"),
    ("aws.iam.role", "trusts", "iam::trust: one entry per principal and statement"),
    (
        "aws.iam.role",
        "trust_mistakes",
        "iam::trust::mistakes: callers made up to be refused, asked of the evaluator",
    ),
    (
        "aws.iam.user",
        "effective_admin",
        "iam::escalation::admin: policies, boundary and organization",
    ),
    ("aws.iam.user", "becomes_admin", "iam::escalation: the search for ways to an administrator"),
    ("aws.iam.user", "admin_path", "iam::escalation: the shortest way"),
    ("aws.iam.user", "escalations", "iam::escalation: the methods that gain something"),
    ("aws.iam.policy", "breadth", "iam::usage::breadth: documented actions of each statement"),
    ("aws.iam.role", "capabilities", "iam::declared: what it has in effect and is not named for"),
    ("aws.iam.role", "duty_conflicts", "iam::declared: pairs of duties it can do both of"),
    ("aws.iam.user", "capabilities", "iam::declared: what it has in effect and is not named for"),
    ("aws.iam.user", "duty_conflicts", "iam::declared: pairs of duties it can do both of"),
    ("aws.iam.user", "roster", "iam::people: whom the roster takes it for"),
    ("aws.iam.user", "shared_signs", "iam::people: credentials in use side by side"),
    ("aws.identitystore.user", "roster", "iam::people: whom the roster takes it for"),
    ("aws.iam.user", "admin", "iam::grants: own policies and those of its groups together"),
    (
        "aws.ssm.managed_instance",
        "end_of_life",
        "patch::end_of_life: the vendor's last day of support",
    ),
    ("aws.ssm.managed_instance", "platform_known", "patch::end_of_life: whether the table has it"),
    ("aws.ec2.instance", "exposure", "network::effects: what the analysis of paths found"),
    ("aws.ec2.network_interface", "exposure", "network::effects: what the analysis of paths found"),
    ("aws.elb.load_balancer", "exposure", "network::effects: what the analysis of paths found"),
    ("aws.elbv2.load_balancer", "exposure", "network::effects: what the analysis of paths found"),
    ("aws.rds.db_instance", "exposure", "network::effects: what the analysis of paths found"),
    ("aws.lambda.function", "exposure", "network::effects: what the analysis of paths found"),
    ("aws.eks.cluster", "exposure", "network::effects: what the analysis of paths found"),
    ("aws.ec2.vpc_endpoint", "exposure", "network::effects: what the analysis of paths found"),
    ("aws.ec2.vpc", "isolation", "network::effects: breaches of isolation, one per cause"),
    (
        "aws.ec2.security_group",
        "isolation",
        "network::effects: breaches of isolation, one per cause",
    ),
    (
        "aws.ec2.vpc_peering_connection",
        "isolation",
        "network::effects: breaches of isolation, one per cause",
    ),
    (
        "aws.ec2.transit_gateway_attachment",
        "isolation",
        "network::effects: breaches of isolation, one per cause",
    ),
    (
        "aws.ec2.security_group",
        "ingress.exposes",
        "network::effects: the rules that let exposures in",
    ),
    ("aws.ec2.security_group", "egress.exposes", "never: the direction is the other one"),
    (
        "aws.ec2.network_acl",
        "entries.shadowed",
        "network::shadow: entries with lower numbers decide all its packets",
    ),
];

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::ident::{AccountId, Region};
    use crate::model::reflect::{Shape, Type};
    use crate::model::{Attr, KINDS, Meta, Origin};

    /// The envelope of a resource in the usual place.
    pub(crate) fn meta(id: &str) -> Meta {
        Meta {
            id: id.to_owned(),
            account: AccountId::new("111122223333").unwrap(),
            region: Region::new("eu-west-1").unwrap(),
            arn: None,
            name: None,
            tags: Attr::Known([].into()),
            environment: Attr::Known(None),
            origin: Origin::Aws,
        }
    }

    fn facts_in(shape: &Shape, path: &str, depth: usize, out: &mut Vec<String>) {
        for field in shape.fields {
            let path = if path.is_empty() {
                field.name.to_owned()
            } else {
                format!("{path}.{}", field.name)
            };
            if field.fact {
                out.push(path);
                continue;
            }
            let mut ty = (field.ty)();
            while let Type::List(of) | Type::Map(of) | Type::Optional(of) = ty {
                ty = (*of).clone();
            }
            if let Type::Struct(part) = ty
                && depth < 6
            {
                facts_in(part, &path, depth + 1, out);
            }
        }
    }

    #[test]
    fn no_fact_of_the_model_is_forgotten() {
        let mut model = Vec::new();
        for kind in KINDS {
            let mut paths = Vec::new();
            facts_in(kind.shape, "", 0, &mut paths);
            model.extend(paths.into_iter().map(|path| format!("{} {path}", kind.name)));
        }
        let mut table: Vec<_> =
            FACTS.iter().map(|(kind, path, _)| format!("{kind} {path}")).collect();
        model.sort();
        table.sort();
        assert_eq!(model, table);
    }
}
