//! What the sources beside an input tell: where things stand, and the waivers beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::input;
use crate::cmd::Failure;
use crate::collect::cloudformation;
use crate::collect::terraform::source::{self, Sources};
use crate::finding::Subject;
use crate::gate::{GateFinding, Key, Statement};
use crate::waiver::Waivers;
use crate::waiver::inline::Forbidden;

/// What states each resource.
type Origins = BTreeMap<Key, Vec<Statement>>;

/// Looks for everything that an input states in the folder of its sources; `blocks` are those of a template.
pub(super) fn read(
    root: &Path,
    origins: &Origins,
    blocks: &input::Blocks,
) -> Result<Sources, Failure> {
    if !root.is_dir() {
        return Err(Failure::new(format!("{}: is no folder of sources", root.display())));
    }
    if !blocks.is_empty() {
        return Ok(cloudformation::source::sources(blocks, |path| relative(root, Path::new(path))));
    }
    let addresses: BTreeSet<&str> =
        origins.values().flatten().map(|statement| &*statement.address).collect();
    Ok(source::locate(root, addresses.iter().copied()))
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

fn relative(root: &Path, path: &Path) -> String {
    let plain = |path: &Path| -> PathBuf {
        path.components().filter(|part| *part != Component::CurDir).collect()
    };
    let path = plain(path);
    let inside = path.strip_prefix(plain(root)).unwrap_or(&path);
    inside.to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_shown_from_the_folder_of_sources() {
        assert_eq!(relative(Path::new("."), Path::new("t.yaml")), "t.yaml");
        assert_eq!(relative(Path::new("in"), Path::new("in/a/t.yaml")), "a/t.yaml");
        assert_eq!(relative(Path::new("./in"), Path::new("in/t.yaml")), "t.yaml");
        assert_eq!(relative(Path::new("other"), Path::new("in/t.yaml")), "in/t.yaml");
    }
}
