//! The claim's checks against a second writing of them that looks at every minute, on random candidates.

use chrono::Timelike;
use proptest::prelude::*;

use super::super::claim::{Checked, Why, decide};
use super::*;
use crate::calendar::{Gate, Span, Windows, local};

/// Friday 2026-11-20, in the windows of the default.
const TEN: &str = "2026-11-20 10:00:00";
const MINUTE: Duration = Duration::from_secs(60);
/// How far the scan goes.
const DAYS: u32 = 2;

fn part(at: Wall) -> DayPart {
    match local(at, ZONE).hour() {
        0..12 => DayPart::Morning,
        12..17 => DayPart::Afternoon,
        _ => DayPart::Evening,
    }
}

fn is_open(terms: &Terms, at: Wall) -> bool {
    matches!(terms.schedule.gate(at), Gate::Open { .. })
}

fn within(calls: &[Wall], at: Wall, within: Duration) -> usize {
    calls.iter().filter(|call| **call + within > at).count()
}

/// The number that would be dialed at `at`, were nothing locked; by the words of docs/outcomes.md.
fn naive(candidate: &Candidate, terms: &Terms, at: Wall) -> Option<NumberId> {
    let limits = &terms.limits;
    let minutes = |span: Duration| i64::try_from(span.as_millis()).unwrap();
    let late = candidate.deadline.is_some_and(|deadline| deadline <= at);
    let usable: Vec<&CandidateNumber> = candidate.numbers.iter().filter(|number| !number.dead).collect();
    if late || usable.is_empty() {
        return None;
    }
    // One that would have to be kept at night cannot be kept.
    let may_be_kept = |asked: &Wall| {
        let mut minutes = (0..30).map(|minute| *asked - MINUTE * 15 + MINUTE * minute);
        minutes.any(|at| (8..21).contains(&local(at, ZONE).hour()))
    };
    let asked = candidate.appointment.filter(may_be_kept);
    let off = asked.map(|asked| at.millis() - asked.millis());
    let hour = local(at, ZONE).hour();
    let agreed = off.is_some_and(|off| (-minutes(MINUTE * 15)..minutes(MINUTE * 15)).contains(&off));
    let agreed = agreed && (8..21).contains(&hour);
    let ahead = off.is_some_and(|off| off < minutes(MINUTE * 15)) && !agreed && (off < Some(0));
    if ahead || candidate.next_at > at {
        return None;
    }
    let counted: Vec<&Tried> = candidate.tried.iter().filter(|tried| tried.counted).collect();
    if !agreed {
        let same_day = |tried: &&&Tried| local(tried.at, ZONE).date() == local(at, ZONE).date();
        let spent = candidate.counted >= terms.budget;
        let day = limits
            .a_day
            .is_some_and(|most| counted.iter().filter(same_day).count() >= usize::from(most));
        let capped = limits
            .patient
            .iter()
            .any(|cap| within(&candidate.patient_tried, at, cap.within) >= usize::from(cap.most));
        let used = |wanted: DayPart| {
            let most = limits.parts.get(&wanted).copied().map_or(usize::MAX, usize::from);
            counted.iter().filter(|tried| part(tried.at) == wanted).count() >= most
        };
        let end = candidate.deadline.unwrap_or(at + MINUTE * 60 * 24 * 14);
        let end = end.min(at + MINUTE * 60 * 24 * 14);
        let left = || {
            let mut ahead = (0..).map(|step| at + MINUTE * 5 * step).take_while(|at| *at < end);
            ahead.any(|at| !used(part(at)) && is_open(terms, at))
        };
        if spent || day || capped || !is_open(terms, at) || used(part(at)) && left() {
            return None;
        }
    }
    let mut turn = usable.first()?.id;
    if let (Some(after), Some(last)) = (limits.next_number_after, counted.last().and_then(|last| last.number)) {
        let row = counted
            .iter()
            .rev()
            .take_while(|tried| tried.number == Some(last) && !tried.disposition.is_answered())
            .count();
        let usable = |id: NumberId| usable.iter().any(|number| number.id == id);
        turn = last;
        if row >= usize::from(after) || !usable(last) {
            let place = candidate.numbers.iter().position(|number| number.id == last).unwrap();
            let behind = candidate.numbers[place + 1..].iter().find(|number| usable(number.id));
            turn = behind.map_or(
                candidate.numbers.iter().find(|number| usable(number.id))?.id,
                |number| number.id,
            );
        }
    }
    let from = usable.iter().position(|number| number.id == turn)?;
    usable[from..]
        .iter()
        .find(|number| {
            let full = |cap: &Cap| within(&number.called, at, cap.within) >= usize::from(cap.most);
            !limits.number.iter().any(full)
        })
        .map(|number| number.id)
}

prop_compose! {
    fn a_number(id: i64)(dead in prop::bool::weighted(0.15), called in prop::collection::vec(0_u64..1440, 0..7)) -> CandidateNumber {
        let mut called: Vec<Wall> = called.into_iter().map(|ago| shanghai(TEN) - MINUTE * u32::try_from(ago).unwrap()).collect();
        called.sort_unstable();
        CandidateNumber {
            id: NumberId(id),
            number: Number::parse("13800000000").unwrap(),
            owner: Owner::Patient,
            dead,
            listed: None,
            locked: false,
            called,
        }
    }
}

