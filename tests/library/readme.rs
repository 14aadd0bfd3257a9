//! The test in the README, recorded and played.

use std::{path::Path, process::Command};

use armtape::{
    cassette::Cassette,
    client::{self, HttpsSettings, OutcomeKind, ResultAt, Tokens, execute},
    simulate::seed,
};

#[rustfmt::skip]
#[ignore = "it is run by the one below, in a folder of its own"]
#[tokio::test]
async fn creates_a_profile() -> Result<(), armtape::TapeError> {
    let tape = armtape::Tape::open("cassettes/create-profile.json")?;
    // The service in the library; without this line it is Azure.
    let tape = tape.embedded(armtape::simulate::Options::default()).start().await?;
    create_profile(tape.endpoint(), tape.ca()).await;
    tape.finish().await?.assert_clean();
    Ok(())
}

/// What the README's test calls its client: that has to trust a certificate.
async fn create_profile(endpoint: &str, ca: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs_err::write(file.path(), ca).unwrap();
    let command = client::Command {
        endpoint: endpoint.to_owned(),
        resource_id: seed::resource_id(seed::PROFILE),
        api_version: seed::API_VERSION.to_owned(),
        method: http::Method::PUT,
        body: seed::profile_body(seed::PROFILE).into(),
        headers: http::HeaderMap::new(),
        update: false,
        resume: None,
        interval: std::time::Duration::from_secs(1),
        timeout: None,
        trusted_hosts: Vec::new(),
        result: ResultAt::default(),
        tokens: Tokens::none(),
        https: HttpsSettings { ca: Some(file.path().to_owned()), ..HttpsSettings::default() },
    };
    assert_eq!(execute(command).await.unwrap().kind, OutcomeKind::Succeeded);
}

#[test]
fn the_test_in_the_readme_is_recorded_and_played() {
    let readme = fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, block) = readme.split_once("```rust\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    assert!(include_str!("readme.rs").contains(block), "the README's test is the one in here:\n{block}");

    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("cassettes/create-profile.json");
    let run = |mode: Option<&str>| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "--ignored", "readme::creates_a_profile"]).current_dir(folder.path());
        command.env_remove("ARMTAPE_MODE").envs(mode.map(|mode| ("ARMTAPE_MODE", mode)));
        let ran = command.output().unwrap();
        (ran.status.success(), String::from_utf8_lossy(&ran.stdout).into_owned())
    };
    let (passes, said) = run(None);
    let told = "Error: cassettes/create-profile.json is not there: `ARMTAPE_MODE=once cargo test` records it\n";
    assert!(!passes && said.contains(told), "{said}");

    assert!(run(Some("once")).0);
    let recorded = fs_err::read(&cassette).unwrap();
    assert_eq!(Cassette::load(&cassette).unwrap().interactions.len(), 3);
    for mode in [None, Some("all"), Some("new-episodes")] {
        let (passes, said) = run(mode);
        assert!(passes, "{mode:?}: {said}");
        assert_eq!(fs_err::read(&cassette).unwrap(), recorded, "{mode:?}");
    }
    let names: Vec<_> = fs_err::read_dir(folder.path().join("cassettes")).unwrap().collect();
    assert_eq!(names.len(), 1, "nothing is left beside it: {names:?}");
}
