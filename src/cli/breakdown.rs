//! What a panic tells: where it was and in which thread. Its text could hold a name or a number, so it is told nowhere.

use std::panic::PanicHookInfo;

use super::show;

/// From now on every panic is told in one line.
pub(super) fn tell_where() {
    std::panic::set_hook(Box::new(|panic| {
        let line = line(panic);
        if tracing::dispatcher::has_been_set() {
            tracing::error!("{line}");
        } else {
            show::note(&format!("aftercall: {line}"));
        }
    }));
}

fn line(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(
        || "an unknown place".to_owned(),
        |place| format!("{}:{}", place.file(), place.line()),
    );
    let thread = std::thread::current();
    format!(
        "a fault of the program at {place}, thread {}",
        thread.name().unwrap_or("without a name")
    )
}
