//! What a month needs on disk, against what is free.

use crate::cli::show;
use crate::config::{Kept, Record, Settings};
use crate::engine::clock::Clock;
use crate::store::{self, Month, Reader};

/// A second of a recording: 8000 frames of two channels of 16 bits.
const SECOND: u64 = 32_000;
/// A talk without experience: the length of the shipped questionnaire, answered to its end.
const TALK_MS: u64 = 150_000;
/// A database smaller than this says nothing about its growth.
const TELLING: u64 = 8 * 1024 * 1024;

/// What a month takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Need {
    recordings: u64,
    database: u64,
    calls: u64,
    talk_ms: u64,
}

/// Tells the need and what is free; a warning where a month does not fit. Nothing before there is a database.
pub(super) async fn tell(settings: &Settings) -> anyhow::Result<()> {
    let reader = match Reader::open(&settings.place.data).await {
        Ok(reader) => reader,
        Err(store::Error::NoDatabase { .. } | store::Error::OlderSchema { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let month = reader.month(Clock::start().wall()).await?;
    reader.close().await;
    let need = need(month, settings.media.record);
    let free = store::free(&settings.place.data)?;
    let whole = need.recordings + need.database;
    show::line(&format!(
        "disk: a month takes about {} ({} recorded calls of {} s: {}; database {}); free {}",
        show::bytes(whole),
        need.calls,
        need.talk_ms / 1_000,
        show::bytes(need.recordings),
        show::bytes(need.database),
        show::bytes(free),
    ));
    match settings.retention.recordings {
        Kept::Always => {}
        kept @ (Kept::Months(_) | Kept::Days(_)) => show::line(&format!(
            "disk: recordings are kept for {kept}: about {} at that time",
            show::bytes(kept_bytes(need.recordings, kept))
        )),
    }
    if free < whole {
        show::warn("less is free than the next month needs: add disk, or see `aftercall purge`");
    }
    Ok(())
}

/// The larger of what the last month was and what the next one has.
fn need(month: Month, record: Record) -> Need {
    let talk_ms = month.recorded_ms.checked_div(month.recordings).unwrap_or(TALK_MS);
    let calls = month.recordings.max(month.due);
    let recordings = match record {
        Record::Calls => (calls * talk_ms / 1_000).saturating_mul(SECOND),
        Record::Nothing => 0,
    };
    let database = if month.database_bytes < TELLING {
        month.database_bytes
    } else {
        month.database_bytes * 30 / month.database_days.max(30)
    };
    Need {
        recordings,
        database,
        calls,
        talk_ms,
    }
}

fn kept_bytes(a_month: u64, kept: Kept) -> u64 {
    match kept {
        Kept::Always => a_month,
        Kept::Months(months) => a_month.saturating_mul(u64::from(months)),
        Kept::Days(days) => a_month.saturating_mul(u64::from(days)) / 30,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busier_of_two_months_counts() {
        let month = Month {
            recordings: 100,
            recorded_ms: 100 * 90_000,
            due: 1_000,
            database_bytes: 0,
            database_days: 1,
        };
        let next = need(month, Record::Calls);
        assert_eq!((next.calls, next.talk_ms), (1_000, 90_000));
        assert_eq!(next.recordings, 1_000 * 90 * SECOND);
        let last = need(Month { due: 3, ..month }, Record::Calls);
        assert_eq!(last.recordings, 100 * 90 * SECOND);
        assert_eq!(need(month, Record::Nothing).recordings, 0);
    }

    #[test]
    fn before_the_first_recording_a_talk_is_taken_as_two_and_a_half_minutes() {
        let month = Month {
            due: 10,
            ..Month::default()
        };
        assert_eq!(need(month, Record::Calls).recordings, 10 * 150 * SECOND);
    }

    #[test]
    fn a_database_of_two_months_grows_by_half_in_a_month() {
        let month = Month {
            database_bytes: 60 * 1024 * 1024,
            database_days: 60,
            ..Month::default()
        };
        assert_eq!(need(month, Record::Calls).database, 30 * 1024 * 1024);
    }
}
