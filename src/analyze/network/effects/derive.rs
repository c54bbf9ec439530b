//! Facts on resources, from what was found before.

use std::collections::HashMap;
use std::str::FromStr as _;

use super::{Effects, Found, compact};
use crate::analyze::Given;
use crate::analyze::context::Context;
use crate::analyze::kleene::{any, test};
use crate::analyze::network::breach::{Flow, Party};
use crate::model::lambda::{Function, FunctionUrl};
use crate::model::paths::{ExposedTraffic, Exposure, Isolation};
use crate::model::{Attr, Cause, CauseKind, Data, Meta};
use crate::net::{self, Ports, Prefix, Traffic};

/// Derives the facts that rest on paths.
pub(crate) fn derive(meta: &Meta, data: &mut Data, context: &Context<'_>, given: Given) {
    let effects = context.effects();
    let exposure = |kind| match effects {
        Some(effects) => {
            effects.exposure(kind, meta).map(|found| with_flows(found, meta, &effects.flows))
        }
        None => Attr::Unknown(not_analysed()),
    };
    let isolation = |kind| match effects {
        Some(effects) => effects.isolation(kind, meta),
        None => Attr::Unknown(not_analysed()),
    };
    let kind = data.kind().name;
    match data {
        Data::Ec2Instance(it) => given.or(&mut it.exposure, || exposure(kind)),
        Data::Ec2NetworkInterface(it) => given.or(&mut it.exposure, || exposure(kind)),
        Data::ElbLoadBalancer(it) => given.or(&mut it.exposure, || exposure(kind)),
        Data::Elbv2LoadBalancer(it) => given.or(&mut it.exposure, || exposure(kind)),
        Data::RdsDbInstance(it) => given.or(&mut it.exposure, || exposure(kind)),
        Data::LambdaFunction(it) => {
            let by_paths = given.lacks(&it.exposure).then(|| exposure(kind));
            if let Some(by_paths) = by_paths {
                it.exposure = by_paths.map(|found| with_urls(found, it));
            }
        }
        Data::EksCluster(it) => given.or(&mut it.exposure, || exposure(kind)),
        Data::Ec2VpcEndpoint(it) => given.or(&mut it.exposure, || exposure(kind)),
        Data::Ec2Vpc(it) => given.or(&mut it.isolation, || isolation(kind)),
        Data::Ec2VpcPeeringConnection(it) => given.or(&mut it.isolation, || isolation(kind)),
        Data::Ec2TransitGatewayAttachment(it) => given.or(&mut it.isolation, || isolation(kind)),
        Data::Ec2SecurityGroup(it) => {
            given.or(&mut it.isolation, || isolation(kind));
            if let Attr::Known(rules) = &mut it.ingress {
                let count = rules.len();
                for (at, rule) in rules.iter_mut().enumerate() {
                    given.or(&mut rule.exposes, || match effects {
                        Some(effects) => effects.exposes(meta, at, count),
                        None => Attr::Unknown(not_analysed()),
                    });
                }
            }
            if let Attr::Known(rules) = &mut it.egress {
                for rule in rules {
                    given.or(&mut rule.exposes, || Attr::Known(false));
                }
            }
        }
        _ => {}
    }
}

/// Says of each entry whether a flow of the configuration lets it in: by the environment of the resource itself.
fn with_flows(mut exposure: Exposure, meta: &Meta, flows: &[Flow]) -> Exposure {
    for list in [&mut exposure.internet, &mut exposure.outside] {
        let Attr::Known(entries) = list else { continue };
        for entry in entries.iter_mut().filter(|entry| entry.from.known().is_some()) {
            entry.declared = is_declared(entry, meta, flows);
        }
    }
    exposure
}

fn is_declared(entry: &ExposedTraffic, meta: &Meta, flows: &[Flow]) -> Attr<bool> {
    let (Attr::Known(from), Some(traffic)) = (&entry.from, traffic_of(entry)) else {
        return Attr::Known(false);
    };
    let begins = |party: &Party| match party {
        Party::Any => true,
        Party::Internet => from == compact::INTERNET,
        Party::Outside(name, _) => from == name,
        Party::Environment(_) => false,
    };
    let covers = |given: &Traffic| given.first <= traffic.first && traffic.last <= given.last;
    let by = entry.entry_id.known().map(String::as_str);
    let fits = |flow: &&Flow| {
        begins(&flow.from) && flow.passes().iter().any(covers) && flow.takes(by.into_iter())
    };
    any(flows.iter().filter(fits).map(|flow| match &flow.to {
        Party::Any => Attr::Known(true),
        Party::Environment(name) => test(&meta.environment, |own| own.as_ref() == Some(name)),
        Party::Internet | Party::Outside(..) => Attr::Known(false),
    }))
}

