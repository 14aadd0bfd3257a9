//! Content codings: the client gets the service's bytes, the tape what they mean, and the client of
//! a replay a coding that it accepts.

use armtape::proxy::{decode, encode};
use bytes::Bytes;

use crate::{
    stage::{WAYS, record},
    upstream::Upstream,
};

const CODINGS: [&str; 4] = ["gzip", "deflate", "br", "zstd"];

#[test]
fn coded_answers() {
    let plain = br#"{"a":1.10,"a b":"\u00e9"}"#;
    for way in WAYS {
        for coding in CODINGS {
            let coded = encode(coding, coding, plain).unwrap();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
                coded.len()
            );
            let upstream = Upstream::answering([head.as_bytes(), &coded[..]].concat());
            let recording = record(&upstream);
            let answer = recording.ask(way, "GET", "/a", &format!("Accept-Encoding: {coding}\r\n\r\n")).answer();
            assert_eq!((answer.values("content-encoding"), &answer.body[..]), (vec![coding], &coded[..]), "{way:?}");
            let recorded = recording.end(1);
            assert_eq!(recorded.answered(), plain);
            drop(upstream);
            let replay = recorded.replay();
            let answer = replay.ask(way, "GET", "/a", &format!("Accept-Encoding: x, {coding};q=0.5\r\n\r\n")).answer();
            assert_eq!(answer.values("content-encoding"), [coding], "{way:?}");
            assert_eq!(&decode(coding, Bytes::from(answer.body)).unwrap()[..], plain);
            for refused in ["", "Accept-Encoding: identity\r\n", "Accept-Encoding: *;q=0\r\n"] {
                let answer = replay.ask(way, "GET", "/a", &format!("{refused}\r\n")).answer();
                assert!(answer.values("content-encoding").is_empty(), "{way:?} {coding}");
                assert_eq!(answer.body, plain);
            }
        }
    }
}

#[test]
fn coded_requests() {
    let plain = br#"{"a":1}"#;
    for way in WAYS {
        for coding in CODINGS {
            let coded = encode(coding, coding, plain).unwrap();
            let upstream = Upstream::serving(|peer| {
                let head = peer.head()?;
                peer.keep(&head);
                peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")?;
                peer.gone();
                Ok(())
            });
            let recording = record(&upstream);
            let head = recording.line(way, "PUT", "/a")
                + &format!(
                    "Content-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
                    coded.len()
                );
            let mut client = recording.by(way);
            client.send([head.as_bytes(), &coded[..]].concat());
            assert_eq!(client.answer().status(), 200);
            assert!(upstream.only().contains(&format!("content-length: {}\r\n", coded.len())));
            let recorded = recording.end(1);
            assert_eq!(&recorded.only().request.body.bytes().unwrap()[..], plain, "{way:?} {coding}");
        }
    }
}

#[test]
fn a_coding_that_is_a_lie() {
    let upstream = Upstream::answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain");
    for way in WAYS {
        let recording = record(&upstream);
        let answer = recording.ask(way, "GET", "/a", "\r\n").answer();
        assert_eq!((answer.text(), answer.values("content-encoding")), ("plain", vec!["gzip"]));
        let recorded = recording.end(1);
        assert_eq!(recorded.answered(), b"");
        let notes = &recorded.only().notes;
        assert!(notes.iter().any(|note| note.contains("not kept: the body is not valid `gzip`")), "{notes:?}");
    }
}
