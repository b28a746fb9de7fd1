//! The draw itself: a frame of calls and a seed make a list, the same list every time.
//!
//! Each kind of call is drawn by itself. Its calls stand in the order of their numbers; of `n` calls the share, rounded up, is
//! taken by Fisher and Yates' shuffle: for `i` from 0, call `i` changes places with call `i + r mod (n - i)`, where `r` is the
//! next 64-bit number of ChaCha8 under the key SHA-256(`seed`, `/`, kind), nonce and counter 0. Whoever has ChaCha8 can repeat it.

use std::fmt::Write as _;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

/// A share, in hundredths of a percent: 0 to 10 000.
pub const WHOLE_SHARE: u32 = 10_000;
/// Calls that a sample draws from at most.
pub const MOST_CALLS: usize = 200_000;

/// Why a call was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The patient had a complaint.
    Complaint,
    /// An answer was low.
    LowScore,
    /// By chance.
    Random,
}

impl Why {
    /// As it is stored.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Complaint => "complaint",
            Self::LowScore => "low_score",
            Self::Random => "random",
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Complaint => 'c',
            Self::LowScore => 'l',
            Self::Random => 'o',
        }
    }

    const fn of_letter(letter: &str) -> Option<Self> {
        match letter.as_bytes() {
            b"c" => Some(Self::Complaint),
            b"l" => Some(Self::LowScore),
            b"o" => Some(Self::Random),
            _ => None,
        }
    }
}

/// Which share of each kind is drawn, in hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shares {
    /// Of complaints.
    pub complaints: u32,
    /// Of low scores.
    pub low_scores: u32,
    /// Of all others.
    pub others: u32,
}

impl Default for Shares {
    fn default() -> Self {
        Self {
            complaints: WHOLE_SHARE,
            low_scores: 5_000,
            others: 1_000,
        }
    }
}

impl Shares {
    const fn of(self, why: Why) -> u32 {
        match why {
            Why::Complaint => self.complaints,
            Why::LowScore => self.low_scores,
            Why::Random => self.others,
        }
    }
}

/// The calls to draw from: attempt and kind, by attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame(Vec<(i64, Why)>);

impl Frame {
    /// Of calls in any order.
    pub fn of(mut calls: Vec<(i64, Why)>) -> Self {
        calls.sort_unstable();
        calls.dedup_by_key(|call| call.0);
        Self(calls)
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are of a kind.
    pub fn count(&self, why: Why) -> usize {
        self.0.iter().filter(|call| call.1 == why).count()
    }

    /// As it is stored: a line for each, attempt and letter.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.0.len().saturating_mul(10));
        for (attempt, why) in &self.0 {
            let _ = writeln!(text, "{attempt} {}", why.letter());
        }
        text
    }

    /// Reads what was stored; none: it is not a frame.
    pub fn read(text: &str) -> Option<Self> {
        let call = |line: &str| {
            let (attempt, letter) = line.split_once(' ')?;
            Some((attempt.parse().ok()?, Why::of_letter(letter)?))
        };
        text.lines().map(call).collect::<Option<Vec<_>>>().map(Self)
    }

    /// SHA-256 over its text, in hexadecimal.
    pub fn hash(&self) -> String {
        hexadecimal(&Sha256::digest(self.text()))
    }

    /// Draws: complaints first, then low scores, then the others, each in the order of the shuffle.
    pub fn draw(&self, seed: &str, shares: Shares) -> Vec<(i64, Why)> {
        let mut drawn = Vec::new();
        for why in [Why::Complaint, Why::LowScore, Why::Random] {
            let mut calls: Vec<i64> = self.0.iter().filter(|call| call.1 == why).map(|call| call.0).collect();
            let taken = part(calls.len(), shares.of(why));
            shuffle(&mut calls, taken, key(seed, why));
            drawn.extend(calls.into_iter().take(taken).map(|attempt| (attempt, why)));
        }
        drawn
    }
}

pub(in crate::store::console) fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn key(seed: &str, why: Why) -> [u8; 32] {
    Sha256::digest(format!("{seed}/{}", why.word())).into()
}

/// The share of so many, rounded up.
fn part(of: usize, share: u32) -> usize {
    let share = usize::try_from(share.min(WHOLE_SHARE)).unwrap_or(0);
    of.saturating_mul(share).div_ceil(10_000).min(of)
}

fn shuffle(calls: &mut [i64], taken: usize, key: [u8; 32]) {
    let mut chance = ChaCha8Rng::from_seed(key);
    for at in 0..taken {
        let left = u64::try_from(calls.len().saturating_sub(at)).unwrap_or(1).max(1);
        let other = usize::try_from(chance.next_u64() % left).unwrap_or(0);
        calls.swap(at, at.saturating_add(other));
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, Shares, Why};

    fn frame() -> Frame {
        let kind = |n: i64| match n % 10 {
            0 => Why::Complaint,
            1 | 2 => Why::LowScore,
            _ => Why::Random,
        };
        Frame::of((1..=100).rev().map(|n| (n, kind(n))).collect())
    }

    #[test]
    fn the_same_seed_draws_the_same_calls_and_another_seed_others() {
        let (one, two) = (frame().draw("20261116", Shares::default()), frame().draw("20261116", Shares::default()));
        assert_eq!(one, two);
        assert_ne!(one, frame().draw("20261117", Shares::default()));
    }

    /// Worked out by a ChaCha8 written for the purpose in another language: a change of the draw breaks every sample that was drawn before.
    #[test]
    fn a_draw_stays_what_it_was() {
        let drawn = Frame::of((1..=10).map(|n| (n, Why::Random)).collect()).draw(
            "20261116",
            Shares {
                others: 3_000,
                ..Shares::default()
            },
        );
        assert_eq!(drawn, [2, 6, 3].map(|n| (n, Why::Random)));
    }

    #[test]
    fn every_complaint_half_of_the_low_scores_and_a_tenth_of_the_rest_are_drawn() {
        let drawn = frame().draw("s", Shares::default());
        let count = |why| drawn.iter().filter(|call| call.1 == why).count();
        assert_eq!((count(Why::Complaint), count(Why::LowScore), count(Why::Random)), (10, 10, 7));
        let mut calls: Vec<i64> = drawn.iter().map(|call| call.0).collect();
        calls.sort_unstable();
        calls.dedup();
        assert_eq!(calls.len(), 27);
    }

    #[test]
    fn a_frame_is_read_as_it_was_written() {
        let frame = frame();
        assert_eq!(Frame::read(&frame.text()), Some(frame.clone()));
        assert_eq!(Frame::read("1 x\n"), None);
        assert_eq!(frame.hash().len(), 64);
    }
}
