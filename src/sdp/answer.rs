//! The far end's audio, of an answer or an offer: read tolerantly and reduced to what media needs (RFC 3264).

use std::net::{IpAddr, SocketAddr};

use sdp_types::{Attribute, Media, Session};

use super::lines::Lines;
use super::local::{EVENTS, PCMA, PCMU};
use super::{Answer, Direction};

/// The packet times that media can do, whole tens of them, and the one where none is said (RFC 3551 section 4.2).
const PTIMES_MS: std::ops::RangeInclusive<u8> = 10..=60;
const DEFAULT_PTIME_MS: u8 = 20;

/// Why a description cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An audio, connection or attribute line that breaks RFC 4566.
    #[error("the session description breaks its grammar: {what}")]
    Grammar {
        /// What the reader said.
        what: String,
    },
    /// No m=audio line at all.
    #[error("expected an audio stream (m=audio)")]
    NoAudio,
    /// The audio stream has port 0: the far end does not want it.
    #[error("the far end refuses the audio stream (port 0)")]
    Refused,
    /// Not plain RTP.
    #[error("expected RTP/AVP, found {found}")]
    Transport {
        /// The transport of the m= line.
        found: String,
    },
    /// Neither PCMA nor PCMU.
    #[error("expected format 8 (PCMA) or 0 (PCMU), found {found}")]
    NoCodec {
        /// The formats of the m= line.
        found: String,
    },
    /// More m= lines than anybody means.
    #[error("expected at most 16 streams, found {found}")]
    TooManyStreams {
        /// How many there are.
        found: usize,
    },
    /// No c= line, or one with something else than an IP address: names are not looked up.
    #[error("expected a connection line (c=) with an IP address")]
    NoAddress,
}

/// Reads the answer of a 200 or an 18x. The first audio stream that can be used counts; if none can, the first one's fault.
pub fn read_answer(bytes: &[u8]) -> Result<Answer, Error> {
    read(&Lines::read(bytes)?).map(|(_, answer)| answer)
}

/// The first audio stream that can be used, with its place among the audio streams.
pub(super) fn read(lines: &Lines) -> Result<(usize, Answer), Error> {
    let session = Session::parse(lines.audio.as_bytes()).map_err(|fault| Error::Grammar {
        what: fault.to_string(),
    })?;
    let mut first_fault = None;
    for (place, media) in session.medias.iter().enumerate() {
        match read_media(&session, media) {
            Ok(answer) => return Ok((place, answer)),
            Err(fault) => first_fault = first_fault.or(Some(fault)),
        }
    }
    Err(first_fault.unwrap_or(Error::NoAudio))
}

fn read_media(session: &Session, media: &Media) -> Result<Answer, Error> {
    if media.port == 0 {
        return Err(Error::Refused);
    }
    if !media.proto.eq_ignore_ascii_case("RTP/AVP") {
        return Err(Error::Transport {
            found: media.proto.clone(),
        });
    }
    let formats: Vec<u8> = media.fmt.split(' ').filter_map(|format| format.parse().ok()).collect();
    let codec = formats.iter().find(|&&format| format == PCMA || format == PCMU);
    let payload = *codec.ok_or_else(|| Error::NoCodec {
        found: media.fmt.clone(),
    })?;
    let connection = media.connections.first().or(session.connection.as_ref());
    let address = connection.and_then(|connection| address(&connection.connection_address));
    let address = address.ok_or(Error::NoAddress)?;
    Ok(Answer {
        remote: SocketAddr::new(address, media.port),
        rtcp: rtcp(media, address),
        payload,
        events: events(media, &formats),
        direction: direction(session, media, address),
        ptime_ms: ptime(session, media),
    })
}

/// The address without the TTL and count of multicast.
fn address(text: &str) -> Option<IpAddr> {
    text.split('/').next()?.trim().parse().ok()
}

/// Where its RTCP goes, when not to the next port (RFC 3605 section 2.1).
fn rtcp(media: &Media, connection: IpAddr) -> Option<SocketAddr> {
    let value = media.attributes.iter().find_map(|attribute| {
        let value = attribute.value.as_ref().filter(|_| is(attribute, "rtcp"))?;
        Some(value.trim())
    })?;
    let mut words = value.split(' ');
    let port = words.next()?.parse().ok().filter(|port| *port > 0)?;
    let address = match words.nth(2) {
        Some(said) => address(said)?,
        None => connection,
    };
    Some(SocketAddr::new(address, port))
}

/// The number of telephone-event/8000, one of the dynamic ones; ours without an rtpmap counts, because it can mean nothing else.
fn events(media: &Media, formats: &[u8]) -> Option<u8> {
    let mapped = maps(media).find(|(format, name)| {
        let is_events = name == "telephone-event/8000" || name == "telephone-event/8000/1";
        is_events && (96..=127).contains(format) && formats.contains(format)
    });
    let is_ours_unmapped = formats.contains(&EVENTS) && !maps(media).any(|(format, _)| format == EVENTS);
    mapped
        .map(|(format, _)| format)
        .or_else(|| is_ours_unmapped.then_some(EVENTS))
}

