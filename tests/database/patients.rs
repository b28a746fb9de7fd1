//! The pages of patients: found by one box, masked, within what a person may see; numbers put right; cases called again.

use aftercall::dialer::Outcome;
use aftercall::ids::{CaseId, PatientId};
use aftercall::outcome::Disposition;
use aftercall::phone::Number;
use aftercall::pii::Pii;
use aftercall::store::console::do_not_call::BarredAsked;
use aftercall::store::console::patient::NewNote;
use aftercall::store::console::patients::{Field, Sought};
use aftercall::store::console::repair::{NewNumber, NumberChange};
use aftercall::store::dnc::{Barred, Entries, Level, Listing};
use aftercall::store::{Error, Store, Visible};

use crate::fixture::{
    Folder, NOW, answered, campaign, closed, dialed, import, keep, minutes, number, row, scalar, seeded, unanswered,
};

fn by_name(name: &str) -> Sought {
    Sought {
        name: Some(Pii::new(name.to_owned())),
        no: Some(Pii::new(name.to_owned())),
        ..Sought::default()
    }
}

async fn ids(store: &Store, sought: &Sought, visible: &Visible) -> Vec<i64> {
    let found = store
        .reader()
        .find_patients(sought, visible, i64::MAX, 50)
        .await
        .unwrap();
    found.rows.into_iter().map(|row| row.id).collect()
}

/// Two hearts and one stomach.
async fn three(store: &Store) {
    let id = campaign(store, "july").await;
    let mut rows: Vec<_> = (1..4).map(row).collect();
    rows[1].patient.name = Some(Pii::new("张建军".to_owned()));
    rows[2].patient.name = Some(Pii::new("李<script>alert(1)</script>".to_owned()));
    rows[2].encounter.department = Some("消化科".to_owned());
    import(store, id, rows).await;
}

#[tokio::test]
async fn one_box_finds_by_name_number_and_last_four_digits_and_shows_all_masked() {
    let folder = Folder::new();
    let store = folder.open().await;
    three(&store).await;
    let all = Visible::All;
    assert_eq!(ids(&store, &by_name("张建"), &all).await, [2, 1]);
    assert_eq!(ids(&store, &by_name("张建军"), &all).await, [2]);
    assert_eq!(ids(&store, &by_name("P0003"), &all).await, [3]);
    assert_eq!(ids(&store, &by_name("V0001"), &all).await, [1]);
    let tail = Sought {
        tail: Some("0002".to_owned()),
        ..Sought::default()
    };
    assert_eq!(ids(&store, &tail, &all).await, [2]);
    let whole = Sought {
        digits: vec!["13800000003".to_owned()],
        ..Sought::default()
    };
    assert_eq!(ids(&store, &whole, &all).await, [3]);
    for nothing in ["张建国军", "%", "' or 1=1 --", "_", "*", "\u{10FFFF}"] {
        assert!(ids(&store, &by_name(nothing), &all).await.is_empty(), "{nothing}");
    }
    let first = store
        .reader()
        .find_patients(&by_name("张"), &all, i64::MAX, 1)
        .await
        .unwrap();
    assert_eq!((first.rows[0].id, first.next), (2, Some(2)));
    let page = store
        .reader()
        .find_patients(&by_name("张"), &all, 2, 1)
        .await
        .unwrap()
        .rows;
    assert_eq!((page.len(), page[0].id), (1, 1), "the page behind row 2");
    let told = format!("{page:?}");
    assert!(!told.contains("张建国") && !told.contains("P0001"), "{told}");
    assert_eq!(page[0].name.as_deref(), Some("张*国"));
    assert_eq!(page[0].open_cases, 1);
    store.close().await;
}

#[tokio::test]
async fn a_department_sees_its_own_patients_and_nobody_sees_what_is_not_granted() {
    let folder = Folder::new();
    let store = folder.open().await;
    three(&store).await;
    let heart = Visible::Department("心内科".to_owned());
    assert_eq!(ids(&store, &by_name("张"), &heart).await, [2, 1]);
    assert!(ids(&store, &by_name("李"), &heart).await.is_empty());
    let reader = store.reader();
    reader.need_patient(PatientId(1), &heart).await.unwrap();
    for (patient, visible) in [
        (3, heart.clone()),
        (1, Visible::Nothing),
        (1, Visible::Of(7)),
        (99, Visible::All),
    ] {
        let refused = reader.need_patient(PatientId(patient), &visible).await;
        assert!(matches!(refused, Err(Error::NoPatient)), "{patient} {visible:?}");
    }
    assert!(
        reader
            .patient_encounters(PatientId(3), &heart)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        reader
            .patient_encounters(PatientId(3), &Visible::All)
            .await
            .unwrap()
            .len(),
        1
    );
    store.close().await;
}

