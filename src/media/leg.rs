//! One leg's media, composed: what leaves at each frame, what is taken from each packet, what control is told.
//!
//! `tick` until it gives no packet, `handle_packet` for each datagram, then `poll` until `None`; `deadline` says when to
//! tick next. A late, early or repeated tick is harmless.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::AddAssign;
use std::sync::Arc;
use std::time::Duration;

use super::latch::Latch;
use super::mix::{Mix, Tail};
use super::playout::{Playout, Prompts};
use super::rtp::{Marker, Outgoing};
use super::sequence::Sequence;
use super::telephone_event::{Press, Receiver};
use super::track::Track;
use super::{Closed, Codec, Fact, Remote, samples};
use crate::moment::Moment;
use crate::phone::Key;

mod hear;
mod speak;

/// Keys that may wait to be pressed.
const PRESSES_MAX: usize = 64;

/// Outputs that may wait for `poll`; a caller that polls never comes near.
const OUTPUTS_MAX: usize = 1_024;

/// What a leg starts with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What it may be told to play.
    pub prompts: Arc<Prompts>,
    /// A far end that sends nothing for so long is reported.
    pub silence_limit: Duration,
    /// Its place among the legs that share a worker: frames leave at this offset from whole multiples of 20 ms.
    pub slot: Duration,
    /// SSRC, first sequence number and first timestamp, chosen at random.
    pub outgoing: Outgoing,
}

/// What a leg has to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Tell control.
    Tell(Fact),
    /// Audio for the recording, both channels interleaved: patient, us.
    Record(Vec<i16>),
}

/// Why a leg wants to be ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The next frame is due.
    Frame,
    /// The far end has been silent for the limit.
    Silence,
}

/// Packets that were not used, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unused {
    /// Before Connect, or after it was closed.
    pub early: u32,
    /// RTCP on the RTP port.
    pub rtcp: u32,
    /// No RTP.
    pub malformed: u32,
    /// From a source that is not the far end.
    pub strangers: u32,
    /// A payload type that was not agreed, or an event that is no key.
    pub unknown: u32,
    /// Came twice.
    pub copies: u32,
    /// Too far off in sequence or time to be placed.
    pub strays: u32,
}

impl AddAssign for Unused {
    fn add_assign(&mut self, other: Self) {
        let Self {
            early,
            rtcp,
            malformed,
            strangers,
            unknown,
            copies,
            strays,
        } = other;
        let pairs = [
            (&mut self.early, early),
            (&mut self.rtcp, rtcp),
            (&mut self.malformed, malformed),
            (&mut self.strangers, strangers),
            (&mut self.unknown, unknown),
            (&mut self.copies, copies),
            (&mut self.strays, strays),
        ];
        for (sum, more) in pairs {
            *sum = sum.saturating_add(more);
        }
    }
}

/// The end of a leg.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    /// The sums; the recording is the recorder's to add.
    pub closed: Closed,
    /// The rest of the recording, if there was one.
    pub tail: Option<Tail>,
    /// What was dropped.
    pub unused: Unused,
}

/// The media of one leg.
#[derive(Debug)]
pub struct Leg {
    prompts: Arc<Prompts>,
    silence_limit: Duration,
    slot: Duration,
    outgoing: Outgoing,
    link: Option<Link>,
    playout: Option<Playout>,
    presses: VecDeque<Key>,
    press: Option<Press>,
    incoming: Incoming,
    mix: Option<Mix>,
    recording_since: Option<Moment>,
    outputs: VecDeque<Output>,
    packets_sent: u32,
    unused: Unused,
}

/// The far side, once connected.
#[derive(Clone, Copy, Debug)]
struct Link {
    codec: Codec,
    events: Option<u8>,
    /// Samples of a frame that we send.
    frame: u16,
    latch: Latch,
    next_frame: Moment,
    marker: Marker,
    hearing: Hearing,
}

/// What control was told of the far side's voice since Connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hearing {
    /// Nothing came since Connect.
    Nothing { since: Moment },
    /// The latest packet.
    Packets { latest: Moment },
    /// The silence was reported; whether anything had come before it.
    Silence { heard_before: Heard },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Something,
    Nothing,
}

/// What was received.
#[derive(Clone, Debug, Default)]
struct Incoming {
    sequence: Sequence,
    events: Receiver,
    track: Track,
    latest: Option<Moment>,
    longest_gap: Duration,
}

