//! A server in a process of its own, and what the system knows of that process.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde::{Deserialize, Serialize};

use super::Failure;

/// The argument with which this program is the server.
pub(crate) const SERVE: &str = "--serve";

/// Which server.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Bare,
    Replay,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Replay => "replay",
        }
    }
}

/// What a server says once it is ready. Times in milliseconds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Ready {
    pub(crate) plain: SocketAddr,
    /// The same address where one port serves both.
    pub(crate) tls: SocketAddr,
    pub(crate) authority: String,
    pub(crate) read: f64,
    pub(crate) script: f64,
    pub(crate) ready: f64,
}

pub(crate) struct Server {
    child: Child,
    pub(crate) ready: Ready,
}

impl Server {
    pub(crate) fn start(kind: Kind, file: &Path) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([SERVE, kind.name()])
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let stdout = child.stdout.take().ok_or("the server has no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        match serde_json::from_str(&line) {
            Ok(ready) => Ok(Self { child, ready }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error.into())
            }
        }
    }

    /// Its CPU time so far, in microseconds. The server has one thread, so this is all of it.
    pub(crate) fn cpu(&self) -> Result<f64, Failure> {
        let text = fs_err::read_to_string(format!("/proc/{}/schedstat", self.child.id()))?;
        let nanoseconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
        Ok(nanoseconds / 1e3)
    }

    /// The most memory that it has had, in megabytes.
    pub(crate) fn peak(&self) -> Result<f64, Failure> {
        let text = fs_err::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes * 1024.0 / 1e6)
    }

    /// Ends it: it stops when its input does.
    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("the server ended with {status}").into()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
