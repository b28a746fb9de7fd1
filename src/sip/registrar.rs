//! Where the phones are: the accounts and their bindings (RFC 3261 section 10.3).
//!
//! A binding keeps the path that its registration came by: requests go there, so a NAT in front of the phone and a TCP
//! connection that only the phone can open both work. The Contact is what the phone wants to be called by, and no address.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::digest::Hash;
use super::door::{Account, Gone, Path, PhoneNews, Phones};
use super::guard::Guard;
use super::header::{Address, CSeq, Name, number};
use super::message::Request;
use super::nonces::Nonces;
use super::text;
use super::token::Tokens;
use super::transaction::Key;
use super::uri::Uri;
use crate::moment::Moment;
use crate::pii::Pii;

/// The shortest time that a binding may have, in seconds.
pub(crate) const MIN_EXPIRES: u32 = 60;
/// The longest, and what is granted where nothing is said.
const MAX_EXPIRES: u32 = 3_600;
/// So many contacts an account may have; a further one takes the place of the oldest.
const CONTACTS: usize = 8;
/// So much is kept of what a phone says it is.
const PRODUCT: usize = 64;

/// All phones.
#[derive(Debug)]
pub(crate) struct Registrar {
    pub(super) realm: String,
    pub(super) accounts: BTreeMap<String, Entry>,
    pub(super) nonces: Nonces,
    pub(super) guard: Guard,
    /// Refusals that wait for their time.
    pub(super) held: Vec<Held>,
    /// Where registered phones are: looked up for whatever comes.
    bound: BTreeSet<Path>,
    pub(super) door: Door,
    next: u64,
}

/// Whether it is known who may register: until then a right password would count as a wrong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Nobody is answered; phones ask again.
    Closed,
    Open,
}

/// An account and where its phones are.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(super) account: Account,
    pub(super) bindings: Vec<Binding>,
    /// What was told of it last.
    standing: Standing,
}

/// Whether a call would reach it, as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Here,
    Gone,
}

/// One contact of an account.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    pub(super) id: u64,
    /// The Contact's URI, as the phone wrote it.
    pub(super) uri: String,
    /// Where the registration came from.
    pub(super) path: Path,
    pub(super) expires_at: Moment,
    pub(super) liveness: Liveness,
    /// In thousandths.
    quality: u32,
    /// The phone's own name for itself (RFC 5626 section 4.1).
    instance: Option<String>,
    call_id: String,
    cseq: u32,
    /// The order of coming: a later one is newer.
    order: u64,
    product: Option<String>,
}

/// Whether a phone answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Liveness {
    /// It did; it is asked again then.
    Answers { ask_at: Moment },
    /// An OPTIONS is out.
    Asked { was: Was },
    /// It did not answer; it is asked again then.
    Silent { ask_at: Moment },
}

/// What it was before it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Was {
    Answering,
    Silent,
}

/// A refusal that is sent later.
#[derive(Debug)]
pub(crate) struct Held {
    pub(super) at: Moment,
    pub(super) key: Key,
    pub(super) path: Path,
    pub(super) status: u16,
    pub(super) response: Vec<u8>,
}

/// What a REGISTER asks that it cannot have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unregistrable {
    /// 400.
    Malformed,
    /// 423.
    TooBrief,
    /// 500: an older request came later.
    Late,
}

/// One Contact of a REGISTER.
struct Wanted {
    uri: String,
    /// Nothing: the binding goes.
    seconds: u32,
    quality: u32,
    instance: Option<String>,
}

impl Registrar {
    pub(crate) fn new(phones: &Phones, tokens: &mut Tokens) -> Self {
        let mut registrar = Self {
            realm: phones.realm.clone(),
            accounts: BTreeMap::new(),
            nonces: Nonces::new(tokens),
            guard: Guard::default(),
            held: Vec::new(),
            bound: BTreeSet::new(),
            door: Door::Closed,
            next: 1,
        };
        if !phones.accounts.is_empty() {
            registrar.replace(phones.accounts.clone());
        }
        registrar
    }

