//! Random expressions that type-check, and random security groups to evaluate them on.
//!
//! Choices come from bytes, so that a failing case shrinks to few and simple ones; without bytes the simplest choice
//! is taken.

use serde_json::{Map, Value as Json, json};

pub(crate) struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % n
    }

    fn pick<'t>(&mut self, list: &[&'t str]) -> &'t str {
        list[self.below(list.len())]
    }
}

/// Which part of the language is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// What `cel` has too.
    Shared,
    /// All of it.
    Whole,
}

pub(crate) struct Generator<'c, 'a> {
    pub choices: &'c mut Choices<'a>,
    pub language: Language,
    /// The variables in scope that hold rules, texts and integers.
    rules: Vec<String>,
    texts: Vec<String>,
    ints: Vec<String>,
    named: usize,
}

const TEXTS: &[&str] = &["'a'", "'b'", "''", "'tcp'", "'udp'", "'sg-1'", "'ä-b'"];
const INTS: &[&str] = &["0", "1", "2", "22", "443", "-1"];

impl<'c, 'a> Generator<'c, 'a> {
    pub(crate) fn new(choices: &'c mut Choices<'a>, language: Language) -> Self {
        Self { choices, language, rules: Vec::new(), texts: Vec::new(), ints: Vec::new(), named: 0 }
    }

    pub(crate) fn bool(&mut self, depth: usize) -> String {
        let whole = self.language == Language::Whole;
        let simple = 7;
        let n = if depth == 0 { simple } else { simple + 12 + if whole { 5 } else { 0 } };
        match self.choices.below(n) {
            0 => self.flag(),
            1 => format!("{} == {}", self.own_text(), self.text(0)),
            2 => {
                let sign = self.choices.pick(&["==", "!=", "<", "<=", ">", ">="]);
                format!("{} {sign} {}", self.own_int(), self.int(0))
            }
            3 => self.has(),
            4 => {
                let call = self.choices.pick(&["startsWith", "endsWith", "contains"]);
                format!("{}.{call}({})", self.own_text(), self.choices.pick(TEXTS))
            }
            5 => format!(
                "{} in self.tags",
                self.choices.pick(&["'a'", "'b'", "'c'", "self.group_name"])
            ),
            6 => format!(
                "{} in {}",
                self.own_text(),
                self.choices.pick(&["['a', 'b']", "['tcp', '']", "[self.owner_id]"])
            ),
            7 => format!("({} && {})", self.bool(depth - 1), self.bool(depth - 1)),
            8 => format!("({} || {})", self.bool(depth - 1), self.bool(depth - 1)),
            9 => format!("!({})", self.bool(depth - 1)),
            10 => {
                let (c, a, b) = (self.bool(depth - 1), self.bool(depth - 1), self.bool(depth - 1));
                format!("({c} ? {a} : {b})")
            }
            11 => self.quantified(depth, Self::bool),
            12 => self.guarded(depth),
            13 => format!("{} == {}", self.own_int_of(depth), self.int(depth - 1)),
            14 => {
                let sign = self.choices.pick(&["<", ">", "<=", ">=", "==", "!="]);
                format!("{}.size() {sign} {}", self.list(depth), self.choices.pick(INTS))
            }
            15 => format!("{} == {}", self.list_of_texts(depth), self.list_of_texts(depth)),
            16 => format!("{} in {}", self.text(depth - 1), self.list_of_texts(depth)),
            17 => format!("{} != {}", self.own_text(), self.text(depth - 1)),
            18 => format!("{}.matches('^[a-c]+$')", self.own_text()),
            19 => format!("{}.ports.covers({})", self.rule(), self.int(0)),
            20 => format!(
                "{}.glob({})",
                self.own_text(),
                self.choices.pick(&["'*'", "'?'", "'a*'", "'*-?'"])
            ),
            21 => {
                let rule = self.rule();
                let call = self.choices.pick(&[
                    "is_public()",
                    "is_v6()",
                    "contains(prefix('10.1.0.0/16'))",
                ]);
                format!("(has({rule}.cidr) && {rule}.cidr.{call})")
            }
            22 => {
                let list = self.related();
                let call = self.choices.pick(&["exists", "all", "exists_one"]);
                format!("{list}.{call}(l, l.resource_id == {})", self.text(0))
            }
            _ => {
                let sign = self.choices.pick(&["<", ">", "==", "!="]);
                format!("{}.size() {sign} {}", self.related(), self.choices.pick(INTS))
            }
        }
    }

    fn related(&mut self) -> String {
        let call = self.choices.pick(&[
            "related('aws.ec2.flow_log', 'resource_id', ",
            "related('aws.ec2.flow_log', 'id', ",
            "related_anywhere('aws.ec2.flow_log', 'resource_id', ",
        ]);
        format!("{call}{})", self.text(0))
    }

