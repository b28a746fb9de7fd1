//! Media of one leg as values: RTP, codecs, telephone-event, playout, the WAV mix. Time is samples at 8 kHz.
//!
//! The composition above speaks to a leg in [`Command`]s and hears [`Fact`]s; `engine/` carries both over its workers.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::ids::LegId;
use crate::moment::Moment;
use crate::phone::Key;

pub mod leg;

pub mod bridge;
pub mod g711;
pub mod jitter;
pub mod latch;
pub mod mix;
pub mod playout;
pub mod rtcp;
pub mod rtp;
pub mod samples;
pub mod sequence;
pub mod stream;
pub mod streams;
pub mod telephone_event;
pub mod tones;
pub mod track;

/// A G.711 flavour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Codec {
    /// A-law, static payload 8.
    Pcma,
    /// mu-law, static payload 0.
    Pcmu,
}

impl Codec {
    /// The codec of a static RTP payload number (RFC 3551 table 4).
    pub const fn from_payload(payload: u8) -> Option<Self> {
        match payload {
            8 => Some(Self::Pcma),
            0 => Some(Self::Pcmu),
            _ => None,
        }
    }

    /// Its static RTP payload number.
    pub const fn payload(self) -> u8 {
        match self {
            Self::Pcma => 8,
            Self::Pcmu => 0,
        }
    }
}

/// The far side of an RTP stream, from its SDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Where to send until its first packet shows where it really is (symmetric RTP).
    pub address: SocketAddr,
    /// Where its RTCP goes (RFC 3605, `a=rtcp`); without one, the port above `address`.
    pub rtcp: Option<SocketAddr>,
    /// The codec of both directions.
    pub codec: Codec,
    /// The payload number of its telephone-event.
    pub events: Option<u8>,
    /// Packet time of what we send.
    pub ptime_ms: u8,
    /// Who sends to whom now (hold).
    pub flow: Flow,
}

/// Which way audio flows, as the far end's SDP says of itself (RFC 3264 sections 5.1 and 8.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// It sends and listens.
    #[default]
    SendRecv,
    /// It sends and does not listen: we are on hold, perhaps with its music. We send nothing, and what we say waits.
    SendOnly,
    /// It listens and does not send: its silence is no fault.
    RecvOnly,
    /// Neither.
    Inactive,
}

impl Flow {
    /// Whether the far end sends, so that its silence would be a fault.
    pub const fn sends(self) -> bool {
        match self {
            Self::SendRecv | Self::SendOnly => true,
            Self::RecvOnly | Self::Inactive => false,
        }
    }

    /// Whether the far end wants to hear us.
    pub const fn listens(self) -> bool {
        match self {
            Self::SendRecv | Self::RecvOnly => true,
            Self::SendOnly | Self::Inactive => false,
        }
    }
}

/// What a leg's media can be told. Commands of one leg are obeyed in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Binds `port` on `address` (RTP) and listens.
    Open {
        /// The local address.
        address: SocketAddr,
        /// The leg that it will be bridged with or listen to: it gets the same worker. A leg that is not open is nobody.
        beside: Option<LegId>,
    },
    /// Starts sending silence to, and taking packets from, the far side (early media or answer). A later one changes
    /// the remote, starts the silence clock anew and lets [`Fact::Heard`] be told again. While the far side does not
    /// listen nothing but RTCP is sent, and what plays waits where it is; while it does not send its silence is no fault.
    Connect {
        /// Where and how.
        remote: Remote,
    },
    /// Records both channels from now into `path` plus `.part`, renamed to `path` when closed.
    Record {
        /// The final file.
        path: PathBuf,
    },
    /// Plays prompts one after another, after stopping what plays.
    Play {
        /// Names this play in facts.
        play: u32,
        /// Prompt names as the catalogue holds them.
        prompts: Vec<String>,
    },
    /// Plays prompts over and over, after stopping what plays, until the next play, `Stop` or `Bridge`: ringback, hold
    /// music. No `PromptDone` follows.
    Loop {
        /// Names this play in facts.
        play: u32,
        /// Prompt names as the catalogue holds them, or those of [`tones`].
        prompts: Vec<String>,
    },
    /// Stops what plays; no `PromptDone` follows for it.
    Stop,
    /// From now on each of two legs hears what the other's far side says; what plays on either stops. Told to either of
    /// them, it holds for both, and ends what bridge either had. What one of them is told to play from then on plays to
    /// that one in place of the other's voice, which is heard again when it is done. Keys are told and not passed on. If
    /// the other closes, this one goes on with silence. [`Fact::BridgeFailed`] if the other is not open beside it.
    Bridge {
        /// The other leg.
        with: LegId,
    },
    /// Ends the bridge of this leg and the other's, or its listening in. What plays goes on.
    Unbridge,
    /// From now on this leg hears both sides of a leg: what its far side says, and what it is told (which is the other
    /// side of its bridge, or a prompt). What this leg's far side says is heard by nobody. `Unbridge` ends it, and so does
    /// the end of that leg. [`Fact::BridgeFailed`] if that is not open beside this one.
    ListenIn {
        /// Whom.
        on: LegId,
    },
    /// From now on both channels of the recording are silent, while its time goes on; [`Recorded::paused`] tells where.
    /// Without a recording it has no effect.
    PauseRecording,
    /// Records sound again.
    ResumeRecording,
    /// From now on nobody hears what this leg's far side says: neither the other one of a bridge, present or later, nor
    /// whoever listens. Its keys are told as ever.
    Mute,
    /// It is heard again.
    Unmute,
    /// Listens for the far side's voice in the recording, after a play: [`Fact::VoiceHeard`] once, then
    /// [`Fact::VoiceOver`]. Without a recording nothing is heard. The next play ends it.
    Listen {
        /// So much silence after the voice is its end.
        quiet: Duration,
    },
    /// Keeps a stretch of the far side's channel as a WAV of its own, beside the recording, when that is closed.
    Excerpt {
        /// Goes into the name of the file: `12.improve.wav` beside `12.wav`. One of the same name is replaced.
        name: String,
        /// Where it begins in the recording, in milliseconds.
        from_ms: u32,
        /// Where it ends.
        to_ms: u32,
    },
    /// Sends a key as telephone-event.
    Press {
        /// Which.
        key: Key,
    },
    /// Stops sending, closes the recording, frees the port; [`Fact::Closed`] is the answer and the last fact.
    Close,
}

