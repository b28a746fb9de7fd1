//! The doors of the user agent: what goes in and what comes out. What it has to know before: `settings.rs`.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::saved::{Certainty, LeftOver, Saved};
pub use super::settings::{
    Account, Asserted, Identity, Neighbour, Path, Phones, Privacy, Reliable, Settings, Target, Transport, Trunk,
    UserParam,
};
use crate::ids::{CallMark, LegId, TrunkId};
use crate::phone::{Key, Number};
use crate::pii::Pii;

/// Whom a leg calls.
#[derive(Clone, Debug, PartialEq)]
pub enum Callee {
    /// A number over a trunk.
    Number {
        /// Over which trunk.
        trunk: TrunkId,
        /// Dial string, already in the trunk's format.
        number: Number,
        /// The number to show instead of the one that the trunk's identity has.
        caller: Option<Number>,
    },
    /// A phone that registered to us: its contacts, the newest first, the next one when one fails; busy and declined are
    /// a person's answer and end it. Not registered: [`Event::Failed`] with [`LocalEnding::NotRegistered`].
    Phone {
        /// The account's user.
        account: String,
        /// What the phone shows as the caller's name.
        display: Option<Pii<String>>,
        /// Whether it shall answer by itself.
        answering: Answering,
    },
}

/// Who picks a phone up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answering {
    /// A person.
    #[default]
    ByHand,
    /// The phone, at once, where it obeys what asks for it (Alert-Info with `info=alert-autoanswer`, Call-Info with
    /// `answer-after=0`); elsewhere it rings.
    AtOnce,
}

/// What goes in.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A datagram, or one whole message of a stream.
    Received {
        /// Its way to us.
        path: Path,
        /// The whole message.
        bytes: &'a [u8],
    },
    /// This message certainly did not arrive: the operating system refused it (ECONNREFUSED, ENETUNREACH), or it waited
    /// for a connection that could not be opened. Never for octets of which some may have left: that is `Closed`.
    SendFailed {
        /// The way that leads nowhere.
        path: Path,
        /// The message, as [`Output::Send`] gave it.
        bytes: &'a [u8],
    },
    /// A connection that had been open is gone. What was sent over it may have arrived, so requests go on waiting for
    /// their answers (a further message on this path opens a new one); answers that it was to carry are dropped.
    Closed {
        /// The way that it was.
        path: Path,
    },
    /// A trunk's name was resolved, for the first time or anew.
    Resolved {
        /// Which trunk.
        trunk: TrunkId,
        /// Its addresses in the order of trying; none: the name does not resolve any more, the former ones stay.
        targets: Vec<Target>,
    },
    /// The deadline has passed, or may have.
    Wake,
    /// A command of the composition above.
    Do(Command),
}

