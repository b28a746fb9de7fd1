//! What we say: prompts encoded once, handed out frame by frame.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Codec, g711, samples};

/// Prompts by name.
pub type Prompts = BTreeMap<String, Arc<Prompt>>;

/// A piece of audio, encoded for every codec when it is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    pcma: Arc<[u8]>,
    pcmu: Arc<[u8]>,
}

impl Prompt {
    /// Encodes linear audio at 8 kHz.
    pub fn encode(linear: &[i16]) -> Self {
        let encoded = |codec| {
            let mut bytes = Vec::with_capacity(linear.len());
            g711::encode(codec, linear, &mut bytes);
            Arc::from(bytes)
        };
        Self {
            pcma: encoded(Codec::Pcma),
            pcmu: encoded(Codec::Pcmu),
        }
    }

    /// Its audio on the wire.
    pub fn bytes(&self, codec: Codec) -> &[u8] {
        match codec {
            Codec::Pcma => &self.pcma,
            Codec::Pcmu => &self.pcmu,
        }
    }

    /// How long it plays.
    pub fn duration(&self) -> Duration {
        samples::duration(self.pcma.len() as u64)
    }
}

/// Prompts that play one after another without a pause between them.
#[derive(Clone, Debug)]
pub struct Playout {
    play: u32,
    prompts: Vec<Arc<Prompt>>,
    prompt: usize,
    sample: usize,
    times: Times,
}

/// How often prompts play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Once,
    Ever,
}

/// How a frame was filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    /// With audio, and there is more.
    GoesOn,
    /// With the last samples and silence.
    Done,
}

impl Playout {
    /// Plays `prompts`; `play` names it in facts.
    pub const fn new(play: u32, prompts: Vec<Arc<Prompt>>) -> Self {
        Self {
            play,
            prompts,
            prompt: 0,
            sample: 0,
            times: Times::Once,
        }
    }

    /// Plays `prompts` over and over.
    pub fn looped(play: u32, prompts: Vec<Arc<Prompt>>) -> Self {
        let has_sound = prompts.iter().any(|prompt| !prompt.pcma.is_empty());
        Self {
            times: if has_sound { Times::Ever } else { Times::Once },
            ..Self::new(play, prompts)
        }
    }

    /// Its name in facts.
    pub const fn play(&self) -> u32 {
        self.play
    }

    /// Fills the next frame.
    pub fn fill(&mut self, codec: Codec, frame: &mut [u8]) -> Filled {
        let mut filled = 0;
        while let Some(prompt) = self.prompts.get(self.prompt) {
            let rest = prompt.bytes(codec).get(self.sample..).unwrap_or_default();
            let room = frame.get_mut(filled..).unwrap_or_default();
            let count = rest.len().min(room.len());
            for (to, from) in room.iter_mut().zip(rest) {
                *to = *from;
            }
            filled += count;
            if count < rest.len() {
                self.sample += count;
                return Filled::GoesOn;
            }
            self.prompt += 1;
            self.sample = 0;
            if self.times == Times::Ever && self.prompt >= self.prompts.len() {
                self.prompt = 0;
            }
        }
        frame.get_mut(filled..).unwrap_or_default().fill(g711::silence(codec));
        Filled::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(length: i16) -> Arc<Prompt> {
        Arc::new(Prompt::encode(&(1..=length).map(|n| n * 64).collect::<Vec<_>>()))
    }

    fn played(prompts: Vec<Arc<Prompt>>, frame: usize) -> (Vec<u8>, usize) {
        let mut playout = Playout::new(1, prompts);
        let (mut bytes, mut frames) = (Vec::new(), 0);
        loop {
            let mut next = vec![0; frame];
            let filled = playout.fill(Codec::Pcma, &mut next);
            bytes.extend(next);
            frames += 1;
            if filled == Filled::Done {
                return (bytes, frames);
            }
        }
    }

    #[test]
    fn prompts_follow_each_other_without_a_pause_and_the_last_frame_ends_in_silence() {
        let (first, second) = (ramp(100), ramp(77));
        let expected = [first.bytes(Codec::Pcma), second.bytes(Codec::Pcma)].concat();
        for frame in [80, 160, 480] {
            let (bytes, frames) = played(
                vec![first.clone(), Arc::new(Prompt::encode(&[])), second.clone()],
                frame,
            );
            assert_eq!(bytes[..177], expected);
            assert!(bytes[177..].iter().all(|&byte| byte == g711::silence(Codec::Pcma)));
            assert_eq!(frames, 177_usize.div_ceil(frame));
        }
    }

    #[test]
    fn a_prompt_of_whole_frames_is_done_with_its_last_one() {
        assert_eq!(played(vec![ramp(320)], 160).1, 2);
    }

    #[test]
    fn a_loop_goes_on_from_the_end_with_the_beginning_and_is_never_done() {
        let prompt = ramp(100);
        let mut playout = Playout::looped(1, vec![Arc::new(Prompt::encode(&[])), prompt.clone()]);
        let mut heard = Vec::new();
        for _ in 0..50 {
            let mut frame = [0; 160];
            assert_eq!(playout.fill(Codec::Pcmu, &mut frame), Filled::GoesOn);
            heard.extend(frame);
        }
        assert_eq!(heard, prompt.bytes(Codec::Pcmu).repeat(80));
        let mut silence = Playout::looped(2, vec![Arc::new(Prompt::encode(&[]))]);
        assert_eq!(silence.fill(Codec::Pcma, &mut [0; 160]), Filled::Done);
    }

    #[test]
    fn nothing_to_play_is_one_frame_of_silence() {
        assert_eq!(played(Vec::new(), 160), (vec![0xD5; 160], 1));
    }

    #[test]
    fn a_prompt_knows_its_length() {
        assert_eq!(ramp(400).duration(), Duration::from_millis(50));
    }
}
