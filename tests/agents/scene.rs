//! One click to dial: what the phone does, what the patient does, who ends it; and what the screen shows meanwhile.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::patients::Patient;
use super::phone::PATIENCE;
use super::room::{Agent, Room};
use super::seen::{Leg, Peer, Screen};
use super::tab::Tab;

/// So long they talk before somebody hangs up.
const TALK: Duration = Duration::from_millis(3000);

/// What is being written down is there a moment later.
const MOMENT: Duration = Duration::from_millis(100);

/// A call is over within this time, whatever happens to it.
const CALL: Duration = Duration::from_secs(90);

/// What an agent's phone does when it rings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rings {
    /// It is answered.
    Answered,
    /// It is refused by hand.
    Refused,
    /// Nobody is there.
    On,
    /// It is not even registered.
    Nowhere,
}

/// What happens besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing: the patient, or the rules, end it.
    Nothing,
    /// The agent puts the handset down when the screen shows this.
    PhoneDown(&'static str),
    /// The agent clicks on "hang up" when the screen shows this.
    Click(&'static str),
    /// Two tabs click on "dial" twice each at once; the second tab sees the same and hangs up.
    TwoTabs,
    /// Hold and back, then the handset.
    Hold,
    /// The recording pauses for a second, then the handset.
    Pause,
}

/// A call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    pub(crate) rings: Rings,
    pub(crate) patient: Patient,
    pub(crate) turn: Turn,
    pub(crate) expected: &'static str,
}

/// What was seen of it at the desk.
#[derive(Clone, Debug)]
pub(crate) struct Played {
    pub(crate) number: String,
    pub(crate) account: String,
    pub(crate) phone: Peer,
    pub(crate) call_ids: Vec<String>,
    /// What the agent's phone said.
    pub(crate) said: Option<PathBuf>,
    pub(crate) screen: Screen,
    pub(crate) faults: Vec<String>,
}

/// A call on an agent's screen.
pub(crate) struct Desk<'a> {
    pub(crate) agent: &'a mut Agent,
    pub(crate) id: i64,
    /// Where it begins in what the tab was told.
    place: usize,
    pub(crate) faults: Vec<String>,
}

/// The state of this conversation in what a tab was told.
fn state(told: &Value, id: i64) -> &str {
    let conversation = &told["conversation"];
    if conversation["id"] == id {
        conversation["state"].as_str().unwrap_or_default()
    } else {
        ""
    }
}

impl<'a> Desk<'a> {
    /// The case comes before the agent, and is dialed.
    pub(crate) fn dial(agent: &'a mut Agent, case: i64) -> Self {
        let mut desk = Self::pick(agent, case);
        desk.click_dial();
        desk
    }

    /// The case comes before the agent.
    pub(crate) fn pick(agent: &'a mut Agent, case: i64) -> Self {
        agent.tab.done("ready", &json!({}));
        agent.phone.begin();
        let order = json!({ "case_id": case });
        let mut page = agent.tab.done("pick", &order);
        for _ in 0..50 {
            if page["conversation"]["case"]["case_id"] == case {
                break;
            }
            // The last one is over on the screen, and its end is being written down.
            agent.tab.until(agent.tab.live.len(), MOMENT, |_| false);
            page = agent.tab.done("pick", &order);
        }
        let shown = &page["conversation"];
        assert_eq!(
            shown["case"]["case_id"], case,
            "another case is before the agent: {shown}"
        );
        let id = shown["id"].as_i64().expect("a conversation has a number");
        let place = agent.tab.live.len();
        Self {
            agent,
            id,
            place,
            faults: Vec::new(),
        }
    }

    pub(crate) fn click_dial(&mut self) {
        self.agent.tab.done("dial", &json!({ "conversation_id": self.id }));
    }

    /// The tab is another one than before.
    pub(crate) fn forget_what_was(&mut self) {
        self.place = 0;
    }

    /// Waits until the screen shows one of these states.
    pub(crate) fn until(&mut self, wanted: &[&str], limit: Duration) -> bool {
        let id = self.id;
        let found = self
            .agent
            .tab
            .until(self.place, limit, |told| wanted.contains(&state(told, id)));
        if found.is_none() {
            let shown = self.states();
            self.faults
                .push(format!("the screen never shows {wanted:?}, only {shown:?}"));
        }
        found.is_some()
    }

    /// They talk for a while.
    pub(crate) fn talk(&mut self, time: Duration) {
        let id = self.id;
        let from = self.agent.tab.live.len();
        self.agent.tab.until(from, time, |told| state(told, id) == "ended");
    }

    /// Orders something of the call.
    pub(crate) fn order(&mut self, what: &str) {
        let answer = self.agent.tab.order(what, &json!({ "conversation_id": self.id }));
        if answer.status != 200 {
            self.faults.push(format!("{what}: {answer:?}"));
        }
    }

    /// The states that the screen went through.
    fn states(&self) -> Vec<String> {
        let told = self.agent.tab.live.all();
        let mut states: Vec<String> = Vec::new();
        for one in told.iter().skip(self.place) {
            let now = state(one, self.id);
            if !now.is_empty() && states.last().is_none_or(|last| last != now) {
                states.push(now.to_owned());
            }
        }
        states
    }

