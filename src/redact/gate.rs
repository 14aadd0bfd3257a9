//! The gate: a second look that shares no rule with the first. It knows the forms of a few well-known
//! credentials, by hand, and what a random word looks like.

use std::ops::Range;

/// Words of at least this length are weighed.
const SHORTEST: usize = 24;

/// Bits a letter from which on a word is random. Names and paths have about 3.5; random letters and
/// digits of this length have more than 4.
const RANDOM: f64 = 4.0;

/// Where `text` holds what looks like a secret.
pub(super) fn suspects(text: &str) -> Vec<Range<usize>> {
    let mut paging = None;
    let mut reads_on = |range: &Range<usize>| {
        let paging: &Vec<Range<usize>> = paging.get_or_insert_with(|| paging_tokens(text));
        paging.iter().any(|token| token.start <= range.start && range.end <= token.end)
    };
    words(text).filter(|range| is_suspect(&text[range.clone()]) && !reads_on(range)).collect()
}

/// What a value is called by which a list is read on: random, and no secret.
const PAGING: [&str; 4] = ["skiptoken", "continuationtoken", "nextmarker", "pagetoken"];

/// Whether a value of this name says where to read on.
pub(super) fn is_paging_token(name: &str) -> bool {
    let name = super::matcher::letters(name);
    PAGING.iter().any(|ending| name.ends_with(ending))
}

/// The values of such parameters of a URL.
fn paging_tokens(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for name in PAGING {
        for (at, _) in lower.match_indices(name) {
            let start = at + name.len();
            if lower[start..].starts_with('=') {
                let length = lower[start..].find(['&', '"', '>', ' ', '\n']).unwrap_or(lower.len() - start);
                found.push(start..start + length);
            }
        }
    }
    found
}

fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+/_-~.".contains(&byte);
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at + bytes[at..].iter().position(|byte| is_part(*byte))?;
            at = start + bytes[start..].iter().take_while(|byte| is_part(**byte)).count();
            at += bytes[at..].iter().take(2).take_while(|byte| **byte == b'=').count();
            let word = text[start..at].trim_end_matches('.').len();
            if word >= SHORTEST - 4 {
                return Some(start..start + word);
            }
        }
        None
    })
}

fn is_suspect(word: &str) -> bool {
    if !super::stand_in::find(word).is_empty() {
        return false;
    }
    let starts = ["ghp_", "gho_", "ghs_", "glpat-", "npm_", "xoxb-", "xoxp-", "AKIA", "AIza", "sk_live_", "hvs."];
    let parts = word.split('.').count();
    let is_token = word.starts_with("eyJ") && parts >= 3;
    // A name with a separator every few letters is no secret, and neither is a path.
    let longest = word.split(['.', '/', '-', '_']).map(str::len).max().unwrap_or_default();
    let padded = word.ends_with('=') && word.len().is_multiple_of(4) && longest >= 16;
    is_token
        || starts.iter().any(|start| word.starts_with(start))
        || (word.len() >= SHORTEST
            && (longest >= SHORTEST || padded)
            && is_mixed(word)
            && entropy(word) > RANDOM
            && !is_readable(word))
}

/// Digits, capitals and small letters: not hex, not a word, not a number.
fn is_mixed(word: &str) -> bool {
    let count = |is: fn(&u8) -> bool| word.as_bytes().iter().filter(|byte| is(byte)).count();
    let (digits, upper, lower) =
        (count(u8::is_ascii_digit), count(u8::is_ascii_uppercase), count(u8::is_ascii_lowercase));
    // `CreateOrUpdateProfileType2017` has its digits and capitals in few places.
    let changes = word.as_bytes().windows(2).filter(|pair| class(pair[0]) != class(pair[1])).count();
    digits >= 2 && upper >= 3 && lower >= 3 && changes * 5 >= word.len() * 2
}

fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        _ => 3,
    }
}

/// Base64 of text: the walk looks into it.
fn is_readable(word: &str) -> bool {
    super::layer::Base64::decode(word).is_some()
}

/// Shannon's, in bits a letter.
fn entropy(word: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in word.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = word.len() as f64;
    let share = |count: u32| f64::from(count) / length;
    -counts.iter().filter(|count| **count > 0).map(|count| share(*count) * share(*count).log2()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_words_are_suspects_and_names_are_not() {
        for text in [
            "note: q8Zr2LkT0vXc9BnM4sWd7EyH1uJa6GpF",
            "x=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
            "ghp_0123456789abcdefghij",
            "q8Zr2LkT0vXc9BnM4sWd/EyH1uJa6Gp+F0a1b2c3d4e=",
            "https://h/x?$skiptoken=1&b=q8Zr2LkT0vXc9BnM4sWd7EyH1uJa6GpF",
        ] {
            assert_eq!(suspects(text).len(), 1, "{text}");
        }
        for text in [
            "5a19f233-79ae-4b7e-855d-04bfcac8bf04",
            "e40cff6db871409d8337155dc33eaa07",
            "/subscriptions/s/resourceGroups/CustomerInsightsGroup2017/providers/Microsoft.CustomerInsights/hubs/h",
            "Microsoft.CustomerInsights/hubs/profiles/TestProfileType396",
            "armtape-Suspect_000001AAAAAAAAAA",
            "2017-01-31T23:22:49.6371234Z",
            "Standard_LRS_StorageV2_WestUS2_Hot_2019",
            "https://h/x?api-version=1&%24skiptoken=1Y%2fq8Zr2LkT0vXc9BnM4sWd7EyH1uJa6GpF%3d&b=1",
        ] {
            assert!(suspects(text).is_empty(), "{text}");
        }
    }
}
