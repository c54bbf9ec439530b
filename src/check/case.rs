//! The cases a check carries: small worlds with a known outcome.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::raw::{Expect, RawCase};
use super::{Check, Param};
use crate::analyze::overview::Declared;
use crate::analyze::{self, Context, Environments, Gathering};
use crate::clock::Time;
use crate::diag::{Diagnostic, Diagnostics, nearest};
use crate::expr;
use crate::finding::Outcome;
use crate::ident::{AccountId, Region};
use crate::model::kinds::{Scope, kind_named};
use crate::model::policy::PolicyDocument;
use crate::model::resource::ENVELOPE;
use crate::model::{
    Attr, Completeness, Coverage, CoverageEntry, Index, KINDS, Kind, Meta, Origin, Resource,
};
use crate::span::SourceFile;
use crate::yaml::Spanned;

/// The account of resources in cases that name none.
const ACCOUNT: &str = "111111111111";
/// The region of resources in cases that name none.
const REGION: &str = "eu-west-1";
/// The clock of cases that set none: 2026-01-01T00:00:00Z.
const CLOCK_SECONDS: i64 = 1_767_225_600;

/// A small world with a known outcome.
#[derive(Debug)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// What must come out.
    pub expect: Outcome,
    /// Where it stands in the file.
    pub range: std::ops::Range<usize>,
    given: Resource,
    related: Vec<Resource>,
    gaps: Vec<&'static Kind>,
    params: BTreeMap<String, Json>,
    at: Timestamp,
}

/// What came out of a case.
#[derive(Debug)]
pub struct CaseReport {
    /// The case's name.
    pub name: String,
    /// What must come out.
    pub expect: Outcome,
    /// What came out.
    pub outcome: Outcome,
    /// What was said: the first offender's message, or why it is unknown.
    pub detail: Option<String>,
}

impl CaseReport {
    /// Whether what came out is what must.
    pub fn agrees(&self) -> bool {
        self.expect == self.outcome
    }
}

impl Check {
    /// Runs a case of this check.
    ///
    /// # Errors
    /// When a parameter of the case does not fit.
    pub fn run_case(&self, case: &Case) -> Result<CaseReport, String> {
        let setting = self.setting(|name| case.params.get(name))?;
        let mut relations = analyze::relations();
        relations.extend(self.relations());
        let mut world = case.related.clone();
        world.push(case.given.clone());
        let coverage = case.coverage(&world);
        let mut index = Index::build(world, coverage, &relations);
        let environments = Environments::default();
        let mut gathering = Gathering::new(self.needs(), &environments);
        index.resources().iter().for_each(|resource| gathering.add(resource));
        let overview =
            gathering.finish(&Context::new(&index, &environments, case.at), &Declared::default());
        analyze::derive_all(&mut index, &environments, case.at, &overview);
        let mut given = case.given.clone();
        let context = Context::new(&index, &environments, case.at).with_overview(&overview);
        analyze::derive(&mut given, &context);
        let verdict = self.evaluate(&given, &setting, case.at, &index);
        let detail = verdict.offenders.first().map(|o| o.message.clone()).or(verdict.cause);
        Ok(CaseReport {
            name: case.name.clone(),
            expect: case.expect,
            outcome: verdict.outcome,
            detail,
        })
    }
}

impl Case {
    /// Everything was collected where the case plays, but for the gaps.
    fn coverage(&self, world: &[Resource]) -> Coverage {
        let global = Region::global();
        let accounts: BTreeSet<&AccountId> = world.iter().map(|r| &r.meta.account).collect();
        let regions: BTreeSet<&Region> =
            world.iter().map(|r| &r.meta.region).filter(|r| !r.is_global()).collect();
        let home = Region::new(REGION).unwrap_or_else(|_| Region::global());
        let regions = if regions.is_empty() { BTreeSet::from([&home]) } else { regions };
        let mut coverage = Coverage::default();
        for kind in KINDS {
            let places: Vec<&Region> = match kind.scope {
                Scope::Organization | Scope::Global => vec![&global],
                Scope::Regional => regions.iter().copied().collect(),
            };
            let gap = self.gaps.iter().any(|gap| gap.name == kind.name);
            for (account, region) in
                accounts.iter().flat_map(|a| places.iter().map(move |r| (*a, *r)))
            {
                coverage.add(CoverageEntry {
                    source: "case".to_owned(),
                    account: account.clone(),
                    region: region.clone(),
                    kind: kind.name.to_owned(),
                    status: if gap { Completeness::Denied } else { Completeness::Complete },
                    reason: None,
                    count: 0,
                });
            }
        }
        coverage
    }
}

