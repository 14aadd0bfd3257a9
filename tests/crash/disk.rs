//! A disk that is full, read-only, or bounded; and nobody who reads what armtape says.

use std::{
    process::{Command, Stdio},
    sync::{Arc, atomic::AtomicU64},
};

use fs_err as fs;
use libtest_mimic::Trial;
use nix::sys::signal::Signal;

use crate::{
    harness::{ARMTAPE, CREATE_SEED, EMBEDDED, Harness, wait_until},
    needs::{Mounted, no_mount, trial, trial_with},
    service::Numbers,
    taping::{Load, Recorder, on_tape, orphan},
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial_with("disk::that_becomes_full", no_mount(), that_becomes_full),
        trial_with("disk::that_is_read_only", no_mount(), that_is_read_only),
        trial_with("disk::that_is_full_at_accept", no_mount(), that_is_full_at_accept),
        trial_with("disk::that_is_read_only_at_accept", no_mount(), that_is_read_only_at_accept),
        trial("disk::a_file_beyond_the_users_limit", a_file_beyond_the_users_limit),
        trial("disk::nobody_reads_what_is_said", nobody_reads_what_is_said),
    ]
}

fn record(harness: &Harness, cassette: &str, service: &Numbers) -> Command {
    harness.command(["record", "--cassette", cassette, "--upstream", &service.url()])
}

/// Records until the disk was full for a while; what was said, and how many answers came.
fn fill(harness: &Harness, command: Command) -> (i32, String, usize) {
    let recorder = Recorder::start(harness, command);
    let next = Arc::new(AtomicU64::new(0));
    let load = Load::start(recorder.address, 8, &next);
    wait_until("trouble", || recorder.said().contains("the journal cannot be written"));
    let at_once = recorder.said();
    let before = load.count();
    wait_until("more answers", || load.count() > before + 400 || load.is_over());
    assert!(!load.is_over(), "the disk stopped the traffic: {}", recorder.said());
    recorder.signal(Signal::SIGTERM);
    // A client whose connection ends at the end of the recording has no complaint.
    let received = load.end().len();
    let (code, said) = recorder.end();
    assert_eq!(at_once.matches("the journal cannot be written").count(), 1, "{said}");
    assert_eq!(said.matches("the journal cannot be written").count(), 1, "once, not once a request: {said}");
    assert_eq!(said.matches("the journal was not written to its end").count(), 1, "{said}");
    assert!(said.contains("tape.json.journal") && !said.contains("panicked"), "{said}");
    (code, said, received)
}

fn that_becomes_full() {
    let harness = Harness::new();
    let disk = harness.path("disk");
    fs::create_dir(&disk).unwrap();
    let mounted = Mounted::new(&disk, "1m").unwrap();
    let service = Numbers::start();
    fs::write(disk.join("tape.json"), include_str!("../it/tape.json")).unwrap();
    let (code, said, received) = fill(&harness, record(&harness, "disk/tape.json", &service));
    assert_eq!(code, 3, "{said}");
    let kept = said.split("armtape: ").find_map(|line| line.split_once(" of ").filter(|(_, rest)| rest.contains("in")));
    let kept: usize = kept.and_then(|(kept, _)| kept.parse().ok()).unwrap_or_else(|| panic!("{said}"));
    assert!(kept > 50, "{said}");
    assert_eq!(names(&disk), ["tape.json", "tape.json.journal"], "{said}");
    mounted.again("size=16m");
    let recovered = harness.armtape(&["replay", "disk/tape.json", "--", "true"]);
    assert_eq!(recovered.code(), 2, "{recovered}");
    assert!(recovered.stderr.contains(&format!("{kept} interactions recovered")), "{recovered}");
    assert!(!recovered.stderr.contains("damaged"), "{recovered}");
    let whole: usize = on_tape(&disk.join("tape.json.new")).unwrap().into_values().sum();
    // Those that were cut by the signal are kept, too.
    assert!(whole <= kept && whole + 8 >= kept, "{whole} whole: {recovered}");
    assert!(received > kept, "{received}");
    assert_eq!(fs::read_to_string(disk.join("tape.json")).unwrap(), include_str!("../it/tape.json"));
    assert_eq!(names(&disk), ["tape.json", "tape.json.new"]);
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    // Large bodies that were put aside before the disk was full; whoever recovers takes them.
    names.retain(|name| name != "tape.bodies");
    names
}

fn that_is_read_only() {
    let harness = Harness::new();
    let disk = harness.path("disk");
    fs::create_dir(&disk).unwrap();
    let mounted = Mounted::new(&disk, "1m").unwrap();
    fs::write(disk.join("tape.json"), include_str!("../it/tape.json")).unwrap();
    orphan(&disk.join("tape.json"), 9..20);
    mounted.again("ro");
    let record = [&["record", "--cassette", "disk/tape.json"], EMBEDDED].concat();
    let refused = harness.around(&record, "echo started");
    assert_eq!((refused.code(), refused.stdout.as_str()), (3, ""), "{refused}");
    assert!(refused.stderr.contains("disk") && refused.stderr.contains("Read-only"), "{refused}");
    // An accepted cassette is replayed from wherever it lies.
    let replayed = harness.around(&["replay", "disk/tape.json"], "true");
    assert_eq!(replayed.code(), 2, "nothing was asked: {replayed}");
    assert!(replayed.stderr.contains("is taken as it is"), "{replayed}");
    mounted.again("rw");
    let replayed = harness.around(&["replay", "disk/tape.json"], "true");
    assert!(replayed.stderr.contains("11 interactions recovered"), "{replayed}");
}

