//! Replay of real recordings, by the wire: whoever sends the recorded requests again gets the
//! recorded answers, in whatever order and however often a client may ask.
//!
//! docs/replay.md has the figures and every exception by name; each trial measures one recording and
//! compares what it finds with that page. `ARMTAPE_FIGURES=print` prints the lines that were
//! measured, `ARMTAPE_ORDERS=200` tries more random orders.
//!
//! The recordings are not part of the package: they are looked for in `ARMTAPE_SHARED`, else in
//! `../shared`. Without them every trial is listed as ignored, or fails if `ARMTAPE_REQUIRE_SHARED=1`.

#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

#[path = "../crash/random.rs"]
#[allow(dead_code, reason = "another test binary uses the rest")]
mod random;
#[path = "../support/mod.rs"]
mod support;

mod compare;
mod forms;
mod mangled;
mod paced;
mod page;
mod recording;
mod redacted;
mod voice;
mod wire;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use forms::Form;
use page::{Page, Row};
use recording::Recording;
use support::{
    shared::shared,
    trial::{Need, trial},
};

fn main() -> ExitCode {
    let mut trials = vec![
        trial("every recording has its line", &[Need::Shared], every_recording),
        Trial::test("the sums are those of the lines", || Page::read()?.check_sums()),
        trial("at instant nobody waits for 104 polls", &[Need::Shared], paced::nobody_waits_at_instant),
        trial("at 0.01 104 polls take a hundredth", &[Need::Shared], paced::a_hundredth_of_the_recorded_time),
    ];
    trials.push(trial("a polling URL comes back as it was handed out", &[Need::Shared], mangled::is_a_miss));
    trials.push(trial("the command redacts as the library does", &[Need::Shared], redacted::by_the_command));
    trials.push(trial("what scan finds is on the page", &[Need::Shared], redacted::scanned));
    for file in Page::read().map(|page| page.files()).unwrap_or_default() {
        let name = format!("as recorded::{file}");
        trials.push(trial(&name, &[Need::Shared], move || as_recorded(&file)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn every_recording() -> Result<(), Failed> {
    let files = recording::files()?;
    let told = Page::read()?.files();
    if files == told { Ok(()) } else { Err(format!("recordings {files:#?}, lines {told:#?}").into()) }
}

/// Plays one recording in every form, and holds what happened against the page.
fn as_recorded(file: &str) -> Result<(), Failed> {
    let recording = Recording::read(&shared().ok_or("the recordings are gone")?, file)?;
    let mut row = Row::new(&recording);
    for form in Form::ALL {
        row.enter(form, wire::play(&recording, form)?);
    }
    if std::env::var_os("ARMTAPE_FIGURES").is_some_and(|value| value == "print") {
        print!("{}", row.text());
    }
    Page::read()?.check(&row)
}
