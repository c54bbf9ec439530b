use super::*;
use crate::ident::Region;
use crate::model::change::{Joint, Part, Reading, Whole};
use crate::model::kinds::kind_named;
use crate::model::{Attr, CauseKind, Data, Meta, Tree};
use serde_json::{Value, json};

const GROUP: &str = "aws.ec2.security_group";
const ROLE: &str = "aws.iam.role";
const BUCKET: &str = "aws.s3.bucket";

fn place() -> Place {
    Place {
        account: AccountId::new("111122223333").unwrap(),
        region: Region::new("eu-west-1").unwrap(),
    }
}

fn draft(kind: &str, id: &str, address: &str, fields: Value) -> Draft<'static> {
    let kind = kind_named(kind).unwrap();
    Draft {
        kind,
        place: place().of(kind),
        id: id.to_owned(),
        arn: Some(format!("arn:aws:x:::{id}")),
        name: None,
        tags: Attr::Known(BTreeMap::new()),
        fields: Tree::from(&fields),
        address: address.into(),
        implied: false,
    }
}

fn part(
    kind: &str,
    whole: Whole,
    field: &'static str,
    value: Value,
    joint: Joint,
) -> Part<'static> {
    let kind = kind_named(kind).unwrap();
    let address = format!("part.{field}").as_str().into();
    Part { kind, whole, place: place().of(kind), field, value: Tree::from(&value), joint, address }
}

fn rule(cidr: &str) -> Value {
    json!({"protocol": "tcp", "ports": {"from": 22, "to": 22}, "icmp_type": null, "icmp_code": null, "cidr": cidr,
           "prefix_list_id": null, "group_id": null, "rule_id": null, "description": null})
}

fn element(whole: Whole, cidr: &str) -> Part<'static> {
    part(GROUP, whole, "ingress", rule(cidr), Joint::Element)
}

fn group(rules: &[&str]) -> Value {
    let rules: Vec<Value> = rules.iter().map(|cidr| rule(cidr)).collect();
    json!({"group_name": "web", "description": "d", "vpc_id": "vpc-1", "ingress": rules, "egress": []})
}

fn sketch(drafts: &[Draft<'static>], parts: &[Part<'static>]) -> Sketch<'static> {
    let mut sketch = Sketch::default();
    drafts.iter().cloned().for_each(|draft| sketch.state(draft));
    parts.iter().cloned().for_each(|part| sketch.part(part));
    sketch
}

fn change(address: &str, action: Action) -> Change {
    Change {
        address: address.into(),
        previous_address: None,
        kind: "x".to_owned(),
        action,
        imported: false,
        uncertain: None,
    }
}

fn set(
    before: Sketch<'static>,
    after: Sketch<'static>,
    changes: Vec<Change>,
) -> ChangeSet<'static> {
    ChangeSet {
        origin: Origin::Terraform,
        before,
        after,
        changes,
        reading: Reading::default(),
        incomplete: Vec::new(),
        drift: Vec::new(),
        places: vec![place()],
        notes: crate::diag::Diagnostics::default(),
    }
}

fn live(list: &[(&str, &str, Value)], complete: bool) -> (Vec<Resource>, Coverage) {
    let resources = list
        .iter()
        .map(|(kind, id, fields)| {
            let kind = kind_named(kind).unwrap();
            let at = place().of(kind);
            let meta = Meta {
                id: (*id).to_owned(),
                account: at.account,
                region: at.region,
                arn: Some(format!("arn:aws:x:::{id}")),
                name: None,
                tags: Attr::Known(BTreeMap::new()),
                environment: Attr::default(),
                origin: Origin::Aws,
            };
            Resource { meta, data: (kind.from_json)(fields.clone()).unwrap() }
        })
        .collect();
    let all = [place()].into_iter().collect();
    let options = Options { alone: complete, ..Options::default() };
    (resources, stated_coverage(&all, Origin::Aws, &options))
}

