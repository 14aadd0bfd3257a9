//! Sessions: whose request this is. Each has values of its own for what may differ on the tape, and a
//! world of its own in which they happen.
//!
//! A request is brought into the tape's words, asked there, and the answer brought into the client's:
//! nothing behind this file knows that there is more than one client.

use std::{borrow::Cow, collections::HashMap, sync::Arc, time::Duration};

use super::{
    declared::subscription_in,
    key::{Asked, Sought},
    minted::{drawn_words, redrawn, words},
    miss::Miss,
    mould::Claim,
    needles::{Needles, Where},
    pace::Polls,
    script::Script,
    session::Session,
    variables::Reading,
    words::{Names, Values, Words},
    world::{Given, World},
};
use crate::arm::Target;

/// Most sessions at once: each keeps what has happened on the whole tape.
pub(super) const MOST: usize = 1_000;

/// Most answers that are remembered for the timeline: a replay may serve for days.
const MOST_GIVEN: usize = 100_000;

/// Everybody who has asked so far.
#[derive(Debug)]
pub(super) struct Sessions {
    pub(super) all: Vec<Session>,
    /// By variable and value in lower case: who has it.
    by_value: HashMap<Claim, Vec<usize>>,
    /// Ids that were handed out in the place of recorded ones, in lower case: by whom, and what for.
    minted: HashMap<String, (usize, String)>,
    pub(super) polls: Polls,
    /// The first [`MOST_GIVEN`] answers, with their sessions, in the order in which they were given.
    pub(super) given: Vec<(usize, Given)>,
}

/// An answer, and how to say it.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) given: Given,
    pub(super) words: Words,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// The tape does not know the request.
    Missing(Missing),
    /// It is of one session too many.
    Crowded,
}

/// A request that was not found, in the tape's words.
#[derive(Debug)]
pub(super) struct Missing {
    session: usize,
    target: String,
    body: Vec<u8>,
}

/// Whose a request is, and how the tape would say its target, if otherwise.
struct Found {
    session: usize,
    target: Option<String>,
}

/// A reading of a path, and for each place beside it at which variables stand the ways to read that.
type Ways<'a> = (Reading<'a>, Vec<Vec<Vec<Claim>>>);

impl Sessions {
    pub(super) fn new(polls: Polls) -> Self {
        Self { all: Vec::new(), by_value: HashMap::new(), minted: HashMap::new(), polls, given: Vec::new() }
    }

    /// Answers a request at a moment of the server's clock.
    pub(super) fn ask(&mut self, script: &Script, asked: &Asked<'_>, now: Duration) -> Result<Answered, Unanswered> {
        let (restored, minted_in) = self.restored(asked.target);
        let sought = Sought::of(&restored);
        let Found { session: number, target } =
            self.find(script, asked, &sought, minted_in).ok_or(Unanswered::Crowded)?;
        let session = &mut self.all[number];
        let values = Arc::clone(&session.values);
        let sought = target.map_or(sought, |target| Sought::of(&target));
        let body = values.taped(&script.variables, asked.body);
        let headers = match values.as_taped {
            true => asked.headers.clone(),
            false => values.taped_headers(&script.variables, &asked.headers),
        };
        let taped = Asked { target: sought.target.raw(), headers, body: &body, ..*asked };
        let mut given = session.world.ask_for(script, &taped, &sought, now);
        if given.is_none() && matches!(body, Cow::Owned(_)) {
            // A short value may be an ordinary word of the body, too.
            let as_it_is = Asked { body: asked.body, ..taped };
            given = session.world.ask_for(script, &as_it_is, &sought, now);
        }
        match given {
            Some(given) => {
                let words = Words {
                    values: (!values.as_taped).then_some(values),
                    names: self.names(script, number, given.interaction),
                };
                if self.given.len() < MOST_GIVEN {
                    self.given.push((number, given));
                }
                Ok(Answered { given, words })
            }
            None => {
                let (target, body) = (sought.target.raw().to_owned(), body.into_owned());
                Err(Unanswered::Missing(Missing { session: number, target, body }))
            }
        }
    }

