//! A compound of RTCP: read the same each time, and a report written again says the same.

use aftercall::media::rtcp::read::{Packet, read};
use aftercall::media::rtcp::session::Session;
use aftercall::media::rtcp::write::{Compound, Last};
use aftercall::media::rtcp::{Block, COMPOUND_MAX, Sent};
use aftercall::moment::Moment;

const CNAME: [u8; 16] = *b"0123456789abcdef";

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    let packets: Vec<_> = read(bytes).collect();
    assert_eq!(packets, read(bytes).collect::<Vec<_>>());
    assert!(packets.len() <= bytes.len().div_ceil(4));
    let mut session = Session::new(7, CNAME);
    let taken = session.take(Moment::ZERO, bytes);
    assert_eq!(
        taken.err(),
        packets.iter().find_map(|packet| packet.as_ref().err().copied())
    );
    session.learned();
    for packet in packets.into_iter().flatten() {
        match packet {
            Packet::Sender { ssrc, sent, mut blocks } => same(ssrc, Some(sent), blocks.next()),
            Packet::Receiver { ssrc, mut blocks } => same(ssrc, None, blocks.next()),
            Packet::Description { .. } | Packet::Bye { .. } | Packet::Other(_) => {}
        }
    }
}

/// What we write of a report is the report.
fn same(ssrc: u32, sent: Option<Sent>, block: Option<Block>) {
    let compound = Compound {
        ssrc,
        sent,
        block,
        cname: CNAME,
        last: Last::Yes,
    };
    let mut datagram = [0; COMPOUND_MAX];
    let written = compound.write(&mut datagram);
    let mut packets = read(written);
    let (own, of, read) = match packets.next() {
        Some(Ok(Packet::Sender { ssrc, sent, mut blocks })) => (ssrc, Some(sent), blocks.next()),
        Some(Ok(Packet::Receiver { ssrc, mut blocks })) => (ssrc, None, blocks.next()),
        other => panic!("{other:?}"),
    };
    assert_eq!((own, of, read), (ssrc, sent, block));
    let cname = Some(CNAME.as_slice());
    assert_eq!(packets.next(), Some(Ok(Packet::Description { ssrc, cname })));
    assert_eq!(packets.next(), Some(Ok(Packet::Bye { ssrc: Some(ssrc) })));
    assert_eq!(packets.next(), None);
}
