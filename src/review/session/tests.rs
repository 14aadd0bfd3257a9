use std::path::Path;

use super::*;
use crate::cassette::{Cassette, pending_path};

const WIDE: Size = Size { columns: 80, lines: 24 };

fn keys(session: &mut Session, letters: &str) -> Next {
    letters.chars().fold(Next::Ask, |_, letter| session.press(Key::Letter(letter), WIDE))
}

/// A recording with one answer for each word; a word with `=` has that size, all others 1.
fn tape(words: &str) -> String {
    let interactions = words.split_whitespace().map(|word| {
        let (name, size) = word.split_once('=').unwrap_or((word, "1"));
        let target = format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/{name}?api-version=1");
        serde_json::json!({
            "request": { "method": "GET", "target": target, "scheme": "https", "authority": "management.azure.com" },
            "response": {
                "status": 200,
                "headers": { "content-type": "application/json" },
                "body": { "json": { "name": name, "properties": { "size": size } } },
            },
        })
    });
    let interactions: Vec<serde_json::Value> = interactions.collect();
    serde_json::json!({ "armtape": 1, "interactions": interactions }).to_string()
}

/// `a.json` with three changes, and `b.json` that is new.
fn session(folder: &Path) -> Session {
    let tapes = [("a.json", "x y z", "x=2 y=3 z=4"), ("b.json", "", "w")];
    let tapes = tapes.map(|(name, accepted, pending)| {
        let path = folder.join(name);
        if !accepted.is_empty() {
            std::fs::write(&path, tape(accepted)).unwrap();
        }
        std::fs::write(pending_path(&path), tape(pending)).unwrap();
        let mut pending = Pending::load(&path).unwrap();
        pending.path = name.into();
        pending
    });
    Session::new(tapes.into())
}

fn shown(session: &Session, size: Size) -> String {
    session.screen(size).join("\n")
}

#[test]
fn one_change_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path());
    insta::assert_snapshot!(shown(&session, WIDE), @r#"
    1/4  a.json

    GET /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/x?api-vers
      ion=1
      behavioural  `properties.size` "1" → "2" [answer]

    a accept   r reject   s skip   A R S all the rest   d detail   i info   u undo
    q end
    "#);
    assert_eq!(keys(&mut session, "arA"), Next::Ask);
    insta::assert_snapshot!(shown(&session, WIDE), @"
    4/4  3 accepted, 1 rejected, 0 skipped

    accepted  get-x of a.json
    rejected  get-y of a.json
    accepted  get-z of a.json
    accepted  get-w of b.json

    enter write   u undo   ctrl-c write nothing
    ");
    keys(&mut session, "u");
    insta::assert_snapshot!(shown(&session, WIDE), @r#"
    3/4  a.json

    GET /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/z?api-vers
      ion=1
      behavioural  `properties.size` "1" → "4" [answer]

    a accept   r reject   s skip   A R S all the rest   d detail   i info   u undo
    q end
    "#);
    assert_eq!(keys(&mut session, "sa"), Next::Ask);
    assert_eq!(session.press(Key::Enter, WIDE), Next::Write);
    let decisions: Vec<Decision> = session.answers().map(|(_, decision)| decision).collect();
    assert_eq!(decisions, [Decision::Accept, Decision::Reject, Decision::Skip, Decision::Accept]);
    let after = |name: &str| {
        let edits = session.edits().unwrap();
        let edit = edits.into_iter().find(|edit| edit.path == Path::new(name)).unwrap();
        let text = edit.after.map(|text| Cassette::from_bytes(&text, Path::new(name)).unwrap());
        let sizes = text.iter().flat_map(|tape| &tape.interactions).map(|interaction| {
            let body = interaction.response.as_ref().unwrap().body.json().unwrap();
            body["properties"]["size"].as_str().unwrap().to_owned()
        });
        sizes.collect::<Vec<_>>().join(" ")
    };
    assert_eq!([after("a.json"), after("a.json.new")], ["2 1 1", "2 1 4"]);
    assert_eq!([after("b.json"), after("b.json.new")], ["1", ""]);
}

#[test]
fn what_is_left_out_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path());
    assert_eq!(keys(&mut session, "q"), Next::Write);
    assert!(session.edits().unwrap().is_empty());
    keys(&mut session, "aaSuuu");
    assert_eq!(session.decided, []);
    // Nothing that was typed too often decides, or takes back more than there is.
    assert_eq!(keys(&mut session, "uuxASRa"), Next::Ask);
    assert!(session.answers().all(|(_, decision)| decision == Decision::Accept));
    assert_eq!(session.press(Key::Interrupt, WIDE), Next::Leave);
    session.refuse("`get-x` cannot be decided apart".to_owned());
    assert!(shown(&session, WIDE).contains("\n`get-x` cannot be decided apart\nenter write"));
    keys(&mut session, "u");
    assert!(!shown(&session, WIDE).contains("apart"));
    keys(&mut session, "S");
    assert!(shown(&session, WIDE).contains("enter end"));
}

