//! Deadlines: so long after the due time, by the same calendar.

use super::*;

#[test]
fn a_deadline_in_working_days_passes_over_festivals_and_counts_made_up_days() {
    let calendar = WorkCalendar::shipped();
    let rows = [
        // Over New Year: the 4th of January, a Sunday, is worked.
        ("2025-12-31 16:00:00", "1wd", "2026-01-04 16:00:00"),
        ("2025-12-31 16:00:00", "10wd", "2026-01-15 16:00:00"),
        // Over National Day, from a holiday too.
        ("2026-09-30 09:00:00", "2wd", "2026-10-09 09:00:00"),
        ("2026-09-30 09:00:00", "3wd", "2026-10-10 09:00:00"),
        ("2026-09-30 09:00:00", "4wd", "2026-10-12 09:00:00"),
        ("2026-10-03 09:00:00", "1wd", "2026-10-08 09:00:00"),
        // Over Spring Festival.
        ("2026-02-13 10:00:00", "1wd", "2026-02-14 10:00:00"),
        ("2026-02-13 10:00:00", "2wd", "2026-02-24 10:00:00"),
        // Calendar days and hours do not ask the calendar.
        ("2026-09-30 09:00:00", "7d", "2026-10-07 09:00:00"),
        ("2026-09-30 09:00:00", "48h", "2026-10-02 09:00:00"),
        // The leap day.
        ("2028-02-28 09:00:00", "1wd", "2028-02-29 09:00:00"),
        ("2028-02-28 09:00:00", "2d", "2028-03-01 09:00:00"),
        ("2028-02-29 09:00:00", "365d", "2029-02-28 09:00:00"),
        // A year that nobody knows: Monday to Friday, New Year's Day, a Friday, among them.
        ("2026-12-31 09:00:00", "1wd", "2027-01-01 09:00:00"),
        ("2026-12-31 09:00:00", "2wd", "2027-01-04 09:00:00"),
        ("2027-09-30 09:00:00", "1wd", "2027-10-01 09:00:00"),
    ];
    for (due_at, after, expected) in rows {
        let given_up = deadline(shanghai(due_at), after.parse().unwrap(), Asia::Shanghai, &calendar);
        assert_eq!(given_up, shanghai(expected), "{after} after {due_at}");
        let same = due(shanghai(due_at), after.parse().unwrap(), Asia::Shanghai, &calendar);
        assert_eq!(given_up, same, "counted as due times are");
    }
}

#[test]
fn a_deadline_keeps_the_local_time_over_a_change_of_the_clocks() {
    let zone = Europe::Berlin;
    let given_up = |after: &str| {
        let due_at = at("2026-03-27 10:00:00", zone);
        deadline(due_at, after.parse().unwrap(), zone, &WorkCalendar::default())
    };
    assert_eq!(given_up("3d"), at("2026-03-30 10:00:00", zone));
    assert_eq!(given_up("1wd"), at("2026-03-30 10:00:00", zone));
    assert_eq!(given_up("72h"), at("2026-03-30 11:00:00", zone));
}
