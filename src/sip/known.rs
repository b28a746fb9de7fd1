//! What a call is known by: Call-ID, our tag and the branches of its INVITEs, derived from what was written down with the
//! attempt. Whoever has the mark can end the call after a crash (RFC 3261 section 9.1: CANCEL has the branch of its INVITE).

use crate::ids::CallMark;

/// INVITEs of one trunk at most: the next trunk's begin above them.
pub(super) const CSEQ_STEP: u32 = 100;

/// The mark of a call, and how many trunks had it before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) mark: CallMark,
    pub(super) before: u32,
}

impl Known {
    /// As everybody derives it who has the mark.
    pub(super) fn call_id(self) -> String {
        self.mark.call_id()
    }

    /// 64 bits.
    pub(super) fn tag(self) -> String {
        self.mark.derive("tag", 0, 8)
    }

    /// The cookie and 128 bits: of the INVITE with this CSeq.
    pub(super) fn branch(self, cseq: u32) -> String {
        format!("z9hG4bK{}", self.mark.derive("branch", cseq, 16))
    }

    /// The CSeq of the first INVITE.
    pub(super) const fn first_cseq(self) -> u32 {
        // Far below the 2**31 that a CSeq may be, whatever is asked.
        let before = if self.before < 1_000 { self.before } else { 1_000 };
        before * CSEQ_STEP + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_known_by_the_same_words_after_a_crash_and_no_two_calls_by_the_same() {
        let known = |octet| Known {
            mark: CallMark([octet; 16]),
            before: 0,
        };
        assert_eq!(known(1).call_id(), known(1).call_id());
        assert_ne!(known(1).call_id(), known(2).call_id());
        assert_ne!(known(1).branch(1), known(1).branch(2));
        assert_ne!(known(1).tag(), known(1).call_id()[..16]);
    }
}
