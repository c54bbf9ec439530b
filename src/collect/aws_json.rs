//! Inventories from the JSON that the AWS CLI prints: `aws … describe-…`, `list-…`, `get-…`, redirected into files.
//!
//! An answer is recognised by the members at its top, whatever its file is called. Where it is from, in this order:
//! the manifest `portcullis-dump.yaml`, the folders (`…/<12 digits>/<region>/vpcs.json`), the options, the answer
//! itself, the other files of its folder. Answers about one thing that do not name it (`describe-target-health`,
//! `get-managed-prefix-list-entries` …) are told by an id in the name of the file, by the manifest's `subject`, or by
//! a list of such answers with the id beside each: `{"TargetHealth": [{"TargetGroupArn": …,
//! "TargetHealthDescriptions": […]}]}`.
//!
//! What was listed is complete, unless the answer says that more follows; what was not listed is not collected; a file
//! with an error of the CLI, or a cut one, is a failed call. Whether somebody filtered an answer (`--filters`,
//! `--query`) cannot be seen in it: dump without filters.

mod account;
mod ec2;
mod elb;
mod forms;
mod front_doors;
mod guarded;
mod iam;
mod identity_center;
mod managed;
mod network_firewall;
mod organizations;
mod place;
mod read;
mod remote_access;
mod reshape;
mod scene;
mod store;
mod transit;
mod trouble;
mod vpc;
mod workloads;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use self::forms::{Covers, Form, Found, Read, recognise};
use self::place::{Hint, MANIFESTS, Manifest, Said};
use self::read::Content;
use self::scene::Scene;
use self::store::{Place, Store};
use crate::diag::{Diagnostic, Diagnostics};
use crate::ident::{AccountId, Region};
use crate::model::coverage::{Completeness, Coverage};
use crate::model::kinds::{Scope, kind_named};
use crate::model::resource::Resource;

/// What a folder from outside may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest file in bytes.
    pub file_bytes: u64,
    /// How deep values may nest.
    pub depth: usize,
    /// How many values a file may hold.
    pub nodes: usize,
    /// How many files and folders there may be.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        // serde_json itself stops at 128 levels; no answer of AWS nests deeper than 20.
        Self { file_bytes: 256 << 20, depth: 64, nodes: 50_000_000, files: 200_000 }
    }
}

/// What the reader may assume.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The account of files that neither the manifest nor their folder places.
    pub account: Option<AccountId>,
    /// The region of such files.
    pub region: Option<Region>,
    /// What the folder may cost.
    pub limits: Limits,
}

/// What was read.
#[derive(Debug)]
pub struct Summary {
    /// How completely each type was listed where.
    pub coverage: Coverage,
    /// The files, sorted by path.
    pub files: Vec<FileReport>,
    /// What was left out, doubtful or not recognised.
    pub notes: Diagnostics,
}

/// What became of a file.
#[derive(Debug, Clone)]
pub struct FileReport {
    /// The path below the folder.
    pub path: String,
    /// The account it is from, where that is known.
    pub account: Option<AccountId>,
    /// The region it is from, where that is known.
    pub region: Option<Region>,
    /// The calls whose answers it holds, such as `ec2:DescribeVpcs`; empty when none was recognised.
    pub calls: Vec<&'static str>,
}

/// Why a folder cannot be read at all. What is wrong with single files is in [`Summary::notes`].
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The folder, or the manifest, could not be read.
    #[error("failed to read {path}: {source}")]
    Io {
        /// What could not be read.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is a file.
    #[error("{0} is not a folder; name the folder that holds the files of the AWS CLI")]
    NotAFolder(String),
    /// There are too many files.
    #[error(
        "the folder holds more than {limit} files; name the one that holds the files of the AWS CLI"
    )]
    TooMany {
        /// How many are read at most.
        limit: usize,
    },
    /// The manifest is wrong.
    #[error("the manifest of the folder cannot be used:\n{}", .0.render(false))]
    Manifest(Box<Diagnostics>),
}

