//! Services that nobody wrote: generated out of a grammar, with the truth of a reference model, and made
//! smaller when a client fails at one. `docs/generated.md` describes grammar and model.
//!
//! - [`Recipe`] is a service as plain data, one choice in each dimension; [`Recipe::scenario`] makes a
//!   script of it, in the notation of [`super::scenario`], and [`Recipe::dress`] gives it a body.
//! - [`truth`] is what the contract says that a client may make of a script.
//! - [`Draws`] is a row of recipes: a covering array, then by chance.
//! - [`Pattern`] is what recipes have in common.
//! - [`shrink`] finds the smallest recipe that still fails.
//! - [`Covered`] counts what traces have shown.

mod body;
mod cover;
mod dimension;
mod draws;
mod model;
mod pattern;
mod random;
mod recipe;
mod script;
mod settle;
mod shrink;

#[cfg(test)]
mod tests;

#[cfg(feature = "profile")]
pub(super) use body::refusal;
pub use cover::Covered;
pub use draws::{Draws, Grammar};
pub use model::truth;
pub use pattern::Pattern;
pub use recipe::{
    At, Body, Choice, DIMENSIONS, Dimension, Document, End, Envelope, First, Form, Headers, Last, Moves, Place, Polls,
    Recipe, Redirect, Stated, Task, Times, Trouble, Wait, Word,
};
pub use shrink::{Shrinking, Shrunk, shrink};
