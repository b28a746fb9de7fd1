//! `aftercall plan` over what the database holds.

use aftercall::calendar::{DEFAULT_ZONE, local};
use aftercall::engine::clock::Clock;
use chrono::{Datelike, Days};
use serde_json::Value;

use crate::site::{CAMPAIGN, Site};

#[test]
fn a_plan_says_who_is_called_tomorrow_and_what_stands_against_the_others() {
    let site = Site::new();
    site.trunk("127.0.0.1:9".parse().unwrap());
    let tomorrow = local(Clock::start().wall(), DEFAULT_ZONE).date() + Days::new(1);
    let day = tomorrow.weekday().to_string().to_lowercase();
    let campaign = site.read("campaign.toml");
    site.write(
        "campaign.toml",
        &format!("{campaign}\n[windows]\n{day} = [\"09:00-20:00\"]\n"),
    );
    site.list(&["13800000001", "13800000002", "13800000003"]);
    site.succeed(&["campaign", "add", "campaign.toml"]);
    site.succeed(&["import", "--campaign", CAMPAIGN, "--due", "now", "discharged.csv"]);
    site.succeed(&["dnc", "add", "13800000003", "--reason", "asked at the desk"]);
    let refused = site.fail(&["plan"]);
    assert!(refused.contains("no campaign runs"), "{refused}");
    let night = tomorrow.to_string();
    let plan = ["plan", &night, "--campaign", CAMPAIGN, "--runs", "3"];
    let said = site.succeed(&[&plan[..], &["--json"]].concat());
    let json: Value = serde_json::from_str(said.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    assert_eq!(json["night"], Value::from(night.as_str()), "{json}");
    assert_eq!(
        json["attempts"],
        serde_json::json!({ "median": 2, "least": 2, "most": 2 }),
        "{json}"
    );
    assert_eq!(json["by_hour"], serde_json::json!({ "9": 2 }), "{json}");
    assert_eq!(json["not_called"][0]["why"], "do_not_call", "{json}");
    let said = site.succeed(&[&plan[..], &["--who"]].concat());
    assert!(
        said.contains("09:00:") && said.contains("王*") && !said.contains("王芳"),
        "{said}"
    );
    assert!(!said.contains("1380000000"), "{said}");
    let refused = site.fail(&["plan", "2020-01-01"]);
    assert!(refused.contains("aftercall judge 2020-01-01"), "{refused}");
    let refused = site.fail(&[&plan[..], &["--retry", "no_answer=soon"]].concat());
    assert!(refused.contains("--retry takes an ending and its pauses"), "{refused}");
    let refused = site.fail(&[&plan[..], &["--window", "07:00-09:00"]].concat());
    assert!(refused.contains("07:00-09:00"), "{refused}");
}
