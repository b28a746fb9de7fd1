//! Lists: read, applied in chunks, reported.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Error, Office};
use crate::calendar;
use crate::control::Order;
use crate::integrations::import::{self, AgeUnit, Applied, Change, Correction, DischargeRow, Owner, Sex};
use crate::moment::Wall;
use crate::store::{self, Refusal};

/// When the cases of a list become due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Discharge plus the campaign's `due_after`.
    ByCampaign,
    /// At once.
    Now,
    /// The list makes no case: the released rules do.
    ByRules,
}

/// A list as it came, and the cells of it that a person put right.
#[derive(Clone, Debug)]
pub struct ListBytes<'l> {
    /// The file.
    pub bytes: &'l [u8],
    /// What stands in its place.
    pub corrections: Vec<Correction>,
}

impl<'l> From<&'l [u8]> for ListBytes<'l> {
    fn from(bytes: &'l [u8]) -> Self {
        let corrections = Vec::new();
        Self { bytes, corrections }
    }
}

impl ListBytes<'_> {
    fn read(
        &self,
        file: &str,
        today: chrono::NaiveDate,
        zone: chrono_tz::Tz,
    ) -> Result<import::Reading, import::Error> {
        import::read_corrected(self.bytes, &self.corrections, file, today, zone)
    }
}

/// What became of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Imported {
    /// The report, row by row.
    pub report: import::Report,
    /// Cases made, open ones.
    pub cases: u64,
    /// Cases that were closed at once: the patient has died.
    pub cases_closed: u64,
    /// Rows that could be read but not become a case.
    pub refused: Vec<Refusal>,
    /// Whether the list made no cases itself, because the rules do.
    #[serde(default)]
    pub is_by_rules: bool,
}

impl Imported {
    /// What became of the accepted rows, for people.
    pub fn cases_text(&self) -> String {
        if self.is_by_rules {
            return format!(
                "encounters taken: {}; the released rules make the cases (个案由回访规则生成)",
                self.report.accepted
            );
        }
        let refused = u64::try_from(self.refused.len()).unwrap_or(u64::MAX);
        let known = u64::from(self.report.accepted).saturating_sub(self.cases + self.cases_closed + refused);
        let mut text = format!("cases made: {}", self.cases);
        if self.cases_closed > 0 {
            text.push_str(&format!(
                "; made and closed at once (patient deceased, or too late): {}",
                self.cases_closed
            ));
        }
        if known > 0 {
            text.push_str(&format!(
                "; already in this campaign: {known} (their due time stays as it is)"
            ));
        }
        for Refusal { row, column, reason } in &self.refused {
            text.push_str(&format!("\nrow {row}, {column}: no case was made: {reason}"));
        }
        text
    }
}

/// What a list would do. Nothing is saved.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The reading, row by row; what the store has already is in `known`.
    pub report: import::Report,
    /// Accepted rows whose visit is there already: importing updates what differs.
    pub known: u64,
}

impl Office {
    /// Reads a list as [`Office::import`] would, and looks up which visits are known.
    pub async fn preview_import(&self, campaign: &str, file: &str, list: &ListBytes<'_>) -> Result<Preview, Error> {
        let row = self.campaign(campaign).await?;
        self.read_campaign(campaign, &row.file)?;
        let zone = self.settings.place.time_zone;
        let reading = list.read(file, calendar::local(self.clock.wall(), zone).date(), zone)?;
        let visits: Vec<&str> = reading.rows.iter().map(|row| row.encounter.visit_no.as_str()).collect();
        let known = self.store.reader().known_visits(&visits).await?;
        let mut report = import::Report::new(&reading);
        report.new = report.accepted.saturating_sub(u32::try_from(known).unwrap_or(u32::MAX));
        Ok(Preview { report, known })
    }

    /// Reads a list and makes one case per accepted encounter.
    pub async fn import(&self, campaign: &str, file: &str, list: &ListBytes<'_>, due: Due) -> Result<Imported, Error> {
        let row = self.campaign(campaign).await?;
        let (settings, _) = self.read_campaign(campaign, &row.file)?;
        let zone = self.settings.place.time_zone;
        let now = self.clock.wall();
        let reading = list.read(file, calendar::local(now, zone).date(), zone)?;
        let plan = store::ImportPlan {
            campaign: row.id,
            file: file.to_owned(),
            due: match due {
                Due::Now => store::Due::At(now),
                Due::ByRules => store::Due::ByRules,
                Due::ByCampaign => store::Due::AfterDischarge {
                    after: settings.due_after,
                    zone,
                    calendar: Arc::clone(&self.settings.place.work_calendar),
                },
            },
            deadline_after: settings.deadline_after.map(|after| store::Deadline {
                after,
                zone,
                calendar: Arc::clone(&self.settings.place.work_calendar),
            }),
            now,
        };
        let rows = reading.rows.iter().map(row_of).collect();
        let applied = self.store.apply_import(plan, rows).await?;
        if let Some(engine) = &self.engine {
            engine.order(Order::Poke(row.id))?;
        }
        self.want_rules().await?;
        Ok(Imported {
            cases: applied.cases,
            cases_closed: applied.cases_closed,
            refused: applied.refused.clone(),
            is_by_rules: due == Due::ByRules,
            report: report_of(&reading, &applied),
        })
    }
}

