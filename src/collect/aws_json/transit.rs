//! Answers of EC2 about transit gateways, and what a dump of them implies without printing it.
//!
//! Associations stand on the attachments as well. Propagated routes follow from the propagations: a VPC attachment
//! announces the prefixes of its VPC. Where another kind of attachment propagates, only AWS knows the routes: a list of
//! static ones then gets one more whose destination is unknown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::forms::Form;
use super::reshape::{self, Plan, is_unknown, list, text, unknown};
use super::scene::Scene;
use super::store::{Key, Spec, Store};
use super::vpc::{plain, set_list};
use crate::model::attr::CauseKind;

pub(super) const FORMS: &[Form] = &[
    Form::list("TransitGateways", "ec2:DescribeTransitGateways", &TRANSIT_GATEWAY)
        .arn("TransitGatewayArn"),
    Form::list(
        "TransitGatewayAttachments",
        "ec2:DescribeTransitGatewayAttachments",
        &TGW_ATTACHMENT,
    ),
    Form::answer(
        "TransitGatewayVpcAttachments",
        "ec2:DescribeTransitGatewayVpcAttachments",
        &["aws.ec2.transit_gateway_attachment"],
        tgw_vpc_attachments,
    )
    .part("attachments of VPCs only"),
    Form::answer(
        "TransitGatewayPeeringAttachments",
        "ec2:DescribeTransitGatewayPeeringAttachments",
        &["aws.ec2.transit_gateway_attachment"],
        tgw_peerings,
    )
    .part("peerings only"),
    Form::later("TransitGatewayConnects", "ec2:DescribeTransitGatewayConnects", tgw_connects),
    Form::list(
        "TransitGatewayRouteTables",
        "ec2:DescribeTransitGatewayRouteTables",
        &TGW_ROUTE_TABLE,
    ),
    Form::later("Routes", "ec2:SearchTransitGatewayRoutes", tgw_routes).has(&[
        "TransitGatewayAttachments",
        "PrefixListId",
        "/AdditionalRoutesAvailable",
    ]),
    Form::later("Associations", "ec2:GetTransitGatewayRouteTableAssociations", tgw_associations)
        .has(&["TransitGatewayAttachmentId"]),
    Form::later(
        "TransitGatewayRouteTablePropagations",
        "ec2:GetTransitGatewayRouteTablePropagations",
        tgw_propagations,
    ),
    Form::later(
        "TransitGatewayPrefixListReferences",
        "ec2:GetTransitGatewayPrefixListReferences",
        tgw_prefix_lists,
    ),
    // Lists of such answers that have no answer in them.
    Form::wrapper("TransitGatewayPropagations"),
    Form::wrapper("TransitGatewayStaticRoutes"),
];

const TABLE: &str = "aws.ec2.transit_gateway_route_table";
const ATTACHMENT: &str = "aws.ec2.transit_gateway_attachment";

static TRANSIT_GATEWAY: Spec = Spec {
    arn: "TransitGatewayArn",
    ..plain(
        "aws.ec2.transit_gateway",
        "TransitGatewayId",
        &[
            ("amazon_side_asn", "Options.AmazonSideAsn"),
            ("transit_gateway_cidr_blocks", "Options.TransitGatewayCidrBlocks"),
            ("auto_accept_shared_attachments", "Options.AutoAcceptSharedAttachments"),
            ("default_route_table_association", "Options.DefaultRouteTableAssociation"),
            ("association_default_route_table_id", "Options.AssociationDefaultRouteTableId"),
            ("default_route_table_propagation", "Options.DefaultRouteTablePropagation"),
            ("propagation_default_route_table_id", "Options.PropagationDefaultRouteTableId"),
            ("vpn_ecmp_support", "Options.VpnEcmpSupport"),
            ("dns_support", "Options.DnsSupport"),
            ("security_group_referencing_support", "Options.SecurityGroupReferencingSupport"),
            ("multicast_support", "Options.MulticastSupport"),
            ("encryption_support_state", "Options.EncryptionSupport.EncryptionState"),
        ],
    )
};

static TGW_ATTACHMENT: Spec = Spec {
    apart: &[
        ("vpc", "ec2:DescribeTransitGatewayVpcAttachments"),
        ("peering", "ec2:DescribeTransitGatewayPeeringAttachments"),
        ("transport_transit_gateway_attachment_id", "ec2:DescribeTransitGatewayConnects"),
    ],
    fix: attachment_kind,
    ..plain(
        "aws.ec2.transit_gateway_attachment",
        "TransitGatewayAttachmentId",
        &[
            ("association_route_table_id", "Association.TransitGatewayRouteTableId"),
            ("association_state", "Association.State"),
        ],
    )
};

