//! The organization: accounts, units, and the policies over them.
//!
//! Every member may ask which organization it belongs to. All else only the management account and delegated
//! administrators may list, and it is recorded once, under the account that listed it. When the run goes through the
//! management account too, the members own nothing of it, and say so.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_sdk_organizations::types as sdk;

use super::cell::{Cell, pages};
use super::convert::{must, must_word, sorted, time, word};
use super::failure::{Class, Failure};
use crate::ident::AccountId;
use crate::model::attr::Attr;
use crate::model::organizations::{Account, DelegatedAdministrator, Organization, Policy, Unit};
use crate::model::policy::PolicyDocument;

const ORGANIZATION: &str = "aws.organizations.organization";
const ACCOUNT: &str = "aws.organizations.account";
const UNIT: &str = "aws.organizations.unit";
const POLICY: &str = "aws.organizations.policy";
const DELEGATE: &str = "aws.organizations.delegated_administrator";

/// Types of which a member account owns nothing.
const OF_THE_WHOLE: [&str; 4] = [ACCOUNT, UNIT, POLICY, DELEGATE];

/// The largest page of these listings.
const PAGE: i32 = 20;

pub(super) async fn organization(cell: Arc<Cell>) -> Result<(), Failure> {
    let request = cell.clients.organizations().describe_organization();
    let found = match cell.call("organizations:DescribeOrganization", request.send()).await {
        Ok(answer) => answer.organization,
        // No organization: known, and nothing belongs to it.
        Err(failure) if failure.code.as_deref() == Some("AWSOrganizationsNotInUseException") => {
            cell.emit(cell.single_meta(), absent()).await;
            return Ok(());
        }
        Err(failure) => return Err(failure),
    };
    let Some(found) = found else {
        let why = "an answer without an organization";
        return Err(Failure::plain(Class::Refused, "organizations:DescribeOrganization", why));
    };
    let management = found.master_account_id.clone().and_then(|id| AccountId::new(&id).ok());
    let is_member = management.as_ref().is_some_and(|account| *account != cell.account);
    let elsewhere = management.as_ref().is_some_and(|account| cell.accounts.contains(account));
    let roots = roots(&cell).await;
    describe(&cell, found, &roots, is_member && elsewhere).await;
    if is_member && elsewhere {
        let why = "the organization's resources are recorded under its management account";
        let failure = Failure::plain(Class::Disabled, "organizations:DescribeOrganization", why);
        refuse_the_whole(&cell, &failure);
        return Ok(());
    }
    let roots = match roots {
        Ok(roots) => roots,
        Err(failure) => {
            refuse_the_whole(&cell, &failure);
            return Ok(());
        }
    };
    if cell.plan.wants_any(&[ACCOUNT, UNIT])
        && let Err(failure) = tree(&cell, &roots, management.as_ref()).await
    {
        cell.gap(ACCOUNT, &failure);
        cell.gap(UNIT, &failure);
    }
    if cell.wants(POLICY)
        && let Err(failure) = policies(&cell, &roots).await
    {
        cell.gap(POLICY, &failure);
    }
    if cell.wants(DELEGATE)
        && let Err(failure) = delegates(&cell).await
    {
        cell.gap(DELEGATE, &failure);
    }
    Ok(())
}

fn refuse_the_whole(cell: &Cell, failure: &Failure) {
    for kind in OF_THE_WHOLE {
        cell.gap(kind, failure);
    }
}

fn absent() -> Organization {
    Organization {
        in_use: false.into(),
        organization_id: None.into(),
        feature_set: None.into(),
        management_account_id: None.into(),
        root_id: None.into(),
        enabled_policy_types: Vec::new().into(),
        enabled_service_principals: Vec::new().into(),
    }
}

async fn roots(cell: &Cell) -> Result<Vec<sdk::Root>, Failure> {
    let mut found = Vec::new();
    let request = cell.clients.organizations().list_roots().max_results(PAGE);
    pages!(cell, "organizations:ListRoots", request, set_next_token, next_token, |page| {
        found.extend(page.roots.unwrap_or_default());
    })?;
    Ok(found)
}

