//! One call by hand: checked, ordered, told line by line.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::{Error, Office};
use crate::call::{Limits, Observed};
use crate::control::{HandCall, Order, Told};
use crate::engine::{Orders, Watcher, checks};
use crate::events;
use crate::ids::{AttemptId, TrunkId};
use crate::outcome::Disposition;
use crate::phone::Number;

/// Lines that a slow reader may leave unread; the call itself never waits for a reader.
const LINES: usize = 256;

static NEXT_TOKEN: AtomicU64 = AtomicU64::new(1);

/// One call that somebody asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HandCallRequest {
    /// Whom, as the trunk wants it dialed.
    pub number: Number,
    /// Over which trunk; the first one if none is named.
    pub trunk: Option<String>,
    /// The dialplan file's name, for messages.
    pub dialplan_file: String,
    /// The dialplan file.
    pub dialplan_text: String,
}

/// What is told of a call while it runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallLine {
    /// Before it begins: something the person should know.
    Warning(String),
    /// Something happened.
    Observed {
        /// The attempt.
        attempt: AttemptId,
        /// What.
        observed: Observed,
    },
    /// It is over.
    Ended {
        /// The attempt.
        attempt: AttemptId,
        /// How.
        disposition: Disposition,
        /// In the users' words.
        cause: String,
        /// The rule that decided.
        rule: String,
        /// In one sentence.
        why: String,
        /// The recording of an answered call, relative to the data folder.
        recording: Option<String>,
    },
    /// It could not begin.
    Failed(String),
}

/// A call that is being told.
#[derive(Debug)]
pub struct HandCallLines {
    /// Its lines; they end when the call has. When they are dropped before that, the call is hung up.
    pub lines: mpsc::Receiver<CallLine>,
    token: u64,
    orders: Orders,
}

impl HandCallLines {
    /// Hangs up; the end is told as ever.
    pub fn hang_up(&self) -> Result<(), Error> {
        self.orders.give(Order::HangUp { token: self.token })
    }
}

impl Office {
    /// Makes one call.
    pub async fn call(&self, request: HandCallRequest) -> Result<HandCallLines, Error> {
        let Some(engine) = &self.engine else {
            return Err(Error::Refused {
                why: "no engine runs here to call with".to_owned(),
            });
        };
        self.need_home()?;
        let name = request
            .trunk
            .clone()
            .or_else(|| self.settings.trunks.first().map(|trunk| trunk.name.clone()));
        let (index, trunk) = self.trunk(name.as_deref().unwrap_or_default())?;
        let (dialplan, warnings) = self.read_dialplan(&request.dialplan_file, &request.dialplan_text)?;
        self.put_dialplan(&request.dialplan_file, &request.dialplan_text, &dialplan)
            .await?;
        let (lines, reader) = mpsc::channel(LINES);
        let greeting = checks::demo_dialplan(&self.settings, trunk, &dialplan);
        for warning in warnings.into_iter().chain(greeting) {
            // The channel is new and wider than this.
            drop(lines.try_send(CallLine::Warning(warning)));
        }
        let token = NEXT_TOKEN.fetch_add(1, Ordering::Relaxed);
        let watcher = engine.watcher().clone();
        let told = watcher.follow();
        engine.order(Order::Call(Box::new(HandCall {
            token,
            trunk: TrunkId(u16::try_from(index).unwrap_or(u16::MAX)),
            number: request.number,
            dialplan: Arc::new(dialplan),
            limits: Limits::default(),
        })))?;
        let call = HandCallLines {
            lines: reader,
            token,
            orders: engine.orders(),
        };
        let orders = engine.orders();
        tokio::spawn(async move {
            tokio::select! {
                () = follow(token, watcher, told, &lines) => {}
                // Whoever asked went away: nobody is left to hear how it goes, and a person is on the line.
                () = lines.closed() => {
                    if orders.give(Order::HangUp { token }).is_err() {
                        events::hand_call_orphaned(token);
                    }
                }
            }
        });
        Ok(call)
    }
}

/// Tells a call line by line until it is over. Who reads so slowly that the end is missed is told it all the same.
async fn follow(token: u64, watcher: Watcher, mut told: Receiver<Told>, lines: &mpsc::Sender<CallLine>) {
    loop {
        let told = match told.recv().await {
            Ok(told) => Some(told),
            Err(RecvError::Lagged(_)) => watcher.missed(token),
            Err(RecvError::Closed) => Some(Told::Drained),
        };
        let Some(line) = line_of(token, told) else {
            continue;
        };
        let is_last = !matches!(line, CallLine::Observed { .. });
        // A reader that went away does not need the end.
        if lines.send(line).await.is_err() || is_last {
            return;
        }
    }
}

/// What the asker is told of it; nothing if it is about something else.
fn line_of(token: u64, told: Option<Told>) -> Option<CallLine> {
    match told {
        Some(Told::Call { who, observed }) if who.token == Some(token) => Some(CallLine::Observed {
            attempt: who.attempt,
            observed,
        }),
        Some(Told::Ended {
            who,
            disposition,
            rule,
            why,
        }) if who.token == Some(token) => {
            let attempt = who.attempt;
            let recording = disposition
                .is_answered()
                .then(|| crate::control::recording_row(attempt));
            Some(CallLine::Ended {
                attempt,
                disposition,
                cause: disposition.zh().to_owned(),
                rule,
                why,
                recording,
            })
        }
        Some(Told::HandCallFailed { token: failed, why }) if failed == token => Some(CallLine::Failed(why)),
        Some(Told::Drained) => Some(CallLine::Failed("the daemon is stopping".to_owned())),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Who;
    use crate::engine::watch::watch;
    use crate::ids::{CampaignId, LegId};

    fn ended(token: u64) -> Told {
        Told::Ended {
            who: Who {
                leg: LegId(token),
                attempt: AttemptId(7),
                case: None,
                campaign: None,
                token: Some(token),
                trunk: TrunkId(0),
            },
            disposition: Disposition::NoAnswer,
            rule: "rang".to_owned(),
            why: "nobody came".to_owned(),
        }
    }

    /// What a reader gets who begins to read when all this was told, and much more after it.
    async fn read_late(told: Vec<Told>) -> Option<CallLine> {
        let (mut watch, watcher) = watch();
        let behind = watcher.follow();
        for told in told {
            watch.tell(told);
        }
        for _ in 0..10_000 {
            watch.tell(Told::Idle(CampaignId(1)));
        }
        let (lines, mut reader) = mpsc::channel(LINES);
        let following = tokio::spawn(async move { follow(1, watcher, behind, &lines).await });
        let line = tokio::time::timeout(std::time::Duration::from_secs(20), reader.recv()).await;
        following.abort();
        line.ok().flatten()
    }

    #[tokio::test]
    async fn who_reads_too_slowly_is_told_the_end_of_the_call_all_the_same() {
        let line = read_late(vec![ended(2), ended(1)]).await;
        let is_end = |attempt, disposition| (attempt, disposition) == (AttemptId(7), Disposition::NoAnswer);
        assert!(
            matches!(line, Some(CallLine::Ended { attempt, disposition, .. }) if is_end(attempt, disposition)),
            "{line:?}"
        );
        let why = "the store is closed".to_owned();
        let line = read_late(vec![Told::HandCallFailed { token: 1, why }]).await;
        assert!(matches!(line, Some(CallLine::Failed(_))), "{line:?}");
        let line = read_late(vec![ended(2), Told::Drained]).await;
        assert!(matches!(line, Some(CallLine::Failed(_))), "{line:?}");
    }
}
