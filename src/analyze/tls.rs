//! What listeners accept of TLS: protocol versions, weak cipher suites, forward secrecy.

mod cipher;
mod predefined;

use std::collections::BTreeMap;

use super::Given;
use super::context::{Context, missing};
use super::relations::Key;
use crate::model::elbv2::Listener;
use crate::model::{Attr, Cause, CauseKind, Data, Meta, elb};
use predefined::Accepts;

/// Derives the facts of a listener.
pub fn listener(listener: &mut Listener, meta: &Meta, context: &Context<'_>, given: Given) {
    let accepts = accepted(listener, meta, context);
    tell(
        &accepts,
        given,
        &mut listener.tls_protocols,
        &mut listener.tls_weak_ciphers,
        &mut listener.forward_secrecy,
    );
}

fn accepted(listener: &Listener, meta: &Meta, context: &Context<'_>) -> Result<Accepts, Cause> {
    match listener.protocol.get() {
        Ok(Some(protocol)) if matches!(protocol.as_str(), "HTTPS" | "TLS") => {}
        // QUIC brings TLS 1.3 in its own way; what it accepts is not told by a policy.
        Ok(Some(protocol)) if protocol.contains("QUIC") => {
            return Err(Cause::new(CauseKind::NotUnderstood, "the TLS of QUIC listeners"));
        }
        Ok(_) => return Ok(nothing()),
        Err(cause) => return Err(cause.clone()),
    }
    let Some(name) = listener.ssl_policy.get().map_err(Clone::clone)? else {
        return Err(Cause::new(CauseKind::NotUnderstood, "a TLS listener without a policy"));
    };
    let collected = context.one(Key::SslPolicy, name, meta).ok().and_then(|resource| {
        let Data::Elbv2SslPolicy(policy) = &resource.data else { return None };
        let protocols = policy.ssl_protocols.known()?.iter().map(|p| version(p)).collect();
        Some(Accepts { protocols, ciphers: policy.ciphers.known()?.clone() })
    });
    collected
        .or_else(|| predefined::accepts(name))
        .ok_or_else(|| missing(&format!("TLS policy {name}")))
}

/// Derives the facts of the listeners of a Classic Load Balancer.
pub fn classic(balancer: &mut elb::LoadBalancer, given: Given) {
    let policies = &balancer.policies;
    let Attr::Known(listeners) = &mut balancer.listeners else { return };
    for listener in listeners {
        let accepts = accepted_classic(listener, policies);
        tell(
            &accepts,
            given,
            &mut listener.tls_protocols,
            &mut listener.tls_weak_ciphers,
            &mut listener.forward_secrecy,
        );
    }
}

fn accepted_classic(
    listener: &elb::Listener,
    policies: &Attr<Vec<elb::Policy>>,
) -> Result<Accepts, Cause> {
    match listener.protocol.get() {
        Ok(protocol) if matches!(protocol.as_str(), "HTTPS" | "SSL") => {}
        Ok(_) => return Ok(nothing()),
        Err(cause) => return Err(cause.clone()),
    }
    let names = listener.policy_names.get().map_err(Clone::clone)?;
    let policies = policies.get();
    for name in names {
        let policy =
            policies.ok().into_iter().flatten().find(|p| p.policy_name.known() == Some(name));
        if let Some(policy) = policy {
            match policy.policy_type_name.get().map_err(Clone::clone)?.as_str() {
                "SSLNegotiationPolicyType" => return negotiated(policy),
                _ => continue,
            }
        }
        if let Some(accepts) = predefined::accepts(name) {
            return Ok(accepts);
        }
        if let Err(cause) = policies {
            return Err(cause.clone());
        }
        return Err(missing(&format!("policy {name}")));
    }
    Err(Cause::new(CauseKind::NotUnderstood, "a TLS listener without a policy"))
}

/// What a negotiation policy turns on, attribute by attribute; a reference alone is looked up.
fn negotiated(policy: &elb::Policy) -> Result<Accepts, Cause> {
    let attributes = policy.attributes.get().map_err(Clone::clone)?;
    let accepts = by_attributes(attributes);
    if !accepts.protocols.is_empty() {
        return Ok(accepts);
    }
    let reference = policy.reference_security_policy.get().map_err(Clone::clone)?.as_deref();
    let named = attributes.get("Reference-Security-Policy").map(String::as_str);
    reference
        .or(named)
        .and_then(predefined::accepts)
        .ok_or_else(|| Cause::new(CauseKind::NotUnderstood, "a TLS policy without protocols"))
}

