//! The smallest recipe that still fails: candidates, and a greedy walk through them.

use std::collections::HashSet;

use super::{
    recipe::{At, Body, Headers, Last, Moves, Recipe, Redirect, Task, Trouble, Wait},
    settle::Lead,
};

/// More steps than any body has.
const ALL_STEPS: u32 = 100_000;

impl Recipe {
    /// How many answers the shortest course to the end has: the write, the polls, the last read.
    #[must_use]
    pub fn answers(&self) -> usize {
        let recipe = self.settled();
        let troubles = |at: At| {
            if recipe.trouble != Trouble::Nothing && recipe.at == at { recipe.times.count() } else { 0 }
        };
        let redirected = recipe.redirect == Redirect::Write || recipe.redirect.sends_the_write_away();
        let write = 1 + troubles(At::Write) + usize::from(recipe.task == Task::Rerun) + usize::from(redirected);
        let polls = match recipe.lead() {
            Lead::Nowhere => 0,
            _ => recipe.polls.count() + 1 + troubles(At::FirstPoll) + troubles(At::LaterPoll),
        };
        let polls = if recipe.redirect.of_polls().is_some() { polls * 2 } else { polls };
        let late = matches!(recipe.last, Last::Lags | Last::NotYet);
        let read = if recipe.has_last_read() { 1 + usize::from(late) + troubles(At::LastRead) } else { 0 };
        write + polls + read
    }

    /// What shrinking makes smaller, the most important first.
    pub(super) fn size(&self) -> (usize, u32, u32, u64) {
        let choices = self.choices().iter().map(|choice| u32::from(*choice)).sum();
        (self.answers(), choices, u32::MAX - self.body_steps, self.body_seed)
    }

    /// Recipes that are smaller than this one, in the order in which they are to be tried: fewer answers,
    /// fewer headers, plainer words, shorter waits, a smaller body; great steps before small ones. All of
    /// them are settled.
    #[must_use]
    pub fn simpler(&self) -> Vec<Self> {
        let now = self.settled();
        let mut candidates = Vec::new();
        let mut add = |candidate: Self| candidates.push(candidate.settled());
        // Everything but what is asked; everything but the shape of the conversation.
        add(Self { task: now.task, ..Self::default() });
        add(Self {
            task: now.task,
            first: now.first,
            stated: now.stated,
            headers: now.headers,
            form: now.form,
            redirect: now.redirect,
            place: now.place,
            end: now.end,
            ..Self::default()
        });
        // Fewer answers.
        add(Self { trouble: Trouble::Nothing, ..now });
        add(Self { redirect: Redirect::Nothing, ..now });
        for choice in [Moves::Stays, Moves::Repeated] {
            add(Self { moves: choice, ..now });
        }
        add(Self { last: Last::Plain, ..now });
        now.lower(&mut add, |recipe| &mut recipe.polls, super::Polls::ALL);
        now.lower(&mut add, |recipe| &mut recipe.times, super::Times::ALL);
        // Fewer headers, and other ways to the end.
        for (headers, ..) in Headers::ALL {
            add(Self { headers: *headers, ..now });
        }
        for (stated, ..) in super::Stated::ALL {
            add(Self { stated: *stated, ..now });
            add(Self { stated: *stated, headers: Headers::Neither, ..now });
        }
        for (first, ..) in super::First::ALL {
            add(Self { first: *first, ..now });
        }
        add(Self { first_wait: Wait::Absent, ..now });
        add(Self { poll_wait: Wait::Absent, ..now });
        // Plainer words.
        now.lower(&mut add, |recipe| &mut recipe.form, super::Form::ALL);
        now.lower(&mut add, |recipe| &mut recipe.moves, super::Moves::ALL);
        now.lower(&mut add, |recipe| &mut recipe.redirect, Redirect::ALL);
        now.lower(&mut add, |recipe| &mut recipe.word, super::Word::ALL);
        now.lower(&mut add, |recipe| &mut recipe.place, super::Place::ALL);
        now.lower(&mut add, |recipe| &mut recipe.document, super::Document::ALL);
        now.lower(&mut add, |recipe| &mut recipe.end, super::End::ALL);
        now.lower(&mut add, |recipe| &mut recipe.envelope, super::Envelope::ALL);
        now.lower(&mut add, |recipe| &mut recipe.last, super::Last::ALL);
        now.lower(&mut add, |recipe| &mut recipe.trouble, super::Trouble::ALL);
        now.lower(&mut add, |recipe| &mut recipe.at, super::At::ALL);
        now.lower(&mut add, |recipe| &mut recipe.task, super::Task::ALL);
        // Shorter waits.
        now.lower(&mut add, |recipe| &mut recipe.first_wait, Wait::ALL);
        now.lower(&mut add, |recipe| &mut recipe.poll_wait, Wait::ALL);
        // A smaller body.
        now.lower(&mut add, |recipe| &mut recipe.body, super::Body::ALL);
        if now.body != Body::Page {
            for steps in [ALL_STEPS, now.body_steps.saturating_mul(4) + 16, now.body_steps + 1] {
                add(Self { body_steps: steps.min(ALL_STEPS), ..now });
            }
        }
        let mut seen = HashSet::new();
        candidates.retain(|candidate| candidate.size() < now.size() && seen.insert(*candidate));
        candidates
    }

