//! Heads: what concerns one connection, what is repeated, what is large or odd, and the answers
//! that have no body.

use crate::{
    stage::{WAYS, Way, record},
    upstream::Upstream,
};

const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[test]
fn headers_of_one_hop_stay_on_it() {
    for way in WAYS {
        let upstream = Upstream::answering(
            "HTTP/1.1 200 OK\r\nConnection: x-of-the-hop, keep-alive\r\nX-Of-The-Hop: 1\r\nKeep-Alive: timeout=5\r\n\
             Proxy-Authenticate: Basic\r\nX-End: 1\r\nContent-Length: 2\r\n\r\nok",
        );
        let recording = record(&upstream);
        let mut client = recording.ask(
            way,
            "GET",
            "/a",
            "Connection: keep-alive, X-Named\r\nConnection: x-second\r\nX-Named: 1\r\nX-Second: 1\r\nKeep-Alive: 5\r\n\
             Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nTE: gzip\r\nUpgrade: h2c\r\nX-End: 1\r\n\r\n",
        );
        let answer = client.answer();
        let request = upstream.only().to_ascii_lowercase();
        for gone in ["x-named", "x-second", "keep-alive", "proxy-", "\r\nte:", "upgrade", "\r\nconnection"] {
            assert!(!request.contains(gone), "{way:?}: {gone} in {request}");
        }
        assert!(request.contains("x-end: 1"), "{request}");
        for gone in ["x-of-the-hop", "keep-alive", "proxy-authenticate"] {
            assert!(answer.values(gone).is_empty(), "{way:?}: {gone} in {answer:?}");
        }
        assert_eq!((answer.text(), answer.values("x-end")), ("ok", vec!["1"]));
        // They are on the tape as little.
        let recorded = recording.end(1);
        assert!(!format!("{:?}", recorded.only()).to_ascii_lowercase().contains("of-the-hop\": [\"1"));
    }
}

#[test]
fn repeated_headers_keep_their_values_in_order() {
    for way in WAYS {
        let upstream = Upstream::answering(
            "HTTP/1.1 200 OK\r\nCache-Control: a\r\nVary: x\r\nCache-Control: b\r\ncache-control: c, d\r\nContent-Length: 2\r\n\r\nok",
        );
        let recording = record(&upstream);
        let answer = recording.ask(way, "GET", "/a", "X-A: 1\r\nX-B: 2\r\nX-A: 3\r\n\r\n").answer();
        assert_eq!(answer.values("cache-control"), ["a", "b", "c, d"]);
        let request = upstream.only().to_ascii_lowercase();
        let (first, second) = (request.find("x-a: 1").unwrap(), request.find("x-a: 3").unwrap());
        assert!(first < second, "{request}");
        let recorded = recording.end(1);
        drop(upstream);
        let replay = recorded.replay();
        let answer = replay.ask(way, "GET", "/a", "\r\n").answer();
        assert_eq!(answer.values("cache-control"), ["a", "b", "c, d"]);
    }
}

#[test]
fn targets_and_header_blocks_of_16_kb() {
    for way in WAYS {
        let long = "h".repeat(16 * 1024);
        let upstream = Upstream::answering(format!("HTTP/1.1 200 OK\r\nEtag: {long}\r\nContent-Length: 2\r\n\r\nok"));
        let recording = record(&upstream);
        let target = format!("/a?{}", "t".repeat(16 * 1024));
        let answer = recording.ask(way, "GET", &target, &format!("X-Long: {long}\r\n\r\n")).answer();
        assert_eq!(answer.values("etag"), [long.as_str()], "{way:?}");
        let request = upstream.only();
        assert!(request.starts_with(&format!("GET {target} HTTP/1.1\r\n")) && request.contains(&long));
        let recorded = recording.end(1);
        assert_eq!(recorded.only().request.target, target);
        drop(upstream);
        let replay = recorded.replay();
        assert_eq!(replay.ask(way, "GET", &target, "\r\n").answer().values("etag"), [long.as_str()]);
    }
}

#[test]
fn two_hundred_headers() {
    let many: String = (0..200).map(|number| format!("X-{number}: {number}\r\n")).collect();
    let upstream = Upstream::answering(format!("HTTP/1.1 200 OK\r\n{many}Content-Length: 2\r\n\r\nok"));
    let recording = record(&upstream);
    let answer = recording.ask(Way::Reverse, "GET", "/a", &format!("{many}\r\n")).answer();
    assert_eq!((answer.status(), answer.values("x-199")), (200, vec!["199"]));
    assert!(upstream.only().contains("x-199: 199"));
    recording.end(1);
}

#[test]
fn a_head_beyond_the_bound_is_refused() {
    let upstream = Upstream::answering(EMPTY);
    let recording = record(&upstream);
    let mut client = recording.by(Way::Reverse);
    let _ = client.try_send(recording.line(Way::Reverse, "GET", "/a") + "X-Long: ");
    for _ in 0..512 {
        if client.try_send("h".repeat(1024)).is_err() {
            break;
        }
    }
    let (answer, _) = client.rest();
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert!(upstream.seen().is_empty());
}

