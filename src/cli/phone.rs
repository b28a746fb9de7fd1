//! `aftercall phone`: who may register a telephone.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::daemon::{self, Daemon};
use super::user::{self, Source};
use super::{runtime, settings, show, time};
use crate::config::Settings;
use crate::engine::office::{PhoneDigest, PhoneOrder, PhoneTurn};
use crate::moment::Wall;
use crate::pii::Pii;

/// Keep the phones (话机) that register to the daemon: add, list, remove, password, agent.
///
/// Who may open the data folder may keep phones; each change is in the audit log as `os:NAME`, and a running daemon heeds it
/// at once. Passwords are asked on the terminal or read from a file, never taken from the command line; what is kept of
/// them is good for the `realm` of `[phones]` alone.
#[derive(Debug, Subcommand)]
pub(super) enum PhoneCommand {
    /// Make a phone's account: `aftercall phone add 8001 --agent wangfang`.
    Add(Add),
    /// Show the phones and who sits at them.
    List(List),
    /// Take a phone's account away; it is no longer registered.
    Remove(Remove),
    /// Give a phone another password; until it is told, it is no longer registered.
    Password(Password),
    /// Say who sits at a phone from now on.
    Agent(Agent),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The phone: the user name that it registers with.
    user: String,
    /// The agent's account of the console, as `aftercall user list` shows it.
    #[arg(long, value_name = "ACCOUNT")]
    agent: Option<String>,
    #[command(flatten)]
    secret: Secret,
}

/// A password, and what the phone can do with it.
#[derive(Debug, Args)]
struct Secret {
    #[command(flatten)]
    source: Source,
    /// The phone knows MD5 alone and stumbles over SHA-256, as baresip before 2.0 does.
    #[arg(long)]
    only_md5: bool,
}

impl Secret {
    fn read(&self) -> anyhow::Result<(Pii<String>, PhoneDigest)> {
        let digest = if self.only_md5 {
            PhoneDigest::Md5
        } else {
            PhoneDigest::Both
        };
        Ok((self.source.read()?, digest))
    }
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The phone.
    user: String,
}

#[derive(Debug, Args)]
pub(super) struct Password {
    /// The phone.
    user: String,
    #[command(flatten)]
    secret: Secret,
}

#[derive(Debug, Args)]
pub(super) struct Agent {
    /// The phone.
    user: String,
    /// The agent's account of the console; without one nobody sits there.
    account: Option<String>,
}

impl PhoneCommand {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        let (user, what, told) = match self {
            Self::List(list) => return runtime()?.block_on(list.run(&settings)),
            Self::Add(Add { user, agent, secret }) => {
                let (password, digest) = secret.read()?;
                let add = PhoneTurn::Add {
                    password,
                    digest,
                    agent,
                };
                (user, add, "the phone may register 话机已开户")
            }
            Self::Remove(Remove { user }) => (
                user,
                PhoneTurn::Remove,
                "the phone may not register any more 话机已销户",
            ),
            Self::Password(Password { user, secret }) => {
                let (password, digest) = secret.read()?;
                (
                    user,
                    PhoneTurn::Password { password, digest },
                    "the password has changed; set it in the phone 话机密码已更改",
                )
            }
            Self::Agent(Agent { user, account }) => (
                user,
                PhoneTurn::Agent { agent: account },
                "somebody else sits at the phone 话机坐席已更改",
            ),
        };
        let order = PhoneOrder {
            who: user::name(),
            user,
            what,
        };
        runtime()?.block_on(send(&settings, order))?;
        show::line(told);
        Ok(ExitCode::SUCCESS)
    }
}

async fn send(settings: &Arc<Settings>, order: PhoneOrder) -> anyhow::Result<()> {
    match daemon::find(settings).await? {
        Daemon::Running(client) => Ok(client.post("/v1/phones", &order).await?),
        Daemon::Absent(office) => {
            let done = office.change_phone(order).await;
            office.close().await;
            Ok(done?)
        }
    }
}

/// A phone as it is listed.
#[derive(Serialize)]
struct Listed {
    user: String,
    agent: Option<String>,
    realm: String,
    /// Whether its password is good for the realm of the settings.
    usable: bool,
    /// Whether the account of whoever sits there is locked.
    barred: bool,
    created_at: Wall,
    changed_at: Wall,
}

impl List {
    async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let reader = daemon::reader(settings).await?;
        let rows = reader.phones().await?;
        reader.close().await;
        let realm = settings.phones.as_ref().map(|phones| phones.realm.as_str());
        let listed = rows.into_iter().map(|row| Listed {
            usable: realm == Some(row.realm.as_str()),
            barred: row.is_barred,
            user: row.user,
            agent: row.agent.map(|(_, account)| account),
            realm: row.realm,
            created_at: row.created_at,
            changed_at: row.changed_at,
        });
        let all: Vec<Listed> = listed.collect();
        if self.json {
            show::json(&all)?;
        } else if all.is_empty() {
            show::line("there is no phone yet: aftercall phone add USER --agent ACCOUNT");
        } else {
            let head = ["phone", "agent", "realm", "password", "changed"];
            let mut rows = vec![head.map(str::to_owned).to_vec()];
            rows.extend(all.into_iter().map(|listed| {
                let password = if listed.barred {
                    "its agent's account is locked: it may not register"
                } else if listed.usable {
                    ""
                } else {
                    "of another realm: give it anew"
                };
                vec![
                    listed.user,
                    listed.agent.unwrap_or_default(),
                    listed.realm,
                    password.to_owned(),
                    time::show(listed.changed_at, settings.place.time_zone),
                ]
            }));
            show::table(&rows);
        }
        Ok(ExitCode::SUCCESS)
    }
}
