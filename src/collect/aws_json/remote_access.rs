//! Answers of EC2 about VPN connections, Client VPN and Instance Connect.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::forms::Form;
use super::reshape::{self, list, text};
use super::scene::Scene;
use super::store::Spec;
use super::vpc::{plain, set_list};
use crate::model::reflect::Shape;
use crate::model::remote_access::{
    ClientVpnAuthorizationRule, ClientVpnRoute, ClientVpnTargetNetwork,
};

const ENDPOINT: &str = "aws.ec2.client_vpn_endpoint";
const TARGETS: &str = "ec2:DescribeClientVpnTargetNetworks";
const RULES: &str = "ec2:DescribeClientVpnAuthorizationRules";
const ROUTES: &str = "ec2:DescribeClientVpnRoutes";

pub(super) const FORMS: &[Form] = &[
    Form::list("VpnConnections", "ec2:DescribeVpnConnections", &VPN_CONNECTION),
    Form::list("ClientVpnEndpoints", "ec2:DescribeClientVpnEndpoints", &CLIENT_VPN_ENDPOINT),
    Form::later("ClientVpnTargetNetworks", TARGETS, target_networks),
    Form::later("AuthorizationRules", RULES, authorization_rules),
    Form::later("Routes", ROUTES, routes).has(&["ClientVpnEndpointId"]),
    Form::list(
        "InstanceConnectEndpoints",
        "ec2:DescribeInstanceConnectEndpoints",
        &INSTANCE_CONNECT_ENDPOINT,
    )
    .arn("InstanceConnectEndpointArn"),
];

// `CustomerGatewayConfiguration` holds the keys of the tunnels: the model has no place for it.
static VPN_CONNECTION: Spec = plain(
    "aws.ec2.vpn_connection",
    "VpnConnectionId",
    &[
        ("static_routes_only", "Options.StaticRoutesOnly"),
        ("local_ipv4_network_cidr", "Options.LocalIpv4NetworkCidr"),
        ("remote_ipv4_network_cidr", "Options.RemoteIpv4NetworkCidr"),
        ("local_ipv6_network_cidr", "Options.LocalIpv6NetworkCidr"),
        ("remote_ipv6_network_cidr", "Options.RemoteIpv6NetworkCidr"),
        ("tunnels", "VgwTelemetry"),
    ],
);

static CLIENT_VPN_ENDPOINT: Spec = Spec {
    apart: &[
        ("target_networks", TARGETS),
        ("subnet_ids", TARGETS),
        ("authorization_rules", RULES),
        ("routes", ROUTES),
    ],
    ..plain(
        ENDPOINT,
        "ClientVpnEndpointId",
        &[
            ("status", "Status.Code"),
            ("authentication_types", "AuthenticationOptions[].Type"),
            ("connection_log_enabled", "ConnectionLogOptions.Enabled"),
        ],
    )
};

static INSTANCE_CONNECT_ENDPOINT: Spec = Spec {
    arn: "InstanceConnectEndpointArn",
    ..plain("aws.ec2.instance_connect_endpoint", "InstanceConnectEndpointId", &[])
};

/// Sets a list whose items name their endpoint.
fn parts(
    scene: &mut Scene<'_>,
    answer: &Value,
    member: &str,
    field: &str,
    shape: &Shape,
    from: &[reshape::From],
) -> BTreeSet<String> {
    let mut ids: BTreeSet<String> =
        list(answer, member).iter().filter_map(|item| text(item, "ClientVpnEndpointId")).collect();
    if ids.is_empty() {
        ids.extend(scene.about(ENDPOINT, answer, &["ClientVpnEndpointId"]));
    }
    let mut by_id: BTreeMap<&String, Value> =
        ids.iter().map(|id| (id, Value::Object(Map::new()))).collect();
    for (id, part) in &mut by_id {
        let own =
            |item: &&Value| text(item, "ClientVpnEndpointId").is_none_or(|named| named == **id);
        let items: Vec<&Value> = list(answer, member).iter().filter(own).collect();
        let mut one = answer.clone();
        if let Some(map) = one.as_object_mut() {
            map.insert(member.to_owned(), json!(items));
        }
        *part = one;
    }
    for (id, part) in by_id {
        set_list(scene, ENDPOINT, id, field, shape, &part, member, from);
    }
    ids
}

fn target_networks(scene: &mut Scene<'_>, answer: &Value) {
    const FROM: &[reshape::From] = &[
        ("subnet_id", "TargetNetworkId"),
        ("status", "Status.Code"),
        ("security_group_ids", "SecurityGroups"),
    ];
    let shape = ClientVpnTargetNetwork::SHAPE;
    let ids = parts(scene, answer, "ClientVpnTargetNetworks", "target_networks", shape, FROM);
    for id in ids {
        let Some(draft) = scene.part(ENDPOINT, &id) else { continue };
        let Some(networks) = draft.fields.get("target_networks").and_then(Value::as_array) else {
            continue;
        };
        let mut subnets: Vec<String> = networks
            .iter()
            .filter(|network| text(network, "status").as_deref() == Some("associated"))
            .filter_map(|network| text(network, "subnet_id"))
            .collect();
        subnets.sort_unstable();
        draft.set("subnet_ids", json!(subnets));
    }
}

fn authorization_rules(scene: &mut Scene<'_>, answer: &Value) {
    const FROM: &[reshape::From] = &[("status", "Status.Code")];
    let shape = ClientVpnAuthorizationRule::SHAPE;
    parts(scene, answer, "AuthorizationRules", "authorization_rules", shape, FROM);
}

fn routes(scene: &mut Scene<'_>, answer: &Value) {
    const FROM: &[reshape::From] = &[
        ("status", "Status.Code"),
        ("target_subnet_id", "TargetSubnet"),
        ("route_origin", "Origin"),
    ];
    parts(scene, answer, "Routes", "routes", ClientVpnRoute::SHAPE, FROM);
}
