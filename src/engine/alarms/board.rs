//! Which alarms stand: findings go in, changes come out, each with the patience of its row.

use std::collections::{BTreeMap, VecDeque};

use super::{Alarm, Notice, rows};
use crate::moment::{Moment, Wall};
use crate::store::AlarmRecord;

/// What somebody found when looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding<'a> {
    /// Things are wrong, and how.
    Wrong(&'a str),
    /// Things are well.
    Well,
}

/// All alarms that stand or may soon.
#[derive(Debug, Default)]
pub(crate) struct Board {
    places: BTreeMap<(&'static str, String), Place>,
    changes: VecDeque<Notice>,
}

#[derive(Debug)]
struct Place {
    alarm: &'static Alarm,
    wrong_since: Option<Moment>,
    well_since: Option<Moment>,
    standing: Option<Notice>,
}

impl Board {
    /// Takes over what a daemon that went away left standing: it is cleared when it is found well. What this program
    /// does not know any more is cleared at once.
    pub(crate) fn restore(&mut self, now: Moment, wall: Wall, left: Vec<AlarmRecord>) {
        for record in left {
            let AlarmRecord { subject, detail, .. } = &record;
            match rows::ALL.iter().find(|alarm| alarm.id == record.alarm) {
                Some(alarm) => {
                    let place = self.place(alarm, subject);
                    place.standing = Some(notice(alarm, subject, record.raised_at, detail));
                    // Whoever is not found wrong again (a trunk that is gone from the settings) is well.
                    place.well_since = Some(now);
                }
                None => self.changes.push_back(Notice {
                    id: record.alarm.clone(),
                    until: Some(wall),
                    ..notice(&rows::UNKNOWN, subject, record.raised_at, detail)
                }),
            }
        }
    }

    /// Somebody looked.
    pub(crate) fn found(
        &mut self,
        now: Moment,
        wall: Wall,
        alarm: &'static Alarm,
        subject: &str,
        finding: Finding<'_>,
    ) {
        match finding {
            Finding::Well => {
                if let Some(place) = self.places.get_mut(&(alarm.id, subject.to_owned())) {
                    place.wrong_since = None;
                    place.well_since.get_or_insert(now);
                }
            }
            Finding::Wrong(detail) => {
                let place = self.place(alarm, subject);
                let since = *place.wrong_since.get_or_insert(now);
                place.well_since = None;
                if place.standing.is_none() && now.since(since) >= alarm.raised_after {
                    let notice = notice(alarm, subject, wall, detail);
                    place.standing = Some(notice.clone());
                    self.changes.push_back(notice);
                }
            }
        }
    }

    /// Something happened that is over at once; the alarm stands until it has not happened for as long as its row says.
    pub(crate) fn happened(&mut self, now: Moment, wall: Wall, alarm: &'static Alarm, subject: &str, detail: &str) {
        self.found(now, wall, alarm, subject, Finding::Wrong(detail));
        self.found(now, wall, alarm, subject, Finding::Well);
    }

    /// Clears what has been well for long enough; call it about every second.
    pub(crate) fn settle(&mut self, now: Moment, wall: Wall) {
        let is_over = |place: &Place| {
            let quiet = place.well_since.map(|since| now.since(since));
            quiet.is_some_and(|quiet| quiet >= place.alarm.cleared_after)
        };
        for place in self.places.values_mut().filter(|place| is_over(place)) {
            if let Some(notice) = place.standing.take() {
                self.changes.push_back(Notice {
                    until: Some(wall),
                    ..notice
                });
            }
        }
        self.places
            .retain(|_, place| place.standing.is_some() || place.wrong_since.is_some());
    }

    /// What changed, oldest first.
    pub(crate) fn change(&mut self) -> Option<Notice> {
        self.changes.pop_front()
    }

    /// What stands, the worst first.
    pub(crate) fn standing(&self) -> Vec<Notice> {
        let mut standing: Vec<Notice> = self
            .places
            .values()
            .filter_map(|place| place.standing.clone())
            .collect();
        standing.sort_by_key(|notice| (notice.severity, notice.since));
        standing
    }

