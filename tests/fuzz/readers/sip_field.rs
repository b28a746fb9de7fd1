//! One value of a SIP header field, or one address, read as each of the kinds that there are.

use aftercall::sip::{Address, CSeq, Headers, Message, Method, Name, Request, Uri, Version, Via, parse, tel};

/// Holds for any text.
pub(crate) fn check(bytes: &[u8]) {
    // Octets that are not UTF-8 travel as these characters, which no text has that was read from the wire.
    let text = String::from_utf8_lossy(bytes).replace(|c| ('\u{f780}'..='\u{f7ff}').contains(&c), "\u{fffd}");
    let text = text.as_str();
    assert_eq!(Uri::read(text), Uri::read(text));
    if let Ok(uri) = Uri::read(text) {
        assert!(uri.same_place(&uri) && !uri.host.is_empty() && uri.port != Some(0));
        assert!(uri.param("lr").is_some() == uri.is_loose());
        assert!(uri.ip().is_none() || uri.host.len() >= 3);
        assert!(uri.user_name().is_some() == uri.user.is_some());
        assert_eq!(
            as_target(text),
            Some(text.to_string()),
            "an address that is read stands in a start line"
        );
        let bracketed = format!("<{text}>;tag=t");
        let address = Address::read(&bracketed).unwrap_or_else(|| panic!("{bracketed}"));
        assert_eq!(
            (address.uri, address.tag().as_deref(), address.name().as_str()),
            (text, Some("t"), "")
        );
    }
    assert!(tel(text).is_none_or(|number| !number.is_empty() && text.contains(number)));
    if let Some(address) = Address::read(text) {
        assert!(!address.uri.is_empty() && text.contains(address.uri));
        assert!(address.tag().is_none() || address.params() > 0);
        assert!(address.name().len() <= text.len());
    }
    if let Some(via) = Via::read(text) {
        assert!(!via.sent_by.is_empty() && via.port() != Some(0));
        assert!(via.unique_branch().is_none() || via.unique_branch() == via.branch());
        via.received();
    }
    if let Some(cseq) = CSeq::read(text) {
        assert!(cseq.number < 1 << 31);
    }
    let mut headers = Headers::default();
    headers.push(Name::Contact, text);
    assert!(headers.list(&Name::Contact).all(|value| !value.is_empty()));
}

/// The Request-URI of a printed request that has it.
fn as_target(uri: &str) -> Option<String> {
    let request = Request {
        method: Method::Options,
        uri: uri.to_owned(),
        version: Version::Two,
        headers: Headers::default(),
        body: Vec::new(),
    };
    match parse(&request.print()) {
        Ok(Message::Request(read)) => Some(read.uri),
        Ok(Message::Response(_)) | Err(_) => None,
    }
}
