//! A person at a terminal reviews; without one, commands are printed.

use std::{
    io::{Read as _, Write as _},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
};

use nix::pty::{OpenptyResult, Winsize, openpty};

use crate::harness::{Harness, shows, wait_until};

/// A terminal with armtape in it.
struct Screen {
    child: Child,
    keyboard: std::fs::File,
    seen: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Screen {
    fn open(command: &mut Command, columns: u16) -> Self {
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        let OpenptyResult { master, slave } = openpty(&size, None).unwrap();
        let side = || Stdio::from(slave.try_clone().unwrap());
        let child = command.stdin(side()).stdout(side()).stderr(side()).spawn().unwrap();
        // The command holds its side of the terminal, too: reading would never end.
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        drop(slave);
        let keyboard = std::fs::File::from(master);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (mut output, sink) = (keyboard.try_clone().unwrap(), Arc::clone(&seen));
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(number @ 1..) = output.read(&mut bytes) {
                sink.lock().unwrap().extend_from_slice(&bytes[..number]);
            }
        });
        Self { child, keyboard, seen, reader: Some(reader) }
    }

    fn text(&self) -> String {
        String::from_utf8(self.seen.lock().unwrap().clone()).unwrap()
    }

    /// Presses a key, and waits for what the last screen then shows.
    fn press(&mut self, keys: &str, shows: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        wait_until(&format!("{shows} after {keys}"), || self.text().rsplit("\u{1b}[H").next().unwrap().contains(shows));
    }

    /// Makes the terminal as wide as that, as its user would.
    fn resize(&self, columns: u16) {
        let keyboard = Stdio::from(self.keyboard.try_clone().unwrap());
        let set = Command::new("stty").args(["cols", &columns.to_string()]).stdin(keyboard).status();
        assert!(set.unwrap().success());
        self.signal(nix::sys::signal::Signal::SIGWINCH);
    }

    fn signal(&self, signal: nix::sys::signal::Signal) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        nix::sys::signal::kill(pid, signal).unwrap();
    }

    /// Presses the last key. The exit code, and what stands on the terminal then.
    fn end(mut self, keys: &str) -> (i32, String) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.ended()
    }

    fn ended(mut self) -> (i32, String) {
        let status = self.child.wait().unwrap();
        self.reader.take().unwrap().join().unwrap();
        let text = self.text();
        let (_, after) = text.rsplit_once("\u{1b}[?25h\u{1b}[?7h\u{1b}[?1049l").expect("the terminal was put back");
        (status.code().unwrap_or(-1), after.replace("\r\n", "\n"))
    }
}

/// A tape with one request for each word; a word with `=` is answered with that value, all others with 1.
fn tape(words: &str) -> String {
    let interactions = words.split_whitespace().map(|word| {
        let (name, value) = word.split_once('=').unwrap_or((word, "1"));
        let target = format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/{name}?api-version=1");
        serde_json::json!({
            "request": { "method": "GET", "target": target, "scheme": "https", "authority": "management.azure.com" },
            "response": {
                "status": 200,
                "headers": { "content-type": "application/json" },
                "body": { "json": { "name": name, "size": value } },
            },
        })
    });
    let interactions: Vec<serde_json::Value> = interactions.collect();
    format!("{:#}\n", serde_json::json!({ "armtape": 1, "interactions": interactions }))
}

/// Five changes: four on one tape, one of them with an escape sequence in it, and a new tape.
fn waiting() -> Harness {
    let harness = Harness::new();
    harness.write("tapes/a.json", tape("v w x y z"));
    harness.write("tapes/a.json.new", tape("v=2 w=\u{1b}[2J\u{1b}]0;owned\u{7} x=4 y=5 z"));
    harness.write("tapes/b.json.new", tape("n"));
    harness
}

