//! The audit log: rows that are only added, each chained to the one before by a hash.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::moment::Wall;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Store};

/// What the first row's chain begins with.
pub const CHAIN_BEGINS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// When.
    pub at: Wall,
    /// The account, if it was one.
    pub account_id: Option<i64>,
    /// The account as it is called now; a command at the terminal stands as `os:NAME`.
    pub who: String,
    /// What: a past participle such as `signed_in`, `listened`, `revealed`.
    pub deed: String,
    /// To what, as `call:17`; it names no patient.
    pub object: Option<String>,
    /// Why, in the person's words.
    pub reason: Option<String>,
    /// More of it; it names no patient.
    pub detail: Option<serde_json::Value>,
    /// Where the request came from.
    pub address: Option<String>,
}

impl Deed {
    /// The hash of this deed as row `id` after a row with hash `previous`: SHA-256 over each field with its length, so that no
    /// two rows read alike.
    pub fn hash(&self, id: i64, previous: &str) -> String {
        let detail = self.detail.as_ref().map(serde_json::Value::to_string);
        let account = self.account_id.map(|account| account.to_string());
        let fields = [
            Some(previous),
            Some(&id.to_string()),
            Some(&self.at.millis().to_string()),
            account.as_deref(),
            Some(&self.who),
            Some(&self.deed),
            self.object.as_deref(),
            self.reason.as_deref(),
            detail.as_deref(),
            self.address.as_deref(),
        ];
        let mut digest = Sha256::new();
        for field in fields {
            match field {
                Some(text) => {
                    digest.update(format!("{}:", text.len()));
                    digest.update(text);
                }
                None => digest.update("-:"),
            }
        }
        digest.finalize().iter().map(|octet| format!("{octet:02x}")).collect()
    }
}

impl Store {
    /// Writes a deed into the audit log; gives its row.
    pub async fn note_deed(&self, deed: Deed) -> Result<i64, Error> {
        self.write(deed).await
    }
}

impl Write for Deed {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        let last: Option<(i64, String)> = sqlx::query_as("select id, hash from audit order by id desc limit 1")
            .fetch_optional(&mut *ledger.db)
            .await?;
        let (id, previous) = last.map_or((1, CHAIN_BEGINS.to_owned()), |(id, hash)| (id + 1, hash));
        sqlx::query(
            "insert into audit (id, at, account_id, who, deed, object, reason, detail, address, previous, hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(id)
        .bind(self.at.millis())
        .bind(self.account_id)
        .bind(&self.who)
        .bind(&self.deed)
        .bind(&self.object)
        .bind(&self.reason)
        .bind(self.detail.as_ref().map(serde_json::Value::to_string))
        .bind(&self.address)
        .bind(&previous)
        .bind(self.hash(id, &previous))
        .execute(&mut *ledger.db)
        .await?;
        Ok(id)
    }
}