    fn place(&mut self, alarm: &'static Alarm, subject: &str) -> &mut Place {
        let place = Place {
            alarm,
            wrong_since: None,
            well_since: None,
            standing: None,
        };
        self.places.entry((alarm.id, subject.to_owned())).or_insert(place)
    }
}

fn notice(alarm: &Alarm, subject: &str, since: Wall, detail: &str) -> Notice {
    Notice {
        id: alarm.id.to_owned(),
        severity: alarm.severity,
        subject: subject.to_owned(),
        since,
        until: None,
        text_zh: alarm.zh.to_owned(),
        text_en: alarm.en.to_owned(),
        to_do_zh: alarm.to_do_zh.to_owned(),
        to_do_en: alarm.to_do_en.to_owned(),
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> (Moment, Wall) {
        let since = Duration::from_secs(seconds);
        (Moment::ZERO + since, Wall::from_millis(1_800_000_000_000) + since)
    }

    fn find(board: &mut Board, seconds: u64, alarm: &'static Alarm, finding: Finding<'_>) -> Vec<(String, bool)> {
        let (now, wall) = at(seconds);
        board.found(now, wall, alarm, "main", finding);
        board.settle(now, wall);
        std::iter::from_fn(|| board.change())
            .map(|notice| (notice.id, notice.until.is_none()))
            .collect()
    }

    #[test]
    fn an_alarm_is_raised_once_and_cleared_only_when_things_stay_well() {
        let mut board = Board::default();
        let down = || ("trunk_down".to_owned(), true);
        assert_eq!(
            find(&mut board, 0, &rows::TRUNK_DOWN, Finding::Wrong("silent")),
            [down()]
        );
        assert_eq!(find(&mut board, 1, &rows::TRUNK_DOWN, Finding::Wrong("silent")), []);
        assert_eq!(find(&mut board, 2, &rows::TRUNK_DOWN, Finding::Well), []);
        assert_eq!(find(&mut board, 20, &rows::TRUNK_DOWN, Finding::Wrong("silent")), []);
        assert_eq!(find(&mut board, 21, &rows::TRUNK_DOWN, Finding::Well), []);
        assert_eq!(board.standing().len(), 1);
        let up = ("trunk_down".to_owned(), false);
        assert_eq!(find(&mut board, 51, &rows::TRUNK_DOWN, Finding::Well), [up]);
        assert_eq!(board.standing(), []);
        assert_eq!(
            find(&mut board, 52, &rows::TRUNK_DOWN, Finding::Wrong("silent")),
            [down()]
        );
    }

    #[test]
    fn an_alarm_with_patience_waits_before_it_is_raised() {
        let mut board = Board::default();
        let look =
            |board: &mut Board, seconds| find(board, seconds, &rows::TRUNK_UNREGISTERED, Finding::Wrong("x")).len();
        assert_eq!(look(&mut board, 0), 0);
        assert_eq!(look(&mut board, 59), 0);
        assert_eq!(find(&mut board, 59, &rows::TRUNK_UNREGISTERED, Finding::Well), []);
        assert_eq!(look(&mut board, 60), 0);
        assert_eq!(look(&mut board, 120), 1);
    }

    #[test]
    fn what_happened_stands_until_it_has_been_quiet() {
        let mut board = Board::default();
        let (now, wall) = at(0);
        board.happened(now, wall, &rows::RECORDING_FAILED, "", "disk");
        board.happened(now, wall, &rows::RECORDING_FAILED, "", "disk");
        assert!(board.change().is_some() && board.change().is_none());
        let (now, wall) = at(599);
        board.settle(now, wall);
        assert!(board.change().is_none());
        let (now, wall) = at(600);
        board.settle(now, wall);
        assert_eq!(board.change().and_then(|notice| notice.until), Some(wall));
    }

    #[test]
    fn what_a_daemon_left_standing_keeps_its_time_and_is_cleared_by_the_next() {
        let mut board = Board::default();
        let left = |alarm: &str| AlarmRecord {
            alarm: alarm.to_owned(),
            severity: "critical".to_owned(),
            subject: "main".to_owned(),
            raised_at: Wall::from_millis(1_700_000_000_000),
            cleared_at: None,
            detail: "silent".to_owned(),
        };
        let (now, wall) = at(0);
        board.restore(now, wall, vec![left("trunk_down"), left("of_an_older_release")]);
        assert_eq!(
            board.change().map(|notice| (notice.id, notice.until)),
            Some(("of_an_older_release".to_owned(), Some(wall)))
        );
        assert_eq!(board.standing()[0].since, Wall::from_millis(1_700_000_000_000));
        assert_eq!(find(&mut board, 1, &rows::TRUNK_DOWN, Finding::Wrong("silent")), []);
        assert_eq!(find(&mut board, 40, &rows::TRUNK_DOWN, Finding::Well), []);
        assert_eq!(find(&mut board, 70, &rows::TRUNK_DOWN, Finding::Well).len(), 1);
    }
}
