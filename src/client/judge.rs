//! What an answer means for the operation (LRO-C rules of parts B, D and E).

use std::time::Duration;

use http::{
    Method, Uri,
    header::{ETAG, IF_MATCH},
};
use serde_json::Value;

use super::{
    lro::{Operation, Phase, SHORTEST, Target, header},
    outcome::Outcome,
    read::{self, Fault, State},
    terms::{Answer, ResultAt, Step},
    url::UrlError,
};

/// Answers in succession that can't be read, before the client stops (LRO-C-44).
const UNREADABLE: u32 = 3;

/// Reads in succession that don't show yet what the status told (LRO-C-48).
const LAGS: u32 = 5;

/// Reads of a resource in succession that don't find it: it may be invisible until it is created
/// (S-09), and must not be awaited for ever (LRO-C-42).
const ABSENCES: u32 = 10;

/// The polling URLs of an answer.
struct Links {
    status: Option<Result<Uri, UrlError>>,
    location: Option<Result<Uri, UrlError>>,
}

impl Operation {
    /// What to do after an answer to `asked` that is neither a redirect nor worth a retry.
    pub(super) fn judge(&mut self, answer: &Answer, asked: &Uri, now: Duration) -> Step {
        if answer.status.is_success() {
            self.follow(answer, asked);
        } else if self.lacks_api_version(answer) {
            return self.send(now, now);
        }
        match self.phase {
            Phase::Read => self.read(answer, now),
            Phase::Write => self.written(answer, now),
            Phase::Poll(Target::Status(_)) => self.polled_status(answer, now),
            Phase::Poll(Target::Location(_)) => self.polled_location(answer, now),
            Phase::Poll(Target::Resource(_)) => self.polled_resource(answer, now),
            Phase::Result(_) => self.read_result(answer, now),
        }
    }

    /// The resource that is to be changed: what it has and nobody asks to change, goes back as it is.
    fn read(&mut self, answer: &Answer, now: Duration) -> Step {
        if answer.status != 200 {
            return self.refused(answer);
        }
        let (Some(mut resource), Some(change)) = (read::json(&answer.body), read::json(&self.write.body)) else {
            return self.unreadable("no resource in it");
        };
        let etag = answer.headers.get(ETAG).cloned();
        if let Some(etag) = etag.or_else(|| resource.get("etag").and_then(|etag| etag.as_str()?.parse().ok())) {
            self.write.headers.insert(IF_MATCH, etag);
        }
        read::without_read_only(&mut resource);
        read::lay_over(&mut resource, change);
        self.write.body = resource.to_string().into();
        self.phase = Phase::Write;
        self.send(now, now)
    }

    fn written(&mut self, answer: &Answer, now: Duration) -> Step {
        let status = answer.status.as_u16();
        if status == 204 {
            return success(None);
        }
        if !matches!(status, 200..=202) {
            return self.refused(answer);
        }
        let document = read::json(&answer.body);
        // Neither an action's result nor what a 202 brings is a state (S-08, A-21).
        let state = match (status, &self.write.method) {
            (202, _) => State::Running,
            (_, &Method::POST) => State::Absent,
            _ => read::provisioning_state(&answer.body, document.as_ref()),
        };
        if let State::Failed | State::Canceled = state {
            return ended(state, document.as_ref(), "the resource");
        }
        match self.target(answer, state) {
            Ok(Some(target)) => {
                self.phase = Phase::Poll(target);
                // At once where the service says so; that no loop comes of it, later answers see to.
                let wait = self.retry_after(answer).unwrap_or_else(|| self.interval());
                self.send(now + wait, now)
            }
            Ok(None) => success(document),
            Err(message) => Step::Done(Outcome::unknown("the write was accepted", Fault { code: None, message })),
        }
    }

