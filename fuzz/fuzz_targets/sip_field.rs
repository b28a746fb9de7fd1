//! Looks for octets that break what `tests/fuzz/readers/sip_field.rs` holds.
#![no_main]

#[path = "../../tests/fuzz/readers/sip_field.rs"]
mod reader;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reader::check(bytes));
