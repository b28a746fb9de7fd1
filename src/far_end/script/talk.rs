//! What a patient does once the call is answered: keys by prompt heard, how they are sent, when the line goes dead.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use crate::document::{Faults, Place, Table};
use crate::far_end::g711::Law;
use crate::phone::Key;

use super::read::span;
use super::{Pattern, Span};

const ANSWER_KEYS: &[&str] = &["on", "press", "after", "barge_in"];
const HANG_UP_KEYS: &[&str] = &["on", "after", "at"];
const SENDERS: &[(&str, KeySender)] = &[
    ("telephone-event", KeySender::TelephoneEvent),
    ("info", KeySender::Info),
    ("in-band", KeySender::InBand),
];
const SPEECHES: &[(&str, Speech)] = &[
    ("hello", Speech::Hello),
    ("noise", Speech::Noise),
    ("none", Speech::Mute),
];
const CODECS: &[(&str, Law)] = &[("pcma", Law::Pcma), ("pcmu", Law::Pcmu)];

/// The intentions of a patient.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    own: Replies,
    shared: Replies,
    /// From the end of a prompt to the key.
    press_after: Span,
    /// From the beginning of a prompt to the key, for replies that name their prompt.
    barge_in: Option<Span>,
    /// When the patient hangs up.
    pub(crate) hang_ups: Vec<HangUp>,
    /// How keys are sent.
    pub(crate) sends: KeySender,
    /// What is said between keys.
    pub(crate) speech: Speech,
    /// The codec to choose if it was offered.
    pub(crate) law: Option<Law>,
    /// When the patient's RTP stops, from the answer.
    pub(crate) falls_silent: Option<Span>,
    /// Packets lost in both directions, in 1/1000.
    pub(crate) loss: u32,
    /// Packets are sent up to this much late.
    pub(crate) jitter: Duration,
}

/// Replies by prompt, and the one to every other prompt.
#[derive(Clone, Debug, Default)]
pub(super) struct Replies {
    named: Vec<Reply>,
    default: Option<Reply>,
}

/// The keys for one prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Reply {
    /// Prompts that it answers.
    on: Pattern,
    /// What is pressed the first, second … time that the prompt is heard; the last one repeats.
    presses: Vec<Press>,
    /// From the end of the prompt to the key, if not the patient's usual pause.
    after: Option<Span>,
    /// From the beginning of the prompt to the key.
    barge_in: Option<Span>,
}

/// Keys pressed one after another; none means that the patient lets it pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Press(Vec<Key>);

/// What a reply comes to for one hearing of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Intention {
    /// The keys.
    pub(crate) keys: Vec<Key>,
    /// When, seen from the prompt.
    pub(crate) when: When,
    /// Whether the script named the prompt.
    pub(crate) is_named: bool,
}

/// The time of an intention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// This long after the prompt began.
    AfterBeginning(Duration),
    /// This long after the prompt ended.
    AfterEnd(Duration),
}

/// When a patient hangs up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HangUp {
    /// This long after a prompt began.
    On(Pattern, Span),
    /// This long after the answer.
    At(Span),
}

/// How keys leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeySender {
    /// RFC 4733; SIP INFO if the caller did not offer it.
    TelephoneEvent,
    /// SIP INFO with application/dtmf-relay.
    Info,
    /// Tones in the audio.
    InBand,
}

/// What the patient's stream carries between keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    /// A hello, then low noise.
    Hello,
    /// Low noise.
    Noise,
    /// No RTP at all.
    Mute,
}

impl Default for Talk {
    fn default() -> Self {
        Self {
            own: Replies::default(),
            shared: Replies::default(),
            press_after: Span::millis(600),
            barge_in: None,
            hang_ups: Vec::new(),
            sends: KeySender::TelephoneEvent,
            speech: Speech::Hello,
            law: None,
            falls_silent: None,
            loss: 0,
            jitter: Duration::ZERO,
        }
    }
}

impl Talk {
    /// What the patient intends when it hears a prompt for the `time`th time (from 0). A behaviour's own replies go
    /// before the script's, exact names before wildcards, and the longer wildcard before the shorter.
    pub(crate) fn intention(&self, prompt: &str, time: usize, chance: &mut ChaCha8Rng) -> Option<Intention> {
        let (reply, is_named) = self.own.to(prompt).or_else(|| self.shared.to(prompt))?;
        let press = reply.presses.get(time).or(reply.presses.last())?;
        let barge_in = reply
            .barge_in
            .or(self.barge_in.filter(|_| is_named && reply.after.is_none()));
        let when = match barge_in {
            Some(span) => When::AfterBeginning(span.draw(chance)),
            None => When::AfterEnd(reply.after.unwrap_or(self.press_after).draw(chance)),
        };
        Some(Intention {
            keys: press.0.clone(),
            when,
            is_named,
        })
    }
}

