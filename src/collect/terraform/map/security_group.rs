//! Security groups and their rules, in every spelling of the provider: inline, `aws_security_group_rule`, and
//! `aws_vpc_security_group_ingress_rule` with its twin.
//!
//! The provider takes away the rule for outgoing traffic that AWS gives a new group, so that a new group has the rules
//! that are stated, and no others.

use super::Table;
use super::kit::{
    self, PART, below_planned, ec2, is_open, is_silent, items, map, number, own, prefix,
};
use crate::collect::normal;
use crate::collect::predicted::{Handle, Thing, shape};
use crate::model::change::{Draft, Sketch};
use crate::model::{Cause, Tree};
use crate::net::Ports;

const GROUP: &str = "aws.ec2.security_group";
const ARN: &str = "arn:{partition}:ec2:{region}:{account}:security-group/{id}";

pub(super) const TABLE: Table = &[
    ("aws_security_group", ec2(ARN), security_group),
    (
        "aws_default_security_group",
        Handle { id: &["id", "{vpc_id}/default_security_group_id"], arn: ARN, made: &[] },
        default_security_group,
    ),
    ("aws_security_group_rule", PART, rule_of_any_direction),
    ("aws_vpc_security_group_ingress_rule", PART, ingress_rule),
    ("aws_vpc_security_group_egress_rule", PART, egress_rule),
    // It only takes away what nobody states.
    ("aws_vpc_security_group_rules_exclusive", PART, nothing),
    ("aws_vpc_security_group_vpc_association", PART, vpc_association),
];

fn nothing(_: &Thing<'_>, _: &mut Sketch<'_>) {}

fn security_group<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = group(thing) else { return };
    if draft.name.is_none() {
        draft.name = thing.text("name").ok().flatten().filter(|name| !name.is_empty());
    }
    sketch.state(draft);
}

/// The default group of a VPC, taken over by the configuration: all its rules go, and those that are stated come.
fn default_security_group<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let Some(mut draft) = group(thing) else { return };
    if let Some(id) = below_planned(&thing.at("vpc_id"), "default_security_group_id")
        && thing.fresh
    {
        draft.arn = draft.arn.map(|arn| arn.replace(&draft.id, &id));
        draft.id = id;
    }
    kit::fill(
        &mut draft,
        [
            ("group_name", kit::word("default")),
            ("description", kit::word("default VPC security group")),
        ],
    );
    draft.name = draft.name.or_else(|| Some("default".to_owned()));
    sketch.state(draft);
}

fn group<'a>(thing: &Thing<'a>) -> Option<Draft<'a>> {
    const FROM: &[shape::From] = &[("group_name", "name"), ("ingress", ""), ("egress", "")];
    let mut draft = kit::draft(thing, GROUP, "", FROM, &[])?;
    kit::fill(&mut draft, [("owner_id", kit::account(thing))]);
    for field in ["ingress", "egress"] {
        let blocks = thing.at(field);
        let rules = match &*blocks {
            open if is_open(open) && thing.fresh => Tree::List(Vec::new()),
            Tree::Unknown(cause) => Tree::Unknown(cause.clone()),
            blocks => {
                Tree::List(items(blocks).ok()?.iter().flat_map(|b| inline(thing, b)).collect())
            }
        };
        kit::set(&mut draft, field, rules);
    }
    Some(draft)
}

/// The rules of a block within a group.
fn inline<'a>(thing: &Thing<'a>, block: &Tree<'a>) -> Vec<Tree<'a>> {
    if let Tree::Unknown(cause) = block {
        return vec![Tree::Unknown(cause.clone())];
    }
    let rule = Rule {
        protocol: block.member("protocol").into_owned(),
        from: block.member("from_port").into_owned(),
        to: block.member("to_port").into_owned(),
        description: block.member("description").into_owned(),
        id: if thing.fresh { kit::later() } else { Tree::Null },
        owner: thing.place.account.as_str(),
    };
    let ends = Ends {
        cidrs: vec![
            block.member("cidr_blocks").into_owned(),
            block.member("ipv6_cidr_blocks").into_owned(),
        ],
        lists: block.member("prefix_list_ids").into_owned(),
        groups: block.member("security_groups").into_owned(),
        itself: block.member("self").into_owned(),
        group: own(&*thing.id),
    };
    rule.for_each(ends)
}

