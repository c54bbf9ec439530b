//! Answers of services that lead into private networks without a public address there: Global Accelerator, CloudFront
//! VPC origins, VPC links of API Gateway, VPC Lattice.
//!
//! Their parts are asked for one by one and hang together by ids in ARNs; they are gathered until all files are read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::forms::Form;
use super::reshape::{self, Plan, is_unknown, list, text};
use super::scene::Scene;
use super::store::{Key, Spec, Store, Tags, no_fix};

use crate::model::coverage::Completeness;
use crate::model::globalaccelerator::{AcceleratorListener, EndpointGroup};
use crate::model::vpc_lattice::{
    LatticeListener, LatticeTarget, LatticeTargetGroup, ServiceNetworkAssociation,
    ServiceNetworkVpcAssociation,
};

const ACCELERATOR: &str = "aws.globalaccelerator.accelerator";
const ORIGIN: &str = "aws.cloudfront.vpc_origin";
const LINK: &str = "aws.apigatewayv2.vpc_link";
const SERVICE: &str = "aws.vpc_lattice.service";

const LISTENERS: &str = "globalaccelerator:ListListeners";
const ENDPOINT_GROUPS: &str = "globalaccelerator:ListEndpointGroups";
const GET_ORIGIN: &str = "cloudfront:GetVpcOrigin";
const GET_SERVICE: &str = "vpc-lattice:GetService";
const LATTICE_LISTENERS: &str = "vpc-lattice:ListListeners";
const TARGET_GROUPS: &str = "vpc-lattice:ListTargetGroups";
const TARGETS: &str = "vpc-lattice:ListTargets";
const SERVICE_LINKS: &str = "vpc-lattice:ListServiceNetworkServiceAssociations";
const VPC_LINKS: &str = "vpc-lattice:ListServiceNetworkVpcAssociations";
const VPC_LINK: &str = "vpc-lattice:GetServiceNetworkVpcAssociation";

pub(super) const FORMS: &[Form] = &[
    Form::list("Accelerators", "globalaccelerator:ListAccelerators", &ACCELERATORS)
        .has(&["AcceleratorArn"])
        .arn("AcceleratorArn"),
    // Load balancers have listeners, too: theirs have one port.
    Form::later("Listeners", LISTENERS, listeners).has(&["PortRanges"]).arn("ListenerArn"),
    Form::later("EndpointGroups", ENDPOINT_GROUPS, endpoint_groups).arn("EndpointGroupArn"),
    Form::answer("VpcOriginList", "cloudfront:ListVpcOrigins", &[ORIGIN], origins),
    Form::answer("VpcOrigin", GET_ORIGIN, &[ORIGIN], origin)
        .arn("Arn")
        .part("origins that were asked for by id"),
    Form::list("Items", "apigatewayv2:GetVpcLinks", &VPC_LINKS_OF_APIS).has(&["VpcLinkId"]),
    Form::answer("items", "vpc-lattice:ListServices", &[SERVICE], services)
        .has(&["id^svc-"])
        .arn("arn"),
    Form::later("items", LATTICE_LISTENERS, lattice_listeners).has(&["id^listener-"]).arn("arn"),
    Form::later("items", TARGET_GROUPS, target_groups).has(&["id^tg-"]).arn("arn"),
    Form::later("items", SERVICE_LINKS, service_links).has(&["id^snsa-"]).arn("arn"),
    Form::later("items", VPC_LINKS, vpc_links).has(&["id^snva-"]).arn("arn"),
    Form::later("items", TARGETS, targets).has(&["status"]),
    Form::answer("authType", GET_SERVICE, &[SERVICE], service)
        .has(&["/dnsEntry"])
        .arn("arn")
        .part("services that were asked for by id"),
    Form::later("securityGroupIds", VPC_LINK, vpc_link).has(&["/serviceNetworkId"]).arn("arn"),
];

// Global Accelerator

static ACCELERATORS: Spec = Spec {
    kind: ACCELERATOR,
    id: "AcceleratorArn",
    arn: "AcceleratorArn",
    name: "Name",
    tags: Tags::Apart("globalaccelerator:ListTagsForResource"),
    from: &[("ip_addresses", "IpSets[].IpAddresses")],
    apart: &[("listeners", LISTENERS), ("endpoint_ids", ENDPOINT_GROUPS)],
    fix: no_fix,
};

