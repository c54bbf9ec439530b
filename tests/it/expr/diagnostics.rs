//! What the checker refuses, where it points, and what it suggests.

use portcullis::diag::Diagnostics;
use portcullis::expr::{Env, Offsets, Source, Template, Want};
use portcullis::span::SourceFile;

use super::{compile, env, try_compile};

/// `code line:column message | help`, one line each.
fn told(diagnostics: &Diagnostics) -> Vec<String> {
    let one = |d: &portcullis::diag::Diagnostic| {
        let span = d.span.as_ref().expect("a place");
        let (line, column) = span.file.line_column(span.range.start);
        let marked = span.file.text.get(span.range.clone()).unwrap_or_default();
        let help = d.help.as_deref().map(|help| format!(" | {help}")).unwrap_or_default();
        format!("{} {line}:{column} `{marked}` {}{help}", d.code, d.message)
    };
    diagnostics.iter().map(one).collect()
}

fn refused(text: &str, want: Want) -> Vec<String> {
    told(&try_compile(text, &env("aws.ec2.security_group"), want).1)
}

/// Expression, column, marked text, and parts of the message.
const BOOLS: &[(&str, usize, &str, &[&str])] = &[
    // names and fields
    (
        "self.ingres.size() > 0",
        6,
        "ingres",
        &["expr/unknown-field", "no field `ingres`", "did you mean `ingress`"],
    ),
    (
        "self.ingress.exists(r, r.form_internet)",
        26,
        "form_internet",
        &["did you mean `from_internet`"],
    ),
    ("selv.id == 'x'", 1, "selv", &["expr/unknown-name", "did you mean `self`"]),
    ("ingress.size() > 0", 1, "ingress", &["did you mean `self.ingress`"]),
    ("limit > 2", 1, "limit", &["did you mean `params.limit`"]),
    ("params.limits > 2", 8, "limits", &["no parameter `limits`", "did you mean `limit`"]),
    ("params == 2", 1, "params", &["is no value"]),
    ("self.id.size > 2", 9, "size", &["a string has no fields"]),
    (
        "self.ingress.exists(r, r.ports.form == 1)",
        32,
        "form",
        &["no field `form`", "did you mean `from`"],
    ),
    // functions
    (
        "self.id.startswith('x')",
        9,
        "startswith",
        &["expr/unknown-function", "did you mean `startsWith`"],
    ),
    (
        "startsWith(self.id, 'x')",
        1,
        "startsWith",
        &["it is called as `string.startsWith(string) → bool`"],
    ),
    ("self.id.startsWith()", 9, "startsWith", &["expr/arguments", "does not take no arguments"]),
    ("self.id.startsWith(3)", 9, "startsWith", &["cannot be called on a string with an int"]),
    ("self.id.glob(self.owner_id, 'x')", 9, "glob", &["does not take 2 arguments"]),
    ("self.ingress.exists(r, r.ports.from() == 1)", 32, "from", &["read without brackets"]),
    ("self.ingress.exists(3, true)", 21, "3", &["the first argument names the variable"]),
    ("self.ingress.exists(self, true)", 21, "self", &["the first argument names the variable"]),
    ("self.id.exists(c, c == 'x')", 1, "self.id", &["not a list or a map"]),
    ("self.ingress.exists(r, r.ports.covers('22'))", 39, "'22'", &["this is a string, not an int"]),
    // types
    ("self.id", 1, "self.id", &["expr/type", "gives a string, not a bool"]),
    (
        "self.ingress && self.in_use",
        1,
        "self.ingress",
        &["must be a bool, this is a list", "size() > 0"],
    ),
    ("!self.id", 2, "self.id", &["must be a bool, this is a string"]),
    ("self.id == 3", 9, "==", &["expr/never", "a string with an int", "can never hold"]),
    (
        "self.ingress.exists(r, has(r.cidr) && r.cidr == '10.0.0.0/8')",
        46,
        "==",
        &["never hold", "prefix('…')"],
    ),
    (
        "self.ingress.exists(r, r.ports == 22)",
        32,
        "==",
        &["a range of ports with an int", "covers"],
    ),
    ("self.ingress == 'x'", 14, "==", &["never hold"]),
    ("self.ingress.exists(r, r.ports < r.ports)", 32, "<", &["a range of ports has no order"]),
    ("self.id + 1 == 'x'", 9, "+", &["does not take a string and an int", "string(…)"]),
    ("now - 3 > now", 5, "-", &["days(90)"]),
    ("now > '2026-01-01'", 5, ">", &["timestamp('…')"]),
    ("now.age() > 90", 11, ">", &["days(…)"]),
    ("self.id in 'sg-1'", 12, "'sg-1'", &["contains('part')"]),
    ("3 in ['a']", 3, "in", &["a list(string) never contains an int"]),
    ("self.in_use ? 1 : 2", 1, "self.in_use ? 1 : 2", &["gives an int, not a bool"]),
    ("self.in_use ? self.in_use : 2", 29, "2", &["the two ways differ: a bool and an int"]),
    ("[1, 'a'].size() > 0", 5, "'a'", &["items of a list differ: an int and a string"]),
    ("{'a': 1, 'b': true}.size() > 0", 15, "true", &["values of a map differ"]),
    ("{1: 2}.size() > 0", 2, "1", &["the keys of a map are text"]),
    ("self.ingress['x'] == self.ingress[0]", 14, "'x'", &["the index is a string, not an int"]),
    ("self.id[0] == 'x'", 8, "[", &["a string cannot be indexed"]),
    ("-self.id == 'x'", 2, "self.id", &["takes a number"]),
    (
        "[now].sort().size() > 0 && [self].sort().size() > 0",
        35,
        "sort",
        &["has no order for `sort`"],
    ),
    // closed vocabularies
    ("self.ingress.exists(r, r.cidr == null)", 34, "null", &["there is no `null`", "has(self.x)"]),
    // guards
    (
        "self.name == 'x'",
        1,
        "self.name",
        &["expr/unguarded", "may be absent", "has(self.name) &&", "self.?name"],
    ),
    ("self.name == 'x' && has(self.name)", 1, "self.name", &["may be absent"]),
    ("has(self.arn) && self.name == 'x'", 18, "self.name", &["may be absent"]),
    ("has(self.name) || self.name == 'x'", 19, "self.name", &["may be absent"]),
    ("!has(self.name) && self.name == 'x'", 20, "self.name", &["may be absent"]),
    (
        "self.tags['owner'] == 'x'",
        1,
        "self.tags['owner']",
        &["may be absent", "'owner' in self.tags &&", "[?'owner']"],
    ),
    ("self.tags.owner == 'x'", 1, "self.tags.owner", &["may be absent"]),
    (
        "'stage' in self.tags && self.tags['owner'] == 'x'",
        25,
        "self.tags['owner']",
        &["may be absent"],
    ),
    ("self.ingress.exists(r, r.cidr.is_public())", 24, "r.cidr", &["may be absent"]),
    (
        "self.ingress.exists(r, has(r.cidr)) && self.ingress.all(r, r.cidr.is_v6())",
        60,
        "r.cidr",
        &["may be absent"],
    ),
    ("has(self.ingress)", 10, "ingress", &["expr/always-present", "is always present", "leave"]),
    ("has(self.id)", 10, "id", &["is always present"]),
    ("self.?id.orValue('x') == 'x'", 7, "id", &["is always present"]),
    ("self.id.orValue('x') == 'x'", 9, "orValue", &["always present"]),
    ("self.?name == 'x'", 1, "self.?name", &["is an optional", "orValue"]),
    ("self.?name.orValue(3) == 3", 20, "3", &["the value otherwise is an int, not a string"]),
    ("has(self)", 5, "self", &["asks for a field or a key"]),
    // constants
    ("self.in_use && true", 16, "true", &["expr/constant", "always true"]),
    ("self.in_use || 1 == 2", 16, "1 == 2", &["always false"]),
    ("self.ingress.exists(r, true)", 24, "true", &["always true"]),
    // literals
    ("self.id.matches('[')", 17, "'['", &["expr/literal", "no regular expression"]),
    ("self.id.matches(self.owner_id)", 17, "self.owner_id", &["must be a literal"]),
    ("prefix('10.0.0.0/99').is_v6()", 1, "prefix('10.0.0.0/99')", &["no address prefix"]),
    (
        "self.ingress.exists(r, r.ports.overlaps(ports(9, 3)))",
        41,
        "ports(9, 3)",
        &["9 to 3 is no range"],
    ),
    ("timestamp('2026-13-01') < now", 1, "timestamp('2026-13-01')", &["neither a date"]),
    ("int('x') == 1", 1, "int('x')", &["is no integer"]),
    ("1 / 0 == 1", 1, "1 / 0", &["1 / 0"]),
    ("9223372036854775807 + 1 == 1", 1, "9223372036854775807 + 1", &["overflows"]),
    // relations
    (
        "related('aws.ec2.flowlog', 'resource_id', self.id).size() > 0",
        9,
        "'aws.ec2.flowlog'",
        &["expr/unknown-type", "did you mean `aws.ec2.flow_log`"],
    ),
    (
        "related('aws.ec2.flow_log', 'resource', self.id).size() > 0",
        29,
        "'resource'",
        &["no field `resource`"],
    ),
    (
        "related('aws.ec2.vpc', 'is_default', self.id).size() > 0",
        24,
        "'is_default'",
        &["holds no text"],
    ),
    ("related('aws.ec2.vpc', 'id', 3).size() > 0", 30, "3", &["is an int, not a string"]),
    ("related(self.id, 'id', self.id).size() > 0", 9, "self.id", &["must be a literal"]),
    ("all('aws.ec2.vpcs').size() > 0", 5, "'aws.ec2.vpcs'", &["did you mean `aws.ec2.vpc`"]),
    // syntax
    ("", 1, "", &["expr/syntax", "is empty"]),
    ("self.in_use &&", 15, "", &["ends too early"]),
    ("self.in_use and true", 13, "and", &["not expected here", "write `&&`"]),
    ("not self.in_use", 5, "self", &["write `!`"]),
    ("self.id = 'x'", 9, "=", &["compare with `==`"]),
    ("self.in_use & true", 13, "&", &["write `&&`"]),
    ("self.id == \"x", 12, "\"x", &["not closed"]),
    ("(self.in_use", 1, "(", &["never closed"]),
    ("self.in_use)", 12, ")", &["closes nothing"]),
    ("self.ingress[0)", 15, ")", &["does not close `[`"]),
    ("self.ingress.filter(r r.x)", 23, "r", &["`r` is not expected here"]),
    ("self.id == 'a' # x", 16, "#", &["no part of an expression"]),
    ("self.id == ä", 12, "ä", &["text stands in quotes"]),
    ("self.id == 99999999999999999999", 12, "99999999999999999999", &["no valid int literal"]),
    ("1u == 1", 1, "1u", &["leave the `u` away"]),
    ("b'x' == 'x'", 1, "b'x'", &["there are no bytes"]),
    ("Foo{a: 1} == 1", 4, "{", &["there are no messages"]),
    ("self.id == 'x' ? true", 22, "", &["ends too early"]),
];

