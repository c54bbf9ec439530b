//! Questions about permissions: may this caller do that, who may, what may it, and what changed.
//!
//! Every answer is the evaluator's ([`super::evaluate`]); what is added here is only who is asked about and how an answer
//! is told.

pub mod answer;
pub mod case;
pub mod difference;
pub mod outside;
pub mod sample;
pub mod what;
pub mod who;
pub mod whom;

use jiff::Timestamp;

use super::document::Document;
use super::estate::{Estate, Principal, PrincipalId, Subject, Unread};
use super::evaluate::Layers;
use super::request::{Action, Caller, CallerKind, Circumstances, Given, Request};
use crate::diag;
use crate::model::{Attr, Cause, CauseKind};
use answer::Answer;

/// How an estate is asked.
#[derive(Debug)]
pub struct Inquiry<'e> {
    /// What is asked.
    pub estate: &'e Estate,
    /// What becomes of layers that nobody collected.
    pub unread: Unread,
    /// Under which circumstances.
    pub circumstances: Circumstances,
    /// The account of the resource, where neither its ARN nor the inventory says.
    pub resource_account: Option<String>,
    /// The policy passed with the session.
    pub session: Option<Document>,
    /// The policy of the VPC endpoint the request goes through.
    pub endpoint: Option<Document>,
    /// The time of the request.
    pub now: Timestamp,
    /// In place of the policies of principals that the inventory does not hold.
    unread_identity: Document,
    /// In place of those of principals elsewhere, who are taken to have every permission their account can give.
    everything: Document,
}

impl<'e> Inquiry<'e> {
    /// A question without circumstances.
    pub fn new(estate: &'e Estate, now: Timestamp) -> Self {
        let cause = Cause::new(CauseKind::NotCollected, "the policies of the principal");
        Self {
            estate,
            unread: Unread::Doubt,
            circumstances: Circumstances::open(),
            resource_account: None,
            session: None,
            endpoint: None,
            now,
            unread_identity: Document::unread("policies of the principal", cause),
            everything: Document::everything("whatever its account allows"),
        }
    }

    /// Lets requests go through a VPC endpoint: what AWS says of such requests is known then.
    pub fn through_endpoint(&mut self, id: &str, policy: Option<Document>) {
        for (key, given) in [
            ("aws:SourceVpce", Given::Values(vec![id.to_owned()])),
            // Requests through an endpoint carry no public address.
            ("aws:SourceIp", Given::Absent),
        ] {
            if !self.circumstances.speaks_of(key) {
                self.circumstances.set(key, given);
            }
        }
        self.endpoint = policy;
    }

    /// Decides one request.
    ///
    /// # Errors
    /// That the inventory, which holds all principals of the account, does not hold this one.
    pub fn simulate(
        &self,
        caller: &Caller,
        action: &Action,
        resource: &str,
    ) -> Result<Answer, String> {
        let subject = self.subject(caller)?;
        Ok(self.ask(&subject, action, resource))
    }

    /// Decides one request of somebody whose policies are known.
    pub fn ask(&self, subject: &Subject<'_>, action: &Action, resource: &str) -> Answer {
        self.with(subject, action, resource, answer::answer)
    }

    /// Makes a request with the policies that bear on it.
    pub fn with<T>(
        &self,
        subject: &Subject<'_>,
        action: &Action,
        resource: &str,
        decide: impl FnOnce(&Request<'_>, &Layers<'_>) -> T,
    ) -> T {
        let (request, layers) =
            self.prepared(subject, action, resource, self.resource_account.as_deref());
        decide(&request, &layers)
    }

    /// A request with the policies that bear on it; `account` is that of the resource where nothing else says.
    fn prepared<'s>(
        &'s self,
        subject: &'s Subject<'_>,
        action: &'s Action,
        resource: &'s str,
        account: Option<&str>,
    ) -> (Request<'s>, Layers<'s>) {
        let mut request =
            Request::new(&subject.caller, action, resource, &self.circumstances, self.now);
        if let (Some(account), None) = (account, request.resource_account.known()) {
            request.resource_account = Attr::Known(Some(account.to_owned()));
        }
        let mut layers = self.estate.layers(subject, &mut request, self.unread);
        layers.session = self.session.as_ref().map(|document| vec![document]);
        layers.endpoint = self.endpoint.as_ref().map(|document| vec![document]);
        (request, layers)
    }

    /// The caller with what the inventory knows about it.
    ///
    /// # Errors
    /// That the inventory, which holds all principals of the account, does not hold this one.
    pub fn subject(&self, caller: &Caller) -> Result<Subject<'_>, String> {
        match caller.kind {
            CallerKind::Root
            | CallerKind::Service
            | CallerKind::Federated
            | CallerKind::Anonymous => return Ok(self.stranger(caller.clone(), self.unread)),
            CallerKind::User | CallerKind::Role | CallerKind::FederatedUser => {}
        }
        if let Some(principal) = self.find(caller).and_then(|id| self.estate.principal(id)) {
            let mut subject = self.estate.subject(principal, self.unread);
            subject.caller.session_arn.clone_from(&caller.session_arn);
            if caller.kind == CallerKind::FederatedUser {
                subject.caller.kind = CallerKind::FederatedUser;
                subject.caller.temporary = Some(true);
            }
            return Ok(subject);
        }
        if let Some(words) = self.no_such(caller) {
            return Err(words);
        }
        let mut subject = self.stranger(caller.clone(), self.unread);
        subject.identity = vec![&self.unread_identity];
        Ok(subject)
    }

    /// Somebody whose own account, if it is not in the inventory, is taken to allow it everything.
    pub fn outsider(&self, caller: Caller) -> Subject<'_> {
        let known = |account| self.estate.accounts.contains_key(account);
        let unread = match &caller.account {
            Some(account) if known(account) => self.unread,
            _ => Unread::Ignore,
        };
        let mut subject = self.stranger(caller, unread);
        subject.identity = vec![&self.everything];
        subject
    }

    fn stranger(&self, caller: Caller, unread: Unread) -> Subject<'_> {
        let mut subject = self.estate.stranger(caller, unread);
        if let Some(account) =
            subject.caller.account.as_deref().and_then(|id| self.estate.accounts.get(id))
        {
            subject.caller.organization = account.organization.clone();
            subject.caller.organization_path = account.organization_path.clone();
        }
        subject
    }

    fn find(&self, caller: &Caller) -> Option<PrincipalId> {
        let session = caller.session_arn.as_deref().filter(|_| caller.kind == CallerKind::Role);
        self.estate.find(session.unwrap_or(&caller.arn))
    }

    /// That there is no such principal, where the inventory can tell.
    fn no_such(&self, caller: &Caller) -> Option<String> {
        let account = caller.account.as_deref()?;
        let kind = match caller.kind {
            CallerKind::Role => "aws.iam.role",
            _ => "aws.iam.user",
        };
        if self.estate.gaps.contains_key(kind) {
            return None;
        }
        let here: Vec<&Principal> =
            self.estate.principals.iter().filter(|p| *p.account == *account).collect();
        if here.is_empty() {
            return None;
        }
        let near = diag::nearest(&caller.arn, here.iter().map(|p| &*p.arn));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        Some(format!("account {account} has no principal `{}`{hint}", caller.arn))
    }
}

#[cfg(test)]
mod tests;
