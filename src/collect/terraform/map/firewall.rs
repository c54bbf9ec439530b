//! AWS Network Firewall: firewalls, policies and rule groups.

use super::Table;
use super::kit::{self, account, is_open, is_silent, items, later, map, own, word};
use crate::collect::normal::network_firewall as normal;
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::change::{PLANNED, Sketch};
use crate::model::network_firewall::RuleGroup;
use crate::model::{Cause, Tree};
use crate::net::Ports;

const FIREWALL: &str = "aws.network_firewall.firewall";
const POLICY: &str = "aws.network_firewall.policy";
const GROUP: &str = "aws.network_firewall.rule_group";

const fn handle(arn: &'static str) -> Handle {
    Handle { id: &["arn", "id"], arn, made: &[] }
}

pub(super) const TABLE: Table = &[
    (
        "aws_networkfirewall_firewall",
        handle("arn:{partition}:network-firewall:{region}:{account}:firewall/{name}"),
        firewall,
    ),
    (
        "aws_networkfirewall_firewall_policy",
        handle("arn:{partition}:network-firewall:{region}:{account}:firewall-policy/{name}"),
        policy,
    ),
    (
        "aws_networkfirewall_rule_group",
        handle("arn:{partition}:network-firewall:{region}:{account}:{type}-rulegroup/{name}"),
        rule_group,
    ),
];

fn firewall<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("firewall_name", "name"),
        ("status", ""),
        ("configuration_sync_state", ""),
        ("endpoints", ""),
        ("endpoint_ids", ""),
        ("subnet_ids", "subnet_mapping[].subnet_id"),
    ];
    let after = ["transit_gateway_attachment_id"];
    let Some(mut draft) = kit::draft(thing, FIREWALL, "name", FROM, &after) else { return };
    kit::set(&mut draft, "status", word("READY"));
    if thing.fresh {
        kit::fill(
            &mut draft,
            [
                ("configuration_sync_state", word("IN_SYNC")),
                ("delete_protection", Tree::Bool(false)),
                ("subnet_change_protection", Tree::Bool(false)),
                ("firewall_policy_change_protection", Tree::Bool(false)),
            ],
        );
        if is_silent(&thing.at("transit_gateway_id")) {
            kit::set(&mut draft, "transit_gateway_id", Tree::Null);
            kit::set(&mut draft, "transit_gateway_attachment_id", Tree::Null);
        }
    }
    let (list, ids) = endpoints(thing, sketch);
    kit::set(&mut draft, "endpoints", list);
    kit::set(&mut draft, "endpoint_ids", ids);
    sketch.state(draft);
}

/// The endpoints, in a subnet each: those that exist with their ids, and those that are to come.
fn endpoints<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) -> (Tree<'a>, Tree<'a>) {
    let one = |zone, subnet, id| {
        map([
            ("availability_zone", zone),
            ("subnet_id", subnet),
            ("endpoint_id", id),
            ("status", word("READY")),
        ])
    };
    let states = thing.at("firewall_status.sync_states");
    if !thing.fresh && !is_silent(&states) {
        let Ok(states) = items(&states) else {
            return (states.clone().into_owned(), states.into_owned());
        };
        let of = |state: &Tree<'a>, path: &str| state.at(path).into_owned();
        let list = states.iter().map(|state| {
            let id = of(state, "attachment.endpoint_id");
            one(of(state, "availability_zone"), of(state, "attachment.subnet_id"), id)
        });
        let ids = states.iter().map(|state| of(state, "attachment.endpoint_id"));
        return (Tree::List(list.collect()), Tree::List(ids.collect()));
    }
    let subnets = match items(&thing.at("subnet_mapping[].subnet_id")) {
        Ok(subnets) => subnets,
        Err(cause) => return (Tree::Unknown(cause.clone()), Tree::Unknown(cause)),
    };
    for subnet in subnets.iter().filter(|subnet| thing.fresh && subnet.as_str().is_some()) {
        interface(thing, subnet, sketch);
    }
    let list = subnets.iter().map(|subnet| one(later(), subnet.clone(), later()));
    (Tree::List(list.collect()), later())
}

