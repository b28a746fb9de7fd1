//! Live state over server-sent events: the newest picture is kept for everybody, each listener is told what changed since it
//! was last told. Nothing is buffered for the slow, and there are so many listeners and no more.

mod places;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

use self::places::{Place, Places};
use super::Console;
use crate::access::SignedIn;
use crate::http::{Problem, timestamp};
use crate::moment::Moment;

/// An event of a stream, as the description has it: what `text/event-stream` carries between two empty lines.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it is described, and written line by line")]
pub(super) struct LiveEvent {
    /// What `Last-Event-ID` goes on from; `board` and `change` have one.
    id: Option<String>,
    /// `board`, `change`, `beat`, `over` or `elsewhere`.
    event: String,
    /// JSON.
    data: String,
}

/// So many listeners at one time.
pub(super) const LISTENERS: usize = 64;
/// So many of one account, where each has a picture of its own: a person has a few tabs, and no more than that keeps others out.
const TABS: usize = 4;
/// How often a listener hears something, be it that nothing has changed.
const BEAT: Duration = Duration::from_secs(1);
/// How often it is asked whether the session is in force still.
const CHECKED_EVERY: Duration = Duration::from_secs(2);
/// Who takes nothing for so long is dropped.
const SLOW: Duration = Duration::from_secs(10);
/// Events that may wait for a listener.
const WAITING: usize = 2;

/// A part of a picture, as JSON, and when it last changed.
#[derive(Clone, Debug)]
struct Part {
    name: String,
    json: Arc<str>,
    changed: u64,
}

/// A picture.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// Of which run of the daemon, so that numbers of another are not taken for its own.
    run: i64,
    /// Counts the pictures that differ from the one before.
    number: u64,
    /// The time of its figures, as it is sent.
    at: String,
    parts: Vec<Part>,
}

impl Frame {
    /// The first picture of a run, out of the members of an object.
    pub(super) fn first(run: i64, at: String, parts: &serde_json::Map<String, serde_json::Value>) -> Self {
        let none = Self {
            run,
            number: 0,
            at: String::new(),
            parts: Vec::new(),
        };
        none.next(at, parts)
    }

    /// The picture after this one.
    pub(super) fn next(&self, at: String, parts: &serde_json::Map<String, serde_json::Value>) -> Self {
        let number = self.number + 1;
        let mut changed = false;
        let parts = parts.iter().map(|(name, value)| {
            let json = value.to_string();
            match self.parts.iter().find(|part| part.name == *name) {
                Some(part) if *part.json == *json => part.clone(),
                Some(_) | None => {
                    changed = true;
                    Part {
                        name: name.clone(),
                        json: json.into(),
                        changed: number,
                    }
                }
            }
        });
        let parts = parts.collect();
        Self {
            run: self.run,
            number: if changed { number } else { self.number },
            at,
            parts,
        }
    }

    /// The whole of it as one object.
    pub(super) fn whole(&self) -> String {
        self.object(|_| true)
    }

    fn object(&self, which: impl Fn(&Part) -> bool) -> String {
        let mut text = format!("{{\"at\":\"{}\"", self.at);
        for part in self.parts.iter().filter(|part| which(part)) {
            text.push_str(&format!(",\"{}\":{}", part.name, part.json));
        }
        text.push('}');
        text
    }

    /// The event that brings a listener here from what it was last told.
    fn event(&self, told: Option<Told>) -> String {
        let id = format!("{}-{}", self.run, self.number);
        match told {
            Some(told) if told.run == self.run && told.number == self.number => {
                format!("event: beat\ndata: {{\"at\":\"{}\"}}\n\n", self.at)
            }
            Some(told) if told.run == self.run && told.number < self.number => {
                let data = self.object(|part| part.changed > told.number);
                format!("id: {id}\nevent: change\ndata: {data}\n\n")
            }
            Some(_) | None => format!("id: {id}\nevent: board\ndata: {}\n\n", self.whole()),
        }
    }
}

