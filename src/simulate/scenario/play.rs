//! The service that follows a script, as a pure step: state, request and time come in, state and
//! answer come out.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::answer::{Answer, Fault, LinkHeader, RetryAfter};
use super::body::{self, Document, Material};
use super::draw::Draw;
use super::links::{Fidelity, Minted, Place, Places};
use super::model::{FinalState, Insists, Operation, Scenario, Target};
use crate::arm::{Polled, ResourceId, State};
use crate::cassette;
use crate::simulate::generic;
use crate::simulate::reply::{Desk, Reply as Ready, http_date};
use crate::simulate::target::Target as Parts;

/// A resource that a case is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// From `/subscriptions` on.
    pub id: String,
    /// The api-version of the write.
    pub api_version: String,
    /// What the client is to send; null for nothing.
    pub body: Value,
}

impl Subject {
    /// The profile of the page that the project grew from.
    #[must_use]
    pub fn profile(name: &str) -> Self {
        use crate::simulate::seed;
        Self {
            id: seed::resource_id(name),
            api_version: seed::API_VERSION.to_owned(),
            body: serde_json::from_str(&seed::profile_body(name)).unwrap_or_default(),
        }
    }

    /// The subscription's id and the provider's namespace.
    pub(super) fn scope(&self) -> (&str, &str) {
        let rest = self.id.trim_start_matches('/');
        let subscription = rest.match_indices('/').nth(1).map_or(self.id.len(), |(at, _)| at + 1);
        let namespace = self.id.rsplit("/providers/").next().and_then(|rest| rest.split('/').next());
        (&self.id[..subscription], namespace.unwrap_or_default())
    }

    pub(super) fn name_and_type(&self) -> (String, String) {
        match ResourceId::parse(&self.id) {
            Some(id) => (id.name().to_owned(), id.resource_type()),
            None => (self.id.rsplit('/').next().unwrap_or_default().to_owned(), String::new()),
        }
    }
}

/// How seconds of a script become seconds on the wire: as they are, or fewer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace(f64);

impl Pace {
    /// As written.
    pub const AS_WRITTEN: Self = Self(1.0);

    /// A shorter wait could not show that it was ignored.
    const LEAST: u32 = 2;

    /// A longer one is there to be too long.
    const MOST: u32 = 3600;

    /// Every wait times `factor`, from 0 to 1.
    #[must_use]
    pub fn scaled(factor: f64) -> Self {
        Self(factor.clamp(0.0, 1.0))
    }

    /// Seconds on the wire for seconds of the script: rounded up, and never fewer than two where
    /// the script has two.
    #[must_use]
    pub fn seconds(self, written: u32) -> u32 {
        if written <= Self::LEAST || written > Self::MOST {
            return written;
        }
        let scaled = (f64::from(written) * self.0).ceil();
        // In range: no more than `written`.
        (scaled as u32).max(Self::LEAST)
    }
}

/// One case: a scenario for a resource at a place, with what is drawn for it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The script.
    pub scenario: Scenario,
    /// What is drawn.
    pub draw: Draw,
    /// The resources: two for `pair`, else one.
    pub subjects: Vec<Subject>,
    /// Where the hosts are.
    pub places: Places,
    /// What becomes of the script's seconds.
    pub pace: Pace,
}

/// An answer of the service.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The answer; `None` where none comes.
    pub response: Option<Response<Bytes>>,
    /// How long it takes.
    pub delay: Duration,
    /// What is wrong on the wire.
    pub fault: Option<Fault>,
}

/// What a request meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Where it went.
    pub target: Target,
    /// The operation that it belongs to, from 0: one for each write that was accepted anew.
    pub instance: Option<usize>,
    /// The resource that it is about, by its place in [`Case::subjects`].
    pub subject: Option<usize>,
    /// Whether the URL came back as it was handed out.
    pub fidelity: Fidelity,
    /// Whether this was a write that took effect, whatever became of the answer.
    pub accepted: bool,
    /// Whether this was a write that took effect before, and whose operation still runs.
    pub repeated: bool,
    /// What the answer tells about the operation; `None` where it tells nothing, or does not
    /// arrive whole.
    pub told: Option<State>,
    /// How far the operation is, as the service knows, once this is answered; `None` without one.
    pub state: Option<State>,
}

