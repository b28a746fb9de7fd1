//! What is kept and what goes: retention, legal hold, and the erasure of one patient.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use aftercall::config;
use aftercall::dialer::{CallBack, Outcome, Recording};
use aftercall::engine::Office;
use aftercall::engine::clock::Clock;
use aftercall::engine::office::{HoldRequest, Hours, PurgeStep, Purged};
use aftercall::ids::{AttemptId, CampaignId};
use aftercall::moment::Wall;
use aftercall::outcome::{Disposition, Facts};
use aftercall::phone::Number;
use aftercall::pii::Pii;
use aftercall::store::hold::{Held, Holds};
use aftercall::store::retention::{Kind, Run};
use aftercall::store::{Error, NOBODY, Store};

use crate::fixture::{
    Folder, NOW, answered, begin, claim, closed, dialed, import, keep, minutes, plan, row, scalar, seeded,
};

pub(crate) fn office(folder: &Folder, store: Store) -> Office {
    let text = "[[trunk]]\nname = \"north\"\naddress = \"127.0.0.1\"";
    let (settings, _) = config::parse(text, folder.path()).unwrap();
    Office::new(Arc::new(settings), store, Clock::start(), None, Hours::Windows)
}

/// A call of the next patient that was recorded and answered.
async fn recorded(store: &Store, folder: &Folder, campaign: CampaignId, at: Wall) -> AttemptId {
    let (_, attempt) = dialed(store, campaign, at).await;
    store.keep(keep(attempt, 1, "care", 1)).await.unwrap();
    let path = format!("recordings/0/{attempt}.wav");
    fs::create_dir_all(folder.path().join("recordings/0")).unwrap();
    fs::write(folder.path().join(&path), [0; 144]).unwrap();
    let mut finish = answered(attempt, at, 1_000, Disposition::Completed, closed(Outcome::Completed));
    finish.facts = Facts {
        call_id: "1380000000@here".into(),
        phrase: "OK 13800000000".into(),
        ..finish.facts
    };
    finish.media.recording = Some(Recording {
        path,
        duration_ms: 1_000,
        gap_ms: 0,
        sha256: "0".repeat(64),
    });
    store.finish(finish).await.unwrap();
    attempt
}

fn call_back(at: Wall, digits: &str) -> CallBack {
    CallBack {
        at,
        trunk: "north".into(),
        number: Some(Number::parse(digits).unwrap()),
        status: 480,
    }
}

fn run() -> Run {
    Run {
        at: NOW,
        rule: "recordings = \"2 years\"".into(),
        who: "root".into(),
    }
}

pub(crate) async fn purged(office: &Office, kind: Kind, before: Wall) -> Purged {
    let mut sum = Purged::default();
    let mut after = Some(-1);
    while let Some(from) = after {
        let step = PurgeStep {
            kind,
            before,
            after: from,
            run: run(),
        };
        let done = office.purge_step(step).await.unwrap();
        sum.count += done.count;
        sum.bytes += done.bytes;
        after = done.after;
    }
    sum
}

fn on_patient(n: u32) -> HoldRequest {
    HoldRequest {
        held: Held::Patient(Pii::new(format!("P{n:04}"))),
        reason: "lawsuit".into(),
        who: "root".into(),
    }
}

