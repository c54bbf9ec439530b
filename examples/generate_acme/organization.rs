//! The organization: accounts in their units, the policies over them, and whom AWS reaches.

use portcullis::ident::Region;
use serde_json::{Value, json};

use super::world::{
    At, DEVELOPMENT, MANAGEMENT, PLACES, PRODUCTION, STAGING, World, ago, document, statement,
    untagged,
};

const ROOT: &str = "r-acm1";
const ORGANIZATION: &str = "o-a1cme9x0zq";
const SECURITY: &str = "ou-acm1-secur1ty";
const WORKLOADS: &str = "ou-acm1-w0rkload";
const RELEASED: &str = "ou-acm1-pr0duct1";
const BUILDING: &str = "ou-acm1-bu1ld1ng";

fn at() -> At {
    At::new(MANAGEMENT, Region::GLOBAL, "shared")
}

fn arn(resource: &str) -> String {
    format!("arn:aws:organizations::{MANAGEMENT}:{resource}")
}

/// Adds the organization and the contacts.
pub fn build(world: &mut World) {
    world.put_as(
        at(),
        "aws.organizations.organization",
        ORGANIZATION,
        Some(arn(&format!("organization/{ORGANIZATION}"))),
        "",
        &untagged(),
        json!({
            "in_use": true, "organization_id": ORGANIZATION, "feature_set": "ALL", "management_account_id": MANAGEMENT,
            "root_id": ROOT, "enabled_policy_types": ["SERVICE_CONTROL_POLICY", "TAG_POLICY"],
            "enabled_service_principals": ["sso.amazonaws.com", "guardduty.amazonaws.com", "config.amazonaws.com", "access-analyzer.amazonaws.com"],
        }),
    );
    for (id, name, parent, path, above) in [
        (SECURITY, "Security", ROOT, vec!["Security"], vec![ROOT]),
        (WORKLOADS, "Workloads", ROOT, vec!["Workloads"], vec![ROOT]),
        (RELEASED, "Production", WORKLOADS, vec!["Workloads", "Production"], vec![ROOT, WORKLOADS]),
        (BUILDING, "Building", WORKLOADS, vec!["Workloads", "Building"], vec![ROOT, WORKLOADS]),
    ] {
        let data = json!({"parent_id": parent, "path": path, "ancestor_ids": above});
        world.put_as(
            at(),
            "aws.organizations.unit",
            id,
            Some(arn(&format!("ou/{ORGANIZATION}/{id}"))),
            name,
            &untagged(),
            data,
        );
    }
    accounts(world);
    policies(world);
    administrators(world);
    identity_center(world);
    contacts(world);
}

fn accounts(world: &mut World) {
    let mut put = |id: &str,
                   name: &str,
                   parent: &str,
                   path: &[&str],
                   above: &[&str],
                   joined: &str,
                   age: i64| {
        let data = json!({
            "status": "ACTIVE", "state": "ACTIVE", "joined_method": joined, "joined_timestamp": ago(age), "parent_id": parent,
            "ou_path": path, "ancestor_ids": above, "management": id == MANAGEMENT,
        });
        world.put_as(
            at(),
            "aws.organizations.account",
            id,
            Some(arn(&format!("account/{ORGANIZATION}/{id}"))),
            name,
            &untagged(),
            data,
        );
    };
    put(MANAGEMENT, "acme-management", ROOT, &[], &[ROOT], "INVITED", 2400);
    put(
        "109876543210",
        "acme-log-archive",
        SECURITY,
        &["Security"],
        &[ROOT, SECURITY],
        "CREATED",
        1900,
    );
    put(
        "123450987654",
        "acme-forensics",
        SECURITY,
        &["Security"],
        &[ROOT, SECURITY],
        "CREATED",
        300,
    );
    let (released, building) = (["Workloads", "Production"], ["Workloads", "Building"]);
    put(
        PRODUCTION,
        "acme-prod",
        RELEASED,
        &released,
        &[ROOT, WORKLOADS, RELEASED],
        "CREATED",
        1800,
    );
    put(
        STAGING,
        "acme-staging",
        BUILDING,
        &building,
        &[ROOT, WORKLOADS, BUILDING],
        "CREATED",
        1800,
    );
    put(
        DEVELOPMENT,
        "acme-dev",
        BUILDING,
        &building,
        &[ROOT, WORKLOADS, BUILDING],
        "CREATED",
        1800,
    );
    // Came with an acquisition last winter, and hangs under the root since.
    put("678901234567", "roadrunner-labs", ROOT, &[], &[ROOT], "INVITED", 140);
}

