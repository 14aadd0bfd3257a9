//! Services that were recorded once: the operations of a tape as scripts, and what varies them.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    generated,
    scenario::{
        Answer, FinalState, Form, Insists, Kind, Link, LinkHeader, Operation, RetryAfter, Scenario, Subject, Target,
        Truth,
    },
};
use crate::{
    arm::{self, POLLING_HEADERS, Polled, operations},
    cassette::{Cassette, Interaction},
};

mod vary;

/// An operation of a tape: the resource, and the services to play for it, the recorded one first.
#[derive(Clone, Debug)]
pub struct Taped {
    /// What was written.
    pub subject: Subject,
    /// `FROM-1`, with a variant for each change.
    pub scenarios: Vec<Scenario>,
}

/// The operations of a tape whose write was accepted.
#[must_use]
pub fn taped(cassette: &Cassette) -> Vec<Taped> {
    let interactions = &cassette.interactions;
    let mut taped = Vec::new();
    for operation in operations(interactions) {
        let Some(write) = operation.write.map(|write| &interactions[write]) else { continue };
        let Some(task) = task(&write.request.method) else { continue };
        let target = arm::Target::parse(&write.request.target);
        if arm::ResourceId::split(target.path()).is_none() {
            continue;
        }
        let subject = Subject {
            // Other recorders leave `<SUBSCRIPTION_ID>` in a path, which no client can ask for.
            id: target.path().trim_end_matches('/').replace(['<', '>', '{', '}'], ""),
            api_version: target.query_value("api-version").unwrap_or_default().to_owned(),
            body: write.request.body.bytes().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default(),
        };
        let number = taped.len() + 1;
        if let Some(recorded) = Recorded::of(&operation, interactions, write, task, number) {
            taped.push(Taped { subject, scenarios: recorded.scenarios() });
        }
    }
    taped
}

fn task(method: &str) -> Option<Operation> {
    match method {
        "PUT" => Some(Operation::Put),
        "PATCH" => Some(Operation::Patch),
        "DELETE" => Some(Operation::Delete),
        "POST" => Some(Operation::Post),
        _ => None,
    }
}

/// An operation as a script.
#[derive(Clone, Debug)]
struct Recorded {
    scenario: Scenario,
    /// What the script of the operation is of.
    lead: Target,
    /// How many of its answers say that it runs; the next one is the end.
    running: usize,
}

impl Recorded {
    fn of(
        operation: &arm::Operation,
        interactions: &[Interaction],
        write: &Interaction,
        task: Operation,
        number: usize,
    ) -> Option<Self> {
        let (mut bodies, mut links) = (BTreeMap::new(), Vec::new());
        let mut written = answer(write, &mut bodies)?;
        written.links = handed_out(write, &mut links, true);
        let lead = match operation.target {
            Polled::AsyncOperation => Target::Monitor,
            Polled::OperationLocation => Target::OperationLocation,
            Polled::Location => Target::Result,
            Polled::Resource | Polled::Nothing => Target::Resource,
        };
        let mut answers = BTreeMap::from([(Target::Write, vec![written])]);
        let running = operation.running_polls();
        let polls = running.iter().copied().chain(operation.terminal_poll());
        let polls: Vec<Answer> = polls
            .filter_map(|poll| {
                let answer = answer(&interactions[poll], &mut bodies)?;
                Some(Answer { links: handed_out(&interactions[poll], &mut links, false), ..answer })
            })
            .collect();
        let running = running.len().min(polls.len().saturating_sub(1));
        if !polls.is_empty() {
            answers.insert(lead, polls);
        }
        let read = operation.final_read.and_then(|read| answer(&interactions[read], &mut bodies));
        if let Some(read) = read.filter(|_| lead != Target::Resource) {
            answers.insert(Target::Resource, vec![read]);
        }
        let target = arm::Target::parse(&write.request.target);
        let name = target.path().rsplit('/').take(2).collect::<Vec<_>>();
        let scenario = Scenario {
            id: format!("FROM-{number}"),
            variant: String::new(),
            title: format!("{} {}", write.request.method, name.into_iter().rev().collect::<Vec<_>>().join("/")),
            kind: Kind::Normal,
            operation: task,
            answers,
            bodies,
            independent: Vec::new(),
            exists: None,
            insists: Insists::Nothing,
            trusts_second: false,
            condition: None,
            timeout: None,
            abort_after: 2,
            final_state: FinalState::Default,
            truth: Truth::default(),
        };
        Some(Self { scenario, lead, running })
    }

