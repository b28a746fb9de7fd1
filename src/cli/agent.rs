//! `aftercall agent`: who calls by hand, at which telephone, with which skills and limits.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::daemon::{self, Daemon};
use super::{runtime, settings, show, user};
use crate::access::{Access, AgentOrder};
use crate::config::Settings;
use crate::phone::Number;
use crate::store::console::desk::{AgentChange, AgentLimits, AgentSettings, Extension, ListedAgent, skill};

/// Keep the agents (坐席): add, list, remove, skill, limit.
///
/// An agent is somebody with an account (`aftercall user`) who calls patients from a telephone of his or her own. Who may open
/// the data folder may keep agents; each change is in the audit log as `os:NAME`, and a running daemon heeds it at once: the
/// next case and the next call go by it, a conversation that goes on is not ended.
#[derive(Debug, Subcommand)]
pub(super) enum AgentCommand {
    /// Make an account an agent: `aftercall agent add wangfang --phone 8001 --skill department:骨科`.
    Add(Add),
    /// Show the agents.
    List(List),
    /// Take telephone, skills and limits away; the account stays.
    Remove(Remove),
    /// Give or take skills: whom an agent may get.
    Skill(Skill),
    /// Change calls a day, preview, wrap-up, and which numbers that are no case's may be dialed.
    Limit(Limit),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The account, as `aftercall user list` shows it.
    account: String,
    /// The phone that registers, as `aftercall phone list` shows it.
    #[arg(long, value_name = "USER", conflicts_with = "extension")]
    phone: Option<String>,
    /// A telephone behind the hospital's exchange: the trunk that leads there, and its number.
    #[arg(long, value_name = "TRUNK:NUMBER", value_parser = extension)]
    extension: Option<Extension>,
    /// `department:NAME`, `language:NAME` or `campaign:NAME`; may be said again. Of a kind that is not named: everybody.
    #[arg(long = "skill", value_name = "KIND:WORD", value_parser = skill)]
    skills: Vec<String>,
    #[command(flatten)]
    limits: Limits,
}

