//! Reading what commands work on: files become texts here, and nowhere below.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Failure;
use crate::analyze::overview::Declared;
use crate::attestation::Records;
use crate::check::{Selection, Suite};
use crate::cli::{CheckSelection, Judgement};
use crate::config::{Config, FILE_NAME, FrameworkRef};
use crate::diag::{Diagnostic, Diagnostics};
use crate::digest;
use crate::framework::{Library, ResolvedFramework};
use crate::model::snapshot::{Header, Limits, Reader, SnapshotError};
use crate::model::{Coverage, Kind, Resource};
use crate::span::SourceFile;
use crate::standards::{self, Standards};
use crate::yaml;

/// The largest document whose digest is compared with an attestation's.
const DOCUMENT_BYTES_MAX: u64 = 256 << 20;

impl From<&CheckSelection> for Selection {
    fn from(args: &CheckSelection) -> Self {
        Self {
            include: args.include.clone(),
            exclude: args.exclude.clone(),
            severity: args.min_severity,
        }
    }
}

/// The built-in checks with those of further folders, as selected.
pub(super) fn suite(selection: &Selection, dirs: &[PathBuf]) -> Result<Suite, Failure> {
    let mut diagnostics = Diagnostics::default();
    let mut suite = Suite::builtin(&mut diagnostics);
    let files = yaml_files(dirs, &mut diagnostics)?;
    suite.add(&files, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(Failure::Files(diagnostics));
    }
    suite.select(selection)?;
    Ok(suite)
}

/// The control ids of every standard, for the linter.
pub(super) fn standards() -> Result<Standards, Failure> {
    let mut diagnostics = Diagnostics::default();
    Standards::builtin(&mut diagnostics).ok_or(Failure::Files(diagnostics))
}

/// The YAML files that are named, and those of the folders that are named, sorted.
pub(super) fn yaml_files(
    paths: &[PathBuf],
    diagnostics: &mut Diagnostics,
) -> Result<Vec<SourceFile>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries = fs::read_dir(path).map_err(|e| unreadable(path, &e))?;
            for entry in entries {
                let path = entry.map_err(|e| unreadable(path, &e))?.path();
                if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
                    files.push(path);
                }
            }
        } else {
            files.push(path.clone());
        }
    }
    files.sort();
    files.dedup();
    let mut out = Vec::new();
    for path in files {
        out.extend(source(&path, diagnostics)?);
    }
    Ok(out)
}

fn source(path: &Path, diagnostics: &mut Diagnostics) -> Result<Option<SourceFile>, Failure> {
    let size = fs::metadata(path).map_err(|e| unreadable(path, &e))?.len();
    if size > yaml::BYTES_MAX as u64 {
        let message = format!(
            "{} has {size} bytes, more than the {} that are read",
            path.display(),
            yaml::BYTES_MAX
        );
        diagnostics.push(Diagnostic::error("yaml/too-long", message));
        return Ok(None);
    }
    let bytes = fs::read(path).map_err(|e| unreadable(path, &e))?;
    Ok(yaml::source(&path.display().to_string(), &bytes, diagnostics))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}

/// What is to be done: the configuration beside or at a path, with the flags over it.
pub(super) fn config(path: Option<&Path>, judgement: &Judgement) -> Result<Config, Failure> {
    let mut config = match path {
        None => Config::default(),
        Some(path) => read_config(path)?,
    };
    let here = Path::new("");
    let selection = &judgement.selection;
    if !selection.include.is_empty() {
        config.selection.include.clone_from(&selection.include);
    }
    config.selection.exclude.extend(selection.exclude.iter().cloned());
    config.selection.severity = selection.min_severity.or(config.selection.severity);
    config.check_dirs.extend(selection.dirs.iter().cloned());
    if judgement.frameworks.iter().any(|id| id == "none") {
        config.frameworks.clear();
        config.overlays.clear();
    } else if !judgement.frameworks.is_empty() {
        config.frameworks =
            judgement.frameworks.iter().map(|text| FrameworkRef::new(text, here)).collect();
    }
    config.overlays.extend(judgement.overlays.iter().cloned());
    config.records.extend(judgement.attestations.iter().cloned());
    config.waivers.extend(judgement.waivers.iter().cloned());
    if let Some(at) = &judgement.at {
        config.at = Some(crate::clock::parse(at)?);
    }
    config.fail_on = judgement.fail_on.unwrap_or(config.fail_on);
    config.allow_unknown = judgement.allow_unknown.unwrap_or(config.allow_unknown);
    config.min_coverage = judgement.min_coverage.unwrap_or(config.min_coverage);
    let outputs = &mut config.outputs;
    let over = |mine: &mut Option<PathBuf>, flag: &Option<PathBuf>| {
        if flag.is_some() {
            mine.clone_from(flag);
        }
    };
    over(&mut outputs.html, &judgement.html);
    over(&mut outputs.json, &judgement.json);
    over(&mut outputs.markdown, &judgement.markdown);
    over(&mut outputs.csv, &judgement.csv);
    Ok(config)
}

