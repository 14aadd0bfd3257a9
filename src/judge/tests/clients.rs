//! The table of known clients, and its page.

use super::*;

const PYTHON: &str = "azsdk-python-mgmt-resource/26.0.0 Python/3.11.7 (Linux-6.1-x86_64-with-glibc2.36)";
const JS: &str = "azsdk-js-arm-customerinsights/4.1.0 core-rest-pipeline/1.24.0 Node/20.20.2 (Linux 6.1; x64)";

/// What is known of the findings of a client that takes a 201 with `Failed` for success.
fn known(agent: &'static str, scenario: &str) -> Option<&'static str> {
    let tape = Tape::new()
        .put(&resource(201, "Failed"))
        .change(|interaction| interaction.request.headers.append("user-agent", agent))
        .success();
    let findings = tape.judge().findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    known_deviation(&findings[0], scenario, None, &tape.cassette.interactions)
        .map(|(_, deviation)| deviation.rule.as_str())
}

#[test]
fn a_deviation_is_known_of_a_client_in_a_version_and_a_scenario() {
    assert_eq!(known(PYTHON, "SC-035"), Some("LRO-C-12"));
    assert_eq!(known("mine/1.0 azsdk-python-mgmt-resource/26.0.0", "SC-035"), Some("LRO-C-12"), "beside its user's");
    for other in [
        "azsdk-python-mgmt-resource/26.0.1",
        "azsdk-python-mgmt-resource/25.0.0",
        "azsdk-python-mgmt-resource/26.0.0b1",
        "azsdk-python-mgmt-storage/26.0.0",
        "azsdk-python-mgmt-resource",
        JS,
        "",
    ] {
        assert_eq!(known(other, "SC-035"), None, "{other}");
    }
    assert_eq!(known(PYTHON, "SC-036"), None, "another scenario");
}

/// Names of generated services change with the seed: what counts is what brings the deviation about.
#[test]
fn a_deviation_is_known_of_generated_services_that_bring_it_about() {
    use crate::simulate::generated::{Headers, Recipe, Stated};
    let tape = Tape::new()
        .put(&resource(201, "Failed"))
        .change(|interaction| interaction.request.headers.append("user-agent", PYTHON))
        .success();
    let finding = &tape.judge().findings[0];
    let known =
        |name: &str, recipe| known_deviation(finding, name, Some(&recipe), &tape.cassette.interactions).is_some();
    let failed = Recipe { stated: Stated::Failed, headers: Headers::Neither, ..Recipe::default() };
    assert!(known("GEN-1-267", failed) && known("GEN-99-3", failed) && known("GEN", failed));
    let running = Recipe { stated: Stated::Running, ..failed };
    assert!(!known("GEN-1-267", running), "nothing in it says `Failed`");
    assert!(!known("SC-035", running), "the recipe decides, and not the name");
    let finding = Finding { rule: "LRO-C-13", ..finding.clone() };
    assert!(known_deviation(&finding, "GEN", Some(&failed), &tape.cassette.interactions).is_none(), "another rule");
}

#[test]
fn no_graver_finding_is_known_than_the_one_that_was_looked_at() {
    let early = |place: usize| {
        let running = "200 Retry-After:10\n{\"status\":\"Running\"}";
        let named = |interaction: &mut Interaction| interaction.request.headers.append("user-agent", PYTHON);
        let tape =
            (0..place).fold(created().change(named), |tape, _| tape.get(OP, running).change(named).after(10_000));
        let tape = tape.get(OP, running).change(named).op("Succeeded").change(named);
        let findings = tape.judge().findings;
        assert_eq!(findings.len(), 1, "{findings:?}");
        known_deviation(&findings[0], "SC-120", None, &tape.cassette.interactions).is_some()
    };
    assert!(early(0), "a warning");
    assert!(!early(1), "a violation");
}

#[test]
fn versions_are_one_or_a_range() {
    let versions = |text: &str| Versions::try_from(text.to_owned());
    let range = versions("1.9..1.10").unwrap();
    assert!(range.contain("1.9") && range.contain("1.9.3") && !range.contain("1.10") && !range.contain("1.8.9"));
    assert!(!range.contain("1.9.x") && !range.contain(""));
    let one = versions("14.2.1").unwrap();
    assert!(one.contain("14.2.1") && one.contain("v14.2.1") && !one.contain("w14.2.1"), "as Go writes it");
    assert!(versions("1.x").is_err() && versions("..2").is_err());
}

#[test]
fn the_table_speaks_of_what_there_is() {
    for client in known_clients() {
        for deviation in &client.deviations {
            assert!(rule(&deviation.rule).is_some_and(|rule| rule.id == deviation.rule), "{deviation:?}");
            for glob in &deviation.scenarios {
                let fits = |scenario: &crate::simulate::scenario::Scenario| glob.is_match(scenario.name());
                assert!(crate::simulate::scenario::all().iter().any(fits), "{}", glob.glob());
            }
            assert!(!deviation.scenarios.is_empty() || !deviation.when.is_empty(), "{deviation:?}");
            assert!(!deviation.words.is_empty() && !deviation.source.is_empty());
        }
    }
}

/// The tables of docs/clients.md.
fn tables() -> String {
    let mut text = String::new();
    for client in known_clients() {
        text.push_str(&format!(
            "\n### {}\n\n| rule | weight | scenarios | generated services | what the client does | where, and what \
             is to be said of it |\n| --- | --- | --- | --- | --- | --- |\n",
            client.name
        ));
        for deviation in &client.deviations {
            let globs: Vec<&str> = deviation.scenarios.iter().map(|glob| glob.glob().glob()).collect();
            let globs = if globs == ["*"] { "all of them".to_owned() } else { globs.join(", ") };
            let patterns: Vec<String> = deviation.when.iter().map(ToString::to_string).collect();
            text.push_str(&format!(
                "| {} | {} | {globs} | {} | {} | {} |\n",
                deviation.rule,
                deviation.severity.word(),
                patterns.join("; "),
                deviation.words,
                deviation.source
            ));
        }
    }
    text
}

#[test]
fn the_page_of_the_clients_has_the_tables() {
    const BEGIN: &str = "<!-- written from src/judge/known_clients.toml -->\n";
    const END: &str = "\n<!-- the end of it -->";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/clients.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let right = format!("{before}{BEGIN}{}{END}{after}", tables());
    if std::env::var_os("ARMTAPE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &right).unwrap();
        return;
    }
    assert!(page == right, "docs/clients.md is not what the table says: ARMTAPE_UPDATE_DOCS=1 writes it");
}
