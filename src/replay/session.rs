//! One session: its values for what may differ on the tape, and what has happened there.

use std::{collections::HashMap, sync::Arc};

use super::{
    mould::Claim,
    variables::Variables,
    words::{Names, Values},
    world::World,
};

/// One consistent set of values, and what has happened there.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) world: World,
    pub(super) values: Arc<Values>,
    /// By operation.
    pub(super) names: HashMap<usize, Arc<Names>>,
}

impl Session {
    /// What a request would bind here; `None` if it does not fit.
    pub(super) fn fits(&self, claims: &[Claim], elsewhere: &[Vec<Vec<Claim>>]) -> Option<Vec<Claim>> {
        let mut new = Vec::new();
        self.add(claims, &mut new)?;
        for readings in elsewhere {
            let fitting = readings.iter().filter_map(|claims| {
                let mut more = new.clone();
                self.add(claims, &mut more).map(|()| more)
            });
            new = fitting.min_by_key(Vec::len)?;
        }
        Some(new)
    }

    /// Whether a client may have this text in the place of one of the tape.
    pub(super) fn may_have(&self, variables: &Variables, taped: &str, sent: &str) -> bool {
        variables.claims(taped, sent).is_some_and(|claims| self.fits(&claims, &[]).is_some())
    }

    fn add(&self, claims: &[Claim], new: &mut Vec<Claim>) -> Option<()> {
        for (number, value) in claims {
            let here = new.iter().find(|(other, _)| other == number).map(|(_, value)| value);
            match self.values.bound[*number].as_ref().or(here) {
                Some(bound) => bound.eq_ignore_ascii_case(value).then_some(())?,
                None => new.push((*number, value.clone())),
            }
        }
        Some(())
    }

    /// What stands on the tape, and what this session has in its place.
    pub(super) fn bound(&self, variables: &Variables) -> Vec<(String, String)> {
        let bound = variables.all.iter().zip(&self.values.bound);
        bound.filter_map(|(variable, value)| Some((variable.taped.clone(), value.clone()?))).collect()
    }

    /// Names, and values that may be told, for people; in the order of the tape's variables.
    pub(super) fn describe(&self, variables: &Variables) -> String {
        let bound = variables.all.iter().zip(&self.values.bound);
        let named = bound.filter_map(|(variable, value)| {
            let value = value.as_deref()?;
            Some(format!("{} {}", variable.name, if variable.is_told() { value } else { "(not shown)" }))
        });
        named.collect::<Vec<_>>().join(", ")
    }
}
