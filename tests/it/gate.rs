//! The pre-deployment gate: plans, templates, what they lead to, and what is said of it.

mod plans;
