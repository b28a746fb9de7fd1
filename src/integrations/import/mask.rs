//! What a report may show of a cell.

use super::fold::scientific;
use super::header::Field;
use crate::pii::mask_name;

/// No value is shown with more characters.
const LONGEST: usize = 40;

/// `text` of a column with `field`, masked as its kind asks, on one line and not too long.
pub(super) fn masked(field: Field, text: &str) -> String {
    let line: String = text
        .chars()
        .take(LONGEST * 4)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let shown = match field {
        Field::Name | Field::KinName => mask_name(&line),
        Field::Mobile | Field::Phone | Field::HomePhone | Field::KinPhone | Field::IdCard => digits(&line),
        Field::Address | Field::Remark => "…".to_owned(),
        Field::VisitNo
        | Field::InpatientNo
        | Field::RecordNo
        | Field::PatientNo
        | Field::Sex
        | Field::Age
        | Field::Birth
        | Field::Relation
        | Field::Kind
        | Field::Department
        | Field::Ward
        | Field::Bed
        | Field::Doctor
        | Field::Admitted
        | Field::Discharged
        | Field::Visited
        | Field::AdmissionDiagnosis
        | Field::Diagnosis
        | Field::Operation
        | Field::Departure
        | Field::Result
        | Field::Payer
        | Field::Cost => line,
    };
    if shown.chars().count() <= LONGEST {
        return shown;
    }
    shown.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// Digits as a telephone number shows them (138****5678, whatever stands between them), words as names. Digits that
/// scientific notation has already lost are shown: they are the reason.
fn digits(text: &str) -> String {
    if scientific(text.trim()) == Some(None) {
        return text.trim().to_owned();
    }
    let is_digit = |c: char| c.is_numeric() || c == '*';
    let count = text.chars().filter(|&c| is_digit(c)).count();
    let (first, last) = match count {
        0..=4 => (0, 0),
        5..=7 => (0, 2),
        8..=10 => (3, 2),
        _ => (3, 4),
    };
    let mut place = 0;
    let mut shown = String::new();
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphabetic() {
            word.push(c);
            continue;
        }
        shown.push_str(&mask_name(&std::mem::take(&mut word)));
        if is_digit(c) {
            place += 1;
            shown.push(if place <= first || place + last > count { c } else { '*' });
        } else {
            shown.push(c);
        }
    }
    shown + &mask_name(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_masked_whatever_stands_between_its_digits() {
        let cases = [
            ("13812345678", "138****5678"),
            ("138-1234-567", "138-****-*67"),
            ("１３８１２３４５６７８", "１３８****５６７８"),
            ("张三丰13812345678", "张*丰138****5678"),
            ("1.38E+10", "1.38E+10"),
            ("138****5678", "138****5678"),
            ("8003", "****"),
            ("5551234", "*****34"),
        ];
        for (text, shown) in cases {
            assert_eq!(masked(Field::Phone, text), shown);
        }
    }

    #[test]
    fn names_are_masked_and_long_values_cut() {
        assert_eq!(masked(Field::KinName, "欧阳慧敏"), "欧**敏");
        assert_eq!(masked(Field::Remark, "13812345678"), "…");
        assert_eq!(masked(Field::Diagnosis, &"肺".repeat(100)).chars().count(), 40);
        assert_eq!(masked(Field::Department, "内\n科"), "内 科");
    }
}
