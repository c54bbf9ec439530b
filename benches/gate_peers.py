#!/usr/bin/env python3
"""Measures the gate beside other engines on one generated plan, and prints a table.

  benches/gate_peers.py --generator ../shared/tools/gen_plan.py [-n 10000] [--modules 0.3 --unknown 0.1]

Runs `portcullis gate` with five checks and with the whole suite, and cfn-guard, regorus and Checkov where they are
installed, each with rules for the same five questions. Processor time (user and system, of the process and all that it
started) and the most memory are what the operating system counts; elapsed time depends on what else runs. What each
engine finds stands beside it: a fast engine that finds something else has not done the work.

How the others get here:
  cargo install cfn-guard
  cargo install regorus --example regorus
  python3 -m venv v && v/bin/pip install checkov
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile

# The questions, and what the generator counts under each.
QUESTIONS = ["sg_ssh_world", "imds_v1", "public_ip", "trust_star", "s3_public_acl"]

CHECKS = {
    "ec2-security-group-no-public-admin-ports": "sg_ssh_world",
    "ec2-instance-imdsv2-required": "imds_v1",
    "ec2-instance-no-public-ip": "public_ip",
    "iam-role-trust-no-any-principal": "trust_star",
    "s3-bucket-acl-not-public": "s3_public_acl",
}

CHECKOV = {
    "CKV_AWS_24": "sg_ssh_world",
    "CKV_AWS_79": "imds_v1",
    "CKV_AWS_88": "public_ip",
    "CKV_AWS_60": "trust_star",
    "CKV_AWS_20": "s3_public_acl",
}

GUARD = r"""
let groups = resource_changes[ type == 'aws_security_group' ]
rule sg_ssh_world when %groups !empty {
    %groups.change.after {
        when ingress[ from_port <= 22  to_port >= 22 ] !empty {
            ingress[ from_port <= 22  to_port >= 22 ].cidr_blocks[*] != '0.0.0.0/0'
        }
    }
}

let instances = resource_changes[ type == 'aws_instance' ]
rule imds_v1 when %instances !empty {
    %instances.change.after.metadata_options[*].http_tokens == 'required'
}
rule public_ip when %instances !empty {
    %instances.change.after.associate_public_ip_address != true
}

let roles = resource_changes[ type == 'aws_iam_role' ]
rule trust_star when %roles !empty {
    %roles.change.after.assume_role_policy != /"AWS":"\*"/
}

let buckets = resource_changes[ type == 'aws_s3_bucket' ]
rule s3_public_acl when %buckets !empty {
    %buckets.change.after.acl in ['private', 'log-delivery-write']
}
"""

REGO = r"""
package gate

import rego.v1

after(type) := [{"address": one.address, "it": one.change.after} |
	some one in input.resource_changes
	one.type == type
]

sg_ssh_world contains one.address if {
	some one in after("aws_security_group")
	some rule in one.it.ingress
	rule.from_port <= 22
	rule.to_port >= 22
	"0.0.0.0/0" in rule.cidr_blocks
}

imds_v1 contains one.address if {
	some one in after("aws_instance")
	some options in one.it.metadata_options
	object.get(options, "http_tokens", "optional") != "required"
}

public_ip contains one.address if {
	some one in after("aws_instance")
	one.it.associate_public_ip_address == true
}

trust_star contains one.address if {
	some one in after("aws_iam_role")
	some statement in json.unmarshal(one.it.assume_role_policy).Statement
	statement.Effect == "Allow"
	statement.Principal.AWS == "*"
}

s3_public_acl contains one.address if {
	some one in after("aws_s3_bucket")
	startswith(object.get(one.it, "acl", "private"), "public-")
}

