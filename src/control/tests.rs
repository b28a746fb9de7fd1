//! The composition by hand: what it asks of the store while a trunk may not be used.

mod left_over;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::calendar::{DEFAULT_ZONE, Schedule};
use crate::dialer::{LEASE, Pace, RetryPolicy, RingLimits, Route, TrunkCaps};
use crate::dialplan;

pub(crate) mod breakdown;
mod unfinished;

const TRUNK: TrunkId = TrunkId(0);
const NOW: Moment = Moment::from_nanos(1_000_000_000);
const WALL: Wall = Wall::from_millis(1_795_399_200_000);

fn pace() -> Pace {
    Pace::per_second(1.0).unwrap()
}

/// A core with one trunk that registers.
fn control() -> Control {
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 5080));
    let peer = sip::Target::udp(SocketAddr::from((Ipv4Addr::LOCALHOST, 5060)));
    let caps = TrunkCaps {
        lines: 3,
        pace: pace(),
        kept_free: 0,
    };
    let settings = Settings {
        sip: sip::Settings {
            trunks: vec![sip::Trunk {
                register: Some(Duration::from_secs(3600)),
                ..sip::Trunk::new("carrier", local, peer, "127.0.0.1", "010")
            }],
            inbound_status: 480,
            phones: None,
        },
        trunks: vec![Trunk::new("carrier", IpAddr::V4(Ipv4Addr::LOCALHOST), caps)],
        ports: 20_000..=20_009,
        data: std::path::PathBuf::new(),
    };
    Control::new(settings, [3; 32])
}

fn campaign() -> Order {
    let dialplan = dialplan::parse(include_str!("../../dialplans/inpatient-satisfaction.toml")).unwrap();
    let route = Route {
        trunk: TRUNK,
        name: "carrier".into(),
    };
    let campaign = Campaign {
        id: CampaignId(1),
        name: "july".into(),
        routes: vec![route],
        schedule: Schedule::any_time(DEFAULT_ZONE),
        lines: 3,
        pace: pace(),
        priority: 0,
        retry: RetryPolicy::default(),
        ring: RingLimits::default(),
        dialplan: dialplan.hash().into(),
        lease: LEASE,
        limits: crate::dialer::Limits::default(),
        callers: Vec::new(),
    };
    Order::Start {
        campaign: Box::new(campaign),
        dialplan: Arc::new(dialplan),
    }
}

fn outputs(control: &mut Control, input: Input<'_>) -> Vec<Output> {
    control.handle(NOW, WALL, input);
    std::iter::from_fn(|| control.poll()).collect()
}

/// The REGISTER among the outputs, answered with this status.
fn answer(outputs: &[Output], status: u16) -> (sip::Path, Vec<u8>) {
    let register = outputs.iter().find_map(|output| {
        if let Output::Send { path, bytes } = output
            && bytes.starts_with(b"REGISTER")
        {
            Some((*path, bytes.clone()))
        } else {
            None
        }
    });
    let (path, bytes) = register.expect("a REGISTER");
    let text = String::from_utf8(bytes).unwrap();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).expect("a field");
        line.to_owned()
    };
    let fields = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].map(field).join("\r\n");
    let answer = format!("SIP/2.0 {status} Said\r\n{fields}\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n");
    (path, answer.into_bytes())
}

fn claims(outputs: &[Output]) -> usize {
    let is_claim = |output: &&Output| matches!(output, Output::Ask(Request::Claim(_)));
    outputs.iter().filter(is_claim).count()
}

#[test]
fn no_case_is_claimed_before_the_trunk_has_registered_us() {
    let mut control = control();
    assert_eq!(claims(&outputs(&mut control, Input::Order(campaign()))), 0);
    assert_eq!(control.snapshot().trunks[0].standing, Standing::Registering);
    let sent = outputs(&mut control, Input::Order(Order::Register(TRUNK)));
    let (path, bytes) = answer(&sent, 200);
    let bytes = bytes.as_slice();
    assert_eq!(claims(&outputs(&mut control, Input::Received { path, bytes })), 1);
    let shown = control.snapshot().trunks.remove(0);
    assert_eq!(
        (shown.name.as_str(), shown.standing, shown.lines),
        ("carrier", Standing::Up, 3)
    );
}

