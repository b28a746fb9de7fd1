//! Calls to us over real sockets: the questionnaire finished by keys, a message that has sound, a number that is withheld.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use aftercall::control::Told;
use aftercall::outcome::Disposition;
use aftercall::store::Visible;
use aftercall::store::console::call_backs::{Became, CallBackRow, Unseen};

use crate::house::{House, ended, within};
use crate::site::CAMPAIGN;

/// Busy, so that a case is open and missed.
const BUSY: &str = r#"
[[behaviour]]
name = "busy"
numbers = "*"
ring = "50ms"
status = 486
"#;

/// A menu for strangers, in the prompts of the site.
const MENU: &str = r#"
[dialplan]
id = "menu"
title = "来电"
language = "zh-CN"
start = "message"

[[question]]
id = "message"
title = "留言"
ask = "open"
say = "sorry"
longest = "20s"
quiet = "2s"
next = "end.completed"

[end.completed]
say = "goodbye"
[end.refused]
say = "sorry"
[end.silent]
say = "sorry"

[prompts]
goodbye = "谢谢，再见。"
sorry = "打扰您了，再见。"
"#;

const TAKING: &str = "\n[incoming]\ntake = true\nknown = \"menu.toml\"\nunknown = \"menu.toml\"\n";

async fn house() -> House {
    let house = House::open_by(BUSY, |site, address| {
        site.write("menu.toml", MENU);
        let campaign = site.read("campaign.toml");
        site.write("campaign.toml", &campaign.replace("budget = 1", "budget = 3"));
        site.settings(TAKING, &address.to_string(), "");
    })
    .await;
    house.office.take_calls().await.unwrap();
    house
}

/// Somebody at a telephone behind the trunk.
struct Caller {
    sip: UdpSocket,
    rtp: UdpSocket,
    daemon: SocketAddr,
    from: String,
    call: String,
    /// To with the daemon's tag, its contact, and where its RTP is.
    dialog: Option<(String, String, SocketAddr)>,
    cseq: u32,
}

impl Caller {
    fn calls(daemon: SocketAddr, from: &str) -> Self {
        let sip = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let rtp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        sip.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        rtp.set_nonblocking(true).unwrap();
        let call = format!("in-{}", sip.local_addr().unwrap().port());
        let mut caller = Self {
            sip,
            rtp,
            daemon,
            from: format!("{from};tag={call}"),
            call,
            dialog: None,
            cseq: 1,
        };
        let port = caller.rtp.local_addr().unwrap().port();
        let sdp = format!(
            "v=0\r\no=c 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\n\
             a=rtpmap:101 telephone-event/8000\r\n"
        );
        caller.send("INVITE", 1, "Content-Type: application/sdp\r\n", &sdp);
        caller
    }

    fn send(&mut self, method: &str, cseq: u32, more: &str, body: &str) {
        let own = self.sip.local_addr().unwrap();
        let (to, uri) = match &self.dialog {
            Some((to, contact, _)) => (to.clone(), contact.clone()),
            None => (
                "<sip:hospital@127.0.0.1>".to_owned(),
                format!("sip:hospital@{}", self.daemon),
            ),
        };
        let text = format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{}{method}{cseq}\r\nMax-Forwards: 70\r\n\
             From: {}\r\nTo: {to}\r\nCall-ID: {}\r\nCSeq: {cseq} {method}\r\nContact: <sip:caller@{own}>\r\n{more}\
             Content-Length: {}\r\n\r\n{body}",
            self.call,
            self.from,
            self.call,
            body.len()
        );
        self.sip.send_to(text.as_bytes(), self.daemon).unwrap();
    }

    /// Reads what has come: answers the 200 and the BYE. Whether the daemon has hung up, or refused.
    fn hears(&mut self) -> bool {
        let mut octets = [0; 4096];
        let Ok((length, _)) = self.sip.recv_from(&mut octets) else {
            return false;
        };
        let text = String::from_utf8_lossy(&octets[..length]).into_owned();
        let header = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
            line.unwrap_or_default().to_owned()
        };
        if text.starts_with("BYE ") {
            let ok = format!(
                "SIP/2.0 200 OK\r\nVia: {}\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {}\r\nContent-Length: 0\r\n\r\n",
                header("Via"),
                header("From"),
                header("To"),
                self.call,
                header("CSeq"),
            );
            self.sip.send_to(ok.as_bytes(), self.daemon).unwrap();
            return true;
        }
        let is_invites = header("CSeq").ends_with("INVITE");
        if text.starts_with("SIP/2.0 200") && is_invites {
            let contact = header("Contact").trim_matches(['<', '>']).to_owned();
            let port = text.split("m=audio ").nth(1).and_then(|rest| rest.split(' ').next());
            let port: u16 = port.unwrap().parse().unwrap();
            self.dialog = Some((header("To"), contact, SocketAddr::from((Ipv4Addr::LOCALHOST, port))));
            self.send("ACK", 1, "", "");
        }
        is_invites && ["SIP/2.0 4", "SIP/2.0 5"].iter().any(|final_| text.starts_with(final_))
    }

    /// Stays on the line for so long at most, speaking between these times and pressing keys at theirs; whether the daemon
    /// hung up.
    fn stays(mut self, longest: Duration, speaks: std::ops::Range<u64>, keys: &[(u64, char)]) -> bool {
        let mut keys = keys.iter().copied().peekable();
        let mut answered: Option<Instant> = None;
        let mut sequence: u16 = 0;
        let began = Instant::now();
        while began.elapsed() < longest {
            if self.hears() {
                return true;
            }
            let Some((_, _, to)) = self.dialog.clone() else {
                continue;
            };
            let since = answered.get_or_insert_with(Instant::now).elapsed();
            // A frame every 20 ms, whatever the socket's wait was.
            while u64::from(sequence) * 20 < u64::try_from(since.as_millis()).unwrap() {
                let at = u64::from(sequence) * 20;
                let mut packet = vec![0x80, 8];
                packet.extend(sequence.to_be_bytes());
                packet.extend((u32::from(sequence) * 160).to_be_bytes());
                packet.extend(7_u32.to_be_bytes());
                // A-law: loud up and down, or silence.
                let loud = speaks.contains(&at);
                packet.extend((0..160).map(|n| match (loud, n / 10 % 2) {
                    (true, 0) => 0xaa_u8,
                    (true, _) => 0x2a,
                    (false, _) => 0xd5,
                }));
                self.rtp.send_to(&packet, to).unwrap();
                sequence += 1;
            }
            if let Some((_, key)) = keys.next_if(|(at, _)| *at <= u64::try_from(since.as_millis()).unwrap()) {
                self.cseq += 1;
                let cseq = self.cseq;
                let body = format!("Signal={key}\r\nDuration=160\r\n");
                self.send("INFO", cseq, "Content-Type: application/dtmf-relay\r\n", &body);
            }
        }
        false
    }
}

