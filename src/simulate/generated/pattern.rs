//! What recipes have in common.

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;

use super::recipe::{DIMENSIONS, Recipe};

/// Recipes that make certain choices: in each dimension that is named, one of those that are named there.
/// As data `{ headers = ["operation"], trouble = ["reset", "close"] }`; an empty one is all recipes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<String, Vec<String>>")]
pub struct Pattern([Option<Vec<u8>>; DIMENSIONS]);

impl Pattern {
    /// Whether a recipe is one of these, by what it can show ([`Recipe::settled`]).
    #[must_use]
    pub fn fits(&self, recipe: &Recipe) -> bool {
        let choices = recipe.settled().choices();
        self.0.iter().zip(choices).all(|(wanted, choice)| wanted.as_ref().is_none_or(|any| any.contains(&choice)))
    }
}

impl TryFrom<BTreeMap<String, Vec<String>>> for Pattern {
    type Error = String;

    /// A dimension or a choice that there is not is an error, and so is a dimension without a choice.
    fn try_from(named: BTreeMap<String, Vec<String>>) -> Result<Self, String> {
        let dimensions = Recipe::dimensions();
        let mut pattern = Self::default();
        for (name, choices) in named {
            let at = dimensions.iter().position(|dimension| dimension.kebab() == name);
            let at = at.ok_or_else(|| format!("`{name}` is no dimension of generated services"))?;
            let place = |choice: &String| {
                let places = (0..).zip(&dimensions[at].choices);
                let place = places.filter(|(_, known)| known.name == *choice).map(|(place, _)| place).next();
                place.ok_or_else(|| format!("`{choice}` is no choice of `{name}`"))
            };
            if choices.is_empty() {
                return Err(format!("no choice of `{name}` is named"));
            }
            pattern.0[at] = Some(choices.iter().map(place).collect::<Result<_, _>>()?);
        }
        Ok(pattern)
    }
}

/// As titles of generated cases have it: `headers operation, trouble reset or close`.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (dimension, wanted) in Recipe::dimensions().iter().zip(&self.0) {
            let Some(wanted) = wanted else { continue };
            let names: Vec<&str> =
                wanted.iter().map(|place| dimension.choices[usize::from(*place)].name.as_str()).collect();
            write!(f, "{between}{} {}", dimension.kebab(), names.join(" or "))?;
            between = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Draws, Grammar, Headers, Task, Trouble};
    use super::*;

    fn pattern(text: &str) -> Result<Pattern, toml::de::Error> {
        #[derive(Deserialize)]
        struct File {
            when: Pattern,
        }
        toml::from_str::<File>(&format!("when = {text}")).map(|file| file.when)
    }

    #[test]
    fn every_dimension_that_is_named_has_to_fit() {
        let reset = pattern(r#"{ headers = ["neither", "result"], trouble = ["reset"] }"#).unwrap();
        let recipe = |headers, trouble| Recipe { headers, trouble, ..Recipe::default() };
        assert!(reset.fits(&recipe(Headers::Neither, Trouble::Reset)));
        assert!(reset.fits(&recipe(Headers::Result, Trouble::Reset)));
        assert!(!reset.fits(&recipe(Headers::Result, Trouble::Close)));
        assert!(!reset.fits(&recipe(Headers::Monitor, Trouble::Reset)));
        assert_eq!(reset.to_string(), "headers neither or result, trouble reset");
        let all = pattern("{}").unwrap();
        let draws = Draws::new(1, Grammar::of(&[Task::Put]));
        assert!((0..20).all(|index| all.fits(&draws.case(index))));
    }

    /// An answer without a body can have no state, so that a choice of one shows nothing.
    #[test]
    fn a_choice_that_shows_nothing_counts_for_nothing() {
        let recipe = Recipe { first: super::super::First::NoContent, trouble: Trouble::Stall, ..Recipe::default() };
        assert!(!pattern(r#"{ trouble = ["stall"] }"#).unwrap().fits(&recipe));
        assert!(pattern(r#"{ trouble = ["nothing"] }"#).unwrap().fits(&recipe));
    }

    #[test]
    fn what_there_is_not_is_an_error() {
        for (text, told) in [
            (r#"{ header = ["both"] }"#, "`header` is no dimension"),
            (r#"{ first_wait = ["two"] }"#, "`first_wait` is no dimension"),
            (r#"{ first-wait = ["three"] }"#, "`three` is no choice of `first-wait`"),
            ("{ headers = [] }", "no choice of `headers`"),
        ] {
            let error = pattern(text).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