#[tokio::test]
async fn the_page_of_a_patient_holds_no_name_and_no_number_in_full() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (_, attempt) = dialed(&store, id, NOW).await;
    store.keep(keep(attempt, 1, "care", 4)).await.unwrap();
    let end = answered(
        attempt,
        NOW + minutes(1),
        9_000,
        Disposition::Partial,
        closed(Outcome::Partial),
    );
    store.finish(end).await.unwrap();
    let (reader, patient, all) = (store.reader(), PatientId(1), Visible::All);
    let head = reader.patient_head(patient).await.unwrap();
    let numbers = reader.patient_numbers(patient, NOW).await.unwrap();
    let encounters = reader.patient_encounters(patient, &all).await.unwrap();
    let attempts = reader.patient_attempts(patient, &all).await.unwrap();
    let answers = reader.patient_answers(patient, &all).await.unwrap();
    assert_eq!(answers[0].title.as_deref(), Some("护理"));
    assert_eq!(answers[0].label.as_deref(), Some("不满意"));
    assert_eq!(attempts[0].facts().unwrap().unwrap().talk_ms, Some(9_000));
    let told = format!("{head:?} {numbers:?} {encounters:?} {attempts:?} {answers:?}");
    for hidden in ["张建国", "P0000", "V0000", "13800000000", "8000000"] {
        assert!(!told.contains(hidden), "{hidden} in {told}");
    }
    let full = async |field| reader.revealed(patient, field).await.unwrap().map(Pii::into_inner);
    assert_eq!(full(Field::Name).await.as_deref(), Some("张建国"));
    assert_eq!(full(Field::Number(numbers[0].id)).await.as_deref(), Some("13800000000"));
    assert_eq!(full(Field::VisitNo(encounters[0].id)).await.as_deref(), Some("V0000"));
    assert_eq!(full(Field::Number(99)).await, None, "of another patient, or of nobody");
    assert_eq!(full(Field::IdCard).await, None);
    store.close().await;
}

#[tokio::test]
async fn a_note_is_kept_as_it_was_written_and_goes_with_the_patient() {
    let folder = Folder::new();
    let store = folder.open().await;
    seeded(&store, 1).await;
    let texts = [
        "=1+1",
        "<script>alert(1)</script>",
        "一\n二",
        "../../etc/passwd",
        "'; drop table patient; --",
    ];
    sqlx::query("insert into account (account, name, role, password, created_at, created_by) values ('wang', '王', 'agent', 'x', 0, 'os:t')")
        .execute(&mut folder.tool().await)
        .await
        .unwrap();
    for text in texts {
        let note = NewNote {
            patient: PatientId(1),
            at: NOW,
            account: 1,
            who: "wang".to_owned(),
            text: text.to_owned(),
        };
        store.note_patient(note).await.unwrap();
    }
    let notes = store.reader().patient_notes(PatientId(1)).await.unwrap();
    let kept: Vec<&str> = notes.iter().rev().map(|note| note.text.as_str()).collect();
    assert_eq!(kept, texts);
    let nobody = NewNote {
        patient: PatientId(9),
        at: NOW,
        account: 1,
        who: "wang".to_owned(),
        text: "x".to_owned(),
    };
    assert!(matches!(store.note_patient(nobody).await, Err(Error::NoPatient)));
    let run = aftercall::store::retention::Run {
        at: NOW,
        rule: "erase".to_owned(),
        who: "wang".to_owned(),
    };
    store.withdraw(PatientId(1), NOW).await.unwrap();
    store.erase(PatientId(1), 0, run).await.unwrap();
    assert!(store.reader().patient_notes(PatientId(1)).await.unwrap().is_empty());
    store.close().await;
}