    /// Whether the operation ran after its write was answered.
    fn is_polled(&self) -> bool {
        self.scenario.answers.contains_key(&self.lead)
    }

    fn scenarios(&self) -> Vec<Scenario> {
        let own = std::iter::once(("recorded".to_owned(), "as recorded".to_owned(), self.clone()));
        own.chain(vary::variants(self))
            .filter_map(|(variant, words, recorded)| {
                let mut scenario = recorded.scenario;
                scenario.title = format!("{}: {words}", scenario.title);
                scenario.variant = variant;
                scenario.truth = generated::truth(&scenario);
                // Of what nobody can know the truth nothing is to be learnt.
                (!scenario.truth.right.is_empty()).then_some(scenario)
            })
            .collect()
    }
}

/// A recorded answer in the notation of scripts, without its URLs.
fn answer(interaction: &Interaction, bodies: &mut BTreeMap<String, String>) -> Option<Answer> {
    let response = interaction.response.as_ref()?;
    let mut answer = Answer { status: Some(response.status), ..Answer::default() };
    answer.retry_after = response
        .headers
        .get_all("retry-after")
        .iter()
        .map(|value| value.parse().map_or_else(|_| RetryAfter::Text(value.clone()), RetryAfter::Seconds))
        .collect();
    let kept = |name: &str| !POLLING_HEADERS.contains(&name) && !is_made(name);
    for (name, values) in response.headers.iter().filter(|(name, _)| kept(name)) {
        answer.headers.extend(values.iter().map(|value| (name.to_owned(), value.clone())));
    }
    let body = response.body.bytes().unwrap_or_default();
    if !body.is_empty() {
        let name = format!("recorded-{}", bodies.len() + 1);
        bodies.insert(name.clone(), marked(&String::from_utf8_lossy(&body)));
        answer.body = Some(name);
    }
    Some(answer)
}

/// The URLs that an answer hands out. Those of a poll are the ones that were handed out before: another
/// one would lead nowhere.
fn handed_out(interaction: &Interaction, known: &mut Vec<(String, Link)>, is_write: bool) -> Vec<Link> {
    let Some(response) = &interaction.response else { return Vec::new() };
    let named = POLLING_HEADERS.iter().filter_map(|name| Some((*name, response.headers.get(name)?)));
    let mut links = Vec::new();
    for (name, url) in named {
        let header = match name {
            "azure-asyncoperation" => LinkHeader::Monitor,
            "operation-location" => LinkHeader::OperationLocation,
            _ => LinkHeader::Result,
        };
        let key = arm::Url::parse(url).map_or_else(|| url.to_owned(), |url| url.target.path_key());
        match known.iter().find(|(other, link)| *other == key && link.header == header) {
            Some((_, link)) => links.push(*link),
            None if is_write => {
                let link = Link { header, form: form(url, &interaction.request.target) };
                known.push((key, link));
                links.push(link);
            }
            None => {}
        }
    }
    links
}

/// Headers that the service makes anew for each answer, or the connection.
fn is_made(name: &str) -> bool {
    let ids = ["request-id", "correlation", "routing-request", "ratelimit", "ms-client-request"];
    let wire = [
        "date",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "content-length",
        "content-encoding",
        "retry-after",
        "trailer",
        "vary",
    ];
    wire.contains(&name) || ids.iter().any(|id| name.contains(id))
}

