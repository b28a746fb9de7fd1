//! A session description as an answer: read the same each time, and what is read can be used.

use aftercall::sdp::read_answer;

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    let read = read_answer(bytes);
    assert_eq!(read, read_answer(bytes));
    if let Ok(answer) = read {
        assert!(answer.remote.port() > 0);
        assert!((10..=60).contains(&answer.ptime_ms));
        assert!([0, 8].contains(&answer.payload));
        assert!(answer.events.is_none_or(|payload| payload < 128), "{answer:?}");
    }
}
