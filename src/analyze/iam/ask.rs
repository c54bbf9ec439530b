//! Questions about permissions: may this caller do that, who may, what may it, and what changed.
//!
//! Every answer is the evaluator's ([`super::evaluate`]); what is added here is only who is asked about and how an answer
//! is told.

pub mod answer;
pub mod case;
pub mod whom;
