//! Recover: what a crash left open is ended as unknown, and the leases of dead daemons end.

use crate::dialer::claim::LOCK;
use crate::dialer::{LEFT_OVER, Next};
use crate::ids::{AttemptId, CampaignId, CaseId};
use crate::moment::Wall;
use crate::outcome::Disposition;

use super::finish::advance_case;
use super::job::{Ledger, Write};
use super::{Error, Nights};

/// The rule that a recovered attempt names.
pub(super) const RULE: &str = "left-open-by-crash";

/// How to treat what a crash left open.
#[derive(Clone, Debug, PartialEq)]
pub struct Recover {
    /// The present.
    pub now: Wall,
    /// When a case of each campaign may be tried again: its next night.
    pub next_night: Nights,
    /// The same for campaigns that `next_night` does not name.
    pub otherwise: Wall,
    /// Whether such an attempt uses up budget.
    pub budget: Budget,
}

/// Whether an attempt uses up budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// It does.
    Counted,
    /// It does not: our own fault.
    Spared,
}

/// An attempt that a crash had left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The attempt, now ended as unknown. A recording may lie under its name.
    pub attempt: AttemptId,
    /// Its case; none for a test call.
    pub case: Option<CaseId>,
}

impl Write for Recover {
    type Answer = Vec<Recovered>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Vec<Recovered>, Error> {
        let open: Vec<(i64, Option<i64>, Option<i64>, i64)> = sqlx::query_as(
            "select a.id, a.case_id, c.campaign_id, a.begun_at from attempt a left join cases c on c.id = a.case_id
             where a.state = 'begun' order by a.id",
        )
        .fetch_all(&mut *ledger.db)
        .await?;
        let mut recovered = Vec::with_capacity(open.len());
        for (attempt, case, campaign, begun) in open {
            sqlx::query(
                "update attempt set state = 'ended', ended_at = $2, disposition = $3, rule = $4, facts = '{}',
                    locked_until = $5
                 where id = $1",
            )
            .bind(attempt)
            .bind(self.now.millis())
            .bind(Disposition::Unknown.as_str())
            .bind(RULE)
            // Somebody may still be on the line, until the call is taken down or cannot last any longer.
            .bind((Wall::from_millis(begun) + LEFT_OVER).max(self.now + LOCK).millis())
            .execute(&mut *ledger.db)
            .await?;
            if let Some(case) = case {
                let night = campaign.and_then(|id| self.next_night.get(&CampaignId(id)));
                let next = Next::Again {
                    at: night.copied().unwrap_or(self.otherwise),
                    counted: self.budget == Budget::Counted,
                };
                advance_case(ledger, CaseId(case), Disposition::Unknown, next, self.now).await?;
            }
            recovered.push(Recovered {
                attempt: AttemptId(attempt),
                case: case.map(CaseId),
            });
        }
        // The folder is held by us alone and we have claimed nothing yet, so every lease is a dead daemon's.
        sqlx::query(
            "update cases set lease_until = null, lease_holder = null, lease_number_id = null
             where lease_holder is not null",
        )
        .execute(&mut *ledger.db)
        .await?;
        Ok(recovered)
    }
}
