//! What ARM means: targets, states, waiting, operations. Pure.
