//! The tables that are filled, and rows on their way to them: many to a statement, every statement the same text.

use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, AssertSqlSafe, SqliteConnection};

use super::super::Error;

/// Values of one statement at most, a third of what SQLite takes.
const VALUES: usize = 10_000;

/// A table and its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Patient,
    Number,
    Encounter,
    Cases,
    Attempt,
    PressedKey,
    Answer,
    Recording,
    DoNotCall,
}

impl Table {
    /// Its name in the database.
    pub(super) const fn name(self) -> &'static str {
        self.columns().0
    }

    /// The name, and the columns in the order in which rows give them.
    const fn columns(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Patient => (
                "patient",
                &[
                    "id",
                    "patient_no",
                    "name",
                    "sex",
                    "birth",
                    "deceased",
                    "created_at",
                    "updated_at",
                ],
            ),
            Self::Number => (
                "number",
                &[
                    "id",
                    "patient_id",
                    "digits",
                    "kind",
                    "owner",
                    "relation",
                    "rank",
                    "state",
                ],
            ),
            Self::Encounter => (
                "encounter",
                &[
                    "id",
                    "visit_no",
                    "patient_id",
                    "kind",
                    "department",
                    "ward",
                    "bed",
                    "doctor",
                    "admitted_at",
                    "discharged_at",
                    "diagnoses",
                    "payer",
                    "cost",
                    "raw",
                    "created_at",
                    "updated_at",
                ],
            ),
            Self::Cases => (
                "cases",
                &[
                    "id",
                    "campaign_id",
                    "encounter_id",
                    "due_at",
                    "next_at",
                    "deadline_at",
                    "state",
                    "outcome",
                    "closed_at",
                    "counted",
                    "attempts",
                    "last_disposition",
                    "priority",
                    "appointment_at",
                    "created_at",
                ],
            ),
            Self::Attempt => (
                "attempt",
                &[
                    "id",
                    "case_id",
                    "number_id",
                    "digits",
                    "trunk",
                    "ordinal",
                    "state",
                    "begun_at",
                    "answered_at",
                    "ended_at",
                    "disposition",
                    "rule",
                    "facts",
                    "packets_sent",
                    "packets_received",
                    "dialplan_hash",
                    "kept",
                    "mark",
                    "reached",
                    "counted",
                ],
            ),
            Self::PressedKey => (
                "pressed_key",
                &[
                    "attempt_id",
                    "seq",
                    "key",
                    "at",
                    "at_ms",
                    "source",
                    "during",
                    "question",
                ],
            ),
            Self::Answer => (
                "answer",
                &[
                    "id",
                    "attempt_id",
                    "question",
                    "kind",
                    "value",
                    "label",
                    "keys",
                    "keep_seq",
                    "at",
                ],
            ),
            Self::Recording => ("recording", &["attempt_id", "path", "duration_ms", "gap_ms", "sha256"]),
            Self::DoNotCall => ("do_not_call", &["digits", "reason", "since", "source", "attempt_id"]),
        }
    }

    /// Rows of one statement.
    fn rows(self) -> usize {
        VALUES / self.columns().1.len()
    }

    fn statement(self, rows: usize) -> String {
        let (name, columns) = self.columns();
        let places = format!("({})", vec!["?"; columns.len()].join(","));
        format!(
            "insert into {name} ({}) values {}",
            columns.join(","),
            vec![places; rows].join(",")
        )
    }
}

/// Rows of one table, as many as one statement takes.
pub(super) struct Batch {
    table: Table,
    rows: usize,
    values: SqliteArguments,
}

impl Batch {
    /// Of which table.
    pub(super) const fn table(&self) -> Table {
        self.table
    }

    /// How many rows.
    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    /// Inserts them; gives how many were new.
    pub(super) async fn insert(self, db: &mut SqliteConnection) -> Result<u64, Error> {
        // The text is the same for every full batch, so the statement is prepared once.
        let sql = AssertSqlSafe(self.table.statement(self.rows));
        Ok(sqlx::query_with(sql, self.values).execute(db).await?.rows_affected())
    }
}

/// Gathers the rows of one table.
pub(super) struct Rows(Batch);

/// A value that did not fit its column; never, for the types that are given here.
pub(super) type Unfit = sqlx::error::BoxDynError;

impl Rows {
    pub(super) fn of(table: Table) -> Self {
        Self(empty(table))
    }

    /// The row that is being written.
    pub(super) fn row(&mut self) -> Row<'_> {
        self.0.rows += 1;
        Row(&mut self.0.values)
    }

    /// What has gathered, once that is enough for a statement.
    pub(super) fn full(&mut self) -> Option<Batch> {
        (self.0.rows >= self.0.table.rows()).then(|| self.rest()).flatten()
    }

    /// What has gathered, if anything has.
    pub(super) fn rest(&mut self) -> Option<Batch> {
        let next = empty(self.0.table);
        Some(std::mem::replace(&mut self.0, next)).filter(|batch| batch.rows > 0)
    }
}

fn empty(table: Table) -> Batch {
    let mut values = SqliteArguments::default();
    values.reserve(VALUES, 0);
    Batch { table, rows: 0, values }
}

/// A row, value by value in the order of the columns.
pub(super) struct Row<'r>(&'r mut SqliteArguments);

impl Row<'_> {
    /// A whole number.
    pub(super) fn whole(self, value: impl TryInto<i64>) -> Result<Self, Unfit> {
        self.0.add(value.try_into().unwrap_or(i64::MAX))?;
        Ok(self)
    }

    /// A whole number, or null.
    pub(super) fn perhaps(self, value: Option<i64>) -> Result<Self, Unfit> {
        self.0.add(value)?;
        Ok(self)
    }

    /// Words that are kept for good.
    pub(super) fn word(self, value: &'static str) -> Result<Self, Unfit> {
        self.0.add(value)?;
        Ok(self)
    }

    /// Words, or null.
    pub(super) fn words(self, value: Option<&'static str>) -> Result<Self, Unfit> {
        self.0.add(value)?;
        Ok(self)
    }

    /// A text.
    pub(super) fn text(self, value: String) -> Result<Self, Unfit> {
        self.0.add(value)?;
        Ok(self)
    }
}
