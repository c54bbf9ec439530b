//! IAM: who there is, and what they may do. Everything comes in listings; nothing is asked for each user or role.

mod accessed;
mod convert;
mod report;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_sdk_iam::types as sdk;

use self::convert::{group, policy, role, user};
use self::report::{ReportRows, credential_report};
use super::cell::{Cell, pages};
use super::convert::{moment, sorted, sure_tags};
use super::failure::Failure;
use crate::clock::Time;
use crate::collect::normal;
use crate::model::attr::Attr;
use crate::model::iam::InstanceProfile;

const USER: &str = "aws.iam.user";
const GROUP: &str = "aws.iam.group";
const ROLE: &str = "aws.iam.role";
const POLICY: &str = "aws.iam.policy";
const ROW: &str = "aws.iam.credential_report_row";
const KEY: &str = "aws.iam.access_key";

/// The largest page of IAM's listings.
pub(super) const PAGE: i32 = 1000;

/// What users' listing adds: when each last signed in.
type Logins = Result<HashMap<String, Option<Time>>, Failure>;

/// What roles' listing adds: the description, and the longest session in seconds.
type RoleExtras = Result<HashMap<String, (Option<String>, Option<i64>)>, Failure>;

/// Users, groups, roles, managed policies, the credentials report and the keys it tells of.
pub(super) async fn authorization(cell: Arc<Cell>) -> Result<(), Failure> {
    let report = async {
        if !cell.plan.wants_any(&[USER, ROW, KEY]) {
            return Ok(Vec::new());
        }
        credential_report(&cell).await
    };
    let logins = async { if cell.wants(USER) { logins(&cell).await } else { Ok(HashMap::new()) } };
    let extras =
        async { if cell.wants(ROLE) { role_extras(&cell).await } else { Ok(HashMap::new()) } };
    let (report, logins, extras) = tokio::join!(report, logins, extras);
    let passwords = passwords(&report);
    rows(&cell, report).await;
    if !cell.plan.wants_any(&[USER, GROUP, ROLE, POLICY]) {
        return Ok(());
    }
    let known = Known { logins, passwords, extras };
    if let Err(failure) = details(&cell, &known).await {
        for kind in [USER, GROUP, ROLE, POLICY] {
            cell.gap(kind, &failure);
        }
    }
    Ok(())
}

/// What was read before the authorization details, to be joined with them.
struct Known {
    logins: Logins,
    passwords: Result<HashMap<String, Attr<bool>>, Failure>,
    extras: RoleExtras,
}

async fn details(cell: &Cell, known: &Known) -> Result<(), Failure> {
    let mut filter = Vec::new();
    for (kind, entities) in [
        (USER, &[sdk::EntityType::User][..]),
        (GROUP, &[sdk::EntityType::Group]),
        (ROLE, &[sdk::EntityType::Role]),
        (POLICY, &[sdk::EntityType::LocalManagedPolicy, sdk::EntityType::AwsManagedPolicy]),
    ] {
        if cell.wants(kind) {
            filter.extend_from_slice(entities);
        }
    }
    // A group's members are written with the users; both listings are needed for either's whole.
    let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if cell.wants(GROUP) && !cell.wants(USER) {
        filter.push(sdk::EntityType::User);
    }
    let mut groups = Vec::new();
    let mut out = accessed::Out::new(cell);
    let request = cell.clients.iam().get_account_authorization_details();
    let request = request.set_filter(Some(filter)).max_items(PAGE);
    let listed =
        pages!(cell, "iam:GetAccountAuthorizationDetails", request, set_marker, marker, |page| {
            for mut item in page.user_detail_list.unwrap_or_default() {
                let (name, arn) = (item.user_name.take().unwrap_or_default(), item.arn.take());
                for group in item.group_list.iter().flatten() {
                    members.entry(group.clone()).or_default().push(name.clone());
                }
                let meta = cell.meta(
                    name.clone(),
                    arn,
                    Some(&name),
                    Attr::Known(sure_tags!(item.tags.take())),
                );
                out.put(cell, meta, user(&name, item, known)).await;
            }
            groups.extend(page.group_detail_list.unwrap_or_default());
            for mut item in page.role_detail_list.unwrap_or_default() {
                let (name, arn) = (item.role_name.take().unwrap_or_default(), item.arn.take());
                let meta = cell.meta(
                    name.clone(),
                    arn,
                    Some(&name),
                    Attr::Known(sure_tags!(item.tags.take())),
                );
                out.put(cell, meta, role(&name, item, known)).await;
            }
            for mut item in page.policies.unwrap_or_default() {
                // Some endpoints list what AWS offers, used or not.
                let used = item.attachment_count.unwrap_or(1) > 0
                    || item.permissions_boundary_usage_count.unwrap_or(0) > 0;
                let Some(arn) = item.arn.take() else { continue };
                let aws_managed = arn.contains(":iam::aws:");
                if aws_managed && !used {
                    continue;
                }
                let name = item.policy_name.clone();
                // Tags of policies are not in this listing.
                let meta = cell.meta(arn.clone(), Some(arn), name.as_deref(), Attr::default());
                cell.emit(meta, policy(item, aws_managed)).await;
            }
        });
    // What was read is handed on, whether or not the listing came to its end.
    out.finish(cell).await;
    listed?;
    for mut item in groups {
        let (name, arn) = (item.group_name.take().unwrap_or_default(), item.arn.take());
        let meta = cell.meta(name.clone(), arn, Some(&name), Attr::Known(BTreeMap::new()));
        let users = members.remove(&name);
        cell.emit(meta, group(item, users)).await;
    }
    Ok(())
}