/// How much, how long, which numbers.
#[derive(Debug, Args)]
struct Limits {
    /// Conversations begun in one day at most [default: 300].
    #[arg(long, value_name = "CALLS")]
    calls_a_day: Option<u32>,
    /// Seconds that a case may be looked at before it is dialed [default: 30].
    #[arg(long, value_name = "SECONDS")]
    preview: Option<u32>,
    /// Seconds that a wrap-up may last [default: 120].
    #[arg(long, value_name = "SECONDS")]
    wrap_up: Option<u32>,
    /// First digits of numbers that are no case's and that this agent may dial with a grant, among those of `[desk]
    /// prefixes`; may be said again. Without any: all of those.
    #[arg(long = "prefix", value_name = "DIGITS")]
    prefixes: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The account.
    account: String,
    /// Why; it stands in the audit log.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Skill {
    /// The account.
    account: String,
    /// A skill that the agent has from now on: `language:温州话`.
    #[arg(long, value_name = "KIND:WORD", value_parser = skill)]
    give: Vec<String>,
    /// A skill that the agent has no more.
    #[arg(long, value_name = "KIND:WORD", value_parser = skill)]
    take: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct Limit {
    /// The account.
    account: String,
    #[command(flatten)]
    limits: Limits,
    /// No prefixes of the agent's own any more.
    #[arg(long, conflicts_with = "prefixes")]
    any_prefix: bool,
}

fn extension(text: &str) -> Result<Extension, String> {
    let (trunk, number) = text.split_once(':').ok_or("expected TRUNK:NUMBER, such as pbx:8001")?;
    if trunk.is_empty() {
        return Err("expected the name of a trunk before the colon".to_owned());
    }
    Ok(Extension {
        trunk: trunk.to_owned(),
        number: Number::parse(number).map_err(|why| why.to_string())?,
    })
}

impl AgentCommand {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        let (account, reason, what, told) = match self {
            Self::List(list) => return runtime()?.block_on(list.run(&settings)),
            Self::Add(add) => {
                let account = add.account.clone();
                (
                    account,
                    None,
                    AgentChange::Make(add.settings()),
                    "the account is an agent 坐席已设置",
                )
            }
            Self::Remove(Remove { account, reason }) => (
                account,
                reason,
                AgentChange::Remove,
                "the account is no agent any more 坐席已取消",
            ),
            Self::Skill(Skill { account, give, take }) => (
                account,
                None,
                AgentChange::Skills {
                    give: give.into_iter().collect(),
                    take: take.into_iter().collect(),
                },
                "the skills have changed 技能已更改",
            ),
            Self::Limit(limit) => (
                limit.account.clone(),
                None,
                AgentChange::Limits(limit.limits()),
                "the limits have changed 限额已更改",
            ),
        };
        let order = AgentOrder {
            who: user::name(),
            account,
            reason,
            what,
        };
        runtime()?.block_on(send(&settings, order))?;
        show::line(told);
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    fn settings(self) -> AgentSettings {
        let given = AgentSettings::default();
        AgentSettings {
            phone: self.phone,
            extension: self.extension,
            skills: self.skills.into_iter().collect(),
            calls_a_day: self.limits.calls_a_day.unwrap_or(given.calls_a_day),
            preview_s: self.limits.preview.unwrap_or(given.preview_s),
            wrap_up_s: self.limits.wrap_up.unwrap_or(given.wrap_up_s),
            prefixes: self.limits.prefixes.into_iter().collect(),
        }
    }
}

impl Limit {
    fn limits(self) -> AgentLimits {
        let own: BTreeSet<String> = self.limits.prefixes.into_iter().collect();
        AgentLimits {
            calls_a_day: self.limits.calls_a_day,
            preview_s: self.limits.preview,
            wrap_up_s: self.limits.wrap_up,
            prefixes: (self.any_prefix || !own.is_empty()).then_some(own),
        }
    }
}

async fn send(settings: &Arc<Settings>, order: AgentOrder) -> anyhow::Result<()> {
    match daemon::find(settings).await? {
        Daemon::Running(client) => Ok(client.post("/v1/agents", &order).await?),
        Daemon::Absent(office) => {
            let done = carry_out(&office, order).await;
            office.close().await;
            done
        }
    }
}

async fn carry_out(office: &crate::engine::Office, order: AgentOrder) -> anyhow::Result<()> {
    if let AgentChange::Make(settings) = &order.what {
        office.need_telephone(settings)?;
    }
    let access = Access::new(office.store().clone());
    access.carry_out_agent(order, office.clock().wall()).await?;
    Ok(())
}

/// An agent as listed.
#[derive(Serialize)]
struct Listed {
    account: String,
    name: String,
    role: String,
    /// `open`, or `locked` for good.
    state: &'static str,
    #[serde(flatten)]
    settings: AgentSettings,
}

impl From<ListedAgent> for Listed {
    fn from(agent: ListedAgent) -> Self {
        Self {
            account: agent.account,
            name: agent.name,
            role: agent.role,
            state: if agent.is_open { "open" } else { "locked" },
            settings: agent.settings,
        }
    }
}

impl List {
    async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let reader = daemon::reader(settings).await?;
        let rows = reader.agents().await?;
        reader.close().await;
        let all: Vec<Listed> = rows.into_iter().map(Listed::from).collect();
        if self.json {
            show::json(&all)?;
        } else if all.is_empty() {
            show::line("there is no agent yet: aftercall agent add ACCOUNT --phone USER");
        } else {
            let head = [
                "account",
                "name",
                "role",
                "state",
                "telephone",
                "skills",
                "a day",
                "preview",
                "wrap-up",
                "prefixes",
            ];
            let mut rows = vec![head.map(str::to_owned).to_vec()];
            rows.extend(all.into_iter().map(row));
            show::table(&rows);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row(listed: Listed) -> Vec<String> {
    let Listed {
        account,
        name,
        role,
        state,
        settings,
    } = listed;
    let telephone = match (settings.extension, settings.phone) {
        (Some(extension), _) => format!("{}:{}", extension.trunk, extension.number.reveal()),
        (None, Some(phone)) => phone,
        (None, None) => "none".to_owned(),
    };
    let joined = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join(" ");
    vec![
        account,
        name,
        role,
        state.to_owned(),
        telephone,
        joined(settings.skills),
        settings.calls_a_day.to_string(),
        format!("{} s", settings.preview_s),
        format!("{} s", settings.wrap_up_s),
        joined(settings.prefixes),
    ]
}
