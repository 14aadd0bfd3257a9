//! What a recipe's choices can show beside each other. A choice that can't is put back to the plainest:
//! two recipes that are settled alike are the same service.

use super::recipe::{
    At, Body, DIMENSIONS, End, Field, First, Form, Headers, Last, Polls, Recipe, Redirect, Stated, Task, Times,
    Trouble, Wait,
};
use crate::simulate::scenario::Kind;

/// Keeps a choice if it is one of these, and says that it matters.
macro_rules! keep {
    ($settling:ident, $field:ident) => {
        keep!($settling, $field, _)
    };
    ($settling:ident, $field:ident, $allowed:pat) => {{
        $settling.matters[Field::$field as usize] = true;
        if matches!($settling.from.$field, $allowed) {
            $settling.to.$field = $settling.from.$field;
        }
    }};
}

mod polled;

/// Where the client finds out how far the operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lead {
    /// A status document.
    Monitor,
    /// The operation's result.
    Result,
    /// The resource.
    Resource,
    /// Nowhere: the answer to the write says it all.
    Nowhere,
}

/// A recipe on its way to being settled.
struct Settling {
    from: Recipe,
    to: Recipe,
    matters: [bool; DIMENSIONS],
}

impl Recipe {
    /// The recipe with everything that it cannot show at its plainest.
    #[must_use]
    pub fn settled(&self) -> Self {
        self.settle().0
    }

    /// The settled recipe, and which of its dimensions matter.
    pub(super) fn settle(&self) -> (Self, [bool; DIMENSIONS]) {
        let mut settling = Settling { from: *self, to: Self::default(), matters: [false; DIMENSIONS] };
        settling.written();
        let lead = settling.to.lead();
        if lead != Lead::Nowhere {
            settling.polled(lead);
        }
        settling.place();
        settling.trouble(lead);
        settling.body();
        (settling.to, settling.matters)
    }

    /// The strength of the service: what the strongest of its choices takes.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let (settled, matters) = self.settle();
        let rank = |kind: &Kind| match kind {
            Kind::Normal => 0,
            Kind::Tricky => 1,
            Kind::Fault => 2,
            Kind::Misbehaving => 3,
            Kind::Security => 4,
        };
        let kinds = settled.kinds().into_iter().zip(matters).filter(|(_, matters)| *matters).map(|(kind, _)| kind);
        let odd = settled.is_outside_the_contract().then_some(Kind::Misbehaving);
        kinds.chain(odd).max_by_key(rank).unwrap_or(Kind::Normal)
    }

    /// Choices that are lawful by themselves, and not together.
    fn is_outside_the_contract(&self) -> bool {
        let accepted = self.first == First::Accepted;
        let nowhere = accepted && matches!(self.headers, Headers::Neither | Headers::Monitor | Headers::Operation);
        nowhere || self.first == First::NoContent && self.task.keeps()
    }

    /// Whether the write is accepted in the end.
    pub(super) fn is_accepted(&self) -> bool {
        matches!(self.first, First::Created | First::Ok | First::Accepted) && !self.redirect.sends_the_write_away()
    }

    /// Where a settled recipe is polled.
    pub(super) fn lead(&self) -> Lead {
        let runs = self.first == First::Accepted || self.stated == Stated::Running;
        match self.headers {
            _ if !self.is_accepted() || matches!(self.stated, Stated::Failed | Stated::Canceled) => Lead::Nowhere,
            Headers::Neither if runs && self.task != Task::Post => Lead::Resource,
            Headers::Neither => Lead::Nowhere,
            Headers::Result if self.form == Form::Itself => Lead::Resource,
            Headers::Result => Lead::Result,
            _ => Lead::Monitor,
        }
    }

    /// Whether it never ends, so that the client is given a limit.
    pub(super) fn is_endless(&self) -> bool {
        matches!(self.end, End::Endless | End::DoubleL) || self.poll_wait == Wait::Days
    }

    /// Whether the resource is read after the end.
    pub(super) fn has_last_read(&self) -> bool {
        let succeeds = self.lead() == Lead::Monitor && self.end == End::Succeeded && !self.is_endless();
        succeeds
            && (self.task.keeps()
                || self.task == Task::Post && self.headers == Headers::Both && self.form != Form::Text)
    }
}

impl Settling {
    /// What is asked, and the answer to the write.
    fn written(&mut self) {
        keep!(self, task);
        self.to.first = match self.to.task {
            Task::Patch | Task::Update => First::Ok,
            Task::Delete | Task::Post => First::Accepted,
            _ => First::Created,
        };
        let (task, body) = (self.to.task, self.from.body);
        if self.from.redirect.sends_the_write_away() && matches!(task, Task::Put | Task::Patch) && body != Body::Invalid
        {
            keep!(self, redirect);
            return;
        }
        match self.to.task {
            Task::Put => keep!(self, first),
            Task::Patch => keep!(self, first, First::Ok | First::Accepted | First::Refused | First::Busy),
            Task::Delete | Task::Post => {
                keep!(self, first, First::Ok | First::Accepted | First::NoContent | First::Refused | First::Busy);
            }
            Task::Update => keep!(self, first, First::Ok | First::Accepted | First::Precondition),
            Task::CreateOnly => keep!(self, first, First::Created | First::Accepted | First::Precondition),
            Task::Pair => keep!(self, first, First::Created | First::Accepted),
            Task::Resume | Task::Abort | Task::Rerun => {}
        }
        if self.from.body == Body::Invalid && self.to.task == Task::Put {
            self.to.first = First::Refused;
        }
        match self.to.first {
            First::Refused => {
                self.to.headers = Headers::Neither;
                keep!(self, headers, Headers::Monitor | Headers::Neither);
                keep!(self, envelope);
            }
            First::NoContent | First::Busy | First::Precondition => {}
            _ => self.accepted(),
        }
    }

