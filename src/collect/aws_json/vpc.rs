//! Answers of EC2 about networks: VPCs, their filters, routes and borders, and transit gateways.

use serde_json::{Map, Value, json};

use super::forms::Form;
use super::reshape::{self, Plan, list, text};
use super::scene::Scene;
use super::store::{Spec, Store, Tags, no_fix};
use crate::collect::normal::{self, GroupRef, Permission};
use crate::model::Attr;
use crate::model::vpc::{NetworkAclEntry, SecurityGroupRule};

pub(super) const FORMS: &[Form] = &[
    Form::list("Vpcs", "ec2:DescribeVpcs", &VPC),
    Form::later("EnableDnsSupport", "ec2:DescribeVpcAttribute", vpc_attribute),
    Form::later("EnableDnsHostnames", "ec2:DescribeVpcAttribute", vpc_attribute),
    Form::later("EnableNetworkAddressUsageMetrics", "ec2:DescribeVpcAttribute", vpc_attribute),
    Form::later("VpcEncryptionControls", "ec2:DescribeVpcEncryptionControls", encryption_controls),
    Form::list("Subnets", "ec2:DescribeSubnets", &SUBNET).arn("SubnetArn"),
    Form::list("SecurityGroups", "ec2:DescribeSecurityGroups", &SECURITY_GROUP).has(&["GroupId"]),
    Form::later("SecurityGroupRules", "ec2:DescribeSecurityGroupRules", security_group_rules),
    Form::answer(
        "SecurityGroupVpcAssociations",
        "ec2:DescribeSecurityGroupVpcAssociations",
        &["aws.ec2.security_group_vpc_association"],
        group_associations,
    ),
    Form::list("NetworkAcls", "ec2:DescribeNetworkAcls", &NETWORK_ACL),
    Form::list("RouteTables", "ec2:DescribeRouteTables", &ROUTE_TABLE),
    Form::answer("PrefixLists", "ec2:DescribePrefixLists", &["aws.ec2.managed_prefix_list"], service_prefix_lists)
        .has(&["Cidrs"])
        .part("ec2:DescribePrefixLists lists those of AWS services only; ec2:DescribeManagedPrefixLists lists all"),
    Form::list("PrefixLists", "ec2:DescribeManagedPrefixLists", &PREFIX_LIST),
    Form::later("Entries", "ec2:GetManagedPrefixListEntries", prefix_list_entries).has(&["Cidr"]),
    Form::list("InternetGateways", "ec2:DescribeInternetGateways", &INTERNET_GATEWAY),
    Form::list("EgressOnlyInternetGateways", "ec2:DescribeEgressOnlyInternetGateways", &EGRESS_ONLY),
    Form::list("VpnGateways", "ec2:DescribeVpnGateways", &VPN_GATEWAY),
    Form::list("NatGateways", "ec2:DescribeNatGateways", &NAT_GATEWAY),
    Form::list("VpcPeeringConnections", "ec2:DescribeVpcPeeringConnections", &PEERING),
    Form::list("FlowLogs", "ec2:DescribeFlowLogs", &FLOW_LOG).has(&["FlowLogId"]),
    Form::list("VpcEndpoints", "ec2:DescribeVpcEndpoints", &ENDPOINT),
    Form::list("ServiceConfigurations", "ec2:DescribeVpcEndpointServiceConfigurations", &ENDPOINT_SERVICE),
    Form::later("AllowedPrincipals", "ec2:DescribeVpcEndpointServicePermissions", allowed_principals),
    Form::later("VpcEndpointConnections", "ec2:DescribeVpcEndpointConnections", endpoint_connections),
    Form::answer(
        "VpcBlockPublicAccessOptions",
        "ec2:DescribeVpcBlockPublicAccessOptions",
        &["aws.ec2.vpc_block_public_access_options"],
        block_options,
    ),
    Form::list(
        "VpcBlockPublicAccessExclusions",
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        &BLOCK_EXCLUSION,
    ),
];

/// A resource of EC2: the id it has, and everything else as most have it.
pub(super) const fn plain(
    kind: &'static str,
    id: &'static str,
    from: &'static [reshape::From],
) -> Spec {
    Spec { kind, id, arn: "", name: "", tags: Tags::Inside, from, apart: &[], fix: no_fix }
}

const VPC_ATTRIBUTE: &str = "ec2:DescribeVpcAttribute";

