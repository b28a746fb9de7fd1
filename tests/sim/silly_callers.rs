//! Whatever an INVITE says of itself, nothing breaks, nobody is rung, and no more calls are up than are taken.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use aftercall::calendar::Schedule;
use aftercall::control::{Control, Incoming, Input, Order, Output, Settings, Told, Trunk};
use aftercall::dialer::{BegunIncoming, Caller, Pace, Reply, Request, TrunkCaps};
use aftercall::ids::{AttemptId, CallMark};
use aftercall::media::{Command, Fact};
use aftercall::moment::{Moment, Wall};
use aftercall::{dialplan, sip};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const AT_ONCE: usize = 4;

/// What may stand in the fields that say who calls and what is offered.
const SILLY: [&str; 14] = [
    "",
    "\"\" <sip:@>",
    "<sip:anonymous@anonymous.invalid>;tag=1",
    "<tel:+999999999999999999999999999>;tag=a",
    "<sip:%00%ff@127.0.0.1>;tag=%",
    "sip:1@127.0.0.1;tag=x;tag=y",
    "<sips:13800000001@[::1]:99999>;tag=1",
    "\"患者\" <sip:13800000001@127.0.0.1>;tag=z",
    "id; header ;;user;critical",
    "none",
    "v=0\r\n",
    "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 0 RTP/AVP 8\r\n",
    "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 255.255.255.255\r\nt=0 0\r\nm=audio 65535 RTP/AVP 8 101\r\n",
    "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\n",
];

fn control() -> Control {
    let local = Ipv4Addr::LOCALHOST;
    let pace = Pace::per_second(1.0).expect("a pace");
    let target = sip::Target::udp(SocketAddr::from((local, 5060)));
    let own = SocketAddr::from((local, 5080));
    let settings = Settings {
        sip: sip::Settings::new(vec![sip::Trunk::new("main", own, target, "127.0.0.1", "0100")], 480),
        trunks: vec![Trunk::new(
            "main",
            IpAddr::V4(local),
            TrunkCaps {
                lines: 10,
                pace,
                kept_free: 0,
            },
        )],
        ports: 20_000..=20_999,
        data: std::path::PathBuf::from("data"),
    };
    let plan = |text: &str| Arc::new(dialplan::parse(text).expect("a shipped dialplan"));
    let mut control = Control::new(settings, [7; 32]);
    let how = Incoming {
        hours: Schedule::default(),
        known: plan(include_str!("../../dialplans/incoming.toml")),
        unknown: plan(include_str!("../../dialplans/incoming-unknown.toml")),
        at_once: AT_ONCE,
        longest: Duration::from_secs(600),
        completable: Duration::from_secs(72 * 3600),
    };
    let order = Order::TakeCalls(Some(Box::new(how)));
    control.handle(Moment::ZERO, Wall::default(), Input::Order(order));
    control
}

/// Answers as a store and a media worker would; tells what may never be told.
fn carry_on(control: &mut Control, now: Moment, attempts: &mut i64) {
    while let Some(output) = control.poll() {
        let wall = Wall::from_millis(1_795_399_200_000);
        match output {
            Output::Ask(Request::WhoCalls(who)) => {
                let caller = Caller {
                    leg: who.leg,
                    patient: None,
                    number: None,
                    others: 0,
                    about: None,
                    open: None,
                    engaged: None,
                };
                control.handle(now, wall, Input::Store(Reply::Caller(Box::new(caller))));
            }
            Output::Ask(Request::BeginIncoming(begin)) => {
                *attempts += 1;
                let begun = BegunIncoming {
                    leg: begin.leg,
                    attempt: AttemptId(*attempts),
                    mark: CallMark::default(),
                };
                control.handle(now, wall, Input::Store(Reply::BegunIncoming(begun)));
            }
            Output::Ask(Request::Finish(finish)) => {
                let attempt = finish.attempt;
                control.handle(now, wall, Input::Store(Reply::Finished { attempt }));
            }
            Output::Media {
                leg,
                command: Command::Open { .. },
            } => control.handle(
                now,
                wall,
                Input::Media {
                    leg,
                    fact: Fact::Opened,
                },
            ),
            Output::Media {
                leg,
                command: Command::Close,
            } => {
                let fact = Fact::Closed(aftercall::media::Closed::default());
                control.handle(now, wall, Input::Media { leg, fact });
            }
            Output::Told(Told::Conversation(_) | Told::Waiting { .. }) => panic!("somebody was rung"),
            Output::Ask(_) | Output::Media { .. } | Output::Send { .. } | Output::Told(_) => {}
        }
    }
}

#[test]
fn an_invite_that_is_silly_breaks_nothing_and_rings_nobody() {
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    let mut control = control();
    let mut attempts = 0;
    let mut now = Moment::ZERO;
    for call in 0..3_000_u32 {
        let mut pick = || SILLY[chance.next_u32() as usize % SILLY.len()];
        let (from, asserted, privacy, contact, body) = (pick(), pick(), pick(), pick(), pick());
        let from = if call % 3 == 0 {
            "<sip:0215555@127.0.0.1>;tag=s"
        } else {
            from
        };
        let mut invite = format!(
            "INVITE sip:hospital@127.0.0.1:5080 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK{call}\r\n\
             Max-Forwards: 70\r\nFrom: {from}\r\nTo: <sip:hospital@127.0.0.1>\r\nCall-ID: c{call}\r\nCSeq: 1 INVITE\r\n\
             Contact: {contact}\r\nP-Asserted-Identity: {asserted}\r\nPrivacy: {privacy}\r\n\
             Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes();
        if call % 2 == 0 {
            for _ in 0..chance.next_u32() % 4 {
                let at = chance.next_u32() as usize % invite.len();
                invite[at] = chance.next_u32().to_le_bytes()[0];
            }
        }
        let path = sip::Path {
            transport: sip::Transport::Udp,
            local: SocketAddr::from((Ipv4Addr::LOCALHOST, 5080)),
            peer: SocketAddr::from((Ipv4Addr::LOCALHOST, 5060)),
        };
        let wall = Wall::from_millis(1_795_399_200_000) + now.since(Moment::ZERO);
        control.handle(now, wall, Input::Received { path, bytes: &invite });
        carry_on(&mut control, now, &mut attempts);
        assert!(control.calls() <= AT_ONCE, "{} calls", control.calls());
        now += Duration::from_millis(u64::from(chance.next_u32() % 4_000));
        while let Some((at, _)) = control.deadline().filter(|(at, _)| *at <= now) {
            control.handle(at, wall, Input::Wake);
            carry_on(&mut control, at, &mut attempts);
        }
    }
    assert!(attempts > 10, "the sound ones among them were taken: {attempts}");
}
