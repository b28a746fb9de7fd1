//! An ear that knows no prompt: it hears that somebody speaks, and that they have finished. For load, where
//! correlation would cost more than the calls.

use std::sync::Arc;

use crate::far_end::g711::Law;

use super::{Event, Heard, energy, is_audible};

/// A prompt is over after this much silence; no pause within a prompt may be as long.
const PAUSE: u64 = 200 * 8;
/// Of so many samples one is listened to.
const THINNED: usize = 8;

/// Prompts told apart by the silence between them, named by their place: 1, 2, 3 …
pub(crate) struct Turns {
    law: Law,
    heard: u32,
    speaking: Option<Speaking>,
}

struct Speaking {
    name: Arc<str>,
    began: u64,
    /// The sample after the last sound.
    until: u64,
}

impl Turns {
    pub(crate) const fn new(law: Law) -> Self {
        Self {
            law,
            heard: 0,
            speaking: None,
        }
    }

    /// Takes audio that belongs at `position`.
    pub(crate) fn take(&mut self, position: u64, octets: &[u8], events: &mut Vec<Event>) {
        let mut samples = [0; 64];
        let mut count = 0;
        for (sample, &octet) in samples.iter_mut().zip(octets.iter().step_by(THINNED)) {
            *sample = self.law.decode(octet);
            count += 1;
        }
        let end = position + u64::try_from(octets.len()).unwrap_or(0);
        if is_audible(energy(samples.get(..count).unwrap_or_default()), count) {
            let heard = &mut self.heard;
            let speaking = self.speaking.get_or_insert_with(|| {
                *heard += 1;
                let name = Arc::from(heard.to_string());
                events.push(Event::Began {
                    name: Arc::clone(&name),
                    at: position,
                });
                Speaking {
                    name,
                    began: position,
                    until: end,
                }
            });
            speaking.until = end;
        } else if self.speaking.as_ref().is_some_and(|it| it.until + PAUSE <= end) {
            self.end(true, events);
        }
    }

    /// The call is over: what is still being said was cut.
    pub(crate) fn finish(&mut self, events: &mut Vec<Event>) {
        self.end(false, events);
    }

    fn end(&mut self, whole: bool, events: &mut Vec<Event>) {
        if let Some(Speaking { name, began, until }) = self.speaking.take() {
            events.push(Event::Ended(Heard {
                name,
                or: Vec::new(),
                at: began,
                samples: until - began,
                whole,
                flaws: 0,
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_counted_by_the_silence_between_them() {
        let (sound, silence) = ([Law::Pcmu.encode(8_000); 160], [0xFF; 160]);
        let mut turns = Turns::new(Law::Pcmu);
        let mut events = Vec::new();
        // A short pause belongs to its prompt.
        let frames = [(10, true), (5, false), (10, true), (20, false), (3, true)];
        let mut position = 0;
        for (count, is_sound) in frames {
            for _ in 0..count {
                turns.take(position, if is_sound { &sound } else { &silence }, &mut events);
                position += 160;
            }
        }
        turns.finish(&mut events);
        let told: Vec<_> = events
            .into_iter()
            .map(|event| match event {
                Event::Began { name, at } => (name.to_string(), at, None),
                Event::Ended(heard) => (heard.name.to_string(), heard.at, Some((heard.samples, heard.whole))),
            })
            .collect();
        let frame = |n: u64| n * 160;
        assert_eq!(
            told,
            [
                ("1".to_owned(), 0, None),
                ("1".to_owned(), 0, Some((frame(25), true))),
                ("2".to_owned(), frame(45), None),
                ("2".to_owned(), frame(45), Some((frame(3), false))),
            ]
        );
    }
}