/// What a listener was last told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    run: i64,
    number: u64,
}

impl Told {
    /// What a listener says in `Last-Event-ID` that it was told; nothing if it was told nothing that we gave out.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let (run, number) = headers.get("last-event-id")?.to_str().ok()?.split_once('-')?;
        Some(Self {
            run: run.parse().ok()?,
            number: number.parse().ok()?,
        })
    }
}

/// The listeners of one kind of picture.
#[derive(Clone, Debug)]
pub(super) struct Live {
    frames: watch::Sender<Option<Arc<Frame>>>,
    places: Arc<Semaphore>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            frames: watch::Sender::new(None),
            places: Arc::new(Semaphore::new(LISTENERS)),
        }
    }
}

impl Live {
    /// Shows a picture to all.
    pub(super) fn show(&self, frame: Frame) {
        self.frames.send_replace(Some(Arc::new(frame)));
    }

    /// The newest picture.
    pub(super) fn newest(&self) -> Option<Arc<Frame>> {
        self.frames.borrow().clone()
    }

    /// Follows the pictures.
    pub(super) fn follow(&self) -> watch::Receiver<Option<Arc<Frame>>> {
        self.frames.subscribe()
    }

    /// How many listen.
    pub(super) fn listeners(&self) -> usize {
        LISTENERS - self.places.available_permits()
    }

    /// Lets somebody listen until the session is over or the listener goes away.
    pub(super) fn listen(
        &self,
        console: Console,
        signed_in: SignedIn,
        headers: &HeaderMap,
    ) -> Result<Response, Problem> {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(Problem::unreadable(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("{LISTENERS} listen already; GET /api/tonight answers without listening"),
            ));
        };
        let (events, waiting) = mpsc::channel(WAITING);
        let listener = Listener {
            console,
            signed_in,
            frames: self.follow(),
            events,
            told: Told::of(headers),
            every: BEAT,
            seat: Seat::Shared { _place: place },
        };
        // Somebody else makes the pictures.
        tokio::spawn(listener.run(|| (), || false));
        Ok(stream(waiting))
    }
}

/// The listeners of pictures that are each their own.
#[derive(Clone, Debug)]
pub(super) struct OwnLive {
    places: Places,
}

impl Default for OwnLive {
    fn default() -> Self {
        Self {
            places: Places::new(LISTENERS, TABS),
        }
    }
}

/// The parts of a picture.
pub(super) type Parts = serde_json::Map<String, serde_json::Value>;

impl OwnLive {
    /// Lets somebody listen to what `look` sees, so often, until the session is over, the listener goes away, or the account has
    /// opened too many others. While `is_use` says so, to listen is to use the session.
    pub(super) fn listen(
        &self,
        (console, signed_in): (Console, SignedIn),
        headers: &HeaderMap,
        every: Duration,
        look: impl Fn(&Console) -> Parts + Send + Sync + 'static,
        is_use: impl Fn(&Console) -> bool + Send + Sync + 'static,
    ) -> Result<Response, Problem> {
        let Some(place) = self.places.take(signed_in.person.id) else {
            return Err(Problem::unreadable(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("{LISTENERS} listen already; ask without listening"),
            ));
        };
        let (events, waiting) = mpsc::channel(WAITING);
        let (frames, follow) = watch::channel(None);
        let told = Told::of(headers);
        let listener = Listener {
            console: console.clone(),
            signed_in,
            frames: follow,
            events,
            told,
            every,
            seat: Seat::Own(place),
        };
        let run = console.now().millis();
        let asked = console.clone();
        let frame = move || {
            let before: Option<Arc<Frame>> = frames.borrow().clone();
            let (at, parts) = (timestamp(console.now()), look(&console));
            let next = match before {
                Some(before) => before.next(at, &parts),
                None => Frame::first(run, at, &parts),
            };
            frames.send_replace(Some(Arc::new(next)));
        };
        tokio::spawn(listener.run(frame, move || is_use(&asked)));
        Ok(stream(waiting))
    }
}

