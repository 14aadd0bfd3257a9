//! A folder, a cleared environment, and the noise taken out of what armtape says.

use std::{
    fmt,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use fs_err as fs;
use nix::{sys::signal::Signal, unistd::Pid};

use crate::support::process;

/// Nothing here takes longer than a few seconds, even on a machine with too much to do.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Between two looks at a condition.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// The program under test, which is the reference client, too.
pub(crate) const ARMTAPE: &str = env!("CARGO_BIN_EXE_armtape");

/// What `tape` creates.
pub(crate) const RESOURCE: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a";

/// The words that make the reference client create what is on `tape`.
pub(crate) const CREATE: &str =
    r#""$BIN" client --resource-id "$RESOURCE" --api-version 1 --body body.json --interval 0.05"#;

/// The words that make it create the seed's profile at the embedded service, in less than a second.
pub(crate) const CREATE_SEED: &str = r#""$BIN" client --interval 0.05"#;

/// The embedded service, in no time.
pub(crate) const EMBEDDED: &[&str] = &["--upstream", "embedded", "--polls", "0", "--retry-after", "0"];

/// One test's own folder, in which armtape is run.
pub(crate) struct Harness {
    folder: tempfile::TempDir,
}

impl Harness {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        Self { folder }
    }

    /// With `tape.json`, and the `body.json` of the write on it.
    pub(crate) fn with_tape() -> Self {
        let harness = Self::new();
        harness.write("tape.json", include_str!("tape.json"));
        harness.write("body.json", r#"{"location": "westus", "properties": {"size": 1, "color": "red"}}"#);
        harness
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// The names in the folder, without the one for temporary files.
    pub(crate) fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name != "tmp");
        names.sort();
        names
    }

    /// Every file below the folder, temporary ones included, with its bytes.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => files.push((path.clone(), fs::read(&path).unwrap())),
                }
            }
        }
        files
    }

    /// Nothing was left in the folder for temporary files.
    pub(crate) fn left_nothing(&self) {
        let left: Vec<_> = fs::read_dir(self.path("tmp")).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "left behind: {left:?}");
    }

    /// armtape with an environment in which only the necessary is set.
    pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(ARMTAPE);
        command.args(words).current_dir(self.folder.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.folder.path()).env("TMPDIR", self.path("tmp"));
        command.env("BIN", ARMTAPE).env("RESOURCE", RESOURCE);
        command
    }

    /// Runs armtape to its end.
    pub(crate) fn armtape(&self, words: &[&str]) -> Ran {
        self.run(&mut self.command(words))
    }

    /// Runs armtape around a client that is a shell script.
    pub(crate) fn around(&self, words: &[&str], script: &str) -> Ran {
        self.run(&mut self.command(words.iter().chain(&["--", "sh", "-c", script])))
    }

    pub(crate) fn run(&self, command: &mut Command) -> Ran {
        let output = process::run(command, LIMIT).unwrap();
        Ran { status: output.status, stdout: output.stdout, stderr: output.stderr }
    }

    /// Starts armtape, to be talked to while it runs.
    pub(crate) fn start(&self, words: &[&str]) -> Running {
        Running::start(&mut self.command(words))
    }

    /// What is noise in the words of armtape, and what stands in its place.
    pub(crate) fn filters(&self) -> Vec<(String, &'static str)> {
        vec![
            // The test's own folder, wherever the system has its temporary ones.
            (format!("(/private)?{}", escaped(&self.folder.path().display().to_string())), "[FOLDER]"),
            // Where the binary under test lies.
            (escaped(ARMTAPE), "armtape"),
            // Ports are chosen by the system.
            (r"127\.0\.0\.1:\d{2,5}".to_owned(), "127.0.0.1:[PORT]"),
            // The bundle of a run has a random name.
            (r"armtape-ca-\w+\.pem".to_owned(), "armtape-ca-[RANDOM].pem"),
            // Ids of operations are drawn anew for each recording.
            (r"\b[0-9a-f]{32}\b".to_owned(), "[OPERATION]"),
            // How long something took.
            (r"\b\d+ ms\b".to_owned(), "[TIME] ms"),
            // The number of an error is the system's; its words are told as well.
            (r" \(os error \d+\)".to_owned(), ""),
            // The version changes with each release.
            (escaped(env!("CARGO_PKG_VERSION")), "[VERSION]"),
        ]
    }
}

