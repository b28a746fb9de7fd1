//! Messages that no user agent should send: real ones with faults, and some that never were SIP.

use crate::rig::chance::Chance;

/// A datagram of UDP may carry this much.
const LARGEST: usize = 60_000;

/// Draws one message: made of a real one, of our own list, or of nothing.
pub(super) fn message(chance: &mut Chance, real: &[Vec<u8>]) -> Vec<u8> {
    let mut message = match chance.below(20) {
        0 => (0..chance.below(1400)).map(|_| chance.byte()).collect(),
        1..=4 => made_up(chance),
        5..=8 => asked(chance),
        _ if real.is_empty() => asked(chance),
        _ => chance.of(real).clone(),
    };
    for _ in 0..1 + chance.below(4) {
        mutate(chance, &mut message);
    }
    message.truncate(LARGEST);
    message
}

/// A request that could be one, of a call that nobody knows.
fn asked(chance: &mut Chance) -> Vec<u8> {
    const METHODS: [&str; 17] = [
        "INVITE",
        "ACK",
        "BYE",
        "CANCEL",
        "OPTIONS",
        "REGISTER",
        "INFO",
        "UPDATE",
        "PRACK",
        "REFER",
        "NOTIFY",
        "SUBSCRIBE",
        "MESSAGE",
        "PUBLISH",
        "invite",
        "UNKNOWN",
        "I",
    ];
    let method = *chance.of(&METHODS);
    let (id, tag, number) = (chance.draw(), chance.draw(), chance.below(1_000_000));
    let body = *chance.of(&[
        "",
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n",
        "v=0\r\nm=audio 99999 RTP/AVP 8 8 8 300 -1\r\nc=IN IP6 ::::\r\na=rtpmap:8 PCMA/0\r\na=ptime:-20\r\n",
        "Signal=#\r\nDuration=-1\r\n",
    ]);
    format!(
        "{method} sip:nobody@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bK{id:x};rport\r\n\
         Max-Forwards: 70\r\nFrom: \"A\" <sip:a@127.0.0.1>;tag={tag:x}\r\nTo: <sip:b@127.0.0.1>\r\nCall-ID: {id:x}@a\r\n\
         CSeq: {number} {method}\r\nContact: <sip:a@127.0.0.1:5999>\r\nContent-Type: application/sdp\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// What the torture tests of RFC 4475 are made of, and what else knocks on an open port.
fn made_up(chance: &mut Chance) -> Vec<u8> {
    let id = chance.draw();
    let head = |line: &str, more: &str| {
        format!(
            "{line}\r\nVia: SIP/2.0/UDP 127.0.0.1:5999;branch=z9hG4bK{id:x}\r\nFrom: <sip:a@a>;tag=1\r\nTo: <sip:b@b>\r\n\
             Call-ID: {id:x}\r\nCSeq: 1 OPTIONS\r\n{more}\r\n"
        )
        .into_bytes()
    };
    let long = "x".repeat(1000 + chance.below(50_000));
    match chance.below(24) {
        0 => Vec::new(),
        1 => b"\r\n\r\n".to_vec(),
        2 => b"\0\0\0\0".to_vec(),
        3 => b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec(),
        // STUN; TLS.
        4 => b"\x00\x01\x00\x00\x21\x12\xa4\x42aaaaaaaaaaaa".to_vec(),
        5 => b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        6 => head("OPTIONS sip:a@b SIP/7.0", ""),
        7 => head("OPTIONS sip:a@b SIP/2.0", "Content-Length: -999\r\n"),
        8 => head("OPTIONS sip:a@b SIP/2.0", "Content-Length: 99999999999999999999\r\n"),
        9 => head("OPTIONS sip:a@b SIP/2.0", "CSeq: 36893488147419103232 OPTIONS\r\n"),
        10 => head("OPTIONS  sip:a@b;;;;=  SIP/2.0", "Expires: 1e9\r\nMax-Forwards: -1\r\n"),
        11 => head("OPTIONS <sip:a@b> SIP/2.0", "From: \"unterminated <sip:a@b>;tag=\"\r\n"),
        12 => head("OPTIONS sip:[::1::2]:999999 SIP/2.0", "Contact: <sip:%zz@%00>\r\n"),
        13 => head(&format!("OPTIONS sip:{long}@b SIP/2.0"), ""),
        14 => head("OPTIONS sip:a@b SIP/2.0", &format!("{long}: 1\r\n")),
        15 => head("OPTIONS sip:a@b SIP/2.0", &format!("Subject: {long}\r\n")),
        16 => head("OPTIONS sip:a@b SIP/2.0", &"Via: SIP/2.0/UDP h\r\n".repeat(2000)),
        17 => head("OPTIONS sip:a@b SIP/2.0", &"Route: <sip:a;lr>,\r\n ".repeat(1000)),
        18 => head(
            "OPTIONS sip:a@b SIP/2.0",
            &format!("Authorization: Digest {}\r\n", "a=\"\",".repeat(3000)),
        ),
        19 => head("SIP/2.0 200", ""),
        20 => head("SIP/2.0 99999 ?", ""),
        21 => head("SIP/2.0 100 \u{7f}\u{fffd}\u{1f4a9}", "CSeq: 0 INVITE\r\n"),
        22 => head(
            "SIP/2.0 401 Unauthorized",
            "WWW-Authenticate: Digest realm=\"\r\nWWW-Authenticate: x\r\n",
        ),
        _ => head(
            "OPTIONS sip:a@b SIP/2.0",
            "Content-Type: multipart/mixed;boundary=\"\"\r\nContent-Length: 10\r\n",
        ),
    }
}

/// One fault.
fn mutate(chance: &mut Chance, message: &mut Vec<u8>) {
    if message.is_empty() {
        return;
    }
    let length = message.len();
    let at = chance.below(length);
    let until = (at + chance.below(60)).min(length);
    match chance.below(12) {
        0 => message.truncate(at),
        1 => message[at] = chance.byte(),
        2 => message[at] ^= 1 << chance.below(8),
        3 => drop(message.drain(at..until)),
        4 => {
            let copy = message[at..until].to_vec();
            message.splice(at..at, copy);
        }
        5 => {
            let noise: Vec<u8> = (0..chance.below(40)).map(|_| chance.byte()).collect();
            message.splice(at..at, noise);
        }
        6 => {
            let token = *chance.of(&[
                &b"\r\n"[..],
                b"\n",
                b"\r",
                b"\0",
                b"\r\n ",
                b";",
                b",",
                b":",
                b"\"",
                b"<",
                b">",
                b"@",
                b"%",
                b"\xff\xfe",
                b"4294967296",
                b"-1",
                b"\r\n\r\n",
            ]);
            message.splice(at..at, token.iter().copied());
        }
        7 => with_lines(message, |lines| {
            let (a, b) = (chance.below(lines.len()), chance.below(lines.len()));
            lines.swap(a, b);
        }),
        8 => with_lines(message, |lines| drop(lines.remove(chance.below(lines.len())))),
        9 => with_lines(message, |lines| {
            let line = lines[chance.below(lines.len())].clone();
            let times = chance.below(300);
            let at = chance.below(lines.len());
            lines.splice(at..at, std::iter::repeat_n(line, times));
        }),
        10 => {
            let digits = message.iter().position(u8::is_ascii_digit);
            if let Some(digit) = digits {
                message.splice(digit..=digit, b"18446744073709551616".iter().copied());
            }
        }
        _ => message
            .iter_mut()
            .skip(at)
            .take(30)
            .for_each(|byte| byte.make_ascii_uppercase()),
    }
}

fn with_lines(message: &mut Vec<u8>, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let mut lines: Vec<Vec<u8>> = message
        .split_inclusive(|&byte| byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    change(&mut lines);
    *message = lines.concat();
}
