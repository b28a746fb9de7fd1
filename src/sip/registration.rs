//! Keeping a trunk's registration (RFC 3261 section 10.2): bind, refresh, remove, and try again after a failure.

use std::time::Duration;

use super::agent::UserAgent;
use super::authentication::Authentication;
use super::door::{Ending, LocalEnding, Output, Timer, Trunk};
use super::draft::Draft;
use super::header::{Address, Name, number};
use super::message::{Method, Response};
use super::timing::{GIVE_UP, Owner, length};
use super::token::Tokens;
use super::transaction::{Heard, User};
use super::uri::{self, Uri};
use crate::ids::TrunkId;
use crate::moment::Moment;

/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// No registrar needs a refresh more often.
const SHORTEST_REFRESH: Duration = Duration::from_secs(5);
/// A Min-Expires or Retry-After beyond a day is no use.
const DAY: Duration = Duration::from_secs(86_400);

/// The registration of one trunk: one Call-ID for all its requests.
#[derive(Debug)]
pub(crate) struct Registration {
    call_id: String,
    local_tag: String,
    cseq: u32,
    wanted: Wanted,
    /// What the REGISTER that is out asks for.
    flight: Option<Wanted>,
    /// The expiry that we ask for; 423 raises it.
    asked: Duration,
    failures: u32,
    authentication: Authentication,
}

/// What the binding should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Bound,
    Removed,
}

impl Registration {
    fn new(tokens: &mut Tokens, asked: Duration) -> Self {
        Self {
            call_id: tokens.call_id(),
            local_tag: tokens.tag(),
            cseq: 0,
            wanted: Wanted::Removed,
            flight: None,
            asked,
            failures: 0,
            authentication: Authentication::default(),
        }
    }

    /// 30 s doubling to 300 s; a longer Retry-After is obeyed.
    fn pause(&self, ending: &Ending) -> Duration {
        let doubled = length(Timer::Refresh) * 2_u32.saturating_pow(self.failures.saturating_sub(1).min(8));
        let told = Duration::from_secs(ending.retry_after.unwrap_or_default().into()).min(DAY);
        doubled.min(LONGEST_PAUSE).max(told)
    }
}

impl UserAgent {
    /// Registers now, if the trunk does at all.
    pub(super) fn register(&mut self, now: Moment, trunk: TrunkId) {
        self.want(now, trunk, Wanted::Bound);
    }

    /// Removes the binding.
    pub(super) fn unregister(&mut self, now: Moment, trunk: TrunkId) {
        self.out.timers.cancel(Owner::Trunk(trunk), Timer::Refresh);
        self.want(now, trunk, Wanted::Removed);
    }

    /// The binding grows old, or the pause after a failure is over.
    pub(super) fn refresh_registration(&mut self, now: Moment, trunk: TrunkId) {
        self.want(now, trunk, Wanted::Bound);
    }

    fn want(&mut self, now: Moment, trunk: TrunkId, wanted: Wanted) {
        let Some(asked) = self.trunk(trunk).and_then(|trunk| trunk.register) else {
            return;
        };
        let tokens = &mut self.tokens;
        let registration = self
            .registrations
            .entry(trunk)
            .or_insert_with(|| Registration::new(tokens, asked));
        registration.wanted = wanted;
        if registration.flight.is_none() {
            registration.authentication.begin();
            self.send_register(now, trunk, wanted);
        }
    }

    fn send_register(&mut self, now: Moment, id: TrunkId, wanted: Wanted) {
        let trunk = self.settings.trunks.get(usize::from(id.0));
        let (Some(trunk), Some(registration)) = (trunk, self.registrations.get_mut(&id)) else {
            return;
        };
        registration.cseq = registration.cseq.saturating_add(1);
        registration.flight = Some(wanted);
        let expires = match wanted {
            Wanted::Bound => registration.asked.as_secs(),
            Wanted::Removed => 0,
        };
        let address = trunk.address();
        let draft = Draft {
            method: &Method::Register,
            uri: &uri::sip("", &trunk.domain),
            from: &format!("<{address}>;tag={}", registration.local_tag),
            to: &format!("<{address}>"),
            call_id: &registration.call_id,
            cseq: registration.cseq,
            routes: &[],
        };
        let branch = self.tokens.branch();
        let mut request = draft.request(trunk.local, &branch);
        let contact = format!("<{}>;expires={expires}", trunk.contact());
        request.headers.push(Name::Contact, contact);
        request.headers.push(Name::Expires, expires.to_string());
        registration.authentication.sign(trunk, &mut self.tokens, &mut request);
        let Some(path) = trunk.path() else {
            return;
        };
        self.clients
            .begin(now, &mut self.out, User::Register(id), path, branch, request);
    }

