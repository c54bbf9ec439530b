//! Inventories of dumped networks, and what is assumed about them.

use std::fs;
use std::path::Path;

use portcullis::analyze::network::topology::Network;
use portcullis::analyze::{Context, Environments};
use portcullis::collect::aws_json::{Options, collect};
use portcullis::ident::{AccountId, Region};
use portcullis::model::{Completeness, Coverage, CoverageEntry, Index, KINDS, Resource, Scope};
use serde_json::Value;

/// What nobody dumped and what there was none of, by reason. The cells of these types count as completely read, in every
/// account and region of a dump, unless the dump says something of them. Nothing else is assumed: whatever type is named
/// neither here nor in the dump is not collected, and leaves answers open.
const ABSENT: &[(&str, &[&str])] = &[
    (
        "did not exist when the networks were dumped (2019 to 2020)",
        &[
            "aws.ec2.instance_connect_endpoint",
            "aws.ec2.security_group_vpc_association",
            "aws.ec2.vpc_block_public_access_exclusion",
            "aws.ec2.vpc_block_public_access_options",
            "aws.cloudfront.vpc_origin",
            "aws.network_firewall.firewall",
            "aws.network_firewall.policy",
            "aws.network_firewall.rule_group",
            "aws.vpc_lattice.service",
        ],
    ),
    (
        "existed, and the interfaces that were dumped show that it was not used: each makes interfaces of its own",
        &[
            "aws.apigatewayv2.vpc_link",
            "aws.ec2.client_vpn_endpoint",
            "aws.eks.cluster",
            "aws.elb.load_balancer",
            "aws.globalaccelerator.accelerator",
            "aws.lambda.function",
            "aws.rds.db_instance",
        ],
    ),
    (
        "was not asked for, and no route or interface of the dumps refers to one; ACLs are then those that VPCs come with",
        &[
            "aws.ec2.address",
            "aws.ec2.egress_only_internet_gateway",
            "aws.ec2.nat_gateway",
            "aws.ec2.network_acl",
            "aws.ec2.transit_gateway",
            "aws.ec2.transit_gateway_attachment",
            "aws.ec2.transit_gateway_route_table",
            "aws.ec2.vpc_endpoint",
            "aws.ec2.vpc_endpoint_service",
            "aws.ec2.vpc_peering_connection",
            "aws.ec2.vpn_connection",
            "aws.ec2.vpn_gateway",
            "aws.elbv2.listener",
            "aws.elbv2.listener_rule",
            "aws.elbv2.load_balancer",
            "aws.elbv2.target_group",
        ],
    ),
    (
        "the prefix lists of AWS were dumped; customers could not make any yet",
        &["aws.ec2.managed_prefix_list"],
    ),
];

/// Settings that nobody could make when the networks were dumped, so that they stand at what AWS gives without them:
/// load balancers kept the client's address by the kind of target, and transit gateways knew no prefix lists.
const UNSET: &[(&str, &str, &str)] = &[
    ("aws.elbv2.target_group", "preserve_client_ip_enabled", "null"),
    ("aws.elbv2.target_group", "cross_zone_enabled", "null"),
    ("aws.ec2.transit_gateway_route_table", "prefix_list_references", "[]"),
];

/// An inventory of a network.
#[derive(Debug, Clone)]
pub struct Dump {
    pub resources: Vec<Resource>,
    pub coverage: Coverage,
}

impl Dump {
    /// Reads a folder as `portcullis collect aws-json` does, and prints what the reader has to say about it.
    pub fn read(folder: &Path) -> Self {
        let mut resources = Vec::new();
        let summary =
            collect(folder, &Options::default(), &mut |resource| resources.push(resource))
                .unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let notes: Vec<String> =
            summary.notes.iter().map(|note| format!("{}: {}", note.code, note.message)).collect();
        for note in notes {
            eprintln!("{}: {note}", folder.display());
        }
        assert!(!resources.is_empty(), "{} holds nothing", folder.display());
        let coverage = assume(&summary.coverage, &mut resources);
        Self { resources, coverage }.with(|kind, data| {
            for (_, field, value) in UNSET.iter().filter(|(of, _, _)| *of == kind) {
                if data[*field].get("$unknown").is_some() {
                    data[*field] = serde_json::from_str(value).unwrap();
                }
            }
        })
    }

