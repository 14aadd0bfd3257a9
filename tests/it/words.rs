//! Help, version and completions.

use crate::harness::{Harness, shows};

#[test]
fn help() {
    let harness = Harness::new();
    let help = harness.armtape(&["--help"]);
    assert!(!help.stdout.contains("  client "), "{help}");
    shows!(harness, help, @"
    exit 0
    ----- stdout
    Record, replay and check programs that talk to Azure Resource Manager

    Usage: armtape <COMMAND>

    Commands:
      demo         The whole story in a minute, with nothing but this binary
      record       Tape what a client says to Azure, and what it is answered
      replay       Serve a tape offline, and say what the client did with it
      test         Play every tape to the command that made it
      simulate     Play a service: a script, or the one in this binary
      check        Play scripted services to a client, and say what it does wrong
      merge        Make one report of those of all shards of a campaign
      lint         Hold recorded traffic, or the body of a profile, against the rules
      explain      A rule, a scenario, an ambiguity or a fault, in words
      show         Show recordings: operations with their timelines, then the rest
      diff         What changed between two recordings, by operation, and what it means for clients
      convert      Write a recording of any known format as a cassette
      generate     Print bodies of a profile, valid or broken in one way
      scan         Say where secrets and personal values are in recordings, and never what they are
      redact       Put stand-ins in the place of secrets and personal values in recordings
      status       List recordings that wait to be accepted, and cassettes that are stale, orphaned or
                   unreadable
      review       Decide on pending recordings, one change after the other
      accept       Put pending recordings in the place of the accepted ones
      reject       Throw pending recordings away
      undo         Take back the last `accept`, `reject` or `review`
      init         Write an armtape.toml with every setting explained, and let git ignore pending
                   recordings
      doctor       Say what armtape and its clients meet on this machine
      env          Print what a client needs to be pointed here by hand
      ca           Make or show the certificate authority for use by hand
      completions  Print a completion script for a shell
      man          Print a page of the manual, or write all of them

    Options:
      -h, --help     Print help
      -V, --version  Print version

    Exit codes: 0 fine; 1 findings; 2 wrong usage, unreadable input, or nothing was judged;
    3 the network or the machine kept armtape from its work. With `-- CMD`: 2 and 3 first, then 1,
    then CMD's own code (128 + n for a signal).
    ");
}

#[test]
fn help_of_record() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["record", "--help"]), @"
    exit 0
    ----- stdout
    Tape what a client says to Azure, and what it is answered

    Usage: armtape record [OPTIONS] [-- <CMD>...]

    Arguments:
      [CMD]...
              The client and its arguments

    Options:
          --cassette <FILE>
              The cassette to write [default: cassettes/NAME.json, after the client's script or program]

          --mode <MODE>
              What to do with a cassette that is there: `none` and `once` replay it, `new-episodes`
              answers from it and records the rest, `all` records everything anew; where there is none,
              `none` records nothing [default: all]
              
              [env: ARMTAPE_MODE=]

          --again [<GLOB>]
              Record cassettes again, each with the command that is on it: those that are meant by GLOB
              [default: cassettes]

          --stale
              With `--again`: only those that are stale by `[freshness]` of armtape.toml

          --verify <N>
              Trust the recording only after so many replays to the client have passed; else it waits in
              `NAME.json.new`

          --upstream <URL|embedded>
              The service behind armtape's endpoint: a URL, or `embedded` for the one in this binary
              
              [default: https://management.azure.com]

          --upstream-ca <FILE>
              Trust this certificate authority, too, when talking to the service (PEM)

          --connect-to <HOST:PORT:ADDR:PORT>
              Whoever asks for HOST:PORT gets ADDR:PORT, as in curl

          --allow-host <GLOB>
              Tape this host, too (a glob such as `*.vault.azure.net`)

          --allow-private
              Allow private addresses to be dialled

          --polls <N>
              Embedded service: running answers before an operation ends; `1-6` draws a number for each
              
              [default: 1]

          --retry-after <S>
              Embedded service: seconds in `Retry-After`
              
              [default: 1]

          --update <FORM>
              Embedded service: the answer to a PUT of a profile that is there already

              Possible values:
              - done:         200, `Succeeded`
              - accepted:     202 and polls
              - provisioning: 200, `Provisioning`
              
              [default: done]

          --hidden-until-done
              Embedded service: a profile answers 404 until its creation has ended

          --gitignore
              Let git ignore pending recordings: adds `*.json.new` to .gitignore where that is missing

          --var <NAME=VALUE>
              Put `{NAME}` on the tape wherever VALUE occurs

          --secret-env <NAME>
              Replace the value of this environment variable wherever it occurs, in every encoding

          --listen <HOST:PORT>
              Where to listen; port 0 chooses
              
              [default: 127.0.0.1:0]

          --ca-dir <FOLDER>
              Use the authority that `armtape ca` keeps in this folder

          --used <FILE>
              Put the cassettes that were used on the list in this file, for `armtape status --used`
              
              [env: ARMTAPE_USED=]

          --config <FILE>
              Read this file instead of the nearest `armtape.toml` (docs/config.md)
              
              [env: ARMTAPE_CONFIG=]

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn help_of_replay() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["replay", "--help"]), @"
    exit 0
    ----- stdout
    Serve a tape offline, and say what the client did with it

    Usage: armtape replay [OPTIONS] <FILE>... [-- <CMD>...]

    Arguments:
      <FILE>...  Cassettes, or any recordings of docs/formats.md, or folders of them: played as one tape
      [CMD]...   The client and its arguments

    Options:
          --pace <P>            What the wire says of time: `instant`, `recorded`, or a factor of it,
                                such as 0.01 [default: instant]
          --polls <N>           Running answers before an operation ends: `recorded` or a number
                                [default: 0 at `instant`, by the clock at a factor]
          --fault <SPEC>        Lay a fault over the tape: `429 retry-after=2 at poll 2`, `503 at
                                write`, `cut 100 at read` (docs/sessions.md)
          --listen <HOST:PORT>  Where to listen; port 0 chooses [default: 127.0.0.1:0]
          --ca-dir <FOLDER>     Use the authority that `armtape ca` keeps in this folder
          --report <KIND=FILE>  Write a report as well, as `text`, `json`, `junit`, `markdown`, `sarif`
                                or `html`; may be repeated
          --used <FILE>         Put the cassettes that were used on the list in this file, for `armtape
                                status --used` [env: ARMTAPE_USED=]
          --config <FILE>       Read this file instead of the nearest `armtape.toml` (docs/config.md)
                                [env: ARMTAPE_CONFIG=]
      -h, --help                Print help
    ");
}

