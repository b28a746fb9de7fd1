//! The wall of lines: a call keeps its cell from the first to the last, so that nothing jumps.

use std::collections::BTreeMap;

use super::board::CellState;
use crate::engine::office::{Line, Now};
use crate::ids::AttemptId;

/// So many cells are shown at the most.
const MOST: usize = 600;

/// The cells of all trunks.
#[derive(Debug, Default)]
pub(super) struct Wall {
    /// For each trunk its lines, with the call on each, or the one that was on it last.
    trunks: Vec<Vec<Slot>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Slot {
    #[default]
    Free,
    Taken(AttemptId),
    /// It was on it, and nobody is since.
    Left(AttemptId),
}

/// A cell with what is on it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen<'l> {
    pub(super) trunk: usize,
    pub(super) line: usize,
    pub(super) state: CellState,
    pub(super) call: Option<&'l Line>,
}

impl Wall {
    /// The wall with these calls on it; `has_failed` says of a call that is gone whether it failed by our fault lately.
    pub(super) fn show<'l>(
        &mut self,
        lines_of_trunks: &[u16],
        lines: &'l [Line],
        has_failed: impl Fn(AttemptId) -> bool,
    ) -> Vec<Seen<'l>> {
        self.trunks.resize_with(lines_of_trunks.len(), Vec::new);
        let present: BTreeMap<AttemptId, &Line> = lines.iter().map(|line| (line.attempt, line)).collect();
        for (at, (slots, lines)) in self.trunks.iter_mut().zip(lines_of_trunks).enumerate() {
            let is_on = |id: &AttemptId| present.get(id).is_some_and(|line| line.trunk == at);
            slots.resize(usize::from(*lines).min(MOST), Slot::Free);
            for slot in slots.iter_mut() {
                if let Slot::Taken(id) = *slot
                    && !is_on(&id)
                {
                    *slot = Slot::Left(id);
                }
            }
        }
        for line in lines {
            let Some(slots) = self.trunks.get_mut(line.trunk) else {
                continue;
            };
            if slots.contains(&Slot::Taken(line.attempt)) {
                continue;
            }
            let free = slots.iter().position(|slot| match slot {
                Slot::Free => true,
                Slot::Taken(_) => false,
                Slot::Left(id) => !has_failed(*id),
            });
            let left = || slots.iter().position(|slot| matches!(slot, Slot::Left(_)));
            if let Some(slot) = free.or_else(left).and_then(|at| slots.get_mut(at)) {
                *slot = Slot::Taken(line.attempt);
            }
        }
        let mut cells = Vec::new();
        for (trunk, slots) in self.trunks.iter().enumerate() {
            for (at, slot) in slots.iter().enumerate() {
                let call = match slot {
                    Slot::Taken(id) => present.get(id).copied(),
                    Slot::Free | Slot::Left(_) => None,
                };
                let state = match (slot, call) {
                    (Slot::Left(id), _) if has_failed(*id) => CellState::Failed,
                    (_, Some(line)) => state(line.state),
                    (_, None) => CellState::Idle,
                };
                let line = at + 1;
                cells.push(Seen {
                    trunk,
                    line,
                    state,
                    call,
                });
            }
        }
        cells.truncate(MOST);
        cells
    }
}

const fn state(now: Now) -> CellState {
    match now {
        Now::Dialing => CellState::Dialing,
        Now::Ringing => CellState::Ringing,
        Now::EarlyMedia => CellState::EarlyMedia,
        Now::Talking => CellState::Talking,
        Now::WaitingForKey => CellState::WaitingKey,
        Now::OnHold => CellState::OnHold,
        Now::Ending => CellState::Ending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(attempt: i64, state: Now) -> Line {
        Line {
            attempt: AttemptId(attempt),
            case: None,
            campaign: None,
            trunk: 0,
            state,
            since: crate::moment::Wall::from_millis(0),
            question: None,
            keys: String::new(),
        }
    }

    fn states(seen: &[Seen<'_>]) -> Vec<(Option<i64>, CellState)> {
        let call = |seen: &Seen<'_>| seen.call.map(|line| line.attempt.0);
        seen.iter().map(|seen| (call(seen), seen.state)).collect()
    }

    #[test]
    fn a_call_keeps_its_cell_while_others_come_and_go() {
        let mut wall = Wall::default();
        let first = [line(1, Now::Dialing), line(2, Now::Talking)];
        wall.show(&[3], &first, |_| false);
        let later = [line(2, Now::WaitingForKey), line(3, Now::Ringing)];
        assert_eq!(
            states(&wall.show(&[3], &later, |_| false)),
            [
                (Some(3), CellState::Ringing),
                (Some(2), CellState::WaitingKey),
                (None, CellState::Idle)
            ]
        );
    }

    #[test]
    fn a_line_that_failed_shows_it_until_it_is_needed() {
        let mut wall = Wall::default();
        wall.show(&[2], &[line(1, Now::Dialing)], |_| false);
        let failed = |id: AttemptId| id == AttemptId(1);
        assert_eq!(states(&wall.show(&[2], &[], failed))[0], (None, CellState::Failed));
        assert_eq!(states(&wall.show(&[2], &[], failed))[0], (None, CellState::Failed));
        let both = [line(2, Now::Dialing), line(3, Now::Dialing)];
        assert_eq!(
            states(&wall.show(&[2], &both, failed)),
            [(Some(3), CellState::Dialing), (Some(2), CellState::Dialing)]
        );
        assert_eq!(states(&wall.show(&[2], &[], |_| false))[0], (None, CellState::Idle));
    }

    #[test]
    fn more_calls_than_lines_and_trunks_that_are_gone_do_no_harm() {
        let mut wall = Wall::default();
        let mut stray = line(9, Now::Talking);
        stray.trunk = 7;
        let calls = [line(1, Now::Talking), line(2, Now::Talking), stray];
        assert_eq!(wall.show(&[1], &calls, |_| false).len(), 1);
        assert_eq!(wall.show(&[], &calls, |_| false).len(), 0);
    }
}
