//! The audit log: rows that are only added, each chained to the one before by a hash.

mod list;

pub use list::{AuditFilter, AuditPage, Place};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::moment::Wall;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// What the first row's chain begins with.
pub const CHAIN_BEGINS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// The row of `meta` that knows the last row of the log and its hash.
const HEAD: &str = "audit_head";
/// Rows that are verified at a time.
const CHUNK: i64 = 2_000;

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
    /// The hash of this deed as row `id` after a row with hash `previous`.
    pub fn hash(&self, id: i64, previous: &str) -> String {
        let detail = self.detail.as_ref().map(serde_json::Value::to_string);
        AuditRow {
            id,
            at: self.at.millis(),
            account_id: self.account_id,
            who: self.who.clone(),
            deed: self.deed.clone(),
            object: self.object.clone(),
            reason: self.reason.clone(),
            detail,
            address: self.address.clone(),
            previous: previous.to_owned(),
            hash: String::new(),
        }
        .expected_hash()
    }
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct AuditRow {
    /// Its number; numbers follow each other without a gap.
    pub id: i64,
    /// When, in milliseconds.
    pub at: i64,
    /// The account, if it was one.
    pub account_id: Option<i64>,
    /// The account as it was called then.
    pub who: String,
    /// What.
    pub deed: String,
    /// To what.
    pub object: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// More of it, as JSON.
    pub detail: Option<String>,
    /// Where the request came from.
    pub address: Option<String>,
    /// The hash of the row before.
    pub previous: String,
    /// Its own.
    pub hash: String,
}

impl AuditRow {
    /// The hash that this row should have: SHA-256 over each field with its length, so that no two rows read alike.
    pub fn expected_hash(&self) -> String {
        let account = self.account_id.map(|account| account.to_string());
        let fields = [
            Some(self.previous.as_str()),
            Some(&self.id.to_string()),
            Some(&self.at.to_string()),
            account.as_deref(),
            Some(&self.who),
            Some(&self.deed),
            self.object.as_deref(),
            self.reason.as_deref(),
            self.detail.as_deref(),
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

/// Whether the log is as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// Rows that were looked at.
    pub rows: i64,
    /// The first row that is not as it was written, or is missing.
    pub broken_at: Option<i64>,
    /// What is wrong with it.
    pub why: Option<String>,
    /// The number of the last row.
    pub last: i64,
    /// The hash of the last row: who notes it elsewhere can prove later that nothing was cut off.
    pub last_hash: String,
}

impl Chain {
    /// Whether nothing was changed, deleted or cut off.
    pub const fn is_whole(&self) -> bool {
        self.broken_at.is_none()
    }
}

/// A row of the log that somebody noted elsewhere: its number and its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The number.
    pub id: i64,
    /// The hash.
    pub hash: String,
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
        let hash = self.hash(id, &previous);
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
        .bind(&hash)
        .execute(&mut *ledger.db)
        .await?;
        sqlx::query(
            "insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
        )
        .bind(HEAD)
        .bind(format!("{id} {hash}"))
        .execute(&mut *ledger.db)
        .await?;
        Ok(id)
    }
}

const COLUMNS: &str =
    "select id, at, account_id, who, deed, object, reason, detail, address, previous, hash from audit";

impl Reader {
    /// The last row of the log; none: nothing was done yet.
    pub async fn audit_anchor(&self) -> Result<Option<Anchor>, Error> {
        let last: Option<(i64, String)> = sqlx::query_as("select id, hash from audit order by id desc limit 1")
            .fetch_optional(self.pool())
            .await?;
        Ok(last.map(|(id, hash)| Anchor { id, hash }))
    }

    /// Reads the whole log and tells whether every row is as it was written, follows the one before, and none was cut off
    /// the end; also against rows that were noted elsewhere.
    pub async fn audit_chain(&self, anchors: &[Anchor]) -> Result<Chain, Error> {
        let head = self.audit_head().await?;
        let mut chain = Chain {
            rows: 0,
            broken_at: None,
            why: None,
            last: 0,
            last_hash: CHAIN_BEGINS.to_owned(),
        };
        let mut anchors: Vec<&Anchor> = anchors.iter().chain(&head).collect();
        anchors.sort_by_key(|anchor| anchor.id);
        let mut anchors = anchors.into_iter().peekable();
        loop {
            let rows: Vec<AuditRow> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
                "{COLUMNS} where id > $1 order by id limit $2"
            )))
            .bind(chain.last)
            .bind(CHUNK)
            .fetch_all(self.pool())
            .await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let expected = chain.last + 1;
                let why = if row.id != expected {
                    Some((expected, format!("row {expected} is missing")))
                } else if row.previous != chain.last_hash {
                    Some((row.id, "it does not follow the row before".to_owned()))
                } else if row.hash != row.expected_hash() {
                    Some((row.id, "it is not as it was written".to_owned()))
                } else {
                    None
                };
                chain.rows += 1;
                chain.last = row.id;
                chain.last_hash = row.hash;
                if let (None, Some((at, why))) = (chain.broken_at, why) {
                    chain.broken_at = Some(at);
                    chain.why = Some(why);
                }
                while let Some(anchor) = anchors.next_if(|anchor| anchor.id <= chain.last) {
                    if anchor.id == chain.last && anchor.hash != chain.last_hash && chain.broken_at.is_none() {
                        chain.broken_at = Some(anchor.id);
                        chain.why = Some("its hash is not the one that was noted".to_owned());
                    }
                }
            }
        }
        if let (Some(anchor), None) = (anchors.next(), chain.broken_at) {
            chain.broken_at = Some(chain.last + 1);
            chain.why = Some(format!(
                "there was a row {}, and now the log ends with row {}",
                anchor.id, chain.last
            ));
        }
        Ok(chain)
    }

    async fn audit_head(&self) -> Result<Option<Anchor>, Error> {
        let text: Option<String> = sqlx::query_scalar("select value from meta where key = $1")
            .bind(HEAD)
            .fetch_optional(self.pool())
            .await?;
        let Some(text) = text else { return Ok(None) };
        let read = text
            .split_once(' ')
            .and_then(|(id, hash)| Some((id.parse().ok()?, hash.to_owned())));
        let (id, hash) = read.ok_or_else(|| Error::stored("meta.audit_head", "it is no number and hash"))?;
        Ok(Some(Anchor { id, hash }))
    }
}
