//! One call as replay shows it: who and what, every key, every answer, the recording's row.

use super::Visible;
use super::lines::Sound;
use crate::ids::{AttemptId, CampaignId, CaseId, PatientId};
use crate::moment::Wall;
use crate::outcome::{Disposition, Facts};
use crate::phone::{Key, Number};
use crate::pii::Pii;
use crate::store::finish::disposition_of;
use crate::store::{Error, Reader};

/// A call with everything around it.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRecord {
    /// The attempt.
    pub attempt: AttemptId,
    /// Its case; none for a call by hand.
    pub case: Option<CaseId>,
    /// Whose.
    pub patient: Option<PatientId>,
    /// The name.
    pub name: Pii<Option<String>>,
    /// `male` or `female`.
    pub sex: Option<String>,
    /// The day of birth as the list had it.
    pub birth: Pii<Option<String>>,
    /// The age as the list had it.
    pub age: Option<String>,
    /// The visit's number.
    pub visit_no: Pii<Option<String>>,
    /// What kind of visit.
    pub kind: Option<String>,
    /// The department at the time of the call.
    pub department: Option<String>,
    /// The doctor at the time of the call.
    pub doctor: Option<String>,
    /// The admission.
    pub admitted: Option<Wall>,
    /// The discharge.
    pub discharged: Option<Wall>,
    /// The campaign.
    pub campaign: Option<(CampaignId, String)>,
    /// Which follow-up of the encounter in the campaign.
    pub round: Option<i64>,
    /// The number dialed; nobody's, once it was taken out.
    pub number: Number,
    /// Whose telephone it is: `self`, `kin`.
    pub owner: Option<String>,
    /// Over which trunk.
    pub trunk: String,
    /// Which attempt of its case, from 1.
    pub ordinal: i64,
    /// When it was written down.
    pub begun: Wall,
    /// When the 200 came: the recording begins there.
    pub answered: Option<Wall>,
    /// When it ended.
    pub ended: Option<Wall>,
    /// How.
    pub disposition: Option<Disposition>,
    /// The rule that said so.
    pub rule: Option<String>,
    /// What happened.
    pub facts: Option<Facts>,
    /// The same as it is stored.
    pub raw: Option<String>,
    /// What was noted of it while it was up, as JSON.
    pub dialog: Option<String>,
    /// The dialplan by content hash, with its file and text.
    pub dialplan: CallDialplan,
    /// The attempt whose unfinished questionnaire it went on with.
    pub resumed_from: Option<AttemptId>,
    /// When what leads to a person was taken out of it.
    pub cleaned: Option<Wall>,
    /// Its recording.
    pub recording: Option<RecordingFacts>,
    /// How that is.
    pub sound: Sound,
    /// What it sounded like.
    pub media: CallMedia,
    /// How far its review is.
    pub review: String,
    /// The agent who made it.
    pub account: Option<i64>,
}

/// A dialplan as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallDialplan {
    /// Its content hash.
    pub hash: String,
    /// The file it came from.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// The row of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingFacts {
    /// The file, relative to the data folder.
    pub path: String,
    /// Its length in milliseconds.
    pub duration_ms: i64,
    /// Milliseconds of the patient's channel for which no packet came.
    pub gap_ms: i64,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Where it is silent because it was paused: from and to, in milliseconds, in order.
    pub pauses: Vec<(i64, i64)>,
}

/// What was counted of the sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct CallMedia {
    /// RTP packets sent.
    pub packets_sent: i64,
    /// RTP packets taken.
    pub packets_received: i64,
    /// RTP packets missing.
    pub packets_lost: i64,
    /// The longest time without a packet, in milliseconds.
    pub gap_ms_max: i64,
    /// Mean jitter, in milliseconds.
    pub jitter_ms: Option<i64>,
    /// Mean round trip, in milliseconds.
    pub rtt_ms: Option<i64>,
    /// Packets of ours that the far end missed.
    pub remote_lost: Option<i64>,
    /// Mean jitter that the far end reported, in milliseconds.
    pub remote_jitter_ms: Option<i64>,
}

