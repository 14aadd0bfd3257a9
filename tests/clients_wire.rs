//! Real HTTP clients get the same with and without armtape in between, while it records and when
//! it replays with the service gone. `docs/http.md` has the table.

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, and takes helpers beside them for none")]

#[path = "wire/client.rs"]
#[allow(dead_code, reason = "what the other tests need of it")]
mod client;
#[path = "wire/stage.rs"]
#[allow(dead_code, reason = "what the other tests need of it")]
mod stage;
mod support;
#[path = "wire/upstream.rs"]
#[allow(dead_code, reason = "what the other tests need of it")]
mod upstream;

use std::{collections::BTreeMap, io::Write as _, net::SocketAddr, process::Command, sync::Arc, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use libtest_mimic::{Arguments, Failed, Trial};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};

use stage::{recording, recording_with};
use support::{
    clients, process,
    trial::{Need, trial},
};
use upstream::{Peer, Upstream};

/// What a client may take for all cases.
const LIMIT: Duration = Duration::from_secs(60);

fn main() {
    let mut trials = Vec::new();
    for (name, client, needs) in [
        ("raw", Client::Raw, None),
        ("curl_http1", Client::Curl(&["--http1.1"]), Some(Need::Curl)),
        ("curl_http2", Client::Curl(&["--http2"]), Some(Need::Curl)),
        ("requests", Client::Python("requests"), Some(Need::Python)),
        ("aiohttp", Client::Python("aiohttp"), Some(Need::Python)),
        ("undici_proxy_agent", Client::Undici("proxy"), Some(Need::Node)),
        ("undici_env_http_proxy_agent", Client::Undici("env"), Some(Need::Node)),
    ] {
        let needs: Vec<Need> = needs.into_iter().collect();
        for way in [Way::Endpoint, Way::Proxy, Way::Tunnel] {
            trials.push(client.trial(&format!("{name}_{}", way.name()), &needs, way));
        }
    }
    trials.push(Client::Curl(&["--http2-prior-knowledge"]).trial(
        "curl_http2_prior_knowledge_endpoint",
        &[Need::Curl],
        Way::Endpoint,
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// How the client reaches armtape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// As its endpoint.
    Endpoint,
    /// As the proxy of a plain service: whole URLs, or a tunnel if the client prefers.
    Proxy,
    /// As the proxy of a service with TLS: a tunnel.
    Tunnel,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Proxy => "proxy",
            Self::Tunnel => "tunnel",
        }
    }
}

