//! What the sources beside an input tell: where things stand, and the waivers beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::cmd::Failure;
use crate::collect::predicted::input;
use crate::collect::terraform;
use crate::collect::terraform::source::{self, Sources};
use crate::finding::Subject;
use crate::gate::{GateFinding, Key, Location, Statement};
use crate::waiver::Waivers;
use crate::waiver::inline::Forbidden;

/// What states each resource.
type Origins = BTreeMap<Key, Vec<Statement>>;

/// Looks for everything that an input states in the folder of its sources.
pub(super) fn read(root: &Path, input: &Path, origins: &Origins) -> Result<Sources, Failure> {
    if !root.is_dir() {
        return Err(Failure::new(format!("{}: is no folder of sources", root.display())));
    }
    let addresses: BTreeSet<&str> =
        origins.values().flatten().map(|statement| &*statement.address).collect();
    let mut sources = source::locate(root, addresses.iter().copied());
    if let Some(text) = template(input) {
        let file = relative(root, input);
        for address in addresses {
            if let Some(location) = in_template(address, &text, &file) {
                sources.locations.entry(address.to_owned()).or_insert(location);
            }
        }
    }
    Ok(sources)
}

/// Puts the place of the first statement that has one to each finding.
pub(super) fn place(sources: &Sources, findings: &mut [GateFinding]) {
    for finding in findings {
        let places = finding.addresses.iter().map(|address| sources.locations.get(address));
        finding.location = places.flatten().next().cloned();
    }
}

/// Adds the waivers beside blocks: each for what its block states.
pub(super) fn waive(
    sources: &Sources,
    origins: &Origins,
    forbidden: Forbidden,
    today: jiff::civil::Date,
    waivers: &mut Waivers,
) {
    if sources.inline.is_empty() {
        return;
    }
    let mut by_block: BTreeMap<String, Vec<Subject>> = BTreeMap::new();
    for (key, statements) in origins {
        let mut subject = Subject::everything(key.kind, &key.account, &key.region);
        subject.id.clone_from(&key.id);
        let blocks: BTreeSet<_> =
            statements.iter().map(|statement| source::block_of(&statement.address)).collect();
        for block in blocks {
            by_block.entry(block).or_default().push(subject.clone());
        }
    }
    for inline in &sources.inline {
        let own = inline.addresses.iter().filter_map(|address| by_block.get(address));
        let subjects: Vec<_> = own.flatten().cloned().collect();
        waivers.add_inline(inline, &subjects, forbidden, today);
    }
}

/// The text of an input that is a template.
fn template(path: &Path) -> Option<String> {
    let bytes = fs::read(path).ok()?;
    let text = input::text(&bytes).ok()?;
    (!terraform::is_terraform(&text)).then(|| text.into_owned())
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    inside.to_string_lossy().replace('\\', "/")
}

/// The line of a logical id in a template.
fn in_template(address: &str, text: &str, file: &str) -> Option<Location> {
    let id = address.rsplit(['.', '/']).next()?;
    let mut inside = false;
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim().trim_start_matches('"');
        if trimmed.starts_with("Resources") {
            inside = true;
        }
        let rest = trimmed.strip_prefix(id).map(|rest| rest.trim_start_matches('"').trim_start());
        if inside && rest.is_some_and(|rest| rest.starts_with(':')) {
            let line = at as u64 + 1;
            return Some(Location { file: file.to_owned(), line, end_line: line });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_ids_are_found_below_resources() {
        let text = "Parameters:\n  Bucket:\n    Type: String\nResources:\n  Bucket:\n    Type: AWS::S3::Bucket\n";
        assert_eq!(in_template("Bucket", text, "t.yaml").unwrap().line, 5);
        let json = "{\n \"Resources\": {\n  \"Bucket\": {}\n }\n}";
        assert_eq!(in_template("Bucket", json, "t.json").unwrap().line, 3);
    }
}
