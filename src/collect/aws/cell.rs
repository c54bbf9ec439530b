//! What a collector works with: clients of one account and region, a way out for resources, and a ledger of gaps.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::mpsc;

use super::failure::{Class, Failure};
use super::run::Message;
use super::session::Clients;
use super::stop::Stop;
use crate::collect::normal;
use crate::collect::plan::Plan;
use crate::collect::services::Collector;
use crate::ident::{AccountId, Region};
use crate::model::attr::Attr;
use crate::model::coverage::Completeness;
use crate::model::kinds::Data;
use crate::model::resource::{Meta, Origin, Resource};

/// More pages than this of one listing are a loop, not an account.
pub(crate) const PAGES_MAX: u32 = 20_000;

/// After so many failures of the same kind in a row, a collector stops asking for an operation.
const FAILURES_IN_A_ROW: u32 = 3;

/// One collector in one account and region.
pub(crate) struct Cell {
    /// Its number in the run, by which its resources are counted.
    pub(crate) number: u64,
    pub(crate) collector: &'static Collector,
    pub(crate) account: AccountId,
    /// `global` for services without regions.
    pub(crate) region: Region,
    pub(crate) plan: Arc<Plan>,
    pub(crate) clients: Arc<Clients>,
    pub(crate) stop: Stop,
    pub(crate) out: mpsc::Sender<Message>,
    pub(crate) resources_max: u64,
    pub(crate) ledger: Mutex<Ledger>,
    /// The ARN of the identity that collects.
    pub(crate) caller: String,
    /// The accounts of the run.
    pub(crate) accounts: Vec<AccountId>,
}

/// What a collector could not do.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    gaps: BTreeMap<&'static str, Gap>,
    emitted: BTreeMap<&'static str, u64>,
    failures: HashMap<String, (u32, Failure)>,
}

/// Why a type is not complete.
#[derive(Debug, Clone)]
pub(crate) struct Gap {
    pub(crate) status: Completeness,
    pub(crate) reason: String,
}

