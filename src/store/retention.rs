//! Retention: what has been kept long enough goes, in short transactions, unless a legal hold is on it; each deletion is
//! counted in the table `deletion`.

use serde::{Deserialize, Serialize};

use crate::ids::AttemptId;
use crate::moment::Wall;

use super::aside;
use super::clean::clean_attempt;
use super::job::{Ledger, Write};
use super::{Error, Reader, Store};

/// Rows per transaction at most: calls under way share the writer.
pub const STEP: u16 = 200;

/// What a rule of retention is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The WAVs of calls; their rows stay.
    Recordings,
    /// Rows of imported lists as they came; what was read from them stays.
    ImportRows,
    /// Who called us.
    CallBacks,
    /// Entries of the journal that the database refused.
    PutAside,
    /// What leads to a person in attempts: number, texts of the far end, the state of dialog and session.
    Attempts,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Recordings,
        Self::ImportRows,
        Self::CallBacks,
        Self::PutAside,
        Self::Attempts,
    ];

    /// The name in settings, in `deletion` and on screens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recordings => "recordings",
            Self::ImportRows => "import_rows",
            Self::CallBacks => "call_backs",
            Self::PutAside => "put_aside",
            Self::Attempts => "attempts",
        }
    }

    /// The rows of this kind that are older than `$1`: id, time, bytes, whether a hold is on them.
    const fn rows(self) -> &'static str {
        match self {
            Self::Recordings => {
                "select r.attempt_id as id, a.ended_at as at, 44 + 32 * r.duration_ms as bytes,
                    exists (select 1 from legal_hold h where h.ended_at is null and (h.case_id = a.case_id
                        or h.patient_id = (select e.patient_id from cases c join encounter e on e.id = c.encounter_id
                            where c.id = a.case_id))) as held
                 from recording r join attempt a on a.id = r.attempt_id
                 where r.purged_at is null and a.ended_at < $1"
            }
            Self::ImportRows => {
                "select e.id, e.updated_at as at, length(cast(e.raw as blob)) as bytes,
                    exists (select 1 from legal_hold h where h.ended_at is null and (h.patient_id = e.patient_id
                        or h.case_id in (select c.id from cases c where c.encounter_id = e.id))) as held
                 from encounter e where e.raw <> '{}' and e.updated_at < $1"
            }
            Self::CallBacks => {
                "select b.id, b.at, 0 as bytes, exists (select 1 from legal_hold h where h.ended_at is null
                    and (h.patient_id = b.patient_id or h.case_id = b.case_id)) as held
                 from call_back b where b.at < $1"
            }
            Self::PutAside => aside::OLD,
            Self::Attempts => {
                "select a.id, a.ended_at as at, 0 as bytes,
                    exists (select 1 from legal_hold h where h.ended_at is null and (h.case_id = a.case_id
                        or h.patient_id = (select e.patient_id from cases c join encounter e on e.id = c.encounter_id
                            where c.id = a.case_id))) as held
                 from attempt a where a.cleaned_at is null and a.state = 'ended' and a.ended_at < $1"
            }
        }
    }
}

/// What a rule would take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purgeable {
    /// Of which kind.
    pub kind: Kind,
    /// How many rows go.
    pub count: u64,
    /// How many a legal hold keeps.
    pub held: u64,
    /// Bytes that go, where they are worth counting.
    pub bytes: u64,
    /// The oldest that goes.
    pub oldest: Option<Wall>,
    /// The newest that goes.
    pub newest: Option<Wall>,
}

/// One row that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Old {
    /// Its id in the table of its kind; for recordings the attempt's.
    pub id: i64,
    /// What it takes up.
    pub bytes: u64,
    /// The file of a recording, relative to the data folder.
    pub path: Option<String>,
}

/// Who deletes, by which rule: a run of `purge` or `erase`, as the table `deletion` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// When it began.
    pub at: Wall,
    /// By which rule.
    pub rule: String,
    /// The user of the operating system.
    pub who: String,
}

