//! Credentials, clients, and the accounts and regions they lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ec2::config::retry::RetryConfig;
use aws_sdk_organizations::types::{AccountState, AccountStatus};

use super::cell::PAGES_MAX;
use super::failure::{Class, Failure};
use super::limits::Limiter;
use super::meter::{Meter, NotOfAws, Probe};
use super::{CollectError, Options, Organization};
use crate::collect::normal;
use crate::ident::{AccountId, Arn, Region};

/// Calls of one service that are under way in one account and region: at the beginning, and at most.
const PLACES_PER_SERVICE: (usize, usize) = (8, 24);

macro_rules! clients {
    ($($name:ident: $sdk:ident $(in $region:literal)?),* $(,)?) => {
        /// The clients of one account and region, made when they are first used.
        pub(crate) struct Clients {
            config: SdkConfig,
            /// Account and region, which partition the retries: a throttled account does not starve another.
            place: String,
            meter: Arc<Meter>,
            /// The limit on everything that is under way in the run.
            pub(crate) overall: Arc<Limiter>,
            limiters: BTreeMap<&'static str, Arc<Limiter>>,
            /// Whether the endpoints are AWS' own.
            pub(crate) own_endpoint: bool,
            $($name: OnceLock<$sdk::Client>,)*
        }

        impl Clients {
            fn new(session: &Session, config: SdkConfig, place: String) -> Arc<Self> {
                let (start, max) = PLACES_PER_SERVICE;
                Arc::new(Self {
                    own_endpoint: config.endpoint_url().is_none(),
                    config,
                    place,
                    meter: Arc::clone(&session.meter),
                    overall: Arc::clone(&session.overall),
                    limiters: [$(stringify!($name)),*].into_iter().map(|name| (name, Limiter::new(start, max))).collect(),
                    $($name: OnceLock::new(),)*
                })
            }

            $(pub(crate) fn $name(&self) -> &$sdk::Client {
                self.$name.get_or_init(|| {
                    let service = stringify!($name);
                    let partition = format!("{}/{service}", self.place);
                    let config = $sdk::config::Builder::from(&self.config)
                        $(.region($sdk::config::Region::new($region)))?
                        .retry_partition($sdk::config::retry::RetryPartition::new(partition))
                        .retry_classifier(NotOfAws)
                        .interceptor(Probe {
                            service,
                            meter: Arc::clone(&self.meter),
                            limiter: self.limiter(service),
                        })
                        .build();
                    $sdk::Client::from_conf(config)
                })
            })*
        }
    };
}

clients! {
    account: aws_sdk_account,
    acm: aws_sdk_acm,
    apigatewayv2: aws_sdk_apigatewayv2,
    cloudformation: aws_sdk_cloudformation,
    cloudfront: aws_sdk_cloudfront,
    codebuild: aws_sdk_codebuild,
    ec2: aws_sdk_ec2,
    eks: aws_sdk_eks,
    elb: aws_sdk_elasticloadbalancing,
    elbv2: aws_sdk_elasticloadbalancingv2,
    // The API of accelerators is asked in one region, wherever their endpoints are.
    globalaccelerator: aws_sdk_globalaccelerator in "us-west-2",
    iam: aws_sdk_iam,
    kms: aws_sdk_kms,
    lambda: aws_sdk_lambda,
    networkfirewall: aws_sdk_networkfirewall,
    organizations: aws_sdk_organizations,
    rds: aws_sdk_rds,
    secretsmanager: aws_sdk_secretsmanager,
    sns: aws_sdk_sns,
    sqs: aws_sdk_sqs,
    ssm: aws_sdk_ssm,
    sts: aws_sdk_sts,
    vpclattice: aws_sdk_vpclattice,
}

impl Clients {
    /// The limit on a service here.
    pub(crate) fn limiter(&self, service: &str) -> Arc<Limiter> {
        match self.limiters.get(service) {
            Some(limiter) => Arc::clone(limiter),
            // Only names of clients are asked for; the limit on everything holds for anything else.
            None => Arc::clone(&self.overall),
        }
    }
}