/// A text as a pattern that fits nothing else.
fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|letter| (!letter.is_alphanumeric() && letter != '/').then_some('\\').into_iter().chain([letter]))
        .collect()
}

/// Waits for a condition; there is a bound, but no fixed sleep.
pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {LIMIT:?}: {what}");
        thread::sleep(LOOK_AGAIN);
    }
}

/// Whether a process has ended. One that nobody has asked for its end yet has ended, too.
pub(crate) fn is_gone(pid: i32) -> bool {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => stat.rsplit_once(')').is_some_and(|(_, state)| state.trim_start().starts_with(['Z', 'X'])),
        Err(_) => nix::sys::signal::kill(Pid::from_raw(pid), None).is_err(),
    }
}

/// What a run said, and its end.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The exit code; armtape itself never ends by a signal.
    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or_else(|| panic!("ended by a signal: {self}"))
    }

    /// Itself, if the exit code is this one.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "{self}");
        self
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit {}", self.code())?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(f, "----- {name}\n{}", text.trim_end())?;
            }
        }
        Ok(())
    }
}

/// armtape while it runs. It is killed if a test fails meanwhile.
pub(crate) struct Running {
    child: Option<Child>,
    lines: mpsc::Receiver<String>,
    rest: Option<thread::JoinHandle<String>>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || forward(stdout, &sender));
        let rest = thread::spawn(move || {
            let mut text = String::new();
            let _ = std::io::Read::read_to_string(&mut stderr, &mut text);
            text
        });
        Self { child: Some(child), lines, rest: Some(rest) }
    }

    /// The next line on stdout.
    pub(crate) fn line(&self) -> String {
        self.lines.recv_timeout(LIMIT).expect("a line on stdout")
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = self.child.as_ref().unwrap().id();
        nix::sys::signal::kill(Pid::from_raw(pid.try_into().unwrap()), signal).unwrap();
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ran {
        let child = self.child.as_mut().unwrap();
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "armtape did not end within {LIMIT:?}");
            thread::sleep(LOOK_AGAIN);
        };
        self.child = None;
        let stdout = self.lines.iter().map(|line| line + "\n").collect();
        Ran { status, stdout, stderr: self.rest.take().unwrap().join().unwrap() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn forward(stdout: ChildStdout, lines: &mpsc::Sender<String>) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if lines.send(line).is_err() {
            return;
        }
    }
}

/// The environment that armtape's ready line names.
pub(crate) fn environment_of(ready: &str) -> Vec<(String, String)> {
    let ready: serde_json::Value = serde_json::from_str(ready).unwrap();
    let variables = ready["environment"].as_object().unwrap();
    variables.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// The interactions of a cassette: method, host, status.
pub(crate) fn steps(path: &Path) -> Vec<(String, String, u64)> {
    let cassette: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let interactions = cassette["interactions"].as_array().unwrap();
    interactions
        .iter()
        .map(|interaction| {
            let request = &interaction["request"];
            (
                text(&request["method"]),
                text(&request["authority"]),
                interaction["response"]["status"].as_u64().unwrap_or(0),
            )
        })
        .collect()
}

/// Compares what a run said with an inline snapshot.
macro_rules! shows {
    ($harness:expr, $shown:expr, @$snapshot:literal) => {{
        let mut settings = insta::Settings::clone_current();
        for (pattern, stand_in) in $harness.filters() {
            settings.add_filter(&pattern, stand_in);
        }
        let shown = $shown.to_string();
        settings.bind(|| insta::assert_snapshot!(shown, @$snapshot));
    }};
}
pub(crate) use shows;