#[derive(Clone, Copy)]
enum Client {
    Raw,
    Curl(&'static [&'static str]),
    Python(&'static str),
    Undici(&'static str),
}

/// What is asked, and what the service plays for it.
struct Case {
    method: &'static str,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: Option<&'static str>,
    chunked: bool,
    answer: Vec<u8>,
    /// The service resets the connection instead.
    reset: bool,
}

fn cases() -> Vec<Case> {
    let case = |method, path, answer: &[u8]| Case {
        method,
        path,
        headers: &[],
        body: None,
        chunked: false,
        answer: answer.to_owned(),
        reset: false,
    };
    let coded = |path, coding: &str| {
        let body = armtape::proxy::encode(coding, coding, CODED.as_bytes()).unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        case("GET", path, &[head.as_bytes(), &body[..]].concat())
    };
    let long = "h".repeat(6000);
    vec![
        case("GET", "/json", b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 15\r\n\r\n{\"a\": [ 1.10 ]}"),
        case("GET", "/chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nans\r\n3\r\nwer\r\n0\r\n\r\n"),
        case("GET", "/close", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end"),
        case("HEAD", "/head", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nEtag: \"1\"\r\nContent-Length: 17\r\n\r\n"),
        case("HEAD", "/head/coded", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 17\r\n\r\n"),
        case("DELETE", "/204", b"HTTP/1.1 204 No Content\r\nX-Ms-Request-Id: 1\r\n\r\n"),
        Case {
            headers: &[("If-None-Match", "\"1\"")],
            ..case("GET", "/304", b"HTTP/1.1 304 Not Modified\r\nEtag: \"1\"\r\n\r\n")
        },
        Case {
            headers: &[("Content-Type", "application/json")],
            body: Some(r#"{"a": 1}"#),
            ..case("PUT", "/201", b"HTTP/1.1 201 Created\r\nRetry-After: 5\r\nContent-Length: 7\r\n\r\ncreated")
        },
        Case {
            body: Some("in chunks"),
            chunked: true,
            ..case("POST", "/chunked", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        },
        case("GET", "/repeated", b"HTTP/1.1 200 OK\r\nVary: a\r\nCache-Control: x\r\nVary: b\r\nvary: c, d\r\nContent-Length: 2\r\n\r\nok"),
        case("GET", "/long", format!("HTTP/1.1 200 OK\r\nEtag: {long}\r\nContent-Length: 2\r\n\r\nok").as_bytes()),
        coded("/gzip", "gzip"),
        coded("/deflate", "deflate"),
        coded("/br", "br"),
        coded("/zstd", "zstd"),
        case("GET", "/trailers", b"HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n"),
        case("GET", "/103", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        case("PROPFIND", "/207", b"HTTP/1.1 207 Multi-Status\r\nContent-Length: 2\r\n\r\nok"),
        case("GET", "//subscriptions/slash", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        case("GET", "/a%2Fb/%c3%a9/query?b=2&a=%20+%2B", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        case("GET", "/404", b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nX-Ms-Error-Code: ResourceNotFound\r\nContent-Length: 2\r\n\r\n{}"),
        case("GET", "/500", b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops"),
        case("GET", "/cut/length", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbegin"),
        case("GET", "/cut/chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n"),
        Case { reset: true, ..case("GET", "/reset", b"") },
    ]
}

const CODINGS: [&str; 4] = ["gzip", "deflate", "br", "zstd"];

const CODED: &str = r#"{"a": 1.10, "text": "a text, a text, a text"}"#;

/// What is answered to a client that does not know the coding.
fn plain() -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{CODED}", CODED.len())
}

fn accepts(request: &str, coding: &str) -> bool {
    let lines = request.split("\r\n").filter_map(|line| line.split_once(':'));
    let mut accepted = lines.filter(|(name, _)| name.eq_ignore_ascii_case("accept-encoding"));
    accepted.any(|(_, value)| value.split([',', ' ']).any(|offered| offered == coding))
}

/// Plays the cases by the last segment of the path: clients differ in the slashes before it.
fn play(peer: &mut Peer) -> std::io::Result<()> {
    loop {
        let request = peer.request()?;
        let target = request.split(' ').nth(1).unwrap();
        let cases = cases();
        let last = |target: &str| {
            let path = target.split('?').next().unwrap().trim_end_matches('/');
            path.rsplit('/')
                .take(if path.contains("/cut/") || path.contains("/head/") { 2 } else { 1 })
                .collect::<Vec<_>>()
                .join("/")
        };
        let case = cases.iter().find(|case| last(case.path) == last(target)).unwrap();
        if case.reset {
            peer.reset();
            return Ok(());
        }
        match case.path[1..].to_owned() {
            coding if CODINGS.contains(&&*coding) && !accepts(&request, &coding) => peer.send(plain())?,
            _ => peer.send(&case.answer)?,
        }
        if case.path.starts_with("/cut/") || case.path == "/close" {
            return Ok(());
        }
    }
}

/// What came: status, each header's values in order, the decoded body; or that it broke.
#[derive(PartialEq, Eq)]
enum Came {
    Broken,
    Whole { status: u64, headers: BTreeMap<String, String>, body: Vec<u8> },
}

impl std::fmt::Debug for Came {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Broken => write!(f, "broken"),
            Self::Whole { status, headers, body } => {
                write!(f, "{status} {headers:.100?} {:.100}", String::from_utf8_lossy(body))
            }
        }
    }
}

impl Came {
    /// Without what one hop may say to the next; the length is in the body.
    fn whole(status: u64, pairs: impl IntoIterator<Item = (String, String)>, body: Vec<u8>) -> Self {
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in pairs {
            let name = name.to_ascii_lowercase();
            if matches!(
                name.as_str(),
                "connection" | "keep-alive" | "transfer-encoding" | "content-length" | "trailer" | "x-sum"
            ) {
                continue;
            }
            // Some clients join the values themselves.
            headers.entry(name).and_modify(|known| *known += &format!(", {value}")).or_insert(value);
        }
        Self::Whole { status, headers, body }
    }
}

/// Where and how to ask.
struct Plan {
    base: String,
    proxy: Option<String>,
    ca: Option<tempfile::NamedTempFile>,
    /// Without armtape.
    alone: bool,
}

impl Plan {
    fn new(way: Way, service: SocketAddr, armtape: SocketAddr, authority: &str) -> Self {
        let ca = file(authority);
        match way {
            Way::Endpoint => Self { base: format!("http://{armtape}"), proxy: None, ca: None, alone: false },
            Way::Proxy => Self {
                base: format!("http://{service}"),
                proxy: Some(format!("http://{armtape}")),
                ca: None,
                alone: false,
            },
            Way::Tunnel => Self {
                base: format!("https://{service}"),
                proxy: Some(format!("http://{armtape}")),
                ca: Some(ca),
                alone: false,
            },
        }
    }
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

impl Client {
    fn trial(self, name: &str, needs: &[Need], way: Way) -> Trial {
        trial(name, needs, move || self.same(way))
    }

    /// Asks the service itself, then through a recorder, then a replay without the service.
    fn same(self, way: Way) -> Result<(), Failed> {
        let upstream = Upstream::serving(play);
        let front = (way == Way::Tunnel).then(|| Front::start(upstream.address()));
        let direct = match &front {
            // Some clients offer more codings over TLS.
            Some(front) => Plan {
                base: format!("https://{}", front.address),
                proxy: None,
                ca: Some(file(&front.pem)),
                alone: true,
            },
            None => Plan { base: format!("http://{}", upstream.address()), proxy: None, ca: None, alone: true },
        };
        let expected = self.ask(&direct)?;
        let recording = match &front {
            Some(front) => recording_with(front.address, false, "https", front.root.clone()),
            None => recording(upstream.address(), false),
        };
        let service = front.as_ref().map_or(upstream.address(), |front| front.address);
        let recorded = self.ask(&Plan::new(way, service, recording.address(), recording.authority()))?;
        self.compare("recorded", &expected, &recorded)?;
        let recorded = recording.end_with_at_least(cases().len());
        drop((upstream, front));
        let replay = recorded.replay();
        let replayed = self.ask(&Plan::new(way, service, replay.address(), replay.authority()))?;
        self.compare("replayed", &expected, &replayed)
    }

    fn ask(self, plan: &Plan) -> Result<Vec<Came>, Failed> {
        let cases = cases();
        match self {
            Self::Raw => Ok(cases.iter().map(|case| raw(plan, case)).collect()),
            Self::Curl(words) => cases.iter().map(|case| curl(words, plan, case)).collect(),
            Self::Python(library) => {
                let mut command = Command::new(clients::python()?);
                script(command.arg(clients::python_wire(library)), plan, "")
            }
            Self::Undici(agent) => {
                let (node, folder) = clients::node()?;
                let mut command = Command::new(node);
                script(command.arg(folder.join("wire_undici.mjs")), plan, agent)
            }
        }
    }
}

impl Client {
    /// Where a client gets something else without armtape, by a fault of its own.
    fn alone(self, case: &Case) -> Option<Came> {
        // Python's http.client takes any 1xx but 100 for the answer; armtape sends none on.
        let took = matches!(self, Self::Python("requests")) && case.path == "/103";
        took.then(|| Came::whole(103, [("link".to_owned(), "</x>".to_owned())], Vec::new()))
    }

    fn compare(self, when: &str, expected: &[Came], came: &[Came]) -> Result<(), Failed> {
        let mut differences = String::new();
        let mut broken = Vec::new();
        for ((case, expected), came) in cases().iter().zip(expected).zip(came) {
            let same = match self.alone(case) {
                Some(alone) => *expected == alone && *came == Came::whole(200, [], b"ok".to_vec()),
                None => expected == came,
            };
            if !same {
                let which = format!("{} {}, {when}", case.method, case.path);
                differences += &format!("\n{which}\n  alone: {expected:?}\n  here:  {came:?}");
            }
            if *expected == Came::Broken {
                broken.push(case.path);
            }
        }
        if came.len() != cases().len() || broken != ["/cut/length", "/cut/chunks", "/reset"] {
            differences += &format!("\n{} answers, alone these are broken: {broken:?}", came.len());
        }
        if differences.is_empty() { Ok(()) } else { Err(differences.into()) }
    }
}

/// A script that prints one JSON line a case.
fn script(command: &mut Command, plan: &Plan, agent: &str) -> Result<Vec<Came>, Failed> {
    let list: Vec<Value> = cases()
        .iter()
        .map(|case| {
            let headers: BTreeMap<_, _> = case.headers.iter().copied().collect();
            json!({ "method": case.method, "path": case.path, "headers": headers, "body": case.body, "chunked": case.chunked })
        })
        .collect();
    let plan = json!({
        "base": plan.base,
        "proxy": plan.proxy,
        "ca": plan.ca.as_ref().map(|file| file.path().display().to_string()),
        "agent": agent,
        "cases": list,
    });
    let output = process::run(command.arg(plan.to_string()), LIMIT)?.success()?;
    output
        .stdout
        .lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line)?;
            if line["broken"].is_string() {
                return Ok(Came::Broken);
            }
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let pairs = line["headers"].as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1])));
            let body = BASE64_STANDARD.decode(text(&line["body"]))?;
            Ok(Came::whole(line["status"].as_u64().unwrap(), pairs, body))
        })
        .collect()
}

fn curl(words: &[&str], plan: &Plan, case: &Case) -> Result<Came, Failed> {
    let folder = tempfile::tempdir()?;
    let (head, body) = (folder.path().join("head"), folder.path().join("body"));
    let mut command = Command::new("curl");
    command.args(["-q", "-sS", "--compressed", "--path-as-is", "--suppress-connect-headers", "--max-time", "20"]);
    // The service itself speaks HTTP/1.1 alone.
    command
        .args(if plan.alone { &["--http1.1"] } else { words })
        .arg("-D")
        .arg(&head)
        .arg("-o")
        .arg(&body)
        .args(["--noproxy", ""]);
    if let Some(proxy) = &plan.proxy {
        command.args(["-x", proxy]);
    }
    if let Some(ca) = &plan.ca {
        command.arg("--cacert").arg(ca.path());
    }
    match case.method {
        "HEAD" => command.arg("--head"),
        method => command.args(["-X", method]),
    };
    for (name, value) in case.headers {
        command.arg("-H").arg(format!("{name}: {value}"));
    }
    if let Some(body) = case.body {
        command.args(["--data-binary", body]);
        if case.chunked {
            command.args(["-H", "Transfer-Encoding: chunked"]);
        }
    }
    let output = process::run(command.arg(format!("{}{}", plan.base, case.path)), LIMIT)?;
    if !output.status.success() {
        return Ok(Came::Broken);
    }
    let text = String::from_utf8(std::fs::read(&head)?)?;
    // Those of 1xx, and trailers, are blocks of their own.
    let block = text.split("\r\n\r\n").filter(|block| block.starts_with("HTTP/")).last().unwrap();
    let mut lines = block.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse()?;
    let pairs =
        lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    // It writes the head of an answer to HEAD there, too.
    let body = if case.method == "HEAD" { Vec::new() } else { std::fs::read(&body).unwrap_or_default() };
    Ok(Came::whole(status, pairs, body))
}

/// The socket. It accepts no coding but takes the ones that it gets.
fn raw(plan: &Plan, case: &Case) -> Came {
    let (scheme, service) = plan.base.split_once("://").unwrap();
    let address = plan.proxy.as_deref().map_or(service, |proxy| proxy.trim_start_matches("http://"));
    let mut client = client::Client::connect(address.parse().unwrap());
    let mut target = case.path.to_owned();
    if scheme == "https" {
        let ca = std::fs::read_to_string(plan.ca.as_ref().unwrap().path()).unwrap();
        client = if plan.proxy.is_some() { client.tunnel(service) } else { client };
        client = client.tls("127.0.0.1", &ca, &[]);
    } else if plan.proxy.is_some() {
        target = format!("{}{target}", plan.base);
    }
    let mut head =
        format!("{} {target} HTTP/1.1\r\nHost: {service}\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n", case.method);
    for (name, value) in case.headers {
        head += &format!("{name}: {value}\r\n");
    }
    match case.body {
        Some(body) if case.chunked => {
            head += &format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        }
        Some(body) => head += &format!("Content-Length: {}\r\n\r\n{body}", body.len()),
        None => head += "\r\n",
    }
    client.send(head);
    let Ok(mut head) = client.head() else { return Came::Broken };
    while head.starts_with("HTTP/1.1 1") {
        head = client.head().unwrap();
    }
    let answer = match case.method {
        "HEAD" => client::Answer { head, body: Vec::new(), trailers: String::new(), whole: true },
        _ => client.body(head),
    };
    if !answer.whole {
        return Came::Broken;
    }
    let coding = answer.values("content-encoding").first().map(ToString::to_string);
    let body = match coding {
        Some(coding) if !answer.body.is_empty() => {
            armtape::proxy::decode(&coding, answer.body.clone().into()).unwrap().to_vec()
        }
        _ => answer.body.clone(),
    };
    let lines = answer.head.split("\r\n").skip(1).filter_map(|line| line.split_once(':'));
    let pairs = lines.map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    Came::whole(u64::from(answer.status()), pairs, body)
}

/// TLS before the service.
struct Front {
    address: SocketAddr,
    root: CertificateDer<'static>,
    pem: String,
    _runtime: tokio::runtime::Runtime,
}

impl Front {
    fn start(service: SocketAddr) -> Self {
        let certified = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0))).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let Ok(mut client) = acceptor.accept(stream).await else { return };
                    let Ok(mut service) = tokio::net::TcpStream::connect(service).await else { return };
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut service).await;
                });
            }
        });
        Self { address, root: certified.cert.der().clone(), pem: certified.cert.pem(), _runtime: runtime }
    }
}
