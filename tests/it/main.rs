//! The command line as a stranger meets it: what is said, on which stream, and with which exit code.

#![cfg(unix)]
// The clients of these tests are shell scripts around the reference client and curl.
#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, and takes helpers beside them for none")]

mod foreign;
mod harness;
#[path = "../support/mod.rs"]
mod support;

mod again;
mod authority;
mod bodies;
mod by_hand;
mod bytes;
mod campaign;
mod check;
mod children;
mod config;
mod demo;
mod diff;
mod explain;
mod faults;
mod generated;
mod init;
mod input;
mod interrupted;
mod judged;
mod kept;
mod lint;
mod miss;
mod modes;
mod oversized;
mod pending;
mod planting;
mod profile;
mod real_host;
mod record;
mod replay;
mod replay_wire;
mod review;
mod rooms;
mod searched;
mod secrets;
mod show;
mod simulate;
mod spared;
mod status;
mod suite;
mod tapes;
mod upstream;
mod words;
mod worker;
