//! Which services say for whom they act when they assume a role.
//!
//! Source: the page "Cross-service confused deputy prevention" of each service's guide, collected in AWS IAM User Guide,
//! "The confused deputy problem". A service that is missing here tells nothing, such as EC2: a condition on its source
//! would lock it out.

/// Who can make a service act with a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    /// Events and resources, also those of other accounts.
    ByAnybody,
    /// Whoever in the role's account may pass the role to it (`iam:PassRole`) and start something: a condition on the
    /// source is a second line of defence.
    ByItsAccount,
}

use Moved::{ByAnybody, ByItsAccount};

/// Names in front of `amazonaws.com`, without region.
const SERVICES: &[(&str, Moved)] = &[
    ("apigateway", ByAnybody),
    ("appflow", ByAnybody),
    ("appsync", ByAnybody),
    ("autoscaling", ByItsAccount),
    ("backup", ByAnybody),
    ("batch", ByItsAccount),
    ("batchoperations.s3", ByAnybody),
    ("bedrock", ByAnybody),
    ("bedrock-agentcore", ByAnybody),
    ("cloudformation", ByItsAccount),
    ("cloudtrail", ByAnybody),
    ("codebuild", ByItsAccount),
    ("codepipeline", ByItsAccount),
    ("config", ByAnybody),
    ("datasync", ByAnybody),
    ("delivery.logs", ByAnybody),
    ("dms", ByAnybody),
    ("ecs", ByItsAccount),
    ("ecs-tasks", ByItsAccount),
    ("elasticmapreduce", ByItsAccount),
    ("events", ByAnybody),
    ("firehose", ByAnybody),
    ("glue", ByItsAccount),
    ("guardduty", ByAnybody),
    ("imagebuilder", ByItsAccount),
    ("iot", ByAnybody),
    ("kendra", ByAnybody),
    ("logs", ByAnybody),
    ("macie", ByAnybody),
    ("omics", ByItsAccount),
    ("pipes", ByAnybody),
    ("quicksight", ByAnybody),
    ("redshift", ByItsAccount),
    ("s3", ByAnybody),
    ("sagemaker", ByItsAccount),
    ("scheduler", ByAnybody),
    ("serverlessrepo", ByAnybody),
    ("ses", ByAnybody),
    ("sns", ByAnybody),
    ("ssm", ByAnybody),
    ("states", ByAnybody),
    ("transfer", ByAnybody),
    ("vpc-flow-logs", ByAnybody),
];

/// Who can make the service with a name such as `events.amazonaws.com` act with a role; nothing for services that do not
/// say for whom they act.
pub(super) fn moved(service: &str) -> Option<Moved> {
    let name = short(service)?;
    // `logs.eu-west-1.amazonaws.com` is the same service in one region.
    let without_region = match name.rsplit_once('.') {
        Some((before, last)) if last.split('-').count() >= 3 => before,
        _ => name,
    };
    SERVICES.iter().find(|(own, _)| *own == without_region).map(|(_, moved)| *moved)
}

/// The name in front of `amazonaws.com`.
pub(super) fn short(service: &str) -> Option<&str> {
    service.strip_suffix(".amazonaws.com").or_else(|| service.strip_suffix(".amazonaws.com.cn"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_regions_do_not_matter() {
        assert!(SERVICES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(moved("logs.eu-west-1.amazonaws.com"), Some(ByAnybody));
        assert_eq!(moved("delivery.logs.amazonaws.com"), Some(ByAnybody));
        assert_eq!(moved("codebuild.amazonaws.com"), Some(ByItsAccount));
        assert_eq!(moved("ec2.amazonaws.com"), None);
        assert_eq!(moved("ec2"), None);
    }
}
