//! Whom people let us call: the do-not-call list at its levels, states of patients, appointments.

use aftercall::dialer::PatientState;
use aftercall::dialer::claim::TOLERANCE;
use aftercall::ids::CaseId;
use aftercall::phone::Number;
use aftercall::pii::Pii;
use aftercall::store::appointment::Which;
use aftercall::store::dnc::{Barred, Entries, Level, Listed, Listing};
use aftercall::store::patient_state::NewState;
use aftercall::store::{Error, Store};

use crate::fixture::{
    Folder, NOW, again, campaign, claim, dialed, import, minutes, number, row, scalar, seeded, unanswered,
};

fn barred(digits: &str) -> Barred {
    Barred::Number(Number::parse(digits).unwrap())
}

fn patient(known_by: &str) -> Barred {
    Barred::Patient(Pii::new(known_by.to_owned()))
}

fn listing(level: Level) -> Listing {
    Listing {
        level,
        until: None,
        reason: Some("asked at the desk".to_owned()),
        source: "dnc add".to_owned(),
        who: "wang".to_owned(),
    }
}

async fn add(store: &Store, barred: Barred, listing: Listing) -> Listed {
    store.list_do_not_call(vec![barred], listing, NOW).await.unwrap()
}

#[tokio::test]
async fn a_number_on_the_list_closes_the_open_case_at_the_next_claim_and_comes_off_again() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let listed = add(&store, barred("13800000000"), listing(Level::Always)).await;
    assert_eq!((listed.added, listed.open_cases, listed.calls), (1, 1, 0));
    let again = add(&store, barred("13800000000"), listing(Level::Always)).await;
    assert_eq!((again.added, again.known), (0, 1), "the same again changes nothing");
    let claimed = store.claim(claim(id, NOW, 10)).await.unwrap();
    assert_eq!(
        claimed.iter().map(|claimed| claimed.case).collect::<Vec<_>>(),
        [CaseId(2)]
    );
    let entries = store.reader().do_not_call(Entries::InForce, 0, 10, NOW).await.unwrap();
    assert_eq!(entries[0].number.as_deref(), Some("138****0000"));
    assert_eq!(
        (entries[0].level.as_str(), entries[0].who.as_deref()),
        ("always", Some("wang"))
    );
    let end = |barred| store.unlist_do_not_call(barred, Level::Always, "li".to_owned(), NOW);
    let ended = end(barred("+86 13800000000".replace(' ', "").as_str())).await.unwrap();
    assert_eq!((ended.ended, ended.own_word), (1, 0), "however the number is written");
    assert_eq!(end(barred("13800000000")).await.unwrap().ended, 0);
    assert!(
        store
            .reader()
            .do_not_call(Entries::InForce, 0, 10, NOW)
            .await
            .unwrap()
            .is_empty()
    );
    let all = store.reader().do_not_call(Entries::All, 0, 10, NOW).await.unwrap();
    assert_eq!(all[0].ended_by.as_deref(), Some("li"), "the row stays, ended");
    store.close().await;
}

#[tokio::test]
async fn an_entry_that_runs_out_is_extended_and_never_shortened() {
    let folder = Folder::new();
    let store = folder.open().await;
    seeded(&store, 1).await;
    let until = |time| Listing {
        until: time,
        ..listing(Level::Always)
    };
    let hour = NOW + minutes(60);
    let day = NOW + minutes(1440);
    assert_eq!(add(&store, barred("13800000000"), until(Some(day))).await.added, 1);
    assert_eq!(add(&store, barred("13800000000"), until(Some(hour))).await.known, 1);
    let entries = store.reader().do_not_call(Entries::InForce, 0, 10, NOW).await.unwrap();
    assert_eq!(entries[0].until, Some(day));
    assert_eq!(add(&store, barred("13800000000"), until(None)).await.extended, 1);
    let entries = store.reader().do_not_call(Entries::InForce, 0, 10, NOW).await.unwrap();
    assert_eq!((entries.len(), entries[0].until), (1, None));
    store.close().await;
}

#[tokio::test]
async fn levels_stand_beside_each_other_and_what_is_left_is_told() {
    let folder = Folder::new();
    let store = folder.open().await;
    campaign(&store, "july").await;
    for level in [
        Level::Always,
        Level::Purpose("survey".to_owned()),
        Level::Campaign("july".to_owned()),
    ] {
        assert_eq!(add(&store, barred("057187654321"), listing(level)).await.added, 1);
    }
    let off = store
        .unlist_do_not_call(barred("057187654321"), Level::Always, "li".to_owned(), NOW)
        .await
        .unwrap();
    assert_eq!(
        (off.ended, off.left.as_slice()),
        (1, ["purpose survey".to_owned(), "campaign july".to_owned()].as_slice())
    );
    let unknown = Level::Campaign("august".to_owned());
    let refused = store
        .list_do_not_call(vec![barred("13800000000")], listing(unknown), NOW)
        .await;
    assert!(matches!(refused, Err(Error::NoCampaign { .. })), "{refused:?}");
    store.close().await;
}

