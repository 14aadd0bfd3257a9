//! The thread on which a server runs. It has a runtime of its own, so that clients of any kind find it:
//! those in tasks of the test's runtime, and those that block in a test without one.

use std::{
    future::Future,
    io::{self, Write as _},
    net::TcpListener,
    path::Path,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use tokio::{runtime, sync::oneshot};

use crate::proxy::{CertificateAuthority, Handler, Server};

/// How long requests in flight have once the test has come to its end.
const GRACE: Duration = Duration::from_secs(2);

/// Listeners, and who answers there.
pub(super) struct Stage<H> {
    /// The first, and those beside it.
    pub(super) listeners: Vec<TcpListener>,
    pub(super) authority: CertificateAuthority,
    /// Whom a client must trust, PEM: the authority, and whomever else it meets.
    pub(super) trusted: String,
    pub(super) handler: Arc<H>,
}

/// A server that runs. Once it is dropped, nobody is served any more.
pub(super) struct Served {
    pub(super) endpoint: String,
    pub(super) proxy: String,
    pub(super) ca: String,
    ca_file: tempfile::NamedTempFile,
    /// Takes how long requests in flight have.
    stop: Option<oneshot::Sender<Duration>>,
    /// Resolves when the last connection is gone.
    ended: Option<oneshot::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// Serves, and does `beside` meanwhile.
    pub(super) fn start<H: Handler>(
        stage: Stage<H>,
        beside: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<Self> {
        let Stage { listeners, authority, trusted, handler } = stage;
        let local = listeners.first().ok_or(io::ErrorKind::AddrNotAvailable)?.local_addr()?;
        let ca = authority.pem().to_owned();
        let mut ca_file = tempfile::Builder::new().prefix("armtape-ca-").suffix(".pem").tempfile()?;
        ca_file.write_all(trusted.as_bytes())?;
        let (stop, stopped) = oneshot::channel();
        let (gone, ended) = oneshot::channel();
        let (ready, is_ready) = mpsc::channel();
        let work = move || {
            // Dropped last: by then nothing of the runtime is left.
            let _gone = gone;
            let served = runtime::Builder::new_current_thread().enable_all().build().map(|runtime| {
                runtime.block_on(async {
                    tokio::spawn(beside);
                    serve(listeners, Arc::new(authority), &handler, &ready, stopped).await;
                });
            });
            if let Err(error) = served {
                let _ = ready.send(Err(error));
            }
        };
        let thread = std::thread::Builder::new().name("armtape".to_owned()).spawn(work)?;
        is_ready.recv().map_err(io::Error::other)??;
        Ok(Self {
            endpoint: format!("https://{local}"),
            proxy: format!("http://{local}"),
            ca,
            ca_file,
            stop: Some(stop),
            ended: Some(ended),
            thread: Some(thread),
        })
    }

    pub(super) fn ca_file(&self) -> &Path {
        self.ca_file.path()
    }

    /// Lets what is in flight come to its end, and stops. The runtime goes on meanwhile: a task of it
    /// may be what is in flight.
    pub(super) async fn end(&mut self) {
        self.tell(GRACE);
        if let Some(ended) = self.ended.take() {
            // There is nothing to receive: the sender goes.
            let _ = ended.await;
        }
        self.join();
    }

    /// As [`Served::end`], for a thread that may wait.
    pub(super) fn end_blocking(&mut self) {
        self.tell(GRACE);
        self.join();
    }

    /// Stops at once: who is in flight is cut. What was answered is known then.
    pub(super) fn cut(&mut self) {
        self.tell(Duration::ZERO);
        self.join();
    }

    fn tell(&mut self, grace: Duration) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(grace);
        }
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A server that panicked has told so by itself.
            let _ = thread.join();
        }
    }
}

impl Drop for Served {
    /// The test has ended early, or panics.
    fn drop(&mut self) {
        self.cut();
    }
}

/// Serves until it is stopped; whoever drops the other end of `stopped` is in no mood to wait.
async fn serve<H: Handler>(
    listeners: Vec<TcpListener>,
    authority: Arc<CertificateAuthority>,
    handler: &Arc<H>,
    ready: &mpsc::Sender<io::Result<()>>,
    stopped: oneshot::Receiver<Duration>,
) {
    let start = |listener: TcpListener| {
        listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        Server::start(listener, Arc::clone(&authority), Arc::clone(handler))
    };
    let servers: Vec<Server<Arc<H>>> = match listeners.into_iter().map(start).collect() {
        Ok(servers) => servers,
        Err(error) => {
            let _ = ready.send(Err(error));
            return;
        }
    };
    let _ = ready.send(Ok(()));
    let grace = stopped.await.unwrap_or_default();
    for server in &servers {
        server.shutdown(grace).await;
    }
}
