//! When an appointment may be dialed.

use super::*;

#[test]
fn an_appointment_is_kept_a_quarter_of_an_hour_around_its_time_and_in_legal_hours_only() {
    let early = |until: &str| Appointment::Early {
        until: shanghai(&format!("2026-11-22 {until}")),
    };
    let rows = [
        ("17:30:00", "17:14:59", early("17:15:00")),
        ("17:30:00", "17:15:00", Appointment::Now),
        ("17:30:00", "17:30:00", Appointment::Now),
        ("17:30:00", "17:44:59", Appointment::Now),
        ("17:30:00", "17:45:00", Appointment::Missed),
        // Noon is outside the usual windows, and what the patient asked for.
        ("13:00:00", "13:05:00", Appointment::Now),
        // The edges of the legal hours cut it.
        ("08:05:00", "07:55:00", early("08:00:00")),
        ("08:05:00", "08:00:00", Appointment::Now),
        ("07:50:00", "07:55:00", early("08:00:00")),
        ("07:50:00", "08:04:59", Appointment::Now),
        ("20:50:00", "20:59:59", Appointment::Now),
        ("20:50:00", "21:00:00", Appointment::Missed),
        ("21:10:00", "20:57:00", Appointment::Now),
        // At such a time nobody may ever be called.
        ("22:00:00", "12:00:00", Appointment::Missed),
        ("07:45:00", "07:50:00", Appointment::Missed),
        ("00:05:00", "00:05:00", Appointment::Missed),
    ];
    for (at, now, expected) in rows {
        let [at, now] = [at, now].map(|time| shanghai(&format!("2026-11-22 {time}")));
        assert_eq!(appointment_gate(at, now, Asia::Shanghai), expected, "{at:?} at {now:?}");
    }
}

#[test]
fn the_legal_hours_are_those_of_the_place() {
    let (at_berlin, at_shanghai) = (
        at("2026-03-29 08:05:00", Europe::Berlin),
        shanghai("2026-03-29 14:05:00"),
    );
    assert_eq!(at_berlin, at_shanghai);
    let early = at("2026-03-29 07:55:00", Europe::Berlin);
    assert_eq!(appointment_gate(at_berlin, early, Asia::Shanghai), Appointment::Now);
    assert_eq!(
        appointment_gate(at_berlin, early, Europe::Berlin),
        Appointment::Early {
            until: at("2026-03-29 08:00:00", Europe::Berlin)
        }
    );
}
