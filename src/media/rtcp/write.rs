//! Our compounds: a report, our name and, at the end, a goodbye (RFC 3550 section 6.1).

use super::{BYE, Block, CNAME, CNAME_LENGTH, COMPOUND_MAX, DESCRIPTION, RECEIVER_REPORT, SENDER_REPORT, Sent};

/// The most that 24 bits with a sign hold.
const LOST_MAX: u32 = 0x7F_FFFF;

/// SSRC and the name with its type and length; a zero at least follows, up to a whole word.
const ITEM: usize = 4 + 2 + CNAME_LENGTH;
const CHUNK: usize = (ITEM + 4) / 4 * 4;

/// What a compound says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compound {
    /// Who we are.
    pub ssrc: u32,
    /// What we sent, if we sent lately.
    pub sent: Option<Sent>,
    /// What we received, if we received anything.
    pub block: Option<Block>,
    /// Our lasting name.
    pub cname: [u8; CNAME_LENGTH],
    /// Whether more follows.
    pub last: Last,
}

/// Whether a compound is the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Last {
    /// More may follow.
    No,
    /// A BYE ends it.
    Yes,
}

impl Compound {
    /// Writes it into a datagram.
    pub fn write<'a>(&self, datagram: &'a mut [u8; COMPOUND_MAX]) -> &'a [u8] {
        let mut writer = Writer { datagram, length: 0 };
        let blocks = u8::from(self.block.is_some());
        match self.sent {
            Some(sent) => {
                writer.header(blocks, SENDER_REPORT, 6 + 6 * u16::from(blocks));
                writer.word(self.ssrc);
                writer.word((sent.ntp >> 32) as u32);
                writer.word(sent.ntp as u32);
                writer.word(sent.timestamp);
                writer.word(sent.packets);
                writer.word(sent.octets);
            }
            None => {
                writer.header(blocks, RECEIVER_REPORT, 1 + 6 * u16::from(blocks));
                writer.word(self.ssrc);
            }
        }
        if let Some(block) = &self.block {
            let reception = &block.reception;
            writer.word(reception.ssrc);
            writer.word(u32::from(reception.fraction) << 24 | reception.lost.min(LOST_MAX));
            writer.word(reception.highest);
            writer.word(reception.jitter);
            writer.word(block.last_report);
            writer.word(block.delay);
        }
        writer.header(1, DESCRIPTION, CHUNK as u16 / 4);
        writer.word(self.ssrc);
        writer.put(&[CNAME, CNAME_LENGTH as u8]);
        writer.put(&self.cname);
        writer.put(&[0; CHUNK - ITEM]);
        if self.last == Last::Yes {
            writer.header(1, BYE, 1);
            writer.word(self.ssrc);
        }
        writer.written()
    }
}

struct Writer<'a> {
    datagram: &'a mut [u8; COMPOUND_MAX],
    length: usize,
}

impl<'a> Writer<'a> {
    /// Version 2, no padding; the length is in words without the header's own.
    fn header(&mut self, count: u8, kind: u8, words: u16) {
        let [high, low] = words.to_be_bytes();
        self.put(&[0x80 | count, kind, high, low]);
    }

    fn word(&mut self, word: u32) {
        self.put(&word.to_be_bytes());
    }

    /// All that is ever put fits.
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(room) = self.datagram.get_mut(self.length..end) {
            room.copy_from_slice(bytes);
            self.length = end;
        }
    }

    fn written(self) -> &'a [u8] {
        self.datagram.get(..self.length).unwrap_or_default()
    }
}
