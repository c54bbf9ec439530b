//! The little markup that check texts use, as HTML: paragraphs, lists, fenced blocks and `code`. Everything else is
//! text, and escaped.

use std::fmt::Write as _;

use super::super::text::clean_lines;

/// Prose.
pub(super) fn html(text: &str) -> String {
    let text = clean_lines(text);
    let mut out = String::with_capacity(text.len() * 2);
    let mut paragraph: Vec<&str> = Vec::new();
    let mut items: Vec<String> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let bare = line.trim();
        if bare.starts_with("```") {
            close(&mut out, &mut paragraph, &mut items);
            let block = lines.by_ref().take_while(|line| !line.trim().starts_with("```"));
            out.push_str(&code(&block.collect::<Vec<_>>().join("\n")));
        } else if bare.is_empty() {
            close(&mut out, &mut paragraph, &mut items);
        } else if let Some(item) = bare.strip_prefix("- ").or_else(|| bare.strip_prefix("* ")) {
            flush(&mut out, &mut paragraph);
            items.push(item.to_owned());
        } else if let Some(item) = items.last_mut() {
            item.push(' ');
            item.push_str(bare);
        } else {
            paragraph.push(bare);
        }
    }
    close(&mut out, &mut paragraph, &mut items);
    out
}

/// A block of code.
pub(super) fn code(text: &str) -> String {
    format!("<pre><code>{}</code></pre>", escape(clean_lines(text).trim_end()))
}

fn close(out: &mut String, paragraph: &mut Vec<&str>, items: &mut Vec<String>) {
    flush(out, paragraph);
    if !items.is_empty() {
        out.push_str("<ul>");
        for item in items.drain(..) {
            let _ = write!(out, "<li>{}</li>", inline(&item));
        }
        out.push_str("</ul>");
    }
}

fn flush(out: &mut String, paragraph: &mut Vec<&str>) {
    if !paragraph.is_empty() {
        let _ = write!(out, "<p>{}</p>", inline(&paragraph.join(" ")));
        paragraph.clear();
    }
}

/// Text between backticks is code; a backtick without its partner is a backtick.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('`') {
        let Some((inside, after)) = behind.split_once('`') else { break };
        let _ = write!(out, "{}<code>{}</code>", escape(before), escape(inside));
        rest = after;
    }
    out.push_str(&escape(rest));
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_html_and_the_rest_is_text() {
        assert_eq!(
            html("a `b<c>` d\ne\n\nf ` g"),
            "<p>a <code>b&lt;c&gt;</code> d e</p><p>f ` g</p>"
        );
        assert_eq!(
            html("x:\n- one\n  more\n- two"),
            "<p>x:</p><ul><li>one more</li><li>two</li></ul>"
        );
        assert_eq!(
            html("```\n<b>\n\n&\n```\nz"),
            "<pre><code>&lt;b&gt;\n\n&amp;</code></pre><p>z</p>"
        );
        assert_eq!(html("```\nnever closed"), "<pre><code>never closed</code></pre>");
    }
}
