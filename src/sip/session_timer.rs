//! Session timers (RFC 4028): how long a session holds without a refresh, and who refreshes it.

use std::time::Duration;

use super::agent::UserAgent;
use super::door::{Timer, Trunk};
use super::extensions::is_timer;
use super::header::{Name, number, param};
use super::leg::State;
use super::message::Headers;
use super::timing::Owner;
use crate::ids::LegId;
use crate::moment::Moment;

/// The shortest interval that we grant or ask for (section 4).
pub(crate) const MIN_SE: u32 = 90;
/// What a far end says below this counts as this: it would be a flood.
const FLOOR: u32 = 30;
/// What it says above counts as this: a day.
const CEILING: u32 = 86_400;

/// The session timer of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionTimer {
    /// The interval in seconds that we ask for.
    wanted: Option<u32>,
    /// The Min-SE of a 422.
    least: Option<u32>,
    /// What the last 2xx said.
    agreed: Option<Agreed>,
}

/// What both sides agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Agreed {
    seconds: u32,
    refresher: Refresher,
}

/// Who refreshes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refresher {
    We,
    They,
}

/// Who a refresher parameter names: the sender of the request, or of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Party {
    Uac,
    Uas,
}

impl SessionTimer {
    /// What a call over this trunk asks for.
    pub(crate) fn of(trunk: &Trunk) -> Self {
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(CEILING);
        Self {
            wanted: trunk.session_expires.map(|time| seconds(time).clamp(MIN_SE, CEILING)),
            ..Self::default()
        }
    }

    /// Adds to our INVITE what it asks for; who refreshes is left to the far end.
    pub(crate) fn ask(&self, headers: &mut Headers) {
        self.ask_with("", headers);
    }

    /// Adds to our refresh that it is ours to do (section 7.4).
    pub(crate) fn ask_again(&self, headers: &mut Headers) {
        self.ask_with(";refresher=uac", headers);
    }

    fn ask_with(&self, refresher: &str, headers: &mut Headers) {
        let Some(seconds) = self.agreed.map(|agreed| agreed.seconds).or(self.wanted) else {
            return;
        };
        let seconds = seconds.max(self.least.unwrap_or(0));
        headers.push(Name::SessionExpires, format!("{seconds}{refresher}"));
        if let Some(least) = self.least {
            headers.push(Name::MinSe, least.to_string());
        }
    }

    /// Takes the Min-SE of a 422; tells whether the next try asks for more (section 7.3).
    pub(crate) fn lengthen(&mut self, headers: &Headers) -> bool {
        let Some(least) = headers.first(&Name::MinSe).and_then(leading_number) else {
            return false;
        };
        if least > CEILING || self.least.is_some_and(|known| least <= known) {
            return false;
        }
        self.least = Some(least);
        let wanted = self.wanted.unwrap_or(0).max(least);
        self.wanted = Some(wanted);
        if let Some(agreed) = &mut self.agreed {
            agreed.seconds = agreed.seconds.max(least);
        }
        true
    }

    /// Takes what a 2xx to our INVITE or refresh says; without Session-Expires the session holds for ever (section 7.2).
    fn answered(&mut self, headers: &Headers) {
        self.agreed = read(headers).map(|(seconds, party)| Agreed {
            seconds,
            refresher: match party {
                Some(Party::Uas) => Refresher::They,
                Some(Party::Uac) | None => Refresher::We,
            },
        });
    }

