use super::*;
use crate::cassette::tests::example;

impl Cleared for Interaction {
    fn interaction(&self) -> &Interaction {
        self
    }
}

fn journal(folder: &Path) -> (PathBuf, Journal) {
    let cassette = folder.join("tape.json");
    let journal = Journal::begin(&cassette, &["client".into()], "2026-11-24T16:42:01Z").unwrap();
    (cassette, journal)
}

fn recovered(cassette: &Path) -> Option<Recovered> {
    let mut found = None;
    recover::<JournalError>(cassette, |recovered| {
        found = Some(recovered);
        Ok(())
    })
    .unwrap();
    found
}

#[test]
fn what_was_appended_is_recovered_in_order_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let (cassette, journal) = journal(folder.path());
    let interactions = example().interactions;
    journal.append(1, &interactions[1]).unwrap();
    journal.append(0, &interactions[0]).unwrap();
    drop(journal);
    let found = recovered(&cassette).unwrap();
    assert_eq!(found.cassette.interactions, interactions);
    assert_eq!(found.cassette.command, ["client"]);
    assert_eq!(found.damaged_at, None);
    assert!(recovered(&cassette).is_none());
    assert!(!journal_path(&cassette).exists());
}

#[test]
fn a_journal_that_was_written_anew_is_the_same_journal() {
    let folder = tempfile::tempdir().unwrap();
    let (cassette, journal) = journal(folder.path());
    let interactions = example().interactions;
    journal.append(0, &interactions[1]).unwrap();
    journal.rewrite(&["other".into()], [(0, &interactions[0])].into_iter()).unwrap();
    journal.append(1, &interactions[1]).unwrap();
    journal.sync().unwrap();
    let refused = Journal::begin(&cassette, &[], "").map(drop);
    assert!(matches!(refused, Err(JournalError::InUse { pid, .. }) if pid == std::process::id()));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    drop(journal);
    let found = recovered(&cassette).unwrap();
    assert_eq!(found.cassette.interactions, interactions[..2]);
    assert_eq!((found.cassette.command, found.damaged_at), (vec!["other".to_owned()], None));
}

#[test]
fn a_second_recorder_is_refused_with_the_first_ones_pid() {
    let folder = tempfile::tempdir().unwrap();
    let (cassette, journal) = journal(folder.path());
    for refused in
        [Journal::begin(&cassette, &[], "").map(drop), recover::<JournalError>(&cassette, |_| Ok(())).map(drop)]
    {
        assert!(matches!(refused, Err(JournalError::InUse { pid, .. }) if pid == std::process::id()));
    }
    journal.end().unwrap();
    Journal::begin(&cassette, &[], "").unwrap();
}

/// A6: cut at every byte, and every byte flipped.
#[test]
fn damage_costs_nothing_that_was_whole_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let (cassette, journal) = journal(folder.path());
    let interactions = example().interactions;
    journal.append(0, &interactions[1]).unwrap();
    let first = std::fs::metadata(journal_path(&cassette)).unwrap().len() as usize;
    journal.append(1, &interactions[0]).unwrap();
    drop(journal);
    let whole = std::fs::read(journal_path(&cassette)).unwrap();
    let head = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let whole_before =
        |at: usize| if at + 1 < head { &interactions[1..] } else { &interactions[1..][..usize::from(at >= first)] };
    for at in 0..whole.len() {
        let cut = read_records(&whole[..at], &cassette).unwrap().cassette.interactions;
        assert_eq!(cut, interactions[1..][..usize::from(at >= first)], "cut at {at}");
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        // The digit of the version may become a newer one.
        let Ok(read) = read_records(&flipped, &cassette) else { continue };
        let read = read.cassette.interactions;
        let kept: Vec<_> = read.iter().filter(|read| **read == interactions[1]).cloned().collect();
        assert_eq!(kept, whole_before(at), "flipped at {at}");
        assert!(at + 1 >= first || read.contains(&interactions[0]), "what stands behind the damage: flipped at {at}");
    }
}

#[test]
fn what_a_crashed_recorder_left_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let (cassette, journal) = journal(folder.path());
    journal.append(0, &example().interactions[0]).unwrap();
    drop(journal);
    assert!(matches!(Journal::begin(&cassette, &[], ""), Err(JournalError::Orphaned { .. })));
    assert_eq!(recovered(&cassette).unwrap().cassette.interactions.len(), 1);
    Journal::begin(&cassette, &[], "").unwrap();
}

#[test]
fn a_newer_journal_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("tape.json");
    std::fs::write(journal_path(&cassette), "{\"armtape-journal\": 2, \"pid\": 1}\nnew\n").unwrap();
    let refused = recover::<JournalError>(&cassette, |_| Ok(()));
    assert!(matches!(refused, Err(JournalError::TooNew { found: 2, .. })));
    assert!(journal_path(&cassette).exists());
}
