//! Two exchanges that are the same step of the same act, compared fact by fact.

use serde_json::Value;

use super::{
    Class,
    json::{Difference, differences},
    words,
};
use crate::{
    arm::{ErrorBody, POLLING_HEADERS, Target},
    cassette::{Body, Completion, Headers, Interaction, Response},
};

/// A difference in words, and on which side of the exchange it is.
pub(super) struct Fact {
    pub class: Class,
    pub words: String,
    pub in_answer: bool,
}

/// Collects the facts of one side.
struct Told<'a> {
    facts: &'a mut Vec<Fact>,
    in_answer: bool,
}

impl Told<'_> {
    fn say(&mut self, class: Class, words: impl Into<String>) {
        self.facts.push(Fact { class, words: words.into(), in_answer: self.in_answer });
    }
}

/// What differs, the request first. Volatile values are gone from both already.
pub(super) fn compare(left: &Interaction, right: &Interaction) -> Vec<Fact> {
    let mut facts = Vec::new();
    if left == right {
        return facts;
    }
    let mut told = Told { facts: &mut facts, in_answer: false };
    compare_requests(left, right, &mut told);
    told.in_answer = true;
    compare_answers(left, right, &mut told);
    if left.notes != right.notes {
        let new = right.notes.iter().filter(|note| !left.notes.contains(note));
        let gone = left.notes.iter().filter(|note| !right.notes.contains(note));
        new.for_each(|note| told.say(Class::Cosmetic, format!("the recorder notes: {note}")));
        gone.for_each(|note| told.say(Class::Cosmetic, format!("the recorder no longer notes: {note}")));
    }
    if facts.is_empty() {
        facts.push(Fact { class: Class::Cosmetic, words: "is written differently".to_owned(), in_answer: true });
    }
    facts
}

fn compare_requests(left: &Interaction, right: &Interaction, told: &mut Told<'_>) {
    let (left, right) = (&left.request, &right.request);
    if left.method != right.method {
        told.say(Class::Behavioural, format!("is made with {} instead of {}", right.method, left.method));
    }
    compare_targets(&left.target, &right.target, told);
    match (&left.auth, &right.auth) {
        (Some(_), None) => told.say(Class::Behavioural, "request is without a credential"),
        (None, Some(auth)) => told.say(Class::Behavioural, format!("request has a credential ({})", auth.kind)),
        (Some(before), Some(auth)) if before != auth => {
            let principal = |auth: &crate::cassette::Auth| auth.stand_in.clone().unwrap_or_else(|| auth.kind.clone());
            told.say(Class::Behavioural, format!("credential `{}` → `{}`", principal(before), principal(auth)));
        }
        _ => {}
    }
    for (name, before, now) in changed_headers(&left.headers, &right.headers) {
        let class = if name.starts_with("if-") || name == "content-type" || name == "prefer" {
            Class::Behavioural
        } else {
            Class::Cosmetic
        };
        told.say(class, header_words("request header ", name, before, now));
    }
    compare_bodies(&left.body, &right.body, Side::Request, told);
}

fn compare_targets(left: &str, right: &str, told: &mut Told<'_>) {
    if left == right {
        return;
    }
    let (left, right) = (Target::parse(left), Target::parse(right));
    if left.path_key() != right.path_key() {
        told.say(Class::Behavioural, format!("path `{}` → `{}`", left.path(), right.path()));
    } else if left.path() != right.path() {
        told.say(Class::Cosmetic, format!("path is spelled `{}`", right.path()));
    }
    let value = |target: &Target, name: &str| target.query_value(name).map(str::to_owned);
    let mut named = 0;
    for (name, before) in left.query_pairs() {
        match value(&right, name) {
            None => told.say(Class::Behavioural, format!("query parameter `{name}` is gone")),
            Some(now) if now != before && name.eq_ignore_ascii_case("api-version") => {
                told.say(Class::Behavioural, format!("api-version {before} → {now}"));
            }
            Some(now) if now != before => {
                let (before, now) = (words::cut(before), words::cut(&now));
                told.say(Class::Behavioural, format!("query parameter `{name}` {before} → {now}"));
            }
            Some(_) => continue,
        }
        named += 1;
    }
    for (name, now) in right.query_pairs().filter(|(name, _)| value(&left, name).is_none()) {
        told.say(Class::Behavioural, format!("query parameter `{name}` {} is new", words::cut(now)));
        named += 1;
    }
    if named == 0 && left.query() != right.query() {
        told.say(Class::Cosmetic, "query is written differently");
    }
}