/// The packets of an entry as the outside sends them.
fn traffic_of(entry: &ExposedTraffic) -> Option<Traffic> {
    let (protocol, ports) = (entry.protocol.known()?, *entry.ports.known()?);
    if let Some((first, last)) = protocol.split_once('-').filter(|(first, _)| !first.is_empty()) {
        let (first, last) = (first.parse().ok()?, last.parse().ok()?);
        return Some(Traffic {
            first: Traffic::protocol(first).first,
            last: Traffic::protocol(last).last,
        });
    }
    Some(match net::traffic::protocol(protocol).ok()? {
        None => Traffic::ALL,
        Some(number) => Traffic::new(number, ports),
    })
}

/// Whoever knows the address of a function reaches it, without any path through a VPC.
fn with_urls(mut exposure: Exposure, function: &Function) -> Exposure {
    let Attr::Known(list) = &mut exposure.internet else { return exposure };
    match function.function_urls.get() {
        Ok(urls) => list.extend(urls.iter().map(by_url)),
        Err(cause) => list.push(compact::nobody_can_say(cause)),
    }
    exposure
}

fn by_url(url: &FunctionUrl) -> ExposedTraffic {
    ExposedTraffic {
        from: "internet".to_owned().into(),
        protocol: "tcp".to_owned().into(),
        ports: Ports::new(443, 443).into(),
        inner_ports: Ports::new(443, 443).into(),
        family: "ipv4".to_owned().into(),
        address: url.function_url.clone().map(Some),
        sources: Prefix::from_str("0.0.0.0/0").map(|all| vec![all]).unwrap_or_default().into(),
        sources_cut: false.into(),
        broad: true.into(),
        declared: false.into(),
        entry_kind: "function_url".to_owned().into(),
        entry_id: url.function_arn.clone(),
        reply: "full".to_owned().into(),
        reachable: true.into(),
        dormant: false.into(),
        rule_ids: Vec::new().into(),
        path: url
            .function_url
            .clone()
            .map(|at| vec!["source: internet".to_owned(), format!("destination: {at}")]),
    }
}

fn not_analysed() -> Cause {
    Cause::new(CauseKind::NotCollected, "the paths of the network were not analysed")
}

impl Effects {
    fn exposure(&self, kind: &str, meta: &Meta) -> Attr<Exposure> {
        look(self.exposures.get(kind), meta, || Exposure {
            internet: Vec::new().into(),
            outside: Vec::new().into(),
        })
    }

    fn isolation(&self, kind: &str, meta: &Meta) -> Attr<Isolation> {
        look(self.isolations.get(kind), meta, || Isolation { breaches: Vec::new().into() })
    }

    /// Whether a rule of a group exposes something, by its place among so many.
    fn exposes(&self, meta: &Meta, at: usize, count: usize) -> Attr<bool> {
        match self.rules.get(meta.id.as_str()) {
            Some(rules) if rules.len() == count => {
                rules.get(at).cloned().unwrap_or_else(|| Attr::Unknown(outside_of_it(meta)))
            }
            // Another account's list of the same group was taken for the truth.
            _ => Attr::Unknown(outside_of_it(meta)),
        }
    }
}

fn look<T: Clone>(
    found: Option<&HashMap<Box<str>, Found<T>>>,
    meta: &Meta,
    nothing: impl FnOnce() -> T,
) -> Attr<T> {
    // The network knows some things by their ARN.
    let found = found.and_then(|map| {
        let by_arn = || meta.arn.as_deref().and_then(|arn| map.get(arn));
        map.get(meta.id.as_str()).or_else(by_arn)
    });
    match found {
        Some(None) => Attr::Known(nothing()),
        Some(Some(it)) => Attr::Known((**it).clone()),
        None => Attr::Unknown(outside_of_it(meta)),
    }
}

/// The cause of a resource that the analysis knows nothing of.
fn outside_of_it(meta: &Meta) -> Cause {
    let what = format!("{} is no part of the network that was analysed", meta.id);
    Cause::new(CauseKind::NotUnderstood, what)
}