/// The service in the middle of a case.
#[derive(Clone, Debug)]
pub struct Play {
    case: Case,
    desk: Desk,
    instances: Vec<Instance>,
    /// Writes so far, by subject.
    writes: Vec<usize>,
}

/// One operation.
#[derive(Clone, Debug)]
struct Instance {
    subject: usize,
    sent: Value,
    state: State,
    /// The target whose script says when the operation ends.
    lead: Target,
    /// The header that named it.
    lead_header: Option<LinkHeader>,
    /// Whether the write was refused: there is no operation then, only URLs.
    refused: bool,
    /// Whether the resource can't be seen before the end (S-09).
    hidden: bool,
    /// Answers given, by target.
    given: BTreeMap<Target, usize>,
    /// Reads of targets that only follow the lead.
    followed: usize,
    minted: Vec<Minted>,
}

impl Play {
    /// A service before its first request. In a `resume` the operation runs already.
    #[must_use]
    pub fn new(case: Case) -> Self {
        let writes = vec![0; case.subjects.len()];
        let desk = Desk::new(case.draw.seed);
        let mut play = Self { case, desk, instances: Vec::new(), writes };
        if play.case.scenario.operation == Operation::Resume {
            let written = play.case.scenario.answers(Target::Write).first().cloned().unwrap_or_default();
            play.begin(0, &written, Value::Null);
        }
        play
    }

    /// The case.
    #[must_use]
    pub fn case(&self) -> &Case {
        &self.case
    }

    /// The polling URL that a client resumes at.
    #[must_use]
    pub fn polling_url(&self) -> Option<&str> {
        let instance = self.instances.first()?;
        let lead = instance.minted.iter().find(|minted| minted.target == instance.lead);
        lead.or(instance.minted.first()).map(|minted| minted.url.as_str())
    }

    /// Answers a request that came to `place` at `now`.
    pub fn step(&mut self, place: Place, request: &Request<Bytes>, now: Timestamp) -> (Reply, Seen) {
        match self.meaning(place, request) {
            Meaning::Write(subject) => self.write(subject, request, now),
            Meaning::Resource(subject) => match self.newest(subject) {
                Some(instance) => self.poll(instance, Target::Resource, None, Fidelity::Own, request, now),
                None => self.untouched(subject, request, now),
            },
            Meaning::Polled { instance, minted, fidelity } => {
                // A URL without TLS that came with it: the client knew better.
                let target = match self.instances[instance].minted[minted].target {
                    Target::PlainListener if place == Place::Own => Target::Monitor,
                    target => target,
                };
                self.poll(instance, target, Some(minted), fidelity, request, now)
            }
            Meaning::Elsewhere(subject) => self.elsewhere(subject, request, now),
            Meaning::Other => self.other(request, now),
        }
    }

    fn meaning(&self, place: Place, request: &Request<Bytes>) -> Meaning {
        for (number, instance) in self.instances.iter().enumerate() {
            for (index, minted) in instance.minted.iter().enumerate() {
                if minted.target != Target::Resource
                    && let Some(fidelity) = minted.recognize(place, request.uri())
                {
                    return Meaning::Polled { instance: number, minted: index, fidelity };
                }
            }
        }
        let path = Parts::of(request.uri(), "").path;
        let is_subject = |subject: &Subject| {
            let id = subject.id.trim_end_matches('/');
            let below = path.get(..id.len()).is_some_and(|start| start.eq_ignore_ascii_case(id));
            let action = self.case.scenario.operation == Operation::Post && *request.method() == Method::POST;
            below && (path.len() == id.len() || action && path[id.len()..].starts_with('/'))
        };
        let Some(subject) = self.case.subjects.iter().position(is_subject) else {
            return Meaning::Other;
        };
        match *request.method() {
            _ if place == Place::Second => Meaning::Elsewhere(subject),
            _ if place != Place::Own => Meaning::Other,
            Method::GET | Method::HEAD => Meaning::Resource(subject),
            ref method if *method == self.case.scenario.operation.method() => Meaning::Write(subject),
            _ => Meaning::Other,
        }
    }

