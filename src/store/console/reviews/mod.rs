//! Reviews: what one person judges of one call. Signed, they never change; a second opinion is blind until both are signed.

mod agreement;
mod change;
mod queue;
mod refused;

pub use agreement::{Agreement, ItemAgreement, Kappa, Pair, ReviewerAgreement, agreement, kappa};
pub use change::{Judged, Opinion};
pub use queue::{Counts, Queue, QueueRow};
pub use refused::Refused;

pub(in crate::store) use change::clean;
pub(super) use change::stand;

use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::store::console::Visible;
use crate::store::console::scorecards::Mark;
use crate::store::{Error, Reader};

/// How far a review is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has begun.
    Waiting,
    /// Something is marked, or somebody has claimed it.
    Draft,
    /// For good.
    Signed,
}

impl State {
    fn named(word: &str) -> Result<Self, Error> {
        match word {
            "waiting" => Ok(Self::Waiting),
            "draft" => Ok(Self::Draft),
            "signed" => Ok(Self::Signed),
            other => Err(Error::stored("review.state", format!("{other:?}"))),
        }
    }
}

/// A review, as somebody may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Its row.
    pub id: i64,
    /// The call.
    pub attempt: AttemptId,
    /// The scorecard's row.
    pub scorecard: i64,
    /// `sample`, `own`, `second` or `appeal`.
    pub kind: String,
    /// The review that this is a second opinion of.
    pub first: Option<i64>,
    /// The reviewer's account; none: whoever claims it.
    pub account: Option<i64>,
    /// The reviewer's name.
    pub reviewer: Option<String>,
    /// How far it is.
    pub state: State,
    /// What is marked; empty while it is hidden.
    pub marks: Vec<Mark>,
    /// What is said to the whole.
    pub note: Option<String>,
    /// By when.
    pub due_at: Wall,
    /// When it was signed.
    pub signed_at: Option<Wall>,
    /// What it comes to.
    pub score: Option<u32>,
    /// A fatal item failed.
    pub is_fatal: Option<bool>,
    /// SHA-256 over what was signed.
    pub hash: Option<String>,
    /// Somebody else's marks, which must not be seen before the own ones are signed.
    pub is_hidden: bool,
    /// Why it was appealed.
    pub appeal: Option<Appeal>,
    /// Why it was sampled.
    pub why: Option<String>,
}

/// Somebody does not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appeal {
    /// Who.
    pub who: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Wall,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    attempt_id: i64,
    scorecard_id: i64,
    kind: String,
    first_id: Option<i64>,
    account_id: Option<i64>,
    reviewer: Option<String>,
    state: String,
    marks: String,
    note: Option<String>,
    due_at: i64,
    signed_at: Option<i64>,
    score: Option<u32>,
    is_fatal: Option<bool>,
    hash: Option<String>,
    is_hidden: bool,
    appeal_who: Option<String>,
    appeal_reason: Option<String>,
    appeal_at: Option<i64>,
    why: Option<String>,
}

impl TryFrom<Row> for Review {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let appeal = match (row.appeal_who, row.appeal_reason, row.appeal_at) {
            (Some(who), Some(reason), Some(at)) if !row.is_hidden => Some(Appeal {
                who,
                reason,
                at: Wall::from_millis(at),
            }),
            _ => None,
        };
        let shown = !row.is_hidden;
        Ok(Self {
            id: row.id,
            attempt: AttemptId(row.attempt_id),
            scorecard: row.scorecard_id,
            kind: row.kind,
            first: row.first_id,
            account: row.account_id,
            reviewer: row.reviewer,
            state: State::named(&row.state)?,
            marks: match shown {
                true => serde_json::from_str(&row.marks).map_err(|why| Error::stored("review.marks", why))?,
                false => Vec::new(),
            },
            note: row.note.filter(|_| shown),
            due_at: Wall::from_millis(row.due_at),
            signed_at: row.signed_at.map(Wall::from_millis),
            score: row.score.filter(|_| shown),
            is_fatal: row.is_fatal.filter(|_| shown),
            hash: row.hash,
            is_hidden: row.is_hidden,
            appeal,
            why: row.why,
        })
    }
}

