//! After a crash: how an attempt that was left open ended, by what was kept of it, and what becomes of its case.

use std::collections::BTreeMap;

use super::appointment;
use super::claim::LOCK;
use super::retry::{self, Ended, History};
use super::{Direction, Finish, LEFT_OVER, MediaSums, Next, Outcome, RetryPolicy, Stands};
use crate::calendar::Schedule;
use crate::dialplan::{self, Dialplan, Progress, Session};
use crate::ids::{AttemptId, CallMark, CampaignId};
use crate::moment::Wall;
use crate::outcome::{self, CauseTable, Facts, Reach};

/// How to treat what a crash left open.
#[derive(Clone, Debug, PartialEq)]
pub struct Recover {
    /// The present.
    pub now: Wall,
    /// When the cases of each campaign are tried again.
    pub rules: BTreeMap<CampaignId, Rules>,
    /// The same for campaigns that `rules` does not name.
    pub otherwise: Rules,
}

/// When the cases of a campaign are tried again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// After which ending, and how often.
    pub retry: RetryPolicy,
    /// When calls may be placed.
    pub schedule: Schedule,
}

/// An attempt that a crash left open, as the store kept it.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOpen<'a> {
    /// Which attempt.
    pub attempt: AttemptId,
    /// When it was begun.
    pub begun: Wall,
    /// What its call is known by.
    pub mark: Option<CallMark>,
    /// Whether a note said that the far end had the call.
    pub reached: bool,
    /// The dialplan that it ran, by content hash.
    pub dialplan: &'a str,
    /// That dialplan's text.
    pub text: &'a str,
    /// The session as its last keep left it, as JSON; none if no key was kept.
    pub session: Option<&'a str>,
    /// Who called whom.
    pub direction: Direction,
    /// Its case; none for a call by hand.
    pub case: Option<CaseBehind>,
}

/// The case of an attempt that a crash left open.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseBehind {
    /// Of which campaign.
    pub campaign: CampaignId,
    /// What it has behind it, without this attempt.
    pub history: History,
    /// When it is too late.
    pub deadline: Option<Wall>,
    /// How it stands without this attempt.
    pub stands: Stands,
}

/// The dialplans that were read so far, by content hash; none for a text that cannot be read any more.
#[derive(Debug, Default)]
pub struct Versions(BTreeMap<String, Option<Dialplan>>);

impl Recover {
    /// The end of an attempt: `unknown` unless the answers that were kept say more.
    pub fn finish(&self, open: &LeftOpen<'_>, versions: &mut Versions) -> Finish {
        let mut facts = facts(open, versions);
        let verdict = outcome::classify(&facts, &CauseTable::default());
        Finish {
            attempt: open.attempt,
            at: self.now,
            disposition: verdict.disposition,
            rule: verdict.rule.to_owned(),
            next: self.next(open, Ended::of(verdict.disposition, &facts), &mut facts),
            media: MediaSums::default(),
            facts,
        }
    }

    /// Until when its number is locked: somebody may still be on the line, until the call is taken down or cannot last
    /// any longer.
    pub fn locked_until(&self, begun: Wall) -> Wall {
        (begun + LEFT_OVER).max(self.now + LOCK)
    }

    /// What becomes of the case, by the rules of its campaign.
    fn next(&self, open: &LeftOpen<'_>, ended: Ended, facts: &mut Facts) -> Next {
        let Some(case) = &open.case else {
            // A call by hand has no case: nothing becomes of it.
            return Next::Close {
                outcome: Outcome::Withdrawn,
                counted: false,
            };
        };
        let Rules { retry, schedule } = self.rules.get(&case.campaign).unwrap_or(&self.otherwise);
        let next = match open.direction {
            Direction::Out => retry::next(retry, &case.history, ended, self.now, schedule, case.deadline),
            Direction::In => retry::next_after_their_call(retry, ended.disposition, self.now, schedule, case.stands),
        };
        appointment::settle(facts, next, self.now, schedule, case.deadline)
    }
}

/// What can still be told of a call: whether the far end had it, and how far the questionnaire got.
fn facts(open: &LeftOpen<'_>, versions: &mut Versions) -> Facts {
    let survey = open
        .session
        .and_then(|session| versions.progress(open.dialplan, open.text, session));
    Facts {
        call_id: open.mark.map(CallMark::call_id).unwrap_or_default(),
        left_open: Some(if open.reached || open.session.is_some() {
            Reach::FarEnd
        } else {
            Reach::Nobody
        }),
        // A key was kept, so somebody had answered.
        final_status: open.session.map(|_| 200),
        survey,
        ..Facts::default()
    }
}

impl Versions {
    fn progress(&mut self, hash: &str, text: &str, session: &str) -> Option<Progress> {
        let plan = self
            .0
            .entry(hash.to_owned())
            .or_insert_with(|| dialplan::parse(text).ok());
        let plan = plan.as_ref().filter(|plan| plan.hash() == hash)?;
        let mut session: Session = serde_json::from_str(session).ok()?;
        session.cut_off();
        Some(session.progress(plan))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Disposition;

    const NOW: Wall = Wall::from_millis(1_751_331_600_000);

    fn recover() -> Recover {
        Recover {
            now: NOW,
            rules: BTreeMap::new(),
            otherwise: Rules::default(),
        }
    }

    fn open() -> LeftOpen<'static> {
        LeftOpen {
            attempt: AttemptId(1),
            begun: NOW,
            mark: Some(CallMark([7; 16])),
            reached: false,
            dialplan: "",
            text: "",
            session: None,
            direction: Direction::Out,
            case: Some(CaseBehind {
                campaign: CampaignId(1),
                history: History::default(),
                deadline: None,
                stands: Stands::Open { next_at: NOW },
            }),
        }
    }

    #[test]
    fn an_attempt_of_which_nothing_came_costs_no_budget_and_its_second_such_ending_closes_the_case() {
        let mut left = open();
        let finish = recover().finish(&left, &mut Versions::default());
        assert_eq!(finish.disposition, Disposition::Unknown);
        assert_eq!(finish.facts.call_id, CallMark([7; 16]).call_id());
        assert!(matches!(finish.next, Next::Again { counted: false, .. }));
        left.reached = true;
        let finish = recover().finish(&left, &mut Versions::default());
        assert!(matches!(finish.next, Next::Again { counted: true, .. }));
        if let Some(case) = &mut left.case {
            case.history.past.push(Disposition::Unknown);
        }
        let finish = recover().finish(&left, &mut Versions::default());
        assert!(matches!(finish.next, Next::Close { .. }), "{:?}", finish.next);
    }

    #[test]
    fn a_session_whose_dialplan_cannot_be_read_any_more_still_says_that_somebody_answered() {
        let left = LeftOpen {
            session: Some("{}"),
            text: "no dialplan",
            dialplan: "d1",
            ..open()
        };
        let finish = recover().finish(&left, &mut Versions::default());
        assert_eq!((finish.facts.final_status, finish.facts.survey), (Some(200), None));
        assert_eq!(finish.facts.reach(), Reach::FarEnd);
    }

    #[test]
    fn a_number_stays_locked_as_long_as_the_call_may_last() {
        assert_eq!(recover().locked_until(NOW), NOW + LEFT_OVER);
        let long_ago = Wall::from_millis(0);
        assert_eq!(recover().locked_until(long_ago), NOW + LOCK);
    }
}
