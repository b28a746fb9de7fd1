//! What comes in from other systems: one folder for each, all behind the same small door (bytes in, rows out).

pub mod import;
