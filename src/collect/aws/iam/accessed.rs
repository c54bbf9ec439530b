//! When users and roles last used each service: a report for each of them, made on demand, then fetched.
//!
//! It costs two calls and more for each user and role, and is asked for only when somebody wants it by name.

use std::time::Duration;

use aws_sdk_iam::types as sdk;
use aws_sdk_iam::types::{AccessAdvisorUsageGranularityType, JobStatusType};
use futures_util::stream::{self, StreamExt as _};

use super::super::cell::Cell;
use super::super::convert::{must, time};
use super::super::failure::{Class, Failure};
use super::{PAGE, ROLE, USER};
use crate::clock::Time;
use crate::collect::services::LAST_USE;
use crate::model::attr::Attr;
use crate::model::iam::{ActionLastAccessed, ServiceLastAccessed};
use crate::model::kinds::Data;
use crate::model::resource::Meta;

/// Reports under way at the same time.
const AT_ONCE: usize = 16;

/// How long to wait between two looks at a report; most take a second or two. A minute in all.
const WAITS_MS: [u64; 9] = [300, 700, 1000, 2000, 4000, 8000, 12_000, 16_000, 16_000];

const GET: &str = "iam:GetServiceLastAccessedDetails";

/// Where users and roles go: on at once, or after their report was read.
#[derive(Default)]
pub(super) struct Out {
    users: bool,
    roles: bool,
    held: Vec<(Meta, Data)>,
}

impl Out {
    pub(super) fn new(cell: &Cell) -> Self {
        Self {
            users: cell.plan.wants_fields(USER, LAST_USE),
            roles: cell.plan.wants_fields(ROLE, LAST_USE),
            held: Vec::new(),
        }
    }

    pub(super) async fn put(&mut self, cell: &Cell, meta: Meta, data: impl Into<Data>) {
        let data = data.into();
        let held = match data {
            Data::IamUser(_) => self.users,
            Data::IamRole(_) => self.roles,
            _ => false,
        };
        if held && meta.arn.is_some() {
            self.held.push((meta, data));
        } else {
            cell.emit(meta, data).await;
        }
    }

    /// Asks for the reports of those that were held back, and hands them on.
    pub(super) async fn finish(self, cell: &Cell) {
        let ask = |(meta, mut data): (Meta, Data)| async move {
            let report = report(cell, meta.arn.as_deref().unwrap_or_default()).await;
            let (services, date) = match report {
                Ok((services, date)) => (Attr::Known(services), Attr::Known(date)),
                Err(failure) => (failure.unknown(), failure.unknown()),
            };
            match &mut data {
                Data::IamUser(user) => {
                    user.services_last_accessed = services;
                    user.services_last_accessed_date = date;
                }
                Data::IamRole(role) => {
                    role.services_last_accessed = services;
                    role.services_last_accessed_date = date;
                }
                _ => {}
            }
            cell.emit(meta, data).await;
        };
        stream::iter(self.held).map(ask).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    }
}

type Report = (Vec<ServiceLastAccessed>, Option<Time>);

async fn report(cell: &Cell, arn: &str) -> Result<Report, Failure> {
    let request = cell.clients.iam().generate_service_last_accessed_details().arn(arn);
    let request = request.granularity(AccessAdvisorUsageGranularityType::ActionLevel);
    let job = cell.call("iam:GenerateServiceLastAccessedDetails", request.send()).await?;
    let Some(job) = job.job_id else {
        let why = "the answer names no report";
        return Err(Failure::plain(Class::Refused, "iam:GenerateServiceLastAccessedDetails", why));
    };
    let mut waits = WAITS_MS.iter();
    let (mut services, mut marker) = (Vec::new(), None);
    loop {
        let request = cell.clients.iam().get_service_last_accessed_details().job_id(&job);
        let request = request.max_items(PAGE).set_marker(marker.clone());
        let page = cell.call("iam:GetServiceLastAccessedDetails", request.send()).await?;
        match page.job_status {
            JobStatusType::Completed => {
                services.extend(page.services_last_accessed);
                let next = page.marker.filter(|next| page.is_truncated && !next.is_empty());
                if next.is_none() {
                    let date = page.job_completion_date;
                    return Ok((converted(services), super::moment(date)));
                }
                if next == marker {
                    return Err(Failure::plain(Class::Limit, GET, "the pages go round in circles"));
                }
                marker = next;
            }
            JobStatusType::InProgress => wait(cell, waits.next()).await?,
            _ => return Err(Failure::plain(Class::Refused, GET, "the report could not be made")),
        }
    }
}

async fn wait(cell: &Cell, wait: Option<&u64>) -> Result<(), Failure> {
    let Some(wait) = wait else {
        return Err(Failure::plain(Class::TimedOut, GET, "the report was not made in time"));
    };
    tokio::select! {
        reason = cell.stop.wait() => Err(Failure::plain(Class::Cancelled, GET, reason)),
        () = tokio::time::sleep(Duration::from_millis(*wait)) => Ok(()),
    }
}

fn converted(services: Vec<sdk::ServiceLastAccessed>) -> Vec<ServiceLastAccessed> {
    let action = |item: sdk::TrackedActionLastAccessed| ActionLastAccessed {
        action_name: must(item.action_name),
        last_accessed_time: time(item.last_accessed_time),
        last_accessed_region: item.last_accessed_region.into(),
    };
    let service = |item: sdk::ServiceLastAccessed| ServiceLastAccessed {
        service_namespace: item.service_namespace.into(),
        last_authenticated: time(item.last_authenticated),
        last_authenticated_region: item.last_authenticated_region.into(),
        tracked_actions_last_accessed: item
            .tracked_actions_last_accessed
            .map(|actions| actions.into_iter().map(action).collect())
            .into(),
    };
    services.into_iter().map(service).collect()
}
