//! Volumes, snapshots and who may use them.

use super::Table;
use super::kit::{self, PART, ec2, is_open, is_silent, later, map, own, word};
use crate::collect::predicted::{Thing, shape};
use crate::model::change::Sketch;
use crate::model::{Attr, Tree};

const VOLUME: &str = "aws.ec2.volume";
const SNAPSHOT: &str = "aws.ec2.snapshot";
const SNAPSHOT_ARN: &str = "arn:{partition}:ec2:{region}::snapshot/{id}";

pub(super) const TABLE: Table = &[
    ("aws_ebs_volume", ec2("arn:{partition}:ec2:{region}:{account}:volume/{id}"), volume),
    ("aws_volume_attachment", PART, attachment),
    ("aws_ebs_snapshot", ec2(SNAPSHOT_ARN), snapshot),
    ("aws_ebs_snapshot_copy", ec2(SNAPSHOT_ARN), snapshot),
    ("aws_ebs_snapshot_import", ec2(SNAPSHOT_ARN), snapshot),
    ("aws_snapshot_create_volume_permission", PART, permission),
];

fn volume<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("volume_type", "type"),
        ("state", ""),
        ("sse_type", ""),
        ("source_volume_id", ""),
        ("attachments", ""),
        ("attached_instance_ids", ""),
    ];
    let Some(mut draft) = kit::draft(thing, VOLUME, "", FROM, &["create_time"]) else { return };
    kit::fill(&mut draft, [("operator_managed", Tree::Bool(false))]);
    if thing.fresh {
        kit::fill(
            &mut draft,
            [
                // Attachments make it `in-use`.
                ("state", word("available")),
                ("volume_type", word("gp2")),
                ("multi_attach_enabled", Tree::Bool(false)),
                ("attachments", Tree::List(Vec::new())),
                ("attached_instance_ids", Tree::List(Vec::new())),
            ],
        );
        let encrypted = encryption(
            &thing.at("encrypted"),
            &thing.at("kms_key_id"),
            is_silent(&thing.at("snapshot_id")),
        );
        kit::set(&mut draft, "encrypted", encrypted.on);
        kit::set(&mut draft, "kms_key_id", encrypted.key);
        kit::set(&mut draft, "sse_type", encrypted.kind);
        if is_open(&draft.fields.member("snapshot_id")) {
            kit::set(&mut draft, "snapshot_id", Tree::Null);
        }
    }
    sketch.state(draft);
}

/// How a volume is encrypted.
struct Encryption<'a> {
    on: Tree<'a>,
    key: Tree<'a>,
    kind: Tree<'a>,
}

/// Encryption as it will be: what is not stated, or refused, is for the snapshot and the account's default to say, and a
/// key that is not named is the account's default one.
fn encryption<'a>(stated: &Tree<'a>, key: &Tree<'a>, blank: bool) -> Encryption<'a> {
    let named = matches!(key, Tree::Text(text) if !text.is_empty());
    if stated.as_bool() == Some(true) || named {
        let key = kit::or(key, later());
        return Encryption { on: Tree::Bool(true), key, kind: word("sse-kms") };
    }
    if stated.as_bool() == Some(false) && blank {
        return Encryption { on: Tree::Bool(false), key: Tree::Null, kind: word("none") };
    }
    Encryption { on: kit::or(stated, later()), key: later(), kind: later() }
}

/// A volume that comes with an instance: its id, and how the instance has it.
pub(super) fn of_instance<'a>(
    thing: &Thing<'a>,
    what: &str,
    block: &Tree<'a>,
    sketch: &mut Sketch<'a>,
) -> Option<(Tree<'a>, Tree<'a>)> {
    let device = block.member("device_name").into_owned();
    let id = match &*block.member("volume_id") {
        Tree::Text(id) if !id.is_empty() => id.clone().into_owned(),
        _ if thing.fresh => match device.as_str().filter(|_| what != "root_block_device") {
            Some(device) => kit::below(&thing.id, &format!("{what}/{device}")),
            None => kit::below(&thing.id, what),
        },
        _ => return None,
    };
    let of = |name: &str| block.member(name).into_owned();
    let with_instance = kit::or(&of("delete_on_termination"), Tree::Bool(true));
    let blank = is_silent(&of("snapshot_id")) && what != "root_block_device";
    let encryption = if thing.fresh {
        encryption(&of("encrypted"), &of("kms_key_id"), blank)
    } else {
        let key = kit::stated(&of("kms_key_id"));
        Encryption { on: of("encrypted"), key, kind: Tree::Null }
    };
    let mapping = map([
        ("device_name", kit::or(&device, later())),
        ("volume_id", own(&*id)),
        ("status", word("attached")),
        ("delete_on_termination", with_instance.clone()),
        ("attach_time", later()),
        ("encrypted", encryption.on.clone()),
        ("kms_key_id", encryption.key.clone()),
    ]);
    let attachment = map([
        ("instance_id", own(&*thing.id)),
        ("associated_resource", Tree::Null),
        ("instance_owning_service", Tree::Null),
        ("device", kit::or(&device, later())),
        ("state", word("attached")),
        ("delete_on_termination", with_instance),
        ("attach_time", later()),
    ]);
    let mut fields = map([
        ("state", word("in-use")),
        ("attachments", Tree::List(vec![attachment])),
        ("attached_instance_ids", Tree::List(vec![own(&*thing.id)])),
        ("operator_managed", Tree::Bool(false)),
    ]);
    let zone = thing.at("availability_zone").into_owned();
    let told = [
        ("availability_zone", zone),
        ("size", of("volume_size")),
        ("volume_type", of("volume_type")),
        ("iops", of("iops")),
        ("throughput", of("throughput")),
        ("encrypted", encryption.on),
        ("sse_type", encryption.kind),
    ];
    for (field, value) in told {
        let value = if thing.fresh { kit::or(&value, later()) } else { value };
        if !value.is_null() {
            fields.set(field, value);
        }
    }
    fields.set("kms_key_id", encryption.key);
    state_volume(thing, id.clone(), block, fields, sketch);
    Some((own(id), mapping))
}

