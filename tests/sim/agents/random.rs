//! Agents, patients, orders and networks by chance: whatever happens, both legs end, the record says how, and nothing is
//! left over.

use std::time::Duration;

use aftercall::agents::Order as Ask;
use aftercall::control::{ConversationState, ShutDown};
use aftercall::dialer::Noteworthy;
use aftercall::ids::{AgentId, ConversationId};
use aftercall::night::{Patient, Talk};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::room::*;
use crate::house::{House, millis, seconds};

struct Chance(ChaCha8Rng);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0.next_u64() % most
    }

    fn within(&mut self, most: u64) -> Duration {
        millis(self.below(most * 1000))
    }

    /// Somebody with a telephone.
    fn somebody(&mut self) -> Patient {
        let ring = self.within(12);
        match self.below(12) {
            0 => Patient::is_busy(),
            1 => Patient::rings_forever(),
            2 => Patient::refuses(self.within(10), 480, Some(20)),
            3 => Patient::refuses(self.within(10), 603, None),
            4 => Patient::answers(ring, Talk::silent().never_heard()),
            5 => Patient::answers(ring, Talk::silent().leaves_during("bridged", self.within(2))),
            6 => Patient::answers(ring, Talk::silent().leaves_during("short", self.within(4))),
            7 => Patient::answers(ring, Talk::silent().leaves_during("ringback", self.within(9))),
            8 => Patient::answers(ring, Talk::pressing("159", self.within(9))),
            9 => Patient::answers(ring, Talk::silent().leaves_during("agent-lost", self.within(20))),
            _ => Patient::answers(ring, Talk::silent().leaves_during("bridged", self.within(60))),
        }
    }

    /// Something that somebody may ask at any time.
    fn order(&mut self, agent: AgentId, conversation: ConversationId) -> Ask {
        match self.below(11) {
            0 => Ask::HangUp { agent, conversation },
            1 => Ask::Hold { agent, conversation },
            2 => Ask::Resume { agent, conversation },
            3 => Ask::Transfer {
                agent,
                conversation,
                number: number(DEPARTMENT),
            },
            4 => Ask::PauseRecording { agent, conversation },
            5 => Ask::ResumeRecording { agent, conversation },
            6 => Ask::WrapUpDone { agent, conversation },
            7 => Ask::SignOut { agent },
            8 => Ask::Mute { agent, conversation },
            9 => Ask::Unmute { agent, conversation },
            _ => Ask::ListenIn {
                supervisor: AgentId(9),
                phone: aftercall::agents::Phone::Behind {
                    trunk: EXCHANGE,
                    number: number(OF_A_SUPERVISOR),
                },
                conversation,
            },
        }
    }
}

fn a_day(seed: u64) {
    let mut chance = Chance(ChaCha8Rng::seed_from_u64(seed));
    let house = House {
        seed,
        trunks: 3,
        lines: u16::try_from(1 + chance.below(3)).expect("a few lines"),
        ..House::default()
    };
    let (phone, patient) = (chance.somebody(), chance.somebody());
    let mut room = Room::with(&house, phone, patient);
    room.world.trunk().connect(OF_WANG, chance.somebody());
    room.world.trunk().connect(OF_A_SUPERVISOR, chance.somebody());
    room.world.trunk().connect(DEPARTMENT, chance.somebody());
    if chance.below(2) == 0 {
        room.sits_down(WANG, OF_WANG);
    }
    room.world.network().lost_per_mille = u32::try_from(chance.below(60)).expect("a share");
    room.dial(seconds(1), FIRST);
    for _ in 0..chance.below(6) {
        let agent = if chance.below(4) == 0 { WANG } else { LI };
        let (after, order) = (chance.within(70), chance.order(agent, FIRST));
        room.ask(after, order);
    }
    if chance.below(4) == 0 {
        let how = [ShutDown::Drain, ShutDown::SayGoodbye, ShutDown::AtOnce];
        let how = how
            .into_iter()
            .nth(usize::try_from(chance.below(3)).expect("one of three"));
        room.stop(chance.within(80), how.expect("one of three"));
    }
    room.dial(chance.within(20), FIRST);
    // Two who like to talk talk for an hour.
    for agent in [LI, WANG] {
        let conversation = FIRST;
        room.ask(seconds(240), Ask::HangUp { agent, conversation });
    }
    room.wait(seconds(400));
    let notes = room.world.ledger().conversation(FIRST).to_vec();
    if notes.is_empty() {
        // The agent had left, or the daemon had stopped, before the click.
        return room.is_clean();
    }
    assert_eq!(
        room.shown(FIRST).state,
        ConversationState::Ended,
        "seed {seed}: {notes:#?}"
    );
    let ended = room.ended(FIRST);
    let attempts = room.history();
    assert!(attempts.len() <= 1, "seed {seed}: {attempts:?}");
    let called = notes
        .iter()
        .any(|note| matches!(note.what, Noteworthy::PatientCalled { .. }));
    assert_eq!(
        called,
        ended.patient.is_some() || ended.disposition.is_some(),
        "seed {seed}: {notes:#?}"
    );
}

#[test]
fn whatever_happens_both_legs_end_and_nothing_is_left_over() {
    for seed in 0..200 {
        a_day(seed);
    }
}
