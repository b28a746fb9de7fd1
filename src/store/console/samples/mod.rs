//! Samples of calls to be judged: drawn by seed over the calls that there are, written down with all it takes to draw again.

mod draw;

pub(super) use draw::hexadecimal;
pub use draw::{Frame, MOST_CALLS, Shares, WHOLE_SHARE, Why};

use super::audit::Deed;
use super::reviews::{Refused, stand};
use crate::ids::CampaignId;
use crate::moment::Wall;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// Calls that one transaction writes.
const CHUNK: usize = 50;

/// A person who judges.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, sqlx::FromRow)]
pub struct Reviewer {
    /// The account's row.
    pub id: i64,
    /// The name.
    pub name: String,
}

/// What is to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSample {
    /// Of this campaign.
    pub campaign: CampaignId,
    /// By this scorecard, published.
    pub scorecard: i64,
    /// Calls that were answered from this time on,
    pub from: Wall,
    /// and before this one.
    pub to: Wall,
    /// What the draw begins with.
    pub seed: String,
    /// Which share of each kind.
    pub shares: Shares,
    /// Who judges, in turn.
    pub reviewers: Vec<Reviewer>,
    /// By when.
    pub due_at: Wall,
}

/// A sample that was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its row.
    pub id: i64,
    /// What was to be drawn.
    pub asked: NewSample,
    /// The campaign's name.
    pub campaign_name: String,
    /// Attempts up to this one were looked at.
    pub last_attempt: i64,
    /// What was drawn from.
    pub frame: Frame,
    /// SHA-256 over the frame, as it was written down.
    pub frame_hash: String,
    /// How many were drawn.
    pub drawn: i64,
    /// Of these, the reviews that are signed.
    pub signed: i64,
    /// When it was drawn.
    pub drawn_at: Wall,
    /// By whom.
    pub drawn_by: String,
}

impl Sample {
    /// Draws it again from what was written down.
    pub fn again(&self) -> Vec<(i64, Why)> {
        self.frame.draw(&self.asked.seed, self.asked.shares)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    campaign_id: i64,
    campaign_name: String,
    scorecard_id: i64,
    from_at: i64,
    to_at: i64,
    seed: String,
    share: u32,
    complaint_share: u32,
    low_share: u32,
    last_attempt: i64,
    population_hash: String,
    frame: String,
    drawn: i64,
    reviewers: String,
    due_at: i64,
    drawn_at: i64,
    drawn_by: String,
    signed: i64,
}

impl TryFrom<Row> for Sample {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            asked: NewSample {
                campaign: CampaignId(row.campaign_id),
                scorecard: row.scorecard_id,
                from: Wall::from_millis(row.from_at),
                to: Wall::from_millis(row.to_at),
                seed: row.seed,
                shares: Shares {
                    complaints: row.complaint_share,
                    low_scores: row.low_share,
                    others: row.share,
                },
                reviewers: serde_json::from_str(&row.reviewers).map_err(|why| Error::stored("sample.reviewers", why))?,
                due_at: Wall::from_millis(row.due_at),
            },
            campaign_name: row.campaign_name,
            last_attempt: row.last_attempt,
            frame: Frame::read(&row.frame).ok_or_else(|| Error::stored("sample.frame", "not a list of calls"))?,
            frame_hash: row.population_hash,
            drawn: row.drawn,
            signed: row.signed,
            drawn_at: Wall::from_millis(row.drawn_at),
            drawn_by: row.drawn_by,
        })
    }
}

macro_rules! selected {
    ($rest:literal) => {
        concat!(
            "select s.id, s.campaign_id, m.name as campaign_name, s.scorecard_id, s.from_at, s.to_at, s.seed, s.share,
                s.complaint_share, s.low_share, s.last_attempt, s.population_hash, s.frame, s.drawn, s.reviewers, s.due_at,
                s.drawn_at, s.drawn_by, (select count(*) from sample_call c join review r on r.id = c.review_id
                    where c.sample_id = s.id and r.state = 'signed') as signed
             from sample s join campaign m on m.id = s.campaign_id ",
            $rest
        )
    };
}

/// The calls with recordings of a campaign and a stretch of time, with their kinds.
pub(in crate::store) const POPULATION: &str = "
select l.attempt_id,
    exists (select 1 from call_flag f where f.attempt_id = l.attempt_id and f.flag = 'complaint') as complaint,
    coalesce(l.lowest, 100) < 50 as low
from replay l
where l.campaign_id = $1 and l.at >= $2 and l.at < $3 and l.attempt_id <= $4
    and exists (select 1 from recording r where r.attempt_id = l.attempt_id and r.purged_at is null)
limit $5";

