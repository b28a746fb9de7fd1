//! The figures of one route and of the sound, and their table.

use serde::Serialize;

/// What is asked for.
pub(crate) struct Limit;

impl Limit {
    /// The first data of a page, 95 of a hundred times.
    pub(crate) const PAGE_MS: f64 = 300.0;
    /// The waveform of a call of ten minutes, the first time.
    pub(crate) const WAVEFORM_MS: f64 = 1_000.0;
    /// From a click to the sound.
    pub(crate) const SEEK_MS: f64 = 200.0;
}

/// An answer that came.
pub(crate) struct Asked {
    pub(crate) wait: std::time::Duration,
    pub(crate) octets: usize,
}

/// One route.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) route: String,
    /// Who asked.
    pub(crate) role: String,
    pub(crate) asked: u32,
    pub(crate) first_data_p50_ms: f64,
    pub(crate) first_data_p95_ms: f64,
    pub(crate) first_data_max_ms: f64,
    /// With the database out of the memory.
    pub(crate) cold_p50_ms: Option<f64>,
    pub(crate) cold_max_ms: Option<f64>,
    /// The longest answer.
    pub(crate) octets: usize,
}

impl Figures {
    pub(crate) fn head() -> String {
        format!(
            "{:<56} {:<15} {:>8} {:>8} {:>8} {:>8} {:>9} {:>8}",
            "route", "role", "p50 ms", "p95 ms", "max ms", "cold50", "cold max", "octets"
        )
    }

    pub(crate) fn row(&self) -> String {
        let perhaps = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |value| format!("{value:.1}"));
        format!(
            "{:<56} {:<15} {:>8.1} {:>8.1} {:>8.1} {:>8} {:>9} {:>8}",
            self.route,
            self.role,
            self.first_data_p50_ms,
            self.first_data_p95_ms,
            self.first_data_max_ms,
            perhaps(self.cold_p50_ms),
            perhaps(self.cold_max_ms),
            self.octets
        )
    }

    pub(crate) fn is_slow(&self) -> bool {
        self.first_data_p95_ms > Limit::PAGE_MS
    }
}

/// A call of ten minutes.
#[derive(Debug, Serialize)]
pub(crate) struct Sound {
    pub(crate) length_s: u64,
    /// The first time: the file is read, compared with its hash, and looked through.
    pub(crate) waveform_ms: f64,
    /// The next times: the middle one, and the 95th of a hundred.
    pub(crate) waveform_cached_p50_ms: f64,
    pub(crate) waveform_cached_p95_ms: f64,
    /// From asking for the sound at 9:00 to its first octets: after a start of the daemon, and after that.
    pub(crate) seek_first_ms: f64,
    pub(crate) seek_p50_ms: f64,
    pub(crate) seek_p95_ms: f64,
}

impl Sound {
    pub(crate) fn row(&self) -> String {
        format!(
            "a call of {} s: waveform {:.0} ms, kept {:.1} ms (p95 {:.1}); seek to 9:00 {:.0} ms the first time, then {:.1} ms (p95 {:.1})",
            self.length_s,
            self.waveform_ms,
            self.waveform_cached_p50_ms,
            self.waveform_cached_p95_ms,
            self.seek_first_ms,
            self.seek_p50_ms,
            self.seek_p95_ms
        )
    }

    /// What takes longer than asked for.
    pub(crate) fn slow(&self) -> Vec<String> {
        let all = [
            ("waveform", self.waveform_ms, Limit::WAVEFORM_MS),
            ("seek, the first time", self.seek_first_ms, Limit::SEEK_MS),
            ("seek", self.seek_p95_ms, Limit::SEEK_MS),
        ];
        let slow = all.into_iter().filter(|(_, took, limit)| took > limit);
        slow.map(|(what, ..)| what.to_owned()).collect()
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
        let place = (sorted.len() * thousandths).div_ceil(1_000).saturating_sub(1);
        sorted.get(place).copied().unwrap_or_default()
    }
}