fn rule_of_any_direction<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    let rule = Rule::of(thing, "protocol");
    let ends = Ends {
        cidrs: vec![
            thing.at("cidr_blocks").into_owned(),
            thing.at("ipv6_cidr_blocks").into_owned(),
        ],
        lists: thing.at("prefix_list_ids").into_owned(),
        groups: thing.at("source_security_group_id").into_owned(),
        itself: thing.at("self").into_owned(),
        group: thing.at("security_group_id").into_owned(),
    };
    let fields: &[&'static str] = match thing.at("type").as_str() {
        Some("ingress") => &["ingress"],
        Some("egress") => &["egress"],
        // Nobody knows which: either may hold it.
        _ => &["ingress", "egress"],
    };
    let sure = fields.len() == 1;
    let rules = rule.for_each(ends);
    for field in fields {
        for one in &rules {
            let value = if sure { one.clone() } else { kit::later() };
            kit::element(thing, sketch, (GROUP, thing.whole("security_group_id"), field), value);
        }
    }
}

fn ingress_rule<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    single(thing, sketch, "ingress");
}

fn egress_rule<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    single(thing, sketch, "egress");
}

fn single<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>, field: &'static str) {
    let rule = Rule::of(thing, "ip_protocol");
    let ends = Ends {
        cidrs: vec![thing.at("cidr_ipv4").into_owned(), thing.at("cidr_ipv6").into_owned()],
        lists: thing.at("prefix_list_id").into_owned(),
        groups: thing.at("referenced_security_group_id").into_owned(),
        itself: Tree::Null,
        group: thing.at("security_group_id").into_owned(),
    };
    for value in rule.for_each(ends) {
        kit::element(thing, sketch, (GROUP, thing.whole("security_group_id"), field), value);
    }
}

fn vpc_association<'a>(thing: &Thing<'a>, sketch: &mut Sketch<'a>) {
    const KIND: &str = "aws.ec2.security_group_vpc_association";
    const FROM: &[shape::From] = &[("group_id", "security_group_id")];
    let after = ["group_owner_id", "vpc_owner_id"];
    let Some(mut draft) = kit::draft(thing, KIND, "", FROM, &after) else { return };
    if let (Ok(Some(group)), Ok(Some(vpc))) =
        (thing.text("security_group_id"), thing.text("vpc_id"))
    {
        draft.id = format!("{group}/{vpc}");
    }
    kit::fill(&mut draft, [("state", kit::word("associated"))]);
    sketch.state(draft);
}

/// The traffic of a rule.
struct Rule<'a, 't> {
    protocol: Tree<'a>,
    from: Tree<'a>,
    to: Tree<'a>,
    description: Tree<'a>,
    id: Tree<'a>,
    owner: &'t str,
}

/// The other ends of a rule.
struct Ends<'a> {
    cidrs: Vec<Tree<'a>>,
    lists: Tree<'a>,
    groups: Tree<'a>,
    itself: Tree<'a>,
    /// The group that the rule belongs to.
    group: Tree<'a>,
}

impl<'a, 't> Rule<'a, 't> {
    fn of(thing: &'t Thing<'a>, protocol: &str) -> Self {
        let id = match &*thing.at("security_group_rule_id") {
            Tree::Text(id) if !id.is_empty() => Tree::Text(id.clone()),
            Tree::Text(_) | Tree::Null => Tree::Null,
            _ => kit::later(),
        };
        Self {
            protocol: thing.at(protocol).into_owned(),
            from: thing.at("from_port").into_owned(),
            to: thing.at("to_port").into_owned(),
            description: thing.at("description").into_owned(),
            id,
            owner: thing.place.account.as_str(),
        }
    }

