//! The far end of the calls, in the test's own process, and what it saw.

use std::net::{Ipv4Addr, SocketAddr};

use aftercall::far_end::{self, FarEnd, Script};
use serde::Deserialize;
use serde_json::Value;

use crate::site::Site;

/// Patients who press 1 at `identity`, 2 at `care`, 1 at `clear` and 7 at `recommend`, unless they are named here.
const PATIENTS: &str = r#"
[keys]
identity = "1"
care = "2"
clear = "1"
recommend = "7"
"#;

/// Where it writes what happens as it happens.
pub(crate) const EVIDENCE: &str = "far-end.evidence";

/// A far end that runs.
pub(crate) struct FarSide {
    far_end: FarEnd,
}

/// One Call-ID as the far end saw it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Seen {
    pub(crate) call_id: String,
    pub(crate) number: String,
    pub(crate) caller: String,
    /// When its first INVITE came, in milliseconds.
    pub(crate) at: u64,
    pub(crate) behaviour: String,
    pub(crate) status: Option<u16>,
    pub(crate) bye_by: Option<String>,
    pub(crate) cancelled: bool,
    pub(crate) acked: bool,
    pub(crate) prompts: Vec<Prompt>,
    pub(crate) keys: Vec<Pressed>,
    pub(crate) gap_ms_max: f64,
    pub(crate) sip_faults: Vec<Value>,
    pub(crate) rtp_faults: Vec<Value>,
    pub(crate) unfinished: bool,
}

/// A prompt that was heard.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Prompt {
    pub(crate) name: String,
    pub(crate) whole: bool,
}

/// A key that was pressed.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Pressed {
    pub(crate) key: char,
}

impl FarSide {
    /// Starts it with the behaviours of a script, and points the site's trunk at it.
    pub(crate) fn start(site: &Site, behaviours: &str) -> Self {
        let script = Script::parse(&format!("{PATIENTS}\n{behaviours}")).unwrap_or_else(|faults| {
            panic!(
                "{}",
                faults.iter().map(|fault| format!("{fault}\n")).collect::<String>()
            );
        });
        let settings = far_end::Settings {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            script,
            log: site.file("far-end.jsonl"),
            evidence: Some(site.file(EVIDENCE)),
            prompts: Some(site.file("prompts")),
        };
        let far_end = far_end::start(settings).unwrap();
        site.trunk(far_end.local_addr());
        Self { far_end }
    }

    /// Where it takes SIP.
    pub(crate) fn address(&self) -> SocketAddr {
        self.far_end.local_addr()
    }

    /// Ends it; what it saw, in the order of the Call-IDs' ends. Mistakes that belong to no call fail the test.
    pub(crate) fn stop(self, site: &Site) -> Vec<Seen> {
        self.far_end.stop().unwrap();
        let log = site.read("far-end.jsonl");
        let (calls, others): (Vec<&str>, Vec<&str>) = log.lines().partition(|line| line.contains("\"kind\":\"call\""));
        assert!(
            others.iter().all(|line| line.contains("\"kind\":\"summary\"")),
            "{others:?}"
        );
        calls
            .into_iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Seen {
    /// The keys in a row.
    pub(crate) fn keys(&self) -> String {
        self.keys.iter().map(|pressed| pressed.key).collect()
    }

    /// Nothing to blame the daemon for.
    pub(crate) fn assert_faultless(&self) {
        assert!(self.sip_faults.is_empty() && self.rtp_faults.is_empty(), "{self:#?}");
    }
}
