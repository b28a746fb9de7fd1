//! `demo --serve`: the console over the demo's night, with an account for each role.

use std::sync::Arc;

use anyhow::Context;
use serde::Serialize;

use crate::access::{Access, By, FirstPassword, NewPerson, ROLES, Role};
use crate::cli::interrupt::Interrupts;
use crate::cli::{show, user};
use crate::config::Settings;
use crate::engine::Office;
use crate::http::console::{self, Served};
use crate::pii::Pii;

/// The department whose head has an account: one of the demo's own list.
const DEPARTMENT: &str = "骨科";

/// Octets of chance in a password.
const CHANCE: usize = 12;

/// What a program needs to go on from here: the one line of `--serve --json`.
#[derive(Debug, Serialize)]
pub(super) struct Up {
    url: String,
    openapi_url: String,
    users: Vec<User>,
    /// The case of the call with the lowest score.
    lowest_case_id: Option<i64>,
    /// The calls that have a recording.
    recording_ids: Vec<i64>,
}

/// An account of the demo. Its password is new in every demo.
#[derive(Clone, Debug, Serialize)]
pub(super) struct User {
    name: String,
    password: String,
    role: Role,
}

/// The console of a demo, with its accounts.
pub(super) struct Serving {
    served: Served,
    users: Vec<User>,
}

impl Serving {
    /// Makes the accounts and opens the console; people may watch the night from its beginning.
    pub(super) async fn start(settings: &Settings, office: &Arc<Office>) -> anyhow::Result<Self> {
        let access = Access::new(office.store().clone());
        let mut users = Vec::new();
        for role in ROLES {
            let user = User {
                name: role.word().replace('_', "-"),
                password: password()?,
                role,
            };
            let new = NewPerson {
                account: user.name.clone(),
                name: zh(role).to_owned(),
                role,
                department: (role == Role::DepartmentHead).then(|| DEPARTMENT.to_owned()),
                password: Pii::new(user.password.clone()),
            };
            let now = office.clock().wall();
            let by = user::name();
            access
                .add_person(By::Terminal(&by), new, FirstPassword::Chosen, None, now)
                .await?;
            users.push(user);
        }
        let console = settings
            .console
            .as_ref()
            .context("the demo's settings have a console")?;
        let served = console::serve(console, settings.place.time_zone, Arc::clone(office))?;
        Ok(Self { served, users })
    }

    /// Where it is and who may sign in, for people.
    pub(super) fn tell(&self) {
        show::note(&format!("console 管理界面  {}", self.served.url()));
        for user in &self.users {
            show::note(&format!("  {:<16} {}", user.name, user.password));
        }
    }

    /// The same for programs, once the calls are over.
    pub(super) async fn up(&self, office: &Office) -> anyhow::Result<Up> {
        let reader = office.store().reader();
        let lowest = reader.lowest_scored_case().await?;
        let recordings = reader.recorded_attempts().await?;
        Ok(Up {
            url: self.served.url(),
            openapi_url: format!("{}/api/openapi.json", self.served.url()),
            users: self.users.clone(),
            lowest_case_id: lowest.map(|case| case.0),
            recording_ids: recordings.into_iter().map(|attempt| attempt.0).collect(),
        })
    }

    /// Stays up until somebody ends it.
    pub(super) async fn stay(self) -> anyhow::Result<()> {
        let mut interrupts = Interrupts::new()?;
        show::note("Ctrl-C ends it 按 Ctrl-C 结束");
        interrupts.next().await;
        self.served.stop().await;
        Ok(())
    }
}

fn zh(role: Role) -> &'static str {
    match role {
        Role::Administrator => "演示管理员",
        Role::Supervisor => "演示主管",
        Role::Agent => "演示坐席",
        Role::Qa => "演示质检",
        Role::DepartmentHead => "演示主任",
        Role::Auditor => "演示审计",
    }
}

/// Sixteen or more letters that nobody guesses.
fn password() -> anyhow::Result<String> {
    let mut octets = [0; CHANCE];
    getrandom::fill(&mut octets).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    let text: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    Ok(format!("Demo-{text}"))
}
