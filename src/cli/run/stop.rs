//! The end of the daemon's calls, step by step: talks finish, then those who still talk hear a goodbye, then all is
//! hung up. Each further signal goes on to the next step at once.

use std::time::Duration;

use anyhow::bail;

use crate::cli::interrupt::Interrupts;
use crate::cli::show;
use crate::control::ShutDown;
use crate::document::show_duration;
use crate::engine::Engine;

/// An apology lasts a few seconds.
const GOODBYE: Duration = Duration::from_secs(10);

/// A BYE that nobody answers is given up after 32 s (RFC 3261, Timer F); then the ends are written.
const HANG_UP: Duration = Duration::from_secs(45);

/// Ends all calls and has their ends written; `drain` is how long talks may go on first.
pub(super) async fn end_calls(engine: &Engine, interrupts: &mut Interrupts, drain: Duration) -> anyhow::Result<()> {
    let steps = [
        (ShutDown::Drain, drain),
        (ShutDown::SayGoodbye, GOODBYE),
        (ShutDown::AtOnce, HANG_UP),
    ];
    for (how, limit) in steps {
        if limit.is_zero() {
            continue;
        }
        show::note(&words(how, limit));
        engine.end_calls(how).await;
        tokio::select! {
            () = engine.ended() => {
                engine.shut_down().await;
                return Ok(());
            }
            () = interrupts.next() => {}
            () = tokio::time::sleep(limit) => {}
        }
    }
    bail!("not every end could be written before the stop; calls that were not written down end as unknown")
}

fn words(how: ShutDown, limit: Duration) -> String {
    match how {
        ShutDown::Drain => format!(
            "stopping: nothing more is dialed, running calls have {}; a second signal says goodbye to them now",
            show_duration(limit)
        ),
        ShutDown::SayGoodbye => "stopping: who still talks hears a goodbye, what rings is cancelled".to_owned(),
        ShutDown::AtOnce => "stopping: what is left is hung up and written down".to_owned(),
    }
}
