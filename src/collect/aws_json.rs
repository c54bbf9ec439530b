//! Inventories from the JSON that the AWS CLI prints.
