//! The caller numbers of a trunk, as the far end sees them.

use aftercall::engine::office::Error;

use crate::house::{House, ended};
use crate::records;
use crate::site::CAMPAIGN;

const COMPLETES: &str = r#"
[[behaviour]]
name = "completes"
numbers = "*"
ring = "100ms"
press_after = "150ms"
"#;

const CALLERS: &str = "callers = [\"057188880001\", \"057188880002\"]\ncaller_caps = [\"2 in 1h\"]\n";

#[tokio::test]
async fn caller_numbers_are_shown_in_turn_and_never_oftener_than_allowed() {
    let numbers: Vec<String> = (1..=6).map(|n| format!("138{n:08}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let house = House::open_by(COMPLETES, |site, address| {
        site.settings("", &address.to_string(), CALLERS);
    })
    .await;
    house.campaign(&numbers).await;
    let mut told = house.follow();
    house.office.start_campaign(CAMPAIGN).await.unwrap();
    ended(&mut told, 4).await;
    let (site, last, seen) = house.close().await;
    assert_eq!(last.invites_sent, 4, "each number may be shown twice in an hour");
    let mut callers: Vec<_> = seen.iter().map(|seen| (seen.at, seen.caller.as_str())).collect();
    callers.sort_unstable();
    let callers: Vec<_> = callers.into_iter().map(|(_, caller)| caller).collect();
    assert_eq!(
        callers,
        ["057188880001", "057188880002", "057188880001", "057188880002"]
    );
    let stored = records::callers(&site).await;
    assert_eq!(stored, callers);
}

#[tokio::test]
async fn a_campaign_whose_caller_number_the_trunk_lacks_is_refused_by_name() {
    let house = House::open_by(COMPLETES, |site, address| {
        site.settings("", &address.to_string(), CALLERS);
        let campaign = site.read("campaign.toml");
        site.write("campaign.toml", &format!("callers = [\"057100009999\"]\n{campaign}"));
    })
    .await;
    house.campaign(&["13800000001"]).await;
    let refused = house.office.start_campaign(CAMPAIGN).await.unwrap_err();
    assert!(
        matches!(&refused, Error::CallerGone { caller, .. } if caller == "057100009999"),
        "{refused}"
    );
    house.close().await;
}
