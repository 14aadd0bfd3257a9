//! What has happened on a tape so far, and what comes next. A pure step: a request in, an
//! interaction out.

use std::{collections::BTreeMap, time::Duration};

use super::{
    hash::HashMap,
    index::Found,
    key::{Asked, Sought, changes},
    made::{self, Made},
    pace::Polls,
    progress::Progress,
    rules::ApiVersion,
    script::{Role, Script},
    urls::{HandedOut, Spelling},
};
use crate::{
    arm::{Polled, Target},
    cassette::Body,
};

/// What a request is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// The interaction whose answer is given.
    pub interaction: usize,
    /// It starts an operation: an accepted write.
    pub starts: bool,
    /// A poll before the end of its operation.
    pub running: bool,
    /// The tape lacks this read: the answer is the operation's result.
    pub borrowed: bool,
    /// The tape lacks this poll: the answer is made of how the operation went.
    pub made: Option<Made>,
}

impl Given {
    /// As it was recorded.
    fn plain(interaction: usize) -> Self {
        Self { interaction, starts: false, running: false, borrowed: false, made: None }
    }
}

/// The state of a tape.
#[derive(Debug)]
pub struct World {
    progress: Progress,
    /// How often each interaction's answer was given.
    used: Vec<u32>,
    /// Of the interactions that one request may be: how many were given already.
    given: HashMap<usize, usize>,
    /// The last write on the tape that the client has made, by changed path.
    latest: Vec<Option<usize>>,
    /// The same, without the writes below that path.
    written: Vec<Option<usize>>,
    /// Writes that came again.
    repeated: Vec<u32>,
    /// Reads that were answered from an operation's result, by operation.
    borrowed: Vec<u32>,
    /// Polls whose answers were made, by operation.
    made: BTreeMap<usize, (Polled, u32)>,
    /// Polls of a URL in another spelling than the one that was handed out, by operation.
    respelled: BTreeMap<usize, u32>,
    /// Requests in another api-version than the recorded one, which comes first.
    api_versions: BTreeMap<(String, String), u32>,
}

impl World {
    /// A tape on which nothing has happened.
    #[must_use]
    pub fn new(script: &Script, polls: Polls) -> Self {
        Self {
            progress: Progress::new(script, polls),
            used: vec![0; script.interactions.len()],
            given: HashMap::default(),
            latest: vec![None; script.writes.paths()],
            written: vec![None; script.writes.paths()],
            repeated: vec![0; script.interactions.len()],
            borrowed: vec![0; script.operations.len()],
            made: BTreeMap::new(),
            respelled: BTreeMap::new(),
            api_versions: BTreeMap::new(),
        }
    }

    /// How often an interaction's answer was given.
    #[must_use]
    pub fn used(&self, interaction: usize) -> u32 {
        self.used[interaction]
    }

    /// How often a write came again after all of its recorded answers had been given.
    #[must_use]
    pub fn repeated(&self, interaction: usize) -> u32 {
        self.repeated[interaction]
    }

    /// How many running answers an operation showed.
    #[must_use]
    pub fn shown(&self, operation: usize) -> u32 {
        self.progress.shown(operation)
    }

    /// How many reads were answered from an operation's result.
    #[must_use]
    pub fn borrowed(&self, operation: usize) -> u32 {
        self.borrowed[operation]
    }

    /// By which kind of URL an operation was polled that the recorded client did not ask, and how often.
    #[must_use]
    pub fn made(&self, operation: usize) -> Option<(Polled, u32)> {
        self.made.get(&operation).copied()
    }

    /// How many polls of an operation spelled its URL otherwise than it was handed out.
    #[must_use]
    pub fn respelled(&self, operation: usize) -> u32 {
        self.respelled.get(&operation).copied().unwrap_or_default()
    }

    /// How many requests asked in another api-version than the recorded one, where that is to be
    /// told: by the recorded one and the one that was asked.
    #[must_use]
    pub fn api_versions(&self) -> &BTreeMap<(String, String), u32> {
        &self.api_versions
    }

