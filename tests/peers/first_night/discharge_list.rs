//! The list of 5,000 rows and what its maker expects of a right import.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::rig::database;

/// The list.
pub(super) const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/discharge-5000.csv");
const EXPECTED: &str = include_str!("../../fixtures/discharge-5000.expected.json");

/// A patient who is called.
#[derive(Clone, Debug)]
pub(super) struct Called {
    pub(super) visit_no: String,
    pub(super) number: String,
}

/// The expectation.
#[derive(Debug)]
pub(super) struct List {
    expected: Value,
    pub(super) called: Vec<Called>,
}

pub(super) fn read() -> List {
    let expected: Value = serde_json::from_str(EXPECTED).unwrap();
    let called = entries(&expected, "called").iter().map(|called| Called {
        visit_no: text(&called["visit_no"]),
        number: text(&called["number"]),
    });
    let called = called.collect();
    List { expected, called }
}

/// The importer's words for the reasons of the expectation.
const REASONS: &[(&str, &[&str])] = &[
    ("missing_number", &["no_number"]),
    ("digits_lost", &["digits_lost"]),
    (
        "bad_number",
        &["mobile_length", "unknown_form", "not_a_number", "ambiguous"],
    ),
    ("bad_date", &["not_a_date"]),
    ("missing_date", &["no_discharge"]),
    ("discharge_in_future", &["in_the_future"]),
    ("discharge_before_admission", &["before_admission"]),
    ("missing_visit_no", &["no_visit_number"]),
];

impl List {
    /// Writes the header and the rows of these patients, byte for byte.
    pub(super) fn write_rows_of(&self, called: &[Called], to: &Path) {
        let whole = fs::read(PATH).unwrap();
        let visits: BTreeSet<&[u8]> = called.iter().map(|called| called.visit_no.as_bytes()).collect();
        let header = usize::try_from(self.expected["header_row"].as_u64().unwrap()).unwrap();
        // No byte of a GB18030 character is a line end or a comma.
        let mut rows = Vec::new();
        for (at, line) in whole.split_inclusive(|&byte| byte == b'\n').enumerate() {
            let visit = line.split(|&byte| byte == b',').nth(2).map(<[u8]>::trim_ascii);
            if at < header || visit.is_some_and(|visit| visits.contains(visit)) {
                rows.extend(line);
            }
        }
        fs::write(to, rows).unwrap();
    }

    /// Compares the import's own report, row by row.
    pub(super) fn agrees_with_report(&self, imported: &Value) {
        let report = &imported["report"];
        let counts = &self.expected["counts"];
        let figures = [
            ("rows_read", &counts["read"]),
            ("accepted", &counts["accepted"]),
            ("new", &counts["accepted"]),
            ("refused_rows", &counts["refused"]),
            ("duplicates", &counts["duplicates"]),
            ("header_row", &self.expected["header_row"]),
        ];
        for (name, expected) in figures {
            assert_eq!(report[name], *expected, "{name}");
        }
        let replaced = report["replaced"].as_array().map(Vec::len);
        assert_eq!(replaced, Some(entries(&self.expected, "updated").len()), "replaced");

        let mut told: BTreeMap<u64, (String, String)> = BTreeMap::new();
        for refusal in entries(report, "refused")
            .iter()
            .filter(|refusal| refusal["scope"] == "row")
        {
            told.insert(
                refusal["row"].as_u64().unwrap(),
                (text(&refusal["header"]), reason(&refusal["reason"])),
            );
        }
        for refused in entries(&self.expected, "refused") {
            let row = refused["row"].as_u64().unwrap();
            let (header, reason) = told
                .remove(&row)
                .unwrap_or_else(|| panic!("row {row} was not refused: {refused}"));
            assert_eq!(header, text(&refused["column"]), "row {row}: {refused}");
            let known = REASONS
                .iter()
                .find(|(ours, _)| refused["reason"] == *ours)
                .expect("a reason")
                .1;
            assert!(
                known.contains(&reason.as_str()),
                "row {row} was refused for {reason}: {refused}"
            );
        }
        assert!(told.is_empty(), "refused, and should not have been: {told:?}");
        self.agrees_with_doubts(report);
    }

