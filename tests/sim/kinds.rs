//! Other kinds of call: an answer that is spoken, a reminder that asks nothing.

use std::sync::Arc;

use aftercall::call::Limits;
use aftercall::control::{HandCall, Order};
use aftercall::dialer::Finish;
use aftercall::dialplan::{self, Answer};
use aftercall::ids::TrunkId;
use aftercall::night::{Patient, Talk, World};
use aftercall::outcome::Disposition::{Completed, EarlyHangup};
use aftercall::phone::Number;

use crate::house::{House, millis, seconds};

const NUMBER: &str = "13800000001";

/// A call by hand with a shipped dialplan, to its end.
fn called(text: &str, talk: Talk) -> (World, Finish) {
    let mut world = House::default().world();
    let dialplan = dialplan::parse(text).expect("the shipped dialplan is sound");
    world.ledger().keep_dialplan(dialplan.hash(), text);
    world.trunk().connect(NUMBER, Patient::answers(seconds(3), talk));
    let call = HandCall {
        token: 1,
        trunk: TrunkId(0),
        number: Number::parse(NUMBER).expect("a number"),
        dialplan: Arc::new(dialplan),
        limits: Limits::default(),
    };
    world.order(seconds(1), Order::Call(Box::new(call)));
    assert_eq!(world.run_until(seconds(600), |_| false), Ok(false));
    let attempts = world.ledger().attempts().values();
    let ended = attempts.filter_map(|attempt| attempt.ended.clone()).next();
    (world, ended.expect("the call has ended"))
}

#[test]
fn a_spoken_answer_is_kept_with_its_place_and_a_file_of_its_own() {
    let text = include_str!("../../dialplans/utility-survey.toml");
    let (mut world, ended) = called(text, Talk::pressing("1", millis(2_500)));
    assert_eq!(ended.disposition, Completed);
    let excerpts: Vec<_> = ended
        .media
        .excerpts
        .iter()
        .map(|cut| (cut.question.as_str(), cut.path.as_str()))
        .collect();
    assert_eq!(excerpts, [("improve", "recordings/0/1.improve.wav")]);
    let attempt = world.ledger().attempts().values().next().cloned().expect("an attempt");
    assert_eq!(attempt.answers.get("improve"), Some(&Answer::Value(1)));
    assert_eq!(attempt.answers.get("notice"), Some(&Answer::Value(1)));
}

#[test]
fn a_reminder_is_complete_once_it_was_heard_and_not_before() {
    let text = include_str!("../../dialplans/recheck-reminder.toml");
    let (mut world, ended) = called(text, Talk::silent().leaves_during("recheck-once-more", millis(500)));
    assert_eq!(
        (ended.disposition, ended.rule.as_str()),
        (Completed, "answered-all-required-then-ended")
    );
    let attempt = world.ledger().attempts().values().next().cloned().expect("an attempt");
    assert_eq!(attempt.answers.get("reminder"), Some(&Answer::Value(1)));
    let (_, ended) = called(text, Talk::silent().leaves_during("recheck-content", millis(3_000)));
    assert_eq!(ended.disposition, EarlyHangup);
}
