//! Values that look like one that was seen once, and are drawn anew: ids of operations, signatures.

use std::borrow::Cow;

use crate::{arm, simulate::reply::Ids};

/// What stands before such a value in a text: `${like:` and behind it `}`.
pub(super) const LIKE: &str = "like:";

/// The place in a text for a value that looks like this one.
pub(in crate::simulate) fn like(value: &str) -> String {
    format!("${{{LIKE}{value}}}")
}

/// A value of the same form ([`arm::alike`]). The same value and salt give the same: an id that stands in two
/// URLs is one id.
pub(super) fn alike(value: &str, salt: &str) -> String {
    let seed = [value, salt]
        .iter()
        .flat_map(|text| text.bytes().chain([0]))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3_u64));
    let mut ids = Ids::new(seed);
    arm::alike(value, |_, below| u8::try_from(ids.between(0, u32::from(below) - 1)).unwrap_or_default())
}

/// A text with what its placeholders stand for, by `filling`; one that it does not know stays.
pub(super) fn filled<'t>(text: &'t str, mut filling: impl FnMut(&'t str) -> Option<Cow<'t, str>>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(placeholder, after)| Some((filling(placeholder)?, after)));
        rest = match known {
            Some((value, after)) => {
                filled.push_str(&value);
                after
            }
            None => {
                filled.push_str("${");
                after
            }
        };
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arm::form;

    #[test]
    fn the_form_stays_and_the_value_does_not() {
        for value in [
            "6beee677bc744ed6b5fa1e3ab65986a5",
            "98A1BD1D-8801-4DF8-B211-E781706C9C2D",
            "638421998877665544",
            "MIIHhz-CBm_a~*9F3B;rev=1",
            "x%2By%2fz0==",
        ] {
            let fresh = alike(value, "one");
            assert_eq!(form(&fresh), form(value), "{value} {fresh}");
            assert_ne!(fresh, value);
            assert_eq!((alike(value, "one") == fresh, alike(value, "two") == fresh), (true, false));
        }
        assert!(alike("6beee677bc", "one").bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(alike("x%2By%2f", "one").contains("%2B") && alike("x%2By%2f", "one").ends_with("%2f"));
        assert!(!alike("100000", "three").starts_with('0'));
    }

    #[test]
    fn placeholders_that_are_not_known_stay() {
        let known = |name: &str| (name == "a").then(|| "A".into());
        assert_eq!(filled("${a} ${b} ${a ${a}", known), "A ${b} ${a A");
        assert_eq!(filled("$${a}{a}", known), "$A{a}");
    }
}
