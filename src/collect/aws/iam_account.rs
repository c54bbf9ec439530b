//! IAM: what an account decides as a whole, its MFA devices, providers and server certificates.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cell::{Cell, pages};
use super::convert::{map, number, sorted, sure_tags, time, word};
use super::failure::{Class, Failure};
use super::iam::PAGE;
use crate::collect::normal;
use crate::model::attr::Attr;
use crate::model::iam_account::{
    AccountSummary, MfaDevice, OidcProvider, PasswordPolicy, SamlProvider, ServerCertificate,
};

const SUMMARY: &str = "aws.iam.account_summary";
const PASSWORDS: &str = "aws.iam.password_policy";

pub(super) async fn account(cell: Arc<Cell>) -> Result<(), Failure> {
    if cell.wants(SUMMARY)
        && let Err(failure) = summary(&cell).await
    {
        cell.gap(SUMMARY, &failure);
    }
    if cell.wants(PASSWORDS)
        && let Err(failure) = password_policy(&cell).await
    {
        cell.gap(PASSWORDS, &failure);
    }
    Ok(())
}

async fn summary(cell: &Cell) -> Result<(), Failure> {
    let answer =
        cell.call("iam:GetAccountSummary", cell.clients.iam().get_account_summary().send()).await?;
    let entries: BTreeMap<String, i64> = map(
        answer
            .summary_map
            .unwrap_or_default()
            .into_iter()
            .map(|(key, value)| (key.as_str().to_owned(), value)),
        i64::from,
    );
    let count = |key: &str| super::convert::must(entries.get(key).copied());
    let yes = |key: &str| super::convert::must(entries.get(key).map(|value| *value != 0));
    let mut data = AccountSummary {
        account_mfa_enabled: yes("AccountMFAEnabled"),
        account_access_keys_present: yes("AccountAccessKeysPresent"),
        account_password_present: entries
            .get("AccountPasswordPresent")
            .map(|value| *value != 0)
            .into(),
        account_signing_certificates_present: yes("AccountSigningCertificatesPresent"),
        users: count("Users"),
        groups: count("Groups"),
        roles: count("Roles"),
        policies: count("Policies"),
        instance_profiles: count("InstanceProfiles"),
        server_certificates: count("ServerCertificates"),
        providers: count("Providers"),
        mfa_devices: count("MFADevices"),
        mfa_devices_in_use: count("MFADevicesInUse"),
        global_endpoint_token_version: entries.get("GlobalEndpointTokenVersion").copied().into(),
        entries: entries.clone().into(),
        ..AccountSummary::default()
    };
    let fields = ["root_credentials_management_enabled", "root_sessions_enabled"];
    if cell.plan.wants_fields(SUMMARY, &fields) {
        root_management(cell, &mut data).await;
    }
    cell.emit(cell.single_meta(), data).await;
    Ok(())
}

async fn root_management(cell: &Cell, data: &mut AccountSummary) {
    let request = cell.clients.iam().list_organizations_features();
    match cell.call("iam:ListOrganizationsFeatures", request.send()).await {
        Ok(answer) => {
            let features = answer.enabled_features.unwrap_or_default();
            let has = |name: &str| {
                Attr::Known(Some(features.iter().any(|feature| feature.as_str() == name)))
            };
            data.root_credentials_management_enabled = has("RootCredentialsManagement");
            data.root_sessions_enabled = has("RootSessions");
        }
        // Only the management account decides it; without an organization nobody does.
        Err(failure)
            if failure.code.as_deref().is_some_and(|code| {
                code.contains("OrganizationNotFound")
                    || code.contains("AccountNotManagementOrDelegated")
            }) =>
        {
            data.root_credentials_management_enabled = None.into();
            data.root_sessions_enabled = None.into();
        }
        Err(failure) => {
            data.root_credentials_management_enabled = failure.unknown();
            data.root_sessions_enabled = failure.unknown();
        }
    }
}

async fn password_policy(cell: &Cell) -> Result<(), Failure> {
    let request = cell.clients.iam().get_account_password_policy();
    let policy = match cell.call("iam:GetAccountPasswordPolicy", request.send()).await {
        Ok(answer) => answer.password_policy,
        Err(failure) if failure.class == Class::Absent => None,
        Err(failure) => return Err(failure),
    };
    let data = PasswordPolicy {
        exists: policy.is_some().into(),
        minimum_password_length: number(policy.as_ref().and_then(|p| p.minimum_password_length)),
        require_symbols: policy.as_ref().is_some_and(|p| p.require_symbols).into(),
        require_numbers: policy.as_ref().is_some_and(|p| p.require_numbers).into(),
        require_uppercase_characters: policy
            .as_ref()
            .is_some_and(|p| p.require_uppercase_characters)
            .into(),
        require_lowercase_characters: policy
            .as_ref()
            .is_some_and(|p| p.require_lowercase_characters)
            .into(),
        allow_users_to_change_password: policy
            .as_ref()
            .is_some_and(|p| p.allow_users_to_change_password)
            .into(),
        expire_passwords: policy.as_ref().is_some_and(|p| p.expire_passwords).into(),
        max_password_age: number(policy.as_ref().and_then(|p| p.max_password_age)),
        password_reuse_prevention: number(
            policy.as_ref().and_then(|p| p.password_reuse_prevention),
        ),
        hard_expiry: policy.and_then(|p| p.hard_expiry).into(),
    };
    cell.emit(cell.single_meta(), data).await;
    Ok(())
}