impl Cell {
    /// Makes a call, under the limits, and says why when it fails. Nothing else talks to an API.
    ///
    /// The request goes to the heap at once: the SDK's futures are some 16 KiB, and collectors hold several.
    pub(crate) fn call<'a, T, E>(
        &'a self,
        operation: &'static str,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send + 'a,
    ) -> Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>
    where
        T: Send + 'a,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        Box::pin(async move {
            if let Some(failure) = self.given_up(operation) {
                return Err(failure);
            }
            let service = operation.split(':').next().unwrap_or(operation);
            let made = async {
                let _everywhere = self.clients.overall.enter().await;
                let _here = self.clients.limiter(service).enter().await;
                request.await
            };
            let result = tokio::select! {
                biased;
                reason = self.stop.wait() => {
                    return Err(Failure::plain(Class::Cancelled, operation, reason));
                }
                result = made => result,
            };
            let result =
                result.map_err(|error| Failure::of(operation, &error, self.clients.own_endpoint));
            self.remember(operation, result.as_ref().err());
            result
        })
    }

    fn given_up(&self, operation: &str) -> Option<Failure> {
        let ledger = self.ledger();
        ledger
            .failures
            .get(operation)
            .filter(|(count, _)| *count >= FAILURES_IN_A_ROW)
            .map(|(_, f)| f.clone())
    }

    fn remember(&self, operation: &str, failure: Option<&Failure>) {
        let mut ledger = self.ledger();
        match failure.filter(|failure| failure.is_general()) {
            None => {
                ledger.failures.remove(operation);
            }
            Some(failure) => {
                let entry = ledger
                    .failures
                    .entry(operation.to_owned())
                    .or_insert_with(|| (0, failure.clone()));
                entry.0 += 1;
                entry.1 = failure.clone();
            }
        }
    }

    /// Whether a type is wanted.
    pub(crate) fn wants(&self, kind: &str) -> bool {
        self.plan.wants(kind)
    }

    /// Hands a resource on, if its type is wanted. Waits while the writer is behind.
    pub(crate) async fn emit(&self, meta: Meta, data: impl Into<Data>) {
        let resource = Resource { meta, data: data.into() };
        let kind = resource.kind().name;
        if !self.wants(kind) {
            return;
        }
        let over = {
            let mut ledger = self.ledger();
            let count = ledger.emitted.entry(kind).or_default();
            *count += 1;
            *count > self.resources_max
        };
        if over {
            let limit = format!("more than {} resources", self.resources_max);
            self.gap(kind, &Failure::plain(Class::Limit, self.collector.name, limit));
            return;
        }
        // The receiver lives as long as the run; when it is gone, nobody wants the resource.
        let _ = self.out.send(Message::Resource(self.number, Box::new(resource))).await;
    }

    /// Records that a type may lack resources. The first reason stands.
    pub(crate) fn gap(&self, kind: &'static str, failure: &Failure) {
        let gap = Gap { status: failure.completeness(), reason: failure.to_string() };
        self.ledger().gaps.entry(kind).or_insert(gap);
    }

    /// The gaps of the types that are wanted, after the collector has ended.
    pub(crate) fn gaps(&self, result: Result<(), Failure>) -> BTreeMap<&'static str, Gap> {
        if let Err(failure) = result {
            for kind in self.collector.produces {
                self.gap(kind, &failure);
            }
        }
        let mut gaps = std::mem::take(&mut self.ledger().gaps);
        gaps.retain(|kind, _| self.wants(kind));
        gaps
    }

    fn ledger(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The envelope of a resource.
    pub(crate) fn meta(
        &self,
        id: String,
        arn: Option<String>,
        name: Option<&str>,
        tags: Attr<BTreeMap<String, String>>,
    ) -> Meta {
        let name = match &tags {
            Attr::Known(tags) => normal::name_of(tags, name),
            Attr::Unknown(_) => name.filter(|name| !name.is_empty()).map(str::to_owned),
        };
        Meta {
            id,
            account: self.account.clone(),
            region: self.region.clone(),
            arn,
            name,
            tags,
            environment: Attr::default(),
            origin: Origin::Aws,
        }
    }

    /// The envelope of an EC2 resource, whose ARN carries its owner and is made by a rule.
    pub(crate) fn ec2_meta(
        &self,
        kind: &str,
        id: String,
        owner: Option<&str>,
        name: Option<&str>,
        tags: BTreeMap<String, String>,
    ) -> Meta {
        let owner = owner.and_then(|id| AccountId::new(id).ok());
        let arn = normal::ec2_arn(kind, owner.as_ref().unwrap_or(&self.account), &self.region, &id);
        self.meta(id, arn, name, Attr::Known(tags))
    }

    /// The envelope of something that an account has once, and that has neither ARN nor tags.
    pub(crate) fn single_meta(&self) -> Meta {
        self.meta(self.account.as_str().to_owned(), None, None, Attr::Known(BTreeMap::new()))
    }
}

/// Goes through the pages of a listing: the request is sent again with the token of each page until none comes.
///
/// `pages!(cell, "ec2:DescribeVpcs", request, set_next_token, next_token, |page| { … })` is a `Result<(), Failure>`;
/// what the body did for earlier pages stays done.
macro_rules! pages {
    ($cell:expr, $operation:literal, $request:expr, $set:ident, $token:ident, |$page:ident| $body:block) => {{
        let mut token: Option<String> = None;
        let mut count = 0_u32;
        loop {
            let request = $request.clone().$set(token.clone());
            let mut $page = match $cell.call($operation, request.send()).await {
                Ok(page) => page,
                Err(failure) => break Err(failure),
            };
            let next = $page.$token.take().filter(|next: &String| !next.is_empty());
            $body
            count += 1;
            if next.is_none() {
                break Ok(());
            }
            if next == token || count >= $crate::collect::aws::cell::PAGES_MAX {
                break Err($crate::collect::aws::failure::Failure::plain(
                    $crate::collect::aws::failure::Class::Limit,
                    $operation,
                    format!("the listing did not end after {count} pages"),
                ));
            }
            token = next;
        }
    }};
}
pub(crate) use pages;
