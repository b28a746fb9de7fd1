//! The writer against a disk that is full: who did not fit is told so, nothing of it is kept, and it goes on after.

mod plans;

use std::path::PathBuf;
use std::sync::Arc;

use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot, watch};

use super::home::Frost;
use super::identity::Identity;
use super::job::{Haste, Ledger, Queued, Write};
use super::journal::Journal;
use super::wal::Wal;
use super::writer::{Counters, Writer};
use super::{Error, claim, folder, queues};
use crate::moment::Wall;

/// Fills the file, or changes how large it may become; answers how many rows there are.
enum Try {
    Fill(i64),
    Allow(&'static str),
}

impl Write for Try {
    type Answer = i64;

    async fn run(&self, ledger: &mut Ledger<'_>) -> Result<i64, Error> {
        let query = match self {
            Self::Fill(bytes) => sqlx::query("insert into filled (bytes) values (zeroblob($1))").bind(bytes),
            Self::Allow(pages) => sqlx::query(*pages),
        };
        query.execute(&mut *ledger.db).await?;
        Ok(sqlx::query_scalar("select count(*) from filled")
            .fetch_one(&mut *ledger.db)
            .await?)
    }
}

fn ask(queue: &mpsc::Sender<Queued>, work: Try) -> oneshot::Receiver<Result<i64, Error>> {
    let (reply, answer) = oneshot::channel();
    let job = Queued::job(work, Haste::AtOnce, move |_, outcome| {
        let _ = reply.send(outcome);
    });
    assert!(queue.try_send(job).is_ok());
    answer
}

#[tokio::test]
async fn a_full_disk_is_told_to_those_who_did_not_fit_and_passes() {
    let path: PathBuf = std::env::temp_dir().join(format!("aftercall-full-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    let hold = folder::hold(&path, Wall::from_millis(0)).unwrap();
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::query("create table filled (bytes blob)")
        .execute(&mut db)
        .await
        .unwrap();
    sqlx::query("pragma max_page_count = 20")
        .execute(&mut db)
        .await
        .unwrap();
    let file = folder::database(&path).unwrap();
    let counters = Arc::new(Counters::default());
    let (queues, inbox) = queues::queues(&counters);
    let (ended, _) = watch::channel(());
    let writer = Writer {
        db,
        inbox,
        journal: Journal::open(&path, 64 * 1024).unwrap(),
        identity: Identity::of(&file).unwrap(),
        frost: Frost::default(),
        ahead: claim::ahead::Ahead::nowhere(),
        wal: Wal::of(&file),
        counters,
        hold,
        ended,
    };
    let small = ask(&queues.people, Try::Fill(10));
    let large = ask(&queues.people, Try::Fill(1_000_000));
    let writer = tokio::spawn(writer.run());
    let (small, large) = (small.await.unwrap(), large.await.unwrap());
    assert!(matches!(large, Err(Error::DiskFull)), "{large:?}");
    assert!(large.unwrap_err().may_pass());
    assert_eq!(small.unwrap(), 1);
    ask(&queues.people, Try::Allow("pragma max_page_count = 10000"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ask(&queues.people, Try::Fill(1_000_000)).await.unwrap().unwrap(), 2);
    drop(queues);
    writer.await.unwrap();
    let _ = std::fs::remove_dir_all(&path);
}
