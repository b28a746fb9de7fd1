//! The daemon as a service: paused, drained, told to read its settings again, watched by its manager.

use std::collections::BTreeSet;
use std::os::unix::net::UnixDatagram;

use aftercall::engine::clock::Clock;

use crate::crash::{STOPS_ANSWERING, start_campaign, wait_until_asked};
use crate::far_side::FarSide;
use crate::house::PATIENCE;
use crate::records;
use crate::site::{CAMPAIGN, Site};

/// Answers every question.
const ANSWERS: &str = r#"
[[behaviour]]
name = "answers"
numbers = "*"
press_after = "100ms"
"#;

#[tokio::test]
async fn a_daemon_told_to_stop_lets_talks_finish_within_its_drain() {
    let site = Site::new();
    let far_side = FarSide::start(&site, ANSWERS);
    site.change_settings("drain = \"0s\"", "drain = \"1m\"");
    let mut daemon = site.daemon();
    start_campaign(&site, &["13800000001", "13800000002"]);
    wait_until_asked(&mut daemon, "care", 2);
    let said = daemon.terminate();
    assert!(said.status.success(), "{said:?}");
    assert!(said.text.contains("running calls have 1m"), "{said:?}");
    let seen = far_side.stop(&site);
    assert_eq!(seen.len(), 2);
    for attempt in records::attempts(&site).await {
        assert_eq!(attempt.disposition.as_deref(), Some("completed"), "{attempt:?}");
    }
}

#[tokio::test]
async fn a_second_signal_ends_the_drain_and_who_talks_hears_a_goodbye() {
    let site = Site::new();
    let far_side = FarSide::start(&site, STOPS_ANSWERING);
    site.change_settings("drain = \"0s\"", "drain = \"1h\"");
    let mut daemon = site.daemon();
    start_campaign(&site, &["13800000001"]);
    wait_until_asked(&mut daemon, "recommend", 1);
    daemon.signal("TERM");
    daemon.wait_for("running calls have 1h");
    let status = site.succeed(&["status"]);
    assert!(status.contains("1 talking"), "commands are still answered: {status}");
    let said = daemon.terminate();
    assert!(said.status.success(), "{said:?}");
    let seen = far_side.stop(&site);
    let heard = seen[0]
        .prompts
        .last()
        .map(|prompt| (prompt.name.as_str(), prompt.whole));
    assert_eq!(heard, Some(("sorry", true)), "{seen:?}");
    assert_eq!(seen[0].bye_by.as_deref(), Some("them"), "{seen:?}");
    let attempts = records::attempts(&site).await;
    let kept = (attempts[0].disposition.as_deref(), attempts[0].keys.as_str());
    assert_eq!(kept, (Some("interrupted"), "12"), "{attempts:?}");
}

#[tokio::test]
async fn a_campaign_paused_with_a_goodbye_stays_paused_over_a_restart_and_goes_on() {
    let site = Site::new();
    let far_side = FarSide::start(&site, STOPS_ANSWERING);
    let mut daemon = site.daemon();
    start_campaign(&site, &["13800000001", "13800000002"]);
    wait_until_asked(&mut daemon, "recommend", 2);
    let said = site.succeed(&["campaign", "pause", CAMPAIGN, "--now"]);
    assert!(said.contains("is paused; who talks hears a goodbye"), "{said}");
    daemon.wait_for("nothing more of the campaign is dialed or claimed");
    let status = site.succeed(&["status"]);
    assert!(status.contains("paused since"), "{status}");
    assert!(daemon.terminate().status.success());
    let mut daemon = site.start(&["run", "--any-time", "--log", "debug"]);
    daemon.wait_for("campaign \"wire\" stays paused, since");
    daemon.wait_for("aftercall is ready");
    let attempts = records::attempts(&site).await.len();
    assert_eq!(attempts, 2, "dialed while it was paused");
    let said = site.succeed(&["campaign", "resume", CAMPAIGN]);
    assert!(said.contains("is running, 2 open cases"), "{said}");
    assert!(
        site.fail(&["campaign", "pause", "nobody"])
            .contains("there is no campaign")
    );
    assert!(daemon.terminate().status.success());
    for seen in far_side.stop(&site) {
        let last = seen.prompts.last().map(|prompt| prompt.name.clone());
        assert!(
            seen.cancelled || seen.prompts.is_empty() || last.as_deref() == Some("sorry"),
            "{seen:?}"
        );
    }
    for case in records::cases(&site).await {
        assert_eq!((case.state.as_str(), case.counted), ("open", 0), "{case:?}");
    }
}

