//! `kill -9` at random moments of accepting several recordings: all of them or none, after the next
//! command.

use std::{
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use libtest_mimic::Trial;

use crate::{
    harness::{Harness, LIMIT},
    needs::trial,
    random::{Random, number},
};

/// Recordings at once.
const FILES: usize = 5;

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("decides::all_or_none", all_or_none)]
}

fn name(number: usize) -> String {
    format!("tapes/{}/{number}.json", number % 2)
}

fn fill(harness: &Harness, old: &str, new: &str) {
    for number in 0..FILES {
        harness.write(&name(number), old);
        harness.write(&format!("{}.new", name(number)), new);
    }
}

fn all_or_none() {
    let kills = number("ARMTAPE_KILLS", 12);
    let seed = number("ARMTAPE_SEED", 9);
    let mut random = Random::new(seed);
    let harness = Harness::with_tape();
    let old = harness.read("tape.json");
    let new = old.replace("\"size\": 1", "\"size\": 2");
    // How long it takes here, now.
    fill(&harness, &old, &new);
    let began = Instant::now();
    harness.armtape(&["accept"]).ends_with(0);
    let whole = u64::try_from(began.elapsed().as_micros()).unwrap();
    let (mut none, mut all) = (0, 0);
    for kill in 0..kills {
        fill(&harness, &old, &new);
        let mut child = harness.command(["accept"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_micros(random.below(whole + whole / 4)));
        child.kill().unwrap();
        let deadline = Instant::now() + LIMIT;
        child.wait().unwrap();
        assert!(Instant::now() < deadline);
        harness.armtape(&["status"]);
        let accepted: Vec<bool> = (0..FILES).map(|number| harness.read(&name(number)) == new).collect();
        let waits: Vec<bool> = (0..FILES).map(|number| harness.exists(&format!("{}.new", name(number)))).collect();
        let is_all = accepted.iter().all(|accepted| *accepted) && !waits.contains(&true);
        let is_none = accepted.iter().all(|accepted| !accepted) && !waits.contains(&false);
        assert!(is_all || is_none, "kill {kill}, seed {seed}: accepted {accepted:?}, waiting {waits:?}");
        all += usize::from(is_all);
        none += usize::from(is_none);
    }
    eprintln!("{kills} kills within {whole} µs: {all} times all, {none} times none");
}
