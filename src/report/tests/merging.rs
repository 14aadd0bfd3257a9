//! Shards made one.

use super::*;

/// The example, its cases and baseline dealt out to `count` shards.
fn shards(count: usize) -> Vec<(String, Report)> {
    let whole = example();
    let shard = |index: usize| {
        let mut part = Report { shard: Some(Shard { index, count }), ..whole.clone() };
        part.cases.retain(|case| (case.number - 1) % count + 1 == index);
        part.baseline[0].times = if index == 1 { 1 } else { 0 };
        part.not_run = if index == 2 { 2 } else { 0 };
        part.took = whole.took / u32::try_from(count).unwrap();
        (format!("{index}.json"), part)
    };
    (1..=count).map(shard).collect()
}

fn told(reports: Vec<(String, Report)>) -> String {
    merge(reports).unwrap_err().to_string()
}

#[test]
fn shards_make_the_report_of_one_run_in_any_order() {
    for order in [[0, 1], [1, 0]] {
        let parts = shards(2);
        let reports = order.map(|at| parts[at].clone());
        assert_eq!(merge(reports.to_vec()).unwrap(), example());
    }
    let whole = vec![("whole.json".to_owned(), example())];
    assert_eq!(merge(whole).unwrap(), example(), "one of everything stays as it is");
}

/// Reports are handed around: what a file says may be anything.
#[test]
fn figures_that_nobody_can_have_meant_are_no_reason_to_fall_over() {
    let mut parts = shards(2);
    for (_, part) in &mut parts {
        (part.took, part.not_run, part.baseline[0].times) = (Duration::MAX, usize::MAX, usize::MAX);
    }
    let merged = merge(parts).unwrap();
    assert_eq!((merged.took, merged.not_run, merged.baseline[0].times), (Duration::MAX, usize::MAX, usize::MAX));

    let mut parts = shards(2);
    parts.iter_mut().for_each(|(_, part)| part.shard.as_mut().unwrap().count = usize::MAX);
    assert!(told(parts).starts_with("shards 3/18446744073709551615, 4/18446744073709551615, "));
}

#[test]
fn what_does_not_belong_together() {
    let with = |change: fn(&mut Report)| {
        let mut parts = shards(3);
        change(&mut parts[1].1);
        parts
    };
    assert_eq!(told(vec![]), "there is no report to merge");
    assert_eq!(told(with(|report| report.seed = Some(8))), "1.json and 2.json differ in the seed: 7 and 8");
    assert_eq!(told(with(|report| report.options.clear())), "1.json and 2.json differ in the options: --slow and none");
    assert_eq!(
        told(with(|report| report.command.push("-v".to_owned()))),
        "1.json and 2.json differ in the client's command: client {url} and client {url} -v"
    );
    assert_eq!(
        told(with(|report| report.shard = None)),
        "1.json and 2.json differ in the number of shards: 3 shards and a whole run"
    );
    assert_eq!(
        told(with(|report| report.shard = Some(Shard { index: 2, count: 4 }))),
        "1.json and 2.json differ in the number of shards: 3 shards and 4 shards"
    );
    let mut twice = shards(3);
    twice[2] = ("again.json".to_owned(), twice[0].1.clone());
    assert_eq!(told(twice), "1.json and again.json are both shard 1/3");
    assert_eq!(told(shards(3)[..1].to_vec()), "shards 2/3, 3/3 are missing");
    let whole = vec![("a.json".to_owned(), example()), ("b.json".to_owned(), example())];
    assert_eq!(told(whole), "a.json is no shard: it is the report of a whole run");
}