#[test]
fn detail_and_info() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path());
    keys(&mut session, "d");
    insta::assert_snapshot!(shown(&session, WIDE), @r#"
    1/4  a.json

            "json": {
              "name": "x",
              "properties": {
    -           "size": "1"
    +           "size": "2"
              }
            },
            "spacing": "compact"

    a accept   r reject   s skip   A R S all the rest   d detail   i info   u undo
    q end
    "#);
    keys(&mut session, "i");
    insta::assert_snapshot!(shown(&session, WIDE), @"
    1/4  a.json

    cassette   a.json
    accepted   recorded at an unknown time, interactions: 3
    pending    recorded at an unknown time, interactions: 3
    operation  get-x
    behavioural  a correct client still works, and does or sees something else

    a accept   r reject   s skip   A R S all the rest   d detail   i info   u undo
    q end
    ");
    keys(&mut session, "i");
    assert!(matches!(session.view, View::Changes));
    keys(&mut session, "ddS");
    assert!(matches!(session.view, View::Changes));
    assert_eq!(keys(&mut session, "di"), Next::Ask);
    assert!(matches!(session.view, View::Changes));
}

#[test]
fn a_small_screen() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path());
    let small = Size { columns: 40, lines: 11 };
    insta::assert_snapshot!(shown(&session, small), @r#"
    1/4  a.json

    GET /subscriptions/s/resourceGroups/g/pr
      oviders/Microsoft.Test/things/x?api-ve
      rsion=1
      behavioural  `properties.size` "1" →
                   "2" [answer]

    a accept   r reject   s skip
    A R S all the rest   d detail   i info
    u undo   q end
    "#);
    session.press(Key::Letter('d'), small);
    insta::assert_snapshot!(shown(&session, small), @r#"
    1/4  a.json

            "json": {
              "name": "x",
              "properties": {
    -           "size": "1"
    +           "size": "2"
    -- 3 more: space --
    a accept   r reject   s skip
    A R S all the rest   d detail   i info
    u undo   q end
    "#);
    for _ in 0..9 {
        session.press(Key::PageDown, small);
    }
    insta::assert_snapshot!(shown(&session, small), @r#"
    1/4  a.json

    -           "size": "1"
    +           "size": "2"
              }
            },
            "spacing": "compact"
    -- end --
    a accept   r reject   s skip
    A R S all the rest   d detail   i info
    u undo   q end
    "#);
    session.press(Key::Up, small);
    session.press(Key::Down, small);
    assert!(shown(&session, small).contains("-- end --"));
    for _ in 0..9 {
        session.press(Key::PageUp, small);
    }
    assert_eq!(session.top, 0);
    for (columns, lines) in [(1, 1), (2, 3), (7, 5), (40, 2), (1000, 1000)] {
        let size = Size { columns, lines };
        for letter in "id d ".chars() {
            session.press(Key::Letter(letter), size);
            let screen = session.screen(size);
            assert!(screen.len() <= lines);
            assert!(screen.iter().all(|line| line.chars().count() <= columns.max(2)), "{screen:?}");
        }
    }
}

#[test]
fn a_recording_that_says_nothing_new_is_decided_on_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    std::fs::write(&path, tape("x")).unwrap();
    std::fs::write(pending_path(&path), tape("x")).unwrap();
    let mut session = Session::new(vec![Pending::load(&path).unwrap()]);
    assert!(shown(&session, WIDE).contains("says nothing new"));
    keys(&mut session, "r");
    let edits = session.edits().unwrap();
    assert_eq!(edits.len(), 1);
    assert_eq!((&edits[0].path, &edits[0].after), (&pending_path(&path), &None));
}
