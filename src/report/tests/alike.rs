//! Generated cases that show the same.

use super::*;

/// A generated case that breaks a rule, and the smallest service that shows it.
fn generated(number: usize, rule: &str, smallest: &str) -> CaseReport {
    let case = CaseReport {
        number,
        scenario: format!("GEN-1-{number}"),
        title: "many choices".to_owned(),
        findings: vec![finding(rule, Severity::Violation, &[], "went wrong")],
        recipe: Some(format!("recipe {number}")),
        ..CaseReport::default()
    };
    let small = CaseReport {
        title: "one choice".to_owned(),
        recipe: Some(smallest.to_owned()),
        file: Some(format!("GEN-1-{number}.json.new")),
        // What it came to; where nothing else is said, all come to the same.
        findings: vec![finding("LRO-C-13", Severity::Violation, &[], "went wrong")],
        ..case.clone()
    };
    let shrunk = Shrunk { case: small, how: Some("made small in 3 tries".to_owned()), like: Vec::new() };
    CaseReport { shrunk: Some(Box::new(shrunk)), ..case }
}

/// Three kinds; the second comes to the same service as the first.
fn cases() -> Vec<CaseReport> {
    vec![
        generated(1, "LRO-C-13", "a"),
        generated(2, "LRO-C-22", "b"),
        generated(3, "LRO-C-36", "a"),
        generated(4, "LRO-C-13", "c"),
        generated(5, "LRO-C-36", "d"),
    ]
}

fn report(cases: Vec<CaseReport>, shard: Option<Shard>) -> Report {
    let mut report = Report { cases, shard, ..Report::default() };
    report.group();
    report
}

fn titles(report: &Report) -> Vec<(usize, String)> {
    report.told().map(|case| (case.number, case.title.clone())).collect()
}

#[test]
fn the_first_of_a_kind_is_told_with_the_names_of_the_others() {
    let report = report(cases(), None);
    let told = "one choice (4 cases show the same: GEN-1-1, GEN-1-3, GEN-1-4, GEN-1-5; made small in 3 tries)";
    assert_eq!(titles(&report), [(1, told.to_owned()), (2, "one choice (made small in 3 tries)".to_owned())]);
    assert_eq!(report.summary().tally.violations, 5, "every case counts as it was played");
}

/// The second of two shards has two kinds that come to the same; but of the first kind the other shard has an
/// earlier case, which does not. Had the shard forgotten what its second kind came to, nobody could tell it.
#[test]
fn what_shards_found_makes_the_same_report() {
    let all = || vec![generated(1, "LRO-C-13", "x"), generated(2, "LRO-C-13", "a"), generated(4, "LRO-C-36", "a")];
    let whole = report(all(), None);
    assert_eq!(titles(&whole).len(), 2);
    for count in [2, 3, 4] {
        let shards = (1..=count).map(|index| {
            let mine = all().into_iter().filter(|case| (case.number - 1) % count + 1 == index);
            let made = report(mine.collect(), Some(Shard { index, count }));
            (index.to_string(), read(&json(&made).to_string()).unwrap())
        });
        assert_eq!(merge(shards.collect()).unwrap(), whole, "{count} shards");
    }
}

#[test]
fn what_is_lived_with_is_no_kind() {
    let mut cases = cases();
    for case in &mut cases[..2] {
        case.findings[0].baselined = Some("for now".to_owned());
        case.shrunk = None;
    }
    let report = report(cases, None);
    let numbers: Vec<usize> = titles(&report).iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[test]
fn it_is_in_the_report_for_machines_as_its_schema_says() {
    let report = report(cases(), None);
    let document = json(&report);
    assert_eq!(against(REPORT, &document), [""; 0]);
    assert_eq!(document["cases"][0]["shrunk"]["like"].as_array().unwrap().len(), 4);
    assert_eq!(read(&document.to_string()).unwrap(), report);
}
