//! One phone, hand-fed: how it is called, and how each of its endings is read.

use super::*;

const ANSWER: &[u8] = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 40000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n";

fn at(seconds: u64) -> Moment {
    Moment::ZERO + Duration::from_secs(seconds)
}

fn give(leg: &mut AgentLeg, second: u64, input: LegInput) -> Vec<LegOutput> {
    leg.handle(at(second), input);
    std::iter::from_fn(|| leg.poll()).collect()
}

fn new() -> AgentLeg {
    AgentLeg::new(LegPlan {
        leg: LegId(4),
        to: sip::Callee::Phone {
            account: "8001".to_owned(),
            display: None,
            answering: sip::Answering::AtOnce,
        },
        mark: CallMark::default(),
        advertised: None,
        beside: None,
        ring: Duration::from_secs(20),
        sdp_session: 1,
    })
}

fn invited() -> AgentLeg {
    let mut leg = new();
    assert_eq!(give(&mut leg, 0, LegInput::Wake), [LegOutput::LendPort]);
    let address = "127.0.0.1:20000".parse().unwrap();
    give(&mut leg, 0, LegInput::Port(address));
    let outputs = give(&mut leg, 0, LegInput::Media(Fact::Opened));
    assert!(matches!(
        outputs.as_slice(),
        [LegOutput::Sip(sip::Command::Invite { .. })]
    ));
    leg
}

fn answered() -> AgentLeg {
    let mut leg = invited();
    let sdp = ANSWER.to_vec();
    let outputs = give(&mut leg, 3, LegInput::Sip(Event::Answered { sdp }));
    assert!(outputs.contains(&LegOutput::Seen(LegSeen::Answered)), "{outputs:?}");
    leg
}

fn ended(outputs: &[LegOutput]) -> Option<LegEnding> {
    outputs.iter().find_map(|output| match output {
        LegOutput::Finished(ending) => Some(ending.clone()),
        LegOutput::LendPort | LegOutput::Sip(_) | LegOutput::Media(_) | LegOutput::Seen(_) => None,
    })
}

fn refused(ending: sip::Ending) -> LegEnding {
    let mut leg = invited();
    assert_eq!(ended(&give(&mut leg, 2, LegInput::Sip(Event::Failed(ending)))), None);
    let closed = Fact::Closed(media::Closed::default());
    ended(&give(&mut leg, 2, LegInput::Media(closed))).expect("the end of the leg")
}

fn status(status: u16, q850: Option<u8>) -> sip::Ending {
    sip::Ending {
        status: Some(status),
        q850,
        ..sip::Ending::default()
    }
}

#[test]
fn a_leg_for_which_no_port_can_be_bound_is_closed_at_the_worker_that_it_was_given_to() {
    let mut leg = new();
    let address = "127.0.0.1:20000".parse().unwrap();
    let mut outputs = give(&mut leg, 0, LegInput::Wake);
    while outputs == [LegOutput::LendPort] {
        give(&mut leg, 0, LegInput::Port(address));
        outputs = give(&mut leg, 0, LegInput::Media(Fact::OpenFailed));
    }
    assert!(
        outputs.contains(&LegOutput::Media(media::Command::Close)),
        "{outputs:?}"
    );
    let closed = Fact::Closed(media::Closed::default());
    let end = ended(&give(&mut leg, 0, LegInput::Media(closed))).map(|ending| ending.end);
    assert_eq!(end, Some(LegEnd::OwnFault));
}

#[test]
fn a_leg_that_could_not_be_told_something_is_closed_as_our_fault() {
    let mut leg = answered();
    let outputs = give(&mut leg, 10, LegInput::Media(Fact::CommandRefused));
    assert!(outputs.contains(&LegOutput::Sip(sip::Command::HangUp { leg: LegId(4) })));
    assert!(outputs.contains(&LegOutput::Media(media::Command::Close)));
    assert_eq!(leg.ending().map(|ending| ending.end), Some(LegEnd::OwnFault));
}

