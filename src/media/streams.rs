//! Which of the streams that come from the far end's address is the call's.
//!
//! Mostly there is one. But a gateway changes its SSRC in mid-call, sends keys under an SSRC of their own, starts its
//! numbers anew after a re-INVITE; and the rest of a former call may come from the very same address between the far
//! end's packets, under another SSRC or the same. So the stream that is present keeps its place while it is alive, and
//! each other one waits aside with its own numbers and its own clock, so that neither disturbs the other.

use std::time::Duration;

use super::rtp::Packet;
use super::sequence::Place;
use super::stream::{Kind, Laid, Stream};
use crate::moment::Moment;

/// A present stream that was not heard for so long has ended, if another one begins.
const QUIET: Duration = Duration::from_millis(60);

/// The same, if the other one came between the packets of the present one before: then loss and jitter explain 60 ms.
const QUIET_BETWEEN: Duration = Duration::from_millis(200);

/// A stream that comes between the other's packets more than once is not just overtaken at the change.
const BETWEEN_MAX: u8 = 1;

/// Within this time a stream that lost its place by being quiet gets it back with its next packet.
const RETURN: Duration = Duration::from_secs(1);

/// Later it needs so many.
const RETURN_LATER: u32 = 3;

/// A stream that spoke for so many packets is senior to any that took its place.
const SENIOR: u32 = 50;

/// A stream that began so soon after the answer replaces one from before it, with so many packets.
const NEWCOMER_WITHIN: Duration = Duration::from_secs(2);
const NEWCOMER: u32 = 3;

/// Streams that may wait aside.
const ASIDE_MAX: usize = 3;

/// What a packet is to the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belongs {
    /// To the call's stream.
    Present(Place),
    /// To a stream of nothing but keys beside it.
    Keys(Place),
    /// To another stream, which is not the call's, or not yet.
    Stray,
}

/// The streams of one leg.
#[derive(Clone, Debug, Default)]
pub struct Streams {
    present: Option<Stream>,
    aside: [Option<Aside>; ASIDE_MAX],
    agreed: Moment,
    /// The present stream's source was replaced, so it will not go on.
    is_abandoned: bool,
    received: u32,
    copies: u32,
    /// Of streams that were present once and are forgotten.
    past: Sums,
}

/// What streams add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Packets that their numbers show missing.
    pub lost: u32,
    /// Jitter estimates added up, in samples, and how many.
    pub jitter: (u64, u32),
}

#[derive(Clone, Copy, Debug)]
struct Aside {
    stream: Stream,
    /// How often the present stream spoke after it.
    between: u8,
    past: Past,
}

/// Whether a stream aside was the call's before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Past {
    NeverPresent,
    /// It was quiet, and another one began.
    Replaced {
        at: Moment,
        received: u32,
    },
    /// Another one had the better right.
    GaveWay,
}

/// Why a stream becomes the call's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Right {
    /// The present one has ended.
    Succession,
    /// It was the call's before, or is newer than the answer.
    Claim,
}

impl Streams {
    /// A new answer stands: what begins from now on is more likely the far end's than what was there before.
    pub const fn agree(&mut self, now: Moment) {
        self.agreed = now;
        if let Some(present) = &mut self.present {
            present.agree();
        }
    }

    /// The far end speaks from another address now: the next stream is the call's at once.
    pub const fn change_source(&mut self) {
        self.is_abandoned = true;
    }

    /// Finds out where a packet belongs.
    pub fn take(&mut self, now: Moment, packet: &Packet<'_>, kind: Kind) -> Belongs {
        if let Some(present) = &mut self.present {
            let before = present.heard();
            let place = present.take(now, packet);
            if let Place::Newest { .. } | Place::Late = place {
                self.is_abandoned = false;
                for aside in self.aside.iter_mut().flatten() {
                    if aside.stream.heard() > before {
                        aside.between = aside.between.saturating_add(1);
                    }
                }
            }
            if place != Place::Stray {
                return Belongs::Present(self.count(place));
            }
        } else {
            self.present = Some(Stream::begin(now, packet));
            return Belongs::Present(self.count(Place::Newest { skipped: 0 }));
        }
        let (index, place) = self.take_aside(now, packet);
        if let Some(right) = self.right(now, index, place, kind) {
            self.replace(now, index, right);
            return Belongs::Present(self.count(place));
        }
        match kind {
            Kind::Event { .. } if self.is_of_keys(index) => Belongs::Keys(self.count(place)),
            Kind::Audio { .. } | Kind::Event { .. } | Kind::Comfort => {
                if let (Kind::Audio { .. } | Kind::Comfort, Some(aside)) = (kind, self.at(index)) {
                    aside.stream.note_audio();
                }
                Belongs::Stray
            }
        }
    }

    /// Lays a packet of the present stream into its place in time.
    pub fn lay(&mut self, now: Moment, packet: &Packet<'_>, place: Place, kind: Kind) -> Option<Laid> {
        let present = self.present.as_mut()?;
        Some(present.lay(now, packet, place, kind))
    }

    /// The call's stream.
    pub const fn present(&self) -> Option<&Stream> {
        self.present.as_ref()
    }

