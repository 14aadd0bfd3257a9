//! LRO-C-32 to 34: which words end an operation, and which do not.

use serde_json::Value;

use super::{
    conversation::Conversation,
    course::Asked,
    mode::takes_the_answer,
    outcome::Ending,
    pacing::{is_monitor, word},
    poll_faults::oddity,
    rule::{Breach, NotJudged, Rule, Severity::*},
};
use crate::arm::{Polled, State, member};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "LRO-C-32",
        severity: Violation,
        title: "an unknown state is a running one",
        words: "Every state but `Succeeded`, `Failed` and `Canceled` means that the operation runs, also words that \
                nobody has seen before: services add states at any time.",
        source: "RPC-ASYNC \"ProvisioningState property\", TRACK",
        check: unknown_state,
    },
    Rule {
        id: "LRO-C-33",
        severity: Violation,
        title: "case does not matter",
        words: "State words and header names mean the same in any case.",
        source: "RFC 9110 section 5.1, TESTSRV, every SDK that was read",
        check: case,
    },
    Rule {
        id: "LRO-C-34",
        severity: Violation,
        title: "only the state word decides",
        words: "`percentComplete: 100`, an `endTime`, a result, or a state in the body of a 202 do not end an operation.",
        source: "RPC-ASYNC status table, TESTSRV",
        check: other_signs,
    },
];

fn unknown_state(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    if let Some((course, last)) = c.gave_up_at()?
        && let Some(word) = last.running_word()
        && !is_common(word)
        && !is_double_l(word)
        && oddity(c, last).is_none()
    {
        let message = format!("gave up at the state `{word}`");
        return Ok(vec![Breach::new([last.index], message).in_course(course)]);
    }
    if let Some((course, last)) = c.succeeded_at()?
        && let Some(word) = last.running_word()
        // Whether the answer to the write may be held for the end is LRO-C-11's to say.
        && !takes_the_answer(course)
        && !is_double_l(word)
        && !word.eq_ignore_ascii_case("Completed")
        // 200 at `Location` is an end for some.
        && !(last.polled == Polled::Location && matches!(last.status(), Some(200 | 201)))
        && other_sign(last).is_none()
    {
        let told = pacing_word(last, word);
        let message = format!("reports success, and the last thing that it was told is {told}");
        let breach = Breach::new([last.index], message).in_course(course);
        // Whoever polls `Location` takes any 200 for the end, also where it is the resource.
        let self_link = last.polled == Polled::Resource
            && course.written.is_some_and(|written| written.headers.get("location").is_some());
        return Ok(vec![breach.warning_if(self_link)]);
    }
    Ok(vec![])
}

/// Words that services use every day: what goes wrong at one of these goes wrong for another reason.
pub(super) fn is_common(word: &str) -> bool {
    ["", "Accepted", "Creating", "InProgress", "Provisioning", "Running", "Updating", "Deleting", "Pending"]
        .iter()
        .any(|common| common.eq_ignore_ascii_case(word))
}

pub(super) fn is_double_l(word: &str) -> bool {
    word.eq_ignore_ascii_case("Cancelled")
}

fn pacing_word(asked: &Asked<'_>, state: &str) -> String {
    if state.is_empty() { word(asked) } else { format!("`{state}`") }
}

fn case(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let outcome = c.outcome()?;
    let Some(course) = c.main() else { return Ok(vec![]) };
    let Some(at) = course.end() else { return Ok(vec![]) };
    let end = &course.asked[at];
    let Some(word) = end.response.and_then(|response| State::word(end.polled, response)) else { return Ok(vec![]) };
    if ["Succeeded", "Failed", "Canceled"].contains(&word.as_str())
        || State::from_word(&word) != *course.end_state().unwrap_or(&State::Succeeded)
    {
        return Ok(vec![]);
    }
    let polled_on = course.asked[at + 1..].iter().filter(|asked| asked.polled == end.polled).count();
    let lost = end.state == Some(State::Succeeded) && c.gave_up() && at + 1 == course.asked.len();
    // Who went on to read the result has taken it for the end, whatever came of that.
    let went_on = course.asked[at + 1..].iter().any(|asked| asked.polled != end.polled);
    let waited_on = outcome.ending == Ending::Stopped && !went_on;
    if polled_on > 1 && end.polled != Polled::Resource || waited_on || lost {
        let message = format!("did not take `{word}` for the end");
        return Ok(vec![Breach::new([end.index], message).in_course(course)]);
    }
    Ok(vec![])
}

fn other_signs(c: &Conversation<'_>) -> Result<Vec<Breach>, NotJudged> {
    let Some((course, last)) = c.succeeded_at()? else { return Ok(vec![]) };
    let Some(sign) = other_sign(last).filter(|_| last.is_running()) else { return Ok(vec![]) };
    let message = format!("took {sign} for the end of an operation that runs");
    Ok(vec![Breach::new([last.index], message).in_course(course)])
}

/// What else in a running answer looks like an end.
fn other_sign(asked: &Asked<'_>) -> Option<&'static str> {
    let object = asked.object()?;
    if asked.status() == Some(202) && State::word(Polled::Resource, asked.response?).is_some() {
        return Some("the state in the body of a 202");
    }
    if !is_monitor(asked.polled) {
        return None;
    }
    let number = member(&object, "percentComplete").and_then(Value::as_f64);
    if number.is_some_and(|number| number >= 100.0) {
        Some("percentComplete 100")
    } else if member(&object, "endTime").is_some_and(Value::is_string) {
        Some("an endTime")
    } else if member(&object, "properties").is_some_and(Value::is_object) {
        Some("a result")
    } else {
        None
    }
}
