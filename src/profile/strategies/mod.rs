//! Strategies for bodies, names and api-versions. All of them shrink towards the smallest profile.

mod damage;
mod head;
mod invalid;
mod text;
mod unusual;
mod valid;

use proptest::{
    strategy::{Strategy, ValueTree as _},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::Value;

pub use head::{api_versions, invalid_api_versions, invalid_names, names};
pub use invalid::{invalid, invalid_of, invalid_pair, not_json};
pub use unusual::{unusual, unusual_of};
pub use valid::{valid, valid_with_null};

use super::Rule;

/// A body, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The rules that it breaks, by construction.
    pub defects: Vec<&'static Rule>,
    /// The body.
    pub payload: Payload,
}

/// A body.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// JSON that a parsed value can hold.
    Json(Value),
    /// Anything else: no JSON, or JSON that says something twice.
    Bytes(Vec<u8>),
}

impl Payload {
    /// What is sent.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Json(value) => value.to_string().into_bytes(),
            Self::Bytes(bytes) => bytes.clone(),
        }
    }
}

/// The value number `index` of a strategy under `seed`. Each stands on its own, so that a part of a
/// row is the same as in the whole.
///
/// # Errors
///
/// The strategy gives up; none of this module does.
pub fn draw<S: Strategy>(strategy: &S, seed: u64, index: u64) -> Result<S::Value, String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&index.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    strategy.new_tree(&mut runner).map(|tree| tree.current()).map_err(|reason| reason.to_string())
}
