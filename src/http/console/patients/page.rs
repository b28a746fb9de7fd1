//! The page of a patient in one answer.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::why::{Said, known};
use super::{Refused, deed, patient_for, year_of};
use crate::access::Action;
use crate::http::Problem;
use crate::http::console::do_not_call::BarredEntry;
use crate::http::console::instant::Instant;
use crate::http::console::{Console, Seat};
use crate::http::request::Name;
use crate::outcome::{Disposition, Language};
use crate::pii::mask_no;
use crate::report::why::{self, Known};
use crate::store::console::patient::AttemptRow;

/// A patient; names and numbers masked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PatientPage {
    id: i64,
    name: Option<String>,
    patient_no: Option<String>,
    sex: Option<String>,
    /// The year of birth.
    birth: Option<String>,
    age: Option<String>,
    has_id_card: bool,
    deceased: bool,
    erased_at: Option<Instant>,
    /// What happens next, in one sentence.
    next: Said,
    /// When the first open follow-up is looked at.
    next_at: Option<Instant>,
    states: Vec<PatientStateShown>,
    numbers: Vec<NumberShown>,
    encounters: Vec<EncounterShown>,
    cases: Vec<CaseShown>,
    attempts: Vec<AttemptShown>,
    answers: Vec<AnswerShown>,
    do_not_call: Vec<BarredEntry>,
    notes: Vec<NoteShown>,
}

/// A state of the patient.
#[derive(Debug, Serialize, ToSchema)]
struct PatientStateShown {
    /// `deceased`, `readmitted`, `transferred` or `complaint_open`.
    state: String,
    since_at: Option<Instant>,
    until_at: Option<Instant>,
    /// Where it comes from.
    source: String,
}

/// A telephone number.
#[derive(Debug, Serialize, ToSchema)]
struct NumberShown {
    id: i64,
    /// Masked.
    number: String,
    kind: Option<String>,
    /// `self` or `kin`.
    owner: Option<String>,
    relation: Option<String>,
    /// Its place in the order of calling, from 0.
    rank: u32,
    /// `ok`, `suspect`, `vacant`, `suspended` or `wrong`.
    state: String,
    /// Whether it is on the do-not-call list.
    listed: bool,
    called_at: Option<Instant>,
    last_disposition: Option<String>,
}

/// A visit or a stay.
#[derive(Debug, Serialize, ToSchema)]
struct EncounterShown {
    id: i64,
    /// Masked.
    visit_no: String,
    kind: Option<String>,
    department: Option<String>,
    ward: Option<String>,
    doctor: Option<String>,
    admitted_at: Option<Instant>,
    discharged_at: Option<Instant>,
    diagnoses: Option<String>,
}

/// A follow-up.
#[derive(Debug, Serialize, ToSchema)]
struct CaseShown {
    id: i64,
    campaign: String,
    /// Masked.
    visit_no: String,
    department: Option<String>,
    due_at: Instant,
    next_at: Instant,
    deadline_at: Option<Instant>,
    appointment_at: Option<Instant>,
    /// How it ended; nothing while it is open.
    outcome: Option<&'static str>,
    closed_at: Option<Instant>,
    /// Attempts that count.
    counted: u16,
    /// How many may count.
    budget: Option<u16>,
    /// Why it was called or not, and what comes next.
    sentence: Said,
}

