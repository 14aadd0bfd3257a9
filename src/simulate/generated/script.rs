//! A recipe as a script in the notation of scenarios.

use std::{collections::BTreeMap, time::Duration};

use super::{
    model,
    recipe::{
        At, Body, Document, End, Envelope, First, Form, Headers, Hop, Last, Moves, Place, Recipe, Redirect, Stated,
        Task, Trouble, Wait, Word,
    },
    settle::{Lead, is_elsewhere},
};
use crate::simulate::scenario::{
    Answer, Fault, FinalState, Form as UrlForm, FromTape, Insists, Link, LinkHeader, Need, RetryAfter, Scenario,
    Target, Truth,
};

/// How long a client waits that never sees the end.
const LIMIT: u32 = 30;

/// How long one waits that is told to wait for days.
const LONGER_LIMIT: u32 = 100;

impl Recipe {
    /// The service as a scenario, with its truth.
    #[must_use]
    pub fn scenario(&self) -> Scenario {
        let mut script = Script { recipe: self.settled(), answers: BTreeMap::new(), bodies: BTreeMap::new() };
        script.write();
        let lead = script.recipe.lead();
        if lead != Lead::Nowhere {
            script.lead(lead);
            script.last_read();
        }
        let Script { recipe, answers, mut bodies } = script;
        bodies.retain(|name, _| answers.values().flatten().any(|answer| answer.body.as_ref() == Some(name)));
        let mut scenario = Scenario {
            id: "GEN".to_owned(),
            variant: String::new(),
            title: recipe.title(),
            kind: recipe.kind(),
            operation: recipe.task.operation(),
            answers,
            bodies,
            independent: Vec::new(),
            exists: recipe.exists(),
            insists: match recipe.form {
                Form::Signed if lead == Lead::Monitor => Insists::Exact,
                Form::OtherVersion => Insists::OwnVersion,
                Form::BareInsisting => Insists::AnyVersion,
                _ => Insists::Nothing,
            },
            trusts_second: recipe.form == Form::Trusted
                || matches!(recipe.redirect, Redirect::Trusted | Redirect::WriteTrusted),
            condition: (recipe.task == Task::CreateOnly).then(|| "If-None-Match: *".to_owned()),
            timeout: match recipe.poll_wait {
                _ if recipe.task == Task::Abort => None,
                Wait::Days => Some(LONGER_LIMIT),
                _ => recipe.is_endless().then_some(LIMIT),
            },
            abort_after: 2,
            final_state: FinalState::Default,
            tape: FromTape::default(),
            truth: Truth::default(),
        };
        scenario.truth = model::truth(&scenario);
        // To refuse such a body before sending it is right, too.
        for demand in scenario.truth.demanded.iter_mut().filter(|_| recipe.body == Body::Invalid) {
            demand.at_least = 0;
        }
        scenario.truth.needs = match (recipe.form, recipe.redirect) {
            (Form::Port, _) => vec![Need::Proxy],
            (Form::Foreign | Form::Plaintext, _) | (_, Redirect::Foreign | Redirect::WriteForeign) => vec![Need::Tls],
            _ => Vec::new(),
        };
        if recipe.trouble == Trouble::Expired {
            scenario.truth.needs.push(Need::Token);
        }
        scenario
    }

    fn exists(&self) -> Option<bool> {
        match (self.task, self.first) {
            (Task::CreateOnly, First::Precondition) => Some(true),
            (Task::Delete, First::NoContent) => Some(false),
            _ => None,
        }
    }

    /// One line for people: what is not plain.
    #[must_use]
    pub fn title(&self) -> String {
        let settled = self.settled();
        let told = settled.choices().into_iter().enumerate().filter(|(at, choice)| *at < 2 || *choice > 0);
        told.map(|(at, _)| settled.name_of(at)).collect::<Vec<_>>().join(", ")
    }
}

struct Script {
    recipe: Recipe,
    answers: BTreeMap<Target, Vec<Answer>>,
    bodies: BTreeMap<String, String>,
}