impl Reader {
    /// The samples, the latest first.
    pub async fn samples(&self) -> Result<Vec<Sample>, Error> {
        let rows: Vec<Row> = sqlx::query_as(selected!("order by s.id desc limit 50"))
            .fetch_all(self.pool())
            .await?;
        rows.into_iter().map(Sample::try_from).collect()
    }

    /// One sample.
    pub async fn sample(&self, id: i64) -> Result<Sample, Error> {
        let row: Option<Row> = sqlx::query_as(selected!("where s.id = $1"))
            .bind(id)
            .fetch_optional(self.pool())
            .await?;
        row.ok_or(Refused::NoSample { id })?.try_into()
    }

    /// The sample that was drawn last.
    pub async fn latest_sample(&self) -> Result<Option<Sample>, Error> {
        let row: Option<Row> = sqlx::query_as(selected!("order by s.id desc limit 1"))
            .fetch_optional(self.pool())
            .await?;
        row.map(Sample::try_from).transpose()
    }

    /// Whether there is such a campaign.
    pub async fn has_campaign(&self, id: CampaignId) -> Result<bool, Error> {
        Ok(sqlx::query_scalar("select exists (select 1 from campaign where id = $1)")
            .bind(id.0)
            .fetch_one(self.pool())
            .await?)
    }

    /// What was drawn of a sample and is written down, in its order.
    pub async fn sample_calls(&self, id: i64) -> Result<Vec<(i64, String)>, Error> {
        Ok(
            sqlx::query_as("select attempt_id, why from sample_call where sample_id = $1 order by place")
                .bind(id)
                .fetch_all(self.pool())
                .await?,
        )
    }

    /// Accounts that judge calls.
    pub async fn reviewers(&self) -> Result<Vec<Reviewer>, Error> {
        Ok(
            sqlx::query_as("select id, name from account where role = 'qa' and ended_at is null order by name, id limit 500")
                .fetch_all(self.pool())
                .await?,
        )
    }

    /// The campaigns that there are, the newest first.
    pub async fn sampled_campaigns(&self) -> Result<Vec<(i64, String)>, Error> {
        Ok(sqlx::query_as("select id, name from campaign order by id desc limit 200")
            .fetch_all(self.pool())
            .await?)
    }

    async fn drawn_before(&self, sample: &NewSample) -> Result<Option<Sample>, Error> {
        let row: Option<Row> = sqlx::query_as(selected!(
            "where s.campaign_id = $1 and s.from_at = $2 and s.to_at = $3 and s.seed = $4"
        ))
        .bind(sample.campaign.0)
        .bind(sample.from.millis())
        .bind(sample.to.millis())
        .bind(&sample.seed)
        .fetch_optional(self.pool())
        .await?;
        row.map(Sample::try_from).transpose()
    }
}

impl Store {
    /// Draws a sample over the calls that there are now and hands it out to the reviewers. Drawn again with the same seed, it
    /// is the sample that there is.
    ///
    /// # Errors
    /// [`Refused::NoCalls`], [`Refused::TooMany`].
    pub async fn draw_sample(&self, new: NewSample, deed: Deed) -> Result<Sample, Error> {
        let reader = self.reader();
        if reader.drawn_before(&new).await?.is_none() {
            let (last_attempt, frame) = self.population(&new).await?;
            self.write(Begin {
                new: new.clone(),
                last_attempt,
                frame,
                deed: deed.clone(),
            })
            .await?;
        }
        let sample = reader
            .drawn_before(&new)
            .await?
            .ok_or(Refused::NoSample { id: 0 })?;
        // What a kill left is gone on with.
        let drawn: Vec<(usize, (i64, Why))> = sample.again().into_iter().enumerate().collect();
        for calls in drawn.chunks(CHUNK) {
            self.write(HandOut {
                sample: sample.id,
                asked: sample.asked.clone(),
                calls: calls.to_vec(),
                now: sample.drawn_at,
            })
            .await?;
        }
        reader.sample(sample.id).await
    }

    async fn population(&self, new: &NewSample) -> Result<(i64, Frame), Error> {
        let pool = self.reader().pool();
        let last: i64 = sqlx::query_scalar("select coalesce(max(id), 0) from attempt")
            .fetch_one(pool)
            .await?;
        let most = i64::try_from(MOST_CALLS).unwrap_or(i64::MAX);
        let rows: Vec<(i64, bool, bool)> = sqlx::query_as(POPULATION)
            .bind(new.campaign.0)
            .bind(new.from.millis())
            .bind(new.to.millis())
            .bind(last)
            .bind(most.saturating_add(1))
            .fetch_all(pool)
            .await?;
        if rows.is_empty() {
            return Err(Refused::NoCalls.into());
        }
        if rows.len() > MOST_CALLS {
            return Err(Refused::TooMany.into());
        }
        let kind = |(attempt, complaint, low)| match (complaint, low) {
            (true, _) => (attempt, Why::Complaint),
            (false, true) => (attempt, Why::LowScore),
            (false, false) => (attempt, Why::Random),
        };
        Ok((last, Frame::of(rows.into_iter().map(kind).collect())))
    }
}