#[tokio::test]
async fn old_recordings_go_their_rows_stay_and_held_ones_are_spared() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 3).await;
    let held = recorded(&store, &folder, id, NOW).await;
    let old = recorded(&store, &folder, id, NOW).await;
    let young = recorded(&store, &folder, id, NOW + minutes(10)).await;
    let office = office(&folder, store.clone());
    office.hold(on_patient(0)).await.unwrap();
    let before = NOW + minutes(5);
    let would = store.reader().purgeable(Kind::Recordings, before).await.unwrap();
    assert_eq!((would.count, would.held, would.bytes), (1, 1, 32_044));
    assert_eq!((would.oldest, would.newest), (Some(NOW), Some(NOW)));
    let done = purged(&office, Kind::Recordings, before).await;
    assert_eq!((done.count, done.bytes), (1, 32_044));
    let is_there = |attempt: AttemptId| folder.path().join(format!("recordings/0/{attempt}.wav")).exists();
    assert_eq!((is_there(held), is_there(old), is_there(young)), (true, false, true));
    let mut tool = folder.tool().await;
    let (row, sha): (Option<i64>, String) =
        sqlx::query_as("select purged_at, sha256 from recording where attempt_id = $1")
            .bind(old.0)
            .fetch_one(&mut tool)
            .await
            .unwrap();
    assert_eq!((row, sha.len()), (Some(NOW.millis()), 64));
    let logged: (String, i64, i64, String) = sqlx::query_as("select kind, count, bytes, who from deletion")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(logged, ("recordings".into(), 1, 32_044, "root".into()));
    // Nothing is left for a second run; after the hold the held one goes too.
    assert_eq!(purged(&office, Kind::Recordings, before).await, Purged::default());
    assert_eq!(office.end_hold(on_patient(0)).await.unwrap(), 1);
    assert_eq!(purged(&office, Kind::Recordings, before).await.count, 1);
    assert_eq!(store.reader().holds(Holds::InForce).await.unwrap().len(), 0);
    assert_eq!(
        store.reader().holds(Holds::All).await.unwrap()[0].name.as_deref(),
        Some("张*国")
    );
    office.close().await;
}

#[tokio::test]
async fn call_backs_imported_rows_and_numbers_of_attempts_go_by_their_own_rules() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let attempt = recorded(&store, &folder, id, NOW).await;
    for n in 0..3 {
        let at = NOW + Duration::from_secs(600 * n);
        store.note_call_back(call_back(at, "13900000000")).await.unwrap();
    }
    let mut with_raw = row(7);
    with_raw.encounter.raw = Some("{\"姓名\":\"张建国\"}".into());
    import(&store, id, vec![with_raw]).await;
    let office = office(&folder, store.clone());
    let later = NOW + minutes(1);
    assert_eq!(purged(&office, Kind::CallBacks, later).await.count, 1);
    assert_eq!(purged(&office, Kind::ImportRows, later).await.count, 1);
    assert_eq!(purged(&office, Kind::Attempts, later).await.count, 1);
    assert_eq!(purged(&office, Kind::Attempts, later).await.count, 0);
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from call_back").await, 2);
    assert_eq!(
        scalar::<i64>(&mut tool, "select count(*) from encounter where raw <> '{}'").await,
        0
    );
    let record = store.reader().attempt(attempt).await.unwrap();
    assert_eq!(record.number.reveal(), NOBODY);
    assert_eq!(record.facts.unwrap().talk_ms, Some(1_000));
    assert_eq!(record.disposition, Some(Disposition::Completed));
    assert_eq!(store.reader().answers(attempt).await.unwrap().len(), 1);
    office.close().await;
}

