//! `[media]`: RTP ports and media workers.

use std::ops::RangeInclusive;

use crate::document::{Faults, Table};

/// How ports are written.
pub(super) const PORTS: &str = "a range of ports such as \"20000-29999\"";

/// RTP ports and media workers.
#[derive(Clone, Debug)]
pub struct Media {
    /// The ports that calls may use; the even ones carry RTP.
    pub ports: RangeInclusive<u16>,
    /// Whether answered calls are recorded.
    pub record: Record,
    /// Media worker threads; none given: one per core, four at most.
    pub workers: Option<u16>,
}

/// Whether answered calls are recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Record {
    /// Each of them, from the answer on.
    #[default]
    Calls,
    /// None.
    Nothing,
}

impl Media {
    pub(super) fn read(table: Option<Table<'_>>, faults: &mut Faults) -> Self {
        let mut media = Self {
            ports: 20000..=29999,
            record: Record::default(),
            workers: None,
        };
        let Some(table) = table else { return media };
        table.unknown_keys(&["rtp_ports", "record", "workers"], faults);
        let ports = table.optional_parsed("rtp_ports", PORTS, range, faults);
        media.ports = ports.unwrap_or(media.ports);
        if table.optional_bool("record", faults) == Some(false) {
            media.record = Record::Nothing;
        }
        let workers = table.optional_integer("workers", 1..=64, faults);
        media.workers = workers.and_then(|workers| u16::try_from(workers).ok());
        media
    }
}

pub(super) fn range(text: &str) -> Result<RangeInclusive<u16>, String> {
    let (first, last) = text
        .split_once('-')
        .ok_or("expected two ports with a hyphen between them")?;
    let port = |text: &str| {
        text.trim()
            .parse::<u16>()
            .map_err(|_| format!("{text:?} is no port from 1024 to 65535"))
    };
    let (first, last) = (port(first)?, port(last)?);
    if first < 1024 || last <= first {
        return Err("expected the lower port first, both from 1024 to 65535".to_owned());
    }
    Ok(first..=last)
}
