//! A call whose handling panics ends alone.

use super::*;
use crate::call::{Breaks, Limits};
use crate::dialer::Reply;
use crate::ids::CallMark;
use crate::media::{self, Command, Fact};
use crate::outcome::{Disposition, OurReason};
use crate::phone::Number;

/// A hand call whose INVITE is out: everything that was asked for on the way.
fn called(control: &mut Control, token: u64) -> (LegId, sip::Path, String) {
    let call = HandCall {
        token,
        trunk: TRUNK,
        number: Number::parse(&format!("1380000000{token}")).unwrap(),
        dialplan: Arc::new(dialplan::parse(include_str!("../../../dialplans/inpatient-satisfaction.toml")).unwrap()),
        limits: Limits::default(),
    };
    outputs(control, Input::Order(Order::Call(Box::new(call))));
    let begun = Reply::BegunTest {
        token,
        attempt: AttemptId(i64::try_from(token).unwrap()),
        mark: CallMark([u8::try_from(token).unwrap(); 16]),
    };
    outputs(control, Input::Store(begun));
    let leg = LegId(token);
    let fact = Fact::Opened;
    let sent = outputs(control, Input::Media { leg, fact });
    let (path, invite) = sent_as(&sent, "INVITE").expect("an INVITE");
    (leg, path, invite)
}

fn sent_as(outputs: &[Output], method: &str) -> Option<(sip::Path, String)> {
    outputs.iter().find_map(|output| {
        if let Output::Send { path, bytes } = output
            && bytes.starts_with(method.as_bytes())
        {
            return Some((*path, String::from_utf8_lossy(bytes).into_owned()));
        }
        None
    })
}

/// The far end's answer to a request of ours.
fn answers(control: &mut Control, path: sip::Path, request: &str, status: &str) -> Vec<Output> {
    let mut fields = String::new();
    for line in request.lines().filter(|line| {
        let wanted = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
        wanted.iter().any(|name| line.starts_with(name))
    }) {
        let tag = if line.starts_with("To:") && !status.starts_with("100") {
            ";tag=far"
        } else {
            ""
        };
        fields.push_str(&format!("{line}{tag}\r\n"));
    }
    let bytes = format!("SIP/2.0 {status}\r\n{fields}Content-Length: 0\r\n\r\n");
    outputs(
        control,
        Input::Received {
            path,
            bytes: bytes.as_bytes(),
        },
    )
}

fn finish(outputs: &[Output]) -> Option<&dialer::Finish> {
    outputs.iter().find_map(|output| match output {
        Output::Ask(Request::Finish(finish)) => Some(&**finish),
        Output::Ask(_) | Output::Send { .. } | Output::Media { .. } | Output::Told(_) => None,
    })
}

fn tells_of(outputs: &[Output], leg: LegId) -> usize {
    let broke = |output: &&Output| matches!(output, Output::Told(Told::BrokeDown { who }) if who.leg == leg);
    outputs.iter().filter(broke).count()
}

/// All that is told of a call that breaks once, and of one that breaks again and again; both numbers begin with
/// 1380000000.
#[cfg(feature = "shell")]
pub(crate) fn told_of_broken_calls() -> Vec<Told> {
    let mut control = control();
    let mut told = Vec::new();
    for (token, breaks) in [(1, Breaks::Once), (2, Breaks::Always)] {
        let (leg, path, invite) = called(&mut control, token);
        answers(&mut control, path, &invite, "100 Trying");
        control.calls.get_mut(&leg).unwrap().call.breaks = breaks;
        let mut all = answers(&mut control, path, &invite, "180 Ringing");
        let fact = Fact::Closed(media::Closed::default());
        all.extend(outputs(&mut control, Input::Media { leg, fact }));
        all.extend(answers(&mut control, path, &invite, "487 Request Terminated"));
        told.extend(all.into_iter().filter_map(|output| match output {
            Output::Told(told) => Some(told),
            Output::Ask(_) | Output::Send { .. } | Output::Media { .. } => None,
        }));
    }
    told
}

