//! What says who asked. Some recorders leave it out; others, and hands, put it back.

use crate::cassette::{Cassette, Interaction};

/// The headers that carry it.
pub(crate) const CREDENTIALS: [&str; 6] =
    ["authorization", "proxy-authorization", "x-ms-authorization-auxiliary", "cookie", "set-cookie", "set-cookie2"];

/// What becomes of the credentials in a recording that another tool made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cassette) enum Credentials {
    /// What is replayed, shown or written does not have them.
    Dropped,
    /// They are looked for.
    Kept,
}

impl Credentials {
    pub(super) fn of(self, mut cassette: Cassette) -> Cassette {
        if self == Self::Dropped {
            cassette.drop_foreign_credentials();
        }
        cassette
    }
}

impl Cassette {
    /// As it would have been read to be replayed. In a tape of ours nothing is taken away but from what was
    /// another tool's.
    #[must_use]
    pub fn without_credentials(&self) -> Self {
        let mut without = self.clone();
        without.drop_foreign_credentials();
        without
    }

    /// Takes the credentials out of what another tool recorded.
    pub(crate) fn drop_foreign_credentials(&mut self) {
        let foreign = self.interactions.iter_mut().filter(|interaction| interaction.provenance.is_some());
        foreign.for_each(Interaction::drop_credentials);
    }
}

impl Interaction {
    /// Takes the headers away that say who asked.
    fn drop_credentials(&mut self) {
        let sides = [Some(&mut self.request.headers), self.response.as_mut().map(|response| &mut response.headers)];
        for headers in sides.into_iter().flatten() {
            for name in CREDENTIALS {
                headers.remove(name);
            }
        }
    }
}
