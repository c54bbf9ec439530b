//! Facts about privileges, nominal for now: what the policies of one identity say by themselves. Boundaries, service
//! control policies and escalation are left to the evaluator.

pub(super) mod admin;
mod grants;
pub(super) mod trust;
