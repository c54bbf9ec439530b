//! CloudFormation.
mod node;
