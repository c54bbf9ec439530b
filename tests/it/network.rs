//! `portcullis network`: every form of every answer on answers made by hand, hostile names in all of them, and the
//! commands on the example company.

use std::path::Path;

use portcullis::report::network::{
    Answer, BreachRow, Cell, CellState, Change, ChangeKind, DiffView, Document, Doubt, Entry,
    ExposureRow, ExposureView, HopView, Inventory, IsolationView, Level, PathView, ReachRow,
    ReachView, RemedyView, ReplyState, ReplyView, State, Style, Thing, dot, html, schema, text,
    write_json,
};

use crate::report::page;

use crate::binary::portcullis;

fn inventory() -> Inventory {
    Inventory {
        path: "inventory.jsonl.zst".into(),
        created: "2026-06-01T00:00:00Z".into(),
        interfaces: 57,
    }
}

fn document(answer: Answer) -> Document {
    let mut document = Document::new(Some("Acme".into()), vec![inventory()], answer);
    document.tool = "portcullis 0.0.0".into();
    document
}

fn thing(kind: &str, id: &str, name: &str) -> Thing {
    Thing {
        kind: kind.into(),
        id: id.into(),
        name: (!name.is_empty()).then(|| name.into()),
        interface: Some("eni-1".into()),
        account: Some("111122223333".into()),
        region: Some("eu-west-1".into()),
        vpc: Some("vpc-1".into()),
        environment: Some("production".into()),
        note: None,
    }
}

fn reply(state: ReplyState) -> ReplyView {
    let ports = if state == ReplyState::Partial { vec!["1024-32767".into()] } else { Vec::new() };
    let cause = (state == ReplyState::Unknown).then(|| "not collected".into());
    ReplyView { state, ports, cause }
}

fn hop(step: &str, words: &str, at: &str, state: State) -> HopView {
    HopView {
        step: step.into(),
        words: words.into(),
        at: at.into(),
        name: None,
        by: None,
        state,
        cause: None,
        code: None,
        why: None,
        becomes: None,
    }
}

/// A path that a security group blocks.
fn blocked() -> PathView {
    let mut gateway = hop("internet_gateway", "internet gateway", "igw-1", State::Passes);
    gateway.becomes = Some("198.51.100.7 → 10.0.0.5 TCP 22".into());
    let mut group = hop("security_group_in", "security group in", "sg-1", State::Blocked);
    group.name = Some("web".into());
    group.code = Some("ENI_SG_RULES_MISMATCH".into());
    group.why = Some("no rule of the security groups allows it".into());
    PathView {
        packet: "198.51.100.7 → 203.0.113.10 TCP 22".into(),
        forward: State::Blocked,
        state: State::Blocked,
        hops: vec![hop("source", "source", "internet", State::Passes), gateway, group],
        reply_hops: Vec::new(),
        blockers: vec!["security group in sg-1: no rule of the security groups allows it".into()],
    }
}

/// A path that works, with its answer.
fn works() -> PathView {
    let mut group = hop("security_group_in", "security group in", "sg-1", State::Passes);
    group.by = Some("sgr-1 TCP 443 from 0.0.0.0/0".into());
    PathView {
        packet: "198.51.100.7 → 203.0.113.10 TCP 443".into(),
        forward: State::Passes,
        state: State::Passes,
        hops: vec![
            hop("source", "source", "internet", State::Passes),
            group,
            hop("destination", "destination", "eni-1", State::Passes),
        ],
        reply_hops: vec![hop("route", "route", "rtb-1", State::Passes)],
        blockers: Vec::new(),
    }
}

