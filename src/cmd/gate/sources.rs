//! Where things stand in the sources: the headers of blocks in `.tf` files, and logical ids in templates.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cmd::Failure;
use crate::gate::{GateFinding, Location};

/// Files that are looked at, and how long they may be.
const FILES_MAX: usize = 20_000;
const BYTES_MAX: u64 = 4 << 20;
/// Folders that hold copies and state.
const LEFT_OUT: &[&str] = &[".git", ".terraform", "node_modules"];

/// Locates what states each finding's subject.
pub(super) fn locate(
    root: &Path,
    input: &Path,
    findings: &mut [GateFinding],
) -> Result<(), Failure> {
    let mut files = Vec::new();
    walk(root, &mut files).map_err(|error| Failure::new(format!("{}: {error}", root.display())))?;
    let mut blocks: BTreeMap<(String, String), Vec<Location>> = BTreeMap::new();
    for path in files {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let shown = relative(root, &path);
        blocks_of(&text, &shown, &mut blocks);
    }
    let template = fs::read_to_string(input)
        .ok()
        .filter(|text| !text.trim_start().starts_with("{\"format_version"));
    for finding in findings {
        let found = finding.addresses.iter().find_map(|address| {
            in_blocks(address, &blocks)
                .or_else(|| in_template(address, template.as_deref()?, &relative(root, input)))
        });
        finding.location = found;
    }
    Ok(())
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    inside.to_string_lossy().replace('\\', "/")
}

fn walk(dir: &Path, out: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(dir)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type()?;
        let name = entry.file_name();
        if kind.is_dir() && !LEFT_OUT.iter().any(|left| name == *left) {
            walk(&path, out)?;
        } else if kind.is_file()
            && path.extension().is_some_and(|e| e == "tf" || e == "tofu")
            && entry.metadata()?.len() <= BYTES_MAX
            && out.len() < FILES_MAX
        {
            out.push(path);
        }
    }
    Ok(())
}

/// The resource blocks of a file, by type and name.
fn blocks_of(text: &str, file: &str, blocks: &mut BTreeMap<(String, String), Vec<Location>>) {
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let Some((kind, name)) = header(line) else { continue };
        // Formatted sources close a block at the beginning of a line.
        let indent = line.len() - line.trim_start().len();
        let is_end = |line: &&str| {
            line.trim_start().starts_with('}') && line.len() - line.trim_start().len() <= indent
        };
        let one_line = line.trim_end().ends_with('}');
        let behind = lines.get(at + 1..).unwrap_or_default();
        let length = behind.iter().position(|line| is_end(&line)).map_or(0, |end| end + 1);
        let line = at as u64 + 1;
        let end_line = if one_line { line } else { line + length as u64 };
        let location = Location { file: file.to_owned(), line, end_line };
        blocks.entry((kind.to_owned(), name.to_owned())).or_default().push(location);
    }
}

fn header(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim_start().strip_prefix("resource")?;
    let mut words = rest.split('"');
    let (lead, kind, between, name, tail) =
        (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
    let plain = lead.trim().is_empty() && between.trim().is_empty();
    (plain && tail.trim_start().starts_with('{')).then_some((kind, name))
}

/// The block of an address. Where several modules have one of the same name, the module's name in the path decides.
fn in_blocks(
    address: &str,
    blocks: &BTreeMap<(String, String), Vec<Location>>,
) -> Option<Location> {
    let plain = without_keys(address);
    let mut parts: Vec<&str> = plain.split('.').collect();
    let name = parts.pop()?;
    let kind = parts.pop()?;
    let modules: Vec<&str> = parts.chunks(2).filter_map(|pair| pair.get(1).copied()).collect();
    let found = blocks.get(&(kind.to_owned(), name.to_owned()))?;
    if let [only] = found.as_slice() {
        return Some(only.clone());
    }
    let depth = |location: &&Location| location.file.matches('/').count();
    let fits: Vec<&Location> = match modules.last() {
        None => found.iter().filter(|location| depth(location) == 0).collect(),
        Some(module) => {
            found.iter().filter(|one| one.file.split('/').any(|part| part == *module)).collect()
        }
    };
    match fits.as_slice() {
        [only] => Some((*only).clone()),
        _ => None,
    }
}

/// An address without the keys of instances, which may hold dots.
fn without_keys(address: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for c in address.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
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
    fn blocks_are_found_by_address_and_module() {
        let mut blocks = BTreeMap::new();
        let text = "# x\nresource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n  tags = {\n    a = 1\n  }\n}\n";
        blocks_of(text, "main.tf", &mut blocks);
        blocks_of(text, "modules/net/main.tf", &mut blocks);
        let found = in_blocks("aws_vpc.main[0]", &blocks).unwrap();
        assert_eq!((found.file.as_str(), found.line, found.end_line), ("main.tf", 2, 7));
        let found = in_blocks("module.net[\"a.b]\"].aws_vpc.main", &blocks).unwrap();
        assert_eq!(found.file, "modules/net/main.tf");
        assert_eq!(in_blocks("aws_vpc.other", &blocks), None);
    }

    #[test]
    fn logical_ids_are_found_below_resources() {
        let text = "Parameters:\n  Bucket:\n    Type: String\nResources:\n  Bucket:\n    Type: AWS::S3::Bucket\n";
        assert_eq!(in_template("Bucket", text, "t.yaml").unwrap().line, 5);
        let json = "{\n \"Resources\": {\n  \"Bucket\": {}\n }\n}";
        assert_eq!(in_template("Bucket", json, "t.json").unwrap().line, 3);
    }
}
