//! What a panic leaves: an event with thread and place, and no word that could hold personal data.

use std::any::Any;
use std::io::Write;
use std::panic::{self, PanicHookInfo};

use crate::events;

/// What stands for a message that was put together while the program ran: a cut string shows its text, for one.
const WITHHELD: &str = "(withheld: it may hold personal data)";

/// Has every panic of this process told as an event; where no log is kept, on standard error.
pub fn report() {
    panic::set_hook(Box::new(tell));
}

fn tell(panic: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = message(panic.payload());
    events::panicked(thread, place.as_str(), message);
    if !tracing::dispatcher::has_been_set() {
        // Standard error that is gone cannot be told about.
        drop(writeln!(
            std::io::stderr().lock(),
            "aftercall: thread {thread} panicked at {place}: {message}"
        ));
    }
}

/// A message that stands in the program text as it is; of any other we do not know what is in it.
fn message(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or(WITHHELD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_message_of_the_program_text_is_told() {
        let name = "欧阳锋鹤".to_owned();
        let payload = |run: fn(&str)| panic::catch_unwind(|| run(&name)).unwrap_err();
        assert_eq!(message(&*payload(|_| panic!("as it is written"))), "as it is written");
        assert_eq!(message(&*payload(|name| panic!("patient {name}"))), WITHHELD);
        assert_eq!(message(&*payload(|name| drop(name[1..].to_owned()))), WITHHELD);
    }
}
