//! What differs between two versions of one encounter, as a report may show it.

use chrono::DateTime;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::header::Field;
use super::mask::masked;
use super::record::{DischargeRow, NumberRecord, Owner};
use crate::moment::Wall;
use crate::pii::Pii;

/// One value that changed; masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What it is, in the words of the lists.
    pub what: String,
    /// Before; empty when there was none.
    pub before: String,
    /// After; empty when there is none.
    pub after: String,
}

/// Every value that differs, in the order of a list's columns. Values that differ only where the mask hides them are
/// listed all the same.
pub fn changes(before: &DischargeRow, after: &DischargeRow, time_zone: Tz) -> Vec<Change> {
    let (old, new) = (facts(before, time_zone), facts(after, time_zone));
    let is_different = |(old, new): &(Fact, Fact)| old.value != new.value;
    let change = |(old, new): (Fact, Fact)| Change {
        what: old.what.to_owned(),
        before: old.shown(),
        after: new.shown(),
    };
    old.into_iter().zip(new).filter(is_different).map(change).collect()
}

struct Fact {
    what: &'static str,
    field: Field,
    value: String,
}

impl Fact {
    fn shown(&self) -> String {
        if self.field == Field::Phone {
            return self
                .value
                .clone()
                .split(' ')
                .map(|number| masked(Field::Phone, number))
                .collect::<Vec<_>>()
                .join(" ");
        }
        masked(self.field, &self.value)
    }
}

fn facts(row: &DischargeRow, time_zone: Tz) -> Vec<Fact> {
    let DischargeRow {
        row: _,
        patient,
        encounter,
        numbers,
        others: _,
    } = row;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let secret = |value: &Option<Pii<String>>| value.as_ref().map(|value| value.reveal().clone()).unwrap_or_default();
    let word = |value: Option<String>| value.unwrap_or_default();
    let local = |at: Wall| {
        let at = DateTime::from_timestamp_millis(at.millis()).unwrap_or_default();
        at.with_timezone(&time_zone).format("%Y-%m-%d %H:%M").to_string()
    };
    let age = patient
        .age
        .map(|age| format!("{} {:?}", age.value, age.unit).to_lowercase());
    let cost = encounter
        .cost_fen
        .map(|fen| format!("{}.{:02}", fen / 100, (fen % 100).abs()));
    let values = [
        ("患者ID", Field::PatientNo, text(&patient.patient_no)),
        ("住院号", Field::InpatientNo, text(&patient.inpatient_no)),
        ("姓名", Field::Name, patient.name.reveal().clone()),
        (
            "性别",
            Field::Sex,
            word(patient.sex.map(|sex| format!("{sex:?}").to_lowercase())),
        ),
        ("年龄", Field::Age, word(age)),
        (
            "出生日期",
            Field::Birth,
            word(patient.birth.map(|birth| birth.to_string())),
        ),
        ("身份证号", Field::IdCard, secret(&patient.id_card)),
        ("地址", Field::Address, secret(&patient.address)),
        (
            "死亡",
            Field::Result,
            if patient.is_deceased {
                "deceased".to_owned()
            } else {
                String::new()
            },
        ),
        ("就诊类型", Field::Kind, format!("{:?}", encounter.kind).to_lowercase()),
        ("科室", Field::Department, text(&encounter.department)),
        ("病区", Field::Ward, text(&encounter.ward)),
        ("床号", Field::Bed, text(&encounter.bed)),
        ("主管医生", Field::Doctor, text(&encounter.doctor)),
        ("入院日期", Field::Admitted, word(encounter.admitted.map(local))),
        ("出院日期", Field::Discharged, local(encounter.discharged)),
        ("出院诊断", Field::Diagnosis, encounter.diagnoses.join("; ")),
        ("手术", Field::Operation, encounter.operations.join("; ")),
        (
            "离院方式",
            Field::Departure,
            word(encounter.departure.map(|way| format!("{way:?}").to_lowercase())),
        ),
        ("费用类别", Field::Payer, text(&encounter.payer)),
        ("总费用", Field::Cost, word(cost)),
        ("备注", Field::Remark, secret(&encounter.remark)),
        (
            "联系电话",
            Field::Phone,
            numbers.iter().map(dial_string).collect::<Vec<_>>().join(" "),
        ),
        ("联系人", Field::KinName, kin(numbers)),
    ];
    values
        .into_iter()
        .map(|(what, field, value)| Fact { what, field, value })
        .collect()
}

fn dial_string(record: &NumberRecord) -> String {
    let extension = record.extension.as_ref().map(|extension| format!("转{extension}"));
    format!("{}{}", record.number.reveal(), extension.unwrap_or_default())
}

fn kin(numbers: &[NumberRecord]) -> String {
    let name = |record: &NumberRecord| match &record.owner {
        Owner::Patient => None,
        Owner::Kin { relation, name } => {
            let name = name.as_ref().map(|name| name.reveal().clone()).unwrap_or_default();
            Some(format!("{name}{}", relation.clone().unwrap_or_default()))
        }
    };
    let mut names: Vec<String> = numbers.iter().filter_map(name).collect();
    names.dedup();
    names.join(" ")
}
