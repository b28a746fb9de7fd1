//! Campaigns with a spare trunk, trunks that are down, attempts that go over another one.

use super::*;

const MORNING: &str = "2026-11-20 10:00:00";
const SPARE: TrunkId = TrunkId(2);

fn two_trunks(lines: u16, spare_pace: f64) -> BTreeMap<TrunkId, TrunkCaps> {
    let mut trunks = trunk(50, 100.0);
    let pace = pace(spare_pace);
    trunks.insert(
        SPARE,
        TrunkCaps {
            lines,
            pace,
            kept_free: 0,
        },
    );
    trunks
}

fn with_a_spare() -> Campaign {
    Campaign {
        routes: vec![route(TRUNK), route(SPARE)],
        ..campaign()
    }
}

fn over(outputs: &[Output]) -> Vec<(i64, TrunkId)> {
    let dial = |output: &Output| {
        if let Output::Dial(dial) = output {
            Some((dial.attempt.0, dial.trunk))
        } else {
            None
        }
    };
    outputs.iter().filter_map(dial).collect()
}

fn unserved(attempt: i64) -> Input {
    Input::Unserved {
        attempt: AttemptId(attempt),
        disposition: Disposition::NetworkBusy,
        retry_after: None,
    }
}

fn unplaced(outputs: &[Output]) -> Vec<i64> {
    let attempt = |output: &Output| {
        if let Output::Unplaced { attempt } = output {
            Some(attempt.0)
        } else {
            None
        }
    };
    outputs.iter().filter_map(attempt).collect()
}

/// An attempt that is dialed over the first trunk.
fn dialed(trunks: BTreeMap<TrunkId, TrunkCaps>) -> Desk {
    let (mut desk, _) = Desk::with_trunk(MORNING, trunks, with_a_spare());
    desk.claimed([1]);
    assert_eq!(over(&desk.begun(1)), [(1, TRUNK)]);
    desk
}

#[test]
fn a_call_that_its_trunk_could_not_carry_goes_over_the_spare_at_once() {
    let mut desk = dialed(two_trunks(5, 10.0));
    assert_eq!(over(&desk.tell(unserved(1))), [(1, SPARE)]);
    assert_eq!(unplaced(&desk.tell(unserved(1))), [1], "each trunk once");
    assert_eq!(desk.dialer.counts(CAMPAIGN).map(|counts| counts.calls), Some(0));
}

#[test]
fn a_campaign_with_one_trunk_has_no_other() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    desk.claimed([1]);
    desk.begun(1);
    assert_eq!(unplaced(&desk.tell(unserved(1))), [1]);
}

#[test]
fn a_spare_without_a_free_line_is_not_tried() {
    let mut desk = dialed(two_trunks(1, 10.0));
    desk.tell(unserved(1));
    desk.claimed([2]);
    desk.after(secs(1));
    assert_eq!(over(&desk.begun(2)), [(2, TRUNK)]);
    assert_eq!(unplaced(&desk.tell(unserved(2))), [2]);
}

#[test]
fn the_pace_of_the_spare_is_kept_and_a_long_wait_is_not_worth_it() {
    for (rate, waits) in [(0.25, true), (0.1, false)] {
        let mut desk = dialed(two_trunks(5, rate));
        desk.tell(unserved(1));
        desk.claimed([2]);
        desk.after(secs(1));
        desk.begun(2);
        let outputs = desk.tell(unserved(2));
        assert_eq!(unplaced(&outputs).is_empty(), waits);
        assert_eq!(over(&outputs), [], "the spare had a call a second ago");
        assert_eq!(over(&desk.after(secs(3))).is_empty(), !waits);
    }
}

#[test]
fn a_spare_is_not_tried_outside_the_window_or_after_the_stop() {
    let mut desk = dialed(two_trunks(5, 10.0));
    desk.wall = shanghai("2026-11-20 12:30:00");
    assert_eq!(unplaced(&desk.tell(unserved(1))), [1]);
    let mut desk = dialed(two_trunks(5, 10.0));
    let how = HowStop::Drain;
    let campaign = CAMPAIGN;
    desk.tell(Input::CampaignStopped { campaign, how });
    assert_eq!(unplaced(&desk.tell(unserved(1))), [1]);
}