fn compare_answers(left: &Interaction, right: &Interaction, told: &mut Told<'_>) {
    let (before, now) = (answer(left), answer(right));
    let (Some(one), Some(other)) = (&left.response, &right.response) else {
        if before != now {
            let class = if right.response.is_none() { Class::Breaking } else { Class::Behavioural };
            let before = before.replacen("answers", "answering", 1).replacen("is ", "being ", 1);
            told.say(class, format!("now {now} instead of {before}"));
        }
        return;
    };
    // What follows from what has been said is not said again.
    let mut follows: &[&str] = &[];
    if left.completion != right.completion {
        let class = if right.completion == Completion::Whole { Class::Behavioural } else { Class::Breaking };
        let before = before.strip_prefix("answers ").unwrap_or(&before);
        told.say(class, format!("now {now} instead of {before}"));
    } else if (one.status, offered(one)) != (other.status, offered(other)) {
        let before = before.strip_prefix("answers ").unwrap_or(&before);
        told.say(answer_class(one, other), format!("now {now} instead of {before}"));
        follows = &["properties.provisioningState", "status"];
    } else if one.status >= 400 && code(one) != code(other) {
        let code = |response| code(response).map_or("no code".to_owned(), |code| format!("`{code}`"));
        told.say(Class::Behavioural, format!("now fails with {} instead of {}", code(other), code(one)));
        follows = &["error.code", "code", "error.Code", "Code"];
    }
    let turned = (one.status >= 400) != (other.status >= 400);
    if turned {
        return;
    }
    for (name, before, now) in changed_headers(&one.headers, &other.headers) {
        if !(POLLING_HEADERS.contains(&name) && before.is_empty() != now.is_empty()) {
            told.say(header_class(name, now), header_words("", name, before, now));
        }
    }
    // Another status often comes with a body or without one.
    let presence = (one.body == Body::Empty) != (other.body == Body::Empty);
    if !(presence && one.status != other.status) {
        compare_bodies(&one.body, &other.body, Side::Answer { follows }, told);
    }
}

/// What happened to a request, such as `answers 202 with Location`.
pub(super) fn answer(interaction: &Interaction) -> String {
    let Some(response) = &interaction.response else {
        return match interaction.completion {
            Completion::Silent => "is not answered".to_owned(),
            _ => "is reset".to_owned(),
        };
    };
    let urls = offered(response).iter().map(|name| words::header(name)).collect::<Vec<_>>().join(" and ");
    let urls = if urls.is_empty() { urls } else { format!(" with {urls}") };
    let code = (response.status >= 400).then(|| code(response)).flatten();
    let code = code.map(|code| format!(" ({code})")).unwrap_or_default();
    let cut = match interaction.completion {
        Completion::Cut(_) => " (cut off)",
        _ => "",
    };
    format!("answers {}{code}{urls}{cut}", response.status)
}

/// The kinds of polling URL that are handed out.
fn offered(response: &Response) -> Vec<&'static str> {
    POLLING_HEADERS.iter().copied().filter(|name| response.headers.get(name).is_some()).collect()
}

pub(super) fn code(response: &Response) -> Option<String> {
    ErrorBody::of(response).and_then(|error| error.code)
}

fn answer_class(left: &Response, right: &Response) -> Class {
    let refused = |response: &Response| response.status >= 400;
    // Accepted, and nobody says where to look.
    let lost = right.status == 202 && offered(right).is_empty() && !offered(left).is_empty();
    if (refused(right) && !refused(left)) || lost { Class::Breaking } else { Class::Behavioural }
}

/// Name, values before, values now. `Content-Length` follows from the body.
fn changed_headers<'a>(left: &'a Headers, right: &'a Headers) -> Vec<(&'a str, &'a [String], &'a [String])> {
    let gone = left.iter().filter(|(name, _)| right.get_all(name).is_empty());
    let gone = gone.map(|(name, values)| (name, values, &[] as &[String]));
    let other = right.iter().map(|(name, values)| (name, left.get_all(name), values));
    gone.chain(other.filter(|(_, before, now)| before != now)).filter(|(name, ..)| *name != "content-length").collect()
}

fn header_words(of: &str, name: &str, before: &[String], now: &[String]) -> String {
    let shown = words::header(name);
    let all = |values: &[String]| words::cut(&values.join(", "));
    match (before, now) {
        ([], now) if all(now).is_empty() => format!("{of}`{shown}` is new"),
        ([], now) => format!("{of}`{shown}` {} is new", all(now)),
        (before, []) if all(before).is_empty() => format!("{of}`{shown}` is gone"),
        (before, []) => format!("{of}`{shown}` is gone (was {})", all(before)),
        (before, now) => format!("{of}`{shown}` {} → {}", all(before), all(now)),
    }
}