/// What each request of a tape was answered.
fn values(harness: &Harness, name: &str) -> String {
    let tape: serde_json::Value = serde_json::from_str(&harness.read(name)).unwrap();
    let values = tape["interactions"].as_array().unwrap().iter();
    values.map(|one| one["response"]["body"]["json"]["size"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn five_changes_are_reviewed_at_a_terminal() {
    let harness = waiting();
    let before = harness.files();
    let mut screen = Screen::open(&mut harness.command(["review"]), 80);
    screen.press("", "1/5  ./tapes/a.json");
    screen.press("a", "2/5");
    screen.press("d", "[2J");
    screen.press("r", "3/5");
    // Decided by mistake, and taken back.
    screen.press("r", "4/5");
    screen.press("u", "3/5");
    screen.press("s", "4/5");
    // An arrow ends in a letter, and is none.
    screen.press("\u{1b}[A", "4/5");
    screen.press("i", "operation  get-y");
    screen.press("A", "5/5  3 accepted, 1 rejected, 1 skipped");
    assert_eq!(harness.files(), before);
    let text = screen.text();
    assert!(!text.contains("\u{1b}[2J") && !text.contains("\u{7}") && !text.contains("\u{1b}]"), "{text:?}");
    let (code, said) = screen.end("\r");
    insta::assert_snapshot!(format!("exit {code}\n{said}"), @"
    exit 1
    armtape: accepted: get-v of ./tapes/a.json
    armtape: rejected: get-w of ./tapes/a.json
    armtape: accepted: get-y of ./tapes/a.json
    armtape: accepted: get-n of ./tapes/b.json
    armtape: 1 change left pending
    ");
    assert_eq!(values(&harness, "tapes/a.json"), "2 1 1 5 1");
    assert_eq!(values(&harness, "tapes/a.json.new"), "2 1 4 5 1");
    assert_eq!(values(&harness, "tapes/b.json"), "1");
    assert!(!harness.exists("tapes/b.json.new"));

    harness.armtape(&["undo"]).ends_with(0);
    let without_notes = |files: Vec<(std::path::PathBuf, Vec<u8>)>| {
        files.into_iter().filter(|(path, _)| !path.to_string_lossy().contains(".armtape")).collect::<Vec<_>>()
    };
    assert_eq!(without_notes(harness.files()), without_notes(before));
}

#[test]
fn nothing_is_written_before_the_end() {
    let harness = waiting();
    let before = harness.files();
    let mut screen = Screen::open(&mut harness.command(["review"]), 40);
    screen.press("", "1/5");
    screen.press("A", "5 accepted");
    let (code, said) = screen.end("\u{3}");
    insta::assert_snapshot!(format!("exit {code}\n{said}"), @"
    exit 1
    armtape: nothing was written
    ");
    assert_eq!(harness.files(), before);

    let mut screen = Screen::open(&mut harness.command(["review"]), 40);
    screen.press("", "1/5");
    screen.press("A", "5 accepted");
    screen.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(screen.ended().0, 1);
    assert_eq!(harness.files(), before);
}

#[test]
fn two_reviewers_do_no_harm() {
    let harness = waiting();
    let mut slow = Screen::open(&mut harness.command(["review"]), 80);
    let mut quick = Screen::open(&mut harness.command(["review", "tapes/a.json"]), 80);
    slow.press("", "1/5");
    quick.press("", "1/4");
    slow.press("A", "5 accepted");
    quick.press("R", "4 rejected");
    assert_eq!(quick.end("q").0, 0);
    let before = harness.files();
    let (code, said) = slow.end("q");
    insta::assert_snapshot!(format!("exit {code}\n{said}"), @"
    exit 2
    error: ./tapes/a.json.new: the file was changed meanwhile; nothing was written
    hint: look at it again: `armtape status`, `armtape review`
    ");
    assert_eq!(harness.files(), before);
}

#[test]
fn a_tape_that_changes_under_the_reviewers_hands_is_left_as_it_is() {
    let harness = waiting();
    for changed in ["tapes/a.json", "tapes/a.json.new", "tapes/b.json"] {
        let before = harness.files();
        let mut screen = Screen::open(&mut harness.command(["review"]), 80);
        screen.press("", "1/5");
        screen.press("A", "5 accepted");
        let was = std::fs::read(harness.path(changed)).ok();
        harness.write(changed, tape("somebody-else"));
        let (code, said) = screen.end("q");
        assert_eq!(code, 2, "{changed}: {said}");
        assert!(said.contains(&format!("{changed}: the file was changed meanwhile; nothing was written")), "{said}");
        assert_eq!(harness.read(changed), tape("somebody-else"));
        match was {
            Some(bytes) => harness.write(changed, bytes),
            None => std::fs::remove_file(harness.path(changed)).unwrap(),
        }
        let tapes = |files: Vec<(std::path::PathBuf, Vec<u8>)>| {
            files.into_iter().filter(|(path, _)| path.to_string_lossy().contains("/tapes/")).collect::<Vec<_>>()
        };
        assert_eq!(tapes(harness.files()), tapes(before), "{changed}");
    }
}

#[test]
fn a_terminal_that_is_narrow_is_resized_or_takes_no_utf_8() {
    let harness = waiting();
    let mut command = harness.command(["review"]);
    let mut screen = Screen::open(command.env("LC_ALL", "de_DE.ISO-8859-1"), 40);
    screen.press("", "\"1\" > \"2\"");
    let last = |screen: &Screen| screen.text().rsplit("\u{1b}[H").next().unwrap().to_owned();
    let shown = last(&screen);
    assert!(shown.is_ascii(), "{shown:?}");
    let lines = |shown: &str| shown.split("\r\n").map(|line| line.replace("\u{1b}[K", "").len()).max().unwrap();
    assert!(lines(&shown) <= 40, "{shown:?}");
    screen.resize(200);
    wait_until("a wide screen", || last(&screen).contains("a accept   r reject   s skip   A R S all the rest"));
    assert!(lines(&last(&screen)) > 40);
    screen.resize(20);
    wait_until("a narrow screen", || lines(&last(&screen)) <= 20);
    screen.press("a", "2/5");
    screen.press("S", "1 accepted");
    assert_eq!(screen.end("q").0, 1);
    assert_eq!(values(&harness, "tapes/a.json"), "2 1 1 1 1");
}

#[test]
fn without_a_terminal_commands_are_printed() {
    let harness = waiting();
    shows!(harness, harness.armtape(&["review"]), @r#"
    exit 1
    ----- stdout
    ./tapes/a.json

    GET /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/v?api-version=1
      behavioural  `size` "1" → "2" [answer]
      armtape accept ./tapes/a.json --operation get-v
      armtape reject ./tapes/a.json --operation get-v

    GET /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/w?api-version=1
      behavioural  `size` "1" → "\u001b[2J\u001b]0;owned\u0007" [answer]
      armtape accept ./tapes/a.json --operation get-w
      armtape reject ./tapes/a.json --operation get-w

    GET /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/x?api-version=1
      behavioural  `size` "1" → "4" [answer]
      armtape accept ./tapes/a.json --operation get-x
      armtape reject ./tapes/a.json --operation get-x

    GET /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/y?api-version=1
      behavioural  `size` "1" → "5" [answer]
      armtape accept ./tapes/a.json --operation get-y
      armtape reject ./tapes/a.json --operation get-y

    all of it
      armtape accept ./tapes/a.json
      armtape reject ./tapes/a.json

    ./tapes/b.json (new)

    GET /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/n?api-version=1
      additive     is new (answers 200)
      armtape accept ./tapes/b.json --operation get-n
      armtape reject ./tapes/b.json --operation get-n

    all of it
      armtape accept ./tapes/b.json
      armtape reject ./tapes/b.json
    ----- stderr
    armtape: 5 changes: 4 behavioural, 1 additive
    "#);
    // Each of the commands does something, and what it says.
    let printed = harness.armtape(&["review"]).stdout;
    let lines = printed.lines().filter_map(|line| line.trim_start().strip_prefix("armtape "));
    let commands: Vec<Vec<&str>> = lines.map(|words| words.split(' ').collect()).collect();
    assert_eq!(commands.len(), 14);
    for command in &commands {
        let harness = waiting();
        let before = harness.files();
        let ran = harness.armtape(command).ends_with(0);
        let word = if command[0] == "accept" { "accepted" } else { "rejected" };
        assert!(ran.stderr.starts_with(&format!("armtape: {word}: ")) && ran.stderr.contains(command[1]), "{ran}");
        assert_ne!(harness.files(), before, "{command:?}");
    }
    harness.armtape(&["accept", "./tapes/a.json", "--operation", "get-x"]).ends_with(0);
    assert_eq!(values(&harness, "tapes/a.json"), "1 1 4 1 1");
    let mut in_ci = harness.command(["review"]);
    let screen = Screen::open(in_ci.env("CI", "true"), 80);
    let mut child = screen.child;
    assert_eq!(child.wait().unwrap().code(), Some(1));
    shows!(harness, Harness::new().armtape(&["review"]), @"
    exit 0
    ----- stderr
    armtape: nothing to review
    ");
    harness.write("tapes/b.json.new", format!("<<<<<<< HEAD\n{}", tape("n")));
    shows!(harness, harness.armtape(&["review", "--cassette", "b.*"]), @r#"
    exit 2
    ----- stderr
    error: ./tapes/b.json.new: the marks of a merge are in it, at line 1
    hint: take one side whole, such as with `git checkout --ours FILE`, or record the cassette again
    armtape: nothing to review
    "#);
    shows!(harness, harness.armtape(&["review", "--help"]), @"
    exit 0
    ----- stdout
    Decide on pending recordings, one change after the other

    Usage: armtape review [OPTIONS] [FILE]...

    Arguments:
      [FILE]...  Cassettes, or folders to look in [default: .]

    Options:
          --cassette <GLOB>  Only cassettes whose path or file name fits
      -h, --help             Print help
    ");
}
