//! What can be shown of polls, of the end that they tell, and of the read after it.

use super::{Lead, Settling};
use crate::simulate::generated::recipe::{
    Document, End, Envelope, Field, First, Form, Headers, Last, Moves, Place, Polls, Recipe, Redirect, Stated, Task,
    Wait, Word,
};

impl Settling {
    /// Everything about polls.
    pub(super) fn polled(&mut self, lead: Lead) {
        self.form(lead);
        let lead = self.to.lead();
        self.redirect(lead);
        self.end(lead);
        self.first_wait();
        if self.to.task == Task::Abort {
            self.to.polls = Polls::One;
            return;
        }
        keep!(self, polls);
        self.poll_wait(lead);
        self.told(lead);
        self.moves(lead);
        self.last();
    }

    /// The form of the polling URL.
    fn form(&mut self, lead: Lead) {
        let Recipe { task, first, headers, stated, .. } = self.to;
        match (task, lead, headers) {
            (Task::Resume | Task::Abort | Task::Pair | Task::Rerun, ..) | (_, Lead::Resource, _) => {}
            (_, Lead::Monitor, Headers::Monitor) => {
                keep!(
                    self,
                    form,
                    Form::Plain
                        | Form::Signed
                        | Form::OtherVersion
                        | Form::Bare
                        | Form::BareInsisting
                        | Form::Long
                        | Form::Longer
                        | Form::Port
                        | Form::Relative
                        | Form::Trusted
                        | Form::Foreign
                        | Form::Plaintext
                );
            }
            (_, Lead::Monitor, Headers::Both) => {
                keep!(self, form, Form::Plain | Form::Long | Form::Longer | Form::Text);
            }
            (_, Lead::Result, _) if first == First::Created && stated == Stated::Running => {
                keep!(self, form, Form::Plain | Form::Signed | Form::Long | Form::Longer | Form::Port | Form::Itself);
            }
            (_, Lead::Result, _) => {
                keep!(self, form, Form::Plain | Form::Signed | Form::Long | Form::Longer | Form::Port);
            }
            _ => {}
        }
    }

    /// Whether there is one polling URL that can be redirected or replaced.
    fn can_move(&self, lead: Lead) -> bool {
        let Recipe { task, headers, form, .. } = self.to;
        let plain = matches!(form, Form::Plain | Form::Signed | Form::Long | Form::Longer);
        let alone = task != Task::Resume && headers != Headers::MonitorAndOperation;
        plain && alone && matches!(lead, Lead::Monitor | Lead::Result)
    }

    /// Where a poll is redirected to.
    fn redirect(&mut self, lead: Lead) {
        if self.can_move(lead) && !matches!(self.to.task, Task::Abort | Task::Pair | Task::Rerun) {
            keep!(
                self,
                redirect,
                Redirect::Temporary
                    | Redirect::Permanent
                    | Redirect::Found
                    | Redirect::SeeOther
                    | Redirect::Trusted
                    | Redirect::Foreign
            );
        }
    }

    /// What the answer to the write asks to wait.
    fn first_wait(&mut self) {
        keep!(
            self,
            first_wait,
            Wait::Absent
                | Wait::Two
                | Wait::Ten
                | Wait::Minutes
                | Wait::Zero
                | Wait::Date
                | Wait::PastDate
                | Wait::Twice
                | Wait::Negative
                | Wait::Text
                | Wait::Fraction
                | Wait::Empty
        );
    }

    /// What running answers ask to wait.
    fn poll_wait(&mut self, lead: Lead) {
        if self.to.polls == Polls::Zero {
            return;
        }
        let with_limit = matches!(self.to.task, Task::Put | Task::Patch | Task::Delete | Task::Post);
        if with_limit && !self.to.is_endless() && lead != Lead::Resource {
            keep!(self, poll_wait);
        } else {
            keep!(self, poll_wait, Wait::Absent | Wait::Two | Wait::Ten);
        }
        if self.to.poll_wait == Wait::Days {
            self.to.end = End::Succeeded;
            self.matters[Field::end as usize] = false;
        }
    }

