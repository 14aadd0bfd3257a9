//! What differs between two JSON documents, by path.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::words;

/// One difference. Paths are such as `properties.fields[3].maxLength`: of what is gone, its place in
/// the first document, else in the second.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Difference<'a> {
    New {
        path: String,
        value: &'a Value,
        is_item: bool,
    },
    Gone {
        path: String,
        value: &'a Value,
        is_item: bool,
    },
    Changed {
        path: String,
        from: &'a Value,
        to: &'a Value,
    },
    /// The same items in another order.
    Moved {
        path: String,
    },
}

impl Difference<'_> {
    pub(super) fn path(&self) -> &str {
        match self {
            Self::New { path, .. } | Self::Gone { path, .. } | Self::Changed { path, .. } | Self::Moved { path } => {
                path
            }
        }
    }
}

/// Every difference, in the order of the second document; what is gone comes first.
pub(super) fn differences<'a>(left: &'a Value, right: &'a Value) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    compare(String::new(), left, right, &mut found);
    found
}

fn compare<'a>(path: String, left: &'a Value, right: &'a Value, found: &mut Vec<Difference<'a>>) {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => compare_objects(&path, left, right, found),
        (Value::Array(left), Value::Array(right)) => compare_arrays(&path, left, right, found),
        _ if is_equal(left, right) => {}
        _ if path.is_empty() => found.push(Difference::Changed { path: "$".to_owned(), from: left, to: right }),
        _ => found.push(Difference::Changed { path, from: left, to: right }),
    }
}

/// Numbers by what they are: `1.0` is `1`.
fn is_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        _ => left == right,
    }
}

fn compare_objects<'a>(
    path: &str,
    left: &'a Map<String, Value>,
    right: &'a Map<String, Value>,
    found: &mut Vec<Difference<'a>>,
) {
    for (name, value) in left {
        if !right.contains_key(name) {
            found.push(Difference::Gone { path: member(path, name), value, is_item: false });
        }
    }
    for (name, value) in right {
        let path = member(path, name);
        match left.get(name) {
            Some(before) => compare(path, before, value, found),
            None => found.push(Difference::New { path, value, is_item: false }),
        }
    }
}

fn compare_arrays<'a>(path: &str, left: &'a [Value], right: &'a [Value], found: &mut Vec<Difference<'a>>) {
    if left == right {
        return;
    }
    match identity(left, right) {
        Some(name) => compare_by(name, path, left, right, found),
        None if is_permutation(left, right) => found.push(Difference::Moved { path: path.to_owned() }),
        None => compare_in_order(path, left, right, found),
    }
}

/// Items that carry a name are compared with the one of the same name.
fn compare_by<'a>(name: &str, path: &str, left: &'a [Value], right: &'a [Value], found: &mut Vec<Difference<'a>>) {
    let by_name: HashMap<&str, usize> =
        left.iter().enumerate().filter_map(|(at, item)| Some((item[name].as_str()?, at))).collect();
    let of = |item: &Value| item[name].as_str().and_then(|name| by_name.get(name).copied());
    let mut kept = vec![false; left.len()];
    right.iter().filter_map(of).for_each(|at| kept[at] = true);
    for (at, value) in left.iter().enumerate().filter(|(at, _)| !kept[*at]) {
        found.push(Difference::Gone { path: format!("{path}[{at}]"), value, is_item: true });
    }
    let mut before = None;
    let mut moved = false;
    for (at, value) in right.iter().enumerate() {
        let path = format!("{path}[{at}]");
        match of(value) {
            Some(place) => {
                moved |= before > Some(place);
                before = Some(place);
                compare(path, &left[place], value, found);
            }
            None => found.push(Difference::New { path, value, is_item: true }),
        }
    }
    if moved {
        found.push(Difference::Moved { path: path.to_owned() });
    }
}

