//! Writing snapshots.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{FORMAT_VERSION, Header, Trailer};
use crate::clock::Time;
use crate::digest::hex;
use crate::model::coverage::CoverageEntry;
use crate::model::resource::Resource;

/// Writes a snapshot line by line. Without [`Writer::finish`] the file has no trailer and every reader refuses it.
pub struct Writer<W: Write> {
    out: zstd::stream::write::Encoder<'static, W>,
    hasher: Sha256,
    line: Vec<u8>,
    by_type: BTreeMap<String, u64>,
    coverage: u64,
}

impl<W: Write> std::fmt::Debug for Writer<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("by_type", &self.by_type).finish_non_exhaustive()
    }
}

impl<W: Write> Writer<W> {
    /// Begins a snapshot.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn new(out: W, created: Time, scope: Vec<String>) -> io::Result<Self> {
        let out = zstd::stream::write::Encoder::new(out, 3)?;
        let mut writer = Self {
            out,
            hasher: Sha256::new(),
            line: Vec::new(),
            by_type: BTreeMap::new(),
            coverage: 0,
        };
        writer.write(&Header {
            portcullis_snapshot: FORMAT_VERSION,
            tool: concat!("portcullis ", env!("CARGO_PKG_VERSION")).to_owned(),
            created,
            scope,
        })?;
        Ok(writer)
    }

    /// Adds a resource.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn resource(&mut self, resource: &Resource) -> io::Result<()> {
        let name = resource.kind().name;
        match self.by_type.get_mut(name) {
            Some(count) => *count += 1,
            None => {
                self.by_type.insert(name.to_owned(), 1);
            }
        }
        self.write(resource)
    }

    /// Adds what is known of the completeness of a cell. Comes after the resources.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn coverage(&mut self, entry: &CoverageEntry) -> io::Result<()> {
        self.coverage += 1;
        self.write(&BTreeMap::from([("coverage", entry)]))
    }

    /// Ends the snapshot and returns what it was written to.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        let trailer = Trailer {
            resources: self.by_type.values().sum(),
            by_type: std::mem::take(&mut self.by_type),
            coverage: self.coverage,
            sha256: hex(&self.hasher.clone().finalize()),
        };
        self.write(&BTreeMap::from([("end", trailer)]))?;
        let mut out = self.out.finish()?;
        out.flush()?;
        Ok(out)
    }

    fn write<T: Serialize>(&mut self, value: &T) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value)?;
        self.line.push(b'\n');
        self.hasher.update(&self.line);
        self.out.write_all(&self.line)
    }
}