/// The credentials a run began with, and who they belong to.
pub(crate) struct Session {
    base: SdkConfig,
    meter: Arc<Meter>,
    overall: Arc<Limiter>,
    /// The region of global services and of questions about regions.
    home: Region,
    /// The account of the credentials.
    pub(crate) account: AccountId,
    partition: String,
    caller: String,
}

/// An account that is to be collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) account: AccountId,
    /// Why it cannot be entered, if the organization says so.
    pub(crate) closed: Option<String>,
}

/// An account whose credentials are at hand.
pub(crate) struct Entered {
    pub(crate) account: AccountId,
    /// The ARN of the identity that collects.
    pub(crate) caller: String,
    config: SdkConfig,
}

impl Session {
    /// Finds credentials as AWS users expect, and asks whose they are.
    pub(crate) async fn open(options: &Options, meter: Arc<Meter>) -> Result<Self, CollectError> {
        let base = base_config(options).await;
        let home = base.region().and_then(|region| Region::new(region.as_ref()).ok());
        let home = match home.or_else(|| options.regions.first().cloned()) {
            Some(home) => home,
            None => Region::new("us-east-1").map_err(|e| CollectError::Options(e.to_string()))?,
        };
        let overall = Limiter::new(options.calls_max, options.calls_max);
        let mut session = Self {
            base,
            meter,
            overall,
            // Unknown until the first answer; a number no account has.
            account: AccountId::new("000000000000")
                .map_err(|e| CollectError::Options(e.to_string()))?,
            partition: String::new(),
            caller: String::new(),
            home,
        };
        let config = config_in(&session.base, &session.home);
        let clients = Clients::new(&session, config, "caller".to_owned());
        let (account, caller) = identity(&clients).await.map_err(CollectError::from_identity)?;
        session.partition =
            Arn::new(&caller).map_or_else(|_| "aws".to_owned(), |arn| arn.partition().to_owned());
        session.account = account;
        session.caller = caller;
        Ok(session)
    }

    /// The clients of an account in a region; in the home region for services without.
    pub(crate) fn clients(&self, entered: &Entered, region: &Region) -> Arc<Clients> {
        let place = format!("{}/{region}", entered.account);
        let region = if region.is_global() { &self.home } else { region };
        Clients::new(self, config_in(&entered.config, region), place)
    }

    /// The accounts to collect: that of the credentials, or those of the organization that are wanted.
    pub(crate) async fn targets(
        &self,
        organization: Option<&Organization>,
    ) -> Result<Vec<Target>, CollectError> {
        let own = Target { account: self.account.clone(), closed: None };
        let Some(organization) = organization else { return Ok(vec![own]) };
        let config = config_in(&self.base, &self.home);
        let clients = Clients::new(self, config, format!("{}/organization", self.account));
        let list = accounts(&clients).await.map_err(CollectError::from_organization)?;
        let included = match organization.include_units.as_slice() {
            [] => None,
            units => Some(
                accounts_under(&clients, units).await.map_err(CollectError::from_organization)?,
            ),
        };
        let excluded = match organization.exclude_units.as_slice() {
            [] => BTreeSet::new(),
            units => {
                accounts_under(&clients, units).await.map_err(CollectError::from_organization)?
            }
        };
        let wanted = |account: &AccountId| {
            let named = &organization.include_accounts;
            (named.is_empty() && included.is_none()
                || named.contains(account)
                || included.as_ref().is_some_and(|set| set.contains(account)))
                && !excluded.contains(account)
                && !organization.exclude_accounts.contains(account)
        };
        let missing: Vec<_> = organization
            .include_accounts
            .iter()
            .filter(|account| !list.iter().any(|target| target.account == **account))
            .map(AccountId::to_string)
            .collect();
        if !missing.is_empty() {
            let why = format!("the organization has no account {}", missing.join(", "));
            return Err(CollectError::Options(why));
        }
        let mut list: Vec<Target> =
            list.into_iter().filter(|target| wanted(&target.account)).collect();
        if list.is_empty() {
            return Err(CollectError::Options(
                "no account of the organization is left to collect".to_owned(),
            ));
        }
        list.sort_by(|a, b| a.account.cmp(&b.account));
        Ok(list)
    }

