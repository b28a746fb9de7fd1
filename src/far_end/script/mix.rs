//! Who is at a number: named by pattern, or drawn by weight from the number itself, so a run can be repeated.

use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use sha2::{Digest, Sha256};

use super::{Behaviour, Script};

impl Script {
    /// The behaviour of the `attempt`th call (from 1) to a number.
    pub(crate) fn behaviour(&self, number: &str, attempt: u32) -> Option<&Arc<Behaviour>> {
        let patient = self.patient(number)?;
        let step = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        let chosen = patient.attempts.get(step).or(patient.attempts.last());
        match chosen {
            Some(&index) => self.behaviours.get(index),
            None => Some(patient),
        }
    }

    /// The chance of one call: the same for the same seed, number and attempt.
    pub(crate) fn chance(&self, number: &str, attempt: u32) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.hash(&format!("{number}/{attempt}")))
    }

    fn patient(&self, number: &str) -> Option<&Arc<Behaviour>> {
        let named = self
            .behaviours
            .iter()
            .find(|b| b.numbers.iter().any(|p| p.fits(number)));
        let default = || self.default.and_then(|index| self.behaviours.get(index));
        named.or_else(|| self.drawn(number)).or_else(default)
    }

    fn drawn(&self, number: &str) -> Option<&Arc<Behaviour>> {
        let total: u64 = self.behaviours.iter().map(|b| b.weight).sum();
        let mut left = self.hash(number).checked_rem(total)?;
        self.behaviours.iter().find(|behaviour| {
            let is_hit = left < behaviour.weight;
            left = left.saturating_sub(behaviour.weight);
            is_hit
        })
    }

    fn hash(&self, text: &str) -> u64 {
        let digest = Sha256::digest(format!("{}:{text}", self.seed));
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        u64::from_be_bytes(bytes)
    }
}
