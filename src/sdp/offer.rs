//! Our offer: one audio stream, A-law first (RFC 3264 section 5).

use std::net::IpAddr;

use super::Offer;

/// Payload numbers in the offer: RFC 3551 gives the codecs theirs, telephone-event gets the usual dynamic one.
pub(super) const PCMA: u8 = 8;
pub(super) const PCMU: u8 = 0;
pub(super) const EVENTS: u8 = 101;

/// The octets of the offer, of type application/sdp.
pub fn offer(offer: &Offer) -> Vec<u8> {
    let Offer { address, port, session } = offer;
    let kind = match address {
        IpAddr::V4(_) => "IP4",
        IpAddr::V6(_) => "IP6",
    };
    let lines = [
        "v=0".to_owned(),
        format!("o=- {session} {session} IN {kind} {address}"),
        "s=-".to_owned(),
        format!("c=IN {kind} {address}"),
        "t=0 0".to_owned(),
        format!("m=audio {port} RTP/AVP {PCMA} {PCMU} {EVENTS}"),
        format!("a=rtpmap:{PCMA} PCMA/8000"),
        format!("a=rtpmap:{PCMU} PCMU/8000"),
        format!("a=rtpmap:{EVENTS} telephone-event/8000"),
        format!("a=fmtp:{EVENTS} 0-15"),
        "a=ptime:20".to_owned(),
        "a=sendrecv".to_owned(),
    ];
    lines
        .iter()
        .flat_map(|line| [line.as_str(), "\r\n"])
        .collect::<String>()
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offer_is_what_the_sdp_library_reads() {
        let bytes = offer(&Offer {
            address: "192.0.2.1".parse().unwrap(),
            port: 40_000,
            session: 42,
        });
        let read = sdp_types::Session::parse(&bytes).unwrap();
        assert_eq!(read.origin.sess_id, "42");
        let media = &read.medias[0];
        assert_eq!((media.port, media.fmt.as_str()), (40_000, "8 0 101"));
        assert_eq!(media.get_first_attribute_value("ptime").unwrap(), Some("20"));
    }

    #[test]
    fn an_ipv6_offer_says_so() {
        let bytes = offer(&Offer {
            address: "2001:db8::1".parse().unwrap(),
            port: 40_000,
            session: 1,
        });
        assert!(String::from_utf8(bytes).unwrap().contains("c=IN IP6 2001:db8::1\r\n"));
    }
}
