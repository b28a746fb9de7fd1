//! Keeping a trunk's registration (RFC 3261 section 10.2): bind, refresh, remove, and try again after a failure.

use std::time::Duration;

use super::agent::UserAgent;
use super::authentication::{Authentication, Purpose};
use super::door::{Ending, LocalEnding, Output, Target, Timer, Transport, Trunk};
use super::draft::Draft;
use super::header::{Address, Name, number};
use super::message::{Method, Response};
use super::targets::Way;
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
/// So many hops of a Service-Route are taken.
const HOPS: usize = 8;

/// The registration of one trunk: one Call-ID for all its requests.
#[derive(Debug)]
pub(crate) struct Registration {
    call_id: String,
    local_tag: String,
    cseq: u32,
    wanted: Wanted,
    /// What the REGISTER that is out asks for.
    flight: Option<Wanted>,
    /// Where it went, or the last one did.
    way: Option<Way>,
    /// Who holds the binding.
    binding: Option<Target>,
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
            way: None,
            binding: None,
            asked,
            failures: 0,
            authentication: Authentication::default(),
        }
    }

    /// Half to all of 30 s doubling to 300 s (RFC 5626 section 4.5); a longer Retry-After is obeyed, and not by all
    /// at the same moment either. Refused credentials wait longest at once: a registrar may lock who guesses.
    fn pause(&self, ending: &Ending, tokens: &mut Tokens) -> Duration {
        let doubled = length(Timer::Refresh) * 2_u32.saturating_pow(self.failures.saturating_sub(1).min(8));
        let most = match ending.local {
            Some(LocalEnding::CredentialsRefused) => LONGEST_PAUSE,
            Some(_) | None => doubled.min(LONGEST_PAUSE),
        };
        let told = Duration::from_secs(ending.retry_after.unwrap_or_default().into()).min(DAY);
        tokens
            .between(most / 2, most)
            .max(tokens.between(told, told + told / 10))
    }

    /// Who holds the binding.
    pub(crate) const fn place(&self) -> Option<Target> {
        self.binding
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

    /// The trunk's name has other addresses: a binding that is held by none of them is of no use.
    pub(super) fn registrar_moved(&mut self, now: Moment, id: TrunkId) {
        let (Some(trunk), Some(registration)) = (self.trunk(id), self.registrations.get(&id)) else {
            return;
        };
        let is_held = registration
            .binding
            .is_some_and(|target| trunk.targets.contains(&target));
        if registration.wanted == Wanted::Bound && !is_held {
            self.want(now, id, Wanted::Bound);
        }
    }

    fn want(&mut self, now: Moment, id: TrunkId, wanted: Wanted) {
        let Some(trunk) = self.settings.trunks.get(usize::from(id.0)) else {
            return;
        };
        let Some(asked) = trunk.register else {
            return;
        };
        let tokens = &mut self.tokens;
        let registration = self
            .registrations
            .entry(id)
            .or_insert_with(|| Registration::new(tokens, asked));
        registration.wanted = wanted;
        if registration.flight.is_some() {
            return;
        }
        registration.flight = Some(wanted);
        registration.authentication.begin();
        // A binding is refreshed where it is held, and removed there even if the trunk's name has left that place.
        let holder = registration
            .binding
            .filter(|target| wanted == Wanted::Removed || trunk.targets.contains(target));
        let way = holder.and_then(|target| self.way_to(now, id, target));
        let way = way.or_else(|| self.first_way(now, id));
        let is_nowhere = way.is_none();
        if let Some(registration) = self.registrations.get_mut(&id) {
            registration.way = way;
        }
        if is_nowhere {
            return self.settle(now, id, wanted, Err(Ending::local(LocalEnding::Unreachable)));
        }
        self.send_register(now, id, wanted);
    }

    fn send_register(&mut self, now: Moment, id: TrunkId, wanted: Wanted) {
        let trunk = self.settings.trunks.get(usize::from(id.0));
        let (Some(trunk), Some(registration)) = (trunk, self.registrations.get_mut(&id)) else {
            return;
        };
        let Some(path) = registration.way.as_ref().map(|way| way.path) else {
            return;
        };
        registration.cseq = registration.cseq.saturating_add(1);
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
            routes: &trunk.proxy().into_iter().collect::<Vec<_>>(),
        };
        let branch = self.tokens.branch();
        let mut request = draft.request(trunk, path.transport, &branch);
        let contact = format!("<{}>;expires={expires}", trunk.contact(path.transport));
        request.headers.push(Name::Contact, contact);
        request.headers.push(Name::Expires, expires.to_string());
        self.sign_for(id, Purpose::Registration, &mut request);
        self.clients
            .begin(now, &mut self.out, User::Register(id), path, branch, request);
    }

    /// The REGISTER transaction has something to tell.
    pub(super) fn register_heard(&mut self, now: Moment, id: TrunkId, heard: Heard) {
        let silence = heard.silence();
        let Some(flight) = self.registrations.get(&id).and_then(|registration| registration.flight) else {
            return;
        };
        let is_useless = match &heard {
            Heard::Response(response) => response.status == 503,
            Heard::TimedOut | Heard::Unreachable => true,
            Heard::Ended => false,
        };
        if is_useless && self.register_elsewhere(now, id, flight) {
            return;
        }
        let (Some(trunk), Some(registration)) = (
            self.settings.trunks.get(usize::from(id.0)),
            self.registrations.get_mut(&id),
        ) else {
            return;
        };
        let result = match heard {
            Heard::Response(response) => match response.status {
                0..=199 => return,
                200..=299 => {
                    let result = granted(trunk, registration, flight, &response);
                    self.note_service_route(id, flight, &response);
                    result
                }
                401 | 407 => {
                    let mut tries = registration.authentication.clone();
                    let taken = self.take_challenge(id, Purpose::Registration, &mut tries, &response);
                    if let Some(registration) = self.registrations.get_mut(&id) {
                        registration.authentication = tries;
                    }
                    match taken {
                        Ok(()) => return self.send_register(now, id, flight),
                        Err(_) => Err(Ending::useless(&response, LocalEnding::CredentialsRefused)),
                    }
                }
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

    /// Asks the trunk's next target, if there is one.
    fn register_elsewhere(&mut self, now: Moment, id: TrunkId, flight: Wanted) -> bool {
        let way = self
            .registrations
            .get(&id)
            .and_then(|registration| registration.way.clone());
        let Some(mut way) = way else {
            return false;
        };
        if !self.lead_on(now, id, &mut way) {
            return false;
        }
        if let Some(registration) = self.registrations.get_mut(&id) {
            registration.way = Some(way);
            registration.authentication.begin();
        }
        self.send_register(now, id, flight);
        true
    }

    /// Takes the route to the trunk's services from the answer of its registrar (RFC 3608 section 6.1).
    fn note_service_route(&mut self, id: TrunkId, flight: Wanted, response: &Response) {
        let hops = response.headers.list(&Name::ServiceRoute).filter_map(Address::read);
        let hops = hops.map(|hop| hop.uri.to_owned()).take(HOPS);
        let route: Vec<String> = match flight {
            Wanted::Bound => hops.collect(),
            Wanted::Removed => Vec::new(),
        };
        // A first hop that is no loose router could not forward what it gets.
        let is_usable = route.first().is_none_or(|first| uri::is_loose(first));
        if let Some(standing) = self.standings.get_mut(usize::from(id.0)) {
            standing.service_route = if is_usable { route } else { Vec::new() };
        }
    }

    /// Reports, and plans the next step: what is wanted meanwhile, a refresh, or another try.
    fn settle(&mut self, now: Moment, id: TrunkId, flight: Wanted, result: Result<Duration, Ending>) {
        let trunk = self.settings.trunks.get(usize::from(id.0));
        let (Some(trunk), Some(registration)) = (trunk, self.registrations.get_mut(&id)) else {
            return;
        };
        registration.flight = None;
        let target = registration.way.as_ref().map(|way| way.path.target());
        registration.binding = target.filter(|_| flight == Wanted::Bound && result.is_ok());
        let is_bound = registration.binding.is_some();
        let wait = match &result {
            // The trunk's name has left that place meanwhile.
            Ok(_) if target.is_some_and(|target| !trunk.targets.contains(&target)) => Duration::ZERO,
            Ok(expiry) => {
                registration.failures = 0;
                refresh_after(*expiry)
            }
            Err(ending) => {
                registration.failures = registration.failures.saturating_add(1);
                registration.pause(ending, &mut self.tokens)
            }
        };
        let wanted = registration.wanted;
        let trunk = id;
        self.out.outputs.push_back(Output::Registered { trunk, target, result });
        if is_bound {
            self.plan_keep_alive(now, id);
        } else {
            self.out.timers.cancel(Owner::Trunk(id), Timer::KeepAlive);
        }
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
    let transport = registration
        .way
        .as_ref()
        .map_or(Transport::Udp, |way| way.path.transport);
    let contact = trunk.contact(transport);
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
