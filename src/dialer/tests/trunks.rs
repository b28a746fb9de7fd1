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

fn rest(outputs: &[Output], now: Moment) -> Option<Duration> {
    outputs.iter().find_map(|output| {
        if let Output::TrunkResting { until, .. } = output {
            Some(until.since(now))
        } else {
            None
        }
    })
}

fn busy_network(desk: &mut Desk, attempt: i64, retry_after: Option<Duration>) -> Option<Duration> {
    let outputs = desk.tell(Input::Ended {
        attempt: AttemptId(attempt),
        disposition: Disposition::NetworkBusy,
        retry_after,
    });
    rest(&outputs, desk.now)
}

#[test]
fn nothing_leaves_over_a_trunk_that_was_told_to_wait() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    desk.claimed([1, 2]);
    desk.begun(1);
    let rest = busy_network(&mut desk, 1, Some(secs(20))).expect("a rest");
    assert!(rest >= secs(20) && rest <= secs(24), "{rest:?}");
    assert_eq!(begins(&desk.after(rest - secs(1))), [] as [i64; 0]);
    assert_eq!(begins(&desk.after(secs(1))), [2]);
}

#[test]
fn a_retry_after_of_an_hour_is_obeyed_for_five_minutes() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    desk.claimed([1]);
    desk.begun(1);
    let rest = busy_network(&mut desk, 1, Some(secs(3600))).expect("a rest");
    assert!(rest >= secs(300) && rest <= secs(360), "{rest:?}");
}

#[test]
fn congestion_three_times_in_a_row_makes_it_rest_longer_each_time() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    let mut rests = Vec::new();
    for case in 1..=10 {
        desk.claimed([case]);
        desk.begun(case);
        let rest = busy_network(&mut desk, case, None);
        desk.after(rest.unwrap_or_default().max(secs(30)));
        rests.push(rest.map(|rest| rest.as_secs()));
    }
    assert_eq!(
        rests[..2],
        [None, None],
        "one or two may be the far network's of those numbers"
    );
    let grown = [15, 30, 60, 120, 240, 300, 300, 300];
    for (rest, about) in rests[2..].iter().zip(grown) {
        let rest = rest.expect("a rest");
        assert!(
            rest * 10 >= about * 8 - 10 && rest * 10 <= about * 12 && rest <= 300,
            "{rests:?}"
        );
    }
}

#[test]
fn after_a_rest_the_pace_is_taken_up_in_steps() {
    let fast = Campaign {
        pace: pace(10.0),
        ..campaign()
    };
    let (mut desk, _) = Desk::with_trunk(MORNING, trunk(50, 10.0), fast);
    let pause = secs(60);
    desk.tell(Input::TrunkPaused { trunk: TRUNK, pause });
    desk.after(pause);
    let mut gaps = Vec::new();
    let mut last = desk.now;
    for case in 1..=6 {
        let mut said = desk.claimed([case]);
        while begins(&said).is_empty() {
            said = desk.at_deadline().1;
        }
        let mut said = desk.begun(case);
        while dials(&said).is_empty() {
            said = desk.at_deadline().1;
        }
        gaps.push(desk.now.since(last).as_millis());
        last = desk.now;
    }
    assert_eq!(gaps, [0, 800, 400, 200, 100, 100]);
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
    let mut rests: Vec<u64> = Vec::new();
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
        let outputs = desk.ended(case, Disposition::OwnLineFault);
        rests.extend(rest(&outputs, desk.now).map(|rest| rest.as_secs()));
        desk.after(secs(1));
    }
    assert_eq!(rests.len(), 3, "{rests:?}");
    for (rest, about) in rests.iter().zip([15, 30, 60]) {
        assert!(*rest >= about * 8 / 10 && *rest <= about * 12 / 10, "{rests:?}");
    }
}

#[test]
fn a_patient_who_is_reached_clears_the_trunk() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    for case in 1..=20 {
        desk.claimed([case]);
        desk.begun(case);
        let disposition = if case % 3 == 0 {
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
