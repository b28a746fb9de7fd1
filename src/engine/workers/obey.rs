//! What a worker is told: commands of control, news of the recorder, the word to stop.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rand_chacha::rand_core::Rng;
use tracing::field::display;

use super::super::recorder::{Cut, Job, News};
use super::Order;
use super::bridges::Ties;
use super::inlet::Inlet;
use super::line::{Due, Line, Recording};
use super::reports::Reports;
use super::worker::{Closing, Recorder, Worker};
use crate::config::Record;
use crate::events;
use crate::ids::LegId;
use crate::media::leg::{self, Ending, Leg, Setup, Voice};
use crate::media::rtcp::CNAME_LENGTH;
use crate::media::rtp::Outgoing;
use crate::media::{Closed, Command, Fact, Recorded};
use crate::moment::Moment;

/// Orders per turn, so that packets leave in time whatever control does.
const ORDERS_PER_TURN: usize = 256;

/// Expedited forwarding (RFC 4594 section 4.1), as the byte that carries it.
const VOICE: u32 = 0xB8;

/// Whether orders wait for the next turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Obeyed {
    All,
    Share,
}

impl Worker {
    /// Obeys `first` and what else waits, up to the turn's share.
    pub(super) fn obey(&mut self, first: Option<Order>) -> Obeyed {
        let mut first = first;
        for _ in 0..ORDERS_PER_TURN {
            match first.take().map_or_else(|| self.parts.orders.try_recv(), Ok) {
                Ok(Order::Command(id, command)) => self.command(id, command),
                Ok(Order::Recording(id, news)) => self.take_news(id, news),
                Ok(Order::Stop) => {}
                #[cfg(test)]
                Ok(Order::Break) => panic!("a worker under test breaks"),
                Err(_) => {
                    self.stop_if_asked();
                    return Obeyed::All;
                }
            }
        }
        Obeyed::Share
    }

    /// What was sent before the word to stop is obeyed before it.
    fn stop_if_asked(&mut self) {
        if self.stopping_since.is_none() && self.parts.stop.load(Ordering::Relaxed) {
            self.stopping_since = Some(self.now());
            let ids: Vec<_> = self.places.keys().copied().collect();
            for id in ids {
                self.close(id);
            }
        }
    }

    fn command(&mut self, id: LegId, command: Command) {
        let now = self.now();
        let place = self.places.get(&id).copied();
        match (place, command) {
            (None, Command::Open { address, .. }) => self.open(id, address),
            (Some(_), Command::Open { .. }) => events::leg_opened_twice(id.0),
            (_, Command::Close) => self.close(id),
            (None, _) => events::leg_unknown(id.0),
            (Some(place), Command::Bridge { with }) => self.bridge(place, with),
            (Some(place), Command::ListenIn { on }) => self.listen_in(place, on),
            (Some(place), Command::Unbridge) => self.unbridge(place),
            (Some(place), command) => {
                self.alone(place, |worker| {
                    if matches!(command, Command::Connect { .. }) {
                        // What came before is of nobody we know.
                        worker.read(place);
                    }
                    worker.instruct(now, place, command);
                    worker.settle(place);
                });
            }
        }
    }

