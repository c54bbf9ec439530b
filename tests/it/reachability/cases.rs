//! Rules of the network one at a time: each case shows a packet that a rule decides, and what flips it.

use portcullis::analyze::network::packet::{Start, Verdict};
use portcullis::analyze::network::reach::Analysis;
use portcullis::analyze::network::topology::{
    BalancerKind, Block, EndpointKind, Firewall, FirewallAction, FirewallRule, Id, InterfaceKind,
    Learned, Origin, Peer, PrefixList, RouteState, Subnet, Target, TransitTarget, Vpc,
};
use portcullis::model::Attr;
use portcullis::net::traffic::{ICMP, TCP};
use portcullis::net::{AddrSet, Prefix, Traffic};

use super::ask::Answer;
use super::sample::{LOW, Sample, addr, cause, packet, rule, set, tcp};

const YES: Answer = ('y', 'y');
const ONE_WAY: Answer = ('y', 'n');
const NO: Answer = ('n', '-');
const MAYBE: Answer = ('?', '?');
const ANY: &str = "0.0.0.0/0";

/// Each of the cases.
pub const ALL: [fn(); 27] = [
    network_acls_decide_by_their_first_row_at_borders_only,
    security_groups_allow_by_any_rule_and_let_answers_pass,
    icmp_is_matched_by_type_and_code,
    references_to_groups_know_interfaces_and_not_public_addresses,
    prefix_lists_count_with_what_is_missing_in_them,
    exposure_needs_address_gateway_and_a_route_for_the_answer,
    nat_gateways_serve_others_and_take_nothing_unasked,
    the_longest_prefix_decides_then_the_origin_and_blackholes_win_as_well,
    peerings_lead_to_interfaces_of_the_peer_and_no_further,
    transit_gateways_go_by_zone_association_and_the_tables_of_both_sides,
    what_sites_announce_unlisted_decides_only_where_no_better_route_is_listed,
    sites_reach_the_whole_vpc_and_answers_need_a_route,
    gateway_endpoints_are_for_their_own_vpc,
    edge_tables_lead_through_firewalls_and_appliances,
    a_firewall_that_never_saw_a_packet_may_drop_the_answer,
    appliances_are_unknown_and_other_interfaces_forward_nothing,
    block_public_access_closes_internet_gateways,
    gateways_deliver_nothing_to_interfaces_that_deny_them,
    ipv6_needs_no_translation_and_egress_only_gateways_let_nothing_in,
    network_balancers_answer_at_listeners_and_keep_the_client_or_not,
    network_balancers_with_groups_are_filtered_and_can_be_referred_to,
    balancers_choose_targets_by_zone_and_health,
    acls_of_a_balancers_subnet_see_both_legs_both_ways,
    application_and_classic_balancers_end_connections,
    services_are_reached_by_endpoints_and_never_the_other_way,
    functions_only_send,
    nothing_filters_what_a_host_sends_itself,
];

/// A VPC with two subnets in two zones.
fn two_subnets() -> (Sample, Id<Vpc>, Id<Subnet>, Id<Subnet>) {
    let mut it = Sample::default();
    let vpc = it.vpc("10.0.0.0/16");
    let one = it.subnet(vpc, "10.0.1.0/24", "a");
    let two = it.subnet(vpc, "10.0.2.0/24", "b");
    (it, vpc, one, two)
}

#[test]
fn network_acls_decide_by_their_first_row_at_borders_only() {
    let (mut it, _, one, two) = two_subnets();
    let web = it.open(tcp(80), ANY);
    let client = it.host(one, "10.0.1.10", &[web]);
    it.host(one, "10.0.1.11", &[web]);
    it.host(two, "10.0.2.10", &[web]);
    assert_eq!(it.tcp(client, "10.0.2.10", 80), YES);
    let all = (200, true, Traffic::ALL, ANY);
    it.rows(one, &[(100, false, tcp(80), ANY), all], &[(100, false, tcp(80), ANY), all]);
    assert_eq!(it.tcp(client, "10.0.1.11", 80), YES, "neighbours are not filtered");
    assert_eq!(it.tcp(client, "10.0.2.10", 80), NO);
    it.rows(one, &[all], &[(100, true, tcp(80), ANY), (150, false, tcp(80), ANY), all]);
    assert_eq!(it.tcp(client, "10.0.2.10", 80), YES, "the first row decides");
    // Answers go to the port of the client.
    it.rows(two, &[all], &[(100, true, Traffic::new(TCP, LOW), ANY)]);
    assert_eq!(it.tcp(client, "10.0.2.10", 80), ONE_WAY);
    it.rows(two, &[all], &[]);
    it.net.acls[*it.net.subnets[two].acl.known().unwrap()].egress = Vec::new();
    it.net.subnets[two].acl = Attr::Unknown(cause());
    assert_eq!(it.tcp(client, "10.0.2.10", 80), MAYBE);
}