static VPC: Spec = Spec {
    apart: &[
        ("enable_dns_support", VPC_ATTRIBUTE),
        ("enable_dns_hostnames", VPC_ATTRIBUTE),
        ("enable_network_address_usage_metrics", VPC_ATTRIBUTE),
    ],
    ..plain(
        "aws.ec2.vpc",
        "VpcId",
        &[
            ("cidr_block_associations", "CidrBlockAssociationSet"),
            ("cidr_block_associations.state", "CidrBlockState.State"),
            ("ipv6_cidr_block_associations", "Ipv6CidrBlockAssociationSet"),
            ("ipv6_cidr_block_associations.cidr_block", "Ipv6CidrBlock"),
            ("ipv6_cidr_block_associations.state", "Ipv6CidrBlockState.State"),
            ("ipv6_cidr_block_associations.network_border_group", "NetworkBorderGroup"),
            ("internet_gateway_block_mode", "BlockPublicAccessStates.InternetGatewayBlockMode"),
            ("encryption_control_mode", "EncryptionControl.Mode"),
            ("encryption_control_state", "EncryptionControl.State"),
        ],
    )
};

static SUBNET: Spec = Spec {
    arn: "SubnetArn",
    ..plain(
        "aws.ec2.subnet",
        "SubnetId",
        &[
            ("ipv6_cidr_block_associations", "Ipv6CidrBlockAssociationSet"),
            ("ipv6_cidr_block_associations.cidr_block", "Ipv6CidrBlock"),
            ("ipv6_cidr_block_associations.state", "Ipv6CidrBlockState.State"),
            ("hostname_type", "PrivateDnsNameOptionsOnLaunch.HostnameType"),
            ("internet_gateway_block_mode", "BlockPublicAccessStates.InternetGatewayBlockMode"),
        ],
    )
};

static SECURITY_GROUP: Spec = Spec {
    kind: "aws.ec2.security_group",
    id: "GroupId",
    arn: "SecurityGroupArn",
    name: "GroupName",
    tags: Tags::Inside,
    from: &[],
    apart: &[],
    fix: group_rules,
};

static NETWORK_ACL: Spec = Spec {
    fix: acl_entries,
    ..plain(
        "aws.ec2.network_acl",
        "NetworkAclId",
        &[("associated_subnet_ids", "Associations[].SubnetId"), ("entries", "=made by hand")],
    )
};

static ROUTE_TABLE: Spec = Spec {
    fix: main_table,
    ..plain(
        "aws.ec2.route_table",
        "RouteTableId",
        &[
            ("main", "=made by hand"),
            ("associations.state", "AssociationState.State"),
            ("associated_subnet_ids", "Associations[].SubnetId"),
            ("associated_gateway_ids", "Associations[].GatewayId"),
            ("propagating_vgws", "PropagatingVgws[].GatewayId"),
        ],
    )
};

static PREFIX_LIST: Spec = Spec {
    arn: "PrefixListArn",
    name: "PrefixListName",
    apart: &[("entries", "ec2:GetManagedPrefixListEntries")],
    ..plain("aws.ec2.managed_prefix_list", "PrefixListId", &[])
};

const ATTACHED: &[reshape::From] = &[("attached_vpc_ids", "Attachments[].VpcId")];
static INTERNET_GATEWAY: Spec = plain("aws.ec2.internet_gateway", "InternetGatewayId", ATTACHED);
static EGRESS_ONLY: Spec =
    plain("aws.ec2.egress_only_internet_gateway", "EgressOnlyInternetGatewayId", ATTACHED);
static VPN_GATEWAY: Spec = Spec {
    fix: live_attachments,
    ..plain("aws.ec2.vpn_gateway", "VpnGatewayId", &[("attachments", "VpcAttachments")])
};

static NAT_GATEWAY: Spec = plain(
    "aws.ec2.nat_gateway",
    "NatGatewayId",
    &[
        ("network_interface_ids", "NatGatewayAddresses[].NetworkInterfaceId"),
        ("attached_appliance_arns", "AttachedAppliances[].ApplianceArn"),
        // Before private gateways came there were public ones only, and the answer had no such member.
        ("connectivity_type", "ConnectivityType|=public"),
    ],
);

