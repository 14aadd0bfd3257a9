//! What the measurements have in common: CPU time as the system counts it, and medians.

use std::{error::Error, io::Write as _};

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// CPU time of this thread so far, in microseconds.
#[allow(dead_code, reason = "not every measurement is one of this thread")]
pub(crate) fn own_cpu() -> Result<f64, Failure> {
    schedstat("/proc/thread-self/schedstat")
}

/// CPU time of all threads that a process has now, in microseconds.
#[allow(dead_code, reason = "not every measurement is one of another process")]
pub(crate) fn cpu_of(process: u32) -> Result<f64, Failure> {
    let threads = fs_err::read_dir(format!("/proc/{process}/task"))?;
    threads.map(|thread| schedstat(&thread?.path().join("schedstat").display().to_string())).sum()
}

/// CPU time of this process so far, threads that have ended included, in microseconds. The system tells it in
/// steps of 10 ms.
#[allow(dead_code, reason = "not every measurement is one of a whole process")]
pub(crate) fn process_cpu() -> Result<f64, Failure> {
    let text = fs_err::read_to_string("/proc/self/stat")?;
    // The name in the second field may have blanks; user and system time are the 12th and 13th behind it.
    let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let ticks = fields.map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks * 1e4)
}

fn schedstat(file: &str) -> Result<f64, Failure> {
    let text = fs_err::read_to_string(file)?;
    let nanoseconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e3)
}

#[allow(dead_code, reason = "not every measurement is one of many samples")]
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

pub(crate) fn say(line: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

/// Whether it is measured; without cargo's own flag (`cargo test --all-targets`) it is only seen that
/// this still works.
pub(crate) fn measured() -> bool {
    std::env::args().any(|word| word == "--bench")
}

/// The number behind `name` on the command line.
pub(crate) fn number(name: &str, default: usize) -> Result<usize, Failure> {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|word| word == name) {
        None => Ok(default),
        Some(at) => {
            Ok(arguments.get(at + 1).and_then(|text| text.parse().ok()).ok_or(format!("{name} needs a number"))?)
        }
    }
}
