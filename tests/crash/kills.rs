//! `kill -9` at random moments of a recording, and of the recovery after it.

use std::{
    collections::BTreeSet,
    process::{Command, Stdio},
    sync::{Arc, atomic::AtomicU64},
    thread,
    time::{Duration, Instant},
};

use fs_err as fs;
use libtest_mimic::Trial;
use nix::sys::signal::Signal;

use crate::{
    harness::{Harness, LIMIT, Ran, wait_until},
    needs::{no_strace, trial, trial_with},
    random::{Random, number},
    service::Numbers,
    support::process,
    taping::{Load, address, on_tape, orphan},
    traced::{folder, traced},
};

/// Clients at once.
const CONNECTIONS: usize = 8;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("kills::nothing_that_a_client_had_is_lost", nothing_that_a_client_had_is_lost),
        trial_with(
            "kills::a_recovery_is_killed_at_each_of_its_calls",
            no_strace(),
            a_recovery_is_killed_at_each_of_its_calls,
        ),
    ]
}

/// When a recorder is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// While it starts.
    Starting,
    /// While the first requests come.
    First,
    /// After so many answers.
    Amid(u64),
    /// While it writes the cassette.
    Ending,
}

impl Moment {
    fn choose(random: &mut Random) -> Self {
        match random.below(10) {
            0 => Self::Starting,
            1 => Self::First,
            2 | 3 => Self::Ending,
            _ => Self::Amid(random.below(300)),
        }
    }
}