static TGW_VPC_ATTACHMENT: Spec = Spec {
    apart: &[
        ("transit_gateway_owner_id", "ec2:DescribeTransitGatewayAttachments"),
        ("association_route_table_id", "ec2:DescribeTransitGatewayAttachments"),
        ("association_state", "ec2:DescribeTransitGatewayAttachments"),
    ],
    ..plain(
        "aws.ec2.transit_gateway_attachment",
        "TransitGatewayAttachmentId",
        &[("resource_type", "=vpc"), ("resource_id", "VpcId"), ("resource_owner_id", "VpcOwnerId")],
    )
};

static TGW_PEERING: Spec = Spec {
    apart: &[
        ("resource_id", "ec2:DescribeTransitGatewayAttachments"),
        ("resource_owner_id", "ec2:DescribeTransitGatewayAttachments"),
        ("transit_gateway_owner_id", "ec2:DescribeTransitGatewayAttachments"),
        ("association_route_table_id", "ec2:DescribeTransitGatewayAttachments"),
        ("association_state", "ec2:DescribeTransitGatewayAttachments"),
    ],
    ..plain(
        "aws.ec2.transit_gateway_attachment",
        "TransitGatewayAttachmentId",
        &[("resource_type", "=peering")],
    )
};

static TGW_ROUTE_TABLE: Spec = Spec {
    apart: &[
        ("routes", "ec2:SearchTransitGatewayRoutes"),
        ("prefix_list_references", "ec2:GetTransitGatewayPrefixListReferences"),
        ("associations", "ec2:GetTransitGatewayRouteTableAssociations"),
        ("propagations", "ec2:GetTransitGatewayRouteTablePropagations"),
        ("associated_attachment_ids", "ec2:GetTransitGatewayRouteTableAssociations"),
        ("propagating_attachment_ids", "ec2:GetTransitGatewayRouteTablePropagations"),
    ],
    ..plain("aws.ec2.transit_gateway_route_table", "TransitGatewayRouteTableId", &[])
};

/// An attachment has only what its kind has.
fn attachment_kind(item: &Value, fields: &mut Map<String, Value>) {
    for (kind, field) in [
        ("vpc", "vpc"),
        ("peering", "peering"),
        ("connect", "transport_transit_gateway_attachment_id"),
    ] {
        if text(item, "ResourceType").is_some_and(|found| found != kind) {
            fields.insert(field.to_owned(), Value::Null);
        }
    }
}

fn tgw_vpc_attachments(scene: &mut Scene<'_>, answer: &Value) {
    const FROM: &[reshape::From] = &[
        ("dns_support", "Options.DnsSupport"),
        ("security_group_referencing_support", "Options.SecurityGroupReferencingSupport"),
        ("ipv6_support", "Options.Ipv6Support"),
        ("appliance_mode_support", "Options.ApplianceModeSupport"),
    ];
    let shape = crate::model::tgw::TransitGatewayVpcAttachment::SHAPE;
    for item in list(answer, "TransitGatewayVpcAttachments") {
        let made = reshape::fields(shape, item, Plan { from: FROM, skip: &[] });
        if let Some(draft) = scene.put(&TGW_VPC_ATTACHMENT, item) {
            // The list that has all kinds may have left this open, or said nothing of it.
            draft.fields.insert("vpc".to_owned(), Value::Object(made));
        }
    }
}

fn tgw_peerings(scene: &mut Scene<'_>, answer: &Value) {
    const FROM: &[reshape::From] = &[
        ("requester", "RequesterTgwInfo"),
        ("accepter", "AccepterTgwInfo"),
        ("dynamic_routing", "Options.DynamicRouting"),
        ("status_code", "Status.Code"),
    ];
    let shape = crate::model::tgw::TransitGatewayPeering::SHAPE;
    for item in list(answer, "TransitGatewayPeeringAttachments") {
        let made = reshape::fields(shape, item, Plan { from: FROM, skip: &[] });
        // The gateway on this side: the one that is of this account and region.
        let own = ["RequesterTgwInfo", "AccepterTgwInfo"].iter().find_map(|side| {
            let info = item.get(side)?;
            let here = text(info, "OwnerId").as_deref() == Some(scene.place.account.as_str())
                && text(info, "Region").as_deref() == Some(scene.place.region.as_str());
            here.then(|| text(info, "TransitGatewayId")).flatten()
        });
        if let Some(draft) = scene.put(&TGW_PEERING, item) {
            draft.fields.insert("peering".to_owned(), Value::Object(made));
            if let Some(gateway) = own {
                draft.set("transit_gateway_id", Value::String(gateway));
            }
        }
    }
}

