//! What is set for an agent: the telephone, the skills, the limits; each change with its row in the audit log.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::AgentId;
use crate::phone::Number;
use crate::store::console::audit::Deed;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// What is set for an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentSettings {
    /// The phone that registers, by its user name.
    pub phone: Option<String>,
    /// A telephone behind the hospital's exchange, in place of one that registers.
    pub extension: Option<Extension>,
    /// Whom the agent may get, each as `kind:word`; of a kind that is not named everybody.
    pub skills: BTreeSet<String>,
    /// Conversations begun in one local day at most.
    pub calls_a_day: u32,
    /// How long a case may be looked at, 5 to 600 seconds.
    pub preview_s: u32,
    /// How long a wrap-up may last, 5 to 3,600 seconds.
    pub wrap_up_s: u32,
    /// First digits of numbers that are no case's; none: those of the settings. A grant is needed besides.
    pub prefixes: BTreeSet<String>,
}

/// A telephone behind the hospital's exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The trunk that leads there, by name.
    pub trunk: String,
    /// Its number.
    pub number: Number,
}

impl Default for AgentSettings {
    fn default() -> Self {
        Self {
            phone: None,
            extension: None,
            skills: BTreeSet::new(),
            calls_a_day: 300,
            preview_s: 30,
            wrap_up_s: 120,
            prefixes: BTreeSet::new(),
        }
    }
}

/// Limits that change; none: it stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentLimits {
    /// Conversations begun in one local day at most.
    pub calls_a_day: Option<u32>,
    /// How long a case may be looked at, in seconds.
    pub preview_s: Option<u32>,
    /// How long a wrap-up may last, in seconds.
    pub wrap_up_s: Option<u32>,
    /// First digits of numbers that are no case's.
    pub prefixes: Option<BTreeSet<String>>,
}

/// What becomes of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentChange {
    /// Somebody with an account becomes one.
    Make(AgentSettings),
    /// Becomes one, or has this from now on.
    Put(AgentSettings),
    /// Has other skills.
    Skills {
        /// These too.
        give: BTreeSet<String>,
        /// These no more.
        take: BTreeSet<String>,
    },
    /// Has other limits.
    Limits(AgentLimits),
    /// Is none any more: no telephone, no skill, no limit is left.
    Remove,
}

/// Whether it was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentChanged {
    /// It was.
    Done,
    /// The account is an agent already.
    Exists,
    /// The account is none.
    NoAgent,
    /// There is no such account, or it is locked for good.
    NoPerson,
    /// There is no such phone.
    NoPhone,
    /// Somebody else sits at the phone: who.
    PhoneTaken(String),
}

/// An agent in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAgent {
    /// The account's row.
    pub id: i64,
    /// What is typed to sign in.
    pub account: String,
    /// The person's name.
    pub name: String,
    /// The role, as it is stored.
    pub role: String,
    /// The account is not locked for good.
    pub is_open: bool,
    /// What is set.
    pub settings: AgentSettings,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    account: String,
    name: String,
    role: String,
    is_open: bool,
    is_agent: bool,
    phone: Option<String>,
    trunk: Option<String>,
    digits: Option<String>,
    calls_a_day: u32,
    preview_s: u32,
    wrap_up_s: u32,
    skills: String,
    prefixes: String,
}

const ROWS: &str = "
select t.id, t.account, t.name, t.role, t.ended_at is null as is_open, g.account_id is not null as is_agent,
    (select min(f.user) from phone f where f.account_id = t.id) as phone, g.trunk, g.digits,
    coalesce(g.calls_a_day, 300) as calls_a_day, coalesce(g.preview_s, 30) as preview_s,
    coalesce(g.wrap_up_s, 120) as wrap_up_s,
    (select json_group_array(s.kind || ':' || s.word) from agent_skill s where s.account_id = t.id) as skills,
    (select json_group_array(x.prefix) from agent_prefix x where x.account_id = t.id) as prefixes
from account t left join agent g on g.account_id = t.id ";

impl Row {
    fn listed(self) -> Result<ListedAgent, Error> {
        let extension = match self.trunk.zip(self.digits) {
            Some((trunk, digits)) => {
                let number = Number::parse(&digits).map_err(|why| Error::stored("agent.digits", why))?;
                Some(Extension { trunk, number })
            }
            None => None,
        };
        let set = |text: &str, what: &'static str| serde_json::from_str(text).map_err(|why| Error::stored(what, why));
        Ok(ListedAgent {
            id: self.id,
            account: self.account,
            name: self.name,
            role: self.role,
            is_open: self.is_open,
            settings: AgentSettings {
                phone: self.phone,
                extension,
                skills: set(&self.skills, "agent_skill")?,
                calls_a_day: self.calls_a_day,
                preview_s: self.preview_s,
                wrap_up_s: self.wrap_up_s,
                prefixes: set(&self.prefixes, "agent_prefix")?,
            },
        })
    }
}

impl Reader {
    /// All agents, and whoever has a phone, by account.
    pub async fn agents(&self) -> Result<Vec<ListedAgent>, Error> {
        let sql = format!(
            "{ROWS} where g.account_id is not null or exists (select 1 from phone f where f.account_id = t.id)
             order by t.account limit 10000"
        );
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(self.pool()).await?;
        rows.into_iter().map(Row::listed).collect()
    }

