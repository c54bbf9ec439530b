//! When users and roles last used each service: reports that the server of the tests does not know.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use portcullis::model::Completeness;
use serde_json::{Value, json};

use super::{collect, options, plan};
use crate::moto::{Fault, Moto, Proxy};

const JOB: &str = "<GenerateServiceLastAccessedDetailsResponse><GenerateServiceLastAccessedDetailsResult>\
    <JobId>job-1</JobId></GenerateServiceLastAccessedDetailsResult></GenerateServiceLastAccessedDetailsResponse>";

const WORKING: &str = "<GetServiceLastAccessedDetailsResponse><GetServiceLastAccessedDetailsResult>\
    <JobStatus>IN_PROGRESS</JobStatus><JobCreationDate>2026-01-01T00:00:00Z</JobCreationDate>\
    </GetServiceLastAccessedDetailsResult></GetServiceLastAccessedDetailsResponse>";

const DONE: &str = "<GetServiceLastAccessedDetailsResponse><GetServiceLastAccessedDetailsResult>\
    <JobStatus>COMPLETED</JobStatus><JobCreationDate>2026-01-01T00:00:00Z</JobCreationDate>\
    <JobCompletionDate>2026-01-01T00:00:05Z</JobCompletionDate><IsTruncated>false</IsTruncated>\
    <ServicesLastAccessed>\
    <member><ServiceName>S3</ServiceName><ServiceNamespace>s3</ServiceNamespace>\
    <LastAuthenticated>2025-12-24T08:00:00Z</LastAuthenticated><LastAuthenticatedRegion>eu-west-1</LastAuthenticatedRegion>\
    <TrackedActionsLastAccessed><member><ActionName>CreateBucket</ActionName></member></TrackedActionsLastAccessed></member>\
    <member><ServiceName>KMS</ServiceName><ServiceNamespace>kms</ServiceNamespace></member>\
    </ServicesLastAccessed></GetServiceLastAccessedDetailsResult></GetServiceLastAccessedDetailsResponse>";

#[test]
fn reports_of_last_use_are_waited_for() {
    let moto = Moto::start();
    moto.seed("world");
    let looks = AtomicU32::new(0);
    let proxy = Proxy::start(&moto, move |operation, request| match operation {
        "GenerateServiceLastAccessedDetails" if request.contains("user%2Falice") => {
            Some(Fault::Answer(JOB))
        }
        "GenerateServiceLastAccessedDetails" => Some(Fault::Denied),
        "GetServiceLastAccessedDetails" => match looks.fetch_add(1, Ordering::Relaxed) {
            0 => Some(Fault::Answer(WORKING)),
            _ => Some(Fault::Answer(DONE)),
        },
        _ => None,
    });
    let mut plan = plan(&["aws.iam."]);
    let without = collect(&options(proxy.endpoint()), &plan);
    let unasked = without.json("aws.iam.user", "alice");
    assert!(unasked.get("services_last_accessed").is_none(), "{unasked:#}");

    plan.want_last_accessed();
    let found = collect(&options(proxy.endpoint()), &plan);
    let alice = found.json("aws.iam.user", "alice");
    assert_eq!(alice["services_last_accessed_date"], "2026-01-01T00:00:05Z", "{alice:#}");
    assert_eq!(
        alice["services_last_accessed"],
        json!([
            {
                "service_namespace": "s3",
                "last_authenticated": "2025-12-24T08:00:00Z",
                "last_authenticated_region": "eu-west-1",
                "tracked_actions_last_accessed": [
                    {"action_name": "CreateBucket", "last_accessed_time": null, "last_accessed_region": null},
                ],
            },
            {
                "service_namespace": "kms",
                "last_authenticated": null,
                "last_authenticated_region": null,
                "tracked_actions_last_accessed": null,
            },
        ])
    );
    // Who could not be asked about is there nevertheless.
    let role = found.json("aws.iam.role", "deploy");
    assert_eq!(role["services_last_accessed"]["$unknown"]["kind"], "denied", "{role:#}");
    assert_ne!(role["role_id"], Value::Null);
    assert_eq!(found.ids("aws.iam.role"), without.ids("aws.iam.role"));
    assert_eq!(found.status("aws.iam.role"), BTreeSet::from([Completeness::Complete]));
}
