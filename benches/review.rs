//! What `armtape review` costs on long recordings: until the first screen stands, and for each key.
//!
//! `cargo bench --bench review [-- --rounds N]`. docs/performance.md says what the figures mean. CPU
//! time of the real command at a terminal of its own, beside that of reading the two files.

#[path = "support/mod.rs"]
mod support;

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use armtape::cassette::Cassette;
use nix::{
    pty::{OpenptyResult, Winsize, openpty},
    sys::{
        resource::{UsageWho, getrusage},
        time::{TimeVal, TimeValLike as _},
    },
};
use support::{Failure, cpu_of, measured, median, number, own_cpu, say};

const ARMTAPE: &str = env!("CARGO_BIN_EXE_armtape");

/// What is pressed one after the other, and what it does.
const KEYS: &[(&str, &str)] = &[
    ("d", "detail"),
    ("\u{1b}[6~", "page down"),
    ("d", "back"),
    ("a", "accept"),
    ("r", "reject"),
    ("u", "undo"),
    ("i", "info"),
    ("i", "back"),
    ("A", "accept all that is left"),
];

fn main() -> Result<(), Failure> {
    let rounds = number("--rounds", if measured() { 7 } else { 1 })?;
    let size = if measured() { 5_000 } else { 50 };
    let folder = tempfile::tempdir()?;
    say(&format!("{rounds} reviews of each; CPU time in ms, medians\n"))?;
    for (name, changed) in [("every tenth changed", 10), ("all changed", 1)] {
        let accepted = folder.path().join("tape.json");
        let pending = folder.path().join("tape.json.new");
        fs_err::write(&accepted, tape(size, usize::MAX))?;
        fs_err::write(&pending, tape(size, changed))?;
        let (mut reading, mut differing) = (Vec::new(), Vec::new());
        let (mut opening, mut walls) = (Vec::new(), Vec::new());
        let mut pressing = vec![Vec::new(); KEYS.len()];
        for _ in 0..rounds {
            reading.push(read(&accepted, &pending)?);
            differing.push(diff(&accepted, &pending)?);
            let mut review = Review::open(folder.path())?;
            opening.push(review.opened.0);
            walls.push(review.opened.1);
            for (place, (key, _)) in KEYS.iter().enumerate() {
                pressing[place].push(review.press(key)?);
            }
            review.leave()?;
        }
        let (reading, opening) = (median(&mut reading), median(&mut opening));
        let megabytes = (fs_err::metadata(&accepted)?.len() + fs_err::metadata(&pending)?.len()) as f64 / 1e6;
        say(&format!("{size} interactions, {name}; both files {megabytes:.1} MB"))?;
        say(&format!("{:>28} {reading:>8.1}", "reading both files"))?;
        let differing = median(&mut differing);
        say(&format!("{:>28} {differing:>8.1}   {:.2} times", "`armtape diff`, with the text", differing / reading))?;
        say(&format!("{:>28} {opening:>8.1}   {:.2} times", "until the first screen", opening / reading))?;
        say(&format!("{:>28} {:>8.1}", "(by the clock)", median(&mut walls)))?;
        for (values, (_, does)) in pressing.iter_mut().zip(KEYS) {
            say(&format!("{does:>28} {:>8.2}", median(values)))?;
        }
        say("")?;
    }
    Ok(())
}

/// CPU time of `armtape diff`, from its start to its end, in milliseconds.
fn diff(accepted: &Path, pending: &Path) -> Result<f64, Failure> {
    let spent = || -> Result<f64, Failure> {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let milliseconds = |time: TimeVal| time.num_microseconds() as f64 / 1e3;
        Ok(milliseconds(usage.user_time()) + milliseconds(usage.system_time()))
    };
    let before = spent()?;
    let ended = Command::new(ARMTAPE).arg("diff").args([accepted, pending]).stdout(Stdio::null()).status()?;
    assert_eq!(ended.code(), Some(1), "they differ");
    Ok(spent()? - before)
}

/// CPU time of reading the two files as armtape does, in milliseconds.
fn read(accepted: &Path, pending: &Path) -> Result<f64, Failure> {
    let before = own_cpu()?;
    let tapes = [Cassette::load(accepted)?, Cassette::load(pending)?];
    let taken = own_cpu()? - before;
    drop(tapes);
    Ok(taken / 1e3)
}

/// The command at a terminal.
struct Review {
    child: std::process::Child,
    keyboard: std::fs::File,
    seen: Arc<(Mutex<Vec<u8>>, Condvar)>,
    /// CPU time and time by the clock until the first screen, in milliseconds.
    opened: (f64, f64),
}