/// A recovery that is killed when it enters its `at`-th call of this name on its files.
fn recovery_killed_at(harness: &Harness, call: &str, at: u64) -> Command {
    let tape = folder(harness).join("tape.json").display().to_string();
    let words = ["replay", &tape, "--", "true"];
    let mut command = traced(harness, &["-o", "/dev/null"], call, &format!("signal=KILL:when={at}"), &words);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Three recoveries in a row are killed at the same call of theirs; the fourth has everything.
fn a_recovery_is_killed_at_each_of_its_calls() {
    let mut kills = 0;
    for call in ["openat", "read", "write", "fsync", "renameat", "unlink", "flock", "fchmod", "statx"] {
        for at in 1.. {
            let killed = kills_at(call, at);
            if killed == 0 {
                assert!(at > 1 || call == "statx", "{call} does not occur");
                break;
            }
            kills += killed;
        }
    }
    eprintln!("kills: {kills} of recoveries, at each call on a file, up to three in a row");
}

/// How many of three recoveries of one journal were killed when they entered this call.
fn kills_at(call: &str, at: u64) -> usize {
    let harness = Harness::with_tape();
    orphan(&harness.path("tape.json"), 9..20);
    let killed = (0..3).filter(|_| recovery_killed_at(&harness, call, at).status().unwrap().code().is_none()).count();
    let ran = harness.armtape(&["replay", "tape.json", "--", "true"]);
    assert_eq!(harness.names(), ["body.json", "tape.json", "tape.json.new"], "{call} {at}: {ran}");
    assert!(!ran.stderr.contains("replaced"), "{call} {at}: {ran}");
    let kept = on_tape(&harness.path("tape.json.new")).unwrap();
    assert!(kept.keys().copied().eq(9..20) && kept.values().all(|times| *times == 1), "{call} {at}: {kept:?}");
    assert_eq!(harness.read("tape.json"), include_str!("../it/tape.json"));
    killed
}

#[derive(Default)]
struct Figures {
    kills: u64,
    recoveries: u64,
    received: usize,
    missing: usize,
    doubled: usize,
    unreadable: Vec<String>,
    changed: u64,
    left: Vec<String>,
}

fn nothing_that_a_client_had_is_lost() {
    let seed = number("ARMTAPE_SEED", 20_171_107);
    let wanted = number("ARMTAPE_KILLS", 40);
    let mut random = Random::new(seed);
    let service = Numbers::start();
    let mut figures = Figures::default();
    let started = Instant::now();
    let traced = no_strace().is_none();
    let mut window = Duration::from_millis(200);
    while figures.kills < wanted {
        // A fifth of all kills.
        let twice = figures.recoveries * 5 <= figures.kills;
        let round = Round::new(&mut random, &service);
        figures.kills += 1;
        if twice {
            let killed = round.kill_the_recovery(&mut random, &mut window, traced);
            figures.kills += killed;
            figures.recoveries += killed;
        }
        round.judge(&mut random, &service, &mut figures);
    }
    eprintln!(
        "kills: {} ({} of them during recovery), {} answers received completely; missing {}, doubled {}, \
         unreadable {}, accepted changed {}, temporary files left {}; seed {seed}, {:.0} s",
        figures.kills,
        figures.recoveries,
        figures.received,
        figures.missing,
        figures.doubled,
        figures.unreadable.len(),
        figures.changed,
        figures.left.len(),
        started.elapsed().as_secs_f64()
    );
    assert_eq!((figures.missing, figures.doubled, figures.changed), (0, 0, 0), "seed {seed}");
    assert!(figures.unreadable.is_empty(), "seed {seed}: {:?}", figures.unreadable);
    assert!(figures.left.is_empty(), "seed {seed}: {:?}", figures.left);
    assert!(figures.received > 0);
}

/// One recorder, killed.
struct Round {
    harness: Harness,
    accepted: Option<String>,
    received: BTreeSet<u64>,
    moment: Moment,
}

impl Round {
    fn new(random: &mut Random, service: &Numbers) -> Self {
        let harness = Harness::new();
        let accepted = (random.below(2) == 0).then(|| {
            harness.write("tape.json", include_str!("../it/tape.json"));
            harness.read("tape.json")
        });
        let moment = Moment::choose(random);
        let words = ["record", "--cassette", "tape.json", "--upstream", &service.url()];
        let recorder = harness.start(&words);
        if let Moment::Starting = moment {
            thread::sleep(Duration::from_micros(random.below(120_000)));
            recorder.signal(Signal::SIGKILL);
            drop(recorder);
            return Self { harness, accepted, received: BTreeSet::new(), moment };
        }
        let load = Load::start(address(&recorder.line()), CONNECTIONS, &Arc::new(AtomicU64::new(0)));
        let answers = match moment {
            Moment::Amid(answers) => answers,
            Moment::Ending => 40,
            _ => 0,
        };
        wait_until("answers", || load.count() as u64 >= answers || load.is_over());
        if let Moment::Ending = moment {
            recorder.signal(Signal::SIGTERM);
            thread::sleep(Duration::from_micros(random.below(60_000)));
        } else {
            thread::sleep(Duration::from_micros(random.below(5_000)));
        }
        recorder.signal(Signal::SIGKILL);
        drop(recorder);
        Self { harness, accepted, received: load.end(), moment }
    }

    /// A command that recovers, and does nothing else.
    fn recovering(&self) -> Command {
        self.harness.command(["replay", "tape.json", "--", "true"])
    }

    /// Kills recoveries until one was killed before its end: at one of its own calls on the files,
    /// where calls can be traced, else at a random moment.
    fn kill_the_recovery(&self, random: &mut Random, window: &mut Duration, traced: bool) -> u64 {
        if !self.harness.exists("tape.json.journal") {
            return 0;
        }
        for _ in 0..20 {
            let moment = Duration::from_micros(random.below(u64::try_from(window.as_micros()).unwrap()));
            let mut command = if traced { self.killed_at_a_call(random) } else { self.recovering() };
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            if !traced {
                thread::sleep(moment);
                let _ = child.kill();
            }
            if child.wait().unwrap().code().is_none() {
                return 1;
            }
            // It has recovered: there is nothing left to kill. Next time earlier.
            *window = (*window).min(moment.max(Duration::from_millis(2)));
            if !self.harness.exists("tape.json.journal") {
                return 0;
            }
        }
        0
    }

    fn killed_at_a_call(&self, random: &mut Random) -> Command {
        const CALLS: &[(&str, u64)] =
            &[("openat", 6), ("write", 2), ("fsync", 2), ("renameat", 1), ("unlink", 1), ("read", 4), ("flock", 2)];
        let (call, times) = CALLS[usize::try_from(random.below(CALLS.len() as u64)).unwrap()];
        recovery_killed_at(&self.harness, call, 1 + random.below(times))
    }

    fn files(&self) -> Vec<String> {
        self.harness.names()
    }

    fn recover(&self, random: &mut Random, service: &Numbers) -> Ran {
        match random.below(2) {
            0 => {
                let output = process::run(&mut self.recovering(), LIMIT).unwrap();
                Ran { status: output.status, stdout: output.stdout, stderr: output.stderr }
            }
            _ => {
                self.harness.armtape(&["record", "--cassette", "tape.json", "--upstream", &service.url(), "--", "true"])
            }
        }
    }

    fn judge(&self, random: &mut Random, service: &Numbers, figures: &mut Figures) {
        let ran = self.recover(random, service);
        assert_eq!(ran.code(), 2, "{:?}: nothing was asked: {ran}", self.moment);
        let journal = self.harness.exists("tape.json.journal");
        assert!(!journal, "{:?}: there is a journal after its recovery: {ran}", self.moment);
        let first = self.harness.files();
        let again = self.recover(random, service);
        assert_eq!(first, self.harness.files(), "a second recovery changes something: {again}");

        let mut found = BTreeSet::new();
        for name in ["tape.json", "tape.json.new"] {
            match on_tape(&self.harness.path(name)) {
                Ok(numbers) => {
                    figures.doubled += numbers.values().filter(|times| **times > 1).count();
                    found.extend(numbers.into_keys());
                }
                Err(error) => figures.unreadable.push(error),
            }
        }
        figures.received += self.received.len();
        let missing: Vec<_> = self.received.difference(&found).collect();
        if !missing.is_empty() {
            eprintln!("{:?}: missing {missing:?}: {ran}", self.moment);
        }
        figures.missing += missing.len();
        if let Some(accepted) = &self.accepted
            && fs::read_to_string(self.harness.path("tape.json")).unwrap() != *accepted
        {
            figures.changed += 1;
        }
        let left = |name: &String| name.starts_with(".armtape-");
        figures.left.extend(self.files().into_iter().filter(left));
    }
}
