//! One line of the list as a record, or the reasons why it is none.

mod contact;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::date::{self, Stamp};
use super::fold::{fold, scientific, without_empty_decimals};
use super::header::{Column, Field};
use super::mask::masked;
use super::person::{self, IdCard};
use super::reason::{Doubt, Reason};
use super::record::{Departure, DischargeRow, EncounterRecord, Kind, PatientRecord};
use super::sheet::{Cell, Line};
use super::{Refusal, Scope, Warning};
use crate::pii::Pii;

/// Where lines come from: in a text file a stray delimiter moves the cells behind it, in a workbook nothing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Text,
    Workbook,
}

/// What stays the same for all rows of a file.
pub(super) struct Rows {
    pub(super) columns: Vec<Column>,
    pub(super) source: Source,
    pub(super) today: NaiveDate,
    pub(super) time_zone: Tz,
}

/// A column that only counts the rows of this file.
fn is_counter(header: &str) -> bool {
    ["序号", "行号", "编号", "No", "No.", "#"].contains(&header)
}

/// What one line gave.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) row: Option<DischargeRow>,
    pub(super) refused: Vec<Refusal>,
    pub(super) warnings: Vec<Warning>,
}

impl Rows {
    pub(super) fn read(&self, line: &Line) -> Outcome {
        let mut reader = Reader {
            rows: self,
            line,
            outcome: Outcome::default(),
        };
        let row = reader.row();
        let mut outcome = reader.outcome;
        if row.is_none() {
            for refusal in &mut outcome.refused {
                refusal.scope = Scope::Row;
            }
        }
        outcome.row = row;
        outcome
    }
}

struct Reader<'r> {
    rows: &'r Rows,
    line: &'r Line,
    outcome: Outcome,
}

