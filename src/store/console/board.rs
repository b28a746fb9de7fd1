//! What tonight's board reads: the attempts of a night from a place on, never the whole table, and counts out of an index.

use crate::ids::{AttemptId, CampaignId, CaseId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::store::dialplan::parse_questions;
use crate::store::finish::disposition_of;
use crate::store::{Error, Question, Reader};

/// So many attempts are read at a time.
pub const PAGE: usize = 2_000;

/// An attempt of a campaign, and where its case stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NightAttempt {
    /// Which.
    pub attempt: AttemptId,
    /// Of which case.
    pub case: CaseId,
    /// Of which campaign.
    pub campaign: CampaignId,
    /// Over which trunk, by name.
    pub trunk: String,
    /// When it began.
    pub begun_at: Wall,
    /// When it was answered.
    pub answered_at: Option<Wall>,
    /// How and when it ended; none while it is under way.
    pub ended: Option<(Disposition, Wall)>,
    /// INVITE to the first ringing, in milliseconds.
    pub pdd_ms: Option<u32>,
    /// Whether its case is closed by now.
    pub closed: bool,
    /// When its case is tried again, while it is open.
    pub next_at: Wall,
}

/// An answer of a night, for whoever looks for low scores.
#[derive(Clone, Debug, PartialEq)]
pub struct NightAnswer {
    /// In which attempt.
    pub attempt: AttemptId,
    /// Of which case.
    pub case: CaseId,
    /// To which question, by its id.
    pub question: String,
    /// The value.
    pub value: i64,
    /// When.
    pub at: Wall,
    /// The content hash of the dialplan that asked.
    pub dialplan: String,
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    id: i64,
    case_id: i64,
    campaign_id: i64,
    trunk: String,
    begun_at: i64,
    answered_at: Option<i64>,
    ended_at: Option<i64>,
    disposition: Option<String>,
    pdd_ms: Option<i64>,
    closed: bool,
    next_at: i64,
}

/// The first attempt from a row on: `$1` the row.
pub(in crate::store) const AT: &str = "select id, begun_at from attempt where id >= $1 order by id limit 1";

/// `$1` the first row, `$2` how many. Test calls have no case and are not among them, nor are calls to us.
pub(in crate::store) const ATTEMPTS: &str = "
select a.id, a.case_id, c.campaign_id, a.trunk, a.begun_at, a.answered_at, a.ended_at, a.disposition,
    a.facts ->> '$.pdd_ms' as pdd_ms, c.state = 'closed' as closed, c.next_at
from attempt a cross join cases c on c.id = a.case_id
where a.id >= $1 and a.direction = 'out' order by a.id limit $2";

/// Open cases of a campaign, `$1`, that may be tried before `$2`: counted in an index.
pub(in crate::store) const OPEN_DUE: &str =
    "select count(*) from cases where campaign_id = $1 and state = 'open' and next_at < $2";

/// The answers of these attempts, `$1` as a list in JSON.
pub(in crate::store) const ANSWERS: &str = "
select w.attempt_id, a.case_id, w.question, w.value, w.at, a.dialplan_hash
from json_each($1) asked cross join attempt a on a.id = asked.value cross join answer w on w.attempt_id = a.id
where w.kind = 'value' and a.case_id is not null";

type AnswerRow = (i64, i64, String, i64, i64, String);

impl Reader {
    /// The first attempt that began at or after a time, or the one that will: found by halving, as ids follow time.
    pub async fn first_attempt_since(&self, since: Wall) -> Result<AttemptId, Error> {
        let last: Option<i64> = sqlx::query_scalar("select max(id) from attempt")
            .fetch_one(self.pool())
            .await?;
        // All before `low` began earlier, all from `high` on did not.
        let (mut low, mut high) = (1, last.unwrap_or_default() + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            let found: Option<(i64, i64)> = sqlx::query_as(AT).bind(middle).fetch_optional(self.pool()).await?;
            match found {
                Some((id, at)) if at < since.millis() => low = id + 1,
                Some(_) | None => high = middle,
            }
        }
        Ok(AttemptId(low))
    }

    /// The attempts from a row on with where their cases stand, [`PAGE`] of them at the most, the earliest first.
    pub async fn attempts_from(&self, first: AttemptId) -> Result<Vec<NightAttempt>, Error> {
        let rows: Vec<AttemptRow> = sqlx::query_as(ATTEMPTS)
            .bind(first.0)
            .bind(i64::try_from(PAGE).unwrap_or(i64::MAX))
            .fetch_all(self.pool())
            .await?;
        let attempt = |row: AttemptRow| {
            let ended = row.disposition.as_deref().map(disposition_of).transpose()?;
            Ok(NightAttempt {
                attempt: AttemptId(row.id),
                case: CaseId(row.case_id),
                campaign: CampaignId(row.campaign_id),
                trunk: row.trunk,
                begun_at: Wall::from_millis(row.begun_at),
                answered_at: row.answered_at.map(Wall::from_millis),
                ended: ended.zip(row.ended_at.map(Wall::from_millis)),
                pdd_ms: row.pdd_ms.and_then(|ms| u32::try_from(ms).ok()),
                closed: row.closed,
                next_at: Wall::from_millis(row.next_at),
            })
        };
        rows.into_iter().map(attempt).collect()
    }

    /// How many open cases of a campaign may be tried before a time.
    pub async fn open_due(&self, campaign: CampaignId, before: Wall) -> Result<u64, Error> {
        let count = sqlx::query_scalar(OPEN_DUE).bind(campaign.0).bind(before.millis());
        Ok(count.fetch_one(self.pool()).await?)
    }

    /// What was answered in these attempts.
    pub async fn answers_in(&self, attempts: &[AttemptId]) -> Result<Vec<NightAnswer>, Error> {
        let ids = serde_json::to_string(attempts).unwrap_or_default();
        let rows: Vec<AnswerRow> = sqlx::query_as(ANSWERS).bind(ids).fetch_all(self.pool()).await?;
        let answer = |(attempt, case, question, value, at, dialplan)| NightAnswer {
            attempt: AttemptId(attempt),
            case: CaseId(case),
            question,
            value,
            at: Wall::from_millis(at),
            dialplan,
        };
        Ok(rows.into_iter().map(answer).collect())
    }

    /// The questions of a dialplan, without its text; none if it is not there.
    pub async fn questions_of(&self, hash: &str) -> Result<Vec<Question>, Error> {
        let found: Option<String> = sqlx::query_scalar("select questions from dialplan where hash = $1")
            .bind(hash)
            .fetch_optional(self.pool())
            .await?;
        found.as_deref().map_or_else(|| Ok(Vec::new()), parse_questions)
    }
}
