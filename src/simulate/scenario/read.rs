//! Scenarios out of TOML. What is wrong is said with line and key, and with what was likely meant.

use std::{collections::BTreeMap, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    answer::Answer,
    model::{Demand, Expected, FinalState, FromTape, Insists, Kind, Need, Operation, Scenario, Target, Truth},
    nearest,
};

/// Why a file holds no scenarios.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct ReadError {
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub reason: String,
}

/// Reads all scenarios of a file; `file` is its name for messages. A scenario with variants gives
/// one for each of them.
///
/// # Errors
///
/// The first thing that is wrong, with its line.
pub fn read(file: &str, text: &str) -> Result<Vec<Scenario>, ReadError> {
    let reader = Reader { file, text };
    let document = DeTable::parse(text).map_err(|error| reader.error(error.span().unwrap_or(0..0), error.message()))?;
    let document = document.get_ref();
    for (key, _) in document {
        if key.get_ref() != "scenario" {
            return Err(reader.unknown(key, "a file of scenarios", ["scenario"]));
        }
    }
    let Some(list) = document.get("scenario") else {
        return Err(reader.error(0..0, "there is no `[[scenario]]` in it"));
    };
    let mut scenarios: Vec<Scenario> = Vec::new();
    for table in reader.list(list, "scenario")? {
        let keys = reader.keys(table, "a scenario")?;
        for scenario in reader.variants(&keys, table.span())? {
            if scenarios.iter().any(|other| other.name() == scenario.name()) {
                return Err(reader.error(table.span(), format!("`{}` is there twice", scenario.name())));
            }
            super::check(&scenario).map_err(|(key, reason)| {
                let place = keys.get(key).map_or(table.span(), |value| value.span());
                reader.error(place, format!("{}: {reason}", scenario.name()))
            })?;
            scenarios.push(scenario);
        }
    }
    Ok(scenarios)
}

/// The keys of a scenario beside those of its targets.
const KEYS: [&str; 24] = [
    "id",
    "title",
    "kind",
    "operation",
    "bodies",
    "independent",
    "exists",
    "insists",
    "trusts-second-host",
    "condition",
    "timeout",
    "abort-after",
    "final-state",
    "right",
    "tolerated",
    "result-from",
    "forbidden",
    "demanded",
    "rules",
    "waived",
    "softened",
    "needs",
    "variant",
    "note",
];

pub(super) const KINDS: [(&str, Kind); 5] = [
    ("normal", Kind::Normal),
    ("tricky", Kind::Tricky),
    ("fault", Kind::Fault),
    ("misbehaving", Kind::Misbehaving),
    ("security", Kind::Security),
];

pub(super) const INSISTS: [(&str, Insists); 4] = [
    ("nothing", Insists::Nothing),
    ("exact", Insists::Exact),
    ("own-version", Insists::OwnVersion),
    ("any-version", Insists::AnyVersion),
];

pub(super) const FINAL_STATES: [(&str, FinalState); 2] =
    [("location", FinalState::Location), ("azure-async-operation", FinalState::Status)];

type Value<'a> = Spanned<DeValue<'a>>;
type Keys<'v, 'a> = BTreeMap<&'v str, &'v Value<'a>>;

struct Reader<'f> {
    file: &'f str,
    text: &'f str,
}

