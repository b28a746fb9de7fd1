//! The tallies of reports, counted ahead: cases are counted step by step while nothing else is to be written, and taken out
//! again by triggers before they change (migration 0023). A report adds the tallies up, with the few cases that are not in
//! them yet.

use std::collections::BTreeSet;

use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, SqliteConnection};

use super::figures::Reported;
use super::job::{Ledger, Write};
use super::{Error, Period, Reader, Store};
use crate::ids::CampaignId;

/// A report counts no more cases than so many itself; with more that are not in the tallies, it counts all of them.
const MOST: i64 = 5_000;
/// Cases that are counted in one go: some milliseconds.
const STEP: i64 = 25;
/// Steps of one transaction at most; one that calls wait for ends sooner.
const STEPS: usize = 20;

/// How long the stretches are that are tallied as a whole, in milliseconds: 32 days (migration 0027).
const STRETCH: i64 = 32 * 86_400_000;

/// What is in the tallies: whole stretches of the period, and the days before and after them. Then whose figures are not: those
/// above where the counting is, and those that changed since. `$1` campaign, `$2` and `$3` the period, `$4` the department or
/// null, `$5` and `$6` where the whole stretches begin and end. The campaign's own indexes lead to many more.
macro_rules! kept_and_uncounted {
    ($what:literal, $kept:literal, $kept_table:literal, $now:literal, $now_view:literal) => {
        concat!(
            "select ",
            $what,
            " from (select ",
            $kept,
            " from ",
            $kept_table,
            " where campaign_id = $1 and due_at >= $2 and due_at < $5 and ($4 is null or department = $4)
             union all select ",
            $kept,
            " from ",
            $kept_table,
            "_stretch where campaign_id = $1 and stretch >= $5 / 2764800000 and stretch < $6 / 2764800000
                and ($4 is null or department = $4)
             union all select ",
            $kept,
            " from ",
            $kept_table,
            " where campaign_id = $1 and due_at >= $6 and due_at < $3 and ($4 is null or department = $4)
             union all select ",
            $now,
            " from ",
            $now_view,
            " s where case_id in (select u.case_id from report_uncounted u)
                and +campaign_id = $1 and +due_at >= $2 and +due_at < $3 and ($4 is null or department = $4)
             union all select ",
            $now,
            " from ",
            $now_view,
            " s where case_id > (select t.up_to from report_counted t where t.id = 1)
                and +campaign_id = $1 and +due_at >= $2 and +due_at < $3 and ($4 is null or department = $4)
            ) found"
        )
    };
}

pub(super) const CASES: &str = concat!(
    kept_and_uncounted!(
        "outcome, last, attempted, sum(n) as n",
        "outcome, last, attempted, n",
        "report_case",
        "outcome, last, attempted, 1",
        "report_case_now"
    ),
    " group by outcome, last, attempted having sum(n) > 0"
);

pub(super) const ATTEMPTS: &str = concat!(
    kept_and_uncounted!(
        "disposition, answered, human, recorded, sum(n) as n, sum(keys) as keys, sum(recording_ms) as recording_ms,
            min(first_begun_at) as first_begun_at, max(last_ended_at) as last_ended_at",
        "disposition, answered, human, recorded, n, keys, recording_ms, case when n > 0 then first_begun_at end as first_begun_at,
            case when n > 0 then last_ended_at end as last_ended_at",
        "report_attempt",
        "disposition, answered, human, recorded, 1,
            case when human then (select count(*) from pressed_key k where k.attempt_id = s.attempt_id) else 0 end,
            recording_ms, begun_at, ended_at",
        "report_attempt_now"
    ),
    " group by disposition, answered, human, recorded having sum(n) > 0"
);

pub(super) const ANSWERS: &str = concat!(
    kept_and_uncounted!(
        "question, kind, cast(nullif(value, '') as integer) as value, dialplan, sum(n) as n",
        "question, kind, value, dialplan, n",
        "report_answer",
        "question, kind, value, dialplan, 1",
        "report_answer_now"
    ),
    " group by question, kind, found.value, dialplan having sum(n) > 0"
);

