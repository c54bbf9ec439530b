//! What an assessment makes of an inventory that says less than it seems to.

use portcullis::analyze::Environments;
use portcullis::assess::{Assessment, Plan, assess};
use portcullis::check::Suite;
use portcullis::clock::{self, Time};
use portcullis::diag::Diagnostics;
use portcullis::ident::{AccountId, Region};
use portcullis::model::iam_account::AccountSummary;
use portcullis::model::snapshot::{Limits, Reader, Writer};
use portcullis::model::{Attr, Completeness, CoverageEntry, Data, Meta, Origin, Resource, vpc};
use portcullis::waiver::Waivers;

fn resource(account: &str, region: &str, data: impl Into<Data>) -> Resource {
    Resource {
        meta: Meta {
            id: "it".to_owned(),
            account: AccountId::new(account).unwrap(),
            region: Region::new(region).unwrap(),
            arn: None,
            name: None,
            tags: Attr::Known([].into()),
            environment: Attr::default(),
            origin: Origin::Aws,
        },
        data: data.into(),
    }
}

fn complete(account: &str, region: &str, kind: &str) -> CoverageEntry {
    CoverageEntry {
        source: "aws".to_owned(),
        account: AccountId::new(account).unwrap(),
        region: Region::new(region).unwrap(),
        kind: kind.to_owned(),
        status: Completeness::Complete,
        reason: None,
        count: 0,
    }
}

fn assessed(resources: &[Resource], coverage: &[CoverageEntry]) -> Assessment {
    let mut writer = Writer::new(Vec::new(), Time::default(), Vec::new()).unwrap();
    for resource in resources {
        writer.resource(resource).unwrap();
    }
    for entry in coverage {
        writer.coverage(entry).unwrap();
    }
    let bytes = writer.finish().unwrap();
    let suite = Suite::builtin(&mut Diagnostics::default());
    let (environments, waivers) = (Environments::default(), Waivers::default());
    let now = clock::parse("2026-01-01").unwrap();
    let plan = Plan::defaults(&suite, &environments, &waivers, now).unwrap();
    let open = || Reader::new("test", bytes.as_slice(), Limits::default());
    assess(&plan, "test", open).unwrap()
}

/// Account and region of every place that a check could not look at.
fn undetermined(assessment: &Assessment, check: &str) -> Vec<String> {
    let result = assessment.checks.iter().find(|result| result.id == check).unwrap();
    result.undetermined.iter().map(|gap| format!("{} {}", gap.account, gap.region)).collect()
}

#[test]
fn a_place_without_coverage_is_not_complete() {
    let vpc = || vpc::Vpc { is_default: Attr::Known(false), ..vpc::Vpc::default() };
    let resources = [
        resource("111122223333", "eu-west-1", vpc()),
        resource("111122223333", "eu-west-2", vpc()),
        resource("444455556666", "eu-west-1", vpc()),
    ];
    let found = assessed(&resources, &[complete("111122223333", "eu-west-1", "aws.ec2.vpc")]);
    assert_eq!(
        undetermined(&found, "ec2-vpc-default-unused"),
        ["111122223333 eu-west-2", "444455556666 eu-west-1"]
    );
}

#[test]
fn what_is_always_there_cannot_be_missing() {
    let cover = [complete("111122223333", "global", "aws.iam.account_summary")];
    let found = assessed(&[], &cover);
    assert_eq!(undetermined(&found, "iam-root-mfa"), ["111122223333 global"]);
    let summary =
        AccountSummary { account_mfa_enabled: Attr::Known(true), ..AccountSummary::default() };
    let found = assessed(&[resource("111122223333", "global", summary)], &cover);
    assert_eq!(undetermined(&found, "iam-root-mfa"), [""; 0]);
}
