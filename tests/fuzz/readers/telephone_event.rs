//! Telephone-event packets one after another: one octet of time in 5 ms, one for the stream, two for the timestamp, one
//! for the length, then so many octets of payload. No packet is a second press.

use std::time::Duration;

use aftercall::media::telephone_event::{Heard, Receiver, duration};
use aftercall::moment::Moment;

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    let (mut receiver, mut other) = (Receiver::default(), Receiver::default());
    let mut now = Moment::ZERO;
    let mut rest = bytes;
    while let [time, stream, high, low, length, tail @ ..] = rest {
        let (payload, behind) = tail.split_at(usize::from(*length).min(tail.len()));
        let (ssrc, timestamp) = (u32::from(*stream), u32::from(u16::from_be_bytes([*high, *low])) * 160);
        now += Duration::from_millis(u64::from(*time) * 5);
        let heard = receiver.take(now, ssrc, timestamp, payload);
        assert_eq!(heard, other.take(now, ssrc, timestamp, payload));
        assert!(!matches!(
            receiver.take(now, ssrc, timestamp, payload),
            Heard::Pressed(_)
        ));
        other.take(now, ssrc, timestamp, payload);
        assert_eq!(heard == Heard::Malformed, payload.len() < 4);
        assert!(payload.len() >= 4 || duration(payload) == 0);
        rest = behind;
    }
}
