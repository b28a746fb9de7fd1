//! Sessions of people who are signed in. Only the hash of a token is kept.

use crate::moment::Wall;
use crate::store::{Error, Reader};

/// Whose session it is.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionRow {
    /// The account's row.
    pub account_id: i64,
    /// What is typed to sign in.
    pub account: String,
    /// The person's name.
    pub name: String,
    /// The role, as it is stored.
    pub role: String,
    /// The department.
    pub department: Option<String>,
    /// Whether the password must be changed first.
    pub password_due: bool,
    /// What unsafe requests of this session carry.
    pub csrf: String,
}

impl Reader {
    /// The session of a token's hash, unless it or its account has ended.
    pub async fn session(&self, token_hash: &str, now: Wall) -> Result<Option<SessionRow>, Error> {
        Ok(sqlx::query_as(
            "select a.id as account_id, a.account, a.name, a.role, a.department, a.password_due, s.csrf
             from session s join account a on a.id = s.account_id
             where s.token_hash = $1 and s.ended_at is null and s.until > $2 and a.ended_at is null",
        )
        .bind(token_hash)
        .bind(now.millis())
        .fetch_optional(self.pool())
        .await?)
    }
}