fn a_case() -> impl Strategy<Value = Candidate> {
    let numbers = (a_number(1), a_number(2), a_number(3), 0_usize..4);
    let dispositions = prop::sample::select(vec![
        Disposition::NoAnswer,
        Disposition::Busy,
        Disposition::ThirdParty,
        Disposition::NetworkBusy,
    ]);
    let tried = prop::collection::vec((0_u32..5_000, 1_i64..4, dispositions), 0..6);
    let times = (
        -2_000_i64..2_000,
        prop::option::weighted(0.3, -2_000_i64..6_000),
        prop::option::weighted(0.3, -60_i64..3_000),
    );
    (numbers, tried, prop::collection::vec(0_u32..5_000, 0..5), times).prop_map(
        |((first, second, third, count), tried, patient, (next, deadline, appointment))| {
            let at = |minutes: i64| Wall::from_millis(shanghai(TEN).millis() + minutes * 60_000);
            let ago = |minutes: u32| shanghai(TEN) - MINUTE * minutes;
            let mut tried: Vec<Tried> = tried
                .into_iter()
                .map(|(minutes, number, disposition)| Tried {
                    at: ago(minutes),
                    number: Some(NumberId(number)),
                    disposition,
                    counted: !disposition.is_ours(),
                    direction: Direction::Out,
                })
                .collect();
            tried.sort_by_key(|tried| tried.at);
            let mut patient: Vec<Wall> = patient.into_iter().map(ago).collect();
            patient.sort_unstable();
            let numbers = [first, second, third]
                .into_iter()
                .take(count.max(1))
                .collect::<Vec<_>>();
            // Whose row is gone was not dialed lately.
            tried.retain(|tried| numbers.iter().any(|number| Some(number.id) == tried.number));
            Candidate {
                next_at: at(next),
                deadline: deadline.map(at),
                appointment: appointment.map(at),
                counted: u16::try_from(tried.iter().filter(|tried| tried.counted).count()).unwrap(),
                tried,
                patient_tried: patient,
                numbers,
                ..candidate(1, at(next))
            }
        },
    )
}

fn some_terms() -> impl Strategy<Value = Terms> {
    let quota = || prop::option::weighted(0.4, 1_u16..3);
    let patient = prop::option::weighted(0.4, (1_u16..4, 60_u64..4_000));
    (
        2_u16..8,
        quota(),
        (quota(), quota(), quota()),
        quota(),
        patient,
        0_usize..3,
    )
        .prop_map(
            |(budget, a_day, (morning, afternoon, evening), next_number_after, patient, windows)| {
                let parts = [
                    (DayPart::Morning, morning),
                    (DayPart::Afternoon, afternoon),
                    (DayPart::Evening, evening),
                ];
                let spans: &[(u16, u16)] = [
                    &[(540, 720), (840, 1230)][..],
                    &[(600, 660)][..],
                    &[(700, 730), (1015, 1025)][..],
                ][windows];
                let spans: Vec<Span> = spans.iter().filter_map(|(from, to)| Span::new(*from, *to)).collect();
                Terms {
                    schedule: Schedule {
                        windows: Windows::every_day(&spans).unwrap(),
                        ..Schedule::default()
                    },
                    budget,
                    limits: Limits {
                        patient: patient
                            .map(|(most, minutes)| Cap {
                                most,
                                within: Duration::from_secs(minutes * 60),
                            })
                            .into_iter()
                            .collect(),
                        a_day,
                        parts: parts
                            .into_iter()
                            .filter_map(|(part, quota)| Some((part, quota?)))
                            .collect(),
                        next_number_after,
                        ..Limits::default()
                    },
                }
            },
        )
}

fn decided(candidate: &Candidate, terms: &Arc<Terms>, now: Wall) -> (Why, Checked) {
    let claim = Claim {
        campaign: CAMPAIGN,
        now,
        limit: 1,
        lease: LEASE,
        terms: Arc::clone(terms),
    };
    let decision = decide(candidate, &claim);
    (decision.why, decision.checked)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_held_case_is_held_exactly_until_it_may_be_dialed(candidate in a_case(), terms in some_terms()) {
        let now = shanghai(TEN);
        let terms = Arc::new(terms);
        let (why, checked) = decided(&candidate, &terms, now);
        match checked {
            Checked::Dial { number } => prop_assert_eq!(naive(&candidate, &terms, now), Some(number)),
            Checked::Close { .. } => prop_assert_eq!(naive(&candidate, &terms, now), None),
            Checked::Hold { until } => {
                prop_assert!(until > now, "{:?} {:?}", why, until);
                let mut at = now;
                while at < until.min(now + MINUTE * 60 * 24 * DAYS) {
                    prop_assert_eq!(naive(&candidate, &terms, at), None, "{:?}: held until {:?}, dialed at {:?}", why, until, at);
                    at = at + MINUTE;
                }
                let then = decided(&candidate, &terms, until);
                prop_assert!(!matches!(then.1, Checked::Hold { .. }), "{:?} {:?} {:?}", why, until, then);
                if let Checked::Dial { number } = then.1 {
                    prop_assert_eq!(naive(&candidate, &terms, until), Some(number));
                }
            }
        }
    }
}