impl Replies {
    fn to(&self, prompt: &str) -> Option<(&Reply, bool)> {
        let fitting = self.named.iter().filter(|r| r.on.fits(prompt));
        // Of equals the first in the script wins.
        let best = fitting.rev().max_by_key(|r| (r.on.is_exact(), r.on.weight()));
        best.map(|r| (r, true)).or(self.default.as_ref().map(|r| (r, false)))
    }
}

/// A table of keys by prompt name: `identity = "1"`, `treatment = ["9", "2"]`, `default = "none"`.
pub(super) fn replies(table: &Table<'_>, faults: &mut Faults) -> Replies {
    let mut replies = Replies::default();
    for (prompt, _) in table.keys() {
        let presses = presses(table, prompt, faults);
        let reply = Reply {
            on: Pattern::new(prompt),
            presses,
            after: None,
            barge_in: None,
        };
        if prompt == "default" {
            replies.default = Some(reply);
        } else {
            replies.named.push(reply);
        }
    }
    replies
}

/// What a behaviour says about the answered call.
pub(super) fn talk(table: &Table<'_>, shared: &Replies, faults: &mut Faults) -> Talk {
    let mut own = table
        .optional_table("keys", faults)
        .map(|t| replies(&t, faults))
        .unwrap_or_default();
    let answers = table.tables("answer", faults);
    let answers: Vec<Reply> = answers.iter().filter_map(|t| answer(t, faults)).collect();
    own.named.splice(0..0, answers);
    let hang_ups = table.tables("hang_up", faults);
    let loss = table.optional_float("loss", 0.0..=1.0, faults).unwrap_or(0.0);
    let jitter = Duration::ZERO..=Duration::from_millis(500);
    Talk {
        own,
        shared: shared.clone(),
        press_after: span(table, "press_after", faults).unwrap_or(Span::millis(600)),
        barge_in: span(table, "barge_in", faults),
        hang_ups: hang_ups.iter().filter_map(|t| hang_up(t, faults)).collect(),
        sends: table
            .optional_one_of("sends", SENDERS, faults)
            .unwrap_or(KeySender::TelephoneEvent),
        speech: table
            .optional_one_of("speech", SPEECHES, faults)
            .unwrap_or(Speech::Hello),
        law: table.optional_one_of("codec", CODECS, faults),
        falls_silent: span(table, "falls_silent", faults),
        loss: per_mille(loss),
        jitter: table.optional_duration("jitter", jitter, faults).unwrap_or_default(),
    }
}

fn answer(table: &Table<'_>, faults: &mut Faults) -> Option<Reply> {
    table.unknown_keys(ANSWER_KEYS, faults);
    let on = table.required_str("on", faults);
    if !table.has("press") {
        faults.error(table.place(), "`press` is missing; expected keys, or \"none\"");
    }
    let (after, barge_in) = (span(table, "after", faults), span(table, "barge_in", faults));
    if after.is_some() && barge_in.is_some() {
        faults.error(
            table.place_of("after"),
            "both `after` (the prompt's end) and `barge_in` (its beginning)",
        );
    }
    Some(Reply {
        on: Pattern::new(on?),
        presses: presses(table, "press", faults),
        after,
        barge_in,
    })
}

fn hang_up(table: &Table<'_>, faults: &mut Faults) -> Option<HangUp> {
    table.unknown_keys(HANG_UP_KEYS, faults);
    let (on, at) = (table.optional_str("on", faults), span(table, "at", faults));
    let after = span(table, "after", faults);
    match (on, at) {
        (Some(on), None) => Some(HangUp::On(Pattern::new(on), after.unwrap_or(Span::millis(1_000)))),
        (None, Some(at)) if after.is_none() => Some(HangUp::At(at)),
        _ => {
            let expected = "expected `on` (a prompt) with `after`, or `at` (since the answer)";
            faults.error(table.place(), format!("when to hang up is not clear; {expected}"));
            None
        }
    }
}

fn presses(table: &Table<'_>, key: &str, faults: &mut Faults) -> Vec<Press> {
    let texts = table.strings(key, faults).into_iter();
    texts.filter_map(|(text, place)| press(text, place, faults)).collect()
}

fn press(text: &str, place: Place, faults: &mut Faults) -> Option<Press> {
    if text == "none" {
        return Some(Press::default());
    }
    let keys: Option<Vec<Key>> = text.chars().map(Key::from_char).collect();
    if keys.is_none() {
        faults.error(
            place,
            format!("\"{text}\" are no keys; expected 0-9, *, #, A-D, or \"none\""),
        );
    }
    keys.map(Press)
}

fn per_mille(share: f64) -> u32 {
    (0..=1_000).find(|&m| f64::from(m) >= share * 1_000.0).unwrap_or(1_000)
}
