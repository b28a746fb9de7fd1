//! The phones' accounts: who may register, each change with its row in the audit log, in one transaction.

use crate::moment::Wall;
use crate::pii::Pii;
use crate::store::console::audit::Deed;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// A phone's account as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneRow {
    /// The user part of its address of record and the user name of its credentials.
    pub user: String,
    /// The account of the person who sits at it, and what that person types to sign in.
    pub agent: Option<(i64, String)>,
    /// Whoever sits at it is locked out for good: it may not register.
    pub is_barred: bool,
    /// The realm that its hashes are good for.
    pub realm: String,
    /// H(user:realm:password) by SHA-256.
    pub ha1_sha256: Option<Pii<String>>,
    /// The same by MD5.
    pub ha1_md5: Option<Pii<String>>,
    /// When it was made.
    pub created_at: Wall,
    /// When its password, its realm or its agent was changed last.
    pub changed_at: Wall,
}

/// H(user:realm:password) by both hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneSecret {
    /// What it is good for.
    pub realm: String,
    /// By SHA-256, 64 hexadecimal digits in lower case; none for a phone that does not know it.
    pub ha1_sha256: Option<Pii<String>>,
    /// By MD5, 32 hexadecimal digits in lower case.
    pub ha1_md5: Pii<String>,
}

/// What becomes of a phone's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneChange {
    /// It is made.
    Add {
        /// Its password.
        secret: PhoneSecret,
        /// Who sits at it, by what is typed to sign in.
        agent: Option<String>,
    },
    /// It gets another password.
    Secret(PhoneSecret),
    /// Somebody else sits at it, or nobody.
    Agent(Option<String>),
    /// It is taken away.
    Remove,
}

/// Whether a change was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneChanged {
    /// It was.
    Done,
    /// A phone of this name is there already.
    Exists,
    /// There is no such phone.
    NoPhone,
    /// There is no such account of a person, or it is locked for good.
    NoAgent,
}

type Row = (
    String,
    Option<i64>,
    Option<String>,
    bool,
    String,
    Option<String>,
    Option<String>,
    i64,
    i64,
);

impl Reader {
    /// All phones, by name.
    pub async fn phones(&self) -> Result<Vec<PhoneRow>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select p.user, p.account_id, a.account, a.ended_at is not null, p.realm, p.ha1_sha256, p.ha1_md5, p.created_at, p.changed_at
             from phone p left join account a on a.id = p.account_id order by p.user",
        )
        .fetch_all(self.pool())
        .await?;
        let phones = rows.into_iter().map(|row| {
            let (user, account, agent, is_barred, realm, ha1_sha256, ha1_md5, created_at, changed_at) = row;
            PhoneRow {
                user,
                agent: account.zip(agent),
                is_barred,
                realm,
                ha1_sha256: ha1_sha256.map(Pii::new),
                ha1_md5: ha1_md5.map(Pii::new),
                created_at: Wall::from_millis(created_at),
                changed_at: Wall::from_millis(changed_at),
            }
        });
        Ok(phones.collect())
    }
}

impl Store {
    /// Changes a phone's account and writes down who did it.
    pub async fn change_phone(&self, user: String, change: PhoneChange, deed: Deed) -> Result<PhoneChanged, Error> {
        self.write(Change { user, change, deed }).await
    }
}

struct Change {
    user: String,
    change: PhoneChange,
    deed: Deed,
}

impl Write for Change {
    type Answer = PhoneChanged;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<PhoneChanged, Error> {
        let now = self.deed.at.millis();
        let agent = match &self.change {
            PhoneChange::Add { agent, .. } | PhoneChange::Agent(agent) => agent.as_ref(),
            PhoneChange::Secret(_) | PhoneChange::Remove => None,
        };
        let account: Option<i64> = match agent {
            Some(agent) => {
                let id = sqlx::query_scalar("select id from account where account = $1 and ended_at is null")
                    .bind(agent)
                    .fetch_optional(&mut *ledger.db)
                    .await?;
                if id.is_none() {
                    return Ok(PhoneChanged::NoAgent);
                }
                id
            }
            None => None,
        };
        let done = match &self.change {
            PhoneChange::Add { secret, .. } => sqlx::query(
                "insert into phone (user, account_id, realm, ha1_sha256, ha1_md5, created_at, changed_at)
                 values ($1, $2, $3, $4, $5, $6, $6) on conflict (user) do nothing",
            )
            .bind(&self.user)
            .bind(account)
            .bind(&secret.realm)
            .bind(secret.ha1_sha256.as_ref().map(Pii::reveal))
            .bind(secret.ha1_md5.reveal())
            .bind(now),
            PhoneChange::Secret(secret) => sqlx::query(
                "update phone set realm = $2, ha1_sha256 = $3, ha1_md5 = $4, changed_at = $5 where user = $1",
            )
            .bind(&self.user)
            .bind(&secret.realm)
            .bind(secret.ha1_sha256.as_ref().map(Pii::reveal))
            .bind(secret.ha1_md5.reveal())
            .bind(now),
            PhoneChange::Agent(_) => sqlx::query("update phone set account_id = $2, changed_at = $3 where user = $1")
                .bind(&self.user)
                .bind(account)
                .bind(now),
            PhoneChange::Remove => sqlx::query("delete from phone where user = $1").bind(&self.user),
        }
        .execute(&mut *ledger.db)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(match self.change {
                PhoneChange::Add { .. } => PhoneChanged::Exists,
                PhoneChange::Secret(_) | PhoneChange::Agent(_) | PhoneChange::Remove => PhoneChanged::NoPhone,
            });
        }
        self.deed.run(ledger).await?;
        Ok(PhoneChanged::Done)
    }
}
