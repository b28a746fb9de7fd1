//! Whether the night is long enough, in one word.

use std::time::Duration;

use super::board::{Outlook, Verdict};
use crate::engine::office::TonightForecast;
use crate::http::timestamp;
use crate::moment::Wall;

/// A forecast end within so long of the end of the windows is tight.
const TIGHT: Duration = Duration::from_secs(600);

/// What a forecast says of a night that ends at `end`, where it has an end.
pub(super) fn verdict(forecast: &TonightForecast, end: Option<Wall>) -> Verdict {
    match (forecast.median, end) {
        _ if forecast.unreached > 0 => Verdict::WillNotFinish,
        (None, _) => Verdict::Done,
        (Some(at), Some(end)) if at > end => Verdict::WillNotFinish,
        (Some(at), Some(end)) if at + TIGHT >= end => Verdict::Tight,
        (Some(_), Some(_) | None) => Verdict::WillFinish,
    }
}

/// A forecast as it is sent.
pub(super) fn outlook(forecast: Option<&TonightForecast>, end: Option<Wall>, fault: Option<&str>) -> Outlook {
    let fault = fault.map(str::to_owned);
    let Some(forecast) = forecast else {
        return Outlook {
            verdict: Verdict::Unknown,
            computed_at: None,
            earliest_at: None,
            median_at: None,
            latest_at: None,
            unreached: 0,
            more_lines: None,
            with_more_at: None,
            fault,
        };
    };
    Outlook {
        verdict: verdict(forecast, end),
        computed_at: Some(timestamp(forecast.at)),
        earliest_at: forecast.earliest.map(timestamp),
        median_at: forecast.median.map(timestamp),
        latest_at: forecast.latest.map(timestamp),
        unreached: u64::try_from(forecast.unreached).unwrap_or(u64::MAX),
        more_lines: forecast.more_lines.map(|more| more.lines),
        with_more_at: forecast.more_lines.map(|more| timestamp(more.ends)),
        fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: Wall = Wall::from_millis(1_795_399_200_000);

    fn ends(before: u64, unreached: usize) -> Verdict {
        let forecast = TonightForecast {
            median: Some(END - Duration::from_secs(before)),
            unreached,
            ..TonightForecast::default()
        };
        verdict(&forecast, Some(END))
    }

    #[test]
    fn a_night_that_ends_within_its_last_ten_minutes_is_tight() {
        assert_eq!(ends(601, 0), Verdict::WillFinish);
        assert_eq!(ends(600, 0), Verdict::Tight);
        assert_eq!(ends(0, 0), Verdict::Tight);
    }

    #[test]
    fn a_night_in_which_somebody_is_not_reached_will_not_finish() {
        assert_eq!(ends(3_600, 1), Verdict::WillNotFinish);
    }

    #[test]
    fn a_night_with_nobody_left_is_done_and_one_without_a_forecast_unknown() {
        assert_eq!(verdict(&TonightForecast::default(), Some(END)), Verdict::Done);
        assert_eq!(outlook(None, Some(END), Some("no")).verdict, Verdict::Unknown);
    }
}
