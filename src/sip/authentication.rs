//! Which challenges a request answers, and how often (RFC 3261 section 22, RFC 8760 section 2.4).

use super::digest::{Answer, Challenge, Stale};
use super::door::Trunk;
use super::header::Name;
use super::message::{Request, Response};
use super::token::Tokens;

/// So many realms can ask on the way of one request.
const REALMS: usize = 4;
/// So often one realm is answered in one request: at first, and again if it calls the nonce stale.
const TRIES: u8 = 2;

/// What a dialog or a registration knows of those who challenged it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Authentication {
    realms: Vec<Realm>,
}

#[derive(Clone, Debug)]
struct Realm {
    /// Authorization or Proxy-Authorization.
    field: Name,
    challenge: Challenge,
    /// How often its nonce was used.
    uses: u32,
    /// How often it challenged the present request.
    tries: u8,
}

/// A challenge that our credentials cannot answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

impl Authentication {
    /// A new request begins: nonces are kept, tries start anew.
    pub(crate) fn begin(&mut self) {
        for realm in &mut self.realms {
            realm.tries = 0;
        }
    }

    /// Takes up the challenges of a 401 or 407.
    pub(crate) fn challenged(&mut self, trunk: &Trunk, response: &Response) -> Result<(), Refused> {
        if trunk.password.is_none() {
            return Err(Refused);
        }
        let pairs = [
            (Name::WwwAuthenticate, Name::Authorization),
            (Name::ProxyAuthenticate, Name::ProxyAuthorization),
        ];
        let mut strongest: Vec<(Name, Challenge)> = Vec::new();
        for (from, field) in pairs {
            for challenge in response.headers.all(&from).flat_map(Challenge::read) {
                let rival = strongest
                    .iter_mut()
                    .find(|(own, known)| *own == field && known.realm == challenge.realm);
                match rival {
                    Some((_, known)) if known.hash < challenge.hash => *known = challenge,
                    Some(_) => {}
                    None => strongest.push((field.clone(), challenge)),
                }
            }
        }
        if strongest.is_empty() {
            return Err(Refused);
        }
        strongest
            .into_iter()
            .try_for_each(|(field, challenge)| self.take(field, challenge))
    }

    fn take(&mut self, field: Name, challenge: Challenge) -> Result<(), Refused> {
        let known = self
            .realms
            .iter_mut()
            .find(|realm| realm.field == field && realm.challenge.realm == challenge.realm);
        if let Some(realm) = known {
            let is_refusal = realm.tries > 0 && challenge.stale == Stale::No;
            if is_refusal || realm.tries >= TRIES {
                return Err(Refused);
            }
            realm.tries += 1;
            realm.uses = 0;
            realm.challenge = challenge;
            return Ok(());
        }
        if self.realms.len() >= REALMS {
            return Err(Refused);
        }
        self.realms.push(Realm {
            field,
            challenge,
            uses: 0,
            tries: 1,
        });
        Ok(())
    }

    /// Adds the credentials for every realm that has asked so far.
    pub(crate) fn sign(&mut self, trunk: &Trunk, tokens: &mut Tokens, request: &mut Request) {
        let Some(password) = &trunk.password else {
            return;
        };
        for realm in &mut self.realms {
            realm.uses = realm.uses.saturating_add(1);
            let credentials = realm.challenge.credentials(Answer {
                user: trunk.auth_user.as_ref().unwrap_or(&trunk.user),
                password: password.reveal(),
                method: request.method.as_str(),
                uri: &request.uri,
                body: &request.body,
                cnonce: &tokens.tag(),
                count: realm.uses,
            });
            request.headers.push(realm.field.clone(), credentials);
        }
    }
}
