//! `GET /api/calls/{id}`: one call with everything that the replay page shows at once.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::comments::Flag;
use super::shown::{Audio, CallId, Ending, Named, ReviewState, at, mask_code};
use super::timeline::Timeline;
use crate::access::Action;
use crate::dialplan;
use crate::http::Problem;
use crate::http::console::{Console, Seat};
use crate::moment::Wall;
use crate::outcome::{Language, NOTHING_KNOWN, RULES, Verdict, explain};
use crate::pii::mask_name;
use crate::store::NOBODY;
use crate::store::console::lines::Sound;
use crate::store::console::timeline::CallRecord;

pub(super) fn routes() -> OpenApiRouter<Console> {
    OpenApiRouter::new().routes(routes!(show))
}

/// A call.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Call {
    /// The attempt's id.
    id: i64,
    /// The case's id; none for a call by hand.
    case: Option<i64>,
    patient: Option<Patient>,
    encounter: Option<Encounter>,
    campaign: Option<Named>,
    /// Which follow-up of the encounter in the campaign, from 1.
    round: Option<i64>,
    /// Which attempt of the case, from 1.
    ordinal: i64,
    trunk: String,
    dialplan: DialplanVersion,
    begun_at: String,
    answered_at: Option<String>,
    ended_at: Option<String>,
    /// From the answer to the end by the signalling.
    talk_ms: Option<i64>,
    /// How it ended; none while it is under way.
    ending: Option<Ending>,
    /// Why it ended so, in one plain sentence each.
    why: Option<Why>,
    /// The attempt whose unfinished questionnaire it went on with.
    resumed_from: Option<i64>,
    /// When what leads to a person was taken out of it.
    cleaned_at: Option<String>,
    flags: Vec<Flag>,
    review: ReviewState,
    recording: Recording,
    timeline: Timeline,
}

/// Whom the call was for, masked.
#[derive(Debug, Serialize, ToSchema)]
struct Patient {
    id: i64,
    /// The name, masked.
    name: Option<String>,
    /// `male` or `female`.
    sex: Option<String>,
    /// The age in years on the day of the call, or as the list had it.
    age: Option<String>,
    /// The number dialed, masked; none once it was taken out.
    number: Option<String>,
    /// Whose telephone it is: `self` or `kin`.
    owner: Option<String>,
}

/// The visit that the call follows up.
#[derive(Debug, Serialize, ToSchema)]
struct Encounter {
    /// Its number, masked.
    visit: Option<String>,
    /// `inpatient`, `outpatient`, `emergency`.
    kind: Option<String>,
    department: Option<String>,
    doctor: Option<String>,
    admitted_at: Option<String>,
    discharged_at: Option<String>,
    /// Whole days from the discharge to the call.
    days_after: Option<i64>,
}

/// What was asked.
#[derive(Debug, Serialize, ToSchema)]
struct DialplanVersion {
    /// The content hash.
    hash: String,
    file: String,
    title: Option<String>,
}

/// Why a call ended so.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallWhy)]
struct Why {
    zh: String,
    en: String,
    /// The rule that fired.
    rule: String,
}

/// The recording, and how whole it is.
#[derive(Debug, Serialize, ToSchema)]
struct Recording {
    audio: Audio,
    /// When it was deleted, or since when it is missing.
    audio_since: Option<String>,
    length_ms: Option<i64>,
    /// Of the patient's channel, without a packet.
    gap_ms: Option<i64>,
    /// Of the file, as it was closed.
    sha256: Option<String>,
    /// The recording's length less the talk by the signalling.
    difference_ms: Option<i64>,
    /// Whether the file has been compared with its hash since the daemon started. The first audio or peaks do it.
    hash: HashCheck,
}

/// Whether a file is the one that its row describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum HashCheck {
    /// Nobody has looked yet.
    Unchecked,
    /// It is the same to the octet.
    Matches,
    /// It is another one.
    Differs,
}

/// Shows one call: head, ending, recording, timeline.
#[utoipa::path(
    get,
    path = "/api/calls/{id}",
    tag = "calls",
    params(("id" = i64, Path, description = "The attempt's id.")),
    responses(
        (status = 200, body = Call),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(console): State<Console>,
    seat: Seat,
    CallId(id): CallId,
) -> Result<Json<Call>, Problem> {
    let call = super::call(&console, &seat, Action::SeeCalls, id).await?;
    let reader = console.office.store().reader();
    let keys = reader.call_keys(call.attempt).await?;
    let answers = reader.call_answers(call.attempt).await?;
    let flags = reader.call_flags(call.attempt).await?;
    let timeline = Timeline::of(&call, &keys, &answers);
    Ok(Json(Call {
        id: call.attempt.0,
        case: call.case.map(|case| case.0),
        patient: patient(&call, &console),
        encounter: encounter(&call),
        campaign: call.campaign.clone().map(|(id, name)| Named { id: id.0, name }),
        round: call.round,
        ordinal: call.ordinal,
        trunk: call.trunk.clone(),
        dialplan: DialplanVersion {
            hash: call.dialplan.hash.clone(),
            file: call.dialplan.file.clone(),
            title: dialplan::parse(&call.dialplan.text)
                .ok()
                .map(|plan| plan.title().to_owned()),
        },
        begun_at: at(call.begun),
        answered_at: call.answered.map(at),
        ended_at: call.ended.map(at),
        talk_ms: talk_ms(&call),
        ending: call.disposition.map(Ending::of),
        why: why(&call),
        resumed_from: call.resumed_from.map(|attempt| attempt.0),
        cleaned_at: call.cleaned.map(at),
        flags: flags.into_iter().map(Flag::from).collect(),
        review: ReviewState::of(&call.review),
        recording: recording(&call, &console),
        timeline,
    }))
}

