//! The faults of `judge::faults()`, each as a bend of the reference client.

use std::time::Duration;

use armtape::client::{Answer, Event, OutcomeKind, Step, TokenUse};
use http::{Method, StatusCode, Uri};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::bend::{
    Bent, LINKS, Memory, NEVER, crash, done, get, has_link, is_failing, is_word, json, link, resource_word, saying,
    send, status_word, straight, success, unbent, without, word,
};

const fn hears(id: &'static str, hears: fn(&mut Memory, Event, Duration) -> Result<Event, Step>) -> Bent {
    Bent { id, forgets_limit: false, hears, does: straight, is_deaf: false }
}

const fn does(id: &'static str, does: fn(&mut Memory, Step, Duration) -> Step) -> Bent {
    Bent { id, forgets_limit: false, hears: unbent, does, is_deaf: false }
}

/// A bend of the answer to the write.
fn on_written(
    memory: &Memory,
    event: Event,
    bend: impl FnOnce(&Answer) -> Option<Result<Event, Step>>,
) -> Result<Event, Step> {
    let bent = match &event {
        Event::Answer(answer) if memory.wrote() => bend(answer),
        _ => None,
    };
    bent.unwrap_or(Ok(event))
}

/// A bend of every other answer.
fn on_read(
    memory: &Memory,
    event: Event,
    bend: impl FnOnce(&Answer) -> Option<Result<Event, Step>>,
) -> Result<Event, Step> {
    let bent = match &event {
        Event::Answer(answer) if !memory.wrote() => bend(answer),
        _ => None,
    };
    bent.unwrap_or(Ok(event))
}

/// A bend of every request but the write.
fn on_get(step: Step, bend: impl FnOnce(&mut http::Request<bytes::Bytes>, &mut TokenUse, &mut Duration)) -> Step {
    match step {
        Step::Send { mut request, mut token, mut not_before } if request.method() == Method::GET => {
            bend(&mut request, &mut token, &mut not_before);
            Step::Send { request, token, not_before }
        }
        step => step,
    }
}

fn with_target(uri: &Uri, target: &str) -> Uri {
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = target.parse().ok();
    Uri::from_parts(parts).unwrap_or_else(|_| uri.clone())
}

fn with_own_version(memory: &Memory, query: &str) -> String {
    let resource = memory.resource();
    let own = resource.query().unwrap_or_default().to_owned();
    let pairs = query
        .split('&')
        .map(|pair| if pair.to_ascii_lowercase().starts_with("api-version=") { own.as_str() } else { pair });
    pairs.collect::<Vec<_>>().join("&")
}

const KNOWN: [&str; 12] = [
    "InProgress",
    "Running",
    "Accepted",
    "Creating",
    "Updating",
    "Deleting",
    "Provisioning",
    "Succeeded",
    "Failed",
    "Canceled",
    "Cancelled",
    "Pending",
];
const BACK: &AsciiSet = &CONTROLS.add(b' ').add(b'*').add(b';').add(b'~').add(b'%');