    fn newest(&self, subject: usize) -> Option<usize> {
        self.instances.iter().rposition(|instance| instance.subject == subject && !instance.refused)
    }

    fn write(&mut self, subject: usize, request: &Request<Bytes>, now: Timestamp) -> (Reply, Seen) {
        let script = self.case.scenario.answers(Target::Write);
        let answer = script[self.writes[subject].min(script.len() - 1)].clone();
        self.writes[subject] += 1;
        let running = self.newest(subject).filter(|instance| !self.instances[*instance].state.is_terminal());
        let accepted = super::check::takes_effect(&answer);
        let instance = match running {
            Some(instance) => Some(instance),
            None if accepted => {
                let sent = serde_json::from_slice(request.body()).unwrap_or_default();
                Some(self.begin(subject, &answer, sent))
            }
            // URLs beside a refusal: there to be left alone.
            None if !answer.links.is_empty() => {
                let instance = self.begin(subject, &answer, Value::Null);
                self.instances[instance].refused = true;
                self.instances[instance].state = State::Failed;
                Some(instance)
            }
            None => None,
        };
        if let Some(instance) = instance.filter(|_| accepted) {
            self.hand_out(instance, &answer);
        }
        let response = self.respond(&answer, instance, subject, Target::Write, None, request, now);
        let told = answer.is_whole().then(|| State::of_write(&taped(&response))).flatten();
        if let (Some(instance), true) = (instance, accepted) {
            self.instances[instance].state = initial(&answer, told.as_ref());
        }
        let seen = Seen {
            target: Target::Write,
            instance,
            subject: Some(subject),
            fidelity: Fidelity::Own,
            accepted,
            repeated: running.is_some(),
            told,
            state: instance.map(|instance| self.instances[instance].state.clone()),
        };
        (self.reply(&answer, response), seen)
    }

    /// An operation begins.
    fn begin(&mut self, subject: usize, answer: &Answer, sent: Value) -> usize {
        let created = answer.status == Some(202) && self.case.scenario.operation.method() == Method::PUT;
        self.instances.push(Instance {
            subject,
            sent,
            state: State::Running(String::new()),
            lead: Target::Resource,
            lead_header: None,
            refused: false,
            hidden: created && !self.exists(),
            given: BTreeMap::new(),
            followed: 0,
            minted: Vec::new(),
        });
        let instance = self.instances.len() - 1;
        self.hand_out(instance, answer);
        instance
    }

    /// Mints the URLs of an answer to the write, and finds the target that leads: the status
    /// monitor, else the result, else the resource (section 1.7).
    fn hand_out(&mut self, instance: usize, answer: &Answer) {
        for link in &answer.links {
            self.mint(instance, *link);
        }
        let minted = &self.instances[instance].minted;
        let of = |header: LinkHeader| minted.iter().find(|minted| minted.link.header == header);
        let lead = of(LinkHeader::Monitor).or(of(LinkHeader::OperationLocation)).or(of(LinkHeader::Result));
        let lead = lead.map(|minted| (minted.target, minted.link.header));
        let held = &mut self.instances[instance];
        held.lead = lead.map_or(Target::Resource, |(target, _)| target);
        held.lead_header = lead.map(|(_, header)| header);
    }

