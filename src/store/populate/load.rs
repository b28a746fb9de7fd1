//! A database that is being filled: nothing is durable, nothing is checked, no index but those that constraints need;
//! and the way back to one that a daemon may open.

use std::path::Path;

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use super::super::{Error, open, tally};

/// The trigger that takes a case out of the tallies.
const TAKES_OUT: &str = "report_uncounted_is_taken_out";

/// Pages that the filling connection keeps, in KiB.
const CACHE_KIB: u32 = 768 * 1024;

/// A database while it is filled. What fails leaves nothing of use behind: whoever fills it removes it then.
pub(super) struct Load {
    pub(super) db: SqliteConnection,
    indexes: Vec<(String, String)>,
    /// What names an index cannot be run without it.
    taking_out: String,
}

impl Load {
    /// Opens it, and takes the indexes off that are no constraints of a table.
    pub(super) async fn begin(path: &Path) -> Result<Self, Error> {
        let mut db = open::options(path).foreign_keys(false).connect().await?;
        // One by one: a change of the journal takes no other statement beside it.
        for pragma in [
            "pragma journal_mode = delete".to_owned(),
            "pragma journal_mode = off".to_owned(),
            "pragma synchronous = off".to_owned(),
            format!("pragma cache_size = -{CACHE_KIB}"),
        ] {
            sqlx::query(AssertSqlSafe(pragma)).fetch_all(&mut db).await?;
        }
        let indexes: Vec<(String, String)> = sqlx::query_as(
            "select name, sql from sqlite_master where type = 'index' and sql is not null order by rowid",
        )
        .fetch_all(&mut db)
        .await?;
        for (name, _) in &indexes {
            run(&mut db, format!("drop index {name}")).await?;
        }
        let taking_out: String =
            sqlx::query_scalar("select sql from sqlite_master where type = 'trigger' and name = $1")
                .bind(TAKES_OUT)
                .fetch_one(&mut db)
                .await?;
        run(&mut db, format!("drop trigger {TAKES_OUT}")).await?;
        sqlx::query("begin exclusive").execute(&mut db).await?;
        Ok(Self {
            db,
            indexes,
            taking_out,
        })
    }

    /// How many indexes [`Load::index`] makes.
    pub(super) fn indexes(&self) -> usize {
        self.indexes.len()
    }

    /// Ends the filling: from here on the tables are read.
    pub(super) async fn filled(&mut self) -> Result<(), Error> {
        sqlx::query("commit").execute(&mut self.db).await?;
        Ok(())
    }

    /// Makes the next index again; none when all are there.
    pub(super) async fn index(&mut self, at: usize) -> Result<(), Error> {
        match self.indexes.get(at) {
            Some((_, sql)) => run(&mut self.db, sql.clone()).await,
            None => Ok(()),
        }
    }

    /// Counts for the reports what the indexes lead to; from here on what is counted is taken out before it changes.
    pub(super) async fn count(&mut self) -> Result<(), Error> {
        run(&mut self.db, self.taking_out.clone()).await?;
        tally::count_all(&mut self.db).await
    }

    /// Reads all of it: every page, every index, every reference.
    pub(super) async fn check(&mut self) -> Result<(), Error> {
        // Read to their ends: a statement that is not would hold the change of the journal up.
        let found: Vec<String> = sqlx::query_scalar("pragma integrity_check(1)")
            .fetch_all(&mut self.db)
            .await?;
        if let Some(fault) = found.into_iter().find(|found| found != "ok") {
            return Err(Error::Corrupt(fault));
        }
        let dangling: Vec<(String, Option<i64>, String, i64)> = sqlx::query_as("pragma foreign_key_check")
            .fetch_all(&mut self.db)
            .await?;
        match dangling.first() {
            None => Ok(()),
            Some((table, row, parent, _)) => Err(Error::Corrupt(format!(
                "row {} of {table} names a row of {parent} that is not there",
                row.unwrap_or_default()
            ))),
        }
    }

    /// Brings it back to the form in which a daemon finds it, on the disk.
    pub(super) async fn end(mut self) -> Result<(), Error> {
        for pragma in ["pragma synchronous = full", "pragma journal_mode = wal"] {
            sqlx::query(pragma).fetch_all(&mut self.db).await?;
        }
        self.db.close().await?;
        Ok(())
    }
}

async fn run(db: &mut SqliteConnection, sql: String) -> Result<(), Error> {
    sqlx::query(AssertSqlSafe(sql)).execute(db).await?;
    Ok(())
}