fn answer(status: u16) -> Answer {
    Answer { status: Some(status), ..Answer::default() }
}

fn stated(status: u16, word: &str) -> Answer {
    Answer { state: Some(word.to_owned()), ..answer(status) }
}

fn refused(status: u16, code: &str) -> Answer {
    Answer { code: Some(code.to_owned()), ..answer(status) }
}

fn link(header: LinkHeader, form: UrlForm) -> Link {
    Link::new(header, form)
}

fn redirect(status: u16, to: UrlForm) -> Answer {
    Answer { links: vec![link(LinkHeader::Result, to)], ..answer(status) }
}

fn unauthorized() -> Answer {
    let challenge = r#"Bearer authorization_uri="https://login.microsoftonline.com/common", error="invalid_token""#;
    let headers = vec![("WWW-Authenticate".to_owned(), challenge.to_owned())];
    Answer { headers, ..refused(401, "ExpiredAuthenticationToken") }
}

impl Script {
    fn write(&mut self) {
        let recipe = self.recipe;
        let mut answers = self.trouble(At::Write);
        if recipe.redirect.sends_the_write_away() {
            answers.push(redirect(307, UrlForm::Second));
            self.answers.insert(Target::Write, answers);
            let there = match recipe.redirect {
                Redirect::WriteTrusted => stated(201, "Succeeded"),
                _ => refused(401, "AuthenticationFailed"),
            };
            self.answers.insert(Target::SecondHost, vec![there]);
            return;
        }
        if recipe.redirect == Redirect::Write {
            answers.insert(0, redirect(307, UrlForm::Resource));
        }
        let creates = recipe.first != First::Ok;
        let running = match recipe.task {
            Task::Delete => "Deleting",
            Task::Post => "Accepted",
            _ if creates => "Creating",
            _ => "Updating",
        };
        let status = match recipe.first {
            First::Created => 201,
            First::Ok => 200,
            First::Accepted => 202,
            First::NoContent => 204,
            First::Refused => 400,
            First::Busy => 409,
            First::Precondition => 412,
        };
        let mut first = match recipe.first {
            First::NoContent => answer(204),
            First::Refused => match recipe.refusal().filter(|_| recipe.envelope == Envelope::Standard) {
                Some(text) => self.with_body(400, "refusal", &text),
                None => self.error(400, "InvalidRequestContent*"),
            },
            First::Busy => refused(409, "AnotherOperationInProgress"),
            First::Precondition => refused(412, "PreconditionFailed*"),
            _ => match recipe.stated {
                Stated::Running => self.resource(status, &self.cased(running)),
                Stated::Succeeded => self.resource(status, "Succeeded"),
                Stated::Absent => stated(status, "-"),
                Stated::Failed => self.resource(status, "Failed"),
                Stated::Canceled => self.resource(status, "Canceled"),
                Stated::Nothing => answer(status),
            },
        };
        first.links = self.links();
        first.retry_after = waits(recipe.first_wait);
        answers.push(first);
        if recipe.task == Task::Rerun {
            answers.push(stated(200, "Succeeded"));
        }
        self.answers.insert(Target::Write, answers);
        if !recipe.is_accepted() && recipe.headers == Headers::Monitor {
            self.answers.insert(Target::Monitor, vec![stated(200, "Succeeded")]);
        }
    }

    fn links(&self) -> Vec<Link> {
        let recipe = self.recipe;
        let form = match recipe.form {
            Form::Plain | Form::Text => UrlForm::Plain,
            Form::Signed => UrlForm::Signed,
            Form::OtherVersion => UrlForm::OtherVersion,
            Form::Bare | Form::BareInsisting => UrlForm::Bare,
            Form::Long => UrlForm::Long(4096),
            Form::Longer => UrlForm::Long(6144),
            Form::Port => UrlForm::Port,
            Form::Relative => UrlForm::Relative,
            Form::Itself => UrlForm::Resource,
            Form::Trusted | Form::Foreign => UrlForm::Second,
            Form::Plaintext => UrlForm::Http,
        };
        let beside = if recipe.form == Form::Text { UrlForm::Text } else { form };
        match recipe.headers {
            Headers::Neither => vec![],
            Headers::Monitor => vec![link(LinkHeader::Monitor, form)],
            Headers::Result => vec![link(LinkHeader::Result, form)],
            Headers::Both => vec![link(LinkHeader::Monitor, form), link(LinkHeader::Result, beside)],
            Headers::Operation => vec![link(LinkHeader::OperationLocation, form)],
            Headers::MonitorAndOperation => {
                vec![link(LinkHeader::Monitor, form), link(LinkHeader::OperationLocation, form)]
            }
        }
    }

