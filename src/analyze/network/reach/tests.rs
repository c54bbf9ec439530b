//! Exposure and connections of small networks by hand.

use super::{Analysis, End, Entry, Exposure};
use crate::analyze::network::packet::{Packet, Reply, Start, Verdict};
use crate::analyze::network::sample::{Sample, addr, from, of_group, open_row, row, set, tcp, udp};
use crate::analyze::network::topology::{Door, DoorKind, Id, Interface, Peering, PortMap, Target};
use crate::analyze::network::trace::Tracer;
use crate::model::{Attr, CauseKind};
use crate::net::traffic::TCP;
use crate::net::{AddrSet, Ports, Traffic};

fn igw() -> Target {
    Target::InternetGateway("igw".into())
}

fn internet() -> AddrSet {
    AddrSet::internet()
}

/// A host with a public address and a group, and what the subnet's ACL lets out.
fn public_host(
    egress: Vec<crate::analyze::network::topology::AclRule>,
    routes: &[(&str, Target)],
) -> (Sample, Id<Interface>) {
    let mut it = Sample::default();
    let vpc = it.vpc("vpc-a", &["10.0.0.0/16", "2600:1::/56"]);
    let table = it.table(vpc, "rtb", routes);
    let acl = it.acl("acl", vec![open_row()], egress);
    let subnet = it.subnet(vpc, "subnet", &["10.0.0.0/24", "2600:1::/64"], table, acl);
    let group = it.group(
        "sg",
        vec![
            from(tcp(22, 22), &["0.0.0.0/0"]),
            from(tcp(443, 443), &["203.0.113.0/24", "10.0.0.0/8"]),
            from(udp(53, 53), &["::/0"]),
        ],
    );
    let host = it.interface(subnet, "eni", &["10.0.0.5=52.0.0.5", "2600:1::5"], &[group]);
    (it, host)
}

fn shown(all: &[Exposure]) -> Vec<(String, String, Reply)> {
    all.iter()
        .map(|it| {
            let clients = if it.clients.ranges().len() > 2 {
                "many".to_owned()
            } else {
                it.clients.to_string()
            };
            (it.outside.to_string(), clients, it.reply.clone())
        })
        .collect()
}

#[test]
fn a_public_host_shows_what_its_group_admits() {
    let (it, host) = public_host(vec![open_row()], &[("0.0.0.0/0", igw()), ("::/0", igw())]);
    let sets = Analysis::new(&it.net);
    let all = sets.exposure(&internet());
    assert_eq!(
        shown(&all),
        [
            ("TCP 22".to_owned(), "many".to_owned(), Reply::Full),
            ("TCP 443".to_owned(), "203.0.113.0/24".to_owned(), Reply::Full),
            ("UDP 53".to_owned(), "2000::/3".to_owned(), Reply::Full),
        ]
    );
    assert!(all.iter().all(|it| it.interface == Some(host) && it.doubt.is_none()));
    assert_eq!(all[0].entry, Entry::Address(addr("52.0.0.5")));
    assert_eq!(all[0].rules.len(), 1);
    // Every witness is replayed by the tracer.
    let tracer = Tracer::new(&it.net);
    for found in &all {
        let trace = tracer.trace(found.witness.0, found.witness.1);
        assert_eq!(trace.reply, Verdict::Passes, "{:?}", found.witness);
        assert_eq!(trace.receiver, Some(host));
    }
    assert_eq!(sets.exposure_of(host, &internet()).len(), all.len());
}

#[test]
fn a_route_elsewhere_lets_in_and_nothing_back() {
    let (it, _) = public_host(vec![open_row()], &[("::/0", igw())]);
    let all = Analysis::new(&it.net).exposure(&internet());
    let replies: Vec<&Reply> = all.iter().map(|it| &it.reply).collect();
    assert_eq!(replies, [&Reply::None, &Reply::None, &Reply::Full]);
}

#[test]
fn an_acl_lets_back_some_ports() {
    let egress = vec![
        row(90, false, tcp(0, 65535), &["203.0.113.128/25"]),
        row(100, true, tcp(32768, 60999), &["0.0.0.0/0"]),
    ];
    let (it, host) = public_host(egress, &[("0.0.0.0/0", igw()), ("::/0", igw())]);
    let sets = Analysis::new(&it.net);
    let all = sets.exposure(&internet());
    let partial = || Reply::Partial(vec![Ports::new(32768, 60999)]);
    let replies = |traffic: &str| -> Vec<(String, Reply)> {
        let of = shown(&all).into_iter().filter(|it| it.0 == traffic);
        of.map(|(_, clients, reply)| (clients, reply)).collect()
    };
    assert_eq!(
        replies("TCP 443"),
        [("203.0.113.0/25".to_owned(), partial()), ("203.0.113.128/25".to_owned(), Reply::None),]
    );
    assert_eq!(replies("UDP 53"), [("2000::/3".to_owned(), Reply::None)]);
    // The general engine says the same.
    let mut again = sets.exposure_of(host, &internet());
    again.retain(|it| it.outside == tcp(443, 443));
    assert_eq!(shown(&again).len(), 2);
}