/// A configuration file, or the one in a folder.
pub(super) fn read_config(path: &Path) -> Result<Config, Failure> {
    let file = if path.is_dir() { path.join(FILE_NAME) } else { path.to_owned() };
    if !file.exists() {
        let words = format!(
            "{} does not exist; `portcullis init {}` writes one to start from",
            file.display(),
            path.display()
        );
        return Err(Failure::new(words));
    }
    let base = file.parent().unwrap_or(Path::new("")).to_owned();
    let mut diagnostics = Diagnostics::default();
    let config = source(&file, &mut diagnostics)?
        .and_then(|text| Config::read(&text, &base, &mut diagnostics));
    config.ok_or(Failure::Files(diagnostics))
}

/// What the configuration declares, with the roster it names read.
pub(super) fn declared(config: &Config) -> Result<Declared, Failure> {
    let mut diagnostics = Diagnostics::default();
    let people = match &config.people {
        None => None,
        Some(people) => source(&people.roster, &mut diagnostics)?
            .and_then(|file| people.read(&file, &mut diagnostics)),
    };
    if diagnostics.has_errors() {
        return Err(Failure::Files(diagnostics));
    }
    Ok(Declared {
        network: config.declared.clone(),
        principals: config.principals.clone(),
        people: people.map(Arc::new),
        accounts: Arc::new(config.accounts.clone()),
    })
}

/// The frameworks of a run, with its overlays applied.
pub(super) fn frameworks(config: &Config) -> Result<Vec<ResolvedFramework>, Failure> {
    let mut diagnostics = Diagnostics::default();
    let mut paths = config.overlays.clone();
    paths.extend(config.frameworks.iter().filter_map(|one| match one {
        FrameworkRef::File(path) => Some(path.clone()),
        FrameworkRef::Builtin(_) => None,
    }));
    let mut files = standards::framework_files();
    let own = yaml_files(&paths, &mut diagnostics)?;
    files.extend(own.iter().cloned());
    let library = Library::load(&files, &mut diagnostics);
    let named: Vec<String> = config
        .frameworks
        .iter()
        .flat_map(|one| match one {
            FrameworkRef::Builtin(id) => vec![id.clone()],
            FrameworkRef::File(path) => {
                library.ids_in(&path.display().to_string()).into_iter().map(str::to_owned).collect()
            }
        })
        .collect();
    let resolved = library.resolve_all(&named, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(Failure::Files(diagnostics));
    }
    Ok(resolved)
}

/// Attestations and exercise records, with the digests of the documents they speak of.
pub(super) fn records(config: &Config) -> Result<Records, Failure> {
    let mut diagnostics = Diagnostics::default();
    let files = yaml_files(&config.records, &mut diagnostics)?;
    let records = Records::load(&files, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(Failure::Files(diagnostics));
    }
    let digests = records
        .documents()
        .into_iter()
        .map(|path| (path.to_owned(), document_digest(Path::new(path))));
    let digests = digests.collect();
    Ok(records.with_digests(digests))
}

fn document_digest(path: &Path) -> Result<String, String> {
    let size = fs::metadata(path).map_err(|e| e.to_string())?.len();
    if size > DOCUMENT_BYTES_MAX {
        return Err(format!("larger than {DOCUMENT_BYTES_MAX} bytes"));
    }
    fs::read(path).map(|bytes| digest::sha256(&bytes)).map_err(|e| e.to_string())
}

/// The snapshot that a path means: itself, or the one its configuration names.
pub(super) fn snapshot_path(path: &Path) -> Result<PathBuf, Failure> {
    if !path.is_dir() && path.extension().is_none_or(|e| e != "yaml") {
        return Ok(path.to_owned());
    }
    let config = read_config(path)?;
    config.inventory.ok_or_else(|| {
        Failure::new(format!("{}: the configuration names no `inventory`", path.display()))
    })
}

/// Opens a snapshot.
pub(super) fn open_snapshot(path: &Path) -> Result<Reader<'static>, Failure> {
    reader(path).map_err(Failure::new)
}

/// Opens a snapshot, for those who tell its errors apart.
pub(super) fn reader(path: &Path) -> Result<Reader<'static>, SnapshotError> {
    let shown = path.display().to_string();
    match File::open(path) {
        Ok(file) => Reader::new(&shown, file, Limits::default()),
        Err(source) => Err(SnapshotError::Io { path: shown, source }),
    }
}

/// Parses a resource line.
pub(super) fn parse_resource(path: &Path, text: &str, line: u64) -> Result<Resource, Failure> {
    Resource::parse(text)
        .map_err(|why| Failure::new(format!("{}: line {line}: {why}", path.display())))
}

/// Calls a function with every resource whose type is wanted, and gives the header and the coverage.
pub(super) fn scan(
    path: &Path,
    wanted: impl Fn(&str) -> bool,
    mut take: impl FnMut(Resource),
) -> Result<(Header, Coverage), Failure> {
    let mut reader = open_snapshot(path)?;
    let coverage = reader.scan(wanted, |text, line| {
        take(parse_resource(path, &text, line)?);
        Ok::<_, Failure>(())
    })?;
    Ok((reader.header().clone(), coverage))
}

/// Calls a function with every resource of a snapshot, or those of one type.
pub(super) fn each_resource(
    path: &Path,
    kind: Option<&Kind>,
    mut take: impl FnMut(Resource) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let wanted = |name: &str| kind.is_none_or(|kind| kind.name == name);
    let all =
        open_snapshot(path)?.scan(wanted, |text, line| take(parse_resource(path, &text, line)?));
    all.map(drop)
}
