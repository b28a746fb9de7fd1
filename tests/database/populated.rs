//! Populated folders: the same seed gives the same rows, a daemon can work on them, and every figure of a report has a
//! list as long as it says.

use aftercall::calendar::DEFAULT_ZONE;
use aftercall::dialer::{Begin, Next};
use aftercall::engine::population::{self, CAMPAIGNS, Error};
use aftercall::moment::Wall;
use aftercall::outcome::Disposition;
use aftercall::report::{self, CaseList, Success};
use aftercall::store::Period;
use aftercall::store::populate::{self, Populated, Population};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::fixture::{Folder, begin, claim, minutes, scalar, unanswered};

/// 2026-11-01T00:00:00Z, eight in the morning in Shanghai.
const DAY: Wall = Wall::from_millis(1_793_491_200_000);

fn of(patients: u64, seed: u64) -> Population {
    Population {
        patients,
        attempts: 10 * patients,
        seed,
        answers_percent: 60,
        morning: population::morning(DAY, DEFAULT_ZONE),
    }
}

async fn populated(folder: &Folder, patients: u64, seed: u64) -> Populated {
    population::populate(folder.path(), of(patients, seed), 4, DEFAULT_ZONE, |_| {})
        .await
        .unwrap()
}

/// Every row of every table but the one that knows the machine, and the columns of all.
async fn digest(db: &mut SqliteConnection) -> String {
    let tables: Vec<String> = sqlx::query_scalar(
        "select name from sqlite_master where type = 'table' and name not in ('meta', '_sqlx_migrations') order by name",
    )
    .fetch_all(&mut *db)
    .await
    .unwrap();
    let mut digest = Sha256::new();
    for table in tables {
        let columns: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
            "select 'quote(\"' || name || '\")' from pragma_table_info('{table}') order by cid"
        )))
        .fetch_all(&mut *db)
        .await
        .unwrap();
        let rows = format!("select concat_ws('|', {}) from {table} order by 1", columns.join(","));
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(rows))
            .fetch_all(&mut *db)
            .await
            .unwrap();
        rows.iter().for_each(|row| digest.update(row));
    }
    digest.finalize().iter().map(|octet| format!("{octet:02x}")).collect()
}

#[tokio::test]
async fn the_same_seed_gives_the_same_rows_and_another_one_others() {
    let folders = [Folder::new(), Folder::new(), Folder::new()];
    let mut digests = Vec::new();
    for (folder, seed) in folders.iter().zip([7, 7, 8]) {
        populated(folder, 150, seed).await;
        digests.push(digest(&mut folder.tool().await).await);
    }
    assert_eq!(digests[0], digests[1]);
    assert_ne!(digests[0], digests[2]);
}

#[tokio::test]
async fn a_populated_folder_holds_what_was_asked_for_and_shares_its_recordings() {
    let folder = Folder::new();
    let rows = populated(&folder, 300, 1).await;
    assert_eq!((rows.of("patient"), rows.of("attempt")), (300, 3_000));
    assert!(
        rows.of("cases") >= 1_000 && rows.of("answer") > 500 && rows.of("do_not_call") > 0,
        "{rows:?}"
    );
    let mut db = folder.tool().await;
    let counted: i64 = scalar(&mut db, "select count(*) from attempt").await;
    assert_eq!(counted, 3_000);
    // Four files, four names of them in each of three folders, and one attempt in the fourth; each name leads to sound.
    let paths: Vec<(String, i64, String)> = sqlx::query_as("select path, duration_ms, sha256 from recording")
        .fetch_all(&mut db)
        .await
        .unwrap();
    assert!((12..=13).contains(&paths.len()), "{}", paths.len());
    for (path, duration_ms, sha256) in paths {
        let bytes = std::fs::read(folder.path().join(&path)).unwrap();
        let found: String = Sha256::digest(&bytes)
            .iter()
            .map(|octet| format!("{octet:02x}"))
            .collect();
        assert_eq!(found, sha256);
        let wav = hound::WavReader::new(bytes.as_slice()).unwrap();
        assert_eq!((wav.spec().channels, wav.spec().sample_rate), (2, 8_000));
        assert_eq!(i64::from(wav.duration()) / 8, duration_ms);
    }
    let again = population::populate(folder.path(), of(1, 1), 0, DEFAULT_ZONE, |_| {}).await;
    assert!(matches!(again, Err(Error::Taken(_))), "{again:?}");
}

#[tokio::test]
async fn a_daemon_is_at_home_in_a_populated_folder_and_claims_from_it() {
    let folder = Folder::new();
    populated(&folder, 300, 2).await;
    let store = folder.open().await;
    assert_eq!(store.frozen(), None);
    let morning = of(300, 2).morning;
    let id = store.start_campaign(CAMPAIGNS[0], morning).await.unwrap();
    let claimed = store.claim(claim(id, morning, 20)).await.unwrap();
    assert_eq!(claimed.len(), 20);
    store.close().await;
}