    /// What to poll after the write was accepted; nothing where it is done.
    fn target(&mut self, answer: &Answer, state: State) -> Result<Option<Target>, String> {
        let links = self.links(answer, &self.home.uri);
        self.location = links.location.clone().and_then(Result::ok);
        let location = links.location.filter(|location| self.is_polling_url(location.as_ref().ok(), answer, state));
        match (links.status, location) {
            (Some(Ok(uri)), _) => return Ok(Some(Target::Status(uri))),
            (_, Some(Ok(uri))) => return Ok(Some(self.by_location(uri))),
            // Not complete, and the state that the resource shows need not be this operation's
            // (LRO-C-19).
            (Some(Err(error)), _) | (None, Some(Err(error))) => {
                return Err(format!("its polling URL can't be used: {error}"));
            }
            (None, None) => {}
        }
        let resource = Ok(Some(Target::Resource(self.home.uri.clone())));
        match (&self.write.method, state) {
            (&Method::PUT | &Method::PATCH, State::Running | State::Unreadable) => resource,
            (&Method::DELETE, State::Running) => resource,
            // LRO-C-13.
            (_, State::Running) => Err("there is no URL to poll".to_owned()),
            _ => Ok(None),
        }
    }

    /// Whether the `Location` of an accepted write is there to be polled. Beside a finished answer
    /// it is an ordinary link.
    fn is_polling_url(&self, location: Option<&Uri>, answer: &Answer, state: State) -> bool {
        let itself = location.is_some_and(|uri| self.home.is_resource(uri));
        let result = self.write.method == Method::POST && answer.status == 200 && !answer.body.is_empty();
        let complete = state == State::Succeeded || state == State::Absent && (itself || result);
        !complete
    }

    /// A resource that its own URL names is read as one: its first 200 is not the end.
    fn by_location(&self, uri: Uri) -> Target {
        let itself = self.write.method != Method::POST && self.home.is_resource(&uri);
        if itself { Target::Resource(uri) } else { Target::Location(uri) }
    }

    fn links(&self, answer: &Answer, asked: &Uri) -> Links {
        let link = |name| header(&answer.headers, name).map(|text| self.home.resolve(asked, text));
        Links {
            status: link("azure-asyncoperation").or_else(|| link("operation-location")),
            location: link("location"),
        }
    }

    /// Takes over the URLs that an answer to a poll brings: the newest wins (S-33, LRO-C-20). Where
    /// there is none, or none that can be used, the known one stays (LRO-C-21).
    fn follow(&mut self, answer: &Answer, asked: &Uri) {
        if !matches!(self.phase, Phase::Poll(_)) {
            return;
        }
        let Links { status, location } = self.links(answer, asked);
        let location = location.and_then(Result::ok);
        match (&self.phase, status, &location) {
            (Phase::Poll(Target::Status(_)), Some(Ok(uri)), _) => self.phase = Phase::Poll(Target::Status(uri)),
            (Phase::Poll(Target::Location(_)), _, Some(uri)) => {
                self.phase = Phase::Poll(self.by_location(uri.clone()));
            }
            _ => {}
        }
        self.location = location.or(self.location.take());
    }

    /// Adds the api-version to a polling URL that came without, once the service insists
    /// (LRO-C-17): until then the URL goes back as it was handed out (LRO-C-16).
    fn lacks_api_version(&mut self, answer: &Answer) -> bool {
        let (Phase::Poll(Target::Status(uri)) | Phase::Poll(Target::Location(uri))) = &mut self.phase else {
            return false;
        };
        let fault = read::fault_of(answer.status, &answer.headers, &answer.body);
        if answer.status != 400 || fault.code.as_deref() != Some("MissingApiVersionParameter") {
            return false;
        }
        let Some(versioned) = self.home.with_api_version(uri) else { return false };
        *uri = versioned;
        true
    }

    /// A status document (section 1.5). Only its word decides (LRO-C-34).
    fn polled_status(&mut self, answer: &Answer, now: Duration) -> Step {
        if !answer.status.is_success() {
            return self.refused(answer);
        }
        let document = read::json(&answer.body);
        match read::status(document.as_ref()) {
            State::Succeeded => self.after_status(document, now),
            state @ (State::Failed | State::Canceled) => ended(state, document.as_ref(), "the operation's status"),
            State::Running => self.again(answer, now),
            // A service that answers 202 while it runs may leave out the document (S-20).
            _ if answer.status == 202 => self.again(answer, now),
            _ => self.puzzled(UNREADABLE, answer, now).unwrap_or_else(|| self.unreadable("no status in it")),
        }
    }