    /// Looks for what is nearest to a request that was not found.
    pub(super) fn explain(&self, script: &Script, asked: &Asked<'_>, missing: &Missing) -> Miss {
        // A path that the tape has in no way binds nothing, and yet its subscription may be any.
        let target = script.variables.at_home(&missing.target);
        let taped = Asked { target: &target, headers: asked.headers.clone(), body: &missing.body, ..*asked };
        let session = &self.all[missing.session];
        let chosen = |taped: &str, sent: &str| session.may_have(&script.variables, taped, sent);
        let mut miss = Miss::explain_but(script, &session.world, &taped, chosen);
        if let Some(before) = miss.asked.strip_suffix(&*target) {
            miss.asked = format!("{before}{}", script.hidden.target(asked.method, asked.target));
        }
        let Some(nearest) = &mut miss.nearest else { return miss };
        let interaction = &script.interactions[nearest.number - 1];
        script.hidden.hide(&script.rules, interaction, &taped, &mut nearest.differences);
        let values = session.values.shown(&script.variables);
        for difference in &mut nearest.differences {
            for side in [&mut difference.taped, &mut difference.asked].into_iter().flatten() {
                *side = values.taped_text(&script.variables, side).into_owned();
            }
        }
        miss
    }

    /// `None`: there are too many sessions.
    fn find(&mut self, script: &Script, asked: &Asked<'_>, sought: &Sought, minted_in: Option<usize>) -> Option<Found> {
        let variables = &script.variables;
        if variables.is_empty() {
            let session = if self.all.is_empty() { self.open(script, Vec::new())? } else { 0 };
            return Some(Found { session, target: None });
        }
        let target = &sought.target;
        let with_the_rest = |reading| {
            let elsewhere = variables.elsewhere(&reading, asked.method, target, asked.body);
            (reading, elsewhere)
        };
        let ways: Vec<Ways<'_>> = variables.readings(sought).into_iter().map(with_the_rest).collect();
        let Some((first, elsewhere)) = ways.first() else { return self.find_unknown(script, target, minted_in) };
        let (session, reading) = match self.fitting(&ways, minted_in) {
            Some((session, reading, claims)) => {
                self.bind(script, session, claims);
                (session, reading)
            }
            None => {
                let others = elsewhere.iter().filter_map(|readings| readings.first()).flatten();
                let claims = first.claims.iter().chain(others).cloned().collect();
                (self.open(script, claims)?, first)
            }
        };
        let values = &self.all[session].values;
        let taped = reading.taped(target);
        let with_query = |(path, query)| format!("{path}?{}", values.taped_text(variables, query));
        let said = if values.as_taped { None } else { taped.split_once('?').map(with_query) };
        let target = said.or(match taped {
            Cow::Borrowed(_) => None,
            Cow::Owned(taped) => Some(taped),
        });
        Some(Found { session, target })
    }

    /// Of a path that the tape has in no way: where its subscription is at home.
    fn find_unknown(&mut self, script: &Script, target: &Target, minted_in: Option<usize>) -> Option<Found> {
        let variables = &script.variables;
        let subscription = subscription_in(target.path()).map(|(_, id)| id.to_owned());
        let at_home = subscription.as_ref().and_then(|id| {
            let lists =
                (0..variables.all.len()).filter_map(|number| self.by_value.get(&(number, id.to_ascii_lowercase())));
            lists.flatten().next().copied()
        });
        let session = match minted_in.or(at_home) {
            Some(session) => session,
            None if self.all.is_empty() => self.open(script, Vec::new())?,
            None => 0,
        };
        let taped = self.all[session].values.taped_text(variables, target.raw()).into_owned();
        Some(Found { session, target: Some(taped) })
    }