fn listeners(scene: &mut Scene<'_>, answer: &Value) {
    let owner = |item: &Value| {
        let arn = text(item, "ListenerArn")?;
        arn.split_once("/listener/").map(|(accelerator, _)| accelerator.to_owned())
    };
    let inside = list(answer, "Listeners").iter().find_map(owner);
    let subject = inside.or_else(|| scene.about(ACCELERATOR, answer, &["AcceleratorArn"]));
    let plan = Plan { from: &[], skip: &[("endpoint_groups", ENDPOINT_GROUPS)] };
    scene.stash(subject, answer, "Listeners", AcceleratorListener::SHAPE, plan);
}

fn endpoint_groups(scene: &mut Scene<'_>, answer: &Value) {
    const FROM: &[reshape::From] = &[
        ("endpoints", "EndpointDescriptions"),
        ("endpoints.client_ip_preservation_enabled", "ClientIPPreservationEnabled"),
    ];
    let owner = |item: &Value| {
        let arn = text(item, "EndpointGroupArn")?;
        arn.split_once("/endpoint-group/").map(|(listener, _)| listener.to_owned())
    };
    let inside = list(answer, "EndpointGroups").iter().find_map(owner);
    let subject = inside.or_else(|| scene.beside(answer, "ListenerArn"));
    let plan = Plan { from: FROM, skip: &[] };
    scene.stash(subject, answer, "EndpointGroups", EndpointGroup::SHAPE, plan);
}

fn complete_accelerator(store: &mut Store, key: &Key) {
    let Some(found) = store.stashed(key, LISTENERS, &key.id) else { return };
    let mut listeners = found;
    let mut ids = Some(BTreeSet::new());
    for listener in listeners.as_array_mut().into_iter().flatten() {
        let arn = text(listener, "listener_arn").unwrap_or_default();
        let groups = store
            .stashed(key, ENDPOINT_GROUPS, &arn)
            .unwrap_or_else(|| store.missing(key, ENDPOINT_GROUPS));
        if is_unknown(&groups) {
            ids = None;
        }
        for endpoint in groups.as_array().into_iter().flatten().flat_map(|g| list(g, "endpoints")) {
            if let (Some(ids), Some(id)) = (&mut ids, text(endpoint, "endpoint_id")) {
                ids.insert(id);
            }
        }
        set(listener, "endpoint_groups", groups);
    }
    let whole = !is_unknown(&listeners);
    let missing = store.missing(key, ENDPOINT_GROUPS);
    if let Some(draft) = store.drafts.get_mut(key) {
        draft.set("listeners", listeners);
        match ids.filter(|_| whole) {
            Some(ids) => draft.set("endpoint_ids", json!(ids)),
            None => draft.set("endpoint_ids", missing),
        }
    }
}

fn set(value: &mut Value, field: &str, to: Value) {
    if let Some(map) = value.as_object_mut() {
        map.insert(field.to_owned(), to);
    }
}

// CloudFront

static ORIGIN_SUMMARY: Spec = Spec {
    kind: ORIGIN,
    id: "Id",
    arn: "Arn",
    name: "Name",
    tags: Tags::Apart("cloudfront:ListTagsForResource"),
    from: &[("endpoint_arn", "OriginEndpointArn")],
    apart: &[
        ("http_port", GET_ORIGIN),
        ("https_port", GET_ORIGIN),
        ("origin_protocol_policy", GET_ORIGIN),
        ("origin_ssl_protocols", GET_ORIGIN),
    ],
    fix: no_fix,
};

static ORIGIN_WHOLE: Spec = Spec {
    kind: ORIGIN,
    id: "Id",
    arn: "Arn",
    name: "VpcOriginEndpointConfig.Name",
    tags: Tags::Apart("cloudfront:ListTagsForResource"),
    from: &[
        ("endpoint_arn", "VpcOriginEndpointConfig.Arn"),
        ("http_port", "VpcOriginEndpointConfig.HTTPPort"),
        ("https_port", "VpcOriginEndpointConfig.HTTPSPort"),
        ("origin_protocol_policy", "VpcOriginEndpointConfig.OriginProtocolPolicy"),
        ("origin_ssl_protocols", "VpcOriginEndpointConfig.OriginSslProtocols.Items"),
    ],
    apart: &[],
    fix: no_fix,
};

