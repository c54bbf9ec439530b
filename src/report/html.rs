//! The report as one offline page: readable, printable and complete in its chapters without scripts; with them, all
//! findings can be searched, filtered, sorted, grouped and linked to.
//!
//! The page asks nothing of the network, and says so to the browser: its content security policy allows the one
//! style sheet and the one script by their digests, and nothing else. Texts from outside reach the page in two ways
//! only: through the template, which escapes them, and in the data block, where the script sets them as text.

use std::io::Write;

use sha2::{Digest, Sha256};
use tera::{Context, Tera};

use super::{Error, Report};

mod controls;
mod findings;
mod places;
mod prose;
mod view;

pub(super) const STYLE: &str = include_str!("templates/report.css");
const SCRIPT: &str = include_str!("templates/report.js");
const PARTS: &str = include_str!("templates/parts.html");
const PAGE: &str = include_str!("templates/report.html");

/// Writes the page.
///
/// # Errors
/// When `out` fails.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> Result<(), Error> {
    let mut tera = Tera::new();
    tera.add_raw_templates([("parts.html", PARTS), ("report.html", PAGE)])?;
    let mut context = Context::from_serialize(&view::View::of(report))?;
    context.insert("style", STYLE);
    context.insert("policy", &content_security_policy());
    tera.render_to("report.html", &context, &mut *out)?;
    // The data may be many megabytes: it goes to the output as it is made, never through the template.
    out.write_all(b"<script type=\"application/json\" id=\"data\">")?;
    findings::write_data(report, out)?;
    write!(out, "</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n")?;
    Ok(())
}

fn content_security_policy() -> String {
    let script = format!("script-src 'sha256-{}'; ", base64(&Sha256::digest(SCRIPT)));
    policy_for(STYLE, &script)
}

/// The policy of a page with one style sheet, and perhaps one directive about scripts.
pub(super) fn policy_for(style: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; {script}base-uri 'none'; form-action 'none'",
        base64(&Sha256::digest(style)),
    )
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |i: usize| u32::from(chunk.get(i).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * i) & 63) as usize).copied();
            out.push(if i <= chunk.len() { letter.unwrap_or(b'=').into() } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        let pairs =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in pairs {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
