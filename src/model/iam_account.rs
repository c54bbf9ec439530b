//! IAM: what an account decides as a whole, its credentials report, and its providers.

use std::collections::BTreeMap;

use crate::clock::Time;

model! {
    /// The counters of an account (`iam:GetAccountSummary`).
    pub struct AccountSummary {
        /// Whether the root user has an MFA device.
        account_mfa_enabled: bool,
        /// Whether the root user has access keys.
        account_access_keys_present: bool,
        /// Whether the root user has a password; false for members under central root management.
        account_password_present: Option<bool>,
        /// Whether the root user has signing certificates.
        account_signing_certificates_present: bool,
        /// How many users there are.
        users: i64,
        /// How many groups there are.
        groups: i64,
        /// How many roles there are.
        roles: i64,
        /// How many customer managed policies there are.
        policies: i64,
        /// How many instance profiles there are.
        instance_profiles: i64,
        /// How many server certificates there are.
        server_certificates: i64,
        /// How many OIDC and SAML providers there are.
        providers: i64,
        /// How many MFA devices there are.
        mfa_devices: i64,
        /// How many MFA devices are assigned.
        mfa_devices_in_use: i64,
        /// The version of tokens from the global STS endpoint; 1 works in default regions only.
        global_endpoint_token_version: Option<i64>,
        /// Every counter and quota under IAM's own name.
        entries: BTreeMap<String, i64>,
        /// Whether root credentials of members are managed centrally (`iam:ListOrganizationsFeatures`, management
        /// account only).
        root_credentials_management_enabled: Option<bool>,
        /// Whether central root sessions are on (`iam:ListOrganizationsFeatures`, management account only).
        root_sessions_enabled: Option<bool>,
    }

    /// A line of the credentials report (`iam:GetCredentialReport`). `N/A`, `no_information` and `not_supported` are
    /// absent.
    pub struct CredentialReportRow {
        /// The user, or `<root_account>`.
        user: String,
        /// Whether it is the root user.
        root: bool,
        /// When the report was generated; IAM renews it every four hours at most.
        generated_time: Option<Time>,
        /// When the user was created.
        user_creation_time: Option<Time>,
        /// Whether it has a password; absent where the report does not say, as it does for root at times.
        password_enabled: Option<bool>,
        /// When the password was last used.
        password_last_used: Option<Time>,
        /// When the password was last set.
        password_last_changed: Option<Time>,
        /// When the password has to be set anew.
        password_next_rotation: Option<Time>,
        /// Whether it has an MFA device.
        mfa_active: bool,
        /// Whether the first access key works.
        access_key_1_active: bool,
        /// When the first access key was created or changed.
        access_key_1_last_rotated: Option<Time>,
        /// When the first access key was last used.
        access_key_1_last_used_date: Option<Time>,
        /// The region the first access key was last used in.
        access_key_1_last_used_region: Option<String>,
        /// The service the first access key was last used with.
        access_key_1_last_used_service: Option<String>,
        /// Whether the second access key works.
        access_key_2_active: bool,
        /// When the second access key was created or changed.
        access_key_2_last_rotated: Option<Time>,
        /// When the second access key was last used.
        access_key_2_last_used_date: Option<Time>,
        /// The region the second access key was last used in.
        access_key_2_last_used_region: Option<String>,
        /// The service the second access key was last used with.
        access_key_2_last_used_service: Option<String>,
        /// Whether the first signing certificate works.
        cert_1_active: bool,
        /// When the first signing certificate was created or changed.
        cert_1_last_rotated: Option<Time>,
        /// Whether the second signing certificate works.
        cert_2_active: bool,
        /// When the second signing certificate was created or changed.
        cert_2_last_rotated: Option<Time>,
        /// How many more access keys it has that the report does not list; absent in older reports.
        additional_credentials_info: Option<String>,
    }

    /// The rules for users' passwords (`iam:GetAccountPasswordPolicy`).
    pub struct PasswordPolicy {
        /// Whether the account has rules of its own; without, the defaults of AWS hold.
        exists: bool,
        /// The fewest characters.
        minimum_password_length: Option<i64>,
        /// Whether a symbol is demanded.
        require_symbols: bool,
        /// Whether a digit is demanded.
        require_numbers: bool,
        /// Whether a capital letter is demanded.
        require_uppercase_characters: bool,
        /// Whether a small letter is demanded.
        require_lowercase_characters: bool,
        /// Whether users may change their own password.
        allow_users_to_change_password: bool,
        /// Whether passwords expire.
        expire_passwords: bool,
        /// After how many days they do.
        max_password_age: Option<i64>,
        /// How many earlier passwords are refused.
        password_reuse_prevention: Option<i64>,
        /// Whether an expired password locks its user out.
        hard_expiry: Option<bool>,
    }

    /// An MFA device (`iam:ListVirtualMFADevices`, `iam:ListMFADevices`). Live collection lists the virtual ones of everyone;
    /// hardware ones and passkeys are told user by user only, so `mfa_active` of the credentials report decides whether there
    /// is any.
    pub struct MfaDevice {
        /// The serial number, or the ARN of a virtual device or passkey.
        serial_number: String,
        /// The user; `<root_account>` for root, absent when it is not assigned.
        user_name: Option<String>,
        /// When it was assigned.
        enable_date: Option<Time>,
        /// What kind it is, by its serial number.
        kind: String = ["virtual", "hardware", "passkey", "unknown"],
    }

    /// An OpenID Connect provider (`iam:GetOpenIDConnectProvider`).
    pub struct OidcProvider {
        /// The issuer's address without scheme.
        url: String,
        /// The audiences.
        client_ids: Vec<String>,
        /// The thumbprints of the issuer's certificates.
        thumbprints: Vec<String>,
        /// When it was created.
        create_date: Option<Time>,
    }

    /// A SAML provider (`iam:GetSAMLProvider`). Its metadata and keys are not kept.
    pub struct SamlProvider {
        /// Until when its metadata is valid.
        valid_until: Option<Time>,
        /// When it was created.
        create_date: Option<Time>,
        /// Whether assertions must be encrypted.
        assertion_encryption_mode: Option<String> = ["Required", "Allowed"],
        /// How many keys it has for decrypting assertions.
        private_key_count: Option<i64>,
    }

    /// A server certificate in IAM (`iam:ListServerCertificates`). Neither its body nor its key is kept.
    pub struct ServerCertificate {
        /// The unique id, `ASCA…`.
        server_certificate_id: String,
        /// The path.
        path: String,
        /// When it expires.
        expiration: Option<Time>,
        /// When it was uploaded.
        upload_date: Option<Time>,
    }
}
