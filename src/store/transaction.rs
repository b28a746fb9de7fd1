//! One transaction for many requests. When one of them fails, the batch is run again with a savepoint for each, so that
//! only the one is lost.

use std::future::poll_fn;

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Either, Executor, Sqlite, SqliteConnection};

use super::Error;
use super::job::{Job, Lasts, Ledger};
use super::journal::{Entry, Journal};

/// Runs a batch and commits it. A request that fails keeps its own error.
///
/// # Errors
/// Nothing of the whole batch is in the database then. An error by which [`Error::is_away`] concerns all of them.
pub(super) async fn commit(jobs: &mut [Box<dyn Job>], ledger: &mut Ledger<'_>) -> Result<(), Error> {
    let synced = jobs.iter().any(|job| job.lasts() == Lasts::ThroughPowerCut);
    let together = match synced {
        true => run_together(jobs, ledger).await,
        false => run_unsynced(jobs, ledger).await,
    };
    match together {
        Ok(()) => return Ok(()),
        Err(error) => {
            roll_back(ledger.db).await;
            if !synced {
                execute(ledger.db, "pragma synchronous = full").await?;
            }
            if error.is_away() || jobs.len() == 1 {
                return Err(error);
            }
        }
    }
    let committed = run_each(jobs, ledger).await;
    if committed.is_err() {
        roll_back(ledger.db).await;
    }
    committed
}

async fn run_together(jobs: &mut [Box<dyn Job>], ledger: &mut Ledger<'_>) -> Result<(), Error> {
    execute(ledger.db, "begin immediate").await?;
    for job in jobs {
        job.run(ledger).await?;
    }
    execute(ledger.db, "commit").await
}

/// In WAL mode a commit under `normal` is written and not synced; the next one under `full` syncs both.
async fn run_unsynced(jobs: &mut [Box<dyn Job>], ledger: &mut Ledger<'_>) -> Result<(), Error> {
    let begin = sqlx::raw_sql("pragma synchronous = normal; begin immediate");
    begin.execute(&mut *ledger.db).await?;
    for job in jobs {
        job.run(ledger).await?;
    }
    let commit = sqlx::raw_sql("commit; pragma synchronous = full");
    commit.execute(&mut *ledger.db).await?;
    Ok(())
}

async fn run_each(jobs: &mut [Box<dyn Job>], ledger: &mut Ledger<'_>) -> Result<(), Error> {
    execute(ledger.db, "begin immediate").await?;
    for job in jobs {
        execute(ledger.db, "savepoint request").await?;
        if let Err(error) = job.run(ledger).await {
            if error.is_away() {
                return Err(error);
            }
            // If the whole transaction is gone this fails, and the batch with the request's own error.
            execute(ledger.db, "rollback to request").await.map_err(|_| error)?;
        }
        execute(ledger.db, "release request").await?;
    }
    execute(ledger.db, "commit").await
}

/// Entries of the journal that share a transaction at most.
const ENTRIES: usize = 64;

/// Carries the next entries of the journal into the database; tells how many. What the database refuses for a reason of
/// its own is put aside there, whole, and does not stand in the way of the others.
pub(super) async fn replay(journal: &mut Journal, ledger: &mut Ledger<'_>) -> Result<u64, Error> {
    let carried = carry(journal, ledger).await;
    if carried.is_err() {
        roll_back(ledger.db).await;
    }
    let (place, count) = carried?;
    journal.carried(place);
    if journal.is_empty() {
        journal.reset()?;
    }
    Ok(count)
}

async fn carry(journal: &Journal, ledger: &mut Ledger<'_>) -> Result<(super::journal::Place, u64), Error> {
    let mut place = journal.next();
    let mut count = 0;
    execute(ledger.db, "begin immediate").await?;
    for _ in 0..ENTRIES {
        let Some((seq, payload, after)) = journal.read(place)? else {
            break;
        };
        execute(ledger.db, "savepoint request").await?;
        let done = match Entry::decode(&payload) {
            Ok(entry) => entry.run(ledger).await,
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            if error.is_away() {
                return Err(error);
            }
            execute(ledger.db, "rollback to request").await?;
            put_aside(ledger.db, journal.generation(), seq, &payload, &error).await?;
        }
        execute(ledger.db, "release request").await?;
        place = after;
        count += 1;
    }
    execute(ledger.db, "commit").await?;
    Ok((place, count))
}

async fn put_aside(
    db: &mut SqliteConnection,
    generation: u64,
    seq: u64,
    payload: &[u8],
    why: &Error,
) -> Result<(), Error> {
    sqlx::query(
        "insert into put_aside (generation, seq, entry, why) values ($1, $2, $3, $4)
         on conflict (generation, seq) do nothing",
    )
    .bind(i64::try_from(generation).unwrap_or(i64::MAX))
    .bind(i64::try_from(seq).unwrap_or(i64::MAX))
    .bind(String::from_utf8_lossy(payload))
    .bind(why.to_string())
    .execute(db)
    .await?;
    Ok(())
}

async fn roll_back(db: &mut SqliteConnection) {
    // If SQLite has rolled back by itself already, this has nothing to do and says so.
    let _ = execute(db, "rollback").await;
}

