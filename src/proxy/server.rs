//! The listener: one owner of all connections.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    CertificateAuthority, Handler,
    connection::{Shared, serve},
    socket::ClientSocket,
};

/// How long to wait after the system had no descriptor or memory for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Most connections at once. Real clients hold a handful; a thousand silent ones (which are let go
/// after seconds) leave room for them.
const CONNECTIONS: usize = 4096;

/// How long connections have to go once they were cut: they only have to be dropped.
const CUT: Duration = Duration::from_secs(1);

/// Listens on a free port at an address of this machine, or, where the machine doesn't have it, at
/// the usual one.
///
/// # Errors
///
/// Where the machine refuses a port there, too.
pub fn listen_at(address: Ipv4Addr) -> io::Result<std::net::TcpListener> {
    let listener =
        std::net::TcpListener::bind((address, 0)).or_else(|_| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// A running server.
#[must_use = "a server that is dropped stops at once; call `shutdown`"]
pub struct Server<H> {
    shared: Arc<Shared<H>>,
}

impl<H: Handler> Server<H> {
    /// Serves on a listener that is bound already: whoever knows its address can connect at once.
    ///
    /// # Errors
    ///
    /// Where the listener has no address.
    pub fn start(
        listener: TcpListener,
        authority: impl Into<Arc<CertificateAuthority>>,
        handler: H,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            handler,
            authority: authority.into(),
            local: listener.local_addr()?,
            shutdown: CancellationToken::new(),
            cut: CancellationToken::new(),
            tasks: TaskTracker::new(),
            streams: TaskTracker::new(),
        });
        shared.tasks.spawn(accept(Arc::clone(&shared), listener));
        Ok(Self { shared })
    }

    /// Where it listens.
    #[must_use]
    pub fn local(&self) -> SocketAddr {
        self.shared.local
    }

    /// What stands behind it.
    #[must_use]
    pub fn handler(&self) -> &H {
        &self.shared.handler
    }

    #[cfg(test)]
    pub(super) fn shared(&self) -> &Shared<H> {
        &self.shared
    }

    /// No new connections; those in flight have `grace` to end, then they are cut. Says how many
    /// were. Tunnels count, too.
    pub async fn shutdown(&self, grace: Duration) -> usize {
        self.shared.shutdown.cancel();
        self.shared.tasks.close();
        if tokio::time::timeout(grace, self.shared.tasks.wait()).await.is_ok() {
            return 0;
        }
        let left = self.shared.tasks.len();
        self.shared.cut.cancel();
        // Cut connections still tell their handler how far they came.
        let _ = tokio::time::timeout(CUT, async {
            self.shared.tasks.wait().await;
            self.shared.streams.close();
            self.shared.streams.wait().await;
        })
        .await;
        left
    }
}

impl<H> Drop for Server<H> {
    fn drop(&mut self) {
        self.shared.shutdown.cancel();
        self.shared.cut.cancel();
    }
}

async fn accept<H: Handler>(shared: Arc<Shared<H>>, listener: TcpListener) {
    let numbers = AtomicU64::new(1);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shared.shutdown.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                // Tunnels count with the connection that they came by.
                if shared.tasks.len() > CONNECTIONS {
                    full(&stream);
                    continue;
                }
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                shared.tasks.spawn(serve(Arc::clone(&shared), ClientSocket::new(stream), number));
            }
            // Out of descriptors, or the client was gone already: others must go on.
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// One connection too many: it is told so, if it takes it at once.
fn full(stream: &tokio::net::TcpStream) {
    let _ = stream.try_write(
        b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\nconnection: close\r\n\r\n",
    );
}
