//! What a test leaves that does not come to its end.

use std::{
    net::TcpListener,
    panic::{AssertUnwindSafe, catch_unwind},
    process::Command,
};

use armtape::{
    Mode, Tape,
    cassette::{Cassette, Completion},
    client::Transport as _,
};
use bytes::Bytes;
use http::Request;

use crate::{
    client::{Client, hub},
    place::{Place, SUBSCRIPTION, create},
};

#[tokio::test]
async fn a_test_that_panics_or_ends_early_leaves_what_it_recorded_as_pending() {
    for early in [false, true] {
        let place = Place::new();
        let tape = place.start(Mode::All).await;
        create(&tape, &hub(SUBSCRIPTION)).await;
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let tape = tape;
            assert!(early, "the client is wrong, and {} goes", tape.endpoint());
        }));
        assert_eq!(ended.is_ok(), early);
        assert_eq!(place.names(), ["hub.json.new"]);
        assert_eq!(place.text("hub.json.new").matches("\"method\": \"PUT\"").count(), 1);
        let error = place.tape(Mode::None).start().await.unwrap_err();
        let told = place.shown(&error.to_string());
        assert_eq!(told, "[FOLDER]/hub.json is not accepted yet: `armtape accept [FOLDER]/hub.json.new` accepts it");
    }
}

/// For the test below, which runs it in a process of its own.
#[ignore = "it kills the process"]
#[tokio::test]
async fn is_killed_while_it_records() {
    let place = Place::new();
    let tape = place.tape_to(std::env::var("CASSETTE").unwrap().as_ref(), Mode::All).start().await.unwrap();
    create(&tape, &hub(SUBSCRIPTION)).await;
    std::process::abort();
}

#[tokio::test]
async fn what_a_killed_test_recorded_is_recovered() {
    let place = Place::new();
    let mut killed = Command::new(std::env::current_exe().unwrap());
    killed.args(["--exact", "--ignored", "ending_early::is_killed_while_it_records"]).env("CASSETTE", place.cassette());
    // What it cannot clean up goes with this one.
    let temporary = tempfile::tempdir().unwrap();
    killed.env("TMPDIR", temporary.path());
    assert!(!killed.output().unwrap().status.success());
    assert!(!place.cassette().exists());

    let tape = place.start(Mode::All).await;
    assert!(place.text("hub.json.new").contains("PUT"), "it is safe before the next one begins");
    create(&tape, &hub(SUBSCRIPTION)).await;
    let finished = tape.finish().await.unwrap();
    let first = place.shown(&finished.to_string()).lines().next().unwrap().to_owned();
    assert_eq!(
        first,
        "an earlier recording of [FOLDER]/hub.json did not come to its end: \
         4 interactions recovered, pending as [FOLDER]/hub.json.new"
    );
    assert_eq!(place.names(), ["hub.json", "hub.json.new"]);
}

/// A client that waits for its answer when the test panics.
#[tokio::test]
async fn what_is_in_flight_when_a_test_ends_is_on_the_tape() {
    let folder = tempfile::tempdir().unwrap();
    let cassette = folder.path().join("silent.json");
    // It accepts, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let tape = Tape::open(&cassette).unwrap().upstream(&url).mode(Mode::All).start().await.unwrap();
    let client = Client::trusting(tape.ca_file());
    let asked = format!("{}{}", tape.endpoint(), hub(SUBSCRIPTION));
    let asking = tokio::spawn(async move { client.https.send(Request::get(&asked).body(Bytes::new()).unwrap()).await });
    let forwarded = tokio::task::spawn_blocking(move || silent.accept().unwrap());
    let _held = forwarded.await.unwrap();
    drop(tape);
    assert!(asking.await.unwrap().is_err());
    let recorded = Cassette::load(&folder.path().join("silent.json.new")).unwrap();
    assert_eq!(recorded.interactions.len(), 1);
    assert_eq!(recorded.interactions[0].completion, Completion::Silent);
}