#[test]
fn an_unknown_acl_leaves_doubt_and_a_closed_group_none() {
    let (mut it, _) = public_host(vec![open_row()], &[("0.0.0.0/0", igw()), ("::/0", igw())]);
    let acl = it.net.acls.ids().next().unwrap();
    it.net.acls[acl].doubt = Some(crate::model::Cause::new(CauseKind::Denied, "hidden"));
    let all = Analysis::new(&it.net).exposure(&internet());
    assert!(!all.is_empty() && all.iter().all(|it| it.doubt.is_some()));
    let group = it.net.groups.ids().next().unwrap();
    it.net.groups[group].ingress.clear();
    assert_eq!(Analysis::new(&it.net).exposure(&internet()), []);
}

/// Two peered VPCs with a host each; the second admits the first's group.
fn peered() -> (Sample, Id<Interface>, Id<Interface>) {
    let mut it = Sample::default();
    let one = it.vpc("vpc-1", &["10.1.0.0/16"]);
    let two = it.vpc("vpc-2", &["10.2.0.0/16"]);
    let peering = it.net.peerings.push(Peering {
        name: "pcx".into(),
        sides: [("vpc-1".into(), Some(one)), ("vpc-2".into(), Some(two))],
        blocks: [set(&["10.1.0.0/16"]), set(&["10.2.0.0/16"])],
        same_region: Attr::Known(true),
    });
    let acl = it.acl("acl", vec![open_row()], vec![open_row()]);
    let (out, back) = (Target::Peering(peering), Target::Peering(peering));
    let table1 = it.table(one, "rtb-1", &[("10.2.0.0/16", out)]);
    let table2 = it.table(two, "rtb-2", &[("10.1.0.0/24", back)]);
    let subnet1 = it.subnet(one, "subnet-1", &["10.1.0.0/24"], table1, acl);
    let subnet2 = it.subnet(two, "subnet-2", &["10.2.0.0/24"], table2, acl);
    let clients = it.group("sg-clients", Vec::new());
    let servers = it.group("sg-servers", vec![of_group(tcp(80, 90), clients)]);
    let from = it.interface(subnet1, "eni-1", &["10.1.0.5"], &[clients]);
    let to = it.interface(subnet2, "eni-2", &["10.2.0.5"], &[servers]);
    (it, from, to)
}

#[test]
fn a_group_is_referred_to_across_a_peering() {
    let (mut it, from, to) = peered();
    let sets = Analysis::new(&it.net);
    let all = sets.pair(from, to);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].traffic, tcp(80, 90));
    assert_eq!((all[0].source_ports, all[0].answered.clone()), (Ports::ALL, Attr::Known(true)));
    assert_eq!(all[0].end, End::Interface(to));
    assert_eq!(sets.pair(to, from), []);
    // Across regions such rules match nothing.
    let peering = it.net.peerings.ids().next().unwrap();
    it.net.peerings[peering].same_region = Attr::Known(false);
    assert_eq!(Analysis::new(&it.net).pair(from, to), []);
}

#[test]
fn a_missing_way_back_is_told() {
    let (mut it, from, to) = peered();
    let table = it.net.interfaces[to].subnet;
    let table = *it.net.subnets[table].table.known().unwrap();
    it.net.tables[table].routes.retain(|route| route.target == Target::Local);
    let all = Analysis::new(&it.net).pair(from, to);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].answered, Attr::Known(false));
    let packet = Packet {
        source: addr("10.1.0.5"),
        destination: addr("10.2.0.5"),
        protocol: TCP,
        source_port: 40_000,
        port: 80,
    };
    let verdict = Analysis::new(&it.net).verdict(Start::Interface(from), packet);
    assert_eq!(verdict, (Verdict::Passes, Verdict::Blocked));
}

#[test]
fn rows_cut_source_ports() {
    let (mut it, from, to) = peered();
    let acl = it.net.acls.ids().next().unwrap();
    it.net.acls[acl].ingress = vec![
        row(100, true, tcp(0, 1023), &["0.0.0.0/0"]),
        row(200, true, tcp(50_000, 65_535), &["10.2.0.0/16"]),
    ];
    let all = Analysis::new(&it.net).pair(from, to);
    let answered: Vec<(Traffic, Ports)> = all
        .iter()
        .filter(|it| it.answered == Attr::Known(true))
        .map(|it| (it.traffic, it.source_ports))
        .collect();
    assert_eq!(
        answered,
        [(tcp(80, 90), Ports::new(0, 1023)), (tcp(80, 90), Ports::new(50_000, 65_535))]
    );
}