    /// The REGISTER transaction has something to tell.
    pub(super) fn register_heard(&mut self, now: Moment, id: TrunkId, heard: Heard) {
        let silence = heard.silence();
        let trunk = self.settings.trunks.get(usize::from(id.0));
        let (Some(trunk), Some(registration)) = (trunk, self.registrations.get_mut(&id)) else {
            return;
        };
        let Some(flight) = registration.flight else {
            return;
        };
        let result = match heard {
            Heard::Response(response) => match response.status {
                0..=199 => return,
                200..=299 => granted(trunk, registration, flight, &response),
                401 | 407 => match registration.authentication.challenged(trunk, &response) {
                    Ok(()) => return self.send_register(now, id, flight),
                    Err(_) => Err(Ending::useless(&response, LocalEnding::CredentialsRefused)),
                },
                423 => match longer(registration, &response) {
                    Some(expiry) => {
                        registration.asked = expiry;
                        return self.send_register(now, id, flight);
                    }
                    None => Err(Ending::response(&response)),
                },
                300.. => Err(Ending::response(&response)),
            },
            Heard::TimedOut | Heard::Unreachable => Err(silence.map(Ending::local).unwrap_or_default()),
            Heard::Ended => return,
        };
        self.settle(now, id, flight, result);
    }

    /// Reports, and plans the next step: what is wanted meanwhile, a refresh, or another try.
    fn settle(&mut self, now: Moment, id: TrunkId, flight: Wanted, result: Result<Duration, Ending>) {
        let Some(registration) = self.registrations.get_mut(&id) else {
            return;
        };
        registration.flight = None;
        let wait = match &result {
            Ok(expiry) => {
                registration.failures = 0;
                refresh_after(*expiry)
            }
            Err(ending) => {
                registration.failures = registration.failures.saturating_add(1);
                registration.pause(ending)
            }
        };
        let wanted = registration.wanted;
        self.out.outputs.push_back(Output::Registered { trunk: id, result });
        match (wanted, flight) {
            (Wanted::Bound, Wanted::Bound) => self.out.timers.set(Owner::Trunk(id), Timer::Refresh, now + wait),
            (Wanted::Removed, Wanted::Removed) => {}
            (Wanted::Bound, Wanted::Removed) | (Wanted::Removed, Wanted::Bound) => self.want(now, id, wanted),
        }
    }
}

/// The expiry that a 200 grants our binding: by its Contact, by Expires, or as asked.
fn granted(
    trunk: &Trunk,
    registration: &Registration,
    flight: Wanted,
    response: &Response,
) -> Result<Duration, Ending> {
    if flight == Wanted::Removed {
        return Ok(Duration::ZERO);
    }
    let contact = trunk.contact();
    let ours = Uri::read(&contact);
    let mut bindings = response.headers.list(&Name::Contact).filter_map(Address::read);
    let own =
        bindings.find(|binding| matches!((Uri::read(binding.uri), ours), (Ok(its), Ok(own)) if its.same_place(&own)));
    let by_contact = own.and_then(|own| own.param("expires")).and_then(|text| number(&text));
    let seconds = by_contact.or_else(|| response.headers.first(&Name::Expires).and_then(number));
    match seconds {
        Some(0) => Err(Ending::useless(response, LocalEnding::Unusable)),
        Some(seconds) => Ok(Duration::from_secs(seconds.into())),
        None => Ok(registration.asked),
    }
}

/// The expiry that a 423 demands, if it is more than we asked for.
fn longer(registration: &Registration, response: &Response) -> Option<Duration> {
    let least = response.headers.first(&Name::MinExpires).and_then(number)?;
    let least = Duration::from_secs(least.into());
    (least > registration.asked && least <= DAY).then_some(least)
}

/// At 90 % of the expiry, earlier where that leaves no time for a refresh to fail and be tried again, never before half.
fn refresh_after(expiry: Duration) -> Duration {
    let late = expiry / 10 * 9;
    let safe = expiry.saturating_sub(2 * GIVE_UP);
    late.min(safe).max(expiry / 2).max(SHORTEST_REFRESH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_lies_between_half_and_nine_tenths_of_the_expiry() {
        let seconds = |expiry| refresh_after(Duration::from_secs(expiry)).as_secs();
        assert_eq!([3600, 120, 60, 1].map(seconds), [3240, 60, 30, 5]);
    }
}
