//! Buckets of S3, and what stands between them and the public.

use super::policy::PolicyDocument;
use crate::clock::Time;

model! {
    /// A bucket (`s3:ListBuckets`). The access control lists of its objects are not read.
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
        /// What its access control list grants (`s3:GetBucketAcl`).
        acl_grants: Vec<Grant>,
        /// Whether access control lists count: not where the owner of the bucket is enforced. Absent where it was never
        /// set, as on buckets older than April 2023; there they count (`s3:GetBucketOwnershipControls`).
        object_ownership: Option<String> = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"],
        /// How new objects are encrypted that do not say it themselves; absent where it was never set
        /// (`s3:GetBucketEncryption`).
        encryption: Option<BucketEncryption>,
        /// Whether it keeps what is overwritten or deleted; absent where that was never set (`s3:GetBucketVersioning`).
        versioning_status: Option<String> = ["Enabled", "Suspended"],
        /// Whether a version is deleted for good only with a second factor; absent where that was never set
        /// (`s3:GetBucketVersioning`).
        mfa_delete: Option<String> = ["Enabled", "Disabled"],
        /// Where requests are written down; absent where they are not (`s3:GetBucketLogging`).
        logging: Option<BucketLogging>,
    }

    /// What an access control list grants to one grantee.
    pub struct Grant {
        /// What the grantee is.
        grantee_type: String = ["CanonicalUser", "AmazonCustomerByEmail", "Group"],
        /// The canonical id of an account.
        grantee_id: Option<String>,
        /// The name of a group, such as `http://acs.amazonaws.com/groups/global/AllUsers` for everyone.
        grantee_uri: Option<String>,
        /// What it may do with the bucket.
        permission: String = ["FULL_CONTROL", "WRITE", "WRITE_ACP", "READ", "READ_ACP"],
    }

    /// How objects are encrypted.
    pub struct BucketEncryption {
        /// With a key of S3 (`AES256`), or one or two of KMS.
        sse_algorithm: String = ["AES256", "aws:kms", "aws:kms:dsse"],
        /// The key of KMS; absent for that of S3 or AWS.
        kms_master_key_id: Option<String>,
        /// Whether KMS is asked for a key of the bucket and not of each object.
        bucket_key_enabled: bool,
    }

    /// Where requests are written down.
    pub struct BucketLogging {
        /// The bucket that receives the records.
        target_bucket: String,
        /// What their names begin with.
        target_prefix: Option<String>,
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
