//! Handler: forward, redact, append.
