//! What people pin to a call: comments at a moment, and flags.

use std::time::Duration;

use crate::ids::AttemptId;
use crate::moment::Wall;
use crate::store::job::{Ledger, Write};
use crate::store::{Error, Reader, Store};

/// Within this time whoever wrote a comment may take it back.
pub const TAKE_BACK: Duration = Duration::from_secs(5 * 60);
/// Letters of a comment at most.
pub const LETTERS: usize = 2_000;
/// Comments of one call at most.
const MANY: i64 = 500;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommentRow {
    /// Its row.
    pub id: i64,
    /// Who wrote it.
    pub account: i64,
    /// The person's name.
    pub name: String,
    /// The moment of the recording, in milliseconds.
    pub at_ms: i64,
    /// What it says; none if it was taken back.
    pub text: Option<String>,
    /// When it was written.
    pub made: Wall,
    /// When it was taken back.
    pub struck: Option<Wall>,
}

/// A flag of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagRow {
    /// Which.
    pub flag: String,
    /// Who put it there; none: the program.
    pub by: Option<String>,
    /// When.
    pub set: Wall,
}

/// What became of a comment that was to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Struck {
    /// It is struck.
    Done,
    /// There is no such comment of this call.
    Nobody,
    /// Somebody else wrote it.
    AnothersOwn,
    /// It is older than [`TAKE_BACK`].
    TooLate,
}

type Comment = (i64, i64, String, i64, String, i64, Option<i64>);

impl Reader {
    /// The comments of a call, in the order of their moments.
    pub async fn comments(&self, attempt: AttemptId) -> Result<Vec<CommentRow>, Error> {
        let rows: Vec<Comment> = sqlx::query_as(
            "select k.id, k.account_id, a.name, k.at_ms, k.text, k.made_at, k.struck_at
             from call_comment k join account a on a.id = k.account_id where k.attempt_id = $1 order by k.at_ms, k.id",
        )
        .bind(attempt.0)
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|(id, account, name, at_ms, text, made, struck)| CommentRow {
                id,
                account,
                name,
                at_ms,
                text: struck.is_none().then_some(text),
                made: Wall::from_millis(made),
                struck: struck.map(Wall::from_millis),
            })
            .collect())
    }

    /// The flags of a call.
    pub async fn call_flags(&self, attempt: AttemptId) -> Result<Vec<FlagRow>, Error> {
        let rows: Vec<(String, Option<String>, i64)> = sqlx::query_as(
            "select f.flag, a.name, f.set_at from call_flag f left join account a on a.id = f.account_id
             where f.attempt_id = $1 order by f.flag",
        )
        .bind(attempt.0)
        .fetch_all(self.pool())
        .await?;
        Ok(rows
            .into_iter()
            .map(|(flag, by, set)| FlagRow {
                flag,
                by,
                set: Wall::from_millis(set),
            })
            .collect())
    }
}

impl Store {
    /// Pins a comment to a moment of a call; gives its row, or none if the call has as many as it may.
    pub async fn comment(
        &self,
        attempt: AttemptId,
        account: i64,
        at_ms: i64,
        text: String,
        now: Wall,
    ) -> Result<Option<i64>, Error> {
        self.write(AddComment {
            attempt,
            account,
            at_ms,
            text,
            now,
        })
        .await
    }

    /// Strikes a comment.
    pub async fn strike_comment(
        &self,
        attempt: AttemptId,
        comment: i64,
        account: i64,
        now: Wall,
    ) -> Result<Struck, Error> {
        self.write(StrikeComment {
            attempt,
            comment,
            account,
            now,
        })
        .await
    }

    /// Makes these the flags that people have put on a call, out of those that `by_hand` lists; the program's own stay.
    pub async fn set_call_flags(
        &self,
        attempt: AttemptId,
        account: i64,
        by_hand: &'static [&'static str],
        flags: Vec<String>,
        now: Wall,
    ) -> Result<(), Error> {
        self.write(SetFlags {
            attempt,
            account,
            by_hand,
            flags,
            now,
        })
        .await
    }
}

struct AddComment {
    attempt: AttemptId,
    account: i64,
    at_ms: i64,
    text: String,
    now: Wall,
}

impl Write for AddComment {
    type Answer = Option<i64>;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Option<i64>, Error> {
        Ok(sqlx::query_scalar(
            "insert into call_comment (attempt_id, account_id, at_ms, text, made_at) select $1, $2, $3, $4, $5
             where (select count(*) from call_comment k where k.attempt_id = $1) < $6 returning id",
        )
        .bind(self.attempt.0)
        .bind(self.account)
        .bind(self.at_ms)
        .bind(&self.text)
        .bind(self.now.millis())
        .bind(MANY)
        .fetch_optional(&mut *ledger.db)
        .await?)
    }
}

struct StrikeComment {
    attempt: AttemptId,
    comment: i64,
    account: i64,
    now: Wall,
}

impl Write for StrikeComment {
    type Answer = Struck;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<Struck, Error> {
        let row: Option<(i64, i64, Option<i64>)> =
            sqlx::query_as("select account_id, made_at, struck_at from call_comment where id = $1 and attempt_id = $2")
                .bind(self.comment)
                .bind(self.attempt.0)
                .fetch_optional(&mut *ledger.db)
                .await?;
        let Some((account, made, struck)) = row else {
            return Ok(Struck::Nobody);
        };
        if account != self.account {
            return Ok(Struck::AnothersOwn);
        }
        if struck.is_some() {
            return Ok(Struck::Done);
        }
        if self.now.since(Wall::from_millis(made)) > TAKE_BACK {
            return Ok(Struck::TooLate);
        }
        sqlx::query("update call_comment set struck_at = $2 where id = $1")
            .bind(self.comment)
            .bind(self.now.millis())
            .execute(&mut *ledger.db)
            .await?;
        Ok(Struck::Done)
    }
}

struct SetFlags {
    attempt: AttemptId,
    account: i64,
    by_hand: &'static [&'static str],
    flags: Vec<String>,
    now: Wall,
}

impl Write for SetFlags {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        for flag in self.by_hand {
            let is_set = self.flags.iter().any(|set| set == flag);
            let sql = if is_set {
                "insert into call_flag (attempt_id, flag, at, account_id, set_at)
                 select a.id, $2, coalesce(a.answered_at, a.begun_at), $3, $4 from attempt a where a.id = $1
                 on conflict (attempt_id, flag) do nothing"
            } else {
                "delete from call_flag where attempt_id = $1 and flag = $2 and account_id is not null
                    and $3 >= 0 and $4 >= 0"
            };
            sqlx::query(sql)
                .bind(self.attempt.0)
                .bind(flag)
                .bind(self.account)
                .bind(self.now.millis())
                .execute(&mut *ledger.db)
                .await?;
        }
        Ok(())
    }
}
