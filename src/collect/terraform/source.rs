//! Where the things of a plan stand in the folder it was made from, and the waivers beside them.
//!
//! Nothing is evaluated: an address names its modules, the calls of modules name their folders, and a block is found by
//! its header. What cannot be found (modules from registries, generated files) is simply without a place.

mod hcl;
mod json;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::address;
use crate::gate::Location;
use crate::waiver::inline::{self, Inline};

/// No file is read beyond so many bytes: nobody writes a larger one by hand.
const FILE_MAX: u64 = 8 << 20;
/// All files together.
const BYTES_MAX: u64 = 256 << 20;
/// So many files are read.
const FILES_MAX: usize = 20_000;
/// Modules may call one another so many levels deep.
const DEPTH_MAX: usize = 32;
/// So many calls of modules are followed.
const CALLS_MAX: usize = 20_000;

/// What the sources of a plan tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// Where each address stands; those that were not found are missing.
    pub locations: BTreeMap<String, Location>,
    /// The waivers beside blocks, by file and line.
    pub inline: Vec<Inline>,
    /// What could not be read, and which limits were met.
    pub notes: Vec<String>,
}

/// Looks for the blocks of addresses in a folder of `.tf`, `.tofu` and `.tf.json` files, and in the local modules that
/// it calls.
pub fn locate<'a>(root: &Path, addresses: impl IntoIterator<Item = &'a str>) -> Sources {
    let mut wanted: BTreeMap<Vec<String>, Vec<(&str, Name)>> = BTreeMap::new();
    let mut paths = BTreeSet::from([Vec::new()]);
    for address in addresses {
        let Some((modules, name)) = name_of(address) else { continue };
        for n in 1..=modules.len() {
            paths.insert(modules.get(..n).unwrap_or_default().to_vec());
        }
        wanted.entry(modules).or_default().push((address, name));
    }
    let mut search = Search { root, paths, folders: BTreeMap::new(), files: 0, bytes: 0, calls: 0 };
    let mut sources = Sources::default();
    let mut comments: BTreeMap<(String, u64), Inline> = BTreeMap::new();
    search.visit(&mut sources.notes, &mut |modules, folder| {
        let blocks: BTreeMap<&Name, &Location> =
            folder.blocks.iter().rev().map(|block| (&block.name, &block.location)).collect();
        for (address, name) in wanted.get(modules).into_iter().flatten() {
            if let Some(location) = blocks.get(name) {
                sources.locations.insert((*address).to_owned(), (*location).clone());
            }
        }
        for comment in &folder.comments {
            let key = (comment.file.clone(), comment.line);
            let inline = comments.entry(key).or_insert_with(|| Inline {
                file: comment.file.clone(),
                line: comment.line,
                addresses: Vec::new(),
                text: comment.text.clone(),
            });
            inline.addresses.extend(comment.block.as_ref().map(|name| name.under(modules)));
        }
    });
    sources.inline = comments.into_values().collect();
    sources
}

/// An address without the keys of instances: that of the block which states it.
pub fn block_of(address: &str) -> String {
    let parts: Vec<_> =
        address::split(address).into_iter().map(|part| address::indexed(part).0).collect();
    parts.join(".")
}

/// The name of a block within its module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    data: bool,
    kind: String,
    label: String,
}

impl Name {
    fn under(&self, modules: &[String]) -> String {
        let mut out = String::new();
        for module in modules {
            out.push_str("module.");
            out.push_str(module);
            out.push('.');
        }
        if self.data {
            out.push_str("data.");
        }
        out + &self.kind + "." + &self.label
    }
}

/// The names of the modules of an address, and what stands behind them.
fn name_of(address: &str) -> Option<(Vec<String>, Name)> {
    let mut modules = Vec::new();
    let mut parts = address::split(address).into_iter().peekable();
    while parts.next_if_eq(&"module").is_some() {
        modules.push(address::indexed(parts.next()?).0.to_owned());
    }
    let data = parts.next_if_eq(&"data").is_some();
    let (kind, label) = (parts.next()?.to_owned(), address::indexed(parts.next()?).0.to_owned());
    Some((modules, Name { data, kind, label }))
}

/// A block of a resource or data source.
#[derive(Debug)]
struct Block {
    name: Name,
    location: Location,
}

/// A call of a local module.
#[derive(Debug)]
struct Call {
    name: String,
    folder: PathBuf,
}

/// A waiver's comment, and the block it belongs to; nothing when it belongs to none.
#[derive(Debug)]
struct Comment {
    file: String,
    line: u64,
    text: String,
    block: Option<Name>,
}

/// What the files of one folder tell.
#[derive(Debug, Default)]
struct Folder {
    blocks: Vec<Block>,
    calls: Vec<Call>,
    comments: Vec<Comment>,
}

