//! The TLS policies that load balancers come with, for inventories that lack them. What was collected wins.
//!
//! Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>, compared
//! with the answers of `elasticloadbalancing:DescribeSSLPolicies` and the policies of s2n-tls. Where neither shows the
//! suites of a policy it is left out, so that what listens by it is unknown.

/// What a policy accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepts {
    /// The protocol versions, oldest first.
    pub protocols: Vec<String>,
    /// The cipher suites under OpenSSL's names.
    pub ciphers: Vec<String>,
}

const VERSIONS: [&str; 4] = ["TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

const T13: &[&str] = &["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"];
const T13_256: &[&str] = &["TLS_AES_256_GCM_SHA384"];
const CHACHA: &[&str] = &["TLS_CHACHA20_POLY1305_SHA256"];
const GCM_128: &[&str] = &["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"];
const GCM_256: &[&str] = &["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"];
const CBC: &[&str] = &[
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
];
const CBC_SHA1: &[&str] = &[
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "ECDHE-RSA-AES256-SHA",
];
const STATIC: &[&str] =
    &["AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256"];
const STATIC_SHA1: &[&str] = &["AES128-SHA", "AES256-SHA"];
const TRIPLE_DES: &[&str] = &["DES-CBC3-SHA"];

/// Name behind `ELBSecurityPolicy-`, oldest and newest version, suites; sorted by name.
#[rustfmt::skip]
const POLICIES: &[(&str, usize, usize, &[&[&str]])] = &[
    ("2015-05", 0, 2, &[GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("2016-08", 0, 2, &[GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("FS-1-1-2019-08", 1, 2, &[GCM_128, GCM_256, CBC, CBC_SHA1]),
    ("FS-1-2-2019-08", 2, 2, &[GCM_128, GCM_256, CBC, CBC_SHA1]),
    ("FS-1-2-Res-2019-08", 2, 2, &[GCM_128, GCM_256, CBC]),
    ("FS-1-2-Res-2020-10", 2, 2, &[GCM_128, GCM_256]),
    ("FS-2018-06", 0, 2, &[GCM_128, GCM_256, CBC, CBC_SHA1]),
    ("TLS-1-0-2015-04", 0, 2, &[GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1, TRIPLE_DES]),
    ("TLS-1-1-2017-01", 1, 2, &[GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS-1-2-2017-01", 2, 2, &[GCM_128, GCM_256, CBC, STATIC]),
    ("TLS-1-2-Ext-2018-06", 2, 2, &[GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-0-2021-06", 0, 3, &[T13, CHACHA, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-0-FIPS-2023-04", 0, 3, &[T13, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-0-FIPS-PQ-2025-09", 0, 3, &[T13, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-0-PQ-2025-09", 0, 3, &[T13, CHACHA, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-1-2021-06", 1, 3, &[T13, CHACHA, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-1-FIPS-2023-04", 1, 3, &[T13, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-2-2021-06", 2, 3, &[T13, CHACHA, GCM_128, GCM_256, CBC]),
    ("TLS13-1-2-CNSA2-INTEROP2-FIPS-PQ-2026-07", 2, 3, &[T13_256, GCM_256]),
    ("TLS13-1-2-CNSA2-INTEROP3-FIPS-PQ-2026-07", 2, 3, &[T13, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-2-Ext0-FIPS-2023-04", 2, 3, &[T13, GCM_128, GCM_256, CBC, CBC_SHA1]),
    ("TLS13-1-2-Ext0-FIPS-PQ-2025-09", 2, 3, &[T13, GCM_128, GCM_256, CBC, CBC_SHA1]),
    ("TLS13-1-2-Ext1-2021-06", 2, 3, &[T13, CHACHA, GCM_128, GCM_256, CBC, STATIC]),
    ("TLS13-1-2-Ext1-FIPS-2023-04", 2, 3, &[T13, GCM_128, GCM_256, CBC, STATIC]),
    ("TLS13-1-2-Ext1-FIPS-PQ-2025-09", 2, 3, &[T13, GCM_128, GCM_256, CBC, STATIC]),
    ("TLS13-1-2-Ext1-PQ-2025-09", 2, 3, &[T13, CHACHA, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-2-Ext2-2021-06", 2, 3, &[T13, CHACHA, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-2-Ext2-FIPS-2023-04", 2, 3, &[T13, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-2-Ext2-FIPS-PQ-2025-09", 2, 3, &[T13, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-2-Ext2-PQ-2025-09", 2, 3, &[T13, CHACHA, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-2-FIPS-2023-04", 2, 3, &[T13, GCM_128, GCM_256, CBC]),
    ("TLS13-1-2-FIPS-PQ-2025-09", 2, 3, &[T13, GCM_128, GCM_256, CBC]),
    ("TLS13-1-2-PQ-2025-09", 2, 3, &[T13, CHACHA, GCM_128, GCM_256, CBC]),
    ("TLS13-1-2-RFC9151-INTEROP1-FIPS-2023-07", 2, 3, &[T13, GCM_128, GCM_256]),
    ("TLS13-1-2-RFC9151-INTEROP2-FIPS-2023-07", 2, 3, &[T13, GCM_128, GCM_256, CBC]),
    ("TLS13-1-2-RFC9151-INTEROP3-FIPS-2023-07", 2, 3, &[T13, GCM_128, GCM_256, CBC, CBC_SHA1]),
    ("TLS13-1-2-RFC9151-INTEROP4-FIPS-2023-07", 2, 3, &[T13, GCM_128, GCM_256, CBC, CBC_SHA1, STATIC, STATIC_SHA1]),
    ("TLS13-1-2-Res-2021-06", 2, 3, &[T13, CHACHA, GCM_128, GCM_256]),
    ("TLS13-1-2-Res-FIPS-2023-04", 2, 3, &[T13, GCM_128, GCM_256]),
    ("TLS13-1-2-Res-FIPS-PQ-2025-09", 2, 3, &[T13, GCM_128, GCM_256]),
    ("TLS13-1-2-Res-PQ-2025-09", 2, 3, &[T13, CHACHA, GCM_128, GCM_256]),
    ("TLS13-1-3-2021-06", 3, 3, &[T13, CHACHA]),
    ("TLS13-1-3-CNSA2-INTEROP1-FIPS-PQ-2026-07", 3, 3, &[T13_256]),
    ("TLS13-1-3-FIPS-2023-04", 3, 3, &[T13]),
    ("TLS13-1-3-FIPS-PQ-2025-09", 3, 3, &[T13]),
    ("TLS13-1-3-PQ-2025-09", 3, 3, &[T13, CHACHA]),
];

/// What a predefined policy accepts, if it is one that is known here.
pub fn accepts(policy: &str) -> Option<Accepts> {
    let name = policy.strip_prefix("ELBSecurityPolicy-")?;
    let at = POLICIES.binary_search_by(|entry| entry.0.cmp(name)).ok()?;
    let (_, oldest, newest, suites) = POLICIES.get(at)?;
    let versions = VERSIONS.get(*oldest..=*newest)?;
    Some(Accepts {
        protocols: versions.iter().map(|&v| v.to_owned()).collect(),
        ciphers: suites.iter().copied().flatten().map(|&c| c.to_owned()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_do_not_mislead() {
        assert!(POLICIES.is_sorted_by(|a, b| a.0 < b.0));
        // The names speak of the version they begin to add, not of the least one they accept.
        let old = accepts("ELBSecurityPolicy-TLS13-1-0-PQ-2025-09").unwrap();
        assert_eq!(old.protocols, VERSIONS);
        assert_eq!(accepts("ELBSecurityPolicy-2016-08").unwrap().ciphers.len(), 18);
        assert_eq!(accepts("ELBSecurityPolicy-TLS13-1-2-2021-06").unwrap().ciphers.len(), 11);
        assert_eq!(accepts("ELBSecurityPolicy-of-tomorrow"), None);
    }
}
