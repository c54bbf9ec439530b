//! Security groups: cases with known answers, and rules at random against a reading port by port.

use std::sync::LazyLock;

use portcullis::analyze::{self, Context, Environments};
use portcullis::model::vpc::{SecurityGroup, SecurityGroupRule};
use portcullis::model::{Attr, Data, Index, Resource};
use portcullis::net::{Ports, Prefix, PrefixSet};
use proptest::prelude::*;

use super::world;

/// A rule: protocol, ports, source.
type Spec = (&'static str, (u16, u16), &'static str);

fn rule(&(protocol, (from, to), source): &Spec) -> SecurityGroupRule {
    let mut rule = SecurityGroupRule {
        protocol: protocol.to_owned().into(),
        ports: Ports::new(from, to).into(),
        icmp_type: Attr::Known(None),
        icmp_code: Attr::Known(None),
        cidr: Attr::Known(None),
        prefix_list_id: Attr::Known(None),
        group_id: Attr::Known(None),
        ..SecurityGroupRule::default()
    };
    match source.split('-').next() {
        Some("pl") => rule.prefix_list_id = Some(source.to_owned()).into(),
        Some("sg") => rule.group_id = Some(source.to_owned()).into(),
        _ => rule.cidr = Some(source.parse::<Prefix>().unwrap()).into(),
    }
    rule
}

/// What is derived about each rule, in their order.
fn derived(rules: &[SecurityGroupRule]) -> Vec<Attr<bool>> {
    static INDEX: LazyLock<Index> = LazyLock::new(|| {
        Index::build(world::resources(), world::coverage(), &analyze::relations())
    });
    let environments = Environments::default();
    let context = Context::new(&INDEX, &environments, world::now());
    let group = SecurityGroup { ingress: rules.to_vec().into(), ..SecurityGroup::default() };
    let mut resource = Resource { meta: world::meta("sg-random"), data: Data::from(group) };
    analyze::derive(&mut resource, &context);
    let Data::Ec2SecurityGroup(group) = resource.data else { unreachable!() };
    group.ingress.known().unwrap().iter().map(|rule| rule.from_internet.clone()).collect()
}

fn judged(specs: &[Spec]) -> Vec<Option<bool>> {
    let rules: Vec<_> = specs.iter().map(rule).collect();
    derived(&rules).iter().map(|verdict| verdict.known().copied()).collect()
}

#[test]
fn the_internet_is_seen_in_every_disguise() {
    let (yes, no) = (Some(true), Some(false));
    let ssh = (22, 22);
    let cases: &[(&[Spec], &[Option<bool>])] = &[
        (&[("tcp", ssh, "0.0.0.0/0")], &[yes]),
        (&[("tcp", ssh, "::/0")], &[yes]),
        (&[("tcp", ssh, "2000::/3")], &[yes]),
        (&[("tcp", ssh, "0.0.0.0/1"), ("tcp", ssh, "128.0.0.0/1")], &[yes, yes]),
        (&[("tcp", ssh, "pl-world")], &[yes]),
        (&[("-1", (0, 0), "0.0.0.0/0")], &[yes]),
        (&[("tcp", (20, 30), "0.0.0.0/0")], &[yes]),
        (&[("6", ssh, "0.0.0.0/0")], &[yes]),
        // A /8 cut into pieces that overlap at one port only.
        (&[("tcp", (0, 22), "50.0.0.0/9"), ("tcp", (22, 99), "50.128.0.0/9")], &[yes, yes]),
        (&[("tcp", (0, 21), "50.0.0.0/9"), ("tcp", (22, 99), "50.128.0.0/9")], &[no, no]),
        (&[("tcp", ssh, "50.0.0.0/9"), ("udp", ssh, "50.128.0.0/9")], &[no, no]),
        (&[("tcp", ssh, "50.0.0.0/9"), ("-1", ssh, "50.128.0.0/9")], &[yes, yes]),
        // Who is no part of it is not blamed for it.
        (&[("tcp", ssh, "0.0.0.0/0"), ("tcp", ssh, "10.0.0.0/8")], &[yes, no]),
        (&[("tcp", ssh, "0.0.0.0/0"), ("tcp", ssh, "198.51.100.7/32")], &[yes, no]),
        (&[("tcp", ssh, "0.0.0.0/0"), ("tcp", ssh, "sg-other")], &[yes, no]),
        (&[("tcp", ssh, "2600::/16"), ("tcp", ssh, "0.0.0.0/0")], &[no, yes]),
        (&[("tcp", ssh, "10.0.0.0/8"), ("udp", ssh, "fc00::/7")], &[no, no]),
        (&[("tcp", ssh, "pl-office")], &[no]),
        // A list that nobody read may hold the internet; where a rule is open anyway it does not matter.
        (&[("tcp", ssh, "pl-unread")], &[None]),
        (&[("tcp", ssh, "pl-gone"), ("tcp", ssh, "0.0.0.0/0")], &[None, yes]),
        (&[("tcp", ssh, "pl-unread"), ("tcp", (80, 80), "10.0.0.0/8")], &[None, no]),
        (&[], &[]),
    ];
    for (specs, expected) in cases {
        assert_eq!(&judged(specs), expected, "{specs:?}");
    }
}

