//! Tones and hold music, made from numbers: prompts by fixed names, which every shelf has beside those of the catalogue.
//!
//! No prompt of a catalogue can have one of these names, because those are `language/name` and no language is `tone`.

use std::f32::consts::TAU;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::playout::{Prompt, Prompts};
use super::samples;

/// What an agent hears when they have taken the phone off: one short high tone.
pub const SHORT: &str = "tone/short";

/// The other side rings: 450 Hz, one second on, four off (GB 3380). To be played in a loop.
pub const RINGBACK: &str = "tone/ringback";

/// The other side is busy or gone: 450 Hz, 0.35 s on, 0.35 off (GB 3380). To be played in a loop.
pub const BUSY: &str = "tone/busy";

/// Music for whoever is held: quiet plucked chords. To be played in a loop.
pub const HOLD: &str = "tone/hold";

/// All of them by name.
pub fn prompts() -> &'static Prompts {
    static PROMPTS: LazyLock<Prompts> = LazyLock::new(|| {
        let made = [
            (SHORT, short()),
            (RINGBACK, cadence(1_000, 4_000)),
            (BUSY, cadence(350, 350)),
            (HOLD, hold()),
        ];
        made.map(|(name, linear)| (name.to_owned(), Arc::new(Prompt::encode(&linear)))).into()
    });
    &PROMPTS
}

/// How long one of them plays, without its repetitions.
pub fn duration(name: &str) -> Option<Duration> {
    prompts().get(name).map(|prompt| prompt.duration())
}
