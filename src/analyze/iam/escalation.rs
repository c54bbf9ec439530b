//! Escalation: from what a principal may do to what it can become, in several steps.

pub mod method;
