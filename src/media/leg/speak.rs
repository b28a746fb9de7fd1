//! What leaves: one frame per packet time, of a key, a prompt or silence.

use std::net::SocketAddr;
use std::time::Duration;

use super::super::bridge::Sound;
use super::super::playout::Filled;
use super::super::rtp::{FRAME_MAX, HEADER, Marker, PACKET_MAX};
use super::super::telephone_event::{Frame, Press};
use super::super::{Codec, Fact, g711, samples};
use super::{Heard, Hearing, Leg, Link};
use crate::moment::Moment;

/// Frames that are overdue by more than this are left out: a burst would only overrun the listener's jitter buffer.
const CATCH_UP: Duration = Duration::from_millis(100);

/// What a frame carries.
enum Content {
    /// G.711 in the frame buffer.
    Prompt(Filled),
    /// The same, of the legs that are heard.
    Voice,
    /// The same, but silence.
    Silence,
    /// An event packet.
    Event {
        timestamp: u32,
        payload: [u8; 4],
        marker: Marker,
    },
}

impl Leg {
    /// Writes the packet that is due, if one is, and says where it goes. Tick again until it gives none.
    pub fn tick<'a>(&mut self, now: Moment, datagram: &'a mut [u8; PACKET_MAX]) -> Option<(SocketAddr, &'a [u8])> {
        self.report_silence(now);
        self.give_audio(now);
        let mut link = self.link?;
        if link.next_frame > now || !link.flow.listens() {
            return None;
        }
        if now.since(link.next_frame) > CATCH_UP {
            self.leave_out(now, &mut link);
        }

        let mut buffer = [0; FRAME_MAX];
        let frame = buffer.get_mut(..usize::from(link.frame))?;
        let content = self.fill(link, frame);
        let timestamp = self.outgoing.timestamp;
        let written = match content {
            Content::Prompt(_) | Content::Voice | Content::Silence => {
                let marker = std::mem::replace(&mut link.marker, Marker::GoesOn);
                self.outgoing
                    .write(link.codec.payload(), marker, timestamp, frame, datagram)
            }
            Content::Event {
                timestamp,
                payload,
                marker,
            } => {
                let payload_type = link.events.unwrap_or_default();
                self.outgoing.write(payload_type, marker, timestamp, &payload, datagram)
            }
        };
        let octets = written.map_or(0, |bytes| (bytes.len() - HEADER) as u32);
        self.packets_sent = self.packets_sent.saturating_add(1);
        self.octets_sent = self.octets_sent.wrapping_add(octets);
        if let Content::Prompt(_) | Content::Voice = content {
            self.keep_said(link.next_frame, link.codec, frame);
            self.share_told(link, frame);
        }
        if let Content::Prompt(Filled::Done) = content
            && let Some(playout) = self.playout.take()
        {
            self.tell(Fact::PromptDone { play: playout.play() });
        }
        self.outgoing.timestamp = timestamp.wrapping_add(u32::from(link.frame));
        link.next_frame += samples::duration(u64::from(link.frame));
        self.link = Some(link);
        written.map(|bytes| (link.latch.destination(), bytes))
    }

    fn fill(&mut self, link: Link, frame: &mut [u8]) -> Content {
        // What is not passed on now because something plays is over.
        let sound = self.take_heard(link, frame);
        if link.events.is_none() {
            self.presses.clear();
        }
        if self.press.is_none() {
            self.press = self
                .presses
                .pop_front()
                .map(|key| Press::new(key, self.outgoing.timestamp));
        }
        let pressed = self.press.as_mut().and_then(|press| press.next(link.frame));
        match pressed {
            Some(Frame::Event {
                timestamp,
                payload,
                marker,
            }) => {
                return Content::Event {
                    timestamp,
                    payload,
                    marker,
                };
            }
            Some(Frame::Pause) => {}
            None => {
                self.press = None;
                if let Some(playout) = &mut self.playout {
                    return Content::Prompt(playout.fill(link.codec, frame));
                }
                if sound == Sound::Heard {
                    return Content::Voice;
                }
            }
        }
        frame.fill(g711::silence(link.codec));
        Content::Silence
    }

    /// After a long pause of ours the timestamp goes on with the wall, and the prompt where it was.
    pub(super) fn leave_out(&mut self, now: Moment, link: &mut Link) {
        let frame_lasts = samples::duration(u64::from(link.frame));
        let overdue = now.since(link.next_frame).as_nanos() / frame_lasts.as_nanos().max(1);
        let overdue = u32::try_from(overdue).unwrap_or(u32::MAX);
        link.next_frame += frame_lasts.saturating_mul(overdue);
        link.marker = Marker::Begins;
        self.outgoing.timestamp = self
            .outgoing
            .timestamp
            .wrapping_add(u32::from(link.frame).wrapping_mul(overdue));
    }

    fn keep_said(&mut self, at: Moment, codec: Codec, frame: &[u8]) {
        if let Some(mix) = &mut self.mix {
            mix.put_us(samples::position(at), codec, frame);
        }
    }

    fn report_silence(&mut self, now: Moment) {
        let Some(link) = self.link else { return };
        if self.silent_at(link).is_none_or(|at| now < at) {
            return;
        }
        let (since, heard_before) = match link.hearing {
            Hearing::Nothing { since } => (since, Heard::Nothing),
            Hearing::Packets { latest } => (latest, Heard::Something),
            Hearing::Silence { .. } => return,
        };
        self.link = Some(Link {
            hearing: Hearing::Silence { heard_before },
            ..link
        });
        self.tell(Fact::Silent {
            silent_for: now.since(since),
        });
    }
}