    /// The choices of a dimension that are plainer than its own.
    fn lower<T: Copy + PartialEq, K, W>(
        &self,
        add: &mut impl FnMut(Self),
        field: impl Fn(&mut Self) -> &mut T,
        all: &[(T, K, W)],
    ) {
        let mut copy = *self;
        let own = *field(&mut copy);
        for (choice, ..) in all.iter().take_while(|row| row.0 != own) {
            let mut candidate = *self;
            *field(&mut candidate) = *choice;
            add(candidate);
        }
    }
}

/// A walk towards the smallest recipe that fails, for callers that can't give a closure: ask
/// [`Shrinking::candidate`], try it, [`Shrinking::tell`].
#[derive(Clone, Debug)]
pub struct Shrinking {
    smallest: Recipe,
    candidates: std::vec::IntoIter<Recipe>,
    asked: Option<Recipe>,
    tried: HashSet<Recipe>,
    left: usize,
}

impl Shrinking {
    /// From a recipe that fails, with so many tries.
    #[must_use]
    pub fn new(recipe: &Recipe, tries: usize) -> Self {
        let smallest = recipe.settled();
        let candidates = smallest.simpler().into_iter();
        Self { smallest, candidates, asked: None, tried: HashSet::from([smallest]), left: tries }
    }

    /// The next recipe to be tried; `None` at the end.
    pub fn candidate(&mut self) -> Option<Recipe> {
        if self.left == 0 {
            return None;
        }
        let tried = &mut self.tried;
        self.asked = self.candidates.find(|candidate| tried.insert(*candidate));
        self.left -= usize::from(self.asked.is_some());
        self.asked
    }

    /// Whether the candidate fails, too.
    pub fn tell(&mut self, fails: bool) {
        if let Some(candidate) = self.asked.take().filter(|_| fails) {
            self.smallest = candidate;
            self.candidates = candidate.simpler().into_iter();
        }
    }

    /// The smallest that is known to fail.
    #[must_use]
    pub fn smallest(&self) -> Recipe {
        self.smallest
    }

    /// How many recipes were tried.
    #[must_use]
    pub fn tried(&self) -> usize {
        self.tried.len() - 1
    }
}

/// What shrinking came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shrunk {
    /// The smallest recipe that fails.
    pub recipe: Recipe,
    /// How many were tried.
    pub tried: usize,
    /// Whether no smaller one fails, rather than that the tries were used up.
    pub is_smallest: bool,
}

/// The smallest recipe that can be come to from one that fails, in so many tries.
pub fn shrink(recipe: &Recipe, mut fails: impl FnMut(&Recipe) -> bool, tries: usize) -> Shrunk {
    let mut shrinking = Shrinking::new(recipe, tries);
    while let Some(candidate) = shrinking.candidate() {
        let failed = fails(&candidate);
        shrinking.tell(failed);
    }
    Shrunk { recipe: shrinking.smallest(), tried: shrinking.tried(), is_smallest: shrinking.left > 0 }
}
