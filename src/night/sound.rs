//! Sound as timed facts: what the media workers would tell, without a sample.

use std::collections::BTreeMap;
use std::time::Duration;

use super::trunk::{self, VirtualTrunk};
use crate::ids::LegId;
use crate::media::{self, Closed, Command, Fact, Recorded, tones};
use crate::moment::Moment;
use crate::phone::Key;

/// A prompt that has no known length plays this long.
const UNKNOWN_LENGTH: Duration = Duration::from_secs(3);

/// From one side's sound to the other side's ear.
const DELAY: Duration = Duration::from_millis(30);

/// How long somebody speaks who is asked to.
const SENTENCE: Duration = Duration::from_secs(6);

/// What whoever hears another person is said to hear.
pub(super) const BRIDGED: &str = "bridged";

/// Without RTP for this long, media is lost.
const LOST: Duration = Duration::from_secs(20);

/// All legs' media.
#[derive(Debug)]
pub struct Sound {
    durations: BTreeMap<String, Duration>,
    legs: BTreeMap<LegId, Leg>,
    /// So many bridges fail next.
    failing: u32,
}

#[derive(Debug)]
struct Leg {
    port: u16,
    playing: Option<Playing>,
    listens: Listens,
    recording: Option<Moment>,
    path: std::path::PathBuf,
    excerpts: Vec<media::Excerpt>,
    paused: Vec<media::Paused>,
    paused_since: Option<Moment>,
    open: bool,
}

/// The prompt that is on, and when it is done.
#[derive(Clone, Copy, Debug)]
struct Playing {
    play: u32,
    end: End,
}

#[derive(Clone, Copy, Debug)]
enum End {
    At(Moment),
    /// On hold: so much is left.
    After(Duration),
    /// It plays over and over.
    Never,
}

