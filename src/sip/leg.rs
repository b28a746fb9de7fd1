//! One call that we make or get: its state, its forks, and what is left to do before it can be forgotten.

use super::authentication::Authentication;
use super::called::Called;
use super::change::Change;
use super::dialog::{Dialog, Stage};
use super::door::{Neighbour, Reliable};
use super::incoming::Invited;
use super::known::Known;
use super::refresh::Refresh;
use super::saved::Saved;
use super::session_timer::SessionTimer;
use super::strands::Strands;
use super::targets::Way;
use super::timing::ClientId;
use crate::phone::Number;

/// So many forks are told apart; what a provisional says beyond them is still reported.
pub(crate) const FORKS: usize = 16;

/// One call.
#[derive(Debug)]
pub(crate) struct Leg {
    pub(crate) neighbour: Neighbour,
    pub(super) known: Known,
    /// Where the INVITE went.
    pub(crate) way: Way,
    pub(crate) state: State,
    pub(crate) call_id: String,
    pub(crate) local_tag: String,
    /// From and To of our INVITE.
    pub(crate) from: String,
    /// The number that it shows instead of the one that the trunk's identity has.
    pub(crate) caller: Option<Number>,
    pub(crate) to: String,
    pub(crate) uri: String,
    /// The Route of our INVITE.
    pub(crate) routes: Vec<String>,
    /// Our session description as we gave it last: the offer, until a change.
    pub(crate) description: Vec<u8>,
    /// The CSeq of the last INVITE that began the call.
    pub(crate) cseq: u32,
    /// The INVITE transaction while it runs.
    pub(crate) invite: Option<ClientId>,
    /// The forks in the order of their first response; a place is never given anew.
    pub(crate) dialogs: Vec<Dialog>,
    /// The fork whose 200 still waits for its ACK.
    pub(crate) held_ack: Option<usize>,
    pub(crate) authentication: Authentication,
    pub(crate) trying: Trying,
    /// What our INVITE says of reliable provisionals: the trunk's word, until a 420.
    pub(crate) reliable: Reliable,
    pub(crate) session: SessionTimer,
    /// The change that the far end asked for last.
    pub(crate) change: Option<Change>,
    /// The refresh that is on its way.
    pub(crate) refresh: Option<Refresh>,
    /// How many redirections it followed.
    pub(crate) redirects: u8,
    pub(crate) reached: Reached,
    /// What was handed out last to be written down.
    pub(crate) saved: Option<Saved>,
    /// A call of an earlier run that is being taken down.
    pub(crate) left_over: Option<Strands>,
    /// What came in, where the far end called us.
    pub(crate) invited: Option<Invited>,
    /// The contacts that are left to be called, where it is a phone.
    pub(crate) called: Option<Called>,
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// INVITE is out, nothing has come back.
    Calling,
    /// A provisional response has come.
    Proceeding,
    /// To be cancelled, as soon as a provisional comes (RFC 3261 section 9.1).
    CancelWanted,
    /// CANCEL is out.
    Cancelling,
    /// The far end's INVITE waits for our final response.
    Invited,
    /// The fork at this place was answered.
    Talking(usize),
    /// To be ended as soon as the ACK to our 200 comes (RFC 3261 section 15).
    ByeWanted(usize),
    /// Our BYE to the fork at this place is out.
    Closing(usize),
    /// Its last event is told; copies of the 200 still get their ACK.
    Over,
}

/// Whether `Trying` was told: a challenged INVITE hears 100 twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trying {
    Untold,
    Told,
}

/// Whether the far end said more than 100: then somebody may have heard the call already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    No,
    Yes,
}

impl Leg {
    /// The dialog that was answered, with its place, while we talk.
    pub(crate) fn talking(&mut self) -> Option<(usize, &mut Dialog)> {
        let State::Talking(fork) = self.state else {
            return None;
        };
        self.dialogs.get_mut(fork).map(|dialog| (fork, dialog))
    }

    /// The place of the fork with this tag.
    pub(crate) fn fork(&self, remote_tag: &str) -> Option<usize> {
        self.dialogs.iter().position(|dialog| dialog.remote_tag == remote_tag)
    }

    /// Whether nothing can come any more that this leg has to answer.
    pub(crate) fn is_done(&self) -> bool {
        let is_over = match self.state {
            State::Over => true,
            State::Calling | State::Proceeding | State::CancelWanted | State::Cancelling => false,
            State::Invited | State::Talking(_) | State::ByeWanted(_) | State::Closing(_) => false,
        };
        is_over && self.invite.is_none() && !self.dialogs.iter().any(Dialog::is_open)
    }

    /// The fork at this place is over.
    pub(crate) fn end_fork(&mut self, fork: usize) {
        if let Some(dialog) = self.dialogs.get_mut(fork) {
            dialog.stage = Stage::Ended;
        }
    }
}
