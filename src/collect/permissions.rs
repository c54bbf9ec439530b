//! The least an identity must be allowed in order to collect what a plan wants.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::plan::{Plan, Reach, calls};

/// How the policy is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// An IAM policy document.
    #[default]
    Json,
    /// A Terraform `aws_iam_policy`.
    Terraform,
    /// A CloudFormation `AWS::IAM::ManagedPolicy`.
    Cloudformation,
}

/// Whose permissions are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holder {
    /// What of the world around its accounts the run looks at.
    pub reach: Reach,
    /// The name of the role that the identity assumes in the organization's accounts. The role itself needs the policy
    /// without this.
    pub assumes: Option<String>,
}

/// The policy as text, with a line feed at its end. The same input gives the same bytes.
///
/// All actions read, and the services know no resource-level permissions for nearly all of them: hence `Resource: *`.
pub fn policy(plan: &Plan, holder: &Holder, format: Format) -> String {
    let statements = statements(plan, holder);
    match format {
        Format::Json => {
            let document = json!({ "Version": "2012-10-17", "Statement": statements.iter().map(as_json).collect::<Vec<_>>() });
            let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
            text.push('\n');
            text
        }
        Format::Terraform => terraform(&statements),
        Format::Cloudformation => cloudformation(&statements),
    }
}

struct Statement {
    sid: String,
    actions: Vec<String>,
    resource: String,
}

/// The longest managed policy in characters; white space does not count
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>).
const MANAGED_POLICY_MAX: usize = 6144;

/// One statement per service, so that a reviewer sees what is asked of each; one for all services where that would be
/// too long for a managed policy.
fn statements(plan: &Plan, holder: &Holder) -> Vec<Statement> {
    let mut by_service: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for call in calls(plan, holder.reach) {
        if call.action == "sts:AssumeRole" {
            continue;
        }
        let service = call.action.split(':').next().unwrap_or_default().to_owned();
        by_service.entry(service).or_default().insert(call.action);
    }
    let by_service = if length(&by_service) > MANAGED_POLICY_MAX {
        BTreeMap::from([(String::new(), by_service.into_values().flatten().collect())])
    } else {
        by_service
    };
    let mut list: Vec<Statement> = by_service
        .into_iter()
        .map(|(service, actions)| Statement {
            sid: format!("Read{}", capitalised(&service)),
            actions: actions.into_iter().collect(),
            resource: "*".to_owned(),
        })
        .collect();
    if let Some(role) = &holder.assumes {
        list.push(Statement {
            sid: "AssumeCollectingRole".to_owned(),
            actions: vec!["sts:AssumeRole".to_owned()],
            resource: format!("arn:*:iam::*:role/{}", role.trim_start_matches('/')),
        });
    }
    list
}

/// How long a policy with a statement per service would be, with room for that of the role and for what surrounds them.
fn length(by_service: &BTreeMap<String, BTreeSet<String>>) -> usize {
    const AROUND: usize = 60;
    const ROLE: usize = 300;
    let of = |(service, actions): (&String, &BTreeSet<String>)| {
        AROUND + service.len() + actions.iter().map(|action| action.len() + 3).sum::<usize>()
    };
    ROLE + by_service.iter().map(of).sum::<usize>()
}

/// Statement ids hold letters and digits only.
fn capitalised(word: &str) -> String {
    let mut letters = word.chars().filter(char::is_ascii_alphanumeric);
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn as_json(statement: &Statement) -> Value {
    json!({
        "Sid": statement.sid,
        "Effect": "Allow",
        "Action": statement.actions,
        "Resource": statement.resource,
    })
}

/// A JSON string is a valid string in HCL, where only `${` and `%{` mean more.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace("${", "$${").replace("%{", "%%{")
}

