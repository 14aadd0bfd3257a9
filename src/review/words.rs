//! How values, paths and headers are cited.

use serde_json::Value;

/// Longer values are cut: the text of both sides is shown where somebody asks for it.
const LONGEST: usize = 60;

/// Members by which people know an item of a list.
pub(super) const NAMES: [&str; 5] = ["id", "name", "fieldName", "key", "code"];

/// A value as JSON on one line; the inside of objects and arrays is left out, but for a name.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let name = NAMES.into_iter().find_map(|name| Some((name, members.get(name)?.as_str()?)));
            name.map_or("{…}".to_owned(), |(name, value)| {
                format!("{{\"{name}\": {}, …}}", cut(&Value::from(value).to_string()))
            })
        }
        Value::Array(items) if !items.is_empty() => "[…]".to_owned(),
        scalar => cut(&scalar.to_string()),
    }
}

/// At most so many letters.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// What kind of value it is, with its article.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A header's name as people write it.
pub(super) fn header(name: &str) -> String {
    match name {
        "etag" => return "ETag".to_owned(),
        "azure-asyncoperation" => return "Azure-AsyncOperation".to_owned(),
        _ if name.starts_with("x-") => return name.to_owned(),
        _ => {}
    }
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}

/// `1 time`, `2 times`.
pub(super) fn times(number: usize) -> String {
    match number {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        number => format!("{number} times"),
    }
}

/// `text` with another word wherever `from` stands as a word of its own, whatever its case.
pub(super) fn replace_word(text: &str, from: &str, to: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let sought = from.to_ascii_lowercase();
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    let (mut out, mut taken) = (String::new(), 0);
    for (at, _) in lower.match_indices(&sought) {
        let end = at + sought.len();
        let alone = !lower[..at].chars().next_back().is_some_and(is_word) && !lower[end..].starts_with(is_word);
        if alone && at >= taken {
            out.push_str(&text[taken..at]);
            out.push_str(to);
            taken = end;
        }
    }
    (taken > 0).then(|| out + &text[taken..])
}
