//! What the explanation of a miss may say of values: nothing that a recording would not keep. It is told
//! to the client, at a terminal, in the log of a build and in its reports.

use std::{fmt, sync::OnceLock};

use super::{
    difference::{At, Difference, differences},
    key::Asked,
    rules::Rules as Matching,
};
use crate::{
    cassette::{Body, Cassette, Completion, Headers, Interaction, Request, StandIn},
    redact::{self, Named, Rules, Settings},
};

/// Whose subscription and tenant it is, and who asks, is no secret to whoever replays, and the first thing that is
/// looked for. A polling URL is the tape's own, and what was changed in it is to be seen.
const SHOWN: [&str; 8] = [
    "subscription-id",
    "subscription-name",
    "tenant-id",
    "tenant-url",
    "client-id",
    "principal-id",
    "polling-url",
    "async-id",
];

/// The rules for secrets, and what stands in the place of some on the tape already.
#[derive(Default)]
pub(super) struct Hidden {
    settings: Settings,
    stand_ins: Vec<StandIn>,
    /// Compiled when they are needed first: most replays miss nothing.
    rules: OnceLock<Option<Rules>>,
}

impl Hidden {
    pub(super) fn new(settings: &Settings, stand_ins: Vec<StandIn>) -> Self {
        let mut settings = settings.clone();
        settings.off.extend(SHOWN.map(str::to_owned));
        Self { settings, stand_ins, rules: OnceLock::new() }
    }

    /// With other rules.
    pub(super) fn by(self, settings: &Settings) -> Self {
        Self::new(settings, self.stand_ins)
    }

    /// Puts stand-ins in the place of secret and personal values in what differs.
    pub(super) fn hide(&self, matching: &Matching, taped: &Interaction, asked: &Asked<'_>, found: &mut [Difference]) {
        let has_value = |difference: &Difference| matches!(difference.at, At::Query(_) | At::Header(_) | At::Body(_));
        if !found.iter().any(has_value) {
            return;
        }
        let Some(rules) = self.rules() else { return };
        let request = Request {
            method: asked.method.to_owned(),
            target: asked.target.to_owned(),
            headers: asked.headers.clone(),
            body: Body::from_bytes(asked.body.to_vec().into()),
            ..taped.request.clone()
        };
        let taped = Interaction { response: None, ..taped.clone() };
        let sent = Interaction { request, ..taped.clone() };
        let both =
            Cassette { stand_ins: self.stand_ins.clone(), interactions: vec![taped, sent], ..Cassette::default() };
        let both = redact::cassette(both, rules.clone(), Named::default()).0;
        let [taped, sent] = &both.interactions[..] else { return };
        let body = sent.request.body.bytes().unwrap_or_default();
        let headers = sent.request.headers.clone();
        let sent = Asked { target: &sent.request.target, headers, body: &body, ..*asked };
        let told = differences(matching, taped, &sent);
        for difference in found.iter_mut().filter(|difference| has_value(difference)) {
            let told = told.iter().find(|told| told.at == difference.at);
            let sides = [
                (&mut difference.taped, told.map(|told| &told.taped)),
                (&mut difference.asked, told.map(|told| &told.asked)),
            ];
            for (side, told) in sides {
                // What stands in a place already keeps its name.
                if !side.as_deref().is_some_and(|text| self.is_stand_in(text)) {
                    *side = told.cloned().unwrap_or_else(|| Some("…".to_owned()));
                }
            }
        }
    }

    /// A request's target with stand-ins in the place of what is secret in it.
    pub(super) fn target(&self, method: &str, target: &str) -> String {
        let Some(rules) = self.rules() else { return target.to_owned() };
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            scheme: None,
            authority: None,
            version: None,
            auth: None,
            headers: Headers::default(),
            body: Body::default(),
        };
        let asked = Interaction {
            request,
            response: None,
            completion: Completion::Silent,
            connection: None,
            times: None,
            provenance: None,
            notes: Vec::new(),
        };
        let tape = Cassette { stand_ins: self.stand_ins.clone(), interactions: vec![asked], ..Cassette::default() };
        let mut tape = redact::cassette(tape, rules.clone(), Named::default()).0;
        tape.interactions.pop().map_or_else(String::new, |asked| asked.request.target)
    }

    fn rules(&self) -> Option<&Rules> {
        // Whoever sets a tape up has compiled them once, and would have been told.
        self.rules.get_or_init(|| Rules::new(&self.settings).ok()).as_ref()
    }

    fn is_stand_in(&self, text: &str) -> bool {
        let text = text.trim_matches('"');
        self.stand_ins.iter().any(|stand_in| stand_in.value == text)
    }
}

/// Of rules that are compiled there is nothing to show.
impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hidden").field("settings", &self.settings).finish_non_exhaustive()
    }
}
