//! Whatever calls are looked for by, an index leads to them.

use sqlx::{Connection, Execute, QueryBuilder, SqliteConnection};

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
            // Where an index has the order of points, it is taken unless few are left.
            let ways = [filter.way(&visible, order), filter.sorted_way(&visible)];
            for (taken, after) in ways
                .into_iter()
                .flat_map(|way| [None, Some(After { key: 5, id: 5 })].map(|after| (way, after)))
            {
                let walk = (taken, order);
                let mut query = match taken.has(order) {
                    true => {
                        let mut sql = QueryBuilder::new("");
                        filter.looked_at(&mut sql, &visible, walk, after, 50);
                        sql
                    }
                    false => filter.sorted(&visible, walk, after, 50),
                };
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
                assert!(!taken.has(order) || !sorts, "{sql}\n{plan:#?}");
                if way != Way::All && taken == way && way != Way::Disposition {
                    assert!(plan.iter().any(|step| step.starts_with("SEARCH")), "{sql}\n{plan:#?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn low_points_are_seen_along_the_time_before_a_call_is_read() {
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    crate::store::open::MIGRATIONS.run(&mut db).await.unwrap();
    let low = CallFilter {
        score_at_most: Some(49),
        ..CallFilter::default()
    };
    let of_doctor = CallFilter {
        doctor: Some("x".to_owned()),
        ..low.clone()
    };
    let of_campaign = CallFilter {
        campaign: Some(CampaignId(1)),
        ..low.clone()
    };
    for (filter, visible, index) in [
        (&low, Visible::All, "replay_at"),
        (&low, Visible::Department("x".to_owned()), "replay_department"),
        (&of_doctor, Visible::All, "replay_doctor"),
        (&of_campaign, Visible::All, "replay_campaign"),
    ] {
        let walk = (filter.way(&visible, CallOrder::Newest), CallOrder::Newest);
        let mut sql = QueryBuilder::new("explain query plan ");
        filter.looked_at(&mut sql, &visible, walk, Some(After { key: 5, id: 5 }), 50);
        let steps: Vec<(i64, i64, i64, String)> = sql.build_query_as().fetch_all(&mut db).await.unwrap();
        let along = format!("USING COVERING INDEX {index}");
        assert!(steps.iter().any(|step| step.3.contains(&along)), "{steps:#?}");
    }
}

#[tokio::test]
async fn a_stretch_tells_what_fits_and_how_far_it_looked() {
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    for sql in [
        "create table replay (attempt_id integer primary key, at integer, campaign_id integer, disposition text, lowest integer)",
        "create index replay_at on replay (at, attempt_id)",
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 100)
         insert into replay select i, i, 1, case when i % 10 = 0 then 'partial' else 'completed' end, i % 3 from n",
    ] {
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
    let filter = CallFilter {
        dispositions: vec![Disposition::Partial, Disposition::Refused],
        ..CallFilter::default()
    };
    for (order, first, last) in [
        (
            CallOrder::Newest,
            vec![(100, 100, 0), (90, 90, 0), (80, 80, 0)],
            (76, 76, 25),
        ),
        (
            CallOrder::LowestScore,
            vec![(30, 0, 0), (60, 0, 0), (90, 0, 0)],
            (27, 0, 25),
        ),
    ] {
        let walk = (Way::All, order);
        let mut page: Vec<(i64, i64, i64)> = filter
            .stretch(&Visible::All, walk, None, 25)
            .build_query_as()
            .fetch_all(&mut db)
            .await
            .unwrap();
        assert_eq!(page.pop().unwrap(), last);
        page.sort_by_key(|row| std::cmp::Reverse(row.0));
        let mut expected = first;
        expected.sort_by_key(|row| std::cmp::Reverse(row.0));
        assert_eq!(page, expected);
        let behind = Some(After { key: 100, id: 0 });
        let nothing: Vec<(i64, i64, i64)> = filter
            .stretch(&Visible::All, (Way::All, CallOrder::LowestScore), behind, 25)
            .build_query_as()
            .fetch_all(&mut db)
            .await
            .unwrap();
        assert_eq!(nothing, []);
    }
}

#[test]
fn a_full_page_is_followed_by_another() {
    let rows = [(9, 90, 0), (8, 80, 0), (7, 70, 0)];
    let mut found = FoundCalls::default();
    found.take(&rows, 5);
    assert_eq!((found.calls.len(), found.next), (3, None));
    found.take(&rows, 5);
    assert_eq!((found.calls.len(), found.next), (5, Some(After { key: 80, id: 8 })));
    found.take(&rows, 5);
    assert_eq!((found.calls.len(), found.next), (5, None));
}
