//! A session description as an answer and as an offer: read the same each time, what is read can be used, and what we
//! answer to it can be read too.

use aftercall::sdp::{Local, read_answer};

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    let read = read_answer(bytes);
    assert_eq!(read, read_answer(bytes));
    if let Ok(answer) = &read {
        assert!(answer.remote.port() > 0);
        assert!((10..=60).contains(&answer.ptime_ms));
        assert!([0, 8].contains(&answer.payload));
        assert!(answer.events.is_none_or(|payload| payload < 128), "{answer:?}");
    }
    let media = std::net::SocketAddr::from(([192, 0, 2, 1], 40_000));
    let answered = Local::new(media, 1).answer(bytes);
    assert_eq!(read.is_ok(), answered.is_ok());
    if let Ok((ours, theirs)) = answered {
        let ours = read_answer(&ours).expect("we read what we wrote");
        assert_eq!((ours.remote, ours.payload), (media, theirs.payload));
        assert_eq!((ours.events, ours.ptime_ms), (theirs.events, theirs.ptime_ms));
    }
}
