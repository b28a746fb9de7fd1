//! One call, hand-fed: what it asks for and in which order.

mod holds;

use std::sync::Arc;
use std::time::Duration;

use super::{Call, Input, Limits, Output, Plan, With};
use crate::dialplan::{self, Dialplan};
use crate::ids::{AgentId, AttemptId, CallMark, LegId, TrunkId};
use crate::media::{self, Fact};
use crate::moment::{Moment, Wall};
use crate::outcome::{EndedBy, OurReason};
use crate::phone::{Key, Number};
use crate::sip;

const ANSWER: &[u8] = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";

/// The shipped questionnaire: a greeting, then the question who is there.
fn questionnaire() -> Arc<Dialplan> {
    let text = include_str!("../../dialplans/inpatient-satisfaction.toml");
    Arc::new(dialplan::parse(text).unwrap())
}

/// A call under test, with everything that it asked for since the last look.
struct Bench {
    call: Call,
    now: Moment,
}

impl Bench {
    fn new() -> Self {
        let plan = Plan {
            leg: LegId(1),
            attempt: AttemptId(7),
            trunk: TrunkId(0),
            mark: CallMark::default(),
            before: 0,
            number: Number::parse("13800000001").unwrap(),
            caller: None,
            advertised: None,
            with: With::Questionnaire,
            came_in: None,
            unfinished: None,
            limits: Limits::default(),
            recording: "data/recordings/0/7.wav".into(),
            recording_row: "recordings/0/7.wav".to_owned(),
            sdp_session: 1,
        };
        Self {
            call: Call::new(plan, questionnaire()),
            now: Moment::ZERO,
        }
    }

    fn give(&mut self, input: Input) -> Vec<Output> {
        self.call.handle(self.now, Wall::default(), input);
        std::iter::from_fn(|| self.call.poll())
            .filter(|output| !matches!(output, Output::Observed(_)))
            .collect()
    }

    fn later(&mut self, by: Duration) -> Vec<Output> {
        self.now += by;
        self.give(Input::Wake)
    }

    fn invited() -> Self {
        let mut bench = Self::new();
        assert_eq!(bench.give(Input::Wake), [Output::LendPort]);
        bench.give(Input::Port("127.0.0.1:20000".parse().unwrap()));
        let outputs = bench.give(Input::Media(Fact::Opened));
        assert!(matches!(outputs.as_slice(), [Output::Sip(sip::Command::Invite { .. })]));
        bench
    }

    fn answered() -> Self {
        let mut bench = Self::invited();
        let outputs = bench.give(Input::Sip(sip::Event::Answered { sdp: ANSWER.to_vec() }));
        let media: Vec<_> = outputs.iter().map(command).collect();
        assert!(matches!(
            media.as_slice(),
            [
                Some(media::Command::Connect { .. }),
                Some(media::Command::Record { .. }),
                Some(media::Command::Play { play: 1, .. })
            ]
        ));
        bench
    }

    /// At the question who is there, waiting for a key.
    fn asked() -> Self {
        let mut bench = Self::answered();
        bench.give(Input::Media(Fact::PromptDone { play: 1 }));
        bench.give(Input::Media(Fact::PromptDone { play: 2 }));
        bench
    }

    /// At the offer of a call-back, after an agent who was lost.
    fn offered_a_call_back() -> Self {
        let text = include_str!("../../dialplans/post-discharge.toml");
        let mut bench = Self::invited();
        bench.call.dialplan = Arc::new(dialplan::parse(text).unwrap());
        bench.call.plan.with = With::Agent {
            agent: AgentId(1),
            beside: LegId(2),
        };
        bench.give(Input::Sip(sip::Event::Answered { sdp: ANSWER.to_vec() }));
        let outputs = bench.give(Input::NobodyFree(OurReason::AgentLost));
        assert_eq!(plays(&outputs), Some(&["zh-CN/person-call-back".to_owned()][..]));
        bench
    }

    /// The far end offers another description of itself.
    fn offered(&mut self, sdp: Vec<u8>) -> Vec<Output> {
        self.give(Input::Sip(sip::Event::Offered { sdp: Some(sdp) }))
    }

    fn press(&mut self, key: char) -> Vec<Output> {
        let key = Key::from_char(key).unwrap();
        self.give(Input::Media(Fact::KeyHeard {
            key,
            at_ms: 900,
            during: None,
        }))
    }
}

/// A description of the far end at this port, with these lines more.
fn described(port: u16, lines: &str) -> Vec<u8> {
    let answer = String::from_utf8_lossy(ANSWER).replace("40000", &port.to_string());
    format!("{answer}{lines}").into_bytes()
}

