//! The page of recordings: calls found by what QA looks for, newest or lowest score first.

use std::time::Duration;

use sqlx::{QueryBuilder, Sqlite};
use tokio::time::Instant;

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
const PATIENCE: Duration = Duration::from_millis(180);
/// The first stretch of time that is looked through where the filters leave many rows to be looked at.
const STRETCH: i64 = 30 * 86_400_000;
/// Counts end here: nobody pages through more.
const COUNTED: i64 = 1_000;

/// By which index the rows are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Encounter,
    LastFour,
    Flag,
    Account,
    Review,
    Doctor,
    Department,
    Campaign,
    Disposition,
    All,
}

impl CallFilter {
    /// The narrowest way to the rows.
    fn way(&self, visible: &Visible, order: CallOrder) -> Way {
        let of_department = self.department.is_some() || matches!(visible, Visible::Department(_));
        if self.visit_no.is_some() {
            Way::Encounter
        } else if self.last_four.is_some() {
            Way::LastFour
        } else if self.account.is_some() || matches!(visible, Visible::Of(_)) {
            Way::Account
        } else if self.flag.is_some() {
            Way::Flag
        } else if self.review.as_deref().is_some_and(|review| review != "none") {
            Way::Review
        } else if self.doctor.is_some() {
            Way::Doctor
        } else if of_department {
            Way::Department
        } else if self.campaign.is_some() {
            Way::Campaign
        } else if self.dispositions.len() == 1 && order == CallOrder::Newest {
            Way::Disposition
        } else {
            Way::All
        }
    }

    /// Whether the counts beside the filters say how many there are.
    const fn is_counted(&self) -> bool {
        self.from.is_none()
            && self.before.is_none()
            && self.score_at_most.is_none()
            && self.score_at_least.is_none()
            && self.flag.is_none()
            && self.account.is_none()
            && self.at_least_ms.is_none()
            && self.at_most_ms.is_none()
            && self.review.is_none()
            && self.visit_no.is_none()
            && self.last_four.is_none()
    }

    fn names(&self) -> String {
        let words: Vec<String> = self
            .dispositions
            .iter()
            .map(|one| format!("\"{}\"", one.as_str()))
            .collect();
        format!("[{}]", words.join(","))
    }

    /// Adds the conditions. A column that is not the way's own has a `+`, so that its index is not taken.
    fn conditions(&self, sql: &mut QueryBuilder<Sqlite>, visible: &Visible, way: Way) {
        let own = |mine: Way| if way == mine { "" } else { "+" };
        match visible {
            Visible::All => {}
            Visible::Department(department) => {
                sql.push(format_args!(" and {}l.department = ", own(Way::Department)));
                sql.push_bind(department.clone());
            }
            Visible::Of(account) => {
                sql.push(format_args!(" and {}l.account_id = ", own(Way::Account)));
                sql.push_bind(*account);
            }
            Visible::Nothing => {
                sql.push(" and false");
            }
        }
        if let Some(visit_no) = &self.visit_no {
            sql.push(" and l.encounter_id = (select e.id from encounter e where e.visit_no = ");
            sql.push_bind(visit_no.clone());
            sql.push(")");
        }
        let texts = [
            (&self.last_four, "l.last_four", Way::LastFour),
            (&self.review, "l.review", Way::Review),
            (&self.doctor, "l.doctor", Way::Doctor),
            (&self.department, "l.department", Way::Department),
        ];
        for (value, column, mine) in texts {
            if let Some(value) = value {
                sql.push(format_args!(" and {}{column} = ", own(mine)));
                sql.push_bind(value.clone());
            }
        }
        if way == Way::Review {
            sql.push(" and l.review <> 'none'");
        }
        let numbers = [
            (
                self.campaign.map(|campaign| campaign.0),
                "l.campaign_id",
                own(Way::Campaign),
                "=",
            ),
            (self.account, "l.account_id", own(Way::Account), "="),
            (self.score_at_most.map(i64::from), "l.lowest", "+", "<="),
            (self.score_at_least.map(i64::from), "l.lowest", "+", ">="),
            (self.at_least_ms, "l.length_ms", "+", ">="),
            (self.at_most_ms, "l.length_ms", "+", "<="),
        ];
        for (value, column, plus, compared) in numbers {
            if let Some(value) = value {
                sql.push(format_args!(" and {plus}{column} {compared} "));
                sql.push_bind(value);
            }
        }
        match self.dispositions.as_slice() {
            [] => {}
            [only] => {
                sql.push(format_args!(" and {}l.disposition = ", own(Way::Disposition)));
                sql.push_bind(only.as_str());
            }
            [_, _, ..] => {
                sql.push(" and +l.disposition in (select k.value from json_each(");
                sql.push_bind(self.names());
                sql.push(") k)");
            }
        }
        if let Some(flag) = &self.flag {
            if way == Way::Flag {
                sql.push(" and f.flag = ");
                sql.push_bind(flag.clone());
            } else {
                sql.push(" and exists (select 1 from call_flag f where f.attempt_id = l.attempt_id and f.flag = ");
                sql.push_bind(flag.clone());
                sql.push(")");
            }
        }
    }

