//! What joins environments, one thing at a time, and what is said of it.

use portcullis::analyze::network::breach::{Breach, Kind, Level, isolation};
use portcullis::analyze::network::packet::Touch;
use portcullis::analyze::network::reach::Analysis;
use portcullis::analyze::network::topology::{
    Attachment, AttachmentKind, BalancerKind, EndpointKind, Id, Interface, InterfaceKind, Node,
    Peer, Target, TransitTarget,
};
use portcullis::model::Attr;
use portcullis::net::Traffic;
use portcullis::net::traffic::TCP;

use super::sample::{Sample, cause, set, tcp};

const ANY: &str = "0.0.0.0/0";

fn place(it: &mut Sample, interface: Id<Interface>, environment: &str) {
    it.net.interfaces[interface].environment = Attr::Known(Some(environment.into()));
}

fn found(it: &Sample) -> Vec<Breach> {
    isolation(&Analysis::new(&it.net), &[]).breaches
}

fn said(breaches: &[Breach]) -> Vec<(&str, &str, Kind, Level, bool)> {
    breaches.iter().map(|b| (&*b.from, &*b.to, b.kind, b.level, b.doubt.is_some())).collect()
}

/// Two peered VPCs with a machine in each.
fn peered()
-> (Sample, Id<Interface>, Id<Interface>, Id<portcullis::analyze::network::topology::Group>) {
    let mut it = Sample::default();
    let (dev, prod) = (it.vpc("10.1.0.0/16"), it.vpc("10.2.0.0/16"));
    let (here, there) = (it.subnet(dev, "10.1.1.0/24", "a"), it.subnet(prod, "10.2.1.0/24", "a"));
    let peering = it.peering(dev, prod);
    it.route(here, "10.2.0.0/16", Target::Peering(peering));
    it.route(there, "10.1.0.0/16", Target::Peering(peering));
    let (closed, group) = (it.group(), it.group());
    let client = it.host(here, "10.1.1.10", &[closed]);
    let server = it.host(there, "10.2.1.10", &[group]);
    place(&mut it, client, "dev");
    place(&mut it, server, "prod");
    (it, client, server, group)
}

#[test]
fn a_peering_that_nothing_is_admitted_over_is_one_change_away() {
    let (mut it, client, _, group) = peered();
    assert_eq!(
        said(&found(&it)),
        [
            ("dev", "prod", Kind::Peering, Level::RoutedOnly, false),
            ("prod", "dev", Kind::Peering, Level::RoutedOnly, false),
        ]
    );
    it.let_in(group, tcp(5432), Peer::Addresses(set("10.1.1.0/24")));
    it.let_in(group, tcp(22), Peer::Addresses(set("10.9.0.0/16")));
    let breaches = found(&it);
    assert_eq!(
        said(&breaches),
        [
            ("dev", "prod", Kind::Peering, Level::Admitted, false),
            ("prod", "dev", Kind::Peering, Level::RoutedOnly, false),
        ]
    );
    assert_eq!(breaches[0].traffic, [tcp(5432)]);
    assert_eq!(breaches[0].pairs, (1, 1));
    assert!(matches!(breaches[0].rule, Some(Touch::GroupRule(it, true, _)) if it == group));
    // What its own rules keep in does not get there.
    let own = it.net.interfaces[client].groups.known().unwrap().unwrap();
    let own = it.net.group_sets[own].groups[0];
    it.net.groups[own].egress.clear();
    assert_eq!(found(&it)[0].level, Level::RoutedOnly);
    it.net.groups[own].egress_doubt = Some(cause());
    let breaches = found(&it);
    assert_eq!(said(&breaches)[0], ("dev", "prod", Kind::Peering, Level::Admitted, true));
}

#[test]
fn rules_that_refer_to_groups_match_members_only() {
    let (mut it, client, _, group) = peered();
    let other = it.group();
    it.let_in(group, tcp(443), Peer::Group { group: other, peering: None });
    assert_eq!(found(&it)[0].level, Level::RoutedOnly);
    let own = it.net.interfaces[client].groups.known().unwrap().unwrap();
    let own = it.net.group_sets[own].groups[0];
    it.let_in(group, tcp(443), Peer::Group { group: own, peering: None });
    assert_eq!(found(&it)[0].level, Level::Admitted);
}

#[test]
fn environments_that_are_not_known_are_doubts() {
    let (mut it, _, server, _) = peered();
    it.net.interfaces[server].environment = Attr::Unknown(cause());
    let third = it.net.interfaces[server].subnet;
    let green = it.host(third, "10.2.1.11", &[]);
    place(&mut it, green, "green");
    let found = isolation(&Analysis::new(&it.net), &[]);
    assert_eq!(found.doubts.iter().filter(|(n, _)| *n == Some(Node::Interface(server))).count(), 1);
}

