//! Recordings that a user names: files of any format, and folders of them.

use std::path::{Path, PathBuf};

use super::{
    Code,
    say::{self, Failure},
};
use crate::cassette::{Cassette, Error, ErrorKind, pending, pending_path, recordings};

/// A recording that was read.
pub(super) struct Read<'a> {
    pub(super) file: &'a Path,
    pub(super) cassette: &'a Cassette,
    /// The line on which each interaction begins, from 1.
    pub(super) lines: &'a [u64],
}

/// Reads every recording that is named and hands it on, in folders also one that waits and that no
/// accepted one stands beside, such as the cases that `check` keeps. What cannot be read is said, and is in the
/// code; the others are handed on all the same.
pub(super) fn each(named: &[PathBuf], mut with: impl FnMut(Read<'_>) -> Result<(), Failure>) -> Result<Code, Failure> {
    let mut code = Code::Fine;
    for named in named {
        let (files, is_folder) = match found(named) {
            Ok(found) => found,
            Err(error) => {
                code = code.or(say::failure(&Failure::from(error)));
                continue;
            }
        };
        let mut read = 0;
        for file in files {
            match Cassette::load_with_lines(&file) {
                Ok((cassette, lines)) => {
                    with(Read { file: &file, cassette: &cassette, lines: &lines })?;
                    read += 1;
                }
                // A folder may hold other files, too.
                Err(Error { kind: ErrorKind::Unrecognised { .. }, .. }) if is_folder => {
                    say::line(&format!("passed over: {} is no recording", file.display()));
                }
                Err(error) => code = code.or(say::failure(&Failure::from(error))),
            }
        }
        if is_folder && read == 0 {
            let error = Error::new(named, ErrorKind::NoRecording);
            code = code.or(say::failure(&Failure::from(error)));
        }
    }
    Ok(code)
}

/// The files that are meant by a name, and whether that is a folder's.
fn found(named: &Path) -> Result<(Vec<PathBuf>, bool), Error> {
    let (mut files, is_folder) = recordings(named)?;
    if is_folder {
        let waiting = pending(named)?.into_iter().filter(|accepted| !accepted.exists());
        files.extend(waiting.map(|accepted| pending_path(&accepted)));
        files.sort_unstable();
    }
    Ok((files, is_folder))
}
