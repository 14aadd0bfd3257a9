//! The wire, byte by byte: a client and a service that are sockets, and armtape in between.
//!
//! Each point of `docs/http.md` has its test here, recorded by every way in which a client can
//! reach armtape and, where a tape can hold it, replayed with the service gone.

#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, and takes helpers beside them for none")]

mod client;
mod stage;
mod upstream;

mod bodies;
mod codings;
mod ends;
mod forms;
mod framing;
mod heads;
mod http2;
