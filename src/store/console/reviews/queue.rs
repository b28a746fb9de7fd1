//! The queue: what is to be judged next, by whom and by when; and the counts above it.

use sqlx::{FromRow, QueryBuilder, Sqlite};

use super::{State, hidden, seen};
use crate::moment::Wall;
use crate::pii::mask_name;
use crate::store::console::Visible;
use crate::store::console::scorecards::Mark;
use crate::store::{Error, Reader};

/// Which reviews are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// Mine that are not signed.
    Mine,
    /// Of a sample; of the latest one if none is named.
    Sample,
    /// Appeals that are not signed.
    Appeals,
    /// Second opinions that are not signed.
    Double,
    /// Every signed one.
    Signed,
}

/// A review in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// The review.
    pub id: i64,
    /// The attempt.
    pub call: i64,
    /// When it was answered.
    pub at: Wall,
    /// The patient's name, masked.
    pub patient: Option<String>,
    /// The department.
    pub department: Option<String>,
    /// The doctor.
    pub doctor: Option<String>,
    /// The campaign's name.
    pub campaign: String,
    /// How the attempt ended.
    pub disposition: String,
    /// The points of the lowest answer.
    pub lowest: Option<u32>,
    /// How long it talked, in milliseconds.
    pub length_ms: i64,
    /// `sample`, `own`, `second` or `appeal`.
    pub kind: String,
    /// Why it was sampled.
    pub why: Option<String>,
    /// By when.
    pub due_at: Wall,
    /// How far it is.
    pub state: State,
    /// The reviewer's account.
    pub account: Option<i64>,
    /// The reviewer.
    pub reviewer: Option<String>,
    /// What it comes to, if it is signed and may be seen.
    pub score: Option<u32>,
    /// Its marks must not be seen yet.
    pub is_hidden: bool,
    /// When it was signed.
    pub signed_at: Option<Wall>,
    /// The scorecard's row.
    pub scorecard: i64,
    /// What is marked; empty while it is hidden.
    pub marks: Vec<Mark>,
    /// What is said to the whole.
    pub note: Option<String>,
}

/// The counts above the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Counts {
    /// Mine that are not signed.
    pub mine: i64,
    /// Appeals that are not signed.
    pub appeals: i64,
    /// Second opinions that are not signed.
    pub doubles: i64,
}

#[derive(FromRow)]
struct Row {
    id: i64,
    call: i64,
    at: i64,
    patient: Option<String>,
    department: Option<String>,
    doctor: Option<String>,
    campaign: String,
    disposition: String,
    lowest: Option<u32>,
    length_ms: i64,
    kind: String,
    why: Option<String>,
    due_at: i64,
    state: String,
    account_id: Option<i64>,
    reviewer: Option<String>,
    score: Option<u32>,
    is_hidden: bool,
    signed_at: Option<i64>,
    scorecard_id: i64,
    marks: String,
    note: Option<String>,
}

impl TryFrom<Row> for QueueRow {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            call: row.call,
            at: Wall::from_millis(row.at),
            patient: row.patient.as_deref().map(mask_name),
            department: row.department,
            doctor: row.doctor,
            campaign: row.campaign,
            disposition: row.disposition,
            lowest: row.lowest,
            length_ms: row.length_ms,
            kind: row.kind,
            why: row.why,
            due_at: Wall::from_millis(row.due_at),
            state: State::named(&row.state)?,
            account: row.account_id,
            reviewer: row.reviewer,
            score: row.score.filter(|_| !row.is_hidden),
            is_hidden: row.is_hidden,
            signed_at: row.signed_at.map(Wall::from_millis),
            scorecard: row.scorecard_id,
            marks: match row.is_hidden {
                true => Vec::new(),
                false => serde_json::from_str(&row.marks).map_err(|why| Error::stored("review.marks", why))?,
            },
            note: row.note.filter(|_| !row.is_hidden),
        })
    }
}

/// The columns; `$1` reads, `$2` to `$4` are what is seen.
const COLUMNS: &str = concat!(
    "select r.id, r.attempt_id as call, l.at, p.name as patient, l.department, l.doctor, m.name as campaign, l.disposition,
        l.lowest, l.length_ms, r.kind, (select c.why from sample_call c where c.review_id = r.id limit 1) as why, r.due_at,
        r.state, r.account_id, r.reviewer, r.score, r.signed_at, r.scorecard_id, r.marks, r.note, ",
    hidden!(),
    " as is_hidden from review r join replay l on l.attempt_id = r.attempt_id join campaign m on m.id = l.campaign_id
        join encounter e on e.id = l.encounter_id join patient p on p.id = e.patient_id where ",
    seen!(),
);

impl Reader {
    /// Reviews of a queue, the most urgent first (signed ones: the latest first), after the last row of the page before.
    pub async fn review_queue(
        &self,
        queue: Queue,
        sample: Option<i64>,
        visible: &Visible,
        reader: i64,
        after: Option<(i64, i64)>,
        rows: u32,
    ) -> Result<Vec<QueueRow>, Error> {
        let (sight, department, own) = visible.bound();
        let mut sql: QueryBuilder<Sqlite> = QueryBuilder::new(COLUMNS);
        match queue {
            Queue::Mine => sql.push(" and r.account_id = $1 and r.state in ('waiting', 'draft')"),
            Queue::Sample => sql.push(
                " and r.id in (select c.review_id from sample_call c
                    where c.sample_id = coalesce($5, (select max(id) from sample)))",
            ),
            Queue::Appeals => sql.push(" and r.kind = 'appeal' and r.state in ('waiting', 'draft')"),
            Queue::Double => sql.push(" and r.kind = 'second' and r.state in ('waiting', 'draft')"),
            Queue::Signed => sql.push(" and r.state = 'signed'"),
        };
        if sample.is_some() && !matches!(queue, Queue::Sample) {
            sql.push(" and r.id in (select c.review_id from sample_call c where c.sample_id = $5)");
        }
        let turned = matches!(queue, Queue::Signed);
        let key = if turned { "r.signed_at" } else { "r.due_at" };
        let compared = if turned { "<" } else { ">" };
        let direction = if turned { "desc" } else { "asc" };
        // An absent cursor binds nothing that compares as false.
        sql.push(format_args!(
            " and ($6 is null or ({key}, r.id) {compared} ($6, $7)) order by {key} {direction}, r.id {direction} limit $8"
        ));
        let found: Vec<Row> = sql
            .build_query_as()
            .bind(reader)
            .bind(sight)
            .bind(department.map(str::to_owned))
            .bind(own)
            .bind(sample)
            .bind(after.map(|after| after.0))
            .bind(after.map(|after| after.1))
            .bind(rows)
            .fetch_all(self.pool())
            .await?;
        found.into_iter().map(QueueRow::try_from).collect()
    }

    /// The counts above the queue.
    pub async fn review_counts(&self, reader: i64) -> Result<Counts, Error> {
        Ok(sqlx::query_as(
            "select (select count(*) from review where account_id = $1 and state in ('waiting', 'draft')) as mine,
                (select count(*) from review where kind = 'appeal' and state in ('waiting', 'draft')) as appeals,
                (select count(*) from review where kind = 'second' and state in ('waiting', 'draft')) as doubles",
        )
        .bind(reader)
        .fetch_one(self.pool())
        .await?)
    }
}
