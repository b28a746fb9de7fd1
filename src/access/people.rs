//! Accounts: who makes them, changes them, locks them; each with its row in the audit log.

use serde::{Deserialize, Serialize};

use super::session::person_of;
use super::{Access, Act, Error, Person, Role, SignedIn, weakness};
use crate::moment::Wall;
use crate::pii::Pii;
use crate::store::console::accounts::{AccountChange, AccountRow, Due, NewAccount};
use crate::store::console::audit::Deed;

/// Letters of an account at most.
const ACCOUNT: usize = 64;
/// Letters of a name or a department at most.
const NAME: usize = 100;

/// Who does something to an account.
#[derive(Clone, Debug)]
pub enum By<'p> {
    /// A person who is signed in.
    Person(&'p Person),
    /// Somebody at the terminal: the user of the operating system.
    Terminal(&'p str),
}

impl By<'_> {
    /// The act as a row of the audit log.
    pub fn deed(&self, act: Act, now: Wall) -> Deed {
        match self {
            Self::Person(person) => act.by(person, now),
            Self::Terminal(name) => act.by_terminal(name, now),
        }
    }
}

/// An account to make.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewPerson {
    /// What is typed to sign in: letters, digits, `.`, `-`, `_`, `@`; capitals do not count.
    pub account: String,
    /// The person's name.
    pub name: String,
    /// What the person works as.
    pub role: Role,
    /// The department; a department head has one.
    pub department: Option<String>,
    /// The first password.
    pub password: Pii<String>,
}

/// What changes of a person; none: it stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonChange {
    /// The name.
    pub name: Option<String>,
    /// The role.
    pub role: Option<Role>,
    /// The department; `Some(None)` takes it away.
    pub department: Option<Option<String>>,
}

/// Whether whoever signs in with a new password has to choose another one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstPassword {
    /// It was given by somebody else: it must be changed.
    Given,
    /// The person chose it.
    Chosen,
}

impl From<FirstPassword> for Due {
    fn from(password: FirstPassword) -> Self {
        match password {
            FirstPassword::Given => Self::Now,
            FirstPassword::Chosen => Self::No,
        }
    }
}

/// An account as it is looked up.
pub(super) fn canonical(account: &str) -> String {
    account.trim().to_lowercase()
}

impl Access {
    /// The account of this row.
    pub async fn person(&self, id: i64, now: Wall) -> Result<AccountRow, Error> {
        let row = self.store.reader().account(id, now, now - self.limits.idle).await?;
        row.ok_or(Error::NoPerson)
    }

    /// The account of this name.
    pub async fn person_named(&self, account: &str, now: Wall) -> Result<AccountRow, Error> {
        let row = self
            .store
            .reader()
            .account_named(&canonical(account), now, now - self.limits.idle)
            .await?;
        row.ok_or(Error::NoPerson)
    }

    /// Whether there is any account.
    pub async fn has_people(&self) -> Result<bool, Error> {
        Ok(self.store.reader().has_accounts().await?)
    }

    /// Accounts after row `after`, oldest first, at most `limit`.
    pub async fn people(&self, after: i64, limit: u32, now: Wall) -> Result<Vec<AccountRow>, Error> {
        Ok(self
            .store
            .reader()
            .accounts(after, limit, now, now - self.limits.idle)
            .await?)
    }

    /// Makes an account; gives its row.
    ///
    /// # Errors
    /// [`Error::Faulty`] says what is wrong with it; [`Error::AccountExists`].
    pub async fn add_person(
        &self,
        by: By<'_>,
        new: NewPerson,
        password: FirstPassword,
        address: Option<String>,
        now: Wall,
    ) -> Result<i64, Error> {
        let account = canonical(&new.account);
        check_account(&account)?;
        let name = checked("name", &new.name)?;
        let department = new
            .department
            .as_deref()
            .map(|text| checked("department", text))
            .transpose()?;
        need_department(new.role, department.as_deref())?;
        check_password(&new.password, &account)?;
        let act = Act {
            deed: "added_account",
            object: Some(format!("account:{account}")),
            detail: Some(serde_json::json!({ "role": new.role, "department": department })),
            address,
            ..Act::default()
        };
        let new = NewAccount {
            account: account.clone(),
            name,
            role: new.role.word().to_owned(),
            department,
            password: self.mill.hash(new.password).await?,
            password_due: password == FirstPassword::Given,
        };
        let made = self.store.add_account(new, by.deed(act, now)).await?;
        made.ok_or(Error::AccountExists { account })
    }

    /// Changes name, role or department.
    ///
    /// # Errors
    /// [`Error::NoPerson`], [`Error::Faulty`], [`Error::OwnAccount`]; the store's `LastAdministrator`.
    pub async fn change_person(
        &self,
        by: By<'_>,
        id: i64,
        change: PersonChange,
        act: Act,
        now: Wall,
    ) -> Result<(), Error> {
        let row = self.person(id, now).await?;
        let before = person_of(&row)?;
        let name = change.name.map_or(Ok(before.name), |name| checked("name", &name))?;
        let role = change.role.unwrap_or(before.role);
        let department = match change.department {
            Some(department) => department
                .as_deref()
                .map(|text| checked("department", text))
                .transpose()?,
            None => before.department.clone(),
        };
        need_department(role, department.as_deref())?;
        if role != before.role && matches!(by, By::Person(person) if person.id == id) {
            return Err(Error::OwnAccount);
        }
        let act = Act {
            deed: "changed_account",
            object: Some(format!("account:{id}")),
            detail: Some(serde_json::json!({
                "role": { "before": before.role, "after": role },
                "department": { "before": before.department, "after": department },
            })),
            ..act
        };
        let change = AccountChange::Person {
            name,
            role: role.word().to_owned(),
            department,
        };
        self.change(id, change, by.deed(act, now)).await
    }

