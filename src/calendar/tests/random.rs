//! Random windows, asked minute by minute: a second, naive reading of the same rules.

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;

use super::*;
use crate::calendar::zone::at_minute;

const MINUTE: Duration = Duration::from_secs(60);

/// One timetable as people would tell it.
#[derive(Clone, Debug)]
struct Told {
    days: Vec<(DayKey, Vec<Span>)>,
    pause: Option<Vec<Span>>,
    summer: Option<(Vec<(DayKey, Vec<Span>)>, Option<Vec<Span>>)>,
    from: Option<(u64, Vec<(DayKey, Vec<Span>)>)>,
    dates: Option<(u64, u64, Vec<Span>)>,
}

/// Up to three spans in a row, by lengths of gaps and spans in ten minutes.
fn any_spans() -> impl Strategy<Value = Vec<Span>> {
    prop::collection::vec((1_u16..40, 1_u16..40), 0..3).prop_map(|steps| {
        let mut at = 0;
        let mut spans = Vec::new();
        for (gap, length) in steps {
            let from = at + gap * 10;
            at = from + length * 10;
            spans.extend(Span::new(from, at));
        }
        spans
    })
}

fn any_days() -> impl Strategy<Value = Vec<(DayKey, Vec<Span>)>> {
    prop::collection::vec((prop::sample::select(DayKey::ALL.to_vec()), any_spans()), 1..5)
}

fn any_told() -> impl Strategy<Value = Told> {
    let pause = || prop::option::of(any_spans());
    let summer = prop::option::of((any_days(), pause()));
    let from = prop::option::of((0_u64..20, any_days()));
    let dates = prop::option::of((0_u64..20, 0_u64..12, any_spans()));
    (any_days(), pause(), summer, from, dates).prop_map(|(days, pause, summer, from, dates)| Told {
        days,
        pause,
        summer,
        from,
        dates,
    })
}

fn the_days(told: &[(DayKey, Vec<Span>)]) -> Days {
    let mut days = Days::default();
    for (key, spans) in told {
        days.set(*key, spans.clone()).unwrap();
    }
    days
}

/// Dates are counted from the first one; the season begins two days after it.
fn the_timetable(told: &Told, first: NaiveDate) -> Timetable {
    let later = |days: u64| first + chrono::Days::new(days);
    let day = |date: NaiveDate| date.format("%m-%d").to_string().parse().unwrap();
    let seasons = told.summer.iter().map(|(days, pause)| {
        let rota = Rota::new(Some(the_days(days)), pause.clone()).unwrap();
        Season::new(day(later(2)), day(later(9)), rota)
    });
    let rota = Rota::new(Some(the_days(&told.days)), told.pause.clone()).unwrap();
    let mut timetable = Timetable::new(rota, seasons.collect()).unwrap();
    if let Some((from, days)) = &told.from {
        let rota = Rota::new(Some(the_days(days)), None).unwrap();
        timetable.from_date(later(*from), rota, None).unwrap();
    }
    if let Some((from, length, spans)) = &told.dates {
        let range = (later(*from), later(from + length));
        timetable.on_dates(range, spans.clone(), None).unwrap();
    }
    timetable
}

/// The naive reading: whether a minute of a date lies in a window.
fn is_told(told: &Told, first: NaiveDate, date: NaiveDate, minute: u16, calendar: &WorkCalendar) -> bool {
    let index = u64::try_from((date - first).num_days()).unwrap_or(u64::MAX);
    let inside = |spans: &[Span]| spans.iter().any(|span| span.from() <= minute && minute < span.to());
    let is_later = told
        .from
        .as_ref()
        .is_some_and(|(from, _)| *from <= index && index < 1_000);
    let summer = told.summer.as_ref().filter(|_| !is_later && (2..=9).contains(&index));
    let pause = summer.and_then(|(_, pause)| pause.as_ref()).or(told.pause.as_ref());
    if pause.is_some_and(|pause| inside(pause)) {
        return false;
    }
    let here = |from: &u64, length: &u64| (*from..=from + length).contains(&index);
    if let Some((_, _, spans)) = told.dates.as_ref().filter(|(from, length, _)| here(from, length)) {
        return inside(spans);
    }
    let days = match (&told.from, summer) {
        (Some((_, days)), _) if is_later => days,
        (_, Some((days, _))) => days,
        (_, None) => &told.days,
    };
    let weekday = DayKey::WEEK[date.weekday().num_days_from_monday() as usize];
    let keys = match calendar.day(date) {
        DayKind::MakeUpDay(_) => vec![DayKey::MakeUp, DayKey::Workday, weekday],
        DayKind::Holiday(_) => vec![DayKey::Holiday, weekday],
        DayKind::Workday => vec![weekday, DayKey::Workday],
        DayKind::Weekend => vec![weekday, DayKey::Weekend],
    };
    let mut keys = keys.into_iter().chain([DayKey::EveryDay]);
    let of = |key: DayKey| days.iter().rev().find(|(other, _)| *other == key);
    keys.find_map(of).is_some_and(|(_, spans)| inside(spans))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_next_opening_is_the_first_minute_that_the_rules_allow(
        general in any_told(),
        landline in prop::option::of(any_told()),
        start in prop::sample::select(vec!["2025-12-28", "2026-02-10", "2026-09-18", "2026-12-27", "2028-02-24"]),
        minute in 0_u32..5 * 1440,
        seconds in 0_u64..60,
        zone in prop::sample::select(vec![Asia::Shanghai, Tz::UTC]),
    ) {
        const DAYS: u64 = 14;
        let first: NaiveDate = start.parse().unwrap();
        let calendar = WorkCalendar::shipped();
        let mut windows = Windows::of(the_timetable(&general, first));
        if let Some(landline) = &landline {
            windows = windows.narrowed(NumberKind::Landline, the_timetable(landline, first));
        }
        let schedule = Schedule { zone, ..with(windows) };
        let kind = landline.is_some().then_some(NumberKind::Landline);
        let open = |wall: Wall| {
            let shown = local(wall, zone);
            let minute = (shown.and_utc().timestamp().rem_euclid(86_400) / 60) as u16;
            let told = |told: &Told| is_told(told, first, shown.date(), minute, &calendar);
            told(&general) && landline.as_ref().is_none_or(told)
        };
        let now = at_minute(first, 0, zone) + MINUTE * minute + Duration::from_secs(seconds);
        let end = at_minute(first + chrono::Days::new(DAYS), 0, zone);
        let whole = now - Duration::from_secs(seconds);
        let minutes = (0..).map(|minute| (whole + MINUTE * minute).max(now)).take_while(|at| *at < end);
        let expected = minutes.clone().find(|at| open(*at));
        let gate = schedule.gate_for(kind, now);
        match (expected, gate) {
            (Some(at), Gate::Open { from, until }) => {
                prop_assert!(at == now && from <= now && now < until);
                prop_assert!(open(from) && (until >= end || !open(until)));
                prop_assert!(minutes.take_while(|at| *at < until).all(open));
            }
            (Some(at), Gate::Closed { from, until }) => prop_assert_eq!((from, until), (now, Some(at))),
            (None, Gate::Closed { from, until }) => {
                prop_assert_eq!(from, now);
                prop_assert!(until.is_none_or(|until| until >= end));
            }
            (None, Gate::Open { .. }) => prop_assert!(false, "open though no rule says so"),
        }
        let general_gate = schedule.gate(now);
        prop_assert_eq!(schedule.is_open(now), matches!(general_gate, Gate::Open { .. }));
        if let Some(next) = schedule.next_open(now) {
            prop_assert!(schedule.is_open(next) && next >= now);
        }
    }
}
