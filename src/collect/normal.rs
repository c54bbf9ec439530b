//! How provider answers become model values, for every collector alike: no SDK type and no I/O appears here.
//!
//! The identities of resources, which all collectors have to agree on:
//!
//! | types | id | arn | name |
//! |---|---|---|---|
//! | EC2 things with an id of their own | that id (`sg-…`, `eipalloc-…`, `key-…`, `fl-…`, `tgw-attach-…`) | [`ec2_arn`] | tag `Name`, else the name EC2 gives (group, key, template, prefix list, service) |
//! | one per account, or per account and region (account settings, VPC block public access options, account summary, password policy, contacts) | the account id | none | none |
//! | security group in another VPC | `sg-…/vpc-…` | none | none |
//! | ELBv2 load balancer, listener, rule, target group | the ARN | the same | the name of load balancer and target group |
//! | ELBv2 TLS policy, Classic Load Balancer | the name | Classic: as AWS builds it | the name |
//! | ACM certificate | the ARN | the same | the domain name |
//! | IAM user, group, role, instance profile, server certificate | the name, unique in its account | the ARN | the name |
//! | IAM managed policy, OIDC and SAML provider | the ARN | the same | its last part |
//! | MFA device | serial number or ARN | ARN of virtual ones | none |
//! | access key | the key id, or `<user>/access_key_1` from the credentials report | none | none |
//! | line of the credentials report | the user, or `<root_account>` | the ARN | the user |
//! | organization, account, unit, policy, delegated administrator | `o-…`, account id, `ou-…`, `p-…`, account id | the ARN | the name |
//! | SSM managed instance, patch state, inventory | the instance id (`i-…`, `mi-…`) | managed instance: ARN | computer name |
//! | RDS database instance, Lambda function, EKS cluster | the name, unique in account and region | the ARN | the name |
//! | Network Firewall firewall, policy, rule group; Global Accelerator accelerator | the ARN | the same | the name |
//! | CloudFront VPC origin, API Gateway VPC link, VPC Lattice service | its id (`vo_…`, link id, `svc-…`) | the ARN, where it has one | the name |
//! | caller identity | the ARN of the caller | the same | none |

mod attributes;
mod credential_report;
pub mod network_firewall;
mod permission;
mod secrets;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::clock::Time;
use crate::digest::sha256;
use crate::ident::{AccountId, Region};
use crate::model::account::AlternateContact;
use crate::model::iam_account::PasswordPolicy;

pub use attributes::{
    classic_load_balancer_attributes, listener_attributes, load_balancer_attributes,
    target_group_attributes,
};
pub use credential_report::{access_keys, credential_report};
pub use permission::{GroupRef, Permission, Traffic, protocol_name, rules, traffic};
pub use secrets::{
    UserData, decode_base64, encode_base64, plain_user_data, secret_kinds, user_data,
};

/// The partition a region belongs to, as ARNs spell it. Source: the partitions of botocore's endpoint data.
pub fn partition_of(region: &Region) -> &'static str {
    const PREFIXES: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("us-iso-", "aws-iso"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    let code = region.as_str();
    PREFIXES
        .iter()
        .find(|(prefix, _)| code.starts_with(prefix))
        .map_or("aws", |(_, partition)| partition)
}

/// The ARN of an EC2 resource, for answers that do not carry it; nothing for types without ARNs.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html>.
pub fn ec2_arn(kind: &str, account: &AccountId, region: &Region, id: &str) -> Option<String> {
    let noun = match kind.strip_prefix("aws.ec2.")? {
        "address" => "elastic-ip",
        "client_vpn_endpoint" => "client-vpn-endpoint",
        "egress_only_internet_gateway" => "egress-only-internet-gateway",
        "flow_log" => "vpc-flow-log",
        "image" => "image",
        "instance" => "instance",
        "instance_connect_endpoint" => "instance-connect-endpoint",
        "internet_gateway" => "internet-gateway",
        "key_pair" => "key-pair",
        "launch_template" => "launch-template",
        "managed_prefix_list" => "prefix-list",
        "nat_gateway" => "natgateway",
        "network_acl" => "network-acl",
        "network_interface" => "network-interface",
        "route_table" => "route-table",
        "security_group" => "security-group",
        "snapshot" => "snapshot",
        "subnet" => "subnet",
        "transit_gateway" => "transit-gateway",
        "transit_gateway_attachment" => "transit-gateway-attachment",
        "transit_gateway_route_table" => "transit-gateway-route-table",
        "volume" => "volume",
        "vpc" => "vpc",
        "vpc_block_public_access_exclusion" => "vpc-block-public-access-exclusion",
        "vpc_endpoint" => "vpc-endpoint",
        "vpc_endpoint_service" => "vpc-endpoint-service",
        "vpc_peering_connection" => "vpc-peering-connection",
        "vpn_connection" => "vpn-connection",
        "vpn_gateway" => "vpn-gateway",
        _ => return None,
    };
    let partition = partition_of(region);
    // Images and snapshots carry no account in their ARN.
    let owner = if matches!(noun, "image" | "snapshot") { "" } else { account.as_str() };
    Some(format!("arn:{partition}:ec2:{region}:{owner}:{noun}/{id}"))
}

