//! The live API of AWS: the only room that names its SDK, and the only one that is asynchronous.
//!
//! A run goes through every collector of its plan in every account and region, under limits that follow what the
//! services bear. Resources stream out through a bounded channel to whoever writes them; nothing is kept. What could
//! not be read becomes coverage or an unknown attribute, never silence. Nothing here changes anything in an account: a
//! test holds every call in this room against the table in [`super::services`].

mod cell;
mod convert;
mod failure;
mod limits;
mod meter;
pub mod progress;
mod run;
mod session;
mod stop;

// Services, one file each. A new collector is a function in one of these and a line in `RUNNERS`.
mod account;
mod acm;
mod apigatewayv2;
mod cloudformation;
mod cloudfront;
mod codebuild;
mod ec2;
mod edge;
mod eks;
mod elb;
mod elbv2;
mod globalaccelerator;
mod iam;
mod iam_account;
mod kms;
mod lambda;
mod messaging;
mod network_firewall;
mod organizations;
mod rds;
mod remote_access;
mod secretsmanager;
mod ssm;
mod sts;
mod tgw;
mod vpc;
mod vpc_lattice;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use self::cell::Cell;
use self::failure::Failure;
use self::meter::Meter;
use self::run::Message;
use self::session::Session;
use super::plan::{Plan, PlannedCall, Reach, calls};
use crate::ident::{AccountId, Region};
use crate::model::coverage::CoverageEntry;
use crate::model::resource::Resource;

pub use self::progress::{Display, Event};
pub use self::stop::Stop;

/// The part of a log filter that silences the SDK's warnings about every place where it looked for credentials in vain;
/// the error at the end says what to do.
pub const QUIET: &str = ",aws_config=error";

type Running = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;
type Runner = fn(Arc<Cell>) -> Running;

