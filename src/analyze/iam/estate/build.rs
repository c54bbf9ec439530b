//! Building the estate from resources, one after the other.

mod inventory;
mod organization;
mod principals;

use std::collections::HashMap;

use organization::Organizations;

use super::layers::not_collected;
use super::{
    Attached, DocumentId, Estate, Group, Guarded, How, Managed, Principal, PrincipalId, Profile,
    Provider, Workload,
};
use crate::analyze::iam::document::Document;
use crate::model::policy::PolicyDocument;
use crate::model::{Attr, Coverage, Data, Meta, Resource};

/// The resource types that must be looked at before anything can be said about privileges.
pub const KINDS: &[&str] = &[
    "aws.apprunner.service",
    "aws.cloudformation.stack",
    "aws.codebuild.project",
    "aws.ec2.instance",
    "aws.ec2.launch_template",
    "aws.ecr.repository",
    "aws.ecs.service",
    "aws.ecs.task_definition",
    "aws.glue.dev_endpoint",
    "aws.glue.job",
    "aws.iam.group",
    "aws.iam.instance_profile",
    "aws.iam.oidc_provider",
    "aws.iam.policy",
    "aws.iam.role",
    "aws.iam.saml_provider",
    "aws.iam.user",
    "aws.kms.key",
    "aws.lambda.function",
    "aws.organizations.account",
    "aws.organizations.organization",
    "aws.organizations.policy",
    "aws.s3.account_public_access_block",
    "aws.s3.bucket",
    "aws.sagemaker.notebook_instance",
    "aws.secretsmanager.secret",
    "aws.sns.topic",
    "aws.sqs.queue",
    "aws.states.state_machine",
];

/// Gathers resources, whose order does not matter.
#[derive(Debug, Default)]
pub struct Builder {
    estate: Estate,
    users: Vec<principals::RawUser>,
    roles: Vec<principals::RawRole>,
    groups: HashMap<(Box<str>, Box<str>), principals::RawGroup>,
    organizations: Organizations,
    open: inventory::Open,
    /// What stands for managed policies that were not read, by ARN.
    elsewhere: HashMap<Box<str>, DocumentId>,
}

impl Builder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what matters from a resource.
    pub fn add(&mut self, resource: &Resource) {
        let meta = &resource.meta;
        match &resource.data {
            Data::IamUser(user) => self.user(meta, user),
            Data::IamRole(role) => self.role(meta, role),
            Data::IamGroup(group) => self.group(meta, group),
            Data::IamPolicy(policy) => self.managed(meta, policy),
            Data::IamInstanceProfile(profile) => {
                let one = Profile { account: account(meta), roles: profile.role_arns.clone() };
                self.estate.instance_profiles.insert(arn(meta), one);
            }
            Data::IamOidcProvider(provider) => {
                let url = provider.url.known().map(|url| url.as_str().into());
                let audiences = provider.client_ids.clone();
                let one = Provider { account: account(meta), url, audiences };
                self.estate.providers.insert(arn(meta), one);
            }
            Data::IamSamlProvider(_) => {
                let audiences = Attr::Known(Vec::new());
                let one = Provider { account: account(meta), url: None, audiences };
                self.estate.providers.insert(arn(meta), one);
            }
            Data::OrganizationsOrganization(it) => self.organizations.organization(meta, it),
            Data::OrganizationsAccount(it) => self.organizations.account(meta, it),
            Data::OrganizationsPolicy(it) => self.organizations.policy(&mut self.estate, meta, it),
            other => {
                self.resource_with_policy(meta, other);
                self.resource_with_role(meta, other);
            }
        }
    }

    fn workload(&mut self, meta: &Meta, kind: &'static str, role: Attr<Option<String>>) {
        self.estate.workloads.push(Workload {
            kind,
            arn: arn(meta),
            account: account(meta),
            role,
            tags: meta.tags.clone(),
        });
    }

    fn guarded(&mut self, meta: &Meta, kind: &'static str, policy: &Attr<Option<PolicyDocument>>) {
        let policy = match policy {
            Attr::Known(None) => Attr::Known(None),
            Attr::Known(Some(document)) => {
                let document = Document::compile(&arn(meta), None, &Attr::Known(document.clone()));
                Attr::Known(Some(self.estate.keep(document)))
            }
            Attr::Unknown(cause) => Attr::Unknown(cause.clone()),
        };
        let one = Guarded {
            kind,
            account: account(meta),
            policy,
            tags: meta.tags.clone(),
            public_blocked: Attr::Known(false),
        };
        self.estate.resources.insert(arn(meta), one);
    }

    fn managed(&mut self, meta: &Meta, policy: &crate::model::iam::Policy) {
        let arn = arn(meta);
        if self.estate.policies.contains_key(&arn) && policy.document.known().is_none() {
            return;
        }
        let version = policy.default_version_id.known().map(String::as_str);
        let document = self.estate.keep(Document::compile(&arn, version, &policy.document));
        let versions = policy.versions.clone().map(|versions| {
            versions
                .iter()
                .filter(|v| v.is_default_version.known() != Some(&true))
                .map(|v| {
                    let id: Box<str> =
                        v.version_id.known().map(String::as_str).unwrap_or_default().into();
                    let document = Document::compile(&arn, Some(&id), &v.document);
                    (id, self.estate.keep(document))
                })
                .collect()
        });
        let arn_says_aws = arn.contains(":iam::aws:policy/");
        let one = Managed {
            document,
            aws_managed: arn_says_aws,
            default_version: version.map(Into::into),
            versions,
        };
        self.estate.policies.insert(arn, one);
    }

    /// The estate, once everything was added.
    pub fn finish(mut self, coverage: &Coverage) -> Estate {
        self.estate.unread_scp = not_collected("service control policies");
        self.estate.unread_rcp = not_collected("resource control policies");
        self.estate.unread_resource = not_collected("the policy of the resource");
        self.note_gaps(coverage);
        self.finish_principals();
        let mut accounts: Vec<Box<str>> =
            self.estate.principals.iter().map(|p| p.account.clone()).collect();
        accounts.extend(coverage.accounts().iter().map(|a| a.as_str().into()));
        std::mem::take(&mut self.organizations).finish(&mut self.estate, accounts, coverage);
        self.finish_guarded();
        self.finish_workloads();
        self.estate
    }

    fn note_gaps(&mut self, coverage: &Coverage) {
        let mut incomplete = Vec::new();
        for entry in coverage.entries() {
            let Some(kind) = KINDS.iter().find(|kind| **kind == entry.kind) else { continue };
            let account: Box<str> = entry.account.as_str().into();
            let Some(cause) = coverage.gap(&entry.account, &entry.region, &entry.kind) else {
                self.estate.seen.entry(kind).or_default().insert(account);
                continue;
            };
            incomplete.push((kind, account));
            let gap = self.estate.gaps.entry(kind).or_insert_with(|| cause.clone());
            if cause < *gap {
                *gap = cause;
            }
        }
        for (kind, account) in incomplete {
            self.estate.seen.entry(kind).or_default().remove(&account);
        }
    }
}

impl Estate {
    pub(super) fn keep(&mut self, document: Document) -> DocumentId {
        let id = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        self.documents.push(document);
        DocumentId(id)
    }
}

fn account(meta: &Meta) -> Box<str> {
    meta.account.as_str().into()
}

fn arn(meta: &Meta) -> Box<str> {
    meta.arn.as_deref().unwrap_or(&meta.id).into()
}
