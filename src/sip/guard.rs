//! Who tries passwords: counted by source and by account, slowed, and for a while not answered at all.
//!
//! What a source gets wrong is answered later and later; after so many it is banned. An account that many sources try is
//! tried less often by all that do not sit at it. All tables are bounded, and IPv6 counts by network.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::moment::Moment;

/// Within this time wrong passwords add up.
const WINDOW: Duration = Duration::from_secs(600);
/// So many of them are answered at once.
const FREE: u32 = 2;
/// So many ban their source.
const MOST: u32 = 10;
/// The pause before the answer to the first that is slowed; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);
/// It is never longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);
/// The first ban; each further one is twice as long.
const BAN: Duration = Duration::from_secs(900);
/// It is never longer.
const LONGEST_BAN: Duration = Duration::from_secs(4 * 3_600);
/// So long earlier bans count.
const MEMORY: Duration = Duration::from_secs(24 * 3_600);
/// So many sources are remembered.
const SOURCES: usize = 4_096;
/// After so many wrong passwords for one account, whoever from, ...
const ACCOUNT_MOST: u32 = 30;
/// ... it is tried only so often.
const ACCOUNT_PAUSE: Duration = Duration::from_secs(2);
/// So many questions without credentials are answered to one source within [`ASKING`].
const QUESTIONS: u32 = 200;
const ASKING: Duration = Duration::from_secs(10);

/// All that is remembered.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    sources: BTreeMap<IpAddr, Source>,
    accounts: BTreeMap<String, Tried>,
}

#[derive(Clone, Copy, Debug)]
struct Source {
    heard_at: Moment,
    /// Wrong passwords since then.
    since: Moment,
    wrong: u32,
    /// Questions since then.
    asking_since: Moment,
    questions: u32,
    banned_until: Option<Moment>,
    bans: u32,
}

#[derive(Clone, Copy, Debug)]
struct Tried {
    since: Moment,
    wrong: u32,
    last: Moment,
}

/// What a wrong password gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Its answer, after this pause.
    AnswerAfter(Duration),
    /// No answer, and neither has anything else from there for so long.
    Ban(Duration),
}

/// Whether somebody is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manners {
    Answer,
    Ignore,
}

impl Guard {
    /// Whether nothing is heard from there.
    pub(crate) fn is_banned(&self, now: Moment, source: IpAddr) -> bool {
        let until = self.sources.get(&place(source)).and_then(|source| source.banned_until);
        until.is_some_and(|until| now < until)
    }

    /// Somebody asks without credentials.
    pub(crate) fn asked(&mut self, now: Moment, source: IpAddr) -> Manners {
        let source = self.source(now, source);
        if now.since(source.asking_since) > ASKING {
            (source.asking_since, source.questions) = (now, 0);
        }
        source.questions = source.questions.saturating_add(1);
        if source.questions > QUESTIONS {
            Manners::Ignore
        } else {
            Manners::Answer
        }
    }

    /// Whether a password for this account is looked at now.
    pub(crate) fn tried(&mut self, now: Moment, account: &str) -> Manners {
        let Some(tried) = self.accounts.get_mut(account) else {
            return Manners::Answer;
        };
        if now.since(tried.since) > WINDOW {
            self.accounts.remove(account);
            return Manners::Answer;
        }
        if tried.wrong < ACCOUNT_MOST || now.since(tried.last) >= ACCOUNT_PAUSE {
            tried.last = now;
            return Manners::Answer;
        }
        Manners::Ignore
    }

    /// A wrong password came from there, for this account where there is one.
    pub(crate) fn failed(&mut self, now: Moment, source: IpAddr, account: Option<&str>) -> Wrong {
        if let Some(account) = account {
            let fresh = Tried {
                since: now,
                wrong: 0,
                last: now,
            };
            let tried = self.accounts.entry(account.to_owned()).or_insert(fresh);
            tried.wrong = tried.wrong.saturating_add(1);
            tried.last = now;
        }
        let source = self.source(now, source);
        if now.since(source.since) > WINDOW {
            (source.since, source.wrong) = (now, 0);
        }
        source.wrong = source.wrong.saturating_add(1);
        if source.wrong < MOST {
            let doublings = source.wrong.saturating_sub(FREE + 1);
            let pause = match source.wrong {
                0..=FREE => Duration::ZERO,
                _ => PAUSE.saturating_mul(1 << doublings.min(8)).min(LONGEST_PAUSE),
            };
            return Wrong::AnswerAfter(pause);
        }
        let ban = BAN.saturating_mul(1 << source.bans.min(8)).min(LONGEST_BAN);
        source.bans = source.bans.saturating_add(1);
        source.banned_until = Some(now + ban);
        source.wrong = 0;
        Wrong::Ban(ban)
    }

    fn source(&mut self, now: Moment, source: IpAddr) -> &mut Source {
        let place = place(source);
        if !self.sources.contains_key(&place) && self.sources.len() >= SOURCES {
            self.make_room(now);
        }
        let fresh = Source {
            heard_at: now,
            since: now,
            wrong: 0,
            asking_since: now,
            questions: 0,
            banned_until: None,
            bans: 0,
        };
        let source = self.sources.entry(place).or_insert(fresh);
        if now.since(source.heard_at) > MEMORY {
            *source = fresh;
        }
        source.heard_at = now;
        source
    }