    fn instruct(&mut self, now: Moment, place: usize, command: Command) {
        let Some(line) = self.lines.get_mut(place).and_then(Option::as_mut) else {
            return;
        };
        match command {
            Command::Connect { remote } => {
                line.leg.connect(now, remote);
                line.read_at = now;
            }
            Command::Record { path } => {
                if self.parts.setup.record == Record::Nothing {
                    // Keys still say when they were pressed.
                    line.leg.record(now);
                    line.leg.stop_recording();
                } else if matches!(line.recording, Recording::Off) {
                    line.leg.record(now);
                    line.recording = Recording::On { dropped: 0 };
                    let reply = Arc::clone(&self.parts.reply);
                    self.parts.tape.keep(Job::Begin {
                        leg: line.id,
                        path,
                        reply,
                    });
                }
            }
            #[cfg(test)]
            Command::Play { prompts, .. } if prompts == [super::tests::BREAKS] => panic!("a leg under test breaks"),
            Command::Play { play, prompts } => line.leg.play(play, &prompts),
            Command::Loop { play, prompts } => line.leg.play_looped(play, &prompts),
            Command::Stop => line.leg.stop(),
            Command::Excerpt { name, from_ms, to_ms } => {
                if matches!(line.recording, Recording::On { .. }) {
                    let cut = Cut { name, from_ms, to_ms };
                    self.parts.tape.keep(Job::Excerpt { leg: line.id, cut });
                }
            }
            Command::Listen { quiet } => line.leg.listen(quiet),
            Command::Press { key } => line.leg.press(key),
            Command::PauseRecording => line.leg.pause_recording(now),
            Command::ResumeRecording => line.leg.resume_recording(now),
            Command::Mute => line.leg.set_voice(Voice::Muted),
            Command::Unmute => line.leg.set_voice(Voice::Heard),
            Command::Open { .. }
            | Command::Bridge { .. }
            | Command::Unbridge
            | Command::ListenIn { .. }
            | Command::Close => {}
        }
    }

    fn open(&mut self, id: LegId, address: SocketAddr) {
        let place = self.free.pop().unwrap_or(self.lines.len());
        let socket = if self.stopping_since.is_some() {
            Err(io::Error::other("the daemon is stopping"))
        } else {
            bind(address)
        };
        let socket = match socket {
            Ok(socket) => socket,
            Err(error) => {
                events::port_unopened(id.0, address.port(), display(error));
                self.release(place);
                return self.parts.outlet.tell(id, Fact::OpenFailed);
            }
        };
        let phase = self.phases.take();
        let reports = Reports::open(address);
        if let Err(error) = &reports {
            self.without_rtcp += 1;
            events::rtcp_unopened(id.0, address.port(), display(error));
        }
        let reports = reports.ok();
        let leg = Leg::new(Setup {
            prompts: self.parts.setup.prompts.prompts(),
            silence_limit: self.parts.setup.silence_limit,
            slot: Duration::from_millis(phase as u64),
            outgoing: Outgoing {
                ssrc: self.random.next_u32(),
                sequence: self.random.next_u32() as u16,
                timestamp: self.random.next_u32(),
            },
            cname: self.cname(),
            reports: match reports {
                Some(_) => leg::Reports::Sent,
                None => leg::Reports::NotSent,
            },
        });
        let line = Line {
            id,
            leg,
            socket,
            reports,
            is_ipv4: address.is_ipv4(),
            phase,
            due: Due::Never,
            read_at: Moment::ZERO,
            recording: Recording::Off,
            ties: Ties::default(),
        };
        match self.lines.get_mut(place) {
            Some(empty) => *empty = Some(line),
            None => self.lines.push(Some(line)),
        }
        self.places.insert(id, place);
        self.parts.outlet.tell(id, Fact::Opened);
    }

    /// 96 bits of chance as letters (RFC 7022 section 4.2): it names the call and nobody in it.
    fn cname(&mut self) -> [u8; CNAME_LENGTH] {
        let mut name = [0; CNAME_LENGTH];
        self.random.fill_bytes(&mut name);
        name.map(|byte| match byte & 63 {
            digit @ 0..10 => b'0' + digit,
            letter @ 10..36 => b'A' + letter - 10,
            letter @ 36..62 => b'a' + letter - 36,
            62 => b'+',
            63.. => b'-',
        })
    }

    /// Frees a place that `open` took.
    fn release(&mut self, place: usize) {
        if place < self.lines.len() {
            self.free.push(place);
        }
    }

