//! The same faulty clients in the services of tapes, whose polling URLs look as they did.

use std::{collections::BTreeSet, path::Path};

use armtape::{
    cassette::Reel,
    judge::{self, Sight},
    simulate::{Taped, scenario::Scenario, taped},
};

use crate::{bend::Bent, faults::BENT, findings_in};

fn tapes(named: &Path) -> Vec<Taped> {
    let (reel, errors) = Reel::load(&[named.to_owned()]);
    assert!(errors.is_empty(), "{errors:?}");
    taped(&reel.cassette, 1).played
}

/// The services that show a fault by a rule that it is about.
fn shown(tapes: &[Taped], bent: &'static Bent) -> BTreeSet<String> {
    let Some(fault) = judge::faults().iter().find(|fault| fault.id == bent.id) else { return BTreeSet::new() };
    let Sight::Rules(meant) = fault.sight else { return BTreeSet::new() };
    let mut shown = BTreeSet::new();
    for taped in tapes {
        for scenario in &taped.scenarios {
            let found = findings_in(scenario, 1, Some(bent), |_| taped.subject.clone());
            if found.iter().any(|finding| meant.contains(&finding.rule)) {
                shown.insert(scenario.name());
            }
        }
    }
    shown
}

/// Who cuts the query off; who decodes a URL and encodes it again; who puts the write's api-version in.
const MANGLERS: [&str; 3] = ["BUG-14", "BUG-15", "BUG-16"];

/// The services that play what was recorded, and vary nothing.
fn as_recorded(tapes: Vec<Taped>) -> Vec<Taped> {
    let is_own = |scenario: &Scenario| scenario.variant == "recorded";
    let own = |taped: Taped| Taped { scenarios: taped.scenarios.into_iter().filter(is_own).collect(), ..taped };
    tapes.into_iter().map(own).filter(|taped| !taped.scenarios.is_empty()).collect()
}

fn bent(id: &str) -> &'static Bent {
    BENT.iter().find(|bent| bent.id == id).unwrap()
}

/// Who mangles a URL is found out by each recorded form that can be mangled like this, and nobody else is.
#[test]
fn the_form_of_a_recorded_url_finds_out_who_mangles_it() {
    let recorded = as_recorded(tapes(Path::new("tests/tapes/forms.json")));
    let found = MANGLERS.map(|id| {
        let shown: Vec<_> = shown(&recorded, bent(id)).into_iter().collect();
        format!("{id}: {}", shown.join(" "))
    });
    insta::assert_snapshot!(found.join("\n"), @r"
    BUG-14: FROM-1:recorded FROM-2:recorded
    BUG-15: FROM-1:recorded
    BUG-16: FROM-2:recorded
    ");
    for taped in &recorded {
        let found = findings_in(&taped.scenarios[0], 1, None, |_| taped.subject.clone());
        assert!(found.is_empty(), "{}: {found:#?}", taped.scenarios[0].name());
    }
}

/// Who leaves a null out is found out by the bodies that are drawn for a recorded profile: what was recorded has
/// none.
#[test]
fn other_bodies_find_out_who_changes_them() {
    let shown: Vec<_> = shown(&tapes(Path::new("tests/tapes/forms.json")), bent("BUG-80")).into_iter().collect();
    insta::assert_snapshot!(shown.join(" "), @"FROM-4:with-null-1 FROM-4:with-null-2");
}

/// The same over real recordings.
#[test]
#[ignore = "needs recordings of others: `cargo test --test mutants taped -- --ignored --nocapture`"]
fn the_urls_of_real_recordings_find_out_who_mangles_them() {
    let shared = std::env::var_os("ARMTAPE_SHARED").map_or_else(|| "../shared".into(), std::path::PathBuf::from);
    let recorded = as_recorded(tapes(&shared.join("data/recordings")));
    for id in MANGLERS {
        let shown = shown(&recorded, bent(id)).len();
        println!("{id}: found out by {shown} of {} recorded operations", recorded.len());
        assert!(shown > 0, "{id}");
    }
}
