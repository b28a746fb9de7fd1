//! Samples: what a draw promises.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::rules::{Base, Chosen, Fraction, Period, Sample, draw};

const POWER: &str = r#"
name = "power"
seed = "2026"
[[rule]]
name = "monthly"
event = "outpatient_visit"
campaign = "survey"
due = "0d"
deadline = "20d"
[rule.sample]
by = ["用电类型"]
fraction = "10%"
fractions = { "居民" = "1%" }
census = { "身份" = ["人大代表", "媒体"] }
assign = { manager = "10%", supervisor = "30%", lead = "60%" }
"#;

fn sample() -> Sample {
    set(POWER).rules[0].sample.clone().unwrap()
}

fn base(counts: &[(&str, usize)]) -> Vec<Base> {
    let one = |stratum: &str, at: usize| Base {
        visit: format!("{stratum}{at:05}"),
        stratum: stratum.to_owned(),
    };
    counts
        .iter()
        .flat_map(|(stratum, count)| (0..*count).map(|at| one(stratum, at)))
        .collect()
}

fn of_stratum(chosen: &[Chosen], stratum: &str) -> BTreeSet<String> {
    let chosen = chosen.iter().filter(|one| one.stratum == stratum);
    chosen.map(|one| one.visit.clone()).collect()
}

#[test]
fn a_tenth_of_the_others_and_a_hundredth_of_the_residents_are_drawn() {
    let drawn = draw(&base(&[("居民", 1_234), ("大工业", 95), ("商业", 3)]), &sample());
    let told: Vec<_> = drawn
        .strata
        .iter()
        .map(|stratum| {
            format!(
                "{} {}/{} {}",
                stratum.name, stratum.taken, stratum.base, stratum.fraction
            )
        })
        .collect();
    assert_eq!(told, ["商业 1/3 10%", "大工业 10/95 10%", "居民 13/1234 1%"]);
    assert_eq!(drawn.chosen.len(), 24);
}

#[test]
fn the_drawn_are_split_over_the_roles() {
    let drawn = draw(&base(&[("居民", 2_000), ("大工业", 100)]), &sample());
    let count = |role: &str| {
        drawn
            .chosen
            .iter()
            .filter(|one| one.role.as_deref() == Some(role))
            .count()
    };
    assert_eq!((count("manager"), count("supervisor"), count("lead")), (3, 9, 18));
}

#[test]
fn the_draw_of_a_seed_is_known_for_ever() {
    // A change of this list would make past draws unrepeatable.
    let drawn = draw(&base(&[("居民", 300)]), &sample());
    let visits: Vec<_> = drawn.chosen.iter().map(|one| one.visit.as_str()).collect();
    assert_eq!(visits, ["居民00064", "居民00095", "居民00248"]);
}

#[test]
fn an_event_waits_for_its_draw_and_a_key_customer_does_not() {
    let set = set(POWER);
    let resident = event("outpatient_visit", "2026-11-10 10:00:00", &["用电类型=居民"]);
    assert_eq!(
        told(&verdicts(&set, &resident, &Switches::none())),
        ["monthly: waits for the draw of 2026-11 in stratum 居民"]
    );
    let deputy = event(
        "outpatient_visit",
        "2026-11-10 10:00:00",
        &["用电类型=居民", "身份=人大代表"],
    );
    assert_eq!(
        told(&verdicts(&set, &deputy, &Switches::none())),
        ["monthly: survey #1 11-10 10:00..11-30 10:00"]
    );
    let calendar = WorkCalendar::shipped();
    let chosen = set.chosen(
        "monthly",
        &resident,
        Some("lead".to_owned()),
        &Switches::none(),
        DEFAULT_ZONE,
        &calendar,
    );
    assert_eq!(told(&chosen), ["monthly: survey #1 12-01 00:00..12-21 00:00"]);
}

#[test]
fn shares_are_read_and_shown() {
    for (text, of_a_thousand, shown) in [
        ("10%", 100, "10%"),
        ("0.5%", 5, "0.5%"),
        ("33.3333%", 334, "33.3333%"),
        ("100%", 1_000, "100%"),
        (" 1 %", 10, "1%"),
    ] {
        let share: Fraction = text.parse().unwrap();
        assert_eq!(
            (share.of(1_000), share.to_string().as_str()),
            (of_a_thousand, shown),
            "{text}"
        );
    }
    for text in ["", "%", "10", "0%", "101%", "-1%", "1.23456%", "1,5%", "ten%"] {
        assert!(text.parse::<Fraction>().is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn a_draw_keeps_its_promises(
        counts in proptest::collection::vec(0_usize..120, 1..4),
        millionths in 1_u32..=100,
        seed in "[a-z]{1,6}",
        turn in 0_usize..50,
    ) {
        let names = ["a", "b", "c"];
        let counts: Vec<(&str, usize)> = names.into_iter().zip(counts).collect();
        let fraction: Fraction = format!("{millionths}%").parse().unwrap();
        let sample = Sample {
            by: vec!["type".to_owned()],
            fraction,
            fractions: BTreeMap::default(),
            census: None,
            period: Period::Month,
            assign: Vec::new(),
            seed,
        };
        let base_in_order = base(&counts);
        let drawn = draw(&base_in_order, &sample);
        // The order of the base does not matter, nor does a visit that is in it twice.
        let mut other = base_in_order.clone();
        other.extend(base_in_order.first().cloned());
        if !other.is_empty() {
            let by = turn % other.len();
            other.rotate_left(by);
        }
        other.reverse();
        prop_assert_eq!(&draw(&other, &sample), &drawn);
        for stratum in &drawn.strata {
            // Never below the share, never a stratum without any, never more than one above.
            let asked = stratum.base as f64 * f64::from(millionths) / 100.0;
            prop_assert!(stratum.taken as f64 >= asked - 1e-9 && stratum.taken >= 1);
            prop_assert!((stratum.taken as f64) < asked + 1.0);
            prop_assert_eq!(of_stratum(&drawn.chosen, &stratum.name).len(), stratum.taken);
        }
        // What comes to one stratum leaves the others as they were.
        let mut more = base_in_order;
        more.extend((0..turn).map(|at| Base { visit: format!("new{at}"), stratum: "a".to_owned() }));
        let again = draw(&more, &sample);
        for name in ["b", "c"] {
            prop_assert_eq!(of_stratum(&again.chosen, name), of_stratum(&drawn.chosen, name));
        }
    }
}