/// What the composition above may ask for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Calls somebody with an SDP offer.
    Invite {
        /// The handle by which events name this call; never reused, and below [`LegId::INCOMING`].
        leg: LegId,
        /// Whom.
        to: Callee,
        /// What its Call-ID, our tag and the branches of its INVITEs are derived from.
        mark: CallMark,
        /// How many trunks had this call before and could not carry it: it is the same call, its INVITEs are later ones.
        before: u32,
        /// The SDP offer.
        offer: Vec<u8>,
    },
    /// Takes a call of [`Output::Incoming`]: it gets 100, and time to find out who shall have it.
    Take {
        /// Which leg.
        leg: LegId,
    },
    /// The call that came in rings: 180. Takes it, too.
    Ring {
        /// Which leg.
        leg: LegId,
    },
    /// Answers a call that came in: 200 as soon as what [`Output::Save`] gives is on disk ([`Command::Acknowledge`]), repeated
    /// until its ACK ([`Event::Confirmed`]; none: BYE, [`Event::HungUp`]). Takes it, too.
    Accept {
        /// Which leg.
        leg: LegId,
        /// Our answer; where there was no offer, ours, and the ACK's answer is [`Event::Agreed`].
        sdp: Vec<u8>,
    },
    /// Refuses a call that came in and was not accepted; no event follows.
    Reject {
        /// Which leg.
        leg: LegId,
        /// A final status from 300 to 699; anything else is 480.
        status: u16,
    },
    /// Who may register from now on, instead of those before. Who is not among them any more, or has another password, is
    /// no longer registered; calls that stand are not touched.
    Accounts {
        /// All of them.
        accounts: Vec<Account>,
    },
    /// The note of the answer is on disk: its ACK may leave, or our 200 to a call that came in. They leave without this, too,
    /// after 400 ms.
    Acknowledge {
        /// Which leg.
        leg: LegId,
    },
    /// Ends a call that an earlier run left over; answered by [`Output::TakenDown`]. Its messages leave at once, unless
    /// neither a saved INVITE nor the trunk says where to.
    TakeDown {
        /// The handle of this attempt at it; never reused.
        leg: LegId,
        /// Which call.
        left: LeftOver,
    },
    /// Ends the leg whatever its state: CANCEL as soon as RFC 3261 section 9.1 allows, ACK and BYE if a 200 comes
    /// first, BYE when talking. Repeated or late, it does nothing.
    HangUp {
        /// Which leg.
        leg: LegId,
    },
    /// Sends OPTIONS to the trunk.
    Options {
        /// Which trunk.
        trunk: TrunkId,
        /// Only there; without one to the trunk's targets in turn until one answers.
        target: Option<Target>,
    },
    /// Registers now (the refresh is automatic afterwards) where the trunk says so.
    Register {
        /// Which trunk.
        trunk: TrunkId,
    },
    /// Accepts the change that [`Event::Offered`] asked for.
    Answer {
        /// Which leg.
        leg: LegId,
        /// Our answer; where there was no offer, ours.
        sdp: Vec<u8>,
    },
    /// Refuses it: the session stays as it was.
    Refuse {
        /// Which leg.
        leg: LegId,
        /// 488, or another final status.
        status: u16,
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
    /// Send this message.
    Send {
        /// Its way.
        path: Path,
        /// The whole message.
        bytes: Vec<u8>,
    },
    /// Something happened to a leg.
    Event {
        /// Which leg.
        leg: LegId,
        /// What happened.
        event: Event,
    },
    /// To be written down, so that another run can end the call: told when an INVITE has left, when the far end has the
    /// call, and when a dialog stands or goes another way. Before [`Event::Answered`] it has the dialog.
    Save {
        /// Which leg.
        leg: LegId,
        /// What it takes to end it.
        saved: Box<Saved>,
    },
    /// What came of [`Command::TakeDown`]; said once.
    TakenDown {
        /// As in the command.
        leg: LegId,
        /// Whether the call is over.
        certainty: Certainty,
    },
    /// The state of a trunk's registration changed.
    Registered {
        /// Which trunk.
        trunk: TrunkId,
        /// Where: the target that was asked last; none while the trunk has none.
        target: Option<Target>,
        /// The binding's expiry (nothing once it is removed), or the ending that refused it.
        result: Result<Duration, Ending>,
    },
    /// A trunk answered OPTIONS (any final status proves it alive, a challenge too), or did not.
    OptionsAnswered {
        /// Which trunk.
        trunk: TrunkId,
        /// The target that was asked last; none while the trunk has none.
        target: Option<Target>,
        /// From the first copy of the request to the final response, if one came.
        round_trip: Option<Duration>,
        /// The final status, or the ending without one.
        result: Result<u16, Ending>,
    },
    /// The far end sees our messages come from another address than we show (RFC 3581): a NAT is between. Told for each
    /// new address once.
    Seen {
        /// Which trunk.
        trunk: TrunkId,
        /// Where our messages seem to come from; over TCP its port is the advertised one.
        address: SocketAddr,
    },
    /// A challenge named another realm than the settings or the trunk's first challenge: it gets no credentials. Told
    /// for each realm once.
    RealmRefused {
        /// Which trunk.
        trunk: TrunkId,
        /// The realm that gets credentials.
        pinned: String,
        /// The realm that wanted them.
        offered: String,
    },
    /// An INVITE came in from a trunk. Whoever wants it says [`Command::Take`], `Ring`, `Accept` or `Reject` before
    /// [`poll`](super::UserAgent::poll) has nothing more to give; else it is refused with the configured status and
    /// [`Output::InviteRefused`] tells so. After `Accept` it is a leg like any other.
    Incoming {
        /// The handle by which events name this call: [`LegId::INCOMING`] or above.
        leg: LegId,
        /// From which trunk.
        trunk: TrunkId,
        /// The caller's number where the trunk asserts one or From holds one, unless the caller wants it kept (RFC 3323).
        caller: Option<Number>,
        /// The number that was called, of ours.
        called: Option<Number>,
        /// Its SDP offer; none if it wants ours.
        offer: Option<Vec<u8>>,
    },
    /// Something about a phone.
    Phone(PhoneNews),
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

/// What there is to tell of the phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneNews {
    /// An account has a contact that it had not before, or one that answers again. Refreshes are not told.
    Registered {
        /// The account's user.
        account: String,
        /// From where.
        source: SocketAddr,
        /// By what.
        transport: Transport,
        /// What the phone says it is (User-Agent), if it says so.
        product: Option<String>,
    },
    /// An account has no contact any more that a call could reach.
    Gone {
        /// The account's user.
        account: String,
        /// Why.
        why: Gone,
    },
    /// Somebody tries passwords, and gets no answer at all for a while. Told once for each ban.
    Guessing {
        /// Who: nothing that comes from there is heard.
        source: IpAddr,
        /// The account that was tried last, where there is such an account.
        account: Option<String>,
        /// For how long.
        banned: Duration,
    },
}