/// The member that names the items of both arrays: a string of its own in each.
fn identity(left: &[Value], right: &[Value]) -> Option<&'static str> {
    let is_unique = |items: &[Value], name: &str| {
        let mut seen = std::collections::HashSet::new();
        items
            .iter()
            .all(|item| item.get(name).and_then(Value::as_str).is_some_and(|value| seen.insert(value.to_owned())))
    };
    let named = |name: &&str| is_unique(left, name) && is_unique(right, name);
    (!left.is_empty() && !right.is_empty()).then(|| words::NAMES.into_iter().find(named)).flatten()
}

fn is_permutation(left: &[Value], right: &[Value]) -> bool {
    let sorted = |items: &[Value]| {
        let mut texts: Vec<String> = items.iter().map(Value::to_string).collect();
        texts.sort_unstable();
        texts
    };
    left.len() == right.len() && sorted(left) == sorted(right)
}

/// What both begin and end with is the same; what is between is compared in order.
fn compare_in_order<'a>(path: &str, left: &'a [Value], right: &'a [Value], found: &mut Vec<Difference<'a>>) {
    let same = |(left, right): &(&Value, &Value)| is_equal(left, right);
    let begin = left.iter().zip(right).take_while(same).count();
    let end = left[begin..].iter().rev().zip(right[begin..].iter().rev()).take_while(same).count();
    let (left, right) = (&left[begin..left.len() - end], &right[begin..right.len() - end]);
    let place = |at: usize| format!("{path}[{}]", begin + at);
    for (at, value) in left.iter().enumerate().skip(right.len()) {
        found.push(Difference::Gone { path: place(at), value, is_item: true });
    }
    for (at, value) in right.iter().enumerate() {
        match left.get(at) {
            Some(before) => compare(place(at), before, value, found),
            None => found.push(Difference::New { path: place(at), value, is_item: true }),
        }
    }
}

fn member(path: &str, name: &str) -> String {
    let is_plain = !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || "_-$@".contains(letter));
    match (path, is_plain) {
        ("", true) => name.to_owned(),
        (path, true) => format!("{path}.{name}"),
        (path, false) => format!("{path}[{}]", words::value(&Value::from(name))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(left: &str, right: &str) -> Vec<String> {
        let (left, right) = (serde_json::from_str(left).unwrap(), serde_json::from_str(right).unwrap());
        differences(&left, &right)
            .iter()
            .map(|difference| match difference {
                Difference::New { path, value, .. } => format!("+ {path} {value}"),
                Difference::Gone { path, value, .. } => format!("- {path} {value}"),
                Difference::Changed { path, from, to } => format!("~ {path} {from} {to}"),
                Difference::Moved { path } => format!("^ {path}"),
            })
            .collect()
    }

    #[test]
    fn members_come_go_and_change() {
        assert_eq!(
            told(r#"{"a":1,"b":{"c":[1]}}"#, r#"{"b":{"c":[1],"d":null},"e.f":2}"#),
            ["- a 1", "+ b.d null", r#"+ ["e.f"] 2"#]
        );
        assert_eq!(told(r#"{"a":1,"b":"x"}"#, r#"{"b":"y","a":1.0}"#), [r#"~ b "x" "y""#]);
        assert_eq!(told("[]", "{}"), ["~ $ [] {}"]);
    }

    #[test]
    fn items_with_names_are_compared_by_them() {
        let left = r#"{"f":[{"name":"a","n":1},{"name":"b","n":2},{"name":"c"}]}"#;
        let right = r#"{"f":[{"name":"b","n":3},{"name":"a","n":1},{"name":"d"}]}"#;
        let all = [r#"- f[2] {"name":"c"}"#, "~ f[0].n 2 3", r#"+ f[2] {"name":"d"}"#, "^ f"];
        assert_eq!(told(left, right), all);
    }

    #[test]
    fn items_without_names_are_compared_in_order() {
        assert_eq!(told("[1,2,3,4]", "[1,5,2,3,4]"), ["+ [1] 5"]);
        assert_eq!(told("[1,2,3,4]", "[1,9,4]"), ["- [2] 3", "~ [1] 2 9"]);
        assert_eq!(told("[1,2]", "[2,1]"), ["^ "]);
        assert_eq!(told(r#"[{"n":1},{"n":2}]"#, r#"[{"n":1},{"n":4}]"#), ["~ [1].n 2 4"]);
    }
}
