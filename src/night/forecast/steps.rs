//! What each output of the dialer brings about, and what follows when a call is over: the part of the control core.

use std::time::Duration;

use super::book::{Ended, OptedOut};
use super::calls::Course;
use super::invariants::Begun;
use super::outlook::Made;
use super::population::Turn;
use super::{Asked, Forecast, Ordinal, Slot, chance};
use crate::calendar::local;
use crate::dialer::{
    self, Begin, Claimed, DayPart, Dial, Fault, History, NOT_DIALED, Next, Output, TooLate, claim, retry,
};
use crate::ids::{AttemptId, CampaignId, CaseId, TrunkId};
use crate::moment::Wall;
use crate::outcome::{self, CauseTable, Disposition, EndedBy, Facts, OurReason, Verdict};
use chrono::Timelike as _;

/// What is under way.
#[derive(Debug)]
pub(super) enum Happening {
    /// A call is over on their side or ours.
    Over(AttemptId),
    /// Something becomes known of a patient.
    Turns(Turn),
}

/// An attempt from its row on.
#[derive(Debug)]
pub(super) struct Call {
    case: CaseId,
    campaign: CampaignId,
    trunk: TrunkId,
    began: Wall,
    claimed: Option<Claimed>,
    /// How its INVITE over the last trunk goes; none until it left.
    course: Option<Course>,
    verdict: Option<Verdict>,
    /// The trunks that it was offered to before.
    trunks: u64,
}

/// The civil clock counts in these.
const TICK: Duration = Duration::from_millis(1);
/// The dialer says no more than this between two moments.
const MOST_OUTPUTS: u32 = 100_000;

impl Forecast {
    pub(super) fn drain(&mut self) {
        let mut outputs = 0;
        while let Some(output) = self.dialer.poll() {
            outputs += 1;
            if outputs > MOST_OUTPUTS {
                return self.invariants.restless();
            }
            match output {
                Output::Claim(claim) => self.claims(&claim),
                Output::Begin(begin) => self.begins(&begin),
                Output::Dial(dial) => self.dials(*dial),
                Output::Abandon { attempt, reason, .. } => self.abandons(attempt, reason),
                Output::Unplaced { attempt } => self.is_unplaced(attempt),
                Output::Release(mut release) => {
                    // The monotonic clock is finer than the civil one: what it names is rounded up.
                    release.not_before = release.not_before.map(|at| at + TICK);
                    let (case, wall) = (release.case, self.wall().millis());
                    let not_before = release.not_before.map(Wall::millis);
                    self.trace
                        .note(format_args!("{wall} release case={case} not_before={not_before:?}"));
                    self.book.release(release);
                }
                Output::TrunkResting { trunk, until } => {
                    let wall = self.wall().millis();
                    self.trace
                        .note(format_args!("{wall} rests trunk={} until={}", trunk.0, until.nanos()));
                    self.invariants.rests(trunk, until);
                }
                Output::CallerResting { trunk, until, .. } => {
                    let wall = self.wall().millis();
                    self.trace.note(format_args!(
                        "{wall} caller rests trunk={} until={}",
                        trunk.0,
                        until.nanos()
                    ));
                }
                Output::Fault(fault) => self.faults(fault),
                // Nobody stops a campaign of a forecast, and when nothing is due time goes on.
                Output::HangUp { .. } | Output::Idle { .. } | Output::Stopped { .. } => {}
            }
        }
    }

