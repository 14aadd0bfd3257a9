//! What the tests share. Each file is one idea.

#![allow(dead_code, reason = "every test binary uses its own part")]

pub(crate) mod clients;
pub(crate) mod observed;
pub(crate) mod process;
pub(crate) mod scripted;
pub(crate) mod shared;
pub(crate) mod trial;
