//! What IAM decides for an account as a whole, its identity providers and certificates, and whom AWS reaches about it.

use std::collections::BTreeMap;

use super::Table;
use super::stating::{by_arn, handle, in_account, later, leave_out, part, silent, state, untold};
use crate::collect::normal;
use crate::collect::predicted::{Thing, shape};
use crate::model::account::AlternateContact;
use crate::model::change::{Draft, Sketch, Whole};
use crate::model::{Attr, Tree};

const PASSWORDS: &str = "aws.iam.password_policy";
const OIDC: &str = "aws.iam.oidc_provider";
const SAML: &str = "aws.iam.saml_provider";
const CERTIFICATE: &str = "aws.iam.server_certificate";
const SUMMARY: &str = "aws.iam.account_summary";
const CONTACTS: &str = "aws.account.contacts";

pub(super) const TABLE: Table = &[
    ("aws_iam_account_password_policy", handle(&[], ""), password_policy),
    (
        "aws_iam_openid_connect_provider",
        handle(&["arn"], "arn:{partition}:iam::{account}:oidc-provider/{url-https://}"),
        oidc_provider,
    ),
    (
        "aws_iam_saml_provider",
        handle(&["arn"], "arn:{partition}:iam::{account}:saml-provider/{name}"),
        saml_provider,
    ),
    (
        "aws_iam_server_certificate",
        handle(&["name"], "arn:{partition}:iam::{account}:server-certificate{path}{name}"),
        server_certificate,
    ),
    ("aws_iam_security_token_service_preferences", handle(&[], ""), token_preferences),
    ("aws_iam_organizations_features", handle(&[], ""), root_features),
    ("aws_account_alternate_contact", handle(&[], ""), alternate_contact),
    ("aws_account_primary_contact", handle(&[], ""), primary_contact),
];

/// There is one per account, and it has no tags.
fn once(thing: &Thing<'_>, draft: &mut Draft<'_>) {
    draft.id = in_account(thing, &mut draft.place, "account_id");
    draft.arn = None;
    draft.name = None;
    draft.tags = Attr::Known(BTreeMap::new());
}

/// What is left out is off; IAM writes an age and a number of 0 as absent.
fn password_policy<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let draft = thing.draft(PASSWORDS, "", &[]);
    state(sketch, draft, |draft| {
        once(thing, draft);
        draft.fields.set("exists", Tree::Bool(true));
        for name in [
            "require_symbols",
            "require_numbers",
            "require_uppercase_characters",
            "require_lowercase_characters",
        ] {
            draft.fields.set(name, thing.or(name, Tree::Bool(false)));
        }
        let own = thing.or("allow_users_to_change_password", Tree::Bool(true));
        draft.fields.set("allow_users_to_change_password", own);
        let length = thing.or("minimum_password_length", Tree::Int(6));
        draft.fields.set("minimum_password_length", length);
        for name in ["max_password_age", "password_reuse_prevention"] {
            let number = thing.or(name, Tree::Null);
            draft.fields.set(name, if number.as_int() == Some(0) { Tree::Null } else { number });
        }
        let age = draft.fields.member("max_password_age").into_owned();
        let expire = match age {
            Tree::Null => Tree::Bool(false),
            Tree::Unknown(cause) => Tree::Unknown(cause),
            _ => Tree::Bool(true),
        };
        draft.fields.set("expire_passwords", expire);
        draft.fields.set("hard_expiry", thing.or("hard_expiry", Tree::Bool(false)));
    });
}

/// The issuer's address is known without its scheme, as IAM keeps it.
fn oidc_provider<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[
        ("client_ids", "client_id_list"),
        ("thumbprints", "thumbprint_list"),
        ("create_date", ""),
    ];
    state(sketch, thing.draft(OIDC, "", from), |draft| {
        by_arn(draft);
        let url = match &*thing.at("url") {
            Tree::Text(url) => Tree::text(url.trim_start_matches("https://").to_owned()),
            other => other.clone(),
        };
        draft.name = url.as_str().map(str::to_owned);
        draft.fields.set("url", url);
        untold(thing, draft, &[("create_date", later())]);
    });
}

fn saml_provider<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    state(sketch, thing.draft(SAML, "name", &[]), |draft| {
        by_arn(draft);
        let told = [("valid_until", "valid_until", later())];
        silent(thing, draft, &told);
        untold(
            thing,
            draft,
            &[
                ("create_date", later()),
                ("assertion_encryption_mode", Tree::Null),
                ("private_key_count", Tree::Int(0)),
            ],
        );
    });
}