fn stream(waiting: mpsc::Receiver<Bytes>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // A proxy in between must not collect events.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(Events(waiting))).into_response()
}

struct Listener {
    console: Console,
    signed_in: SignedIn,
    frames: watch::Receiver<Option<Arc<Frame>>>,
    events: mpsc::Sender<Bytes>,
    told: Option<Told>,
    every: Duration,
    seat: Seat,
}

/// The place of a listener.
enum Seat {
    /// Among all who see the same.
    Shared { _place: OwnedSemaphorePermit },
    /// Among those of the same account.
    Own(Place),
}

impl Seat {
    /// Waits until another of the same account wants the place.
    async fn wanted(&self) {
        match self {
            Self::Shared { .. } => std::future::pending().await,
            Self::Own(place) => place.wanted().await,
        }
    }
}

impl Listener {
    /// Tells what changed, and where nothing did that it is there still; `make` makes the next picture.
    /// While `is_use` says so, the session is in use.
    async fn run(mut self, make: impl Fn() + Send, is_use: impl Fn() -> bool + Send) {
        let clock = self.console.office.clock();
        let mut checked = clock.now();
        let mut used = checked;
        let mut ear = Ear {
            told: self.told,
            taken: checked,
        };
        let mut said = None;
        let mut beat = tokio::time::interval(self.every);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.events.closed() => return,
                () = self.seat.wanted() => {
                    drop(self.events.try_send(Bytes::from_static(b"event: elsewhere\ndata: {}\n\n")));
                    return;
                }
                _ = beat.tick() => {}
            }
            let now = clock.now();
            if now.since(checked) >= CHECKED_EVERY {
                checked = now;
                if !self.is_in_force().await {
                    // There is room for it, or the listener is slow and sees the stream end.
                    drop(self.events.try_send(Bytes::from_static(b"event: over\ndata: {}\n\n")));
                    return;
                }
                if now.since(used) >= self.console.access.seen_every() && is_use() {
                    used = now;
                    self.console.access.works_on(&self.signed_in, self.console.now());
                }
            }
            make();
            let frame = self.frames.borrow_and_update().clone();
            // Nothing new is told once a second at the most.
            let is_new = frame.as_ref().map(|frame| frame.number) != ear.told.map(|told| told.number);
            if !is_new && said.is_some_and(|said| now.since(said) < BEAT) {
                continue;
            }
            said = Some(now);
            if ear.tell(now, frame.as_deref(), &self.events) == Hearing::Gone {
                return;
            }
        }
    }

    /// A database that cannot be asked ends the stream too: who listens comes back and is asked anew.
    async fn is_in_force(&self) -> bool {
        let asked = self.console.access.is_in_force(&self.signed_in, self.console.now());
        asked.await.unwrap_or(false)
    }
}

