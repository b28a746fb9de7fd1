//! Parse level: what parser and header readers make of each message, and the fields that the tables name.

use aftercall::sdp;
use aftercall::sip::{
    Address, CSeq, Headers, Message, Method, Name, Request, Response, Uri, UriFault, Version, Via, parse, tel,
};

use crate::message::{latin, octets, with_field};
use crate::rows::{Layer, ROWS, Reads};

/// Which layer objects to a message first, if one does.
fn objection(bytes: &[u8]) -> Option<Layer> {
    let message = match parse(bytes) {
        Ok(message) => message,
        Err(aftercall::sip::Error::ContentLength { .. }) => return Some(Layer::Framing),
        Err(_) => return Some(Layer::StartLine),
    };
    let (headers, asked) = match &message {
        Message::Request(request) => (&request.headers, Some(request)),
        Message::Response(response) => (&response.headers, None),
    };
    if asked.is_some_and(|request| request.version != Version::Two || is_bad_uri(&request.uri)) {
        return Some(Layer::StartLine);
    }
    let addresses = [Name::From, Name::To, Name::Route, Name::RecordRoute];
    let are_read = addresses
        .iter()
        .all(|name| headers.all(name).all(|value| Address::read(value).is_some()))
        && headers
            .list(&Name::Contact)
            .all(|value| value == "*" || Address::read(value).is_some())
        && headers.list(&Name::Via).all(|value| Via::read(value).is_some())
        && headers.all(&Name::CSeq).all(|value| CSeq::read(value).is_some());
    if !are_read {
        return Some(Layer::Header);
    }
    let once = [Name::CallId, Name::CSeq, Name::From, Name::To];
    let is_whole = once.iter().all(|name| headers.only(name).is_some());
    let cseq = headers.only(&Name::CSeq).and_then(CSeq::read);
    let is_of_method = asked.is_none_or(|request| cseq.is_some_and(|cseq| cseq.method == request.method));
    (!is_whole || !is_of_method).then_some(Layer::Semantics)
}

fn is_bad_uri(uri: &str) -> bool {
    tel(uri).is_none() && Uri::read(uri) == Err(UriFault::Grammar)
}

#[test]
fn every_message_is_valid_or_invalid_as_its_table_says() {
    for row in ROWS {
        let expected = match row.reads {
            Reads::Valid | Reads::Lenient => None,
            Reads::Objects(layer) => Some(layer),
        };
        assert_eq!(objection(&row.octets()), expected, "{}", row.name());
    }
}

#[test]
fn parsed_printed_and_parsed_again_every_message_is_the_same() {
    for row in ROWS {
        if let Ok(message) = parse(&row.octets()) {
            let printed = message.print();
            assert_eq!(parse(&printed), Ok(message), "{}", row.name());
            let printed = latin(&printed);
            let head = printed.split("\r\n\r\n").next().unwrap();
            assert!(!head.contains("\r\n "), "{}", row.name());
        }
    }
}

fn request(file: &str) -> Request {
    match parse(&octets(file)) {
        Ok(Message::Request(request)) => request,
        other => panic!("{file}: {other:?}"),
    }
}

fn response(file: &str) -> Response {
    match parse(&octets(file)) {
        Ok(Message::Response(response)) => response,
        other => panic!("{file}: {other:?}"),
    }
}

fn address<'a>(headers: &'a Headers, name: &Name) -> Address<'a> {
    Address::read(headers.first(name).unwrap()).unwrap()
}

fn vias(headers: &Headers) -> Vec<Via<'_>> {
    headers.list(&Name::Via).map(|via| Via::read(via).unwrap()).collect()
}

