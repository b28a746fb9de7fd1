//! The far end's own packet code for SIP: it shares nothing with `sip/` and `sdp/`, so the two can judge each other.

pub(super) mod description;
pub(super) mod digest;
pub(super) mod message;

pub(super) use message::{Message, Start, Unreadable};

/// A response to a request (RFC 3261 section 8.2.6): Via, From, To with our tag, Call-ID and CSeq copied.
pub(super) fn response(
    request: &Message,
    status: u16,
    phrase: &str,
    tag: &str,
    more: &[String],
    body: &str,
) -> Vec<u8> {
    let mut text = format!("SIP/2.0 {status} {phrase}\r\n");
    for name in ["Via", "Record-Route"] {
        for value in request.headers(name) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    let copied = |name| request.header(name).unwrap_or_default();
    let to = copied("To");
    let tag = if request.to_tag().is_some() || status == 100 {
        String::new()
    } else {
        format!(";tag={tag}")
    };
    text.push_str(&format!("From: {}\r\nTo: {to}{tag}\r\n", copied("From")));
    text.push_str(&format!(
        "Call-ID: {}\r\nCSeq: {}\r\n",
        copied("Call-ID"),
        copied("CSeq")
    ));
    finish(text, more, body)
}

/// Adds further header lines, the body and its length.
pub(super) fn finish(mut text: String, more: &[String], body: &str) -> Vec<u8> {
    for line in more {
        text.push_str(line);
        text.push_str("\r\n");
    }
    if !body.is_empty() && !more.iter().any(|line| line.starts_with("Content-Type:")) {
        text.push_str("Content-Type: application/sdp\r\n");
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    text.into_bytes()
}

/// The usual phrase of a status.
pub(super) const fn phrase(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        183 => "Session Progress",
        200 => "OK",
        302 => "Moved Temporarily",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        484 => "Address Incomplete",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        500 => "Server Internal Error",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        607 => "Unwanted",
        608 => "Rejected",
        _ => "Far End",
    }
}
