//! One line of the far end's log: everything that one Call-ID did, for a judge who trusts nobody.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::far_end::rtp::lateness::Lateness;

/// What was wrong, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    /// The protocol mistake.
    pub(crate) what: &'static str,
    /// How often it was noticed.
    pub(crate) times: u64,
}

/// Mistakes by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults(BTreeMap<&'static str, u64>);

impl Faults {
    /// Notes one.
    pub(crate) fn note(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    /// All of them.
    pub(crate) fn list(&self) -> Vec<Fault> {
        self.0.iter().map(|(&what, &times)| Fault { what, times }).collect()
    }
}

impl From<&BTreeMap<&'static str, u64>> for Faults {
    fn from(faults: &BTreeMap<&'static str, u64>) -> Self {
        Self(faults.clone())
    }
}

/// A prompt that the patient heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PromptEntry {
    /// Its name in the prompts folder.
    pub(crate) name: String,
    /// When it began, in milliseconds since the 200 left.
    pub(crate) at_ms: i64,
    /// How much of it was heard.
    pub(crate) heard_ms: u64,
    /// Whether everything audible of it was heard.
    pub(crate) whole: bool,
    /// Whether it was cut and the patient had pressed a key while it played. One that is neither whole nor barged into
    /// was cut by a hang-up, or by the caller on its own.
    pub(crate) barged: bool,
    /// Frames of 20 ms inside it that were not the prompt.
    pub(crate) flaws: u32,
    /// Prompts that it may have been as well, as far as it was heard.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) or: Vec<String>,
}

/// A silence between two sounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SilenceEntry {
    /// When it began, in milliseconds since the 200 left.
    pub(crate) at_ms: i64,
    /// How long it was.
    pub(crate) for_ms: u64,
}

/// A key that the patient pressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct KeyEntry {
    /// 0-9, `*`, `#`, A-D.
    pub(crate) key: char,
    /// When, in milliseconds since the 200 left.
    pub(crate) at_ms: u64,
    /// The prompt that it replies to.
    pub(crate) after_prompt: String,
    /// `telephone-event`, `info` or `in-band`.
    pub(crate) sent_as: &'static str,
}

/// One Call-ID.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Entry {
    /// Always `call`.
    pub(crate) kind: &'static str,
    /// The Call-ID.
    pub(crate) call_id: String,
    /// The number that was dialled, whole: this is a simulator and its numbers are nobody's.
    pub(crate) number: String,
    /// The number that the call showed: the user part of From.
    pub(crate) caller: String,
    /// The how-manieth Call-ID for this number this is, from 1.
    pub(crate) attempt: u32,
    /// INVITE datagrams, repeated and authenticated ones included.
    pub(crate) invite_messages: u32,
    /// When the first one came, in milliseconds since the far end was started.
    pub(crate) at: u64,
    /// The name of the behaviour.
    pub(crate) behaviour: String,
    /// The final status that was sent; 200 if the call was answered.
    pub(crate) status: Option<u16>,
    /// From the first 18x to the final response.
    pub(crate) ringing_ms: u64,
    /// Whether a 200 was sent.
    pub(crate) answered: bool,
    /// Whether its ACK came.
    pub(crate) acked: bool,
    /// Who hung up: `us` (the patient) or `them` (the caller).
    pub(crate) bye_by: Option<&'static str>,
    /// Whether the caller sent CANCEL in time.
    pub(crate) cancelled: bool,
    /// From the 200 to the BYE.
    pub(crate) talk_ms: u64,
    /// What was negotiated: PCMA or PCMU.
    pub(crate) codec: Option<&'static str>,
    /// Prompts in the order heard.
    pub(crate) prompts: Vec<PromptEntry>,
    /// Sound that was no known prompt.
    pub(crate) unrecognised_ms: u64,
    /// Silences of 1.5 s or more between two sounds, 64 at the most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) silences: Vec<SilenceEntry>,
    /// Keys in the order pressed.
    pub(crate) keys: Vec<KeyEntry>,
    /// RTP packets that came, duplicates included.
    pub(crate) packets_received: u64,
    /// RTP packets that left.
    pub(crate) packets_sent: u64,
    /// From the 200 (or 183) to the first RTP packet.
    pub(crate) first_packet_ms: Option<u64>,
    /// The longest time between two RTP packets, by the kernel's receive stamps, to a tenth.
    pub(crate) gap_ms_max: f64,
    /// Arrival minus the stream's own schedule, of the latest packet, to a tenth.
    pub(crate) late_ms_max: f64,
    /// The same of all packets.
    #[serde(skip)]
    pub(crate) late: Lateness,
    /// Time by which the caller's timestamps ran ahead without a packet: its stream paused and said so.
    pub(crate) paused_ms: u64,
    /// From the last RTP packet to the end of the call.
    pub(crate) tail_ms: u64,
    /// RTP packets that never came.
    pub(crate) lost: u64,
    /// RTP packets that came twice.
    pub(crate) duplicates: u64,
    /// RTP packets that came after their successor.
    pub(crate) reordered: u64,
    /// RTP packets that the simulated line lost on purpose, in both directions.
    pub(crate) dropped: u64,
    /// What was wrong with the caller's RTP.
    pub(crate) rtp_faults: Vec<Fault>,
    /// What was wrong with the caller's SIP.
    pub(crate) sip_faults: Vec<Fault>,
    /// The far end was stopped before the call was over.
    pub(crate) unfinished: bool,
}

/// A mistake that was noticed after the call's line was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct After {
    /// Always `after`.
    pub(crate) kind: &'static str,
    /// The Call-ID that it came with, if any. (Only lines of kind `call` have a `call_id`, and each one but once.)
    pub(crate) call: Option<String>,
    /// When, in milliseconds since the far end was started.
    pub(crate) at: u64,
    /// What was wrong.
    pub(crate) fault: &'static str,
}