fn json_of(world: &World, id: &str) -> Value {
    let found: Vec<&Resource> = world.resources.iter().filter(|r| r.meta.id == id).collect();
    match found.as_slice() {
        [one] => serde_json::to_value(&one.data).unwrap(),
        other => panic!("{} resources {id}", other.len()),
    }
}

fn cidrs(world: &World, id: &str) -> Vec<String> {
    let json = json_of(world, id);
    let list = json["ingress"].as_array().unwrap_or_else(|| panic!("{json}")).clone();
    list.iter().map(|rule| rule["cidr"].as_str().unwrap_or("?").to_owned()).collect()
}

#[test]
fn parts_find_their_whole_by_id_and_arn_and_one_rule_stays_one() {
    let of = |name: &str| Whole::Id(name.to_owned());
    let after = sketch(
        &[draft(GROUP, "planned:a", "a", group(&["10.0.0.0/8"]))],
        &[
            element(of("planned:a"), "10.0.0.0/8"),
            element(of("planned:a"), "10.1.0.0/16"),
            element(of("arn:aws:x:::planned:a"), "10.2.0.0/16"),
        ],
    );
    let changes = vec![change("a", Action::Create)];
    let out = predict(None, set(Sketch::default(), after, changes), &Options::default());
    assert_eq!(cidrs(&out.after, "planned:a"), ["10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"]);
    assert!(out.before.resources.is_empty());
    let key = Key::of(&out.after.resources[0]);
    let addresses: Vec<&str> = out.origins[&key].iter().map(|s| &*s.address).collect();
    assert_eq!(addresses, ["a", "part.ingress"]);
    assert_eq!(out.after.resources[0].meta.origin, Origin::Terraform);
}

#[test]
fn a_part_without_its_whole_leaves_the_rest_of_it_unknown() {
    let parts = [
        element(Whole::Id("sg-9".to_owned()), "0.0.0.0/0"),
        part(
            BUCKET,
            Whole::Id("b".to_owned()),
            "public_access_block.block_public_acls",
            json!(true),
            Joint::Value,
        ),
    ];
    let out =
        predict(None, set(Sketch::default(), sketch(&[], &parts), vec![]), &Options::default());
    let Data::Ec2SecurityGroup(group) = &out.after.resources[0].data else { panic!() };
    let rules = group.ingress.known().unwrap();
    assert_eq!(rules.len(), 2, "{rules:?}");
    assert!(rules[0].cidr.known().is_some() && rules[1].cidr.known().is_none());
    assert!(group.egress.known().is_none() && group.vpc_id.known().is_none());
    let Data::S3Bucket(bucket) = &out.after.resources[1].data else { panic!() };
    let block = bucket.public_access_block.known().unwrap().clone().unwrap();
    assert_eq!(block.block_public_acls, Attr::Known(true));
    assert!(block.ignore_public_acls.known().is_none());
}

#[test]
fn a_part_of_nobody_knows_what_may_be_anybodys() {
    let cause = Cause::new(CauseKind::KnownAfterApply, "local.id");
    let groups = [
        draft(GROUP, "planned:a", "a", group(&["10.0.0.0/8"])),
        draft(GROUP, "planned:b", "b", group(&[])),
    ];
    for whole in
        [Whole::Unknown(cause), Whole::OneOf(vec!["planned:a".to_owned(), "planned:b".to_owned()])]
    {
        let after = sketch(&groups, &[element(whole, "0.0.0.0/0")]);
        let out = predict(None, set(Sketch::default(), after, vec![]), &Options::default());
        assert_eq!(cidrs(&out.after, "planned:a"), ["10.0.0.0/8", "?"]);
        assert_eq!(cidrs(&out.after, "planned:b"), ["?"]);
    }
}

