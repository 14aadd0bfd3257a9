//! What a replayed create costs a client beside its own start.
//!
//! `cargo bench --bench client [-- --rounds N]`. Two clients: the reference client, whose tape is
//! recorded first against the embedded service, and the Python SDK with the tape in `cassettes/`, if
//! the tests have installed it. docs/performance.md says what the figures mean.

use std::{
    error::Error,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

type Failure = Box<dyn Error + Send + Sync>;

const ARMTAPE: &str = env!("CARGO_BIN_EXE_armtape");

const ROUNDS: usize = 25;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rounds = match arguments.iter().position(|word| word == "--rounds") {
        Some(at) => arguments.get(at + 1).and_then(|text| text.parse().ok()).ok_or("--rounds needs a number")?,
        // Without cargo's own flag (`cargo test --all-targets`) it is only seen that this still works.
        None if !arguments.iter().any(|word| word == "--bench") => 1,
        None => ROUNDS,
    };
    let folder = tempfile::tempdir()?;
    say(&format!("{rounds} runs of each, in turn; wall time, median and least, in ms\n"))?;
    say(&format!("{:>34} {:>8} {:>8}", "", "median", "least"))?;

    let tape = folder.path().join("reference.json");
    finish(
        Command::new(ARMTAPE)
            .args(["record", "--upstream", "embedded", "--cassette"])
            .arg(&tape)
            .args(["--", ARMTAPE, "client"]),
    )?;
    let reference = [ARMTAPE.to_owned(), "client".to_owned()];
    measure("reference client", &reference, &tape, rounds)?;

    match python() {
        Some(python) => {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let script = root.join("tests/clients/python/create_update.py");
            let subscription = "00000000-0000-0000-0000-000000000001";
            let client = [
                python.display().to_string(),
                script.display().to_string(),
                "--subscription".to_owned(),
                subscription.to_owned(),
            ];
            measure("Python SDK", &client, &root.join("cassettes/python-create-update.json"), rounds)?;
        }
        None => say("Python SDK: left out, since `cargo test --test sdk` has not installed it")?,
    }
    Ok(())
}

/// The client's own start (its help), and the replay.
fn measure(name: &str, client: &[String], tape: &Path, rounds: usize) -> Result<(), Failure> {
    let replay = |client: &[String], more: &[&str]| {
        let mut command = Command::new(ARMTAPE);
        command.args(["replay", "--pace", "instant"]).arg(tape).arg("--").args(client).args(more);
        command
    };
    let (mut starts, mut replays) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        starts.push(finish(Command::new(&client[0]).args(&client[1..]).arg("--help"))?);
        replays.push(finish(&mut replay(client, &[]))?);
    }
    let (start, start_least) = median_and_least(&mut starts);
    let (whole, whole_least) = median_and_least(&mut replays);
    say(&format!("{:>34} {start:>8.1} {start_least:>8.1}", format!("{name}: its own start")))?;
    say(&format!("{:>34} {whole:>8.1} {whole_least:>8.1}", format!("{name}: replayed")))?;
    say(&format!("{:>34} {:>8.1} {:>8.1}\n", "more", whole - start, whole_least - start_least))
}

/// Runs to a good end; how long that took, in milliseconds.
fn finish(command: &mut Command) -> Result<f64, Failure> {
    let begin = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let taken = begin.elapsed().as_secs_f64() * 1e3;
    if output.status.success() {
        return Ok(taken);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?} ended with {}:\n{said}", output.status).into())
}

fn median_and_least(values: &mut [f64]) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    (values[values.len() / 2], values[0])
}

/// The interpreter that the tests have put under `target/clients`.
fn python() -> Option<PathBuf> {
    let target = Path::new(ARMTAPE).parent()?.parent()?;
    let installed = fs_err::read_dir(target.join("clients")).ok()?.flatten().map(|entry| entry.path());
    let interpreter = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    installed.map(|folder| folder.join(interpreter)).find(|path| path.exists())
}

fn say(line: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
