//! The parser: tolerant of what trunks send, total on anything at all, and parse after print gives the same message.

use proptest::prelude::*;

use super::super::*;

fn request(text: &str) -> Request {
    match parse(text.as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn response(text: &str) -> Response {
    match parse(text.as_bytes()) {
        Ok(Message::Response(response)) => response,
        other => panic!("{other:?}"),
    }
}

#[test]
fn folded_lines_compact_names_and_odd_cases_are_one_message() {
    let read = request(
        "\r\n\nINVITE sip:a@b SIP/2.0\r\nvIA:\r\n SIP/2.0/UDP x\r\n\t;branch=z9hG4bKa\r\nF : <sip:c@d>\r\n\
         SUBJECT:\r\nl: 3\r\n\r\nabcdef",
    );
    assert_eq!(read.headers.first(&Name::Via), Some("SIP/2.0/UDP x ;branch=z9hG4bKa"));
    assert_eq!(read.headers.first(&Name::From), Some("<sip:c@d>"));
    assert_eq!(read.headers.first(&Name::Other("SUBJECT".to_owned())), Some(""));
    assert_eq!(read.body, b"abc");
}

#[test]
fn a_missing_reason_phrase_is_an_empty_one() {
    for line in [
        "SIP/2.0 486\r\n\r\n",
        "SIP/2.0 486 \r\n\r\n",
        "sip/2.0  486\n\n",
        "SIP/2.0 486",
    ] {
        let read = response(line);
        assert_eq!((read.status, read.phrase.as_str()), (486, ""));
    }
    assert_eq!(response("SIP/2.0 486 Busy  Here\r\n\r\n").phrase, "Busy  Here");
}

#[test]
fn without_content_length_the_body_is_the_rest_of_the_datagram() {
    assert_eq!(response("SIP/2.0 200 OK\r\n\r\nv=0\r\n").body, b"v=0\r\n");
}

#[test]
fn extra_spaces_in_the_start_line_are_left_out() {
    let read = request("OPTIONS   sip:a@b  SIP/2.0 \r\n\r\n");
    assert_eq!((read.method, read.uri.as_str()), (Method::Options, "sip:a@b"));
}

#[test]
fn what_is_no_message_is_refused_with_the_place() {
    let error = |bytes: &[u8]| parse(bytes).unwrap_err();
    assert_eq!(error(b"\r\n\r\n"), Error::Empty);
    assert_eq!(error(b""), Error::Empty);
    assert_eq!(error(b"GET / HTTP/1.1\r\n\r\n"), Error::StartLine);
    assert_eq!(error(b"SIP/2.0 4294967301 OK\r\n\r\n"), Error::StartLine);
    assert_eq!(error(b"SIP/2.0 099 OK\r\n\r\n"), Error::StartLine);
    assert_eq!(error(b"SIP/3.0 200 OK\r\n\r\n"), Error::StartLine);
    assert_eq!(error(b"INVITE SIP/2.0\r\n\r\n"), Error::StartLine);
    let field = |line| Error::HeaderField { line };
    assert_eq!(error(b"BYE sip:a SIP/2.0\r\n folded: too early\r\n\r\n"), field(2));
    assert_eq!(error(b"BYE sip:a SIP/2.0\r\nTo: x\r\nno colon\r\n\r\n"), field(3));
    assert_eq!(error(b"BYE sip:a SIP/2.0\r\nT o: x\r\n\r\n"), field(2));
    let length = |available| Error::ContentLength { available };
    assert_eq!(error(b"BYE sip:a SIP/2.0\r\nl: 4\r\n\r\nabc"), length(3));
    assert_eq!(error(b"BYE sip:a SIP/2.0\r\nl: -1\r\n\r\nabc"), length(3));
    assert_eq!(error(b"BYE sip:a SIP/2.0\r\nl: 1\r\nl: 2\r\n\r\nabc"), length(3));
    assert_eq!(error(&[b'a'; LIMIT + 1]), Error::TooLong);
}

#[test]
fn a_line_end_in_a_value_never_makes_a_second_field() {
    let mut message = request("BYE sip:a SIP/2.0\r\n\r\n");
    message.headers.push(Name::To, "x\r\nRoute: <sip:evil>\n\n");
    let read = request(&String::from_utf8(message.print()).unwrap());
    assert_eq!(read.headers.first(&Name::Route), None);
}

/// Pieces of messages, so that random input gets past the start line.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        &b"INVITE sip:a@b SIP/2.0\r\n"[..],
        b"SIP/2.0 200 OK\r\n",
        b"SIP/2.0 407 \xFC\r\n",
        b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n",
        b"v:SIP / 2.0/ UDP h : 5 ;rport,\r\n x/y/z w\r\n",
        b"From: \"a\\\"<\" <sip:a@b>;tag=1\r\n",
        b"t: <sip:a@b;x=\"y",
        b"Call-ID: 1\r\n",
        b"CSeq: 1 INVITE\r\n",
        b"Contact: <sip:[::1]:5;lr>;expires=9, *\r\n",
        b"WWW-Authenticate: Digest realm=\"x\", nonce=y, qop=\"auth,auth-int\", Basic, Digest realm=z\r\n",
        b"Reason: Q.850;cause=20, SIP;cause=\r\n",
        b"Retry-After: 9 (x\r\n",
        b"Record-Route: <sip:x;lr>,<sip:y>\r\n",
        b"Content-Type: multipart/mixed;boundary=b\r\n",
        b"Content-Length: 4\r\n",
        b"\r\n",
        b"--b\r\n\r\n",
        b"\n \t,;:<>@\"\\\xFF\0",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(message) = parse(bytes) {
        prop_assert_eq!(parse(&message.print()), Ok(message));
    }
    let mut desk = super::Desk::new();
    desk.call(super::LEG);
    let path = super::way(super::there());
    desk.agent.handle(desk.now, Input::Received { path, bytes });
    while desk.agent.poll().is_some() {}
    Ok(())
}

proptest! {
    #[test]
    fn any_octets_are_read_without_panic(bytes: Vec<u8>) {
        check(&bytes)?;
    }

    #[test]
    fn any_pieces_are_read_without_panic_and_printed_as_they_were_meant(bytes in pieces()) {
        check(&bytes)?;
    }

    #[test]
    fn every_prefix_and_every_flipped_bit_of_a_200_is_survived(cut in 0_usize..600, flip in 0_usize..600, bit in 0_u8..8) {
        let mut desk = super::Desk::new();
        let invite = desk.call(super::LEG);
        let fields = [
            ("Contact", "<sip:p@192.0.2.9>"),
            ("Record-Route", "<sip:192.0.2.9;lr>"),
            ("Content-Type", "application/sdp"),
        ];
        let mut bytes = super::response(&invite, 200, "a", &fields, b"v=0\r\n").print();
        if let Some(octet) = bytes.get_mut(flip) {
            *octet ^= 1 << bit;
        }
        bytes.truncate(cut.max(1));
        let (path, bytes) = (super::way(super::there()), bytes.as_slice());
        desk.agent.handle(desk.now, Input::Received { path, bytes });
        while desk.agent.poll().is_some() {}
    }
}