impl Reader<'_> {
    fn error(&self, span: Range<usize>, reason: impl Into<String>) -> ReadError {
        let line = self.text.get(..span.start).unwrap_or_default().matches('\n').count() + 1;
        ReadError { file: self.file.to_owned(), line, reason: reason.into() }
    }

    fn unknown<'k>(
        &self,
        key: &Spanned<impl AsRef<str>>,
        of: &str,
        known: impl IntoIterator<Item = &'k str> + Clone,
    ) -> ReadError {
        let key_text = key.get_ref().as_ref();
        let meant = nearest(key_text, known.clone()).map(|known| format!("; did you mean `{known}`?"));
        let all = || {
            format!("; there are {}", known.into_iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "))
        };
        self.error(key.span(), format!("`{key_text}` is no key of {of}{}", meant.unwrap_or_else(all)))
    }

    fn keys<'v, 'a>(&self, table: &'v Value<'a>, of: &str) -> Result<Keys<'v, 'a>, ReadError> {
        let DeValue::Table(entries) = table.get_ref() else {
            return Err(self.error(table.span(), format!("{of} is a table")));
        };
        let known = || KEYS.into_iter().chain(Target::NAMES.map(|(name, _)| name));
        for (key, _) in entries {
            if !known().any(|known| known == key.get_ref()) {
                let known: Vec<_> = known().collect();
                return Err(self.unknown(key, of, known));
            }
        }
        Ok(entries.iter().map(|(key, value)| (key.get_ref().as_ref(), value)).collect())
    }

    fn variants(&self, keys: &Keys<'_, '_>, span: Range<usize>) -> Result<Vec<Scenario>, ReadError> {
        let Some(variants) = keys.get("variant") else {
            return Ok(vec![self.scenario(keys, "", span)?]);
        };
        let DeValue::Table(entries) = variants.get_ref() else {
            return Err(self.error(variants.span(), "`variant` holds a table for each variant"));
        };
        let mut scenarios = Vec::new();
        for (name, changes) in entries {
            let mut keys = keys.clone();
            keys.extend(self.keys(changes, "a variant")?);
            scenarios.push(self.scenario(&keys, name.get_ref(), changes.span())?);
        }
        Ok(scenarios)
    }

    fn scenario(&self, keys: &Keys<'_, '_>, variant: &str, span: Range<usize>) -> Result<Scenario, ReadError> {
        let required = |key: &str| {
            keys.get(key)
                .copied()
                .ok_or_else(|| self.error(span.clone(), format!("a scenario has the key `{key}`, which is missing")))
        };
        let id = required("id")?;
        let id_text = self.string(id, "id")?;
        if id_text.is_empty() || !id_text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            return Err(self.error(id.span(), "`id` is made of letters, digits, `-`, `_` and `.`"));
        }
        let mut answers = BTreeMap::new();
        for (name, target) in Target::NAMES {
            if let Some(list) = keys.get(name) {
                answers.insert(target, self.answers(list, name)?);
            }
        }
        Ok(Scenario {
            id: id_text.to_owned(),
            variant: variant.to_owned(),
            title: self.string(required("title")?, "title")?.to_owned(),
            kind: self.choice(required("kind")?, "kind", &KINDS)?,
            operation: self
                .optional(keys, "operation", |value, key| self.choice(value, key, &Operation::NAMES))?
                .unwrap_or_default(),
            answers,
            bodies: self.optional(keys, "bodies", |value, key| self.map(value, key))?.unwrap_or_default(),
            independent: self.targets(keys, "independent")?,
            exists: self.optional(keys, "exists", |value, key| self.boolean(value, key))?,
            insists: self
                .optional(keys, "insists", |value, key| self.choice(value, key, &INSISTS))?
                .unwrap_or_default(),
            trusts_second: self
                .optional(keys, "trusts-second-host", |value, key| self.boolean(value, key))?
                .unwrap_or_default(),
            condition: self.optional(keys, "condition", |value, key| Ok(self.string(value, key)?.to_owned()))?,
            timeout: self.optional(keys, "timeout", |value, key| self.number(value, key))?,
            abort_after: self.optional(keys, "abort-after", |value, key| self.number(value, key))?.unwrap_or(1),
            final_state: self
                .optional(keys, "final-state", |value, key| self.choice(value, key, &FINAL_STATES))?
                .unwrap_or_default(),
            tape: FromTape::default(),
            truth: self.truth(keys, required("right")?)?,
        })
    }

    fn truth(&self, keys: &Keys<'_, '_>, right: &Value<'_>) -> Result<Truth, ReadError> {
        let outcomes = |value: &Value<'_>, key: &str| self.each(value, key, expected);
        let demands = |value: &Value<'_>, key: &str| self.each(value, key, demand);
        Ok(Truth {
            right: outcomes(right, "right")?,
            tolerated: self.optional(keys, "tolerated", outcomes)?.unwrap_or_default(),
            result: self.optional(keys, "result-from", |value, key| self.choice(value, key, &Target::NAMES))?,
            forbidden: self.targets(keys, "forbidden")?,
            demanded: self.optional(keys, "demanded", demands)?.unwrap_or_default(),
            rules: self
                .optional(keys, "rules", |value, key| self.each(value, key, |text| Ok(text.to_owned())))?
                .unwrap_or_default(),
            waived: self.optional(keys, "waived", |value, key| self.map(value, key))?.unwrap_or_default(),
            softened: self.optional(keys, "softened", |value, key| self.map(value, key))?.unwrap_or_default(),
            needs: self
                .optional(keys, "needs", |value, key| self.each(value, key, |text| named(text, &Need::NAMES)))?
                .unwrap_or_default(),
        })
    }

    fn answers(&self, list: &Value<'_>, key: &str) -> Result<Vec<Answer>, ReadError> {
        let counted = self.each(list, key, |text| Answer::parse(text).map_err(|error| error.to_string()))?;
        Ok(counted.into_iter().flat_map(|(answer, times)| std::iter::repeat_n(answer, times)).collect())
    }

    fn targets(&self, keys: &Keys<'_, '_>, key: &str) -> Result<Vec<Target>, ReadError> {
        let targets = |value: &Value<'_>, key: &str| self.each(value, key, |text| named(text, &Target::NAMES));
        Ok(self.optional(keys, key, targets)?.unwrap_or_default())
    }

    fn optional<T>(
        &self,
        keys: &Keys<'_, '_>,
        key: &str,
        read: impl FnOnce(&Value<'_>, &str) -> Result<T, ReadError>,
    ) -> Result<Option<T>, ReadError> {
        keys.get(key).map(|value| read(value, key)).transpose()
    }

    fn each<T>(
        &self,
        list: &Value<'_>,
        key: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, ReadError> {
        let read = |item: &Value<'_>| {
            read(self.string(item, key)?).map_err(|reason| self.error(item.span(), format!("`{key}`: {reason}")))
        };
        self.list(list, key)?.iter().map(read).collect()
    }

    fn list<'v, 'a>(&self, value: &'v Value<'a>, key: &str) -> Result<&'v [Value<'a>], ReadError> {
        match value.get_ref() {
            DeValue::Array(list) => Ok(list),
            _ => Err(self.error(value.span(), format!("`{key}` is a list"))),
        }
    }

    fn map(&self, value: &Value<'_>, key: &str) -> Result<BTreeMap<String, String>, ReadError> {
        let DeValue::Table(entries) = value.get_ref() else {
            return Err(self.error(value.span(), format!("`{key}` is a table")));
        };
        let pair = |(key, value): (&Spanned<_>, &Value<'_>)| {
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            Ok((key.to_string(), self.string(value, key)?.to_owned()))
        };
        entries.iter().map(pair).collect()
    }

    fn string<'v>(&self, value: &'v Value<'_>, key: &str) -> Result<&'v str, ReadError> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text),
            _ => Err(self.error(value.span(), format!("`{key}` is a text in quotes"))),
        }
    }

    fn boolean(&self, value: &Value<'_>, key: &str) -> Result<bool, ReadError> {
        match value.get_ref() {
            DeValue::Boolean(value) => Ok(*value),
            _ => Err(self.error(value.span(), format!("`{key}` is `true` or `false`"))),
        }
    }

    fn number(&self, value: &Value<'_>, key: &str) -> Result<u32, ReadError> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| self.error(value.span(), format!("`{key}` is a whole number")))
    }

    fn choice<T: Copy>(&self, value: &Value<'_>, key: &str, names: &[(&'static str, T)]) -> Result<T, ReadError> {
        named(self.string(value, key)?, names).map_err(|reason| self.error(value.span(), format!("`{key}`: {reason}")))
    }
}

