//! The store's double: the same requests and answers, the same checks of a claim, in memory, with a latency.

mod by_hand;
mod claims;
mod incoming;
mod recover;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use super::network::below;
use crate::dialer::claim::{self, Why};
use crate::dialer::{
    Begun, BegunByHand, CallBack, CalledBack, ConversationNote, Direction, Finish, Keep, NOT_DIALED, Next, Note,
    Outcome, Owner, PatientState, Reply, Request, Stands, TakenDown,
};
use crate::ids::{AttemptId, CallMark, CampaignId, CaseId, ConversationId, NumberId, PatientId};
use crate::moment::Wall;
use crate::outcome::Disposition;
use crate::phone::{self, Number};

pub use claims::NewCase;

/// One case of the double.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its campaign.
    pub campaign: CampaignId,
    /// Whose it is.
    pub patient: PatientId,
    /// The patient's numbers in their rank.
    pub numbers: Vec<OwnNumber>,
    /// When it became due.
    pub due: Wall,
    /// When it may be tried (again).
    pub next_at: Wall,
    /// When it is too late.
    pub deadline: Option<Wall>,
    /// The higher one goes first.
    pub priority: i16,
    /// The time at which the patient asked to be called.
    pub appointment: Option<Wall>,
    /// Attempts that count.
    pub counted: u16,
    /// All attempts.
    pub attempts: u16,
    /// How it was closed.
    pub outcome: Option<Outcome>,
    why: Option<Why>,
    /// The number that it is leased with, and until when.
    leased: Option<(Number, Wall)>,
    attempt: Option<AttemptId>,
    skills: BTreeSet<String>,
}

/// One of a patient's numbers.
#[derive(Clone, Debug)]
pub struct OwnNumber {
    /// Which.
    pub id: NumberId,
    /// Its digits.
    pub number: Number,
    /// Whose telephone it is.
    pub owner: Owner,
    is_wrong: bool,
}

/// One attempt of the double.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Its case; none if it was made by hand.
    pub case: Option<CaseId>,
    /// Whom it calls.
    pub number: Number,
    /// When it began.
    pub at: Wall,
    /// Keys kept.
    pub keys: String,
    /// Answers kept, by question.
    pub answers: BTreeMap<String, crate::dialplan::Answer>,
    /// How it ended.
    pub ended: Option<Finish>,
    /// The attempt whose unfinished questionnaire it went on with.
    pub resumed_from: Option<AttemptId>,
    dialplan: String,
    session: Option<String>,
    /// What was noted of its call last.
    pub note: Option<Note>,
    /// Whether its call may still be up although the daemon that made it is gone.
    pub left_over: bool,
    /// Who called whom.
    pub direction: Direction,
    trunk: String,
    keeps: BTreeSet<u32>,
}

/// Cases and attempts in memory.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    cases: BTreeMap<CaseId, Case>,
    attempts: BTreeMap<AttemptId, Attempt>,
    do_not_call: BTreeSet<Number>,
    states: BTreeMap<PatientId, BTreeSet<PatientState>>,
    suspect: BTreeSet<Number>,
    dead: BTreeSet<Number>,
    open: BTreeMap<Number, AttemptId>,
    locked: BTreeMap<Number, Wall>,
    call_backs: Vec<CalledBack>,
    by_hand: BTreeMap<ConversationId, BegunByHand>,
    conversations: BTreeMap<ConversationId, Vec<ConversationNote>>,
    settled: BTreeSet<ConversationId>,
    dialplans: BTreeMap<String, String>,
    refusing: Option<u64>,
    asked: u64,
}

impl Ledger {
    /// A case that is due at `due`, of a patient of its own.
    pub fn add_case(&mut self, campaign: CampaignId, number: Number, due: Wall) -> CaseId {
        let patient = PatientId(i64::try_from(self.cases.len()).unwrap_or(i64::MAX) + 1);
        self.add(NewCase::of(campaign, patient, number, due))
    }

    /// Keeps the text of a dialplan, so that a questionnaire which began with it can go on.
    pub fn keep_dialplan(&mut self, hash: &str, text: &str) {
        self.dialplans.insert(hash.to_owned(), text.to_owned());
    }

    /// Has every n-th request fail, as a database that is away for a moment.
    pub fn refuse_every(&mut self, nth: u64) {
        self.refusing = Some(nth);
    }