fn state_volume<'a>(
    thing: &Thing<'a>,
    id: String,
    block: &Tree<'a>,
    mut fields: Tree<'a>,
    sketch: &mut Sketch<'a>,
) {
    if thing.fresh {
        fields.set("create_time", later());
        fields.set("snapshot_id", kit::or(&block.member("snapshot_id"), later()));
        fields.set("source_volume_id", Tree::Null);
        fields.set("multi_attach_enabled", Tree::Bool(false));
    }
    let Some(mut draft) = kit::implied(thing, VOLUME, id, fields) else { return };
    let tags = ["tags_all", "tags"].map(|name| block.member(name).into_owned());
    let own = tags.iter().find(|tags| !is_silent(tags) && !tags.entries().is_empty());
    let whole = thing.at("volume_tags").into_owned();
    let stated = own.or_else(|| Some(&whole).filter(|tags| !is_silent(tags)));
    draft.tags = match stated {
        Some(tags) => shape::tags(tags),
        None if thing.fresh => Attr::Known(std::collections::BTreeMap::new()),
        None => Attr::default(),
    };
    draft.name = draft.tags.known().and_then(|tags| tags.get("Name").cloned());
    sketch.state(draft);
}

fn attachment<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let instance = thing.at("instance_id").into_owned();
    let volume = thing.at("volume_id").into_owned();
    let device = thing.at("device_name").into_owned();
    let on_volume = map([
        ("instance_id", instance.clone()),
        ("associated_resource", Tree::Null),
        ("instance_owning_service", Tree::Null),
        ("device", device.clone()),
        ("state", word("attached")),
        ("delete_on_termination", Tree::Bool(false)),
        ("attach_time", later()),
    ]);
    let at = |field| (VOLUME, thing.whole("volume_id"), field);
    kit::element(thing, sketch, at("attachments"), on_volume);
    kit::element(thing, sketch, at("attached_instance_ids"), instance);
    kit::value(thing, sketch, at("state"), word("in-use"));
    let on_instance = map([
        ("device_name", device),
        ("volume_id", volume.clone()),
        ("status", word("attached")),
        ("delete_on_termination", Tree::Bool(false)),
        ("attach_time", later()),
        ("encrypted", Tree::Null),
        ("kms_key_id", Tree::Null),
    ]);
    let at = |field| ("aws.ec2.instance", thing.whole("instance_id"), field);
    kit::element(thing, sketch, at("block_device_mappings"), on_instance);
    kit::element(thing, sketch, at("volume_ids"), volume);
}

fn snapshot<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[("state", ""), ("sse_type", ""), ("restore_expiry_time", "")];
    const AFTER: &[&str] = &["start_time", "completion_time"];
    let Some(mut draft) = kit::draft(thing, SNAPSHOT, "", FROM, AFTER) else { return };
    kit::fill(&mut draft, [("owner_id", kit::account(thing)), ("state", word("completed"))]);
    if thing.fresh {
        kit::fill(
            &mut draft,
            [
                ("storage_tier", word("standard")),
                ("public", Tree::Bool(false)),
                ("shared_account_ids", Tree::List(Vec::new())),
            ],
        );
    }
    sketch.state(draft);
}

fn permission<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let account = thing.at("account_id").into_owned();
    let whole = || thing.whole("snapshot_id");
    kit::element(thing, sketch, (SNAPSHOT, whole(), "shared_account_ids"), account);
}
