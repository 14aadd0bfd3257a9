//! What the file may say, what it is told when it says something else, and that the document has it.

use std::path::Path;

use super::{Config, Error, FILE, Sections, VARIABLES, find::parse};
use crate::{
    record::Mode,
    replay::{ApiVersion, Rules},
};

const DOCUMENT: &str = include_str!("../../docs/config.md");

fn wrong(text: &str) -> String {
    let Error { path, line, message, hint } = parse(text, Path::new("armtape.toml")).unwrap_err();
    let error = Error { path, line, message, hint };
    format!("{error}\n  {}", error.hint)
}

#[test]
fn nothing_is_a_file() {
    assert_eq!(parse("", Path::new("")).unwrap(), Sections::default());
    assert_eq!(parse("\n# nothing\n[match]\n", Path::new("")).unwrap(), Sections::default());
}

#[test]
fn sections_are_read() {
    let text = "[match]\napi-version = 'ignore'\nignore-query = ['A']\n[record]\nmode = 'new-episodes'\n";
    let read = parse(text, Path::new("")).unwrap();
    let matching = Rules { api_version: ApiVersion::Ignore, ignore_query: vec!["a".to_owned()], ..Rules::default() };
    assert_eq!((read.matching, read.record.mode), (matching, Some(Mode::NewEpisodes)));
}

#[test]
fn errors_name_file_line_and_key_and_what_was_likely_meant() {
    let errors = [
        "\n[match]\nignore-querry = []\n",
        "[match]\nignore_body = []\n",
        "[macth]\n",
        "[match]\nsomething = 1\n",
        "\n\n[match]\napi-version = \"wran\"\n",
        "[match.api-version-of]\n\"Microsoft.X/y\" = \"never\"\n",
        "[match.api-version-of]\nhubs = \"warn\"\n",
        "[match]\nignore-body = [\n  \"$.a\",\n  \"tags\",\n]\n",
        "[match]\nignore-query = \"a\"\n",
        "[match]\nignore-query = [\"api-version\"]\n",
        "[match]\nheaders = [\"if match\"]\n",
        "[hosts]\ntaped = [\"https://example.com/\"]\n",
        "[hosts]\ndirect = [\"a,b\"]\n",
        "[hosts]\nrefused = [\"[\"]\n",
        "[record]\nmode = \"newepisodes\"\n",
        "[match\n",
        "[match]\n[match]\n",
        "a = \n",
        "[record]\n\"`odd`, expected\" = 1\n",
    ]
    .map(wrong);
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn the_nearest_file_above_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("a/b/c");
    std::fs::create_dir_all(&deep).unwrap();
    let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).unwrap();
    write(FILE, "[record]\nmode = 'none'\n");
    let found = Config::find(&deep).unwrap();
    assert_eq!(found.path, Some(folder.path().join(FILE)));
    assert_eq!(found.sections.record.mode, Some(Mode::None));
    write("a/b/armtape.toml", "[record]\nmode = 'once'\n");
    assert_eq!(Config::find(&deep).unwrap().sections.record.mode, Some(Mode::Once));
    write("a/b/armtape.toml", "x\n");
    assert_eq!(Config::find(&deep).unwrap_err().line, Some(1));
    assert_eq!(Config::load(deep.clone()).unwrap_err().line, None, "a folder is no file");
}

/// What can stand in `section`, by asking for what cannot.
fn keys(section: &str) -> Vec<String> {
    let message = match section {
        "" => wrong("'?' = 0\n"),
        section => wrong(&format!("[{section}]\n'?' = 0\n")),
    };
    let (_, hint) = message.split_once('\n').unwrap();
    hint.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn what_is_there_and_cannot_be_read_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(FILE);
    std::fs::write(&file, b"[match]\nheaders = [\"\xff\"]\n").unwrap();
    let error = Config::find(folder.path()).unwrap_err();
    assert_eq!((error.line, error.message.as_str()), (Some(2), "not UTF-8"));
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert_eq!(Config::find(folder.path()).unwrap_err().path, file, "a folder of that name");
}

#[test]
fn every_key_stands_in_the_document_and_its_example_parses() {
    let mut examples = String::new();
    for block in DOCUMENT.split("```toml").skip(1) {
        let example = block.split_once('\n').unwrap().1.split("```").next().unwrap();
        parse(example, Path::new("docs/config.md")).unwrap();
        examples.push_str(example);
    }
    let sections = keys("");
    assert!(sections.len() >= 3, "{sections:?}");
    for section in sections {
        let heading = format!("## `[{section}]`");
        let text = DOCUMENT.split_once(&heading).unwrap_or_else(|| panic!("no {heading}")).1;
        let text = text.split("\n## ").next().unwrap();
        for key in keys(&section) {
            assert!(text.contains(&format!("| `{key}` |")), "{section}: no row for `{key}`");
            let used = |line: &str| {
                line.starts_with(&format!("{key} =")) || line.trim_end_matches(']').ends_with(&format!(".{key}"))
            };
            assert!(examples.lines().any(used), "{section}: no example of `{key}`");
        }
    }
    for variable in VARIABLES {
        assert!(DOCUMENT.contains(&format!("| `{variable}` |")), "no row for {variable}");
    }
}
