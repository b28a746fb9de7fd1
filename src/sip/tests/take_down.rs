//! Calls that another run left over, and the ACK that waits until its call is written down.

use super::*;

/// The run after the crash: another user agent, with other chance, of the same trunk.
fn after_the_crash() -> Desk {
    let mut desk = Desk::new();
    desk.agent = UserAgent::new(
        Settings {
            trunks: vec![trunk()],
            inbound_status: 480,
            phones: None,
        },
        [9; 32],
    );
    desk
}

const AGAIN: LegId = LegId(77);

impl Desk {
    fn take_down(&mut self, saved: Option<Box<Saved>>) {
        let left = LeftOver {
            neighbour: Neighbour::Trunk(TRUNK),
            mark: CallMark(u128::from(LEG.0).to_be_bytes()),
            number: Number::parse("13812341234").unwrap(),
            saved,
            age: seconds(5),
        };
        self.order(Command::TakeDown { leg: AGAIN, left });
    }

    fn certainty(&mut self) -> Option<Certainty> {
        let mut said = Vec::new();
        for output in self.rest() {
            if let Output::TakenDown { certainty, .. } = output {
                said.push(certainty);
            }
        }
        assert!(said.len() <= 1, "{said:?}");
        said.first().copied()
    }

    /// The requests that left since the last look.
    fn requests(&mut self) -> Vec<Request> {
        let sent = self.sent().into_iter();
        sent.filter_map(|sent| match sent.message {
            Message::Request(request) => Some(request),
            Message::Response(_) => None,
        })
        .collect()
    }
}

fn header(request: &Request, name: Name) -> &str {
    request.headers.first(&name).unwrap()
}

#[test]
fn a_call_that_rings_is_cancelled_by_the_next_run_with_the_branch_of_its_invite() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 180, "a", &[], b"");
    let saved = desk.saved.take();
    let mut desk = after_the_crash();
    desk.take_down(saved);
    let cancel = desk.request();
    assert_eq!((&cancel.method, &cancel.uri), (&Method::Cancel, &invite.uri));
    for name in [Name::Via, Name::From, Name::To, Name::CallId] {
        assert_eq!(header(&cancel, name.clone()), header(&invite, name));
    }
    assert_eq!(header(&cancel, Name::CSeq), "1 CANCEL");
    desk.reply(&cancel, 200, "a", &[], b"");
    assert_eq!(desk.certainty(), None);
    desk.reply(&invite, 487, "a", &[], b"");
    let ack = desk.request();
    assert_eq!((ack.method, desk.certainty()), (Method::Ack, Some(Certainty::Over)));
    // The refusal comes again: so does its ACK.
    desk.reply(&invite, 487, "a", &[], b"");
    assert_eq!(desk.methods(), ["ACK"]);
    desk.leaves_nothing();
}

#[test]
fn a_saved_call_survives_being_written_down() {
    let (mut desk, _) = Desk::talking_with(trunk(), &[("Record-Route", "<sip:192.0.2.9:5070;lr>")]);
    let saved = desk.saved.take().unwrap();
    assert_eq!(saved.dialogs.len(), 1);
    let text = serde_json::to_string(&saved).unwrap();
    assert_eq!(serde_json::from_str::<Saved>(&text).unwrap(), *saved);
    let shown = format!("{saved:?}");
    assert!(!shown.contains("13812341234"), "{shown}");
}

