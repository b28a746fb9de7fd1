//! From bytes to text: UTF-8, GB18030 (with GBK and GB2312 inside it), UTF-16.

use std::fmt;

use encoding_rs::{GB18030, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};

/// How a text file is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// With or without a byte order mark.
    Utf8,
    /// GB18030, GBK or GB2312.
    Gb18030,
    /// Excel's "Unicode text".
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
        })
    }
}

/// What decoding gave.
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) encoding: Encoding,
    /// NUL bytes that were left out.
    pub(super) nuls: usize,
}

/// Decodes a text file. A byte order mark decides; without one, valid UTF-8 is UTF-8, and the rest is GB18030 unless
/// UTF-8 would leave fewer characters unreadable. Unreadable bytes become U+FFFD.
pub(super) fn decode(bytes: &[u8]) -> Decoded {
    let (mut text, encoding) = match guess(bytes) {
        Some(encoding) => (with(encoding, bytes), encoding),
        None => {
            let gb = with(Encoding::Gb18030, bytes);
            let utf8 = with(Encoding::Utf8, bytes);
            if unreadable(&utf8) < unreadable(&gb) {
                (utf8, Encoding::Utf8)
            } else {
                (gb, Encoding::Gb18030)
            }
        }
    };
    let nuls = text.bytes().filter(|&b| b == 0).count();
    if nuls > 0 {
        text.retain(|c| c != '\0');
    }
    Decoded { text, encoding, nuls }
}

/// The encoding if the bytes say it beyond doubt.
fn guess(bytes: &[u8]) -> Option<Encoding> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => return Some(Encoding::Utf8),
        [0xff, 0xfe, ..] => return Some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => return Some(Encoding::Utf16Be),
        _ => {}
    }
    // Without a mark, UTF-16 shows by the zero halves of its digits, delimiters and line breaks.
    let start = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let many = start.len() / 10;
    if odd > many && even == 0 {
        return Some(Encoding::Utf16Le);
    }
    if even > many && odd == 0 {
        return Some(Encoding::Utf16Be);
    }
    std::str::from_utf8(bytes).is_ok().then_some(Encoding::Utf8)
}

fn with(encoding: Encoding, bytes: &[u8]) -> String {
    let table = match encoding {
        Encoding::Utf8 => UTF_8,
        Encoding::Gb18030 => GB18030,
        Encoding::Utf16Le => UTF_16LE,
        Encoding::Utf16Be => UTF_16BE,
    };
    table.decode_with_bom_removal(bytes).0.into_owned()
}

fn unreadable(text: &str) -> usize {
    text.chars().filter(|&c| c == char::REPLACEMENT_CHARACTER).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "姓名,电话\n张建国,13812345678\n";

    fn utf16(to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        TEXT.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn every_encoding_of_a_his_export_is_recognised_with_and_without_a_mark() {
        let gb = GB18030.encode(TEXT).0.into_owned();
        let cases: [(Vec<u8>, Encoding); 7] = [
            (TEXT.into(), Encoding::Utf8),
            ([b"\xef\xbb\xbf", TEXT.as_bytes()].concat(), Encoding::Utf8),
            (gb, Encoding::Gb18030),
            (utf16(u16::to_le_bytes), Encoding::Utf16Le),
            (utf16(u16::to_be_bytes), Encoding::Utf16Be),
            (
                [b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(),
                Encoding::Utf16Le,
            ),
            (
                [b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(),
                Encoding::Utf16Be,
            ),
        ];
        for (bytes, encoding) in cases {
            let decoded = decode(&bytes);
            assert_eq!(
                (decoded.text.as_str(), decoded.encoding, decoded.nuls),
                (TEXT, encoding, 0)
            );
        }
    }

    #[test]
    fn a_character_of_gb18030_that_gbk_lacks_is_read() {
        let rare = "姓名\n㐂𠮷\n";
        assert_eq!(decode(&GB18030.encode(rare).0).text, rare);
    }

    #[test]
    fn a_stray_byte_in_utf8_does_not_turn_the_file_into_gb18030() {
        let mut bytes = TEXT.repeat(20).into_bytes();
        bytes.truncate(bytes.len() - 20);
        bytes.extend(b"\xe5\xbc\n");
        assert_eq!(decode(&bytes).encoding, Encoding::Utf8);
    }

    #[test]
    fn nul_bytes_are_left_out_and_counted() {
        let decoded = decode("姓名\0,电话\n\0张三,1\n".as_bytes());
        assert_eq!((decoded.text.as_str(), decoded.nuls), ("姓名,电话\n张三,1\n", 2));
    }
}
