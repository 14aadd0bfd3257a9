//! Where messages begin and end: chunks, lengths, trailers, pipelines, and those who lie about it.

use crate::{
    stage::{WAYS, Way, record},
    upstream::Upstream,
};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[test]
fn chunks_in_both_directions() {
    for way in WAYS {
        for method in ["POST", "GET", "DELETE"] {
            let upstream = Upstream::answering(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/plain\r\n\r\n\
                 3;ext=1\r\nans\r\n1\r\nw\r\n02\r\ner\r\n0\r\n\r\n",
            );
            let recording = record(&upstream);
            let body = "Transfer-Encoding: chunked\r\n\r\n2\r\nqu\r\n6;a=b\r\nestion\r\n0\r\n\r\n";
            let mut client = recording.by(way);
            for _ in 0..2 {
                client.send(recording.line(way, method, "/a") + body);
                let answer = client.answer();
                assert_eq!((answer.text(), answer.whole), ("answer", true), "{way:?}");
            }
            for request in upstream.seen() {
                assert!(request.ends_with("\r\nqu\r\n6\r\nestion\r\n0\r\n\r\n"), "{way:?} {method}: {request:?}");
            }
            drop(upstream);
            let recorded = recording.end(2);
            for interaction in &recorded.interactions {
                assert_eq!(interaction.request.body.bytes().unwrap(), "question");
                assert_eq!(interaction.response.as_ref().unwrap().body.bytes().unwrap(), "answer");
            }
            let replay = recorded.replay();
            assert_eq!(replay.ask(way, method, "/a", body).answer().text(), "answer");
        }
    }
}

#[test]
fn a_body_that_ends_with_the_connection() {
    for way in WAYS {
        let upstream = Upstream::answering_once("HTTP/1.1 200 OK\r\n\r\nto the end");
        let recording = record(&upstream);
        let answer = recording.ask(way, "GET", "/a", "\r\n").answer();
        assert_eq!((answer.text(), answer.whole), ("to the end", true));
        assert_eq!(recording.end(1).answered(), b"to the end");
    }
}