    /// The state and the URLs of an answer that accepts the write.
    fn accepted(&mut self) {
        let Recipe { task, first, .. } = self.to;
        if matches!(task, Task::Put | Task::Patch | Task::Delete) {
            keep!(self, redirect, Redirect::Nothing | Redirect::Write);
        }
        match (task, first) {
            (Task::Delete, First::Ok) => {
                self.to.stated = Stated::Nothing;
                self.to.headers = Headers::Neither;
                return;
            }
            (Task::Post, First::Ok) => {
                self.to.stated = Stated::Absent;
                self.to.headers = Headers::Neither;
                return;
            }
            (_, First::Accepted) => {
                self.to.stated = Stated::Nothing;
                keep!(self, stated, Stated::Nothing | Stated::Running | Stated::Succeeded);
            }
            (Task::Resume | Task::Abort | Task::Pair | Task::Rerun, _) => {}
            _ => keep!(
                self,
                stated,
                Stated::Running | Stated::Succeeded | Stated::Absent | Stated::Failed | Stated::Canceled
            ),
        }
        let runs = first == First::Accepted || self.to.stated == Stated::Running;
        match (task, self.to.stated) {
            (Task::Resume, _) => keep!(self, headers, Headers::Monitor | Headers::Both),
            (Task::Abort | Task::Rerun, _) => {}
            (Task::Pair, _) => keep!(self, headers, Headers::Monitor | Headers::Result),
            (_, Stated::Failed | Stated::Canceled) if !runs => self.to.headers = Headers::Neither,
            _ if !runs => keep!(self, headers, Headers::Monitor | Headers::Neither),
            (Task::Delete | Task::Post, _) => {
                keep!(self, headers, Headers::Monitor | Headers::Neither | Headers::Result | Headers::Both);
            }
            _ => keep!(self, headers),
        }
        if task == Task::Post && self.to.headers == Headers::Neither {
            self.matters[Field::headers as usize] = true;
        }
    }

    /// What goes wrong and passes: where it can happen, and what can happen there.
    fn trouble(&mut self, lead: Lead) {
        use Trouble as T;
        if self.to.task == Task::Abort {
            return;
        }
        let lead = if lead == Lead::Nowhere { lead } else { self.to.lead() };
        let at = match self.from.at {
            At::LastRead if self.to.has_last_read() => At::LastRead,
            At::FirstPoll if lead != Lead::Nowhere => At::FirstPoll,
            At::LaterPoll
                if lead != Lead::Nowhere && self.to.polls != Polls::Zero && self.to.poll_wait != Wait::Days =>
            {
                At::LaterPoll
            }
            At::Write if !matches!(self.to.task, Task::Resume | Task::Rerun | Task::Pair) => At::Write,
            _ if lead != Lead::Nowhere => At::FirstPoll,
            _ => At::Write,
        };
        let shared = matches!(
            self.from.trouble,
            T::Nothing
                | T::BusyWait
                | T::Busy
                | T::Error
                | T::Page
                | T::Late
                | T::TimedOut
                | T::ThrottledWait
                | T::Throttled
                | T::Reset
                | T::Close
        );
        let status =
            matches!(self.from.trouble, T::EmptyStatus | T::NoStatus | T::NullStatus | T::NumberStatus | T::StatusPage);
        let read = matches!(self.from.trouble, T::Cut | T::Stall | T::Slow | T::Expired);
        let possible = shared
            || match (at, lead) {
                (At::Write, _) => match self.from.trouble {
                    T::ConflictWait => true,
                    T::Lost => self.to.is_accepted() && matches!(self.to.task, Task::Put),
                    _ => false,
                },
                (At::LastRead, _) => read && self.from.trouble != T::Expired,
                // Who takes an operation up again doesn't know what kind of URL it has.
                (_, Lead::Monitor) if self.to.task == Task::Resume => read,
                (_, Lead::Monitor) => read || status || self.from.trouble == T::NotYet,
                (At::FirstPoll, Lead::Resource) => read || self.from.trouble == T::NotYet && self.to.task.keeps(),
                (_, Lead::Result | Lead::Resource) => read,
                (_, Lead::Nowhere) => false,
            };
        if at == At::Write && matches!(self.to.task, Task::Resume | Task::Rerun | Task::Pair) {
            return;
        }
        self.matters[Field::trouble as usize] = true;
        if !possible || self.from.trouble == T::Nothing {
            return;
        }
        self.to.trouble = self.from.trouble;
        self.to.at = at;
        self.matters[Field::at as usize] = true;
        if at == At::LastRead {
            self.to.last = Last::Plain;
            self.matters[Field::last as usize] = false;
        }
        match self.to.trouble {
            T::Busy => keep!(self, times),
            T::BusyWait | T::Error | T::ThrottledWait | T::Reset | T::Late | T::TimedOut | T::Page => {
                keep!(self, times, Times::Once | Times::Twice);
            }
            _ => {}
        }
    }

    fn body(&mut self) {
        if matches!(self.to.task, Task::Delete | Task::Post) {
            return;
        }
        match (self.to.task, self.to.first) {
            (Task::Put, First::Refused) => keep!(self, body),
            (Task::Put | Task::Patch | Task::CreateOnly, _) => {
                keep!(self, body, Body::Page | Body::Valid | Body::WithNull | Body::Unusual);
            }
            _ => return,
        }
        if self.to.body != Body::Page {
            (self.to.body_seed, self.to.body_steps) = (self.from.body_seed, self.from.body_steps);
        }
    }
}

/// Whether a form of URL leads away from the service's own monitor.
pub(super) fn is_elsewhere(form: Form) -> bool {
    matches!(form, Form::Trusted | Form::Foreign)
}