fn interface<'a>(thing: &Thing<'a>, subnet: &Tree<'a>, sketch: &mut Sketch<'a>) {
    let id = format!("{PLANNED}{}/{}", thing.address, subnet.as_str().unwrap_or_default());
    let mut fields = map([
        ("owner_id", account(thing)),
        ("vpc_id", thing.at("vpc_id").into_owned()),
        ("subnet_id", subnet.clone()),
        ("interface_type", word("gateway_load_balancer_endpoint")),
        ("description", own(format!("VPC Endpoint Interface {id}"))),
        ("status", word("in-use")),
        ("requester_managed", Tree::Bool(true)),
        ("source_dest_check", Tree::Bool(false)),
        ("security_group_ids", Tree::List(Vec::new())),
    ]);
    kit::bare_interface(&mut fields, &Tree::Null, Tree::Null);
    let draft = kit::implied(thing, "aws.ec2.network_interface", id, fields);
    if let Some(draft) = draft {
        sketch.state(draft);
    }
}

fn policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("firewall_policy_name", "name"),
        ("stateless_default_actions", "firewall_policy.stateless_default_actions"),
        (
            "stateless_fragment_default_actions",
            "firewall_policy.stateless_fragment_default_actions",
        ),
        ("stateful_default_actions", "firewall_policy.stateful_default_actions"),
        ("stateful_rule_order", "firewall_policy.stateful_engine_options.rule_order"),
        ("tls_inspection_configuration_arn", "firewall_policy.tls_inspection_configuration_arn"),
        ("stateless_rule_groups", ""),
        ("stateful_rule_groups", ""),
        ("rule_group_arns", ""),
        ("ip_sets", ""),
    ];
    let Some(mut draft) = kit::draft(thing, POLICY, "name", FROM, &[]) else { return };
    let mut arns = Vec::new();
    let mut doubt = None;
    for (path, field) in [
        ("firewall_policy.stateless_rule_group_reference", "stateless_rule_groups"),
        ("firewall_policy.stateful_rule_group_reference", "stateful_rule_groups"),
    ] {
        let list = match items(&thing.at(path)) {
            Ok(list) => list,
            Err(cause) => {
                kit::set(&mut draft, field, Tree::Unknown(cause.clone()));
                doubt = Some(cause);
                continue;
            }
        };
        let mut list: Vec<Tree<'a>> = list.iter().map(reference).collect();
        list.sort_by_key(|one| {
            let arn = one.member("rule_group_arn").as_str().map(str::to_owned);
            (one.member("priority").as_int(), arn)
        });
        arns.extend(list.iter().map(|one| one.member("rule_group_arn").into_owned()));
        kit::set(&mut draft, field, Tree::List(list));
    }
    arns.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    arns.dedup();
    let arns = doubt.map_or(Tree::List(arns), Tree::Unknown);
    kit::set(&mut draft, "rule_group_arns", arns);
    let sets = sets(&thing.at("firewall_policy.policy_variables.rule_variables"), "ip_set");
    kit::set(&mut draft, "ip_sets", sets);
    sketch.state(draft);
}

fn reference<'a>(block: &Tree<'a>) -> Tree<'a> {
    map([
        ("rule_group_arn", block.member("resource_arn").into_owned()),
        ("priority", kit::stated(&block.member("priority"))),
        ("override_action", kit::stated(&block.at("override.action"))),
    ])
}

/// Lists by name: blocks of a key, and of a set with its definition.
fn sets<'a>(blocks: &Tree<'a>, set: &str) -> Tree<'a> {
    let blocks = match blocks {
        silent if is_silent(silent) => return Tree::Map(Vec::new()),
        blocks => match items(blocks) {
            Ok(blocks) => blocks,
            Err(cause) => return Tree::Unknown(cause),
        },
    };
    let mut out = Tree::Map(Vec::new());
    for block in &blocks {
        match &*block.member("key") {
            Tree::Text(key) => {
                out.set(key.clone(), block.at(&format!("{set}.definition")).into_owned());
            }
            Tree::Unknown(cause) => return Tree::Unknown(cause.clone()),
            _ => {}
        }
    }
    out
}

