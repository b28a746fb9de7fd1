//! `aftercall user`: accounts of the console; and who sits at the terminal, for the records of what was done there.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use chrono_tz::Tz;
use clap::{Args, Subcommand};
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
use nix::unistd::{User, getuid};
use serde::Serialize;

use super::daemon::{self, Daemon};
use super::{runtime, settings, show, time};
use crate::access::{Access, AccountOrder, AccountTurn, Limits, NewPerson, ROLES, Role};
use crate::config::Settings;
use crate::engine::clock::Clock;
use crate::moment::Wall;
use crate::pii::Pii;
use crate::store::console::accounts::AccountRow;

/// The user of the operating system: by name, else by number.
pub(super) fn name() -> String {
    let uid = getuid();
    match User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        Ok(None) | Err(_) => uid.to_string(),
    }
}

/// Keep the accounts of the console (账号): add, list, lock, unlock, password, role.
///
/// Who may open the data folder may keep accounts; each change is in the audit log as `os:NAME`. Passwords are asked on the
/// terminal or read from a file, never taken from the command line.
#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make an account: `aftercall user add wangfang --name 王芳 --role administrator`.
    Add(Add),
    /// Show the accounts.
    List(List),
    /// Lock an account for good and end its sessions at once, as when somebody leaves.
    Lock(Lock),
    /// Open an account again, also one that wrong passwords locked.
    Unlock(Unlock),
    /// Give an account another password, to be changed at the next sign-in; its sessions end.
    Password(Password),
    /// Give an account another role.
    Role(RoleArguments),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// What is typed to sign in.
    account: String,
    /// The person's name.
    #[arg(long, value_name = "NAME")]
    name: String,
    /// administrator, supervisor, agent, qa, department_head or auditor.
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Role,
    /// The department, as the lists of patients name it; a department head has one.
    #[arg(long, value_name = "NAME")]
    department: Option<String>,
    #[command(flatten)]
    source: Source,
}

/// Where a password comes from.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// The file with the password in its first line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// One line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Lock {
    /// The account.
    account: String,
    /// Why; it stands in the audit log.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct Unlock {
    /// The account.
    account: String,
    /// Why; it stands in the audit log.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Password {
    /// The account.
    account: String,
    #[command(flatten)]
    source: Source,
}

