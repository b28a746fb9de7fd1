//! The facts that stand behind a disposition, as the trunks of `docs/outcomes.md` give them. The real rules judge them.

use super::chance::Chance;
use crate::dialplan::{End, Progress};
use crate::outcome::{CauseTable, Disposition, EndedBy, Facts, OurReason, classify};

/// Required questions of the questionnaire.
const REQUIRED: u32 = 5;

/// Facts that the rules judge as this disposition, and the rule.
pub(super) fn facts(disposition: Disposition, call_id: String, chance: &mut Chance) -> (Facts, &'static str) {
    let drawn = |chance: &mut Chance, from: u32, width: u64| from + u32::try_from(chance.below(width)).unwrap_or(0);
    let mut facts = Facts {
        call_id,
        provisional: vec![100, 183],
        pdd_ms: Some(drawn(chance, 1_200, 2_500)),
        early_media: true,
        ended_by: Some(EndedBy::FarEnd),
        ..Facts::default()
    };
    match shape(disposition) {
        Shape::Answered {
            end,
            keys,
            answered,
            talk,
        } => {
            facts.provisional = vec![100, 180];
            facts.final_status = Some(200);
            facts.phrase = "OK".to_owned();
            facts.ring_ms = Some(drawn(chance, 3_000, 22_000));
            let talk = drawn(chance, talk, u64::from(talk) / 2);
            facts.talk_ms = Some(talk);
            facts.packets_received = talk / 20;
            facts.survey = Some(Progress {
                keys,
                answered,
                required: REQUIRED,
                required_answered: answered.min(REQUIRED),
                end: Some(end),
                ..Progress::default()
            });
            if end != End::HungUp {
                facts.ended_by = Some(EndedBy::Us);
                facts.our_reason = Some(OurReason::Finished);
            }
        }
        Shape::RangOut => {
            facts.provisional = vec![100, 180];
            facts.final_status = Some(487);
            facts.phrase = "Request Terminated".to_owned();
            facts.ring_ms = Some(45_000);
            facts.ended_by = Some(EndedBy::Us);
            facts.our_reason = Some(OurReason::RingLimit);
        }
        Shape::Refused {
            status,
            phrase,
            q850,
            rang,
        } => {
            facts.final_status = Some(status);
            facts.phrase = phrase.to_owned();
            facts.reasons = vec![format!("Q.850;cause={q850}")];
            facts.q850 = Some(q850);
            if rang {
                facts.provisional = vec![100, 180];
                facts.ring_ms = Some(drawn(chance, 4_000, 14_000));
            }
        }
    }
    let rule = classify(&facts, &CauseTable::default()).rule;
    (facts, rule)
}

enum Shape {
    Answered {
        end: End,
        keys: u32,
        answered: u32,
        /// At least so many milliseconds, and half as many more at most.
        talk: u32,
    },
    RangOut,
    Refused {
        status: u16,
        phrase: &'static str,
        q850: u8,
        rang: bool,
    },
}

fn shape(disposition: Disposition) -> Shape {
    let answered = |end, keys, answered, talk| Shape::Answered {
        end,
        keys,
        answered,
        talk,
    };
    let refused = |status, phrase, q850| Shape::Refused {
        status,
        phrase,
        q850,
        rang: false,
    };
    match disposition {
        Disposition::Completed => answered(End::Completed, 6, REQUIRED, 60_000),
        Disposition::Partial => answered(End::HungUp, 4, 3, 30_000),
        Disposition::Refused => answered(End::Refused, 2, 0, 14_000),
        Disposition::OptOut => answered(End::OptedOut, 1, 0, 12_000),
        Disposition::ThirdParty => answered(End::ThirdParty, 1, 0, 16_000),
        Disposition::WrongNumber => answered(End::WrongNumber, 1, 0, 15_000),
        Disposition::BreakOff => answered(End::HungUp, 1, 0, 18_000),
        Disposition::EarlyHangup => answered(End::HungUp, 0, 0, 3_000),
        // What a voicemail looks like until somebody listens.
        Disposition::Silent
        | Disposition::Assistant
        | Disposition::Fax
        | Disposition::Appointment
        | Disposition::Deceased
        | Disposition::Incapable
        | Disposition::Language => answered(End::Silent, 0, 0, 26_000),
        Disposition::NoAnswer => Shape::RangOut,
        Disposition::Busy => refused(486, "Busy Here", 17),
        Disposition::Rejected => Shape::Refused {
            status: 603,
            phrase: "Decline",
            q850: 21,
            rang: true,
        },
        Disposition::PowerOff => refused(480, "Temporarily Unavailable", 20),
        Disposition::Suspended => refused(403, "Forbidden", 50),
        Disposition::Vacant => refused(404, "Not Found", 1),
        Disposition::NumberChanged => refused(410, "Gone", 22),
        Disposition::BarredIn => refused(403, "Forbidden", 55),
        Disposition::Blocked => refused(607, "Unwanted", 21),
        Disposition::CallerIdBad => refused(403, "Forbidden", 57),
        Disposition::Misdialled => refused(484, "Address Incomplete", 28),
        Disposition::OwnLineFault => refused(503, "Service Unavailable", 52),
        Disposition::NetworkBusy | Disposition::Interrupted | Disposition::Cancelled => {
            refused(503, "Service Unavailable", 34)
        }
        Disposition::Unreachable | Disposition::ForwardedFail | Disposition::Unknown => {
            refused(480, "Temporarily Unavailable", 27)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::populate::chance::Stream;

    #[test]
    fn the_rules_judge_the_facts_as_the_disposition_that_they_were_made_for() {
        let unjudged = [
            // Only people say these.
            Disposition::Appointment,
            Disposition::Deceased,
            Disposition::Incapable,
            Disposition::Language,
            Disposition::Assistant,
            Disposition::Fax,
            // These need more than a final response.
            Disposition::ForwardedFail,
            Disposition::Interrupted,
            Disposition::Cancelled,
            Disposition::Unknown,
        ];
        for &disposition in Disposition::ALL.iter().filter(|one| !unjudged.contains(one)) {
            let mut chance = Chance::of(1, Stream::Attempt, 1);
            let (facts, rule) = facts(disposition, String::new(), &mut chance);
            let verdict = classify(&facts, &CauseTable::default());
            assert_eq!((verdict.disposition, verdict.rule), (disposition, rule), "{facts:?}");
        }
    }
}
