//! Calls by hand: the same checks as a claim, for one case and at once; and how their conversations went.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Ledger, mark_of};
use crate::dialer::claim::{self, Checked, Why};
use crate::dialer::retry::past_of;
use crate::dialer::{
    BeginByHand, BegunByHand, Claim, Claimed, ConversationNote, LeftOver, Noteworthy, PutThrough, Refusal, Whom,
};
use crate::ids::{AttemptId, ConversationId, NumberId};
use crate::moment::Wall;
use crate::phone::Number;

/// As long as the longest talk may last.
const LEASE: Duration = Duration::from_secs(2 * 3600);

/// The conversations of patients who wait are numbered by their attempts, from here on.
const FIRST_OF_PATIENTS: i64 = 10_000;

impl Ledger {
    /// What was written down of a conversation, in order.
    pub fn conversation(&self, id: ConversationId) -> &[ConversationNote] {
        self.conversations.get(&id).map_or(&[], Vec::as_slice)
    }

    /// An agent is through with a conversation, and has said what came of it.
    pub fn settle(&mut self, conversation: ConversationId) {
        self.settled.insert(conversation);
    }

    /// The legs beside a patient's that were up; their conversations are over.
    pub(super) fn phones_left_over(&mut self, now: Wall) -> Vec<LeftOver> {
        let mut left = Vec::new();
        for notes in self.conversations.values_mut() {
            if notes.iter().any(|note| matches!(note.what, Noteworthy::Ended { .. })) {
                continue;
            }
            let mut legs = BTreeMap::new();
            for note in notes.iter() {
                if let Noteworthy::LegUp {
                    leg,
                    mark,
                    number,
                    dialog,
                    rtp_port,
                } = &note.what
                {
                    let call = LeftOver {
                        attempt: None,
                        mark: mark.parse().unwrap_or_default(),
                        number: number.clone(),
                        trunk: String::new(),
                        dialog: Some(dialog.clone()),
                        rtp_port: *rtp_port,
                        begun: note.at,
                    };
                    legs.insert(*leg, call);
                }
            }
            left.extend(legs.into_values());
            let last = notes.last().cloned();
            notes.extend(last.map(|last| ConversationNote {
                seq: last.seq + 1,
                at: now,
                what: Noteworthy::Ended {
                    agent: None,
                    patient: None,
                    disposition: None,
                },
                ..last
            }));
        }
        left
    }

    pub(super) fn note_conversation(&mut self, note: ConversationNote) {
        let notes = self.conversations.entry(note.conversation).or_default();
        if notes.iter().all(|known| known.seq != note.seq) {
            notes.push(note);
        }
    }

    /// Puts a waiting patient's case before an agent: from here on conversations of patients are numbered.
    pub(super) fn put_through(&mut self, asked: PutThrough) -> Result<ConversationId, Refusal> {
        let is_open = self.attempts.get(&asked.attempt).is_some_and(|row| row.ended.is_none());
        if !is_open {
            return Err(Refusal::NotReady);
        }
        if let Some(conversation) = asked.conversation {
            if self.settled.contains(&conversation) {
                return Err(Refusal::Settled);
            }
            return Ok(conversation);
        }
        let id = ConversationId(FIRST_OF_PATIENTS + asked.attempt.0);
        self.conversations.entry(id).or_default();
        if let Some(case) = self.cases.get_mut(&asked.case)
            && let Some((_, until)) = case.leased.as_mut()
        {
            *until = asked.at + LEASE;
        }
        Ok(id)
    }

    pub(super) fn begin_by_hand(&mut self, begin: BeginByHand) -> Result<BegunByHand, Refusal> {
        if let Some(begun) = self.by_hand.get(&begin.conversation) {
            return Ok(begun.clone());
        }
        let case = self.cases.get(&begin.case).filter(|case| case.outcome.is_none());
        let case = case.ok_or(Refusal::CaseClosed)?;
        let is_leased = case.leased.as_ref().is_some_and(|(_, until)| *until > begin.at);
        if case.attempt.is_some() || is_leased {
            return Err(Refusal::CaseTaken);
        }
        let claim = Claim {
            campaign: case.campaign,
            now: begin.at,
            limit: 1,
            lease: LEASE,
            terms: begin.terms.clone(),
        };
        let mut candidate = self.candidate(begin.case, case, begin.at);
        candidate.next_at = candidate.next_at.min(begin.at);
        if let Whom::Known(id) = begin.whom {
            candidate.numbers.retain(|number| number.id == id);
        }
        let first = candidate
            .numbers
            .first()
            .map(|number| (number.id, number.number.clone()));
        let (number_id, number) = match (&begin.whom, claim::decide(&candidate, &claim)) {
            (Whom::Other(number), _) if begin.granted.is_some() => (NumberId(0), number.clone()),
            (Whom::Other(_), _) => return Err(Refusal::NotTheCases),
            (Whom::Next | Whom::Known(_), decision) => {
                let of = |id: NumberId| -> Option<(NumberId, Number)> {
                    let found = candidate.numbers.iter().find(|number| number.id == id)?;
                    Some((id, found.number.clone()))
                };
                let chosen = match decision.checked {
                    Checked::Dial { number } => of(number),
                    Checked::Hold { .. } | Checked::Close { .. } if begin.granted.is_some() => first,
                    Checked::Hold { until } => return Err(Refusal::check(decision.why, Some(until))),
                    Checked::Close { .. } => return Err(Refusal::check(decision.why, None)),
                };
                chosen.ok_or(Refusal::NotTheCases)?
            }
        };
        if self.is_busy(&number, begin.at) {
            return Err(Refusal::check(Why::NumberLocked, None));
        }
        let attempt = self.begin(Some(begin.case), number.clone(), begin.trunk.clone(), begin.at);
        let begun = self.handed_to(&begin, &candidate, (number_id, number), attempt);
        self.by_hand.insert(begin.conversation, begun.clone());
        Ok(begun)
    }

    fn handed_to(
        &mut self,
        begin: &BeginByHand,
        candidate: &crate::dialer::Candidate,
        (number_id, number): (NumberId, Number),
        attempt: AttemptId,
    ) -> BegunByHand {
        if let Some(row) = self.attempts.get_mut(&attempt) {
            row.dialplan.clone_from(&begin.dialplan);
        }
        let tried = candidate.tried.iter().map(|tried| (tried.disposition, tried.number));
        let mut claimed = Claimed {
            campaign: crate::ids::CampaignId(0),
            case: begin.case,
            number_id,
            number: number.clone(),
            counted: candidate.counted,
            attempts: 0,
            past: past_of(tried, Some(number_id)),
            deadline: candidate.deadline,
            lease_until: begin.at + LEASE,
            resume: None,
            skills: BTreeSet::new(),
        };
        if let Some(case) = self.cases.get_mut(&begin.case) {
            claimed.campaign = case.campaign;
            claimed.attempts = case.attempts;
            case.attempts += 1;
            case.attempt = Some(attempt);
            case.leased = Some((number, claimed.lease_until));
        }
        BegunByHand {
            conversation: begin.conversation,
            claimed,
            attempt,
            mark: mark_of(attempt),
        }
    }
}
