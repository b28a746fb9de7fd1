//! One INVITE, several 200s: copies because our ACK was lost, and other forks that answered too.

use super::*;

#[test]
fn a_lost_ack_is_sent_again_for_every_copy_of_the_200() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 200, "a", &[], b"v=0");
    let first = desk.sent().remove(0);
    desk.events();
    for pause in [500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000, 4000] {
        desk.wait(Duration::from_millis(pause));
        desk.reply(&invite, 200, "a", &[], b"v=0");
        let again = desk.sent().remove(0);
        assert_eq!((again.message, again.to), (first.message.clone(), first.to));
    }
    assert_eq!(desk.events(), []);
    desk.wait(seconds(1));
    desk.reply(&invite, 200, "a", &[], b"v=0");
    assert!(desk.sent().is_empty());
    assert_eq!(desk.rest(), [Output::Fault(Fault::StrayResponse)]);
    assert_eq!(desk.agent.active(), 1);
}

#[test]
fn copies_of_the_200_get_their_ack_even_after_the_call_is_over() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "BYE", 1, &[], b"");
    desk.sent();
    desk.reply(&invite, 200, "a", &[], b"v=0");
    assert_eq!(desk.methods(), ["ACK"]);
    assert_eq!(desk.agent.active(), 1);
    desk.leaves_nothing();
}

#[test]
fn a_mangled_200_of_the_running_call_neither_is_a_fork_nor_ends_the_call() {
    let (mut desk, invite) = Desk::talking();
    let copied = |name| invite.headers.first(name).unwrap_or_default();
    let (via, from) = (copied(&Name::Via), copied(&Name::From));
    let (id, to) = (copied(&Name::CallId), copied(&Name::To));
    for (to, id, cseq) in [
        ("<sip:1\"2@trunk.example>;tag=a".to_owned(), id.to_owned(), "1 INVITE"),
        (format!("{to};tag=other"), format!("not{id}"), "1 INVITE"),
        (format!("{to};tag=other"), id.to_owned(), "99 INVITE"),
    ] {
        let text = format!(
            "SIP/2.0 200 OK\r\nVia: {via}\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {id}\r\nCSeq: {cseq}\r\n\r\n"
        );
        desk.hear(text.as_bytes());
        assert!(desk.sent().is_empty(), "{text}");
        assert_eq!(desk.events(), []);
        assert_eq!(desk.rest(), [Output::Fault(Fault::Malformed)]);
    }
}

#[test]
fn the_first_fork_wins_and_every_other_gets_ack_and_bye() {
    let (mut desk, invite) = Desk::calling();
    for tag in ["a", "b", "c"] {
        desk.reply(&invite, 180, tag, &[], b"");
    }
    desk.reply(&invite, 200, "b", &[("Contact", "<sip:b@192.0.2.9>")], b"v=0 b");
    assert_eq!(desk.methods(), ["ACK"]);
    desk.reply(&invite, 200, "c", &[("Contact", "<sip:c@192.0.2.9>")], b"v=0 c");
    desk.reply(&invite, 200, "d", &[], b"v=0 d");
    let sent = desk.sent();
    let requests: Vec<(String, String)> = sent.iter().map(method_and_to).collect();
    let to = |tag| format!("<sip:13812341234@trunk.example>;tag={tag}");
    let expected = [("ACK", "c"), ("BYE", "c"), ("ACK", "d"), ("BYE", "d")];
    assert_eq!(requests, expected.map(|(method, tag)| (method.to_owned(), to(tag))));
    let answered = |event: &&Event| matches!(event, Event::Answered { .. });
    assert_eq!(desk.events().iter().filter(answered).count(), 1);

    // A copy of a loser's 200 gets its ACK again, not a second BYE; the end of a loser is nobody's event.
    desk.reply(&invite, 200, "c", &[], b"v=0 c");
    assert_eq!(desk.methods(), ["ACK"]);
    for lost in sent {
        if let Message::Request(
            bye @ Request {
                method: Method::Bye, ..
            },
        ) = lost.message
        {
            desk.reply(&bye, 200, "", &[], b"");
        }
    }
    assert_eq!(desk.events(), []);
    desk.hang_up();
    assert_eq!(method_and_to(&desk.sent()[0]), ("BYE".to_owned(), to("b")));
    desk.leaves_nothing();
}

#[test]
fn a_copy_of_the_200_that_crosses_our_bye_gets_its_ack_again() {
    let (mut desk, invite) = Desk::talking();
    desk.hang_up();
    let bye = desk.request();
    desk.reply(&invite, 200, "a", &[], b"v=0 answer");
    assert_eq!(desk.methods(), ["ACK"]);
    desk.reply(&bye, 200, "", &[], b"");
    desk.events();
    desk.reply(&invite, 200, "a", &[], b"v=0 answer");
    assert_eq!(desk.methods(), ["ACK"]);
    desk.leaves_nothing();
}