#[test]
fn security_groups_allow_by_any_rule_and_let_answers_pass() {
    let (mut it, _, one, two) = two_subnets();
    let client_group = it.group();
    let client = it.host(one, "10.0.1.10", &[client_group]);
    let (closed, web) = (it.group(), it.open(tcp(80), "10.0.1.0/24"));
    it.host(two, "10.0.2.10", &[closed]);
    it.host(two, "10.0.2.11", &[closed, web]);
    assert_eq!(it.tcp(client, "10.0.2.10", 80), NO, "no rule, nothing in");
    assert_eq!(it.tcp(client, "10.0.2.11", 80), YES, "one group is enough");
    assert_eq!(it.tcp(client, "10.0.2.11", 81), NO);
    it.net.groups[web].egress.clear();
    it.net.groups[closed].egress.clear();
    assert_eq!(it.tcp(client, "10.0.2.11", 80), YES, "answers need no rule");
    it.net.groups[client_group].egress.clear();
    assert_eq!(it.tcp(client, "10.0.2.11", 80), NO, "a new connection does");
    it.net.groups[client_group].egress_doubt = Some(cause());
    assert_eq!(it.tcp(client, "10.0.2.11", 80), MAYBE);
    assert_eq!(it.tcp(client, "10.0.2.10", 80), NO, "a certain block beats a doubt");
}

#[test]
fn icmp_is_matched_by_type_and_code() {
    let (mut it, _, one, two) = two_subnets();
    let echo = it.open(Traffic::one(ICMP, 8 << 8), ANY);
    let from = it.host(one, "10.0.1.10", &[echo]);
    it.host(two, "10.0.2.10", &[echo]);
    let ping = |it: &Sample, kind: u16| {
        it.say(Start::Interface(from), packet(addr("10.0.1.10"), "10.0.2.10", ICMP, kind << 8))
    };
    assert_eq!(ping(&it, 8), YES);
    assert_eq!(ping(&it, 13), NO);
    // The answer to an echo request is another type.
    let all = (200, true, Traffic::ALL, ANY);
    it.rows(two, &[all], &[(100, false, Traffic::one(ICMP, 0), ANY), all]);
    assert_eq!(ping(&it, 8), ONE_WAY);
}

#[test]
fn references_to_groups_know_interfaces_and_not_public_addresses() {
    let (mut it, vpc, one, two) = two_subnets();
    let (clients, servers) = (it.group(), it.group());
    it.let_in(servers, tcp(80), Peer::Group { group: clients, peering: None });
    let client = it.host(one, "10.0.1.10", &[clients]);
    let server = it.host(two, "10.0.2.10", &[servers]);
    assert_eq!(it.tcp(client, "10.0.2.10", 80), YES);
    let stranger = it.host(one, "10.0.1.11", &[servers]);
    assert_eq!(it.tcp(stranger, "10.0.2.10", 80), NO);
    it.publish(client, "54.0.0.1");
    it.publish(server, "54.0.0.2");
    for subnet in [one, two] {
        let igw = it.igw(vpc);
        it.route(subnet, ANY, igw);
    }
    assert_eq!(it.tcp(client, "54.0.0.2", 80), NO, "its public address carries no group");
    it.let_in(servers, tcp(80), Peer::Addresses(set("54.0.0.1")));
    assert_eq!(it.tcp(client, "54.0.0.2", 80), YES);
    it.net.groups[servers].ingress = vec![rule(tcp(80), Peer::Stale("sg-gone".into()))];
    assert_eq!(it.tcp(client, "10.0.2.10", 80), NO);
}

#[test]
fn prefix_lists_count_with_what_is_missing_in_them() {
    let (mut it, _, one, two) = two_subnets();
    let list = it.net.lists.push(PrefixList {
        name: "pl-1".into(),
        entries: set("10.0.1.10"),
        doubt: None,
    });
    let listed = it.group();
    it.let_in(listed, tcp(80), Peer::List(list));
    let (client, other) =
        (it.host(one, "10.0.1.10", &[listed]), it.host(one, "10.0.1.11", &[listed]));
    it.host(two, "10.0.2.10", &[listed]);
    assert_eq!(it.tcp(client, "10.0.2.10", 80), YES);
    assert_eq!(it.tcp(other, "10.0.2.10", 80), NO);
    it.net.lists[list].doubt = Some(cause());
    assert_eq!(it.tcp(client, "10.0.2.10", 80), YES, "what is listed is certain");
    assert_eq!(it.tcp(other, "10.0.2.10", 80), MAYBE);
    assert_eq!(it.tcp(other, "10.0.2.10", 81), NO);
}

