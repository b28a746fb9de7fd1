//! Every event that the daemon logs, as one table: name, level, what it means, its fields, what to do about it.
//!
//! The log is written through the functions that the table makes, one for each row, and in no other way: so nothing
//! is logged that docs/operations.md does not explain, and each event is counted. Field values are ids, names from
//! the settings, statuses and errors, never a name or a number of a person: those are masked by whoever calls.

#[cfg(test)]
pub(crate) mod manual;
mod rows;

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) use rows::*;

/// A row of the table.
#[derive(Debug)]
pub struct Event {
    /// Its name, in the field `event` of the line.
    pub name: &'static str,
    /// Its level.
    pub level: tracing::Level,
    /// What the line says.
    pub en: &'static str,
    /// The same in Chinese, for the documentation.
    pub zh: &'static str,
    /// The names of its fields.
    pub fields: &'static [&'static str],
    /// What whoever operates the daemon does about it; nothing where it needs nothing.
    pub to_do: &'static str,
    seen: AtomicU64,
}

impl Event {
    /// How often it happened since the process began, whatever the log shows.
    pub fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }
}

/// Makes the table, and for each row the function that logs it.
macro_rules! events {
    ($($name:ident $level:ident ($($field:ident),*) $en:literal $zh:literal $to_do:literal;)*) => {
        $(
            #[doc = $en]
            pub(crate) fn $name($($field: impl ::tracing::Value),*) {
                row::$name.seen.fetch_add(1, ::std::sync::atomic::Ordering::Relaxed);
                ::tracing::event!(::tracing::Level::$level, $($field = $field,)* event = stringify!($name), $en);
            }
        )*

        /// The rows by name.
        #[expect(non_upper_case_globals, reason = "a row is called as its event")]
        pub(crate) mod row {
            use super::super::Event;

            $(
                #[doc = $en]
                pub(crate) static $name: Event = Event {
                    name: stringify!($name),
                    level: ::tracing::Level::$level,
                    en: $en,
                    zh: $zh,
                    fields: &[$(stringify!($field)),*],
                    to_do: $to_do,
                    seen: ::std::sync::atomic::AtomicU64::new(0),
                };
            )*
        }

        /// All rows, in the order of the documentation.
        pub(crate) static ALL: &[&super::Event] = &[$(&row::$name),*];
    };
}
pub(super) use events;

/// The table as Markdown, as docs/operations.md has it.
pub fn markdown() -> String {
    let mut text = "| event | level | message | 含义 | fields | what to do |\n|---|---|---|---|---|---|\n".to_owned();
    for event in ALL {
        let level = event.level.as_str().to_lowercase();
        let (name, en, zh, fields, to_do) = (event.name, event.en, event.zh, event.fields.join(", "), event.to_do);
        // Writing to a string never fails.
        let _ = writeln!(text, "| `{name}` | {level} | {en} | {zh} | {fields} | {to_do} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_lists_exactly_the_events_there_are() {
        manual::holds("events", &markdown());
    }

    #[test]
    fn an_event_has_a_name_of_its_own_and_words_in_both_languages() {
        let mut names: Vec<&str> = ALL.iter().map(|event| event.name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        for event in ALL {
            let is_snake = |name: &str| {
                name.bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
            };
            assert!(is_snake(event.name), "{}", event.name);
            assert!(!event.zh.is_ascii() && !event.en.is_empty(), "{}", event.name);
            // Whoever is called to a fault at night has to know what to do.
            assert!(
                event.level > tracing::Level::WARN || !event.to_do.is_empty(),
                "{}",
                event.name
            );
        }
    }

    #[test]
    fn an_event_is_counted_though_nobody_logs() {
        let before = row::recorder_died.seen();
        recorder_died();
        assert_eq!(row::recorder_died.seen(), before + 1);
    }
}