#[tokio::test]
async fn an_erased_patient_is_nowhere_in_the_data_and_still_counts() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let mut list = row(1);
    list.patient.name = Some(Pii::new("欧阳慧敏".into()));
    list.patient.id_card = Some(Pii::new("330102199001011234".into()));
    list.encounter.raw = Some("{\"姓名\":\"欧阳慧敏\",\"电话\":\"13800000001\"}".into());
    list.encounter.bed = Some("床31".into());
    import(&store, id, vec![list.clone()]).await;
    let other = recorded(&store, &folder, id, NOW).await;
    let attempt = recorded(&store, &folder, id, NOW).await;
    store.note_call_back(call_back(NOW, "13800000001")).await.unwrap();
    store.note_call_back(call_back(NOW, "008613800000001")).await.unwrap();
    assert!(folder.holds("欧阳慧敏") && folder.holds("13800000001"));
    let office = office(&folder, store.clone());
    let erased = office.erase("P0001", "root".into()).await.unwrap();
    assert_eq!(
        (erased.what.attempts, erased.what.recordings.len(), erased.bytes),
        (1, 1, 144)
    );
    assert_eq!(
        (erased.what.name.as_deref(), erased.what.call_backs),
        (Some("欧**敏"), 2)
    );
    assert!(erased.is_forgotten);
    for text in [
        "欧阳慧敏",
        "13800000001",
        "330102199001011234",
        "P0001",
        "V0001",
        "床31",
    ] {
        assert!(!folder.holds(text), "{text} is still in the data");
    }
    assert!(!folder.path().join(format!("recordings/0/{attempt}.wav")).exists());
    assert!(folder.path().join(format!("recordings/0/{other}.wav")).exists());
    let record = store.reader().attempt(attempt).await.unwrap();
    assert_eq!(
        (record.number.reveal(), record.disposition),
        (NOBODY, Some(Disposition::Completed))
    );
    assert_eq!(store.reader().answers(attempt).await.unwrap()[0].value, Some(1));
    let mut tool = folder.tool().await;
    assert_eq!(scalar::<i64>(&mut tool, "select count(*) from patient").await, 2);
    assert_eq!(
        scalar::<i64>(&mut tool, "select count(*) from call_back where digits is null").await,
        2
    );
    assert_eq!(
        scalar::<String>(&mut tool, "select group_concat(kind) from deletion").await,
        "patients,recordings"
    );
    drop(tool);
    // The old list does not bring the patient back, and nobody finds him under his number.
    let again = store.apply_import(plan(id), vec![list]).await.unwrap();
    assert_eq!((again.refused.len(), again.added), (1, 0));
    assert!(matches!(
        office.erase("P0001", "root".into()).await,
        Err(aftercall::engine::office::Error::Store(Error::NoPatient))
    ));
    office.close().await;
}

#[tokio::test]
async fn who_asked_never_to_be_called_is_not_called_after_the_erasure_either() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let end = answered(attempt, NOW, 900, Disposition::OptOut, closed(Outcome::Refused));
    store.finish(end).await.unwrap();
    let office = office(&folder, store.clone());
    let erased = office.erase("V0000", "root".into()).await.unwrap();
    assert_eq!(erased.what.do_not_call, 1);
    let mut tool = folder.tool().await;
    let kept: (String, Option<i64>) = sqlx::query_as("select digits, attempt_id from do_not_call")
        .fetch_one(&mut tool)
        .await
        .unwrap();
    assert_eq!(kept, ("13800000000".into(), None));
    // Another list with the same number under a new visit.
    let mut new = row(0);
    new.encounter.visit_no = "V9999".into();
    assert_eq!(import(&store, id, vec![new]).await.cases, 1);
    assert!(store.claim(claim(id, NOW + minutes(60), 10)).await.unwrap().is_empty());
    office.close().await;
}

#[tokio::test]
async fn neither_a_held_patient_nor_one_who_is_being_called_is_erased() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let office = office(&folder, store.clone());
    let claimed = store
        .claim(claim(id, Clock::start().wall(), 1))
        .await
        .unwrap()
        .remove(0);
    store.begin(begin(&claimed, Clock::start().wall())).await.unwrap();
    let refused = office.erase("P0000", "root".into()).await.unwrap_err();
    assert!(refused.to_string().contains("being called right now"), "{refused}");
    let case: i64 = scalar(&mut folder.tool().await, "select max(id) from cases").await;
    let on_case = || HoldRequest {
        held: Held::Case(aftercall::ids::CaseId(case)),
        reason: "complaint".into(),
        who: "root".into(),
    };
    let hold = office.hold(on_case()).await.unwrap();
    assert_eq!(office.hold(on_case()).await.unwrap(), hold, "said twice it is one");
    let refused = office.erase("P0001", "root".into()).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("legal hold is on this patient (complaint)"),
        "{refused}"
    );
    assert_eq!(office.end_hold(on_case()).await.unwrap(), 1);
    let erased = office.erase("P0001", "root".into()).await.unwrap();
    assert_eq!(erased.what.open_cases, 1);
    let outcome: String = scalar(
        &mut folder.tool().await,
        "select outcome from cases where state = 'closed'",
    )
    .await;
    assert_eq!(outcome, "withdrawn");
    office.close().await;
}