    fn close(&mut self, id: LegId) {
        let Some(place) = self.places.remove(&id) else {
            // Never opened, or its port failed. While stopping, every leg has its answer already or on the way.
            if self.stopping_since.is_none() && !self.closing.contains_key(&id) {
                self.parts.outlet.tell(id, Fact::Closed(Closed::default()));
            }
            return;
        };
        self.alone(place, |worker| {
            worker.read(place);
            worker.say_goodbye(place);
            // A key that was pressed just before counts.
            worker.settle(place);
        });
        self.part(place);
        let now = self.now();
        let Some(mut line) = self.lines.get_mut(place).and_then(Option::take) else {
            return;
        };
        self.free.push(place);
        self.phases.give_back(line.phase);
        let paused = line.leg.paused(now);
        drop((line.socket, line.reports));
        let Ending { closed, tail, unused } = line.leg.close(now);
        let (pcm, gap) = tail.map_or_else(Default::default, |tail| (tail.pcm, tail.gap));
        match line.recording.end(pcm) {
            None => self.parts.outlet.tell(id, Fact::Closed(closed)),
            Some(audio) => {
                let recording = line.recording;
                let closing = Closing {
                    closed,
                    recording,
                    paused,
                };
                self.closing.insert(id, closing);
                self.parts.tape.keep(Job::End { leg: id, audio, gap });
            }
        }
        self.publish(unused);
    }

    /// Lets go of a leg whose handling panicked, with the recording as far as it is.
    pub(super) fn lose(&mut self, place: usize) {
        self.part(place);
        let now = self.now();
        let Some(mut line) = self.lines.get_mut(place).and_then(Option::take) else {
            return;
        };
        events::media_broken(line.id.0);
        self.places.remove(&line.id);
        self.free.push(place);
        self.phases.give_back(line.phase);
        let (closed, gap) = (Closed::default(), Default::default());
        match line.recording.end(line.leg.take_audio()) {
            None => self.parts.outlet.tell(line.id, Fact::Closed(closed)),
            Some(audio) => {
                let recording = line.recording;
                let closing = Closing {
                    closed,
                    recording,
                    paused: line.leg.paused(now),
                };
                self.closing.insert(line.id, closing);
                self.parts.tape.keep(Job::End {
                    leg: line.id,
                    audio,
                    gap,
                });
            }
        }
    }

    /// A recorder that is gone says nothing of what it does not take: no recording is made, and no leg waits for it.
    pub(super) fn answer_for_the_recorder(&mut self) {
        for job in self.parts.tape.take_returned() {
            if self.recorder == Recorder::Works {
                self.recorder = Recorder::Gone;
                events::recorder_died();
            }
            match job {
                Job::Begin { leg, .. } => self.take_news(leg, News::Failed),
                Job::End { leg, .. } => self.take_news(leg, News::Ended(None)),
                Job::Audio { .. } | Job::Excerpt { .. } => {}
            }
        }
    }

    fn take_news(&mut self, id: LegId, news: News) {
        match news {
            News::Failed => {
                let open = self
                    .places
                    .get(&id)
                    .and_then(|place| self.lines.get_mut(*place))
                    .and_then(Option::as_mut);
                let recording = match open {
                    Some(line) => {
                        line.leg.stop_recording();
                        Some(&mut line.recording)
                    }
                    None => self.closing.get_mut(&id).map(|closing| &mut closing.recording),
                };
                if let Some(fact) = recording.and_then(Recording::fail) {
                    self.parts.outlet.tell(id, fact);
                }
            }
            News::Ended(recording) => {
                if let Some(Closing { closed, paused, .. }) = self.closing.remove(&id) {
                    let recording = recording.map(|recorded| Recorded { paused, ..recorded });
                    self.parts.outlet.tell(id, Fact::Closed(Closed { recording, ..closed }));
                }
            }
        }
    }
}

pub(super) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    Inlet::prepare(&socket)?;
    let options = socket2::SockRef::from(&socket);
    let marked = if address.is_ipv4() {
        options.set_tos_v4(VOICE)
    } else {
        options.set_tclass_v6(VOICE)
    };
    if let Err(error) = marked {
        events::packets_unmarked(display(error));
    }
    Ok(socket)
}
