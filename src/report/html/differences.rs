//! The page of `armtape diff`.

use super::{
    model::{Compared, Course, Entry, Mark, Page, Section},
    room::Room,
    short,
};
use crate::{
    arm::{Act, count},
    cassette::Cassette,
    review::{Class, Diff, Item},
};

/// Pairs of recordings, taken one after the other.
#[derive(Debug)]
pub(crate) struct Differences {
    sections: Vec<Section>,
    room: Room,
    timings: bool,
    pairs: usize,
}

impl Differences {
    /// With `timings`, how often was polled and how long it took are changes, too.
    pub(crate) fn new(timings: bool) -> Self {
        Self { sections: Vec::new(), room: Room::without_text(), timings, pairs: 0 }
    }

    /// Compares two recordings. They should be redacted: what they say comes onto the page.
    pub(crate) fn take(&mut self, names: [&str; 2], tapes: [&Cassette; 2]) {
        self.pairs += 1;
        let acts = tapes.map(|tape| Act::of(&tape.interactions));
        let diff = Diff::of(tapes[0], tapes[1], self.timings);
        let entries: Vec<Entry> = diff.items.iter().map(|item| self.entry(item, tapes, &acts)).collect();
        if entries.is_empty() {
            return;
        }
        let mut facts = vec![("Before", names[0].to_owned()), ("After", names[1].to_owned())];
        let recorded = ["Before, recorded", "After, recorded"].into_iter().zip(tapes);
        facts.extend(recorded.filter_map(|(name, tape)| Some((name, tape.recorded.clone()?))));
        let title = short::file(names[0]).to_owned();
        self.sections.push(Section { name: title.clone(), title, facts, entries, ..Section::default() });
    }

    fn entry(&mut self, item: &Item, tapes: [&Cassette; 2], acts: &[Vec<Act>; 2]) -> Entry {
        let sides = item.acts(acts);
        let mut courses = Vec::new();
        for ((label, tape), acts) in ["Before", "After"].into_iter().zip(tapes).zip(&sides) {
            for operation in acts.iter().filter_map(|act| act.operation.as_ref()) {
                courses.push(Course { label, ..Course::of_operation(operation, &tape.interactions, &mut self.room) });
            }
        }
        let text = |acts: &[&Act]| {
            let steps = acts.iter().flat_map(|act| &act.steps);
            steps.map(|step| outdented(&step.said.to_text())).collect::<String>()
        };
        let [left, right] = [text(&sides[0]), text(&sides[1])];
        let compared = Compared::of(&left, &right);
        // What many have in common has no method.
        let (method, place) =
            item.title.split_once(' ').filter(|(_, place)| place.contains('/')).unwrap_or(("", &item.title));
        Entry {
            anchor: Some(item.id.clone()),
            method: method.to_owned(),
            place: place.to_owned(),
            courses,
            changes: item.changes.iter().map(|change| (change.class, change.sentence())).collect(),
            compared: Some(compared).filter(|compared| !compared.lines.is_empty() || compared.left_out > 0),
            ..Entry::default()
        }
    }

    /// The page.
    pub(crate) fn finish(self) -> Page {
        let changes = self.sections.iter().flat_map(|section| &section.entries).flat_map(|entry| &entry.changes);
        let classes: Vec<Class> = changes.map(|(class, _)| *class).collect();
        let title = match &self.sections[..] {
            [one] => one.title.clone(),
            _ => format!("{} of recordings", count(self.pairs, "pair")),
        };
        Page {
            command: "armtape diff",
            title,
            verdict: verdict(&classes),
            facts: Vec::new(),
            sections: self.sections,
            tables: Vec::new(),
            notes: vec![
                "Secret and personal values are replaced by stand-ins. Dates, ids and the like are left out."
                    .to_owned(),
            ],
        }
    }
}

fn verdict(classes: &[Class]) -> (Mark, String) {
    let Some(heaviest) = classes.iter().max() else { return (Mark::Clean, "Nothing differs".to_owned()) };
    let by_class = Class::ALL.iter().rev().filter_map(|class| {
        let number = classes.iter().filter(|other| *other == class).count();
        (number > 0).then(|| format!("{number} {class}"))
    });
    let words = format!("{}: {}", count(classes.len(), "change"), by_class.collect::<Vec<_>>().join(", "));
    (Mark::Change(*heaviest), words)
}

/// Interactions stand two levels deep in their cassette.
fn outdented(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line))).collect()
}
