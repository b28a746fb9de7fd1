//! What goes into the dialer and what comes out.

use std::time::Duration;

use super::{Begin, Begun, Callers, Campaign, Claim, Claimed, Release, RingLimits, TrunkCaps};
use crate::ids::{AttemptId, CallMark, CampaignId, CaseId, TrunkId};
use crate::moment::Moment;
use crate::outcome::Disposition;
use crate::phone::Number;

/// What happened. The store answers every request of the dialer exactly once, be it with a failure.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A campaign runs from now on, or runs on with other settings.
    CampaignStarted(Box<Campaign>),
    /// A campaign stops.
    CampaignStopped {
        /// Which.
        campaign: CampaignId,
        /// What becomes of its calls.
        how: HowStop,
    },
    /// The store's answer to `Output::Claim`; empty if nothing is due.
    Claimed {
        /// Which campaign asked.
        campaign: CampaignId,
        /// The cases under lease.
        cases: Vec<Claimed>,
    },
    /// The store could not answer an `Output::Claim`.
    ClaimFailed {
        /// Which campaign asked.
        campaign: CampaignId,
    },
    /// The store's answer to `Output::Begin`: the attempt is on disk.
    Begun(Begun),
    /// The store could not write the attempt; there is none.
    BeginFailed {
        /// Of which case.
        case: CaseId,
    },
    /// A dialed call is over and its line free.
    Ended {
        /// Which attempt.
        attempt: AttemptId,
        /// What it came to: faults of the trunk in a row make it rest.
        disposition: Disposition,
        /// What a 500 or 503 asked for (RFC 3261 section 20.33); with other statuses it is the called party's.
        retry_after: Option<Duration>,
    },
    /// The trunk could not carry a call that nobody's telephone has rung for: another may. Answered by `Dial` over the
    /// next one, by `Unplaced`, or by `Abandon`.
    Unserved {
        /// Which attempt.
        attempt: AttemptId,
        /// What it would come to.
        disposition: Disposition,
        /// As in `Ended`.
        retry_after: Option<Duration>,
    },
    /// Nothing may leave over a trunk until it is up again.
    TrunkDown {
        /// Which trunk.
        trunk: TrunkId,
    },
    /// A trunk is up again; told of one that is up, it changes nothing.
    TrunkUp {
        /// Which trunk.
        trunk: TrunkId,
    },
    /// A trunk allows more or less from now on; calls above its lines go on.
    TrunkChanged {
        /// Which trunk.
        trunk: TrunkId,
        /// What it allows.
        caps: TrunkCaps,
    },
    /// So many of a trunk's lines are taken by those who call us, from now on.
    LinesTaken {
        /// Which trunk.
        trunk: TrunkId,
        /// How many calls came in over it and are not over.
        lines: u16,
    },
    /// The caller numbers of a trunk and what they are spared, from now on.
    CallersChanged {
        /// Which trunk.
        trunk: TrunkId,
        /// The rules.
        callers: Callers,
    },
    /// A call of an earlier run: it counts against the caps of its caller number.
    CallerShown {
        /// Over which trunk.
        trunk: TrunkId,
        /// Which caller number.
        number: Number,
        /// How long ago it began.
        ago: Duration,
    },
    /// Nothing may leave over a trunk for so long.
    TrunkPaused {
        /// Which trunk.
        trunk: TrunkId,
        /// How long from now.
        pause: Duration,
    },
    /// No case is claimed and no attempt begun until `Released`; calls go on.
    Held,
    /// Cases may be claimed and attempts begun again.
    Released,
    /// There may be new cases: ask again at once.
    Poked {
        /// In which campaign.
        campaign: CampaignId,
    },
    /// A number is not called again for so long, whatever the civil clock will say.
    NumberRests {
        /// Which.
        number: Number,
        /// How long from now.
        pause: Duration,
    },
    /// The civil clock was set.
    ClockJumped,
    /// Time has passed.
    Wake,
}