#[test]
fn exposure_needs_address_gateway_and_a_route_for_the_answer() {
    let (mut it, vpc, one, two) = two_subnets();
    let web = it.open(tcp(80), ANY);
    let host = it.host(one, "10.0.1.10", &[web]);
    let igw = it.igw(vpc);
    it.route(one, ANY, igw.clone());
    assert_eq!(it.tcp(host, "8.8.8.8", 443), NO, "a route alone is not enough");
    it.publish(host, "54.0.0.1");
    assert_eq!(it.from_internet("54.0.0.1", 80), YES);
    assert_eq!(it.from_internet("54.0.0.1", 81), NO);
    assert_eq!(it.from_internet("54.0.0.9", 80), NO, "nobody has it");
    assert_eq!(it.tcp(host, "8.8.8.8", 443), YES);
    assert_eq!(it.tcp(host, "192.168.1.1", 443), NO, "the internet carries no private addresses");
    // A default route to a NAT gateway: packets come in, answers leave elsewhere.
    let nat = it.nat(two, "10.0.2.5", Some("54.0.0.2"));
    it.route(two, ANY, igw);
    it.net.tables[*it.net.subnets[one].table.known().unwrap()].routes.clear();
    it.route(one, "10.0.0.0/16", Target::Local);
    it.route(one, ANY, Target::Nat(nat));
    assert_eq!(it.from_internet("54.0.0.1", 80), ONE_WAY);
    it.net.vpcs[vpc].internet_gateway = Attr::Known(None);
    assert_eq!(it.from_internet("54.0.0.1", 80), NO);
    it.net.vpcs[vpc].internet_gateway = Attr::Unknown(cause());
    assert_eq!(it.from_internet("54.0.0.1", 80), ('?', 'n'));
}

#[test]
fn nat_gateways_serve_others_and_take_nothing_unasked() {
    let (mut it, vpc, one, two) = two_subnets();
    let group = it.group();
    let (inner, beside) =
        (it.host(one, "10.0.1.10", &[group]), it.host(two, "10.0.2.10", &[group]));
    let nat = it.nat(two, "10.0.2.5", Some("54.0.0.2"));
    let igw = it.igw(vpc);
    it.route(one, ANY, Target::Nat(nat));
    it.route(two, ANY, igw);
    assert_eq!(it.tcp(inner, "8.8.8.8", 443), YES);
    assert_eq!(it.from_internet("54.0.0.2", 443), NO);
    assert_eq!(it.tcp(inner, "10.0.2.5", 443), NO);
    let gre = packet(addr("10.0.1.10"), "8.8.8.8", 47, 0);
    assert_eq!(it.say(Start::Interface(inner), gre), NO);
    it.route(two, "8.8.8.8/32", Target::Nat(nat));
    assert_eq!(it.tcp(beside, "8.8.8.8", 443), NO, "not its own subnet");
    // The ACL of its subnet sees both sides.
    let all = (200, true, Traffic::ALL, ANY);
    it.net.tables[*it.net.subnets[two].table.known().unwrap()].routes.remove(0);
    it.rows(two, &[(100, false, Traffic::ALL, "10.0.1.10/32"), all], &[all]);
    assert_eq!(it.tcp(inner, "8.8.8.8", 443), NO);
    it.rows(two, &[(100, false, Traffic::ALL, "8.8.8.8/32"), all], &[all]);
    assert_eq!(it.tcp(inner, "8.8.8.8", 443), ONE_WAY);
}

#[test]
fn the_longest_prefix_decides_then_the_origin_and_blackholes_win_as_well() {
    let (mut it, vpc, one, _) = two_subnets();
    let far = it.vpc("10.9.0.0/16");
    let there = it.subnet(far, "10.9.1.0/24", "a");
    let open = it.open(Traffic::ALL, ANY);
    let client = it.host(one, "10.0.1.10", &[open]);
    it.host(there, "10.9.1.10", &[open]);
    let peering = it.peering(vpc, far);
    it.route(there, "10.0.0.0/16", Target::Peering(peering));
    it.route(one, "10.9.0.0/16", Target::Peering(peering));
    it.route(one, "10.0.0.0/8", Target::Gone("nat-gone".into()));
    assert_eq!(it.tcp(client, "10.9.1.10", 80), YES);
    it.route(one, "10.9.1.0/24", Target::Peering(peering)).state = RouteState::Blackhole;
    assert_eq!(it.tcp(client, "10.9.1.10", 80), NO);
    it.route(one, "10.9.1.10/32", Target::VpnGateway("vgw-1".into())).origin = Origin::Propagated;
    it.route(one, "10.9.1.10/32", Target::Peering(peering));
    assert_eq!(it.tcp(client, "10.9.1.10", 80), YES, "static before propagated");
}

#[test]
fn peerings_lead_to_interfaces_of_the_peer_and_no_further() {
    let mut it = Sample::default();
    let vpcs = ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"].map(|block| it.vpc(block));
    let open = it.open(Traffic::ALL, ANY);
    let mut subnets = Vec::new();
    let mut hosts = Vec::new();
    for (at, vpc) in vpcs.into_iter().enumerate() {
        let subnet = it.subnet(vpc, &format!("10.{}.1.0/24", at + 1), "a");
        hosts.push(it.host(subnet, &format!("10.{}.1.10", at + 1), &[open]));
        subnets.push(subnet);
    }
    let (left, right) = (it.peering(vpcs[0], vpcs[1]), it.peering(vpcs[1], vpcs[2]));
    it.route(subnets[0], "10.0.0.0/8", Target::Peering(left));
    it.route(subnets[1], "10.3.0.0/16", Target::Peering(right));
    it.route(subnets[2], "10.0.0.0/8", Target::Peering(right));
    assert_eq!(it.tcp(hosts[0], "10.2.1.10", 80), ONE_WAY, "the answer needs a route, too");
    it.route(subnets[1], "10.1.0.0/16", Target::Peering(left));
    assert_eq!(it.tcp(hosts[0], "10.2.1.10", 80), YES);
    assert_eq!(it.tcp(hosts[1], "10.3.1.10", 80), YES);
    assert_eq!(it.tcp(hosts[0], "10.3.1.10", 80), NO, "never through a third");
    // References work within a region only.
    let referring = it.group();
    it.let_in(referring, tcp(80), Peer::Group { group: open, peering: Some(left) });
    it.host(subnets[1], "10.2.1.11", &[referring]);
    assert_eq!(it.tcp(hosts[0], "10.2.1.11", 80), YES);
    it.net.peerings[left].same_region = Attr::Known(false);
    assert_eq!(it.tcp(hosts[0], "10.2.1.11", 80), NO);
}

