//! What happened during a call, in milliseconds of its recording: prompts, keys, answers, silences.

use serde::Serialize;
use utoipa::ToSchema;

use crate::dialplan::{self, Dialplan};
use crate::outcome::{Facts, Hearing, PlayEnd, Played};
use crate::store::console::LOW;
use crate::store::console::timeline::{CallAnswer, CallKey, CallRecord};

/// A pause between a prompt and what follows is a silence from here on.
const SILENCE_MS: i64 = 3_000;

/// What happened, on the time scale of the recording: 0 is the answer, and what rang before it lies before 0.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Timeline {
    /// Before the answer.
    ringing: Ringing,
    /// How long the scale is: the recording, else the talk.
    length_ms: i64,
    /// Whether the times of prompts were noted. Calls from before that have none; then a key says at least what played.
    prompts_known: bool,
    prompts: Vec<PromptBar>,
    keys: Vec<KeyMark>,
    answers: Vec<AnswerLine>,
    silences: Vec<Stretch>,
    spoken: Vec<Spoken>,
    /// Where the recording is silent on both sides because it was paused. The scale goes on: what comes after keeps its time.
    paused: Vec<Stretch>,
}

/// What came before the answer.
#[derive(Debug, Serialize, ToSchema)]
struct Ringing {
    /// From the INVITE to the first ringing.
    delay_ms: Option<u32>,
    /// From there to the answer.
    ring_ms: Option<u32>,
    /// The network played something before the answer.
    early_media: bool,
}

/// A stretch of prompts.
#[derive(Debug, Serialize, ToSchema)]
struct PromptBar {
    from_ms: i64,
    to_ms: i64,
    /// When it would have been over had no key stopped it, reckoned from its text and the pace of the voice in this call;
    /// `to_ms` where it played to its end. None where the text is not known.
    whole_to_ms: Option<i64>,
    /// The question that it asks, if it asks one.
    question: Option<String>,
    /// A few words for it: the question's title, else the first prompt's name.
    title: String,
    /// The prompts, one after the other.
    prompts: Vec<PromptText>,
    end: PromptEnd,
    /// The question had been asked before.
    repeated: bool,
}

/// A prompt and what it says.
#[derive(Debug, Serialize, ToSchema)]
struct PromptText {
    name: String,
    text: Option<String>,
}

/// How a stretch of prompts ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PromptEnd {
    /// Played to its end.
    Whole,
    /// The patient pressed a key into it.
    BargedIn,
    /// Something else was to be said.
    Replaced,
    /// The call was over.
    CallOver,
}

/// A key press.
#[derive(Debug, Serialize, ToSchema)]
struct KeyMark {
    /// Its place, from 1.
    seq: i64,
    key: String,
    at_ms: i64,
    source: KeySource,
    /// The question that was open.
    question: Option<String>,
    /// The prompt that played: barge-in.
    during: Option<String>,
}

/// How a key came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum KeySource {
    /// As an RTP event (RFC 4733).
    RtpEvent,
    /// As a SIP INFO.
    Info,
    /// As tones.
    InBand,
    /// No key at all: an agent clicked or typed the answer.
    Agent,
}

impl KeySource {
    fn of(word: &str) -> Self {
        match word {
            "info" => Self::Info,
            "in_band" => Self::InBand,
            _ => Self::RtpEvent,
        }
    }
}

/// An answer as a row of the table.
#[derive(Debug, Serialize, ToSchema)]
struct AnswerLine {
    /// The question's id in the dialplan.
    question: String,
    /// What it asks, in a few words.
    title: String,
    /// Whether it asks who is there.
    screening: bool,
    kind: AnswerKind,
    /// The keys that made it; empty where none did.
    key: String,
    value: Option<i64>,
    /// What it means.
    label: Option<String>,
    /// What it is worth, 0 to 100; none where the question has no scale.
    points: Option<i64>,
    low: bool,
    /// The key, or where what was said begins.
    at_ms: i64,
    /// From the end of the prompt to the key; negative: the key came before it, counted from where the prompt would have
    /// ended (`whole_to_ms`). None where the prompt's time was not noted.
    reaction_ms: Option<i64>,
    /// How the key came; none without one.
    source: Option<KeySource>,
    /// How often the question had been asked by then, from 1; none where it was not noted.
    hearing: Option<u64>,
    /// The prompt still played.
    barged_in: bool,
    /// The key came before its option had been named, and no earlier question had named it: it may be a guess. Barging in
    /// alone is none.
    early: bool,
    /// Where what was said is.
    spoken: Option<Stretch>,
}

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CallAnswerKind)]
enum AnswerKind {
    /// A value.
    Value,
    /// The question was refused.
    Refused,
    /// No key came.
    Silent,
    /// Only keys that the question does not take.
    Invalid,
}

