//! Reports that are added up out of tallies counted ahead: the same as counted anew, whatever happened meanwhile.

use std::collections::BTreeSet;

use aftercall::calendar::DEFAULT_ZONE;
use aftercall::dialer::Outcome;
use aftercall::engine::population::{self, CAMPAIGNS};
use aftercall::moment::Wall;
use aftercall::outcome::Disposition;
use aftercall::report::{self, AnswerFigure, Answered, CaseList, Figure, Names, Report, Success};
use aftercall::store::console::accounts::NewAccount;
use aftercall::store::console::audit::Deed;
use aftercall::store::console::corrections::NewCorrection;
use aftercall::store::populate::Population;
use aftercall::store::{Period, Reader, Store};
use sqlx::Connection;

use crate::fixture::{Folder, NOW, again, answered, closed, dialed, keep, minutes, seeded, unanswered};

/// Nine in the morning of 2026-11-01 in Shanghai.
const MORNING: Wall = Wall::from_millis(1_793_494_800_000);
/// A month before the morning.
const MONTH: Period = Period {
    from: Some(Wall::from_millis(1_793_494_800_000 - 60 * 86_400_000)),
    to: Wall::from_millis(1_793_494_800_000 - 30 * 86_400_000),
};

async fn all(reader: &Reader) -> Vec<Report> {
    let mut reports = Vec::new();
    for name in CAMPAIGNS {
        for period in [MONTH, Period::until(MORNING)] {
            reports.push(
                report::campaign(reader, name, period, Success::Completed)
                    .await
                    .unwrap(),
            );
        }
    }
    reports
}

async fn uncount(folder: &Folder) {
    let mut db = folder.tool().await;
    for sql in [
        "delete from report_case",
        "delete from report_attempt",
        "delete from report_answer",
        "update report_counted set up_to = 0",
    ] {
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
    db.close().await.unwrap();
}

#[tokio::test]
async fn a_report_that_is_added_up_is_the_one_that_is_counted() {
    let folder = Folder::new();
    let population = Population {
        patients: 1_500,
        attempts: 15_000,
        seed: 8,
        answers_percent: 60,
        morning: MORNING,
    };
    population::populate(folder.path(), population, 4, DEFAULT_ZONE, |_| {})
        .await
        .unwrap();
    let store = folder.open().await;
    let added_up = all(store.reader()).await;
    assert!(added_up.iter().all(|report| report.cases.due > 50));
    store.close().await;
    // More than a report counts beside the tallies: it counts all, as before there were any.
    uncount(&folder).await;
    let store = folder.open().await;
    assert_eq!(all(store.reader()).await, added_up);
    let mut steps = 0;
    while store.count_ahead().await.unwrap() {
        steps += 1;
    }
    assert!(steps > 5, "{steps}");
    assert_eq!(all(store.reader()).await, added_up);
    departments(store.reader(), &added_up[1]).await;
    store.close().await;
}

/// The departments add up to the whole, and the list of one is of that one.
async fn departments(reader: &Reader, whole: &Report) {
    let (name, period) = (CAMPAIGNS[0], Period::until(MORNING));
    let campaign = reader.campaign(name, MORNING).await.unwrap().id;
    let due = Figure::of_id("due").unwrap();
    let mut list = CaseList::of(reader, campaign, period, Success::Completed, &due)
        .await
        .unwrap();
    let mut names = BTreeSet::new();
    while let Some(lines) = list.lines().await.unwrap() {
        names.extend(lines.into_iter().filter_map(|line| line.department));
    }
    assert_eq!(names.len(), 10);
    let mut sums = (0, 0, 0);
    for department in &names {
        let report = report::of_department(reader, name, department, period, Success::Completed)
            .await
            .unwrap();
        sums.0 += report.cases.due;
        sums.1 += report.attempts.ended;
        sums.2 += report.satisfaction.rate.of;
        let about = aftercall::store::Reported {
            campaign,
            department: Some(department.clone()),
        };
        let mut list = CaseList::of(reader, about, period, Success::Completed, &due)
            .await
            .unwrap();
        assert_eq!(list.total(), report.cases.due);
        let mut lines = 0;
        while let Some(page) = list.lines().await.unwrap() {
            assert!(page.iter().all(|line| line.department.as_ref() == Some(department)));
            lines += page.len() as u64;
        }
        assert_eq!(lines, report.cases.due);
    }
    assert_eq!(
        sums,
        (whole.cases.due, whole.attempts.ended, whole.satisfaction.rate.of)
    );
}

async fn july(store: &Store) -> Report {
    let report = report::campaign(store.reader(), "july", Period::until(NOW), Success::Completed).await;
    report.unwrap()
}

async fn count(store: &Store) {
    while store.count_ahead().await.unwrap() {}
}

#[tokio::test]
async fn what_changes_is_in_the_report_before_and_after_it_is_counted_again() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 4).await;
    count(&store).await;
    let (_, first) = dialed(&store, id, NOW).await;
    assert_eq!(
        (july(&store).await.cases.attempted, july(&store).await.attempts.ended),
        (1, 0)
    );
    count(&store).await;
    store.keep(keep(first, 1, "care", 4)).await.unwrap();
    assert_eq!(july(&store).await.satisfaction.rate.of, 1);
    let end = answered(
        first,
        NOW + minutes(1),
        30_000,
        Disposition::Completed,
        closed(Outcome::Completed),
    );
    store.finish(end).await.unwrap();
    let (_, second) = dialed(&store, id, NOW).await;
    count(&store).await;
    let missed = unanswered(second, NOW, Disposition::NoAnswer, again(NOW + minutes(60)));
    store.finish(missed).await.unwrap();
    let before = july(&store).await;
    count(&store).await;
    let after = july(&store).await;
    assert_eq!(before, after);
    assert_eq!(
        (
            after.cases.successful,
            after.attempts.ended,
            after.attempts.human.n,
            after.attempts.keys
        ),
        (1, 2, 1, 1)
    );
    store.close().await;
}