/// A key press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallKey {
    /// Its place, from 1.
    pub seq: i64,
    /// Which.
    pub key: Key,
    /// When, in milliseconds of the recording.
    pub at_ms: i64,
    /// `telephone_event` or `info`.
    pub source: String,
    /// The prompt that played.
    pub during: Option<String>,
    /// The question that was open.
    pub question: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CallAnswer {
    /// To which question.
    pub question: String,
    /// `value`, `refused`, `silent`, `invalid`.
    pub kind: String,
    /// The value.
    pub value: Option<i64>,
    /// What it means.
    pub label: Option<String>,
    /// The keys that made it.
    pub keys: String,
    /// The keep that wrote it; a key of this number completed it.
    pub keep_seq: i64,
    /// When it was written, in milliseconds since 1970.
    pub at: i64,
    /// Who gave it: `patient` or `agent`.
    pub source: String,
    /// What it is worth, 0 to 100.
    pub points: Option<i64>,
    /// Where what was said begins, in milliseconds of the recording.
    pub audio_from_ms: Option<i64>,
    /// Where it ends.
    pub audio_to_ms: Option<i64>,
}

/// What is read of a call by its id.
pub(in crate::store) const CALL: &str = "
select a.id, a.case_id, a.digits, a.trunk, a.ordinal, a.begun_at, a.answered_at, a.ended_at, a.disposition, a.rule,
    a.facts, a.dialog, a.dialplan_hash, d.file, d.text, a.resumed_from, a.cleaned_at,
    c.campaign_id, c.round, m.name as campaign, e.visit_no, e.kind, e.admitted_at, e.discharged_at,
    case when l.attempt_id is null then e.department else l.department end as department,
    case when l.attempt_id is null then e.doctor else l.doctor end as doctor,
    e.patient_id, p.name, p.sex, p.birth, p.age, n.owner, l.review, l.account_id,
    r.path, r.duration_ms, r.gap_ms, r.sha256, r.purged_at, r.missing_since,
    (select json_group_array(json_array(x.offset_ms, x.offset_ms + x.length_ms)) from recording_pause x
        where x.attempt_id = a.id) as pauses,
    a.packets_sent, a.packets_received, a.packets_lost, a.gap_ms_max, a.jitter_ms, a.rtt_ms, a.remote_lost,
    a.remote_jitter_ms
from attempt a join dialplan d on d.hash = a.dialplan_hash
left join replay l on l.attempt_id = a.id
left join cases c on c.id = a.case_id
left join campaign m on m.id = c.campaign_id
left join encounter e on e.id = c.encounter_id
left join patient p on p.id = e.patient_id
left join number n on n.id = a.number_id
left join recording r on r.attempt_id = a.id
where a.id = $1";

/// The answers of a call, with what they are worth.
pub(in crate::store) const ANSWERS: &str = "
select w.question, w.kind, w.value, w.label, w.keys, w.keep_seq, w.at, w.source, v.points, w.audio_from_ms, w.audio_to_ms
from answer w join attempt a on a.id = w.attempt_id
left join worth v on v.dialplan_hash = a.dialplan_hash and v.question = w.question and v.value = w.value
where w.attempt_id = $1 order by w.keep_seq, w.id";

type KeyRow = (i64, String, i64, String, Option<String>, Option<String>);

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    case_id: Option<i64>,
    digits: String,
    trunk: String,
    ordinal: i64,
    begun_at: i64,
    answered_at: Option<i64>,
    ended_at: Option<i64>,
    disposition: Option<String>,
    rule: Option<String>,
    facts: Option<String>,
    dialog: Option<String>,
    dialplan_hash: String,
    file: String,
    text: String,
    resumed_from: Option<i64>,
    cleaned_at: Option<i64>,
    campaign_id: Option<i64>,
    round: Option<i64>,
    campaign: Option<String>,
    visit_no: Option<String>,
    kind: Option<String>,
    admitted_at: Option<i64>,
    discharged_at: Option<i64>,
    department: Option<String>,
    doctor: Option<String>,
    patient_id: Option<i64>,
    name: Option<String>,
    sex: Option<String>,
    birth: Option<String>,
    age: Option<String>,
    owner: Option<String>,
    review: Option<String>,
    account_id: Option<i64>,
    path: Option<String>,
    duration_ms: Option<i64>,
    gap_ms: Option<i64>,
    sha256: Option<String>,
    purged_at: Option<i64>,
    missing_since: Option<i64>,
    pauses: String,
    #[sqlx(flatten)]
    media: CallMedia,
}