#[test]
fn a_call_that_breaks_is_cancelled_and_closed_and_the_other_one_rings_on() {
    let mut control = control();
    let (broken, path, invite) = called(&mut control, 1);
    let (sound, other_path, other) = called(&mut control, 2);
    answers(&mut control, path, &invite, "100 Trying");
    control.calls.get_mut(&broken).unwrap().call.breaks = Breaks::Once;
    let told = answers(&mut control, path, &invite, "180 Ringing");
    assert_eq!((tells_of(&told, broken), tells_of(&told, sound)), (1, 0));
    let (path, cancel) = sent_as(&told, "CANCEL").expect("a CANCEL");
    let closes = |output: &Output| matches!(output, Output::Media { leg, command: Command::Close } if *leg == broken);
    assert!(told.iter().any(closes));
    answers(&mut control, path, &cancel, "200 OK");
    answers(&mut control, path, &invite, "487 Request Terminated");
    assert_eq!(control.ports().lent().count(), 2);
    let fact = Fact::Closed(media::Closed::default());
    let ended = outputs(&mut control, Input::Media { leg: broken, fact });
    let end = finish(&ended).expect("an end");
    assert_eq!((end.attempt, end.disposition), (AttemptId(1), Disposition::Interrupted));
    assert_eq!(end.facts.our_reason, Some(OurReason::OwnFault));
    assert_eq!(control.ports().lent().count(), 1);
    answers(&mut control, other_path, &other, "180 Ringing");
    let shown = control.snapshot();
    assert_eq!((shown.ringing, shown.ending), (1, 0));
    assert_eq!(control.live().map(|who| who.leg).collect::<Vec<_>>(), [sound]);
}

#[test]
fn a_call_that_breaks_again_while_it_ends_is_given_up() {
    let mut control = control();
    let (broken, path, invite) = called(&mut control, 1);
    answers(&mut control, path, &invite, "100 Trying");
    control.calls.get_mut(&broken).unwrap().call.breaks = Breaks::Always;
    let told = answers(&mut control, path, &invite, "180 Ringing");
    assert_eq!((tells_of(&told, broken), control.calls()), (1, 1));
    let fact = Fact::Closed(media::Closed::default());
    let ended = outputs(&mut control, Input::Media { leg: broken, fact });
    let end = finish(&ended).expect("an end");
    assert_eq!(end.disposition, Disposition::Interrupted);
    assert_eq!((control.calls(), control.ports().lent().count()), (0, 0));
}

#[test]
fn a_call_that_broke_waits_no_longer_for_its_end_than_a_dialog_may_take() {
    let mut control = control();
    let (broken, path, invite) = called(&mut control, 1);
    answers(&mut control, path, &invite, "180 Ringing");
    control.calls.get_mut(&broken).unwrap().call.breaks = Breaks::Once;
    answers(&mut control, path, &invite, "183 Session Progress");
    let later = NOW + Duration::from_secs(41);
    control.handle(later, WALL + Duration::from_secs(41), Input::Wake);
    let ended: Vec<Output> = std::iter::from_fn(|| control.poll()).collect();
    assert!(finish(&ended).is_some());
    assert_eq!(control.calls(), 0);
}

#[test]
fn a_leg_that_closes_unasked_ends_its_call_as_our_own_fault() {
    let mut control = control();
    let (leg, path, invite) = called(&mut control, 1);
    answers(&mut control, path, &invite, "180 Ringing");
    let fact = Fact::Closed(media::Closed::default());
    let told = outputs(&mut control, Input::Media { leg, fact });
    assert!(sent_as(&told, "CANCEL").is_some());
    let ended = answers(&mut control, path, &invite, "487 Request Terminated");
    assert_eq!(finish(&ended).expect("an end").disposition, Disposition::Interrupted);
}