/// What was ever asked and answered in a campaign, `$1`.
pub(super) const QUESTIONS: &str = "
select question from report_answer_stretch where campaign_id = $1 and n > 0
union select question from report_answer_now where case_id in (select u.case_id from report_uncounted u) and +campaign_id = $1
union select question from report_answer_now
    where case_id > (select t.up_to from report_counted t where t.id = 1) and +campaign_id = $1";

/// Whether more cases than `$1` are in no tally.
pub(super) const IS_BEHIND: &str = "
select (select count(*) from (select 1 from report_uncounted limit $1)) >= $1
    or (select count(*) from (select 1 from cases c
        where c.id > (select t.up_to from report_counted t where t.id = 1) limit $1)) >= $1";

/// Counts the cases that `$1` and `$2` bound, the first not among them: those that were taken out, or those that were never
/// counted.
macro_rules! count {
    ($cases:literal) => {
        [
            concat!(
                "insert into report_case (campaign_id, due_at, department, outcome, last, attempted, n)
                 select campaign_id, due_at, department, outcome, last, attempted, count(*) from report_case_now where ",
                $cases,
                " group by campaign_id, due_at, department, outcome, last, attempted
                 on conflict do update set n = n + excluded.n"
            ),
            concat!(
                "insert into report_attempt (campaign_id, due_at, department, disposition, answered, human, recorded, n, keys,
                    recording_ms, first_begun_at, last_ended_at)
                 select campaign_id, due_at, department, disposition, answered, human, recorded, count(*),
                    sum(case when human then (select count(*) from pressed_key k where k.attempt_id = s.attempt_id) else 0 end),
                    sum(recording_ms), min(begun_at), max(ended_at)
                 from report_attempt_now s where ",
                $cases,
                " group by campaign_id, due_at, department, disposition, answered, human, recorded
                 on conflict do update set n = n + excluded.n, keys = keys + excluded.keys,
                    recording_ms = recording_ms + excluded.recording_ms,
                    first_begun_at = min(coalesce(first_begun_at, excluded.first_begun_at),
                        coalesce(excluded.first_begun_at, first_begun_at)),
                    last_ended_at = max(coalesce(last_ended_at, excluded.last_ended_at),
                        coalesce(excluded.last_ended_at, last_ended_at))"
            ),
            concat!(
                "insert into report_answer (campaign_id, due_at, department, question, kind, value, dialplan, n)
                 select campaign_id, due_at, department, question, kind, value, dialplan, count(*)
                 from report_answer_now where ",
                $cases,
                " group by campaign_id, due_at, department, question, kind, value, dialplan
                 on conflict do update set n = n + excluded.n"
            ),
        ]
    };
}

/// Those that were taken out.
pub(super) const AGAIN: [&str; 3] =
    count!("case_id in (select u.case_id from report_uncounted u where u.case_id > $1 and u.case_id <= $2)");
/// Those that were never counted.
pub(super) const FIRST: [&str; 3] = count!("case_id > $1 and case_id <= $2");

impl Store {
    /// Counts the next cases of those that reports do not find counted yet; false: there are no more. A database from before
    /// the tallies is counted by many such steps, each as short as calls want it.
    pub async fn count_ahead(&self) -> Result<bool, Error> {
        self.write(CountAhead).await
    }
}

/// Where the stretches begin and end that lie within a period as a whole; where there is none, both are its end.
const fn whole_stretches(from: i64, to: i64) -> (i64, i64) {
    let end = to - to % STRETCH;
    let begin = match from {
        i64::MIN => i64::MIN,
        from if from > 0 => ((from - 1) / STRETCH).saturating_add(1).saturating_mul(STRETCH),
        // The stretch of 1970 reaches to both sides of zero.
        _ => end,
    };
    if to >= STRETCH && begin < end {
        (begin, end)
    } else {
        (to, to)
    }
}

struct CountAhead;

impl Write for CountAhead {
    type Answer = bool;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<bool, Error> {
        for _ in 0..STEPS {
            if !step(&mut *ledger.db, STEP).await? {
                return Ok(false);
            }
            if ledger.makes_way() {
                break;
            }
        }
        Ok(true)
    }
}