impl Reader {
    /// A call, unless it is not there for whoever asks.
    pub async fn call(&self, attempt: AttemptId, visible: &Visible) -> Result<Option<CallRecord>, Error> {
        let row: Option<Row> = sqlx::query_as(CALL).bind(attempt.0).fetch_optional(self.pool()).await?;
        let seen = row.filter(|row| visible.sees(row.department.as_deref(), row.account_id));
        seen.map(Row::record).transpose()
    }

    /// The keys of a call in order.
    pub async fn call_keys(&self, attempt: AttemptId) -> Result<Vec<CallKey>, Error> {
        let rows: Vec<KeyRow> = sqlx::query_as(
            "select seq, key, at_ms, source, during, question from pressed_key where attempt_id = $1 order by seq",
        )
        .bind(attempt.0)
        .fetch_all(self.pool())
        .await?;
        rows.into_iter()
            .map(|(seq, key, at_ms, source, during, question)| {
                let pressed = key.chars().next().and_then(Key::from_char);
                Ok(CallKey {
                    seq,
                    key: pressed.ok_or_else(|| Error::stored("pressed_key.key", key))?,
                    at_ms,
                    source,
                    during,
                    question,
                })
            })
            .collect()
    }

    /// The answers of a call in the order they were given.
    pub async fn call_answers(&self, attempt: AttemptId) -> Result<Vec<CallAnswer>, Error> {
        Ok(sqlx::query_as(ANSWERS).bind(attempt.0).fetch_all(self.pool()).await?)
    }
}

impl Row {
    fn record(self) -> Result<CallRecord, Error> {
        let facts = self.facts.as_deref().map(serde_json::from_str).transpose();
        let mut pauses: Vec<(i64, i64)> =
            serde_json::from_str(&self.pauses).map_err(|why| Error::stored("recording_pause", why))?;
        pauses.sort_unstable();
        let recording = match (self.path, self.duration_ms, self.gap_ms, self.sha256) {
            (Some(path), Some(duration_ms), Some(gap_ms), Some(sha256)) => Some(RecordingFacts {
                path,
                duration_ms,
                gap_ms,
                sha256,
                pauses,
            }),
            _ => None,
        };
        Ok(CallRecord {
            attempt: AttemptId(self.id),
            case: self.case_id.map(CaseId),
            patient: self.patient_id.map(PatientId),
            name: Pii::new(self.name),
            sex: self.sex,
            birth: Pii::new(self.birth),
            age: self.age,
            visit_no: Pii::new(self.visit_no),
            kind: self.kind,
            department: self.department,
            doctor: self.doctor,
            admitted: self.admitted_at.map(Wall::from_millis),
            discharged: self.discharged_at.map(Wall::from_millis),
            campaign: self.campaign_id.map(CampaignId).zip(self.campaign),
            round: self.round,
            number: Number::parse(&self.digits).map_err(|why| Error::stored("attempt.digits", why))?,
            owner: self.owner,
            trunk: self.trunk,
            ordinal: self.ordinal,
            begun: Wall::from_millis(self.begun_at),
            answered: self.answered_at.map(Wall::from_millis),
            ended: self.ended_at.map(Wall::from_millis),
            disposition: self.disposition.as_deref().map(disposition_of).transpose()?,
            rule: self.rule,
            facts: facts.map_err(|why| Error::stored("attempt.facts", why))?,
            raw: self.facts,
            dialog: self.dialog,
            dialplan: CallDialplan {
                hash: self.dialplan_hash,
                file: self.file,
                text: self.text,
            },
            resumed_from: self.resumed_from.map(AttemptId),
            cleaned: self.cleaned_at.map(Wall::from_millis),
            sound: Sound::of(recording.is_some(), self.purged_at, self.missing_since),
            recording,
            media: self.media,
            review: self.review.unwrap_or_else(|| "none".to_owned()),
            account: self.account_id,
        })
    }
}