/// Whether the far end hears us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listens {
    Yes,
    No,
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
            failing: 0,
        }
    }

    pub(super) fn fail_bridges(&mut self, times: u32) {
        self.failing = times;
    }

    pub(super) fn command(&mut self, now: Moment, id: LegId, command: Command, trunk: &mut VirtualTrunk) -> Vec<Later> {
        let tell = |after, fact, play| Later::Fact {
            after,
            leg: id,
            fact,
            play,
        };
        let soon = Duration::from_millis(1);
        if let Command::Open { address, .. } = command {
            let path = std::path::PathBuf::new();
            self.legs.insert(
                id,
                Leg {
                    port: address.port(),
                    playing: None,
                    listens: Listens::Yes,
                    recording: None,
                    path,
                    excerpts: Vec::new(),
                    paused: Vec::new(),
                    paused_since: None,
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
            Command::Connect { remote } => {
                let mut later = if trunk.speaks(leg.port) {
                    vec![tell(DELAY, Fact::Heard { at: now + DELAY }, None)]
                } else {
                    vec![tell(LOST, Fact::Silent { silent_for: LOST }, None)]
                };
                if let Some((play, left)) = leg.turn(now, remote.flow.listens()) {
                    later.push(tell(left, Fact::PromptDone { play }, Some(play)));
                }
                later
            }
            // Whoever is asked says a sentence, if the call is recorded.
            Command::Listen { quiet } if leg.recording.is_some() => vec![
                tell(SENTENCE / 2, Fact::VoiceHeard, None),
                tell(SENTENCE + quiet, Fact::VoiceOver, None),
            ],
            Command::Listen { .. } => Vec::new(),
            Command::Excerpt { name, .. } => {
                let sha256 = "0".repeat(64);
                leg.excerpts.push(media::Excerpt { name, sha256 });
                Vec::new()
            }
            Command::Record { path } => {
                leg.recording = Some(now);
                leg.path = path;
                Vec::new()
            }
            Command::Play { play, prompts } => {
                let whole: Duration = prompts.iter().map(|name| length(&self.durations, name)).sum();
                let prompts: Vec<&str> = prompts.iter().map(|name| bare(name)).collect();
                let end = match leg.listens {
                    Listens::Yes => End::At(now + whole),
                    Listens::No => End::After(whole),
                };
                leg.playing = Some(Playing { play, end });
                let acts = prompts
                    .first()
                    .map(|prompt| trunk.hears(leg.port, prompt))
                    .unwrap_or_default();
                vec![Later::Trunk(acts), tell(whole, Fact::PromptDone { play }, Some(play))]
            }
            Command::Loop { play, prompts } => {
                let end = End::Never;
                leg.playing = Some(Playing { play, end });
                let first = prompts.first().map(|prompt| trunk.hears(leg.port, bare(prompt)));
                vec![Later::Trunk(first.unwrap_or_default())]
            }
            Command::Stop => {
                leg.playing = None;
                Vec::new()
            }
            Command::Bridge { with } => {
                leg.playing = None;
                if self.failing > 0 {
                    self.failing -= 1;
                    return vec![tell(soon, Fact::BridgeFailed { with }, None)];
                }
                let port = leg.port;
                let Some(other) = self.legs.get_mut(&with).filter(|other| other.open) else {
                    return vec![tell(soon, Fact::BridgeFailed { with }, None)];
                };
                other.playing = None;
                let acts = [port, other.port].map(|port| trunk.hears(port, BRIDGED));
                acts.into_iter().map(Later::Trunk).collect()
            }
            Command::ListenIn { on } => {
                let is_there = self.legs.get(&on).is_some_and(|other| other.open);
                let failed = tell(soon, Fact::BridgeFailed { with: on }, None);
                if is_there { Vec::new() } else { vec![failed] }
            }
            Command::Unbridge | Command::Mute | Command::Unmute => Vec::new(),
            Command::PauseRecording => {
                leg.paused_since = leg.paused_since.or(leg.recording.map(|_| now));
                Vec::new()
            }
            Command::ResumeRecording => {
                leg.resume(now);
                Vec::new()
            }
            Command::Close => {
                leg.open = false;
                leg.playing = None;
                leg.resume(now);
                let duration = leg.recording.map(|since| now.since(since));
                let recording = duration.map(|duration| Recorded {
                    path: leg.path.clone(),
                    duration_ms: u32::try_from(duration.as_millis()).unwrap_or(u32::MAX),
                    gap_ms: 0,
                    excerpts: std::mem::take(&mut leg.excerpts),
                    paused: std::mem::take(&mut leg.paused),
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

    /// The daemon is gone, and its sockets with it.
    pub(super) fn killed(&mut self) {
        self.legs.clear();
    }

    /// A key pressed on a port, as the daemon's worker tells it.
    pub(super) fn press(&self, after: Duration, port: u16, key: Key, now: Moment) -> Option<Later> {
        let (id, leg) = self.legs.iter().find(|(_, leg)| leg.port == port && leg.open)?;
        let since = leg.recording.map_or(Duration::ZERO, |since| now.since(since));
        let at_ms = u32::try_from((since + after).as_millis()).unwrap_or(u32::MAX);
        let fact = Fact::KeyHeard {
            key,
            at_ms,
            during: leg.playing.map(|playing| playing.play),
        };
        Some(Later::Fact {
            after: after + DELAY,
            leg: *id,
            fact,
            play: None,
        })
    }

    /// Whether a fact still comes: a stopped play has no end, one that stood still has a later one, a closed leg tells
    /// nothing more.
    pub(super) fn still_holds(&self, now: Moment, id: LegId, play: Option<u32>) -> bool {
        self.legs.get(&id).is_some_and(|leg| match (play, leg.playing) {
            (
                Some(play),
                Some(Playing {
                    play: on,
                    end: End::At(at),
                }),
            ) => leg.open && on == play && at <= now,
            (Some(_), Some(_) | None) => false,
            (None, _) => true,
        })
    }
}

impl Leg {
    /// The far end listens, or no more: the prompt stands still and goes on. Gives the play that goes on, with its rest.
    fn turn(&mut self, now: Moment, is_listening: bool) -> Option<(u32, Duration)> {
        self.listens = if is_listening { Listens::Yes } else { Listens::No };
        let playing = self.playing.as_mut()?;
        match (playing.end, self.listens) {
            (End::At(at), Listens::No) => {
                playing.end = End::After(at.since(now));
                None
            }
            (End::After(left), Listens::Yes) => {
                playing.end = End::At(now + left);
                Some((playing.play, left))
            }
            (End::At(_), Listens::Yes) | (End::After(_), Listens::No) | (End::Never, Listens::Yes | Listens::No) => {
                None
            }
        }
    }

    /// Records again, and notes where it did not.
    fn resume(&mut self, now: Moment) {
        let (Some(begun), Some(since)) = (self.recording, self.paused_since.take()) else {
            return;
        };
        let millis = |at: Moment| u32::try_from(at.since(begun).as_millis()).unwrap_or(u32::MAX);
        self.paused.push(media::Paused {
            from_ms: millis(since),
            to_ms: millis(now),
        });
    }
}

/// A prompt's name without its language.
fn bare(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// How long a prompt plays.
fn length(durations: &BTreeMap<String, Duration>, name: &str) -> Duration {
    let known = durations.get(bare(name)).copied();
    known.or_else(|| tones::duration(name)).unwrap_or(UNKNOWN_LENGTH)
}