    /// Reads answers that are not in files: each a path and what stands there.
    pub fn of(files: &[(&str, Value)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, value) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, value.to_string()).unwrap();
        }
        Self::read(folder.path())
    }

    /// Reads a folder with all lists in its files the other way round: no answer of AWS means anything by their order.
    pub fn read_backwards(folder: &Path) -> Self {
        let copy = tempfile::tempdir().unwrap();
        mirror(folder, copy.path());
        Self::read(copy.path())
    }

    /// The network of it.
    pub fn network(&self) -> Network {
        let index = Index::build(self.resources.clone(), self.coverage.clone(), &[]);
        let environments = Environments::default();
        let now = portcullis::clock::parse("2026-11-25").unwrap();
        let context = Context::new(&index, &environments, now);
        Network::of(index.resources(), &context)
    }

    /// A copy in which the data of some resources are rewritten.
    pub fn with(&self, rewrite: impl Fn(&str, &mut Value)) -> Self {
        let resources = self.resources.iter().map(|resource| {
            let mut line = serde_json::to_value(resource).unwrap();
            rewrite(resource.kind().name, &mut line["data"]);
            Resource::parse(&line.to_string()).unwrap_or_else(|e| panic!("{e}: {line}"))
        });
        Self { resources: resources.collect(), coverage: self.coverage.clone() }
    }

    /// A copy in which security groups and network ACLs let everything pass, so that only routes decide.
    pub fn without_filters(&self) -> Self {
        let all = serde_json::json!({
            "protocol": "-1", "ports": {"from": 0, "to": 65535}, "icmp_type": null, "icmp_code": null,
        });
        let to = |cidr: &str, more: &Value| {
            let mut rule = all.clone();
            rule["cidr"] = cidr.into();
            for (key, value) in more.as_object().unwrap() {
                rule[key] = value.clone();
            }
            rule
        };
        self.with(|kind, data| match kind {
            "aws.ec2.security_group" => {
                let rest = serde_json::json!({
                    "rule_id": null, "prefix_list_id": null, "group_id": null, "group_account": null,
                    "group_vpc_id": null, "peering_connection_id": null, "description": null,
                });
                let open = serde_json::json!([to("0.0.0.0/0", &rest), to("::/0", &rest)]);
                data["ingress"] = open.clone();
                data["egress"] = open;
            }
            "aws.ec2.network_acl" => {
                let mut entries = Vec::new();
                for egress in [false, true] {
                    for (number, cidr) in [(1, "0.0.0.0/0"), (2, "::/0")] {
                        let rest = serde_json::json!({
                            "egress": egress, "rule_number": number, "rule_action": "allow",
                        });
                        entries.push(to(cidr, &rest));
                    }
                }
                data["entries"] = Value::Array(entries);
            }
            _ => {}
        })
    }
}

fn mirror(from: &Path, to: &Path) {
    fn turn(value: &mut Value) {
        match value {
            Value::Array(list) => {
                list.reverse();
                list.iter_mut().for_each(turn);
            }
            Value::Object(map) => map.values_mut().for_each(turn),
            _ => {}
        }
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            mirror(&path, &to.join(name));
        } else {
            let mut value = super::read(&path);
            turn(&mut value);
            fs::write(to.join(name), value.to_string()).unwrap();
        }
    }
}

/// Completes an inventory by what is assumed.
fn assume(coverage: &Coverage, resources: &mut Vec<Resource>) -> Coverage {
    let mut out = coverage.clone();
    let absent: Vec<&str> = ABSENT.iter().flat_map(|(_, kinds)| kinds.iter().copied()).collect();
    for account in coverage.accounts() {
        let mut regions = coverage.regions(&account);
        regions.push(Region::global());
        for region in regions {
            for kind in KINDS.iter().filter(|kind| absent.contains(&kind.name)) {
                let here = (kind.scope == Scope::Regional) != region.is_global();
                if here && coverage.entry(&account, &region, kind.name).is_none() {
                    // What AWS always has is there as it is before anybody touches it.
                    match kind.name {
                        "aws.ec2.vpc_block_public_access_options" => {
                            resources.push(no_block(&account, &region));
                        }
                        "aws.ec2.network_acl" => {
                            let acls = default_acls(resources, &account, &region);
                            resources.extend(acls);
                        }
                        _ => {}
                    }
                    out.add(CoverageEntry {
                        source: "assumed".to_owned(),
                        account: account.clone(),
                        region: region.clone(),
                        kind: kind.name.to_owned(),
                        status: Completeness::Complete,
                        reason: None,
                        count: 0,
                    });
                }
            }
        }
    }
    out
}

fn no_block(account: &AccountId, region: &Region) -> Resource {
    let line = serde_json::json!({
        "type": "aws.ec2.vpc_block_public_access_options",
        "id": account, "account": account, "region": region, "tags": {},
        "data": {"internet_gateway_block_mode": "off", "state": "default-state"},
    });
    Resource::parse(&line.to_string()).unwrap()
}

/// The ACL that every VPC comes with: it lets everything pass.
fn default_acls(resources: &[Resource], account: &AccountId, region: &Region) -> Vec<Resource> {
    let here = resources.iter().filter(|it| {
        it.kind().name == "aws.ec2.vpc" && it.meta.account == *account && it.meta.region == *region
    });
    let acls = here.map(|vpc| {
        let line = serde_json::json!({
            "type": "aws.ec2.network_acl",
            "id": format!("acl-of-{}", vpc.meta.id), "account": account, "region": region, "tags": {},
            "data": {
                "vpc_id": vpc.meta.id, "owner_id": account, "is_default": true, "associated_subnet_ids": [],
                "entries": [],
            },
        });
        Resource::parse(&line.to_string()).unwrap()
    });
    let all = Dump { resources: acls.collect(), coverage: Coverage::default() };
    all.without_filters().resources
}

#[test]
fn what_is_assumed_are_types_that_are_known() {
    for (_, kinds) in ABSENT {
        for kind in *kinds {
            assert!(KINDS.iter().any(|known| known.name == *kind), "{kind}");
        }
    }
}
