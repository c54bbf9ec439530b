//! Remedies for small networks by hand.

use super::{Change, Outcome, Remedy, of_breach, of_exposure};
use crate::analyze::network::breach;
use crate::analyze::network::packet::{Packet, Start};
use crate::analyze::network::reach::{Analysis, Exposure};
use crate::analyze::network::sample::{Sample, addr, from, open_row, set, tcp};
use crate::analyze::network::topology::{Id, Interface, Peering, Target};
use crate::model::Attr;
use crate::net::AddrSet;
use crate::net::traffic::TCP;

/// A public web server that also shows SSH, with a neighbour that carries the second of its groups.
fn server() -> (Sample, Id<Interface>) {
    let mut it = Sample::default();
    let vpc = it.vpc("vpc-a", &["10.0.0.0/16"]);
    let table = it.table(vpc, "rtb", &[("0.0.0.0/0", Target::InternetGateway("igw".into()))]);
    let acl = it.acl("acl", vec![open_row()], vec![open_row()]);
    let subnet = it.subnet(vpc, "subnet", &["10.0.0.0/24"], table, acl);
    let web = it.group("sg-web", vec![from(tcp(443, 443), &["0.0.0.0/0"])]);
    let admin = it.group("sg-admin", vec![from(tcp(22, 22), &["0.0.0.0/0"])]);
    let host = it.interface(subnet, "eni", &["10.0.0.5=52.0.0.5"], &[web, admin]);
    it.interface(subnet, "eni-2", &["10.0.0.6"], &[admin]);
    (it, host)
}

fn exposed(it: &Sample, port: u16) -> Exposure {
    let all = Analysis::new(&it.net).exposure(&AddrSet::internet());
    all.into_iter().find(|it| it.traffic == tcp(port, port)).unwrap()
}

fn web() -> (Start, Packet) {
    let packet = Packet {
        source: addr("8.8.8.8"),
        destination: addr("52.0.0.5"),
        protocol: TCP,
        source_port: 40_000,
        port: 443,
    };
    (Start::Internet, packet)
}

fn found(it: &Sample, port: u16, keep: &[(Start, Packet)]) -> Vec<Remedy> {
    match of_exposure(&it.net, &exposed(it, port), &AddrSet::internet(), keep) {
        Outcome::Found(all) => all,
        Outcome::NoSmallRemedy(why) => panic!("{why}"),
    }
}

#[test]
fn one_rule_ends_it_and_the_web_stays() {
    let (it, host) = server();
    let all = found(&it, 22, &[web()]);
    assert!(all.iter().all(|it| it.verified && it.changes.len() == 1 && it.keeps == 1));
    let admin = it.net.groups.ids().nth(1).unwrap();
    assert!(
        matches!(&all[0].changes[..], [Change::NarrowRule(group, true, 0, ..)] if *group == admin),
        "{all:?}"
    );
    assert_eq!(all[0].loses, 1);
    let gone = Change::RemovePublicAddress(host, addr("52.0.0.5"));
    assert!(all.iter().all(|it| it.changes != [gone.clone()]), "the web would go with it");
    // Without anything to keep that is a remedy as well.
    assert!(found(&it, 22, &[]).iter().any(|it| it.changes == [gone.clone()]));
    assert!(all[0].changes[0].words(&it.net).starts_with("narrow the inbound rule TCP 22 from"));
}

#[test]
fn two_rules_take_two_changes_where_nothing_else_helps() {
    let (mut it, host) = server();
    let web_group = it.net.groups.ids().next().unwrap();
    it.net.groups[web_group].ingress.push(from(tcp(22, 22), &["8.0.0.0/8"]));
    // The ACL cannot help where its first row may not be changed: keep SSH to the neighbour's address from outside.
    let all = found(&it, 22, &[web()]);
    assert_eq!(all[0].changes.len(), 1, "a row of the ACL: {all:?}");
    assert!(matches!(all[0].changes[0], Change::DenyRow(..)));
    // From the office it has to stay, so the row would take too much.
    let mut changed = it.net.clone();
    for change in &all[0].changes {
        change.apply(&mut changed);
    }
    let left = Analysis::new(&changed).exposure_of(host, &set(&["8.0.0.0/8"]));
    assert!(left.iter().all(|it| it.traffic != tcp(22, 22)));
}

#[test]
fn what_has_to_stay_may_leave_no_remedy() {
    let (it, _) = server();
    let ssh = (web().0, Packet { port: 22, ..web().1 });
    let outcome = of_exposure(&it.net, &exposed(&it, 22), &AddrSet::internet(), &[ssh]);
    assert!(matches!(outcome, Outcome::NoSmallRemedy(_)), "{outcome:?}");
}

#[test]
fn a_breach_ends_with_its_rule_before_its_peering() {
    let mut it = Sample::default();
    let (dev, prod) = (it.vpc("vpc-dev", &["10.1.0.0/16"]), it.vpc("vpc-prod", &["10.2.0.0/16"]));
    let peering = it.net.peerings.push(Peering {
        name: "pcx".into(),
        sides: [("vpc-dev".into(), Some(dev)), ("vpc-prod".into(), Some(prod))],
        blocks: [set(&["10.1.0.0/16"]), set(&["10.2.0.0/16"])],
        same_region: Attr::Known(true),
    });
    let acl = it.acl("acl", vec![open_row()], vec![open_row()]);
    let there = Target::Peering(peering);
    let table1 = it.table(dev, "rtb-dev", &[("10.2.0.0/16", there.clone())]);
    let table2 = it.table(prod, "rtb-prod", &[("10.1.0.0/16", there)]);
    let subnet1 = it.subnet(dev, "subnet-dev", &["10.1.0.0/24"], table1, acl);
    let subnet2 = it.subnet(prod, "subnet-prod", &["10.2.0.0/24"], table2, acl);
    let nothing = it.group("sg-dev", Vec::new());
    let open = it.group("sg-prod", vec![from(tcp(5432, 5432), &["10.0.0.0/8"])]);
    let one = it.interface(subnet1, "eni-dev", &["10.1.0.5"], &[nothing]);
    let two = it.interface(subnet2, "eni-prod", &["10.2.0.5"], &[open]);
    for (vpc, subnet, interface, name) in [(dev, subnet1, one, "dev"), (prod, subnet2, two, "prod")]
    {
        let environment = Attr::Known(Some(name.into()));
        it.net.vpcs[vpc].environment = environment.clone();
        it.net.subnets[subnet].environment = environment.clone();
        it.net.interfaces[interface].environment = environment;
    }
    let found = breach::isolation(&Analysis::new(&it.net), &[]).breaches;
    let admitted = found.iter().find(|it| it.level == breach::Level::Admitted).unwrap();
    let Outcome::Found(all) = of_breach(&it.net, admitted, &[], &[]) else {
        panic!("{admitted:?}")
    };
    assert!(all.iter().all(|it| it.verified && it.changes.len() == 1), "{all:?}");
    assert!(all.iter().any(|it| it.changes == [Change::RemoveRule(open, true, 0)]));
    assert!(all.iter().any(|it| it.changes == [Change::RemovePeering(peering)]));
    assert!(matches!(all[0].changes[0], Change::NarrowRule(..) | Change::RemoveRule(..)));
}