#[test]
fn a_fork_that_answers_after_the_call_is_over_gets_ack_and_bye() {
    let (mut desk, invite) = Desk::talking();
    desk.ask(&invite, "a", "BYE", 1, &[], b"");
    desk.sent();
    desk.events();
    desk.reply(&invite, 200, "late", &[], b"v=0");
    let sent = desk.sent();
    let requests: Vec<(String, String)> = sent.iter().map(method_and_to).collect();
    let to = "<sip:13812341234@trunk.example>;tag=late".to_owned();
    assert_eq!(requests, [("ACK".to_owned(), to.clone()), ("BYE".to_owned(), to)]);
    assert_eq!(desk.events(), []);
    desk.leaves_nothing();
}

#[test]
fn what_a_fork_says_after_the_200_is_nobodys_news() {
    let (mut desk, invite) = Desk::talking();
    let reliable = [("Require", "100rel"), ("RSeq", "1")];
    desk.reply(&invite, 183, "b", &reliable, b"v=0 b");
    desk.reply(&invite, 486, "b", &[], b"");
    assert!(desk.sent().is_empty() && desk.events().is_empty());
    desk.ask(&invite, "b", "UPDATE", 1, &[], b"v=0 b");
    assert_eq!(desk.response().status, 481);
    desk.hang_up();
    desk.leaves_nothing();
}

#[test]
fn a_fork_that_hangs_up_while_it_rings_leaves_the_others_ringing() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 180, "a", &[], b"");
    desk.reply(&invite, 180, "b", &[], b"");
    desk.events();
    desk.ask(&invite, "a", "BYE", 1, &[], b"");
    assert_eq!(desk.response().status, 200);
    assert_eq!(desk.events(), []);
    desk.reply(&invite, 200, "b", &[], b"v=0 b");
    assert_eq!(desk.methods(), ["ACK"]);
    assert!(matches!(desk.events().as_slice(), [Event::Answered { .. }]));
    // The one that hung up answers all the same: ACK, and nothing to end.
    desk.reply(&invite, 200, "a", &[], b"v=0 a");
    assert_eq!(desk.methods(), ["ACK"]);
    desk.hang_up();
    desk.leaves_nothing();
}

#[test]
fn early_changes_of_a_fork_that_lost_are_not_the_calls() {
    let (mut desk, invite) = Desk::calling();
    for tag in ["a", "b"] {
        let reliable = [
            ("Require", "100rel"),
            ("RSeq", "1"),
            ("Content-Type", "application/sdp"),
        ];
        desk.reply(&invite, 183, tag, &reliable, b"v=0 early");
    }
    desk.reply(&invite, 200, "b", &[], b"v=0 b");
    desk.sent();
    desk.events();
    desk.ask(&invite, "a", "UPDATE", 1, &[], b"v=0 music");
    assert_eq!(desk.response().status, 481);
    assert_eq!(desk.events(), []);
}

#[test]
fn a_bye_that_overtakes_its_200_ends_the_call_as_soon_as_the_200_comes() {
    let (mut desk, invite) = Desk::calling();
    desk.reply(&invite, 180, "a", &[], b"");
    desk.events();
    desk.ask(&invite, "a", "BYE", 1, &[("Reason", "Q.850;cause=16")], b"");
    assert_eq!(desk.response().status, 200);
    assert_eq!(desk.events(), []);
    desk.reply(&invite, 200, "a", &[], b"v=0");
    assert_eq!(desk.methods(), ["ACK"]);
    assert!(matches!(
        desk.events().as_slice(),
        [Event::Answered { .. }, Event::HungUp(Ending { q850: Some(16), .. })]
    ));
    desk.leaves_nothing();
}

#[test]
fn forks_without_end_are_not_remembered_without_end() {
    let (mut desk, invite) = Desk::calling();
    for fork in 0..100 {
        desk.reply(&invite, 180, &format!("early{fork}"), &[], b"");
    }
    for fork in 0..100 {
        desk.reply(&invite, 200, &format!("late{fork}"), &[], b"");
    }
    assert!(desk.sent().len() <= 200);
    assert!(desk.agent.legs[&LEG].dialogs.len() <= 32);
    desk.leaves_still_talking();
}

fn method_and_to(sent: &Sent) -> (String, String) {
    let Message::Request(request) = &sent.message else {
        panic!("{sent:?}");
    };
    let to = request.headers.first(&Name::To).unwrap();
    (request.method.to_string(), to.to_owned())
}

impl Desk {
    /// After ten minutes only the call that was won is left.
    fn leaves_still_talking(mut self) {
        self.wait(seconds(600));
        assert_eq!((self.agent.active(), self.agent.clients.len()), (1, 0));
        assert!(self.agent.out.timers.is_empty());
    }
}
