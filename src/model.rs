//! What the assessed world looks like to us: typed resources, their coverage, and the snapshot format.
//!
//! One file per service. No SDK type appears here, and nothing here does I/O beyond the readers and writers it is
//! handed. Every attribute may be unknown ([`Attr`]); a default value never stands in for missing evidence.

pub mod attr;
pub mod change;
pub mod coverage;
#[macro_use]
pub mod reflect;
pub mod index;
pub mod kinds;
pub mod policy;
pub mod privileges;
pub mod resource;
pub mod schema;
pub mod snapshot;
pub mod tree;

// Services, one file each. A new resource type is a struct in one of these and a line in `kinds`.
pub mod account;
pub mod acm;
pub mod apigatewayv2;
pub mod apprunner;
pub mod cloudformation;
pub mod cloudfront;
pub mod codebuild;
pub mod ec2;
pub mod ec2_settings;
pub mod ecr;
pub mod ecs;
pub mod eks;
pub mod elb;
pub mod elbv2;
pub mod globalaccelerator;
pub mod glue;
pub mod iam;
pub mod iam_account;
pub mod identitystore;
pub mod kms;
pub mod lambda;
pub mod network_firewall;
pub mod organizations;
pub mod paths;
pub mod people;
pub mod rds;
pub mod remote_access;
pub mod s3;
pub mod sagemaker;
pub mod secretsmanager;
pub mod sns;
pub mod sqs;
pub mod ssm;
pub mod sso;
pub mod states;
pub mod sts;
pub mod tgw;
pub mod vpc;
pub mod vpc_edge;
pub mod vpc_lattice;

pub use attr::{Attr, Cause, CauseKind};
pub use coverage::{Completeness, Coverage, CoverageEntry};
pub use index::Index;
pub use kinds::{Data, KINDS, Kind, Scope};
pub use resource::{Meta, Origin, Resource};
pub use tree::Tree;
