//! Whatever calls are looked for by, an index leads to them.

use sqlx::{Connection, Execute, SqliteConnection};

use super::*;

/// A filter for each way, with whether rows of that way may be sorted: there are few of them.
fn ways() -> Vec<(CallFilter, Visible, Way)> {
    let none = CallFilter::default;
    let text = || Some("x".to_owned());
    let all = || Visible::All;
    vec![
        (none(), all(), Way::All),
        (none(), Visible::Department("x".to_owned()), Way::Department),
        (none(), Visible::Of(7), Way::Account),
        (
            CallFilter {
                visit_no: text(),
                ..none()
            },
            all(),
            Way::Encounter,
        ),
        (
            CallFilter {
                last_four: text(),
                ..none()
            },
            all(),
            Way::LastFour,
        ),
        (CallFilter { flag: text(), ..none() }, all(), Way::Flag),
        (
            CallFilter {
                account: Some(7),
                ..none()
            },
            all(),
            Way::Account,
        ),
        (
            CallFilter {
                review: text(),
                ..none()
            },
            all(),
            Way::Review,
        ),
        (
            CallFilter {
                doctor: text(),
                ..none()
            },
            all(),
            Way::Doctor,
        ),
        (
            CallFilter {
                department: text(),
                ..none()
            },
            all(),
            Way::Department,
        ),
        (
            CallFilter {
                campaign: Some(CampaignId(1)),
                ..none()
            },
            all(),
            Way::Campaign,
        ),
        (
            CallFilter {
                dispositions: vec![Disposition::BreakOff],
                ..none()
            },
            all(),
            Way::Disposition,
        ),
        (
            CallFilter {
                from: Some(Wall::from_millis(1)),
                before: Some(Wall::from_millis(9)),
                campaign: Some(CampaignId(1)),
                department: text(),
                dispositions: vec![Disposition::Completed, Disposition::Partial],
                score_at_most: Some(40),
                score_at_least: Some(0),
                at_least_ms: Some(1_000),
                at_most_ms: Some(9_000),
                ..none()
            },
            all(),
            Way::Department,
        ),
    ]
}

#[tokio::test]
async fn whatever_is_looked_for_an_index_leads_to_it_in_its_order() {
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    crate::store::open::MIGRATIONS.run(&mut db).await.unwrap();
    for (filter, visible, way) in ways() {
        for order in [CallOrder::Newest, CallOrder::LowestScore] {
            for after in [None, Some(After { key: 5, id: 5 })] {
                let is_sorted = order == CallOrder::LowestScore
                    && way != Way::All
                    && way != Way::Department
                    && way != Way::Campaign;
                let since = (order == CallOrder::Newest).then_some(1);
                let mut query = filter.query(&visible, order, after, since, 50);
                let sql = query.build().sql().as_str().to_owned();
                let steps: Vec<(i64, i64, i64, String)> =
                    sqlx::query_as(sqlx::AssertSqlSafe(format!("explain query plan {sql}")))
                        .fetch_all(&mut db)
                        .await
                        .unwrap();
                let plan: Vec<&str> = steps.iter().map(|step| step.3.as_str()).collect();
                let scans = plan
                    .iter()
                    .any(|step| step.starts_with("SCAN l") && !step.contains("USING"));
                let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
                assert!(!scans, "{sql}\n{plan:#?}");
                assert!(is_sorted || !sorts, "{sql}\n{plan:#?}");
                if way != Way::All && way != Way::Disposition {
                    assert!(plan.iter().any(|step| step.starts_with("SEARCH")), "{sql}\n{plan:#?}");
                }
            }
        }
    }
}
