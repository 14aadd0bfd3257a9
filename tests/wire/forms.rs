//! Forms of the target, tunnels, and who is meant.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use crate::{
    client::Client,
    stage::{WAYS, Way, record, recording},
    upstream::Upstream,
};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[test]
fn an_absolute_target_names_the_host_whatever_host_says() {
    let upstream = Upstream::answering(OK);
    let recording = record(&upstream);
    let service = upstream.address();
    let mut client = recording.client();
    client.send(format!("GET http://{service}/a?b=c HTTP/1.1\r\nHost: other.example\r\n\r\n"));
    assert_eq!(client.answer().text(), "ok");
    let request = upstream.only();
    assert!(request.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{request}");
    assert!(request.contains(&format!("host: {service}\r\n")), "{request}");
    let recorded = recording.end(1);
    let request = &recorded.only().request;
    assert_eq!((request.scheme.as_deref(), request.target.as_str()), (Some("http"), "/a?b=c"));
    assert_eq!(request.authority, Some(service.to_string()));
}

/// The service speaks no TLS, so it cannot be asked that way: what is said names it.
#[test]
fn an_absolute_https_target_is_asked_over_tls() {
    let upstream = Upstream::answering(OK);
    let recording = record(&upstream);
    let mut client = recording.client();
    client.send(format!("GET https://{}/a HTTP/1.1\r\nHost: x\r\n\r\n", upstream.address()));
    let answer = client.answer();
    assert_eq!(answer.status(), 502);
    assert!(answer.text().contains("does not answer in TLS"), "{}", answer.text());
    assert!(upstream.seen().is_empty());
}

#[test]
fn a_host_that_is_neither_taped_nor_passed_is_refused() {
    let upstream = Upstream::answering(OK);
    let recording = record(&upstream);
    for request in [
        "GET http://other.example/a HTTP/1.1\r\nHost: other.example\r\n\r\n",
        "GET https://other.example/a HTTP/1.1\r\nHost: other.example\r\n\r\n",
        "CONNECT other.example:443 HTTP/1.1\r\nHost: other.example\r\n\r\n",
        "CONNECT other.example:80 HTTP/1.1\r\nHost: other.example\r\n\r\n",
        "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: other.example\r\n\r\n",
        "CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: other.example\r\n\r\n",
    ] {
        let mut client = recording.client();
        client.send(request);
        let answer = client.answer();
        assert_eq!((answer.status(), answer.values("x-ms-error-code")), (403, vec!["ArmtapeHostRefused"]), "{request}");
        // The connection is as good as before.
        client.send(recording.line(Way::Reverse, "GET", "/a") + "\r\n");
        assert_eq!(client.answer().text(), "ok", "{request}");
    }
}

#[test]
fn targets_that_name_no_host_are_refused() {
    let upstream = Upstream::answering(OK);
    let recording = record(&upstream);
    for request in [
        "CONNECT /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "CONNECT host:0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "CONNECT host:65536 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "CONNECT user@host:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "CONNECT :443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "CONNECT [::1:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET http://user:word@127.0.0.1/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET http:///a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ] {
        let mut client = recording.client();
        client.send(request);
        let (answer, _) = client.rest();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{request}: {answer:?}");
    }
    assert_eq!(upstream.connections(), 0);
}

#[test]
fn tunnels_to_port_80_and_to_addresses() {
    let upstream = Upstream::answering(OK);
    let recording = record(&upstream);
    for to in ["127.0.0.1:80", "127.0.0.1:443", "127.0.0.1:8443"] {
        // Served, not dialled: nobody listens there. The request says where it is meant to go.
        let mut client = recording.client().tunnel(to);
        client.send(format!("GET http://{}/a HTTP/1.1\r\nHost: x\r\n\r\n", upstream.address()));
        assert_eq!(client.answer().text(), "ok", "{to}");
    }
    recording.end(3);
}

#[test]
fn a_tunnel_to_an_ipv6_address() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        eprintln!("skipped: this machine has no IPv6");
        return;
    };
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes).unwrap();
        assert!(bytes[..length].starts_with(b"GET /a HTTP/1.1\r\n"));
        stream.write_all(OK.as_bytes()).unwrap();
    });
    let recording = recording(address, false);
    let mut client = recording.client().tunnel(&address.to_string());
    client.send(format!("GET /a HTTP/1.1\r\nHost: {address}\r\n\r\n"));
    assert_eq!(client.answer().text(), "ok");
    assert_eq!(recording.end(1).only().request.authority, Some(address.to_string()));
}

#[test]
fn a_tunnel_to_armtape_itself_is_its_endpoint() {
    let upstream = Upstream::answering(OK);
    let recording = record(&upstream);
    let own = recording.address();
    for to in [own.to_string(), format!("localhost:{}", own.port())] {
        let mut client = recording.client().tunnel(&to);
        client.send(format!("GET /a HTTP/1.1\r\nHost: {to}\r\n\r\n"));
        assert_eq!(client.answer().text(), "ok");
        let mut client = recording.client().tunnel(&to).tls("127.0.0.1", recording.authority(), &[]);
        client.send(format!("GET /a HTTP/1.1\r\nHost: {to}\r\n\r\n"));
        assert_eq!(client.answer().text(), "ok");
    }
    // In tunnels, too, but not for ever.
    let mut client = (0..3).fold(recording.client(), |client, _| client.tunnel(&own.to_string()));
    client.send(format!("CONNECT {own} HTTP/1.1\r\nHost: {own}\r\n\r\n"));
    assert_eq!(client.answer().status(), 501);
    let recorded = recording.end(4);
    assert!(recorded.interactions.iter().all(|one| one.request.authority == Some(upstream.address().to_string())));
}

