//! Calls as timed behaviours: what the patient does becomes the facts that a real call would have left.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use super::bearing::{Bearing, Forwarded, Refusal};
use super::book::OptedOut;
use super::talk::Questionnaire;
use crate::dialer::RingLimits;
use crate::dialplan::Session;
use crate::outcome::{EndedBy, Facts, OurReason};

/// How a call went, from its INVITE to its end.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) lasts: Duration,
    pub(super) facts: Facts,
    pub(super) opted_out: OptedOut,
    /// What the patient said, as `question=answer`, for the trace.
    pub(super) said: String,
    pub(super) unfinished: Option<Session>,
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

impl Course {
    /// One call to somebody who bears so.
    pub(super) fn of(
        bearing: Bearing,
        ring_limits: RingLimits,
        questionnaire: Option<&Questionnaire>,
        unfinished: Option<Session>,
        chance: &mut ChaCha8Rng,
    ) -> Self {
        match bearing {
            Bearing::RingsOut { delay } => Self::given_up(delay, ring_limits),
            Bearing::Answers { delay, ring, .. } if limit(delay, ring_limits) <= delay + ring => {
                Self::given_up(delay, ring_limits)
            }
            Bearing::Refuses(refusal) if limit_of(refusal, ring_limits) <= refusal.after => {
                Self::given_up_on(refusal, ring_limits)
            }
            Bearing::Refuses(refusal) => Self::refused(refusal),
            Bearing::Answers { delay, ring, manner } => {
                let mut facts = Facts {
                    provisional: vec![100, 180],
                    final_status: Some(200),
                    pdd_ms: Some(millis(delay)),
                    ring_ms: Some(millis(ring)),
                    ..Facts::default()
                };
                let Some(questionnaire) = questionnaire else {
                    facts.ended_by = Some(EndedBy::Us);
                    facts.our_reason = Some(OurReason::OwnFault);
                    facts.talk_ms = Some(0);
                    return Self::without_talk(delay + ring, facts);
                };
                let talked = questionnaire.talk(unfinished, manner, chance);
                facts.talk_ms = Some(millis(talked.lasts));
                facts.ended_by = Some(talked.ended_by);
                facts.our_reason = talked.our_reason;
                facts.survey = Some(talked.progress);
                facts.packets_received = millis(talked.lasts) / 20;
                let opts_out = talked.heard.iter().any(|heard| heard.opts_out);
                Self {
                    lasts: delay + ring + talked.lasts,
                    facts,
                    opted_out: if opts_out { OptedOut::Yes } else { OptedOut::No },
                    said: said(&talked.heard),
                    unfinished: talked.unfinished,
                }
            }
        }
    }

    fn without_talk(lasts: Duration, facts: Facts) -> Self {
        Self {
            lasts,
            facts,
            opted_out: OptedOut::No,
            said: String::new(),
            unfinished: None,
        }
    }

    /// It rang, and we cancelled.
    fn given_up(delay: Duration, limits: RingLimits) -> Self {
        let lasts = limit(delay, limits);
        let rang = (delay <= lasts).then(|| lasts.saturating_sub(delay));
        let provisional = if rang.is_some() { vec![100, 180] } else { vec![100] };
        let facts = Facts {
            provisional,
            final_status: Some(487),
            phrase: "Request Terminated".to_owned(),
            pdd_ms: rang.map(|_| millis(delay)),
            ring_ms: rang.map(millis),
            ended_by: Some(EndedBy::Us),
            our_reason: Some(OurReason::RingLimit),
            ..Facts::default()
        };
        Self::without_talk(lasts, facts)
    }

    /// The network was slower with its word than we with ours.
    fn given_up_on(refusal: Refusal, limits: RingLimits) -> Self {
        let delay = refusal.rings_after.unwrap_or(Duration::MAX);
        Self::given_up(delay, limits)
    }

    fn refused(refusal: Refusal) -> Self {
        let mut provisional = vec![100];
        provisional.extend((refusal.forwarded == Forwarded::Yes).then_some(181));
        provisional.extend(refusal.rings_after.map(|_| 180));
        let facts = Facts {
            provisional,
            final_status: Some(refusal.status),
            reasons: refusal
                .q850
                .map(|cause| format!("Q.850;cause={cause}"))
                .into_iter()
                .collect(),
            q850: refusal.q850,
            pdd_ms: refusal.rings_after.map(millis),
            ring_ms: refusal
                .rings_after
                .map(|rings| millis(refusal.after.saturating_sub(rings))),
            ended_by: Some(EndedBy::FarEnd),
            ..Facts::default()
        };
        Self::without_talk(refusal.after, facts)
    }
}

/// INVITE to our CANCEL, for a call that begins to ring after `delay`.
fn limit(delay: Duration, limits: RingLimits) -> Duration {
    limits.from_invite.min(delay.saturating_add(limits.from_ringing))
}

fn limit_of(refusal: Refusal, limits: RingLimits) -> Duration {
    limit(refusal.rings_after.unwrap_or(limits.from_invite), limits)
}

fn said(heard: &[crate::dialplan::Heard]) -> String {
    let mut text = String::new();
    for one in heard {
        text.push(' ');
        text.push_str(&one.question);
        text.push('=');
        text.push_str(&one.keys);
    }
    text
}