/// Why a phone is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gone {
    /// It said so.
    Unregistered,
    /// It did not register again in time.
    Expired,
    /// It does not answer: OPTIONS, or the connection is gone. Its binding stands, and it is back when it answers.
    Silent,
    /// Its account was taken away or has another password.
    Withdrawn,
}

/// What happens to a leg. `Failed`, `Cancelled`, `HungUp` and `Closed` are each the leg's last event, but for `Closed`
/// after our own [`Command::HangUp`].
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
    /// The first 200: the dialog stands. Its ACK waits for [`Command::Acknowledge`].
    Answered {
        /// The SDP answer: of the 200, else the last one of this fork's provisionals; empty if there was none.
        sdp: Vec<u8>,
    },
    /// A key by SIP INFO (application/dtmf-relay or application/dtmf).
    KeyInfo {
        /// The key.
        key: Key,
        /// Its duration in milliseconds where said.
        duration_ms: Option<u32>,
    },
    /// The far end asks to change the session (re-INVITE, UPDATE), or makes its first offer: to be answered at once by
    /// [`Command::Answer`] or [`Command::Refuse`].
    Offered {
        /// Its offer; none if it wants ours (a re-INVITE without SDP).
        sdp: Option<Vec<u8>>,
    },
    /// The answer to an offer of ours while we talk: in the ACK to a re-INVITE that had no offer, or in the 200 to our
    /// own refresh of the session.
    Agreed {
        /// The SDP answer.
        sdp: Vec<u8>,
    },
    /// The far end asked to change the session and got this status.
    ChangeRefused {
        /// The status sent.
        status: u16,
    },
    /// The trunk sent the call to another address, which it may be sent to: a second INVITE has left.
    Redirected {
        /// The 3xx.
        status: u16,
    },
    /// The ACK to our 200 of a call that came in: both sides know that it is answered.
    Confirmed,
    /// The caller gave a call up that came in and was not answered yet (CANCEL, or the connection that it came by is
    /// gone).
    Cancelled(Ending),
    /// A final response other than 2xx, or none: the call did not come about.
    Failed(Ending),
    /// The far end's BYE ended an answered call; or, with a [`LocalEnding`], the session was lost: no ACK, no refresh.
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
    /// A challenge that our credentials cannot or shall not answer (none set, refused twice, another realm).
    CredentialsRefused,
    /// An answer that we cannot use.
    Unusable,
    /// The phone that was to be called has not registered, or no longer.
    NotRegistered,
}

/// Input that was dropped; counted by kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Not SIP at all.
    Unparsable,
    /// From an address that is no trunk's, or at the phones' socket from nobody that we know.
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
    /// The ACK to the 200 has waited long enough for what was to be written down before it.
    Acknowledge,
    /// The cancelled INVITE has had 64*T1 for its final response (RFC 3261 section 9.1).
    Cancel,
    /// The registration has to be refreshed or tried again.
    Refresh,
    /// The session has to be refreshed by us (RFC 4028 section 10).
    SessionRefresh,
    /// The session was not refreshed in time.
    SessionExpiry,
    /// A NAT in front of us has to be kept open (RFC 5626 section 3.5.1).
    KeepAlive,
    /// Something about the phones: a binding runs out, a phone is asked whether it is there.
    Phones,
}
