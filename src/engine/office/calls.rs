//! One call by hand: checked, ordered, told line by line.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{Error, Office};
use crate::call::{Limits, Observed};
use crate::control::{HandCall, Order, Told};
use crate::engine::{Orders, checks};
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
        let told = engine.watcher().follow();
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
                () = follow(token, told, &lines) => {}
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

async fn follow(token: u64, mut told: tokio::sync::broadcast::Receiver<Told>, lines: &mpsc::Sender<CallLine>) {
    loop {
        let line = match told.recv().await {
            Ok(Told::Call { who, observed }) if who.token == Some(token) => CallLine::Observed {
                attempt: who.attempt,
                observed,
            },
            Ok(Told::Ended {
                who,
                disposition,
                rule,
                why,
            }) if who.token == Some(token) => {
                let attempt = who.attempt;
                let recording = disposition
                    .is_answered()
                    .then(|| crate::control::recording_row(attempt));
                let cause = disposition.zh().to_owned();
                let ended = CallLine::Ended {
                    attempt,
                    disposition,
                    cause,
                    rule,
                    why,
                    recording,
                };
                // A reader that went away does not need the end.
                drop(lines.send(ended).await);
                return;
            }
            Ok(Told::HandCallFailed { token: failed, why }) if failed == token => {
                drop(lines.send(CallLine::Failed(why)).await);
                return;
            }
            Ok(Told::Drained) | Err(tokio::sync::broadcast::error::RecvError::Closed) => {
                drop(lines.send(CallLine::Failed("the daemon is stopping".to_owned())).await);
                return;
            }
            Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => continue,
        };
        if lines.send(line).await.is_err() {
            return;
        }
    }
}
