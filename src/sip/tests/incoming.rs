//! Calls that come in from a trunk: rung, answered, given up, and ended by either side.

use super::*;

const CALLER: &str = "sip:13812341234@192.0.2.9:5070";

/// A request of the caller: INVITE, its ACK and CANCEL without a To tag, others with ours.
fn from_caller(method: &str, cseq: u32, to_tag: Option<&str>, fields: &str, body: &str) -> String {
    let branch = match method {
        "CANCEL" => "INVITE",
        other => other,
    };
    let tag = to_tag.map(|tag| format!(";tag={tag}")).unwrap_or_default();
    format!(
        "{method} sip:02166660000@192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bK-in-{branch}-{cseq};rport\r\n\
         Record-Route: <sip:192.0.2.9:5070;lr;hop=near>, <sip:192.0.2.99;lr;hop=far>\r\n\
         Max-Forwards: 70\r\nFrom: <sip:13812341234@trunk.example>;tag=caller\r\nTo: <sip:02166660000@trunk.example>{tag}\r\n\
         Call-ID: come-in\r\nCSeq: {cseq} {method}\r\nContact: <{CALLER}>\r\n{fields}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

impl Desk {
    fn taking() -> Self {
        let mut desk = Self::new();
        desk.callers = Callers::Taken;
        desk
    }

    /// The call that came in since the last look.
    fn came_in(&mut self) -> LegId {
        match std::mem::take(&mut self.incoming).as_slice() {
            [Output::Incoming { leg, .. }] => *leg,
            other => panic!("expected one call that came in, got {other:?}"),
        }
    }

    /// A call that came in with an offer, and was taken.
    fn called() -> (Self, LegId) {
        let mut desk = Self::taking();
        desk.hear(from_caller("INVITE", 1, None, "Content-Type: application/sdp\r\n", "v=0 offer").as_bytes());
        assert_eq!(desk.response().status, 100);
        let leg = desk.came_in();
        (desk, leg)
    }

    /// The same, answered and acknowledged; with our tag.
    fn answering() -> (Self, LegId, String) {
        let (mut desk, leg) = Self::called();
        let tag = desk.accepts(leg);
        desk.hear(from_caller("ACK", 1, Some(&tag), "", "").as_bytes());
        assert_eq!(desk.events(), [Event::Confirmed]);
        (desk, leg, tag)
    }

    fn accepts(&mut self, leg: LegId) -> String {
        let sdp = b"v=0 answer".to_vec();
        self.order(Command::Accept { leg, sdp });
        self.order(Command::Acknowledge { leg });
        let ok = self.response();
        assert_eq!((ok.status, ok.body.as_slice()), (200, b"v=0 answer".as_slice()));
        our_tag(&ok)
    }
}

fn our_tag(response: &Response) -> String {
    let to = Address::read(response.headers.first(&Name::To).unwrap()).unwrap();
    to.tag().unwrap()
}

fn routes(request: &Request) -> Vec<String> {
    request.headers.list(&Name::Route).map(str::to_owned).collect()
}

#[test]
fn a_call_that_comes_in_is_told_with_who_calls_whom_and_what_is_offered() {
    let mut desk = Desk::taking();
    desk.hear(from_caller("INVITE", 1, None, "Content-Type: application/sdp\r\n", "v=0 offer").as_bytes());
    let [
        Output::Incoming {
            leg,
            trunk,
            caller,
            called,
            offer,
        },
    ] = desk.incoming.as_slice()
    else {
        panic!("{:?}", desk.incoming);
    };
    assert!(*leg >= LegId::INCOMING);
    assert_eq!(*trunk, TRUNK);
    assert_eq!(caller.as_ref().map(Number::reveal), Some("13812341234"));
    assert_eq!(called.as_ref().map(Number::reveal), Some("02166660000"));
    assert_eq!(offer.as_deref(), Some(b"v=0 offer".as_slice()));
    let trying = desk.response();
    assert_eq!(trying.status, 100);
    // A copy gets the same again, and is no second call.
    desk.incoming.clear();
    desk.hear(from_caller("INVITE", 1, None, "Content-Type: application/sdp\r\n", "v=0 offer").as_bytes());
    assert_eq!(desk.response(), trying);
    assert!(desk.incoming.is_empty());
}

#[test]
fn a_call_that_nobody_takes_is_refused_before_the_turn_is_over() {
    let mut desk = Desk::new();
    desk.hear(from_caller("INVITE", 1, None, "", "").as_bytes());
    desk.came_in();
    assert_eq!(desk.response().status, 480);
    let rest = desk.rest();
    assert!(
        matches!(rest.as_slice(), [Output::InviteRefused { status: 480, .. }]),
        "{rest:?}"
    );
    desk.hear(
        from_caller("ACK", 1, Some("x"), "", "")
            .replace("-in-ACK-", "-in-INVITE-")
            .as_bytes(),
    );
    desk.leaves_nothing();
}

#[test]
fn it_rings_and_says_so_again_every_minute_with_one_tag_a_contact_and_the_route_of_the_proxies() {
    let (mut desk, leg) = Desk::called();
    desk.order(Command::Ring { leg });
    let ringing = desk.response();
    assert_eq!(ringing.status, 180);
    assert!(ringing.headers.first(&Name::Contact).is_some());
    let recorded: Vec<&str> = ringing.headers.list(&Name::RecordRoute).collect();
    assert_eq!(
        recorded,
        ["<sip:192.0.2.9:5070;lr;hop=near>", "<sip:192.0.2.99;lr;hop=far>"]
    );
    desk.wait(seconds(61));
    let again = desk.response();
    assert_eq!((again.status, our_tag(&again)), (180, our_tag(&ringing)));
    let tag = desk.accepts(leg);
    assert_eq!(tag, our_tag(&ringing));
}

#[test]
fn the_200_is_said_again_until_its_ack_and_the_bye_goes_by_the_route_set_in_its_order() {
    let (mut desk, leg) = Desk::called();
    let tag = desk.accepts(leg);
    desk.wait(Duration::from_millis(1_600));
    let copies = desk.methods();
    assert_eq!(copies, ["200", "200"]);
    desk.hear(from_caller("ACK", 1, Some(&tag), "", "").as_bytes());
    assert_eq!(desk.events(), [Event::Confirmed]);
    desk.wait(seconds(40));
    assert_eq!(desk.methods(), [""; 0]);
    desk.order(Command::HangUp { leg });
    let bye = desk.request();
    assert_eq!((bye.method.as_str(), bye.uri.as_str()), ("BYE", CALLER));
    assert_eq!(
        routes(&bye),
        ["<sip:192.0.2.9:5070;lr;hop=near>", "<sip:192.0.2.99;lr;hop=far>"]
    );
    let from = Address::read(bye.headers.first(&Name::From).unwrap()).unwrap();
    assert_eq!((from.uri, from.tag()), ("sip:02166660000@trunk.example", Some(tag)));
    let to = Address::read(bye.headers.first(&Name::To).unwrap()).unwrap();
    assert_eq!(to.tag().as_deref(), Some("caller"));
    desk.reply(&bye, 200, "", &[], b"");
    assert!(matches!(
        desk.events().as_slice(),
        [Event::Closed { answered: true, .. }]
    ));
    desk.leaves_nothing();
}

#[test]
fn a_200_that_nobody_acknowledges_ends_the_call_by_bye() {
    let (mut desk, leg) = Desk::called();
    desk.accepts(leg);
    desk.wait(seconds(33));
    let events = desk.events();
    let [Event::HungUp(ending)] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(ending.local, Some(LocalEnding::TimedOut));
    assert!(desk.methods().contains(&"BYE".to_owned()));
    desk.leaves_nothing();
}

#[test]
fn a_hang_up_before_the_ack_waits_for_it() {
    let (mut desk, leg) = Desk::called();
    let tag = desk.accepts(leg);
    desk.order(Command::HangUp { leg });
    assert_eq!(desk.methods(), [""; 0]);
    desk.hear(from_caller("ACK", 1, Some(&tag), "", "").as_bytes());
    let bye = desk.request();
    assert_eq!(bye.method, Method::Bye);
    desk.reply(&bye, 200, "", &[], b"");
    assert!(matches!(
        desk.events().as_slice(),
        [Event::Closed { answered: true, .. }]
    ));
    desk.leaves_nothing();
}

#[test]
fn a_caller_who_gives_up_gets_487_and_is_told() {
    let (mut desk, leg) = Desk::called();
    desk.order(Command::Ring { leg });
    desk.sent();
    let reason = "Reason: Q.850;cause=16\r\n";
    desk.hear(from_caller("CANCEL", 1, None, reason, "").as_bytes());
    assert_eq!(desk.methods(), ["200", "487"]);
    let events = desk.events();
    assert!(
        matches!(events.as_slice(), [Event::Cancelled(Ending { q850: Some(16), .. })]),
        "{events:?}"
    );
    // Too late for anything else.
    desk.order(Command::Accept { leg, sdp: Vec::new() });
    desk.order(Command::HangUp { leg });
    assert_eq!((desk.methods(), desk.events()), (Vec::new(), Vec::new()));
    desk.leaves_nothing();
}

#[test]
fn a_cancel_after_the_answer_changes_nothing() {
    let (mut desk, _, _) = Desk::answering();
    desk.hear(from_caller("CANCEL", 1, None, "", "").as_bytes());
    assert_eq!((desk.methods(), desk.events()), (vec!["200".to_owned()], Vec::new()));
}

#[test]
fn a_call_that_is_rejected_has_its_status_until_the_ack() {
    let (mut desk, leg) = Desk::called();
    desk.order(Command::Reject { leg, status: 486 });
    assert_eq!(desk.response().status, 486);
    desk.wait(Duration::from_millis(600));
    assert_eq!(desk.methods(), ["486"]);
    desk.hear(
        from_caller("ACK", 1, Some("x"), "", "")
            .replace("-in-ACK-", "-in-INVITE-")
            .as_bytes(),
    );
    desk.wait(seconds(10));
    assert_eq!((desk.methods(), desk.events()), (Vec::new(), Vec::new()));
    desk.leaves_nothing();
}

#[test]
fn our_hang_up_of_a_call_that_rings_turns_it_away() {
    let (mut desk, leg) = Desk::called();
    desk.order(Command::HangUp { leg });
    assert_eq!(desk.response().status, 480);
    assert!(matches!(
        desk.events().as_slice(),
        [Event::Closed { answered: false, .. }]
    ));
    desk.leaves_nothing();
}

#[test]
fn the_callers_bye_ends_it() {
    let (mut desk, _, tag) = Desk::answering();
    desk.hear(from_caller("BYE", 2, Some(&tag), "", "").as_bytes());
    assert_eq!(desk.response().status, 200);
    assert!(matches!(desk.events().as_slice(), [Event::HungUp(_)]));
    desk.leaves_nothing();
}

#[test]
fn it_is_a_leg_like_any_other_keys_changes_and_the_session_timer() {
    let (mut desk, leg, tag) = Desk::answering();
    let fields = "Content-Type: application/dtmf-relay\r\n";
    desk.hear(from_caller("INFO", 2, Some(&tag), fields, "Signal=5\r\nDuration=160\r\n").as_bytes());
    assert_eq!(desk.response().status, 200);
    assert!(matches!(desk.events().as_slice(), [Event::KeyInfo { .. }]));
    let fields = "Content-Type: application/sdp\r\n";
    desk.hear(from_caller("INVITE", 3, Some(&tag), fields, "v=0 hold").as_bytes());
    assert!(matches!(desk.events().as_slice(), [Event::Offered { sdp: Some(_) }]));
    desk.order(Command::Answer {
        leg,
        sdp: b"v=0 held".to_vec(),
    });
    assert_eq!(desk.response().status, 200);
    desk.hear(from_caller("ACK", 3, Some(&tag), "", "").as_bytes());
    // The ACK of a change is no second beginning.
    assert_eq!(desk.events(), []);
}

#[test]
fn a_session_timer_that_the_caller_asks_for_is_granted_and_kept_by_its_side() {
    let mut desk = Desk::taking();
    let fields = "Supported: timer\r\nSession-Expires: 600;refresher=uac\r\nContent-Type: application/sdp\r\n";
    desk.hear(from_caller("INVITE", 1, None, fields, "v=0 offer").as_bytes());
    desk.sent();
    let leg = desk.came_in();
    desk.order(Command::Accept {
        leg,
        sdp: b"v=0".to_vec(),
    });
    desk.order(Command::Acknowledge { leg });
    let ok = desk.response();
    assert_eq!(ok.headers.first(&Name::SessionExpires), Some("600;refresher=uac"));
    let tag = our_tag(&ok);
    desk.hear(from_caller("ACK", 1, Some(&tag), "", "").as_bytes());
    desk.events();
    desk.wait(seconds(600));
    let events = desk.events();
    assert!(matches!(events.as_slice(), [Event::HungUp(_)]), "{events:?}");
}

#[test]
fn without_an_offer_ours_is_answered_in_the_ack() {
    let mut desk = Desk::taking();
    desk.hear(from_caller("INVITE", 1, None, "", "").as_bytes());
    desk.sent();
    let leg = desk.came_in();
    let tag = desk.accepts(leg);
    desk.hear(from_caller("ACK", 1, Some(&tag), "Content-Type: application/sdp\r\n", "v=0 theirs").as_bytes());
    let agreed = Event::Agreed {
        sdp: b"v=0 theirs".to_vec(),
    };
    assert_eq!(desk.events(), [Event::Confirmed, agreed]);
}

#[test]
fn a_call_of_ours_that_is_led_back_to_us_is_a_loop() {
    let (mut desk, invite) = Desk::calling();
    let call_id = invite.headers.first(&Name::CallId).unwrap();
    let back = from_caller("INVITE", 1, None, "", "").replace("come-in", call_id);
    desk.hear(back.as_bytes());
    assert_eq!(desk.response().status, 482);
    assert!(desk.incoming.is_empty());
}

#[test]
fn a_caller_whose_way_back_is_gone_has_given_up() {
    let (mut desk, leg) = Desk::called();
    desk.order(Command::Ring { leg });
    let ringing = desk.response().print();
    desk.put(Input::SendFailed {
        path: way(there()),
        bytes: &ringing,
    });
    let events = desk.events();
    assert!(matches!(events.as_slice(), [Event::Cancelled(_)]), "{events:?}");
    desk.leaves_nothing();
}

#[test]
fn a_call_that_came_in_is_ended_by_the_run_after_a_crash() {
    let (mut desk, _, tag) = Desk::answering();
    let saved = desk.saved.take().unwrap();
    assert_eq!(saved.came_in.as_deref(), Some("come-in"));
    let mut next = Desk::new();
    let left = LeftOver {
        neighbour: Neighbour::Trunk(TRUNK),
        mark: CallMark::default(),
        number: Number::parse("13812341234").unwrap(),
        saved: Some(saved),
        age: seconds(9),
    };
    next.order(Command::TakeDown { leg: LEG, left });
    let bye = next.request();
    assert_eq!(
        (bye.method.as_str(), bye.headers.first(&Name::CallId)),
        ("BYE", Some("come-in"))
    );
    let from = Address::read(bye.headers.first(&Name::From).unwrap()).unwrap();
    assert_eq!(from.tag(), Some(tag));
    next.reply(&bye, 200, "", &[], b"");
    let over = Output::TakenDown {
        leg: LEG,
        certainty: Certainty::Over,
    };
    assert_eq!(next.rest(), [over]);
    next.leaves_nothing();
}

#[test]
fn the_200_waits_until_the_call_is_written_down_but_not_for_ever() {
    let (mut desk, leg) = Desk::called();
    let sdp = b"v=0 answer".to_vec();
    desk.order(Command::Accept { leg, sdp });
    assert_eq!(desk.methods(), [""; 0]);
    desk.wait(Duration::from_millis(399));
    assert_eq!(desk.methods(), [""; 0]);
    desk.wait(Duration::from_millis(2));
    assert_eq!(desk.methods(), ["200"]);
    // The note that comes late does nothing more.
    desk.order(Command::Acknowledge { leg });
    assert_eq!(desk.methods(), [""; 0]);
}

#[test]
fn a_caller_may_give_up_while_the_200_is_held() {
    let (mut desk, leg) = Desk::called();
    desk.order(Command::Accept { leg, sdp: Vec::new() });
    desk.hear(from_caller("CANCEL", 1, None, "", "").as_bytes());
    assert_eq!(desk.methods(), ["200", "487"]);
    let events = desk.events();
    assert!(matches!(events.as_slice(), [Event::Cancelled(_)]), "{events:?}");
    desk.order(Command::Acknowledge { leg });
    assert_eq!(desk.methods(), [""; 0]);
}

#[test]
fn who_asks_for_privacy_calls_without_a_number_whatever_the_trunk_tells() {
    for (privacy, is_told) in [
        ("id", false),
        ("user;id", false),
        ("none", true),
        ("critical;header", false),
    ] {
        let mut desk = Desk::taking();
        let fields = format!("Privacy: {privacy}\r\nP-Asserted-Identity: <tel:+8613812341234>\r\n");
        desk.hear(from_caller("INVITE", 1, None, &fields, "").as_bytes());
        let [Output::Incoming { caller, .. }] = desk.incoming.as_slice() else {
            panic!("{:?}", desk.incoming);
        };
        assert_eq!(caller.is_some(), is_told, "{privacy}");
    }
}