    /// Locks an account for good and ends its sessions at once (R172).
    ///
    /// # Errors
    /// [`Error::NoPerson`], [`Error::OwnAccount`]; the store's `LastAdministrator`.
    pub async fn lock_person(&self, by: By<'_>, id: i64, act: Act, now: Wall) -> Result<(), Error> {
        if matches!(by, By::Person(person) if person.id == id) {
            return Err(Error::OwnAccount);
        }
        let act = Act {
            deed: "locked_account",
            object: Some(format!("account:{id}")),
            ..act
        };
        self.change(id, AccountChange::Lock, by.deed(act, now)).await
    }

    /// Opens an account again, also one that wrong passwords locked.
    ///
    /// # Errors
    /// [`Error::NoPerson`].
    pub async fn unlock_person(&self, by: By<'_>, id: i64, act: Act, now: Wall) -> Result<(), Error> {
        let act = Act {
            deed: "unlocked_account",
            object: Some(format!("account:{id}")),
            ..act
        };
        self.change(id, AccountChange::Unlock, by.deed(act, now)).await
    }

    /// Gives an account another password; its sessions end.
    ///
    /// # Errors
    /// [`Error::NoPerson`], [`Error::Faulty`].
    pub async fn give_password(
        &self,
        by: By<'_>,
        id: i64,
        password: Pii<String>,
        first: FirstPassword,
        act: Act,
        now: Wall,
    ) -> Result<(), Error> {
        let row = self.person(id, now).await?;
        check_password(&password, &row.account)?;
        let act = Act {
            deed: "gave_password",
            object: Some(format!("account:{id}")),
            ..act
        };
        let change = AccountChange::Password {
            password: self.mill.hash(password).await?,
            due: first.into(),
            but: None,
        };
        self.change(id, change, by.deed(act, now)).await
    }

    /// Changes the password of whoever is signed in; the person's other sessions end.
    ///
    /// # Errors
    /// [`Error::WrongPassword`] and [`Error::Locked`] for the old one, [`Error::Faulty`] for the new one.
    pub async fn change_password(
        &self,
        signed_in: &SignedIn,
        old: Pii<String>,
        new: Pii<String>,
        address: Option<String>,
        now: Wall,
    ) -> Result<(), Error> {
        let row = self.person(signed_in.person.id, now).await?;
        if old == new {
            return Err(Error::Faulty {
                what: "password",
                why: "it is the one that you have; choose another 新密码不能与旧密码相同".to_owned(),
            });
        }
        check_password(&new, &row.account)?;
        self.confirm(&row, old, now).await?;
        let act = Act {
            deed: "changed_password",
            object: Some(format!("account:{}", row.id)),
            address,
            ..Act::default()
        };
        let change = AccountChange::Password {
            password: self.mill.hash(new).await?,
            due: Due::No,
            but: Some(signed_in.session),
        };
        self.change(row.id, change, act.by(&signed_in.person, now)).await
    }

    async fn change(&self, id: i64, change: AccountChange, deed: Deed) -> Result<(), Error> {
        self.store
            .change_account(id, change, deed)
            .await?
            .ok_or(Error::NoPerson)
    }
}

fn check_password(password: &Pii<String>, account: &str) -> Result<(), Error> {
    match weakness(password.reveal(), account) {
        Some(why) => Err(Error::Faulty { what: "password", why }),
        None => Ok(()),
    }
}

fn check_account(account: &str) -> Result<(), Error> {
    let may_stand = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    let why = if account.is_empty() {
        "it is empty".to_owned()
    } else if account.chars().count() > ACCOUNT {
        format!("it has more than {ACCOUNT} letters")
    } else if !account.chars().all(may_stand) {
        "only letters, digits and . - _ @ can stand in it".to_owned()
    } else {
        return Ok(());
    };
    Err(Error::Faulty { what: "account", why })
}

/// A name without blanks around it.
fn checked(what: &'static str, text: &str) -> Result<String, Error> {
    let text = text.trim();
    let why = if text.is_empty() {
        "it is empty".to_owned()
    } else if text.chars().count() > NAME {
        format!("it has more than {NAME} letters")
    } else if text.chars().any(char::is_control) {
        "a control character cannot stand in it".to_owned()
    } else {
        return Ok(text.to_owned());
    };
    Err(Error::Faulty { what, why })
}

/// Letters of a reason at most.
const REASON: usize = 500;

/// A reason as it is kept: somebody loses something, and has a right to know why.
///
/// # Errors
/// [`Error::Faulty`]: it is empty, too long, or no text.
pub fn reason(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let why = if text.is_empty() {
        "it is empty; say why 请填写原因".to_owned()
    } else if text.chars().count() > REASON {
        format!("it has more than {REASON} letters")
    } else if text.chars().any(|c| c.is_control() && c != '\n') {
        "a control character cannot stand in it".to_owned()
    } else {
        return Ok(text.to_owned());
    };
    Err(Error::Faulty { what: "reason", why })
}

fn need_department(role: Role, department: Option<&str>) -> Result<(), Error> {
    if role == Role::DepartmentHead && department.is_none() {
        return Err(Error::Faulty {
            what: "department",
            why: "a department head has one: name it as the lists of patients do".to_owned(),
        });
    }
    Ok(())
}
