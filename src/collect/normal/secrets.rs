//! Secrets in user data: which kinds are there, never what they are.
//!
//! Patterns are those of published token formats, and assignments to names that mean secrets. References to a secret
//! store, shell variables and placeholders are no secrets.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use crate::digest::sha256;
use crate::model::Attr;
use crate::model::attr::CauseKind;

/// User data is at most 16 KiB before encoding; anything far beyond is not looked through.
const MAX_BYTES: usize = 1 << 20;

/// What is kept of user data.
#[derive(Debug, Clone, PartialEq)]
pub struct UserData {
    /// SHA-256 of the decoded text; absent without user data.
    pub sha256: Attr<Option<String>>,
    /// The kinds of secrets seen in it, sorted.
    pub secret_kinds: Attr<Vec<String>>,
}

/// What is kept of user data in Base64, as APIs return it. Empty text means that there is none.
pub fn user_data(encoded: &str) -> UserData {
    if encoded.trim().is_empty() {
        return UserData { sha256: None.into(), secret_kinds: Vec::new().into() };
    }
    let Some(bytes) = decode_base64(encoded) else {
        let why = "user data is not Base64";
        return UserData {
            sha256: Attr::unknown(CauseKind::NotUnderstood, why),
            secret_kinds: Attr::unknown(CauseKind::NotUnderstood, why),
        };
    };
    plain_user_data(&bytes)
}

/// What is kept of user data as it is before it is encoded. Nothing at all means that there is none.
pub fn plain_user_data(bytes: &[u8]) -> UserData {
    if bytes.is_empty() {
        return UserData { sha256: None.into(), secret_kinds: Vec::new().into() };
    }
    let secret_kinds = if bytes.starts_with(&[0x1f, 0x8b]) {
        Attr::unknown(CauseKind::NotUnderstood, "user data is compressed")
    } else if bytes.len() > MAX_BYTES {
        Attr::unknown(CauseKind::NotUnderstood, "user data is too long")
    } else {
        secret_kinds(bytes).into()
    };
    UserData { sha256: Some(sha256(bytes)).into(), secret_kinds }
}

