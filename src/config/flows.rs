//! The flows that may pass between environments, and the named ranges outside of them.

use super::raw::{RawFlow, RawOutside};
use crate::analyze::environment::Environments;
use crate::analyze::network::breach::{Flow, Party};
use crate::analyze::network::{Declared, Outside};
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::net::traffic::{ICMP, ICMPV6, TCP, UDP, protocol};
use crate::net::{AddrSet, Ports, Prefix, Traffic};
use crate::span::SourceFile;
use crate::yaml::Spanned;

/// The party that is every public address.
const INTERNET: &str = "internet";
/// The party that is everybody.
const ANY: &str = "any";

pub(super) fn lower(
    file: &SourceFile,
    flows: Vec<RawFlow>,
    outside: Vec<RawOutside>,
    environments: &Environments,
    diagnostics: &mut Diagnostics,
) -> Declared {
    for environment in environments.list() {
        if is_reserved(&environment.name) && !(flows.is_empty() && outside.is_empty()) {
            let message =
                format!("no environment can be called `{}` where flows are", environment.name);
            diagnostics.push(Diagnostic::error("config/environment", message));
        }
    }
    let outside = ranges(file, outside, environments, diagnostics);
    let mut lowered = Vec::new();
    for flow in flows {
        let from = party(file, &flow.from, environments, &outside, diagnostics);
        let to = party(file, &flow.to, environments, &outside, diagnostics);
        if flow.traffic.is_empty() {
            let message = "a flow without `traffic` lets nothing pass";
            diagnostics.push(
                Diagnostic::error("config/flow", message)
                    .at(file, flow.from.range.clone())
                    .help("write `traffic: [all]` if everything may pass"),
            );
        }
        let traffic = flow.traffic.iter().flat_map(|text| match traffic(text) {
            Ok(traffic) => traffic,
            Err(message) => {
                diagnostics.push(
                    Diagnostic::error("config/traffic", message)
                        .at(file, text.range.clone())
                        .help("write `tcp/443`, `udp/53`, `tcp/8000-8999`, `icmp`, `all`"),
                );
                Vec::new()
            }
        });
        let traffic: Vec<Traffic> = traffic.collect();
        if let (Some(from), Some(to)) = (from, to)
            && !traffic.is_empty()
        {
            let reason = flow.reason.unwrap_or_default();
            lowered.push(Flow { from, to, traffic, via: flow.via, reason });
        }
    }
    Declared { flows: lowered, outside }
}

fn is_reserved(name: &str) -> bool {
    name == INTERNET || name == ANY
}

fn ranges(
    file: &SourceFile,
    raw: Vec<RawOutside>,
    environments: &Environments,
    diagnostics: &mut Diagnostics,
) -> Vec<Outside> {
    let mut out: Vec<Outside> = Vec::new();
    for one in raw {
        let name = one.name.value;
        let taken = if is_reserved(&name) {
            Some(format!("`{name}` has a meaning of its own"))
        } else if environments.list().iter().any(|e| e.name == name) {
            Some(format!("`{name}` is an environment already"))
        } else if out.iter().any(|have| have.name == name) {
            Some(format!("the range `{name}` is declared twice"))
        } else if one.cidrs.is_empty() {
            Some(format!("the range `{name}` holds no address"))
        } else {
            None
        };
        if let Some(message) = taken {
            diagnostics.push(
                Diagnostic::error("config/outside", message).at(file, one.name.range.clone()),
            );
        }
        let mut prefixes: Vec<Prefix> = Vec::new();
        for cidr in one.cidrs {
            match cidr.value.parse() {
                Ok(prefix) => prefixes.push(prefix),
                Err(message) => diagnostics
                    .push(Diagnostic::error("config/prefix", message).at(file, cidr.range)),
            }
        }
        out.push(Outside { name, addresses: AddrSet::of_prefixes(&prefixes) });
    }
    out
}

fn party(
    file: &SourceFile,
    name: &Spanned<String>,
    environments: &Environments,
    outside: &[Outside],
    diagnostics: &mut Diagnostics,
) -> Option<Party> {
    match name.value.as_str() {
        INTERNET => return Some(Party::Internet),
        ANY => return Some(Party::Any),
        _ => {}
    }
    if environments.list().iter().any(|e| e.name == name.value) {
        return Some(Party::Environment(name.value.clone()));
    }
    if let Some(range) = outside.iter().find(|range| range.name == name.value) {
        return Some(Party::Outside(range.name.clone(), range.addresses.clone()));
    }
    let message = format!("`{}` is no environment and no range under `outside`", name.value);
    let diagnostic = Diagnostic::error("config/party", message).at(file, name.range.clone());
    let names = environments.list().iter().map(|e| e.name.as_str());
    let names = names.chain(outside.iter().map(|range| range.name.as_str())).chain([INTERNET, ANY]);
    diagnostics.push(match nearest(&name.value, names) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    });
    None
}

