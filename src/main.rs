//! The `armtape` command; everything is in [`armtape::cli`].

fn main() {}