async fn describe(
    cell: &Cell,
    found: sdk::Organization,
    roots: &Result<Vec<sdk::Root>, Failure>,
    brief: bool,
) {
    if !cell.wants(ORGANIZATION) {
        return;
    }
    let mut data = Organization {
        in_use: true.into(),
        organization_id: found.id.clone().into(),
        feature_set: word!(found.feature_set),
        management_account_id: found.master_account_id.into(),
        ..Organization::default()
    };
    match roots {
        Ok(roots) => {
            let enabled = roots.iter().flat_map(sdk::Root::policy_types);
            let enabled =
                enabled.filter(|policy| policy.status == Some(sdk::PolicyTypeStatus::Enabled));
            let enabled = enabled
                .filter_map(|policy| policy.r#type.as_ref().map(|kind| kind.as_str().to_owned()));
            data.enabled_policy_types = sorted(Some(enabled.collect()));
            data.root_id = roots.first().and_then(|root| root.id.clone()).into();
        }
        Err(failure) => {
            data.enabled_policy_types = failure.unknown();
            data.root_id = failure.unknown();
        }
    }
    data.enabled_service_principals = if brief {
        // A member would be refused; what holds stands with the management account.
        roots.as_ref().err().map_or_else(Attr::default, Failure::unknown)
    } else {
        match service_principals(cell).await {
            Ok(list) => sorted(Some(list)),
            Err(failure) => failure.unknown(),
        }
    };
    let id = found.id.unwrap_or_else(|| cell.account.as_str().to_owned());
    let meta = cell.meta(id, found.arn, None, Attr::Known(BTreeMap::new()));
    cell.emit(meta, data).await;
}

async fn service_principals(cell: &Cell) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    let request =
        cell.clients.organizations().list_aws_service_access_for_organization().max_results(PAGE);
    pages!(
        cell,
        "organizations:ListAWSServiceAccessForOrganization",
        request,
        set_next_token,
        next_token,
        |page| {
            let items = page.enabled_service_principals.unwrap_or_default();
            found.extend(items.into_iter().filter_map(|item| item.service_principal));
        }
    )?;
    Ok(found)
}

/// Where something stands in the tree.
#[derive(Clone, Default)]
struct Place {
    parent: String,
    /// Names of units, outermost first.
    path: Vec<String>,
    /// Ids of the root and the units, outermost first.
    ancestors: Vec<String>,
}

/// Walks down from the roots: units come with their parents, and a listing for each unit gives its accounts.
async fn tree(
    cell: &Cell,
    roots: &[sdk::Root],
    management: Option<&AccountId>,
) -> Result<(), Failure> {
    let mut places: HashMap<String, Place> = HashMap::new();
    let mut waiting: Vec<Place> = roots
        .iter()
        .filter_map(|root| root.id.clone())
        .map(|id| Place { parent: id.clone(), path: Vec::new(), ancestors: vec![id] })
        .collect();
    while let Some(place) = waiting.pop() {
        if cell.wants(ACCOUNT) {
            let request = cell.clients.organizations().list_accounts_for_parent();
            let request = request.parent_id(&place.parent).max_results(PAGE);
            pages!(
                cell,
                "organizations:ListAccountsForParent",
                request,
                set_next_token,
                next_token,
                |page| {
                    let items = page.accounts.unwrap_or_default();
                    places.extend(
                        items.into_iter().filter_map(|account| Some((account.id?, place.clone()))),
                    );
                }
            )?;
        }
        let request = cell.clients.organizations().list_organizational_units_for_parent();
        let request = request.parent_id(&place.parent).max_results(PAGE);
        pages!(
            cell,
            "organizations:ListOrganizationalUnitsForParent",
            request,
            set_next_token,
            next_token,
            |page| {
                for unit in page.organizational_units.unwrap_or_default() {
                    let Some(id) = unit.id else { continue };
                    let mut below = place.clone();
                    below.path.extend(unit.name.clone());
                    let data = Unit {
                        parent_id: place.parent.clone().into(),
                        path: below.path.clone().into(),
                        ancestor_ids: place.ancestors.clone().into(),
                    };
                    let meta =
                        cell.meta(id.clone(), unit.arn, unit.name.as_deref(), Attr::default());
                    cell.emit(meta, data).await;
                    below.ancestors.push(id.clone());
                    below.parent = id;
                    waiting.push(below);
                }
            }
        )?;
    }
    if cell.wants(ACCOUNT) {
        accounts(cell, &places, management).await?;
    }
    Ok(())
}

async fn accounts(
    cell: &Cell,
    places: &HashMap<String, Place>,
    management: Option<&AccountId>,
) -> Result<(), Failure> {
    let request = cell.clients.organizations().list_accounts().max_results(PAGE);
    pages!(cell, "organizations:ListAccounts", request, set_next_token, next_token, |page| {
        for item in page.accounts.unwrap_or_default() {
            let Some(id) = item.id else { continue };
            let place = places.get(&id);
            let data = Account {
                status: must_word!(item.status),
                state: word!(item.state),
                joined_method: must_word!(item.joined_method),
                joined_timestamp: time(item.joined_timestamp),
                parent_id: must(place.map(|place| place.parent.clone())),
                ou_path: must(place.map(|place| place.path.clone())),
                ancestor_ids: must(place.map(|place| place.ancestors.clone())),
                management: management.is_some_and(|account| account.as_str() == id).into(),
            };
            // Tags of accounts cost a call each.
            cell.emit(cell.meta(id, item.arn, item.name.as_deref(), Attr::default()), data).await;
        }
    })
}

