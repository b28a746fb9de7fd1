//! The writer's two queues: what calls ask and what people ask, and whom the writer is woken for.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::mpsc::error::{SendError, TrySendError};
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::job::{Haste, Queued};
use super::writer::Counters;

/// How many requests share one commit at most.
pub(super) const BATCH: usize = 128;
/// How many requests may wait for the writer, of calls and of people each.
const QUEUE: usize = 1024;

/// Where is asked.
#[derive(Clone, Debug)]
pub(super) struct Queues {
    /// What calls ask.
    pub(super) calls: Calls,
    /// What people ask.
    pub(super) people: mpsc::Sender<Queued>,
}

/// Where calls ask. While the writer waits for company it is woken only for what is in a hurry: to wake it for each
/// request costs more than to take the request.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    queue: mpsc::Sender<Queued>,
    counters: Arc<Counters>,
    hurry: Arc<Notify>,
}

/// Room for one request of a call.
pub(super) struct Place<'q> {
    permit: mpsc::Permit<'q, Queued>,
    calls: &'q Calls,
}

/// What comes in.
pub(super) struct Inbox {
    pub(super) calls: mpsc::Receiver<Queued>,
    pub(super) people: mpsc::Receiver<Queued>,
    pub(super) hurry: Arc<Notify>,
    pub(super) batch: Vec<Queued>,
    pub(super) has_calls: bool,
    pub(super) has_people: bool,
}

/// Both ends of the queues.
pub(super) fn queues(counters: &Arc<Counters>) -> (Queues, Inbox) {
    let (calls_in, calls) = mpsc::channel(QUEUE);
    let (people_in, people) = mpsc::channel(QUEUE);
    let hurry = Arc::new(Notify::new());
    let queues = Queues {
        calls: Calls {
            queue: calls_in,
            counters: Arc::clone(counters),
            hurry: Arc::clone(&hurry),
        },
        people: people_in,
    };
    let inbox = Inbox {
        calls,
        people,
        hurry,
        batch: Vec::with_capacity(BATCH),
        has_calls: true,
        has_people: true,
    };
    (queues, inbox)
}

impl Calls {
    /// Room for a request, if there is any now.
    pub(super) fn try_reserve(&self) -> Result<Place<'_>, TrySendError<()>> {
        let permit = self.queue.try_reserve()?;
        Ok(Place { permit, calls: self })
    }

    /// Waits for room.
    pub(super) async fn reserve(&self) -> Result<Place<'_>, SendError<()>> {
        let permit = self.queue.reserve().await?;
        Ok(Place { permit, calls: self })
    }
}

impl Place<'_> {
    /// Puts the request there.
    pub(super) fn put(self, queued: Queued) {
        let Self { permit, calls } = self;
        let hurries = queued.haste() != Haste::WithOthers;
        // Counted before it is there, so that the writer never takes more than were counted.
        let before = calls.counters.calls_waiting.fetch_add(1, Ordering::Relaxed);
        permit.send(queued);
        // Nor does a whole batch wait for company.
        if hurries || before + 1 >= BATCH as u64 {
            calls.hurry.notify_one();
        }
    }
}

impl Inbox {
    pub(super) fn close(&mut self) {
        self.calls.close();
        self.people.close();
    }

    /// Takes what calls asked meanwhile, as much as a batch has room for; tells how many.
    pub(super) fn take_waiting(&mut self) -> usize {
        let before = self.batch.len();
        while self.batch.len() < BATCH
            && let Ok(queued) = self.calls.try_recv()
        {
            self.batch.push(queued);
        }
        self.batch.len() - before
    }

    /// Until when the last so many that came may wait for company, if they came now.
    pub(super) fn wait(&self, count: usize, committed: Instant) -> Option<Instant> {
        let now = Instant::now();
        let newest = self.batch.iter().rev().take(count);
        newest.map(|queued| queued.haste().until(now, committed)).min()
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::super::Error;
    use super::super::job::{Ledger, Write};
    use super::*;

    struct Nothing;

    impl Write for Nothing {
        type Answer = ();

        async fn run(&self, _: &mut Ledger<'_>) -> Result<(), Error> {
            Ok(())
        }
    }

    async fn wakes(inbox: &Inbox) -> bool {
        tokio::select! {
            biased;
            () = inbox.hurry.notified() => true,
            () = ready(()) => false,
        }
    }

    #[tokio::test]
    async fn the_writer_is_woken_for_whom_somebody_waits_and_for_a_whole_batch() {
        let (queues, mut inbox) = queues(&Arc::new(Counters::default()));
        let put = |haste| {
            let place = queues.calls.try_reserve().unwrap();
            place.put(Queued::job(Nothing, haste, |_, _| {}));
        };
        put(Haste::WithOthers);
        assert!(!wakes(&inbox).await, "for one of many");
        put(Haste::Soon);
        assert!(wakes(&inbox).await, "for a key");
        assert!(!wakes(&inbox).await, "once");
        for _ in 2..BATCH - 1 {
            put(Haste::WithOthers);
        }
        assert!(!wakes(&inbox).await, "for one less than a batch");
        put(Haste::WithOthers);
        assert!(wakes(&inbox).await, "for a batch");
        assert_eq!(inbox.take_waiting(), BATCH);
    }
}