#[derive(Debug, Args)]
pub(super) struct RoleArguments {
    /// The account.
    account: String,
    /// administrator, supervisor, agent, qa, department_head or auditor.
    #[arg(value_parser = role)]
    role: Role,
    /// The department; without it, it stays.
    #[arg(long, value_name = "NAME")]
    department: Option<String>,
    /// Why; it stands in the audit log.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

fn role(word: &str) -> Result<Role, String> {
    Role::named(&word.replace('-', "_")).ok_or_else(|| format!("expected one of {}", ROLES.map(Role::word).join(", ")))
}

impl UserCommand {
    pub(super) fn run(self, config: &Path) -> anyhow::Result<ExitCode> {
        let settings = Arc::new(settings(config)?);
        let (reason, what, told) = match self {
            Self::List(list) => return runtime()?.block_on(list.run(&settings)),
            Self::Add(add) => {
                let new = NewPerson {
                    account: add.account,
                    name: add.name,
                    role: add.role,
                    department: add.department,
                    password: add.source.read()?,
                };
                (None, AccountTurn::Add(new), "the account is made 账号已建立")
            }
            Self::Lock(Lock { account, reason }) => (
                Some(reason),
                AccountTurn::Lock { account },
                "the account is locked, and its sessions have ended 账号已锁定",
            ),
            Self::Unlock(Unlock { account, reason }) => (
                reason,
                AccountTurn::Unlock { account },
                "the account is open again 账号已解锁",
            ),
            Self::Password(Password { account, source }) => {
                let password = source.read()?;
                (
                    None,
                    AccountTurn::Password { account, password },
                    "the password has changed; it must be changed once more at the next sign-in 密码已重置",
                )
            }
            Self::Role(RoleArguments {
                account,
                role,
                department,
                reason,
            }) => (
                reason,
                AccountTurn::Role {
                    account,
                    role,
                    department,
                },
                "the role has changed 角色已更改",
            ),
        };
        let order = AccountOrder {
            who: name(),
            reason,
            what,
        };
        runtime()?.block_on(send(&settings, order))?;
        show::line(told);
        Ok(ExitCode::SUCCESS)
    }
}

async fn send(settings: &Arc<Settings>, order: AccountOrder) -> anyhow::Result<i64> {
    match daemon::find(settings).await? {
        Daemon::Running(client) => Ok(client.post("/v1/accounts", &order).await?),
        Daemon::Absent(office) => {
            let access = Access::new(office.store().clone());
            let done = access.carry_out(order, office.clock().wall()).await;
            office.close().await;
            Ok(done?)
        }
    }
}

/// Bytes of a password file that are read.
const FILE_BYTES: u64 = 4_096;

impl Source {
    /// The password: from the file, or asked twice on the terminal.
    pub(super) fn read(&self) -> anyhow::Result<Pii<String>> {
        match &self.password_file {
            Some(file) if file.as_os_str() == "-" => first_line(std::io::stdin().lock()),
            Some(file) => {
                let open = std::fs::File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
                first_line(std::io::BufReader::new(open))
            }
            None => {
                let once = ask("Password 密码: ")?;
                if once != ask("Again 再输一次: ")? {
                    bail!("the two passwords differ; nothing was changed");
                }
                Ok(once)
            }
        }
    }
}

fn first_line(input: impl BufRead) -> anyhow::Result<Pii<String>> {
    let mut line = String::new();
    std::io::Read::take(input, FILE_BYTES).read_line(&mut line)?;
    Ok(Pii::new(line.trim_end_matches(['\n', '\r']).to_owned()))
}

/// Asks for a password on the terminal without showing what is typed.
fn ask(question: &str) -> anyhow::Result<Pii<String>> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        bail!(
            "nobody is there to ask for the password: say --password-file FILE, or --password-file - for standard input"
        );
    }
    let mut err = std::io::stderr().lock();
    write!(err, "{question}")?;
    err.flush()?;
    let shown = tcgetattr(&input)?;
    let mut hidden = shown.clone();
    hidden.local_flags.remove(LocalFlags::ECHO);
    tcsetattr(&input, SetArg::TCSAFLUSH, &hidden)?;
    let line = first_line(input.lock());
    tcsetattr(&input, SetArg::TCSAFLUSH, &shown)?;
    writeln!(err)?;
    line
}

/// Accounts that are read at a time.
const PAGE: u32 = 500;

/// An account as it is listed.
#[derive(Serialize)]
struct Listed {
    account: String,
    name: String,
    role: String,
    department: Option<String>,
    /// `open`, `locked` for good, or `locked_out` for a while after wrong passwords.
    state: &'static str,
    password_due: bool,
    sessions: i64,
    last_seen_at: Option<Wall>,
}

impl Listed {
    fn of(row: AccountRow, now: Wall) -> Self {
        let state = if row.ended_at.is_some() {
            "locked"
        } else if row.locked_until.is_some_and(|until| until > now.millis()) {
            "locked_out"
        } else {
            "open"
        };
        Self {
            account: row.account,
            name: row.name,
            role: row.role,
            department: row.department,
            state,
            password_due: row.password_due,
            sessions: row.sessions,
            last_seen_at: row.last_seen_at.map(Wall::from_millis),
        }
    }
}

impl List {
    async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let reader = daemon::reader(settings).await?;
        let now = Clock::start().wall();
        let (mut after, mut all) = (0, Vec::new());
        loop {
            let page = reader.accounts(after, PAGE, now, now - Limits::default().idle).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            all.extend(page.into_iter().map(|row| Listed::of(row, now)));
        }
        reader.close().await;
        if self.json {
            show::json(&all)?;
        } else if all.is_empty() {
            show::line("there is no account yet: aftercall user add ACCOUNT --name NAME --role administrator");
        } else {
            table(&all, settings.place.time_zone);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn table(all: &[Listed], zone: Tz) {
    let head = [
        "account",
        "name",
        "role",
        "department",
        "state",
        "password",
        "sessions",
        "last seen",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for listed in all {
        rows.push(vec![
            listed.account.clone(),
            listed.name.clone(),
            listed.role.clone(),
            listed.department.clone().unwrap_or_default(),
            listed.state.to_owned(),
            if listed.password_due { "to be changed" } else { "" }.to_owned(),
            listed.sessions.to_string(),
            listed.last_seen_at.map(|at| time::show(at, zone)).unwrap_or_default(),
        ]);
    }
    show::table(&rows);
}
