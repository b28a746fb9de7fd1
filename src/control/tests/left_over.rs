//! What a crash left over goes before everything else.

use super::*;
use crate::dialer::LeftOver;
use crate::ids::CallMark;
use crate::phone::Number;

/// A core whose trunk has a name that is not looked up yet.
fn nameless() -> Control {
    let mut settings = control().settings;
    for trunk in &mut settings.sip.trunks {
        trunk.targets = Vec::new();
        trunk.register = None;
    }
    Control::new(settings, [3; 32])
}

fn left(dialog: Option<String>) -> Order {
    Order::TakeDown(vec![LeftOver {
        attempt: Some(AttemptId(7)),
        mark: CallMark([1; 16]),
        number: Number::parse("13800000001").unwrap(),
        trunk: "carrier".to_owned(),
        dialog,
        rtp_port: Some(20_000),
        begun: WALL,
    }])
}

fn methods(outputs: &[Output]) -> Vec<String> {
    let method = |output: &Output| match output {
        Output::Send { bytes, .. } => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.split(' ').next().map(str::to_owned)
        }
        Output::Ask(_) | Output::Media { .. } | Output::Told(_) => None,
    };
    outputs.iter().filter_map(method).collect()
}

#[test]
fn no_case_is_claimed_before_the_cancel_of_a_left_over_call_has_left() {
    let mut control = nameless();
    assert_eq!(
        methods(&outputs(&mut control, Input::Order(left(None)))),
        [] as [&str; 0]
    );
    assert_eq!(claims(&outputs(&mut control, Input::Order(campaign()))), 0);
    assert_eq!(control.snapshot().left_over, 1);
    let targets = vec![sip::Target::udp(SocketAddr::from((Ipv4Addr::LOCALHOST, 5060)))];
    let resolved = Input::Resolved { trunk: TRUNK, targets };
    let after = outputs(&mut control, resolved);
    assert_eq!((methods(&after), claims(&after)), (vec!["CANCEL".to_owned()], 1));
}

#[test]
fn a_trunk_whose_name_does_not_resolve_holds_the_others_back_for_a_few_seconds_only() {
    let mut control = nameless();
    outputs(&mut control, Input::Order(left(None)));
    outputs(&mut control, Input::Order(campaign()));
    let mut claimed = 0;
    while let Some((at, _)) = control.deadline()
        && claimed == 0
        && at < NOW + Duration::from_secs(60)
    {
        control.handle(at, WALL, Input::Wake);
        claimed += claims(&std::iter::from_fn(|| control.poll()).collect::<Vec<_>>());
        assert!(claimed == 0 || at == NOW + Duration::from_secs(5), "{at:?}");
    }
    assert_eq!(claimed, 1);
}

#[test]
fn a_note_that_cannot_be_read_counts_as_none_and_a_trunk_that_is_gone_is_told() {
    let mut control = control();
    let sent = outputs(&mut control, Input::Order(left(Some("{}".to_owned()))));
    assert_eq!(methods(&sent), ["CANCEL"]);
    let gone = sip::Saved {
        trunk: "gone".to_owned(),
        ..sip::Saved::default()
    };
    let gone = serde_json::to_string(&gone).unwrap();
    let told = outputs(&mut control, Input::Order(left(Some(gone))));
    let attempt = AttemptId(7);
    let is_told = |output: &Output| matches!(output, Output::Told(told) if *told == Told::NotTakenDown { attempt });
    assert!(told.iter().any(is_told), "{told:?}");
    assert_eq!(control.snapshot().not_taken_down, 1);
}
