//! Words in braces that are nearly a placeholder.

use crate::check::PLACEHOLDERS;

/// What is in braces in a command, is none of the placeholders and is near to one: both words. Whatever is
/// near to none is the client's own, such as JSON or a template.
pub(super) fn misspelled(command: &[String]) -> Vec<(&str, &'static str)> {
    command.iter().flat_map(|word| braced(word)).filter_map(|word| Some((word, nearest(word)?))).collect()
}

/// Names in braces, those of a shell's variables (`${name}`) left out.
fn braced(word: &str) -> impl Iterator<Item = &str> {
    let is_name = |name: &&str| name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
    let opened = word.match_indices('{').filter(|(at, _)| !word[..*at].ends_with('$'));
    opened.filter_map(|(at, _)| word[at + 1..].split_once('}')).map(|(name, _)| name).filter(is_name)
}

fn nearest(word: &str) -> Option<&'static str> {
    /// Shorter ones are near to everything.
    const TELLING: usize = 3;
    let said = word.to_ascii_lowercase().replace('_', "-");
    let distance = |known: &str| strsim::damerau_levenshtein(&said, known);
    let near = PLACEHOLDERS.into_iter().min_by_key(|known| distance(known))?;
    let most = (near.len() / 4).max(1);
    (word.len() >= TELLING && word != near && distance(near) <= most).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_named_and_what_is_not_is_let_be() {
        let found = |word: &str| misspelled(&[word.to_owned()]).first().map(|(_, near)| *near);
        for (word, near) in [
            ("{intervall}", "interval"),
            ("--id={resource_id}", "resource-id"),
            ("{url}{Timeout}", "timeout"),
            ("{ressource-group}", "resource-group"),
            ("{uri}", "url"),
        ] {
            assert_eq!(found(word), Some(near), "{word}");
        }
        for word in ["{url}", "{}", "{a}", r#"{"url": 1}"#, "${urls}", "{print}", "{", "{id}", "{{body}}"] {
            assert_eq!(found(word), None, "{word}");
        }
    }
}
