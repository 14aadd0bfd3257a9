//! Values of the same form as one that was seen: ids of operations, signatures.

/// A value of the same form and length: a digit for a digit, a letter of the same case for a letter, in a
/// hexadecimal number a hexadecimal one. All else stays, escapes included, since that is what careless clients change.
///
/// `draw` gives a number below the one that it is given, for the letter at this byte.
pub(crate) fn alike(value: &str, mut draw: impl FnMut(usize, u8) -> u8) -> String {
    let has_letters = value.contains(|letter: char| letter.is_ascii_alphabetic());
    let is_hexadecimal =
        has_letters && value.chars().filter(char::is_ascii_alphabetic).all(|letter| letter.is_ascii_hexdigit());
    let letters = if is_hexadecimal { 6 } else { 26 };
    let (mut fresh, mut escaped) = (String::with_capacity(value.len()), 0_u8);
    for (at, letter) in value.char_indices() {
        let range = match letter {
            _ if escaped > 0 => None,
            // A number has as many digits as it had.
            '0'..='9' if at == 0 && !is_hexadecimal => Some((b'1', 9)),
            '0'..='9' => Some((b'0', 10)),
            'a'..='z' => Some((b'a', letters)),
            'A'..='Z' => Some((b'A', letters)),
            _ => None,
        };
        escaped = if letter == '%' { 2 } else { escaped.saturating_sub(1) };
        fresh.push(range.map_or(letter, |(first, of)| char::from(first + draw(at, of))));
    }
    fresh
}

/// What stays: the class of each letter, and everything that is none.
#[cfg(test)]
pub(crate) fn form(text: &str) -> String {
    let class = |letter: char| match letter {
        '0'..='9' => '0',
        'a'..='z' => 'a',
        'A'..='Z' => 'A',
        other => other,
    };
    text.chars().map(class).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_stays() {
        for value in [
            "3b1a4f7e-79ae-4b7e-855d-04bfcac8bf04",
            "98A1BD1D-8801-4DF8-B211-E781706C9C2D",
            "638421998877665544",
            "MIIHhz-CBm_a~*9F3B;rev=1",
            "x%2By%2fz0==",
        ] {
            let escapes =
                |text: &str| -> Vec<String> { text.split('%').skip(1).map(|rest| rest[..2].to_owned()).collect() };
            let (lowest, highest) = (alike(value, |_, _| 0), alike(value, |_, below| below - 1));
            assert!(lowest != value && highest != value && lowest != highest, "{lowest} {highest}");
            assert!([&lowest, &highest].iter().all(|fresh| form(fresh) == form(value)), "{lowest} {highest}");
            assert_eq!((escapes(&lowest), escapes(&highest)), (escapes(value), escapes(value)));
        }
        assert_eq!(alike("abc-9", |_, below| below - 1), "fff-9", "hexadecimal stays so");
        assert_eq!(alike("78z", |_, _| 0), "10a", "a number does not become shorter");
    }
}
