//! One leg's media, composed: what leaves at each frame, what is taken from each packet, what control is told.
//!
//! `tick` until it gives no packet, `report`, `handle_packet` and `handle_report` for each datagram of the two ports, then
//! `poll` until `None`; `deadline` says when to tick next. A late, early or repeated tick is harmless.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ops::AddAssign;
use std::sync::Arc;
use std::time::Duration;

use super::bridge::Shared;
use super::latch::Latch;
use super::mix::{Mix, Tail};
use super::playout::{Playout, Prompt, Prompts};
use super::rtcp::session::{Learned, Session};
use super::rtp::{Marker, Outgoing};
use super::stream::Stream;
use super::streams::Streams;
use super::telephone_event::{Press, Receiver};
use super::{Closed, Codec, Fact, Flow, Paused, Remote, rtcp, samples};
use crate::moment::Moment;
use crate::phone::Key;

mod bridged;
mod early;
mod hear;
mod listen;
mod report;
mod speak;

use bridged::Ears;
pub use bridged::{Shares, Voice};
use early::Early;
use listen::Listening;

/// Keys that may wait to be pressed.
const PRESSES_MAX: usize = 64;

/// Pieces of audio that may wait for `poll`; a caller that polls comes near only when its clock has leapt by minutes.
const OUTPUTS_MAX: usize = 1_024;

/// Facts that may wait besides: no key is lost because there is so much silence to record.
const FACTS_MAX: usize = 1_024;

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
    /// Its name in RTCP: random for each call (RFC 7022), in ASCII.
    pub cname: [u8; rtcp::CNAME_LENGTH],
    /// Whether it can send RTCP.
    pub reports: Reports,
}

/// Whether a leg sends RTCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reports {
    /// From a port of its own.
    Sent,
    /// That port could not be had.
    NotSent,
}

/// What a leg has to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Tell control.
    Tell(Fact),
    /// A second of the recording, both channels interleaved: patient, us.
    Record(Vec<i16>),
}

/// Why a leg wants to be ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The next frame is due.
    Frame,
    /// The next RTCP report is due.
    Report,
    /// The far end has been silent for the limit.
    Silence,
}