pub(super) fn lower(
    file: &SourceFile,
    kind: &'static Kind,
    params: &[Param],
    raw: RawCase,
    diagnostics: &mut Diagnostics,
) -> Option<Case> {
    let given = resource(file, Some(kind), "given", &raw.given, diagnostics);
    let related: Vec<_> = raw
        .related
        .iter()
        .enumerate()
        .filter_map(|(at, item)| resource(file, None, &format!("related-{at}"), item, diagnostics))
        .collect();
    let mut gaps = Vec::new();
    for gap in &raw.gaps {
        match kind_named(&gap.value) {
            Some(kind) => gaps.push(kind),
            None => diagnostics.push(unknown_type(file, &gap.value, gap.range.clone())),
        }
    }
    for (name, value) in &raw.params {
        let wrong = match params.iter().find(|p| p.name == *name) {
            None => Some(format!("the check has no parameter `{name}`")),
            Some(param) => expr::value_from_json(&param.ty, &value.value)
                .err()
                .map(|why| format!("`{name}` is no {}: {why}", param.ty)),
        };
        if let Some(message) = wrong {
            diagnostics
                .push(Diagnostic::error("check/case-param", message).at(file, value.range.clone()));
        }
    }
    let clock = raw.at.or_else(|| Time::from_seconds(CLOCK_SECONDS))?;
    Some(Case {
        name: raw.name.value,
        expect: match raw.expect {
            Expect::Pass => Outcome::Pass,
            Expect::Fail => Outcome::Fail,
            Expect::Unknown => Outcome::Unknown,
            Expect::NotApplicable => Outcome::NotApplicable,
        },
        range: raw.name.range,
        given: given?,
        related,
        gaps,
        params: raw.params.into_iter().map(|(name, value)| (name, value.value)).collect(),
        at: clock.0,
    })
}

fn unknown_type(file: &SourceFile, name: &str, range: std::ops::Range<usize>) -> Diagnostic {
    let diagnostic = Diagnostic::error("check/unknown-type", format!("no resource type `{name}`"))
        .at(file, range);
    match nearest(name, KINDS.iter().map(|kind| kind.name)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    }
}

/// A resource from its envelope and attributes side by side.
fn resource(
    file: &SourceFile,
    kind: Option<&'static Kind>,
    id: &str,
    written: &Spanned<Json>,
    diagnostics: &mut Diagnostics,
) -> Option<Resource> {
    let mut wrong = |message: String| {
        diagnostics.push(
            Diagnostic::error("check/case-resource", message).at(file, written.range.clone()),
        );
        None::<Resource>
    };
    let Json::Object(map) = written.value.clone() else {
        return wrong("a resource in a case is a mapping".to_owned());
    };
    let (mut envelope, data): (Map<_, _>, Map<_, _>) =
        map.into_iter().partition(|(key, _)| ENVELOPE.slot(key).is_some());
    let named = envelope.remove("type").and_then(|value| value.as_str().map(str::to_owned));
    let Some(kind) = kind.or_else(|| named.as_deref().and_then(kind_named)) else {
        return match named {
            Some(name) => {
                diagnostics.push(unknown_type(file, &name, written.range.clone()));
                None
            }
            None => wrong("a related resource needs its `type`".to_owned()),
        };
    };
    let data = match (kind.from_json)(with_documents(Json::Object(data))) {
        Ok(data) => data,
        Err(error) => return wrong(format!("this is no {}: {error}", kind.name)),
    };
    match meta(kind, id, envelope) {
        Ok(meta) => Some(Resource { meta, data }),
        Err(message) => wrong(message),
    }
}

fn meta(kind: &Kind, id: &str, mut envelope: Map<String, Json>) -> Result<Meta, String> {
    let mut text = |key: &str| match envelope.remove(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("`{key}` is a text, not {other}")),
    };
    let home = match kind.scope {
        Scope::Organization | Scope::Global => Region::GLOBAL,
        Scope::Regional => REGION,
    };
    let account = text("account")?.unwrap_or_else(|| ACCOUNT.to_owned());
    let region = text("region")?.unwrap_or_else(|| home.to_owned());
    let id = text("id")?.unwrap_or_else(|| id.to_owned());
    let arn = text("arn")?;
    let name = text("name")?;
    Ok(Meta {
        id,
        account: AccountId::new(&account).map_err(|e| e.to_string())?,
        region: Region::new(&region).map_err(|e| e.to_string())?,
        arn,
        name,
        tags: attr(envelope.remove("tags"))?,
        environment: attr(envelope.remove("environment"))?,
        origin: Origin::Case,
    })
}

fn attr<T: serde::de::DeserializeOwned>(value: Option<Json>) -> Result<Attr<T>, String> {
    value.map_or_else(
        || Ok(Attr::default()),
        |json| serde_json::from_value(json).map_err(|e| e.to_string()),
    )
}

/// Policy documents as IAM writes them, anywhere in a value, in the model's form.
fn with_documents(value: Json) -> Json {
    match value {
        Json::Object(map) if map.contains_key("Statement") => {
            let document: Attr<PolicyDocument> = PolicyDocument::from_json(&Json::Object(map));
            serde_json::to_value(document).unwrap_or_default()
        }
        Json::Object(map) => {
            Json::Object(map.into_iter().map(|(key, value)| (key, with_documents(value))).collect())
        }
        Json::Array(list) => Json::Array(list.into_iter().map(with_documents).collect()),
        other => other,
    }
}
