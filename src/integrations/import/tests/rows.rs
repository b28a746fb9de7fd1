//! One row: what is taken, what is left out, what costs the row.

use super::*;

#[test]
fn a_cell_that_was_put_right_stands_in_the_place_of_what_the_file_holds() {
    let list = format!(
        "{HEADER}\n{}\n{}\n",
        SOUND.replace("13987654321", "1398765").replace("13711112222", ""),
        SOUND.replace("1001", "1002")
    );
    let today = NaiveDate::from_ymd_opt(2024, 2, 1).unwrap();
    let read = |corrections: &[Correction]| read_corrected(list.as_bytes(), corrections, "a.csv", today, Shanghai);
    let fix = |row, column: &str, value: &str| Correction {
        row,
        column: column.to_owned(),
        value: value.to_owned(),
    };
    let faulty = read(&[]).unwrap();
    assert_eq!(
        (faulty.rows.len(), faulty.refused[0].row, &*faulty.refused[0].column),
        (1, 2, "E")
    );
    let whole = read(&[fix(2, "E", "1"), fix(2, "E", "13987654322")]).unwrap();
    assert_eq!((whole.rows.len(), whole.refused.len()), (2, 0), "{:?}", whole.refused);
    assert_eq!(whole.rows[0].numbers[0].number.reveal(), "13987654322");
    for wrong in [fix(1, "E", "x"), fix(9, "E", "x"), fix(2, "ZZ", "x"), fix(2, "e", "x")] {
        let refused = read(std::slice::from_ref(&wrong)).unwrap_err();
        assert!(matches!(refused, Error::NoCell { .. }), "{wrong:?} {refused}");
    }
}
use crate::moment::Wall;

#[test]
fn a_sound_row_is_taken_whole() {
    let reading = read_text(&format!("{HEADER}\n{SOUND}\n")).unwrap();
    assert_eq!((refusals(&reading), doubts(&reading)), (vec![], vec![]));
    let [row] = reading.rows.as_slice() else {
        panic!("{} rows", reading.rows.len())
    };
    assert_eq!(row.row, 2);
    assert_eq!(row.patient.name.reveal(), "张建国");
    assert_eq!(row.patient.inpatient_no.as_deref(), Some("1001"));
    assert_eq!(row.patient.sex, Some(Sex::Male));
    assert_eq!(
        row.patient.age,
        Some(Age {
            value: 65,
            unit: AgeUnit::Years
        })
    );
    assert!(!row.patient.is_deceased);
    assert_eq!(row.encounter.visit_no, "1001/2024-01-05");
    assert_eq!(row.encounter.kind, Kind::Inpatient);
    assert_eq!(row.encounter.department.as_deref(), Some("心内科"));
    assert_eq!(row.encounter.discharged, Wall::from_millis(1_704_384_000_000));
    assert_eq!(row.encounter.discharged_precision, Precision::Day);
    assert_eq!(row.encounter.diagnoses, ["高血压"]);
    assert_eq!(row.encounter.departure, Some(Departure::Advised));
    assert_eq!(row.encounter.cost_fen, Some(1_234_560));
    let kin = Owner::Kin {
        relation: Some("儿子".to_owned()),
        name: Some(crate::pii::Pii::new("张明".to_owned())),
    };
    let numbers: Vec<_> = row
        .numbers
        .iter()
        .map(|n| (n.number.reveal(), &n.owner, n.rank))
        .collect();
    assert_eq!(numbers, [("13987654321", &Owner::Patient, 1), ("13711112222", &kin, 2)]);
}

#[test]
fn a_list_of_jobs_is_taken_and_its_other_columns_are_kept() {
    let list = "序号,工单号,客户姓名,联系电话,归档时间,业务类型,用电类型,区域\n\
                1,G20240101,李梅,13987654321,2024-01-05 10:30,抢修,居民,城东\n";
    let reading = read_text(list).unwrap();
    assert_eq!(refusals(&reading), vec![]);
    let row = &reading.rows[0];
    assert_eq!(row.encounter.visit_no, "G20240101");
    assert_eq!(row.encounter.kind, Kind::Outpatient);
    let others: Vec<_> = row
        .others
        .iter()
        .map(|(header, text)| format!("{header}={}", text.reveal()))
        .collect();
    assert_eq!(others, ["业务类型=抢修", "区域=城东", "用电类型=居民"]);
}

#[test]
fn a_row_without_any_usable_number_is_refused_with_every_reason() {
    let list = format!(
        "{HEADER}\n{}\n",
        SOUND
            .replace("13987654321", "1398765432")
            .replace("13711112222", "1.37E+10")
    );
    let reading = read_text(&list).unwrap();
    assert_eq!(
        refusals(&reading),
        [
            (2, "E", "139*****32", Reason::MobileLength(10)),
            (2, "H", "1.37E+10", Reason::DigitsLost)
        ]
    );
    assert!(reading.refused.iter().all(|refusal| refusal.scope == Scope::Row));
    assert!(reading.rows.is_empty());
}

