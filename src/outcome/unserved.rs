//! Whether an attempt that failed may be made again over another trunk, without a telephone ringing twice.

use super::{Disposition, EndedBy, Facts, LocalFault};

/// Whether the trunk itself failed, and certainly nothing rang: a final 5xx or a refused connection, and no provisional
/// response that a ringing telephone may stand behind. In China 183 is one: the callee's own ring-back music.
///
/// `disposition` is what the call came to by the trunk's own meanings: a 5xx that tells of the called party is no failure.
/// Nor is a timeout: the INVITE may have arrived.
pub fn is_unserved(facts: &Facts, disposition: Disposition) -> bool {
    let trunks_own = matches!(
        disposition,
        Disposition::NetworkBusy | Disposition::OwnLineFault | Disposition::CallerIdBad
    );
    let not_ours = facts.our_reason.is_none() && facts.ended_by != Some(EndedBy::Us);
    let refused = match facts.final_status {
        Some(status) => (500..600).contains(&status) && facts.provisional.iter().all(|status| *status == 100),
        None => facts.local == Some(LocalFault::Unreachable) && facts.provisional.is_empty(),
    };
    trunks_own && not_ours && refused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, provisional: &[u16]) -> Facts {
        Facts {
            provisional: provisional.to_vec(),
            final_status: Some(status),
            ended_by: Some(EndedBy::FarEnd),
            ..Facts::default()
        }
    }

    fn without_status(local: LocalFault, provisional: &[u16]) -> Facts {
        Facts {
            provisional: provisional.to_vec(),
            local: Some(local),
            ended_by: Some(EndedBy::Network),
            ..Facts::default()
        }
    }

    #[test]
    fn a_final_5xx_before_anything_rang_may_go_elsewhere() {
        for status in [500, 502, 503, 504, 580] {
            assert!(
                is_unserved(&refused(status, &[100]), Disposition::NetworkBusy),
                "{status}"
            );
        }
        for provisional in [180, 181, 183] {
            let rang = refused(503, &[100, provisional]);
            assert!(!is_unserved(&rang, Disposition::NetworkBusy), "{provisional}");
        }
    }

    #[test]
    fn other_statuses_and_timeouts_never_go_elsewhere() {
        for status in [302, 403, 404, 408, 480, 486, 603] {
            assert!(
                !is_unserved(&refused(status, &[100]), Disposition::OwnLineFault),
                "{status}"
            );
        }
        let timed_out = without_status(LocalFault::TimedOut, &[]);
        assert!(!is_unserved(&timed_out, Disposition::NetworkBusy));
    }

    #[test]
    fn a_refused_connection_goes_elsewhere_unless_the_trunk_had_the_invite() {
        let unreachable = |provisional| without_status(LocalFault::Unreachable, provisional);
        assert!(is_unserved(&unreachable(&[]), Disposition::OwnLineFault));
        assert!(!is_unserved(&unreachable(&[100]), Disposition::OwnLineFault));
    }

    #[test]
    fn a_5xx_that_tells_of_the_patient_is_believed() {
        assert!(!is_unserved(&refused(503, &[100]), Disposition::Busy));
    }

    #[test]
    fn what_we_ended_ourselves_is_not_tried_again() {
        let ours = Facts {
            ended_by: Some(EndedBy::Us),
            ..refused(500, &[100])
        };
        assert!(!is_unserved(&ours, Disposition::NetworkBusy));
    }
}
