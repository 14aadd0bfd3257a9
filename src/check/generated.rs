//! Generated cases: which there are for a seed and a client, and how they are named and kept.

use std::path::PathBuf;

use globset::GlobMatcher;
use serde::{Deserialize, Serialize};

use super::plan::{Ability, Case, Plan, Settings, cannot_do, missing, spread};
use crate::{
    cassette::Cassette,
    simulate::{
        generated::{Body, Draws, Grammar, Recipe, Task},
        scenario::{Operation, Scenario, Subject, all},
    },
};

/// How many draws are looked at for one that the client can be asked for.
const PATIENCE: usize = 1000;

/// What has to be known to play a case again, as it is noted on its cassette.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seeded {
    /// Its name.
    pub name: String,
    /// What its draw comes from.
    pub seed: u64,
    /// The service, where it is a generated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Recipe>,
}

/// What stands before a [`Seeded`] in a note.
const NOTE: &str = "armtape check: ";

impl Seeded {
    /// The note on the cassette of a case.
    #[must_use]
    pub fn note(case: &Case) -> String {
        let seeded = Self { name: case.scenario.name(), seed: case.seed, recipe: case.recipe };
        format!("{NOTE}{}", serde_json::to_string(&seeded).unwrap_or_default())
    }

    /// Reads it from the cassette of a case; `None` where that is a recording.
    #[must_use]
    pub fn of(cassette: &Cassette) -> Option<Self> {
        Self::read(&cassette.interactions.first()?.notes)
    }

    fn read(notes: &[String]) -> Option<Self> {
        let text = notes.iter().find_map(|note| note.strip_prefix(NOTE))?;
        serde_json::from_str(text).ok()
    }

    /// The case; `None` where it is a script that there is no more.
    #[must_use]
    pub fn case(&self, file: PathBuf) -> Option<Case> {
        let scenario = match &self.recipe {
            Some(recipe) => named(recipe, self.name.clone()),
            None => all().iter().find(|scenario| scenario.name() == self.name)?.clone(),
        };
        Some(Case { recipe: self.recipe, kept: Some(file), ..Case::of(scenario, self.seed) })
    }
}

/// A recipe in few words: what is not plain, as JSON.
#[must_use]
pub fn recipe_text(recipe: &Recipe) -> String {
    let members = |recipe: &Recipe| serde_json::to_value(recipe).unwrap_or_default();
    let (mut text, plain) = (members(recipe), members(&Recipe::default()));
    if let Some(text) = text.as_object_mut() {
        text.retain(|name, value| plain.get(name) != Some(value));
    }
    text.to_string()
}

/// The name of a generated case: it is the same on every machine.
#[must_use]
pub fn name(seed: u64, index: usize) -> String {
    format!("GEN-{seed}-{index}")
}

/// Seed and index in such a name.
#[must_use]
pub fn read_name(name: &str) -> Option<(u64, usize)> {
    let (seed, index) = name.strip_prefix("GEN-")?.split_once('-')?;
    Some((seed.parse().ok()?, index.parse().ok()?))
}

impl Plan {
    /// Puts `count` generated services behind the rest: those of the seed's row, in their order, that
    /// `ability` and `operations` let pass. `only` chooses among them by name.
    #[must_use]
    pub fn generate(
        mut self,
        settings: &Settings,
        ability: Ability,
        operations: &[Operation],
        count: usize,
        only: Option<&GlobMatcher>,
    ) -> Self {
        let wanted = |operation: Operation| operations.is_empty() || operations.contains(&operation);
        let tasks = Task::ALL.iter().map(|row| row.0);
        let tasks: Vec<Task> =
            tasks.filter(|task| wanted(task.operation()) && cannot_do(task.operation(), ability).is_none()).collect();
        if tasks.is_empty() {
            return self;
        }
        let one = only.and_then(|only| read_name(only.glob().glob()));
        let (seed, first, count) = match one {
            Some((seed, index)) => (seed, index, 1),
            None => (settings.seed, 0, count),
        };
        if count == 0 {
            return self;
        }
        let draws = Draws::new(seed, Grammar::of(&tasks));
        let (mut found, most) = (0, if one.is_some() { 1 } else { count.saturating_add(PATIENCE) });
        for index in first..=first.saturating_add(most - 1) {
            let recipe = for_subject(draws.case(index), settings);
            let scenario = named(&recipe, name(seed, index));
            if found == count {
                break;
            }
            if missing(&scenario, settings, ability).is_some() {
                continue;
            }
            found += 1;
            if only.is_none_or(|only| only.is_match(scenario.name())) {
                let case_seed = seed ^ spread(&scenario.name());
                self.push(Case { recipe: Some(recipe), ..Case::of(scenario, case_seed) });
            }
        }
        self.number();
        self
    }

    /// One generated service and nothing else.
    #[must_use]
    pub fn of_recipe(recipe: Recipe, settings: &Settings) -> Self {
        let recipe = for_subject(recipe.settled(), settings);
        let case =
            Case { recipe: Some(recipe), ..Case::of(named(&recipe, "GEN".to_owned()), settings.seed ^ spread("GEN")) };
        Self { cases: vec![Case { number: 1, ..case }], skipped: Vec::new() }
    }