    fn flag(&mut self) -> String {
        match self.choices.below(2) {
            0 => "self.in_use".to_owned(),
            _ => format!("{}.from_internet", self.rule()),
        }
    }

    fn rule(&mut self) -> String {
        if self.rules.is_empty() {
            // Not every group has so many, which is an error to both.
            return self.choices.pick(&["self.ingress[0]", "self.ingress[1]"]).to_owned();
        }
        let at = self.choices.below(self.rules.len());
        self.rules[at].clone()
    }

    /// A text that is no constant.
    fn own_text(&mut self) -> String {
        let n = self.texts.len();
        match self.choices.below(4 + n) {
            0 => "self.group_name".to_owned(),
            1 => format!("{}.protocol", self.rule()),
            2 => "self.?description.orValue('b')".to_owned(),
            3 => "self.tags[?'a'].orValue('x')".to_owned(),
            at => self.texts[at - 4].clone(),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        match self.choices.below(if depth == 0 { 2 } else { 7 }) {
            0 => self.choices.pick(TEXTS).to_owned(),
            1 => self.own_text(),
            2 => format!("({} + {})", self.own_text(), self.text(depth - 1)),
            3 => format!(
                "({} ? {} : {})",
                self.bool(depth - 1),
                self.text(depth - 1),
                self.own_text()
            ),
            4 => format!(
                "{}.{}()",
                self.own_text(),
                self.choices.pick(&["lowerAscii", "upperAscii", "trim"])
            ),
            5 => format!("{}.?rule_id.orValue({})", self.rule(), self.text(depth - 1)),
            _ => format!("{}.replace('a', {})", self.own_text(), self.choices.pick(TEXTS)),
        }
    }

    /// An integer that is no constant.
    fn own_int(&mut self) -> String {
        let n = self.ints.len();
        match self.choices.below(4 + n) {
            0 => format!("{}.ports.from", self.rule()),
            1 => "self.ingress.size()".to_owned(),
            2 => format!("{}.?icmp_type.orValue(3)", self.rule()),
            3 => "size(self.group_name)".to_owned(),
            at => self.ints[at - 4].clone(),
        }
    }

    fn own_int_of(&mut self, depth: usize) -> String {
        match self.choices.below(3) {
            0 => self.own_int(),
            1 => format!("{}.size()", self.list(depth)),
            _ => {
                let sign = self.choices.pick(&["+", "-", "*", "/", "%"]);
                format!("({} {sign} {})", self.own_int(), self.int(depth - 1))
            }
        }
    }

    fn int(&mut self, depth: usize) -> String {
        match self.choices.below(if depth == 0 { 2 } else { 4 }) {
            0 => self.choices.pick(INTS).to_owned(),
            1 => self.own_int(),
            2 => self.own_int_of(depth),
            _ => {
                format!("({} ? {} : {})", self.bool(depth - 1), self.int(depth - 1), self.own_int())
            }
        }
    }

    fn has(&mut self) -> String {
        match self.choices.below(4) {
            0 => "has(self.description)".to_owned(),
            1 => "has(self.tags.a)".to_owned(),
            2 => format!("has({}.rule_id)", self.rule()),
            _ => format!("has({}.icmp_type)", self.rule()),
        }
    }

    fn guarded(&mut self, depth: usize) -> String {
        let rule = self.rule();
        let rest = self.bool(depth - 1);
        match self.choices.below(4) {
            0 => format!("(has(self.description) && self.description == {})", self.text(0)),
            1 => format!("(!has({rule}.rule_id) || {rule}.rule_id != {} || {rest})", self.text(0)),
            2 => format!("('a' in self.tags && ({rest} || self.tags['a'] == {}))", self.text(0)),
            _ => format!("(has({rule}.icmp_type) ? {rule}.icmp_type > {} : {rest})", self.int(0)),
        }
    }

    fn fresh(&mut self, letter: &str) -> String {
        self.named += 1;
        // Every other variable takes the name of one further out.
        if self.choices.below(4) == 1 {
            letter.to_owned()
        } else {
            format!("{letter}{}", self.named)
        }
    }

    fn with_rule<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> (String, T) {
        let name = self.fresh("r");
        let hidden: Vec<usize> = (0..self.rules.len()).filter(|&i| self.rules[i] == name).collect();
        if hidden.is_empty() {
            self.rules.push(name.clone());
        }
        let body = make(self);
        if hidden.is_empty() {
            self.rules.pop();
        }
        (name, body)
    }

    fn quantified(
        &mut self,
        depth: usize,
        body: impl FnOnce(&mut Self, usize) -> String,
    ) -> String {
        let call = self.choices.pick(&["exists", "all", "exists_one"]);
        match self.choices.below(3) {
            0 => {
                let list = self.rules_list(depth - 1);
                let (name, body) = self.with_rule(|g| body(g, depth - 1));
                format!("{list}.{call}({name}, {body})")
            }
            1 => {
                let list = self.list_of_texts(depth - 1);
                let name = self.fresh("t");
                self.texts.push(name.clone());
                let body = body(self, depth - 1);
                self.texts.pop();
                format!("{list}.{call}({name}, {body})")
            }
            _ => {
                let name = self.fresh("k");
                self.texts.push(name.clone());
                let body = body(self, depth - 1);
                self.texts.pop();
                format!("self.tags.{call}({name}, {body})")
            }
        }
    }

    pub(crate) fn rules_list(&mut self, depth: usize) -> String {
        if depth == 0 || self.choices.below(3) == 0 {
            return self
                .choices
                .pick(&["self.ingress", "self.egress", "(self.ingress + self.egress)"])
                .to_owned();
        }
        let list = self.rules_list(depth - 1);
        let (name, body) = self.with_rule(|g| g.bool(depth - 1));
        format!("{list}.filter({name}, {body})")
    }

    fn list_of_texts(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self
                .choices
                .pick(&["['a', 'b']", "[self.group_name, 'a']", "self.group_name.split('a')"])
                .to_owned();
        }
        match self.choices.below(4) {
            0 => format!("[{}, {}]", self.text(depth - 1), self.text(0)),
            1 => {
                let list = self.rules_list(depth - 1);
                let (name, body) = self.with_rule(|g| g.text(depth - 1));
                format!("{list}.map({name}, {body})")
            }
            2 => {
                let list = self.rules_list(depth - 1);
                let (name, (test, body)) =
                    self.with_rule(|g| (g.bool(depth - 1), g.text(depth - 1)));
                format!("{list}.map({name}, {test}, {body})")
            }
            _ => {
                let list = self.list_of_texts(depth - 1);
                let name = self.fresh("t");
                self.texts.push(name.clone());
                let body = self.bool(depth - 1);
                self.texts.pop();
                format!("{list}.filter({name}, {body})")
            }
        }
    }

