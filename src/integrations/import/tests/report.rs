//! The report: figures, lists, masks.

use super::*;

fn dirty() -> Reading {
    let other = |no: &str| SOUND.replace("1001", no);
    let lines = [
        SOUND.to_owned(),
        SOUND.to_owned(),
        SOUND.replace("心内科", "骨科").replace("13987654321", "13987650321"),
        other("1002").replace("13987654321", "1398765432"),
        other("1003").replace("2024-01-05", "2025-01-05"),
        other("1004").replace("2024-01-05", "2025-01-05"),
        other("1005").replace("65岁", "=1+1"),
    ];
    read_text(&format!("{HEADER},备用\n{}\n", lines.map(|line| line + ",").join("\n"))).unwrap()
}

#[test]
fn of_two_rows_of_one_visit_the_later_wins_and_the_same_twice_counts_once() {
    let reading = dirty();
    assert_eq!(reading.duplicates, [Duplicate { row: 3, first_row: 2 }]);
    let [replaced] = reading.replaced.as_slice() else {
        panic!("{:?}", reading.replaced)
    };
    assert_eq!((replaced.row, replaced.by_row), (2, 4));
    let change = |what: &str, before: &str, after: &str| Change {
        what: what.into(),
        before: before.into(),
        after: after.into(),
    };
    assert_eq!(
        replaced.changes,
        [
            change("科室", "心内科", "骨科"),
            change("联系电话", "139****4321 137****2222", "139****0321 137****2222")
        ]
    );
    assert_eq!(reading.rows.iter().map(|row| row.row).collect::<Vec<_>>(), [4, 5, 8]);
}

#[test]
fn a_report_shows_the_figures_and_the_first_lines_of_each_list() {
    let reading = dirty();
    let mut report = Report::new(&reading);
    report.apply(&reading.rows[0], Applied::New);
    report.apply(&reading.rows[1], Applied::Unchanged);
    report.apply(
        &reading.rows[2],
        Applied::Updated(changes(&reading.rows[1], &reading.rows[2], Shanghai)),
    );
    let expected = "\
list.csv: CSV, UTF-8, header in row 1
  rows read           7
  accepted            3  new 1, updated 1, unchanged 1
  duplicates          1
  replaced            1
  refused             2
  columns not read: O 备用

refused rows: 2
  row 6  K 出院日期  2025-01-05  later than tomorrow (日期在未来)
  … and 1 more, see list.report.csv

refused numbers (the row was taken with its others): 1
  row 5  E 联系电话  139*****32  a mobile has 11 digits, this has 10 (手机号应为11位)

updated (before -> after): 3
  row 8  1005/2024-01-05  住院号  1002 -> 1005
  … and 2 more, see list.report.csv

replaced by a later row of this file: 2
  row 2  by row 4  科室  心内科 -> 骨科
  … and 1 more, see list.report.csv

warnings: 1
  row 8  D 年龄  =1+1  age not understood; left out (年龄无法识别)
";
    assert_eq!(report.text(1, Some("list.report.csv")), expected);
}

#[test]
fn a_report_in_csv_holds_every_line_and_no_formula() {
    let csv = Report::new(&dirty()).csv().unwrap();
    assert_eq!(csv.lines().count(), 1 + 3 + 2 + 1);
    assert!(csv.contains("warning,8,D,年龄,'=1+1,"), "{csv}");
    assert!(
        csv.starts_with("kind,row,column,header,value,reason\nrefused number,5,E,联系电话,139*****32,"),
        "{csv}"
    );
}

#[test]
fn a_report_goes_through_json_and_back() {
    let report = Report::new(&dirty());
    let json = serde_json::to_string(&report).unwrap();
    assert!(json.contains(r#""reason":{"mobile_length":10}"#), "{json}");
    assert!(json.contains(r#""reason":"in_the_future""#));
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
}
