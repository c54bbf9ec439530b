//! What derived facts promise: disguises are seen through, order and spelling do not matter, a slow second reading
//! agrees, and hiding anything moves facts to unknown only.

mod doubt;
mod groups;
mod order;
mod world;
