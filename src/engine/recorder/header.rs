//! What the recorder's files begin with: a RIFF header, `fmt ` and the head of `data`, for two channels of 16 bits.

use crate::media::samples;

/// Octets of it.
pub(super) const HEADER: u64 = 44;
/// Octets of a sample of both channels.
pub(super) const FRAME: u64 = 4;

/// The header of so many frames; nothing if a WAV cannot say so many.
pub(super) fn header_of(frames: u64) -> Option<Vec<u8>> {
    let data = u32::try_from(frames * FRAME).ok()?;
    let riff = data.checked_add(36)?;
    let mut header = Vec::new();
    header.extend_from_slice(b"RIFF");
    header.extend_from_slice(&riff.to_le_bytes());
    header.extend_from_slice(b"WAVEfmt ");
    header.extend_from_slice(&16_u32.to_le_bytes());
    // PCM, two channels.
    header.extend_from_slice(&1_u16.to_le_bytes());
    header.extend_from_slice(&2_u16.to_le_bytes());
    header.extend_from_slice(&samples::RATE.to_le_bytes());
    header.extend_from_slice(&(samples::RATE * 4).to_le_bytes());
    header.extend_from_slice(&4_u16.to_le_bytes());
    header.extend_from_slice(&16_u16.to_le_bytes());
    header.extend_from_slice(b"data");
    header.extend_from_slice(&data.to_le_bytes());
    Some(header)
}
