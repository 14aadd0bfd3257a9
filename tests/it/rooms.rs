//! The rooms of ARCHITECTURE.md, and their arrows, are those of the sources.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use fs_err as fs;

/// A row of the table: the room, and those that it uses; `None` for all below it.
type Row = (String, Option<BTreeSet<String>>);

#[test]
fn a_room_uses_the_rooms_of_its_row_and_none_above() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rows = rows(&fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap());
    let names: Vec<&str> = rows.iter().map(|(room, _)| room.as_str()).collect();

    let library = fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let modules =
        library.lines().filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'));
    let mut from_below: Vec<&str> = modules.collect();
    from_below.reverse();
    assert_eq!(names, from_below, "ARCHITECTURE.md (left) and src/lib.rs, read from its end, have the same rooms");

    let mut wrong = Vec::new();
    for (at, (room, allowed)) in rows.iter().enumerate() {
        let used: BTreeMap<_, _> = sources(root, room).into_iter().flat_map(|file| used_by(&file, room)).collect();
        let below: BTreeSet<String> = names[..at].iter().map(|name| (*name).to_owned()).collect();
        for (name, file) in used.iter().filter(|(name, _)| !below.contains(*name)) {
            wrong.push(format!("an arrow up: `{room}` uses `{name}` in {file}"));
        }
        let Some(allowed) = allowed else { continue };
        for (name, file) in used.iter().filter(|(name, _)| !allowed.contains(*name)) {
            wrong.push(format!("the row of `{room}` lacks `{name}`, which {file} uses"));
        }
        for name in allowed.iter().filter(|name| !used.contains_key(*name)) {
            wrong.push(format!("the row of `{room}` names `{name}`, which it does not use"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rooms_are_read_out_of_paths() {
    for (text, rooms) in [
        ("use crate::arm::Url;", vec!["arm"]),
        ("use crate::{\n    arm::{Url, json},\n    cassette,\n};", vec!["arm", "cassette"]),
        ("// as crate::arm does\nlet x = crate::proxy::cut();", vec!["proxy"]),
        ("use crate::{Replay, config};", vec!["config"]),
        ("use std::fmt;", vec![]),
    ] {
        assert_eq!(rooms_in(text), rooms, "{text}");
    }
}

fn rows(text: &str) -> Vec<Row> {
    let table = text.lines().skip_while(|line| !line.starts_with("| room |")).skip(2);
    table
        .map_while(|line| {
            let cells: Vec<&str> = line.strip_prefix("| ")?.split('|').map(str::trim).collect();
            let used = cells[2].split_whitespace().map(|name| name.trim_matches('`').to_owned()).collect();
            Some((cells[0].trim_matches('`').to_owned(), Some(used).filter(|_| cells[2] != "all")))
        })
        .collect()
}

/// The files of a room: one, or those of a folder.
fn sources(root: &Path, room: &str) -> Vec<PathBuf> {
    let source = root.join("src");
    let file = source.join(format!("{room}.rs"));
    if file.exists() { vec![file] } else { below(&source.join(room)) }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] });
    files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect()
}

/// The other rooms that a file names, each with that file.
fn used_by(file: &Path, room: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(file).unwrap();
    let others = rooms_in(&text).into_iter().filter(|found| *found != room);
    others.map(|found| (found.to_owned(), file.display().to_string())).collect()
}

/// What stands behind `crate::` in code: one name, or the first names in a pair of braces.
fn rooms_in(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, path) in text.match_indices("crate::") {
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        if line.trim_start().starts_with("//") {
            continue;
        }
        let rest = &text[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(first_names(group)),
            None => found.push(word(rest)),
        }
    }
    // What begins with a capital is a type that the library shows at its top.
    found.retain(|name| !name.starts_with(char::is_uppercase));
    found
}

/// The first names of the paths in a group, up to the brace that ends it.
fn first_names(group: &str) -> Vec<&str> {
    let (mut depth, mut begins, mut found) = (0, true, Vec::new());
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begins = true,
            _ if begins && !letter.is_whitespace() => {
                found.push(word(&group[at..]));
                begins = false;
            }
            _ => {}
        }
    }
    found
}

fn word(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default()
}