    fn list(&mut self, depth: usize) -> String {
        match self.choices.below(2) {
            0 => self.rules_list(depth - 1),
            _ => self.list_of_texts(depth - 1),
        }
    }

    /// Any expression with a result that can be compared.
    pub(crate) fn any(&mut self, depth: usize) -> String {
        match self.choices.below(4) {
            0 => self.bool(depth),
            1 => self.own_int_of(depth),
            2 => self.text(depth),
            _ => self.list_of_texts(depth),
        }
    }
}

/// The attributes of a group, and its tags; everything known.
pub(crate) fn group(choices: &mut Choices<'_>) -> (Json, Json) {
    let text = |c: &mut Choices<'_>| ["a", "b", "", "tcp", "sg-1", "ä-b", "Abc"][c.below(7)];
    let optional = |c: &mut Choices<'_>| {
        let value = text(c);
        if c.below(2) == 0 { Json::Null } else { json!(value) }
    };
    let rules = |c: &mut Choices<'_>| -> Vec<Json> { (0..c.below(4)).map(|_| rule(c)).collect() };
    let tags: Map<String, Json> = ["a", "b"]
        .iter()
        .filter(|_| choices.below(2) == 1)
        .map(|k| ((*k).to_owned(), json!("a")))
        .collect();
    let data = json!({
        "group_name": text(choices), "description": optional(choices), "vpc_id": null,
        "owner_id": text(choices), "in_use": choices.below(2) == 1,
        "ingress": rules(choices), "egress": rules(choices),
    });
    (data, Json::Object(tags))
}

fn rule(c: &mut Choices<'_>) -> Json {
    let ports = [(22, 22), (80, 443), (0, 65535), (0, 0)][c.below(4)];
    let protocol = ["tcp", "udp", "a", ""][c.below(4)];
    let cidr =
        [json!(null), json!("0.0.0.0/0"), json!("10.0.0.0/8"), json!("::/0")][c.below(4)].clone();
    let mut out = json!({
        "protocol": protocol, "ports": { "from": ports.0, "to": ports.1 }, "cidr": cidr,
        "from_internet": c.below(2) == 1, "to_internet": c.below(2) == 1, "source": "x",
        "rule_id": null, "icmp_type": null, "icmp_code": null, "prefix_list_id": null, "group_id": null,
        "group_account": null, "group_vpc_id": null, "peering_connection_id": null, "description": null,
    });
    if c.below(2) == 1 {
        out["rule_id"] = json!(["a", "b"][c.below(2)]);
    }
    if c.below(2) == 1 {
        out["icmp_type"] = json!(c.below(9));
    }
    out
}
