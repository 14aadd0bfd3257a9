//! Recordings that a user names: files of any format, and folders of them.

use std::path::{Path, PathBuf};

use super::{
    Code,
    say::{self, Failure},
};
use crate::cassette::{Cassette, Error, ErrorKind, recordings};

/// Reads every recording that is named and hands it on. What cannot be read is said, and is in the
/// code; the others are handed on all the same.
pub(super) fn each(
    named: &[PathBuf],
    mut with: impl FnMut(&Path, &Cassette) -> Result<(), Failure>,
) -> Result<Code, Failure> {
    let mut code = Code::Fine;
    for named in named {
        let (files, is_folder) = match recordings(named) {
            Ok(found) => found,
            Err(error) => {
                code = code.or(say::failure(&Failure::from(error)));
                continue;
            }
        };
        let mut read = 0;
        for file in files {
            match Cassette::load(&file) {
                Ok(cassette) => {
                    with(&file, &cassette)?;
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