fn exposure() -> Answer {
    let row = |subject: Thing, cause: Option<&str>, state| ExposureRow {
        subject,
        also: Vec::new(),
        entry: Entry { kind: "address".into(), id: "203.0.113.10".into() },
        traffic: vec!["TCP 22".into(), "TCP 443".into()],
        inside: Vec::new(),
        clients: vec!["any address".into()],
        reply: reply(state),
        cause: cause.map(str::to_owned),
        rules: vec!["sgr-1 TCP 443 from 0.0.0.0/0".into()],
        path: Some(works()),
        remedy: None,
    };
    let mut balancer = row(
        thing(
            "load balancer",
            "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/shop/1",
            "shop",
        ),
        None,
        ReplyState::Partial,
    );
    balancer.also = vec!["eni-2".into(), "eni-3".into()];
    balancer.entry =
        Entry { kind: "application load balancer".into(), id: balancer.subject.id.clone() };
    balancer.inside = vec!["TCP 8443".into()];
    balancer.remedy = Some(RemedyView {
        changes: vec!["remove sgr-1 of sg-1".into()],
        loses: 2,
        why_none: None,
        verified: true,
    });
    Answer::Exposure(ExposureView {
        from: "the internet".into(),
        filters: vec!["port 443".into()],
        interfaces: 57,
        exposed: 2,
        unknown: 1,
        rows: vec![
            row(thing("instance", "i-1", "web-1"), None, ReplyState::Full),
            balancer,
            row(
                thing("instance", "i-2", ""),
                Some("denied: ec2:DescribeNetworkAcls"),
                ReplyState::Unknown,
            ),
        ],
        doubts: vec![Doubt {
            at: "111122223333 eu-west-2".into(),
            cause: "not collected: aws.ec2.network_interface".into(),
        }],
    })
}

fn reach(passes: bool) -> Answer {
    let internet = Thing { kind: "internet".into(), id: "internet".into(), ..Thing::default() };
    let row = ReachRow {
        from: internet,
        also: Vec::new(),
        to: thing("instance", "i-1", "web-1"),
        traffic: vec!["TCP 443".into()],
        inside: Vec::new(),
        sources: vec!["any address".into()],
        via: None,
        reply: reply(ReplyState::Full),
        cause: None,
        path: Some(works()),
    };
    Answer::Reach(ReachView {
        from: "the internet".into(),
        to: "web-1 (i-1)".into(),
        port: Some(if passes { "TCP 443".into() } else { "TCP 22".into() }),
        state: if passes { State::Passes } else { State::Blocked },
        starts: 1,
        reaching: u64::from(passes),
        rows: if passes { vec![row] } else { Vec::new() },
        attempt: (!passes).then(blocked),
        doubts: Vec::new(),
    })
}

fn isolation() -> Answer {
    let cell = |state| Cell {
        state,
        breaches: u64::from(state == CellState::Breached),
        unknown: 0,
        routed: u64::from(state == CellState::RoutedOnly),
        declared: 0,
    };
    let row = |level, cause: Option<&str>| BreachRow {
        from: "development".into(),
        to: "production".into(),
        level,
        kind: "peering".into(),
        link: "pcx-1".into(),
        link_name: Some("dev-prod".into()),
        rule: (level == Level::Admitted).then(|| "sgr-1 TCP 5432 from 10.0.0.0/8".into()),
        routes: vec!["10.1.0.0/16 → pcx-1".into()],
        traffic: vec!["TCP 5432".into()],
        senders: 3,
        receivers: 1,
        reply: reply(ReplyState::Full),
        cause: cause.map(str::to_owned),
        path: Some(works()),
        remedy: None,
    };
    Answer::Isolation(IsolationView {
        environments: vec!["production".into(), "development".into()],
        matrix: vec![
            vec![cell(CellState::Same), cell(CellState::Isolated)],
            vec![cell(CellState::Breached), cell(CellState::Same)],
        ],
        breaches: vec![
            row(Level::Admitted, None),
            row(Level::Admitted, Some("denied: ec2:DescribeRouteTables")),
            row(Level::RoutedOnly, None),
        ],
        doubts: Vec::new(),
    })
}