/// Whether `$1`, who reads, must not see a review `r` yet: it is somebody else's, and its pair is not signed by both, or the
/// reader has yet to sign an own one of the same call. An unsigned one is its reviewer's alone.
macro_rules! hidden {
    () => {
        "(r.account_id is not $1 and (r.state <> 'signed'
            or exists (select 1 from review o where o.first_id = r.id and o.state <> 'signed')
            or exists (select 1 from review o where o.id = r.first_id and o.state <> 'signed')
            or exists (select 1 from review o where o.attempt_id = r.attempt_id and o.account_id = $1 and o.state <> 'signed')))"
    };
}

/// Whether the call of a review is seen: `$2` 0 all, 1 those of the department `$3`, 2 those of the account `$4`, 3 none.
macro_rules! seen {
    () => {
        "($2 = 0 or ($2 = 1 and l.department = $3) or ($2 = 2 and l.account_id = $4))"
    };
}

macro_rules! selected {
    ($rest:literal) => {
        concat!(
            "select r.id, r.attempt_id, r.scorecard_id, r.kind, r.first_id, r.account_id, r.reviewer, r.state, r.marks, r.note,
                r.due_at, r.signed_at, r.score, r.is_fatal, r.hash, p.who as appeal_who, p.reason as appeal_reason,
                p.at as appeal_at, (select c.why from sample_call c where c.review_id = r.id limit 1) as why, ",
            hidden!(),
            " as is_hidden from review r join replay l on l.attempt_id = r.attempt_id
                left join appeal p on p.review_id = r.id where ",
            seen!(),
            $rest
        )
    };
}

use {hidden, seen};

pub(in crate::store) const OF_CALL: &str = selected!(" and r.attempt_id = $5 order by r.id");
pub(in crate::store) const ONE: &str = selected!(" and r.id = $5");

impl Visible {
    /// As the queries take it.
    pub(in crate::store::console) fn bound(&self) -> (i64, Option<&str>, Option<i64>) {
        match self {
            Self::All => (0, None, None),
            Self::Department(department) => (1, Some(department), None),
            Self::Of(account) => (2, None, Some(*account)),
            Self::Nothing => (3, None, None),
        }
    }
}

impl Reader {
    /// One review, as `reader` may see it.
    pub async fn review(&self, id: i64, visible: &Visible, reader: i64) -> Result<Review, Error> {
        let (sight, department, own) = visible.bound();
        let row: Option<Row> = sqlx::query_as(ONE)
            .bind(reader)
            .bind(sight)
            .bind(department)
            .bind(own)
            .bind(id)
            .fetch_optional(self.pool())
            .await?;
        row.ok_or(Refused::NoReview { id })?.try_into()
    }

    /// The reviews of a call, as `reader` may see them.
    pub async fn reviews_of(&self, call: AttemptId, visible: &Visible, reader: i64) -> Result<Vec<Review>, Error> {
        self.see_call(call, visible).await?;
        let (sight, department, own) = visible.bound();
        let rows: Vec<Row> = sqlx::query_as(OF_CALL)
            .bind(reader)
            .bind(sight)
            .bind(department)
            .bind(own)
            .bind(call.0)
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(Review::try_from).collect()
    }

    /// That a call is there and seen.
    pub async fn see_call(&self, call: AttemptId, visible: &Visible) -> Result<(), Error> {
        let found: Option<(Option<String>, Option<i64>)> =
            sqlx::query_as("select department, account_id from replay where attempt_id = $1")
                .bind(call.0)
                .fetch_optional(self.pool())
                .await?;
        match found {
            Some((department, account)) if visible.sees(department.as_deref(), account) => Ok(()),
            Some(_) | None => Err(Error::NoAttempt(call)),
        }
    }
}