    /// Answers a request at a moment of the server's clock; `None` is a miss.
    pub fn ask(&mut self, script: &Script, asked: &Asked<'_>, now: Duration) -> Option<Given> {
        self.ask_for(script, asked, &Sought::of(asked.target), now)
    }

    /// The same where the target was taken apart already.
    pub(super) fn ask_for(
        &mut self,
        script: &Script,
        asked: &Asked<'_>,
        sought: &Sought,
        now: Duration,
    ) -> Option<Given> {
        let nothing = Found::default();
        let found = script.find(asked, sought).unwrap_or(&nothing);
        let given = if changes(asked.method) {
            self.write(script, &found.interactions, now)
        } else {
            self.read(script, sought, found, now)
        }?;
        if given.made.is_none() {
            self.used[given.interaction] += 1;
        }
        if let Some(versions) = script.other_api_version(given.interaction, sought) {
            *self.api_versions.entry(versions).or_default() += 1;
        }
        Some(given)
    }

    /// The next recorded answer to this write; after the last, that one again.
    fn write(&mut self, script: &Script, found: &[usize], moment: Duration) -> Option<Given> {
        let (first, last) = (*found.first()?, *found.last()?);
        let times = self.given.entry(first).or_default();
        let interaction = match found.get(*times) {
            Some(next) => {
                *times += 1;
                *next
            }
            None => {
                self.repeated[last] += 1;
                last
            }
        };
        let changed = script.writes.changed_by(interaction);
        for path in changed {
            self.latest[*path] = self.latest[*path].max(Some(interaction));
        }
        if let Some(own) = changed.first() {
            self.written[*own] = self.written[*own].max(Some(interaction));
        }
        let operation = match script.roles[interaction] {
            Role::Write(operation) => operation,
            Role::Poll(_) | Role::Read => None,
        };
        if let Some(operation) = operation {
            self.progress.begin(operation, moment);
        }
        Some(Given { starts: operation.is_some(), ..Given::plain(interaction) })
    }

    fn read(&mut self, script: &Script, sought: &Sought, found: &Found, moment: Duration) -> Option<Given> {
        let Sought { target, path, .. } = sought;
        let Found { interactions: found, polled } = found;
        // What the client has made last of all that changes this read, and what comes after it.
        let (now, written, end) = match script.writes.to(path) {
            None => (None, None, None),
            Some((changed, writes)) => {
                let now = self.latest[changed];
                (now, self.written[changed], writes.get(behind(writes, now)).copied())
            }
        };
        let handed_out = match script.urls.find(sought) {
            Some((_, Spelling::Changed)) => return None,
            found => found.filter(|(url, _)| self.has_begun(script, url.operation)),
        };
        if let Some((url, Spelling::Respelled)) = handed_out {
            *self.respelled.entry(url.operation).or_default() += 1;
        }
        let handed_out = handed_out.map(|(url, _)| url);
        // What is recorded of another URL is for when the operation has ended, such as its result.
        if let Some(url) = handed_out.filter(|url| lacks(script, url, found))
            && (found.is_empty() || !self.progress.is_over(script, url.operation, moment))
        {
            return self.make(script, url, moment);
        }
        if let Some(operation) = self.polled(script, handed_out, polled, written)
            && let Some((interaction, running)) = self.progress.poll(script, operation, moment)
        {
            return Some(Given { running, ..Given::plain(interaction) });
        }
        let first = behind(found, now);
        let window = &found[first..end.map_or(found.len(), |end| found.partition_point(|number| *number < end))];
        if let Some(key) = window.first() {
            let times = self.given.entry(*key).or_default();
            let interaction = window[(*times).min(window.len() - 1)];
            *times += 1;
            return Some(Given::plain(interaction));
        }
        // The final read that another client made and this recording's did not.
        let operation = now.and_then(|now| match script.roles[now] {
            Role::Write(operation) => operation,
            _ => None,
        });
        let result = operation.and_then(|operation| result(script, operation, target, path));
        if let Some(interaction) = result {
            self.borrowed[operation?] += 1;
            return Some(Given { borrowed: true, ..Given::plain(interaction) });
        }
        // What a write is still to make is not there yet: to say that it is would be a lie.
        if end.is_some_and(|write| script.writes_itself(write, path)) {
            return None;
        }
        // Unrelated to any write that the client has made: as of the beginning of the tape.
        let (first, last) = (*found.first()?, *found.last()?);
        now.is_none().then(|| {
            let times = self.given.entry(first).or_default();
            let interaction = found.get(*times).copied().unwrap_or(last);
            *times += 1;
            Given::plain(interaction)
        })
    }

