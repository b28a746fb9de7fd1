//! What the service manager is told: ready, alive, stopping; nothing where none is (sd_notify(3)).

use std::time::Duration;

use sd_notify::NotifyState;

use crate::engine::{Snapshot, Watcher};
use crate::events;

/// The status line is written anew this often.
const STATUS: Duration = Duration::from_secs(5);

/// While calls end, each sign of life of the control thread is worth this much more time.
const GRACE: Duration = Duration::from_secs(30);

/// A word to the manager. It goes on without: what is lost is a line of `systemctl status`, or the watchdog acts.
pub(super) fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        events::manager_untold(tracing::field::display(error));
    }
}

/// Reads settings again, between these two words.
pub(super) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(since) => tell(&[NotifyState::Reloading, since]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// Whether the daemon is stopping: its signs of life then ask for more time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It runs.
    Running,
    /// Its calls end.
    Stopping,
}

/// Says that the daemon is alive for as long as it is polled. It is alive when the control thread has come round since
/// the last time: one that hangs is not covered for by this thread, and the manager's watchdog ends it.
pub(super) async fn keep_alive(watcher: Watcher, phase: tokio::sync::watch::Receiver<Phase>) {
    let watchdog = sd_notify::watchdog_enabled();
    let every = watchdog.map_or(STATUS, |limit| (limit / 3).min(STATUS));
    let mut last = None;
    loop {
        let turned = watcher.turned_at();
        let is_alive = last.replace(turned) != Some(turned);
        let present = *phase.borrow();
        if is_alive {
            let line = status(&watcher.snapshot(), present);
            let mut words = vec![NotifyState::Status(&line)];
            words.extend(watchdog.map(|_| NotifyState::Watchdog));
            if present == Phase::Stopping {
                words.push(NotifyState::ExtendTimeoutUsec(micros(GRACE)));
            }
            tell(&words);
        } else {
            events::control_stood_still();
        }
        tokio::time::sleep(every).await;
    }
}

/// Calls end from now on.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::ExtendTimeoutUsec(micros(GRACE))]);
}

fn micros(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}

fn status(now: &Snapshot, phase: Phase) -> String {
    let doing = match phase {
        Phase::Running => "running",
        Phase::Stopping => "stopping",
    };
    let down = now
        .trunks
        .iter()
        .filter(|trunk| trunk.standing == crate::control::Standing::Down);
    let down: Vec<&str> = down.map(|trunk| trunk.name.as_str()).collect();
    let down = if down.is_empty() {
        String::new()
    } else {
        format!("; down: {}", down.join(", "))
    };
    format!(
        "{doing}: {} dialing, {} ringing, {} talking, {} ending{down}",
        now.dialing, now.ringing, now.talking, now.ending
    )
}
