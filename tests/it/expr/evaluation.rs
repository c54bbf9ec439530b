//! What expressions compute, unknown values included.

use portcullis::diag::Diagnostics;
use portcullis::expr::{FUNCTIONS, Scope, Source, Template, Value, Want, markdown};
use portcullis::model::policy::{PolicyDocument, Statement};
use portcullis::model::reflect::{Reflect, Type};
use portcullis::span::SourceFile;

use super::{compile, env, group, index, now, params, shown};

/// Expressions over the group of the tests and what they show. CEL's own semantics first.
const TABLE: &[(&str, &str)] = &[
    // arithmetic
    ("1 + 2 * 3", "7"),
    ("7 / 2", "3"),
    ("-7 / 2", "-3"),
    ("-7 % 3", "-1"),
    ("7 % -3", "1"),
    ("1.5 + 2.0", "3.5"),
    ("1.0 / 0.0 > 1.0", "true"),
    ("params.limit / (params.limit - 3)", "(unknown: not understood: 3 / 0)"),
    (
        "params.limit + 9223372036854775807",
        "(unknown: not understood: 3 + 9223372036854775807 overflows)",
    ),
    ("-params.limit", "-3"),
    ("0x10 == 16", "true"),
    ("1 == 1.0", "true"),
    ("1 < 1.5", "true"),
    // texts
    ("'a' + 'b'", "ab"),
    ("'abc' < 'abd'", "true"),
    ("'Grüße'.size()", "5"),
    ("size('')", "0"),
    ("self.id.startsWith('sg') && self.id.endsWith('1')", "true"),
    ("self.id.contains('g-')", "true"),
    ("self.id.matches('g-[0-9]')", "true"),
    ("self.id.matches('^g')", "false"),
    ("self.id.glob('sg-*')", "true"),
    ("self.id.glob('s?-1')", "true"),
    ("self.id.glob('sg')", "false"),
    ("'TacoCät'.lowerAscii()", "tacocät"),
    ("' x '.trim() + '|'", "x|"),
    ("'a-b-c'.split('-')", "a, b, c"),
    ("'a-b-c'.split('-').join('+')", "a+b+c"),
    ("'abc'.split('').size()", "3"),
    ("'aXbX'.replace('X', '')", "ab"),
    ("string(42) + string(true) + string(1.5)", "42true1.5"),
    ("int('42') + int(3.9)", "45"),
    ("double('1.5') + double(1)", "2.5"),
    (r"r'\d' == '\\d'", "true"),
    ("'''a'b''' == \"a'b\"", "true"),
    ("self.id.split('-').map(p, int(p))", "(unknown: not understood: \"sg\" is no integer), 1"),
    // lists and maps
    ("[1, 2, 3].size()", "3"),
    ("[1, 2] + [3]", "1, 2, 3"),
    ("[1, 2] == [1, 2]", "true"),
    ("[1, 2] == [2, 1]", "false"),
    ("[1, 2][1]", "2"),
    ("params.admin_ports[7]", "(unknown: not understood: item 7 of a list of 2)"),
    ("2 in [1, 2]", "true"),
    ("self.id in ['a', 'sg-1']", "true"),
    ("params.limit in params.admin_ports", "false"),
    ("{'a': 1, 'b': 2}.size()", "2"),
    ("{'a': 1} == {'a': 1}", "true"),
    ("'a' in {'a': 1}", "true"),
    ("{'a': 1}.?a.orValue(7) + {'a': 1}[?'b'].orValue(7)", "8"),
    ("[3, 1, 2].sort()", "1, 2, 3"),
    ("[1, 2, 1].distinct()", "1, 2"),
    ("[[1], [], [2, 3]].flatten()", "1, 2, 3"),
    ("[1, 2].sum() + [3, 1].min() + [3, 1].max()", "7"),
    ("min(2, params.limit) + max(2, params.limit)", "5"),
    (
        "params.admin_ports.filter(p, p > 9999).max()",
        "(unknown: not understood: an extreme of an empty list)",
    ),
    ("[] + [1]", "1"),
    ("[].size()", "0"),
    // macros
    ("[1, 2, 3].exists(x, x > params.limit - 1)", "true"),
    ("[1, 2, 3].all(x, x > params.limit)", "false"),
    ("[1, 2, 3].exists_one(x, x == params.limit)", "true"),
    ("[3, 2, 3].exists_one(x, x == params.limit)", "false"),
    ("[].all(x, x == params.limit)", "true"),
    ("[].exists(x, x == params.limit)", "false"),
    ("[1, 2, 3].filter(x, x != params.limit)", "1, 2"),
    ("[1, 2, 3].map(x, x * 2)", "2, 4, 6"),
    ("[1, 2, 3].map(x, x != params.limit, x * 2)", "2, 4"),
    ("[1, 2].map(x, [1, 2].map(y, x * 10 + y)).flatten()", "11, 12, 21, 22"),
    ("self.tags.map(k, k)", "owner, stage"),
    ("self.tags.exists(k, k == params.owner)", "false"),
    // presence
    ("has(self.name) && self.name == 'web'", "true"),
    ("has(self.description)", "false"),
    ("self.description", "none"),
    ("self.?description.orValue('nothing')", "nothing"),
    ("self.?name.hasValue()", "true"),
    ("has(self.tags.owner) && self.tags.owner == params.owner", "true"),
    ("self.tags[?'nobody'].orValue('x')", "x"),
    ("'nobody' in self.tags", "false"),
    ("self.in_use ? 1 : 2", "(unknown: not collected)"),
    ("self.in_use ? 1 : 1", "1"),
    ("params.limit > 2 ? 'many' : 'few'", "many"),
    // ports, prefixes
    ("self.ingress[0].ports", "22"),
    ("self.ingress[1].ports.covers(443)", "true"),
    ("self.ingress[1].ports.from + self.ingress[1].ports.to", "523"),
    ("self.ingress[1].ports.count()", "364"),
    ("self.ingress[1].ports.overlaps(ports(443, 500))", "true"),
    ("ports(0, 65535)", "all ports"),
    ("prefix('10.0.0.0/8').contains(prefix('10.1.0.0/16'))", "true"),
    ("prefix('10.1.0.0/16').contains(prefix('10.0.0.0/8'))", "false"),
    ("prefix('10.1.0.0/16').overlaps(prefix('10.0.0.0/8'))", "true"),
    ("prefix('10.0.0.7/8').length()", "8"),
    ("prefix('::/0').is_v6()", "true"),
    ("prefix('::/0').is_public()", "true"),
    ("prefix('10.0.0.0/8').is_public()", "false"),
    ("prefix('8.8.8.8').is_public()", "true"),
    ("prefix('fc00::/7').is_public()", "false"),
    // time
    ("now", "2026-06-01T00:00:00Z"),
    ("now - days(31)", "2026-05-01T00:00:00Z"),
    ("timestamp('2026-05-01').age()", "31d"),
    ("timestamp('2026-05-01').age().days()", "31"),
    ("timestamp('2026-05-01T12:00:00+02:00') + hours(14) == timestamp('2026-05-02')", "true"),
    ("days(1) + hours(12)", "1d12h"),
    ("now - timestamp('2027-01-01') < hours(0)", "true"),
    ("now + days(99999999999999)", "(unknown: not understood: a time beyond the calendar)"),
    // unknowns
    ("self.in_use", "(unknown: not collected)"),
    ("self.in_use && params.limit == 0", "false"),
    ("params.limit == 0 && self.in_use", "false"),
    ("self.in_use || params.limit == 3", "true"),
    ("!self.in_use", "(unknown: not collected)"),
    ("self.in_use == self.in_use", "(unknown: not collected)"),
    ("self.ingress.exists(r, r.from_internet)", "true"),
    ("self.ingress.all(r, r.from_internet)", "false"),
    ("self.ingress.all(r, r.from_internet || r.ports.covers(80))", "(unknown: not collected)"),
    ("self.ingress.exists(r, r.from_internet && r.ports.covers(53))", "(unknown: not collected)"),
    ("self.ingress.exists_one(r, r.from_internet)", "(unknown: not collected)"),
    ("self.ingress.filter(r, r.from_internet).map(r, r.ports)", "22, 53 (possibly: not collected)"),
    ("self.ingress.filter(r, r.from_internet).size()", "(unknown: not collected)"),
    ("self.ingress.filter(r, r.from_internet).size() > 0", "true"),
    ("self.ingress.filter(r, r.from_internet).size() > 1", "(unknown: not collected)"),
    ("self.ingress.filter(r, r.from_internet).size() > 2", "false"),
    ("0 < self.ingress.filter(r, r.from_internet).size()", "true"),
    ("self.ingress.filter(r, r.from_internet).exists(r, r.ports.covers(80))", "false"),
    (
        "self.ingress.filter(r, r.from_internet).exists(r, r.ports.covers(53))",
        "(unknown: not collected)",
    ),
    (
        "ports(53, 53) in self.ingress.filter(r, r.from_internet).map(r, r.ports)",
        "(unknown: not collected)",
    ),
    ("ports(22, 22) in self.ingress.filter(r, r.from_internet).map(r, r.ports)", "true"),
    ("ports(1, 1) in self.ingress.filter(r, r.from_internet).map(r, r.ports)", "false"),
    ("self.ingress[0] == self.ingress[1]", "false"),
    ("self.egress.size()", "0"),
    ("self.egress.filter(r, r.to_internet)", "none"),
    // relations
    ("related('aws.ec2.flow_log', 'resource_id', 'vpc-1')", "fl-1, fl-3 (possibly: not collected)"),
    ("related('aws.ec2.flow_log', 'resource_id', 'vpc-1').exists(l, l.id == 'fl-1')", "true"),
    ("related('aws.ec2.flow_log', 'resource_id', 'vpc-9').size() > 0", "(unknown: not collected)"),
    ("related('aws.ec2.vpc', 'id', 'vpc-1').exists(v, v.is_default)", "false"),
    ("related('aws.ec2.vpc', 'id', 'vpc-9').size()", "0"),
    ("related('aws.ec2.vpc', 'id', self.?vpc_id.orValue('-')).map(v, v.id)", "vpc-1"),
    (
        "related('aws.ec2.subnet', 'vpc_id', 'vpc-1').size()",
        "(unknown: denied: aws.ec2.subnet in 111122223333 eu-west-1)",
    ),
    (
        "related('aws.ec2.subnet', 'vpc_id', 'vpc-1').exists(s, s.default_for_az)",
        "(unknown: denied: aws.ec2.subnet in 111122223333 eu-west-1)",
    ),
    ("all('aws.ec2.vpc').size()", "1"),
    ("all('aws.ec2.flow_log').filter(l, l.id != 'fl-1')", "fl-2, fl-3"),
];