    /// Who may register from now on. Gives what there is to tell of those who may no longer.
    pub(super) fn replace(&mut self, accounts: Vec<Account>) -> Vec<PhoneNews> {
        self.door = Door::Open;
        let mut before = std::mem::take(&mut self.accounts);
        for account in accounts {
            let entry = match before.remove(&account.user) {
                Some(entry) if entry.account == account => entry,
                former => {
                    before.extend(former.map(|former| (account.user.clone(), former)));
                    Entry {
                        account: account.clone(),
                        bindings: Vec::new(),
                        standing: Standing::Gone,
                    }
                }
            };
            self.accounts.insert(account.user, entry);
        }
        self.look_where_they_are();
        let gone = before.into_iter().filter(|(_, entry)| entry.standing == Standing::Here);
        gone.map(|(account, _)| PhoneNews::Gone {
            account,
            why: Gone::Withdrawn,
        })
        .collect()
    }

    /// What a phone of this name is challenged by, the strongest first. Some stumble over a hash that they do not know
    /// and never come to the next: those have no SHA-256. Where there are such, names that nobody has are challenged like
    /// the one or the other, so that the challenge does not tell who is there.
    pub(super) fn hashes(&self, user: &str) -> &'static [Hash] {
        let is_plain = |entry: &Entry| entry.account.ha1_sha256.is_none();
        let is_md5 = match self.accounts.get(user) {
            Some(entry) => is_plain(entry),
            None => self.accounts.values().any(is_plain) && self.nonces.toss(user),
        };
        if is_md5 {
            &[Hash::Md5]
        } else {
            &[Hash::Sha256, Hash::Md5]
        }
    }

    /// Whether a registered phone sends from there.
    pub(super) fn is_bound(&self, path: Path) -> bool {
        self.bound.contains(&path)
    }

    fn look_where_they_are(&mut self) {
        self.bound = self.bindings().map(|binding| binding.path).collect();
    }

    pub(super) fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.accounts.values().flat_map(|entry| &entry.bindings)
    }

    pub(super) fn binding(&mut self, id: u64) -> Option<&mut Binding> {
        let mut all = self.accounts.values_mut().flat_map(|entry| &mut entry.bindings);
        all.find(|binding| binding.id == id)
    }

    /// The contacts of an account in the order of calling: those that answer first, then by quality, the newest first.
    pub(super) fn contacts(&self, user: &str) -> Vec<(String, Path)> {
        let mut contacts: Vec<&Binding> = self
            .accounts
            .get(user)
            .iter()
            .flat_map(|entry| &entry.bindings)
            .collect();
        contacts.sort_by_key(|binding| {
            let order = std::cmp::Reverse((binding.quality, binding.order));
            (binding.liveness.is_silent(), order)
        });
        contacts
            .iter()
            .map(|binding| (binding.uri.clone(), binding.path))
            .collect()
    }

    /// Carries a REGISTER out, and knows anew where phones are.
    pub(super) fn register(
        &mut self,
        now: Moment,
        user: &str,
        request: &Request,
        path: Path,
        ask_at: Moment,
    ) -> Result<Vec<PhoneNews>, Unregistrable> {
        let news = self.bind(now, user, request, path, ask_at);
        self.look_where_they_are();
        news
    }

    /// Carries a REGISTER out for an account whose password it has proved: all of it or nothing. `ask_at`: when new
    /// contacts are asked whether they are there.
    fn bind(
        &mut self,
        now: Moment,
        user: &str,
        request: &Request,
        path: Path,
        ask_at: Moment,
    ) -> Result<Vec<PhoneNews>, Unregistrable> {
        let headers = &request.headers;
        let call_id = headers.first(&Name::CallId).unwrap_or_default();
        let cseq = headers.first(&Name::CSeq).and_then(CSeq::read);
        let cseq = cseq.ok_or(Unregistrable::Malformed)?.number;
        let wanted = wanted(request)?;
        let product = headers.first(&Name::UserAgent);
        let product = product.map(|product| text::shown(product).chars().take(PRODUCT).collect::<String>());
        let Some(entry) = self.accounts.get_mut(user) else {
            return Err(Unregistrable::Malformed);
        };
        let is_late = |binding: &Binding| binding.call_id == call_id && cseq <= binding.cseq;
        let mut bindings = entry.bindings.clone();
        let mut news = Vec::new();
        let Some(wanted) = wanted else {
            // `*`: all of them.
            if bindings.iter().any(is_late) {
                return Err(Unregistrable::Late);
            }
            entry.bindings.clear();
            return Ok(entry.gone(user, Gone::Unregistered).into_iter().collect());
        };
        for contact in wanted {
            let place = bindings.iter().position(|binding| binding.is(&contact));
            if place.and_then(|place| bindings.get(place)).is_some_and(is_late) {
                return Err(Unregistrable::Late);
            }
            let before = place.map(|place| bindings.remove(place));
            if contact.seconds == 0 {
                continue;
            }
            let is_news = before
                .as_ref()
                .is_none_or(|before| before.path != path || before.liveness.is_silent());
            let id = self.next;
            self.next += 1;
            if bindings.len() >= CONTACTS {
                let oldest = (0..bindings.len()).min_by_key(|&place| bindings.get(place).map(|binding| binding.order));
                bindings.remove(oldest.unwrap_or_default());
            }
            bindings.push(Binding {
                id,
                uri: contact.uri,
                path,
                expires_at: now + Duration::from_secs(contact.seconds.into()),
                liveness: Liveness::Answers { ask_at },
                quality: contact.quality,
                instance: contact.instance,
                call_id: call_id.to_owned(),
                cseq,
                order: before.map_or(id, |before| before.order),
                product: product.clone(),
            });
            if is_news {
                news.push(PhoneNews::Registered {
                    account: user.to_owned(),
                    source: path.peer,
                    transport: path.transport,
                    product: product.clone(),
                });
            }
        }
        entry.bindings = bindings;
        if !news.is_empty() {
            entry.standing = Standing::Here;
        }
        news.extend(entry.gone(user, Gone::Unregistered));
        Ok(news)
    }

    /// The Contact fields of a 200: all bindings with the time that they have left.
    pub(super) fn listed(&self, now: Moment, user: &str) -> Vec<(Name, String)> {
        let entry = self.accounts.get(user);
        let bindings = entry.iter().flat_map(|entry| &entry.bindings);
        let fields = bindings.map(|binding| {
            let left = binding.expires_at.since(now).as_secs();
            (Name::Contact, format!("<{}>;expires={left}", binding.uri))
        });
        fields.collect()
    }

    /// Takes out what has run out.
    pub(super) fn expire(&mut self, now: Moment) -> Vec<PhoneNews> {
        let mut news = Vec::new();
        for (user, entry) in &mut self.accounts {
            entry.bindings.retain(|binding| binding.expires_at > now);
            news.extend(entry.gone(user, Gone::Expired));
        }
        self.look_where_they_are();
        news
    }

    /// A phone answered OPTIONS, or did not.
    pub(super) fn heard(&mut self, id: u64, liveness: Liveness) -> Option<PhoneNews> {
        let has = |entry: &Entry| entry.bindings.iter().any(|binding| binding.id == id);
        let (user, entry) = self.accounts.iter_mut().find(|(_, entry)| has(entry))?;
        let binding = entry.bindings.iter_mut().find(|binding| binding.id == id)?;
        let was_silent = binding.liveness.is_silent();
        binding.liveness = liveness;
        if was_silent && !liveness.is_silent() {
            let (source, transport, product) = (binding.path.peer, binding.path.transport, binding.product.clone());
            entry.standing = Standing::Here;
            let account = user.clone();
            return Some(PhoneNews::Registered {
                account,
                source,
                transport,
                product,
            });
        }
        entry.gone(user, Gone::Silent)
    }

    /// When something has to be done next: a binding runs out, a phone is asked, a refusal leaves.
    pub(super) fn next_at(&self) -> Option<Moment> {
        let bindings = self.bindings();
        let times = bindings.flat_map(|binding| [Some(binding.expires_at), binding.liveness.ask_at()]);
        times.flatten().chain(self.held.iter().map(|held| held.at)).min()
    }
}