#[test]
fn lists_and_maps_of_plain_values_are_unknown_as_a_whole() {
    let unknown = json!({"$unknown": {"kind": "known_after_apply"}});
    let role = json!({"path": "/", "instance_profile_arns": ["arn:x", unknown],
        "inline_policies": [unknown, {"policy_name": "p"}]});
    let after = sketch(&[draft(ROLE, "r", "a", role)], &[]);
    let out = predict(None, set(Sketch::default(), after, vec![]), &Options::default());
    let Data::IamRole(role) = &out.after.resources[0].data else { panic!() };
    assert!(role.instance_profile_arns.known().is_none());
    assert_eq!(role.path, Attr::Known("/".to_owned()));
    assert_eq!(role.inline_policies.known().unwrap().len(), 2);
    assert!(out.notes.is_empty(), "{:?}", out.notes);
}

#[test]
fn a_statement_the_model_has_no_room_for_leaves_everything_unknown_and_is_told() {
    let after = sketch(&[draft(GROUP, "g", "a", json!({"group_name": 3, "vpc_id": "v"}))], &[]);
    let out = predict(None, set(Sketch::default(), after, vec![]), &Options::default());
    let Data::Ec2SecurityGroup(group) = &out.after.resources[0].data else { panic!() };
    assert!(group.vpc_id.known().is_none());
    assert!(out.notes[0].contains("nothing is concluded"), "{:?}", out.notes);
}

#[test]
fn an_update_changes_what_differs_and_leaves_what_live_says() {
    let mut was = group(&["10.0.0.0/8"]);
    was["vpc_id"] = json!("vpc-stale");
    let mut will = was.clone();
    will["description"] = json!("new");
    will["ingress"] = json!([rule("10.0.0.0/8"), rule("0.0.0.0/0")]);
    let changes = vec![change("a", Action::Update)];
    let change = set(
        sketch(&[draft(GROUP, "sg-1", "a", was)], &[]),
        sketch(&[draft(GROUP, "sg-1", "a", will)], &[]),
        changes,
    );
    let live = live(&[(GROUP, "sg-1", group(&["10.0.0.0/8", "192.0.2.0/24"]))], true);
    let out = predict(Some(live), change, &Options::default());
    let json = json_of(&out.after, "sg-1");
    assert_eq!((&json["description"], &json["vpc_id"]), (&json!("new"), &json!("vpc-1")));
    // The rule that the input knows nothing of stays.
    assert_eq!(cidrs(&out.after, "sg-1"), ["192.0.2.0/24", "10.0.0.0/8", "0.0.0.0/0"]);
    assert_eq!(cidrs(&out.before, "sg-1"), ["10.0.0.0/8", "192.0.2.0/24"]);
    let [drift] = out.drift.as_slice() else { panic!("{:?}", out.drift) };
    assert_eq!(drift.attributes, ["ingress", "vpc_id"]);
    assert!(out.foreign.is_empty());
}

#[test]
fn what_goes_goes_with_what_comes_along_and_what_is_forgotten_stays() {
    let acl = |main: bool| json!({"vpc_id": "vpc-1", "is_default": main, "entries": []});
    let list = [
        ("aws.ec2.vpc", "vpc-1", json!({})),
        ("aws.ec2.network_acl", "acl-1", acl(true)),
        ("aws.ec2.network_acl", "acl-2", acl(false)),
    ];
    for (action, left) in [(Action::Delete, 1), (Action::Forget, 3)] {
        let before = sketch(&[draft("aws.ec2.vpc", "vpc-1", "v", json!({}))], &[]);
        let after = if action == Action::Forget { before.clone() } else { Sketch::default() };
        let out = predict(
            Some(live(&list, true)),
            set(before, after, vec![change("v", action)]),
            &Options::default(),
        );
        assert_eq!(out.after.resources.len(), left, "{action:?}");
        assert_eq!(out.before.resources.len(), 3);
    }
}

#[test]
fn what_live_denies_is_drift_and_what_live_cannot_see_is_on_both_sides() {
    let both = sketch(&[draft(GROUP, "sg-1", "a", group(&[]))], &[]);
    for (complete, here, drifts) in [(true, 0, 1), (false, 1, 0)] {
        let out = predict(
            Some(live(&[], complete)),
            set(both.clone(), both.clone(), vec![change("a", Action::NoOp)]),
            &Options::default(),
        );
        assert_eq!(out.before.resources.len(), here);
        assert_eq!(out.after.resources.len(), here);
        assert_eq!(out.drift.len(), drifts, "{:?}", out.drift);
    }
}

