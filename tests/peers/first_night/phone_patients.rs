//! The patients who sit at the baresip phone: one call at a time, each in another way.

use std::time::Duration;

use crate::rig::baresip::Phone;

/// What one of them did.
#[derive(Clone, Debug)]
pub(super) struct Taken {
    pub(super) number: String,
    pub(super) call_id: String,
    pub(super) manner: Manner,
}

/// How a call is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Answers, presses these keys, listens to the end.
    Presses(&'static str),
    /// Answers, presses these keys, hangs up.
    PressesAndLeaves(&'static str),
    /// Declines; baresip says 486 then.
    Declines,
}

const MANNERS: [Manner; 4] = [
    Manner::Presses("171"),
    Manner::Presses("4101"),
    Manner::PressesAndLeaves("2"),
    Manner::Declines,
];

impl Taken {
    pub(super) fn is_answered(&self) -> bool {
        self.manner != Manner::Declines
    }

    pub(super) fn keys(&self) -> &'static str {
        match self.manner {
            Manner::Presses(keys) | Manner::PressesAndLeaves(keys) => keys,
            Manner::Declines => "",
        }
    }

    /// `question=value` in the order of the questions.
    pub(super) fn answers(&self) -> &'static [&'static str] {
        match self.keys() {
            "171" => &["treatment=1", "recommend=7", "instructions=1"],
            "4101" => &["treatment=4", "recommend=10", "instructions=1"],
            "2" => &["treatment=2"],
            _ => &[],
        }
    }

    pub(super) fn disposition(&self) -> &'static str {
        match self.manner {
            Manner::Presses(_) => "completed",
            Manner::PressesAndLeaves(_) => "partial",
            Manner::Declines => "busy",
        }
    }
}

/// Takes so many calls, in the manners by turns.
pub(super) fn answer(phone: &mut Phone, calls: usize) -> Vec<Taken> {
    let mut taken = Vec::new();
    let mut place = 0;
    for turn in 0..calls {
        let (incoming, behind) = phone.wait_for(place, "CALL_INCOMING", Duration::from_secs(60));
        let account = incoming["accountaor"].as_str().unwrap_or_default();
        let number = account
            .trim_start_matches("sip:")
            .split('@')
            .next()
            .unwrap_or_default()
            .to_owned();
        let manner = MANNERS[turn % MANNERS.len()];
        // A phone rings before a hand is at it.
        phone.next(behind, "CALL_CLOSED", Duration::from_millis(800));
        if manner == Manner::Declines {
            phone.tell("hangup", "");
        } else {
            phone.tell("accept", "");
            let (_, talking) = phone.wait_for(behind, "CALL_ESTABLISHED", Duration::from_secs(10));
            let keys = match manner {
                Manner::Presses(keys) | Manner::PressesAndLeaves(keys) => keys,
                Manner::Declines => "",
            };
            assert!(
                phone.press(talking, keys, Duration::from_millis(3700)),
                "the call to {number} ended before its last key"
            );
            if matches!(manner, Manner::PressesAndLeaves(_)) {
                phone.next(talking, "CALL_CLOSED", Duration::from_millis(1000));
                phone.tell("hangup", "");
            }
        }
        (_, place) = phone.wait_for(behind, "CALL_CLOSED", Duration::from_secs(60));
        let call_id = incoming["id"].as_str().unwrap_or_default().to_owned();
        taken.push(Taken {
            number,
            call_id,
            manner,
        });
    }
    taken
}