#[test]
fn every_mistake_is_told_at_its_place() {
    let mut wrong = Vec::new();
    for (text, column, marked, parts) in BOOLS {
        let all = refused(text, Want::Bool);
        let place = format!(" 1:{column} `{marked}` ");
        let fits = all.len() == 1
            && all
                .iter()
                .all(|line| line.contains(&place) && parts.iter().all(|part| line.contains(part)));
        if !fits {
            wrong.push(format!("{text}\n  wanted{place}{parts:?}\n  told {all:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_closed_vocabulary_is_held() {
    let env = env("aws.ec2.vpc");
    let told = |text: &str| told(&try_compile(text, &env, Want::Bool).1).join("\n");
    let near = told("self.state == 'availabel'");
    assert!(
        near.contains("1:15 `'availabel'`") && near.contains("did you mean `available`"),
        "{near}"
    );
    let list = told("self.state in ['pending', 'gone']");
    assert!(
        list.contains("1:27 `'gone'`") && list.contains("`pending`, `available`, `deleting`"),
        "{list}"
    );
    let optional = told("self.?encryption_control_mode.orValue('monitor') == 'enforced'");
    assert!(optional.contains("did you mean `enforce`"), "{optional}");
    compile("self.?encryption_control_mode.orValue('none') == 'none'", &env, Want::Bool);
    compile("self.state != 'available'", &env, Want::Bool);
}

#[test]
fn all_mistakes_are_told_at_once() {
    let all = refused(
        "self.ingres.size() > 0 && selv.id == 'x' && self.name == 'a' && self.id == 3",
        Want::Bool,
    );
    assert_eq!(all.len(), 4, "{all:#?}");
    // A mistaken guard does not make more mistakes of what it guards.
    let all =
        refused("(has(self.name) && selv.x) || self.ingress.exists(r, r.nope == 'x')", Want::Bool);
    assert_eq!(all.len(), 2, "{all:#?}");
}

#[test]
fn guards_reach_what_they_guard() {
    let env = env("aws.ec2.security_group");
    for text in [
        "has(self.name) && self.name == 'x'",
        "!has(self.name) || self.name == 'x'",
        "has(self.name) ? self.name == 'x' : false",
        "!has(self.name) ? false : self.name == 'x'",
        "has(self.name) && has(self.arn) && self.name == self.arn",
        "(has(self.name) && self.in_use) && self.name == 'x'",
        "!(!has(self.name) || self.in_use) && self.name == 'x'",
        "(has(self.name) && self.in_use || has(self.name)) && self.name == 'x'",
        "has(self.name) && self.ingress.exists(r, r.protocol == self.name)",
        "self.ingress.exists(r, has(r.cidr) && r.cidr.is_public())",
        "self.ingress.filter(r, has(r.cidr)).exists(r, r.cidr.is_public())",
        "self.ingress.filter(a, has(a.cidr)).map(b, b.cidr).exists(c, c.is_v6())",
        "self.ingress.map(r, has(r.cidr), r.cidr).exists(c, c.is_v6())",
        "'owner' in self.tags && self.tags['owner'] == 'x'",
        "has(self.tags.owner) && self.tags.owner == 'x'",
        "has(self.tags.owner) && self.tags['owner'] == 'x'",
        "params.owner in self.tags && self.tags[params.owner] == 'x'",
        "self.?name.hasValue() && self.name == 'x'",
        "self.?name.orValue('x') == 'x'",
        "self.name.orValue('x') == 'x'",
        "self.tags[?'owner'].orValue('x') == 'x'",
        "self.tags.?owner.orValue('x') == 'x'",
        "self.tags.all(k, self.tags[?k].orValue('') != '')",
        "self.tags.all(k, k in self.tags && self.tags[k] != '')",
    ] {
        compile(text, &env, Want::Bool);
    }
}

#[test]
fn a_shadowed_variable_is_not_guarded_by_its_namesake() {
    let text = "self.ingress.exists(r, has(r.cidr) && self.egress.exists(r, r.cidr.is_v6()))";
    let all = refused(text, Want::Bool);
    assert!(all.len() == 1 && all.iter().all(|line| line.contains("may be absent")), "{all:#?}");
}

#[test]
fn optionals_may_be_shown_but_not_listed() {
    let env = env("aws.ec2.security_group");
    assert_eq!(compile("self.name", &env, Want::Text).ty().to_string(), "optional(string)");
    assert_eq!(refused("self.ingress.map(r, r.cidr)", Want::List).len(), 1);
    assert_eq!(
        compile("self.ingress.filter(r, r.from_internet)", &env, Want::List).ty().to_string(),
        "list(SecurityGroupRule)"
    );
    let all = refused("self.in_use", Want::List);
    assert!(all.iter().all(|line| line.contains("gives a bool, not a list")), "{all:#?}");
}

#[test]
fn places_are_those_of_the_file() {
    let yaml = "when: |\n    self.in_use &&\n    self.ingres.size() > 0\nx: 1\n";
    let file = SourceFile::new("checks/x.yaml", yaml);
    let text = "self.in_use &&\nself.ingres.size() > 0\n";
    let start = yaml.find('|').unwrap();
    let raw = yaml.get(start..yaml.find("x: 1").unwrap()).unwrap();
    let source = Source::new(&file, text, Offsets::align(raw, start, text));
    let mut diagnostics = Diagnostics::default();
    let env = env("aws.ec2.security_group");
    assert!(portcullis::expr::compile(&source, &env, Want::Bool, &mut diagnostics).is_none());
    assert_eq!(told(&diagnostics)[0].split_once(" `").unwrap().0, "expr/unknown-field 3:10");
}

#[test]
fn templates_are_checked_in_place() {
    let text = "{{ self.id }} is open to {{ self.ingres }} and {{ {'a': '}}'}.size() }}";
    let file = SourceFile::new("t", text);
    let source = Source::new(&file, text, Offsets::shifted(0));
    let mut diagnostics = Diagnostics::default();
    let env = env("aws.ec2.security_group");
    assert!(Template::compile(&source, &env, &mut diagnostics).is_none());
    let all = told(&diagnostics);
    assert_eq!(all.len(), 1);
    assert!(all[0].contains("1:34 `ingres`"), "{all:#?}");

    let text = "open {{ self.id";
    let file = SourceFile::new("t", text);
    let mut diagnostics = Diagnostics::default();
    assert!(Template::compile(&Source::whole(&file), &env, &mut diagnostics).is_none());
    assert!(
        told(&diagnostics)[0].contains("expr/template 1:6 `{{` `{{` is never closed"),
        "{diagnostics:?}"
    );
}

#[test]
fn whatever_is_too_much_is_refused_and_harms_nothing() {
    let env = env("aws.ec2.security_group");
    let repeat = |left: &str, inner: &str, right: &str, n: usize| {
        [&left.repeat(n), inner, &right.repeat(n)].concat()
    };
    for (text, code) in [
        (repeat("(", "1", ")", 1000), "expr/too-deep"),
        (repeat("[", "1", "]", 65), "expr/too-deep"),
        (repeat("{'a':", "1", "}", 70), "expr/too-deep"),
        (repeat("self.in_use ? true : ", "true", "", 300), "expr/too-deep"),
        (repeat("1 + ", "1", "", 1500), "expr/too-deep"),
        (repeat("self", "", ".x", 2500), "expr/too-long"),
        (format!("self{}", ".x".repeat(4000)), "expr/too-deep"),
        (repeat("-", "self.id", "", 2001), "expr/type"),
        (repeat("!", "1", "", 2001), "expr/type"),
        (" ".repeat(9000), "expr/too-long"),
        ("(".repeat(8000), "expr/syntax"),
        ("\u{0}".to_owned(), "expr/syntax"),
    ] {
        let all = told(&try_compile(&text, &env, Want::Bool).1);
        let shown: String = text.chars().take(20).collect();
        assert!(
            all.len() == 1 && all[0].starts_with(code),
            "{shown}: {:?}",
            all.iter().map(|l| l.chars().take(90).collect::<String>()).collect::<Vec<_>>()
        );
    }
    // At the limit it still works.
    compile(&repeat("(", "1", ")", 64), &env, Want::Any);
    compile(&repeat("[", "1", "]", 60), &env, Want::Any);
    let and = repeat("self.in_use && ", "self.in_use", "", 500);
    compile(&and, &env, Want::Bool);
}

#[test]
fn without_self_there_are_no_relations() {
    let all = told(&try_compile("all('aws.ec2.vpc').size() > 0", &Env::default(), Want::Bool).1);
    assert!(all[0].contains("no `self` whose account"), "{all:#?}");
    compile(
        "related_anywhere('aws.ec2.vpc', 'id', 'vpc-1').size() > 0",
        &Env::default(),
        Want::Bool,
    );
}
