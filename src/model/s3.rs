//! Buckets of S3, and what stands between them and the public.

use super::policy::PolicyDocument;
use crate::clock::Time;

model! {
    /// A bucket (`s3:ListBuckets`). Its access control lists are not read.
    pub struct Bucket {
        /// When it was created.
        creation_date: Option<Time>,
        /// The region it is in; absent where the answer does not say.
        bucket_region: Option<String>,
        /// Who may do what with it besides what IAM policies of the account say; absent without any
        /// (`s3:GetBucketPolicy`).
        policy_document: Option<PolicyDocument>,
        /// What of public access it refuses; absent where that was never set (`s3:GetPublicAccessBlock`).
        public_access_block: Option<PublicAccessBlock>,
    }

    /// Refusals of public access.
    pub struct PublicAccessBlock {
        /// Whether new access control lists may not be public.
        block_public_acls: bool,
        /// Whether public access control lists count for nothing.
        ignore_public_acls: bool,
        /// Whether a policy may not be set that is public.
        block_public_policy: bool,
        /// Whether a public policy counts for the account and AWS services only.
        restrict_public_buckets: bool,
    }

    /// What of public access an account refuses for all its buckets (`s3control:GetPublicAccessBlock`); the stricter of
    /// this and the bucket's own holds.
    pub struct AccountPublicAccessBlock {
        /// Whether new access control lists may not be public.
        block_public_acls: bool,
        /// Whether public access control lists count for nothing.
        ignore_public_acls: bool,
        /// Whether a policy may not be set that is public.
        block_public_policy: bool,
        /// Whether a public policy counts for the account and AWS services only.
        restrict_public_buckets: bool,
    }
}
