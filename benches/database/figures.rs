//! The figures of one size, and their table.

use serde::Serialize;

/// One size. What could not be measured is none.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) patients: u64,
    pub(crate) cases: u64,
    pub(crate) attempts: u64,
    /// Rows of all tables.
    pub(crate) rows: u64,
    /// How long the filling took, when it was filled.
    pub(crate) populate_s: f64,
    pub(crate) claim_p50_ms: f64,
    pub(crate) claim_p99_ms: f64,
    pub(crate) begin_p99_ms: f64,
    pub(crate) finish_p99_ms: f64,
    /// Cases that the measured claims were given.
    pub(crate) claimed: u64,
    pub(crate) plan_s: Option<f64>,
    pub(crate) why_ms: Option<f64>,
    pub(crate) report_s: f64,
    pub(crate) export_s: Option<f64>,
    pub(crate) db_mb: f64,
}

impl Figures {
    pub(crate) fn head() -> String {
        format!(
            "{:>9} {:>9} {:>10} {:>10} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7} {:>8} {:>8} {:>8}",
            "patients",
            "cases",
            "attempts",
            "rows",
            "fill s",
            "claim50",
            "claim99",
            "begin99",
            "finish99",
            "plan s",
            "why ms",
            "report s",
            "export s",
            "MB"
        )
    }

    pub(crate) fn row(&self) -> String {
        let perhaps = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |value| format!("{value:.2}"));
        format!(
            "{:>9} {:>9} {:>10} {:>10} {:>8.0} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>7} {:>7} {:>8.2} {:>8} {:>8.0}",
            self.patients,
            self.cases,
            self.attempts,
            self.rows,
            self.populate_s,
            self.claim_p50_ms,
            self.claim_p99_ms,
            self.begin_p99_ms,
            self.finish_p99_ms,
            perhaps(self.plan_s),
            perhaps(self.why_ms),
            self.report_s,
            perhaps(self.export_s),
            self.db_mb
        )
    }
}

/// Waits, in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Waits(Vec<f64>);

impl Waits {
    pub(crate) fn add(&mut self, wait: std::time::Duration) {
        self.0.push(wait.as_secs_f64() * 1000.0);
    }

    /// So many thousandths of the waits are no longer; 0 if there are none.
    pub(crate) fn at(&self, thousandths: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        sorted.get(last * thousandths / 1000).copied().unwrap_or_default()
    }
}
