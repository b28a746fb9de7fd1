//! From a free line to the INVITE.

use super::*;

const MORNING: &str = "2026-11-20 10:00:00";

#[test]
fn an_open_window_and_a_free_line_ask_for_what_can_be_dialed_in_a_second() {
    let (_, outputs) = Desk::open(MORNING, campaign());
    let [Output::Claim(claim)] = outputs.as_slice() else {
        panic!("{outputs:?}")
    };
    assert_eq!((claim.campaign, claim.limit, claim.terms.budget), (CAMPAIGN, 2, 5));
    assert_eq!(claim.lease, secs(600));
}

#[test]
fn nothing_is_asked_before_the_window_opens() {
    let (mut desk, outputs) = Desk::open("2026-11-20 08:59:50", campaign());
    assert_eq!(outputs, []);
    let (timer, outputs) = desk.at_deadline();
    assert_eq!((timer, desk.wall), (Timer::Window, shanghai("2026-11-20 09:00:00")));
    assert_eq!(claim_limits(&outputs), [2]);
}

#[test]
fn an_attempt_is_written_down_before_it_is_dialed() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    let outputs = desk.claimed([1]);
    let Some(Output::Begin(begin)) = outputs.first() else {
        panic!("{outputs:?}")
    };
    assert_eq!(
        (begin.case, begin.trunk.as_str(), begin.dialplan.as_str()),
        (CaseId(1), "carrier", "sha256")
    );
    assert_eq!(dials(&outputs), [] as [i64; 0]);
    let outputs = desk.begun(1);
    let Some(Output::Dial(dial)) = outputs.first() else {
        panic!("{outputs:?}")
    };
    assert_eq!(
        (dial.campaign, dial.attempt, dial.trunk),
        (CAMPAIGN, AttemptId(1), TRUNK)
    );
    assert_eq!(dial.ring, RingLimits::default());
}

#[test]
fn attempts_follow_each_other_at_the_pace_and_never_in_a_burst() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    assert_eq!(begins(&desk.claimed([1, 2])), [1]);
    assert_eq!(begins(&desk.after(Duration::from_millis(499))), [] as [i64; 0]);
    assert_eq!(begins(&desk.after(Duration::from_millis(1))), [2]);
    desk.after(secs(60));
    assert_eq!(begins(&desk.claimed([3, 4])), [3], "a rest leaves no arrears");
}

#[test]
fn a_slow_database_does_not_bring_two_invites_together() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    desk.claimed([1, 2]);
    desk.after(Duration::from_millis(500));
    assert_eq!(dials(&desk.begun(1)), [1]);
    assert_eq!(dials(&desk.begun(2)), [] as [i64; 0]);
    assert_eq!(dials(&desk.after(Duration::from_millis(500))), [2]);
}

#[test]
fn a_line_is_taken_from_the_attempts_first_word_to_the_calls_end() {
    let one_line = Campaign { lines: 1, ..campaign() };
    let (mut desk, outputs) = Desk::open(MORNING, one_line);
    assert_eq!(claim_limits(&outputs), [1]);
    assert_eq!(begins(&desk.claimed([1, 2])), [1]);
    assert_eq!(begins(&desk.after(secs(5))), [] as [i64; 0]);
    desk.begun(1);
    assert_eq!(begins(&desk.after(secs(100))), [] as [i64; 0]);
    assert_eq!(begins(&desk.ended(1, Disposition::Completed)), [2]);
}

#[test]
fn no_case_is_claimed_while_all_lines_are_busy() {
    let one_line = Campaign { lines: 1, ..campaign() };
    let (mut desk, _) = Desk::open(MORNING, one_line);
    assert_eq!(claim_limits(&desk.claimed([1])), [] as [usize; 0]);
    desk.begun(1);
    assert_eq!(claim_limits(&desk.after(secs(30))), [] as [usize; 0]);
    assert_eq!(claim_limits(&desk.ended(1, Disposition::Busy)), [1]);
}

#[test]
fn a_slow_pace_claims_shortly_before_it_dials() {
    let slow = Campaign {
        pace: pace(0.1),
        ..campaign()
    };
    let (mut desk, _) = Desk::open(MORNING, slow);
    assert_eq!(claim_limits(&desk.claimed([1])), [] as [usize; 0]);
    let (timer, outputs) = desk.at_deadline();
    assert_eq!((timer, claim_limits(&outputs)), (Timer::Claim, vec![1]));
    assert_eq!(desk.wall, shanghai("2026-11-20 10:00:09"));
}

#[test]
fn when_nothing_is_due_it_asks_again_ever_more_seldom() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    let mut waits = Vec::new();
    for _ in 0..6 {
        desk.claimed([]);
        let before = desk.now;
        while claim_limits(&desk.at_deadline().1).is_empty() {}
        waits.push(desk.now.since(before).as_secs());
    }
    assert_eq!(waits, [2, 4, 8, 16, 30, 30]);
}

#[test]
fn test_mode_asks_every_two_seconds_at_any_time() {
    let test_mode = Campaign {
        schedule: Schedule::any_time(ZONE),
        ..campaign()
    };
    let (mut desk, outputs) = Desk::open("2026-11-20 03:00:00", test_mode);
    assert_eq!(claim_limits(&outputs), [2]);
    for _ in 0..5 {
        assert_eq!(claim_limits(&desk.claimed([])), [] as [usize; 0]);
        assert_eq!(claim_limits(&desk.after(secs(2))), [2]);
    }
}

