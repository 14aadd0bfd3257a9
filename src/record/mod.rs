//! Handler: forward, redact, append.
//!
//! - [`Recorder`] is the handler; it forwards to an [`Origin`]: the real service ([`Real`]) or the
//!   one inside the binary ([`Embedded`]).
//! - `tee` watches bodies while they stream, and knows when and how they end.
//! - `taping` brings one exchange to the tape, however it ends.
//! - [`Tape`] takes the finished, redacted interactions.

mod mode;

mod handler;
mod origin;
mod tape;
mod taping;
mod tee;

pub use handler::{Recorder, RecorderConfig, Seen};
pub use mode::Mode;
pub use origin::{Embedded, Origin, Real};
pub use tape::{Before, Tape, now_in_seconds};
