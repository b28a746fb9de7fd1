//! The page of recordings: calls found by what QA looks for, newest or lowest score first.

#[cfg(test)]
mod tests;
mod way;

use std::time::Duration;

use sqlx::QueryBuilder;
use tokio::time::Instant;
use way::{Part, Way};

use super::Visible;
use crate::ids::{AttemptId, CampaignId, CaseId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::store::{Error, Reader};

/// What calls are looked for by; all of it has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Answered at this time or later.
    pub from: Option<Wall>,
    /// Answered before this time.
    pub before: Option<Wall>,
    /// Of this campaign.
    pub campaign: Option<CampaignId>,
    /// Of an encounter of this department.
    pub department: Option<String>,
    /// Of this doctor.
    pub doctor: Option<String>,
    /// Ended in one of these; empty: in any.
    pub dispositions: Vec<Disposition>,
    /// The lowest answer is worth so many points or fewer.
    pub score_at_most: Option<u8>,
    /// The lowest answer is worth so many points or more.
    pub score_at_least: Option<u8>,
    /// With this flag.
    pub flag: Option<String>,
    /// Made by this account.
    pub account: Option<i64>,
    /// At least so long, in milliseconds.
    pub at_least_ms: Option<i64>,
    /// At most so long, in milliseconds.
    pub at_most_ms: Option<i64>,
    /// Whose review is so far.
    pub review: Option<String>,
    /// Of the visit with this number.
    pub visit_no: Option<String>,
    /// To a number that ends in these four digits.
    pub last_four: Option<String>,
}

/// In which order calls come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallOrder {
    /// The latest first.
    #[default]
    Newest,
    /// The lowest answer first, of equal ones the latest call. Calls without a scored answer do not come.
    LowestScore,
}

/// Where a page goes on: the sort key and the attempt of the last row before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// The time, or the points.
    pub key: i64,
    /// The attempt.
    pub id: i64,
}

/// Calls that were found, and where the next page begins; none: nothing is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundCalls {
    /// Which.
    pub calls: Vec<AttemptId>,
    /// The next page. A page may be short, even empty, and still have one: the search was cut into parts.
    pub next: Option<After>,
}

impl FoundCalls {
    /// Takes rows in their order, so that there are `many` at most; then another page begins behind the last one.
    fn take(&mut self, rows: &[(i64, i64, i64)], many: usize) {
        let left = many.saturating_sub(self.calls.len());
        self.calls.extend(rows.iter().take(left).map(|(id, ..)| AttemptId(*id)));
        let last = rows.get(left.wrapping_sub(1));
        self.next = last.map(|(id, key, _)| After { key: *key, id: *id });
    }
}

/// How many calls there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// So many.
    Exact(u64),
    /// So many or more.
    AtLeast(u64),
}

/// A part of the count beside the filters.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TallyRow {
    /// The department; empty: none.
    pub department: String,
    /// The doctor; empty: none.
    pub doctor: String,
    /// The campaign's row.
    pub campaign_id: i64,
    /// How it ended.
    pub disposition: String,
    /// How many.
    pub count: i64,
}

/// How long one request looks for rows that fit: past it, what was found is given out.
const PATIENCE: Duration = Duration::from_millis(120);
/// How long it counts them.
const COUNTING: Duration = Duration::from_millis(60);
/// So many rows are looked at in the first go, where not all of them fit.
const LOOK: i64 = 1_000;
/// And so many at most.
const LONGEST_LOOK: i64 = 16_000;
/// A go that took less is followed by one twice as long.
const SHORT: Duration = Duration::from_millis(25);
/// Counts end here: nobody pages through more.
const COUNTED: i64 = 1_000;
/// So few rows are sorted, where no index has them in their order.
const FEW: i64 = 2_000;

impl Reader {
    /// Calls that fit, at most `rows`, after the last row of the page before.
    pub async fn find_calls(
        &self,
        filter: &CallFilter,
        visible: &Visible,
        order: CallOrder,
        after: Option<After>,
        rows: u32,
    ) -> Result<FoundCalls, Error> {
        self.look_for_calls(filter, visible, order, after, rows, PATIENCE).await
    }

    async fn look_for_calls(
        &self,
        filter: &CallFilter,
        visible: &Visible,
        order: CallOrder,
        after: Option<After>,
        rows: u32,
        patience: Duration,
    ) -> Result<FoundCalls, Error> {
        if *visible == Visible::Nothing {
            return Ok(FoundCalls::default());
        }
        let began = Instant::now();
        let way = self.way_to_calls(filter, visible, order).await?;
        let walk = (way, order);
        let (mut after, many) = (after, usize::try_from(rows).unwrap_or(usize::MAX));
        let mut found = FoundCalls::default();
        if !way.has(order) {
            let page: Vec<(i64, i64, i64)> = filter
                .sorted(visible, walk, after, i64::from(rows))
                .build_query_as()
                .fetch_all(self.pool())
                .await?;
            found.take(&page, many);
            return Ok(found);
        }
        let rest = filter.conditions(&mut QueryBuilder::new(""), visible, walk, Part::Rest);
        let mut look = if rest == 0 { i64::from(rows) } else { LOOK };
        loop {
            let looked = began.elapsed();
            let mut page: Vec<(i64, i64, i64)> = filter
                .stretch(visible, walk, after, look)
                .build_query_as()
                .fetch_all(self.pool())
                .await?;
            // The last row that was looked at comes last.
            let Some((id, key, many_looked)) = page.pop() else {
                return Ok(found);
            };
            match order {
                CallOrder::Newest => page.sort_by_key(|(id, key, _)| std::cmp::Reverse((*key, *id))),
                CallOrder::LowestScore => page.sort_by_key(|(id, key, _)| (*key, std::cmp::Reverse(*id))),
            }
            found.take(&page, many);
            if found.next.is_some() || many_looked < look {
                return Ok(found);
            }
            after = Some(After { key, id });
            if began.elapsed() > patience {
                found.next = after;
                return Ok(found);
            }
            if began.elapsed().saturating_sub(looked) < SHORT {
                look = LONGEST_LOOK.min(2 * look);
            }
        }
    }

