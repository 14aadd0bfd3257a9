//! The client's command line, which the tape keeps.

use super::walk::Walk;

/// What a value behind the name of an option is found by, and what a header on the line is.
const BY_NAME: &str = "secret-name";
const BY_HEADER: &str = "header-credential";

/// The client's command line, without what looks like a secret in it: the value of an option or a
/// `NAME=VALUE` whose name says so, and the headers that carry credentials.
#[must_use]
pub fn command(words: &[String]) -> Vec<String> {
    taken_out(words).into_iter().map(|(word, _)| word).collect()
}

/// As [`command`], with the rule by which something was taken out of a word.
pub(super) fn taken_out(words: &[String]) -> Vec<(String, Option<&'static str>)> {
    const REPLACED: &str = "[redacted]";
    let secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["secret", "password", "passwd", "token", "credential", "api-key", "apikey", "access-key"]
            .iter()
            .any(|word| name.contains(word))
    };
    let mut value_follows = false;
    words
        .iter()
        .map(|word| {
            let option = word.starts_with('-');
            let (new, rule) = if std::mem::take(&mut value_follows) && !option {
                (REPLACED.to_owned(), BY_NAME)
            } else {
                match word.split_once('=') {
                    Some((name, _)) if secret(name) => (format!("{name}={REPLACED}"), BY_NAME),
                    None if option && secret(word) => {
                        value_follows = true;
                        (word.clone(), BY_NAME)
                    }
                    _ => (without_credentials(word), BY_HEADER),
                }
            };
            let rule = (new != *word).then_some(rule);
            (new, rule)
        })
        .collect()
}

/// The command line of a tape that is there: what stands for something stays.
pub(super) fn taken_out_of_tape(words: &[String]) -> Vec<(String, Option<&'static str>)> {
    let stands = |word: &String| !super::stand_in::find(word).is_empty();
    let kept = |((new, rule), word): ((String, Option<&'static str>), &String)| match stands(word) {
        true => (word.clone(), None),
        false => (new, rule),
    };
    taken_out(words).into_iter().zip(words).map(kept).collect()
}

/// A word without the credentials of headers in it (`curl -H 'Authorization: ...'`), be it one word
/// or a whole script.
fn without_credentials(word: &str) -> String {
    const HEADERS: &[&str] =
        &["authorization:", "authorization-auxiliary:", "cookie:", "api-key:", "subscription-key:"];
    let lower = word.to_ascii_lowercase();
    let mut kept = String::new();
    let mut rest = 0;
    while let Some((start, header)) =
        HEADERS.iter().filter_map(|header| Some((rest + lower[rest..].find(header)?, header))).min()
    {
        let value = start + header.len();
        let end = word[value..].find(['"', '\'', '\n']).map_or(word.len(), |length| value + length);
        kept.push_str(&word[rest..value]);
        kept.push_str(" [redacted]");
        rest = end;
    }
    kept + &word[rest..]
}

/// Words with the values that rules find in them replaced: `--subscription GUID` as `subscription=GUID`.
pub(super) fn command_words(walk: &mut Walk<'_>, words: &[String]) -> Vec<String> {
    let mut name: Option<&str> = None;
    let mut redacted = Vec::with_capacity(words.len());
    for (number, word) in words.iter().enumerate() {
        let new = walk.at(&format!("command[{number}]"), |walk| walk.text(name, word));
        redacted.push(new.unwrap_or_else(|| word.clone()));
        name = word.starts_with('-').then_some(word.as_str());
    }
    redacted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_on_the_command_line_is_not_kept() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let line = "az --client-secret canary --password=canary API_TOKEN=canary --name x --token --verbose";
        let kept = command(&words(line)).join(" ");
        assert_eq!(
            kept,
            "az --client-secret [redacted] --password=[redacted] API_TOKEN=[redacted] --name x --token --verbose"
        );
    }

    #[test]
    fn a_header_on_the_command_line_is_not_kept() {
        let words = [
            "curl",
            "-H",
            "Authorization: Bearer canary",
            "curl -H 'x-ms-authorization-auxiliary: Bearer canary' -H \"Cookie:canary; canary\" https://x",
        ];
        let kept = command(&words.map(str::to_owned));
        insta::assert_snapshot!(kept.join("\n"), @r#"
        curl
        -H
        Authorization: [redacted]
        curl -H 'x-ms-authorization-auxiliary: [redacted]' -H "Cookie: [redacted]" https://x
        "#);
    }
}
