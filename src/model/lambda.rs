//! Functions of Lambda.

use super::paths::Exposure;
use super::policy::PolicyDocument;
use crate::clock::Time;

model! {
    /// A function (`lambda:ListFunctions`). In a VPC it can connect, and nobody can connect to it.
    pub struct Function {
        /// The name.
        function_name: String,
        /// The runtime; absent for container images.
        runtime: Option<String>,
        /// How its code comes.
        package_type: Option<String> = ["Zip", "Image"],
        /// The ARN of the role it runs with.
        role: Option<String>,
        /// The entry point; absent for container images.
        handler: Option<String>,
        /// The processor architectures.
        architectures: Vec<String>,
        /// The ARNs of its layers.
        layer_arns: Vec<String>,
        /// When it was last changed.
        last_modified: Option<Time>,
        /// The VPC; absent outside one.
        vpc_id: Option<String>,
        /// The subnets that its interfaces stand in.
        subnet_ids: Vec<String>,
        /// The security groups of its interfaces.
        security_group_ids: Vec<String>,
        /// Whether it may use IPv6 in subnets that have it.
        ipv6_allowed_for_dual_stack: Option<bool>,
        /// The names of its environment variables; their values are never kept.
        environment_variable_names: Vec<String>,
        /// The key that encrypts those variables.
        kms_key_arn: Option<String>,
        /// The addresses it is reached at by HTTPS, those of aliases included (`lambda:ListFunctionUrlConfigs`).
        function_urls: Vec<FunctionUrl>,
        /// Who may invoke it besides what IAM policies of the account say; absent without any (`lambda:GetPolicy`).
        policy_document: Option<PolicyDocument>,
    } facts {
        /// What reaches it from outside, every filter and route considered: by balancers and its own addresses.
        exposure: Exposure,
    }

    /// An HTTPS address of a function or alias.
    pub struct FunctionUrl key [function_arn] {
        /// The address.
        function_url: String,
        /// The function, or the alias of it.
        function_arn: String,
        /// Who is asked for a signature: everybody, or nobody.
        auth_type: String = ["AWS_IAM", "NONE"],
        /// Whether answers are streamed.
        invoke_mode: Option<String> = ["BUFFERED", "RESPONSE_STREAM"],
        /// The sites whose pages may read answers; empty without CORS.
        cors_allow_origins: Vec<String>,
    }
}
