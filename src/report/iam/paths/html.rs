//! Paths as one offline page: no script at all, readable in light, dark, narrow and on paper.
//!
//! Each principal on a path is a small inline drawing in a list that wraps, with what it does next below. Texts from
//! outside reach the page through the template only, which escapes them.

mod view;

use std::io::Write;

use tera::{Context, Tera};

use super::Document;
use crate::report::Error;
use crate::report::html::{STYLE, policy_for};

const WAY_STYLE: &str = include_str!("../../templates/network.css");
const OWN_STYLE: &str = include_str!("../../templates/iam_paths.css");
const PAGE: &str = include_str!("../../templates/iam_paths.html");

/// Writes the page.
///
/// # Errors
/// When `out` fails.
pub fn write(document: &Document, out: &mut dyn Write) -> Result<(), Error> {
    let style = format!("{STYLE}{WAY_STYLE}{OWN_STYLE}");
    let mut tera = Tera::new();
    tera.add_raw_templates([("iam_paths.html", PAGE)])?;
    let mut context = Context::from_serialize(&view::View::of(document))?;
    context.insert("style", &style);
    context.insert("policy", &policy_for(&style, ""));
    tera.render_to("iam_paths.html", &context, &mut *out)?;
    Ok(())
}