#[test]
fn a_leg_of_whose_port_nothing_is_heard_is_given_up() {
    let mut leg = new();
    give(&mut leg, 0, LegInput::Wake);
    give(&mut leg, 0, LegInput::Port("127.0.0.1:20000".parse().unwrap()));
    assert_eq!(leg.deadline(), Some(at(40)));
    let outputs = give(&mut leg, 40, LegInput::Wake);
    assert!(outputs.contains(&LegOutput::Media(media::Command::Close)));
    let ending = ended(&give(&mut leg, 80, LegInput::Wake)).unwrap();
    assert_eq!((ending.end, ending.by), (LegEnd::OwnFault, EndedBy::Us));
}

#[test]
fn a_refused_call_is_read_by_its_cause_and_else_by_its_status() {
    assert_eq!(refused(status(486, None)).end, LegEnd::Busy);
    assert_eq!(refused(status(603, None)).end, LegEnd::Declined);
    assert_eq!(refused(status(480, None)).end, LegEnd::Unreachable);
    assert_eq!(refused(status(480, Some(20))).end, LegEnd::Unreachable);
    assert_eq!(refused(status(480, Some(18))).end, LegEnd::NoAnswer);
    assert_eq!(refused(status(404, None)).end, LegEnd::Unreachable);
    assert_eq!(refused(status(500, None)).end, LegEnd::Refused);
    let gone = sip::Ending {
        local: Some(LocalEnding::NotRegistered),
        ..sip::Ending::default()
    };
    assert_eq!(refused(gone).end, LegEnd::Unreachable);
}

#[test]
fn a_phone_that_nobody_answers_is_cancelled_after_its_time() {
    let mut leg = invited();
    assert_eq!(leg.deadline(), Some(at(20)));
    let outputs = give(&mut leg, 20, LegInput::Wake);
    assert!(outputs.contains(&LegOutput::Sip(sip::Command::HangUp { leg: LegId(4) })));
    let ending = status(487, None);
    let answered = false;
    give(&mut leg, 21, LegInput::Sip(Event::Closed { answered, ending }));
    let closed = Fact::Closed(media::Closed::default());
    let ending = ended(&give(&mut leg, 21, LegInput::Media(closed))).unwrap();
    assert_eq!((ending.end, ending.by), (LegEnd::NoAnswer, EndedBy::Us));
    assert_eq!(ending.talk_ms, None);
}

#[test]
fn the_phone_that_hangs_up_and_the_phone_that_is_gone_are_told_apart() {
    let mut leg = answered();
    let outputs = give(&mut leg, 10, LegInput::Sip(Event::HungUp(sip::Ending::default())));
    assert!(outputs.contains(&LegOutput::Media(media::Command::Close)));
    let closed = Fact::Closed(media::Closed::default());
    let ending = ended(&give(&mut leg, 10, LegInput::Media(closed.clone()))).unwrap();
    assert_eq!((ending.end, ending.talk_ms), (LegEnd::HungUp, Some(7_000)));

    let mut leg = answered();
    let silent_for = Duration::from_secs(20);
    let outputs = give(&mut leg, 40, LegInput::Media(Fact::Silent { silent_for }));
    assert!(outputs.contains(&LegOutput::Sip(sip::Command::HangUp { leg: LegId(4) })));
    give(&mut leg, 40, LegInput::Media(closed));
    // Whose BYE nobody answers is over all the same, in the end.
    let ending = ended(&give(&mut leg, 80, LegInput::Wake)).unwrap();
    assert_eq!((ending.end, ending.by), (LegEnd::Gone, EndedBy::Network));
}

#[test]
fn a_phone_may_put_us_on_hold_and_its_silence_is_then_no_fault() {
    let mut leg = answered();
    let sdp = String::from_utf8_lossy(ANSWER).into_owned() + "a=sendonly\r\n";
    let sdp = Some(sdp.replace("sendonly", "inactive").into_bytes());
    let outputs = give(&mut leg, 5, LegInput::Sip(Event::Offered { sdp }));
    assert!(outputs.contains(&LegOutput::Seen(LegSeen::Held)), "{outputs:?}");
    let silent_for = Duration::from_secs(20);
    assert_eq!(give(&mut leg, 30, LegInput::Media(Fact::Silent { silent_for })), []);
    assert!(leg.is_talking());
}