/// An attempt.
#[derive(Debug, Serialize, ToSchema)]
struct AttemptShown {
    id: i64,
    case_id: i64,
    begun_at: Instant,
    answered_at: Option<Instant>,
    ended_at: Option<Instant>,
    /// Masked.
    number: String,
    trunk: String,
    /// How it ended; nothing while it is under way.
    disposition: Option<String>,
    /// Whether it counts against the budget; our own faults do not.
    counted: Option<bool>,
    sentence: Said,
    /// The length of its recording, if there is one.
    recording_ms: Option<i64>,
    /// When its recording was deleted by rule.
    recording_deleted_at: Option<Instant>,
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
struct AnswerShown {
    id: i64,
    attempt_id: i64,
    /// The question's id in the dialplan.
    question: String,
    /// What it asks, in a few words.
    title: Option<String>,
    /// `value`, `refused`, `silent` or `invalid`.
    kind: String,
    value: Option<i64>,
    label: Option<String>,
    keys: String,
    at: Instant,
}

/// A note.
#[derive(Debug, Serialize, ToSchema)]
struct NoteShown {
    id: i64,
    at: Instant,
    who: String,
    text: String,
}

/// Shows a patient.
#[utoipa::path(
    get,
    path = "/api/patients/{id}",
    tag = "patients",
    params(("id" = i64, Path, description = "The patient's row.")),
    responses((status = 200, body = PatientPage), Refused)
)]
pub(super) async fn show(
    State(console): State<Console>,
    seat: Seat,
    Name(id): Name,
) -> Result<Json<PatientPage>, Problem> {
    let (patient, visible) = patient_for(&console, &seat, Action::SeePatients, &id).await?;
    seat.note(&console, deed("opened_patient", patient, None)).await?;
    let reader = console.access.store().reader();
    let head = reader.patient_head(patient).await?;
    let numbers = reader.patient_numbers(patient, console.now()).await?;
    let encounters = reader.patient_encounters(patient, &visible).await?;
    let attempts = reader.patient_attempts(patient, &visible).await?;
    let answers = reader.patient_answers(patient, &visible).await?;
    let barred = reader.patient_barred(patient).await?;
    let notes = reader.patient_notes(patient).await?;
    let known = known(&console, patient, &visible).await?;
    let (next, next_at) = next(&known, console.zone);
    Ok(Json(PatientPage {
        id: patient.0,
        name: head.name,
        patient_no: head.patient_no,
        sex: head.sex,
        birth: year_of(head.birth),
        age: head.age,
        has_id_card: head.has_id_card,
        deceased: head.deceased,
        erased_at: head.erased_at.map(Instant::from),
        next,
        next_at,
        states: states(&known),
        numbers: numbers
            .into_iter()
            .map(|row| NumberShown {
                id: row.id,
                number: row.number,
                kind: row.kind,
                owner: row.owner,
                relation: row.relation,
                rank: row.rank,
                state: row.state,
                listed: row.listed,
                called_at: row.called_at.map(Instant::from),
                last_disposition: row.last_disposition,
            })
            .collect(),
        encounters: encounters
            .into_iter()
            .map(|row| EncounterShown {
                id: row.id,
                visit_no: row.visit_no,
                kind: row.kind,
                department: row.department,
                ward: row.ward,
                doctor: row.doctor,
                admitted_at: row.admitted_at.map(Instant::from),
                discharged_at: row.discharged_at.map(Instant::from),
                diagnoses: row.diagnoses,
            })
            .collect(),
        cases: cases(&known, console.zone),
        attempts: attempts.into_iter().map(attempt).collect::<Result<_, _>>()?,
        answers: answers
            .into_iter()
            .map(|row| AnswerShown {
                id: row.id,
                attempt_id: row.attempt_id,
                question: row.question,
                title: row.title.filter(|title| !title.is_empty()),
                kind: row.kind,
                value: row.value,
                label: row.label,
                keys: row.keys,
                at: row.at.into(),
            })
            .collect(),
        do_not_call: barred.into_iter().map(BarredEntry::of).collect(),
        notes: notes
            .into_iter()
            .map(|row| NoteShown {
                id: row.id,
                at: row.at.into(),
                who: row.who,
                text: row.text,
            })
            .collect(),
    }))
}

/// What comes next: of the open follow-up that is looked at first, else how the latest one ended, else why there is none.
fn next(known: &Known, zone: chrono_tz::Tz) -> (Said, Option<Instant>) {
    let open = known.cases.iter().filter(|case| case.closed.is_none());
    let first = open.min_by_key(|case| case.next_at);
    let told = |language| match first.or(known.cases.first()) {
        Some(case) => why::sentence(case, zone, language),
        None => why::answer(known.clone(), zone, language).sentence.unwrap_or_default(),
    };
    let said = Said {
        zh: told(Language::Zh),
        en: told(Language::En),
    };
    (said, first.map(|case| case.next_at.into()))
}

fn states(known: &Known) -> Vec<PatientStateShown> {
    let states = known.patient.states.iter();
    states
        .map(|held| PatientStateShown {
            state: held.state.as_str().to_owned(),
            since_at: held.since.map(Instant::from),
            until_at: held.until.map(Instant::from),
            source: held.source.clone(),
        })
        .collect()
}

fn cases(known: &Known, zone: chrono_tz::Tz) -> Vec<CaseShown> {
    let cases = known.cases.iter();
    cases
        .map(|case| CaseShown {
            id: case.case.0,
            campaign: case.campaign.clone(),
            visit_no: mask_no(&case.visit_no),
            department: case.department.clone(),
            due_at: case.due.into(),
            next_at: case.next_at.into(),
            deadline_at: case.deadline.map(Instant::from),
            appointment_at: case.appointment.map(Instant::from),
            outcome: case.closed.map(|closed| closed.outcome.as_str()),
            closed_at: case.closed.map(|closed| closed.at.into()),
            counted: case.counted,
            budget: case.budget,
            sentence: Said {
                zh: why::sentence(case, zone, Language::Zh),
                en: why::sentence(case, zone, Language::En),
            },
        })
        .collect()
}

fn attempt(row: AttemptRow) -> Result<AttemptShown, Problem> {
    let disposition = row.disposition.as_deref().and_then(Disposition::parse);
    let facts = row.facts()?;
    let told = why::told(row.direction()?, disposition, row.rule.as_deref(), facts.as_ref());
    Ok(AttemptShown {
        id: row.id,
        case_id: row.case_id,
        begun_at: row.begun_at.into(),
        answered_at: row.answered_at.map(Instant::from),
        ended_at: row.ended_at.map(Instant::from),
        sentence: told.into(),
        number: row.number,
        trunk: row.trunk,
        disposition: row.disposition,
        counted: row.counted,
        recording_ms: row.recording_ms,
        recording_deleted_at: row.purged_at.map(Instant::from),
    })
}
