//! What a reader of a document is told.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

fn told(faults: Faults) -> Vec<String> {
    faults.into_sorted().iter().map(ToString::to_string).collect()
}

#[test]
fn every_fault_is_told_at_once_with_line_and_column() {
    let text = "\"名\" = \"随访\"\nwait = \"8 s\"\ntries = 90\nopen = 1\n\n[deep]\nnaem = \"x\"\n";
    let (document, mut faults) = Document::parse(text);
    let root = document.root();
    assert_eq!(root.optional_str("名", &mut faults), Some("随访"));
    assert_eq!(root.optional_duration("wait", SECOND..=HOUR, &mut faults), None);
    assert_eq!(root.required_integer("tries", 1..=9, &mut faults), None);
    assert_eq!(root.optional_bool("open", &mut faults), None);
    assert_eq!(root.required_str("title", &mut faults), None);
    root.required_table("deep", &mut faults)
        .unwrap()
        .unknown_keys(&["name"], &mut faults);
    assert_eq!(
        told(faults),
        [
            "1:1: error: `title` is missing; expected a string",
            "2:8: error: `wait` is \"8 s\"; expected a duration from \"1s\" to \"1h\" (units ms, s, m, h, d)",
            "3:9: error: `tries` is 90; expected a whole number from 1 to 9",
            "4:8: error: `open` is a whole number; expected true or false",
            "7:1: error: unknown key `naem`; did you mean `name`?",
        ]
    );
}

#[test]
fn columns_count_characters() {
    let (document, mut faults) = Document::parse("a = { \"医院\" = \"一\", b = 1 }\n");
    let inner = document.root().required_table("a", &mut faults).unwrap();
    assert_eq!(inner.place(), Place { line: 1, column: 5 });
    assert_eq!(inner.place_of("b"), Place { line: 1, column: 23 });
}

#[test]
fn broken_toml_is_told_together_with_wrong_content() {
    let (document, mut faults) = Document::parse("a = \nb = 3\nb = 4\n");
    document.root().optional_str("b", &mut faults);
    let told = told(faults);
    assert!(
        told.iter().any(|fault| fault.starts_with("1:5: error: not TOML")),
        "{told:?}"
    );
    assert!(told.iter().any(|fault| fault.contains("duplicate key")), "{told:?}");
    assert!(
        told.iter().any(|fault| fault.contains("expected a string in quotes")),
        "{told:?}"
    );
}

#[test]
fn one_string_or_many_read_alike() {
    let (document, mut faults) = Document::parse("one = \"a\"\nmany = [\"a\", \"b\", 3]\nnumbers = [1, 2, 11]\n");
    let root = document.root();
    assert_eq!(root.strings("one", &mut faults), [("a", Place { line: 1, column: 7 })]);
    let many: Vec<_> = root
        .strings("many", &mut faults)
        .into_iter()
        .map(|(text, _)| text)
        .collect();
    assert_eq!(many, ["a", "b"]);
    let numbers: Vec<_> = root
        .integers("numbers", 1..=9, &mut faults)
        .into_iter()
        .map(|(number, _)| number)
        .collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(
        told(faults),
        [
            "2:19: error: `many` is a whole number; expected a string in quotes",
            "3:18: error: `numbers` is 11; expected a whole number from 1 to 9",
        ]
    );
}

#[test]
fn tables_keep_the_order_of_the_text() {
    let (document, mut faults) = Document::parse("[[step]]\nid = \"b\"\n[[step]]\nid = \"a\"\n[z.x]\n[z.a]\n");
    let ids: Vec<_> = document
        .root()
        .tables("step", &mut faults)
        .iter()
        .map(|step| step.place_of("id").line)
        .collect();
    assert_eq!(ids, [2, 4]);
    let below = document.root().required_table("z", &mut faults).unwrap();
    let names: Vec<_> = below
        .sub_tables(&mut faults)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["x", "a"]);
    assert_eq!(told(faults), [""; 0]);
}

#[test]
fn a_wrong_word_names_the_right_ones() {
    let (document, mut faults) = Document::parse("kind = \"chioce\"\n");
    let choices = [("choice", 1), ("score", 2)];
    assert_eq!(document.root().required_one_of("kind", &choices, &mut faults), None);
    assert_eq!(
        told(faults),
        ["1:8: error: `kind` is \"chioce\"; expected one of choice, score; did you mean \"choice\"?"]
    );
}

#[test]
fn durations_read_as_people_write_them() {
    for (text, millis) in [
        ("500ms", 500),
        ("8s", 8_000),
        ("45m", 2_700_000),
        ("2h", 7_200_000),
        ("7d", 604_800_000),
    ] {
        assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)));
        assert_eq!(show_duration(Duration::from_millis(millis)), text);
    }
    for text in [
        "",
        "s",
        "8",
        "8 s",
        "-8s",
        "1h30m",
        "8S",
        "99999999999999999999s",
        "八s",
    ] {
        assert_eq!(parse_duration(text), None, "{text}");
    }
    assert_eq!(show_duration(Duration::ZERO), "0s");
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,40}(\n|=|\\[|\"|\\{|医)*\\PC{0,40}") {
        let (document, mut faults) = Document::parse(&text);
        let root = document.root();
        for (key, _) in root.keys() {
            root.optional_str(key, &mut faults);
            root.tables(key, &mut faults);
            root.optional_float(key, 0.0..=1.0, &mut faults);
        }
        for fault in faults.into_sorted() {
            prop_assert!(fault.line >= 1 && fault.column >= 1);
        }
    }

    #[test]
    fn a_shown_duration_is_read_back(millis in 0_u64..10_000_000_000) {
        let duration = Duration::from_millis(millis);
        prop_assert_eq!(parse_duration(&show_duration(duration)), Some(duration));
    }
}
