//! What record, replay and the rest share: a listener, an authority, the client's environment, and
//! the wait for the end.

use std::{
    io::Write as _,
    net::{Ipv4Addr, SocketAddr},
    process::ExitStatus,
    sync::Arc,
    time::Duration,
};

use tokio::net::TcpListener;

use super::{
    Code,
    child::{self, Signals},
    say::{self, Failure},
    watch,
};
use crate::{
    check::{self, Command},
    proxy::{self, CertificateAuthority, DirectHost, Handler, Identity, Server},
    simulate::identity,
};

/// How long requests in flight have once the client is gone or armtape was told to stop.
const GRACE: Duration = Duration::from_secs(2);

/// Where to listen unless told otherwise: on this machine alone, on a free port.
pub(super) const LISTEN: &str = "127.0.0.1:0";

/// Everything that must be there before the client starts.
pub(super) struct Stage {
    listener: TcpListener,
    /// Listeners beside the first.
    beside: Vec<TcpListener>,
    authority: CertificateAuthority,
    /// The authority, and the system's roots where the client may meet others, in one file for as
    /// long as the run takes.
    bundle: tempfile::NamedTempFile,
    signals: Signals,
    environment: Environment,
}

/// How the run came to its end.
#[derive(Debug)]
pub(super) enum Ending {
    /// The client ended.
    Client(ExitStatus),
    /// There was no client; a signal came.
    Stopped,
}

impl Ending {
    /// The client's code; fine where there was none.
    pub(super) fn code(&self) -> Code {
        match self {
            Self::Client(status) => Code::of_client(*status),
            Self::Stopped => Code::Fine,
        }
    }
}

/// What a client is given.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    pub(super) endpoint: String,
    pub(super) proxy: String,
    pub(super) ca: String,
    /// Whether the credentials are the stub's.
    pub(super) stub: bool,
    /// What the client asks without armtape, beside this machine: entries of `NO_PROXY`.
    pub(super) direct: Vec<String>,
}

impl Environment {
    /// Names and values; those that clients read, then our own.
    pub(super) fn variables(&self) -> Vec<(String, String)> {
        let this_machine = ["localhost", "127.0.0.1", "::1"];
        let direct = this_machine.into_iter().chain(self.direct.iter().map(String::as_str));
        let direct = direct.collect::<Vec<_>>().join(",");
        let ca = self.ca.as_str();
        let mut set = vec![
            ("HTTPS_PROXY", self.proxy.as_str()),
            ("https_proxy", &self.proxy),
            ("HTTP_PROXY", &self.proxy),
            ("http_proxy", &self.proxy),
            ("NO_PROXY", &direct),
            ("no_proxy", &direct),
            ("SSL_CERT_FILE", ca),
            ("REQUESTS_CA_BUNDLE", ca),
            ("CURL_CA_BUNDLE", ca),
            ("NODE_EXTRA_CA_CERTS", ca),
            ("NODE_USE_ENV_PROXY", "1"),
            ("ARMTAPE_ENDPOINT", &self.endpoint),
            ("ARMTAPE_PROXY", &self.proxy),
            ("ARMTAPE_CA", ca),
        ];
        if self.stub {
            set.extend(identity::environment());
        }
        set.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// Names that are taken away: other ways past armtape, and, so that no real credential is tried
    /// against a stub, other kinds of credential.
    pub(super) fn cleared(&self) -> Vec<&'static str> {
        let stub = if self.stub { identity::CLEARED } else { &[] };
        [&["ALL_PROXY", "all_proxy"][..], stub].concat()
    }
}

impl Stage {
    /// Binds the port and makes the certificates. `hosts` are the ones that will be served, `direct`
    /// those that the client asks without armtape;
    /// `identity` is an authority from the disk, which wins over one of this run.
    pub(super) async fn set(
        listen: &str,
        hosts: &[String],
        direct: &[DirectHost],
        stub: bool,
        from_disk: Option<&Identity>,
    ) -> Result<Self, Failure> {
        let signals = Signals::listen()?;
        let listener = bind(listen).await?;
        let local = listener.local_addr().map_err(|error| Failure::machine(error.to_string()))?;
        let mut constrained = hosts.to_vec();
        if stub {
            constrained.extend(identity::HOSTS.iter().map(|host| (*host).to_owned()));
        }
        constrained.push(local.ip().to_string());
        let authority = match from_disk {
            Some(identity) => CertificateAuthority::from_identity(identity, &constrained),
            None => CertificateAuthority::new(&constrained),
        }
        .map_err(|error| Failure::machine(format!("cannot make certificates: {error}")))?;
        // Offline nobody else is met, and clients take their time to read a hundred roots.
        let trusted = if stub { authority.pem().to_owned() } else { proxy::bundle(authority.pem()) };
        let bundle = bundle(&trusted)
            .map_err(|error| Failure::machine(format!("cannot write the certificate bundle: {error}")))?;
        let reached = reachable(local);
        let environment = Environment {
            endpoint: format!("https://{reached}"),
            proxy: format!("http://{reached}"),
            ca: bundle.path().display().to_string(),
            stub,
            direct: direct.iter().map(|host| host.as_ref().to_owned()).collect(),
        };
        Ok(Self { listener, beside: Vec::new(), authority, bundle, signals, environment })
    }

    /// The URL of the endpoint.
    pub(super) fn endpoint(&self) -> &str {
        &self.environment.endpoint
    }