    /// With what another plans, too, and nothing twice.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let Self { cases, skipped } = other;
        for case in cases {
            self.push(case);
        }
        for one in skipped {
            if !self.skipped.iter().any(|known| known.scenario == one.scenario) {
                self.skipped.push(one);
            }
        }
        self.number();
        self
    }

    fn push(&mut self, case: Case) {
        if !self.cases.iter().any(|known| known.seed == case.seed && known.scenario.name() == case.scenario.name()) {
            self.cases.push(case);
        }
    }

    /// Puts kept cases before the rest, and none of them twice. They are not left out, whatever was.
    #[must_use]
    pub fn first(mut self, kept: Vec<Case>) -> Self {
        let is_kept = |case: &Case| {
            kept.iter().any(|kept| kept.seed == case.seed && kept.scenario.name() == case.scenario.name())
        };
        self.cases.retain(|case| !is_kept(case));
        self.skipped.retain(|skipped| !kept.iter().any(|kept| kept.scenario.name() == skipped.scenario));
        self.cases.splice(0..0, kept);
        self.number();
        self
    }
}

/// Profiles are drawn for profiles alone.
fn for_subject(recipe: Recipe, settings: &Settings) -> Recipe {
    let is_profile = |subject: &Subject| subject.id.to_ascii_lowercase().contains("/profiles/");
    match &settings.subject {
        // Who gives a body wants that one; who gives a tape may have others like it.
        Some(subject) if settings.look_ups.is_none() || !is_profile(subject) => {
            Recipe { body: Body::Page, ..recipe }.settled()
        }
        _ => recipe,
    }
}

/// The script of a recipe, by its name.
pub(super) fn named(recipe: &Recipe, name: String) -> Scenario {
    Scenario { id: name, ..recipe.scenario() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(count: usize, ability: Ability) -> Plan {
        let plan = Plan { cases: Vec::new(), skipped: Vec::new() };
        plan.generate(&Settings::default(), ability, &[], count, None)
    }

    #[test]
    fn the_first_cases_are_the_same_however_many_there_are() {
        let names = |plan: &Plan| plan.cases.iter().map(|case| (case.scenario.name(), case.recipe)).collect::<Vec<_>>();
        let (few, many) = (plan(10, Ability::of_jobs()), plan(40, Ability::of_jobs()));
        assert_eq!(names(&few), names(&many)[..10]);
        let shards = (1..=3).flat_map(|index| names(&many.clone().shard(index, 3)));
        let mut shards: Vec<_> = shards.collect();
        let mut whole = names(&many);
        shards.sort_by(|one, other| one.0.cmp(&other.0));
        whole.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(shards, whole);
    }

    #[test]
    fn a_name_names_one_case_of_the_row() {
        let all = plan(30, Ability::of_jobs());
        let case = &all.cases[17];
        let glob = globset::Glob::new(&case.scenario.name()).unwrap().compile_matcher();
        let other_seed = Settings { seed: 9, ..Settings::default() };
        let none = Plan { cases: Vec::new(), skipped: Vec::new() };
        let one = none.generate(&other_seed, Ability::of_jobs(), &[], 5, Some(&glob));
        assert_eq!(one.cases.len(), 1);
        assert_eq!((&one.cases[0].scenario, one.cases[0].seed), (&case.scenario, case.seed));
    }

    #[test]
    fn the_last_case_of_a_row_is_one() {
        let glob = globset::Glob::new(&name(1, usize::MAX)).unwrap().compile_matcher();
        let none = Plan { cases: Vec::new(), skipped: Vec::new() };
        let last = none.generate(&Settings::default(), Ability::of_jobs(), &[], 1, Some(&glob));
        assert_eq!(last.cases.len(), 1);
    }

    #[test]
    fn a_client_is_not_asked_for_what_it_cannot_be_told() {
        let puts = plan(50, Ability::of(&["{url}".to_owned()]));
        assert_eq!(puts.cases.len(), 50);
        assert!(
            puts.cases.iter().all(|case| case.scenario.operation == Operation::Put && case.scenario.timeout.is_none())
        );
    }

    #[test]
    fn a_note_brings_the_case_back() {
        for case in plan(20, Ability::of_jobs()).cases {
            let seeded = Seeded::read(&["else".to_owned(), Seeded::note(&case)]).unwrap();
            let again = seeded.case(PathBuf::new()).unwrap();
            assert_eq!((&again.scenario, again.seed, again.recipe), (&case.scenario, case.seed, case.recipe));
        }
        assert_eq!(Seeded::read(&["else".to_owned()]), None);
        let recipe = Recipe { trouble: crate::simulate::generated::Trouble::Reset, ..Recipe::default() };
        assert_eq!(recipe_text(&recipe), r#"{"trouble":"reset"}"#);
        assert_eq!(serde_json::from_str::<Recipe>(&recipe_text(&recipe)).unwrap(), recipe);
    }

    #[test]
    fn kept_cases_come_first_and_once() {
        let all = plan(10, Ability::of_jobs());
        let kept = Seeded::read(&[Seeded::note(&all.cases[7])]).unwrap().case(PathBuf::from("x.json")).unwrap();
        let all = all.first(vec![kept]);
        assert_eq!((all.cases.len(), all.cases[0].number), (10, 1));
        assert!(all.cases[0].kept.is_some() && all.cases[1..].iter().all(|case| case.kept.is_none()));
    }
}
