//! Agents: what rings on their desks, what they can, their day, and their presence as it is kept.

use std::collections::BTreeSet;

use crate::agents::of_case;
use crate::ids::{AgentId, CaseId};
use crate::moment::Wall;
use crate::phone::Number;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// An agent as the floor has to know him or her.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRow {
    /// The person's name.
    pub name: String,
    /// The user name with which the phone registers.
    pub phone: Option<String>,
    /// An extension behind the hospital's exchange instead: the trunk's name and the number.
    pub extension: Option<(String, Number)>,
    /// Departments, languages and campaigns, each as `kind:word`.
    pub skills: BTreeSet<String>,
    /// First digits of numbers that are no case's and that this agent may dial; none: as the settings say.
    pub prefixes: BTreeSet<String>,
    /// The account is not locked for good.
    pub is_open: bool,
    /// Calls a day at most.
    pub calls_a_day: u32,
    /// How long a case may be looked at, in seconds.
    pub preview_s: u32,
    /// How long a wrap-up may last, in seconds.
    pub wrap_up_s: u32,
}

impl AgentRow {
    /// Whether the agent's own prefixes let a number be dialed that is no case's.
    pub fn may_dial(&self, number: &Number) -> bool {
        let begins = |prefix: &String| number.reveal().starts_with(prefix.as_str());
        self.prefixes.is_empty() || self.prefixes.iter().any(begins)
    }

    /// The user name of the phone that rings, where it is one that registers.
    pub fn registers_as(&self) -> Option<&str> {
        let phone = self.phone.as_deref();
        phone.filter(|_| self.extension.is_none())
    }
}

/// An agent's day so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct AgentToday {
    /// Calls made.
    pub calls: u32,
    /// Of these, the completed ones.
    pub completed: u32,
    /// From the end of a conversation to its settling, on average.
    pub wrap_up_mean_ms: Option<i64>,
}

/// What is kept of an agent's presence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresenceKept {
    /// Not at the desk.
    Away,
    /// Takes calls.
    Ready,
    /// Takes none.
    Paused(String),
}

#[derive(sqlx::FromRow)]
struct Row {
    name: String,
    phone: Option<String>,
    trunk: Option<String>,
    digits: Option<String>,
    calls_a_day: u32,
    preview_s: u32,
    wrap_up_s: u32,
    skills: String,
    prefixes: String,
    is_open: bool,
}

const AGENT: &str = "
select t.name, t.ended_at is null as is_open, (select min(f.user) from phone f where f.account_id = t.id) as phone, g.trunk, g.digits,
    coalesce(g.calls_a_day, 300) as calls_a_day, coalesce(g.preview_s, 30) as preview_s,
    coalesce(g.wrap_up_s, 120) as wrap_up_s,
    (select json_group_array(s.kind || ':' || s.word) from agent_skill s where s.account_id = t.id) as skills,
    (select json_group_array(x.prefix) from agent_prefix x where x.account_id = t.id) as prefixes
from account t left join agent g on g.account_id = t.id where t.id = $1";

pub(in crate::store) const WANTED: &str = "
select m.name, e.department, p.language from cases c join campaign m on m.id = c.campaign_id
join encounter e on e.id = c.encounter_id join patient p on p.id = e.patient_id where c.id = $1";

pub(in crate::store) const TODAY: &str = "
select count(v.attempt_id) as calls, coalesce(sum(v.outcome = 'completed'), 0) as completed,
    cast(avg(case when v.attempt_id is not null then v.settled_at - v.ended_at end) as integer) as wrap_up_mean_ms
from conversation v where v.account_id = $1 and v.begun_at >= $2";

impl Reader {
    /// An agent.
    pub async fn agent(&self, agent: AgentId) -> Result<Option<AgentRow>, Error> {
        let row: Option<Row> = sqlx::query_as(AGENT).bind(agent.0).fetch_optional(self.pool()).await?;
        row.map(|row| {
            let extension = match row.trunk.zip(row.digits) {
                Some((trunk, digits)) => {
                    let number = Number::parse(&digits).map_err(|why| Error::stored("agent.digits", why))?;
                    Some((trunk, number))
                }
                None => None,
            };
            let skills = serde_json::from_str(&row.skills).map_err(|why| Error::stored("agent_skill", why))?;
            let prefixes = serde_json::from_str(&row.prefixes).map_err(|why| Error::stored("agent_prefix", why))?;
            Ok(AgentRow {
                name: row.name,
                phone: row.phone,
                extension,
                skills,
                prefixes,
                is_open: row.is_open,
                calls_a_day: row.calls_a_day,
                preview_s: row.preview_s,
                wrap_up_s: row.wrap_up_s,
            })
        })
        .transpose()
    }

    /// What an agent should be able to do for a case, each as `kind:word`.
    pub async fn case_skills(&self, case: CaseId) -> Result<BTreeSet<String>, Error> {
        let words: Option<(String, Option<String>, Option<String>)> =
            sqlx::query_as(WANTED).bind(case.0).fetch_optional(self.pool()).await?;
        let Some((campaign, department, language)) = words else {
            return Ok(BTreeSet::new());
        };
        Ok(of_case(&campaign, department.as_deref(), language.as_deref()))
    }

    /// An agent's day since its midnight.
    pub async fn agent_today(&self, agent: AgentId, midnight: Wall) -> Result<AgentToday, Error> {
        Ok(sqlx::query_as(TODAY)
            .bind(agent.0)
            .bind(midnight.millis())
            .fetch_one(self.pool())
            .await?)
    }

    /// The names of agents: row, account, name, department.
    pub async fn agent_names(&self, agents: &[AgentId]) -> Result<Vec<(i64, String, Option<String>)>, Error> {
        let rows: Vec<i64> = agents.iter().map(|agent| agent.0).collect();
        Ok(sqlx::query_as(
            "select t.id, t.name, t.department from json_each($1) j join account t on t.id = j.value order by t.id",
        )
        .bind(serde_json::json!(rows).to_string())
        .fetch_all(self.pool())
        .await?)
    }
}

impl Store {
    /// Keeps what an agent does from now on.
    pub async fn keep_presence(&self, agent: AgentId, presence: PresenceKept, at: Wall) -> Result<(), Error> {
        self.write(Keep { agent, presence, at }).await
    }
}

struct Keep {
    agent: AgentId,
    presence: PresenceKept,
    at: Wall,
}

impl Write for Keep {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let (state, reason) = match &self.presence {
            PresenceKept::Away => ("away", None),
            PresenceKept::Ready => ("ready", None),
            PresenceKept::Paused(reason) => ("paused", Some(reason)),
        };
        let same: bool = sqlx::query_scalar(
            "select exists (select 1 from presence
                where account_id = $1 and until_at is null and state = $2 and reason is $3)",
        )
        .bind(self.agent.0)
        .bind(state)
        .bind(reason)
        .fetch_one(&mut *ledger.db)
        .await?;
        if same {
            return Ok(());
        }
        sqlx::query("update presence set until_at = max(from_at, $2) where account_id = $1 and until_at is null")
            .bind(self.agent.0)
            .bind(self.at.millis())
            .execute(&mut *ledger.db)
            .await?;
        sqlx::query("insert into presence (account_id, state, reason, from_at) values ($1, $2, $3, $4)")
            .bind(self.agent.0)
            .bind(state)
            .bind(reason)
            .bind(self.at.millis())
            .execute(&mut *ledger.db)
            .await?;
        Ok(())
    }
}
