//! From facts to a disposition: the first row of the table that holds.

use super::rules::{Decides, NOTHING_KNOWN, RULES, Rule};
use super::{CauseTable, Disposition, EndedBy, Facts, LocalFault, OurReason};
use crate::dialplan::{End, Progress};

/// What an attempt came to, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The disposition.
    pub disposition: Disposition,
    /// The rule that fired, by its name in docs/outcomes.md.
    pub rule: &'static str,
    /// What the rule saw, in English: half a sentence, lower-case.
    pub why: &'static str,
    /// The same in Chinese.
    pub why_zh: &'static str,
}

/// Judges an attempt. Total: facts that no rule knows are `unknown`.
///
/// `overrides` is the cause table of the trunk that carried the call.
pub fn classify(facts: &Facts, overrides: &CauseTable) -> Verdict {
    let seen = Seen { facts, overrides };
    let verdict = |rule: &Rule, disposition| Verdict {
        disposition,
        rule: rule.id,
        why: rule.en,
        why_zh: rule.zh,
    };
    for rule in RULES {
        match rule.decides {
            Decides::Always(disposition) if (rule.when)(&seen) => return verdict(rule, disposition),
            Decides::Always(_) => {}
            Decides::TheTrunk if (rule.when)(&seen) => {
                if let Some(disposition) = seen.trunk_says() {
                    return verdict(rule, disposition);
                }
            }
            Decides::TheTrunk => {}
            Decides::WhatWasKept if (rule.when)(&seen) => return verdict(rule, seen.kept_says()),
            Decides::WhatWasKept => {}
            Decides::TheAgent if (rule.when)(&seen) => {
                if let Some(disposition) = seen.agent_says() {
                    return verdict(rule, disposition);
                }
            }
            Decides::TheAgent => {}
        }
    }
    verdict(&NOTHING_KNOWN, Disposition::Unknown)
}

/// The phone rang at least this long when somebody may be said to have seen the call; less is signalling noise.
const RANG_MS: u32 = 2_000;

/// Who has not declined after this much ringing is not there: what follows is the network giving up.
const RANG_OUT_MS: u32 = 30_000;

/// The facts as the rules ask about them.
pub(super) struct Seen<'a> {
    facts: &'a Facts,
    overrides: &'a CauseTable,
}

