//! The table of escalation methods, held against the catalogue it was made from.
//!
//! The catalogue is `iam/privesc-methods.json` below the folder that `PORTCULLIS_ORACLES` names (default:
//! `../shared/oracles` beside the project). Where it is absent the test says so and counts as skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use portcullis::analyze::iam::escalation::method::{Gain, Method};
use portcullis::analyze::iam::escalation::methods;
use serde_json::Value;

/// Sets of actions, each of which will do.
type Ways = BTreeSet<BTreeSet<String>>;

/// Alternatives and further actions that the table knows of and the column of actions does not: those of the columns
/// of variants and notes, or of a closer look.
fn differs(id: &str) -> Option<&'static str> {
    Some(match id {
        "iam-022" => "iam:DeleteUserPermissionsBoundary | iam:PutUserPermissionsBoundary",
        "iam-023" => {
            "(iam:DeleteRolePermissionsBoundary | iam:PutRolePermissionsBoundary) + sts:AssumeRole"
        }
        "htc-del-deny" => {
            "iam:DetachUserPolicy | iam:DetachRolePolicy | iam:DetachGroupPolicy | iam:DeleteUserPolicy | \
             iam:DeleteRolePolicy | iam:DeleteGroupPolicy | iam:RemoveUserFromGroup"
        }
        "ours-create-user" => {
            "iam:CreateUser + (iam:CreateAccessKey | iam:CreateLoginProfile) + (iam:AttachUserPolicy | \
             iam:PutUserPolicy | iam:AddUserToGroup)"
        }
        "pmapper-ec2-associate" => {
            "iam:PassRole + (ec2:AssociateIamInstanceProfile | ec2:ReplaceIamInstanceProfileAssociation)"
        }
        // To take a device off unlocks nothing by itself.
        "ours-mfa" => "iam:CreateVirtualMFADevice + iam:EnableMFADevice",
        _ => return None,
    })
}

#[test]
fn every_method_of_the_catalogue_is_in_the_table_with_its_actions() {
    let root = std::env::var_os("PORTCULLIS_ORACLES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles"),
        PathBuf::from,
    );
    let path = root.join("iam/privesc-methods.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: no oracles at {} (set PORTCULLIS_ORACLES)", path.display());
        return;
    };
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    let catalogue: BTreeMap<&str, &str> = rows
        .iter()
        .map(|row| (row["id"].as_str().unwrap(), row["actions"].as_str().unwrap()))
        .collect();
    let ids: BTreeSet<&str> = methods::all().map(|method| method.id).collect();
    assert_eq!(ids, catalogue.keys().copied().collect());
    for (id, actions) in catalogue {
        let method = methods::named(id).unwrap();
        let wanted = Reader::read(differs(id).unwrap_or(actions));
        assert_eq!(ways(method), wanted, "{id}: {actions}");
    }
    eprintln!("{} methods have the actions of the catalogue", rows.len());
}

/// The sets of actions that a row of the table is content with.
fn ways(method: &Method) -> Ways {
    let passes = matches!(method.gain, Gain::Passed { .. } | Gain::PassedToPool);
    let mut out = Ways::from([BTreeSet::from_iter(passes.then(|| "iam:PassRole".to_owned()))]);
    for ask in method.asks {
        out = both(&out, &ask.acts().iter().map(|act| alone(act.action)).collect());
    }
    out
}

fn alone(action: &str) -> BTreeSet<String> {
    BTreeSet::from([action.to_owned()])
}

fn both(a: &Ways, b: &Ways) -> Ways {
    a.iter().flat_map(|x| b.iter().map(move |y| x.union(y).cloned().collect())).collect()
}

/// Reads `a:B + (a:C | D)`; what stands in parentheses behind a plus sign or a name is a remark.
struct Reader<'t> {
    rest: &'t str,
    service: &'t str,
}

impl<'t> Reader<'t> {
    fn read(text: &'t str) -> Ways {
        let mut reader = Self { rest: text, service: "" };
        let ways = reader.any();
        assert_eq!(reader.rest, "", "{text}");
        ways
    }

    fn any(&mut self) -> Ways {
        let mut out = self.all();
        while self.takes('|') {
            out.extend(self.all());
        }
        out
    }

    fn all(&mut self) -> Ways {
        let mut out = self.one();
        while self.takes('+') {
            out = both(&out, &self.one());
        }
        out
    }

    fn one(&mut self) -> Ways {
        if self.takes('(') {
            let out = self.any();
            assert!(self.takes(')'), "{}", self.rest);
            return out;
        }
        let end = self
            .rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !"-:*".contains(c))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        if self.rest.starts_with("(+") || rest.starts_with('(') {
            let (_, rest) = self.rest.split_once(')').unwrap();
            self.rest = rest.trim_start();
        }
        let name = word.split_once(':').map_or(word, |(service, name)| {
            self.service = service;
            name
        });
        let of_family =
            ["GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory"];
        let names: &[&str] = if name == "GetParameter*" { &of_family } else { &[name] };
        names.iter().map(|name| alone(&format!("{}:{name}", self.service))).collect()
    }

    fn takes(&mut self, sign: char) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }
}

#[test]
fn the_reader_of_the_catalogue_reads() {
    let ways = |text| Reader::read(text).into_iter().map(Vec::from_iter).collect::<Vec<_>>();
    assert_eq!(ways("a:B + C (+ a:D) + (e:F | G)"), [["a:B", "a:C", "e:F"], ["a:B", "a:C", "e:G"]]);
    assert_eq!(ways("a:B | a:C + a:D"), [vec!["a:B"], vec!["a:C", "a:D"]]);
    assert_eq!(ways("a:B(c)"), [["a:B"]]);
}