/// Reads rules port by port, the slow way.
fn port_by_port(specs: &[Spec]) -> Vec<Option<bool>> {
    let sets: Vec<PrefixSet> = specs
        .iter()
        .map(|(_, _, source)| match *source {
            "sg-other" => PrefixSet::default(),
            "pl-world" => PrefixSet::of(&["0.0.0.0/0".parse().unwrap()]),
            "pl-office" => PrefixSet::of(&["192.0.2.0/24".parse().unwrap()]),
            prefix => PrefixSet::of(&[prefix.parse().unwrap()]),
        })
        .collect();
    let mut open = vec![false; specs.len()];
    for protocol in ["tcp", "udp", "47"] {
        for port in 0..=9_u16 {
            let here: Vec<usize> = (0..specs.len())
                .filter(|&at| {
                    let (own, (from, to), _) = specs[at];
                    own == "-1"
                        || own == protocol && (protocol == "47" || (from..=to).contains(&port))
                })
                .collect();
            let all = here.iter().fold(PrefixSet::default(), |all, &at| all.union(&sets[at]));
            for &at in &here {
                let v4 = all.public_v4_count() >= 1 << 24 && sets[at].public_v4_count() >= 1 << 14;
                let v6 = all.public_v6_slash32_count() >= 1 << 21
                    && sets[at].public_v6_slash32_count() >= 1 << 11;
                open[at] |= v4 || v6;
            }
        }
    }
    open.into_iter().map(Some).collect()
}

fn specs() -> impl Strategy<Value = Vec<Spec>> {
    let protocol = prop::sample::select(vec!["tcp", "tcp", "udp", "-1", "47"]);
    let ports = (0_u16..8, 0_u16..8).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let source = prop::sample::select(vec![
        "0.0.0.0/0",
        "0.0.0.0/1",
        "128.0.0.0/1",
        "50.0.0.0/9",
        "50.128.0.0/9",
        "60.0.0.0/10",
        "60.64.0.0/10",
        "60.128.0.0/9",
        "10.0.0.0/8",
        "198.51.100.7/32",
        "8.0.0.0/16",
        "::/0",
        "2000::/12",
        "2010::/12",
        "2600::/16",
        "fc00::/7",
        "sg-other",
        "pl-world",
        "pl-office",
    ]);
    prop::collection::vec((protocol, ports, source), 0..9)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn segments_agree_with_single_ports(specs in specs()) {
        prop_assert_eq!(judged(&specs), port_by_port(&specs));
    }

    #[test]
    fn order_does_not_matter(specs in specs(), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..specs.len()).collect();
        order.sort_by_key(|&at| (at as u64 + 1).wrapping_mul(seed | 1));
        let shuffled: Vec<Spec> = order.iter().map(|&at| specs[at]).collect();
        let (before, after) = (judged(&specs), judged(&shuffled));
        for (place, &at) in order.iter().enumerate() {
            prop_assert_eq!(before[at], after[place]);
        }
    }

    #[test]
    fn halves_are_the_whole(specs in specs(), pick in any::<prop::sample::Index>()) {
        prop_assume!(!specs.is_empty());
        let at = pick.index(specs.len());
        let whole: Vec<SecurityGroupRule> = specs.iter().map(rule).collect();
        let Attr::Known(Some(prefix)) = whole[at].cidr else { return Ok(()) };
        prop_assume!(prefix.length() < 31);
        let mut cut = whole.clone();
        let halves = prefix.net().subnets(prefix.length() + 1).unwrap();
        for half in halves {
            let mut rule = whole[at].clone();
            rule.cidr = Some(Prefix::from(half)).into();
            cut.push(rule);
        }
        cut.remove(at);
        let (before, after) = (derived(&whole), derived(&cut));
        let others = |verdicts: &[Attr<bool>]| {
            let mut rest = verdicts.to_vec();
            rest.truncate(whole.len());
            rest
        };
        let mut kept = others(&before);
        kept.remove(at);
        prop_assert_eq!(&after[..whole.len() - 1], &kept[..]);
        let some_half = after[whole.len() - 1..].contains(&Attr::Known(true));
        prop_assert_eq!(Attr::Known(some_half), before[at].clone());
    }
}
