//! Recover: what a crash left open is ended by what was kept of it, and the leases of dead daemons end.

use std::collections::BTreeMap;

use crate::calendar::Schedule;
use crate::dialer::claim::LOCK;
use crate::dialer::retry::{self, Ended, History};
use crate::dialer::{Finish, LEFT_OVER, MediaSums, Next, Outcome, RetryPolicy};
use crate::dialplan::{self, Dialplan, Progress, Session};
use crate::ids::{AttemptId, CallMark, CampaignId, CaseId};
use crate::moment::Wall;
use crate::outcome::{self, CauseTable, Disposition, Facts, Reach};

use super::Error;
use super::finish::disposition_of;
use super::job::{Ledger, Write};

/// How to treat what a crash left open.
#[derive(Clone, Debug, PartialEq)]
pub struct Recover {
    /// The present.
    pub now: Wall,
    /// When the cases of each campaign are tried again.
    pub rules: BTreeMap<CampaignId, Rules>,
    /// The same for campaigns that `rules` does not name.
    pub otherwise: Rules,
}

/// When the cases of a campaign are tried again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// After which ending, and how often.
    pub retry: RetryPolicy,
    /// When calls may be placed.
    pub schedule: Schedule,
}

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
    campaign_id: Option<i64>,
    counted: Option<u16>,
    deadline_at: Option<i64>,
}

const OPEN: &str = "
select a.id, a.begun_at, a.mark, a.reached, a.session, a.dialplan_hash, d.text, a.case_id, c.campaign_id, c.counted,
    c.deadline_at
from attempt a
join dialplan d on d.hash = a.dialplan_hash
left join cases c on c.id = a.case_id
where a.state = 'begun' order by a.id";

impl Write for Recover {
    type Answer = Vec<Recovered>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Vec<Recovered>, Error> {
        let open: Vec<OpenRow> = sqlx::query_as(OPEN).fetch_all(&mut *ledger.db).await?;
        let mut versions = Versions::default();
        let mut recovered = Vec::with_capacity(open.len());
        for row in open {
            let facts = facts(&row, &mut versions);
            let verdict = outcome::classify(&facts, &CauseTable::default());
            let next = self.next(ledger, &row, Ended::of(verdict.disposition, &facts)).await?;
            let finish = Finish {
                attempt: AttemptId(row.id),
                at: self.now,
                facts,
                disposition: verdict.disposition,
                rule: verdict.rule.to_owned(),
                next,
                media: MediaSums::default(),
            };
            finish.run(ledger).await?;
            self.lock(ledger, &row).await?;
            recovered.push(Recovered {
                attempt: finish.attempt,
                case: row.case_id.map(CaseId),
                disposition: finish.disposition,
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

impl Recover {
    /// Somebody may still be on the line, until the call is taken down or cannot last any longer.
    async fn lock(&self, ledger: &mut Ledger<'_>, row: &OpenRow) -> Result<(), Error> {
        sqlx::query("update attempt set locked_until = $2 where id = $1")
            .bind(row.id)
            .bind(
                (Wall::from_millis(row.begun_at) + LEFT_OVER)
                    .max(self.now + LOCK)
                    .millis(),
            )
            .execute(&mut *ledger.db)
            .await?;
        Ok(())
    }

    /// What becomes of the case, by the rules of its campaign.
    async fn next(&self, ledger: &mut Ledger<'_>, row: &OpenRow, ended: Ended) -> Result<Next, Error> {
        let Some(case) = row.case_id else {
            // A call by hand has no case: nothing becomes of it.
            return Ok(Next::Close {
                outcome: Outcome::Withdrawn,
                counted: false,
            });
        };
        let past: Vec<String> =
            sqlx::query_scalar("select disposition from attempt where case_id = $1 and state = 'ended' order by id")
                .bind(case)
                .fetch_all(&mut *ledger.db)
                .await?;
        let has_answers: bool = sqlx::query_scalar(
            "select exists (select 1 from answer w join attempt a on a.id = w.attempt_id
                where a.case_id = $1 and a.state = 'ended' and w.kind = 'value'
                    and a.disposition in ('partial', 'unknown', 'interrupted'))",
        )
        .bind(case)
        .fetch_one(&mut *ledger.db)
        .await?;
        let history = History {
            counted: row.counted.unwrap_or_default(),
            past: past.iter().map(|id| disposition_of(id)).collect::<Result<_, _>>()?,
            has_answers,
        };
        let named = row.campaign_id.and_then(|id| self.rules.get(&CampaignId(id)));
        let Rules { retry, schedule } = named.unwrap_or(&self.otherwise);
        let deadline = row.deadline_at.map(Wall::from_millis);
        Ok(retry::next(retry, &history, ended, self.now, schedule, deadline))
    }
}

/// What can still be told of a call: whether the far end had it, and how far the questionnaire got.
fn facts(row: &OpenRow, versions: &mut Versions) -> Facts {
    let survey = row
        .session
        .as_deref()
        .and_then(|session| versions.progress(&row.dialplan_hash, &row.text, session));
    // An attempt from before there were marks has none.
    let mark = row.mark.parse::<CallMark>().ok();
    Facts {
        call_id: mark.map(CallMark::call_id).unwrap_or_default(),
        left_open: Some(if row.reached || row.session.is_some() {
            Reach::FarEnd
        } else {
            Reach::Nobody
        }),
        // A key was kept, so somebody had answered.
        final_status: row.session.as_ref().map(|_| 200),
        survey,
        ..Facts::default()
    }
}

/// The dialplans that were read so far, by content hash; none for a text that cannot be read any more.
#[derive(Default)]
struct Versions(BTreeMap<String, Option<Dialplan>>);

impl Versions {
    fn progress(&mut self, hash: &str, text: &str, session: &str) -> Option<Progress> {
        let plan = self
            .0
            .entry(hash.to_owned())
            .or_insert_with(|| dialplan::parse(text).ok());
        let plan = plan.as_ref().filter(|plan| plan.hash() == hash)?;
        let mut session: Session = serde_json::from_str(session).ok()?;
        session.cut_off();
        Some(session.progress(plan))
    }
}