    /// The operation that this read polls: of several that were handed the same URL, the one whose
    /// write the client has made last.
    fn polled(
        &self,
        script: &Script,
        handed_out: Option<HandedOut>,
        polled: &[usize],
        written: Option<usize>,
    ) -> Option<usize> {
        // Where the resource itself is polled, an operation before the client's last write to it is past.
        let goes_on = |operation: &usize| {
            let operation = &script.operations[*operation];
            operation.target != Polled::Resource
                || written.is_none_or(|written| operation.write.is_none_or(|write| write >= written))
        };
        let latest =
            polled.iter().rev().find(|operation| self.has_begun(script, **operation) && goes_on(operation)).copied();
        latest.or_else(|| {
            // A URL that was handed out and that the recorded client did not ask.
            let HandedOut { operation, polled } = handed_out?;
            let asked = &script.operations[operation];
            (polled == asked.target && !asked.polls.is_empty()).then_some(operation)
        })
    }

    fn has_begun(&self, script: &Script, operation: usize) -> bool {
        script.operations[operation].write.is_none_or(|write| self.used[write] > 0)
    }

    /// Answers a poll of a URL of another kind than the recorded client asked.
    fn make(&mut self, script: &Script, url: HandedOut, moment: Duration) -> Option<Given> {
        let HandedOut { operation, polled } = url;
        let end = script.operations[operation].terminal_poll();
        let recorded_running = !script.running_polls(operation).is_empty();
        let running = end.is_none() || (recorded_running && !self.progress.is_over(script, operation, moment));
        let made = Made { operation, polled };
        made::answer(script, made, running)?;
        if running {
            self.progress.show_running(operation);
        }
        self.made.entry(operation).or_insert((polled, 0)).1 += 1;
        let interaction = end.or_else(|| script.operations[operation].polls.last().copied())?;
        Some(Given { running, made: Some(made), ..Given::plain(interaction) })
    }
}

/// Whether the recorded client polled the operation, but at a URL of another kind than this one, and
/// this one at its end at most; `found` is what is recorded of it.
fn lacks(script: &Script, url: &HandedOut, found: &[usize]) -> bool {
    let operation = &script.operations[url.operation];
    let is_result = |number: &usize| operation.terminal_poll().is_some_and(|end| *number > end);
    !operation.polls.is_empty() && operation.target != url.polled && found.iter().all(is_result)
}

/// The answer that shows what an operation made of the resource that is read, in the version in which
/// it was written.
fn result(script: &Script, operation: usize, read: &Target, path: &str) -> Option<usize> {
    let operation = &script.operations[operation];
    let written = Target::parse(&script.interactions[operation.write?].request.target);
    let same_version = script.rules.api_version(path) != ApiVersion::Exact
        || written.query_value("api-version") == read.query_value("api-version");
    let of_the_resource = operation.resource_path() == path && operation.method.as_deref() != Some("DELETE");
    let shows = matches!(operation.target, Polled::Location | Polled::Resource);
    let end = operation.terminal_poll()?;
    let answered = script.interactions[end].response.as_ref()?;
    let is_it = answered.status == 200 && matches!(answered.body, Body::Json(_));
    (same_version && of_the_resource && shows && is_it).then_some(end)
}

/// The place of the first number behind `now` in an ordered list.
fn behind(numbers: &[usize], now: Option<usize>) -> usize {
    now.map_or(0, |now| numbers.partition_point(|number| *number <= now))
}
