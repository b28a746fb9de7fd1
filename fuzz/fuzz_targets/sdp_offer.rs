//! Looks for octets that break what `tests/fuzz/readers/sdp_offer.rs` holds.
#![no_main]

#[path = "../../tests/fuzz/readers/sdp_offer.rs"]
mod reader;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reader::check(bytes));
