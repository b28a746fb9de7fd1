//! The daemon as a process: killed, restarted, told to stop, with patients on the line.

use crate::far_side::{FarSide, Seen};
use crate::program::Program;
use crate::records;
use crate::site::{CAMPAIGN, Site};

/// Answers who is there and the first question, then listens.
pub(crate) const STOPS_ANSWERING: &str = r#"
[[behaviour]]
name = "stops-answering"
numbers = "*"
press_after = "100ms"
keys = { recommend = "none" }
"#;

/// Stores the campaign, its list and starts it, through the running daemon.
pub(crate) fn start_campaign(site: &Site, numbers: &[&str]) {
    site.list(numbers);
    let said = site.succeed(&["campaign", "add", "campaign.toml"]);
    assert!(said.contains(&format!("campaign \"{CAMPAIGN}\" is stored")), "{said}");
    let said = site.succeed(&["import", "--campaign", CAMPAIGN, "--due", "now", "discharged.csv"]);
    assert!(said.contains(&format!("cases made: {}", numbers.len())), "{said}");
    let said = site.succeed(&["campaign", "start", CAMPAIGN]);
    assert!(said.contains(&format!("{} open cases", numbers.len())), "{said}");
}

/// When this prompt plays, the key before it is on disk.
pub(crate) fn wait_until_asked(daemon: &mut Program, prompt: &str, many: usize) {
    for _ in 0..many {
        daemon.wait_for(&format!("prompt=\"{prompt}\""));
    }
}

#[tokio::test]
async fn a_daemon_killed_in_the_questionnaire_keeps_the_keys_and_calls_nobody_again_that_night() {
    let site = Site::new();
    let far_side = FarSide::start(&site, STOPS_ANSWERING);
    let mut daemon = site.daemon();
    start_campaign(&site, &["13800000001"]);
    wait_until_asked(&mut daemon, "recommend", 1);
    daemon.kill();
    let open = records::attempts(&site).await;
    assert_eq!(
        (open.len(), open[0].state.as_str(), open[0].keys.as_str()),
        (1, "begun", "12"),
        "{open:?}"
    );

    let mut daemon = site.start(&["run", "--any-time", "--log", "debug"]);
    daemon.wait_for("1 attempts were left open by a crash");
    daemon.wait_for("campaign \"wire\" goes on");
    // The campaign runs, and there is nothing for it to do.
    daemon.wait_for("nothing is due");
    let attempts = records::attempts(&site).await;
    let [attempt] = attempts.as_slice() else {
        panic!("{attempts:?}")
    };
    assert_eq!(
        (attempt.disposition.as_deref(), attempt.rule.as_deref()),
        (Some("unknown"), Some("left-open-by-crash"))
    );
    assert_eq!(
        (attempt.keys.as_str(), attempt.answers.as_str()),
        ("12", "identity=1 care=2")
    );
    let case = &records::cases(&site).await[0];
    // The far end had the call, so it counts, and this campaign calls once; what was answered stands.
    assert_eq!(
        (case.state.as_str(), case.attempts, case.counted, case.leased),
        ("closed", 1, 1, false),
        "{case:?}"
    );
    assert_eq!(case.outcome.as_deref(), Some("partial"), "{case:?}");
    let said = daemon.terminate();
    assert!(said.status.success(), "{said:?}");
    let seen = far_side.stop(&site);
    assert_eq!(seen.len(), 1, "{seen:?}");
    let status = site.succeed(&["status"]);
    assert!(status.contains("no daemon runs"), "{status}");
    assert!(status.contains("unknown"), "{status}");
}

