//! How long the work of the embedded service takes, in polls.

use std::str::FromStr;

use super::reply::Ids;

/// How many running answers an operation gives before its end: a number, or one that is drawn anew
/// for each operation, as the work of a real service takes now longer and now shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunningPolls {
    least: u32,
    most: u32,
}

impl RunningPolls {
    pub(super) fn draw(self, ids: &mut Ids) -> u32 {
        // What is certain takes nothing from the ids to come.
        if self.least == self.most { self.least } else { ids.between(self.least, self.most) }
    }
}

impl From<u32> for RunningPolls {
    fn from(number: u32) -> Self {
        Self { least: number, most: number }
    }
}

impl FromStr for RunningPolls {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u32>().ok();
        let (least, most) = text.split_once('-').unwrap_or((text, text));
        match (number(least), number(most)) {
            (Some(least), Some(most)) if least <= most => Ok(Self { least, most }),
            _ => Err("expected a number such as `3`, or two such as `1-6`".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_or_two() {
        assert_eq!("3".parse(), Ok(RunningPolls::from(3)));
        assert_eq!("1-6".parse(), Ok(RunningPolls { least: 1, most: 6 }));
        for wrong in ["", "-", "1-", "6-1", "1-2-3", "-1", "some"] {
            assert!(wrong.parse::<RunningPolls>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_number_of_the_range_is_drawn() {
        let polls = RunningPolls { least: 1, most: 6 };
        let mut ids = Ids::new(1);
        let drawn: std::collections::BTreeSet<u32> = (0..200).map(|_| polls.draw(&mut ids)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
    }
}
