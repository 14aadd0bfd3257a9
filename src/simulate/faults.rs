//! Faults that are laid over a service: each takes the requests that it names.

use bytes::Bytes;
use http::{Method, Response};

use super::{
    roles::Roles,
    scenario::{Interposed, Request, Target},
};

/// Faults, and what they have to know of the conversation.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    laid: Vec<Interposed>,
    roles: Roles,
    taken: usize,
}

impl Faults {
    /// Nothing has been asked yet.
    #[must_use]
    pub fn new(laid: Vec<Interposed>) -> Self {
        Self { laid, roles: Roles::default(), taken: 0 }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.laid.is_empty()
    }

    /// The fault that takes a request: the first one that does. All of them count it. `target` is where
    /// it goes, where a script knows that better.
    pub fn take(&mut self, method: &Method, url: &str, target: Option<Target>) -> Option<Interposed> {
        let (role, found) = self.roles.of(method, url);
        let request = Request { method, target: target.unwrap_or(found), role };
        let mut taken = None;
        for fault in &mut self.laid {
            if fault.takes(&request) && taken.is_none() {
                taken = Some(fault.clone());
            }
        }
        self.taken += usize::from(taken.is_some());
        taken
    }

    /// How many requests one of them took.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Takes in what a request was answered; `None` where nothing was.
    pub fn answered(&mut self, method: &Method, url: &str, response: Option<&Response<Bytes>>) {
        if let Some(response) = response {
            self.roles.answered(method, url, response);
        }
    }

    /// Faults whose requests never came, in words.
    #[must_use]
    pub fn in_vain(&self) -> Vec<String> {
        self.laid.iter().filter_map(Interposed::in_vain).collect()
    }
}
