//! Times in words. All are milliseconds.

/// A point on a clock, such as `0`, `250 ms`, `1.5 s`, `30 s`, `2 min`, `1 h`.
pub(super) fn short(milliseconds: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    if milliseconds == 0 {
        return "0".to_owned();
    }
    match UNITS.into_iter().find(|(unit, _)| milliseconds.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{} {name}", milliseconds / unit),
        None if milliseconds > 1_000 && milliseconds.is_multiple_of(100) => {
            format!("{}.{} s", milliseconds / 1_000, milliseconds / 100 % 10)
        }
        None => format!("{milliseconds} ms"),
    }
}

/// How long something took, to three digits or so: `0.012 s`, `4.2 s`, `1 min 30 s`, `2 h 05 min`.
pub(super) fn long(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    match milliseconds {
        0..10_000 => format!("{}.{:03} s", seconds, milliseconds % 1_000),
        10_000..60_000 => format!("{}.{} s", seconds, milliseconds % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_words() {
        assert_eq!(
            [0, 250, 1_500, 30_000, 90_000, 7_200_000].map(short),
            ["0", "250 ms", "1.5 s", "30 s", "90 s", "2 h"]
        );
        assert_eq!(
            [12, 4_200, 31_060, 90_000, 7_500_000].map(long),
            ["0.012 s", "4.200 s", "31.0 s", "1 min 30 s", "2 h 05 min"]
        );
    }
}
