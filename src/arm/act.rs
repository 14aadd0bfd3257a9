//! What a client did, act by act, and what it was told: the units in which two recordings are
//! compared.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{
    Operation, Target,
    operation::{in_time_order, operations},
    steady::{names_of, steady},
};
use crate::cassette::Interaction;

/// A write with the polls that it led to, or a request that needs none.
///
/// The reading of a resource is an act of its own, unless it was told to go on: whether an
/// [`Operation`] counts it as the end of its polling, as its final read, or not at all, depends on
/// what the write was answered.
#[derive(Clone, Debug)]
pub struct Act {
    /// The method of its first request; for polls without their write, `GET`.
    pub method: String,
    /// The path of its first request, as it is compared.
    pub path: String,
    /// The operation, where it is one.
    pub operation: Option<Operation>,
    /// What was said, without repetition.
    pub steps: Vec<Step>,
    pub(super) fingerprint: u64,
}

/// An exchange of an act, or several with the same words that follow each other.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is to the act.
    pub part: Part,
    /// Places on the tape, the first of which is shown.
    pub interactions: Vec<usize>,
    /// What was said, without what differs from one recording to the next.
    pub said: Interaction,
}

/// What an exchange is to its act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The write, or the one request.
    Request,
    /// A poll that was told to go on.
    Running,
    /// The poll that showed the end, and those after it.
    End,
    /// The reading of another URL that was handed out.
    Read,
}

impl Act {
    /// The acts of a recording, in the order in which they began.
    #[must_use]
    pub fn of(interactions: &[Interaction]) -> Vec<Self> {
        let order = in_time_order(interactions);
        let mut rank = vec![0; order.len()];
        for (place, number) in order.iter().enumerate() {
            rank[*number] = place;
        }
        let mut owned = vec![false; interactions.len()];
        let mut acts: Vec<(usize, Self)> = Vec::new();
        for operation in operations(interactions) {
            let act = Self::of_operation(operation, interactions);
            let members = act.steps.iter().flat_map(|step| step.interactions.iter().copied());
            let mut began = usize::MAX;
            for number in members {
                owned[number] = true;
                began = began.min(rank[number]);
            }
            acts.push((began, act));
        }
        for (number, interaction) in interactions.iter().enumerate().filter(|(number, _)| !owned[*number]) {
            acts.push((rank[number], Self::of_request(number, interaction)));
        }
        acts.sort_by_key(|(began, _)| *began);
        acts.into_iter().map(|(_, act)| act).collect()
    }

    fn of_request(number: usize, interaction: &Interaction) -> Self {
        let step = Step { part: Part::Request, interactions: vec![number], said: steady(interaction, &[]) };
        let path = Target::parse(&interaction.request.target).path_key();
        Self::new(interaction.request.method.clone(), path, None, vec![step])
    }

    fn of_operation(operation: Operation, interactions: &[Interaction]) -> Self {
        let names = names_of(&operation, interactions);
        let path_of = |number: usize| Target::parse(&interactions[number].request.target).path_key();
        let running = operation.running_polls().len();
        let polls = operation.polls.iter().enumerate();
        let polls = polls.map(|(at, number)| (if at < running { Part::Running } else { Part::End }, *number));
        let reads = operation.reads.iter().map(|number| (Part::Read, *number));
        let is_own_act = |(part, number): &(Part, usize)| {
            matches!(part, Part::End | Part::Read)
                && operation.write.is_some()
                && path_of(*number) == operation.resource_path()
        };
        let mut steps: Vec<Step> = Vec::new();
        let write = operation.write.map(|write| (Part::Request, write));
        for (part, number) in write.into_iter().chain(polls.chain(reads).filter(|asked| !is_own_act(asked))) {
            let said = steady(&interactions[number], &names);
            match steps.last_mut() {
                Some(last) if part != Part::Read && last.part == part && last.said == said => {
                    last.interactions.push(number);
                }
                _ => steps.push(Step { part, interactions: vec![number], said }),
            }
        }
        let method = operation.method.clone().unwrap_or_else(|| "GET".to_owned());
        // The URL of an operation is its service's own: without a write, the form of it is all there is.
        let path = names
            .iter()
            .fold(operation.path.clone(), |path, name| path.replace(&name.to_ascii_lowercase(), "{operation}"));
        Self::new(method, path, Some(operation), steps)
    }

    fn new(method: String, path: String, operation: Option<Operation>, steps: Vec<Step>) -> Self {
        let mut hasher = DefaultHasher::new();
        (&method, &path).hash(&mut hasher);
        for step in steps.iter().filter(|step| step.part != Part::Running) {
            step.said.hash(&mut hasher);
        }
        Self { method, path, operation, steps, fingerprint: hasher.finish() }
    }

    /// Method and path.
    #[must_use]
    pub fn request(&self) -> (&str, &str) {
        (&self.method, &self.path)
    }

    /// The steps of one kind.
    pub fn parts(&self, part: Part) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.part == part)
    }

    /// Where its interactions are on the tape.
    pub fn interactions(&self) -> impl Iterator<Item = usize> {
        self.steps.iter().flat_map(|step| step.interactions.iter().copied())
    }

    /// Whether two acts say the same. How often a running operation was polled is no fact, and
    /// neither is that it was never seen running.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        if self.fingerprint != other.fingerprint || self.request() != other.request() {
            return false;
        }
        let equal = |part| self.parts(part).map(|step| &step.said).eq(other.parts(part).map(|step| &step.said));
        [Part::Request, Part::End, Part::Read].into_iter().all(equal)
            && (equal(Part::Running)
                || self.parts(Part::Running).count() == 0
                || other.parts(Part::Running).count() == 0)
    }
}
