//! What is kept of cases with findings: it replays, it is shown, it converts, and holds no secret.

use std::path::Path;

use armtape::cassette::{Cassette, Completion, Interaction};

use super::report;
use crate::harness::{Harness, Ran};

/// Writes what is in `sent.json`, whatever it was given.
const CARELESS: &str =
    r#"curl -sS -o /dev/null -X PUT -H 'content-type: application/json' -d @sent.json "$ARMTAPE_URL""#;

/// Has something to be found, with two values that the project's own rules alone replace.
fn careless(words: &[&str], rules: &str) -> (Harness, Ran) {
    let harness = Harness::new();
    harness.write("armtape.toml", rules);
    harness.write("sent.json", r#"{"properties": {"favourite": "tulips", "note": "say sesame-open twice"}}"#);
    let check =
        ["check", "--scenario", "{SC-001,GEN-1-4}", "--cases", "5", "--operations", "put", "--shrink-time", "0"];
    let words = [&check[..], words];
    let mut command = harness.command(words.concat().into_iter().chain(["--", "sh", "-c", CARELESS]));
    let ran = harness.run(command.env("SESAME", "sesame-open"));
    (harness, ran)
}

const KEPT: [&str; 2] = ["cassettes/regressions/SC-001-put.json.new", "cassettes/regressions/GEN-1-4-put.json.new"];

#[test]
fn the_projects_own_rules_hold_for_what_is_kept() {
    let rules = "[[redact.rules]]\nid = \"favourites\"\nnames = [\"favourite\"]\n";
    for (words, rules, tulips, sesame) in
        [(&["--secret-env", "SESAME"][..], rules, false, false), (&[], rules, false, true), (&[], "", true, true)]
    {
        let (harness, ran) = careless(words, rules);
        let ran = ran.ends_with(1);
        for file in KEPT {
            let kept = harness.read(file);
            assert_eq!((kept.contains("tulips"), kept.contains("sesame-open")), (tulips, sesame), "{kept}\n{ran}");
            assert!(kept.contains("favourite") && kept.contains("say "), "{kept}");
        }
    }
}

#[test]
fn what_is_wrong_with_the_rules_is_said_before_anything_is_played() {
    let rules = "[[redact.rules]]\nid = \"favourites\"\n";
    let (harness, ran) = careless(&[], rules);
    let ran = ran.ends_with(2);
    assert!(ran.stderr.contains("rule `favourites` has neither `names` nor a `pattern`"), "{ran}");
    let (_, ran) = careless(&["--secret-env", "NOT_THERE"], "");
    let ran = ran.ends_with(2);
    assert!(ran.stderr.contains("`--secret-env NOT_THERE`: there is no such variable"), "{ran}");
    assert!(!harness.exists("cassettes"));
}

/// Writes, asks the first URL that it is told once and at once, and takes everything for a success. What
/// it is answered it notes in `said`: status codes, and `cut` where an answer does not come or breaks off.
const HASTY: &str = r#"cd "${ARMTAPE_WORKDIR:-.}"
ask() {
    code=$(curl -sS --max-time 3 -D head -o answer -w '%{http_code}' -H 'authorization: Bearer t' "$@" 2>error) || code=cut
    echo "$code" >>said
}
ask -X PUT -H 'content-type: application/json' -d @"$2" "$1"
next=$(tr -d '\r' <head | grep -iE '^(azure-asyncoperation|location):' | head -n 1 | cut -d ' ' -f 2-)
case "$next" in https:*) ask "$next";; esac"#;

/// The interactions on a cassette.
fn interactions(path: &Path) -> Vec<Interaction> {
    Cassette::load(path).unwrap().interactions
}

/// What `HASTY` notes of an answer.
fn noted(said: &Interaction) -> String {
    match &said.response {
        Some(response) if said.completion == Completion::Whole => response.status.to_string(),
        _ => "cut".to_owned(),
    }
}

#[test]
fn every_case_that_is_kept_replays_is_shown_and_converts() {
    let harness = Harness::new();
    let words = ["--scenario", "{SC-0[0-6]*,GEN-*}", "--cases", "40", "--operations", "put", "--shrink-time", "0"];
    let command = ["--report", "json=report.json", "--", "sh", "-c", HASTY, "hasty", "{url}", "{body}"];
    harness.armtape(&[&["check"], &words[..], &command].concat()).ends_with(1);
    let cases = report(&harness, "report.json")["cases"].as_array().unwrap().clone();
    let cases = cases.iter().map(|case| if case["shrunk"].is_null() { case } else { &case["shrunk"]["case"] });
    let kept: Vec<&str> = cases.filter_map(|case| case["file"].as_str()).collect();
    let generated = kept.iter().filter(|file| file.contains("/GEN-")).count();
    assert!(generated >= 5 && kept.len() >= generated + 20, "{kept:#?}");
    for file in kept {
        let said = interactions(&harness.path(file));
        replays(&harness, file, &said);
        is_shown(&harness, file, &said);
        converts(&harness, file, &said);
    }
}

/// The same client gets the same answers, and nothing that it asks is missing. That it breaks a rule is found
/// again where the conversation alone shows it.
fn replays(harness: &Harness, file: &str, said: &[Interaction]) {
    let request = &said[0].request;
    let _ = std::fs::remove_file(harness.path("said"));
    harness.write("sent.json", request.body.bytes().unwrap());
    let script = format!("set -- \"$ARMTAPE_ENDPOINT{}\" sent.json\n{HASTY}", request.target);
    let ran = harness.around(&["replay", "--polls", "recorded", file], &script);
    let answered = format!("{} answered from the tape, 0 missing", count(said.len(), "request"));
    assert!(ran.stderr.contains(&answered), "{file}: {ran}");
    let heard: Vec<String> = harness.read("said").lines().map(str::to_owned).collect();
    assert_eq!(heard, said.iter().map(noted).collect::<Vec<_>>(), "{file}: {ran}");
    assert!(ran.code() == 0 || ran.code() == 1 && ran.stderr.contains("violation: "), "{file}: {ran}");
}

/// The resource, and every answer. (A write without a whole answer is no operation.)
fn is_shown(harness: &Harness, file: &str, said: &[Interaction]) {
    let shown = harness.armtape(&["show", file]).ends_with(0).stdout;
    assert!(shown.contains(&format!(", {}\n", count(said.len(), "interaction"))), "{file}: {shown}");
    assert!(shown.contains(&said[0].request.target), "{file}: {shown}");
    for response in said.iter().filter_map(|said| said.response.as_ref()) {
        assert!(shown.contains(&response.status.to_string()), "{file}: {shown}");
    }
}

/// The copy has the same interactions, and whoever compares them finds nothing.
fn converts(harness: &Harness, file: &str, said: &[Interaction]) {
    harness.armtape(&["convert", "--force", file, "-o", "copy.json"]).ends_with(0);
    assert_eq!(interactions(&harness.path("copy.json")), said, "{file}");
    harness.armtape(&["diff", file, "copy.json"]).ends_with(0);
}

/// `1 request`, `2 requests`.
fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
