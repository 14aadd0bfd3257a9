//! Answers that no HTTP library will send: cut bodies, wrong lengths, odd header case, any 1xx.
//! They are written on the connection itself, byte for byte.

use std::{io, time::Duration};

use bytes::Bytes;
use tokio::{
    io::{AsyncWriteExt as _, copy, sink},
    time::{sleep, timeout},
};

use super::sniff::Stream;

/// One step of a raw answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// These bytes, as they are.
    Bytes(Bytes),
    /// Nothing for so long.
    Wait(Duration),
    /// An orderly end of the connection (FIN; over TLS with `close_notify`).
    Close,
    /// The connection is reset (RST), over TLS without a word.
    Reset,
}

impl Step {
    /// A head with its line ends: status line, then headers in their own order and case. It says
    /// what it is told, whether that is true or not.
    #[must_use]
    pub fn head(status_line: &str, headers: &[(&str, &str)]) -> Self {
        let mut head = format!("{status_line}\r\n");
        for (name, value) in headers {
            head.push_str(name);
            head.push_str(": ");
            head.push_str(value);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        Self::Bytes(head.into())
    }
}

/// How long a client may go on sending once it was answered: closing on it before would reset the
/// connection, and it might lose the answer.
pub(super) const DRAIN: Duration = Duration::from_secs(1);

/// Plays the steps. A connection is never used again after a raw answer: it ends as by
/// [`Step::Close`] where no step ends it.
pub(super) async fn play(mut io: Box<dyn Stream>, steps: Vec<Step>) -> io::Result<()> {
    for step in steps {
        match step {
            Step::Bytes(bytes) => {
                io.write_all(&bytes).await?;
                io.flush().await?;
            }
            Step::Wait(time) => sleep(time).await,
            Step::Close => break,
            Step::Reset => {
                io.reset_on_drop();
                return Ok(());
            }
        }
    }
    end(io).await;
    Ok(())
}

/// Ends a connection so that the client can read to the end what it was sent: a connection that is
/// dropped with something unread is reset, and one that nobody holds any more may be.
pub(super) async fn end(mut io: Box<dyn Stream>) {
    let _ = timeout(DRAIN, async {
        io.shutdown().await?;
        copy(&mut io, &mut sink()).await
    })
    .await;
}
