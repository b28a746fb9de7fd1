//! What an erased patient said while the database was away: neither the journal nor what was put aside keeps it.

use std::fs;
use std::time::Duration;

use aftercall::dialer::{CallBack, Keep, Outcome};
use aftercall::engine::office;
use aftercall::ids::AttemptId;
use aftercall::moment::Wall;
use aftercall::outcome::Disposition;
use aftercall::phone::Number;
use aftercall::store::retention::Kind;
use aftercall::store::{Error, JOURNAL, Store};

use crate::deletions::{office, purged};
use crate::fixture::{Folder, NOW, answered, closed, dialed, keep, minutes, scalar, seeded};
use crate::journal::{away, back, bring_back, lock, unlock};

/// The number of the patient who is erased, and of the one who stays.
const GONE: &str = "13800000000";
const STAYS: &str = "13800000001";

/// A keep whose session has the number in it.
fn telling(attempt: AttemptId, seq: u32, number: &str) -> Keep {
    Keep {
        session: format!("{{\"of\":\"{number}\"}}"),
        ..keep(attempt, seq, "care", 1)
    }
}

/// The ends of two calls, and what came after them, go to the journal: the database refuses the latter.
async fn said_while_away(store: &Store, attempts: [(AttemptId, &str); 2]) {
    for (attempt, number) in attempts {
        store.keep(telling(attempt, 1, number)).await.unwrap();
        let end = answered(attempt, NOW, 9_000, Disposition::Completed, closed(Outcome::Completed));
        store.finish(end).await.unwrap();
        store.keep(telling(attempt, 2, number)).await.unwrap();
    }
}

#[tokio::test]
async fn what_an_erased_patient_said_while_the_database_was_away_is_nowhere() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let (_, gone) = dialed(&store, id, NOW).await;
    let (_, stays) = dialed(&store, id, NOW).await;
    away(&folder);
    said_while_away(&store, [(gone, GONE), (stays, STAYS)]).await;
    // Of attempts that this database does not know.
    store.keep(telling(AttemptId(900), 1, GONE)).await.unwrap();
    store.keep(telling(AttemptId(901), 1, STAYS)).await.unwrap();
    bring_back(&folder);
    back(&store).await;
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from put_aside").await, 4);
    let office = office(&folder, store.clone());
    let erased = office.erase("P0000", "root".into()).await.unwrap();
    assert_eq!((erased.what.put_aside, erased.is_forgotten), (2, true));
    assert!(!folder.holds(GONE) && !folder.holds("P0000"));
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from put_aside").await, 2);
    let noted: i64 = scalar(&mut tool, "select count from deletion where kind = 'put_aside'").await;
    assert_eq!(noted, 2);
    let left: i64 = scalar(
        &mut tool,
        "select count(*) from put_aside where instr(entry, '13800000001')",
    )
    .await;
    assert_eq!(left, 2);
    office.close().await;
}

#[tokio::test]
async fn an_erasure_waits_until_the_journal_is_carried_over_and_takes_what_it_held() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let (_, gone) = dialed(&store, id, NOW).await;
    let (_, stays) = dialed(&store, id, NOW).await;
    away(&folder);
    said_while_away(&store, [(gone, GONE), (stays, STAYS)]).await;
    assert!(
        folder.holds("{\\\"of\\\":\\\"13800000000\\\"}"),
        "it waits in the journal"
    );
    let office = office(&folder, store.clone());
    bring_back(&folder);
    // The writer looks for the database now and then, so it has not carried anything over yet.
    let erased = office.erase("P0000", "root".into()).await;
    assert!(erased.unwrap().is_forgotten);
    assert!(!folder.holds(GONE));
    assert_eq!(store.reader().answers(gone).await.unwrap().len(), 1, "the counts stay");
    office.close().await;
}

#[tokio::test]
async fn an_erasure_is_refused_while_the_journal_cannot_be_carried_over() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let mut tool = lock(&folder).await;
    store.keep(telling(attempt, 1, GONE)).await.unwrap();
    let office = office(&folder, store.clone());
    let refused = office.erase("P0000", "root".into()).await.unwrap_err();
    assert!(matches!(&refused, office::Error::Store(Error::Busy)), "{refused}");
    assert!(
        refused.to_string().contains("close tools that have it open"),
        "{refused}"
    );
    unlock(&mut tool).await;
    office.close().await;
}

