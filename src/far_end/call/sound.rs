//! The media of one call: packets judged, prompts recognised, the patient's own stream.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use crate::far_end::ear::{Ear, Event, Heard, Hearing};
use crate::far_end::g711::Law;
use crate::far_end::rtp::intake::{Counts, Intake};
use crate::far_end::rtp::outflow::{Outflow, Way};
use crate::far_end::rtp::voice::Voices;
use crate::far_end::script::{EarlySound, KeySender, Speech, Talk};
use crate::far_end::wire::description::Offer;
use crate::moment::Moment;
use crate::phone::Key;

use super::entry::{KeyEntry, PromptEntry, SilenceEntry};
use super::patient::{Act, Patient};

/// RTP that still comes this long after the end of the call is a mistake.
const GRACE: Duration = Duration::from_millis(200);

const A_FRAME: Duration = Duration::from_millis(20);

/// What every call of a far end shares.
#[derive(Clone)]
pub(crate) struct Studio {
    /// How patients tell prompts apart.
    pub(crate) hearing: Hearing,
    /// What patients sound like.
    pub(crate) voices: Arc<Voices>,
}

/// Something the patient does that needs signalling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// BYE.
    HangUp,
    /// This key by SIP INFO.
    Info(Key),
}

/// The media of one call, from the first description that we sent.
pub(super) struct Sound {
    pub(super) law: Law,
    pub(super) events: Option<u8>,
    studio: Studio,
    talk: Arc<Talk>,
    chance: ChaCha8Rng,
    intake: Intake,
    outflow: Outflow,
    ear: Option<Ear>,
    opened: Moment,
    answered: Option<Moment>,
    ended: Option<Moment>,
    patient: Option<Patient>,
    falls_silent: Option<Moment>,
    prompts: Vec<(Heard, Option<Moment>)>,
    keys: Vec<(Moment, KeyEntry)>,
    /// How many of them were told already.
    told: usize,
    pending: Vec<Event>,
}

/// Figures and events for the log.
pub(super) struct Figures {
    pub(super) prompts: Vec<PromptEntry>,
    pub(super) keys: Vec<KeyEntry>,
    pub(super) unrecognised_ms: u64,
    pub(super) silences: Vec<SilenceEntry>,
    pub(super) packets_sent: u64,
    pub(super) dropped: u64,
    pub(super) first_packet_ms: Option<u64>,
    pub(super) tail_ms: u64,
}

impl Sound {
    /// Media for an offer; none of its laws is ours if this gives none.
    pub(super) fn open(
        now: Moment,
        offer: &Offer,
        talk: &Arc<Talk>,
        studio: &Studio,
        mut chance: ChaCha8Rng,
    ) -> Option<Self> {
        let law = offer.law(talk.law)?;
        let events = offer.events.filter(|_| talk.sends == KeySender::TelephoneEvent);
        let noise = studio.voices.noise.clone();
        let mut outflow = Outflow::new(offer.address, law, events, noise, split(&mut chance));
        outflow.worsen(talk.loss, talk.jitter);
        Some(Self {
            law,
            events,
            studio: studio.clone(),
            talk: talk.clone(),
            intake: Intake::new(offer.address, law, events),
            outflow,
            ear: studio.hearing.ear(law),
            chance,
            opened: now,
            answered: None,
            ended: None,
            patient: None,
            falls_silent: None,
            prompts: Vec::new(),
            keys: Vec::new(),
            told: 0,
            pending: Vec::new(),
        })
    }

    /// Early media.
    pub(super) fn play(&mut self, sound: EarlySound) {
        self.outflow.play(self.studio.voices.early(sound).clone());
    }

    /// The patient lifts the handset.
    pub(super) fn answer(&mut self, now: Moment) {
        self.outflow.hush();
        self.answered = Some(now);
        if self.talk.speech == Speech::Hello {
            self.outflow.say(self.studio.voices.hello.clone());
        }
        self.falls_silent = self.talk.falls_silent.map(|span| now + span.draw(&mut self.chance));
        self.patient = Some(Patient::new(self.talk.clone(), split(&mut self.chance), now));
    }

    /// The call is over: nothing is sent any more.
    pub(super) fn end(&mut self, now: Moment) {
        self.ended = self.ended.or(Some(now));
        self.patient = None;
    }