/// The form of a recorded URL, as near as there is one.
fn form(url: &str, asked: &str) -> Form {
    const LONG: usize = 1024;
    if url.starts_with('/') {
        return Form::Relative;
    }
    let Some(parsed) = arm::Url::parse(url) else { return Form::Text };
    let query: Vec<_> = parsed.target.query_pairs().collect();
    let own = arm::Target::parse(asked);
    let version = parsed.target.query_value("api-version");
    if query.iter().any(|(name, _)| ["c", "s", "h", "t", "sig", "signature"].contains(name)) {
        Form::Signed
    } else if url.len() > LONG {
        Form::Long(url.len().min(8192))
    } else if version.is_none() {
        Form::Bare
    } else if parsed.target.path_key() == own.path_key() {
        Form::Resource
    } else if version != own.query_value("api-version") {
        Form::OtherVersion
    } else {
        Form::Plain
    }
}

/// The body with a place for what only the resource has that the operation made.
fn marked(text: &str) -> String {
    #[derive(Deserialize)]
    struct Resource<'a> {
        #[serde(borrow)]
        id: Option<&'a RawValue>,
        #[serde(borrow)]
        properties: Option<&'a RawValue>,
    }
    let Ok(Resource { id: Some(_), properties: Some(properties) }) = serde_json::from_str(text) else {
        return text.to_owned();
    };
    let inside = properties.get();
    let Some(rest) = inside.strip_prefix('{') else { return text.to_owned() };
    // A borrowed value is a piece of the text.
    let at = inside.as_ptr() as usize - text.as_ptr() as usize + 1;
    let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
    format!("{}\"revision\":\"${{proof}}\"{comma}{}", &text[..at], &text[at..])
}

/// What a tape answers to requests that are no part of an operation: look-ups, existence checks.
#[derive(Clone, Debug, Default)]
pub struct LookUps(HashMap<Asked, Response<Bytes>>);

/// Method, path and query, as they are compared.
type Asked = (Method, String, Vec<(String, String)>);

impl LookUps {
    /// Those of a tape; the last one that was recorded of each, since a resource is looked for before and
    /// after it is made.
    #[must_use]
    pub fn of(cassette: &Cassette) -> Self {
        let found = cassette.interactions.iter().filter_map(|interaction| {
            let method: Method = interaction.request.method.parse().ok()?;
            let response = interaction.response.as_ref().filter(|_| method.is_safe())?;
            let target = arm::Target::parse(&interaction.request.target);
            let mut answer = Response::new(response.body.bytes().unwrap_or_default());
            *answer.status_mut() = StatusCode::from_u16(response.status).ok()?;
            for (name, values) in response.headers.iter().filter(|(name, _)| !is_made(name)) {
                for value in values {
                    let name = HeaderName::try_from(name).ok()?;
                    answer.headers_mut().append(name, HeaderValue::try_from(value).ok()?);
                }
            }
            Some(((method, target.path_key(), target.query_key()), answer))
        });
        Self(found.collect())
    }

    /// The answer to a request.
    #[must_use]
    pub fn answer(&self, method: &Method, target: &str) -> Option<Response<Bytes>> {
        let target = arm::Target::parse(target);
        self.0.get(&(method.clone(), target.path_key(), target.query_key())).cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        client::OutcomeKind,
        simulate::scenario::{Case, Draw, Expected, Pace, Places, run_virtually, settings},
    };

    const ID: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a";