#[test]
fn help_of_show_and_convert() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["show", "--help"]), @"
    exit 0
    ----- stdout
    Show recordings: operations with their timelines, then the rest

    Usage: armtape show [OPTIONS] <FILE>...

    Arguments:
      <FILE>...  Recordings of any format of docs/formats.md, or folders of them

    Options:
          --json  One JSON object instead of text
      -h, --help  Print help
    ");
    shows!(harness, harness.armtape(&["convert", "--help"]), @"
    exit 0
    ----- stdout
    Write a recording of any known format as a cassette

    Usage: armtape convert [OPTIONS] --output <OUT> <IN>...

    Arguments:
      <IN>...  Recordings of any format of docs/formats.md, or folders of them: written as one cassette

    Options:
      -o, --output <OUT>   The cassette to write
          --force          Write over a file that is there
          --raw            Keep secrets and personal values as they are
          --config <FILE>  Read this file instead of the nearest `armtape.toml` (docs/config.md) [env:
                           ARMTAPE_CONFIG=]
      -h, --help           Print help
    ");
}

#[test]
fn help_of_the_others() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["demo", "--help"]), @r"
    exit 0
    ----- stdout
    The whole story in a minute, with nothing but this binary

    Usage: armtape demo [OPTIONS]

    Options:
          --keep <FOLDER>  Keep the tape and the two bodies in this folder [default: a temporary one]
      -h, --help           Print help
    ");
    shows!(harness, harness.armtape(&["env", "--help"]), @"
    exit 0
    ----- stdout
    Print what a client needs to be pointed here by hand

    Usage: armtape env [OPTIONS]

    Options:
          --listen <HOST:PORT>  Where armtape listens (`--listen` of record or replay) [default:
                                127.0.0.1:[PORT]]
          --dir <FOLDER>        Where the authority is kept [env: ARMTAPE_CA_DIR=]
          --config <FILE>       Read this file instead of the nearest `armtape.toml` (docs/config.md)
                                [env: ARMTAPE_CONFIG=]
          --offline             With the credentials that the identity stub takes, as replay needs them
          --shell <SHELL>       Whose commands these are [default: posix] [possible values: posix, fish,
                                powershell]
          --json                One JSON object instead of shell commands
      -h, --help                Print help
    ");
    shows!(harness, harness.armtape(&["ca", "--help"]), @r"
    exit 0
    ----- stdout
    Make or show the certificate authority for use by hand

    Usage: armtape ca [OPTIONS]

    Options:
          --dir <FOLDER>  Where it is kept [env: ARMTAPE_CA_DIR=]
          --pem           Print the certificate instead of its path
      -h, --help          Print help
    ");
    shows!(harness, harness.armtape(&["completions", "--help"]), @r"
    exit 0
    ----- stdout
    Print a completion script for a shell

    Usage: armtape completions <SHELL>

    Arguments:
      <SHELL>  The shell [possible values: bash, elvish, fish, powershell, zsh]

    Options:
      -h, --help  Print help
    ");
}

#[test]
fn version() {
    let harness = Harness::new();
    shows!(harness, harness.armtape(&["--version"]), @r"
    exit 0
    ----- stdout
    armtape [VERSION]
    ");
}

#[test]
fn wrong_words() {
    let harness = Harness::new();
    let nothing = harness.armtape(&[]).ends_with(2);
    assert_eq!(nothing.stderr, harness.armtape(&["--help"]).stdout);
    shows!(harness, harness.armtape(&["recrod"]), @r"
    exit 2
    ----- stderr
    error: unrecognized subcommand 'recrod'

      tip: a similar subcommand exists: 'record'

    Usage: armtape <COMMAND>

    For more information, try '--help'.
    ");
    shows!(harness, harness.armtape(&["replay"]), @"
    exit 2
    ----- stderr
    error: the following required arguments were not provided:
      <FILE>...

    Usage: armtape replay <FILE>... [-- <CMD>...]

    For more information, try '--help'.
    ");
    shows!(harness, harness.armtape(&["replay", "--pace", "fast", "tape.json"]), @"
    exit 2
    ----- stderr
    error: invalid value 'fast' for '--pace <P>': expected `instant`, `recorded` or a factor, such as 0.01

    For more information, try '--help'.
    ");
    shows!(harness, harness.armtape(&["replay", "--polls", "some", "tape.json"]), @r"
    exit 2
    ----- stderr
    error: invalid value 'some' for '--polls <N>': expected `recorded` or a number

    For more information, try '--help'.
    ");
}

#[test]
fn completions_name_the_public_commands() {
    let harness = Harness::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = harness.armtape(&["completions", shell]).ends_with(0);
        for command in ["demo", "record", "replay", "show", "convert", "env", "ca", "completions"] {
            assert!(script.stdout.contains(command), "{shell}: {command}");
        }
        assert!(!script.stdout.contains("trusted-hosts"), "{shell} completes the hidden command's options");
        assert_eq!(script.stderr, "");
    }
}

fn names(folder: &std::path::Path) -> Vec<String> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn the_manual_has_a_page_for_each_public_command() {
    let harness = Harness::new();
    let main = harness.armtape(&["man"]).ends_with(0).stdout;
    let written = harness.armtape(&["man", "--out", "man/man1"]).ends_with(0);
    let pages = names(&harness.path("man/man1"));
    assert_eq!(written.stderr, format!("armtape: {} pages in man/man1\n", pages.len()));
    assert!(pages.contains(&"armtape-record.1".to_owned()) && !pages.contains(&"armtape-client.1".to_owned()));
    for page in &pages {
        let name = page.trim_end_matches(".1");
        let text = harness.read(&format!("man/man1/{page}"));
        assert!(text.contains(&format!(".TH {name} 1")) && text.contains(".SH SYNOPSIS"), "{page}: {text}");
        let is_named = main.contains(&format!("{}(1)", name.replace('-', r"\-")));
        assert!(is_named || name == "armtape", "{page} is not named in armtape.1");
    }
    assert_eq!(harness.armtape(&["man", "record"]).ends_with(0).stdout, harness.read("man/man1/armtape-record.1"));
    harness.armtape(&["man", "recrod"]).ends_with(2);
}