/// The function of each collector in [`super::services::COLLECTORS`].
const RUNNERS: &[(&str, Runner)] = &[
    ("sts.identity", |cell| Box::pin(sts::identity(cell))),
    ("account.contacts", |cell| Box::pin(account::contacts(cell))),
    ("acm.certificates", |cell| Box::pin(acm::certificates(cell))),
    ("ec2.compute", |cell| Box::pin(ec2::compute(cell))),
    ("ec2.volumes", |cell| Box::pin(ec2::volumes(cell))),
    ("ec2.snapshots", |cell| Box::pin(ec2::snapshots(cell))),
    ("ec2.network_interfaces", |cell| Box::pin(ec2::network_interfaces(cell))),
    ("ec2.addresses", |cell| Box::pin(ec2::addresses(cell))),
    ("ec2.key_pairs", |cell| Box::pin(ec2::key_pairs(cell))),
    ("ec2.account_settings", |cell| Box::pin(ec2::account_settings(cell))),
    ("vpc.vpcs", |cell| Box::pin(vpc::vpcs(cell))),
    ("vpc.subnets", |cell| Box::pin(vpc::subnets(cell))),
    ("vpc.security_groups", |cell| Box::pin(vpc::security_groups(cell))),
    ("vpc.security_group_vpc_associations", |cell| {
        Box::pin(vpc::security_group_vpc_associations(cell))
    }),
    ("vpc.network_acls", |cell| Box::pin(vpc::network_acls(cell))),
    ("vpc.route_tables", |cell| Box::pin(vpc::route_tables(cell))),
    ("vpc.managed_prefix_lists", |cell| Box::pin(vpc::managed_prefix_lists(cell))),
    ("vpc.internet_gateways", |cell| Box::pin(edge::internet_gateways(cell))),
    ("vpc.egress_only_internet_gateways", |cell| {
        Box::pin(edge::egress_only_internet_gateways(cell))
    }),
    ("vpc.vpn_gateways", |cell| Box::pin(edge::vpn_gateways(cell))),
    ("vpc.nat_gateways", |cell| Box::pin(edge::nat_gateways(cell))),
    ("vpc.peering_connections", |cell| Box::pin(edge::peering_connections(cell))),
    ("vpc.flow_logs", |cell| Box::pin(edge::flow_logs(cell))),
    ("vpc.endpoints", |cell| Box::pin(edge::endpoints(cell))),
    ("vpc.endpoint_services", |cell| Box::pin(edge::endpoint_services(cell))),
    ("vpc.block_public_access_options", |cell| Box::pin(edge::block_public_access_options(cell))),
    ("vpc.block_public_access_exclusions", |cell| {
        Box::pin(edge::block_public_access_exclusions(cell))
    }),
    ("vpc.vpn_connections", |cell| Box::pin(remote_access::vpn_connections(cell))),
    ("vpc.client_vpn_endpoints", |cell| Box::pin(remote_access::client_vpn_endpoints(cell))),
    ("vpc.instance_connect_endpoints", |cell| {
        Box::pin(remote_access::instance_connect_endpoints(cell))
    }),
    ("tgw.transit_gateways", |cell| Box::pin(tgw::transit_gateways(cell))),
    ("tgw.attachments", |cell| Box::pin(tgw::attachments(cell))),
    ("tgw.route_tables", |cell| Box::pin(tgw::route_tables(cell))),
    ("elb.load_balancers", |cell| Box::pin(elb::load_balancers(cell))),
    ("elbv2.load_balancers", |cell| Box::pin(elbv2::load_balancers(cell))),
    ("elbv2.target_groups", |cell| Box::pin(elbv2::target_groups(cell))),
    ("elbv2.ssl_policies", |cell| Box::pin(elbv2::ssl_policies(cell))),
    ("iam.authorization", |cell| Box::pin(iam::authorization(cell))),
    ("iam.instance_profiles", |cell| Box::pin(iam::instance_profiles(cell))),
    ("iam.mfa_devices", |cell| Box::pin(iam_account::mfa_devices(cell))),
    ("iam.account", |cell| Box::pin(iam_account::account(cell))),
    ("iam.saml_providers", |cell| Box::pin(iam_account::saml_providers(cell))),
    ("iam.oidc_providers", |cell| Box::pin(iam_account::oidc_providers(cell))),
    ("iam.server_certificates", |cell| Box::pin(iam_account::server_certificates(cell))),
    ("organizations.organization", |cell| Box::pin(organizations::organization(cell))),
    ("ssm.fleet", |cell| Box::pin(ssm::fleet(cell))),
    ("ssm.inventory", |cell| Box::pin(ssm::inventory(cell))),
    ("rds.db_instances", |cell| Box::pin(rds::db_instances(cell))),
    ("kms.keys", |cell| Box::pin(kms::keys(cell))),
    ("sqs.queues", |cell| Box::pin(messaging::queues(cell))),
    ("sns.topics", |cell| Box::pin(messaging::topics(cell))),
    ("secretsmanager.secrets", |cell| Box::pin(secretsmanager::secrets(cell))),
    ("codebuild.projects", |cell| Box::pin(codebuild::projects(cell))),
    ("cloudformation.stacks", |cell| Box::pin(cloudformation::stacks(cell))),
    ("lambda.functions", |cell| Box::pin(lambda::functions(cell))),
    ("eks.clusters", |cell| Box::pin(eks::clusters(cell))),
    ("network_firewall.firewalls", |cell| Box::pin(network_firewall::firewalls(cell))),
    ("network_firewall.policies", |cell| Box::pin(network_firewall::policies(cell))),
    ("network_firewall.rule_groups", |cell| Box::pin(network_firewall::rule_groups(cell))),
    ("globalaccelerator.accelerators", |cell| Box::pin(globalaccelerator::accelerators(cell))),
    ("cloudfront.vpc_origins", |cell| Box::pin(cloudfront::vpc_origins(cell))),
    ("apigatewayv2.vpc_links", |cell| Box::pin(apigatewayv2::vpc_links(cell))),
    ("vpc_lattice.services", |cell| Box::pin(vpc_lattice::services(cell))),
];

