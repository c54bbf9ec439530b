//! The cases of IAMSpy: who can do what in small accounts, with policies of resources and of organizations.
//!
//! Without `strict_conditions` IAMSpy asks whether a request can pass under any circumstances; an answer that hangs on
//! circumstances is a yes then.

use std::path::Path;

use portcullis::analyze::iam::request::{Circumstances, Given};
use portcullis::analyze::iam::truth::Truth;
use serde_json::{Value, json};

use super::world::{Guards, World, document, may};
use super::{folder, items, read, text};

#[test]
fn who_can_do_what() {
    let Some(folder) = folder("iamspy") else { return };
    let cases = read(&folder.join("cases.json"));
    let (mut right, mut open, mut wrong) = (0, 0, Vec::new());
    for (at, case) in items(&cases).iter().enumerate() {
        let place = Place::read(&folder.join("files"), &case["files"]);
        let said = match text(case, "test") {
            "test_can_i" => {
                let question = Question {
                    action: text(case, "action"),
                    context: &case["context"],
                    strict: case["strict_conditions"] == true,
                };
                let answer = place.ask(&question, text(case, "principal"), text(case, "resource"));
                open += usize::from(answer == Truth::Maybe);
                json!(answer != Truth::No)
            }
            "test_who_can" | "test_who_can_batch_resource" => place.who_can(&case["args"]),
            other => panic!("case {at}: {other} is no test that is known"),
        };
        if said == case["expect"] {
            right += 1;
        } else {
            wrong.push(format!("case {at}: {said}, not {}: {case}", case["expect"]));
        }
    }
    let all = items(&cases).len();
    eprintln!("IAMSpy: {right} of {all} right; {open} yes if circumstances are right");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(all > 0 && open < all, "{open} of {all} open");
}

struct Question<'c> {
    action: &'c str,
    context: &'c Value,
    strict: bool,
}

/// Accounts with what guards them.
struct Place {
    world: World,
    guards: Guards,
    principals: Vec<String>,
}

impl Place {
    fn read(folder: &Path, files: &Value) -> Self {
        let named = |key: &str| -> Vec<Value> {
            items(&files[key]).iter().map(|f| read(&folder.join(f.as_str().unwrap()))).collect()
        };
        let details: Vec<(String, Value)> =
            named("gaads").into_iter().map(|it| (account_of(&it), it)).collect();
        let mut world = World::of_answers(details.iter().map(|(a, it)| (a.as_str(), it)));
        for organization in named("scps") {
            add_organization(&mut world, &organization);
        }
        let mut guards = Guards::new();
        for resource in named("resources").iter().flat_map(items) {
            let arn = text(resource, "Resource");
            let policy = document(&resource["Policy"], arn);
            guards.insert(arn.to_owned(), (text(resource, "Account").to_owned(), policy));
        }
        let estate = world.estate();
        let principals = estate.principals.iter().map(|p| p.arn.to_string()).collect();
        Self { world, guards, principals }
    }

    fn ask(&self, question: &Question<'_>, principal: &str, resource: &str) -> Truth {
        let mut circumstances =
            if question.strict { Circumstances::strict() } else { Circumstances::open() };
        for pair in items(question.context) {
            let (key, value) = pair.as_str().unwrap().split_once('=').unwrap();
            circumstances.set(key, Given::Values(vec![value.to_owned()]));
        }
        let estate = self.world.estate();
        // IAMSpy knows no accounts of buckets without a policy: they are at home.
        let mut guards = self.guards.clone();
        if resource.starts_with("arn:aws:s3:::") {
            let bucket = resource.split('/').next().unwrap();
            let home = principal.split(':').nth(4).unwrap().to_owned();
            guards
                .entry(bucket.to_owned())
                .or_insert_with(|| (home, document(&json!({"Statement": []}), bucket)));
        }
        may(&estate, &guards, principal, question.action, resource, &circumstances)
            // One case asks for a user that its account does not hold.
            .map_or(Truth::No, |outcome| outcome.allowed)
    }

    /// `who_can(action, resource, context, _, strict)`, or with a list of resources.
    fn who_can(&self, args: &Value) -> Value {
        let question = Question {
            action: args[0].as_str().unwrap(),
            context: &args[2],
            strict: args[4] == true,
        };
        let able = |resource: &str| -> Vec<&String> {
            let can = |p: &&String| self.ask(&question, p, resource) != Truth::No;
            self.principals.iter().filter(can).collect()
        };
        match &args[1] {
            Value::Array(resources) => {
                let resources = resources.iter().map(|it| it.as_str().unwrap());
                let pairs = resources.flat_map(|r| able(r).into_iter().map(move |p| json!([p, r])));
                Value::Array(pairs.collect())
            }
            one => json!(able(one.as_str().unwrap())),
        }
    }
}

/// The account whose details these are.
fn account_of(details: &Value) -> String {
    let all = ["UserDetailList", "RoleDetailList", "GroupDetailList"];
    let first = all.iter().find_map(|key| items(&details[*key]).first()).unwrap();
    text(first, "Arn").split(':').nth(4).unwrap().to_owned()
}

/// An organization as a tree of units and accounts.
fn add_organization(world: &mut World, root: &Value) {
    let mut parts = text(root, "Arn").split(':');
    let manager = parts.by_ref().nth(4).unwrap().to_owned();
    let id = parts.next().unwrap().split('/').nth(1).unwrap();
    let data = json!({
        "in_use": true, "organization_id": id, "feature_set": "ALL",
        "management_account_id": manager, "root_id": root["Id"],
        "enabled_policy_types": ["SERVICE_CONTROL_POLICY"],
    });
    world.add("aws.organizations.organization", &manager, "global", id, &data);
    let mut policies: std::collections::BTreeMap<String, (Value, Vec<String>)> =
        std::collections::BTreeMap::new();
    add_unit(world, &manager, root, &mut Vec::new(), &mut policies);
    for (id, (policy, targets)) in policies {
        let document = portcullis::model::policy::PolicyDocument::from_json(&policy["Content"]);
        let data = json!({
            "kind": "SERVICE_CONTROL_POLICY", "document": document, "target_ids": targets,
        });
        world.add("aws.organizations.policy", &manager, "global", &id, &data);
    }
    for kind in
        ["aws.organizations.organization", "aws.organizations.account", "aws.organizations.policy"]
    {
        world.complete(kind, &manager, "global");
    }
}

fn add_unit(
    world: &mut World,
    manager: &str,
    unit: &Value,
    above: &mut Vec<String>,
    policies: &mut std::collections::BTreeMap<String, (Value, Vec<String>)>,
) {
    let id = text(unit, "Id").to_owned();
    for policy in items(&unit["Policies"]) {
        let found = policies
            .entry(text(policy, "Id").to_owned())
            .or_insert_with(|| (policy.clone(), Vec::new()));
        assert_eq!(found.0["Content"], policy["Content"], "one policy, one text");
        found.1.push(id.clone());
    }
    if text(unit, "Type") == "Account" {
        // Whoever lists an organization is a member that service control policies bind unless it manages it.
        let data =
            json!({ "ancestor_ids": above, "management": id == manager, "status": "ACTIVE" });
        world.add("aws.organizations.account", manager, "global", &id, &data);
        return;
    }
    above.push(id);
    for child in items(&unit["Children"]) {
        add_unit(world, manager, child, above, policies);
    }
    above.pop();
}