/// What a listener was told, and when it last took something.
#[derive(Debug)]
struct Ear {
    told: Option<Told>,
    taken: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hearing {
    Well,
    /// It went away, or has taken nothing for too long.
    Gone,
}

impl Ear {
    /// Tells the listener where things stand. Who has no room is told later, and then of everything that changed.
    fn tell(&mut self, now: Moment, frame: Option<&Frame>, events: &mpsc::Sender<Bytes>) -> Hearing {
        let text = frame.map_or_else(|| ": waiting\n\n".to_owned(), |frame| frame.event(self.told));
        match events.try_send(Bytes::from(text)) {
            Ok(()) => {
                self.taken = now;
                self.told = frame.map(|frame| Told {
                    run: frame.run,
                    number: frame.number,
                });
                Hearing::Well
            }
            Err(mpsc::error::TrySendError::Full(_)) if now.since(self.taken) < SLOW => Hearing::Well,
            Err(mpsc::error::TrySendError::Full(_) | mpsc::error::TrySendError::Closed(_)) => Hearing::Gone,
        }
    }
}

/// The events of a listener as a body.
struct Events(mpsc::Receiver<Bytes>);

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parts(value: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_listener_is_told_the_whole_once_and_then_what_changed() {
        let first = Frame::first(5, "t1".to_owned(), &parts(json!({"a": 1, "b": [2]})));
        assert_eq!(
            first.event(None),
            "id: 5-1\nevent: board\ndata: {\"at\":\"t1\",\"a\":1,\"b\":[2]}\n\n"
        );
        let told = Some(Told { run: 5, number: 1 });
        let same = first.next("t2".to_owned(), &parts(json!({"a": 1, "b": [2]})));
        assert_eq!(same.event(told), "event: beat\ndata: {\"at\":\"t2\"}\n\n");
        let other = same.next("t3".to_owned(), &parts(json!({"a": 1, "b": [3]})));
        assert_eq!(
            other.event(told),
            "id: 5-2\nevent: change\ndata: {\"at\":\"t3\",\"b\":[3]}\n\n"
        );
    }

    #[test]
    fn who_missed_several_pictures_is_told_all_that_changed_since() {
        let first = Frame::first(5, "t1".to_owned(), &parts(json!({"a": 1, "b": 2, "c": 3})));
        let second = first.next("t2".to_owned(), &parts(json!({"a": 9, "b": 2, "c": 3})));
        let third = second.next("t3".to_owned(), &parts(json!({"a": 9, "b": 2, "c": 4})));
        let event = third.event(Some(Told { run: 5, number: 1 }));
        assert!(event.ends_with("{\"at\":\"t3\",\"a\":9,\"c\":4}\n\n"), "{event}");
    }

    #[test]
    fn who_takes_nothing_is_told_later_and_dropped_in_the_end() {
        let first = Frame::first(5, "t1".to_owned(), &parts(json!({"a": 1, "b": 2})));
        let (events, mut waiting) = mpsc::channel(WAITING);
        let mut ear = Ear {
            told: None,
            taken: Moment::ZERO,
        };
        let at = |seconds| Moment::ZERO + Duration::from_secs(seconds);
        assert_eq!(ear.tell(at(0), Some(&first), &events), Hearing::Well);
        assert_eq!(ear.tell(at(1), Some(&first), &events), Hearing::Well);
        let second = first.next("t2".to_owned(), &parts(json!({"a": 2, "b": 2})));
        assert_eq!(ear.tell(at(2), Some(&second), &events), Hearing::Well);
        let third = second.next("t3".to_owned(), &parts(json!({"a": 2, "b": 3})));
        assert_eq!(ear.tell(at(10), Some(&third), &events), Hearing::Well);
        assert_eq!(waiting.len(), WAITING, "nothing more is kept for the slow");
        while waiting.try_recv().is_ok() {}
        assert_eq!(ear.tell(at(10), Some(&third), &events), Hearing::Well);
        let told = waiting.try_recv().unwrap();
        assert!(told.ends_with(b"{\"at\":\"t3\",\"a\":2,\"b\":3}\n\n"), "{told:?}");
        assert_eq!(ear.tell(at(11), Some(&third), &events), Hearing::Well);
        assert_eq!(ear.tell(at(12), Some(&third), &events), Hearing::Well);
        assert_eq!(ear.tell(at(21), Some(&third), &events), Hearing::Well);
        assert_eq!(ear.tell(at(22), Some(&third), &events), Hearing::Gone);
    }

    #[test]
    fn the_numbers_of_another_run_are_nothing() {
        let frame = Frame::first(5, "t".to_owned(), &parts(json!({"a": 1})));
        for told in [Told { run: 4, number: 1 }, Told { run: 5, number: 7 }] {
            assert!(frame.event(Some(told)).contains("event: board"));
        }
        let mut headers = HeaderMap::new();
        headers.insert("last-event-id", "5-3".parse().unwrap());
        assert_eq!(Told::of(&headers), Some(Told { run: 5, number: 3 }));
        headers.insert("last-event-id", "5".parse().unwrap());
        assert_eq!(Told::of(&headers), None);
    }
}