    /// A datagram of the RTP port; the fault of one that came long after the end.
    pub(super) fn hear(&mut self, arrival: Moment, from: SocketAddr, datagram: &[u8]) -> Option<&'static str> {
        if let Some(ended) = self.ended
            && arrival > ended
        {
            return (arrival > ended + GRACE).then_some("RTP went on after the call");
        }
        let is_lost = self.outflow.loses();
        let piece = self.intake.take(arrival, from, datagram).filter(|_| !is_lost)?;
        if let Some(ear) = &mut self.ear {
            ear.take(piece.position, piece.octets, &mut self.pending);
        }
        None
    }

    /// Lets the patient act on what was heard; what needs signalling comes out.
    pub(super) fn act(&mut self, now: Moment) -> Vec<Wish> {
        self.listen(now);
        let mut wishes = Vec::new();
        let is_mute = self.is_mute(now);
        let Some(patient) = &mut self.patient else {
            return wishes;
        };
        while let Some(act) = patient.acts(now) {
            match act {
                Act::HangUp => wishes.push(Wish::HangUp),
                Act::Press(key, prompt) => {
                    let sent_as = match (self.talk.sends, self.outflow.events()) {
                        (KeySender::TelephoneEvent, Some(_)) | (KeySender::InBand, _) if is_mute => continue,
                        (KeySender::TelephoneEvent, Some(_)) => {
                            self.outflow.press(key, Way::Event);
                            "telephone-event"
                        }
                        (KeySender::InBand, _) => {
                            self.outflow.press(key, Way::Tones);
                            "in-band"
                        }
                        (KeySender::Info, _) | (KeySender::TelephoneEvent, None) => {
                            wishes.push(Wish::Info(key));
                            "info"
                        }
                    };
                    let after_prompt = prompt.to_string();
                    self.keys.push((
                        now,
                        KeyEntry {
                            key: key.as_char(),
                            at_ms: 0,
                            after_prompt,
                            sent_as,
                        },
                    ));
                }
            }
        }
        wishes
    }

    /// The keys that were pressed since this was asked last, with the prompts that they reply to.
    pub(super) fn fresh_keys(&mut self) -> Vec<(Moment, char, String)> {
        let fresh = self.keys.get(self.told..).unwrap_or_default();
        let fresh = fresh
            .iter()
            .map(|(at, key)| (*at, key.key, key.after_prompt.clone()))
            .collect();
        self.told = self.keys.len();
        fresh
    }

    /// The packets of this 20 ms and where they go.
    pub(super) fn send(&mut self, now: Moment) -> Vec<(SocketAddr, Vec<u8>)> {
        if self.is_mute(now) || self.ended.is_some() {
            return Vec::new();
        }
        let to = self.outflow.to();
        self.outflow.tick(now).into_iter().map(|packet| (to, packet)).collect()
    }

    /// What was counted of the caller's stream.
    pub(super) const fn counts(&self) -> &Counts {
        &self.intake.counts
    }

    /// Mistakes of the caller's stream that only show at the end.
    pub(super) fn faults(&self) -> BTreeMap<&'static str, u64> {
        let mut faults = self.intake.counts.faults.clone();
        let counts = &self.intake.counts;
        if let (Some(first), Some(last)) = (counts.first, counts.last) {
            let spoken = self.intake.samples() / 8;
            let took = millis(last.since(first)) + 20;
            if spoken > took + took / 50 + 100 {
                faults.insert("more audio than time passed", 1);
            }
        } else if self
            .answered
            .zip(self.ended)
            .is_some_and(|(a, e)| e.since(a) > Duration::from_secs(1))
        {
            faults.insert("no RTP at all", 1);
        }
        faults
    }

    /// Closes the books.
    pub(super) fn figures(&mut self, now: Moment) -> Figures {
        if let Some(ear) = &mut self.ear {
            ear.finish(&mut self.pending);
        }
        self.listen(now);
        let answered = self.answered.unwrap_or(self.opened);
        let counts = &self.intake.counts;
        let ended = self.ended.unwrap_or(now);
        let prompts = self.prompts.iter().map(|(heard, began)| PromptEntry {
            barged: !heard.whole && began.is_some_and(|began| self.was_pressed(began, heard.samples)),
            name: heard.name.to_string(),
            at_ms: signed_millis(began.unwrap_or(answered), answered),
            heard_ms: heard.samples / 8,
            whole: heard.whole,
            flaws: heard.flaws,
            or: heard.or.iter().map(ToString::to_string).collect(),
        });
        let keys = self.keys.iter().map(|(at, key)| KeyEntry {
            at_ms: millis(at.since(answered)),
            ..key.clone()
        });
        let silences = self.ear.iter().flat_map(|ear| ear.silences());
        let silences = silences.map(|(at, samples)| SilenceEntry {
            at_ms: signed_millis(self.intake.moment(at).unwrap_or(answered), answered),
            for_ms: samples / 8,
        });
        Figures {
            prompts: prompts.collect(),
            keys: keys.collect(),
            unrecognised_ms: self.ear.as_ref().map_or(0, |ear| ear.unrecognised() * 20),
            silences: silences.collect(),
            packets_sent: self.outflow.sent,
            dropped: self.outflow.dropped,
            first_packet_ms: counts.first.map(|first| millis(first.since(self.opened))),
            tail_ms: counts.last.map_or(0, |last| millis(ended.since(last))),
        }
    }

    fn listen(&mut self, now: Moment) {
        for event in std::mem::take(&mut self.pending) {
            match event {
                Event::Began { name, at } => {
                    let began = self.intake.moment(at);
                    if let Some(patient) = &mut self.patient {
                        patient.hears(now, &name, began.unwrap_or(now));
                    }
                }
                Event::Ended(heard) => {
                    if let Some(patient) = &mut self.patient {
                        patient.heard_out(now);
                    }
                    let began = self.intake.moment(heard.at);
                    self.prompts.push((heard, began));
                }
            }
        }
    }

    /// Whether nothing of the patient leaves by RTP: no key either.
    fn is_mute(&self, now: Moment) -> bool {
        self.talk.speech == Speech::Mute || self.falls_silent.is_some_and(|at| at <= now)
    }

    /// Whether a key was pressed while these samples played.
    fn was_pressed(&self, began: Moment, samples: u64) -> bool {
        let until = began + Duration::from_micros(samples * 125) + A_FRAME;
        self.keys.iter().any(|(at, _)| *at >= began && *at <= until)
    }
}

/// Whole milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds to a tenth.
pub(crate) fn tenths(duration: Duration) -> f64 {
    let tenths = u32::try_from(duration.as_micros() / 100).unwrap_or(u32::MAX);
    f64::from(tenths) / 10.0
}

fn signed_millis(at: Moment, zero: Moment) -> i64 {
    let forward = i64::try_from(millis(at.since(zero))).unwrap_or(i64::MAX);
    forward - i64::try_from(millis(zero.since(at))).unwrap_or(0)
}

fn split(chance: &mut ChaCha8Rng) -> ChaCha8Rng {
    use rand_chacha::rand_core::{Rng, SeedableRng};
    ChaCha8Rng::seed_from_u64(chance.next_u64())
}