impl Review {
    fn open(folder: &Path) -> Result<Self, Failure> {
        let size = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
        let OpenptyResult { master, slave } = openpty(&size, None)?;
        let side = || slave.try_clone().map(Stdio::from);
        let begin = Instant::now();
        let child = Command::new(ARMTAPE)
            .args(["review", "tape.json"])
            .current_dir(folder)
            .stdin(side()?)
            .stdout(side()?)
            .stderr(side()?)
            .spawn()?;
        drop(slave);
        let keyboard = std::fs::File::from(master);
        let seen: Arc<(Mutex<Vec<u8>>, Condvar)> = Arc::default();
        let (mut output, sink) = (keyboard.try_clone()?, Arc::clone(&seen));
        std::thread::spawn(move || {
            let mut bytes = [0; 65_536];
            while let Ok(number @ 1..) = output.read(&mut bytes) {
                sink.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&bytes[..number]);
                sink.1.notify_all();
            }
        });
        let mut review = Self { child, keyboard, seen, opened: (0.0, 0.0) };
        review.drawn(0)?;
        review.opened = (review.settled()?, begin.elapsed().as_secs_f64() * 1e3);
        Ok(review)
    }

    /// Presses a key and waits for the screen; the CPU time, in milliseconds.
    fn press(&mut self, key: &str) -> Result<f64, Failure> {
        let before = self.settled()?;
        let length = self.seen.0.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.keyboard.write_all(key.as_bytes())?;
        self.drawn(length)?;
        Ok(self.settled()? - before)
    }

    /// Waits until a screen stands behind what was seen.
    fn drawn(&self, behind: usize) -> Result<(), Failure> {
        const HOME: &[u8] = b"\x1b[H";
        let (seen, changed) = &*self.seen;
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let drawn = |seen: &mut Vec<u8>| !seen[behind..].windows(HOME.len()).any(|window| window == HOME);
        let waited = changed.wait_timeout_while(seen, Duration::from_secs(60), drawn);
        let (seen, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return Err(format!("no screen: {}", String::from_utf8_lossy(&seen[behind..])).into());
        }
        Ok(())
    }

    /// Its CPU time once it has nothing more to do, in milliseconds.
    fn settled(&self) -> Result<f64, Failure> {
        let mut last = cpu_of(self.child.id())?;
        loop {
            std::thread::sleep(Duration::from_millis(20));
            let now = cpu_of(self.child.id())?;
            if now == last {
                return Ok(now / 1e3);
            }
            last = now;
        }
    }

    fn leave(mut self) -> Result<(), Failure> {
        self.keyboard.write_all(b"\x03")?;
        self.child.wait()?;
        Ok(())
    }
}

/// `size` interactions: a write, two polls, the end and a read for each resource. In every
/// `changed`-th resource a value is another one.
fn tape(size: usize, changed: usize) -> String {
    let mut text = String::from("{\n  \"armtape\": 1,\n  \"interactions\": [");
    let mut gap = "";
    for number in 0..size / 5 {
        let resource = format!(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h/profiles/P{number:05}?api-version=2017-04-26"
        );
        let poll = format!(
            "/subscriptions/s/providers/Microsoft.CustomerInsights/operations/7a1b2c3d{number:08}?api-version=2017-04-26"
        );
        let value = if changed != usize::MAX && number % changed == 0 { 2 } else { 1 };
        let result = serde_json::json!({
            "name": format!("P{number:05}"),
            "properties": { "provisioningState": "Succeeded", "value": value, "fields": ["Id", "Name", "Balance"] },
        });
        let location =
            serde_json::json!({ "location": format!("https://management.azure.com{poll}"), "retry-after": "10" });
        let plain = serde_json::json!({ "content-type": "application/json" });
        for (method, target, status, headers, body) in [
            ("PUT", &resource, 202, &location, None),
            ("GET", &poll, 202, &location, None),
            ("GET", &poll, 202, &location, None),
            ("GET", &poll, 200, &plain, Some(&result)),
            ("GET", &resource, 200, &plain, Some(&result)),
        ] {
            let mut response = serde_json::json!({ "status": status, "headers": headers });
            if let Some(body) = body {
                response["body"] = serde_json::json!({ "json": body });
            }
            let interaction = serde_json::json!({
                "request": { "method": method, "target": target, "scheme": "https", "authority": "management.azure.com" },
                "response": response,
            });
            let _ = write!(text, "{gap}\n{interaction:#}");
            gap = ",";
        }
    }
    text + "\n  ]\n}\n"
}
