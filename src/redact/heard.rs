//! What went by and was left as it is: a filter that forgets nothing and may remember too much.
//!
//! A value may be mentioned before anything says that it is one. Whether that has happened is asked of
//! each value that is new; most were never heard, and then nobody has to look through everything again.

/// Letters of a window; no shorter value is looked for in other places than its own.
const WINDOW: usize = 8;

/// Two megabytes: more than a core keeps near itself is slow to ask.
const BITS: u32 = 24;

/// Every run of letters that went by, without regard to case.
#[derive(Default)]
pub(super) struct Heard {
    /// Empty until something was heard.
    bits: Vec<u64>,
}

impl Heard {
    /// Remembers a text that stays as it is.
    pub(super) fn hear(&mut self, text: &str) {
        if text.len() < WINDOW {
            return;
        }
        if self.bits.is_empty() {
            self.bits = vec![0; 1 << (BITS - 6)];
        }
        for place in windows(text) {
            self.bits[place >> 6] |= 1 << (place & 63);
        }
    }

    /// Whether a value may have gone by. Where it has, this is true.
    pub(super) fn may_hold(&self, value: &str) -> bool {
        !self.bits.is_empty()
            && value.len() >= WINDOW
            && windows(value).all(|place| self.bits[place >> 6] & 1 << (place & 63) != 0)
    }
}

/// A number for each window.
fn windows(text: &str) -> impl Iterator<Item = usize> {
    let mut window: u64 = 0;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        window = window << 8 | u64::from(byte.to_ascii_lowercase());
        let spread = window.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (at + 1 >= WINDOW).then_some((spread >> (64 - BITS)) as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_is_held_and_little_else_is() {
        let mut heard = Heard::default();
        assert!(!heard.may_hold("swordfish"));
        heard.hear("it says Swordfish there");
        assert!(heard.may_hold("swordfish") && heard.may_hold("SWORDFISH there") && !heard.may_hold("sword"));
        let others = (0..1000).filter(|number| heard.may_hold(&format!("another value {number}"))).count();
        assert_eq!(others, 0);
    }
}
