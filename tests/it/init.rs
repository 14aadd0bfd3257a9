//! `armtape init` and `armtape doctor`.

use crate::harness::{Harness, shows};

#[test]
fn a_project_is_prepared_once() {
    let harness = Harness::new();
    harness.write(".git/HEAD", "");
    shows!(harness, harness.armtape(&["init"]), @"
    exit 0
    ----- stderr
    armtape: written: armtape.toml, with every setting explained
    armtape: added to [FOLDER]/.gitignore: *.json.new
    armtape: next, record what your client says, to your subscription or to the service in this binary:
    armtape:   armtape record -- CLIENT
    armtape:   armtape record --upstream embedded -- CLIENT
    armtape: then play every cassette to the command that made it, offline, here and in CI (docs/ci.md):
    armtape:   armtape test
    ");
    assert_eq!(harness.read(".gitignore"), "*.json.new\n");
    harness.armtape(&["status"]).ends_with(0);
    harness.write("armtape.toml", "# mine\n");
    shows!(harness, harness.armtape(&["init"]), @"
    exit 0
    ----- stderr
    armtape: left as it is: armtape.toml
    armtape: next, record what your client says, to your subscription or to the service in this binary:
    armtape:   armtape record -- CLIENT
    armtape:   armtape record --upstream embedded -- CLIENT
    armtape: then play every cassette to the command that made it, offline, here and in CI (docs/ci.md):
    armtape:   armtape test
    ");
    assert_eq!(
        (harness.read("armtape.toml").as_str(), harness.read(".gitignore").as_str()),
        ("# mine\n", "*.json.new\n")
    );
    // Nor through a link that leads nowhere.
    std::fs::remove_file(harness.path("armtape.toml")).unwrap();
    std::os::unix::fs::symlink("elsewhere.toml", harness.path("armtape.toml")).unwrap();
    harness.armtape(&["init"]).ends_with(0);
    assert!(!harness.exists("elsewhere.toml"));
}

#[test]
fn a_doctor_looks_at_the_machine() {
    let harness = Harness::new();
    let mut command = harness.command(["doctor"]);
    command.env("HTTPS_PROXY", "http://me:canary@proxy.example:8080").env("AZURE_CLIENT_SECRET", "canary");
    let seen = harness.run(&mut command).ends_with(0);
    for word in ["armtape", "settings", "listen", "roots", "authority", "HTTPS_PROXY", "credentials", "curl"] {
        assert!(seen.stdout.lines().any(|line| line.starts_with(&format!("  {word} "))), "{word}: {seen}");
    }
    assert!(!seen.stdout.contains("canary") && seen.stdout.contains("AZURE_CLIENT_SECRET"), "{seen}");
    harness.write("armtape.toml", "[freshnes]\n");
    let seen = harness.armtape(&["doctor"]).ends_with(2);
    assert!(seen.stdout.contains("! settings ") && seen.stdout.contains("unknown key `freshnes`"), "{seen}");
    let mut command = harness.command(["doctor"]);
    let seen = harness.run(command.env("TMPDIR", harness.path("absent"))).ends_with(3);
    assert!(seen.stdout.contains("! temporary "), "{seen}");
}
