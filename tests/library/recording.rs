//! A tape that is recorded.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    panic::catch_unwind,
};

use armtape::{Finished, Mode, Tape, TapeError, cassette::Stored, simulate::Options};
use http::StatusCode;

use crate::{
    client::{Client, hub, hub_named},
    place::{Place, SUBSCRIPTION, create},
};

#[tokio::test]
async fn a_real_service_is_recorded_and_played() {
    let place = Place::new();
    let tape = place.start(Mode::Once).await;
    assert!(tape.is_recording() && tape.as_playing().is_none());
    create(&tape, &hub(SUBSCRIPTION)).await;
    let finished = tape.finish().await.unwrap();
    finished.assert_clean();
    insta::assert_snapshot!(place.shown(&finished.to_string()), @r"
    replaced: subscription-id 9
    4 interactions on [FOLDER]/hub.json (new)
    ");
    let Finished::Recorded(recorded) = finished else { panic!("it was to be recorded") };
    assert_eq!(recorded.stored, Some(Stored::New(place.cassette())));
    insta::assert_snapshot!(place.shown(&recorded.timeline()), @r"
    PUT [SERVICE]/subscriptions/00000001-0000-4000-8000-000000000001/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h?api-version=1
      PUT 202 → 1 × 202 (1 s) → 200 Succeeded → GET 200
      polled by location
    ");
    assert_eq!(place.names(), ["hub.json"]);
    for secret in ["canary-sent", "canary-answered", SUBSCRIPTION] {
        assert!(!place.text("hub.json").contains(secret), "{secret}");
    }

    let asked = place.service().seen().len();
    let tape = place.start(Mode::Once).await;
    assert!(!tape.is_recording());
    create(&tape, &hub(SUBSCRIPTION)).await;
    assert!(tape.as_playing().unwrap().timeline().contains("PUT 202"));
    tape.finish().await.unwrap().assert_clean();
    assert_eq!(place.service().seen().len(), asked, "the service is asked for nothing");
}

#[tokio::test]
async fn a_recording_that_differs_waits_beside_the_cassette() {
    let place = Place::new();
    let tape = place.start(Mode::All).await;
    create(&tape, &hub(SUBSCRIPTION)).await;
    tape.finish().await.unwrap().assert_clean();
    let accepted = place.text("hub.json");

    // The hub is there by now: it is updated, and not created.
    let tape = place.start(Mode::All).await;
    let url = format!("{}{}", tape.endpoint(), hub(SUBSCRIPTION));
    let updated = Client::trusting(tape.ca_file()).send("PUT", &url, r#"{"location":"westus"}"#).await;
    assert_eq!(updated.status(), StatusCode::OK);
    let finished = tape.finish().await.unwrap();
    let panic = catch_unwind(|| finished.assert_clean()).unwrap_err();
    insta::assert_snapshot!(place.shown(panic.downcast_ref::<String>().unwrap()), @r"
    the recording is not to be taken as it is:
    replaced: subscription-id 2
    1 interaction on [FOLDER]/hub.json.new, pending: it differs from the accepted cassette
    to accept it: armtape accept [FOLDER]/hub.json.new; to throw it away: armtape reject [FOLDER]/hub.json.new
    ");
    assert_eq!((place.names(), place.text("hub.json")), (vec!["hub.json".into(), "hub.json.new".into()], accepted));
}

#[tokio::test]
async fn what_is_not_on_the_cassette_is_recorded_behind_it() {
    let place = Place::new();
    let tape = place.start(Mode::NewEpisodes).await;
    create(&tape, &hub(SUBSCRIPTION)).await;
    tape.finish().await.unwrap().assert_clean();

    let tape = place.start(Mode::NewEpisodes).await;
    create(&tape, &hub(SUBSCRIPTION)).await;
    let url = format!("{}{}", tape.endpoint(), hub(SUBSCRIPTION));
    Client::trusting(tape.ca_file()).send("PUT", &url, r#"{"location":"eastus"}"#).await;
    let finished = tape.finish().await.unwrap();
    assert!(finished.has_findings(), "it waits to be accepted");
    insta::assert_snapshot!(place.shown(&finished.to_string()), @r"
    replaced: subscription-id 2
    3 requests answered from the cassette that is there
    5 interactions on [FOLDER]/hub.json.new, pending: it differs from the accepted cassette
    to accept it: armtape accept [FOLDER]/hub.json.new; to throw it away: armtape reject [FOLDER]/hub.json.new
    ");
}

/// Without a runtime: a client that blocks, as many are.
#[test]
fn a_test_without_a_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("profiles.json");
    let list = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CustomerInsights/hubs/h/profiles?api-version=1";
    for is_recording in [true, false] {
        let tape = Tape::open(&file).unwrap().mode(Mode::Once).embedded(Options::default()).start_blocking().unwrap();
        assert_eq!(tape.is_recording(), is_recording);
        let mut stream = TcpStream::connect(tape.endpoint().trim_start_matches("https://")).unwrap();
        write!(stream, "GET {list} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\nconnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
        tape.finish_blocking().unwrap().assert_clean();
    }
}

#[tokio::test]
async fn named_values_are_replaced_and_may_differ() {
    let place = Place::new();
    let tape = || place.tape(Mode::Once).secret("KEY", "hunter-2000");
    let recording = tape().var("hub", "hub-of-today").start().await.unwrap();
    create(&recording, &hub_named(SUBSCRIPTION, "hub-of-today")).await;
    let url = format!("{}{}&key=hunter-2000", recording.endpoint(), hub_named(SUBSCRIPTION, "hub-of-today"));
    Client::trusting(recording.ca_file()).send("GET", &url, "").await;
    recording.finish().await.unwrap().assert_clean();
    let text = place.text("hub.json");
    assert!(text.contains("hubs/{hub}"), "{text}");
    assert_eq!(text.matches("hub-of-today").count(), 1, "in the list of variables alone: {text}");
    assert!(!text.contains("hunter-2000"), "{text}");

    let playing = tape().var("hub", "hub-of-tomorrow").start().await.unwrap();
    create(&playing, &hub_named(SUBSCRIPTION, "hub-of-tomorrow")).await;
    playing.finish().await.unwrap().assert_clean();

    let short = place.tape(Mode::All).secret("PIN", "12").start().await.unwrap_err();
    assert!(matches!(&short, TapeError::Named(_)) && short.to_string().contains("`PIN`"), "{short}");
}

/// What is refused is an error in words, which a test that ends with it shows.
#[tokio::test]
async fn what_cannot_be_recorded_says_why() {
    let place = Place::new();
    let tape = place.start(Mode::All).await;
    let twice = place.tape(Mode::All).start().await.unwrap_err();
    assert!(format!("{twice:?}").contains("hub.json is being recorded by another armtape"), "{twice:?}");
    let nothing = tape.finish().await.unwrap_err();
    assert_eq!(
        format!("{nothing:?}"),
        "nothing was recorded, so no cassette was written\n\
         likely: the client was given neither `endpoint()` nor `proxy()`"
    );
    assert!(place.names().is_empty());

    let open = || Tape::open(place.cassette()).unwrap().mode(Mode::All);
    let wrong = open().upstream("management.azure.com").start().await.unwrap_err();
    assert_eq!(wrong.to_string(), "`management.azure.com` is no URL of a service");

    // Nothing listens on the first port of all; and it is never one that the system chooses.
    let tape = open().upstream("https://127.0.0.1:1").start().await.unwrap();
    let url = format!("{}{}", tape.endpoint(), hub(SUBSCRIPTION));
    let answer = Client::trusting(tape.ca_file()).send("GET", &url, "").await;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    let error = tape.finish().await.unwrap_err();
    insta::with_settings!({filters => [(r" \(os error \d+\)", "")]}, {
        insta::assert_snapshot!(error.to_string(), @r"
        nothing was recorded, so no cassette was written
        error: 127.0.0.1:1 cannot be reached: Connection refused
        hint: check the network, the name and your proxy settings
        ");
    });
    assert!(place.names().is_empty());
}