static PEERING: Spec = plain(
    "aws.ec2.vpc_peering_connection",
    "VpcPeeringConnectionId",
    &[
        ("status", "Status.Code"),
        ("status_message", "Status.Message"),
        ("requester_vpc_id", "RequesterVpcInfo.VpcId"),
        ("accepter_vpc_id", "AccepterVpcInfo.VpcId"),
        ("requester_vpc_info.cidr_blocks", "CidrBlockSet[].CidrBlock|CidrBlock"),
        ("accepter_vpc_info.cidr_blocks", "CidrBlockSet[].CidrBlock|CidrBlock"),
        ("requester_vpc_info.ipv6_cidr_blocks", "Ipv6CidrBlockSet[].Ipv6CidrBlock"),
        ("accepter_vpc_info.ipv6_cidr_blocks", "Ipv6CidrBlockSet[].Ipv6CidrBlock"),
        (
            "requester_vpc_info.allow_dns_resolution_from_remote_vpc",
            "PeeringOptions.AllowDnsResolutionFromRemoteVpc",
        ),
        (
            "accepter_vpc_info.allow_dns_resolution_from_remote_vpc",
            "PeeringOptions.AllowDnsResolutionFromRemoteVpc",
        ),
    ],
);

static FLOW_LOG: Spec = plain(
    "aws.ec2.flow_log",
    "FlowLogId",
    &[
        ("file_format", "DestinationOptions.FileFormat"),
        ("hive_compatible_partitions", "DestinationOptions.HiveCompatiblePartitions"),
        ("per_hour_partition", "DestinationOptions.PerHourPartition"),
    ],
);

static ENDPOINT: Spec = Spec {
    fix: lower_state,
    ..plain(
        "aws.ec2.vpc_endpoint",
        "VpcEndpointId",
        &[
            ("security_group_ids", "Groups[].GroupId"),
            ("dns_record_ip_type", "DnsOptions.DnsRecordIpType"),
            (
                "private_dns_only_for_inbound_resolver_endpoint",
                "DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint",
            ),
            ("dns_names", "DnsEntries[].DnsName"),
            ("last_error_code", "LastError.Code"),
        ],
    )
};

static ENDPOINT_SERVICE: Spec = Spec {
    name: "ServiceName",
    apart: &[
        ("allowed_principals", "ec2:DescribeVpcEndpointServicePermissions"),
        ("connections", "ec2:DescribeVpcEndpointConnections"),
    ],
    ..plain(
        "aws.ec2.vpc_endpoint_service",
        "ServiceId",
        &[
            ("service_types", "ServiceType[].ServiceType"),
            ("supported_regions", "SupportedRegions[].Region"),
            ("private_dns_name_verification_state", "PrivateDnsNameConfiguration.State"),
        ],
    )
};

static BLOCK_OPTIONS: Spec = Spec {
    tags: Tags::Never,
    ..plain("aws.ec2.vpc_block_public_access_options", "AwsAccountId", &[])
};
static BLOCK_EXCLUSION: Spec =
    plain("aws.ec2.vpc_block_public_access_exclusion", "ExclusionId", &[]);

fn vpc_attribute(scene: &mut Scene<'_>, answer: &Value) {
    let Some(id) = scene.about("aws.ec2.vpc", answer, &["VpcId"]) else { return };
    let Some(draft) = scene.part("aws.ec2.vpc", &id) else { return };
    for (field, member) in [
        ("enable_dns_support", "EnableDnsSupport.Value"),
        ("enable_dns_hostnames", "EnableDnsHostnames.Value"),
        ("enable_network_address_usage_metrics", "EnableNetworkAddressUsageMetrics.Value"),
    ] {
        if let Some(value) = reshape::pick(answer, member) {
            draft.set(field, value);
        }
    }
}

fn encryption_controls(scene: &mut Scene<'_>, answer: &Value) {
    for item in list(answer, "VpcEncryptionControls") {
        let Some(id) = text(item, "VpcId") else { continue };
        let Some(draft) = scene.part("aws.ec2.vpc", &id) else { continue };
        for (field, member) in
            [("encryption_control_mode", "Mode"), ("encryption_control_state", "State")]
        {
            // Absent in ec2:DescribeVpcs does not mean absent here.
            if let Some(value) = text(item, member) {
                draft.fields.insert(field.to_owned(), Value::String(value));
            }
        }
    }
}