    /// The cases.
    pub fn cases(&self) -> &BTreeMap<CaseId, Case> {
        &self.cases
    }

    /// The attempts.
    pub fn attempts(&self) -> &BTreeMap<AttemptId, Attempt> {
        &self.attempts
    }

    /// Numbers that nobody dials again.
    pub fn do_not_call(&self) -> &BTreeSet<Number> {
        &self.do_not_call
    }

    /// Attempts of a number, in order, with how they ended.
    pub fn history(&self, number: &str) -> Vec<Option<Disposition>> {
        let of_number = |attempt: &&Attempt| attempt.number.reveal() == number;
        let ended = |attempt: &Attempt| attempt.ended.as_ref().map(|finish| finish.disposition);
        self.attempts.values().filter(of_number).map(ended).collect()
    }

    /// Who called us.
    pub fn call_backs(&self) -> &[CalledBack] {
        &self.call_backs
    }

    /// The attempt at a number that is under way.
    pub fn open(&self, number: &Number) -> Option<AttemptId> {
        self.open.get(number).copied()
    }

    /// Until when nobody may dial a number: its last call may still be ringing.
    pub fn locked_until(&self, number: &Number) -> Option<Wall> {
        self.locked.get(number).copied()
    }

    /// Whether every case is closed.
    pub fn is_over(&self) -> bool {
        self.cases.values().all(|case| case.outcome.is_some())
    }

    /// How long the next answer takes: a commit with its fsync.
    pub(super) fn latency(&self, chance: &mut ChaCha8Rng) -> Duration {
        Duration::from_micros(u64::from(1_000 + below(chance, 15_000)))
    }

    pub(super) fn answer(&mut self, request: Request) -> Reply {
        self.asked += 1;
        if self.refusing.is_some_and(|nth| self.asked.is_multiple_of(nth)) {
            return failed(request, "the database is away");
        }
        match request {
            Request::Claim(claim) => Reply::Claimed {
                campaign: claim.campaign,
                cases: self.claim(&claim),
            },
            Request::Begin(begin) => {
                let case = self.cases.get(&begin.case);
                let number = case.and_then(|case| case.numbers.iter().find(|own| own.id == begin.number_id));
                let Some(number) = number.map(|own| own.number.clone()) else {
                    return failed(Request::Begin(begin), "no such case");
                };
                if self.is_busy(&number, begin.at) {
                    return failed(Request::Begin(begin), "the number is locked");
                }
                if self.is_capped(&begin.terms.limits.number, &number, begin.at) {
                    return failed(Request::Begin(begin), "the number is capped");
                }
                let attempt = self.begin(Some(begin.case), number, begin.trunk, begin.at);
                if let Some(row) = self.attempts.get_mut(&attempt) {
                    row.dialplan = begin.dialplan;
                    row.resumed_from = begin.resumed_from;
                }
                if let Some(case) = self.cases.get_mut(&begin.case) {
                    case.attempts += 1;
                    case.attempt = Some(attempt);
                }
                Reply::Begun(Begun {
                    case: begin.case,
                    attempt,
                    mark: mark_of(attempt),
                })
            }
            Request::BeginTest(begin) if self.is_busy(&begin.number, begin.at) => {
                failed(Request::BeginTest(begin), "the number is locked")
            }
            Request::BeginTest(begin) => {
                let attempt = self.begin(None, begin.number, begin.trunk, begin.at);
                let (token, mark) = (begin.token, mark_of(attempt));
                Reply::BegunTest { token, attempt, mark }
            }
            Request::Note(note) => {
                let (attempt, seq) = (note.attempt, note.seq);
                self.note(note);
                Reply::Noted { attempt, seq }
            }
            Request::TakenDown(taken_down) => {
                self.taken_down(taken_down);
                Reply::TakenDown {
                    attempt: taken_down.attempt,
                }
            }
            Request::CallBack(call_back) => Reply::CalledBack(self.called_back(call_back)),
            Request::WhoCalls(who) => Reply::Caller(Box::new(self.who_calls(&who))),
            Request::BeginIncoming(begin) => match self.begin_incoming(&begin) {
                Some(begun) => Reply::BegunIncoming(begun),
                None => failed(Request::BeginIncoming(begin), "the number is in use"),
            },
            Request::BeginByHand(begin) => {
                let conversation = begin.conversation;
                match self.begin_by_hand(*begin) {
                    Ok(begun) => Reply::BegunByHand(Box::new(begun)),
                    Err(why) => Reply::RefusedByHand { conversation, why },
                }
            }
            Request::PutThrough(asked) => match self.put_through(asked) {
                Ok(conversation) => Reply::PutThrough {
                    attempt: asked.attempt,
                    agent: asked.agent,
                    conversation,
                },
                Err(why) => Reply::NotPutThrough {
                    attempt: asked.attempt,
                    agent: asked.agent,
                    why,
                },
            },
            // In the virtual world nobody looks at a case before it is dialed.
            Request::GiveBack(back) => Reply::GivenBack {
                conversation: back.conversation,
            },
            Request::Conversation(note) => {
                let (conversation, seq) = (note.conversation, note.seq);
                self.note_conversation(*note);
                Reply::ConversationNoted { conversation, seq }
            }
            Request::Keep(keep) => {
                let (attempt, seq) = (keep.attempt, keep.seq);
                self.keep(keep);
                Reply::Kept { attempt, seq }
            }
            Request::Finish(finish) => {
                let attempt = finish.attempt;
                self.finish(*finish);
                Reply::Finished { attempt }
            }
            Request::Release(release) => {
                if let Some(case) = self.cases.get_mut(&release.case) {
                    case.leased = None;
                    case.next_at = release.not_before.map_or(case.next_at, |at| at.max(case.next_at));
                }
                Reply::Released { case: release.case }
            }
        }
    }

