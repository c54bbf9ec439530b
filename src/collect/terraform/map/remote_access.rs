//! VPN connections, Client VPN and Instance Connect endpoints.

use super::Table;
use super::kit::{
    self, PART, account, below, ec2, is_open, is_silent, later, map, own, prefix, word,
};
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::Tree;
use crate::model::change::Sketch;

const VPN: &str = "aws.ec2.vpn_connection";
const CLIENT: &str = "aws.ec2.client_vpn_endpoint";
const CONNECT: &str = "aws.ec2.instance_connect_endpoint";
const ATTACHMENT: &str = "aws.ec2.transit_gateway_attachment";

pub(super) const TABLE: Table = &[
    (
        "aws_vpn_connection",
        Handle {
            id: &["id"],
            arn: "arn:{partition}:ec2:{region}:{account}:vpn-connection/{id}",
            made: &["transit_gateway_attachment_id"],
        },
        vpn_connection,
    ),
    ("aws_vpn_connection_route", PART, vpn_route),
    (
        "aws_ec2_client_vpn_endpoint",
        ec2("arn:{partition}:ec2:{region}:{account}:client-vpn-endpoint/{id}"),
        client_vpn,
    ),
    ("aws_ec2_client_vpn_network_association", PART, client_network),
    ("aws_ec2_client_vpn_authorization_rule", PART, client_rule),
    ("aws_ec2_client_vpn_route", PART, client_route),
    (
        "aws_ec2_instance_connect_endpoint",
        ec2("arn:{partition}:ec2:{region}:{account}:instance-connect-endpoint/{id}"),
        instance_connect,
    ),
];

fn vpn_connection<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[("state", ""), ("tunnels", "")];
    let Some(mut draft) = kit::draft(thing, VPN, "", FROM, &["tunnels"]) else { return };
    kit::set(&mut draft, "state", word("available"));
    if thing.fresh {
        for field in ["vpn_gateway_id", "transit_gateway_id", "core_network_arn"] {
            if is_open(&draft.fields.member(field)) {
                kit::set(&mut draft, field, Tree::Null);
            }
        }
        let v6 = thing.at("tunnel_inside_ip_version").as_str() == Some("ipv6");
        let any = |on: bool, all: &'static str| if on { word(all) } else { Tree::Null };
        kit::fill(
            &mut draft,
            [
                ("static_routes_only", Tree::Bool(false)),
                ("local_ipv4_network_cidr", any(!v6, "0.0.0.0/0")),
                ("remote_ipv4_network_cidr", any(!v6, "0.0.0.0/0")),
                ("local_ipv6_network_cidr", any(v6, "::/0")),
                ("remote_ipv6_network_cidr", any(v6, "::/0")),
            ],
        );
        // Routes that are written down come as parts.
        kit::set(&mut draft, "routes", Tree::List(Vec::new()));
    }
    sketch.state(draft);
    transit_attachment(thing, sketch);
}

/// A connection to a transit gateway is an attachment as well.
fn transit_attachment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let gateway = thing.at("transit_gateway_id");
    if is_silent(&gateway) {
        return;
    }
    let Some(id) = kit::made(thing, "transit_gateway_attachment_id") else { return };
    let mut fields = map([
        ("transit_gateway_id", gateway.clone().into_owned()),
        ("resource_type", word("vpn")),
        ("resource_id", own(&*thing.id)),
        ("resource_owner_id", account(thing)),
        ("state", word("available")),
        ("vpc", Tree::Null),
        ("peering", Tree::Null),
        ("transport_transit_gateway_attachment_id", Tree::Null),
    ]);
    if thing.fresh {
        fields.set("transit_gateway_owner_id", account(thing));
        fields.set("creation_time", later());
        fields.set("association_route_table_id", Tree::Null);
        fields.set("association_state", Tree::Null);
    }
    let draft = kit::implied(thing, ATTACHMENT, id.clone(), fields);
    if let Some(draft) = draft {
        sketch.state(draft);
    }
    if thing.fresh {
        let mut attachment = thing.clone();
        attachment.id = id.into();
        super::transit::by_default(&attachment, sketch, &own(&*thing.id), "vpn");
    }
}

fn vpn_route<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let value = map([
        ("destination_cidr_block", prefix(&thing.at("destination_cidr_block"))),
        ("state", word("available")),
    ]);
    kit::element(thing, sketch, (VPN, thing.whole("vpn_connection_id"), "routes"), value);
}