/// Packets that were not used, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unused {
    /// Before Connect, and not from where Connect said.
    pub early: u32,
    /// RTCP of a stranger, or none at all.
    pub rtcp: u32,
    /// No RTP.
    pub malformed: u32,
    /// From a source that is not the far end.
    pub strangers: u32,
    /// A payload type that was not agreed, or an event that is no key.
    pub unknown: u32,
    /// Came twice.
    pub copies: u32,
    /// Of a stream that is not the call's, or too far off in time to be placed.
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
    ears: Ears,
    voice: Voice,
    shares: Shares,
    shared: Shared,
    presses: VecDeque<Key>,
    press: Option<Press>,
    early: Early,
    streams: Streams,
    events: Receiver,
    /// When the latest packet came since Connect, and the longest gap before one.
    latest: Option<Moment>,
    longest_gap: Duration,
    mix: Option<Mix>,
    listening: Option<Listening>,
    recording_since: Option<Moment>,
    rtcp: Session,
    reports: Reports,
    outputs: VecDeque<Output>,
    packets_sent: u32,
    octets_sent: u32,
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
    flow: Flow,
    /// Where its RTCP goes by its SDP, and where its RTCP really came from.
    rtcp: Option<SocketAddr>,
    rtcp_source: Option<SocketAddr>,
    since: Moment,
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
            ears: Ears::Closed,
            voice: Voice::Heard,
            shares: Shares::Nothing,
            shared: Shared::default(),
            presses: VecDeque::new(),
            press: None,
            early: Early::default(),
            streams: Streams::default(),
            events: Receiver::default(),
            latest: None,
            longest_gap: Duration::ZERO,
            mix: None,
            listening: None,
            recording_since: None,
            rtcp: Session::new(setup.outgoing.ssrc, setup.cname),
            reports: setup.reports,
            outputs: VecDeque::new(),
            packets_sent: 0,
            octets_sent: 0,
            unused: Unused::default(),
        }
    }

    /// Starts sending and taking packets; again: changes the remote, and the silence clock starts anew.
    pub fn connect(&mut self, now: Moment, remote: Remote) {
        if let Some(from) = self.held_from() {
            self.give_audio(now);
            if let Some(mix) = &mut self.mix {
                mix.put_silence(from, samples::position(now) - from);
            }
        }
        let before = self.link;
        let mut link = Link {
            codec: remote.codec,
            events: remote.events,
            frame: u16::from(remote.ptime_ms.clamp(10, 60)) * samples::PER_MS as u16,
            latch: Latch::new(now, remote.address),
            flow: remote.flow,
            rtcp: remote.rtcp,
            rtcp_source: None,
            since: now,
            next_frame: first_frame(now, self.slot),
            marker: Marker::Begins,
            hearing: Hearing::Nothing { since: now },
        };
        if let Some(before) = before {
            (link.latch, link.next_frame) = (before.latch, before.next_frame);
            link.latch.announce(now, remote.address);
            if link.latch.announced() == before.latch.announced() && link.rtcp == before.rtcp {
                link.rtcp_source = before.rtcp_source;
            }
            if !before.flow.listens() {
                // What was not sent meanwhile is not sent now either, up to the next frame from now on.
                let frame_lasts = samples::duration(u64::from(link.frame));
                self.leave_out(now + (frame_lasts - Duration::from_nanos(1)), &mut link);
            }
        }
        self.link = Some(link);
        // A pause between early media and the answer is none of the line's.
        self.latest = None;
        self.streams.agree(now);
        self.take_early(now, remote.address);
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

    /// Both channels of the recording are silent from now on.
    pub fn pause_recording(&mut self, now: Moment) {
        if let Some(mix) = &mut self.mix {
            mix.pause(samples::position(now));
        }
    }

    /// Records sound again.
    pub fn resume_recording(&mut self, now: Moment) {
        if let Some(mix) = &mut self.mix {
            mix.resume(samples::position(now));
        }
    }

    /// What there is of the recording and was not handed out, for a leg that is given up.
    pub fn take_audio(&mut self) -> Vec<i16> {
        self.mix.as_mut().map_or_else(Vec::new, Mix::take_rest)
    }

    /// Where the recording is silent because it was paused.
    pub fn paused(&self, now: Moment) -> Vec<Paused> {
        self.mix
            .as_ref()
            .map_or_else(Vec::new, |mix| mix.paused(samples::position(now)))
    }

    /// Plays prompts by name, instead of what plays.
    pub fn play(&mut self, play: u32, names: &[String]) {
        self.play_as(play, names, Playout::new);
    }

    /// Plays prompts by name over and over, instead of what plays.
    pub fn play_looped(&mut self, play: u32, names: &[String]) {
        self.play_as(play, names, Playout::looped);
    }

    fn play_as(&mut self, play: u32, names: &[String], playout: fn(u32, Vec<Arc<Prompt>>) -> Playout) {
        self.listening = None;
        let prompts: Option<Vec<_>> = names.iter().map(|name| self.prompts.get(name).cloned()).collect();
        self.playout = prompts.map(|prompts| playout(play, prompts));
        if self.playout.is_none() {
            self.tell(Fact::PromptMissing { play });
        }
    }

    /// Stops what plays.
    pub fn stop(&mut self) {
        self.playout = None;
    }

    /// Listens for the far side's voice: so much silence after it is its end.
    pub fn listen(&mut self, quiet: Duration) {
        self.listening = Some(Listening::new(quiet));
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
        let frame = self.next_frame().map(|at| (at, Timer::Frame));
        let silence = self.silent_at(link).map(|at| (at, Timer::Silence));
        let report = match self.reports {
            Reports::Sent => Some((self.rtcp.next().unwrap_or(link.since), Timer::Report)),
            Reports::NotSent => None,
        };
        let earliest = frame.into_iter().chain(silence).chain(report);
        earliest.min_by_key(|(at, _)| *at)
    }

    /// When the next frame leaves, if any does.
    pub fn next_frame(&self) -> Option<Moment> {
        let link = self.link.filter(|link| link.flow.listens());
        link.map(|link| link.next_frame)
    }

    /// The next thing to say.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Ends it.
    pub fn close(self, now: Moment) -> Ending {
        let at = samples::position(now);
        let paused_from = self.streams.present().and_then(Stream::silent_from);
        let silent_from = self.held_from().into_iter().chain(paused_from).min();
        let sums = self.streams.sums();
        let (jitter, count) = sums.jitter;
        let jitter = jitter.checked_div(u64::from(count)).map(samples::millis);
        let Learned {
            rtt_ms,
            remote_lost,
            remote_jitter_ms,
        } = self.rtcp.learned();
        Ending {
            closed: Closed {
                packets_sent: self.packets_sent,
                packets_received: self.streams.received(),
                packets_lost: sums.lost,
                gap_ms_max: samples::millis(samples::in_duration(self.longest_gap)),
                jitter_ms: jitter,
                rtt_ms,
                remote_lost,
                remote_jitter_ms,
                recording: None,
            },
            tail: self.mix.map(|mix| mix.end(at, silent_from)),
            unused: Unused {
                copies: self.streams.copies(),
                early: self.unused.early.saturating_add(self.early.count()),
                ..self.unused
            },
        }
    }

    /// Where packets go now.
    pub fn destination(&self) -> Option<SocketAddr> {
        self.link.map(|link| link.latch.destination())
    }

    /// Since when the far end has not been sending because it said so.
    fn held_from(&self) -> Option<i64> {
        let held = self.link.filter(|link| !link.flow.sends());
        held.map(|link| samples::position(link.since))
    }

    /// Hands out the audio that nothing can change any more.
    fn give_audio(&mut self, now: Moment) {
        let Some(mix) = &mut self.mix else { return };
        while self.outputs.len() < OUTPUTS_MAX
            && let Some(pcm) = mix.ripen(samples::position(now))
        {
            let fact = self.listening.as_mut().and_then(|listening| listening.take(pcm));
            self.outputs.extend(mix.take().map(Output::Record));
            self.outputs.extend(fact.map(Output::Tell));
        }
    }

    fn tell(&mut self, fact: Fact) {
        if self.outputs.len() < OUTPUTS_MAX + FACTS_MAX {
            self.outputs.push_back(Output::Tell(fact));
        }
    }

    /// A far end that said that it would not send is not missed.
    fn silent_at(&self, link: Link) -> Option<Moment> {
        if !link.flow.sends() {
            return None;
        }
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
