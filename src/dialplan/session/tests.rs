//! Conversations, step by step, and what holds for all of them.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::dialplan::tests::{plan_text, shipped};
use crate::dialplan::{parse, walk};

/// A conversation by hand: every resume, then all steps as short words.
struct Talk {
    plan: Dialplan,
    session: Session,
    steps: Vec<Step>,
}

impl Talk {
    fn of(plan: Dialplan) -> Self {
        let (session, steps) = Session::start(&plan);
        Self { plan, session, steps }
    }

    fn resume(&mut self, resume: Resume) -> Vec<String> {
        self.steps = self.session.resume(&self.plan, resume).unwrap();
        self.steps.iter().map(word).collect()
    }

    fn key(&mut self, key: char) -> Vec<String> {
        self.resume(Resume::Key(Key::from_char(key).unwrap()))
    }

    fn done(&mut self) -> Vec<String> {
        self.resume(Resume::PromptDone)
    }

    fn silence(&mut self) -> Vec<String> {
        self.resume(Resume::Silence)
    }
}

fn word(step: &Step) -> String {
    match step {
        Step::Heard(heard) => {
            let stop = if heard.opts_out { " stop" } else { "" };
            format!("{} {:?} {}{stop}", heard.question, heard.answer, heard.keys)
        }
        Step::Play { prompts } => format!("play {}", prompts.join(" ")),
        Step::Wait { limit } => format!("wait {}", limit.as_secs()),
        Step::Listen { first, speech } => format!("listen {} {}", first.as_secs(), speech.longest.as_secs()),
        Step::Connect { say, .. } => format!("connect {}", say.join(" ")),
        Step::Finished(end) => format!("{end:?}"),
    }
}

/// Two questions, the first with barge-in, the second a score that nobody may interrupt.
fn two_questions() -> Dialplan {
    let parts = r#"
        [[question]]
        id = "a"
        title = "甲"
        say = ["a", "a-keys"]
        stop = true
        required = true
        ask = "choice"
        option = [{ key = 1, label = "好" }, { key = 2, label = "差" }]
        next = "b"
        [[question]]
        id = "b"
        title = "乙"
        say = "b"
        barge_in = false
        ask = "score"
        next = "end.completed"
    "#;
    parse(&plan_text("a", parts)).unwrap()
}

#[test]
fn a_key_pressed_during_the_prompt_is_the_answer() {
    let mut talk = Talk::of(two_questions());
    assert_eq!(talk.steps.iter().map(word).collect::<Vec<_>>(), ["play a a-keys"]);
    assert_eq!(talk.key('2'), ["a Value(2) 2", "play b"]);
    assert_eq!(talk.session.question(), Some("b"));
}

#[test]
fn a_key_during_a_prompt_without_barge_in_is_ignored() {
    let mut talk = Talk::of(two_questions());
    talk.key('1');
    assert_eq!(talk.key('7'), [""; 0]);
    assert_eq!(talk.done(), ["wait 8"]);
    assert_eq!(talk.key('1'), ["wait 4"]);
    assert_eq!(talk.silence(), ["b Value(1) 1", "play bye"]);
    assert_eq!(talk.session.progress(&talk.plan).keys, 3);
}

#[test]
fn silence_an_invalid_key_a_refused_question_and_a_refused_survey_are_four_things() {
    let mut silent = Talk::of(two_questions());
    silent.done();
    assert_eq!(silent.silence(), ["play no-key a a-keys"]);
    silent.done();
    assert_eq!(silent.silence(), ["play no-key a a-keys"]);
    silent.done();
    assert_eq!(silent.silence(), ["a Silent ", "play b"]);

    let mut wrong = Talk::of(two_questions());
    wrong.done();
    assert_eq!(wrong.key('5'), ["play wrong-key a a-keys"]);
    wrong.done();
    assert_eq!(wrong.silence(), ["play no-key a a-keys"]);
    wrong.done();
    assert_eq!(wrong.key('6'), ["a Invalid 56", "play b"]);

    let mut refused = Talk::of(two_questions());
    refused.done();
    assert_eq!(refused.key('#'), ["wait 4"]);
    assert_eq!(refused.silence(), ["a Refused #", "play b"]);

    let mut no_survey = Talk::of(two_questions());
    assert_eq!(no_survey.key('#'), ["wait 4"]);
    assert_eq!(no_survey.key('#'), ["a Refused ##", "play bye-refused"]);
    assert_eq!(no_survey.done(), ["Refused"]);
}

