//! Recorders that meet another one, or what one has left.

use fs_err as fs;
use libtest_mimic::Trial;
use nix::sys::signal::Signal;

use crate::{
    harness::{EMBEDDED, Harness},
    needs::trial,
    service::Numbers,
    taping::{Recorder, on_tape, orphan},
    wire::Connection,
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("twice::the_second_recorder_is_refused", the_second_recorder_is_refused),
        trial("twice::an_orphan_is_recovered_and_said_to_be", an_orphan_is_recovered_and_said_to_be),
        trial("twice::an_orphan_takes_the_place_of_an_older_one", an_orphan_takes_the_place_of_an_older_one),
        trial("twice::a_damaged_journal", a_damaged_journal),
        trial("twice::a_newer_journal", a_newer_journal),
    ]
}

fn the_second_recorder_is_refused() {
    let harness = Harness::with_tape();
    let service = Numbers::start();
    let words = ["record", "--cassette", "tape.json", "--upstream", &service.url()];
    let first = Recorder::start(&harness, harness.command(words));
    let mut connection = Connection::open(first.address).unwrap();
    assert_eq!(connection.get("/subscriptions/s/numbers/9").unwrap().0, 200);
    let files = harness.files();

    let second = harness.around(&words, "echo started");
    assert_eq!((second.code(), second.stdout.as_str()), (3, ""), "{second}");
    let pid = format!("tape.json is being recorded by another armtape (process {})", first.pid());
    assert!(second.stderr.contains(&pid), "{second}");
    // A replay does not need the journal.
    let replay = harness.around(&["replay", "tape.json"], "true");
    assert_eq!(replay.code(), 2, "nothing was asked: {replay}");
    assert!(replay.stderr.contains(&pid) && replay.stderr.contains("is taken as it is"), "{replay}");
    assert_eq!(harness.files(), files, "neither of them writes");

    assert_eq!(connection.get("/subscriptions/s/numbers/10").unwrap().0, 200);
    first.signal(Signal::SIGTERM);
    let (code, said) = first.end();
    assert_eq!(code, 1, "it differs: {said}");
    assert_eq!(on_tape(&harness.path("tape.json.new")).unwrap().len(), 2);
    assert_eq!(harness.read("tape.json"), include_str!("../it/tape.json"));
}

fn an_orphan_is_recovered_and_said_to_be() {
    let record = [&["record", "--cassette", "tape.json"], EMBEDDED].concat();
    for words in [&["replay", "tape.json"][..], &record] {
        for tape in [true, false] {
            let harness = if tape { Harness::with_tape() } else { Harness::new() };
            orphan(&harness.path("tape.json"), 9..12);
            let ran = harness.around(words, "true");
            assert_eq!(ran.code(), 2, "{ran}");
            let said = "an earlier recording of tape.json did not come to its end: 3 interactions recovered, \
                pending as tape.json.new";
            assert!(ran.stderr.contains(said) && !ran.stderr.contains("replaced"), "{ran}");
            assert!(!harness.exists("tape.json.journal") && harness.exists("tape.json") == tape, "{ran}");
            assert_eq!(on_tape(&harness.path("tape.json.new")).unwrap().len(), 3);
        }
    }
}

fn an_orphan_takes_the_place_of_an_older_one() {
    let harness = Harness::with_tape();
    let replay = || harness.around(&["replay", "tape.json"], "true").stderr;
    orphan(&harness.path("tape.json"), 9..12);
    let journal = fs::read(harness.path("tape.json.journal")).unwrap();
    assert!(!replay().contains("replaced"));
    // The same once more, as after a recovery that was killed before its end.
    harness.write("tape.json.journal", journal);
    let said = replay();
    assert!(said.contains("3 interactions recovered") && !said.contains("replaced"), "{said}");
    orphan(&harness.path("tape.json"), 9..13);
    let said = replay();
    assert!(said.contains("it replaced an earlier pending recording that nobody had reviewed"), "{said}");
    assert_eq!(on_tape(&harness.path("tape.json.new")).unwrap().len(), 4);
}

fn a_damaged_journal() {
    // Cut in the last record; a byte of the second one flipped; nothing whole; only half a head.
    let harness = Harness::with_tape();
    let path = harness.path("tape.json.journal");
    orphan(&harness.path("tape.json"), 9..12);
    let whole = fs::read_to_string(&path).unwrap();
    let start_of = |number: u64| whole.find(&format!("\n{number} ")).unwrap() + 1;
    let flipped = whole.replacen("number 10", "number 1O", 1);
    for (journal, kept, said) in [
        (&whole[..whole.len() - 9], 2, format!("damaged from byte {} on", start_of(11))),
        (flipped.as_str(), 2, format!("damaged at byte {}; what stands behind that was recovered", start_of(10))),
        (&whole[..start_of(9) + 40], 0, "nothing in it is whole".to_owned()),
        (&whole[..9], 0, String::new()),
        ("", 0, String::new()),
    ] {
        let _ = fs::remove_file(harness.path("tape.json.new"));
        fs::write(&path, journal).unwrap();
        let ran = harness.around(&["replay", "tape.json"], "true");
        assert!(ran.code() == 2 && ran.stderr.contains(&said), "{said}: {ran}");
        assert_eq!(on_tape(&harness.path("tape.json.new")).unwrap().len(), kept, "{ran}");
        assert!(!path.exists(), "{ran}");
    }
}

fn a_newer_journal() {
    let harness = Harness::with_tape();
    harness.write("tape.json.journal", "{\"armtape-journal\":2,\"pid\":1}\nwho knows\n");
    let files = harness.files();
    let ran = harness.around(&[&["record", "--cassette", "tape.json"], EMBEDDED].concat(), "echo started");
    assert_eq!((ran.code(), ran.stdout.as_str()), (2, ""), "{ran}");
    assert!(ran.stderr.contains("written by a newer armtape (journal version 2)"), "{ran}");
    let ran = harness.around(&["replay", "tape.json"], "true");
    assert!(ran.stderr.contains("is taken as it is"), "{ran}");
    assert_eq!(harness.files(), files);
}
