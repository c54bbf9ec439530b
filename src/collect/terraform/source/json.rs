//! Blocks in the JSON spelling of the language.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{Found, Scanned};

type Members<'t> = BTreeMap<String, &'t RawValue>;

/// Finds the blocks of a file. Text that is no JSON gives nothing.
pub(super) fn scan(text: &str) -> Scanned {
    let mut out = Scanned::default();
    let lines = Lines::of(text);
    for root in each(text) {
        for kind in ["resource", "data"] {
            for kinds in root.get(kind).into_iter().flat_map(|raw| each(raw.get())) {
                for (label, named) in kinds {
                    for (name, block) in each(named.get()).into_iter().flatten() {
                        let labels = vec![label.clone(), name];
                        out.blocks.push(found(kind, labels, block, &lines));
                    }
                }
            }
        }
        for (name, block) in
            root.get("module").into_iter().flat_map(|raw| each(raw.get())).flatten()
        {
            out.blocks.push(found("module", vec![name], block, &lines));
        }
    }
    out.blocks.sort_by_key(|block| block.lines);
    out
}

fn found(kind: &str, labels: Vec<String>, block: &RawValue, lines: &Lines<'_>) -> Found {
    let (mut source, mut comments) = (None, Vec::new());
    for body in each(block.get()) {
        let text = |name: &str| {
            let raw = body.get(name)?;
            Some((*raw, serde_json::from_str::<String>(raw.get()).ok()?))
        };
        source = source.or(text("source").map(|(_, text)| text));
        // The place of comments in this spelling.
        comments.extend(text("//").map(|(raw, text)| (lines.of_part(raw.get()).0, text)));
    }
    Found { kind: kind.to_owned(), labels, lines: lines.of_part(block.get()), source, comments }
}

/// A map, or each map of a list: both spell blocks.
fn each(text: &str) -> Vec<Members<'_>> {
    if let Ok(one) = serde_json::from_str(text) {
        return vec![one];
    }
    serde_json::from_str(text).unwrap_or_default()
}

/// Lines of parts of a text.
struct Lines<'t> {
    text: &'t str,
    feeds: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Self {
        Self { text, feeds: text.match_indices('\n').map(|(at, _)| at).collect() }
    }

    /// The first and last line of a slice of the text.
    fn of_part(&self, part: &str) -> (u64, u64) {
        let from = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let line = |at: usize| self.feeds.partition_point(|feed| *feed < at) as u64 + 1;
        (line(from), line((from + part.len()).saturating_sub(1).max(from)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_and_lists_spell_blocks() {
        let text = r#"{
  "resource": [
    {"aws_vpc": {"a": {
      "//": "portcullis:ignore x",
      "cidr_block": "10.0.0.0/8"
    }}},
    {"aws_vpc": [{"b": [{}]}]}
  ],
  "module": {"m": {"source": "./m"}}
}"#;
        let scanned = scan(text);
        let brief: Vec<_> = scanned
            .blocks
            .iter()
            .map(|block| (block.labels.join("."), block.lines, block.source.as_deref()))
            .collect();
        assert_eq!(
            brief,
            [
                ("aws_vpc.a".to_owned(), (3, 6), None),
                ("aws_vpc.b".to_owned(), (7, 7), None),
                ("m".to_owned(), (9, 9), Some("./m")),
            ]
        );
        assert_eq!(scanned.blocks[0].comments, [(4, "portcullis:ignore x".to_owned())]);
    }

    #[test]
    fn what_is_no_json_gives_nothing() {
        for text in ["", "[", "{\"resource\": 7}", "{\"resource\": {\"a\": [1]}}", "null"] {
            assert_eq!(scan(text), Scanned::default(), "{text}");
        }
        scan(&"[".repeat(100_000));
    }
}
