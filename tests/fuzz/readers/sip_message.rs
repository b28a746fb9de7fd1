//! A SIP message: read the same each time, and parse after print gives the same message.

use aftercall::sip::{Error, Message, parse};

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    let read = parse(bytes);
    assert_eq!(read, parse(bytes));
    let Ok(message) = read else { return };
    let printed = message.print();
    match parse(&printed) {
        Ok(again) => assert_eq!(again, message),
        // Long names and a line for each field take more room.
        Err(Error::TooLong) => assert!(printed.len() > bytes.len()),
        Err(fault) => panic!("{fault} in what we print of {message:?}"),
    }
    let (Message::Request(aftercall::sip::Request { headers, .. })
    | Message::Response(aftercall::sip::Response { headers, .. })) = &message;
    assert!(headers.iter().all(|(_, value)| !value.contains(['\r', '\n'])));
}