/// The JSON Schema of `portcullis-dump.yaml`.
pub fn manifest_schema() -> Value {
    place::schema()
}

/// Reads a folder of answers and hands out its resources, sorted by type, account, region and id.
///
/// # Errors
/// When the folder or its manifest cannot be read; never for what stands in single files.
pub fn collect(
    dir: &Path,
    options: &Options,
    sink: &mut dyn FnMut(Resource),
) -> Result<Summary, DumpError> {
    let manifest = Manifest::load(dir)?;
    let paths: Vec<String> = read::files(dir, &options.limits)?
        .into_iter()
        .filter(|path| !MANIFESTS.contains(&path.as_str()))
        .collect();
    let mut hints: BTreeMap<String, Hint> = BTreeMap::new();
    for path in &paths {
        let told = manifest.of(path).0.or(place::from_path(path));
        let given = Hint { account: options.account.clone(), region: options.region.clone() };
        hints.insert(path.clone(), told.or(given));
    }
    listen(dir, options, &mut hints);

    let mut run = Run { store: Store::default(), later: Vec::new(), files: Vec::new() };
    for (path, hint) in &hints {
        let content = read::content(&dir.join(path), &options.limits);
        run.file(path, hint, manifest.of(path).1, content);
    }
    Ok(run.finish(sink))
}

/// Why an answer is not all there is; nothing when it is.
fn cut_off(answer: &Value) -> Option<String> {
    const TOKENS: [&str; 5] =
        ["NextToken", "nextToken", "NextMarker", "PaginationToken", "NextContinuationToken"];
    if answer.get("IsTruncated") == Some(&Value::Bool(true)) {
        return Some("the answer says that it is cut off (IsTruncated)".to_owned());
    }
    let token = TOKENS.iter().find(|key| {
        answer.get(**key).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
    })?;
    Some(format!("the answer says that more follows ({token})"))
}

/// Fills open places from what the files say themselves, and from what their neighbours are from.
fn listen(dir: &Path, options: &Options, hints: &mut BTreeMap<String, Hint>) {
    let open = |hint: &Hint| hint.account.is_none() || hint.region.is_none();
    let mut folders: BTreeMap<String, Said> = BTreeMap::new();
    for (path, hint) in hints.iter_mut().filter(|(_, hint)| open(hint)) {
        let Content::Json(documents) = read::content(&dir.join(path), &options.limits) else {
            continue;
        };
        let mut said = Said::default();
        for document in &documents {
            for (form, answer, _) in answers(document, path).0 {
                // The list of an organization's accounts names others; so does a list of what is shared.
                if form.kinds.iter().any(|kind| kind.starts_with("aws.organizations.")) {
                    continue;
                }
                let value = answer.get(form.key).unwrap_or(answer);
                let items = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                said.listen(answer, if items.is_empty() { form.arn } else { "Arn" });
                for item in items.iter().take(1000) {
                    said.listen(item, form.arn);
                    for instance in reshape::list(item, "Instances") {
                        said.listen(instance, "");
                    }
                }
            }
        }
        *hint = hint.clone().or(said.hint());
        folders.entry(folder(path).to_owned()).or_default().extend(&said);
    }
    for (path, hint) in hints.iter_mut().filter(|(_, hint)| open(hint)) {
        if let Some(said) = folders.get(folder(path)) {
            *hint = hint.clone().or(said.hint());
        }
    }
    // A dump of one account, of which a region is empty.
    let mut all = hints.values().filter_map(|hint| hint.account.clone());
    let only = all.next().filter(|first| all.all(|other| other == *first));
    for hint in hints.values_mut().filter(|hint| hint.account.is_none()) {
        hint.account.clone_from(&only);
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// An answer within a document, and the name of the list that wraps it.
type Answer<'v> = (&'static Form, &'v Value, Option<&'v str>);

/// The answers in a document, and the calls between which nothing decides.
fn answers<'v>(document: &'v Value, path: &str) -> (Vec<Answer<'v>>, Vec<&'static str>) {
    match document {
        Value::Array(items) => {
            let (mut out, mut doubt) = (Vec::new(), Vec::new());
            for item in items.iter().filter(|item| item.is_object()) {
                let (more, open) = answers(item, path);
                out.extend(more);
                doubt.extend(open);
            }
            (out, doubt)
        }
        Value::Object(map) => {
            let forms = match recognise(document, path) {
                Found::Ambiguous(calls) => return (Vec::new(), calls),
                Found::Forms(forms) => forms,
                Found::Unknown => Vec::new(),
            };
            if !forms.is_empty() && !forms.iter().all(|form| matches!(form.read, Read::Wrapper)) {
                return (forms.iter().map(|form| (*form, document, None)).collect(), Vec::new());
            }
            let wrapped = wrapped(map, path);
            if wrapped.is_empty() {
                return (forms.iter().map(|form| (*form, document, None)).collect(), Vec::new());
            }
            (wrapped, Vec::new())
        }
        _ => (Vec::new(), Vec::new()),
    }
}