fn tgw_connects(scene: &mut Scene<'_>, answer: &Value) {
    for item in list(answer, "TransitGatewayConnects") {
        let (Some(id), Some(carrier)) = (
            text(item, "TransitGatewayAttachmentId"),
            text(item, "TransportTransitGatewayAttachmentId"),
        ) else {
            continue;
        };
        if let Some(draft) = scene.part("aws.ec2.transit_gateway_attachment", &id) {
            draft.set("transport_transit_gateway_attachment_id", Value::String(carrier));
        }
    }
}

fn tgw_routes(scene: &mut Scene<'_>, answer: &Value) {
    const FROM: &[reshape::From] =
        &[("route_type", "Type"), ("attachments", "TransitGatewayAttachments")];
    let Some(id) = scene.about(TABLE, answer, &["TransitGatewayRouteTableId"]) else { return };
    let mut answer = answer.clone();
    if answer.get("AdditionalRoutesAvailable") == Some(&Value::Bool(true))
        && let Some(map) = answer.as_object_mut()
    {
        map.insert("IsTruncated".to_owned(), Value::Bool(true));
    }
    let shape = crate::model::tgw::TransitGatewayRoute::SHAPE;
    set_list(scene, TABLE, &id, "routes", shape, &answer, "Routes", FROM);
    if scene.wrapper.as_deref() == Some("TransitGatewayStaticRoutes")
        && let Some(key) = Store::key(TABLE, &scene.place, &id)
    {
        scene.store.static_only.push(key);
    }
}

fn tgw_associations(scene: &mut Scene<'_>, answer: &Value) {
    let Some(id) = scene.about(TABLE, answer, &["TransitGatewayRouteTableId"]) else { return };
    links(scene, &id, answer, "Associations", "associations", "associated_attachment_ids");
}

fn tgw_propagations(scene: &mut Scene<'_>, answer: &Value) {
    let Some(id) = scene.about(TABLE, answer, &["TransitGatewayRouteTableId"]) else { return };
    let member = "TransitGatewayRouteTablePropagations";
    links(scene, &id, answer, member, "propagations", "propagating_attachment_ids");
}

fn links(scene: &mut Scene<'_>, id: &str, answer: &Value, member: &str, field: &str, ids: &str) {
    let shape = crate::model::tgw::TransitGatewayTableLink::SHAPE;
    set_list(scene, TABLE, id, field, shape, answer, member, &[]);
    let attachments: Vec<String> =
        list(answer, member).iter().filter_map(|l| text(l, "TransitGatewayAttachmentId")).collect();
    let cut = super::cut_off(answer);
    if let Some(draft) = scene.part(TABLE, id) {
        match cut {
            Some(why) => {
                draft.set(ids, reshape::unknown(CauseKind::Failed, why));
            }
            None => draft.set(ids, json!(attachments)),
        }
    }
}

fn tgw_prefix_lists(scene: &mut Scene<'_>, answer: &Value) {
    const FROM: &[reshape::From] =
        &[("transit_gateway_attachment_id", "TransitGatewayAttachment.TransitGatewayAttachmentId")];
    let member = "TransitGatewayPrefixListReferences";
    let inside = list(answer, member).iter().find_map(|r| text(r, "TransitGatewayRouteTableId"));
    let Some(id) = inside.or_else(|| scene.about(TABLE, answer, &["TransitGatewayRouteTableId"]))
    else {
        return;
    };
    let shape = crate::model::tgw::TransitGatewayPrefixListReference::SHAPE;
    set_list(scene, TABLE, &id, "prefix_list_references", shape, answer, member, FROM);
}

/// Completes the route tables of transit gateways.
pub(super) fn complete(store: &mut Store) {
    let tables: Vec<Key> = store.drafts.keys().filter(|key| key.kind == TABLE).cloned().collect();
    let vpcs = prefixes_of_vpcs(store);
    let static_only: BTreeSet<Key> = std::mem::take(&mut store.static_only).into_iter().collect();
    for key in tables {
        associations(store, &key);
        propagated(store, &key, &vpcs, static_only.contains(&key));
    }
}