#[test]
fn transit_gateways_go_by_zone_association_and_the_tables_of_both_sides() {
    let mut it = Sample::default();
    let (one, two) = (it.vpc("10.1.0.0/16"), it.vpc("10.2.0.0/16"));
    let (near, other) = (it.subnet(one, "10.1.1.0/24", "a"), it.subnet(one, "10.1.2.0/24", "b"));
    let (gate, there) = (it.subnet(two, "10.2.1.0/24", "a"), it.subnet(two, "10.2.2.0/24", "a"));
    let open = it.open(Traffic::ALL, ANY);
    let (host, stray) = (it.host(near, "10.1.1.10", &[open]), it.host(other, "10.1.2.10", &[open]));
    let server = it.host(there, "10.2.2.10", &[open]);
    let transit = it.transit();
    let first = it.attach(transit, &[near]);
    let second = it.attach(transit, &[gate]);
    for subnet in [near, other, there] {
        it.route(subnet, "10.0.0.0/8", Target::TransitGateway(transit.0));
    }
    assert_eq!(it.tcp(host, "10.2.2.10", 80), YES);
    assert_eq!(it.tcp(stray, "10.2.2.10", 80), NO, "no attachment in its zone");
    assert_eq!(it.tcp(server, "10.1.2.10", 80), ONE_WAY, "which receives all the same");
    // The attachment's subnet looks at what comes in by source, at what goes out by destination.
    let all = (200, true, Traffic::ALL, ANY);
    it.rows(gate, &[all], &[(100, false, Traffic::ALL, "10.2.2.10/32"), all]);
    assert_eq!(it.tcp(host, "10.2.2.10", 80), NO);
    it.rows(gate, &[(100, false, Traffic::ALL, "10.2.2.10/32"), all], &[all]);
    assert_eq!(it.tcp(host, "10.2.2.10", 80), ONE_WAY);
    it.rows(gate, &[all], &[all]);
    // References over a transit gateway need its support.
    let referring = it.group();
    it.let_in(referring, tcp(80), Peer::Group { group: open, peering: None });
    it.host(there, "10.2.2.11", &[referring]);
    assert_eq!(it.tcp(host, "10.2.2.11", 80), NO);
    it.net.transit_gateways[transit.0].group_references = Attr::Known(true);
    assert_eq!(it.tcp(host, "10.2.2.11", 80), YES);
    it.transit_route(transit.1, "10.2.2.10/32", 0, TransitTarget::Blackhole);
    assert_eq!(it.tcp(host, "10.2.2.10", 80), NO);
    assert_eq!(it.tcp(host, "10.2.2.11", 80), YES);
    it.net.attachments[second].association = Attr::Known(None);
    assert_eq!(it.tcp(host, "10.2.2.11", 80), ONE_WAY, "nothing comes in without a table");
    it.net.attachments[first].association = Attr::Unknown(cause());
    assert_eq!(it.tcp(host, "10.2.2.11", 80), MAYBE);
}

#[test]
fn what_sites_announce_unlisted_decides_only_where_no_better_route_is_listed() {
    let mut it = Sample::default();
    let (one, two) = (it.vpc("10.1.0.0/16"), it.vpc("10.2.0.0/16"));
    let (near, there) = (it.subnet(one, "10.1.1.0/24", "a"), it.subnet(two, "10.2.1.0/24", "a"));
    let open = it.open(Traffic::ALL, ANY);
    let host = it.host(near, "10.1.1.10", &[open]);
    it.host(there, "10.2.1.10", &[open]);
    let transit = it.transit();
    it.attach(transit, &[near]);
    let second = it.attach(transit, &[there]);
    for subnet in [near, there] {
        it.route(subnet, ANY, Target::TransitGateway(transit.0));
    }
    let blocks = ["10.1.0.0/16", "10.2.0.0/16"].map(|block| block.parse::<Prefix>().unwrap());
    let blocks = AddrSet::of_prefixes(&blocks);
    it.net.transit_tables[transit.1].learned = Some(Learned { cause: cause(), blocks });
    assert_eq!(it.tcp(host, "10.2.1.10", 80), YES, "the block of a VPC is its own");
    assert_eq!(it.tcp(host, "10.3.1.10", 80), MAYBE);
    assert_eq!(it.tcp(host, "8.8.8.8", 80), MAYBE, "a site may announce all of the internet");
    it.transit_route(transit.1, ANY, 0, TransitTarget::Blackhole);
    assert_eq!(it.tcp(host, "8.8.8.8", 80), NO, "and no part of it");
    assert_eq!(it.tcp(host, "10.3.1.10", 80), MAYBE, "but parts of private networks");
    // Without the VPC's own route a wider one of a site may be the longest.
    it.net.transit_tables[transit.1].routes.retain(|route| &*route.label != "10.2.0.0/16");
    it.transit_route(transit.1, "10.0.0.0/8", 0, TransitTarget::Attachments(vec![second]));
    assert_eq!(it.tcp(host, "10.2.1.10", 80), MAYBE);
    it.transit_route(transit.1, "10.2.1.0/24", 1, TransitTarget::Attachments(vec![second]));
    assert_eq!(it.tcp(host, "10.2.1.10", 80), YES);
}

