//! Reading snapshots.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{FORMAT_VERSION, Header, SnapshotError, Trailer};
use crate::digest::hex;
use crate::model::coverage::{Coverage, CoverageEntry};

/// What a file from outside may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The longest line, in bytes.
    pub line_bytes: usize,
    /// All lines together, in bytes after decompression.
    pub total_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { line_bytes: 32 << 20, total_bytes: 256 << 30 }
    }
}

/// The largest window a compressed snapshot may demand: 2^27 bytes, zstd's own default bound.
const WINDOW_LOG_MAX: u32 = 27;
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// One line, still unparsed where parsing is work for others.
#[derive(Debug)]
pub enum Entry {
    /// A resource: JSON for [`crate::model::Resource::parse`], and the number of its line.
    Resource(String, u64),
    /// The completeness of a cell.
    Coverage(CoverageEntry),
}

/// Reads a snapshot entry by entry and holds it against its trailer.
pub struct Reader<'r> {
    path: String,
    input: Box<dyn BufRead + Send + 'r>,
    limits: Limits,
    header: Header,
    hasher: Sha256,
    line: u64,
    bytes: u64,
    by_type: BTreeMap<String, u64>,
    coverage: u64,
    ended: bool,
    digest: Option<String>,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("path", &self.path)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CoverageLine {
    coverage: CoverageEntry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TrailerLine {
    end: Trailer,
}

/// Enough of a header of any version.
#[derive(Deserialize)]
struct AnyHeader {
    portcullis_snapshot: u32,
}

impl Entry {
    /// The type that a resource line names, without parsing it.
    pub fn kind_of(line: &str) -> &str {
        let rest = line.strip_prefix(r#"{"type":""#).unwrap_or_default();
        rest.split('"').next().unwrap_or_default()
    }
}

impl<'r> Reader<'r> {
    /// Opens a snapshot and reads its header. `path` is for messages only.
    ///
    /// # Errors
    /// When it is no snapshot, a newer one, or unreadable.
    pub fn new(
        path: &str,
        input: impl Read + Send + 'r,
        limits: Limits,
    ) -> Result<Self, SnapshotError> {
        let io = |source| SnapshotError::Io { path: path.to_owned(), source };
        let mut raw = BufReader::with_capacity(1 << 18, input);
        let packed = raw.fill_buf().map_err(io)?.starts_with(&ZSTD_MAGIC);
        let input: Box<dyn BufRead + Send + 'r> = if packed {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(raw).map_err(io)?;
            decoder.window_log_max(WINDOW_LOG_MAX).map_err(io)?;
            Box::new(BufReader::with_capacity(1 << 18, decoder))
        } else {
            Box::new(raw)
        };
        let mut reader = Self {
            path: path.to_owned(),
            input,
            limits,
            header: Header {
                portcullis_snapshot: FORMAT_VERSION,
                tool: String::new(),
                created: crate::clock::Time::default(),
                scope: Vec::new(),
            },
            hasher: Sha256::new(),
            line: 0,
            bytes: 0,
            by_type: BTreeMap::new(),
            coverage: 0,
            ended: false,
            digest: None,
        };
        reader.header = reader.read_header(packed)?;
        Ok(reader)
    }

    /// The first line.
    pub fn header(&self) -> &Header {
        &self.header
    }

    fn read_header(&mut self, packed: bool) -> Result<Header, SnapshotError> {
        let foreign = |path: &str, why: &str| SnapshotError::Foreign {
            path: path.to_owned(),
            why: why.to_owned(),
        };
        let text = match self.read_line() {
            Ok(Some(text)) => text,
            Ok(None) => return Err(foreign(&self.path, "it is empty")),
            // Binary garbage and other people's archives end here; a disk fault stays what it is.
            Err(SnapshotError::Io { source, .. }) if packed => {
                return Err(foreign(&self.path, &format!("it does not decompress ({source})")));
            }
            Err(SnapshotError::Line { why, .. }) => return Err(foreign(&self.path, &why)),
            Err(error) => return Err(error),
        };
        let Ok(any) = serde_json::from_str::<AnyHeader>(&text) else {
            return Err(foreign(&self.path, "its first line is no snapshot header"));
        };
        if any.portcullis_snapshot > FORMAT_VERSION {
            return Err(SnapshotError::Newer {
                path: self.path.clone(),
                found: any.portcullis_snapshot,
            });
        }
        serde_json::from_str(&text).map_err(|e| self.bad_line(e.to_string()))
    }

    /// How many resources of each type were read so far.
    pub fn by_type(&self) -> &BTreeMap<String, u64> {
        &self.by_type
    }

    /// The digest of everything before the trailer, once the trailer was read and fits.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// Reads everything to the end: hands the lines of resources whose type is wanted on, with their numbers, and gives
    /// the coverage.
    ///
    /// # Errors
    /// As [`Self::next_entry`], and what the function returns.
    pub fn scan<E: From<SnapshotError>>(
        &mut self,
        wanted: impl Fn(&str) -> bool,
        mut take: impl FnMut(String, u64) -> Result<(), E>,
    ) -> Result<Coverage, E> {
        let mut coverage = Coverage::default();
        while let Some(entry) = self.next_entry()? {
            match entry {
                Entry::Coverage(entry) => coverage.add(entry),
                Entry::Resource(text, line) if wanted(Entry::kind_of(&text)) => take(text, line)?,
                Entry::Resource(..) => {}
            }
        }
        Ok(coverage)
    }

    /// The next entry, or nothing behind a trailer that fits.
    ///
    /// # Errors
    /// When a line cannot be read, does not fit the trailer, or the trailer is missing.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, SnapshotError> {
        if self.ended {
            return Ok(None);
        }
        // The trailer's digest covers everything before its own line.
        let before = self.hasher.clone();
        let Some(text) = self.read_line()? else {
            return Err(SnapshotError::Truncated { path: self.path.clone(), line: self.line });
        };
        if text.starts_with(r#"{"type":""#) {
            let name = Entry::kind_of(&text);
            match self.by_type.get_mut(name) {
                Some(count) => *count += 1,
                // An unheard-of type is refused when it is parsed; a name out of proportion is not kept.
                None if name.len() > 100 => {
                    return Err(self.bad_line("a resource type of over 100 bytes".to_owned()));
                }
                None => {
                    self.by_type.insert(name.to_owned(), 1);
                }
            }
            return Ok(Some(Entry::Resource(text, self.line)));
        }
        if text.starts_with(r#"{"coverage":"#) {
            let line: CoverageLine =
                serde_json::from_str(&text).map_err(|e| self.bad_line(e.to_string()))?;
            self.coverage += 1;
            return Ok(Some(Entry::Coverage(line.coverage)));
        }
        if text.starts_with(r#"{"end":"#) {
            let line: TrailerLine =
                serde_json::from_str(&text).map_err(|e| self.bad_line(e.to_string()))?;
            let digest = hex(&before.finalize());
            self.close(&line.end, &digest)?;
            self.digest = Some(digest);
            return Ok(None);
        }
        Err(self.bad_line("neither a resource, nor coverage, nor the trailer".to_owned()))
    }

    fn close(&mut self, trailer: &Trailer, sha256: &str) -> Result<(), SnapshotError> {
        self.ended = true;
        let altered = |line: u64, why: String| {
            Err(SnapshotError::Altered { path: self.path.clone(), line, why })
        };
        if trailer.sha256 != sha256 {
            let why =
                "the digest in the trailer does not fit: the file was altered after it was written";
            return altered(self.line, why.to_owned());
        }
        let count: u64 = self.by_type.values().sum();
        if trailer.resources != count
            || trailer.by_type != self.by_type
            || trailer.coverage != self.coverage
        {
            let why = format!(
                "the trailer counts {} resources, and there are {count}",
                trailer.resources
            );
            return altered(self.line, why);
        }
        if self.read_line()?.is_some() {
            return Err(self.bad_line("something follows the trailer".to_owned()));
        }
        Ok(())
    }

    fn bad_line(&self, why: String) -> SnapshotError {
        SnapshotError::Line { path: self.path.clone(), line: self.line, why }
    }

    /// One line without its end, or nothing at the end of the file.
    fn read_line(&mut self) -> Result<Option<String>, SnapshotError> {
        let mut buffer = Vec::new();
        let limit = self.limits.line_bytes as u64 + 1;
        let read = (&mut self.input).take(limit).read_until(b'\n', &mut buffer);
        let count = read.map_err(|source| self.read_failed(source))?;
        if count == 0 {
            return Ok(None);
        }
        self.line += 1;
        self.bytes += count as u64;
        if buffer.last() != Some(&b'\n') {
            if count as u64 == limit {
                return Err(self.bad_line(format!("longer than {} bytes", self.limits.line_bytes)));
            }
            if self.line == 1 {
                return Err(self.bad_line("it has no lines of JSON".to_owned()));
            }
            return Err(SnapshotError::Truncated { path: self.path.clone(), line: self.line });
        }
        if self.bytes > self.limits.total_bytes {
            return Err(
                self.bad_line(format!("more than {} bytes in all", self.limits.total_bytes))
            );
        }
        self.hasher.update(&buffer);
        buffer.pop();
        match String::from_utf8(buffer) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(self.bad_line("it is not UTF-8".to_owned())),
        }
    }

    fn read_failed(&self, source: std::io::Error) -> SnapshotError {
        let path = self.path.clone();
        match source.kind() {
            // What zstd says of a stream that stops in the middle.
            std::io::ErrorKind::UnexpectedEof => SnapshotError::Truncated { path, line: self.line },
            std::io::ErrorKind::Other | std::io::ErrorKind::InvalidData if self.line > 0 => {
                let why = format!("the compressed data is damaged ({source})");
                SnapshotError::Altered { path, line: self.line + 1, why }
            }
            _ => SnapshotError::Io { path, source },
        }
    }
}
