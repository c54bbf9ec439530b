//! What the name of a cipher suite tells, in OpenSSL's or IANA's spelling.

/// Whether a suite protects too little: no encryption, no authentication, export keys, RC2, RC4, DES, 3DES, IDEA, or
/// MD5.
///
/// RFC 9325 (section 4.1) forbids suites without encryption, RC4, and strengths under 112 bits, and advises against
/// those under 128 bits, which 3DES and the other ciphers with 64-bit blocks are. Forward secrecy, which it asks for as
/// well, is a fact of its own. CBC suites are none of these; Mozilla's intermediate profile leaves them out too.
pub fn is_weak(suite: &str) -> bool {
    const WORDS: [&str; 12] = [
        "NULL", "EXP", "EXPORT", "ANON", "ADH", "AECDH", "RC2", "RC4", "DES", "3DES", "IDEA", "MD5",
    ];
    words(suite).any(|word| {
        WORDS.contains(&word.as_str())
            || word.starts_with("EXPORT")
            || word == "CBC3"
            || word == "RC40"
            || word.ends_with("ANON")
    })
}

/// Whether a suite agrees on keys that do not follow from the long-term one: every suite of TLS 1.3, and ephemeral
/// Diffie-Hellman before.
pub fn has_forward_secrecy(suite: &str) -> bool {
    let tls13 = suite.starts_with("TLS_") && !suite.contains("_WITH_");
    tls13 || words(suite).any(|word| matches!(word.as_str(), "ECDHE" | "DHE" | "EECDH" | "EDH"))
}

fn words(suite: &str) -> impl Iterator<Item = String> {
    suite.split(['-', '_']).map(str::to_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_in_both_spellings() {
        for (suite, weak, forward) in [
            ("TLS_AES_128_GCM_SHA256", false, true),
            ("ECDHE-RSA-AES128-GCM-SHA256", false, true),
            ("ECDHE-RSA-AES128-SHA", false, true),
            ("AES256-SHA", false, false),
            ("TLS_RSA_WITH_AES_128_CBC_SHA", false, false),
            ("DES-CBC3-SHA", true, false),
            ("EDH-RSA-DES-CBC3-SHA", true, true),
            ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", true, false),
            ("EXP-RC4-MD5", true, false),
            ("ADH-AES128-SHA", true, false),
            ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", true, false),
            ("TLS_RSA_EXPORT1024_WITH_RC4_56_SHA", true, false),
            ("NULL-SHA256", true, false),
        ] {
            assert_eq!((is_weak(suite), has_forward_secrecy(suite)), (weak, forward), "{suite}");
        }
    }
}
