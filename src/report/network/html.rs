//! Answers as one offline page with drawn paths: no script at all, readable in light, dark, narrow and on paper.
//!
//! Each hop is a small inline drawing of fixed size in a list that wraps, so that a path fits any width and prints.
//! Texts from outside reach the page through the template only, which escapes them.

mod draw;
mod view;

use std::io::Write;

use tera::{Context, Tera};

use super::Document;
use crate::report::Error;
use crate::report::html::{STYLE, policy_for};

const OWN_STYLE: &str = include_str!("../templates/network.css");
const PARTS: &str = include_str!("../templates/network_parts.html");
const PAGE: &str = include_str!("../templates/network.html");

/// Writes the page.
///
/// # Errors
/// When `out` fails.
pub fn write(document: &Document, out: &mut dyn Write) -> Result<(), Error> {
    let style = format!("{STYLE}{OWN_STYLE}");
    let mut tera = Tera::new();
    tera.add_raw_templates([("network_parts.html", PARTS), ("network.html", PAGE)])?;
    let mut context = Context::from_serialize(&view::View::of(document))?;
    context.insert("style", &style);
    context.insert("policy", &policy_for(&style, ""));
    tera.render_to("network.html", &context, &mut *out)?;
    Ok(())
}
