//! The reference client: small, correct by every rule, its clock and transport are arguments.