fn maps(media: &Media) -> impl Iterator<Item = (u8, String)> {
    media.attributes.iter().filter_map(|attribute| {
        let value = attribute.value.as_ref().filter(|_| is(attribute, "rtpmap"))?;
        let (format, name) = value.trim().split_once(' ')?;
        Some((format.parse().ok()?, name.trim().to_ascii_lowercase()))
    })
}

/// The stream's direction, else the session's, else both ways. `c=0.0.0.0` is hold as RFC 2543 did it (RFC 3264
/// section 8.4): nothing may be sent there, and nothing can be expected from there.
fn direction(session: &Session, media: &Media, address: IpAddr) -> Direction {
    if address.is_unspecified() {
        return Direction::Inactive;
    }
    let said = media
        .attributes
        .iter()
        .chain(&session.attributes)
        .find_map(|attribute| {
            [
                ("sendrecv", Direction::SendRecv),
                ("sendonly", Direction::SendOnly),
                ("recvonly", Direction::RecvOnly),
                ("inactive", Direction::Inactive),
            ]
            .into_iter()
            .find_map(|(name, direction)| is(attribute, name).then_some(direction))
        });
    said.unwrap_or(Direction::SendRecv)
}

/// The packet time that it wants, no longer than it can take.
fn ptime(session: &Session, media: &Media) -> u8 {
    let said = |name: &str| {
        let mut attributes = media.attributes.iter().chain(&session.attributes);
        attributes.find_map(|attribute| {
            let value = attribute.value.as_ref().filter(|_| is(attribute, name))?;
            let whole = value.trim().split('.').next()?.parse::<u32>().ok()?;
            u8::try_from(whole.min(255)).ok().filter(|ptime| *ptime > 0)
        })
    };
    let wanted = said("ptime").unwrap_or(DEFAULT_PTIME_MS);
    let ptime = wanted.min(said("maxptime").unwrap_or(u8::MAX));
    (ptime / 10 * 10).clamp(*PTIMES_MS.start(), *PTIMES_MS.end())
}

