//! Rules of security groups and network ACLs in one spelling.
//!
//! EC2 bundles sources into permissions, writes protocols as names or numbers, and puts ICMP types where ports stand.

use crate::model::Attr;
use crate::model::attr::CauseKind;
use crate::model::vpc::SecurityGroupRule;
use crate::net::{Ports, Prefix};

/// A permission as `ec2:DescribeSecurityGroups` gives it: one traffic, many sources or destinations.
#[derive(Debug, Clone, Default)]
pub struct Permission {
    /// `IpProtocol`: a name, a number or `-1`.
    pub protocol: String,
    /// `FromPort`, or the ICMP type.
    pub from_port: Option<i64>,
    /// `ToPort`, or the ICMP code.
    pub to_port: Option<i64>,
    /// IPv4 and IPv6 prefixes with their descriptions.
    pub prefixes: Vec<(String, Option<String>)>,
    /// Prefix lists with their descriptions.
    pub prefix_lists: Vec<(String, Option<String>)>,
    /// Other security groups.
    pub groups: Vec<GroupRef>,
}

/// A security group named by a rule.
#[derive(Debug, Clone, Default)]
pub struct GroupRef {
    /// `GroupId`.
    pub group_id: Option<String>,
    /// `UserId`, the account of the group.
    pub account: Option<String>,
    /// `VpcId`, given where it is another VPC.
    pub vpc_id: Option<String>,
    /// `VpcPeeringConnectionId`.
    pub peering_connection_id: Option<String>,
    /// `Description`.
    pub description: Option<String>,
}

/// What a rule speaks of, apart from the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traffic {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, or `-1`.
    pub protocol: String,
    /// The ports; all of them for protocols without.
    pub ports: Ports,
    /// The ICMP type; absent for any.
    pub icmp_type: Option<i64>,
    /// The ICMP code; absent for any.
    pub icmp_code: Option<i64>,
}

/// The one spelling of a protocol. Source: the IANA registry of protocol numbers.
pub fn protocol_name(text: &str) -> String {
    match text.trim().to_ascii_lowercase().as_str() {
        "6" | "tcp" => "tcp".to_owned(),
        "17" | "udp" => "udp".to_owned(),
        "1" | "icmp" => "icmp".to_owned(),
        "58" | "icmpv6" | "ipv6-icmp" => "icmpv6".to_owned(),
        "-1" | "all" | "" => "-1".to_owned(),
        other => other.to_owned(),
    }
}

/// The traffic of a rule from protocol and the two numbers that are ports, or ICMP type and code.
pub fn traffic(protocol: &str, from: Option<i64>, to: Option<i64>) -> Traffic {
    let protocol = protocol_name(protocol);
    let (mut ports, mut icmp_type, mut icmp_code) = (Ports::ALL, None, None);
    match protocol.as_str() {
        "icmp" | "icmpv6" => {
            icmp_type = from.filter(|n| *n >= 0);
            icmp_code = to.filter(|n| *n >= 0 && icmp_type.is_some());
        }
        "tcp" | "udp" => {
            // -1 and silence mean every port.
            let port = |n: Option<i64>, rest: u16| {
                n.filter(|n| *n >= 0).map_or(rest, |n| u16::try_from(n).unwrap_or(u16::MAX))
            };
            ports = Ports::new(port(from, 0), port(to, u16::MAX));
        }
        _ => {}
    }
    Traffic { protocol, ports, icmp_type, icmp_code }
}

/// One rule per source or destination. `owner` is the account of the group: another group's account is named only where
/// it is another one.
pub fn rules(permission: &Permission, owner: &str) -> Vec<SecurityGroupRule> {
    let traffic = traffic(&permission.protocol, permission.from_port, permission.to_port);
    let mut out = Vec::new();
    for (text, description) in &permission.prefixes {
        let cidr = match text.parse::<Prefix>() {
            Ok(prefix) => Attr::Known(Some(prefix)),
            Err(why) => Attr::unknown(CauseKind::NotUnderstood, why),
        };
        out.push(SecurityGroupRule { cidr, ..rule(&traffic, description.as_ref()) });
    }
    for (id, description) in &permission.prefix_lists {
        out.push(SecurityGroupRule {
            prefix_list_id: Some(id.clone()).into(),
            ..rule(&traffic, description.as_ref())
        });
    }
    for group in &permission.groups {
        let elsewhere = group.account.clone().filter(|account| account != owner);
        out.push(SecurityGroupRule {
            group_id: match &group.group_id {
                Some(id) => Some(id.clone()).into(),
                // EC2-Classic named groups without ids; a rule without any source must not look like one.
                None => Attr::unknown(CauseKind::NotUnderstood, "a group without id"),
            },
            group_account: elsewhere.into(),
            group_vpc_id: group.vpc_id.clone().into(),
            peering_connection_id: group.peering_connection_id.clone().into(),
            ..rule(&traffic, group.description.as_ref())
        });
    }
    out
}

fn rule(traffic: &Traffic, description: Option<&String>) -> SecurityGroupRule {
    SecurityGroupRule {
        // Only ec2:DescribeSecurityGroupRules names rules; whoever has its answer sets the id.
        rule_id: Attr::default(),
        protocol: traffic.protocol.clone().into(),
        ports: traffic.ports.into(),
        icmp_type: traffic.icmp_type.into(),
        icmp_code: traffic.icmp_code.into(),
        cidr: None.into(),
        prefix_list_id: None.into(),
        group_id: None.into(),
        group_account: None.into(),
        group_vpc_id: None.into(),
        peering_connection_id: None.into(),
        description: description.filter(|text| !text.is_empty()).cloned().into(),
        ..SecurityGroupRule::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_becomes_a_rule() {
        let permission = Permission {
            protocol: "6".to_owned(),
            from_port: Some(22),
            to_port: Some(22),
            prefixes: vec![
                ("10.1.2.3/8".to_owned(), Some("lan".to_owned())),
                ("::/0".to_owned(), None),
            ],
            prefix_lists: vec![("pl-1".to_owned(), None)],
            groups: vec![GroupRef {
                group_id: Some("sg-2".to_owned()),
                account: Some("111122223333".to_owned()),
                ..GroupRef::default()
            }],
        };
        let rules = rules(&permission, "111122223333");
        assert_eq!(rules.len(), 4);
        assert!(rules.iter().all(|r| r.protocol.known().unwrap() == "tcp"));
        assert_eq!(rules[0].cidr.known().unwrap().unwrap().to_string(), "10.0.0.0/8");
        assert_eq!(rules[3].group_account.known().unwrap(), &None);
    }

    #[test]
    fn ports_and_icmp_types_are_told_apart() {
        assert_eq!(traffic("-1", None, None).ports, Ports::ALL);
        assert_eq!(traffic("tcp", Some(-1), Some(-1)).ports, Ports::ALL);
        assert_eq!(traffic("udp", Some(53), Some(53)).ports, Ports::new(53, 53));
        let echo = traffic("icmp", Some(8), Some(-1));
        assert_eq!((echo.icmp_type, echo.icmp_code, echo.ports), (Some(8), None, Ports::ALL));
        assert_eq!(traffic("icmp", Some(-1), Some(-1)).icmp_type, None);
        assert_eq!(traffic("50", Some(0), Some(0)).protocol, "50");
    }

    #[test]
    fn what_is_no_prefix_is_unknown() {
        let permission = Permission {
            protocol: "-1".to_owned(),
            prefixes: vec![("everywhere".to_owned(), None)],
            ..Permission::default()
        };
        assert!(rules(&permission, "")[0].cidr.known().is_none());
    }
}
