//! Names with their values in a text: parameters of URLs and forms, connection strings, attributes
//! and elements of XML, fields of a multipart form, lines of a log.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

/// A name and where its value is.
pub(super) struct Pair<'t> {
    pub(super) name: &'t str,
    pub(super) value: Range<usize>,
    /// One of the parameters that sign a polling URL.
    pub(super) signed: bool,
}

static ASSIGNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?:^|[?&;,\s{("'<>=])-{0,2}(?<n>[A-Za-z$][A-Za-z0-9_.$\[\]-]{0,63})"#,
        r#"(?:\\*["'])?\s{0,4}[=:]\s{0,4}(?:\\*"(?<q>[^"\\]+)|\\*'(?<a>[^'\\]+)|(?<v>[^\s&;"'<>,\\]+))"#,
    ))
    .ok()
});
static ELEMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"<(?:[A-Za-z0-9_]+:)?(?<n>[A-Za-z][A-Za-z0-9_.-]{0,63})(?:\s[^<>]*)?>(?<v>[^<>]+)</").ok()
});
static PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"name="(?<n>[^"\r\n]{1,64})"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n(?<v>[^\r\n]+)"#).ok()
});

/// Everything in `text` that has a name. `polling`: it is known to be a polling URL.
pub(super) fn pairs(text: &str, polling: bool) -> Vec<Pair<'_>> {
    let mut found = Vec::new();
    let mut add = |pattern: &'static LazyLock<Option<Regex>>| {
        let Some(pattern) = pattern.as_ref() else { return };
        let mut at = 0;
        // What ends one value may begin the next name.
        while let Some(captures) = pattern.captures_at(text, at) {
            let value = captures.name("v").or_else(|| captures.name("q")).or_else(|| captures.name("a"));
            let (Some(name), Some(value)) = (captures.name("n"), value) else { break };
            found.push(Pair { name: name.as_str(), value: value.range(), signed: false });
            // A value may hold pairs itself: `redirect=https://host/?sig=…`, `setting=Password=…`
            at = (value.start() - 1).max(at + 1);
        }
    };
    if text.contains(['=', ':']) {
        add(&ASSIGNED);
    }
    if text.contains("</") {
        add(&ELEMENT);
    }
    if text.contains("name=\"") {
        add(&PART);
    }
    let signs = |pair: &Pair<'_>| {
        let before = &text.as_bytes()[..pair.value.start];
        let start = before.len().saturating_sub(pair.name.len() + 2);
        matches!(pair.name, "t" | "c" | "s" | "h" | "p") && matches!(before.get(start), Some(b'?' | b'&'))
    };
    let names: std::collections::BTreeSet<_> = found.iter().filter(|pair| signs(pair)).map(|pair| pair.name).collect();
    if names.len() >= 3 || polling {
        for pair in &mut found {
            pair.signed = signs(pair);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        pairs(text, false)
            .iter()
            .map(|pair| format!("{}{}={}", if pair.signed { "*" } else { "" }, pair.name, &text[pair.value.clone()]))
            .collect()
    }

    #[test]
    fn names_are_found_where_traffic_has_them() {
        for (text, pairs) in [
            ("/x?a=1&sig=a%2Bb%3D&sp=r", &["a=1", "sig=a%2Bb%3D", "sp=r"][..]),
            ("client_id=x&client_secret=y", &["client_id=x", "client_secret=y"]),
            ("Endpoint=sb://x/;SharedAccessKey=abc+/=;Q=1", &["Endpoint=sb://x/", "SharedAccessKey=abc+/=", "Q=1"]),
            ("User ID=ada;Password=x!y;", &["ID=ada", "Password=x!y"]),
            (r#"<add password="p w" key='k'/>"#, &["password=p w", "key=k"]),
            ("<a:Password x='1'>p w</a:Password>", &["x=1", "Password=p w"]),
            (
                "--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nv v\r\n--b",
                &["Content-Disposition=form-data", "name=token", "token=v v"],
            ),
            ("failed with \\\"password\\\":\\\"x y\\\" there", &["password=x y"]),
            ("password: hunter2", &["password=hunter2"]),
            ("/x?api-version=1&t=1&c=MII&s=k&h=v", &["api-version=1", "*t=1", "*c=MII", "*s=k", "*h=v"]),
            ("/x?t=1&c=2", &["t=1", "c=2"]),
            ("r=https://h/?sig=x", &["r=https://h/?sig=x", "sig=x"]),
            ("note=Password=x;b=c", &["note=Password=x", "Password=x", "b=c"]),
            ("<note>Password=x;</note>", &["note=Password=x;", "Password=x"]),
        ] {
            let found = found(text);
            for pair in pairs {
                assert!(found.contains(&(*pair).to_owned()), "{text}: {pair} not in {found:?}");
            }
        }
    }
}
