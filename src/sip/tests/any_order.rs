//! Whatever the far end says, in whatever order: a call has one end, and nothing of it stays.

use proptest::prelude::*;

use super::*;

const SDP: (&str, &str) = ("Content-Type", "application/sdp");

/// One thing that happens to a call.
#[derive(Clone, Debug)]
enum Happening {
    /// A response to the INVITE sent last.
    Replied {
        status: u16,
        tag: u8,
        rseq: Option<u8>,
    },
    /// A response to any request sent last.
    Obeyed {
        status: u16,
    },
    /// A request of the far end; CSeq may go back.
    Asked {
        method: usize,
        tag: u8,
        cseq: u8,
        sdp: bool,
    },
    Answered,
    Refused,
    HungUp,
    Waited {
        millis: u32,
    },
}

const METHODS: [&str; 7] = ["INVITE", "UPDATE", "ACK", "BYE", "INFO", "PRACK", "REFER"];

fn happening() -> impl Strategy<Value = Happening> {
    let statuses = prop::sample::select(vec![
        100_u16, 180, 183, 183, 199, 200, 200, 302, 401, 407, 408, 420, 422, 481, 486, 487, 491, 500, 503,
    ]);
    prop_oneof![
        6 => (statuses.clone(), 0..3_u8, prop::option::of(1..5_u8))
            .prop_map(|(status, tag, rseq)| Happening::Replied { status, tag, rseq }),
        2 => statuses.prop_map(|status| Happening::Obeyed { status }),
        5 => (0..METHODS.len(), 0..3_u8, 1..12_u8, any::<bool>())
            .prop_map(|(method, tag, cseq, sdp)| Happening::Asked { method, tag, cseq, sdp }),
        2 => Just(Happening::Answered),
        1 => Just(Happening::Refused),
        1 => Just(Happening::HungUp),
        3 => (0..70_000_u32).prop_map(|millis| Happening::Waited { millis }),
    ]
}

/// The call and what was sent for it.
struct Story {
    desk: Desk,
    invite: Request,
    last: Request,
    ends: usize,
}

impl Story {
    fn new() -> Self {
        let mut desk = Desk::with(Trunk {
            session_expires: Some(seconds(90)),
            redirect_hosts: vec!["192.0.2.77".to_owned()],
            ..trunk()
        });
        let invite = desk.call(LEG);
        Self {
            desk,
            last: invite.clone(),
            invite,
            ends: 0,
        }
    }

    fn tell(&mut self, happening: &Happening) {
        let names = ["a", "b", "c"];
        let name = |tag: u8| names[usize::from(tag)];
        match *happening {
            Happening::Replied { status, tag, rseq } => {
                let rseq = rseq.map(|rseq| rseq.to_string());
                let mut fields = vec![
                    SDP,
                    ("Contact", "<sip:p@192.0.2.77>"),
                    ("Session-Expires", "90;refresher=uac"),
                    ("Min-SE", "120"),
                    ("Proxy-Authenticate", "Digest realm=\"r\", nonce=\"n\""),
                ];
                if let Some(rseq) = &rseq {
                    fields.extend([("Require", "100rel"), ("RSeq", rseq.as_str())]);
                }
                let invite = self.invite.clone();
                self.desk.reply(&invite, status, name(tag), &fields, b"v=0");
            }
            Happening::Obeyed { status } => {
                let last = self.last.clone();
                self.desk.reply(&last, status, "a", &[("Min-SE", "200")], b"");
            }
            Happening::Asked { method, tag, cseq, sdp } => {
                let invite = self.invite.clone();
                let body: &[u8] = if sdp { b"v=0" } else { b"" };
                let fields = [SDP, ("Session-Expires", "100"), ("Supported", "timer")];
                self.desk
                    .ask(&invite, name(tag), METHODS[method], cseq.into(), &fields, body);
            }
            Happening::Answered => self.desk.order(Command::Answer {
                leg: LEG,
                sdp: b"v=0 ours".to_vec(),
            }),
            Happening::Refused => self.desk.order(Command::Refuse { leg: LEG, status: 488 }),
            Happening::HungUp => self.desk.hang_up(),
            Happening::Waited { millis } => self.desk.wait(Duration::from_millis(millis.into())),
        }
        self.look();
    }

    /// What left and what was told.
    fn look(&mut self) {
        for sent in self.desk.sent() {
            let Message::Request(request) = sent.message else {
                continue;
            };
            let is_inside = Address::read(request.headers.first(&Name::To).unwrap())
                .unwrap()
                .tag()
                .is_some();
            if request.method == Method::Invite && !is_inside {
                self.invite = request.clone();
            }
            if request.method != Method::Ack {
                self.last = request;
            }
        }
        for event in self.desk.events() {
            match event {
                Event::Failed(_) | Event::Cancelled(_) | Event::HungUp(_) | Event::Closed { .. } => self.ends += 1,
                Event::Trying
                | Event::Progressed { .. }
                | Event::Answered { .. }
                | Event::KeyInfo { .. }
                | Event::Offered { .. }
                | Event::Agreed { .. }
                | Event::Redirected { .. }
                | Event::Confirmed
                | Event::ChangeRefused { .. } => assert_eq!(self.ends, 0, "{event:?} after the end"),
            }
        }
    }
}

proptest! {
    #[test]
    fn a_call_ends_once_and_leaves_nothing(happenings in prop::collection::vec(happening(), 0..40)) {
        let mut story = Story::new();
        for happening in &happenings {
            story.tell(happening);
        }
        story.desk.hang_up();
        story.desk.wait(seconds(600));
        story.look();
        prop_assert_eq!(story.ends, 1);
        prop_assert_eq!(story.desk.agent.active(), 0);
        story.desk.leaves_nothing();
    }
}