#[test]
fn an_import_is_looked_at_at_once() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    for _ in 0..4 {
        desk.claimed([]);
        desk.after(secs(30));
    }
    desk.claimed([]);
    assert_eq!(claim_limits(&desk.tell(Input::Poked { campaign: CAMPAIGN })), [2]);
}

#[test]
fn idleness_is_told_once() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    let idle = Output::Idle { campaign: CAMPAIGN };
    assert!(desk.claimed([]).contains(&idle));
    desk.after(secs(2));
    assert!(!desk.claimed([]).contains(&idle));
    desk.tell(Input::Poked { campaign: CAMPAIGN });
    desk.claimed([1]);
    desk.begun(1);
    desk.after(secs(1));
    assert!(!desk.claimed([]).contains(&idle), "a call is up");
    desk.ended(1, Disposition::Completed);
    desk.after(secs(4));
    assert!(desk.claimed([]).contains(&idle));
}

#[test]
fn no_attempt_is_begun_in_the_last_seconds_of_a_window() {
    let (mut desk, _) = Desk::open("2026-11-20 11:59:45", campaign());
    desk.claimed([1, 2]);
    desk.after(Duration::from_millis(500));
    desk.claimed([3]);
    desk.wall = shanghai("2026-11-20 11:59:50");
    let outputs = desk.tell(Input::Wake);
    assert_eq!((begins(&outputs), releases(&outputs)), (vec![], vec![3]));
    assert_eq!(dials(&desk.begun(1)), [1], "what was begun in time is still dialed");
}

#[test]
fn an_attempt_that_the_window_overtook_is_abandoned() {
    let (mut desk, _) = Desk::open("2026-11-20 11:59:45", campaign());
    desk.claimed([1]);
    desk.after(secs(15));
    assert_eq!(abandoned(&desk.begun(1)), [(1, TooLate::WindowClosed)]);
    assert_eq!(
        desk.dialer.counts(CAMPAIGN),
        Some(Counts::default()),
        "its line is free"
    );
}

#[test]
fn a_wall_clock_that_is_set_forward_is_noticed_within_half_a_minute() {
    let (mut desk, _) = Desk::open("2026-11-20 06:00:00", campaign());
    let (moment, timer) = desk.dialer.deadline().unwrap();
    assert_eq!((moment.since(desk.now), timer), (secs(30), Timer::Clock));
    desk.wall = shanghai("2026-11-20 09:30:00");
    assert_eq!(claim_limits(&desk.after(secs(30))), [2]);
}

#[test]
fn a_wall_clock_that_is_set_back_closes_the_window() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    desk.claimed([1, 2]);
    desk.wall = shanghai("2026-11-20 08:00:00");
    let outputs = desk.begun(1);
    assert_eq!((dials(&outputs), releases(&outputs)), (vec![], vec![2]));
    assert_eq!(abandoned(&outputs), [(1, TooLate::WindowClosed)]);
}

#[test]
fn a_claim_that_gets_no_line_is_given_back_before_its_lease_ends() {
    let one_line = Campaign { lines: 1, ..campaign() };
    let (mut desk, _) = Desk::open(MORNING, one_line);
    desk.claimed([1, 2]);
    desk.begun(1);
    let mut released = Vec::new();
    while released.is_empty() {
        released = releases(&desk.at_deadline().1);
    }
    assert_eq!(released, [2]);
    assert_eq!(desk.wall, shanghai("2026-11-20 10:09:30"));
}

#[test]
fn a_failing_store_is_asked_again_later_and_counted() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    let outputs = desk.tell(Input::ClaimFailed { campaign: CAMPAIGN });
    assert_eq!(outputs, [Output::Fault(Fault::ClaimFailed(CAMPAIGN))]);
    assert_eq!(claim_limits(&desk.after(secs(2))), [2]);
    desk.claimed([1, 2]);
    let outputs = desk.tell(Input::BeginFailed { case: CaseId(1) });
    assert_eq!(releases(&outputs), [1]);
    assert!(outputs.contains(&Output::Fault(Fault::BeginFailed(CaseId(1)))));
    assert_eq!(begins(&desk.after(Duration::from_millis(1999))), [] as [i64; 0]);
    assert_eq!(begins(&desk.after(Duration::from_millis(1))), [2]);
}

#[test]
fn what_nobody_asked_for_is_counted_and_harms_nothing() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    assert_eq!(abandoned(&desk.begun(9)), [(9, TooLate::NotAsked)]);
    assert_eq!(
        desk.ended(9, Disposition::Busy),
        [Output::Fault(Fault::UnknownAttempt(AttemptId(9)))]
    );
    desk.claimed([1]);
    let outputs = desk.claimed([1]);
    assert!(outputs.contains(&Output::Fault(Fault::ClaimedTwice(CaseId(1)))));
    assert_eq!(
        releases(&outputs),
        [] as [i64; 0],
        "the case is in hand under its first lease"
    );
}