#[test]
fn a_call_that_talks_gets_bye_along_its_route_and_is_over_when_the_bye_is_answered() {
    let fields = [
        ("Record-Route", "<sip:192.0.2.9:5070;lr>"),
        ("Contact", "<sip:patient@192.0.2.30:5090>"),
    ];
    let (mut desk, invite) = Desk::talking_with(trunk(), &fields);
    let saved = desk.saved.take();
    let mut desk = after_the_crash();
    desk.take_down(saved);
    let bye = &desk.request();
    assert_eq!(
        (&bye.method, bye.uri.as_str()),
        (&Method::Bye, "sip:patient@192.0.2.30:5090")
    );
    assert_eq!(header(bye, Name::Route), "<sip:192.0.2.9:5070;lr>");
    assert!(header(bye, Name::To).ends_with(";tag=a"));
    assert_eq!(header(bye, Name::CSeq), "1007 BYE");
    // If the ACK had not left before the crash, the 200 comes again.
    desk.reply(&invite, 200, "a", &fields, b"v=0");
    let ack = desk.request();
    assert_eq!((&ack.method, header(&ack, Name::CSeq)), (&Method::Ack, "1 ACK"));
    // The trunk wants to know who we are.
    let challenge = ("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"");
    desk.reply(bye, 401, "a", &[challenge], b"");
    let bye = desk.request();
    assert!(bye.headers.first(&Name::Authorization).is_some());
    assert_eq!((header(&bye, Name::CSeq), desk.certainty()), ("1008 BYE", None));
    desk.reply(&bye, 200, "a", &[], b"");
    assert_eq!(desk.certainty(), Some(Certainty::Over));
    desk.leaves_nothing();
}

#[test]
fn a_bye_that_nobody_answers_leaves_the_call_unconfirmed() {
    let (mut desk, _) = Desk::talking();
    let saved = desk.saved.take();
    let mut desk = after_the_crash();
    desk.take_down(saved);
    desk.wait(seconds(31));
    assert_eq!(desk.certainty(), None);
    desk.wait(seconds(2));
    assert_eq!(desk.certainty(), Some(Certainty::Unconfirmed));
    desk.leaves_nothing();
}

#[test]
fn a_dialog_that_the_far_end_knows_no_more_is_over() {
    let (mut desk, _) = Desk::talking();
    let saved = desk.saved.take();
    let mut desk = after_the_crash();
    desk.take_down(saved);
    let bye = desk.request();
    desk.reply(&bye, 481, "a", &[], b"");
    assert_eq!(desk.certainty(), Some(Certainty::Over));
    desk.leaves_nothing();
}

#[test]
fn a_200_that_comes_again_after_the_crash_gets_ack_and_bye() {
    let (mut desk, invite) = Desk::calling();
    desk.disk = Disk::Hangs;
    desk.reply(&invite, 180, "a", &[], b"");
    let saved = desk.saved.take();
    desk.reply(&invite, 200, "a", &[], b"v=0");
    assert_eq!(desk.methods(), [] as [&str; 0]);
    let mut desk = after_the_crash();
    desk.take_down(saved);
    let cancel = desk.request();
    let contact = ("Contact", "<sip:patient@192.0.2.9:5070>");
    desk.reply(&invite, 200, "a", &[contact], b"v=0");
    let requests = desk.requests();
    let [ack, bye] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!((&ack.method, &bye.method), (&Method::Ack, &Method::Bye));
    assert_eq!(bye.uri, "sip:patient@192.0.2.9:5070");
    // A copy gets its ACK, a fork ACK and BYE of its own.
    desk.reply(&cancel, 481, "a", &[], b"");
    desk.reply(&invite, 200, "a", &[contact], b"v=0");
    assert_eq!(desk.methods(), ["ACK"]);
    desk.reply(&invite, 200, "b", &[contact], b"v=0");
    let fork = desk.requests();
    assert_eq!(fork.len(), 2);
    desk.reply(bye, 200, "a", &[], b"");
    assert_eq!(desk.certainty(), None);
    desk.reply(&fork[1], 200, "b", &[], b"");
    assert_eq!(desk.certainty(), Some(Certainty::Over));
    desk.leaves_nothing();
}

#[test]
fn a_call_of_which_nothing_is_written_down_is_cancelled_at_each_target() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 100, "", &[], b"");
    let mut desk = after_the_crash();
    desk.take_down(None);
    let cancel = desk.request();
    assert_eq!(header(&cancel, Name::Via), header(&invite, Name::Via));
    desk.reply(&cancel, 200, "a", &[], b"");
    desk.reply(&invite, 487, "a", &[], b"");
    assert_eq!(desk.certainty(), Some(Certainty::Over));
    desk.leaves_nothing();
}

#[test]
fn the_invite_after_the_one_that_is_written_down_is_cancelled_where_that_one_is_unknown() {
    let (mut desk, invite) = Desk::calling();
    let saved = desk.saved.take();
    let challenge = ("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"");
    desk.reply(&invite, 401, "x", &[challenge], b"");
    let second = desk.requests().remove(1);
    assert_eq!(header(&second, Name::CSeq), "2 INVITE");
    // The crash came before the second was written down.
    let mut desk = after_the_crash();
    desk.take_down(saved);
    let cancel = desk.request();
    desk.reply(&cancel, 481, "", &[], b"");
    let cancel = desk.request();
    assert_eq!(header(&cancel, Name::Via), header(&second, Name::Via));
    assert_eq!(header(&cancel, Name::CSeq), "2 CANCEL");
    desk.reply(&cancel, 200, "a", &[], b"");
    desk.reply(&second, 487, "a", &[], b"");
    assert_eq!(desk.certainty(), Some(Certainty::Over));
    desk.leaves_nothing();
}

#[test]
fn an_answer_to_an_invite_that_nobody_wrote_down_is_ours_by_its_branch() {
    let (mut desk, invite) = Desk::calling();
    let saved = desk.saved.take();
    let challenge = ("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"");
    desk.reply(&invite, 401, "x", &[challenge], b"");
    let second = desk.requests().remove(1);
    let mut desk = after_the_crash();
    desk.take_down(saved);
    desk.sent();
    desk.reply(&second, 200, "a", &[], b"v=0");
    assert_eq!(desk.methods(), ["ACK", "BYE"]);
}

#[test]
fn an_invite_that_never_arrived_is_over_when_no_200_has_come_for_so_long_as_one_would() {
    let (mut desk, _) = Desk::calling();
    let saved = desk.saved.take();
    let mut desk = after_the_crash();
    desk.take_down(saved);
    for _ in 0..2 {
        let cancel = desk.request();
        desk.reply(&cancel, 481, "", &[], b"");
    }
    assert_eq!((desk.certainty(), desk.methods().len()), (None, 0));
    desk.wait(seconds(33));
    assert_eq!(desk.certainty(), Some(Certainty::Over));
    desk.leaves_nothing();
}

#[test]
fn a_cancel_that_was_taken_ends_the_call_although_the_invite_says_nothing_more() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 180, "a", &[], b"");
    let saved = desk.saved.take();
    // It was refused before the crash, and that was acknowledged.
    let mut desk = after_the_crash();
    desk.take_down(saved);
    let cancel = desk.request();
    desk.reply(&cancel, 200, "a", &[], b"");
    desk.wait(seconds(31));
    assert_eq!(desk.certainty(), None);
    desk.wait(seconds(2));
    assert_eq!(desk.certainty(), Some(Certainty::Over));
    desk.leaves_nothing();
}

