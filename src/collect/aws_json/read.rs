//! From a folder to JSON trees: which files there are, and what stands in them.
//!
//! Everything from outside is bounded: files, bytes, nesting, values. Symbolic links that leave the folder are not
//! followed. A key that appears twice in an object is an error: no API prints it, and readers would disagree on it.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{DumpError, Limits};

/// The files of a folder that may hold answers, relative to it and sorted.
pub(super) fn files(root: &Path, limits: &Limits) -> Result<Vec<String>, DumpError> {
    let io = |path: &Path, source| DumpError::Io { path: path.display().to_string(), source };
    let real_root = fs::canonicalize(root).map_err(|e| io(root, e))?;
    if !real_root.is_dir() {
        return Err(DumpError::NotAFolder(root.display().to_string()));
    }
    let mut out = Vec::new();
    let mut seen = BTreeSet::from([real_root.clone()]);
    let mut open: Vec<(PathBuf, String)> = vec![(real_root.clone(), String::new())];
    while let Some((folder, shown)) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|e| io(&folder, e))? {
            let entry = entry.map_err(|e| io(&folder, e))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let path = format!("{shown}{name}");
            // A link is followed only to where the folder itself leads.
            let Ok(real) = fs::canonicalize(entry.path()) else { continue };
            if !real.starts_with(&real_root) {
                continue;
            }
            if real.is_dir() {
                // A link to a folder above would never end.
                if seen.insert(real.clone()) {
                    open.push((real, format!("{path}/")));
                }
            } else if real.is_file() {
                out.push(path);
            }
            if out.len() > limits.files || seen.len() > limits.files {
                return Err(DumpError::TooMany { limit: limits.files });
            }
        }
    }
    out.sort_unstable();
    Ok(out)
}

/// What a file holds.
#[derive(Debug)]
pub(super) enum Content {
    /// JSON values, one after the other.
    Json(Vec<Value>),
    /// JSON that breaks off or is malformed, with what could be read before, and what is wrong.
    Broken(String, String),
    /// Text that is no JSON, such as an error of the CLI.
    Text(String),
    /// Nothing but white space.
    Empty,
    /// Too large, or not text; why.
    Refused(String),
}

/// Reads a file within limits.
pub(super) fn content(path: &Path, limits: &Limits) -> Content {
    let bytes = match bytes(path, limits) {
        Ok(bytes) => bytes,
        Err(why) => return Content::Refused(why),
    };
    let Some(text) = decode(bytes) else {
        return Content::Refused("it is text neither in UTF-8 nor in UTF-16".to_owned());
    };
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Content::Empty;
    }
    if !trimmed.starts_with(['{', '[']) {
        return Content::Text(text);
    }
    let mut nodes = limits.nodes;
    let mut out = Vec::new();
    let mut rest = trimmed;
    loop {
        let mut stream = serde_json::Deserializer::from_str(rest);
        let seed = Tree { depth: limits.depth, nodes: &mut nodes };
        match seed.deserialize(&mut stream) {
            Ok(value) => out.push(value),
            Err(error) => {
                let begin: String = text.chars().take(4096).collect();
                return Content::Broken(begin, error.to_string());
            }
        }
        if stream.end().is_ok() {
            return Content::Json(out);
        }
        // Where the value ended: a deserializer over a text knows it through its stream form only.
        let mut skip =
            serde_json::Deserializer::from_str(rest).into_iter::<serde::de::IgnoredAny>();
        let _ = skip.next();
        rest = rest.get(skip.byte_offset()..).unwrap_or_default().trim_start();
        // An error that the CLI printed behind its output, say.
        if !rest.starts_with(['{', '[']) {
            let begin: String = rest.chars().take(4096).collect();
            return Content::Broken(text.chars().take(4096).collect(), begin);
        }
    }
}

fn bytes(path: &Path, limits: &Limits) -> Result<Vec<u8>, String> {
    let file = fs::File::open(path).map_err(|e| e.to_string())?;
    let mut out = Vec::new();
    let most = limits.file_bytes.saturating_add(1);
    file.take(most).read_to_end(&mut out).map_err(|e| e.to_string())?;
    if u64::try_from(out.len()).is_ok_and(|n| n > limits.file_bytes) {
        return Err(format!("it has more than {} bytes", limits.file_bytes));
    }
    Ok(out)
}

/// The text of bytes in UTF-8 or UTF-16, which PowerShell writes, without its byte order mark.
fn decode(bytes: Vec<u8>) -> Option<String> {
    let wide = |order: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .get(2..)
            .unwrap_or_default()
            .chunks_exact(2)
            .filter_map(|pair| pair.try_into().ok().map(order))
            .collect();
        String::from_utf16(&units).ok()
    };
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes).ok(),
    }
}

/// Builds a JSON tree within limits and without keys that appear twice.
struct Tree<'a> {
    depth: usize,
    nodes: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Tree<'_> {
    fn inner<E: Error>(&mut self) -> Result<Tree<'_>, E> {
        *self.nodes =
            self.nodes.checked_sub(1).ok_or_else(|| E::custom("it holds too many values"))?;
        let depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("values nest too deeply"))?;
        Ok(Tree { depth, nodes: self.nodes })
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Value, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = seq.next_element_seed(self.inner()?)? {
            out.push(item);
        }
        Ok(Value::Array(out))
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Value, A::Error> {
        let mut out = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(self.inner()?)?;
            if out.insert(key.clone(), value).is_some() {
                let shown: String = key.chars().take(80).collect();
                return Err(A::Error::custom(format!("the key `{shown}` appears twice")));
            }
        }
        Ok(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Content {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        fs::write(&path, bytes).unwrap();
        content(&path, &Limits { file_bytes: 1000, depth: 10, nodes: 50, files: 10 })
    }

    #[test]
    fn marks_and_widths_are_tolerated() {
        let wide: Vec<u8> =
            "\u{feff}{\"Ä\": 1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [&wide[..], "\u{feff}{\"Ä\": 1}".as_bytes(), b" {\"a\":1}\n{\"b\":2}"] {
            assert!(matches!(read(bytes), Content::Json(_)), "{bytes:?}");
        }
        assert!(matches!(read(b"  \n"), Content::Empty));
        assert!(matches!(read(b"An error occurred"), Content::Text(_)));
        assert!(matches!(read(&[0xc0, 0xc1]), Content::Refused(_)));
    }

    #[test]
    fn hostile_files_are_refused() {
        let broken = |bytes: &[u8]| match read(bytes) {
            Content::Broken(_, why) => why,
            other => panic!("{other:?}"),
        };
        assert!(broken("[".repeat(500).as_bytes()).contains("deep"));
        assert!(broken(b"{\"a\":1,\"a\":2}").contains("twice"));
        assert!(broken(b"{\"Vpcs\":[{\"VpcId\":\"vpc").contains("EOF"));
        assert!(broken(format!("[{}1]", "1,".repeat(100)).as_bytes()).contains("too many"));
        assert!(broken(b"{\"a\":1} An error occurred").contains("An error"));
        assert!(matches!(read(&[b' '; 2000]), Content::Refused(_)));
    }
}
