//! SIP text as `str` without loss: octets that are not UTF-8 travel as private-use characters and are printed unchanged.
//!
//! RFC 3261 says UTF-8, trunks send Latin-1 and GB18030 all the same. Every reader can work on `str`, and what we
//! echo (Via, From, To, Call-ID) leaves as it came.

use std::ops::RangeInclusive;

/// Octet 0x80 to 0xFF is carried as U+F780 to U+F7FF.
const CARRIERS: RangeInclusive<u32> = 0xF780..=0xF7FF;

/// The octets as text.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if CARRIERS.contains(&u32::from(c)) {
                let mut octets = [0; 4];
                text.extend(c.encode_utf8(&mut octets).bytes().map(carrier));
            } else {
                text.push(c);
            }
        }
        text.extend(chunk.invalid().iter().map(|&octet| carrier(octet)));
    }
    text
}

/// Appends the octets that `text` stands for.
pub(crate) fn encode(text: &str, into: &mut Vec<u8>) {
    for c in text.chars() {
        match octet(c) {
            Some(octet) => into.push(octet),
            None => into.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// The text for people: octets that are not UTF-8 are shown as Latin-1.
pub(crate) fn shown(text: &str) -> String {
    text.chars()
        .map(|c| octet(c).map_or(c, char::from))
        .filter(|c| !c.is_control())
        .collect()
}

fn carrier(octet: u8) -> char {
    char::from_u32(0xF700 + u32::from(octet)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn octet(c: char) -> Option<u8> {
    let code = u32::from(c);
    if CARRIERS.contains(&code) {
        u8::try_from(code - 0xF700).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_latin_1_name_is_read_and_leaves_as_it_came() {
        let text = decode(b"M\xFCller");
        let mut bytes = Vec::new();
        encode(&text, &mut bytes);
        assert_eq!(bytes, b"M\xFCller");
        assert_eq!(shown(&text), "Müller");
    }

    proptest! {
        #[test]
        fn no_octet_is_lost(bytes: Vec<u8>) {
            let mut back = Vec::new();
            encode(&decode(&bytes), &mut back);
            prop_assert_eq!(back, bytes);
        }
    }
}
