//! Scenarios as TOML: what [`super::read()`] reads.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use super::{
    answer::{Answer, FORMS, Fault, Form, LINKS, RetryAfter},
    model::{Expected, FinalState, Insists, Need, Operation, Scenario, Target},
    read::{FINAL_STATES, INSISTS, KINDS},
};

impl fmt::Display for Answer {
    /// The notation of the files, once.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = |fault: Fault| name(&Fault::NAMES, &fault);
        if self.applied {
            formatter.write_str("applied ")?;
        }
        match (self.status, self.fault) {
            (Some(status), _) => write!(formatter, "{status}")?,
            (None, Some(bare)) => formatter.write_str(fault(bare))?,
            (None, None) => {}
        }
        if let Some(state) = &self.state {
            write!(formatter, " {{{state}}}")?;
        }
        if let Some(code) = &self.code {
            write!(formatter, " !{code}")?;
        }
        for link in &self.links {
            write!(formatter, " +{}", name(&LINKS, &link.header))?;
            match link.form {
                Form::Plain => {}
                Form::Long(length) => write!(formatter, "=long-{length}")?,
                form => write!(formatter, "={}", name(&FORMS, &form))?,
            }
        }
        for wait in &self.retry_after {
            match wait {
                RetryAfter::Seconds(seconds) => write!(formatter, " RA={seconds}")?,
                RetryAfter::Date(seconds) => write!(formatter, " RA=now{seconds:+}")?,
                RetryAfter::Text(text) => write!(formatter, " RA={}", quoted(text))?,
            }
        }
        for (header, value) in &self.headers {
            write!(formatter, " {header}:{}", quoted(value))?;
        }
        if let Some(body) = &self.body {
            write!(formatter, " body={body}")?;
        }
        if self.decoy {
            formatter.write_str(" decoy")?;
        }
        if !self.delay.is_zero() {
            write!(formatter, " slow={}", self.delay.as_secs())?;
        }
        match self.fault.filter(|_| self.status.is_some()) {
            Some(spoilt) => write!(formatter, " {}", fault(spoilt)),
            None => Ok(()),
        }
    }
}

/// Blanks between quotes are part of a word.
fn quoted(text: &str) -> String {
    if text.is_empty() || text.contains(char::is_whitespace) { format!("'{text}'") } else { text.to_owned() }
}

fn name<T: PartialEq>(names: &[(&'static str, T)], value: &T) -> &'static str {
    names.iter().find(|(_, known)| known == value).map_or("", |(name, _)| name)
}

impl fmt::Display for Expected {
    /// As in the files: `failure !Code`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Success => "success",
            Self::Failure { .. } => "failure",
            Self::Canceled => "canceled",
            Self::Indeterminate => "indeterminate",
            Self::Timeout => "timeout",
            Self::Any => "any",
        })?;
        if let Self::Failure { codes } = self {
            codes.iter().try_for_each(|code| write!(formatter, " !{code}"))?;
        }
        Ok(())
    }
}

impl Scenario {
    /// The scenario as a table of a file of scenarios.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = "[[scenario]]\n".to_owned();
        let mut line = |key: &str, value: String| {
            let _ = writeln!(text, "{key} = {value}");
        };
        line("id", string(&self.id));
        line("title", string(&self.title));
        line("kind", string(name(&KINDS, &self.kind)));
        if self.operation != Operation::Put {
            line("operation", string(&self.operation.to_string()));
        }
        if let Some(exists) = self.exists {
            line("exists", exists.to_string());
        }
        if self.insists != Insists::Nothing {
            line("insists", string(name(&INSISTS, &self.insists)));
        }
        if self.trusts_second {
            line("trusts-second-host", "true".to_owned());
        }
        if let Some(condition) = &self.condition {
            line("condition", string(condition));
        }
        if let Some(timeout) = self.timeout {
            line("timeout", timeout.to_string());
        }
        if self.abort_after != 1 {
            line("abort-after", self.abort_after.to_string());
        }
        if self.final_state != FinalState::Default {
            line("final-state", string(name(&FINAL_STATES, &self.final_state)));
        }
        for (key, target) in Target::NAMES {
            if let Some(answers) = self.answers.get(&target) {
                line(key, list(&counted(answers)));
            }
        }
        if !self.bodies.is_empty() {
            line("bodies", table(&self.bodies));
        }
        let targets = |targets: &[Target]| list(&targets.iter().map(ToString::to_string).collect::<Vec<_>>());
        let words = |list_of: &[Expected]| list(&list_of.iter().map(ToString::to_string).collect::<Vec<_>>());
        if !self.independent.is_empty() {
            line("independent", targets(&self.independent));
        }
        let truth = &self.truth;
        line("right", words(&truth.right));
        if !truth.tolerated.is_empty() {
            line("tolerated", words(&truth.tolerated));
        }
        if let Some(result) = truth.result {
            line("result-from", string(&result.to_string()));
        }
        if !truth.forbidden.is_empty() {
            line("forbidden", targets(&truth.forbidden));
        }
        if !truth.demanded.is_empty() {
            line("demanded", list(&truth.demanded.iter().map(ToString::to_string).collect::<Vec<_>>()));
        }
        if !truth.rules.is_empty() {
            line("rules", list(&truth.rules));
        }
        for (key, rules) in [("waived", &truth.waived), ("softened", &truth.softened)] {
            if !rules.is_empty() {
                line(key, table(rules));
            }
        }
        if !truth.needs.is_empty() {
            let needs = truth.needs.iter().map(|need| name(&Need::NAMES, need).to_owned());
            line("needs", list(&needs.collect::<Vec<_>>()));
        }
        if !self.variant.is_empty() {
            line("variant", format!("{{ {} = {{}} }}", string(&self.variant)));
        }
        text
    }
}

/// The answers, each with how often it is given in a row.
fn counted(answers: &[Answer]) -> Vec<String> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for answer in answers {
        let text = answer.to_string();
        match counted.last_mut() {
            Some((last, times)) if *last == text => *times += 1,
            _ => counted.push((text, 1)),
        }
    }
    counted.into_iter().map(|(text, times)| if times > 1 { format!("{text} x{times}") } else { text }).collect()
}

/// The escapes of JSON are those of TOML, too.
fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.iter().map(|item| string(item)).collect::<Vec<_>>().join(", "))
}

fn table(entries: &BTreeMap<String, String>) -> String {
    let entries = entries.iter().map(|(key, value)| format!("{} = {}", string(key), string(value)));
    format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
}
