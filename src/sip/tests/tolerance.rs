//! What trunks send although the grammar knows better, or although few senders do it: all of it is understood.

use super::*;

fn asked(method: &str, uri: &str, fields: &str) -> String {
    format!(
        "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK-{method};rport\r\n\
         Call-ID: c\r\nCSeq: 5 {method}\r\n{fields}\r\n"
    )
}

/// The answer to a message of the trunk.
fn answer(bytes: &[u8]) -> Response {
    let mut desk = Desk::new();
    desk.hear(bytes);
    desk.response()
}

/// The number of the caller whose INVITE has these fields.
fn caller(fields: &str) -> Option<String> {
    let mut desk = Desk::new();
    desk.hear(asked("INVITE", "sip:us@192.0.2.1", fields).as_bytes());
    let mut caller = None;
    for output in desk.rest() {
        if let Output::InviteRefused { caller: said, .. } = output {
            caller = said;
        }
    }
    caller.map(|number| number.reveal().to_owned())
}

#[test]
fn bare_line_feeds_end_lines_as_well() {
    let text = asked(
        "OPTIONS",
        "sip:us@192.0.2.1",
        "From: <sip:a@b>;tag=1\r\nTo: <sip:us@x>\r\n",
    );
    assert_eq!(answer(text.replace("\r\n", "\n").as_bytes()).status, 200);
    assert_eq!(answer(text.replace("\r\n", "\r\r\n").as_bytes()).status, 200);
}

#[test]
fn every_field_may_be_folded_and_have_spaces_before_its_colon() {
    let text = asked(
        "OPTIONS",
        "sip:us@192.0.2.1",
        "From: <sip:a@b>;tag=1\r\nTo: <sip:us@x>\r\n",
    );
    let (start, fields) = text.split_once("\r\n").unwrap();
    let folded = fields.replace(": ", " \t:\r\n \t ").replace(";", "\r\n\t; ");
    let response = answer(format!("{start}\r\n{folded}").as_bytes());
    assert_eq!(response.status, 200);
    assert_eq!(response.headers.first(&Name::From), Some("<sip:a@b> ; tag=1"));
}

#[test]
fn latin_1_in_any_field_comes_back_octet_for_octet() {
    let text = b"OPTIONS sip:us@192.0.2.1 SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKa\xFC;x=\xE9\r\n\
        f: \"M\xFCller, \xE9\" <sip:a@b>;tag=\xE4\r\nt: J\xF6rg <sip:us@x>\r\ni: \xFF\xFE@h\r\nCSeq: 5 OPTIONS\r\n\
        User-Agent: \xA9\r\nX: \xC4\r\n\r\n";
    let mut desk = Desk::new();
    desk.hear(text);
    let printed = desk.one().print();
    for kept in [
        &b"branch=z9hG4bKa\xFC;x=\xE9"[..],
        b"From: \"M\xFCller, \xE9\" <sip:a@b>;tag=\xE4\r\n",
        b"To: J\xF6rg <sip:us@x>;tag=",
        b"Call-ID: \xFF\xFE@h\r\n",
    ] {
        assert!(
            printed.windows(kept.len()).any(|part| part == kept),
            "{}",
            kept.escape_ascii()
        );
    }
}

#[test]
fn a_phrase_and_reasons_in_latin_1_are_kept() {
    let (mut desk, invite) = Desk::calling();
    let mut refusal = response(&invite, 486, "a", &[("Reason", "Q.850;cause=17;text=\"PHRASE\"")], b"").print();
    let at = refusal.windows(6).position(|part| part == b"PHRASE").unwrap();
    refusal.splice(at..at + 6, *b"besetzt \xFC");
    desk.hear(&refusal);
    let events = desk.events();
    let [Event::Failed(ending)] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(ending.q850, Some(17));
    assert_eq!(ending.reasons, ["Q.850;cause=17;text=\"besetzt ü\""]);
}

#[test]
fn a_call_from_a_tel_uri_to_a_tel_uri_is_a_call() {
    let tel = "From: <tel:+86-138-1234-1234;phone-context=x>;tag=1\r\nTo: <tel:02166660000>\r\n";
    assert_eq!(caller(tel).as_deref(), Some("+8613812341234"));
    for uri in ["tel:02166660000", "tel:+86-21-6666;phone-context=+86", "TEL:66660000"] {
        assert_eq!(answer(asked("INVITE", uri, tel).as_bytes()).status, 480, "{uri}");
        assert_eq!(answer(asked("OPTIONS", uri, tel).as_bytes()).status, 200, "{uri}");
    }
    assert_eq!(answer(asked("INVITE", "tel:what", tel).as_bytes()).status, 416);
}