/// A permission of a group, from `IpPermissions`.
fn permission(item: &Value) -> Permission {
    let described = |list_key: &str, key: &str| {
        list(item, list_key)
            .iter()
            .filter_map(|range| Some((text(range, key)?, text(range, "Description"))))
            .collect::<Vec<_>>()
    };
    let number = |key: &str| item.get(key).and_then(Value::as_i64);
    let mut prefixes = described("IpRanges", "CidrIp");
    prefixes.extend(described("Ipv6Ranges", "CidrIpv6"));
    let groups = list(item, "UserIdGroupPairs")
        .iter()
        .map(|pair| GroupRef {
            group_id: text(pair, "GroupId"),
            account: text(pair, "UserId"),
            vpc_id: text(pair, "VpcId"),
            peering_connection_id: text(pair, "VpcPeeringConnectionId"),
            description: text(pair, "Description"),
        })
        .collect();
    Permission {
        protocol: text(item, "IpProtocol").unwrap_or_default(),
        from_port: number("FromPort"),
        to_port: number("ToPort"),
        prefixes,
        prefix_lists: described("PrefixListIds", "PrefixListId"),
        groups,
    }
}

fn group_rules(item: &Value, fields: &mut Map<String, Value>) {
    let owner = text(item, "OwnerId").unwrap_or_default();
    for (field, key) in [("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")] {
        // A group without the member was asked for in a way that leaves rules out.
        if item.get(key).is_some() {
            let rules: Vec<SecurityGroupRule> = list(item, key)
                .iter()
                .flat_map(|p| normal::rules(&permission(p), &owner))
                .collect();
            fields.insert(field.to_owned(), json!(rules));
        } else {
            fields.remove(field);
        }
    }
}

/// Rules by themselves, which name each rule: kept until the groups are known.
fn security_group_rules(scene: &mut Scene<'_>, answer: &Value) {
    for item in list(answer, "SecurityGroupRules") {
        let Some(group) = text(item, "GroupId") else { continue };
        let Some(key) = Store::key("aws.ec2.security_group", &scene.place, &group) else {
            continue;
        };
        scene.store.named_rules.entry(key).or_default().push(item.clone());
    }
}

/// Gives the rules of groups the ids that `ec2:DescribeSecurityGroupRules` knows.
pub(super) fn name_rules(store: &mut Store) {
    let named = std::mem::take(&mut store.named_rules);
    let mut orphans = 0_usize;
    for (key, items) in named {
        let Some(draft) = store.drafts.get_mut(&key).filter(|draft| draft.listed) else {
            orphans += items.len();
            continue;
        };
        for item in &items {
            let egress = item.get("IsEgress").and_then(Value::as_bool).unwrap_or_default();
            let owner = text(item, "GroupOwnerId").unwrap_or_default();
            let number = |key: &str| item.get(key).and_then(Value::as_i64);
            let ranges = [text(item, "CidrIpv4"), text(item, "CidrIpv6")];
            let group = item.get("ReferencedGroupInfo").map(|info| GroupRef {
                group_id: text(info, "GroupId"),
                account: text(info, "UserId"),
                ..GroupRef::default()
            });
            let wanted = Permission {
                protocol: text(item, "IpProtocol").unwrap_or_default(),
                from_port: number("FromPort"),
                to_port: number("ToPort"),
                prefixes: ranges.into_iter().flatten().map(|cidr| (cidr, None)).collect(),
                prefix_lists: text(item, "PrefixListId").map(|id| (id, None)).into_iter().collect(),
                groups: group.into_iter().collect(),
            };
            let field = if egress { "egress" } else { "ingress" };
            let rules = draft.fields.get_mut(field).and_then(Value::as_array_mut);
            for one in normal::rules(&wanted, &owner) {
                let Some(rule) =
                    rules.iter().flat_map(|r| r.iter()).position(|r| same_rule(r, &one))
                else {
                    continue;
                };
                if let (Some(id), Some(map)) = (
                    text(item, "SecurityGroupRuleId"),
                    draft
                        .fields
                        .get_mut(field)
                        .and_then(Value::as_array_mut)
                        .and_then(|rules| rules.get_mut(rule))
                        .and_then(Value::as_object_mut),
                ) {
                    map.insert("rule_id".to_owned(), Value::String(id));
                }
                break;
            }
        }
    }
    if orphans > 0 {
        let message =
            format!("{orphans} security group rules belong to groups that no answer lists");
        store.note("aws-json/orphan", message);
    }
}

