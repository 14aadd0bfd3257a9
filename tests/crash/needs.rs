//! What the machine may refuse: shown as *ignored* with the reason, or *failed* where
//! `ARMTAPE_REQUIRE_FAULTS` says that it must be there.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use libtest_mimic::Trial;

/// A trial that runs always.
pub(crate) fn trial(name: &str, run: fn()) -> Trial {
    Trial::test(name, move || {
        run();
        Ok(())
    })
}

/// A trial that is ignored while `missing` gives a reason.
pub(crate) fn trial_with(name: &str, missing: Option<String>, run: fn()) -> Trial {
    match missing {
        None => trial(name, run),
        Some(reason) if std::env::var_os("ARMTAPE_REQUIRE_FAULTS").is_some_and(|value| value == "1") => {
            Trial::test(name, move || Err(format!("ARMTAPE_REQUIRE_FAULTS is set, but: {reason}").into()))
        }
        Some(reason) => Trial::test(name, move || Err(reason.clone().into()))
            .with_ignored_flag(true)
            .with_kind("no such faults here"),
    }
}

/// Why system calls cannot be made to fail here.
pub(crate) fn no_strace() -> Option<String> {
    let tried = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=1", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match tried {
        Ok(status) if status.success() => None,
        Ok(_) => Some("strace may not trace here".to_owned()),
        Err(error) => Some(format!("strace: {error}")),
    }
}

/// Why no small file system can be had here.
pub(crate) fn no_mount() -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    Mounted::new(folder.path(), "64k").err()
}

/// A file system in memory; gone when this is dropped.
pub(crate) struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    pub(crate) fn new(on: &'a Path, size: &str) -> Result<Self, String> {
        let size = format!("size={size},mode=777");
        mount(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(on))?;
        Ok(Self(on))
    }

    pub(crate) fn again(&self, options: &str) {
        mount(Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(self.0)).unwrap();
    }
}

fn mount(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("mount: {error}"))?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()) }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}
