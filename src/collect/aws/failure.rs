//! Why a call did not give what was asked for.

use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::model::attr::{Attr, Cause, CauseKind};
use crate::model::coverage::Completeness;

/// What a failed call means for the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// The identity may not make the call, or is no identity (any more).
    Denied,
    /// The service refused for its load, for good.
    Throttled,
    /// No answer in time.
    TimedOut,
    /// No connection, or an answer that is none.
    Unreachable,
    /// The service or region is switched off, or does not know the operation: nothing can be there.
    Disabled,
    /// The thing asked for does not exist: an answer, to those who expect it.
    Absent,
    /// Anything else the service said.
    Refused,
    /// A limit of this program on what comes from outside.
    Limit,
    /// The run was ended.
    Cancelled,
}

/// A call that failed for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) class: Class,
    /// `service:operation`.
    pub(crate) operation: String,
    /// The code the service gave, if it did.
    pub(crate) code: Option<String>,
    /// What was said, cut to a line.
    message: String,
}

/// Codes by which services say that an identity may not do something.
///
/// Sources: the common errors pages of EC2, IAM, ELB, Organizations and SSM; the signing errors of all query services.
const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "AccessDeniedForDependencyException",
    "AuthFailure",
    "AuthorizationError",
    "Blocked",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "NotAuthorized",
    "PendingVerification",
    "SignatureDoesNotMatch",
    "UnauthorizedAccess",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// Codes by which services say that they are asked too often. They also drive the limits ([`super::limits`]).
pub(crate) const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttled",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// Codes that prove that nothing can be there.
const DISABLED: &[&str] =
    &["OptInRequired", "AWSOrganizationsNotInUseException", "RegionDisabledException"];

/// Codes by which an endpoint says that it does not know an operation. They prove absence only when the endpoint is
/// AWS' own: an emulator says so of what it has not got.
const NOT_THERE: &[&str] = &["InvalidAction", "UnknownOperationException", "UnsupportedOperation"];

/// Codes that mean that the one thing asked for does not exist.
const ABSENT: &[&str] = &[
    "NoSuchEntity",
    "NoSuchEntityException",
    "ResourceNotFoundException",
    "NotFound",
    "NotFoundException",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "NoSuchBucketPolicy",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "LoadBalancerNotFound",
    "ListenerNotFound",
    "TargetGroupNotFound",
    "RuleNotFound",
];