    /// Listens at one more address of this machine, or near it; says where.
    pub(super) fn beside(&mut self, address: Ipv4Addr) -> Result<SocketAddr, Failure> {
        let listener = proxy::listen_at(address).map_err(|error| no_more(&error))?;
        let local = listener.local_addr().map_err(|error| Failure::machine(error.to_string()))?;
        self.serve_at(listener)?;
        Ok(local)
    }

    /// Serves at one more listener.
    pub(super) fn serve_at(&mut self, listener: std::net::TcpListener) -> Result<(), Failure> {
        self.beside.push(TcpListener::from_std(listener).map_err(|error| no_more(&error))?);
        Ok(())
    }

    /// Serves until the client, or armtape itself, is told to stop; then lets what is in flight
    /// come to its end.
    pub(super) async fn play<H: Handler>(self, handler: H, command: &[String]) -> Result<(Server<H>, Ending), Failure> {
        self.play_all(handler, Vec::new(), command).await
    }

    /// As [`Stage::play`], with a handler for each of the listeners beside the first.
    pub(super) async fn play_all<H: Handler>(
        self,
        handler: H,
        others: Vec<H>,
        command: &[String],
    ) -> Result<(Server<H>, Ending), Failure> {
        let Self { listener, beside, authority, bundle, mut signals, environment } = self;
        let (server, others) = serve(listener, beside, authority, handler, others)?;
        let ending = if command.is_empty() {
            ready(&environment)?;
            signals.next().await;
            Ok(Ending::Stopped)
        } else {
            let set = environment.variables();
            child::run(command, &set, &environment.cleared(), &mut signals).await.map(Ending::Client).map_err(|error| {
                Failure::usage(format!("cannot start `{}`: {error}", command[0]))
                    .hint("the client's command goes behind `--`, as you would type it")
            })
        };
        let mut cut = server.shutdown(GRACE).await;
        for other in &others {
            cut += other.shutdown(GRACE).await;
        }
        if cut > 0 {
            say::line(&format!("{} still open and cut", say::count(cut, "connection")));
        }
        drop(bundle);
        Ok((server, ending?))
    }

    /// As [`Stage::play_all`], with a client whose output is kept back, and which is stopped when
    /// `time_up` resolves.
    pub(super) async fn play_quietly<H: Handler>(
        self,
        handler: H,
        others: Vec<H>,
        words: Vec<String>,
        time_up: impl Future<Output = ()>,
    ) -> Result<(Server<H>, check::Ended), Failure> {
        let Self { listener, beside, authority, bundle, signals: _, environment } = self;
        let (server, others) = serve(listener, beside, authority, handler, others)?;
        watch::start();
        let client = Command { words, cleared: environment.cleared() };
        let ended = client.run(&[], &environment.variables(), time_up, check::never()).await;
        server.shutdown(GRACE).await;
        for other in &others {
            other.shutdown(GRACE).await;
        }
        drop(bundle);
        let ended = ended.map_err(|error| Failure::usage(format!("{error}: {}", error.source)))?;
        Ok((server, ended))
    }
}

/// Starts the servers: the first, and those beside it.
fn serve<H: Handler>(
    listener: TcpListener,
    beside: Vec<TcpListener>,
    authority: CertificateAuthority,
    handler: H,
    others: Vec<H>,
) -> Result<(Server<H>, Vec<Server<H>>), Failure> {
    let authority = Arc::new(authority);
    let start = |listener, handler| {
        Server::start(listener, Arc::clone(&authority), handler)
            .map_err(|error| Failure::machine(format!("cannot serve: {error}")))
    };
    let server = start(listener, handler)?;
    let others = beside.into_iter().zip(others).map(|(listener, handler)| start(listener, handler));
    Ok((server, others.collect::<Result<_, _>>()?))
}

/// The machine has no port left for a listener beside the first.
pub(super) fn no_more(error: &std::io::Error) -> Failure {
    Failure::machine(format!("cannot listen on one more port: {error}"))
}

async fn bind(listen: &str) -> Result<TcpListener, Failure> {
    let wrong = || Failure::usage(format!("`--listen {listen}` is not HOST:PORT")).hint("for example `127.0.0.1:8443`");
    if !listen.contains(':') {
        return Err(wrong());
    }
    TcpListener::bind(listen).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Failure::machine(format!("{listen} is in use by another program"))
            .hint("choose another port, or port 0 for a free one"),
        std::io::ErrorKind::InvalidInput => wrong(),
        _ => Failure::machine(format!("cannot listen on {listen}: {error}")),
    })
}

/// The address by which clients on this machine get here.
fn reachable(local: SocketAddr) -> SocketAddr {
    match local {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => ([127, 0, 0, 1], v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (std::net::Ipv6Addr::LOCALHOST, v6.port()).into(),
        other => other,
    }
}

fn bundle(trusted: &str) -> std::io::Result<tempfile::NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("armtape-ca-").suffix(".pem").tempfile()?;
    file.write_all(trusted.as_bytes())?;
    file.flush()?;
    Ok(file)
}

/// One line of JSON on stdout: whoever started armtape can go on now.
fn ready(environment: &Environment) -> Result<(), Failure> {
    let variables: serde_json::Map<String, serde_json::Value> =
        environment.variables().into_iter().map(|(name, value)| (name, value.into())).collect();
    let line = serde_json::json!({
        "endpoint": environment.endpoint,
        "proxy": environment.proxy,
        "ca": environment.ca,
        "environment": variables,
        "unset": environment.cleared(),
    });
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .map_err(|error| Failure::machine(format!("cannot write to stdout: {error}")))
}