    fn begin(&mut self, case: Option<CaseId>, number: Number, trunk: String, at: Wall) -> AttemptId {
        let attempt = AttemptId(i64::try_from(self.attempts.len()).unwrap_or(i64::MAX) + 1);
        self.open.insert(number.clone(), attempt);
        let row = Attempt {
            case,
            number,
            at,
            keys: String::new(),
            answers: BTreeMap::new(),
            ended: None,
            resumed_from: None,
            dialplan: String::new(),
            session: None,
            note: None,
            left_over: false,
            direction: Direction::Out,
            trunk,
            keeps: BTreeSet::new(),
        };
        self.attempts.insert(attempt, row);
        attempt
    }

    fn note(&mut self, note: Note) {
        let open = self.attempts.get_mut(&note.attempt).filter(|row| row.ended.is_none());
        if let Some(row) = open.filter(|row| row.note.as_ref().is_none_or(|last| last.seq < note.seq)) {
            row.note = Some(note);
        }
    }

    fn taken_down(&mut self, taken_down: TakenDown) {
        if let Some(row) = self.attempts.get_mut(&taken_down.attempt) {
            row.left_over = false;
            self.locked.insert(row.number.clone(), taken_down.at);
        }
    }

    fn is_busy(&self, number: &Number, at: Wall) -> bool {
        self.open.contains_key(number) || self.locked.get(number).is_some_and(|until| *until > at)
    }

    fn called_back(&mut self, call_back: CallBack) -> CalledBack {
        let spellings = call_back
            .number
            .as_ref()
            .map(|number| phone::normalised(number.reveal()));
        let known = |case: &&CaseId| {
            let case = self.cases.get(case);
            case.is_some_and(|case| spellings.iter().flatten().any(|number| case.has(number)))
        };
        let case = self.cases.keys().find(known).copied();
        let noted = CalledBack {
            call_back,
            patient: case.and_then(|case| Some(self.cases.get(&case)?.patient)),
            case,
        };
        self.call_backs.push(noted.clone());
        noted
    }

    fn keep(&mut self, keep: Keep) {
        let Some(attempt) = self.attempts.get_mut(&keep.attempt) else {
            return;
        };
        if !attempt.keeps.insert(keep.seq) {
            return;
        }
        if attempt.keeps.last() == Some(&keep.seq) {
            attempt.session = Some(keep.session);
        }
        if let Some(key) = &keep.key {
            attempt.keys.push(key.key.as_char());
        }
        for heard in keep.heard {
            if heard.opts_out {
                self.do_not_call.insert(attempt.number.clone());
            }
            attempt.answers.insert(heard.question, heard.answer);
        }
    }