/// Killed between the journal's new generation and the overwriting of the old one; and a tail that was torn.
#[tokio::test]
async fn what_a_crash_left_of_a_generation_that_was_carried_over_is_overwritten_at_the_next_start() {
    const HEADERS: usize = 8192;
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let (_, gone) = dialed(&store, id, NOW).await;
    let (_, stays) = dialed(&store, id, NOW).await;
    away(&folder);
    said_while_away(&store, [(gone, GONE), (stays, STAYS)]).await;
    let path = folder.path().join(JOURNAL);
    let full = fs::read(&path).unwrap();
    bring_back(&folder);
    back(&store).await;
    store.close().await;
    let empty = fs::read(&path).unwrap();
    assert!(empty[HEADERS..].iter().all(|octet| *octet == 0));
    let end = full.iter().rposition(|octet| *octet != 0).unwrap();
    let torn = [&full[..end], &full[end + 1..], &[0]].concat();
    for left in [[&empty[..HEADERS], &full[HEADERS..]].concat(), torn] {
        fs::write(&path, left).unwrap();
        folder.open().await.close().await;
        let wiped = fs::read(&path).unwrap();
        assert!(wiped[HEADERS..].iter().all(|octet| *octet == 0));
        assert_eq!(wiped.len(), empty.len());
    }
}

#[tokio::test]
async fn what_was_put_aside_goes_by_its_age_and_a_hold_keeps_it() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let (_, held) = dialed(&store, id, NOW).await;
    let (_, old) = dialed(&store, id, NOW).await;
    away(&folder);
    said_while_away(&store, [(held, GONE), (old, STAYS)]).await;
    bring_back(&folder);
    back(&store).await;
    away(&folder);
    let young = NOW + minutes(60);
    let late = Keep {
        at: young,
        ..telling(old, 3, STAYS)
    };
    store.keep(late).await.unwrap();
    bring_back(&folder);
    back(&store).await;
    let mut tool = folder.tool().await;
    // It tells no time, and belongs to no attempt: it is as old as what was refused with it.
    sqlx::query(
        "insert into put_aside (generation, seq, entry, why)
         select max(generation), 9, '{\"note\":{\"attempt\":900}}', '-' from put_aside",
    )
    .execute(&mut tool)
    .await
    .unwrap();
    sqlx::query("insert into put_aside (generation, seq, entry, why) values (99, 1, 'from another release', '-')")
        .execute(&mut tool)
        .await
        .unwrap();
    sqlx::query(
        "insert into legal_hold (patient_id, reason, since, who)
         select e.patient_id, 'lawsuit', 0, 'root' from encounter e where e.visit_no = 'V0000'",
    )
    .execute(&mut tool)
    .await
    .unwrap();
    let office = office(&folder, store.clone());
    let would = store.reader().purgeable(Kind::PutAside, young).await.unwrap();
    assert_eq!(
        (would.count, would.held, would.oldest),
        (2, 1, Some(Wall::from_millis(0)))
    );
    assert_eq!(would.newest, Some(NOW + Duration::from_secs(2)));
    assert_eq!(purged(&office, Kind::PutAside, young).await.count, 2);
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from put_aside").await, 3);
    assert_eq!(purged(&office, Kind::PutAside, young + minutes(1)).await.count, 2);
    assert!(
        scalar::<String>(&mut tool, "select entry from put_aside")
            .await
            .contains(GONE)
    );
    office.close().await;
}

/// It is put aside if the table of calls to us refuses it, and leads to its caller by the number alone.
#[tokio::test]
async fn a_call_to_us_that_was_put_aside_goes_with_its_caller() {
    let folder = Folder::new();
    let store = folder.open().await;
    seeded(&store, 2).await;
    let mut tool = folder.tool().await;
    for (seq, digits) in [(1, "008613800000000"), (2, STAYS)] {
        let call_back = CallBack {
            at: NOW,
            trunk: "north".into(),
            number: Some(Number::parse(digits).unwrap()),
            status: 480,
        };
        sqlx::query("insert into put_aside (generation, seq, entry, why) values (1, $1, $2, '-')")
            .bind(seq)
            .bind(format!(
                "{{\"call_back\":{}}}",
                serde_json::to_string(&call_back).unwrap()
            ))
            .execute(&mut tool)
            .await
            .unwrap();
    }
    let office = office(&folder, store.clone());
    assert_eq!(office.erase("P0000", "root".into()).await.unwrap().what.put_aside, 1);
    assert!(!folder.holds(GONE));
    let left: String = scalar(&mut tool, "select entry from put_aside").await;
    assert!(left.contains(STAYS), "{left}");
    office.close().await;
}
