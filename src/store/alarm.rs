//! Alarms as rows: raised, cleared, and which of them a daemon that went away left open; and the question whether the
//! database can be written at all.

use super::job::{Ledger, Write};
use super::{Error, Reader, Store};
use crate::moment::Wall;

/// One raising of an alarm. It holds nobody's name or number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmRecord {
    /// Which alarm.
    pub alarm: String,
    /// `critical` or `warning`.
    pub severity: String,
    /// What it is about, a trunk for one; may be empty.
    pub subject: String,
    /// When it was raised.
    pub raised_at: Wall,
    /// When it was cleared; none while it stands.
    pub cleared_at: Option<Wall>,
    /// What was seen.
    pub detail: String,
}

impl Write for AlarmRecord {
    type Answer = ();

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        sqlx::query(
            "insert into alarm (alarm, severity, subject, raised_at, cleared_at, detail)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (alarm, subject, raised_at) do update
                set cleared_at = excluded.cleared_at, detail = excluded.detail",
        )
        .bind(&self.alarm)
        .bind(&self.severity)
        .bind(&self.subject)
        .bind(self.raised_at.millis())
        .bind(self.cleared_at.map(Wall::millis))
        .bind(&self.detail)
        .execute(&mut *ledger.db)
        .await?;
        Ok(())
    }
}

/// A transaction with nothing in it.
struct Probe;

impl Write for Probe {
    type Answer = ();

    async fn run(&self, _: &mut Ledger<'_>) -> Result<(), Error> {
        Ok(())
    }
}

impl Store {
    /// Writes an alarm down; repeated, it brings its row to the present.
    pub async fn note_alarm(&self, alarm: AlarmRecord) -> Result<(), Error> {
        self.write(alarm).await
    }

    /// Whether the writer answers and gets the database's write lock. Nothing is written.
    pub async fn probe(&self) -> Result<(), Error> {
        self.write(Probe).await
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    alarm: String,
    severity: String,
    subject: String,
    raised_at: i64,
    cleared_at: Option<i64>,
    detail: String,
}

impl Reader {
    /// The alarms that stand, oldest first, a thousand at most.
    pub async fn open_alarms(&self) -> Result<Vec<AlarmRecord>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "select alarm, severity, subject, raised_at, cleared_at, detail from alarm
             where cleared_at is null order by raised_at limit 1000",
        )
        .fetch_all(self.pool())
        .await?;
        let record = |row: Row| AlarmRecord {
            alarm: row.alarm,
            severity: row.severity,
            subject: row.subject,
            raised_at: Wall::from_millis(row.raised_at),
            cleared_at: row.cleared_at.map(Wall::from_millis),
            detail: row.detail,
        };
        Ok(rows.into_iter().map(record).collect())
    }
}
