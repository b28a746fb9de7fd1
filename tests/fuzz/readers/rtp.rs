//! An RTP packet: read the same each time, and written again it says the same.

use aftercall::media::rtp::{FRAME_MAX, Marker, Outgoing, PACKET_MAX, read};

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    let packet = read(bytes);
    assert_eq!(packet, read(bytes));
    let Ok(packet) = packet else { return };
    assert!(packet.payload_type < 128 && packet.payload.len() + 12 <= bytes.len());
    if packet.payload.len() > FRAME_MAX {
        return;
    }
    let mut outgoing = Outgoing {
        ssrc: packet.ssrc,
        sequence: packet.sequence,
        timestamp: packet.timestamp,
    };
    let marker = if packet.marker { Marker::Begins } else { Marker::GoesOn };
    let mut datagram = [0; PACKET_MAX];
    let written = outgoing.write(
        packet.payload_type,
        marker,
        packet.timestamp,
        packet.payload,
        &mut datagram,
    );
    assert_eq!(written.map(read), Some(Ok(packet)));
}