    fn finish(&mut self, finish: Finish) {
        let next = self.next_of(&finish);
        let Some(attempt) = self.attempts.get_mut(&finish.attempt).filter(|row| row.ended.is_none()) else {
            return;
        };
        self.open.remove(&attempt.number);
        attempt.left_over |= finish.facts.unconfirmed;
        if let Some(until) = claim::locked_until(&finish.facts, finish.at) {
            self.locked.insert(attempt.number.clone(), until);
        }
        let (case, number) = (attempt.case, attempt.number.clone());
        let (disposition, at) = (finish.disposition, finish.at);
        let wish = finish.facts.appointment.filter(|_| attempt.direction == Direction::In);
        attempt.ended = Some(finish);
        if let Some(case) = case {
            self.go_on_at_a_wish(case, next, wish);
            self.mark_number(case, &number, disposition, next);
            self.advance(case, next, at);
        }
    }

    /// What becomes of a case: whom an agent did not call after all is due when that was so before.
    fn next_of(&self, finish: &Finish) -> Next {
        let case = self.attempts.get(&finish.attempt).and_then(|row| row.case);
        let by_hand = self.by_hand.values().any(|begun| begun.attempt == finish.attempt);
        let case = case.and_then(|case| self.cases.get(&case));
        match (finish.next, case.filter(|_| by_hand && finish.rule == NOT_DIALED)) {
            (Next::Again { at, counted }, Some(case)) => Next::Again {
                at: at.max(case.next_at),
                counted,
            },
            (next, _) => next,
        }
    }

    /// A case that was closed with some answers is open again for a patient who called and asked for another time.
    fn go_on_at_a_wish(&mut self, case: CaseId, next: Next, wish: Option<Wall>) {
        let case = self
            .cases
            .get_mut(&case)
            .filter(|_| wish.is_some() && next.tried_at() == wish);
        if let Some(case) = case.filter(|case| case.outcome == Some(Outcome::Partial)) {
            case.outcome = None;
        }
    }

    /// What an attempt says about its number, as the store has it.
    fn mark_number(&mut self, case: CaseId, number: &Number, disposition: Disposition, next: Next) {
        use Disposition::{Fax, NumberChanged, Suspended, Vacant, WrongNumber};
        if matches!(disposition, WrongNumber | Fax) {
            let own = self.cases.get_mut(&case).map(|case| case.numbers.iter_mut());
            for own in own.into_iter().flatten().filter(|own| own.number == *number) {
                own.is_wrong = true;
            }
        } else if disposition.is_answered() {
            self.suspect.remove(number);
            self.dead.remove(number);
        } else if matches!(disposition, Vacant | NumberChanged | Suspended) {
            let is_settled = matches!(next, Next::Close { .. }) || self.suspect.contains(number);
            let doubt = if is_settled { &mut self.dead } else { &mut self.suspect };
            doubt.insert(number.clone());
        }
    }

    /// A case that is to close because its number is dead stays open while there is another.
    fn advance(&mut self, id: CaseId, next: Next, at: Wall) {
        let Some(case) = self.cases.get_mut(&id) else { return };
        case.attempt = None;
        case.leased = None;
        case.counted += u16::from(next.is_counted());
        let has_usable = case
            .numbers
            .iter()
            .any(|own| !own.is_wrong && !self.dead.contains(&own.number));
        match next {
            Next::Again { at: again, .. } => {
                let agreed = case.appointment.map(|agreed| agreed - claim::TOLERANCE);
                let ahead = agreed.filter(|agreed| *agreed > at);
                case.next_at = ahead.map_or(again, |agreed| agreed.min(again));
            }
            Next::Close {
                outcome: Outcome::NumberDead,
                ..
            } if has_usable => case.next_at = at,
            Next::Close { outcome, .. } => case.outcome = Some(outcome),
        }
    }
}

impl Case {
    /// How it stands.
    fn stands(&self) -> Stands {
        match self.outcome {
            Some(Outcome::Partial) => Stands::Partial,
            Some(_) | None => Stands::Open { next_at: self.next_at },
        }
    }

    /// Whether this is one of the patient's numbers.
    pub fn has(&self, number: &Number) -> bool {
        self.numbers.iter().any(|own| own.number == *number)
    }
}

fn failed(request: Request, why: &str) -> Reply {
    Reply::Failed {
        request,
        why: why.to_owned(),
    }
}

/// In the virtual world a mark need not be a secret, only an attempt's own.
fn mark_of(attempt: AttemptId) -> CallMark {
    CallMark(
        attempt
            .0
            .cast_unsigned()
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .to_be_bytes()
            .repeat(2)
            .try_into()
            .unwrap_or_default(),
    )
}
