//! Which account and region a file is from.
//!
//! In this order: the manifest, the folders (`…/<12 digits>/<region>/file.json`), the options, what the answer itself
//! says when it says one thing only, and what the other files of the folder are from, when they are from one place.

use std::collections::BTreeSet;
use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::DumpError;
use crate::diag::{Diagnostic, Diagnostics};
use crate::ident::{AccountId, Arn, Region};
use crate::yaml::{self, Spanned};

/// The names a manifest may have, in the folder itself.
pub(super) const MANIFESTS: [&str; 3] =
    ["portcullis-dump.yaml", "portcullis-dump.yml", "portcullis-dump.json"];

/// What is known of a file's place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hint {
    pub(super) account: Option<AccountId>,
    pub(super) region: Option<Region>,
}

impl Hint {
    /// This hint, and where it is silent the other.
    pub(super) fn or(self, other: Self) -> Self {
        Self { account: self.account.or(other.account), region: self.region.or(other.region) }
    }
}

/// The manifest of a folder.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    base: Hint,
    files: Vec<(GlobMatcher, Hint, Option<String>)>,
}

/// Where the files of a dump are from.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Portcullis dump manifest")]
struct RawManifest {
    /// The version of this file format: 1.
    version: Spanned<u32>,
    /// The account of files for which nothing else is written here.
    #[serde(default)]
    account: Option<Spanned<String>>,
    /// The region of files for which nothing else is written here.
    #[serde(default)]
    region: Option<Spanned<String>>,
    /// What holds for some files; of several entries that match, the first that says something decides.
    #[serde(default)]
    files: Vec<RawFiles>,
}

/// What holds for some files.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawFiles {
    /// Their path below the folder; `*` stands for anything but `/`, `**` for anything.
    path: Spanned<String>,
    /// Their account.
    #[serde(default)]
    account: Option<Spanned<String>>,
    /// Their region.
    #[serde(default)]
    region: Option<Spanned<String>>,
    /// The id or ARN of what their answer is about, where the answer does not name it.
    #[serde(default)]
    subject: Option<String>,
}

/// The JSON Schema of manifests.
pub(super) fn schema() -> serde_json::Value {
    schemars::schema_for!(RawManifest).to_value()
}

impl Manifest {
    /// Reads the manifest of a folder; an empty one when there is none.
    pub(super) fn load(root: &Path) -> Result<Self, DumpError> {
        let Some(path) = MANIFESTS.iter().map(|name| root.join(name)).find(|path| path.is_file())
        else {
            return Ok(Self::default());
        };
        let shown = path.display().to_string();
        let mut problems = Diagnostics::default();
        let bytes =
            std::fs::read(&path).map_err(|source| DumpError::Io { path: shown.clone(), source })?;
        let manifest = yaml::source(&shown, &bytes, &mut problems)
            .and_then(|file| {
                let raw = yaml::read::<RawManifest>(&file, &mut problems)?;
                Some(lower(&raw, &file, &mut problems))
            })
            .filter(|_| !problems.has_errors());
        manifest.ok_or_else(|| DumpError::Manifest(Box::new(problems)))
    }

    /// What the manifest says of a file: its place, and what its answer is about.
    pub(super) fn of(&self, path: &str) -> (Hint, Option<String>) {
        let mut hint = Hint::default();
        let mut subject = None;
        for (glob, says, about) in self.files.iter().filter(|(glob, _, _)| glob.is_match(path)) {
            let _ = glob;
            hint = hint.or(says.clone());
            subject = subject.or_else(|| about.clone());
        }
        (hint.or(self.base.clone()), subject)
    }
}

fn lower(
    raw: &RawManifest,
    file: &crate::span::SourceFile,
    problems: &mut Diagnostics,
) -> Manifest {
    if raw.version.value != 1 {
        let message = format!("version {} is not known here", raw.version.value);
        let problem = Diagnostic::error("aws-json/version", message);
        problems.push(problem.at(file, raw.version.range.clone()).help("write `version: 1`"));
    }
    let mut hint = |account: &Option<Spanned<String>>, region: &Option<Spanned<String>>| {
        let mut bad = |range: &std::ops::Range<usize>, why: String| {
            problems.push(Diagnostic::error("aws-json/manifest", why).at(file, range.clone()));
        };
        let mut out = Hint::default();
        if let Some(text) = account {
            match AccountId::new(text) {
                Ok(account) => out.account = Some(account),
                Err(error) => bad(&text.range, error.to_string()),
            }
        }
        if let Some(text) = region {
            match Region::new(text) {
                Ok(region) => out.region = Some(region),
                Err(error) => bad(&text.range, error.to_string()),
            }
        }
        out
    };
    let base = hint(&raw.account, &raw.region);
    let hints: Vec<Hint> = raw.files.iter().map(|f| hint(&f.account, &f.region)).collect();
    let mut files = Vec::new();
    for (entry, hint) in raw.files.iter().zip(hints) {
        match GlobBuilder::new(&entry.path).literal_separator(true).build() {
            Ok(glob) => files.push((glob.compile_matcher(), hint, entry.subject.clone())),
            Err(error) => {
                let problem = Diagnostic::error("aws-json/manifest", error.kind().to_string());
                problems.push(problem.at(file, entry.path.range.clone()));
            }
        }
    }
    Manifest { base, files }
}