    /// The session that a request fits, the reading by which it does, and what it binds there. One
    /// in which everything is bound already comes before one in which something is still open, and
    /// that before one that has nothing in common with it.
    fn fitting<'a>(
        &self,
        readings: &'a [Ways<'_>],
        minted_in: Option<usize>,
    ) -> Option<(usize, &'a Reading<'a>, Vec<Claim>)> {
        let mut open = None;
        for (reading, elsewhere) in readings {
            let claims = reading.claims.iter().chain(elsewhere.iter().flatten().flatten());
            let lists = claims.filter_map(|(number, value)| self.by_value.get(&(*number, value.to_ascii_lowercase())));
            let known = lists.flatten().copied().filter(|session| minted_in.is_none_or(|minted| minted == *session));
            for session in known.chain(minted_in) {
                match self.all[session].fits(&reading.claims, elsewhere) {
                    Some(claims) if claims.is_empty() => return Some((session, reading, claims)),
                    Some(claims) if open.is_none() => open = Some((session, reading, claims)),
                    _ => {}
                }
            }
        }
        let mut strangers = readings.iter().flat_map(|(reading, elsewhere)| {
            let sessions = self.all.iter().enumerate();
            sessions
                .filter_map(move |(number, session)| Some((number, reading, session.fits(&reading.claims, elsewhere)?)))
        });
        open.or_else(|| strangers.next())
    }

    fn open(&mut self, script: &Script, claims: Vec<Claim>) -> Option<usize> {
        if self.all.len() >= MOST {
            return None;
        }
        let values = Arc::new(Values::new(&script.variables, vec![None; script.variables.all.len()]));
        self.all.push(Session { world: World::new(script, self.polls), values, names: HashMap::new() });
        let number = self.all.len() - 1;
        self.bind(script, number, claims);
        Some(number)
    }

    fn bind(&mut self, script: &Script, session: usize, claims: Vec<Claim>) {
        if claims.is_empty() {
            return;
        }
        let mut bound = self.all[session].values.bound.clone();
        for (number, value) in claims {
            self.by_value.entry((number, value.to_ascii_lowercase())).or_default().push(session);
            bound[number] = Some(value);
        }
        self.all[session].values = Arc::new(Values::new(&script.variables, bound));
    }

    /// The target with the recorded ids in the place of minted ones, and who was given those.
    fn restored<'a>(&self, target: &'a str) -> (Cow<'a, str>, Option<usize>) {
        let mut restored = Cow::Borrowed(target);
        let mut session = None;
        if self.minted.is_empty() {
            return (restored, session);
        }
        for word in words(target) {
            if let Some((by, taped)) = self.minted.get(&word.to_ascii_lowercase()) {
                restored = restored.replace(word, taped).into();
                session = session.or(Some(*by));
            }
        }
        (restored, session)
    }

    /// The ids of the operation that an interaction belongs to. The first session has the recorded ones.
    fn names(&mut self, script: &Script, session: usize, interaction: usize) -> Option<Arc<Names>> {
        let operation = script.owner(interaction).filter(|_| session > 0)?;
        if let Some(names) = self.all[session].names.get(&operation) {
            return Some(Arc::clone(names));
        }
        let write = script.operations[operation].write;
        let written = write.map(|write| script.interactions[write].request.target.as_str()).unwrap_or_default();
        let taped = drawn_words(&script.operations[operation], written);
        let mut minted = Vec::new();
        for word in &taped {
            let drawn = (0..).map(|attempt| redrawn(word, (session, attempt)));
            let free = drawn.into_iter().find(|drawn| {
                self.minted.get(&drawn.to_ascii_lowercase()).is_none_or(|(by, other)| (*by, other) == (session, word))
            });
            let free = free.unwrap_or_else(|| word.clone());
            self.minted.insert(free.to_ascii_lowercase(), (session, word.clone()));
            minted.push(free);
        }
        let needles = Needles::new(taped.iter().enumerate().map(|(number, word)| (number, word.as_str(), Where::Word)));
        let names = Arc::new(Names { minted, needles });
        self.all[session].names.insert(operation, Arc::clone(&names));
        Some(names)
    }
}
