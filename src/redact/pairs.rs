//! Names with their values in a text: parameters of URLs and forms, connection strings, attributes
//! and elements of XML, fields of a multipart form, lines of a log, columns of a table.

use std::{ops::Range, sync::LazyLock};

use regex::Regex;

use super::columns::columns;

/// A name and where its value is.
pub(super) struct Pair<'t> {
    pub(super) name: &'t str,
    pub(super) value: Range<usize>,
    /// One of the parameters that sign a polling URL.
    pub(super) signed: bool,
}

static ASSIGNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?:^|[?&;,\s{("'<>=#])-{0,2}(?<n>[A-Za-z$][A-Za-z0-9_.$\[\]-]{0,63})"#,
        r#"(?:\\*["'])?\s{0,4}[=:]\s{0,4}(?:\\*"(?<q>[^"\\]+)|\\*'(?<a>[^'\\]+)|(?<v>[^\s&;"'<>,\\]+))"#,
    ))
    .ok()
});
static ELEMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"<(?:[A-Za-z0-9_]+:)?(?<n>[A-Za-z][A-Za-z0-9_.-]{0,63})(?:\s[^<>]*)?>(?:<!\[CDATA\[(?<q>(?s:.)*?)\]\]>|(?<v>[^<>]+))</").ok()
});
static PART: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"name="(?<n>[^"\r\n]{1,64})"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n(?<v>[^\r\n]+)"#).ok()
});

/// `<add key="PASSWORD" value="…"/>`, `<input name="password" value="…">`
static ATTRIBUTES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"\b(?i:name|key)=(?:\\*"(?<n>[^"<>\\]{1,64})\\*"|'(?<m>[^'<>]{1,64})')[^<>]{0,80}?"#,
        r#"\b(?i:value)=(?:\\*"(?<q>[^"<>\\]+)|'(?<a>[^'<>]+))"#,
    ))
    .ok()
});
/// A block of YAML: its first line.
static BLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?<n>[A-Za-z][A-Za-z0-9_.-]{0,63}):[ \t]*[|>][+-]?[ \t]*\r?\n[ \t]+(?<v>[^\r\n]+)").ok()
});
/// A filter of OData.
static FILTER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?<n>[A-Za-z][A-Za-z0-9_./-]{0,63})\s+(?i:eq)\s+'(?<a>[^']+)'").ok());

/// Everything in `text` that has a name. `polling`: it is known to be a polling URL.
pub(super) fn pairs(text: &str, polling: bool) -> Vec<Pair<'_>> {
    let mut found = Vec::new();
    let mut add = |pattern: &'static LazyLock<Option<Regex>>| {
        let Some(pattern) = pattern.as_ref() else { return };
        let mut at = 0;
        // What ends one value may begin the next name.
        while let Some(captures) = pattern.captures_at(text, at) {
            let value = captures.name("v").or_else(|| captures.name("q")).or_else(|| captures.name("a"));
            let name = captures.name("n").or_else(|| captures.name("m"));
            let (Some(name), Some(value)) = (name, value) else { break };
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
    if text.contains("value=") {
        add(&ATTRIBUTES);
    }
    if text.contains(['|', '>']) && text.contains('\n') {
        add(&BLOCK);
    }
    if text.contains(" eq ") {
        add(&FILTER);
    }
    found.extend(columns(text));
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
            (r#"<add key="DbPassword" value="p w"/>"#, &["DbPassword=p w"]),
            ("<input type='hidden' name='password' value='p w'>", &["password=p w"]),
            ("a: 1\npassword: |\n  p w\nb: 2", &["password=p w"]),
            ("?$filter=apiKey eq 'x'", &["apiKey=x"]),
            ("<Password><![CDATA[p<w]]></Password>", &["Password=p<w"]),
            ("https://h/cb#access_token=x&state=1", &["access_token=x", "state=1"]),
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