impl Failure {
    /// The failure behind an SDK error. `own_endpoint` says that the endpoint is AWS' own.
    pub(crate) fn of<E>(
        operation: &str,
        error: &SdkError<E, HttpResponse>,
        own_endpoint: bool,
    ) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let (class, code, message) = match error {
            SdkError::ServiceError(inner) => {
                let status = inner.raw().status().as_u16();
                let code = inner.err().code().map(str::to_owned);
                let class = classify(code.as_deref(), status, own_endpoint);
                let message = match (inner.err().message(), &code) {
                    (Some(message), _) => message.to_owned(),
                    (None, Some(_)) => String::new(),
                    // An answer that is no error document, or one that was not understood.
                    (None, None) => chain(inner.err()),
                };
                let code = code.unwrap_or_else(|| match status {
                    200..=299 => "answer not understood".to_owned(),
                    _ => format!("HTTP {status}"),
                });
                (class, Some(code), message)
            }
            SdkError::TimeoutError(_) => (Class::TimedOut, None, "no answer in time".to_owned()),
            SdkError::DispatchFailure(inner) if inner.is_timeout() => {
                (Class::TimedOut, None, "no connection in time".to_owned())
            }
            SdkError::DispatchFailure(_) => {
                let text = hinted(chain(error));
                // Credentials are resolved on the way to the wire: without them a call was never made.
                let class =
                    if text.contains("redentials") { Class::Denied } else { Class::Unreachable };
                (class, None, text)
            }
            SdkError::ResponseError(inner) => {
                let status = inner.raw().status().as_u16();
                let text = format!("an answer that was not understood: {}", chain(error));
                (classify(None, status, own_endpoint), Some(format!("HTTP {status}")), text)
            }
            _ => (Class::Refused, None, chain(error)),
        };
        Self { class, operation: operation.to_owned(), code, message: shortened(&message) }
    }

    /// A failure that no service stated.
    pub(crate) fn plain(class: Class, operation: &str, message: impl Into<String>) -> Self {
        Self {
            class,
            operation: operation.to_owned(),
            code: None,
            message: shortened(&message.into()),
        }
    }

    /// What it means for the coverage of types of which nothing was read.
    pub(crate) fn completeness(&self) -> Completeness {
        match self.class {
            Class::Denied => Completeness::Denied,
            Class::Disabled => Completeness::Disabled,
            _ => Completeness::Failed,
        }
    }

    /// As the cause of an unknown attribute: the operation and the code.
    pub(crate) fn cause(&self) -> Cause {
        let kind = if self.class == Class::Denied { CauseKind::Denied } else { CauseKind::Failed };
        Cause::new(kind, self.brief())
    }

    /// As an unknown attribute.
    pub(crate) fn unknown<T>(&self) -> Attr<T> {
        Attr::Unknown(self.cause())
    }

    /// Operation and code; the message may hold names and is left to coverage.
    pub(crate) fn brief(&self) -> String {
        match (&self.code, self.class) {
            (Some(code), _) => format!("{}: {code}", self.operation),
            (None, _) => self.to_string(),
        }
    }

    /// Whether asking again for a neighbour would end the same way.
    pub(crate) fn is_general(&self) -> bool {
        matches!(
            self.class,
            Class::Denied
                | Class::Throttled
                | Class::TimedOut
                | Class::Unreachable
                | Class::Disabled
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.operation)?;
        if let Some(code) = &self.code {
            write!(f, ": {code}")?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

fn classify(code: Option<&str>, status: u16, own_endpoint: bool) -> Class {
    // EC2 has written its codes with `Client.` before them, JSON protocols with a namespace and `#`.
    let code = code.map(|code| code.rsplit(['.', '#']).next().unwrap_or(code));
    let is = |list: &[&str]| code.is_some_and(|code| list.contains(&code));
    if is(DENIED) {
        Class::Denied
    } else if is(THROTTLED) || status == 429 {
        Class::Throttled
    } else if is(DISABLED) || own_endpoint && is(NOT_THERE) {
        Class::Disabled
    } else if is(ABSENT) {
        Class::Absent
    } else if status == 401 || status == 403 {
        Class::Denied
    } else {
        Class::Refused
    }
}

/// What an error and those behind it say, without what the SDK prints for its own developers.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    // The outermost say where in the SDK it happened; the last two or three say what.
    const WORDS_OF_THE_SDK: [&str; 6] =
        ["dispatch failure", "other", "service error", "io error", "error", "unhandled error"];
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !WORDS_OF_THE_SDK.contains(&text.as_str()) && !parts.contains(&text) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}

/// With what it may mean that a host has no address. It proves no absence: a broken resolver says the same.
fn hinted(text: String) -> String {
    if text.contains("dns error") {
        return format!(
            "the host has no address; if the service is not offered in this region, name the regions to collect with \
             --region: {text}"
        );
    }
    text
}

/// One line of a few hundred characters. Encoded authorization messages are long and say nothing to people.
fn shortened(text: &str) -> String {
    const MAX_CHARS: usize = 300;
    let text = text.split("Encoded authorization failure message").next().unwrap_or_default();
    let line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_CHARS).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_apart() {
        assert_eq!(classify(Some("UnauthorizedOperation"), 403, true), Class::Denied);
        assert_eq!(classify(Some("Client.UnauthorizedOperation"), 403, true), Class::Denied);
        assert_eq!(classify(Some("com.amazonaws#AccessDeniedException"), 400, true), Class::Denied);
        assert_eq!(classify(Some("RequestLimitExceeded"), 503, true), Class::Throttled);
        assert_eq!(classify(Some("OptInRequired"), 401, true), Class::Disabled);
        assert_eq!(classify(Some("NoSuchEntity"), 404, true), Class::Absent);
        assert_eq!(classify(None, 403, true), Class::Denied);
        assert_eq!(classify(Some("InternalError"), 500, true), Class::Refused);
    }

    #[test]
    fn a_host_without_address_proves_no_absence_and_says_what_to_do() {
        let text = hinted("dns error: failed to lookup address information".to_owned());
        assert!(text.contains("--region") && text.ends_with("information"), "{text}");
        assert_eq!(hinted("connection refused".to_owned()), "connection refused");
        let failure = Failure::plain(Class::Unreachable, "vpc-lattice:ListServices", text);
        assert_eq!(failure.completeness(), Completeness::Failed);
    }

    #[test]
    fn an_emulator_proves_no_absence() {
        assert_eq!(classify(Some("InvalidAction"), 400, true), Class::Disabled);
        assert_eq!(classify(Some("InvalidAction"), 400, false), Class::Refused);
    }

    #[test]
    fn messages_are_one_short_line() {
        let text =
            format!("You may not.\n Encoded authorization failure message: {}", "x".repeat(4000));
        assert_eq!(shortened(&text), "You may not.");
    }
}
