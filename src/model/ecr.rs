//! Repositories of ECR.

use super::policy::PolicyDocument;
use crate::clock::Time;

model! {
    /// A repository of container images (`ecr:DescribeRepositories`).
    pub struct Repository {
        /// Its address.
        repository_uri: Option<String>,
        /// When it was created.
        created_at: Option<Time>,
        /// Whether a tag, once given, stays with its image.
        image_tag_mutability: Option<String>,
        /// Who may pull and push besides what IAM policies of the account say; absent without any
        /// (`ecr:GetRepositoryPolicy`).
        policy_document: Option<PolicyDocument>,
    }
}