    /// Where the result is after `Succeeded` (section 1.7, LRO-C-46, LRO-C-47).
    fn after_status(&mut self, document: Option<Value>, now: Duration) -> Step {
        let method = &self.write.method;
        let keeps = matches!(*method, Method::PUT | Method::PATCH);
        let own = Some(self.home.uri.clone());
        let at = match self.settings.result {
            ResultAt::Status => {
                let result = document.map(|document| read::properties(&document).cloned().unwrap_or(document));
                return success(result);
            }
            ResultAt::Resource => own,
            ResultAt::ByMethod if keeps => own,
            ResultAt::ByMethod if *method == Method::DELETE => None,
            ResultAt::ByMethod | ResultAt::Location => self.location.clone().or(own.filter(|_| keeps)),
        };
        let Some(at) = at else { return success(None) };
        self.phase = Phase::Result(at);
        self.puzzles = 0;
        self.send(now, now)
    }

    /// The operation's result, which is judged by its status code (LRO-C-38).
    fn polled_location(&mut self, answer: &Answer, now: Duration) -> Step {
        let deletes = self.write.method == Method::DELETE;
        match answer.status.as_u16() {
            202 => self.again(answer, now),
            204 => success(None),
            200 | 201 if self.write.method == Method::POST => self.result_of_action(answer, now),
            200 | 201 => self.result_at_location(answer, now),
            // A URL below the resource goes with it (S-23). Whether it has gone, it tells itself.
            404 | 410 if deletes => self.read_own(now),
            401 | 404 | 410 => self.refused(answer),
            400..=599 => Step::Done(Outcome::failed(read::fault_of(answer.status, &answer.headers, &answer.body))),
            _ => self.refused(answer),
        }
    }

    /// Anything may be the result of an action, but for a status document with an error (S-24).
    fn result_of_action(&mut self, answer: &Answer, now: Duration) -> Step {
        let result = read::json(&answer.body);
        let monitor = result.as_ref().filter(|result| read::is_status_document(result));
        match read::status(monitor) {
            state @ (State::Failed | State::Canceled) if read::has_error(monitor) => {
                ended(state, monitor, "the operation's status")
            }
            // The URL's kind is not known.
            State::Running if self.resumed => self.again(answer, now),
            _ => success(result),
        }
    }

    fn result_at_location(&mut self, answer: &Answer, now: Duration) -> Step {
        let document = read::json(&answer.body);
        let deletes = self.write.method == Method::DELETE;
        let state = read::provisioning_state(&answer.body, document.as_ref());
        if let Some(monitor) = document.as_ref().filter(|document| read::is_status_document(document))
            && state == State::Absent
        {
            return match read::status(Some(monitor)) {
                State::Succeeded => self.after_status(document, now),
                State::Running => self.again(answer, now),
                state => ended(state, Some(monitor), "the operation's status"),
            };
        }
        match state {
            // both are right, and the state is the truth.
            State::Running => self.again(answer, now),
            State::Failed | State::Canceled => ended(state, document.as_ref(), "the resource"),
            State::Unreadable => {
                self.puzzled(UNREADABLE, answer, now).unwrap_or_else(|| self.unreadable("no JSON object in it"))
            }
            _ if deletes => success(document),
            // The URL's kind is not known, or there is no body: the resource has the last word.
            _ if self.resumed || document.is_none() => self.read_own(now),
            _ => success(document),
        }
    }

    /// Goes on with the resource itself.
    fn read_own(&mut self, now: Duration) -> Step {
        self.phase = Phase::Poll(Target::Resource(self.home.uri.clone()));
        self.puzzles = 0;
        self.send(now, now)
    }