    /// The target that tells of the end, and the header that names it.
    fn target(&self, lead: Lead) -> (Target, Option<LinkHeader>) {
        let elsewhere = is_elsewhere(self.recipe.form);
        match (lead, self.recipe.headers) {
            (Lead::Monitor, Headers::Operation) => (Target::OperationLocation, Some(LinkHeader::OperationLocation)),
            (Lead::Monitor, _) if elsewhere => (Target::SecondHost, Some(LinkHeader::Monitor)),
            (Lead::Monitor, _) => (Target::Monitor, Some(LinkHeader::Monitor)),
            (Lead::Result, _) => (Target::Result, Some(LinkHeader::Result)),
            _ => (Target::Resource, None),
        }
    }

    fn lead(&mut self, lead: Lead) {
        let recipe = self.recipe;
        let (target, header) = self.target(lead);
        let form = self.links().first().map_or(UrlForm::Plain, |link| link.form);
        let running = self.running(lead);
        let (first, later) = (self.trouble(At::FirstPoll), self.trouble(At::LaterPoll));
        let end = self.end(lead);
        let mut answers: Vec<Answer> = first;
        let polls = if recipe.is_endless() { recipe.polls.count().max(1) } else { recipe.polls.count() };
        answers.extend(std::iter::repeat_n(running.clone(), polls));
        answers.extend(later);
        if recipe.task != Task::Abort {
            answers.push(end.clone());
        }
        if recipe.moves == Moves::Repeated
            && let Some(header) = header
        {
            for answer in answers.iter_mut().filter(|answer| answer.status.is_some_and(|status| status < 300)) {
                answer.links.push(link(header, form));
            }
        }
        if matches!(recipe.moves, Moves::Moves | Moves::Breaks)
            && let Some(header) = header
        {
            let next = if header == LinkHeader::Result { Target::NextResult } else { Target::NextMonitor };
            let at = answers.iter().position(|answer| *answer == running).unwrap_or_default();
            let rest = answers.split_off(at + 1);
            answers[at].links.push(link(header, UrlForm::Next));
            match recipe.moves {
                Moves::Breaks if header == LinkHeader::Result => answers.push(answer(500)),
                Moves::Breaks => answers.push(refused(404, "NotFound")),
                _ => answers.extend(rest.iter().cloned()),
            }
            self.answers.insert(next, rest);
        }
        if let Some((status, hop)) = recipe.redirect.of_polls() {
            let (behind, form) = match hop {
                Hop::Own => (Target::Moved, UrlForm::Moved),
                Hop::Second => (Target::SecondHost, UrlForm::Second),
            };
            self.answers.insert(behind, std::mem::replace(&mut answers, vec![redirect(status, form)]));
        }
        if recipe.headers == Headers::MonitorAndOperation {
            self.answers.insert(Target::OperationLocation, answers.clone());
        }
        self.answers.insert(target, answers);
    }

