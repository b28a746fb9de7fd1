//! How an entry stands in the file: length, CRC-32C, generation, number, JSON; and the headers in front.
//!
//! All integers are little-endian. The CRC covers everything after itself. An entry counts only if its generation is
//! the header's and its number the next one, so what an earlier generation left behind is never taken for an entry.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crc::{CRC_32_ISCSI, Crc};

use super::{HEADER_ROOM, HEADERS, START};

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);
/// Length, CRC, generation, number.
const HEAD: usize = 4 + 4 + 8 + 8;
const MAGIC: &[u8; 12] = b"aftercall j1";
const HEADER: usize = MAGIC.len() + 8 + 4;

/// A place in the journal: the offset, and the number of the entry there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct Place {
    pub(super) at: u64,
    pub(super) seq: u64,
}

impl Place {
    pub(super) const FIRST: Self = Self { at: START, seq: 1 };

    /// The place after an entry of so many octets here.
    pub(super) fn after(self, payload: usize) -> Self {
        Self {
            at: self.at.saturating_add((HEAD + payload) as u64),
            seq: self.seq + 1,
        }
    }
}

/// What stands at a place.
pub(super) enum Read {
    /// An entry, and the place after it.
    Entry { payload: Vec<u8>, after: Place },
    /// Nothing of this generation.
    End,
    /// The beginning of an entry that did not reach the disk whole.
    Torn,
}

/// Appends an entry to a buffer.
pub(super) fn write(buffer: &mut Vec<u8>, generation: u64, seq: u64, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let crc = crc_of(generation, seq, payload);
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(&crc.to_le_bytes());
    buffer.extend_from_slice(&generation.to_le_bytes());
    buffer.extend_from_slice(&seq.to_le_bytes());
    buffer.extend_from_slice(payload);
}

fn crc_of(generation: u64, seq: u64, payload: &[u8]) -> u32 {
    let mut digest = CRC.digest();
    digest.update(&generation.to_le_bytes());
    digest.update(&seq.to_le_bytes());
    digest.update(payload);
    digest.finalize()
}

/// Reads what stands at a place of a file of `size` octets.
pub(super) fn read(file: &File, size: u64, generation: u64, place: Place) -> io::Result<Read> {
    if place.at.saturating_add(HEAD as u64) > size {
        return Ok(Read::End);
    }
    let mut head = [0; HEAD];
    file.read_exact_at(&mut head, place.at)?;
    let (length, crc) = (u32_at(&head, 0), u32_at(&head, 4));
    let (its_generation, its_seq) = (u64_at(&head, 8), u64_at(&head, 16));
    if its_generation != generation || its_seq != place.seq {
        return Ok(Read::End);
    }
    let after = place.after(length as usize);
    if after.at > size {
        return Ok(Read::Torn);
    }
    let mut payload = vec![0; length as usize];
    file.read_exact_at(&mut payload, place.at + HEAD as u64)?;
    if crc_of(its_generation, its_seq, &payload) != crc {
        return Ok(Read::Torn);
    }
    Ok(Read::Entry { payload, after })
}

/// What stands in front: which generation of entries counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Header {
    pub(super) generation: u64,
}

impl Header {
    /// The newer of the two that are whole; none in a file that is new or was never filled to its end.
    pub(super) fn newest(file: &File) -> io::Result<Option<Self>> {
        let mut newest: Option<Self> = None;
        for slot in 0..HEADERS {
            let mut bytes = [0; HEADER];
            match file.read_exact_at(&mut bytes, slot * HEADER_ROOM) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => continue,
                Err(error) => return Err(error),
            }
            let (body, crc) = bytes.split_at(HEADER - 4);
            if body.starts_with(MAGIC) && u32_at(crc, 0) == CRC.checksum(body) {
                let generation = u64_at(body, MAGIC.len());
                newest = newest.max(Some(Self { generation }));
            }
        }
        Ok(newest)
    }

    /// Writes it into its slot and waits for the disk; the other slot stays as it is.
    pub(super) fn write(self, file: &File) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(HEADER);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.generation.to_le_bytes());
        bytes.extend_from_slice(&CRC.checksum(&bytes).to_le_bytes());
        file.write_all_at(&bytes, self.generation % HEADERS * HEADER_ROOM)?;
        file.sync_data()
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut four = [0; 4];
    if let Some(slice) = bytes.get(at..at + 4) {
        four.copy_from_slice(slice);
    }
    u32::from_le_bytes(four)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut eight = [0; 8];
    if let Some(slice) = bytes.get(at..at + 8) {
        eight.copy_from_slice(slice);
    }
    u64::from_le_bytes(eight)
}
