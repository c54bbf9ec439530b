//! Portcullis checks infrastructure against the rules an organisation wrote down.
//!
//! The modules stand in floors. A module may use those declared above it on lower floors only; the test
//! `layering` holds this file against every path in `src/`. See ARCHITECTURE.md.

// floor 0: ground
pub mod clock;
pub mod diag;
pub mod digest;
pub mod ident;
pub mod net;
pub mod span;

// floor 1: what the world looks like to us
pub mod model;

// floor 2: what is derived
pub mod expr;

// floor 3: what people write, and what we say
pub mod attestation;
pub mod finding;
pub mod framework;
pub mod waiver;
pub mod yaml;

// floor 4: judgement
pub mod assess;
pub mod posture;

// floor 5: the world
pub mod collect;
pub mod report;
