//! The watch over one trunk, by hand.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::*;
use crate::dialer::{Pace, TrunkCaps};
use crate::sip;

const TRUNK: TrunkId = TrunkId(0);
const EVERY: Duration = Duration::from_secs(30);

/// A watch with its clock.
struct Tower {
    health: Health,
    now: Moment,
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl Tower {
    fn over(register: Option<Duration>, options: Option<Duration>) -> Self {
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 5080));
        let peer = sip::Target::udp(SocketAddr::from((Ipv4Addr::LOCALHOST, 5060)));
        let caps = TrunkCaps {
            lines: 1,
            pace: Pace::per_second(1.0).unwrap(),
            kept_free: 0,
        };
        let settings = Settings {
            sip: sip::Settings {
                trunks: vec![sip::Trunk {
                    register,
                    ..sip::Trunk::new("trunk", local, peer, "127.0.0.1", "010")
                }],
                inbound_status: 480,
                phones: None,
            },
            trunks: vec![Trunk {
                options,
                ..Trunk::new("trunk", IpAddr::V4(Ipv4Addr::LOCALHOST), caps)
            }],
            ports: 20_000..=20_009,
            data: std::path::PathBuf::new(),
        };
        Self {
            health: Health::new(&settings, 7),
            now: Moment::from_nanos(1),
        }
    }

    fn asked() -> Self {
        Self::over(None, Some(EVERY))
    }

    /// Lets time pass until the next OPTIONS leaves; how long that took.
    fn until_asked(&mut self) -> Duration {
        let since = self.now;
        while self.health.due(self.now).is_empty() {
            self.now = self.health.deadline().expect("a deadline").max(self.now);
        }
        self.now.since(since)
    }

    fn changes(&mut self) -> Option<Change> {
        let changes = self.health.changes(self.now, Wall::default());
        changes.first().map(|(_, change)| *change)
    }

    fn answered(&mut self) -> Option<Change> {
        self.health.options_answered(self.now, TRUNK, &Ok(200));
        self.changes()
    }

    fn missed(&mut self, after: Duration, why: LocalEnding) -> Option<Change> {
        self.now += after;
        self.health.options_answered(self.now, TRUNK, &Err(without_answer(why)));
        self.changes()
    }

    fn registered(&mut self, result: Result<Duration, Ending>) -> Option<Change> {
        self.health.registered(self.now, TRUNK, &result);
        self.changes()
    }
}

fn without_answer(why: LocalEnding) -> Ending {
    Ending {
        local: Some(why),
        ..Ending::default()
    }
}

fn refused(status: u16) -> Ending {
    Ending {
        status: Some(status),
        ..Ending::default()
    }
}

#[test]
fn two_misses_in_a_row_mark_a_trunk_down_and_the_first_answer_brings_it_back() {
    let mut tower = Tower::asked();
    assert!(tower.until_asked() <= secs(3), "the first one soon after the start");
    assert_eq!(tower.answered(), None);
    tower.until_asked();
    assert_eq!(tower.missed(secs(32), LocalEnding::TimedOut), None);
    assert!(
        tower.until_asked() <= secs(11),
        "a second look soon after the first miss"
    );
    let down = tower.missed(secs(32), LocalEnding::TimedOut);
    assert_eq!(down, Some(Change::Down(DownReason::Silent)));
    let waited = tower.until_asked();
    assert_eq!(tower.answered(), Some(Change::Up(Some(waited))));
    assert_eq!(tower.answered(), None);
}

#[test]
fn a_miss_between_answers_changes_nothing() {
    let mut tower = Tower::asked();
    for _ in 0..10 {
        tower.until_asked();
        assert_eq!(tower.missed(secs(32), LocalEnding::TimedOut), None);
        tower.until_asked();
        assert_eq!(tower.answered(), None);
    }
}

#[test]
fn a_refused_connection_counts_as_a_miss_and_any_status_as_an_answer() {
    let mut tower = Tower::asked();
    tower.until_asked();
    tower.missed(Duration::ZERO, LocalEnding::Unreachable);
    tower.until_asked();
    let down = tower.missed(Duration::ZERO, LocalEnding::Unreachable);
    assert_eq!(down, Some(Change::Down(DownReason::Unreachable)));
    tower.until_asked();
    tower.health.options_answered(tower.now, TRUNK, &Ok(503));
    assert!(matches!(tower.changes(), Some(Change::Up(Some(_)))));
}

