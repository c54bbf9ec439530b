//! Facts about security groups and their rules.

use super::blame::{self, Rule};
use super::peers::{Peers, entries_of};
use super::space::Space;
use crate::analyze::Given;
use crate::analyze::context::Context;
use crate::analyze::environment;
use crate::analyze::kleene::Doubt;
use crate::analyze::relations::Key;
use crate::ident::AccountId;
use crate::model::vpc::{SecurityGroup, SecurityGroupRule};
use crate::model::{Attr, Meta};
use crate::net::PrefixSet;

/// Derives the facts of a security group.
pub fn derive(group: &mut SecurityGroup, meta: &Meta, context: &Context<'_>, given: Given) {
    given.or(&mut group.in_use, || in_use(meta, context));
    for (rules, incoming) in [(&mut group.ingress, true), (&mut group.egress, false)] {
        let Attr::Known(rules) = rules else { continue };
        let open = internet(rules, meta, context);
        for (rule, open) in rules.iter_mut().zip(open) {
            // Each fact is about one direction; in the other it does not hold.
            let (from, to) =
                if incoming { (open, Attr::Known(false)) } else { (Attr::Known(false), open) };
            given.or(&mut rule.from_internet, || from);
            given.or(&mut rule.to_internet, || to);
            let source = words(rule);
            given.or(&mut rule.source, || source);
            let environment = environment_of_group(rule, meta, context);
            given.or(&mut rule.group_environment, || environment);
        }
    }
}

/// Whether an interface carries the group: those of any account count, but only gaps of its own place raise doubt.
fn in_use(meta: &Meta, context: &Context<'_>) -> Attr<bool> {
    let found = context.find(Key::InterfaceByGroup, &meta.id, &meta.account, &meta.region);
    if found.certain.is_empty() { found.doubt.or_known(false) } else { Attr::Known(true) }
}

fn internet(rules: &[SecurityGroupRule], meta: &Meta, context: &Context<'_>) -> Vec<Attr<bool>> {
    let rules: Vec<Rule> = rules
        .iter()
        .map(|rule| Rule {
            space: Space::of(&rule.protocol, &rule.ports, &rule.icmp_type, &rule.icmp_code),
            peers: peers(rule, meta, context),
        })
        .collect();
    blame::opened(&rules)
}

/// The addresses of a rule. It has exactly one of prefix, list and group, so that the one that is known decides.
fn peers(rule: &SecurityGroupRule, meta: &Meta, context: &Context<'_>) -> Peers {
    if let Attr::Known(Some(prefix)) = &rule.cidr {
        return Peers::exactly(prefix);
    }
    if let Attr::Known(Some(id)) = &rule.prefix_list_id {
        let (entries, doubt) = entries_of(id, &meta.account, &meta.region, context);
        return Peers { certain: PrefixSet::of(&entries), doubt };
    }
    if let Attr::Known(Some(_)) = &rule.group_id {
        // A group stands for the private addresses of its members, never for public ones.
        return Peers::default();
    }
    match (rule.cidr.get(), rule.prefix_list_id.get()) {
        (Err(cause), _) | (_, Err(cause)) => Peers::unknown(cause),
        _ => Peers::default(),
    }
}

fn words(rule: &SecurityGroupRule) -> Attr<String> {
    if let Attr::Known(Some(prefix)) = &rule.cidr {
        return Attr::Known(prefix.to_string());
    }
    if let Attr::Known(Some(id)) = &rule.prefix_list_id {
        return Attr::Known(format!("prefix list {id}"));
    }
    if let Attr::Known(Some(id)) = &rule.group_id {
        let of = match rule.group_account.known() {
            Some(Some(account)) => format!(" of account {account}"),
            _ => String::new(),
        };
        return Attr::Known(format!("security group {id}{of}"));
    }
    let mut doubt = Doubt::default();
    doubt.extend(rule.cidr.get().err());
    doubt.extend(rule.prefix_list_id.get().err());
    doubt.extend(rule.group_id.get().err());
    doubt.or_known("nobody".to_owned())
}

/// The environment of the group that a rule refers to: that of the VPC named beside it, or the group's own.
fn environment_of_group(
    rule: &SecurityGroupRule,
    meta: &Meta,
    context: &Context<'_>,
) -> Attr<Option<String>> {
    if context.environments().is_empty() || matches!(rule.cidr, Attr::Known(Some(_))) {
        return Attr::Known(None);
    }
    let group = match rule.group_id.get() {
        Ok(Some(id)) => id,
        Ok(None) => return Attr::Known(None),
        Err(cause) => return Attr::Unknown(cause.clone()),
    };
    if *group == meta.id {
        return meta.environment.clone();
    }
    let (vpc, account) = match (rule.group_vpc_id.get(), rule.group_account.get()) {
        (Ok(vpc), Ok(account)) => (vpc, account),
        (Err(cause), _) | (_, Err(cause)) => return Attr::Unknown(cause.clone()),
    };
    let account = account.as_ref().and_then(|text| AccountId::new(text).ok());
    match (vpc, account) {
        (Some(vpc), account) => environment::of_vpc(vpc, account.as_ref(), meta, context),
        (None, Some(account)) if account != meta.account => {
            environment::of_account(&account, context)
        }
        _ => meta.environment.clone(),
    }
}
