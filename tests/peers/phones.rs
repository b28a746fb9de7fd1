//! Phones and callers that we did not write: baresip registers and is called, SIPp calls in.

use std::time::Duration;

use aftercall::ids::{CallMark, LegId};
use aftercall::pii::Pii;
use aftercall::sip::{Account, Answering, Callee, Command, Event, Gone, Output, PhoneNews};

use crate::rig::baresip::Phone;
use crate::rig::daemon::{Site, Trunk};
use crate::rig::folder::Folder;
use crate::rig::ports;
use crate::rig::process::{Process, installed};
use crate::rig::speech;
use crate::rig::user_agent::Agent;

const REALM: &str = "aftercall";
const PASSWORD: &str = "secret-8001";
const LIMIT: Duration = Duration::from_secs(20);
const LEG: LegId = LegId(1);

/// What we say of our media; nobody sends any.
const SDP: &[u8] = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 8\r\n\
    a=rtpmap:8 PCMA/8000\r\n";

/// baresip of this version knows MD5 alone.
fn account() -> Account {
    Account {
        ha1_sha256: None,
        ..Account::of("8001", REALM, &Pii::new(PASSWORD.to_owned()))
    }
}

fn registered(output: &Output) -> Option<()> {
    matches!(output, Output::Phone(PhoneNews::Registered { account, .. }) if account == "8001").then_some(())
}

#[test]
fn baresip_registers_at_the_daemon() {
    let folder = Folder::new("phones_at_the_daemon");
    let at = ports::free(2);
    let trunk = Trunk {
        more: &format!("[phones]\nlisten = \"127.0.0.1:{at}\""),
        ..Trunk::open("far", ports::free(2))
    };
    let site = Site::new(&folder.inside("site"), &[trunk]);
    std::fs::write(site.file("password"), PASSWORD).unwrap();
    let add = ["phone", "add", "8001", "--only-md5", "--password-file", "password"];
    let said = site.command(&add, LIMIT);
    assert!(said.status.success(), "{said:?}");
    let daemon = site.run();
    let phone = Phone::start(
        &folder.inside("phone"),
        &[Phone::registered_account("8001", PASSWORD, at)],
        &speech::voice(1, 1, 20),
    );
    phone.wait_until_registered();
    drop(phone.finish());
    daemon.stop();
}

#[test]
fn baresip_registers_is_called_answers_and_either_side_hangs_up() {
    let folder = Folder::new("phones_called");
    let mut agent = Agent::start(ports::free(2), vec![account()], REALM);
    let [_, at] = agent.ports();
    let mut phone = Phone::start(
        &folder.inside("phone"),
        &[Phone::registered_account("8001", PASSWORD, at)],
        &speech::voice(1, 1, 60),
    );
    agent.wait_for("registration", LIMIT, registered);
    for (number, leg) in [(1_u8, LEG), (2, LegId(2))] {
        let from = phone.events.len();
        agent.order(Command::Invite {
            leg,
            to: Callee::Phone {
                account: "8001".to_owned(),
                display: Some(Pii::new("回访外呼".to_owned())),
                answering: Answering::ByHand,
            },
            mark: CallMark([number; 16]),
            before: 0,
            offer: SDP.to_vec(),
        });
        agent.wait_for_event("ringing", LIMIT, |event| {
            matches!(event, Event::Progressed { status: 180, .. })
        });
        let (_, from) = phone.wait_for(from, "CALL_INCOMING", LIMIT);
        phone.order("accept");
        agent.wait_for_event("answer", LIMIT, |event| matches!(event, Event::Answered { .. }));
        agent.order(Command::Acknowledge { leg });
        phone.wait_for(from, "CALL_ESTABLISHED", LIMIT);
        if number == 1 {
            phone.order("hangup");
            agent.wait_for_event("BYE", LIMIT, |event| matches!(event, Event::HungUp(_)));
        } else {
            agent.order(Command::HangUp { leg });
            agent.wait_for_event("end", LIMIT, |event| {
                matches!(event, Event::Closed { answered: true, .. })
            });
            phone.wait_for(from, "CALL_CLOSED", LIMIT);
        }
    }
    phone.order("quit");
    agent.wait_for("farewell", LIMIT, |output| {
        let gone = PhoneNews::Gone {
            account: "8001".to_owned(),
            why: Gone::Unregistered,
        };
        (*output == Output::Phone(gone)).then_some(())
    });
}