fn diff() -> Answer {
    let change = |kind, way: &str| Change {
        kind,
        subject: thing("instance", "i-1", "web-1"),
        way: way.into(),
        traffic: vec!["TCP 22".into()],
        clients: vec!["any IPv4 address".into()],
        cause: (kind == ChangeKind::BecameUnknown).then(|| "not collected".into()),
    };
    Answer::Diff(DiffView {
        from: "the internet".into(),
        exposure: vec![
            change(ChangeKind::Appeared, "by its public address"),
            change(ChangeKind::BecameUnknown, "by its IPv6 address"),
            change(ChangeKind::Vanished, "by its public address"),
        ],
        isolation: vec![change(ChangeKind::BecameCertain, "development → production")],
        unchanged: 12,
    })
}

fn answers() -> Vec<(&'static str, Document)> {
    vec![
        ("exposure", document(exposure())),
        ("reach", document(reach(true))),
        ("blocked", document(reach(false))),
        ("isolation", document(isolation())),
        ("diff", document(diff())),
    ]
}

fn as_text(document: &Document, style: Style) -> String {
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
fn text_says_it_in_a_line_first() {
    let mut all = String::new();
    for (name, document) in answers() {
        all.push_str(&format!("== {name}\n{}\n", as_text(&document, Style::default())));
    }
    let explained = as_text(&document(exposure()), Style { explain: true, ..Style::default() });
    all.push_str(&format!("== exposure --explain\n{explained}"));
    insta::assert_snapshot!("network_text", all);
}

#[test]
fn graphs_hold_what_the_answers_say() {
    let all: Vec<String> = answers().iter().map(|(_, document)| as_dot(document)).collect();
    insta::assert_snapshot!("network_dot", all.join("\n"));
}

#[test]
fn json_keeps_to_its_schema_and_reads_back() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (name, document) in answers().into_iter().chain([("hostile", hostile())]) {
        let mut bytes = Vec::new();
        write_json(&document, &mut bytes).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let wrong: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
        assert_eq!(value["portcullis_network"], 1);
        assert_eq!(serde_json::from_value::<Document>(value).unwrap(), document, "{name}");
    }
}

#[test]
fn pages_are_whole_and_without_scripts() {
    for (name, document) in answers() {
        let html = as_html(&document);
        page::check(&html);
        assert!(!html.contains("<script") && !html.contains("://"), "{name}");
        let drawn = html.matches("<rect class=\"box\"").count();
        assert!(drawn >= 3 || name == "diff", "{name}: {drawn} hops are drawn");
    }
}

const NASTY: &str = "\u{1b}[31m\u{202e}<script>alert(1)</script>\"];}\n\\\"&lt;'{{ 7 }}";

fn hostile() -> Document {
    let nasty = || NASTY.to_owned();
    let long = format!("{}{NASTY}", "x".repeat(10_000));
    let mut answer = exposure();
    if let Answer::Exposure(view) = &mut answer {
        view.from = nasty();
        view.filters = vec![nasty()];
        view.doubts = vec![Doubt { at: nasty(), cause: nasty() }];
        for row in &mut view.rows {
            row.subject = thing(&nasty(), &nasty(), &long);
            row.subject.note = Some(nasty());
            row.entry = Entry { kind: nasty(), id: long.clone() };
            row.rules = vec![nasty(), long.clone()];
            row.clients = vec![nasty()];
            row.cause = Some(long.clone());
            let hops = row.path.iter_mut().flat_map(|path| &mut path.hops);
            for hop in hops {
                (hop.at, hop.name, hop.by) = (long.clone(), Some(nasty()), Some(nasty()));
            }
        }
    }
    let mut document = document(answer);
    document.title = Some(nasty());
    document
}

