//! G.711: 16-bit linear samples to and from A-law and mu-law bytes (ITU-T G.711, tables 1 and 2).

use super::Codec;

static PCMA: [i16; 256] = build(Codec::Pcma);
static PCMU: [i16; 256] = build(Codec::Pcmu);

/// The byte that stands for silence.
pub const fn silence(codec: Codec) -> u8 {
    match codec {
        Codec::Pcma => 0xD5,
        Codec::Pcmu => 0xFF,
    }
}

/// The linear value of one byte.
pub fn decoded(codec: Codec, byte: u8) -> i16 {
    decoder(codec)(byte)
}

/// What gives the linear value of each byte.
pub fn decoder(codec: Codec) -> impl Fn(u8) -> i16 {
    let table = match codec {
        Codec::Pcma => &PCMA,
        Codec::Pcmu => &PCMU,
    };
    move |byte| table[usize::from(byte)]
}

/// The byte of one linear value.
pub const fn encoded(codec: Codec, sample: i16) -> u8 {
    match codec {
        Codec::Pcma => compress_a(sample),
        Codec::Pcmu => compress_mu(sample),
    }
}

/// Appends the linear values of `bytes` to `samples`.
pub fn decode(codec: Codec, bytes: &[u8], samples: &mut Vec<i16>) {
    samples.extend(bytes.iter().copied().map(decoder(codec)));
}

/// Appends the bytes of `samples` to `bytes`.
pub fn encode(codec: Codec, samples: &[i16], bytes: &mut Vec<u8>) {
    bytes.extend(samples.iter().map(|&sample| encoded(codec, sample)));
}

const fn build(codec: Codec) -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match codec {
            Codec::Pcma => expand_a(byte as u8),
            Codec::Pcmu => expand_mu(byte as u8),
        };
        byte += 1;
    }
    table
}

/// Table 1: the even bits are inverted on the wire; 13-bit values, given left-aligned in 16 bits.
const fn expand_a(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let segment = (code >> 4) & 7;
    let step = ((code & 15) as i16) << 4;
    let magnitude = match segment {
        0 => step + 8,
        _ => (step + 0x108) << (segment - 1),
    };
    if code & 0x80 == 0 { -magnitude } else { magnitude }
}

const fn compress_a(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { 0x80 };
    // One's complement: the negative half has its own zero, so -1 and 0 lie in mirrored first steps.
    let magnitude = (if sample < 0 { !sample } else { sample } as u16) >> 4;
    let code = if magnitude < 32 {
        magnitude as u8
    } else {
        let segment = magnitude.ilog2() - 3;
        ((segment as u8) << 4) | ((magnitude >> (segment - 1)) & 15) as u8
    };
    (code | sign) ^ 0x55
}

/// Table 2: all bits are inverted on the wire; 14-bit values with a bias of 33, given left-aligned in 16 bits.
const fn expand_mu(byte: u8) -> i16 {
    let code = !byte;
    let segment = (code >> 4) & 7;
    let magnitude = (((((code & 15) as i32) << 3) + 0x84) << segment) - 0x84;
    (if code & 0x80 == 0 { magnitude } else { -magnitude }) as i16
}

const fn compress_mu(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { 0x80 };
    let magnitude = (if sample < 0 { !sample } else { sample } as u16) >> 2;
    let biased = if magnitude + 33 > 0x1FFF {
        0x1FFF
    } else {
        magnitude + 33
    };
    let segment = biased.ilog2() - 5;
    let code = ((segment as u8) << 4) | ((biased >> (segment + 1)) & 15) as u8;
    (!code & 0x7F) | sign
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoded_values_are_those_of_the_recommendation() {
        // Decoder output values y of G.711 tables 1a/1b (times 8) and 2a/2b (times 4).
        let a = [
            (0xAA, 4032 * 8),
            (0x2A, -4032 * 8),
            (0xD5, 8),
            (0x55, -8),
            (0xD4, 3 * 8),
            (0xC5, 33 * 8),
        ];
        for (byte, value) in a {
            assert_eq!(i32::from(decoded(Codec::Pcma, byte)), value, "A-law {byte:#04x}");
        }
        let mu = [
            (0x80, 8031 * 4),
            (0x00, -8031 * 4),
            (0xFF, 0),
            (0x7F, 0),
            (0xFE, 2 * 4),
            (0x7E, -2 * 4),
            (0xEF, 33 * 4),
        ];
        for (byte, value) in mu {
            assert_eq!(i32::from(decoded(Codec::Pcmu, byte)), value, "mu-law {byte:#04x}");
        }
    }

    #[test]
    fn the_digital_milliwatt_is_a_kilohertz_tone_at_its_level() {
        // G.711 tables 5 and 6: these eight bytes, repeated, are 1 kHz at 0 dBm0 (3.14 and 3.17 dB under full scale).
        let a = [0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4];
        let mu = [0x1E, 0x0B, 0x0B, 0x1E, 0x9E, 0x8B, 0x8B, 0x9E];
        for (codec, period, centibels) in [(Codec::Pcma, a, 314), (Codec::Pcmu, mu, 317)] {
            let mut samples = Vec::new();
            decode(codec, &period, &mut samples);
            let power = samples.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / 8.0;
            let full_scale = match codec {
                Codec::Pcma => 4096.0 * 8.0,
                Codec::Pcmu => 8159.0 * 4.0,
            };
            let level = 10.0 * (power / (full_scale * full_scale / 2.0)).log10();
            assert!(
                (level + f64::from(centibels) / 100.0).abs() < 0.05,
                "{codec:?}: {level} dB"
            );
            assert!(samples[..4].iter().zip(&samples[4..]).all(|(a, b)| *a == -*b));
        }
    }

    #[test]
    fn every_byte_survives_decoding_and_encoding() {
        for byte in 0..=255 {
            assert_eq!(encoded(Codec::Pcma, decoded(Codec::Pcma, byte)), byte);
            // mu-law has two zeros; the negative one becomes the positive one.
            let expected = if byte == 0x7F { 0xFF } else { byte };
            assert_eq!(encoded(Codec::Pcmu, decoded(Codec::Pcmu, byte)), expected);
        }
    }

    #[test]
    fn an_encoded_sample_is_the_nearest_within_its_step() {
        for codec in [Codec::Pcma, Codec::Pcmu] {
            for sample in i16::MIN..=i16::MAX {
                let back = i32::from(decoded(codec, encoded(codec, sample)));
                let error = (back - i32::from(sample)).abs();
                // Half a step: at most 1/32 of the biased value; both curves clip within that at the top.
                let allowed = ((i32::from(sample).abs() + 132) / 31).max(16);
                assert!(error <= allowed, "{codec:?} {sample} -> {back}");
            }
        }
    }

    #[test]
    fn silence_decodes_to_nothing_audible() {
        assert_eq!(decoded(Codec::Pcma, silence(Codec::Pcma)), 8);
        assert_eq!(decoded(Codec::Pcmu, silence(Codec::Pcmu)), 0);
    }
}
