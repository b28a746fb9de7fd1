//! What is written down of a call so that another run can end it: where its INVITE went, and its dialogs once it is
//! answered (RFC 3261 section 12.1.2). Call-ID, tag and branches are not in it: they follow from the call's mark.

use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::agent::UserAgent;
use super::dialog::{Dialog, Stage};
use super::door::{Neighbour, Output, Path, Target, Transport, Trunk};
use super::leg::{Leg, Reached};
use crate::ids::{CallMark, LegId};
use crate::phone::Number;
use crate::pii::Pii;

/// What it takes, beside the call's mark, to end a call whose daemon is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// The trunk's name in the settings.
    pub trunk: String,
    /// How many trunks had the call before.
    pub before: u32,
    /// The INVITE that left last; none if none has left over this trunk.
    pub invite: Option<SavedInvite>,
    /// Whether the far end said more than 100.
    pub reached: bool,
    /// The dialogs that a 200 made.
    pub dialogs: Vec<SavedDialog>,
    /// The Call-ID of a call that came in: it follows from no mark. Our tag is in its `invite`'s From.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub came_in: Option<String>,
}

/// An INVITE that left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedInvite {
    /// Its CSeq.
    pub cseq: u32,
    /// By what it went.
    pub transport: Transport,
    /// Where it went.
    pub peer: SocketAddr,
    /// What its Via said of us: a CANCEL that says otherwise belongs to no INVITE (section 17.2.3).
    pub sent_by: SocketAddr,
    /// Its Request-URI.
    pub uri: Pii<String>,
    /// Its From, with our tag.
    pub from: Pii<String>,
    /// Its To.
    pub to: Pii<String>,
    /// Its Route.
    pub routes: Vec<String>,
}

/// A dialog that a 200 made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedDialog {
    /// To as the far end completed it, with its tag.
    pub remote: Pii<String>,
    /// The remote target.
    pub target: Pii<String>,
    /// The route set.
    pub routes: Vec<String>,
}

/// A call that an earlier run left over.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOver {
    /// Over which trunk it went last, or that it was with a phone.
    pub neighbour: Neighbour,
    /// What its Call-ID, our tag and the branches of its INVITEs are derived from.
    pub mark: CallMark,
    /// Dial string, in the trunk's format.
    pub number: Number,
    /// What was written down of it last.
    pub saved: Option<Box<Saved>>,
    /// How long ago it was begun.
    pub age: Duration,
}

/// Whether a left-over call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The far end said so.
    Over,
    /// The far end did not say so: it may still ring or talk.
    Unconfirmed,
}

impl SavedInvite {
    /// The way to where it went, from a socket of ours.
    pub(super) const fn path(&self, local: SocketAddr) -> Path {
        let target = Target {
            transport: self.transport,
            address: self.peer,
        };
        target.from(local)
    }

    /// The trunk as it was when the INVITE left.
    pub(super) fn trunk(&self, trunk: &Trunk) -> Trunk {
        Trunk {
            advertised: self.sent_by,
            ..trunk.clone()
        }
    }
}

impl Leg {
    fn saved(&self, trunk: &Trunk) -> Saved {
        let path = self.way.path;
        let is_up = |dialog: &&Dialog| matches!(dialog.stage, Stage::Confirmed | Stage::Closing);
        Saved {
            trunk: trunk.name.clone(),
            before: self.known.before,
            invite: Some(SavedInvite {
                // A call that came in has no INVITE of ours.
                cseq: self.invited.as_ref().map_or(self.cseq, |_| 0),
                transport: path.transport,
                peer: path.peer,
                sent_by: trunk.advertised,
                uri: Pii::new(self.uri.clone()),
                from: Pii::new(self.from.clone()),
                to: Pii::new(self.to.clone()),
                routes: self.routes.clone(),
            }),
            reached: self.reached == Reached::Yes,
            dialogs: self.dialogs.iter().filter(is_up).map(Dialog::saved).collect(),
            came_in: self.invited.as_ref().map(|_| self.call_id.clone()),
        }
    }
}

impl UserAgent {
    /// Hands out what is to be written down of a leg, if it is not what was handed out last.
    pub(super) fn save(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.left_over.is_none()) else {
            return;
        };
        let Some(trunk) = self.settings.line(leg.neighbour) else {
            return;
        };
        let saved = leg.saved(trunk);
        if leg.saved.as_ref() != Some(&saved) {
            leg.saved = Some(saved.clone());
            let saved = Box::new(saved);
            self.out.outputs.push_back(Output::Save { leg: id, saved });
        }
    }
}
