//! Campaigns that stop, start again and share the house.

use super::*;

const MORNING: &str = "2026-11-20 10:00:00";

fn stop(how: HowStop) -> Input {
    Input::CampaignStopped {
        campaign: CAMPAIGN,
        how,
    }
}

#[test]
fn a_stopped_campaign_gives_back_its_claims_and_lets_its_calls_end() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    desk.claimed([1, 2, 3]);
    desk.begun(1);
    desk.after(Duration::from_millis(500));
    let outputs = desk.tell(stop(HowStop::Drain));
    assert_eq!(releases(&outputs), [3]);
    assert_eq!(abandoned(&desk.begun(2)), [(2, TooLate::CampaignStopped)]);
    desk.claimed([]);
    let outputs = desk.ended(1, Disposition::Completed);
    assert_eq!(outputs, [Output::Stopped { campaign: CAMPAIGN }]);
    assert_eq!((desk.dialer.campaign(CAMPAIGN), desk.dialer.deadline()), (None, None));
}

#[test]
fn a_campaign_that_is_stopped_at_once_hangs_up() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    desk.claimed([1]);
    desk.begun(1);
    let outputs = desk.tell(stop(HowStop::Now));
    assert_eq!(outputs, [Output::HangUp { attempt: AttemptId(1) }]);
}

#[test]
fn cases_that_arrive_after_the_stop_are_given_back() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    assert_eq!(desk.tell(stop(HowStop::Drain)), [], "the store has not answered yet");
    let outputs = desk.claimed([1, 2]);
    assert_eq!(releases(&outputs), [1, 2]);
    assert_eq!(outputs.last(), Some(&Output::Stopped { campaign: CAMPAIGN }));
    assert_eq!(releases(&desk.claimed([3])), [3], "even when it is forgotten");
}

#[test]
fn a_campaign_that_starts_again_while_it_drains_runs_on() {
    let (mut desk, _) = Desk::open(MORNING, campaign());
    desk.claimed([1]);
    desk.begun(1);
    desk.tell(stop(HowStop::Drain));
    desk.claimed([]);
    let outputs = desk.tell(Input::CampaignStarted(Box::new(campaign())));
    assert_eq!(claim_limits(&outputs), [2]);
    assert_eq!(desk.ended(1, Disposition::Completed), []);
    assert!(desk.dialer.campaign(CAMPAIGN).is_some());
}

#[test]
fn a_campaign_over_an_unknown_trunk_does_not_start() {
    let elsewhere = Campaign {
        routes: vec![route(TrunkId(9))],
        ..campaign()
    };
    let (desk, outputs) = Desk::open(MORNING, elsewhere);
    assert_eq!(outputs, [Output::Fault(Fault::UnknownTrunk(CAMPAIGN))]);
    assert_eq!(desk.dialer.campaign(CAMPAIGN), None);
}
