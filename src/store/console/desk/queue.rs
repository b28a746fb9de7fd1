//! The next cases for an agent: of what the machine would dial, by skill; appointments first, then priority, then deadline.

use crate::dialer::claim::TOLERANCE;
use crate::ids::{AgentId, CampaignId, CaseId};
use crate::moment::Wall;
use crate::pii::mask_name;
use crate::store::{Error, Reader};

/// A case that may come next; the name masked.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct UpcomingRow {
    /// The case.
    #[sqlx(rename = "id")]
    pub case: i64,
    /// Its campaign's name.
    pub campaign: String,
    /// Whose, masked.
    pub name: Option<String>,
    /// `male` or `female`.
    pub sex: Option<String>,
    /// As the list had it.
    pub age: Option<String>,
    /// Where the patient was.
    pub department: Option<String>,
    /// When it is too late.
    pub deadline_at: Option<Wall>,
    /// The time that the patient asked for, if that is now.
    pub appointment_at: Option<Wall>,
    /// The higher one goes first.
    pub priority: i64,
    /// When it may be tried.
    pub next_at: Wall,
    /// How the last attempt ended.
    pub last_disposition: Option<String>,
}

impl UpcomingRow {
    /// Its row.
    pub const fn id(&self) -> CaseId {
        CaseId(self.case)
    }

    /// What comes first has the smaller turn.
    pub fn turn(&self) -> impl Ord + use<> {
        (
            self.appointment_at.is_none(),
            std::cmp::Reverse(self.priority),
            self.deadline_at.unwrap_or(Wall::from_millis(i64::MAX)),
            self.next_at,
            self.case,
        )
    }
}

/// What a case has to be to come before an agent: due and nobody's, of a patient who can be called, within the agent's skills,
/// not put back by him or her just now.
macro_rules! fits {
    () => {
        "c.state = 'open' and c.next_at <= $2 and (c.lease_until is null or c.lease_until <= $2) and p.deceased = 0
    and not exists (select 1 from attempt b where b.case_id = c.id and b.state = 'begun')
    and (not exists (select 1 from agent_skill s where s.account_id = $3 and s.kind = 'department')
        or exists (select 1 from agent_skill s
            where s.account_id = $3 and s.kind = 'department' and s.word = e.department))
    and (p.language is null or exists (select 1 from agent_skill s
        where s.account_id = $3 and s.kind = 'language' and s.word = p.language))
    and not exists (select 1 from conversation v
        where v.account_id = $3 and v.skipped_until > $2 and v.case_id = c.id)
    and not exists (select 1 from conversation v where v.case_id = c.id and v.settled_at is null)"
    };
}

/// `$1` the campaign, `$2` the present, `$3` the agent, `$4` rows, `$5` and `$6` between which times an appointment is due.
/// Priorities are few: each has its own walk along the index in the order in which cases come, and ends when it has found so
/// many that fit; the appointments have theirs.
pub(in crate::store) const UPCOMING: &str = concat!(
    "
with recursive
running (name) as (
    select m.name from campaign m where m.id = $1 and m.state = 'running' and m.paused_at is null
        and (not exists (select 1 from agent_skill s where s.account_id = $3 and s.kind = 'campaign')
            or exists (select 1 from agent_skill s
                where s.account_id = $3 and s.kind = 'campaign' and s.word = m.name))),
level (priority) as (
    select (select max(c.priority) from cases c where c.campaign_id = $1 and c.state = 'open') from running
    union all
    select (select max(c.priority) from cases c
            where c.campaign_id = $1 and c.state = 'open' and c.priority < level.priority)
    from level where level.priority is not null),
found (id) as (
    select appointed.id from running, (
        select c.id from cases c
        where c.campaign_id = $1 and c.state = 'open' and c.appointment_at > $5 and c.appointment_at <= $6
        order by c.appointment_at limit 200) appointed
    union
    select j.value from level, json_each((
        select json_group_array(waiting.id) from (
            select c.id from cases c indexed by cases_by_hand
            cross join encounter e on e.id = c.encounter_id
            cross join patient p on p.id = e.patient_id
            where c.campaign_id + 0 = $1 and c.priority = level.priority
                and coalesce(c.deadline_at, 9223372036854775807) > $2 and ",
    fits!(),
    "
            order by coalesce(c.deadline_at, 9223372036854775807), c.next_at, c.id limit $4) waiting)) j
    where level.priority is not null)
select c.id, (select name from running) as campaign, p.name, p.sex, p.age, e.department, c.deadline_at,
    case when c.appointment_at > $5 and c.appointment_at <= $6 then c.appointment_at end as appointment_at, c.priority,
    c.next_at, c.last_disposition
from found
cross join cases c on c.id = found.id
cross join encounter e on e.id = c.encounter_id
cross join patient p on p.id = e.patient_id
where (c.deadline_at is null or c.deadline_at > $2) and ",
    fits!(),
    "
order by coalesce(c.appointment_at > $5 and c.appointment_at <= $6, 0) desc, c.priority desc,
    coalesce(c.deadline_at, 9223372036854775807), c.next_at, c.id
limit $4"
);

impl Reader {
    /// The cases of a campaign that may come next for an agent, in their order; none of a campaign that does not run.
    pub async fn upcoming(
        &self,
        campaign: CampaignId,
        agent: AgentId,
        now: Wall,
        most: u32,
    ) -> Result<Vec<UpcomingRow>, Error> {
        let rows: Vec<UpcomingRow> = sqlx::query_as(UPCOMING)
            .bind(campaign.0)
            .bind(now.millis())
            .bind(agent.0)
            .bind(most)
            .bind((now - TOLERANCE).millis())
            .bind((now + TOLERANCE).millis())
            .fetch_all(self.pool())
            .await?;
        let masked = |row: UpcomingRow| UpcomingRow {
            name: row.name.as_deref().map(mask_name),
            ..row
        };
        Ok(rows.into_iter().map(masked).collect())
    }

    /// When the next appointment of a running campaign is.
    pub async fn next_appointment(&self, now: Wall) -> Result<Option<Wall>, Error> {
        Ok(sqlx::query_scalar(
            "select c.appointment_at from cases c join campaign m on m.id = c.campaign_id
             where c.state = 'open' and c.appointment_at is not null and c.appointment_at > $1 and m.state = 'running'
             order by c.appointment_at limit 1",
        )
        .bind(now.millis())
        .fetch_optional(self.pool())
        .await?)
    }
}
