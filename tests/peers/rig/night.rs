//! A campaign of patients without a past: imported, dialed at once, until nothing is due any more.

use std::fs;
use std::time::Duration;

use serde_json::Value;

use super::daemon::{Campaign, Running, Site};
use super::journal;

const COMMAND: Duration = Duration::from_secs(60);

/// So many numbers that nobody has.
pub(crate) fn numbers(count: usize) -> Vec<String> {
    (1..=count).map(|n| format!("199{n:08}")).collect()
}

/// Adds a campaign with every number due now, and starts it.
pub(crate) fn begin(site: &Site, campaign: &Campaign<'_>, numbers: &[String]) {
    let file = site.campaign(campaign);
    let campaign = campaign.name;
    site.command(&["campaign", "add", &file], COMMAND);
    let mut list = "就诊流水号,住院号,姓名,联系电话,出院科室,入院日期,出院日期\n".to_owned();
    for number in numbers {
        list += &format!("V{number},Z{number},测试,{number},测试科,2026-01-02,2026-01-09\n");
    }
    let name = format!("{campaign}.csv");
    fs::write(site.file(&name), list).unwrap();
    let imported = site
        .command(
            &["import", "--campaign", campaign, "--due", "now", "--json", &name],
            COMMAND,
        )
        .json();
    assert_eq!(imported["cases"], numbers.len(), "{imported}");
    site.command(&["campaign", "start", campaign], COMMAND);
}

/// Waits until nothing is due or under way in these campaigns.
pub(crate) fn wait_until_over(site: &Site, daemon: &Running, campaigns: &[&str], limit: Duration) {
    let deadline = journal::deadline(limit);
    loop {
        let status = site.command(&["status", "--json"], COMMAND).json();
        if is_over(&status, campaigns) {
            break;
        }
        assert!(
            journal::remaining(deadline).is_some(),
            "the night does not end: {status}\n{}",
            daemon.process.tail()
        );
        let lines = &daemon.process.lines;
        lines.wait(lines.len(), Duration::from_secs(1), |line| line.contains("campaign"));
    }
}

/// Every case of these campaigns is closed, or waits for another night.
fn is_over(status: &Value, campaigns: &[&str]) -> bool {
    let named = status["campaigns"].as_array().map_or(&[][..], Vec::as_slice);
    let is_done = |name: &&str| {
        named.iter().any(|campaign| {
            let counts = &campaign["counts"];
            campaign["name"] == **name && counts["due"] == 0 && counts["in_progress"] == 0
        })
    };
    campaigns.iter().all(is_done)
}