/// What a run is asked to do.
#[derive(Clone)]
pub struct Options {
    /// The profile of the AWS configuration files; otherwise what the environment says.
    pub profile: Option<String>,
    /// The regions; empty for all that are enabled.
    pub regions: Vec<Region>,
    /// The accounts of the organization instead of that of the credentials.
    pub organization: Option<Organization>,
    /// The endpoint of every service; otherwise what `AWS_ENDPOINT_URL` says, or AWS' own.
    pub endpoint: Option<String>,
    /// An access key id and its secret instead of what AWS users configure: for endpoints that do not check any.
    pub keys: Option<(String, String)>,
    /// Calls under way at the same time.
    pub calls_max: usize,
    /// Attempts of a call, the first included; otherwise what `AWS_MAX_ATTEMPTS` says, or six.
    pub attempts_max: Option<u32>,
    /// The longest wait before the first repetition; it doubles with each.
    pub backoff: Duration,
    /// How long an attempt may take.
    pub attempt_timeout: Duration,
    /// How long a call may take with all its attempts.
    pub operation_timeout: Duration,
    /// How long the run may take; what is left then is recorded as failed.
    pub run_timeout: Option<Duration>,
    /// Resources of one type in one account and region; what is beyond makes the type partial.
    pub resources_max: u64,
    /// Ends the run early.
    pub stop: Stop,
    /// Whether Ctrl-C ends the run early.
    pub interruptible: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profile: None,
            regions: Vec::new(),
            organization: None,
            endpoint: None,
            keys: None,
            calls_max: 64,
            attempts_max: None,
            backoff: Duration::from_secs(1),
            attempt_timeout: Duration::from_secs(15),
            operation_timeout: Duration::from_mins(1),
            run_timeout: None,
            resources_max: 1_000_000,
            stop: Stop::default(),
            interruptible: false,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The keys stay out of logs.
        f.debug_struct("Options")
            .field("profile", &self.profile)
            .field("regions", &self.regions)
            .field("organization", &self.organization)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// The accounts of an organization, and how to get into them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organization {
    /// The name of the role to assume in each, with its path.
    pub role: String,
    /// The external id the role's trust policy demands.
    pub external_id: Option<String>,
    /// Only these accounts, besides those of `include_units`; empty for all.
    pub include_accounts: Vec<AccountId>,
    /// Not these accounts.
    pub exclude_accounts: Vec<AccountId>,
    /// Only accounts in these units (`ou-…`, `r-…`) or below, besides `include_accounts`; empty for all.
    pub include_units: Vec<String>,
    /// Not the accounts in these units or below.
    pub exclude_units: Vec<String>,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// How completely each type was read in each account and region, sorted.
    pub coverage: Vec<CoverageEntry>,
    /// Attempts on the wire by `service:operation`.
    pub calls: BTreeMap<String, u64>,
    /// Attempts that were throttled.
    pub throttles: u64,
    /// Resources that were handed on.
    pub resources: u64,
    /// The accounts, sorted.
    pub accounts: Vec<AccountId>,
    /// Why the run was ended early, if it was.
    pub stopped: Option<String>,
}

impl Summary {
    /// All attempts on the wire.
    pub fn calls_total(&self) -> u64 {
        self.calls.values().sum()
    }
}

/// Why a run could not begin, or could not hand on what it found.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// No credentials were found, or they are not valid.
    #[error(
        "no valid AWS credentials ({0}); log in (`aws sso login`), set AWS_PROFILE or --profile, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    )]
    Credentials(String),
    /// AWS could not be asked who is calling.
    #[error("AWS cannot be reached: {0}")]
    Unreachable(String),
    /// The accounts of the organization could not be listed.
    #[error(
        "the accounts of the organization cannot be listed: {0}; run with credentials of its management account or of a delegated administrator"
    )]
    Organization(String),
    /// What was asked for makes no sense.
    #[error("{0}")]
    Options(String),
    /// The resources could not be written.
    #[error("the inventory cannot be written: {0}")]
    Sink(#[source] io::Error),
    /// The run could not be started.
    #[error("the run cannot be started: {0}")]
    Runtime(#[source] io::Error),
}

impl CollectError {
    #[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
    fn from_identity(failure: Failure) -> Self {
        match failure.class {
            failure::Class::Denied => Self::Credentials(failure.to_string()),
            _ => Self::Unreachable(failure.to_string()),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
    fn from_organization(failure: Failure) -> Self {
        Self::Organization(failure.to_string())
    }
}

/// Takes resources as they come. An error ends the run.
pub type Sink<'a> = dyn FnMut(Resource) -> io::Result<()> + 'a;

/// Hears of what happens.
pub type Listener<'a> = dyn FnMut(&Event) + 'a;

/// Every call that a run would make, without making any.
pub fn dry_run(options: &Options, plan: &Plan) -> Vec<PlannedCall> {
    calls(plan, reach(options))
}

/// What of the world around its accounts a run with these options looks at, for dry runs and permissions.
pub fn reach(options: &Options) -> Reach {
    let organization = options.organization.as_ref();
    Reach {
        organization: organization.is_some(),
        units: organization
            .is_some_and(|o| !o.include_units.is_empty() || !o.exclude_units.is_empty()),
        named_regions: !options.regions.is_empty(),
    }
}

/// Collects on a runtime of its own: see [`collect`].
///
/// # Errors
/// Those of [`collect`].
pub fn run_blocking(
    options: &Options,
    plan: &Plan,
    sink: &mut Sink<'_>,
    listener: &mut Listener<'_>,
) -> Result<Summary, CollectError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, |n| n.get().min(8)))
        .enable_all()
        .build()
        .map_err(CollectError::Runtime)?;
    let result = runtime.block_on(collect(options, plan, sink, listener));
    // Connections and look-ups that were given up must not hold the process.
    runtime.shutdown_background();
    result
}

