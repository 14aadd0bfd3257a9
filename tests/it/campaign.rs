//! Campaigns: what is chosen, what ends them, what is lived with, and what several make together.

mod baseline;
mod clients;
mod ends;
mod kept;
mod merge;
mod same;
mod scenarios;

use serde_json::Value;

use crate::harness::{Harness, Ran};

/// The reference client.
const REFERENCE: &str = r#""$BIN" client --by-variables"#;

/// Sends the write, and takes whatever is no error for the end.
const IMPATIENT: &str = r#"curl -sSf -o /dev/null -X PUT -H 'content-type: application/json' \
    -H 'authorization: Bearer t' -d @"$ARMTAPE_BODY_FILE" "$ARMTAPE_URL""#;

/// Plays scenarios to a shell script.
fn check(harness: &Harness, words: &[&str], client: &str) -> Ran {
    harness.around(&[&["check", "--jobs", "2"], words].concat(), client)
}

fn report(harness: &Harness, name: &str) -> Value {
    serde_json::from_str(&harness.read(name)).unwrap()
}

/// Takes out what is another time in each run.
fn timeless(mut report: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| name != "milliseconds" && name != "seconds");
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            // A wait until a moment of the service's clock.
            Value::String(text) => {
                let date = regex::Regex::new(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT").unwrap();
                *text = date.replace_all(text, "DATE").into_owned();
            }
            _ => {}
        }
    }
    strip(&mut report);
    report
}