#[tokio::test]
async fn a_patient_is_barred_at_any_number_and_a_landline_in_the_spelling_of_the_list() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut local = row(1);
    local.numbers = vec![number("87654321")];
    import(&store, id, vec![row(0), local]).await;
    assert_eq!(
        add(&store, patient("V0000"), listing(Level::Always)).await.open_cases,
        1
    );
    let listed = add(&store, barred("057187654321"), listing(Level::Always)).await;
    assert_eq!(
        (listed.added, listed.open_cases),
        (1, 1),
        "one number, its patient found by the local spelling"
    );
    assert!(matches!(
        store
            .list_do_not_call(vec![patient("nobody")], listing(Level::Always), NOW)
            .await,
        Err(Error::NoPatient)
    ));
    let entries = store.reader().do_not_call(Entries::InForce, 0, 10, NOW).await.unwrap();
    assert_eq!(entries[0].patient_no.as_deref(), Some("P0000"));
    assert_eq!(entries[0].name.as_deref(), Some("张*国"));
    store.close().await;
}

#[tokio::test]
async fn thousands_of_numbers_go_in_by_short_transactions_and_twice_is_once() {
    let folder = Folder::new();
    let store = folder.open().await;
    let numbers = || {
        (0..1_000)
            .map(|n| barred(&format!("1390000{n:04}")))
            .collect::<Vec<_>>()
    };
    let before = store.statistics().commits;
    let first = store
        .list_do_not_call(numbers(), listing(Level::Always), NOW)
        .await
        .unwrap();
    assert!(store.statistics().commits - before >= 5);
    let second = store
        .list_do_not_call(numbers(), listing(Level::Always), NOW)
        .await
        .unwrap();
    assert_eq!((first.added, second.added, second.known), (1_000, 0, 1_000));
    store.close().await;
}

fn state(known_by: &str, state: PatientState) -> NewState {
    NewState {
        known_by: known_by.to_owned(),
        state,
        until: None,
        source: "patient set: ward 3".to_owned(),
        who: "wang".to_owned(),
    }
}

#[tokio::test]
async fn a_state_is_set_once_shown_and_cleared_and_what_waited_for_it_is_looked_at_again() {
    let folder = Folder::new();
    let store = folder.open().await;
    seeded(&store, 2).await;
    let set = store
        .set_patient_state(state("V0000", PatientState::Readmitted), NOW)
        .await
        .unwrap();
    assert_eq!((set.is_new, set.open_cases), (true, 1));
    let set = store
        .set_patient_state(state("P0000", PatientState::Readmitted), NOW)
        .await
        .unwrap();
    assert!(!set.is_new);
    let mut tool = folder.tool().await;
    sqlx::query("update cases set why = 'readmitted', next_at = next_at + 86400000 where id = 1")
        .execute(&mut tool)
        .await
        .unwrap();
    let record = store.reader().patient("V0000", NOW).await.unwrap();
    assert_eq!(
        (record.patient_no.as_deref(), record.name.as_deref()),
        (Some("P0000"), Some("张*国"))
    );
    assert_eq!(record.numbers[0].number, "138****0000");
    assert_eq!((record.states.len(), record.states[0].holds), (1, true));
    let later = NOW + minutes(10);
    let cleared = store
        .clear_patient_state("P0000".to_owned(), PatientState::Readmitted, "li".to_owned(), later)
        .await
        .unwrap();
    assert_eq!((cleared.held, cleared.woken, cleared.campaigns.len()), (true, 1, 1));
    let record = store.reader().patient("P0000", later).await.unwrap();
    assert!(!record.states[0].holds);
    assert_eq!(record.states[0].ended_by.as_deref(), Some("li"));
    assert_eq!(record.cases[0].next_at, later);
    let again = store
        .clear_patient_state("P0000".to_owned(), PatientState::Readmitted, "li".to_owned(), later)
        .await
        .unwrap();
    assert_eq!((again.held, again.woken), (false, 0));
    store.close().await;
}