#[tokio::test]
async fn a_measured_folder_is_put_back_to_what_it_was() {
    const ROWS: &str = "select group_concat(concat_ws(',', c.id, c.next_at, c.state, c.attempts, c.counted, c.why, c.why_at,
            c.lease_until, c.last_disposition), '|') || (select count(*) from attempt) || (select count(*) from decision)
        from (select * from cases order by id) c";
    let folder = Folder::new();
    populated(&folder, 300, 6).await;
    populate::put_aside(folder.path(), DAY).await.unwrap();
    let rows = async || -> String { scalar(&mut folder.tool().await, ROWS).await };
    let before = rows().await;
    let store = folder.open().await;
    let morning = of(300, 6).morning;
    let id = store.start_campaign(CAMPAIGNS[0], morning).await.unwrap();
    let dialplan = store.reader().campaign(CAMPAIGNS[0], morning).await.unwrap().dialplan;
    let claimed = store.claim(claim(id, morning, 1)).await.unwrap().remove(0);
    let begin = Begin {
        dialplan,
        ..begin(&claimed, morning)
    };
    let attempt = store.begin(begin).await.unwrap().attempt;
    let again = Next::Again {
        at: morning + minutes(60),
        counted: true,
    };
    store
        .finish(unanswered(attempt, morning, Disposition::NoAnswer, again))
        .await
        .unwrap();
    store.claim(claim(id, morning, 20)).await.unwrap();
    store.close().await;
    assert_ne!(rows().await, before);
    populate::put_back(folder.path(), DAY).await.unwrap();
    assert_eq!(rows().await, before);
}

#[tokio::test]
async fn every_figure_has_a_list_as_long_as_it_says() {
    let folder = Folder::new();
    populated(&folder, 400, 3).await;
    let store = folder.open().await;
    let reader = store.reader();
    let period = Period::until(of(400, 3).morning);
    let mut counted = 0;
    for success in [Success::Completed, Success::CompletedOrPartial] {
        let name = CAMPAIGNS[0];
        let id = reader.campaign(name, period.to).await.unwrap().id;
        let report = report::campaign(reader, name, period, success).await.unwrap();
        for figure in report.figures() {
            let mut list = CaseList::of(reader, id, period, success, &figure.figure).await.unwrap();
            let mut lines = 0;
            while let Some(page) = list.next().await.unwrap() {
                lines += page.len() as u64;
            }
            assert_eq!(lines, figure.n, "{}", figure.id);
            counted += u64::from(figure.n > 0);
        }
    }
    assert!(counted > 80, "{counted} figures have something to list");
    store.close().await;
}

#[tokio::test]
async fn a_figure_is_found_by_its_word_and_by_its_id() {
    let folder = Folder::new();
    populated(&folder, 60, 4).await;
    let store = folder.open().await;
    let period = Period::until(of(60, 4).morning);
    let report = report::campaign(store.reader(), CAMPAIGNS[0], period, Success::Completed)
        .await
        .unwrap();
    for (name, id) in [
        ("应回访数", "due"),
        ("无人接听", "cause:no_answer"),
        ("not_reached", "outcome:not_reached"),
        ("未联系上", "outcome:not_reached"),
        ("结果码：无人接听", "disposition:no_answer"),
        ("satisfied:attitude", "satisfied:attitude"),
        ("满意:医护服务态度", "satisfied:attitude"),
        ("value:attitude:1", "value:attitude:1"),
        ("refused", "outcome:refused"),
    ] {
        assert_eq!(report.figure(name).unwrap().id, id, "{name}");
    }
    let error = report.figure("missing").unwrap_err().to_string();
    assert!(
        error.contains("\"missing\"") && error.contains("aapor:refusal"),
        "{error}"
    );
    store.close().await;
}

#[tokio::test]
async fn the_workbook_has_numbers_that_a_spreadsheet_reads_and_a_sheet_behind_each_figure() {
    use calamine::{Data, Reader as _, Xlsx, open_workbook};
    let folder = Folder::new();
    populated(&folder, 200, 5).await;
    let store = folder.open().await;
    let reader = store.reader();
    let period = Period::until(of(200, 5).morning);
    let report = report::campaign(reader, CAMPAIGNS[0], period, Success::Completed)
        .await
        .unwrap();
    let id = reader.campaign(CAMPAIGNS[0], period.to).await.unwrap().id;
    let file = folder.path().join("report.xlsx");
    report::workbook(reader, id, period, &report, 40, &file).await.unwrap();
    let mut book: Xlsx<_> = open_workbook(&file).unwrap();
    let names = book.sheet_names();
    let first = book.worksheet_range(&names[0]).unwrap();
    assert_eq!(first.get((2, 1)), Some(&Data::Float(report.cases.due as f64)));
    let counted: Vec<_> = report.figures().into_iter().filter(|figure| figure.n > 0).collect();
    let lists = names.iter().position(|name| name == "名单 lists").unwrap();
    assert_eq!(names.len() - lists - 1, counted.len());
    for (name, figure) in names[lists + 1..].iter().zip(&counted) {
        let sheet = book.worksheet_range(name).unwrap();
        // A title and a heading, then the lines.
        assert_eq!(sheet.height() as u64, 2 + figure.n.min(40), "{name}");
    }
    store.close().await;
}