/// The virtual devices of everyone, root included. Hardware ones and passkeys are only told user by user.
pub(super) async fn mfa_devices(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.iam().list_virtual_mfa_devices().max_items(PAGE);
    pages!(cell, "iam:ListVirtualMFADevices", request, set_marker, marker, |page| {
        for item in page.virtual_mfa_devices.drain(..) {
            let serial = item.serial_number;
            let tags =
                item.tags.map_or_else(Attr::default, |tags| Attr::Known(sure_tags!(Some(tags))));
            let arn = serial.starts_with("arn:").then(|| serial.clone());
            let user = item.user.map(|user| {
                if user.arn.ends_with(":root") {
                    "<root_account>".to_owned()
                } else {
                    user.user_name
                }
            });
            let data = MfaDevice {
                user_name: user.filter(|name| !name.is_empty()).into(),
                enable_date: time(item.enable_date),
                kind: normal::mfa_kind(&serial).to_owned().into(),
                serial_number: serial.clone().into(),
            };
            cell.emit(cell.meta(serial, arn, None, tags), data).await;
        }
    })
}

fn last_part(arn: &str) -> Option<&str> {
    arn.split_once('/').map(|(_, name)| name)
}

pub(super) async fn saml_providers(cell: Arc<Cell>) -> Result<(), Failure> {
    let answer =
        cell.call("iam:ListSAMLProviders", cell.clients.iam().list_saml_providers().send()).await?;
    for entry in answer.saml_provider_list.unwrap_or_default() {
        let Some(arn) = entry.arn else { continue };
        let request = cell.clients.iam().get_saml_provider().saml_provider_arn(&arn);
        let mut data = SamlProvider {
            valid_until: time(entry.valid_until),
            create_date: time(entry.create_date),
            ..SamlProvider::default()
        };
        let tags = match cell.call("iam:GetSAMLProvider", request.send()).await {
            Ok(answer) => {
                data.valid_until = time(answer.valid_until);
                data.create_date = time(answer.create_date);
                data.assertion_encryption_mode = word!(answer.assertion_encryption_mode);
                data.private_key_count = answer
                    .private_key_list
                    .map(|keys| i64::try_from(keys.len()).unwrap_or(i64::MAX))
                    .into();
                Attr::Known(sure_tags!(answer.tags))
            }
            Err(failure) if failure.class == Class::Absent => continue,
            Err(failure) => {
                data.assertion_encryption_mode = failure.unknown();
                data.private_key_count = failure.unknown();
                failure.unknown()
            }
        };
        let meta = cell.meta(arn.clone(), Some(arn.clone()), last_part(&arn), tags);
        cell.emit(meta, data).await;
    }
    Ok(())
}

pub(super) async fn oidc_providers(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.iam().list_open_id_connect_providers();
    let answer = cell.call("iam:ListOpenIDConnectProviders", request.send()).await?;
    for entry in answer.open_id_connect_provider_list.unwrap_or_default() {
        let Some(arn) = entry.arn else { continue };
        let request =
            cell.clients.iam().get_open_id_connect_provider().open_id_connect_provider_arn(&arn);
        let (data, tags) = match cell.call("iam:GetOpenIDConnectProvider", request.send()).await {
            Ok(answer) => {
                let data = OidcProvider {
                    url: super::convert::must(answer.url),
                    client_ids: sorted(answer.client_id_list),
                    thumbprints: sorted(answer.thumbprint_list),
                    create_date: time(answer.create_date),
                };
                (data, Attr::Known(sure_tags!(answer.tags)))
            }
            Err(failure) if failure.class == Class::Absent => continue,
            Err(failure) => {
                let data = OidcProvider {
                    // The ARN ends with the issuer's address.
                    url: super::convert::must(last_part(&arn).map(str::to_owned)),
                    client_ids: failure.unknown(),
                    thumbprints: failure.unknown(),
                    create_date: failure.unknown(),
                };
                (data, failure.unknown())
            }
        };
        let meta = cell.meta(arn.clone(), Some(arn.clone()), last_part(&arn), tags);
        cell.emit(meta, data).await;
    }
    Ok(())
}

pub(super) async fn server_certificates(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.iam().list_server_certificates().max_items(PAGE);
    pages!(cell, "iam:ListServerCertificates", request, set_marker, marker, |page| {
        for item in page.server_certificate_metadata_list.drain(..) {
            let name = item.server_certificate_name;
            let meta = cell.meta(name.clone(), Some(item.arn), Some(&name), Attr::default());
            let data = ServerCertificate {
                server_certificate_id: item.server_certificate_id.into(),
                path: item.path.into(),
                expiration: time(item.expiration),
                upload_date: time(item.upload_date),
            };
            cell.emit(meta, data).await;
        }
    })
}