#[test]
fn sites_reach_the_whole_vpc_and_answers_need_a_route() {
    let (mut it, vpc, one, _) = two_subnets();
    let web = it.open(tcp(80), "192.168.0.0/16");
    let host = it.host(one, "10.0.1.10", &[web]);
    let ask = |it: &Sample| {
        it.say(Start::VpnGateway(vpc), packet(addr("192.168.7.7"), "10.0.1.10", TCP, 80))
    };
    assert_eq!(ask(&it), NO, "no gateway");
    it.net.vpcs[vpc].vpn_gateway = Attr::Known(Some("vgw-1".into()));
    assert_eq!(ask(&it), ONE_WAY);
    it.route(one, "192.168.0.0/16", Target::VpnGateway("vgw-1".into())).origin = Origin::Propagated;
    assert_eq!(ask(&it), YES);
    assert_eq!(it.tcp(host, "192.168.7.7", 22), YES);
    it.route(one, "192.168.7.0/24", Target::VpnGateway("vgw-other".into()));
    assert_eq!(ask(&it), ONE_WAY);
}

#[test]
fn gateway_endpoints_are_for_their_own_vpc() {
    let (mut it, vpc, one, _) = two_subnets();
    let group = it.group();
    let host = it.host(one, "10.0.1.10", &[group]);
    let service = it.endpoint(one, EndpointKind::Gateway);
    assert_eq!(it.tcp(host, "3.5.0.1", 443), NO);
    it.route(one, "3.5.0.0/16", Target::Service(service));
    assert_eq!(it.tcp(host, "3.5.0.1", 443), YES);
    let igw = it.igw(vpc);
    it.route(one, ANY, igw);
    assert_eq!(it.tcp(host, "3.5.0.1", 443), YES, "it is the longer prefix");
}

fn firewall(action: FirewallAction) -> Firewall {
    Firewall {
        name: "firewall".into(),
        stateless: vec![FirewallRule {
            number: 1,
            sources: AddrSet::everything(),
            destinations: AddrSet::everything(),
            source_ports: Vec::new(),
            traffic: vec![tcp(22)],
            action: FirewallAction::Drop,
        }],
        stateless_default: Attr::Known(FirewallAction::Forward),
        stateful: Vec::new(),
        stateful_default: Attr::Known(action),
        opaque: None,
    }
}

#[test]
fn edge_tables_lead_through_firewalls_and_appliances() {
    let (mut it, vpc, one, middle) = two_subnets();
    let open = it.open(Traffic::ALL, ANY);
    let host = it.host(one, "10.0.1.10", &[open]);
    it.publish(host, "54.0.0.1");
    let endpoint =
        it.endpoint(middle, EndpointKind::Firewall(Box::new(firewall(FirewallAction::Pass))));
    let igw = it.igw(vpc);
    it.route(one, ANY, Target::Endpoint(endpoint));
    it.route(middle, ANY, igw);
    let edge = it.table(vpc);
    it.route_in(edge, "10.0.1.0/24", Target::Endpoint(endpoint));
    let name = it.net.vpcs[vpc].internet_gateway.known().unwrap().clone().unwrap();
    it.net.vpcs[vpc].edge_tables = vec![(name, edge)];
    assert_eq!(it.from_internet("54.0.0.1", 80), YES);
    assert_eq!(it.from_internet("54.0.0.1", 22), NO, "a stateless rule drops it");
    let say = |it: &mut Sample, kind: EndpointKind| {
        it.net.endpoints[endpoint].kind = kind;
        it.from_internet("54.0.0.1", 80)
    };
    let closed = firewall(FirewallAction::Drop);
    assert_eq!(say(&mut it, EndpointKind::Firewall(Box::new(closed))), NO);
    let opaque = Firewall { opaque: Some(cause()), ..firewall(FirewallAction::Drop) };
    assert_eq!(say(&mut it, EndpointKind::Firewall(Box::new(opaque))), MAYBE);
    assert_eq!(it.from_internet("54.0.0.1", 22), NO, "which is certain all the same");
    assert_eq!(say(&mut it, EndpointKind::Appliance), MAYBE);
}

