//! The rows of the page of recordings: what is shown of a call in one line.

use crate::ids::{AttemptId, CampaignId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::pii::Pii;
use crate::store::finish::disposition_of;
use crate::store::{Error, Reader};

/// A row of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRow {
    /// The attempt.
    pub attempt: AttemptId,
    /// When it was answered, else begun.
    pub at: Wall,
    /// Whether somebody answered.
    pub is_answered: bool,
    /// The patient's name.
    pub name: Pii<Option<String>>,
    /// The visit's number.
    pub visit_no: Pii<Option<String>>,
    /// The department.
    pub department: Option<String>,
    /// The doctor.
    pub doctor: Option<String>,
    /// The campaign.
    pub campaign: Option<(CampaignId, String)>,
    /// How it ended; none while it is under way.
    pub disposition: Option<Disposition>,
    /// The points of its lowest answer.
    pub lowest: Option<i64>,
    /// How long it was.
    pub length_ms: Option<i64>,
    /// How far its review is.
    pub review: String,
    /// How its recording is.
    pub sound: Sound,
    /// Its flags.
    pub flags: Vec<String>,
    /// Its scored answers in the order in which they were given.
    pub scores: Vec<ScoreRow>,
}

/// A scored answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreRow {
    /// The question.
    pub question: String,
    /// The keys that made it.
    pub keys: String,
    /// What it means.
    pub label: Option<String>,
    /// What it is worth.
    pub points: i64,
}

/// How a recording is, by its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// It should be there.
    Kept,
    /// Removed by a rule, or with its patient.
    Purged {
        /// When.
        at: Wall,
    },
    /// The file was looked for and not found.
    Missing {
        /// Since when.
        since: Wall,
    },
    /// There never was one.
    None,
}

impl Sound {
    /// By the columns of the row, if there is one.
    pub(super) fn of(has_row: bool, purged_at: Option<i64>, missing_since: Option<i64>) -> Self {
        match (has_row, purged_at, missing_since) {
            (false, _, _) => Self::None,
            (true, Some(at), _) => Self::Purged {
                at: Wall::from_millis(at),
            },
            (true, None, Some(since)) => Self::Missing {
                since: Wall::from_millis(since),
            },
            (true, None, None) => Self::Kept,
        }
    }
}

#[derive(sqlx::FromRow)]
struct Line {
    id: i64,
    at: i64,
    is_answered: bool,
    name: Option<String>,
    visit_no: Option<String>,
    department: Option<String>,
    doctor: Option<String>,
    campaign_id: Option<i64>,
    campaign: Option<String>,
    disposition: Option<String>,
    lowest: Option<i64>,
    length_ms: Option<i64>,
    review: Option<String>,
    has_row: bool,
    purged_at: Option<i64>,
    missing_since: Option<i64>,
}

/// The rows of a page.
pub(in crate::store) const LINES: &str = "
select a.id, coalesce(a.answered_at, a.begun_at) as at, a.answered_at is not null as is_answered, p.name, e.visit_no,
    case when l.attempt_id is null then e.department else l.department end as department,
    case when l.attempt_id is null then e.doctor else l.doctor end as doctor, c.campaign_id,
    m.name as campaign, a.disposition, l.lowest, coalesce(l.length_ms, a.ended_at - a.answered_at) as length_ms, l.review,
    r.attempt_id is not null as has_row, r.purged_at, r.missing_since
from json_each($1) k join attempt a on a.id = k.value
left join replay l on l.attempt_id = a.id
left join cases c on c.id = a.case_id
left join campaign m on m.id = c.campaign_id
left join encounter e on e.id = c.encounter_id
left join patient p on p.id = e.patient_id
left join recording r on r.attempt_id = a.id
order by k.key";

/// The scored answers of the calls of a page.
pub(in crate::store) const SCORES: &str = "
select w.attempt_id, w.question, w.keys, w.label, v.points
from json_each($1) k join attempt a on a.id = k.value join answer w on w.attempt_id = a.id
join worth v on v.dialplan_hash = a.dialplan_hash and v.question = w.question and v.value = w.value
where w.kind = 'value' order by k.key, w.keep_seq, w.id";

/// The flags of the calls of a page.
pub(in crate::store) const FLAGGED: &str = "
select f.attempt_id, f.flag from json_each($1) k join call_flag f on f.attempt_id = k.value order by k.key, f.flag";

impl Reader {
    /// The rows of these calls, in their order.
    pub async fn call_rows(&self, calls: &[AttemptId]) -> Result<Vec<CallRow>, Error> {
        let ids: Vec<String> = calls.iter().map(|call| call.0.to_string()).collect();
        let ids = format!("[{}]", ids.join(","));
        let lines: Vec<Line> = sqlx::query_as(LINES).bind(&ids).fetch_all(self.pool()).await?;
        let scores: Vec<(i64, String, String, Option<String>, i64)> =
            sqlx::query_as(SCORES).bind(&ids).fetch_all(self.pool()).await?;
        let flags: Vec<(i64, String)> = sqlx::query_as(FLAGGED).bind(&ids).fetch_all(self.pool()).await?;
        let mut rows = Vec::with_capacity(lines.len());
        for line in lines {
            let id = line.id;
            rows.push(CallRow {
                attempt: AttemptId(id),
                at: Wall::from_millis(line.at),
                is_answered: line.is_answered,
                name: Pii::new(line.name),
                visit_no: Pii::new(line.visit_no),
                department: line.department,
                doctor: line.doctor,
                campaign: line.campaign_id.map(CampaignId).zip(line.campaign),
                disposition: line.disposition.as_deref().map(disposition_of).transpose()?,
                lowest: line.lowest,
                length_ms: line.length_ms,
                review: line.review.unwrap_or_else(|| "none".to_owned()),
                sound: Sound::of(line.has_row, line.purged_at, line.missing_since),
                flags: flags
                    .iter()
                    .filter(|(of, _)| *of == id)
                    .map(|(_, flag)| flag.clone())
                    .collect(),
                scores: scores
                    .iter()
                    .filter(|(of, ..)| *of == id)
                    .map(|(_, question, keys, label, points)| ScoreRow {
                        question: question.clone(),
                        keys: keys.clone(),
                        label: label.clone(),
                        points: *points,
                    })
                    .collect(),
            });
        }
        Ok(rows)
    }
}

impl Reader {
    /// The names of campaigns by row.
    pub async fn campaign_names(&self) -> Result<std::collections::BTreeMap<i64, String>, Error> {
        let rows: Vec<(i64, String)> = sqlx::query_as("select id, name from campaign")
            .fetch_all(self.pool())
            .await?;
        Ok(rows.into_iter().collect())
    }
}