    /// The URL of a link: the same whenever it is handed out again.
    fn mint(&mut self, instance: usize, link: super::Link) -> String {
        let Self { case, instances, .. } = self;
        let held = &mut instances[instance];
        if let Some(minted) = held.minted.iter().find(|minted| minted.link == link) {
            return minted.url.clone();
        }
        let token = format!("{}{instance:02x}{:02x}", case.draw.token, held.minted.len());
        let minted = Minted::new(link, &case.subjects[held.subject], &case.places, token);
        let url = minted.url.clone();
        held.minted.push(minted);
        url
    }

    fn poll(
        &mut self,
        instance: usize,
        target: Target,
        minted: Option<usize>,
        fidelity: Fidelity,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> (Reply, Seen) {
        let held = &self.instances[instance];
        // What a redirect's `Location` names is what the redirected URL named.
        let header = minted.map(|minted| match held.minted[minted].link.header {
            LinkHeader::Result if target.is_monitor() => held.lead_header.unwrap_or(LinkHeader::Result),
            header => header,
        });
        let answer = match minted.and_then(|minted| self.refusal(instance, minted, fidelity, request.uri())) {
            Some(refusal) => refusal,
            None => self.next_answer(instance, target, header),
        };
        let subject = self.instances[instance].subject;
        let method = self.case.scenario.operation.method();
        // The result is the real one in the answer that ends the operation, too.
        let before = self.instances[instance].state.clone();
        let preview = self.respond(&answer, Some(instance), subject, target, header, request, now);
        let told = answer
            .is_whole()
            .then(|| State::of_poll(polled(target, header), method.as_str(), &taped(&preview)))
            .flatten();
        let mut response = preview;
        if !before.is_terminal()
            && (self.leads(instance, target) || self.is_independent(target) && !answer.decoy)
            && let Some(state) = told.clone().filter(State::is_terminal)
        {
            self.instances[instance].state = state;
            response = self.respond(&answer, Some(instance), subject, target, header, request, now);
        }
        let seen = Seen {
            target,
            instance: Some(instance),
            subject: Some(subject),
            fidelity,
            accepted: false,
            repeated: false,
            told,
            state: Some(self.instances[instance].state.clone()),
        };
        (self.reply(&answer, response), seen)
    }

    /// What the status monitor answers to a URL that it doesn't accept.
    fn refusal(&self, instance: usize, minted: usize, fidelity: Fidelity, uri: &Uri) -> Option<Answer> {
        let minted = &self.instances[instance].minted[minted];
        if minted.link.header == LinkHeader::Result {
            return None;
        }
        let has_version = uri.query().is_some_and(|query| query.to_ascii_lowercase().contains("api-version="));
        let (status, code) = match self.case.scenario.insists {
            Insists::Exact if fidelity == Fidelity::Altered => (403, "SignatureInvalid"),
            Insists::OwnVersion if !minted.keeps_version(uri) => (404, "InvalidResourceType"),
            Insists::AnyVersion if !has_version => (400, "MissingApiVersionParameter"),
            _ => return None,
        };
        Some(Answer { status: Some(status), code: Some(code.to_owned()), ..Answer::default() })
    }

    fn is_independent(&self, target: Target) -> bool {
        self.case.scenario.independent.contains(&target)
    }

    /// Whether the script of `target` runs with the operation, rather than after it.
    fn leads(&self, instance: usize, target: Target) -> bool {
        let lead = self.instances[instance].lead;
        let results = [Target::Result, Target::NextResult];
        target == lead
            || target.is_monitor() && lead.is_monitor()
            || results.contains(&target) && results.contains(&lead)
    }

    fn next_answer(&mut self, instance: usize, target: Target, header: Option<LinkHeader>) -> Answer {
        let follows_script =
            self.leads(instance, target) || self.is_independent(target) || self.instances[instance].state.is_terminal();
        let script = self.case.scenario.answers(target);
        if follows_script && !script.is_empty() {
            let given = self.instances[instance].given.entry(target).or_default();
            let answer = script[(*given).min(script.len() - 1)].clone();
            *given += 1;
            return answer;
        }
        if !self.instances[instance].state.is_terminal() {
            self.follow(instance);
        }
        self.view(instance, target, header)
    }

    /// A read beside the lead. Who never asks the lead comes to an end as well, a little later.
    fn follow(&mut self, instance: usize) {
        const LATER: usize = 3;
        let lead = self.instances[instance].lead;
        let script = self.case.scenario.answers(lead);
        let held = &mut self.instances[instance];
        held.followed += 1;
        if held.followed > script.len() + LATER {
            let end = script.last().and_then(|answer| answer.state.as_deref()).map(State::from_word);
            if let Some(end) = end.filter(State::is_terminal) {
                held.given.insert(lead, script.len() - 1);
                held.state = end;
            }
        }
    }

    /// What a target without a script of its own shows: how far the operation is.
    fn view(&self, instance: usize, target: Target, header: Option<LinkHeader>) -> Answer {
        let Instance { state, lead, hidden, .. } = &self.instances[instance];
        let operation = self.case.scenario.operation.method();
        let code = || self.case.scenario.answers(*lead).iter().rev().find_map(|answer| answer.code.clone());
        let answer = |status: u16, state: &str| Answer {
            status: Some(status),
            state: (!state.is_empty()).then(|| state.to_owned()),
            ..Answer::default()
        };
        if target != Target::Resource && header != Some(LinkHeader::Result) {
            let word = match state {
                State::Running(_) => "InProgress".to_owned(),
                ended => ended.to_string(),
            };
            let failed = matches!(state, State::Failed | State::Canceled);
            return Answer { code: code().filter(|_| failed), ..answer(200, &word) };
        }
        let reads = target == Target::Resource;
        match (state, operation) {
            (_, Method::POST) if reads => answer(200, "Succeeded"),
            (State::Running(_), _) if !reads => answer(202, ""),
            (State::Running(_), Method::DELETE) => answer(200, "Deleting"),
            (State::Running(_), _) if *hidden => {
                Answer { code: Some("ResourceNotFound".to_owned()), ..answer(404, "") }
            }
            (State::Running(_), _) if self.exists() => answer(200, "Updating"),
            (State::Running(_), _) => answer(200, "Creating"),
            (State::Succeeded, Method::DELETE) if reads => {
                Answer { code: Some("ResourceNotFound".to_owned()), ..answer(404, "") }
            }
            (State::Succeeded, Method::DELETE) => answer(204, ""),
            (State::Succeeded, Method::POST) => answer(200, "-"),
            (State::Succeeded, _) => answer(200, "Succeeded"),
            // What could not be deleted is as it was.
            (_, Method::DELETE) if reads => answer(200, "Succeeded"),
            (ended, _) if reads => answer(200, &ended.to_string()),
            (_, _) => Answer { code: code().or(Some("OperationFailed".to_owned())), ..answer(409, "") },
        }
    }

    /// Whether the resource is there before the write.
    fn exists(&self) -> bool {
        let scenario = &self.case.scenario;
        scenario.exists.unwrap_or_else(|| {
            let accepted = scenario.answers(Target::Write).iter().find(|answer| super::check::takes_effect(answer));
            let created = accepted.is_none_or(|answer| !matches!(answer.status, Some(200)));
            let creates = scenario.operation.method() == Method::PUT && scenario.operation != Operation::Update;
            !(created && creates)
        })
    }

    /// The resource before any write.
    fn untouched(&mut self, subject: usize, request: &Request<Bytes>, now: Timestamp) -> (Reply, Seen) {
        let answer = if self.exists() {
            Answer { status: Some(200), state: Some("Succeeded".to_owned()), decoy: true, ..Answer::default() }
        } else {
            Answer { status: Some(404), code: Some("ResourceNotFound".to_owned()), ..Answer::default() }
        };
        let mut response = self.respond(&answer, None, subject, Target::Resource, None, request, now);
        if self.case.scenario.operation == Operation::Update {
            self.add_what_an_update_keeps(&mut response);
        }
        let seen = Seen { target: Target::Resource, subject: Some(subject), ..Seen::other() };
        (self.reply(&answer, response), seen)
    }

    /// An `ETag`, and a property that the client doesn't know and must send back.
    fn add_what_an_update_keeps(&self, response: &mut Response<Bytes>) {
        let draw = &self.case.draw;
        add(response.headers_mut(), http::header::ETAG, &format!("\"{}\"", draw.lure));
        if let Ok(mut resource) = serde_json::from_slice::<Value>(response.body())
            && let Some(Value::Object(properties)) = resource.get_mut("properties")
        {
            properties.insert(draw.unknown_property(), draw.token.as_str().into());
            *response.body_mut() = resource.to_string().into();
        }
    }

    /// Another host's idea of the resource.
    fn elsewhere(&mut self, subject: usize, request: &Request<Bytes>, now: Timestamp) -> (Reply, Seen) {
        let answer =
            Answer { status: Some(200), state: Some("Succeeded".to_owned()), decoy: true, ..Answer::default() };
        let response = self.respond(&answer, None, subject, Target::Resource, None, request, now);
        let seen = Seen { target: Target::SecondHost, subject: Some(subject), ..Seen::other() };
        (self.reply(&answer, response), seen)
    }

    /// Look-ups, and what nobody knows.
    fn other(&mut self, request: &Request<Bytes>, now: Timestamp) -> (Reply, Seen) {
        let parts = Parts::of(request.uri(), "");
        let words = parts.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let reply = generic::look_up(request.method(), &parts.segments, &words);
        let reply = reply.unwrap_or_else(|| {
            Ready::error(StatusCode::NOT_FOUND, "ResourceNotFound", format!("there is no {}", parts.path))
        });
        let response = self.desk.finish(reply, request, now);
        (Reply { response: Some(response), delay: Duration::ZERO, fault: None }, Seen::other())
    }

    /// The whole answer, as it would be sent if nothing were wrong on the wire.
    #[expect(clippy::too_many_arguments, reason = "an answer depends on all of it")]
    fn respond(
        &mut self,
        answer: &Answer,
        instance: Option<usize>,
        subject: usize,
        target: Target,
        header: Option<LinkHeader>,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> Response<Bytes> {
        let links: Vec<(LinkHeader, String)> = match instance {
            Some(instance) => answer.links.iter().map(|link| (link.header, self.mint(instance, *link))).collect(),
            None => Vec::new(),
        };
        let status = answer.status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
        let mut response = self.desk.finish(Ready::empty(status), request, now);
        let scenario = &self.case.scenario;
        let subject = &self.case.subjects[subject];
        let held = instance.map(|instance| &self.instances[instance]);
        let sent = held.map(|held| &held.sent).filter(|sent| sent.is_object()).unwrap_or(&subject.body);
        let settled = |word: &str| word.eq_ignore_ascii_case("Succeeded");
        let is_final = match target {
            // A state beside polling URLs may be the end, none is not; a 202 never is.
            Target::Write => {
                status != StatusCode::ACCEPTED
                    && (answer.links.is_empty() || answer.state.as_deref().is_some_and(settled))
            }
            // Whoever takes the first 200 for the end has its body.
            Target::Result | Target::NextResult if held.is_some_and(|held| held.lead == target) => true,
            _ => held.is_some_and(|held| held.state == State::Succeeded),
        };
        let path = request.uri().path();
        let material =
            Material { subject, draw: &self.case.draw, sent, path, second: &self.case.places.second, is_final };
        let has_result = scenario.final_state == FinalState::Status;
        let document = document(target, header, &scenario.operation.method(), has_result);
        let template = answer.body.as_ref().and_then(|name| scenario.bodies.get(name)).map(String::as_str);
        let bytes = body::body(answer, document, template, &material);
        let headers = response.headers_mut();
        if !bytes.is_empty() {
            headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        }
        for (header, url) in links {
            add(headers, header.name(), &url);
        }
        for wait in &answer.retry_after {
            add(headers, RETRY_AFTER, &retry_after(wait, self.case.pace, now));
        }
        for (name, value) in &answer.headers {
            if let Ok(name) = HeaderName::try_from(name.as_str()) {
                headers.remove(&name);
                add(headers, name, value);
            }
        }
        if *request.method() != Method::HEAD {
            *response.body_mut() = bytes;
        }
        response
    }

    fn reply(&self, answer: &Answer, response: Response<Bytes>) -> Reply {
        let seconds = u32::try_from(answer.delay.as_secs()).unwrap_or(u32::MAX);
        Reply {
            response: answer.status.map(|_| response),
            delay: Duration::from_secs(self.case.pace.seconds(seconds).into()),
            fault: answer.fault,
        }
    }
}

impl Seen {
    fn other() -> Self {
        Self {
            target: Target::Other,
            instance: None,
            subject: None,
            fidelity: Fidelity::Own,
            accepted: false,
            repeated: false,
            told: None,
            state: None,
        }
    }
}

/// What a request is about.
enum Meaning {
    Write(usize),
    Resource(usize),
    Polled {
        instance: usize,
        minted: usize,
        fidelity: Fidelity,
    },
    /// The resource, asked of the second host.
    Elsewhere(usize),
    Other,
}

impl LinkHeader {
    fn name(self) -> HeaderName {
        match self {
            Self::Monitor => HeaderName::from_static("azure-asyncoperation"),
            Self::Result => http::header::LOCATION,
            Self::OperationLocation => HeaderName::from_static("operation-location"),
        }
    }
}

/// How far an operation is when its write was answered. Polling URLs say that it runs.
fn initial(answer: &Answer, told: Option<&State>) -> State {
    match told {
        Some(state @ (State::Failed | State::Canceled)) => state.clone(),
        Some(state) if answer.links.is_empty() => state.clone(),
        _ => State::Running(String::new()),
    }
}

fn document(target: Target, header: Option<LinkHeader>, method: &Method, has_result: bool) -> Document {
    match (target, header) {
        (Target::Write, _) | (_, Some(LinkHeader::Result)) if *method == Method::POST => Document::Action,
        (Target::Write | Target::Resource, _) | (_, Some(LinkHeader::Result)) => Document::Resource,
        _ => Document::Status { has_result },
    }
}

fn polled(target: Target, header: Option<LinkHeader>) -> Polled {
    match (target, header) {
        (Target::Resource, _) => Polled::Resource,
        (_, Some(LinkHeader::Result)) => Polled::Location,
        (_, Some(_)) => Polled::AsyncOperation,
        _ => Polled::Nothing,
    }
}

/// The answer as the tape has it, which is how the rest of the house reads states.
fn taped(response: &Response<Bytes>) -> cassette::Response {
    cassette::Response {
        status: response.status().as_u16(),
        headers: cassette::Headers::default(),
        body: cassette::Body::from_bytes(response.body().clone()),
    }
}

fn retry_after(wait: &RetryAfter, pace: Pace, now: Timestamp) -> String {
    match wait {
        RetryAfter::Seconds(seconds) => pace.seconds(*seconds).to_string(),
        RetryAfter::Date(from_now) => {
            let seconds = match u32::try_from(*from_now) {
                Ok(ahead) => i64::from(pace.seconds(ahead)),
                Err(_) => i64::from(*from_now),
            };
            let date = now.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(now);
            http_date(date)
        }
        RetryAfter::Text(text) => text.clone(),
    }
}

/// A value that HTTP can't carry is left out: it can only come from a script.
fn add(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.append(name, value);
    }
}
