//! Import: encounters with their patients and numbers go in, one case each; idempotent by visit number.

mod apply;
mod case;
mod change;
pub(in crate::store) mod patient;
pub(in crate::store) mod visit;

use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::calendar::{DueAfter, WorkCalendar};

use crate::ids::CampaignId;
use crate::moment::Wall;
use crate::phone::Number;
use crate::pii::Pii;

use super::{Error, Store};

pub use change::Change;

/// Rows per transaction at most.
const CHUNK: usize = 200;
/// How long a transaction takes rows: calls under way share the writer, and no key waits for a whole file. Its commit
/// comes on top.
const SPELL: Duration = Duration::from_millis(12);

/// Where rows go and what makes them due.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportPlan {
    /// The campaign that gets the cases.
    pub campaign: CampaignId,
    /// The name of the file, for the record.
    pub file: String,
    /// When a case is due.
    pub due: Due,
    /// How long after that it is too late; none means never.
    pub deadline_after: Option<Duration>,
    /// The present.
    pub now: Wall,
}

/// When a case is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// This long after discharge; a row without a discharge time is refused.
    AfterDischarge {
        /// How long.
        after: DueAfter,
        /// The zone whose calendar days count.
        zone: Tz,
        /// Which of them are worked.
        calendar: Arc<WorkCalendar>,
    },
    /// At this time.
    At(Wall),
    /// The list makes no case: the released rules do (see [`Store::apply_rules`]). The campaign is noted with the list.
    ByRules,
}

/// One accepted row of a list, already cleaned. A column that is `None` leaves what the database has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportRow {
    /// Its row in the file, for the report.
    pub row: u32,
    /// Whose.
    pub patient: ImportPatient,
    /// The stay or visit.
    pub encounter: ImportEncounter,
    /// The patient's numbers, best first.
    pub numbers: Vec<ImportNumber>,
}

/// A patient of a list. Known again by `patient_no`, else by `id_card`, else by the visit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportPatient {
    /// The patient's number in the hospital.
    pub patient_no: Option<String>,
    /// The name.
    pub name: Option<Pii<String>>,
    /// `male` or `female`.
    pub sex: Option<String>,
    /// The date of birth, YYYY-MM-DD.
    pub birth: Option<String>,
    /// The age as the list says it, with its unit.
    pub age: Option<String>,
    /// The identity card number.
    pub id_card: Option<Pii<String>>,
    /// Whether the list says that the patient has died. Never taken back by a list that does not say so.
    pub deceased: Option<bool>,
}

/// A stay or visit of a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportEncounter {
    /// The visit number: what makes the import idempotent.
    pub visit_no: String,
    /// `inpatient`, `outpatient` or `emergency`.
    pub kind: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The ward.
    pub ward: Option<String>,
    /// The bed.
    pub bed: Option<String>,
    /// The doctor.
    pub doctor: Option<String>,
    /// When admitted.
    pub admitted: Option<Wall>,
    /// When discharged.
    pub discharged: Option<Wall>,
    /// The diagnoses as one text.
    pub diagnoses: Option<String>,
    /// How the stay ended.
    pub disposition: Option<String>,
    /// Who pays.
    pub payer: Option<String>,
    /// What it cost, as the list says it.
    pub cost: Option<String>,
    /// The whole row as a JSON object.
    pub raw: Option<String>,
}

/// A number of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportNumber {
    /// Its digits.
    pub number: Number,
    /// `mobile` or `landline`.
    pub kind: Option<String>,
    /// `self` or `kin`.
    pub owner: Option<String>,
    /// The relation of a kin.
    pub relation: Option<String>,
    /// An extension behind it.
    pub extension: Option<String>,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportOutcome {
    /// Rows with a visit that was not there.
    pub added: u64,
    /// Which rows those are.
    pub added_rows: std::collections::BTreeSet<u32>,
    /// Rows with a visit that was there and changed.
    pub updated: Vec<Update>,
    /// Rows with a visit that was not there, of a patient who was there and changed. They are in `added` as well.
    pub corrected: Vec<Update>,
    /// Rows that changed nothing.
    pub unchanged: u64,
    /// Rows that could not become a case.
    pub refused: Vec<Refusal>,
    /// New cases, open ones.
    pub cases: u64,
    /// New cases that were closed at once: the patient has died, or has no number.
    pub cases_closed: u64,
    /// Cases without a usable number that got one, open again.
    pub cases_reopened: u64,
}

/// A row that changed what was there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// Its row in the file.
    pub row: u32,
    /// Its visit.
    pub visit_no: String,
    /// What changed.
    pub changes: Vec<Change>,
}

/// A row that could not become a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Its row in the file.
    pub row: u32,
    /// The column at fault.
    pub column: String,
    /// Why, and what was expected.
    pub reason: String,
}

/// Applies rows chunk by chunk. What is committed stays committed: after an error, importing the same file again
/// brings the rest.
pub(super) async fn apply(store: &Store, plan: ImportPlan, rows: Vec<ImportRow>) -> Result<ImportOutcome, Error> {
    let batch = store.write(apply::Open { plan: plan.clone() }).await?;
    let (plan, rows): (Arc<ImportPlan>, Arc<[ImportRow]>) = (Arc::new(plan), rows.into());
    let mut outcome = ImportOutcome::default();
    let mut from = 0;
    while from < rows.len() {
        let chunk = apply::Chunk {
            plan: Arc::clone(&plan),
            batch,
            rows: Arc::clone(&rows),
            from,
        };
        let (done, count) = store.write(chunk).await?;
        from += count;
        outcome.added += done.added;
        outcome.added_rows.extend(done.added_rows);
        outcome.updated.extend(done.updated);
        outcome.corrected.extend(done.corrected);
        outcome.unchanged += done.unchanged;
        outcome.refused.extend(done.refused);
        outcome.cases += done.cases;
        outcome.cases_closed += done.cases_closed;
        outcome.cases_reopened += done.cases_reopened;
    }
    Ok(outcome)
}
