//! An agent's phone: a baresip that registers at the daemon, and what it saw of each call.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::rig::baresip::Phone;
use crate::rig::{network, speech};

use super::seen::Peer;

/// A phone rings, or is told to stop, within this time on a busy machine too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The password of all phones.
pub(crate) const PASSWORD: &str = "phone-of-the-desk-7";

/// The phone.
#[derive(Debug)]
pub(crate) struct DeskPhone {
    phone: Phone,
    /// What it says into every call.
    pub(crate) voice: Vec<i16>,
    /// Where the present call begins in its events.
    place: usize,
    /// What was done to it by hand in the present call.
    hand: Hand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hand {
    Nothing,
    HungUp,
    CutOff,
}

impl DeskPhone {
    /// Starts it with a voice of its own, and waits until it is registered.
    pub(crate) fn start(folder: &Path, user: &str, registrar: u16, seed: u64, codecs: &str) -> Self {
        let account = format!(
            "<sip:{user}@127.0.0.1:{registrar}>;auth_user={user};auth_pass={PASSWORD};\
             outbound=\"sip:127.0.0.1:{registrar}\";regint=60;answermode=manual;audio_codecs={codecs};ptime=20;mwi=no"
        );
        let voice = speech::voice(seed, 120, 120);
        let phone = Phone::start(folder, &[account], &voice);
        phone.wait_until_registered();
        Self {
            phone,
            voice,
            place: 0,
            hand: Hand::Nothing,
        }
    }

    /// From now on it is another call.
    pub(crate) fn begin(&mut self) {
        self.place = self.phone.events.len();
        self.hand = Hand::Nothing;
    }

    /// Waits until it rings.
    pub(crate) fn rings(&self) {
        self.phone.wait_for(self.place, "CALL_INCOMING", PATIENCE);
    }

    /// Takes the call.
    pub(crate) fn answers(&mut self) {
        self.phone.tell("accept", "");
        self.phone.wait_for(self.place, "CALL_ESTABLISHED", PATIENCE);
    }

    /// Hangs up, or refuses while it rings.
    pub(crate) fn hangs_up(&mut self) {
        self.hand = Hand::HungUp;
        self.phone.tell("hangup", "");
    }

    /// Presses a key.
    pub(crate) fn presses(&mut self, key: char) {
        self.phone.tell("sndcode", &key.to_string());
    }

    /// Its network is cut.
    pub(crate) fn is_cut_off(&mut self) {
        self.hand = Hand::CutOff;
        network::cut("phone", &self.phone.ports());
    }

    /// It dies without a word.
    pub(crate) fn dies(&mut self) {
        self.hand = Hand::CutOff;
        self.phone.kill();
    }

    /// It takes leave of the daemon: nobody is registered any more.
    pub(crate) fn leaves(&mut self) {
        self.phone.order("quit");
        let seen = |event: &Value| event["type"] == "UNREGISTERING";
        self.phone.events.wait(0, PATIENCE, seen);
        self.phone.events.wait_for_end(PATIENCE);
    }

    /// Waits until its call is over, if it had one.
    pub(crate) fn wait_until_over(&self) {
        if !self.of("CALL_INCOMING").is_empty() && self.hand != Hand::CutOff {
            self.phone.wait_for(self.place, "CALL_CLOSED", PATIENCE);
        }
    }

    fn of(&self, kind: &str) -> Vec<Value> {
        let events = self.phone.events.all();
        let own = events.into_iter().skip(self.place);
        own.filter(|event| event["event"] == true && event["type"] == kind).collect()
    }

    /// The Call-IDs under which it rang.
    pub(crate) fn call_ids(&self) -> Vec<String> {
        let rang = self.of("CALL_INCOMING");
        rang.iter().map(|event| event["id"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// How the present call ended for it.
    pub(crate) fn saw(&self) -> Peer {
        let [rang, answered, over] = ["CALL_INCOMING", "CALL_ESTABLISHED", "CALL_CLOSED"].map(|kind| self.of(kind).len());
        match (rang, answered, over, self.hand) {
            (0, ..) => Peer::NotCalled,
            (_, _, _, Hand::CutOff) => Peer::CutOff,
            (_, _, 0, _) => Peer::StillUp,
            (_, 0, _, Hand::HungUp) => Peer::Refused(486),
            (_, 0, _, Hand::Nothing) => Peer::Cancelled,
            (_, _, _, Hand::HungUp) => Peer::HungUp,
            (_, _, _, Hand::Nothing) => Peer::WasHungUp,
        }
    }
}