/// A stretch of the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
struct Stretch {
    from_ms: i64,
    to_ms: i64,
}

/// A spoken answer.
#[derive(Debug, Serialize, ToSchema)]
struct Spoken {
    question: String,
    title: String,
    from_ms: i64,
    to_ms: i64,
}

impl Timeline {
    pub(super) fn of(call: &CallRecord, keys: &[CallKey], answers: &[CallAnswer]) -> Self {
        let plan = dialplan::parse(&call.dialplan.text).ok();
        let facts = call.facts.clone().unwrap_or_default();
        let talk_ms = call
            .answered
            .zip(call.ended)
            .map(|(from, to)| to.millis() - from.millis());
        let recorded_ms = call.recording.as_ref().map(|recording| recording.duration_ms);
        let length_ms = recorded_ms.or(talk_ms).unwrap_or_default().max(0);
        let prompts = bars(&facts.played, plan.as_ref());
        let told = Told {
            plan: plan.as_ref(),
            played: &facts.played,
            prompts: &prompts,
            keys,
            answered: call.answered.map_or(0, crate::moment::Wall::millis),
            length_ms,
        };
        Self {
            ringing: ringing(&facts),
            length_ms,
            prompts_known: !prompts.is_empty(),
            keys: keys.iter().map(mark).collect(),
            answers: answers.iter().map(|answer| told.line(answer)).collect(),
            silences: told.silences(),
            spoken: answers.iter().filter_map(|answer| told.spoken(answer)).collect(),
            paused: paused(call),
            prompts,
        }
    }
}

fn paused(call: &CallRecord) -> Vec<Stretch> {
    let pauses = call.recording.iter().flat_map(|recording| &recording.pauses);
    pauses.map(|&(from_ms, to_ms)| Stretch { from_ms, to_ms }).collect()
}

fn ringing(facts: &Facts) -> Ringing {
    Ringing {
        delay_ms: facts.pdd_ms,
        ring_ms: facts.ring_ms,
        early_media: facts.early_media,
    }
}

fn mark(key: &CallKey) -> KeyMark {
    KeyMark {
        seq: key.seq,
        key: key.key.as_char().to_string(),
        at_ms: key.at_ms,
        source: KeySource::of(&key.source),
        question: key.question.clone(),
        during: key.during.clone(),
    }
}

/// The name of a prompt without its language.
fn bare(prompt: &str) -> &str {
    prompt.split_once('/').map_or(prompt, |(_, name)| name)
}

fn bars(played: &[Played], plan: Option<&Dialplan>) -> Vec<PromptBar> {
    let hearing = plan.map(|plan| Hearing::new(plan, played));
    let mut bars: Vec<PromptBar> = Vec::with_capacity(played.len());
    for play in played {
        let question = hearing.and_then(|hearing| hearing.asked(play));
        let repeated = question.is_some_and(|asked| {
            bars.iter()
                .any(|bar| bar.question.as_deref() == Some(asked.id.as_str()))
        });
        let first = play.prompts.first().map_or("", |prompt| bare(prompt));
        let prompts = play.prompts.iter().map(|name| PromptText {
            name: name.clone(),
            text: plan.and_then(|plan| plan.shown_text(name)),
        });
        bars.push(PromptBar {
            from_ms: i64::from(play.from_ms),
            to_ms: i64::from(play.to_ms),
            whole_to_ms: hearing.and_then(|hearing| hearing.ends_ms(play)).map(i64::from),
            question: question.map(|asked| asked.id.clone()),
            title: question.map_or(first, |asked| &asked.title).to_owned(),
            prompts: prompts.collect(),
            end: match play.end {
                PlayEnd::Whole => PromptEnd::Whole,
                PlayEnd::Key => PromptEnd::BargedIn,
                PlayEnd::Replaced => PromptEnd::Replaced,
                PlayEnd::CallOver => PromptEnd::CallOver,
            },
            repeated,
        });
    }
    bars
}

