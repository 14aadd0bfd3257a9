//! The service that follows a script, as a pure step: state, request and time come in, state and
//! answer come out.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use http::{
    Method, Request, Response, StatusCode,
    header::{AUTHORIZATION, HeaderValue},
};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    answer::{Answer, Fault, Form, LinkHeader},
    draw::Draw,
    links::{Fidelity, Minted, Place, Places},
    model::{Operation, Scenario, Target},
    pace::Pace,
    subject::Subject,
};
use crate::{
    arm::State,
    simulate::{
        generic,
        reply::{Desk, Reply as Ready},
        target::Target as Parts,
    },
};

mod choice;
mod respond;

use respond::{polled, telling};

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
    /// Which `Authorization` it carried, from 0 in the order of their first use; `None` without one.
    pub token: Option<usize>,
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
    /// Every `Authorization` so far. They stay here: what is told of them is their place.
    tokens: Vec<HeaderValue>,
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
        let mut play = Self { case, desk, instances: Vec::new(), writes, tokens: Vec::new() };
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
        let token = request.headers().get(AUTHORIZATION).map(|token| self.token(token));
        let (reply, seen) = self.answer(place, Asked { request, now });
        (reply, Seen { token, ..seen })
    }

    /// The place of a token among those that were used.
    fn token(&mut self, token: &HeaderValue) -> usize {
        self.tokens.iter().position(|known| known == token).unwrap_or_else(|| {
            self.tokens.push(token.clone());
            self.tokens.len() - 1
        })
    }

    fn answer(&mut self, place: Place, asked: Asked<'_>) -> (Reply, Seen) {
        match self.meaning(place, asked.request) {
            Meaning::Write(subject) => self.write(subject, asked),
            Meaning::Resource(subject) => match self.newest(subject) {
                Some(instance) => self.poll(instance, Target::Resource, None, Fidelity::Own, asked),
                None => self.untouched(subject, asked),
            },
            Meaning::Polled { instance, minted, fidelity } => {
                // A URL without TLS that came with it: the client knew better.
                let target = match self.instances[instance].minted[minted].target {
                    Target::PlainListener if place == Place::Own => Target::Monitor,
                    target => target,
                };
                self.poll(instance, target, Some(minted), fidelity, asked)
            }
            Meaning::Elsewhere(subject) => self.elsewhere(subject, asked),
            Meaning::Other => self.other(asked),
        }
    }

    fn meaning(&self, place: Place, request: &Request<Bytes>) -> Meaning {
        // The best of those that it may be; URLs of a tape may be alike, and then the newest is meant.
        let mut found: Option<((Fidelity, bool), Meaning)> = None;
        for (number, instance) in self.instances.iter().enumerate().rev() {
            for (index, minted) in instance.minted.iter().enumerate() {
                if minted.target != Target::Resource
                    && let Some(fidelity) = minted.recognize(place, request.uri())
                {
                    let rank = (fidelity, fidelity == Fidelity::Altered && !minted.has_path(request.uri()));
                    if found.as_ref().is_none_or(|(best, _)| rank < *best) {
                        found = Some((rank, Meaning::Polled { instance: number, minted: index, fidelity }));
                    }
                }
            }
        }
        if let Some((_, meaning)) = found {
            return meaning;
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

    fn write(&mut self, subject: usize, asked: Asked<'_>) -> (Reply, Seen) {
        let script = self.case.scenario.answers(Target::Write);
        let answer = script[self.writes[subject].min(script.len() - 1)].clone();
        self.writes[subject] += 1;
        let running = self.newest(subject).filter(|instance| !self.instances[*instance].state.is_terminal());
        let accepted = super::check::takes_effect(&answer);
        let instance = match running {
            Some(instance) => Some(instance),
            None if accepted => {
                let sent = serde_json::from_slice(asked.request.body()).unwrap_or_default();
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
        let response = self.respond(&answer, About { instance, subject, target: Target::Write, header: None }, asked);
        let told = answer.is_whole().then(|| State::of_write(&telling(&response))).flatten();
        if let (Some(instance), true) = (instance, accepted) {
            self.instances[instance].state = initial(&answer, told.as_ref());
        }
        let seen = Seen {
            target: Target::Write,
            instance,
            subject: Some(subject),
            accepted,
            repeated: running.is_some(),
            told,
            state: instance.map(|instance| self.instances[instance].state.clone()),
            ..Seen::other()
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
        let salt = salt(&case.draw, instance);
        let minted = match link.taped.and_then(|url| case.scenario.tape.urls.get(url)) {
            // Another URL than before has another id.
            Some(url) if link.form == Form::Next => Minted::taped(link, url, &case.places, &format!("{salt}next")),
            Some(url) => Minted::taped(link, url, &case.places, &salt),
            None => {
                let token = format!("{salt}{:02x}", held.minted.len());
                Minted::new(link, &case.subjects[held.subject], &case.places, token)
            }
        };
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
        asked: Asked<'_>,
    ) -> (Reply, Seen) {
        let held = &self.instances[instance];
        // What a redirect's `Location` names is what the redirected URL named.
        let header = minted.map(|minted| match held.minted[minted].link.header {
            LinkHeader::Result if target.is_monitor() => held.lead_header.unwrap_or(LinkHeader::Result),
            header => header,
        });
        let answer = match minted.and_then(|minted| self.refusal(instance, minted, fidelity, asked.request.uri())) {
            Some(refusal) => refusal,
            None => self.next_answer(instance, target, header),
        };
        let subject = self.instances[instance].subject;
        let method = self.case.scenario.operation.method();
        // The result is the real one in the answer that ends the operation, too.
        let before = self.instances[instance].state.clone();
        let about = About { instance: Some(instance), subject, target, header };
        let mut response = self.respond(&answer, about, asked);
        let told = answer
            .is_whole()
            .then(|| State::of_poll(polled(target, header), method.as_str(), &telling(&response)))
            .flatten();
        if !before.is_terminal()
            && (self.leads(instance, target) || self.is_independent(target) && !answer.decoy)
            && let Some(state) = told.clone().filter(State::is_terminal)
        {
            self.instances[instance].state = state;
            response = self.respond(&answer, about, asked);
        }
        let seen = Seen {
            target,
            instance: Some(instance),
            subject: Some(subject),
            fidelity,
            told,
            state: Some(self.instances[instance].state.clone()),
            ..Seen::other()
        };
        (self.reply(&answer, response), seen)
    }

    /// The resource before any write.
    fn untouched(&mut self, subject: usize, asked: Asked<'_>) -> (Reply, Seen) {
        let answer = if self.exists() {
            Answer { status: Some(200), state: Some("Succeeded".to_owned()), decoy: true, ..Answer::default() }
        } else {
            Answer { status: Some(404), code: Some("ResourceNotFound".to_owned()), ..Answer::default() }
        };
        let mut response = self.respond(&answer, About::resource(subject), asked);
        if self.case.scenario.operation == Operation::Update {
            self.add_what_an_update_keeps(&mut response);
        }
        let seen = Seen { target: Target::Resource, subject: Some(subject), ..Seen::other() };
        (self.reply(&answer, response), seen)
    }

    /// Another host's idea of the resource.
    fn elsewhere(&mut self, subject: usize, asked: Asked<'_>) -> (Reply, Seen) {
        let answer =
            Answer { status: Some(200), state: Some("Succeeded".to_owned()), decoy: true, ..Answer::default() };
        let response = self.respond(&answer, About::resource(subject), asked);
        let seen = Seen { target: Target::SecondHost, subject: Some(subject), ..Seen::other() };
        (self.reply(&answer, response), seen)
    }

    /// Look-ups, and what nobody knows.
    fn other(&mut self, asked: Asked<'_>) -> (Reply, Seen) {
        let Asked { request, now } = asked;
        let parts = Parts::of(request.uri(), "");
        let words = parts.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let reply = generic::look_around(request.method(), &parts.segments, &words);
        let reply = reply.unwrap_or_else(|| {
            Ready::error(StatusCode::NOT_FOUND, "ResourceNotFound", format!("there is no {}", parts.path))
        });
        let response = self.desk.finish(reply, request, now);
        (Reply { response: Some(response), delay: Duration::ZERO, fault: None }, Seen::other())
    }
}

impl Seen {
    fn other() -> Self {
        Self {
            target: Target::Other,
            instance: None,
            subject: None,
            fidelity: Fidelity::Own,
            token: None,
            accepted: false,
            repeated: false,
            told: None,
            state: None,
        }
    }
}

/// A request, and when it came.
#[derive(Clone, Copy)]
struct Asked<'r> {
    request: &'r Request<Bytes>,
    now: Timestamp,
}

/// What an answer is about.
#[derive(Clone, Copy)]
struct About {
    /// The operation; `None` where none has begun.
    instance: Option<usize>,
    subject: usize,
    target: Target,
    /// The header that named the URL, where one did.
    header: Option<LinkHeader>,
}

impl About {
    /// A resource without an operation.
    fn resource(subject: usize) -> Self {
        Self { instance: None, subject, target: Target::Resource, header: None }
    }
}

/// What a request means.
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

/// What the ids of an operation are drawn from.
fn salt(draw: &Draw, instance: usize) -> String {
    format!("{}{instance:02x}", draw.token)
}

/// How far an operation is when its write was answered. Polling URLs say that it runs.
fn initial(answer: &Answer, told: Option<&State>) -> State {
    match told {
        Some(state @ (State::Failed | State::Canceled)) => state.clone(),
        Some(state) if answer.links.is_empty() => state.clone(),
        _ => State::Running(String::new()),
    }
}