#[test]
fn the_asserted_identity_is_the_caller_whatever_from_says() {
    let from = "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1\r\nTo: <sip:us@x>\r\n";
    assert_eq!(caller(from), None);
    let asserted = [
        "P-Asserted-Identity: <tel:+8613812341234>",
        "p-asserted-identity: \"A, B\" <sip:%2B8613812341234@x;user=phone>",
        "P-Asserted-Identity: <sip:name@x>, <tel:+86-138-1234-1234>",
        "P-Asserted-Identity: <sip:name@x>\r\nP-ASSERTED-IDENTITY: sip:+8613812341234@[2001:db8::1]",
    ];
    for field in asserted {
        assert_eq!(
            caller(&format!("{from}{field}\r\n")).as_deref(),
            Some("+8613812341234"),
            "{field}"
        );
    }
}

#[test]
fn a_contact_that_is_no_sip_address_leaves_the_remote_target_as_it_was() {
    for contact in ["<tel:+862166660000>", "<sip:2001:db8::1>", "\"open <sip:a@b>", "*"] {
        let (mut desk, invite) = Desk::calling();
        desk.reply(&invite, 200, "a", &[("Contact", contact)], b"v=0 answer");
        let ack = desk.request();
        assert_eq!((&ack.method, &ack.uri), (&Method::Ack, &invite.uri), "{contact}");
    }
}

#[test]
fn a_list_is_the_same_in_one_line_and_in_many() {
    let one = "<sip:192.0.2.9;lr;n=1>, \"a, b\" <sip:192.0.2.7;lr>;x=\"1,2\",,<sip:192.0.2.6;lr>";
    let routes = |fields: &[(&str, &str)]| {
        let (mut desk, invite) = Desk::calling();
        let contact = [("m", "\"Q, \\\"R\\\"\" <sip:p@192.0.2.9>")];
        desk.reply(&invite, 200, "a", &[fields, &contact].concat(), b"v=0 answer");
        let ack = desk.request();
        assert_eq!(ack.uri, "sip:p@192.0.2.9");
        ack.headers.all(&Name::Route).map(str::to_owned).collect::<Vec<_>>()
    };
    let expected = ["<sip:192.0.2.6;lr>", "<sip:192.0.2.7;lr>", "<sip:192.0.2.9;lr;n=1>"];
    assert_eq!(routes(&[("Record-Route", one)]), expected);
    let many = [
        ("RECORD-ROUTE", "<sip:192.0.2.9;lr;n=1> ,"),
        ("record-route", "\"a, b\" <sip:192.0.2.7;lr>;x=\"1,2\""),
        ("Record-route", ",<sip:192.0.2.6;lr>"),
    ];
    assert_eq!(routes(&many), expected);
}

#[test]
fn many_vias_in_a_line_come_back_in_their_order() {
    let vias = "v: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKa , SIP/2.0/TCP [2001:db8::1]:5;x=\"a,b\";branch=b\r\n\
                VIA:SIP / 2.0 / TLS [fe80::1%eth0] ; received=2001:db8::2,SIP/2.0/UDP h\r\n";
    let text = format!(
        "OPTIONS sip:us@192.0.2.1 SIP/2.0\r\n{vias}f: <sip:a@b>;tag=1\r\nt: <sip:us@x>\r\ni: c\r\nCSeq: 5 OPTIONS\r\n\r\n"
    );
    let response = answer(text.as_bytes());
    let back: Vec<&str> = response.headers.all(&Name::Via).collect();
    assert_eq!(
        back,
        [
            "SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKa;received=192.0.2.9",
            "SIP/2.0/TCP [2001:db8::1]:5;x=\"a,b\";branch=b",
            "SIP / 2.0 / TLS [fe80::1%eth0] ; received=2001:db8::2",
            "SIP/2.0/UDP h",
        ]
    );
}

#[test]
fn a_header_of_almost_64_kb_is_read_and_more_is_refused() {
    let with = |length: usize| {
        let fields = format!(
            "From: <sip:a@b>;tag=1\r\nTo: <sip:us@x>\r\nX: {}\r\n",
            "x".repeat(length)
        );
        asked("OPTIONS", "sip:us@192.0.2.1", &fields)
    };
    let room = LIMIT - with(0).len();
    assert_eq!(answer(with(room).as_bytes()).status, 200);
    let mut desk = Desk::new();
    desk.hear(with(room + 1).as_bytes());
    assert_eq!(desk.rest(), [Output::Fault(Fault::Unparsable)]);
}

#[test]
fn noise_behind_content_length_is_no_part_of_an_answer() {
    let (mut desk, invite) = Desk::calling();
    let mut accepted = response(&invite, 200, "a", &[("Contact", "<sip:p@192.0.2.9>")], b"v=0 answer").print();
    accepted.extend_from_slice(b"\0\0BYE sip:x SIP/2.0\r\n\r\n");
    desk.hear(&accepted);
    assert_eq!(desk.request().method, Method::Ack);
    let sdp = b"v=0 answer".to_vec();
    assert_eq!(desk.events(), [Event::Answered { sdp }]);
}
