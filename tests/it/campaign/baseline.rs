//! `--baseline`

use super::{IMPATIENT, check, report};
use crate::harness::{Harness, shows};

const WORDS: [&str; 4] = ["--scenario", "SC-007", "--baseline", "known.toml"];

#[test]
fn what_is_baselined_does_not_fail_and_is_counted() {
    let harness = Harness::new();
    let ran = check(&harness, &[&WORDS[..], &["--update-baseline", "until the poller is in"]].concat(), IMPATIENT);
    let ran = ran.ends_with(0);
    assert!(ran.stderr.contains("baseline: 1 finding added to known.toml, for 90 days"), "{ran}");
    let written = harness.read("known.toml");
    assert!(written.starts_with("[[finding]]\nrule = \"LRO-C-13\"\nscenario = [\"SC-007\"]\n"), "{written}");

    let ran = check(&harness, &[&WORDS[..], &["--report", "json=report.json"]].concat(), IMPATIENT).ends_with(0);
    assert!(ran.stderr.contains("0 violations, 0 warnings, 0 known, 1 baselined"), "{ran}");
    assert!(ran.stdout.is_empty(), "it is not told again: {ran}");
    let finding = &report(&harness, "report.json")["findings"][0];
    assert_eq!(finding["baselined"], true);
    assert_eq!(finding["reason"], "until the poller is in");
    let again = check(&harness, &[&WORDS[..], &["--update-baseline", "once more"]].concat(), IMPATIENT).ends_with(0);
    assert!(again.stderr.contains("baseline: nothing is to be added"), "{again}");
    assert_eq!(harness.read("known.toml"), written);
}

#[test]
fn armtape_toml_names_it_from_its_own_folder() {
    let harness = Harness::new();
    harness.write("armtape.toml", "[check]\nbaseline = \"of/known.toml\"\n");
    let entry = |rule: &str| format!("[[finding]]\nrule = \"{rule}\"\nreason = \"later\"\nexpires = 2999-01-01\n");
    harness.write("of/known.toml", entry("LRO-C-13"));
    harness.write("below/here", "");
    let words = ["check", "--scenario", "SC-007", "--", "sh", "-c", IMPATIENT];
    let mut below = harness.command(words);
    below.current_dir(harness.path("below"));
    harness.run(&mut below).ends_with(0);
}

#[test]
fn an_expired_entry_fails_again_and_an_endless_one_is_told() {
    let harness = Harness::new();
    let entry = "[[finding]]\nrule = \"LRO-C-13\"\nscenario = \"SC-00*\"\nreason = \"later\"\n";
    harness.write("known.toml", format!("{entry}expires = 2026-01-31\n"));
    let ran = check(&harness, &WORDS, IMPATIENT).ends_with(1);
    let told = "baseline: known.toml:1: LRO-C-13 in SC-00* expired on 2026-01-31, and counts again";
    assert!(ran.stderr.contains(told), "{ran}");
    harness.write("known.toml", entry);
    let ran = check(&harness, &WORDS, IMPATIENT).ends_with(0);
    assert!(ran.stderr.contains("never expires: give it a day with `expires`"), "{ran}");
}

#[test]
fn what_is_wrong_with_it_is_said_before_anything_is_played() {
    let harness = Harness::new();
    harness.write("known.toml", "\n[[finding]]\nrule = \"LRO-C-13\"\n");
    shows!(harness, check(&harness, &WORDS, "touch played"), @"
    exit 2
    ----- stderr
    error: known.toml:2: missing field `reason`
    hint: docs/check.md describes the file
    ");
    harness.write("known.toml", "[[finding]]\nrule = \"LRO-C-133\"\nreason = \"later\"\n");
    shows!(harness, check(&harness, &WORDS, "touch played"), @"
    exit 2
    ----- stderr
    error: known.toml:1: `LRO-C-133` is no rule; did you mean `LRO-C-13`?
    hint: docs/check.md describes the file
    ");
    shows!(harness, check(&harness, &["--baseline", "no.toml"], "touch played"), @"
    exit 2
    ----- stderr
    error: no.toml: No such file or directory
    hint: `--update-baseline REASON` makes one of what is found
    ");
    shows!(harness, check(&harness, &["--update-baseline", "because"], "touch played"), @"
    exit 2
    ----- stderr
    error: --update-baseline: no baseline is named
    hint: `--baseline FILE` names it, or `baseline` in `[check]` of armtape.toml
    ");
    assert!(!harness.exists("played"));
}
