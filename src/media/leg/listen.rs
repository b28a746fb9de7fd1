//! Whether the far side speaks, by the loudness of its channel of the recording: for spoken answers.

use std::time::Duration;

use super::super::{Fact, samples};

/// A piece whose mean is louder than this holds a voice: about -42 dBFS. Noise of a line lies below.
const LOUD: u64 = 256;

/// So much voice is one; a click or a cough is shorter.
const VOICE: u64 = 300 * samples::PER_MS;

/// What was heard so far.
#[derive(Clone, Debug)]
pub(super) struct Listening {
    /// So many samples of silence after the voice are its end.
    quiet: u64,
    voice: u64,
    silence: u64,
}

impl Listening {
    pub(super) fn new(quiet: Duration) -> Self {
        Self {
            quiet: samples::in_duration(quiet),
            voice: 0,
            silence: 0,
        }
    }

    /// Takes a piece of the recording, both channels interleaved, and says what it tells.
    pub(super) fn take(&mut self, pcm: &[i16]) -> Option<Fact> {
        let voice = pcm.iter().step_by(2);
        let count = voice.len() as u64;
        let sum: u64 = voice.map(|sample| u64::from(sample.unsigned_abs())).sum();
        let before = self.voice;
        if sum.checked_div(count).is_some_and(|mean| mean > LOUD) {
            self.voice += count;
            self.silence = 0;
            return (before < VOICE && self.voice >= VOICE).then_some(Fact::VoiceHeard);
        }
        let silent_before = self.silence;
        self.silence += count;
        if self.voice < VOICE {
            self.voice = 0;
            return None;
        }
        (silent_before < self.quiet && self.silence >= self.quiet).then_some(Fact::VoiceOver)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 160 ms with a patient as loud as this, while we say something loud.
    fn piece(loud: i16) -> Vec<i16> {
        (0..1_280).flat_map(|_| [loud, 9_000]).collect()
    }

    #[test]
    fn a_voice_is_heard_once_and_over_after_the_silence_that_was_asked_for() {
        let mut listening = Listening::new(Duration::from_secs(2));
        let mut told = |loud: i16, pieces: usize| -> Vec<Fact> {
            (0..pieces).filter_map(|_| listening.take(&piece(loud))).collect()
        };
        assert_eq!(told(20, 30), [], "noise of the line is no voice, and its end is none");
        assert_eq!(told(3_000, 1), [], "nor is a click");
        assert_eq!(told(20, 1), []);
        assert_eq!(told(-3_000, 9), [Fact::VoiceHeard]);
        assert_eq!(told(20, 10), [], "a pause for thought");
        assert_eq!(told(3_000, 5), []);
        assert_eq!(told(20, 30), [Fact::VoiceOver]);
    }
}
