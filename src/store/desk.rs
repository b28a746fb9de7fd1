//! The door of the control thread: requests go in without waiting, answers are collected without waiting.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use tokio::sync::mpsc::error::TrySendError;
use tokio::time::Instant;

use crate::dialer::{Awaited, Claim, Keep, Reply, Request};

use super::Error;
use super::claim::{PARTS, Part};
use super::job::{Haste, Queued, Write};
use super::queues::Calls;
use super::writer::Counters;

/// Why a request was not taken; it comes back.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// As many requests are under way as this desk may have, or the writer's queue is full: try again after the next
    /// answer.
    Full(Box<Request>),
    /// The store is closed.
    Closed(Box<Request>),
}

/// The door itself; one owner, any thread.
pub struct Desk {
    calls: Calls,
    answers: Receiver<Reply>,
    reply: SyncSender<Reply>,
    wake: Arc<dyn Fn() + Send + Sync>,
    counters: Arc<Counters>,
    capacity: usize,
    under_way: usize,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk")
            .field("capacity", &self.capacity)
            .field("under_way", &self.under_way)
            .finish_non_exhaustive()
    }
}

impl Desk {
    pub(super) fn new(
        calls: Calls,
        counters: Arc<Counters>,
        capacity: usize,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let capacity = capacity.max(1);
        // As many answers as requests under way: a reply always finds room, so the writer never waits for us.
        let (reply, answers) = sync_channel(capacity);
        Self {
            calls,
            answers,
            reply,
            wake: Arc::new(wake),
            counters,
            capacity,
            under_way: 0,
        }
    }

    /// Hands a request over without waiting.
    ///
    /// # Errors
    /// [`Refused`] gives the request back.
    pub fn try_send(&mut self, request: Request) -> Result<(), Refused> {
        if self.under_way == self.capacity {
            return Err(Refused::Full(Box::new(request)));
        }
        let place = match self.calls.try_reserve() {
            Ok(place) => place,
            Err(TrySendError::Full(())) => return Err(Refused::Full(Box::new(request))),
            Err(TrySendError::Closed(())) => return Err(Refused::Closed(Box::new(request))),
        };
        place.put(match request {
            Request::Claim(claim) => self.claiming().job(claim, PARTS),
            Request::Begin(begin) => self.job(begin, Reply::Begun, Request::Begin),
            Request::BeginTest(begin) => {
                let token = begin.token;
                self.job(
                    begin,
                    move |(attempt, mark)| Reply::BegunTest { token, attempt, mark },
                    Request::BeginTest,
                )
            }
            Request::Note(note) => {
                let (attempt, seq) = (note.attempt, note.seq);
                let haste = match note.awaited {
                    Awaited::Patient => Haste::Ack,
                    Awaited::Nobody => Haste::WithOthers,
                };
                self.hasty_job(haste, note, move |()| Reply::Noted { attempt, seq }, Request::Note)
            }
            Request::TakenDown(taken_down) => {
                let attempt = taken_down.attempt;
                self.job(taken_down, move |()| Reply::TakenDown { attempt }, Request::TakenDown)
            }
            Request::Keep(keep) => {
                let (attempt, seq) = (keep.attempt, keep.seq);
                self.keep(keep, move |()| Reply::Kept { attempt, seq })
            }
            Request::Finish(finish) => {
                let attempt = finish.attempt;
                let again = |finish| Request::Finish(Box::new(finish));
                self.job(*finish, move |()| Reply::Finished { attempt }, again)
            }
            Request::Release(release) => {
                let case = release.case;
                self.job(release, move |()| Reply::Released { case }, Request::Release)
            }
            Request::CallBack(call_back) => self.job(call_back, Reply::CalledBack, Request::CallBack),
            // The caller hears it ring for as long as these two take.
            Request::WhoCalls(who) => {
                let done = |caller| Reply::Caller(Box::new(caller));
                self.hasty_job(Haste::Soon, who, done, Request::WhoCalls)
            }
            Request::BeginIncoming(begin) => {
                let again = |begin| Request::BeginIncoming(Box::new(begin));
                self.hasty_job(Haste::Soon, *begin, Reply::BegunIncoming, again)
            }
            Request::BeginByHand(begin) => {
                let conversation = begin.conversation;
                let done = move |begun| match begun {
                    Ok(begun) => Reply::BegunByHand(Box::new(begun)),
                    Err(why) => Reply::RefusedByHand { conversation, why },
                };
                let again = |begin| Request::BeginByHand(Box::new(begin));
                // An agent waits, with the phone at the ear.
                self.hasty_job(Haste::Soon, *begin, done, again)
            }
            Request::PutThrough(asked) => {
                let (attempt, agent) = (asked.attempt, asked.agent);
                let done = move |put| match put {
                    Ok(conversation) => Reply::PutThrough {
                        attempt,
                        agent,
                        conversation,
                    },
                    Err(why) => Reply::NotPutThrough { attempt, agent, why },
                };
                // A patient waits.
                self.hasty_job(Haste::Soon, asked, done, Request::PutThrough)
            }
            Request::GiveBack(back) => {
                let conversation = back.conversation;
                self.job(back, move |_| Reply::GivenBack { conversation }, Request::GiveBack)
            }
            Request::Conversation(note) => {
                let (conversation, seq) = (note.conversation, note.seq);
                let done = move |()| Reply::ConversationNoted { conversation, seq };
                self.job(*note, done, |note| Request::Conversation(Box::new(note)))
            }
        });
        self.under_way += 1;
        Ok(())
    }