#[test]
fn a_wrong_key_during_the_prompt_lets_it_go_on_and_is_not_taken_for_silence() {
    let mut talk = Talk::of(two_questions());
    assert_eq!(talk.key('7'), [""; 0]);
    for _ in 0..3 {
        talk.done();
        talk.silence();
    }
    assert_eq!(talk.session.heard.get("a"), Some(&Answer::Invalid));
}

#[test]
fn star_says_the_question_again_and_drops_the_entry() {
    let mut talk = Talk::of(two_questions());
    assert_eq!(talk.key('*'), ["play a a-keys"]);
    talk.key('1');
    talk.done();
    assert_eq!(talk.key('1'), ["wait 4"]);
    assert_eq!(talk.key('*'), ["play b"]);
    talk.done();
    assert_eq!(talk.key('3'), ["b Value(3) 3", "play bye"]);
}

#[test]
fn two_questions_missed_in_a_row_end_the_call_as_silent() {
    let mut talk = Talk::of(two_questions());
    for _ in 0..5 {
        talk.done();
        talk.silence();
    }
    talk.done();
    assert_eq!(talk.silence(), ["b Silent ", "play bye-silent"]);
    assert_eq!(talk.done(), ["Silent"]);
}

#[test]
fn the_stop_key_works_where_it_is_live_and_nowhere_else() {
    let mut talk = Talk::of(two_questions());
    assert_eq!(talk.key('9'), ["stop_calling Value(9) 9 stop", "play bye-stop"]);
    assert_eq!(talk.done(), ["OptedOut"]);

    let mut score = Talk::of(two_questions());
    score.key('1');
    score.done();
    assert_eq!(score.key('9'), ["b Value(9) 9", "play bye"]);
}

#[test]
fn a_nine_pressed_twice_for_the_score_is_no_wish_to_be_left_alone() {
    let mut talk = Talk::of(two_questions());
    talk.key('1');
    talk.done();
    talk.key('9');
    assert_eq!(talk.key('9'), [""; 0]);
    assert_eq!(talk.done(), ["wait 3"]);
    assert_eq!(talk.key('9'), ["stop_calling Value(9) 9 stop", "play bye-stop"]);
    assert_eq!(talk.done(), ["Completed"]);
}

#[test]
fn hanging_up_in_the_goodbye_leaves_the_survey_complete() {
    let mut talk = Talk::of(two_questions());
    talk.key('1');
    talk.done();
    talk.key('3');
    assert_eq!(talk.resume(Resume::HungUp), ["Completed"]);
    assert_eq!(talk.resume(Resume::HungUp), [""; 0]);
    assert_eq!(talk.key('1'), [""; 0]);
}

#[test]
fn a_one_that_still_waits_for_a_zero_counts_when_the_patient_hangs_up() {
    let mut talk = Talk::of(two_questions());
    talk.key('1');
    talk.done();
    talk.key('1');
    assert_eq!(talk.resume(Resume::HungUp), ["b Value(1) 1", "HungUp"]);
    let progress = talk.session.progress(&talk.plan);
    assert_eq!(
        (progress.answered, progress.required, progress.required_answered),
        (2, 1, 1)
    );
}

#[test]
fn a_session_is_not_resumed_with_another_dialplan() {
    let (mut session, _) = Session::start(&two_questions());
    let error = session.resume(&shipped(), Resume::PromptDone).unwrap_err();
    assert_eq!(error.session, two_questions().hash());
    assert!(session.due(&shipped()).is_err());
}

#[test]
fn a_session_that_was_written_down_knows_what_is_due() {
    let mut talk = Talk::of(two_questions());
    talk.done();
    talk.silence();
    let written = serde_json::to_string(&talk.session).unwrap();
    let session: Session = serde_json::from_str(&written).unwrap();
    assert_eq!(
        session.due(&talk.plan).unwrap(),
        Step::Play {
            prompts: vec!["no-key".into(), "a".into(), "a-keys".into()]
        }
    );
}

