//! The baseline: what its entries accept, and what is said of a wrong one.

use std::path::Path;

use super::{Accepted, Baseline};

fn parse(text: &str) -> Result<Baseline, String> {
    let today = "2026-11-28".parse().unwrap();
    Baseline::parse(Path::new("known.toml"), text, today).map_err(|error| error.to_string())
}

const ENTRY: &str = "# What we know.\n\n[[finding]]\nrule = \"LRO-C-22\"\nscenario = \"SC-08*\"\nreason = \"js\"\n";

#[test]
fn an_entry_accepts_what_fits_until_its_day() {
    let mut baseline = parse(&format!("{ENTRY}expires = 2026-11-29\n")).unwrap();
    assert_eq!(baseline.accepts("LRO-C-22", "SC-081", "put").as_deref(), Some("js"));
    assert_eq!(baseline.accepts("LRO-C-22", "SC-09", "put"), None);
    assert_eq!(baseline.accepts("LRO-C-23", "SC-081", "put"), None);
    let applied = &baseline.applied()[0];
    assert_eq!((applied.times, applied.expired, applied.place.as_str()), (1, false, "known.toml:3"));

    let mut expired = parse(&format!("{ENTRY}expires = \"2026-11-28\"\n")).unwrap();
    assert_eq!(expired.accepts("LRO-C-22", "SC-081", "put"), None);
    let applied = &expired.applied()[0];
    assert_eq!((applied.times, applied.expired), (1, true), "it is said that it was there");
}

#[test]
fn a_scenario_names_its_variants_and_an_operation_narrows() {
    let entry =
        "[[finding]]\nrule = \"lro-c-22\"\nscenario = [\"SC-044\", \"SC-1\"]\noperation = \"put\"\nreason = \"x\"\n";
    let mut baseline = parse(entry).unwrap();
    assert!(baseline.accepts("LRO-C-22", "SC-044:E2", "put").is_some());
    assert!(baseline.accepts("LRO-C-22", "SC-044:E2", "patch").is_none());
    assert!(baseline.accepts("LRO-C-22", "SC-100", "put").is_none());
    assert!(
        parse("[[finding]]\nrule = \"LRO-C-22\"\nreason = \"x\"\n").unwrap().accepts("LRO-C-22", "SC-1", "").is_some()
    );
    assert!(parse("").unwrap().applied().is_empty());
}

#[test]
fn what_is_written_is_read() {
    let baseline = Baseline::new(Path::new("new.toml"), "2026-11-28".parse().unwrap());
    let accepted = |rule: &str, scenario: &str| Accepted { rule: rule.to_owned(), scenario: scenario.to_owned() };
    let accepted = [accepted("LRO-C-22", "SC-2"), accepted("LRO-C-13", "SC-1"), accepted("LRO-C-22", "SC-1[x]")];
    let text = baseline.entries_for(&accepted, "a \"quoted\"\nreason \\ of two lines\u{7f}");
    let mut read = parse(&text).unwrap();
    for accepted in &accepted {
        assert!(read.accepts(&accepted.rule, &accepted.scenario, "put").is_some(), "{text}");
    }
    assert!(read.accepts("LRO-C-13", "SC-2", "put").is_none());
    assert_eq!(read.applied()[1].expires.as_deref(), Some("2027-02-26"));
}

/// It is a file of the project, for everyone who may read that.
#[cfg(unix)]
#[test]
fn what_is_added_leaves_a_file_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("known.toml");
    std::fs::write(&path, ENTRY).unwrap();
    let baseline = Baseline::parse(&path, ENTRY, "2026-11-28".parse().unwrap()).unwrap();
    let accepted = Accepted { rule: "LRO-C-24".to_owned(), scenario: "SC-001".to_owned() };
    baseline.add(&[accepted], "for now").unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(ENTRY) && text.contains("LRO-C-24"), "{text}");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn what_is_wrong_has_its_line() {
    let said = |text: &str| parse(text).unwrap_err();
    for (text, told) in [
        ("[[finding]]\nrule = \"LRO-C-22\"\n", "known.toml:1: missing field `reason`"),
        (
            "[[finding]]\nrule = \"LRO-C-22\"\nreason = \" \"\n",
            "known.toml:1: `reason` is empty: say why the project lives with it",
        ),
        (
            "\n[[finding]]\nrule = \"LRO-C-99\"\nreason = \"x\"\n",
            "known.toml:2: `LRO-C-99` is no rule; did you mean `LRO-C-09`?",
        ),
        (&format!("{ENTRY}expires = \"soon\"\n"), "known.toml:3: `expires`: `soon` is no day such as 2027-03-31"),
        (
            &format!("{ENTRY}scenarios = \"*\"\n"),
            "known.toml:7: unknown field `scenarios`, expected one of `rule`, `scenario`, `operation`, `reason`, `expires`",
        ),
        ("[[finding]\n", "known.toml:1: "),
        ("[[finding]]\nrule = \"LRO-C-22\"\nreason = \"x\"\nscenario = \"[\"\n", "known.toml:1: `scenario`: "),
    ] {
        assert!(said(text).starts_with(told), "{text}: {}", said(text));
    }
}
