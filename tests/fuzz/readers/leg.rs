//! The media of one leg: one octet of time in 4 ms, one for the source, one for the length, then so many octets of
//! datagram. Whatever comes, the recording is as long as the call, and no packet is more than one key.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aftercall::media::leg::{Leg, Output, Reports, Setup};
use aftercall::media::playout::Prompts;
use aftercall::media::rtcp::COMPOUND_MAX;
use aftercall::media::rtp::{Outgoing, PACKET_MAX};
use aftercall::media::{Codec, Fact, Flow, Remote};
use aftercall::moment::Moment;

/// So many datagrams of one input are heard.
const MOST: usize = 200;

/// Samples of the patient's channel in a millisecond.
const PER_MS: usize = 8;

/// Holds for any octets.
pub(crate) fn check(bytes: &[u8]) {
    assert_eq!(call(bytes), call(bytes));
}

/// Everything that the leg says and sends.
fn call(bytes: &[u8]) -> (Vec<Output>, Vec<Vec<u8>>) {
    let announced = SocketAddr::from(([192, 0, 2, 9], 4000));
    let began = Moment::ZERO + Duration::from_secs(1);
    let mut call = Call {
        leg: Leg::new(Setup {
            prompts: Arc::new(Prompts::new()),
            silence_limit: Duration::from_secs(2),
            slot: Duration::from_millis(7),
            outgoing: Outgoing {
                ssrc: 9,
                sequence: 65_530,
                timestamp: u32::MAX - 1_000,
            },
            cname: *b"0123456789abcdef",
            reports: Reports::Sent,
        }),
        now: began,
        said: Vec::new(),
        sent: Vec::new(),
    };
    let remote = Remote {
        address: announced,
        rtcp: None,
        codec: Codec::Pcma,
        events: Some(101),
        ptime_ms: 20,
        flow: Flow::SendRecv,
    };
    call.leg.connect(began, remote);
    call.leg.record(began);
    let mut rest = bytes;
    let mut heard = 0;
    while let [time, source, length, tail @ ..] = rest {
        if heard == MOST {
            break;
        }
        let (datagram, behind) = tail.split_at(usize::from(*length).min(tail.len()));
        call.run(call.now + Duration::from_millis(u64::from(*time) * 4));
        let from = match source % 4 {
            0 => announced,
            1 => SocketAddr::new(announced.ip(), 4002),
            2 => SocketAddr::from(([192, 0, 2, 66], 4000)),
            _ => SocketAddr::new(announced.ip(), 4001),
        };
        if source % 4 == 3 {
            call.leg.handle_report(call.now, from, datagram);
        } else {
            call.leg.handle_packet(call.now, from, datagram);
        }
        call.drain();
        heard += 1;
        rest = behind;
    }
    call.run(call.now + Duration::from_millis(500));
    let keys = call
        .said
        .iter()
        .filter(|output| matches!(output, Output::Tell(Fact::KeyHeard { .. })));
    assert!(keys.count() <= heard);
    let ending = call.leg.close(call.now);
    let mut recorded = ending.tail.map_or(0, |tail| tail.pcm.len());
    for output in &call.said {
        if let Output::Record(pcm) = output {
            recorded += pcm.len();
        }
    }
    let wanted = usize::try_from(call.now.since(began).as_millis()).unwrap_or_default() * PER_MS;
    assert!(
        (recorded / 2).abs_diff(wanted) <= 20 * PER_MS,
        "{} samples recorded, {wanted} passed",
        recorded / 2
    );
    (call.said, call.sent)
}

struct Call {
    leg: Leg,
    now: Moment,
    said: Vec<Output>,
    sent: Vec<Vec<u8>>,
}

impl Call {
    /// Keeps every deadline up to `until`.
    fn run(&mut self, until: Moment) {
        while let Some((at, _)) = self.leg.deadline().filter(|(at, _)| *at <= until) {
            self.now = self.now.max(at);
            let mut datagram = [0; PACKET_MAX];
            while let Some((_, bytes)) = self.leg.tick(self.now, &mut datagram) {
                self.sent.push(bytes.to_vec());
            }
            let mut datagram = [0; COMPOUND_MAX];
            if let Some((_, bytes)) = self.leg.report(self.now, || 1 << 31, &mut datagram) {
                self.sent.push(bytes.to_vec());
            }
            self.drain();
            assert!(
                self.leg.deadline().is_none_or(|(at, _)| at > self.now),
                "a deadline that was kept stays"
            );
        }
        self.now = self.now.max(until);
    }

    fn drain(&mut self) {
        self.said.extend(std::iter::from_fn(|| self.leg.poll()));
    }
}
