//! What somebody at the terminal orders about accounts; carried out by the daemon, or by the command itself.

use serde::{Deserialize, Serialize};

use super::people::{By, FirstPassword, NewPerson, PersonChange};
use super::{Access, Act, Error, Role};
use crate::moment::Wall;
use crate::pii::Pii;

/// An order about an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccountOrder {
    /// The user of the operating system.
    pub who: String,
    /// Why, where it takes something from somebody.
    pub reason: Option<String>,
    /// What.
    pub what: AccountTurn,
}

/// What becomes of an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountTurn {
    /// It is made; whoever gave the password chose it for himself.
    Add(NewPerson),
    /// It is locked, and its sessions end.
    Lock {
        /// Its name.
        account: String,
    },
    /// It is open again.
    Unlock {
        /// Its name.
        account: String,
    },
    /// It gets another password, which has to be changed at the next sign-in; its sessions end.
    Password {
        /// Its name.
        account: String,
        /// The password.
        password: Pii<String>,
    },
    /// It gets another role.
    Role {
        /// Its name.
        account: String,
        /// The role.
        role: Role,
        /// The department; none: it stays.
        department: Option<String>,
    },
}

impl Access {
    /// Carries out what was ordered at the terminal; gives the row of the account.
    ///
    /// # Errors
    /// As the single changes.
    pub async fn carry_out(&self, order: AccountOrder, now: Wall) -> Result<i64, Error> {
        let by = By::Terminal(&order.who);
        let act = Act {
            reason: order.reason.clone(),
            ..Act::default()
        };
        let row = |account: String| async move { self.person_named(&account, now).await.map(|row| row.id) };
        match order.what {
            AccountTurn::Add(new) => self.add_person(by, new, FirstPassword::Chosen, None, now).await,
            AccountTurn::Lock { account } => {
                let id = row(account).await?;
                self.lock_person(by, id, act, now).await.map(|()| id)
            }
            AccountTurn::Unlock { account } => {
                let id = row(account).await?;
                self.unlock_person(by, id, act, now).await.map(|()| id)
            }
            AccountTurn::Password { account, password } => {
                let id = row(account).await?;
                self.give_password(by, id, password, FirstPassword::Given, act, now)
                    .await
                    .map(|()| id)
            }
            AccountTurn::Role {
                account,
                role,
                department,
            } => {
                let id = row(account).await?;
                let change = PersonChange {
                    name: None,
                    role: Some(role),
                    department: department.map(Some),
                };
                self.change_person(by, id, change, act, now).await.map(|()| id)
            }
        }
    }
}