/// How a key came to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// RFC 4733 telephone-event.
    TelephoneEvent,
    /// SIP INFO.
    Info,
}

impl KeySource {
    /// The identifier in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TelephoneEvent => "telephone_event",
            Self::Info => "info",
        }
    }
}

/// What a leg's media tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The port is bound.
    Opened,
    /// The port could not be bound (in use): try another.
    OpenFailed,
    /// The first packet of the far side after a Connect.
    Heard {
        /// When.
        at: Moment,
    },
    /// A key, once per press.
    KeyHeard {
        /// Which.
        key: Key,
        /// Milliseconds since the recording began, so QA can jump to it; zero before Record.
        at_ms: u32,
        /// The play that was on when it was pressed.
        during: Option<u32>,
    },
    /// A play ran to its end: the packet with its last sample has left.
    PromptDone {
        /// Which.
        play: u32,
    },
    /// A play could not begin: a prompt is missing (a fault of ours).
    PromptMissing {
        /// Which.
        play: u32,
    },
    /// Nothing was heard from the far side for `silent_for`; told once per pause, then again only after it spoke.
    Silent {
        /// How long.
        silent_for: Duration,
    },
    /// After Listen: the far side speaks.
    VoiceHeard,
    /// After Listen: it spoke, and has been silent for as long as was said.
    VoiceOver,
    /// `Bridge` or `ListenIn` named a leg that is not open beside this one: nothing is heard of it.
    BridgeFailed {
        /// The leg that was named.
        with: LegId,
    },
    /// The recording failed (disk); media goes on.
    RecordingFailed,
    /// A command did not reach the leg: the worker takes no more, or is gone. What it asked for does not happen, and what
    /// would follow from it does not come; `Close` is still obeyed.
    CommandRefused,
    /// The leg is closed.
    Closed(Closed),
}

/// The sums of a leg's media.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Closed {
    /// RTP packets sent.
    pub packets_sent: u32,
    /// RTP packets taken.
    pub packets_received: u32,
    /// Packets that the sequence numbers show missing.
    pub packets_lost: u32,
    /// The longest time without a packet that the far end did not mean to be silent, in milliseconds, after the first
    /// packet since Connect. Comfort noise and silence suppression are meant.
    pub gap_ms_max: u32,
    /// Mean jitter of what came (RFC 3550 section 6.4.1), in milliseconds; nothing without two packets of audio.
    pub jitter_ms: Option<u32>,
    /// Mean round trip by RTCP, in milliseconds; nothing if the far end sends no reports.
    pub rtt_ms: Option<u32>,
    /// Packets of ours that the far end's last report calls lost.
    pub remote_lost: Option<u32>,
    /// Mean of the jitter that the far end reported of our packets, in milliseconds.
    pub remote_jitter_ms: Option<u32>,
    /// The recording, when there is one.
    pub recording: Option<Recorded>,
}

/// A finished recording.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Recorded {
    /// The file under its final name.
    pub path: PathBuf,
    /// Length in milliseconds.
    pub duration_ms: u32,
    /// Milliseconds of the patient's channel for which no packet came.
    pub gap_ms: u32,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// What was cut out of it.
    #[serde(default)]
    pub excerpts: Vec<Excerpt>,
    /// Where it is silent because recording was paused, in order.
    #[serde(default)]
    pub paused: Vec<Paused>,
}

/// A stretch of a recording that is silent on both channels, because what was said there is not to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Paused {
    /// Where it begins in the recording, in milliseconds.
    pub from_ms: u32,
    /// Where it ends.
    pub to_ms: u32,
}

/// A stretch of a recording as a file of its own.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Excerpt {
    /// What it was called.
    pub name: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
}