fn origins(scene: &mut Scene<'_>, answer: &Value) {
    let Some(inner) = answer.get("VpcOriginList") else { return };
    scene.put_all(&ORIGIN_SUMMARY, inner, "Items");
    // The mark of an answer that is cut off stands inside.
    if let Some(why) = super::cut_off(inner) {
        scene.cover(ORIGIN, Completeness::Partial, Some(why));
    }
}

fn origin(scene: &mut Scene<'_>, answer: &Value) {
    if let Some(origin) = answer.get("VpcOrigin") {
        scene.put(&ORIGIN_WHOLE, origin);
    }
}

// API Gateway

static VPC_LINKS_OF_APIS: Spec = Spec {
    kind: LINK,
    id: "VpcLinkId",
    arn: "",
    name: "Name",
    tags: Tags::Inside,
    from: &[
        ("status", "VpcLinkStatus"),
        ("status_message", "VpcLinkStatusMessage"),
        ("version", "VpcLinkVersion"),
    ],
    apart: &[],
    fix: no_fix,
};

// VPC Lattice

const APART: &[(&str, &str)] = &[
    ("listeners", LATTICE_LISTENERS),
    ("target_groups", TARGET_GROUPS),
    ("service_network_associations", SERVICE_LINKS),
];

static SERVICE_SUMMARY: Spec = Spec {
    kind: SERVICE,
    id: "id",
    arn: "arn",
    name: "name",
    tags: Tags::Apart("vpc-lattice:ListTagsForResource"),
    from: &[("dns_name", "dnsEntry.domainName")],
    apart: &[
        ("auth_type", GET_SERVICE),
        ("certificate_arn", GET_SERVICE),
        ("listeners", LATTICE_LISTENERS),
        ("target_groups", TARGET_GROUPS),
        ("service_network_associations", SERVICE_LINKS),
    ],
    fix: no_fix,
};

static SERVICE_WHOLE: Spec = Spec {
    kind: SERVICE,
    id: "id",
    arn: "arn",
    name: "name",
    tags: Tags::Apart("vpc-lattice:ListTagsForResource"),
    from: &[("dns_name", "dnsEntry.domainName")],
    apart: APART,
    fix: no_fix,
};

fn services(scene: &mut Scene<'_>, answer: &Value) {
    let key = if answer.get("items").is_some() { "items" } else { "Items" };
    scene.put_all(&SERVICE_SUMMARY, answer, key);
}

fn service(scene: &mut Scene<'_>, answer: &Value) {
    scene.put(&SERVICE_WHOLE, answer);
}

fn lattice_listeners(scene: &mut Scene<'_>, answer: &Value) {
    // `arn:…:service/svc-…/listener/listener-…`
    let owner = |item: &Value| {
        let arn = text(item, "arn")?;
        let (_, rest) = arn.split_once(":service/")?;
        rest.split('/').next().map(str::to_owned)
    };
    let inside = list(answer, "items").iter().find_map(owner);
    let subject = inside.or_else(|| scene.about(SERVICE, answer, &["serviceIdentifier"]));
    let plan = Plan { from: &[("listener_id", "id")], skip: &[] };
    scene.stash(subject, answer, "items", LatticeListener::SHAPE, plan);
}

/// Target groups of all services at once; each names the services that use it.
fn target_groups(scene: &mut Scene<'_>, answer: &Value) {
    let plan = Plan {
        from: &[("target_group_id", "id"), ("target_type", "type"), ("vpc_id", "vpcIdentifier")],
        skip: &[("targets", TARGETS)],
    };
    let mut by_service: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for item in list(answer, "items") {
        for service in list(item, "serviceArns").iter().filter_map(Value::as_str) {
            let id = service.rsplit('/').next().unwrap_or_default().to_owned();
            by_service.entry(id).or_default().push(item.clone());
        }
    }
    // Services that no target group names have none: that the list was read is remembered for all of them.
    scene.stash(Some(String::new()), answer, "items", LatticeTargetGroup::SHAPE, plan);
    for (service, items) in by_service {
        let one = json!({"items": items});
        scene.stash(Some(service), &one, "items", LatticeTargetGroup::SHAPE, plan);
    }
}

