//! Which challenges a request answers, how often, and to whom (RFC 3261 section 22, RFC 8760 section 2.4).
//!
//! A trunk's credentials are for one realm of its servers and one of its proxies: the one in the settings, else the one
//! that its own address named first. Any other gets nothing, for who can name realms can have digests made of a password.

use super::agent::UserAgent;
use super::digest::{Answer, Challenge, Stale, next_nonce};
use super::door::{Neighbour, Output, Trunk};
use super::header::Name;
use super::message::{Request, Response};
use super::token::Tokens;
use super::transaction::User;
use super::uri::Uri;
use crate::ids::{LegId, TrunkId};
use crate::pii::Pii;

/// So often one realm is answered in one request: at first, and again if it calls the nonce stale.
const TRIES: u8 = 2;
/// So many refused realms are told of.
const TOLD: usize = 16;

/// How often the present request of a call or a registration was challenged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Authentication {
    by_server: u8,
    by_proxy: u8,
}

/// The credentials of one trunk: who may have them, and the nonces that are good at present.
#[derive(Debug, Default)]
pub(crate) struct Wallet {
    server: Option<String>,
    proxy: Option<String>,
    /// The realms that were refused and told of.
    told: Vec<String>,
    registration: Vec<Kept>,
    calls: Vec<Kept>,
}

/// Registrar and call server ask with nonces of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Registration,
    Calls,
}

/// A challenge with a nonce that may be used again.
#[derive(Clone, Debug)]
struct Kept {
    asker: Asker,
    challenge: Challenge,
    /// How often its nonce was used.
    uses: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    Server,
    Proxy,
}

/// A challenge that our credentials cannot or shall not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

impl Authentication {
    /// A new request begins: tries start anew.
    pub(crate) fn begin(&mut self) {
        *self = Self::default();
    }

    /// Counts a challenge, if it may be answered once more.
    fn count(&mut self, asker: Asker, stale: Stale) -> Result<(), Refused> {
        let tries = match asker {
            Asker::Server => &mut self.by_server,
            Asker::Proxy => &mut self.by_proxy,
        };
        let is_refusal = *tries > 0 && stale == Stale::No;
        if is_refusal || *tries >= TRIES {
            return Err(Refused);
        }
        *tries += 1;
        Ok(())
    }
}

impl Asker {
    const ALL: [Self; 2] = [Self::Server, Self::Proxy];

    const fn challenge(self) -> Name {
        match self {
            Self::Server => Name::WwwAuthenticate,
            Self::Proxy => Name::ProxyAuthenticate,
        }
    }

    const fn credentials(self) -> Name {
        match self {
            Self::Server => Name::Authorization,
            Self::Proxy => Name::ProxyAuthorization,
        }
    }

    const fn info(self) -> Name {
        match self {
            Self::Server => Name::AuthenticationInfo,
            Self::Proxy => Name::ProxyAuthenticationInfo,
        }
    }
}

impl Wallet {
    /// The realm that this asker may have, pinned to `first` if there is none yet.
    fn realm(&mut self, trunk: &Trunk, asker: Asker, first: &str) -> String {
        if let Some(realm) = &trunk.realm {
            return realm.clone();
        }
        let pin = match asker {
            Asker::Server => &mut self.server,
            Asker::Proxy => &mut self.proxy,
        };
        pin.get_or_insert_with(|| first.to_owned()).clone()
    }

    fn kept(&mut self, purpose: Purpose) -> &mut Vec<Kept> {
        match purpose {
            Purpose::Registration => &mut self.registration,
            Purpose::Calls => &mut self.calls,
        }
    }

    /// Takes up the challenges of a 401 or 407 that came from the trunk's own address. Gives the realms that were
    /// refused for the first time, each with the one that would have been answered.
    fn challenged(
        &mut self,
        tries: &mut Authentication,
        trunk: &Trunk,
        purpose: Purpose,
        response: &Response,
    ) -> (Result<(), Refused>, Vec<(String, String)>) {
        let mut strangers = Vec::new();
        let mut result = Err(Refused);
        if trunk.password.is_none() {
            return (result, strangers);
        }
        for asker in Asker::ALL {
            let challenges: Vec<Challenge> = response
                .headers
                .all(&asker.challenge())
                .flat_map(Challenge::read)
                .collect();
            let Some(first) = challenges.first() else {
                continue;
            };
            let realm = self.realm(trunk, asker, &first.realm);
            let (own, others): (Vec<_>, Vec<_>) = challenges.into_iter().partition(|own| own.realm == realm);
            for other in others {
                if !self.told.contains(&other.realm) && self.told.len() < TOLD {
                    self.told.push(other.realm.clone());
                    strangers.push((realm.clone(), other.realm));
                }
            }
            // Of equals the first: the far end's preference.
            let strongest = own.into_iter().rev().max_by_key(|challenge| challenge.hash);
            let Some(challenge) = strongest else {
                continue;
            };
            let kept = self.kept(purpose);
            kept.retain(|kept| kept.asker != asker);
            if tries.count(asker, challenge.stale).is_err() {
                return (Err(Refused), strangers);
            }
            let uses = 0;
            kept.push(Kept { asker, challenge, uses });
            result = Ok(());
        }
        (result, strangers)
    }