impl Reader<'_> {
    fn row(&mut self) -> Option<DischargeRow> {
        self.check_shape()?;
        let inpatient_no = self.identity(Field::InpatientNo);
        let record_no = self.identity(Field::RecordNo);
        let patient_no = self.identity(Field::PatientNo);
        let visit = self.identity(Field::VisitNo);
        let (admitted, discharged) = self.stay();
        let numbers = self.numbers();

        let (inpatient_no, patient_no) = match (inpatient_no.ok()?, record_no.ok()?, patient_no.ok()?) {
            (None, record_no, patient_no) => (record_no, patient_no),
            (inpatient_no, record_no, patient_no) => (inpatient_no, patient_no.or(record_no)),
        };
        let visit_no = match (visit.ok()?, &inpatient_no, discharged) {
            (Some(visit_no), _, _) => visit_no,
            (None, Some(inpatient_no), Some(discharged)) => {
                format!("{inpatient_no}/{}", discharged.local.format("%Y-%m-%d"))
            }
            (None, Some(_), None) => return None,
            (None, None, _) => {
                self.refuse_blank(
                    &[Field::VisitNo, Field::InpatientNo, Field::RecordNo],
                    Reason::NoVisitNumber,
                );
                return None;
            }
        };
        let discharged = discharged?;
        if numbers.is_empty() {
            return None;
        }
        let departure = self.departure();
        Some(DischargeRow {
            row: self.line.row,
            patient: self.patient(patient_no, inpatient_no, departure == Some(Departure::Died)),
            encounter: self.encounter(visit_no, admitted, discharged, departure),
            numbers,
            others: self.others(),
        })
    }

    fn check_shape(&mut self) -> Option<()> {
        let width = self.rows.columns.len();
        let has_excess = self.line.cells.iter().skip(width).any(|cell| !cell.is_blank());
        if self.rows.source == Source::Text && has_excess {
            self.refuse(None, String::new(), Reason::TooManyCells);
            return None;
        }
        if self.rows.source == Source::Text && self.line.cells.len() < width {
            self.warn(None, String::new(), Doubt::TooFewCells);
        }
        if self.line.has_stray_quote {
            self.warn(None, String::new(), Doubt::StrayQuote);
        }
        let is_undecodable =
            |cell: &Cell| matches!(cell, Cell::Text(text) if text.contains(char::REPLACEMENT_CHARACTER));
        if let Some(index) = self.line.cells.iter().position(is_undecodable) {
            self.warn(Some(index), String::new(), Doubt::Undecodable);
        }
        Some(())
    }

    /// A number that names a person or a visit: `Err` when its digits are lost.
    fn identity(&mut self, field: Field) -> Result<Option<String>, ()> {
        let Some((index, cell)) = self.cell(field) else {
            return Ok(None);
        };
        let text = fold(&cell.text());
        let text = without_empty_decimals(text.trim_matches(['\'', '"', '`', ' ']));
        if text.contains(['.', '+', 'e']) && scientific(text).is_some() {
            self.refuse(Some(index), masked(field, text), Reason::DigitsLost);
            return Err(());
        }
        Ok(Some(text.to_owned()).filter(|text| text.chars().any(char::is_alphanumeric)))
    }

    fn stay(&mut self) -> (Option<Stamp>, Option<Stamp>) {
        let time_zone = self.rows.time_zone;
        let admitted = self
            .cell(Field::Admitted)
            .and_then(|(index, cell)| match date::read(cell, time_zone) {
                Ok(stamp) => Some(stamp),
                Err(_) => {
                    self.warn(Some(index), masked(Field::Admitted, &cell.text()), Doubt::Admitted);
                    None
                }
            });
        let Some((index, cell)) = self.cell(Field::Discharged).or_else(|| self.cell(Field::Visited)) else {
            self.refuse_blank(&[Field::Discharged, Field::Visited], Reason::NoDischarge);
            return (admitted, None);
        };
        let discharged = date::read(cell, time_zone).and_then(|discharged| {
            date::check_discharge(discharged, admitted, self.rows.today)?;
            Ok(discharged)
        });
        match discharged {
            Ok(discharged) => (admitted, Some(discharged)),
            Err(reason) => {
                self.refuse(Some(index), masked(Field::Discharged, &cell.text()), reason);
                (admitted, None)
            }
        }
    }

    fn patient(
        &mut self,
        patient_no: Option<String>,
        inpatient_no: Option<String>,
        is_deceased: bool,
    ) -> PatientRecord {
        let name = self.text(Field::Name);
        if name.is_none() {
            let index = self.columns(Field::Name).next();
            self.warn(index, String::new(), Doubt::NoName);
        }
        let time_zone = self.rows.time_zone;
        PatientRecord {
            patient_no,
            inpatient_no,
            name: Pii::new(name.unwrap_or_default()),
            sex: self.understood(Field::Sex, Doubt::Sex, |cell| match fold(&cell.text()).as_str() {
                "0" | "9" | "未知" | "未说明" => Some(None),
                text => person::sex(text).map(Some),
            }),
            age: self.understood(Field::Age, Doubt::Age, |cell| person::age(&cell.text()).map(Some)),
            birth: self.understood(Field::Birth, Doubt::Birth, |cell| {
                date::read(cell, time_zone).ok().map(|stamp| Some(stamp.local.date()))
            }),
            id_card: self.id_card(),
            address: self.text(Field::Address).map(Pii::new),
            is_deceased,
        }
    }

    fn encounter(
        &mut self,
        visit_no: String,
        admitted: Option<Stamp>,
        discharged: Stamp,
        departure: Option<Departure>,
    ) -> EncounterRecord {
        let time_zone = self.rows.time_zone;
        let is_visit = self.cell(Field::Discharged).is_none();
        let kind = self.understood(Field::Kind, Doubt::Kind, |cell| person::kind(&cell.text()).map(Some));
        let diagnoses = self.texts(Field::Diagnosis);
        EncounterRecord {
            visit_no,
            kind: kind.unwrap_or(if is_visit { Kind::Outpatient } else { Kind::Inpatient }),
            department: self.text(Field::Department),
            ward: self.text(Field::Ward),
            bed: self.text(Field::Bed),
            doctor: self.text(Field::Doctor),
            admitted: admitted.map(|stamp| stamp.wall(time_zone)),
            discharged: discharged.wall(time_zone),
            discharged_precision: discharged.precision,
            diagnoses: if diagnoses.is_empty() {
                self.texts(Field::AdmissionDiagnosis)
            } else {
                diagnoses
            },
            operations: self.texts(Field::Operation),
            departure,
            payer: self.text(Field::Payer),
            cost_fen: self.understood(Field::Cost, Doubt::Cost, |cell| person::fen(&cell.text()).map(Some)),
            remark: self.text(Field::Remark).map(Pii::new),
        }
    }

    /// 离院方式; 转归 only to hear of a death.
    fn departure(&mut self) -> Option<Departure> {
        let departure = self.understood(Field::Departure, Doubt::Departure, |cell| {
            person::departure(&cell.text()).map(Some)
        });
        let has_died = |cell: &Cell| {
            let text = fold(&cell.text());
            !text.starts_with(|c: char| c.is_ascii_digit()) && person::departure(&text) == Some(Departure::Died)
        };
        let result = self.cell(Field::Result).is_some_and(|(_, cell)| has_died(cell));
        if result { Some(Departure::Died) } else { departure }
    }

    fn id_card(&mut self) -> Option<Pii<String>> {
        let (index, cell) = self.cell(Field::IdCard)?;
        let (card, verdict) = person::id_card(&cell.text());
        match verdict {
            IdCard::Plausible => {}
            IdCard::WrongCheck => self.warn(Some(index), masked(Field::IdCard, &card), Doubt::IdCardCheck),
            IdCard::Unreadable => {
                self.warn(Some(index), masked(Field::IdCard, &card), Doubt::IdCardForm);
                return None;
            }
        }
        Some(Pii::new(card))
    }

    /// The value of a cell, or a warning when it holds something that `read` does not understand.
    fn understood<T>(&mut self, field: Field, doubt: Doubt, read: impl Fn(&Cell) -> Option<Option<T>>) -> Option<T> {
        let (index, cell) = self.cell(field)?;
        read(cell).unwrap_or_else(|| {
            self.warn(Some(index), masked(field, &cell.text()), doubt);
            None
        })
    }

    fn text(&self, field: Field) -> Option<String> {
        self.texts(field).into_iter().next()
    }

    /// The texts of every column with this field, on one line each.
    fn texts(&self, field: Field) -> Vec<String> {
        let clean = |cell: &Cell| {
            let text = cell.text();
            let text = without_empty_decimals(text.trim_matches(['\'', '`']));
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        self.cells(field)
            .map(|(_, cell)| clean(cell))
            .filter(|text| !text.is_empty())
            .collect()
    }

    /// What the columns say that no field is for.
    fn others(&self) -> BTreeMap<String, Pii<String>> {
        const MOST_CHARS: usize = 200;
        let mut others = BTreeMap::new();
        for (column, cell) in self.rows.columns.iter().zip(&self.line.cells) {
            if column.field.is_some() || column.header.is_empty() || is_counter(&column.header) || cell.is_blank() {
                continue;
            }
            let text = cell.text();
            let text = without_empty_decimals(text.trim_matches(['\'', '`']));
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let text: String = text.chars().take(MOST_CHARS).collect();
            others.entry(column.header.clone()).or_insert(Pii::new(text));
        }
        others
    }

    fn columns(&self, field: Field) -> impl Iterator<Item = usize> {
        let columns = self.rows.columns.iter().enumerate();
        columns
            .filter(move |(_, column)| column.field == Some(field))
            .map(|(index, _)| index)
    }
}

