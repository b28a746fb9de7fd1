//! One call as the peers, the record and the screen saw it, and where they do not agree.

use serde::Serialize;
use serde_json::Value;

use super::sound::is_mostly;

/// How a call ended for the telephone of one party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Peer {
    /// It never rang.
    NotCalled,
    /// It refused, with this status.
    Refused(u16),
    /// It rang, and the caller gave up.
    Cancelled,
    /// It hung up.
    HungUp,
    /// It was hung up on.
    WasHungUp,
    /// Its network was cut, or it was killed.
    CutOff,
    /// It was answered and is up still.
    StillUp,
}

/// How a leg ended, as the record or the screen has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Leg {
    pub(crate) end: String,
    pub(crate) status: Option<u16>,
    pub(crate) q850: Option<u8>,
}

impl Leg {
    /// Out of the screen's leg; none if it has not ended.
    pub(crate) fn on_screen(leg: &Value) -> Option<Self> {
        let ending = &leg["ending"];
        Some(Self {
            end: ending["end"].as_str()?.to_owned(),
            status: ending["status"].as_u64().and_then(|status| u16::try_from(status).ok()),
            q850: ending["q850"].as_u64().and_then(|cause| u8::try_from(cause).ok()),
        })
    }

    /// Whether a telephone that saw this can have had a leg that ended so.
    fn fits(&self, saw: Peer) -> bool {
        match (self.end.as_str(), saw) {
            ("busy" | "declined" | "refused" | "unreachable", Peer::Refused(status)) => self.status == Some(status),
            // The network said so in place of the telephone, which was hung up on.
            ("no_answer" | "other_ended" | "ordered" | "stopped", Peer::Cancelled)
            | ("hung_up", Peer::HungUp)
            | ("other_ended" | "ordered" | "stopped" | "gone", Peer::WasHungUp)
            | ("gone" | "unreachable" | "no_answer" | "stopped", Peer::CutOff)
            | ("unreachable" | "stopped" | "other_ended" | "ordered", Peer::NotCalled) => true,
            _ => false,
        }
    }
}

/// The record of a call: its conversation, its attempt, its recording.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Record {
    pub(crate) conversation: i64,
    pub(crate) agent: Option<Leg>,
    pub(crate) patient: Option<Leg>,
    pub(crate) refused: String,
    pub(crate) disposition: String,
    pub(crate) rule: String,
    pub(crate) account: String,
    pub(crate) keys: String,
    pub(crate) agent_keys: String,
    pub(crate) attempts: usize,
    /// The Call-IDs of the agent's legs.
    pub(crate) agent_call_ids: Vec<String>,
    pub(crate) patient_call_id: String,
    pub(crate) recording: Option<Recorded>,
}

/// What a recording holds.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Recorded {
    pub(crate) duration_ms: u64,
    /// Milliseconds in which the patient's channel is not silent.
    pub(crate) patient_ms: usize,
    /// Of the quarters of a second with voice on the agent's channel: how many there are, and how many the agent's phone said.
    pub(crate) agent_parts: usize,
    pub(crate) agents_own_parts: usize,
}

/// What the screen showed last.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Screen {
    /// The states that it went through.
    pub(crate) states: Vec<String>,
    pub(crate) agent: Option<Leg>,
    pub(crate) patient: Option<Leg>,
    pub(crate) refusal: String,
    pub(crate) classified: String,
    pub(crate) words: Vec<String>,
    pub(crate) keys: String,
}

/// One call.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Seen {
    pub(crate) room: String,
    pub(crate) scene: String,
    pub(crate) number: String,
    pub(crate) expected: String,
    pub(crate) got: String,
    pub(crate) phone: Peer,
    pub(crate) patient: Peer,
    pub(crate) record: Record,
    pub(crate) screen: Screen,
    /// What went wrong while it was played, or is to be said against our SIP and RTP.
    pub(crate) faults: Vec<String>,
    /// What a busy machine is to blame for; told, and no fault.
    pub(crate) late: Vec<String>,
    /// Where peers, record and screen do not agree.
    pub(crate) differences: Vec<String>,
}

