//! `armtape status`: what waits, and what is stale, orphaned or unreadable.

use armtape::cassette::{Cassette, Cleared, Interaction, Journal};

use crate::harness::{CREATE, Harness, shows};

const FRESHNESS: &str = "[freshness]\nafter = \"90d\"\n";

/// Cassettes of different ages.
fn aged() -> Harness {
    let harness = Harness::with_tape();
    let tape = harness.read("tape.json");
    let recorded =
        |date: &str| tape.replacen("\"armtape\": 1,", &format!("\"armtape\": 1,\n  \"recorded\": \"{date}\","), 1);
    harness.write("cassettes/old.json", recorded("2001-01-01T00:00:00Z"));
    harness.write("cassettes/new.json", recorded("2999-01-01T00:00:00Z"));
    harness.write("cassettes/undated.json", &tape);
    harness.write("armtape.toml", "");
    harness
}

#[test]
fn a_stale_cassette_is_told_or_is_a_finding() {
    let harness = aged();
    shows!(harness, harness.armtape(&["status", "cassettes"]), @"
    exit 0
    ----- stderr
    armtape: 0 recordings pending
    ");
    harness.write("armtape.toml", FRESHNESS);
    let told = harness.armtape(&["status", "cassettes"]).ends_with(0);
    let line = "stale: cassettes/old.json (recorded 2001-01-01T00:00:00Z, ";
    assert!(told.stdout.starts_with(line) && told.stdout.ends_with(" days ago; stale after 90 days)\n"), "{told}");
    assert_eq!(told.stdout.lines().count(), 1);
    assert_eq!(told.stderr, "armtape: 0 recordings pending, 1 stale\n");
    harness.write("armtape.toml", format!("{FRESHNESS}stale = \"fail\"\n"));
    harness.armtape(&["status", "cassettes"]).ends_with(1);
    harness.armtape(&["status", "cassettes/new.json"]).ends_with(0);
    let json: serde_json::Value = serde_json::from_str(&harness.armtape(&["status", "--json"]).stdout).unwrap();
    assert_eq!(json["stale"][0]["path"], "./cassettes/old.json");
    harness.write("armtape.toml", "[freshness]\nafter = \"soon\"\n");
    shows!(harness, harness.armtape(&["status"]), @"
    exit 2
    ----- stderr
    error: [FOLDER]/armtape.toml:2: `freshness.after`: `soon` is no age such as `90d` or `12w`
    hint: docs/config.md describes every key
    ");
}

#[test]
fn a_cassette_that_no_test_used_is_orphaned() {
    let harness = aged();
    let used = ["--used", "state/used.txt"];
    harness.around(&["replay", "cassettes/new.json", used[0], used[1]], CREATE).ends_with(0);
    // What was asked for nothing was not used.
    harness.around(&["replay", "cassettes/undated.json", used[0], used[1]], "true").ends_with(2);
    assert_eq!(harness.read("state/used.txt"), "cassettes/new.json\n");
    shows!(harness, harness.armtape(&["status", "cassettes", used[0], used[1]]), @"
    exit 1
    ----- stdout
    orphaned: cassettes/old.json (no test used it)
    orphaned: cassettes/undated.json (no test used it)
    ----- stderr
    armtape: 0 recordings pending, 2 orphaned
    ");
    let words = ["sh", "-c", CREATE];
    let mut command = harness.command([&["replay", "cassettes", "--"][..], &words].concat());
    harness.run(command.env("ARMTAPE_USED", "state/used.txt")).ends_with(1);
    let mut command = harness.command(["status", "cassettes"]);
    harness.run(command.env("ARMTAPE_USED", "state/used.txt")).ends_with(0);
    shows!(harness, harness.armtape(&["status", "--used", "absent.txt"]), @"
    exit 2
    ----- stderr
    error: absent.txt: No such file or directory
    hint: check the path, or record it first: `armtape record --cassette FILE -- CLIENT`
    ");
}

#[test]
fn what_cannot_be_read_is_told() {
    let harness = Harness::with_tape();
    let tape = harness.read("tape.json");
    let (head, rest) = tape.split_once("\"status\": 202").unwrap();
    let torn = format!("{head}\n<<<<<<< HEAD\n\"status\": 202\n=======\n\"status\": 201\n>>>>>>> other\n{rest}");
    harness.write("cassettes/torn.json", torn);
    harness.write("cassettes/cut.json", &tape[..tape.len() / 2]);
    shows!(harness, harness.armtape(&["status", "cassettes"]), @"
    exit 2
    ----- stdout
    unreadable: cassettes/cut.json
    unreadable: cassettes/torn.json
    ----- stderr
    error: cassettes/cut.json: not valid JSON at line 36, column 12: EOF while parsing a string
    hint: the file was cut off or edited by hand: restore it from version control, or record it again
    error: cassettes/torn.json: the marks of a merge are in it, at line 25
    hint: take one side whole, such as with `git checkout --ours FILE`, or record the cassette again
    armtape: 0 recordings pending, 2 unreadable
    ");
    // A pending one without its accepted one, and one beside a cassette that is torn.
    harness.write("cassettes/new.json.new", &tape);
    harness.write("cassettes/torn.json.new", &tape);
    std::fs::remove_file(harness.path("cassettes/cut.json")).unwrap();
    shows!(harness, harness.armtape(&["status", "cassettes"]), @"
    exit 2
    ----- stdout
    new: cassettes/new.json
    differs: cassettes/torn.json
    ----- stderr
    error: cassettes/torn.json: the marks of a merge are in it, at line 25
    hint: take one side whole, such as with `git checkout --ours FILE`, or record the cassette again
    armtape: 2 recordings pending
    ");
    // The whole of it takes the place of what is torn, and nothing is lost: it can be taken back.
    shows!(harness, harness.armtape(&["accept", "cassettes/torn.json"]), @"
    exit 0
    ----- stderr
    armtape: accepted: cassettes/torn.json
    ");
    assert_eq!(harness.read("cassettes/torn.json"), tape);
    harness.armtape(&["undo"]).ends_with(0);
    assert!(harness.read("cassettes/torn.json").contains("<<<<<<< HEAD"));
}

#[test]
fn in_ci_pending_fails_and_nothing_is_written_but_by_record() {
    let harness = Harness::with_tape();
    let tape = harness.read("tape.json");
    harness.write("cassettes/a.json", &tape);
    harness.write("cassettes/a.json.new", tape.replace("\"retry-after\": \"3\"", "\"retry-after\": \"10\""));
    // What a recorder that was killed left behind.
    harness.write("cassettes/a.json.journal", "{\"armtape-journal\": 1}\n");
    harness.write(".armtape/batch/half", "");
    let before = harness.files();
    let in_ci = |words: &[&str]| harness.run(harness.command(words).env("CI", "true"));
    in_ci(&["status"]).ends_with(1);
    for words in [&["accept"][..], &["reject"], &["undo"], &["accept", "--class", "behavioural"]] {
        in_ci(words).ends_with(2);
    }
    in_ci(&["review"]).ends_with(1);
    in_ci(&["replay", "cassettes/a.json", "--", "sh", "-c", CREATE]).ends_with(0);
    in_ci(&["test", "cassettes"]).ends_with(1);
    in_ci(&["show", "cassettes/a.json"]).ends_with(0);
    in_ci(&["lint", "cassettes/a.json"]);
    in_ci(&["check", "--scenario", "SC-030", "--", "sh", "-c", r#""$BIN" client --by-variables > /dev/null || true"#])
        .ends_with(1);
    assert_eq!(harness.files(), before);
    let record =
        ["record", "--cassette", "cassettes/b.json", "--upstream", "embedded", "--polls", "0", "--retry-after", "0"];
    let client = ["--", "sh", "-c", crate::harness::CREATE_SEED];
    in_ci(&[&record[..], &client].concat()).ends_with(0);
    assert!(harness.exists("cassettes/b.json"));
}

#[test]
fn help() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["status", "--help"]), @"
    exit 0
    ----- stdout
    List recordings that wait to be accepted, and cassettes that are stale, orphaned or unreadable

    Usage: armtape status [OPTIONS] [PATH]...

    Arguments:
      [PATH]...  Where to look [default: .]

    Options:
          --used <FILE>    The list that `--used` of `replay` and `test` made: say which cassettes are
                           not on it [env: ARMTAPE_USED=]
          --json           One JSON object instead of lines
          --config <FILE>  Read this file instead of the nearest `armtape.toml` (docs/config.md) [env:
                           ARMTAPE_CONFIG=]
      -h, --help           Print help
    ");
}

/// What a recorder has written already may go on.
struct Written(Interaction);

impl Cleared for Written {
    fn interaction(&self) -> &Interaction {
        &self.0
    }
}

#[test]
fn a_recording_that_broke_off_is_told_until_it_is_recovered() {
    let harness = Harness::with_tape();
    let [written, ..] = &Cassette::load(&harness.path("tape.json")).unwrap().interactions[..] else { panic!() };
    let journal = Journal::begin(&harness.path("c/new.json"), &[], "2026-01-01T00:00:00Z");
    assert!(journal.is_err(), "there is no folder");
    std::fs::create_dir(harness.path("c")).unwrap();
    let journal = Journal::begin(&harness.path("c/new.json"), &[], "2026-01-01T00:00:00Z").unwrap();
    journal.append(0, &Written(written.clone())).unwrap();
    // Its recorder is alive.
    harness.armtape(&["status", "c"]).ends_with(0);
    drop(journal);
    for root in ["c", "c/new.json", "c/new.json.new"] {
        let told = harness.armtape(&["status", root]).ends_with(1);
        let line = "crashed: c/new.json (its recorder broke off; \
                    the next `armtape record --cassette c/new.json` or `armtape replay c/new.json` recovers it)\n";
        assert_eq!((told.stdout.as_str(), told.stderr.as_str()), (line, "armtape: 0 recordings pending, 1 crashed\n"));
    }
    let json: serde_json::Value = serde_json::from_str(&harness.armtape(&["status", "--json"]).stdout).unwrap();
    assert_eq!(json["crashed"][0], "./c/new.json");
    for words in [&["show", "c/new.json.new"][..], &["lint", "c/new.json"], &["diff", "tape.json", "c/new.json"]] {
        let told = harness.armtape(words).ends_with(2);
        let hint = "hint: c/new.json.journal holds what a recorder had when it broke off: the next `armtape record";
        assert!(told.stderr.contains(hint), "{told}");
    }
    harness.around(&["replay", "c/new.json"], "true").ends_with(2);
    let told = harness.armtape(&["status", "c"]).ends_with(1);
    assert_eq!((told.stdout.as_str(), harness.exists("c/new.json.journal")), ("new: c/new.json\n", false));
}