/// What a scanner finds in one file, in its order.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    /// `resource`, `data` or `module`.
    kind: String,
    labels: Vec<String>,
    lines: (u64, u64),
    /// The `source` of a module, when it is a plain text.
    source: Option<String>,
    /// The comments inside and right above, with their lines.
    comments: Vec<(u64, String)>,
}

/// What a scanner gives.
#[derive(Debug, Default, PartialEq, Eq)]
struct Scanned {
    blocks: Vec<Found>,
    /// Comments that belong to no block.
    stray: Vec<(u64, String)>,
}

struct Search<'r> {
    root: &'r Path,
    /// The modules in which something is looked for, and those on the way there.
    paths: BTreeSet<Vec<String>>,
    folders: BTreeMap<PathBuf, Folder>,
    files: usize,
    bytes: u64,
    calls: usize,
}

impl Search<'_> {
    fn visit(&mut self, notes: &mut Vec<String>, see: &mut dyn FnMut(&[String], &Folder)) {
        let mut queue = vec![(Vec::new(), PathBuf::new())];
        while let Some((modules, folder)) = queue.pop() {
            if !self.folders.contains_key(&folder) {
                let read = self.read(&folder, notes);
                self.folders.insert(folder.clone(), read);
            }
            let Some(read) = self.folders.get(&folder) else { continue };
            see(&modules, read);
            for call in &read.calls {
                let mut inner = modules.clone();
                inner.push(call.name.clone());
                if !self.paths.contains(&inner) {
                    continue;
                }
                self.calls += 1;
                if self.calls > CALLS_MAX || inner.len() > DEPTH_MAX {
                    notes.push(format!(
                        "sources: module.{} is not followed: there are too many",
                        inner.join(".module.")
                    ));
                    continue;
                }
                queue.push((inner, call.folder.clone()));
            }
        }
    }

    /// Reads the files of a folder; those that override come last, since the first statement of a block counts.
    fn read(&mut self, folder: &Path, notes: &mut Vec<String>) -> Folder {
        let mut out = Folder::default();
        let whole = self.root.join(folder);
        let entries = match fs::read_dir(&whole) {
            Ok(entries) => entries,
            Err(error) => {
                notes.push(format!("sources: {}: {error}", whole.display()));
                return out;
            }
        };
        let mut names: Vec<_> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| is_source(name))
            .collect();
        names.sort_by_key(|name| (is_override(name), name.clone()));
        for name in names {
            let path = whole.join(&name);
            match self.text(&path) {
                Ok(text) => out.take(folder, &name, &text),
                Err(why) => notes.push(format!("sources: {}: {why}", path.display())),
            }
        }
        out
    }

    fn text(&mut self, path: &Path) -> Result<String, String> {
        let about = fs::metadata(path).map_err(|error| error.to_string())?;
        if !about.is_file() {
            return Err("is no file".to_owned());
        }
        self.files += 1;
        self.bytes = self.bytes.saturating_add(about.len());
        if about.len() > FILE_MAX || self.files > FILES_MAX || self.bytes > BYTES_MAX {
            return Err("is not read: there is too much".to_owned());
        }
        let bytes = fs::read(path).map_err(|error| error.to_string())?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Folder {
    fn take(&mut self, folder: &Path, file: &str, text: &str) {
        let scanned = if is_json(file) { json::scan(text) } else { hcl::scan(text) };
        let file = slashes(&folder.join(file));
        for found in scanned.blocks {
            let name = match (found.kind.as_str(), found.labels.as_slice()) {
                ("resource" | "data", [kind, label]) => Some(Name {
                    data: found.kind == "data",
                    kind: kind.clone(),
                    label: label.clone(),
                }),
                ("module", [name]) => {
                    let source = found.source.as_deref().filter(|source| is_local(source));
                    self.calls.extend(source.map(|source| Call {
                        name: name.clone(),
                        folder: normal(&folder.join(source)),
                    }));
                    None
                }
                _ => None,
            };
            for (line, text) in &found.comments {
                self.comment(&file, *line, text, name.as_ref());
            }
            if let Some(name) = name {
                let (line, end_line) = found.lines;
                let location = Location { file: file.clone(), line, end_line };
                self.blocks.push(Block { name, location });
            }
        }
        for (line, text) in &scanned.stray {
            self.comment(&file, *line, text, None);
        }
    }

    fn comment(&mut self, file: &str, line: u64, text: &str, block: Option<&Name>) {
        let Some(text) = inline::of_comment(text) else { return };
        self.comments.push(Comment { file: file.to_owned(), line, text, block: block.cloned() });
    }
}

fn is_source(name: &str) -> bool {
    let hidden = name.starts_with('.') || name.ends_with('~');
    // Terraform itself asks for these endings in small letters.
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
    !hidden && (is_json(name) || matches!(ending, Some("tf" | "tofu")))
}

fn is_json(name: &str) -> bool {
    name.ends_with(".tf.json") || name.ends_with(".tofu.json")
}

fn is_override(name: &str) -> bool {
    let (stem, _) = name.split_once('.').unwrap_or((name, ""));
    stem == "override" || stem.ends_with("_override")
}

fn is_local(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../")
}

/// A relative path without `.` and with `..` only at its beginning.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(out.components().next_back(), Some(Component::Normal(_))) =>
            {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    fn places(sources: &Sources) -> Vec<String> {
        let words = sources
            .locations
            .iter()
            .map(|(address, at)| format!("{address} {}:{}-{}", at.file, at.line, at.end_line));
        words.collect()
    }

    #[test]
    fn blocks_are_found_through_local_modules() {
        let dir = folder(&[
            (
                "env/main.tf",
                "module \"net\" {\n  source = \"../modules/net\"\n}\nresource \"aws_vpc\" \"own\" {}\n",
            ),
            ("env/far.tf", "module \"far\" {\n  source = \"hashicorp/x/aws\"\n}\n"),
            (
                "modules/net/vpc.tf",
                "resource aws_vpc main {\n  count = 2\n}\ndata \"aws_ami\" \"a\" {\n}\n",
            ),
            ("modules/net/more.tf.json", "{\"module\": {\"deep\": {\"source\": \"./deep\"}}}"),
            ("modules/net/deep/d.tf.json", "{\n\"resource\": {\"aws_eip\": {\n  \"x\": {}}}}"),
        ]);
        let addresses = [
            "aws_vpc.own",
            "module.net.aws_vpc.main[0]",
            "module.net.aws_vpc.main[1]",
            "module.net.data.aws_ami.a",
            "module.net.module.deep[\"a.b\"].aws_eip.x",
            "module.far.aws_vpc.x",
            "aws_vpc.gone",
            "nonsense",
        ];
        let sources = locate(&dir.path().join("env"), addresses);
        assert_eq!(
            places(&sources),
            [
                "aws_vpc.own main.tf:4-4",
                "module.net.aws_vpc.main[0] ../modules/net/vpc.tf:1-3",
                "module.net.aws_vpc.main[1] ../modules/net/vpc.tf:1-3",
                "module.net.data.aws_ami.a ../modules/net/vpc.tf:4-5",
                "module.net.module.deep[\"a.b\"].aws_eip.x ../modules/net/deep/d.tf.json:3-3",
            ]
        );
        assert_eq!(sources.notes, Vec::<String>::new());
    }

    #[test]
    fn overrides_come_after_what_they_override() {
        let dir = folder(&[
            ("a_override.tf", "resource \"aws_vpc\" \"x\" {}"),
            ("main.tf", "\nresource \"aws_vpc\" \"x\" {}"),
        ]);
        assert_eq!(places(&locate(dir.path(), ["aws_vpc.x"])), ["aws_vpc.x main.tf:2-2"]);
    }

    #[test]
    fn modules_that_call_themselves_end() {
        let dir = folder(&[("main.tf", "module \"a\" {\n source = \"./\"\n}\n")]);
        let deep = "module.a.".repeat(100) + "aws_vpc.x";
        let sources = locate(dir.path(), [deep.as_str()]);
        assert!(sources.locations.is_empty());
        assert_eq!(sources.notes.len(), 1, "{:?}", sources.notes);
    }

    #[test]
    fn comments_of_a_module_hold_for_each_of_its_calls() {
        let text = "# portcullis:ignore c until=2026-01-01\nresource \"aws_eip\" \"x\" {\n}\n\n# portcullis:ignore stray\n\n# about something else\n";
        let dir = folder(&[
            (
                "main.tf",
                "module \"a\" {\n source = \"./m\"\n}\nmodule \"b\" {\n source = \"./m\"\n}\n",
            ),
            ("m/main.tf", text),
        ]);
        let sources = locate(dir.path(), ["module.a.aws_eip.x", "module.b.aws_eip.x[0]"]);
        let [first, stray] = sources.inline.as_slice() else { panic!("{:?}", sources.inline) };
        let mut addresses = first.addresses.clone();
        addresses.sort();
        assert_eq!(addresses, ["module.a.aws_eip.x", "module.b.aws_eip.x"]);
        assert_eq!((first.file.as_str(), first.line), ("m/main.tf", 1));
        assert_eq!(first.text, "c until=2026-01-01");
        assert!(stray.addresses.is_empty());
        assert_eq!(block_of("module.a[\"x.y\"].aws_eip.x[0]"), "module.a.aws_eip.x");
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let sources = locate(Path::new("/nowhere/at/all"), ["aws_vpc.x"]);
        assert_eq!(sources.notes.len(), 1);
    }
}