    /// A create at a status monitor, with a look-up before it.
    fn tape() -> Cassette {
        let monitor = "https://management.azure.com/subscriptions/s/operations/1?api-version=2020-01-01";
        let json = |value: &str| serde_json::json!({"json": serde_json::from_str::<serde_json::Value>(value).unwrap()});
        let exchange = |method: &str, target: &str, status: u16, headers: serde_json::Value, body: &str| {
            let mut exchange = serde_json::json!({
                "request": {"method": method, "target": target, "scheme": "https", "authority": "management.azure.com"},
                "response": {"status": status, "headers": headers, "body": json(body)},
            });
            if method == "PUT" {
                exchange["request"]["body"] = json(r#"{"location": "westus", "properties": {"size": 1}}"#);
            }
            exchange
        };
        let thing = format!("{ID}?api-version=2020-01-01");
        let body =
            |word: &str| format!(r#"{{"id": "{ID}", "properties": {{"size": 1, "provisioningState": "{word}"}}}}"#);
        let interactions = [
            exchange(
                "GET",
                "/subscriptions/s/resourceGroups/g?api-version=2020-01-01",
                200,
                serde_json::json!({}),
                "{}",
            ),
            exchange(
                "PUT",
                &thing,
                201,
                serde_json::json!({"azure-asyncoperation": monitor, "retry-after": "2", "x-own": "kept"}),
                &body("Accepted"),
            ),
            exchange(
                "GET",
                monitor.trim_start_matches("https://management.azure.com"),
                200,
                serde_json::json!({"azure-asyncoperation": monitor}),
                r#"{"status": "Baking"}"#,
            ),
            exchange(
                "GET",
                monitor.trim_start_matches("https://management.azure.com"),
                200,
                serde_json::json!({}),
                r#"{"status": "Succeeded"}"#,
            ),
            exchange("GET", &thing, 200, serde_json::json!({}), &body("Succeeded")),
        ];
        let text = serde_json::json!({"armtape": 1, "interactions": interactions}).to_string();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tape.json");
        std::fs::write(&file, text).unwrap();
        Cassette::load(&file).unwrap()
    }

    #[test]
    fn an_operation_is_played_as_it_was_recorded() {
        let taped = taped(&tape());
        assert_eq!((taped.len(), taped[0].subject.id.as_str()), (1, ID));
        let recorded = &taped[0].scenarios[0];
        assert_eq!((recorded.name().as_str(), &recorded.truth.right), ("FROM-1:recorded", &vec![Expected::Success]));
        let write = &recorded.answers(Target::Write)[0];
        assert_eq!((write.links.len(), &write.headers[..]), (1, &[("x-own".to_owned(), "kept".to_owned())][..]));
        assert!(recorded.bodies.values().any(|body| body.contains(r#""revision":"${proof}""#)), "{recorded:?}");
    }

    #[test]
    fn the_reference_client_comes_to_the_truth_of_every_variant() {
        let taped = taped(&tape());
        let names: Vec<_> = taped[0].scenarios.iter().map(|scenario| scenario.variant.as_str()).collect();
        assert!(names.len() > 15, "{names:?}");
        for scenario in &taped[0].scenarios {
            let case = Case {
                scenario: scenario.clone(),
                draw: Draw::new(1),
                subjects: vec![taped[0].subject.clone()],
                places: Places::default(),
                pace: Pace::AS_WRITTEN,
            };
            let settings = settings(&case, Duration::from_secs(1));
            let ran = run_virtually(case, &settings);
            let kind = ran.outcomes[0].as_ref().unwrap().kind;
            let fits = scenario.truth.right.iter().any(|right| match right {
                Expected::Success => kind == OutcomeKind::Succeeded,
                Expected::Failure { .. } => kind == OutcomeKind::Failed,
                Expected::Canceled => kind == OutcomeKind::Canceled,
                _ => true,
            });
            assert!(fits, "{}: {kind:?} and not {:?}", scenario.name(), scenario.truth.right);
        }
    }

    #[test]
    fn the_rest_of_the_tape_answers_look_ups() {
        let look_ups = LookUps::of(&tape());
        let group = "/SUBSCRIPTIONS/s/resourceGroups/g?api-version=2020-01-01";
        assert_eq!(look_ups.answer(&Method::GET, group).unwrap().status(), StatusCode::OK);
        assert!(look_ups.answer(&Method::GET, "/subscriptions/s?api-version=2020-01-01").is_none());
        assert!(look_ups.answer(&Method::DELETE, group).is_none());
    }
}
