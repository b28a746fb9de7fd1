//! RTP of one patient: what arrives is judged, what leaves keeps its own clock of 20 ms.

pub(super) mod intake;
pub(super) mod lateness;
pub(super) mod outflow;
pub(super) mod voice;

/// Samples of one packet of ours: 20 ms.
pub(super) const FRAME: usize = 160;
