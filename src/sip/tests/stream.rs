//! Messages cut out of a stream, however it is split and joined.

use proptest::prelude::*;

use super::*;

fn message(fields: &str, body: &str) -> Vec<u8> {
    format!("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP c;branch=z9hG4bKx\r\n{fields}\r\n{body}").into_bytes()
}

fn all(framer: &mut Framer) -> Vec<Result<Item, FrameError>> {
    std::iter::from_fn(|| framer.next()).collect()
}

fn cut(bytes: &[u8]) -> Vec<Result<Item, FrameError>> {
    let mut framer = Framer::default();
    framer.push(bytes);
    all(&mut framer)
}

#[test]
fn joined_messages_are_told_apart_by_their_length() {
    let one = message("Content-Length: 4\r\n", "v=0\n");
    let two = message("l :0\r\n", "");
    let three = message("CONTENT-LENGTH:\r\n  2\r\nX: y\r\n", "ab");
    let expected = [&one, &two, &three].map(|message| Ok(Item::Message(message.clone())));
    assert_eq!(cut(&[one.clone(), two.clone(), three.clone()].concat()), expected);
}

#[test]
fn an_unfinished_message_waits_for_its_rest() {
    let whole = message("Content-Length: 4\r\n", "v=0\n");
    let mut framer = Framer::default();
    for octet in &whole[..whole.len() - 1] {
        framer.push(&[*octet]);
        assert_eq!(framer.next(), None);
    }
    framer.push(b"\n");
    assert_eq!(all(&mut framer), [Ok(Item::Message(whole))]);
}

#[test]
fn a_double_line_end_between_messages_is_a_ping_and_a_single_one_is_nothing() {
    let whole = message("Content-Length: 0\r\n", "");
    let bytes = [b"\r\n", &whole[..], b"\r\n\r\n\r\n", &whole[..], b"\r\n"].concat();
    let message = Ok(Item::Message(whole));
    assert_eq!(cut(&bytes), [message.clone(), Ok(Item::Ping), message]);
}

#[test]
fn what_cannot_be_cut_ends_the_stream_and_is_told_once() {
    let good = message("Content-Length: 0\r\n", "");
    let second = FrameError::StartLine { message: 2 };
    let checks = [
        ([&good[..], b"GET / HTTP/1.1\r\n\r\n"].concat(), second),
        ([&good[..], b"\x16\x03\x01"].concat(), second),
        (message("", ""), FrameError::NoContentLength { message: 1 }),
        (
            message("Content-Length: -1\r\n", ""),
            FrameError::ContentLength { message: 1 },
        ),
        (
            message("Content-Length: 1\r\nl: 2\r\n", "ab"),
            FrameError::ContentLength { message: 1 },
        ),
        (
            message("Content-Length: 131072\r\n", ""),
            FrameError::TooLong { message: 1 },
        ),
        (vec![b'a'; HEADER_LIMIT], FrameError::HeaderTooLong { message: 1 }),
    ];
    for (bytes, error) in checks {
        let mut framer = Framer::default();
        framer.push(&bytes);
        assert_eq!(all(&mut framer).last(), Some(&Err(error)));
        framer.push(&good);
        assert_eq!(framer.next(), None, "{error}");
    }
}

#[test]
fn a_header_of_64_kb_passes_and_one_octet_more_does_not() {
    let length = |fill: usize| message(&format!("X: {}\r\nContent-Length: 3\r\n", "x".repeat(fill)), "abc");
    let fill = HEADER_LIMIT - (length(0).len() - 3);
    let longest = length(fill);
    assert!(parse(&longest).is_ok());
    assert_eq!(cut(&longest), [Ok(Item::Message(longest.clone()))]);
    assert_eq!(cut(&length(fill + 1)), [Err(FrameError::HeaderTooLong { message: 1 })]);
}

#[test]
fn an_idle_connection_holds_no_memory_and_a_busy_one_little() {
    let mut framer = Framer::default();
    let whole = message("Content-Length: 0\r\n", "");
    let (half, rest) = whole.split_at(20);
    for _ in 0..10_000 {
        framer.push(&[rest, half].concat()[if framer.held() == 0 { rest.len() } else { 0 }..]);
        while framer.next().is_some() {}
        assert!(framer.held() <= 4 * whole.len());
    }
    framer.push(rest);
    assert_eq!(all(&mut framer).len(), 1);
    assert_eq!(framer.held(), 0);
}

proptest! {
    #[test]
    fn how_the_octets_are_split_makes_no_difference(
        parts in proptest::collection::vec(part(), 0..8),
        cuts in proptest::collection::vec(0_usize..400, 0..20),
    ) {
        let bytes = parts.concat();
        let mut framer = Framer::default();
        let mut pieces = Vec::new();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.sort_unstable();
        let mut start = 0;
        for end in cuts.into_iter().chain([bytes.len()]) {
            framer.push(&bytes[start..end]);
            pieces.extend(all(&mut framer));
            start = end;
        }
        prop_assert_eq!(pieces, cut(&bytes));
    }

    #[test]
    fn any_octets_are_cut_or_refused(bytes: Vec<u8>) {
        cut(&bytes);
    }
}

/// Something that a stream may hold.
fn part() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[a-z]{0,40}".prop_map(|body| message(&format!("Content-Length: {}\r\n", body.len()), &body)),
        Just(b"\r\n".to_vec()),
        Just(b"\r\n\r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..10),
    ]
}