fn targets(scene: &mut Scene<'_>, answer: &Value) {
    let subject = scene.beside(answer, "targetGroupIdentifier").or_else(|| scene.word("tg-"));
    let plan = Plan { from: &[("target_id", "id")], skip: &[] };
    scene.stash(subject, answer, "items", LatticeTarget::SHAPE, plan);
}

fn service_links(scene: &mut Scene<'_>, answer: &Value) {
    let inside = list(answer, "items").iter().find_map(|item| text(item, "serviceId"));
    let subject = inside.or_else(|| scene.about(SERVICE, answer, &["serviceIdentifier"]));
    let plan = Plan { from: &[], skip: &[("vpc_associations", VPC_LINKS)] };
    scene.stash(subject, answer, "items", ServiceNetworkAssociation::SHAPE, plan);
}

fn vpc_links(scene: &mut Scene<'_>, answer: &Value) {
    let inside = list(answer, "items").iter().find_map(|item| text(item, "serviceNetworkId"));
    let subject = inside
        .or_else(|| scene.beside(answer, "serviceNetworkIdentifier"))
        .or_else(|| scene.word("sn-"));
    let plan = Plan { from: &[], skip: &[("security_group_ids", VPC_LINK)] };
    scene.stash(subject, answer, "items", ServiceNetworkVpcAssociation::SHAPE, plan);
}

/// The groups of an association, by network and VPC.
fn vpc_link(scene: &mut Scene<'_>, answer: &Value) {
    let (Some(network), Some(vpc)) = (text(answer, "serviceNetworkId"), text(answer, "vpcId"))
    else {
        return;
    };
    let one = json!({"items": [answer]});
    let plan = Plan { from: &[], skip: &[] };
    let shape = ServiceNetworkVpcAssociation::SHAPE;
    scene.stash(Some(format!("{network} {vpc}")), &one, "items", shape, plan);
}

fn complete_service(store: &mut Store, key: &Key) {
    let mut fields = Map::new();
    if let Some(listeners) = store.stashed(key, LATTICE_LISTENERS, &key.id) {
        fields.insert("listeners".to_owned(), listeners);
    }
    // The list of all target groups says whether one is whole; those of the service are a part of it.
    if let Some(all) = store.stashed(key, TARGET_GROUPS, "") {
        let mut groups = match store.stashed(key, TARGET_GROUPS, &key.id) {
            _ if is_unknown(&all) => all,
            Some(own) => own,
            None => json!([]),
        };
        for group in groups.as_array_mut().into_iter().flatten() {
            let id = text(group, "target_group_id").unwrap_or_default();
            let found = store.stashed(key, TARGETS, &id);
            set(group, "targets", found.unwrap_or_else(|| store.missing(key, TARGETS)));
        }
        fields.insert("target_groups".to_owned(), groups);
    }
    if let Some(mut networks) = store.stashed(key, SERVICE_LINKS, &key.id) {
        for network in networks.as_array_mut().into_iter().flatten() {
            let id = text(network, "service_network_id").unwrap_or_default();
            let mut vpcs =
                store.stashed(key, VPC_LINKS, &id).unwrap_or_else(|| store.missing(key, VPC_LINKS));
            for vpc in vpcs.as_array_mut().into_iter().flatten() {
                let subject = format!("{id} {}", text(vpc, "vpc_id").unwrap_or_default());
                let found = store.stashed(key, VPC_LINK, &subject);
                let whole = found.as_ref().and_then(|all| all.get(0)).cloned();
                match whole {
                    Some(whole) => *vpc = whole,
                    None => set(vpc, "security_group_ids", store.missing(key, VPC_LINK)),
                }
            }
            set(network, "vpc_associations", vpcs);
        }
        fields.insert("service_network_associations".to_owned(), networks);
    }
    if let Some(draft) = store.drafts.get_mut(key) {
        fields.into_iter().for_each(|(field, value)| draft.set(&field, value));
    }
}

/// Puts the parts of accelerators and services together.
pub(super) fn complete(store: &mut Store) {
    let wanted = |key: &&Key| key.kind == ACCELERATOR || key.kind == SERVICE;
    let keys: Vec<Key> = store.drafts.keys().filter(wanted).cloned().collect();
    for key in keys {
        if key.kind == ACCELERATOR {
            complete_accelerator(store, &key);
        } else {
            complete_service(store, &key);
        }
    }
}