/// The kinds of secrets in a text, sorted.
pub fn secret_kinds(text: &[u8]) -> Vec<String> {
    let mut kinds: Vec<String> = PATTERNS
        .iter()
        .filter(|(_, pattern)| {
            pattern.captures_iter(text).any(|found| {
                // Where a value is captured, it must not be a reference or a placeholder.
                found.get(1).is_none_or(|value| !is_reference(value.as_bytes()))
            })
        })
        .map(|(kind, _)| (*kind).to_owned())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

static PATTERNS: LazyLock<Vec<(&'static str, Regex)>> = LazyLock::new(|| {
    const LIST: [(&str, &str); 14] = [
        ("aws_access_key", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
        (
            "aws_secret_key",
            r#"(?i)aws_?secret(?:_?access)?_?key["']?\s*[=:]\s*["']?([a-z0-9/+]{40})\b"#,
        ),
        ("private_key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
        ("github_token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b"),
        ("gitlab_token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
        ("slack_token", r"\bxox[abeprs]-[A-Za-z0-9-]{10,}"),
        ("stripe_key", r"\b[rs]k_live_[A-Za-z0-9]{16,}"),
        ("google_api_key", r"\bAIza[A-Za-z0-9_-]{35}"),
        ("npm_token", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("json_web_token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
        (
            "connection_string",
            r#"(?i)\b[a-z][a-z0-9+.-]{2,20}://[^\s:/@"']{1,64}:([^\s/@"']{3,128})@"#,
        ),
        (
            "password",
            r#"(?i)\b[a-z0-9_.-]{0,40}pass(?:wd|word|phrase)["']?[ \t]*(?:=>|[=:])[ \t]*["']?([^\s"';,&|]{6,})"#,
        ),
        ("password", r#"(?i)--pass(?:wd|word)[ =]["']?([^\s"';,&|]{6,})"#),
        (
            "secret",
            r#"(?i)\b[a-z0-9_.-]{0,40}(?:api_?key|auth_?token|access_?token|client_?secret|secret_?key)["']?[ \t]*(?:=>|[=:])[ \t]*["']?([a-z0-9+/=_.$({<-]{12,})"#,
        ),
    ];
    LIST.iter()
        .filter_map(|(kind, pattern)| {
            let built = RegexBuilder::new(pattern).unicode(false).size_limit(1 << 22).build();
            built.ok().map(|regex| (*kind, regex))
        })
        .collect()
});

/// Whether a value only says where a secret is, or stands for one.
fn is_reference(value: &[u8]) -> bool {
    const STARTS: [&str; 12] =
        ["$", "{{", "<", "%", "`", "arn:", "ssm:", "vault:", "file:", "op://", "/run/", "null"];
    const PLACEHOLDERS: [&str; 6] =
        ["changeme", "example", "placeholder", "redacted", "replace", "your"];
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    STARTS.iter().any(|start| text.starts_with(start))
        || PLACEHOLDERS.iter().any(|word| text.contains(word))
        || text.chars().all(|c| matches!(c, '*' | 'x' | '.' | '-' | '_'))
}

/// Base64 with padding.
pub fn encode_base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let index = usize::try_from(bits >> shift & 0x3f).unwrap_or_default();
            let sign = SIGNS.get(index).copied().unwrap_or(b'=');
            out.push(if at > chunk.len() { '=' } else { sign.into() });
        }
    }
    out
}

/// Decodes Base64, standard or for URLs, with or without padding; white space is skipped.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held, mut padding) = (0_u32, 0_u32, 0_u32);
    for byte in text.bytes().filter(|b| !b.is_ascii_whitespace()) {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    // One character alone holds no byte; more than two signs of padding never happen.
    (held < 6 && padding <= 2).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<String> {
        secret_kinds(text.as_bytes())
    }

    #[test]
    fn every_pattern_compiles() {
        assert_eq!(PATTERNS.len(), 14);
    }

    #[test]
    fn secrets_are_seen() {
        // Joined here so that no scanner takes this file for a leak.
        let key = ["AKIA", "Z7QK3MNB5TWP4RSX"].concat();
        assert_eq!(kinds(&format!("export AWS_ACCESS_KEY_ID={key}\n")), ["aws_access_key"]);
        let pem = ["-----BEGIN RSA PRIV", "ATE KEY-----"].concat();
        assert_eq!(kinds(&pem), ["private_key"]);
        assert_eq!(kinds("DB_PASSWORD='hunter2-prod'"), ["password"]);
        assert_eq!(kinds("url: postgres://app:s3cr3tvalue@db.local/app"), ["connection_string"]);
        assert_eq!(kinds("mysql --password=Tr0ub4dor"), ["password"]);
    }

    #[test]
    fn references_are_no_secrets() {
        for text in [
            "DB_PASSWORD=$(aws ssm get-parameter --name /app/db)",
            "password: ${DB_PASSWORD}",
            "password={{resolve:ssm-secure:app}}",
            "passwd: <your password>",
            "postgres://app:$PGPASS@db/app",
            "echo 'PasswordAuthentication no' >> /etc/ssh/sshd_config",
            "yum install -y httpd",
        ] {
            assert!(kinds(text).is_empty(), "{text}: {:?}", kinds(text));
        }
    }

    #[test]
    fn user_data_is_reduced() {
        let plain = user_data("IyEvYmluL3NoCmVjaG8gaGkK");
        assert_eq!(
            plain.sha256.known().unwrap().as_deref(),
            Some(&*sha256(b"#!/bin/sh\necho hi\n"))
        );
        assert_eq!(plain.secret_kinds.known().unwrap().len(), 0);
        assert_eq!(user_data("").sha256.known(), Some(&None));
        assert!(user_data("H4sIAAAAAAAA").secret_kinds.known().is_none());
        assert!(user_data("%%%").sha256.known().is_none());
        assert_eq!(decode_base64("QQ==").unwrap(), b"A");
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            assert_eq!(decode_base64(&encode_base64(text.as_bytes())).unwrap(), text.as_bytes());
        }
        assert_eq!(encode_base64(b"fooba"), "Zm9vYmE=");
        assert!(decode_base64("QQ==Q").is_none());
    }
}