#[test]
fn http_1_0_on_both_sides() {
    let upstream = Upstream::answering_once("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let recording = record(&upstream);
    let mut client = recording.client();
    client.send("GET /a HTTP/1.0\r\n\r\n");
    let (answer, _) = client.rest();
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n") && answer.ends_with("\r\n\r\nok"), "{answer}");
    recording.end(1);
}

#[test]
fn a_pipeline_is_answered_in_order() {
    for way in WAYS {
        let upstream = Upstream::serving(|peer| {
            loop {
                let request = peer.request()?;
                let target = request.split(' ').nth(1).unwrap().to_owned();
                peer.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{target}", target.len()))?;
            }
        });
        let recording = record(&upstream);
        let ask = |line: &dyn Fn(&str, &str) -> String| {
            line("GET", "/1")
                + "\r\n"
                + &line("POST", "/2")
                + "Content-Length: 3\r\n\r\nabc"
                + &line("GET", "/3")
                + "\r\n"
        };
        let mut client = recording.by(way);
        client.send(ask(&|method, target| recording.line(way, method, target)));
        let answers: Vec<_> = (0..3).map(|_| client.answer().text().to_owned()).collect();
        assert_eq!(answers, ["/1", "/2", "/3"]);
        drop(upstream);
        let replay = recording.end(3).replay();
        let mut client = replay.by(way);
        client.send(ask(&|method, target| replay.line(way, method, target)));
        let answers: Vec<_> = (0..3).map(|_| client.answer().text().to_owned()).collect();
        assert_eq!(answers, ["/1", "/2", "/3"]);
    }
}

#[test]
fn trailers_of_an_answer_go_to_who_asked_for_them() {
    for way in WAYS {
        let upstream = Upstream::answering(
            "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n",
        );
        let recording = record(&upstream);
        let answer = recording.ask(way, "GET", "/a", "TE: trailers\r\nConnection: TE\r\n\r\n").answer();
        assert_eq!((answer.text(), answer.trailers.to_ascii_lowercase().as_str()), ("ok", "x-sum: 1\r\n"), "{way:?}");
        // Whoever did not ask gets none.
        let mut client = recording.ask(way, "GET", "/a", "\r\n");
        let answer = client.answer();
        assert_eq!((answer.text(), answer.trailers.as_str()), ("ok", ""));
        let request = upstream.seen()[0].to_ascii_lowercase();
        assert!(request.contains("\r\nte: trailers\r\n") && request.contains("\r\nconnection: te\r\n"), "{request}");
        let recorded = recording.end(2);
        for interaction in &recorded.interactions {
            assert!(interaction.notes.iter().any(|note| note.contains("trailers")), "{:?}", interaction.notes);
        }
        let answer = recorded.replay().ask(way, "GET", "/a", "\r\n").answer();
        assert_eq!((answer.text(), answer.whole), ("ok", true));
    }
}

#[test]
fn trailers_of_a_request_reach_the_service() {
    let upstream = Upstream::answering(OK);
    let recording = record(&upstream);
    let body = "Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n";
    assert_eq!(recording.ask(Way::Reverse, "POST", "/a", body).answer().status(), 200);
    assert!(upstream.only().to_ascii_lowercase().ends_with("0\r\nx-sum: 1\r\n\r\n"), "{:?}", upstream.only());
    assert_eq!(recording.end(1).only().request.body.bytes().unwrap(), "hi");
}

/// Heads on which two readers could disagree. What follows them would be a second request to one
/// of the two.
const SMUGGLERS: &[&str] = &[
    "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "Content-Length: 3, 4\r\n\r\nabc",
    "Content-Length: +3\r\n\r\nabc",
    "Content-Length: 0x3\r\n\r\nabc",
    "Content-Length: -1\r\n\r\n",
    "Content-Length: 3 3\r\n\r\nabc",
    "Content-Length: \r\n\r\n",
    "Content-Length: 18446744073709551616\r\n\r\n",
    "Content-Length : 3\r\n\r\nabc",
    "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: identity\r\n\r\n",
    "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding:\u{b}chunked\r\n\r\n0\r\n\r\n",
    "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "transfer-encoding: Chunked\r\nX-A: 1\r\ncontent-length: 0\r\n\r\n0\r\n\r\n",
    "X-A: 1\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "X-A\0: 1\r\n\r\n",
    "X-A: 1\0\r\n\r\n",
    "X-A: 1\rX-B: 2\r\n\r\n",
    "No-Colon\r\n\r\n",
    ": no-name\r\n\r\n",
    "Host: other.example\r\n\r\n",
];

/// Chunks on which two readers could disagree.
const CHUNKS: &[&str] = &[
    "0x2\r\nhi\r\n0\r\n\r\n",
    "+2\r\nhi\r\n0\r\n\r\n",
    "-2\r\nhi\r\n0\r\n\r\n",
    "2\r\nhi!0\r\n\r\n",
    "2\nhi\r\n0\r\n\r\n",
    "FFFFFFFFFFFFFFFFF\r\nhi\r\n0\r\n\r\n",
    "g\r\nhi\r\n0\r\n\r\n",
    "\r\n0\r\n\r\n",
];

#[test]
fn a_head_that_two_readers_read_differently_is_refused() {
    for way in WAYS {
        for smuggler in SMUGGLERS {
            let upstream = Upstream::answering(OK);
            let recording = record(&upstream);
            let mut client = recording.by(way);
            let second = recording.line(way, "GET", "/smuggled") + "\r\n";
            let _ = client.try_send(recording.line(way, "POST", "/a") + smuggler + &second);
            let (answer, _) = client.rest();
            assert!(answer.starts_with("HTTP/1.1 400 "), "{way:?} {smuggler:?}: {answer:?}");
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{way:?} {smuggler:?}: {answer:?}");
            assert!(upstream.seen().is_empty(), "{way:?} {smuggler:?}: {:?}", upstream.seen());
            recording.end(0);
        }
    }
}

#[test]
fn chunks_that_two_readers_read_differently_end_the_connection() {
    for way in WAYS {
        for chunks in CHUNKS {
            let upstream = Upstream::answering(OK);
            let recording = record(&upstream);
            let mut client = recording.by(way);
            let second = recording.line(way, "GET", "/smuggled") + "\r\n";
            let head = recording.line(way, "POST", "/a") + "Transfer-Encoding: chunked\r\n\r\n";
            let _ = client.try_send(head + chunks + &second);
            let (answer, _) = client.rest();
            assert!(!answer.contains(" 200 "), "{way:?} {chunks:?}: {answer:?}");
            assert!(upstream.seen().is_empty(), "{way:?} {chunks:?}: {:?}", upstream.seen());
        }
    }
}

/// Answers on which two readers could disagree: the client gets one framing, and the rest of the
/// connection is not believed.
#[test]
fn an_answer_with_two_framings_has_one_for_the_client() {
    for way in WAYS {
        for head in [
            "Content-Length: 4\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 4",
            "Transfer-Encoding: chunked\r\nContent-Length: 400",
        ] {
            let upstream = Upstream::answering(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n6\r\nanswer\r\n0\r\n\r\n"));
            let recording = record(&upstream);
            let answer = recording.ask(way, "GET", "/a", "\r\n").answer();
            assert_eq!((answer.text(), answer.whole), ("answer", true), "{way:?} {head:?}");
            assert_eq!(answer.values("content-length").len() + answer.values("transfer-encoding").len(), 1);
            assert_eq!(recording.end(1).answered(), b"answer");
        }
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_a_502() {
    for head in ["Content-Length: 4\r\nContent-Length: 5", "Content-Length: x", "No-Colon", "X\0: 1"] {
        let upstream = Upstream::answering(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\nabcd"));
        let recording = record(&upstream);
        let answer = recording.ask(Way::Reverse, "GET", "/a", "\r\n").answer();
        assert_eq!((answer.status(), answer.values("x-ms-error-code")), (502, vec!["ArmtapeUpstream"]), "{head}");
        // Its connection is not used again.
        upstream.ended(1);
        recording.end(0);
    }
}

/// What a service sends beyond its answer is no answer to the next request.
#[test]
fn an_answer_too_many_is_nobodys() {
    for way in WAYS {
        let upstream = Upstream::answering(format!("{OK}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbogus"));
        let recording = record(&upstream);
        let mut client = recording.by(way);
        for number in 1..=3 {
            client.send(recording.line(way, "GET", "/a") + "\r\n");
            assert_eq!(client.answer().text(), "ok", "{way:?}, request {number}");
        }
        recording.end(3);
    }
}
