//! Wrong tries to sign in that no account is there to count: by address, and by names that nobody has.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::moment::Wall;

/// Wrong passwords in a row that lock an account.
pub const TRIES: u32 = 5;
/// For so long.
pub const LOCK: Duration = Duration::from_secs(15 * 60);
/// Tries from one address that are wrong, or not decided yet, within [`WINDOW`].
pub const FROM_ADDRESS: u32 = 30;
/// The time in which they are counted.
pub const WINDOW: Duration = Duration::from_secs(5 * 60);
/// Addresses and names that are remembered; with more, those that were seen longest ago are forgotten.
const REMEMBERED: usize = 4_096;

/// Counts of one address or name.
#[derive(Clone, Copy, Debug)]
struct Count {
    since: Wall,
    tries: u32,
}

/// Counts, as many as are remembered.
#[derive(Debug, Default)]
pub(super) struct Tries {
    addresses: BTreeMap<String, Count>,
    names: BTreeMap<String, Count>,
}

/// What a name that nobody has is told, as if somebody had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// So many tries are left.
    Left(u32),
    /// Locked until then.
    Locked(Wall),
}

impl Tries {
    /// Counts a try from an address; until when no further one is taken, if there were too many.
    pub(super) fn count_address(&mut self, address: &str, now: Wall) -> Result<(), Wall> {
        let count = entry(&mut self.addresses, network(address), now, WINDOW);
        if count.tries >= FROM_ADDRESS {
            return Err(count.since + WINDOW);
        }
        count.tries += 1;
        Ok(())
    }

    /// A try from an address was right: it is not counted.
    pub(super) fn was_right(&mut self, address: &str) {
        if let Some(count) = self.addresses.get_mut(&network(address)) {
            count.tries = count.tries.saturating_sub(1);
        }
    }

    /// Counts a try of a name that nobody has.
    pub(super) fn of_unknown(&mut self, name: &str, now: Wall) -> Unknown {
        let is_locked = self.names.get(name).is_some_and(|count| count.tries >= TRIES);
        if let (true, Some(count)) = (is_locked, self.names.get(name)) {
            let until = count.since + LOCK;
            if until > now {
                return Unknown::Locked(until);
            }
            self.names.remove(name);
        }
        let count = entry(&mut self.names, name.to_owned(), now, Duration::MAX);
        count.tries += 1;
        if count.tries >= TRIES {
            // The lock begins now.
            count.since = now;
            return Unknown::Locked(now + LOCK);
        }
        Unknown::Left(TRIES - count.tries)
    }
}

fn entry(counts: &mut BTreeMap<String, Count>, key: String, now: Wall, window: Duration) -> &mut Count {
    if counts.len() >= REMEMBERED && !counts.contains_key(&key) {
        let oldest = counts
            .iter()
            .min_by_key(|(_, count)| count.since)
            .map(|(key, _)| key.clone());
        if let Some(oldest) = oldest {
            counts.remove(&oldest);
        }
    }
    let count = counts.entry(key).or_insert(Count { since: now, tries: 0 });
    if now.since(count.since) >= window {
        *count = Count { since: now, tries: 0 };
    }
    count
}

/// An IPv6 host has a whole network of addresses to try from.
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        Ok(IpAddr::V6(_) | IpAddr::V4(_)) | Err(_) => address.chars().take(64).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Wall = Wall::from_millis(1_751_331_600_000);

    #[test]
    fn too_many_wrong_tries_from_an_address_are_stopped_until_the_window_is_over() {
        let mut tries = Tries::default();
        for _ in 0..FROM_ADDRESS {
            assert_eq!(tries.count_address("192.0.2.7", NOW), Ok(()));
        }
        assert_eq!(tries.count_address("192.0.2.7", NOW), Err(NOW + WINDOW));
        assert_eq!(tries.count_address("192.0.2.8", NOW), Ok(()));
        assert_eq!(tries.count_address("192.0.2.7", NOW + WINDOW), Ok(()));
        for _ in 0..2 * FROM_ADDRESS {
            assert_eq!(tries.count_address("192.0.2.9", NOW), Ok(()));
            tries.was_right("192.0.2.9");
        }
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let mut tries = Tries::default();
        for host in 0..FROM_ADDRESS {
            assert_eq!(tries.count_address(&format!("2001:db8:1:2::{host:x}"), NOW), Ok(()));
        }
        assert!(tries.count_address("2001:db8:1:2:ffff::1", NOW).is_err());
        assert!(tries.count_address("2001:db8:1:3::1", NOW).is_ok());
    }

    #[test]
    fn a_name_that_nobody_has_is_told_what_an_account_would_be() {
        let mut tries = Tries::default();
        for left in [4, 3, 2, 1] {
            assert_eq!(tries.of_unknown("nobody", NOW), Unknown::Left(left));
        }
        assert_eq!(tries.of_unknown("nobody", NOW), Unknown::Locked(NOW + LOCK));
        let later = NOW + Duration::from_secs(60);
        assert_eq!(tries.of_unknown("nobody", later), Unknown::Locked(NOW + LOCK));
        assert_eq!(tries.of_unknown("nobody", NOW + LOCK), Unknown::Left(4));
    }

    #[test]
    fn only_so_many_are_remembered() {
        let mut tries = Tries::default();
        for name in 0..REMEMBERED + 100 {
            tries.of_unknown(&name.to_string(), NOW);
            let _ = tries.count_address(&name.to_string(), NOW);
        }
        assert!(tries.names.len() <= REMEMBERED && tries.addresses.len() <= REMEMBERED);
    }
}
