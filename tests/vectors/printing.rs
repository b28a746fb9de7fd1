//! Whatever is put into a message, what we print is one message, and rsip reads the same one.

use aftercall::sip::{Headers, Message, Method, Name, Request, Response, Version, parse};
use proptest::prelude::*;

use crate::second_reader::{reads_the_same, reads_the_same_text};

/// A host, an address, with or without a port; rsip reads no IPv6.
fn host() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["trunk.example", "192.0.2.9", "a-b.c"]);
    (name, prop::option::of(1_u16..)).prop_map(|(name, port)| match port {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    })
}

/// A sip: address; rsip takes no full stop in a user part.
fn uri() -> impl Strategy<Value = String> {
    let params = prop::sample::select(vec!["", ";user=phone", ";lr", ";transport=TCP"]);
    (prop::option::of("[+]?[0-9a-z_!~*'()%-]{1,20}"), host(), params).prop_map(|(user, host, params)| {
        let user = user.map(|user| user.replace('%', "%25") + "@").unwrap_or_default();
        format!("sip:{user}{host}{params}")
    })
}

fn name_addr() -> impl Strategy<Value = String> {
    let name = prop::option::of("[A-Za-z0-9 ,;:@张王é]{0,12}");
    (name, uri(), "[a-zA-Z0-9.!%*_+'~-]{1,20}").prop_map(|(name, uri, tag)| match name {
        Some(name) => format!("\"{name}\" <{uri}>;tag={tag}"),
        None => format!("<{uri}>;tag={tag}"),
    })
}

fn methods() -> impl Strategy<Value = Method> {
    let tokens = [
        "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "INFO", "UPDATE", "PRACK", "MESSAGE",
    ];
    prop::sample::select(tokens.to_vec()).prop_map(Method::named)
}

/// The fields that every message has, and others with any text.
fn headers(method: Method) -> impl Strategy<Value = Headers> {
    let via =
        (host(), "[a-zA-Z0-9]{1,32}").prop_map(|(host, tail)| format!("SIP/2.0/UDP {host};branch=z9hG4bK{tail};rport"));
    let vias = prop::collection::vec(via, 1..4);
    let other = ("X-[A-Za-z0-9-]{1,10}", "([!-~张é][ -~张é]{0,60}[!-~张é])?");
    let others = prop::collection::vec(other, 0..5);
    (vias, name_addr(), name_addr(), uri(), 0_u32..1 << 31, others).prop_map(
        move |(vias, from, to, contact, cseq, others)| {
            let mut headers = Headers::default();
            vias.into_iter().for_each(|via| headers.push(Name::Via, via));
            headers.push(Name::MaxForwards, "70");
            headers.push(Name::From, from);
            headers.push(Name::To, to);
            headers.push(Name::CallId, format!("{cseq:x}@call"));
            headers.push(Name::CSeq, format!("{cseq} {method}"));
            headers.push(Name::Contact, format!("<{contact}>"));
            for (name, value) in others {
                headers.push(Name::named(&name), value);
            }
            headers
        },
    )
}

fn requests() -> impl Strategy<Value = Request> {
    let parts = methods().prop_flat_map(|method| (Just(method.clone()), headers(method)));
    (parts, uri(), any::<Vec<u8>>()).prop_map(|((method, headers), uri, body)| Request {
        method,
        uri,
        version: Version::Two,
        headers,
        body,
    })
}

fn responses() -> impl Strategy<Value = Response> {
    let headers = methods().prop_flat_map(headers);
    (headers, 100_u16..700, "([!-~é][ -~é]{0,30}[!-~é])?", any::<Vec<u8>>()).prop_map(
        |(headers, status, phrase, body)| Response {
            status,
            phrase,
            headers,
            body,
        },
    )
}

proptest! {
    #[test]
    fn rsip_reads_the_request_that_we_print(request in requests()) {
        let printed = request.print();
        prop_assert_eq!(reads_the_same(&printed), Ok(()));
        prop_assert_eq!(parse(&printed), Ok(Message::Request(request)));
    }

    #[test]
    fn rsip_reads_the_response_that_we_print(response in responses()) {
        let printed = response.print();
        prop_assert_eq!(reads_the_same(&printed), Ok(()));
        prop_assert_eq!(parse(&printed), Ok(Message::Response(response)));
    }

    #[test]
    fn no_text_in_a_value_makes_a_second_field_for_either_reader(mut request in requests(), value in "\\PC*[\r\n]*\\PC*[\r\n :]*\\PC*") {
        let fields = request.headers.iter().count();
        request.headers.push(Name::named("X-Last"), value);
        let printed = request.print();
        let Ok(Message::Request(read)) = parse(&printed) else {
            return Err(TestCaseError::fail("not read"));
        };
        prop_assert_eq!(read.headers.iter().count(), fields + 1);
        prop_assert_eq!(&parse(&read.print()), &Ok(Message::Request(read.clone())));
        prop_assert_eq!(reads_the_same_text(&read.print()), Ok(()));
    }
}
