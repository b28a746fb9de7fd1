//! What came of one N.

use serde::{Deserialize, Serialize};

/// What the far end heard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Heard {
    pub(crate) delay_p50_ms: f64,
    pub(crate) delay_p99_ms: f64,
    pub(crate) delay_ms_max: f64,
    /// Stamps that were sent, and heard.
    pub(crate) sent: u64,
    pub(crate) heard: u64,
}

/// The figures.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) calls: u32,
    pub(crate) delay_p50_ms: f64,
    pub(crate) delay_p99_ms: f64,
    pub(crate) cpu_ms_per_call_s: f64,
    pub(crate) lost: f64,
    #[serde(skip)]
    pub(crate) more: More,
}

/// What only the table shows.
#[derive(Clone, Debug)]
pub(crate) struct More {
    pub(crate) delay_ms_max: f64,
    pub(crate) system_share: f64,
    /// Wake-ups of the workers that came over 20 ms late, of all.
    pub(crate) late_share: f64,
    /// Recordings that are there and as long as their conversation.
    pub(crate) recordings: u32,
}

pub(crate) const HEAD: &str = "calls  delay p50  p99     most     cpu ms/s  kernel  lost     woken late  recordings";

impl Figures {
    pub(crate) fn of(calls: u32, heard: &Heard, cpu_ms_per_call_s: f64, more: More) -> Self {
        Self {
            calls,
            delay_p50_ms: heard.delay_p50_ms,
            delay_p99_ms: heard.delay_p99_ms,
            cpu_ms_per_call_s,
            lost: 1.0 - heard.heard as f64 / heard.sent.max(1) as f64,
            more,
        }
    }

    pub(crate) fn row(&self) -> String {
        let more = &self.more;
        format!(
            "{:5}  {:9.1}  {:5.1}  {:7.1}  {:8.2}  {:5.0} %  {:.5}  {:10.5}  {:10}",
            self.calls,
            self.delay_p50_ms,
            self.delay_p99_ms,
            more.delay_ms_max,
            self.cpu_ms_per_call_s,
            more.system_share * 100.0,
            self.lost,
            more.late_share,
            more.recordings,
        )
    }
}
