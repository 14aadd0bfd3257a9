//! `armtape demo`: the whole story, with nothing but the binary.

use std::{path::Path, time::Instant};

use tokio::process::Command;

use super::{Code, env::print, say::Failure};
use crate::{arm::Overview, cassette::Cassette, simulate::seed};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Keep the tape and the two bodies in this folder [default: a temporary one]
    #[arg(long, value_name = "FOLDER")]
    keep: Option<std::path::PathBuf>,
}

pub(super) async fn run(args: Args) -> Result<Code, Failure> {
    let fail = |error: std::io::Error| Failure::machine(format!("cannot set up the demo: {error}"));
    let temporary = tempfile::tempdir().map_err(fail)?;
    let folder = args.keep.as_deref().unwrap_or(temporary.path());
    std::fs::create_dir_all(folder).map_err(fail)?;
    let created = seed::profile_body(seed::PROFILE);
    let updated = created.replacen(
        "\"SchemaItemTypeLink\"",
        "\"SchemaItemTypeLink\",\n    \"displayName\": { \"en-us\": \"Profile\" }",
        1,
    );
    std::fs::write(folder.join("create.json"), created).map_err(fail)?;
    std::fs::write(folder.join("update.json"), updated).map_err(fail)?;
    let armtape = std::env::current_exe().map_err(fail)?;
    let client = ["--", "armtape", "client", "--body", "create.json", "--body", "update.json"];

    print(
        "A client creates a Customer Insights profile and then updates it. It believes that it talks\n\
           to https://management.azure.com; what answers is a service inside this binary.\n\n\
           1. Record it.\n",
    )?;
    let record = ["record", "--cassette", "demo.json", "--upstream", "embedded"];
    let recorded = act(&armtape, folder, &[&record[..], &client].concat()).await?;

    print("\n2. What is on the tape: not a list of requests, but operations.\n")?;
    let cassette = Cassette::load(&folder.join("demo.json"))?;
    for line in Overview::of(&cassette.interactions).to_string().trim_end().lines() {
        print(&format!("{}\n", format!("   {line}").trim_end()))?;
    }

    print("\n3. Replay it. The service is gone, nothing leaves this machine, nobody waits.\n")?;
    let replayed = act(&armtape, folder, &[&["replay", "demo.json"][..], &client].concat()).await?;

    print(&format!(
        "\nRecorded in {recorded} ms, replayed in {replayed} ms.\n\n\
         Now with your own client:\n\
         \x20  armtape record -- CLIENT ...          against your subscription; docs/azure.md says how\n\
         \x20  armtape record --upstream embedded -- CLIENT ...     against the service in this binary\n\
         \x20  armtape replay cassettes/NAME.json -- CLIENT ...     offline, in CI\n"
    ))?;
    if let Some(folder) = &args.keep {
        print(&format!("The tape is {}.\n", folder.join("demo.json").display()))?;
    }
    Ok(Code::Fine)
}

/// Runs this binary, shows what it says, and tells how many milliseconds it took.
async fn act(armtape: &Path, folder: &Path, words: &[&str]) -> Result<u128, Failure> {
    print(&format!("   $ armtape {}\n", words.join(" ")))?;
    // The client is this binary, too, wherever it lies.
    let own = armtape.display().to_string();
    let client = words.iter().position(|word| *word == "--").map_or(words.len(), |dashes| dashes + 1);
    let words = words.iter().enumerate().map(|(place, word)| if place == client { own.as_str() } else { word });
    let started = Instant::now();
    let output = Command::new(armtape)
        .args(words)
        .current_dir(folder)
        .output()
        .await
        .map_err(|error| Failure::machine(format!("cannot run {own}: {error}")))?;
    let took = started.elapsed().as_millis();
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        print(&format!("   {line}\n"))?;
    }
    if output.status.success() { Ok(took) } else { Err(Failure::machine("the demo's client failed; see above")) }
}