/// Collects what a plan wants: resources go to the sink as they come, the rest is in the summary.
///
/// # Errors
/// When there are no valid credentials, the accounts cannot be listed, or the sink fails. Everything else that goes
/// wrong is in the coverage.
pub async fn collect(
    options: &Options,
    plan: &Plan,
    sink: &mut Sink<'_>,
    listener: &mut Listener<'_>,
) -> Result<Summary, CollectError> {
    let meter = Arc::new(Meter::default());
    let stop = options.stop.clone();
    let plan = Arc::new(plan.clone());
    let session = tokio::select! {
        biased;
        reason = stop.wait() => return Err(CollectError::Options(reason)),
        session = Session::open(options, Arc::clone(&meter)) => session?,
    };
    let (out, mut messages) = mpsc::channel(256);
    let director =
        tokio::spawn(run::direct(options.clone(), Arc::clone(&plan), session, stop.clone(), out));
    let ender = tokio::spawn(end_early(options.clone(), stop.clone()));

    let mut writing = Writing {
        sink,
        listener,
        plan: &plan,
        counts: BTreeMap::new(),
        summary: Summary::default(),
        error: None,
    };
    while let Some(message) = messages.recv().await {
        writing.take(message, &stop);
    }
    ender.abort();
    let directed = director.await;
    let Writing { mut summary, error, .. } = writing;
    if let Some(error) = error {
        return Err(CollectError::Sink(error));
    }
    // A fault of ours in the director ends everything: no summary may look like a whole run.
    directed.map_err(|error| CollectError::Runtime(io::Error::other(error)))??;
    summary
        .coverage
        .sort_by(|a, b| (&a.account, &a.region, &a.kind).cmp(&(&b.account, &b.region, &b.kind)));
    summary.accounts = summary.coverage.iter().map(|entry| entry.account.clone()).collect();
    summary.accounts.dedup();
    summary.calls = meter.calls();
    summary.throttles = meter.throttles();
    summary.stopped = stop.reason();
    Ok(summary)
}

/// Ends the run when its time is over, or when the user says so.
async fn end_early(options: Options, stop: Stop) {
    let clock = async {
        match options.run_timeout {
            Some(limit) => {
                tokio::time::sleep(limit).await;
                format!("the run's limit of {} s was reached", limit.as_secs())
            }
            None => std::future::pending().await,
        }
    };
    let user = async {
        if options.interruptible && tokio::signal::ctrl_c().await.is_ok() {
            return "interrupted".to_owned();
        }
        std::future::pending().await
    };
    let reason = tokio::select! { reason = clock => reason, reason = user => reason };
    stop.now(&reason);
}

/// The writing side of a run.
struct Writing<'a, 'b> {
    sink: &'a mut Sink<'b>,
    listener: &'a mut Listener<'b>,
    plan: &'a Plan,
    counts: BTreeMap<u64, BTreeMap<&'static str, u64>>,
    summary: Summary,
    error: Option<io::Error>,
}

impl Writing<'_, '_> {
    fn take(&mut self, message: Message, stop: &Stop) {
        match message {
            Message::Resource(cell, resource) => {
                if self.error.is_some() {
                    return;
                }
                let kind = resource.kind().name;
                if let Err(error) = (self.sink)(*resource) {
                    stop.now("the inventory cannot be written");
                    self.error = Some(error);
                    return;
                }
                *self.counts.entry(cell).or_default().entry(kind).or_default() += 1;
                self.summary.resources += 1;
            }
            Message::Ended(ended) => {
                let counts = self.counts.remove(&ended.number).unwrap_or_default();
                let coverage = ended.coverage(self.plan, &counts);
                let mut gaps: Vec<String> =
                    coverage.iter().filter_map(|entry| entry.reason.clone()).collect();
                gaps.dedup();
                (self.listener)(&Event::Collected {
                    account: ended.account,
                    region: ended.region,
                    collector: ended.collector.name,
                    resources: counts.values().sum(),
                    gaps,
                });
                self.summary.coverage.extend(coverage);
            }
            Message::Coverage(entry) => self.summary.coverage.push(entry),
            Message::Progress(event) => (self.listener)(&event),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::services::COLLECTORS;
    use super::*;

    #[test]
    fn every_collector_has_a_function() {
        let names: Vec<_> = RUNNERS.iter().map(|(name, _)| *name).collect();
        let table: Vec<_> = COLLECTORS.iter().map(|collector| collector.name).collect();
        assert_eq!(names, table);
    }
}