/// Writes the sample itself down.
struct Begin {
    new: NewSample,
    last_attempt: i64,
    frame: Frame,
    deed: Deed,
}

impl Write for Begin {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let new = &self.new;
        let card = super::scorecards::one(&mut *ledger.db, new.scorecard).await?;
        if !card.is_published {
            return Err(Refused::Unpublished.into());
        }
        let drawn = self.frame.draw(&new.seed, new.shares).len();
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let id: Option<i64> = sqlx::query_scalar(
            "insert into sample (campaign_id, scorecard_id, from_at, to_at, seed, share, complaint_share, low_share,
                last_attempt, population, population_hash, frame, drawn, reviewers, due_at, drawn_at, drawn_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
             on conflict (campaign_id, from_at, to_at, seed) do nothing returning id",
        )
        .bind(new.campaign.0)
        .bind(new.scorecard)
        .bind(new.from.millis())
        .bind(new.to.millis())
        .bind(&new.seed)
        .bind(new.shares.others)
        .bind(new.shares.complaints)
        .bind(new.shares.low_scores)
        .bind(self.last_attempt)
        .bind(count(self.frame.len()))
        .bind(self.frame.hash())
        .bind(self.frame.text())
        .bind(count(drawn))
        .bind(serde_json::to_string(&new.reviewers).map_err(|why| Error::Json {
            what: "sample.reviewers",
            why: why.to_string(),
        })?)
        .bind(new.due_at.millis())
        .bind(self.deed.at.millis())
        .bind(&self.deed.who)
        .fetch_optional(&mut *ledger.db)
        .await?;
        let Some(id) = id else { return Ok(()) };
        let deed = Deed {
            object: Some(format!("sample:{id}")),
            ..self.deed.clone()
        };
        deed.run(ledger).await?;
        Ok(())
    }
}

/// Makes the reviews of some of the calls that were drawn.
struct HandOut {
    sample: i64,
    asked: NewSample,
    calls: Vec<(usize, (i64, Why))>,
    now: Wall,
}

impl Write for HandOut {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        for (at, (attempt, why)) in &self.calls {
            let is_there: bool = sqlx::query_scalar(
                "select exists (select 1 from sample_call where sample_id = $1 and attempt_id = $2)",
            )
            .bind(self.sample)
            .bind(attempt)
            .fetch_one(&mut *ledger.db)
            .await?;
            if is_there {
                continue;
            }
            let review = self.review(ledger, *at, *attempt).await?;
            sqlx::query(
                "insert into sample_call (sample_id, place, attempt_id, why, review_id) values ($1, $2, $3, $4, $5)",
            )
            .bind(self.sample)
            .bind(i64::try_from(*at).unwrap_or(i64::MAX).saturating_add(1))
            .bind(attempt)
            .bind(why.word())
            .bind(review)
            .execute(&mut *ledger.db)
            .await?;
            stand(&mut *ledger.db, *attempt).await?;
        }
        Ok(())
    }
}

impl HandOut {
    /// The review of a call: the one that its reviewer has of it, or a new one. Nobody judges an own call.
    async fn review(&self, ledger: &mut Ledger<'_>, at: usize, attempt: i64) -> Result<i64, Error> {
        let agent: Option<i64> = sqlx::query_scalar("select account_id from replay where attempt_id = $1")
            .bind(attempt)
            .fetch_optional(&mut *ledger.db)
            .await?
            .flatten();
        let people = &self.asked.reviewers;
        let turn = |at: usize| people.get(at.checked_rem(people.len())?);
        let reviewer = turn(at)
            .filter(|person| Some(person.id) != agent)
            .or_else(|| turn(at.saturating_add(1)).filter(|person| Some(person.id) != agent));
        let known: Option<i64> = sqlx::query_scalar(
            "select id from review where attempt_id = $1 and account_id = $2 and scorecard_id = $3",
        )
        .bind(attempt)
        .bind(reviewer.map(|person| person.id))
        .bind(self.asked.scorecard)
        .fetch_optional(&mut *ledger.db)
        .await?;
        if let Some(known) = known {
            return Ok(known);
        }
        Ok(sqlx::query_scalar(
            "insert into review (attempt_id, scorecard_id, kind, account_id, reviewer, due_at, created_at)
             values ($1, $2, 'sample', $3, $4, $5, $6) returning id",
        )
        .bind(attempt)
        .bind(self.asked.scorecard)
        .bind(reviewer.map(|person| person.id))
        .bind(reviewer.map(|person| person.name.as_str()))
        .bind(self.asked.due_at.millis())
        .bind(self.now.millis())
        .fetch_one(&mut *ledger.db)
        .await?)
    }
}
