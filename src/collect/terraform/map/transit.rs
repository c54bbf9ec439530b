//! Transit gateways: attachments, route tables, associations, propagations and routes.
//!
//! What a VPC announces follows from its prefixes and the propagations; a plan states neither routes that are
//! propagated nor that they are. Whoever analyses a table takes them from there.

use super::Table;
use super::kit::{
    self, PART, account, below_planned, ec2, is_open, is_silent, later, made, map, own, word,
};
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::Tree;
use crate::model::change::{Sketch, Whole};

const GATEWAY: &str = "aws.ec2.transit_gateway";
const ATTACHMENT: &str = "aws.ec2.transit_gateway_attachment";
const ROUTES: &str = "aws.ec2.transit_gateway_route_table";
const ATTACHMENT_ARN: &str =
    "arn:{partition}:ec2:{region}:{account}:transit-gateway-attachment/{id}";

/// The tables a gateway comes with, where it is not told to go without.
const DEFAULT_ASSOCIATION: &str = "association_default_route_table_id";
const DEFAULT_PROPAGATION: &str = "propagation_default_route_table_id";

pub(super) const TABLE: Table = &[
    (
        "aws_ec2_transit_gateway",
        Handle {
            id: &["id"],
            arn: "arn:{partition}:ec2:{region}:{account}:transit-gateway/{id}",
            // One table is both.
            made: &[
                "association_default_route_table_id",
                "propagation_default_route_table_id=association_default_route_table_id",
            ],
        },
        gateway,
    ),
    ("aws_ec2_transit_gateway_vpc_attachment", ec2(ATTACHMENT_ARN), vpc_attachment),
    ("aws_ec2_transit_gateway_vpc_attachment_accepter", PART, accepter),
    ("aws_ec2_transit_gateway_peering_attachment", ec2(ATTACHMENT_ARN), peering),
    ("aws_ec2_transit_gateway_peering_attachment_accepter", PART, accepter),
    ("aws_ec2_transit_gateway_connect", ec2(ATTACHMENT_ARN), connect),
    (
        "aws_ec2_transit_gateway_route_table",
        ec2("arn:{partition}:ec2:{region}:{account}:transit-gateway-route-table/{id}"),
        route_table,
    ),
    ("aws_ec2_transit_gateway_route", PART, route),
    ("aws_ec2_transit_gateway_route_table_association", PART, association),
    ("aws_ec2_transit_gateway_route_table_propagation", PART, propagation),
    ("aws_ec2_transit_gateway_default_route_table_association", PART, default_association),
    ("aws_ec2_transit_gateway_default_route_table_propagation", PART, default_propagation),
    ("aws_ec2_transit_gateway_prefix_list_reference", PART, prefix_list),
];

fn gateway<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[("state", ""), ("encryption_support_state", "")];
    let after = ["creation_time", "encryption_support_state"];
    let Some(mut draft) = kit::draft(thing, GATEWAY, "", FROM, &after) else { return };
    kit::fill(&mut draft, [("owner_id", account(thing)), ("state", word("available"))]);
    if thing.fresh {
        kit::fill(
            &mut draft,
            [
                ("amazon_side_asn", Tree::Int(64512)),
                ("auto_accept_shared_attachments", word("disable")),
                ("default_route_table_association", word("enable")),
                ("default_route_table_propagation", word("enable")),
                ("vpn_ecmp_support", word("enable")),
                ("dns_support", word("enable")),
                ("security_group_referencing_support", word("disable")),
                ("multicast_support", word("disable")),
            ],
        );
        default_table(thing, &mut draft, sketch);
    }
    sketch.state(draft);
}

