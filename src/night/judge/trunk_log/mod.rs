//! What a trunk wrote down: the logs of the simulated far end, and the lists of calls that carriers hand out.

mod json;
mod list;
mod time;

use chrono_tz::Tz;

use super::Said;
use crate::moment::Wall;
use crate::phone::{self, Number};

/// A call that a trunk saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Its Call-ID, where the trunk tells it.
    pub call_id: Option<String>,
    /// The number called, as the trunk writes it.
    pub called: String,
    /// When it came, by the trunk's clock; none where the log does not tell.
    pub at: Option<Wall>,
    /// The line of the log, counted from 1.
    pub line: usize,
}

/// Which calls a log lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    /// Every INVITE.
    EveryInvite,
    /// The answered ones for certain: many carriers list what they bill.
    Answered,
}

/// A line that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// Counted from 1.
    pub line: usize,
    /// What was expected there.
    pub what: Said,
}

/// The log of a trunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrunkLog {
    /// What it is called in words to people.
    pub name: String,
    /// Whose calls it lists; none if those of all trunks.
    pub trunk: Option<String>,
    /// The calls, each Call-ID once.
    pub sightings: Vec<Sighting>,
    /// Which calls it lists.
    pub lists: Lists,
    /// From when to when: none at the end for a log that goes on, none at the beginning for one that tells no time.
    pub covers: (Option<Wall>, Option<Wall>),
    /// Lines that could not be used.
    pub faults: Vec<LineFault>,
}

/// Why a text is no log of a trunk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrunkLogError {
    /// No line of it.
    #[error("the file is empty")]
    Empty,
    /// A table without the columns that it needs.
    #[error(
        "line 1 names no column for the number called: expected `called` (被叫号码) with `at` (呼叫时间) or `call_id` \
         beside it, or lines of JSON"
    )]
    NoColumns,
}

/// Reads a log: lines of JSON (`aftercall far-end --evidence` and `--log`, or objects with `call_id`, `called`, `at`), or a
/// table whose first line names its columns. Times without a zone are those of `zone`. Lines that cannot be read are named,
/// the others are kept.
pub fn read(name: &str, trunk: Option<&str>, text: &str, zone: Tz) -> Result<TrunkLog, TrunkLogError> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .ok_or(TrunkLogError::Empty)?;
    let mut log = TrunkLog {
        name: name.to_owned(),
        trunk: trunk.map(str::to_owned),
        sightings: Vec::new(),
        lists: Lists::Answered,
        covers: (None, None),
        faults: Vec::new(),
    };
    if first.trim_start().starts_with('{') {
        json::read(text, zone, &mut log);
    } else {
        list::read(text, zone, &mut log)?;
    }
    if log.lists == Lists::Answered {
        let times = || log.sightings.iter().filter_map(|sighting| sighting.at);
        log.covers = (times().min(), times().max());
    }
    Ok(log)
}

/// The digits at the end that tell a number from others, however it is spelled.
const TAIL: usize = 8;

/// The last digits of a spelling.
pub(super) fn tail(called: &str) -> String {
    let digits: Vec<char> = called.chars().filter(char::is_ascii_digit).collect();
    let from = digits.len().saturating_sub(TAIL);
    digits.get(from..).unwrap_or_default().iter().collect()
}

/// Whether a trunk's spelling may mean a number: one of its known spellings, or the same last eight digits.
pub(super) fn called_same(called: &str, number: &Number) -> bool {
    let own = number.reveal();
    let same_tail = || {
        let tail = tail(called);
        tail.len() == TAIL && tail == self::tail(own)
    };
    called == own || phone::normalised(called).iter().any(|spelling| spelling == number) || same_tail()
}

/// A spelling as people may see it.
pub(super) fn masked(called: &str) -> String {
    Number::parse(called).map_or_else(|_| "*".repeat(called.chars().count().min(11)), |number| number.masked())
}

fn fault(line: usize, zh: &str, en: &str) -> LineFault {
    let what = Said::new(zh, en);
    LineFault { line, what }
}