/// The answers in a list of answers, each with what it is about beside it.
fn wrapped<'v>(map: &'v serde_json::Map<String, Value>, path: &str) -> Vec<Answer<'v>> {
    // More members than an answer and an id or two: a resource of its own, not an answer.
    const MEMBERS_MAX: usize = 4;
    let mut out = Vec::new();
    for (name, value) in map {
        let items = value.as_array().into_iter().flatten();
        for item in
            items.filter(|item| item.as_object().is_some_and(|map| map.len() <= MEMBERS_MAX))
        {
            if let Found::Forms(forms) = recognise(item, path) {
                let told = forms.into_iter().filter(|form| {
                    let holds = member(item, form.key).and_then(|key| item.get(key));
                    holds.is_some_and(|value| value.is_array() || value.is_object())
                        && !matches!(form.read, Read::Ignore | Read::Wrapper)
                });
                out.extend(told.map(|form| (form, item, Some(name.as_str()))));
            }
        }
    }
    out
}

/// Lists that are asked for thing by thing, so that several in one file are no pages.
const PER_SUBJECT: [&str; 4] = ["AccessKeyMetadata", "Listeners", "OrganizationalUnits", "Rules"];

/// Why a list in a file is not all there is; whole when there is no reason.
struct Cut {
    form: &'static Form,
    why: Option<String>,
    place: Place,
}

/// An answer that waits until all lists are read.
struct Waiting {
    read: fn(&mut Scene<'_>, &Value),
    call: &'static str,
    answer: Value,
    place: Place,
    file: String,
    subject: Option<String>,
    wrapper: Option<String>,
}

struct Run {
    store: Store,
    later: Vec<Waiting>,
    files: Vec<FileReport>,
}

impl Run {
    fn file(&mut self, path: &str, hint: &Hint, subject: Option<String>, content: Content) {
        let mut report = FileReport {
            path: path.to_owned(),
            account: hint.account.clone(),
            region: hint.region.clone(),
            calls: Vec::new(),
        };
        match content {
            Content::Json(documents) => {
                self.documents(path, hint, subject.as_ref(), &documents, &mut report);
            }
            Content::Text(text) if text.trim_start().starts_with("user,arn,") => {
                if let Some(place) = self.place(path, hint, true) {
                    let mut scene =
                        scene(&mut self.store, &place, path, subject, "iam:GetCredentialReport");
                    iam::report(&mut scene, &text, None);
                    report.calls.push("iam:GetCredentialReport");
                }
            }
            other => report.calls = trouble::read(&mut self.store, path, hint, other),
        }
        self.files.push(report);
    }

