//! Lines of JSON: the far end's evidence and its log, and plain objects.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::{Lists, Sighting, TrunkLog, fault, time};
use crate::moment::Wall;

pub(super) fn read(text: &str, zone: Tz, log: &mut TrunkLog) {
    let mut known: BTreeSet<String> = BTreeSet::new();
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        let Ok(Value::Object(object)) = serde_json::from_str(text) else {
            log.faults
                .push(fault(line, "不是一行 JSON 对象", "expected one object of JSON"));
            continue;
        };
        let sighting = match Kind::of(&object) {
            Kind::Start => {
                let began = number(&object, "wall");
                log.covers.0 = [log.covers.0, began].into_iter().flatten().min();
                log.lists = Lists::EveryInvite;
                continue;
            }
            Kind::Invite => sighting(&object, line, number(&object, "wall")),
            Kind::Call => {
                log.lists = Lists::EveryInvite;
                sighting(&object, line, None)
            }
            Kind::Plain => sighting(&object, line, plain_time(&object, zone)),
            Kind::Beside => continue,
        };
        match sighting {
            // An INVITE with a Call-ID that was seen before is the same call.
            Some(sighting) if sighting.call_id.iter().all(|id| known.insert(id.clone())) => {
                log.sightings.push(sighting)
            }
            Some(_) => {}
            None => log.faults.push(fault(
                line,
                "缺少被叫号码,或既无 call_id 也无时间",
                "expected `called` (or `number`), with `call_id` or `at`",
            )),
        }
    }
}

/// What a line is.
enum Kind {
    /// The far end began to write.
    Start,
    /// It saw an INVITE.
    Invite,
    /// A call was over.
    Call,
    /// A call in a list of somebody else's.
    Plain,
    /// Something beside the calls.
    Beside,
}

impl Kind {
    fn of(object: &Map<String, Value>) -> Self {
        match (text(object, "what"), text(object, "kind")) {
            (Some("start"), _) => Self::Start,
            (Some("invite"), _) => Self::Invite,
            (None, Some("call")) => Self::Call,
            (Some(_), _) | (None, Some(_)) => Self::Beside,
            (None, None) => Self::Plain,
        }
    }
}

fn sighting(object: &Map<String, Value>, line: usize, at: Option<Wall>) -> Option<Sighting> {
    let called = text(object, "called").or_else(|| text(object, "number"))?;
    let call_id = text(object, "call_id").filter(|id| !id.is_empty());
    (call_id.is_some() || at.is_some()).then(|| Sighting {
        call_id: call_id.map(str::to_owned),
        called: called.to_owned(),
        at,
        line,
    })
}

fn plain_time(object: &Map<String, Value>, zone: Tz) -> Option<Wall> {
    match object.get("at")? {
        Value::Number(at) => time::of_number(at.as_i64()?),
        Value::String(at) => time::read(at, zone),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}

fn number(object: &Map<String, Value>, key: &str) -> Option<Wall> {
    object.get(key)?.as_i64().map(Wall::from_millis)
}
