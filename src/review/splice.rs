//! A recording with some of its acts in the form in which another has them.

use crate::{
    arm::{Act, Pair, align},
    cassette::{Cassette, Interaction, Times},
};

/// `base` with the acts of `taken` as `other` has them: put in the place of its own, added behind what
/// they follow there, or left out. `pairs` are all pairs of the two; `base_is_left` says which side
/// `base` is.
///
/// `None` where the result would not say what was asked for: what belongs to what depends on the other
/// requests, too.
pub(super) fn splice(
    base: &Cassette,
    other: &Cassette,
    pairs: &[Pair],
    taken: &[Pair],
    base_is_left: bool,
) -> Option<Cassette> {
    let (ours, theirs) = (Act::of(&base.interactions), Act::of(&other.interactions));
    let sides = |pair: &Pair| if base_is_left { (pair.left(), pair.right()) } else { (pair.right(), pair.left()) };
    let places = |act: &Act| {
        let mut places: Vec<usize> = act.interactions().collect();
        places.sort_unstable();
        places
    };
    // Place in `base`, then the pair for what is added behind it, then the place in its act.
    let mut placed: Vec<((usize, usize, usize), &Interaction)> = Vec::new();
    let mut wanted: Vec<Act> = Vec::new();
    let mut behind = 0;
    for (number, pair) in pairs.iter().enumerate() {
        let (own, other_own) = sides(pair);
        let own_places = own.map(|own| places(&ours[own]));
        let last = own_places.as_ref().and_then(|places| places.last().copied());
        match (taken.contains(pair), own, other_own) {
            (true, _, None) => {}
            (false, Some(own), _) => {
                wanted.push(ours[own].clone());
                placed.extend(own_places.iter().flatten().map(|at| ((*at, 0, 0), &base.interactions[*at])));
            }
            (false, None, _) => {}
            (true, _, Some(theirs_own)) => {
                wanted.push(theirs[theirs_own].clone());
                let new = places(&theirs[theirs_own]);
                let count = new.len();
                for (at, interaction) in new.into_iter().enumerate() {
                    let place = match &own_places {
                        // The last comes where the last was: what follows the act follows it still.
                        Some(places) if at + 1 < count => (places[at.min(places.len() - 1)], 0, at),
                        Some(places) => (places[places.len() - 1], 0, at),
                        None => (behind, number + 1, at),
                    };
                    placed.push((place, &other.interactions[interaction]));
                }
            }
        }
        behind = last.unwrap_or(behind);
    }
    placed.sort_by_key(|(place, _)| *place);
    let mut interactions: Vec<Interaction> = placed.into_iter().map(|(_, interaction)| interaction.clone()).collect();
    in_order(&mut interactions);
    let found = Act::of(&interactions);
    let is_as_wanted = |pair: Pair| match pair {
        Pair::Both(one, other) => wanted[one].says_the_same(&found[other]),
        _ => false,
    };
    if !align(&wanted, &found).into_iter().all(is_as_wanted) {
        return None;
    }
    let mut spliced = Cassette { interactions, ..base.clone() };
    for stand_in in &other.stand_ins {
        if !spliced.stand_ins.contains(stand_in) {
            spliced.stand_ins.push(stand_in.clone());
        }
    }
    for (name, value) in &other.variables {
        spliced.variables.entry(name.clone()).or_insert_with(|| value.clone());
    }
    Some(spliced)
}

/// Times of two recordings made one clock: nothing comes before what it stands behind.
fn in_order(interactions: &mut [Interaction]) {
    let mut latest: u64 = 0;
    for Times { request, answer, end } in interactions.iter_mut().filter_map(|interaction| interaction.times.as_mut()) {
        let late = latest.saturating_sub(*request);
        for time in [&mut *request, answer, end] {
            *time = time.saturating_add(late);
        }
        latest = *request;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cassette::sample::exchange;

    #[test]
    fn what_comes_late_comes_whole_later_at_most_at_the_end_of_all_time() {
        let mut interactions = ["/a", "/b"].map(|target| exchange("GET", target, "", 200, &[], ""));
        interactions[0].times = Some(Times { request: 10, answer: 10, end: 10 });
        interactions[1].times = Some(Times { request: 5, answer: 6, end: u64::MAX });
        in_order(&mut interactions);
        assert_eq!(interactions[1].times, Some(Times { request: 10, answer: 11, end: u64::MAX }));
    }
}
