//! `portcullis iam paths`: every form of the answer on one made by hand, hostile names in all of them, and the command on
//! an account of four principals.

use std::fs;
use std::path::Path;

use portcullis::report::iam::Inventory;
use portcullis::report::iam::paths::{
    Administrator, Ask, Becomes, Document, Doubt, Paths, Principal, Quality, Remedy, Removal, Row,
    Statement, Step, Untried, dot, html, schema, text, write_json,
};
use serde_json::json;

use crate::report::page;

use crate::binary::portcullis;

fn principal(kind: &str, name: &str) -> Principal {
    Principal {
        arn: format!("arn:aws:iam::111122223333:{kind}/{name}"),
        kind: kind.into(),
        name: name.into(),
        account: "111122223333".into(),
        environment: (kind == "role").then(|| "production".into()),
    }
}

fn statement(policy: &str) -> Statement {
    Statement {
        policy: policy.into(),
        version: Some("v3".into()),
        statement: 2,
        sid: Some("Deploy".into()),
    }
}

fn step(method: &str, title: &str, from: Principal, becomes: Becomes, sure: Quality) -> Step {
    Step {
        method: method.into(),
        title: title.into(),
        from,
        becomes,
        via: None,
        sure,
        needs: Some("a role with an instance profile".into()),
        asks: vec![Ask {
            action: "iam:UpdateAssumeRolePolicy".into(),
            resource: "arn:aws:iam::111122223333:role/deploy".into(),
            certain: sure == Quality::Certain,
            by: vec![statement("arn:aws:iam::111122223333:policy/deployer")],
        }],
    }
}

fn untried(who: &str) -> Untried {
    let principal = principal("user", who).arn;
    Untried { method: "iam-004".into(), principal, tried: 256, of: 4_000 }
}

fn document() -> Document {
    let (ada, ben, eve) =
        (principal("user", "ada"), principal("user", "ben"), principal("role", "eve"));
    let deploy = principal("role", "deploy");
    let mut trust = step(
        "iam-012",
        "rewrites the trust policy of a role so that it names the actor",
        ada.clone(),
        Becomes::Principal(deploy.clone()),
        Quality::Certain,
    );
    trust.via = Some(deploy.arn.clone());
    let attach = step(
        "iam-009",
        "attaches a managed policy to its own role",
        deploy.clone(),
        Becomes::Administrator,
        Quality::Certain,
    );
    let mut passed = step(
        "ec2-001",
        "starts an instance with a role and its own user data",
        ben.clone(),
        Becomes::Principal(deploy),
        Quality::Possible,
    );
    passed.via = Some("ec2.amazonaws.com".into());
    let read = step(
        "ours-secret-read",
        "reads credentials that somebody stored",
        eve.clone(),
        Becomes::Elsewhere,
        Quality::Possible,
    );
    let row =
        |principal, sure, path: Vec<Step>, uses| Row { principal, sure, path, uses, remedy: None };
    let mut first =
        row(ada, Some(Quality::Certain), vec![trust.clone(), attach.clone()], vec![trust]);
    first.remedy = Some(Remedy {
        removals: vec![Removal {
            statement: statement("arn:aws:iam::111122223333:policy/deployer"),
            shared_by: 3,
        }],
    });
    let second = row(ben, Some(Quality::Possible), vec![passed.clone(), attach], vec![passed]);
    let third = row(eve, None, Vec::new(), vec![read]);
    let mut document = Document::new(
        Inventory {
            path: "inventory.jsonl.zst".into(),
            created: "2026-06-01T00:00:00Z".into(),
            principals: 57,
        },
        Paths {
            from: None,
            to: None,
            principals: 57,
            administrators: vec![Administrator {
                principal: principal("role", "break-glass"),
                certain: true,
            }],
            certain: 1,
            conditional: 0,
            possible: 1,
            tells_possible: true,
            rows: vec![first, second, third],
            doubts: vec![Doubt { at: "aws.iam.policy".into(), cause: "denied: 403".into() }],
            untried: ["ada", "ben"].map(untried).into(),
        },
    );
    document.tool = "portcullis 0.0.0".into();
    document
}