impl Leg {
    /// A leg that is open and not yet connected.
    pub fn new(setup: Setup) -> Self {
        Self {
            prompts: setup.prompts,
            silence_limit: setup.silence_limit,
            slot: setup.slot,
            outgoing: setup.outgoing,
            link: None,
            playout: None,
            presses: VecDeque::new(),
            press: None,
            incoming: Incoming::default(),
            mix: None,
            recording_since: None,
            outputs: VecDeque::new(),
            packets_sent: 0,
            unused: Unused::default(),
        }
    }

    /// Starts sending and taking packets; again: changes the remote, and the silence clock starts anew.
    pub fn connect(&mut self, now: Moment, remote: Remote) {
        let ptime_ms = remote.ptime_ms.clamp(10, 60);
        let latch = match self.link {
            Some(Link { mut latch, .. }) => {
                latch.announce(remote.address);
                latch
            }
            None => Latch::new(remote.address),
        };
        // A pause between early media and the answer is none of the line's.
        self.incoming.latest = None;
        let next_frame = self
            .link
            .map_or_else(|| first_frame(now, self.slot), |link| link.next_frame);
        self.link = Some(Link {
            codec: remote.codec,
            events: remote.events,
            frame: u16::from(ptime_ms) * samples::PER_MS as u16,
            latch,
            next_frame,
            marker: Marker::Begins,
            hearing: Hearing::Nothing { since: now },
        });
    }

    /// Records from now on. A second call changes nothing.
    pub fn record(&mut self, now: Moment) {
        if self.recording_since.is_none() {
            self.mix = Some(Mix::begin(samples::position(now)));
            self.recording_since = Some(now);
        }
    }

    /// Gives the recording up; `at_ms` of later keys still counts from its beginning.
    pub fn stop_recording(&mut self) {
        self.mix = None;
    }

    /// Plays prompts by name, instead of what plays.
    pub fn play(&mut self, play: u32, names: &[String]) {
        let prompts: Option<Vec<_>> = names.iter().map(|name| self.prompts.get(name).cloned()).collect();
        self.playout = prompts.map(|prompts| Playout::new(play, prompts));
        if self.playout.is_none() {
            self.tell(Fact::PromptMissing { play });
        }
    }

    /// Stops what plays.
    pub fn stop(&mut self) {
        self.playout = None;
    }

    /// Sends a key once connected; the prompt that plays waits meanwhile. Without telephone-event it has no effect.
    pub fn press(&mut self, key: Key) {
        if self.presses.len() < PRESSES_MAX {
            self.presses.push_back(key);
        }
    }

    /// When to tick next, and why.
    pub fn deadline(&self) -> Option<(Moment, Timer)> {
        let link = self.link?;
        let frame = (link.next_frame, Timer::Frame);
        let silence = self.silent_at(link).map(|at| (at, Timer::Silence));
        Some(silence.filter(|silence| silence.0 < frame.0).unwrap_or(frame))
    }

    /// The next thing to say.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Ends it.
    pub fn close(self, now: Moment) -> Ending {
        let Incoming {
            sequence, longest_gap, ..
        } = self.incoming;
        Ending {
            closed: Closed {
                packets_sent: self.packets_sent,
                packets_received: sequence.received(),
                packets_lost: sequence.lost(),
                gap_ms_max: samples::millis(samples::in_duration(longest_gap)),
                recording: None,
            },
            tail: self.mix.map(|mix| mix.end(samples::position(now))),
            unused: Unused {
                copies: sequence.copies(),
                ..self.unused
            },
        }
    }

    /// Where packets go now.
    pub fn destination(&self) -> Option<SocketAddr> {
        self.link.map(|link| link.latch.destination())
    }

    /// Hands out the audio that nothing can change any more.
    fn give_audio(&mut self, now: Moment) {
        let Some(mix) = &mut self.mix else { return };
        while self.outputs.len() < OUTPUTS_MAX
            && let Some(pcm) = mix.take(samples::position(now))
        {
            self.outputs.push_back(Output::Record(pcm));
        }
    }

    fn tell(&mut self, fact: Fact) {
        if self.outputs.len() < OUTPUTS_MAX {
            self.outputs.push_back(Output::Tell(fact));
        }
    }

    fn silent_at(&self, link: Link) -> Option<Moment> {
        match link.hearing {
            Hearing::Nothing { since: latest } | Hearing::Packets { latest } => Some(latest + self.silence_limit),
            Hearing::Silence { .. } => None,
        }
    }
}

/// The first moment from `now` on that lies `slot` after a whole multiple of 20 ms.
fn first_frame(now: Moment, slot: Duration) -> Moment {
    const GRID: u64 = 20_000_000;
    let slot = slot.as_nanos() as u64 % GRID;
    let wait = (slot + GRID - now.nanos() % GRID) % GRID;
    now + Duration::from_nanos(wait)
}

#[cfg(test)]
mod tests;