fn named<T: Clone>(text: &str, names: &[(&'static str, T)]) -> Result<T, String> {
    if let Some((_, value)) = names.iter().find(|(name, _)| *name == text) {
        return Ok(value.clone());
    }
    let all = || names.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Err(match nearest(text, names.iter().map(|(name, _)| *name)) {
        Some(known) => format!("`{text}` is none; did you mean `{known}`?"),
        None => format!("`{text}` is none; there are {}", all()),
    })
}

const OUTCOMES: [&str; 6] = ["success", "failure", "canceled", "indeterminate", "timeout", "any"];

/// `success`, or `failure !CODE !CODE`.
fn expected(text: &str) -> Result<Expected, String> {
    let mut words = text.split_whitespace();
    let kind = words.next().unwrap_or_default();
    let codes: Vec<String> = words
        .map(|word| word.strip_prefix('!').map(str::to_owned).ok_or(word))
        .collect::<Result<_, _>>()
        .map_err(|word| format!("`{word}` is no code: a code is written `!Code`"))?;
    match kind {
        "failure" => Ok(Expected::Failure { codes }),
        _ if !codes.is_empty() => Err("only `failure` has codes".to_owned()),
        "success" => Ok(Expected::Success),
        "canceled" => Ok(Expected::Canceled),
        "indeterminate" => Ok(Expected::Indeterminate),
        "timeout" => Ok(Expected::Timeout),
        "any" => Ok(Expected::Any),
        _ => named(kind, &OUTCOMES.map(|name| (name, Expected::Any))),
    }
}

/// `monitor 2`, `monitor 2..` or `write 1..3`.
fn demand(text: &str) -> Result<Demand, String> {
    let wrong = || format!("`{text}` is no demand, such as `write 1`, `monitor 2..` or `monitor 1..3`");
    let (target, count) = text.split_once(' ').ok_or_else(wrong)?;
    let target = named(target, &Target::NAMES)?;
    let number = |text: &str| text.parse().map_err(|_| wrong());
    let (at_least, at_most) = match count.split_once("..") {
        None => (number(count)?, Some(number(count)?)),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Ok(Demand { target, at_least, at_most })
}
