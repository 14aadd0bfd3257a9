//! The reference client in the services of recordings, in virtual time: no rule is broken.

use std::path::PathBuf;

use super::scripts::judged_with;
use crate::{
    cassette::Reel,
    simulate::{Tapes, taped},
};

/// Plays every service that `check --from` makes of the recordings in a folder; how many there were, and how
/// many operations none is made of.
fn clean(folder: PathBuf) -> (usize, usize) {
    let (reel, errors) = Reel::load(&[folder]);
    assert!(errors.is_empty(), "{errors:?}");
    let (mut played, mut wrong) = (0, Vec::new());
    let Tapes { played: tapes, left_out } = taped(&reel.cassette, 1);
    for taped in tapes {
        for scenario in &taped.scenarios {
            played += 1;
            for finding in judged_with(scenario, 1, |_| taped.subject.clone()).0.findings {
                wrong.push(format!("{} ({}): {} [{}]", scenario.name(), scenario.title, finding.message, finding.rule));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {played}:\n{}", wrong.len(), wrong.join("\n"));
    (played, left_out.len())
}

#[test]
fn the_reference_client_breaks_no_rule_in_services_of_our_own_tapes() {
    assert!(clean("cassettes".into()).0 > 30);
}

#[test]
#[ignore = "takes a minute, and recordings of others: cargo test --lib taped -- --ignored --nocapture"]
fn the_reference_client_breaks_no_rule_in_services_of_real_recordings() {
    let shared = std::env::var_os("ARMTAPE_SHARED").map_or_else(|| "../shared".into(), PathBuf::from);
    let (played, left_out) = clean(shared.join("data/recordings"));
    assert!(played > 2_000, "{played}");
    println!("{played} services of recordings; {left_out} operations are left out");
}