fn header_class(name: &str, now: &[String]) -> Class {
    match name {
        // Clients wait by these, retry by these, or read the body by these.
        "retry-after" | "retry-after-ms" | "x-ms-retry-after-ms" | "x-ms-error-code" | "content-type" => {
            Class::Behavioural
        }
        // Without one, no write can be made conditional.
        "etag" if now.is_empty() => Class::Breaking,
        // A polling URL is opaque: another form of it is nobody's business.
        "etag" => Class::Additive,
        _ => Class::Cosmetic,
    }
}

/// Whose body it is.
#[derive(Clone, Copy)]
enum Side<'a> {
    Request,
    /// With the paths whose difference follows from what has been said.
    Answer {
        follows: &'a [&'a str],
    },
}

fn compare_bodies(left: &Body, right: &Body, side: Side<'_>, told: &mut Told<'_>) {
    if left == right {
        return;
    }
    let (whose, lost) = match side {
        Side::Request => ("request", Class::Behavioural),
        Side::Answer { .. } => ("answer", Class::Breaking),
    };
    match (left, right) {
        (Body::Empty, _) if whose == "request" => told.say(Class::Behavioural, "request has a body"),
        (Body::Empty, _) => told.say(Class::Additive, "answer has a body"),
        (_, Body::Empty) => told.say(lost, format!("{whose} has no body any more")),
        _ => match (json(left), json(right)) {
            (Some(left), Some(right)) => compare_documents(&left, &right, side, told),
            (Some(_), None) => told.say(lost, format!("{whose} body is no JSON any more")),
            (None, Some(_)) => told.say(Class::Behavioural, format!("{whose} body is JSON now")),
            (None, None) => told.say(Class::Behavioural, format!("{whose} body is another text")),
        },
    }
}

/// A byte order mark or a repeated key makes a text of a body; it is JSON all the same.
fn json(body: &Body) -> Option<Value> {
    match body {
        Body::Text(text) => serde_json::from_str(text.trim_start_matches('\u{feff}')).ok(),
        body => body.json(),
    }
}

fn compare_documents(left: &Value, right: &Value, side: Side<'_>, told: &mut Told<'_>) {
    let found = differences(left, right);
    if found.is_empty() {
        let whose = if matches!(side, Side::Request) { "request" } else { "answer" };
        told.say(Class::Cosmetic, format!("{whose} body is written differently (order, spacing or numbers)"));
    }
    for difference in found {
        let (class, words) = match side {
            Side::Request => of_request_body(&difference),
            Side::Answer { follows } if follows.contains(&difference.path()) => continue,
            Side::Answer { .. } => of_answer_body(&difference),
        };
        told.say(class, words);
    }
}

fn of_request_body(difference: &Difference<'_>) -> (Class, String) {
    let words = match difference {
        Difference::New { path, value, .. } => format!("request body gained `{path}` {}", words::value(value)),
        Difference::Gone { path, .. } => format!("request body lost `{path}`"),
        Difference::Changed { path, from, to } => {
            format!("request body has `{path}` {} → {}", words::value(from), words::value(to))
        }
        Difference::Moved { path } => format!("request body has `{path}` in another order"),
    };
    (Class::Behavioural, words)
}

fn of_answer_body(difference: &Difference<'_>) -> (Class, String) {
    match difference {
        Difference::New { path, value, .. } => (Class::Additive, format!("`{path}` {} is new", words::value(value))),
        // What a list holds is state; what members there are is the contract.
        Difference::Gone { path, value, is_item } => {
            let class = if *is_item { Class::Behavioural } else { Class::Breaking };
            (class, format!("`{path}` is gone (was {})", words::value(value)))
        }
        Difference::Changed { path, from, to } if from.is_null() || to.is_null() => {
            (Class::Behavioural, format!("`{path}` {} → {}", words::value(from), words::value(to)))
        }
        Difference::Changed { path, from, to } if words::kind(from) != words::kind(to) => {
            let (was, is) = (words::kind(from), words::kind(to));
            (
                Class::Breaking,
                format!("`{path}` is {is} ({}) instead of {was} ({})", words::value(to), words::value(from)),
            )
        }
        Difference::Changed { path, from, to } => {
            // For people; no client may read it.
            let message = path.rsplit('.').next().is_some_and(|name| name.eq_ignore_ascii_case("message"));
            let class = if message { Class::Cosmetic } else { Class::Behavioural };
            (class, format!("`{path}` {} → {}", words::value(from), words::value(to)))
        }
        Difference::Moved { path } => (Class::Cosmetic, format!("`{path}` comes in another order")),
    }
}
