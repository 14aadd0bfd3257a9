//! Where in a JSON document something is.

use std::{collections::HashMap, fmt};

use serde_json::value::RawValue;

/// A place in a JSON document: `properties.fields[2].fieldType`. The document itself is `$`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Member(String),
    Item(usize),
}

impl Place {
    /// The document itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The member `name` of the object here.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        self.and(Step::Member(name.to_owned()))
    }

    /// The item `at` of the array here.
    #[must_use]
    pub fn item(&self, at: usize) -> Self {
        self.and(Step::Item(at))
    }

    fn and(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The line of `text` on which the value here begins, from 1. Where the document does not reach
    /// as far as the place, the line of the nearest value above it; where it is no JSON, the line on
    /// which it stops to be.
    #[must_use]
    pub fn line(&self, text: &str) -> usize {
        let mut value: &RawValue = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => return error.line().max(1),
        };
        for step in &self.0 {
            let Some(inner) = step.of(value) else { break };
            value = inner;
        }
        // The raw value is a part of the text, so that its address tells where.
        let offset = value.get().as_ptr() as usize - text.as_ptr() as usize;
        1 + text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count()
    }
}

impl Step {
    fn of<'a>(&self, value: &'a RawValue) -> Option<&'a RawValue> {
        match self {
            Self::Member(name) => serde_json::from_str::<HashMap<String, &RawValue>>(value.get()).ok()?.remove(name),
            Self::Item(at) => serde_json::from_str::<Vec<&RawValue>>(value.get()).ok()?.get(*at).copied(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("$");
        }
        for (number, step) in self.0.iter().enumerate() {
            match step {
                Step::Item(at) => write!(f, "[{at}]")?,
                Step::Member(name) if !is_word(name) => write!(f, "[{name:?}]")?,
                Step::Member(name) if number == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
            }
        }
        Ok(())
    }
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_people_write_it() {
        let field = Place::root().member("properties").member("fields").item(2);
        assert_eq!(Place::root().to_string(), "$");
        assert_eq!(field.member("fieldType").to_string(), "properties.fields[2].fieldType");
        assert_eq!(
            field.member("displayName").member("en-us").to_string(),
            r#"properties.fields[2].displayName["en-us"]"#
        );
    }

    #[test]
    fn tells_the_line() {
        let text = "{\n  \"a\": [1,\n    {\"b\":\n      2}]\n}";
        let a = Place::root().member("a");
        assert_eq!(Place::root().line(text), 1);
        assert_eq!(a.line(text), 2);
        assert_eq!(a.item(1).line(text), 3);
        assert_eq!(a.item(1).member("b").line(text), 4);
        assert_eq!(a.item(1).member("absent").line(text), 3);
        assert_eq!(a.line("{\n  'a': 1}"), 2);
        assert_eq!(a.line(""), 1);
    }
}
