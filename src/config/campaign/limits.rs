//! The limits of a campaign file: `[limits]`, how often numbers, patients and cases may be tried, and `[stops]`, what a
//! state of the patient does to a case.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::dialer::{Cap, DayPart, LONGEST_CAP, Limits, PatientState, Stop};
use crate::document::{Faults, Table, Wrong, show_duration};

const KEYS: &[&str] = &[
    "number",
    "patient",
    "per_day",
    "morning",
    "afternoon",
    "evening",
    "next_number_after",
    "carrier_caps",
];

const PARTS: [(&str, DayPart); 3] = [
    ("morning", DayPart::Morning),
    ("afternoon", DayPart::Afternoon),
    ("evening", DayPart::Evening),
];

const STOPS: [(&str, Stop); 3] = [("close", Stop::Close), ("hold", Stop::Hold), ("ignore", Stop::Ignore)];

/// Nobody means to try a case more often than this in a day, or in a part of the day over all days.
const MOST: i64 = 30;

const MINUTE: Duration = Duration::from_secs(60);
/// The longest stretch of a cap of a patient: what a claim reads of a patient's attempts goes back so far.
const YEAR: Duration = Duration::from_secs(366 * 86_400);

/// Whether the caps hold that carriers put on every number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarrierCaps {
    /// They hold, beside those of the file.
    On,
    /// They do not: only for trunks on loopback.
    Off,
}

/// The limits of a file, and whether the carriers' caps are among them.
pub(super) fn limits(root: &Table<'_>, faults: &mut Faults) -> (Limits, CarrierCaps) {
    let mut limits = Limits::default();
    let carrier_caps = match root.optional_table("limits", faults) {
        Some(table) => of_table(&table, &mut limits, faults),
        None => CarrierCaps::On,
    };
    stops(root, &mut limits.stops, faults);
    (limits, carrier_caps)
}

fn of_table(table: &Table<'_>, limits: &mut Limits, faults: &mut Faults) -> CarrierCaps {
    table.unknown_keys(KEYS, faults);
    let choices = [("on", CarrierCaps::On), ("off", CarrierCaps::Off)];
    let carrier_caps = table.optional_one_of("carrier_caps", &choices, faults);
    let carrier_caps = carrier_caps.unwrap_or(CarrierCaps::On);
    let carriers = match carrier_caps {
        CarrierCaps::On => std::mem::take(&mut limits.number),
        CarrierCaps::Off => Vec::new(),
    };
    limits.number = caps(table, "number", MINUTE..=LONGEST_CAP, &carriers, faults);
    limits.number.extend(carriers);
    limits.number.sort_unstable();
    limits.number.dedup();
    limits.patient = caps(table, "patient", MINUTE..=YEAR, &[], faults);
    limits.a_day = count(table, "per_day", faults);
    let quota = |(key, part): (&str, DayPart), faults: &mut Faults| Some((part, count(table, key, faults)?));
    limits.parts = PARTS.into_iter().filter_map(|part| quota(part, faults)).collect();
    limits.next_number_after = count(table, "next_number_after", faults);
    carrier_caps
}

fn count(table: &Table<'_>, key: &str, faults: &mut Faults) -> Option<u16> {
    let count = table.optional_integer(key, 1..=MOST, faults)?;
    u16::try_from(count).ok()
}

/// Caps such as "5 in 24h"; one that says less than another that holds anyway is a fault, for it would mislead.
fn caps(table: &Table<'_>, key: &str, within: RangeInclusive<Duration>, hold: &[Cap], faults: &mut Faults) -> Vec<Cap> {
    let mut caps = Vec::new();
    for (text, place) in table.strings(key, faults) {
        let (key, found) = (|| key.to_owned(), text.to_owned());
        let cap = match text.parse::<Cap>() {
            Ok(cap) => cap,
            Err(error) => {
                let why = error.to_string();
                faults.error(place, Wrong::NotACap { key: key(), found, why });
                continue;
            }
        };
        let looser = hold.iter().find(|held| **held != cap && held.implies(cap));
        if !within.contains(&cap.within) {
            let wrong = Wrong::CapOfStretch {
                key: key(),
                found,
                low: show_duration(*within.start()),
                high: show_duration(*within.end()),
            };
            faults.error(place, wrong);
        } else if let Some(held) = looser {
            let wrong = Wrong::CapTooLoose {
                key: key(),
                found,
                held: held.to_string(),
            };
            faults.error(place, wrong);
        } else {
            caps.push(cap);
        }
    }
    caps
}

