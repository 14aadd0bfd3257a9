//! What is said of a panic: where it was, never what it was about. Rust's own words may quote the text
//! that could not be cut or read, and that text may be traffic.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    panic::{Location, set_hook},
};

use super::say;

/// From now on.
pub(super) fn keep_to_themselves() {
    set_hook(Box::new(|panic| {
        say::line(&words(panic.location()));
        let way = Backtrace::capture();
        if way.status() == BacktraceStatus::Captured {
            way.to_string().lines().for_each(say::line);
        }
    }));
}

fn words(place: Option<&Location<'_>>) -> String {
    let place = place.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    format!("error: armtape itself failed at {place}; what it was about is not told, it may be traffic")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Panics in a process of its own: the hook is everybody's.
    #[test]
    fn a_panic_says_where_and_never_what() {
        const CHILD: &str = "ARMTAPE_OF_THE_TEST_PANICS";
        if std::env::var_os(CHILD).is_some() {
            keep_to_themselves();
            let secret = std::hint::black_box(format!("swordfish {}", "ü".repeat(4)));
            // Within a letter: Rust would quote the text.
            assert_eq!(&secret[..secret.len() - 1], "");
        }
        let here = std::env::current_exe().unwrap();
        let name = "cli::panics::tests::a_panic_says_where_and_never_what";
        let ran = Command::new(here)
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .envs([(CHILD, "1"), ("RUST_BACKTRACE", "full")])
            .output()
            .unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(!ran.status.success() && said.contains("panics.rs"), "{said}");
        assert!(!said.contains("swordfish"), "{said}");
    }
}