async fn call(house: &House, from: &str, speaks: std::ops::Range<u64>, keys: &'static [(u64, char)]) -> bool {
    let caller = Caller::calls(house.site.trunk_local(), from);
    let stays = move || caller.stays(Duration::from_secs(30), speaks, keys);
    within(tokio::task::spawn_blocking(stays)).await.unwrap()
}

async fn listed(house: &House) -> Vec<CallBackRow> {
    let reader = house.office.store().reader();
    reader
        .calls_to_us(&Visible::All, i64::MAX, Unseen::AndSeen, 10)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_patient_who_was_missed_calls_back_and_finishes_the_questionnaire_by_keys() {
    let house = house().await;
    house.campaign(&["13800000001"]).await;
    let mut told = house.follow();
    house.office.start_campaign(CAMPAIGN).await.unwrap();
    ended(&mut told, 1).await;
    let keys = &[(1_500, '1'), (3_000, '1'), (4_500, '9'), (6_000, '1'), (7_500, '1')];
    let hung_up = call(&house, "<sip:+8613800000001@127.0.0.1>", 0..0, keys).await;
    assert!(hung_up, "the goodbye, then the end");
    let disposition = loop {
        if let Told::Ended { disposition, .. } = within(told.recv()).await.unwrap() {
            break disposition;
        }
    };
    assert_eq!(disposition, Disposition::Completed);
    let listed = listed(&house).await;
    assert_eq!(listed[0].became, Became::Questionnaire);
    assert_eq!(listed[0].campaign.as_deref(), Some(CAMPAIGN));
    house.close().await;
}

#[tokio::test]
async fn a_stranger_and_whoever_withholds_the_number_leave_a_message_that_has_sound() {
    let house = house().await;
    let mut told = house.follow();
    for from in [
        "<sip:02155556666@127.0.0.1>",
        "\"Anonymous\" <sip:anonymous@anonymous.invalid>",
    ] {
        assert!(call(&house, from, 1_500..4_000, &[]).await, "{from}");
        ended(&mut told, 1).await;
    }
    let listed = listed(&house).await;
    let became: Vec<_> = listed.iter().map(|row| (row.became, row.number.is_some())).collect();
    assert_eq!(became, [(Became::Message, false), (Became::Message, true)]);
    for row in &listed {
        assert!(row.recording_ms.unwrap() > 3_000, "{row:?}");
        let sound = house
            .office
            .store()
            .reader()
            .call_back_sound(&Visible::All, row.id)
            .await
            .unwrap()
            .unwrap();
        let octets = std::fs::read(house.site.data().join(&sound.path)).unwrap();
        // Left is the patient: some of it is loud.
        let left = octets[44..]
            .chunks_exact(4)
            .map(|frame| i16::from_le_bytes([frame[0], frame[1]]));
        assert!(left.filter(|sample| sample.unsigned_abs() > 2_000).count() > 8_000);
    }
    house.close().await;
}