fn client_vpn<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("status", ""),
        ("authentication_types", "authentication_options[].type"),
        ("connection_log_enabled", "connection_log_options.enabled"),
        ("target_networks", ""),
        ("subnet_ids", ""),
        ("authorization_rules", ""),
        ("routes", ""),
    ];
    let Some(mut draft) = kit::draft(thing, CLIENT, "", FROM, &["creation_time"]) else { return };
    if thing.fresh {
        if is_silent(&thing.at("vpc_id")) {
            kit::set(&mut draft, "vpc_id", Tree::Null);
        }
        if thing.at("self_service_portal").as_str() != Some("enabled") {
            kit::set(&mut draft, "self_service_portal_url", Tree::Null);
        }
        kit::fill(
            &mut draft,
            [
                ("status", word("pending-associate")),
                ("split_tunnel", Tree::Bool(false)),
                ("transport_protocol", word("udp")),
                ("vpn_port", Tree::Int(443)),
            ],
        );
        for list in ["target_networks", "subnet_ids", "authorization_rules", "routes"] {
            kit::set(&mut draft, list, Tree::List(Vec::new()));
        }
    }
    sketch.state(draft);
}

fn client_network<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let subnet = thing.at("subnet_id").into_owned();
    let at = |field| (CLIENT, thing.whole("client_vpn_endpoint_id"), field);
    let id = kit::or(&thing.at("association_id"), kit::or(&thing.at("id"), later()));
    let network = map([
        ("association_id", id),
        ("subnet_id", subnet.clone()),
        ("vpc_id", kit::or(&thing.at("vpc_id"), later())),
        ("status", word("associated")),
        ("security_group_ids", kit::or(&thing.at("security_groups"), later())),
    ]);
    kit::element(thing, sketch, at("target_networks"), network);
    kit::element(thing, sketch, at("subnet_ids"), subnet);
    kit::value(thing, sketch, at("status"), word("available"));
}

fn client_rule<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let all = match &*thing.at("authorize_all_groups") {
        open if is_silent(open) => Tree::Bool(false),
        all => all.clone(),
    };
    let value = map([
        ("destination_cidr", prefix(&thing.at("target_network_cidr"))),
        ("group_id", kit::stated(&thing.at("access_group_id"))),
        ("access_all", all),
        ("status", word("active")),
    ]);
    let endpoint = thing.whole("client_vpn_endpoint_id");
    kit::element(thing, sketch, (CLIENT, endpoint, "authorization_rules"), value);
}

fn client_route<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let value = map([
        ("destination_cidr", prefix(&thing.at("destination_cidr_block"))),
        ("target_subnet_id", thing.at("target_vpc_subnet_id").into_owned()),
        ("route_origin", word("add-route")),
        ("status", word("active")),
    ]);
    kit::element(thing, sketch, (CLIENT, thing.whole("client_vpn_endpoint_id"), "routes"), value);
}

fn instance_connect<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[("state", "")];
    let Some(mut draft) = kit::draft(thing, CONNECT, "", FROM, &["created_at", "vpc_id"]) else {
        return;
    };
    kit::fill(&mut draft, [("owner_id", account(thing)), ("state", word("create-complete"))]);
    if thing.fresh {
        kit::fill(&mut draft, [("preserve_client_ip", Tree::Bool(true))]);
        kit::fill(&mut draft, [("ip_address_type", word("ipv4"))]);
        let interface = below(&thing.id, "network_interface_id");
        let ids = Tree::List(vec![own(&*interface)]);
        kit::set(&mut draft, "network_interface_ids", ids);
        let mut fields = map([
            ("owner_id", account(thing)),
            ("subnet_id", thing.at("subnet_id").into_owned()),
            ("interface_type", word("ec2_instance_connect_endpoint")),
            ("description", own(format!("EC2 Instance Connect Endpoint {}", thing.id))),
            ("status", word("in-use")),
            ("requester_managed", Tree::Bool(true)),
            ("source_dest_check", Tree::Bool(true)),
            ("security_group_ids", thing.at("security_group_ids").into_owned()),
        ]);
        kit::bare_interface(&mut fields, &Tree::Null, Tree::Null);
        let made = kit::implied(thing, "aws.ec2.network_interface", interface, fields);
        if let Some(made) = made {
            sketch.state(made);
        }
    }
    sketch.state(draft);
}