    /// Compares what was left out of accepted rows, and which of them are said to have no name.
    fn agrees_with_doubts(&self, report: &Value) {
        let rows_of = |entries: &mut dyn Iterator<Item = &Value>| -> BTreeSet<u64> {
            entries.filter_map(|entry| entry["row"].as_u64()).collect()
        };
        let accepted = entries(&self.expected, "accepted");
        let dropped = accepted.iter().filter(|entry| entry["dropped"].is_array());
        let dropped: BTreeSet<String> = dropped.map(|entry| text(&entry["visit_no"])).collect();
        // A row that says such a visit again says the faulty number again.
        let said = ["accepted", "duplicates", "updated"].map(|name| entries(&self.expected, name));
        let said = said.into_iter().flatten();
        let dropped = rows_of(&mut said.filter(|entry| dropped.contains(&text(&entry["visit_no"]))));
        let left_out = entries(report, "refused").iter();
        let left_out = rows_of(&mut left_out.filter(|refusal| refusal["scope"] == "value"));
        assert_eq!(left_out, dropped, "rows with a number that was left out");
        let nameless = rows_of(&mut accepted.iter().filter(|entry| entry["name"] == ""));
        let warned = entries(report, "warnings").iter();
        let warned = rows_of(&mut warned.filter(|warning| warning["doubt"] == "no_name"));
        assert_eq!(warned, nameless, "rows without a name");
    }

    /// Compares what the database holds, visit by visit.
    pub(super) fn agrees_with_database(&self, database: &Path) {
        let mut encounters: BTreeMap<String, [String; 4]> = BTreeMap::new();
        let query = "select e.visit_no, p.name, e.department, substr(v.discharged_local, 1, 10), cast(p.deceased as text) \
                     from encounter e join patient p on p.id = e.patient_id join v_encounter v on v.id = e.id";
        for [visit, name, department, discharged, deceased] in database::rows::<5>(database, query) {
            encounters.insert(visit, [name, department, discharged, deceased]);
        }
        let mut numbers: BTreeMap<String, Vec<[String; 4]>> = BTreeMap::new();
        let query = "select e.visit_no, n.digits, n.owner, n.relation, n.extension from number n \
                     join encounter e on e.patient_id = n.patient_id order by e.visit_no, n.rank";
        for [visit, digits, owner, relation, extension] in database::rows::<5>(database, query) {
            let digits = digits.strip_prefix("+86").map_or(digits.clone(), str::to_owned);
            numbers
                .entry(visit)
                .or_default()
                .push([digits, owner, relation, extension]);
        }
        let accepted = entries(&self.expected, "accepted");
        assert_eq!(encounters.len(), accepted.len(), "encounters");
        for entry in accepted {
            let visit = text(&entry["visit_no"]);
            let expected = [
                text(&entry["name"]),
                text(&entry["department"]),
                text(&entry["discharge"]),
                if entry["deceased"] == true {
                    "1".to_owned()
                } else {
                    "0".to_owned()
                },
            ];
            assert_eq!(encounters.get(&visit), Some(&expected), "{entry}");
            let expected: Vec<[String; 4]> = entries(entry, "numbers")
                .iter()
                .map(|n| {
                    [
                        text(&n["number"]),
                        text(&n["owner"]),
                        text(&n["relation"]),
                        text(&n["extension"]),
                    ]
                })
                .collect();
            assert_eq!(numbers.get(&visit), Some(&expected), "{entry}");
        }
    }

    /// The same list again changes nothing.
    pub(super) fn was_repeated(&self, imported: &Value) {
        let report = &imported["report"];
        assert_eq!(imported["cases"], 0);
        assert_eq!(report["new"], 0);
        assert_eq!(report["updated"].as_array().map(Vec::len), Some(0));
        assert_eq!(report["unchanged"], self.expected["counts"]["accepted"]);
    }
}

/// A reason with or without detail: `"no_number"` or `{"mobile_length": 10}`.
fn reason(value: &Value) -> String {
    let detailed = value.as_object().and_then(|object| object.keys().next().cloned());
    detailed.unwrap_or_else(|| text(value))
}

fn entries<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