/// What lines are told from.
struct Told<'t> {
    plan: Option<&'t Dialplan>,
    played: &'t [Played],
    prompts: &'t [PromptBar],
    keys: &'t [CallKey],
    /// When it was answered, in milliseconds since 1970.
    answered: i64,
    length_ms: i64,
}

impl Told<'_> {
    fn title(&self, question: &str) -> String {
        let found = self.plan.and_then(|plan| plan.question(question));
        found.map_or_else(|| question.to_owned(), |found| found.title.clone())
    }

    fn line(&self, answer: &CallAnswer) -> AnswerLine {
        let own: Vec<&CallKey> = self
            .keys
            .iter()
            .filter(|key| key.question.as_deref() == Some(answer.question.as_str()) && key.seq <= answer.keep_seq)
            .collect();
        // The last keys made it; what came before was not taken.
        let by_agent = answer.source == "agent";
        // What an agent clicked was not pressed.
        let keys = if by_agent { 0 } else { answer.keys.chars().count() };
        let made = own.iter().rev().take(keys).copied();
        let (last, first) = (made.clone().next(), made.clone().last());
        let spoken = answer.audio_from_ms.zip(answer.audio_to_ms);
        let spoken = spoken.map(|(from_ms, to_ms)| Stretch { from_ms, to_ms });
        let written = (answer.at - self.answered).clamp(0, self.length_ms.max(0));
        let at_ms = last
            .map(|key| key.at_ms)
            .or(spoken.map(|spoken| spoken.from_ms))
            .unwrap_or(written);
        let mut asked = self.prompts.iter().filter(|bar| {
            bar.question.as_deref() == Some(answer.question.as_str())
                && bar.from_ms <= first.map_or(at_ms, |key| key.at_ms)
        });
        let hearing = asked.clone().count() as u64;
        let prompt = asked.next_back();
        let barged_in = first.is_some_and(|key| key.during.is_some());
        let reaction_ms = prompt.zip(first).map(|(bar, key)| {
            if barged_in {
                // The prompt stops as soon as the key is heard: counted is from where it would have ended.
                (key.at_ms - bar.whole_to_ms.unwrap_or(bar.to_ms)).min(-1)
            } else {
                key.at_ms - bar.to_ms
            }
        });
        let question = self.plan.and_then(|plan| plan.question(&answer.question));
        let low = answer.points.is_some_and(|points| points <= LOW);
        AnswerLine {
            question: answer.question.clone(),
            title: self.title(&answer.question),
            screening: question.is_some_and(|question| question.screening),
            kind: match answer.kind.as_str() {
                "refused" => AnswerKind::Refused,
                "silent" => AnswerKind::Silent,
                "invalid" => AnswerKind::Invalid,
                _ => AnswerKind::Value,
            },
            key: answer.keys.clone(),
            value: answer.value,
            label: answer.label.clone(),
            points: answer.points,
            low,
            at_ms,
            reaction_ms,
            source: match by_agent {
                true => Some(KeySource::Agent),
                false => last.map(|key| KeySource::of(&key.source)),
            },
            hearing: (hearing > 0).then_some(hearing),
            barged_in,
            early: barged_in
                && self.plan.zip(first).is_some_and(|(plan, key)| {
                    Hearing::new(plan, self.played).is_early(&answer.question, key.key.as_char(), key.at_ms)
                }),
            spoken,
        }
    }

    fn spoken(&self, answer: &CallAnswer) -> Option<Spoken> {
        Some(Spoken {
            question: answer.question.clone(),
            title: self.title(&answer.question),
            from_ms: answer.audio_from_ms?,
            to_ms: answer.audio_to_ms?,
        })
    }

    /// The pauses after prompts that were waited out without a key.
    fn silences(&self) -> Vec<Stretch> {
        let ends = self
            .prompts
            .iter()
            .skip(1)
            .map(|bar| bar.from_ms)
            .chain([self.length_ms]);
        let pauses = self.prompts.iter().zip(ends);
        pauses
            .filter(|(bar, _)| bar.end == PromptEnd::Whole && bar.question.is_some())
            .map(|(bar, to_ms)| Stretch {
                from_ms: bar.to_ms,
                to_ms,
            })
            .filter(|pause| pause.to_ms - pause.from_ms >= SILENCE_MS)
            .filter(|pause| {
                !self
                    .keys
                    .iter()
                    .any(|key| (pause.from_ms..=pause.to_ms).contains(&key.at_ms))
            })
            .collect()
    }
}
