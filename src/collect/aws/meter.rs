//! Counts every attempt on the wire, retries included, and tells the limits of throttles.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef, InterceptorContext,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::failure::THROTTLED;
use super::limits::Limiter;

/// The counters of a run.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    calls: Mutex<BTreeMap<String, u64>>,
    throttles: AtomicU64,
}

impl Meter {
    /// Counts an attempt.
    pub(crate) fn count(&self, service: &str, operation: &str) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry(format!("{service}:{operation}")).or_default() += 1;
    }

    /// Attempts by `service:operation`.
    pub(crate) fn calls(&self) -> BTreeMap<String, u64> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Attempts that were throttled.
    pub(crate) fn throttles(&self) -> u64 {
        self.throttles.load(Ordering::Relaxed)
    }
}

/// Sits in a client of one service in one account and region.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) service: &'static str,
    pub(crate) meter: Arc<Meter>,
    pub(crate) limiter: Arc<Limiter>,
}

impl Intercept for Probe {
    fn name(&self) -> &'static str {
        "Probe"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = cfg.load::<Metadata>().map_or("?", Metadata::name);
        self.meter.count(self.service, operation);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(response) = context.response() else { return Ok(()) };
        if is_throttle(response) {
            self.meter.throttles.fetch_add(1, Ordering::Relaxed);
            self.limiter.throttled();
        } else if response.status().is_success() {
            self.limiter.answered();
        }
        Ok(())
    }
}

/// Forbids repeating what no service of AWS said.
///
/// An internal error as a page of HTML comes from an emulator that lacks the operation or from something in between;
/// AWS writes XML or JSON, and the statuses of overloaded front ends (502, 503, 504) stay worth another try.
#[derive(Debug)]
pub(crate) struct NotOfAws;

impl ClassifyRetry for NotOfAws {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let is_page = context.response().is_some_and(|response| {
            let kind = response.headers().get("content-type").unwrap_or_default();
            response.status().as_u16() == 500 && kind.starts_with("text/html")
        });
        if is_page { RetryAction::RetryForbidden } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "NotOfAws"
    }
}

/// Whether an answer says that the service is asked too often: by its status, or by an error code in its header (JSON
/// protocols) or in the beginning of its body (query protocols).
fn is_throttle(response: &HttpResponse) -> bool {
    let status = response.status().as_u16();
    if status < 400 {
        return false;
    }
    if status == 429 {
        return true;
    }
    let named = |text: &str| THROTTLED.iter().any(|code| text.contains(code));
    if response.headers().get("x-amzn-errortype").is_some_and(named) {
        return true;
    }
    let body = response.body().bytes().unwrap_or_default();
    let start = body.get(..1024).unwrap_or(body);
    named(&String::from_utf8_lossy(start))
}
