//! What a dump of transit gateways implies without printing it.
//!
//! Associations stand on the attachments as well. Propagated routes follow from the propagations: a VPC attachment
//! announces the prefixes of its VPC. Where another kind of attachment propagates, only AWS knows the routes, and a
//! list of static ones alone stays unknown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::reshape::{is_unknown, list, text, unknown};
use super::store::{Key, Store};
use crate::model::attr::CauseKind;

const TABLE: &str = "aws.ec2.transit_gateway_route_table";
const ATTACHMENT: &str = "aws.ec2.transit_gateway_attachment";

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
    let made = match doubt {
        Some(why) if static_only => {
            let why = format!("only static routes were asked for, and not {why}");
            unknown(CauseKind::NotCollected, why)
        }
        _ => Value::Array(routes),
    };
    if let Some(draft) = store.drafts.get_mut(key) {
        draft.fields.insert("routes".to_owned(), made);
    }
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