/// A host without a public address behind an accelerator, in a subnet without a route to the internet.
fn accelerated(keeps_client: bool) -> (Sample, Id<Interface>) {
    let mut it = Sample::default();
    let vpc = it.vpc("vpc-a", &["10.0.0.0/16"]);
    let table = it.table(vpc, "rtb", &[]);
    let closed = row(100, false, Traffic::ALL, &["0.0.0.0/0"]);
    let acl = it.acl("acl", vec![closed], vec![open_row()]);
    let subnet = it.subnet(vpc, "subnet", &["10.0.0.0/24"], table, acl);
    let group = it.group("sg", vec![from(tcp(8080, 8080), &["203.0.113.0/24"])]);
    let host = it.interface(subnet, "eni", &["10.0.0.5"], &[group]);
    let place = it.net.vpcs[vpc].place;
    it.net.doors.push(Door {
        name: "accelerator".into(),
        place,
        kind: DoorKind::GlobalAccelerator,
        clients: internet(),
        clients_doubt: None,
        ports: vec![PortMap { outside: tcp(443, 443), inside: Some(8080) }],
        destinations: AddrSet::everything(),
        vpc: Some(vpc),
        balancers: Vec::new(),
        interfaces: vec![host],
        senders: Vec::new(),
        groups: Attr::Known(None),
        keeps_client: keeps_client.into(),
        consumers: Vec::new(),
        foreign_consumers: Vec::new(),
        host: None,
        doubt: None,
    });
    (it, host)
}

#[test]
fn an_accelerator_needs_no_public_address_and_no_inbound_row() {
    let (mut it, host) = accelerated(true);
    let all = Analysis::new(&it.net).exposure(&internet());
    assert_eq!(all.len(), 1, "{all:?}");
    let found = &all[0];
    let door = it.net.doors.ids().next().unwrap();
    assert_eq!((found.interface, found.entry), (Some(host), Entry::Door(door)));
    assert_eq!((found.outside, found.traffic), (tcp(443, 443), tcp(8080, 8080)));
    assert_eq!((&found.clients, &found.doubt), (&set(&["203.0.113.0/24"]), &None));
    assert_eq!(found.reply, Reply::Full);
    // Its answers pass the ACL on the way out, and it needs an internet gateway.
    let acl = it.net.acls.ids().next().unwrap();
    it.net.acls[acl].egress.clear();
    assert_eq!(Analysis::new(&it.net).exposure(&internet())[0].reply, Reply::None);
    let vpc = it.net.vpcs.ids().next().unwrap();
    it.net.vpcs[vpc].internet_gateway = Attr::Known(None);
    assert_eq!(Analysis::new(&it.net).exposure(&internet()), []);
}

#[test]
fn a_door_whose_senders_nobody_listed_leaves_doubt() {
    let (it, _) = accelerated(false);
    let all = Analysis::new(&it.net).exposure(&internet());
    assert!(!all.is_empty() && all.iter().all(|it| it.doubt.is_some()), "{all:?}");
}

#[test]
fn a_client_vpn_leads_wherever_its_interface_may_go() {
    let (mut it, host) = accelerated(false);
    let subnet = it.net.interfaces[host].subnet;
    let people = it.group("sg-people", Vec::new());
    let sender = it.interface(subnet, "eni-vpn", &["10.0.0.9"], &[people]);
    let group = it.net.groups.ids().next().unwrap();
    it.net.groups[group].ingress = vec![of_group(tcp(22, 22), people)];
    let door = it.net.doors.ids().next().unwrap();
    it.net.doors[door].kind = DoorKind::ClientVpn;
    it.net.doors[door].interfaces.clear();
    it.net.doors[door].senders = vec![sender];
    it.net.doors[door].ports.clear();
    it.net.doors[door].destinations = set(&["10.0.0.0/16"]);
    let all = Analysis::new(&it.net).exposure(&internet());
    let inside: Vec<_> = all.iter().filter(|it| it.interface == Some(host)).collect();
    assert_eq!(inside.len(), 1, "{all:?}");
    assert_eq!((inside[0].traffic, &inside[0].reply), (tcp(22, 22), &Reply::Full));
    it.net.doors[door].destinations = set(&["10.9.0.0/16"]);
    let all = Analysis::new(&it.net).exposure(&internet());
    assert!(all.iter().all(|it| it.interface.is_none()), "{all:?}");
}
