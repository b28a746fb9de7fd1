//! A daemon killed with SIGKILL while telephones ring and patients talk: the next one ends every call before it dials.

use aftercall::engine::clock::Clock;
use aftercall::moment::Moment;

use crate::far_side::FarSide;
use crate::house::PATIENCE;
use crate::records;
use crate::site::{CAMPAIGN, Site};

const PATIENTS: &str = r#"
[[behaviour]]
name = "talks"
numbers = ["13800000001", "13800000002"]
ring = "100ms"
press_after = "100ms"
keys = { recommend = "none" }

[[behaviour]]
name = "rings"
numbers = ["13800000003", "13800000004"]
ring = "100ms"
does = "rings-on"

[[behaviour]]
name = "tries"
numbers = ["13800000005"]
does = "only-tries"
"#;

/// Patients whose turn comes after the crash.
const OTHERS: [&str; 2] = ["13800000006", "13800000007"];

#[tokio::test]
async fn calls_that_ring_or_talk_at_a_kill_are_ended_by_the_next_daemon_before_it_dials() {
    let site = Site::new();
    let far_side = FarSide::start(&site, PATIENTS);
    site.write(
        "campaign.toml",
        &format!(
            "name = \"{CAMPAIGN}\"\ndialplan = \"questionnaire.toml\"\ntrunk = \"far\"\nbudget = 1\nlines = 5\n\
             pace = 10.0\nring = \"40s\"\n"
        ),
    );
    let mut daemon = site.daemon();
    let up: Vec<String> = (1..=5).map(|n| format!("1380000000{n}")).collect();
    let mut numbers: Vec<&str> = up.iter().map(String::as_str).collect();
    numbers.extend(OTHERS);
    site.list(&numbers);
    site.succeed(&["campaign", "add", "campaign.toml"]);
    site.succeed(&["import", "--campaign", CAMPAIGN, "--due", "now", "discharged.csv"]);
    site.succeed(&["campaign", "start", CAMPAIGN]);
    for _ in 0..2 {
        daemon.wait_for("prompt=\"recommend\"");
    }
    daemon.kill();

    let mut daemon = site.start(&["run", "--any-time", "--log", "debug"]);
    daemon.wait_for("5 calls may be left over from a crash");
    for _ in 0..5 {
        daemon.wait_for("a call that a crash left over is over");
    }
    for _ in OTHERS {
        daemon.wait_for("attempt ended");
    }
    // What `status` shows is a quarter of a second old at the most.
    let clock = Clock::start();
    loop {
        let status = site.succeed(&["status"]);
        if status.contains("calls left over from a crash: 5 ended, 0 not confirmed by the trunk") {
            break;
        }
        assert!(clock.now().since(Moment::ZERO) < PATIENCE, "{status}");
    }
    let said = daemon.terminate();
    assert!(said.status.success(), "{said:?}");
    let seen = far_side.stop(&site);
    let (mut latest, mut first) = (0, u64::MAX);
    for call in &seen {
        call.assert_faultless();
        assert!(!call.unfinished, "{call:?}");
        if !up.contains(&call.number) {
            first = first.min(call.at);
            continue;
        }
        latest = latest.max(call.at);
        let ended = (call.cancelled, call.bye_by.as_deref());
        let expected = if call.behaviour == "talks" {
            (false, Some("them"))
        } else {
            (true, None)
        };
        assert_eq!(ended, expected, "{call:?}");
    }
    let first_calls = seen.iter().filter(|call| up.contains(&call.number)).count();
    assert!(first_calls == 5 && latest < first, "{seen:?}");
    let attempts = records::attempts(&site).await;
    let unknown = attempts
        .iter()
        .filter(|attempt| attempt.disposition.as_deref() == Some("unknown"));
    assert_eq!(unknown.count(), 5);
}
