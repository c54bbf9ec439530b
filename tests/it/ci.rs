//! What stands ready for pipelines: it parses, hangs together, and speaks of flags that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use portcullis::cli::Cli;
use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

/// The long flags of `portcullis gate` and what is below it.
fn flags() -> BTreeSet<String> {
    fn add(command: &clap::Command, out: &mut BTreeSet<String>) {
        out.extend(
            command.get_arguments().filter_map(|arg| Some(format!("--{}", arg.get_long()?))),
        );
        command.get_subcommands().for_each(|inner| add(inner, out));
    }
    let mut out = BTreeSet::from(["--help".to_owned()]);
    let cli = Cli::command();
    add(cli.find_subcommand("gate").unwrap(), &mut out);
    out
}

/// The words of a text that look like long flags.
fn named(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let mut out = BTreeSet::new();
    for (at, _) in text.match_indices("--") {
        let before = text[..at].chars().next_back();
        let word: String = text[at..].chars().take_while(|c| is_part(*c)).collect();
        let begins = word.chars().nth(2).is_some_and(|c| c.is_ascii_lowercase());
        if begins && before.is_none_or(|c| !is_part(c) && c != '<') {
            out.insert(word);
        }
    }
    out
}

#[test]
fn every_yaml_file_parses() {
    let mut all = Vec::new();
    files(&root().join("examples/ci"), &mut all);
    let yamls: Vec<_> = all
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "yml" || e == "yaml"))
        .collect();
    assert!(yamls.len() >= 4, "{yamls:?}");
    for path in yamls {
        let value = yaml(path.strip_prefix(root()).unwrap().to_str().unwrap());
        assert!(value.is_object() || value.is_array(), "{}", path.display());
    }
}

#[test]
fn the_action_hangs_together() {
    let path = "examples/ci/github/action.yml";
    let (action, source) = (yaml(path), text(path));
    assert_eq!(action["runs"]["using"], "composite");
    let inputs: BTreeSet<&str> =
        action["inputs"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut used = BTreeSet::new();
    for (_, rest) in
        source.match_indices("inputs.").map(|(at, word)| (at, &source[at + word.len()..]))
    {
        let name: &str = rest.split(|c: char| !c.is_ascii_lowercase() && c != '-').next().unwrap();
        used.insert(name);
    }
    assert_eq!(used, inputs, "inputs that are used, and those that are declared");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let mut seen = BTreeSet::new();
    for step in steps {
        let Some(script) = step["run"].as_str() else { continue };
        // A composite action needs it, and workflows take another by default.
        assert!(step["shell"].is_string(), "{step}");
        assert!(!script.contains("${{"), "text of others in a script: {script}");
        for (at, _) in script.match_indices('$') {
            let name: String = script[at + 1..]
                .trim_start_matches('{')
                .chars()
                .take_while(|c| c.is_ascii_uppercase() || *c == '_')
                .collect();
            let given = name.starts_with("GITHUB_") || name.starts_with("RUNNER_");
            assert!(name.is_empty() || given || step["env"][&name].is_string(), "${name}");
        }
        seen.extend(step["id"].as_str());
    }
    for (at, word) in source.match_indices("steps.") {
        let id: String =
            source[at + word.len()..].chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(id.is_empty() || seen.contains(id.as_str()), "steps.{id}");
    }
    assert_eq!(steps.last().unwrap()["if"], "always()", "the decision comes whatever happened");
}

#[test]
fn the_workflow_gives_the_action_what_it_takes() {
    let action = yaml("examples/ci/github/action.yml");
    let workflow = yaml("examples/ci/github/gate.yml");
    let steps = workflow["jobs"]["gate"]["steps"].as_array().unwrap();
    let step = steps
        .iter()
        .find(|step| step["uses"].as_str().is_some_and(|uses| uses.ends_with("portcullis-gate")))
        .unwrap();
    for name in step["with"].as_object().unwrap().keys() {
        assert!(action["inputs"][name].is_object(), "{name}");
    }
    for (name, input) in action["inputs"].as_object().unwrap() {
        let given = step["with"][name].is_string();
        assert!(given || input["required"] != true, "{name} is required");
    }
    assert_eq!(workflow["permissions"], serde_json::json!({"contents": "read"}));
    for job in workflow["jobs"].as_object().unwrap().values() {
        assert!(job["permissions"].is_object(), "each job has what it needs and no more");
    }
}

#[test]
fn gitlab_gets_the_reports_that_the_job_writes() {
    let pipeline = yaml("examples/ci/gitlab/.gitlab-ci.yml");
    let job = &pipeline["gate"];
    let script = job["script"][0].as_str().unwrap();
    for (flag, report) in [("--gitlab", "codequality"), ("--junit", "junit")] {
        let file = job["artifacts"]["reports"][report].as_str().unwrap();
        assert!(script.contains(&format!("{flag} {file}")), "{script}");
    }
    assert_eq!(job["artifacts"]["when"], "always");
}

#[test]
fn hooks_are_there_and_can_run() {
    let hooks = yaml("examples/ci/pre-commit/.pre-commit-hooks.yaml");
    for hook in hooks.as_array().unwrap() {
        let path = root().join(hook["entry"].as_str().unwrap());
        let about = fs::metadata(&path).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert!(about.permissions().mode() & 0o111 != 0, "{}", path.display());
        }
        assert!(about.len() > 0);
    }
}

#[test]
fn flags_exist_wherever_they_are_written() {
    let flags = flags();
    assert!(flags.contains("--fail-on") && flags.contains("--out"), "{flags:?}");
    // Lines that call the gate, with what their continuation adds.
    let mut all = Vec::new();
    files(&root().join("examples/ci"), &mut all);
    let mut calls = 0;
    for path in &all {
        let text = fs::read_to_string(path).unwrap();
        let mut inside = false;
        for line in text.lines() {
            let begins = line.contains("portcullis gate") || line.trim_start().starts_with("args");
            inside = begins || inside && line.trim_start().starts_with("--");
            if inside || line.contains("args+=(") {
                let own = match line.split_once("docker ") {
                    Some((_, rest)) => {
                        rest.split_once("portcullis gate").map_or("", |(_, own)| own)
                    }
                    None => line,
                };
                calls += 1;
                for flag in named(own) {
                    assert!(flags.contains(&flag), "{}: {flag}: {line}", path.display());
                }
            }
        }
    }
    assert!(calls > 10, "{calls}");
    for path in ["docs/gate.md", "examples/ci/README.md"] {
        for line in text(path).lines().filter(|line| !line.contains("docker ")) {
            for flag in named(line) {
                assert!(flags.contains(&flag), "{path}: {flag}");
            }
        }
    }
}

/// The comment is found by its anchor, which the report writes first.
#[test]
fn the_action_looks_for_the_anchor_that_is_written() {
    let action = text("examples/ci/github/action.yml");
    assert!(action.contains("head -n 1") && action.contains("startswith($anchor)"));
    let anchor = portcullis::report::gate::markdown::anchor("infra");
    assert_eq!(anchor.lines().count(), 1);
}