#[tokio::test]
async fn a_dead_number_is_listed_replaced_and_the_case_called_again() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 3).await;
    let (claimed, attempt) = dialed(&store, id, NOW).await;
    let end = unanswered(
        attempt,
        NOW + minutes(1),
        Disposition::Vacant,
        closed(Outcome::NumberDead),
    );
    store.finish(end).await.unwrap();
    let change = |number, state: &str, rank| NumberChange {
        number,
        state: Some(state.to_owned()),
        rank,
    };
    store
        .change_number(change(claimed.number_id.0, "vacant", None))
        .await
        .unwrap();
    let reader = store.reader();
    let page = reader.number_repair(None, None, i64::MAX, 50).await.unwrap();
    assert_eq!((page.rows.len(), page.next), (1, None));
    let listed = &page.rows[0];
    assert_eq!((listed.good, listed.outcome.as_deref()), (0, Some("number_dead")));
    assert_eq!(listed.bad, [("138****0000".to_owned(), "vacant".to_owned())]);
    assert!(
        reader
            .number_repair(Some("wrong"), None, i64::MAX, 50)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    let new = NewNumber {
        patient: PatientId(listed.patient),
        number: Number::parse("13911112222").unwrap(),
        owner: Some("kin".to_owned()),
        relation: Some("配偶".to_owned()),
        rank: Some(0),
    };
    let added = store.add_number(new.clone()).await.unwrap();
    assert!(added.is_new);
    assert!(
        !store.add_number(new).await.unwrap().is_new,
        "entered twice it is there once"
    );
    let numbers = reader.patient_numbers(PatientId(listed.patient), NOW).await.unwrap();
    let order: Vec<_> = numbers.iter().map(|row| (row.rank, row.number.as_str())).collect();
    assert_eq!(order, [(0, "139****2222"), (1, "138****0000")]);
    let case = CaseId(listed.case);
    let again = store.requeue(case, "wang".to_owned(), NOW + minutes(9)).await.unwrap();
    assert!(again.is_new && again.case != case);
    let twice = store.requeue(case, "wang".to_owned(), NOW + minutes(9)).await.unwrap();
    assert_eq!(
        (twice.case, twice.is_new),
        (again.case, false),
        "asked twice, one new round"
    );
    let mut db = folder.tool().await;
    let open: i64 = scalar(&mut db, "select count(*) from cases where state = 'open'").await;
    assert_eq!(open, 3);
    store.close().await;
}

#[tokio::test]
async fn a_case_that_ended_well_or_whose_deadline_has_passed_is_not_called_again() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let (claimed, attempt) = dialed(&store, id, NOW).await;
    let end = answered(attempt, NOW, 60_000, Disposition::Refused, closed(Outcome::Refused));
    store.finish(end).await.unwrap();
    let refused = store.requeue(claimed.case, "wang".to_owned(), NOW + minutes(1)).await;
    assert!(matches!(refused, Err(Error::CaseClosed { .. })), "{refused:?}");
    let nobody = store.requeue(CaseId(99), "wang".to_owned(), NOW).await;
    assert!(matches!(nobody, Err(Error::NoCase(_))));
    store.close().await;
}

#[tokio::test]
async fn the_do_not_call_list_is_read_page_by_page_with_its_filters() {
    let folder = Folder::new();
    let store = folder.open().await;
    seeded(&store, 3).await;
    let listing = |reason: &str| Listing {
        level: Level::Always,
        until: None,
        reason: Some(reason.to_owned()),
        source: "console".to_owned(),
        who: "wang".to_owned(),
    };
    let numbers = |digits: &str| vec![Barred::Number(number(digits).number)];
    for digits in ["13800000000", "13800000001"] {
        store
            .list_do_not_call(numbers(digits), listing("=cmd|' /C calc'!A0"), NOW)
            .await
            .unwrap();
    }
    let patient = vec![Barred::Patient(Pii::new("P0002".to_owned()))];
    store.list_do_not_call(patient, listing("家属要求"), NOW).await.unwrap();
    let reader = store.reader();
    let asked = |entries, digits: &[&str]| BarredAsked {
        entries,
        level: None,
        digits: digits.iter().map(|digits| (*digits).to_owned()).collect(),
    };
    let (page, next) = reader
        .barred(&asked(Entries::InForce, &[]), i64::MAX, 2, NOW)
        .await
        .unwrap();
    let (rest, last) = reader
        .barred(&asked(Entries::InForce, &[]), next.unwrap(), 2, NOW)
        .await
        .unwrap();
    assert_eq!((page.len(), rest.len(), last), (2, 1, None));
    let told = format!("{page:?}{rest:?}");
    for hidden in ["13800000000", "8000000", "张建国", "P0002"] {
        assert!(!told.contains(hidden), "{hidden} in {told}");
    }
    store
        .unlist_do_not_call(
            Barred::Number(number("13800000001").number),
            Level::Always,
            "li".to_owned(),
            NOW,
        )
        .await
        .unwrap();
    let (in_force, _) = reader
        .barred(&asked(Entries::InForce, &["13800000001"]), i64::MAX, 9, NOW)
        .await
        .unwrap();
    let (all, _) = reader
        .barred(&asked(Entries::All, &["13800000001"]), i64::MAX, 9, NOW)
        .await
        .unwrap();
    assert_eq!((in_force.len(), all.len()), (0, 1));
    let of_patient = reader.patient_barred(PatientId(3)).await.unwrap();
    assert_eq!(of_patient.len(), 1);
    store.close().await;
}