counts := {
	"sg_ssh_world": count(sg_ssh_world),
	"imds_v1": count(imds_v1),
	"public_ip": count(public_ip),
	"trust_star": count(trust_star),
	"s3_public_acl": count(s3_public_acl),
}
"""


def measure(command, out):
    """Runs a command with its output in a file: exit code, processor seconds, MiB, elapsed seconds."""
    times = os.times()
    with open(out, "wb") as stdout, open(out + ".err", "wb") as stderr:
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    elapsed = os.times().elapsed - times.elapsed
    cpu = usage.ru_utime + usage.ru_stime
    return process.returncode, cpu, usage.ru_maxrss / 1024, elapsed


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def of_gate(path):
    """Resources with a fail, and with an unknown, by question."""
    fails, unknown = {}, {}
    for one in load(path)["gate"]["findings"]:
        question = CHECKS.get(one["check"])
        # What is said of a whole place is no resource.
        if question is None or one["class"] == "fixed" or one["subject"]["id"] == "*":
            continue
        into = unknown if one["outcome"] == "unknown" else fails
        into.setdefault(question, set()).add(one["subject"]["id"])
    return {q: len(v) for q, v in fails.items()}, {q: len(v) for q, v in unknown.items()}


def of_guard(path):
    counts = {}

    def walk(node, rule):
        if isinstance(node, dict):
            rule = node.get("Rule", {}).get("name", rule) if isinstance(node.get("Rule"), dict) else rule
            for key in ("Unary", "Binary", "InComparison"):
                if key in node and rule in QUESTIONS:
                    counts.setdefault(rule, set()).add(changed(node[key]))
            for inner in node.values():
                walk(inner, rule)
        elif isinstance(node, list):
            for inner in node:
                walk(inner, rule)

    def changed(node):
        """The change that a comparison is about: the number behind /resource_changes/."""
        text = json.dumps(node)
        at = text.find("/resource_changes/")
        return text[at:].split("/")[2] if at >= 0 else text

    walk(load(path), None)
    return {rule: len(places) for rule, places in counts.items()}


def of_regorus(path):
    return load(path)["result"][0]["expressions"][0]["value"]


def of_checkov(path):
    counts = {}
    report = load(path)
    for part in report if isinstance(report, list) else [report]:
        for one in part.get("results", {}).get("failed_checks", []):
            question = CHECKOV.get(one["check_id"])
            if question:
                counts[question] = counts.get(question, 0) + 1
    return counts


def engines(args, plan, work):
    """Name, command, where its findings stand, how they are read."""
    gate = [args.portcullis, "gate", plan, "--format", "none", "--account", "111122223333", "--region", "eu-west-1"]
    five = gate + [flag for check in CHECKS for flag in ("--check", check)]
    report = os.path.join(work, "five.json")
    yield "portcullis, 5 checks", five + ["--json", report], report, of_gate
    report = os.path.join(work, "whole.json")
    yield "portcullis, whole suite", gate + ["--json", report], report, of_gate
    if args.inventory:
        report = os.path.join(work, "over.json")
        over = gate + ["--inventory", args.inventory, "--allow-foreign", "--json", report]
        yield "portcullis, whole suite over an inventory", over, report, of_gate
    regorus = shutil.which("regorus")
    if regorus:
        rules = write(work, "rules.rego", REGO)
        yield "regorus", [regorus, "eval", "-d", rules, "-i", plan, "data.gate.counts"], None, of_regorus
    guard = shutil.which("cfn-guard")
    if guard:
        rules = write(work, "rules.guard", GUARD)
        command = [guard, "validate", "-r", rules, "-d", plan, "--structured", "-o", "json", "-S", "none"]
        yield "cfn-guard", command, None, of_guard
    checkov = shutil.which("checkov")
    if checkov:
        command = [checkov, "-f", plan, "--framework", "terraform_plan", "--skip-download", "--compact", "--quiet"]
        command += ["--check", ",".join(CHECKOV), "-o", "json"]
        yield "checkov, 5 checks", command, None, of_checkov


def write(work, name, text):
    path = os.path.join(work, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generator", required=True, help="the script that makes the plan")
    parser.add_argument("--portcullis", default="target/release/portcullis", help="the binary, built with --release")
    parser.add_argument("--inventory", help="a live inventory to lay the plan over as well")
    parser.add_argument("-n", type=int, default=10_000, help="how many resources")
    parser.add_argument("--violations", default="0.2")
    parser.add_argument("--modules", default="0")
    parser.add_argument("--unknown", default="0")
    parser.add_argument("--runs", type=int, default=3, help="of which the one with the least processor time counts")
    args = parser.parse_args()
    if not shutil.which(args.portcullis):
        sys.exit(f"{args.portcullis}: no such program; build it, or give --portcullis")

    with tempfile.TemporaryDirectory() as work:
        plan = os.path.join(work, "plan.json")
        command = [sys.executable, args.generator, "-n", str(args.n), "-o", plan]
        command += ["--violations", args.violations, "--modules", args.modules, "--unknown", args.unknown]
        made = subprocess.run(command, check=True, capture_output=True, text=True)
        expected = json.loads(made.stderr.strip().splitlines()[-1])
        size = os.path.getsize(plan) / 1e6
        print(f"{args.n} resources, {size:.1f} MB; planted: " + ", ".join(f"{q} {expected[q]}" for q in QUESTIONS))
        unknowns = {q.removeprefix("unknown_"): n for q, n in expected.items() if q.startswith("unknown_") and n}
        if unknowns:
            print("not known before apply: " + ", ".join(f"{q} {n}" for q, n in unknowns.items()))
        print()
        print("| engine | exit | CPU s | peak MiB | elapsed s | found | unknown |")
        print("|---|---|---|---|---|---|---|")
        missing = {"regorus", "cfn-guard", "checkov"}
        for name, command, report, read in engines(args, plan, work):
            missing.discard(name.split(",")[0])
            out = os.path.join(work, "out")
            runs = [measure(command, out) for _ in range(args.runs if "checkov" not in name else 1)]
            code, cpu, memory, elapsed = min(runs, key=lambda run: run[1])
            try:
                said = read(report or out)
            except (OSError, ValueError, KeyError, IndexError) as error:
                with open(out + ".err", encoding="utf-8", errors="replace") as file:
                    last = file.read().strip().splitlines()[-1:]
                print(f"| {name} | {code} | {cpu:.2f} | {memory:.0f} | {elapsed:.2f} | nothing: {error!r} {last} | |")
                continue
            found, unknown = said if isinstance(said, tuple) else (said, None)
            wrong = [f"{q} {found.get(q, 0)}" for q in QUESTIONS if found.get(q, 0) != expected[q]]
            told = "as planted" if not wrong else "otherwise: " + ", ".join(wrong)
            doubts = "no such outcome" if unknown is None else ", ".join(f"{q} {n}" for q, n in unknown.items()) or "0"
            print(f"| {name} | {code} | {cpu:.2f} | {memory:.0f} | {elapsed:.2f} | {told} | {doubts} |", flush=True)
        if missing:
            print("\nnot installed: " + ", ".join(sorted(missing)))


if __name__ == "__main__":
    main()