#[tokio::test]
async fn a_corrected_answer_counts_and_what_was_given_stands_beside_it() {
    let folder = Folder::new();
    let store = folder.open().await;
    let id = seeded(&store, 1).await;
    let deed = Deed {
        at: NOW,
        account_id: Some(1),
        who: "wang".into(),
        deed: "corrected".into(),
        object: None,
        reason: None,
        detail: None,
        address: None,
    };
    let account = NewAccount {
        account: "wang".into(),
        name: "王".into(),
        role: "qa".into(),
        department: None,
        password: "-".into(),
        password_due: false,
    };
    store.add_account(account, deed.clone()).await.unwrap();
    let (_, call) = dialed(&store, id, NOW).await;
    store.keep(keep(call, 1, "care", 4)).await.unwrap();
    let end = answered(
        call,
        NOW + minutes(1),
        30_000,
        Disposition::Partial,
        closed(Outcome::Partial),
    );
    store.finish(end).await.unwrap();
    count(&store).await;
    assert_eq!(july(&store).await.satisfaction.rate.n, 0);
    let correction = NewCorrection {
        call,
        question: "care".into(),
        value: Some(1),
        kind: "value".into(),
        reason: "听录音".into(),
    };
    store.correct_answer(correction, deed).await.unwrap();
    let before = july(&store).await;
    count(&store).await;
    assert_eq!((before.satisfaction.rate.n, july(&store).await), (1, before));
    let figure = Figure::Answers(AnswerFigure {
        what: Answered::Satisfied,
        question: None,
    });
    let period = Period::until(NOW);
    let mut list = CaseList::of(store.reader(), id, period, Success::Completed, &figure)
        .await
        .unwrap();
    let lines = list.lines().await.unwrap().unwrap();
    let given = lines[0].given.as_ref().unwrap();
    assert_eq!((lines[0].value, given.value), (Some(1), Some(4)));
    let mut csv = Vec::new();
    report::export_answers(store.reader(), id, Names::Masked, &mut csv)
        .await
        .unwrap();
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.lines().next().unwrap().ends_with("更正前 as given"), "{csv}");
    assert!(
        csv.contains("1,满意") && csv.trim_end().ends_with("care: 4 不满意"),
        "{csv}"
    );
    store.close().await;
}
