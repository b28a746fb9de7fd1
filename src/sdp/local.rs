//! Our side of a session: the offer, the answers to changes, and the version that tells one description from the next
//! (RFC 3264 sections 5, 6 and 8).

use std::net::{IpAddr, SocketAddr};

use super::answer::{self, Error};
use super::lines::{Lines, is_audio};
use super::{Answer, Direction};

/// Payload numbers in our offer: RFC 3551 gives the codecs theirs, telephone-event gets the usual dynamic one.
pub(super) const PCMA: u8 = 8;
pub(super) const PCMU: u8 = 0;
pub(super) const EVENTS: u8 = 101;

/// Our side of one session. Every description that we give comes from here.
#[derive(Clone, Debug)]
pub struct Local {
    media: SocketAddr,
    session: u64,
    version: u64,
    /// The number of telephone-event, once both sides use it: it may not change its meaning (section 8.3.2).
    events: u8,
    /// What was given last, without its o= line.
    last: Option<String>,
}

/// What an audio stream of ours says.
struct Stream<'a> {
    port: u16,
    codecs: &'a [u8],
    events: Option<u8>,
    ptime_ms: u8,
    direction: &'a str,
}

impl Local {
    /// A session with its id that wants media at this address.
    pub fn new(media: SocketAddr, session: u64) -> Self {
        Self {
            media,
            session,
            version: session,
            events: EVENTS,
            last: None,
        }
    }

    /// All that we can: PCMA, PCMU and telephone-event at 8 kHz, 20 ms, both ways.
    pub fn offer(&mut self) -> Vec<u8> {
        let stream = Stream {
            port: self.media.port(),
            codecs: &[PCMA, PCMU],
            events: Some(self.events),
            ptime_ms: 20,
            direction: "sendrecv",
        };
        let body = format!("t=0 0\r\n{stream}");
        self.give(body)
    }

    /// Answers an offer of the far end: the first audio stream that we speak is taken, every other stream refused with
    /// port 0. Where there is none, the offer has to be refused as a whole (488) and the session stays as it was.
    pub fn answer(&mut self, offer: &[u8]) -> Result<(Vec<u8>, Answer), Error> {
        let lines = Lines::read(offer)?;
        let (taken, answer) = answer::read(&lines)?;
        let timing = lines.timing.as_deref().filter(|timing| is_timing(timing));
        let mut body = format!("t={}\r\n", timing.unwrap_or("0 0"));
        let mut audio = 0;
        for stream in &lines.streams {
            let is_taken = is_audio(stream) && audio == taken;
            audio += usize::from(is_audio(stream));
            if is_taken {
                let stream = Stream {
                    port: self.media.port(),
                    codecs: &[answer.payload],
                    events: answer.events,
                    ptime_ms: answer.ptime_ms,
                    direction: mirrored(answer.direction),
                };
                body.push_str(&stream.to_string());
            } else {
                body.push_str(&refused(stream));
            }
        }
        self.events = answer.events.unwrap_or(self.events);
        Ok((self.give(body), answer))
    }

    /// The octets, of type application/sdp: an unchanged description keeps its version, a changed one gets the next.
    fn give(&mut self, body: String) -> Vec<u8> {
        if self.last.as_ref().is_some_and(|last| *last != body) {
            self.version = self.version.wrapping_add(1);
        }
        let (session, version, address) = (self.session, self.version, self.media.ip());
        let kind = match address {
            IpAddr::V4(_) => "IP4",
            IpAddr::V6(_) => "IP6",
        };
        let head = format!("v=0\r\no=- {session} {version} IN {kind} {address}\r\ns=-\r\nc=IN {kind} {address}\r\n");
        let octets = [head.as_bytes(), body.as_bytes()].concat();
        self.last = Some(body);
        octets
    }
}

impl std::fmt::Display for Stream<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "m=audio {} RTP/AVP", self.port)?;
        for format in self.codecs.iter().copied().chain(self.events) {
            write!(f, " {format}")?;
        }
        f.write_str("\r\n")?;
        for codec in self.codecs {
            let name = if *codec == PCMU { "PCMU" } else { "PCMA" };
            write!(f, "a=rtpmap:{codec} {name}/8000\r\n")?;
        }
        if let Some(events) = self.events {
            write!(f, "a=rtpmap:{events} telephone-event/8000\r\na=fmtp:{events} 0-15\r\n")?;
        }
        write!(f, "a=ptime:{}\r\na={}\r\n", self.ptime_ms, self.direction)
    }
}

