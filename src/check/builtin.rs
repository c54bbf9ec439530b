//! The checks that come with the tool; the build packs the folder `checks/` into the binary.

include!(concat!(env!("OUT_DIR"), "/checks.rs"));