#[test]
fn hostile_names_stay_names() {
    let document = hostile();
    for explain in [false, true] {
        let shown = as_text(&document, Style { explain, ..Style::default() });
        assert!(
            !shown.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'),
            "{shown}"
        );
        let long: Vec<_> = shown.lines().filter(|line| line.chars().count() > 500).collect();
        assert!(long.is_empty(), "{long:?}");
    }
    let html = as_html(&document);
    page::check(&html);
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;"));
    assert!(html.len() < 400_000, "{} bytes", html.len());
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
    assert!(!graph.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'));
}

const ACME: &str = "examples/acme";

#[test]
fn the_example_tells_what_is_exposed() {
    let (out, err, code) = portcullis(&["network", "exposure", ACME]);
    // A region of the example was not read.
    assert_eq!(code, 3, "{err}");
    assert!(
        out.contains(" exposed to the internet, ") && err.contains("not read completely"),
        "{out}{err}"
    );
    assert!(!out.contains("disagree"), "{out}");
    let (out, ..) = portcullis(&["network", "exposure", ACME, "--type", "database", "--explain"]);
    assert!(out.contains("database reports") && out.contains("and is answered"), "{out}");
    assert!(!out.contains("load balancer "), "{out}");
    let (out, ..) = portcullis(&["network", "exposure", ACME, "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    let view = &value["answer"]["exposure"];
    let rows = view["rows"].as_array().unwrap();
    assert!(!rows.is_empty() && view["exposed"].as_u64() <= view["interfaces"].as_u64());
    assert!(jsonschema::validator_for(&schema()).unwrap().is_valid(&value));
    // Every form gives the same bytes again.
    for format in ["json", "html", "dot", "text"] {
        let args = ["network", "exposure", ACME, "--format", format];
        assert!(portcullis(&args) == portcullis(&args), "{format}");
    }
}

#[test]
fn reach_says_why_and_why_not() {
    let (out, err, code) =
        portcullis(&["network", "reach", "internet", "demo-shop", ACME, "--port", "22"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("reaches demo-shop") && out.contains("security group in"), "{out}");
    let (out, err, code) =
        portcullis(&["network", "reach", "internet", "prod-main-app-01", ACME, "--port", "tcp/22"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("does not reach") && out.contains("Blocked first by"), "{out}");
    let (out, ..) = portcullis(&["network", "reach", "any", "reports", ACME, "--port", "5432"]);
    assert!(out.contains("any IPv4 address") && out.contains("starts for certain"), "{out}");
}

#[test]
fn isolation_ends_with_what_it_found() {
    let (out, err, code) = portcullis(&["network", "isolation", ACME]);
    assert!([1, 3].contains(&code), "{err}");
    assert!(out.contains("FROM \\ TO") && out.contains("breached"), "{out}");
    assert!(!out.contains("disagree"), "{out}");
    let (_, err, code) = portcullis(&["network", "isolation", "examples/acme/inventory.jsonl.zst"]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("fewer than two environments"), "{err}");
}

#[test]
fn an_inventory_is_the_same_as_itself() {
    let (out, err, code) = portcullis(&["network", "diff", ACME, ACME]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("Nothing changed"), "{out}");
}

#[test]
fn mistakes_are_answered_with_what_to_do() {
    let mut all = String::new();
    for args in [
        &["network", "reach", "internet", "demo-shp", ACME][..],
        &["network", "reach", "internet", "demo-shop", ACME, "--port", "https"],
        &["network", "reach", "internet", "demo-shop", ACME, "--port", "70000"],
        &["network", "reach", "internet:nowhere", "demo-shop", ACME],
        &["network", "exposure", ACME, "--type", "databse"],
        &["network", "exposure", ACME, "--from", "ofice"],
        &["network", "exposure", ACME, "--out", "answer.pdf"],
        &["network", "isolation", ACME, "--from", "prodution"],
        &["network", "diff", ACME, "nowhere.jsonl.zst"],
    ] {
        let (out, err, code) = portcullis(args);
        assert_eq!(code, 2, "{args:?}: {out}{err}");
        all.push_str(&format!("$ portcullis {}\n{err}\n", args.join(" ")));
    }
    assert!(!Path::new("answer.pdf").exists());
    insta::assert_snapshot!("network_mistakes", all);
}