/// Reads `tcp/443` and its like.
pub(crate) fn traffic(text: &str) -> Result<Vec<Traffic>, String> {
    let (name, ports) = match text.split_once('/') {
        Some((name, ports)) => (name.trim(), Some(ports.trim())),
        None => (text.trim(), None),
    };
    let number = protocol(name)?;
    let wrong = || {
        let shown: String = text.chars().take(80).collect();
        format!("`{shown}` names no ports")
    };
    match (number, ports) {
        (None, None) => Ok(vec![Traffic::ALL]),
        // Whoever may be pinged may be pinged over both families.
        (Some(ICMP), None) => Ok(vec![Traffic::protocol(ICMP), Traffic::protocol(ICMPV6)]),
        (Some(number), None) => Ok(vec![Traffic::protocol(number)]),
        (Some(number @ (TCP | UDP)), Some(ports)) => {
            let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
            let port = |text: &str| text.trim().parse::<u16>().map_err(|_| wrong());
            let (from, to) = (port(from)?, port(to)?);
            if from > to {
                return Err(format!("the ports {from}-{to} go backwards"));
            }
            Ok(vec![Traffic::new(number, Ports::new(from, to))])
        }
        (_, Some(_)) => {
            let shown: String = name.chars().take(80).collect();
            Err(format!("`{shown}` has no ports; only tcp and udp have"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::path::Path;

    fn read(text: &str) -> Result<Declared, Vec<String>> {
        let text = format!(
            "version: 1\nenvironments:\n  - {{ name: prod, vpcs: [vpc-1] }}\n  - {{ name: dev, vpcs: [vpc-2] }}\n{text}"
        );
        let file = SourceFile::new("portcullis.yaml", text);
        let mut diagnostics = Diagnostics::default();
        match Config::read(&file, Path::new(""), &mut diagnostics) {
            Some(config) => Ok(config.declared),
            None => Err(diagnostics.iter().map(|d| d.render(false)).collect()),
        }
    }

    #[test]
    fn flows_and_ranges_are_read() {
        let declared = read(
            "outside:\n  - { name: office, cidrs: [198.51.100.0/24, \"2001:db8::/32\"] }\n\
             flows:\n  - { from: dev, to: prod, traffic: [tcp/443, udp/5000-6000, icmp], via: [pcx-1], reason: api }\n  \
             - { from: office, to: any, traffic: [all] }\n  - { from: internet, to: prod, traffic: [\"50\"] }\n",
        )
        .unwrap();
        let [first, second, third] = declared.flows.as_slice() else { panic!("{declared:?}") };
        assert_eq!(first.from, Party::Environment("dev".into()));
        assert_eq!(
            first.traffic,
            [
                Traffic::one(TCP, 443),
                Traffic::new(UDP, Ports::new(5000, 6000)),
                Traffic::protocol(ICMP),
                Traffic::protocol(ICMPV6)
            ]
        );
        assert_eq!(
            (first.via.as_slice(), first.reason.as_str()),
            (&["pcx-1".to_owned()][..], "api")
        );
        assert!(
            matches!(&second.from, Party::Outside(name, set) if name == "office" && set.ranges().len() == 2)
        );
        assert_eq!((&second.to, second.traffic.as_slice()), (&Party::Any, &[Traffic::ALL][..]));
        assert_eq!(
            (&third.from, third.traffic.as_slice()),
            (&Party::Internet, &[Traffic::protocol(50)][..])
        );
    }

    #[test]
    fn what_cannot_be_meant_is_told_with_its_place() {
        let cases = [
            ("flows: [{ from: prd, to: dev, traffic: [all] }]\n", "did you mean `prod`?"),
            ("flows: [{ from: prod, to: dev, traffic: [] }]\n", "lets nothing pass"),
            ("flows: [{ from: prod, to: dev, traffic: [quic/443] }]\n", "no IP protocol"),
            ("flows: [{ from: prod, to: dev, traffic: [tcp/https] }]\n", "names no ports"),
            ("flows: [{ from: prod, to: dev, traffic: [tcp/90-80] }]\n", "go backwards"),
            ("flows: [{ from: prod, to: dev, traffic: [icmp/8] }]\n", "has no ports"),
            ("flows: [{ from: prod, to: dev, traffic: [tcp/70000] }]\n", "names no ports"),
            ("outside: [{ name: o, cidrs: [300.1.1.0/24] }]\n", "no address prefix"),
            ("outside: [{ name: o, cidrs: [] }]\n", "holds no address"),
            ("outside: [{ name: prod, cidrs: [192.0.2.0/24] }]\n", "an environment already"),
            ("outside: [{ name: internet, cidrs: [192.0.2.0/24] }]\n", "a meaning of its own"),
        ];
        for (text, want) in cases {
            let said = read(text).unwrap_err();
            assert!(said.iter().any(|one| one.contains(want)), "{text}: {said:?}");
            assert!(said.iter().all(|one| one.contains("portcullis.yaml")), "{text}: {said:?}");
        }
    }
}