/// Whom media is led to.
fn remote(outputs: &[Output]) -> Option<media::Remote> {
    outputs.iter().filter_map(command).find_map(|command| {
        let media::Command::Connect { remote } = command else {
            return None;
        };
        Some(*remote)
    })
}

fn command(output: &Output) -> Option<&media::Command> {
    match output {
        Output::Media(command) => Some(command),
        Output::LendPort
        | Output::Sip(_)
        | Output::Keep(_)
        | Output::WantsPerson { .. }
        | Output::Observed(_)
        | Output::Finished(_) => None,
    }
}

fn plays(outputs: &[Output]) -> Option<&[String]> {
    outputs.iter().filter_map(command).find_map(|command| match command {
        media::Command::Play { prompts, .. } => Some(prompts.as_slice()),
        media::Command::Open { .. }
        | media::Command::Connect { .. }
        | media::Command::Record { .. }
        | media::Command::Stop
        | media::Command::Listen { .. }
        | media::Command::Excerpt { .. }
        | media::Command::Press { .. }
        | media::Command::Loop { .. }
        | media::Command::Bridge { .. }
        | media::Command::Unbridge
        | media::Command::ListenIn { .. }
        | media::Command::PauseRecording
        | media::Command::Mute
        | media::Command::Unmute
        | media::Command::ResumeRecording
        | media::Command::Close => None,
    })
}

#[test]
fn the_next_prompt_waits_until_the_key_is_on_disk() {
    let mut bench = Bench::asked();
    let outputs = bench.press('1');
    assert!(matches!(outputs.as_slice(), [Output::Keep(keep)] if keep.seq == 1 && keep.heard.len() == 1));
    let kept = bench.give(Input::Kept { seq: 1 });
    assert_eq!(plays(&kept), Some(&["zh-CN/inpatient-introduction".to_owned()][..]));
}

#[test]
fn a_key_that_cannot_be_kept_ends_the_call_with_a_word() {
    let mut bench = Bench::asked();
    bench.press('1');
    let outputs = bench.give(Input::KeepFailed);
    assert_eq!(plays(&outputs), Some(&["zh-CN/goodbye-silent".to_owned()][..]));
    let ended = bench.give(Input::Media(Fact::PromptDone { play: 3 }));
    assert!(ended.contains(&Output::Sip(sip::Command::HangUp { leg: LegId(1) })));
}

#[test]
fn a_store_that_is_silent_for_two_seconds_is_no_reason_for_a_silent_line() {
    let mut bench = Bench::asked();
    bench.press('1');
    assert_eq!(plays(&bench.later(Duration::from_millis(1900))), None);
    assert_eq!(
        plays(&bench.later(Duration::from_millis(100))),
        Some(&["zh-CN/goodbye-silent".to_owned()][..])
    );
}

#[test]
fn after_an_agent_too_a_key_that_cannot_be_kept_is_no_reason_for_a_silent_line() {
    let mut bench = Bench::offered_a_call_back();
    bench.press('1');
    let outputs = bench.give(Input::KeepFailed);
    assert_eq!(plays(&outputs), Some(&["zh-CN/goodbye-silent".to_owned()][..]));
}

#[test]
fn one_press_that_comes_two_ways_is_one_key() {
    let mut bench = Bench::asked();
    bench.press('1');
    let info = sip::Event::KeyInfo {
        key: Key::from_char('1').unwrap(),
        duration_ms: Some(160),
    };
    assert_eq!(bench.give(Input::Sip(info)), []);
}

#[test]
fn a_port_that_cannot_be_bound_is_changed_and_too_many_are_our_fault() {
    let mut bench = Bench::new();
    bench.give(Input::Wake);
    for _ in 1..super::setup::PORTS_TRIED {
        bench.give(Input::Port("127.0.0.1:20000".parse().unwrap()));
        assert_eq!(bench.give(Input::Media(Fact::OpenFailed)), [Output::LendPort]);
    }
    bench.give(Input::Port("127.0.0.1:20000".parse().unwrap()));
    let outputs = bench.give(Input::Media(Fact::OpenFailed));
    assert!(
        outputs.contains(&Output::Media(media::Command::Close)),
        "every opened leg is closed"
    );
    let ended = bench.give(Input::Media(Fact::Closed(media::Closed::default())));
    let Some(Output::Finished(finished)) = ended.last() else {
        panic!("it is over: {ended:?}")
    };
    assert_eq!(finished.facts.our_reason, Some(OurReason::OwnFault));
}