#[test]
fn options_are_spread_around_their_interval() {
    let mut tower = Tower::asked();
    tower.until_asked();
    let mut waits = Vec::new();
    for _ in 0..20 {
        tower.answered();
        waits.push(tower.until_asked());
    }
    assert!(
        waits.iter().all(|wait| *wait >= secs(27) && *wait <= secs(33)),
        "{waits:?}"
    );
    waits.dedup();
    assert!(waits.len() > 15, "{waits:?}");
}

#[test]
fn a_word_from_a_call_proves_it_up() {
    let mut tower = Tower::asked();
    tower.until_asked();
    tower.answered();
    for _ in 0..2 {
        tower.until_asked();
        tower.missed(Duration::ZERO, LocalEnding::Unreachable);
    }
    tower.now += secs(1);
    tower.health.proved(tower.now, TRUNK);
    assert_eq!(tower.changes(), Some(Change::Up(Some(secs(1)))));
}

#[test]
fn a_trunk_that_carries_calls_and_ignores_options_is_never_marked_down() {
    let mut tower = Tower::asked();
    for _ in 0..2 {
        tower.until_asked();
        tower.missed(secs(32), LocalEnding::TimedOut);
    }
    tower.health.proved(tower.now, TRUNK);
    assert!(matches!(tower.changes(), Some(Change::Up(_))));
    for _ in 0..10 {
        tower.until_asked();
        assert_eq!(tower.missed(secs(32), LocalEnding::TimedOut), None);
    }
}

#[test]
fn a_call_that_finds_nobody_is_followed_by_a_question_at_once() {
    let mut tower = Tower::asked();
    tower.until_asked();
    tower.answered();
    tower.now += secs(5);
    tower.health.doubted(tower.now, TRUNK);
    assert_eq!(tower.until_asked(), Duration::ZERO);
}

#[test]
fn a_trunk_that_is_not_asked_is_believed_to_be_there() {
    let mut tower = Tower::over(None, None);
    assert_eq!((tower.health.deadline(), tower.changes()), (None, None));
    tower.health.doubted(tower.now, TRUNK);
    assert!(tower.health.due(tower.now).is_empty());
}

#[test]
fn a_trunk_that_registers_waits_for_its_first_registration() {
    let mut tower = Tower::over(Some(secs(60)), None);
    assert_eq!(tower.health.registering().collect::<Vec<_>>(), [TRUNK]);
    assert_eq!(tower.changes(), None);
    assert_eq!(tower.registered(Ok(secs(60))), Some(Change::Up(None)));
    assert_eq!(tower.health.registering().count(), 0);
}

#[test]
fn a_refused_registration_marks_it_down_whatever_options_say() {
    let mut tower = Tower::over(Some(secs(60)), Some(EVERY));
    tower.registered(Ok(secs(60)));
    let reason = DownReason::RegistrationRefused { status: 403 };
    assert_eq!(tower.registered(Err(refused(403))), Some(Change::Down(reason)));
    assert_eq!(tower.answered(), None);
    assert!(matches!(tower.registered(Ok(secs(60))), Some(Change::Up(Some(_)))));
}

#[test]
fn a_refresh_without_an_answer_leaves_the_binding_to_its_end() {
    let mut tower = Tower::over(Some(secs(60)), None);
    tower.registered(Ok(secs(60)));
    let bound_at = tower.now;
    tower.now += secs(40);
    assert_eq!(tower.registered(Err(without_answer(LocalEnding::TimedOut))), None);
    let lapses = tower.health.deadline().expect("the end of the binding");
    assert_eq!(lapses.since(bound_at), secs(60));
    tower.now = lapses;
    assert_eq!(tower.changes(), Some(Change::Down(DownReason::RegistrationLapsed)));
    assert_eq!(
        tower.health.deadline(),
        None,
        "nothing is due before the next registration"
    );
}

#[test]
fn nothing_is_asked_or_told_once_the_daemon_stops() {
    let mut tower = Tower::over(Some(secs(60)), Some(EVERY));
    tower.registered(Ok(secs(60)));
    tower.health.end();
    assert_eq!(tower.registered(Ok(Duration::ZERO)), None);
    assert_eq!(tower.health.deadline(), None);
}