#[test]
fn a_replacement_keeps_its_address_and_nothing_of_the_old_one() {
    let before = sketch(&[draft(GROUP, "sg-1", "a", group(&["10.0.0.0/8"]))], &[]);
    let after = sketch(&[draft(GROUP, "planned:a", "a", group(&[]))], &[]);
    let change = set(before, after, vec![change("a", Action::Replace)]);
    let live = live(&[(GROUP, "sg-1", group(&["10.0.0.0/8"]))], true);
    let out = predict(Some(live), change, &Options::default());
    assert_eq!(cidrs(&out.after, "planned:a"), Vec::<String>::new());
    assert_eq!(out.after.resources.len(), 1);
    let (now, was) = out.successors.iter().next().unwrap();
    assert_eq!((now.id.as_str(), was.id.as_str()), ("planned:a", "sg-1"));
}

#[test]
fn parts_come_and_go_and_those_of_both_sides_leave_live_alone() {
    let of = || Whole::Id("sg-1".to_owned());
    let before = sketch(&[], &[element(of(), "10.0.0.0/8"), element(of(), "10.9.0.0/16")]);
    let after = sketch(&[], &[element(of(), "10.9.0.0/16"), element(of(), "0.0.0.0/0")]);
    let live = live(&[(GROUP, "sg-1", group(&["10.0.0.0/8", "192.0.2.0/24"]))], true);
    let out = predict(Some(live), set(before, after, vec![]), &Options::default());
    assert_eq!(cidrs(&out.after, "sg-1"), ["192.0.2.0/24", "0.0.0.0/0"]);
    // 10.9.0.0/16 is believed to be there, and is not.
    let [drift] = out.drift.as_slice() else { panic!("{:?}", out.drift) };
    assert_eq!(drift.attributes, ["ingress"]);
}

#[test]
fn nobody_knows_anything_of_what_may_not_come_to_be() {
    let mut may = change("a", Action::Create);
    may.uncertain = Some(Cause::new(CauseKind::KnownAfterApply, "Condition Prod"));
    let after = sketch(&[draft(GROUP, "planned:a", "a", group(&["0.0.0.0/0"]))], &[]);
    let out = predict(None, set(Sketch::default(), after, vec![may]), &Options::default());
    let Data::Ec2SecurityGroup(group) = &out.after.resources[0].data else { panic!() };
    assert!(group.ingress.known().is_none() && group.vpc_id.known().is_none());
    assert_eq!(out.uncertain.len(), 1);
}

#[test]
fn a_change_elsewhere_is_foreign_and_its_places_are_partly_known() {
    let mut change = set(Sketch::default(), Sketch::default(), vec![]);
    change.places[0].account = AccountId::new("999900001111").unwrap();
    let out = predict(Some(live(&[], true)), change, &Options::default());
    assert_eq!(out.foreign.len(), 1);
    let region = Region::new("eu-west-1").unwrap();
    let gap =
        |account: &str| out.after.coverage.gap(&AccountId::new(account).unwrap(), &region, GROUP);
    assert!(gap("999900001111").is_some() && gap("111122223333").is_none());
}

#[test]
fn alone_everything_that_can_be_stated_is_there() {
    let options = Options {
        alone: true,
        unstatable: BTreeSet::from(["aws.sts.caller_identity"]),
        ..Options::default()
    };
    let out = predict(None, set(Sketch::default(), Sketch::default(), vec![]), &options);
    let gap = |kind: &str, place: &Place| {
        out.after.coverage.gap(&place.account, &place.region, kind).is_some()
    };
    let global = Place { region: Region::global(), ..place() };
    assert!(!gap(GROUP, &place()) && !gap(ROLE, &global));
    assert!(gap("aws.sts.caller_identity", &global));
}
