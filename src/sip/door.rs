//! The doors of the user agent: what it has to know, what goes in, what comes out.

use std::net::SocketAddr;
use std::time::Duration;

use crate::ids::{LegId, TrunkId};
use crate::phone::{Key, Number};
use crate::pii::Pii;

/// What the user agent has to know of the world, fixed for one run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The trunks, each at the index that its [`TrunkId`] names.
    pub trunks: Vec<Trunk>,
    /// The final status that an INVITE from a trunk gets (default 480).
    pub inbound_status: u16,
}

/// One SIP route to the public network.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// Its name in the settings: for logs.
    pub name: String,
    /// Where requests go and the only source that requests are taken from.
    pub peer: SocketAddr,
    /// Our signalling address: Via and Contact.
    pub local: SocketAddr,
    /// Host part of Request-URI, To and From.
    pub domain: String,
    /// User part of From and Contact: the caller number or account.
    pub user: String,
    /// The user name in digest credentials, when it differs from `user`.
    pub auth_user: Option<String>,
    /// The password; without it a challenge ends the request.
    pub password: Option<Pii<String>>,
    /// Registers with this expiry when set.
    pub register: Option<Duration>,
}

/// What goes in.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A datagram arrived on the socket bound to `local`.
    Received {
        /// The socket's own address.
        local: SocketAddr,
        /// Who sent it.
        from: SocketAddr,
        /// The whole datagram.
        bytes: &'a [u8],
    },
    /// The operating system refused to send to `peer` (ECONNREFUSED, ENETUNREACH).
    SendFailed {
        /// The address that could not be reached.
        peer: SocketAddr,
    },
    /// The deadline has passed, or may have.
    Wake,
    /// A command of the composition above.
    Do(Command),
}

/// What the composition above may ask for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Calls `number` over `trunk` with an SDP offer.
    Invite {
        /// The handle by which events name this call; never reused.
        leg: LegId,
        /// Over which trunk.
        trunk: TrunkId,
        /// Dial string, already in the trunk's format.
        number: Number,
        /// The SDP offer.
        offer: Vec<u8>,
    },
    /// Ends the leg whatever its state: CANCEL as soon as RFC 3261 section 9.1 allows, ACK and BYE if a 200 comes
    /// first, BYE when talking. Repeated or late, it does nothing.
    HangUp {
        /// Which leg.
        leg: LegId,
    },
    /// Sends OPTIONS to the trunk's peer.
    Options {
        /// Which trunk.
        trunk: TrunkId,
    },
    /// Registers now (the refresh is automatic afterwards) where the trunk says so.
    Register {
        /// Which trunk.
        trunk: TrunkId,
    },
    /// Removes the registration (Expires: 0).
    Unregister {
        /// Which trunk.
        trunk: TrunkId,
    },
}

/// What comes out.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send this datagram from the trunk's local address.
    Send {
        /// From this socket address.
        local: SocketAddr,
        /// To this one.
        to: SocketAddr,
        /// The whole datagram.
        bytes: Vec<u8>,
    },
    /// Something happened to a leg.
    Event {
        /// Which leg.
        leg: LegId,
        /// What happened.
        event: Event,
    },
    /// The state of a trunk's registration changed.
    Registered {
        /// Which trunk.
        trunk: TrunkId,
        /// The binding's expiry, or the ending that refused it.
        result: Result<Duration, Ending>,
    },
    /// A trunk answered OPTIONS (any final status proves it alive), or did not.
    OptionsAnswered {
        /// Which trunk.
        trunk: TrunkId,
        /// The final status, or the ending without one.
        result: Result<u16, Ending>,
    },
    /// An INVITE came in from a trunk and was answered with the configured status.
    InviteRefused {
        /// From which trunk.
        trunk: TrunkId,
        /// The caller's number where From holds one.
        caller: Option<Number>,
        /// The status it got.
        status: u16,
    },
    /// Something came in that is no use; counted, never fatal.
    Fault(Fault),
}

/// What happens to a leg. `Failed`, `HungUp` and `Closed` are each the leg's last event, but for `Closed` after our
/// own [`Command::HangUp`].
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// 100, or any first provisional: the far end has the INVITE.
    Trying,
    /// 101-199 with what it carried.
    Progressed {
        /// 180, 181, 182, 183 …
        status: u16,
        /// SDP of early media.
        sdp: Option<Vec<u8>>,
        /// Reason header fields, verbatim.
        reasons: Vec<String>,
    },
    /// The first 200: ACK is sent, the dialog stands.
    Answered {
        /// The SDP answer; empty if the 200 had none.
        sdp: Vec<u8>,
    },
    /// A key by SIP INFO (application/dtmf-relay or application/dtmf).
    KeyInfo {
        /// The key.
        key: Key,
        /// Its duration in milliseconds where said.
        duration_ms: Option<u32>,
    },
    /// The far end asked to change the session and got this status (488 until the next issue).
    ChangeRefused {
        /// The status sent.
        status: u16,
    },
    /// A final response other than 2xx, or none: the call did not come about.
    Failed(Ending),
    /// The far end's BYE ended an answered call.
    HungUp(Ending),
    /// Our HangUp is complete: 487 or BYE answered, or timed out. `answered` tells whether a 200 had come.
    Closed {
        /// Whether the call had been answered before it ended.
        answered: bool,
        /// What the far end said at the end.
        ending: Ending,
    },
}

/// How the far end, or the lack of it, ended something: kept verbatim.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ending {
    /// The final status; none for a BYE, a timeout or an unreachable peer.
    pub status: Option<u16>,
    /// The reason phrase as sent.
    pub phrase: String,
    /// Reason header fields (RFC 3326, 6432), verbatim.
    pub reasons: Vec<String>,
    /// The Q.850 value of the first Reason header with protocol Q.850.
    pub q850: Option<u8>,
    /// Retry-After in seconds.
    pub retry_after: Option<u32>,
    /// Without a status: why.
    pub local: Option<LocalEnding>,
}

/// An ending that no message told us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalEnding {
    /// Timer B or F: nothing came back at all.
    TimedOut,
    /// The operating system could not reach the peer.
    Unreachable,
    /// A challenge that our credentials cannot answer (none set, or refused twice).
    CredentialsRefused,
    /// An answer that we cannot use.
    Unusable,
}

/// Input that was dropped; counted by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Not SIP at all.
    Unparsable,
    /// From an address that is no trunk's.
    UnknownSource,
    /// A response that matches no transaction.
    StrayResponse,
    /// A request inside a dialog that we do not have (got 481).
    StrayRequest,
    /// A method that we do not serve (got 405 or 501).
    UnservedMethod,
    /// Anything else that breaks RFC 3261 section 8.2.
    Malformed,
}

/// Which timer a deadline belongs to (RFC 3261 table 4, RFC 6026; the registration's own).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the letters are the RFC's")]
pub enum Timer {
    A,
    B,
    D,
    E,
    F,
    G,
    H,
    I,
    J,
    K,
    L,
    M,
    /// The cancelled INVITE has had 64*T1 for its final response (RFC 3261 section 9.1).
    Cancel,
    /// The registration has to be refreshed or tried again.
    Refresh,
}