impl<'r> Reader<'r> {
    fn cells(&self, field: Field) -> impl Iterator<Item = (usize, &'r Cell)> {
        let columns: &'r [Column] = &self.rows.columns;
        let cells = columns.iter().zip(&self.line.cells).enumerate();
        cells
            .filter(move |(_, (column, cell))| column.field == Some(field) && !cell.is_blank())
            .map(|(index, (_, cell))| (index, cell))
    }

    fn cell(&self, field: Field) -> Option<(usize, &'r Cell)> {
        self.cells(field).next()
    }

    /// Refuses the row for want of any of `fields`.
    fn refuse_blank(&mut self, fields: &[Field], reason: Reason) {
        let index = fields.iter().find_map(|&field| self.columns(field).next());
        self.refuse(index, String::new(), reason);
    }

    fn refuse(&mut self, index: Option<usize>, value: String, reason: Reason) {
        let (column, header) = self.place(index);
        self.outcome.refused.push(Refusal {
            row: self.line.row,
            column,
            header,
            value,
            reason,
            scope: Scope::Value,
        });
    }

    fn warn(&mut self, index: Option<usize>, value: String, doubt: Doubt) {
        let (column, header) = self.place(index);
        self.outcome.warnings.push(Warning {
            row: self.line.row,
            column,
            header,
            value,
            doubt,
        });
    }

    fn place(&self, index: Option<usize>) -> (String, String) {
        let column = index.and_then(|index| self.rows.columns.get(index));
        column
            .map(|column| (column.letters.clone(), column.header.clone()))
            .unwrap_or_default()
    }
}
