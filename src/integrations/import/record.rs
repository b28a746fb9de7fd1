//! What one accepted row says: the patient, the encounter and the numbers.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::moment::Wall;
use crate::phone::Number;
use crate::pii::Pii;

/// One accepted row of a discharge list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DischargeRow {
    /// Row of the sheet, from 1, as Excel counts.
    pub row: u32,
    /// The person.
    pub patient: PatientRecord,
    /// The stay or visit.
    pub encounter: EncounterRecord,
    /// Every usable number, the one to call first in front; never empty, never the same number twice.
    pub numbers: Vec<NumberRecord>,
    /// Cells of columns that are not read otherwise, by their headers, at most 200 characters each: rules can ask for them.
    pub others: BTreeMap<String, Pii<String>>,
}

/// The person of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientRecord {
    /// 患者ID, or 病案号 beside a 住院号: the number that the source gives the person, if any.
    pub patient_no: Option<String>,
    /// 住院号, else 病案号.
    pub inpatient_no: Option<String>,
    /// Empty when the row has none.
    pub name: Pii<String>,
    /// If it was understood.
    pub sex: Option<Sex>,
    /// As of the row, if it was understood.
    pub age: Option<Age>,
    /// Date of birth, if it was understood.
    pub birth: Option<NaiveDate>,
    /// 15 or 18 characters, or another document as written; a wrong check digit is only a warning.
    pub id_card: Option<Pii<String>>,
    /// As written.
    pub address: Option<Pii<String>>,
    /// 离院方式 5, or words that say the patient died: nobody is to be called.
    pub is_deceased: bool,
}

/// The stay or visit of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncounterRecord {
    /// What makes a later import find this encounter again: 就诊号 if the row has one, else `住院号/出院日期`.
    pub visit_no: String,
    /// Inpatient unless the row says otherwise.
    pub kind: Kind,
    /// 科室.
    pub department: Option<String>,
    /// 病区.
    pub ward: Option<String>,
    /// 床号.
    pub bed: Option<String>,
    /// 主管医生.
    pub doctor: Option<String>,
    /// If the row has it. A date without a time is 00:00 of that day in the time zone of the import.
    pub admitted: Option<Wall>,
    /// When follow-up starts to count. A date without a time is 00:00 of that day.
    pub discharged: Wall,
    /// Whether `discharged` has a time of day.
    pub discharged_precision: Precision,
    /// 出院诊断, else 入院诊断; as written.
    pub diagnoses: Vec<String>,
    /// 手术, as written.
    pub operations: Vec<String>,
    /// 离院方式, if it was understood.
    pub departure: Option<Departure>,
    /// 费用类别.
    pub payer: Option<String>,
    /// 总费用 in fen (0.01 yuan).
    pub cost_fen: Option<i64>,
    /// 备注.
    pub remark: Option<Pii<String>>,
}

/// One number of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberRecord {
    /// Dialable: digits as the source has them, without a country code before a mobile.
    pub number: Number,
    /// Whose it is.
    pub owner: Owner,
    /// From 1, in the order in which to call.
    pub rank: u16,
    /// To be dialled after the answer.
    pub extension: Option<String>,
    /// The words beside it in its cell.
    pub note: Option<Pii<String>>,
}

/// Whose number it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The patient's own.
    Patient,
    /// A relative's, or whoever the patient named.
    Kin {
        /// 儿子, 配偶 …, as written.
        relation: Option<String>,
        /// The relative's name.
        name: Option<Pii<String>>,
    },
}

/// 性别.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 男, 1, M.
    Male,
    /// 女, 2, F.
    Female,
}

/// 年龄.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Age {
    /// How many.
    pub value: u16,
    /// Of what.
    pub unit: AgeUnit,
}

/// What an age counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgeUnit {
    /// 岁.
    Years,
    /// 月.
    Months,
    /// 天.
    Days,
}

/// What kind of visit it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 住院.
    Inpatient,
    /// 门诊.
    Outpatient,
    /// 急诊.
    Emergency,
}

/// 离院方式, by its national codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Departure {
    /// 1 医嘱离院.
    Advised,
    /// 2 医嘱转院.
    Transferred,
    /// 3 医嘱转社区.
    Community,
    /// 4 非医嘱离院.
    AgainstAdvice,
    /// 5 死亡.
    Died,
    /// 9 其他.
    Other,
}

/// How exactly a time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// The day only.
    Day,
    /// The time of day as well.
    Minute,
}
