//! SIP messages of our own making, read and written as plain text.

/// The lines of a header field, whole.
pub(crate) fn lines<'a>(message: &'a str, name: &str) -> Vec<&'a str> {
    let head = message.split("\r\n\r\n").next().unwrap_or_default();
    let is_it = |line: &&str| {
        line.split_once(':')
            .is_some_and(|(found, _)| found.trim().eq_ignore_ascii_case(name))
    };
    head.split("\r\n").skip(1).filter(is_it).collect()
}

/// The value of the first header field of this name; empty when there is none.
pub(crate) fn value<'a>(message: &'a str, name: &str) -> &'a str {
    let line = lines(message, name).first().copied().unwrap_or_default();
    line.split_once(':').map_or("", |(_, value)| value.trim())
}

/// The first word: a method, or `SIP/2.0`.
pub(crate) fn first_word(message: &str) -> &str {
    message.split(' ').next().unwrap_or_default()
}

/// The user part of a header field's URI.
pub(crate) fn user<'a>(message: &'a str, name: &str) -> &'a str {
    let uri = value(message, name).split_once("sip:").map_or("", |(_, rest)| rest);
    uri.split(['@', ';', '>']).next().unwrap_or_default()
}

/// The URI between the angle brackets of a header field.
pub(crate) fn uri<'a>(message: &'a str, name: &str) -> &'a str {
    let rest = value(message, name).split_once('<').map_or("", |(_, rest)| rest);
    rest.split('>').next().unwrap_or_default()
}

/// A response to a request: `status` is code and phrase, `more` are header lines that end in CRLF.
pub(crate) fn response(request: &str, status: &str, to_tag: &str, more: &str, body: &str) -> String {
    let copied = |name| {
        lines(request, name)
            .iter()
            .map(|line| format!("{line}\r\n"))
            .collect::<String>()
    };
    let to = value(request, "To");
    let tag = if to.contains(";tag=") {
        String::new()
    } else {
        format!(";tag={to_tag}")
    };
    let typed = if body.is_empty() {
        ""
    } else {
        "Content-Type: application/sdp\r\n"
    };
    format!(
        "SIP/2.0 {status}\r\n{}{}{}To: {to}{tag}\r\n{}{}{more}{typed}Content-Length: {}\r\n\r\n{body}",
        copied("Via"),
        copied("Record-Route"),
        copied("From"),
        copied("Call-ID"),
        copied("CSeq"),
        body.len()
    )
}

/// An SDP answer: A-law and telephone-event on a port of loopback.
pub(crate) fn sdp(port: u16) -> String {
    format!(
        "v=0\r\no=patient 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\n\
         a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    )
}