    /// How answers to polls tell the state.
    fn told(&mut self, lead: Lead) {
        let polls = self.to.polls != Polls::Zero;
        if lead == Lead::Monitor && polls && self.to.task != Task::Resume {
            keep!(self, document);
        }
        let worded = matches!(self.to.document, Document::Plain | Document::Accepted);
        if lead != Lead::Result && worded {
            if polls { keep!(self, word) } else { keep!(self, word, Word::Usual | Word::Lower | Word::Upper) }
        }
    }

    /// Whether running answers name another polling URL.
    fn moves(&mut self, lead: Lead) {
        if self.to.polls == Polls::Zero || !self.can_move(lead) || self.to.form != Form::Plain {
            return;
        }
        if self.to.redirect.of_polls().is_some() {
            keep!(self, moves, Moves::Stays | Moves::Repeated);
        } else {
            keep!(self, moves);
        }
    }

    /// How it ends, and with which error.
    fn end(&mut self, lead: Lead) {
        let task = self.to.task;
        let with_limit = matches!(task, Task::Put | Task::Patch | Task::Delete | Task::Post);
        match lead {
            _ if task == Task::Abort => self.to.end = End::Endless,
            Lead::Monitor if task == Task::Rerun => keep!(self, end, End::Succeeded | End::Forbidden),
            Lead::Monitor if with_limit => keep!(self, end),
            Lead::Monitor => {
                keep!(
                    self,
                    end,
                    End::Succeeded | End::Failed | End::Canceled | End::Gone | End::Forbidden | End::Unauthorized
                );
            }
            Lead::Result if with_limit => keep!(self, end, End::Succeeded | End::Failed | End::Endless),
            Lead::Result => keep!(self, end, End::Succeeded | End::Failed),
            Lead::Resource if task == Task::Delete => keep!(self, end, End::Succeeded | End::Failed),
            Lead::Resource => keep!(self, end, End::Succeeded | End::Failed | End::Canceled),
            Lead::Nowhere => {}
        }
        match (lead, self.to.end) {
            (Lead::Monitor, End::Failed | End::Canceled) => keep!(self, envelope, Envelope::Standard | Envelope::Deep),
            (Lead::Result, End::Failed) => keep!(self, envelope),
            _ => {}
        }
    }

    fn last(&mut self) {
        let Recipe { task, headers, .. } = self.to;
        let named = headers == Headers::Both && self.to.form != Form::Text;
        if task == Task::Delete && named && self.to.end == End::Succeeded {
            keep!(self, last, Last::Plain | Last::Gone);
        } else if task.keeps() && self.to.has_last_read() {
            if named {
                keep!(self, last, Last::Plain | Last::Lags | Last::NotYet | Last::Lure | Last::Failed);
            } else {
                keep!(self, last, Last::Plain | Last::Lags | Last::NotYet | Last::Failed);
            }
        }
    }

    /// Where a state may stand: in an answer that has one.
    pub(super) fn place(&mut self) {
        let Recipe { task, first, stated, .. } = self.to;
        let lead = self.to.lead();
        if !matches!(task, Task::Put | Task::Patch | Task::Update | Task::CreateOnly | Task::Delete) {
            return;
        }
        let said =
            self.to.is_accepted() && first != First::Accepted && !matches!(stated, Stated::Absent | Stated::Nothing);
        let found = lead == Lead::Resource || lead == Lead::Result && self.to.end == End::Succeeded;
        match (lead, self.to.redirect.of_polls()) {
            (Lead::Result, None) if task != Task::Update => {
                if task.keeps() && (said || found) {
                    keep!(self, place);
                } else {
                    keep!(self, place, Place::Usual | Place::Status);
                }
            }
            _ if task.keeps() && (said || found) => keep!(self, place, Place::Usual | Place::Root),
            _ => {}
        }
        if self.to.place == Place::Status {
            self.to.envelope = Envelope::Standard;
            self.matters[Field::envelope as usize] = false;
            if !matches!(self.to.moves, Moves::Stays | Moves::Repeated) {
                self.to.moves = Moves::Stays;
            }
        }
    }
}