fn talk_ms(call: &CallRecord) -> Option<i64> {
    let (answered, ended) = call.answered.zip(call.ended)?;
    Some((ended.millis() - answered.millis()).max(0))
}

fn day(time: Wall, console: &Console) -> Option<NaiveDate> {
    let time = DateTime::from_timestamp_millis(time.millis())?;
    Some(time.with_timezone(&console.zone).date_naive())
}

fn patient(call: &CallRecord, console: &Console) -> Option<Patient> {
    let born = call
        .birth
        .reveal()
        .as_deref()
        .and_then(|birth| birth.parse::<NaiveDate>().ok());
    let years = born
        .zip(day(call.begun, console))
        .and_then(|(born, day)| day.years_since(born));
    Some(Patient {
        id: call.patient?.0,
        name: call.name.reveal().as_deref().map(mask_name),
        sex: call.sex.clone(),
        age: years.map(|years| years.to_string()).or_else(|| call.age.clone()),
        number: (call.number.reveal() != NOBODY).then(|| call.number.masked()),
        owner: call.owner.clone(),
    })
}

fn encounter(call: &CallRecord) -> Option<Encounter> {
    const DAY_MS: i64 = 86_400_000;
    call.case?;
    Some(Encounter {
        visit: call.visit_no.reveal().as_deref().map(mask_code),
        kind: call.kind.clone(),
        department: call.department.clone(),
        doctor: call.doctor.clone(),
        admitted_at: call.admitted.map(at),
        discharged_at: call.discharged.map(at),
        days_after: call
            .discharged
            .map(|from| (call.begun.millis() - from.millis()).div_euclid(DAY_MS)),
    })
}

/// The sentence of the verdict that was stored: a later table of rules changes no old call's words but its own.
pub(super) fn verdict(call: &CallRecord) -> Option<Verdict> {
    let (disposition, rule) = (call.disposition?, call.rule.as_deref()?);
    let rule = RULES.iter().find(|known| known.id == rule).unwrap_or(&NOTHING_KNOWN);
    Some(Verdict {
        disposition,
        rule: rule.id,
        why: rule.en,
        why_zh: rule.zh,
    })
}

fn why(call: &CallRecord) -> Option<Why> {
    let verdict = verdict(call)?;
    let facts = call.facts.clone().unwrap_or_default();
    let (paused_zh, paused_en) = paused(call);
    Some(Why {
        zh: explain(&facts, &verdict, Language::Zh) + &paused_zh,
        en: explain(&facts, &verdict, Language::En) + &paused_en,
        rule: call.rule.clone()?,
    })
}

/// That the recording was paused, as a sentence; nothing where it was not.
fn paused(call: &CallRecord) -> (String, String) {
    let pauses = call.recording.as_ref().map_or(&[][..], |recording| &recording.pauses);
    if pauses.is_empty() {
        return (String::new(), String::new());
    }
    let times = pauses.len();
    let length: i64 = pauses.iter().map(|(from, to)| to - from).sum();
    let (whole, tenths) = (length / 1_000, length % 1_000 / 100);
    (
        format!("录音按要求暂停 {times} 次，共 {whole}.{tenths} 秒，时间轴未变。"),
        format!(" The recording was paused {times} times, {whole}.{tenths} s in all; its time line goes on."),
    )
}

fn recording(call: &CallRecord, console: &Console) -> Recording {
    let facts = call.recording.as_ref();
    let length_ms = facts.map(|recording| recording.duration_ms);
    Recording {
        audio: call.sound.into(),
        audio_since: match call.sound {
            Sound::Purged { at: since } | Sound::Missing { since } => Some(at(since)),
            Sound::Kept | Sound::None => None,
        },
        length_ms,
        gap_ms: facts.map(|recording| recording.gap_ms),
        sha256: facts.map(|recording| recording.sha256.clone()),
        difference_ms: length_ms.zip(talk_ms(call)).map(|(length, talk)| length - talk),
        hash: facts.map_or(HashCheck::Unchecked, |recording| {
            match console.office.is_recording_whole(&recording.path, &recording.sha256) {
                None => HashCheck::Unchecked,
                Some(true) => HashCheck::Matches,
                Some(false) => HashCheck::Differs,
            }
        }),
    }
}
