//! The tables themselves.

use std::collections::HashSet;

use super::*;

#[test]
fn every_rule_is_found_by_its_id() {
    for number in 1..=57 {
        let id = format!("LRO-C-{number:02}");
        assert_eq!(rule(&id).map(|rule| rule.id), Some(id.as_str()));
    }
    let ids: Vec<&str> = rules().map(|rule| rule.id).collect();
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    let lro = ids.iter().filter(|id| id.starts_with("LRO-C-"));
    assert!(lro.is_sorted());
    assert!(rule("lro-c-22").is_some() && rule("LRO-C-58").is_none());
}

#[test]
fn every_fault_has_a_rule_or_a_reason() {
    assert_eq!(faults().len(), 93);
    let mut seen = 0;
    for (at, fault) in faults().iter().enumerate() {
        assert_eq!(fault.id, format!("BUG-{:02}", at + 1));
        match fault.sight {
            Sight::Rules(named) => {
                seen += 1;
                assert!(!named.is_empty());
                assert!(named.iter().all(|id| rule(id).is_some_and(|rule| rule.id == *id)), "{}", fault.id);
            }
            Sight::Unseen(reason) => assert!(!reason.is_empty()),
        }
    }
    assert_eq!(seen, 89);
}

#[test]
fn every_own_rule_is_there_for_a_fault_or_a_script() {
    // No reported fault is about what a client refuses to send.
    let own = |rule: &&Rule| (rule.id.starts_with("BODY-") || rule.id.starts_with("ID-")) && rule.id != "BODY-04";
    for rule in rules().filter(own) {
        let used = |fault: &Fault| matches!(fault.sight, Sight::Rules(named) if named.contains(&rule.id));
        assert!(faults().iter().any(used), "{}", rule.id);
    }
}

/// docs/rules.md, made of the tables.
fn page() -> String {
    let mut page = String::from(
        "# Rules\n\nWhat `armtape check` and `armtape lint` hold a client against. A *violation* breaks a MUST of ARM's \
         contract; a *warning* a SHOULD, or something on which correct clients differ: a breach of a MUST that cannot \
         be proven is a warning, too. A rule that would need something that is not there (the client's own word, \
         times, the truth of a script) is *not judged*, and counted. `armtape explain ID` says the same.\n\nThis page \
         is made of the tables in `src/judge/`; a test holds it equal (`ARMTAPE_UPDATE_DOCS=1 cargo test --lib \
         judge::tests::table` writes it).\n\n| id | severity | rule | source |\n| --- | --- | --- | --- |\n",
    );
    for rule in rules() {
        let source = rule.source.replace('|', "\\|");
        page.push_str(&format!(
            "| {} | {} | **{}.** {} | {source} |\n",
            rule.id,
            rule.severity.word(),
            rule.title,
            rule.words
        ));
    }
    page.push_str(
        "\n## Faults that real clients have had\n\nEach with the rules that see it; any of them is enough.\n\n| fault | \
         what such a client does | seen by | reported in |\n| --- | --- | --- | --- |\n",
    );
    for fault in faults() {
        let sight = match fault.sight {
            Sight::Rules(named) => named.join(", "),
            Sight::Unseen(reason) => format!("not seen: {reason}"),
        };
        page.push_str(&format!("| {} | {} | {sight} | {} |\n", fault.id, fault.words, fault.source));
    }
    page.push_str("\n## Sources\n\n| short name | what it is |\n| --- | --- |\n");
    for source in sources() {
        page.push_str(&format!("| {} | {} |\n", source.key, source.words));
    }
    page
}

/// What looks like the short name of a document, a fact or an issue.
fn is_short_name(word: &str) -> bool {
    let starts = |starts: &[&str]| starts.iter().any(|start| word.starts_with(start));
    let is_fact = word.len() == 4 && word.starts_with("S-") && word[2..].bytes().all(|byte| byte.is_ascii_digit());
    let documents = [
        "REVIEW",
        "FSV",
        "PSTATE",
        "LINT",
        "AUTOREST",
        "GUIDE",
        "CONSID",
        "TRACK",
        "THROTTLE",
        "DEPLOYERR",
        "TSP",
        "HTTPSPEC",
        "TESTSRV",
    ];
    is_fact || starts(&["RPC-", "SDK-", "I-"]) || documents.contains(&word)
}

#[test]
fn every_short_name_of_a_source_stands_for_something() {
    let of_scripts = crate::simulate::scenario::all().iter().flat_map(|scenario| {
        scenario.truth.waived.values().chain(scenario.truth.softened.values()).map(String::as_str)
    });
    let texts = rules().map(|rule| rule.source).chain(ambiguities().iter().map(|open| open.source)).chain(of_scripts);
    let mut unknown = Vec::new();
    for text in texts.chain(sources().iter().map(|source| source.words)) {
        assert!(!text.contains("fact sheet"), "{text}");
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
        unknown.extend(words.filter(|word| is_short_name(word) && named_sources(word).is_empty()));
    }
    assert!(unknown.is_empty(), "{unknown:?}");
    let keys: HashSet<&str> = sources().iter().map(|source| source.key).collect();
    assert_eq!(keys.len(), sources().len());
}

#[test]
fn the_page_of_the_rules_is_made_of_the_tables() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    if std::env::var_os("ARMTAPE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == page(), "docs/rules.md is not what the tables say");
}