#[test]
fn a_site_between_two_environments_is_a_relay_nobody_can_decide() {
    let mut it = Sample::default();
    let (dev, prod) = (it.vpc("10.1.0.0/16"), it.vpc("10.2.0.0/16"));
    let (here, there) = (it.subnet(dev, "10.1.1.0/24", "a"), it.subnet(prod, "10.2.1.0/24", "a"));
    let open = it.open(Traffic::ALL, ANY);
    let (client, server) =
        (it.host(here, "10.1.1.10", &[open]), it.host(there, "10.2.1.10", &[open]));
    place(&mut it, client, "dev");
    place(&mut it, server, "prod");
    let (gateway, table) = it.transit();
    let one = it.attach((gateway, table), &[here]);
    let own = it.net.transit_tables[table].clone();
    let other = it.net.transit_tables.push(own);
    it.net.transit_tables[table].routes.clear();
    it.transit_route(table, "192.168.0.0/16", 2, TransitTarget::Attachments(Vec::new()));
    let site = it.net.attachments.push(Attachment {
        name: "tgw-attach-site".into(),
        gateway,
        kind: AttachmentKind::Site("office".into()),
        association: Attr::Known(Some(other)),
    });
    it.net.transit_tables[table].routes[0].target = TransitTarget::Attachments(vec![site]);
    it.route(here, "192.168.0.0/16", Target::TransitGateway(gateway));
    assert_eq!(said(&found(&it)), [], "nothing leads on from the site");
    it.net.attachments[one].association = Attr::Known(Some(table));
    it.attach((gateway, other), &[there]);
    let breaches = found(&it);
    assert_eq!(said(&breaches), [("dev", "prod", Kind::Site, Level::RoutedOnly, true)]);
    assert_eq!(breaches[0].link, Node::Attachment(site));
}

#[test]
fn interfaces_that_forward_and_machines_in_two_environments_are_relays() {
    let (mut it, client, server, _) = peered();
    let subnet = it.net.interfaces[client].subnet;
    // The direct way goes; an appliance stands in its place.
    let table = *it.net.subnets[subnet].table.known().unwrap();
    let routes = &mut it.net.tables[table].routes;
    let at = routes.iter().position(|r| matches!(r.target, Target::Peering(_))).unwrap();
    let peering = routes.remove(at).target;
    let vpc = it.net.subnets[subnet].vpc;
    let beside = it.subnet(vpc, "10.1.9.0/24", "a");
    it.route(beside, "10.2.0.0/16", peering);
    let appliance = it.host(beside, "10.1.9.9", &[]);
    it.route(subnet, "10.2.0.0/16", Target::Interface(appliance));
    let relays = |it: &Sample| {
        let all = found(it);
        all.into_iter().filter(|b| b.kind == Kind::Relay).map(|b| b.link).collect::<Vec<_>>()
    };
    assert_eq!(relays(&it), []);
    it.net.interfaces[appliance].forwards = Attr::Known(true);
    assert_eq!(relays(&it), [Node::Interface(appliance)]);
    assert_eq!(said(&found(&it)).iter().filter(|b| b.2 == Kind::Relay).count(), 1);
    let _ = server;
}

#[test]
fn balancers_and_endpoints_stand_for_what_they_lead_to() {
    let mut it = Sample::default();
    let (consumer, provider) = (it.vpc("10.1.0.0/16"), it.vpc("10.1.0.0/16"));
    let (here, there) =
        (it.subnet(consumer, "10.1.1.0/24", "a"), it.subnet(provider, "10.1.1.0/24", "a"));
    let open = it.open(Traffic::ALL, ANY);
    let client = it.host(here, "10.1.1.10", &[open]);
    let entrance = it.host(here, "10.1.1.20", &[open]);
    let endpoint = it.endpoint(here, EndpointKind::Interface);
    it.net.interfaces[entrance].kind = InterfaceKind::Endpoint(Some(endpoint));
    it.net.endpoints[endpoint].interfaces = vec![entrance];
    let (balancer, group) = it.balancer(BalancerKind::Network, &[(there, "10.1.1.30")], &[]);
    let seen = it.open(tcp(8080), "10.1.1.30/32");
    let server = it.host(there, "10.1.1.40", &[seen]);
    it.target(group, server, 8080);
    let node = it.net.balancers[balancer].interfaces[0];
    for (interface, name) in [(client, "dev"), (entrance, "dev"), (node, "prod"), (server, "prod")]
    {
        place(&mut it, interface, name);
    }
    assert_eq!(said(&found(&it)), []);
    it.private_link(provider, balancer, endpoint);
    let breaches = found(&it);
    assert_eq!(said(&breaches), [("dev", "prod", Kind::PrivateLink, Level::Admitted, false)]);
    assert_eq!(breaches[0].link, Node::Endpoint(endpoint));
    assert_eq!(breaches[0].traffic, [Traffic::one(TCP, 80)]);
    it.net.groups[seen].ingress.clear();
    assert_eq!(found(&it).first().map(|b| b.level), Some(Level::RoutedOnly));
    // The balancer in the environment of its clients, its target elsewhere.
    it.let_in(seen, tcp(8080), Peer::Addresses(set(ANY)));
    it.net.doors = portcullis::analyze::network::topology::Arena::default();
    place(&mut it, node, "dev");
    let neighbour = it.host(there, "10.1.1.50", &[open]);
    place(&mut it, neighbour, "dev");
    let breaches = found(&it);
    let over: Vec<_> = breaches.iter().filter(|b| b.kind == Kind::LoadBalancer).collect();
    assert_eq!(over.len(), 1, "{:?}", said(&breaches));
    assert_eq!((over[0].link, over[0].level), (Node::Balancer(balancer), Level::Admitted));
}