/// The table that a gateway comes with.
fn default_table<'a>(
    thing: &Thing<'a>,
    draft: &mut crate::model::change::Draft<'a>,
    sketch: &mut Sketch<'a>,
) {
    let Some(id) = made(thing, DEFAULT_ASSOCIATION) else { return };
    let enabled = |draft: &crate::model::change::Draft<'a>, field: &str| {
        draft.fields.member(field).as_str() == Some("enable")
    };
    let associates = enabled(draft, "default_route_table_association");
    let propagates = enabled(draft, "default_route_table_propagation");
    for (field, on) in [(DEFAULT_ASSOCIATION, associates), (DEFAULT_PROPAGATION, propagates)] {
        kit::set(draft, field, if on { own(&*id) } else { Tree::Null });
    }
    if !associates && !propagates {
        return;
    }
    let fields = map([
        ("transit_gateway_id", own(&*thing.id)),
        ("state", word("available")),
        ("default_association_route_table", Tree::Bool(associates)),
        ("default_propagation_route_table", Tree::Bool(propagates)),
        ("creation_time", later()),
        ("routes", Tree::List(Vec::new())),
        ("prefix_list_references", Tree::List(Vec::new())),
        ("associations", Tree::List(Vec::new())),
        ("propagations", Tree::List(Vec::new())),
        ("associated_attachment_ids", Tree::List(Vec::new())),
        ("propagating_attachment_ids", Tree::List(Vec::new())),
    ]);
    let table = kit::implied(thing, ROUTES, id, fields);
    if let Some(table) = table {
        sketch.state(table);
    }
}

/// What is attached: kind and id.
struct Attached<'a> {
    kind: &'static str,
    id: Tree<'a>,
    owner: Tree<'a>,
}

fn vpc_attachment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let attached = Attached {
        kind: "vpc",
        id: thing.at("vpc_id").into_owned(),
        owner: kit::or(&thing.at("vpc_owner_id"), account(thing)),
    };
    let option = |path: &str, default| kit::or(&thing.at(path), word(default));
    let vpc = map([
        ("vpc_id", thing.at("vpc_id").into_owned()),
        ("subnet_ids", thing.at("subnet_ids").into_owned()),
        ("dns_support", option("dns_support", "enable")),
        ("ipv6_support", option("ipv6_support", "disable")),
        ("appliance_mode_support", option("appliance_mode_support", "disable")),
        (
            "security_group_referencing_support",
            kit::or(&thing.at("security_group_referencing_support"), later()),
        ),
    ]);
    attachment(thing, sketch, attached, &[("vpc", vpc)]);
}

fn peering<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let attached = Attached {
        kind: "peering",
        id: thing.at("peer_transit_gateway_id").into_owned(),
        owner: kit::or(&thing.at("peer_account_id"), account(thing)),
    };
    let peer = |gateway: &str, owner: Tree<'a>, region: Tree<'a>| {
        map([
            ("transit_gateway_id", thing.at(gateway).into_owned()),
            ("core_network_id", Tree::Null),
            ("owner_id", owner),
            ("region", region),
        ])
    };
    let dynamic = kit::or(&thing.at("options.dynamic_routing"), Tree::Null);
    let here = own(thing.place.region.as_str());
    let made = map([
        ("requester", peer("transit_gateway_id", account(thing), here)),
        (
            "accepter",
            peer(
                "peer_transit_gateway_id",
                attached.owner.clone(),
                thing.at("peer_region").into_owned(),
            ),
        ),
        ("accepter_transit_gateway_attachment_id", later()),
        ("dynamic_routing", dynamic),
        ("status_code", later()),
    ]);
    attachment(thing, sketch, attached, &[("peering", made)]);
}

fn connect<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let carrier = thing.at("transport_attachment_id").into_owned();
    let attached = Attached { kind: "connect", id: carrier.clone(), owner: account(thing) };
    attachment(thing, sketch, attached, &[("transport_transit_gateway_attachment_id", carrier)]);
}

