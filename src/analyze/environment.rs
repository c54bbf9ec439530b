//! skeleton
use crate::ident::AccountId;
use std::collections::BTreeMap;
#[derive(Debug, Clone)]
pub struct Environment {
    pub name: String,
    pub accounts: Vec<AccountId>,
    pub vpcs: Vec<String>,
    pub organizational_units: Vec<String>,
    pub tags: BTreeMap<String, String>,
}
#[derive(Debug, Clone, Default)]
pub struct Environments {
    pub list: Vec<Environment>,
}
impl Environments {
    pub fn new(list: Vec<Environment>) -> Self {
        Self { list }
    }
}