#[test]
fn the_table_holds() {
    let wrong: Vec<String> = TABLE
        .iter()
        .map(|(text, expected)| (text, expected, shown(text, &[])))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(text, expected, found)| format!("{text}\n  wanted {expected}\n  found  {found}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_offender_list_tells_certain_from_possible() {
    let env = env("aws.ec2.security_group");
    let program = compile("self.ingress.filter(r, r.from_internet)", &env, Want::List);
    let (group, index, params) = (group(), index(), params());
    let listing = program.eval(&Scope::of(&group, &params, now(), &index)).listing().unwrap();
    assert_eq!(listing.certain().count(), 1);
    assert_eq!(listing.possible().count(), 1);
    assert!(listing.gap.is_none());
    let key = listing.certain().next().unwrap().key();
    assert!(key.contains("tcp") && !key.contains("r1"), "{key}");
    assert_eq!(listing.certain().next().unwrap().json()["rule_id"], "r1");
}

#[test]
fn what_a_program_touches_is_known() {
    let env = env("aws.ec2.security_group");
    let text = "self.ingress.exists(r, has(r.cidr) && r.cidr.is_public()) \
        && related('aws.ec2.flow_log', 'resource_id', self.id).exists(l, l.id != '') && all('aws.ec2.vpc').size() > 0";
    let program = compile(text, &env, Want::Bool);
    let fields: Vec<String> =
        program.fields().iter().map(|(ty, field)| format!("{ty}.{field}")).collect();
    assert_eq!(
        fields,
        [
            "SecurityGroupRule.cidr",
            "aws.ec2.flow_log.id",
            "aws.ec2.flow_log.resource_id",
            "aws.ec2.security_group.id",
            "aws.ec2.security_group.ingress",
        ]
    );
    let kinds: Vec<&str> = program.kinds().iter().map(|kind| kind.name).collect();
    assert_eq!(kinds, ["aws.ec2.flow_log", "aws.ec2.vpc"]);
    assert_eq!(program.relations().len(), 1);
}

#[test]
fn messages_are_rendered() {
    let mut env = env("aws.ec2.security_group");
    let (group, index, params) = (group(), index(), params());
    let list = compile("self.ingress.filter(r, r.from_internet)", &env, Want::List);
    let scope = Scope::of(&group, &params, now(), &index);
    let listing = list.eval(&scope).listing().unwrap();
    let Type::List(of) = list.ty() else { panic!("a list") };
    env.vars.push(("offender".to_owned(), (**of).clone()));
    let text = "{{ offender.ports }} of {{self.id}} open to {{ offender.?source.orValue('?') }}";
    assert!(Template::compile(&source(&file(text)), &env, &mut Diagnostics::default()).is_none());
    let text = "{{ offender.ports }} of {{self.id}} open to {{ offender.source }} ({{ self.description }})";
    let template =
        Template::compile(&source(&file(text)), &env, &mut Diagnostics::default()).unwrap();
    let rendered: Vec<String> = listing
        .items
        .iter()
        .map(|item| template.render(&scope.with_vars(std::slice::from_ref(&item.value))))
        .collect();
    assert_eq!(
        rendered,
        [
            "22 of sg-1 open to 0.0.0.0/0 (none)",
            "53 of sg-1 open to (unknown: not collected) (none)"
        ]
    );
}

fn file(text: &str) -> SourceFile {
    SourceFile::new("t", text)
}

fn source(file: &SourceFile) -> Source<'_> {
    Source::whole(file)
}