#[tokio::test]
async fn a_daemon_told_to_stop_ends_its_calls_with_bye_and_writes_their_ends() {
    let site = Site::new();
    let far_side = FarSide::start(&site, STOPS_ANSWERING);
    let mut daemon = site.daemon();
    start_campaign(&site, &["13800000001", "13800000002", "13800000003"]);
    wait_until_asked(&mut daemon, "recommend", 3);
    let said = daemon.terminate();
    assert!(said.status.success(), "{said:?}");
    let seen = far_side.stop(&site);
    assert_eq!(seen.len(), 3);
    let attempts = records::attempts(&site).await;
    for seen in &seen {
        seen.assert_faultless();
        let how = (seen.bye_by.as_deref(), seen.unfinished, seen.keys());
        assert_eq!(how, (Some("them"), false, "12".to_owned()), "{seen:?}");
        let attempt = attempts
            .iter()
            .find(|attempt| attempt.call_id.as_deref() == Some(&seen.call_id))
            .unwrap();
        assert_eq!(
            (attempt.state.as_str(), attempt.keys.as_str()),
            ("ended", "12"),
            "{attempt:?}"
        );
        assert_eq!(attempt.disposition.as_deref(), Some("interrupted"), "{attempt:?}");
        assert!(
            attempt.sha256.is_some() && attempt.duration_ms.is_some_and(|length| length > 0),
            "{attempt:?}"
        );
    }
    for case in records::cases(&site).await {
        // Our own doing: it does not count, and the case stays open.
        assert_eq!(
            (case.state.as_str(), case.counted, case.leased),
            ("open", 0, false),
            "{case:?}"
        );
    }
}

fn assert_hung_up(site: &Site, seen: &[Seen]) {
    let [seen] = seen else { panic!("{seen:?}") };
    seen.assert_faultless();
    assert_eq!(
        (seen.bye_by.as_deref(), seen.unfinished),
        (Some("them"), false),
        "{seen:?} in {site:?}"
    );
}

#[tokio::test]
async fn ctrl_c_hangs_up_a_call_by_hand_without_a_daemon() {
    let site = Site::new();
    let far_side = FarSide::start(&site, STOPS_ANSWERING);
    let mut call = site.start(&["call", "13800000001", "--dialplan", "questionnaire.toml"]);
    call.wait_for("playing       recommend");
    call.signal("INT");
    let said = call.finish();
    assert_eq!(said.status.code(), Some(130), "{said:?}");
    assert!(said.text.contains("ended         cancelled"), "{said:?}");
    assert!(said.text.contains("answer        care = 2"), "{said:?}");
    assert_hung_up(&site, &far_side.stop(&site));
    let attempts = records::attempts(&site).await;
    assert_eq!(attempts[0].disposition.as_deref(), Some("cancelled"), "{attempts:?}");
}

#[tokio::test]
async fn ctrl_c_hangs_up_a_call_that_the_daemon_makes() {
    let site = Site::new();
    let far_side = FarSide::start(&site, STOPS_ANSWERING);
    let mut daemon = site.daemon();
    let mut call = site.start(&["call", "13800000001", "--dialplan", "questionnaire.toml", "--json"]);
    call.wait_for("{\"playing\":{\"prompt\":\"recommend\"}}");
    call.signal("INT");
    assert_eq!(call.finish().status.code(), Some(130));
    daemon.wait_for("attempt ended");
    let said = daemon.terminate();
    assert!(said.status.success(), "{said:?}");
    assert_hung_up(&site, &far_side.stop(&site));
    let attempts = records::attempts(&site).await;
    assert_eq!(attempts[0].disposition.as_deref(), Some("cancelled"), "{attempts:?}");
}

#[tokio::test]
async fn a_daemon_told_to_stop_does_not_wait_for_a_call_by_hand_to_end() {
    let site = Site::new();
    let far_side = FarSide::start(&site, STOPS_ANSWERING);
    let mut daemon = site.daemon();
    let mut call = site.start(&["call", "13800000001", "--dialplan", "questionnaire.toml"]);
    call.wait_for("playing       recommend");
    daemon.signal("TERM");
    daemon.wait_for("stopping");
    let told = call.finish();
    assert!(told.text.contains("ended         interrupted"), "{told:?}");
    let said = daemon.finish();
    assert!(said.status.success(), "{said:?}");
    assert_hung_up(&site, &far_side.stop(&site));
}