    /// A rule for each single source or destination. One that is not known yet is a rule whose other end is unknown.
    fn for_each(&self, ends: Ends<'a>) -> Vec<Tree<'a>> {
        let mut out = Vec::new();
        let mut open = None;
        let mut over = |value: &Tree<'a>, make: &dyn Fn(&Tree<'a>) -> Tree<'a>| match value {
            // The provider fills in what is not stated, such as the group beside prefixes.
            open_one if is_open(open_one) => open = open.take().or_else(|| Some(make(open_one))),
            silent if is_silent(silent) => {}
            Tree::List(list) => out.extend(list.iter().filter(|one| !one.is_null()).map(make)),
            one => out.push(make(one)),
        };
        for cidrs in &ends.cidrs {
            over(cidrs, &|one| self.rule(prefix(one), Tree::Null, (Tree::Null, Tree::Null)));
        }
        over(&ends.lists, &|one| self.rule(Tree::Null, one.clone(), (Tree::Null, Tree::Null)));
        over(&ends.groups, &|one| {
            let group = match one {
                Tree::Text(text) => self.group(text),
                other => (other.clone(), Tree::Null),
            };
            self.rule(Tree::Null, Tree::Null, group)
        });
        match &ends.itself {
            itself if itself.as_bool() == Some(true) => {
                out.push(self.rule(Tree::Null, Tree::Null, (ends.group, Tree::Null)));
            }
            // There may be such a rule or not: an element that may be anything.
            Tree::Unknown(cause) if !is_open(&ends.itself) => {
                out.push(Tree::Unknown(cause.clone()));
            }
            _ => {}
        }
        if out.is_empty() {
            out.extend(open);
        }
        out
    }

    /// A group, and its account where it is another one's: `sg-…` or `account/sg-…`.
    fn group(&self, text: &str) -> (Tree<'a>, Tree<'a>) {
        let planned = crate::model::change::is_planned(text);
        match text.split_once('/').filter(|_| !planned) {
            Some((account, id)) if account == self.owner => (own(id), Tree::Null),
            Some((account, id)) => (own(id), own(account)),
            None => (own(text), Tree::Null),
        }
    }

    fn rule(
        &self,
        cidr: Tree<'a>,
        prefix_list: Tree<'a>,
        (group, account): (Tree<'a>, Tree<'a>),
    ) -> Tree<'a> {
        let [protocol, ports, icmp_type, icmp_code] = traffic(&self.protocol, &self.from, &self.to);
        let mut out = map([
            ("protocol", protocol),
            ("ports", ports),
            ("icmp_type", icmp_type),
            ("icmp_code", icmp_code),
            ("cidr", cidr),
            ("prefix_list_id", prefix_list),
            ("group_id", group),
            ("group_account", account),
            ("group_vpc_id", Tree::Null),
            ("peering_connection_id", Tree::Null),
            ("description", kit::stated(&self.description)),
        ]);
        if !self.id.is_null() {
            out.set("rule_id", self.id.clone());
        }
        out
    }
}

/// Protocol, ports, ICMP type and code of a rule or an entry, as [`normal::traffic`] has them.
pub(super) fn traffic<'a>(protocol: &Tree<'_>, from: &Tree<'_>, to: &Tree<'_>) -> [Tree<'a>; 4] {
    let all = shape::owned(&Ports::ALL);
    let unknown = |cause: &Cause| Tree::Unknown(cause.clone());
    let word = match protocol {
        Tree::Unknown(cause) => {
            return [unknown(cause), unknown(cause), unknown(cause), unknown(cause)];
        }
        Tree::Int(number) => number.to_string(),
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    let (from, to) = (number(from), number(to));
    if let (Ok(from), Ok(to)) = (&from, &to) {
        let made = normal::traffic(&word, *from, *to);
        let or_absent = |value: Option<i64>| value.map_or(Tree::Null, Tree::Int);
        let ports = shape::owned(&made.ports);
        return [own(made.protocol), ports, or_absent(made.icmp_type), or_absent(made.icmp_code)];
    }
    let name = normal::protocol_name(&word);
    let side = |end: &Result<Option<i64>, Cause>| match end {
        Ok(value) => value.filter(|n| *n >= 0).map_or(Tree::Null, Tree::Int),
        Err(cause) => Tree::Unknown(cause.clone()),
    };
    match name.as_str() {
        "icmp" | "icmpv6" => [own(name), all, side(&from), side(&to)],
        "tcp" | "udp" => {
            let cause = from.err().or(to.err()).unwrap_or_default();
            [own(name), Tree::Unknown(cause), Tree::Null, Tree::Null]
        }
        _ => [own(name), all, Tree::Null, Tree::Null],
    }
}
