//! The checks and the order of a claim.

use super::claim::{Checked, Why, decide, order};
use super::*;

const NOW: &str = "2026-11-20 10:00:00";

fn claim() -> Claim {
    Claim {
        campaign: CAMPAIGN,
        now: shanghai(NOW),
        limit: 10,
        lease: LEASE,
        terms: Arc::new(Terms::new(
            &Schedule::default(),
            &RetryPolicy::default(),
            &Limits::default(),
        )),
    }
}

fn due() -> Candidate {
    candidate(1, shanghai("2026-11-20 09:00:00"))
}

fn check(candidate: &Candidate) -> Checked {
    decide(candidate, &claim()).checked
}

fn why(candidate: &Candidate) -> Why {
    decide(candidate, &claim()).why
}

/// The same with its only number changed.
fn whose_number(mut candidate: Candidate, change: impl Fn(&mut CandidateNumber)) -> Candidate {
    candidate.numbers.iter_mut().for_each(change);
    candidate
}

#[test]
fn a_due_case_is_dialed() {
    assert_eq!(check(&due()), Checked::Dial { number: NumberId(1) });
    assert_eq!(
        check(&candidate(1, shanghai(NOW))),
        Checked::Dial { number: NumberId(1) }
    );
}

#[test]
fn nobody_on_the_list_and_no_deceased_patient_is_ever_dialed() {
    let listed = whose_number(due(), |number| number.listed = Some(Listed::Always));
    let deceased = Candidate {
        states: BTreeSet::from([PatientState::Deceased]),
        ..due()
    };
    for candidate in [listed, deceased] {
        let outcome = Outcome::NotEligible;
        assert_eq!(check(&candidate), Checked::Close { outcome });
    }
}

#[test]
fn a_case_that_cannot_succeed_is_closed() {
    let closed = |candidate: &Candidate| match check(candidate) {
        Checked::Close { outcome } => outcome,
        other @ (Checked::Dial { .. } | Checked::Hold { .. }) => panic!("{other:?}"),
    };
    let spent = Candidate { counted: 5, ..due() };
    assert_eq!(closed(&spent), Outcome::NotReached);
    let late = Candidate {
        deadline: Some(shanghai(NOW)),
        ..due()
    };
    assert_eq!(closed(&late), Outcome::Expired);
    let dead = whose_number(due(), |number| number.dead = true);
    assert_eq!(closed(&dead), Outcome::NumberDead);
}

#[test]
fn a_number_that_is_being_called_waits_a_minute() {
    let locked = whose_number(due(), |number| number.locked = true);
    let until = shanghai("2026-11-20 10:01:00");
    assert_eq!(check(&locked), Checked::Hold { until });
    assert_eq!(why(&locked).zh(), "该号码正在被呼叫");
}

#[test]
fn a_case_whose_time_has_not_come_waits_for_it() {
    let later = shanghai("2026-11-20 10:00:01");
    let early = whose_number(candidate(1, later), |number| number.locked = true);
    assert_eq!(check(&early), Checked::Hold { until: later });
    assert_eq!(why(&early), Why::NotYet);
}

#[test]
fn who_waits_longest_is_dialed_first() {
    let at = |time: &str| shanghai(&format!("2026-11-20 {time}"));
    let mut cases = [
        candidate(4, at("09:30:00")),
        candidate(3, at("09:00:00")),
        candidate(1, at("09:30:00")),
        candidate(2, at("08:00:00")),
    ];
    order(&mut cases);
    assert_eq!(cases.map(|case| case.case.0), [2, 3, 1, 4]);
}

/// A time on the Friday of these tests, or on another day.
fn on(time: &str) -> Wall {
    let text = if time.len() > 8 {
        time.to_owned()
    } else {
        format!("2026-11-20 {time}")
    };
    shanghai(&text)
}

fn cap(text: &str) -> Cap {
    text.parse().unwrap()
}

fn terms(change: impl FnOnce(&mut Limits)) -> Arc<Terms> {
    let mut limits = Limits::default();
    change(&mut limits);
    Arc::new(Terms::new(&Schedule::default(), &RetryPolicy::default(), &limits))
}

/// What is decided at ten under these terms: the reason and until when, if it holds.
fn held(candidate: &Candidate, terms: &Arc<Terms>) -> (&'static str, Option<Wall>) {
    let decision = decide(
        candidate,
        &Claim {
            terms: Arc::clone(terms),
            ..claim()
        },
    );
    let until = match decision.checked {
        Checked::Hold { until } => Some(until),
        Checked::Dial { .. } | Checked::Close { .. } => None,
    };
    (decision.why.as_str(), until)
}