/// A moment as APIs print it: RFC 3339, the same with a space or without a zone (then UTC), cut to whole seconds.
pub fn time(text: &str) -> Option<Time> {
    let text = text.trim();
    let stamp = text.parse::<Timestamp>().ok().or_else(|| {
        let civil = text.parse::<DateTime>().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })?;
    Time::from_seconds(stamp.as_second())
}

/// A moment as JSON protocols print it: seconds since 1970, with or without a fraction, or milliseconds.
pub fn time_from_epoch(number: f64) -> Option<Time> {
    // The year 5138 in seconds; nobody means it, and milliseconds since 1973 are above.
    const MILLISECONDS_FROM: f64 = 1e11;
    let seconds = if number.abs() >= MILLISECONDS_FROM { number / 1000.0 } else { number };
    if !(-1e11..=2.6e11).contains(&seconds) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    Time::from_seconds(seconds.floor() as i64)
}

/// The name people know a thing by: its tag `Name`, else what the provider calls it.
pub fn name_of(tags: &BTreeMap<String, String>, fallback: Option<&str>) -> Option<String> {
    let named = tags.get("Name").map(String::as_str).filter(|name| !name.trim().is_empty());
    named.or(fallback.filter(|name| !name.is_empty())).map(str::to_owned)
}

/// A contact reduced to what checks need: no name, number or address is kept.
pub fn alternate_contact(
    title: Option<String>,
    name: Option<&str>,
    phone_number: Option<&str>,
    email: Option<&str>,
) -> AlternateContact {
    let there = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
    let email = email.map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
    let domain = email.as_deref().and_then(|text| Some(text.rsplit_once('@')?.1.to_owned()));
    AlternateContact {
        title: title.into(),
        name_present: there(name).into(),
        phone_number_present: there(phone_number).into(),
        email_domain: domain.into(),
        email_sha256: email.map(|text| sha256(text.as_bytes())).into(),
    }
}

/// What holds in an account without a password policy of its own: eight characters of three kinds, and nothing else.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html>.
pub fn default_password_policy() -> PasswordPolicy {
    PasswordPolicy {
        exists: false.into(),
        minimum_password_length: Some(8).into(),
        require_symbols: false.into(),
        require_numbers: false.into(),
        require_uppercase_characters: false.into(),
        require_lowercase_characters: false.into(),
        allow_users_to_change_password: false.into(),
        expire_passwords: false.into(),
        max_password_age: None.into(),
        password_reuse_prevention: None.into(),
        hard_expiry: None.into(),
    }
}

/// What kind of MFA device a serial number means.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_MFADevice.html>; passkeys carry `u2f` in their ARN.
pub fn mfa_kind(serial_number: &str) -> &'static str {
    let resource = serial_number.rsplit(':').next().unwrap_or_default();
    if !serial_number.starts_with("arn:") {
        "hardware"
    } else if resource.starts_with("mfa/") {
        "virtual"
    } else if resource.starts_with("u2f/") {
        "passkey"
    } else {
        "unknown"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_come_in_many_spellings() {
        let want = time("2020-04-28T21:38:43Z").unwrap();
        for text in [
            "2020-04-28 21:38:43+00:00",
            "2020-04-28T21:38:43.917Z",
            "2020-04-28T23:38:43+02:00",
            "2020-04-28T21:38:43",
            "2020-04-28 21:38:43",
        ] {
            assert_eq!(time(text), Some(want), "{text}");
        }
        assert_eq!(time_from_epoch(1_588_109_923.917), Some(want));
        assert_eq!(time_from_epoch(1_588_109_923_917.0), Some(want));
        assert_eq!(time("soon"), None);
        assert_eq!(time_from_epoch(f64::NAN), None);
        assert_eq!(time_from_epoch(1e300), None);
    }

    #[test]
    fn arns_name_partition_and_owner() {
        let account = AccountId::new("111122223333").unwrap();
        let arn = |kind, region: &str| {
            ec2_arn(kind, &account, &Region::new(region).unwrap(), "x-1").unwrap()
        };
        assert_eq!(
            arn("aws.ec2.vpc", "cn-north-1"),
            "arn:aws-cn:ec2:cn-north-1:111122223333:vpc/x-1"
        );
        assert_eq!(arn("aws.ec2.snapshot", "eu-west-1"), "arn:aws:ec2:eu-west-1::snapshot/x-1");
        let here = Region::new("eu-west-1").unwrap();
        assert_eq!(ec2_arn("aws.ec2.account_settings", &account, &here, "x"), None);
    }

    #[test]
    fn devices_are_told_apart() {
        assert_eq!(mfa_kind("arn:aws:iam::111122223333:mfa/ann"), "virtual");
        assert_eq!(mfa_kind("arn:aws:iam::111122223333:u2f/user/ann/key-X"), "passkey");
        assert_eq!(mfa_kind("GAHT12345678"), "hardware");
    }
}