#[test]
fn a_firewall_that_never_saw_a_packet_may_drop_the_answer() {
    let (mut it, vpc, one, middle) = two_subnets();
    let open = it.open(Traffic::ALL, ANY);
    let host = it.host(one, "10.0.1.10", &[open]);
    it.publish(host, "54.0.0.1");
    let endpoint =
        it.endpoint(middle, EndpointKind::Firewall(Box::new(firewall(FirewallAction::Pass))));
    let igw = it.igw(vpc);
    it.route(one, ANY, Target::Endpoint(endpoint));
    it.route(middle, ANY, igw);
    // Without an edge table packets come in past the firewall.
    assert_eq!(it.from_internet("54.0.0.1", 80), ('y', '?'));
}

#[test]
fn appliances_are_unknown_and_other_interfaces_forward_nothing() {
    let (mut it, _, one, two) = two_subnets();
    let open = it.open(Traffic::ALL, ANY);
    let host = it.host(one, "10.0.1.10", &[open]);
    let appliance = it.host(two, "10.0.2.10", &[open]);
    it.route(one, ANY, Target::Interface(appliance));
    assert_eq!(it.tcp(host, "8.8.8.8", 80), NO);
    it.net.interfaces[appliance].forwards = Attr::Known(true);
    assert_eq!(it.tcp(host, "8.8.8.8", 80), MAYBE);
    assert_eq!(it.tcp(host, "10.0.2.10", 80), YES);
}

#[test]
fn block_public_access_closes_internet_gateways() {
    let (mut it, vpc, one, two) = two_subnets();
    let open = it.open(Traffic::ALL, ANY);
    let (host, inner) = (it.host(one, "10.0.1.10", &[open]), it.host(two, "10.0.2.10", &[open]));
    it.publish(host, "54.0.0.1");
    let nat = it.nat(one, "10.0.1.5", Some("54.0.0.2"));
    let igw = it.igw(vpc);
    it.route(one, ANY, igw);
    it.route(two, ANY, Target::Nat(nat));
    let block = |it: &mut Sample, block: Attr<Block>| {
        it.net.subnets[one].block = block;
        (it.from_internet("54.0.0.1", 80), it.tcp(inner, "8.8.8.8", 443))
    };
    assert_eq!(block(&mut it, Attr::Known(Block::Off)), (YES, YES));
    assert_eq!(block(&mut it, Attr::Known(Block::Ingress)), (NO, YES));
    assert_eq!(it.tcp(host, "8.8.8.8", 443), NO);
    assert_eq!(block(&mut it, Attr::Known(Block::Bidirectional)), (NO, NO));
    assert_eq!(block(&mut it, Attr::Unknown(cause())).0, MAYBE);
}

#[test]
fn gateways_deliver_nothing_to_interfaces_that_deny_them() {
    let (mut it, vpc, one, two) = two_subnets();
    let open = it.open(Traffic::ALL, ANY);
    let (host, inner) = (it.host(one, "10.0.1.10", &[open]), it.host(two, "10.0.2.10", &[open]));
    it.publish(host, "54.0.0.1");
    let igw = it.igw(vpc);
    it.route(one, ANY, igw);
    let mut ask = |shut: Attr<bool>| {
        it.net.interfaces[host].shut = shut;
        let found = Analysis::new(&it.net).exposure(&AddrSet::internet());
        let exposed = match found.as_slice() {
            [] => NO,
            all if all.iter().all(|it| it.doubt.is_none()) => YES,
            _ => MAYBE,
        };
        (it.from_internet("54.0.0.1", 80), it.tcp(inner, "10.0.1.10", 80), exposed)
    };
    assert_eq!(ask(Attr::Known(false)), (YES, YES, YES));
    assert_eq!(ask(Attr::Known(true)), (NO, YES, NO));
    assert_eq!(ask(Attr::Unknown(cause())), (MAYBE, YES, MAYBE));
}

#[test]
fn ipv6_needs_no_translation_and_egress_only_gateways_let_nothing_in() {
    let mut it = Sample::default();
    let vpc = it.vpc("10.0.0.0/16 2600:1f14:1::/56");
    let subnet = it.subnet(vpc, "10.0.1.0/24 2600:1f14:1:1::/64", "a");
    let four = it.open(tcp(80), ANY);
    let host = it.host(subnet, "10.0.1.10 2600:1f14:1:1::10", &[four]);
    let igw = it.igw(vpc);
    it.route(subnet, ANY, igw.clone());
    assert_eq!(it.from_internet("2600:1f14:1:1::10", 80), NO, "rules of IPv4 are for IPv4");
    it.let_in(four, tcp(80), Peer::Addresses(set("::/0")));
    assert_eq!(it.from_internet("2600:1f14:1:1::10", 80), ONE_WAY, "its own default route");
    it.route(subnet, "::/0", igw);
    assert_eq!(it.from_internet("2600:1f14:1:1::10", 80), YES);
    it.net.vpcs[vpc].egress_only_gateway = Attr::Known(Some("eigw-1".into()));
    let table = *it.net.subnets[subnet].table.known().unwrap();
    it.net.tables[table].routes.remove(0);
    it.route(subnet, "::/0", Target::EgressOnlyGateway("eigw-1".into()));
    assert_eq!(it.tcp(host, "2606:4700::1111", 443), YES);
    assert_eq!(it.from_internet("2600:1f14:1:1::10", 80), ONE_WAY, "answers do not leave by it");
    it.net.vpcs[vpc].internet_gateway = Attr::Known(None);
    assert_eq!(it.tcp(host, "2606:4700::1111", 443), YES, "it lets answers in");
    assert_eq!(it.from_internet("2600:1f14:1:1::10", 80), NO);
}

