//! Session descriptions of the far end: the caller's offer read, our answer written (RFC 4566, 3264, 4733).

use std::net::{IpAddr, SocketAddr};

use crate::far_end::g711::Law;

/// What the caller offered, reduced to what a telephone needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// Where the caller wants media.
    pub(crate) address: SocketAddr,
    /// Its G.711 laws in its order of preference.
    pub(crate) laws: [Option<Law>; 2],
    /// The payload number of its telephone-event/8000.
    pub(crate) events: Option<u8>,
}

impl Offer {
    /// Reads an offer; the error says what it lacks.
    pub(crate) fn parse(body: &str) -> Result<Self, &'static str> {
        if !body.starts_with("v=0") {
            return Err("INVITE without a session description");
        }
        let mut host: Option<IpAddr> = None;
        let mut audio: Option<(u16, Vec<u8>)> = None;
        let mut in_audio = false;
        let mut events = None;
        for line in body.lines() {
            let (kind, value) = line.split_once('=').unwrap_or((line, ""));
            match kind {
                "m" => {
                    in_audio = audio.is_none() && value.starts_with("audio ");
                    if in_audio {
                        audio = Some(media(value).ok_or("an m=audio line that cannot be read")?);
                    }
                }
                "c" if in_audio || audio.is_none() => host = connection(value).or(host),
                "a" if in_audio => events = events.or_else(|| telephone_event(value)),
                _ => {}
            }
        }
        let host = host.ok_or("an offer without a c= line")?;
        let (port, formats) = audio.ok_or("an offer without audio")?;
        let mut laws = formats.iter().filter_map(|&f| Law::from_payload(f));
        let laws = [laws.next(), laws.next()];
        if laws.iter().all(Option::is_none) {
            return Err("an offer without PCMA or PCMU");
        }
        let events = events.filter(|e| formats.contains(e));
        Ok(Self {
            address: SocketAddr::new(host, port),
            laws,
            events,
        })
    }

    /// The law that is spoken: the wanted one if it was offered, else the first offered.
    pub(crate) fn law(&self, wanted: Option<Law>) -> Option<Law> {
        let offered = wanted.filter(|&w| self.laws.contains(&Some(w)));
        offered.or_else(|| self.laws.iter().flatten().next().copied())
    }
}

/// Our answer: one law, telephone-event if both sides want it, 20 ms, sendrecv.
pub(crate) fn answer(address: SocketAddr, session: u64, law: Law, events: Option<u8>) -> String {
    let family = if address.is_ipv4() { "IP4" } else { "IP6" };
    let (ip, port, payload, name) = (address.ip(), address.port(), law.payload(), law.name());
    let (format, map) = match events {
        Some(e) => (
            format!("{payload} {e}"),
            format!("a=rtpmap:{e} telephone-event/8000\r\na=fmtp:{e} 0-15\r\n"),
        ),
        None => (payload.to_string(), String::new()),
    };
    format!(
        "v=0\r\no=patient {session} 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP {format}\r\na=rtpmap:{payload} {name}/8000\r\n{map}a=ptime:20\r\na=sendrecv\r\n"
    )
}

fn media(value: &str) -> Option<(u16, Vec<u8>)> {
    let mut words = value.split_whitespace().skip(1);
    let port = words.next()?.parse().ok().filter(|&p| p > 0)?;
    (words.next()? == "RTP/AVP").then_some(())?;
    Some((port, words.filter_map(|w| w.parse().ok()).collect()))
}

fn connection(value: &str) -> Option<IpAddr> {
    value.split_whitespace().nth(2)?.parse().ok()
}

fn telephone_event(value: &str) -> Option<u8> {
    let (payload, name) = value.strip_prefix("rtpmap:")?.split_once(' ')?;
    name.trim()
        .eq_ignore_ascii_case("telephone-event/8000")
        .then(|| payload.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
        m=audio 20000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";

    #[test]
    fn an_offer_of_the_caller_is_read() {
        let offer = Offer::parse(OFFER).unwrap();
        assert_eq!(offer.address, "127.0.0.1:20000".parse().unwrap());
        assert_eq!(
            (offer.law(None), offer.law(Some(Law::Pcmu))),
            (Some(Law::Pcma), Some(Law::Pcmu))
        );
        assert_eq!(offer.events, Some(101));
    }

    #[test]
    fn our_answer_reads_back_as_what_we_said() {
        let text = answer("127.0.0.1:4000".parse().unwrap(), 9, Law::Pcmu, Some(96));
        let read = Offer::parse(&text).unwrap();
        assert_eq!(
            (read.address.port(), read.law(None), read.events),
            (4000, Some(Law::Pcmu), Some(96))
        );
        let silent = answer("127.0.0.1:4000".parse().unwrap(), 9, Law::Pcma, None);
        assert_eq!(Offer::parse(&silent).unwrap().events, None);
    }

    #[test]
    fn an_offer_that_no_telephone_can_answer_says_why() {
        assert_eq!(Offer::parse(""), Err("INVITE without a session description"));
        assert_eq!(
            Offer::parse("v=0\r\nm=audio 1 RTP/AVP 8\r\n"),
            Err("an offer without a c= line")
        );
        let g729 = OFFER.replace("8 0 101", "18 101");
        assert_eq!(Offer::parse(&g729), Err("an offer without PCMA or PCMU"));
        let zero = OFFER.replace("20000", "0");
        assert_eq!(Offer::parse(&zero), Err("an m=audio line that cannot be read"));
    }
}