/// What becomes of the calls of a campaign that stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HowStop {
    /// They run to their end.
    Drain,
    /// They are cancelled or hung up.
    Now,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Ask the store for due cases.
    Claim(Claim),
    /// Write down an attempt.
    Begin(Begin),
    /// Send the INVITE.
    Dial(Box<Dial>),
    /// End an attempt that was written down but will not be dialed, as `interrupted`, which does not count. Its line is
    /// free already; no `Ended` follows.
    Abandon {
        /// Which attempt.
        attempt: AttemptId,
        /// Of which case.
        case: CaseId,
        /// Why it is not dialed.
        reason: TooLate,
    },
    /// No other trunk can carry an attempt that `Unserved` told of: the call is over and its line free.
    Unplaced {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// Give a claimed case back.
    Release(Release),
    /// Cancel or hang up a call: its campaign was stopped at once. `Ended` follows as ever.
    HangUp {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// Nothing is due, nothing is claimed and no call is up. Said once until there is work again.
    Idle {
        /// In which campaign.
        campaign: CampaignId,
    },
    /// A stopped campaign has no call and no claim left; the dialer forgets it.
    Stopped {
        /// Which campaign.
        campaign: CampaignId,
    },
    /// A trunk failed several times in a row, or asked for a rest: nothing leaves over it until then.
    TrunkResting {
        /// Which trunk.
        trunk: TrunkId,
        /// Until when.
        until: Moment,
    },
    /// A caller number was blocked several times in a row: no call shows it until then.
    CallerResting {
        /// Of which trunk.
        trunk: TrunkId,
        /// Which.
        caller: Number,
        /// Until when.
        until: Moment,
    },
    /// Something that should not have happened; to be counted and logged.
    Fault(Fault),
}

/// One call to place, at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Dial {
    /// Of which campaign.
    pub campaign: CampaignId,
    /// The attempt that is on disk.
    pub attempt: AttemptId,
    /// What its call is known by.
    pub mark: CallMark,
    /// The case, its number and its history.
    pub claimed: Claimed,
    /// Over which trunk.
    pub trunk: TrunkId,
    /// Whether the attempt was written down with another one.
    pub is_moved: bool,
    /// The number that the call shows, where the trunk has several.
    pub caller: Option<Number>,
    /// How long it may ring.
    pub ring: RingLimits,
    /// The dialplan to run, by content hash.
    pub dialplan: String,
}

/// Why an attempt that was written down is not dialed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLate {
    /// The window closed meanwhile.
    WindowClosed,
    /// The campaign was stopped meanwhile.
    CampaignStopped,
    /// The trunk may not be used now.
    TrunkResting,
    /// The trunk went down meanwhile.
    TrunkDown,
    /// Nobody had asked for it.
    NotAsked,
}

/// What should not have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A campaign names a trunk that there is not, or none.
    UnknownTrunk(CampaignId),
    /// An input names a campaign that does not run.
    UnknownCampaign(CampaignId),
    /// An input names a case that was not being begun.
    UnknownCase(CaseId),
    /// An input names an attempt that was not dialed.
    UnknownAttempt(AttemptId),
    /// The store gave out a case that is already in hand.
    ClaimedTwice(CaseId),
    /// The store could not claim.
    ClaimFailed(CampaignId),
    /// The store could not write down an attempt.
    BeginFailed(CaseId),
    /// The store said nothing to an attempt for so long that its line was freed.
    BeginUnanswered(CaseId),
}

/// What a deadline is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// The pace allows the next INVITE, or an attempt has waited too long for it.
    Dial,
    /// The pace allows the next attempt.
    Begin,
    /// Time to ask for due cases.
    Claim,
    /// A claim's lease is about to end.
    Lease,
    /// The store has not answered a `Begin` for too long.
    Unanswered,
    /// A window opens or is about to close.
    Window,
    /// The wall clock may have been moved: look at it.
    Clock,
}

/// The state of a campaign in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Claimed, waiting for a line.
    pub queued: usize,
    /// Being written down, or written down and about to be dialed.
    pub beginning: usize,
    /// Dialed and not over.
    pub calls: usize,
}
