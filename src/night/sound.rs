//! Sound as timed facts: what the media workers would tell, without a sample.

use std::collections::BTreeMap;
use std::time::Duration;

use super::trunk::{self, VirtualTrunk};
use crate::ids::LegId;
use crate::media::{Closed, Command, Fact, Recorded};
use crate::moment::Moment;
use crate::phone::Key;

/// A prompt that has no known length plays this long.
const UNKNOWN_LENGTH: Duration = Duration::from_secs(3);

/// From one side's sound to the other side's ear.
const DELAY: Duration = Duration::from_millis(30);

/// Without RTP for this long, media is lost.
const LOST: Duration = Duration::from_secs(20);

/// All legs' media.
#[derive(Debug)]
pub struct Sound {
    durations: BTreeMap<String, Duration>,
    legs: BTreeMap<LegId, Leg>,
}

#[derive(Debug)]
struct Leg {
    port: u16,
    playing: Option<u32>,
    recording: Option<Moment>,
    path: std::path::PathBuf,
    open: bool,
}

/// What follows from a command.
#[derive(Debug)]
pub(super) enum Later {
    Fact {
        after: Duration,
        leg: LegId,
        fact: Fact,
        play: Option<u32>,
    },
    Trunk(Vec<trunk::Later>),
}

impl Sound {
    /// Prompts play as long as they are.
    pub(super) fn new(durations: BTreeMap<String, Duration>) -> Self {
        Self {
            durations,
            legs: BTreeMap::new(),
        }
    }

    pub(super) fn command(&mut self, now: Moment, id: LegId, command: Command, trunk: &mut VirtualTrunk) -> Vec<Later> {
        let tell = |after, fact, play| Later::Fact {
            after,
            leg: id,
            fact,
            play,
        };
        let soon = Duration::from_millis(1);
        if let Command::Open { address } = command {
            let path = std::path::PathBuf::new();
            self.legs.insert(
                id,
                Leg {
                    port: address.port(),
                    playing: None,
                    recording: None,
                    path,
                    open: true,
                },
            );
            return vec![tell(soon, Fact::Opened, None)];
        }
        let Some(leg) = self.legs.get_mut(&id) else {
            return Vec::new();
        };
        match command {
            Command::Open { .. } | Command::Press { .. } => Vec::new(),
            Command::Connect { .. } if trunk.speaks(leg.port) => {
                vec![tell(DELAY, Fact::Heard { at: now + DELAY }, None)]
            }
            Command::Connect { .. } => vec![tell(LOST, Fact::Silent { silent_for: LOST }, None)],
            Command::Record { path } => {
                leg.recording = Some(now);
                leg.path = path;
                Vec::new()
            }
            Command::Play { play, prompts } => {
                leg.playing = Some(play);
                let length = |name: &String| self.durations.get(name).copied().unwrap_or(UNKNOWN_LENGTH);
                let whole: Duration = prompts.iter().map(length).sum();
                let acts = prompts
                    .first()
                    .map(|prompt| trunk.hears(leg.port, prompt))
                    .unwrap_or_default();
                vec![Later::Trunk(acts), tell(whole, Fact::PromptDone { play }, Some(play))]
            }
            Command::Stop => {
                leg.playing = None;
                Vec::new()
            }
            Command::Close => {
                leg.open = false;
                leg.playing = None;
                let duration = leg.recording.map(|since| now.since(since));
                let recording = duration.map(|duration| Recorded {
                    path: leg.path.clone(),
                    duration_ms: u32::try_from(duration.as_millis()).unwrap_or(u32::MAX),
                    gap_ms: 0,
                    sha256: String::new(),
                });
                vec![tell(
                    soon,
                    Fact::Closed(Closed {
                        recording,
                        ..Closed::default()
                    }),
                    None,
                )]
            }
        }
    }

    /// A key pressed on a port, as the daemon's worker tells it.
    pub(super) fn press(&self, after: Duration, port: u16, key: Key, now: Moment) -> Option<Later> {
        let (id, leg) = self.legs.iter().find(|(_, leg)| leg.port == port && leg.open)?;
        let since = leg.recording.map_or(Duration::ZERO, |since| now.since(since));
        let at_ms = u32::try_from((since + after).as_millis()).unwrap_or(u32::MAX);
        let fact = Fact::KeyHeard {
            key,
            at_ms,
            during: leg.playing,
        };
        Some(Later::Fact {
            after: after + DELAY,
            leg: *id,
            fact,
            play: None,
        })
    }

    /// Whether a fact still comes: a stopped play has no end, a closed leg tells nothing more.
    pub(super) fn still_holds(&self, id: LegId, play: Option<u32>) -> bool {
        self.legs.get(&id).is_some_and(|leg| match play {
            Some(_) => leg.open && leg.playing == play,
            None => true,
        })
    }
}
