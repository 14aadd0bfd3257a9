//! One seed, one result: however many clients run at once, and however many machines share the cases.

use std::collections::BTreeMap;

use regex::Regex;

use super::{IMPATIENT, check, report, timeless};
use crate::harness::{Harness, Ran};

/// Scripts and generated services, of which many fail and some in the same way. Time is no bound of the search.
const CASES: [&str; 9] =
    ["--scenario", "{SC-00*,GEN-*}", "--cases", "14", "--operations", "put", "--shrink-time", "600", "--seed=3"];

fn campaign(harness: &Harness, words: &[&str]) -> Ran {
    check(harness, &[&CASES, words].concat(), IMPATIENT)
}

/// The bytes of everything that was written, but for what is time: the clock of the run, and how long it took.
fn written(harness: &Harness) -> BTreeMap<String, String> {
    let time = [
        // Members that are measured.
        r#""(milliseconds|seconds|request|answer|end)": [0-9.]+"#,
        // The clock, as armtape and as services write it.
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z|[0-9]{8}T[0-9]{6}Z|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT",
    ];
    let time = time.map(|pattern| Regex::new(pattern).unwrap());
    let root = harness.path("");
    let texts = harness.files().into_iter().map(|(path, bytes)| {
        let text = String::from_utf8(bytes).unwrap();
        let text = time.iter().fold(text, |text, time| time.replace_all(&text, "TIME").into_owned());
        (path.strip_prefix(&root).unwrap().display().to_string(), text)
    });
    texts.collect()
}

#[test]
fn cases_findings_and_what_is_kept_are_the_same_byte_for_byte_whatever_jobs_are() {
    let [one, many] = ["1", "4"].map(|jobs| {
        let harness = Harness::new();
        let report = ["--report", "json=report.json", "--report", "sarif=report.sarif"];
        let words = [&["check", "--jobs", jobs], &CASES[..], &report[..]].concat();
        harness.around(&words, IMPATIENT).ends_with(1);
        harness
    });
    let (one, many) = (written(&one), written(&many));
    assert_eq!(one.keys().collect::<Vec<_>>(), many.keys().collect::<Vec<_>>());
    for (name, text) in &one {
        assert_eq!(text, &many[name], "{name}");
    }
    let kept = |prefix: &str| one.keys().filter(|name| name.contains(&format!("regressions/{prefix}"))).count();
    assert!(kept("SC-") >= 4 && kept("GEN-3-") >= 2, "{:?}", one.keys());
    assert!(one["report.json"].matches(r#""rule": "#).count() > 10, "{}", one["report.json"]);
}

/// A shard knows nothing of the cases of others, and looks for the smallest of each kind that it has itself.
#[test]
fn shards_of_generated_cases_make_the_report_of_one_run() {
    let whole = Harness::new();
    let told = campaign(&whole, &["--report", "json=report.json"]).ends_with(1);
    let shards = Harness::new();
    for shard in ["1", "2", "3"] {
        let (part, report) = (format!("{shard}/3"), format!("json={shard}.json"));
        campaign(&shards, &["--shard", &part, "--report", &report]).ends_with(1);
    }
    let merge = ["merge", "3.json", "1.json", "2.json", "--report", "json=merged.json"];
    let merged = shards.armtape(&merge).ends_with(1);
    let (one, made) = (timeless(report(&whole, "report.json")), timeless(report(&shards, "merged.json")));
    assert_eq!(made, one);

    // It was a trial of something: some kinds were found by several shards, and are told once.
    let shrunk = |name: &str| {
        let cases = report(&shards, name)["cases"].as_array().unwrap().clone();
        cases.into_iter().filter(|case| !case["shrunk"].is_null()).collect::<Vec<_>>()
    };
    let [first, second, third, all] = ["1.json", "2.json", "3.json", "merged.json"].map(shrunk);
    assert!(all.len() > 1 && all.len() < first.len() + second.len() + third.len(), "{all:#?}");
    assert!(all.iter().any(|case| case["shrunk"]["like"].as_array().unwrap().len() > 1), "{all:#?}");
    // And told alike. (A report has no command with a credential in it, which a run may say to its own user.)
    let told_of = |ran: &Ran| {
        let mut cases: Vec<String> = ran.stdout.split("\n\n").map(without_clock_and_command).collect();
        cases.sort();
        cases
    };
    assert_eq!(told_of(&merged), told_of(&told));
}

/// A case as it is told, without the times in front of its lines and what comes behind them.
fn without_clock_and_command(case: &str) -> String {
    let clock = Regex::new(r"[0-9.]+ s  |[A-Z][a-z]{2}, [0-9]{2} .* GMT|(?s:\n  (again|at): .*)").unwrap();
    clock.replace_all(case.trim(), "").into_owned()
}
