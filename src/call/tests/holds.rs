//! Changes of the far end while the patient talks: hold, resume, another address, and what is refused.

use super::*;
use crate::media::Flow;
use crate::outcome::Facts;

const LEG: LegId = LegId(1);

/// What we said to an offer.
fn answer(outputs: &[Output]) -> Option<String> {
    outputs.iter().find_map(|output| {
        let Output::Sip(sip::Command::Answer { leg: LEG, sdp }) = output else {
            return None;
        };
        String::from_utf8(sdp.clone()).ok()
    })
}

fn refused(outputs: &[Output]) -> bool {
    outputs.contains(&Output::Sip(sip::Command::Refuse { leg: LEG, status: 488 }))
}

fn facts(bench: &mut Bench) -> Facts {
    bench.give(Input::Sip(sip::Event::HungUp(sip::Ending::default())));
    let ended = bench.give(Input::Media(Fact::Closed(media::Closed::default())));
    let Some(Output::Finished(finished)) = ended.last() else {
        panic!("it is over: {ended:?}")
    };
    finished.facts.clone()
}

/// At a question, with 6 s for the first key.
fn waiting() -> (Bench, Duration) {
    let mut bench = Bench::asked();
    let at = bench.call.deadline().map(|(at, timer)| {
        assert_eq!(timer, super::super::Timer::Silence);
        at
    });
    let limit = at.map_or(Duration::ZERO, |at| at.since(bench.now));
    assert!(limit > Duration::from_secs(2));
    bench.give(Input::Wake);
    (bench, limit)
}

#[test]
fn a_hold_is_answered_and_stops_the_wait_for_a_key_until_the_resume() {
    let (mut bench, limit) = waiting();
    bench.later(Duration::from_secs(2));
    let outputs = bench.offered(described(40_000, "a=sendonly\r\n"));
    assert!(answer(&outputs).is_some_and(|sdp| sdp.contains("a=recvonly\r\n")));
    assert_eq!(remote(&outputs).map(|remote| remote.flow), Some(Flow::SendOnly));
    assert_eq!(bench.later(Duration::from_secs(120)), []);
    let outputs = bench.offered(described(40_000, "a=sendrecv\r\n"));
    assert_eq!(remote(&outputs).map(|remote| remote.flow), Some(Flow::SendRecv));
    let left = limit.saturating_sub(Duration::from_secs(2));
    assert_eq!(bench.later(left.saturating_sub(Duration::from_millis(1))), []);
    assert!(plays(&bench.later(Duration::from_millis(1))).is_some());
    let facts = facts(&mut bench);
    assert_eq!((facts.holds, facts.session_changes), (1, 2));
}

#[test]
fn a_question_that_ends_on_hold_waits_from_the_resume_on() {
    let mut bench = Bench::answered();
    bench.give(Input::Media(Fact::PromptDone { play: 1 }));
    bench.offered(described(40_000, "a=inactive\r\n"));
    bench.give(Input::Media(Fact::PromptDone { play: 2 }));
    assert_eq!(bench.later(Duration::from_secs(60)), []);
    bench.offered(described(40_000, ""));
    assert_eq!(bench.later(Duration::from_secs(2)), []);
    assert!(plays(&bench.later(Duration::from_secs(30))).is_some());
}

#[test]
fn silence_on_hold_is_no_fault_and_a_key_by_info_still_counts() {
    let mut bench = Bench::asked();
    bench.offered(described(40_000, "a=inactive\r\n"));
    let silent = Fact::Silent {
        silent_for: Duration::from_secs(20),
    };
    assert_eq!(bench.give(Input::Media(silent)), []);
    let key = Key::from_char('1').unwrap();
    let outputs = bench.give(Input::Sip(sip::Event::KeyInfo { key, duration_ms: None }));
    assert!(matches!(outputs.as_slice(), [Output::Keep(_)]));
}

