//! G.711 as the far end speaks it: two 256-entry tables built once, and the encoders beside them.

use std::sync::LazyLock;

use serde::Deserialize;

/// Which law a call speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Law {
    /// A-law, static payload 8.
    Pcma,
    /// mu-law, static payload 0.
    Pcmu,
}

impl Law {
    /// The static RTP payload number.
    pub(super) const fn payload(self) -> u8 {
        match self {
            Self::Pcma => 8,
            Self::Pcmu => 0,
        }
    }

    /// The law of a static RTP payload number.
    pub(super) const fn from_payload(payload: u8) -> Option<Self> {
        match payload {
            8 => Some(Self::Pcma),
            0 => Some(Self::Pcmu),
            _ => None,
        }
    }

    /// The name on the wire.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
        }
    }

    /// One octet to a linear sample.
    pub(super) fn decode(self, octet: u8) -> i16 {
        let table: &[i16; 256] = match self {
            Self::Pcma => &A_LAW,
            Self::Pcmu => &MU_LAW,
        };
        table[usize::from(octet)]
    }

    /// One linear sample to an octet.
    pub(super) fn encode(self, sample: i16) -> u8 {
        match self {
            Self::Pcma => encode_a(sample),
            Self::Pcmu => encode_mu(sample),
        }
    }
}

static A_LAW: LazyLock<[i16; 256]> = LazyLock::new(|| table(decode_a));
static MU_LAW: LazyLock<[i16; 256]> = LazyLock::new(|| table(decode_mu));

fn table(decode: fn(u8) -> i16) -> [i16; 256] {
    let mut table = [0; 256];
    for (octet, entry) in (0..=u8::MAX).zip(table.iter_mut()) {
        *entry = decode(octet);
    }
    table
}

fn decode_a(octet: u8) -> i16 {
    let bits = octet ^ 0x55;
    let mantissa = (i16::from(bits & 0x0F) << 4) + 8;
    let magnitude = match (bits >> 4) & 7 {
        0 => mantissa,
        exponent => (mantissa + 0x100) << (exponent - 1),
    };
    if bits & 0x80 == 0 { -magnitude } else { magnitude }
}

fn encode_a(sample: i16) -> u8 {
    let negative = sample < 0;
    // One's complement keeps -1 in the smallest negative step and i16::MIN in range.
    let magnitude = if negative { !sample } else { sample };
    let exponent = (8 - (magnitude | 0xFF).leading_zeros().min(8)).min(7);
    let mantissa = if exponent == 0 {
        magnitude >> 4
    } else {
        magnitude >> (exponent + 3)
    };
    let sign = if negative { 0 } else { 0x80 };
    (sign | low_bits(exponent << 4) | low_bits(u32::from((mantissa & 0x0F).unsigned_abs()))) ^ 0x55
}

fn decode_mu(octet: u8) -> i16 {
    let bits = !octet;
    let magnitude = (((i16::from(bits & 0x0F) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
    if bits & 0x80 == 0 { magnitude } else { -magnitude }
}

fn encode_mu(sample: i16) -> u8 {
    let negative = sample < 0;
    let magnitude = i32::from(sample).abs().min(32_635) + 0x84;
    let exponent = 24 - magnitude.unsigned_abs().leading_zeros().min(24);
    let mantissa = (magnitude.unsigned_abs() >> (exponent + 3)) & 0x0F;
    let sign = if negative { 0x80 } else { 0 };
    !(sign | low_bits(exponent << 4) | low_bits(mantissa))
}

fn low_bits(value: u32) -> u8 {
    u8::try_from(value & 0xFF).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_octet_survives_decoding_and_encoding() {
        for law in [Law::Pcma, Law::Pcmu] {
            for octet in 0..=u8::MAX {
                let again = law.encode(law.decode(octet));
                // mu-law has two zeros.
                assert!(
                    again == octet || law.decode(again) == law.decode(octet),
                    "{law:?} {octet:#x} {again:#x}"
                );
            }
        }
    }

    #[test]
    fn the_tables_hold_the_values_of_the_recommendation() {
        assert_eq!(Law::Pcma.decode(0xD5), 8);
        assert_eq!(Law::Pcma.decode(0x55), -8);
        assert_eq!(Law::Pcma.decode(0xAA), 32_256);
        assert_eq!(Law::Pcmu.decode(0xFF), 0);
        assert_eq!(Law::Pcmu.decode(0x80), 32_124);
        assert_eq!(Law::Pcmu.decode(0x00), -32_124);
    }

    #[test]
    fn a_sample_comes_back_within_a_step_of_its_segment() {
        for law in [Law::Pcma, Law::Pcmu] {
            for sample in (i16::MIN..=i16::MAX).step_by(37) {
                let back = i32::from(law.decode(law.encode(sample)));
                let error = (back - i32::from(sample)).abs();
                assert!(error <= 16 + i32::from(sample).abs() / 16, "{law:?} {sample} {back}");
            }
        }
    }
}