/// What a path says: the last folder of 12 digits, and the last that is a region.
pub(super) fn from_path(path: &str) -> Hint {
    let mut hint = Hint::default();
    for part in path.split('/') {
        // Files may be named after their place, too: `111122223333_eu-west-1_vpcs.json`.
        for word in part.split(['_', '.', '@', '+', '=']) {
            let digits = word.strip_prefix("account-").unwrap_or(word);
            if let Ok(account) = AccountId::new(digits) {
                hint.account = Some(account);
            } else if is_region(word) {
                hint.region = Region::new(word).ok();
            }
        }
        if part == Region::GLOBAL {
            hint.region = Some(Region::global());
        }
    }
    hint
}

/// Whether a word is a region code: an area, a direction, a number.
fn is_region(word: &str) -> bool {
    const DIRECTIONS: [&str; 9] = [
        "north",
        "south",
        "east",
        "west",
        "central",
        "northeast",
        "northwest",
        "southeast",
        "southwest",
    ];
    let mut parts = word.rsplit('-');
    let number =
        parts.next().is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()));
    let direction = parts.next().is_some_and(|d| DIRECTIONS.contains(&d));
    let area: Vec<&str> = parts.collect();
    let letters = |part: &&str| part.bytes().all(|b| b.is_ascii_lowercase()) && part.len() <= 4;
    number
        && direction
        && (1..=2).contains(&area.len())
        && area.iter().all(letters)
        && area.last().is_some_and(|first| first.len() == 2 || *first == "eusc")
}

/// What answers say of themselves, gathered over a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    pub(super) accounts: BTreeSet<AccountId>,
    pub(super) regions: BTreeSet<Region>,
}

impl Said {
    /// What is said, where one thing only is said.
    pub(super) fn hint(&self) -> Hint {
        let only = |n: usize| n == 1;
        Hint {
            account: self.accounts.first().filter(|_| only(self.accounts.len())).cloned(),
            region: self.regions.first().filter(|_| only(self.regions.len())).cloned(),
        }
    }

    /// Adds another file's sayings.
    pub(super) fn extend(&mut self, other: &Self) {
        self.accounts.extend(other.accounts.iter().cloned());
        self.regions.extend(other.regions.iter().cloned());
    }

    /// Listens to an item of an answer: its owner, its own ARN, its zone.
    pub(super) fn listen(&mut self, item: &Value, arn_member: &str) {
        const OWNERS: [&str; 3] = ["OwnerId", "AwsAccountId", "Account"];
        for key in OWNERS {
            let owner = item.get(key).and_then(Value::as_str).and_then(|t| AccountId::new(t).ok());
            self.accounts.extend(owner);
        }
        let region =
            item.get("AwsRegion").and_then(Value::as_str).and_then(|t| Region::new(t).ok());
        self.regions.extend(region);
        if let Some(arn) =
            super::reshape::text(item, arn_member).and_then(|text| Arn::new(&text).ok())
        {
            self.accounts.extend(arn.account());
            self.regions.extend(arn.region());
        }
        let zone = super::reshape::text(item, "AvailabilityZone|Placement.AvailabilityZone");
        self.regions.extend(zone.and_then(|zone| region_of_zone(&zone)));
    }
}

/// The region of a zone: `eu-west-1a`, `us-west-2-lax-1a`, `us-east-1-wl1-bos-wlz-1`.
fn region_of_zone(zone: &str) -> Option<Region> {
    let parts: Vec<&str> = zone.split('-').collect();
    let at = parts.iter().position(|part| part.starts_with(|c: char| c.is_ascii_digit()))?;
    let number: String = parts.get(at)?.chars().take_while(char::is_ascii_digit).collect();
    let head = parts.get(..at)?.join("-");
    let code = format!("{head}-{number}");
    is_region(&code).then(|| Region::new(&code).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(account: Option<&str>, region: Option<&str>) -> Hint {
        Hint {
            account: account.map(|a| AccountId::new(a).unwrap()),
            region: region.map(|r| Region::new(r).unwrap()),
        }
    }

    #[test]
    fn paths_tell() {
        let here = hint(Some("111122223333"), Some("eu-west-1"));
        assert_eq!(from_path("aws/111122223333/eu-west-1/Vpcs.json"), here);
        assert_eq!(from_path("111122223333_eu-west-1_vpcs.json"), here);
        assert_eq!(from_path("us-gov-west-1/x.json"), hint(None, Some("us-gov-west-1")));
        assert_eq!(from_path("my-files-1/describe-vpcs.json"), Hint::default());
        assert_eq!(from_path("111122223333/global/x.json").region, Some(Region::global()));
    }

    #[test]
    fn zones_tell_their_region() {
        for (zone, region) in [
            ("eu-west-1a", "eu-west-1"),
            ("us-west-2-lax-1a", "us-west-2"),
            ("us-east-1-wl1-bos-wlz-1", "us-east-1"),
            ("us-gov-east-1b", "us-gov-east-1"),
        ] {
            assert_eq!(region_of_zone(zone).unwrap().as_str(), region);
        }
        assert_eq!(region_of_zone("moon"), None);
    }
}