    /// The next answer, if one is there.
    pub fn try_recv(&mut self) -> Option<Reply> {
        match self.answers.try_recv() {
            Ok(answer) => {
                self.under_way -= 1;
                Some(answer)
            }
            // We hold a sender ourselves, so the channel cannot be disconnected.
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
        }
    }

    /// Requests not yet answered.
    pub const fn under_way(&self) -> usize {
        self.under_way
    }

    fn claiming(&self) -> Claiming {
        Claiming {
            calls: self.calls.clone(),
            reply: self.reply.clone(),
            wake: Arc::clone(&self.wake),
        }
    }

    fn job<W: Write + Sync>(
        &self,
        work: W,
        done: impl FnOnce(W::Answer) -> Reply + Send + 'static,
        again: fn(W) -> Request,
    ) -> Queued {
        self.hasty_job(Haste::WithOthers, work, done, again)
    }

    fn hasty_job<W: Write + Sync>(
        &self,
        haste: Haste,
        work: W,
        done: impl FnOnce(W::Answer) -> Reply + Send + 'static,
        again: fn(W) -> Request,
    ) -> Queued {
        let reply = self.reply.clone();
        let wake = Arc::clone(&self.wake);
        Queued::job(work, haste, move |work, outcome| {
            answer(&reply, &wake, work, outcome, done, again);
        })
    }

    /// A key: a patient waits for its answer, and how long is counted.
    fn keep(&self, keep: Keep, done: impl FnOnce(()) -> Reply + Send + 'static) -> Queued {
        let reply = self.reply.clone();
        let wake = Arc::clone(&self.wake);
        let counters = Arc::clone(&self.counters);
        let asked = Instant::now();
        Queued::job(keep, Haste::Soon, move |keep, outcome| {
            if outcome.is_ok() {
                counters.kept_in.add(asked.elapsed());
            }
            answer(&reply, &wake, keep, outcome, done, Request::Keep);
        })
    }
}

/// A claim on its way: as long as it finds nothing but cases to close or to hold, it goes to the end of the queue again.
struct Claiming {
    calls: Calls,
    reply: SyncSender<Reply>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Claiming {
    fn job(self, claim: Claim, parts: u32) -> Queued {
        Queued::job(claim, Haste::WithOthers, move |claim, outcome| {
            let goes_on = parts > 1 && outcome.as_ref().is_ok_and(|part| !part.is_answer());
            let calls = self.calls.clone();
            // Without room, or when the store closes, the dialer is told that there is nothing, and asks later.
            if let Some(place) = goes_on.then(|| calls.try_reserve().ok()).flatten() {
                place.put(self.job(claim, parts - 1));
                return;
            }
            let campaign = claim.campaign;
            let done = move |part: Part| Reply::Claimed {
                campaign,
                cases: part.cases,
            };
            answer(&self.reply, &self.wake, claim, outcome, done, Request::Claim);
        })
    }
}

fn answer<W: Write>(
    reply: &SyncSender<Reply>,
    wake: &Arc<dyn Fn() + Send + Sync>,
    work: W,
    outcome: Result<W::Answer, Error>,
    done: impl FnOnce(W::Answer) -> Reply,
    again: fn(W) -> Request,
) {
    let answer = match outcome {
        Ok(answer) => done(answer),
        Err(error) => Reply::Failed {
            request: again(work),
            why: error.to_string(),
        },
    };
    // Fails only when the desk is gone.
    if reply.try_send(answer).is_ok() {
        wake();
    }
}