#[test]
fn statements_cover_what_iam_means() {
    let statement = |json: &str| -> Statement {
        let document = PolicyDocument::parse(&format!("{{\"Statement\":{json}}}"));
        document.known().unwrap().statements.known().unwrap()[0].known().unwrap().clone()
    };
    for (json, call, expected) in [
        (
            r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
            "covers_action('iam:PassRole')",
            "true",
        ),
        (
            r#"{"Effect":"Allow","Action":"IAM:pass*","Resource":"*"}"#,
            "covers_action('iam:PassRole')",
            "true",
        ),
        (
            r#"{"Effect":"Allow","Action":"iam:Get*","Resource":"*"}"#,
            "covers_action('iam:*')",
            "false",
        ),
        (
            r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#,
            "covers_action('iam:PassRole')",
            "false",
        ),
        (
            r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#,
            "covers_action('s3:*')",
            "true",
        ),
        (
            r#"{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::x/${aws:username}/*"}"#,
            "covers_resource('arn:aws:s3:::x/bob/y')",
            "(unknown: not understood: the pattern \"arn:aws:s3:::x/${aws:username}/*\")",
        ),
        (
            r#"{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::x/${aws:username}/*"}"#,
            "covers_resource('*')",
            "false",
        ),
        (r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#, "covers_action('*')", "false"),
        (
            r#"{"Effect":"Allow","Action":{"x":1},"Resource":"*"}"#,
            "covers_action('s3:*')",
            "(unknown: not understood: `Action` of a statement)",
        ),
        (
            r#"{"Effect":"Allow","Action":["a:b"],"Resource":["arn:aws:s3:::x/*"]}"#,
            "covers_resource('*')",
            "false",
        ),
        (
            r#"{"Effect":"Allow","Action":["a:b"],"Resource":["arn:aws:s3:::x/*"]}"#,
            "covers_resource('arn:aws:s3:::x/y')",
            "true",
        ),
        (
            r#"{"Effect":"Allow","Action":["a:b"],"NotResource":["arn:aws:s3:::x/*"]}"#,
            "covers_resource('arn:aws:s3:::y')",
            "true",
        ),
        (
            r#"{"Effect":"Allow","Action":["a:b"],"Resource":"*","NotResource":["arn:aws:s3:::x/*"]}"#,
            "covers_resource('arn:aws:s3:::y')",
            "(unknown: not understood: a statement with both `Resource` and `NotResource`)",
        ),
        (
            r#"{"Effect":"Allow","Action":["a:b"]}"#,
            "covers_resource('*')",
            "(unknown: not understood: a statement with neither `Resource` nor `NotResource`)",
        ),
        (r#"{"Effect":"Allow","Action":["a:b"],"Principal":"*"}"#, "covers_resource('*')", "false"),
    ] {
        let statement = statement(json);
        let vars =
            [("s", Type::Struct(Statement::SHAPE), Value::Struct(&statement as &dyn Reflect))];
        assert_eq!(shown(&format!("s.{call}"), &vars), expected, "{json} {call}");
    }
}

#[test]
fn every_function_is_documented_and_its_example_is_current() {
    let reference = markdown();
    for function in FUNCTIONS.iter().flat_map(|group| group.functions) {
        assert!(function.doc.ends_with('.'), "{function:?}");
        assert!(function.example.contains(function.name), "{function:?}: {}", function.example);
        assert!(reference.contains(function.doc), "{function:?}");
    }
}

#[test]
fn nothing_grows_without_end() {
    for (text, expected) in [
        ("self.id.replace('', 'xxxxxxxx')", ""),
        ("[self.id]", ".map(x, x + x)"),
        ("[[self.id]]", ".map(x, x + x)"),
        ("[self.id]", ".map(x, x.replace('s', 'ssssssss') + x)"),
    ] {
        let long = format!("{text}{}", expected.repeat(40));
        assert!(shown(&long, &[]).len() < 3 << 20, "{long}");
    }
    let list = format!("[{}0]", "0, ".repeat(99));
    let nest = (0..5).fold("params.limit == 99 || a0 == 99".to_owned(), |body, n| {
        format!("{list}.exists(a{n}, {body})")
    });
    assert!(shown(&nest, &[]).contains("more than 2000000 items"), "{}", shown(&nest, &[]));
}
