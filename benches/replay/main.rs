//! What replay costs: CPU time of the server a request, time until it is ready, and memory, for
//! tapes of several sizes, beside a bare hyper server that gives the same answers.
//!
//! `cargo bench --bench replay [-- --large] [-- --rounds N]`. docs/performance.md says what the
//! figures mean. Each server is a process of its own, this program started again, so that the time
//! that the client takes is not counted.

mod load;
mod process;
mod serve;
mod tape;

use std::{error::Error, io::Write as _, path::Path};

use self::{
    load::{Client, Mix},
    process::{Kind, Server},
    serve::Answers,
};

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Requests of one sample: about half a second of the server.
const REQUESTS: usize = 20_000;

/// Samples of each server, taken in turn; the median counts.
const ROUNDS: usize = 7;

/// Connections that are kept open, one thread of the client each.
const CONNECTIONS: usize = 4;

struct Settings {
    sizes: Vec<usize>,
    rounds: usize,
    requests: usize,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == process::SERVE) {
        return serve::run(&arguments[1..]);
    }
    let settings = settings(&arguments)?;
    let folder = tempfile::tempdir()?;
    say(&format!(
        "{} requests a sample, {} samples, {CONNECTIONS} connections; medians\n",
        settings.requests, settings.rounds
    ))?;
    let mut starts = Vec::new();
    let mut rows = Vec::new();
    for size in &settings.sizes {
        let file = folder.path().join(format!("{size}.json"));
        fs_err::write(&file, tape::cassette(*size).to_text())?;
        starts.push(start_up(*size, &file, settings.rounds)?);
        for tls in [false, true] {
            for mix in [Mix::Work, Mix::List] {
                rows.push(compare(*size, &file, tls, mix, &settings)?);
            }
        }
    }
    say("start: from opening the file to the first request served")?;
    say(&format!(
        "{:>13} {:>9} {:>10} {:>10} {:>10} {:>11} {:>9}",
        "interactions", "file MB", "read ms", "script ms", "ready ms", "peak MB", "peak/file"
    ))?;
    for start in &starts {
        say(&format!(
            "{:>13} {:>9.2} {:>10.1} {:>10.1} {:>10.1} {:>11.1} {:>9.1}",
            start.size,
            start.file,
            start.read,
            start.script,
            start.ready,
            start.peak,
            start.peak / start.file
        ))?;
    }
    say("\nserver CPU time a request")?;
    say(&format!(
        "{:>13} {:>6} {:>8} {:>9} {:>10} {:>7} {:>12}",
        "interactions", "wire", "requests", "bare us", "replay us", "ratio", "to smallest"
    ))?;
    for row in &rows {
        let smallest = rows.iter().find(|other| (other.tls, other.mix) == (row.tls, row.mix));
        let growth = row.replay / smallest.map_or(row.replay, |smallest| smallest.replay);
        say(&format!(
            "{:>13} {:>6} {:>8} {:>9.2} {:>10.2} {:>7.2} {:>12.2}",
            row.size,
            if row.tls { "https" } else { "http" },
            row.mix.name(),
            row.bare,
            row.replay,
            row.ratio,
            growth
        ))?;
    }
    Ok(())
}

fn settings(arguments: &[String]) -> Result<Settings, Failure> {
    let value = |name: &str| arguments.iter().position(|word| word == name).map(|at| arguments.get(at + 1));
    let number = |name: &str, default: usize| match value(name) {
        None => Ok(default),
        Some(given) => given.and_then(|text| text.parse().ok()).ok_or(format!("{name} needs a number")),
    };
    // Without cargo's own flag (`cargo test --all-targets`) it is only seen that this still works.
    if !arguments.iter().any(|word| word == "--bench") {
        return Ok(Settings { sizes: vec![10, 100], rounds: 1, requests: 400 });
    }
    let mut sizes = vec![10, 10_000];
    if arguments.iter().any(|word| word == "--large") {
        sizes.push(100_000);
    }
    Ok(Settings { sizes, rounds: number("--rounds", ROUNDS)?, requests: number("--requests", REQUESTS)? })
}

struct Start {
    size: usize,
    file: f64,
    read: f64,
    script: f64,
    ready: f64,
    peak: f64,
}

fn start_up(size: usize, file: &Path, rounds: usize) -> Result<Start, Failure> {
    let (mut read, mut script, mut ready, mut peak) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let server = Server::start(Kind::Replay, file)?;
        read.push(server.ready.read);
        script.push(server.ready.script);
        ready.push(server.ready.ready);
        peak.push(server.peak()?);
        server.stop()?;
    }
    Ok(Start {
        size,
        file: fs_err::metadata(file)?.len() as f64 / 1e6,
        read: median(&mut read),
        script: median(&mut script),
        ready: median(&mut ready),
        peak: median(&mut peak),
    })
}

struct Row {
    size: usize,
    tls: bool,
    mix: Mix,
    bare: f64,
    replay: f64,
    ratio: f64,
}

/// The two servers in turn, so that what disturbs the machine disturbs both.
fn compare(size: usize, file: &Path, tls: bool, mix: Mix, settings: &Settings) -> Result<Row, Failure> {
    let replay = Server::start(Kind::Replay, file)?;
    let answers_file = file.with_extension("answers");
    let tried = Client::connect(&replay, tls)?.try_each()?;
    fs_err::write(&answers_file, serde_json::to_vec(&Answers::of(&tried))?)?;
    let bare = Server::start(Kind::Bare, &answers_file)?;
    if Client::connect(&bare, tls)?.try_each()? != tried {
        return Err("the two servers do not give the same answers".into());
    }

    let mut bare_load = load::Load::new(&bare, tls, mix, size)?;
    let mut replay_load = load::Load::new(&replay, tls, mix, size)?;
    // Every write is made once, so that every operation has begun, and the caches are warm.
    replay_load.begin_all()?;
    bare_load.run(settings.requests / 4)?;
    replay_load.run(settings.requests / 4)?;
    let (mut bares, mut replays, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..settings.rounds {
        let one = sample(&bare, &mut bare_load, settings.requests)?;
        let other = sample(&replay, &mut replay_load, settings.requests)?;
        bares.push(one);
        replays.push(other);
        ratios.push(other / one);
    }
    drop((bare_load, replay_load));
    bare.stop()?;
    replay.stop()?;
    Ok(Row { size, tls, mix, bare: median(&mut bares), replay: median(&mut replays), ratio: median(&mut ratios) })
}

/// CPU time of the server a request, in microseconds.
fn sample(server: &Server, load: &mut load::Load, requests: usize) -> Result<f64, Failure> {
    let before = server.cpu()?;
    let made = load.run(requests)?;
    Ok((server.cpu()? - before) / made as f64)
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn say(line: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}
