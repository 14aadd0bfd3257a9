//! What `armtape check` costs a case beside the client: its own CPU time, at which all that it starts
//! is not counted.
//!
//! `cargo bench --bench overhead [-- --rounds N]`. docs/performance.md says what the figures mean. The
//! clients are the reference client, which does all that is asked, and `true`, which ends at once.

#[path = "support/mod.rs"]
mod support;

use std::process::{Command, Stdio};

use nix::{
    sys::wait::{Id, WaitPidFlag, waitid},
    unistd::Pid,
};
use support::{Failure, measured, median, number, say};

const ARMTAPE: &str = env!("CARGO_BIN_EXE_armtape");

/// Of the system's clock in a second, as programs see it on Linux.
const TICKS: f64 = 100.0;

fn main() -> Result<(), Failure> {
    let rounds = number("--rounds", if measured() { 3 } else { 1 })?;
    let scenarios = if measured() { "SC-0*" } else { "SC-00[1-4]" };
    let jobs = number("--jobs", 4)?;
    let folder = tempfile::tempdir()?;
    say(&format!("{rounds} campaigns of each, scenarios {scenarios}, {jobs} clients at once; medians\n"))?;
    say(&format!("{:>28} {:>8} {:>16} {:>16}", "", "cases", "own CPU ms", "ms a case"))?;
    for tls in [true, false] {
        for client in [&[ARMTAPE, "client", "--by-variables"][..], &["true"]] {
            let mut taken = Vec::new();
            let mut cases = 0;
            for _ in 0..rounds {
                let mut command = Command::new(ARMTAPE);
                command.args(["check", "--scenario", scenarios, "--quick", "--jobs", &jobs.to_string()]);
                command.args(["--report", "json=report.json", "--fail-on", "violation"]);
                command.args((!tls).then_some("--plain-http")).arg("--").args(client).current_dir(folder.path());
                let _ = fs_err::remove_file(folder.path().join("report.json"));
                taken.push(own_cpu_of(&mut command)?);
                let report = fs_err::read(folder.path().join("report.json"))?;
                let report: serde_json::Value = serde_json::from_slice(&report)?;
                cases = usize::try_from(report["summary"]["cases"].as_u64().ok_or("no cases")?)?;
            }
            let name = format!(
                "{}, {}",
                if client.len() > 1 { "reference client" } else { "true" },
                if tls { "https" } else { "http" }
            );
            let whole = median(&mut taken);
            say(&format!("{name:>28} {cases:>8} {whole:>16.0} {:>16.2}", whole / cases as f64))?;
        }
    }
    Ok(())
}

/// Runs to the end; CPU time of the process without those that it started, in milliseconds.
fn own_cpu_of(command: &mut Command) -> Result<f64, Failure> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    // It has ended and is not forgotten yet: all of its threads are summed up by now.
    waitid(Id::Pid(Pid::from_raw(child.id().try_into()?)), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)?;
    let stat = fs_err::read_to_string(format!("/proc/{}/stat", child.id()))?;
    child.wait()?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
    // utime and stime, of which the name and the state stand before (proc_pid_stat(5)).
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(ticks as f64 * 1e3 / TICKS)
}