#[expect(clippy::too_many_lines, reason = "a list of what there is, in one place")]
fn policies(world: &mut World) {
    let mut put = |id: &str,
                   name: &str,
                   kind: &str,
                   aws: bool,
                   document: Value,
                   content: Value,
                   targets: &[&str]| {
        let resource = format!("policy/{ORGANIZATION}/{}/{id}", kind.to_ascii_lowercase());
        let data = json!({
            "kind": kind, "aws_managed": aws, "description": name, "document": document, "content": content,
            "target_ids": targets,
        });
        world.put_as(
            at(),
            "aws.organizations.policy",
            id,
            Some(arn(&resource)),
            name,
            &untagged(),
            data,
        );
    };
    let scp = "SERVICE_CONTROL_POLICY";
    let everything = document(&[statement("Allow", &["*"], &["*"], &[], &[])]);
    put(
        "p-FullAWSAccess",
        "FullAWSAccess",
        scp,
        true,
        everything,
        Value::Null,
        // AWS keeps at least one policy at every root, unit and account.
        &[
            ROOT,
            SECURITY,
            WORKLOADS,
            RELEASED,
            BUILDING,
            MANAGEMENT,
            "109876543210",
            "123450987654",
            PRODUCTION,
            STAGING,
            DEVELOPMENT,
            "678901234567",
        ],
    );
    let guardrails = document(&[
        statement("Deny", &["organizations:LeaveOrganization"], &["*"], &[], &[]),
        statement(
            "Deny",
            &["cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail"],
            &["*"],
            &[],
            &[],
        ),
        statement(
            "Deny",
            &[
                "guardduty:DeleteDetector",
                "guardduty:UpdateDetector",
                "guardduty:DisassociateFromAdministratorAccount",
            ],
            &["*"],
            &[],
            &[],
        ),
        statement(
            "Deny",
            &["config:StopConfigurationRecorder", "config:DeleteConfigurationRecorder"],
            &["*"],
            &[],
            &[],
        ),
    ]);
    put("p-gu4rdra1l", "guardrails", scp, false, guardrails, Value::Null, &[SECURITY, WORKLOADS]);
    let regions: [(&str, &str, &[&str]); 1] =
        [("StringNotEquals", "aws:RequestedRegion", &["eu-west-1", "eu-central-1", "us-east-1"])];
    let fence = document(&[statement(
        "Deny",
        &["ec2:*", "rds:*", "lambda:*", "ssm:*"],
        &["*"],
        &[],
        &regions,
    )]);
    put(
        "p-r3g10nfence",
        "european-regions",
        scp,
        false,
        fence,
        Value::Null,
        &[SECURITY, WORKLOADS],
    );
    let content = json!(r#"{"tags":{"env":{"tag_key":{"@@assign":"env"}}}}"#);
    put("p-t4gs", "tags", "TAG_POLICY", false, Value::Null, content, &[WORKLOADS]);
}

fn administrators(world: &mut World) {
    let services = [
        "guardduty.amazonaws.com",
        "config.amazonaws.com",
        "access-analyzer.amazonaws.com",
        "securityhub.amazonaws.com",
    ];
    let data = json!({
        "account_id": "109876543210", "status": "ACTIVE", "delegation_enabled_date": ago(800), "service_principals": services,
    });
    world.put_as(
        at(),
        "aws.organizations.delegated_administrator",
        "109876543210",
        None,
        "acme-log-archive",
        &untagged(),
        data,
    );
}

fn contacts(world: &mut World) {
    for place in PLACES.into_iter().step_by(2) {
        let dev = place.account == DEVELOPMENT;
        let contact = |title: &str, mailbox: &str| {
            json!({
                "title": title, "name_present": true, "phone_number_present": true, "email_domain": "acme.example",
                "email_sha256": portcullis::digest::sha256(format!("{mailbox}@acme.example").as_bytes()),
            })
        };
        let security = contact("Head of security", "security-alerts");
        let operations = contact(
            "Platform on duty",
            if place.account == STAGING { "security-alerts" } else { "platform" },
        );
        let billing = contact("Controller", "cloud-billing");
        world.put(
            place.global(),
            "aws.account.contacts",
            place.account,
            "",
            &untagged(),
            json!({
                "company_name": if dev { Value::Null } else { json!("Acme Retail Europe Ltd") }, "country_code": "IE",
                "full_name_present": true, "phone_number_present": !dev, "address_present": true, "website_present": !dev,
                "security": if dev { Value::Null } else { security }, "operations": operations, "billing": billing,
            }),
        );
    }
}

/// The people of Identity Center, their groups, and what they are given where.
fn identity_center(world: &mut World) {
    const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-6c1e0a9d2b7f4e58";
    const STORE: &str = "d-9367a1c0de";
    let put = |world: &mut World, kind: &str, id: &str, name: &str, data: Value| {
        let arn = id.starts_with("arn:").then(|| id.to_owned());
        world.put_as(at(), kind, id, arn, name, &untagged(), data);
    };
    let data = json!({
        "identity_store_id": STORE, "owner_account_id": MANAGEMENT, "status": "ACTIVE", "created_date": ago(1500),
    });
    put(world, "aws.sso.instance", INSTANCE, "acme", data);
    for name in ["Developer", "Administrator", "Billing"] {
        let arn = format!(
            "arn:aws:sso:::permissionSet/ssoins-6c1e0a9d2b7f4e58/ps-{}",
            name.to_lowercase()
        );
        let data = json!({
            "instance_arn": INSTANCE, "description": null, "session_duration": "PT4H", "created_date": ago(1400),
            "managed_policy_arns": [], "customer_managed_policies": [], "inline_policy": null,
            "permissions_boundary": null, "provisioned_account_ids": [DEVELOPMENT, STAGING, PRODUCTION],
        });
        put(world, "aws.sso.permission_set", &arn, name, data);
    }
    let people = [
        ("u-weber", "jonas.weber@acme.example"),
        ("u-novak", "petra.novak@acme.example"),
        ("u-keller", "lena.keller@acme.example"),
    ];
    for (id, name) in people {
        let data = json!({"identity_store_id": STORE, "user_name": name});
        put(world, "aws.identitystore.user", id, name, data);
    }
    let data = json!({"identity_store_id": STORE, "member_user_ids": ["u-weber", "u-keller"]});
    put(world, "aws.identitystore.group", "g-developers", "developers", data);
    for (principal, kind, set, account) in [
        ("g-developers", "GROUP", "developer", DEVELOPMENT),
        // She left, and her own assignment stayed.
        ("u-novak", "USER", "administrator", STAGING),
        // She moved to the shop's finances, and kept what she had as a developer.
        ("u-keller", "USER", "billing", MANAGEMENT),
    ] {
        let id = format!("{account}/{set}/{principal}");
        let data = json!({
            "account_id": account, "principal_type": kind, "principal_id": principal,
            "permission_set_arn": format!("arn:aws:sso:::permissionSet/ssoins-6c1e0a9d2b7f4e58/ps-{set}"),
        });
        put(world, "aws.sso.account_assignment", &id, "", data);
    }
}
