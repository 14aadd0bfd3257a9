//! One port for every kind of client: reverse and forward, plain and TLS, HTTP/1.1 and HTTP/2.
//! And the way out, for those who have one. Knows no cassette.
//!
//! - [`Server`] listens; each connection is sniffed, unwrapped and served.
//! - A [`Handler`] decides which hosts are served and what a [`Request`] is answered.
//! - [`CertificateAuthority`] makes the certificates with which hosts are served.
//! - [`Upstream`] is the way out. Only a handler that holds one can leave the machine.

mod body;
mod handler;
mod request;

mod server;

mod connection;
mod guard;
mod heads;
mod patience;
mod raw;
mod sniff;
mod socket;
mod unwanted;

mod roots;
mod tls;

mod hosts;
mod upstream;

mod coding;
mod endpoint;
mod hop;

#[cfg(test)]
mod tests;

pub use body::{Body, BodyError, Unread, collect, cut, drop_rest, empty, full, unread};
pub use coding::{CodingError, decode, decode_beginning, encode};
pub use endpoint::{Swap, is_json};
pub use handler::{Answer, Handler, NoWayOut, Route, WayOut, problem};
pub use hop::{next_hop_request, next_hop_response};
pub use hosts::{ARM_HOSTS, DirectHost, HostGlob, HostPolicy, Hosts, Ruling, Unknown, is_loopback};
pub use raw::Step;
pub use request::{Authority, Request};
pub use roots::{RootError, bundle, roots_and, system_roots};
pub use server::{Server, listen_at};
pub use tls::{CertificateAuthority, Identity, TlsError, provider};
pub use upstream::{ConnectTo, DialledWay, Upstream, UpstreamConfig, UpstreamError};
