//! Access control lists of buckets by the names that AWS gives to the usual ones.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl>.

use super::shape::is_same_name;
use super::stating::later;
use crate::model::Tree;

/// A list that is known by a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canned {
    name: &'static str,
    /// What it grants besides full control to the owner: the group, where it is one, and the permission.
    grants: &'static [(Option<Group>, &'static str)],
}

/// A group of S3, by the end of its name.
type Group = &'static str;

const ALL: Group = "global/AllUsers";
const AUTHENTICATED: Group = "global/AuthenticatedUsers";
const LOG_DELIVERY: Group = "s3/LogDelivery";

const CANNED: [Canned; 8] = [
    Canned { name: "private", grants: &[] },
    Canned { name: "public-read", grants: &[(Some(ALL), "READ")] },
    Canned { name: "public-read-write", grants: &[(Some(ALL), "READ"), (Some(ALL), "WRITE")] },
    Canned { name: "authenticated-read", grants: &[(Some(AUTHENTICATED), "READ")] },
    // To an account of EC2, whose id no documentation tells.
    Canned { name: "aws-exec-read", grants: &[(None, "READ")] },
    // These two are of objects; on buckets they say nothing.
    Canned { name: "bucket-owner-read", grants: &[] },
    Canned { name: "bucket-owner-full-control", grants: &[] },
    Canned {
        name: "log-delivery-write",
        grants: &[(Some(LOG_DELIVERY), "WRITE"), (Some(LOG_DELIVERY), "READ_ACP")],
    },
];

impl Canned {
    /// The list that buckets have of which nobody says another.
    pub const PRIVATE: Self = CANNED[0];

    /// The list of a name, in the spelling of any tool.
    pub fn named(name: &str) -> Option<Self> {
        CANNED.into_iter().find(|canned| is_same_name(canned.name, name))
    }

    /// Whether it is for everyone, or everyone with an account of AWS.
    pub fn is_public(self) -> bool {
        self.grants.iter().any(|(group, _)| matches!(*group, Some(ALL | AUTHENTICATED)))
    }

    /// Whether it grants something to others than the owner, which AWS refuses where the owner is enforced.
    pub fn is_for_others(self) -> bool {
        !self.grants.is_empty()
    }

    /// The grants in the model's JSON. The owner's canonical id is known once the bucket exists.
    pub fn grants<'a>(self) -> Tree<'a> {
        let others = self.grants.iter().map(|(group, permission)| match group {
            Some(group) => {
                let uri = Tree::text(format!("http://acs.amazonaws.com/groups/{group}"));
                grant(Tree::text("Group"), Tree::Null, uri, Tree::text(*permission))
            }
            None => {
                grant(Tree::text("CanonicalUser"), later(), Tree::Null, Tree::text(*permission))
            }
        });
        let owner =
            grant(Tree::text("CanonicalUser"), later(), Tree::Null, Tree::text("FULL_CONTROL"));
        Tree::List(std::iter::once(owner).chain(others).collect())
    }
}

/// One grant in the model's JSON.
pub fn grant<'a>(kind: Tree<'a>, id: Tree<'a>, uri: Tree<'a>, permission: Tree<'a>) -> Tree<'a> {
    Tree::Map(vec![
        ("grantee_type".into(), kind),
        ("grantee_id".into(), id),
        ("grantee_uri".into(), uri),
        ("permission".into(), permission),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_means_the_same_list() {
        let read = Canned::named("public-read").unwrap();
        assert_eq!(Canned::named("PublicRead"), Some(read));
        assert!(read.is_public() && read.is_for_others());
        let grants = read.grants();
        assert_eq!(grants.items().len(), 2);
        assert!(grants.items()[1].at("grantee_uri").as_str().unwrap().ends_with("/AllUsers"));
        assert!(!Canned::PRIVATE.is_for_others() && Canned::PRIVATE.name == "private");
        let logs = Canned::named("LogDeliveryWrite").unwrap();
        assert!(!logs.is_public() && logs.is_for_others());
        assert_eq!(Canned::named("publicly"), None);
    }
}
