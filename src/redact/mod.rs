//! What may reach the disk. Pure.
