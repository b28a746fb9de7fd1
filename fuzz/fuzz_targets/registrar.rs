//! Looks for octets that break what `tests/fuzz/readers/registrar.rs` holds.
#![no_main]

#[path = "../../tests/fuzz/readers/registrar.rs"]
mod reader;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reader::check(bytes));
