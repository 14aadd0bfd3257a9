//! What a service answered comes back byte for byte, however its JSON was spaced.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

use crate::harness::Harness;

/// Bodies as services write them, and one that no writer of JSON explains.
const BODIES: &[&[u8]] = &[
    br#"{"a":1.10,"b":[1,2],"c":{},"d":"\u00e9"}"#,
    br#"{"a": 1e2, "b": [1, 2]}"#,
    b"{\r\n  \"a\": 1,\r\n  \"b\": []\r\n}\r\n",
    b"{\n\t\"a\": [\n\t\t1.10\n\t]\n}\n",
    b"{\n    \"a\":1\n}",
    br#"{"a":1, "b" :2}"#,
    br#"{"a":1,"a":2}"#,
    b"null",
    b"<error>\n  gone\n</error>\n",
    b"\x00\xff\xfe not text",
];

/// Answers the n-th body to `/n`, for as long as the test runs.
fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().for_each(|stream| answer(stream.unwrap())));
    address
}

fn answer(mut stream: TcpStream) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let number: usize = first.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
    let body = BODIES[number];
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
    write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n", body.len()).unwrap();
    stream.write_all(body).unwrap();
}

#[test]
fn any_answer_comes_back_byte_for_byte() {
    let harness = Harness::new();
    let upstream = format!("http://{}", serve());
    let ask = |folder: &str| {
        let asks = (0..BODIES.len())
            .map(|number| format!("curl -sS --create-dirs -o {folder}/{number} \"$ARMTAPE_ENDPOINT/{number}\""));
        asks.collect::<Vec<_>>().join("\n")
    };
    harness.around(&["record", "--cassette", "new.json", "--upstream", &upstream], &ask("recorded")).ends_with(0);
    harness.around(&["replay", "new.json"], &ask("replayed")).ends_with(0);
    for (number, body) in BODIES.iter().enumerate() {
        for folder in ["recorded", "replayed"] {
            let got = fs_err::read(harness.path(&format!("{folder}/{number}"))).unwrap();
            assert_eq!(got, *body, "{folder}: {}", String::from_utf8_lossy(body));
        }
    }
}
