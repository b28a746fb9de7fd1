//! A session description as an offer: our answer says what we understood, and the same offer gets the same answer.

use std::net::SocketAddr;

use aftercall::sdp::{Direction, Local, read_answer};

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    let media = SocketAddr::from(([192, 0, 2, 1], 20_000));
    let mut local = Local::new(media, 7);
    let answered = local.answer(bytes);
    assert_eq!(answered, local.answer(bytes));
    assert_eq!(answered.is_ok(), read_answer(bytes).is_ok());
    let Ok((answer, theirs)) = answered else { return };
    assert!(theirs.remote.port() > 0 && (10..=60).contains(&theirs.ptime_ms));
    let text = String::from_utf8_lossy(&answer);
    let ours = read_answer(&answer).unwrap_or_else(|fault| panic!("{fault} in our answer:\n{text}"));
    assert_eq!(
        (ours.remote, ours.payload, ours.events),
        (media, theirs.payload, theirs.events),
        "{text}"
    );
    assert_eq!(ours.ptime_ms, theirs.ptime_ms, "{text}");
    let mirrored = match theirs.direction {
        Direction::SendRecv => Direction::SendRecv,
        Direction::SendOnly => Direction::RecvOnly,
        Direction::RecvOnly => Direction::SendOnly,
        Direction::Inactive => Direction::Inactive,
    };
    assert_eq!(ours.direction, mirrored, "{text}");
    assert!(text.lines().all(|line| line.get(1..2) == Some("=")), "{text}");
}