    /// Who was heard last the longest ago goes, those without a ban first.
    fn make_room(&mut self, now: Moment) {
        let of = |source: &Source| (source.banned_until.is_some_and(|until| now < until), source.wrong > 0);
        let oldest = self.sources.iter();
        let oldest = oldest.min_by_key(|(_, source)| (of(source), source.heard_at));
        if let Some(oldest) = oldest.map(|(&place, _)| place) {
            self.sources.remove(&oldest);
        }
    }
}

/// An IPv6 host has its whole network to send from.
fn place(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            address
                .to_ipv4_mapped()
                .map_or_else(|| Ipv6Addr::from_bits(network).into(), IpAddr::V4)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 66));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 67));

    #[test]
    fn wrong_passwords_are_answered_later_and_later_and_the_tenth_bans() {
        let (mut guard, now) = (Guard::default(), Moment::ZERO);
        let pauses: Vec<u128> = (1..MOST)
            .map(|_| match guard.failed(now, HERE, None) {
                Wrong::AnswerAfter(pause) => pause.as_millis(),
                Wrong::Ban(_) => panic!("banned too early"),
            })
            .collect();
        assert_eq!(pauses, [0, 0, 500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000]);
        assert_eq!(guard.failed(now, HERE, None), Wrong::Ban(BAN));
        assert!(guard.is_banned(now + (BAN - PAUSE), HERE));
        assert!(!guard.is_banned(now, THERE));
        assert!(!guard.is_banned(now + BAN, HERE));
    }

    #[test]
    fn a_ban_is_twice_as_long_the_next_time_and_forgotten_after_a_day() {
        let mut guard = Guard::default();
        let mut now = Moment::ZERO;
        let ban = |guard: &mut Guard, now| (0..MOST).map(|_| guard.failed(now, HERE, None)).last();
        assert_eq!(ban(&mut guard, now), Some(Wrong::Ban(BAN)));
        now += BAN;
        assert_eq!(ban(&mut guard, now), Some(Wrong::Ban(BAN * 2)));
        now = now + MEMORY + BAN;
        assert_eq!(ban(&mut guard, now), Some(Wrong::Ban(BAN)));
    }

    #[test]
    fn wrong_passwords_that_are_far_apart_do_not_add_up() {
        let mut guard = Guard::default();
        let mut now = Moment::ZERO;
        for _ in 0..100 {
            assert!(matches!(guard.failed(now, HERE, None), Wrong::AnswerAfter(_)));
            now += WINDOW / 8;
        }
    }

    #[test]
    fn an_account_that_many_try_is_tried_less_often() {
        let (mut guard, now) = (Guard::default(), Moment::ZERO);
        for last in 0..=255 {
            let source = IpAddr::from([198, 51, 100, last]);
            if guard.tried(now, "8001") == Manners::Answer {
                guard.failed(now, source, Some("8001"));
            }
        }
        assert_eq!(guard.accounts.get("8001").map(|tried| tried.wrong), Some(ACCOUNT_MOST));
        assert_eq!(guard.tried(now, "8001"), Manners::Ignore);
        assert_eq!(guard.tried(now, "8002"), Manners::Answer);
        assert_eq!(guard.tried(now + ACCOUNT_PAUSE, "8001"), Manners::Answer);
        assert_eq!(guard.tried(now + ACCOUNT_PAUSE, "8001"), Manners::Ignore);
    }

    #[test]
    fn so_many_sources_are_remembered_and_the_banned_ones_longest() {
        let (mut guard, now) = (Guard::default(), Moment::ZERO);
        for _ in 0..MOST {
            guard.failed(now, HERE, None);
        }
        for number in 0..20_000_u32 {
            guard.asked(now, IpAddr::from((0x0A00_0000_u32 + number).to_be_bytes()));
        }
        assert!(guard.sources.len() <= SOURCES);
        assert!(guard.is_banned(now, HERE));
    }

    #[test]
    fn an_ipv6_network_is_one_source() {
        let (mut guard, now) = (Guard::default(), Moment::ZERO);
        for host in 0..u16::try_from(MOST).unwrap() {
            let source = IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, host]);
            guard.failed(now, source, None);
        }
        assert!(guard.is_banned(now, "2001:db8:0:1::ffff".parse().unwrap()));
        assert!(!guard.is_banned(now, "2001:db8:0:2::1".parse().unwrap()));
    }

    #[test]
    fn who_asks_too_much_is_not_answered_for_a_while() {
        let (mut guard, now) = (Guard::default(), Moment::ZERO);
        let answered = (0..500).filter(|_| guard.asked(now, HERE) == Manners::Answer);
        assert_eq!(answered.count(), 200);
        let later = now + ASKING + PAUSE;
        assert_eq!(guard.asked(later, HERE), Manners::Answer);
    }
}