#[test]
fn a_reload_takes_over_what_can_change_and_names_what_cannot() {
    let site = Site::new();
    let far_side = FarSide::start(&site, ANSWERS);
    let mut daemon = site.start(&["run", "--any-time"]);
    daemon.wait_for("aftercall is ready");
    site.change_settings("lines = 12", "lines = 3");
    site.change_settings(
        "drain = \"0s\"",
        "drain = \"7s\"\nlog = \"debug\"\ntime_zone = \"Asia/Urumqi\"",
    );
    daemon.signal("HUP");
    daemon.wait_for("place.drain: changed");
    daemon.wait_for("place.log: changed");
    daemon.wait_for("trunk.0.lines: changed");
    daemon.wait_for("place.time_zone: cannot change while it runs; restart to apply");
    daemon.wait_for("prompts were loaded anew");
    // Screens see the new lines a quarter of a second later at the latest.
    let clock = Clock::start();
    while !site.succeed(&["status", "--json"]).contains("\"lines\":3") {
        assert!(clock.now().since(aftercall::moment::Moment::ZERO) < PATIENCE);
    }
    site.change_settings("lines = 3", "lines = 0");
    daemon.signal("HUP");
    daemon.wait_for("nothing was changed");
    let said = daemon.terminate();
    assert!(said.status.success(), "{said:?}");
    assert!(said.text.contains("running calls have 7s"), "{said:?}");
    far_side.stop(&site);
}

#[test]
fn the_service_manager_is_told_when_it_is_ready_alive_reloading_and_stopping() {
    let site = Site::new();
    let far_side = FarSide::start(&site, ANSWERS);
    let manager = UnixDatagram::bind(site.file("notify")).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let wait_for = |word: &str| {
        let mut told = BTreeSet::new();
        let mut message = [0; 4096];
        loop {
            let length = manager.recv(&mut message).unwrap();
            let lines = String::from_utf8_lossy(&message[..length]).into_owned();
            told.extend(lines.lines().map(str::to_owned));
            if lines.lines().any(|line| line == word) {
                return told;
            }
        }
    };
    let socket = site.file("notify");
    let environment = [
        ("NOTIFY_SOCKET", socket.to_str().unwrap()),
        ("WATCHDOG_USEC", "1500000"),
    ];
    let mut daemon = site.start_in(&environment, &["run", "--any-time"]);
    daemon.wait_for("aftercall is ready");
    let before = wait_for("READY=1");
    assert!(before.iter().all(|line| !line.starts_with("STOPPING")), "{before:?}");
    for _ in 0..3 {
        let alive = wait_for("WATCHDOG=1");
        assert!(
            alive.contains("STATUS=running: 0 dialing, 0 ringing, 0 talking, 0 ending"),
            "{alive:?}"
        );
    }
    daemon.signal("HUP");
    wait_for("RELOADING=1");
    wait_for("READY=1");
    daemon.signal("TERM");
    let stopping = wait_for("STOPPING=1");
    assert!(
        stopping.iter().any(|line| line.starts_with("EXTEND_TIMEOUT_USEC=")),
        "{stopping:?}"
    );
    assert!(daemon.finish().status.success());
    far_side.stop(&site);
}

#[test]
fn a_daemon_that_was_never_backed_up_says_so_and_a_backup_beside_it_is_noted() {
    let site = Site::new();
    site.trunk("127.0.0.1:9".parse().unwrap());
    site.change_settings("[media]", "[backup]\nwarn_after_days = 1\n\n[media]");
    let mut daemon = site.start(&["run"]);
    daemon.wait_for("backup_old");
    site.succeed(&["backup", "monday"]);
    let noted = site.read("data/aftercall.backup");
    assert!(noted.contains("monday"), "{noted}");
    assert!(daemon.terminate().status.success());
}
