//! Recipes for CI systems: the commands of their steps, run as the system would.

use std::path::Path;

use serde_json::Value;

use super::{LIMIT, process, shell};

/// What each system sets.
const ENVIRONMENTS: [(&str, &[(&str, &str)]); 3] = [
    ("github", &[("CI", "true"), ("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "summary.md")]),
    ("azure", &[("TF_BUILD", "True")]),
    ("gitlab", &[("CI", "true"), ("GITLAB_CI", "true")]),
];

/// Runs every step of a recipe, each of which must end with 0; gives their number.
pub(super) fn run(recipe: &str, text: &str, folder: &Path) -> usize {
    let environment = ENVIRONMENTS.iter().find(|(system, _)| recipe.starts_with(system));
    let (_, environment) = environment.unwrap_or_else(|| panic!("{recipe}: a recipe for which system?"));
    let parsed: Value = serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{recipe}: {error}"));
    let mut scripts = Vec::new();
    collect(&parsed, &mut scripts);
    let shards = &parsed["jobs"]["check"]["strategy"]["matrix"]["shard"];
    let shards: Vec<String> = shards.as_array().into_iter().flatten().map(ToString::to_string).collect();
    let mut run = 0;
    for script in scripts {
        const SHARD: &str = "${{ matrix.shard }}";
        let scripts = match script.contains(SHARD) {
            true => shards.iter().map(|shard| script.replace(SHARD, shard)).collect(),
            false => vec![script],
        };
        for script in scripts {
            assert!(!script.contains("${{"), "{recipe}: an expression that is not understood here: {script}");
            let mut command = shell(&format!("set -e\n{script}"), folder);
            command.envs(environment.iter().copied());
            let output = process::run(&mut command, LIMIT).unwrap();
            assert!(output.status.success(), "{recipe}\n$ {script}\n{}", output.stdout);
            run += 1;
        }
    }
    run
}

/// What stands behind `run`, `script` or `bash`, in order.
fn collect(value: &Value, scripts: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("run" | "script" | "bash", Value::String(script)) => scripts.push(script.clone()),
                    ("script", Value::Array(lines)) => {
                        scripts.extend(lines.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    (_, value) => collect(value, scripts),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, scripts)),
        _ => {}
    }
}