fn server_certificate<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("server_certificate_id", "")];
    state(sketch, thing.draft(CERTIFICATE, "name", from), |draft| {
        draft.fields.set("path", thing.or("path", Tree::text("/")));
        // The id of the certificate stands where other types have their name.
        let id = match &*thing.at("id") {
            Tree::Text(id) if !thing.fresh => Tree::Text(id.clone()),
            _ => later(),
        };
        draft.fields.set("server_certificate_id", id);
        silent(
            thing,
            draft,
            &[("expiration", "expiration", later()), ("upload_date", "upload_date", later())],
        );
    });
}

fn summary<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, field: &'static str, value: Tree<'a>) {
    let whole = Whole::Id(thing.place.account.as_str().to_owned());
    part(sketch, thing.value(SUMMARY, whole, field, value));
}

fn token_preferences<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let version = match &*thing.at("global_endpoint_token_version") {
        Tree::Text(word) => match &**word {
            "v1Token" => Tree::Int(1),
            "v2Token" => Tree::Int(2),
            _ => later(),
        },
        other => other.clone(),
    };
    summary(thing, sketch, "global_endpoint_token_version", version);
}

fn root_features<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let features = thing.at("enabled_features");
    for (field, name) in [
        ("root_credentials_management_enabled", "RootCredentialsManagement"),
        ("root_sessions_enabled", "RootSessions"),
    ] {
        let on = features.items().iter().any(|feature| feature.as_str() == Some(name));
        let value = match shape::first_cause(&features) {
            Some(cause) if !on => Tree::Unknown(cause),
            _ => Tree::Bool(on),
        };
        summary(thing, sketch, field, value);
    }
}

/// Every account has contacts, though none of its plans may state them.
fn alternate_contact<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let kind = match thing.text("alternate_contact_type") {
        Ok(kind) => kind.unwrap_or_default(),
        Err(_) => return,
    };
    let field = match &*kind {
        "SECURITY" => "security",
        "OPERATIONS" => "operations",
        "BILLING" => "billing",
        _ => return,
    };
    let Some(mut contacts) = thing.implied(CONTACTS, "") else { return };
    once(thing, &mut contacts);
    let (whole, place) = (Whole::Id(contacts.id.clone()), contacts.place.clone());
    sketch.state(contacts);
    let value = shape::owned(&contact(thing));
    let made = thing.value(CONTACTS, whole, field, value);
    part(sketch, made.map(|part| crate::model::change::Part { place, ..part }));
}

/// A contact without what is personal in it.
fn contact(thing: &Thing<'_>) -> AlternateContact {
    let known = |path: &str| thing.text(path).ok().flatten();
    let (name, phone, email) = (known("name"), known("phone_number"), known("email_address"));
    let mut out = normal::alternate_contact(
        known("title"),
        name.as_deref(),
        phone.as_deref(),
        email.as_deref(),
    );
    if let Err(cause) = thing.text("title") {
        out.title = Attr::Unknown(cause);
    }
    // All of these are demanded, so that they are there whatever they are.
    if thing.text("name").is_err() {
        out.name_present = Attr::Known(true);
    }
    if thing.text("phone_number").is_err() {
        out.phone_number_present = Attr::Known(true);
    }
    if let Err(cause) = thing.text("email_address") {
        out.email_domain = Attr::Unknown(cause.clone());
        out.email_sha256 = Attr::Unknown(cause);
    }
    out
}

fn primary_contact<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let from = &[("security", ""), ("operations", ""), ("billing", "")];
    state(sketch, thing.draft(CONTACTS, "", from), |draft| {
        once(thing, draft);
        for field in ["security", "operations", "billing"] {
            leave_out(draft, field);
        }
        for (field, path) in [
            ("full_name_present", "full_name"),
            ("phone_number_present", "phone_number"),
            ("address_present", "address_line_1"),
            ("website_present", "website_url"),
        ] {
            let there = match &*thing.at(path) {
                Tree::Text(text) => Tree::Bool(!text.trim().is_empty()),
                Tree::Null => Tree::Bool(false),
                Tree::Unknown(cause) if path == "website_url" => Tree::Unknown(cause.clone()),
                // All others are demanded.
                _ => Tree::Bool(true),
            };
            draft.fields.set(field, there);
        }
    });
}
