//! Bodies: expected, early, cut short.

use std::sync::{Mutex, mpsc};

use armtape::cassette::Completion;

use crate::{
    stage::{LIMIT, WAYS, Way, record},
    upstream::Upstream,
};

#[test]
fn expect_100_continue() {
    for way in WAYS {
        let upstream = Upstream::answering("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok");
        let recording = record(&upstream);
        let head = "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n";
        let mut client = recording.ask(way, "PUT", "/a", head);
        assert_eq!(client.head().unwrap(), "HTTP/1.1 100 Continue\r\n\r\n");
        client.send("body");
        assert_eq!(client.answer().status(), 201);
        let request = upstream.only().to_ascii_lowercase();
        assert!(!request.contains("expect") && request.ends_with("\r\n\r\nbody"), "{request}");
        drop(upstream);
        let replay = recording.end(1).replay();
        let mut client = replay.ask(way, "PUT", "/a", head);
        assert_eq!(client.head().unwrap(), "HTTP/1.1 100 Continue\r\n\r\n");
        client.send("body");
        assert_eq!(client.answer().status(), 201);
    }
}

/// A 1xx is the service's word to whoever asked it; it is not the answer, and not on the tape.
#[test]
fn an_answer_after_1xx_is_the_answer() {
    for way in WAYS {
        let upstream = Upstream::answering(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n\
             HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        );
        let recording = record(&upstream);
        let answer = recording.ask(way, "GET", "/a", "\r\n").answer();
        assert_eq!((answer.status(), answer.text()), (200, "ok"));
        let recorded = recording.end(1);
        assert_eq!(recorded.only().response.as_ref().unwrap().status, 200);
    }
}

#[test]
fn an_answer_before_the_request_has_ended() {
    for way in WAYS {
        let upstream = Upstream::serving(|peer| {
            let head = peer.head()?;
            peer.keep(&head);
            peer.send("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 4\r\n\r\nmuch")?;
            peer.finish()?;
            peer.gone();
            Ok(())
        });
        let recording = record(&upstream);
        let mut client = recording.ask(way, "PUT", "/a", "Content-Length: 1000000\r\n\r\nbegin");
        let answer = client.answer();
        assert_eq!((answer.status(), answer.text()), (413, "much"), "{way:?}");
        drop(client);
        upstream.ended(1);
        let recorded = recording.end(1);
        assert_eq!(recorded.answered(), b"much");
        let notes = &recorded.only().notes;
        assert!(notes.iter().any(|note| note == "the request body was not sent to its end"), "{notes:?}");
    }
}

#[test]
fn a_request_that_is_cut_short_is_cut_for_the_service() {
    for way in WAYS {
        for head in ["Content-Length: 10\r\n\r\nbegin", "Transfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n"] {
            let upstream = Upstream::serving(|peer| {
                let whole = peer.request();
                assert!(whole.is_err(), "{whole:?}");
                Ok(())
            });
            let recording = record(&upstream);
            let client = recording.ask(way, "PUT", "/a", head);
            crate::stage::until("the service is asked", || upstream.connections() == 1);
            drop(client);
            upstream.ended(1);
            assert!(upstream.seen().is_empty());
            recording.end(1);
        }
    }
}

/// What a service may do in the middle of a body.
const CUTS: &[(&str, &str)] = &[
    ("Content-Type: text/plain\r\nContent-Length: 10", "begin"),
    ("Content-Type: text/plain\r\nTransfer-Encoding: chunked", "5\r\nbegin\r\n"),
    ("Content-Type: text/plain\r\nTransfer-Encoding: chunked", "8\r\nbegin"),
    ("Content-Type: application/json\r\nContent-Length: 10", "begin"),
    ("Content-Type: application/json\r\nTransfer-Encoding: chunked", "5\r\nbegin\r\n"),
    ("Content-Type: text/plain\r\nContent-Length: 10", ""),
];

#[test]
fn an_answer_that_is_cut_short_stays_cut() {
    for reset in [false, true] {
        for way in [Way::Reverse, Way::Absolute, Way::Tunnel] {
            for (head, body) in CUTS {
                if reset && way == Way::Reverse && head.contains("json") {
                    // It is held until its URLs can be swapped, and nobody can tell when it has come.
                    continue;
                }
                let answer = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}");
                let (read, has_read) = mpsc::channel::<()>();
                let has_read = Mutex::new(has_read);
                let upstream = Upstream::serving(move |peer| {
                    peer.request()?;
                    peer.send(&answer)?;
                    if reset {
                        // A reset overtakes what was sent: it must have been read before.
                        let _ = has_read.lock().unwrap().recv_timeout(LIMIT);
                        peer.reset();
                    }
                    Ok(())
                });
                let recording = record(&upstream);
                let what = format!("{way:?} {head:?} {body:?} reset {reset}");
                let mut client = recording.ask(way, "GET", "/a", "\r\n");
                let begun = if body.is_empty() { "" } else { "begin" };
                let head = client.head().unwrap();
                client.begun(begun.as_bytes());
                read.send(()).unwrap();
                let answer = client.body(head);
                assert_eq!((answer.status(), answer.text(), answer.whole), (200, begun, false), "{what}");
                let recorded = recording.end(1);
                assert_eq!(*recorded.completion(), Completion::Cut(begun.len() as u64), "{what}");
                assert_eq!(recorded.answered(), begun.as_bytes(), "{what}");
                drop(upstream);
                let replay = recorded.replay();
                let answer = replay.ask(way, "GET", "/a", "\r\n").answer();
                assert_eq!((answer.status(), answer.text(), answer.whole), (200, begun, false), "replayed: {what}");
            }
        }
    }
}

#[test]
fn a_large_answer_that_is_cut_short_comes_as_far_as_it_came() {
    for way in WAYS {
        let upstream = Upstream::serving(|peer| {
            peer.request()?;
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n")?;
            peer.send("x".repeat(3_000_000))
        });
        let recording = record(&upstream);
        let answer = recording.ask(way, "GET", "/a", "\r\n").answer();
        assert_eq!((answer.body.len(), answer.whole), (3_000_000, false), "{way:?}");
        let recorded = recording.end(1);
        assert_eq!(*recorded.completion(), Completion::Cut(3_000_000));
        let answer = recorded.replay().ask(way, "GET", "/a", "\r\n").answer();
        assert_eq!((answer.body.len(), answer.whole), (3_000_000, false), "replayed, {way:?}");
    }
}
