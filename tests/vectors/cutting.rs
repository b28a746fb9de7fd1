//! Every message cut off anywhere: read without panic, and answered to its sender or not at all.

use aftercall::sip::parse;

use crate::agent::{Desk, sent};
use crate::message::{Plain, sent_from};
use crate::rows::ROWS;

#[test]
fn every_prefix_of_every_message_is_read_without_panic_and_the_same_each_time() {
    for row in ROWS {
        let whole = row.octets();
        for cut in 0..=whole.len() {
            let read = parse(&whole[..cut]);
            assert_eq!(read, parse(&whole[..cut]), "{} {cut}", row.name());
            if let Ok(message) = read {
                assert_eq!(parse(&message.print()), Ok(message), "{} {cut}", row.name());
            }
        }
    }
}

#[test]
fn every_prefix_of_every_message_is_survived_by_the_user_agent() {
    for row in ROWS {
        let mut desk = Desk::new();
        desk.call();
        let whole = sent_from(&row.octets(), crate::agent::there());
        for cut in 0..=whole.len() {
            sent(&desk.hear(&whole[..cut]));
        }
        assert_eq!(desk.agent.active(), 1, "{}", row.name());
    }
}

#[test]
fn octets_behind_a_message_in_its_datagram_change_nothing() {
    for row in ROWS {
        let whole = row.octets();
        let Ok(message) = parse(&whole) else { continue };
        let plain = Plain::read(&whole);
        let body: usize = plain.first("Content-Length").parse().unwrap_or(usize::MAX);
        let has_end = crate::message::latin(&whole).contains("\r\n\r\n");
        if has_end && body <= plain.body.len() {
            let followed = [whole.as_slice(), b"INVITE sip:noise SIP/2.0\r\n\r\n\0"].concat();
            assert_eq!(parse(&followed), Ok(message), "{}", row.name());
        }
    }
}