fn attachment<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    attached: Attached<'a>,
    own_fields: &[(&'static str, Tree<'a>)],
) {
    const FROM: &[shape::From] = &[
        ("vpc", ""),
        ("peering", ""),
        ("transport_transit_gateway_attachment_id", ""),
        ("resource_type", ""),
        ("resource_id", ""),
        ("resource_owner_id", ""),
        ("association_route_table_id", ""),
        ("association_state", ""),
    ];
    let Some(mut draft) = kit::draft(thing, ATTACHMENT, "", FROM, &["creation_time"]) else {
        return;
    };
    let accepted = attached.kind != "peering";
    kit::set(&mut draft, "resource_type", word(attached.kind));
    kit::set(&mut draft, "resource_id", attached.id.clone());
    kit::set(&mut draft, "resource_owner_id", attached.owner);
    for absent in ["vpc", "peering", "transport_transit_gateway_attachment_id"] {
        kit::set(&mut draft, absent, Tree::Null);
    }
    for (field, value) in own_fields {
        kit::set(&mut draft, field, value.clone());
    }
    if thing.fresh {
        let state = if accepted { word("available") } else { word("pendingAcceptance") };
        kit::fill(&mut draft, [("state", state), ("transit_gateway_owner_id", account(thing))]);
        kit::set(&mut draft, "association_route_table_id", Tree::Null);
        kit::set(&mut draft, "association_state", Tree::Null);
    } else {
        kit::fill(&mut draft, [("state", word("available"))]);
    }
    sketch.state(draft);
    if thing.fresh && attached.kind != "peering" {
        by_default(thing, sketch, &attached.id, attached.kind);
    }
}

/// A new attachment joins the default tables, where its gateway is known to have some and nothing is said against it.
pub(super) fn by_default<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    resource: &Tree<'a>,
    kind: &'static str,
) {
    let wanted = |path: &str| match &*thing.at(path) {
        silent if is_silent(silent) => Some(true),
        Tree::Unknown(_) => None,
        flag => flag.as_bool(),
    };
    let gateway = thing.at("transit_gateway_id");
    let links = [
        ("transit_gateway_default_route_table_association", DEFAULT_ASSOCIATION, true),
        ("transit_gateway_default_route_table_propagation", DEFAULT_ASSOCIATION, false),
    ];
    for (path, table, associates) in links {
        let table = below_planned(&gateway, table).map(Whole::Id);
        // An existing gateway may have any default.
        let Some(table) = table.filter(|_| wanted(path) == Some(true)) else {
            if wanted(path) != Some(false) && associates {
                for field in ["association_route_table_id", "association_state"] {
                    kit::value(
                        thing,
                        sketch,
                        (ATTACHMENT, Whole::Id(thing.id.to_string()), field),
                        later(),
                    );
                }
            }
            continue;
        };
        let joins =
            Link { attachment: own(&*thing.id), resource: resource.clone(), kind: word(kind) };
        join(thing, sketch, table, joins, associates);
    }
}

/// An attachment that joins a table.
struct Link<'a> {
    attachment: Tree<'a>,
    resource: Tree<'a>,
    kind: Tree<'a>,
}

fn join<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    table: Whole,
    link: Link<'a>,
    associates: bool,
) {
    let (list, ids, state) = if associates {
        ("associations", "associated_attachment_ids", "associated")
    } else {
        ("propagations", "propagating_attachment_ids", "enabled")
    };
    if associates {
        let id = match &table {
            Whole::Id(id) => own(id.clone()),
            Whole::Unknown(cause) => Tree::Unknown(cause.clone()),
            Whole::OneOf(_) => later(),
        };
        let at = |field| (ATTACHMENT, kit::whole_of(&link.attachment), field);
        kit::value(thing, sketch, at("association_route_table_id"), id);
        kit::value(thing, sketch, at("association_state"), word("associated"));
    }
    let value = map([
        ("transit_gateway_attachment_id", link.attachment.clone()),
        ("resource_id", link.resource),
        ("resource_type", link.kind),
        ("state", word(state)),
    ]);
    kit::element(thing, sketch, (ROUTES, table.clone(), list), value);
    kit::element(thing, sketch, (ROUTES, table, ids), link.attachment);
}

