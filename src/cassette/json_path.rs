//! Places in JSON bodies, as people write them: `$.properties.tags`, `$.items[0]`, `$..etag`.

use std::{fmt, str::FromStr};

use serde::Deserialize;

/// The places that a path names: `$` (everything), `.name` or `['name']` (a member), `[3]` (an
/// item, from 0), `.*` or `[*]` (each member or item), and `..name` (that member at any depth).
/// Names are compared letter by letter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct JsonPath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    /// At any depth.
    deep: bool,
    to: To,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum To {
    Member(String),
    Item(usize),
    Each,
}

/// Where a walk through a body is, seen from some paths.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places<'a>(Vec<&'a [Step]>);

impl<'a> Places<'a> {
    /// Before the first step; `None` where a path names the whole body.
    pub(crate) fn start(paths: &'a [JsonPath]) -> Option<Self> {
        let steps: Vec<_> = paths.iter().map(|path| path.steps.as_slice()).collect();
        (!steps.iter().any(|steps| steps.is_empty())).then_some(Self(steps))
    }

    /// One member further; `None` where that is a place that a path names.
    pub(crate) fn member(&self, name: &str) -> Option<Self> {
        self.go(|to| match to {
            To::Member(wanted) => wanted == name,
            To::Item(_) => false,
            To::Each => true,
        })
    }

    /// One item further; `None` where that is a place that a path names.
    pub(crate) fn item(&self, place: usize) -> Option<Self> {
        self.go(|to| match to {
            To::Member(_) => false,
            To::Item(wanted) => *wanted == place,
            To::Each => true,
        })
    }

    fn go(&self, fits: impl Fn(&To) -> bool) -> Option<Self> {
        let mut next = Vec::new();
        for steps in &self.0 {
            let [first, rest @ ..] = steps else { continue };
            if fits(&first.to) {
                if rest.is_empty() {
                    return None;
                }
                next.push(rest);
            }
            if first.deep {
                next.push(steps);
            }
        }
        Some(Self(next))
    }
}

/// The path of a member of what stands at `above`, in this notation.
pub(crate) fn member(above: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(is_plain);
    if plain { format!("{above}.{name}") } else { format!("{above}['{}']", name.replace('\'', "''")) }
}

/// Whether a name may hold this character without being quoted.
fn is_plain(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '$' | '@')
}

impl FromStr for JsonPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("`{text}` is no JSON path: {what}");
        let mut rest = text.strip_prefix('$').ok_or_else(|| wrong("it begins with `$`, as in `$.properties.tags`"))?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let deep = rest.starts_with("..");
            let (to, behind) = if let Some(inside) = rest.strip_prefix("..[").or_else(|| rest.strip_prefix('[')) {
                bracket(inside).ok_or_else(|| wrong("in brackets stands a number, `*` or a name in single quotes"))?
            } else if let Some(name) = rest.strip_prefix("..").or_else(|| rest.strip_prefix('.')) {
                let end = name.find(|letter| !is_plain(letter) && letter != '*').unwrap_or(name.len());
                let (name, behind) = name.split_at(end);
                match name {
                    "" => return Err(wrong("behind `.` stands a name; odd names are written `['odd name']`")),
                    "*" => (To::Each, behind),
                    _ if name.contains('*') => return Err(wrong("`*` stands for a whole name")),
                    _ => (To::Member(name.to_owned()), behind),
                }
            } else {
                return Err(wrong(&format!("`{rest}` begins with none of `.`, `..` and `[`")));
            };
            steps.push(Step { deep, to });
            rest = behind;
        }
        Ok(Self { text: text.to_owned(), steps })
    }
}

/// What stands in brackets, and what follows them.
fn bracket(inside: &str) -> Option<(To, &str)> {
    if let Some(mut rest) = inside.strip_prefix('\'') {
        let mut name = String::new();
        loop {
            let (part, behind) = rest.split_once('\'')?;
            name.push_str(part);
            match behind.strip_prefix('\'') {
                Some(more) => {
                    name.push('\'');
                    rest = more;
                }
                None => return Some((To::Member(name), behind.strip_prefix(']')?)),
            }
        }
    }
    let (number, behind) = inside.split_once(']')?;
    let to = if number == "*" { To::Each } else { To::Item(number.parse().ok()?) };
    Some((to, behind))
}

impl TryFrom<String> for JsonPath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `path` names the place to which `steps` lead, or one above it.
    fn names(path: &str, steps: &[&str]) -> bool {
        let paths = [path.parse().unwrap()];
        let mut places = Places::start(&paths);
        for step in steps {
            places = places.and_then(|places| match step.parse() {
                Ok(item) => places.item(item),
                Err(_) => places.member(step),
            });
        }
        places.is_none()
    }

    #[test]
    fn paths_name_places() {
        for (path, steps) in [
            ("$", &[][..]),
            ("$.a", &["a"]),
            ("$.a", &["a", "b"]),
            ("$.a.b-c", &["a", "b-c"]),
            ("$['a.b']['it''s']", &["a.b", "it's"]),
            ("$.a[1].b", &["a", "1", "b"]),
            ("$.a[*].b", &["a", "7", "b"]),
            ("$.*.b", &["x", "b"]),
            ("$..b", &["b"]),
            ("$..b", &["a", "0", "b"]),
            ("$.a..b.c", &["a", "x", "b", "c"]),
            ("$..b.b", &["b", "b", "b"]),
            ("$..['odd name']", &["a", "odd name"]),
            ("$..[0]", &["a", "0"]),
        ] {
            assert!(names(path, steps), "{path} {steps:?}");
        }
        for (path, steps) in [
            ("$.a", &["b"][..]),
            ("$.a", &["A"]),
            ("$.a.b", &["a"]),
            ("$.a[1]", &["a", "0"]),
            ("$.a.b", &["x", "a", "b"]),
            ("$.a..b", &["b"]),
            ("$..b.c", &["b", "x", "c"]),
        ] {
            assert!(!names(path, steps), "{path} {steps:?}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused_with_the_reason() {
        for (text, reason) in [
            ("properties", "begins with `$`"),
            ("$.", "stands a name"),
            ("$.a b", "begins with none of"),
            ("$.a[", "in brackets"),
            ("$.a[x]", "in brackets"),
            ("$['a]", "in brackets"),
            ("$.a*", "whole name"),
            ("$x", "begins with none of"),
        ] {
            let error = text.parse::<JsonPath>().unwrap_err();
            assert!(error.contains(reason) && error.contains(text), "{error}");
        }
    }

    #[test]
    fn a_written_path_can_be_read() {
        for name in ["tags", "odd name", "it's", "a.b", "", "*", "@odata.type", "é"] {
            let path = member("$.x", name);
            assert!(names(&path, &["x", name]), "{path}");
            assert!(!names(&path, &["x", "other"]), "{path}");
        }
    }
}
