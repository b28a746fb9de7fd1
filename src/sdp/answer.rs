//! The far end's answer, read tolerantly and reduced to what media needs (RFC 3264 section 6).

use std::net::{IpAddr, SocketAddr};

use sdp_types::{Attribute, Media, Session};

use super::offer::{EVENTS, PCMA, PCMU};
use super::{Answer, Direction};

/// The packet times that media can do, and the one where none is said (RFC 3551 section 4.2).
const PTIMES_MS: std::ops::RangeInclusive<u8> = 10..=60;
const DEFAULT_PTIME_MS: u8 = 20;

/// Why an answer cannot be used.
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
    /// No c= line, or one with something else than an IP address: names are not looked up.
    #[error("expected a connection line (c=) with an IP address")]
    NoAddress,
}

/// Reads the answer of a 200 or an 18x. The first audio stream that can be used counts; if none can, the first one's fault.
pub fn read_answer(bytes: &[u8]) -> Result<Answer, Error> {
    let session = Session::parse(essence(bytes).as_bytes()).map_err(|fault| Error::Grammar {
        what: fault.to_string(),
    })?;
    let mut first_fault = None;
    for media in &session.medias {
        match read_media(&session, media) {
            Ok(answer) => return Ok(answer),
            Err(fault) => first_fault = first_fault.or(Some(fault)),
        }
    }
    Err(first_fault.unwrap_or(Error::NoAudio))
}

/// The lines that matter, in the form that the reader wants: connection, audio streams and attributes; of two
/// connection lines in one place the first. What other lines say, however badly, changes nothing.
fn essence(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut kept = String::from("v=0\r\n");
    let mut section = Section::Audio;
    let mut has_connection = false;
    for line in text.split(['\r', '\n', '\0']) {
        let line = line.trim();
        let Some((key, value)) = line.split_once('=') else {
            continue;
        };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.split_whitespace());
        let value = value.collect::<Vec<_>>().join(" ");
        match key.as_str() {
            "m" => {
                let is_audio = value.get(..6).is_some_and(|kind| kind.eq_ignore_ascii_case("audio "));
                section = if is_audio { Section::Audio } else { Section::Other };
                has_connection = false;
            }
            "c" if has_connection => continue,
            "c" => has_connection = true,
            "a" => {}
            _ => continue,
        }
        match section {
            Section::Audio => kept.push_str(&format!("{key}={value}\r\n")),
            Section::Other => {}
        }
    }
    kept
}

/// Whether lines belong to what we read (the session, an audio stream) or to another stream.
enum Section {
    Audio,
    Other,
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

/// The number of telephone-event/8000; ours without an rtpmap counts, because it can mean nothing else.
fn events(media: &Media, formats: &[u8]) -> Option<u8> {
    let mapped =
        maps(media).find(|(format, name)| formats.contains(format) && name.starts_with("telephone-event/8000"));
    let is_ours_unmapped = formats.contains(&EVENTS) && !maps(media).any(|(format, _)| format == EVENTS);
    mapped
        .map(|(format, _)| format)
        .or_else(|| is_ours_unmapped.then_some(EVENTS))
}

fn maps(media: &Media) -> impl Iterator<Item = (u8, String)> {
    media.attributes.iter().filter_map(|attribute| {
        let value = attribute.value.as_ref().filter(|_| is(attribute, "rtpmap"))?;
        let (format, name) = value.trim().split_once(' ')?;
        Some((format.parse().ok()?, name.to_ascii_lowercase()))
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

fn ptime(session: &Session, media: &Media) -> u8 {
    let said = media
        .attributes
        .iter()
        .chain(&session.attributes)
        .find_map(|attribute| {
            let value = attribute.value.as_ref().filter(|_| is(attribute, "ptime"))?;
            value.trim().split('.').next()?.parse::<u8>().ok()
        });
    said.filter(|ptime| *ptime > 0)
        .unwrap_or(DEFAULT_PTIME_MS)
        .clamp(*PTIMES_MS.start(), *PTIMES_MS.end())
}

fn is(attribute: &Attribute, name: &str) -> bool {
    attribute.attribute.trim().eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sdp::Offer;

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
            payload: 0,
            events: Some(101),
            direction: Direction::SendRecv,
            ptime_ms: 30,
        };
        assert_eq!(answer, expected);
    }

    #[test]
    fn our_own_offer_read_as_an_answer_is_what_we_offered() {
        let offer = crate::sdp::offer(&Offer {
            address: "2001:db8::1".parse().unwrap(),
            port: 4000,
            session: 1,
        });
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
            ["ptime:5", "ptime:200", "ptime:20.0", "ptime:x", "ptime:0", "ptime:999"].map(ptime),
            [10, 60, 20, 20, 20, 20]
        );
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