fn terraform(statements: &[Statement]) -> String {
    let mut text = String::from("data \"aws_iam_policy_document\" \"portcullis\" {\n");
    // Writing to a String cannot fail.
    for statement in statements {
        let _ = writeln!(
            text,
            "  statement {{\n    sid       = {}\n    effect    = \"Allow\"",
            quoted(&statement.sid)
        );
        let _ =
            writeln!(text, "    resources = [{}]\n    actions = [", quoted(&statement.resource));
        for action in &statement.actions {
            let _ = writeln!(text, "      {},", quoted(action));
        }
        text.push_str("    ]\n  }\n");
    }
    text.push_str(
        "}\n\nresource \"aws_iam_policy\" \"portcullis\" {\n  name        = \"portcullis-read\"\n  \
         description = \"What Portcullis reads\"\n  \
         policy      = data.aws_iam_policy_document.portcullis.json\n}\n",
    );
    text
}

fn cloudformation(statements: &[Statement]) -> String {
    let mut text = String::from(
        "AWSTemplateFormatVersion: \"2010-09-09\"\nDescription: What Portcullis reads\nResources:\n  \
         PortcullisRead:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      \
         ManagedPolicyName: portcullis-read\n      PolicyDocument:\n        Version: \"2012-10-17\"\n        Statement:\n",
    );
    for statement in statements {
        let _ = writeln!(text, "          - Sid: {}\n            Effect: Allow", statement.sid);
        let _ = writeln!(
            text,
            "            Resource: {}\n            Action:",
            Value::from(statement.resource.as_str())
        );
        for action in &statement.actions {
            let _ = writeln!(text, "              - {action}");
        }
    }
    text.push_str("Outputs:\n  PolicyArn:\n    Value: !Ref PortcullisRead\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_fits_a_managed_policy() {
        let mut plan = Plan::all();
        plan.want_last_accessed();
        let reach = Reach { organization: true, units: true, named_regions: false };
        let holder = Holder { reach, assumes: Some("a".repeat(64)) };
        let text = policy(&plan, &holder, Format::Json);
        let value: Value = serde_json::from_str(&text).unwrap();
        let actions = value["Statement"][0]["Action"].as_array().unwrap();
        for action in ["ec2:DescribeVpcs", "iam:GenerateServiceLastAccessedDetails", "kms:ListKeys"]
        {
            assert!(actions.contains(&json!(action)), "{action}");
        }
        assert!(text.chars().filter(|c| !c.is_whitespace()).count() <= MANAGED_POLICY_MAX);
    }

    #[test]
    fn a_part_has_a_statement_for_each_service() {
        let mut plan = Plan::default();
        for kind in ["aws.ec2.vpc", "aws.iam.user", "aws.kms.key"] {
            plan.want(kind);
        }
        let text = policy(&plan, &Holder::default(), Format::Json);
        let value: Value = serde_json::from_str(&text).unwrap();
        let ids: Vec<_> =
            value["Statement"].as_array().unwrap().iter().map(|s| s["Sid"].clone()).collect();
        assert_eq!(ids, ["ReadEc2", "ReadIam", "ReadKms", "ReadSts"]);
    }

    #[test]
    fn formats_say_the_same() {
        let mut plan = Plan::default();
        plan.want("aws.ec2.vpc");
        let reach = Reach { organization: true, ..Reach::default() };
        let holder = Holder { reach, assumes: Some("Audit".to_owned()) };
        for format in [Format::Json, Format::Terraform, Format::Cloudformation] {
            let text = policy(&plan, &holder, format);
            for part in [
                "ec2:DescribeVpcs",
                "organizations:ListAccounts",
                "sts:AssumeRole",
                "arn:*:iam::*:role/Audit",
            ] {
                assert!(text.contains(part), "{format:?}: {part}\n{text}");
            }
            assert!(!text.contains("iam:ListUsers"), "{text}");
        }
        let yaml = policy(&plan, &holder, Format::Cloudformation);
        assert!(yaml.contains("\n              - ec2:DescribeVpcs\n"), "{yaml}");
    }
}
