//! RTP packets: what is taken from one, and how ours are written (RFC 3550 section 5.1), over `rtp-rs`.

use rtp_rs::{RtpPacketBuilder, RtpReader};

/// The longest frame that is sent: 60 ms of G.711.
pub const FRAME_MAX: usize = 480;

/// Octets before the payload of a packet that is sent.
pub const HEADER: usize = RtpReader::MIN_HEADER_LEN;

/// The longest packet that is sent.
pub const PACKET_MAX: usize = HEADER + FRAME_MAX;

/// What a received packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// 0 to 127.
    pub payload_type: u8,
    /// The first packet of a talk spurt or of an event.
    pub marker: bool,
    /// Its sequence number.
    pub sequence: u16,
    /// The sampling instant of its first sample.
    pub timestamp: u32,
    /// The stream it belongs to.
    pub ssrc: u32,
    /// Padding and header extensions removed.
    pub payload: &'a [u8],
}

/// Why a datagram on an RTP port is no RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// RTCP on the RTP port (RFC 5761 section 4).
    #[error("an RTCP packet on the RTP port")]
    Rtcp,
    /// STUN, a keep-alive or rubbish.
    #[error("no RTP version 2 packet")]
    NotRtp,
}

/// Reads one datagram.
pub fn read(bytes: &[u8]) -> Result<Packet<'_>, Error> {
    // RFC 5761: packet types 192 to 223 look like payload types 64 to 95 with the marker bit.
    if let [first, 192..=223, ..] = bytes
        && first >> 6 == 2
    {
        return Err(Error::Rtcp);
    }
    let packet = RtpReader::new(bytes).map_err(|_| Error::NotRtp)?;
    Ok(Packet {
        payload_type: packet.payload_type(),
        marker: packet.mark(),
        sequence: packet.sequence_number().into(),
        timestamp: packet.timestamp(),
        ssrc: packet.ssrc(),
        payload: packet.payload(),
    })
}

/// The stream that we send: one SSRC, one sequence, one timestamp line for audio and events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Chosen at random by the caller (RFC 3550 section 8.1).
    pub ssrc: u32,
    /// Of the next packet; its start is random.
    pub sequence: u16,
    /// Of the next frame; its start is random.
    pub timestamp: u32,
}

/// The first bit of a packet's second byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marker {
    /// A talk spurt or an event begins.
    Begins,
    /// It goes on.
    GoesOn,
}

impl Outgoing {
    /// Writes the next packet into `datagram` and counts the sequence on; the timestamp is the caller's to advance.
    /// Gives nothing if the payload does not fit, which no frame of ours is.
    pub fn write<'a>(
        &mut self,
        payload_type: u8,
        marker: Marker,
        timestamp: u32,
        payload: &[u8],
        datagram: &'a mut [u8; PACKET_MAX],
    ) -> Option<&'a [u8]> {
        let length = RtpPacketBuilder::new()
            .payload_type(payload_type)
            .marked(marker == Marker::Begins)
            .sequence(self.sequence.into())
            .timestamp(timestamp)
            .ssrc(self.ssrc)
            .payload(payload)
            .build_into(datagram)
            .ok()?;
        self.sequence = self.sequence.wrapping_add(1);
        datagram.get(..length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_packet_reads_back() {
        let mut outgoing = Outgoing {
            ssrc: 7,
            sequence: u16::MAX,
            timestamp: 0,
        };
        let mut datagram = [0; PACKET_MAX];
        let bytes = outgoing
            .write(8, Marker::Begins, 99, &[1, 2, 3], &mut datagram)
            .unwrap();
        let expected = Packet {
            payload_type: 8,
            marker: true,
            sequence: u16::MAX,
            timestamp: 99,
            ssrc: 7,
            payload: &[1, 2, 3],
        };
        assert_eq!(read(bytes), Ok(expected));
        assert_eq!(outgoing.sequence, 0);
    }

    #[test]
    fn rtcp_stun_and_rubbish_are_told_apart_from_rtp() {
        let receiver_report = [0x80, 201, 0, 1, 0, 0, 0, 1];
        assert_eq!(read(&receiver_report), Err(Error::Rtcp));
        let stun = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(read(&stun), Err(Error::NotRtp));
        assert_eq!(read(&[]), Err(Error::NotRtp));
        assert_eq!(read(&[0x80; 11]), Err(Error::NotRtp));
        // Padding longer than the packet.
        assert_eq!(read(&[0xA0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200]), Err(Error::NotRtp));
    }
}