/// The other side's yes.
fn accepter<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let whole = thing.whole("transit_gateway_attachment_id");
    kit::value(thing, sketch, (ATTACHMENT, whole, "state"), word("available"));
}

fn route_table<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("state", ""),
        ("routes", ""),
        ("prefix_list_references", ""),
        ("associations", ""),
        ("propagations", ""),
        ("associated_attachment_ids", ""),
        ("propagating_attachment_ids", ""),
    ];
    let Some(mut draft) = kit::draft(thing, ROUTES, "", FROM, &["creation_time"]) else { return };
    kit::fill(&mut draft, [("state", word("available"))]);
    if thing.fresh {
        kit::fill(
            &mut draft,
            [
                ("default_association_route_table", Tree::Bool(false)),
                ("default_propagation_route_table", Tree::Bool(false)),
            ],
        );
        for (list, _) in FROM.iter().filter(|(name, _)| *name != "state") {
            kit::set(&mut draft, list, Tree::List(Vec::new()));
        }
    }
    sketch.state(draft);
}

fn route<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let attachment = thing.at("transit_gateway_attachment_id");
    let blackhole = thing.at("blackhole").as_bool() == Some(true);
    let target = map([
        ("transit_gateway_attachment_id", attachment.clone().into_owned()),
        ("resource_id", later()),
        ("resource_type", later()),
    ]);
    let targets = if blackhole || is_silent(&attachment) { Vec::new() } else { vec![target] };
    let value = map([
        ("destination_cidr_block", kit::prefix(&thing.at("destination_cidr_block"))),
        ("prefix_list_id", Tree::Null),
        ("route_type", word("static")),
        ("state", word(if blackhole { "blackhole" } else { "active" })),
        ("attachments", Tree::List(targets)),
        ("transit_gateway_route_table_announcement_id", Tree::Null),
    ]);
    let table = thing.whole("transit_gateway_route_table_id");
    kit::element(thing, sketch, (ROUTES, table, "routes"), value);
}

fn association<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    joins(thing, sketch, true);
}

fn propagation<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    joins(thing, sketch, false);
}

fn joins<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, associates: bool) {
    let told = |path: &str| kit::or(&thing.at(path), later());
    let link = Link {
        attachment: thing.at("transit_gateway_attachment_id").into_owned(),
        resource: told("resource_id"),
        kind: told("resource_type"),
    };
    join(thing, sketch, thing.whole("transit_gateway_route_table_id"), link, associates);
}

fn default_association<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    defaults(thing, sketch, DEFAULT_ASSOCIATION, "default_association_route_table");
}

fn default_propagation<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    defaults(thing, sketch, DEFAULT_PROPAGATION, "default_propagation_route_table");
}

/// Makes a table the default one of its gateway.
fn defaults<'a>(
    thing: &Thing<'a>,
    sketch: &mut Sketch<'a>,
    field: &'static str,
    flag: &'static str,
) {
    let table = thing.at("transit_gateway_route_table_id").into_owned();
    let whole = kit::whole_of(&table);
    kit::value(thing, sketch, (GATEWAY, thing.whole("transit_gateway_id"), field), table);
    kit::value(thing, sketch, (ROUTES, whole, flag), Tree::Bool(true));
}

fn prefix_list<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let blackhole = thing.at("blackhole");
    let attachment = thing.at("transit_gateway_attachment_id");
    let owner = kit::or(&thing.at("prefix_list_owner_id"), later());
    let value = map([
        ("prefix_list_id", thing.at("prefix_list_id").into_owned()),
        ("prefix_list_owner_id", owner),
        ("state", word("available")),
        (
            "blackhole",
            match &*blackhole {
                open if is_open(open) => Tree::Bool(false),
                Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
                flag => Tree::Bool(flag.as_bool() == Some(true)),
            },
        ),
        ("transit_gateway_attachment_id", kit::stated(&attachment)),
    ]);
    let table = thing.whole("transit_gateway_route_table_id");
    kit::element(thing, sketch, (ROUTES, table, "prefix_list_references"), value);
}
