//! Handler: forward, redact, append; and a recording from its beginning to its cassette.
//!
//! - [`Recorder`] is the handler; it forwards to an [`Origin`]: the real service ([`Real`], at a
//!   [`ServiceUrl`]) or the one inside the binary ([`Embedded`]).
//! - `tee` watches bodies while they stream, and knows when and how they end.
//! - `taping` brings one exchange to the tape, however it ends.
//! - [`Tape`] takes the finished, redacted interactions.
//! - A [`Mode`] says whether there is a recording at all. A [`Recording`] has a journal and a recorder,
//!   and ends in a [`Take`], which is stored or not; `words` tell of it.
//! - [`rescue`] brings to safety what a recorder left that crashed.

mod mode;
mod service;

mod handler;
mod origin;
mod tape;
mod taping;
mod tee;

mod error;
mod recording;
mod rescue;
mod words;

pub use error::RecordError;
pub use handler::{Recorder, RecorderConfig, Seen};
pub use mode::{Course, Mode};
pub use origin::{Embedded, Origin, Real};
pub use recording::{NotStored, Recording, Take, writable};
pub use rescue::{Rescued, rescue};
pub use service::ServiceUrl;
pub use tape::{Before, Tape, now_in_seconds};
pub use words::Doubt;