    fn documents(
        &mut self,
        path: &str,
        hint: &Hint,
        subject: Option<&String>,
        documents: &[Value],
        report: &mut FileReport,
    ) {
        // Pages follow each other in one file: the last one says whether more follows. Answers about one thing each
        // are no pages, and neither are those in one list: there the worst counts.
        let mut cuts: BTreeMap<(&str, &str), Cut> = BTreeMap::new();
        for document in documents {
            let (found, doubt) = answers(document, path);
            if found.is_empty() {
                if trouble::empty_answer(&mut self.store, path, hint, document) {
                    continue;
                }
                self.store.notes.push(unrecognised(path, document, &doubt));
            }
            for (form, answer, wrapper) in found {
                report.calls.push(form.call);
                if matches!(form.read, Read::Ignore | Read::Wrapper) {
                    continue;
                }
                let global =
                    form.kinds.iter().all(|kind| {
                        kind_named(kind).is_some_and(|kind| kind.scope != Scope::Regional)
                    }) && (!form.kinds.is_empty() || is_global(form.call));
                let Some(place) = self.place(path, hint, global) else { break };
                self.answer(form, answer, wrapper, &place, path, subject.cloned());
                if !matches!(form.covers, Covers::Nothing) {
                    let pages = wrapper.is_none()
                        && document.is_object()
                        && !PER_SUBJECT.contains(&form.key);
                    let cut = Cut { form, why: cut_off(answer), place };
                    let key = (form.call, form.key);
                    if pages || cut.why.is_some() || !cuts.contains_key(&key) {
                        cuts.insert(key, cut);
                    }
                }
            }
        }
        report.calls.retain(|call| !call.is_empty());
        report.calls.sort_unstable();
        report.calls.dedup();
        for Cut { form, why, place } in cuts.into_values() {
            for kind in form.kinds {
                self.cover(kind, form, why.clone(), &place);
            }
        }
    }

    fn cover(&mut self, kind: &'static str, form: &Form, cut: Option<String>, place: &Place) {
        let (whole, part) = match form.covers {
            Covers::Whole => (true, None),
            Covers::Part(why) => (false, Some(why.to_owned())),
            Covers::Nothing => return,
        };
        let status = match (&cut, whole) {
            (None, true) => Completeness::Complete,
            _ => Completeness::Partial,
        };
        let reason = cut.or(part).map(|why| format!("{}: {why}", form.call));
        self.store.cover(kind, place, status, reason, whole);
    }

    fn answer(
        &mut self,
        form: &'static Form,
        answer: &Value,
        wrapper: Option<&str>,
        place: &Place,
        path: &str,
        subject: Option<String>,
    ) {
        match form.read {
            Read::Ignore | Read::Wrapper => {}
            Read::Later(read) => self.later.push(Waiting {
                read,
                call: form.call,
                answer: answer.clone(),
                place: place.clone(),
                file: path.to_owned(),
                subject,
                wrapper: wrapper.map(str::to_owned),
            }),
            Read::Answer(read) => {
                let mut scene = scene(&mut self.store, place, path, subject, form.call);
                scene.wrapper = wrapper.map(str::to_owned);
                read(&mut scene, answer);
            }
            Read::List(spec) => {
                let key = member(answer, form.key);
                let mut scene = scene(&mut self.store, place, path, subject, form.call);
                for item in key.map(|key| reshape::list(answer, key)).unwrap_or_default() {
                    scene.put(spec, item);
                }
            }
        }
    }

    /// The place of a file; a note when nothing tells it.
    fn place(&mut self, path: &str, hint: &Hint, global: bool) -> Option<Place> {
        let region = if global { Some(Region::global()) } else { hint.region.clone() };
        if let (Some(account), Some(region)) = (hint.account.clone(), region) {
            return Some(Place { account, region });
        }
        let what = if hint.account.is_none() { "account" } else { "region" };
        let note = Diagnostic::error(
            "aws-json/no-place",
            format!("{path}: nothing says which {what} it is from"),
        )
        .help(
            "put it into a folder named after account and region (111122223333/eu-west-1), write a \
                 portcullis-dump.yaml, or give --account and --region",
        );
        self.store.notes.push(note);
        None
    }