#[test]
fn the_call_limit_goes_on_while_the_call_is_on_hold() {
    let mut bench = Bench::asked();
    bench.offered(described(40_000, "a=inactive\r\n"));
    let outputs = bench.later(Limits::default().call);
    assert!(outputs.contains(&Output::Sip(sip::Command::HangUp { leg: LEG })));
}

#[test]
fn nobody_on_hold_is_told_goodbye() {
    let mut bench = Bench::asked();
    bench.press('1');
    bench.offered(described(40_000, "a=sendonly\r\n"));
    let outputs = bench.give(Input::KeepFailed);
    assert!(outputs.contains(&Output::Sip(sip::Command::HangUp { leg: LEG })));
    // And a goodbye that a hold cuts off is not waited for.
    let mut bench = Bench::asked();
    bench.press('1');
    assert!(plays(&bench.give(Input::KeepFailed)).is_some());
    let outputs = bench.offered(described(40_000, "a=sendonly\r\n"));
    assert!(outputs.contains(&Output::Sip(sip::Command::HangUp { leg: LEG })));
    assert_eq!(facts(&mut bench).our_reason, Some(OurReason::StoreFailed));
}

#[test]
fn another_address_and_codec_are_taken_and_an_identical_refresh_changes_nothing() {
    let mut bench = Bench::asked();
    let moved = String::from_utf8(described(41_000, ""))
        .unwrap()
        .replace("AVP 8", "AVP 0");
    let outputs = bench.offered(moved.clone().into_bytes());
    let first = answer(&outputs).unwrap();
    assert!(first.contains("m=audio 20000 RTP/AVP 0 101\r\n"));
    let remote_now = remote(&outputs).unwrap();
    assert_eq!(
        (remote_now.address.port(), remote_now.codec),
        (41_000, media::Codec::Pcmu)
    );
    let outputs = bench.offered(moved.into_bytes());
    assert_eq!((answer(&outputs), remote(&outputs)), (Some(first), None));
    assert_eq!(facts(&mut bench).session_changes, 1);
}

#[test]
fn a_fax_and_an_unknown_codec_are_refused_and_the_audio_goes_on() {
    let mut bench = Bench::asked();
    let fax = b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=image 5000 udptl t38\r\n";
    assert!(refused(&bench.offered(fax.to_vec())));
    let other = String::from_utf8(described(40_000, ""))
        .unwrap()
        .replace("AVP 8 101", "AVP 18");
    assert!(refused(&bench.offered(other.into_bytes())));
    let facts = facts(&mut bench);
    assert_eq!((facts.holds, facts.session_changes), (0, 0));
}

#[test]
fn who_wants_our_offer_gets_all_of_it_and_the_answer_is_taken() {
    let mut bench = Bench::asked();
    let outputs = bench.give(Input::Sip(sip::Event::Offered { sdp: None }));
    assert!(answer(&outputs).is_some_and(|sdp| sdp.contains("m=audio 20000 RTP/AVP 8 0 101\r\n")));
    let sdp = described(42_000, "");
    let outputs = bench.give(Input::Sip(sip::Event::Agreed { sdp }));
    assert_eq!(remote(&outputs).map(|remote| remote.address.port()), Some(42_000));
    let sdp = b"v=0\r\n".to_vec();
    assert_eq!(bench.give(Input::Sip(sip::Event::Agreed { sdp })), []);
}

#[test]
fn a_session_that_was_lost_is_the_networks_end() {
    let mut bench = Bench::asked();
    let ending = sip::Ending {
        local: Some(sip::LocalEnding::TimedOut),
        ..sip::Ending::default()
    };
    bench.give(Input::Sip(sip::Event::HungUp(ending)));
    let ended = bench.give(Input::Media(Fact::Closed(media::Closed::default())));
    let Some(Output::Finished(finished)) = ended.last() else {
        panic!("it is over: {ended:?}")
    };
    assert_eq!(finished.facts.ended_by, Some(EndedBy::Network));
}

#[test]
fn a_change_after_the_end_is_refused() {
    let mut bench = Bench::asked();
    bench.give(Input::HangUp(OurReason::Stopped));
    assert!(refused(&bench.offered(described(40_000, ""))));
}
