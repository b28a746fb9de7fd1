//! Two phones of one user, and who of them takes a call.

use std::path::Path;
use std::time::Duration;

use crate::rig::baresip::Phone;
use crate::rig::kamailio::{self, Kamailio};
use crate::rig::{network, speech};

const SOON: Duration = Duration::from_secs(10);
/// A phone that lost is told so within this time, although the first CANCEL never comes.
const SETTLED: Duration = Duration::from_millis(900);
/// How much later than the first the second phone answers, by turns; every CANCEL takes half a second.
const LATER: [Duration; 3] = [Duration::ZERO, Duration::from_millis(30), Duration::from_millis(250)];
/// How long the winner listens.
const LISTENS: Duration = Duration::from_millis(500);

/// Who lifts the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    First,
    Second,
    Both,
}

/// What whoever won does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    HangsUp,
    /// Presses the stop-calling-me key and listens to the goodbye.
    OptsOut,
}

/// One call, from the phones.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) call_id: String,
    pub(super) manner: Manner,
    then: Then,
}

impl Taken {
    pub(super) fn disposition(&self) -> &'static str {
        match self.then {
            Then::HangsUp => "early_hangup",
            Then::OptsOut => "opt_out",
        }
    }
}

/// Two phones that ring together.
#[derive(Debug)]
pub(super) struct Pair {
    phones: [Phone; 2],
    calls: usize,
}

impl Pair {
    /// Both register as the user 800N.
    pub(super) fn start(folder: &Path, n: usize, kamailio: &Kamailio) -> Self {
        let user = format!("800{n}");
        let phones = [0, 1].map(|which| {
            let place = folder.join(which.to_string());
            std::fs::create_dir_all(&place).unwrap();
            let account = Phone::registered_account(&user, &kamailio::password(n), kamailio.port());
            let said = speech::voice(31 + which + 2 * n as u64, 10, 60);
            let phone = Phone::start(&place, &[account], &said);
            network::lose_all_but(2, phone.port(), *b"CANC");
            phone
        });
        kamailio.wait_for_contacts(&user, 2);
        Self { phones, calls: 0 }
    }

    /// So many calls will come.
    pub(super) fn expect(&mut self, calls: usize) {
        self.calls = calls;
    }

    /// Takes them, one after the other.
    pub(super) fn take_calls(&mut self) -> Vec<Taken> {
        let mut places = [0, 0];
        (0..self.calls).map(|turn| self.take(turn, &mut places)).collect()
    }

    fn take(&mut self, turn: usize, places: &mut [usize; 2]) -> Taken {
        let manner = [Manner::First, Manner::Both, Manner::Second, Manner::Both][turn % 4];
        let then = [Then::OptsOut, Then::HangsUp, Then::HangsUp][turn % 3];
        let mut call_id = String::new();
        for (phone, place) in self.phones.iter().zip(places.iter_mut()) {
            let (incoming, behind) = phone.wait_for(*place, "CALL_INCOMING", Duration::from_secs(60));
            call_id = incoming["id"].as_str().unwrap_or_default().to_owned();
            *place = behind;
        }
        let lifts = match manner {
            Manner::First => &[0][..],
            Manner::Second => &[1],
            Manner::Both => &[0, 1],
        };
        for &which in lifts {
            self.phones[which].order("accept");
            let later = LATER[turn % LATER.len()];
            if manner == Manner::Both && which == 0 && !later.is_zero() {
                self.phones[1].next(places[1], "CALL_CLOSED", later);
            }
        }
        // Whoever is told the end first has lost; where both answered, after a moment on the line.
        let first_lost = self.phones[0].next(places[0], "CALL_CLOSED", SETTLED).is_some();
        let winner = usize::from(first_lost);
        let loser = 1 - winner;
        self.phones[winner].wait_for(places[winner], "CALL_ESTABLISHED", SOON);
        (_, places[loser]) = self.phones[loser].wait_for(places[loser], "CALL_CLOSED", SOON);
        self.phones[winner].next(places[winner], "CALL_CLOSED", LISTENS);
        match then {
            Then::HangsUp => self.phones[winner].tell("hangup", ""),
            Then::OptsOut => self.phones[winner].tell("sndcode", "9"),
        }
        (_, places[winner]) = self.phones[winner].wait_for(places[winner], "CALL_CLOSED", SOON);
        Taken { call_id, manner, then }
    }

    pub(super) fn finish(self) {
        for phone in self.phones {
            phone.finish();
        }
    }
}
