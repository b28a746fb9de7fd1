//! The packets that a SIPp patient plays: a voice in A-law with RFC 4733 digits on payload 101.

use std::fs;
use std::path::Path;

const FRAME: usize = 160;
const EVENTS: &str = "0123456789*#ABCD";

/// A key that is pressed so long after the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Press {
    pub(crate) key: char,
    pub(crate) at_ms: usize,
    pub(crate) held_ms: usize,
}

impl Press {
    /// Held for 160 ms.
    pub(crate) const fn new(key: char, at_ms: usize) -> Self {
        Self {
            key,
            at_ms,
            held_ms: 160,
        }
    }
}

/// What happens to the packets of keys on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keys {
    Whole,
    /// Two of the three end packets are lost.
    OneEnd,
    /// All end packets are lost.
    NoEnd,
    /// Only the end packets come.
    OnlyEnds,
    /// Every packet comes twice.
    Doubled,
}

/// Writes the voice with its digits. While a key is held no voice is sent; its last packet is sent three times.
pub(crate) fn write(path: &Path, voice: &[i16], presses: &[Press]) {
    write_damaged(path, voice, presses, Keys::Whole);
}

/// The same with keys that come damaged.
pub(crate) fn write_damaged(path: &Path, voice: &[i16], presses: &[Press], keys: Keys) {
    let mut file: Vec<u8> = Vec::new();
    for field in [0xA1B2_C3D4_u32, 0x0004_0002, 0, 0, 65_535, 1] {
        file.extend(field.to_le_bytes());
    }
    let mut sequence = 1000_u16;
    let mut resumes = true;
    for (index, frame) in voice.chunks_exact(FRAME).enumerate() {
        let micros = index * 20_000;
        let held = presses.iter().find_map(|press| {
            let first = press.at_ms / 20;
            let count = (press.held_ms / 20).max(2);
            (first..first + count)
                .contains(&index)
                .then(|| (press, first, index - first, count))
        });
        let Some((press, first, step, count)) = held else {
            let payload: Vec<u8> = frame.iter().map(|&sample| alaw(sample)).collect();
            packet(
                &mut file,
                micros,
                sequence,
                index,
                if resumes { 0x88 } else { 0x08 },
                &payload,
            );
            (sequence, resumes) = (sequence.wrapping_add(1), false);
            continue;
        };
        let is_last = step + 1 == count;
        let event = EVENTS.find(press.key).expect("a key");
        let duration = (step + 1) * FRAME;
        let body = [
            low(event),
            if is_last { 0x8A } else { 0x0A },
            low(duration >> 8),
            low(duration),
        ];
        for copy in 0..if is_last { 3 } else { 1 } {
            let times = match keys {
                Keys::Whole => 1,
                Keys::OneEnd => usize::from(copy == 0),
                Keys::NoEnd => usize::from(!is_last),
                Keys::OnlyEnds => usize::from(is_last),
                Keys::Doubled => 2,
            };
            for again in 0..times {
                packet(
                    &mut file,
                    micros + copy * 200 + again * 100,
                    sequence,
                    first,
                    if step == 0 { 0xE5 } else { 0x65 },
                    &body,
                );
            }
            sequence = sequence.wrapping_add(1);
        }
        resumes = true;
    }
    fs::write(path, file).unwrap();
}

/// The lowest byte.
fn low(value: usize) -> u8 {
    value.to_le_bytes()[0]
}

fn packet(file: &mut Vec<u8>, micros: usize, sequence: u16, frame: usize, second_byte: u8, payload: &[u8]) {
    let mut rtp = vec![0x80, second_byte];
    rtp.extend(sequence.to_be_bytes());
    rtp.extend(u32::try_from(80_000 + frame * FRAME).unwrap().to_be_bytes());
    rtp.extend(0x5A17_F00D_u32.to_be_bytes());
    rtp.extend(payload);
    let udp = u16::try_from(8 + rtp.len()).unwrap();
    let mut whole = vec![0; 12];
    whole.extend([0x08, 0x00, 0x45, 0x00]);
    whole.extend((20 + udp).to_be_bytes());
    whole.extend([0, 0, 0x40, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
    whole.extend(40_000_u16.to_be_bytes());
    whole.extend(40_002_u16.to_be_bytes());
    whole.extend(udp.to_be_bytes());
    whole.extend([0, 0]);
    whole.extend(rtp);
    for field in [micros / 1_000_000, micros % 1_000_000, whole.len(), whole.len()] {
        file.extend(u32::try_from(field).unwrap().to_le_bytes());
    }
    file.extend(whole);
}

/// G.711 A-law, from its definition.
fn alaw(sample: i16) -> u8 {
    let (mask, magnitude) = if sample >= 0 {
        (0xD5, i32::from(sample))
    } else {
        (0x55, -i32::from(sample) - 1)
    };
    let magnitude = magnitude >> 3;
    let code = if magnitude < 32 {
        magnitude >> 1
    } else {
        let segment = 27 - i32::try_from(magnitude.leading_zeros()).unwrap_or_default();
        segment << 4 | magnitude >> segment & 0x0F
    };
    u8::try_from(code).unwrap_or(0x7F) ^ mask
}
