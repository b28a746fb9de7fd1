//! What follows an attempt.

use proptest::prelude::*;

use super::*;
use crate::dialer::retry::Ended;
use crate::outcome::Reach;

const MORNING: &str = "2026-11-20 10:00:00";

/// What follows this ending at ten in the morning, after these others.
fn after(past: &[Disposition], disposition: Disposition) -> Next {
    let counted = past.iter().filter(|past| retry::counts(**past, Reach::Nobody)).count();
    let history = History {
        counted: u16::try_from(counted).unwrap(),
        past: past.to_vec(),
        has_answers: false,
    };
    let policy = RetryPolicy::default();
    retry::next(
        &policy,
        &history,
        ended(disposition),
        shanghai(MORNING),
        &Schedule::default(),
        None,
    )
}

fn ended(disposition: Disposition) -> Ended {
    Ended {
        disposition,
        reach: Reach::Nobody,
        has_answers: false,
    }
}

fn again(time: &str) -> Next {
    Next::Again {
        at: shanghai(time),
        counted: true,
    }
}

fn closed(outcome: Outcome) -> Next {
    Next::Close { outcome, counted: true }
}

#[test]
fn a_busy_patient_is_tried_again_after_the_pause() {
    use Disposition::Busy;
    assert_eq!(after(&[], Busy), again("2026-11-20 10:15:00"));
    assert_eq!(after(&[Busy], Busy), again("2026-11-20 10:15:00"));
    assert_eq!(after(&[Busy, Busy], Busy), again("2026-11-20 14:00:00"));
    assert_eq!(
        after(&[Busy, Busy, Disposition::NoAnswer], Busy),
        again("2026-11-20 10:15:00")
    );
}

#[test]
fn who_does_not_answer_is_tried_at_other_times_of_day_over_three_days() {
    use Disposition::NoAnswer;
    assert_eq!(after(&[], NoAnswer), again("2026-11-20 14:00:00"));
    assert_eq!(after(&[NoAnswer], NoAnswer), again("2026-11-21 14:00:00"));
    assert_eq!(after(&[NoAnswer; 4], NoAnswer), closed(Outcome::NotReached));
}

#[test]
fn a_vacant_number_is_confirmed_once_on_the_next_day() {
    use Disposition::Vacant;
    assert_eq!(after(&[], Vacant), again("2026-11-21 10:00:00"));
    assert_eq!(after(&[Vacant], Vacant), closed(Outcome::NumberDead));
    assert_eq!(after(&[Vacant, Disposition::Busy], Vacant), closed(Outcome::NumberDead));
    assert_eq!(
        after(&[Disposition::Suspended], Disposition::Suspended),
        closed(Outcome::NumberDead)
    );
}

#[test]
fn who_said_no_is_not_called_again() {
    assert_eq!(after(&[], Disposition::OptOut), closed(Outcome::Refused));
    assert_eq!(after(&[], Disposition::Refused), closed(Outcome::Refused));
    assert_eq!(after(&[], Disposition::WrongNumber), closed(Outcome::NumberDead));
    assert_eq!(after(&[], Disposition::Deceased), closed(Outcome::NotEligible));
}

#[test]
fn who_answered_is_done() {
    assert_eq!(after(&[], Disposition::Completed), closed(Outcome::Completed));
    assert_eq!(
        after(&[Disposition::BreakOff], Disposition::Partial),
        closed(Outcome::Partial)
    );
}

#[test]
fn who_broke_off_is_asked_once_more_in_another_part_of_the_next_day() {
    assert_eq!(after(&[], Disposition::BreakOff), again("2026-11-21 14:00:00"));
    assert_eq!(
        after(&[Disposition::BreakOff], Disposition::BreakOff),
        closed(Outcome::Refused)
    );
}

#[test]
fn our_own_faults_do_not_use_up_the_budget_and_do_not_go_round_for_ever() {
    use Disposition::{Busy, NetworkBusy};
    let uncounted = |time: &str| Next::Again {
        at: shanghai(time),
        counted: false,
    };
    assert_eq!(after(&[Busy; 4], NetworkBusy), uncounted("2026-11-20 10:05:00"));
    assert_eq!(after(&[NetworkBusy; 3], NetworkBusy), uncounted("2026-11-20 14:00:00"));
    assert_eq!(
        after(&[NetworkBusy; 12], NetworkBusy),
        Next::Close {
            outcome: Outcome::NotReached,
            counted: false
        }
    );
    assert_eq!(after(&[], Disposition::Interrupted), uncounted("2026-11-20 10:10:00"));
}