async fn logins(cell: &Cell) -> Logins {
    let mut found = HashMap::new();
    let request = cell.clients.iam().list_users().max_items(PAGE);
    pages!(cell, "iam:ListUsers", request, set_marker, marker, |page| {
        found.extend(
            page.users
                .drain(..)
                .map(|item| (item.user_name, item.password_last_used.and_then(moment))),
        );
    })?;
    Ok(found)
}

async fn role_extras(cell: &Cell) -> RoleExtras {
    let mut found = HashMap::new();
    let request = cell.clients.iam().list_roles().max_items(PAGE);
    pages!(cell, "iam:ListRoles", request, set_marker, marker, |page| {
        found.extend(page.roles.drain(..).map(|item| {
            let description = item.description.filter(|text| !text.is_empty());
            (item.role_name, (description, item.max_session_duration.map(i64::from)))
        }));
    })?;
    Ok(found)
}

/// Whether each user has a password, as the report says.
fn passwords(report: &Result<ReportRows, Failure>) -> Result<HashMap<String, Attr<bool>>, Failure> {
    let rows = report.as_ref().map_err(Clone::clone)?;
    let of = |row: &crate::model::iam_account::CredentialReportRow| {
        Some((
            row.user.known()?.clone(),
            row.password_enabled.clone().map(|enabled| enabled.unwrap_or(false)),
        ))
    };
    Ok(rows.iter().filter_map(|(_, row)| of(row)).collect())
}

async fn rows(cell: &Cell, report: Result<ReportRows, Failure>) {
    let rows = match report {
        Ok(rows) => rows,
        Err(failure) => {
            cell.gap(ROW, &failure);
            cell.gap(KEY, &failure);
            return;
        }
    };
    let no_tags = || Attr::Known(BTreeMap::new());
    for (arn, row) in rows {
        for (id, key) in normal::access_keys(&row) {
            cell.emit(cell.meta(id, None, None, no_tags()), key).await;
        }
        let user = row.user.known().cloned().unwrap_or_default();
        let arn = Some(arn).filter(|arn| !arn.is_empty());
        cell.emit(cell.meta(user.clone(), arn, Some(&user), no_tags()), row).await;
    }
}

pub(super) async fn instance_profiles(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.iam().list_instance_profiles().max_items(PAGE);
    pages!(cell, "iam:ListInstanceProfiles", request, set_marker, marker, |page| {
        for item in page.instance_profiles.drain(..) {
            let name = item.instance_profile_name;
            // Tags of profiles are not in this listing, though the type has a place for them.
            let tags =
                item.tags.map_or_else(Attr::default, |tags| Attr::Known(sure_tags!(Some(tags))));
            let meta = cell.meta(name.clone(), Some(item.arn), Some(&name), tags);
            let data = InstanceProfile {
                instance_profile_id: item.instance_profile_id.into(),
                path: item.path.into(),
                create_date: moment(item.create_date).into(),
                role_names: sorted(Some(
                    item.roles.iter().map(|role| role.role_name.clone()).collect(),
                )),
                role_arns: sorted(Some(item.roles.into_iter().map(|role| role.arn).collect())),
            };
            cell.emit(meta, data).await;
        }
    })
}
