//! Caps that campaigns share, and trunks that rest.

use super::*;

const MORNING: &str = "2026-11-20 10:00:00";
const OTHER: CampaignId = CampaignId(8);

fn other(priority: i16) -> Campaign {
    Campaign {
        id: OTHER,
        priority,
        ..campaign()
    }
}

fn claimed_by(desk: &mut Desk, campaign: CampaignId, cases: &[i64]) -> Vec<Output> {
    let lease_until = desk.wall + LEASE;
    let cases = cases.iter().map(|case| Claimed {
        campaign,
        ..claimed(*case, lease_until)
    });
    let cases = cases.collect();
    desk.tell(Input::Claimed { campaign, cases })
}

#[test]
fn the_lines_of_a_trunk_are_shared_by_its_campaigns() {
    let (mut desk, _) = Desk::with_trunk(MORNING, trunk(1, 100.0), campaign());
    desk.tell(Input::CampaignStarted(Box::new(other(0))));
    assert_eq!(begins(&desk.claimed([1])), [1]);
    assert_eq!(begins(&claimed_by(&mut desk, OTHER, &[2])), [] as [i64; 0]);
    desk.begun(1);
    desk.after(secs(1));
    assert_eq!(begins(&desk.ended(1, Disposition::Completed)), [2]);
}

#[test]
fn the_pace_of_a_trunk_is_shared_by_its_campaigns() {
    let (mut desk, _) = Desk::with_trunk(MORNING, trunk(50, 2.0), campaign());
    desk.tell(Input::CampaignStarted(Box::new(other(0))));
    assert_eq!(begins(&desk.claimed([1])), [1]);
    assert_eq!(begins(&claimed_by(&mut desk, OTHER, &[2])), [] as [i64; 0]);
    assert_eq!(begins(&desk.after(Duration::from_millis(500))), [2]);
}

#[test]
fn the_campaign_with_the_higher_priority_goes_first() {
    let (mut desk, _) = Desk::with_trunk(MORNING, trunk(1, 100.0), campaign());
    desk.tell(Input::CampaignStarted(Box::new(other(5))));
    desk.claimed([1]);
    desk.begun(1);
    desk.claimed([2, 3]);
    claimed_by(&mut desk, OTHER, &[4]);
    desk.after(secs(1));
    assert_eq!(begins(&desk.ended(1, Disposition::Completed)), [4]);
}

#[test]
fn equal_campaigns_take_turns() {
    let (mut desk, _) = Desk::with_trunk(MORNING, trunk(50, 2.0), campaign());
    desk.tell(Input::CampaignStarted(Box::new(other(0))));
    let mut order = begins(&desk.claimed([1, 2, 3]));
    order.extend(begins(&claimed_by(&mut desk, OTHER, &[4, 5, 6])));
    for _ in 0..3 {
        order.extend(begins(&desk.after(Duration::from_millis(500))));
    }
    assert_eq!(order, [1, 4, 2, 5]);
}

#[test]
fn nothing_leaves_over_a_trunk_that_was_told_to_wait() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    desk.claimed([1, 2]);
    desk.begun(1);
    let outputs = desk.tell(Input::Ended {
        attempt: AttemptId(1),
        disposition: Disposition::NetworkBusy,
        retry_after: Some(secs(20)),
    });
    let until = desk.now + secs(20);
    assert!(outputs.contains(&Output::TrunkResting { trunk: TRUNK, until }));
    assert_eq!(begins(&desk.after(secs(19))), [] as [i64; 0]);
    assert_eq!(begins(&desk.after(secs(1))), [2]);
}

#[test]
fn an_attempt_on_disk_does_not_wait_out_a_long_rest() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    desk.claimed([1, 2]);
    desk.tell(Input::TrunkPaused {
        trunk: TRUNK,
        pause: secs(60),
    });
    assert_eq!(abandoned(&desk.begun(1)), [(1, TooLate::TrunkResting)]);
}

#[test]
fn five_faults_in_a_row_are_the_trunks_and_make_it_rest_longer_each_time() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    let mut rests = Vec::new();
    for case in 1..=7 {
        while begins(&desk.claimed([case])).is_empty() {
            let resting = Input::TrunkPaused {
                trunk: TRUNK,
                pause: Duration::ZERO,
            };
            desk.tell(resting);
            desk.after(secs(30));
            if desk.dialer.counts(CAMPAIGN).is_some_and(|counts| counts.beginning > 0) {
                break;
            }
        }
        desk.begun(case);
        for output in desk.ended(case, Disposition::OwnLineFault) {
            if let Output::TrunkResting { until, .. } = output {
                rests.push(until.since(desk.now).as_secs());
            }
        }
        desk.after(secs(1));
    }
    assert_eq!(rests, [15, 30, 60]);
}

#[test]
fn a_patient_who_is_reached_clears_the_trunk() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    for case in 1..=20 {
        desk.claimed([case]);
        desk.begun(case);
        let disposition = if case % 4 == 0 {
            Disposition::Completed
        } else {
            Disposition::NetworkBusy
        };
        assert!(
            !desk
                .ended(case, disposition)
                .iter()
                .any(|output| matches!(output, Output::TrunkResting { .. }))
        );
        desk.after(secs(1));
    }
}