#[test]
fn a_client_without_alpn() {
    let upstream = Upstream::answering(OK);
    let recording = record(&upstream);
    let mut client = recording.client().tls("127.0.0.1", recording.authority(), &[]);
    client.send(recording.line(Way::Reverse, "GET", "/a") + "\r\n");
    assert_eq!(client.answer().text(), "ok");
    let mut client =
        recording.client().tunnel(&upstream.address().to_string()).tls("127.0.0.1", recording.authority(), &[]);
    client.send(recording.line(Way::Tunnel, "GET", "/a") + "\r\n");
    // In the tunnel `https` is what the client means, and the service speaks none.
    assert_eq!(client.answer().status(), 502);
    recording.end(1);
}

#[test]
fn a_double_slash_stays() {
    for way in WAYS {
        let upstream = Upstream::answering(OK);
        let recording = record(&upstream);
        let target = "//subscriptions/s/resourceGroups/g?api-version=1";
        assert_eq!(recording.ask(way, "GET", target, "\r\n").answer().text(), "ok");
        assert!(upstream.only().starts_with(&format!("GET {target} HTTP/1.1\r\n")), "{way:?}: {}", upstream.only());
        let recorded = recording.end(1);
        assert_eq!(recorded.only().request.target, target);
        drop(upstream);
        assert_eq!(recorded.replay().ask(way, "GET", target, "\r\n").answer().text(), "ok", "{way:?}");
    }
}

#[test]
fn odd_letters_in_a_target_stay() {
    for way in WAYS {
        let upstream = Upstream::answering(OK);
        let recording = record(&upstream);
        let target = "/a%2Fb/%c3%a9/..;x=1/'(z)'!$&*+,;=:@[]|^{}\"?q=%20+%2B?/&&a=&=b#no".split('#').next().unwrap();
        let answer = recording.ask(way, "GET", target, "\r\n").answer();
        if answer.status() == 200 {
            assert!(upstream.only().starts_with(&format!("GET {target} HTTP/1.1\r\n")), "{way:?}: {}", upstream.only());
        } else {
            panic!("{answer:?}");
        }
    }
}

#[test]
fn an_asterisk_for_the_whole_service() {
    let upstream = Upstream::answering(OK);
    let recording = record(&upstream);
    assert_eq!(recording.ask(Way::Tunnel, "OPTIONS", "*", "\r\n").answer().status(), 200);
    assert!(upstream.only().starts_with("OPTIONS * HTTP/1.1\r\n"), "{}", upstream.only());
}

const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

#[test]
fn a_websocket_is_refused_where_its_host_is_taped() {
    for way in WAYS {
        let upstream = Upstream::answering(OK);
        let recording = record(&upstream);
        let answer = recording.ask(way, "GET", "/a", UPGRADE).answer();
        assert_eq!((answer.status(), answer.values("x-ms-error-code")), (501, vec!["ArmtapeUpgrade"]));
        assert_eq!(upstream.connections(), 0);
        recording.end(0);
    }
}

#[test]
fn a_websocket_is_passed_where_its_host_is_passed() {
    let taped = Upstream::answering(OK);
    let passed = Upstream::serving(|peer| {
        let head = peer.head()?;
        peer.keep(&head);
        peer.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x01\x02")?;
        peer.gone();
        Ok(())
    });
    let recording = recording(taped.address(), true);
    let to = format!("localhost:{}", passed.address().port());
    let mut client = recording.client().tunnel(&to);
    client.send(format!("GET /a HTTP/1.1\r\nHost: {to}\r\n{UPGRADE}"));
    assert!(client.head().unwrap().starts_with("HTTP/1.1 101 "));
    // Byte for byte, odd case and all.
    assert!(passed.only().contains("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
    client.finish();
    assert_eq!(client.rest().0, "\x01\x02");
    passed.ended(1);
    assert_eq!(recording.handler().seen().passed.get("localhost"), Some(&1));
    recording.end(0);
}

#[test]
fn a_plain_request_to_a_passed_host_is_forwarded_and_forgotten() {
    let taped = Upstream::answering(OK);
    let passed = Upstream::answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npass\r\n0\r\n\r\n",
    );
    let recording = recording(taped.address(), true);
    let to = format!("localhost:{}", passed.address().port());
    let mut client = recording.client();
    client.send(format!("GET http://{to}/a HTTP/1.1\r\nHost: {to}\r\nProxy-Connection: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"));
    assert_eq!(client.answer().text(), "pass");
    assert!(passed.only().ends_with("\r\n\r\n2\r\nhi\r\n0\r\n\r\n"), "{:?}", passed.only());
    recording.end(0);
}

/// The bounds of silence are in `src/proxy/tests.rs`, in virtual time.
#[test]
fn others_are_served_beside_a_silent_tunnel() {
    let upstream = Upstream::answering(OK);
    let recording = record(&upstream);
    let silent: Vec<Client> = (0..50).map(|_| recording.client().tunnel(&upstream.address().to_string())).collect();
    assert_eq!(recording.ask(Way::Reverse, "GET", "/a", "\r\n").answer().text(), "ok");
    drop(silent);
    recording.end(1);
}