#[test]
fn nothing_leaves_over_a_trunk_that_is_down_and_nothing_is_claimed_for_it() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    desk.claimed([1, 2]);
    let down = Input::TrunkDown { trunk: TRUNK };
    desk.tell(down);
    assert_eq!(abandoned(&desk.begun(1)), [(1, TooLate::TrunkDown)]);
    let outputs = desk.after(secs(60));
    assert_eq!((begins(&outputs), claim_limits(&outputs)), (vec![], vec![]));
    let outputs = desk.tell(Input::TrunkUp { trunk: TRUNK });
    assert_eq!(begins(&outputs), [2], "one at a time: no burst");
    assert_eq!(dials(&desk.begun(2)), [2]);
}

#[test]
fn while_the_first_trunk_is_down_or_rests_the_spare_carries_the_campaign() {
    let (mut desk, _) = Desk::with_trunk(MORNING, two_trunks(5, 10.0), with_a_spare());
    desk.tell(Input::TrunkDown { trunk: TRUNK });
    desk.claimed([1]);
    assert_eq!(over(&desk.begun(1)), [(1, SPARE)]);
    desk.tell(Input::TrunkUp { trunk: TRUNK });
    desk.after(secs(1));
    desk.claimed([2]);
    assert_eq!(over(&desk.begun(2)), [(2, TRUNK)]);
    let pause = secs(60);
    desk.tell(Input::TrunkPaused { trunk: TRUNK, pause });
    desk.after(secs(10));
    desk.claimed([3]);
    assert_eq!(over(&desk.begun(3)), [(3, SPARE)]);
}

#[test]
fn an_attempt_on_disk_whose_trunk_went_down_goes_over_the_spare() {
    let (mut desk, _) = Desk::with_trunk(MORNING, two_trunks(5, 10.0), with_a_spare());
    desk.claimed([1]);
    desk.tell(Input::TrunkDown { trunk: TRUNK });
    let outputs = desk.begun(1);
    assert_eq!(over(&outputs), [(1, SPARE)]);
    let is_moved = |output: &Output| matches!(output, Output::Dial(dial) if dial.is_moved);
    assert!(outputs.iter().any(is_moved), "its row names the first: {outputs:?}");
}

#[test]
fn a_busy_first_trunk_is_waited_for() {
    let mut trunks = two_trunks(5, 10.0);
    trunks.extend(trunk(1, 100.0));
    let (mut desk, _) = Desk::with_trunk(MORNING, trunks, with_a_spare());
    desk.claimed([1, 2]);
    desk.begun(1);
    assert_eq!(begins(&desk.after(secs(20))), [] as [i64; 0]);
    assert_eq!(begins(&desk.ended(1, Disposition::Completed)), [2]);
}

#[test]
fn a_database_that_never_answers_does_not_keep_the_line() {
    let one_line = Campaign { lines: 1, ..campaign() };
    let (mut desk, _) = Desk::open(MORNING, one_line);
    desk.claimed([1, 2]);
    let mut outputs = desk.after(secs(59));
    assert_eq!(begins(&outputs), [] as [i64; 0]);
    outputs = desk.after(secs(1));
    assert_eq!((releases(&outputs), begins(&outputs)), (vec![1], vec![2]));
    assert!(outputs.contains(&Output::Fault(Fault::BeginUnanswered(CaseId(1)))));
    assert_eq!(
        abandoned(&desk.begun(1)),
        [(1, TooLate::NotAsked)],
        "it turns up after all"
    );
}

#[test]
fn a_line_rests_between_two_calls() {
    let mut trunks = trunk(1, 100.0);
    trunks.insert(
        SPARE,
        TrunkCaps {
            lines: 1,
            pace: pace(100.0),
            kept_free: 0,
        },
    );
    let (mut desk, _) = Desk::with_trunk(MORNING, trunks, campaign());
    let callers = Callers {
        line_gap: secs(4),
        ..Callers::default()
    };
    desk.tell(Input::CallersChanged { trunk: TRUNK, callers });
    desk.claimed([1]);
    desk.begun(1);
    desk.after(secs(60));
    let outputs = [desk.ended(1, Disposition::NoAnswer), desk.claimed([2])].concat();
    let begins = |outputs: &[Output]| outputs.iter().any(|output| matches!(output, Output::Begin(_)));
    assert!(!begins(&outputs), "{outputs:?}");
    assert!(!begins(&desk.after(Duration::from_millis(3_999))));
    assert!(begins(&desk.after(Duration::from_millis(1))));
}
