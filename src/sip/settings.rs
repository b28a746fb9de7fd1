//! What the user agent has to know of the world: trunks, phones, and how addresses are named.

use std::net::SocketAddr;
use std::time::Duration;

use crate::ids::TrunkId;
use crate::pii::Pii;

/// What the user agent has to know of the world, fixed for one run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The trunks, each at the index that its [`TrunkId`] names.
    pub trunks: Vec<Trunk>,
    /// The final status that an INVITE from a trunk gets when nobody above takes it (default 480).
    pub inbound_status: u16,
    /// The phones that register to us; without them nothing is served but trunks.
    pub phones: Option<Phones>,
}

impl Settings {
    /// Trunks alone.
    pub const fn new(trunks: Vec<Trunk>, inbound_status: u16) -> Self {
        Self {
            trunks,
            inbound_status,
            phones: None,
        }
    }
}

/// The phones that register to us, on a socket of their own: whatever comes there is a phone or a stranger.
#[derive(Clone, Debug)]
pub struct Phones {
    /// How we show ourselves to them, as to a trunk: its socket and the advertised address, the domain, the user part of
    /// our Contact, the session timer. It has no targets: where a phone is, its registration says.
    pub line: Trunk,
    /// The realm of our challenges (RFC 7616).
    pub realm: String,
    /// Who may register; replaced while running by [`Command::Accounts`](super::Command::Accounts). Empty, nobody is
    /// answered until that has come.
    pub accounts: Vec<Account>,
}

impl Phones {
    /// Phones at this socket of ours, with the realm as the domain, and nobody who may register yet.
    pub fn new(local: SocketAddr, realm: &str) -> Self {
        Self {
            line: Trunk {
                targets: Vec::new(),
                ..Trunk::new("phones", local, Target::udp(local), realm, "aftercall")
            },
            realm: realm.to_owned(),
            accounts: Vec::new(),
        }
    }
}

/// A phone's account: H(user:realm:password) in place of the password (RFC 7616 section 3.4.2). One of the two at least;
/// with neither nobody can register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user part of its address of record and the user name of its credentials.
    pub user: String,
    /// By SHA-256, 64 hexadecimal digits in lower case.
    pub ha1_sha256: Option<Pii<String>>,
    /// By MD5, 32 hexadecimal digits in lower case.
    pub ha1_md5: Option<Pii<String>>,
}

/// The other side of a leg: who it is that we have a dialog with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Neighbour {
    /// A trunk.
    Trunk(TrunkId),
    /// A phone that registered to us.
    Phones,
}

/// One SIP route to the public network.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// Its name in the settings: for logs.
    pub name: String,
    /// Where requests go, in the order of trying, and the only sources that requests are taken from. Empty while its
    /// name has not been resolved; [`Input::Resolved`] replaces them.
    pub targets: Vec<Target>,
    /// Our signalling socket.
    pub local: SocketAddr,
    /// What Via and Contact show: the same, or the address that the world sees in front of a NAT.
    pub advertised: SocketAddr,
    /// The URI that requests outside a dialog carry as their first Route; where it leads, `targets` says.
    pub outbound_proxy: Option<String>,
    /// Host part of Request-URI and To, and of From where the identity has no own.
    pub domain: String,
    /// User part of Contact, and of From where the identity has no own: the caller number or account.
    pub user: String,
    /// How we present ourselves.
    pub identity: Identity,
    /// The user name in digest credentials, when it differs from `user`.
    pub auth_user: Option<String>,
    /// The password; without it a challenge ends the request.
    pub password: Option<Pii<String>>,
    /// The only realm that gets credentials; without one the first challenge of the trunk's own address pins it.
    pub realm: Option<String>,
    /// Registers with this expiry when set.
    pub register: Option<Duration>,
    /// Reliable provisional responses (RFC 3262).
    pub reliable: Reliable,
    /// The session timer that we ask for (RFC 4028, 90 s at least); without one we only obey the far end's.
    pub session_expires: Option<Duration>,
    /// Hosts that a 3xx or a REFER may send a call to; usually none.
    pub redirect_hosts: Vec<String>,
}

impl Trunk {
    /// A trunk with an address and an account, and nothing else said.
    pub fn new(name: &str, local: SocketAddr, target: Target, domain: &str, user: &str) -> Self {
        Self {
            name: name.to_owned(),
            targets: vec![target],
            local,
            advertised: local,
            outbound_proxy: None,
            domain: domain.to_owned(),
            user: user.to_owned(),
            identity: Identity::default(),
            auth_user: None,
            password: None,
            realm: None,
            register: None,
            reliable: Reliable::default(),
            session_expires: None,
            redirect_hosts: Vec::new(),
        }
    }
}

impl Target {
    /// Datagrams to this address.
    pub const fn udp(address: SocketAddr) -> Self {
        Self {
            transport: Transport::Udp,
            address,
        }
    }

    /// A stream to this address.
    pub const fn tcp(address: SocketAddr) -> Self {
        Self {
            transport: Transport::Tcp,
            address,
        }
    }
}

/// One address of a trunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// By what.
    pub transport: Transport,
    /// Where.
    pub address: SocketAddr,
}

/// What carries SIP messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Datagrams: unreliable, requests are repeated.
    Udp,
    /// A stream: reliable, framed by Content-Length.
    Tcp,
}

/// A socket of ours and whom it talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// By what.
    pub transport: Transport,
    /// Our own address: of the socket; over TCP the address that we listen on, also for connections that we opened.
    pub local: SocketAddr,
    /// The other side. Over TCP the far end of the connection: a response goes back on it.
    pub peer: SocketAddr,
}

/// How calls over a trunk present the caller (RFC 3261 section 8.1.1.3, RFC 3325, RFC 3323).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Display name in From.
    pub display_name: Option<String>,
    /// User part of From, when it is not the account.
    pub from_user: Option<String>,
    /// Host part of From, when it is not the domain.
    pub from_domain: Option<String>,
    /// Who the trunk shall believe the caller to be.
    pub asserted: Asserted,
    /// Whether the caller's number may be shown.
    pub privacy: Privacy,
    /// Whether URIs say that their user part is a telephone number.
    pub user_param: UserParam,
}

/// The network-asserted identity of RFC 3325: the number or user, to which the domain is added, or a whole URI.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Asserted {
    /// None is said.
    #[default]
    None,
    /// P-Asserted-Identity.
    Asserted(String),
    /// P-Preferred-Identity.
    Preferred(String),
}

/// Privacy (RFC 3323).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Privacy {
    /// The number is shown.
    #[default]
    None,
    /// `Privacy: id`, and an anonymous From.
    Id,
}

/// The user parameter of a URI (RFC 3261 section 19.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserParam {
    /// Not said.
    #[default]
    None,
    /// `user=phone`.
    Phone,
}

/// Reliable provisional responses (RFC 3262).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reliable {
    /// We do not offer them.
    Off,
    /// Supported: 100rel.
    #[default]
    Supported,
    /// Require: 100rel.
    Required,
}