impl Account {
    /// The account of a user with this password, for this realm, by both hashes.
    pub fn of(user: &str, realm: &str, password: &Pii<String>) -> Self {
        let ha1 = |hash: Hash| {
            Some(Pii::new(
                hash.hex(format!("{user}:{realm}:{}", password.reveal()).as_bytes()),
            ))
        };
        Self {
            user: user.to_owned(),
            ha1_sha256: ha1(Hash::Sha256),
            ha1_md5: ha1(Hash::Md5),
        }
    }

    /// H(user:realm:password) by this hash.
    pub(super) fn ha1(&self, hash: Hash) -> Option<&str> {
        let ha1 = match hash {
            Hash::Sha256 => self.ha1_sha256.as_ref(),
            Hash::Md5 => self.ha1_md5.as_ref(),
            Hash::Sha512Half => None,
        };
        ha1.map(|ha1| ha1.reveal().as_str())
    }
}

impl Entry {
    /// Tells once that no call would reach it any more.
    fn gone(&mut self, user: &str, why: Gone) -> Option<PhoneNews> {
        let is_here = self.bindings.iter().any(|binding| !binding.liveness.is_silent());
        if is_here || self.standing == Standing::Gone {
            return None;
        }
        self.standing = Standing::Gone;
        let account = user.to_owned();
        Some(PhoneNews::Gone { account, why })
    }
}