    /// Takes on the role of an account, or goes on with the credentials at hand where they are its own.
    pub(crate) async fn enter(
        &self,
        target: &Target,
        organization: Option<&Organization>,
    ) -> Result<Entered, Failure> {
        if let Some(why) = &target.closed {
            return Err(Failure::plain(Class::Refused, "organizations:ListAccounts", why.clone()));
        }
        let Some(organization) = organization.filter(|_| target.account != self.account) else {
            let account = target.account.clone();
            return Ok(Entered { account, caller: self.caller.clone(), config: self.base.clone() });
        };
        let role = organization.role.trim_start_matches('/');
        let arn = format!("arn:{}:iam::{}:role/{role}", self.partition, target.account);
        let mut builder = AssumeRoleProvider::builder(arn)
            .session_name("portcullis")
            .configure(&config_in(&self.base, &self.home));
        if let Some(id) = &organization.external_id {
            builder = builder.external_id(id);
        }
        self.meter.count("sts", "AssumeRole");
        let provider = SharedCredentialsProvider::new(builder.build().await);
        let config = self.base.to_builder().credentials_provider(provider).build();
        let place = format!("{}/enter", target.account);
        let clients = Clients::new(self, config_in(&config, &self.home), place);
        let (account, caller) = identity(&clients).await.map_err(|mut failure| {
            if failure.class == Class::Denied {
                "sts:AssumeRole".clone_into(&mut failure.operation);
            }
            failure
        })?;
        if account != target.account {
            let why = format!("the role's credentials belong to {account}");
            return Err(Failure::plain(Class::Refused, "sts:AssumeRole", why));
        }
        Ok(Entered { account, caller, config })
    }

    /// The regions of an account, each with whether it is enabled.
    pub(crate) async fn regions(&self, entered: &Entered) -> Result<Vec<(Region, bool)>, Failure> {
        let clients = self.clients(entered, &self.home);
        let operation = "ec2:DescribeRegions";
        let _place = clients.overall.enter().await;
        let answer = clients.ec2().describe_regions().all_regions(true).send().await;
        let answer =
            answer.map_err(|error| Failure::of(operation, &error, clients.own_endpoint))?;
        let mut list: Vec<(Region, bool)> = answer
            .regions()
            .iter()
            .filter_map(|region| {
                let name = Region::new(region.region_name()?).ok()?;
                Some((name, region.opt_in_status() != Some("not-opted-in")))
            })
            .collect();
        list.sort();
        if list.is_empty() {
            return Err(Failure::plain(Class::Refused, operation, "an answer without regions"));
        }
        Ok(list)
    }

    /// The region of questions about regions.
    pub(crate) fn home(&self) -> &Region {
        &self.home
    }

    /// The regions that are enabled in every account of the partition unless an administrator decided otherwise: what is
    /// known to be missing where regions could not be listed.
    pub(crate) fn default_regions(&self) -> Vec<Region> {
        let list: &[&str] = match self.partition.as_str() {
            "aws" => &[
                "ap-northeast-1",
                "ap-northeast-2",
                "ap-northeast-3",
                "ap-south-1",
                "ap-southeast-1",
                "ap-southeast-2",
                "ca-central-1",
                "eu-central-1",
                "eu-north-1",
                "eu-west-1",
                "eu-west-2",
                "eu-west-3",
                "sa-east-1",
                "us-east-1",
                "us-east-2",
                "us-west-1",
                "us-west-2",
            ],
            "aws-cn" => &["cn-north-1", "cn-northwest-1"],
            "aws-us-gov" => &["us-gov-east-1", "us-gov-west-1"],
            _ => &[],
        };
        let mut list: Vec<Region> = list.iter().filter_map(|name| Region::new(name).ok()).collect();
        if !list.contains(&self.home) && normal::partition_of(&self.home) == self.partition {
            list.push(self.home.clone());
        }
        list
    }
}

