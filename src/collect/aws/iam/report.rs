//! The credentials report: made on demand, then fetched.

use std::time::Duration;

use aws_sdk_iam::types::ReportStateType;

use super::super::cell::Cell;
use super::super::convert::moment;
use super::super::failure::{Class, Failure};
use crate::collect::normal;
use crate::model::iam_account::CredentialReportRow;

/// The lines of a report with the ARN of each.
pub(super) type ReportRows = Vec<(String, CredentialReportRow)>;

/// How long to wait between two looks: IAM takes seconds for most accounts, and hands out what is younger than four
/// hours at once. A minute and a half in all.
const WAITS_MS: [u64; 12] =
    [200, 500, 1000, 2000, 3000, 5000, 8000, 10_000, 15_000, 15_000, 15_000, 15_000];

/// Codes of a report that is not there yet.
const NOT_YET: [&str; 3] = ["ReportNotPresent", "ReportInProgress", "ReportExpired"];

pub(super) async fn credential_report(cell: &Cell) -> Result<ReportRows, Failure> {
    let mut waits = WAITS_MS.iter();
    loop {
        let request = cell.clients.iam().generate_credential_report();
        let answer = cell.call("iam:GenerateCredentialReport", request.send()).await?;
        if answer.state == Some(ReportStateType::Complete)
            && let Some(rows) = fetch(cell).await?
        {
            return Ok(rows);
        }
        let Some(wait) = waits.next() else {
            let why = "the report was not made in time";
            return Err(Failure::plain(Class::TimedOut, "iam:GenerateCredentialReport", why));
        };
        tokio::select! {
            reason = cell.stop.wait() => {
                return Err(Failure::plain(Class::Cancelled, "iam:GenerateCredentialReport", reason));
            }
            () = tokio::time::sleep(Duration::from_millis(*wait)) => {}
        }
    }
}

async fn fetch(cell: &Cell) -> Result<Option<ReportRows>, Failure> {
    let operation = "iam:GetCredentialReport";
    let request = cell.clients.iam().get_credential_report();
    let answer = match cell.call("iam:GetCredentialReport", request.send()).await {
        Ok(answer) => answer,
        Err(failure) if failure.code.as_deref().is_some_and(|code| NOT_YET.contains(&code)) => {
            return Ok(None);
        }
        Err(failure) => return Err(failure),
    };
    let content = answer.content.map(aws_smithy_types::Blob::into_inner).unwrap_or_default();
    let text = String::from_utf8(content)
        .map_err(|_| Failure::plain(Class::Refused, operation, "the report is no text"))?;
    let rows = normal::credential_report(&text, answer.generated_time.and_then(moment))
        .map_err(|why| Failure::plain(Class::Refused, operation, why))?;
    Ok(Some(rows))
}
