//! The nonces of our challenges (RFC 7616 section 5.4): each tells by itself that it is ours, when it was made and for
//! whom, so nothing is kept for who only asks. How often one was used is kept, for so many.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::credentials::is_same;
use super::token::Tokens;
use crate::moment::Moment;

/// So long a nonce is good.
const GOOD: Duration = Duration::from_secs(300);
/// So many nonces' uses are kept; older ones are stale.
const KEPT: usize = 4_096;
/// Digits of its number, of its time, and of the whole.
const DIGITS: [usize; 3] = [16, 32, 64];

/// The nonces that we gave out.
pub(crate) struct Nonces {
    key: String,
    next: u64,
    /// The highest count that each was used with.
    used: BTreeMap<u64, u32>,
    /// Those below are stale.
    floor: u64,
}

/// A nonce that cannot be used, or not again with this count: it needs a new one, and no new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unusable;

impl Nonces {
    pub(crate) fn new(tokens: &mut Tokens) -> Self {
        Self {
            key: format!("{}{}", tokens.call_id(), tokens.call_id()),
            next: 1,
            used: BTreeMap::new(),
            floor: 0,
        }
    }

    /// A nonce for this source.
    pub(crate) fn issue(&mut self, now: Moment, source: IpAddr) -> String {
        let number = self.next;
        self.next += 1;
        let head = format!("{number:016x}{:016x}", now.nanos());
        let seal = self.seal(&head, source);
        head + &seal
    }

    /// Whether a nonce is ours, for this source, not too old, and not used with this count or a higher one. Gives its
    /// number.
    pub(crate) fn look(&self, now: Moment, source: IpAddr, nonce: &str, count: u32) -> Result<u64, Unusable> {
        let [number_end, head_end, whole] = DIGITS;
        let part = |from, to| nonce.get(from..to).ok_or(Unusable);
        let (head, seal) = (part(0, head_end)?, part(head_end, whole)?);
        if nonce.len() != whole || !is_same(self.seal(head, source).as_bytes(), seal.as_bytes()) {
            return Err(Unusable);
        }
        let read = |text| u64::from_str_radix(text, 16).map_err(|_| Unusable);
        let (number, nanos) = (read(part(0, number_end)?)?, read(part(number_end, head_end)?)?);
        let age = now.since(Moment::from_nanos(nanos));
        let last = self.used.get(&number).copied();
        let is_spent = match last {
            Some(last) => count <= last,
            None => number < self.floor || count == 0,
        };
        if age > GOOD || is_spent {
            return Err(Unusable);
        }
        Ok(number)
    }

    /// It was used with this count.
    pub(crate) fn spend(&mut self, number: u64, count: u32) {
        self.used.insert(number, count);
        if self.used.len() > KEPT
            && let Some((oldest, _)) = self.used.pop_first()
        {
            self.floor = oldest + 1;
        }
    }

    /// The same answer for the same word in this run, and nobody can tell beforehand which.
    pub(crate) fn toss(&self, word: &str) -> bool {
        let digest = Sha256::new().chain_update(&self.key).chain_update(word).finalize();
        digest.first().is_some_and(|octet| octet % 2 == 0)
    }

    fn seal(&self, head: &str, source: IpAddr) -> String {
        let digest = Sha256::new()
            .chain_update(&self.key)
            .chain_update(head)
            .chain_update(source.to_string())
            .chain_update(&self.key)
            .finalize();
        digest.iter().take(16).map(|octet| format!("{octet:02x}")).collect()
    }
}

/// The key stays inside.
impl std::fmt::Debug for Nonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nonces")
            .field("used", &self.used.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 20));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 21));

    fn nonces() -> Nonces {
        Nonces::new(&mut Tokens::new([1; 32]))
    }

    #[test]
    fn a_nonce_is_good_for_five_minutes_once_with_each_count_and_for_its_source_alone() {
        let mut nonces = nonces();
        let now = Moment::ZERO + Duration::from_secs(1_000);
        let nonce = nonces.issue(now, HERE);
        assert_eq!(nonce.len(), 64);
        assert_eq!(nonces.look(now, THERE, &nonce, 1), Err(Unusable));
        let number = nonces.look(now, HERE, &nonce, 1).unwrap();
        nonces.spend(number, 1);
        assert_eq!(nonces.look(now, HERE, &nonce, 1), Err(Unusable));
        assert_eq!(nonces.look(now, HERE, &nonce, 2), Ok(number));
        assert_eq!(nonces.look(now + GOOD, HERE, &nonce, 3), Ok(number));
        let late = now + GOOD + Duration::from_secs(1);
        assert_eq!(nonces.look(late, HERE, &nonce, 3), Err(Unusable));
    }

    #[test]
    fn what_is_not_ours_is_no_nonce_whatever_it_is() {
        let mut nonces = nonces();
        let own = nonces.issue(Moment::ZERO, HERE);
        let other = Nonces::new(&mut Tokens::new([2; 32])).issue(Moment::ZERO, HERE);
        let longer = format!("{own}0");
        for nonce in ["", "x", "ÄÖÜ", &own[1..], &longer, &other, &"é".repeat(32)] {
            assert_eq!(nonces.look(Moment::ZERO, HERE, nonce, 1), Err(Unusable), "{nonce}");
        }
    }

    #[test]
    fn the_uses_of_so_many_are_kept_and_what_is_older_is_stale() {
        let mut nonces = nonces();
        let first = nonces.issue(Moment::ZERO, HERE);
        for _ in 0..=KEPT {
            let nonce = nonces.issue(Moment::ZERO, HERE);
            let number = nonces.look(Moment::ZERO, HERE, &nonce, 1).unwrap();
            nonces.spend(number, 1);
        }
        assert_eq!(nonces.used.len(), KEPT);
        assert_eq!(nonces.look(Moment::ZERO, HERE, &first, 1), Err(Unusable));
    }
}