impl Seen {
    /// What came of the call in one line: the agent's leg, the patient's leg, the disposition or the refusal.
    pub(crate) fn outcome(record: &Record) -> String {
        let end = |leg: &Option<Leg>| {
            let Some(leg) = leg else { return "-".to_owned() };
            let status = leg.status.map(|status| format!(" {status}")).unwrap_or_default();
            let cause = leg.q850.map(|cause| format!("/{cause}")).unwrap_or_default();
            format!("{}{status}{cause}", leg.end)
        };
        let result = if record.refused.is_empty() {
            &record.disposition
        } else {
            &record.refused
        };
        let result = if result.is_empty() { "-" } else { result };
        format!(
            "agent {}, patient {}, {result}",
            end(&record.agent),
            end(&record.patient)
        )
    }

    /// Notes everything that does not agree.
    pub(crate) fn judge(&mut self) {
        let (record, screen) = (&self.record, &self.screen);
        let mut faults = Vec::new();
        if self.got != self.expected {
            faults.push(format!("record: expected {}, got {}", self.expected, self.got));
        }
        let sides = [
            ("agent", &record.agent, &screen.agent, self.phone),
            ("patient", &record.patient, &screen.patient, self.patient),
        ];
        for (side, in_record, on_screen, saw) in sides {
            if in_record != on_screen {
                faults.push(format!("{side}: record {in_record:?}, screen {on_screen:?}"));
            }
            let fits = in_record.as_ref().map_or(saw == Peer::NotCalled, |leg| leg.fits(saw));
            if !fits {
                faults.push(format!("{side}: telephone saw {saw:?}, record {in_record:?}"));
            }
        }
        if record.refused != screen.refusal {
            faults.push(format!(
                "refusal: record {:?}, screen {:?}",
                record.refused, screen.refusal
            ));
        }
        if record.disposition != screen.classified {
            faults.push(format!(
                "disposition: record {:?}, screen {:?}",
                record.disposition, screen.classified
            ));
        }
        if record.keys != screen.keys {
            faults.push(format!("keys: record {:?}, screen {:?}", record.keys, screen.keys));
        }
        let was_answered = matches!(
            self.patient,
            Peer::HungUp | Peer::WasHungUp | Peer::CutOff | Peer::StillUp
        );
        match &record.recording {
            None if was_answered => faults.push("the patient answered, and there is no recording".to_owned()),
            Some(_) if !was_answered => faults.push("nobody answered, and there is a recording".to_owned()),
            Some(recorded) => {
                // Who is left alone, or on hold, hears something else in the agent's place.
                let was_left = record
                    .agent
                    .as_ref()
                    .is_some_and(|leg| matches!(leg.end.as_str(), "gone" | "stopped"));
                let was_held = screen.states.iter().any(|state| state == "on_hold");
                faults.extend(recorded.faults(was_left || was_held));
            }
            None => {}
        }
        self.differences = faults;
    }

    /// Everything that is wrong with it.
    pub(crate) fn wrong(&self) -> impl Iterator<Item = &String> {
        self.faults.iter().chain(&self.differences)
    }
}

impl Recorded {
    fn faults(&self, heard_others: bool) -> Vec<String> {
        let mut faults = Vec::new();
        // A far end says hello and is quiet then; whoever hung up at once said hardly anything.
        if self.duration_ms >= 1500 && self.patient_ms < 60 {
            faults.push(format!("recording: {} ms of the patient", self.patient_ms));
        }
        if self.duration_ms >= 2500
            && (self.agents_own_parts == 0 || !heard_others && !is_mostly(self.agents_own_parts, self.agent_parts))
        {
            faults.push(format!(
                "recording: {} of {} parts of the agent's channel are the agent's",
                self.agents_own_parts, self.agent_parts
            ));
        }
        faults
    }
}