fn is(attribute: &Attribute, name: &str) -> bool {
    attribute.attribute.trim().eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sdp::Local;

    const PLAIN: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n\
        m=audio 30000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:30\r\n";

    fn read(text: &str) -> Result<Answer, Error> {
        read_answer(text.as_bytes())
    }

    #[test]
    fn the_far_ends_first_format_counts_and_needs_no_rtpmap() {
        let answer = read(PLAIN).unwrap();
        let expected = Answer {
            remote: "192.0.2.9:30000".parse().unwrap(),
            rtcp: None,
            payload: 0,
            events: Some(101),
            direction: Direction::SendRecv,
            ptime_ms: 30,
        };
        assert_eq!(answer, expected);
    }

    #[test]
    fn our_own_offer_read_as_an_answer_is_what_we_offered() {
        let offer = Local::new("[2001:db8::1]:4000".parse().unwrap(), 1).offer();
        let answer = read_answer(&offer).unwrap();
        assert_eq!(answer.remote, "[2001:db8::1]:4000".parse().unwrap());
        assert_eq!((answer.payload, answer.events, answer.ptime_ms), (8, Some(101), 20));
    }

    #[test]
    fn bare_line_feeds_latin_1_missing_lines_and_spaces_change_nothing() {
        let odd = b"o=M\xFCller x\ns=\xE4\nc= IN  IP4 192.0.2.9 \nb=AS\nm=audio  30000 RTP/AVP 8\na=rtpmap:8 PCMA/8000\nx\n\n";
        let answer = read_answer(odd).unwrap();
        assert_eq!((answer.payload, answer.events, answer.ptime_ms), (8, None, 20));
    }

    #[test]
    fn the_streams_own_lines_beat_the_sessions() {
        let text = "v=0\r\nc=IN IP4 192.0.2.1\r\na=sendonly\r\na=ptime:10\r\nm=audio 5 RTP/AVP 8 96\r\n\
            c=IN IP4 192.0.2.2\r\na=RTPMAP:96 Telephone-Event/8000\r\na=recvonly\r\n";
        let answer = read(text).unwrap();
        assert_eq!(answer.remote.to_string(), "192.0.2.2:5");
        assert_eq!(
            (answer.direction, answer.events, answer.ptime_ms),
            (Direction::RecvOnly, Some(96), 10)
        );
        let session_only = read(&text.replace("a=recvonly\r\n", "")).unwrap();
        assert_eq!(session_only.direction, Direction::SendOnly);
    }

    #[test]
    fn other_streams_are_passed_over_however_broken() {
        let text = "v=0\nc=IN IP4 192.0.2.1\nc=IN IP4 192.0.2.7\nm=video 99999 RTP/AVP 31\nc=nonsense\na=inactive\n\
            m=audio 0 RTP/AVP 8\nm=audio 6000 RTP/AVP 18 8\na=rtpmap:18 G729/8000\n";
        let answer = read(text).unwrap();
        assert_eq!(answer.remote.to_string(), "192.0.2.1:6000");
        assert_eq!(answer.direction, Direction::SendRecv);
    }

    #[test]
    fn the_old_hold_address_is_hold() {
        let answer = read(&PLAIN.replace("c=IN IP4 192.0.2.9", "c=IN IP4 0.0.0.0")).unwrap();
        assert_eq!(answer.direction, Direction::Inactive);
    }

    #[test]
    fn a_useless_answer_says_what_is_wrong_with_it() {
        assert_eq!(read(""), Err(Error::NoAudio));
        assert_eq!(read("v=0\r\nm=image 9 udptl t38\r\n"), Err(Error::NoAudio));
        assert_eq!(read(&PLAIN.replace("30000", "0")), Err(Error::Refused));
        assert_eq!(
            read(&PLAIN.replace("c=IN IP4 192.0.2.9", "c=IN IP4 pbx.example")),
            Err(Error::NoAddress)
        );
        let found = "RTP/SAVP".to_owned();
        assert_eq!(
            read(&PLAIN.replace("RTP/AVP", "RTP/SAVP")),
            Err(Error::Transport { found })
        );
        let found = "18 101".to_owned();
        assert_eq!(read(&PLAIN.replace("0 8 101", "18 101")), Err(Error::NoCodec { found }));
        assert!(matches!(
            read(&PLAIN.replace("30000", "300000")),
            Err(Error::Grammar { .. })
        ));
    }

    #[test]
    fn packet_times_that_media_cannot_do_are_brought_into_reach() {
        let ptime = |value| read(&PLAIN.replace("ptime:30", value)).unwrap().ptime_ms;
        assert_eq!(
            [
                "ptime:5",
                "ptime:200",
                "ptime:20.0",
                "ptime:x",
                "ptime:0",
                "ptime:999",
                "ptime:35"
            ]
            .map(ptime),
            [10, 60, 20, 20, 20, 60, 30]
        );
        assert_eq!(ptime("ptime:60\r\na=maxptime:40"), 40);
        assert_eq!(ptime("maxptime:10"), 10);
    }

    #[test]
    fn rtcp_may_have_a_port_and_an_address_of_its_own() {
        let rtcp = |value: &str| {
            let text = PLAIN.replace("a=ptime:30", value);
            read(&text).unwrap().rtcp.map(|address| address.to_string())
        };
        assert_eq!(rtcp("a=rtcp:53020").as_deref(), Some("192.0.2.9:53020"));
        assert_eq!(
            rtcp("a=rtcp:53020 IN IP4 192.0.2.7").as_deref(),
            Some("192.0.2.7:53020")
        );
        assert_eq!(
            rtcp("a=RTCP:53020  IN IP6  2001:db8::7").as_deref(),
            Some("[2001:db8::7]:53020")
        );
        assert_eq!(rtcp("a=rtcp:0"), None);
        assert_eq!(rtcp("a=rtcp:53020 IN IP4 name.example"), None);
        assert_eq!(rtcp("a=rtcp-mux"), None);
    }

    #[test]
    fn telephone_events_have_a_dynamic_number_and_our_clock() {
        let events = |formats: &str, map: &str| {
            let text = PLAIN
                .replace("0 8 101", formats)
                .replace("rtpmap:101 telephone-event/8000", map);
            read(&text).unwrap().events
        };
        assert_eq!(events("8 96", "rtpmap:96 telephone-event/8000"), Some(96));
        assert_eq!(events("8 127", "rtpmap:127 telephone-event/8000/1"), Some(127));
        assert_eq!(events("8 95", "rtpmap:95 telephone-event/8000"), None);
        assert_eq!(events("8 128", "rtpmap:128 telephone-event/8000"), None);
        assert_eq!(events("8 96", "rtpmap:96 telephone-event/16000"), None);
        assert_eq!(events("8 8 97 97", "rtpmap:97 telephone-event/8000"), Some(97));
        assert_eq!(events("8", "rtpmap:97 telephone-event/8000"), None);
        // Unmapped, ours can mean nothing else; mapped to something else it is that.
        assert_eq!(events("8 101", "x"), Some(101));
        assert_eq!(events("8 101", "rtpmap:101 opus/48000/2"), None);
    }

    proptest! {
        #[test]
        fn any_octets_are_read_without_panic(bytes: Vec<u8>) {
            let _ = read_answer(&bytes);
        }

        #[test]
        fn any_lines_are_read_without_panic(lines in prop::collection::vec("[cmavo]=[ -~]{0,40}", 0..20)) {
            let _ = read_answer(lines.join("\n").as_bytes());
        }
    }
}
