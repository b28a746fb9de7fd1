//! The end of the daemon's calls, step by step: talks finish, then those who still talk hear a goodbye, then all is
//! hung up. Each further signal goes on to the next step at once.

use std::time::Duration;

use anyhow::bail;

use crate::cli::interrupt::Interrupts;
use crate::cli::show;
use crate::control::ShutDown;
use crate::document::show_duration;
use crate::engine::Engine;
use crate::engine::clock::Clock;
use crate::moment::Moment;

/// An apology lasts a few seconds.
const GOODBYE: Duration = Duration::from_secs(10);

/// A BYE that nobody answers is given up after 32 s (RFC 3261, Timer F); then the ends are written.
const HANG_UP: Duration = Duration::from_secs(45);

/// What a wait without the runtime's timers lasts at a time.
const SLICE: Duration = Duration::from_millis(100);

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
            () = lasting(limit) => {}
        }
    }
    bail!("not every end could be written before the stop; calls that were not written down end as unknown")
}

/// Waits for as long as it says. The runtime's own timers fire at once while the host's monotonic clock is behind what
/// it was, which would cut every step short.
async fn lasting(limit: Duration) {
    let clock = Clock::start();
    tokio::time::sleep(limit).await;
    while clock.now().since(Moment::ZERO) < limit {
        let slice = || {
            let (_open, shut) = std::sync::mpsc::sync_channel::<()>(0);
            // Nobody sends anything: it is over with the time.
            shut.recv_timeout(SLICE).unwrap_or(());
        };
        // It cannot fail but by a panic, and there is none in it.
        drop(tokio::task::spawn_blocking(slice).await);
    }
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