/// Counts all cases, for whoever fills a database.
pub(super) async fn count_all(db: &mut SqliteConnection) -> Result<(), Error> {
    const MANY: i64 = 50_000;
    while step(db, MANY).await? {}
    Ok(())
}

/// Counts at most so many cases; false: there was none.
async fn step(db: &mut SqliteConnection, cases: i64) -> Result<bool, Error> {
    let last: Option<i64> =
        sqlx::query_scalar("select max(case_id) from (select case_id from report_uncounted order by case_id limit $1)")
            .bind(cases)
            .fetch_one(&mut *db)
            .await?;
    if let Some(last) = last {
        count(db, &AGAIN, 0, last).await?;
        sqlx::query("delete from report_uncounted where case_id <= $1")
            .bind(last)
            .execute(&mut *db)
            .await?;
        return Ok(true);
    }
    let after: i64 = sqlx::query_scalar("select up_to from report_counted where id = 1")
        .fetch_one(&mut *db)
        .await?;
    let last: Option<i64> =
        sqlx::query_scalar("select max(id) from (select id from cases where id > $1 order by id limit $2)")
            .bind(after)
            .bind(cases)
            .fetch_one(&mut *db)
            .await?;
    let Some(last) = last else { return Ok(false) };
    count(db, &FIRST, after, last).await?;
    sqlx::query("update report_counted set up_to = $1 where id = 1")
        .bind(last)
        .execute(&mut *db)
        .await?;
    Ok(true)
}

async fn count(db: &mut SqliteConnection, statements: &[&'static str; 3], after: i64, last: i64) -> Result<(), Error> {
    for &statement in statements {
        sqlx::query(statement).bind(after).bind(last).execute(&mut *db).await?;
    }
    Ok(())
}

impl Reader {
    /// Whether nearly all cases are in the tallies, so that a report only adds up.
    pub(super) async fn is_counted_ahead(&self) -> Result<bool, Error> {
        let is_behind: bool = sqlx::query_scalar(IS_BEHIND).bind(MOST).fetch_one(self.pool()).await?;
        Ok(!is_behind)
    }

    /// What one of the queries here adds up.
    pub(super) async fn counted_ahead<R>(
        &self,
        query: &'static str,
        about: &Reported,
        period: Period,
    ) -> Result<Vec<R>, Error>
    where
        R: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        let (from, to) = period.bounds();
        let (begin, end) = whole_stretches(from, to);
        Ok(sqlx::query_as(query)
            .bind(about.campaign.0)
            .bind(from)
            .bind(to)
            .bind(&about.department)
            .bind(begin)
            .bind(end)
            .fetch_all(self.pool())
            .await?)
    }

    /// The questions that were answered in a campaign.
    pub(super) async fn questions_counted_ahead(&self, campaign: CampaignId) -> Result<BTreeSet<String>, Error> {
        let questions: Vec<String> = sqlx::query_scalar(QUESTIONS)
            .bind(campaign.0)
            .fetch_all(self.pool())
            .await?;
        Ok(questions.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{STRETCH, whole_stretches};

    #[test]
    fn whole_stretches_and_the_days_around_them_are_the_period() {
        let (a, b) = (100 * STRETCH, 103 * STRETCH);
        assert_eq!(whole_stretches(a, b), (a, b));
        assert_eq!(whole_stretches(a - 5, b + 7), (a, b));
        assert_eq!(whole_stretches(a + 1, b), (a + STRETCH, b));
        assert_eq!(whole_stretches(i64::MIN, b + 7), (i64::MIN, b));
    }

    #[test]
    fn a_period_without_a_whole_stretch_is_all_days() {
        for (from, to) in [
            (STRETCH + 1, 2 * STRETCH + 5),
            (5, 9),
            (-STRETCH, STRETCH),
            (i64::MIN, STRETCH - 1),
            (i64::MIN, -3 * STRETCH),
            (9 * STRETCH, 2 * STRETCH),
            (i64::MAX, i64::MAX),
        ] {
            assert_eq!(whole_stretches(from, to), (to, to), "{from} {to}");
        }
    }
}