fn as_text(document: &Document, style: text::Style) -> String {
    let mut out = Vec::new();
    text::write(document, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn as_dot(document: &Document) -> String {
    let mut out = Vec::new();
    dot::write(document, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn as_html(document: &Document) -> String {
    let mut out = Vec::new();
    html::write(document, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn paths_at_a_terminal() {
    let brief = as_text(&document(), text::Style::default());
    let told = as_text(&document(), text::Style { explain: true, ..text::Style::default() });
    insta::assert_snapshot!("iam_paths_text", format!("{brief}\n=== --explain\n\n{told}"));
}

#[test]
fn the_same_path_is_told_once() {
    let mut document = document();
    for name in ["bob", "cy"] {
        let mut row = document.answer.rows[1].clone();
        row.principal = principal("user", name);
        row.path[0].from = principal("user", name);
        document.answer.rows.insert(2, row);
    }
    let shown = as_text(&document, text::Style::default());
    assert!(shown.contains("user ben and 2 more  111122223333  ec2-001 → role deploy"), "{shown}");
    assert!(!shown.contains("user bob"), "{shown}");
    let html = as_html(&document);
    assert!(html.contains("user ben and 2 more") && html.contains("user cy, user bob"), "{html}");
}

#[test]
fn paths_as_a_graph() {
    insta::assert_snapshot!("iam_paths_dot", as_dot(&document()));
}

#[test]
fn paths_as_a_page() {
    let html = as_html(&document());
    page::check(&html);
    for words in [
        "1 of 57 principals becomes an administrator for certain, 0 if conditions hold, 1 possibly",
        "iam-012 → role deploy → iam-009 → administrator",
        "statement 2 (Deploy); 3 other principals lose it too",
        "Needs a role with an instance profile.",
        "something outside the inventory",
        "break-glass",
        "denied: 403",
    ] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn paths_for_machines() {
    let document = document();
    let mut out = Vec::new();
    write_json(&document, &mut out).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert!(jsonschema::validator_for(&schema()).unwrap().is_valid(&value));
    assert_eq!(serde_json::from_value::<Document>(value).unwrap(), document);
}

#[test]
fn hostile_names_stay_names() {
    let nasty =
        || format!("\u{1b}[31m</title><script>alert(1)</script>\u{202e}\"];\n{}", "x".repeat(5000));
    let mut document = document();
    document.inventory.path = nasty();
    for doubt in &mut document.answer.doubts {
        (doubt.at, doubt.cause) = (nasty(), nasty());
    }
    for one in &mut document.answer.untried {
        (one.method, one.principal) = (nasty(), nasty());
    }
    for row in &mut document.answer.rows {
        row.principal.name = nasty();
        for step in row.path.iter_mut().chain(&mut row.uses) {
            step.from.name = nasty();
            step.from.environment = Some(nasty());
            step.via = Some(nasty());
            step.needs = Some(nasty());
            if let Becomes::Principal(other) = &mut step.becomes {
                (other.name, other.account) = (nasty(), nasty());
            }
            for ask in &mut step.asks {
                ask.resource = nasty();
                for by in &mut ask.by {
                    (by.policy, by.sid) = (nasty(), Some(nasty()));
                }
            }
        }
    }
    for explain in [false, true] {
        let shown = as_text(&document, text::Style { explain, ..text::Style::default() });
        assert!(
            !shown.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'),
            "{shown}"
        );
        assert!(shown.lines().all(|line| line.chars().count() < 500), "{shown}");
    }
    let html = as_html(&document);
    page::check(&html);
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;"));
    // Outside of its strings, a graph holds nothing but what this program writes.
    let graph = as_dot(&document);
    let (mut bare, mut inside, mut escaped) = (String::new(), false, false);
    for c in graph.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            c if !inside => bare.push(c),
            _ => {}
        }
    }
    assert!(!inside && !bare.contains("alert") && !bare.contains('<'), "{bare}");
}

fn policy(name: &str, action: &str, resource: &str) -> serde_json::Value {
    let statement = json!({ "Effect": "Allow", "Action": action, "Resource": resource });
    json!({ "PolicyName": name, "PolicyDocument": { "Version": "2012-10-17", "Statement": [statement] } })
}

fn role(
    name: &str,
    trusts: serde_json::Value,
    policies: &[serde_json::Value],
) -> serde_json::Value {
    let statement = json!({ "Effect": "Allow", "Principal": trusts, "Action": "sts:AssumeRole" });
    json!({
        "Path": "/", "RoleName": name, "RoleId": format!("AROA{}", name.to_uppercase()),
        "Arn": format!("arn:aws:iam::111122223333:role/{name}"), "CreateDate": "2025-01-01T00:00:00Z",
        "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [statement] },
        "InstanceProfileList": [], "RolePolicyList": policies, "AttachedManagedPolicies": [], "Tags": [],
        "RoleLastUsed": {},
    })
}

fn user(name: &str, policies: &[serde_json::Value]) -> serde_json::Value {
    json!({
        "Path": "/", "UserName": name, "UserId": format!("AIDA{}", name.to_uppercase()),
        "Arn": format!("arn:aws:iam::111122223333:user/{name}"), "CreateDate": "2025-01-01T00:00:00Z",
        "UserPolicyList": policies, "GroupList": [], "AttachedManagedPolicies": [], "Tags": [],
    })
}

/// Ada rewrites whom `deploy` trusts, which may attach policies to itself; Ben may pass `builds` to a function.
fn inventory(folder: &Path) -> String {
    let arn = "arn:aws:iam::111122223333:role/deploy";
    let details = json!({
        "UserDetailList": [
            user("ada", &[policy("trust", "iam:UpdateAssumeRolePolicy", arn)]),
            user("ben", &[
                policy("pass", "iam:PassRole", "arn:aws:iam::111122223333:role/builds"),
                policy("make", "lambda:*", "*"),
            ]),
        ],
        "GroupDetailList": [],
        "RoleDetailList": [
            role("deploy", json!({ "Service": "ec2.amazonaws.com" }), &[policy("own", "iam:AttachRolePolicy", arn)]),
            role("builds", json!({ "Service": "lambda.amazonaws.com" }), &[policy("s3", "s3:*", "*")]),
        ],
        "Policies": [],
    });
    collected(folder, &details)
}

/// The inventory of one account.
fn collected(folder: &Path, details: &serde_json::Value) -> String {
    let global = folder.join("dump/111122223333/global");
    fs::create_dir_all(&global).unwrap();
    fs::write(global.join("details.json"), details.to_string()).unwrap();
    let out = folder.join("inventory.jsonl.zst").display().to_string();
    let dump = folder.join("dump").display().to_string();
    let (_, err, code) = portcullis(&["collect", "aws-json", &dump, "--out", &out]);
    assert!(Path::new(&out).exists(), "{code}: {err}");
    out
}

#[test]
fn an_account_tells_its_paths() {
    let folder = tempfile::tempdir().unwrap();
    let inventory = inventory(folder.path());
    let ask = |more: &[&str]| {
        let args = ["iam", "paths", "--inventory", &inventory, "--at", "2026-06-01"];
        portcullis(&[&args, more].concat())
    };
    let (out, err, code) = ask(&[]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("2 of 4 principals become an administrator for certain"), "{out}");
    assert!(out.contains("iam-012 → role deploy → iam-009 → administrator"), "{out}");
    assert!(out.contains("lambda-001") && out.contains("→ role builds: user ben"), "{out}");
    let (out, ..) = ask(&["--from", "ada", "--remedy"]);
    assert!(out.contains("user/ada can become an administrator"), "{out}");
    assert!(
        out.contains("by inline trust of arn:aws:iam::111122223333:user/ada, statement 0"),
        "{out}"
    );
    assert!(out.contains("remedy, verified by searching again"), "{out}");
    let (out, _, code) = ask(&["--from", "user/ben"]);
    assert_eq!((code, out.as_str()), (2, ""));
    let (out, _, code) = ask(&["--from", "ben"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("user/ben cannot become an administrator"), "{out}");
    let (out, _, code) = ask(&["--to", "builds"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("lambda-001 → role builds"), "{out}");
    // An administrator gets at everybody of its account.
    assert!(out.contains("iam-012 → role deploy → iam-009 → administrator"), "{out}");
    let (out, ..) = ask(&["--format", "json", "--possible"]);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(jsonschema::validator_for(&schema()).unwrap().is_valid(&value));
    for format in ["json", "html", "dot", "text"] {
        assert!(ask(&["--format", format]) == ask(&["--format", format]), "{format}");
    }
}

/// An instance with a role of the same name.
fn instance(id: &str, role: &str) -> serde_json::Value {
    let profile = format!("arn:aws:iam::111122223333:instance-profile/{role}");
    json!({ "InstanceId": id, "State": { "Name": "running" }, "IamInstanceProfile": { "Arn": profile, "Id": "AIPA" } })
}

#[test]
fn sessions_open_on_instances_whose_role_lets_them() {
    let folder = tempfile::tempdir().unwrap();
    let served = |name: &str, policies: &[serde_json::Value]| {
        let mut role = role(name, json!({ "Service": "ec2.amazonaws.com" }), policies);
        let arn = format!("arn:aws:iam::111122223333:instance-profile/{name}");
        role["InstanceProfileList"] = json!([{
            "Path": "/", "InstanceProfileName": name, "InstanceProfileId": "AIPA", "Arn": arn,
            "CreateDate": "2025-01-01T00:00:00Z", "Roles": [{ "RoleName": name, "Arn": role["Arn"] }],
        }]);
        role
    };
    let details = json!({
        "UserDetailList": [user("cy", &[policy("open", "ssm:StartSession", "*")])],
        "GroupDetailList": [], "Policies": [],
        "RoleDetailList": [
            served("managed", &[policy("s3", "s3:*", "*"), policy("agent", "ssmmessages:*", "*")]),
            served("silent", &[policy("iam", "iam:*", "*"), policy("sqs", "sqs:*", "*")]),
        ],
    });
    let instances = [instance("i-0a", "managed"), instance("i-0b", "silent")];
    let reservations = json!({ "Reservations": [{ "Instances": instances }] });
    let dump = folder.path().join("dump/111122223333");
    for (file, value) in
        [("global/details.json", details), ("eu-west-1/instances.json", reservations)]
    {
        fs::create_dir_all(dump.join(file).parent().unwrap()).unwrap();
        fs::write(dump.join(file), value.to_string()).unwrap();
    }
    let inventory = folder.path().join("inventory.jsonl.zst").display().to_string();
    let dump = folder.path().join("dump").display().to_string();
    portcullis(&["collect", "aws-json", &dump, "--out", &inventory]);
    let ask = |more: &[&str]| {
        let args = ["iam", "paths", "--inventory", &inventory, "--from", "cy"];
        portcullis(&[&args, more].concat()).0
    };
    let seen = ask(&[]);
    assert!(seen.contains("ssm-001") && seen.contains("→ role managed"), "{seen}");
    assert!(
        !seen.contains("role silent") && seen.contains("may become an administrator"),
        "{seen}"
    );
    let possible = ask(&["--possible"]);
    assert!(possible.contains("→ role silent, by instance/i-0b  possible"), "{possible}");
}

#[test]
fn mistakes_are_answered_with_what_to_do() {
    let mut all = String::new();
    for args in [
        &["--from", "acme-deplo"][..],
        &["--to", "arn:aws:iam::210987654321:role/nobody"],
        &["--to", "acme-deploy", "--remedy"],
        &["--out", "answer.pdf"],
        &["--at", "yesterday"],
    ] {
        let args = [&["iam", "paths", "--inventory", "examples/acme"], args].concat();
        let (out, err, code) = portcullis(&args);
        assert_eq!(code, 2, "{args:?}: {out}{err}");
        all.push_str(&format!("$ portcullis {}\n{err}\n", args.join(" ")));
    }
    insta::assert_snapshot!("iam_paths_mistakes", all);
}

/// Ada may assume any of 300 roles that may no more than she; what was not tried is told, in words and as data.
#[test]
fn what_was_not_tried_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let read = policy("read", "s3:GetObject", "*");
    let account = json!({ "AWS": "arn:aws:iam::111122223333:root" });
    let roles: Vec<_> = (0..300)
        .map(|at| role(&format!("r{at}"), account.clone(), std::slice::from_ref(&read)))
        .collect();
    let details = json!({
        "UserDetailList": [user("ada", &[read, policy("assume", "sts:AssumeRole", "*")])],
        "GroupDetailList": [], "RoleDetailList": roles, "Policies": [],
    });
    let inventory = collected(folder.path(), &details);
    let ask = |more: &[&str]| {
        let args = ["iam", "paths", "--inventory", &inventory, "--at", "2026-06-01"];
        portcullis(&[&args, more].concat())
    };
    let (out, err, code) = ask(&[]);
    assert!(out.contains("sts-001: for user/ada tried on 256 of 300 principals"), "{out}{err}");
    assert_eq!(code, 0, "paths are not concerned: {out}{err}");
    let (out, _, _) = ask(&["--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    let expected = json!([{
        "method": "sts-001", "principal": "arn:aws:iam::111122223333:user/ada", "tried": 256, "of": 300,
    }]);
    assert_eq!(value["answer"]["untried"], expected);
    let (out, _, _) = ask(&["--to", "r7"]);
    assert!(!out.contains("tried on"), "who asks for a goal gets all ways there: {out}");
}
