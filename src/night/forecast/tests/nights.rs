//! Whole forecasts: every rule holds after every step, everybody's case comes to its end.

use std::collections::BTreeMap;

use super::super::{Behaviours, Made, Observed, Ordinal, Outlook, Slot};
use super::house::{campaign, days, people, run, setup};
use crate::dialer::{DayPart, Outcome};
use crate::outcome::Disposition;
use crate::phone::NumberKind;

fn forecast(patients: u32, lines: u16, seed: u64) -> Outlook {
    run(
        setup(campaign(lines), seed),
        people(patients, seed),
        Behaviours::default(),
        days(60),
    )
    .unwrap_or_else(|broken| panic!("{broken}\n{}", broken.before.join("\n")))
}

#[test]
fn every_case_comes_to_its_end_and_no_rule_is_broken() {
    let outlook = forecast(600, 6, 3);
    assert_eq!(outlook.cases.len(), 600);
    assert_eq!(
        outlook.unfinished(),
        0,
        "{:?}",
        outlook.cases.iter().find(|case| case.outcome.is_none())
    );
    let completed = outlook.with_outcome(Outcome::Completed);
    assert!((200..450).contains(&completed), "{completed} of 600 completed");
    assert!(outlook.attempts.len() > 900, "{} attempts", outlook.attempts.len());
    assert!(
        outlook.lines.peak <= 6 && outlook.lines.mean() > 0.5,
        "{:?}",
        outlook.lines.peak
    );
    assert!(outlook.nights.len() >= 3, "{:?}", outlook.nights);
    let by_rule: usize = outlook.dispositions.values().sum();
    assert_eq!(by_rule, outlook.attempts.len());
    for rare in [
        Disposition::Vacant,
        Disposition::OptOut,
        Disposition::Partial,
        Disposition::Busy,
    ] {
        assert!(outlook.dispositions.contains_key(&rare), "{rare:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_trace_and_another_seed_another() {
    let trace = |seed| forecast(80, 3, seed).trace_sha256;
    assert_eq!(trace(5), trace(5));
    assert_ne!(trace(5), trace(6));
    assert_eq!(trace(5).len(), 64);
}

#[test]
fn more_lines_finish_sooner_and_reach_the_same_people() {
    let (few, many) = (forecast(300, 2, 9), forecast(300, 12, 9));
    let first_calls = |outlook: &Outlook| {
        let mut first = BTreeMap::new();
        for made in &outlook.attempts {
            first.entry(made.case).or_insert(made.disposition);
        }
        first
    };
    let (few_first, many_first) = (first_calls(&few), first_calls(&many));
    let same = few_first
        .iter()
        .filter(|(case, disposition)| many_first.get(case) == Some(disposition))
        .count();
    assert!(same * 10 > few_first.len() * 8, "{same} of {}", few_first.len());
    let last = |outlook: &Outlook, nth: usize| outlook.attempts.get(nth).map(|made| made.ended);
    assert!(last(&many, 250) < last(&few, 250), "twelve lines are faster than two");
}

#[test]
fn what_was_seen_outweighs_what_was_assumed() {
    let seen = |attempt, disposition, count| Observed {
        slot: Slot {
            kind: Some(NumberKind::Mobile),
            part: DayPart::Morning,
            attempt,
        },
        disposition,
        count,
    };
    let seen: Vec<Observed> = [Ordinal::First, Ordinal::Later]
        .into_iter()
        .flat_map(|attempt| {
            [
                seen(attempt, Disposition::Busy, 90_000),
                seen(attempt, Disposition::Completed, 10_000),
            ]
        })
        .collect();
    let observed = Behaviours::default().observed(&seen);
    let outlook = run(setup(campaign(20), 1), people(200, 1), observed, days(1)).unwrap();
    let morning = outlook.attempts.iter().take(100);
    let busy = morning.filter(|made| made.disposition == Disposition::Busy).count();
    assert!(busy > 60, "{busy} of the first hundred were busy");
}

#[test]
fn who_was_never_reached_again_is_not_expected_to_be() {
    let everywhere = |attempt, disposition, count| {
        let kinds = [NumberKind::Mobile, NumberKind::Landline].map(Some);
        let slots = kinds
            .into_iter()
            .flat_map(move |kind| DayPart::ALL.map(|part| Slot { kind, part, attempt }));
        slots.map(move |slot| Observed {
            slot,
            disposition,
            count,
        })
    };
    let mut seen: Vec<Observed> = everywhere(Ordinal::First, Disposition::Completed, 5_000)
        .chain(everywhere(Ordinal::First, Disposition::Busy, 5_000))
        .collect();
    let reached_later = |seen: &[Observed]| {
        let observed = Behaviours::default().observed(seen);
        let outlook = run(setup(campaign(20), 1), people(200, 1), observed, days(1)).unwrap();
        let mut first = std::collections::BTreeSet::new();
        let completed = |made: &&Made| made.disposition == Disposition::Completed;
        let later = outlook.attempts.iter().filter(|made| !first.insert(made.case));
        later.filter(completed).count()
    };
    let assumed = reached_later(&seen);
    seen.extend(everywhere(Ordinal::Later, Disposition::Busy, 50_000));
    let known = reached_later(&seen);
    assert!(
        known * 10 < assumed,
        "{assumed} were reached at a later attempt, and {known}"
    );
}

#[test]
fn calls_hold_their_lines_as_long_as_real_ones_did() {
    let longer = Behaviours::default().with_lengths([(Disposition::NoAnswer, 200)].into());
    let mean = |behaviours| {
        let outlook = run(setup(campaign(20), 1), people(60, 1), behaviours, days(1)).unwrap();
        let of_it = outlook
            .attempts
            .iter()
            .filter(|made| made.disposition == Disposition::NoAnswer);
        let lengths: Vec<_> = of_it.map(|made| made.ended.since(made.at).as_millis()).collect();
        lengths.iter().sum::<u128>() / lengths.len() as u128
    };
    let (usual, longer) = (mean(Behaviours::default()), mean(longer));
    assert!(longer > usual * 17 / 10, "{usual} ms, {longer} ms");
}