#[test]
fn a_bad_number_beside_a_good_one_costs_only_itself() {
    let reading = with("联系电话", "138****4321");
    assert_eq!(refusals(&reading), [(2, "E", "138****4321", Reason::Masked)]);
    assert_eq!(reading.refused[0].scope, Scope::Value);
    assert_eq!(reading.rows[0].numbers.len(), 1);
}

#[test]
fn a_row_with_no_number_at_all_says_so() {
    let list = format!(
        "{HEADER}\n{}\n",
        SOUND.replace("13987654321", "无").replace("13711112222", "")
    );
    assert_eq!(refusals(&read_text(&list).unwrap()), [(2, "E", "无", Reason::NoNumber)]);
}

#[test]
fn the_visit_number_is_the_key_and_else_the_stay() {
    let list = "就诊号,住院号,姓名,手机,出院日期\nV7,1001,张三,13987654321,2024-01-05\n,1001,张三,13987654321,2024-01-05\n,,张三,13987654321,2024-01-05\n";
    let reading = read_text(list).unwrap();
    let keys: Vec<_> = reading.rows.iter().map(|row| row.encounter.visit_no.as_str()).collect();
    assert_eq!(keys, ["V7", "1001/2024-01-05"]);
    assert_eq!(refusals(&reading), [(4, "A", "", Reason::NoVisitNumber)]);
}

#[test]
fn a_visit_number_whose_digits_are_lost_costs_the_row() {
    assert_eq!(
        refusals(&with("住院号", "2.02E+11")),
        [(2, "A", "2.02E+11", Reason::DigitsLost)]
    );
    assert_eq!(
        with("住院号", "12E5").rows[0].patient.inpatient_no.as_deref(),
        Some("12E5")
    );
    assert_eq!(
        with("住院号", "1001.0").rows[0].patient.inpatient_no.as_deref(),
        Some("1001")
    );
    assert_eq!(
        with("住院号", "=\"00123\"").rows[0].patient.inpatient_no.as_deref(),
        Some("00123")
    );
}

#[test]
fn a_discharge_that_cannot_be_costs_the_row() {
    for (value, reason) in [
        ("", Reason::NoDischarge),
        ("昨天", Reason::NotADate),
        ("1/5/2024", Reason::DateOrder),
        ("2024-01-12", Reason::InTheFuture),
        ("1980-01-05", Reason::TooLongAgo),
        ("2023-12-31", Reason::BeforeAdmission),
    ] {
        assert_eq!(refusals(&with("出院日期", value)), [(2, "K", value, reason)], "{value}");
    }
}

#[test]
fn what_is_not_understood_is_left_out_with_a_warning() {
    for (header, value, doubt) in [
        ("性别", "不明", Doubt::Sex),
        ("年龄", "成年", Doubt::Age),
        ("入院日期", "上周", Doubt::Admitted),
        ("总费用(元)", "很多", Doubt::Cost),
        ("离院方式", "走了", Doubt::Departure),
        ("姓名", "", Doubt::NoName),
    ] {
        let reading = with(header, value);
        assert_eq!((doubts(&reading), reading.rows.len()), (vec![doubt], 1), "{header}");
    }
}

#[test]
fn a_patient_who_died_is_marked() {
    assert!(with("离院方式", "5").rows[0].patient.is_deceased);
    let list = "住院号,姓名,手机,出院日期,转归\n1,张三,13987654321,2024-01-05,死亡\n2,李四,13987654321,2024-01-05,5\n";
    let died: Vec<bool> = read_text(list)
        .unwrap()
        .rows
        .iter()
        .map(|row| row.patient.is_deceased)
        .collect();
    assert_eq!(died, [true, false]);
}

#[test]
fn words_beside_a_number_say_whose_it_is() {
    let reading = with("联系电话", "13987654321(女儿)、13612345670本人");
    let owners: Vec<_> = reading.rows[0].numbers.iter().map(|n| n.owner.clone()).collect();
    assert_eq!(
        owners[0],
        Owner::Kin {
            relation: Some("女儿".to_owned()),
            name: None
        }
    );
    assert_eq!(owners[1], Owner::Patient);
}

#[test]
fn the_same_number_twice_counts_once() {
    let reading = with("联系人电话", "139 8765 4321");
    assert_eq!(reading.rows[0].numbers.len(), 1);
    assert_eq!(reading.rows[0].numbers[0].owner, Owner::Patient);
}

#[test]
fn cells_that_a_stray_delimiter_has_moved_cost_the_row() {
    let list = format!("{HEADER}\n{}\n{SOUND},,\n", SOUND.replace("高血压", "高血压,2级"));
    let reading = read_text(&list).unwrap();
    assert_eq!(refusals(&reading), [(2, "", "", Reason::TooManyCells)]);
    assert_eq!(reading.rows.len(), 1);
}

#[test]
fn nothing_personal_is_shown_whole() {
    let list = format!(
        "{HEADER}\n{}\n",
        SOUND
            .replace("13987654321", "1398765432,")
            .replace("13711112222", "张明13711112222a")
    );
    let reading = read_text(&list.replace("1398765432,", "\"1398765432\"")).unwrap();
    let shown = format!("{reading:?} {}", Report::new(&reading).text(100, None));
    for secret in ["张建国", "张明", "1398765432", "13711112222"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}
