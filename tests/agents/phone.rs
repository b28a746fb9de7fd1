//! An agent's phone: a baresip that registers at the daemon (or a SIPp that only declines), and what it saw of each call.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::rig::baresip::Phone;
use crate::rig::{journal, network, speech};

use super::declining::Declining;
use super::seen::Peer;

/// A phone rings, or is told to stop, within this time on a busy machine too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The password of all phones.
pub(crate) const PASSWORD: &str = "phone-of-the-desk-7";

/// Seconds of voice that a phone has for one call.
const VOICE_S: usize = 120;

/// The phone.
#[derive(Debug)]
pub(crate) struct DeskPhone {
    device: Device,
    /// What it has to say.
    microphone: PathBuf,
    /// Where the present call's recording is among all its own.
    recorded: usize,
    /// Where the present call begins in its events.
    place: usize,
    /// What was done to it by hand in the present call.
    hand: Hand,
}

#[derive(Debug)]
enum Device {
    Baresip(Box<Phone>),
    Sipp(Declining),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hand {
    Nothing,
    HungUp,
    CutOff,
}

impl DeskPhone {
    /// Starts it with a voice of its own, and waits until it is registered.
    pub(crate) fn start(folder: &Path, user: &str, registrar: u16, seed: u64) -> Self {
        let voice = speech::voice(seed, VOICE_S, VOICE_S);
        let account = Phone::registered_account(user, PASSWORD, registrar);
        let phone = Phone::start(folder, &[account], &voice);
        phone.wait_until_registered();
        Self::of(Device::Baresip(Box::new(phone)), folder)
    }

    /// One that answers by itself.
    pub(crate) fn answering(folder: &Path, user: &str, registrar: u16, seed: u64) -> Self {
        let voice = speech::voice(seed, VOICE_S, VOICE_S);
        let account = Phone::registered_account(user, PASSWORD, registrar);
        let account = account.replace("answermode=manual", "answermode=auto");
        let phone = Phone::start(folder, &[account], &voice);
        phone.wait_until_registered();
        Self::of(Device::Baresip(Box::new(phone)), folder)
    }

    /// One on which somebody presses "decline" whenever it rings.
    pub(crate) fn declining(folder: &Path, user: &str, registrar: u16) -> Self {
        let declining = Declining::start(folder, user, PASSWORD, registrar);
        Self::of(Device::Sipp(declining), folder)
    }

    fn of(device: Device, folder: &Path) -> Self {
        Self {
            device,
            microphone: folder.join("microphone.wav"),
            recorded: 0,
            place: 0,
            hand: Hand::Nothing,
        }
    }

    /// From now on it is another call.
    pub(crate) fn begin(&mut self) {
        (self.place, self.recorded) = match &self.device {
            Device::Baresip(phone) => (phone.events.len(), phone.recordings().len()),
            Device::Sipp(declining) => (declining.noted("invited").len(), 0),
        };
        self.hand = match self.hand {
            // The dead stay dead.
            Hand::CutOff => Hand::CutOff,
            Hand::Nothing | Hand::HungUp => Hand::Nothing,
        };
    }

    /// Waits until it rings.
    pub(crate) fn rings(&self) {
        match &self.device {
            Device::Baresip(phone) => drop(phone.wait_for(self.place, "CALL_INCOMING", PATIENCE)),
            Device::Sipp(declining) => {
                let deadline = journal::deadline(PATIENCE);
                while self.call_ids().is_empty() {
                    assert!(
                        journal::remaining(deadline).is_some(),
                        "the declining phone does not ring"
                    );
                    declining.wait();
                }
            }
        }
    }

    /// Takes the call.
    pub(crate) fn answers(&mut self) {
        let place = self.place;
        let phone = self.baresip();
        phone.tell("accept", "");
        phone.wait_for(place, "CALL_ESTABLISHED", PATIENCE);
    }

    /// Hangs up, or refuses while it rings; the one that declines does so by itself.
    pub(crate) fn hangs_up(&mut self) {
        self.hand = Hand::HungUp;
        if let Device::Baresip(phone) = &mut self.device {
            phone.tell("hangup", "");
        }
    }