fn tried(at: &str, number: i64, disposition: Disposition) -> Tried {
    Tried {
        at: on(at),
        number: Some(NumberId(number)),
        disposition,
        counted: true,
        direction: Direction::Out,
    }
}

/// The patient's own number and two of relatives.
fn with_three_numbers(mut candidate: Candidate) -> Candidate {
    for (id, owner) in [(2, Owner::Kin), (3, Owner::Kin)] {
        let mut other = candidate.numbers[0].clone();
        other.id = NumberId(id);
        other.owner = owner;
        candidate.numbers.push(other);
    }
    candidate
}

#[test]
fn every_hold_names_the_time_at_which_it_ends() {
    let usual = terms(|_| {});
    let called = |times: &[&str]| whose_number(due(), |number| number.called = times.iter().map(|at| on(at)).collect());
    let three = called(&["09:56:00", "09:57:00", "09:58:00"]);
    assert_eq!(held(&three, &usual), ("number_capped", Some(on("10:01:00"))));
    // Free at half past twelve, when nobody is called: at two.
    let five = called(&["2026-11-19 12:30:00", "08:00:00", "08:30:00", "09:00:00", "09:30:00"]);
    assert_eq!(held(&five, &usual), ("number_capped", Some(on("14:00:00"))));
    assert_eq!(
        held(&called(&["09:55:00", "09:57:00", "09:58:00"]), &usual),
        ("due", None)
    );
    let patient = Candidate {
        patient_tried: vec![on("2026-11-19 18:00:00"), on("2026-11-20 08:00:00")],
        ..due()
    };
    let two_a_day = terms(|limits| limits.patient = vec![cap("2 in 24h")]);
    assert_eq!(held(&patient, &two_a_day), ("patient_capped", Some(on("18:00:00"))));
    let today = Candidate {
        tried: vec![tried("09:00:00", 1, Disposition::NoAnswer)],
        counted: 1,
        ..due()
    };
    let once_a_day = terms(|limits| limits.a_day = Some(1));
    assert_eq!(held(&today, &once_a_day), ("day_used", Some(on("2026-11-21 09:00:00"))));
    let mornings = terms(|limits| limits.parts = BTreeMap::from([(DayPart::Morning, 1)]));
    assert_eq!(held(&today, &mornings), ("morning_used", Some(on("14:00:00"))));
    // The deadline comes first.
    let late = Candidate {
        deadline: Some(on("13:00:00")),
        ..five
    };
    assert_eq!(held(&late, &usual), ("number_capped", Some(on("13:00:00"))));
}

#[test]
fn when_every_part_of_the_day_had_its_attempts_the_budget_decides() {
    let quotas = terms(|limits| limits.parts = DayPart::ALL.into_iter().map(|part| (part, 1)).collect());
    let at = |times: &[&str]| Candidate {
        tried: times.iter().map(|at| tried(at, 1, Disposition::NoAnswer)).collect(),
        counted: u16::try_from(times.len()).unwrap(),
        ..due()
    };
    let (morning, afternoon, evening) = ("2026-11-18 09:00:00", "2026-11-18 15:00:00", "2026-11-18 18:00:00");
    assert_eq!(
        held(&at(&[morning, afternoon]), &quotas),
        ("morning_used", Some(on("17:00:00")))
    );
    assert_eq!(held(&at(&[morning, afternoon, evening]), &quotas), ("due", None));
    // There is no evening left before the deadline.
    let hurried = Candidate {
        deadline: Some(on("16:00:00")),
        ..at(&[morning, afternoon])
    };
    assert_eq!(held(&hurried, &quotas), ("due", None));
}

#[test]
fn an_appointment_goes_before_budget_caps_and_quotas_but_not_before_what_is_owed_to_others() {
    let strict = terms(|limits| {
        limits.patient = vec![cap("1 in 24h")];
        limits.a_day = Some(1);
    });
    let agreed = Candidate {
        appointment: Some(on("10:10:00")),
        counted: 9,
        tried: vec![tried("08:30:00", 1, Disposition::NoAnswer)],
        patient_tried: vec![on("08:30:00")],
        ..due()
    };
    assert_eq!(held(&agreed, &strict), ("appointment", None));
    let at = |time: &str| Candidate {
        appointment: Some(on(time)),
        ..agreed.clone()
    };
    assert_eq!(held(&at("10:15:01"), &strict), ("not_yet", Some(on("10:00:01"))));
    assert_eq!(held(&at("19:00:00"), &strict), ("not_yet", Some(on("18:45:00"))));
    assert_eq!(held(&at("09:45:00"), &strict).0, "budget_used");
    let capped = whose_number(agreed.clone(), |number| number.called = vec![on("09:59:00"); 3]);
    assert_eq!(held(&capped, &strict), ("number_capped", Some(on("10:04:00"))));
    let locked = whose_number(agreed.clone(), |number| number.locked = true);
    assert_eq!(held(&locked, &strict), ("number_locked", Some(on("10:01:00"))));
    let listed = whose_number(agreed, |number| number.listed = Some(Listed::Campaign));
    assert_eq!(held(&listed, &strict), ("do_not_call_campaign", None));
}