#[test]
fn a_loop_that_the_patient_keeps_going_ends_at_the_bound_with_a_goodbye() {
    let parts = "[[question]]\nid = \"again\"\ntitle = \"题\"\nsay = \"again\"\nask = \"yes_no\"\nstop = false\n\
                 yes = { next = \"again\" }\nno = { next = \"end.completed\" }\nnext = \"end.completed\"";
    let mut talk = Talk::of(parse(&plan_text("again", parts)).unwrap());
    let mut rounds = 0;
    while talk.key('1').last().unwrap() != "play bye-silent" {
        rounds += 1;
    }
    assert_eq!(rounds, 59);
    assert_eq!(talk.done(), ["TooManySteps"]);
}

#[test]
fn someone_who_says_nothing_keeps_the_line_for_at_least_20_seconds_of_waiting() {
    let lines = walk(&shipped(), None, &[]);
    assert_eq!(lines.iter().filter(|line| *line == "waits    8s").count(), 3);
    assert_eq!(
        lines.last().unwrap(),
        "ends     silent; 0 answered, 0 of 0 required, 0 keys"
    );
}

fn resumes() -> impl Strategy<Value = Vec<Resume>> {
    let key = (0_u8..16)
        .prop_filter_map("a key", Key::from_event)
        .prop_map(Resume::Key);
    let resume = prop_oneof![
        6 => key,
        4 => Just(Resume::PromptDone),
        3 => Just(Resume::Silence),
        1 => Just(Resume::HungUp),
    ];
    prop::collection::vec(resume, 0..200)
}

proptest! {
    #[test]
    fn every_answer_keeps_the_contract_of_steps_and_a_written_session_goes_on_alike(resumes in resumes()) {
        for plan in [shipped(), two_questions()] {
            let (mut session, mut steps) = Session::start(&plan);
            let mut plays = true;
            for resume in resumes.iter().copied() {
                let written = serde_json::to_string(&session).unwrap();
                let mut other: Session = serde_json::from_str(&written).unwrap();
                let was_over = matches!(session.at, At::Over { .. });
                steps = session.resume(&plan, resume).unwrap();
                prop_assert_eq!(&other.resume(&plan, resume).unwrap(), &steps);
                prop_assert_eq!(&other, &session);
                let Some((last, heard)) = steps.split_last() else {
                    let late = matches!((resume, plays), (Resume::Silence, true) | (Resume::PromptDone, false));
                    prop_assert!(was_over || late || (plays && matches!(resume, Resume::Key(_))));
                    continue;
                };
                prop_assert!(!was_over);
                prop_assert!(heard.iter().all(|step| matches!(step, Step::Heard(_))));
                prop_assert!(!matches!(last, Step::Heard(_)));
                prop_assert_eq!(last, &session.due(&plan).unwrap());
                plays = matches!(last, Step::Play { .. });
            }
            drop(steps);
        }
    }

    #[test]
    fn whatever_is_pressed_the_call_ends_within_its_bound(keys in prop::collection::vec((0_u8..16, any::<bool>()), 0..400)) {
        let plan = shipped();
        let (mut session, mut steps) = Session::start(&plan);
        let mut keys = keys.into_iter();
        let mut plays = 0;
        while let Some(step) = steps.pop() {
            let next = keys.next().and_then(|(event, now)| Some((Key::from_event(event)?, now)));
            let resume = match (step, next) {
                (Step::Play { .. }, Some((key, true))) => {
                    let more = session.resume(&plan, Resume::Key(key)).unwrap();
                    plays += 1;
                    if !more.is_empty() {
                        steps = more;
                        continue;
                    }
                    Resume::PromptDone
                }
                (Step::Play { .. }, _) => {
                    plays += 1;
                    Resume::PromptDone
                }
                (Step::Listen { .. }, _) => Resume::Spoken,
                (Step::Connect { .. }, _) => Resume::NobodyFree,
                (Step::Wait { limit }, None) => {
                    prop_assert!(limit > Duration::ZERO);
                    Resume::Silence
                }
                (Step::Wait { .. }, Some((key, _))) => Resume::Key(key),
                (Step::Finished(_), _) => break,
                (Step::Heard(_), _) => unreachable!(),
            };
            steps = session.resume(&plan, resume).unwrap();
        }
        let is_over = matches!(session.at, At::Over { .. });
        prop_assert!(is_over);
        prop_assert!(plays <= plan.max_steps + 2);
    }
}