fn same_rule(have: &Value, wanted: &SecurityGroupRule) -> bool {
    let wanted = json!(wanted);
    ["protocol", "ports", "icmp_type", "icmp_code", "cidr", "prefix_list_id", "group_id"]
        .iter()
        .all(|field| have.get(field) == wanted.get(field))
        && have.get("rule_id").is_none()
}

fn group_associations(scene: &mut Scene<'_>, answer: &Value) {
    static SPEC: Spec =
        Spec { tags: Tags::Never, ..plain("aws.ec2.security_group_vpc_association", "Id", &[]) };
    for item in list(answer, "SecurityGroupVpcAssociations") {
        let (Some(group), Some(vpc)) = (text(item, "GroupId"), text(item, "VpcId")) else {
            continue;
        };
        let mut item = item.clone();
        if let Some(map) = item.as_object_mut() {
            map.insert("Id".to_owned(), Value::String(format!("{group}/{vpc}")));
        }
        scene.put(&SPEC, &item);
    }
}

fn acl_entries(item: &Value, fields: &mut Map<String, Value>) {
    let mut entries: Vec<(bool, i64, Value)> = list(item, "Entries")
        .iter()
        .map(|entry| {
            let number = |path: &str| reshape::pick(entry, path).and_then(|v| v.as_i64());
            let protocol = text(entry, "Protocol").unwrap_or_default();
            let icmp = matches!(normal::protocol_name(&protocol).as_str(), "icmp" | "icmpv6");
            let (from, to) = if icmp {
                (number("IcmpTypeCode.Type"), number("IcmpTypeCode.Code"))
            } else {
                (number("PortRange.From"), number("PortRange.To"))
            };
            let traffic = normal::traffic(&protocol, from, to);
            let cidr = text(entry, "CidrBlock|Ipv6CidrBlock").and_then(|cidr| cidr.parse().ok());
            let egress = entry.get("Egress").and_then(Value::as_bool);
            let place = number("RuleNumber");
            let made = NetworkAclEntry {
                egress: known(egress),
                rule_number: known(place),
                rule_action: known(text(entry, "RuleAction")),
                protocol: traffic.protocol.into(),
                ports: traffic.ports.into(),
                icmp_type: traffic.icmp_type.into(),
                icmp_code: traffic.icmp_code.into(),
                cidr: known(cidr),
                ..NetworkAclEntry::default()
            };
            (egress.unwrap_or_default(), place.unwrap_or(i64::MAX), json!(made))
        })
        .collect();
    entries.sort_by_key(|(egress, place, _)| (*egress, *place));
    let entries: Vec<Value> = entries.into_iter().map(|(_, _, entry)| entry).collect();
    fields.insert("entries".to_owned(), Value::Array(entries));
}

/// A value that every answer has; unknown where one does not.
fn known<T>(value: Option<T>) -> Attr<T> {
    value.map_or_else(Attr::default, Attr::Known)
}

fn main_table(item: &Value, fields: &mut Map<String, Value>) {
    let main = list(item, "Associations").iter().any(|a| a.get("Main") == Some(&Value::Bool(true)));
    fields.insert("main".to_owned(), Value::Bool(main));
}

/// Virtual private gateways keep detached VPCs in their answers for a while.
fn live_attachments(item: &Value, fields: &mut Map<String, Value>) {
    let live: Vec<String> = list(item, "VpcAttachments")
        .iter()
        .filter(|a| matches!(text(a, "State").as_deref(), Some("attached" | "attaching")))
        .filter_map(|a| text(a, "VpcId"))
        .collect();
    fields.insert("attached_vpc_ids".to_owned(), json!(live));
}

/// The API prints states with a capital letter at times (`Available`, `PendingAcceptance`).
fn lower_state(_: &Value, fields: &mut Map<String, Value>) {
    if let Some(Value::String(state)) = fields.get_mut("state") {
        *state = lower_first(state);
    }
}

fn lower_first(state: &str) -> String {
    let mut chars = state.chars();
    chars
        .next()
        .map(|first| first.to_ascii_lowercase().to_string() + chars.as_str())
        .unwrap_or_default()
}