#[test]
fn a_refused_registration_is_told_shown_and_costs_nobody_a_call() {
    let mut control = control();
    outputs(&mut control, Input::Order(campaign()));
    let sent = outputs(&mut control, Input::Order(Order::Register(TRUNK)));
    let (path, bytes) = answer(&sent, 403);
    let bytes = bytes.as_slice();
    let told = outputs(&mut control, Input::Received { path, bytes });
    let reason = DownReason::RegistrationRefused { status: 403 };
    let is_down =
        |output: &Output| matches!(output, Output::Told(Told::TrunkDown { reason: why, .. }) if *why == reason);
    assert!(told.iter().any(is_down));
    assert_eq!(claims(&told), 0);
    let shown = control.snapshot().trunks.remove(0);
    assert_eq!(
        (shown.standing, shown.since, shown.reason),
        (Standing::Down, Some(WALL), Some(reason))
    );
    let [alarm] = shown.alarms.as_slice() else {
        panic!("{:?}", shown.alarms)
    };
    assert_eq!(alarm.what.to_string(), "registration refused with 403");
}

#[test]
fn the_picture_of_the_trunks_can_be_sent_and_read() {
    let mut control = control();
    outputs(&mut control, Input::Wake);
    let picture = control.snapshot();
    let text = serde_json::to_string(&picture).unwrap();
    assert!(text.contains("\"standing\":\"registering\""), "{text}");
    assert_eq!(serde_json::from_str::<Snapshot>(&text).unwrap(), picture);
}

#[test]
fn while_a_cause_holds_no_case_is_claimed_and_nobody_is_called_by_hand() {
    let mut control = control();
    let sent = outputs(&mut control, Input::Order(Order::Register(TRUNK)));
    let (path, bytes) = answer(&sent, 200);
    let bytes = bytes.as_slice();
    outputs(&mut control, Input::Received { path, bytes });
    let hold = |cause| Order::Hold {
        cause,
        why: "the disk is full".into(),
    };
    let told = outputs(&mut control, Input::Order(hold(HoldCause::DiskFull)));
    assert!(matches!(told.as_slice(), [Output::Told(Told::Held { .. })]), "{told:?}");
    // A second cause, and the first one once more, are no news to the dialer.
    outputs(&mut control, Input::Order(hold(HoldCause::Frozen)));
    assert!(outputs(&mut control, Input::Order(hold(HoldCause::DiskFull))).is_empty());
    assert_eq!(control.snapshot().holds.len(), 2);
    assert_eq!(claims(&outputs(&mut control, Input::Order(campaign()))), 0);
    assert!(control.deadline().is_none_or(|(at, _)| at > NOW));
    let by_hand = HandCall {
        token: 7,
        trunk: TRUNK,
        number: crate::phone::Number::parse("13800000000").unwrap(),
        dialplan: Arc::new(dialplan::parse(include_str!("../../dialplans/inpatient-satisfaction.toml")).unwrap()),
        limits: call::Limits::default(),
    };
    let told = outputs(&mut control, Input::Order(Order::Call(Box::new(by_hand))));
    assert!(
        matches!(told.as_slice(), [Output::Told(Told::HandCallFailed { token: 7, why })] if why == "the disk is full"),
        "{told:?}"
    );
    let go = |cause| Input::Order(Order::Go { cause });
    assert_eq!(claims(&outputs(&mut control, go(HoldCause::Frozen))), 0);
    assert_eq!(claims(&outputs(&mut control, go(HoldCause::DiskFull))), 1);
    assert!(control.snapshot().holds.is_empty());
}

#[test]
fn a_campaign_over_a_trunk_that_there_is_not_keeps_nobody_from_the_end() {
    let mut control = control();
    let Order::Start { mut campaign, dialplan } = campaign() else {
        panic!("a start")
    };
    let sound = Order::Start {
        campaign: campaign.clone(),
        dialplan: Arc::clone(&dialplan),
    };
    campaign.routes[0].trunk = TrunkId(7);
    let unknown = Order::Start {
        campaign: campaign.clone(),
        dialplan: Arc::clone(&dialplan),
    };
    campaign.id = CampaignId(2);
    let started = outputs(&mut control, Input::Order(Order::Start { campaign, dialplan }));
    let fault = dialer::Fault::UnknownTrunk(CampaignId(2));
    assert!(
        started
            .iter()
            .any(|output| matches!(output, Output::Told(Told::DialerFault(told)) if *told == fault))
    );
    // One that runs goes on as it was, by its own rules.
    outputs(&mut control, Input::Order(sound));
    outputs(&mut control, Input::Order(unknown));
    assert_eq!(control.campaigns[&CampaignId(1)].campaign.routes[0].trunk, TRUNK);
    let ended = outputs(&mut control, Input::Order(Order::ShutDown(ShutDown::AtOnce)));
    let is_fault = |output: &Output| matches!(output, Output::Told(Told::DialerFault(_)));
    assert!(!ended.iter().any(is_fault), "{ended:?}");
    let is_drained = |output: &Output| matches!(output, Output::Told(Told::Drained));
    assert!(ended.iter().any(is_drained), "{ended:?}");
}