    /// The calls of a stretch: of time for the newest, else all of them.
    fn query(
        &self,
        visible: &Visible,
        order: CallOrder,
        after: Option<After>,
        since: Option<i64>,
        rows: i64,
    ) -> QueryBuilder<Sqlite> {
        let way = self.way(visible, order);
        let is_flag = way == Way::Flag;
        let from = if is_flag {
            "call_flag f cross join replay l on l.attempt_id = f.attempt_id"
        } else {
            "replay l"
        };
        let (at, id) = if is_flag {
            ("f.at", "f.attempt_id")
        } else {
            ("l.at", "l.attempt_id")
        };
        // An index that begins with the points serves this order; elsewhere few rows are sorted.
        let sorted = matches!(way, Way::Department | Way::Campaign | Way::All) && order == CallOrder::LowestScore;
        let key = match order {
            CallOrder::Newest => at,
            CallOrder::LowestScore => "l.lowest",
        };
        let mut sql = QueryBuilder::new(format!("select {id}, {key} from {from} where true"));
        self.conditions(&mut sql, visible, way);
        let (from_at, before_at) = (self.from.map(Wall::millis), self.before.map(Wall::millis));
        let plus = if sorted { "+" } else { "" };
        for (value, compared) in [(from_at.max(since), ">="), (before_at, "<")] {
            if let Some(value) = value {
                sql.push(format_args!(" and {plus}{at} {compared} "));
                sql.push_bind(value);
            }
        }
        match (order, after) {
            (CallOrder::Newest, Some(After { key, id: last })) => {
                sql.push(format_args!(" and ({at}, {id}) < ("));
                sql.push_bind(key).push(", ").push_bind(last).push(")");
            }
            (CallOrder::LowestScore, Some(After { key, id: last })) => {
                sql.push(" and l.lowest is not null and l.lowest >= ").push_bind(key);
                sql.push(" and (l.lowest > ").push_bind(key);
                sql.push(" or l.attempt_id < ").push_bind(last).push(")");
            }
            (CallOrder::LowestScore, None) => {
                sql.push(" and l.lowest is not null");
            }
            (CallOrder::Newest, None) => {}
        }
        match order {
            CallOrder::Newest => sql.push(format_args!(" order by {at} desc, {id} desc limit ")),
            CallOrder::LowestScore => sql.push(" order by l.lowest, l.attempt_id desc limit "),
        };
        sql.push_bind(rows);
        sql
    }
}

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
        if *visible == Visible::Nothing {
            return Ok(FoundCalls::default());
        }
        let began = Instant::now();
        let (many, mut after) = (i64::from(rows), after);
        let mut found = FoundCalls::default();
        let oldest: Option<i64> = sqlx::query_scalar("select min(at) from replay")
            .fetch_one(self.pool())
            .await?;
        let newest: Option<i64> = sqlx::query_scalar("select max(at) from replay")
            .fetch_one(self.pool())
            .await?;
        let (Some(oldest), Some(newest)) = (oldest, newest) else {
            return Ok(found);
        };
        let oldest = filter.from.map_or(oldest, |from| from.millis().max(oldest));
        let mut top = filter.before.map_or(newest, |before| before.millis().min(newest));
        top = after.map_or(top, |after| {
            if order == CallOrder::Newest {
                after.key.min(top)
            } else {
                top
            }
        });
        let mut stretch = STRETCH;
        loop {
            let since = (order == CallOrder::Newest).then(|| top.saturating_sub(stretch));
            let left = many - i64::try_from(found.calls.len()).unwrap_or(many);
            let mut query = filter.query(visible, order, after, since, left);
            let page: Vec<(i64, i64)> = query.build_query_as().fetch_all(self.pool()).await?;
            let is_full = i64::try_from(page.len()).unwrap_or(left) >= left;
            if let Some((id, key)) = page.last().copied() {
                after = Some(After { key, id });
            }
            found.calls.extend(page.into_iter().map(|(id, _)| AttemptId(id)));
            if is_full {
                found.next = after;
                return Ok(found);
            }
            let Some(since) = since.filter(|since| *since > oldest) else {
                return Ok(found);
            };
            // Nothing of the stretch is left: the next one ends where it began.
            after = Some(After { key: since, id: 0 });
            top = since;
            stretch = stretch.saturating_mul(2);
            if began.elapsed() > PATIENCE {
                found.next = after;
                return Ok(found);
            }
        }
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
        let found = self.find_calls(filter, visible, order, None, most).await?;
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