    /// What is set for an account, and whether anything was; nothing where there is no account.
    pub async fn agent_settings(&self, agent: AgentId) -> Result<Option<(AgentSettings, bool)>, Error> {
        let sql = format!("{ROWS} where t.id = $1");
        let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(agent.0)
            .fetch_optional(self.pool())
            .await?;
        row.map(|row| {
            let is_agent = row.is_agent;
            Ok((row.listed()?.settings, is_agent))
        })
        .transpose()
    }
}

impl Store {
    /// Changes what is set for an agent and writes down who did it.
    pub async fn change_agent(&self, agent: AgentId, change: AgentChange, deed: Deed) -> Result<AgentChanged, Error> {
        self.write(Change { agent, change, deed }).await
    }
}

struct Change {
    agent: AgentId,
    change: AgentChange,
    deed: Deed,
}

impl Write for Change {
    type Answer = AgentChanged;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<AgentChanged, Error> {
        let sql = format!("{ROWS} where t.id = $1");
        let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(self.agent.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
        // What is taken away may be taken from a locked account too.
        let Some(row) = row.filter(|row| row.is_open || self.change == AgentChange::Remove) else {
            return Ok(AgentChanged::NoPerson);
        };
        let is_agent = row.is_agent;
        let present = row.listed()?.settings;
        let settings = match &self.change {
            AgentChange::Make(_) if is_agent => return Ok(AgentChanged::Exists),
            AgentChange::Skills { .. } | AgentChange::Limits(_) | AgentChange::Remove if !is_agent => {
                return Ok(AgentChanged::NoAgent);
            }
            AgentChange::Make(settings) | AgentChange::Put(settings) => Some(settings.clone()),
            AgentChange::Skills { give, take } => Some(AgentSettings {
                skills: present.skills.difference(take).chain(give).cloned().collect(),
                ..present
            }),
            AgentChange::Limits(limits) => Some(AgentSettings {
                calls_a_day: limits.calls_a_day.unwrap_or(present.calls_a_day),
                preview_s: limits.preview_s.unwrap_or(present.preview_s),
                wrap_up_s: limits.wrap_up_s.unwrap_or(present.wrap_up_s),
                prefixes: limits.prefixes.clone().unwrap_or(present.prefixes),
                ..present
            }),
            AgentChange::Remove => None,
        };
        if let Some(phone) = settings.as_ref().and_then(|settings| settings.phone.as_ref()) {
            let sits: Option<Option<String>> = sqlx::query_scalar(
                "select (select t.account from account t where t.id = f.account_id and f.account_id <> $2)
                 from phone f where f.user = $1",
            )
            .bind(phone)
            .bind(self.agent.0)
            .fetch_optional(&mut *ledger.db)
            .await?;
            match sits {
                None => return Ok(AgentChanged::NoPhone),
                Some(Some(account)) => return Ok(AgentChanged::PhoneTaken(account)),
                Some(None) => {}
            }
        }
        self.clear(ledger, settings.as_ref()).await?;
        if let Some(settings) = &settings {
            self.write(ledger, settings).await?;
        }
        let detail = serde_json::json!({ "settings": settings });
        let deed = Deed {
            detail: Some(detail),
            ..self.deed.clone()
        };
        deed.run(ledger).await?;
        Ok(AgentChanged::Done)
    }
}

impl Change {
    /// Takes away what was set.
    async fn clear(&self, ledger: &mut Ledger<'_>, next: Option<&AgentSettings>) -> Result<(), Error> {
        let phone = next.and_then(|settings| settings.phone.as_deref());
        sqlx::query("update phone set account_id = null, changed_at = $3 where account_id = $1 and user is not $2")
            .bind(self.agent.0)
            .bind(phone)
            .bind(self.deed.at.millis())
            .execute(&mut *ledger.db)
            .await?;
        for sql in [
            "delete from agent_skill where account_id = $1",
            "delete from agent_prefix where account_id = $1",
            "delete from agent where account_id = $1",
        ] {
            sqlx::query(sql).bind(self.agent.0).execute(&mut *ledger.db).await?;
        }
        Ok(())
    }

    async fn write(&self, ledger: &mut Ledger<'_>, settings: &AgentSettings) -> Result<(), Error> {
        let extension = settings.extension.as_ref();
        sqlx::query(
            "insert into agent (account_id, trunk, digits, calls_a_day, preview_s, wrap_up_s)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.agent.0)
        .bind(extension.map(|extension| extension.trunk.as_str()))
        .bind(extension.map(|extension| extension.number.reveal()))
        .bind(settings.calls_a_day)
        .bind(settings.preview_s)
        .bind(settings.wrap_up_s)
        .execute(&mut *ledger.db)
        .await?;
        sqlx::query(
            "insert into agent_skill (account_id, kind, word)
             select $1, substr(j.value, 1, instr(j.value, ':') - 1), substr(j.value, instr(j.value, ':') + 1)
             from json_each($2) j",
        )
        .bind(self.agent.0)
        .bind(serde_json::json!(settings.skills).to_string())
        .execute(&mut *ledger.db)
        .await?;
        sqlx::query("insert into agent_prefix (account_id, prefix) select $1, j.value from json_each($2) j")
            .bind(self.agent.0)
            .bind(serde_json::json!(settings.prefixes).to_string())
            .execute(&mut *ledger.db)
            .await?;
        sqlx::query("update phone set account_id = $1, changed_at = $3 where user = $2 and account_id is not $1")
            .bind(self.agent.0)
            .bind(&settings.phone)
            .bind(self.deed.at.millis())
            .execute(&mut *ledger.db)
            .await?;
        Ok(())
    }
}