#[test]
fn a_play_that_found_no_room_ends_the_call_as_our_fault_and_not_in_silence() {
    let mut bench = Bench::answered();
    let outputs = bench.give(Input::Media(Fact::CommandRefused));
    let taken_down = [
        Output::Sip(sip::Command::HangUp { leg: LegId(1) }),
        Output::Media(media::Command::Close),
    ];
    assert_eq!(outputs, taken_down);
    let sums = media::Closed {
        packets_received: 3,
        ..media::Closed::default()
    };
    bench.give(Input::Media(Fact::Closed(sums)));
    let ended = bench.give(Input::Sip(sip::Event::Closed {
        answered: true,
        ending: sip::Ending::default(),
    }));
    let Some(Output::Finished(finished)) = ended.last() else {
        panic!("it is over: {ended:?}")
    };
    let facts = &finished.facts;
    assert_eq!(
        (facts.ended_by, facts.our_reason),
        (Some(EndedBy::Us), Some(OurReason::OwnFault))
    );
    assert_eq!(facts.packets_received, 3, "what the leg still tells counts");
}

#[test]
fn a_port_of_which_nothing_is_heard_holds_its_line_five_minutes_and_no_longer() {
    let mut bench = Bench::new();
    bench.give(Input::Wake);
    bench.give(Input::Port("127.0.0.1:20000".parse().unwrap()));
    assert_eq!(bench.later(Duration::from_secs(299)), []);
    assert_eq!(
        bench.later(Duration::from_secs(1)),
        [Output::Media(media::Command::Close)]
    );
    let ended = bench.later(Duration::from_secs(300));
    let [Output::Finished(finished)] = ended.as_slice() else {
        panic!("it is over: {ended:?}")
    };
    assert_eq!(finished.facts.our_reason, Some(OurReason::OwnFault));
}

#[test]
fn it_rings_as_long_as_the_campaign_allows_and_is_cancelled() {
    let mut bench = Bench::invited();
    let ringing = sip::Event::Progressed {
        status: 180,
        sdp: None,
        reasons: Vec::new(),
    };
    bench.give(Input::Sip(ringing));
    assert_eq!(bench.later(Duration::from_millis(44_999)), []);
    let outputs = bench.later(Duration::from_millis(1));
    assert!(outputs.contains(&Output::Sip(sip::Command::HangUp { leg: LegId(1) })));
    bench.give(Input::Media(Fact::Closed(media::Closed::default())));
    let ending = sip::Ending {
        status: Some(487),
        ..sip::Ending::default()
    };
    let ended = bench.give(Input::Sip(sip::Event::Closed {
        answered: false,
        ending,
    }));
    let [Output::Finished(finished)] = ended.as_slice() else {
        panic!("it is over: {ended:?}")
    };
    assert_eq!(finished.facts.ended_by, Some(EndedBy::Us));
    assert_eq!(finished.facts.ring_ms, Some(45_000));
    assert_eq!(finished.facts.final_status, Some(487));
}

#[test]
fn early_media_follows_the_newest_description_and_the_answer_ends_it() {
    let mut bench = Bench::invited();
    let connected = |outputs: &[Output]| remote(outputs).map(|remote| remote.address.port());
    for port in [40_000, 40_002] {
        let early = sip::Event::Progressed {
            status: 183,
            sdp: Some(described(port, "")),
            reasons: Vec::new(),
        };
        assert_eq!(connected(&bench.give(Input::Sip(early))), Some(port));
    }
    let sdp = described(40_002, "");
    assert_eq!(
        connected(&bench.give(Input::Sip(sip::Event::Answered { sdp }))),
        Some(40_002)
    );
}

#[test]
fn a_200_of_a_fork_that_never_described_itself_is_ended_at_once() {
    let mut bench = Bench::invited();
    let early = sip::Event::Progressed {
        status: 183,
        sdp: Some(ANSWER.to_vec()),
        reasons: Vec::new(),
    };
    bench.give(Input::Sip(early));
    let outputs = bench.give(Input::Sip(sip::Event::Answered { sdp: Vec::new() }));
    assert!(outputs.contains(&Output::Sip(sip::Command::HangUp { leg: LegId(1) })));
}

#[test]
fn an_answer_that_we_cannot_speak_is_ended_at_once() {
    let mut bench = Bench::invited();
    let outputs = bench.give(Input::Sip(sip::Event::Answered {
        sdp: b"v=0\r\n".to_vec(),
    }));
    assert!(outputs.contains(&Output::Sip(sip::Command::HangUp { leg: LegId(1) })));
}

#[test]
fn silence_during_ringing_is_no_fault() {
    let mut bench = Bench::invited();
    let silent = Fact::Silent {
        silent_for: Duration::from_secs(20),
    };
    assert_eq!(bench.give(Input::Media(silent)), []);
}