/// One call that SIPp makes to us by this scenario.
fn caller(folder: &Folder, name: &str, scenario: &str) -> (Agent, Process) {
    let own = ports::free(4);
    let agent = Agent::start(own, Vec::new(), REALM);
    let [at, _] = agent.ports();
    let inside = folder.inside(name);
    std::fs::write(inside.join("caller.xml"), scenario).unwrap();
    let arguments = format!(
        "-sf caller.xml -i 127.0.0.1 -mi 127.0.0.1 -p {own} -mp {} -nostdin -m 1 -timeout 20s -trace_err 127.0.0.1:{at}",
        own + 2
    );
    let arguments: Vec<String> = arguments.split(' ').map(str::to_owned).collect();
    let process = Process::start(&inside, "sipp", &installed("sipp"), &arguments);
    (agent, process)
}

/// The call that came in, rung.
fn rung(agent: &mut Agent) -> LegId {
    let (leg, caller, called) = agent.wait_for("call", LIMIT, |output| {
        let Output::Incoming {
            leg, caller, called, ..
        } = output
        else {
            return None;
        };
        Some((*leg, caller.clone(), called.clone()))
    });
    assert_eq!(caller.unwrap().reveal(), "13812341234");
    assert_eq!(called.unwrap().reveal(), "02166660000");
    agent.order(Command::Ring { leg });
    leg
}

fn ends_well(agent: &mut Agent, mut sipp: Process) {
    for _ in 0..100 {
        agent.run(Duration::from_millis(100));
        if !sipp.is_running() {
            break;
        }
    }
    let status = sipp.wait_for_end(LIMIT).unwrap();
    assert!(status.success(), "{status}\n{}", sipp.tail());
}

#[test]
fn a_call_from_sipp_is_rung_answered_and_hung_up_by_the_caller() {
    let folder = Folder::new("callers_hang_up");
    let (mut agent, sipp) = caller(&folder, "sipp", include_str!("sipp/callers/hangs_up.xml"));
    let leg = rung(&mut agent);
    agent.order(Command::Accept { leg, sdp: SDP.to_vec() });
    agent.wait_for_event("ACK", LIMIT, |event| matches!(event, Event::Confirmed));
    agent.wait_for_event("BYE", LIMIT, |event| matches!(event, Event::HungUp(_)));
    ends_well(&mut agent, sipp);
}

#[test]
fn a_call_from_sipp_is_rung_answered_and_hung_up_by_us() {
    let folder = Folder::new("callers_stay");
    let (mut agent, sipp) = caller(&folder, "sipp", include_str!("sipp/callers/stays.xml"));
    let leg = rung(&mut agent);
    agent.order(Command::Accept { leg, sdp: SDP.to_vec() });
    // What ends the call is on disk: the answer leaves.
    agent.order(Command::Acknowledge { leg });
    // Before the ACK: it waits for it.
    agent.order(Command::HangUp { leg });
    agent.wait_for_event("end", LIMIT, |event| {
        matches!(event, Event::Closed { answered: true, .. })
    });
    ends_well(&mut agent, sipp);
}

#[test]
fn a_call_from_sipp_is_rung_and_given_up() {
    let folder = Folder::new("callers_give_up");
    let (mut agent, sipp) = caller(&folder, "sipp", include_str!("sipp/callers/gives_up.xml"));
    rung(&mut agent);
    agent.wait_for_event("CANCEL", LIMIT, |event| matches!(event, Event::Cancelled(_)));
    ends_well(&mut agent, sipp);
}
