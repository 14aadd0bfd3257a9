//! What came of one case.

use std::time::Duration;

use super::{plan::Case, service::Strayed};
use crate::{
    cassette::{Cassette, Interaction},
    judge::{Judgement, Kind, Outcome},
    simulate::scenario::{Demand, Operation, Target},
};

/// A case with its verdict.
#[derive(Debug)]
pub struct Judged {
    /// The case.
    pub case: Case,
    /// What the client reported.
    pub outcome: Outcome,
    /// Its exit code, or 128 and the signal.
    pub code: i32,
    /// What was said, with the hosts' usual names in the place of this machine's ports.
    pub trace: Cassette,
    /// What came of the rules.
    pub judgement: Judgement,
    /// What came beside the conversation.
    pub strayed: Strayed,
    /// How long it took.
    pub took: Duration,
    /// What is to be told of the client's run beside its outcome.
    pub notes: Vec<String>,
}

impl Judged {
    /// Why there is nothing to judge, where there is nothing: the client did not do what it was asked.
    #[must_use]
    pub fn nothing(&self) -> Option<String> {
        let interactions = &self.trace.interactions;
        let is_refused = self.judgement.findings.iter().any(|finding| finding.rule == "BODY-04");
        if is_refused || refused_by_itself(&self.case, interactions, &self.outcome) {
            return None;
        }
        if interactions.is_empty() && self.outcome.kind == Kind::Timeout {
            Some("the client's limit was over before it had sent a request".to_owned())
        } else if interactions.is_empty() {
            Some(self.strayed.words(&self.outcome.output))
        } else if self.writes().next().is_none() && self.case.scenario.operation != Operation::Resume {
            Some("the client did not send the write that it was asked for".to_owned())
        } else {
            None
        }
    }

    fn writes(&self) -> impl Iterator<Item = &Interaction> {
        let method = self.case.scenario.operation.method();
        self.trace.interactions.iter().filter(move |interaction| interaction.request.method == method.as_str())
    }

    /// Whether the client gave up by itself, and had sent no write.
    pub(super) fn wrote_nothing(&self) -> bool {
        self.outcome.gave_up() && self.writes().next().is_none()
    }

    /// Whether the client sent the body that it was given.
    pub(super) fn sent_what_was_given(&self) -> bool {
        let is_another = self.judgement.findings.iter().any(|finding| finding.rule == "BODY-01");
        self.writes().next().is_some() && !is_another
    }
}

/// Whether the client has seen by itself that the body is wrong, and sent nothing: that is right where no
/// write is demanded.
pub(super) fn refused_by_itself(case: &Case, interactions: &[Interaction], outcome: &Outcome) -> bool {
    let may_be_unsent =
        |demand: &Demand| demand.target == Target::Write && demand.at_least == 0 && demand.at_most != Some(0);
    let may_refuse = case.scenario.truth.demanded.iter().any(may_be_unsent);
    may_refuse && interactions.is_empty() && outcome.gave_up()
}