#[test]
fn odd_methods() {
    for way in WAYS {
        for method in ["PROPFIND", "MKCOL", "X-CUSTOM!", "patch"] {
            let upstream = Upstream::answering("HTTP/1.1 207 Multi-Status\r\nContent-Length: 2\r\n\r\nok");
            let recording = record(&upstream);
            let answer = recording.ask(way, method, "/a", "Content-Length: 3\r\n\r\nabc").answer();
            assert_eq!((answer.status(), answer.text()), (207, "ok"), "{method}");
            let request = upstream.only();
            assert!(request.starts_with(&format!("{method} /a HTTP/1.1\r\n")) && request.ends_with("\r\n\r\nabc"));
            let recorded = recording.end(1);
            assert_eq!(recorded.only().request.method, method);
            drop(upstream);
            let replay = recorded.replay();
            let answer = replay.ask(way, method, "/a", "Content-Length: 3\r\n\r\nabc").answer();
            assert_eq!((answer.status(), answer.text()), (207, "ok"), "{method}");
        }
    }
}

/// The status is what counts (RFC 9112 section 4); words that are not ASCII are left out, as
/// HTTP/2 leaves out all of them. The tape has none: replay says the usual ones.
#[test]
fn reason_phrases() {
    for (said, recorded) in [("Fine With Me", "Fine With Me"), ("Zur\u{fc}ck", ""), ("", "")] {
        let upstream = Upstream::answering(format!("HTTP/1.1 200 {said}\r\nContent-Length: 2\r\n\r\nok"));
        let recording = record(&upstream);
        let answer = recording.ask(Way::Reverse, "GET", "/a", "\r\n").answer();
        assert!(answer.head.starts_with(&format!("HTTP/1.1 200 {recorded}\r\n")), "{answer:?}");
        assert_eq!(answer.text(), "ok");
        drop(upstream);
        let replay = recording.end(1).replay();
        let answer = replay.ask(Way::Reverse, "GET", "/a", "\r\n").answer();
        assert!(answer.head.starts_with("HTTP/1.1 200 OK\r\n"), "{answer:?}");
    }
}

#[test]
fn a_header_value_that_is_not_ascii() {
    for way in WAYS {
        let upstream = Upstream::answering("HTTP/1.1 200 OK\r\nServer: Zur\u{fc}ck\r\nContent-Length: 2\r\n\r\nok");
        let recording = record(&upstream);
        let answer = recording.ask(way, "GET", "/a", "X-Name: Zur\u{fc}ck\r\n\r\n").answer();
        assert_eq!(answer.values("server"), ["Zur\u{fc}ck"]);
        assert!(upstream.only().contains("x-name: Zur\u{fc}ck\r\n"));
        drop(upstream);
        let replay = recording.end(1).replay();
        assert_eq!(replay.ask(way, "GET", "/a", "\r\n").answer().values("server"), ["Zur\u{fc}ck"], "{way:?}");
    }
}

#[test]
fn head_204_and_304_have_no_body_and_keep_their_length() {
    for way in WAYS {
        for (method, head, length) in [
            ("HEAD", "200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\nEtag: \"1\"", vec!["17"]),
            ("HEAD", "200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: 17", vec!["17"]),
            ("HEAD", "404 Not Found\r\nContent-Length: 5", vec!["5"]),
            ("GET", "204 No Content\r\nEtag: \"1\"", vec![]),
            ("DELETE", "204 No Content", vec![]),
            ("GET", "304 Not Modified\r\nEtag: \"1\"", vec![]),
        ] {
            let upstream = Upstream::answering(format!("HTTP/1.1 {head}\r\n\r\n"));
            let recording = record(&upstream);
            let status: u16 = head[..3].parse().unwrap();
            let mut client = recording.by(way);
            let request = recording.line(way, method, "/a") + "\r\n";
            // Twice on one connection: the second answer begins where the first one has ended.
            for _ in 0..2 {
                client.send(&request);
                let head = client.head().unwrap();
                let answer = crate::client::Answer { head, body: Vec::new(), trailers: String::new(), whole: true };
                assert_eq!(
                    (answer.status(), answer.values("content-length")),
                    (status, length.clone()),
                    "{way:?}: {}",
                    answer.head
                );
            }
            assert_eq!(upstream.connections(), 1);
            drop(upstream);
            let recorded = recording.end(2);
            let replay = recorded.replay();
            let mut client = replay.by(way);
            let request = replay.line(way, method, "/a") + "\r\n";
            for _ in 0..2 {
                client.send(&request);
                let head = client.head().unwrap();
                let answer = crate::client::Answer { head, body: Vec::new(), trailers: String::new(), whole: true };
                assert_eq!(answer.status(), status, "{way:?}");
                // The tape does not say how long it would have been.
                assert!(answer.values("content-length").is_empty(), "{way:?}: {}", answer.head);
            }
        }
    }
}