fn rule_group<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const FROM: &[shape::From] = &[
        ("rule_group_name", "name"),
        ("kind", "type"),
        ("rule_order", "rule_group.stateful_rule_options.rule_order"),
        ("domains", "rule_group.rules_source.rules_source_list.targets"),
        ("domain_action", "rule_group.rules_source.rules_source_list.generated_rules_type"),
        ("opaque_reasons", ""),
        ("stateless_rules", ""),
        ("stateful_rules", ""),
        ("ip_sets", ""),
        ("port_sets", ""),
    ];
    let Some(mut draft) = kit::draft(thing, GROUP, "name", FROM, &[]) else { return };
    let variables = |path: &str, set| {
        let path = format!("rule_group.rule_variables.{path}");
        sets(&thing.at(&path), set)
    };
    kit::set(&mut draft, "ip_sets", variables("ip_sets", "ip_set"));
    kit::set(&mut draft, "port_sets", variables("port_sets", "port_set"));
    match rules(thing) {
        Ok(group) => {
            kit::set(&mut draft, "opaque", shape::owned(&group.opaque));
            kit::set(&mut draft, "opaque_reasons", shape::owned(&group.opaque_reasons));
            kit::set(&mut draft, "stateless_rules", shape::owned(&group.stateless_rules));
            kit::set(&mut draft, "stateful_rules", shape::owned(&group.stateful_rules));
        }
        Err(cause) => {
            for field in ["opaque", "opaque_reasons", "stateless_rules", "stateful_rules"] {
                kit::set(&mut draft, field, Tree::Unknown(cause.clone()));
            }
        }
    }
    sketch.state(draft);
}

/// The rules, as far as they are known to the last.
fn rules(thing: &Thing<'_>) -> Result<RuleGroup, Cause> {
    let source = thing.at("rule_group.rules_source");
    let plain = thing.at("rules");
    if let Some(cause) = shape::first_cause(&source).filter(|_| !is_open(&source)) {
        return Err(cause);
    }
    let text = |tree: &Tree<'_>| !is_silent(tree);
    let references = thing.at("rule_group.reference_sets.ip_set_references");
    let blocks = |path: &str| items(&source.at(path)).unwrap_or_default();
    let parts = normal::Parts {
        rules_string: text(&source.member("rules_string")) || text(&plain),
        domain_list: text(&source.member("rules_source_list")),
        reference_sets: text(&references),
        stateless: blocks("stateless_rules_and_custom_actions.stateless_rule")
            .iter()
            .map(stateless)
            .collect(),
        stateful: blocks("stateful_rule").iter().map(stateful).collect(),
    };
    let mut group = RuleGroup::default();
    normal::fill(&mut group, parts);
    Ok(group)
}

fn texts(tree: &Tree<'_>) -> Vec<String> {
    let all = items(tree).unwrap_or_default();
    all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

fn stateless(block: &Tree<'_>) -> normal::Stateless {
    let matches = block.at("rule_definition.match_attributes");
    let ports = |name: &str| -> Vec<Option<Ports>> {
        let ranges = items(&matches.member(name)).unwrap_or_default();
        let range = |range: &Tree<'_>| {
            let from = range.member("from_port").as_int()?;
            let to = range.member("to_port").as_int().filter(|to| *to > 0).unwrap_or(from);
            normal::ports(from, to)
        };
        ranges.iter().map(range).collect()
    };
    let flags = items(&matches.member("tcp_flag")).unwrap_or_default();
    let flag = |flag: &Tree<'_>| {
        let (set, masks) = (texts(&flag.member("flags")), texts(&flag.member("masks")));
        let words =
            |list: &[String]| list.iter().map(|word| word.as_str().to_owned()).collect::<Vec<_>>();
        let (set, masks) = (words(&set), words(&masks));
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        let masks: Vec<&str> = masks.iter().map(String::as_str).collect();
        normal::flags(&set, &masks)
    };
    let protocols = items(&matches.member("protocols")).unwrap_or_default();
    normal::Stateless {
        priority: block.member("priority").as_int(),
        actions: texts(&block.at("rule_definition.actions")),
        sources: texts(&matches.at("source[].address_definition")),
        destinations: texts(&matches.at("destination[].address_definition")),
        source_ports: ports("source_port"),
        destination_ports: ports("destination_port"),
        protocols: protocols.iter().filter_map(Tree::as_int).collect(),
        tcp_flags: flags.iter().map(flag).collect(),
    }
}

fn stateful(block: &Tree<'_>) -> normal::Stateful {
    let word = |path: &str| block.at(path).as_str().unwrap_or_default().to_owned();
    let options = items(&block.member("rule_option")).unwrap_or_default();
    let option = |option: &Tree<'_>| {
        let keyword = option.member("keyword").as_str().unwrap_or_default().to_owned();
        (keyword, texts(&option.member("settings")))
    };
    normal::Stateful {
        action: word("action"),
        protocol: word("header.protocol"),
        source: word("header.source"),
        source_port: word("header.source_port"),
        direction: word("header.direction"),
        destination: word("header.destination"),
        destination_port: word("header.destination_port"),
        options: options.iter().map(option).collect(),
    }
}