    pub(super) fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Over(attempt) => self.is_over(attempt),
            Happening::Turns(turn) => {
                let wall = self.wall().millis();
                let (patient, state) = (turn.patient, turn.state.as_str());
                self.trace.note(format_args!(
                    "{wall} turns patient={patient} state={state} to={:?}",
                    turn.to
                ));
                self.invariants.turn(turn);
                self.book.turn(turn);
            }
        }
    }

    fn faults(&mut self, fault: Fault) {
        let wall = self.wall().millis();
        self.trace.note(format_args!("{wall} fault {fault:?}"));
    }

    fn claims(&mut self, claim: &dialer::Claim) {
        let mut decided = Vec::new();
        let cases = self.book.claim(claim, &mut decided);
        let wall = claim.now.millis();
        for one in decided {
            let (case, why) = (one.case, one.decision.why.as_str());
            match one.decision.checked {
                claim::Checked::Dial { number } => {
                    self.trace
                        .note(format_args!("{wall} dial case={case} why={why} number={number}"));
                }
                claim::Checked::Hold { until } => {
                    self.trace.note(format_args!(
                        "{wall} hold case={case} why={why} until={}",
                        until.millis()
                    ));
                }
                claim::Checked::Close { outcome } => {
                    let outcome = outcome.as_str();
                    self.trace
                        .note(format_args!("{wall} close case={case} why={why} outcome={outcome}"));
                    self.invariants.closed(case);
                }
            }
        }
        let campaign = claim.campaign;
        self.tell(dialer::Input::Claimed { campaign, cases });
    }

    fn begins(&mut self, begin: &Begin) {
        let case = begin.case;
        let row = self.book.case(case);
        let why = row
            .and_then(|row| row.last)
            .map_or(claim::Why::Due, |decision| decision.why);
        let row = row.map(|row| (row.campaign, row.patient));
        let number = self.book.held_number(case);
        let (Some((campaign, patient)), Some(number), Some(attempt)) = (row, number, self.book.begin(begin)) else {
            return self.tell(dialer::Input::BeginFailed { case });
        };
        let wall = self.wall();
        let routes = self
            .campaigns
            .get(&campaign)
            .into_iter()
            .flat_map(|campaign| &campaign.routes);
        let trunk = routes
            .into_iter()
            .find(|route| route.name == begin.trunk)
            .map_or(TrunkId(0), |route| route.trunk);
        self.trace.note(format_args!(
            "{} begin attempt={attempt} case={case} trunk={}",
            wall.millis(),
            trunk.0
        ));
        let begun = Begun {
            attempt,
            case,
            campaign,
            patient,
            number,
            trunk,
            why,
        };
        self.invariants.begun(wall, begun, &self.book);
        self.outlook.lines.taken(wall);
        if let Some(campaign) = self.campaigns.get(&campaign) {
            self.outlook.nights.insert(campaign.schedule.night_of(wall));
        }
        let call = Call {
            case,
            campaign,
            trunk,
            began: wall,
            claimed: None,
            course: None,
            verdict: None,
            trunks: 0,
        };
        self.calls.insert(attempt, call);
        let mark = crate::ids::CallMark::default();
        self.tell(dialer::Input::Begun(dialer::Begun { case, attempt, mark }));
    }

    fn dials(&mut self, dial: Dial) {
        let Dial {
            attempt,
            campaign,
            claimed,
            trunk,
            ring,
            dialplan,
            ..
        } = dial;
        let (now, wall) = (self.now, self.wall());
        self.invariants.dialed(now, wall, attempt, trunk);
        let zone = self.campaigns.get(&campaign).map(|campaign| campaign.schedule.zone);
        let asked = Asked {
            slot: Slot {
                kind: claimed.number.kind(),
                part: zone.map_or(DayPart::Afternoon, |zone| part_of(wall, zone)),
                attempt: if claimed.attempts == 0 {
                    Ordinal::First
                } else {
                    Ordinal::Later
                },
            },
            before: usize::from(claimed.attempts),
            last: self.book.last_at(&claimed.number),
        };
        let unfinished = self.book.unfinished(claimed.case).filter(|_| claimed.resume.is_some());
        let Some(call) = self.calls.get_mut(&attempt) else {
            return;
        };
        let case = claimed.case.0.cast_unsigned();
        let mut chance = chance::stream(self.seed, &[case, u64::from(claimed.attempts), call.trunks]);
        let bearing = self.behaviours.draw(&asked, &mut chance);
        let questionnaire = self.questionnaires.get(&dialplan);
        let course = Course::of(bearing, ring, questionnaire, unfinished, &mut chance);
        self.trace.note(format_args!(
            "{} invite attempt={attempt} trunk={} number={}",
            wall.millis(),
            trunk.0,
            claimed.number_id
        ));
        let causes = self.trunks.get(&trunk).map(|trunk| &trunk.causes);
        let meant = outcome::classify(&course.facts, causes.unwrap_or(&CauseTable::default()));
        let lasts = self.behaviours.length(meant.disposition, course.lasts);
        call.trunk = trunk;
        call.trunks += 1;
        call.claimed = Some(claimed);
        call.course = Some(course);
        self.schedule(lasts, Happening::Over(attempt));
    }

    /// The call is over: judged, tried over another trunk, or closed.
    fn is_over(&mut self, attempt: AttemptId) {
        let Some(call) = self.calls.get_mut(&attempt) else {
            return;
        };
        let Some(course) = call.course.as_mut() else { return };
        let trunk = self.trunks.get(&call.trunk);
        let verdict = outcome::classify(
            &course.facts,
            trunk.map_or(&CauseTable::default(), |trunk| &trunk.causes),
        );
        let disposition = verdict.disposition;
        call.verdict = Some(verdict);
        if outcome::is_unserved(&course.facts, disposition) {
            return self.tell(dialer::Input::Unserved {
                attempt,
                disposition,
                retry_after: None,
            });
        }
        self.closes(attempt);
        self.tell(dialer::Input::Ended {
            attempt,
            disposition,
            retry_after: None,
        });
    }

    fn is_unplaced(&mut self, attempt: AttemptId) {
        self.closes(attempt);
    }

    /// An attempt that was judged is written down, and what becomes of its case.
    fn closes(&mut self, attempt: AttemptId) {
        let Some(call) = self.calls.remove(&attempt) else {
            return;
        };
        let (Some(course), Some(verdict), Some(claimed)) = (call.course, call.verdict, call.claimed) else {
            return;
        };
        let wall = self.wall();
        let ended = retry::Ended::of(verdict.disposition, &course.facts);
        let next = match self.campaigns.get(&call.campaign) {
            Some(campaign) => {
                let history = History::from(&claimed);
                let schedule = &campaign.schedule;
                retry::next(&campaign.retry, &history, ended, wall, schedule, claimed.deadline)
            }
            None => Next::Close {
                outcome: dialer::Outcome::Withdrawn,
                counted: false,
            },
        };
        self.lets_rest(wall, &claimed, &course.facts, next);
        let said = course.said.as_str();
        let talk = course.facts.talk_ms;
        self.note_end(attempt, call.case, &verdict, next, talk, said);
        if course.opted_out == OptedOut::Yes || verdict.disposition == Disposition::OptOut {
            self.invariants.opted_out(&claimed.number);
        }
        let made = Made {
            attempt,
            case: call.case,
            campaign: call.campaign,
            number: claimed.number_id,
            trunk: call.trunk,
            at: call.began,
            ended: wall,
            disposition: verdict.disposition,
            rule: verdict.rule,
        };
        let ended = Ended {
            attempt,
            case: call.case,
            began: call.began,
            at: wall,
            facts: course.facts,
            disposition: verdict.disposition,
            next,
            opted_out: course.opted_out,
            unfinished: course.unfinished,
        };
        self.writes(made, ended);
    }

    fn writes(&mut self, made: Made, ended: Ended) {
        let (Next::Again { counted, .. } | Next::Close { counted, .. }) = ended.next;
        self.outlook.lines.freed(made.at, made.ended);
        *self.outlook.dispositions.entry(made.disposition).or_default() += 1;
        self.outlook.attempts.push(made);
        self.book.finish(ended);
        self.invariants.ended(made.attempt, u16::from(counted), &self.book);
    }

    /// An attempt that is on disk and will not be dialed.
    fn abandons(&mut self, attempt: AttemptId, reason: TooLate) {
        let Some(call) = self.calls.remove(&attempt) else {
            return;
        };
        let wall = self.wall();
        let case = call.case;
        self.trace.note(format_args!(
            "{} abandon attempt={attempt} case={case} {reason:?}",
            wall.millis()
        ));
        let number = self.book.held_number_id(case).unwrap_or(crate::ids::NumberId(0));
        let facts = Facts {
            ended_by: Some(EndedBy::Us),
            our_reason: Some(OurReason::Stopped),
            ..Facts::default()
        };
        let made = Made {
            attempt,
            case,
            campaign: call.campaign,
            number,
            trunk: call.trunk,
            at: call.began,
            ended: wall,
            disposition: Disposition::Interrupted,
            rule: NOT_DIALED,
        };
        let ended = Ended {
            attempt,
            case,
            began: call.began,
            at: wall,
            facts,
            disposition: Disposition::Interrupted,
            next: Next::Again {
                at: wall,
                counted: false,
            },
            opted_out: OptedOut::No,
            unfinished: None,
        };
        self.writes(made, ended);
    }

    fn lets_rest(&mut self, wall: Wall, claimed: &Claimed, facts: &Facts, next: Next) {
        let again = match next {
            Next::Again { at, .. } => at.since(wall),
            Next::Close { .. } => Duration::ZERO,
        };
        let locked = claim::locked_until(facts, wall).map_or(Duration::ZERO, |until| until.since(wall));
        let pause = again.max(locked.min(claim::LOCK));
        if !pause.is_zero() {
            let number = claimed.number.clone();
            self.tell(dialer::Input::NumberRests { number, pause });
        }
    }

    fn note_end(
        &mut self,
        attempt: AttemptId,
        case: CaseId,
        verdict: &Verdict,
        next: Next,
        talk: Option<u32>,
        said: &str,
    ) {
        let wall = self.wall().millis();
        let (disposition, rule) = (verdict.disposition.as_str(), verdict.rule);
        match next {
            Next::Again { at, counted } => self.trace.note(format_args!(
                "{wall} end attempt={attempt} case={case} {disposition} {rule} talk={talk:?} counted={counted} next={}{said}",
                at.millis()
            )),
            Next::Close { outcome, counted } => self.trace.note(format_args!(
                "{wall} end attempt={attempt} case={case} {disposition} {rule} talk={talk:?} counted={counted} closed={}{said}",
                outcome.as_str()
            )),
        }
    }
}

fn part_of(wall: Wall, zone: chrono_tz::Tz) -> DayPart {
    match local(wall, zone).hour() {
        0..12 => DayPart::Morning,
        12..17 => DayPart::Afternoon,
        17.. => DayPart::Evening,
    }
}