#[test]
fn a_call_that_rang_and_is_unknown_now_may_have_been_answered() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 180, "a", &[], b"");
    let saved = desk.saved.take();
    let mut desk = after_the_crash();
    desk.take_down(saved);
    for _ in 0..2 {
        let cancel = desk.request();
        desk.reply(&cancel, 481, "", &[], b"");
    }
    desk.wait(seconds(33));
    assert_eq!(desk.certainty(), Some(Certainty::Unconfirmed));
    desk.leaves_nothing();
}

#[test]
fn the_trunk_may_be_elsewhere_by_now() {
    let (mut desk, invite) = Desk::calling();
    let saved = desk.saved.take();
    let mut desk = Desk::with(Trunk {
        targets: Vec::new(),
        ..trunk()
    });
    desk.take_down(saved);
    let cancel = desk.request();
    desk.reply(&cancel, 200, "a", &[], b"");
    desk.reply(&invite, 487, "a", &[], b"");
    assert_eq!(desk.certainty(), Some(Certainty::Over));
    desk.sent();
    // With nothing written down nobody can say where it went.
    desk.agent = UserAgent::new(desk.agent.settings.clone(), [1; 32]);
    desk.take_down(None);
    assert_eq!((desk.certainty(), desk.sent().len()), (Some(Certainty::Unconfirmed), 0));
}

#[test]
fn the_ack_waits_for_the_disk_but_not_until_the_200_comes_again() {
    let (mut desk, invite) = Desk::calling();
    desk.disk = Disk::Hangs;
    desk.reply(&invite, 200, "a", &[], b"v=0");
    assert!(matches!(desk.events().as_slice(), [Event::Answered { .. }]));
    // A doubled datagram is no reason to hurry.
    desk.reply(&invite, 200, "a", &[], b"v=0");
    desk.wait(Duration::from_millis(399));
    assert_eq!(desk.sent().len(), 0);
    desk.wait(Duration::from_millis(1));
    assert_eq!(desk.request().method, Method::Ack);
    desk.reply(&invite, 200, "a", &[], b"v=0");
    assert_eq!(desk.methods(), ["ACK"]);
}

#[test]
fn a_call_that_ends_before_its_ack_has_left_is_acknowledged_first() {
    let (mut desk, invite) = Desk::calling();
    desk.disk = Disk::Hangs;
    desk.reply(&invite, 200, "a", &[], b"v=0");
    desk.hang_up();
    assert_eq!(desk.methods(), ["ACK", "BYE"]);
    let (mut desk, invite) = Desk::calling();
    desk.disk = Disk::Hangs;
    desk.reply(&invite, 200, "a", &[], b"v=0");
    desk.ask(&invite, "a", "BYE", 1, &[], b"");
    assert_eq!(desk.methods(), ["200", "ACK"]);
}

#[test]
fn over_a_stream_the_cancel_leaves_once_and_the_refusal_may_come_by_a_connection_of_the_far_end() {
    let stream = |peer: &str| Path {
        transport: Transport::Tcp,
        ..way(peer.parse().unwrap())
    };
    let tcp = || Trunk {
        targets: vec![Target::tcp(there())],
        ..trunk()
    };
    let mut desk = Desk::with(tcp());
    let invite = desk.call(LEG);
    desk.reply_by(stream("192.0.2.9:5070"), &invite, 180, "a", &[], b"");
    let saved = desk.saved.take();
    let mut desk = Desk::with(tcp());
    desk.take_down(saved);
    desk.wait(seconds(10));
    let sent = desk.sent();
    let [Sent { path, message, .. }] = sent.as_slice() else {
        panic!("{sent:?}")
    };
    let Message::Request(cancel) = message else {
        panic!("{message:?}")
    };
    assert_eq!(*path, stream("192.0.2.9:5070"));
    assert_eq!(header(cancel, Name::Via), header(&invite, Name::Via));
    desk.reply_by(*path, cancel, 200, "a", &[], b"");
    desk.reply_by(stream("192.0.2.9:41000"), &invite, 487, "a", &[], b"");
    assert_eq!(desk.certainty(), Some(Certainty::Over));
    assert_eq!(desk.methods(), ["ACK"]);
    desk.leaves_nothing();
}