    /// By which index calls are found: one that has their order, unless so few are left by another that they can be sorted.
    async fn way_to_calls(&self, filter: &CallFilter, visible: &Visible, order: CallOrder) -> Result<Way, Error> {
        let way = filter.way(visible, order);
        if way.has(order) || matches!(way, Way::Encounter | Way::LastFour) {
            return Ok(way);
        }
        let mut sql = QueryBuilder::new(format!(
            "select count(*) from (select 1 from {} where true",
            way.source()
        ));
        filter.conditions(&mut sql, visible, (way, order), Part::Own);
        sql.push(" limit ").push_bind(FEW + 1).push(") few");
        let count: i64 = sql.build_query_scalar().fetch_one(self.pool()).await?;
        Ok(if count > FEW { filter.sorted_way(visible) } else { way })
    }

    /// How many calls fit: exact where the counts beside the filters say it, else counted up to a thousand.
    pub async fn count_calls(&self, filter: &CallFilter, visible: &Visible, order: CallOrder) -> Result<Total, Error> {
        if *visible == Visible::Nothing {
            return Ok(Total::Exact(0));
        }
        if order == CallOrder::Newest && filter.is_counted() && !matches!(visible, Visible::Of(_)) {
            let rows = self.call_tally(visible).await?;
            let fits = |row: &&TallyRow| {
                filter.department.as_ref().is_none_or(|one| *one == row.department)
                    && filter.doctor.as_ref().is_none_or(|one| *one == row.doctor)
                    && filter.campaign.is_none_or(|one| one.0 == row.campaign_id)
                    && (filter.dispositions.is_empty()
                        || filter.dispositions.iter().any(|one| one.as_str() == row.disposition))
            };
            let count: i64 = rows.iter().filter(fits).map(|row| row.count).sum();
            return Ok(Total::Exact(count.unsigned_abs()));
        }
        let most = u32::try_from(COUNTED).unwrap_or(u32::MAX);
        let found = self
            .look_for_calls(filter, visible, order, None, most, COUNTING)
            .await?;
        let count = found.calls.len() as u64;
        Ok(match found.next {
            Some(_) => Total::AtLeast(count),
            None => Total::Exact(count),
        })
    }

    /// The counts beside the filters.
    pub async fn call_tally(&self, visible: &Visible) -> Result<Vec<TallyRow>, Error> {
        let department = match visible {
            Visible::All => None,
            Visible::Department(department) => Some(department.clone()),
            Visible::Of(_) | Visible::Nothing => return Ok(Vec::new()),
        };
        Ok(sqlx::query_as(
            "select department, doctor, campaign_id, disposition, count from replay_tally
             where count > 0 and ($1 is null or department = $1)",
        )
        .bind(department)
        .fetch_all(self.pool())
        .await?)
    }

    /// The calls of a visit, answered or not, the latest first; a visit has few.
    pub async fn calls_of_visit(&self, visit_no: &str, visible: &Visible) -> Result<Vec<AttemptId>, Error> {
        let rows: Vec<(i64, Option<String>)> = sqlx::query_as(OF_VISIT).bind(visit_no).fetch_all(self.pool()).await?;
        let seen = rows
            .into_iter()
            .filter(|(_, department)| visible.sees(department.as_deref(), None));
        Ok(seen.map(|(id, _)| AttemptId(id)).collect())
    }
}

/// The attempts of a visit.
pub(in crate::store) const OF_VISIT: &str = "
select a.id, coalesce((select l.department from replay l where l.attempt_id = a.id), e.department)
from encounter e join cases c on c.encounter_id = e.id join attempt a on a.case_id = c.id
where e.visit_no = $1 order by a.id desc limit 500";

impl Reader {
    /// The case of the call with the lowest answer; none: nobody has answered a question that has a scale.
    pub async fn lowest_scored_case(&self) -> Result<Option<CaseId>, Error> {
        let case: Option<Option<i64>> = sqlx::query_scalar(
            "select a.case_id from replay r join attempt a on a.id = r.attempt_id
             where r.lowest is not null order by r.lowest, r.attempt_id limit 1",
        )
        .fetch_optional(self.pool())
        .await?;
        Ok(case.flatten().map(CaseId))
    }

    /// The calls that have a recording, the first ones first, a thousand at most.
    pub async fn recorded_attempts(&self) -> Result<Vec<AttemptId>, Error> {
        let ids: Vec<i64> = sqlx::query_scalar(
            "select attempt_id from recording where purged_at is null and missing_since is null
             order by attempt_id limit 1000",
        )
        .fetch_all(self.pool())
        .await?;
        Ok(ids.into_iter().map(AttemptId).collect())
    }
}
