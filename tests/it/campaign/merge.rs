//! `--shard` and `merge`: several machines, one report.

use super::{IMPATIENT, check, report, timeless};
use crate::harness::{Harness, shows};

/// Nine cases, some with findings, and one that is skipped.
const SCENARIOS: [&str; 2] = ["--scenario", "SC-0{0[1-9],48}"];

/// Three shards, and their reports.
fn shards(harness: &Harness) {
    for shard in ["1", "2", "3"] {
        let (part, report) = (format!("{shard}/3"), format!("json={shard}.json"));
        let words = [&SCENARIOS[..], &["--shard", &part, "--report", &report]].concat();
        let code = check(harness, &words, IMPATIENT).code();
        assert!(code < 2, "shard {part} ended with {code}");
    }
}

#[test]
fn three_shards_make_the_report_of_one_run() {
    let harness = Harness::new();
    let whole = check(&harness, &[&SCENARIOS[..], &["--report", "json=whole.json"]].concat(), IMPATIENT).ends_with(1);
    shards(&harness);
    let forms = ["json=merged.json", "junit=merged.xml", "markdown=merged.md", "sarif=merged.sarif", "text=merged.txt"];
    let words: Vec<&str> = ["merge", "3.json", "1.json", "2.json"]
        .into_iter()
        .chain(forms.into_iter().flat_map(|form| ["--report", form]))
        .collect();
    let merged = harness.armtape(&words).ends_with(1);
    let (one, made) = (timeless(report(&harness, "whole.json")), timeless(report(&harness, "merged.json")));
    assert_eq!(made, one);
    assert!(one["summary"]["judged"].as_u64() > Some(5) && one["summary"]["violations"].as_u64() > Some(2), "{one:#}");
    let figures = |told: &str| told.lines().rfind(|line| line.contains("violations,")).map(str::to_owned);
    assert_eq!(figures(&merged.stderr), figures(&whole.stderr));
    for name in ["merged.xml", "merged.md", "merged.sarif", "merged.txt"] {
        assert!(harness.read(name).contains("LRO-C-13"), "{name}");
    }
    // The whole report alone is merged already, and makes other forms.
    harness.armtape(&["merge", "whole.json", "--report", "junit=whole.xml"]).ends_with(1);
    assert!(harness.exists("whole.xml"));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let harness = Harness::new();
    shards(&harness);
    shows!(harness, harness.armtape(&["merge", "1.json", "2.json"]), @"
    exit 2
    ----- stderr
    error: shard 3/3 is missing
    hint: give the reports of all shards: a part that nobody saw is no pass
    ");
    shows!(harness, harness.armtape(&["merge", "1.json", "2.json", "3.json", "2.json"]), @"
    exit 2
    ----- stderr
    error: 2.json and 2.json are both shard 2/3
    hint: give each shard's report once
    ");
    let text = harness.read("2.json");
    harness.write("2.json", text.replace("\"seed\": 1,", "\"seed\": 2,"));
    shows!(harness, harness.armtape(&["merge", "1.json", "2.json", "3.json"]), @"
    exit 2
    ----- stderr
    error: 1.json and 2.json differ in the seed: 1 and 2
    hint: give the reports of one campaign, `--shard 1/N` to `--shard N/N` with everything else alike
    ");
    harness.write("2.json", text.replace("\"version\": \"", "\"version\": \"9."));
    let ran = harness.armtape(&["merge", "1.json", "2.json", "3.json"]).ends_with(2);
    assert!(ran.stderr.contains("2.json: made by armtape 9."), "{ran}");
    harness.write("2.json", "{}");
    shows!(harness, harness.armtape(&["merge", "1.json", "2.json", "3.json"]), @"
    exit 2
    ----- stderr
    error: 2.json: no report of armtape: missing field `armtape`
    hint: give the files that `armtape check --report json=FILE` of this armtape wrote
    ");
    harness.armtape(&["merge", "nowhere.json"]).ends_with(2);
}
