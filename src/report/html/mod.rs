//! The report as one HTML file: it loads nothing, opens from the disk, and works without its script.
//!
//! - [`Page`] is what there is to show, whatever command it came from: `linted`, `replayed`, `checked`
//!   and `differences` make one each.
//! - `place` gives every part its name for links and writes it; `strip` draws a course of exchanges to
//!   time, `steps` lists it, `compared` puts two texts side by side.
//! - `markup` is the only thing that is written to: recorded text cannot become markup.
//! - `room` says how much goes onto a page.

mod markup;
mod model;
mod room;

mod row;
mod tape;

mod checked;
mod differences;
mod linted;
mod replayed;

mod anchors;
mod compared;
mod filters;
mod index;
mod page;
mod place;
mod rules;
mod short;
mod steps;
mod strip;
mod time;

#[cfg(test)]
mod tests;

pub(crate) use checked::checked;
pub(crate) use differences::Differences;
pub(crate) use linted::Linted;
pub(crate) use model::Page;
pub(crate) use replayed::{Replay, replayed};