/// Our direction, as the answer to theirs (section 6.1).
const fn mirrored(direction: Direction) -> &'static str {
    match direction {
        Direction::SendRecv => "sendrecv",
        Direction::SendOnly => "recvonly",
        Direction::RecvOnly => "sendonly",
        Direction::Inactive => "inactive",
    }
}

/// The m= line of a stream that we do not take: port 0, everything else as offered.
fn refused(stream: &str) -> String {
    let stream: String = stream.chars().filter(|c| !c.is_control()).collect();
    let mut words = stream.split(' ').filter(|word| !word.is_empty());
    let (kind, _port, transport) = (words.next(), words.next(), words.next());
    let formats = words.collect::<Vec<_>>().join(" ");
    let formats = if formats.is_empty() { "0" } else { &formats };
    format!(
        "m={} 0 {} {formats}\r\n",
        kind.unwrap_or("audio"),
        transport.unwrap_or("RTP/AVP")
    )
}

/// Whether the value of a t= line is two numbers.
fn is_timing(timing: &str) -> bool {
    let words: Vec<&str> = timing.split(' ').collect();
    let is_number = |word: &&str| !word.is_empty() && word.len() < 20 && word.bytes().all(|b| b.is_ascii_digit());
    words.len() == 2 && words.iter().all(is_number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn local() -> Local {
        Local::new("192.0.2.1:40000".parse().unwrap(), 42)
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    /// What we answer to these m= and a= lines.
    fn answered(local: &mut Local, lines: &[&str]) -> String {
        let offer = format!(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n{}\r\n",
            lines.join("\r\n")
        );
        text(local.answer(offer.as_bytes()).unwrap().0)
    }

    fn version(description: &str) -> u64 {
        let origin = description.lines().find_map(|line| line.strip_prefix("o=")).unwrap();
        origin.split(' ').nth(2).unwrap().parse().unwrap()
    }

    /// The m= lines and the directions.
    fn streams(description: &str) -> Vec<&str> {
        let wanted = ["m=", "a=send", "a=recv", "a=inactive"];
        let is_wanted = |line: &&str| wanted.iter().any(|start| line.starts_with(start));
        description.lines().filter(is_wanted).collect()
    }

    #[test]
    fn the_offer_is_what_the_sdp_library_reads() {
        let read = sdp_types::Session::parse(&local().offer()).unwrap();
        assert_eq!(read.origin.sess_id, "42");
        let media = &read.medias[0];
        assert_eq!((media.port, media.fmt.as_str()), (40_000, "8 0 101"));
        assert_eq!(media.get_first_attribute_value("ptime").unwrap(), Some("20"));
    }

    #[test]
    fn an_ipv6_offer_says_so() {
        let offer = Local::new("[2001:db8::1]:40000".parse().unwrap(), 1).offer();
        assert!(text(offer).contains("c=IN IP6 2001:db8::1\r\n"));
    }

    #[test]
    fn every_stream_has_its_line_and_only_the_first_audio_a_port() {
        let lines = [
            "m=video 5000 RTP/AVP 31 34",
            "a=sendonly",
            "m=audio 5002 RTP/SAVP 8",
            "m=audio 5004 RTP/AVP 18 0 8 96",
            "a=rtpmap:96 telephone-event/8000",
            "a=maxptime:30",
            "a=ptime:40",
            "m=audio 5006 RTP/AVP 8",
            "m=image 5008 udptl t38",
            "m=text",
        ];
        let answer = answered(&mut local(), &lines);
        let expected = [
            "m=video 0 RTP/AVP 31 34",
            "m=audio 0 RTP/SAVP 8",
            "m=audio 40000 RTP/AVP 0 96",
            "a=sendrecv",
            "m=audio 0 RTP/AVP 8",
            "m=image 0 udptl t38",
            "m=text 0 RTP/AVP 0",
        ];
        assert_eq!(streams(&answer), expected);
        assert!(answer.contains("a=rtpmap:0 PCMU/8000\r\na=rtpmap:96 telephone-event/8000\r\n"));
        assert!(answer.contains("a=ptime:30\r\n"));
    }

    #[test]
    fn every_hold_is_answered_in_kind() {
        let audio = "m=audio 5004 RTP/AVP 8";
        for (theirs, ours) in [
            ("a=sendrecv", "a=sendrecv"),
            ("a=sendonly", "a=recvonly"),
            ("a=recvonly", "a=sendonly"),
            ("a=inactive", "a=inactive"),
            ("c=IN IP4 0.0.0.0", "a=inactive"),
        ] {
            let answer = answered(&mut local(), &[audio, theirs]);
            assert_eq!(streams(&answer), ["m=audio 40000 RTP/AVP 8", ours], "{theirs}");
        }
    }

    #[test]
    fn a_description_that_says_the_same_keeps_its_version() {
        let mut local = local();
        let audio = "m=audio 5004 RTP/AVP 8";
        let versions = [
            version(&text(local.offer())),
            version(&text(local.offer())),
            version(&answered(&mut local, &[audio])),
            version(&answered(&mut local, &[audio])),
            version(&answered(&mut local, &[audio, "a=sendonly"])),
            version(&answered(&mut local, &[audio])),
        ];
        assert_eq!(versions, [42, 42, 43, 43, 44, 45]);
    }

    #[test]
    fn a_later_offer_keeps_the_number_of_the_keys() {
        let mut local = local();
        answered(
            &mut local,
            &["m=audio 5004 RTP/AVP 8 97", "a=rtpmap:97 telephone-event/8000"],
        );
        assert!(text(local.offer()).contains("RTP/AVP 8 0 97\r\n"));
    }

    #[test]
    fn an_offer_without_audio_for_us_is_refused_as_a_whole_and_changes_nothing() {
        let mut local = local();
        let before = local.offer();
        let fax = b"v=0\r\nc=IN IP4 192.0.2.9\r\nm=image 5008 udptl t38\r\n";
        assert_eq!(local.answer(fax), Err(Error::NoAudio));
        let moved = b"v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 0 RTP/AVP 8\r\nm=image 5008 udptl t38\r\n";
        assert_eq!(local.answer(moved), Err(Error::Refused));
        let found = "18".to_owned();
        let codec = b"v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 5000 RTP/AVP 18\r\n";
        assert_eq!(local.answer(codec), Err(Error::NoCodec { found }));
        let many = "m=audio 5000 RTP/AVP 8\r\n".repeat(17);
        assert_eq!(local.answer(many.as_bytes()), Err(Error::TooManyStreams { found: 17 }));
        assert_eq!(local.offer(), before);
    }

    #[test]
    fn the_times_are_those_of_the_offer() {
        let offer = |timing| format!("t={timing}\nc=IN IP4 192.0.2.9\nm=audio 5000 RTP/AVP 8\n");
        let times = |timing| text(local().answer(offer(timing).as_bytes()).unwrap().0);
        assert!(times("2873397496 2873404696").contains("t=2873397496 2873404696\r\n"));
        assert!(times("now then").contains("t=0 0\r\n"));
    }

    proptest! {
        #[test]
        fn any_octets_are_answered_without_panic(bytes: Vec<u8>) {
            let _ = local().answer(&bytes);
        }

        #[test]
        fn what_is_answered_has_as_many_streams_and_can_be_read(
            lines in prop::collection::vec("(m=(audio|video|image) [0-9]{1,5} (RTP/AVP|udptl) [0-9 ]{1,6})|([acmvt]=[ -~]{0,40})", 0..20),
        ) {
            let offer = format!("c=IN IP4 192.0.2.9\n{}", lines.join("\n"));
            if let Ok((answer, theirs)) = local().answer(offer.as_bytes()) {
                let ours = answer::read_answer(&answer).unwrap();
                prop_assert_eq!((ours.payload, ours.events), (theirs.payload, theirs.events));
                prop_assert_eq!((ours.remote, ours.ptime_ms), (local().media, theirs.ptime_ms));
                let read = sdp_types::Session::parse(&answer).unwrap();
                let offered = lines.iter().filter(|line| line.starts_with("m=")).count();
                prop_assert_eq!(read.medias.len(), offered);
                prop_assert_eq!(read.medias.iter().filter(|media| media.port != 0).count(), 1);
            }
        }
    }
}