#[test]
fn what_a_crash_left_open_waits_for_the_next_night() {
    let next = Next::Again {
        at: shanghai("2026-11-21 09:00:00"),
        counted: false,
    };
    assert_eq!(after(&[], Disposition::Unknown), next);
}

#[test]
fn what_nobody_can_tell_counts_if_the_far_end_had_the_call_and_is_repeated_once() {
    let ending = |reach, has_answers| Ended {
        disposition: Disposition::Unknown,
        reach,
        has_answers,
    };
    let next = |past: &[Disposition], ended| {
        let history = History {
            past: past.to_vec(),
            ..History::default()
        };
        let policy = RetryPolicy::default();
        retry::next(&policy, &history, ended, shanghai(MORNING), &Schedule::default(), None)
    };
    assert_eq!(next(&[], ending(Reach::FarEnd, false)), again("2026-11-21 09:00:00"));
    let past = [Disposition::Unknown, Disposition::Busy];
    let counted = false;
    let outcome = Outcome::NotReached;
    assert_eq!(
        next(&past, ending(Reach::Nobody, false)),
        Next::Close { outcome, counted }
    );
    assert_eq!(next(&past, ending(Reach::FarEnd, true)), closed(Outcome::Partial));
}

#[test]
fn the_budget_is_one_for_all_endings() {
    use Disposition::{Busy, NoAnswer, PowerOff};
    assert_eq!(
        after(&[Busy, NoAnswer, PowerOff, Busy], NoAnswer),
        closed(Outcome::NotReached)
    );
}

#[test]
fn a_case_whose_deadline_comes_first_is_closed() {
    let history = History::default();
    let next = |deadline: &str| {
        let deadline = Some(shanghai(deadline));
        let policy = RetryPolicy::default();
        retry::next(
            &policy,
            &history,
            ended(Disposition::Busy),
            shanghai(MORNING),
            &Schedule::default(),
            deadline,
        )
    };
    assert_eq!(next("2026-11-20 10:15:00"), closed(Outcome::Expired));
    assert_eq!(next("2026-11-20 10:15:01"), again("2026-11-20 10:15:00"));
}

#[test]
fn a_demonstration_tries_again_after_seconds_at_any_hour() {
    let policy = RetryPolicy::immediate(secs(3)).with_budget(3);
    let schedule = Schedule::any_time(ZONE);
    let night = shanghai("2026-11-20 23:00:00");
    for disposition in [
        Disposition::NoAnswer,
        Disposition::Unknown,
        Disposition::Vacant,
        Disposition::NetworkBusy,
    ] {
        let next = retry::next(&policy, &History::default(), ended(disposition), night, &schedule, None);
        let counted = retry::counts(disposition, Reach::Nobody);
        let at = night + secs(3);
        assert_eq!(next, Next::Again { at, counted });
    }
    let spent = History {
        counted: 2,
        past: vec![Disposition::Busy; 2],
        has_answers: false,
    };
    assert_eq!(
        retry::next(&policy, &spent, ended(Disposition::NoAnswer), night, &schedule, None),
        closed(Outcome::NotReached)
    );
}

proptest! {
    #[test]
    fn every_case_is_closed_after_a_bounded_number_of_attempts(
        endings in prop::collection::vec(prop::sample::select(Disposition::ALL), 200)
    ) {
        let (policy, schedule) = (RetryPolicy::default(), Schedule::default());
        let mut history = History::default();
        let mut wall = shanghai(MORNING);
        let mut closed = false;
        for disposition in endings {
            match retry::next(&policy, &history, ended(disposition), wall, &schedule, None) {
                Next::Close { .. } => { closed = true; break; }
                Next::Again { at, counted } => {
                    prop_assert!(at > wall && schedule.is_open(at));
                    prop_assert_eq!(counted, retry::counts(disposition, Reach::Nobody));
                    history.counted += u16::from(counted);
                    prop_assert!(history.counted < policy.budget);
                    history.past.push(disposition);
                    wall = at;
                }
            }
        }
        prop_assert!(closed);
    }
}