impl Binding {
    fn is(&self, wanted: &Wanted) -> bool {
        let is_same_place = match (Uri::read(&self.uri), Uri::read(&wanted.uri)) {
            (Ok(one), Ok(other)) => one.same_place(&other),
            (Ok(_) | Err(_), _) => self.uri == wanted.uri,
        };
        is_same_place || (self.instance.is_some() && self.instance == wanted.instance)
    }
}

impl Liveness {
    pub(super) const fn is_silent(self) -> bool {
        matches!(self, Self::Silent { .. } | Self::Asked { was: Was::Silent })
    }

    pub(super) const fn ask_at(self) -> Option<Moment> {
        match self {
            Self::Answers { ask_at } | Self::Silent { ask_at } => Some(ask_at),
            Self::Asked { .. } => None,
        }
    }
}

/// The contacts of a REGISTER; none for `*`.
fn wanted(request: &Request) -> Result<Option<Vec<Wanted>>, Unregistrable> {
    let headers = &request.headers;
    let all = headers.first(&Name::Expires);
    let contacts: Vec<&str> = headers.list(&Name::Contact).collect();
    if contacts.contains(&"*") {
        // It means all, and only to remove them (section 10.2.2).
        let is_removal = contacts.len() == 1 && all.and_then(number) == Some(0);
        return if is_removal {
            Ok(None)
        } else {
            Err(Unregistrable::Malformed)
        };
    }
    if contacts.len() > CONTACTS {
        return Err(Unregistrable::Malformed);
    }
    let mut wanted = Vec::new();
    for contact in contacts {
        let address = Address::read(contact).ok_or(Unregistrable::Malformed)?;
        Uri::read(address.uri).map_err(|_| Unregistrable::Malformed)?;
        let said = address.param("expires").or_else(|| all.map(str::to_owned));
        // What cannot be read counts as an hour (section 20.19).
        let seconds = said.as_deref().and_then(number).unwrap_or(MAX_EXPIRES).min(MAX_EXPIRES);
        if seconds > 0 && seconds < MIN_EXPIRES {
            return Err(Unregistrable::TooBrief);
        }
        wanted.push(Wanted {
            uri: address.uri.to_owned(),
            seconds,
            quality: address.param("q").map_or(1_000, |q| super::redirect::thousandths(&q)),
            instance: address.param("+sip.instance").filter(|instance| !instance.is_empty()),
        });
    }
    Ok(Some(wanted))
}