impl Seen<'_> {
    pub(super) fn answered(&self) -> bool {
        self.facts
            .final_status
            .is_some_and(|status| (200..300).contains(&status))
            || self.facts.talk_ms.is_some()
    }

    pub(super) fn status(&self, wanted: &[u16]) -> bool {
        !self.answered() && self.facts.final_status.is_some_and(|status| wanted.contains(&status))
    }

    pub(super) fn status_within(&self, range: std::ops::RangeInclusive<u16>) -> bool {
        !self.answered() && self.facts.final_status.is_some_and(|status| range.contains(&status))
    }

    pub(super) fn refused_by_far_end(&self) -> bool {
        self.status_within(300..=699)
    }

    pub(super) fn no_final(&self) -> bool {
        !self.answered() && self.facts.final_status.is_none()
    }

    pub(super) fn q850(&self, wanted: &[u8]) -> bool {
        !self.answered() && self.facts.q850.is_some_and(|value| wanted.contains(&value))
    }

    /// The Reason of the BYE (or of a response) names trouble of the network, not a person who hung up.
    pub(super) fn dropped_by_network(&self) -> bool {
        const TROUBLE: &[u8] = &[25, 27, 34, 38, 41, 42, 44, 46, 47, 102];
        self.hung_up() && self.facts.q850.is_some_and(|value| TROUBLE.contains(&value))
    }

    pub(super) fn we(&self, reason: OurReason) -> bool {
        self.facts.our_reason == Some(reason)
    }

    pub(super) fn local(&self, fault: LocalFault) -> bool {
        !self.answered() && self.facts.local == Some(fault)
    }

    /// The far end gave no final response of its own: none at all, or the 487 that our CANCEL asks for.
    pub(super) fn only_our_word(&self) -> bool {
        !self.answered() && matches!(self.facts.final_status, None | Some(487))
    }

    pub(super) fn caller_gave_up(&self) -> bool {
        !self.answered() && self.facts.came_in
    }

    /// What a far end may say to a CANCEL instead of 487.
    pub(super) fn given_up(&self) -> bool {
        !self.answered() && matches!(self.facts.final_status, None | Some(408 | 480 | 487))
    }

    pub(super) fn alerted(&self) -> bool {
        self.facts.pdd_ms.is_some() || self.facts.provisional.iter().any(|status| (180..190).contains(status))
    }

    pub(super) fn rang(&self) -> bool {
        self.facts.provisional.contains(&180) && self.facts.ring_ms.is_some_and(|ring| ring >= RANG_MS)
    }

    pub(super) fn rang_out(&self) -> bool {
        self.rang() && self.facts.ring_ms.is_some_and(|ring| ring >= RANG_OUT_MS)
    }

    pub(super) fn forwarded(&self) -> bool {
        self.facts.provisional.contains(&181)
    }

    pub(super) fn survey(&self) -> Progress {
        self.facts.survey.unwrap_or_default()
    }

    pub(super) fn ended(&self, end: End) -> bool {
        self.answered() && self.survey().end == Some(end)
    }

    /// The survey was refused; who has answered, or has talked with a person, and wants no call-back has refused that alone.
    pub(super) fn refused_survey(&self) -> bool {
        let said_something = self.some_answer_ever() || self.by_agent();
        self.ended(End::Refused) && !(self.survey().call_back_declined && said_something)
    }

    pub(super) fn some_answer(&self) -> bool {
        self.answered() && self.survey().answered > 0
    }

    fn some_answer_ever(&self) -> bool {
        self.answered() && self.survey().answered + self.survey().answered_before > 0
    }

    pub(super) fn all_required(&self) -> bool {
        let survey = self.survey();
        // A message that had to be heard and was counts among the required: a reminder has nothing else.
        let has_something = self.some_answer_ever() || survey.required_answered > 0;
        has_something
            && survey.required_answered >= survey.required
            && (survey.required > 0 || survey.end == Some(End::Completed))
    }

    pub(super) fn some_key(&self) -> bool {
        self.answered() && self.survey().keys > 0
    }

    pub(super) fn hung_up(&self) -> bool {
        self.answered()
            && match self.facts.ended_by {
                Some(EndedBy::FarEnd) => true,
                Some(EndedBy::Us | EndedBy::Network) => false,
                None => self.survey().end == Some(End::HungUp),
            }
    }

    pub(super) fn we_ended(&self) -> bool {
        self.answered()
            && match self.facts.ended_by {
                Some(EndedBy::Us) => true,
                Some(EndedBy::FarEnd | EndedBy::Network) => false,
                None => self.facts.our_reason.is_some() || self.survey().end.is_some_and(|end| end != End::HungUp),
            }
    }

    pub(super) fn ended_by_nobody(&self) -> bool {
        self.answered() && self.facts.ended_by == Some(EndedBy::Network)
    }

    pub(super) fn left_open(&self) -> bool {
        self.facts.left_open.is_some()
    }

    /// What the patient had said before a crash: the same as the rules of an answered call say, and where they have
    /// nothing to go by, nobody knows.
    pub(super) fn kept_says(&self) -> Disposition {
        if self.all_required() {
            Disposition::Completed
        } else if self.ended(End::OptedOut) {
            Disposition::OptOut
        } else if self.ended(End::WrongNumber) {
            Disposition::WrongNumber
        } else if self.ended(End::ThirdParty) {
            Disposition::ThirdParty
        } else if self.ended(End::Appointment) {
            Disposition::Appointment
        } else if self.refused_survey() {
            Disposition::Refused
        } else {
            Disposition::Unknown
        }
    }

    /// An agent talked with whoever answered.
    pub(super) fn by_agent(&self) -> bool {
        self.answered() && self.facts.agent.is_some()
    }

    pub(super) fn agent_says(&self) -> Option<Disposition> {
        self.facts.agent.filter(|_| self.answered())?.said
    }

    pub(super) fn trunk_says(&self) -> Option<Disposition> {
        if self.answered() {
            return None;
        }
        self.overrides.find(self.facts.final_status, self.facts.q850)
    }
}
