//! Words that more than one room says.

/// Text from outside must not steer the terminal, nor turn the order of letters around. A line stays one.
pub(crate) fn printable(text: &str) -> String {
    let steers =
        |letter: char| letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|letter| if steers(letter) { '\u{fffd}' } else { letter }).collect()
}

/// `1 case`, `2 cases`.
pub(crate) fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal_or_turns_letters_around() {
        assert_eq!(printable("a\u{1b}[31m\nb\u{202e}c\u{2066}"), "a\u{fffd}[31m\u{fffd}b\u{fffd}c\u{fffd}");
    }
}