fn by_attributes(attributes: &BTreeMap<String, String>) -> Accepts {
    let on = attributes.iter().filter(|(_, value)| value.eq_ignore_ascii_case("true"));
    let mut accepts = nothing();
    for (name, _) in on {
        match name.strip_prefix("Protocol-") {
            Some(protocol) => accepts.protocols.push(version(protocol)),
            None if name == "Server-Defined-Cipher-Order" => {}
            None => accepts.ciphers.push(name.clone()),
        }
    }
    accepts.protocols.sort();
    accepts
}

fn nothing() -> Accepts {
    Accepts { protocols: Vec::new(), ciphers: Vec::new() }
}

/// One spelling per version: APIs say both `TLSv1` and `TLSv1.0`.
fn version(text: &str) -> String {
    if text == "TLSv1" { "TLSv1.0".to_owned() } else { text.to_owned() }
}

fn tell(
    accepts: &Result<Accepts, Cause>,
    given: Given,
    protocols: &mut Attr<Vec<String>>,
    weak: &mut Attr<Vec<String>>,
    forward: &mut Attr<bool>,
) {
    let accepts = accepts.as_ref().map_err(Clone::clone);
    given.or(protocols, || {
        accepts
            .clone()
            .map(|a| {
                let mut list = a.protocols.clone();
                list.sort();
                list
            })
            .into()
    });
    given.or(weak, || {
        accepts
            .clone()
            .map(|a| {
                let mut list: Vec<_> =
                    a.ciphers.iter().filter(|c| cipher::is_weak(c)).cloned().collect();
                list.sort();
                list
            })
            .into()
    });
    given.or(forward, || {
        accepts.map(|a| a.ciphers.iter().all(|c| cipher::has_forward_secrecy(c))).into()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Index;

    fn derived(listener_: &mut Listener) {
        let index = Index::build(Vec::new(), crate::model::Coverage::default(), &[]);
        let environments = super::super::Environments::default();
        let context = Context::new(&index, &environments, jiff::Timestamp::UNIX_EPOCH);
        let meta = super::super::facts::tests::meta("listener");
        listener(listener_, &meta, &context, Given(false));
    }

    fn https(policy: &str) -> Listener {
        Listener {
            protocol: Some("HTTPS".to_owned()).into(),
            ssl_policy: Some(policy.to_owned()).into(),
            ..Listener::default()
        }
    }

    #[test]
    fn predefined_policies_are_known_without_being_collected() {
        let mut it = https("ELBSecurityPolicy-TLS-1-0-2015-04");
        derived(&mut it);
        assert_eq!(
            it.tls_protocols,
            Attr::Known(vec!["TLSv1.0".into(), "TLSv1.1".into(), "TLSv1.2".into()])
        );
        assert_eq!(it.tls_weak_ciphers, Attr::Known(vec!["DES-CBC3-SHA".into()]));
        assert_eq!(it.forward_secrecy, Attr::Known(false));
        let mut it = https("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09");
        derived(&mut it);
        assert_eq!(it.forward_secrecy, Attr::Known(true));
    }

    #[test]
    fn what_nobody_knows_stays_unknown_and_no_tls_is_nothing() {
        let mut it = https("ELBSecurityPolicy-of-tomorrow");
        derived(&mut it);
        assert_eq!(it.tls_protocols.known(), None);
        let mut it = Listener { protocol: Some("HTTP".to_owned()).into(), ..Listener::default() };
        derived(&mut it);
        assert_eq!(it.tls_protocols, Attr::Known(Vec::new()));
    }

    #[test]
    fn a_classic_policy_is_read_by_its_attributes() {
        let attributes = [
            ("Protocol-TLSv1", "true"),
            ("Protocol-TLSv1.2", "true"),
            ("Protocol-SSLv3", "false"),
            ("Server-Defined-Cipher-Order", "true"),
            ("RC4-MD5", "true"),
            ("ECDHE-RSA-AES128-GCM-SHA256", "true"),
        ];
        let policy = elb::Policy {
            policy_name: "own".to_owned().into(),
            policy_type_name: "SSLNegotiationPolicyType".to_owned().into(),
            attributes: Attr::Known(
                attributes.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            ),
            ..elb::Policy::default()
        };
        let mut balancer = elb::LoadBalancer {
            policies: vec![policy].into(),
            listeners: vec![elb::Listener {
                protocol: "HTTPS".to_owned().into(),
                policy_names: vec!["own".to_owned()].into(),
                ..elb::Listener::default()
            }]
            .into(),
            ..elb::LoadBalancer::default()
        };
        classic(&mut balancer, Given(false));
        let it = &balancer.listeners.known().unwrap()[0];
        assert_eq!(it.tls_protocols, Attr::Known(vec!["TLSv1.0".into(), "TLSv1.2".into()]));
        assert_eq!(it.tls_weak_ciphers, Attr::Known(vec!["RC4-MD5".into()]));
        assert_eq!(it.forward_secrecy, Attr::Known(false));
    }
}