#[test]
fn network_balancers_answer_at_listeners_and_keep_the_client_or_not() {
    let (mut it, _, one, two) = two_subnets();
    let open = it.open(Traffic::ALL, ANY);
    let client = it.host(one, "10.0.1.10", &[open]);
    let targets = it.open(tcp(8080), "10.0.1.10/32");
    let target = it.host(two, "10.0.2.10", &[targets]);
    let (balancer, group) = it.balancer(BalancerKind::Network, &[(two, "10.0.2.5")], &[]);
    it.target(group, target, 8080);
    assert_eq!(it.tcp(client, "10.0.2.5", 80), YES, "the target sees the client");
    assert_eq!(it.tcp(client, "10.0.2.5", 81), NO, "no listener");
    it.net.target_groups[group].keeps_client = Attr::Known(false);
    assert_eq!(it.tcp(client, "10.0.2.5", 80), NO, "the target sees the balancer");
    it.net.groups[targets].ingress = vec![rule(tcp(8080), Peer::Addresses(set("10.0.2.5/32")))];
    assert_eq!(it.tcp(client, "10.0.2.5", 80), YES);
    it.net.target_groups[group].keeps_client = Attr::Known(true);
    assert_eq!(it.tcp(client, "10.0.2.5", 80), NO);
    it.net.target_groups[group].keeps_client = Attr::Unknown(cause());
    assert_eq!(it.tcp(client, "10.0.2.5", 80), MAYBE);
    it.net.balancers[balancer].listeners[0].targets.clear();
    assert_eq!(it.tcp(client, "10.0.2.5", 80), NO, "nobody behind it");
}

#[test]
fn network_balancers_with_groups_are_filtered_and_can_be_referred_to() {
    let (mut it, _, one, two) = two_subnets();
    let open = it.open(Traffic::ALL, ANY);
    let client = it.host(one, "10.0.1.10", &[open]);
    let front = it.open(tcp(80), "10.0.1.10/32");
    let targets = it.group();
    it.let_in(targets, tcp(8080), Peer::Group { group: front, peering: None });
    let target = it.host(two, "10.0.2.10", &[targets]);
    let (_, group) = it.balancer(BalancerKind::Network, &[(two, "10.0.2.5")], &[front]);
    it.target(group, target, 8080);
    assert_eq!(it.tcp(client, "10.0.2.5", 80), YES, "even where the client is kept");
    assert_eq!(it.tcp(client, "10.0.2.10", 8080), NO);
    it.net.groups[front].ingress = vec![rule(tcp(80), Peer::Addresses(set("10.0.1.11/32")))];
    assert_eq!(it.tcp(client, "10.0.2.5", 80), NO);
}

#[test]
fn balancers_choose_targets_by_zone_and_health() {
    let (mut it, _, one, two) = two_subnets();
    let open = it.open(Traffic::ALL, ANY);
    let (client, good) = (it.host(one, "10.0.1.10", &[open]), it.host(two, "10.0.2.10", &[open]));
    let closed = it.group();
    let bad = it.host(two, "10.0.2.11", &[closed]);
    let (balancer, group) = it.balancer(BalancerKind::Network, &[(one, "10.0.1.5")], &[]);
    it.target(group, good, 80);
    it.target(group, bad, 80);
    assert_eq!(it.tcp(client, "10.0.1.5", 80), NO, "the targets are in another zone");
    it.net.balancers[balancer].cross_zone = Attr::Known(true);
    assert_eq!(it.tcp(client, "10.0.1.5", 80), YES);
    it.net.target_groups[group].targets[0].healthy = Attr::Known(false);
    assert_eq!(it.tcp(client, "10.0.1.5", 80), NO, "only the healthy one is served");
    it.net.target_groups[group].targets[1].healthy = Attr::Known(false);
    assert_eq!(it.tcp(client, "10.0.1.5", 80), YES, "when none is healthy, all are");
    it.net.target_groups[group].targets[0].used = Attr::Known(false);
    assert_eq!(it.tcp(client, "10.0.1.5", 80), NO);
    // A client that is its own target would see itself as the source.
    it.net.target_groups[group].targets.clear();
    it.target(group, client, 80);
    assert_eq!(it.tcp(client, "10.0.1.5", 80), NO);
    it.net.target_groups[group].keeps_client = Attr::Known(false);
    assert_eq!(it.tcp(client, "10.0.1.5", 80), YES);
}