#[test]
fn wsinv_is_read_through_all_its_folds_and_spaces() {
    let read = request("rfc4475/wsinv.dat");
    let (from, to) = (address(&read.headers, &Name::From), address(&read.headers, &Name::To));
    assert_eq!(from.name(), r#"J Rosenberg \""#);
    assert_eq!(
        (from.uri, from.tag().as_deref()),
        ("sip:jdrosen@example.com", Some("98asjd8"))
    );
    assert_eq!(
        (to.uri, to.tag().as_deref()),
        ("sip:vivekg@chair-dnrc.example.com", Some("1918181833n"))
    );
    let contact = address(&read.headers, &Name::Contact);
    assert_eq!(contact.name(), r#"Quoted string """#);
    assert_eq!(contact.param("newparam").as_deref(), Some("newvalue"));
    assert_eq!(contact.param("secondparam").as_deref(), Some(""));
    assert_eq!((contact.param("q").as_deref(), contact.params()), (Some("0.33"), 3));
    let vias = vias(&read.headers);
    let of: Vec<_> = vias
        .iter()
        .map(|via| (via.transport, via.sent_by.as_str(), via.branch()))
        .collect();
    let branch = |text: &str| Some(text.to_owned());
    assert_eq!(
        of,
        [
            ("UDP", "192.0.2.2", branch("390skdjuw")),
            ("TCP", "spindle.example.com", branch("z9hG4bK9ikj8")),
            ("UDP", "192.168.255.111", branch("z9hG4bK30239")),
        ]
    );
    assert_eq!(vias[0].unique_branch(), None);
    let cseq = CSeq::read(read.headers.first(&Name::CSeq).unwrap()).unwrap();
    assert_eq!((cseq.number, cseq.method), (9, Method::Invite));
    assert_eq!(read.headers.first(&Name::MaxForwards), Some("0068"));
    let other = |name: &str| read.headers.first(&Name::named(name)).map(str::to_owned);
    assert_eq!(other("UnknownHeaderWithUnusualValue").as_deref(), Some(";;,,;;,;"));
    assert_eq!(
        other("newfangledheader").as_deref(),
        Some("newfangled value continued newfangled value")
    );
    assert_eq!(other("s").as_deref(), Some(""));
    assert_eq!(read.body.len(), 150);
}

#[test]
fn intmeth_keeps_every_odd_octet() {
    let read = request("rfc4475/intmeth.dat");
    assert_eq!(read.method.as_str(), "!interesting-Method0123456789_*+`.%indeed'~");
    let to = address(&read.headers, &Name::To);
    assert_eq!(to.name(), "BEL:\u{7} NUL:\0 DEL:\u{7f}");
    let user = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*";
    assert_eq!(Uri::read(to.uri).unwrap().user, Some(user));
    let target = Uri::read(&read.uri).unwrap();
    assert_eq!((target.user, target.host), (Some(user), "example.com"));
    let from = address(&read.headers, &Name::From);
    assert_eq!(from.name(), "token1~` token2'+_ token3*%!.-");
    assert_eq!(from.tag().as_deref(), Some("_token~1'+`*%!-."));
    assert_eq!(from.param("fromParam''~+*_!.-%").as_deref(), Some("работающий"));
    let call_id = r#"intmeth.word%ZK-!.*_+'@word`~)(><:\/"][?}{"#;
    assert_eq!(read.headers.first(&Name::CallId), Some(call_id));
    let extension = read.headers.first(&Name::named("extensionHeader-!.%*+_`'~"));
    assert_eq!(extension, Some("\u{feff}大停電"));
}

#[test]
fn escapes_in_addresses_are_taken_out_once() {
    let read = request("rfc4475/esc01.dat");
    let target = Uri::read(&read.uri).unwrap();
    assert_eq!(target.user_name().as_deref(), Some("sips:user@example.com"));
    assert_eq!(target.host, "example.net");
    let to = Uri::read(address(&read.headers, &Name::To).uri).unwrap();
    assert_eq!(to.user_name().as_deref(), Some("user"));
    assert!(to.same_place(&Uri::read("sip:user@example.com").unwrap()));
    let contact = Uri::read(address(&read.headers, &Name::Contact).uri).unwrap();
    assert!(contact.is_loose());
    assert_eq!(contact.param("name").as_deref(), Some("value%41"));

    let nulls = request("rfc4475/escnull.dat");
    let user = Uri::read(address(&nulls.headers, &Name::To).uri).unwrap().user_name();
    assert_eq!(user.as_deref(), Some("null-\0-null"));
    let bindings: Vec<_> = nulls
        .headers
        .list(&Name::Contact)
        .map(|one| Address::read(one).unwrap())
        .collect();
    let [one, two] = [0, 1].map(|at: usize| Uri::read(bindings[at].uri).unwrap());
    assert!(!one.same_place(&two));
    assert_eq!(
        (one.user_name().as_deref(), two.user_name().as_deref()),
        (Some("\0"), Some("\0\0"))
    );

    let odd = request("rfc4475/esc02.dat");
    assert_eq!(odd.method.as_str(), "RE%47IST%45R");
    assert_eq!(odd.headers.list(&Name::Contact).count(), 2);
    assert_eq!(address(&odd.headers, &Name::To).name(), "%Z%45");
    assert_eq!(odd.headers.first(&Name::CSeq), Some("29344 RE%47IST%45R"));

    let semicolons = request("rfc4475/semiuri.dat");
    let target = Uri::read(&semicolons.uri).unwrap();
    assert_eq!(target.user_name().as_deref(), Some("user;par=u@example.net"));
    assert_eq!((target.host, target.params()), ("example.com", 0));
    assert_eq!(semicolons.headers.list(&Name::Accept).count(), 6);
}

#[test]
fn many_vias_and_parameters_of_the_header_field_stay_in_their_places() {
    let long = request("rfc4475/longreq.dat");
    assert_eq!(vias(&long.headers).len(), 34);
    assert_eq!(vias(&long.headers)[0].branch(), None);
    let from = address(&long.headers, &Name::From);
    assert_eq!((from.params(), Uri::read(from.uri).unwrap().params()), (3, 0));
    assert!(from.tag().is_some_and(|tag| tag.len() > 100));

    let transports = request("rfc4475/transports.dat");
    let vias = vias(&transports.headers);
    let of: Vec<&str> = vias.iter().map(|via| via.transport).collect();
    assert_eq!(of, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);

    let touching = request("rfc4475/lwsdisp.dat");
    let from = address(&touching.headers, &Name::From);
    assert_eq!((from.name().as_str(), from.tag().as_deref()), ("caller", Some("323")));

    for (file, of_the_uri, of_the_header) in [("rfc4475/cparam01.dat", 0, 1), ("rfc4475/cparam02.dat", 1, 0)] {
        let read = request(file);
        let contact = address(&read.headers, &Name::Contact);
        assert_eq!(Uri::read(contact.uri).unwrap().params(), of_the_uri, "{file}");
        assert_eq!(contact.params(), of_the_header, "{file}");
    }

    let names = request("rfc4475/baddn.dat");
    let from = address(&names.headers, &Name::From);
    assert_eq!(
        (from.uri, from.tag().as_deref()),
        ("sip:a.g.bell@example.com", Some("43"))
    );
}

#[test]
fn bodies_end_where_content_length_says_and_noise_behind_them_is_noise() {
    let doubled = request("rfc4475/dblreq.dat");
    assert_eq!((doubled.method, doubled.body.len()), (Method::Register, 0));
    let parts = request("rfc4475/mpart01.dat");
    let whole = octets("rfc4475/mpart01.dat");
    assert_eq!((parts.body.len(), whole.ends_with(&parts.body)), (553, true));
    let old = request("rfc4475/inv2543.dat");
    assert_eq!(old.body.len(), 105);
    assert_eq!(
        sdp::read_answer(&old.body).unwrap().remote,
        "192.0.2.5:49217".parse().unwrap()
    );
}

#[test]
fn reason_phrases_may_be_anything_or_nothing() {
    let unusual = response("rfc4475/unreason.dat");
    assert_eq!(unusual.status, 200);
    assert_eq!(unusual.phrase.bytes().filter(|b| !b.is_ascii()).count(), 54);
    assert!(unusual.phrase.starts_with("= 2**3 * 5**2 "));
    assert!(octets("rfc4475/unreason.dat").starts_with(format!("SIP/2.0 200 {}\r\n", unusual.phrase).as_bytes()));
    let none = response("rfc4475/noreason.dat");
    assert_eq!((none.status, none.phrase.as_str()), (100, ""));
    assert_eq!(vias(&response("rfc4475/bcast.dat").headers).len(), 2);
}

#[test]
fn ipv6_addresses_have_brackets_and_ports_stand_behind_them() {
    let ip = |text: &str| text.parse::<std::net::IpAddr>().ok();
    let targets = [
        ("rfc5118/ipv6-good.sip", "2001:db8::10", None),
        ("rfc5118/port-ambiguous.sip", "2001:db8::10:5070", None),
        ("rfc5118/port-unambiguous.sip", "2001:db8::10", Some(5070)),
        ("rfc5118/ipv6-correct-abnf-2-colons.sip", "2001:db8::c000:201", None),
    ];
    for (file, host, port) in targets {
        let read = request(file);
        let target = Uri::read(&read.uri).unwrap();
        assert_eq!((target.ip(), target.port), (ip(host), port), "{file}");
    }
    let good = request("rfc5118/ipv6-good.sip");
    let via = vias(&good.headers).remove(0);
    assert_eq!((via.sent_by.as_str(), via.port()), ("[2001:db8::9:1]", None));
    let contact = address(&good.headers, &Name::Contact);
    assert_eq!(Uri::read(contact.uri).unwrap().ip(), ip("2001:db8::1"));
    for file in [
        "rfc5118/via-received-param-with-delim.sip",
        "rfc5118/via-received-param-no-delim.sip",
    ] {
        assert_eq!(
            vias(&request(file).headers)[0].received(),
            ip("2001:db8::9:255"),
            "{file}"
        );
    }
    let mixed = request("rfc5118/mult-ip-in-header.sip");
    let vias = vias(&mixed.headers);
    let of: Vec<_> = vias.iter().map(|via| (via.sent_by.as_str(), via.received())).collect();
    assert_eq!(
        of,
        [
            ("[2001:db8::9:1]:6050", None),
            ("192.0.2.1", None),
            ("[2001:db8::9:255]", ip("192.0.2.200")),
        ]
    );
}

/// Where the audio of a description with one audio stream goes; its codec is none of ours in two of the three.
fn audio(file: &str, length: &str) -> String {
    let Ok(Message::Request(request)) = parse(&with_field(&octets(file), "Content-Length", length)) else {
        panic!("{file}");
    };
    let offered = latin(&request.body).replace("RTP/AVP 2\r\n", "RTP/AVP 0\r\n");
    sdp::read_answer(offered.as_bytes()).unwrap().remote.to_string()
}

#[test]
fn ipv6_in_descriptions_has_no_brackets_and_the_media_level_wins() {
    assert_eq!(audio("rfc5118/ipv6-in-sdp.sip", "251"), "[2001:db8::20]:6000");
    assert_eq!(audio("rfc5118/mult-ip-in-sdp.sip", "189"), "192.0.2.1:22334");
    assert_eq!(audio("rfc5118/ipv4-mapped-ipv6.sip", "245"), "[::ffff:192.0.2.2]:6000");
}
