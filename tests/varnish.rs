//! A client and an origin that nobody here wrote: `varnishtest` plays both (`tests/vtc/`), once
//! before and behind a recorder, and then, without the origin, before a replay.

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, and takes helpers beside them for none")]

#[path = "wire/client.rs"]
#[allow(dead_code, reason = "what the other tests need of it")]
mod client;
#[path = "wire/stage.rs"]
#[allow(dead_code, reason = "what the other tests need of it")]
mod stage;
mod support;
#[path = "wire/upstream.rs"]
#[allow(dead_code, reason = "what the other tests need of it")]
mod upstream;

use std::{
    ffi::OsStr,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use fs_err as fs;
use libtest_mimic::{Arguments, Failed};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
};

use stage::recording;
use support::{
    process,
    trial::{Need, trial},
};

/// varnishtest gives up by itself before this.
const LIMIT: Duration = Duration::from_secs(60);

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vtc");
    let mut scripts: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    scripts.sort();
    let trials = scripts.into_iter().map(|script| {
        let name = script.file_stem().and_then(OsStr::to_str).unwrap().to_owned();
        trial(&name, &[Need::Varnish], move || both(&script))
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn both(script: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let bridge = Bridge::start(&folder.path().join("recorded"));
    let recording = recording(bridge.address, false);
    play(script, recording.address(), bridge.address, &folder.path().join("recorded"))?;
    let recorded = recording.end_with_at_least(1);
    let service = bridge.address;
    drop(bridge);
    let replay = recorded.replay();
    play(script, replay.address(), service, &folder.path().join("nobody"))
}

fn play(script: &Path, armtape: SocketAddr, service: SocketAddr, socket: &Path) -> Result<(), Failed> {
    let mut command = Command::new("varnishtest");
    for (name, value) in [
        ("armtape", format!("{} {}", armtape.ip(), armtape.port())),
        ("service", service.to_string()),
        ("socket", socket.display().to_string()),
    ] {
        command.arg("-D").arg(format!("{name}={value}"));
    }
    let output = process::run(command.args(["-v", "-t", "30"]).arg(script), LIMIT)?;
    if output.status.success() { Ok(()) } else { Err(format!("{}{}", output.stdout, output.stderr).into()) }
}

/// A port before a socket in the file system: varnishtest says its own ports to nobody.
struct Bridge {
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

impl Bridge {
    fn start(socket: &Path) -> Self {
        let socket = socket.to_owned();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let socket = socket.clone();
                tokio::spawn(async move {
                    let Ok(mut service) = UnixStream::connect(socket).await else { return };
                    let _ = copy_bidirectional(&mut client, &mut service).await;
                });
            }
        });
        Self { address, _runtime: runtime }
    }
}