#[test]
fn the_far_end_hangs_up_and_the_facts_say_so() {
    let mut bench = Bench::asked();
    bench.now += Duration::from_secs(9);
    let ending = sip::Ending {
        q850: Some(16),
        reasons: vec!["Q.850;cause=16".to_owned()],
        ..sip::Ending::default()
    };
    let outputs = bench.give(Input::Sip(sip::Event::HungUp(ending)));
    assert_eq!(outputs, [Output::Media(media::Command::Close)]);
    let ended = bench.give(Input::Media(Fact::Closed(media::Closed::default())));
    let [Output::Finished(finished)] = ended.as_slice() else {
        panic!("it is over: {ended:?}")
    };
    assert_eq!(finished.facts.ended_by, Some(EndedBy::FarEnd));
    assert_eq!(finished.facts.talk_ms, Some(9_000));
    assert_eq!(finished.facts.q850, Some(16));
}

#[test]
fn a_key_that_the_questionnaire_ignores_is_on_disk_before_the_next_prompt_too() {
    let mut bench = Bench::answered();
    assert!(matches!(bench.press('5').as_slice(), [Output::Keep(keep)] if keep.seq == 1));
    assert!(matches!(bench.press('6').as_slice(), [Output::Keep(keep)] if keep.seq == 2));
    assert_eq!(plays(&bench.give(Input::Media(Fact::PromptDone { play: 1 }))), None);
    assert_eq!(plays(&bench.give(Input::Kept { seq: 1 })), None);
    assert_eq!(
        plays(&bench.give(Input::Kept { seq: 2 })),
        Some(&["zh-CN/inpatient-identity".to_owned()][..])
    );
}

#[test]
fn what_was_played_and_when_stands_in_the_facts() {
    use crate::outcome::{PlayEnd, Played};

    let mut bench = Bench::answered();
    bench.now += Duration::from_secs(8);
    bench.give(Input::Media(Fact::PromptDone { play: 1 }));
    bench.now += Duration::from_secs(2);
    // The patient presses into the question, and hangs up during what follows.
    bench.press('1');
    bench.now += Duration::from_millis(30);
    bench.give(Input::Kept { seq: 1 });
    bench.now += Duration::from_secs(1);
    bench.give(Input::Sip(sip::Event::HungUp(sip::Ending::default())));
    let ended = bench.give(Input::Media(Fact::Closed(media::Closed::default())));
    let [Output::Finished(finished)] = ended.as_slice() else {
        panic!("it is over: {ended:?}")
    };
    let played = |prompt: &str, from_ms, to_ms, end| Played {
        prompts: vec![prompt.to_owned()],
        from_ms,
        to_ms,
        end,
    };
    assert_eq!(
        finished.facts.played,
        [
            played("inpatient-greeting", 0, 8_000, PlayEnd::Whole),
            played("inpatient-identity", 8_000, 10_000, PlayEnd::Key),
            played("inpatient-introduction", 10_030, 11_030, PlayEnd::CallOver),
        ]
    );
}

#[test]
fn a_key_that_the_media_still_held_when_the_far_end_hung_up_is_an_answer() {
    let mut bench = Bench::asked();
    bench.give(Input::Sip(sip::Event::HungUp(sip::Ending::default())));
    let outputs = bench.press('1');
    assert!(
        matches!(outputs.as_slice(), [Output::Keep(keep)] if keep.key.is_some() && keep.heard.len() == 1),
        "kept, and nothing is played to nobody: {outputs:?}"
    );
    assert_eq!(bench.give(Input::Kept { seq: 1 }), []);
    let ended = bench.give(Input::Media(Fact::Closed(media::Closed::default())));
    let [Output::Finished(finished)] = ended.as_slice() else {
        panic!("it is over: {ended:?}")
    };
    assert_eq!(finished.facts.survey.as_ref().map(|survey| survey.keys), Some(1));
    assert_eq!(bench.press('2'), [], "after the media nothing is heard");
}

#[test]
fn a_call_whose_end_nobody_confirms_holds_its_line_for_five_minutes_and_no_longer() {
    let mut bench = Bench::asked();
    bench.give(Input::HangUp(OurReason::Cancelled));
    let is_over = |outputs: &[Output]| matches!(outputs.last(), Some(Output::Finished(_)));
    assert!(!is_over(&bench.later(Duration::from_secs(299))));
    assert_eq!(
        bench.call.deadline().map(|(at, _)| at),
        Some(bench.now + Duration::from_secs(1))
    );
    assert!(is_over(&bench.later(Duration::from_secs(1))));
}
