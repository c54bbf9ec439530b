//! Network ACLs and route tables, where order and specificity decide: at random, against a reading address by address.

use portcullis::analyze::{self, Context, Environments};
use portcullis::model::vpc::{NetworkAcl, NetworkAclEntry, Route, RouteTable, Subnet};
use portcullis::model::{Attr, Data, Index, Resource};
use portcullis::net::{Ports, Prefix, PrefixSet};
use proptest::prelude::*;

use super::world;

/// No prefix here is longer, so that 1,024 blocks stand for all addresses.
const BITS: u8 = 10;

fn blocks() -> Vec<Prefix> {
    let all: Prefix = "0.0.0.0/0".parse().unwrap();
    all.net().subnets(BITS).unwrap().map(Prefix::from).collect()
}

fn prefix() -> impl Strategy<Value = Prefix> {
    let text = prop::sample::select(vec![
        "0.0.0.0/0",
        "0.0.0.0/1",
        "128.0.0.0/1",
        "0.0.0.0/2",
        "64.0.0.0/2",
        "50.0.0.0/8",
        "50.0.0.0/9",
        "50.128.0.0/9",
        "60.0.0.0/10",
        "60.64.0.0/10",
        "60.128.0.0/10",
        "60.192.0.0/10",
        "10.0.0.0/8",
    ]);
    text.prop_map(|text| text.parse().unwrap())
}

type Entry = (i64, bool, &'static str, (u16, u16), Prefix);

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let protocol = prop::sample::select(vec!["tcp", "tcp", "udp", "-1"]);
    let ports = (0_u16..4, 0_u16..4).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let entry = (any::<bool>(), protocol, ports, prefix());
    let all = prop::collection::vec(entry, 0..8);
    (all, any::<u64>()).prop_map(|(list, seed)| {
        let mut numbers: Vec<i64> = (1..).take(list.len()).collect();
        numbers.sort_by_key(|&n| n.unsigned_abs().wrapping_mul(seed | 1));
        let numbered = list.into_iter().zip(numbers);
        numbered
            .map(|((allow, protocol, ports, cidr), n)| (n, allow, protocol, ports, cidr))
            .collect()
    })
}

/// A resource of the small world's place, derived.
fn derived(data: Data, id: &str, beside: Vec<Resource>) -> Data {
    let index = Index::build(beside, world::coverage(), &analyze::relations());
    let environments = Environments::default();
    let mut resource = Resource { meta: world::meta(id), data };
    analyze::derive(&mut resource, &Context::new(&index, &environments, world::now()));
    resource.data
}

fn acl(list: &[Entry]) -> Vec<Option<bool>> {
    let entries: Vec<_> = list
        .iter()
        .map(|&(number, allow, protocol, (from, to), cidr)| NetworkAclEntry {
            egress: false.into(),
            rule_number: number.into(),
            rule_action: if allow { "allow" } else { "deny" }.to_owned().into(),
            protocol: protocol.to_owned().into(),
            ports: Ports::new(from, to).into(),
            cidr: cidr.into(),
            ..NetworkAclEntry::default()
        })
        .collect();
    let acl = NetworkAcl { entries: entries.into(), ..NetworkAcl::default() };
    let Data::Ec2NetworkAcl(acl) = derived(acl.into(), "acl", Vec::new()) else { unreachable!() };
    acl.entries.known().unwrap().iter().map(|e| e.from_internet.known().copied()).collect()
}

/// First match for each protocol, port and block.
fn acl_slowly(list: &[Entry]) -> Vec<Option<bool>> {
    let mut order: Vec<usize> = (0..list.len()).collect();
    order.sort_by_key(|&at| list[at].0);
    let mut open = vec![false; list.len()];
    for protocol in ["tcp", "udp", "47"] {
        for port in 0..=4_u16 {
            let applies = |at: usize| {
                let (_, _, own, (from, to), _) = list[at];
                own == "-1" || own == protocol && (from..=to).contains(&port)
            };
            // Of each entry the blocks it admits: those that no lower refusal took first.
            let mut admitted: Vec<Vec<Prefix>> = vec![Vec::new(); list.len()];
            for block in blocks() {
                let mut first: Option<bool> = None;
                for &at in order.iter().filter(|&&at| applies(at)) {
                    let (_, allow, _, _, cidr) = list[at];
                    if !cidr.contains(block) {
                        continue;
                    }
                    if allow && first != Some(false) {
                        admitted[at].push(block);
                    }
                    first = first.or(Some(allow));
                }
            }
            let all = PrefixSet::of(admitted.iter().flatten());
            for (at, own) in admitted.iter().enumerate() {
                let part = PrefixSet::of(own).public_v4_count();
                open[at] |= all.is_internet() && part >= 1 << 14;
            }
        }
    }
    open.into_iter().map(Some).collect()
}

/// A route: destination, whether through a prefix list, target, state.
type Way = (Prefix, &'static str, &'static str);

fn ways() -> impl Strategy<Value = Vec<Way>> {
    let target = prop::sample::select(vec!["igw-1", "igw-1", "nat-1"]);
    let state = prop::sample::select(vec!["active", "active", "active", "blackhole"]);
    prop::collection::btree_map(prefix(), (target, state), 0..8)
        .prop_map(|map| map.into_iter().map(|(to, (target, state))| (to, target, state)).collect())
}

fn routed(ways: &[Way]) -> Option<bool> {
    let absent = || Attr::Known(None);
    let routes: Vec<_> = ways
        .iter()
        .map(|&(to, target, state)| {
            let mut route = Route {
                destination_cidr_block: Some(to).into(),
                gateway_id: absent(),
                nat_gateway_id: absent(),
                state: state.to_owned().into(),
                ..Route::default()
            };
            let slot = if target.starts_with("igw") {
                &mut route.gateway_id
            } else {
                &mut route.nat_gateway_id
            };
            *slot = Some(target.to_owned()).into();
            route
        })
        .collect();
    let table = RouteTable {
        associated_subnet_ids: vec!["subnet-1".to_owned()].into(),
        routes: routes.into(),
        ..RouteTable::default()
    };
    let table = Resource { meta: world::meta("rtb"), data: table.into() };
    let data = derived(Subnet::default().into(), "subnet-1", vec![table]);
    let Data::Ec2Subnet(subnet) = data else { unreachable!() };
    subnet.internet_route.known().copied()
}

/// Longest match for each block.
fn routed_slowly(ways: &[Way]) -> bool {
    let reached: Vec<Prefix> = blocks()
        .into_iter()
        .filter(|&block| {
            let fitting = ways.iter().filter(|(to, _, _)| to.contains(block));
            fitting
                .max_by_key(|(to, _, _)| to.length())
                .is_some_and(|(_, target, state)| *target == "igw-1" && *state == "active")
        })
        .collect();
    PrefixSet::of(&reached).is_internet()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_first_match_decides(list in entries()) {
        prop_assert_eq!(acl(&list), acl_slowly(&list));
    }

    #[test]
    fn the_longest_match_decides(ways in ways()) {
        prop_assert_eq!(routed(&ways), Some(routed_slowly(&ways)));
    }
}
