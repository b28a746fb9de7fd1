//! Who is at the other side of a leg: a trunk, or a phone that registered to us; and the line that leads there.

use super::agent::UserAgent;
use super::door::{Neighbour, Path, Settings, Trunk};
use super::leg::Leg;
use crate::ids::TrunkId;

impl Neighbour {
    /// The trunk, if it is one.
    pub(crate) const fn trunk(self) -> Option<TrunkId> {
        match self {
            Self::Trunk(trunk) => Some(trunk),
            Self::Phones => None,
        }
    }
}

impl Settings {
    /// How we show ourselves to a neighbour.
    pub(crate) fn line(&self, neighbour: Neighbour) -> Option<&Trunk> {
        match neighbour {
            Neighbour::Trunk(trunk) => self.trunks.get(usize::from(trunk.0)),
            Neighbour::Phones => self.phones.as_ref().map(|phones| &phones.line),
        }
    }
}

impl UserAgent {
    /// Who sits at the other end of this path; at the phones' socket everybody is a phone until he shows otherwise.
    pub(super) fn neighbour_at(&self, path: Path) -> Option<Neighbour> {
        let is_phones = || self.settings.line(Neighbour::Phones).map(|line| line.local) == Some(path.local);
        let trunk = self.trunk_at(path).map(Neighbour::Trunk);
        trunk.or_else(|| is_phones().then_some(Neighbour::Phones))
    }

    /// Whether a message that comes this way may belong to the leg: from its trunk, or from the machine that its phone is
    /// or was.
    pub(super) fn is_heard(&self, leg: &Leg, path: Path) -> bool {
        match leg.neighbour {
            Neighbour::Trunk(trunk) => self.is_known(trunk, path),
            Neighbour::Phones => {
                let formed = leg.way.path;
                path.local == formed.local && (path.peer.ip() == formed.peer.ip() || self.is_bound(path))
            }
        }
    }
}