    fn finish(mut self, sink: &mut dyn FnMut(Resource)) -> Summary {
        let store = &mut self.store;
        for waiting in std::mem::take(&mut self.later) {
            let Waiting { read, call, answer, place, file, subject, wrapper } = waiting;
            let mut scene = Scene { store, place, file: &file, subject, wrapper, call };
            read(&mut scene, &answer);
        }
        vpc::name_rules(store);
        transit::complete(store);
        elb::complete(store);
        managed::complete(store);
        front_doors::complete(store);
        guarded::complete(store);
        workloads::complete(store);
        identity_center::complete(store);
        iam::complete(store);
        organizations::complete(store);
        account::complete(store);
        ec2::drop_foreign_images(store);
        store.note_strangers();
        orphans(store);
        let mut counts = BTreeMap::new();
        for (key, draft) in std::mem::take(&mut store.drafts) {
            if !draft.listed {
                continue;
            }
            match store.finish(&key, &draft) {
                Ok(resource) => {
                    *counts.entry((key.account, key.region, key.kind)).or_insert(0_u64) += 1;
                    sink(resource);
                }
                Err(why) => {
                    let message =
                        format!("{}: {} {} is left out: {why}", draft.file, key.kind, key.id);
                    store.notes.push(Diagnostic::error("aws-json/not-understood", message));
                    let place = Place { account: key.account, region: key.region };
                    let reason = format!("{} was not understood", key.id);
                    store.cover(key.kind, &place, Completeness::Partial, Some(reason), true);
                }
            }
        }
        let coverage = store.coverage(&counts);
        Summary { coverage, files: self.files, notes: self.store.notes }
    }
}

fn scene<'a>(
    store: &'a mut Store,
    place: &Place,
    file: &'a str,
    subject: Option<String>,
    call: &'static str,
) -> Scene<'a> {
    Scene { store, place: place.clone(), file, subject, wrapper: None, call }
}

/// A member in whatever spelling.
fn member<'v>(answer: &'v Value, key: &str) -> Option<&'v str> {
    let wanted = reshape::plain(key);
    answer.as_object()?.keys().find(|have| reshape::plain(have) == wanted).map(String::as_str)
}

/// Services without regions, for answers that are about parts of resources.
fn is_global(call: &str) -> bool {
    const GLOBAL: [&str; 10] = [
        "iam:",
        "organizations:",
        "account:",
        "sts:",
        "globalaccelerator:",
        "cloudfront:",
        "s3:",
        "s3control:",
        "sso:",
        "identitystore:",
    ];
    GLOBAL.iter().any(|service| call.starts_with(service))
}

fn unrecognised(path: &str, document: &Value, doubt: &[&'static str]) -> Diagnostic {
    if !doubt.is_empty() {
        let calls = doubt.join(" or ");
        let message = format!("{path}: this empty answer may be of {calls}, and is left out");
        return Diagnostic::warning("aws-json/ambiguous", message)
            .help("name the file after the command, such as organizations-list-policies.json");
    }
    let keys: Vec<&str> = document
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys().take(5))
        .map(String::as_str)
        .collect();
    let what = match document {
        Value::Object(_) if keys.is_empty() => "an empty object".to_owned(),
        Value::Object(_) => {
            let list = keys.join("`, `");
            format!("an object with `{}`", list.chars().take(200).collect::<String>())
        }
        Value::Array(_) => "a list".to_owned(),
        _ => "a bare value".to_owned(),
    };
    Diagnostic::warning(
        "aws-json/unrecognised",
        format!("{path}: {what} is no answer that is known here"),
    )
    .help("print whole answers, without --query, in JSON")
}

/// Notes what was said of things that no list names.
fn orphans(store: &mut Store) {
    let mut lost: BTreeMap<(String, &'static str), u64> = BTreeMap::new();
    for (key, draft) in store.drafts.iter().filter(|(_, draft)| !draft.listed) {
        *lost.entry((draft.file.clone(), key.kind)).or_default() += 1;
    }
    for ((file, kind), count) in lost {
        let message =
            format!("{file}: it speaks of {count} {kind} that no answer lists, which are left out");
        store.note("aws-json/orphan", message);
    }
}