/// Every faulty client that one operation can show.
pub(crate) static BENT: &[Bent] = &[
    hears("BUG-01", |memory, event, _| {
        on_written(memory, event, |answer| (answer.status == 202).then(|| Err(success(answer))))
    }),
    hears("BUG-02", |memory, event, _| {
        on_written(memory, event, |answer| (answer.status == 201).then(|| Err(success(answer))))
    }),
    hears("BUG-03", |memory, event, _| {
        on_written(memory, event, |answer| (answer.status == 200 && has_link(answer)).then(|| Err(success(answer))))
    }),
    hears("BUG-04", |memory, event, _| {
        on_written(memory, event, |answer| {
            (matches!(answer.status.as_u16(), 200 | 201) && !has_link(answer)).then(|| Err(success(answer)))
        })
    }),
    hears("BUG-05", |memory, event, _| match event {
        Event::Answer(answer)
            if matches!(answer.status.as_u16(), 200 | 201)
                && !memory.polled_monitor()
                && !has_link(&answer)
                && word(&answer).is_none() =>
        {
            Err(done(OutcomeKind::Unknown, "no provisioningState"))
        }
        event => Ok(event),
    }),
    hears("BUG-06", |memory, event, _| {
        on_written(memory, event, |answer| {
            (answer.status == 201 && !has_link(answer) && is_word(answer, &["Succeeded"]))
                .then(|| Err(done(OutcomeKind::Failed, "unexpected 201")))
        })
    }),
    hears("BUG-07", |memory, event, _| {
        on_written(memory, event, |answer| is_word(answer, &["Succeeded"]).then(|| Err(success(answer))))
    }),
    hears("BUG-08", |memory, event, _| {
        on_written(memory, event, |answer| (answer.status == 202 && !has_link(answer)).then(|| Err(success(answer))))
    }),
    hears("BUG-09", |memory, event, _| {
        on_written(memory, event, |answer| {
            (answer.status == 202).then(|| Err(done(OutcomeKind::Failed, "unexpected status 202")))
        })
    }),
    hears("BUG-10", |memory, event, _| {
        on_written(memory, event, |answer| {
            (answer.status.is_success() && is_word(answer, &["Failed", "Canceled"])).then(|| Err(success(answer)))
        })
    }),
    hears("BUG-11", |_, event, _| match event {
        Event::Answer(answer) if !answer.headers.contains_key("azure-asyncoperation") => {
            Ok(without(&answer, &["location"]))
        }
        event => Ok(event),
    }),
    hears("BUG-12", |_, event, _| match event {
        Event::Answer(answer) if answer.headers.contains_key("location") => {
            Ok(without(&answer, &["azure-asyncoperation", "operation-location"]))
        }
        event => Ok(event),
    }),
    hears("BUG-13", |_, event, _| match event {
        Event::Answer(answer) => Ok(without(&answer, &["operation-location"])),
        event => Ok(event),
    }),
    does("BUG-14", |memory, step, _| {
        on_get(step, |request, _, _| {
            let uri = request.uri().clone();
            if !memory.is_resource(&uri) {
                let resource = memory.resource();
                *request.uri_mut() =
                    with_target(&uri, &format!("{}?{}", uri.path(), resource.query().unwrap_or_default()));
            }
        })
    }),
    does("BUG-15", |memory, step, _| {
        on_get(step, |request, _, _| {
            let uri = request.uri().clone();
            if !memory.is_resource(&uri) {
                let target = uri.path_and_query().map_or("/", |target| target.as_str());
                let decoded = percent_decode_str(target).decode_utf8_lossy().into_owned();
                *request.uri_mut() = with_target(&uri, &utf8_percent_encode(&decoded, BACK).to_string());
            }
        })
    }),
    does("BUG-16", |memory, step, _| {
        on_get(step, |request, _, _| {
            let uri = request.uri().clone();
            if let Some(query) = uri.query().filter(|_| !memory.is_resource(&uri)) {
                *request.uri_mut() = with_target(&uri, &format!("{}?{}", uri.path(), with_own_version(memory, query)));
            }
        })
    }),
    hears("BUG-17", |memory, event, _| on_read(memory, event, |answer| Some(Ok(without(answer, &LINKS))))),
    does("BUG-18", |memory, step, _| {
        // From then on it knows the resource alone.
        let forgets = memory.polled() && memory.heard.last().is_some_and(|answer| !has_link(answer));
        memory.times += u32::from(forgets);
        on_get(step, |request, _, _| {
            if memory.times > 0 {
                *request.uri_mut() = memory.resource();
            }
        })
    }),
    hears("BUG-19", |_, event, _| match event {
        Event::Answer(answer)
            if LINKS.iter().any(|name| link(&answer.headers, name).is_some_and(|url| url.starts_with('/'))) =>
        {
            Err(crash())
        }
        event => Ok(event),
    }),
    hears("BUG-20", |memory, event, _| match event {
        Event::Answer(answer)
            if LINKS.iter().any(|name| link(&answer.headers, name).is_some_and(|url| strange(memory, &url))) =>
        {
            Err(done(OutcomeKind::Unknown, "a URL of another host"))
        }
        event => Ok(event),
    }),
    does("BUG-21", |memory, step, _| {
        on_get(step, |request, token, _| {
            let mut parts = request.uri().clone().into_parts();
            let own = memory.resource().into_parts();
            (parts.scheme, parts.authority) = (own.scheme, own.authority);
            *request.uri_mut() = Uri::from_parts(parts).unwrap();
            *token = TokenUse::Token;
        })
    }),
    does("BUG-22", |_, step, _| {
        on_get(step, |_, token, _| {
            if *token == TokenUse::None {
                *token = TokenUse::Token;
            }
        })
    }),
    hears("BUG-23", |_, event, _| match event {
        Event::Answer(answer)
            if LINKS.iter().any(|name| {
                link(&answer.headers, name).is_some_and(|url| url.parse::<Uri>().is_err() || url.contains(' '))
            }) =>
        {
            Err(done(OutcomeKind::Unknown, "invalid URI"))
        }
        event => Ok(event),
    }),
    does("BUG-24", |memory, step, _| {
        let write = memory.write_again();
        on_get(step, |request, _, _| {
            *request.method_mut() = write.method().clone();
            *request.body_mut() = write.body().clone();
        })
    }),
    hears("BUG-26", |memory, event, _| {
        on_read(memory, event, |answer| answer.status.is_redirection().then(|| Err(success(answer))))
    }),
    hears("BUG-27", |memory, event, _| {
        on_read(memory, event, |answer| is_word(answer, &["Failed"]).then(|| Ok(saying(answer, "Succeeded"))))
    }),
    hears("BUG-28", |memory, event, _| {
        let location = memory.polled_location();
        on_read(memory, event, |answer| {
            (location && answer.status == 200 && is_word(answer, &["Failed"])).then(|| Err(success(answer)))
        })
    }),
    hears("BUG-29", |memory, event, _| {
        on_read(memory, event, |answer| is_word(answer, &["Canceled"]).then(|| Ok(saying(answer, "Succeeded"))))
    }),
    hears("BUG-30", |memory, event, _| {
        on_read(memory, event, |answer| {
            (word(answer).is_some() && !is_word(answer, &KNOWN))
                .then(|| Err(done(OutcomeKind::Failed, "unknown state")))
        })
    }),
    hears("BUG-31", |memory, event, _| {
        on_read(memory, event, |answer| {
            (word(answer).is_some() && !is_word(answer, &KNOWN)).then(|| Ok(saying(answer, "Succeeded")))
        })
    }),
    hears("BUG-32", |memory, event, _| {
        on_read(memory, event, |answer| {
            let terminal = ["Succeeded", "Failed", "Canceled"];
            let exact = word(answer).is_some_and(|word| terminal.contains(&word.as_str()));
            (!exact && is_word(answer, &terminal)).then(|| Ok(saying(answer, "Running")))
        })
    }),
    Bent {
        id: "BUG-33",
        forgets_limit: true,
        hears: |memory, event, _| {
            on_read(memory, event, |answer| is_word(answer, &["Cancelled"]).then(|| Ok(saying(answer, "Running"))))
        },
        does: straight,
        is_deaf: false,
    },
    hears("BUG-34", |memory, event, _| {
        let monitor = memory.polled_monitor();
        on_read(memory, event, |answer| (monitor && answer.status == 200).then(|| Ok(saying(answer, "Succeeded"))))
    }),
    hears("BUG-35", |memory, event, _| {
        let location = memory.polled_location();
        on_read(memory, event, |answer| (location && answer.status == 200).then(|| Err(success(answer))))
    }),
    hears("BUG-36", |memory, event, _| {
        on_read(memory, event, |answer| answer.status.is_success().then(|| Err(success(answer))))
    }),
    hears("BUG-37", |memory, event, _| {
        on_read(memory, event, |answer| {
            answer.status.is_client_error().then(|| Err(done(OutcomeKind::Unknown, "no status found in body")))
        })
    }),
    hears("BUG-38", |memory, event, _| {
        on_read(memory, event, |answer| {
            (answer.status == 204).then(|| Err(done(OutcomeKind::Failed, "unexpected status 204")))
        })
    }),
    hears("BUG-39", |memory, event, _| {
        let deletes = memory.write.method == Method::DELETE;
        on_read(memory, event, |answer| {
            (deletes && answer.status == 404).then(|| Err(done(OutcomeKind::Failed, "HTTP 404")))
        })
    }),
    hears("BUG-40", |_, event, _| match event {
        Event::Answer(mut answer) => {
            let mut body = json(&answer).unwrap_or_default();
            let top = body.as_object_mut().and_then(|body| body.remove("provisioningState"));
            if top.is_some() {
                answer.body = body.to_string().into();
            }
            Ok(Event::Answer(answer))
        }
        event => Ok(event),
    }),
    hears("BUG-41", |memory, event, _| {
        let monitor = memory.polled_monitor();
        on_read(memory, event, |answer| {
            (monitor && answer.status == 404).then(|| Err(done(OutcomeKind::Failed, "404 NotFound")))
        })
    }),
    hears("BUG-42", |memory, event, _| {
        on_read(memory, event, |answer| (answer.status == 429).then(|| Err(done(OutcomeKind::Failed, "HTTP 429"))))
    }),
    hears("BUG-43", |memory, event, _| match event {
        Event::Answer(answer) if memory.polled() && (answer.status.is_server_error() || answer.status == 408) => {
            Err(done(OutcomeKind::Failed, "the poll failed"))
        }
        Event::Failed { .. } if memory.polled() => Err(done(OutcomeKind::Failed, "the connection failed")),
        event => Ok(event),
    }),
    Bent {
        id: "BUG-44",
        forgets_limit: true,
        hears: |memory, event, now| {
            let again = memory.asked.last().cloned();
            on_read(memory, event, |answer| {
                let again = again.filter(|_| answer.status.is_server_error())?;
                Some(Err(send(again, now + Duration::from_secs(1))))
            })
        },
        does: straight,
        is_deaf: false,
    },
    hears("BUG-45", |memory, event, _| match event {
        Event::Failed { .. } if memory.polled() => Err(crash()),
        event => Ok(event),
    }),
    hears("BUG-46", |memory, event, _| match event {
        Event::Failed { reason, .. } if memory.polled() && reason == "no answer in time" => {
            Err(send(get(memory.resource()), NEVER))
        }
        event => Ok(event),
    }),
    does("BUG-47", |_, step, _| {
        on_get(step, |_, token, _| {
            if *token == TokenUse::Renewed {
                *token = TokenUse::Token;
            }
        })
    }),
    hears("BUG-48", |memory, event, _| {
        on_read(memory, event, |answer| (answer.body.is_empty() && answer.status != 204).then(|| Err(crash())))
    }),
    hears("BUG-49", |memory, event, _| {
        let monitor = memory.polled_monitor();
        on_read(memory, event, |answer| {
            let silent = json(answer).is_some_and(|body| body.is_object()) && status_word(answer).is_none();
            (monitor && answer.status == 200 && silent).then(|| Err(success(answer)))
        })
    }),
    hears("BUG-50", |memory, event, _| {
        on_read(memory, event, |answer| (!answer.body.is_empty() && json(answer).is_none()).then(|| Err(crash())))
    }),
    // The service writes its headers in lower case.
    hears("BUG-51", |_, event, _| match event {
        Event::Answer(answer) => Ok(without(&answer, &[LINKS[0], LINKS[1], LINKS[2], "retry-after"])),
        event => Ok(event),
    }),
    hears("BUG-52", |_, event, _| match event {
        Event::Answer(answer) => {
            let waits: Vec<_> = answer.headers.get_all("retry-after").iter().collect();
            let joined = waits.len() > 1 || waits.iter().any(|wait| wait.as_bytes().contains(&b','));
            if joined && !waits[0].to_str().unwrap_or_default().contains("GMT") {
                Err(crash())
            } else {
                Ok(Event::Answer(answer))
            }
        }
        event => Ok(event),
    }),
    hears("BUG-53", |memory, event, _| on_read(memory, event, |answer| Some(Ok(without(answer, &["retry-after"]))))),
    does("BUG-54", |memory, step, now| {
        let first =
            memory.wrote() && memory.heard.last().is_some_and(|answer| answer.headers.contains_key("retry-after"));
        on_get(step, |_, _, not_before| {
            if first {
                *not_before = now;
            }
        })
    }),
    hears("BUG-55", |memory, event, _| {
        let first = memory.heard.iter().find_map(|answer| answer.headers.get("retry-after").cloned());
        on_read(memory, event, |answer| {
            let mut answer = answer.clone();
            answer.headers.insert("retry-after", first?);
            Some(Ok(Event::Answer(answer)))
        })
    }),
    does("BUG-56", |memory, step, now| {
        let date = memory.heard.last().and_then(|answer| link(&answer.headers, "retry-after"));
        let odd = date.is_some_and(|value| value.parse::<u64>().is_err());
        on_get(step, |_, _, not_before| {
            if odd {
                *not_before = now;
            }
        })
    }),
    does("BUG-57", |memory, step, now| {
        let wait = memory.heard.last().and_then(|answer| link(&answer.headers, "retry-after"));
        on_get(step, |_, _, not_before| {
            if wait.is_none_or(|wait| wait == "0") {
                *not_before = now;
            }
        })
    }),
    does("BUG-58", |_, step, now| {
        on_get(step, |_, _, not_before| {
            if *not_before > now {
                *not_before = (*not_before).max(now + Duration::from_secs(60));
            }
        })
    }),
    does("BUG-59", |_, step, now| {
        on_get(step, |_, _, not_before| *not_before = (*not_before).min(now + Duration::from_secs(60)))
    }),
    hears("BUG-61", |memory, event, _| {
        let monitor = memory.polled_monitor();
        let first = memory.heard.first().cloned();
        on_read(memory, event, |answer| {
            (monitor && is_word(answer, &["Succeeded"])).then(|| Err(success(&first.unwrap_or(answer.clone()))))
        })
    }),
    does("BUG-62", |memory, step, _| {
        let told = memory.polled_monitor() && memory.heard.last().is_some_and(|answer| is_word(answer, &["Succeeded"]));
        let location = memory.location.as_deref().and_then(|location| location.parse::<Uri>().ok());
        on_get(step, |request, _, _| {
            if let Some(location) = location.filter(|location| told && location.authority().is_some()) {
                *request.uri_mut() = location;
            }
        })
    }),
    hears("BUG-63", |memory, event, _| {
        on_written(memory, event, |answer| {
            (answer.status == 200 && !has_link(answer) && word(answer).is_none()).then(|| Err(crash()))
        })
    }),
    hears("BUG-64", |memory, event, _| {
        let monitor = memory.polled_monitor();
        on_read(memory, event, |answer| (monitor && is_word(answer, &["Succeeded"])).then(|| Err(success(answer))))
    }),
    hears("BUG-65", |memory, event, _| {
        let result = memory.reads_result();
        on_read(memory, event, |answer| {
            (result && answer.status == 404).then(|| Err(done(OutcomeKind::Failed, "HTTP 404")))
        })
    }),
    does("BUG-66", |memory, step, now| match step {
        Step::Done(outcome) if outcome.kind == OutcomeKind::Failed && memory.polled() => {
            memory.held = Some(armtape::client::Outcome { code: None, message: "HTTP 404".to_owned(), ..outcome });
            send(get(memory.resource()), now)
        }
        step => step,
    }),
    hears("BUG-67", |memory, event, _| {
        let result = memory.reads_result();
        on_read(memory, event, |answer| {
            (result && answer.status == 200 && resource_word(answer).is_some()).then(|| Err(success(answer)))
        })
    }),
    does("BUG-68", |_, step, _| match step {
        Step::Done(outcome) if outcome.kind != OutcomeKind::Succeeded => done(outcome.kind, "the operation failed"),
        step => step,
    }),
    hears("BUG-69", |memory, event, _| {
        on_read(memory, event, |answer| is_failing(answer.status).then(|| Err(done(OutcomeKind::Succeeded, ""))))
    }),
    hears("BUG-70", |memory, event, _| {
        on_written(memory, event, |answer| is_failing(answer.status).then(|| Err(crash())))
    }),
    hears("BUG-72", |memory, event, _| {
        on_written(memory, event, |answer| answer.status.is_success().then(|| Err(done(OutcomeKind::Succeeded, ""))))
    }),
    hears("BUG-73", |memory, event, now| {
        let again = memory.write_again();
        let first = memory.heard.len() == 1;
        on_written(memory, event, |answer| {
            let invited = first && answer.status.is_success() && answer.headers.contains_key("retry-after");
            invited.then(|| Err(send(again, now + Duration::from_secs(5))))
        })
    }),
    hears("BUG-74", |memory, event, now| {
        let again = memory.write_again();
        let lost = match &event {
            Event::Answer(answer) => answer.status.is_server_error(),
            Event::Failed { .. } => true,
            Event::Start => false,
        };
        if lost && memory.wrote() && memory.asked.len() < 20 { Err(send(again, now)) } else { Ok(event) }
    }),
    hears("BUG-75", |memory, event, now| {
        let again = memory.write_again();
        if memory.polled() && memory.times == 0 && matches!(event, Event::Answer(_)) {
            memory.times += 1;
            memory.kept = Some(event);
            return Err(send(again, now));
        }
        Ok(event)
    }),
    hears("BUG-76", |memory, event, now| {
        let again = memory.write_again();
        let patience = memory.asked.len() < 20;
        on_written(memory, event, |answer| (answer.status == 409 && patience).then(|| Err(send(again, now))))
    }),
    hears("BUG-77", |memory, event, now| {
        let again = memory.write_again();
        let patience = memory.asked.len() < 20;
        on_written(memory, event, |answer| (answer.status == 429 && patience).then(|| Err(send(again, now))))
    }),
    does("BUG-78", |memory, step, _| match step {
        Step::Send { mut request, token, not_before }
            if request.method() == memory.write.method && !memory.asked.is_empty() =>
        {
            *request.body_mut() = bytes::Bytes::new();
            Step::Send { request, token, not_before }
        }
        step => step,
    }),
    does("BUG-79", |memory, step, _| match step {
        Step::Send { mut request, token, not_before } if request.method() == memory.write.method => {
            request.headers_mut().remove(http::header::IF_MATCH);
            Step::Send { request, token, not_before }
        }
        step => step,
    }),
    does("BUG-80", |memory, step, _| match step {
        Step::Send { mut request, token, not_before } if request.method() == memory.write.method => {
            if let Ok(mut body) = serde_json::from_slice::<serde_json::Value>(request.body()) {
                drop_nulls(&mut body);
                *request.body_mut() = body.to_string().into();
            }
            Step::Send { request, token, not_before }
        }
        step => step,
    }),
    does("BUG-81", |memory, step, _| match step {
        Step::Send { mut request, token, not_before } if request.method() == memory.write.method => {
            // Only what the client's own types know.
            if let (Ok(mut body), Ok(known)) = (
                serde_json::from_slice::<serde_json::Value>(request.body()),
                serde_json::from_slice::<serde_json::Value>(&memory.write.body),
            ) && let Some(properties) = body.pointer_mut("/properties").and_then(|value| value.as_object_mut())
            {
                properties.retain(|name, _| known["properties"].get(name).is_some());
                *request.body_mut() = body.to_string().into();
            }
            Step::Send { request, token, not_before }
        }
        step => step,
    }),
    Bent {
        // The object of an earlier call is sent once more, with the state that it had then.
        id: "BUG-82",
        forgets_limit: false,
        hears: |memory, event, _| {
            if let Event::Answer(answer) = &event
                && memory.wrote()
            {
                memory.shared.borrow_mut().state = resource_word(answer);
            }
            Ok(event)
        },
        does: |memory, step, _| match step {
            Step::Send { mut request, token, not_before } if request.method() == memory.write.method => {
                let state = memory.shared.borrow().state.clone();
                if let (Some(state), Ok(mut body)) =
                    (state, serde_json::from_slice::<serde_json::Value>(request.body()))
                    && body["properties"].is_object()
                {
                    body["properties"]["provisioningState"] = state.into();
                    *request.body_mut() = body.to_string().into();
                }
                Step::Send { request, token, not_before }
            }
            step => step,
        },
        is_deaf: false,
    },
    does("BUG-83", |_, step, _| match step {
        Step::Send { mut request, token, not_before } => {
            let id = http::HeaderValue::from_static("11111111-1111-4111-8111-111111111111");
            request.headers_mut().insert("x-ms-client-request-id", id);
            Step::Send { request, token, not_before }
        }
        step => step,
    }),
    hears("BUG-84", |memory, event, _| {
        let repeated = memory.asked.len() > 1;
        on_written(memory, event, |answer| {
            (repeated && answer.status == StatusCode::PRECONDITION_FAILED)
                .then(|| Err(done(OutcomeKind::Failed, "HTTP 412")))
        })
    }),
    does("BUG-85", |_, step, now| limited(step, now, 900)),
    Bent { id: "BUG-86", forgets_limit: true, hears: unbent, does: straight, is_deaf: false },
    Bent { id: "BUG-87", forgets_limit: false, hears: unbent, does: straight, is_deaf: true },
    does("BUG-88", |_, step, now| limited(step, now, 5)),
    does("BUG-89", |memory, step, _| {
        let write = memory.write_again();
        let resumes = memory.asked.is_empty();
        on_get(step, |request, _, _| {
            if resumes {
                *request = write;
            }
        })
    }),
    does("BUG-90", |memory, step, now| match step {
        Step::Done(outcome) if memory.monitor.is_some() && memory.asked.len() > 1 => {
            let polled = memory.asked.iter().rev().find(|request| !memory.is_resource(request.uri())).cloned();
            match polled {
                Some(polled) => {
                    memory.held = Some(outcome);
                    send(polled, now + Duration::from_secs(1))
                }
                None => Step::Done(outcome),
            }
        }
        step => step,
    }),
    Bent {
        // The object of the caller lives on, and with it what it was told first.
        id: "BUG-91",
        forgets_limit: false,
        hears: |memory, event, _| match memory.shared.borrow().error.clone() {
            Some(error) if matches!(event, Event::Start) => Err(Step::Done(error)),
            _ => Ok(event),
        },
        does: |memory, step, _| {
            if let Step::Done(outcome) = &step
                && outcome.kind == OutcomeKind::Unknown
            {
                memory.shared.borrow_mut().error = Some(outcome.clone());
            }
            step
        },
        is_deaf: false,
    },
    does("BUG-92", |memory, step, _| match (&step, memory.heard.last()) {
        (Step::Done(outcome), Some(last)) if outcome.kind == OutcomeKind::Timeout => success(last),
        _ => step,
    }),
    does("BUG-93", |memory, step, _| {
        if let Some(url) = memory.heard.last().filter(|_| memory.wrote()).and(memory.monitor.as_ref()) {
            memory.shared.borrow_mut().monitor = url.parse().ok();
        }
        let resource = memory.resource();
        let shared = memory.shared.borrow().monitor.clone();
        on_get(step, |request, _, _| {
            if let Some(shared) = shared.filter(|_| request.uri().path() != resource.path()) {
                *request.uri_mut() = shared;
            }
        })
    }),
];

/// Whether a client that compares texts takes a URL for another host's.
fn strange(memory: &Memory, url: &str) -> bool {
    let origin = format!("{}/", memory.write.url.split('/').take(3).collect::<Vec<_>>().join("/"));
    url.contains("://") && !url.starts_with(&origin)
}

/// A limit of so many seconds that nobody set.
fn limited(step: Step, now: Duration, seconds: u64) -> Step {
    match step {
        Step::Send { not_before, .. } if not_before.max(now) > Duration::from_secs(seconds) => {
            done(OutcomeKind::Timeout, "deadline exceeded")
        }
        step => step,
    }
}

fn drop_nulls(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(members) => {
            members.retain(|_, value| !value.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
