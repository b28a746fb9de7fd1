//! What the database has of a case's call by hand.

use std::path::Path;

use serde_json::Value;

use crate::rig::daemon::Site;
use crate::rig::{database, wav};

use super::seen::{Leg, Record};
use super::sound;

const QUERY: &str = "
select n.digits, cast(v.id as text), v.agent_ending, cast(v.agent_status as text), cast(v.agent_cause as text),
    v.patient_ending, cast(v.patient_status as text), cast(v.patient_cause as text), v.refused,
    coalesce(a.classified, a.disposition), a.rule, a.facts,
    (select account from account where id = v.account_id),
    (select group_concat(key, '') from (select key from pressed_key where attempt_id = a.id order by seq)),
    (select cast(count(*) as text) from attempt b where b.case_id = v.case_id),
    r.path, cast(r.duration_ms as text),
    (select json_group_array(json_extract(w.what, '$.agent_called.call_id')) from conversation_event w
     where w.conversation_id = v.id and json_extract(w.what, '$.agent_called.call_id') is not null),
    (select group_concat(key, '') from (select json_extract(w.what, '$.agent_pressed.key') as key from conversation_event w
     where w.conversation_id = v.id and json_extract(w.what, '$.agent_pressed.key') is not null order by w.seq))
from conversation v
join number n on n.patient_id = (select e.patient_id from encounter e join cases c on c.encounter_id = e.id where c.id = v.case_id)
left join attempt a on a.id = v.attempt_id
left join recording r on r.attempt_id = a.id
order by v.id";

/// The number of a conversation's patient, its record, and the path and length in milliseconds of its recording.
pub(crate) type OfPatient = (String, Record, Option<(String, u64)>);

/// Every conversation, in order.
pub(crate) fn read(site: &Site) -> Vec<OfPatient> {
    let rows = database::rows::<19>(&site.database(), QUERY);
    rows.into_iter().map(one).collect()
}

fn one(row: [String; 19]) -> OfPatient {
    let [
        number,
        conversation,
        agent,
        agent_status,
        agent_cause,
        patient,
        patient_status,
        patient_cause,
        refused,
        disposition,
        rule,
        facts,
        account,
        keys,
        attempts,
        path,
        duration_ms,
        call_ids,
        agent_keys,
    ] = row;
    let leg = |end: String, status: &str, cause: &str| {
        (!end.is_empty()).then(|| Leg {
            end,
            status: status.parse().ok(),
            q850: cause.parse().ok(),
        })
    };
    let facts: Value = serde_json::from_str(&facts).unwrap_or_default();
    let record = Record {
        conversation: conversation.parse().unwrap_or_default(),
        agent: leg(agent, &agent_status, &agent_cause),
        patient: leg(patient, &patient_status, &patient_cause),
        refused,
        disposition,
        rule,
        account,
        keys,
        agent_keys,
        attempts: attempts.parse().unwrap_or_default(),
        agent_call_ids: serde_json::from_str(&call_ids).unwrap_or_default(),
        patient_call_id: facts["call_id"].as_str().unwrap_or_default().to_owned(),
        recording: None,
    };
    let recording = (!path.is_empty()).then(|| (path, duration_ms.parse().unwrap_or_default()));
    (number, record, recording)
}

/// Fills in what the recording holds, beside what the agent's phone said.
pub(crate) fn listen(site: &Site, record: &mut Record, recording: Option<&(String, u64)>, said: Option<&Path>) {
    let voice = said.map(|said| wav::channel(said, 0)).unwrap_or_default();
    record.recording = recording.map(|(path, duration_ms)| sound::of(&site.data(path), *duration_ms, &voice));
}
