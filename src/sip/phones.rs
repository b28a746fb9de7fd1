//! What comes at the phones' socket, and what goes there beside calls: REGISTER with its digest (RFC 3261 sections 10.3
//! and 22, RFC 7616, RFC 8760), the refusal of strangers, and asking the phones whether they are there.
//!
//! Nobody is told anything but to prove his password: a REGISTER gets 401, whether there is such an account or not, and
//! anything else from a stranger gets nothing.

use std::time::Duration;

use super::agent::UserAgent;
use super::credentials::Credentials;
use super::dialog::tag;
use super::digest::{Hash, Stale};
use super::door::{Account, Neighbour, Output, Path, PhoneNews, Timer, Transport};
use super::draft::Draft;
use super::guard::{Manners, Wrong};
use super::header::{Address, Name};
use super::message::{Method, Version};
use super::receive::{Incoming, sound};
use super::registrar::{Door, Held, Liveness, MIN_EXPIRES, Unregistrable, Was};
use super::timing::Owner;
use super::transaction::{Begun, Heard, Key, User};
use super::uri::Uri;
#[cfg(test)]
use crate::ids::LegId;
use crate::moment::Moment;

/// A phone is asked whether it is there so often, which also keeps a NAT in front of it open (RFC 5626 section 3.5.1).
const ASK: [Duration; 2] = [Duration::from_secs(20), Duration::from_secs(30)];
/// So many refusals wait for their time; the rest are never sent.
const HELD: usize = 1_024;
/// What keeps a NAT's binding, and what answers it where it asks.
const PING: &[u8] = b"\r\n\r\n";
const PONG: &[u8] = b"\r\n";
/// Stands in where there is no account of a name, so that this takes as long.
const NOBODY: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl UserAgent {
    /// Whether a registered phone sends from there.
    pub(super) fn is_bound(&self, path: Path) -> bool {
        self.registrar
            .as_ref()
            .is_some_and(|registrar| registrar.is_bound(path))
    }

    /// Whether anything that comes this way is looked at; pings are answered here.
    pub(super) fn hears_phone(&mut self, now: Moment, path: Path, bytes: &[u8]) -> bool {
        let Some(registrar) = &self.registrar else {
            return false;
        };
        let is_bound = registrar.is_bound(path);
        // Behind the address that is banned other phones may sit, which have registered.
        let is_heard = is_bound || !registrar.guard.is_banned(now, path.peer.ip());
        let is_heard = is_heard && registrar.door == Door::Open;
        if is_bound && bytes == PING && path.transport == Transport::Udp {
            self.out.send(path, PONG);
        }
        is_heard
    }

    /// Whether a request at the phones' socket is one that may get an answer: of a phone that has registered, of a call
    /// that stands, or a sound REGISTER.
    pub(super) fn is_phone_or_registers(&self, incoming: Incoming<'_>) -> bool {
        let request = incoming.request;
        let to = request.headers.first(&Name::To).map(tag).unwrap_or_default();
        let registers = || {
            request.method == Method::Register
                && request.version == Version::Two
                && to.is_empty()
                && sound(request).is_some()
                && Uri::read(&request.uri).is_ok()
        };
        self.is_bound(incoming.path) || registers() || self.dialog_of(incoming).is_some()
    }

    /// Who may register from now on.
    pub(super) fn replace_accounts(&mut self, accounts: Vec<Account>) {
        if let Some(registrar) = &mut self.registrar {
            let news = registrar.replace(accounts);
            self.tell_phones(news);
            self.plan_phones();
        }
    }

    /// REGISTER, out of any dialog.
    pub(super) fn register_came(&mut self, now: Moment, incoming: Incoming<'_>) {
        let (request, source) = (incoming.request, incoming.path.peer.ip());
        let Some(registrar) = &mut self.registrar else {
            return;
        };
        let lines = request.headers.all(&Name::Authorization);
        let mut credentials = lines.filter_map(Credentials::read);
        let Some(credentials) = credentials.find(|credentials| credentials.realm == registrar.realm) else {
            if registrar.guard.asked(now, source) == Manners::Answer {
                self.challenge(now, incoming, Stale::No);
            }
            return;
        };
        let Ok(nonce) = registrar
            .nonces
            .look(now, source, &credentials.nonce, credentials.count)
        else {
            // Whether its password is right is not looked at: who repeats what he overheard learns nothing.
            if registrar.guard.asked(now, source) == Manners::Answer {
                self.challenge(now, incoming, Stale::Yes);
            }
            return;
        };
        let user = credentials.user.clone();
        let entry = registrar.accounts.get(&user);
        let is_bound = registrar.is_bound(incoming.path);
        if entry.is_some() && !is_bound && registrar.guard.tried(now, &user) == Manners::Ignore {
            return;
        }
        let Some(key) = Key::of(request) else {
            return;
        };
        let ha1 = entry.and_then(|entry| entry.account.ha1(credentials.hash));
        let is_right = credentials.prove(ha1.unwrap_or(NOBODY), request.method.as_str(), &request.body);
        if is_right && ha1.is_some() {
            registrar.nonces.spend(nonce, credentials.count);
            return self.register_phone(now, incoming, &user);
        }
        let known = entry.map(|_| user);
        let wrong = registrar.guard.failed(now, source, known.as_deref());
        // Copies of it are the same try.
        if self.servers.begin(key.clone(), &request.method, incoming.path) == Begun::No {
            return;
        }
        match wrong {
            Wrong::AnswerAfter(pause) => self.challenge_later(now, incoming, &key, pause),
            Wrong::Ban(banned) => {
                self.servers.forget(&mut self.out, &key);
                self.drop_held(|held| held.path.peer.ip() == source);
                let account = known;
                self.tell_phones(vec![PhoneNews::Guessing {
                    source,
                    account,
                    banned,
                }]);
            }
        }
    }

    /// The password is right: the bindings are as it says.
    fn register_phone(&mut self, now: Moment, incoming: Incoming<'_>, user: &str) {
        let request = incoming.request;
        if self.refuses_extension(now, incoming) {
            return;
        }
        if asked_for(incoming).as_deref() != Some(user) {
            // It is somebody, and not who it wants to be called as (section 10.3 step 4).
            return self.respond(now, incoming, 403, &[]);
        }
        let ask_at = now + self.tokens.between(ASK[0], ASK[1]);
        let Some(registrar) = &mut self.registrar else {
            return;
        };
        match registrar.register(now, user, request, incoming.path, ask_at) {
            Ok(news) => {
                let fields = registrar.listed(now, user);
                self.respond(now, incoming, 200, &fields);
                self.tell_phones(news);
                self.plan_phones();
            }
            Err(Unregistrable::Malformed) => self.respond(now, incoming, 400, &[]),
            Err(Unregistrable::TooBrief) => {
                self.respond(now, incoming, 423, &[(Name::MinExpires, MIN_EXPIRES.to_string())]);
            }
            Err(Unregistrable::Late) => self.respond(now, incoming, 500, &[]),
        }
    }

    /// 401 at once, without memory: who only asks takes no room.
    fn challenge(&mut self, now: Moment, incoming: Incoming<'_>, stale: Stale) {
        let fields = self.challenges(now, incoming, stale);
        if let Some((_, path, response)) = self.compose(incoming, 401, &fields, &[]) {
            self.out.send(path, &response.print());
        }
    }

    /// 401 to a wrong password, after a pause.
    fn challenge_later(&mut self, now: Moment, incoming: Incoming<'_>, key: &Key, pause: Duration) {
        let fields = self.challenges(now, incoming, Stale::No);
        let Some((_, path, response)) = self.compose(incoming, 401, &fields, &[]) else {
            return;
        };
        let (status, response) = (response.status, response.print());
        if pause.is_zero() {
            return self.servers.finish(now, &mut self.out, key, status, (path, response));
        }
        let Some(registrar) = self.registrar.as_mut().filter(|registrar| registrar.held.len() < HELD) else {
            return self.servers.forget(&mut self.out, key);
        };
        registrar.held.push(Held {
            at: now + pause,
            key: key.clone(),
            path,
            status,
            response,
        });
        self.plan_phones();
    }

    /// One for each hash, the strongest first (RFC 8760 section 2.4).
    fn challenges(&mut self, now: Moment, incoming: Incoming<'_>, stale: Stale) -> Vec<(Name, String)> {
        let Some(registrar) = &mut self.registrar else {
            return Vec::new();
        };
        let user = asked_for(incoming).unwrap_or_default();
        let nonce = registrar.nonces.issue(now, incoming.path.peer.ip());
        let realm = &registrar.realm;
        let stale = match stale {
            Stale::Yes => ", stale=true",
            Stale::No => "",
        };
        let challenge = |hash: &Hash| {
            let algorithm = hash.as_str();
            let value =
                format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth\"{stale}");
            (Name::WwwAuthenticate, value)
        };
        registrar.hashes(&user).iter().map(challenge).collect()
    }

    fn drop_held(&mut self, is_meant: impl Fn(&Held) -> bool) {
        let Some(registrar) = &mut self.registrar else {
            return;
        };
        let (dropped, kept) = std::mem::take(&mut registrar.held)
            .into_iter()
            .partition(|held| is_meant(held));
        let dropped: Vec<Held> = dropped;
        registrar.held = kept;
        for held in dropped {
            self.servers.forget(&mut self.out, &held.key);
        }
    }

    /// The timer of the phones: what has run out goes, what was held leaves, who is due is asked.
    pub(super) fn look_after_phones(&mut self, now: Moment) {
        let Some(registrar) = &mut self.registrar else {
            return;
        };
        let news = registrar.expire(now);
        let (due, kept) = std::mem::take(&mut registrar.held)
            .into_iter()
            .partition(|held| held.at <= now);
        let due: Vec<Held> = due;
        registrar.held = kept;
        let is_due = |at: Option<Moment>| at.is_some_and(|at| at <= now);
        let bindings = registrar.bindings().filter(|binding| is_due(binding.liveness.ask_at()));
        let asked: Vec<u64> = bindings.map(|binding| binding.id).collect();
        self.tell_phones(news);
        for held in due {
            let sent = (held.path, held.response);
            self.servers.finish(now, &mut self.out, &held.key, held.status, sent);
        }
        for id in asked {
            self.ask_phone(now, id);
        }
        self.plan_phones();
    }

    fn plan_phones(&mut self) {
        match self.registrar.as_ref().and_then(|registrar| registrar.next_at()) {
            Some(at) => self.out.timers.set(Owner::Phones, Timer::Phones, at),
            None => self.out.timers.cancel(Owner::Phones, Timer::Phones),
        }
    }

    fn ask_phone(&mut self, now: Moment, id: u64) {
        let (branch, tag, call_id) = (self.tokens.branch(), self.tokens.tag(), self.tokens.call_id());
        let Some(binding) = self.registrar.as_mut().and_then(|registrar| registrar.binding(id)) else {
            return;
        };
        let Some(line) = self.settings.line(Neighbour::Phones) else {
            return;
        };
        let was = if binding.liveness.is_silent() {
            Was::Silent
        } else {
            Was::Answering
        };
        binding.liveness = Liveness::Asked { was };
        let draft = Draft {
            method: &Method::Options,
            uri: &binding.uri,
            from: &format!("<{}>;tag={tag}", line.address()),
            to: &format!("<{}>", binding.uri),
            call_id: &call_id,
            cseq: 1,
            routes: &[],
        };
        let path = binding.path;
        let mut request = draft.request(line, path.transport, &branch);
        let contact = line.contact(path.transport);
        request.headers.push(Name::Contact, format!("<{contact}>"));
        request.headers.push(Name::Accept, "application/sdp");
        self.clients
            .begin(now, &mut self.out, User::Phone(id), path, branch, request);
    }

    /// What came of asking a phone; any final response proves it alive.
    pub(super) fn phone_heard(&mut self, now: Moment, id: u64, heard: &Heard) {
        let ask_at = now + self.tokens.between(ASK[0], ASK[1]);
        let liveness = match heard {
            Heard::Response(response) if response.status >= 200 => Liveness::Answers { ask_at },
            Heard::TimedOut | Heard::Unreachable => Liveness::Silent { ask_at },
            Heard::Response(_) | Heard::Ended => return,
        };
        self.note_liveness(id, liveness);
    }

    fn note_liveness(&mut self, id: u64, liveness: Liveness) {
        let news = self
            .registrar
            .as_mut()
            .and_then(|registrar| registrar.heard(id, liveness));
        self.tell_phones(news);
        self.plan_phones();
    }

    /// The connection that phones registered by is gone: nobody but they can open another.
    pub(super) fn phone_closed(&mut self, now: Moment, path: Path) {
        let Some(registrar) = &self.registrar else {
            return;
        };
        let bindings = registrar.bindings().filter(|binding| binding.path == path);
        let lost: Vec<u64> = bindings.map(|binding| binding.id).collect();
        let ask_at = now + ASK[1];
        for id in lost {
            self.note_liveness(id, Liveness::Silent { ask_at });
        }
    }

    fn tell_phones(&mut self, news: impl IntoIterator<Item = PhoneNews>) {
        self.out.outputs.extend(news.into_iter().map(Output::Phone));
    }

    /// How many contacts are bound.
    #[cfg(test)]
    pub(super) fn bound(&self) -> usize {
        self.registrar
            .as_ref()
            .map_or(0, |registrar| registrar.bindings().count())
    }

    /// Whether the leg is one of a phone.
    #[cfg(test)]
    pub(super) fn is_with_phone(&self, leg: LegId) -> bool {
        self.legs
            .get(&leg)
            .is_some_and(|leg| leg.neighbour == Neighbour::Phones)
    }
}

/// Whose contacts a REGISTER is about: the user of its To, whatever host it calls us by.
fn asked_for(incoming: Incoming<'_>) -> Option<String> {
    let to = Address::read(incoming.request.headers.first(&Name::To)?)?;
    Uri::read(to.uri).ok()?.user_name()
}