impl Reader {
    /// What is older than `before` and would go.
    pub async fn purgeable(&self, kind: Kind, before: Wall) -> Result<Purgeable, Error> {
        let sql = format!(
            "select coalesce(sum(held = 0), 0), coalesce(sum(held), 0), coalesce(sum(case when held = 0 then bytes end), 0),
                min(case when held = 0 then at end), max(case when held = 0 then at end) from ({})",
            kind.rows()
        );
        let (count, held, bytes, oldest, newest): (i64, i64, i64, Option<i64>, Option<i64>) =
            sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(before.millis())
                .fetch_one(self.pool())
                .await?;
        let whole = |n: i64| u64::try_from(n).unwrap_or_default();
        Ok(Purgeable {
            kind,
            count: whole(count),
            held: whole(held),
            bytes: whole(bytes),
            oldest: oldest.map(Wall::from_millis),
            newest: newest.map(Wall::from_millis),
        })
    }

    /// The next rows that go, after the id `after`: [`STEP`] at most.
    pub async fn old(&self, kind: Kind, before: Wall, after: i64) -> Result<Vec<Old>, Error> {
        let sql = format!(
            "select o.id, o.bytes, r.path from ({}) o left join recording r on r.attempt_id = o.id and $4
             where o.held = 0 and o.id > $2 order by o.id limit $3",
            kind.rows()
        );
        let rows: Vec<(i64, i64, Option<String>)> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(before.millis())
            .bind(after)
            .bind(STEP)
            .bind(kind == Kind::Recordings)
            .fetch_all(self.pool())
            .await?;
        let old = rows.into_iter().map(|(id, bytes, path)| Old {
            id,
            bytes: u64::try_from(bytes).unwrap_or_default(),
            path,
        });
        Ok(old.collect())
    }
}

impl Store {
    /// Deletes these rows of a kind and counts them; of recordings the files must be gone already.
    pub async fn purge(&self, kind: Kind, rows: Vec<Old>, run: Run) -> Result<(), Error> {
        self.write(Purge { kind, rows, run }).await
    }
}

struct Purge {
    kind: Kind,
    rows: Vec<Old>,
    run: Run,
}

impl Write for Purge {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let mut bytes = 0;
        for row in &self.rows {
            bytes += row.bytes;
            let sql = match self.kind {
                Kind::Recordings => "update recording set purged_at = $2, missing_since = null where attempt_id = $1",
                Kind::ImportRows => "update encounter set raw = '{}' where id = $1 and $2 > 0",
                Kind::CallBacks => "delete from call_back where id = $1 and $2 > 0",
                Kind::PutAside => "delete from put_aside where rowid = $1 and $2 > 0",
                Kind::Attempts => {
                    clean_attempt(ledger, AttemptId(row.id), self.run.at).await?;
                    continue;
                }
            };
            sqlx::query(sql)
                .bind(row.id)
                .bind(self.run.at.millis())
                .execute(&mut *ledger.db)
                .await?;
        }
        note_deletion(ledger, self.kind.as_str(), self.rows.len() as u64, bytes, &self.run).await
    }
}

/// Counts what a run has deleted, in the transaction that deletes it.
pub(super) async fn note_deletion(
    ledger: &mut Ledger<'_>,
    kind: &str,
    count: u64,
    bytes: u64,
    run: &Run,
) -> Result<(), Error> {
    if count == 0 {
        return Ok(());
    }
    sqlx::query(
        "insert into deletion (at, kind, count, bytes, rule, who) values ($1, $2, $3, $4, $5, $6)
         on conflict (at, kind, rule, who) do update set count = count + excluded.count, bytes = bytes + excluded.bytes",
    )
    .bind(run.at.millis())
    .bind(kind)
    .bind(i64::try_from(count).unwrap_or(i64::MAX))
    .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
    .bind(&run.rule)
    .bind(&run.who)
    .execute(&mut *ledger.db)
    .await?;
    Ok(())
}
