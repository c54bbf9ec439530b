//! The live API of AWS.
