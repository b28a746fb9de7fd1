//! Recover: what a crash left open is ended by the rules of [`crate::dialer::recover`], and the leases of dead daemons end.

use crate::dialer::recover::{CaseBehind, LeftOpen, Recover, Versions};
use crate::dialer::retry::past_of;
use crate::dialer::{Direction, History, Stands};
use crate::ids::{AttemptId, CampaignId, CaseId, NumberId};
use crate::moment::Wall;
use crate::outcome::Disposition;

use super::Error;
use super::conversation;
use super::finish::disposition_of;
use super::job::{Ledger, Write};

/// An attempt that a crash had left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The attempt, now ended. A recording may lie under its name.
    pub attempt: AttemptId,
    /// Its case; none for a test call.
    pub case: Option<CaseId>,
    /// What it came to: `unknown` unless the answers that were kept say more.
    pub disposition: Disposition,
}

#[derive(sqlx::FromRow)]
struct OpenRow {
    id: i64,
    begun_at: i64,
    mark: String,
    reached: bool,
    session: Option<String>,
    dialplan_hash: String,
    text: String,
    case_id: Option<i64>,
    number_id: Option<i64>,
    campaign_id: Option<i64>,
    counted: Option<u16>,
    deadline_at: Option<i64>,
    came_in: bool,
    next_at: Option<i64>,
    is_partial: bool,
}

/// By the index of open attempts: left alone, SQLite reads the table, because its rows are in order.
pub(super) const OPEN: &str = "
select a.id, a.begun_at, a.mark, a.reached, a.session, a.dialplan_hash, d.text, a.case_id, a.number_id, c.campaign_id, c.counted,
    c.deadline_at, a.direction = 'in' as came_in, c.next_at, coalesce(c.outcome = 'partial', 0) as is_partial
from attempt a indexed by attempt_open_digits
join dialplan d on d.hash = a.dialplan_hash
left join cases c on c.id = a.case_id
where a.state = 'begun' and a.digits >= '' order by a.id";

/// By the index of held cases, which are few among all there are.
pub(super) const FREE: &str = "
update cases indexed by cases_held set lease_until = null, lease_holder = null, lease_number_id = null
where lease_holder >= ''";

impl Write for Recover {
    type Answer = Vec<Recovered>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Vec<Recovered>, Error> {
        let open: Vec<OpenRow> = sqlx::query_as(OPEN).fetch_all(&mut *ledger.db).await?;
        let mut versions = Versions::default();
        let mut recovered = Vec::with_capacity(open.len());
        for row in open {
            let left = LeftOpen {
                attempt: AttemptId(row.id),
                begun: Wall::from_millis(row.begun_at),
                // An attempt from before there were marks has none.
                mark: row.mark.parse().ok(),
                reached: row.reached,
                dialplan: &row.dialplan_hash,
                text: &row.text,
                session: row.session.as_deref(),
                direction: if row.came_in { Direction::In } else { Direction::Out },
                case: case_behind(ledger, &row).await?,
            };
            let finish = self.finish(&left, &mut versions);
            finish.run(ledger).await?;
            sqlx::query("update attempt set locked_until = $2 where id = $1")
                .bind(row.id)
                .bind(self.locked_until(left.begun).millis())
                .execute(&mut *ledger.db)
                .await?;
            recovered.push(Recovered {
                attempt: finish.attempt,
                case: row.case_id.map(CaseId),
                disposition: finish.disposition,
            });
        }
        // The folder is held by us alone and we have claimed nothing yet, so every lease is a dead daemon's; agents get
        // theirs back.
        sqlx::query(FREE).execute(&mut *ledger.db).await?;
        conversation::recover(ledger, self.now).await?;
        Ok(recovered)
    }
}

/// The case of an open attempt with what it has behind it; none for a call by hand.
async fn case_behind(ledger: &mut Ledger<'_>, row: &OpenRow) -> Result<Option<CaseBehind>, Error> {
    let (Some(case), Some(campaign)) = (row.case_id, row.campaign_id) else {
        return Ok(None);
    };
    let past: Vec<(String, Option<i64>)> = sqlx::query_as(
        "select disposition, number_id from attempt
             where case_id = $1 and state = 'ended' and direction = 'out' order by id",
    )
    .bind(case)
    .fetch_all(&mut *ledger.db)
    .await?;
    let tried = past
        .iter()
        .map(|(id, number)| Ok((disposition_of(id)?, number.map(NumberId))));
    let tried: Vec<_> = tried.collect::<Result<_, Error>>()?;
    let has_answers: bool = sqlx::query_scalar(
        "select exists (select 1 from answer w join attempt a on a.id = w.attempt_id
            where a.case_id = $1 and a.state = 'ended' and w.kind = 'value'
                and a.disposition in ('partial', 'unknown', 'interrupted', 'appointment'))",
    )
    .bind(case)
    .fetch_one(&mut *ledger.db)
    .await?;
    Ok(Some(CaseBehind {
        campaign: CampaignId(campaign),
        history: History {
            counted: row.counted.unwrap_or_default(),
            past: past_of(tried, row.number_id.map(NumberId)),
            has_answers,
        },
        deadline: row.deadline_at.map(Wall::from_millis),
        stands: if row.is_partial {
            Stands::Partial
        } else {
            Stands::Open {
                next_at: Wall::from_millis(row.next_at.unwrap_or_default()),
            }
        },
    }))
}