/// The policies of every kind that is in force.
async fn policies(cell: &Cell, roots: &[sdk::Root]) -> Result<(), Failure> {
    let mut kinds: Vec<String> = roots
        .iter()
        .flat_map(sdk::Root::policy_types)
        .filter(|policy| policy.status == Some(sdk::PolicyTypeStatus::Enabled))
        .filter_map(|policy| policy.r#type.as_ref().map(|kind| kind.as_str().to_owned()))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let request = cell.clients.organizations().list_policies();
        let request = request.filter(sdk::PolicyType::from(kind.as_str())).max_results(PAGE);
        pages!(cell, "organizations:ListPolicies", request, set_next_token, next_token, |page| {
            for item in page.policies.unwrap_or_default() {
                policy(cell, &kind, item).await;
            }
        })?;
    }
    Ok(())
}

async fn policy(cell: &Cell, kind: &str, item: sdk::PolicySummary) {
    let Some(id) = item.id else { return };
    let request = cell.clients.organizations().describe_policy().policy_id(&id);
    let content = cell.call("organizations:DescribePolicy", request.send()).await;
    let content = content.map(|answer| answer.policy.and_then(|policy| policy.content));
    let in_policy_language = matches!(kind, "SERVICE_CONTROL_POLICY" | "RESOURCE_CONTROL_POLICY");
    let data = Policy {
        kind: kind.to_owned().into(),
        aws_managed: item.aws_managed.into(),
        description: item.description.filter(|text| !text.is_empty()).into(),
        document: match &content {
            Err(failure) => failure.unknown(),
            Ok(_) if !in_policy_language => None.into(),
            Ok(Some(text)) => PolicyDocument::parse(text).map(Some),
            Ok(None) => must(None),
        },
        content: match &content {
            Err(failure) => failure.unknown(),
            Ok(_) if in_policy_language => None.into(),
            Ok(text) => text.clone().into(),
        },
        target_ids: targets(cell, &id).await,
    };
    let meta = cell.meta(id, item.arn, item.name.as_deref(), Attr::default());
    cell.emit(meta, data).await;
}

async fn targets(cell: &Cell, policy: &str) -> Attr<Vec<String>> {
    let mut found = Vec::new();
    let request =
        cell.clients.organizations().list_targets_for_policy().policy_id(policy).max_results(PAGE);
    let read = pages!(
        cell,
        "organizations:ListTargetsForPolicy",
        request,
        set_next_token,
        next_token,
        |page| {
            found.extend(
                page.targets.unwrap_or_default().into_iter().filter_map(|target| target.target_id),
            );
        }
    );
    match read {
        Ok(()) => sorted(Some(found)),
        Err(failure) => failure.unknown(),
    }
}

async fn delegates(cell: &Cell) -> Result<(), Failure> {
    let request = cell.clients.organizations().list_delegated_administrators().max_results(PAGE);
    pages!(
        cell,
        "organizations:ListDelegatedAdministrators",
        request,
        set_next_token,
        next_token,
        |page| {
            for item in page.delegated_administrators.unwrap_or_default() {
                let Some(id) = item.id else { continue };
                let data = DelegatedAdministrator {
                    account_id: id.clone().into(),
                    status: word!(item.status),
                    delegation_enabled_date: time(item.delegation_enabled_date),
                    service_principals: delegated_services(cell, &id).await,
                };
                let meta =
                    cell.meta(id, item.arn, item.name.as_deref(), Attr::Known(BTreeMap::new()));
                cell.emit(meta, data).await;
            }
        }
    )
}

async fn delegated_services(cell: &Cell, account: &str) -> Attr<Vec<String>> {
    let mut found = Vec::new();
    let request = cell.clients.organizations().list_delegated_services_for_account();
    let request = request.account_id(account).max_results(PAGE);
    let read = pages!(
        cell,
        "organizations:ListDelegatedServicesForAccount",
        request,
        set_next_token,
        next_token,
        |page| {
            let items = page.delegated_services.unwrap_or_default();
            found.extend(items.into_iter().filter_map(|service| service.service_principal));
        }
    );
    match read {
        Ok(()) => sorted(Some(found)),
        Err(failure) => failure.unknown(),
    }
}
