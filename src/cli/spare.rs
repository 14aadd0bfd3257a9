//! What is written for reading alone, such as a report, goes over no recording and over nothing that is read.

use std::path::Path;

use super::say::Failure;
use crate::cassette::holds_recording;

/// Refuses a place to write to that `option` names. `read` are the files that the command reads.
///
/// # Errors
///
/// Where it is one of them, or a recording of any format.
pub(super) fn spare<P: AsRef<Path>>(option: &str, target: &Path, read: &[P]) -> Result<(), Failure> {
    let is_read = |file: &P| match (target.canonicalize(), file.as_ref().canonicalize()) {
        (Ok(target), Ok(file)) => target == file,
        // Neither is there yet.
        _ => target == file.as_ref(),
    };
    let why = if read.iter().any(is_read) {
        "is the file that is read"
    } else if holds_recording(target) {
        "holds a recording"
    } else {
        return Ok(());
    };
    Err(Failure::usage(format!("{option}: {} {why}, and would be lost", target.display()))
        .hint("name another file, or move this one away first"))
}