fn report_of(reading: &import::Reading, applied: &store::ImportOutcome) -> import::Report {
    let mut report = import::Report::new(reading);
    let updated: BTreeMap<u32, &store::Update> = applied.updated.iter().map(|update| (update.row, update)).collect();
    let mut unchanged = applied.unchanged;
    for row in &reading.rows {
        let done = match updated.get(&row.row) {
            Some(update) => Applied::Updated(update.changes.iter().map(change_of).collect()),
            None if unchanged > 0 && !applied.added_rows.contains(&row.row) => {
                unchanged -= 1;
                Applied::Unchanged
            }
            None => Applied::New,
        };
        report.apply(row, done);
    }
    report
}

/// A change as the report shows it: masked, because a report is read by more people than the list.
fn change_of(change: &store::Change) -> Change {
    let shown = |value: &Option<String>| {
        value
            .as_deref()
            .map(|value| mask(&change.column, value))
            .unwrap_or_default()
    };
    Change {
        what: change.column.clone().into_owned(),
        before: shown(change.before.reveal()),
        after: shown(change.after.reveal()),
    }
}

fn mask(column: &str, value: &str) -> String {
    match column {
        "patient.name" => crate::pii::mask_name(value),
        column if column.starts_with("number") => value
            .split(' ')
            .map(|digits| crate::phone::Number::parse(digits).map_or_else(|_| "*".repeat(digits.len()), |n| n.masked()))
            .collect::<Vec<_>>()
            .join(" "),
        "patient.id_card" => "*".repeat(value.chars().count()),
        _ => value.to_owned(),
    }
}

fn row_of(row: &DischargeRow) -> store::ImportRow {
    let text = |text: &[String]| (!text.is_empty()).then(|| text.join("；"));
    let (patient, encounter) = (&row.patient, &row.encounter);
    store::ImportRow {
        row: row.row,
        patient: store::ImportPatient {
            patient_no: patient.patient_no.clone().or_else(|| patient.inpatient_no.clone()),
            name: (!patient.name.reveal().is_empty()).then(|| patient.name.clone()),
            sex: patient.sex.map(|sex| match sex {
                Sex::Male => "male".to_owned(),
                Sex::Female => "female".to_owned(),
            }),
            birth: patient.birth.map(|birth| birth.to_string()),
            age: patient.age.map(age_words),
            id_card: patient.id_card.clone(),
            deceased: patient.is_deceased.then_some(true),
        },
        encounter: store::ImportEncounter {
            visit_no: encounter.visit_no.clone(),
            kind: word(&encounter.kind),
            department: encounter.department.clone(),
            ward: encounter.ward.clone(),
            bed: encounter.bed.clone(),
            doctor: encounter.doctor.clone(),
            admitted: encounter.admitted,
            discharged: Some(encounter.discharged).filter(|at: &Wall| *at != Wall::default()),
            diagnoses: text(&encounter.diagnoses),
            disposition: encounter.departure.as_ref().and_then(word),
            payer: encounter.payer.clone(),
            cost: encounter.cost_fen.map(|fen| format!("{}.{:02}", fen / 100, fen % 100)),
            raw: (!row.others.is_empty())
                .then(|| serde_json::to_string(&row.others).ok())
                .flatten(),
        },
        numbers: row.numbers.iter().map(number_of).collect(),
    }
}

fn number_of(record: &import::NumberRecord) -> store::ImportNumber {
    let (owner, relation) = match &record.owner {
        Owner::Patient => ("self", None),
        Owner::Kin { relation, .. } => ("kin", relation.clone()),
    };
    let digits = record.number.reveal();
    let mobile = digits.len() == 11 && digits.starts_with('1');
    store::ImportNumber {
        number: record.number.clone(),
        kind: Some(if mobile { "mobile" } else { "landline" }.to_owned()),
        owner: Some(owner.to_owned()),
        relation,
        extension: record.extension.clone(),
    }
}

/// The identifier that a value serialises to.
fn word(value: &impl Serialize) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

fn age_words(age: import::Age) -> String {
    let unit = match age.unit {
        AgeUnit::Years => "岁",
        AgeUnit::Months => "月",
        AgeUnit::Days => "天",
    };
    format!("{}{unit}", age.value)
}