#[test]
fn states_stop_a_case_as_the_terms_say_but_never_keep_an_expired_one() {
    let in_state = |state| Candidate {
        states: BTreeSet::from([state]),
        ..due()
    };
    let usual = terms(|_| {});
    let readmitted = in_state(PatientState::Readmitted);
    assert_eq!(held(&readmitted, &usual), ("readmitted", Some(on("11:00:00"))));
    assert_eq!(
        held(&in_state(PatientState::Transferred), &usual),
        ("transferred", None)
    );
    let ignored = terms(|limits| limits.stops = BTreeMap::new());
    assert_eq!(held(&readmitted, &ignored), ("due", None));
    assert_eq!(held(&in_state(PatientState::Deceased), &ignored), ("deceased", None));
    let late = Candidate {
        deadline: Some(on(NOW)),
        ..readmitted
    };
    assert_eq!(held(&late, &usual), ("too_late", None));
}

#[test]
fn a_relatives_number_on_the_list_is_passed_over_and_ones_own_closes_the_case() {
    let number = |candidate: &Candidate| match check(candidate) {
        Checked::Dial { number } => Some(number.0),
        Checked::Hold { .. } | Checked::Close { .. } => None,
    };
    let listed = |ids: &[i64]| {
        whose_number(with_three_numbers(due()), |number| {
            number.listed = ids.contains(&number.id.0).then_some(Listed::Always);
            number.dead = number.id.0 == 1 && !ids.contains(&1);
        })
    };
    assert_eq!(number(&listed(&[2])), Some(3));
    assert_eq!(why(&listed(&[2, 3])), Why::NumberDead);
    assert_eq!(why(&listed(&[1])), Why::DoNotCall(Listed::Always));
    let mut of_relatives = listed(&[1, 2, 3]);
    of_relatives.numbers.remove(0);
    assert_eq!(why(&of_relatives), Why::DoNotCall(Listed::Always));
}

#[test]
fn the_turn_goes_to_the_next_number_after_so_many_that_reached_nobody() {
    use Disposition::{Busy, NetworkBusy, NoAnswer, ThirdParty};
    let two = terms(|limits| limits.next_number_after = Some(2));
    let turn = |attempts: &[(i64, Disposition)], dead: &[i64]| {
        let attempts = attempts.iter().map(|(number, disposition)| Tried {
            counted: !disposition.is_ours(),
            ..tried("2026-11-19 10:00:00", *number, *disposition)
        });
        let mut candidate = with_three_numbers(due());
        candidate.tried = attempts.collect();
        let candidate = whose_number(candidate, |number| number.dead = dead.contains(&number.id.0));
        let terms = Arc::clone(&two);
        match decide(&candidate, &Claim { terms, ..claim() }).checked {
            Checked::Dial { number } => number.0,
            other @ (Checked::Hold { .. } | Checked::Close { .. }) => panic!("{other:?}"),
        }
    };
    assert_eq!(turn(&[], &[]), 1);
    assert_eq!(turn(&[(1, NoAnswer)], &[]), 1);
    assert_eq!(turn(&[(1, NoAnswer), (1, Busy)], &[]), 2);
    // Our own faults are not the number's.
    assert_eq!(turn(&[(1, NoAnswer), (1, NetworkBusy)], &[]), 1);
    assert_eq!(turn(&[(1, NoAnswer), (1, ThirdParty)], &[]), 1);
    assert_eq!(turn(&[(1, Busy), (1, Busy), (2, Busy)], &[]), 2);
    assert_eq!(turn(&[(3, Busy), (3, Busy)], &[]), 1);
    assert_eq!(turn(&[(1, Busy), (1, Busy)], &[2]), 3);
    assert_eq!(turn(&[(2, Busy)], &[2]), 3);
}
