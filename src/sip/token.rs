//! Tags, branches, Call-IDs and cnonces that nobody can guess (RFC 3261 section 19.3), from the caller's seed.

use std::fmt::Write as _;
use std::time::Duration;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// The one source of chance of a user agent.
pub(crate) struct Tokens(ChaCha20Rng);

impl Tokens {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// 64 bits: From and To tags, cnonces.
    pub(crate) fn tag(&mut self) -> String {
        self.hex(String::new(), 1)
    }

    /// The cookie and 128 bits.
    pub(crate) fn branch(&mut self) -> String {
        self.hex(String::from("z9hG4bK"), 2)
    }

    /// 128 bits and no host, so that no inner address leaks.
    pub(crate) fn call_id(&mut self) -> String {
        self.hex(String::new(), 2)
    }

    /// Less than `limit`; 0 for a limit of 0.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        self.0.next_u32().checked_rem(limit).unwrap_or(0)
    }

    /// Any length between these two.
    pub(crate) fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let span = u64::try_from(most.saturating_sub(least).as_millis()).unwrap_or(u64::MAX);
        least + Duration::from_millis(self.0.next_u64() % span.max(1))
    }

    fn hex(&mut self, mut text: String, words: usize) -> String {
        for _ in 0..words {
            // Writing to a String cannot fail.
            let _ = write!(text, "{:016x}", self.0.next_u64());
        }
        text
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}