    /// Takes what a re-INVITE or UPDATE of the far end asks for, and gives what our 2xx says to it (section 9).
    fn asked(&mut self, headers: &Headers) -> Vec<(Name, String)> {
        let is_supported = supports(headers);
        let agreed = match (read(headers), self.wanted) {
            // Who does not know session timers cannot refresh: a proxy put it in (table 2).
            (Some((seconds, Some(Party::Uac) | None)), _) if is_supported => Some((seconds, Refresher::They)),
            (Some((seconds, _)), _) => Some((seconds, Refresher::We)),
            // Only where the far end knows them do we bring a timer in that it did not ask for.
            (None, Some(wanted)) if is_supported => Some((wanted, Refresher::We)),
            (None, _) => None,
        };
        self.agreed = agreed.map(|(seconds, refresher)| Agreed { seconds, refresher });
        match agreed {
            Some((seconds, Refresher::They)) => vec![
                (Name::Require, "timer".to_owned()),
                (Name::SessionExpires, format!("{seconds};refresher=uac")),
            ],
            Some((seconds, Refresher::We)) if is_supported => vec![
                (Name::Require, "timer".to_owned()),
                (Name::SessionExpires, format!("{seconds};refresher=uas")),
            ],
            Some((seconds, Refresher::We)) => {
                vec![(Name::SessionExpires, format!("{seconds};refresher=uas"))]
            }
            None => Vec::new(),
        }
    }

    /// When the refresh is due and when the session is over (section 10), from now.
    fn moments(&self) -> Option<(Option<Duration>, Duration)> {
        let Agreed { seconds, refresher } = self.agreed?;
        let interval = Duration::from_secs(u64::from(seconds));
        let expiry = interval - (interval / 3).min(Duration::from_secs(32));
        let refresh = match refresher {
            Refresher::We => Some(interval / 2),
            Refresher::They => None,
        };
        Some((refresh, expiry))
    }
}

impl UserAgent {
    /// A 2xx to our INVITE or refresh came: the session holds anew.
    pub(super) fn session_answered(&mut self, now: Moment, id: LegId, headers: &Headers) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.session.answered(headers);
            self.time_session(now, id);
        }
    }

    /// We accept a re-INVITE or UPDATE with these fields: the session holds anew. Gives what our 2xx says.
    pub(super) fn session_asked(&mut self, now: Moment, id: LegId, headers: &Headers) -> Vec<(Name, String)> {
        let Some(leg) = self.legs.get_mut(&id) else {
            return Vec::new();
        };
        let fields = leg.session.asked(headers);
        self.time_session(now, id);
        fields
    }

    /// Nobody refreshed it.
    pub(super) fn session_expired(&mut self, now: Moment, id: LegId) {
        if let Some(State::Talking(fork)) = self.legs.get(&id).map(|leg| leg.state) {
            self.lose(now, id, fork);
        }
    }

    pub(super) fn time_session(&mut self, now: Moment, id: LegId) {
        let Some(leg) = self.legs.get(&id) else {
            return;
        };
        let owner = Owner::Leg(id);
        self.out.timers.cancel(owner, Timer::SessionRefresh);
        self.out.timers.cancel(owner, Timer::SessionExpiry);
        // In an early dialog nothing is timed: the 200 says what holds.
        let (State::Talking(_), Some((refresh, expiry))) = (leg.state, leg.session.moments()) else {
            return;
        };
        if let Some(refresh) = refresh {
            self.out.timers.set(owner, Timer::SessionRefresh, now + refresh);
        }
        self.out.timers.set(owner, Timer::SessionExpiry, now + expiry);
    }
}

/// Whether a request asks for a session that is too short for us: it gets 422 (section 6).
pub(crate) fn is_too_short(headers: &Headers) -> bool {
    let asked = headers.first(&Name::SessionExpires).and_then(leading_number);
    supports(headers) && asked.is_some_and(|seconds| seconds < MIN_SE)
}

fn supports(headers: &Headers) -> bool {
    headers.list(&Name::Supported).any(is_timer) || headers.list(&Name::Require).any(is_timer)
}

fn read(headers: &Headers) -> Option<(u32, Option<Party>)> {
    let value = headers.first(&Name::SessionExpires)?;
    let seconds = leading_number(value)?.clamp(FLOOR, CEILING);
    let params = value.split_once(';').map_or("", |(_, params)| params);
    let party = match param(params, "refresher") {
        Some(party) if party.eq_ignore_ascii_case("uac") => Some(Party::Uac),
        Some(party) if party.eq_ignore_ascii_case("uas") => Some(Party::Uas),
        Some(_) | None => None,
    };
    Some((seconds, party))
}

/// The number before any parameters.
fn leading_number(value: &str) -> Option<u32> {
    value.split(';').next().and_then(number)
}
