//! Whether identities and policies nominally allow everything.

use super::grants::Grants;
use crate::analyze::Given;
use crate::analyze::context::{Context, missing};
use crate::analyze::relations::Key;
use crate::model::iam::{Group, InlinePolicy, Policy, Role, User};
use crate::model::policy::PolicyDocument;
use crate::model::{Attr, Cause, Data, Meta};

/// Derives whether a managed policy alone allows everything.
pub fn policy(policy: &mut Policy, given: Given) {
    let document = &policy.document;
    given.or(&mut policy.admin, || {
        let mut grants = Grants::default();
        grants.add(document);
        grants.everything()
    });
}

/// Derives whether a group's policies together allow everything.
pub fn group(group: &mut Group, meta: &Meta, context: &Context<'_>, given: Given) {
    if given.lacks(&group.admin) {
        let mut grants = Grants::default();
        add_group(&mut grants, group, meta, context);
        group.admin = grants.everything();
    }
}

/// Derives whether a role's policies together allow everything.
pub fn role(role: &mut Role, meta: &Meta, context: &Context<'_>, given: Given) {
    if given.lacks(&role.admin) {
        let mut grants = Grants::default();
        add_inline(&mut grants, &role.inline_policies);
        add_attached(&mut grants, &role.attached_policy_arns, meta, context);
        role.admin = grants.everything();
    }
}

/// Derives whether a user's policies and those of its groups together allow everything.
pub fn user(user: &mut User, meta: &Meta, context: &Context<'_>, given: Given) {
    if !given.lacks(&user.admin) {
        return;
    }
    let mut grants = Grants::default();
    add_inline(&mut grants, &user.inline_policies);
    add_attached(&mut grants, &user.attached_policy_arns, meta, context);
    match user.group_names.get() {
        Err(cause) => grants.add_unknown(cause),
        Ok(names) => {
            for name in names {
                match group_named(name, meta, context) {
                    Ok((group, place)) => add_group(&mut grants, group, place, context),
                    Err(cause) => grants.add_unknown(&cause),
                }
            }
        }
    }
    user.admin = grants.everything();
}

fn group_named<'c>(
    name: &str,
    meta: &Meta,
    context: &Context<'c>,
) -> Result<(&'c Group, &'c Meta), Cause> {
    let found = context.find(Key::GroupByName, name, &meta.account, &meta.region);
    let by_id = context.find(Key::GroupById, name, &meta.account, &meta.region);
    for resource in found.certain.into_iter().chain(by_id.certain) {
        if resource.meta.account == meta.account
            && let Data::IamGroup(group) = &resource.data
        {
            return Ok((group, &resource.meta));
        }
    }
    let none = || missing(&format!("group {name}"));
    Err(found.doubt.cause().cloned().unwrap_or_else(none))
}

fn add_group(grants: &mut Grants, group: &Group, meta: &Meta, context: &Context<'_>) {
    add_inline(grants, &group.inline_policies);
    add_attached(grants, &group.attached_policy_arns, meta, context);
}

fn add_inline(grants: &mut Grants, policies: &Attr<Vec<InlinePolicy>>) {
    match policies.get() {
        Ok(policies) => policies.iter().for_each(|policy| grants.add(&policy.document)),
        Err(cause) => grants.add_unknown(cause),
    }
}

fn add_attached(grants: &mut Grants, arns: &Attr<Vec<String>>, meta: &Meta, context: &Context<'_>) {
    let arns = match arns.get() {
        Ok(arns) => arns,
        Err(cause) => return grants.add_unknown(cause),
    };
    for arn in arns {
        match document_of(arn, meta, context) {
            Ok(document) => grants.add(document),
            // The one policy of AWS whose words are the same everywhere and for ever.
            Err(_) if arn.ends_with(":iam::aws:policy/AdministratorAccess") => {
                grants.add_everything();
            }
            Err(cause) => grants.add_unknown(&cause),
        }
    }
}

fn document_of<'c>(
    arn: &str,
    meta: &Meta,
    context: &Context<'c>,
) -> Result<&'c Attr<PolicyDocument>, Cause> {
    let resource = context
        .one(Key::PolicyByArn, arn, meta)
        .or_else(|cause| context.one(Key::PolicyById, arn, meta).map_err(|_| cause))?;
    match &resource.data {
        Data::IamPolicy(policy) => Ok(&policy.document),
        _ => Err(missing(arn)),
    }
}
