//! Connections that end before their time, on either side, and those that go on.

use std::io::ErrorKind;

use armtape::cassette::Completion;

use crate::{
    stage::{WAYS, Way, record, until},
    upstream::Upstream,
};

#[test]
fn a_service_that_resets_before_it_answers() {
    for way in WAYS {
        let upstream = Upstream::serving(|peer| {
            peer.request()?;
            peer.reset();
            Ok(())
        });
        let recording = record(&upstream);
        let (answer, _) = recording.ask(way, "PUT", "/a", "Content-Length: 2\r\n\r\nhi").rest();
        assert_eq!(answer, "", "{way:?}");
        let recorded = recording.end(1);
        assert_eq!(*recorded.completion(), Completion::Reset);
        assert!(recorded.only().response.is_none());
        drop(upstream);
        let replay = recorded.replay();
        let (answer, _) = replay.ask(way, "PUT", "/a", "Content-Length: 2\r\n\r\nhi").rest();
        assert_eq!(answer, "", "{way:?}");
    }
}

#[test]
fn a_service_that_closes_in_the_middle_of_a_head() {
    for way in WAYS {
        let upstream = Upstream::answering_once("HTTP/1.1 200 OK\r\nContent-Le");
        let recording = record(&upstream);
        let (answer, _) = recording.ask(way, "GET", "/a", "\r\n").rest();
        assert_eq!(answer, "", "{way:?}");
        assert_eq!(*recording.end(1).completion(), Completion::Reset);
    }
}

#[test]
fn a_client_that_leaves_while_it_waits() {
    for way in WAYS {
        let upstream = Upstream::serving(|peer| {
            peer.request()?;
            peer.gone();
            Ok(())
        });
        let recording = record(&upstream);
        let client = recording.ask(way, "GET", "/a", "\r\n");
        until("the service is asked", || upstream.seen().len() == 1);
        drop(client);
        // The service is released.
        upstream.ended(1);
        let recorded = recording.end(1);
        assert_eq!(*recorded.completion(), Completion::Silent, "{way:?}");
    }
}

#[test]
fn a_client_that_leaves_in_the_middle_of_an_answer() {
    for way in WAYS {
        let upstream = Upstream::serving(|peer| {
            peer.request()?;
            peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000000000\r\n\r\nbegin")?;
            // Until nobody takes it any more.
            while peer.send("x".repeat(1000)).is_ok() {}
            Ok(())
        });
        let recording = record(&upstream);
        let mut client = recording.ask(way, "GET", "/a", "\r\n");
        client.head().unwrap();
        drop(client);
        upstream.ended(1);
        let recorded = recording.end(1);
        let answered = recorded.only().response.as_ref().unwrap().status;
        assert!(matches!(recorded.completion(), Completion::Cut(_)), "{way:?}: {:?}", recorded.completion());
        assert_eq!(answered, 200);
    }
}

#[test]
fn the_connection_goes_on_after_an_error() {
    for way in WAYS {
        let upstream = Upstream::serving(|peer| {
            // The first connection breaks; later ones answer errors.
            peer.request()?;
            if peer.number == 0 {
                return peer.send("HTTP/1.1 200 OK\r\nNo-Colon\r\n\r\n");
            }
            peer.send("HTTP/1.1 500 Broken\r\nContent-Length: 6\r\n\r\nbroken")?;
            peer.request()?;
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        });
        let recording = record(&upstream);
        let mut client = recording.by(way);
        let answers: Vec<_> = ["/1", "/2", "/3"]
            .map(|target| {
                client.send(recording.line(way, "PUT", target) + "Content-Length: 2\r\n\r\nhi");
                client.answer().status()
            })
            .into();
        assert_eq!(answers, [502, 500, 200], "{way:?}");
        assert_eq!(upstream.connections(), 2);
        recording.end(2);
    }
}

/// A connection that the service has closed meanwhile is not the client's affair.
#[test]
fn a_kept_connection_that_the_service_has_closed() {
    let upstream = Upstream::answering_once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let recording = record(&upstream);
    let mut client = recording.by(Way::Reverse);
    for number in 1..=3 {
        client.send(recording.line(Way::Reverse, "PUT", "/a") + "Content-Length: 2\r\n\r\nhi");
        assert_eq!(client.answer().status(), 200);
        upstream.ended(number);
    }
    recording.end(3);
}

#[test]
fn a_client_that_says_close_is_closed() {
    for way in WAYS {
        let upstream = Upstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        let recording = record(&upstream);
        let (answer, end) = recording.ask(way, "GET", "/a", "Connection: close\r\n\r\n").rest();
        assert!(answer.to_ascii_lowercase().contains("\r\nconnection: close\r\n") && answer.ends_with("ok"));
        assert_eq!(end, ErrorKind::UnexpectedEof);
        // That was a word about its own connection.
        assert!(!upstream.only().to_ascii_lowercase().contains("connection:"));
    }
}
