//! What is answered: the next answer of a script, a refusal, or how far the operation is.

use http::{Method, Uri};

use super::{
    super::{
        answer::{Answer, LinkHeader},
        check,
        links::Fidelity,
        model::{Insists, Operation, Target},
    },
    Instance, Play,
};
use crate::arm::State;

impl Play {
    /// What the status monitor answers to a URL that it doesn't accept.
    pub(super) fn refusal(&self, instance: usize, minted: usize, fidelity: Fidelity, uri: &Uri) -> Option<Answer> {
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

    pub(super) fn is_independent(&self, target: Target) -> bool {
        self.case.scenario.independent.contains(&target)
    }

    /// Whether the script of `target` runs with the operation, rather than after it.
    pub(super) fn leads(&self, instance: usize, target: Target) -> bool {
        let lead = self.instances[instance].lead;
        let results = [Target::Result, Target::NextResult];
        target == lead
            // A redirect leads on to what was asked.
            || matches!(target, Target::Moved | Target::SecondHost)
            || target.is_monitor() && lead.is_monitor()
            || results.contains(&target) && results.contains(&lead)
    }

    pub(super) fn next_answer(&mut self, instance: usize, target: Target, header: Option<LinkHeader>) -> Answer {
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
    pub(super) fn exists(&self) -> bool {
        let scenario = &self.case.scenario;
        scenario.exists.unwrap_or_else(|| {
            let accepted = scenario.answers(Target::Write).iter().find(|answer| check::takes_effect(answer));
            let created = accepted.is_none_or(|answer| !matches!(answer.status, Some(200)));
            let creates = scenario.operation.method() == Method::PUT && scenario.operation != Operation::Update;
            !(created && creates)
        })
    }
}
