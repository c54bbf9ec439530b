//! Whether a page is well formed: tags nest, attributes are quoted, ids are unique, links inside the page lead
//! somewhere.

use std::collections::BTreeSet;

const VOID: [&str; 6] = ["meta", "br", "input", "col", "rect", "line"];

/// Panics at the first thing that is wrong.
pub fn check(page: &str) {
    let mut open: Vec<String> = Vec::new();
    let mut ids = BTreeSet::new();
    let mut links = BTreeSet::new();
    let mut rest = page.strip_prefix("<!doctype html>").expect("a doctype");
    while let Some((text, after)) = rest.split_once('<') {
        assert!(
            !text.contains('>') || open.last().is_some_and(|tag| tag == "style"),
            "a stray > in {text:.80}"
        );
        let (tag, after) = tag_of(after);
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let last = open.pop();
            assert_eq!(
                last.as_deref(),
                Some(name),
                "</{name}> closes something else, at {after:.80}"
            );
            continue;
        }
        let (name, attributes) = tag.split_once([' ', '\n']).unwrap_or((tag, ""));
        for (key, value) in attributes_of(attributes) {
            match key {
                "id" => assert!(ids.insert(value.to_owned()), "the id {value} stands twice"),
                "href" => {
                    let target = value.strip_prefix('#').expect("links stay inside the page");
                    links.insert(target.to_owned());
                }
                _ => assert!(!key.starts_with("on"), "{key} would be a script"),
            }
        }
        if tag.ends_with('/') || VOID.contains(&name) {
            continue;
        }
        if name == "script" || name == "style" {
            let (_, after) = rest.split_once(&format!("</{name}>")).expect("an end");
            rest = after;
            continue;
        }
        open.push(name.to_owned());
    }
    assert_eq!(open, Vec::<String>::new(), "never closed");
    assert!(rest.trim().is_empty());
    // Checks and controls that records name but the assessment does not know have no entry to lead to.
    let lost: Vec<_> = links
        .difference(&ids)
        .filter(|target| !target.starts_with("check-") && !target.starts_with("control-"))
        .collect();
    assert!(lost.is_empty(), "links to nowhere: {lost:?}");
}

/// The tag up to its `>`, quotes respected, and what follows.
fn tag_of(text: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '<' => panic!("a tag inside a tag: {text:.80}"),
            '>' if !quoted => return (&text[..at], &text[at + 1..]),
            _ => {}
        }
    }
    panic!("a tag without an end: {text:.80}");
}

fn attributes_of(text: &str) -> Vec<(&str, &str)> {
    let mut list = Vec::new();
    let mut rest = text.trim().trim_end_matches('/').trim_start();
    while !rest.is_empty() {
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        if let Some(after) = after.strip_prefix("=\"") {
            let (value, after) = after.split_once('"').expect("a closing quote");
            list.push((key, value));
            rest = after.trim_start();
        } else {
            assert!(!after.starts_with('='), "{key} is not quoted");
            list.push((key, ""));
            rest = after.trim_start();
        }
    }
    list
}