fn stops(root: &Table<'_>, stops: &mut BTreeMap<PatientState, Stop>, faults: &mut Faults) {
    let Some(table) = root.optional_table("stops", faults) else {
        return;
    };
    table.unknown_keys(&PatientState::ALL.map(PatientState::as_str), faults);
    for state in PatientState::ALL {
        let Some(stop) = table.optional_one_of(state.as_str(), &STOPS, faults) else {
            continue;
        };
        if state == PatientState::Deceased && stop != Stop::Close {
            faults.error(table.place_of(state.as_str()), Wrong::CallsTheDead);
        } else {
            stops.insert(state, stop);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::CampaignFile;
    use super::*;
    use crate::document::Fault;

    fn read(text: &str) -> Result<CampaignFile, Vec<String>> {
        let head = "name = \"a\"\ndialplan = \"d.toml\"\ntrunk = \"main\"\n";
        CampaignFile::parse(&format!("{head}{text}"))
            .map(|(file, _)| file)
            .map_err(|faults| {
                let has_kind = |fault: &Fault| !matches!(fault.wrong, Wrong::Said { .. });
                assert!(faults.iter().all(has_kind), "{faults:#?}");
                faults.iter().map(ToString::to_string).collect()
            })
    }

    fn cap(text: &str) -> Cap {
        text.parse().unwrap()
    }

    #[test]
    fn a_file_without_limits_has_the_carriers_and_the_usual_stops() {
        let file = read("").unwrap();
        assert_eq!(file.limits, Limits::default());
        assert_eq!(file.carrier_caps, CarrierCaps::On);
        assert_eq!((file.purpose, file.priority), (None, 0));
    }

    #[test]
    fn every_limit_is_read() {
        let file = read(
            "purpose = \"satisfaction\"\npriority = -3\n[limits]\nnumber = [\"2 in 1h\"]\npatient = [\"10 in 30d\", \"1 in 2h\"]\n\
             per_day = 2\nmorning = 1\nevening = 3\nnext_number_after = 2\n\
             [stops]\nreadmitted = \"ignore\"\ncomplaint_open = \"close\"\n",
        )
        .unwrap();
        let limits = file.limits;
        assert_eq!(limits.number, [cap("2 in 1h"), cap("3 in 5m"), cap("5 in 24h")]);
        assert_eq!(limits.patient, [cap("10 in 30d"), cap("1 in 2h")]);
        assert_eq!((limits.a_day, limits.next_number_after), (Some(2), Some(2)));
        assert_eq!(
            limits.parts,
            BTreeMap::from([(DayPart::Morning, 1), (DayPart::Evening, 3)])
        );
        assert_eq!(limits.stops[&PatientState::Readmitted], Stop::Ignore);
        assert_eq!(limits.stops[&PatientState::ComplaintOpen], Stop::Close);
        assert_eq!(limits.stops[&PatientState::Transferred], Stop::Close);
        assert_eq!((file.purpose.as_deref(), file.priority), (Some("satisfaction"), -3));
    }

    #[test]
    fn the_carriers_caps_are_taken_away_in_so_many_words_alone() {
        let loose = read("[limits]\nnumber = [\"6 in 24h\", \"3 in 5m\"]\n").unwrap_err();
        assert_eq!(loose.len(), 1, "{loose:?}");
        assert!(
            loose[0].contains("5 in 1d") && loose[0].contains("carrier_caps"),
            "{loose:?}"
        );
        let off = read("[limits]\ncarrier_caps = \"off\"\nnumber = [\"60 in 24h\"]\n").unwrap();
        assert_eq!(off.carrier_caps, CarrierCaps::Off);
        assert_eq!(off.limits.number, [cap("60 in 24h")]);
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let faults = read(
            "priority = 200\n[limits]\nnumber = [\"5 per day\", \"0 in 1h\", \"2 in 2d\"]\npatient = 3\nper_day = 0\nnight = 2\n\
             carrier_caps = \"no\"\n[stops]\ndeceased = \"ignore\"\nmoved = \"hold\"\n",
        )
        .unwrap_err();
        for part in [
            "priority",
            "5 per day",
            "0 in 1h",
            "2 in 2d",
            "`patient`",
            "per_day",
            "night",
            "carrier_caps",
            "deceased",
            "moved",
        ] {
            assert!(faults.iter().any(|fault| fault.contains(part)), "{part}: {faults:#?}");
        }
    }
}