    /// An answer that says that the operation runs.
    fn running(&mut self, lead: Lead) -> Answer {
        let recipe = self.recipe;
        let word = match recipe.word {
            Word::Drawn => "*".to_owned(),
            Word::Deleted if recipe.task != Task::Delete => "Deleted".to_owned(),
            Word::Deleted => "Removed".to_owned(),
            _ => self.cased(match (lead, recipe.task) {
                (Lead::Monitor, _) => "Running",
                (_, Task::Delete) => "Deleting",
                (_, Task::Put) if recipe.first != First::Ok => "Creating",
                _ => "Updating",
            }),
        };
        let mut running = match (lead, recipe.document) {
            (Lead::Result, _) if recipe.place == Place::Status => {
                self.with_body(200, "runs", r#"{"status":"Running"}"#)
            }
            (Lead::Result, _) => answer(202),
            (Lead::Resource, _) => self.resource(200, &word),
            (_, Document::Plain) => stated(200, &word),
            (_, Document::Accepted) => stated(202, &word),
            (_, Document::Odd) => self.with_body(200, "odd", ODD),
            (_, Document::Almost) => self.with_body(200, "almost", ALMOST),
            (_, Document::Marked) => self.with_body(200, "marked", MARKED),
        };
        running.retry_after = waits(recipe.poll_wait);
        if recipe.task == Task::Abort {
            running.retry_after = vec![RetryAfter::Seconds(30)];
        }
        running
    }

    fn end(&mut self, lead: Lead) -> Answer {
        let Recipe { task, end, .. } = self.recipe;
        match (lead, end) {
            (_, End::Gone) => refused(404, "NotFound"),
            (_, End::Forbidden) => refused(403, "AuthorizationFailed"),
            (_, End::Endless) => self.running(lead),
            (_, End::Unauthorized) => unauthorized(),
            (_, End::DoubleL) => stated(200, "Cancelled"),
            (Lead::Result, _) if self.recipe.place == Place::Status => self.misplaced(end),
            (Lead::Result, End::Succeeded) => match task {
                Task::Delete => answer(204),
                Task::Post => stated(200, "-"),
                _ => self.resource(200, "Succeeded"),
            },
            (Lead::Result, _) => self.error(409, "Conflict*"),
            (Lead::Resource, End::Succeeded) if task == Task::Delete => refused(404, "ResourceNotFound"),
            (Lead::Resource, End::Failed) => self.resource(200, &self.cased("Failed")),
            (Lead::Resource, End::Canceled) => self.resource(200, &self.cased("Canceled")),
            (Lead::Resource, _) => self.resource(200, &self.cased("Succeeded")),
            (_, End::Failed) => self.ended("Failed", "QuotaReached"),
            (_, End::Canceled) => self.ended("Canceled", "OperationCanceled"),
            (_, End::Silent) => stated(200, &self.cased("Failed")),
            _ => stated(200, &self.cased("Succeeded")),
        }
    }

    /// The resource in a state, which stands where this service has it.
    fn resource(&mut self, status: u16, word: &str) -> Answer {
        if self.recipe.place != Place::Root {
            return stated(status, word);
        }
        let drawn = if word == "*" { "${word}" } else { word };
        let made = if word.eq_ignore_ascii_case("Succeeded") { "proof" } else { "lure" };
        let text = format!(
            r#"{{"id":"${{id}}","name":"${{name}}","type":"${{type}}","provisioningState":"{drawn}","properties":{{"revision":"${{{made}}}","tenantId":"${{{made}}}"}}}}"#
        );
        let name = if word == "*" { "root-drawn".to_owned() } else { format!("root-{}", word.to_lowercase()) };
        self.with_body(status, &name, &text)
    }

    /// A status document with the end, at `Location`.
    fn misplaced(&mut self, end: End) -> Answer {
        match end {
            End::Failed => {
                let error = r#"{"status":"Failed","error":{"code":"Conflict${code}","message":"${message}"}}"#;
                self.with_body(200, "ended", error)
            }
            _ => self.with_body(200, "ended", r#"{"status":"Succeeded"}"#),
        }
    }

    /// A status document that tells of a failure.
    fn ended(&mut self, word: &str, code: &str) -> Answer {
        let word = self.cased(word);
        if self.recipe.envelope == Envelope::Deep {
            let error = deep(code);
            return self.with_body(200, "ended", &format!(r#"{{"status":"{word}","error":{error}}}"#));
        }
        Answer { code: Some(format!("{code}*")), ..stated(200, &word) }
    }

    /// An error in its envelope.
    fn error(&mut self, status: u16, code: &str) -> Answer {
        let bare = code.trim_end_matches('*');
        let text = match self.recipe.envelope {
            Envelope::Standard => return refused(status, code),
            Envelope::Empty => return answer(status),
            Envelope::Deep => format!(r#"{{"error":{}}}"#, deep(bare)),
            Envelope::Bare => format!(r#"{{"code":"{bare}${{code}}","message":"${{message}}"}}"#),
            Envelope::Pascal => format!(
                r#"{{"Code":"{bare}${{code}}","Message":"${{message}}","Target":null,"Details":[{{"Message":"${{message}}"}},{{"Code":"{bare}${{code}}"}}],"Innererror":null}}"#
            ),
            Envelope::Nested => format!(
                r#"{{"error":{{"code":"{bare}${{code}}","message":"{{\"error\":{{\"code\":\"Nested${{code}}\",\"message\":\"${{message}}\"}}}}"}}}}"#
            ),
            Envelope::Message => r#"{"message":"${message}"}"#.to_owned(),
            Envelope::Number => format!(r#"{{"error":{{"code":{status},"message":"${{message}}"}}}}"#),
            Envelope::Marked => {
                format!(r#"${{bom}}{{"error":{{"code":"{bare}${{code}}","message":"${{message}}"}}}}"#)
            }
            Envelope::Page => {
                let mut page = self.with_body(status, "error", "<html><body><h1>Sorry</h1>${message}</body></html>");
                page.headers.push(("Content-Type".to_owned(), "text/html".to_owned()));
                return page;
            }
        };
        self.with_body(status, "error", &text)
    }

    fn with_body(&mut self, status: u16, name: &str, text: &str) -> Answer {
        self.bodies.insert(name.to_owned(), text.to_owned());
        Answer { body: Some(name.to_owned()), ..answer(status) }
    }

    /// What the last read finds, and what goes wrong with it.
    fn last_read(&mut self) {
        let recipe = self.recipe;
        let mut answers = self.trouble(At::LastRead);
        let at = if recipe.task == Task::Post { Target::Result } else { Target::Resource };
        match recipe.last {
            Last::Lags => answers.push(stated(200, "Updating")),
            Last::NotYet => answers.push(refused(404, "ResourceNotFound")),
            Last::Lure => {
                drop(self.answers.insert(Target::Result, vec![Answer { decoy: true, ..stated(200, "Succeeded") }]));
            }
            Last::Gone => drop(self.answers.insert(Target::Result, vec![refused(404, "NotFound")])),
            Last::Failed => answers.push(stated(200, "Failed")),
            Last::Plain => {}
        }
        if !answers.is_empty() || recipe.place == Place::Root {
            match (recipe.task, recipe.last) {
                (_, Last::Failed) => {}
                (Task::Post, _) => answers.push(stated(200, "-")),
                _ => answers.push(self.resource(200, &self.cased("Succeeded"))),
            }
            self.answers.insert(at, answers);
        }
    }

    /// What goes wrong at a place.
    fn trouble(&mut self, at: At) -> Vec<Answer> {
        let recipe = self.recipe;
        if recipe.trouble == Trouble::Nothing || recipe.at != at {
            return Vec::new();
        }
        let after = |seconds: u32, answer: Answer| Answer { retry_after: vec![RetryAfter::Seconds(seconds)], ..answer };
        let lost = |fault: Fault| Answer { fault: Some(fault), ..Answer::default() };
        let lead = recipe.lead();
        let spoilt = |script: &mut Self, fault: Fault| {
            let whole = if at == At::LastRead { stated(200, "Succeeded") } else { script.running(lead) };
            // Where there is no body, none can break off.
            let whole = if whole.state.is_none() && whole.body.is_none() { stated(200, "Creating") } else { whole };
            Answer { fault: Some(fault), retry_after: Vec::new(), ..whole }
        };
        let one = match recipe.trouble {
            Trouble::Nothing => return Vec::new(),
            Trouble::BusyWait => after(5, answer(503)),
            Trouble::Busy => answer(503),
            Trouble::Error => refused(500, "InternalError*"),
            Trouble::Page => {
                let page = "<html><body><h1>Bad Gateway</h1></body></html>";
                let page = self.with_body(502, "page", page);
                Answer { headers: vec![("Content-Type".to_owned(), "text/html".to_owned())], ..page }
            }
            Trouble::Late => answer(504),
            Trouble::TimedOut => answer(408),
            Trouble::ThrottledWait => after(8, refused(429, "TooManyRequests")),
            Trouble::Throttled => refused(429, "TooManyRequests"),
            Trouble::Reset => lost(Fault::Reset),
            Trouble::Close => lost(Fault::Close),
            Trouble::Lost => Answer { applied: true, ..lost(Fault::Reset) },
            Trouble::Cut => spoilt(self, Fault::Cut),
            Trouble::Stall => spoilt(self, Fault::Stall),
            Trouble::Slow if at == At::LastRead => {
                Answer { delay: Duration::from_secs(20), ..stated(200, "Succeeded") }
            }
            Trouble::Slow => Answer { delay: Duration::from_secs(20), ..self.running(lead) },
            Trouble::Expired => unauthorized(),
            Trouble::NotYet if lead == Lead::Resource => refused(404, "ResourceNotFound"),
            Trouble::NotYet => refused(404, "NotFound"),
            Trouble::ConflictWait => after(5, refused(409, "Conflict*")),
            Trouble::EmptyStatus => answer(200),
            Trouble::NoStatus => self.with_body(200, "strange", "{}"),
            Trouble::NullStatus => self.with_body(200, "strange", r#"{"status":null}"#),
            Trouble::NumberStatus => self.with_body(200, "strange", r#"{"status":3}"#),
            Trouble::StatusPage => {
                let page = "<html><body>Our services are not available right now</body></html>";
                let page = self.with_body(200, "strange", page);
                Answer { headers: vec![("Content-Type".to_owned(), "text/html".to_owned())], ..page }
            }
        };
        vec![one; recipe.times.count()]
    }

    fn cased(&self, word: &str) -> String {
        match self.recipe.word {
            Word::Lower => word.to_lowercase(),
            Word::Upper => word.to_uppercase(),
            _ => word.to_owned(),
        }
    }
}

fn waits(wait: Wait) -> Vec<RetryAfter> {
    let text = |text: &str| vec![RetryAfter::Text(text.to_owned())];
    match wait {
        Wait::Absent => vec![],
        Wait::Two => vec![RetryAfter::Seconds(2)],
        Wait::Ten => vec![RetryAfter::Seconds(10)],
        Wait::Minutes => vec![RetryAfter::Seconds(120)],
        Wait::Zero => vec![RetryAfter::Seconds(0)],
        Wait::Date => vec![RetryAfter::Date(12)],
        Wait::PastDate => vec![RetryAfter::Date(-60)],
        Wait::Twice => vec![RetryAfter::Seconds(10), RetryAfter::Seconds(20)],
        Wait::Negative => text("-5"),
        Wait::Text => text("abc"),
        Wait::Fraction => text("1.5"),
        Wait::Empty => text(""),
        Wait::Days => vec![RetryAfter::Seconds(2_147_484)],
    }
}

/// An error with details and inner errors, as SC-040 has it.
fn deep(code: &str) -> String {
    format!(
        r#"{{"code":"{code}${{code}}","message":"${{message}}","details":[{{"code":"Detail${{code}}","message":"a detail"}}],"innererror":{{"code":"Inner${{code}}","innererror":{{"code":"Deepest${{code}}"}}}}}}"#
    )
}

const ODD: &str =
    r#"{"status":"Running","startTime":"2026-02-03 10:00:00 +0000","progress":{"of":[1,2]},"percentComplete":12.5}"#;

const ALMOST: &str = r#"{"id":"${path}","name":"op","status":"Running","percentComplete":100,"startTime":"2026-02-03T10:00:00Z","endTime":"2026-02-03T10:04:11Z","properties":{"revision":"${lure}"}}"#;

const MARKED: &str = r#"${bom}{"status":"Running"}"#;