#[tokio::test]
async fn who_has_died_is_not_called_and_who_had_not_is_again() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    store
        .set_patient_state(state("P0000", PatientState::Deceased), NOW)
        .await
        .unwrap();
    store
        .set_patient_state(state("P0001", PatientState::Deceased), NOW)
        .await
        .unwrap();
    let clear =
        |known_by: &str| store.clear_patient_state(known_by.to_owned(), PatientState::Deceased, "li".to_owned(), NOW);
    assert!(clear("P0001").await.unwrap().held);
    let claimed = store.claim(claim(id, NOW, 10)).await.unwrap();
    assert_eq!(
        claimed.iter().map(|claimed| claimed.case).collect::<Vec<_>>(),
        [CaseId(2)]
    );
    let mut tool = folder.tool().await;
    let outcome: String = scalar(&mut tool, "select outcome from cases where id = 1").await;
    assert_eq!(outcome, "not_eligible");
    // A list alone may say it: then the state has no row, and can be cleared all the same.
    sqlx::query("delete from patient_state")
        .execute(&mut tool)
        .await
        .unwrap();
    let record = store.reader().patient("P0000", NOW).await.unwrap();
    assert_eq!(
        (record.states[0].state.as_str(), record.states[0].since),
        ("deceased", None)
    );
    assert!(clear("P0000").await.unwrap().held);
    store.close().await;
}

fn of(known_by: &str) -> Which {
    Which::Of {
        patient: Pii::new(known_by.to_owned()),
        campaign: "july".to_owned(),
    }
}

#[tokio::test]
async fn an_appointment_moves_the_case_to_it_and_taken_back_leaves_what_was_before() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    let pause = NOW + minutes(180);
    let end = unanswered(attempt, NOW, aftercall::outcome::Disposition::NoAnswer, again(pause));
    store.finish(end).await.unwrap();
    let at = NOW + minutes(600);
    let who = || "wang".to_owned();
    let made = store.set_appointment(of("P0000"), at, who(), NOW).await.unwrap();
    assert_eq!(
        (made.case, made.before, made.next_at),
        (CaseId(1), None, at - TOLERANCE)
    );
    let later = NOW + minutes(700);
    let moved = store
        .set_appointment(Which::Case(CaseId(1)), later, who(), NOW)
        .await
        .unwrap();
    assert_eq!(moved.before, Some(at));
    let shown = store.reader().appointments().await.unwrap();
    assert_eq!(
        (shown.len(), shown[0].at, shown[0].name.as_deref()),
        (1, later, Some("张*国"))
    );
    let back = store.remove_appointment(of("V0000"), who(), NOW).await.unwrap();
    assert_eq!(back.next_at, pause, "the pause after the attempt holds again");
    assert!(matches!(
        store.remove_appointment(of("V0000"), who(), NOW).await,
        Err(Error::NoAppointment(CaseId(1)))
    ));
    let decisions = store.reader().why_decisions(CaseId(1)).await.unwrap();
    let whys: Vec<&str> = decisions.iter().map(|decision| decision.why.as_str()).collect();
    assert!(whys.ends_with(&["appointment", "appointment", "not_yet"]), "{whys:?}");
    store.close().await;
}

#[tokio::test]
async fn an_appointment_that_cannot_be_kept_is_refused_with_its_reason() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let at = NOW + minutes(60);
    let set = |which| store.set_appointment(which, at, "wang".to_owned(), NOW);
    assert!(matches!(
        set(Which::Case(CaseId(9))).await,
        Err(Error::NoCase(CaseId(9)))
    ));
    let elsewhere = Which::Of {
        patient: Pii::new("P0000".to_owned()),
        campaign: "august".to_owned(),
    };
    assert!(matches!(set(elsewhere).await, Err(Error::NoCampaign { .. })));
    let mut second = row(0);
    second.encounter.visit_no = "V9999".to_owned();
    import(&store, id, vec![second]).await;
    let many = set(of("P0000")).await.unwrap_err();
    assert_eq!(
        many.to_string(),
        "this patient has several open cases there: name one of 2, 1"
    );
    let mut tool = folder.tool().await;
    sqlx::query("update cases set deadline_at = $1 where id = 1")
        .bind(at.millis())
        .execute(&mut tool)
        .await
        .unwrap();
    assert!(matches!(
        set(Which::Case(CaseId(1))).await,
        Err(Error::PastDeadline { .. })
    ));
    sqlx::query("update cases set state = 'closed', outcome = 'expired', closed_at = 0")
        .execute(&mut tool)
        .await
        .unwrap();
    let closed = set(of("P0000")).await.unwrap_err();
    assert_eq!(
        closed.to_string(),
        "case 2 has ended as expired 已过期限 and is not called any more"
    );
    store.close().await;
}
