//! The writer against a disk that is full: who did not fit is told so, nothing of it is kept, and it goes on after.

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
use super::{
    Error, begin, by_hand, case_list, claim, console, conversation, dnc, evidence, figures, folder, import, incoming,
    left_over, open, patient_state, put_through, recover, rules, tally, why,
};
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

/// What runs once for each row of a list, each call and each claim.
#[tokio::test]
async fn what_is_asked_for_each_row_and_call_reads_no_table_from_end_to_end() {
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    open::MIGRATIONS.run(&mut db).await.unwrap();
    for query in [
        import::patient::PATIENT,
        import::visit::KNOWN,
        begin::FOUND,
        super::callers::SHOWN,
        super::observed::TALLY,
        super::prospects::CASES,
        super::prospects::TRIED,
        super::prospects::NUMBERS,
        super::prospects::LATELY,
        super::prospects::LABELS,
        console::do_not_call::APPOINTMENTS,
        console::do_not_call::LOOKED,
        console::do_not_call::OF_NUMBER,
        console::do_not_call::OF_PATIENT,
        console::do_not_call::PAGE,
        console::offline::DUE,
        super::campaign::RIPE,
        console::imports::BEFORE,
        console::imports::KNOWN,
        console::patient::ANSWERS,
        console::patient::ATTEMPTS,
        console::patient::ENCOUNTERS,
        console::patient::HEAD,
        console::patient::NOTES,
        console::patient::NUMBERS,
        console::patients::FOUND,
        console::patients::IS_OF,
        console::call_backs::LIST,
        console::call_backs::SOUND,
        console::repair::LIST,
        console::repair::LOOKED,
        claim::due::DUE,
        claim::due::ONE,
        claim::due::BY_HAND,
        by_hand::CASE,
        by_hand::CONVERSATION,
        by_hand::STRANGER,
        conversation::UNHEARD,
        put_through::ATTEMPT,
        console::desk::ANSWERS,
        console::desk::CARD,
        console::desk::GIVEN_BACK,
        console::desk::HISTORY,
        console::desk::NOTES,
        console::desk::OPEN,
        console::desk::TICKETS,
        console::desk::TODAY,
        console::desk::WANTED,
        console::desk::UPCOMING,
        console::tickets::PAGE,
        claim::UNFINISHED,
        left_over::UP,
        recover::FREE,
        recover::OPEN,
        incoming::ABOUT,
        incoming::ENGAGED,
        incoming::OPEN,
        incoming::OWNERS,
        dnc::PRESENT,
        dnc::CONCERNED,
        patient_state::WAKE,
        why::CASES,
        why::ATTEMPTS,
        why::DECISIONS,
        why::VISITS,
        why::LISTED,
        why::IN_FRONT,
        rules::BASE,
        rules::DECIDED,
        rules::DUE_DRAW,
        rules::EVENT,
        rules::OF_ENCOUNTER,
        rules::OLD,
        rules::PRESENT,
        rules::SAME_DAY,
        rules::SUPERSEDED,
        super::console::corrections::OF_CALL,
        super::console::reviews::OF_CALL,
        super::console::reviews::ONE,
        super::console::samples::POPULATION,
        evidence::ATTEMPTS,
        evidence::EARLIER,
        evidence::CASES,
        evidence::WAITING,
        evidence::DECISIONS,
        evidence::STATES,
        console::BEGUN,
        console::FLAGS,
        console::ROWS,
        console::calls::OF_VISIT,
        console::lines::FLAGGED,
        console::lines::LINES,
        console::lines::SCORES,
        console::timeline::ANSWERS,
        console::timeline::CALL,
        super::console::board::AT,
        super::console::board::ATTEMPTS,
        super::console::board::OPEN_DUE,
        super::console::board::ANSWERS,
        case_list::ANSWERS,
        case_list::ATTEMPTS,
        case_list::CASES,
        case_list::FIRST_ANSWER,
        case_list::FIRST_ATTEMPT,
        case_list::FIRST_CASE,
        case_list::FIRST_UNCOUNTED,
        case_list::PAGE,
        tally::ANSWERS,
        tally::ATTEMPTS,
        tally::CASES,
        tally::IS_BEHIND,
        tally::QUESTIONS,
        tally::AGAIN[0],
        tally::AGAIN[1],
        tally::AGAIN[2],
        tally::FIRST[0],
        tally::FIRST[1],
        tally::FIRST[2],
        figures::CASES,
        figures::ATTEMPTS,
        figures::ANSWERS,
        figures::ANSWERED,
    ] {
        let explained = sqlx::AssertSqlSafe(format!("explain query plan {query}"));
        let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explained).fetch_all(&mut db).await.unwrap();
        let from_end_to_end = |step: &&(i64, i64, i64, String)| {
            let what = step.3.strip_prefix("SCAN ").unwrap_or_default();
            // The rows of a part of the query itself, and the one row that is asked about.
            let own = [
                "asked",
                "running",
                "level",
                "found",
                "page",
                "kinds",
                "latest",
                "a",
                "k",
                "j VIRTUAL",
                "g VIRTUAL",
                "u",
                "v VIRTUAL",
                "json_each VIRTUAL",
            ];
            let of_the_query = own
                .iter()
                .any(|part| what == *part || what.starts_with(&format!("{part} ")));
            !what.is_empty() && !what.starts_with('(') && !what.contains("CONSTANT") && !of_the_query
        };
        let found: Vec<_> = steps.iter().filter(from_end_to_end).collect();
        assert!(found.is_empty(), "{query}\n{found:#?}");
    }
}

#[tokio::test]
async fn a_statement_keeps_its_plan_whatever_is_bound_to_it() {
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    let options: Vec<String> = sqlx::query_scalar("pragma compile_options")
        .fetch_all(&mut db)
        .await
        .unwrap();
    let is_built_so = options.iter().any(|option| option == "ENABLE_QPSG");
    assert!(is_built_so, ".cargo/config.toml was not read: {options:?}");
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
    let (queue, people) = mpsc::channel(8);
    let (calls_in, calls) = mpsc::channel(8);
    let file = folder::database(&path).unwrap();
    let counters = Arc::new(Counters::default());
    let (ended, _) = watch::channel(());
    let writer = Writer {
        db,
        calls,
        people,
        journal: Journal::open(&path, 64 * 1024).unwrap(),
        identity: Identity::of(&file).unwrap(),
        frost: Frost::default(),
        ahead: claim::ahead::Ahead::nowhere(),
        wal: Wal::of(&file),
        counters,
        hold,
        ended,
    };
    let small = ask(&queue, Try::Fill(10));
    let large = ask(&queue, Try::Fill(1_000_000));
    let writer = tokio::spawn(writer.run());
    let (small, large) = (small.await.unwrap(), large.await.unwrap());
    assert!(matches!(large, Err(Error::DiskFull)), "{large:?}");
    assert!(large.unwrap_err().may_pass());
    assert_eq!(small.unwrap(), 1);
    ask(&queue, Try::Allow("pragma max_page_count = 10000"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ask(&queue, Try::Fill(1_000_000)).await.unwrap().unwrap(), 2);
    drop((queue, calls_in));
    writer.await.unwrap();
    let _ = std::fs::remove_dir_all(&path);
}