    /// The same, to report on.
    pub const fn present_mut(&mut self) -> Option<&mut Stream> {
        self.present.as_mut()
    }

    /// Packets taken, copies left out.
    pub const fn received(&self) -> u32 {
        self.received
    }

    /// Packets that came twice.
    pub const fn copies(&self) -> u32 {
        self.copies
    }

    /// The sums of all streams that are or were the call's.
    pub fn sums(&self) -> Sums {
        let aside = self.aside.iter().flatten();
        let were_present = aside.filter(|aside| aside.past != Past::NeverPresent);
        let streams = were_present.map(|aside| &aside.stream).chain(&self.present);
        streams.fold(self.past, Sums::with)
    }

    fn count(&mut self, place: Place) -> Place {
        match place {
            Place::Newest { .. } | Place::Late => self.received = self.received.saturating_add(1),
            Place::Copy => self.copies = self.copies.saturating_add(1),
            Place::Stray => {}
        }
        place
    }

    /// The stream aside that a packet goes on in, or the one that it begins in place of the one not heard for longest.
    fn take_aside(&mut self, now: Moment, packet: &Packet<'_>) -> (usize, Place) {
        let mut oldest = (0, None);
        for (index, slot) in self.aside.iter_mut().enumerate() {
            let Some(aside) = slot else {
                oldest = (index, None);
                break;
            };
            let place = aside.stream.take(now, packet);
            if place != Place::Stray {
                return (index, place);
            }
            let heard = aside.stream.heard();
            if index == 0 || oldest.1.is_some_and(|least| heard < least) {
                oldest = (index, Some(heard));
            }
        }
        let (index, _) = oldest;
        let aside = Aside {
            stream: Stream::begin(now, packet),
            between: 0,
            past: Past::NeverPresent,
        };
        let forgotten = self.aside.get_mut(index).and_then(|slot| slot.replace(aside));
        if let Some(Aside { stream, past, .. }) = forgotten
            && past != Past::NeverPresent
        {
            self.past = self.past.with(&stream);
        }
        (index, Place::Newest { skipped: 0 })
    }

    /// The right of a stream aside to become the call's with this packet.
    fn right(&self, now: Moment, index: usize, place: Place, kind: Kind) -> Option<Right> {
        let present = self.present.as_ref()?;
        let aside = self.aside.get(index).and_then(Option::as_ref)?;
        let received = aside.stream.sequence().received();
        if let Kind::Event { .. } = kind
            && !aside.stream.has_audio()
        {
            // Keys are heard beside the present stream as well.
            return None;
        }
        let Place::Newest { .. } = place else { return None };
        if self.is_abandoned || !present.has_audio() {
            return Some(Right::Succession);
        }
        let limit = if aside.between > BETWEEN_MAX {
            QUIET_BETWEEN
        } else {
            QUIET
        };
        if self.is_proven(aside) && present.quiet(now) >= limit {
            return Some(Right::Succession);
        }
        let returns = match aside.past {
            Past::Replaced { at, received: before } => {
                let is_senior = received >= SENIOR || received > present.sequence().received();
                is_senior && (now.since(at) < RETURN || received >= before.saturating_add(RETURN_LATER))
            }
            Past::NeverPresent | Past::GaveWay => false,
        };
        let born = aside.stream.born();
        let is_newcomer = present.born() < self.agreed
            && born >= self.agreed
            && born.since(self.agreed) < NEWCOMER_WITHIN
            && received >= NEWCOMER;
        (returns || is_newcomer).then_some(Right::Claim)
    }

    fn replace(&mut self, now: Moment, index: usize, right: Right) {
        let Some(slot) = self.aside.get_mut(index) else { return };
        let Some(aside) = slot.take() else { return };
        let replaced = self.present.replace(aside.stream);
        *slot = replaced.map(|stream| Aside {
            stream,
            between: 0,
            past: match right {
                Right::Succession => Past::Replaced {
                    at: now,
                    received: stream.sequence().received(),
                },
                Right::Claim => Past::GaveWay,
            },
        });
        self.is_abandoned = false;
    }

    /// The same SSRC with other numbers may be a single stray packet.
    fn is_proven(&self, aside: &Aside) -> bool {
        let present = self.present.as_ref().map(Stream::ssrc);
        present != Some(aside.stream.ssrc()) || aside.stream.sequence().received() > 1
    }

    /// A stream of keys alone is a gateway's; one with audio is another call's.
    fn is_of_keys(&self, index: usize) -> bool {
        let aside = self.aside.get(index).and_then(Option::as_ref);
        aside.is_some_and(|aside| self.is_proven(aside) && !aside.stream.has_audio())
    }

    fn at(&mut self, index: usize) -> Option<&mut Aside> {
        self.aside.get_mut(index).and_then(Option::as_mut)
    }
}

impl Sums {
    fn with(self, stream: &Stream) -> Self {
        let (sum, count) = stream.jitter().sum();
        Self {
            lost: self.lost.saturating_add(stream.sequence().lost()),
            jitter: (self.jitter.0.saturating_add(sum), self.jitter.1.saturating_add(count)),
        }
    }
}

#[cfg(test)]
mod tests;
