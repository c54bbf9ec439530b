//! Where the resources of templates stand, and the waivers in their metadata.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Block;
use crate::collect::terraform::source::Sources;
use crate::gate::Location;
use crate::waiver::inline::{Inline, of_metadata};

/// The places of all addresses, and what stands under `Metadata: Portcullis: Ignore:` of each resource. `shown` gives the
/// path that a template is shown under, from the path it was read from.
pub fn sources(blocks: &BTreeMap<Arc<str>, Block>, shown: impl Fn(&str) -> String) -> Sources {
    let mut out = Sources::default();
    for (address, block) in blocks {
        let file = shown(&block.file);
        let (line, end_line) = (block.first as u64, block.last as u64);
        let metadata = serde_json::to_value(&block.metadata).unwrap_or_default();
        let ignore = metadata.pointer("/Portcullis/Ignore").unwrap_or(&serde_json::Value::Null);
        for text in of_metadata(ignore) {
            out.inline.push(Inline {
                file: file.clone(),
                line,
                addresses: vec![address.to_string()],
                text,
            });
        }
        let location = Location { file, line, end_line };
        out.locations.insert(address.to_string(), location);
    }
    out.inline.sort();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Tree;

    #[test]
    fn metadata_waives_its_own_resource() {
        let metadata = serde_json::json!({"Portcullis": {"Ignore": [
            {"Check": "s3-bucket-acl-not-public", "Until": "2026-06-20", "Reason": "a site", "Owner": "a@x", "ApprovedBy": "b@x"},
            "ec2-x until=2026-06-20 reason=r owner=a approved-by=b",
        ]}});
        let block = |metadata: &serde_json::Value| Block {
            file: "in/site.yaml".into(),
            first: 4,
            last: 9,
            metadata: Tree::from(metadata).into_owned(),
        };
        let blocks = BTreeMap::from([
            (Arc::from("Site.Bucket"), block(&metadata)),
            (Arc::from("Site.Other"), block(&serde_json::json!({"Portcullis": 7}))),
        ]);
        let sources = sources(&blocks, |path| path.trim_start_matches("in/").to_owned());
        assert_eq!(sources.locations["Site.Other"].file, "site.yaml");
        assert_eq!(sources.locations["Site.Bucket"].end_line, 9);
        let texts: Vec<_> = sources.inline.iter().map(|inline| inline.text.as_str()).collect();
        assert_eq!(texts.len(), 2);
        assert!(
            texts.iter().any(|text| text.starts_with("s3-bucket-acl-not-public ")),
            "{texts:?}"
        );
        assert!(sources.inline.iter().all(|inline| inline.addresses == ["Site.Bucket"]));
    }
}