/// Two cassettes, with a recording beside each.
fn fill_with_tapes(disk: &std::path::Path) {
    let tape = include_str!("../it/tape.json");
    for name in ["a.json", "b.json"] {
        fs::write(disk.join(name), tape).unwrap();
        fs::write(disk.join(format!("{name}.new")), tape.replace("westus", "eastus")).unwrap();
    }
}

/// Everything on a disk, but for what armtape keeps of itself.
fn tapes_on(disk: &std::path::Path) -> Vec<(String, String)> {
    let names = names(disk).into_iter().filter(|name| name.contains(".json"));
    names.map(|name| (name.clone(), fs::read_to_string(disk.join(&name)).unwrap())).collect()
}

/// Accepts on a disk that refuses, then on one that does not. The project may be on it, too.
fn accepted_once_the_disk_lets(
    refuse: impl Fn(&Mounted<'_>, &std::path::Path),
    relent: impl Fn(&Mounted<'_>, &std::path::Path),
    says: &str,
) {
    for whole_project in [false, true] {
        let harness = Harness::new();
        let disk = harness.path("disk");
        fs::create_dir(&disk).unwrap();
        let mounted = Mounted::new(&disk, "256k").unwrap();
        fill_with_tapes(&disk);
        let before = tapes_on(&disk);
        refuse(&mounted, &disk);
        let run = |words: &[&str]| {
            let mut command = harness.command(words);
            if whole_project {
                command.current_dir(&disk);
            }
            harness.run(&mut command)
        };
        for words in [&["accept"][..], &["accept", "--operation", "put-a"]] {
            let refused = run(words);
            assert_eq!(refused.code(), 3, "{words:?}: {refused}");
            assert!(refused.stderr.contains(says) && refused.stderr.contains("error: "), "{words:?}: {refused}");
            assert_eq!(tapes_on(&disk), before, "{words:?}");
        }
        // Looking needs no room.
        let looked = run(&["status"]);
        assert!(looked.stderr.contains("2 recordings pending"), "{looked}");
        relent(&mounted, &disk);
        let accepted = run(&["accept"]);
        assert_eq!(accepted.code(), 0, "{accepted}");
        let tapes = tapes_on(&disk);
        assert!(tapes.len() == 2 && tapes.iter().all(|(_, text)| text.contains("eastus")), "{tapes:?}");
        assert_eq!(run(&["undo"]).code(), 0);
        assert_eq!(tapes_on(&disk), before);
    }
}

fn that_is_full_at_accept() {
    let fill = |_: &Mounted<'_>, disk: &std::path::Path| {
        // To the last byte: then there is room for nothing.
        let _ = std::fs::write(disk.join("filler"), vec![0; 1024 * 1024]);
    };
    let free = |_: &Mounted<'_>, disk: &std::path::Path| fs::remove_file(disk.join("filler")).unwrap();
    accepted_once_the_disk_lets(fill, free, "No space left on device");
}

fn that_is_read_only_at_accept() {
    let refuse = |mounted: &Mounted<'_>, _: &std::path::Path| mounted.again("ro");
    let relent = |mounted: &Mounted<'_>, _: &std::path::Path| mounted.again("rw");
    accepted_once_the_disk_lets(refuse, relent, "Read-only file system");
}

/// Without care a file that is too large for the user's limit is a deadly signal.
fn a_file_beyond_the_users_limit() {
    let harness = Harness::new();
    let service = Numbers::start();
    let mut command = Command::new("prlimit");
    let armtape = record(&harness, "tape.json", &service);
    command.arg("--fsize=600000").arg(ARMTAPE).args(armtape.get_args()).current_dir(harness.path("."));
    let (code, said, _) = fill(&harness, command);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("File too large"), "{said}");
    assert_eq!(left(&harness), ["said", "tape.json.journal"]);
    let recovered = harness.armtape(&["replay", "tape.json", "--", "true"]);
    assert!(recovered.stderr.contains("recovered"), "{recovered}");
    assert!(!on_tape(&harness.path("tape.json.new")).unwrap().is_empty());
}

fn left(harness: &Harness) -> Vec<String> {
    harness.names().into_iter().filter(|name| name != "tape.bodies").collect()
}

/// `armtape record … 2>&1 | head -1`
fn nobody_reads_what_is_said() {
    let harness = Harness::new();
    let client = format!("{CREATE_SEED} >/dev/null; exec curl -s --noproxy '*' http://127.0.0.1:1/");
    let words = [&["record", "--cassette", "tape.json"], EMBEDDED, &["--", "sh", "-c", &client]].concat();
    let mut command = harness.command(&words);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(7), "curl's own");
    assert_eq!(harness.names(), ["tape.json.new"], "the client failed");
}
