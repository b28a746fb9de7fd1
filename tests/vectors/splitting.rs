//! Every message in a stream, cut in two anywhere and octet by octet: the framer gives what it gives for the whole.

use aftercall::sip::{FrameError, Framer, Item, parse};

use crate::message::{latin, octets};
use crate::rows::{Layer, ROWS, Reads};

/// What a stream gives that comes in these pieces.
fn framed(pieces: &[&[u8]]) -> Vec<Result<Item, FrameError>> {
    let mut framer = Framer::default();
    let mut items = Vec::new();
    for piece in pieces {
        framer.push(piece);
        items.extend(std::iter::from_fn(|| framer.next()));
    }
    items
}

#[test]
fn every_split_in_two_gives_what_the_whole_gives() {
    for row in ROWS {
        let bytes = row.octets();
        let whole = framed(&[&bytes]);
        for cut in 0..=bytes.len() {
            let (one, two) = bytes.split_at(cut);
            assert_eq!(framed(&[one, two]), whole, "{} split at {cut}", row.name());
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(framed(&single), whole, "{} octet by octet", row.name());
    }
}

#[test]
fn a_stream_gives_a_sound_message_as_the_datagram_does() {
    // No Content-Length, or noise behind the message: a stream cannot have those.
    let only_datagrams = ["dblreq", "inv2543", "mult-ip-in-sdp", "ipv4-mapped-ipv6", "archive331"];
    for row in ROWS {
        let is_framed = row.length.is_some() || !only_datagrams.iter().any(|name| row.file.contains(name));
        let bytes = row.octets();
        let Ok(message) = parse(&bytes) else { continue };
        if is_framed {
            let items = framed(&[&bytes, &bytes]);
            let [Ok(Item::Message(one)), Ok(Item::Message(two))] = items.as_slice() else {
                panic!("{}: {items:?}", row.name());
            };
            assert_eq!((parse(one), one), (Ok(message), two), "{}", row.name());
        }
    }
}

#[test]
fn a_stream_that_has_lost_its_frame_gives_nothing_more() {
    let ping = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n";
    for name in ["ncl", "mcl01", "inv2543", "zz-test-not-in-rfc-sections"] {
        let file = format!("rfc4475/{name}.dat");
        let items = framed(&[&octets(&file), ping, ping]);
        let [first] = items.as_slice() else {
            panic!("{name}: {items:?}");
        };
        assert!(first.is_err(), "{name}: {items:?}");
    }
}

#[test]
fn what_declares_more_than_there_is_waits_and_shows_nothing_of_its_rest() {
    for row in ROWS {
        let bytes = row.octets();
        let has_end = latin(&bytes).contains("\r\n\r\n");
        let is_short = ["clerr", "ipv6-in-sdp"].iter().any(|name| row.file.contains(name)) && row.length.is_none();
        if is_short || !has_end {
            assert_eq!(framed(&[&bytes]), [], "{}", row.name());
            assert!(
                has_end == (row.reads == Reads::Objects(Layer::Framing)),
                "{}",
                row.name()
            );
        }
    }
}
