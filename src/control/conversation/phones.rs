//! The phones on the agents' desks: which of them a call would reach.

use super::super::Control;
use super::super::pictures::{PhonePicture, PhoneStanding};
use crate::agents::{self, PHONE_FAILED, Phone, Presence};
use crate::ids::AgentId;
use crate::moment::{Moment, Wall};
use crate::sip::PhoneNews;

impl Control {
    /// Something is heard of the phones.
    pub(in crate::control) fn phone_told(&mut self, now: Moment, wall: Wall, news: &PhoneNews) {
        match news {
            PhoneNews::Registered { account, .. } => self.phone_stands(wall, account, PhoneStanding::Registered),
            PhoneNews::Gone { account, .. } => {
                self.phone_stands(wall, account, PhoneStanding::Gone);
                self.phone_gone(now, wall, account);
            }
            PhoneNews::Guessing { .. } => {}
        }
    }

    fn phone_stands(&mut self, wall: Wall, user: &str, standing: PhoneStanding) {
        let known = self
            .desk
            .phones
            .get(user)
            .is_some_and(|phone| phone.standing == standing);
        if !known {
            let phone = PhonePicture {
                user: user.to_owned(),
                standing,
                since: wall,
            };
            self.desk.phones.insert(user.to_owned(), phone);
        }
    }

    pub(in crate::control) fn phone_pictures(&self) -> Vec<PhonePicture> {
        self.desk.phones.values().cloned().collect()
    }

    /// A phone is gone: nobody who sits at it is sent a patient before it is back and its agent ready again.
    fn phone_gone(&mut self, now: Moment, wall: Wall, gone: &str) {
        let sits_there = |seat: &agents::Seat| match &seat.desk.phone {
            Phone::Registered { account } => account == gone,
            Phone::Behind { .. } => false,
        };
        let seats = self.desk.floor.seats().iter();
        let affected = seats.filter(|(_, seat)| seat.presence == Presence::Ready && sits_there(seat));
        let affected: Vec<AgentId> = affected.map(|(agent, _)| *agent).collect();
        for agent in affected {
            let reason = PHONE_FAILED.to_owned();
            self.asked_for(now, wall, agent, Presence::Paused { reason });
        }
    }
}
