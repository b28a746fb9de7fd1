//! Calling windows: nobody is called outside them.

use aftercall::calendar::{Schedule, Span, Windows};
use aftercall::night::Patient;
use aftercall::outcome::Disposition::Completed;

use crate::house::{HOUR, House, MONDAY_TEN, add, history, run, seconds, willing};

fn short_window() -> Schedule {
    let span = Span::new(10 * 60, 10 * 60 + 5).expect("five minutes");
    Schedule {
        windows: Windows::every_day(&[span]).expect("a window"),
        ..Schedule::default()
    }
}

#[test]
fn what_the_window_leaves_undone_waits_for_the_next_day() {
    let mut world = House {
        schedule: short_window(),
        lines: 2,
        pace: 1.0,
        ..House::default()
    }
    .world();
    for number in 0..20 {
        add(
            &mut world,
            &format!("138{number:08}"),
            Patient::answers(seconds(5), willing()),
        );
    }
    run(&mut world, HOUR * 24 * 4);
    for number in 0..20 {
        assert_eq!(history(&mut world, &format!("138{number:08}")), [Completed]);
    }
    assert!(
        world.elapsed() > HOUR * 24,
        "five minutes of two lines cannot be enough for twenty calls"
    );
}

#[test]
fn a_campaign_started_before_the_window_waits_for_it() {
    let begins = MONDAY_TEN - HOUR;
    let mut world = House {
        schedule: short_window(),
        begins,
        ..House::default()
    }
    .world();
    add(&mut world, "13800000001", Patient::answers(seconds(5), willing()));
    run(&mut world, HOUR * 3);
    let begun = world
        .ledger()
        .attempts()
        .values()
        .next()
        .map(|attempt| attempt.at)
        .expect("one attempt");
    assert!(begun >= MONDAY_TEN, "dialed before ten");
    assert!(begun < MONDAY_TEN + seconds(40), "dialed long after ten");
}
