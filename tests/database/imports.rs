//! Imports: one visit once, one case per visit and campaign, corrections named column by column.

use aftercall::calendar::DueAfter;
use aftercall::ids::CampaignId;
use aftercall::store::{Due, Error};

use crate::fixture::{Folder, NOW, campaign, claim, import, minutes, number, plan, row, scalar, seeded};

#[tokio::test]
async fn the_same_list_twice_changes_nothing() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let rows: Vec<_> = (0..450).map(row).collect();
    let first = import(&store, id, rows.clone()).await;
    assert_eq!((first.added, first.cases, first.unchanged), (450, 450, 0));
    let second = import(&store, id, rows).await;
    assert_eq!((second.added, second.cases, second.unchanged), (0, 0, 450));
    assert!(second.updated.is_empty() && second.refused.is_empty());
    let mut tool = folder.tool().await;
    for sql in [
        "select count(*) from patient",
        "select count(*) from number",
        "select count(*) from cases",
    ] {
        assert_eq!(scalar::<i64>(&mut tool, sql).await, 450, "{sql}");
    }
    store.close().await;
}

#[tokio::test]
async fn one_visit_in_two_campaigns_is_one_patient_with_two_cases() {
    let folder = Folder::new();
    let store = folder.open().await;
    seeded(&store, 2).await;
    let august = campaign(&store, "august").await;
    let outcome = import(&store, august, vec![row(0)]).await;
    assert_eq!((outcome.added, outcome.unchanged, outcome.cases), (0, 1, 1));
    store.close().await;
}

#[tokio::test]
async fn a_correction_is_reported_column_by_column() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let mut corrected = row(0);
    corrected.encounter.department = Some("骨科".into());
    corrected.encounter.bed = Some("12".into());
    corrected.numbers = vec![number("13911112222")];
    let outcome = import(&store, id, vec![corrected]).await;
    assert_eq!(outcome.updated.len(), 1);
    let changes: Vec<_> = outcome.updated[0]
        .changes
        .iter()
        .map(|change| {
            (
                change.column.as_ref(),
                change.before.reveal().clone(),
                change.after.reveal().clone(),
            )
        })
        .collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        changes,
        [
            ("encounter.department", text("心内科"), text("骨科")),
            ("encounter.bed", None, text("12")),
            ("number.digits", text("13800000000"), text("13911112222 13800000000")),
        ]
    );
    assert!(!format!("{outcome:?}").contains("13911112222"));
    let claimed = store.claim(claim(id, NOW, 1)).await.unwrap();
    assert_eq!(claimed[0].number.reveal(), "13911112222");
    store.close().await;
}

#[tokio::test]
async fn a_new_visit_that_corrects_a_known_patient_says_so() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let mut visit = row(0);
    visit.encounter.visit_no = "V9999".into();
    visit.numbers.insert(0, number("13911112222"));
    let outcome = import(&store, id, vec![visit, row(1)]).await;
    assert_eq!(
        (outcome.added, outcome.updated.len(), outcome.corrected.len()),
        (2, 0, 1)
    );
    assert_eq!(outcome.corrected[0].changes[0].column, "number.digits");
    let json = serde_json::to_string(&outcome).unwrap();
    assert_eq!(
        serde_json::from_str::<aftercall::store::ImportOutcome>(&json).unwrap(),
        outcome
    );
    store.close().await;
}

#[tokio::test]
async fn a_column_that_a_list_leaves_out_is_kept() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let mut shorter = row(0);
    shorter.encounter.department = None;
    shorter.patient.name = None;
    assert_eq!(import(&store, id, vec![shorter]).await.unchanged, 1);
    let mut tool = folder.tool().await;
    assert_eq!(
        scalar::<String>(&mut tool, "select department from encounter").await,
        "心内科"
    );
    store.close().await;
}

#[tokio::test]
async fn a_patient_who_has_died_gets_a_closed_case() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 2).await;
    let mut dead = row(0);
    dead.patient.deceased = Some(true);
    let outcome = import(&store, id, vec![dead.clone()]).await;
    assert_eq!(outcome.updated[0].changes[0].column, "patient.deceased");
    dead.encounter.visit_no = "V9999".into();
    assert_eq!(import(&store, id, vec![dead]).await.cases_closed, 1);
    let mut tool = folder.tool().await;
    let closed = "select count(*) from cases where outcome = 'not_eligible'";
    assert_eq!(scalar::<i64>(&mut tool, closed).await, 2);
    assert_eq!(store.claim(claim(id, NOW, 10)).await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn a_case_is_due_after_discharge_and_follows_its_correction_until_it_is_tried() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut plan = plan(id);
    plan.due = Due::AfterDischarge {
        after: DueAfter::For(minutes(60)),
        zone: chrono_tz::Asia::Shanghai,
        calendar: std::sync::Arc::default(),
    };
    let mut first = row(0);
    first.encounter.discharged = Some(NOW);
    let outcome = store
        .apply_import(plan.clone(), vec![first.clone(), row(1)])
        .await
        .unwrap();
    assert_eq!((outcome.added, outcome.cases), (1, 1));
    assert_eq!(
        (outcome.refused[0].row, outcome.refused[0].column.as_str()),
        (2, "discharged")
    );
    assert!(store.claim(claim(id, NOW + minutes(59), 1)).await.unwrap().is_empty());
    first.encounter.discharged = Some(NOW - minutes(30));
    store.apply_import(plan, vec![first]).await.unwrap();
    assert_eq!(store.claim(claim(id, NOW + minutes(30), 1)).await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn a_patient_without_a_number_waits_for_one() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = campaign(&store, "july").await;
    let mut silent = row(0);
    silent.numbers.clear();
    assert_eq!(import(&store, id, vec![silent]).await.cases_closed, 1);
    assert!(store.claim(claim(id, NOW, 1)).await.unwrap().is_empty());
    assert_eq!(import(&store, id, vec![row(0)]).await.cases_reopened, 1);
    assert_eq!(store.claim(claim(id, NOW, 1)).await.unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn an_import_into_no_campaign_is_refused() {
    let folder = Folder::new();
    let store = folder.open().await;
    let error = store.apply_import(plan(CampaignId(7)), vec![row(0)]).await.unwrap_err();
    assert!(matches!(error, Error::UnknownCampaign(CampaignId(7))), "{error}");
    store.close().await;
}