/// The associated prefixes of every VPC in the dump, whichever account listed it.
fn prefixes_of_vpcs(store: &Store) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (key, draft) in store.drafts.iter().filter(|(key, _)| key.kind == "aws.ec2.vpc") {
        let all = out.entry(key.id.clone()).or_default();
        all.extend(draft.text("cidr_block").map(str::to_owned));
        for field in ["cidr_block_associations", "ipv6_cidr_block_associations"] {
            let items = draft.fields.get(field).and_then(Value::as_array);
            for item in items.into_iter().flatten() {
                if text(item, "state").is_none_or(|state| state == "associated") {
                    all.extend(text(item, "cidr_block"));
                }
            }
        }
    }
    out.into_iter().map(|(id, set)| (id, set.into_iter().collect())).collect()
}

fn associations(store: &mut Store, key: &Key) {
    let open = store
        .drafts
        .get(key)
        .is_some_and(|draft| draft.fields.get("associations").is_none_or(is_unknown));
    if !open || !store.is_complete(ATTACHMENT, &key.account, &key.region) {
        return;
    }
    let mut links = Vec::new();
    for (other, draft) in &store.drafts {
        let same =
            other.kind == ATTACHMENT && other.account == key.account && other.region == key.region;
        if same && draft.text("association_route_table_id") == Some(&key.id) {
            links.push(json!({
                "transit_gateway_attachment_id": other.id,
                "resource_id": draft.text("resource_id"),
                "resource_type": draft.text("resource_type"),
                "state": draft.text("association_state").unwrap_or("associated"),
            }));
        }
    }
    let ids: Vec<Value> = links
        .iter()
        .filter_map(|link| link.get("transit_gateway_attachment_id").cloned())
        .collect();
    if let Some(draft) = store.drafts.get_mut(key) {
        draft.set("associations", Value::Array(links));
        draft.set("associated_attachment_ids", Value::Array(ids));
    }
}

fn propagated(
    store: &mut Store,
    key: &Key,
    vpcs: &BTreeMap<String, Vec<String>>,
    static_only: bool,
) {
    let Some(draft) = store.drafts.get(key) else { return };
    let Some(routes) = draft.fields.get("routes").and_then(Value::as_array) else { return };
    let known = draft.fields.get("propagations").filter(|value| !is_unknown(value));
    let (mut routes, mut doubt) = (routes.clone(), None);
    if known.is_none() {
        doubt = Some("propagations were not collected".to_owned());
    }
    let propagations: Vec<Value> =
        list(&Value::Object(draft.fields.clone()), "propagations").to_vec();
    for link in propagations.iter().filter(|link| text(link, "state").as_deref() == Some("enabled"))
    {
        let attachment = text(link, "transit_gateway_attachment_id").unwrap_or_default();
        let resource = text(link, "resource_id").unwrap_or_default();
        let live = store
            .drafts
            .iter()
            .find(|(other, _)| other.kind == ATTACHMENT && other.id == attachment);
        if live.and_then(|(_, draft)| draft.text("state")).is_some_and(|state| state != "available")
        {
            continue;
        }
        match (text(link, "resource_type").as_deref(), vpcs.get(&resource)) {
            (Some("vpc"), Some(prefixes)) => {
                for prefix in prefixes {
                    if !routes
                        .iter()
                        .any(|r| text(r, "destination_cidr_block").as_deref() == Some(prefix))
                    {
                        routes.push(route(prefix, &attachment, &resource));
                    }
                }
            }
            // Peerings propagate nothing unless routing is dynamic, which their static routes would show.
            (Some("peering"), _) => {}
            (kind, _) => {
                let kind = kind.unwrap_or("unknown");
                doubt = Some(format!("what the attachment {attachment} ({kind}) announces"));
            }
        }
    }
    if let Some(why) = doubt
        && static_only
    {
        let why = format!("only static routes were asked for, and not {why}");
        routes.push(unlisted(unknown(CauseKind::NotCollected, why)));
    }
    let made = Value::Array(routes);
    if let Some(draft) = store.drafts.get_mut(key) {
        draft.fields.insert("routes".to_owned(), made);
    }
}

/// A route that stands for all those that nobody listed.
fn unlisted(cause: Value) -> Value {
    let mut out = route("", "", "");
    if let Some(map) = out.as_object_mut() {
        map.insert("destination_cidr_block".to_owned(), cause.clone());
        map.insert("attachments".to_owned(), cause);
    }
    out
}

fn route(prefix: &str, attachment: &str, resource: &str) -> Value {
    json!({
        "destination_cidr_block": prefix,
        "prefix_list_id": null,
        "route_type": "propagated",
        "state": "active",
        "attachments": [{
            "transit_gateway_attachment_id": attachment,
            "resource_id": resource,
            "resource_type": "vpc",
        }],
        "transit_gateway_route_table_announcement_id": null,
    })
}
