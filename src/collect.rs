//! Where inventories come from. Rooms do not see each other; what two of them need stands in [`normal`].

pub mod aws_json;
pub mod normal;
