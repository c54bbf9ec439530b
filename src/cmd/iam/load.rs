//! A snapshot becomes an estate.

use std::path::Path;

use super::super::{Failure, load, output};
use crate::analyze::iam::ask::Inquiry;
use crate::analyze::iam::ask::case;
use crate::analyze::iam::document::Document;
use crate::analyze::iam::estate::{Builder, Estate, KINDS, Unread};
use crate::analyze::iam::request::{Circumstances, Given};
use crate::cli::{IamCircumstances, IamMode};
use crate::clock;
use crate::model::policy::PolicyDocument;
use crate::model::{Attr, Data};
use crate::report::iam::Inventory;

/// The largest file with a policy or with condition keys.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// An estate with where it is from.
pub(super) struct Loaded {
    pub estate: Estate,
    pub inventory: Inventory,
    /// The policy of the VPC endpoint that was asked for.
    endpoint: Option<Attr<Option<PolicyDocument>>>,
}

/// The estate of the inventory that was named. It is read once; only the types that matter are parsed.
pub(super) fn estate(path: &Path, vpce: Option<&str>) -> Result<Loaded, Failure> {
    const ENDPOINTS: &str = "aws.ec2.vpc_endpoint";
    let path = load::snapshot_path(path)?;
    let mut builder = Builder::new();
    let mut endpoint = None;
    let wanted = |kind: &str| KINDS.contains(&kind) || vpce.is_some() && kind == ENDPOINTS;
    let (header, coverage) = load::scan(&path, wanted, |resource| {
        if let Data::Ec2VpcEndpoint(it) = &resource.data
            && vpce == Some(&resource.meta.id)
        {
            endpoint = Some(it.policy_document.clone());
        }
        builder.add(&resource);
    })?;
    let estate = builder.finish(&coverage);
    let inventory = Inventory {
        path: path.display().to_string(),
        created: header.created.to_string(),
        principals: estate.principals.len() as u64,
    };
    if estate.principals.is_empty() {
        output::note(&format!(
            "incomplete: {} holds no user and no role, so nothing can be concluded",
            path.display()
        ));
    }
    Ok(Loaded { estate, inventory, endpoint })
}

impl Loaded {
    /// The estate, to be asked under the circumstances that were named.
    pub(super) fn inquiry(&self, args: &IamCircumstances) -> Result<Inquiry<'_>, Failure> {
        let mut inquiry = Inquiry::new(&self.estate, clock::now());
        inquiry.circumstances = circumstances(args)?;
        if args.ignore_unread {
            inquiry.unread = Unread::Ignore;
            output::note(
                "organization and resource policies that were not read are taken for absent",
            );
        }
        if let Some(account) = &args.resource_account {
            if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
                return Err(Failure::new(format!(
                    "--resource-account: `{account}` is no account; write its 12 digits"
                )));
            }
            inquiry.resource_account = Some(account.clone());
        }
        if let Some(id) = &args.vpce {
            let name = format!("policy of {id}");
            let policy = match &self.endpoint {
                Some(Attr::Known(None)) => None,
                Some(Attr::Known(Some(policy))) => {
                    Some(Document::compile(&name, None, &Attr::Known(policy.clone())))
                }
                Some(Attr::Unknown(cause)) => Some(Document::unread(&name, cause.clone())),
                None => {
                    let cause = crate::model::Cause::new(
                        crate::model::CauseKind::NotCollected,
                        format!("the inventory does not hold {id}"),
                    );
                    Some(Document::unread(&name, cause))
                }
            };
            inquiry.through_endpoint(id, policy);
        }
        Ok(inquiry)
    }
}

/// The circumstances that were named; flags outrank the file.
fn circumstances(args: &IamCircumstances) -> Result<Circumstances, Failure> {
    let mut out = match args.mode {
        IamMode::Strict => Circumstances::strict(),
        IamMode::Possible => Circumstances::open(),
    };
    if let Some(path) = &args.context_json {
        let value = json(path)?;
        let Some(context) = value.as_object() else {
            let words =
                "is no JSON object of condition keys, such as {\"aws:SourceIp\": \"192.0.2.1\"}";
            return Err(Failure::new(format!("{}: {words}", path.display())));
        };
        case::context_of(context, &mut out)
            .map_err(|why| Failure::new(format!("{}: {why}", path.display())))?;
    }
    let mut own = Circumstances::open();
    for pair in &args.context {
        let Some((key, value)) = pair.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Failure::new(format!(
                "--context: `{pair}` is no `KEY=VALUE`, such as aws:SourceIp=192.0.2.1"
            )));
        };
        own.add(key, Given::Values(vec![value.to_owned()]));
    }
    out.adopt(own);
    Ok(out)
}

/// A policy document in a file.
pub(super) fn policy(path: &Path) -> Result<Document, Failure> {
    let value = json(path)?;
    let document = PolicyDocument::from_json(&value);
    if let Attr::Unknown(cause) = &document {
        return Err(Failure::new(format!("{}: {cause}", path.display())));
    }
    Ok(Document::compile(&path.display().to_string(), None, &document))
}

fn json(path: &Path) -> Result<serde_json::Value, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > FILE_BYTES_MAX {
        return Err(Failure::new(format!(
            "{}: {size} bytes, more than the {FILE_BYTES_MAX} that are read",
            path.display()
        )));
    }
    let text = std::fs::read(path).map_err(failed)?;
    serde_json::from_slice(&text)
        .map_err(|error| Failure::new(format!("{}: no JSON: {error}", path.display())))
}