    /// Adds the credentials for all who asked so far.
    fn sign(&mut self, trunk: &Trunk, purpose: Purpose, tokens: &mut Tokens, request: &mut Request) {
        let Some(password) = &trunk.password else {
            return;
        };
        for kept in self.kept(purpose) {
            kept.uses = kept.uses.saturating_add(1);
            let credentials = kept.challenge.credentials(Answer {
                user: trunk.auth_user.as_ref().unwrap_or(&trunk.user),
                password: password.reveal(),
                method: request.method.as_str(),
                uri: &request.uri,
                body: &request.body,
                cnonce: &tokens.tag(),
                count: kept.uses,
            });
            request.headers.push(kept.asker.credentials(), credentials);
        }
    }

    /// Takes up the nonce that the far end wants to see next (RFC 7615).
    fn renew(&mut self, purpose: Purpose, response: &Response) {
        for asker in Asker::ALL {
            let nonce = response.headers.first(&asker.info()).and_then(next_nonce);
            let kept = self.kept(purpose).iter_mut().find(|kept| kept.asker == asker);
            if let (Some(nonce), Some(kept)) = (nonce, kept) {
                kept.challenge.nonce = nonce;
                kept.uses = 0;
            }
        }
    }
}

impl UserAgent {
    /// The trunk has another password; the next challenge is answered with it.
    pub fn change_password(&mut self, trunk: TrunkId, password: Option<Pii<String>>) {
        if let Some(settings) = self.settings.trunks.get_mut(usize::from(trunk.0)) {
            settings.password = password;
        }
    }

    /// Adds the credentials that a request of this leg needs. A leg that left the trunk's own addresses has none.
    pub(super) fn sign(&mut self, leg: LegId, request: &mut Request) {
        if let Some(trunk) = self.creditable(leg) {
            self.sign_for(trunk, Purpose::Calls, request);
        }
    }

    /// Adds the trunk's credentials to a request that goes to one of its targets.
    pub(super) fn sign_for(&mut self, id: TrunkId, purpose: Purpose, request: &mut Request) {
        let place = usize::from(id.0);
        if let (Some(trunk), Some(standing)) = (self.settings.trunks.get(place), self.standings.get_mut(place)) {
            standing.wallet.sign(trunk, purpose, &mut self.tokens, request);
        }
    }

    /// Whether the leg's request can be sent again with an answer to the challenge of this 401 or 407.
    pub(super) fn answers_challenge(&mut self, leg: LegId, response: &Response) -> bool {
        let Some(trunk) = self.creditable(leg) else {
            return false;
        };
        let Some(mut tries) = self.legs.get(&leg).map(|leg| leg.authentication.clone()) else {
            return false;
        };
        let taken = self.take_challenge(trunk, Purpose::Calls, &mut tries, response);
        if let Some(leg) = self.legs.get_mut(&leg) {
            leg.authentication = tries;
        }
        taken.is_ok()
    }

    /// Takes up a challenge of the trunk's own address.
    pub(super) fn take_challenge(
        &mut self,
        id: TrunkId,
        purpose: Purpose,
        tries: &mut Authentication,
        response: &Response,
    ) -> Result<(), Refused> {
        let place = usize::from(id.0);
        let (Some(trunk), Some(standing)) = (self.settings.trunks.get(place), self.standings.get_mut(place)) else {
            return Err(Refused);
        };
        if !matches!(response.status, 401 | 407) {
            return Err(Refused);
        }
        let (result, strangers) = standing.wallet.challenged(tries, trunk, purpose, response);
        for (pinned, offered) in strangers {
            let trunk = id;
            self.out
                .outputs
                .push_back(Output::RealmRefused { trunk, pinned, offered });
        }
        result
    }

    /// Takes up what a final response says of the next nonce.
    pub(super) fn note_next_nonce(&mut self, user: User, response: &Response) {
        let (trunk, purpose) = match user {
            User::Invite(leg) | User::Bye(leg, _) | User::Prack(leg, _) | User::Refresh(leg, _) => {
                (self.creditable(leg), Purpose::Calls)
            }
            User::Register(trunk) => (Some(trunk), Purpose::Registration),
            User::Cancel | User::CancelLeft(..) | User::Options(_) | User::Phone(_) => return,
        };
        let standing = trunk.and_then(|trunk| self.standings.get_mut(usize::from(trunk.0)));
        if let Some(standing) = standing.filter(|_| response.status >= 200) {
            standing.wallet.renew(purpose, response);
        }
    }

    /// The trunk whose credentials the leg may use: while it goes to the trunk's own addresses, and was not sent on to
    /// another domain by a redirection.
    fn creditable(&self, leg: LegId) -> Option<TrunkId> {
        let leg = self.legs.get(&leg)?;
        let Neighbour::Trunk(id) = leg.neighbour else {
            return None;
        };
        let domain = &self.trunk(id)?.domain;
        let is_at_home =
            leg.redirects == 0 || Uri::read(&leg.uri).is_ok_and(|uri| uri.host.eq_ignore_ascii_case(domain));
        (is_at_home && self.is_known(id, leg.way.path)).then_some(id)
    }
}
