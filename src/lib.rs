//! Portcullis checks infrastructure against the rules an organisation wrote down.
//!
//! The modules stand in floors. A module may use those on lower floors only; rooms of floor 5 do not see each other.
//! A test holds this against every path in `src/`. See ARCHITECTURE.md.

// floor 0: ground
pub mod clock;
pub mod diag;
pub mod digest;
pub mod ident;
pub mod net;
pub mod span;

// floor 1: what the world looks like to us
pub mod model;

// floor 2: what follows from it
pub mod analyze;
pub mod expr;

// floor 3: what people write, and what we say
pub mod attestation;
pub mod check;
pub mod finding;
pub mod framework;
pub mod standards;
pub mod waiver;
pub mod yaml;

// floor 4: judgement
pub mod assess;
pub mod gate;
pub mod posture;

// floor 5: the world; its rooms do not see each other
pub mod collect;
pub mod report;

// floor 6: front
pub mod cli;
pub mod cmd;
pub mod config;
pub mod exit;