#[test]
fn acls_of_a_balancers_subnet_see_both_legs_both_ways() {
    let (mut it, vpc, one, two) = two_subnets();
    let three = it.subnet(vpc, "10.0.3.0/24", "b");
    let open = it.open(Traffic::ALL, ANY);
    let (client, target) =
        (it.host(one, "10.0.1.10", &[open]), it.host(three, "10.0.3.10", &[open]));
    let (_, group) = it.balancer(BalancerKind::Network, &[(two, "10.0.2.5")], &[]);
    it.target(group, target, 8080);
    assert_eq!(it.tcp(client, "10.0.2.5", 80), YES);
    let all = (200, true, Traffic::ALL, ANY);
    it.rows(two, &[all], &[(100, false, tcp(8080), ANY), all]);
    assert_eq!(it.tcp(client, "10.0.2.5", 80), NO, "the second leg leaves its subnet");
    it.rows(two, &[(100, false, Traffic::ALL, "10.0.3.10/32"), all], &[all]);
    assert_eq!(it.tcp(client, "10.0.2.5", 80), ONE_WAY, "the target's answer comes in");
    it.rows(two, &[all], &[(100, false, tcp(40_000), "10.0.1.10/32"), all]);
    assert_eq!(it.tcp(client, "10.0.2.5", 80), ONE_WAY, "the balancer's answer leaves");
    it.rows(two, &[all], &[all]);
    it.rows(three, &[all], &[(100, false, Traffic::ALL, "10.0.1.10/32"), all]);
    assert_eq!(it.tcp(client, "10.0.2.5", 80), ONE_WAY, "the target answers the client");
}

#[test]
fn application_and_classic_balancers_end_connections() {
    for kind in [BalancerKind::Application, BalancerKind::Classic] {
        let (mut it, vpc, one, two) = two_subnets();
        let front = it.open(tcp(80), ANY);
        let (balancer, group) = it.balancer(kind, &[(one, "10.0.1.5")], &[front]);
        let node = it.net.balancers[balancer].interfaces[0];
        it.publish(node, "54.0.0.5");
        let igw = it.igw(vpc);
        it.route(one, ANY, igw);
        let targets = it.group();
        it.let_in(targets, tcp(8080), Peer::Group { group: front, peering: None });
        let target = it.host(two, "10.0.2.10", &[targets]);
        it.target(group, target, 8080);
        assert_eq!(it.from_internet("54.0.0.5", 80), YES);
        assert_eq!(it.from_internet("54.0.0.5", 81), NO, "no listener");
        assert_eq!(it.tcp(node, "10.0.2.10", 8080), YES, "its own connection");
        it.net.groups[front].ingress.clear();
        assert_eq!(it.from_internet("54.0.0.5", 80), NO);
    }
}

#[test]
fn services_are_reached_by_endpoints_and_never_the_other_way() {
    let mut it = Sample::default();
    let (consumer, provider) = (it.vpc("10.1.0.0/16"), it.vpc("10.1.0.0/16"));
    let (here, there) =
        (it.subnet(consumer, "10.1.1.0/24", "a"), it.subnet(provider, "10.1.1.0/24", "a"));
    let open = it.open(Traffic::ALL, ANY);
    let client = it.host(here, "10.1.1.10", &[open]);
    let door = it.host(here, "10.1.1.20", &[open]);
    let endpoint = it.endpoint(here, EndpointKind::Interface);
    it.net.interfaces[door].kind = InterfaceKind::Endpoint(Some(endpoint));
    it.net.endpoints[endpoint].interfaces = vec![door];
    let (balancer, group) = it.balancer(BalancerKind::Network, &[(there, "10.1.1.30")], &[]);
    let seen = it.open(tcp(8080), "10.1.1.30/32");
    let server = it.host(there, "10.1.1.40", &[seen]);
    it.target(group, server, 8080);
    it.private_link(provider, balancer, endpoint);
    assert_eq!(it.tcp(client, "10.1.1.20", 80), YES);
    assert_eq!(it.tcp(server, "10.1.1.10", 80), NO, "the provider sees nothing of the consumer");
    let ends = |it: &Sample| {
        let trace = portcullis::analyze::network::trace::trace(
            &it.net,
            Start::Interface(client),
            packet(addr("10.1.1.10"), "10.1.1.20", TCP, 80),
        );
        std::iter::once(trace.receiver)
            .chain(
                trace
                    .others
                    .iter()
                    .filter(|it| it.forward == Verdict::Passes)
                    .map(|it| it.receiver),
            )
            .flatten()
            .collect::<Vec<_>>()
    };
    assert!(ends(&it).contains(&server), "behind the endpoint is the provider's target");
    it.net.groups[seen].ingress.clear();
    assert!(!ends(&it).contains(&server));
}

#[test]
fn functions_only_send() {
    let (mut it, _, one, two) = two_subnets();
    let open = it.open(Traffic::ALL, ANY);
    let (function, host) = (it.host(one, "10.0.1.10", &[open]), it.host(two, "10.0.2.10", &[open]));
    it.net.interfaces[function].kind = InterfaceKind::Function;
    assert_eq!(it.tcp(function, "10.0.2.10", 80), YES);
    assert_eq!(it.tcp(host, "10.0.1.10", 80), NO);
}

#[test]
fn nothing_filters_what_a_host_sends_itself() {
    let (mut it, _, one, two) = two_subnets();
    let closed = it.group();
    let host = it.host(one, "10.0.1.10", &[closed]);
    it.host(two, "10.0.2.10", &[closed]);
    assert_eq!(it.tcp(host, "10.0.1.10", 22), YES);
    assert_eq!(it.tcp(host, "10.0.2.10", 22), NO);
}