    /// The resource itself (LRO-C-09).
    fn polled_resource(&mut self, answer: &Answer, now: Duration) -> Step {
        let deletes = self.write.method == Method::DELETE;
        let document = read::json(&answer.body);
        match (answer.status.as_u16(), read::provisioning_state(&answer.body, document.as_ref())) {
            (404 | 410, _) if deletes => success(None),
            (404, _) => self.puzzled(ABSENCES, answer, now).unwrap_or_else(|| self.refused(answer)),
            (202, _) | (200 | 201, State::Running) => self.again(answer, now),
            (200 | 201, state @ (State::Failed | State::Canceled)) => ended(state, document.as_ref(), "the resource"),
            (200 | 201, State::Succeeded | State::Absent) if deletes => {
                self.puzzled(LAGS, answer, now).unwrap_or_else(|| self.unreadable("the resource is still there"))
            }
            (200 | 201, State::Succeeded | State::Absent) if document.is_some() => success(document),
            (200..=299, _) => {
                self.puzzled(UNREADABLE, answer, now).unwrap_or_else(|| self.unreadable("no resource in it"))
            }
            _ => self.refused(answer),
        }
    }

    /// The result of an operation that is known to have succeeded (LRO-C-48).
    fn read_result(&mut self, answer: &Answer, now: Duration) -> Step {
        let keeps = matches!(self.write.method, Method::PUT | Method::PATCH);
        let document = read::json(&answer.body);
        let state = if keeps { read::provisioning_state(&answer.body, document.as_ref()) } else { State::Absent };
        match (answer.status.as_u16(), state) {
            (204, _) => success(None),
            (202, _) => self.puzzled(LAGS, answer, now).unwrap_or_else(|| self.refused(answer)),
            (404, _) if keeps => self.puzzled(LAGS, answer, now).unwrap_or_else(|| self.refused(answer)),
            // The status has said it, and the resource may lag for longer than anybody waits.
            (200 | 201, State::Running) => self.puzzled(LAGS, answer, now).unwrap_or_else(|| success(document)),
            (200 | 201, State::Failed | State::Canceled) => {
                let fault = read::fault_in(document.as_ref(), "the resource says that it failed");
                Step::Done(Outcome::unknown("the status says that the operation succeeded", fault))
            }
            (200 | 201, State::Unreadable) => {
                self.puzzled(UNREADABLE, answer, now).unwrap_or_else(|| self.unreadable("no resource in it"))
            }
            (200 | 201, _) => success(document),
            _ => self.refused(answer),
        }
    }

    fn interval(&self) -> Duration {
        self.settings.default_interval.max(SHORTEST)
    }

    /// The next poll of an operation that runs (LRO-C-22, LRO-C-24, LRO-C-25).
    fn again(&mut self, answer: &Answer, now: Duration) -> Step {
        self.puzzles = 0;
        self.send(now + self.wait(answer), now)
    }

    fn wait(&self, answer: &Answer) -> Duration {
        self.retry_after(answer).map_or_else(|| self.interval(), |wait| wait.max(SHORTEST))
    }

    /// The next try after an answer that says nothing, unless it is the last of `limit`.
    fn puzzled(&mut self, limit: u32, answer: &Answer, now: Duration) -> Option<Step> {
        if self.puzzles == limit {
            return None;
        }
        self.puzzles += 1;
        Some(self.send(now + self.wait(answer), now))
    }

    fn unreadable(&self, why: &str) -> Step {
        Step::Done(Outcome::unknown(self.unread(), Fault { code: None, message: why.to_owned() }))
    }
}

fn success(resource: Option<Value>) -> Step {
    Step::Done(Outcome::succeeded(resource))
}

/// The end that a word tells, with the error beside it (LRO-C-36, LRO-C-37).
fn ended(state: State, document: Option<&Value>, who: &str) -> Step {
    Step::Done(match state {
        State::Canceled => Outcome::canceled(read::fault_in(document, &format!("{who} says that it was cancelled"))),
        _ => Outcome::failed(read::fault_in(document, &format!("{who} says that it failed"))),
    })
}