    /// Presses a key.
    pub(crate) fn presses(&mut self, key: char) {
        self.baresip().tell("sndcode", &key.to_string());
    }

    /// Its network is cut.
    pub(crate) fn is_cut_off(&mut self) {
        self.hand = Hand::CutOff;
        network::cut("phone", &self.baresip().ports());
    }

    /// It dies without a word.
    pub(crate) fn dies(&mut self) {
        self.hand = Hand::CutOff;
        self.baresip().kill();
    }

    /// It takes leave of the daemon: nobody is registered any more.
    pub(crate) fn leaves(&mut self) {
        let phone = self.baresip();
        phone.order("quit");
        phone.events.wait_for_end(PATIENCE);
    }

    /// Ends it; its last recording: what it heard, and what it said.
    pub(crate) fn finish(self) -> (PathBuf, PathBuf) {
        match self.device {
            Device::Baresip(phone) => phone.finish().pop().expect("it recorded its calls"),
            Device::Sipp(_) => panic!("a phone that declines has no recording"),
        }
    }

    fn baresip(&mut self) -> &mut Phone {
        match &mut self.device {
            Device::Baresip(phone) => phone,
            Device::Sipp(_) => panic!("a phone that declines can do nothing else"),
        }
    }

    /// Waits until its call is over, if it had one.
    pub(crate) fn wait_until_over(&self) {
        match &self.device {
            Device::Baresip(phone) => {
                if self.hand != Hand::CutOff && !self.of_call("CALL_INCOMING").is_empty() {
                    phone.next(self.place, "CALL_CLOSED", PATIENCE);
                }
            }
            Device::Sipp(declining) => {
                let deadline = journal::deadline(PATIENCE);
                while declining.noted("declined").len() < self.place + self.call_ids().len() {
                    if journal::remaining(deadline).is_none() {
                        return;
                    }
                    declining.wait();
                }
            }
        }
    }

    fn of_call(&self, kind: &str) -> Vec<Value> {
        let Device::Baresip(phone) = &self.device else {
            return Vec::new();
        };
        let own = phone.events.all().into_iter().skip(self.place);
        own.filter(|event| event["event"] == true && event["type"] == kind)
            .collect()
    }

    /// The Call-IDs under which it rang.
    pub(crate) fn call_ids(&self) -> Vec<String> {
        match &self.device {
            Device::Baresip(_) => {
                let rang = self.of_call("CALL_INCOMING");
                rang.iter()
                    .map(|event| event["id"].as_str().unwrap_or_default().to_owned())
                    .collect()
            }
            Device::Sipp(declining) => declining.noted("invited").split_off(self.place),
        }
    }

    /// What it said into the present call, as it recorded it: on a busy machine it loses some of its voice itself.
    pub(crate) fn said(&self) -> Option<PathBuf> {
        match &self.device {
            // The dead write nothing to its end.
            Device::Baresip(_) if self.hand == Hand::CutOff => Some(self.microphone.clone()),
            Device::Baresip(phone) => phone.recordings().into_iter().nth(self.recorded).map(|(_, said)| said),
            Device::Sipp(_) => None,
        }
    }

    /// How the present call ended for it.
    pub(crate) fn saw(&self) -> Peer {
        if let Device::Sipp(declining) = &self.device {
            let (rang, declined) = (self.call_ids().len(), declining.noted("declined").len() - self.place);
            return match (rang, declined) {
                (0, _) => Peer::NotCalled,
                (_, 0) => Peer::Cancelled,
                _ => Peer::Refused(603),
            };
        }
        let [rang, answered, over] =
            ["CALL_INCOMING", "CALL_ESTABLISHED", "CALL_CLOSED"].map(|kind| self.of_call(kind).len());
        match (rang, answered, over, self.hand) {
            (_, _, _, Hand::CutOff) => Peer::CutOff,
            (0, ..) => Peer::NotCalled,
            (_, _, 0, _) => Peer::StillUp,
            (_, 0, _, Hand::HungUp) => Peer::Refused(486),
            (_, 0, _, Hand::Nothing) => Peer::Cancelled,
            (_, _, _, Hand::HungUp) => Peer::HungUp,
            (_, _, _, Hand::Nothing) => Peer::WasHungUp,
        }
    }
}