    /// What the screen shows when all is over.
    pub(crate) fn screen(&mut self) -> Screen {
        let mut page = self.agent.tab.desk();
        if page["conversation"]["state"] != "ended" {
            self.until(&["ended"], CALL);
            page = self.agent.tab.desk();
        }
        for _ in 0..50 {
            let shown = &page["conversation"];
            if shown["attempt_id"].is_null() || !shown["classified"].is_null() {
                break;
            }
            // The attempt's end is being written down.
            self.talk(MOMENT);
            page = self.agent.tab.desk();
        }
        let shown = &page["conversation"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let legs = [&shown["agent_leg"], &shown["patient_leg"]];
        Screen {
            states: self.states(),
            agent: Leg::on_screen(&shown["agent_leg"]),
            patient: Leg::on_screen(&shown["patient_leg"]),
            refusal: text(&shown["refusal"]["rule"]),
            classified: text(&shown["classified"]),
            words: legs.map(|leg| text(&leg["ending"]["words"]["zh"])).to_vec(),
            keys: text(&shown["keys"]),
        }
    }

    /// Waits for its end, and says what came of it.
    pub(crate) fn end(mut self, number: &str) -> Played {
        let screen = self.screen();
        self.agent.phone.wait_until_over();
        self.wrap_up();
        let (account, phone) = (self.agent.account.clone(), &self.agent.phone);
        Played {
            number: number.to_owned(),
            account,
            phone: phone.saw(),
            call_ids: phone.call_ids(),
            said: phone.said(),
            screen,
            faults: self.faults,
        }
    }

    /// Says what came of it, where that has to be said, and ends the wrap-up.
    pub(crate) fn wrap_up(&mut self) {
        let page = self.agent.tab.desk();
        let shown = &page["conversation"];
        if shown["attempt_id"].is_null() {
            return;
        }
        let outcomes = shown["outcomes"].as_array().cloned().unwrap_or_default();
        let may = outcomes
            .iter()
            .find(|outcome| outcome["may"] == true && outcome["needs"] == "nothing");
        let Some(outcome) = may.and_then(|outcome| outcome["id"].as_str()) else {
            self.faults.push(format!("nothing may be said of it: {outcomes:?}"));
            return;
        };
        let said = json!({ "conversation_id": self.id, "outcome": outcome });
        let answer = self.agent.tab.order("outcome", &said);
        if answer.status != 200 {
            self.faults.push(format!("outcome {outcome}: {answer:?}"));
        }
        self.order("wrap-up-done");
    }
}

impl Scene {
    /// Plays it to its end.
    pub(crate) fn play(&self, room: &Room, agent: &mut Agent, number: &str) -> Played {
        let second = (self.turn == Turn::TwoTabs).then(|| room.tab(&agent.account));
        let mut desk = Desk::pick(agent, room.case(number));
        match &second {
            Some(second) => desk.click_twice_in_both(second),
            None => desk.click_dial(),
        }
        match self.rings {
            Rings::Answered => {
                desk.agent.phone.rings();
                desk.hang_up_at(self.turn, "ringing_agent");
                if !matches!(self.turn, Turn::Click("ringing_agent")) {
                    desk.agent.phone.answers();
                    desk.play(self.turn, second.as_ref());
                }
            }
            Rings::Refused => {
                desk.agent.phone.rings();
                desk.agent.phone.hangs_up();
            }
            Rings::On => {
                desk.agent.phone.rings();
                desk.hang_up_at(self.turn, "ringing_agent");
            }
            Rings::Nowhere => {}
        }
        desk.end(number)
    }
}

impl Desk<'_> {
    fn hang_up_at(&mut self, turn: Turn, now: &str) {
        if turn == Turn::Click("ringing_agent") && now == "ringing_agent" {
            self.until(&[now], PATIENCE);
            self.order("hang-up");
        }
    }

    fn play(&mut self, turn: Turn, second: Option<&Tab>) {
        match turn {
            Turn::Nothing => {}
            Turn::PhoneDown(when) => {
                self.reach(when);
                self.agent.phone.hangs_up();
            }
            Turn::Click(when) => {
                self.reach(when);
                self.order("hang-up");
            }
            Turn::TwoTabs => {
                self.reach("talking");
                let Some(second) = second else { return };
                self.sees_the_same(second);
                let answer = second.order("hang-up", &json!({ "conversation_id": self.id }));
                if answer.status != 200 {
                    self.faults.push(format!("the second tab may not hang up: {answer:?}"));
                }
            }
            Turn::Hold => {
                self.reach("talking");
                self.order("hold");
                self.until(&["on_hold"], PATIENCE);
                self.talk(Duration::from_secs(1));
                self.order("resume");
                self.talk(Duration::from_secs(1));
                self.agent.phone.hangs_up();
            }
            Turn::Pause => {
                self.reach("talking");
                self.order("recording/pause");
                self.talk(Duration::from_secs(1));
                self.order("recording/resume");
                self.talk(Duration::from_secs(1));
                self.agent.phone.hangs_up();
            }
        }
    }

    fn reach(&mut self, when: &str) {
        self.until(&[when, "ended"], PATIENCE);
        if when == "talking" {
            self.talk(TALK);
        }
    }

    /// A doubled click in each of two tabs: one of the four rings the phone, none of the others does anything.
    fn click_twice_in_both(&mut self, second: &Tab) {
        let order = json!({ "conversation_id": self.id });
        for tab in [&self.agent.tab, second, &self.agent.tab, second] {
            let answer = tab.order("dial", &order);
            // Done, or done already.
            if answer.status != 200 && answer.status != 409 {
                self.faults.push(format!("a doubled click: {answer:?}"));
            }
        }
    }

    fn sees_the_same(&mut self, second: &Tab) {
        let (one, two) = (self.agent.tab.desk(), second.desk());
        for member in ["id", "state", "attempt_id", "agent_leg", "patient_leg"] {
            let (one, two) = (&one["conversation"][member], &two["conversation"][member]);
            if one != two {
                self.faults
                    .push(format!("{member}: the first tab has {one}, the second {two}"));
            }
        }
    }
}
