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
    assert_eq!(seen, 88);
}

#[test]
fn every_own_rule_is_there_for_a_fault_or_a_script() {
    for rule in rules().filter(|rule| rule.id.starts_with("BODY-") || rule.id.starts_with("ID-")) {
        let used = |fault: &Fault| matches!(fault.sight, Sight::Rules(named) if named.contains(&rule.id));
        assert!(faults().iter().any(used), "{}", rule.id);
    }
}
