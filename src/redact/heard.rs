//! What went by and was left as it is: filters that forget nothing and may remember too much.
//!
//! A value may be mentioned before anything says that it is one. Whether that has happened is asked of
//! each value that is new; most were never heard. Where one was, the filter of each exchange says which
//! of them are to be looked through again: a recording is not read once more for every such value.

use std::fmt;

/// Letters of a window; no shorter value is looked for in other places than its own.
const WINDOW: usize = 8;

/// Two megabytes: more than a core keeps near itself is slow to ask.
const MOST_BITS: u32 = 24;

/// Bits for each window that is remembered.
const SPARSE: usize = 8;

/// Windows of letters that went by, without regard to case.
#[derive(Clone, Default)]
pub(super) struct Heard {
    /// A power of two of them; empty until something was heard.
    bits: Vec<u64>,
}

/// What is heard now, and what was in all of a recording.
#[derive(Default)]
pub(super) struct Hearing {
    all: Heard,
    /// The windows of the exchange that goes by.
    now: Vec<u32>,
}

impl Hearing {
    /// Remembers a text that stays as it is.
    pub(super) fn hear(&mut self, text: &str) {
        let from = self.now.len();
        self.now.extend(windows(text));
        self.all.add(&self.now[from..], MOST_BITS);
    }

    /// Whether a value may have gone by. Where it has, this is true.
    pub(super) fn may_hold(&self, value: &str) -> bool {
        self.all.may_hold(value)
    }

    /// The exchange has gone by: what of it was left.
    pub(super) fn passed(&mut self) -> Heard {
        let mut heard = Heard::default();
        let bits = (self.now.len() * SPARSE).next_power_of_two().trailing_zeros().clamp(6, MOST_BITS);
        heard.add(&self.now, bits);
        self.now.clear();
        heard
    }
}

impl Heard {
    fn add(&mut self, windows: &[u32], bits: u32) {
        if self.bits.is_empty() && !windows.is_empty() {
            self.bits = vec![0; 1 << (bits - 6)];
        }
        for window in windows {
            let place = self.place(*window);
            self.bits[place >> 6] |= 1 << (place & 63);
        }
    }

    /// Whether a value may be in what was heard. Where it is, this is true.
    pub(super) fn may_hold(&self, value: &str) -> bool {
        let holds = |window: u32| {
            let place = self.place(window);
            self.bits[place >> 6] & 1 << (place & 63) != 0
        };
        !self.bits.is_empty() && value.len() >= WINDOW && windows(value).all(holds)
    }

    /// The first bits of a window are its place.
    fn place(&self, window: u32) -> usize {
        let bits = self.bits.len().trailing_zeros() + 6;
        (window >> (u32::BITS - bits)) as usize
    }
}

/// Nothing of what was heard.
impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heard").finish_non_exhaustive()
    }
}

/// A number for each window.
fn windows(text: &str) -> impl Iterator<Item = u32> {
    let mut window: u64 = 0;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        window = window << 8 | u64::from(byte.to_ascii_lowercase());
        let spread = window.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (at + 1 >= WINDOW).then_some((spread >> 32) as u32)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_is_held_and_little_else_is() {
        let mut hearing = Hearing::default();
        assert!(!hearing.may_hold("swordfish"));
        hearing.hear("it says Swordfish there");
        let first = hearing.passed();
        hearing.hear("and nothing of that here");
        let second = hearing.passed();
        assert!(hearing.may_hold("swordfish") && hearing.may_hold("SWORDFISH there") && !hearing.may_hold("sword"));
        assert!(first.may_hold("swordfish") && !second.may_hold("swordfish"), "each exchange for itself");
        assert!(!hearing.passed().may_hold("swordfish"), "nothing went by");
        let others = (0..1000).filter(|number| hearing.may_hold(&format!("another value {number}"))).count();
        assert_eq!(others, 0);
    }
}