/// Attempts of a call where nobody says otherwise: twice the SDK's three, since a run over an organization is throttled
/// more often than a program that makes a call now and then.
const ATTEMPTS: u32 = 6;

async fn base_config(options: &Options) -> SdkConfig {
    let told = || std::env::var("AWS_MAX_ATTEMPTS").ok()?.trim().parse().ok();
    let attempts = options.attempts_max.or_else(told).unwrap_or(ATTEMPTS).max(1);
    let retry =
        RetryConfig::standard().with_max_attempts(attempts).with_initial_backoff(options.backoff);
    let timeout = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5).min(options.attempt_timeout))
        .operation_attempt_timeout(options.attempt_timeout)
        .operation_timeout(options.operation_timeout)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .retry_config(retry)
        .timeout_config(timeout);
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = &options.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some((id, secret)) = &options.keys {
        loader = loader.credentials_provider(Credentials::new(id, secret, None, None, "options"));
    }
    if let Some(region) = options.regions.first() {
        loader = loader.region(aws_config::Region::new(region.as_str().to_owned()));
    }
    loader.load().await
}

fn config_in(config: &SdkConfig, region: &Region) -> SdkConfig {
    config.to_builder().region(aws_config::Region::new(region.as_str().to_owned())).build()
}

async fn identity(clients: &Clients) -> Result<(AccountId, String), Failure> {
    let operation = "sts:GetCallerIdentity";
    let answer = clients.sts().get_caller_identity().send().await;
    let answer = answer.map_err(|error| Failure::of(operation, &error, clients.own_endpoint))?;
    let account = answer.account().and_then(|id| AccountId::new(id).ok());
    match (account, answer.arn) {
        (Some(account), Some(arn)) => Ok((account, arn)),
        _ => Err(Failure::plain(Class::Refused, operation, "an answer without account and ARN")),
    }
}

async fn accounts(clients: &Clients) -> Result<Vec<Target>, Failure> {
    let operation = "organizations:ListAccounts";
    let mut pages = clients.organizations().list_accounts().max_results(20).into_paginator().send();
    let mut list = Vec::new();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| Failure::of(operation, &error, clients.own_endpoint))?;
        for account in page.accounts() {
            let Some(id) = account.id().and_then(|id| AccountId::new(id).ok()) else { continue };
            // `status` is the older of the two; either says that nobody can get in.
            let state = account
                .state()
                .map(AccountState::as_str)
                .or_else(|| account.status().map(AccountStatus::as_str));
            let closed = state
                .filter(|state| *state != "ACTIVE")
                .map(|state| format!("the account is {state}"));
            list.push(Target { account: id, closed });
        }
        count += 1;
        if count >= PAGES_MAX {
            return Err(Failure::plain(Class::Limit, operation, "the listing did not end"));
        }
    }
    Ok(list)
}

/// The accounts in units and the units below them.
async fn accounts_under(
    clients: &Clients,
    units: &[String],
) -> Result<BTreeSet<AccountId>, Failure> {
    let client = clients.organizations();
    let mut found = BTreeSet::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut waiting: Vec<String> = units.to_vec();
    while let Some(unit) = waiting.pop() {
        if !seen.insert(unit.clone()) {
            continue;
        }
        let operation = "organizations:ListAccountsForParent";
        let mut pages = client.list_accounts_for_parent().parent_id(&unit).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| Failure::of(operation, &error, clients.own_endpoint))?;
            found.extend(
                page.accounts().iter().filter_map(|account| AccountId::new(account.id()?).ok()),
            );
        }
        let operation = "organizations:ListOrganizationalUnitsForParent";
        let mut pages =
            client.list_organizational_units_for_parent().parent_id(&unit).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page =
                page.map_err(|error| Failure::of(operation, &error, clients.own_endpoint))?;
            waiting.extend(
                page.organizational_units().iter().filter_map(|unit| unit.id().map(str::to_owned)),
            );
        }
    }
    Ok(found)
}
