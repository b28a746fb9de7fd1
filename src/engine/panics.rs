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
    use std::io;
    use std::sync::{Arc, Mutex};
    use std::thread;

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;
    use crate::control::tests::breakdown::told_of_broken_calls;
    use crate::engine::log::{self, Names};

    /// What the log wrote.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'w> MakeWriter<'w> for Written {
        type Writer = Self;

        fn make_writer(&'w self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn nothing_that_is_told_of_a_call_that_breaks_down_holds_seven_digits_of_its_number() {
        let here = thread::current().id();
        let otherwise = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if thread::current().id() == here {
                tell(panic);
            } else {
                otherwise(panic);
            }
        }));
        let written = Written::default();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(written.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            let names = Names(vec!["carrier".to_owned()]);
            for told in told_of_broken_calls() {
                log::write(&told, &names);
            }
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        for (words, times) in [
            (WITHHELD, 1),
            ("a call under test breaks", 2),
            ("\"call_broken\"", 2),
            ("\"interrupted\"", 2),
        ] {
            assert_eq!(text.matches(words).count(), times, "{words}: {text}");
        }
        let digits: Vec<char> = "13800000001".chars().collect();
        for part in digits.windows(7) {
            let part: String = part.iter().collect();
            assert!(!text.contains(&part), "{part}: {text}");
        }
    }

    #[test]
    fn only_a_message_of_the_program_text_is_told() {
        let name = "欧阳锋鹤".to_owned();
        let payload = |run: fn(&str)| panic::catch_unwind(|| run(&name)).unwrap_err();
        assert_eq!(message(&*payload(|_| panic!("as it is written"))), "as it is written");
        assert_eq!(message(&*payload(|name| panic!("patient {name}"))), WITHHELD);
        assert_eq!(message(&*payload(|name| drop(name[1..].to_owned()))), WITHHELD);
    }
}