fn service_prefix_lists(scene: &mut Scene<'_>, answer: &Value) {
    for item in list(answer, "PrefixLists") {
        let cidrs: Vec<Value> = list(item, "Cidrs")
            .iter()
            .filter_map(Value::as_str)
            .map(|cidr| json!({"cidr": cidr, "description": null}))
            .collect();
        let v6 =
            list(item, "Cidrs").iter().filter_map(Value::as_str).any(|cidr| cidr.contains(':'));
        let id = text(item, "PrefixListId").unwrap_or_default();
        if let Some(draft) = scene.put(&PREFIX_LIST, item) {
            draft.set("owner_id", json!("AWS"));
            draft.set("address_family", json!(if v6 { "IPv6" } else { "IPv4" }));
            // AWS' own lists print entries here; they carry neither version nor a most.
            let readable = list(item, "Cidrs")
                .iter()
                .all(|c| c.as_str().is_some_and(|c| c.parse::<crate::net::Prefix>().is_ok()));
            if readable {
                draft.set("entries", Value::Array(cidrs));
            } else {
                let why = format!("an entry of {id}");
                draft.set(
                    "entries",
                    reshape::unknown(crate::model::attr::CauseKind::NotUnderstood, why),
                );
            }
        }
    }
}

fn prefix_list_entries(scene: &mut Scene<'_>, answer: &Value) {
    let kind = "aws.ec2.managed_prefix_list";
    let Some(id) = scene.about(kind, answer, &["PrefixListId"]) else { return };
    let shape = crate::model::vpc::PrefixListEntry::SHAPE;
    set_list(scene, kind, &id, "entries", shape, answer, "Entries", &[]);
}

/// Sets a list of structs on a resource; a cut answer leaves it unknown.
#[expect(clippy::too_many_arguments, reason = "a table of names, read in one place each")]
pub(super) fn set_list(
    scene: &mut Scene<'_>,
    kind: &'static str,
    id: &str,
    field: &str,
    shape: &crate::model::reflect::Shape,
    answer: &Value,
    member: &str,
    from: &[reshape::From],
) {
    let cut = super::cut_off(answer);
    let items: Vec<Value> = list(answer, member)
        .iter()
        .map(|item| Value::Object(reshape::fields(shape, item, Plan { from, skip: &[] })))
        .collect();
    let Some(draft) = scene.part(kind, id) else { return };
    match cut {
        Some(why) => {
            let unknown = reshape::unknown(crate::model::attr::CauseKind::Failed, why);
            draft.set(field, unknown);
        }
        None => draft.set(field, Value::Array(items)),
    }
}

fn allowed_principals(scene: &mut Scene<'_>, answer: &Value) {
    let kind = "aws.ec2.vpc_endpoint_service";
    let inside = list(answer, "AllowedPrincipals").iter().find_map(|p| text(p, "ServiceId"));
    let Some(id) = inside.or_else(|| scene.about(kind, answer, &["ServiceId"])) else { return };
    let principals: Vec<String> =
        list(answer, "AllowedPrincipals").iter().filter_map(|p| text(p, "Principal")).collect();
    if let Some(draft) = scene.part(kind, &id) {
        draft.set("allowed_principals", json!(principals));
    }
}

/// The connections of all services of the account, so that a service without any has none.
fn endpoint_connections(scene: &mut Scene<'_>, answer: &Value) {
    let kind = "aws.ec2.vpc_endpoint_service";
    let shape = crate::model::vpc_edge::VpcEndpointConnection::SHAPE;
    let services: Vec<String> = scene
        .store
        .drafts
        .iter()
        .filter(|(key, _)| {
            key.kind == kind
                && key.account == scene.place.account
                && key.region == scene.place.region
        })
        .map(|(key, _)| key.id.clone())
        .collect();
    for id in services {
        let own: Vec<Value> = list(answer, "VpcEndpointConnections")
            .iter()
            .filter(|c| text(c, "ServiceId").as_deref() == Some(&id))
            .map(|c| {
                let mut fields = reshape::fields(shape, c, Plan { from: &[], skip: &[] });
                if let Some(Value::String(state)) = fields.get_mut("vpc_endpoint_state") {
                    *state = lower_first(state);
                }
                Value::Object(fields)
            })
            .collect();
        if let Some(draft) = scene.part(kind, &id) {
            draft.set("connections", Value::Array(own));
        }
    }
}

fn block_options(scene: &mut Scene<'_>, answer: &Value) {
    let Some(options) = answer.get("VpcBlockPublicAccessOptions") else { return };
    let mut options = options.clone();
    if let Some(map) = options.as_object_mut() {
        let account = scene.place.account.as_str().to_owned();
        map.insert("AwsAccountId".to_owned(), Value::String(account));
    }
    scene.put(&BLOCK_OPTIONS, &options);
}