pub(super) async fn execute(db: &mut SqliteConnection, sql: &'static str) -> Result<(), Error> {
    settle(db, sqlx::query(sql), 1).await
}

/// Executes so many statements, and goes on when the last of them has told its result. To wait for the end of the
/// results as well would put the writer to sleep and wake it once more for each statement, which is most of its cost.
pub(super) async fn settle(
    db: &mut SqliteConnection,
    query: Query<'_, Sqlite, SqliteArguments>,
    statements: usize,
) -> Result<(), Error> {
    settled(db, query, statements).await.map(drop)
}

/// The same, with the rows that came of them.
pub(super) async fn settled_rows(
    db: &mut SqliteConnection,
    query: Query<'_, Sqlite, SqliteArguments>,
    statements: usize,
) -> Result<Vec<SqliteRow>, Error> {
    Ok(settled(db, query, statements).await?.rows)
}

/// The same, with how many rows the first of them changed.
pub(super) async fn settled_changes(
    db: &mut SqliteConnection,
    query: Query<'_, Sqlite, SqliteArguments>,
    statements: usize,
) -> Result<u64, Error> {
    Ok(settled(db, query, statements).await?.changed.unwrap_or_default())
}

#[derive(Default)]
struct Settled {
    /// Rows that the first statement changed.
    changed: Option<u64>,
    rows: Vec<SqliteRow>,
}

async fn settled(
    db: &mut SqliteConnection,
    query: Query<'_, Sqlite, SqliteArguments>,
    statements: usize,
) -> Result<Settled, Error> {
    let mut results = db.fetch_many(query);
    let (mut done, mut settled) = (0, Settled::default());
    while done < statements {
        match poll_fn(|context| results.as_mut().poll_next(context)).await {
            Some(Ok(Either::Left(result))) => {
                done += 1;
                settled.changed.get_or_insert(result.rows_affected());
            }
            Some(Ok(Either::Right(row))) => settled.rows.push(row),
            Some(Err(error)) => return Err(error.into()),
            None => break,
        }
    }
    Ok(settled)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::sync::mpsc::{Receiver, channel};

    use sqlx::Connection;

    use super::super::claim::ahead::Ahead;
    use super::super::home::Frost;
    use super::super::job::{Haste, Queued, Way, Write};
    use super::super::remembered::Remembered;
    use super::*;

    /// Tells how the commit that it is part of will be synced; one that is to fail asks for a table that is not there.
    struct Look {
        lasts: Lasts,
        fails: bool,
    }

    impl Write for Look {
        type Answer = i64;

        async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
            if self.fails {
                execute(ledger.db, "insert into nowhere values (1)").await?;
            }
            Ok(synchronous(ledger.db).await)
        }

        fn lasts(&self) -> Lasts {
            self.lasts
        }
    }

    async fn synchronous(db: &mut SqliteConnection) -> i64 {
        let level = sqlx::query_scalar("pragma synchronous").fetch_one(db).await;
        level.unwrap()
    }

    fn look(lasts: Lasts, fails: bool) -> (Box<dyn Job>, Receiver<Result<i64, Error>>) {
        let (reply, answer) = channel();
        let job = Queued::job(Look { lasts, fails }, Haste::AtOnce, move |_, outcome| {
            reply.send(outcome).unwrap();
        });
        match job {
            Queued::Job(queued) => (queued.job, answer),
            Queued::Stop => panic!("a job was asked for"),
        }
    }

    #[tokio::test]
    async fn what_need_not_outlive_a_power_cut_is_committed_without_a_sync_and_nothing_else_is() {
        const NORMAL: i64 = 1;
        const FULL: i64 = 2;

        let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        execute(&mut db, "pragma synchronous = full").await.unwrap();
        let (lease, key) = (Lasts::ThroughCrash, Lasts::ThroughPowerCut);
        let (good, bad) = (false, true);
        let batches = [
            (vec![(lease, good), (lease, good)], vec![Some(NORMAL), Some(NORMAL)]),
            (vec![(lease, good), (key, good)], vec![Some(FULL), Some(FULL)]),
            (vec![(key, good)], vec![Some(FULL)]),
            // With one that fails the batch is run again, each for itself and synced.
            (vec![(lease, good), (lease, bad)], vec![Some(FULL), None]),
        ];
        for (batch, expected) in batches {
            let looks = batch.iter().map(|(lasts, fails)| look(*lasts, *fails));
            let (mut jobs, answers): (Vec<_>, Vec<_>) = looks.unzip();
            let mut ledger = Ledger {
                db: &mut db,
                holder: "here",
                calls_waiting: &AtomicU64::new(0),
                way: Way::WhenCallsWait,
                frost: &Frost::default(),
                ahead: &Ahead::nowhere(),
                remembered: &mut Remembered::default(),
            };
            let committed = commit(&mut jobs, &mut ledger).await;
            jobs.into_iter().for_each(|job| job.settle(committed.clone()));
            let seen: Vec<_> = answers.iter().map(|answer| answer.recv().unwrap().ok()).collect();
            assert_eq!(seen, expected, "{batch:?}");
            assert_eq!(synchronous(&mut db).await, FULL, "after {batch:?}");
        }
    }
}
